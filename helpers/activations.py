"""Activation functions, each once: value, derivative, range, formula and source.

An activation turns a neuron's pre-activation ``z = x @ w + b`` into its output ``a``. Here each is
one object. Call it for the value, ask it for its derivative and its facts:

>>> relu([-2.0, 0.0, 3.0])
array([0., 0., 3.])
>>> relu.derivative([-2.0, 0.0, 3.0])
array([0., 0., 1.])

Those with a parameter are made by a function first:

>>> leaky_relu(slope=0.2)([-2.0, 0.0, 3.0])
array([-0.4,  0. ,  3. ])

What holds for all of them:

- float16, float32 and float64 keep their type; integers, bools and lists of them become float64.
  A Python number gives a Python number back.
- The input is never changed, and the output never shares memory with it.
- nan gives nan, for the value and for the derivative. At ±inf both are the limits.
- Where a derivative jumps, the course takes the value that PyTorch takes: 0 at 0 for `relu`, the
  slope at 0 for `leaky_relu`, 0 at both corners of `relu6` and `hardtanh`.
- A result too large for its type is inf, without a warning, as in PyTorch.

Only `gelu` needs SciPy, and loads it when it is first called.
"""

import difflib
import functools
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "Activation",
    "celu",
    "elu",
    "gelu",
    "gelu_tanh",
    "get",
    "hardtanh",
    "identity",
    "leaky_relu",
    "mish",
    "names",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "rrelu_training",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "step",
    "tanh",
]

# NumPy prints arrays up to this size in full.
PRINTED = 1_000
# Larger arrays are worked through in pieces, so that what one NumPy call writes is still in the
# processor's cache when the next one reads it. Sizes found by `make bench`.
ROW = 16_384
BLOCK = 65_536


