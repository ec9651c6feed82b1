"""Write the slides: `python -m tools.slides`, `... 01 06`, `... --pdf`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.slides.exporter import write

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "dist" / "slides"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-pdf-header-footer",
    "--virtual-time-budget=60000",
)


def print_pdf(deck: Path, chromium: str) -> Path:
    """Print a deck, a slide a page; return the file."""
    target = deck.with_suffix(".pdf")
    line = [chromium, *FLAGS, f"--print-to-pdf={target}", f"{deck.as_uri()}?print-pdf"]
    subprocess.run(line, check=True, capture_output=True, timeout=300)
    return target


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the decks that are asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.slides", description=__doc__)
    parser.add_argument("notebooks", nargs="*", help="how their names begin; none: all")
    parser.add_argument("--pdf", action="store_true", help="print each through Chromium, too")
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args(arguments)
    begins = tuple(asked.notebooks) or ("",)
    paths = [
        path for path in sorted(ROOT.glob("notebooks/*.ipynb")) if path.name.startswith(begins)
    ]
    if not paths:
        print(f"There is no notebook that begins with {' or '.join(begins)}.", file=sys.stderr)
        return 1
    chromium = None
    if asked.pdf:
        from tools import browser

        chromium = browser.find()
        if chromium is None:
            print("PDF needs Chromium: python -m tools.browser installs it.", file=sys.stderr)
            return 1
    for path in paths:
        start = time.perf_counter()
        target = asked.target.resolve() / f"{path.stem}.html"
        deck = write(path, target)
        told = f"{len(deck.pages)} slides, {deck.minutes} min, {target.stat().st_size / 1e6:.1f} MB"
        if chromium:
            told += f", PDF {print_pdf(target, chromium).stat().st_size / 1e6:.1f} MB"
        print(f"{path.stem}: {told} ({time.perf_counter() - start:.1f} s)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
