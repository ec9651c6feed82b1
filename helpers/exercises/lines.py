"""Exercises that ask for the line at fault in a script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .engine import Exercise, Misconception, read_values
from .feedback import Feedback

__all__ = ["FindLine"]


@dataclass(kw_only=True, repr=False, eq=False)
class FindLine(Exercise):
    """An exercise that asks for the number of the line at fault in a script.

    Parameters
    ----------
    culprits : mapping of int to str
        Each line that may be named, counted from 1 with empty ones, and the code there.
    length : int
        How many lines the script has.
    misconceptions : sequence of Misconception
        Each with `when`, a predicate of the line; the first that fits is named.

    Examples
    --------
    >>> off_by_one = FindLine(
    ...     key="demo.off_by_one",
    ...     culprits={2: "range(1, n)"},
    ...     length=3,
    ...     misconceptions=[
    ...         Misconception("another line", "Which line counts?", when=lambda line: True)
    ...     ],
    ...     hints=["How often does it go round?"],
    ...     right="From 1 to n - 1 there are n - 1 numbers.",
    ... )
    >>> off_by_one.check(3)
    ✗ Not right yet: another line
    line: 3
    Which line counts?
    """

    culprits: Mapping[int, str]
    length: int
    misconceptions: Sequence[Misconception]

    @property
    def takes(self) -> tuple[str, ...]:
        """The line."""
        return ("line",)

    def _judge(self, line: object) -> Feedback:
        numbers = read_values(self, {"line": line}, {"line": ()})
        if isinstance(numbers, Feedback):
            return numbers
        given = float(numbers[0])
        details = (("line", f"{given:g}"),)
        if given in self.culprits:
            return Feedback("right", self.right, details=details)
        if not given.is_integer() or not 1 <= given <= self.length:
            message = f"Lines are counted from 1 to {self.length}, empty ones included."
            return Feedback("not right yet", message, "no such line", details)
        known = next((m for m in self.misconceptions if m.when(given)), None)
        if known is None:
            message = "This line is as it should be."
            return Feedback("not right yet", message, details=details)
        return Feedback("not right yet", known.explanation, known.name, details)
