"""Judge: say by `helpers.units` what the units of a site are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import torch

from helpers import units
from helpers.health.names import UNKNOWN
from helpers.health.tally import Tally

__all__ = ["ALWAYS_ON", "NEAR_DEAD", "SATURATED", "STATES", "TAU", "Site", "judge"]

NEAR_DEAD = 0.01  # active on fewer than this share of the examples
TAU = 0.025  # dormant at this share of the layer's mean activity, or below
ALWAYS_ON = 0.999  # active at this share of all positions, or above
SATURATED = 0.95  # flat on this share of the examples, or above

# From the gravest on; where several hold for a unit, the first of them names it.
STATES = (
    "not finite",
    "dead",
    "blocked",
    "always-negative",
    "saturated",
    "near-dead",
    "dormant",
    "always-on",
    "healthy",
)


@dataclass(frozen=True, eq=False)
class Site:
    """One activation in the model's code, and what its units are. Arrays have shape (units,).

    Attributes
    ----------
    name : str
        Weight, normalisation, activation and place, as "fc1.weight -> relu @ model.py:30".
    activation : str
        Such as "relu".
    weight : str
        The weight behind it; empty if that is not known.
    examples, positions : int
        N, the independent examples; and values of each unit in them (pixels, tokens).
    active_share : ndarray
        Share of the examples on which the unit is active (z > 0) at one position at least.
    on_share : ndarray
        Share of all positions at which it is active.
    dormancy : ndarray
        Mean abs(a) of the unit over that of the site (`units.dormancy`).
    top : ndarray
        The largest z seen; for ReLU and ReLU6, what they made of it.
    not_finite, dead, always_negative, near_dead, dormant, saturated, always_on : ndarray of bool
        The words of `helpers.units`, each for itself.
    stuck, blocked : ndarray of bool
        Where the gradient of all incoming weights is exactly 0, and of these the active units.
        Empty where no loss was given.
    norm : str
        The normalisation between weight and activation, such as "bn1"; empty if there is none.
    consumers : mapping of str to int
        The weights that these units feed, and how many columns of each belong to a unit.
    units_last : bool
        Whether positions came before units: flattened, the columns of a unit then lie apart.
    bias : str
        The parameter that is added to the products of `weight`; empty if there is none.
    ties : str or None
        What else hangs on these units than their weights, in words; empty if nothing does. None
        where that was not asked: where no unit of the model is off or saturated (`thorough`).
    causes : list of str
        For each unit: why, in a word; "" where there is nothing to explain.
    details : list of str
        For each unit: the evidence, in a sentence.
    """

    name: str
    activation: str
    weight: str
    examples: int
    positions: int
    active_share: np.ndarray
    on_share: np.ndarray
    dormancy: np.ndarray
    top: np.ndarray
    not_finite: np.ndarray
    dead: np.ndarray
    always_negative: np.ndarray
    near_dead: np.ndarray
    dormant: np.ndarray
    saturated: np.ndarray
    always_on: np.ndarray
    stuck: np.ndarray
    blocked: np.ndarray
    norm: str = ""
    consumers: Mapping[str, int] = field(default_factory=dict)
    units_last: bool = True
    bias: str = ""
    ties: str | None = None
    causes: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    @property
    def units(self) -> int:
        """The number of units."""
        return len(self.dead)

    @property
    def states(self) -> np.ndarray:
        """The gravest word that holds for each unit, one of `STATES`; shape (units,)."""
        named = np.full(self.units, "healthy", dtype=object)
        for state in reversed(STATES[:-1]):
            mask = getattr(self, state.replace("-", "_").replace(" ", "_"))
            if len(mask):
                named[mask] = state
        return named

    @property
    def suspects(self) -> np.ndarray:
        """Indices of the units that need an explanation."""
        asked = self.not_finite | self.dead | self.always_negative | self.near_dead
        return np.flatnonzero(asked | self.saturated)

    def __repr__(self) -> str:
        """Name the site and its counts."""
        return f"<Site {self.name}: {int(self.dead.sum())} of {self.units} dead>"


def judge(tally: Tally, gradient: torch.Tensor | None = None) -> Site:
    """Say what the units of a site are.

    A maximum stands for all it was taken over: z <= 0 everywhere where the largest z is, and
    f' = 0 everywhere below where it is 0 at the largest, since what is flat there stays flat.

    Parameters
    ----------
    tally : Tally
        What was seen.
    gradient : Tensor, optional
        The largest abs of the gradient of each unit's incoming weights, shape (units,).

    Returns
    -------
    Site
        What its units are, without causes.

    Examples
    --------
    >>> from helpers.health.calls import read_activation
    >>> from helpers.health.capture import Capture
    >>> from helpers.health.record import Record
    >>> record = Record.of(torch.nn.Linear(1, 1))
    >>> with Capture(record) as capture:
    ...     a = torch.relu(torch.tensor([[1.0, -1.0], [0.0, -2.0]]))
    >>> capture.finish(a)
    >>> judge(next(iter(record.tallies.values()))).dead
    array([False,  True])
    """
    n, positions = tally.examples, tally.positions
    known = [source.name for source in tally.origin.sources if source.name != UNKNOWN]
    active, on = _array(tally.on_examples), _array(tally.on_positions)
    size, top = _array(tally.size), tally.top[None]
    odd = ~(
        np.isfinite(active) & np.isfinite(on) & np.isfinite(size) & np.isfinite(_array(tally.top))
    )
    none, sound = np.zeros(len(odd), dtype=bool), ~odd
    dead = none
    if tally.activity.can_die:
        dead = _array(units.dead(top, (~tally.activity.level_below(top)).to(top.dtype)))
    flat = np.zeros(len(odd))
    if isinstance(tally.flat_examples, torch.Tensor):
        flat = _array(tally.flat_examples)
    always_negative = _array(units.always_off(top)) & ~dead
    activity = size / positions
    dormancy = np.full(len(odd), np.nan)
    dormancy[sound] = units.dormancy(activity[None, sound]) if sound.any() else []
    still, active_units = np.empty(0, dtype=bool), active > 0
    if gradient is not None:
        still = _array(units.stuck(gradient[:, None], axis=0))
    with np.errstate(invalid="ignore"):
        return Site(
            name=tally.name,
            activation=tally.activity.name,
            weight=known[0] if known else "",
            examples=n,
            positions=positions,
            active_share=np.where(odd, np.nan, active / n),
            on_share=np.where(odd, np.nan, on / positions),
            dormancy=dormancy,
            top=_array(tally.top),
            not_finite=odd,
            dead=dead & sound,
            always_negative=always_negative & sound,
            near_dead=(active / n < NEAR_DEAD) & sound,
            dormant=(dormancy <= TAU) & sound,
            saturated=(flat / n >= SATURATED) & sound,
            always_on=(on / positions >= ALWAYS_ON) & sound,
            stuck=still,
            blocked=still & active_units & sound if len(still) else still,
            norm=tally.origin.norm,
            consumers=dict(tally.consumers),
            units_last=tally.units_last,
        )


def _array(values: torch.Tensor) -> np.ndarray:
    values = values.detach().cpu()
    return (values.float() if values.dtype == torch.bfloat16 else values).numpy()
