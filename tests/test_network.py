"""The network against torch, against finite differences, and its pieces against a fine search."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_twins import TORCH

from helpers import activations, initializers
from helpers.activations import celu, leaky_relu
from helpers.network import (
    Dense,
    Network,
    breakpoints,
    default_initializer,
    region_count,
)

torch.set_num_threads(1)
quick = settings(derandomize=True, database=None, deadline=None, max_examples=40)
# torch's own gradient of celu is off by 5e-7 where alpha is not exact in float32.
ORACLES = [activation for activation in TORCH if activation != celu(0.3)]
each_activation = pytest.mark.parametrize("activation", ORACLES, ids=repr)
rng = np.random.default_rng


def torch_forward(network, x, parameters):
    """Compute the outputs with torch, from its own matrix products and activations."""
    a = x
    for layer, w, b in zip(network.layers, parameters[::2], parameters[1::2], strict=True):
        a = TORCH[layer.activation](a @ w + b)
    return a


def torch_gradients(network, x, grad_output):
    """Return outputs and the gradients of parameters and inputs, by torch's autograd."""
    parameters = [torch.tensor(p, requires_grad=True) for p in network.parameters]
    x = torch.tensor(x, requires_grad=True)
    output = torch_forward(network, x, parameters)
    output.backward(torch.tensor(grad_output))
    return output.detach().numpy(), [p.grad.numpy() for p in parameters], x.grad.numpy()


