"""Exercises that ask for a prediction first, then for what the learner's own run measured."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np

from . import progress
from .answers import NotNumbersError, is_blank, numbers_in
from .engine import Exercise, Misconception, read_values
from .feedback import Feedback, State, show

__all__ = ["PredictChoice", "PredictNumber"]


@dataclass(kw_only=True, repr=False, eq=False)
class _Predict(Exercise):
    """An exercise that asks for a prediction first, then for what was measured.

    Parameters
    ----------
    measured : tuple of str
        The names of the numbers that `check` takes.
    ask : str
        What to predict, in words that finish "Predict first: ".
    misconceptions : sequence of Misconception
        Each with `when`, a predicate of the measured numbers that finds a wrong measurement.
    """

    measured: tuple[str, ...]
    ask: str
    misconceptions: Sequence[Misconception] = ()
    _prediction: str | float | None = field(default=None, init=False)

    @property
    def takes(self) -> tuple[str, ...]:
        """The names of the measured numbers."""
        return self.measured

    @abstractmethod
    def _read(self, guess: object) -> str | float | None:
        """Turn a guess into what is kept; None if it cannot be understood."""

    @abstractmethod
    def _compare(self, prediction: Any, *numbers: float) -> Misconception | None:
        """Return None if the prediction agrees with what was measured."""

    def predict(self, *guess: object) -> Feedback:
        """Keep a prediction. Until there is one, `check` tells nothing.

        Parameters
        ----------
        *guess : object
            The prediction, one value; ``...`` and None count as not tried yet.

        Returns
        -------
        Feedback
            Always; nothing is raised.
        """

        def judge() -> Feedback:
            if len(guess) != 1 or is_blank(guess[0]):
                return self._not_tried(f"Predict first: {self.ask}.")
            kept = self._read(guess[0])
            if kept is None:
                message = f"This is not understood: `{show(guess[0])}`. Predict {self.ask}."
                return Feedback("not tried yet", message)
            self._prediction = kept
            message = f"You predict {show(kept)}. Now run it, then `{self._call}`."
            return Feedback("prediction kept", message)

        feedback = self._guarded(judge)
        if feedback.state == "prediction kept":
            return self._record(feedback, prediction=self._prediction)
        return feedback

    def _judge(self, *values: object) -> Feedback:
        shapes = dict.fromkeys(self.measured, ())
        numbers = read_values(self, dict(zip(self.measured, values, strict=True)), shapes)
        if isinstance(numbers, Feedback):
            return numbers
        prediction = self._prediction
        if prediction is None:
            stored = progress.load(self.key).prediction
            prediction = None if stored is None else self._read(stored)
        if prediction is None:
            return self._not_tried(
                f"Predict first, with `ex.{self.name}.predict(...)`: {self.ask}."
            )
        floats = [float(number) for number in numbers]
        details = tuple((n, show(v)) for n, v in zip(self.measured, floats, strict=True))
        mistake = next((m for m in self.misconceptions if m.when(*floats)), None)
        if mistake is None:
            details = (("You predicted", show(prediction)), *details)
            mistake = self._compare(prediction, *floats)
        state: State = "right" if mistake is None else "not right yet"
        message = self.right if mistake is None else mistake.explanation
        return Feedback(state, message, mistake.name if mistake else "", details)


@dataclass(kw_only=True, repr=False, eq=False)
class PredictChoice(_Predict):
    """Predict one of a few words, then measure.

    Parameters
    ----------
    answer : str
        The right choice.
    others : mapping of str to Misconception
        The wrong choices, each with what to say to somebody who chose it.
    """

    answer: str
    others: Mapping[str, Misconception]

    def _read(self, guess: object) -> str | None:
        # 2 for "2", too. True is 1 in Python and no answer here.
        plain = isinstance(guess, str | Real) and not isinstance(guess, bool)
        word = str(guess).strip().strip(".!?\"'").lower() if plain else ""
        return word if word in (self.answer, *self.others) else None

    def _compare(self, prediction: Any, *_numbers: float) -> Misconception | None:
        return self.others.get(prediction)


@dataclass(kw_only=True, repr=False, eq=False)
class PredictNumber(_Predict):
    """Predict a number, then measure it.

    Parameters
    ----------
    within : float
        How far the prediction may lie from the measured number, absolutely.
    otherwise : Misconception
        What to say to somebody whose prediction lies further away.
    """

    within: float
    otherwise: Misconception

    def _read(self, guess: object) -> float | None:
        try:
            number = numbers_in(guess).squeeze()
        except NotNumbersError:
            return None
        return float(number) if number.shape == () and np.isfinite(number) else None

    def _compare(self, prediction: Any, *numbers: float) -> Misconception | None:
        return None if abs(prediction - numbers[0]) <= self.within else self.otherwise
