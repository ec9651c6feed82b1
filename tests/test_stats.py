"""Statistics against SciPy, against hand calculation, and against data whose truth is known."""

import math
import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats

from helpers import stats
from helpers.stats import (
    Equivalence,
    Interval,
    effect_size,
    equivalence,
    holm,
    mean_interval,
    paired_difference,
    rule_of_three,
    wilson,
)

quick = settings(derandomize=True, database=None, deadline=None, max_examples=60)
nan, inf = math.nan, math.inf
level = st.floats(0.5, 0.999)
lists = st.lists(st.integers(-1000, 1000), min_size=2, max_size=30).filter(lambda x: len({*x}) > 1)


def ends(interval):
    return interval.low, interval.high


def chance(count, n, share):
    """Tell whether a count out of n may come of a share: in its central 99.9 %."""
    low, high = scipy_stats.binom.interval(0.999, n, share)
    return low <= count <= high


def test_chance_allows_what_it_says():
    held = [chance(count, 1000, 0.95) for count in range(1001)]
    counts = np.flatnonzero(held)
    assert scipy_stats.binom.pmf(counts, 1000, 0.95).sum() == pytest.approx(0.9992, abs=0.0002)
    assert (counts.min(), counts.max()) == (926, 971)


# --- the interval itself --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(0.512, 0.401, 0.623), "0.512 [0.401, 0.623]"),
        (Interval(93.7, 88.5, 98.9), "93.70 [88.50, 98.90]"),
        (Interval(1234.4, 1000, 1400), "1234 [1000, 1400]"),
        (Interval(0.9, 0.9, 0.9), "0.900 [0.900, 0.900]"),
        (Interval(0, 0, 0), "0.000 [0.000, 0.000]"),
        (Interval(-1e-9, -0.5, 0.5), "0.000 [-0.500, 0.500]"),
        (Interval(0.00012, 0.0001, 0.00014), "0.0001200 [0.0001000, 0.0001400]"),
        (Interval(0.1, 0.1 - 1e-17, 0.1 + 2e-17), "0.1000000 [0.1000000, 0.1000000]"),
        (Interval(1.0, -inf, inf), "1.000 [-inf, inf]"),
        (Interval(nan, nan, nan), "nan [nan, nan]"),
    ],
)
def test_text_of_an_interval(interval, text):
    assert str(interval) == text


def test_interval_facts():
    interval = Interval(2.0, 1.0, 4.0)
    assert interval.half_width == 1.5
    assert interval.level == 0.95
    assert [1.0 in interval, 4.0 in interval, 4.1 in interval, nan in interval] == [1, 1, 0, 0]
    with pytest.raises(AttributeError):
        interval.low = 0


# --- means and differences ------------------------------------------------------------------------


def test_mean_interval_by_hand():
    # Mean 4, standard deviation 2, error 2 / sqrt(3); Student's t for two degrees: 4.3027
    interval = mean_interval([2, 4, 6])
    assert interval.estimate == 4
    assert interval.half_width == pytest.approx(4.302652729911275 * 2 / math.sqrt(3))
    assert interval.level == 0.95


@quick
@given(x=lists, level=level)
def test_mean_interval_is_scipys(x, level):
    interval = mean_interval(x, level)
    expected = scipy_stats.t.interval(level, len(x) - 1, np.mean(x), scipy_stats.sem(x))
    np.testing.assert_allclose(ends(interval), expected, rtol=1e-9, atol=1e-9)
    assert interval.level == level
    assert all(type(value) is float for value in (interval.estimate, *ends(interval)))


@quick
@given(
    pairs=st.lists(st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2), level=level
)
def test_paired_difference_is_scipys(pairs, level):
    a, b = np.array(pairs).T
    interval = paired_difference(a, b, level)
    if len(set(a - b)) == 1:
        assert interval == Interval(a[0] - b[0], a[0] - b[0], a[0] - b[0], level)
    else:
        expected = scipy_stats.ttest_rel(a, b).confidence_interval(level)
        np.testing.assert_allclose(ends(interval), expected, rtol=1e-9, atol=1e-9)


