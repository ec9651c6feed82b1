"""Print what is done of the exercises, or delete it: `make progress`, `make reset-progress`.

The folder is the one that `make course` uses: COURSE_PROGRESS_DIR, else my-course/progress.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

MINE = Path(__file__).resolve().parents[1] / "my-course"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or with --reset delete the records; return the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    unknown = set(arguments) - {"--reset", "--force"}
    if unknown:
        print(f"What is {' '.join(sorted(unknown))}? Known: --reset, --force.", file=sys.stderr)
        return 2
    if not os.environ.get("COURSE_PROGRESS_DIR"):
        os.environ["COURSE_PROGRESS_DIR"] = str(MINE / "progress")
    from helpers.exercises.course import overview, reset
    from helpers.exercises.progress import folder, load_all

    if "--reset" not in arguments:
        print(overview())
        return 0
    kept = len(load_all())
    if not kept:
        print(f"There is no progress in {folder()}: nothing to delete.")
        return 0
    if "--force" not in arguments and not _agrees(f"Delete the progress of {kept} exercises?"):
        print("Nothing was deleted.")
        return 1
    try:
        print(f"Deleted: the progress of {reset()} exercises.")
    except OSError as error:
        print(f"The progress cannot be deleted: {error}", file=sys.stderr)
        return 1
    return 0


def _agrees(question: str) -> bool:
    """Ask; no answer means no."""
    try:
        return input(f"{question} Type yes: ").strip().lower() == "yes"
    except (EOFError, KeyboardInterrupt):
        print()
        return False


if __name__ == "__main__":
    sys.exit(main())
