"""The figures of notebook 00: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import slopes


def square(x):
    return x * x


def bend(u):
    return np.maximum(u, 0.0)


def double(x):
    return 2 * x


def miss(v):
    return (v - 10) ** 2


def whole(x):
    return miss(bend(double(x)))


IMAGE = np.array([[0, 16, 0], [9, 8, 1]])

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "numbers_as_ink": (
        lambda: slopes.numbers_as_ink(IMAGE, "a hook"),
        lambda: slopes.numbers_as_ink(IMAGE + 1, "a hook"),
    ),
    "secants": (
        lambda: slopes.secants(square, 3.0, [2, 1, 0.1], "x²"),
        lambda: slopes.secants(square, 3.0, [2, 1, 0.2], "x²"),
    ),
    "zoom": (
        lambda: slopes.zoom({"x² near 3": (square, 3.0), "bend near 0": (bend, 0.0)}),
        lambda: slopes.zoom({"x² near 3": (square, 3.0), "bend near 0": (abs, 0.0)}),
    ),
    "chain": (
        lambda: slopes.chain([double, bend, miss], [3.0, -3.0]),
        lambda: slopes.chain([double, bend, miss], [3.0, -4.0]),
    ),
    "walks": (
        lambda: slopes.walks(whole, [[3.0, 4.6, 4.92], [-3.0, -3.0]], "miss"),
        lambda: slopes.walks(whole, [[3.0, 4.6, 4.93], [-3.0, -3.0]], "miss"),
    ),
}


def test_ink_counts_what_is_dark_and_writes_every_number():
    fig, text = slopes.numbers_as_ink(IMAGE, "a hook")
    assert text == (
        "6 numbers from 0 to 16, drawn as ink: a hook. 2 of them are above 8 and make its strokes."
    )
    assert [t.get_text() for t in fig.axes[0].texts] == ["0", "16", "0", "9", "8", "1"]
    assert fig.axes[0].texts[1].get_color() == "white"  # on black


def test_ink_wants_a_table():
    with pytest.raises(TypeError, match="Invalid shape"):
        slopes.numbers_as_ink(np.arange(8), "a row")


def test_secants_say_each_slope_and_where_they_lead():
    fig, text = slopes.secants(square, 3.0, [2, 1, 0.1], "x²")
    assert text == (
        "The line through the points of x² at 3 and at 3 + h: h = 2 gives the slope 8, "
        "h = 1 gives the slope 7, h = 0.1 gives the slope 6.1. The smaller the nudge, "
        "the nearer to 6."
    )
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles == ["h = 2: slope 8", "h = 1: slope 7", "h = 0.1: slope 6.1"]
    for ax, h in zip(fig.axes, [2, 1, 0.1], strict=True):
        points = ax.lines[-1].get_xydata()
        np.testing.assert_allclose(points, [[3, 9], [3 + h, (3 + h) ** 2]])


def test_one_secant_of_a_curve_that_falls():
    _, text = slopes.secants(lambda x: -x, 1.0, [0.5], "−x")
    assert "at 1 and at 1 + h: h = 0.5 gives the slope −1." in text


def test_zoom_tells_the_slopes_of_both_sides():
    fig, text = slopes.zoom({"x² near 3": (square, 3.0), "bend near 0": (bend, 0.0)})
    assert text == (
        "Zoomed in 100 times, to the left and to the right of the point: "
        "x² near 3 has the slopes 5.99 and 6.01; bend near 0 has the slopes 0 and 1."
    )
    assert len(fig.axes) == 6
    assert fig.axes[2].get_xlim() == pytest.approx((2.99, 3.01))


def test_zoom_of_one_curve_with_other_factors():
    fig, text = slopes.zoom({"|x| near 0": (abs, 0.0)}, factors=(2, 4))
    assert text.startswith("Zoomed in 4 times")
    assert text.endswith("|x| near 0 has the slopes −1 and 1.")
    assert [ax.get_title(loc="left") for ax in fig.axes] == ["2 times", "4 times"]


def test_chain_multiplies_slopes_where_the_numbers_arrive():
    fig, text = slopes.chain([double, bend, miss], [3.0, -3.0])
    assert text == (
        "At x = 3 a nudge is multiplied by 2 × 1 × (−8) = −16. "
        "At x = −3 a nudge is multiplied by 2 × 0 × (−20) = 0."
    )
    passes, blocked = ([t.get_text() for t in ax.texts] for ax in fig.axes)
    assert [t for t in passes if t.endswith("h") and len(t) < 5] == ["h", "2h", "2h", "−16h"]
    assert {"−3", "−6", "0", "100", "slope −20"} <= set(blocked)


def test_a_flat_link_carries_a_cross_and_no_other_does():
    fig, _ = slopes.chain([double, bend, miss], [3.0, -3.0])
    passes, blocked = fig.axes
    assert not passes.lines
    assert [line.get_marker() for line in blocked.lines] == ["X"]
    assert blocked.lines[0].get_xdata().tolist() == [3]  # bend, the second machine


def test_chain_of_one_machine_and_of_a_falling_one():
    def turn(x):
        return 5 - x

    assert slopes.chain([turn], [1.0])[1] == "At x = 1 a nudge is multiplied by (−1) = −1."
    fig, _ = slopes.chain([turn], [1.0])
    assert "−h" in [t.get_text() for t in fig.axes[0].texts]


def test_walks_say_where_they_end_and_which_never_moves():
    fig, text = slopes.walks(whole, [[3.0, 4.6, 4.92], [-3.0, -3.0, -3.0]], "miss")
    assert text == (
        "From x = 3 the walk gets to 4.92 in 2 steps: miss 0.03. "
        "From x = −3 the walk never moves: miss 100.00."
    )
    _, moving, stuck = fig.axes[0].lines
    assert (moving.get_marker(), stuck.get_marker()) == ("o", "X")
    words = [t.get_text() for t in fig.axes[0].texts]
    assert words == ["start", "step 2", "never moves"]


def test_a_walk_from_the_right_of_the_valley():
    fig, _ = slopes.walks(square, [[3.0, 2.4]], "x²")
    assert fig.axes[0].texts[0].get_ha() == "right"  # where the curve leaves room
