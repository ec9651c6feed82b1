"""The words for units, by hand, in both libraries, and against plain loops."""

import math
import subprocess
import sys

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.units import (
    active_share,
    always_negative,
    always_off,
    blocked,
    dead,
    dormancy,
    dormant,
    near_dead,
    saturated,
    sparsity,
    stuck,
)

torch.set_num_threads(1)
quick = settings(derandomize=True, database=None, deadline=None, max_examples=60)

OF_Z = [always_off, active_share, near_dead, saturated, dormancy, dormant, sparsity]
OF_Z_AND_DERIVATIVE = [dead, always_negative]
nan, inf = math.nan, math.inf

as_array = np.array


def as_parameter(values):
    return torch.tensor(np.asarray(values, float), requires_grad=True)


both = pytest.mark.parametrize("library", [as_array, as_parameter])


def listed(result):
    return result.tolist()


# --- by hand --------------------------------------------------------------------------------------


Z = [[-1.0, 2.0, -3.0, 0.0], [-2.0, -1.0, 0.0, -0.0], [-1.0, -1.0, 1e-30, -inf]]


@both
def test_always_off(library):
    assert listed(always_off(library(Z))) == [True, False, False, True]


@both
def test_dead_and_always_negative_split_the_off_units(library):
    z = library(Z)
    relu = library(np.where(np.array(Z) > 0, 1.0, 0.0))
    leaky = library(np.where(np.array(Z) > 0, 1.0, 0.01))
    assert listed(dead(z, relu)) == [True, False, False, True]
    assert listed(always_negative(z, relu)) == [False] * 4
    assert listed(dead(z, leaky)) == [False] * 4
    assert listed(always_negative(z, leaky)) == [True, False, False, True]


@both
def test_a_single_example_with_gradient_keeps_a_unit_from_being_dead(library):
    z, derivative = library([[-1.0], [-2.0]]), library([[0.0], [-1e-300]])
    assert listed(dead(z, derivative)) == [False]
    assert listed(always_negative(z, derivative)) == [True]


@both
def test_stuck_and_blocked(library):
    gradient = library([[0.0, 0.1, 0.0], [-0.0, 0.0, 0.0]])
    z = library([[1.0, 1.0, -1.0], [1.0, 1.0, 0.0]])
    assert listed(stuck(gradient)) == [True, False, True]
    assert listed(blocked(z, gradient)) == [True, False, False]
    assert listed(stuck(gradient, axis=0)) == [False, True]
    turned = library([[0.0, 0.0], [0.1, 0.0], [0.0, 0.0]])
    assert listed(blocked(z, turned, gradient_axis=0)) == [True, False, False]


@both
def test_shares(library):
    z = library(Z)
    np.testing.assert_allclose(listed(active_share(z)), [0, 1 / 3, 1 / 3, 0])
    assert listed(near_dead(z)) == [True, False, False, True]
    assert listed(near_dead(z, eps=0.34)) == [True] * 4
    np.testing.assert_allclose(listed(sparsity(z)), [0, 0, 1 / 3, 2 / 3])


@both
@pytest.mark.parametrize(("n", "count", "eps"), [(100, 7, 0.07), (10, 3, 0.3), (3, 1, 1 / 3)])
def test_exactly_the_share_is_not_fewer(library, n, count, eps):
    z = np.where(np.arange(n)[:, None] < [count, count - 1], 1.0, -1.0)
    assert listed(near_dead(library(z), eps)) == [False, True]
    derivative = np.where(z > 0, 0.0, 1.0)
    assert listed(saturated(library(derivative), share=eps)) == [True, False]


@both
def test_saturated(library):
    derivative = library([[0.001, 0.5, -0.001], [0.0, 0.001, 0.02]])
    assert listed(saturated(derivative)) == [True, False, False]
    assert listed(saturated(derivative, share=0.5)) == [True, True, True]
    assert listed(saturated(derivative, eps=0.1)) == [True, False, True]
    assert listed(saturated(library([[0.01], [0.01]]))) == [False]


@both
def test_dormancy(library):
    a = library([[0.0, 1.0, -4.0, 0.1], [0.0, -1.0, 0.0, 0.0]])
    scores = np.array([0, 1, 2, 0.05]) / (3.05 / 4)
    np.testing.assert_allclose(listed(dormancy(a)), scores)
    assert listed(dormant(a)) == [True, False, False, False]
    assert listed(dormant(a, tau=0.1)) == [True, False, False, True]


