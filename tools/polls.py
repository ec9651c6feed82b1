"""Write docs/polls.md, every question of the decks as a poll: `python -m tools.polls`.

Each **Predict** of a notebook is a question for the room. Options and the expected split come from
the notes for lecturers, where they tell them; nothing is made up where they do not.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from tools.slides.deck import deck_of, options_of

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "docs" / "polls.md"
HEAD = """\
# Polls

Written by `python -m tools.polls` from the notebooks; a test holds that it is fresh. Each *Predict*
of a deck, with the number of its slide. *Options* and *Expect* (how rooms usually vote, and what to
do about it) are there where the notes have them. Elsewhere take numbers or words from the room, and
write them down: a split that you have counted belongs into the cell's `notes`. Questions with one
right answer, and the reason against each other one, are in `docs/quiz.toml`
(`python -m tools.quiz 05`).
"""


def polls_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """List the questions of a notebook: slide, heading, question, options, what to expect."""
    found = []
    for number, page in enumerate(deck_of(notebook).pages, start=1):
        for block in page.blocks:
            if block.kind == "predict":
                question = " ".join(block.source.replace("**Predict**", "").split())
                note = block.facts.get("note", "")
                found.append(
                    {
                        "slide": number,
                        "heading": page.heading,
                        "question": question,
                        "options": options_of(note) or options_in(question),
                        "expect": note,
                    }
                )
    return found


def options_in(question: str) -> list[str]:
    """Find the options that a question itself names.

    Examples
    --------
    >>> options_in("How many nudges: about 5, about 50, or about 200?")
    ['about 5', 'about 50', 'about 200']
    >>> options_in("Is it above zero?")
    []
    """
    told = re.search(r": ([^:?.]+?),? or ([^:?.]+)\?", question)
    if not told:
        return []
    options = [*(part.strip() for part in told[1].split(",")), told[2].strip()]
    if re.match(r"(will|how|what|which|do|does|is|are)\b", options[0]):
        return []  # the colon was followed by the question, not by options
    return options if all(0 < len(option.split()) <= 7 for option in options) else []


def as_markdown(root: Path = ROOT) -> str:
    """Write the polls of all notebooks."""
    lines = [HEAD]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        deck = deck_of(notebook)
        lines += [f"## {path.stem.replace('_', ' ')}", ""]
        lines += [f"{len(deck.pages)} slides, about {deck.minutes} minutes with the polls.", ""]
        for poll in polls_of(notebook):
            lines += [f"**Slide {poll['slide']}, {poll['heading']}.** {poll['question']}", ""]
            if poll["options"]:
                letters = zip("ABCDEF", poll["options"], strict=False)
                told = "; ".join(f"{letter}) {option}" for letter, option in letters)
                lines += [f"- *Options:* {told}"]
            if poll["expect"]:
                lines += [f"- *Expect:* {poll['expect']}"]
            if lines[-1]:
                lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Write the file; return the exit code."""
    FILE.write_text(as_markdown(), encoding="utf-8", newline="\n")
    print(f"docs/{FILE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
