"""A pytest plug-in: nbval's strict mode without its gaps, and a tolerance for numbers.

`pytest --nbval` compares the outputs stored in a notebook with those of a fresh run. This plug-in
changes four things, and only in that mode:

1. A cell may carry a tolerance in its metadata. Then the numbers in its text outputs are compared
   within it and everything else exactly. Without one everything is exact.

   - `{"tolerance": {"relative": 0.02}}`: each number may move by that share of the stored one,
     at most 2 %.
   - `{"tolerance": {"interval": true}}`: in `mean ± half-width` and `mean [low, high]`, the mean,
     low and high may move by the stored half-width, the half-width by half of itself.
   - both keys: intervals as above, every other number within the relative tolerance.

2. What nbval passes in silence fails: a code cell that was never run, a picture that appeared or
   vanished, a picture's alt text that changed, outputs in another order, and a marker (`nbval-skip`
   and the like) that is not in MARKERS_ALLOWED.

3. Views of widgets are passed over, and with them outputs that hold nothing else.

4. Files that mask outputs by regular expressions are refused.

It works by handing nbval's own comparison other outputs: each number within tolerance is replaced
by the stored one. So the difference that nbval displays shows only what is really different.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, comment_markers, metadata_tags

LARGEST_RELATIVE = Decimal("0.02")

# Cells that may carry a marker which weakens nbval: {file name: {cell id: why}}. Keep it empty.
MARKERS_ALLOWED: dict[str, dict[str, str]] = {}

Compare = Callable[[Sequence[NotebookNode], Sequence[NotebookNode]], bool]

# --- numbers in text --------------------------------------------------------------------------

# Digits that touch a letter, an underscore or a second point are words: x1, float64, 3x3, 2.13.0.
# A minus is a sign unless it follows a word, a number or a closing bracket (3-5 is a range). nan
# and inf are words too, so they must be the same.
NUMBER = re.compile(
    r"""
    (?P<sign> (?<![\w.)\]]) [-+−] )?
    (?<![\w.])
    (?P<whole> [0-9]{1,3} (?:,[0-9]{3})+ (?![0-9]) | [0-9]+ )?
    (?P<point> \.[0-9]+ )?
    (?P<exponent> (?<=[0-9]) [eE][-+−]?[0-9]+ )?
    (?<=[0-9])
    (?! \w | \.[0-9] )
    """,
    re.VERBOSE,
)
# Inside a tag or an entity of HTML digits are not numbers: colspan="2", &#8722;
TAG = re.compile(r"<[^<>]*>|&\#?\w+;")

PLUS_MINUS = re.compile(r"\s*%?\s*±\s*")
OPENS = re.compile(r"\s*%?\s*\[\s*")
BETWEEN = re.compile(r"\s*%?\s*,\s*")
CLOSES = re.compile(r"\s*%?\s*\]")


@dataclass  # not frozen, which takes three times as long to make: there are hundreds of thousands
class Number:
    """A number as it is printed: `sign`, `whole` with any separators, `point`, `exponent`."""

    sign: str
    whole: str
    point: str
    exponent: str
    start: int = 0

    def __str__(self) -> str:
        return self.sign + self.whole + self.point + self.exponent

    @functools.cached_property
    def value(self) -> Decimal:
        return Decimal(str(self).replace(",", "").replace("−", "-"))

    @property
    def decimals(self) -> int:
        return max(len(self.point) - 1, 0)

    @property
    def unit(self) -> Decimal:
        """One unit in the last printed digit."""
        exponent = int(self.exponent[1:].replace("−", "-") or 0)
        return Decimal(1).scaleb(exponent - self.decimals)

    @property
    def significant(self) -> int:
        return len(
            (self.whole + self.point).translate({ord(","): None, ord("."): None}).lstrip("0")
        )

    def looks_like(self, other: Number) -> bool:
        """Whether one format may have printed both, so that only the value differs.

        The same count of decimals (`.2f` prints 9.98 and 10.01) or of significant digits
        (`.3g` prints 9.98 and 10.0).
        """
        minus = {self.sign, other.sign} - {"", "+"}
        return (
            (self.decimals == other.decimals or self.significant == other.significant)
            and bool(self.exponent) == bool(other.exponent)
            and ("," in self.whole) == ("," in other.whole)
            and {self.sign, other.sign} != {"", "+"}
            and len(minus) < 2
        )

    def shifted(self, amount: Decimal) -> str:
        """Return the number moved by `amount`, printed as this one is."""
        moved = (self.value + amount).quantize(self.unit)
        mantissa = moved / self.unit.scaleb(self.decimals)
        digits = f"{abs(mantissa):{',' if ',' in self.whole else ''}.{self.decimals}f}"
        if not self.whole:
            digits = digits.removeprefix("0")
        plus = "" if self.sign in {"", "-", "−"} else "+"
        minus = self.sign if self.sign in {"-", "−"} else "-"
        return (minus if moved < 0 else plus) + digits + self.exponent


@functools.lru_cache(maxsize=32)  # a test compares one stored text with thousands of changed ones
def split(text: str, *, markup: bool = False) -> tuple[tuple[str, ...], tuple[Number, ...]]:
    """Split a text into its numbers and what stands before, between and after them."""
    closed = [match.span() for match in TAG.finditer(text)] if markup else []
    pieces, numbers, end = [], [], 0
    for match in NUMBER.finditer(text):
        if closed and any(start <= match.start() < stop for start, stop in closed):
            continue
        pieces.append(text[end : match.start()])
        numbers.append(Number(*match.groups(default=""), start=match.start()))
        end = match.end()
    return (*pieces, text[end:]), tuple(numbers)


# --- tolerance --------------------------------------------------------------------------------


class ToleranceError(ValueError):
    """A cell's tolerance is not one that the course accepts."""


