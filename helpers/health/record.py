"""What all passes over a model have seen together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

import torch

from helpers.health.calls import Activity
from helpers.health.names import UNKNOWN, Place, Source, written
from helpers.health.tally import Evidence, Glimpse, Origin, Sight, Tally
from helpers.health.wiring import Wiring

__all__ = ["Record"]


@dataclass
class Record:
    """What all passes have seen together.

    Attributes
    ----------
    names, paths : dict of int to str
        Names of the model's parameters and modules, by identity.
    wanted : callable
        Tells whether a site is to be looked at, by its name.
    evidence_for : collection of str, optional
        Names of the sites of which evidence is taken; None for all.
    counts : bool
        Whether values are counted and added up; else only the largest z of each unit is kept.
    tallies : dict
        What was seen, by call site, in the order of the calls.
    unwanted : set of str
        Names of the sites that were left out.
    sources : dict of str to Source
        The weights that were used.
    outputs : set of str
        Those of them whose products left the model without an activation.
    computed : dict of str to Place
        Weights that are no parameters but computed in the model's own code, and where first.
    products : dict of tuple to Origin
        The products that were met, of parameters with the values of a site; where from each comes.
    notes : set of str
        What could not be looked at, or not with certainty.
    before : dict of str to Evidence
        Moments of what normalisations were given, by their names; where evidence is taken.
    gathers : bool
        Whether small activations wait for those of later passes. What was seen is complete only
        after `settle` then.
    waiting : dict of Tally to list of Sight
        Small activations of the last passes, of `PIECE` numbers in all at most.
    waits : int
        How many numbers wait.
    wiring : Wiring, optional
        Where values come from and go to otherwise; None if nobody asks.
    """

    names: dict[int, str]
    paths: dict[int, str]
    wanted: Callable[[str], bool] = lambda name: True
    evidence_for: Collection[str] | None = ()
    counts: bool = True
    tallies: dict[tuple, Tally] = field(default_factory=dict)
    unwanted: dict[tuple, str] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    computed: dict[str, Place] = field(default_factory=dict)
    products: dict[tuple, Origin] = field(default_factory=dict)
    notes: set[str] = field(default_factory=set)
    before: dict[str, Evidence] = field(default_factory=dict)
    wiring: Wiring | None = None
    alive: Any = None  # the model: were it gone, other objects might get the same identities
    lock: Any = field(default_factory=threading.RLock)
    gathers: bool = False
    waiting: dict[Tally, list[Sight]] = field(default_factory=dict)
    waits: int = 0

    @staticmethod
    def of(model: torch.nn.Module, **options: Any) -> Record:
        """Prepare an empty record for a model."""
        names = {id(parameter): written(name) for name, parameter in model.named_parameters()}
        paths = {id(module): written(path) for path, module in model.named_modules()}
        return Record(names, paths, alive=model, **options)

    def take(self, tally: Tally, seen: Sight | Glimpse) -> None:
        """Take in what a pass has seen at a site; small activations wait for others."""
        if isinstance(seen, Glimpse):
            tally.add(seen)
            return
        others = self.waiting.setdefault(tally, [])
        if others and not others[0].fits(seen):
            self.settle()
            others = self.waiting.setdefault(tally, [])
        others.append(seen)
        self.waits += seen.a.numel()

    def settle(self) -> None:
        """Look at all small activations that wait."""
        with torch._C.DisableTorchFunction():
            for tally, sights in self.waiting.items():
                tally.add(tally.look(Sight.join(sights)))
        self.waiting.clear()
        self.waits = 0

    def tally(self, activity: Activity, origin: Origin, place: Place, units: int) -> Tally | None:
        """Find the tally of a call site, or begin one; None if the site is not wanted."""
        key = activity.name, origin.names, place, units, origin.norm
        known = self.tallies.get(key)
        if known is not None:
            return known
        with self.lock:
            if key in self.tallies or key in self.unwanted:
                return self.tallies.get(key)
            name = _site_name(activity, origin, place)
            known = [*(tally.name for tally in self.tallies.values()), *self.unwanted.values()]
            same = sum(other.partition(" #")[0] == name for other in known)
            name = f"{name} #{same + 1}" if same else name
            if not self.wanted(name):
                self.unwanted[key] = name
                return None
            evidence = self.evidence_for is None or name in self.evidence_for
            self.tallies[key] = Tally(name, activity, origin, evidence, self.counts)
            return self.tallies[key]


def _site_name(activity: Activity, origin: Origin, place: Place) -> str:
    """Name a site, as "fc1.weight -> relu @ model.py:30"."""
    weights = " + ".join(source.name for source in origin.sources) or UNKNOWN
    name = " -> ".join(filter(None, (weights, origin.norm, activity.name)))
    return f"{name} @ {place}" if str(place) else name
