"""The figures of notebook 16: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import frameworks

SLOPES = [0.01, 0.3]
RIGHT = np.array([[[96.0, 94.0], [50.0, 60.0]], [[20.0, 40.0], [92.0, 90.0]]])
OTHER = RIGHT[::-1]
KINDS = {"torch": RIGHT[:, 0], "He": RIGHT[:, 1]}
GRADIENT = np.logspace(-10, -3, 71)


def move(epsilon):
    return GRADIENT / (GRADIENT + epsilon)


MOVES = {"torch": move(1e-8), "Keras, default": move(3.2e-6)}

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "carried": (
        lambda: frameworks.carried({"1 layer": RIGHT, "9 layers": OTHER}, SLOPES),
        lambda: frameworks.carried({"1 layer": RIGHT, "9 layers": RIGHT}, SLOPES),
    ),
    "carried, one panel": (
        lambda: frameworks.carried({"1 layer": RIGHT}, SLOPES),
        lambda: frameworks.carried({"1 layer": OTHER}, SLOPES),
    ),
    "starts": (
        lambda: frameworks.starts({"1 layer": KINDS, "9 layers": KINDS}, SLOPES),
        lambda: frameworks.starts({"1 layer": KINDS, "9 layers": {"He": RIGHT[:, 1]}}, SLOPES),
    ),
    "first_step": (
        lambda: frameworks.first_step(GRADIENT, MOVES),
        lambda: frameworks.first_step(GRADIENT, MOVES | {"torch": move(2e-8)}),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_carried_tells_what_the_slope_costs():
    assert sentence("carried") == (
        "Weights trained with slope 0.01, read with 0.01 (framed: the slope was kept) and with "
        "0.3: 1 layer: 95 % and 55 %; 9 layers: 30 % and 91 %."
    )
    fig, _ = FIGURES["carried"][0]()
    assert texts(fig.axes[0]) == ["95 %", "55 %", "30 %", "91 %"]  # rows: trained with
    frames = [patch.get_xy() for patch in fig.axes[0].patches]
    assert frames == [(-0.46, -0.46), (0.54, 0.54)]  # on the diagonal


def test_starts_tells_the_mean_over_all_slopes():
    assert sentence("starts") == (
        "Read correctly, in %, mean over all slopes: 1 layer: torch 62, He 73; 9 layers: torch "
        "62, He 73."
    )
    fig, _ = FIGURES["starts"][0]()
    assert texts(fig.axes[0]) == ["slope 0.01", "slope 0.3"]
    assert texts(fig.axes[1]) == []
    ticks = [label.get_text() for label in fig.axes[0].get_xticklabels()]
    assert ticks == ["torch", "He"]


def test_first_step_tells_where_half_a_rate_is_reached():
    assert sentence("first_step") == (
        "Half a learning rate is reached at a gradient of: torch 1 · 10⁻⁸, Keras, default 3 · 10⁻⁶."
    )


@pytest.mark.parametrize("right", [RIGHT[:, :1], RIGHT[0], RIGHT[..., :0]])
def test_carried_wants_a_table_for_each_seed(right):
    with pytest.raises(ValueError, match="slope trained with, slope read with, seed"):
        frameworks.carried({"1 layer": right}, SLOPES)


@pytest.mark.parametrize("right", [RIGHT[0][:1], RIGHT, RIGHT[:, 0][:, :1]])
def test_starts_wants_a_row_for_each_slope(right):
    with pytest.raises(ValueError, match="1 layer, torch: got the shape"):
        frameworks.starts({"1 layer": {"torch": right}}, SLOPES)


@pytest.mark.parametrize("gradient", [GRADIENT[::-1], GRADIENT[:1], -GRADIENT, np.ones((2, 2))])
def test_first_step_wants_ascending_gradients(gradient):
    with pytest.raises(ValueError, match="above 0, ascending"):
        frameworks.first_step(gradient, MOVES)


def test_first_step_wants_a_step_for_each_gradient():
    with pytest.raises(ValueError, match="one step for each gradient"):
        frameworks.first_step(GRADIENT, {"torch": move(1e-8)[:5]})
