"""Which calls of torch are activations, and how each is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch.nn import functional

__all__ = ["READERS", "Activity", "read_activation"]

Tensor = torch.Tensor

# A straight line on each side of 0: dead, if the line below 0 is level, and never "saturated".
PIECEWISE = {"relu", "clamp", "leaky_relu", "prelu", "rrelu"}
# Level from some point on: below it a unit is dead, unlike where a curve only comes close to level.
CLIPPED = {"relu6", "hardtanh", "hardswish", "hardsigmoid"}
# Flat on both sides, or above 0: any unit may be saturated, and not only one that is mostly off.
TWO_SIDED = {"sigmoid", "tanh", "hardtanh", "hardsigmoid", "softsign", "relu6", "logsigmoid"}


@dataclass(frozen=True)
class Activity:
    """An activation as it was called.

    Attributes
    ----------
    name : str
        Such as "relu"; "relu6" also for a hardtanh from 0 to 6.
    function : callable
        Computes f(z) again, with the same settings, for any z whose units are the last axis.
    from_output : bool
        Whether a = f(z) alone tells where z > 0, as for ReLU; it is at hand in the cache.
    cut : bool
        Whether it might be something else than an activation: a tensor that is cut off at 0.
    """

    name: str
    function: Callable[[Tensor], Tensor]
    from_output: bool = False
    cut: bool = False

    @property
    def can_die(self) -> bool:
        """Whether its slope may be exactly 0 below 0; its settings have the last word."""
        return self.name in PIECEWISE | CLIPPED

    @property
    def saturates(self) -> bool:
        """Whether it runs into a flat end, at both sides or at one."""
        return self.name not in PIECEWISE

    @property
    def two_sided(self) -> bool:
        """Whether it is flat on both sides, or above 0."""
        return self.name in TWO_SIDED

    def steepness(self, z: Tensor, a: Tensor) -> Tensor:
        """Compute abs(f'(z)), from a = f(z) where that is quicker."""
        if self.name == "sigmoid":
            return a * (1 - a)
        if self.name == "tanh":
            return 1 - a * a
        return self.derivative(z).abs()

    def derivative(self, z: Tensor) -> Tensor:
        """Compute f'(z) as torch's own backward pass does, at kinks too.

        Examples
        --------
        >>> relu = Activity("relu", torch.relu)
        >>> relu.derivative(torch.tensor([[-1.0, 0.0, 2.0]]))
        tensor([[0., 0., 1.]])
        """
        with torch.inference_mode(False), torch.enable_grad():
            leaf = z.detach().clone().requires_grad_()
            (gradient,) = torch.autograd.grad(self.function(leaf * 1).sum(), leaf)
        return gradient

    def level_below(self, z: Tensor) -> Tensor:
        """Tell where it is level at z and at all numbers below.

        Examples
        --------
        >>> swish = read_activation("hardswish", (torch.zeros(1),), {})
        >>> swish.derivative(torch.tensor([-1.5])), swish.level_below(torch.tensor([-1.5, -3.0]))
        (tensor([0.]), tensor([False,  True]))
        """
        level = self.derivative(z) == 0
        return level & (z <= -3) if self.name == "hardswish" else level


def read_activation(name: str, args: tuple, kwargs: dict[str, Any]) -> Activity | None:
    """Recognise an activation by the name and the arguments of a call.

    Parameters
    ----------
    name : str
        Of the function of torch, without the underscore of those that work in place.
    args, kwargs
        What it is called with; z comes first.

    Returns
    -------
    Activity or None
        None for what is no activation, such as a clamp at another number than 0.

    Examples
    --------
    >>> z = torch.zeros(2, 3)
    >>> read_activation("clamp", (z,), {"min": 0}).name
    'clamp'
    >>> read_activation("clamp", (z, 1e-6), {}) is None
    True
    """
    reader = READERS.get(name)
    return reader(_Given(name, args, kwargs)) if reader else None


class _Given(NamedTuple):
    """The arguments of a call, by place or by name."""

    name: str
    args: tuple
    kwargs: dict[str, Any]

    def get(self, place: int, name: str, default: Any = None) -> Any:
        return self.args[place] if len(self.args) > place else self.kwargs.get(name, default)


def _is_zero(value: Any) -> bool:
    """Tell whether a bound is 0: a number, or a tensor of zeros."""
    if isinstance(value, Tensor):
        return value.device.type != "meta" and not bool(value.detach().any())
    return isinstance(value, int | float) and value == 0


RELU = Activity("relu", torch.relu, from_output=True)


def _relu(given: _Given) -> Activity:
    return RELU


def _hardtanh(given: _Given) -> Activity:
    low, high = given.get(1, "min_val", -1.0), given.get(2, "max_val", 1.0)
    name = "relu6" if (low, high) == (0, 6) else "hardtanh"
    return Activity(name, lambda z: functional.hardtanh(z, low, high), from_output=low == 0 < high)


def _relu6(given: _Given) -> Activity:
    return Activity("relu6", functional.relu6, from_output=True)


def _leaky(given: _Given) -> Activity:
    slope = given.get(1, "negative_slope", 0.01)
    return Activity("leaky_relu", lambda z: functional.leaky_relu(z, slope))


def _prelu(given: _Given) -> Activity:
    weight = given.get(1, "weight").detach()

    def function(z: Tensor) -> Tensor:
        # Its channels are axis 1, which are tokens where units come last; these are one unit each.
        own = weight if weight.numel() in (1, z.shape[-1]) else weight.abs().amax()
        return torch.where(z > 0, z, own.to(z.dtype) * z)

    return Activity("prelu", function)


def _rrelu(given: _Given) -> Activity:
    # Its slopes are drawn anew in training; the middle of the range stands for all of them.
    low, high = given.get(1, "lower", 1 / 8), given.get(2, "upper", 1 / 3)
    return Activity("rrelu", lambda z: functional.leaky_relu(z, (low + high) / 2))


def _clamp(given: _Given) -> Activity | None:
    high = given.get(2, "max")
    if not _is_zero(given.get(1, "min")) or isinstance(high, Tensor):
        return None
    return Activity("clamp", lambda z: z.clamp(0, high), cut=True)


def _maximum(given: _Given) -> Activity | None:
    other = given.get(1, "other")
    if not isinstance(other, Tensor) or not _is_zero(other):
        return None
    return Activity("clamp", lambda z: torch.maximum(z, z.new_zeros(())), cut=True)


def _threshold(given: _Given) -> Activity | None:
    if not _is_zero(given.get(1, "threshold")) or not _is_zero(given.get(2, "value")):
        return None
    return Activity("clamp", torch.relu, cut=True)


def _gelu(given: _Given) -> Activity:
    how = given.get(1, "approximate", "none")
    return Activity("gelu", lambda z: functional.gelu(z, approximate=how))


def _elu(given: _Given) -> Activity:
    alpha = given.get(1, "alpha", 1.0)
    return Activity("elu", lambda z: functional.elu(z, alpha))


def _celu(given: _Given) -> Activity:
    alpha = given.get(1, "alpha", 1.0)
    return Activity("celu", lambda z: functional.celu(z, alpha))


def _softplus(given: _Given) -> Activity:
    beta, threshold = given.get(1, "beta", 1.0), given.get(2, "threshold", 20.0)
    return Activity("softplus", lambda z: functional.softplus(z, beta, threshold))


def _plain(given: _Given) -> Activity:
    """Read one without settings."""
    source = torch if hasattr(torch, given.name) else functional
    return Activity(given.name, getattr(source, given.name))


READERS: dict[str, Callable[[_Given], Activity | None]] = {
    "relu": _relu,
    "relu6": _relu6,
    "hardtanh": _hardtanh,
    "leaky_relu": _leaky,
    "prelu": _prelu,
    "rrelu": _rrelu,
    "clamp": _clamp,
    "clip": _clamp,
    "clamp_min": _clamp,
    "maximum": _maximum,
    "max": _maximum,
    "threshold": _threshold,
    "gelu": _gelu,
    "elu": _elu,
    "celu": _celu,
    "softplus": _softplus,
    **dict.fromkeys(
        ("sigmoid", "tanh", "selu", "silu", "mish", "softsign", "hardswish", "hardsigmoid"), _plain
    ),
    "log_sigmoid": lambda given: Activity("logsigmoid", functional.logsigmoid),
}