def test_pairing_is_what_shortens_the_interval():
    rng = np.random.default_rng(0)
    seeds = rng.normal(size=20)
    a, b = seeds + 0.1 + 0.01 * rng.normal(size=20), seeds
    assert paired_difference(a, b).half_width < 0.05 * mean_interval(a).half_width
    assert 0.1 in paired_difference(a, b)
    assert paired_difference(b, a).estimate == -paired_difference(a, b).estimate


@pytest.mark.parametrize("method", ["t", "bootstrap"])
@pytest.mark.parametrize("value", [0, 1, -3, 0.1, 1e300])
def test_equal_values_have_an_interval_of_no_width(method, value):
    interval = mean_interval([value] * 7, method=method, seed=0)
    assert interval == Interval(value, value, value)


@pytest.mark.parametrize("method", ["t", "bootstrap"])
def test_rounding_is_no_variation(method):
    x = [0.1, 0.1, 0.1, np.nextafter(0.1, 1)]
    interval = mean_interval(x, method=method, seed=0)
    assert interval == Interval(0.1, 0.1, 0.1)


def test_bootstrap_is_scipys_and_can_be_had_again():
    x = np.random.default_rng(1).exponential(size=25)
    interval = mean_interval(x, method="bootstrap", seed=3)
    expected = scipy_stats.bootstrap((x,), np.mean, random_state=np.random.default_rng(3))
    np.testing.assert_allclose(ends(interval), expected.confidence_interval)
    assert interval == mean_interval(x, method="bootstrap", seed=np.int64(3))
    assert interval != mean_interval(x, method="bootstrap", seed=4)
    assert interval.estimate - interval.low < interval.high - interval.estimate  # skewed, as x is
    assert paired_difference(x, 0 * x, method="bootstrap", seed=3) == interval


@pytest.mark.parametrize("x", [[0, 1], [0, 0, 0, 1], [1, 2, 3], [1e-300, 2e-300, 4e-300]])
def test_bootstrap_of_few_values_stays_among_them(x):
    interval = mean_interval(x, method="bootstrap", seed=0)
    assert min(x) <= interval.low <= interval.estimate <= interval.high <= max(x)


def test_bootstrap_of_many_values_fits_in_memory(monkeypatch):
    x = np.random.default_rng(0).normal(size=50)
    whole = mean_interval(x, method="bootstrap", seed=0)
    monkeypatch.setattr(stats, "BOOTSTRAP_NUMBERS", 5_000)
    np.testing.assert_allclose(ends(mean_interval(x, method="bootstrap", seed=0)), ends(whole), 0.1)


@pytest.mark.parametrize("n", [3, 10, 50])
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.no_cover
def test_intervals_hold_the_truth_as_often_as_they_say(level, n):
    rng = np.random.default_rng(n)
    seeds = rng.normal(scale=3, size=(2000, n))  # what two arms share, and what pairing removes
    a, b = seeds + rng.normal(5, 0.5, seeds.shape), seeds + rng.normal(4, 0.5, seeds.shape)
    assert chance(sum(5 in mean_interval(x, level) for x in a - seeds), 2000, level)
    held = sum(1 in paired_difference(x, y, level) for x, y in zip(a, b, strict=True))
    assert chance(held, 2000, level)


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.no_cover
def test_bootstrap_intervals_hold_the_truth_a_little_less_often_than_they_say(
    level, n, monkeypatch
):
    """They know neither Student's t nor the n - 1, which shows where values are few."""
    monkeypatch.setattr(stats, "BOOTSTRAP_RESAMPLES", 499)
    samples = np.random.default_rng(n).normal(size=(600, n))
    intervals = [mean_interval(x, level, "bootstrap", seed) for seed, x in enumerate(samples)]
    reach = scipy_stats.norm.ppf((1 + level) / 2) * math.sqrt((n - 1) / n)
    share = 1 - 2 * scipy_stats.t.sf(reach, n - 1)
    assert chance(sum(0 in interval for interval in intervals), 600, share)
    assert 0 < level - share < 0.03


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.no_cover
def test_bootstrap_intervals_of_skewed_values_hold_the_truth(level, monkeypatch):
    monkeypatch.setattr(stats, "BOOTSTRAP_RESAMPLES", 499)
    samples = np.random.default_rng(0).exponential(size=(600, 100))
    intervals = [mean_interval(x, level, "bootstrap", seed) for seed, x in enumerate(samples)]
    assert chance(sum(1 in interval for interval in intervals), 600, level)


