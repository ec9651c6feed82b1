"""What is done across the whole course: `ex.progress()` in every notebook, `make progress`.

Each notebook's module imports `progress` from here, so that `ex.progress()` is the same in all.
"""

import contextlib
import html
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from . import progress as records
from .engine import Exercise

__all__ = ["NOTEBOOKS", "Overview", "Row", "overview", "progress", "reset"]

# Every notebook that may have exercises, by its number. One that is not there yet is passed over.
NOTEBOOKS = {
    "00": "warm_up",
    "01": "meet_a_neuron",
    "02": "build_a_network",
    "03": "train_a_network",
    "04": "watch_gradients_vanish",
    "05": "switch_to_relu",
    "06": "watch_relu_die",
    "07": "leak_a_little",
    "08": "choose_the_slope",
    "09": "meet_the_family",
    "10": "check_your_own_network",
    "11": "test_every_claim",
    "12": "classify_images",
    "13": "detect_objects",
    "14": "read_text",
    "15": "predict_numbers",
    "16": "change_framework",
    "17": "spot_the_bug",
}
STATES = ("right", "not right yet", "not tried yet")


@dataclass(frozen=True)
class Row:
    """One notebook: its title, as in ``"01 meet a neuron"``, and the record of each exercise."""

    title: str
    records: dict[str, records.Record]

    def count(self, state: str) -> int:
        """Count the exercises in a state.

        Examples
        --------
        >>> Row("01 meet a neuron", {"neuron": records.Record("right")}).count("right")
        1
        """
        return sum(record.state == state for record in self.records.values())

    @property
    def cells(self) -> tuple[str, ...]:
        """What the table says of it."""
        counts = [str(self.count(state)) for state in STATES]
        kept = self.records.values()
        extra = [sum(record.hints for record in kept), sum(record.solution for record in kept)]
        return (self.title, *counts, *map(str, extra))


@dataclass(frozen=True, repr=False)
class Overview:
    """The table of progress, a row for each notebook; as text and as HTML.

    Examples
    --------
    >>> half = {"neuron": records.Record("right", hints=2), "xor": records.Record()}
    >>> Overview((Row("01 meet a neuron", half),))
    Notebook          right  not right yet  not tried yet  hints  solutions
    01 meet a neuron      1              0              1      2          0
    1 of 2 exercises are right. Next: 01 meet a neuron, `ex.xor`.
    """

    rows: tuple[Row, ...]

    heads = ("Notebook", *STATES, "hints", "solutions")

    @property
    def sentence(self) -> str:
        """How many exercises are right, and which is the first that is not."""
        total = sum(len(row.records) for row in self.rows)
        right = sum(row.count("right") for row in self.rows)
        left = ((r.title, n) for r in self.rows for n, k in r.records.items() if k.state != "right")
        title, name = next(left, ("", ""))
        following = f"Next: {title}, `ex.{name}`." if name else "There is none left."
        return f"{right} of {total} exercises are right. {following}"

    def __repr__(self) -> str:
        """Write the table as plain text."""
        lines = [self.heads, *(row.cells for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        texts = [
            "  ".join(
                cell.rjust(width) if place else cell.ljust(width)
                for place, (cell, width) in enumerate(zip(line, widths, strict=True))
            )
            for line in lines
        ]
        return "\n".join([*texts, self.sentence])

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in self.heads)
        body = ""
        for row in self.rows:
            title, *numbers = map(html.escape, row.cells)
            cells = "".join(f"<td>{number}</td>" for number in numbers)
            body += f'<tr><th scope="row" style="text-align: left">{title}</th>{cells}</tr>\n'
        return (
            f"<table><caption>{html.escape(self.sentence)}</caption>\n"
            f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody></table>"
        )


def overview() -> Overview:
    """Read what is kept of every exercise of the course, in the order of the notebooks.

    Examples
    --------
    >>> overview().rows[1].title, list(overview().rows[1].records)
    ('01 meet a neuron', ['neuron', 'nand_gate', 'move_the_bias', 'xor'])
    """
    rows = []
    for number, notebook in NOTEBOOKS.items():
        names = _exercises(notebook)
        if names:
            kept = {name: records.load(f"{notebook}.{name}") for name in names}
            rows.append(Row(f"{number} {notebook.replace('_', ' ').replace('relu', 'ReLU')}", kept))
    return Overview(tuple(rows))


def progress() -> Overview:
    """Show what is done across the course: a figure, and the table, which is returned.

    Where Matplotlib is missing there is the table alone. What is shown is read from this
    computer, and goes nowhere.

    Returns
    -------
    Overview
        The table.
    """
    found = overview()
    with contextlib.suppress(ImportError):
        from helpers.plots import show
        from helpers.plots.progress import overview as draw

        states = {r.title: [kept.state for kept in r.records.values()] for r in found.rows}
        show(*draw(states))
    return found


def reset() -> int:
    """Delete the records of the course's exercises, and nothing else; return how many.

    Raises
    ------
    OSError
        If the folder cannot be changed.
    """
    deleted = 0
    folder = records.folder()
    for path in _ours():
        path.unlink(missing_ok=True)
        deleted += path.suffix == ".json"
    with contextlib.suppress(OSError):  # it is not there, or holds something of the learner's
        folder.rmdir()
    return deleted


def _exercises(notebook: str) -> list[str]:
    """Name a notebook's exercises in the order in which its module has them."""
    name = f"{__package__}.{notebook}"
    if find_spec(name) is None:
        return []
    return [key for key, value in vars(import_module(name)).items() if isinstance(value, Exercise)]


def _ours() -> Iterator[Path]:
    """List records, and what a crash may have left beside them, of notebooks that we know."""
    for path in sorted(records.folder().glob("*.*")):
        notebook, _, rest = path.name.partition(".")
        if notebook in NOTEBOOKS.values() and rest.endswith((".json", ".lock", ".tmp")):
            yield path
