"""Read what belongs to each question of a notebook when it is put to a room: docs/polls/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "polls"
LETTERS = "ABCDE"
HANDS = ("most", "half", "some", "few")  # of a room: what one can see without counting


@dataclass(frozen=True)
class Poll:
    """The options of a question, which one is right, and what a room is expected to do.

    Attributes
    ----------
    cell : str
        The id of the cell that asks.
    options : tuple of str
        Two to five, in a natural order.
    answer : str
        The letter of the right one.
    seen : str
        Words of the notebook, behind the question, that settle it.
    split : tuple of str
        For each option how many hands are expected for it, as in `HANDS`. A guess, not a count.
    expect : str
        Why those who are wrong are wrong, and what helps.
    """

    cell: str
    options: tuple[str, ...]
    answer: str
    seen: str
    split: tuple[str, ...]
    expect: str

    def __post_init__(self) -> None:
        """Refuse a poll that cannot be held."""
        letters = LETTERS[: len(self.options)]
        if not 2 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"{self.cell}: {len(self.options)} options; two to five are accepted")
        if len(set(self.options)) < len(self.options):
            raise ValueError(f"{self.cell}: an option stands there twice")
        if len(self.answer) != 1 or self.answer not in letters:
            raise ValueError(f"{self.cell}: answer {self.answer!r} is none of {letters}")
        if len(self.split) != len(self.options) or not set(self.split) <= set(HANDS):
            told = ", ".join(HANDS)
            raise ValueError(f"{self.cell}: split needs, for each option, one of {told}")

    @property
    def lettered(self) -> list[str]:
        """The options, each behind its letter."""
        return [f"{letter}) {text}" for letter, text in zip(LETTERS, self.options, strict=False)]

    @property
    def hands(self) -> str:
        """The expected split in words, the largest part first: ``"most B, some A, few C"``."""
        parts = sorted(zip(self.split, LETTERS, strict=False), key=lambda p: HANDS.index(p[0]))
        return ", ".join(f"{hands} {letter}" for hands, letter in parts)


def read(notebook: str, folder: Path = FOLDER) -> dict[str, Poll]:
    """Read the polls of a notebook.

    Parameters
    ----------
    notebook : str
        Its file name without ending, such as ``"01_meet_a_neuron"``.
    folder : Path
        Where the files are.

    Returns
    -------
    dict of str to Poll
        By the id of the cell that asks; empty if there is no file.

    Raises
    ------
    ValueError
        If a poll lacks a part, or is asked twice.
    """
    path = folder / f"{notebook}.toml"
    if not path.exists():
        return {}
    found: dict[str, Poll] = {}
    for told in tomllib.loads(path.read_text(encoding="utf-8"))["poll"]:
        lists = {name: tuple(told.get(name, ())) for name in ("options", "split")}
        try:
            poll = Poll(**(told | lists))
        except TypeError as error:
            raise ValueError(f"{path.name}, {told.get('cell', 'no cell')}: {error}") from None
        if poll.cell in found:
            raise ValueError(f"{path.name}: {poll.cell} stands there twice")
        found[poll.cell] = poll
    return found