def assert_as_torch(network, x, grad_output):
    output, gradients, grad_x = torch_gradients(network, x, grad_output)
    np.testing.assert_allclose(network.forward(x), output, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(network.backward(grad_output), grad_x, rtol=1e-10, atol=1e-10)
    for ours, theirs in zip(network.gradients, gradients, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10)


@each_activation
def test_forward_and_backward_are_torchs(activation):
    network = Network([5, 7, 4, 3], activation, seed=1)
    for layer in network.layers:
        layer.b[:] = rng(2).normal(size=layer.b.shape)
    x = rng(3).normal(size=(11, 5))
    assert_as_torch(network, x, rng(4).normal(size=(11, 3)))


@quick
@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    rows=st.integers(0, 5),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_any_shape_is_torchs(sizes, rows, seed, data):
    kinds = st.sampled_from(ORACLES)
    chosen = [data.draw(kinds) for _ in sizes[2:]]
    network = Network(sizes, chosen, seed=seed)
    x = rng(seed).normal(size=(rows, sizes[0]))
    assert_as_torch(network, x, rng(seed + 1).normal(size=(rows, sizes[-1])))


def test_float32_stays_float32():
    network = Network([3, 4, 2], "leaky_relu", dtype=np.float32)
    output = network.forward(np.ones((5, 3)))
    network.backward(output)
    assert {a.dtype for a in [output, *network.parameters, *network.gradients]} == {
        np.dtype(np.float32)
    }


def test_lists_and_whole_numbers_are_inputs_too():
    network = Network([2, 3, 1])
    assert np.array_equal(
        network.forward([[1, 0], [True, 2]]), network.forward(np.array([[1.0, 0.0], [1.0, 2.0]]))
    )


def test_the_seed_decides_and_no_global_state_is_touched():
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, other, third = (Network([4, 5, 2], seed=seed) for seed in (3, 3, 4))
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert all(np.array_equal(a, b) for a, b in zip(one.parameters, other.parameters, strict=True))
    assert not np.array_equal(one.layers[0].w, third.layers[0].w)
    a_generator = Network([4, 5, 2], seed=rng(3))
    assert np.array_equal(a_generator.layers[1].w, one.layers[1].w)


def test_the_bias_is_set_in_hidden_layers_only():
    network = Network([2, 3, 3, 2], bias=-2.0, seed=0, initializer=initializers.torch_default)
    assert [np.unique(layer.b).size for layer in network.layers] == [1, 1, 2]
    assert network.layers[0].b.tolist() == network.layers[1].b.tolist() == [-2.0] * 3


@pytest.mark.parametrize(
    ("activation", "variance"),
    [("relu", 2.0), (leaky_relu(0.2), 2 / 1.04), ("gelu", 2.0), ("tanh", 1.0), ("sigmoid", 1.0)],
)
def test_the_initialiser_suits_the_activation(activation, variance):
    network = Network([300, 300, 300], activation, seed=5)
    for layer in network.layers:  # the output layer too: by what comes into it
        assert 300 * layer.w.var() == pytest.approx(variance, rel=0.03)
        assert not layer.b.any()


def test_default_initializer_of_every_activation_draws():
    for name in activations.names():
        w, b = default_initializer(name)(4, 3, rng())
        assert (w.shape, b.shape) == ((4, 3), (3,))


def test_another_initialiser_is_used_for_every_layer():
    drawn = []

    def ones(fan_in, fan_out, rng):
        drawn.append((fan_in, fan_out))
        return np.ones((fan_in, fan_out)), np.zeros(fan_out)

    network = Network([2, 3, 4], initializer=ones)
    assert drawn == [(2, 3), (3, 4)]
    assert np.array_equal(network.forward([[1.0, 1.0]]), [[6.0] * 4])


def test_parameters_are_the_arrays_themselves():
    network = Network([2, 2])
    network.parameters[1][:] = 7.0
    assert network.layers[0].b.tolist() == [7.0, 7.0]


def test_layers_copy_what_they_are_given():
    w = np.ones((2, 2))
    layer = Dense(w, [0, 0], "relu")
    w[:] = 0
    assert layer.w.all()


def test_a_copy_shares_nothing():
    network = Network([2, 3, 2], ["tanh"], seed=1)
    other = network.copy()
    other.layers[0].w += 1
    assert not np.array_equal(other.layers[0].w, network.layers[0].w)
    assert repr(other) == repr(network)


def test_pre_activations_are_those_of_the_forward_pass_and_change_nothing():
    network, x = Network([3, 4, 5, 2], "elu", seed=2), rng(1).normal(size=(6, 3))
    network.forward(x)
    kept = [layer.z for layer in network.layers]
    found = network.pre_activations(x + 1)
    assert all(layer.z is z for layer, z in zip(network.layers, kept, strict=True))
    network.forward(x + 1)
    assert [z.shape for z in found] == [(6, 4), (6, 5)]
    for z, layer in zip(found, network.layers, strict=False):
        assert np.array_equal(z, layer.z)


def test_reprs_tell_sizes_and_activations():
    assert repr(Network([2, 3])) == "Network 2-3, 9 parameters"
    mixed = Network([1, 2, 2, 1], ["relu", "tanh"])
    assert repr(mixed) == "Network 1-2-2-1, relu, tanh, 13 parameters"
    assert repr(Network([1, 2, 2, 1])) == "Network 1-2-2-1, relu, 13 parameters"


# --- what does not fit is named, with both shapes ---------------------------------------------


@pytest.mark.parametrize(
    ("x", "says"),
    [
        (np.ones((5, 2)), r"x has the shape \(5, 2\), the weights have \(3, 4\)"),
        (np.ones(3), r"\(3,\).*x\[np.newaxis\] makes a table"),
        (np.ones((2, 3, 1)), r"\(2, 3, 1\)"),
        (1.0, r"x has the shape \(\)"),
    ],
)
def test_inputs_of_another_shape(x, says):
    network = Network([3, 4, 2])
    with pytest.raises(ValueError, match=says):
        network.forward(x)
    with pytest.raises(ValueError, match=says):
        network.pre_activations(x)


def test_inputs_that_are_no_numbers():
    with pytest.raises(TypeError, match="x must hold real numbers; its type is <U1"):
        Network([1, 2]).forward([["a"]])
    with pytest.raises(TypeError, match="complex128"):
        Network([1, 2]).forward([[1j]])


def test_backward_before_forward():
    with pytest.raises(ValueError, match=r"call forward\(x\) first"):
        Network([3, 2]).backward(np.ones((1, 2)))


def test_a_gradient_of_another_shape():
    network = Network([3, 2])
    network.forward(np.ones((5, 3)))
    with pytest.raises(ValueError, match=r"gradient has the shape \(5,\), .* have \(5, 2\)"):
        network.backward(np.ones(5))


def test_weights_and_biases_that_do_not_fit():
    with pytest.raises(ValueError, match=r"w has the shape \(2, 3\) and b \(2,\)"):
        Dense(np.ones((2, 3)), np.ones(2), "relu")
    with pytest.raises(ValueError, match=r"w has the shape \(2,\)"):
        Dense(np.ones(2), 0.0, "relu")


def test_layers_that_do_not_fit():
    with pytest.raises(ValueError, match=r"layers 1 and 2 do not fit: w of shape \(2, 3\) gives 3"):
        Network.of([Dense(np.ones((2, 3)), np.ones(3), "relu"), Dense([[1.0]], [0.0], "identity")])
    with pytest.raises(ValueError, match="at least one layer"):
        Network.of([])


@pytest.mark.parametrize(
    ("sizes", "error"),
    [
        *[(sizes, TypeError) for sizes in ("64", 5, [2, 3.0], [2, True])],
        *[(sizes, ValueError) for sizes in ([3], [], [3, 0, 1], [3, -1])],
    ],
)
def test_sizes_that_cannot_be(sizes, error):
    with pytest.raises(error, match=r"sizes must list inputs, hidden units and outputs"):
        Network(sizes)


def test_activations_that_cannot_be():
    with pytest.raises(ValueError, match="1 activations are given for 2 hidden layers"):
        Network([1, 2, 2, 1], ["relu"])
    with pytest.raises(TypeError, match="activation must be a name such as 'relu'"):
        Network([1, 2, 1], np.tanh)
    with pytest.raises(ValueError, match="relu"):
        Network([1, 2, 1], "rely")


def test_an_initializer_that_is_no_function():
    with pytest.raises(TypeError, match=r"initializer must be a function .* got 'he'"):
        Network([1, 2, 1], initializer="he")


def test_a_bias_that_is_no_number():
    with pytest.raises(TypeError, match="bias must be one number"):
        Network([1, 2, 1], bias=[1.0, 2.0])


# --- pieces along a line ----------------------------------------------------------------------


def linear(w, b=0.0):
    w = np.array(w, dtype=float)
    return Dense(w, np.full(w.shape[1], b), "identity")


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "relu6", "hardtanh", "prelu"])
@pytest.mark.parametrize("sizes", [[2, 5, 1], [3, 4, 4, 2], [1, 6, 6, 6, 1]])
def test_pieces_agree_with_a_fine_search(activation, sizes):
    """On a fine grid every unit keeps its side between breakpoints, and none changes unnoticed."""
    network = Network(sizes, activation, seed=sum(sizes), initializer=initializers.torch_default)
    for layer in network.layers:
        layer.w *= 4  # far enough for both bends of relu6 and hardtanh
        layer.b[:] = rng(7).normal(0, 1.5, layer.b.shape)
    start, end = np.full(sizes[0], -4.0), np.full(sizes[0], 3.0)
    t = breakpoints(network, start, end)
    assert len(t) > 2
    assert (np.diff(t) > 0).all()
    assert t[0] > 0
    assert t[-1] < 1
    grid = np.linspace(0, 1, 200_001)
    bends = {"relu6": (0, 6), "hardtanh": (-1, 1)}.get(activation, (0,))
    zs = network.pre_activations(start + grid[:, np.newaxis] * (end - start))
    sides = np.concatenate([z > bend for z in zs for bend in bends], axis=1)
    changes = (sides[1:] != sides[:-1]).any(axis=1)
    seen = np.unique(np.searchsorted(t, grid[1:][changes]))
    # Each change on the grid lies at a breakpoint; each that it can resolve is seen.
    for place in grid[:-1][changes]:
        assert np.abs(t - place).min() <= grid[1] + 1e-12
    alone = np.diff(t, prepend=0, append=1).min() > 2 * grid[1]
    assert not alone or (changes.sum() == len(t) and len(seen) == len(t))


