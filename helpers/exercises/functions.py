"""Exercises that ask for a function and compare it with a reference."""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from .answers import NotNumbersError, is_blank, is_stub, numbers_in, same_code
from .engine import Exercise, Misconception
from .feedback import Feedback, describe_error, shorten, show
from .guard import Stopped

__all__ = ["Trial", "WriteFunction", "corners"]


def corners(
    arguments: Callable[[np.ndarray], tuple[object, ...]], without: Sequence[str] = ()
) -> dict[str, tuple[object, ...]]:
    """Make the cases nobody thinks of, for a function that works entry by entry.

    Parameters
    ----------
    arguments : callable
        Takes an array and gives the arguments of a case.
    without : sequence of str
        Labels of cases that make no sense.

    Returns
    -------
    dict
        Labels and arguments, as `WriteFunction` takes them.

    Examples
    --------
    >>> list(corners(lambda z: (z, 0.1)))
    ['-0.0', 'integers', 'float32', 'no numbers at all', 'very large numbers']
    """
    rows = {
        "-0.0": np.array([-0.0, 0.0]),
        "integers": np.array([-3, 0, 2]),
        "float32": np.array([-1.5, 0.25], dtype=np.float32),
        "no numbers at all": np.empty(0),
        "very large numbers": np.array([-1e6, 1e6]),
    }
    return {label: arguments(row) for label, row in rows.items() if label not in without}


class Trial(NamedTuple):
    """One call of the learner's function."""

    label: str
    inputs: Mapping[str, object]
    expected: np.ndarray
    outcome: Literal["numbers", "no numbers", "None", "error", "stub"]
    answer: np.ndarray | None  # the numbers, if there are any
    yours: str  # the outcome in words
    right: bool
    changed: bool  # the function changed what it was given
    printed: str


