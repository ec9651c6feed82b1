import numpy as np
import pytest

from helpers.plots import bugs as draw

TRUTH = np.array([10.0, 20.0, 30.0, 40.0])
FLAT = np.array([24.0, 25.0, 26.0, 25.0])


def firing(silent=3, units=20, n=50):
    fires = np.random.default_rng(0).random((n, units)) < np.linspace(0.9, 0.2, units)
    fires[:, :silent] = False
    return fires


ROWS = {
    "1 one": (np.array([0.5, 0.7, 0.6]), np.array([0.9, 0.9, 0.95])),
    "2 two": (np.array([0.9, 0.8, 0.9]), np.array([0.8, 0.8, 0.7])),
}
FIGURES = {
    "against_truth": (
        lambda: draw.against_truth(TRUTH, {"as found": FLAT, "mended": TRUTH + 1}),
        lambda: draw.against_truth(TRUTH, {"as found": FLAT, "mended": TRUTH + 2}),
    ),
    "firing_shares": (
        lambda: draw.firing_shares({"layer 1": firing(3), "layer 2": firing(2)}),
        lambda: draw.firing_shares({"layer 1": firing(4), "layer 2": firing(2)}),
    ),
    "cost": (lambda: draw.cost(ROWS), lambda: draw.cost(ROWS | {"2 two": ROWS["1 one"]})),
}


def test_against_truth_tells_the_range():
    fig, said = draw.against_truth(TRUTH, {"as found": FLAT, "mended": TRUTH + 1})
    assert said == (
        "What was said of 4 true numbers from 10.0 to 40.0. as found: from 24.0 to 26.0; "
        "mended: from 11.0 to 41.0."
    )
    assert [ax.get_title(loc="left") or ax.get_title() for ax in fig.axes] == ["as found", "mended"]


def test_against_truth_draws_where_both_are_equal():
    fig, _ = draw.against_truth(TRUTH, {"as found": FLAT})
    diagonal = fig.axes[0].lines[0]
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())


def test_against_truth_refuses_another_shape():
    with pytest.raises(ValueError, match=r"'as found' are numbers of shape \(4, 1\)"):
        draw.against_truth(TRUTH, {"as found": FLAT[:, None]})


@pytest.mark.parametrize("silent", [0, 1, 5, 20])
def test_firing_shares_counts_the_silent(silent):
    fires = firing(silent)
    fig, said = draw.firing_shares({"layer 1": fires, "layer 2": firing(2)})
    assert said.startswith("On N = 50 examples. layer 1: a unit fires for ")
    assert f"; {silent} of 20 units fire for none; layer 2" in said
    crosses = [line for line in fig.axes[0].lines if line.get_marker() == "x"]
    assert sum(len(line.get_xdata()) for line in crosses) == silent


def test_firing_shares_shows_the_busiest_first():
    fig, _ = draw.firing_shares({"layer 1": firing()})
    heights = [bar.get_height() for bar in fig.axes[0].patches]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 20


@pytest.mark.parametrize("wrong", [firing()[0], firing().astype(float)])
def test_firing_shares_refuses_what_is_no_firing(wrong):
    with pytest.raises(ValueError, match=r"wanted is true or false, of shape \(N, units\)"):
        draw.firing_shares({"layer 1": wrong})


def test_cost_tells_what_was_gained():
    _, said = draw.cost(ROWS)
    assert said.startswith("Gained by mending, in points, mean and interval: 1 one +31.7 [")
    assert "; 2 two −10.0 [" in said


def test_cost_draws_every_pair():
    fig, _ = draw.cost(ROWS)
    lines = fig.axes[0].lines
    assert sum(line.get_marker() == "x" for line in lines) == 2
    pairs = [line for line in lines if len(line.get_xdata()) == 2]
    found = {tuple(line.get_xdata()) for line in pairs}
    wanted = {pair for both in ROWS.values() for pair in zip(*both, strict=True)}
    assert found == wanted


def test_cost_refuses_what_is_not_paired():
    with pytest.raises(ValueError, match="one of each for every seed"):
        draw.cost({"1 one": (np.ones(3), np.ones(4))})
