"""`Claim`: what is said, what would count for and against it, and the experiment; `run` runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from helpers.arguments import check_count
from helpers.claims.criteria import OPINION, Criterion, Finding, together
from helpers.sweep import sweep

__all__ = ["FULL", "QUICK", "Claim", "Experiment", "Result", "run"]

Experiment = Callable[..., Mapping[str, np.ndarray]]

QUICK, FULL = "quick", "full"
# Criteria were written, and numbers of seeds chosen, with the help of trials on seeds below 10,000.
# Full runs start from there: nobody had seen what these seeds say. Quick runs have others again.
FIRST_SEED = {QUICK: 1_000, FULL: 10_000}
# Seeds computed together in a full run; a multiple of it leaves no core idle at the end.
CHUNK = 25


@dataclass(frozen=True, eq=False)
class Claim:
    """One claim of the two articles, and how it is put to the test.

    Attributes
    ----------
    id : str
        "A16": source A or B, and a number.
    says : str
        The claim in our own words, a sentence.
    how : str
        What is done, and what is looked at: a sentence or two.
    where : str
        The cell of the course that deals with it, as in "06#rates": notebook and id of the cell.
    experiment : callable, optional
        ``experiment(seeds, **settings)`` returns for each arm an array with one value a seed. Its
        defaults are the settings of the full run.
    tests : mapping of str to Criterion
        For each condition under which the claim is tried what would count for and against it.
    quick, full : mapping
        "seeds", how many, and settings of the experiment in which a run of that size differs from
        its defaults. None as `quick`: only the full run is of use, as for timings.
    alone : bool
        Nothing else may run on the machine meanwhile: timings.
    same_as : str
        Id of the claim with which this one is tested, where both sources say the same.
    opinion : str
        Why nothing can be measured, and which example shows what is meant.
    title : str
        A few words, for figures.
    """

    id: str
    says: str
    how: str
    where: str
    experiment: Experiment | None = None
    tests: Mapping[str, Criterion] = field(default_factory=dict)
    quick: Mapping[str, Any] | None = field(default_factory=lambda: {"seeds": 10})
    full: Mapping[str, Any] = field(default_factory=lambda: {"seeds": 100})
    alone: bool = False
    same_as: str = ""
    opinion: str = ""
    title: str = ""

    def __post_init__(self) -> None:
        """Refuse a claim that is tested in no way, or in two."""
        kinds = [self.experiment is not None, bool(self.same_as), bool(self.opinion)]
        if sum(kinds) != 1 or (self.experiment is not None) != bool(self.tests):
            raise ValueError(
                f"claim {self.id} needs an experiment with tests, or same_as, or an opinion: one of"
                " the three"
            )
        for name in ("tests", "quick", "full"):
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, MappingProxyType(dict(given)))

    @property
    def source(self) -> str:
        """Which article says it: "A" or "B"."""
        return self.id[0]

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms that its criteria look at."""
        return tuple(dict.fromkeys(arm for one in self.tests.values() for arm in one.arms))

    def __repr__(self) -> str:
        """Tell id and claim."""
        return f"Claim {self.id}: {self.says}"


@dataclass(frozen=True, eq=False)
class Result:
    """What one run of a claim's experiment has measured, and what its criteria say of it.

    Attributes
    ----------
    claim : Claim
        What was put to the test.
    seeds : list of int
        On which seeds.
    settings : dict
        In what the run differed from the experiment's defaults.
    measured : dict of str to ndarray, shapes (seeds,)
        For each arm one value a seed.
    seconds : float
        How long it took; 0 where it was read from a file of finished chunks.
    """

    claim: Claim
    seeds: list[int]
    settings: dict[str, Any]
    measured: dict[str, np.ndarray]
    seconds: float = 0.0

    @cached_property
    def findings(self) -> dict[str, Finding]:
        """What each criterion says whose arms were measured; by condition."""
        return {
            condition: criterion.judge(self.measured)
            for condition, criterion in self.claim.tests.items()
            if set(criterion.arms) <= self.measured.keys()
        }

    @property
    def verdict(self) -> str:
        """The verdict of this run by itself: without regard to the other claims of the ledger."""
        return together({condition: one.verdict for condition, one in self.findings.items()})

    def __str__(self) -> str:
        """Write the claim, the verdict, and a line for each condition."""
        lines = [
            f"{self.claim.id}  {self.claim.says}",
            f"    {self.verdict}; {len(self.seeds)} seeds",
        ]
        wide = max(map(len, self.findings))
        lines += [f"    {name:{wide}}  {finding}" for name, finding in self.findings.items()]
        return "\n".join(lines)


def run(
    claim: Claim,
    size: str = QUICK,
    *,
    seeds: int | None = None,
    folder: str | None = None,
    backend: str | None = None,
    workers: int | None = None,
    chunk: int | None = None,
    progress: bool = True,
    **settings: Any,
) -> Result:
    """Run a claim's experiment, and judge it by the criteria that were stated before.

    Parameters
    ----------
    claim : Claim
        One of the ledger, or your own.
    size : {"quick", "full"}
        Seconds or minutes; the two take different seeds.
    seeds : int, optional
        How many, in place of what the claim says for this size.
    folder, backend, workers, chunk, progress
        As for `helpers.sweep.sweep`.
    **settings
        Of the experiment, such as ``epochs=30``, in place of what the claim says.

    Returns
    -------
    Result
        Printed, it tells the verdict and what was found under each condition.

    Raises
    ------
    TypeError, ValueError
        If the claim has no experiment, or none of this size; or a setting is unknown.

    Examples
    --------
    >>> from helpers.claims import CLAIMS
    >>> result = run(CLAIMS["A2"], seeds=3)
    >>> result.verdict
    'holds'
    """
    if claim.experiment is None:
        told = f"tested with {claim.same_as}: run that" if claim.same_as else OPINION
        raise ValueError(f"claim {claim.id} has no experiment: {told}")
    if size not in FIRST_SEED:
        raise ValueError(f"size must be {QUICK!r} or {FULL!r}; got {size!r}")
    planned = claim.quick if size == QUICK else claim.full
    if planned is None:
        raise ValueError(f"claim {claim.id} has no quick run: give size={FULL!r}")
    chosen = {name: value for name, value in planned.items() if name != "seeds"} | settings
    count = planned["seeds"] if seeds is None else seeds
    check_count(count, "seeds", 3)  # an effect size needs three
    first = FIRST_SEED[size]
    began = time.perf_counter()
    found = sweep(
        {},
        range(first, first + count),
        claim.experiment,
        folder=folder,
        backend=backend,
        workers=workers,
        chunk=chunk or (count if size == QUICK else CHUNK),
        progress=progress,
        **chosen,
    )
    measured = {arm: values[0] for arm, values in found.arrays.items()}
    return Result(claim, found.seeds, chosen, measured, time.perf_counter() - began)
