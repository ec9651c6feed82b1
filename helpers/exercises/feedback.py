"""What an exercise shows: a few short lines, as plain text and as HTML.

Learners' values, messages and prints reach the screen only through `show` and `shorten`, which
keep them short, printable and free of memory addresses. `Feedback` escapes everything.
"""

import html
import re
import reprlib
from dataclasses import dataclass
from typing import Literal

import numpy as np

__all__ = ["LOOKS", "Feedback", "State", "describe_error", "shorten", "show"]

State = Literal["not tried yet", "not right yet", "right", "prediction kept", "hint", "solution"]

# An icon, and a colour that reads on white and on black (Okabe and Ito). The icon and the word
# carry the meaning; the colour only repeats it.
LOOKS: dict[State, tuple[str, str]] = {
    "not tried yet": ("○", "#808080"),
    "not right yet": ("✗", "#D55E00"),
    "right": ("✓", "#009E73"),
    "prediction kept": ("✎", "#0072B2"),
    "hint": ("☞", "#0072B2"),
    "solution": ("✎", "#0072B2"),
}

_MANY = 8  # an array or list with more numbers than this is shown by its ends
_short = reprlib.Repr()
_short.maxlist = _short.maxtuple = _short.maxset = _short.maxfrozenset = _short.maxdict = _MANY
_short.maxstring = _short.maxother = _short.maxlong = 120


@dataclass(frozen=True, repr=False)
class Feedback:
    """An exercise's answer to the learner.

    Parameters
    ----------
    state : str
        One of the words of `State`; it becomes the heading.
    message : str
        What to notice or what to do, in sentences. Text between backticks is shown as code,
        between asterisks as emphasised.
    misconception : str
        The name of the misunderstanding that was recognised, if one was.
    details : tuple of (str, str)
        Labelled facts: what was given, what was expected.
    code : str
        Source code to show.
    note : str
        A quiet last sentence.

    Examples
    --------
    >>> Feedback("not right yet", "Add `b` to the sum.", misconception="bias forgotten")
    ✗ Not right yet: bias forgotten
    Add `b` to the sum.
    """

    state: State
    message: str
    misconception: str = ""
    details: tuple[tuple[str, str], ...] = ()
    code: str = ""
    note: str = ""

    @property
    def heading(self) -> str:
        """The state in words, with the name of the misunderstanding."""
        words = self.state.capitalize()
        return f"{words}: {self.misconception}" if self.misconception else words

    def __repr__(self) -> str:
        """Write it as plain text."""
        icon, _ = LOOKS[self.state]
        facts = [f"{label}: {value}" for label, value in self.details]
        lines = [f"{icon} {self.heading}", *facts, self.message, self.code, self.note]
        return "\n".join(line for line in lines if line)

    def _repr_html_(self) -> str:
        return self.as_html("status")

    def as_html(self, role: Literal["status", "alert"]) -> str:
        """Write it as HTML, in a region that screen readers announce: an alert at once."""
        icon, colour = LOOKS[self.state]
        parts = [f'<strong><span aria-hidden="true">{icon}</span> {_prose(self.heading)}</strong>']
        parts += [
            f'<div>{html.escape(label)}: <code style="white-space: pre-wrap">'
            f"{html.escape(value)}</code></div>"
            for label, value in self.details
        ]
        if self.message:
            parts.append(f"<div>{_prose(self.message)}</div>")
        if self.code:
            parts.append(f"<pre>{html.escape(self.code)}</pre>")
        if self.note:
            parts.append(f"<div><small>{_prose(self.note)}</small></div>")
        style = f"border-left: 4px solid {colour}; padding: 0.2em 0.8em; margin: 0.4em 0"
        return f'<div role="{role}" style="{style}">' + "\n".join(parts) + "</div>"


def _prose(text: str) -> str:
    """Escape text for HTML; turn `code` into a code element, and *words* into emphasised ones."""
    parts = r"`([^`]+)`|(?<!\w)\*([^\s*`](?:[^*`]*[^\s*`])?)\*(?!\w)"

    def element(found: re.Match[str]) -> str:
        return f"<code>{found[1]}</code>" if found[1] else f"<em>{found[2]}</em>"

    return re.sub(parts, element, html.escape(text))


def shorten(text: str, limit: int = 300, lines: int = 6) -> str:
    """Cut text to what fits a screen, printable characters only.

    Examples
    --------
    >>> shorten("abc" * 100, limit=6)
    'abcabc …'
    """
    cut = "\n".join(text[:limit].splitlines()[:lines])
    mark = "" if len(cut) >= len(text.rstrip()) else " …"
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in cut) + mark


def show(value: object) -> str:
    """Write any value in a short, printable line, whatever its ``repr`` does.

    Examples
    --------
    >>> show(np.array([0.5, -1.0]))
    '[0.5, -1.0]'
    >>> show(np.zeros((1000, 1000)))
    '[[0.0, ..., 0.0], ..., [0.0, ..., 0.0]], shape (1000, 1000)'
    """
    try:
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, np.ndarray):
            text = _show_array(value)
        else:
            text = f"{value:.6}" if type(value) is float else _short.repr(value)
    except BaseException:  # the learner's own __repr__ may raise anything
        text = f"an object of type {type(value).__name__}"
    return shorten(re.sub(r" at 0x[0-9a-fA-F]+", "", text))


def _show_array(array: np.ndarray) -> str:
    if array.ndim == 0:
        return show(array[()])
    text = np.array2string(
        array,
        separator=", ",
        threshold=3 * _MANY,
        edgeitems=2 if array.ndim == 1 else 1,
        max_line_width=10_000,
        formatter={"float_kind": lambda number: f"{number:.6}"},
    )
    text = re.sub(r"\s+", " ", text)
    return text if array.ndim == 1 and array.size else f"{text}, shape {array.shape}"


def describe_error(error: BaseException) -> str:
    """Write an exception as ``Type: message``, whatever its ``__str__`` does.

    Examples
    --------
    >>> describe_error(ValueError("shapes (2,) and (3,) not aligned"))
    'ValueError: shapes (2,) and (3,) not aligned'
    """
    name = type(error).__name__
    try:
        text = str(error)
    except BaseException:  # the learner's own __str__ may raise anything
        text = "(its message cannot be shown)"
    return shorten(f"{name}: {text}" if text else name)
