"""Choose what of a notebook is shown to a room, and lay it out on slides.

A deck is made for showing, so it is not the notebook:

- cells of type ``skip`` are left out;
- of a paragraph its first sentences stay (the course says the answer first), as many as have some
  30 words; the rest goes into the speaker's notes. Lists lose the explanations of their items in
  the same way. Formulas and tables stay whole;
- a question (**Predict**) ends its slide, so that nobody sees the answer before the vote. Below it
  stand the options of its poll (docs/polls); the answer, and how rooms vote, are in the notes;
- a figure or a lab has a slide of its own, with a sentence at most; its caption is in the notes;
- code is shown where it is the point: it defines something, or is short and prints what follows.
  Code that draws is hidden;
- what does not fit goes to a next slide under the same heading.

Heights are estimated here, on a stage of 1280 × 720. The page measures again and makes smaller what
still does not fit; a test in the browser allows little of that.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.labs.lab import MIME
from tools.slides.polls import Poll

ROOM = 540  # pixels below the heading
LINE = 42  # pixels a line of prose
PER_LINE = 64  # characters a line of prose
FIGURE = 380  # pixels that a figure must have at least
WORDS = 30  # of a paragraph that is shown
CODE_LINES = 14  # of code that defines something
SHORT_CODE = 6  # lines of code that prints
OUTPUT_LINES = 17
# Seconds on a slide, where no note says otherwise.
SECONDS = {"title": 60, "predict": 60, "figure": 45, "lab": 120, "code": 40, "text": 25}


@dataclass
class Block:
    """One thing on a slide."""

    kind: str  # text, list, table, formula, predict, code, output, figure, lab
    source: str = ""
    height: int = 0
    appears: bool = False  # only after another press of the key
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Page:
    """One slide."""

    heading: str = ""
    level: int = 2
    goes_on: bool = False
    blocks: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: int = 0

    @property
    def kind(self) -> str:
        """What the slide is about, which decides how long it stays."""
        kinds = {block.kind for block in self.blocks}
        if self.level == 1 and not self.goes_on:
            return "title"
        for kind in ("lab", "figure", "predict", "code"):
            if kind in kinds:
                return kind
        return "text"

    @property
    def sparse(self) -> bool:
        """Whether there is so little on it that it can be larger."""
        return self.kind == "text" and self.height <= 5 * LINE + 16 * len(self.blocks)

    @property
    def height(self) -> int:
        """The estimated height of what is on it."""
        return sum(block.height for block in self.blocks)


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
    maker = _Maker(polls or {})
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type", "-")
        if kind in {"skip", "notes"}:
            continue
        maker.take(cell, kind)
    if not maker.sections or maker.sections[0][0].level != 1:
        raise ValueError("the first cell that is shown must begin with `# ` and a title")
    for section in maker.sections:
        section[:] = [page for page in section if page.blocks or page is section[0]]
    deck = Deck(maker.sections[0][0].heading, maker.sections)
    _set_seconds(deck, maker.minutes)
    return deck


class _Maker:
    """Takes cell after cell and fills slides."""

    def __init__(self, polls: Mapping[str, Poll]) -> None:
        self.polls = polls
        self.sections: list[list[Page]] = []
        self.minutes: dict[int, int] = {}  # of a section, by its place
        self.heading, self.level = "", 2

    @property
    def page(self) -> Page:
        return self.sections[-1][-1]

    def take(self, cell: dict[str, Any], kind: str) -> None:
        source = "".join(cell["source"])
        blocks, hidden = [], []
        headings: list[tuple[int, str]] = []
        if cell["cell_type"] == "markdown":
            headings, blocks, hidden = _of_markdown(source)
        elif cell["cell_type"] == "code":
            blocks, hidden = _of_code(source, cell["outputs"])
        if headings:
            self.level, self.heading = headings[-1]
        if kind == "slide" or not self.sections:
            self.sections.append([Page(self.heading, self.level)])
        elif blocks and (headings or kind == "subslide") and (self.page.blocks or headings):
            self._turn(goes_on=not headings)
        note = cell["metadata"].get("notes")
        poll = self.polls.get(cell.get("id", ""))
        if poll and blocks and blocks[-1].kind == "predict":
            blocks[-1].facts["poll"] = poll
            blocks[-1].height += options_height(poll.options)
        for number, block in enumerate(blocks):
            following = blocks[number + 1] if number + 1 < len(blocks) else None
            keeps = following is not None and _keeps(block, following)
            room = following.height if keeps else 0
            self._place(block, appears=kind == "fragment" and number == 0, room=room)
            if number == 0 and note:
                self._note(note, whole=kind == "slide")
        if note and not blocks:
            self._note(note, whole=kind == "slide")
        if poll:
            self.page.notes.append(
                f"Right: {poll.answer}. “{poll.seen}” Expect {poll.hands}. {poll.expect}"
            )
        self.page.notes.extend(hidden)

    def _note(self, note: str, *, whole: bool) -> None:
        self.page.notes.insert(0, note) if whole else self.page.notes.append(note)
        told = re.match(r"(\d+) minutes?\b|(\d+) seconds\b", note)
        if told and whole and told[1]:
            self.minutes[len(self.sections) - 1] = int(told[1])
        elif told:
            self.page.seconds = 60 * int(told[1]) if told[1] else int(told[2])

    def _turn(self, *, goes_on: bool = True) -> None:
        self.sections[-1].append(Page(self.heading, self.level, goes_on))

    def _place(self, block: Block, *, appears: bool, room: int = 0) -> None:
        page = self.page
        asked = any(b.kind == "predict" for b in page.blocks)
        seen = any(b.kind in {"figure", "lab"} for b in page.blocks)
        alone = block.kind in {"figure", "lab"}
        after = seen and (block.kind != "text" or block.height > 2 * LINE + 20)
        before = alone and (page.height > LINE + 20 or any(b.kind != "text" for b in page.blocks))
        full = page.blocks and page.height + block.height + room > ROOM
        title = page.level == 1 and not page.goes_on and page.blocks
        if asked or after or before or full or title:
            self._turn()
            page = self.page
        block.appears = bool(appears or block.kind == "output") and bool(page.blocks) and not alone
        page.blocks.append(block)


def _keeps(block: Block, following: Block) -> bool:
    """Tell whether a block may not be parted from the one behind it: if both fit on a slide."""
    if following.kind in {"figure", "lab"} or block.height + following.height > ROOM:
        return False
    leads = block.source.endswith(":") or re.fullmatch(r"\*\*[^*]*\*\*", block.source)
    return block.kind == "code" or (block.kind == "text" and bool(leads))


def _set_seconds(deck: Deck, minutes: dict[int, int]) -> None:
    for number, section in enumerate(deck.sections):
        for page in section:
            page.seconds = page.seconds or SECONDS[page.kind]
        if number in minutes and len(section) > 1:
            factor = max(1.0, 60 * minutes[number] / sum(page.seconds for page in section))
            for page in section:
                page.seconds = 5 * round(factor * page.seconds / 5)


# --- Markdown ----------------------------------------------------------------------------------


def paragraphs(source: str) -> list[str]:
    """Cut Markdown at empty lines, but not within code, a formula or ``<details>``."""
    found: list[list[str]] = [[]]
    inside = ""
    for line in source.splitlines():
        if inside:
            found[-1].append(line)
            if inside in line:
                inside = ""
            continue
        if not line.strip():
            found.append([])
            continue
        if line.startswith("#") and found[-1]:
            found.append([])
        found[-1].append(line)
        if line.startswith("```"):
            inside = "```"
        elif line.startswith("$$") and line.count("$$") == 1:
            inside = "$$"
        elif line.startswith("<details"):
            inside = "</details>"
    return ["\n".join(lines) for lines in found if lines]


def sentences(paragraph: str) -> list[str]:
    """Cut a paragraph into sentences, not within code, a formula, a link or an abbreviation.

    Examples
    --------
    >>> sentences("Ten of 12, i.e. most. `a. B` stays. *Why?* Read on.")
    ['Ten of 12, i.e. most.', '`a. B` stays.', '*Why?*', 'Read on.']
    """
    found, start = [], 0
    for match in re.finditer(r"[.?!][*_)”\"]*\s+(?=[*_`$(“\"\[]*[A-Z0-9$`])", paragraph):
        part = paragraph[start : match.end()]
        closed = all(part.count(mark) % 2 == 0 for mark in ("`", "$", '"', "**"))
        closed &= part.count("(") == part.count(")") and part.count("[") == part.count("]")
        closed &= part.replace("**", "").count("*") % 2 == 0
        if closed and not re.search(r"\b([A-Z]|e\.g|i\.e|vs|Fig|etc)\.\s+$", part):
            found.append(part.strip())
            start = match.end()
    rest = paragraph[start:].strip()
    return [*found, rest] if rest else found


def shorten(paragraph: str, words: int = WORDS) -> tuple[str, str]:
    """Return the first sentences of a paragraph, and what is left of it.

    Examples
    --------
    >>> shorten("One two three. Four five. Six.", words=5)
    ('One two three. Four five.', 'Six.')
    """
    parts = sentences(" ".join(paragraph.split()))
    count = 1
    while count < len(parts) and len(" ".join(parts[: count + 1]).split()) <= words:
        count += 1
    return " ".join(parts[:count]), " ".join(parts[count:])


def in_one_row(options: Sequence[str]) -> bool:
    """Tell whether options are short enough to stand beside each other."""
    return sum(len(option) + 6 for option in options) <= PER_LINE - 4


def options_height(options: Sequence[str]) -> int:
    """Estimate the height of a poll's options below its question."""
    rows = [1] if in_one_row(options) else [_lines(option, PER_LINE - 8) for option in options]
    return 18 + sum(rows) * (LINE + 6)