@dataclass(kw_only=True, repr=False, eq=False)
class WriteFunction(Exercise):
    """An exercise that asks for a function and compares it with a reference.

    Parameters
    ----------
    reference : callable
        Gives the right answers. It says what is wanted, not how: it stays in the handout.
    cases : mapping of str to tuple
        A label for each tuple of arguments, the readable ones first.
    misconceptions : sequence of Misconception
        The first that fits is named.
    tolerance : float
        Relative and absolute.
    keeps_input : bool
        Whether the function must leave its arguments as they are.
    broken : callable, optional
        Where code is to be mended: the broken function as the notebook has it. As long as nobody
        has changed it, it counts as not tried yet.

    Examples
    --------
    >>> double = WriteFunction(
    ...     key="demo.double",
    ...     reference=lambda x: 2 * x,
    ...     cases={"a number": (3.0,), "a row": (np.array([0.0, -1.0]),)},
    ...     hints=["What is twice x?"],
    ...     right="It works for rows too.",
    ... )
    >>> double.check(lambda x: ...)
    ○ Not tried yet
    Write the function `double`, then run this cell again. `ex.double.hint()` gives a first hint.
    """

    reference: Callable[..., object]
    cases: Mapping[str, tuple[object, ...]]
    misconceptions: Sequence[Misconception] = ()
    tolerance: float = 1e-6
    keeps_input: bool = True
    broken: Callable[..., object] | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """The function itself."""
        return (self.name,)

    def _judge(self, function: object) -> Feedback:
        task = f"Write the function `{self.name}`"
        if self.broken is not None:
            task = f"This is still the broken `{self.name}`, or a stub. Find what is wrong, mend it"
        not_tried = self._not_tried(f"{task}, then run this cell again.")
        if is_blank(function) or same_code(function, self.broken):
            return not_tried
        if not callable(function) or isinstance(function, type):
            kind = "a class" if isinstance(function, type) else "no function"
            message = f"This is {kind}. Hand over the function itself: `{self._call}`."
            given = (("Given", show(function)),)
            return Feedback("not right yet", message, "not a function", given)
        refusal = self._refuse_signature(function)
        if refusal is not None:
            return refusal

        trials = []
        for label, arguments in self.cases.items():
            trials.append(self._try(function, label, arguments))
            if trials[-1].outcome == "stub":
                return not_tried
        failed = next((trial for trial in trials if not trial.right), None)
        changed = next((trial for trial in trials if trial.changed and trial.right), None)
        # In an array of integers `z *= 0.1` is an error, a cast refused: the same mistake.
        only_casts = all(trial.right or "same_kind" in trial.yours for trial in trials)
        if failed is not None and not (self.keeps_input and changed is not None and only_casts):
            return self._explain(failed, trials)
        if self.keeps_input and changed is not None:
            message = (
                "The numbers it gives back are right, but your function also changes the array "
                "it was given, as `x *= w` or `x[0] = 1` does. Make a new array instead."
            )
            return Feedback(
                "not right yet", message, "changes its input", self._inputs(changed.label)
            )
        return Feedback("right", self.right)

    def _refuse_signature(self, function: Callable[..., object]) -> Feedback | None:
        """Say so if the function does not take the arguments it will be called with."""
        try:
            signature = inspect.signature(function)
        except (TypeError, ValueError):  # a built-in one: the calls will tell
            return None
        names = tuple(inspect.signature(self.reference).parameters)
        try:
            signature.bind(*names)
        except TypeError:
            given = (("Yours takes", shorten(str(signature))),)
            message = f"It is called with {len(names)} arguments: `({', '.join(names)})`."
            return Feedback("not right yet", message, "other arguments", given)
        return None

    def _try(
        self, function: Callable[..., object], label: str, arguments: tuple[object, ...]
    ) -> Trial:
        """Call the function on a copy of the arguments and note all that happened."""
        self._trying = self._inputs(label)
        self._printed.take()
        names = inspect.signature(self.reference).parameters
        expected = numbers_in(self.reference(*arguments))
        given = copy.deepcopy(arguments)
        answer = None
        try:
            value = function(*given)
            answer = numbers_in(value)
            outcome, yours = "numbers", show(np.asarray(value))
        except Stopped:
            raise
        except NotNumbersError as problem:
            outcome, yours = "no numbers", str(problem)
            if value is Ellipsis or (value is None and is_stub(function)):
                outcome = "stub"
            elif value is None:
                outcome = "None"
        except BaseException as error:
            outcome = "stub" if _is_left_to_do(error) else "error"
            yours = f"raised {describe_error(error)}"
        return Trial(
            label=label,
            inputs=dict(zip(names, arguments, strict=True)),
            expected=expected,
            outcome=outcome,
            answer=answer,
            yours=yours,
            right=self._same(answer, expected),
            changed=not all(map(_unchanged, given, arguments)),
            printed=self._printed.take(),
        )

    def _same(self, one: np.ndarray | None, other: np.ndarray | None) -> bool:
        """Tell whether two answers agree: the same shape and numbers, or none in both."""
        if one is None or other is None:
            return one is other
        tolerance = {"rtol": self.tolerance, "atol": self.tolerance, "equal_nan": True}
        return one.shape == other.shape and np.allclose(one, other, **tolerance)

    def _inputs(self, label: str) -> tuple[tuple[str, str], ...]:
        names = inspect.signature(self.reference).parameters
        pairs = zip(names, self.cases[label], strict=True)
        values = "; ".join(f"{name} = {show(value)}" for name, value in pairs)
        return ((f"Tried with {label}", values),)

    def _explain(self, failed: Trial, trials: list[Trial]) -> Feedback:
        details = [*self._inputs(failed.label)]
        details += [("Expected", show(failed.expected)), ("Yours", failed.yours)]
        details += self._first_difference(failed)
        details += self._printed_detail(failed.printed)
        known = self._recognise(trials)
        if failed.outcome == "None":
            name = "nothing returned"
            message = "Your function gives nothing back here, None: is a `return` missing?"
            if failed.printed:
                message += " Printing shows a value to you; `return` hands it to the caller."
        elif known is not None:
            name, message = known.name, known.explanation
        else:
            name, message = "", self._generic(failed)
        return Feedback("not right yet", message, name, tuple(details))

    def _recognise(self, trials: list[Trial]) -> Misconception | None:
        """Find the misconception that gives these answers.

        First one that agrees on every input, errors included, where there was any number. Then
        one that agrees wherever the function gave numbers, or nearly: it may fail elsewhere for
        another reason, and one such answer in eight may differ, as two mistakes can meet. Last,
        the predicates.
        """
        numeric = [trial for trial in trials if trial.answer is not None]
        telling = sorted(trials, key=lambda trial: trial.right)  # where they differ, if at all
        for known in self.misconceptions if numeric else ():
            if any(self._agrees(wrong, telling) for wrong in known.wrong):
                return known
        failed = [trial for trial in trials if not trial.right][:1]
        if failed[0].answer is not None and len(numeric) >= 4:
            near = [
                (self._disagreements(wrong, numeric), place)
                for place, known in enumerate(self.misconceptions)
                for wrong in known.wrong
                if self._agrees(wrong, failed)
            ]
            if near and min(near)[0] <= len(numeric) // 8:
                return self.misconceptions[min(near)[1]]
        return next((m for m in self.misconceptions if m.when is not None and m.when(trials)), None)

    def _agrees(self, wrong: Callable[..., object], trials: list[Trial]) -> bool:
        return all(self._answers_alike(wrong, trial) for trial in trials)

    def _disagreements(self, wrong: Callable[..., object], trials: list[Trial]) -> int:
        return sum(not self._answers_alike(wrong, trial) for trial in trials)

    def _answers_alike(self, wrong: Callable[..., object], trial: Trial) -> bool:
        return self._same(trial.answer, _answer(wrong, tuple(trial.inputs.values())))

    @staticmethod
    def _first_difference(trial: Trial) -> list[tuple[str, str]]:
        """Point at one entry, where an array is too long to compare by eye."""
        answer, expected = trial.answer, trial.expected
        if answer is None or answer.shape != expected.shape or answer.size <= 8:
            return []
        place = tuple(int(i) for i in np.argwhere(~np.isclose(answer, expected))[0])
        there = f"[{', '.join(map(str, place))}]"
        values = f"expected {show(expected[place])}, yours {show(answer[place])}"
        return [(f"First difference, at {there}", values)]

    @staticmethod
    def _generic(trial: Trial) -> str:
        if trial.outcome == "error":
            return "Your function stops with an error on this input. Call it so yourself and look."
        if trial.answer is None:
            return "Your function does not give numbers back on this input."
        if trial.answer.shape != trial.expected.shape:
            wanted, given = _shape(trial.expected), _shape(trial.answer)
            return f"The shape differs: {wanted} is expected, yours is {given}."
        return "Work this input out by hand, step by step, and compare each step with your code."


def _is_left_to_do(error: BaseException) -> bool:
    """Tell a stub that raises from a library, such as torch, that cannot do with an input.

    Both raise the same error. A stub has the word in its own code.
    """
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    names = place.tb_frame.f_code.co_names if place is not None else ()
    return type(error) is NotImplementedError and "NotImplementedError" in names


def _shape(array: np.ndarray) -> str:
    return "one number" if array.ndim == 0 else f"an array of shape {array.shape}"


def _unchanged(after: object, before: object) -> bool:
    """Compare an argument with itself as it was: numbers, or functions and the like."""
    try:
        return np.array_equal(after, before, equal_nan=True)
    except TypeError:
        return bool(after == before)


def _answer(function: Callable[..., object], arguments: tuple[object, ...]) -> np.ndarray | None:
    """Call one of our own wrong functions; None stands for an error."""
    try:
        return numbers_in(function(*copy.deepcopy(arguments)))
    except Exception:
        return None
