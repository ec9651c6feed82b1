"""Intervals, paired differences, shares, equivalence, effect sizes, Holm: thin over SciPy.

An estimate in this course never stands without its interval, and two arms that share their seeds
are compared by their differences, seed by seed:

>>> leaky, relu = [0.94, 0.95, 0.93, 0.96], [0.91, 0.93, 0.92, 0.92]
>>> print(paired_difference(leaky, relu))
0.0250 [0.0045, 0.0455]

SciPy is loaded when a function is first called.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

__all__ = [
    "Equivalence",
    "Interval",
    "effect_size",
    "equivalence",
    "holm",
    "mean_interval",
    "paired_difference",
    "rule_of_three",
    "wilson",
]

BOOTSTRAP_RESAMPLES = 9_999
# Numbers that the bootstrap holds in memory at once: 80 MB.
BOOTSTRAP_NUMBERS = 10_000_000
# Up to this t SciPy inverts the noncentral t distribution well; beyond it, its limit is closer.
LARGE_T = 1_000


@dataclass(frozen=True)
class Interval:
    """An estimate and the interval around it.

    Attributes
    ----------
    estimate, low, high : float
        In the units of the data; ``low <= estimate <= high``.
    level : float
        Confidence level, such as 0.95: the share of such intervals that hold the true value.

    Examples
    --------
    >>> interval = Interval(estimate=0.512, low=0.401, high=0.623, level=0.95)
    >>> print(interval)
    0.512 [0.401, 0.623]
    >>> 0.5 in interval, 0.7 in interval
    (True, False)
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95

    @property
    def half_width(self) -> float:
        """Half the length of the interval."""
        return (self.high - self.low) / 2

    def __contains__(self, value: float) -> bool:
        """Tell whether the interval holds a value, its ends included."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """Write all three numbers, with three digits of the half-width (but seven at most)."""
        size = max(abs(self.estimate), abs(self.low), abs(self.high))
        decimals = min(_decimals(self.half_width or size, 3), _decimals(size, 7))
        # Adding 0.0 turns a rounded -0.0 into 0.0.
        estimate, low, high = (
            f"{round(value, decimals) + 0.0:.{decimals}f}"
            for value in (self.estimate, self.low, self.high)
        )
        return f"{estimate} [{low}, {high}]"


def _decimals(value: float, digits: int) -> int:
    """Return how many decimals show this many digits of a value."""
    if not 0 < value < math.inf:
        return digits
    return max(0, digits - 1 - math.floor(math.log10(value)))


@dataclass(frozen=True)
class Equivalence:
    """Verdict of a test for "no difference that matters"; true in an ``if`` when it passes.

    Attributes
    ----------
    p_value : float
        The larger of the p-values of the two one-sided tests.
    interval : Interval
        Mean difference, with the interval of level 1 - 2 alpha that decides: the test passes when
        it lies between -margin and margin.
    margin : float
        The smallest difference that would matter, in the units of the data.
    equivalent : bool
        Whether the test passes.
    """

    p_value: float
    interval: Interval
    margin: float
    equivalent: bool

    def __bool__(self) -> bool:
        """Tell whether the test passes."""
        return self.equivalent

    def __str__(self) -> str:
        """Write the verdict, the difference and its interval, the margin and the p-value."""
        verdict = "no difference that matters" if self.equivalent else "not shown to be equivalent"
        return f"{verdict}: {self.interval} against ±{self.margin:g} (p = {self.p_value:.2g})"


def mean_interval(
    x: ArrayLike,
    level: float = 0.95,
    method: Literal["t", "bootstrap"] = "t",
    seed: int | None = None,
) -> Interval:
    """Estimate a mean from independent values, with its interval.

    Parameters
    ----------
    x : array_like, shape (n,)
        At least two independent values, such as one accuracy per seed.
    level : float
        Confidence level, between 0 and 1.
    method : {"t", "bootstrap"}
        Student's t, right for values that are roughly normal or many; or the bias-corrected
        bootstrap (BCa) for skewed ones, which is of use from about 100 values on.
    seed : int, optional
        Seed of the bootstrap; needed there, so that the result can be had again.

    Returns
    -------
    Interval
        The mean and its interval; of zero width if all values are equal.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two values, one is nan or inf, `level` is not between 0 and 1, or
        the bootstrap has no seed.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals,
    https://doi.org/10.1080/01621459.1987.10478410

    Examples
    --------
    >>> print(mean_interval([2.0, 4.0, 6.0]))
    4.00 [-0.97, 8.97]
    """
    values = _values(x, "x")
    _check_level(level)
    if method not in ("t", "bootstrap"):
        raise ValueError(f"method must be 't' or 'bootstrap', got {method!r}")
    mean, error = _mean_and_error(values)
    if method == "t":
        from scipy.stats import t

        reach = float(t.ppf((1 + level) / 2, df=values.size - 1)) * error
        return Interval(mean, mean - reach, mean + reach, level)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer):
        raise TypeError(f"the bootstrap needs a whole number as its seed, got seed={seed!r}")
    if error == 0:
        return Interval(mean, mean, mean, level)
    from scipy.stats import bootstrap

    interval = bootstrap(
        (values,),
        np.mean,
        n_resamples=BOOTSTRAP_RESAMPLES,
        confidence_level=level,
        method="BCa",
        batch=max(1, BOOTSTRAP_NUMBERS // values.size),
        random_state=np.random.default_rng(seed),  # `rng` from SciPy 1.15 on, which takes both
    ).confidence_interval
    return Interval(mean, float(interval.low), float(interval.high), level)


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    level: float = 0.95,
    method: Literal["t", "bootstrap"] = "t",
    seed: int | None = None,
) -> Interval:
    """Estimate the mean of a - b, pair by pair, with its interval.

    Pairs share what they can, such as seed, initial weights and batches: then what they share
    cancels, and the interval is shorter than that of two separate means.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Values of the two arms, in the same order of seeds; at least two pairs.
    level, method, seed
        As for `mean_interval`.

    Returns
    -------
    Interval
        Of the mean difference; above 0 where `a` is the larger.

    Raises
    ------
    TypeError, ValueError
        If `a` and `b` differ in length, or as for `mean_interval`.

    Examples
    --------
    >>> print(paired_difference([0.9, 0.8, 0.7], [0.8, 0.6, 0.6], level=0.9))
    0.1333 [0.0360, 0.2307]
    """
    return mean_interval(_differences(a, b), level, method, seed)


def wilson(successes: int, n: int, level: float = 0.95) -> Interval:
    """Estimate a share from a count, with Wilson's interval.

    It stays within 0 and 1 and has length even at counts of 0 and n, where the usual
    plus-or-minus interval has none. The n trials must be independent: networks, not the units of
    one network.

    Parameters
    ----------
    successes : int
        How often it happened, from 0 to `n`.
    n : int
        Number of independent trials, at least 1.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        The share and its interval.

    Raises
    ------
    TypeError, ValueError
        If the counts are not whole numbers with ``0 <= successes <= n`` and ``n >= 1``, or `level`
        is not between 0 and 1.

    References
    ----------
    Wilson (1927), https://doi.org/10.1080/01621459.1927.10502953

    Examples
    --------
    >>> print(wilson(0, 20))
    0.0000 [0.0000, 0.1611]
    """
    n = _count(n, "n", low=1)
    successes = _count(successes, "successes", low=0)
    if successes > n:
        raise ValueError(f"successes must not exceed n, got {successes} of {n}")
    _check_level(level)
    from scipy.stats import binomtest

    interval = binomtest(successes, n).proportion_ci(confidence_level=level, method="wilson")
    return Interval(successes / n, float(interval.low), float(interval.high), level)


def rule_of_three(n: int) -> float:
    """Bound a rate from above at 95 %, when n independent examples showed it not once.

    Parameters
    ----------
    n : int
        Number of independent examples, at least 1; not pooled pixels or tokens.

    Returns
    -------
    float
        3 / n, but at most 1: never below the exact bound 1 - 0.05^(1 / n), and close to it from
        n = 10 on.

    Raises
    ------
    TypeError, ValueError
        If `n` is not a whole number of at least 1.

    References
    ----------
    Hanley, Lippman-Hand (1983), If nothing goes wrong, is everything all right?,
    https://doi.org/10.1001/jama.1983.03330370053031

    Examples
    --------
    A unit that was off on all of 300 examples may still fire on 1 % of the inputs:

    >>> rule_of_three(300)
    0.01
    """
    return min(1.0, 3 / _count(n, "n", low=1))


def equivalence(a: ArrayLike, b: ArrayLike, margin: float, alpha: float = 0.05) -> Equivalence:
    """Test whether paired arms differ by less than a margin: two one-sided t-tests (TOST).

    A large p-value of an ordinary test is no evidence for "no difference"; this is. Choose the
    margin before looking at the data.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Values of the two arms, in the same order of seeds; at least two pairs.
    margin : float
        The smallest difference that would matter, above 0, in the units of the data.
    alpha : float
        Highest share of wrong passes, between 0 and 0.5: how often arms that do differ by the
        margin may pass.

    Returns
    -------
    Equivalence
        With p-value, interval and verdict; true in an ``if`` when the test passes.

    Raises
    ------
    TypeError, ValueError
        If `a` and `b` are not as for `paired_difference`, or `margin` or `alpha` is out of bounds.

    References
    ----------
    Schuirmann (1987), https://doi.org/10.1007/BF01068419

    Examples
    --------
    >>> verdict = equivalence([0.95, 0.96, 0.94], [0.951, 0.958, 0.941], margin=0.01)
    >>> print(verdict)
    no difference that matters: 0.00000 [-0.00292, 0.00292] against ±0.01 (p = 0.0049)
    """
    differences = _differences(a, b)
    if not _is_number(margin) or not 0 < margin < math.inf:
        raise ValueError(f"margin must be a finite number above 0, got {margin!r}")
    if not _is_number(alpha) or not 0 < alpha < 0.5:
        raise ValueError(f"alpha must be a number between 0 and 0.5, got {alpha!r}")
    from scipy.stats import t

    interval = mean_interval(differences, level=1 - 2 * alpha)
    mean, error = _mean_and_error(differences)
    # Distance to the nearer margin: the larger of the two one-sided p-values belongs to it.
    distance = margin - abs(mean)
    if error > 0:
        p_value = float(t.sf(distance / error, df=differences.size - 1))
    else:
        p_value = 0.0 if distance > 0 else 1.0
    return Equivalence(p_value, interval, float(margin), p_value < alpha)


def effect_size(a: ArrayLike, b: ArrayLike | None = None, level: float = 0.95) -> Interval:
    """Estimate the mean of paired differences in units of their spread: Cohen's d_z.

    The mean is divided by the standard deviation of the differences. That is too large on average
    for few pairs, which Hedges' factor mends. It has no unit, so effects on different scales can be
    drawn side by side. Mind what it does not say: a difference that does not matter has a large
    effect size where all seeds agree on it, and good pairing makes it larger than an unpaired d.

    Parameters
    ----------
    a : array_like, shape (n,)
        At least three differences; or, where `b` is given, the values of one arm.
    b : array_like, shape (n,), optional
        Values of the other arm, in the same order of seeds.
    level : float
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        Of the standardised mean difference; above 0 where `a` is the larger. The interval is that
        of the noncentral t distribution, exact where the differences are normal. It holds 0 exactly
        where `paired_difference` does. Where all differences are equal, it is one point: 0 if they
        are 0, else inf with the sign of the mean.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than three values, or as for `paired_difference`.

    References
    ----------
    Hedges (1981), Distribution theory for Glass's estimator of effect size and related estimators,
    https://doi.org/10.3102/10769986006002107; Cumming, Finch (2001), on intervals from noncentral
    distributions, https://doi.org/10.1177/0013164401614002; Lakens (2013), on d_z,
    https://doi.org/10.3389/fpsyg.2013.00863

    Examples
    --------
    >>> print(effect_size([0.94, 0.95, 0.93, 0.96], [0.91, 0.93, 0.92, 0.92]))
    1.40 [0.15, 3.67]
    """
    differences = _values(a, "a") if b is None else _differences(a, b)
    _check_level(level)
    n = differences.size
    if n < 3:
        raise ValueError(f"an effect size needs at least 3 differences, got {n}")
    mean, error = _mean_and_error(differences)
    if error == 0:
        effect = math.copysign(math.inf, mean) if mean else 0.0
        return Interval(effect, effect, effect, level)
    df, t = n - 1, mean / error
    hedges = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
    estimate = hedges * t / math.sqrt(n)
    tail = (1 - level) / 2
    low, high = (_noncentrality(t, df, p) / math.sqrt(n) for p in (1 - tail, tail))
    # At a level far below one half the corrected estimate may lie outside.
    return Interval(estimate, min(low, estimate), max(high, estimate), level)


def _noncentrality(t: float, df: int, p: float) -> float:
    """Find the noncentrality at which a value of t or below has the probability p."""
    if t < 0:
        return -_noncentrality(-t, df, 1 - p)
    if t > LARGE_T:
        # What the mean varies by is nothing beside what the standard deviation varies by.
        from scipy.stats import chi2

        return t * math.sqrt(float(chi2.isf(p, df)) / df)
    from scipy.special import nctdtrinc

    return float(nctdtrinc(df, p, t))


def holm(p_values: ArrayLike) -> np.ndarray:
    """Adjust p-values for being many, by Holm's method.

    Test twenty true null hypotheses at 0.05 each: if they are independent, 64 % of such families
    have a false alarm. Reject what has an *adjusted* p-value of at most 0.05, and at most 5 % of
    families have one, whatever the tests have in common, such as a shared arm. It rejects all that
    Bonferroni's method rejects, which multiplies every p-value by their number, and often more.

    Parameters
    ----------
    p_values : array_like, shape (m,)
        The p-values of the whole family, at least one, each from 0 to 1.

    Returns
    -------
    ndarray of float64, shape (m,)
        Adjusted p-values, in the order given; none below the p-value it was, none above 1.

    Raises
    ------
    TypeError, ValueError
        If that is no list of numbers from 0 to 1; nan too, as a family must be known whole.

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure,
    https://www.jstor.org/stable/4615733

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]
    """
    given = _numbers(p_values, "p_values")
    if given.ndim != 1 or not given.size:
        raise ValueError(f"p_values must be a list of at least one, got shape {given.shape}")
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"p_values must be numbers from 0 to 1, got {given.tolist()}")
    order = np.argsort(given)
    # The smallest counts m times, the next m - 1 times; none ends below one that was smaller.
    adjusted = np.maximum.accumulate(given[order] * np.arange(given.size, 0, -1))
    result = np.empty(given.size)
    result[order] = np.minimum(adjusted, 1.0)
    return result


# --- checks ---------------------------------------------------------------------------------------


def _numbers(given: ArrayLike, name: str) -> np.ndarray:
    """Return real numbers as an array of whatever shape they have."""
    try:
        values = np.asarray(given)
    except ValueError as error:
        raise TypeError(f"{name} must be a list of numbers; NumPy says: {error}") from error
    if values.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got {values.dtype}")
    return values


def _values(given: ArrayLike, name: str) -> np.ndarray:
    """Return independent values as a float array, or say what is wrong with them."""
    values = _numbers(given, name)
    if values.ndim != 1:
        raise ValueError(
            f"{name} must be a list of independent values, shape (n,), got shape {values.shape}; "
            "average what is not independent first"
        )
    if values.size < 2:
        raise ValueError(f"{name} needs at least 2 values for an interval, got {values.size}")
    values = values.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        raise ValueError(
            f"{name} has {bad.size} values that are nan or inf, the first at position {bad[0]}; "
            "report how many runs failed, and leave them out of every arm"
        )
    return values


def _differences(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    first, second = _values(a, "a"), _values(b, "b")
    if first.size != second.size:
        raise ValueError(f"a and b must be pairs, got {first.size} and {second.size} values")
    return first - second


def _mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Return the mean and its standard error: exactly 0 where values differ by rounding only."""
    if np.ptp(values) <= 4 * np.finfo(np.float64).eps * np.abs(values).max():
        return float(np.median(values)), 0.0
    return float(values.mean()), float(values.std(ddof=1)) / math.sqrt(values.size)


def _check_level(level: Any) -> None:
    if not _is_number(level) or not 0 < level < 1:
        raise ValueError(f"level must be a number between 0 and 1, such as 0.95, got {level!r}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _count(given: Any, name: str, low: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {given!r}")
    if given < low:
        raise ValueError(f"{name} must be at least {low}, got {given}")
    return int(given)
