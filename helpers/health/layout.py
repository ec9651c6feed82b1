"""Which axis of a tensor counts examples and which units; all others count positions."""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["Layout", "layout_of"]

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
        return values.flatten(1, -2) if values.ndim > 2 else values[:, None]

    def position_axis(self, ndim: int) -> int:
        """Give the axis of the positions in what `arrange` makes of so many axes."""
        return 1 if self.unit == ndim - 1 and not self.split else 2


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
        Axis of the units in that weight's products, from the end.
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
    """
    ndim = len(shape)
    if ndim == 1:
        return Layout(unit=0, example=-1)
    unit, split = _unit_axis(shape, units, out_axis), 0
    if units is not None and shape[unit] != units and shape[unit] % units == 0 and out_axis < -1:
        split = units  # pixels of a convolution, flattened
    if unit == 0:
        return Layout(unit=0, example=-1, split=split)
    if batch is None or shape[0] == batch:
        return Layout(unit, split=split)
    others = [axis for axis in range(1, ndim) if axis != unit and shape[axis] == batch]
    if others:
        return Layout(unit, example=others[0], split=split)
    if shape[0] % batch == 0:
        return Layout(unit, fold=batch, split=split)
    return Layout(unit, split=split, certain=False)


def _unit_axis(shape: tuple[int, ...], units: int | None, out_axis: int) -> int:
    """Find the axis of the units: where the weight says, or the one axis of that size."""
    ndim = len(shape)
    if units is not None:
        if -out_axis <= ndim and shape[out_axis] == units:
            return out_axis % ndim
        fitting = [axis for axis in range(1, ndim) if shape[axis] == units]
        if len(fitting) == 1:
            return fitting[0]
    return 1 if ndim == 2 or ndim >= 4 else ndim - 1
