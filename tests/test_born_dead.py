"""Born-dead networks by drawing against theory, and the drawing against networks one by one."""

import itertools

import numpy as np
import pytest

from helpers import initializers
from helpers.born_dead import CHUNK, bounds, layer_of_death, share
from helpers.network import Dense, Network


@pytest.mark.parametrize(
    ("width", "layers"), [(1, 4), (2, 6), (2, 25), (3, 10), (4, 17), (6, 12), (7, 30)]
)
def test_what_is_drawn_lies_within_the_bounds(width, layers):
    found = share(width, layers, samples=20_000, seed=width)
    lower, upper = bounds(width, layers)
    assert lower <= found.high
    assert found.low <= upper


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_three_layers_are_exact(width):
    """By hand: both sides of 0 reach layer 2 unless all units of layer 1 have one sign."""
    one_sign = 2.0 ** (1 - width)
    expected = one_sign * 0.5**width + (1 - one_sign) * 0.25**width
    assert bounds(width, 3)[0] == pytest.approx(expected, rel=1e-12)
    found = share(width, 3, samples=50_000, seed=1)
    assert found.low - 0.002 <= expected <= found.high + 0.002


def test_two_layers_are_never_dead_and_one_unit_is_settled():
    assert bounds(4, 2) == (0.0, 0.0)
    assert share(4, 2, samples=500).estimate == 0.0
    # A single unit keeps one side of 0; each further layer loses it with probability one half.
    for layers in (3, 5, 9):
        lower, upper = bounds(1, layers)
        assert lower == pytest.approx(upper) == pytest.approx(1 - 0.5 ** (layers - 2))


@pytest.mark.parametrize("width", [2, 3, 8])
def test_bounds_are_probabilities_in_order_that_grow_with_depth(width):
    found = np.array([bounds(width, layers) for layers in range(2, 60)])
    assert (found[:, 0] <= found[:, 1] + 1e-15).all()
    assert (found >= 0).all()
    assert (found <= 1).all()
    assert (np.diff(found, axis=0) >= 0).all()


def test_safe_widths_are_safe():
    """Derived from the upper bound: N >= log2(L / delta) keeps the probability below delta."""
    for layers, delta in itertools.product((5, 20, 100), (0.1, 0.01)):
        assert bounds(int(np.ceil(np.log2(layers / delta))), layers)[1] < delta


def test_many_depths_share_their_networks():
    depths = range(2, 12)
    together = share(3, depths, samples=3_000, seed=4)
    assert [share(3, depth, samples=3_000, seed=4) for depth in depths] == together
    estimates = [interval.estimate for interval in together]
    assert estimates == sorted(estimates)


def test_a_network_is_the_same_however_many_are_drawn():
    few = layer_of_death(2, 8, samples=10, seed=3)
    many = layer_of_death(2, 8, samples=CHUNK + 50, seed=3)
    assert np.array_equal(few, many[:10])
    assert np.array_equal(many, layer_of_death(2, 8, samples=2 * CHUNK, seed=3)[: CHUNK + 50])
    assert not np.array_equal(many, layer_of_death(2, 8, samples=CHUNK + 50, seed=4))
    assert not np.array_equal(many[:50], many[CHUNK:])


def one_by_one(width, layers, count, inputs, bias):
    """Draw the same weights, and ask networks of `helpers.network` whether they are constant."""
    rng = np.random.default_rng([5, 0])
    drawn, fan_in = [], 1
    for _ in range(layers - 1):
        w, b = initializers.rai(fan_in, CHUNK * width, rng)
        drawn.append((w.reshape(fan_in, CHUNK, width), b.reshape(CHUNK, width)))
        fan_in = width
    found = []
    for k in range(count):
        hidden = [
            Dense(w[:, k], b[k] if bias is None else np.full(width, bias), "relu") for w, b in drawn
        ]
        network = Network.of([*hidden, Dense(np.ones((width, 1)), [0.0], "identity")])
        zs = network.pre_activations(np.reshape(inputs, (-1, 1)))
        flat = [bool((np.ptp(np.maximum(z, 0), axis=0) == 0).all()) for z in zs]
        found.append(flat.index(True) + 1 if any(flat) else 0)
    return found


@pytest.mark.parametrize("bias", [None, -0.2])
@pytest.mark.parametrize("inputs", [(-1.0, 1.0), (-1.7, -0.3, 0.2, 1.1)])
def test_each_network_is_judged_as_alone(bias, inputs):
    first = layer_of_death(
        3, 7, samples=200, seed=5, init=initializers.rai, bias=bias, inputs=inputs
    )
    assert first.tolist() == one_by_one(3, 7, 200, inputs, bias)
    assert len(set(first.tolist())) > 2


def test_randomised_asymmetric_initialisation_helps():
    plain = share(2, 10, samples=4_000)
    helped = share(2, 10, samples=4_000, init=initializers.rai)
    assert helped.high < plain.low


def test_a_large_negative_bias_kills_and_no_bias_is_the_default():
    assert share(4, 5, samples=500, bias=-50.0).estimate == 1.0
    assert share(4, 5, samples=500, bias=0.0) == share(4, 5, samples=500)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ((0, 5), ValueError, "width must be a whole number of at least 1; got 0"),
        ((2.0, 5), TypeError, "width must be a whole number"),
        ((2, 1), ValueError, "layers must be a whole number of at least 2; got 1"),
        ((2, [3, 1]), ValueError, "layers must be a whole number of at least 2; got 1"),
        ((2, []), ValueError, "layers must be a number of layers, or a sequence of them; got none"),
        ((2, 5, 0), ValueError, "samples must be a whole number of at least 1; got 0"),
    ],
)
def test_numbers_that_cannot_be(arguments, error, says):
    with pytest.raises(error, match=says):
        share(*arguments)


def test_inputs_and_biases_that_cannot_be():
    with pytest.raises(ValueError, match="inputs must be at least two numbers"):
        share(2, 5, inputs=[1.0])
    with pytest.raises(TypeError, match="bias must be one number for every hidden unit"):
        share(2, 5, bias=[1.0, 2.0])
    with pytest.raises(ValueError, match="layers must be"):
        bounds(2, 1)
    with pytest.raises(TypeError, match="width must be"):
        bounds("2", 5)
