"""What a fleet is to learn: examples, shared by all networks or their own, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers import training

__all__ = ["Examples", "Task", "read_examples"]

CLASSES, NUMBERS = training.softmax_cross_entropy, training.mean_squared_error


@dataclass(frozen=True)
class Examples:
    """Examples for every network of a fleet, each set of them held once.

    Attributes
    ----------
    x : ndarray, shape (sets, N, inputs)
        Inputs.
    x_set : ndarray of int, shape (members,)
        Which set each network takes; arms vary slowest.
    y : ndarray, shape (sets, N) or (sets, N, outputs), optional
        Classes or numbers.
    y_set : ndarray of int, shape (members,), optional
        Which set of targets each network takes.
    """

    x: np.ndarray
    x_set: np.ndarray
    y: np.ndarray | None = None
    y_set: np.ndarray | None = None

    def __len__(self) -> int:
        """Count the examples of a set."""
        return self.x.shape[1]


@dataclass(frozen=True)
class Task:
    """What to learn, and what to measure on the way.

    Attributes
    ----------
    train, test, probe : Examples
        `test` may be missing; `probe` is `train` itself if none was given.
    loss : callable
        `training.softmax_cross_entropy` or `training.mean_squared_error`.
    record : frozenset of str
        What to record.
    """

    train: Examples
    test: Examples | None
    probe: Examples
    loss: training.Loss
    record: frozenset[str]

    @property
    def classes(self) -> bool:
        """Whether the targets are classes."""
        return self.loss is CLASSES


def read_examples(
    x: ArrayLike,
    y: ArrayLike | None,
    loss: training.Loss | None,
    shape: tuple[int, int],
    sizes: Sequence[int],
    which: str = "",
) -> tuple[Examples, training.Loss | None]:
    """Check examples, and tell which network takes which set of them.

    Parameters
    ----------
    x, y, loss
        As for `Fleet.fit`.
    shape : tuple of int
        Arms and seeds of the fleet.
    sizes : sequence of int
        Of its networks.
    which : str
        Added to the names in errors, such as " of test".

    Returns
    -------
    examples : Examples
    loss : callable or None
        The one given, or that for such targets; None without targets.

    Raises
    ------
    TypeError, ValueError
        If shapes, types or labels do not fit, or a number is not finite.
    """
    x = _numbers(x, f"x{which}")
    if x.ndim < 2 or x.shape[-1] != sizes[0] or not x.shape[-2]:
        raise ValueError(
            f"x{which} has the shape {x.shape}; this fleet takes (N, {sizes[0]}), or with data of "
            f"their own for arms or seeds {(*shape, 'N', sizes[0])}, 1 where they are shared"
        )
    x_sets, x_set = _sets(x, 2, shape, f"x{which}")
    if y is None:
        return Examples(x_sets.astype(np.float64), x_set), loss
    y = _numbers(y, f"y{which}")
    if loss is None:
        loss = CLASSES if y.dtype.kind in "iu" and y.shape[-1] == x.shape[-2] else NUMBERS
    elif loss not in (CLASSES, NUMBERS):
        raise ValueError(
            "loss must be training.softmax_cross_entropy or training.mean_squared_error, whose "
            f"gradients a fleet has stacked; got {loss!r}"
        )
    wanted = x.shape[-2:-1] if loss is CLASSES else (x.shape[-2], sizes[-1])
    if y.shape[-len(wanted) :] != wanted:
        raise ValueError(
            f"y{which} has the shape {y.shape}, x{which} has {x.shape}: for "
            + (
                "classes y must end in (N,), one label an example"
                if loss is CLASSES
                else f"numbers y must end in (N, {sizes[-1]}), a column an output"
            )
        )
    if loss is CLASSES:
        if y.dtype.kind not in "iu":
            raise ValueError(f"labels must be whole numbers; the type of y{which} is {y.dtype}")
        if y.min() < 0 or y.max() >= sizes[-1]:
            raise ValueError(
                f"labels run from {y.min()} to {y.max()}, but the networks have {sizes[-1]} "
                "outputs: classes are counted from 0, and each needs an output of its own"
            )
    y_sets, y_set = _sets(y, len(wanted), shape, f"y{which}")
    y_sets = y_sets.astype(np.int64 if loss is CLASSES else np.float64)
    return Examples(x_sets.astype(np.float64), x_set, y_sets, y_set), loss


def _numbers(given: ArrayLike, name: str) -> np.ndarray:
    values = np.asarray(given)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; its type is {values.dtype}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} holds nan or infinity: leave such rows out, or fill them in")
    return values.astype(np.int64) if values.dtype.kind == "b" else values


def _sets(
    values: np.ndarray, own: int, shape: tuple[int, int], name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return the different sets of examples, and which of them each network takes."""
    leading = values.shape[:-own]
    try:
        if len(leading) > 2:
            raise ValueError
        numbers = np.arange(int(np.prod(leading))).reshape(leading)
        which = np.broadcast_to(numbers, shape).flatten()
    except ValueError:
        raise ValueError(
            f"{name} has the leading axes {leading}, which do not fit a fleet of {shape[0]} arms x "
            f"{shape[1]} seeds: each must be that number or 1"
        ) from None
    return values.reshape(-1, *values.shape[-own:]), which
