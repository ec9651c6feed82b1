"""The checks of every notebook against its bank of answers.

A bank is a module `exercise_bank_<name>.py` beside this file, for `helpers/exercises/<name>.py`.
It holds the answers that learners give, in three dictionaries:

- `RIGHT`: the name of an exercise -> a list of answers;
- `WRONG`: the name of an exercise -> the name of the misconception that must be recognised, or ""
  where the check need only say no -> a list of answers;
- `SOLVED`: the name of an exercise -> a function that takes the module of solutions and gives an
  answer. `WriteFunction` is not in it: there the answer is the solution of the same name.

An answer is the tuple of what `check` is given; for predictions it is the tuple
`(prediction, (measured, ...))`. `pytest -k meet_a_neuron` selects the tests of one bank.
"""

import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from helpers.exercises.engine import Exercise
from helpers.exercises.functions import WriteFunction
from helpers.exercises.predictions import PredictChoice, PredictNumber

TESTS = Path(__file__).parent

BANKS = {
    path.stem.removeprefix("exercise_bank_"): import_module(path.stem)
    for path in sorted(TESTS.glob("exercise_bank_*.py"))
}
MODULES = {name: import_module(f"helpers.exercises.{name}") for name in BANKS}
SOLUTIONS = {name: import_module(f"helpers.exercises.solutions.{name}") for name in BANKS}
EXERCISES = [
    (name, getattr(module, each))
    for name, module in MODULES.items()
    for each in module.__all__
    if isinstance(getattr(module, each), Exercise)
]


def code_cells(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


# The code cells of each notebook that has exercises, by its name without the number.
NOTEBOOKS = {
    path.stem.partition("_")[2]: cells
    for path in sorted((TESTS.parent / "notebooks").glob("*.ipynb"))
    for cells in [code_cells(path)]
    if any(re.search(r"\bex\.\w+\.check\(", cell.source) for cell in cells)
}


def each_exercise(*kinds, among=BANKS):
    chosen = [
        pytest.param(name, exercise, id=f"{name}-{exercise.name}")
        for name, exercise in EXERCISES
        if isinstance(exercise, kinds or Exercise) and name in among
    ]
    return pytest.mark.parametrize(("name", "exercise"), chosen)


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    for _, exercise in EXERCISES:
        monkeypatch.setattr(exercise, "_hints_shown", 0)
        monkeypatch.setattr(exercise, "limit", 30.0)  # the machine may be busy
        if isinstance(exercise, PredictChoice | PredictNumber):
            monkeypatch.setattr(exercise, "_prediction", None)


def answers_to(exercise, *answer):
    if isinstance(exercise, PredictChoice | PredictNumber):
        prediction, measured = answer
        assert exercise.predict(prediction).state == "prediction kept", answer
        return exercise.check(*measured)
    return exercise.check(*answer)


def declared(exercise):
    """Return all misconceptions of an exercise, those of wrong predictions included."""
    found = [*exercise.misconceptions]
    if isinstance(exercise, PredictChoice):
        found += exercise.others.values()
    if isinstance(exercise, PredictNumber):
        found.append(exercise.otherwise)
    return found


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_notebook_has_its_bank(name):
    assert name in BANKS, f"there is no tests/exercise_bank_{name}.py"
    line = f"from helpers.exercises import {name} as ex"
    assert any(line in cell.source.splitlines() for cell in NOTEBOOKS[name])


@pytest.mark.parametrize("name", BANKS)
def test_the_bank_has_every_exercise_and_no_other(name):
    bank, module = BANKS[name], MODULES[name]
    exercises = {key: value for key, value in vars(module).items() if isinstance(value, Exercise)}
    assert exercises
    assert exercises.keys() <= set(module.__all__)
    assert all(value.key == f"{name}.{key}" for key, value in exercises.items())
    assert exercises.keys() == bank.RIGHT.keys() == bank.WRONG.keys()
    others = {key for key, value in exercises.items() if not isinstance(value, WriteFunction)}
    assert bank.SOLVED.keys() == others


@each_exercise()
def test_no_right_answer_is_refused(name, exercise):
    answers = BANKS[name].RIGHT[exercise.name]
    assert len(answers) >= 5
    for answer in answers:
        feedback = answers_to(exercise, *answer)
        assert feedback.state == "right", (answer, feedback)
        assert exercise.right in feedback.message


@each_exercise()
def test_no_wrong_answer_is_accepted_and_each_misconception_is_named(name, exercise, monkeypatch):
    wrong = BANKS[name].WRONG[exercise.name]
    assert sum(map(len, wrong.values())) >= 8
    for misconception, answers in wrong.items():
        endless = misconception == "endless loop"
        monkeypatch.setattr(exercise, "limit", 0.2 if endless else 30.0)
        for answer in answers:
            feedback = answers_to(exercise, *answer)
            found = (feedback.state, feedback.misconception)
            assert found == ("not right yet", misconception), (answer, feedback)


@each_exercise()
def test_every_misconception_is_in_the_bank(name, exercise):
    wrong = BANKS[name].WRONG[exercise.name]
    assert {m.name for m in declared(exercise)} <= {
        key for key, answers in wrong.items() if answers
    }


@each_exercise(WriteFunction)
def test_declared_wrong_functions_are_recognised_by_their_own_name(name, exercise):
    for misconception in exercise.misconceptions:
        for wrong in misconception.wrong:
            assert exercise.check(wrong).misconception == misconception.name


@each_exercise()
def test_the_solution_is_right(name, exercise):
    solutions = SOLUTIONS[name]
    if isinstance(exercise, WriteFunction):
        answer = (getattr(solutions, exercise.name),)
    else:
        answer = BANKS[name].SOLVED[exercise.name](solutions)
    feedback = answers_to(exercise, *answer)
    assert feedback.state == "right", feedback


@each_exercise()
def test_hints_and_solution(name, exercise):
    assert len(exercise.hints) == 3
    shown = [exercise.hint() for _ in range(5)]
    assert [feedback.message for feedback in shown[:3]] == list(exercise.hints)
    assert (
        shown[3].message
        == shown[4].message
        == (f"All 3 hints are shown. `ex.{exercise.name}.solution()` is left.")
    )
    assert f"def {exercise.name}(" in exercise.solution().code
    texts = [exercise.right, *exercise.hints, *(m.explanation for m in declared(exercise))]
    assert not any(word in text.lower() for text in texts for word in ("simply", "just do"))


@each_exercise(among=NOTEBOOKS)
def test_the_stub_in_the_notebook_is_not_tried(name, exercise):
    """By the stored outputs, which strict nbval holds equal to those of a fresh run."""
    calls = [f"ex.{exercise.name}.check("]
    if isinstance(exercise, PredictChoice | PredictNumber):
        calls.append(f"ex.{exercise.name}.predict(")
    for call in calls:
        cells = [cell for cell in NOTEBOOKS[name] if call in cell.source]
        assert cells, f"no cell calls {call}...)"
        for cell in cells:
            texts = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
            assert any(text.startswith("○ Not tried yet\n") for text in texts), cell.source
