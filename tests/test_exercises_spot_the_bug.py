"""What is particular to the checks of notebook 17; `test_exercise_banks.py` has the rest."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers.exercises import spot_the_bug as ex
from helpers.exercises.lines import FindLine

NOTEBOOK = Path(__file__).resolve().parents[1] / "notebooks" / "17_spot_the_bug.ipynb"
SCRIPTS = {
    name: getattr(ex, name) for name in ex.__all__ if isinstance(getattr(ex, name), FindLine)
}
WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    for exercise in SCRIPTS.values():
        monkeypatch.setattr(exercise, "limit", 30.0)  # the machine may be busy


def lines_of(name):
    """Return the lines of the script that an exercise is about, as a learner counts them."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, as_version=4).cells}
    return cells[f"{WORDS[int(name[-1]) - 1]}-script"].splitlines()


def test_there_are_eight():
    assert list(SCRIPTS) == [f"script_{number}" for number in range(1, 9)]


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_lines_are_those_of_the_notebook(name):
    lines, exercise = lines_of(name), SCRIPTS[name]
    assert len(lines) == exercise.length
    for number, words in exercise.culprits.items():
        assert words in lines[number - 1]


@pytest.mark.parametrize("name", SCRIPTS)
def test_only_lines_with_code_have_an_explanation_of_their_own(name):
    lines, exercise = lines_of(name), SCRIPTS[name]
    own = [m for m in exercise.misconceptions if m.name != "another line"]
    for number, line in enumerate(lines, 1):
        if not line.strip():
            assert not any(m.when(number) for m in own)
    for number in exercise.culprits:
        assert not any(m.when(number) for m in own)
    for misconception in own:
        assert any(misconception.when(number) for number in range(1, len(lines) + 1))


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_line_gets_an_answer_and_only_the_culprits_are_right(name):
    exercise = SCRIPTS[name]
    for number in range(1, exercise.length + 1):
        feedback = exercise.check(number)
        assert (feedback.state == "right") == (number in exercise.culprits)
        assert feedback.message


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_wrong_line_does_not_tell_the_right_one(name):
    exercise = SCRIPTS[name]
    for number in {1, 3, exercise.length + 1} - set(exercise.culprits):
        told = repr(exercise.check(number)).replace(f"from 1 to {exercise.length}", "")
        assert not any(f"line {line}" in told.lower() for line in exercise.culprits)


def test_a_placeholder_is_not_tried():
    for blank in (..., None):
        assert ex.script_1.check(blank).state == "not tried yet"
    assert ex.script_1.check().state == "not tried yet"


def test_the_call_is_told():
    assert repr(ex.script_1) == (
        "Exercise spot_the_bug.script_1: ex.script_1.check(line), ex.script_1.hint(), "
        "ex.script_1.solution()"
    )


def test_labels_are_not_changed():
    labels = np.array([0, 1, 1])
    assert ex.guess_loss.check(lambda labels: labels.sort()).state == "not right yet"
    assert labels.tolist() == [0, 1, 1]