@dataclass(frozen=True, repr=False)
class Activation:
    r"""An activation function and what is known about it.

    Use the objects and functions of this module, or `get`, rather than making one yourself.
    Two activations are equal when their names and parameters are.

    Attributes
    ----------
    name : str
        The name by which `get` finds it.
    formula : str
        LaTeX, in `z`; simple enough for Matplotlib's own LaTeX too.
    reading : str
        The formula read aloud, in one sentence.
    year : int
        Year of `source`.
    source : str
        Authors, year and link of the paper that introduced the function, or made it common.
    range : tuple of float
        The largest lower bound and the smallest upper bound of the values.
    slope : float or None
        Slope of the negative side: 0 for ReLU, 1 for the identity; None where the negative side is
        not one straight line.
    parameters : mapping of str to float
        The parameters it was made with, read-only; empty if it has none.
    value_function, derivative_function, parameter_derivative_function : callable
        What does the work, on arrays of float32 or float64; the last is None where there is no
        parameter to differentiate by. Call the object and its methods instead.

    Examples
    --------
    >>> relu
    relu
    >>> relu.formula, relu.range, relu.slope
    ('\\max(0, z)', (0.0, inf), 0.0)
    >>> leaky_relu(slope=0.2)
    leaky_relu(slope=0.2)
    """

    name: str
    formula: str = field(compare=False)
    reading: str = field(compare=False)
    year: int = field(compare=False)
    source: str = field(compare=False)
    range: tuple[float, float] = field(compare=False)
    slope: float | None = field(compare=False)
    value_function: Callable[[np.ndarray], np.ndarray] = field(compare=False)
    derivative_function: Callable[[np.ndarray], np.ndarray] = field(compare=False)
    parameter_derivative_function: Callable[[np.ndarray], np.ndarray] | None = field(
        default=None, compare=False
    )
    parameters: Mapping[str, float] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Make the parameters read-only, and give `relu?` something to say in a notebook."""
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))
        object.__setattr__(self, "__doc__", f"{self.reading}\n\n{self.formula}\n\n{self.source}")

    def __call__(self, z: ArrayLike, /) -> Any:
        """Apply the activation, element by element.

        Parameters
        ----------
        z : array_like
            Pre-activations, of any shape.

        Returns
        -------
        ndarray or float
            Same shape as `z`. A Python number gives a float, a NumPy scalar a NumPy scalar.

        Raises
        ------
        TypeError
            If `z` does not hold real numbers.

        Examples
        --------
        >>> relu(-3)
        0.0
        """
        return _evaluate(self.value_function, z)

    def derivative(self, z: ArrayLike, /) -> Any:
        """Differentiate with respect to `z`, element by element.

        Parameters
        ----------
        z : array_like
            Pre-activations, of any shape.

        Returns
        -------
        ndarray or float
            Same shape as `z`.

        Raises
        ------
        TypeError
            If `z` does not hold real numbers.

        Examples
        --------
        >>> leaky_relu(slope=0.2).derivative([-1.0, 0.0, 1.0])
        array([0.2, 0.2, 1. ])
        """
        return _evaluate(self.derivative_function, z)

    def parameter_derivative(self, z: ArrayLike, /) -> Any:
        """Differentiate with respect to the activation's own parameter, element by element.

        PReLU learns its slope with it.

        Parameters
        ----------
        z : array_like
            Pre-activations, of any shape.

        Returns
        -------
        ndarray or float
            Same shape as `z`.

        Raises
        ------
        TypeError
            If the activation has no such parameter, or `z` does not hold real numbers.

        Examples
        --------
        >>> prelu(slope=0.25).parameter_derivative([-2.0, 0.0, 3.0])
        array([-2.,  0.,  0.])
        """
        if self.parameter_derivative_function is None:
            raise TypeError(
                f"{self!r} has no parameter to differentiate by; "
                "leaky_relu and prelu (slope), elu and celu (alpha) have one"
            )
        return _evaluate(self.parameter_derivative_function, z)

    def __repr__(self) -> str:
        """Write it as it would be made, such as ``leaky_relu(slope=0.2)``."""
        if not self.parameters:
            return self.name
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.name}({arguments})"

    def __reduce__(self) -> tuple[Callable[[], "Activation"], tuple[()]]:
        """Pickle and copy by name: a read-only mapping cannot be pickled, a name can."""
        return functools.partial(get, self.name, **self.parameters), ()


# --- numbers in, numbers out ----------------------------------------------------------------------

_USUAL = (np.dtype(np.float64), np.dtype(np.float32))


def _evaluate(function: Callable[[np.ndarray], np.ndarray], z: ArrayLike) -> Any:
    """Apply a function of float arrays to whatever the caller gave."""
    if type(z) is np.ndarray and z.dtype in _USUAL:
        return np.asarray(function(z))  # a 0-d array stays one
    values = _as_floats(z)
    # Half precision is worked in single precision and rounded once, at the end.
    work = values.astype(np.float32) if values.dtype == np.float16 else values
    with np.errstate(over="ignore", under="ignore"):
        result = np.asarray(function(work), dtype=values.dtype)
    return _like(z, result)


# For functions that may leave the range of their type: inf is then the right result.
_quietly = np.errstate(over="ignore")


def _as_floats(z: ArrayLike) -> np.ndarray:
    """Return `z` as an array of float16, float32 or float64 in the machine's byte order."""
    if type(z).__module__.partition(".")[0] == "torch":
        raise TypeError(
            "a torch tensor was given, but these activations work on NumPy arrays; use the one "
            "in torch.nn.functional, or pass tensor.detach().cpu().numpy()"
        )
    if isinstance(z, np.ma.MaskedArray):
        raise TypeError(
            "a masked array was given, and its mask would be lost; pass z.filled(...) or "
            "z.compressed()"
        )
    try:
        values = np.asarray(z)
    except ValueError as error:
        raise TypeError(f"z must be numbers in a rectangular array; NumPy says: {error}") from error
    if values.dtype.kind in "iub":
        return values.astype(np.float64)
    if values.dtype.kind != "f" or values.dtype.itemsize > 8:
        raise TypeError(
            f"z must be real numbers (float16, float32, float64, integers or bools); "
            f"got {type(z).__name__} of dtype {values.dtype}"
        )
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def _like(z: ArrayLike, result: np.ndarray) -> Any:
    """Return arrays for arrays, NumPy scalars for NumPy scalars, floats for Python numbers."""
    if isinstance(z, np.generic):
        return result[()]
    if result.ndim == 0 and not isinstance(z, np.ndarray):
        return float(result)
    return result


def _number(
    example: str, name: str, given: Any, low: float = -math.inf, above: bool = False
) -> float:
    """Return a parameter as a float, or say what is accepted."""
    accepted = "a finite number"
    if low > -math.inf:
        accepted += f" {'above' if above else 'of at least'} {low:g}"
    hint = f"to apply the activation to z, write {example}(z)"
    value = given
    if isinstance(given, np.ndarray | list | tuple):
        array = np.asarray(given, dtype=object)
        if array.size != 1:
            raise TypeError(f"{name} must be {accepted}, got {array.size} values; {hint}")
        value = array.item()
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {accepted}, got {given!r}; {hint}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number < low or (above and number == low):
        raise ValueError(f"{name} must be {accepted}, got {given!r}; {hint}")
    return number


