"""Activations against PyTorch, against 50-digit arithmetic, and against odd inputs.

The oracle is PyTorch in float64, to 1e-12 relative, values and gradients. In their tails some of
PyTorch's formulas cancel (and its softplus becomes a straight line above 20); where the two
disagree, mpmath with 50 digits decides, to 1e-12 too. (PyTorch's gradient of celu is off by 5e-7
where alpha, such as 0.3, is not exact in float32: that is left to mpmath.) Two exceptions, both of
float64 itself:

- below 1e-300 results are only asked to be that small, because their factors underflow;
- where a derivative passes through zero (GELU, SiLU, mish, between -2 and 0), it is a difference of
  two numbers near 0.2, and right to 1e-15 absolute.
"""

import copy
import json
import math
import pickle
import subprocess
import sys
from fractions import Fraction

import hypothesis.extra.numpy as hnp
import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.mathtext import MathTextParser
from torch_twins import TORCH

from helpers import activations
from helpers.activations import (
    BLOCK,
    PRINTED,
    Activation,
    celu,
    elu,
    gelu,
    gelu_tanh,
    get,
    hardtanh,
    leaky_relu,
    mish,
    names,
    prelu,
    relu,
    relu6,
    rrelu,
    rrelu_training,
    selu,
    sigmoid,
    silu,
    softplus,
    step,
    tanh,
)

torch.set_num_threads(1)
quick = settings(derandomize=True, database=None, deadline=None, max_examples=40)

ALL = list(TORCH)
each = pytest.mark.parametrize("activation", ALL, ids=repr)
each_name = pytest.mark.parametrize("activation", [get(name) for name in names()], ids=repr)


def exact_gate(inner, inner_derivative):
    """Give value and derivative of z / (1 + e^-inner(z))."""

    def value(z):
        return z / (1 + mpmath.exp(-inner(z)))

    def derivative(z):
        power = mpmath.exp(-inner(z))
        return 1 / (1 + power) + z * inner_derivative(z) * power / (1 + power) ** 2

    return value, derivative


def exact_exponential(alpha, scale=1.0, stretch=1.0):
    """Give value and derivative of ELU and its relatives."""
    alpha, scale, stretch = mpmath.mpf(alpha), mpmath.mpf(scale), mpmath.mpf(stretch)
    return (
        lambda z: scale * (z if z > 0 else alpha * mpmath.expm1(z / stretch)),
        lambda z: scale * (1 if z > 0 else alpha / stretch * mpmath.exp(z / stretch)),
    )


def exact_gelu(z):
    return z * mpmath.erfc(-z / mpmath.sqrt(2)) / 2


def exact_gelu_derivative(z):
    return mpmath.erfc(-z / mpmath.sqrt(2)) / 2 + z * mpmath.npdf(z)


def exact_mish_derivative(z):
    softened = mpmath.log1p(mpmath.exp(z))
    return mpmath.tanh(softened) + z * mpmath.sech(softened) ** 2 / (1 + mpmath.exp(-z))


cubic = mpmath.mpf(0.044715)
EXACT = {
    sigmoid: (
        lambda z: 1 / (1 + mpmath.exp(-z)),
        lambda z: 1 / (2 + mpmath.exp(z) + mpmath.exp(-z)),
    ),
    tanh: (mpmath.tanh, lambda z: mpmath.sech(z) ** 2),
    elu(): exact_exponential(1),
    elu(2.5): exact_exponential(2.5),
    celu(): exact_exponential(1),
    celu(0.3): exact_exponential(0.3, stretch=0.3),
    celu(4): exact_exponential(4, stretch=4),
    selu: exact_exponential(activations.SELU_ALPHA, scale=activations.SELU_SCALE),
    softplus: (lambda z: mpmath.log1p(mpmath.exp(z)), lambda z: 1 / (1 + mpmath.exp(-z))),
    gelu: (exact_gelu, exact_gelu_derivative),
    gelu_tanh: exact_gate(
        lambda z: mpmath.sqrt(8 / mpmath.pi) * (z + cubic * z**3),
        lambda z: mpmath.sqrt(8 / mpmath.pi) * (1 + 3 * cubic * z**2),
    ),
    silu: exact_gate(lambda z: z, lambda z: 1),
    mish: (lambda z: z * mpmath.tanh(mpmath.log1p(mpmath.exp(z))), exact_mish_derivative),
}

kinks = [0.0, -0.0, 1.0, -1.0, 6.0, 20.0, -20.0, 5e-324, -5e-324, 1e-20, -1e-20, 1e4, -1e4]
numbers = st.one_of(
    st.sampled_from(kinks),
    st.floats(-2, 2),
    st.floats(-50, 50),
    st.floats(-800, 800),
    st.floats(-1e4, 1e4),
)
arrays = st.lists(numbers, min_size=1, max_size=20).map(np.array)


def torch_value_and_gradient(activation, z):
    tensor = torch.tensor(z, requires_grad=True)
    value = TORCH[activation](tensor)
    value.sum().backward()
    return value.detach().numpy(), tensor.grad.numpy()


def right_to_50_digits(activation, z, ours, derivative):
    """Whether `ours` is the function's value, or derivative, to 1e-12."""
    with mpmath.workdps(50):
        truth = EXACT[activation][derivative](mpmath.mpf(float(z)))
        error = abs(mpmath.mpf(float(ours)) - truth)
        near_a_zero = derivative and -2 < z < 0
        return error <= max(1e-12 * abs(truth), 1e-15 if near_a_zero else 1e-300)


# --- values and derivatives -----------------------------------------------------------------------


@each
@quick
@given(z=arrays)
def test_value_and_derivative_are_torchs_or_better(activation, z):
    for derivative, (ours, theirs) in enumerate(
        zip(
            (activation(z), activation.derivative(z)),
            torch_value_and_gradient(activation, z),
            strict=True,
        )
    ):
        for i in np.flatnonzero(~np.isclose(ours, theirs, rtol=1e-12, atol=0)):
            assert activation in EXACT, (z[i], ours[i], theirs[i])
            assert right_to_50_digits(activation, z[i], ours[i], derivative), (z[i], ours[i])


