"""Activations of stacked networks, forward and backward, in torch.

Each hidden layer has a kernel of its own, which keeps between the two passes what the second needs.
The piecewise linear ones are written out, for speed and because each network may have a slope of
its own; the derivatives of the others are torch's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F  # noqa: N812

from helpers.activations import Activation

__all__ = ["Kernel", "Piecewise", "Rectifier", "Smooth", "smooth_names"]

Tensor = torch.Tensor


class Kernel(Protocol):
    """What a hidden layer does with its pre-activations."""

    def forward(self, z: Tensor) -> Tensor:
        """Turn z of shape (M, N, units) into activations."""

    def backward(self, grad_a: Tensor) -> Tensor:
        """Turn the gradient with respect to the last activations into that with respect to z."""

    def derivative(self) -> Tensor:
        """Give f'(z) of the last z."""


class Rectifier:
    """ReLU.

    Parameters
    ----------
    in_place : bool
        Let activations overwrite z, and one gradient the other: memory limits the speed.
    """

    def __init__(self, in_place: bool) -> None:
        self._in_place = in_place
        self._a = self._grad = None

    def forward(self, z: Tensor) -> Tensor:
        """Apply the activation."""
        self._a = z if self._in_place else _room(self._a, z)
        return torch.clamp_min(z, 0, out=self._a)

    def backward(self, grad_a: Tensor) -> Tensor:
        """Pass the gradient on."""
        self._grad = grad_a if self._in_place else _room(self._grad, grad_a)
        # What torch.relu calls in its backward pass: one pass over the memory instead of two.
        return torch.ops.aten.threshold_backward.grad_input(
            grad_a, self._a, 0, grad_input=self._grad
        )

    def derivative(self) -> Tensor:
        """Give f'(z)."""
        return torch.sign(self._a)


class Piecewise:
    """z above 0, slope * z below: leaky ReLU, PReLU, and randomised leaky ReLU.

    Parameters
    ----------
    slope : tensor
        Slopes of the negative side, of a shape that broadcasts to (M, N, units), such as
        (M, 1, 1). It may be changed, in place or by another, between passes.
    """

    def __init__(self, slope: Tensor) -> None:
        self.slope = slope
        self._a = self._derivative = self._negative = self._z = self._grad = None

    def forward(self, z: Tensor) -> Tensor:
        """Apply the activation."""
        self._z = z
        self._a = _room(self._a, z)
        self._derivative = _room(self._derivative, z)
        self._negative = _room(self._negative, z)
        # The sign of max(z, 0) is 1 where the unit fires and 0 elsewhere: several times faster
        # than a comparison, which makes a tensor of bools.
        torch.sign(torch.clamp_min(z, 0, out=self._a), out=self._derivative)
        torch.sub(1, self._derivative, out=self._negative)
        self._derivative.addcmul_(self._negative, self.slope)  # 1 or the slope, exactly
        return torch.mul(z, self._derivative, out=self._a)

    def backward(self, grad_a: Tensor) -> Tensor:
        """Pass the gradient on."""
        self._grad = _room(self._grad, grad_a)
        return torch.mul(grad_a, self._derivative, out=self._grad)

    def derivative(self) -> Tensor:
        """Give f'(z)."""
        return self._derivative

    def slope_gradient(self, grad_a: Tensor) -> Tensor:
        """Give the gradient with respect to each network's slope, of shape (M,)."""
        return (grad_a * self._z * self._negative).sum((1, 2))


class Smooth:
    """An activation whose derivative torch computes."""

    def __init__(self, activation: Activation) -> None:
        self._function = _SMOOTH[activation.name](**activation.parameters)
        self._z = self._a = None

    def forward(self, z: Tensor) -> Tensor:
        """Apply the activation."""
        with torch.enable_grad():
            self._z = z.detach().requires_grad_()
            self._a = self._function(self._z)
        return self._a.detach()

    def backward(self, grad_a: Tensor) -> Tensor:
        """Pass the gradient on."""
        (grad_z,) = torch.autograd.grad(self._a, self._z, grad_a)
        return grad_z

    def derivative(self) -> Tensor:
        """Give f'(z)."""
        return self.backward(torch.ones_like(self._z))


_SMOOTH: dict[str, Callable[..., Callable[[Tensor], Tensor]]] = {
    "sigmoid": lambda: torch.sigmoid,
    "tanh": lambda: torch.tanh,
    "hardtanh": lambda: F.hardtanh,
    "relu6": lambda: F.relu6,
    "elu": lambda alpha: lambda z: F.elu(z, alpha),
    "celu": lambda alpha: lambda z: F.celu(z, alpha),
    "selu": lambda: F.selu,
    "softplus": lambda: F.softplus,
    "gelu": lambda: F.gelu,
    "gelu_tanh": lambda: lambda z: F.gelu(z, approximate="tanh"),
    "silu": lambda: F.silu,
    "mish": lambda: F.mish,
}


def smooth_names() -> list[str]:
    """List the activations whose derivative torch computes."""
    return list(_SMOOTH)


def _room(tensor: Tensor | None, like: Tensor) -> Tensor:
    """Give room for a result, the same as last time if it fits: fresh memory is slow."""
    if tensor is None or tensor.shape != like.shape:
        return torch.empty_like(like, memory_format=torch.contiguous_format)
    return tensor
