"""The figures of notebook 02: their sentences say what the data say."""

import numpy as np
import pytest

from helpers import datasets
from helpers.activations import identity, relu
from helpers.network import Dense, Network
from helpers.plots import layers

PICTURE = np.arange(6).reshape(2, 3)
WORD = np.eye(26)[[0, 25]]
SOUND = np.sin(2 * np.pi * 100 * np.arange(80) / 8000)
HINGES = (np.array([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), relu)
SUM = (np.ones((2, 1)), np.zeros(1), identity)
X, Y = datasets.absolute(50, seed=0)
LINE = Network.of([Dense([[0.5]], [1.0], "identity")])
VEE = Network.of(
    [Dense([[1.0, -1.0]], [0.0, 0.0], "relu"), Dense([[1.0], [1.0]], [0.0], "identity")]
)
RINGS = datasets.circles(40, noise=0.0, seed=0)
POINTS = np.array([[0.5, 0.5], [-0.5, -0.5], [1.0, 0.0]])


def flat(*layers_of_it):
    """Make a network of two outputs, of which the second is 0."""
    return Network.of([*layers_of_it])


# Says class 0 where x1 is above 0.
RIGHT_HALF = flat(Dense([[1.0, 0.0], [0.0, 0.0]], [0.0, 0.0], "identity"))
# The same by way of two hidden units, one of which never changes its mind in sight.
BENT = flat(
    Dense([[1.0, 1.0], [0.0, 0.0]], [0.0, 50.0], "relu"),
    Dense(np.diag([1.0, 0.0]), [0, 0.1], "identity"),
)


# Each figure, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "arrays": (
        lambda: layers.arrays(PICTURE, "az", WORD, SOUND, 8000),
        lambda: layers.arrays(PICTURE + 1, "az", WORD, SOUND, 8000),
    ),
    "wiring": (
        lambda: layers.wiring({"one": ([1, 0], [HINGES, SUM])}),
        lambda: layers.wiring({"one": ([1, 2], [HINGES, SUM])}),
    ),
    "fitted": (
        lambda: layers.fitted(X, Y, {"no bend": [LINE], "ReLU": [VEE]}, (0.0, 0.9)),
        lambda: layers.fitted(X, Y, {"no bend": [LINE], "ReLU": [VEE]}, (0.1, 0.9)),
    ),
    "moves": (
        lambda: layers.moves(*HINGES[:2], [1, 1], -0.5, [0, 1, 1, 0]),
        lambda: layers.moves(*HINGES[:2], [1, 1], -0.7, [0, 1, 1, 0]),
    ),
    "pressed": (
        lambda: layers.pressed([[1.0, -0.5], [0.5, 1.0]], [0.5, 0.0]),
        lambda: layers.pressed([[1.0, -0.5], [0.5, 1.0]], [0.5, 0.1]),
    ),
    "cut": (lambda: layers.cut(*RINGS, 0.85), lambda: layers.cut(*RINGS, 0.8)),
    "regions": (
        lambda: layers.regions([RIGHT_HALF, BENT], ["a", "b"], POINTS, np.array([0, 1, 1])),
        lambda: layers.regions([RIGHT_HALF, BENT], ["a", "b"], POINTS, np.array([0, 0, 1])),
    ),
}


def test_arrays_count_numbers_letters_and_waves():
    fig, text = layers.arrays(PICTURE, "az", WORD, SOUND, 8000)
    assert text == (
        "A picture is 6 numbers, shape (2, 3); the word 'az' 52, shape (2, 26), of which 2 are not "
        "0; the sound 80, shape (80,), and it rises through 0 1 times."
    )
    _, word, sound = fig.axes
    assert [t.get_text() for t in word.texts] == ["a", "z"]
    assert sound.lines[0].get_xdata()[-1] == pytest.approx(79 / 8)  # milliseconds


def test_arrays_want_as_many_rows_as_letters():
    with pytest.raises(ValueError, match=r"'abc' takes \(3, 26\)"):
        layers.arrays(PICTURE, "abc", WORD, SOUND, 8000)