def test_the_bootstrap_errs_more_evenly_than_t_where_values_are_skewed(monkeypatch):
    monkeypatch.setattr(stats, "BOOTSTRAP_RESAMPLES", 499)
    samples = np.random.default_rng(0).exponential(size=(600, 40))
    uneven = {}
    for method in ("t", "bootstrap"):
        intervals = [mean_interval(x, 0.9, method, seed) for seed, x in enumerate(samples)]
        too_low = sum(interval.high < 1 for interval in intervals)
        uneven[method] = too_low / sum(1 not in interval for interval in intervals)
    assert uneven["t"] > 0.7 > uneven["bootstrap"] > 0.5


# --- shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("successes", "n"), [(0, 1), (1, 1), (0, 20), (20, 20), (7, 31), (1, 999)])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_wilson_by_hand(successes, n, level):
    z = scipy_stats.norm.ppf((1 + level) / 2)
    p = successes / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z / (1 + z**2 / n) * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    interval = wilson(successes, n, level)
    np.testing.assert_allclose(ends(interval), (centre - reach, centre + reach), atol=1e-12)
    assert interval.estimate == p
    assert 0 <= interval.low <= p <= interval.high <= 1


@pytest.mark.no_cover
def test_wilson_holds_the_truth_about_as_often_as_it_says():
    n = 50
    intervals = [wilson(count, n) for count in range(n + 1)]
    shares = np.linspace(0.02, 0.98, 49)
    coverage = [
        sum(scipy_stats.binom.pmf(k, n, p) for k in range(n + 1) if p in intervals[k])
        for p in shares
    ]
    assert np.mean(coverage) == pytest.approx(0.95, abs=0.01)
    assert min(coverage) > 0.9


def test_wilson_takes_numpy_integers():
    assert wilson(np.int64(3), np.int32(7)) == wilson(3, 7)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 10, 300, 4000, np.int64(50)])
def test_rule_of_three_is_just_above_the_exact_bound(n):
    exact = 1 - 0.05 ** (1 / int(n))
    assert exact <= rule_of_three(n) <= 1
    if n >= 10:
        assert rule_of_three(n) == pytest.approx(exact, rel=0.2)
    assert type(rule_of_three(n)) is float


# --- equivalence ----------------------------------------------------------------------------------


@quick
@given(
    pairs=st.lists(
        st.tuples(st.integers(-99, 99), st.integers(-99, 99)), min_size=2, max_size=20
    ).filter(lambda pairs: len({a - b for a, b in pairs}) > 1),
    margin=st.floats(0.1, 100),
    alpha=st.floats(0.01, 0.4),
)
def test_equivalence_is_two_one_sided_tests(pairs, margin, alpha):
    a, b = np.array(pairs).T
    verdict = equivalence(a, b, margin, alpha)
    above = scipy_stats.ttest_1samp(a - b, -margin, alternative="greater").pvalue
    below = scipy_stats.ttest_1samp(a - b, margin, alternative="less").pvalue
    assert verdict.p_value == pytest.approx(max(above, below), rel=1e-9)
    assert verdict.equivalent == bool(verdict) == (verdict.p_value < alpha)
    inside = -margin < verdict.interval.low and verdict.interval.high < margin
    assert verdict.equivalent == inside
    assert verdict.interval.level == pytest.approx(1 - 2 * alpha)


