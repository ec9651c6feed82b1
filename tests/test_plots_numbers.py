"""The figures of notebook 15: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import numbers as plots
from helpers.plots.show import digest
from helpers.plots.style import BLUE, VERMILION
from helpers.stats import Interval

AT = np.linspace(-2, 2, 5)[:, np.newaxis]
NETWORKS = 2 + AT + np.array([0.1, -0.1, 0.1]).reshape(3, 1, 1)
ROWS = {"the mean": [7.9, 8.1], "ReLU": [2.8, 3.0], "leaky 0.01": [2.7, 2.9], "leaky 0.1": [3, 3]}
GAPS = {"y, slope 0.1": Interval(0.01, -0.02, 0.04), "y - 3": Interval(-0.2, -0.3, -0.1)}
TRUE = np.array([10.0, 20.0, 30.0, 40.0])
CARS = np.linspace(10, 40, 20)
PANELS = {"nothing": (CARS + 1, CARS), "ReLU": (np.maximum(CARS, 25.0), CARS)}
R = np.linspace(-2, 2, 9)
LOSSES = {"squared": (R**2, 2 * R), "absolute": (abs(R), np.sign(R)), "huber": (abs(R), R / 2)}
TABLES = {"squared": [[20.0, 30.0], [26.0, 28.0]], "absolute": [[3.0, 3.2], [3.1, 3.1]]}
ENDS = {"narrow": (TRUE - 2, TRUE + 2), "wide": (TRUE - 9, TRUE + 9)}
TRUTH = TRUE + np.array([1, -3, 5, 10])
SHARES = {"spread": [0.4, 0.5, 0.45], "others": [0.88, 0.92, 0.9]}

FIGURES = {
    "fits": (
        lambda: plots.fits(AT, {"f": (2 + AT, NETWORKS), "-f": (-2 - AT, -NETWORKS)}, drawn=2),
        lambda: plots.fits(AT, {"f": (2 + AT, NETWORKS), "-f": (-2 - AT, -NETWORKS - 1)}, drawn=2),
    ),
    "errors": (lambda: plots.errors(ROWS), lambda: plots.errors(ROWS | {"ReLU": [2.8, 3.1]})),
    "gaps": (lambda: plots.gaps(GAPS, 0.2), lambda: plots.gaps(GAPS, 0.25)),
    "against_truth": (
        lambda: plots.against_truth(PANELS),
        lambda: plots.against_truth(PANELS | {"nothing": (CARS + 2, CARS)}),
    ),
    "pulls": (
        lambda: plots.pulls(R, LOSSES),
        lambda: plots.pulls(R, LOSSES | {"squared": (R**2, R)}),
    ),
    "by_loss": (
        lambda: plots.by_loss(TABLES, [0, 0.1], [2.75, 2.85]),
        lambda: plots.by_loss(TABLES | {"squared": [[20, 30], [5, 6]]}, [0, 0.1], [2.75, 2.85]),
    ),
    "bands": (
        lambda: plots.bands(TRUE, TRUTH, ENDS),
        lambda: plots.bands(TRUE, TRUTH + 3, ENDS),
    ),
    "coverage": (
        lambda: plots.coverage(SHARES, 0.9),
        lambda: plots.coverage(SHARES | {"spread": [0.4, 0.5, 0.55]}, 0.9),
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_one_sentence_line_that_follows_the_data(name):
    draw, draw_other = FIGURES[name]
    fig, text = draw()
    assert text.endswith(".")
    assert "\n" not in text
    assert "-" not in text.replace("--", "")  # minus signs are real ones
    same, _ = draw()
    assert digest(fig) == digest(same)
    other, _ = draw_other()
    assert digest(fig) != digest(other)


def sentence(name):
    return FIGURES[name][0]()[1]


def test_fits_tell_by_how_much_they_miss():
    assert sentence("fits").startswith("f: they miss by 0.10 [0.10, 0.10]; −f: they miss by 0.10")
    assert "2 of 3 networks" in sentence("fits")


def test_errors_tell_mean_and_interval_and_colour_by_activation():
    assert "the mean 8.00 [6.73, 9.27]; ReLU 2.90" in sentence("errors")
    fig, _ = FIGURES["errors"][0]()
    dots = {
        tuple(line.get_xdata()): line for line in fig.axes[0].lines if len(line.get_xdata()) > 1
    }
    assert dots[2.8, 3.0].get_color() == BLUE
    one, other = dots[2.7, 2.9], dots[3, 3]
    assert one.get_color() == other.get_color() == VERMILION
    assert one.get_marker() != other.get_marker()


def test_gaps_count_what_lies_within_the_margin():
    assert sentence("gaps").startswith("1 of 2 intervals lie within ±0.2.")
    assert "y, slope 0.1 +0.010 [−0.020, +0.040]; y − 3 −0.200 [−0.300, −0.100]" in sentence("gaps")
    wide = plots.gaps({"a": Interval(0.0, -0.1, 0.1)}, 0.1)[1]
    assert wide.startswith("0 of 1")  # on the margin is not within


def test_against_truth_tells_a_floor():
    text = sentence("against_truth")
    assert "Nothing: the lowest answer is 11.0; ReLU: the lowest answer is 25.0" in text
    assert "and for 10 of 20 cars. The lowest true value: 10.0." in text
    fig, _ = FIGURES["against_truth"][0]()
    floors = [
        len(line.get_xdata()) for ax in fig.axes for line in ax.lines[2:]
    ]  # none where nothing is cut
    assert floors == [10]


def test_pulls_tell_how_hard_an_outlier_pulls():
    assert sentence("pulls") == "At 2 from the truth the pull is: squared 4, absolute 1, huber 1."
    fig, text = plots.pulls(R, {"squared": (R**2, 2 * R)})
    assert text.endswith("squared 4.")
    assert len(fig.axes[1].texts) == 1


def test_by_loss_tells_means_of_all_slopes():
    assert sentence("by_loss") == (
        "Mean error by loss, for ReLU, slope 0.1: squared 25.0, 27.0; absolute 3.1, 3.1. Without "
        "outliers, ReLU and squared: 2.8."
    )


def test_bands_count_the_truths_inside():
    assert sentence("bands").endswith("Narrow: 1 of 4 truths inside; wide: 3 of 4 truths inside.")


def test_coverage_tells_what_was_promised_and_found():
    text = sentence("coverage")
    assert text.startswith("Promised 90 %; found, mean and interval: spread 45 [33, 57] %; others")
    fig, _ = FIGURES["coverage"][0]()
    markers = [line.get_marker() for line in fig.axes[0].lines if line.get_markersize() == 10]
    assert [marker for marker in markers if marker in "Xo"] == ["X", "o"]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plots.fits(AT, {"f": (AT, NETWORKS[:, :2])}),
        lambda: plots.against_truth({"a": (TRUE[:2], TRUE)}),
        lambda: plots.bands(TRUE[:3], TRUE, ENDS),
        lambda: plots.errors({"ReLU": [1.0]}),
        lambda: plots.by_loss({"squared": [[1.0, 2.0]]}, [0, 0.1], [1.0, 2.0]),
        lambda: plots.coverage({"a": [[0.4, 0.5]]}, 0.9),
    ],
)
def test_shapes_that_do_not_fit_are_refused(draw):
    with pytest.raises(ValueError, match=r"shape|at least 2|argument 2|broadcast"):
        draw()
