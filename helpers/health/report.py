"""What a diagnosis found: sites, units, what was covered, and all of it in words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from helpers.health.causes import CAUSES
from helpers.health.judge import ALWAYS_ON, NEAR_DEAD, SATURATED, STATES, TAU, Site
from helpers.stats import rule_of_three

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Coverage", "Report", "Unit", "frame_of"]

# So many names are written out for one reason; `Coverage.others` has them all.
SHOWN = 8


@dataclass(frozen=True)
class Unit:
    """One unit of a site.

    Attributes
    ----------
    site : str
        Name of the site.
    index : int
        Number of the unit: row of its weights, channel.
    state : str
        The gravest word that holds for it, one of `STATES`.
    cause, detail : str
        Why, if there is something to explain, and the evidence.
    active_share : float
        Share of the examples on which it is active.
    bound : float
        Where `active_share` is 0: the rate of firing that N examples rule out at 95 %. Else 1.
    on_share, dormancy, top : float
        Share of positions, activity against the site's mean, largest z.
    """

    site: str
    index: int
    state: str
    cause: str
    detail: str
    active_share: float
    bound: float
    on_share: float
    dormancy: float
    top: float


@dataclass(frozen=True)
class Coverage:
    """Which weights the diagnosis speaks about; no weight is left unmentioned.

    Attributes
    ----------
    judged : tuple of str
        Weights whose units were judged at an activation.
    outputs : tuple of str
        Weights whose products left the model without an activation, such as logits: never judged.
    others : mapping of str to str
        Every other weight, with the reason why its units were not judged.
    unread : mapping of str to int
        Of these, and where a loss was given: how many rows get a gradient of exactly 0.
    notes : tuple of str
        What could not be seen with certainty.
    """

    judged: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say it in a few lines."""
        lines = []
        if self.outputs:
            lines.append(f"no activation behind them, not judged: {', '.join(self.outputs)}")
        reasons: dict[str, list[str]] = {}
        for name, reason in self.others.items():
            rows = self.unread.get(name, 0)
            extra = f" ({rows} of its units get no gradient)" if rows else ""
            reasons.setdefault(reason, []).append(name + extra)
        for reason, names in reasons.items():
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            lines.append(f"not covered, {reason}: {', '.join(names[:SHOWN])}{more}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


@dataclass(frozen=True)
class Report:
    """What a diagnosis found.

    Attributes
    ----------
    model : str
        Name of the model's class.
    mode : str
        "eval" or "training".
    examples : int
        N, the number of examples it was judged on.
    sites : list of Site
        Each activation in the model's code, in the order of the calls.
    coverage : Coverage
        Which weights this speaks about.
    loss : float
        Mean loss over the examples; nan where none was given.
    axes : mapping of str to int
        Axis of the units in each weight that was used: 0 for Linear and Conv, 1 for ``x @ w``.
    """

    model: str
    mode: str
    examples: int
    sites: list[Site]
    coverage: Coverage
    loss: float
    axes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def units(self) -> list[Unit]:
        """Every unit of every site."""
        return [
            Unit(
                site=site.name,
                index=index,
                state=str(state),
                cause=site.causes[index],
                detail=site.details[index],
                active_share=float(site.active_share[index]),
                bound=rule_of_three(site.examples) if site.active_share[index] == 0 else 1.0,
                on_share=float(site.on_share[index]),
                dormancy=float(site.dormancy[index]),
                top=float(site.top[index]),
            )
            for site in self.sites
            for index, state in enumerate(site.states)
        ]

    @property
    def dead(self) -> int:
        """The number of dead units."""
        return sum(int(site.dead.sum()) for site in self.sites)

    def __getitem__(self, name: str) -> Site:
        """Give the one site whose name begins so, such as ``report["fc1"]``.

        Raises
        ------
        KeyError
            If no site does, or more than one.
        """
        found = [site for site in self.sites if site.name.startswith(name)]
        found = [site for site in found if site.name == name] or found
        if len(found) != 1:
            known = ", ".join(repr(site.name) for site in self.sites)
            raise KeyError(f"{len(found)} sites begin with {name!r}; there are {known}")
        return found[0]

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain lists, numbers and strings, ready for JSON; nan as None."""
        return {
            "model": self.model,
            "mode": self.mode,
            "examples": self.examples,
            "loss": _strict(self.loss),
            "thresholds": {
                "near_dead": NEAR_DEAD,
                "dormant": TAU,
                "saturated": SATURATED,
                "always_on": ALWAYS_ON,
            },
            "sites": [
                {
                    "name": site.name,
                    "activation": site.activation,
                    "weight": site.weight,
                    "units": site.units,
                    "examples": site.examples,
                    "positions": site.positions,
                    "states": dict(Counter(site.states.tolist())),
                }
                for site in self.sites
            ],
            "units": [
                {name: _strict(value) for name, value in vars(unit).items()} for unit in self.units
            ],
            "coverage": {
                "judged": list(self.coverage.judged),
                "outputs": list(self.coverage.outputs),
                "others": dict(self.coverage.others),
                "unread": dict(self.coverage.unread),
                "notes": list(self.coverage.notes),
            },
        }

    def to_frame(self) -> pd.DataFrame:
        """Give the units as a table, one row each.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return frame_of(self.units)

    def __str__(self) -> str:
        """Say it in a table, with what the counts mean."""
        if not self.sites:
            head = f"{self.model}: no activation was seen on {self.examples:,} examples."
            return "\n".join(filter(None, [head, str(self.coverage)]))
        counts = {site.name: Counter(site.states.tolist()) for site in self.sites}
        present = [
            s for s in STATES if s in ("dead", "healthy") or any(c[s] for c in counts.values())
        ]
        rows = [["site", "units", *present]]
        for site in self.sites:
            states = counts[site.name]
            rows.append(
                [
                    site.name,
                    f"{site.units:,}",
                    *(f"{states[s]:,}" if states[s] else "." for s in present),
                ]
            )
        lines = [
            f"{self.model}, {self.mode} mode, judged on N = {self.examples:,} examples",
            "",
            *_table(rows),
        ]
        return "\n".join([*lines, *self._meaning(), *filter(None, [str(self.coverage)])])

    def _meaning(self) -> list[str]:
        """Say what the counts mean, and what the causes are."""
        lines = [""]
        if self.dead:
            least = min(site.examples for site in self.sites if site.dead.any())
            lines.append(
                f"dead: never above 0 on N = {least:,} examples, at an activation that is level "
                "there.\n  Each fires on fewer than "
                f"{rule_of_three(least):.2%} of such examples, at 95 % confidence."
            )
        causes = Counter(
            (site.causes[i], site.states[i]) for site in self.sites for i in range(site.units)
        )
        for (cause, state), count in sorted(causes.items(), key=lambda item: -item[1]):
            if cause:
                lines.append(f"{count:,} {state}, cause: {cause} ({CAUSES[cause]})")
        return lines if len(lines) > 1 else []


def _strict(value: Any) -> Any:
    """Give None for nan and infinity, which JSON does not know."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]


def frame_of(items: Sequence[Any]) -> pd.DataFrame:
    """Give things with the same attributes as a table, one row each.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "to_frame needs pandas: pip install pandas. to_dict gives the same without it"
        ) from error
    return pd.DataFrame([vars(item) for item in items])