@pytest.mark.parametrize("difference", [0.5, -0.5])
@pytest.mark.parametrize(("n", "alpha"), [(4, 0.05), (12, 0.05), (12, 0.2)])
def test_equivalence_is_wrong_as_often_as_alpha_at_the_margin(difference, n, alpha):
    rng = np.random.default_rng(n)
    b = rng.normal(size=(2000, n))
    a = b + difference + 0.1 * rng.normal(size=b.shape)  # just as large as the margin
    passes = sum(bool(equivalence(x, y, 0.5, alpha)) for x, y in zip(a, b, strict=True))
    assert chance(passes, 2000, alpha)


def test_equivalence_of_few_noisy_pairs_is_wrong_less_often_and_beyond_the_margin_never():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(1000, 6))
    passes = sum(bool(equivalence(x + 0.5, 0 * x, margin=0.5)) for x in noise)
    assert passes < scipy_stats.binom.ppf(0.001, 1000, 0.05)
    assert not any(equivalence(0.1 * x + 1, 0 * x, margin=0.5) for x in noise)


def test_equivalence_is_found_where_arms_are_alike():
    rng = np.random.default_rng(0)
    samples = rng.normal(scale=0.3, size=(1000, 12))
    passes = sum(bool(equivalence(x, 0 * x, margin=0.5)) for x in samples)
    assert passes / 1000 > 0.95


@pytest.mark.parametrize(
    ("difference", "p_value"), [(0, 0), (0.5, 0), (-0.5, 0), (1, 1), (-1, 1), (2, 1)]
)
def test_equal_differences_are_decided_by_the_margin(difference, p_value):
    verdict = equivalence(np.full(5, difference), np.zeros(5), margin=1)
    assert verdict.p_value == p_value
    assert verdict.equivalent == (p_value == 0)
    assert ends(verdict.interval) == (difference, difference)


def test_text_of_a_verdict():
    interval = Interval(0.001, -0.004, 0.006, 0.9)
    assert str(Equivalence(0.003, interval, 0.01, True)) == (
        "no difference that matters: 0.00100 [-0.00400, 0.00600] against ±0.01 (p = 0.003)"
    )
    assert str(Equivalence(0.3, interval, 0.005, False)).startswith("not shown to be equivalent: ")


# --- effect sizes ---------------------------------------------------------------------------------


def test_effect_size_by_hand():
    # Mean 4, standard deviation 2. With two degrees of freedom Hedges' factor is 1 / sqrt(pi).
    interval = effect_size([2, 4, 6])
    assert interval.estimate == pytest.approx(2 / math.sqrt(math.pi))
    assert interval.level == 0.95
    assert effect_size([12, 14, 16], [10, 10, 10]) == interval
    assert effect_size([10, 10, 10], [12, 14, 16]) == Interval(
        -interval.estimate, -interval.high, -interval.low
    )


@pytest.mark.parametrize("df", [2, 3, 10, 50, 999])
def test_the_correction_undoes_what_the_noncentral_t_adds_on_average(df):
    x = np.arange(df + 1.0)
    factor = effect_size(x).estimate / (x.mean() / x.std(ddof=1))
    assert factor == pytest.approx(1 / scipy_stats.nct.mean(df, 1))
    assert factor == pytest.approx(1 - 3 / (4 * df - 1), rel=0.02)  # as Hedges rounds it


