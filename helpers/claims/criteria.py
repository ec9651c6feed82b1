"""Criteria: what would count for a claim and what against it, stated before the run.

A criterion divides what may come out into regions. For "leaky has more of it than ReLU", with a
margin below which a difference would not matter, these are: more by the margin at least, less by
the margin at least, and what lies between. The verdict is the region that holds the whole
interval. Where the interval crosses a border the runs were too few: *undecided*.

>>> rule = Differs("test accuracy", more="leaky", than="relu", margin=0.01)
>>> print(rule.judge({"leaky": [0.95, 0.96, 0.94, 0.95], "relu": [0.91, 0.93, 0.90, 0.92]}))
holds: 0.03500 [0.02581, 0.04419]
>>> print(rule.judge({"leaky": [0.95, 0.96, 0.94, 0.95], "relu": [0.94, 0.97, 0.92, 0.95]}))
undecided: 0.0050 [-0.0155, 0.0255]

A difference is taken seed by seed; a claim is never judged by a p-value of "no difference at all".
"""

from __future__ import annotations

import dataclasses
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from helpers.stats import Interval, effect_size, mean_interval, wilson

__all__ = [
    "ALIKE",
    "ALPHA",
    "DEPENDS",
    "DOES_NOT_HOLD",
    "HOLDS",
    "OPINION",
    "UNDECIDED",
    "VERDICTS",
    "Above",
    "Alike",
    "Always",
    "Below",
    "Criterion",
    "Differs",
    "Finding",
    "Measured",
    "Mostly",
    "Ratio",
    "together",
]

HOLDS = "holds"
DOES_NOT_HOLD = "does not hold"
ALIKE = "no difference that matters"
DEPENDS = "depends"
UNDECIDED = "undecided"
OPINION = "opinion"
VERDICTS = (HOLDS, DOES_NOT_HOLD, ALIKE, DEPENDS, UNDECIDED, OPINION)

# Share of wrong decisions that is accepted: of one test, and by Holm's rule of the whole ledger.
ALPHA = 0.05

# What an experiment returns: for each arm one value a seed.
Measured = Mapping[str, ArrayLike]


@dataclass(frozen=True)
class Finding:
    """What one criterion says of what was measured.

    Attributes
    ----------
    verdict : str
        `HOLDS`, `DOES_NOT_HOLD`, `ALIKE` or `UNDECIDED`.
    effect : Interval
        What was estimated, in its own units, with its interval of 95 %.
    scaled : Interval
        The same on a scale that all criteria share: 1 is the border from which on the claim
        holds, 0 is no effect. This is what a forest plot draws.
    size : Interval or None
        Standardised effect: the mean difference, or the distance to the threshold, in standard
        deviations over seeds (`helpers.stats.effect_size`). None for shares.
    p_value : float or None
        How likely data as clear as these would be if the truth lay outside of the verdict's
        region; for an undecided one, of the nearest region. None where nothing was estimated: a
        statement without exception that was broken, or that was not.
    n : int
        Seeds: pairs, values or trials.
    """

    verdict: str
    effect: Interval
    scaled: Interval
    size: Interval | None
    p_value: float | None
    n: int

    def __str__(self) -> str:
        """Write the verdict and the effect with its interval."""
        return f"{self.verdict}: {self.effect}"


class Criterion(ABC):
    """What would count for a claim, and what against it."""

    @property
    @abstractmethod
    def arms(self) -> tuple[str, ...]:
        """The arms whose values are judged."""

    @abstractmethod
    def judge(self, measured: Measured) -> Finding:
        """Apply the rule to what an experiment has measured.

        Parameters
        ----------
        measured : mapping of str to array_like, shapes (seeds,)
            With a value for each seed in each of `arms`, in the same order.

        Raises
        ------
        KeyError
            If an arm is missing.
        TypeError, ValueError
            If values are not finite numbers, or arms differ in length.
        """

    @abstractmethod
    def words(self) -> str:
        """Say the rule in a sentence, with all that it can decide."""

    def values(self, measured: Measured) -> list[np.ndarray]:
        """Pick the arms out, each of shape (seeds,)."""
        if missing := [arm for arm in self.arms if arm not in measured]:
            raise KeyError(
                f"no arm {', '.join(map(repr, missing))} was measured; there are "
                f"{', '.join(map(repr, measured))}"
            )
        return [np.asarray(measured[arm]) for arm in self.arms]


