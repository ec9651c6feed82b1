"""What is particular to the checks of notebook 01; `test_exercise_banks.py` has the rest."""

import numpy as np
import pytest

from helpers.exercises import meet_a_neuron as ex


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "progress"))
    for exercise in (ex.neuron, ex.nand_gate, ex.move_the_bias):
        monkeypatch.setattr(exercise, "limit", 30.0)  # the machine may be busy
    monkeypatch.setattr(ex.move_the_bias, "_prediction", None)


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