@quick
@given(x=lists.filter(lambda x: len(x) > 2), level=level, scale=st.sampled_from([1e-9, 1, 1e9]))
def test_the_ends_of_an_effect_size_are_where_the_data_become_unlikely(x, level, scale):
    interval = effect_size(np.array(x) * scale, level=level)
    n, t = len(x), scipy_stats.ttest_1samp(x, 0).statistic
    tail = (1 - level) / 2
    for end, p in [(interval.low, 1 - tail), (interval.high, tail)]:
        with np.errstate(divide="ignore"):  # SciPy 1.13 warns, of nothing that shows in its result
            found = scipy_stats.nct.cdf(t, n - 1, end * math.sqrt(n))
        assert found == pytest.approx(p, abs=1e-3 * tail + 1e-6)
    assert interval.low < interval.estimate < interval.high
    edge = min(abs(np.array(ends(paired_difference(x, np.zeros(n), level)))))
    if edge > 1e-6:  # an end at 0 may fall on either side of it by rounding
        assert (0 in interval) == (0 in paired_difference(x, np.zeros(n), level))


@pytest.mark.parametrize("n", [3, 10, 100])
@pytest.mark.parametrize("sign", [-1, 1])
def test_effect_sizes_of_any_height(n, sign):
    """The ends grow in step with the mean, through the place where the limit takes over."""
    x = np.linspace(-1, 1, n)
    error = x.std(ddof=1) / math.sqrt(n)
    for t in (990, 1010):
        interval = effect_size(sign * (x + t * error))
        low, high = sorted(sign * np.array(ends(interval)) * math.sqrt(n) / t)
        ratios = np.sqrt(scipy_stats.chi2.ppf([0.025, 0.975], n - 1) / (n - 1))
        np.testing.assert_allclose((low, high), ratios, rtol=1e-3)
    huge = effect_size(sign * (x + 1e12))
    assert all(math.isfinite(value) for value in (huge.estimate, *ends(huge)))
    assert huge.low < huge.estimate < huge.high


@pytest.mark.parametrize("truth", [0, 0.5, -0.5, 3])
@pytest.mark.parametrize("n", [4, 20])
@pytest.mark.no_cover
def test_effect_sizes_are_right_on_average_and_hold_the_truth_as_often_as_they_say(n, truth):
    samples = np.random.default_rng(n).normal(truth, 1, size=(3000, n))
    found = [effect_size(x) for x in samples]
    assert chance(sum(truth in interval for interval in found), 3000, 0.95)
    estimates = np.array([interval.estimate for interval in found])
    error = estimates.std() / math.sqrt(3000)
    assert abs(estimates.mean() - truth) < 3.5 * error
    if truth == 3:  # and would not be without the correction
        plain = samples.mean(axis=1) / samples.std(axis=1, ddof=1)
        assert plain.mean() - truth > 3.5 * plain.std() / math.sqrt(3000)


@pytest.mark.parametrize(("value", "effect"), [(0, 0), (0.1, inf), (-3, -inf)])
def test_effect_size_without_spread(value, effect):
    assert effect_size([value] * 5, level=0.9) == Interval(effect, effect, effect, 0.9)
    assert effect_size([1 + value] * 5, [1] * 5, level=0.9) == Interval(effect, effect, effect, 0.9)


def test_effect_size_holds_its_estimate_at_any_level():
    interval = effect_size([2, 4, 6], level=0.01)
    assert interval.low == interval.estimate < interval.high


def test_an_effect_size_needs_three():
    for arguments in ([[1.0, 2.0]], [[1, 2], [3, 5]]):
        with pytest.raises(ValueError, match="needs at least 3 differences, got 2"):
            effect_size(*arguments)


# --- many tests at once ---------------------------------------------------------------------------


def test_holm_by_hand():
    # 3 x 0.01; 2 x 0.03; 0.04 itself is less than what came before it
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03]), [0.03, 0.06, 0.06])
    assert holm([0.2]).tolist() == [0.2]
    assert holm([1, 0, 0.9]).tolist() == [1, 0, 1]
    assert holm(np.array([0.5, 0.5])).tolist() == [1, 1]


