"""The ledger: whole, sound, able to come out each way; and what is stored belongs to it."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers.claims import CLAIMS, TABLE_OF_EIGHT, judged, missing, run, stored
from helpers.claims.choice import Somewhere, Tuned
from helpers.claims.claim import Claim
from helpers.claims.criteria import (
    ALIKE,
    DOES_NOT_HOLD,
    HOLDS,
    OPINION,
    UNDECIDED,
    VERDICTS,
    Above,
    Alike,
    Always,
    Below,
    Criterion,
    Differs,
    Mostly,
    Ratio,
)
from helpers.claims.margins import POINT, R2, SHARE
from helpers.claims.page import PAGE, page
from helpers.claims.quick import contradicts, quick_runs
from helpers.claims.results import RESULTS

ROOT = Path(__file__).resolve().parents[1]
TESTED = [claim for claim in CLAIMS.values() if claim.experiment is not None]
CRITERIA = [
    pytest.param(criterion, id=f"{claim.id}: {condition}")
    for claim in TESTED
    for condition, criterion in claim.tests.items()
]


# --- nothing is left out --------------------------------------------------------------------------


def test_every_claim_of_both_articles_is_in_the_ledger() -> None:
    wanted = [f"A{number}" for number in range(1, 32)] + [f"B{number}" for number in range(1, 17)]
    assert list(CLAIMS) == wanted
    assert all(name == claim.id for name, claim in CLAIMS.items())


def test_the_table_of_eight_is_in_the_ledger() -> None:
    advised = [name for names in TABLE_OF_EIGHT.values() for name in names]
    assert len(advised) == 8
    assert all(CLAIMS[name].experiment is not None for name in advised)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_claim_says_what_it_claims_and_where(claim: Claim) -> None:
    assert claim.says.endswith(".")
    assert claim.says.count(". ") <= 1, "a claim is a sentence"
    number, _, cell = claim.where.partition("#")
    (notebook,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    assert cell in {one.id for one in nbformat.read(notebook, 4).cells}
    assert claim.opinion or claim.same_as or claim.how.endswith((".", ".)", "?"))


@pytest.mark.parametrize("claim", TESTED, ids=[claim.id for claim in TESTED])
def test_a_full_run_is_large(claim: Claim) -> None:
    least = 20 if claim.alone else 100
    assert claim.full["seeds"] >= least
    if claim.quick is not None:
        assert not claim.alone, "timings are never in quick"
        assert claim.quick["seeds"] <= claim.full["seeds"]


def test_timings_are_alone() -> None:
    assert {claim.id for claim in TESTED if claim.alone} == {"A3", "A20"}


def test_claims_are_reached_by_their_ids_only_once() -> None:
    pointed = {claim.same_as for claim in CLAIMS.values()} - {""}
    assert all(CLAIMS[name].experiment is not None for name in pointed)


# --- a criterion that cannot fail is none ---------------------------------------------------------


def made_up(criterion: Criterion, rng: np.random.Generator) -> dict[str, dict[str, np.ndarray]]:
    """Measurements that must reach each verdict a criterion has, by that verdict."""
    n = 60
    noise = rng.normal(0, 1, n)
    noise -= noise.mean()
    wave = np.tile([-1.0, 1.0], n // 2)  # of mean 0 in every part that a criterion looks at
    match criterion:
        case Differs(margin=m, more=more, than=than):
            base = rng.normal(5, 1, n)
            at = {HOLDS: 3 * m, DOES_NOT_HOLD: -3 * m, ALIKE: 0.0, UNDECIDED: m}
            return {k: {more: base + v + m * noise, than: base} for k, v in at.items()}
        case Alike(margin=m, one=one, other=other):
            base = rng.normal(5, 1, n)
            at = {HOLDS: 0.0, DOES_NOT_HOLD: 3 * m, UNDECIDED: m}
            return {k: {one: base + v + m * noise, other: base} for k, v in at.items()}
        case Ratio(factor=f, more=more, than=than):
            base = rng.uniform(1, 2, n)
            m = np.log(f)
            at = {HOLDS: 3 * m, DOES_NOT_HOLD: -3 * m, ALIKE: 0.0, UNDECIDED: m}
            return {k: {more: base * np.exp(v + m * noise), than: base} for k, v in at.items()}
        case Above(threshold=t, arm=arm):
            at = {HOLDS: 2 * t, DOES_NOT_HOLD: t / 2, UNDECIDED: t}
            return {k: {arm: v + t / 2 * noise} for k, v in at.items()}
        case Below(threshold=t, arm=arm):
            at = {HOLDS: t / 2, DOES_NOT_HOLD: 2 * t, UNDECIDED: t}
            return {k: {arm: v + t / 2 * noise} for k, v in at.items()}
        case Mostly(share=share, arm=arm):
            at = {HOLDS: 1.0, DOES_NOT_HOLD: 0.0, UNDECIDED: share}
            return {k: {arm: np.arange(n) < round(v * n)} for k, v in at.items()}
        case Tuned(margin=m, more=more):
            base = rng.normal(5, 1, n)
            at = {HOLDS: 3 * m, DOES_NOT_HOLD: -3 * m, ALIKE: 0.0, UNDECIDED: m}
            return {
                k: {arm: base + (v + m * wave) * (arm in more) for arm in criterion.arms}
                for k, v in at.items()
            }
        case Somewhere(margin=m, pairs=((one, _), *_)):
            base, early = rng.normal(5, 1, n), np.arange(n) < n // 3
            at = {HOLDS: 3 * m, DOES_NOT_HOLD: -3 * m, UNDECIDED: m}
            return {
                k: {
                    arm: base + np.where(early, 9 * m, v + m * wave) * (arm == one)
                    for arm in criterion.arms
                }
                for k, v in at.items()
            }
        case Always(arm=arm):
            return {HOLDS: {arm: np.ones(n)}, DOES_NOT_HOLD: {arm: np.arange(n) != 3}}
    raise AssertionError(f"say how {type(criterion).__name__} reaches its verdicts")


@pytest.mark.parametrize("criterion", CRITERIA)
def test_each_verdict_of_a_criterion_can_be_reached(criterion: Criterion) -> None:
    by_verdict = made_up(criterion, np.random.default_rng(0))
    assert {HOLDS, DOES_NOT_HOLD} <= by_verdict.keys()
    for verdict, measured in by_verdict.items():
        assert criterion.judge(measured).verdict == verdict
    for word in ("holds", "does not hold"):
        assert word in criterion.words()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_one_margin_for_one_thing(criterion: Criterion) -> None:
    margin = getattr(criterion, "margin", None)
    if margin is None:
        return
    metric = criterion.metric
    for word, one in (("accuracy", POINT), ("R2 ", R2), ("share of ", SHARE), (", a share", SHARE)):
        if word in metric:
            assert margin == one, f"{metric}: {margin}"
            return
    assert metric.startswith(("powers of ten", "minus the logarithm")), f"what is {metric}?"


# --- what is stored -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ledger():
    return judged(CLAIMS, stored(CLAIMS))


def test_stored_results_belong_to_the_criteria_as_they_are() -> None:
    assert missing(CLAIMS) == []


def test_stored_verdicts_are_those_that_the_numbers_give() -> None:
    entries = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert entries.keys() == {claim.id for claim in TESTED}
    for name, result in stored(CLAIMS).items():
        assert entries[name]["verdict"] == result.verdict
        assert {k: one["verdict"] for k, one in entries[name]["findings"].items()} == {
            k: one.verdict for k, one in result.findings.items()
        }
        for condition, one in result.findings.items():
            assert entries[name]["findings"][condition]["effect"] == pytest.approx(
                one.effect.estimate
            )


def test_every_claim_has_a_verdict(ledger) -> None:
    assert list(ledger) == list(CLAIMS)
    assert {one.verdict for one in ledger.values()} <= set(VERDICTS)
    for name, one in ledger.items():
        assert (one.verdict == OPINION) == bool(CLAIMS[name].opinion)
        assert all(one.findings) if one.findings else one.verdict == OPINION
        if same := CLAIMS[name].same_as:
            assert one.verdict == ledger[same].verdict


def test_the_page_is_current(ledger) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(ledger), "run: make claims"


def test_links_of_the_page_lead_somewhere(ledger) -> None:
    text = page(ledger)
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists(), target
    headings = {line.removeprefix("## ").lower() for line in text.splitlines() if line[:3] == "## "}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.no_cover  # 44 small experiments, of code that its own tests cover
def test_quick_runs_do_not_contradict_full_ones(ledger) -> None:
    quick = quick_runs(CLAIMS, progress=False)
    assert quick.keys() == {claim.id for claim in TESTED if claim.quick is not None}
    against = [
        f"{name}, {condition}: quick {finding}; full {ledger[name].findings[condition]}"
        for name, result in quick.items()
        if contradicts(result, ledger[name])
        for condition, finding in result.findings.items()
    ]
    assert not against, "\n".join(against)


def stored_in(seconds: int) -> list[Claim]:
    """Claims whose full run took no longer, timings aside."""
    entries = json.loads(RESULTS.read_text(encoding="utf-8"))
    return [one for one in TESTED if not one.alone and entries[one.id]["seconds"] <= seconds]


@pytest.mark.parametrize("claim", stored_in(seconds=20), ids=lambda claim: claim.id)
def test_full_settings_still_measure_what_is_stored(claim: Claim) -> None:
    """Three seeds at the full size lie where those of the stored run lie.

    For the cheaper half: the others have their quick runs, which the test above judges.
    """
    again = run(claim, "full", seeds=3, progress=False)
    kept = stored(CLAIMS)[claim.id].measured
    for arm in claim.arms:
        low, high = float(np.min(kept[arm])), float(np.max(kept[arm]))
        room = 0.5 * (high - low) + 1e-3 * max(abs(low), abs(high), 1e-3)
        assert np.all((low - room <= again.measured[arm]) & (again.measured[arm] <= high + room))


# --- what is said elsewhere -----------------------------------------------------------------------

# In prose a verdict stands behind the id: "A16 (holds)".
SAID = re.compile(rf"\b([AB]\d+)\*{{0,2}} \(\**({'|'.join(VERDICTS)})\**\)")


def prose() -> list[tuple[str, str]]:
    files = sorted((ROOT / "notebooks").glob("*.ipynb"))
    found = [
        (f"{path.name}#{cell.id}", cell.source)
        for path in files
        for cell in nbformat.read(path, 4).cells
        if cell.cell_type == "markdown"
    ]
    return [*found, *((p.name, p.read_text("utf-8")) for p in (ROOT / "README.md",))]


def test_prose_says_what_was_computed(ledger) -> None:
    wrong = [
        f"{where}: {name} is said to be {verdict!r}, and computed to be {ledger[name].verdict!r}"
        for where, text in prose()
        for name, verdict in SAID.findall(text)
        if ledger[name].verdict != verdict
    ]
    assert not wrong, "\n".join(wrong)


def test_experiments_type_no_verdict() -> None:
    for path in sorted((ROOT / "helpers" / "claims").glob("*.py")):
        if path.stem in {"criteria", "results", "page"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in VERDICTS, f"{path.name}:{node.lineno}"
