"""Data sets drawn from a seed: points in the plane, and curves with noise."""

from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

import numpy as np

from helpers.arguments import check_count


class Points(NamedTuple):
    """Inputs and what belongs to them.

    Attributes
    ----------
    x : ndarray, shape (N, d)
        Inputs, one example a row.
    y : ndarray, shape (N,) of int64, or (N, 1) of float64
        Classes, or numbers to predict.
    """

    x: np.ndarray
    y: np.ndarray


def moons(n: int = 200, noise: float = 0.1, seed: int | np.random.Generator = 0) -> Points:
    """Draw two half moons, each reaching into the other.

    Parameters
    ----------
    n : int
        Points, half of them in each class (the first class has one more of an odd number).
    noise : float
        Standard deviation of what is added to each coordinate; the moons have radius 1.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    Points
        x of shape (n, 2), y of 0 and 1, in random order.

    Raises
    ------
    TypeError, ValueError
        If `n` is no whole number of at least 2, or `noise` negative.

    Examples
    --------
    >>> x, y = moons(5, seed=1)
    >>> np.bincount(y).tolist()
    [3, 2]
    """
    rng = _checked(n, noise, seed)
    upper, lower = _halves(n)
    angle = np.concatenate([rng.uniform(0, np.pi, upper), rng.uniform(np.pi, 2 * np.pi, lower)])
    x = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    x[upper:] += [1.0, 0.5]
    return _classes(x, (upper, lower), noise, rng)


def circles(n: int = 200, noise: float = 0.1, seed: int | np.random.Generator = 0) -> Points:
    """Draw a ring of radius 1 around a ring of radius one half.

    Parameters
    ----------
    n, noise, seed
        As for `moons`. Class 0 is the outer ring.

    Returns
    -------
    Points
        x of shape (n, 2), y of 0 and 1, in random order.

    Examples
    --------
    >>> x, y = circles(100, noise=0.0)
    >>> np.hypot(*x[y == 1].T).round(6).max().item()
    0.5
    """
    rng = _checked(n, noise, seed)
    outer, inner = _halves(n)
    radius = np.repeat([1.0, 0.5], [outer, inner])
    angle = rng.uniform(0, 2 * np.pi, n)
    x = radius[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _classes(x, (outer, inner), noise, rng)


def spirals(
    n: int = 300, noise: float = 0.03, turns: float = 1.0, seed: int | np.random.Generator = 0
) -> Points:
    """Draw two spiral arms wound around each other.

    Parameters
    ----------
    n, noise, seed
        As for `moons`. The arms reach from radius 0.1 to 1.
    turns : float
        How often each arm winds around, above 0. More is harder.

    Returns
    -------
    Points
        x of shape (n, 2), y of 0 and 1, in random order.

    Examples
    --------
    >>> x, y = spirals(300)
    >>> x.shape, np.bincount(y).tolist()
    ((300, 2), [150, 150])
    """
    rng = _checked(n, noise, seed)
    if not turns > 0:
        raise ValueError(f"turns must be a number above 0; got {turns!r}")
    one, other = _halves(n)
    along = np.sqrt(rng.uniform(0, 1, n))  # by the root, points lie as densely outside as inside
    angle = 2 * np.pi * turns * along + np.repeat([0.0, np.pi], [one, other])
    radius = 0.1 + 0.9 * along
    x = radius[:, np.newaxis] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return _classes(x, (one, other), noise, rng)


def absolute(n: int = 200, seed: int | np.random.Generator = 0) -> Points:
    """Draw points of y = abs(x), with x uniform between -sqrt(3) and sqrt(3): variance 1.

    Parameters
    ----------
    n : int
        Points.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    Points
        x and y of shape (n, 1).

    References
    ----------
    The task on which Lu et al. (2020), https://arxiv.org/abs/1903.06733, watch networks collapse.

    Examples
    --------
    >>> x, y = absolute(100)
    >>> x.shape, y.shape, bool((y == abs(x)).all())
    ((100, 1), (100, 1), True)
    """
    rng = _checked(n, 0.0, seed)
    x = rng.uniform(-math.sqrt(3), math.sqrt(3), (n, 1))
    return Points(x, np.abs(x))


def sine(n: int = 200, noise: float = 0.1, seed: int | np.random.Generator = 0) -> Points:
    """Draw noisy points of y = sin(x), with x uniform between -pi and pi.

    Parameters
    ----------
    n : int
        Points.
    noise : float
        Standard deviation of what is added to y.
    seed : int or numpy.random.Generator
        The same seed gives the same points.

    Returns
    -------
    Points
        x and y of shape (n, 1).

    Examples
    --------
    >>> x, y = sine(100, noise=0.0)
    >>> bool(np.allclose(y, np.sin(x)))
    True
    """
    rng = _checked(n, noise, seed)
    x = rng.uniform(-np.pi, np.pi, (n, 1))
    return Points(x, np.sin(x) + rng.normal(0, noise, (n, 1)))


def line(
    n: int = 100,
    noise: float = 0.3,
    outliers: float = 0.0,
    seed: int | np.random.Generator = 0,
) -> Points:
    """Draw noisy points of y = 2 x - 1, a share of them far off.

    Parameters
    ----------
    n, noise, seed
        As for `sine`; x is uniform between -1 and 1.
    outliers : float
        Share of the points, from 0 to 1, to which 10 times a normal number is added. So many points
        are hit, rounded to a whole number, picked at random.

    Returns
    -------
    Points
        x and y of shape (n, 1).

    Raises
    ------
    TypeError, ValueError
        As for `moons`, and if `outliers` is no share.

    Examples
    --------
    >>> x, y = line(100, noise=0.0, outliers=0.1)
    >>> int((abs(y - (2 * x - 1)) > 1e-9).sum())
    10
    """
    rng = _checked(n, noise, seed)
    if isinstance(outliers, bool) or not isinstance(outliers, Real) or not 0 <= outliers <= 1:
        raise ValueError(f"outliers must be a share from 0 to 1; got {outliers!r}")
    x = rng.uniform(-1, 1, (n, 1))
    y = 2 * x - 1 + rng.normal(0, noise, (n, 1))
    hit = rng.permutation(n)[: round(outliers * n)]
    y[hit] += 10 * rng.normal(size=(len(hit), 1))
    return Points(x, y)


def _halves(n: int) -> tuple[int, int]:
    return n - n // 2, n // 2


def _classes(
    x: np.ndarray, counts: tuple[int, int], noise: float, rng: np.random.Generator
) -> Points:
    """Add noise to points that lie class by class, and shuffle them."""
    x = x + rng.normal(0, noise, x.shape)
    y = np.repeat([0, 1], counts)
    order = rng.permutation(len(x))
    return Points(x[order], y[order].astype(np.int64))


def _checked(n: int, noise: float, seed: int | np.random.Generator) -> np.random.Generator:
    """Return the generator, or say what a number of points and their noise must be."""
    check_count(n, "n", least=2)
    if isinstance(noise, bool) or not isinstance(noise, Real) or not 0 <= noise < math.inf:
        raise ValueError(f"noise must be a number of at least 0; got {noise!r}")
    return np.random.default_rng(seed)