@quick
@given(
    p=st.lists(st.floats(0, 1) | st.sampled_from([0.0, 0.01, 0.05, 1.0]), min_size=1, max_size=7)
)
def test_holm_rejects_what_bonferroni_rejects_in_every_subset(p):
    """Its definition as a closed test: a hypothesis falls if every set that holds it falls."""
    places = range(len(p))
    sets = [s for size in places for s in combinations(places, size + 1)]
    expected = [max(min(1, len(s) * min(p[i] for i in s)) for s in sets if i in s) for i in places]
    np.testing.assert_allclose(holm(p), expected, rtol=1e-12)


@quick
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=40), seed=st.integers(0, 99))
def test_holm_keeps_places_and_order(p, seed):
    given, adjusted = np.array(p), holm(p)
    order = np.random.default_rng(seed).permutation(len(p))
    assert np.array_equal(holm(given[order]), adjusted[order])
    assert (adjusted >= given).all()
    assert (adjusted <= np.minimum(len(p) * given, 1)).all()
    assert (np.diff(adjusted[np.argsort(given)]) >= 0).all()


def ledgers(shared):
    """Draw 2,000 ledgers of 45 claims, all false, on 20 paired seeds: their p-values.

    `shared` is the share of the variance that all claims of a ledger have in common, as where one
    arm takes part in all of them.
    """
    rng = np.random.default_rng(0)
    common = rng.normal(size=(2000, 1, 20)) * math.sqrt(shared)
    differences = common + rng.normal(size=(2000, 45, 20)) * math.sqrt(1 - shared)
    return scipy_stats.ttest_1samp(differences, 0, axis=-1).pvalue


def test_holm_keeps_false_alarms_of_a_whole_ledger_rare():
    p = ledgers(shared=0)
    assert chance((p.min(axis=1) < 0.05).sum(), 2000, 1 - 0.95**45)  # nine ledgers in ten
    alarms = sum((holm(family) < 0.05).any() for family in p)
    assert chance(alarms, 2000, 1 - (1 - 0.05 / 45) ** 45)


@pytest.mark.parametrize("shared", [0.3, 0.9])
def test_holm_keeps_them_rare_where_claims_share_an_arm(shared):
    alarms = sum((holm(family) < 0.05).any() for family in ledgers(shared))
    assert 0 < alarms < scipy_stats.binom.ppf(0.999, 2000, 0.05)


def test_holm_spends_on_what_is_left():
    """Beside ten claims that surely hold, ten that do not are judged as if alone."""
    rng = np.random.default_rng(0)
    sure, null = np.full((3000, 10), 1e-9), rng.uniform(size=(3000, 10))
    adjusted = np.array([holm(family) for family in np.hstack([sure, null])])
    assert (adjusted[:, :10] < 0.05).all()
    alarms = (adjusted[:, 10:] < 0.05).any(axis=1).sum()
    assert chance(alarms, 3000, 1 - (1 - 0.05 / 10) ** 10)
    assert not chance(alarms, 3000, 1 - (1 - 0.05 / 20) ** 10)  # as Bonferroni would have it


@pytest.mark.parametrize("p", [[-0.01, 0.5], [1.01], [nan, 0.1], [0.1, inf]])
def test_holm_takes_shares(p):
    with pytest.raises(ValueError, match="p_values must be numbers from 0 to 1, got"):
        holm(p)


@pytest.mark.parametrize("p", [[], 0.5, [[0.1, 0.2]]])
def test_holm_takes_a_list(p):
    with pytest.raises(ValueError, match="p_values must be a list of at least one, got shape"):
        holm(p)


@pytest.mark.parametrize("p", [["0.1"], [None], [[0.1], [0.1, 0.2]], [1j]])
def test_holm_takes_numbers(p):
    with pytest.raises(TypeError, match="p_values must "):
        holm(p)


# --- what is refused ------------------------------------------------------------------------------