@dataclass(frozen=True)
class Tolerance:
    """How far the numbers of one cell may move; with neither part not at all."""

    relative: Decimal | None = None
    interval: bool = False

    @classmethod
    def of(cls, cell: NotebookNode) -> Tolerance:
        """Return the tolerance in a cell's metadata; raise ToleranceError if it is malformed."""
        if "tolerance" not in cell.metadata:
            return cls()
        given = cell.metadata["tolerance"]
        fits = isinstance(given, dict) and given and not given.keys() - {"relative", "interval"}
        if fits and "interval" in given:
            fits = given["interval"] is True
        if fits and "relative" in given:
            share = given["relative"]
            fits = type(share) in {int, float} and share > 0
            fits = fits and Decimal(str(share)) <= LARGEST_RELATIVE
        if not fits:
            raise ToleranceError(
                f"the tolerance of cell {cell.get('id')!r} is {given!r}: accepted are "
                f'{{"relative": r}} with 0 < r <= {LARGEST_RELATIVE}, {{"interval": true}}, or both'
            )
        share = given.get("relative")
        return cls(None if share is None else Decimal(str(share)), "interval" in given)

    def bounds(self, pieces: Sequence[str], numbers: Sequence[Number]) -> list[Decimal | None]:
        """Return for each stored number how far it may move; None: its text must be the same."""
        if self.relative is None:
            bounds: list[Decimal | None] = [None] * len(numbers)
        else:
            bounds = [abs(number.value) * self.relative for number in numbers]
        if self.interval:
            for first, moves in intervals(pieces, numbers):
                bounds[first : first + len(moves)] = moves
        return bounds


def intervals(
    pieces: Sequence[str], numbers: Sequence[Number]
) -> Iterator[tuple[int, list[Decimal]]]:
    """Yield each interval: the index of its mean, and how far each of its numbers may move."""
    for i in range(len(numbers) - 1):
        if PLUS_MINUS.fullmatch(pieces[i + 1]):
            half = abs(numbers[i + 1].value)
            yield i, [half, half / 2]
        elif (
            i + 2 < len(numbers)
            and OPENS.fullmatch(pieces[i + 1])
            and BETWEEN.fullmatch(pieces[i + 2])
            and CLOSES.match(pieces[i + 3])
        ):
            half = abs(numbers[i + 2].value - numbers[i + 1].value) / 2
            yield i, [half, half, half]


def accepts(stored: Number, fresh: Number, bound: Decimal | None) -> bool:
    """Whether a fresh number may stand for the stored one."""
    if str(stored) == str(fresh):
        return True
    return (
        bound is not None and stored.looks_like(fresh) and abs(stored.value - fresh.value) <= bound
    )


@functools.lru_cache(maxsize=32)
def _bounds(tolerance: Tolerance, stored: str, markup: bool) -> list[Decimal | None]:
    return tolerance.bounds(*split(stored, markup=markup))


def within(stored: str, fresh: str, tolerance: Tolerance, *, markup: bool = False) -> str:
    """Return the fresh text with each number that is within tolerance replaced by the stored."""
    if stored == fresh:
        return fresh
    pieces, numbers = split(stored, markup=markup)
    fresh_pieces, fresh_numbers = split(fresh, markup=markup)
    if pieces != fresh_pieces:
        return fresh
    bounds = _bounds(tolerance, stored, markup)
    chosen = [
        str(old if accepts(old, new, bound) else new)
        for old, new, bound in zip(numbers, fresh_numbers, bounds, strict=True)
    ]
    return "".join(piece + number for piece, number in zip(pieces, [*chosen, ""], strict=True))


# --- outputs ----------------------------------------------------------------------------------