@both
def test_in_a_silent_layer_all_are_dormant(library):
    assert listed(dormancy(library(np.zeros((3, 2))))) == [0, 0]
    assert listed(dormant(library(np.zeros((3, 2))))) == [True, True]


@both
@pytest.mark.parametrize("scale", [1e-320, 1e-300, 1, 1e300])
def test_dormancy_is_free_of_scale(library, scale):
    a = np.array([[1.0, 3.0], [1.0, 3.0]]) * scale
    np.testing.assert_allclose(listed(dormancy(library(a))), [0.5, 1.5], rtol=1e-3)


# --- axes and positions ---------------------------------------------------------------------------


@both
def test_an_example_is_active_if_it_is_at_one_position(library):
    z = np.full((4, 3, 5, 2), -1.0)  # examples, height, width, channels
    z[0, 1, 2, 0] = z[0, 0, 0, 0] = 1.0
    assert listed(always_off(library(z))) == [False, True]
    np.testing.assert_allclose(listed(active_share(library(z))), [0.25, 0])
    assert listed(near_dead(library(z), eps=0.25)) == [False, True]
    flat = np.where(z > 0, 1.0, 0.0)
    assert listed(saturated(library(flat), share=1)) == [False, True]
    assert listed(saturated(library(flat), share=0.75)) == [True, True]
    np.testing.assert_allclose(listed(sparsity(library(flat))), [58 / 60, 1])


@quick
@given(
    z=hnp.arrays(
        np.float64, hnp.array_shapes(min_dims=3, max_dims=4, max_side=4), elements=st.floats(-2, 2)
    ),
    data=st.data(),
)
def test_any_axis_may_hold_the_units(z, data):
    axis = data.draw(st.integers(1, z.ndim - 1))
    moved = np.moveaxis(z, -1, axis)
    for function in OF_Z:
        expected = function(z)
        np.testing.assert_allclose(function(moved, axis=axis), expected)
        np.testing.assert_allclose(function(moved, axis=axis - z.ndim), expected)
        np.testing.assert_allclose(function(moved, axis=np.int64(axis)), expected)
        np.testing.assert_allclose(function(torch.tensor(moved), axis=axis), expected, rtol=1e-6)
    for function in OF_Z_AND_DERIVATIVE:
        np.testing.assert_array_equal(
            function(moved, np.sign(moved), axis=axis), function(z, np.sign(z))
        )


# --- against plain loops, in both libraries -------------------------------------------------------


def loop_over_units(z, derivative, gradient):
    """Say each definition again, for one unit at a time, in plain Python."""
    means = [sum(abs(float(v)) for v in column) / len(column) for column in z.T]
    layer = sum(means) / len(means)
    for j, column in enumerate(z.T):
        slopes = derivative[:, j]
        off = all(v <= 0 for v in column)
        no_gradient = all(g == 0 for g in gradient[:, j])
        yield {
            "always_off": off,
            "dead": off and all(s == 0 for s in slopes),
            "always_negative": off and any(s != 0 for s in slopes),
            "stuck": no_gradient,
            "blocked": no_gradient and not off,
            "active_share": sum(v > 0 for v in column) / len(column),
            "near_dead": sum(v > 0 for v in column) / len(column) < 0.4,
            "saturated": sum(abs(s) < 0.3 for s in slopes) / len(column) >= 0.5,
            "dormancy": means[j] / layer if layer else 0.0,
            "sparsity": sum(v == 0 for v in column) / len(column),
        }


few = st.sampled_from([-2.0, -1.0, -0.25, -0.0, 0.0, 0.25, 1.0, 3.0])
shapes = st.tuples(st.integers(1, 6), st.integers(1, 5))