def _of_markdown(source: str) -> tuple[list[tuple[int, str]], list[Block], list[str]]:
    headings: list[tuple[int, str]] = []
    blocks: list[Block] = []
    hidden: list[str] = []
    # A question may stand at the end of a paragraph.
    parts = [half for part in paragraphs(source) for half in _before_question(part)]
    question: list[str] = []
    for number, part in enumerate(parts):
        following = parts[number + 1] if number + 1 < len(parts) else ""
        if heading := re.match(r"(#+) (.*)", part):
            headings.append((len(heading[1]), heading[2]))
            part = part.partition("\n")[2]
            if not part.strip():
                continue
        if part.startswith("<details") or part.startswith(("**You need**", "**Time**")):
            hidden.append(_without_tags(part))
        elif part.startswith("**Predict**") or question:
            question.append(part)  # what follows a question belongs to it
        else:
            block, rest = _block(part, leads=_kind(following) != "text" and part.endswith(":"))
            blocks.append(block)
            hidden += [rest] if rest else []
    if question:
        text = "\n\n".join(question)
        height = sum(_block(part, leads=True)[0].height for part in question) + 60
        blocks.append(Block("predict", text, height))
    return headings, blocks, hidden


def _before_question(part: str) -> list[str]:
    before, mark, after = part.partition("**Predict**")
    return [before.strip(), mark + after] if mark and before.strip() else [part]


