"""Exercises that ask to choose and justify: each choice has its own explanation.

`ask()` shows the question: with a button for each choice where ipywidgets are there, else as text.
Without any widget ``check("b")`` says the same, and is what a notebook runs on its own.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .answers import is_blank
from .engine import Exercise, Misconception
from .feedback import LOOKS, Feedback, show

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
    """What `Choose.ask` shows: text everywhere, buttons where a kernel has widgets."""

    def __init__(self, exercise: Choose) -> None:
        self.exercise = exercise

    def __repr__(self) -> str:
        """Write it as plain text, the same each time."""
        lines = [f"  {letter}) {text}" for letter, text in self.exercise.choices.items()]
        call = f"Answer with `{self.exercise._call}`, or another letter."
        return "\n".join([self.exercise.question, *lines, call])

    def _repr_html_(self) -> str:
        items = "".join(
            f'<div style="margin: 0.4em 0 0.4em 1.5em; text-indent: -1.5em">'
            f"{html.escape(letter)}) {html.escape(text)}</div>"
            for letter, text in self.exercise.choices.items()
        )
        call = f"<code>{html.escape(self.exercise._call)}</code>"
        return (
            f'{_STYLE}<div class="course-question"><div>{html.escape(self.exercise.question)}</div>'
            f"{items}<div>Answer with {call}, or another letter.</div></div>"
        )

    def _ipython_display_(self) -> None:
        """Show the text, then the buttons: a saved notebook keeps the one and not the other."""
        from IPython.display import display

        display({"text/plain": repr(self), "text/html": self._repr_html_()}, raw=True)
        widget = self.widget()
        if widget is not None:
            view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
            display({"application/vnd.jupyter.widget-view+json": view}, raw=True)

    def widget(self) -> Any:
        """Build a button for each choice, with its statement beside it; None without ipywidgets.

        Native buttons: Tab moves, Enter and the space bar choose. (Radio buttons want the arrow
        keys, and JupyterLab takes these to go to another cell.) A button shows its letter; its
        tooltip, which screen readers read with it, has the statement. What `check` says appears
        below, as an alert: that is what screen readers announce when it is put into a page.
        """
        try:
            import ipywidgets
        except ImportError:
            return None
        exercise = self.exercise
        answer = ipywidgets.HTML(layout={"width": "100%"})  # Output() cannot be validated strictly

        def row(letter: str, text: str) -> Any:
            button = ipywidgets.Button(
                description=letter,
                tooltip=f"{letter}) {text}",
                layout={"width": "4em", "min_width": "4em", "margin": "2px 0.8em 2px 2px"},
            )

            def check(_button: object) -> None:
                feedback = exercise.check(letter)
                if feedback.state in ("right", "not right yet"):
                    button.description = f"{letter} {LOOKS[feedback.state][0]}"
                answer.value = _paragraph(feedback.as_html("alert"))

            button.on_click(check)
            statement = ipywidgets.HTML(
                _paragraph(html.escape(text)), layout={"flex": "1 1 0", "width": "auto"}
            )
            return ipywidgets.HBox([button, statement], layout={"align_items": "flex-start"})

        rows = [row(letter, text) for letter, text in exercise.choices.items()]
        question = ipywidgets.HTML(
            _paragraph(html.escape(exercise.question)), layout={"width": "100%"}
        )
        keys = "With the keyboard: from this cell Tab moves on, Enter or the space bar chooses."
        note = ipywidgets.HTML(f"<small>{keys}</small>", layout={"width": "100%"})
        box = ipywidgets.VBox([question, *rows, note, answer], layout={"max_width": "50em"})
        return box.add_class("course-choices")


# JupyterLab shows both outputs. While there are buttons the text is hidden, as it says the same.
# In a notebook that was saved and opened again the buttons are gone: then the text is there, and
# what is hidden is JupyterLab's remark that it does not find them.
_STYLE = (
    "<style>.jp-OutputArea:has(.course-choices) .course-question,"
    " .jp-OutputArea:has(.course-question) .jp-OutputArea-output.jupyter-widgets"
    " { display: none }</style>"
)


def _paragraph(page: str) -> str:
    """Give HTML the lines of a paragraph: in a widget each is as high as a button."""
    return f'<div style="line-height: 1.5; padding: 4px 0">{page}</div>'
