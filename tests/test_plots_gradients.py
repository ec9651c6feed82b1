"""The figures of notebook 04: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import gradients
from helpers.stats import mean_interval

RNG = np.random.default_rng(0)
VALUES = RNG.normal(-6, 0.1, 20)
GROUPS = RNG.normal(-6, 0.1, (12, 8))
SIZES = np.array([5e-7, 2e-5, 4e-3, 0.5])
BY_DEPTH = {
    "sigmoid": 10.0 ** RNG.normal(-6, 0.1, (2, 20)),
    "tanh": 10.0 ** RNG.normal(-1, 0.1, (2, 20)),
}
PANELS = {"gain 1": RNG.normal(0, 0.3, (50, 8)), "gain 9": RNG.normal(0, 9, (50, 8))}
ROWS = [
    ("sigmoid", "Glorot", 10.0 ** RNG.normal(np.log10(0.23), 0.01, 20), 0.25),
    ("tanh", "Glorot", 10.0 ** RNG.normal(np.log10(0.96), 0.01, 20), 1.0),
]
GAINS = (0.5, 1, 2, 4)
FACTORS = {
    "sigmoid": np.array([[0.12, 0.13], [0.23, 0.24], [0.4, 0.41], [0.61, 0.62]]),
    "tanh": np.array([[0.49, 0.5], [0.95, 0.96], [1.2, 1.1], [1.5, 1.6]]),
}
FLAT = {"sigmoid": np.array([0, 0, 0, 0.08]), "tanh": np.array([0, 0, 0.05, 0.4])}
ARMS = {("sigmoid", "Glorot"): RNG.normal(10, 0.1, 20), ("tanh", "he"): RNG.normal(90, 2, 20)}


def changed(mapping, factor=1.3):
    return {name: factor * np.asarray(values) for name, values in mapping.items()}


# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "curves": (lambda: gradients.curves("sigmoid", "tanh"), lambda: gradients.curves("tanh")),
    "by_layer": (
        lambda: gradients.by_layer({"sigmoid": SIZES, "other": SIZES[::-1]}, "size"),
        lambda: gradients.by_layer({"sigmoid": SIZES, "other": 2 * SIZES[::-1]}, "size"),
    ),
    "bars": (lambda: gradients.bars(VALUES, "v"), lambda: gradients.bars(VALUES[1:], "v")),
    "coverage": (
        lambda: gradients.coverage(GROUPS, "v"),
        lambda: gradients.coverage(GROUPS[::-1], "v"),
    ),
    "by_depth": (
        lambda: gradients.by_depth([2, 10], BY_DEPTH, "gradient"),
        lambda: gradients.by_depth([2, 10], changed(BY_DEPTH), "gradient"),
    ),
    "histograms": (
        lambda: gradients.histograms(PANELS, "tanh"),
        lambda: gradients.histograms(changed(PANELS), "tanh"),
    ),
    "factors": (
        lambda: gradients.factors(ROWS),
        lambda: gradients.factors([(*ROWS[0][:3], 0.2), ROWS[1]]),
    ),
    "by_gain": (
        lambda: gradients.by_gain(GAINS, FACTORS, FLAT),
        lambda: gradients.by_gain(GAINS, FACTORS, changed(FLAT)),
    ),
    "accuracies": (
        lambda: gradients.accuracies(ARMS),
        lambda: gradients.accuracies(changed(ARMS, 0.9)),
    ),
}


def test_curves_say_where_they_are_steepest():
    _, text = gradients.curves("sigmoid", "tanh")
    assert "sigmoid runs from 0.0025 to 1, its slope is at most 0.25, at z = 0" in text
    assert "tanh runs from −1 to 1, its slope is at most 1, at z = 0" in text


def test_by_layer_says_the_ends_and_their_ratio():
    _, text = gradients.by_layer({"one": SIZES, "other": np.array([3.0, 2.0, 1.0])}, "size")
    assert text == (
        "Size, by layer. one is 5.0 · 10⁻⁷ in layer 1 and 0.5 in layer 4: 1,000,000 times as large "
        "in layer 4 as in the first; other is 3 in layer 1 and 1 in layer 3: 3.0 times smaller in "
        "layer 3 than in the first."
    )


@pytest.mark.parametrize("sizes", [SIZES, np.array([1.0, 0.5]), np.array([1e-40, 1e3])])
def test_the_axis_of_powers_has_few_labels_and_holds_all(sizes):
    fig, _ = gradients.by_layer({"one": sizes}, "size")
    ax = fig.axes[0]
    low, high = ax.get_ylim()
    assert low < np.log10(sizes.min()) < np.log10(sizes.max()) < high
    assert 1 < len(ax.yaxis.get_major_locator()()) <= 8


def test_bars_count_the_dots_within_the_interval():
    values = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
    interval = mean_interval(values)
    _, text = gradients.bars(values, "v")
    inside = sum(value in interval for value in values)
    assert text.startswith("5 networks from 0.00 to 4.00. Their mean is 2.00")
    assert text.endswith(f": {inside} of the 5 dots lie in it.")


def test_coverage_counts_hits_and_crosses_misses():
    groups = np.array([[0.0, 0.2], [0.1, 0.1001], [-0.1, 0.1]])
    fig, text = gradients.coverage(groups, "v")
    assert text.startswith("2 of 3 intervals hold 0.07, the mean of all 6 networks; the other 1 ")
    assert text.endswith("carries a cross.")
    markers = [line.get_marker() for line in fig.axes[0].lines]
    assert (markers.count("o"), markers.count("X")) == (2, 1)


def test_by_depth_says_the_ends_and_how_far_intervals_reach():
    sizes = {"tanh": np.array([[1.0, 1.0, 1.0], [0.1, 0.1, 0.1]])}
    _, text = gradients.by_depth([2, 50], sizes, "gradient")
    assert text == (
        "Gradient, mean of 3 networks on the scale of exponents: tanh from 1 at depth 2 to 0.1 at "
        "depth 50. No 95 % interval reaches further than a factor of 1.0."
    )


def test_histograms_say_the_spread_and_what_is_flat():
    z = np.array([[0.0, 10.0], [0.0, -10.0]])
    fig, text = gradients.histograms({"gain 3": z}, "tanh")
    assert "a deviates from its mean by 0.71, and 50 % of the slopes are below 0.01" in text
    assert fig.axes[0].get_title(loc="left") == "gain 3: 50 % flat"


def test_factors_say_measured_and_by_hand():
    _, text = gradients.factors([("tanh", "Glorot", np.full(5, 0.5), 0.58)], layers=2)
    assert text.endswith("tanh, Glorot: × 0.50, by hand × 0.58.")


def test_by_gain_says_where_nothing_is_lost_or_the_best():
    _, text = gradients.by_gain(GAINS, FACTORS, FLAT)
    assert text == (
        "sigmoid loses at every gain tried, least at 4: × 0.61; "
        "tanh no longer loses from 2 on, where 5 % of the slopes are flat."
    )


def test_accuracies_say_means_and_intervals():
    values = np.array([88.0, 90.0, 92.0])
    interval = mean_interval(values)
    _, text = gradients.accuracies({("tanh", "Glorot"): values})
    assert text == (
        "3 networks each, mean and 95 % interval of the test pictures right. tanh, Glorot: "
        f"90.0 [{interval.low:.1f}, {interval.high:.1f}] %."
    )


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="at least 2 values"):
        gradients.bars([1.0], "v")
    with pytest.raises(ValueError, match="same size"):
        gradients.by_depth([1, 2, 3], BY_DEPTH, "gradient")
    with pytest.raises(ValueError, match="list of independent values"):
        gradients.accuracies({("tanh", "he"): np.ones((2, 2))})
