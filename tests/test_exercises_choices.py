"""Choose and justify: what it reads, what it says, what it survives, with widgets and without."""

import html
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbclient import NotebookClient
from test_exercises_engine import ODD

from helpers.exercises import progress
from helpers.exercises.choices import Choose
from helpers.exercises.engine import Misconception

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    return tmp_path / "progress"


def make(**changes):
    declared = {
        "key": "demo.why",
        "question": "Why did the unit die?",
        "choices": {"a": "Its bias is low.", "b": "Bad luck", "c": "It is ReLU, not sigmoid"},
        "answer": "a",
        "others": {
            "b": Misconception("luck blamed", "The seed changes who dies, not why."),
            "c": Misconception("the curve blamed", "Most ReLU units live."),
        },
        "hints": ["Look at z.", "Look at the bias."],
        "right": "z is below 0 for every input.",
    }
    return Choose(**(declared | changes))


def text_of(page):
    return html.unescape(re.sub("<[^>]*>", "", page))


RIGHT = [
    "a", "A", " a ", "a.", "a)", "(a)", '"a"', "`a`", "Its bias is low.", "its bias is LOW",
    np.str_("a"), type("Text", (str,), {})("a"),
]  # fmt: skip
NONE_OF_THEM = [
    "d", "ab", "a b", "", " ", "?", 0, 1, True, 1.5, np.nan, b"a", ["a"], ("a",), {"a"}, {"a": 1},
    np.array("a"), np.array(["a"]), 1j, print, str, object(), "Its bias", "not a", 10**400,
]  # fmt: skip


@pytest.mark.parametrize("answer", RIGHT, ids=repr)
def test_the_right_choice_in_many_spellings(answer):
    feedback = make().check(answer)
    assert feedback.state == "right"
    assert feedback.message == "z is below 0 for every input."
    assert feedback.details == (("You chose", "a) Its bias is low."),)
    assert progress.load("demo.why").state == "right"


@pytest.mark.parametrize(
    ("answer", "name"),
    [("b", "luck blamed"), ("bad luck", "luck blamed"), ("C:", "the curve blamed")],
)
def test_each_wrong_choice_has_its_own_explanation(answer, name):
    feedback = make().check(answer)
    assert (feedback.state, feedback.misconception) == ("not right yet", name)
    assert feedback.message in {m.explanation for m in make().misconceptions}
    assert progress.load("demo.why").state == "not right yet"


@pytest.mark.parametrize("answer", NONE_OF_THEM, ids=lambda value: type(value).__name__)
def test_what_is_no_choice_is_told_the_choices(answer):
    feedback = make().check(answer)
    assert feedback.state == "not tried yet"
    assert feedback.message.startswith("This is none of the choices: ")
    assert feedback.message.endswith("Choose a, b or c.")
    assert progress.load_all() == {}


@pytest.mark.parametrize("blank", [..., None, [...]])
def test_the_placeholder_is_not_tried(blank):
    feedback = make().check(blank)
    assert feedback.state == "not tried yet"
    assert feedback.message == "Choose a, b or c. `ex.why.hint()` gives a first hint."


def test_called_with_other_arguments():
    for feedback in (make().check(), make().check("a", "b"), make().check(letter="a")):
        assert feedback.state == "not tried yet"
        assert feedback.message == 'Call the check like this: `ex.why.check("a")`.'
    assert make().check(choice="a").state == "right"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(which=st.integers(0, len(ODD) - 1), plain=st.text() | st.binary() | st.floats())
def test_odd_objects_never_make_it_raise(which, plain):
    for answer in (ODD[which](), plain):
        assert make().check(answer).state in {"right", "not right yet", "not tried yet"}
        assert len(repr(make().check(answer))) < 1000


def test_it_never_hangs():
    class Slow(str):
        def strip(self, *_):
            while True:
                pass

    assert make(limit=0.1).check(Slow("a")).misconception == "endless loop"


def test_everything_shown_is_escaped():
    attack = "<script>alert(1)</script>"
    exercise = make(
        question=attack,
        choices={"a": attack, "b": attack + "b", "c": attack + "c"},
        right=attack,
        hints=[attack],
        others={letter: Misconception(attack, attack) for letter in "bc"},
    )
    pages = [exercise.check(given)._repr_html_() for given in ("a", "b", attack, attack + "!?d")]
    pages += [exercise.hint()._repr_html_(), exercise.ask()._repr_html_()]
    for page in pages:
        assert "<script" not in page
        assert attack in text_of(page)
    assert "<script" not in exercise.ask().widget().children[0].value


