"""The experiment behind notebook 15: paired, tuned without the test cars, and stored as told."""

import json

import numpy as np
import pytest

from experiments import numbers
from helpers.datasets import cars, measured
from helpers.models.regressors import parts, scaled


@pytest.fixture
def _small(monkeypatch):
    """Make everything small and fast."""
    monkeypatch.setattr(numbers, "SIZES", (8, 4, 1))
    monkeypatch.setattr(numbers, "SEEDS", range(3))
    monkeypatch.setattr(numbers, "TUNING_SEEDS", range(10, 12))
    fit = numbers.fit_regressors
    monkeypatch.setattr(numbers, "fit_regressors", lambda *a, **k: fit(*a, **k, epochs=2))


@pytest.mark.usefixtures("_small")
def test_a_network_is_the_same_alone_and_among_others():
    some, alone = (numbers.trained(0.01, seeds, 1) for seeds in ([0, 1, 2], [2]))
    for part in ("tune", "test"):
        assert some[part].shape == (3, 3)
        np.testing.assert_allclose(some[part][:, 2:], alone[part], rtol=1e-9)


@pytest.mark.usefixtures("_small")
def test_errors_are_in_miles_per_gallon():
    """Outputs that are always 0, in standard deviations, are the mean of the learning cars."""
    found = numbers.trained(1e-12, [0, 1], 2)
    data = cars()
    rows = parts(392, [0, 1], division=2)
    model = numbers.Regressors(numbers.SIZES, numbers.SLOPES, [0, 1])
    x, y = scaled(data.x, rows), scaled(data.mpg, rows)
    said = model.predict(x.test) * y.scale + y.centre
    off = np.sqrt(np.mean((said - data.mpg[rows.test]) ** 2, axis=(2, 3)))
    np.testing.assert_allclose(found["test"], off, rtol=1e-6)
    said = model.predict(x.tune) * y.scale + y.centre
    np.testing.assert_allclose(
        found["tune"], np.abs(said - data.mpg[rows.tune]).mean(axis=(2, 3)), rtol=1e-6
    )


def test_each_slope_takes_the_rate_that_tuning_likes_best(monkeypatch):
    """By scores that are made up: the best rate of each slope on tuning cars differs."""
    best = [0.003, 0.03, 0.001]
    asked = []

    def scores(rate, seeds, division):
        asked.append((rate, tuple(seeds)))
        tune = np.abs(np.log(rate) - np.log(best))[:, np.newaxis] + np.zeros(len(seeds))
        # On test cars the others would win: nobody may look there.
        return {"tune": tune, "test": -100 * tune + rate + np.arange(len(seeds))}

    monkeypatch.setattr(numbers, "trained", scores)
    found = numbers.compared(0)
    assert found["rate"] == best
    np.testing.assert_allclose(np.array(found["test"])[:, 0], best)
    assert {seeds for _, seeds in asked} == {tuple(numbers.TUNING_SEEDS), tuple(numbers.SEEDS)}
    assert not set(numbers.TUNING_SEEDS) & set(numbers.SEEDS)


@pytest.mark.usefixtures("_small")
def test_main_prints_and_stores_only_when_asked(monkeypatch, capsys):
    kept = {}
    monkeypatch.setattr(numbers, "store", kept.__setitem__)
    monkeypatch.setattr(numbers, "DIVISIONS", range(2))
    numbers.main([])
    assert not kept
    assert "slope 0.1" in capsys.readouterr().out
    numbers.main(["--store"])
    told = json.loads(json.dumps(kept["numbers"]))
    assert told["divisions"] == [0, 1]
    assert np.shape([one["test"] for one in told["results"]]) == (2, 3, 3)


def test_the_stored_file_has_what_the_notebook_draws():
    told = measured("numbers")
    assert told["slopes"] == list(numbers.SLOPES)
    assert told["divisions"] == list(numbers.DIVISIONS)
    assert set(told["seeds"]).isdisjoint(told["tuning_seeds"])
    assert np.shape([one["test"] for one in told["results"]]) == (10, 3, 20)
    assert all(set(one["rate"]) <= set(told["rates"]) for one in told["results"])
    assert np.isfinite([one["test"] for one in told["results"]]).all()


def test_a_seed_of_the_stored_file_comes_out_again():
    told = measured("numbers")
    stored = told["results"][4]
    for arm, rate in enumerate(stored["rate"]):
        again = numbers.trained(rate, [7], 4)["test"][arm, 0]
        assert again == pytest.approx(stored["test"][arm][7], rel=0.02)
