"""What the full runs have measured, as it is stored, and the verdicts of the whole ledger.

The file has verdicts for whoever reads it with other tools. Here they are computed from what was
measured, each time, by the criteria as they are now; a criterion that was changed after its run
makes the file stale.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from helpers.claims.claim import Claim, Result
from helpers.claims.criteria import (
    ALPHA,
    OPINION,
    UNDECIDED,
    VERDICTS,
    Finding,
    together,
)
from helpers.stats import holm

__all__ = [
    "RESULTS",
    "Judged",
    "StaleResultsError",
    "digest",
    "judged",
    "missing",
    "store",
    "stored",
]

RESULTS = Path(__file__).with_name("results.json")
DIGITS = 6  # significant ones that are stored, and judged


class StaleResultsError(ValueError):
    """Stored results do not belong to the criteria as they are now."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A claim, and what the ledger says of it.

    Attributes
    ----------
    claim : Claim
        The claim.
    verdict : str
        One of `criteria.VERDICTS`.
    findings : dict of str to Finding
        By condition. A verdict that did not survive Holm's correction is *undecided* here.
    adjusted : dict of str to float
        Holm's p-value of each finding that was estimated.
    result : Result or None
        The full run; None for an opinion.
    """

    claim: Claim
    verdict: str
    findings: Mapping[str, Finding]
    adjusted: Mapping[str, float]
    result: Result | None

    @property
    def told(self) -> str:
        """Name the conditions by what was found under them: "holds: digits; undecided: wine"."""
        groups = {
            verdict: [name for name, one in self.findings.items() if one.verdict == verdict]
            for verdict in VERDICTS
        }
        return "; ".join(f"{verdict}: {', '.join(of)}" for verdict, of in groups.items() if of)

    def __repr__(self) -> str:
        """Tell id and verdict."""
        return f"{self.claim.id}: {self.verdict}"


def digest(claim: Claim) -> str:
    """Summarise what was fixed before the run: criteria, seeds and settings of the full size.

    Parameters
    ----------
    claim : Claim
        One with an experiment.

    Returns
    -------
    str
        16 hexadecimal digits.
    """
    told = [claim.id, list(map(repr, claim.tests.items())), repr(sorted(claim.full.items()))]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


def stored(claims: Mapping[str, Claim], path: Path = RESULTS) -> dict[str, Result]:
    """Read what full runs have measured.

    Parameters
    ----------
    claims : mapping of str to Claim
        The ledger.
    path : path
        The file.

    Returns
    -------
    dict of str to Result
        For each claim that has an experiment.

    Raises
    ------
    StaleResultsError
        If a claim was never run, or its criteria or settings were changed after its run; the
        message tells which, and what to do.
    """
    entries = _read(path)
    if wrong := _missing(claims, entries):
        raise StaleResultsError(
            f"{', '.join(wrong)}: criteria or settings are not those of the stored run, or there is"
            " none. Run: make claims"
        )
    return {
        name: Result(
            claim,
            entries[name]["seeds"],
            entries[name]["settings"],
            {arm: np.array(values) for arm, values in entries[name]["measured"].items()},
            entries[name]["seconds"],
        )
        for name, claim in claims.items()
        if claim.experiment is not None
    }


def missing(claims: Mapping[str, Claim], path: Path = RESULTS) -> list[str]:
    """List the claims whose full run is not stored, or was made under other criteria.

    Parameters
    ----------
    claims, path
        As for `stored`.

    Returns
    -------
    list of str
        Their ids.
    """
    return _missing(claims, _read(path))


def _missing(claims: Mapping[str, Claim], entries: Mapping[str, Any]) -> list[str]:
    """List what the entries of a file lack, or have from a run under other criteria."""
    return [
        name
        for name, claim in claims.items()
        if claim.experiment is not None
        and (
            name not in entries
            or entries[name]["digest"] != digest(claim)
            or not set(claim.arms) <= entries[name]["measured"].keys()
        )
    ]


def store(result: Result, path: Path = RESULTS) -> None:
    """Put the result of one full run into the file, in the place of an older one.

    Parameters
    ----------
    result : Result
        Of a run of the full size.
    path : path
        The file; it is replaced in one go, so that nobody finds half of it.

    Raises
    ------
    ValueError
        If it has fewer seeds than the claim asks for, or not its settings, or lacks an arm.
    """
    claim = result.claim
    planned = dict(claim.full)
    if len(result.seeds) < planned.pop("seeds") or result.settings != planned:
        raise ValueError(f"{claim.id}: only a run of the full size is stored, with its settings")
    if lacking := set(claim.arms) - result.measured.keys():
        raise ValueError(f"{claim.id}: the run lacks {', '.join(sorted(lacking))}")
    measured = {arm: _rounded(result.measured[arm]) for arm in claim.arms}
    # What is judged are the numbers that the file has.
    result = dataclasses.replace(result, measured={a: np.array(v) for a, v in measured.items()})
    entry = {
        "digest": digest(claim),
        "seeds": result.seeds,
        "settings": result.settings,
        "seconds": round(result.seconds),
        "made with": _versions(),
        "measured": measured,
        "findings": _told(result.findings),
        "verdict": result.verdict,
    }
    entries = _read(path) | {claim.id: json.loads(json.dumps(entry))}
    # One line a claim: a change of one shows as one.
    lines = [f"{json.dumps(name)}: {json.dumps(entries[name])}" for name in sorted(entries)]
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    part.replace(path)


def judged(claims: Mapping[str, Claim], results: Mapping[str, Result]) -> dict[str, Judged]:
    """Give the verdict on every claim of a ledger, corrected for their number.

    Of dozens of tests at 5 % some would go wrong by accident. So the p-values of all findings are
    taken together, and only what survives Holm's correction is decided: in at most 5 % of ledgers
    like this one any verdict rests on an accident.

    Parameters
    ----------
    claims : mapping of str to Claim
        The ledger.
    results : mapping of str to Result
        For each claim that has an experiment.

    Returns
    -------
    dict of str to Judged
        In the order of the ledger.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure,
    https://www.jstor.org/stable/4615733
    """
    estimated = [
        (name, condition, finding.p_value)
        for name, result in results.items()
        for condition, finding in result.findings.items()
        if finding.p_value is not None
    ]
    corrected = holm([p_value for *_, p_value in estimated]) if estimated else []
    adjusted: dict[str, dict[str, float]] = {name: {} for name in results}
    for (name, condition, _), p_value in zip(estimated, corrected, strict=True):
        adjusted[name][condition] = float(p_value)
    found = {}
    for name, claim in claims.items():
        tested = claim.same_as or name
        if claim.opinion:
            found[name] = Judged(claim, OPINION, {}, {}, None)
            continue
        findings = {
            condition: _corrected(finding, adjusted[tested].get(condition))
            for condition, finding in results[tested].findings.items()
        }
        verdict = together({condition: one.verdict for condition, one in findings.items()})
        found[name] = Judged(claim, verdict, findings, adjusted[tested], results[tested])
    return found


def _corrected(finding: Finding, p_value: float | None) -> Finding:
    """Leave undecided what may be an accident among so many tests."""
    if p_value is None or p_value <= ALPHA:
        return finding
    return dataclasses.replace(finding, verdict=UNDECIDED)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Read the file; nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _told(findings: Mapping[str, Finding]) -> dict[str, dict[str, Any]]:
    """Write effects, intervals and verdicts, each by itself: without Holm's correction."""
    return {
        condition: {
            "verdict": one.verdict,
            "effect": one.effect.estimate,
            "interval": [one.effect.low, one.effect.high],
            "size": None if one.size is None else one.size.estimate,
            "p": one.p_value,
            "n": one.n,
        }
        for condition, one in findings.items()
    }


def _rounded(values: np.ndarray) -> list:
    """Write truths and whole numbers as they are, others to six significant digits."""
    if values.dtype.kind != "f":
        return values.tolist()
    return [float(f"{value:.{DIGITS}g}") for value in values]


def _versions() -> dict[str, str]:
    """Tell what a run was made with."""
    return {
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "torch": metadata.version("torch").partition("+")[0],
        "processor": platform.machine(),
        "system": platform.system(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }
