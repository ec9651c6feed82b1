"""Print the quiz of docs/quiz.toml with its answers: `python -m tools.quiz`, or `... 05`.

Choices are listed in alphabetical order, so that the place of the right one tells nothing.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "docs" / "quiz.toml"
LETTERS = "abcdef"


@dataclass(frozen=True)
class Item:
    """A question with one right choice; under each wrong one the reason why it is wrong."""

    id: str
    notebook: str
    question: str
    right: str
    wrong: dict[str, str]
    evidence: str

    @property
    def choices(self) -> dict[str, str]:
        """The choices by letter."""
        return dict(zip(LETTERS, sorted([self.right, *self.wrong]), strict=False))

    @property
    def answer(self) -> str:
        """The letter of the right choice."""
        return next(letter for letter, text in self.choices.items() if text == self.right)


def read(path: Path = FILE) -> tuple[list[Item], dict[str, list[str]]]:
    """Read the items, and the questions to talk about by notebook.

    Raises
    ------
    ValueError
        If an item lacks a part, or two wrong choices are the same.
    """
    found = tomllib.loads(path.read_text(encoding="utf-8"))
    items = []
    for told in found["item"]:
        wrong = dict(told["wrong"])
        if len(wrong) != len(told["wrong"]) or told["right"] in wrong:
            raise ValueError(f"{told['id']}: a choice stands there twice")
        try:
            items.append(Item(**(told | {"wrong": wrong})))
        except TypeError as error:
            raise ValueError(f"{told['id']}: {error}") from None
    return items, {told["notebook"]: told["questions"] for told in found["discussion"]}


def as_markdown(
    items: Sequence[Item], discussion: dict[str, list[str]], *, answers: bool = True
) -> str:
    """Write the quiz as Markdown, notebook by notebook; the answers below each question."""
    lines = ["# Quiz" if not answers else "# Quiz, with answers", ""]
    for notebook in sorted({*discussion, *(item.notebook for item in items)}):
        lines += [f"## {notebook.replace('_', ' ')}", ""]
        for item in items:
            if item.notebook != notebook:
                continue
            lines += [f"**{item.id}** {item.question}", ""]
            lines += [f"- {letter}) {text}" for letter, text in item.choices.items()]
            if answers:
                letters = {text: letter for letter, text in item.choices.items()}
                lines += ["", f"Right: {item.answer}. The notebook: \u201c{item.evidence}\u201d"]
                for text, why in item.wrong.items():  # a paragraph each: Markdown joins lines
                    lines += ["", f"Not {letters[text]}: {why}"]
            lines.append("")
        if notebook in discussion:
            lines += ["To talk about:", ""]
            lines += [f"- {question}" for question in discussion[notebook]] + [""]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all, or the notebooks whose names begin as the arguments do; return the exit code."""
    asked = tuple(sys.argv[1:] if arguments is None else arguments) or ("",)
    items, discussion = read()
    items = [item for item in items if item.notebook.startswith(asked)]
    discussion = {name: told for name, told in discussion.items() if name.startswith(asked)}
    if not items and not discussion:
        print(f"There is no notebook that begins with {' or '.join(asked)}.", file=sys.stderr)
        return 1
    print(as_markdown(items, discussion))
    return 0


if __name__ == "__main__":
    sys.exit(main())