def test_the_output_is_straight_between_breakpoints():
    network = Network([2, 8, 8, 1], "relu", seed=3)
    start, end = np.array([-2.0, 1.0]), np.array([3.0, -2.0])
    t = np.concatenate([[0], breakpoints(network, start, end), [1]])
    for low, high in itertools.pairwise(t):
        inside = np.linspace(low, high, 7)
        y = network.forward(start + inside[:, np.newaxis] * (end - start))[:, 0]
        straight = y[0] + (y[-1] - y[0]) * np.linspace(0, 1, 7)
        np.testing.assert_allclose(y, straight, rtol=0, atol=1e-10)


@pytest.mark.parametrize("depth", [1, 2, 5, 8])
def test_a_built_sawtooth_doubles_with_each_layer(depth):
    """Two units a layer fold the interval in two: 2^depth pieces, all of which meet at kinks."""
    fold = Dense([[2.0, 4.0]], [0.0, -2.0], "relu")  # 2 relu(x) - 4 relu(x - 1/2)
    refold = Dense([[2.0, 4.0], [-2.0, -4.0]], [0.0, -2.0], "relu")
    sawtooth = Network.of([fold, *[refold] * (depth - 1), linear([[1.0], [-1.0]])])
    assert region_count(sawtooth, [0.0], [1.0]) == 2**depth
    expected = np.arange(1, 2**depth) / 2**depth
    np.testing.assert_allclose(breakpoints(sawtooth, [0.0], [1.0]), expected, atol=1e-12)


def test_what_does_not_bend_has_one_piece():
    assert region_count(Network([3, 5, 5, 1], "identity", seed=1), [-1.0] * 3, [1.0] * 3) == 1
    off = Network([1, 4, 1], "relu", bias=-100.0)
    assert region_count(off, [-1.0], [1.0]) == 1
    point = [0.5]
    assert region_count(Network([1, 4, 1], seed=2), point, point) == 1


def test_an_end_on_a_kink_is_not_counted():
    hinge = Network.of([Dense([[1.0]], [0.0], "relu"), linear([[1.0]])])
    assert region_count(hinge, [0.0], [1.0]) == 1
    assert region_count(hinge, [-1.0], [0.0]) == 1
    assert breakpoints(hinge, [-1.0], [3.0]).tolist() == [0.25]


def test_units_that_bend_at_the_same_place_count_once():
    both = Network.of([Dense([[1.0, 3.0]], [-1.0, -3.0], "relu"), linear([[1.0], [1.0]])])
    assert breakpoints(both, [0.0], [2.0]).tolist() == [0.5]


def test_a_curved_activation_has_no_pieces():
    with pytest.raises(ValueError, match="tanh is curved: a network has countable pieces only"):
        region_count(Network([1, 2, 1], "tanh"), [0.0], [1.0])


def test_the_ends_must_be_inputs():
    with pytest.raises(ValueError, match=r"end has the shape \(1,\); an input .* has \(2,\)"):
        breakpoints(Network([2, 2, 1]), [0.0, 1.0], [1.0])