@dataclass(frozen=True)
class Differs(Criterion):
    """One arm has more of a metric than another, by at least a margin, seed by seed.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one.
    more, than : str
        The arms: the claim says that the first has more of it.
    margin : float
        The smallest difference that would matter, above 0, in the metric's units.
    """

    metric: str
    more: str
    than: str
    margin: float

    def __post_init__(self) -> None:
        """Refuse a margin that is none."""
        _check_above_zero(self.margin, "margin")

    @property
    def arms(self) -> tuple[str, ...]:
        """Both arms."""
        return self.more, self.than

    def judge(self, measured: Measured) -> Finding:
        """Place the mean difference; see `Criterion.judge`."""
        more, than = self.values(measured)
        difference = _paired(more, than)
        return _placed(difference, _both_ways(self.margin, ALIKE), unit=self.margin)

    def words(self) -> str:
        """Say the rule."""
        return (
            f"{self.metric}, {self.more} less {self.than}: holds from {self.margin:g} on, does "
            f"not hold from -{self.margin:g} down, no difference that matters between"
        )


@dataclass(frozen=True)
class Alike(Criterion):
    """Two arms differ by less than a margin, seed by seed.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one.
    one, other : str
        The arms.
    margin : float
        The smallest difference that would matter, above 0, in the metric's units.
    """

    metric: str
    one: str
    other: str
    margin: float

    def __post_init__(self) -> None:
        """Refuse a margin that is none."""
        _check_above_zero(self.margin, "margin")

    @property
    def arms(self) -> tuple[str, ...]:
        """Both arms."""
        return self.one, self.other

    def judge(self, measured: Measured) -> Finding:
        """Place the mean difference; see `Criterion.judge`."""
        difference = _paired(*self.values(measured))
        m = self.margin
        regions = [(HOLDS, -m, m), (DOES_NOT_HOLD, m, math.inf), (DOES_NOT_HOLD, -math.inf, -m)]
        # A difference of 0 is drawn at 2, one of the margin at 1, where the claim begins to fail.
        sign = -1 if difference.mean() > 0 else 1
        return _placed(difference, regions, unit=m, sign=sign, origin=2.0)

    def words(self) -> str:
        """Say the rule."""
        return (
            f"{self.metric}, {self.one} less {self.other}: holds if between -{self.margin:g} and "
            f"{self.margin:g}, does not hold outside"
        )


@dataclass(frozen=True)
class Ratio(Criterion):
    """One arm has several times as much of a metric as another, seed by seed.

    Attributes
    ----------
    metric : str
        What is measured, above 0 in every run.
    more, than : str
        The arms: the claim says that the first has more of it.
    factor : float
        The smallest ratio that would matter, above 1. The mean is the geometric one.
    """

    metric: str
    more: str
    than: str
    factor: float

    def __post_init__(self) -> None:
        """Refuse a factor that is none."""
        if not self.factor > 1:
            raise ValueError(f"factor must be a number above 1, such as 1.1; got {self.factor!r}")

    @property
    def arms(self) -> tuple[str, ...]:
        """Both arms."""
        return self.more, self.than

    def judge(self, measured: Measured) -> Finding:
        """Place the geometric mean of the ratios; see `Criterion.judge`."""
        more, than = self.values(measured)
        if not (np.all(more > 0) and np.all(than > 0)):
            raise ValueError(f"a ratio needs values above 0 in {self.more!r} and {self.than!r}")
        logs = _paired(np.log(more), np.log(than))
        border = math.log(self.factor)
        found = _placed(logs, _both_ways(border, ALIKE), unit=border)
        effect = Interval(*(math.exp(v) for v in _three(found.effect)), found.effect.level)
        return dataclasses.replace(found, effect=effect)

    def words(self) -> str:
        """Say the rule."""
        return (
            f"{self.metric}, {self.more} as a multiple of {self.than}: holds from "
            f"{self.factor:g} on, does not hold from 1/{self.factor:g} down, no difference that "
            "matters between"
        )


