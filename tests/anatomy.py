"""What every notebook of the course must have: one small function for each rule.

A rule takes a notebook and yields what is wrong with it, each as a sentence that says where and
what to do. tests/test_notebooks.py feeds each rule every notebook, and a broken one for each way
to break it.
"""

from __future__ import annotations

import ast
import base64
import functools
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from nbformat import NotebookNode

from helpers.labs import MIME
from tests import nbval_tolerance
from tests.nbval_tolerance import Number, Tolerance, ToleranceError, intervals, markers, split
from tools import refresh

# The verbs with which the titles of the course begin, and all the titles: the map of the course.
TITLES = (
    "warm up",
    "meet a neuron",
    "build a network",
    "train a network",
    "watch gradients vanish",
    "switch to ReLU",
    "watch ReLU die",
    "leak a little",
    "choose the slope",
    "meet the family",
    "check your own network",
    "test every claim",
    "classify images",
    "detect objects",
    "read text",
    "predict numbers",
    "change framework",
    "spot the bug",
)
VERBS = {title.split()[0] for title in TITLES}

# Numbers in prose that no cell of the notebook computes or holds, each with the reason or source:
# {file name without ending: {number as written: why}}. Keep it short.
NUMBERS_ALLOWED: dict[str, dict[str, str]] = {}

FIRST_WITH_TORCH, FIRST_WITH_SCIPY, FIRST_WITH_INTERVALS = 6, 4, 4
WORDS_BEFORE_CODE = 130
LINES_MEDIAN, LINES_MOST = 5, 15
BYTES_MOST = 2_000_000
SLIDES = {"slide", "subslide", "fragment", "skip", "notes", "-"}
CLOSING = ("What you can now say", "Read on", "Fine print")


