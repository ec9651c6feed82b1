"""What it means for a unit to be off, dead, stuck or dormant: each word defined once.

Every function looks at a layer over a *probe*, the stated set of inputs on which its units are
judged, and gives one value for each unit. Always report the size N of the probe: the share of dead
units falls as it grows.

>>> z = np.array([[-1.0, 2.0, -3.0], [-2.0, -1.0, 0.0]])  # 2 examples, 3 units
>>> always_off(z)
array([ True, False,  True])

What holds for all of them:

- `z` (pre-activations), `a` (activations) and ``derivative`` (f'(z)) have shape (N, ..., units):
  examples first, units last, and between them positions, such as pixels or tokens. `axis` names
  another axis of units, such as 1 for images with channels first.
- NumPy arrays and lists give NumPy arrays, torch tensors give tensors on the same device, cut off
  from the gradient graph. Floats of any size and integers are accepted. torch is never imported.
- An example counts as active if the unit is active at one of its positions at least, because N
  counts independent examples.
- nan is never taken as evidence: no unit is called off, dead, stuck, saturated or dormant because
  of a nan, and a share or score that depends on one is nan.
"""

import math
import sys
from typing import Any, TypeVar

import numpy as np

__all__ = [
    "active_share",
    "always_negative",
    "always_off",
    "blocked",
    "dead",
    "dormancy",
    "dormant",
    "near_dead",
    "saturated",
    "sparsity",
    "stuck",
]

# A NumPy array, or a torch tensor: what is given is what comes back.
T = TypeVar("T")


# --- off, dead and alive --------------------------------------------------------------------------


def always_off(z: T, axis: int = -1) -> T:
    """Tell which units have z <= 0 on the whole probe, whatever the activation.

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit never has z > 0.

    Raises
    ------
    TypeError, ValueError
        If `z` is not numbers, has fewer than two axes, or is empty.

    Examples
    --------
    >>> always_off([[-1.0, 2.0], [0.0, -1.0]])
    array([ True, False])
    """
    return (_by_unit(z, axis, "z") <= 0).all(2).all(0)


def dead(z: T, derivative: T, axis: int = -1) -> T:
    """Tell which units are always off and have f'(z) = 0 there: no gradient can pass.

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    derivative : array or tensor, shape of `z`
        f'(z), such as ``relu.derivative(z)``.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit is dead on this probe.

    Raises
    ------
    TypeError, ValueError
        If the two are not numbers of one library and one shape (N, ..., units), or are empty.

    Examples
    --------
    The same pre-activations, once with ReLU and once with a leaky ReLU of slope 0.1:

    >>> z = np.array([[-1.0, 2.0], [-2.0, -1.0]])
    >>> dead(z, np.where(z > 0, 1.0, 0.0))
    array([ True, False])
    >>> dead(z, np.where(z > 0, 1.0, 0.1))
    array([False, False])
    """
    off, slopes = _off_and_slopes(z, derivative, axis)
    return off & (slopes == 0).all(2).all(0)


def always_negative(z: T, derivative: T, axis: int = -1) -> T:
    """Tell which units are always off, but still pass gradient: not dead.

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    derivative : array or tensor, shape of `z`
        f'(z), such as ``leaky_relu(0.01).derivative(z)``.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit is always off and f'(z) is not 0 at least once.

    Raises
    ------
    TypeError, ValueError
        If the two are not numbers of one library and one shape (N, ..., units), or are empty.

    Examples
    --------
    >>> z = np.array([[-1.0, 2.0], [-2.0, -1.0]])
    >>> always_negative(z, np.where(z > 0, 1.0, 0.1))
    array([ True, False])
    """
    off, slopes = _off_and_slopes(z, derivative, axis)
    return off & ((slopes < 0) | (slopes > 0)).any(2).any(0)


# --- stuck and blocked ----------------------------------------------------------------------------