def _kind(part: str) -> str:
    if part.startswith("$$"):
        return "formula"
    if part.startswith("|"):
        return "table"
    if part.startswith("```"):
        return "fence"
    if re.match(r"([-*]|\d+\.) ", part):
        return "list"
    return "text"


def _block(part: str, *, leads: bool) -> tuple[Block, str]:
    kind = _kind(part)
    match kind:
        case "formula":
            return Block(kind, part, 70 + 44 * part.count("\\\\") + 20 * part.count("\\frac")), ""
        case "table":
            return Block(kind, part, _table_height(part)), ""
        case "fence":
            lines = part.splitlines()[1:-1]
            return Block(kind, part, 40 + 30 * len(lines)), ""
        case "list":
            items = re.split(r"\n(?=(?:[-*]|\d+\.) )", part)
            short, rest = zip(*(shorten(item, 20) for item in items), strict=True)
            height = sum(_lines(item, PER_LINE - 4) * LINE + 6 for item in short)
            return Block(kind, "\n".join(short), height), " ".join(filter(None, rest))
    whole = leads or part.startswith("In words")
    text, rest = (part, "") if whole else shorten(part)
    return Block("text", text, _lines(text, PER_LINE) * LINE + 16), rest


def _table_height(part: str) -> int:
    """Estimate it: a column is as wide as its longest cell, in proportion, if all do not fit."""
    rows = [[cell.strip() for cell in row.strip("| ").split("|")] for row in part.splitlines()]
    widest = [max(map(len, column)) for column in zip(*rows, strict=False)]
    share = min(1.0, (80 - 2 * len(widest)) / sum(widest))
    height = 20
    for number, row in enumerate(rows):
        if number != 1:  # the line of dashes
            pairs = zip(row, widest, strict=False)
            lines = max(math.ceil(len(cell) / max(4.0, share * wide)) for cell, wide in pairs)
            height += 14 + 33 * lines
    return height


