"""Write the slides: `python -m tools.slides`, `... 01 06`, `... --plan 1`, `... --pdf`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools.notebooks import that_begin
from tools.slides.deck import Deck
from tools.slides.exporter import write, write_deck
from tools.slides.plans import read_plans, table

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
    parser.add_argument("--plan", type=int, help="a file for each session of this plan: 1, 2, 4, 8")
    parser.add_argument("--plans", action="store_true", help="only print the plans, with minutes")
    parser.add_argument("--pdf", action="store_true", help="print each through Chromium, too")
    parser.add_argument("--target", type=Path, default=TARGET)
    asked = parser.parse_args(arguments)
    if asked.plans:
        for count, sessions in read_plans().items():
            print(f"Sessions: {count}\n\n{table(sessions)}\n")
        return 0
    if asked.plan is not None and asked.plan not in read_plans():
        print(f"There is no plan for {asked.plan} sessions.", file=sys.stderr)
        return 1
    decks = to_write(asked.notebooks, asked.plan)
    if not decks:
        named = " or ".join(asked.notebooks)
        print(f"There is no notebook that begins with {named}.", file=sys.stderr)
        return 1
    chromium = None
    if asked.pdf:
        from tools import browser

        chromium = browser.find()
        if chromium is None:
            print("PDF needs Chromium: python -m tools.browser installs it.", file=sys.stderr)
            return 1
    for name, make in decks.items():
        start = time.perf_counter()
        target = asked.target.resolve() / f"{name}.html"
        deck = make(target)
        told = f"{len(deck.pages)} slides, {deck.minutes} min, {target.stat().st_size / 1e6:.1f} MB"
        if chromium:
            told += f", PDF {print_pdf(target, chromium).stat().st_size / 1e6:.1f} MB"
        print(f"{name}: {told} ({time.perf_counter() - start:.1f} s)")
    return 0


def to_write(begins: Sequence[str], plan: int | None) -> dict[str, Callable[[Path], Deck]]:
    """Return for each file's name what writes it: the sessions of a plan, or notebooks."""
    if plan is not None:
        sessions = read_plans()[plan]
        return {
            f"plan-{plan}" + (f"-session-{number}" if plan > 1 else ""): partial(
                write_deck, session.deck()
            )
            for number, session in enumerate(sessions, start=1)
        }
    return {path.stem: partial(write, path) for path in that_begin(begins)}


if __name__ == "__main__":
    sys.exit(main())