def stuck(gradient: T, axis: int = -1) -> T:
    """Tell which units cannot learn: the gradient of all their incoming weights is exactly 0.

    Parameters
    ----------
    gradient : array or tensor, shape (fan_in, units)
        Gradient of the loss over the probe with respect to the layer's incoming weights.
    axis : int
        Axis of the units: -1 for weights used as ``x @ w``; 0 for those of torch's Linear and Conv.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit is stuck. Every dead unit is, and so is an active one whose path onward
        is dead (see `blocked`).

    Raises
    ------
    TypeError, ValueError
        If `gradient` is not numbers, has fewer than two axes, or is empty.

    Examples
    --------
    >>> stuck([[0.0, 0.1], [0.0, 0.0]])
    array([ True, False])
    """
    values = _numbers(gradient, "gradient", "(fan_in, units)")
    axis = _checked_axis(axis, values.ndim, "gradient")
    values = values.swapaxes(axis, 0)
    return (values.reshape(values.shape[0], -1) == 0).all(1)


def blocked(z: T, gradient: T, axis: int = -1, gradient_axis: int = -1) -> T:
    """Tell which units are active on the probe, yet stuck: their path onward is dead.

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    gradient : array or tensor, shape (fan_in, units)
        Gradient of the loss over the same probe with respect to the incoming weights.
    axis, gradient_axis : int
        Axis of the units in `z` and in `gradient`; 0 in `gradient` for torch's Linear and Conv.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit has z > 0 at least once and is stuck.

    Raises
    ------
    TypeError, ValueError
        If the two are not numbers of one library with the same number of units, or are empty.

    Examples
    --------
    >>> blocked(z=[[1.0, -1.0], [2.0, -1.0]], gradient=[[0.0, 0.0], [0.0, 0.0]])
    array([ True, False])
    """
    active = (_by_unit(z, axis, "z") > 0).any(2).any(0)
    still = stuck(gradient, gradient_axis)
    _check_same_library(z, gradient, "z and gradient")
    if active.shape != still.shape:
        raise ValueError(
            f"z has {len(active)} units and gradient has {len(still)}; pass the gradient of the "
            "weights that lead into these units, and name the axes with axis and gradient_axis"
        )
    return active & still


# --- how often ------------------------------------------------------------------------------------


def active_share(z: T, axis: int = -1) -> T:
    """Measure the share of the probe on which each unit is active (z > 0).

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of float, shape (units,)
        From 0 (always off) to 1; nan for a unit with a nan. With positions, an example counts if
        the unit is active at one of them.

    Raises
    ------
    TypeError, ValueError
        If `z` is not numbers, has fewer than two axes, or is empty.

    Examples
    --------
    >>> active_share([[1.0, -1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 3.0]])
    array([0.5 , 0.25])
    """
    values = _by_unit(z, axis, "z")
    share = (values > 0).any(2).sum(0) / values.shape[0]
    share[_has_nan(values)] = math.nan
    return share


def near_dead(z: T, eps: float = 0.01, axis: int = -1) -> T:
    """Tell which units are active on fewer than a share `eps` of the probe.

    Always-off units are among them. A probe of N examples cannot tell a share below about 3/N from
    0: see `helpers.stats.rule_of_three`.

    Parameters
    ----------
    z : array or tensor, shape (N, ..., units)
        Pre-activations over the probe.
    eps : float
        Share of the probe, above 0 and at most 1. State it with the result.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit's `active_share` is below `eps`.

    Raises
    ------
    TypeError, ValueError
        If `z` is not numbers, has fewer than two axes, or is empty; if `eps` is not such a share.

    Examples
    --------
    >>> near_dead([[1.0, -1.0], [1.0, -1.0], [-1.0, -1.0], [-1.0, 3.0]], eps=0.3)
    array([False,  True])
    """
    values = _by_unit(z, axis, "z")
    enough = _smallest_count(eps, "eps", values.shape[0])
    return ((values > 0).any(2).sum(0) < enough) & ~_has_nan(values)


