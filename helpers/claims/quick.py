"""Quick runs of the whole ledger, and what it means that one contradicts the full run."""

from __future__ import annotations

from collections.abc import Mapping

from tqdm.auto import tqdm

from helpers.claims.claim import Claim, Result, run
from helpers.claims.criteria import UNDECIDED
from helpers.claims.results import Judged

__all__ = ["contradicts", "quick_runs"]


def quick_runs(claims: Mapping[str, Claim], progress: bool = True) -> dict[str, Result]:
    """Run claims at their quick size, in this process.

    Parameters
    ----------
    claims : mapping of str to Claim
        The ledger, or some of it. All of it takes well under half a minute.
    progress : bool
        Show a progress bar.

    Returns
    -------
    dict of str to Result
        By id; claims that have no quick run are left out: opinions, timings, and those that are
        tested with another.

    Examples
    --------
    >>> from helpers.claims import CLAIMS
    >>> quick_runs({"A2": CLAIMS["A2"]})["A2"].verdict
    'holds'
    """
    tested = {
        name: claim
        for name, claim in claims.items()
        if claim.experiment is not None and claim.quick is not None
    }
    # Shown at once: a bar that appears later has a time in its text, which differs at every run.
    bar = tqdm(tested.items(), desc="claims", leave=False, disable=not progress)
    return {name: run(claim, progress=False) for name, claim in bar}


def contradicts(quick: Result, full: Judged) -> bool:
    """Tell whether a quick run decides otherwise than the full one, under any condition.

    Undecided contradicts nothing: a quick run has few seeds.

    Parameters
    ----------
    quick : Result
        From `run` or `quick_runs`.
    full : Judged
        Of the same claim.
    """
    return any(
        UNDECIDED not in {finding.verdict, full.findings[condition].verdict}
        and finding.verdict != full.findings[condition].verdict
        for condition, finding in quick.findings.items()
        if condition in full.findings
    )