# --- pieces that several activations share --------------------------------------------------------


def _on(z: np.ndarray) -> np.ndarray:
    """1 where z > 0, 0 elsewhere, nan where z is nan."""
    return np.sign(np.maximum(z, 0))


def _zeros(z: np.ndarray) -> np.ndarray:
    """0 everywhere, nan where z is nan."""
    return 0 * _on(z)


def _from_lowest(z: np.ndarray) -> np.ndarray:
    """Bring -inf to the lowest float, because -inf * 0 is nan where the limit is 0."""
    return np.maximum(z, np.finfo(z.dtype).min)


def _finite(z: np.ndarray) -> np.ndarray:
    """Bring both -inf and inf to the floats next to them, for the same reason."""
    return np.minimum(_from_lowest(z), np.finfo(z.dtype).max)


# --- straight lines and steps ---------------------------------------------------------------------


identity = Activation(
    name="identity",
    formula=r"z",
    reading="The output is the pre-activation itself: no activation at all.",
    year=1960,
    source="Widrow, Hoff (1960), https://isl.stanford.edu/~widrow/papers/c1960adaptiveswitching.pdf",
    range=(-math.inf, math.inf),
    slope=1.0,
    value_function=np.copy,
    derivative_function=lambda z: 1 + _zeros(z),
)

# A unit fires only if z > 0, so the step is 0 at 0.
step = Activation(
    name="step",
    formula=r"1 \;\mathrm{if}\; z > 0, \;\mathrm{else}\; 0",
    reading="1 if the pre-activation is above zero, otherwise 0.",
    year=1943,
    source="McCulloch, Pitts (1943), https://doi.org/10.1007/BF02478259",
    range=(0.0, 1.0),
    slope=0.0,
    value_function=_on,
    derivative_function=_zeros,
)

hardtanh = Activation(
    name="hardtanh",
    formula=r"\max(-1, \min(1, z))",
    reading="The pre-activation, cut off at -1 below and at 1 above.",
    year=2011,
    source="Collobert et al. (2011), https://jmlr.org/papers/v12/collobert11a.html",
    range=(-1.0, 1.0),
    slope=None,
    value_function=lambda z: np.clip(z, -1, 1),
    derivative_function=lambda z: _on(1 - np.abs(z)),
)


# --- ReLU and its straight relatives --------------------------------------------------------------


@functools.cache
def _zero_row(dtype: np.dtype) -> np.ndarray:
    return np.zeros(ROW, dtype)


def _relu(z: np.ndarray) -> np.ndarray:
    if z.size <= PRINTED or not z.flags.forc:
        # Whether max(-0.0, 0.0) is -0.0 depends on the processor; adding 0.0 makes it 0.0, so that
        # what is printed looks the same everywhere. Larger arrays skip it for speed.
        return np.maximum(z, 0) + 0.0
    # NumPy is several times faster at the maximum of two arrays than of an array and a number:
    # hold one row of zeros against row after row, and against what is left.
    zeros = _zero_row(z.dtype)
    a = np.empty_like(z)
    flat, flat_a = z.ravel(order="K"), a.ravel(order="K")
    rest = z.size % ROW
    rows = slice(z.size - rest)
    np.maximum(flat[rows].reshape(-1, ROW), zeros, out=flat_a[rows].reshape(-1, ROW))
    np.maximum(flat[rows.stop :], zeros[:rest], out=flat_a[rows.stop :])
    return a


relu = Activation(
    name="relu",
    formula=r"\max(0, z)",
    reading="The pre-activation if it is above zero, otherwise zero.",
    year=2010,
    source=(
        "Nair, Hinton (2010), https://www.cs.toronto.edu/~fritz/absps/reluICML.pdf; "
        "the same shape in Fukushima (1969), https://doi.org/10.1109/TSSC.1969.300225"
    ),
    range=(0.0, math.inf),
    slope=0.0,
    value_function=_relu,
    derivative_function=_on,
)

