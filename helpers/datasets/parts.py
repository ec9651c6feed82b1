"""Training and test parts, and inputs of mean 0 and standard deviation 1."""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike


class Split(NamedTuple):
    """Examples to learn from and examples to be tested on."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


def split(
    x: ArrayLike, y: ArrayLike, test: float = 0.25, seed: int | np.random.Generator = 0
) -> Split:
    """Set examples aside for the test, of every class its share.

    Parameters
    ----------
    x : array_like, shape (N, ...)
        Inputs.
    y : array_like, shape (N,) or (N, K)
        Where they are whole numbers of shape (N,), the split is stratified: each class keeps its
        share in both parts, as nearly as whole examples allow.
    test : float
        Share of the examples to set aside, between 0 and 1.
    seed : int or numpy.random.Generator
        The same seed gives the same split.

    Returns
    -------
    Split
        x_train, y_train, x_test, y_test, each in random order.

    Raises
    ------
    ValueError
        If x and y have not the same number of rows, `test` is no share, or a part, or a class in a
        part, would be empty.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> parts = split(np.arange(8), np.array([0, 0, 0, 0, 1, 1, 1, 1]), test=0.25)
    >>> np.sort(parts.y_test).tolist(), np.sort(parts.y_train).tolist()
    ([0, 1], [0, 0, 0, 1, 1, 1])
    """
    x, y = np.asarray(x), np.asarray(y)
    if not x.ndim or not y.ndim or len(x) != len(y):
        raise ValueError(
            f"x has the shape {x.shape} and y {y.shape}: they must have as many rows, one for each "
            "example"
        )
    if isinstance(test, bool) or not isinstance(test, Real) or not 0 < test < 1:
        raise ValueError(f"test must be a share between 0 and 1, such as 0.25; got {test!r}")
    rng = np.random.default_rng(seed)
    stratified = y.ndim == 1 and y.dtype.kind in "biu"
    groups = y if stratified else np.zeros(len(y), dtype=int)
    names, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    counts = _shares(sizes, test)
    if not counts.size or (counts == 0).any() or (counts == sizes).any():
        few = f"{len(x)} examples in {len(names)} {'classes' if stratified else 'group'}"
        raise ValueError(
            f"a test share of {test} of {few}, the smallest of {sizes.min() if sizes.size else 0}, "
            "leaves a part empty: change the share or take more examples"
        )
    order = rng.permutation(len(x))
    place = np.empty(len(x), dtype=int)  # of each example among those of its class
    for group in range(len(names)):
        own = order[members[order] == group]
        place[own] = np.arange(len(own))
    aside = place[order] < counts[members[order]]
    train, tested = order[~aside], order[aside]
    return Split(x[train], y[train], x[tested], y[tested])


def standardize(train: ArrayLike, *others: ArrayLike) -> tuple[np.ndarray, ...]:
    """Bring every input to mean 0 and standard deviation 1, as measured on the training part.

    Parameters
    ----------
    train : array_like, shape (N, d)
        Training inputs: mean and standard deviation of each column come from them alone.
    *others : array_like, shapes (M, d)
        Test inputs and the like, moved and scaled by the same numbers.

    Returns
    -------
    tuple of ndarray
        As many arrays as were given. A column that is constant in the training part is only moved.

    Raises
    ------
    ValueError
        If an array is no table of finite numbers with as many columns as the first.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> train, test = standardize([[1.0, 5.0], [3.0, 5.0]], [[4.0, 5.0]])
    >>> train.tolist(), test.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [[2.0, 0.0]])
    """
    tables = [np.asarray(table, dtype=float) for table in (train, *others)]
    for table in tables:
        if table.ndim != 2 or table.shape[1] != tables[0].shape[-1] or not len(tables[0]):
            raise ValueError(
                f"standardize takes tables with as many columns as the training part, "
                f"{tables[0].shape}; got the shape {table.shape}"
            )
        if not np.isfinite(table).all():
            raise ValueError("standardize takes finite numbers; got nan or infinity")
    mean, deviation = tables[0].mean(axis=0), tables[0].std(axis=0)
    constant = np.ptp(tables[0], axis=0) == 0  # its deviation may be rounding noise, not 0
    mean = np.where(constant, tables[0][0], mean)
    scale = np.where(constant, 1.0, deviation)
    return tuple((table - mean) / scale for table in tables)


def _shares(sizes: np.ndarray, share: float) -> np.ndarray:
    """Divide a share of all into whole numbers, by class: the largest remainders are rounded up."""
    exact = share * sizes
    counts = np.floor(exact + 1e-9).astype(int)
    left = round(share * sizes.sum()) - counts.sum()
    counts[np.argsort(counts - exact, kind="stable")[: max(left, 0)]] += 1
    return counts
