"""The checks of notebook 01 against its bank of answers."""

import exercise_bank_meet_a_neuron as bank
import numpy as np
import pytest

from helpers.exercises import meet_a_neuron as ex
from helpers.exercises.engine import Exercise
from helpers.exercises.solutions import meet_a_neuron as solutions

EXERCISES = [ex.neuron, ex.nand_gate, ex.move_the_bias, ex.xor]
FUNCTIONS = [ex.neuron, ex.xor]


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    for exercise in EXERCISES:
        monkeypatch.setattr(exercise, "_hints_shown", 0)
        monkeypatch.setattr(exercise, "limit", 30.0)  # the machine may be busy
    monkeypatch.setattr(ex.move_the_bias, "_prediction", None)


def pairs(wrong):
    return [(name, answer) for name, answers in wrong.items() for answer in answers]


def answers_to(exercise, *answer):
    if exercise is ex.move_the_bias:
        prediction, measured = answer
        assert exercise.predict(prediction).state == "prediction kept"
        return exercise.check(*measured)
    return exercise.check(*answer)


RIGHT = {
    "neuron": [(f,) for f in bank.NEURON_RIGHT],
    "nand_gate": bank.NAND_RIGHT,
    "move_the_bias": bank.MOVE_RIGHT,
    "xor": [(f,) for f in bank.XOR_RIGHT],
}
WRONG = {
    "neuron": [(name, (f,)) for name, f in pairs(bank.NEURON_WRONG)],
    "nand_gate": pairs(bank.NAND_WRONG),
    "move_the_bias": pairs(bank.MOVE_WRONG),
    "xor": [(name, (f,)) for name, f in pairs(bank.XOR_WRONG)],
}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_no_right_answer_is_refused(exercise):
    assert len(RIGHT[exercise.name]) >= 5
    for answer in RIGHT[exercise.name]:
        feedback = answers_to(exercise, *answer)
        assert feedback.state == "right", (answer, feedback)
        assert exercise.right in feedback.message


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_no_wrong_answer_is_accepted_and_each_misconception_is_named(exercise, monkeypatch):
    assert len(WRONG[exercise.name]) >= 8
    for name, answer in WRONG[exercise.name]:
        monkeypatch.setattr(exercise, "limit", 0.2 if name == "endless loop" else 30.0)
        feedback = answers_to(exercise, *answer)
        assert (feedback.state, feedback.misconception) == ("not right yet", name), (
            answer,
            feedback,
        )


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_every_misconception_is_in_the_bank(exercise):
    declared = {m.name for m in exercise.misconceptions}
    declared |= {m.name for m in getattr(exercise, "others", {}).values()}
    assert declared <= {name for name, _ in WRONG[exercise.name]}


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.name)
def test_declared_wrong_functions_are_recognised_by_their_own_name(exercise):
    for misconception in exercise.misconceptions:
        for wrong in misconception.wrong:
            assert exercise.check(wrong).misconception == misconception.name


def test_solutions_are_right():
    assert ex.neuron.check(solutions.neuron).state == "right"
    assert ex.xor.check(solutions.xor).state == "right"
    assert ex.nand_gate.check(*solutions.nand_gate()).state == "right"
    x, w = np.random.default_rng(0).normal(size=(200, 3)), np.array([1.0, -1.0, 0.5])
    ex.move_the_bias.predict("down")
    shares = solutions.move_the_bias(x, w, 0.1, -1.0)
    assert ex.move_the_bias.check(*shares).state == "right"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)
def test_hints_and_solution(exercise: Exercise):
    assert len(exercise.hints) == 3
    shown = [exercise.hint() for _ in range(5)]
    assert [feedback.message for feedback in shown[:3]] == list(exercise.hints)
    assert (
        shown[3].message
        == shown[4].message
        == (f"All 3 hints are shown. `ex.{exercise.name}.solution()` is left.")
    )
    assert f"def {exercise.name}(" in exercise.solution().code
    texts = [exercise.right, *exercise.hints, *(m.explanation for m in exercise.misconceptions)]
    assert not any(word in text.lower() for text in texts for word in ("simply", "just do"))


def stub_pass(x, w, b):
    """Return 1.0 where the neuron fires, else 0.0."""
    pass


def stub_none(x, w, b):
    return None


def stub_raises(x, w, b):
    raise NotImplementedError("write me")


def stub_half(x, w, b):
    z = ...
    return z  # noqa: RET504


STUBS = [lambda x, w, b: ..., stub_pass, stub_none, stub_raises, stub_half, None, ...]


@pytest.mark.parametrize("stub", STUBS)
def test_a_stub_is_not_tried(stub):
    feedback = ex.neuron.check(stub)
    assert repr(feedback) == (
        "○ Not tried yet\nWrite the function `neuron`, then run this cell again. "
        "`ex.neuron.hint()` gives a first hint."
    )


def test_placeholders_are_not_tried():
    assert "Still to be filled in: `w` and `b`." in ex.nand_gate.check(..., ...).message
    assert "Still to be filled in: `b`." in ex.nand_gate.check([-1, -1], b=None).message
    assert ex.nand_gate.check([..., ...], 1.0).state == "not tried yet"
    assert ex.move_the_bias.predict(...).state == "not tried yet"
    assert ex.move_the_bias.check(..., ...).state == "not tried yet"


def test_nothing_is_told_before_a_prediction():
    feedback = ex.move_the_bias.check(0.5, 0.2)
    assert feedback.state == "not tried yet"
    assert "Predict first" in feedback.message
    assert "down" in ex.move_the_bias.ask  # among the choices, and nowhere else
    assert feedback.message.count("down") == 1


def test_a_prediction_that_is_not_understood():
    for guess in ("downwards", -1, ["down"], ()):
        feedback = ex.move_the_bias.predict(guess)
        assert feedback.state == "not tried yet"
        assert '"up", "same" or "down"' in feedback.message


def test_the_failing_row_and_its_z_are_shown():
    feedback = ex.nand_gate.check([-1, -1], 0.5)
    assert ("First row that fails", "[0.0, 1.0]") in feedback.details
    assert ("z there", "-0.5") in feedback.details
    assert ("Rows right", "2 of 4") in feedback.details


def test_a_right_gate_on_the_line_is_told():
    assert "But look" in ex.nand_gate.check([-1, -1], 2).message
    assert "But look" not in ex.nand_gate.check([-1, -1], 1.5).message


def test_no_case_depends_on_rounding():
    """Away from the line or exactly on it, so that every way of summing agrees."""
    for arguments in ex.neuron.cases.values():
        x, w, b = arguments
        z = np.abs(x @ w + b)
        assert np.all((z == 0) | (z > 1e-6))
