"""The figures of notebook 03: their sentences say what the data say."""

import numpy as np
import pytest

from helpers.plots import descent

KM, FARE = np.array([1.0, 3.0]), np.array([6.0, 8.0])
EXAMPLE = {"x": 2, "y": 9, "w1": 3, "b1": -1, "w2": 2, "b2": 1}
PICTURES = np.random.default_rng(0).random((3, 8, 8))
TABLE = np.array([[5, 0, 1], [0, 6, 0], [3, 0, 4]])
CURVES = {"training": [2.3, 1.0, 0.2], "test": [2.3, 0.9, 1.1]}
SHARES = {"training": [0.1, 0.7, 1.0], "test": [0.1, 0.8, 0.75]}


def loss(w):
    return float(np.mean((w * KM - FARE) ** 2))


def flat(w):
    return float(np.mean((np.maximum(w * KM, 0) - FARE) ** 2))


def walk(rate, steps=10, w=0.0):
    return [3 + (w - 3) * (1 - 10 * rate) ** step for step in range(steps + 1)]


PATH = np.array([[0.0, 0.0], [3.0, 1.4], [2.3, 1.3]])

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "misses": (
        lambda: descent.misses(KM, FARE, [2, 3, 4]),
        lambda: descent.misses(KM, FARE, [2, 3, 4.5]),
    ),
    "descents": (
        lambda: descent.descents(loss, {"slow": walk(0.005), "fast": walk(0.21)}),
        lambda: descent.descents(loss, {"slow": walk(0.006), "fast": walk(0.21)}),
    ),
    "loss_maps": (
        lambda: descent.loss_maps({"raw": (KM, FARE, PATH)}),
        lambda: descent.loss_maps({"raw": (KM, FARE, PATH * 1.1)}),
    ),
    "there_and_back": (
        lambda: descent.there_and_back(EXAMPLE, EXAMPLE | {"b1": -7}),
        lambda: descent.there_and_back(EXAMPLE, EXAMPLE | {"b1": -8}),
    ),
    "shares": (
        lambda: descent.shares([2, 1, 0], ["cat", "dog", "hen"]),
        lambda: descent.shares([2, 1, 0.5], ["cat", "dog", "hen"]),
    ),
    "learning_curves": (
        lambda: descent.learning_curves(CURVES, SHARES, lowest=True),
        lambda: descent.learning_curves(CURVES, SHARES | {"test": [0.1, 0.8, 0.7]}, lowest=True),
    ),
    "confusion_table": (
        lambda: descent.confusion_table(TABLE),
        lambda: descent.confusion_table(TABLE + np.eye(3, dtype=int)),
    ),
    "misread": (
        lambda: descent.misread(PICTURES, [6, 8, 3], [1, 1, 5], [0.95, 0.9, 0.5]),
        lambda: descent.misread(PICTURES, [6, 8, 3], [1, 1, 5], [0.95, 0.9, 0.4]),
    ),
}


def titles(fig):
    return [ax.get_title(loc="left") for ax in fig.axes]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_misses_say_the_loss_of_each_weight():
    fig, text = descent.misses(KM, FARE, [2, 3, 4])
    assert text == (
        "The dotted misses, squared and averaged: w = 2 has the loss 10, w = 3 has the loss 5, "
        "w = 4 has the loss 10."
    )
    assert titles(fig)[0] == "w = 2: loss 10"
    assert words(fig.axes[0]) == ["−4", "−2"]
    assert words(fig.axes[1]) == ["−3", "+1"]


def test_descents_tell_where_each_walk_ends():
    fig, text = descent.descents(loss, {"slow": walk(0.005), "right": walk(0.05)})
    assert text == ("slow: after 10 steps w = 1.2, loss 21.1; right: after 10 steps w = 3, loss 5.")
    assert words(fig.axes[0]) == ["start"]


def test_a_walk_that_runs_away_leaves_the_picture():
    fig, text = descent.descents(loss, {"wild": walk(0.25)})
    assert text == "wild: after 10 steps w = −170, loss 1.5e+05."
    ax = fig.axes[0]
    assert [word for word in words(ax) if word.startswith("step")] == ["step 2 leaves the picture"]
    assert ax.lines[-1].get_marker() == "s"  # not by its colour alone