@dataclass(frozen=True)
class _Threshold(Criterion):
    """The mean of one arm, against a threshold; the fields of `Above` and `Below`."""

    metric: str
    arm: str
    threshold: float

    def __post_init__(self) -> None:
        """Refuse a threshold that leaves no scale."""
        _check_above_zero(self.threshold, "threshold")

    @property
    def arms(self) -> tuple[str, ...]:
        """The arm."""
        return (self.arm,)


@dataclass(frozen=True)
class Above(_Threshold):
    """The mean of a metric lies above a threshold.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one.
    arm : str
        Where.
    threshold : float
        Above 0; 0 itself means that there is nothing of it.
    """

    def judge(self, measured: Measured) -> Finding:
        """Place the mean; see `Criterion.judge`."""
        (values,) = self.values(measured)
        t = self.threshold
        regions = [(HOLDS, t, math.inf), (DOES_NOT_HOLD, -math.inf, t)]
        return _placed(values, regions, unit=t, away_from=t)

    def words(self) -> str:
        """Say the rule."""
        return f"{self.metric}, {self.arm}: holds above {self.threshold:g}, does not hold below"


@dataclass(frozen=True)
class Below(_Threshold):
    """The mean of a metric lies below a threshold.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one; the less, the better for the claim.
    arm : str
        Where.
    threshold : float
        Above 0.
    """

    def judge(self, measured: Measured) -> Finding:
        """Place the mean; see `Criterion.judge`."""
        (values,) = self.values(measured)
        t = self.threshold
        regions = [(HOLDS, -math.inf, t), (DOES_NOT_HOLD, t, math.inf)]
        return _placed(values, regions, unit=t, sign=-1, origin=2.0, away_from=t)

    def words(self) -> str:
        """Say the rule."""
        return f"{self.metric}, {self.arm}: holds below {self.threshold:g}, does not hold above"


@dataclass(frozen=True)
class Mostly(Criterion):
    """Something happens in more than a share of independent runs.

    Attributes
    ----------
    event : str
        What happens or does not.
    arm : str
        Where: true or false for each seed.
    share : float
        Between 0 and 1.
    """

    event: str
    arm: str
    share: float

    def __post_init__(self) -> None:
        """Refuse a share that is none."""
        if not 0 < self.share < 1:
            raise ValueError(f"share must be a number between 0 and 1; got {self.share!r}")

    @property
    def arms(self) -> tuple[str, ...]:
        """The arm."""
        return (self.arm,)

    def judge(self, measured: Measured) -> Finding:
        """Place the share, by the score test that Wilson's interval inverts."""
        from scipy.stats import norm

        (values,) = self.values(measured)
        happened = _truths(values, self.arm)
        n = happened.size
        effect = wilson(int(happened.sum()), n)
        z = (effect.estimate - self.share) / math.sqrt(self.share * (1 - self.share) / n)
        p_value = 2 * float(norm.sf(abs(z)))
        decided = HOLDS if z > 0 else DOES_NOT_HOLD
        scaled = Interval(*(value / self.share for value in _three(effect)), effect.level)
        verdict = decided if p_value <= ALPHA else UNDECIDED
        return Finding(verdict, effect, scaled, None, p_value, n)

    def words(self) -> str:
        """Say the rule."""
        return (
            f"share of runs of {self.arm} in which {self.event}: holds above {self.share:g}, does "
            "not hold below"
        )


@dataclass(frozen=True)
class Always(Criterion):
    """A statement without exception: one run that breaks it is enough.

    Attributes
    ----------
    statement : str
        What is said to be so every time.
    arm : str
        Where: true or false for each seed.
    """

    statement: str
    arm: str

    @property
    def arms(self) -> tuple[str, ...]:
        """The arm."""
        return (self.arm,)

    def judge(self, measured: Measured) -> Finding:
        """Look for one that breaks it; the interval tells how often others may yet."""
        (values,) = self.values(measured)
        kept = _truths(values, self.arm)
        effect = wilson(int(kept.sum()), kept.size)
        verdict = HOLDS if kept.all() else DOES_NOT_HOLD
        return Finding(verdict, effect, effect, None, None, kept.size)

    def words(self) -> str:
        """Say the rule."""
        return f"{self.arm}: holds if in every run {self.statement}; does not hold if one breaks it"