def saturated(derivative: T, eps: float = 0.01, share: float = 0.95, axis: int = -1) -> T:
    """Tell which units have abs(f'(z)) < eps on at least a share of the probe.

    The word for flat ends of curves: sigmoid, tanh, and the negative side of ELU, GELU or SiLU. (A
    dead unit meets it too; call that one dead.)

    Parameters
    ----------
    derivative : array or tensor, shape (N, ..., units)
        f'(z) over the probe, such as ``tanh.derivative(z)``.
    eps : float
        What counts as flat, above 0 and at most 1. State it with the result.
    share : float
        Share of the probe, above 0 and at most 1. State it with the result.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit is saturated. With positions, an example counts if all are flat.

    Raises
    ------
    TypeError, ValueError
        If `derivative` is not numbers, has fewer than two axes, or is empty; if `eps` or `share`
        is out of bounds.

    Examples
    --------
    >>> saturated([[0.001, 0.2], [0.002, 0.001]])
    array([ True, False])
    """
    slopes = _by_unit(derivative, axis, "derivative")
    _check_share(eps, "eps")
    enough = _smallest_count(share, "share", slopes.shape[0])
    return (abs(_wide(slopes)) < eps).all(2).sum(0) >= enough


# --- how much -------------------------------------------------------------------------------------


def dormancy(a: T, axis: int = -1) -> T:
    """Score each unit's activity against the mean of its layer.

    Parameters
    ----------
    a : array or tensor, shape (N, ..., units)
        Activations (not pre-activations) over the probe.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of float, shape (units,)
        Mean abs(a) of the unit over mean abs(a) of the layer; their mean is 1. All 0 in a layer
        where every activation is 0, all nan in one with a nan or inf.

    Raises
    ------
    TypeError, ValueError
        If `a` is not numbers, has fewer than two axes, or is empty.

    References
    ----------
    Sokar, Agarwal, Castro, Evci (2023), https://arxiv.org/abs/2302.12902

    Examples
    --------
    >>> dormancy([[0.0, 1.0, 4.0], [0.0, 1.0, 0.0]])
    array([0., 1., 2.])
    """
    size = abs(_wide(_by_unit(a, axis, "a")))
    # The score is free of scale; with 1 as the largest size, no sum can overflow.
    largest = float(size.max())
    if not math.isfinite(largest):
        return size[0, :, 0] * math.nan
    activity = (size / (largest or 1.0)).mean(2).mean(0)
    return activity / (float(activity.mean()) or 1.0)


def dormant(a: T, tau: float = 0.0, axis: int = -1) -> T:
    """Tell which units are tau-dormant: their `dormancy` is at most tau.

    Parameters
    ----------
    a : array or tensor, shape (N, ..., units)
        Activations (not pre-activations) over the probe.
    tau : float
        At least 0; the paper uses 0, 0.025 and 0.1. State it with the result.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of bool, shape (units,)
        True where the unit is dormant; everywhere in a layer where all is 0.

    Raises
    ------
    TypeError, ValueError
        If `a` is not numbers, has fewer than two axes, or is empty; if `tau` is negative or not a
        finite number.

    References
    ----------
    Sokar, Agarwal, Castro, Evci (2023), https://arxiv.org/abs/2302.12902

    Examples
    --------
    >>> dormant([[0.0, 1.0, 4.0], [0.0, 1.0, 0.0]], tau=0.025)
    array([ True, False, False])
    """
    if not _is_number(tau) or not 0 <= tau < math.inf:
        raise ValueError(f"tau must be a finite number of at least 0, got {tau!r}")
    return dormancy(a, axis) <= tau


def sparsity(a: T, axis: int = -1) -> T:
    """Measure the share of exact zeros among each unit's activations.

    Parameters
    ----------
    a : array or tensor, shape (N, ..., units)
        Activations (not pre-activations) over the probe.
    axis : int
        Axis of the units.

    Returns
    -------
    array or tensor of float, shape (units,)
        From 0 to 1; nan for a unit with a nan. Its mean is the sparsity of the layer. Positions
        count one by one.

    Raises
    ------
    TypeError, ValueError
        If `a` is not numbers, has fewer than two axes, or is empty.

    Examples
    --------
    >>> sparsity([[0.0, 1.0], [0.0, 0.0]])
    array([1. , 0.5])
    >>> float(sparsity([[0.0, 1.0], [0.0, 0.0]]).mean())
    0.75
    """
    values = _by_unit(a, axis, "a")
    share = (values == 0).sum(2).sum(0) / (values.shape[0] * values.shape[2])
    share[_has_nan(values)] = math.nan
    return share


