"""The figures of notebook 06: their sentences say what the data say, and the dead carry crosses."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.activations import relu
from helpers.fleet import Fleet
from helpers.plots import death
from helpers.stats import wilson
from helpers.training import SGD, Adam

rng = np.random.default_rng(0)
Z = np.linspace(-1.0, 1.0, 41)
RAW = {"raw": (Z, Z - 1.5), "centred": (Z, Z - 0.12)}
SHARES = {"raw": [[0.1, 0.2, 0.3], [0.7, 0.8, 0.9]], "centred": [[0.0] * 3, [0.0] * 3]}
OVER = np.array([[[0.0, 0.1]] * 3, [[0.2, 0.5]] * 3])  # rows, networks, layers
DEAD = np.array(
    [
        [False, False, True, False],
        [True, False, True, False],
        [True, True, False, False],
    ]
)
STEPS = np.array([0, 5, 10])
PARTS = np.array([[-0.1, -1.0, 0.0], [-0.2, -1.2, 0.0], [-0.1, -1.1, 0.0]])
LAYERS = [2, 3, 4]
FOUND = {2: [wilson(k, 100) for k in (0, 12, 30)], 3: [wilson(k, 100) for k in (0, 4, 90)]}
BOUNDS = {2: [(0, 0), (0.1, 0.2), (0.2, 0.4)], 3: [(0, 0), (0.0, 0.1), (0.1, 0.2)]}
X = np.linspace(-1.0, 1.0, 5)
SAYS = np.array([np.abs(X), np.full(5, 0.5), relu(X), np.full(5, 0.4)])
RIGHT = {8: {8: [0.9, 0.92], 2: [0.4, 0.5]}, 16: {16: [0.95, 0.95], 4: [0.8, 0.82]}}

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "one_unit": (
        lambda: death.one_unit(RAW),
        lambda: death.one_unit(RAW | {"centred": (Z, Z - 0.2)}),
    ),
    "by_rate": (
        lambda: death.by_rate([0.1, 0.3], SHARES),
        lambda: death.by_rate([0.1, 0.3], SHARES | {"centred": [[0.0] * 3, [0.1, 0, 0]]}),
    ),
    "over_steps": (
        lambda: death.over_steps([0, 10], {"raw": OVER, "standardised": OVER / 2}),
        lambda: death.over_steps([0, 10], {"raw": OVER, "standardised": OVER / 3}),
    ),
    "grids": (
        lambda: death.grids({"layer 1": DEAD, "layer 2": ~DEAD}, STEPS, [0, 10]),
        lambda: death.grids({"layer 1": DEAD, "layer 2": DEAD}, STEPS, [0, 10]),
    ),
    "pushes": (
        lambda: death.pushes({"layer 1": PARTS, "layer 2": PARTS / 2}),
        lambda: death.pushes({"layer 1": PARTS, "layer 2": -PARTS}),
    ),
    "born": (
        lambda: death.born(LAYERS, FOUND, BOUNDS),
        lambda: death.born(LAYERS, FOUND, BOUNDS | {2: [(0, 0.1)] * 3}),
    ),
    "collapse": (
        lambda: death.collapse(X, SAYS, 6),
        lambda: death.collapse(X, SAYS[:3], 6),
    ),
    "living": (
        lambda: death.living(RIGHT),
        lambda: death.living(RIGHT | {8: {8: [0.9, 0.92], 2: [0.4, 0.6]}}),
    ),
}


def drawn(name):
    return FIGURES[name][0]()


def crosses(ax):
    return [line for line in ax.lines if line.get_marker() == "X"]


def test_one_unit_tells_how_far_the_mean_moves_and_crosses_what_died():
    fig, text = drawn("one_unit")
    assert "raw: the mean of z moves by −1.50; fires for 20 of 41, then 0;" in text
    assert "centred: the mean of z moves by −0.12; fires for 20 of 41, then 18." in text
    before, _, after, other = fig.axes
    assert [len(crosses(ax)) for ax in (before, after, other)] == [0, 1, 0]
    places = [
        line.get_xdata()[0] for ax in fig.axes for line in ax.lines if len(line.get_xdata()) < 2
    ]
    assert -1.5 in places  # the mean, below


def test_by_rate_tells_each_rate():
    fig, text = drawn("by_rate")
    assert text == (
        "Dead units at the rates 0.1, 0.3: raw 20, 80 %; centred 0, 0 %. Shaded: 95 % intervals."
    )
    looks = {(line.get_linestyle(), line.get_marker()) for line in fig.axes[0].lines}
    assert len(looks) == 2  # colour never alone


def test_over_steps_tells_where_each_layer_ends():
    _, text = drawn("over_steps")
    assert text.startswith(
        "Dead after 10 steps, mean of 3 networks: raw: layer 1 20 %, layer 2 50 %;"
    )
    assert "standardised: layer 1 10 %, layer 2 25 %." in text


def test_grids_cross_the_dead_and_ring_what_came_back():
    fig, text = death.grids({"layer 1": DEAD}, STEPS, [0, 5, 10])
    assert text == (
        "Dead units, with a cross, after steps 0, 5, 10: layer 1 1, 2, 2 of 4, 1 of those that "
        "were dead fire again."
    )
    last = fig.axes[-1]
    (dead,) = crosses(last)
    (back,) = [line for line in last.lines if line.get_marker() == "o"]
    assert dead.get_xydata().tolist() == [[0, 0], [1, 0]]
    assert back.get_xydata().tolist() == [[0, 1]]
    assert [ax.get_title() for ax in fig.axes] == [
        "step 0: 1 dead",
        "step 5: 2 dead",
        "step 10: 2 dead",
    ]
    assert "fire again" not in death.grids({"layer 1": DEAD[:2]}, STEPS[:2], [0, 5])[1]


def test_pushes_tells_the_parts_with_their_intervals():
    _, text = drawn("pushes")
    assert "layer 1: bias −0.13 ± 0.14, weights −1.10 ± 0.25, inputs 0.00 ± 0.00;" in text
    assert "weights +1.10" in FIGURES["pushes"][1]()[1]


def test_born_counts_the_intervals_that_reach_the_theory():
    _, text = drawn("born")
    assert text.startswith("Born dead with 4 layers: width 2 30 %, width 3 90 %. 5 of 6 intervals")


def test_collapse_counts_what_is_constant():
    fig, text = drawn("collapse")
    assert text == (
        "Of 10 networks: born dead 60.0 %, died in training 20.0 %, alive 20.0 %. "
        "Constant in the end: 80.0 %."
    )
    left, right = fig.axes
    assert [len(lines.get_paths()) for lines in left.collections] == [2, 2]
    assert len(crosses(left)[0].get_xdata()) == 2
    assert [text.get_text() for text in right.texts] == ["60.0 %", "20.0 %", "20.0 %"]
    assert "died in training 0.0 %" in death.collapse(X, SAYS[[0, 2]], 6)[1]


def test_living_draws_the_same_networks_twice():
    fig, text = drawn("living")
    assert (
        "width 8: 0 % dead 91 %, 75 % dead 45 %; width 16: 0 % dead 95 %, 75 % dead 81 %." in text
    )
    left, right = fig.axes
    assert [label.get_text() for label in right.get_xticklabels()] == ["2", "4", "8", "16"]
    assert [text.get_text() for text in left.texts] == ["width 8", "width 16"]


# --- changes ----------------------------------------------------------------------------------

PIXELS = rng.uniform(size=(48, 6))
LABELS = rng.integers(3, size=48)


def trained(optimizer, x=PIXELS, **options):
    fleet = Fleet([6, 12, 12, 3], "relu", seeds=4, **options)
    record = {"record": ["units", "parameters"], "every": 1, "progress": False}
    return fleet.fit(x, LABELS, optimizer=optimizer, epochs=6, batch_size=16, **record)


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("returning", [False, True])
def test_the_parts_add_up_to_the_whole_change_of_z(layer, returning):
    history = trained(Adam(0.1), learning_rate=[0.1, 0.05])
    parts = death.changes(history, PIXELS, layer, arm=1, returning=returning)
    expected = []
    for seed in range(4):
        fleet = Fleet([6, 12, 12, 3], "relu", seeds=[seed])
        means = []
        for row in range(len(history.steps)):
            for own, seen in zip(fleet.parameters, history.parameters, strict=True):
                own[0, 0] = seen[row, 1, seed]
            means.append(fleet.pre_activations(PIXELS)[layer - 1][0, 0].mean(axis=0))
        dead = history.dead[layer - 1][:, 1, seed]
        before, after = (dead[:-1], dead[1:]) if returning else (~dead[:-1], ~dead[1:])
        moved = before & ~after
        if moved.any():
            expected.append(np.diff(means, axis=0)[moved].mean())
    assert len(expected) == len(parts)
    np.testing.assert_allclose(parts.sum(axis=1), expected, atol=1e-12)


def test_the_inputs_of_the_first_layer_do_not_move_and_dead_weights_stand_still():
    history = trained(SGD(1.0))
    first = death.changes(history, PIXELS, 1)
    assert len(first)
    assert (first[:, 2] == 0).all()
    assert (first[:, 1] < 0).all()
    back = death.changes(history, PIXELS, 2, returning=True)
    assert len(back)
    assert (back[:, :2] == 0).all()  # plain SGD: no gradient, no step
    assert (back[:, 2] > 0).any()


def test_networks_in_which_none_died_are_left_out():
    still = SimpleNamespace(
        dead=[np.zeros((3, 1, 2, 4), dtype=bool)],
        parameters=[np.ones((3, 1, 2, 5, 4)), np.zeros((3, 1, 2, 4))],
    )
    assert death.changes(still, np.ones((7, 5)), 1).shape == (0, 3)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="nan or inf"):
        death.pushes({"layer 1": PARTS * np.nan})
    with pytest.raises(IndexError):
        death.grids({"layer 1": DEAD}, STEPS, [7])
