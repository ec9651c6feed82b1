"""What is kept of an activation: sums and maxima for each unit, of one pass and of all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import torch

from helpers.health.calls import Activity
from helpers.health.names import Source

__all__ = ["FLAT_BELOW", "NOWHERE", "PIECE", "Evidence", "Glimpse", "Origin", "Sight", "Tally"]

Tensor = torch.Tensor

# A slope counts as flat below this (`units.saturated`).
FLAT_BELOW = 0.01
# So many numbers are looked at together, so that what is made of them takes little memory; where
# hardly anything is made, more of them, as each piece takes as long as 100,000 numbers more.
PIECE, LARGE = 2**18, 2**20
# Of an activation of no more numbers, the looking itself costs less than the calls that it takes.
SMALL = 2**15


@dataclass(frozen=True)
class Origin:
    """Where a tensor comes from, as far as it matters here.

    Attributes
    ----------
    sources : tuple of Source
        The weights whose products were added to make it.
    norm : str
        The normalisation behind them, such as "bn1"; empty if there is none.
    feeder : Tally, optional
        The activation whose values these are, if they are an activation's.
    axis : int
        Axis of the units, from the end.
    partial : bool
        Whether more weights than these were added.
    """

    sources: tuple[Source, ...] = ()
    norm: str = ""
    feeder: Tally | None = None
    axis: int = -1
    partial: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the sources."""
        return tuple(source.name for source in self.sources)


NOWHERE = Origin()


@dataclass
class Evidence:
    """Moments of the pre-activations, for the causes; shape (units,) each.

    Sums are taken around `shift`, the mean over the first batch, so that a spread that is small
    beside the mean is not lost to rounding.
    """

    shift: Tensor | None = None
    positions: int = 0
    total: Tensor | float = 0.0
    squares: Tensor | float = 0.0
    low: Tensor | float = math.inf
    high: Tensor | float = -math.inf

    @property
    def mean(self) -> Tensor:
        """The mean pre-activation."""
        return self.shift + self.total / self.positions

    @property
    def spread(self) -> Tensor:
        """The standard deviation of the pre-activation."""
        around = self.total / self.positions
        return (self.squares / self.positions - around * around).clamp_min(0).sqrt()

    def add(self, z: Tensor, position_axis: int, padded: Tensor | None) -> None:
        """Add pre-activations, arranged by a `Layout`, a few examples after the others."""
        for cut in _cuts(z, PIECE):
            self._add(z[cut], position_axis, None if padded is None else padded[cut])

    def _add(self, z: Tensor, axis: int, padded: Tensor | None) -> None:
        axes, count = (0, axis), _positions(z, axis, padded)
        low = _wide(_hidden(z, padded, math.inf).amin(axes))
        high = _wide(_hidden(z, padded, -math.inf).amax(axes))
        around = _wide(z, copy=True)
        if self.shift is None:
            self.shift = _hidden(around, padded, 0.0).sum(axes) / max(count, 1)
        around.sub_(self.shift if axis == 1 else self.shift[:, None])
        around = _hidden(around, padded, 0.0)
        self.positions += count
        self.total += around.sum(axes)
        self.squares += around.square_().sum(axes)
        self.low = low if isinstance(self.low, float) else self.low.minimum(low)
        self.high = high if isinstance(self.high, float) else self.high.maximum(high)


@dataclass
class Counts:
    """What one pass has counted and added up at a site."""

    on: Tensor  # (examples, units): where z > 0, or nan, at one position at least
    flat: Tensor | None  # (examples, units): where abs(f'(z)) is below FLAT_BELOW at all positions
    on_positions: Tensor
    size: Tensor

    def merge(self, later: Counts) -> Counts:
        """Join what a later call in the same pass has counted."""
        return Counts(
            on=self.on | later.on,
            flat=None if self.flat is None else self.flat & later.flat,
            on_positions=_wide(self.on_positions) + later.on_positions,
            size=_wide(self.size) + later.size,
        )

    @staticmethod
    def join(parts: list[Counts]) -> Counts:
        """Put together what was counted of some examples after the others."""
        return Counts(
            on=torch.cat([part.on for part in parts]),
            flat=None if parts[0].flat is None else torch.cat([part.flat for part in parts]),
            on_positions=_wide(torch.stack([part.on_positions for part in parts])).sum(0),
            size=_wide(torch.stack([part.size for part in parts])).sum(0),
        )


