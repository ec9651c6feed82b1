"""Make blocks, the things that stand on slides, of the cells of a notebook."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from helpers.labs.lab import MIME

WIDE = 1168  # pixels between the margins of a slide
LINE = 42  # pixels a line of prose
GAP = 16  # pixels below a block
PER_LINE = 68  # characters a line of prose
FIGURE = 400  # pixels that a figure must have, unless it is a strip
WORDS = 30  # of a paragraph that is shown
CODE_LINES = 14  # of code that defines something
TRAINING_LINES = 8  # of code that trains and prints; the set-up of an experiment is hidden
SHORT_CODE = 6  # lines of code that prints
LEAST_CODE = 20  # pixels a letter of code is high at least, or the code is not shown
SCRIPT = 20  # of a script in which a line is wrong: it leaves room for the question
LONG_PRINT = 60  # characters of a `print` that is left out, since what it prints is there
OUTPUT_LINES = 17
ALMOST = 560  # pixels, nearly a slide: if an output leaves no room for what made it, that is hidden
PER_OUTPUT = 90  # characters a line of output
WALL, LEFT_OF_WALL = 8, 4  # so many long lines with many digits are cut to so many
# Seconds that each thing on a slide takes, where no note says otherwise. A question is a poll.
SECONDS = {"predict": 60, "lab": 120, "figure": 35, "code": 25, "formula": 20, "table": 30}
SECONDS |= {"output": 10, "list": 25, "text": 12, "fence": 15}
TRAINS = re.compile(
    r"\bfit\(|\bFleet\(|\bNetwork\(|\bseeds?\b|optimizer|learning_rate|default_rng|mean_interval"
)
HOME = ("**You need**", "**Time**", "**Play**", "In three sentences, what you need")


@dataclass
class Block:
    """One thing on a slide, and what the speaker is told about it."""

    kind: str  # text, list, table, formula, fence, predict, code, output, figure, lab
    source: str = ""
    height: int = 0
    appears: bool = False  # only after another press of the key
    facts: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: int = 0  # if a note says how long

    @property
    def seen(self) -> bool:
        """Whether it is something to look at, which is made as large as the slide allows."""
        return self.kind in {"figure", "lab"}

    @property
    def leads(self) -> bool:
        """Whether it makes no sense without what comes next."""
        bold = re.fullmatch(r"\*\*[^*]*\*\*", self.source)
        return self.kind in {"text", "list"} and (self.source.endswith(":") or bool(bold))


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
    return sum(len(option) + 6 for option in options) <= PER_LINE - 22


def options_height(options: Sequence[str]) -> int:
    """Estimate the height of a poll's options below its question."""
    rows = [1] if in_one_row(options) else [_lines(option, PER_LINE - 8) for option in options]
    return 18 + sum(rows) * (LINE + 6)


def of_markdown(source: str) -> tuple[list[tuple[int, str]], list[Block], list[str]]:
    """Return headings with their levels, blocks, and what is only for the speaker."""
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
        unsaid = part.endswith(":") and following.startswith("<details")
        if part.startswith(("<details", *HOME)) or unsaid:
            hidden.append(re.sub(r"</?\w+>", "", part).strip())
        elif part.startswith("**Predict**") or question:
            question.append(part)  # what follows a question belongs to it
        else:
            blocks.append(_block(part, leads=_kind(following) != "text" and part.endswith(":")))
    if question:
        height = sum(_block(part, leads=True).height for part in question) + 60
        blocks.append(Block("predict", "\n\n".join(question), height))
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


def _block(part: str, *, leads: bool) -> Block:
    kind = _kind(part)
    match kind:
        case "formula":
            height = 70 + 44 * part.count("\\\\") + 20 * len(re.findall(r"\\frac|\\sum", part))
            return Block(kind, part, height)
        case "table":
            size = 26 if part.partition("\n")[0].count("|") <= 5 else 21
            return Block(kind, part, _table_height(part), facts={"size": size})
        case "fence":
            return Block(kind, part, 40 + 30 * len(part.splitlines()[1:-1]))
        case "list":
            items, told = [], []
            for item in re.split(r"\n(?=(?:[-*]|\d+\.) )", part):
                mark, _, text = item.partition(" ")
                short, rest = shorten(text, 20)
                items.append(f"{mark} {short}")
                told += [rest] if rest else []
            return bullets(items, [" ".join(told)] if told else [])
    whole = leads or part.startswith("In words")
    text, rest = (part, "") if whole else shorten(part)
    height = _lines(text, PER_LINE) * LINE + GAP
    return Block("text", text, height, notes=[rest] if rest else [])


def bullets(items: Sequence[str], notes: list[str]) -> Block:
    """Make a list of items, each with its mark."""
    height = sum(_lines(item, PER_LINE - 4) * LINE + 6 for item in items) + 8
    return Block("list", "\n".join(items), height, notes=notes)


def _table_height(part: str) -> int:
    """Estimate it: a column is as wide as its longest cell, in proportion, if all do not fit."""
    part = re.sub(r"\]\([^)]*\)", "", part)
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


# --- code and outputs --------------------------------------------------------------------------


