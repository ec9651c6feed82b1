"""Which axis of a tensor counts examples and which units; all others count positions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch

__all__ = ["Layout", "axis_after_move", "axis_after_reshape", "layout_of"]

Tensor = torch.Tensor


@dataclass(frozen=True)
class Layout:
    """How to bring a tensor into three axes: examples, then units and positions in either order.

    Attributes
    ----------
    unit : int
        Axis of the units.
    example : int
        Axis of the examples; -1 where there is one example, without an axis.
    fold : int
        Number of examples, where axis 0 holds the positions of each, one example after the other.
    split : int
        Number of units, where their axis holds the positions of each, one unit after the other.
    certain : bool
        False where the number of examples could not be told, and rows are counted instead.

    Examples
    --------
    >>> Layout(unit=1).arrange(torch.zeros(8, 3, 5, 5)).shape  # channels of pixels
    torch.Size([8, 3, 25])
    >>> Layout(unit=2, example=1).arrange(torch.zeros(7, 8, 3)).shape  # 7 tokens first
    torch.Size([8, 7, 3])
    """

    unit: int
    example: int = 0
    fold: int = 0
    split: int = 0
    certain: bool = True

    def arrange(self, values: Tensor) -> Tensor:
        """Give the three axes; a view, for all usual layouts.

        Positions come second where units are the last axis of `values`, and last otherwise.
        """
        unit, example = self.unit, self.example
        last = unit == values.ndim - 1 and not self.split
        if self.split:
            values = values.unflatten(unit, (self.split, -1))
        if self.fold:
            values, unit = values.unflatten(0, (self.fold, -1)), unit + 1
        if example < 0:
            values, unit = values[None], unit + 1
        elif example > 0:
            values, unit = values.movedim(example, 0), unit + (unit < example)
        if not last:
            return values.movedim(unit, 1).flatten(2)
        return values.flatten(1, -2) if values.ndim > 2 else values.unsqueeze(1)

    def examples(self, shape: tuple[int, ...]) -> int:
        """Give the number of examples in a tensor of this shape."""
        return 1 if self.example < 0 else self.fold or shape[self.example]

    def position_axis(self, ndim: int) -> int:
        """Give the axis of the positions in what `arrange` makes of so many axes."""
        return 1 if self.unit == ndim - 1 and not self.split else 2


@lru_cache(maxsize=1024)  # the same at each pass
def layout_of(
    shape: tuple[int, ...], units: int | None, out_axis: int, batch: int | None
) -> Layout:
    """Tell the axes of a pre-activation.

    Parameters
    ----------
    shape : tuple of int
        Of the pre-activation, or of the activation.
    units : int or None
        How many units the weight before it has; None if that weight is not known.
    out_axis : int
        Axis of these units, from the end. A whole number of times as long, it holds the positions
        of each unit too, one unit after the other.
    batch : int or None
        How many examples the batch has; None if that is not known.

    Returns
    -------
    Layout
        Its axes. Where neither the weight nor the batch tells, examples come first, and units come
        second among pixels (4 axes or more) and last otherwise.

    Examples
    --------
    >>> layout_of((8, 16, 7), units=16, out_axis=-2, batch=8)  # a Conv1d
    Layout(unit=1, example=0, fold=0, split=0, certain=True)
    >>> layout_of((56, 16), units=16, out_axis=-1, batch=8)  # tokens, flattened
    Layout(unit=1, example=0, fold=8, split=0, certain=True)
    >>> layout_of((8, 80), units=16, out_axis=-1, batch=8)  # pixels of a convolution, flattened
    Layout(unit=1, example=0, fold=0, split=16, certain=True)
    """
    ndim = len(shape)
    if units is None:
        unit, split = 0 if ndim == 1 else 1 if ndim == 2 or ndim >= 4 else ndim - 1, 0
    else:
        unit = out_axis % ndim
        split = 0 if shape[unit] == units else units
    if unit == 0:
        return Layout(unit=0, example=-1, split=split)
    if batch is None or shape[0] == batch:
        return Layout(unit, split=split)
    others = [axis for axis in range(1, ndim) if axis != unit and shape[axis] == batch]
    folds = shape[0] % batch == 0
    # Of (tokens, examples, units) the second axis counts examples; pixels may happen to be as many.
    if others and (not folds or (ndim == 3 and unit == 2)):
        return Layout(unit, example=others[0], split=split)
    if folds:
        return Layout(unit, fold=batch, split=split)
    return Layout(unit, split=split, certain=False)


def axis_after_reshape(
    before: tuple[int, ...], after: tuple[int, ...], axis: int, units: int
) -> int | None:
    """Find the axis of the units again after a reshape, which keeps the order of all values.

    Parameters
    ----------
    before, after : tuple of int
        The shapes.
    axis : int
        The axis before, from the end.
    units : int
        How many units there are.

    Returns
    -------
    int or None
        The axis after, from the end; it may hold the positions of each unit too (see `layout_of`).
        None where the units no longer lie along one axis.

    Examples
    --------
    >>> axis_after_reshape((8, 16, 5, 5), (8, 16, 25), axis=-3, units=16)
    -2
    >>> axis_after_reshape((8, 16, 5, 5), (8, 400), axis=-3, units=16)
    -1
    >>> axis_after_reshape((8, 5, 5, 16), (8, 400), axis=-1, units=16) is None
    True
    """
    # What lies within all units of one position is as much as before; ahead of it all may differ.
    span = math.prod(before[axis:])
    fitting = [
        place for place in range(-1, -len(after) - 1, -1) if math.prod(after[place:]) == span
    ]
    alone = [place for place in fitting if after[place] == units]
    shared = [place for place in fitting if units and after[place] % units == 0]
    return next(iter(alone + shared), None)


def axis_after_move(move: Callable[[Tensor], Tensor], ndim: int, axis: int) -> int | None:
    """Find the axis of the units again after axes were moved, or averaged over.

    Parameters
    ----------
    move : callable
        Does the same to a tensor with as many axes.
    ndim, axis : int
        The number of axes before, and the axis of the units, from the end.

    Returns
    -------
    int or None
        The axis after, from the end; None if it is gone.

    Examples
    --------
    >>> axis_after_move(lambda x: x.permute(0, 2, 3, 1), ndim=4, axis=-3)
    -1
    >>> axis_after_move(lambda x: x.mean(1), ndim=4, axis=-3) is None
    True
    """
    # No two of its axes have the same length, so that each is known by it.
    marked = torch.zeros(tuple(range(2, 2 + ndim)), device="cpu")
    moved = move(marked).shape
    return moved.index(marked.shape[axis]) - len(moved) if marked.shape[axis] in moved else None
