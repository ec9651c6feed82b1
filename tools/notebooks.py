"""Which notebooks are meant: `01 06` on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def that_begin(begins: Sequence[str], root: Path = ROOT) -> list[Path]:
    """Return the notebooks of a clone whose names begin so, in order; all, if nothing is named."""
    paths = sorted(root.glob("notebooks/*.ipynb"))
    return [path for path in paths if path.name.startswith(tuple(begins) or ("",))]
