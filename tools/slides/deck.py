"""Choose what of a notebook is shown to a room, and lay it out on slides.

A deck is made for showing, so it is not the notebook:

- cells of type ``skip`` are left out, and of the exercises all but their titles;
- of a paragraph its first sentences stay (the course says the answer first), as many as have some
  30 words; the rest goes into the speaker's notes. Lists lose the explanations of their items in
  the same way. Formulas and tables stay whole;
- a question (**Predict**) ends its slide: nobody sees the answer before the vote. Below it are the
  options of its poll (docs/polls); which one is right, and what to expect of the room, is in the
  notes. Code, what it prints, and the sentence about it are on the next slide together;
- a figure or a lab fills its slide, with a sentence or two; its caption is in the notes;
- code is shown where it is the point: it defines something, or is short and prints what follows.
  Code that draws, or sets up an experiment, is hidden, and so are long ``print``. Where the room is
  asked which line is wrong, it is shown whole, with numbers, before the question and behind it;
- what stands under a heading is cut into slides by `layout`.

Heights are estimated, on a stage of 1280 x 720. The page measures again and makes smaller what
still does not fit; a test in the browser allows little of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tools.slides.blocks import (
    GAP,
    LINE,
    SECONDS,
    Block,
    bullets,
    of_code,
    of_markdown,
    options_height,
)
from tools.slides.layout import cut, height
from tools.slides.polls import Poll

EXERCISES = "Exercises"
ASKS_FOR_A_LINE = "line = ..."  # how a cell begins in which one names the line that is wrong
LEAST, MOST = 0.7, 2.0  # how far the minutes of a note may compress or stretch a section


@dataclass
class Page:
    """One slide."""

    heading: str = ""
    level: int = 2
    goes_on: bool = False
    blocks: list[Block] = field(default_factory=list)
    seconds: int = 0

    @property
    def kind(self) -> str:
        """What the slide is about."""
        kinds = {block.kind for block in self.blocks}
        if self.level == 1 and not self.goes_on:
            return "title"
        return next((k for k in ("lab", "figure", "predict", "code") if k in kinds), "text")

    @property
    def sparse(self) -> bool:
        """Whether there is so little on it that it can be larger."""
        plain = not any(block.kind == "output" for block in self.blocks)
        return self.kind == "text" and plain and self.height <= 5 * LINE + GAP * len(self.blocks)

    @property
    def height(self) -> int:
        """The estimated height of what is on it, without a figure."""
        return height(self.blocks)

    @property
    def notes(self) -> list[str]:
        """What the speaker is told."""
        return [note for block in self.blocks for note in block.notes]


@dataclass
class Deck:
    """The slides of one notebook: sections, which lie beside each other, of slides."""

    title: str
    sections: list[list[Page]]

    @property
    def pages(self) -> list[Page]:
        """All slides, in order."""
        return [page for section in self.sections for page in section]

    @property
    def minutes(self) -> int:
        """How long showing it takes."""
        return round(sum(page.seconds for page in self.pages) / 60)

    @property
    def labs(self) -> list[str]:
        """The labs in it, each once."""
        blocks = [block for page in self.pages for block in page.blocks]
        return list(dict.fromkeys(b.facts["lab"] for b in blocks if b.kind == "lab"))


def deck_of(notebook: dict[str, Any], polls: Mapping[str, Poll] | None = None) -> Deck:
    """Make the slides of a notebook.

    Parameters
    ----------
    notebook : dict
        As in the file, outputs stored.
    polls : mapping of str to Poll, optional
        For its questions, by the id of the cell that asks.

    Returns
    -------
    Deck

    Raises
    ------
    ValueError
        If the first cell that is shown has no title.
    """
    stretches = _stretches(notebook["cells"], polls or {})
    if not stretches or stretches[0].level != 1:
        raise ValueError("the first cell that is shown must begin with `# ` and a title")
    sections: list[list[Page]] = []
    for stretch in stretches:
        if stretch.begins:
            sections.append([])
        stretch.pages = _pages(stretch, follows=bool(sections[-1]))
        sections[-1] += stretch.pages
    _set_seconds(stretches)
    return Deck(stretches[0].heading, sections)


@dataclass
class _Stretch:
    """What stands under one heading, or from one ``slide`` cell to the next."""

    heading: str
    level: int
    begins: bool  # a section; else it goes on with the last one
    same: bool  # has the heading of the last one
    blocks: list[Block] = field(default_factory=list)
    minutes: int = 0  # if a note says how many
    pages: list[Page] = field(default_factory=list)


def _stretches(cells: Sequence[dict[str, Any]], polls: Mapping[str, Poll]) -> list[_Stretch]:
    found: list[_Stretch] = []
    for number, cell in enumerate(cells):
        if _type(cell) in {"skip", "notes"}:
            continue
        source = "".join(cell["source"])
        headings: list[tuple[int, str]] = []
        if cell["cell_type"] == "markdown":
            headings, blocks, hidden = of_markdown(source)
        else:
            ahead = ["".join(later["source"]) for later in cells[number + 1 : number + 3]]
            asked = any(text.startswith(ASKS_FOR_A_LINE) for text in ahead)
            blocks, hidden = of_code(source, cell["outputs"], numbered=asked)
        level, heading = headings[-1] if headings else (0, "")
        at_home = bool(found) and found[-1].heading == EXERCISES and level != 2
        starts = not at_home and bool(headings or _type(cell) == "slide" or not found)
        if starts:
            last = found[-1] if found else _Stretch("", 2, True, False)
            begins = not found or (bool(headings) and _type(cell) == "slide")
            found.append(
                _Stretch(heading or last.heading, level or last.level, begins, not heading)
            )
        stretch = found[-1]
        notes = _notes(cell, polls, stretch, starts=starts)
        if stretch.heading == EXERCISES:
            _take_home(stretch, heading, blocks, [*hidden, *notes])
            continue
        if stretch.level == 1 and not stretch.same:
            blocks = _opening(blocks, hidden)
        if blocks and blocks[-1].kind == "predict" and (poll := polls.get(cell.get("id", ""))):
            blocks[-1].facts["poll"] = poll
            blocks[-1].height += options_height(poll.options)
        if blocks:
            blocks[0].appears = _type(cell) == "fragment"
            blocks[0].seconds = 0 if starts else _told_seconds(cell)
            blocks[0].notes[:0] = notes
            blocks[-1].notes += hidden
        elif stretch.blocks:
            stretch.blocks[-1].notes += [*notes, *hidden]
        script = blocks[0] if blocks and blocks[0].facts.get("numbered") else None
        if script and stretch.blocks and stretch.blocks[-1].kind == "predict":
            stretch.blocks.insert(-1, replace(script, appears=False, notes=[]))
        stretch.blocks += blocks
    return [stretch for stretch in found if stretch.blocks]


def _type(cell: dict[str, Any]) -> str:
    return cell["metadata"].get("slideshow", {}).get("slide_type", "-")


def _notes(
    cell: dict[str, Any], polls: Mapping[str, Poll], stretch: _Stretch, *, starts: bool
) -> list[str]:
    note = cell["metadata"].get("notes")
    told = re.match(r"(\d+) minutes?\b", note or "")
    if told and starts:
        stretch.minutes = int(told[1])
    poll = polls.get(cell.get("id", ""))
    said = [note] if note else []
    if poll:
        said.append(f"Right: {poll.answer}. “{poll.seen}” Expect {poll.hands}. {poll.expect}")
    return said


def _told_seconds(cell: dict[str, Any]) -> int:
    told = re.match(r"(\d+) (minute|second)", cell["metadata"].get("notes") or "")
    return int(told[1]) * (60 if told[2] == "minute" else 1) if told else 0


def _opening(blocks: list[Block], hidden: list[str]) -> list[Block]:
    """Keep of the cell with the title the first paragraph, and what one will learn."""
    kept = [b for i, b in enumerate(blocks) if i == 0 or b.kind == "list" or b.leads]
    hidden += [block.source for block in blocks if block not in kept]
    return kept


def _take_home(stretch: _Stretch, heading: str, blocks: list[Block], notes: list[str]) -> None:
    """Put the titles of the exercises on one slide, and what they are into its notes."""
    title = re.sub(r"^Exercise (\d+): ?", r"\1. ", heading)
    items = stretch.blocks[0].source.splitlines() if stretch.blocks else []
    told = stretch.blocks[0].notes if stretch.blocks else []
    if title[:1].isdigit():
        start = title.index(" ") + 1
        items.append(title[:start] + title[start : start + 1].upper() + title[start + 1 :])
    elif heading and heading != EXERCISES:
        items.append(f"1. {heading}")
    text = " ".join(block.source for block in blocks if block.kind != "code")
    told += [f"{heading}. {text}" if text else heading] if heading and heading != EXERCISES else []
    stretch.blocks = [bullets(items, told + notes)]


def _pages(stretch: _Stretch, *, follows: bool) -> list[Page]:
    if stretch.level == 1 and not stretch.same:
        slides = [stretch.blocks[:1], *([stretch.blocks[1:]] if stretch.blocks[1:] else [])]
    else:
        slides = cut(stretch.blocks, stretch.heading)
    pages = []
    for number, blocks in enumerate(slides):
        # What appears at once: the first block, and what is looked at.
        for place, block in enumerate(blocks):
            late = block.appears or block.kind == "output"
            block.appears = bool(late and place and not block.seen)
        goes_on = number > 0 or (stretch.same and follows)
        pages.append(Page(stretch.heading, stretch.level, goes_on, blocks))
    return pages


def _set_seconds(stretches: list[_Stretch]) -> None:
    for stretch in stretches:
        for page in stretch.pages:
            told = sum(block.seconds or SECONDS.get(block.kind, 0) for block in page.blocks)
            page.seconds = max(20, told)
    for number, stretch in enumerate(stretches):
        if not stretch.minutes or "break" in stretch.heading.lower():
            continue
        # The minutes of a section are those of its parts, too, if these have none of their own.
        pages = list(stretch.pages)
        for later in stretches[number + 1 :]:
            if (later.level <= stretch.level and not later.same) or later.minutes:
                break
            pages += later.pages
        factor = 60 * stretch.minutes / sum(page.seconds for page in pages)
        for page in pages:
            page.seconds = 5 * round(min(MOST, max(LEAST, factor)) * page.seconds / 5)
    stretches[0].pages[0].seconds = 60
