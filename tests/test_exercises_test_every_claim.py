"""The exercise of notebook 11 that asks for words: stubs, words, other values."""

import pytest

from helpers.exercises import test_every_claim as exercises


def empty(low, high, margin): ...


def told_only(low, high, margin):
    """Tell the verdict."""


def not_there_yet(low, high, margin):
    raise NotImplementedError


def dots(low, high, margin):
    return ...


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path))
    monkeypatch.setattr(exercises.verdict, "limit", 30.0)


@pytest.mark.parametrize("stub", [empty, told_only, not_there_yet, dots, ..., None])
def test_a_stub_is_not_tried(stub):
    assert exercises.verdict.check(stub).state == "not tried yet"


def test_a_word_that_needs_no_argument_is_an_answer():
    feedback = exercises.verdict.check(lambda low, high, margin: "undecided")
    assert feedback.state == "not right yet"
    assert dict(feedback.details)["Yours"] == "'undecided'"
    assert dict(feedback.details)["Expected"] == "'holds'"


@pytest.mark.parametrize("value", ["perhaps", True, 1, 0.0, ["holds"]])
def test_another_value_is_told_which_words_there_are(value):
    feedback = exercises.verdict.check(lambda low, high, margin: value)
    assert feedback.state == "not right yet"
    assert "one of four words" in feedback.message
    assert "'no difference that matters'" in feedback.message


def test_an_error_is_shown():
    feedback = exercises.verdict.check(lambda low, high, margin: low / 0)
    assert "ZeroDivisionError" in dict(feedback.details)["Yours"]
    assert "stops with an error" in feedback.message


@pytest.mark.parametrize("guess", [87, 2.0, -0.1, "87 %"])
def test_a_prediction_that_is_no_share_is_not_kept(guess, monkeypatch):
    monkeypatch.setattr(exercises.false_alarms, "_prediction", None)
    feedback = exercises.false_alarms.predict(guess)
    assert feedback.state == "not tried yet"
    assert "a share from 0 to 1" in feedback.message
    assert exercises.false_alarms.check(0.87).state == "not tried yet"
