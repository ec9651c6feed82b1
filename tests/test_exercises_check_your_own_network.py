"""The capstone of notebook 10: its patient, and how a network is examined."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from helpers.exercises import check_your_own_network as ex
from helpers.exercises.capstone import HIDDEN, SPOILT, examine, patient, read
from helpers.health import diagnose


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path))
    monkeypatch.setattr(ex.bring_it_back, "limit", 60.0)


def test_the_patient_is_the_same_every_time_and_random_numbers_go_on_as_they_were() -> None:
    state = torch.get_rng_state()
    one, other = patient().state_dict(), patient().state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert torch.equal(torch.get_rng_state(), state)


def test_every_layer_dies_of_something_else() -> None:
    model = patient().double()
    report = diagnose(model, read(model)[0])
    causes = [
        max(set(found), key=found.count)
        for site in report.sites
        for found in [[u.cause for u in report.units if u.site == site.name and u.state == "dead"]]
    ]
    assert causes == ["bias", "mean shift", "normalisation", "starved"]
    assert [site.units for site in report.sites] == list(HIDDEN)
    assert all(site.dead.sum() >= SPOILT for site in report.sites)


def test_training_alone_does_not_help() -> None:
    model = patient().double()
    x_train, y_train, *_ = read(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    for rows in torch.arange(len(x_train)).split(64):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x_train[rows]), y_train[rows]).backward()
        optimizer.step()
    assert examine(model).dead >= 4 * SPOILT - 8


def test_the_patient_as_it_came_in_is_not_tried() -> None:
    for model in (patient(), patient().double(), patient().float().eval()):
        assert ex.bring_it_back.check(model).state == "not tried yet"


@pytest.mark.parametrize("training", [True, False])
def test_what_is_examined_is_left_as_it_was(training: bool) -> None:
    model = patient().double().train(training)
    with torch.no_grad():
        model[9].bias += 1
    before = copy.deepcopy(model.state_dict())
    ex.bring_it_back.check(model)
    assert model.training is training
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_what_was_measured_is_told() -> None:
    model = patient().double()
    with torch.no_grad():
        model[0].bias.zero_()
    told = dict(ex.bring_it_back.check(model).details)
    found = examine(model)
    assert told["New pictures read correctly"] == f"{found.accuracy:.1%}"
    assert told["Hidden units"] == "256"
    assert told["Dead"] == str(found.dead)
    assert sum(int(n) for name, n in told.items() if name.startswith("  at ")) == found.stuck


def test_a_model_that_cannot_read_the_pictures_is_told_so() -> None:
    feedback = ex.bring_it_back.check(nn.Sequential(nn.Linear(8, 10)))
    assert feedback.state == "not right yet"
    assert "shape (N, 64)" in feedback.message
