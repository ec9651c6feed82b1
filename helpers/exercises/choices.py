"""Exercises that ask to choose and justify: each choice has its own explanation.

`ask()` shows the question: with radio buttons where ipywidgets are there, else as text. Without
any widget ``check("b")`` says the same, and is what a notebook runs on its own.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answers import is_blank
from .engine import Exercise, Misconception
from .feedback import Feedback, show

__all__ = ["Choose", "Question"]

_AROUND = " \t\n.,:;!?()[]\"'`"  # what learners put around a letter


@dataclass(kw_only=True, repr=False, eq=False)
class Choose(Exercise):
    """Choose one of several statements, and read why it is right or wrong.

    Parameters
    ----------
    question : str
        What is asked.
    choices : mapping of str to str
        The statements by letter: ``{"a": "...", "b": "..."}``. All of them are plain text.
    answer : str
        The letter of the right one; `right` is its explanation.
    others : mapping of str to Misconception
        The other letters, each with what to say to somebody who chose it.

    Raises
    ------
    ValueError
        If a choice has no explanation, or there is no right one.

    Examples
    --------
    >>> slope = Choose(
    ...     key="demo.slope",
    ...     question="Which slope has ReLU at z = -1?",
    ...     choices={"a": "0", "b": "1"},
    ...     answer="a",
    ...     others={"b": Misconception("the wrong side", "1 is the slope above 0.")},
    ...     hints=["Draw the curve."],
    ...     right="Left of 0 it is level.",
    ... )
    >>> slope.ask()
    Which slope has ReLU at z = -1?
      a) 0
      b) 1
    Answer with `ex.slope.check("a")`, or another letter.
    >>> slope.check("b")
    ✗ Not right yet: the wrong side
    You chose: b) 1
    1 is the slope above 0.
    """

    question: str
    choices: Mapping[str, str]
    answer: str
    others: Mapping[str, Misconception]

    def __post_init__(self) -> None:
        """Refuse a question in which a choice lacks its explanation."""
        if (
            self.answer in self.others
            or self.choices.keys() != {self.answer, *self.others}
            or any(letter != letter.strip(_AROUND).lower() for letter in self.choices)
        ):
            raise ValueError(
                f"{self.key}: the choices {', '.join(self.choices)} must be the answer "
                f"{self.answer} and the others, {', '.join(self.others)}: one explanation each."
            )

    @property
    def takes(self) -> tuple[str, ...]:
        """The letter."""
        return ("choice",)

    @property
    def misconceptions(self) -> Sequence[Misconception]:
        """Those of the wrong choices."""
        return tuple(self.others.values())

    @property
    def _call(self) -> str:
        return f'ex.{self.name}.check("{next(iter(self.choices))}")'

    def __repr__(self) -> str:
        """List what can be called."""
        return super().__repr__().replace(": ", f": ex.{self.name}.ask(), ", 1)

    def ask(self) -> "Question":
        """Show the question and its choices: with radio buttons where there are widgets."""
        return Question(self)

    def _judge(self, choice: object) -> Feedback:
        *first, last = self.choices
        letters = f"{', '.join(first)} or {last}"
        if is_blank(choice):
            return self._not_tried(f"Choose {letters}.")
        letter = self._read(choice)
        if letter is None:
            message = f"This is none of the choices: `{show(choice)}`. Choose {letters}."
            return Feedback("not tried yet", message)
        chosen = (("You chose", f"{letter}) {self.choices[letter]}"),)
        wrong = self.others.get(letter)
        if wrong is None:
            return Feedback("right", self.right, details=chosen)
        return Feedback("not right yet", wrong.explanation, wrong.name, chosen)

    def _read(self, choice: object) -> str | None:
        """Find the letter in what was given: the letter, or the statement itself."""
        if not isinstance(choice, str):
            return None
        given = choice.strip(_AROUND).casefold()
        for letter, text in self.choices.items():
            if given in (letter, text.strip(_AROUND).casefold()):
                return letter
        return None


class Question:
    """What `Choose.ask` shows: text everywhere, radio buttons where a kernel has widgets."""

    def __init__(self, exercise: Choose) -> None:
        self.exercise = exercise

    def __repr__(self) -> str:
        """Write it as plain text, the same each time."""
        lines = [f"  {letter}) {text}" for letter, text in self.exercise.choices.items()]
        call = f"Answer with `{self.exercise._call}`, or another letter."
        return "\n".join([self.exercise.question, *lines, call])

    def _repr_html_(self) -> str:
        items = "".join(
            f"<div>{html.escape(letter)}) {html.escape(text)}</div>"
            for letter, text in self.exercise.choices.items()
        )
        call = f"<code>{html.escape(self.exercise._call)}</code>"
        question = html.escape(self.exercise.question)
        return f"<div>{question}</div>{items}<div>Answer with {call}, or another letter.</div>"

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        texts = {"text/plain": repr(self), "text/html": self._repr_html_()}
        widget = self.widget()
        if widget is None:
            return texts
        view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
        return texts | {"application/vnd.jupyter.widget-view+json": view}

    def widget(self) -> Any:
        """Build the radio buttons and their button; None where there are no widgets.

        Native radio buttons and a native button. Tab moves, the space bar chooses; arrow keys do
        not get there, as JupyterLab takes them to go to another cell. Each has its statement for a
        label, and the button says what it does.
        """
        try:
            import ipywidgets
        except ImportError:
            return None
        exercise = self.exercise
        wide = {"width": "100%"}
        keys = "<small>With the keyboard: Tab moves, the space bar chooses.</small>"
        question = ipywidgets.HTML(f"{html.escape(exercise.question)}<br>{keys}", layout=wide)
        radio = ipywidgets.RadioButtons(
            options=[(f"{letter}) {text}", letter) for letter, text in exercise.choices.items()],
            value=None,
            description="Your choice:",
            style={"description_width": "initial"},
            layout=wide,
        )
        button = ipywidgets.Button(
            description="Check my choice", tooltip=f"The same as {exercise._call}"
        )
        answer = ipywidgets.HTML(layout=wide)  # no Output(): strict validation cannot compare it

        def check(_button: object) -> None:
            chosen = ... if radio.value is None else radio.value
            answer.value = exercise.check(chosen)._repr_html_()

        button.on_click(check)
        return ipywidgets.VBox([question, radio, button, answer])
