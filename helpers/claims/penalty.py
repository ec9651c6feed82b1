"""Training with what `Fleet.fit` lacks: a penalty on hidden activations, a leak on the output.

`fit_whole` trains the networks of a `Fleet` on all examples at once, a step a pass:

>>> from helpers.datasets import sine
>>> x, y = sine(50, seed=0)
>>> fleet = Fleet([1, 16, 1], seeds=3)
>>> before = fleet.measure(x, y).loss[0].mean()
>>> fit_whole(fleet, x, y, rate=0.01, steps=50)
>>> bool(fleet.measure(x, y).loss[0].mean() < before)
True
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import ArrayLike

from helpers.arguments import check_count
from helpers.fleet import Fleet

__all__ = ["fit_whole", "leaked"]


def leaked(z: np.ndarray, slope: ArrayLike) -> np.ndarray:
    """Apply ReLU with a slope on the negative side: 0 is ReLU, 1 changes nothing.

    Parameters
    ----------
    z : ndarray
        Pre-activations.
    slope : array_like
        Of a shape that goes with `z`.

    Returns
    -------
    ndarray, shape of `z`

    Examples
    --------
    >>> leaked(np.array([-2.0, 3.0]), 0.1)
    array([-0.2,  3. ])
    """
    return np.where(z > 0, z, np.asarray(slope, z.dtype) * z)


def fit_whole(
    fleet: Fleet,
    x: np.ndarray,
    y: np.ndarray,
    *,
    penalty: float | Sequence[float] = 0.0,
    output_slope: float | Sequence[float] = 1.0,
    rate: float = 0.01,
    steps: int = 100,
) -> None:
    """Train a fleet of ReLU or leaky networks by Adam, on all examples at each step.

    Parameters
    ----------
    fleet : Fleet
        Its parameters change. Neither normalised nor with skip connections.
    x, y : ndarray
        Examples and targets, as for `Fleet.fit`.
    penalty : float or sequence of float
        Strength of the L1 penalty, one an arm: it is added to the loss times the mean of the
        absolute activations of a hidden layer, summed over hidden layers.
    output_slope : float or sequence of float
        Slope of the negative side of the output, one an arm: 1 is a linear output, 0 is a ReLU
        behind the output. `Fleet` knows nothing of it: apply `leaked` to its outputs.
    rate : float
        Learning rate.
    steps : int
        How many.

    Raises
    ------
    TypeError, ValueError
        If `steps` is no count; or penalties or slopes are neither one nor one an arm.

    Examples
    --------
    A strong penalty turns all activity off:

    >>> from helpers.datasets import moons
    >>> x, y = moons(100, seed=0)
    >>> fleet = Fleet([2, 16, 2], seeds=5, slope=[0, 0])
    >>> fit_whole(fleet, x, y, penalty=[0, 10], rate=0.03, steps=200)
    >>> active = [(z > 0).mean(axis=(1, 2, 3)) for z in fleet.pre_activations(x)]
    >>> bool(active[0][1] < active[0][0] / 2)
    True
    """
    check_count(steps, "steps", 1)
    penalty = _by_arm(penalty, fleet, "penalty")
    output_slope = _by_arm(output_slope, fleet, "output_slope")
    dtype = fleet.parameters[0].dtype
    tensors = [torch.tensor(array, requires_grad=True) for array in fleet.parameters]
    slope = _on_axes(fleet.slope, dtype)
    last_slope = _on_axes(output_slope, dtype)
    strength = _on_axes(penalty, dtype)
    inputs = torch.tensor(np.asarray(x, dtype))
    classes = y.dtype.kind in "iu"
    targets = torch.tensor(y if classes else np.asarray(y, dtype))
    layers = list(zip(tensors[::2], tensors[1::2], strict=True))
    optimizer = torch.optim.Adam(tensors, lr=rate)
    for _ in range(steps):
        a, activity = inputs, torch.zeros_like(strength)
        for w, b in layers[:-1]:
            z = a @ w + b.unsqueeze(-2)
            a = torch.where(z > 0, z, slope * z)
            activity = activity + a.abs().mean(dim=(-1, -2), keepdim=True)
        w, b = layers[-1]
        z = a @ w + b.unsqueeze(-2)
        z = torch.where(z > 0, z, last_slope * z)
        if classes:
            logs = torch.log_softmax(z, dim=-1)
            wanted = targets.expand(z.shape[:-1]).unsqueeze(-1)
            loss = -logs.gather(-1, wanted).mean(dim=(-1, -2))
        else:
            loss = ((z - targets) ** 2).mean(dim=(-1, -2))
        optimizer.zero_grad()
        # No network has a part in another's loss: the gradient of the sum is that of each.
        (loss.sum() + (strength * activity).sum()).backward()
        optimizer.step()
    fleet.parameters = [tensor.detach().numpy() for tensor in tensors]


def _by_arm(given: float | Sequence[float], fleet: Fleet, name: str) -> np.ndarray:
    """Give each arm its number."""
    array = np.asarray(given, float)
    if array.shape not in ((), (fleet.arms,)):
        raise ValueError(f"{name} must be a number, or {fleet.arms}, one an arm; got {given!r}")
    return np.broadcast_to(array, fleet.arms)


def _on_axes(by_arm: np.ndarray, dtype: np.dtype) -> torch.Tensor:
    """Lay numbers of arms along the first of four axes: arms, seeds, examples, units."""
    return torch.tensor(np.array(by_arm, dtype)).reshape(-1, 1, 1, 1)