def shown(source: str, *, prints: bool) -> str:
    r"""Return what of code is shown: what defines something, or is short and prints.

    Empty if it draws, is long, or only writes down nicely what its output says.

    Examples
    --------
    >>> shown("def f(x):\n    return 2 * x", prints=False)
    'def f(x):\n    return 2 * x'
    >>> shown("show(*draw.line(x))", prints=False)
    ''
    >>> shown("y = f(3)\nprint('y', y)", prints=True)
    "y = f(3)\nprint('y', y)"
    """
    if re.search(r"\bshow\(|^ex\.|\bdef told\b", source, re.MULTILINE):
        return ""
    kept = [line for line in source.splitlines() if len(line) <= LONG_PRINT or line[:6] != "print("]
    code = re.sub(r"\n\n+", "\n\n", "\n".join(kept)).strip()
    if not code:
        return ""
    lines = [line for line in code.splitlines() if line.strip()]
    defines = re.search(r"^\s*(def|class) ", code, re.MULTILINE)
    allowed = CODE_LINES if defines else SHORT_CODE if prints else 0
    if TRAINS.search(code):
        allowed = (TRAINING_LINES if defines else 3) if prints else 0
    fits = _size(max(map(len, lines)), 28, floor=0) >= LEAST_CODE
    return code if len(lines) <= allowed and fits else ""


def of_code(
    source: str, outputs: list[dict[str, Any]], *, numbered: bool = False
) -> tuple[list[Block], list[str]]:
    """Return blocks, and what is only for the speaker.

    Code that is `numbered` is shown whole: the room is asked for a line of it.
    """
    found, hidden = list(_of_outputs(outputs)), []
    hidden += [f"To be seen: {block.facts['alt']}" for block in found if block.seen]
    if any(block.kind == "lab" for block in found):
        return [block for block in found if block.kind == "lab"], hidden
    prints = any(block.kind == "output" for block in found)
    code = source if numbered else shown(source, prints=prints)
    if code:
        lines = code.splitlines()
        largest = SCRIPT if numbered else 28 if len(lines) <= 8 else 24
        size = _size(max(map(len, lines)) + 4 * numbered, largest)
        height = round(len(lines) * size * 1.32) + 40
        defines = re.search(r"^\s*(def|class) ", code, re.MULTILINE)
        if defines or height + sum(block.height for block in found if not block.seen) <= ALMOST:
            facts = {"size": size, "numbered": numbered}
            found.insert(0, Block("code", code, height, facts=facts))
    return found, hidden


def _of_outputs(outputs: list[dict[str, Any]]) -> Iterator[Block]:
    printed = ""
    for output in outputs:
        data = output.get("data", {})
        if MIME in data:
            yield Block("lab", "", FIGURE, facts={**data[MIME], **_picture(output)})
        elif "image/png" in data:
            facts = _picture(output)
            yield Block("figure", "", round(WIDE / facts["aspect"]), facts=facts)
        elif "text/markdown" in data:
            continue  # the caption of the figure, which its alternative text is
        elif output["output_type"] == "stream" and output["name"] == "stdout":
            printed += "".join(output["text"])
        elif "text/plain" in data:
            printed += "".join(data["text/plain"]) + "\n"
    too_wide = max(map(len, printed.splitlines()), default=0) > 1.15 * PER_OUTPUT
    table = too_wide and _digits(printed) and len(printed.splitlines()) >= WALL
    if printed.strip() and not table:
        yield _output(printed.rstrip())


def _digits(text: str) -> bool:
    """Tell whether text is mostly a table of numbers."""
    return sum(map(str.isdigit, text)) > 0.2 * len(re.sub(r"\s", "", text))


def _output(text: str) -> Block:
    lines = [line for line in text.splitlines() if not re.search(r"\d%\|", line)]  # progress
    widest = max(map(len, lines), default=0)
    if len(lines) >= WALL:
        lines = [line if len(line) <= PER_OUTPUT else line[:PER_OUTPUT] + "…" for line in lines]
        if _digits(text) and widest > 60:
            more = len(lines) - LEFT_OF_WALL
            lines = [*lines[:LEFT_OF_WALL], f"… and {more} more lines"]
    if len(lines) > OUTPUT_LINES:
        lines = [*lines[: OUTPUT_LINES - 1], "…"]
    size = _size(max(map(len, lines)), 32 if len(lines) <= 6 else 28, len(lines))
    broken = sum(math.ceil(max(len(line), 1) / (1140 / (0.61 * size))) for line in lines)
    facts = {"size": size, "breaks": broken > len(lines)}
    return Block("output", "\n".join(lines), round(broken * size * 1.3) + 36, facts=facts)


def _size(widest: int, largest: int, lines: int = 1, floor: int = LEAST_CODE) -> int:
    """Choose a size of letters at which lines of `widest` characters fit, if it is large enough."""
    fits = math.floor(min(1140 / (0.61 * widest), 480 / (1.3 * lines)))
    return max(floor, min(largest, fits))


def _picture(output: dict[str, Any]) -> dict[str, Any]:
    told = output.get("metadata", {}).get("image/png", {})
    source = "".join(output["data"]["image/png"]).replace("\n", "")
    aspect = told.get("width", 2) / told.get("height", 1)
    return {"alt": told.get("alt", ""), "png": source, "aspect": aspect}