relu6 = Activation(
    name="relu6",
    formula=r"\min(6, \max(0, z))",
    reading="ReLU, cut off at 6.",
    year=2010,
    source="Krizhevsky (2010), https://www.cs.utoronto.ca/~kriz/conv-cifar10-aug2010.pdf",
    range=(0.0, 6.0),
    slope=0.0,
    value_function=lambda z: np.clip(z, 0, 6) + 0.0,
    derivative_function=lambda z: _on(z) * _on(6 - z),
)


def _leaky(slope: float) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function with this slope on the negative side."""
    if slope == 0:
        return _relu  # 0 * -inf would be nan
    # max(z, slope * z) is right up to slope 1; above it, the line wanted is the lower of the two.
    pick = np.maximum if slope <= 1 else np.minimum

    def leaky(z: np.ndarray) -> np.ndarray:
        if z.size <= PRINTED or not z.flags.forc:
            return pick(z, slope * z) + 0.0  # + 0.0 as in _relu
        a = np.empty_like(z)
        flat, flat_a = z.ravel(order="K"), a.ravel(order="K")
        for start in range(0, z.size, BLOCK):
            block = slice(start, start + BLOCK)
            piece, piece_a = flat[block], flat_a[block]
            np.multiply(piece, slope, out=piece_a)
            pick(piece, piece_a, out=piece_a)
        return a

    return leaky if abs(slope) <= 1 else _quietly(leaky)


def _leaky_derivative(z: np.ndarray, slope: float | np.ndarray) -> np.ndarray:
    on = _on(z)
    return on + (1 - on) * slope


_LEAKY_FORMULA = r"\max(0, z) + \mathrm{slope} \cdot \min(0, z)"


def _leaky_range(slope: float) -> tuple[float, float]:
    return (-math.inf if slope > 0 else 0.0, math.inf)


def leaky_relu(slope: float = 0.01) -> Activation:
    """Make a leaky ReLU: the negative side has a small fixed slope instead of 0.

    Parameters
    ----------
    slope : float
        Slope of the negative side, finite and at least 0. 0 is ReLU, 1 the identity. Above 1 the
        short form max(slope z, z) no longer holds; this function still gives slope z on the
        negative side.

    Returns
    -------
    Activation
        To be called with the pre-activations.

    Raises
    ------
    TypeError, ValueError
        If `slope` is not such a number.

    References
    ----------
    Maas, Hannun, Ng (2013), https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf

    Examples
    --------
    >>> leaky_relu()(-3.0)
    -0.03
    >>> leaky_relu(0.2).derivative(-3.0)
    0.2
    """
    slope = _number("leaky_relu(slope=0.01)", "slope", slope, low=0)
    return Activation(
        name="leaky_relu",
        formula=_LEAKY_FORMULA,
        reading="The pre-activation if it is above zero, otherwise slope times it.",
        year=2013,
        source=(
            "Maas, Hannun, Ng (2013), "
            "https://ai.stanford.edu/~amaas/papers/relu_hybrid_icml2013_final.pdf"
        ),
        range=_leaky_range(slope),
        slope=slope,
        value_function=_leaky(slope),
        derivative_function=lambda z: _leaky_derivative(z, slope),
        parameter_derivative_function=lambda z: np.minimum(z, 0),
        parameters={"slope": slope},
    )


def prelu(slope: float = 0.25) -> Activation:
    """Make a parametric ReLU: a leaky ReLU whose slope is learned, like a weight.

    Parameters
    ----------
    slope : float
        Present slope of the negative side; any finite number, because training may take it below 0.

    Returns
    -------
    Activation
        Its `parameter_derivative` says how the output changes with the slope.

    Raises
    ------
    TypeError, ValueError
        If `slope` is not a finite number.

    References
    ----------
    He, Zhang, Ren, Sun (2015), https://arxiv.org/abs/1502.01852

    Examples
    --------
    >>> prelu()([-2.0, 2.0])
    array([-0.5,  2. ])
    >>> prelu().parameter_derivative([-2.0, 2.0])
    array([-2.,  0.])
    """
    slope = _number("prelu(slope=0.25)", "slope", slope)
    return Activation(
        name="prelu",
        formula=_LEAKY_FORMULA,
        reading="The pre-activation if it is above zero, otherwise a learned slope times it.",
        year=2015,
        source="He, Zhang, Ren, Sun (2015), https://arxiv.org/abs/1502.01852",
        range=_leaky_range(slope),
        slope=slope,
        value_function=_leaky(slope),
        derivative_function=lambda z: _leaky_derivative(z, slope),
        parameter_derivative_function=lambda z: np.minimum(z, 0),
        parameters={"slope": slope},
    )


def _rrelu_bounds(lower: float, upper: float) -> tuple[float, float]:
    lower = _number("rrelu()", "lower", lower, low=0)
    upper = _number("rrelu()", "upper", upper, low=0, above=True)
    if lower > upper:
        raise ValueError(f"lower must not exceed upper, got lower={lower!r}, upper={upper!r}")
    return lower, upper


def rrelu(lower: float = 1 / 8, upper: float = 1 / 3) -> Activation:
    """Make a randomised leaky ReLU as it is used after training: with its mean slope.

    `rrelu_training` draws the slopes that are used during training.

    Parameters
    ----------
    lower, upper : float
        Bounds of the slopes, 0 <= lower <= upper and upper > 0.

    Returns
    -------
    Activation
        A leaky ReLU of slope (lower + upper) / 2, as in PyTorch.

    Raises
    ------
    TypeError, ValueError
        If the bounds are not such numbers.

    References
    ----------
    Xu, Wang, Chen, Li (2015), https://arxiv.org/abs/1505.00853

    Examples
    --------
    >>> rrelu(lower=0.1, upper=0.3)([-1.0, 1.0])
    array([-0.2,  1. ])
    """
    lower, upper = _rrelu_bounds(lower, upper)
    slope = (lower + upper) / 2
    return Activation(
        name="rrelu",
        formula=r"\max(0, z) + \frac{\mathrm{lower} + \mathrm{upper}}{2} \min(0, z)",
        reading=(
            "The pre-activation if it is above zero, otherwise a slope times it: drawn at random "
            "in training, the mean afterwards."
        ),
        year=2015,
        source="Xu, Wang, Chen, Li (2015), https://arxiv.org/abs/1505.00853",
        range=(-math.inf, math.inf),
        slope=slope,
        value_function=_leaky(slope),
        derivative_function=lambda z: _leaky_derivative(z, slope),
        parameters={"lower": lower, "upper": upper},
    )


def rrelu_training(
    z: ArrayLike, rng: np.random.Generator, lower: float = 1 / 8, upper: float = 1 / 3
) -> tuple[Any, Any]:
    """Apply a randomised leaky ReLU as in training: one drawn slope for each element.

    Parameters
    ----------
    z : array_like
        Pre-activations, of any shape.
    rng : numpy.random.Generator
        Where the slopes come from. One number is drawn for every element, positive ones too, so
        that what is drawn next does not depend on the values of `z`.
    lower, upper : float
        Bounds of the slopes, 0 <= lower <= upper and upper > 0.

    Returns
    -------
    a : ndarray or float
        Outputs, same shape as `z`.
    derivative : ndarray or float
        Derivative of `a` with respect to `z`: the drawn slope, or 1 where z > 0.

    Raises
    ------
    TypeError, ValueError
        If `z` does not hold real numbers, `rng` is not a Generator, or the bounds are wrong.

    References
    ----------
    Xu, Wang, Chen, Li (2015), https://arxiv.org/abs/1505.00853

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, derivative = rrelu_training([-1.0, -1.0, 1.0], rng, lower=0.1, upper=0.3)
    >>> a.round(3), derivative.round(3)
    (array([-0.227, -0.154,  1.   ]), array([0.227, 0.154, 1.   ]))
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a NumPy Generator such as np.random.default_rng(0), got {rng!r}"
        )
    lower, upper = _rrelu_bounds(lower, upper)
    values = _as_floats(z)
    slopes = rng.uniform(lower, upper, values.shape).astype(values.dtype)
    with np.errstate(over="ignore", under="ignore"):
        a = np.maximum(values, 0) + slopes * np.minimum(values, 0)
    derivative = _leaky_derivative(values, slopes)
    return _like(z, np.asarray(a)), _like(z, np.asarray(derivative))