takes_values = pytest.mark.parametrize(
    "function",
    [
        mean_interval,
        lambda x: paired_difference(x, [1.0, 2.0, 4.0]),
        lambda x: paired_difference([1.0, 2.0, 4.0], x),
        lambda x: equivalence([1.0, 2.0, 4.0], x, margin=1),
        effect_size,
        lambda x: effect_size([1.0, 2.0, 4.0], x),
    ],
)


@takes_values
@pytest.mark.parametrize("x", [[], [1.0], np.ones(1)])
def test_fewer_than_two_values(function, x):
    with pytest.raises(ValueError, match="needs at least 2 values"):
        function(x)


@takes_values
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_not_finite(function, value):
    with pytest.raises(ValueError, match="1 values that are nan or inf, the first at position 2"):
        function([1.0, 2.0, value])


@takes_values
@pytest.mark.parametrize("x", [1.0, [[1.0, 2.0]], np.ones((3, 2))])
def test_not_a_list(function, x):
    with pytest.raises(ValueError, match="must be a list of independent values"):
        function(x)


@takes_values
@pytest.mark.parametrize("x", [["a", "b"], [1j, 2], [None, 1], [[1], [1, 2]], {1, 2}], ids=repr)
def test_not_numbers(function, x):
    with pytest.raises((TypeError, ValueError), match=r"must (hold real|be a list of) "):
        function(x)


def test_unequal_lengths():
    for function in (paired_difference, lambda a, b: equivalence(a, b, margin=1), effect_size):
        with pytest.raises(ValueError, match="must be pairs, got 2 and 3 values"):
            function([1, 2], [1, 2, 3])


@pytest.mark.parametrize("level", [0, 1, -0.5, 95, nan, None, "0.95", True])
def test_levels(level):
    for function in (
        lambda: mean_interval([1, 2], level),
        lambda: paired_difference([1, 2], [1, 3], level),
        lambda: wilson(1, 2, level),
        lambda: effect_size([1, 2, 4], level=level),
    ):
        with pytest.raises(ValueError, match="level must be a number between 0 and 1"):
            function()


@pytest.mark.parametrize("method", ["normal", None, "T"])
def test_methods(method):
    with pytest.raises(ValueError, match="method must be 't' or 'bootstrap'"):
        mean_interval([1, 2], method=method)


@pytest.mark.parametrize("seed", [None, 1.0, True, "0"])
def test_the_bootstrap_needs_a_seed(seed):
    with pytest.raises(TypeError, match="needs a whole number as its seed"):
        mean_interval([1, 2], method="bootstrap", seed=seed)


@pytest.mark.parametrize("margin", [0, -1, nan, inf, None, "0.1", True])
def test_margins(margin):
    with pytest.raises(ValueError, match="margin must be a finite number above 0"):
        equivalence([1, 2], [1, 3], margin)


@pytest.mark.parametrize("alpha", [0, 0.5, 1, -0.1, nan, None, "0.05"])
def test_alphas(alpha):
    with pytest.raises(ValueError, match=r"alpha must be a number between 0 and 0\.5"):
        equivalence([1, 2], [1, 3], 1, alpha)


@pytest.mark.parametrize("count", [1.0, 0.5, "1", None, True, nan])
def test_counts_are_whole(count):
    for function in (lambda n: wilson(n, 5), lambda n: wilson(1, n), rule_of_three):
        with pytest.raises(TypeError, match="must be a whole number"):
            function(count)


def test_counts_out_of_bounds():
    with pytest.raises(ValueError, match="successes must not exceed n, got 6 of 5"):
        wilson(6, 5)
    with pytest.raises(ValueError, match="successes must be at least 0, got -1"):
        wilson(-1, 5)
    for function in (rule_of_three, lambda n: wilson(0, n)):
        with pytest.raises(ValueError, match="n must be at least 1, got 0"):
            function(0)


def test_scipy_waits_until_it_is_needed():
    script = "import sys, helpers.stats; print('scipy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