@quick
@given(data=st.data(), shape=shapes, fan_in=st.integers(1, 3))
def test_both_libraries_agree_with_plain_loops(data, shape, fan_in):
    z = data.draw(hnp.arrays(np.float64, shape, elements=few))
    derivative = data.draw(hnp.arrays(np.float64, shape, elements=few))
    gradient = data.draw(hnp.arrays(np.float64, (fan_in, shape[1]), elements=few))
    units = list(loop_over_units(z, derivative, gradient))
    for library in (as_array, as_parameter):
        t, d, g = library(z), library(derivative), library(gradient)
        results = {
            "always_off": always_off(t),
            "dead": dead(t, d),
            "always_negative": always_negative(t, d),
            "stuck": stuck(g),
            "blocked": blocked(t, g),
            "active_share": active_share(t),
            "near_dead": near_dead(t, eps=0.4),
            "saturated": saturated(d, eps=0.3, share=0.5),
            "dormancy": dormancy(t),
            "sparsity": sparsity(t),
        }
        for name, result in results.items():
            expected = [unit[name] for unit in units]
            np.testing.assert_allclose(listed(result), expected, rtol=1e-6, err_msg=name)
    off = always_off(z)
    np.testing.assert_array_equal(off, dead(z, derivative) | always_negative(z, derivative))
    assert not (dead(z, derivative) & always_negative(z, derivative)).any()
    assert (off <= near_dead(z)).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensor_types(dtype):
    z = torch.tensor(Z, dtype=dtype, requires_grad=True)
    for function in OF_Z:
        result = function(z)
        assert isinstance(result, torch.Tensor)
        assert not result.requires_grad
        assert result.device == z.device
    # 1e-30 is not a float16
    assert listed(always_off(z)) == [True, False, dtype == torch.float16, True]
    a = z.detach().clamp(min=-9)
    np.testing.assert_allclose(
        listed(dormancy(a).double()), dormancy(a.double().numpy()), rtol=1e-2, atol=1e-6
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8, np.int64])
def test_array_types(dtype):
    z = np.array([[-128, 2], [-127, -1]]).astype(dtype)
    for values in (z, torch.tensor(z)):
        assert listed(always_off(values)) == [True, False]
        assert listed(always_negative(values, values)) == [True, False]
        assert listed(saturated(values)) == [False, False]
        np.testing.assert_allclose(listed(dormancy(values)), [255 / 129, 3 / 129], rtol=1e-3)
    assert isinstance(always_off(z), np.ndarray)


def test_half_precision_neither_overflows_nor_loses_eps():
    a = np.full((1000, 2), 60_000, np.float16)
    assert listed(dormancy(a)) == [1, 1]
    assert listed(dormancy(torch.tensor(a))) == [1, 1]
    flat = np.zeros((2, 1), np.float16)
    assert listed(saturated(flat, eps=1e-9)) == listed(saturated(torch.tensor(flat), eps=1e-9))
    assert listed(saturated(flat, eps=1e-9)) == [True]


def test_inputs_are_not_changed():
    z = np.array([[nan, 1.0], [-1.0, 2.0]])
    tensor = torch.tensor(z)
    for function in OF_Z:
        function(z)
        function(tensor)
    np.testing.assert_array_equal(z, [[nan, 1.0], [-1.0, 2.0]])
    np.testing.assert_array_equal(tensor.numpy(), z)


# --- nan and inf ----------------------------------------------------------------------------------


@both
def test_nan_is_never_evidence(library):
    z = library([[nan, -1.0], [-1.0, -1.0]])
    none, zeros = library([[nan, nan], [nan, 0.0]]), library(np.zeros((2, 2)))
    assert listed(always_off(z)) == [False, True]
    assert listed(dead(z, zeros)) == [False, True]
    assert listed(dead(z, none)) == [False, False]
    assert listed(always_negative(z, none)) == [False, False]
    assert listed(stuck(none)) == [False, False]
    assert listed(blocked(z, zeros)) == [False, False]
    assert listed(near_dead(z, eps=1.0)) == [False, True]
    assert listed(saturated(none)) == [False, False]
    assert listed(dormant(z, tau=9)) == [False, False]
    np.testing.assert_array_equal(listed(active_share(z)), [nan, 0])
    np.testing.assert_array_equal(listed(sparsity(z)), [nan, 0])


@both
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_one_value_that_is_not_finite_leaves_no_dormancy(library, value):
    assert np.isnan(listed(dormancy(library([[value, 1.0], [0.0, 1.0]])))).all()
    assert listed(dormant(library([[value, 1.0], [0.0, 1.0]]), tau=5)) == [False, False]


@both
def test_infinite_pre_activations_have_a_sign(library):
    assert listed(always_off(library([[-inf, inf]]))) == [True, False]
    assert listed(active_share(library([[-inf, inf]]))) == [0, 1]


# --- what is refused ------------------------------------------------------------------------------


takes_one = pytest.mark.parametrize("function", [*OF_Z, stuck])


@takes_one
@pytest.mark.parametrize("values", [[1.0, 2.0], 1.0, np.float32(1), torch.ones(3), []], ids=repr)
def test_too_few_axes(function, values):
    with pytest.raises(ValueError, match="must have shape"):
        function(values)


