"""Lab 5 without a browser: its state, its sentence, its picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
import traitlets

from helpers.labs import Hinges
from helpers.labs.hinges import TARGETS, X


@pytest.mark.parametrize(
    "nonsense",
    [
        {"hinges": [(0.0, 1.0)] * 9},
        {"hinges": [(0.0,)]},
        {"hinges": [(2.6, 1.0)]},
        {"hinges": [(0.0, 2000.0)]},
        {"hinges": [(float("nan"), 1.0)]},
        {"hinges": [(0.0, float("nan"))]},
        {"hinges": [("left", 1.0)]},
        {"target": "cosine"},
        {"offset": 1001.0},
        {"slope": 1.5},
        {"offset": float("nan")},
    ],
)
def test_nonsense_is_refused(nonsense: dict) -> None:
    with pytest.raises(traitlets.TraitError):
        Hinges(**nonsense)


def test_a_hinge_out_of_range_is_named() -> None:
    with pytest.raises(traitlets.TraitError, match=r"bend from -3 to 2.5 .* got \(2.6, 1.0\)"):
        Hinges([(2.6, 1.0)])


def test_the_sum_is_what_the_network_gives() -> None:
    lab = Hinges([(-2, 1), (0.5, -3)], offset=0.5, slope=0.2)
    x = np.array([-3.0, -1.0, 2.0])
    np.testing.assert_allclose(lab.curve(x), [0.5 - 0.2 + 2.1, 0.5 + 1 + 0.9, 0.5 + 4 - 4.5])
    np.testing.assert_array_equal(lab.network().forward(x[:, np.newaxis]).ravel(), lab.curve(x))
    np.testing.assert_allclose(lab.curve(x, slope=0.0), [0.5, 1.5, 0.0])


def test_without_hinges_there_is_a_level_line() -> None:
    lab = Hinges([], offset=-1.0, target="bump")
    assert lab.curve([0.0, 1.0]).tolist() == [-1.0, -1.0]
    assert lab.sentence().startswith("0 ReLU hinges against the bump")
    with pytest.raises(ValueError, match="no hinge"):
        lab.network()


def test_three_hinges_follow_the_sine_better_than_none() -> None:
    good = Hinges([(-3, -1.5), (-1, 3), (1, -3)])
    assert good.error() < 0.1 < Hinges([]).error()


def test_at_slope_1_the_sum_is_straight() -> None:
    lab = Hinges(slope=1.0)
    steps = np.diff(lab.curve(np.linspace(-3, 3, 50)))
    np.testing.assert_allclose(steps, steps[0])
    assert lab.sentence().endswith("At slope 1 nothing bends.")


def test_the_sentence_tells_what_the_leak_changes() -> None:
    lab = Hinges(slope=0.2)
    assert f"{lab.error():.3f}, and {lab.error(slope=0.0):.3f} without" in lab.sentence()
    assert Hinges([(0, 1)], slope=0.2).sentence().startswith("1 leaky hinge, slope 0.20, ")


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("slope", [0.0, 0.3])
def test_every_state_has_a_picture_and_comes_back_from_its_repr(target: str, slope: float) -> None:
    lab = Hinges(target=target, slope=slope)
    fig, text = lab.picture()
    assert text == lab.sentence()
    assert len(fig.axes[1].texts) == 3
    again = eval(repr(lab), {"Hinges": Hinges})
    assert again.state() == lab.state() == json.loads(json.dumps(lab.state()))


def test_no_input_lies_on_a_jump() -> None:
    assert len(X) == 120
    assert np.abs(np.abs(X) - 1).min() > 0.01
    assert TARGETS["staircase"](X).ravel().tolist() == [0] * 40 + [1] * 40 + [2] * 40


def test_hinges_can_be_set_while_it_is_shown() -> None:
    lab = Hinges()
    lab.hinges = [[0.0, 1.0]]
    assert lab.network().sizes == [1, 1, 1]
    with pytest.raises(traitlets.TraitError):
        lab.hinges = [[9.0, 1.0]]
    assert lab.hinges == [[0.0, 1.0]]