def test_a_walk_on_flat_ground_carries_a_cross():
    fig, text = descent.descents(flat, {"from w = -1": [-1.0] * 4, "from w = 5": [5.0, 3.0]})
    assert (
        text == "from w = −1: w = −1 never moves, loss 50; from w = 5: after 1 steps w = 3, loss 5."
    )
    assert titles(fig) == ["from w = −1", "from w = 5"]
    assert fig.axes[0].lines[-1].get_marker() == "X"
    assert words(fig.axes[0]) == ["never moves"]
    assert fig.axes[1].texts[0].get_ha() == "right"  # the curve rises there


def test_loss_maps_find_the_lowest_point_by_themselves():
    fig, text = descent.loss_maps({"raw": (KM, FARE, PATH)})
    start, end = loss(0), np.mean((2.3 * KM + 1.3 - FARE) ** 2)
    assert text == (
        f"Each ring has one loss. raw: loss {start:.3g} at the start, {end:.3g} after 2 steps."
    )
    np.testing.assert_allclose(fig.axes[0].lines[-1].get_xydata(), [[1, 5]])


def test_loss_maps_share_their_view_if_asked():
    far = PATH * 2 - 3
    walks = {"near": (KM, FARE, PATH), "far": (KM, FARE, far)}
    apart = [ax.get_xlim() for ax in descent.loss_maps(walks)[0].axes]
    shared = [ax.get_xlim() for ax in descent.loss_maps(walks, same_view=True)[0].axes]
    assert apart[0] != apart[1] == shared[0] == shared[1]


def test_there_and_back_says_every_slope():
    fig, text = descent.there_and_back(EXAMPLE, EXAMPLE | {"b1": -7})
    assert text == (
        "z = 5, loss 4; slopes of the loss: w₁ 16, b₁ 8, w₂ 20, b₂ 4. "
        "z = −1, loss 64; slopes of the loss: w₁ 0, b₁ 0, w₂ 0, b₂ −16."
    )
    alive, silent = fig.axes
    assert not alive.lines
    assert [line.get_marker() for line in silent.lines] == ["X"]


def test_shares_add_up():
    fig, text = descent.shares([2, 1, -1], ["cat", "dog", "hen"])
    assert text == "From scores to shares: cat 2 gives 71 %, dog 1 gives 26 %, hen −1 gives 4 %."
    assert sum(bar.get_height() for bar in fig.axes[2].patches) == pytest.approx(1)


def test_learning_curves_mark_the_lowest_loss_only_if_asked():
    fig, text = descent.learning_curves(CURVES, SHARES)
    assert text == (
        "Loss on the training part 2.30 before, 0.20 after 2 epochs, accuracy 100 %; loss on the "
        "test part 2.30 before, 1.10 after 2 epochs, accuracy 75 %."
    )
    assert [line.get_linestyle() for line in fig.axes[0].lines] == ["-", "--"]
    _, text = descent.learning_curves(CURVES, SHARES, lowest=True)
    assert text.endswith("The loss on the test part is lowest after epoch 1, 0.90.")


def test_the_confusion_table_names_the_most_frequent_mistake_and_its_reverse():
    _, text = descent.confusion_table(TABLE)
    assert text == (
        "15 of 19 are on the diagonal, read right. The most frequent mistake: 2 read as 0, "
        "3 times; 0 is read as 2 once."
    )
    assert descent.confusion_table(np.array([[1, 2], [0, 1]]))[1].endswith("1 is read as 0 never.")


def test_misread_pictures_have_their_captions():
    fig, text = descent.misread(PICTURES, [6, 8, 3], [1, 1, 5], [0.95, 0.9, 0.5])
    assert text == (
        "3 pictures, misread: 6 as 1 (95 % sure), 8 as 1 (90 % sure), 3 as 5 (50 % sure)."
    )
    assert fig.axes[0].get_title() == "is 6, read 1\n95 % sure"


def test_many_misread_pictures_fill_two_rows():
    fig, _ = descent.misread(np.ones((9, 8, 8)), range(9), range(9), np.ones(9))
    assert len(fig.axes) == 16
    assert not any(ax.axison for ax in fig.axes)