@dataclass
class Glimpse:
    """What one pass has seen at a site; all its calls there are positions of the same examples."""

    examples: int
    positions: int
    single: bool  # one position each
    top: Tensor
    counts: Counts | None  # None where only the largest z is asked for

    def merge(self, later: Glimpse) -> Glimpse:
        """Join what a later call in the same pass has seen."""
        return Glimpse(
            examples=self.examples,
            positions=self.positions + later.positions,
            single=False,
            top=self.top.maximum(later.top),
            counts=None if self.counts is None else self.counts.merge(later.counts),
        )

    @staticmethod
    def join(parts: list[Glimpse]) -> Glimpse:
        """Put together what was seen of some examples after the others."""
        if len(parts) == 1:
            return parts[0]
        counts = [part.counts for part in parts if part.counts is not None]
        return Glimpse(
            examples=sum(part.examples for part in parts),
            positions=sum(part.positions for part in parts),
            single=parts[0].single,
            top=torch.stack([part.top for part in parts]).amax(0),
            counts=Counts.join(counts) if counts else None,
        )


@dataclass
class Sight:
    """An activation as a pass has seen it, before it is reduced; arranged by a `Layout`."""

    z: Tensor | None  # None where `a` tells as much
    a: Tensor
    position_axis: int
    padded: Tensor | None = None  # True at the positions that are padding

    @property
    def is_small(self) -> bool:
        """Whether to look at it takes longer than to keep it, to be looked at with others."""
        return self.padded is None and self.a.numel() <= SMALL

    def kept(self) -> Sight:
        """Copy it, since an activation may be overwritten later in the pass."""
        return Sight(None if self.z is None else self.z.clone(), self.a.clone(), self.position_axis)

    def fits(self, other: Sight) -> bool:
        """Tell whether the other holds further examples of the same kind."""
        return self.a.shape[1:] == other.a.shape[1:] and self.position_axis == other.position_axis

    @staticmethod
    def join(parts: list[Sight]) -> Sight:
        """Put small activations together, one pass after the other."""
        zs = None if parts[0].z is None else torch.cat([part.z for part in parts])
        return Sight(zs, torch.cat([part.a for part in parts]), parts[0].position_axis)