@takes_one
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (2, 0, 3)])
def test_empty(function, shape):
    for values in (np.ones(shape), torch.ones(shape)):
        with pytest.raises(ValueError, match="is empty, shape"):
            function(values)


@takes_one
@pytest.mark.parametrize(
    "values",
    [
        [[True, False]],
        torch.ones(2, 2, dtype=torch.bool),
        torch.ones(2, 2, dtype=torch.complex64),
        [["a"]],
        [[1j]],
        [[None]],
        None,
        np.array([["2020-01-01"]], "datetime64[D]"),
    ],
    ids=repr,
)
def test_not_numbers(function, values):
    with pytest.raises(TypeError, match="must hold real numbers"):
        function(values)


@takes_one
def test_masked(function):
    with pytest.raises(TypeError, match="mask would be lost"):
        function(np.ma.masked_array([[1.0, -1.0]], [[True, False]]))


@takes_one
def test_ragged(function):
    with pytest.raises(TypeError, match="rectangular"):
        function([[1.0, 2.0], [3.0]])


@takes_one
@pytest.mark.parametrize("axis", [2, -3, 1.0, None, True, "units"])
def test_wrong_axis(function, axis):
    with pytest.raises(ValueError, match="axis must be a whole number from -2 to 1"):
        function(np.ones((2, 2)), axis=axis)


@pytest.mark.parametrize("function", OF_Z)
@pytest.mark.parametrize("axis", [0, -2])
def test_the_first_axis_is_the_probes(function, axis):
    with pytest.raises(ValueError, match="counts the probe's examples"):
        function(np.ones((2, 2)), axis=axis)


@pytest.mark.parametrize("function", OF_Z_AND_DERIVATIVE)
def test_two_that_do_not_match(function):
    with pytest.raises(ValueError, match=r"same shape, got \(2, 3\) and \(2, 2\)"):
        function(np.ones((2, 3)), np.ones((2, 2)))
    with pytest.raises(TypeError, match="one library, got ndarray and Tensor"):
        function(np.ones((2, 2)), torch.ones(2, 2))


def test_blocked_needs_as_many_gradients_as_units():
    with pytest.raises(ValueError, match="z has 3 units and gradient has 2"):
        blocked(np.ones((4, 3)), np.ones((5, 2)))
    with pytest.raises(TypeError, match="one library"):
        blocked(torch.ones(4, 3), np.ones((5, 3)))


wrong_shares = pytest.mark.parametrize("share", [0, -0.1, 1.1, nan, inf, None, "0.1", True, [0.1]])


@wrong_shares
def test_shares_are_shares(share):
    values = np.ones((2, 2))
    with pytest.raises(ValueError, match="eps must be a number above 0 and at most 1"):
        near_dead(values, eps=share)
    with pytest.raises(ValueError, match="eps must be a number above 0 and at most 1"):
        saturated(values, eps=share)
    with pytest.raises(ValueError, match="share must be a number above 0 and at most 1"):
        saturated(values, share=share)


@pytest.mark.parametrize("tau", [-0.1, nan, inf, None, "0", True])
def test_tau_is_a_number(tau):
    with pytest.raises(ValueError, match="tau must be a finite number of at least 0"):
        dormant(np.ones((2, 2)), tau=tau)


# --- a network in torch ---------------------------------------------------------------------------


def test_in_a_network_dead_units_are_stuck_and_cut_ones_blocked():
    torch.manual_seed(0)
    first, second, third = torch.nn.Linear(3, 5), torch.nn.Linear(5, 4), torch.nn.Linear(4, 1)
    with torch.no_grad():
        first.bias[0] = -100  # dead
        second.weight[:, 1] = 0  # nothing leads on from unit 1 of the first layer
        first.bias[1] = 100
    z = first(torch.randn(50, 3))
    derivative = (z > 0).float()
    third(torch.relu(second(torch.relu(z)))).square().mean().backward()
    gradient = first.weight.grad
    is_dead, is_stuck = dead(z, derivative), stuck(gradient, axis=0)
    assert is_dead[0]
    assert (is_dead <= is_stuck).all()
    assert listed(blocked(z, gradient, gradient_axis=0))[:2] == [False, True]


def test_torch_is_never_imported():
    script = "import sys, helpers.units as u; u.dormant([[1.0]]); print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
