"""Print the questions of the decks as polls: `python -m tools.polls`, or `... 05`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools.notebooks import that_begin
from tools.slides.deck import Deck, deck_of
from tools.slides.polls import Poll, read

HEAD = """\
# Polls

Each *Predict* is a question for the room; its options stand on the slide. (Those without a slide
belong to exercises.) *Expect* is how we think that a room will vote. Nobody has counted yet: write
down what you count, and tell us. The answer is quoted from the notebook, which has the numbers
behind it.
"""


def asked(
    notebook: dict[str, Any], polls: dict[str, Poll], deck: Deck
) -> list[tuple[str, str, Poll]]:
    """List place, question and poll for each question of a notebook, on a slide or not."""
    slides = {}
    for number, page in enumerate(deck.pages, start=1):
        for block in page.blocks:
            if "poll" in block.facts:
                slides[block.facts["poll"].cell] = number
    found, heading = [], ""
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        headings = re.findall(r"^#+ (.*)", source, re.MULTILINE)
        if cell["cell_type"] == "markdown" and headings:
            heading = headings[-1]
        if poll := polls.get(cell["id"]):
            slide = f"Slide {slides[poll.cell]}, " if poll.cell in slides else ""
            question = " ".join(source.partition("**Predict**")[2].split())
            found.append((f"{slide}{heading}", question, poll))
    return found


def as_markdown(paths: Sequence[Path]) -> str:
    """Write the polls of notebooks, one below the other.

    Parameters
    ----------
    paths : list of Path
        The notebooks.
    """
    lines = [HEAD]
    for path in paths:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        polls = read(path.stem)
        deck = deck_of(notebook, polls)
        lines += [f"## {path.stem.replace('_', ' ')}", ""]
        lines += [f"{len(deck.pages)} slides, about {deck.minutes} minutes with the polls.", ""]
        for place, question, poll in asked(notebook, polls, deck):
            stop = "" if place.endswith(("?", "!")) else "."
            lines += [f"**{place}{stop}** {question}", ""]
            lines += ["\\\n".join(poll.lettered)]
            lines += ["", f"Right: {poll.answer}. The notebook: \u201c{poll.seen}\u201d", ""]
            lines += [f"Expect: {poll.hands}. {poll.expect}", ""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all, or those of notebooks whose names begin as the arguments; return the exit code."""
    begins = sys.argv[1:] if arguments is None else arguments
    paths = that_begin(begins)
    if not paths:
        print(f"There is no notebook that begins with {' or '.join(begins)}.", file=sys.stderr)
        return 1
    print(as_markdown(paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