@dataclass(eq=False)
class Tally:
    """What was seen at one call site: sums and maxima for each unit, shape (units,).

    Attributes
    ----------
    name : str
        Such as "fc1.weight -> relu @ model.py:30".
    activity : Activity
        The activation.
    origin : Origin
        Where its input comes from.
    wants_evidence : bool
        Whether moments of the pre-activations are taken too, and flat examples at one-sided curves.
    counts : bool
        Whether anything is counted and added up at all; else only the largest z is kept.
    units : int
        Number of units.
    units_last : bool
        Whether positions come before units: flattened, the values of a unit then lie apart.
    axis : int
        Axis of the units in the activation, from the end.
    examples, positions : int
        Independent examples seen, and values of each unit in them.
    on_examples, on_positions : Tensor
        On how many of these z > 0. An example counts if it is so at one of its positions.
    flat_examples : Tensor
        On how many examples abs(f'(z)) was below FLAT_BELOW at all positions.
    size : Tensor
        Sum of abs(a) over positions.
    top : Tensor
        The largest z (for ReLU: the largest a, which tells as much).
    consumers : dict of str to int
        The weights that these units feed: by name, how many of its columns each unit has.
    """

    name: str
    activity: Activity
    origin: Origin
    wants_evidence: bool = False
    counts: bool = True
    units: int = 0
    units_last: bool = True
    axis: int = -1
    examples: int = 0
    positions: int = 0
    on_examples: Tensor | float = 0.0
    on_positions: Tensor | float = 0.0
    flat_examples: Tensor | float = 0.0
    size: Tensor | float = 0.0
    top: Tensor | float = -math.inf
    evidence: Evidence | None = None
    consumers: dict[str, int] = field(default_factory=dict)

    @property
    def _asks_for_slopes(self) -> bool:
        activity = self.activity
        return activity.two_sided or (self.wants_evidence and activity.saturates)

    def add(self, glimpse: Glimpse) -> None:
        """Add what one pass has seen."""
        self.examples += glimpse.examples
        self.positions += glimpse.positions
        self.top = glimpse.top if isinstance(self.top, float) else self.top.maximum(glimpse.top)
        counts = glimpse.counts
        if counts is None:
            return
        self.on_positions = _total(self.on_positions, counts.on_positions)
        # Where examples have one position each, both counts are the same.
        on_examples = counts.on_positions if glimpse.single else _count(counts.on)
        self.on_examples = _total(self.on_examples, on_examples)
        self.size = _total(self.size, counts.size)
        if counts.flat is not None:
            self.flat_examples = _total(self.flat_examples, _count(counts.flat))

    def add_evidence(self, z: Tensor, position_axis: int, padded: Tensor | None) -> None:
        """Add the moments of pre-activations, arranged by a `Layout`."""
        if self.evidence is None:
            self.evidence = Evidence()
        self.evidence.add(z, position_axis, padded)

    def look(self, sight: Sight) -> Glimpse:
        """Reduce an activation, a few examples after the others."""
        z, a, padded, position_axis = sight.z, sight.a, sight.padded, sight.position_axis
        most = PIECE if self.wants_evidence or self._asks_for_slopes else LARGE
        if a.numel() <= most or a.device.type != "cpu":
            return self._look_at(z, a, position_axis, padded)
        pieces = []
        for cut in _cuts(a, most):
            mask = None if padded is None else padded[cut]
            pieces.append(self._look_at(None if z is None else z[cut], a[cut], position_axis, mask))
        return Glimpse.join(pieces)

    def _look_at(self, z: Tensor | None, a: Tensor, axis: int, padded: Tensor | None) -> Glimpse:
        """Look at some examples. To make bools of numbers is quick, to compare numbers is not."""
        activity, source = self.activity, a if z is None else z
        seen = _hidden(source, padded, -math.inf)
        top, single = _largest(seen, axis), a.shape[axis] == 1
        counts = None
        if self.counts:
            flat = None
            if self._asks_for_slopes:
                steep = _hidden(activity.steepness(source, a), padded, 0.0)
                flat = _largest(steep, axis) < FLAT_BELOW
            a = _hidden(a, padded, 0.0)
            # A nan counts as on here; size and top tell.
            on = (a if z is None and activity.from_output else seen.relu()).bool()
            size = a if activity.from_output else a.abs()
            counts = Counts(
                on=on.squeeze(axis) if single else top.relu().bool(),
                flat=flat,
                on_positions=_count(on).sum(axis - 1),
                size=size.sum(0, dtype=torch.float32).sum(axis - 1),
            )
        return Glimpse(
            examples=len(a),
            positions=_positions(a, axis, padded),
            single=single,
            top=top.amax(0),
            counts=counts,
        )


def _wide(values: Tensor, copy: bool = False) -> Tensor:
    """Make sums of many batches exact; Apple's processors for graphics know no float64."""
    wide = torch.float32 if values.device.type == "mps" else torch.float64
    return values.to(wide, copy=copy)


def _total(total: Tensor | float, part: Tensor) -> Tensor:
    """Add to a total of its own, which is wide from the first part on."""
    return _wide(part, copy=True) if isinstance(total, float) else total.add_(part)


def _count(true: Tensor) -> Tensor:
    """Count over the first axis.

    Eight bools are read as one number: their counts add up in its bytes, as none exceeds 128.
    """
    rows, rest = len(true), len(true) % 128
    if true.numel() <= SMALL or true.numel() % (8 * rows) or not true.is_contiguous():
        return true.view(torch.int8).float().sum(0)
    if rest and rows > 128:
        return _count(true[:-rest]) + _count(true[-rest:])
    eights = true.view(-1).view(torch.int64).view(min(rows, 128), -1)
    return eights.sum(0).view(torch.uint8).view(-1, *true.shape[1:]).float().sum(0)


def _largest(values: Tensor, axis: int) -> Tensor:
    return values.squeeze(axis) if values.shape[axis] == 1 else values.amax(axis)


def _hidden(values: Tensor, mask: Tensor | None, fill: float) -> Tensor:
    return values if mask is None else values.masked_fill(mask, fill)


def _cuts(values: Tensor, most: int) -> list[slice]:
    """Cut examples into pieces of so many numbers at most, but of one example at least."""
    rows = max(1, most * len(values) // max(1, values.numel()))
    return [slice(start, start + rows) for start in range(0, len(values), rows)]


def _positions(values: Tensor, axis: int, padded: Tensor | None) -> int:
    """Count the positions of all examples that are no padding."""
    return len(values) * values.shape[axis] if padded is None else int((~padded).sum())
