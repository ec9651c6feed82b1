"""Lab 2 without a browser: its state, its sentence, its picture."""

from __future__ import annotations

import json

import numpy as np
import pytest
import traitlets

from helpers.labs import Neuron
from helpers.training import mean_squared_error


@pytest.mark.parametrize(
    "nonsense",
    [
        {"w1": 3.5},
        {"b": float("nan")},
        {"w2": "steep"},
        {"b": -10.0},
        {"activation": "tanh"},
        {"slope": -0.1},
        {"point": 13},
        {"point": 0},
        {"rate": 0.0},
        {"steps": 51},
        {"steps": 1.5},
        {"seed": -1},
        {"gradient": "yes"},
    ],
)
def test_nonsense_is_refused(nonsense: dict) -> None:
    with pytest.raises(traitlets.TraitError):
        Neuron(**nonsense)


def test_the_points_are_two_clouds_of_a_seed() -> None:
    x, target = Neuron(seed=3).points()
    assert x.shape == (12, 2)
    assert target.ravel().tolist() == [1] * 6 + [0] * 6
    assert np.abs(x).max() < 3
    np.testing.assert_array_equal(x, Neuron(seed=3).points()[0])
    assert not np.array_equal(x, Neuron(seed=4).points()[0])


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_the_gradient_is_the_slope_of_the_loss(activation: str) -> None:
    lab = Neuron(w1=0.9, w2=-0.4, b=-0.3, activation=activation)
    layer, target = lab.layer(), lab.points()[1]

    def loss(**change: float) -> float:
        moved = Neuron(**(lab.state() | change)).layer()
        return mean_squared_error(moved.activation(moved.z), target)[0]

    h = 1e-6
    for key, grad in zip(["w1", "w2", "b"], [*layer.grad_w.ravel(), *layer.grad_b], strict=True):
        at = getattr(lab, key)
        slope = (loss(**{key: at + h}) - loss(**{key: at - h})) / (2 * h)
        assert grad == pytest.approx(slope, abs=1e-6)


def test_a_dead_relu_stays_where_it_is() -> None:
    lab = Neuron(b=-4.0)
    then, taken = lab.ahead()
    assert (taken, then.w.ravel().tolist(), then.b.tolist()) == (10, [0.8, 0.6], [-4.0])
    assert "fires for none of the 12 points: dead on them" in lab.sentence()
    assert "No gradient is left" in lab.sentence()


def test_a_leak_leads_back() -> None:
    lab = Neuron(b=-4.0, activation="leaky_relu", steps=50)
    assert "always-negative on them, not dead" in lab.sentence()
    then, taken = lab.ahead()
    assert taken == 50
    assert (then.z > 0).any()
    assert not (lab.layer().z > 0).any()


def test_with_slope_0_a_leaky_unit_is_dead_too() -> None:
    assert "dead on them" in Neuron(b=-4.0, activation="leaky_relu", slope=0.0).sentence()


def test_without_gradients_it_speaks_of_the_line_alone() -> None:
    assert Neuron(b=-4.0, gradient=False, point=7).sentence() == (
        "It fires for none of the 12 points: always-off on them. Point 7: z = −6.34, a = 0.00."
    )
    assert "Loss" not in Neuron(gradient=False).sentence()


def test_a_rate_too_high_is_named() -> None:
    lab = Neuron(rate=3.0)
    assert lab.sentence().endswith("Step 1 leaves the ranges of this lab: the rate is too high.")
    assert lab.ahead()[1] == 0
    assert lab.ahead()[0].w.ravel().tolist() == [0.8, 0.6]


def test_one_step_is_the_rate_times_the_gradient() -> None:
    lab = Neuron(rate=0.1, steps=1)
    layer, then = lab.layer(), lab.ahead()[0]
    np.testing.assert_allclose(then.w, layer.w - 0.1 * layer.grad_w, rtol=0, atol=1e-15)
    assert "1 step leads to" in lab.sentence()


def test_without_weights_there_is_no_line() -> None:
    lab = Neuron(w1=0.0, w2=0.0, b=-1.0)
    assert "fires for none" in lab.sentence()
    assert lab.picture()[1] == lab.sentence()


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"b": -4.0},
        {"b": -4.0, "gradient": False},
        {"b": -3.0, "activation": "leaky_relu"},
        {"rate": 3.0},
        {"b": 8.0},
    ],
)
def test_every_state_has_a_picture_and_comes_back_from_its_repr(state: dict) -> None:
    lab = Neuron(**state)
    fig, text = lab.picture()
    assert text == lab.sentence()
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles[0] == "where it fires"
    again = eval(repr(lab), {"Neuron": Neuron})
    assert again.state() == lab.state() == json.loads(json.dumps(lab.state()))


def test_a_dead_neuron_carries_a_cross() -> None:
    words = [text.get_text() for text in Neuron(b=-4.0).picture()[0].axes[0].texts]
    assert words == ["✕ dead on these points"]
    assert not Neuron().picture()[0].axes[0].texts