@dataclass(frozen=True)
class Notebook:
    """A notebook, the text of its file and where it lies (or would lie)."""

    path: Path
    text: str

    @classmethod
    def read(cls, path: Path) -> Notebook:
        return cls(path, path.read_text(encoding="utf-8"))

    @functools.cached_property
    def node(self) -> NotebookNode:
        return nbformat.reads(self.text, as_version=4)

    @property
    def cells(self) -> list[NotebookNode]:
        return self.node.cells

    @property
    def code(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def markdown(self) -> list[NotebookNode]:
        return [cell for cell in self.cells if cell.cell_type == "markdown"]

    @property
    def number(self) -> int:
        """The NN of the file's name, -1 if it has none."""
        return int(self.path.name[:2]) if self.path.name[:2].isdecimal() else -1

    @functools.cached_property
    def sections(self) -> list[tuple[str, list[NotebookNode]]]:
        """The parts that `## ` headings begin, each with its cells; the first is the opening."""
        parts: list[tuple[str, list[NotebookNode]]] = [("", [])]
        for cell in self.cells:
            titles = [title for level, title in headings_of(cell) if level == 2]
            if titles:
                parts.append((titles[0], []))
            parts[-1][1].append(cell)
        return parts


Rule = Callable[[Notebook], Iterator[str]]
RULES: dict[str, Rule] = {}
SLOW_RULES: dict[str, Rule] = {}  # those that start other Pythons


def rule(function: Rule) -> Rule:
    """Register a rule."""
    RULES[function.__name__] = function
    return function


def slow_rule(function: Rule) -> Rule:
    """Register a rule that takes more than a moment."""
    SLOW_RULES[function.__name__] = function
    return function


# --- reading Markdown -------------------------------------------------------------------------

FENCE = re.compile(r"^ *(```|~~~).*?^ *\1 *$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
DISPLAY = re.compile(r"\$\$.*?\$\$", re.DOTALL)
FORMULA = re.compile(r"\$[^$\n]+\$")
DETAILS = re.compile(r"<details>.*?</details>", re.DOTALL)
TABLE_ROW = re.compile(r"^ *\|.*$", re.MULTILINE)
LINK = re.compile(r"!?\[(?P<words>[^\]]*)\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)[^)]*\)")
BARE = re.compile(r"<(https?:[^>\s]*)>|(?<![\w(<\"'])(https?://[^\s)>\]]+)")
LABEL = re.compile(r"^ *\[[^\]]+\]: *(\S+)", re.MULTILINE)


def without_code(text: str) -> str:
    """Return Markdown without fenced code and code spans."""
    return SPAN.sub(" ", FENCE.sub(" ", text))


def headings_of(cell: NotebookNode) -> list[tuple[int, str]]:
    """Return the headings of a cell as (level, words)."""
    if cell.cell_type != "markdown":
        return []
    lines = re.findall(r"^(#{1,6}) +(.*?)[ #]*$", FENCE.sub(" ", cell.source), re.MULTILINE)
    return [(len(marks), words) for marks, words in lines]


def where(cell: NotebookNode) -> str:
    """Return how a complaint names a cell: its id and its first line."""
    return f"cell {cell.get('id')} ({cell.source.strip().partition(chr(10))[0][:40]})"


def texts_of(cell: NotebookNode) -> Iterator[str]:
    """Yield the texts that a code cell has printed or displayed."""
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield output.text
        for kind, value in output.get("data", {}).items():
            if kind.startswith("text/") and isinstance(value, str):
                yield value


# --- the file ---------------------------------------------------------------------------------


@rule
def file_name(notebook: Notebook) -> Iterator[str]:
    """NN_verb_topic.ipynb, as 01_meet_a_neuron.ipynb."""
    match = re.fullmatch(r"\d\d_([a-z]+)(_[a-z]+)+\.ipynb", notebook.path.name)
    if not match or match[1] not in VERBS:
        yield f"{notebook.path.name} is not NN_verb_topic.ipynb with a verb of {sorted(VERBS)}"


@rule
def form(notebook: Notebook) -> Iterator[str]:
    """The file is as `make refresh` writes it: formatted code, version 4.5, nothing passing."""
    try:
        tidy = refresh.as_text(refresh.load(notebook.path, notebook.text))
    except refresh.RefusedError as error:
        yield str(error)
        return
    if tidy != notebook.text:
        pairs = zip(tidy.splitlines(), notebook.text.splitlines(), strict=False)
        line = next((i for i, (new, old) in enumerate(pairs, 1) if new != old), "at the end")
        yield f"the file is not as `python -m tools.refresh` writes it, first in line {line}"


@rule
def size(notebook: Notebook) -> Iterator[str]:
    """Small enough for GitHub to render."""
    if len(notebook.text.encode()) > BYTES_MOST:
        yield f"the file is over {BYTES_MOST:,} bytes: fewer or smaller pictures"


@rule
def metadata(notebook: Notebook) -> Iterator[str]:
    """One kernel for all, no state of widgets."""
    if notebook.node.metadata.get("kernelspec", {}).get("name") != "python3":
        yield "the kernelspec is not python3"
    if "widgets" in notebook.node.metadata:
        yield "state of widgets is stored: run `python -m tools.refresh`"


@rule
def ids(notebook: Notebook) -> Iterator[str]:
    """Cells have ids, each its own: what markers, tolerances and diffs refer to."""
    seen: set[str] = set()
    # Read as JSON: nbformat would mend what is wrong.
    for index, cell in enumerate(json.loads(notebook.text)["cells"], 1):
        name = cell.get("id", "")
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name):
            yield f"cell number {index} has no id: run `python -m tools.refresh`"
        elif name in seen:
            yield f"two cells have the id {name}"
        seen.add(name)


# --- outputs ----------------------------------------------------------------------------------


@rule
def counts(notebook: Notebook) -> Iterator[str]:
    """Every code cell was run, once and in order."""
    for number, cell in enumerate(notebook.code, 1):
        if cell.execution_count != number:
            yield f"{where(cell)} has count {cell.execution_count}, not {number}: refresh"
        if not cell.source.strip():
            yield f"{where(cell)} is empty: delete it"


@rule
def outputs(notebook: Notebook) -> Iterator[str]:
    """Outputs are stored, without errors, warnings, or what differs at every run."""
    if not any(cell.outputs for cell in notebook.code):
        yield "no output is stored: run `python -m tools.refresh`"
    for cell in notebook.code:
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"{where(cell)} has stored an error: {output.ename}"
            if output.get("name") == "stderr":
                yield f"{where(cell)} has stored what went to stderr"
            if refresh.RANDOM in output.get("data", {}) and "text/plain" not in output.data:
                yield f"{where(cell)}: give the widget a __repr__, so that it can be compared"
        for text in texts_of(cell):
            if re.search(r"\b0x[0-9a-f]{6,}", text):
                yield f"{where(cell)} prints an address of memory: give the object a __repr__"


@rule
def figures(notebook: Notebook) -> Iterator[str]:
    """Each figure has a sentence: as alternative text, first line of its text, and caption."""
    for cell in notebook.code:
        for text in texts_of(cell):
            if "<Figure size" in text:
                yield f"{where(cell)} leaves a figure to IPython: show it with plots.show"
        for index, output in enumerate(cell.outputs):
            data = output.get("data", {})
            kinds = [kind for kind in data if kind.startswith("image/")]
            if not kinds:
                continue
            if kinds != ["image/png"]:
                yield f"{where(cell)} has a picture of kind {kinds}, not image/png"
                continue
            alt = output.metadata.get("image/png", {}).get("alt", "")
            if len(alt.split()) < 4 or re.search(r"\.(png|jpe?g|svg)\b|<Figure", alt):
                yield f"{where(cell)}: the alt text {alt!r} is no sentence"
            first, _, digest = data.get("text/plain", "").partition("\n")
            if first != alt:
                yield f"{where(cell)}: the text of the figure does not begin with its alt text"
            if not digest.strip():
                yield f"{where(cell)}: the text of the figure has no digest of what is drawn"
            caption = dict(enumerate(cell.outputs)).get(index + 1, {}).get("data", {})
            # That of a lab is HTML, which hides it where the lab itself says the sentence.
            kind = "text/html" if MIME in data else "text/markdown"
            if kind not in caption or caption.get("text/plain") != alt:
                yield f"{where(cell)}: no caption below the figure repeats its alt text"


@rule
def picture_files(notebook: Notebook) -> Iterator[str]:
    """A picture that a cell writes elsewhere (README) is the one stored in the cell."""
    root = notebook.path.parent.parent
    for cell in notebook.cells:
        name = cell.metadata.get("picture")
        if name is None:
            continue
        pngs = [
            o.data["image/png"] for o in cell.get("outputs", []) if "image/png" in o.get("data", {})
        ]
        path = root / name
        if len(pngs) != 1 or not path.is_file() or path.read_bytes() != base64.b64decode(pngs[0]):
            yield f"{where(cell)}: {name} is not the picture of this cell: refresh"


@rule
def marks(notebook: Notebook) -> Iterator[str]:
    """No tag and no comment weakens nbval, unless it is on the list."""
    allowed = nbval_tolerance.MARKERS_ALLOWED.get(notebook.path.name, {})
    for cell in notebook.code:
        if cell.id not in allowed:
            for mark in markers(cell):
                yield f"{where(cell)} carries {mark}, which is not in MARKERS_ALLOWED"


@rule
def tolerances(notebook: Notebook) -> Iterator[str]:
    """A tolerance is well formed, on a code cell, and has numbers to which it applies."""
    for cell in notebook.cells:
        if "tolerance" not in cell.metadata:
            continue
        if cell.cell_type != "code":
            yield f"{where(cell)} is no code cell: a tolerance means nothing here"
            continue
        try:
            tolerance = Tolerance.of(cell)
        except ToleranceError as error:
            yield str(error)
            continue
        found = [split(text) for text in texts_of(cell)]
        if not any(numbers for _, numbers in found):
            yield f"{where(cell)} has a tolerance and prints no number"
        if tolerance.interval and not any(list(intervals(*both)) for both in found):
            yield f"{where(cell)} has an interval's tolerance and prints no interval"


# --- the course of a notebook -----------------------------------------------------------------


@rule
def title(notebook: Notebook) -> Iterator[str]:
    """It opens with its title, which begins with a verb, and has no other."""
    first = notebook.cells[0]
    tops = [words for cell in notebook.markdown for level, words in headings_of(cell) if level == 1]
    if not headings_of(first) or not first.source.startswith("# "):
        yield "the first cell does not begin with `# ` and the title"
    elif tops[0].split()[0].lower() not in VERBS:
        yield f"the title {tops[0]!r} does not begin with a verb of {sorted(VERBS)}"
    if len(tops) != 1:
        yield f"there are {len(tops)} headings of level 1: {tops}"


def opening_of(notebook: Notebook) -> str:
    """Return the prose before the first `## ` heading."""
    cells = notebook.sections[0][1]
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@rule
def opening(notebook: Notebook) -> Iterator[str]:
    """Motivation, then what you will do, what you need, and how long it takes."""
    text = opening_of(notebook)
    names = ("You will", "You need", "Time")
    places = [re.search(rf"^\*\*{name}[:.]?\*\*", text, re.MULTILINE) for name in names]
    missing = [name for name, place in zip(names, places, strict=True) if not place]
    if missing:
        yield f"the opening has no {', '.join(f'**{name}**' for name in missing)}"
        return
    starts = [place.start() for place in places]
    if starts != sorted(starts):
        yield f"the opening has another order than {names}"
        return
    paragraphs = [part for part in text[: starts[0]].split("\n\n") if re.match(r"\w", part)]
    if not any(len(part.split()) >= 15 for part in paragraphs):
        yield "the opening has no paragraph that says why, before **You will**"
    bullets = re.findall(r"^[-*] +\S", text[starts[0] : starts[1]], re.MULTILINE)
    if not 3 <= len(bullets) <= 5:
        yield f"**You will** has {len(bullets)} points, not 3 to 5"
    line = text[starts[2] :].partition("\n\n")[0]
    if not re.search(r"\d+ min\w*.*\b\d+ s(ec\w*)?\b", line, re.DOTALL):
        yield "**Time** does not give the minutes of study and the seconds of the run"


@rule
def setup(notebook: Notebook) -> Iterator[str]:
    """Exactly one cell is tagged setup: the first code cell."""
    tagged = [cell for cell in notebook.cells if "setup" in cell.metadata.get("tags", [])]
    if len(tagged) != 1:
        yield f"{len(tagged)} cells have the tag setup, not 1"
    elif tagged != notebook.code[:1]:
        yield f"{where(tagged[0])} has the tag setup and is not the first code cell"


@rule
def install(notebook: Notebook) -> Iterator[str]:
    """It says how to install the course where there is no clone."""
    found = [c for c in notebook.markdown if "pip install" in c.source and "wheel" in c.source]
    if not found:
        yield "no Markdown cell says how to `pip install` the wheel where there is no clone"
    for cell in found:
        if "http" in cell.source:
            yield f"{where(cell)} names an address: there is none yet from which to install"


@rule
def headings(notebook: Notebook) -> Iterator[str]:
    """Levels do not skip; a `## ` heading begins its cell, as a slide does."""
    last = 0
    for cell in notebook.markdown:
        for place, (level, words) in enumerate(headings_of(cell)):
            if level > last + 1:
                yield f"heading {words!r} is of level {level} after one of level {last}"
            if level == 2 and (place or not cell.source.startswith("## ")):
                yield f"heading {words!r} does not begin its cell"
            last = level


@rule
def sections(notebook: Notebook) -> Iterator[str]:
    """Exercises, What you can now say, Read on: in this order, once each."""
    names = [name for name, _ in notebook.sections]
    needed = ["Exercises", "What you can now say", "Read on"]
    if [name for name in names if name in needed] != needed:
        yield f"not these sections, in this order, once each: {needed}"
    parts = dict(notebook.sections)
    if "https://" not in "".join(cell.source for cell in parts.get("Read on", [])):
        yield "section `## Read on` has no link"


@rule
def exercises(notebook: Notebook) -> Iterator[str]:
    """Three to five, numbered; each is checked or asks for a prediction, one at least asks."""
    parts: list[tuple[str, list[NotebookNode]]] = []
    for cell in dict(notebook.sections).get("Exercises", []):
        for level, words in headings_of(cell):
            if level == 3:
                parts.append((words, []))
        if parts:
            parts[-1][1].append(cell)
    if not 3 <= len(parts) <= 5:
        yield f"there are {len(parts)} exercises (`### Exercise 1: ...`), not 3 to 5"
    asks = 0
    for number, (name, cells) in enumerate(parts, 1):
        if not re.match(rf"Exercise {number}: \S", name):
            yield f"heading {name!r} is not `### Exercise {number}: ...`"
        codes = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        predicts = bool(re.search(r"\bpredict", prose, re.IGNORECASE))
        asks += predicts
        if ".check(" not in codes and not predicts:
            yield f"{name!r} is neither checked by `.check(` nor asks for a prediction"
    if parts and not asks:
        yield "no exercise asks for a prediction before it changes an experiment"


@rule
def following(notebook: Notebook) -> Iterator[str]:
    """The last cell names the next notebook."""
    if notebook.number + 1 >= len(TITLES):
        return
    name = TITLES[notebook.number + 1]
    last = notebook.cells[-1]
    if last.cell_type != "markdown" or name.lower() not in last.source.lower():
        yield f"the last cell does not name the next notebook, {name!r}"


@rule
def predictions(notebook: Notebook) -> Iterator[str]:
    """At least three questions, each answered by the cell that follows."""
    asked = 0
    for cell, after in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if cell.cell_type != "markdown" or not cell.source.startswith("**Predict**"):
            continue
        asked += 1
        if "?" not in cell.source:
            yield f"{where(cell)} asks nothing"
        if after is None or after.cell_type != "code":
            yield f"{where(cell)} is not followed by the code cell that answers it"
    if asked < 3:
        yield f"{asked} cells begin with **Predict**, not 3 or more"


@rule
def slides(notebook: Notebook) -> Iterator[str]:
    """The same file is a deck: each cell says what it is there."""
    for index, cell in enumerate(notebook.cells):
        kind = cell.metadata.get("slideshow", {}).get("slide_type")
        if kind not in SLIDES:
            yield f"{where(cell)} has the slide type {kind!r}, not one of {sorted(SLIDES)}"
        elif index == 0 and kind != "slide":
            yield "the first cell does not begin a slide"


# --- prose ------------------------------------------------------------------------------------


def count_words(text: str) -> int:
    """Return how many words a reader reads: without formulas, tables, code and folded hints."""
    for pattern in (FENCE, DETAILS, DISPLAY, TABLE_ROW):
        text = pattern.sub(" ", text)
    text = SPAN.sub(" word ", FORMULA.sub(" word ", text))
    text = LINK.sub(lambda match: match["words"], text)
    return sum(bool(re.search(r"\w", word)) for word in text.split())


@rule
def words(notebook: Notebook) -> Iterator[str]:
    """Little prose before code; the opening and the closing sections may be longer."""
    run: list[str] = []
    for name, cells in notebook.sections[1:]:
        for cell in cells:
            if cell.cell_type == "markdown":
                run += [] if name in CLOSING else [cell.source]
                continue
            if (found := count_words("\n\n".join(run))) > WORDS_BEFORE_CODE:
                yield f"{found} words before {where(cell)}, not {WORDS_BEFORE_CODE} or fewer"
            run = []


@rule
def plain_markdown(notebook: Notebook) -> Iterator[str]:
    """What JupyterLab, VS Code, GitHub and the site all render: no HTML but a folded hint."""
    for cell in notebook.markdown:
        text = without_code(cell.source)
        for tag in re.findall(r"<(?!https?:)/?[a-zA-Z!][^<>]*>", text):
            if not re.fullmatch(r"</?(details|summary)>", tag):
                yield f"{where(cell)} has the HTML {tag}: only <details> and <summary>, bare"
        if text.count("<details>") != text.count("</details>"):
            yield f"{where(cell)} does not close its <details>"
        if re.search(r"</summary>(?! *\n *\n)", text):
            yield f"{where(cell)} needs an empty line after </summary>, or hides its Markdown"
        if ":::" in cell.source or re.search(r"\{[\w:-]+\}`", cell.source):
            yield f"{where(cell)} has a directive that only one renderer knows"


@rule
def links(notebook: Notebook) -> Iterator[str]:
    """Relative links lead to files that exist, all others to https; pictures have alt text."""
    for cell in notebook.markdown:
        text = without_code(cell.source)
        targets = [match["target"] for match in LINK.finditer(text)]
        targets += [angled or bare for angled, bare in BARE.findall(LINK.sub(" ", text))]
        targets += LABEL.findall(text)
        for match in LINK.finditer(text):
            if not match["words"].strip():
                yield f"{where(cell)}: the link or picture {match[0]} has no words"
        for target in targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                if parts.scheme != "https" or "." not in (parts.hostname or ""):
                    yield f"{where(cell)}: {target} is not https with a host"
            elif not parts.path:
                yield f"{where(cell)}: {target!r} is no file; names of headings differ by renderer"
            elif parts.path.startswith("/") or not (notebook.path.parent / parts.path).exists():
                yield f"{where(cell)}: {target} leads to no file"


@rule
def no_intervals(notebook: Notebook) -> Iterator[str]:
    """Intervals come in notebook 04."""
    if notebook.number >= FIRST_WITH_INTERVALS:
        return
    for cell in notebook.cells:
        for text in (cell.source, *texts_of(cell)):
            if match := re.search(r"±|\+/-|\\pm\b|\bconfidence interval", text, re.IGNORECASE):
                yield f"{where(cell)} has {match[0]!r}: intervals come in notebook 04"


# --- numbers in prose -------------------------------------------------------------------------

# What has digits and is no claim: removed before numbers are looked for.
NO_CLAIM = tuple(
    re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    for pattern in (
        r"^\*\*time[:.]?\*\*.*$",  # the Time line of the opening
        r"^ *\d+[.)] ",  # the marker of a list
        r"^#+ \d+[.:]? ",  # the number of a heading
        r"\b(?:steps?|exercises?|notebooks?|sections?|figures?|questions?|cells?|issues?)"
        r" +\d+(?:(?: *[-–,] *| +to +| +and +)\d+)*",
        r"\b0\d(?![\d.])",  # 07 is a notebook
        r"\barxiv:? *\d{4}\.\d{4,5}",
        r"\bpython +3(?:\.\d+)?\+?",
        r"\b\d{4}-\d\d-\d\d\b",
        r"\b\d{1,2} +(?:january|february|march|april|may|june|july|august|september|october"
        r"|november|december)\b",
        r"(?<![\d.,-])(?:18|19|20)\d\d(?:[-–]\d\d(?:\d\d)?)?(?![\d%]|[.,]\d| *%)",  # years
        r"[_^](?:\{[^{}]*\}|\d)",  # subscripts and exponents
    )
)


def prose_of(cell: NotebookNode) -> str:
    """Return the part of a Markdown cell whose numbers are claims."""
    text = cell.source.replace("{,}", ",").replace("\\%", " %").replace("\\,", " ")
    if text.startswith("**Predict**"):
        # The wrong answers that a question offers need not occur anywhere.
        text = " ".join(part for part in re.split(r"(?<=[.?!])\s", text) if "?" not in part)
    text = LABEL.sub(" ", BARE.sub(" ", LINK.sub(" ", text)))
    for pattern in NO_CLAIM:
        text = pattern.sub(" ", text)
    return text


def grounds(stated: Number, percent: bool, known: Decimal) -> bool:
    """Whether a number that a cell holds or prints is ground for the one stated in prose.

    It is when it rounds to it: 96.1 % or 0.961 is ground for 96 %. A number of one digit must be
    met exactly. Without a sign -0.3 is ground for 0.3.
    """
    for factor in (1, 100) if percent else (1,):
        value = known * factor
        value = value if stated.sign else abs(value)
        near = {value}
        if stated.significant > 1 and abs(value) < 10**20:
            near |= {value.quantize(stated.unit, how) for how in (ROUND_HALF_EVEN, ROUND_HALF_UP)}
        if stated.value in near:
            return True
    return False


@rule
def numbers(notebook: Notebook) -> Iterator[str]:
    """Each number in prose is in the code or an output of its section or an earlier one."""
    allowed = NUMBERS_ALLOWED.get(notebook.path.stem, {})
    used: set[str] = set()
    known: set[Decimal] = set()
    for _, cells in notebook.sections:
        for cell in cells:
            if cell.cell_type == "code":
                source = re.sub(r"(?<=\d)_(?=\d)", "", cell.source)
                for text in (source, *texts_of(cell)):
                    known |= {number.value for number in split(text)[1]}
        for cell in cells:
            if cell.cell_type != "markdown":
                continue
            pieces, stated = split(prose_of(cell))
            for number, after in zip(stated, pieces[1:], strict=True):
                percent = bool(re.match(r"\s*%", after))
                if any(grounds(number, percent, value) for value in known):
                    continue
                if str(number) not in allowed:
                    yield f"{where(cell)} says {number}: no cell up to here holds or prints it"
                used.add(str(number))
    for name in sorted(allowed.keys() - used):
        yield f"NUMBERS_ALLOWED has {name}, which needs no exception"


# --- code -------------------------------------------------------------------------------------


@rule
def cell_sizes(notebook: Notebook) -> Iterator[str]:
    """Cells are short: what is longer belongs into helpers."""
    lengths = {}
    for cell in notebook.code:
        lengths[where(cell)] = sum(bool(line.strip()) for line in cell.source.splitlines())
    for name, length in lengths.items():
        if length > LINES_MOST:
            yield f"{name} has {length} lines, not {LINES_MOST} or fewer"
    if lengths and (median := statistics.median(lengths.values())) > LINES_MEDIAN:
        yield f"the median code cell has {median} lines, not {LINES_MEDIAN} or fewer"


HABITS = {
    r";[ \t]*(#.*)?$": "ends with a semicolon, which hides nothing here: write `_ = ...`",
    r"^\s*%%?(time|timeit|prun)\b": "measures time, which differs at every run",
    r"\binteract\(": "uses interact: use a slider and observe, or interact_manual",
    r"\bclear_output\b": "uses clear_output, which nbval cannot follow",
    r"\bOutput\(": "uses Output(), which nbval cannot follow",
    r"\bfilterwarnings\b": "hides warnings",
}


@rule
def habits(notebook: Notebook) -> Iterator[str]:
    """Nothing that makes outputs differ between runs, or hides them."""
    for cell in notebook.code:
        for pattern, complaint in HABITS.items():
            if re.search(pattern, cell.source, re.MULTILINE):
                yield f"{where(cell)} {complaint}"


def forbidden_packages(notebook: Notebook) -> set[str]:
    """Return the packages that a notebook of this number must not load."""
    found = {"torch"} if notebook.number < FIRST_WITH_TORCH else set()
    return found | ({"scipy"} if notebook.number < FIRST_WITH_SCIPY else set())


def imports_of(cell: NotebookNode) -> list[ast.Import | ast.ImportFrom]:
    """Return the import statements of a code cell."""
    plain = re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.MULTILINE)
    return [n for n in ast.walk(ast.parse(plain)) if isinstance(n, ast.Import | ast.ImportFrom)]


