"""The history of a site while a model is trained: who fell silent when, and who came back."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from helpers.health.calls import Activity
from helpers.health.capture import Capture
from helpers.health.tally import Tally

__all__ = ["WHY", "Death", "History", "parameters_of"]

# The parameters of a unit moved far if, between two looks, by over this share of their length.
FAR = 0.5
# Of more weights than this, some at equal distances tell how far all of them moved. To copy all at
# each look would cost more than the looking.
ENOUGH = 128

WHY = {
    "initialisation": "never active since the first look",
    "large step": f"fell silent as their parameters moved by over {FAR:.0%} between two looks",
    "training": "fell silent in training",
    "unknown": "not active since the first look, while their parameters moved far",
}


@dataclass
class Death:
    """The end of a unit, as far as was seen.

    Attributes
    ----------
    site : str
        Name of the site.
    unit : int
        Number of the unit.
    state : str
        "dead", or "always-negative" where gradient still passes.
    step : int
        The first look after it was last active; the first of all if it never was.
    last_active : int
        The last look at which it was active; -1 if it never was.
    revived : int
        The look at which it was active again; -1 if it never was.
    moved : float
        By what share of their length its parameters (incoming weights, bias, and what a
        normalisation makes of them) moved between these two looks, or since the first look if it
        never was active; nan if that is not known.
    """

    site: str
    unit: int
    state: str
    step: int
    last_active: int
    revived: int = -1
    moved: float = float("nan")

    @property
    def why(self) -> str:
        """What the history tells: "initialisation", "large step", "training" or "unknown"."""
        if self.last_active < 0:
            return "unknown" if self.moved > FAR else "initialisation"
        return "large step" if self.moved > FAR else "training"


@dataclass
class History:
    """What is kept of a site. Arrays have shape (units,)."""

    site: str
    activity: Activity
    silent_for: np.ndarray  # examples looked at since the unit was last active
    last_active: np.ndarray  # step; -1: never
    first_silent: np.ndarray  # step of the first look since then
    top: np.ndarray  # the largest z since then
    moved: np.ndarray  # by how much the parameters moved just before that look
    last: list[Tensor]  # parameters at the last look, each of shape (units, numbers)
    born: list[Tensor]  # and at the first, of the units that were silent then
    born_silent: np.ndarray
    device: torch.device  # of the activations, and of what the activation is set to
    open: dict[int, Death] = field(default_factory=dict)
    shares: dict[int, tuple[float, float]] = field(default_factory=dict)
    examples: int = 0  # looked at in all

    @staticmethod
    def begin(site: str, tally: Tally, active: np.ndarray, now: list[Tensor], step: int) -> History:
        """Begin at the first look."""
        units = len(active)
        silent = np.flatnonzero(~active)
        return History(
            site,
            tally.activity,
            silent_for=np.zeros(units, dtype=np.int64),
            last_active=np.full(units, -1),
            first_silent=np.full(units, step),
            top=np.full(units, -np.inf, dtype=np.float32),
            moved=np.full(units, np.nan),
            last=[part.clone() for part in now],
            born=[part[torch.from_numpy(silent).to(part.device)] for part in now],
            born_silent=silent,
            device=tally.top.device,
        )

    def look(
        self,
        active: np.ndarray,
        top: np.ndarray,
        now: list[Tensor],
        step: int,
        examples: int,
        window: int,
    ) -> list[Death]:
        """Take in one look, and give the deaths that it completes."""
        self.examples += examples
        if active.all() and not self.open:  # as nearly always
            self.silent_for[:], self.last_active[:], self.top[:] = 0, step, -np.inf
            self.shares[step] = 0.0, 0.0
            _keep(self.last, now)
            return []
        fell = np.flatnonzero(~active & (self.silent_for == 0))
        if len(fell):
            self.first_silent[fell] = step
            self.moved[fell] = _relative_move(self.last, now, fell, fell)
        self.silent_for += examples
        self.silent_for[active] = 0
        self.last_active[active] = step
        self.top = np.where(active, -np.inf, np.maximum(self.top, top))
        _keep(self.last, now)
        for unit in [unit for unit in self.open if active[unit]]:
            self.open.pop(unit).revived = step
        silent = self.silent_for >= window
        if not silent.any():
            self.shares[step] = 0.0, 0.0
            return []
        level = silent & self._is_level()
        self.shares[step] = float(level.mean()), float((silent & ~level).mean())
        return self._deaths(silent, level, now)

    def _is_level(self) -> np.ndarray:
        """Tell where the slope is 0 at the largest z since the unit was last active."""
        if not self.activity.can_die:
            return np.zeros(len(self.top), dtype=bool)
        largest = torch.from_numpy(self.top)[None].nan_to_num()
        return self.activity.level_below(largest.to(self.device))[0].cpu().numpy()

    def _deaths(self, silent: np.ndarray, level: np.ndarray, now: list[Tensor]) -> list[Death]:
        """Note the units that have been silent for long enough now, and were not before."""
        fresh = np.array([unit for unit in np.flatnonzero(silent) if unit not in self.open], int)
        never = fresh[self.last_active[fresh] < 0]
        if len(never):
            places = np.searchsorted(self.born_silent, never)
            self.moved[never] = _relative_move(self.born, now, places, never)
        for unit in fresh:
            self.open[int(unit)] = Death(
                self.site,
                int(unit),
                "dead" if level[unit] else "always-negative",
                step=int(self.first_silent[unit]),
                last_active=int(self.last_active[unit]),
                moved=float(self.moved[unit]),
            )
        return [self.open[int(unit)] for unit in fresh]


def parameters_of(tally: Tally, capture: Capture) -> list[Tensor]:
    """Give what decides on each unit: incoming weights (a sample), bias, scale, shift; as views."""
    found: list[tuple[Tensor | None, int]] = []
    for source in tally.origin.sources:
        found.append((capture.weights.get(source.name), source.axis))
        found.append((capture.biases.get(source.name), 0))
    found += [(part, 0) for part in capture.norms.get(tally.origin.norm, ())[1:]]
    rows = [
        part.detach().movedim(axis, 0).reshape(tally.units, -1)
        for part, axis in found
        if part is not None and part.ndim and part.shape[axis] == tally.units
    ]
    return [part[:, :: -(-part.shape[1] // ENOUGH)] for part in rows]


def _alike(some: list[Tensor], others: list[Tensor]) -> bool:
    return [part.shape[1:] for part in some] == [part.shape[1:] for part in others]


def _keep(last: list[Tensor], now: list[Tensor]) -> None:
    """Copy parameters into the place of the earlier ones: to write is all that it costs."""
    if not _alike(last, now):  # other parameters are at work, as control flow may have it
        last[:] = [part.clone() for part in now]
        return
    for old, new in zip(last, now, strict=True):
        old.copy_(new)


def _relative_move(
    before: list[Tensor], now: list[Tensor], old_rows: np.ndarray, rows: np.ndarray
) -> np.ndarray | float:
    """Say by what share of its length each of some rows moved; nan where that is not known."""
    if not now or not _alike(before, now):
        return np.nan
    moved, length = 0.0, 0.0
    for old, new in zip(before, now, strict=True):
        first = old[torch.from_numpy(old_rows).to(old.device)].float()
        second = new[torch.from_numpy(rows).to(new.device)].float()
        moved = moved + (second - first).square().sum(1)
        length = length + first.square().sum(1)
    return (moved / length).sqrt().cpu().numpy()