# --- reading what is given ------------------------------------------------------------------------


def _is_tensor(values: Any) -> bool:
    """Tell a torch tensor without importing torch: whoever made one has imported it already."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(values, torch.Tensor)


def _numbers(given: Any, name: str, shape: str) -> Any:
    """Return an array or tensor of real numbers with two axes or more and at least one element."""
    if _is_tensor(given):
        values = given.detach()
        real = not values.is_complex() and values.dtype != sys.modules["torch"].bool
    elif isinstance(given, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be lost; fill it first")
    else:
        try:
            values = np.asarray(given)
        except ValueError as error:
            raise TypeError(f"{name} must be a rectangular array; NumPy says: {error}") from error
        real = values.dtype.kind in "fiu"
    if not real:
        raise TypeError(
            f"{name} must hold real numbers, got {type(given).__name__} of {values.dtype}; "
            "pass the numbers themselves, not a mask of them"
        )
    if values.ndim < 2:
        raise ValueError(
            f"{name} must have shape {shape}, got {tuple(values.shape)}; "
            "a single unit or example needs an axis of length 1"
        )
    if 0 in values.shape:
        raise ValueError(
            f"{name} is empty, shape {tuple(values.shape)}: nothing can be said about "
            "units without at least one value each"
        )
    return values


def _checked_axis(axis: int, ndim: int, name: str) -> int:
    """Return `axis` counted from the front."""
    whole = isinstance(axis, int | np.integer) and not isinstance(axis, bool)
    if not whole or not -ndim <= axis < ndim:
        raise ValueError(
            f"axis must be a whole number from {-ndim} to {ndim - 1}, because {name} has {ndim} "
            f"axes; got {axis!r}"
        )
    return int(axis) % ndim


def _by_unit(given: Any, axis: int, name: str) -> Any:
    """Return values as (N, units, positions), whichever axis the units were on."""
    values = _numbers(given, name, "(N, ..., units)")
    axis = _checked_axis(axis, values.ndim, name)
    if axis == 0:
        raise ValueError(f"axis 0 of {name} counts the probe's examples; units need another axis")
    values = values.swapaxes(axis, 1)
    return values.reshape(values.shape[0], values.shape[1], -1)


def _off_and_slopes(z: Any, derivative: Any, axis: int) -> tuple[Any, Any]:
    """Return the always-off units, and the derivatives by unit."""
    values, slopes = _by_unit(z, axis, "z"), _by_unit(derivative, axis, "derivative")
    _check_same_library(z, derivative, "z and derivative")
    if np.shape(z) != np.shape(derivative):
        raise ValueError(
            f"z and derivative must have the same shape, got {tuple(np.shape(z))} and "
            f"{tuple(np.shape(derivative))}; pass f'(z) of these very pre-activations"
        )
    return (values <= 0).all(2).all(0), slopes


def _check_same_library(first: Any, second: Any, names: str) -> None:
    if _is_tensor(first) != _is_tensor(second):
        raise TypeError(
            f"{names} must come from one library, got {type(first).__name__} and "
            f"{type(second).__name__}"
        )


def _has_nan(values: Any) -> Any:
    return (values != values).any(2).any(0)


def _wide(values: Any) -> Any:
    """Return half-precision floats and integers as longer floats, to be averaged and compared."""
    if not _is_tensor(values):
        return values.astype(np.result_type(values.dtype, np.float32))
    narrow = values.dtype.itemsize < 4 or not values.dtype.is_floating_point
    return values.float() if narrow else values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _check_share(share: float, name: str) -> None:
    if not _is_number(share) or not 0 < share <= 1:
        raise ValueError(f"{name} must be a number above 0 and at most 1, got {share!r}")


def _smallest_count(share: float, name: str, n: int) -> int:
    """Return the smallest count that is at least this share of n.

    Counts are compared rather than shares, because 7 / 100 and 0.07 differ in float32.
    """
    _check_share(share, name)
    return next(count for count in range(int(share * n), n + 1) if count / n >= share)
