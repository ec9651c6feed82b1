"""Run the claims' experiments at their full size, store what they measure, and write CLAIMS.md.

python -m helpers.claims              # those that are not stored, or stored under other criteria
python -m helpers.claims A16 B5       # these, whether stored or not
python -m helpers.claims --all        # all, in some tens of minutes
python -m helpers.claims --quick      # all at their quick size, in seconds; nothing is stored

Finished chunks are kept in build/claims: what was cut off goes on from there.
"""

from __future__ import annotations

import argparse
import hashlib
import inspect
import shutil
from collections.abc import Sequence
from pathlib import Path

from helpers.claims.claim import FULL, Claim, run
from helpers.claims.ledger import CLAIMS
from helpers.claims.page import PAGE, page
from helpers.claims.quick import contradicts, quick_runs
from helpers.claims.results import judged, missing, store, stored
from helpers.sweep import BACKENDS

KEPT = Path("build") / "claims"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, and run what it asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.claims",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("ids", nargs="*", help="claims, such as A16; by default what is missing")
    parser.add_argument("--all", action="store_true", help="run every claim again")
    parser.add_argument(
        "--quick", action="store_true", help="quick runs, beside the stored verdict"
    )
    parser.add_argument("--page", action="store_true", help="only write CLAIMS.md")
    parser.add_argument(
        "--backend",
        choices=[name for name in BACKENDS if name],
        default="loky",
        help="of the sweep",
    )
    parser.add_argument("--workers", type=int, help="processes of loky; by default all cores")
    given = parser.parse_args(arguments)
    if unknown := sorted(set(given.ids) - CLAIMS.keys()):
        parser.error(f"there is no claim {', '.join(unknown)}, but {', '.join(CLAIMS)}")
    if given.quick:
        _quick(given.ids)
        return
    if not given.page:
        for number, claim in enumerate(asked := _asked(given.ids, given.all), start=1):
            print(f"== {claim.id} ({number} of {len(asked)}): {claim.says}", flush=True)
            _run_and_store(claim, given.backend, given.workers)
    _write_page()


def _asked(ids: Sequence[str], everything: bool) -> list[Claim]:
    """Pick the claims to run: timings last, when nothing else is left to run."""
    names = ids or (list(CLAIMS) if everything else missing(CLAIMS))
    tested = dict.fromkeys(CLAIMS[name].same_as or name for name in names)
    picked = [CLAIMS[name] for name in tested if CLAIMS[name].experiment is not None]
    return sorted(picked, key=lambda claim: claim.alone)


def _run_and_store(claim: Claim, backend: str, workers: int | None) -> None:
    """Run one claim at its full size, from the chunks that are kept if it was cut off."""
    # What an experiment calls in its module is part of it, so the folder is named by the module.
    source = Path(inspect.getsourcefile(claim.experiment)).read_bytes()
    folder = KEPT / f"{claim.id}-{hashlib.sha256(source).hexdigest()[:12]}"
    how = {"backend": "sequential"} if claim.alone else {"backend": backend, "workers": workers}
    result = run(claim, FULL, folder=str(folder), **how)
    store(result)
    shutil.rmtree(folder)  # it is stored now; whoever asks for it again wants it computed again
    print(result, f"\n    {result.seconds:.0f} s", flush=True)


def _quick(ids: Sequence[str]) -> None:
    """Print quick verdicts beside the stored ones."""
    ledger = judged(CLAIMS, stored(CLAIMS))
    asked = {name: CLAIMS[name] for name in ids or CLAIMS}
    for name, result in quick_runs(asked).items():
        mark = "  <-- contradicts" if contradicts(result, ledger[name]) else ""
        print(f"{name:4} {result.verdict:26} full: {ledger[name].verdict}{mark}")


def _write_page() -> None:
    """Write CLAIMS.md, if this is a clone and nothing is missing."""
    if left := missing(CLAIMS):
        print(f"CLAIMS.md is not written: still to run are {', '.join(left)}")
    elif not (PAGE.parent / "pyproject.toml").exists():
        print("CLAIMS.md is not written: this is no clone of the course")
    else:
        PAGE.write_text(page(judged(CLAIMS, stored(CLAIMS))), encoding="utf-8")
        print(f"{PAGE.name} is up to date")


if __name__ == "__main__":
    main()
