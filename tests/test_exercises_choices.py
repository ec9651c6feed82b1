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
from helpers.exercises.feedback import Feedback

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
    return html.unescape(re.sub("<style>.*?</style>|<[^>]*>", "", page))


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
    question, rows, _, _ = parts(exercise)
    for widget in (question, *(statement for _, statement in rows)):
        assert "<script" not in widget.value
        assert attack in text_of(widget.value)


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


VIEW = "application/vnd.jupyter.widget-view+json"


def parts(exercise):
    question, *rows, note, answer = exercise.ask().widget().children
    return question, [row.children for row in rows], note, answer


def test_a_button_checks_its_choice():
    _, rows, _, answer = parts(make())
    (a, _), (b, _), (c, _) = rows
    assert answer.value == "", "nothing is chosen for the learner"
    assert progress.load_all() == {}
    b.click()
    assert make().check("b")._repr_html_().replace('"status"', '"alert"') in answer.value
    assert "luck blamed" in text_of(answer.value)
    assert progress.load("demo.why").state == "not right yet"
    a.click()
    assert "z is below 0" in text_of(answer.value)
    assert "luck blamed" not in text_of(answer.value)
    assert progress.load("demo.why").state == "right"
    assert [a.description, b.description, c.description] == ["a ✓", "b ✗", "c"]


def test_the_buttons_are_native_and_say_what_they_choose():
    """Tried in JupyterLab: Tab moves, the space bar and Enter operate native buttons."""
    question, rows, note, _ = parts(make())
    assert "Why did the unit die?" in question.value
    assert "Tab moves on, Enter or the space bar chooses" in note.value
    assert len(rows) == 3
    for (letter, said), (button, statement) in zip(make().choices.items(), rows, strict=True):
        assert button._view_name == "ButtonView"
        assert button.description == letter
        assert button.tooltip == f"{letter}) {said}"
        assert not button.disabled
        assert text_of(statement.value) == said


def test_what_a_button_says_is_announced():
    """An alert is announced when it is put into a page; a status only if it was there before."""
    _, ((button, _), *_), _, answer = parts(make())
    button.click()
    assert answer.value.count('role="alert"') == 1
    assert 'role="status"' not in answer.value


def test_a_check_that_was_stopped_leaves_the_button_as_it_is(monkeypatch):
    exercise = make()
    monkeypatch.setattr(exercise, "check", lambda _: Feedback("not tried yet", "Stopped."))
    _, ((button, _), *_), _, answer = parts(exercise)
    button.click()
    assert button.description == "a"
    assert "Stopped." in answer.value


def shown(question, monkeypatch):
    """Return the bundles that a notebook gets, in order."""
    bundles = []
    display = lambda bundle, raw: bundles.append(bundle)  # noqa: E731
    monkeypatch.setattr("IPython.display.display", display)
    question._ipython_display_()
    return bundles


def test_the_text_comes_first_and_the_buttons_apart(monkeypatch):
    text, buttons = shown(make().ask(), monkeypatch)
    assert text == {"text/plain": repr(make().ask()), "text/html": make().ask()._repr_html_()}
    assert buttons.keys() == {VIEW}
    assert buttons[VIEW]["version_major"] == 2


def test_the_text_is_hidden_while_there_are_buttons_and_then_alone():
    """Tried in JupyterLab, with a kernel and without; this holds the names together."""
    page = make().ask()._repr_html_()
    assert ".jp-OutputArea:has(.course-choices) .course-question" in page
    assert 'class="course-question"' in page
    assert "course-choices" in make().ask().widget()._dom_classes


def test_without_ipywidgets_there_is_the_text(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert make().ask().widget() is None
    (text,) = shown(make().ask(), monkeypatch)
    assert text.keys() == {"text/plain", "text/html"}
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
        (asked, buttons), (checked,) = (cell.outputs for cell in notebook.cells[1:])
        assert buttons.data.keys() == {VIEW}
        assert buttons.data[VIEW]["model_id"]
        found.append((dict(asked.data), dict(checked.data)))
    assert found[0] == found[1]
    assert found[0][0].keys() == found[0][1].keys() == {"text/plain", "text/html"}
    assert found[0][0]["text/plain"].startswith("Why?\n  a) x")
    assert found[0][1]["text/plain"].startswith("✗ Not right yet: no")