@pytest.mark.parametrize("activation", [a for a in ALL if a != celu(0.3)], ids=repr)
def test_torch_alone_agrees_where_it_is_accurate(activation):
    z = np.concatenate([np.linspace(-4, 8, 2401), [0.0, -0.0, 1, -1, 6]])
    value, gradient = torch_value_and_gradient(activation, z)
    np.testing.assert_allclose(activation(z), value, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(activation.derivative(z), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("activation", list(EXACT), ids=repr)
@settings(quick, max_examples=30)
@given(z=st.one_of(st.floats(-40, 40), st.floats(-760, 760)).filter(bool))
def test_value_and_derivative_to_50_digits(activation, z):
    assert right_to_50_digits(activation, z, activation(z), derivative=False)
    assert right_to_50_digits(activation, z, activation.derivative(z), derivative=True)


@each
def test_derivative_is_the_slope_of_the_curve(activation):
    z = np.linspace(-4.03, 8.01, 500)  # off the corners by more than the step
    nudge = 1e-5
    slope = (activation(z + nudge) - activation(z - nudge)) / (2 * nudge)
    np.testing.assert_allclose(activation.derivative(z), slope, rtol=1e-6, atol=1e-8)


@each
def test_float32_is_right_to_float32(activation):
    z = np.concatenate([np.linspace(-20, 20, 4001), [-80, 80, -1e4, 1e4]]).astype(np.float32)
    exact = z.astype(np.float64)
    for ours, truth in [
        (activation(z), activation(exact)),
        (activation.derivative(z), activation.derivative(exact)),
    ]:
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, truth, rtol=2e-5, atol=1e-6)


@each
def test_float16_is_rounded_once(activation):
    z = np.linspace(-12, 12, 999).astype(np.float16)
    np.testing.assert_array_equal(
        activation(z), activation(z.astype(np.float32)).astype(np.float16), strict=True
    )


def test_conventions_where_the_derivative_jumps():
    at_zero = {
        relu: 0,
        leaky_relu(0.2): 0.2,
        prelu(-0.5): -0.5,
        elu(): 1,
        elu(2.5): 2.5,
        celu(0.3): 1,
        relu6: 0,
        step: 0,
    }
    for activation, expected in at_zero.items():
        assert activation.derivative(0.0) == activation.derivative(-0.0) == expected, activation
    assert relu6.derivative(6.0) == 0
    assert hardtanh.derivative(1.0) == hardtanh.derivative(-1.0) == 0
    assert step(0.0) == step(-0.0) == 0


@quick
@given(z=hnp.arrays(hnp.floating_dtypes(sizes=(16, 32, 64)), hnp.array_shapes(min_dims=0)))
def test_relu_is_never_negative(z):
    a = relu(z)
    assert ((a >= 0) | np.isnan(z)).all()
    np.testing.assert_array_equal(a[z > 0], z[z > 0])


@pytest.mark.parametrize("activation", [relu, relu6, leaky_relu(), prelu(-1), elu(), celu(), selu])
@pytest.mark.parametrize("length", [1, 2, 3, 7, 16, 33])
def test_small_arrays_show_no_negative_zero(activation, length):
    for zero in (0.0, -0.0):
        assert not np.signbit(activation(np.full(length, zero))).any()


# --- parameters -----------------------------------------------------------------------------------


def torch_leaky(z, slope):
    return z.clamp(min=0) + slope * z.clamp(max=0)


def torch_elu(z, alpha):
    return z.clamp(min=0) + alpha * torch.expm1(z.clamp(max=0))


def torch_celu(z, alpha):
    return z.clamp(min=0) + alpha * torch.expm1(z.clamp(max=0) / alpha)


@pytest.mark.parametrize(
    ("make", "reference", "parameter"),
    [
        (leaky_relu, torch_leaky, 0.2),
        (prelu, torch_leaky, -0.7),
        (elu, torch_elu, 1.3),
        (celu, torch_celu, 0.6),
    ],
)
@quick
@given(z=arrays)
def test_parameter_derivative(make, reference, parameter, z):
    ours = make(parameter).parameter_derivative(z)
    tensor = torch.full(z.shape, parameter, dtype=torch.float64, requires_grad=True)
    reference(torch.tensor(z), tensor).sum().backward()
    np.testing.assert_allclose(ours, tensor.grad.numpy(), rtol=1e-12, atol=1e-15)
    nudge = 1e-6
    slope = (make(parameter + nudge)(z) - make(parameter - nudge)(z)) / (2 * nudge)
    np.testing.assert_allclose(ours, slope, rtol=1e-6, atol=1e-8)


def test_parameter_derivative_at_the_ends():
    ends = [-math.inf, math.inf]
    assert prelu().parameter_derivative(ends).tolist() == [-math.inf, 0]
    assert elu().parameter_derivative(ends).tolist() == [-1, 0]
    assert celu().parameter_derivative(ends).tolist() == [-1, 0]


@pytest.mark.parametrize("activation", [relu, sigmoid, rrelu()], ids=repr)
def test_without_a_parameter_there_is_no_derivative_by_it(activation):
    with pytest.raises(TypeError, match="has no parameter to differentiate by"):
        activation.parameter_derivative(1.0)


makers = pytest.mark.parametrize(
    ("make", "name", "lowest"),
    [
        (leaky_relu, "slope", 0),
        (prelu, "slope", None),
        (elu, "alpha", 0),
        (celu, "alpha", 0),
        (rrelu, "lower", 0),
        (rrelu, "upper", 0),
    ],
)


@makers
@pytest.mark.parametrize(
    "bad", [math.nan, math.inf, -math.inf, 10**400, np.float32("nan"), np.array([math.inf])]
)
def test_parameters_must_be_finite(make, name, lowest, bad):
    with pytest.raises(ValueError, match=f"{name} must be a finite number"):
        make(**{name: bad})


@makers
@pytest.mark.parametrize(
    "bad", [True, np.True_, "0.1", None, 1j, [], [0.1, 0.2], np.ones(2), relu, ["a"], b"1"]
)
def test_parameters_must_be_single_numbers(make, name, lowest, bad):
    with pytest.raises(TypeError, match=f"{name} must be a finite number.*got"):
        make(**{name: bad})


@makers
def test_parameters_have_a_lowest_value(make, name, lowest):
    if lowest is None:
        assert make(-1.0).slope == -1
    else:
        with pytest.raises(ValueError, match=rf"{name} must be .* 0, got -0\.1"):
            make(**{name: -0.1})


def test_lowest_values_themselves():
    assert leaky_relu(0) == leaky_relu(-0.0)
    assert elu(0)(-3.0) == 0
    with pytest.raises(ValueError, match="alpha must be a finite number above 0, got 0"):
        celu(0)
    with pytest.raises(ValueError, match="upper must be a finite number above 0"):
        rrelu(0, 0)
    with pytest.raises(ValueError, match=r"lower must not exceed upper, got lower=0\.5, upper=0.2"):
        rrelu(0.5, 0.2)


@pytest.mark.parametrize(
    "slope", [1, np.float32(1), np.int8(1), np.array(1.0), np.array([1.0]), Fraction(1), [1]]
)
def test_numbers_of_any_kind_are_slopes(slope):
    made = leaky_relu(slope)
    assert made == leaky_relu(1.0)
    assert type(made.slope) is float


@pytest.mark.parametrize("z", [np.linspace(-1, 1, 5), [-1.0, 2.0], -3.0])
def test_a_maker_given_pre_activations_says_what_to_write(z):
    with pytest.raises((TypeError, ValueError), match=r"write leaky_relu\(slope=0\.01\)\(z\)"):
        leaky_relu(z)


# --- randomised slopes ----------------------------------------------------------------------------


@quick
@given(
    z=hnp.arrays(
        hnp.floating_dtypes(sizes=(16, 32, 64), endianness="="),
        hnp.array_shapes(min_dims=0),
        elements=st.floats(-100, 100, width=16),
    )
)
def test_rrelu_training(z):
    before = z.copy()
    a, derivative = rrelu_training(z, np.random.default_rng(7), 0.2, 0.4)
    assert a.dtype == derivative.dtype == z.dtype
    assert a.shape == derivative.shape == z.shape
    on = z > 0
    assert (a[on] == z[on]).all()
    assert (derivative[on] == 1).all()
    nudge = np.finfo(z.dtype).eps
    assert (np.abs(derivative[~on] - 0.3) <= 0.1 + nudge).all()
    np.testing.assert_allclose(a[~on], derivative[~on] * z[~on], rtol=1e-3)
    np.testing.assert_array_equal(z, before)


def test_rrelu_training_draws_the_slopes_from_the_generator_given():
    z = -np.ones(20_000)
    _, slopes = rrelu_training(z, np.random.default_rng(0))
    _, again = rrelu_training(z, np.random.default_rng(0))
    np.testing.assert_array_equal(slopes, again)
    assert slopes.min() >= 1 / 8
    assert slopes.max() <= 1 / 3
    assert slopes.mean() == pytest.approx(rrelu().slope, abs=1e-3)
    rng_positive, rng_negative = np.random.default_rng(1), np.random.default_rng(1)
    rrelu_training(z, rng_negative)
    rrelu_training(-z, rng_positive)
    assert rng_positive.random() == rng_negative.random()


def test_rrelu_training_at_the_ends_and_of_numbers():
    rng = np.random.default_rng(0)
    a, derivative = rrelu_training([-math.inf, math.inf, math.nan], rng)
    assert a[:2].tolist() == [-math.inf, math.inf]
    assert derivative[1] == 1
    assert np.isnan([a[2], derivative[2]]).all()
    assert [type(part) for part in rrelu_training(-1, rng)] == [float, float]
    assert [type(part) for part in rrelu_training(np.float32(1), rng)] == [np.float32] * 2
    with pytest.raises(TypeError, match="rng must be a NumPy Generator"):
        rrelu_training([1.0], 0)


# --- types, shapes, memory ------------------------------------------------------------------------


@each_name
@settings(quick, max_examples=15)
@given(
    z=hnp.arrays(
        hnp.floating_dtypes(sizes=(16, 32, 64)),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    reverse=st.booleans(),
)
def test_type_and_shape_stay_and_the_input_too(activation, z, reverse):
    if reverse:
        z = z.T[..., ::-1] if z.ndim else z
    before = z.copy()
    functions = [activation, activation.derivative]
    if activation.parameter_derivative_function:
        functions.append(activation.parameter_derivative)
    for function in functions:
        a = function(z)
        assert type(a) is np.ndarray
        assert a.dtype == z.dtype.newbyteorder("=")
        assert a.shape == z.shape
        assert not np.shares_memory(a, z)
        np.testing.assert_array_equal(np.isnan(a), np.isnan(z))
        z.flags.writeable = True
        np.testing.assert_array_equal(z, before)


@each_name
@pytest.mark.parametrize(
    ("z", "expected"),
    [
        (1, float),
        (1.5, float),
        (True, float),
        (np.float32(1), np.float32),
        (np.float16(1), np.float16),
        (np.int64(1), np.float64),
        (np.True_, np.float64),
    ],
)
def test_single_numbers(activation, z, expected):
    assert type(activation(z)) is expected
    assert type(activation.derivative(z)) is expected
    assert activation(z) == pytest.approx(activation(np.array([float(z)]))[0], rel=2e-3)


@pytest.mark.parametrize(
    "z",
    [
        [-1, 2],
        (-1, 2),
        [True, False],
        np.array([-3, 3], np.int8),
        np.array([0, 255], np.uint8),
        range(-2, 3),
        [[1, -2], [3, -4]],
        [np.float64(1), 2],
    ],
)
def test_integers_and_lists_become_float64(z):
    assert relu(z).dtype == np.float64
    np.testing.assert_array_equal(relu(z), np.maximum(np.asarray(z, float), 0))


@each_name
@pytest.mark.parametrize("order", ["C", "F", "strided"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_arrays_are_treated_like_small_ones(activation, order, dtype):
    z = np.random.default_rng(0).normal(size=(2, BLOCK // 2 + 17), scale=3).astype(dtype)
    z[0, :4] = [-0.0, math.inf, -math.inf, math.nan]
    large = {"C": z, "F": np.asfortranarray(z), "strided": np.repeat(z, 2, axis=1)[:, ::2]}[order]
    columns = np.array_split(z, z.size // PRINTED, axis=1)
    pieces = np.concatenate([activation(column) for column in columns], axis=1)
    np.testing.assert_array_equal(activation(large), pieces)


@pytest.mark.parametrize(
    "bad",
    [
        1j,
        "1",
        b"1",
        None,
        object(),
        {1, 2},
        ["a"],
        [1, None],
        [[1, 2], [3]],
        np.array([1j]),
        np.array(["2020-01-01"], "datetime64[D]"),
        np.array([Fraction(1)]),
        np.zeros(2, [("a", float)]),
        10**400,
    ],
    ids=lambda bad: type(bad).__name__,
)
def test_what_is_not_a_real_number_is_refused(bad):
    for function in (relu, relu.derivative, lambda z: rrelu_training(z, np.random.default_rng(0))):
        with pytest.raises(TypeError, match="must be"):
            function(bad)


def test_longdouble_is_refused_where_it_is_longer():
    if np.dtype(np.longdouble).itemsize > 8:
        with pytest.raises(TypeError, match="must be real numbers"):
            relu(np.ones(1, np.longdouble))


@pytest.mark.parametrize("tensor", [torch.ones(2), torch.nn.Parameter(torch.ones(2))])
def test_tensors_are_referred_to_torch(tensor):
    with pytest.raises(TypeError, match=r"torch\.nn\.functional"):
        relu(tensor)


def test_masked_arrays_are_refused_rather_than_unmasked():
    with pytest.raises(TypeError, match="mask would be lost"):
        relu(np.ma.masked_array([1.0, -1.0], [True, False]))


# --- stability ------------------------------------------------------------------------------------


@each
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_no_warning_from_the_smallest_to_the_largest_number(activation, dtype):
    facts = np.finfo(dtype)
    top = math.log10(float(facts.max)) - 0.01
    sizes = np.logspace(math.log10(float(facts.tiny)), top, 400)
    sizes = np.concatenate([sizes, [float(facts.smallest_subnormal), float(facts.max), math.inf]])
    z = np.concatenate([sizes, -sizes, [0.0, -0.0]]).astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        value, derivative = activation(z), activation.derivative(z)
        if activation.parameter_derivative_function:
            assert not np.isnan(activation.parameter_derivative(z)).any()
    low, high = activation.range
    slack = 4 * float(facts.eps)
    assert (value >= low - slack * abs(low)).all() if math.isfinite(low) else True
    assert (value <= high).all()
    assert not np.isnan(value).any()
    assert np.isfinite(derivative).all()


@each
def test_limits(activation):
    at_minus_inf, at_inf = activation([-math.inf, math.inf])
    far_below, far_above = activation([-1e300, 1e300])
    assert at_minus_inf == pytest.approx(
        far_below if abs(far_below) < 1e9 else far_below * math.inf
    )
    assert at_inf == pytest.approx(far_above if far_above < 1e9 else math.inf)
    np.testing.assert_array_equal(
        activation.derivative([-math.inf, math.inf]), activation.derivative([-1e300, 1e300])
    )


@pytest.mark.parametrize("activation", [gelu, gelu_tanh, silu, mish, softplus, relu, sigmoid])
def test_limits_below_are_zero(activation):
    assert activation(-math.inf) == activation.derivative(-math.inf) == 0


@pytest.mark.parametrize("activation", [gelu, gelu_tanh, silu, mish, softplus, relu, elu()])
def test_limits_above_are_the_straight_line(activation):
    assert activation(math.inf) == math.inf
    assert activation.derivative(math.inf) == 1


# --- facts ----------------------------------------------------------------------------------------


@each
def test_facts(activation):
    facts = {
        "formula": activation.formula,
        "reading": activation.reading,
        "year": activation.year,
        "source": activation.source,
        "range": activation.range,
        "slope": activation.slope,
        "parameters": dict(activation.parameters),
    }
    assert json.loads(json.dumps(facts))["formula"]
    MathTextParser("path").parse(f"${activation.formula}$")
    assert activation.reading.endswith(".")
    assert f"({activation.year})" in activation.source
    assert "https://" in activation.source
    assert activation.reading in activation.__doc__
    assert 1943 <= activation.year <= 2019


@each
def test_range_is_the_range(activation):
    z = np.concatenate([np.linspace(-30, 30, 60_001), [-1e8, 1e8]])
    low, high = activation.range
    values = activation(z)
    assert low <= values.min()
    assert values.max() <= high
    assert values.min() == (pytest.approx(low, abs=1e-6) if low > -math.inf else values[-2])
    assert values.max() == (pytest.approx(high, abs=1e-6) if high < math.inf else values.max())


@each
def test_slope_is_the_slope_of_the_negative_side(activation):
    z = np.array([-1e4, -50.0, -1.5, -1.0, -0.5, -1e-3])
    if activation.slope is None:
        assert np.ptp(activation.derivative(z)) > 0.1
    else:
        np.testing.assert_allclose(activation(z), activation.slope * z, rtol=1e-15, atol=0)


@each
def test_formula_of_the_makers_is_python_too(activation):
    """``repr`` is what one would type, and what pickle and copy come back to."""
    assert eval(repr(activation), vars(activations)) == activation
    assert pickle.loads(pickle.dumps(activation)) == activation
    assert copy.deepcopy(activation) == activation
    assert hash(copy.copy(activation)) == hash(activation)


def test_repr_and_equality():
    assert repr(leaky_relu(slope=0.2)) == "leaky_relu(slope=0.2)"
    assert repr(relu) == "relu"
    assert leaky_relu(0.2) != leaky_relu(0.3)
    assert leaky_relu(0.25) != prelu(0.25)
    assert relu != "relu"


def test_activations_are_read_only():
    made = leaky_relu(0.2)
    with pytest.raises(AttributeError):
        made.slope = 1
    with pytest.raises(TypeError):
        made.parameters["slope"] = 1


# --- by name --------------------------------------------------------------------------------------


def test_every_name_gives_an_activation_of_that_name():
    assert len(names()) == 18
    for name in names():
        assert isinstance(get(name), Activation)
        assert get(name).name == name
    assert set(names()) <= set(activations.__all__)


def test_get_with_parameters():
    assert get("leaky_relu", slope=0.2) == leaky_relu(0.2)
    assert get("rrelu", lower=0.1, upper=0.2) == rrelu(0.1, 0.2)
    assert get("gelu") is get("gelu", approximate="none") is gelu
    assert get("gelu", approximate="tanh") is gelu_tanh


@pytest.mark.parametrize(
    ("name", "near"), [("leakyrelu", "leaky_relu"), ("LeakyReLU", "leaky_relu"), ("geLU", "gelu")]
)
def test_an_unknown_name_lists_the_near_ones(name, near):
    with pytest.raises(ValueError, match=f"no activation is called '{name}'; near: .*{near}"):
        get(name)


@pytest.mark.parametrize("name", ["", "xyz", "0"])
def test_a_name_near_nothing_lists_them_all(name):
    with pytest.raises(ValueError, match=r"no activation is called '.*'; all: identity, .*relu6"):
        get(name)


@pytest.mark.parametrize("name", [None, 1, relu, leaky_relu, ["relu"]])
def test_a_name_is_a_string(name):
    with pytest.raises(TypeError, match="name must be a string"):
        get(name)


def test_get_refuses_unknown_parameters():
    with pytest.raises(TypeError, match="relu does not take slope; it takes no parameters"):
        get("relu", slope=0.1)
    with pytest.raises(TypeError, match="leaky_relu does not take alpha; it takes slope"):
        get("leaky_relu", alpha=0.1)
    with pytest.raises(ValueError, match="approximate must be 'none' or 'tanh', got 'x'"):
        get("gelu", approximate="x")
    with pytest.raises(ValueError, match="slope must be"):
        get("leaky_relu", slope=-1)


# --- what it loads --------------------------------------------------------------------------------


def test_only_gelu_loads_scipy_and_nothing_loads_torch():
    script = """
import sys
from helpers import activations
for name in activations.names():
    if name != "gelu":
        activations.get(name)([-1.0, 1.0]), activations.get(name).derivative([-1.0, 1.0])
print([name for name in ("scipy", "torch", "matplotlib") if name in sys.modules])
activations.gelu(1.0)
print([name for name in ("scipy", "torch", "matplotlib") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["[]", "['scipy']"]