# nbval drops these keys on both sides; their presence and alt text are compared in their place.
PICTURES = ("image/png", "image/jpeg")
ALT = ": alt text"
ORDER = "kinds of output, in order"
# The view of a widget has a new id at each run. `tools.refresh` stores none.
VIEW = "application/vnd.jupyter.widget-view+json"


def comparable(outputs: Sequence[NotebookNode]) -> list[NotebookNode]:
    """Return copies of a cell's outputs that hold all that is compared, in keys nbval looks at."""
    outputs = [output for output in outputs if set(output.get("data", [])) != {VIEW}]
    copies = [_comparable(output) for output in outputs]
    kinds = [
        output.get("name")
        or ", ".join(sorted({*output.get("data", [output.output_type])} - {VIEW}))
        for output in outputs
    ]
    return [*copies, NotebookNode({"output_type": "summary", ORDER: "\n".join(kinds)})]


def _comparable(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return NotebookNode(output)
    data = {}
    for kind, value in output.data.items():
        if kind == VIEW:
            continue
        if kind in PICTURES:
            alt = output.get("metadata", {}).get(kind, {}).get("alt", "")
            data[kind + ALT] = alt
        else:
            data[kind] = value
    return NotebookNode(output_type=output.output_type, data=NotebookNode(data))


def texts(outputs: Sequence[NotebookNode]) -> dict[str, list[tuple[NotebookNode, str]]]:
    """Return where the texts of comparable outputs stand: by kind, each as (container, key)."""
    places = defaultdict(list)
    for output in outputs:
        if output.output_type == "stream":
            places[output.name].append((output, "text"))
        for kind, value in output.get("data", {}).items():
            if (kind.startswith("text/") or kind.endswith(ALT)) and isinstance(value, str):
                places[kind].append((output.data, kind))
    return places


def adopt(
    fresh: Sequence[NotebookNode], stored: Sequence[NotebookNode], tolerance: Tolerance
) -> None:
    """Replace, in comparable fresh outputs, each number within tolerance by the stored one."""
    fresh_places = texts(fresh)
    for kind, places in texts(stored).items():
        # Where the counts differ nbval's comparison fails, and shows why.
        for (old, key), (new, _) in zip(places, fresh_places[kind], strict=False):
            new[key] = within(old[key], new[key], tolerance, markup=kind == "text/html")


def compare(
    item: IPyNbCell,
    original: Compare,
    fresh: Sequence[NotebookNode],
    stored: Sequence[NotebookNode],
) -> bool:
    """Compare the outputs of a cell as nbval's `original` does, within the cell's tolerance."""
    try:
        tolerance = Tolerance.of(item.cell)
    except ToleranceError as error:
        item.raise_cell_error(str(error))
    fresh, stored = comparable(fresh), comparable(stored)
    if tolerance != Tolerance():
        adopt(fresh, stored, tolerance)
    return original(fresh, stored)


# --- the plug-in ------------------------------------------------------------------------------


def markers(cell: NotebookNode) -> list[str]:
    """Return the tags and comments by which a cell would change what nbval does with it."""
    tags = [tag for tag in cell.metadata.get("tags", []) if tag in metadata_tags]
    comments = (line.strip() for line in cell.source.splitlines())
    words = [line.lstrip("#").strip() for line in comments if line.startswith("#")]
    return tags + [word for word in words if word in comment_markers]


def forbidden_markers(item: IPyNbCell) -> list[str]:
    """Return the markers of a cell that is not on the list of those that may carry one."""
    allowed = MARKERS_ALLOWED.get(item.parent.path.name, {})
    return [] if item.cell.get("id") in allowed else markers(item.cell)


def attach(item: IPyNbCell) -> None:
    """Make a collected cell compare its outputs by `compare`, whatever its markers ask for."""
    if forbidden_markers(item):
        item.options = defaultdict(bool, check=True)
    item.compare_outputs = functools.partial(compare, item, item.compare_outputs)


class Strict:
    """The hooks, registered only when nbval's strict mode is on."""

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        if isinstance(item, IPyNbCell):
            attach(item)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        result = yield
        if isinstance(item, IPyNbCell):
            if item.cell.execution_count is None:
                item.raise_cell_error("The stored cell was never run, so nothing was compared")
            if found := forbidden_markers(item):
                item.raise_cell_error(f"Marker not in MARKERS_ALLOWED: {', '.join(found)}")
        return result


def pytest_configure(config: pytest.Config) -> None:
    """Join in when nbval validates all outputs; otherwise stay out of the way."""
    if not config.getoption("nbval", default=False) or config.option.nbval_lax:
        return
    if config.option.nbval_sanitize_with or config.option.sanitize_with:
        raise pytest.UsageError(
            "--nbval-sanitize-with is refused: a masked number is not compared. "
            "Give the cell a tolerance in its metadata instead."
        )
    config.pluginmanager.register(Strict(), "course-strict-nbval")
