"""Criteria decide what they say they decide, and rarely by accident."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from helpers.claims.criteria import (
    ALIKE,
    ALPHA,
    DEPENDS,
    DOES_NOT_HOLD,
    HOLDS,
    UNDECIDED,
    Above,
    Alike,
    Always,
    Below,
    Criterion,
    Differs,
    Mostly,
    Ratio,
    together,
)
from helpers.stats import equivalence, holm, paired_difference


def spread_around(mean: float, error: float, n: int = 100) -> np.ndarray:
    """Values with exactly this mean and this standard error of it."""
    values = np.linspace(-1, 1, n)
    return mean + error * math.sqrt(n) * values / values.std(ddof=1)


def zeros(n: int = 100) -> np.ndarray:
    return np.zeros(n)


DIFFERS = Differs("accuracy", "a", "b", margin=0.01)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [(0.03, HOLDS), (-0.03, DOES_NOT_HOLD), (0.0, ALIKE), (0.011, UNDECIDED), (-0.009, UNDECIDED)],
)
def test_a_difference_is_placed_where_its_interval_lies(mean: float, verdict: str) -> None:
    found = DIFFERS.judge({"a": spread_around(mean, 0.002), "b": zeros()})
    assert found.verdict == verdict
    assert found.effect.estimate == pytest.approx(mean)
    assert found.scaled.estimate == pytest.approx(mean / 0.01)
    assert found.n == 100


def test_a_difference_is_decided_by_the_intervals_of_the_course() -> None:
    rng = np.random.default_rng(0)
    for _ in range(300):
        a, b = rng.normal(rng.uniform(-0.03, 0.03), 0.02, (2, 12))
        found = DIFFERS.judge({"a": a, "b": b})
        interval = paired_difference(a, b)
        by_hand = UNDECIDED
        if interval.low >= 0.01:
            by_hand = HOLDS
        elif interval.high <= -0.01:
            by_hand = DOES_NOT_HOLD
        elif equivalence(a, b, margin=0.01):
            by_hand = ALIKE
        assert found.verdict == by_hand
        assert (found.effect.low, found.effect.high) == (interval.low, interval.high)


def test_the_p_value_of_a_difference_is_that_of_a_t_test_at_the_border() -> None:
    a = np.random.default_rng(1).normal(0.05, 0.05, 20)
    found = DIFFERS.judge({"a": a, "b": zeros(20)})
    assert found.p_value == pytest.approx(stats.ttest_1samp(a, 0.01).pvalue)


@pytest.mark.parametrize(
    ("mean", "verdict"), [(0.0, HOLDS), (0.03, DOES_NOT_HOLD), (-0.03, DOES_NOT_HOLD)]
)
def test_alike(mean: float, verdict: str) -> None:
    rule = Alike("accuracy", "a", "b", margin=0.01)
    found = rule.judge({"a": spread_around(mean, 0.002), "b": zeros()})
    assert found.verdict == verdict
    assert (found.scaled.estimate > 1) == (verdict == HOLDS)
    assert rule.judge({"a": spread_around(0.01, 0.002), "b": zeros()}).verdict == UNDECIDED


@pytest.mark.parametrize(
    ("ratio", "verdict"), [(3, HOLDS), (1 / 3, DOES_NOT_HOLD), (1.01, ALIKE), (1.5, UNDECIDED)]
)
def test_a_ratio_is_judged_on_the_scale_of_logarithms(ratio: float, verdict: str) -> None:
    rule = Ratio("seconds", "a", "b", factor=1.5)
    found = rule.judge({"a": np.exp(spread_around(math.log(ratio), 0.02)), "b": zeros() + 1})
    assert found.verdict == verdict
    assert found.effect.estimate == pytest.approx(ratio)
    swapped = rule.judge({"b": np.exp(spread_around(math.log(ratio), 0.02)), "a": zeros() + 1})
    assert swapped.effect.estimate == pytest.approx(1 / ratio)


@pytest.mark.parametrize("rule", [Above("share", "a", 0.3), Below("share", "a", 0.3)])
def test_a_mean_lies_above_a_threshold_or_below(rule: Criterion) -> None:
    high, low = spread_around(0.4, 0.02), spread_around(0.2, 0.02)
    for values, verdict in [(high, HOLDS), (low, DOES_NOT_HOLD)]:
        if isinstance(rule, Below):
            verdict = {HOLDS: DOES_NOT_HOLD, DOES_NOT_HOLD: HOLDS}[verdict]
        found = rule.judge({"a": values})
        assert found.verdict == verdict
        assert (found.scaled.estimate > 1) == (verdict == HOLDS)
    assert rule.judge({"a": spread_around(0.3, 0.02)}).verdict == UNDECIDED


@pytest.mark.parametrize(("count", "verdict"), [(90, HOLDS), (10, DOES_NOT_HOLD), (55, UNDECIDED)])
def test_a_share_of_runs(count: int, verdict: str) -> None:
    rule = Mostly("it collapses", "a", share=0.5)
    found = rule.judge({"a": np.arange(100) < count})
    assert found.verdict == verdict
    assert found.effect.estimate == count / 100
    # Wilson's interval is the set of shares that this test does not reject.
    assert (found.verdict == UNDECIDED) == (0.5 in found.effect)


def test_one_exception_breaks_what_is_always_so() -> None:
    rule = Always("the output is at least 0", "a")
    assert rule.judge({"a": np.ones(1000)}).verdict == HOLDS
    assert rule.judge({"a": np.arange(1000) != 7}).verdict == DOES_NOT_HOLD
    assert rule.judge({"a": np.ones(1000)}).p_value is None


def test_without_any_spread_the_border_decides() -> None:
    same = {"b": zeros()}
    assert DIFFERS.judge({"a": zeros() + 0.02, **same}).verdict == HOLDS
    assert DIFFERS.judge({"a": zeros() - 0.02, **same}).verdict == DOES_NOT_HOLD
    assert DIFFERS.judge({"a": zeros(), **same}).verdict == ALIKE


@pytest.mark.parametrize(
    ("rule", "measured", "error", "says"),
    [
        (DIFFERS, {"a": zeros()}, KeyError, "no arm 'b' was measured; there are 'a'"),
        (DIFFERS, {"a": zeros(3), "b": zeros(4)}, ValueError, "share their seeds"),
        (DIFFERS, {"a": [0.0, math.nan], "b": [0, 0]}, ValueError, "nan"),
        (Ratio("s", "a", "b", 2), {"a": [1, 0], "b": [1, 1]}, ValueError, "above 0"),
        (Mostly("x", "a", 0.5), {"a": [0.3, 1]}, ValueError, "true or false"),
        (Always("x", "a"), {"a": []}, ValueError, "true or false"),
    ],
)
def test_what_cannot_be_judged_is_refused(rule, measured, error, says) -> None:
    with pytest.raises(error, match=says):
        rule.judge(measured)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Differs("m", "a", "b", margin=0),
        lambda: Alike("m", "a", "b", margin=-1),
        lambda: Ratio("m", "a", "b", factor=1),
        lambda: Above("m", "a", threshold=0),
        lambda: Below("m", "a", threshold=math.inf),
        lambda: Mostly("m", "a", share=1),
    ],
)
def test_a_border_that_is_none_is_refused(make) -> None:
    with pytest.raises(ValueError, match="must be a"):
        make()


def test_together_names_what_depends() -> None:
    assert together({"x": HOLDS, "y": DOES_NOT_HOLD}) == DEPENDS
    assert together({"x": HOLDS, "y": ALIKE, "z": UNDECIDED}) == DEPENDS
    assert together({"x": ALIKE, "y": ALIKE}) == ALIKE
    assert together({"x": ALIKE, "y": UNDECIDED}) == UNDECIDED
    assert together({"x": DOES_NOT_HOLD, "y": UNDECIDED}) == UNDECIDED
    assert together({"x": ALIKE, "y": DOES_NOT_HOLD}) == DOES_NOT_HOLD
    with pytest.raises(ValueError, match="one condition"):
        together({})


# --- how often accidents decide -------------------------------------------------------------------


def decided(rule: Criterion, mean: float, trials: int, n: int, seed: int) -> dict[str, float]:
    """Share of each verdict where the true mean is known and the noise is normal."""
    rng = np.random.default_rng(seed)
    found = [
        rule.judge({"a": rng.normal(mean, 1, n), "b": np.zeros(n)}).verdict for _ in range(trials)
    ]
    return {verdict: found.count(verdict) / trials for verdict in set(found)}


@pytest.mark.parametrize(
    ("mean", "right"),
    [(0.999, ALIKE), (1.001, HOLDS), (0.0, ALIKE), (-0.999, ALIKE), (-1.001, DOES_NOT_HOLD)],
)
@pytest.mark.parametrize("n", [5, 30])
def test_a_wrong_verdict_is_rare_at_the_worst_place(mean: float, right: str, n: int) -> None:
    trials = 1_500
    shares = decided(Differs("m", "a", "b", margin=1.0), mean, trials, n, seed=n)
    wrong = sum(share for verdict, share in shares.items() if verdict not in (right, UNDECIDED))
    # One chance in 10,000 that a rule which errs in 5 % of cases is refused here.
    assert wrong <= stats.binom.ppf(1 - 1e-4, trials, ALPHA) / trials


def test_with_many_seeds_the_right_verdict_is_found() -> None:
    rule = Differs("m", "a", "b", margin=1.0)
    for mean, right in [(2.0, HOLDS), (0.0, ALIKE), (-2.0, DOES_NOT_HOLD)]:
        assert decided(rule, mean, 200, n=100, seed=1)[right] > 0.99


def wrong_in_a_ledger(rng: np.random.Generator, claims: int, n: int, correct: bool) -> bool:
    """Draw a ledger whose truths all lie at a border, and tell whether a verdict went wrong."""
    rule = Differs("m", "a", "b", margin=1.0)
    means = rng.choice([0.999, 1.001, -0.999, -1.001, 3.0, 0.0], claims)
    right = np.where(means > 1, HOLDS, np.where(means < -1, DOES_NOT_HOLD, ALIKE))
    values = rng.normal(means[:, np.newaxis], 1, (claims, n))
    findings = [rule.judge({"a": row, "b": np.zeros(n)}) for row in values]
    p_values = np.array([one.p_value for one in findings])
    kept = (holm(p_values) if correct else p_values) <= ALPHA
    return any(
        keep and one.verdict not in (truth, UNDECIDED)
        for one, truth, keep in zip(findings, right, kept, strict=True)
    )


@pytest.mark.no_cover  # thousands of calls of what others cover
def test_in_a_whole_ledger_an_accident_is_as_rare_as_in_one_test() -> None:
    ledgers, claims = 150, 40
    rng = np.random.default_rng(3)
    wrong = sum(wrong_in_a_ledger(rng, claims, 15, correct=True) for _ in range(ledgers))
    assert wrong <= stats.binom.ppf(1 - 1e-4, ledgers, ALPHA)
    # Without Holm's correction most ledgers would hold a wrong verdict.
    rng = np.random.default_rng(3)
    assert sum(wrong_in_a_ledger(rng, claims, 15, correct=False) for _ in range(40)) > 20