def test_wiring_says_what_each_layer_hands_on():
    panels = {"with": ([1, 0], [HINGES, SUM]), "without": ([1, 0], [(*HINGES[:2], identity), SUM])}
    fig, text = layers.wiring(panels)
    assert text == (
        "What each layer hands on. with: (1, 0) → (1, 0) → (1); without: (1, 0) → (1, −1) → (0)."
    )
    words = [t.get_text() for t in fig.axes[0].texts]
    assert {"x₁", "x₂", "h₁ (z = 1)", "h₂ (z = −1)", "output"} <= set(words)


def test_wiring_tells_the_sign_of_a_weight_by_dashes_too():
    fig, _ = layers.wiring({"one": ([1.0], [([[2.0, -1.0, 0.0]], [0, 0, 0], identity)])}, ["x"])
    lines = fig.axes[0].lines[:3]
    assert [line.get_linestyle() for line in lines] == ["-", "--", ":"]
    assert len({line.get_color() for line in lines}) == 3


def test_wiring_wants_an_input_that_fits():
    with pytest.raises(ValueError, match="matmul"):
        layers.wiring({"one": ([1, 0, 2], [HINGES, SUM])})


def test_fitted_measures_how_far_each_is_off():
    _, text = layers.fitted(X, Y, {"no bend": [LINE, LINE], "ReLU": [VEE]}, (0.5, 1.0))
    assert text.startswith(
        "no bend, 2 trained networks: at most 0.00 from the best straight line, at most "
    )
    assert text.endswith("from the best straight line, at most 0.00 from a point.")


def test_moves_say_where_the_corners_land_and_who_is_right():
    fig, text = layers.moves(*HINGES[:2], [1, 1], -0.5, [0, 1, 1, 0])
    assert text == (
        "The corners move: (0, 0) to (0, 0); (0, 1) to (0, 1); (1, 0) to (1, 0); (1, 1) to (0, 0). "
        "There one straight line is right for 4 of 4."
    )
    assert fig.axes[1].texts[0].get_text() == "from (0, 0)\nand (1, 1)"
    _, text = layers.moves(*HINGES[:2], [1, 1], -0.5, [0, 1, 1, 1])
    assert text.endswith("right for 3 of 4.")


def test_pressed_shares_add_up_and_say_what_is_lost():
    _, text = layers.pressed(np.eye(2), [0.01, 0.01])  # four equal parts, but for the lines
    assert "Where both units fire (25 % of the paper)" in text
    assert "Where one fires (50 %)" in text
    assert "where none does (25 %) it is a single point." in text


def test_pressed_keeps_what_always_fires():
    fig, text = layers.pressed(np.eye(2), [9.0, 9.0])
    assert "(100 % of the paper)" in text
    assert "where none does (0 %)" in text
    assert "both are silent" not in [t.get_text() for ax in fig.axes for t in ax.texts]


def test_cut_counts_what_lies_on_its_side():
    _, text = layers.cut(*RINGS, 0.85)
    assert text == (
        "One straight cut through four layers of paper is a closed border of four straight edges: "
        "right for 40 of 40 points."
    )
    _, text = layers.cut(*RINGS, 9.0)
    assert text.endswith("right for 20 of 40 points.")


def test_regions_count_and_draw_the_lines_of_few_units():
    fig, text = layers.regions([RIGHT_HALF, BENT], ["a", "b"], POINTS, np.array([0, 1, 1]))
    assert text == ("Shaded: where the network says square. a: right for 2; b: right for 2 of 3.")
    without, with_lines = ([c.get_linestyle()[0][1] for c in ax.collections] for ax in fig.axes)
    assert without == [None]  # the border alone
    assert [pattern is not None for pattern in with_lines] == [True, False]


def test_regions_of_a_network_that_says_the_same_everywhere():
    same = flat(Dense(np.zeros((2, 2)), [0.0, 1.0], "identity"))
    fig, text = layers.regions([same], ["same"], POINTS, np.array([1, 1, 0]))
    assert text.endswith("same: right for 2 of 3.")
    assert not fig.axes[0].collections


def test_regions_want_two_inputs_and_two_outputs():
    with pytest.raises(ValueError, match="reshape"):
        layers.regions([Network([2, 3])], ["three"], POINTS, np.array([0, 1, 1]))
