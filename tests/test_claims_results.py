"""Running a claim, storing what it measured, and the verdicts that come of it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from claims_example import coins, ledger

from helpers.claims.claim import Claim, Result, run
from helpers.claims.criteria import (
    ALIKE,
    DEPENDS,
    DOES_NOT_HOLD,
    HOLDS,
    OPINION,
    UNDECIDED,
    Above,
    Differs,
)
from helpers.claims.quick import contradicts
from helpers.claims.results import StaleResultsError, digest, judged, missing, store, stored


@pytest.fixture
def file(tmp_path):
    return tmp_path / "results.json"


def stored_ledger(file, **kinds):
    """Run and store the small ledger."""
    claims = ledger(**kinds)
    for name in ("A1", "A2"):
        store(run(claims[name], "full", progress=False), file)
    return claims


# --- a run ----------------------------------------------------------------------------------------


def test_a_run_measures_every_arm_on_its_own_seeds() -> None:
    claim = ledger()["A1"]
    quick, full = run(claim, progress=False), run(claim, "full", progress=False)
    assert quick.seeds == [1000, 1001, 1002, 1003, 1004]
    assert full.seeds == list(range(10_000, 10_040))
    np.testing.assert_array_equal(full.measured["one"], coins(full.seeds)["one"])
    assert full.settings == {"sides": 2}
    assert full.verdict == HOLDS
    assert set(full.findings) == {"toss", "value"}


def test_settings_can_be_changed() -> None:
    result = run(ledger()["A1"], seeds=20, bonus=0.0, progress=False)
    assert result.findings["toss"].verdict == ALIKE
    assert result.verdict == DEPENDS
    assert result.settings == {"bonus": 0.0}
    assert len(result.seeds) == 20


def test_a_condition_that_was_not_measured_is_left_out() -> None:
    full = run(ledger()["A1"], progress=False)
    part = Result(full.claim, full.seeds, {}, {"real": full.measured["real"]})
    assert set(part.findings) == {"value"}


def test_a_run_tells_what_it_found() -> None:
    told = str(run(ledger()["A1"], progress=False)).splitlines()
    assert told[0] == "A1  One coin is worth more."
    assert told[1].strip() == "holds; 5 seeds"
    assert told[2].split()[:2] == ["toss", "holds:"]


def test_chunks_that_are_kept_are_not_computed_again(tmp_path) -> None:
    claim = ledger()["A1"]
    first = run(claim, "full", folder=str(tmp_path), progress=False)
    assert len(list(tmp_path.glob("*.npz"))) == 2  # 25 seeds, and 15
    again = run(claim, "full", folder=str(tmp_path), progress=False)
    np.testing.assert_array_equal(first.measured["one"], again.measured["one"])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: run(ledger()["B2"]), "no experiment: opinion"),
        (lambda: run(ledger()["B1"]), "tested with A1: run that"),
        (lambda: run(ledger()["A1"], "huge"), "size must be 'quick' or 'full'"),
        (lambda: run(ledger()["A1"], seeds=1), "seeds"),
    ],
)
def test_a_wrong_call_is_refused(call, says) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(TypeError, match="corners"):
        run(ledger()["A1"], corners=4, progress=False)


def test_timings_have_no_quick_run() -> None:
    timing = Claim("A3", "Fast.", "Time.", "00#x", coins, {"x": Above("s", "one", 1)}, quick=None)
    with pytest.raises(ValueError, match="no quick run"):
        run(timing)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"experiment": coins},
        {"tests": {"x": Above("s", "one", 1)}},
        {"same_as": "A1", "opinion": "x"},
        {"experiment": coins, "tests": {"x": Above("s", "one", 1)}, "opinion": "x"},
    ],
)
def test_a_claim_is_tested_in_one_way(given) -> None:
    with pytest.raises(ValueError, match="one of the three"):
        Claim("A3", "x.", "y.", "00#x", **given)


# --- the file -------------------------------------------------------------------------------------


def test_what_is_stored_comes_back(file) -> None:
    claims = stored_ledger(file)
    found = stored(claims, file)
    assert found.keys() == {"A1", "A2"}
    wanted = coins(range(10_000, 10_040))["one"]
    np.testing.assert_allclose(found["A1"].measured["one"], wanted, rtol=1e-5)
    assert found["A1"].measured["real"].dtype == bool
    entry = json.loads(file.read_text())["A1"]
    assert entry["verdict"] == HOLDS
    assert entry["digest"] == digest(claims["A1"])
    assert entry["findings"]["toss"]["interval"][0] > 0.5
    assert {"python", "numpy", "torch", "date"} <= entry["made with"].keys()


def test_another_criterion_makes_the_file_stale(file) -> None:
    stored_ledger(file)
    changed = ledger(margin=0.6)
    assert missing(changed, file) == ["A1"]
    with pytest.raises(StaleResultsError, match=r"A1: criteria or settings.*Run: make claims"):
        stored(changed, file)


def test_a_claim_that_was_never_run_is_missing(file) -> None:
    assert missing(ledger(), file) == ["A1", "A2"]
    store(run(ledger()["A2"], "full", progress=False), file)
    assert missing(ledger(), file) == ["A1"]


def test_other_settings_or_seeds_are_another_digest() -> None:
    claim = ledger()["A1"]
    for full in ({"seeds": 41, "sides": 2}, {"seeds": 40, "sides": 3}):
        other = Claim(
            claim.id, claim.says, claim.how, claim.where, coins, claim.tests, {"seeds": 5}, full
        )
        assert digest(other) != digest(claim)
    assert digest(ledger()["A1"]) == digest(claim)


def test_only_a_full_run_is_stored(file) -> None:
    claim = ledger()["A1"]
    with pytest.raises(ValueError, match="only a run of the full size"):
        store(run(claim, progress=False), file)
    with pytest.raises(ValueError, match="only a run of the full size"):
        store(run(claim, "full", sides=3, progress=False), file)
    whole = run(claim, "full", progress=False)
    part = Result(claim, whole.seeds, whole.settings, {"one": whole.measured["one"]})
    with pytest.raises(ValueError, match="lacks real, two"):
        store(part, file)
    assert not file.exists()


# --- the verdicts ---------------------------------------------------------------------------------


def test_verdicts_of_a_ledger(file) -> None:
    claims = stored_ledger(file)
    found = judged(claims, stored(claims, file))
    assert {name: one.verdict for name, one in found.items()} == {
        "A1": HOLDS,
        "A2": UNDECIDED,
        "B1": HOLDS,
        "B2": OPINION,
    }
    assert found["A1"].told == "holds: toss, value"
    assert repr(found["A1"]) == "A1: holds"
    assert set(found["A1"].adjusted) == {"toss"}  # "value" estimates nothing


def test_what_is_clear_by_itself_may_be_an_accident_among_many() -> None:
    values = np.random.default_rng(0).normal(0, 1, (60, 12))
    rule = Differs("m", "a", "b", margin=0.05)
    zero = np.zeros(12)

    def one(number: int, row: np.ndarray) -> Result:
        claim = Claim(f"A{number}", "x.", "y.", "00#x", coins, {"x": rule})
        return Result(claim, list(range(12)), {}, {"a": row, "b": zero})

    results = {f"A{number}": one(number, row) for number, row in enumerate(values)}
    alone = [result.verdict for result in results.values()]
    assert {HOLDS, DOES_NOT_HOLD} & set(alone), "some of 60 come out by accident"
    claims = {name: result.claim for name, result in results.items()}
    assert {one.verdict for one in judged(claims, results).values()} == {UNDECIDED}


def test_undecided_contradicts_nothing(file) -> None:
    claims = stored_ledger(file)
    full = judged(claims, stored(claims, file))
    quick = run(claims["A1"], progress=False)
    assert not contradicts(quick, full["A1"])
    assert contradicts(run(claims["A1"], bonus=-1.0, progress=False), full["A1"])
    assert not contradicts(run(claims["A2"], progress=False), full["A2"])