def test_it_lists_its_calls():
    assert repr(make()) == (
        'Exercise demo.why: ex.why.ask(), ex.why.check("a"), ex.why.hint(), ex.why.solution()'
    )


def test_the_question_is_the_same_text_each_time():
    assert (
        repr(make().ask())
        == repr(make().ask())
        == (
            "Why did the unit die?\n  a) Its bias is low.\n  b) Bad luck\n"
            '  c) It is ReLU, not sigmoid\nAnswer with `ex.why.check("a")`, or another letter.'
        )
    )
    assert text_of(make().ask()._repr_html_()).count("a) Its bias is low.") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"answer": "d"},
        {"answer": "b"},
        {"choices": {"a": "x", "b": "y"}},
        {"choices": {"a": "x", "b": "y", "c": "z", "d": "no explanation"}},
        {"choices": {"A": "x", "b": "y", "c": "z"}, "answer": "A"},
    ],
)
def test_each_choice_needs_an_explanation(changes):
    with pytest.raises(ValueError, match="one explanation each"):
        make(**changes)


# --- widgets -----------------------------------------------------------------------------------


def parts(exercise):
    question, radio, button, answer = exercise.ask().widget().children
    return question, radio, button, answer


def test_the_widget_checks_what_is_chosen():
    _, radio, button, answer = parts(make())
    assert radio.value is None, "nothing is chosen for the learner"
    button.click()
    assert "Not tried yet" in text_of(answer.value)
    radio.value = "b"
    button.click()
    assert "luck blamed" in text_of(answer.value)
    assert progress.load("demo.why").state == "not right yet"
    radio.value = "a"
    button.click()
    assert "z is below 0" in text_of(answer.value)
    assert progress.load("demo.why").state == "right"


def test_the_widget_has_labels_and_native_controls():
    """Native controls: tried in JupyterLab, Tab moves, the space bar and Enter operate them."""
    question, radio, button, _ = parts(make())
    assert "Why did the unit die?" in question.value
    assert "Tab moves, the space bar chooses" in question.value
    assert radio._view_name == "RadioButtonsView"
    assert button._view_name == "ButtonView"
    labels = [label for label, _ in radio.options]
    assert labels == [f"{k}) {v}" for k, v in make().choices.items()]
    assert radio.description == "Your choice:"
    assert button.description == "Check my choice"
    assert not radio.disabled
    assert not button.disabled


def test_where_there_are_widgets_the_text_comes_along():
    shown = make().ask()._repr_mimebundle_(include=None, exclude=None)
    assert shown.pop("application/vnd.jupyter.widget-view+json")["version_major"] == 2
    assert shown == {"text/plain": repr(make().ask()), "text/html": make().ask()._repr_html_()}


def test_without_ipywidgets_there_is_the_text(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert make().ask().widget() is None
    assert make().ask()._repr_mimebundle_().keys() == {"text/plain", "text/html"}
    assert make().check("a").state == "right"


def test_importing_it_loads_no_widgets():
    code = "import sys, helpers.exercises.choices; print('ipywidgets' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stderr


NOTEBOOK = """
from helpers.exercises.choices import Choose
from helpers.exercises.engine import Misconception
why = Choose(key="demo.why", question="Why?", choices={"a": "x", "b": "y"}, answer="a",
             others={"b": Misconception("no", "No.")}, hints=["?"], right="Yes.")
---
why.ask()
---
why.check("b")
"""


def test_in_a_real_kernel_all_but_the_widgets_number_is_the_same_each_time():
    found = []
    for _ in range(2):
        cells = [nbformat.v4.new_code_cell(source.strip()) for source in NOTEBOOK.split("---")]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
        (asked,), (checked,) = (cell.outputs for cell in notebook.cells[1:])
        assert asked.data.pop("application/vnd.jupyter.widget-view+json")["model_id"]
        found.append((dict(asked.data), dict(checked.data)))
    assert found[0] == found[1]
    assert found[0][0].keys() == found[0][1].keys() == {"text/plain", "text/html"}
    assert found[0][0]["text/plain"].startswith("Why?\n  a) x")
    assert found[0][1]["text/plain"].startswith("✗ Not right yet: no")
