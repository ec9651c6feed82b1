"""Exercises that ask for numbers and try them on every row of a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from .engine import Exercise, Misconception, read_values
from .feedback import Feedback, show

__all__ = ["GiveValues"]


@dataclass(kw_only=True, repr=False, eq=False)
class GiveValues(Exercise):
    """An exercise that asks for numbers and tries them on every row of a table.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        The names of the values, each with its shape; ``()`` for one number.
    rows : ndarray, shape (R, d)
        The inputs of the table.
    expected : ndarray, shape (R,)
        What the values must make of each row.
    measure : callable
        Takes the values and gives one number a row, such as z. Where it gives the values back, as
        in ``lambda states: states``, they are the answers to the rows: then a check says which row
        fails, and not what is expected there.
    decide : callable
        Takes what was measured and gives one output a row, to compare with `expected`.
    symbol : str
        What the measured number is called.
    misconceptions : sequence of Misconception
        Each with `when`, a predicate of what was measured.
    remark : callable, optional
        Takes what was measured by a right answer and gives a sentence to add, or "".

    Examples
    --------
    >>> above_one = GiveValues(
    ...     key="demo.above_one",
    ...     shapes={"b": ()},
    ...     rows=np.array([[0.0], [2.0]]),
    ...     expected=np.array([0.0, 1.0]),
    ...     measure=lambda b: np.array([0.0, 2.0]) + b,
    ...     decide=lambda z: np.heaviside(z, 0.0),
    ...     hints=["Where must z change its sign?"],
    ...     right="Any b between -2 and 0 does it.",
    ... )
    >>> above_one.check(...)
    ○ Not tried yet
    Still to be filled in: `b`. `ex.above_one.hint()` gives a first hint.
    """

    shapes: Mapping[str, tuple[int, ...]]
    rows: np.ndarray
    expected: np.ndarray
    measure: Callable[..., np.ndarray]
    decide: Callable[[np.ndarray], np.ndarray]
    symbol: str = "z"
    misconceptions: Sequence[Misconception] = ()
    remark: Callable[[np.ndarray], str] | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of the values."""
        return tuple(self.shapes)

    def _judge(self, *values: object) -> Feedback:
        numbers = read_values(self, dict(zip(self.takes, values, strict=True)), self.shapes)
        if isinstance(numbers, Feedback):
            return numbers
        measured = self.measure(*numbers)
        outputs = self.decide(measured)
        wrong = np.flatnonzero(outputs != self.expected)
        if wrong.size == 0:
            remark = self.remark(measured) if self.remark is not None else ""
            return Feedback("right", f"{self.right} {remark}".rstrip())
        known = next((m for m in self.misconceptions if m.when(measured)), None)
        given = tuple((name, show(value)) for name, value in zip(self.takes, numbers, strict=True))
        right = ("Rows right", f"{self.expected.size - wrong.size} of {self.expected.size}")
        if len(numbers) == 1 and np.array_equal(measured, numbers[0]):
            return self._answered(wrong[0], measured, known, given, right)
        row = wrong[0]
        details = (
            *given,
            ("First row that fails", show(self.rows[row])),
            (f"{self.symbol} there", show(measured[row])),
        )
        if not np.all(self.expected == 1):  # else `decide` only says whether a row passes
            details += (("Expected", show(self.expected[row])), ("Yours", show(outputs[row])))
        details += (right,)
        if known is not None:
            return Feedback("not right yet", known.explanation, known.name, details)
        message = f"Work out {self.symbol} by hand for this row. Which way must it move?"
        return Feedback("not right yet", message, details=details)

    def _answered(
        self,
        row: int,
        answers: np.ndarray,
        known: Misconception | None,
        given: tuple[tuple[str, str], ...],
        right: tuple[str, str],
    ) -> Feedback:
        """Say that a row fails where the values *are* the answers: its answer is not shown.

        What is expected of a row would be the solution then, entry by entry. Rows have the letters
        that notebooks give them. A misconception speaks of the row that it is about, which need
        not be the first.
        """
        if known is not None:
            return Feedback("not right yet", known.explanation, known.name, (*given, right))
        letter = ascii_uppercase[row]
        table = f": {show(self.rows[row])}" if self.rows.shape[1] > 1 else ""
        there = (
            ("First row that fails", f"{letter}{table}"),
            (f"Your {self.symbol} there", show(answers[row])),
        )
        message = f"Go through {letter} once more, by itself. Then look at the rows after it."
        return Feedback("not right yet", message, details=(*given, *there, right))