@rule
def light_imports(notebook: Notebook) -> Iterator[str]:
    """The early notebooks start in a second: no torch before 06, no SciPy before 04."""
    for cell in notebook.code:
        for node in imports_of(cell):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in {name.partition(".")[0] for name in names} & forbidden_packages(notebook):
                yield f"{where(cell)} imports {name}: too early in the course"


def python(code: str, folder: Path, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run code in a fresh Python whose folder is `folder`, with `given` on its standard input."""
    return subprocess.run(
        [sys.executable, "-c", code],
        input=given,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )


@slow_rule
def light_modules(notebook: Notebook) -> Iterator[str]:
    """Nothing that the early notebooks import loads torch or SciPy behind their back."""
    forbidden = forbidden_packages(notebook)
    if not forbidden:
        return
    lines = [ast.unparse(node) for cell in notebook.code for node in imports_of(cell)]
    lines += ["import json, sys", "print('loaded', json.dumps(sorted(sys.modules)))"]
    done = python("\n".join(lines), Path(__file__).resolve().parents[1])
    if done.returncode:
        yield f"the imports fail: {done.stderr.strip().splitlines()[-1]}"
        return
    loaded = set(json.loads(done.stdout.rpartition("loaded ")[2]))
    for name in sorted(loaded & forbidden):
        yield f"its imports load {name}: too early in the course"


# Runs the set-up cell in each folder in turn, as on a machine where the course is not installed:
# only the fake is left to be found. In one process, as most of the time goes into `import torch`.
ALONE = """
import importlib, json, os, sys
from pathlib import Path
def there(entry):
    return any((Path(entry) / name).exists() for name in ("helpers", "helpers.py"))
sys.path[:] = [""] + [entry for entry in sys.path if entry and not there(entry)]
sys.meta_path[:] = [finder for finder in sys.meta_path if "editable" not in repr(finder).lower()]
source, *folders = json.loads(sys.stdin.read())
refusals = []
for folder in folders:
    os.chdir(folder)
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.partition(".")[0] == "helpers"]:
        del sys.modules[name]
    try:
        exec(compile(source, "set-up", "exec"), {"__name__": "__main__"})
        refusals.append(None)
    except BaseException as error:
        refusals.append(f"{type(error).__name__}: {error}")
print("refusals", json.dumps(refusals))
"""
# It answers to any name, so that no missing name gives it away.
FAKE = """
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return lambda *args, **kwargs: None
"""
FAKES = {
    "helpers/__init__.py": "a package",
    "helpers.py": "a single file",
    "helpers/notes.txt": "a folder without __init__.py",
}


@slow_rule
def setup_refuses(notebook: Notebook) -> Iterator[str]:
    """The set-up cell refuses another package of the name helpers, and prints where it lies."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name).resolve() / str(number) for number in range(len(FAKES))]
        for folder, file in zip(folders, FAKES, strict=True):
            (folder / file).parent.mkdir(parents=True)
            (folder / file).write_text(FAKE)
        given = json.dumps([notebook.code[0].source, *map(str, folders)])
        done = python(ALONE, folders[0], given)
    refusals = json.loads(done.stdout.rpartition("refusals ")[2])
    for folder, refusal, (file, kind) in zip(folders, refusals, FAKES.items(), strict=True):
        if refusal is None:
            yield f"the set-up cell takes {kind} named helpers for the course's"
        elif str(folder / file.partition("/")[0]) not in refusal:
            yield f"the set-up cell refuses {kind} named helpers without saying where it lies"