# --- S-shaped curves ------------------------------------------------------------------------------


def _sigmoid(z: np.ndarray) -> np.ndarray:
    # 1 / (1 + e^-z) above 0 and e^z / (1 + e^z) below: equal, but neither power can overflow.
    return np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z)))


def _sigmoid_derivative(z: np.ndarray) -> np.ndarray:
    # sigmoid(z) * sigmoid(-z); writing 1 - sigmoid(z) would lose every digit at large z.
    power = np.exp(-np.abs(z))
    return power / (1 + power) ** 2


sigmoid = Activation(
    name="sigmoid",
    formula=r"\frac{1}{1 + e^{-z}}",
    reading="One over one plus e to the minus z: an S from 0 to 1.",
    year=1986,
    source="Rumelhart, Hinton, Williams (1986), https://doi.org/10.1038/323533a0",
    range=(0.0, 1.0),
    slope=None,
    value_function=_sigmoid,
    derivative_function=_sigmoid_derivative,
)


def _tanh_derivative(z: np.ndarray) -> np.ndarray:
    # 1 / cosh(z)^2; writing 1 - tanh(z)^2 would lose every digit at large z.
    power = np.exp(-np.abs(z))
    return (2 * power / (1 + power**2)) ** 2


tanh = Activation(
    name="tanh",
    formula=r"\tanh(z)",
    reading="The hyperbolic tangent: an S from -1 to 1, through zero.",
    year=1998,
    source="LeCun, Bottou, Orr, Müller (1998), https://doi.org/10.1007/3-540-49430-8_2",
    range=(-1.0, 1.0),
    slope=None,
    value_function=np.tanh,
    derivative_function=_tanh_derivative,
)


