"""What all exercises share.

An exercise is declared once, in the module of its notebook, and answers to three calls:

- ``check(answer)`` says *not tried yet*, *not right yet* and why, or *right* and what to notice;
- ``hint()`` shows the next hint, each more direct than the one before;
- ``solution()`` shows a real function, the one that the tests run.

A check never raises, never runs longer than its time limit, and touches nothing of the learner's:
the whole judgement, the learner's objects included, runs inside `guard.guarded`.
"""

import importlib
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from . import progress
from .answers import NotNumbersError, is_blank, numbers_in
from .feedback import Feedback, shorten, show
from .guard import Printed, guarded

__all__ = ["Exercise", "Misconception", "read_values"]


@dataclass(frozen=True)
class Misconception:
    """A misunderstanding with a name, and how to recognise it.

    Parameters
    ----------
    name : str
        What it is called, in a few words.
    explanation : str
        What to tell somebody who holds it.
    wrong : tuple of callable
        Functions that give the typical wrong answers, errors included.
    when : callable, optional
        A predicate instead. `WriteFunction` hands it the list of trials, `GiveValues` what was
        measured on each row, the predictions what the learner measured.
    """

    name: str
    explanation: str
    wrong: tuple[Callable[..., object], ...] = ()
    when: Callable[..., bool] | None = None


@dataclass(kw_only=True, repr=False, eq=False)
class Exercise(ABC):
    """What all exercises share.

    Parameters
    ----------
    key : str
        Notebook and name, as in ``"meet_a_neuron.neuron"``.
    hints : sequence of str
        From the gentle to the direct.
    right : str
        What to notice, once it is right.
    limit : float
        Seconds that a check may take.
    """

    key: str
    hints: Sequence[str]
    right: str
    limit: float = 2.0
    _hints_shown: int = field(default=0, init=False)
    _printed: Printed = field(default_factory=Printed, init=False)
    _trying: tuple[tuple[str, str], ...] = field(default=(), init=False)

    @property
    def name(self) -> str:
        """The name within the notebook's module."""
        return self.key.rpartition(".")[2]

    @property
    @abstractmethod
    def takes(self) -> tuple[str, ...]:
        """The names of what `check` is given."""

    @abstractmethod
    def _judge(self, *answer: Any) -> Feedback:
        """Judge an answer. Runs inside the guard, and may raise."""

    def __repr__(self) -> str:
        """List what can be called."""
        calls = f"{self._call}, ex.{self.name}.hint(), ex.{self.name}.solution()"
        return f"Exercise {self.key}: {calls}"

    @property
    def _call(self) -> str:
        return f"ex.{self.name}.check({', '.join(self.takes)})"

    def check(self, *answer: object, **named: object) -> Feedback:
        """Judge an answer and record the result.

        Parameters
        ----------
        *answer, **named
            What the exercise asks for, in the order and by the names of `takes`.

        Returns
        -------
        Feedback
            Always; nothing is raised.
        """
        kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
        signature = inspect.Signature([inspect.Parameter(name, kind) for name in self.takes])
        try:
            given = signature.bind(*answer, **named).args
        except TypeError:
            return Feedback("not tried yet", f"Call the check like this: `{self._call}`.")
        return self._guarded(lambda: self._judge(*given))

    def hint(self) -> Feedback:
        """Show the next hint; after the last one, say so."""
        if self._hints_shown == len(self.hints):
            message = f"All {len(self.hints)} hints are shown. `ex.{self.name}.solution()` is left."
            return Feedback("hint", message)
        self._hints_shown += 1
        count = ("Hint", f"{self._hints_shown} of {len(self.hints)}")
        feedback = Feedback("hint", self.hints[self._hints_shown - 1], details=(count,))
        return self._record(feedback, hints=self._hints_shown)

    def solution(self) -> Feedback:
        """Show one way to solve the exercise: the source of a function that the tests run."""
        notebook = self.key.rpartition(".")[0]
        try:
            module = importlib.import_module(f"{__package__}.solutions.{notebook}")
            source = inspect.getsource(getattr(module, self.name))
        except (ImportError, OSError):
            return Feedback("solution", "This copy of the course comes without its solutions.")
        feedback = Feedback("solution", "One way of several:", code=source.rstrip())
        return self._record(feedback, solution=True)

    def _guarded(self, judge: Callable[[], Feedback]) -> Feedback:
        self._trying = ()
        self._printed.take()
        outcome = guarded(judge, limit=self.limit, printed=self._printed)
        if outcome.ending == "returned":
            feedback = outcome.value
        elif outcome.ending == "raised":
            message = f"Your answer cannot be read: looking at it raised `{outcome.error}`."
            feedback = Feedback("not right yet", message)
        elif outcome.ending == "stopped by you":
            return Feedback("not tried yet", "Stopped by you, before the check had an answer.")
        else:
            feedback = Feedback(
                "not right yet",
                f"Stopped after {self.limit:g} seconds. Is there a loop that never ends: a "
                "`while` whose condition stays true, or a function that waits?",
                misconception="endless loop",
                details=(*self._trying, *self._printed_detail(self._printed.take())),
            )
        if feedback.state in ("not right yet", "right"):
            return self._record(feedback, state=feedback.state)
        return feedback

    def _record(self, feedback: Feedback, **facts: Any) -> Feedback:
        if progress.save(self.key, progress.Record(**facts)):
            return feedback
        note = f"(Your progress could not be saved in {shorten(str(progress.folder()))}.)"
        return replace(feedback, note=note)

    @staticmethod
    def _printed_detail(printed: str) -> tuple[tuple[str, str], ...]:
        return (("It printed", shorten(printed.rstrip())),) if printed.strip() else ()

    def _not_tried(self, message: str) -> Feedback:
        return Feedback("not tried yet", f"{message} `ex.{self.name}.hint()` gives a first hint.")


def read_values(
    exercise: Exercise, values: Mapping[str, object], shapes: Mapping[str, tuple[int, ...]]
) -> list[np.ndarray] | Feedback:
    """Read named numbers, each of its shape; axes of length one do not matter."""
    blank = [f"`{name}`" for name, value in values.items() if is_blank(value)]
    if blank:
        return exercise._not_tried(f"Still to be filled in: {' and '.join(blank)}.")
    numbers = []
    for name, value in values.items():
        given = ((name, show(value)),)
        try:
            array = numbers_in(value)
        except NotNumbersError as problem:
            return Feedback("not right yet", f"`{name}` is {problem}.", "not a number")
        if array.squeeze().shape != shapes[name]:
            size = int(np.prod(shapes[name]))
            wanted = "one number" if size == 1 else f"{size} numbers"
            message = f"`{name}` must be {wanted}; yours holds {array.size}."
            return Feedback("not right yet", message, "wrong number of values", given)
        if not np.isfinite(array).all():
            message = f"`{name}` must be finite: neither infinite nor nan."
            return Feedback("not right yet", message, "not finite", given)
        numbers.append(array.squeeze())
    return numbers