def _lines(text: str, width: int) -> int:
    plain = re.sub(r"\]\([^)]*\)|[*`$\\]|\\(?:text|texttt|mathrm)", "", text)
    return sum(math.ceil(max(len(line), 1) / width) for line in plain.splitlines())


def _without_tags(text: str) -> str:
    return re.sub(r"</?\w+>", "", text).strip()


# --- code and outputs --------------------------------------------------------------------------


def shows(source: str, *, prints: bool) -> bool:
    r"""Tell whether code is the point: it defines something, or is short and prints.

    Examples
    --------
    >>> shows("def f(x):\n    return 2 * x", prints=False)
    True
    >>> shows("show(*draw.line(x))", prints=False)
    False
    >>> shows("print(f(3))", prints=True)
    True
    """
    lines = [line for line in source.splitlines() if line.strip()]
    if re.search(r"\bshow\(|^ex\.", source, re.MULTILINE):
        return False
    if re.search(r"^\s*(def|class) ", source, re.MULTILINE):
        return len(lines) <= CODE_LINES
    return prints and len(lines) <= SHORT_CODE


def _of_code(source: str, outputs: list[dict[str, Any]]) -> tuple[list[Block], list[str]]:
    shown, hidden = list(_of_outputs(outputs)), []
    captions = [block.facts["alt"] for block in shown if "alt" in block.facts]
    hidden += [f"To be seen: {caption}" for caption in captions]
    prints = any(block.kind == "output" for block in shown)
    if any(block.kind == "lab" for block in shown):
        return [block for block in shown if block.kind == "lab"], hidden
    if shows(source, prints=prints):
        widest = max(map(len, source.splitlines()), default=1)
        size = _size(widest, 28 if len(source.splitlines()) <= 8 else 24)
        height = round(len(source.splitlines()) * size * 1.35) + 40
        shown.insert(0, Block("code", source, height, facts={"size": size}))
    return shown, hidden


def _of_outputs(outputs: list[dict[str, Any]]) -> Iterator[Block]:
    printed = ""
    for output in outputs:
        data = output.get("data", {})
        if MIME in data:
            told = {**data[MIME], **_picture(output)}
            yield Block("lab", "", FIGURE, facts=told)
        elif "image/png" in data:
            yield Block("figure", "", FIGURE, facts=_picture(output))
        elif "text/markdown" in data:
            continue  # the caption of the figure, which its alternative text is
        elif output["output_type"] == "stream" and output["name"] == "stdout":
            printed += "".join(output["text"])
        elif "text/plain" in data:
            printed += "".join(data["text/plain"]) + "\n"
    if printed.strip():
        yield _output(printed.rstrip())


def _output(text: str) -> Block:
    lines = text.splitlines()
    if len(lines) > OUTPUT_LINES:
        lines = [*lines[: OUTPUT_LINES - 1], "…"]
    size = _size(max(map(len, lines)), 32 if len(lines) <= 6 else 28, len(lines))
    broken = sum(math.ceil(max(len(line), 1) / (1140 / (0.61 * size))) for line in lines)
    return Block("output", "\n".join(lines), round(broken * size * 1.3) + 36, facts={"size": size})


def _size(widest: int, largest: int, lines: int = 1) -> int:
    """Choose a size of letters at which lines of `widest` characters fit, if it is large enough."""
    fits = math.floor(min(1140 / (0.61 * widest), 460 / (1.3 * lines)))
    return max(18, min(largest, fits))


def _picture(output: dict[str, Any]) -> dict[str, Any]:
    told = output.get("metadata", {}).get("image/png", {})
    source = "".join(output["data"]["image/png"]).replace("\n", "")
    return {"alt": told.get("alt", ""), "png": source}