# --- exponential negative sides -------------------------------------------------------------------


def _elu(z: np.ndarray, alpha: float) -> np.ndarray:
    return _relu(z) + alpha * np.expm1(np.minimum(z, 0))


def _elu_derivative(z: np.ndarray, alpha: float) -> np.ndarray:
    on = _on(z)
    return on + (1 - on) * alpha * np.exp(np.minimum(z, 0))


def elu(alpha: float = 1.0) -> Activation:
    """Make an exponential linear unit: the negative side bends down to -alpha.

    Parameters
    ----------
    alpha : float
        Finite and at least 0; the negative side tends to -alpha. 0 is ReLU.

    Returns
    -------
    Activation
        Its derivative at 0 is alpha, as in PyTorch.

    Raises
    ------
    TypeError, ValueError
        If `alpha` is not such a number.

    References
    ----------
    Clevert, Unterthiner, Hochreiter (2015), https://arxiv.org/abs/1511.07289

    Examples
    --------
    >>> elu()([-100.0, 0.0, 2.0])
    array([-1.,  0.,  2.])
    """
    alpha = _number("elu(alpha=1.0)", "alpha", alpha, low=0)
    return Activation(
        name="elu",
        formula=r"\max(0, z) + \alpha \left(e^{\min(0, z)} - 1\right)",
        reading="The pre-activation above zero; below, a curve that flattens towards -alpha.",
        year=2015,
        source="Clevert, Unterthiner, Hochreiter (2015), https://arxiv.org/abs/1511.07289",
        range=(0.0 - alpha, math.inf),  # not -alpha, which is -0.0 for 0
        slope=None if alpha > 0 else 0.0,
        value_function=lambda z: _elu(z, alpha),
        derivative_function=lambda z: _elu_derivative(z, alpha),
        parameter_derivative_function=lambda z: np.expm1(np.minimum(z, 0)),
        parameters={"alpha": alpha},
    )


def celu(alpha: float = 1.0) -> Activation:
    """Make a continuously differentiable ELU: slope 1 at 0 whatever alpha is.

    Parameters
    ----------
    alpha : float
        Finite and above 0; the negative side tends to -alpha.

    Returns
    -------
    Activation
        With alpha 1 the same function as `elu`.

    Raises
    ------
    TypeError, ValueError
        If `alpha` is not such a number.

    References
    ----------
    Barron (2017), https://arxiv.org/abs/1704.07483

    Examples
    --------
    >>> celu(alpha=2.0)([-100.0, 0.0, 2.0])
    array([-2.,  0.,  2.])
    >>> celu(alpha=2.0).derivative(0.0)
    1.0
    """
    alpha = _number("celu(alpha=1.0)", "alpha", alpha, low=0, above=True)

    def alpha_derivative(z: np.ndarray) -> np.ndarray:
        ratio = _finite(np.minimum(z, 0) / alpha)
        return np.expm1(ratio) - ratio * np.exp(ratio)

    return Activation(
        name="celu",
        formula=r"\max(0, z) + \alpha \left(e^{\min(0, z) / \alpha} - 1\right)",
        reading="ELU with its curve stretched, so that it leaves zero with slope 1.",
        year=2017,
        source="Barron (2017), https://arxiv.org/abs/1704.07483",
        range=(-alpha, math.inf),
        slope=None,
        value_function=_quietly(lambda z: _relu(z) + alpha * np.expm1(np.minimum(z, 0) / alpha)),
        derivative_function=_quietly(lambda z: np.exp(np.minimum(z, 0) / alpha)),
        parameter_derivative_function=_quietly(alpha_derivative),
        parameters={"alpha": alpha},
    )


