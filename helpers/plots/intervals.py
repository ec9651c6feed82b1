"""How figures draw and tell intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.plots.words import fixed, signed
from helpers.stats import Interval


def bracketed(found: Interval, decimals: int, *, plus: bool = False) -> str:
    """Write a mean and its interval.

    Examples
    --------
    >>> found = Interval(1.26, -0.04, 2.5)
    >>> bracketed(found, 1), bracketed(found, 1, plus=True)
    ('1.3 [0.0, 2.5]', '+1.3 [0.0, +2.5]')
    """
    write = signed if plus else fixed
    mean, low, high = (write(value, decimals) for value in (found.estimate, found.low, found.high))
    return f"{mean} [{low}, {high}]"


def plus_minus(found: Interval, decimals: int) -> str:
    """Write a mean and half of its interval.

    Examples
    --------
    >>> plus_minus(Interval(-1.5, -2.0, -1.0), 2)
    '−1.50 ± 0.50'
    """
    return f"{fixed(found.estimate, decimals)} ± {found.half_width:.{decimals}f}"


def as_arrays(found: Sequence[Interval]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the estimates, the lower and the upper ends of intervals.

    Examples
    --------
    >>> as_arrays([Interval(1.0, 0.5, 2.0), Interval(3.0, 2.0, 4.0)])
    (array([1., 3.]), array([0.5, 2. ]), array([2., 4.]))
    """
    estimate, low, high = np.array([(one.estimate, one.low, one.high) for one in found]).T
    return estimate, low, high


def reach(found: Sequence[Interval]) -> np.ndarray:
    """Give what Matplotlib's ``errorbar`` takes: how far intervals reach down and up.

    Examples
    --------
    >>> reach([Interval(1.0, 0.5, 2.0), Interval(3.0, 2.0, 4.0)])
    array([[0.5, 1. ],
           [1. , 1. ]])
    """
    estimate, low, high = as_arrays(found)
    return np.stack([estimate - low, high - estimate])