def together(findings: Mapping[str, str]) -> str:
    """Give one verdict for a claim that was tried under several conditions.

    A claim says what it says without conditions. So it *holds* where it holds under all; it
    *depends* where it holds under some and certainly not under others; it *does not hold* where it
    holds under none and fails under one at least; there is *no difference that matters* where
    there is none under any. Else it is *undecided*.

    Parameters
    ----------
    findings : mapping of str to str
        The verdict under each condition.

    Returns
    -------
    str
        One of `VERDICTS`.

    Examples
    --------
    >>> together({"digits": HOLDS, "wine": HOLDS})
    'holds'
    >>> together({"digits": HOLDS, "wine": ALIKE, "moons": UNDECIDED})
    'depends'
    >>> together({"digits": HOLDS, "wine": UNDECIDED})
    'undecided'
    >>> together({"digits": ALIKE, "wine": DOES_NOT_HOLD})
    'does not hold'
    """
    found = set(findings.values())
    if not found:
        raise ValueError("a claim needs one condition at least")
    if HOLDS in found and found & {DOES_NOT_HOLD, ALIKE}:
        return DEPENDS
    if UNDECIDED in found:
        return UNDECIDED
    if len(found) == 1:
        return found.pop()
    return DOES_NOT_HOLD


# --- placing a mean between borders ---------------------------------------------------------------

Region = tuple[str, float, float]


def _both_ways(margin: float, between: str) -> list[Region]:
    """Divide the line at minus the margin and at the margin."""
    return [
        (HOLDS, margin, math.inf),
        (DOES_NOT_HOLD, -math.inf, -margin),
        (between, -margin, margin),
    ]


def _placed(
    values: np.ndarray,
    regions: Sequence[Region],
    *,
    unit: float,
    sign: int = 1,
    origin: float = 0.0,
    away_from: float = 0.0,
) -> Finding:
    """Find the region in which the mean lies for sure, if there is one.

    For a region with one border this asks that the interval of 95 % lies within it; for one with
    two, that the interval of 90 % does, which is two one-sided tests at 5 % (Schuirmann 1987,
    https://doi.org/10.1007/BF01068419). In either case a mean that lies outside is taken for one
    within in at most 5 % of all runs. The scale of a plot is ``origin + sign * mean / unit``.
    """
    effect = mean_interval(values)
    p_values = {region: _p_value(values, effect, *region[1:]) for region in regions}
    region = min(p_values, key=p_values.__getitem__)
    p_value = p_values[region]
    ends = sorted(origin + sign * value / unit for value in (effect.low, effect.high))
    scaled = Interval(origin + sign * effect.estimate / unit, *ends, effect.level)
    verdict = region[0] if p_value <= ALPHA else UNDECIDED
    size = effect_size(values - away_from)
    return Finding(verdict, effect, scaled, size, p_value, len(values))


def _p_value(values: np.ndarray, effect: Interval, low: float, high: float) -> float:
    """Test "the mean is not between low and high" by Student's t."""
    from scipy.stats import t

    mean, n = effect.estimate, len(values)
    inside = min(mean - low, high - mean)  # distance to the nearer border; below 0 if outside
    if effect.half_width == 0:
        return 0.0 if inside >= 0 else 1.0
    error = effect.half_width / float(t.ppf((1 + effect.level) / 2, df=n - 1))
    one_sided = float(t.sf(inside / error, df=n - 1))
    borders = math.isfinite(low) + math.isfinite(high)
    return one_sided if borders == 2 else min(1.0, 2 * one_sided)


def _paired(more: np.ndarray, than: np.ndarray) -> np.ndarray:
    """Subtract seed by seed."""
    if more.shape != than.shape:
        raise ValueError(f"arms must share their seeds; got shapes {more.shape} and {than.shape}")
    return np.asarray(more, float) - np.asarray(than, float)


def _truths(values: np.ndarray, arm: str) -> np.ndarray:
    """See that every value is true or false."""
    if values.ndim != 1 or not values.size or not np.isin(values, (0, 1)).all():
        raise ValueError(f"arm {arm!r} must hold true or false for each seed; got {values!r}")
    return values.astype(bool)


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


def _check_above_zero(value: float, name: str) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be a finite number above 0; got {value!r}")