# The fixed point of Klambauer et al.: mean 0 and variance 1 go in, mean 0 and variance 1 come out.
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


selu = Activation(
    name="selu",
    formula=r"1.0507 \left(\max(0, z) + 1.6733 \left(e^{\min(0, z)} - 1\right)\right)",
    reading="A scaled ELU, with constants that keep mean 0 and variance 1 from layer to layer.",
    year=2017,
    source="Klambauer, Unterthiner, Mayr, Hochreiter (2017), https://arxiv.org/abs/1706.02515",
    range=(-SELU_SCALE * SELU_ALPHA, math.inf),
    slope=None,
    value_function=_quietly(lambda z: SELU_SCALE * _elu(z, SELU_ALPHA)),
    derivative_function=lambda z: SELU_SCALE * _elu_derivative(z, SELU_ALPHA),
)


# --- smooth relatives of ReLU ---------------------------------------------------------------------


softplus = Activation(
    name="softplus",
    formula=r"\ln(1 + e^z)",
    reading="The logarithm of one plus e to the z: a ReLU with a rounded corner.",
    year=2000,
    source=(
        "Dugas, Bengio, Bélisle, Nadeau, Garcia (2000), https://proceedings.neurips.cc/paper/2000/"
        "hash/44968aece94f667e4095002d140b5896-Abstract.html"
    ),
    range=(0.0, math.inf),
    slope=None,
    value_function=lambda z: _relu(z) + np.log1p(np.exp(-np.abs(z))),
    derivative_function=_sigmoid,
)


silu = Activation(
    name="silu",
    formula=r"\frac{z}{1 + e^{-z}}",
    reading="The pre-activation times its own sigmoid; also called swish.",
    year=2016,
    source=(
        "Hendrycks, Gimpel (2016), https://arxiv.org/abs/1606.08415; "
        "Elfwing, Uchibe, Doya (2017), https://arxiv.org/abs/1702.03118"
    ),
    range=(-0.2784645427610738, math.inf),
    slope=None,
    value_function=lambda z: _from_lowest(z) * _sigmoid(z),
    derivative_function=lambda z: _sigmoid(z) * (1 + _finite(z) * _sigmoid(-z)),
)


