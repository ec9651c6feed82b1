"""Units and examples are followed through every reshape and move, or given up; never mixed up."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.health.layout import Layout, axis_after_move, axis_after_reshape, layout_of

SIZES = st.lists(st.integers(1, 4), min_size=2, max_size=4)


def units_of(shape: tuple[int, ...], axis: int) -> torch.Tensor:
    """A tensor in which each value is the number of its unit."""
    numbers = torch.arange(shape[axis])
    behind = [1] * (-1 - axis)
    return numbers.reshape(-1, *behind).expand(shape).contiguous()


@st.composite
def reshapes(draw: st.DrawFn) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    shape = tuple(draw(SIZES))
    axis = -draw(st.integers(1, len(shape) - 1))
    left, after = math.prod(shape), []
    while left > 1 and len(after) < 5:
        after.append(draw(st.sampled_from([d for d in range(1, left + 1) if left % d == 0])))
        left //= after[-1]
    return shape, axis, (*after, left)


@settings(max_examples=400, deadline=None)
@given(case=reshapes())
def test_units_after_a_reshape(case: tuple[tuple[int, ...], int, tuple[int, ...]]) -> None:
    shape, axis, after = case
    units = shape[axis]
    moved = units_of(shape, axis).reshape(after)
    found = axis_after_reshape(shape, after, axis, units)
    if found is None:  # then there is no such axis
        for place in range(-len(after), 0):
            if after[place] == units and units > 1 and moved.numel() == math.prod(shape):
                assert not torch.equal(moved, units_of(after, place))
        return
    rows = moved.movedim(found, 0).unflatten(0, (units, -1)).flatten(1)
    assert torch.equal(rows, torch.arange(units)[:, None].expand_as(rows))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), shape=st.lists(st.integers(1, 3), min_size=2, max_size=5))
def test_units_after_a_permutation(data: st.DataObject, shape: list[int]) -> None:
    order = data.draw(st.permutations(range(len(shape))))
    axis = -data.draw(st.integers(1, len(shape)))
    found = axis_after_move(lambda x: x.permute(*order), len(shape), axis)
    moved = units_of(tuple(shape), axis).permute(*order)
    assert torch.equal(moved, units_of(tuple(moved.shape), found))


@settings(max_examples=100, deadline=None)
@given(data=st.data(), shape=st.lists(st.integers(1, 3), min_size=2, max_size=5))
def test_units_after_a_mean(data: st.DataObject, shape: list[int]) -> None:
    dims = data.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
    keep = data.draw(st.booleans())
    axis = -data.draw(st.integers(1, len(shape)))
    mean = lambda x: x.float().mean(tuple(dims), keepdim=keep)  # noqa: E731
    found = axis_after_move(mean, len(shape), axis)
    assert (found is None) == (axis % len(shape) in dims)
    if found is not None:
        moved = mean(units_of(tuple(shape), axis))
        assert torch.equal(moved, units_of(tuple(moved.shape), found).float())


@pytest.mark.parametrize(
    ("shape", "layout", "wanted"),
    [
        ((5,), Layout(unit=0, example=-1), (1, 1, 5)),
        ((15,), Layout(unit=0, example=-1, split=5), (1, 5, 3)),
        ((8, 5), Layout(unit=1), (8, 1, 5)),
        ((8, 15), Layout(unit=1, split=5), (8, 5, 3)),
        ((24, 5), Layout(unit=1, fold=8), (8, 3, 5)),
        ((24, 5, 7), Layout(unit=1, fold=8), (8, 5, 21)),
        ((7, 8, 5), Layout(unit=2, example=1), (8, 7, 5)),
        ((5, 7, 7), Layout(unit=0, example=-1), (1, 5, 49)),
        ((8, 7, 7, 5), Layout(unit=3), (8, 49, 5)),
    ],
)
def test_arrangements(shape: tuple[int, ...], layout: Layout, wanted: tuple[int, ...]) -> None:
    values = torch.arange(math.prod(shape)).reshape(shape)
    arranged = layout.arrange(values)
    assert tuple(arranged.shape) == wanted
    assert torch.equal(arranged.flatten().sort().values, values.flatten())
    assert layout.examples(shape) == wanted[0]
    units = wanted[3 - layout.position_axis(len(shape))]
    assert units == 5


@pytest.mark.parametrize(
    ("shape", "units", "axis", "batch", "wanted"),
    [
        ((8, 16), None, -1, 8, Layout(unit=1)),
        ((8, 7, 16), None, -1, 8, Layout(unit=2)),
        ((8, 16, 7, 7), None, -1, 8, Layout(unit=1)),
        ((16,), None, -1, 8, Layout(unit=0, example=-1)),
        ((8, 16, 7), 16, -2, None, Layout(unit=1)),
        ((7, 8, 16), 16, -1, 8, Layout(unit=2, example=1)),
        ((16, 8, 16), 16, -1, 8, Layout(unit=2, example=1)),
        ((24, 16, 8), 16, -2, 8, Layout(unit=1, fold=8)),  # pixels, as many as examples
        ((24, 8, 4, 16), 16, -1, 8, Layout(unit=3, fold=8)),
        ((7, 8, 4, 16), 16, -1, 8, Layout(unit=3, example=1)),
        ((16, 7, 7), 16, -3, 16, Layout(unit=0, example=-1)),
        ((9, 16), 16, -1, 8, Layout(unit=1, certain=False)),
    ],
)
def test_axes(
    shape: tuple[int, ...], units: int | None, axis: int, batch: int | None, wanted: Layout
) -> None:
    assert layout_of(shape, units, axis, batch) == wanted


def test_no_units_at_all() -> None:
    assert axis_after_reshape((3, 0, 2), (3, 0), -2, 0) in (None, -1)
