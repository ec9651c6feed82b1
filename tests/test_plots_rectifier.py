"""The figures of notebook 05: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.activations import relu, sigmoid
from helpers.datasets import measured
from helpers.initializers import he
from helpers.network import Dense, Network
from helpers.plots import rectifier
from helpers.plots.style import ACTIVATION_STYLES

rng = np.random.default_rng(0)
SIZES = {
    "relu, He": np.full((3, 4), 1e-4) * np.array([[0.9], [1.0], [1.1]]),
    "relu, default": np.array([[1e-7, 1e-6, 1e-5, 1e-4]] * 3) * np.array([[0.9], [1.0], [1.1]]),
    "sigmoid, Glorot": np.array([[4e-5, 6e-5, 8e-5, 1e-4]] * 3) * np.array([[0.9], [1.0], [1.1]]),
}
RESULTS = {"relu, He": [0.8, 0.9, 0.85], "tanh, Glorot": [0.1, 0.1, 0.1, 0.1]}
Z = np.array([[-1.0, 2.0, -3.0], [-2.0, -1.0, 0.0], [-4.0, -1.5, -0.5]])
PANELS = {"here": ("default", "forward"), "there": ("second", "step")}
NETWORK = Network([1, 5, 1], "relu", initializer=he, bias=-0.5, seed=0)


def table(tanh):
    row = {"forward": [1.0, 1.0, 1.0], "step": [1.0, 1.0, 1.0]}
    other = {"forward": [tanh, tanh - 0.5, tanh + 1], "step": [1.1, 1.0, 1.2]}
    each = {"relu": row, "tanh": other, "gelu": other}
    return {"environments": {"default": each, "second": each}}


# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "halves": (
        lambda: rectifier.halves(sigmoid=(sigmoid, sigmoid.derivative), relu=(relu, _slope)),
        lambda: rectifier.halves(sigmoid=(sigmoid, sigmoid.derivative), relu=(relu, _half_slope)),
    ),
    "gradients": (
        lambda: rectifier.gradients(SIZES),
        lambda: rectifier.gradients(SIZES | {"relu, He": 2 * SIZES["relu, He"]}),
    ),
    "runs": (
        lambda: rectifier.runs(RESULTS, guessing=0.1),
        lambda: rectifier.runs(RESULTS | {"relu, He": [0.8, 0.9, 0.86]}, guessing=0.1),
    ),
    "ratios": (
        lambda: rectifier.ratios(table(2.0), PANELS),
        lambda: rectifier.ratios(table(2.1), PANELS),
    ),
    "answers": (
        lambda: rectifier.answers(relu=relu(Z), tanh=np.tanh(Z - 0.5)),
        lambda: rectifier.answers(relu=relu(-Z), tanh=np.tanh(Z - 0.5)),
    ),
    "strips": (
        lambda: rectifier.strips(Z, {"healthy": 1, "dead": 0}),
        lambda: rectifier.strips(Z, {"healthy": 1, "dead": 2}),
    ),
    "reaches": (lambda: rectifier.reaches(Z), lambda: rectifier.reaches(Z - 1)),
    "pieces": (
        lambda: rectifier.pieces({"net": NETWORK}, -3.0, 3.0),
        lambda: rectifier.pieces({"net": NETWORK}, -3.0, 2.0),
    ),
}


def _slope(z):
    return np.where(z > 0, 1.0, 0.0)


def _half_slope(z):
    return np.where(z > 0, 1.0, 0.1)


def sentence(name):
    return FIGURES[name][0]()[1]


def test_halves_tells_each_derivative_and_shows_the_jump():
    text = sentence("halves")
    assert text == (
        "Largest derivative: sigmoid 0.25, relu 1. Derivative at z = −2: sigmoid 0.1, relu 0."
    )
    fig, _ = FIGURES["halves"][0]()
    left, right = fig.axes
    (curve,) = [line for line in right.lines if line.get_label() == "relu"]
    assert np.isnan(curve.get_ydata()).sum() == 1  # a gap, no upright line
    ends = [
        (line.get_xdata()[0], line.get_ydata()[0])
        for line in right.lines
        if len(line.get_xdata()) == 1
    ]
    assert sorted(ends) == [(0.0, 0.0), (0.0, 1.0)]
    assert not [line for line in left.lines if np.isnan(line.get_ydata()).any()]


def test_gradients_tells_which_part_arrives():
    text = sentence("gradients")
    assert "behind layer 4" in text
    assert "of 3 networks: relu, He 1; relu, default 1/1,000; sigmoid, Glorot 1/2.5." in text
    fig, _ = FIGURES["gradients"][0]()
    dashes = {line.get_label(): line.get_linestyle() for line in fig.axes[0].lines}
    assert dashes["relu, He"] != dashes["relu, default"]  # they share their colour


def test_runs_tells_means_intervals_and_numbers_of_networks():
    text = sentence("runs")
    assert "relu, He 85 [73, 97] of 3 networks; tanh, Glorot 10 [10, 10] of 4 networks" in text


def test_ratios_tells_medians():
    text = sentence("ratios")
    assert "here: tanh 2, gelu 2; there: tanh 1.1, gelu 1.1." in text


def test_answers_counts_exact_zeros():
    text = sentence("answers")
    assert text == "White: the answer is exactly 0. relu 89 % of 3 × 3, tanh 0 % of 3 × 3."


def test_dead_units_carry_a_cross():
    text = sentence("strips")
    assert "healthy: z from −1.5 to 2, fires for 1 of 3" in text
    assert "dead: z from −4 to −1, fires for 0 of 3." in text
    fig, _ = FIGURES["strips"][0]()
    crosses = [line for line in fig.axes[0].lines if line.get_marker() == "X"]
    assert [line.get_ydata()[0] for line in crosses] == [1]

    fig, text = rectifier.reaches(Z)
    assert text.startswith("2 of 3 units carry a cross")
    assert "3 pictures" in text
    (crosses,) = [line for line in fig.axes[0].lines if line.get_marker() == "X"]
    assert sorted(crosses.get_ydata()) == [-1.0, 0.0]


def test_layers_of_which_all_or_none_are_dead_can_be_drawn():
    assert rectifier.reaches(np.abs(Z) + 1)[1].startswith("0 of 3")
    assert rectifier.reaches(-np.abs(Z) - 1)[1].startswith("3 of 3")
    assert "fires for 0 of 3" in rectifier.strips(-np.abs(Z), {"off": 1})[1]


def test_pieces_counts_exactly_and_draws_the_corners():
    tent = Network.of(
        [Dense([[1.0, 1.0]], [0.0, -0.5], "relu"), Dense([[2.0], [-4.0]], [0.0], "identity")]
    )
    fig, text = rectifier.pieces({"tent": tent}, 0.0, 1.0)
    assert text == "Straight pieces between x = 0 and 1: tent 2. Each tick is a bend."
    (line,) = fig.axes[0].lines
    np.testing.assert_allclose(line.get_xydata(), [[0, 0], [0.5, 1], [1, 0]])


@pytest.mark.parametrize(("points", "pieces"), [(3, 2), (4, 3), (5, 2), (100, 3)])
def test_a_grid_miscounts_unless_its_points_meet_the_bends(points, pieces):
    hinge = Network.of([Dense([[1.0]], [0.0], "relu"), Dense([[1.0]], [0.0], "identity")])
    assert rectifier.kinks_on_a_grid(hinge, -1.0, 1.0, points) == pieces


def test_the_stored_times_are_complete_and_name_no_place():
    stored = measured("activation_times")
    text = str(stored)
    assert "/" not in text  # no path
    assert {"array", "step", "turns", "processor", "numpy", "date"} <= stored.keys()
    for rows in stored["environments"].values():
        assert rows.keys() <= ACTIVATION_STYLES.keys()
        for row in rows.values():
            for median, low, high in row.values():
                assert 0 < low <= median <= high
        assert all(median == 1 for median, _, _ in rows["relu"].values())
    assert {column for _, column in PANELS.values()} - {"step"} <= rows["relu"].keys()


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="nan or inf"):
        rectifier.runs({"relu": [np.nan, 1.0]}, guessing=0.1)
    with pytest.raises(IndexError):
        rectifier.strips(Z, {"none": 7})
