"""Make one deck of a session: sections of several notebooks, as plans.toml names them."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.slides.blocks import Block, bullets
from tools.slides.deck import Deck, Page, deck_of
from tools.slides.polls import read

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
FILE = Path(__file__).with_name("plans.toml")
LENGTH = 45  # minutes of a session
OPENING, CLOSING = 30, 60  # seconds on its title, and on what one can say at its end
CLOSE = "What you can now say"


@dataclass(frozen=True)
class Part:
    """Some sections of a deck: those named, or all but the title and those it goes without."""

    deck: str
    sections: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def pages(self) -> list[Page]:
        """Return its slides.

        Raises
        ------
        ValueError
            If the deck has no such section.
        """
        deck = _deck(self.deck)
        pages = [page for page in deck.pages if page.level > 1]
        there = {page.heading for page in pages}
        if missing := set(self.sections + self.without) - there:
            raise ValueError(f"deck {self.deck} has no section {', '.join(sorted(missing))}")
        if not self.sections:
            return [page for page in pages if page.heading not in self.without]
        return [page for page in pages if page.heading in self.sections]

    @property
    def minutes(self) -> float:
        """How long it takes."""
        return sum(page.seconds for page in self.pages()) / 60

    @property
    def words(self) -> str:
        """The sections as the guide's tables name them."""
        named = ", ".join(f"*{name}*" for name in self.sections or self.without)
        if self.sections:
            return named
        return f"all without {named}" if named else "all"


@dataclass(frozen=True)
class Session:
    """What is shown in one sitting."""

    title: str
    parts: tuple[Part, ...]
    hook: str = ""
    say: tuple[str, ...] = ()

    @property
    def minutes(self) -> float:
        """How long it takes, with its title and its end."""
        return sum(page.seconds for page in self.deck().pages) / 60

    def deck(self) -> Deck:
        """Make its slides: a title, then the sections in the order of the plan."""
        hook = [Block("text", self.hook)] if self.hook else []
        sections = [[Page(self.title, 1, blocks=hook, seconds=OPENING)]]
        for part in self.parts:
            for page in part.pages():
                if not page.goes_on:
                    sections.append([])
                sections[-1].append(page)
        if self.say:
            items = bullets([f"- {line}" for line in self.say], [])
            sections.append([Page(CLOSE, blocks=[items], seconds=CLOSING)])
        return Deck(self.title, sections)


def table(sessions: Sequence[Session]) -> str:
    """Return a plan as a table, as it stands in the guide."""
    rows = ["| Session | Minutes | Deck | Sections |", "|---|---|---|---|"]
    for number, session in enumerate(sessions, start=1):
        first = f"{number}. {session.title}: {session.minutes:.0f}"
        for part in session.parts:
            rows.append(f"| {first} | {part.minutes:.0f} | {part.deck} | {part.words} |")
            first = ""
    return "\n".join(rows).replace("|  |", "| |")


def read_plans() -> dict[int, tuple[Session, ...]]:
    """Read the plans: the sessions of each, by how many they are."""
    found = {}
    for plan in tomllib.loads(FILE.read_text(encoding="utf-8"))["plan"]:
        sessions = [
            Session(
                told["title"],
                _parts(told["parts"]),
                told.get("hook", ""),
                tuple(told.get("say", ())),
            )
            for told in plan["session"]
        ]
        found[plan["sessions"]] = tuple(sessions)
    return found


def _parts(told: Sequence[dict[str, str | list[str]]]) -> tuple[Part, ...]:
    return tuple(
        Part(part["deck"], tuple(part.get("sections", ())), tuple(part.get("without", ())))
        for part in told
    )


@cache
def _deck(begins: str) -> Deck:
    path = next(NOTEBOOKS.glob(f"{begins}_*.ipynb"))
    return deck_of(json.loads(path.read_text(encoding="utf-8")), read(path.stem))