def _normal_density(z: np.ndarray) -> np.ndarray:
    return np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _gelu(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    return _from_lowest(z) * ndtr(z)


def _gelu_derivative(z: np.ndarray) -> np.ndarray:
    from scipy.special import ndtr

    near = np.clip(z, -40, 40)  # beyond, the density is 0 and z**2 may overflow
    return ndtr(z) + near * _normal_density(near)


gelu = Activation(
    name="gelu",
    formula=r"z \, \Phi(z)",
    reading="The pre-activation times the chance that a standard normal number lies below it.",
    year=2016,
    source="Hendrycks, Gimpel (2016), https://arxiv.org/abs/1606.08415",
    range=(-0.1699712074799037, math.inf),
    slope=None,
    value_function=_gelu,
    derivative_function=_gelu_derivative,
)

_GELU_TANH_SCALE = 2 * math.sqrt(2 / math.pi)
_GELU_TANH_CUBIC = 0.044715


def _gelu_tanh_inner(z: np.ndarray) -> np.ndarray:
    """Twice what stands inside the tanh, because (1 + tanh(y)) / 2 is sigmoid(2 y)."""
    near = np.clip(z, -40, 40)  # beyond, the sigmoid is 0 or 1 and z**3 may overflow
    return _GELU_TANH_SCALE * (near + _GELU_TANH_CUBIC * near**3)


def _gelu_tanh_derivative(z: np.ndarray) -> np.ndarray:
    near = np.clip(z, -40, 40)
    inner = _gelu_tanh_inner(z)
    inner_derivative = _GELU_TANH_SCALE * (1 + 3 * _GELU_TANH_CUBIC * near**2)
    return _sigmoid(inner) * (1 + near * _sigmoid(-inner) * inner_derivative)


gelu_tanh = Activation(
    name="gelu_tanh",
    formula=r"\frac{z}{2} \left(1 + \tanh\left(\sqrt{2/\pi} \, (z + 0.044715 z^3)\right)\right)",
    reading="GELU with a tanh in place of the normal distribution: within 0.001 of it.",
    year=2016,
    source="Hendrycks, Gimpel (2016), https://arxiv.org/abs/1606.08415",
    range=(-0.17004075057125406, math.inf),
    slope=None,
    value_function=lambda z: _from_lowest(z) * _sigmoid(_gelu_tanh_inner(z)),
    derivative_function=_gelu_tanh_derivative,
)


# With p = e^z and q = 1, or p = 1 and q = e^-z, whichever has no large power,
# tanh(softplus(z)) = n / d with n = p (p + 2 q) and d = n + 2 q^2. Every term is positive, so no
# digits are lost on either side.


def _mish_parts(z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    p, q = np.exp(np.minimum(z, 0)), np.exp(np.minimum(-z, 0))
    n = p * (p + 2 * q)
    return p, q, n, n + 2 * q**2


def _mish(z: np.ndarray) -> np.ndarray:
    _, _, n, d = _mish_parts(z)
    return _from_lowest(z) * (n / d)


def _mish_derivative(z: np.ndarray) -> np.ndarray:
    p, q, n, d = _mish_parts(z)
    return (n + _finite(z) * (4 * p * q**2 * (p + q) / d)) / d


mish = Activation(
    name="mish",
    formula=r"z \tanh(\ln(1 + e^z))",
    reading="The pre-activation times the tanh of its softplus.",
    year=2019,
    source="Misra (2019), https://arxiv.org/abs/1908.08681",
    range=(-0.30884341301725043, math.inf),
    slope=None,
    value_function=_mish,
    derivative_function=_mish_derivative,
)


# --- by name --------------------------------------------------------------------------------------


def _gelu_by_name(approximate: str = "none") -> Activation:
    if approximate not in ("none", "tanh"):
        raise ValueError(f"approximate must be 'none' or 'tanh', got {approximate!r}")
    return gelu_tanh if approximate == "tanh" else gelu


_BY_NAME: dict[str, Activation | Callable[..., Activation]] = {
    "identity": identity,
    "step": step,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "prelu": prelu,
    "rrelu": rrelu,
    "elu": elu,
    "celu": celu,
    "selu": selu,
    "softplus": softplus,
    "gelu": _gelu_by_name,
    "gelu_tanh": gelu_tanh,
    "silu": silu,
    "mish": mish,
    "hardtanh": hardtanh,
    "relu6": relu6,
}


def names() -> tuple[str, ...]:
    """Names of all activations, in the order in which the course meets them.

    Returns
    -------
    tuple of str
        Each is accepted by `get`.

    Examples
    --------
    >>> names()[:4]
    ('identity', 'step', 'sigmoid', 'tanh')
    """
    return tuple(_BY_NAME)


def get(name: str, **parameters: Any) -> Activation:
    """Look an activation up by its name.

    Parameters
    ----------
    name : str
        One of `names()`.
    **parameters
        What the activation of that name takes, such as ``slope=0.2``; ``get("gelu",
        approximate="tanh")`` is `gelu_tanh`.

    Returns
    -------
    Activation
        The activation, with its default parameters where none are given.

    Raises
    ------
    TypeError
        If `name` is not a string, or the activation has no parameter of that name.
    ValueError
        If there is no activation of that name, or a parameter's value is not accepted.

    Examples
    --------
    >>> get("leaky_relu", slope=0.2)
    leaky_relu(slope=0.2)
    >>> get("leakyrelu")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ValueError: no activation is called 'leakyrelu'; near: leaky_relu, relu; all: identity, ...
    """
    if not isinstance(name, str):
        raise TypeError(
            f"name must be a string such as 'relu', got {name!r}; "
            "an activation that you already have needs no get()"
        )
    if name not in _BY_NAME:
        near = difflib.get_close_matches(name.lower(), _BY_NAME, n=3)
        hint = f"near: {', '.join(near)}; " if near else ""
        raise ValueError(f"no activation is called {name!r}; {hint}all: {', '.join(_BY_NAME)}")
    entry = _BY_NAME[name]
    accepted = [] if isinstance(entry, Activation) else list(inspect.signature(entry).parameters)
    unknown = [parameter for parameter in parameters if parameter not in accepted]
    if unknown:
        raise TypeError(
            f"{name} does not take {', '.join(unknown)}; "
            f"it takes {', '.join(accepted) or 'no parameters'}"
        )
    return entry if isinstance(entry, Activation) else entry(**parameters)
