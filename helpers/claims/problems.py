"""Problems on which claims are tried: real and drawn data, a division of its own for each seed.

>>> wines = problem("wine", seeds=[0, 1, 2])
>>> wines.x.shape, wines.y.shape, wines.sizes(32)
((3, 134, 13), (3, 134), [13, 32, 3])

A `Fleet` of the same seeds trains on it as it is: ``fleet.fit(wines.x, wines.y, test=wines.test)``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from helpers.datasets import (
    Table,
    absolute,
    breast_cancer,
    cars,
    digits,
    moons,
    sine,
    spirals,
    split,
    standardize,
    wine,
)

__all__ = ["PROBLEMS", "Problem", "problem"]

Examples = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class Problem:
    """Examples to learn from and to test with, for each seed its own.

    Attributes
    ----------
    x, x_test : ndarray, shape (seeds, N, inputs)
        Standardised with the mean and spread of the training part, unless asked for raw.
    y, y_test : ndarray, shape (seeds, N) of classes, or (seeds, N, 1) of numbers
        Targets.
    outputs : int
        Classes; or 1.
    """

    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    outputs: int

    @property
    def inputs(self) -> int:
        """Features of an example."""
        return self.x.shape[-1]

    @property
    def test(self) -> tuple[np.ndarray, np.ndarray]:
        """Both test arrays, as `Fleet.fit` takes them."""
        return self.x_test, self.y_test

    def sizes(self, *hidden: int) -> list[int]:
        """Give the sizes of a network for it, as ``problem.sizes(64, 64)``."""
        return [self.inputs, *hidden, self.outputs]


def problem(
    name: str, seeds: Sequence[int], *, scale: str = "standardized", train: int | None = None
) -> Problem:
    """Load or draw a problem, and divide it anew for each seed.

    Parameters
    ----------
    name : str
        Real, classes: "digits", "wine", "breast cancer". Real, numbers: "cars". Drawn, classes:
        "moons", "spirals". Drawn, numbers: "absolute", "sine". Numbers to predict are standardised
        with mean and spread of the training part.
    seeds : sequence of int
        Which quarter is the test part, and which training examples are kept; what is drawn is drawn
        anew for each.
    scale : {"standardized", "unit"}
        Inputs of mean 0 and variance 1; or from 0 to 1, so that all have one sign. Both as measured
        on the training part.
    train : int, optional
        Training examples to keep; by default all.

    Returns
    -------
    Problem
        With arrays of shape (seeds, ...).

    Raises
    ------
    ValueError
        If there is no such problem or scale, or there are fewer examples than `train`.

    Examples
    --------
    >>> few = problem("digits", [0], scale="unit", train=150)
    >>> few.x.shape, float(few.x.min()), float(few.x.max())
    ((1, 150, 64), 0.0, 1.0)
    """
    if name not in PROBLEMS:
        raise ValueError(f"problem must be one of {', '.join(PROBLEMS)}; got {name!r}")
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {', '.join(SCALES)}; got {scale!r}")
    real = REAL[name]() if name in REAL else None  # read once, whatever the number of seeds
    parts = []
    for seed in seeds:
        x, y, x_test, y_test = split(*(real or DRAWN[name](seed)), seed=seed)
        if train is not None:
            if not 1 <= train <= len(x):
                raise ValueError(f"train must be from 1 to {len(x)} for {name}; got {train!r}")
            # A stream of its own: which examples are kept must not follow from the division.
            kept = np.random.default_rng([seed, 1]).permutation(len(x))[:train]
            x, y = x[kept], y[kept]
        x, x_test = SCALES[scale](x, x_test)
        if y.ndim == 2:
            y, y_test = standardize(y, y_test)
        parts.append((x, y, x_test, y_test))
    x, y, x_test, y_test = (np.stack(arrays) for arrays in zip(*parts, strict=True))
    outputs = 1 if y.ndim == 3 else int(y.max()) + 1
    return Problem(x, y, x_test, y_test, outputs)


def _unit(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring every input to the range from 0 to 1, as measured on the training part."""
    low = train.min(axis=0)
    spread = np.ptp(train, axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return (train - low) / spread, (test - low) / spread


def _digits() -> Examples:
    pictures = digits()
    return pictures.pixels, pictures.labels


def _table(load: Callable[[], Table]) -> Examples:
    table = load()
    return table.x, table.labels


def _cars() -> Examples:
    table = cars()
    return table.x, table.mpg


REAL: dict[str, Callable[[], Examples]] = {
    "digits": _digits,
    "wine": lambda: _table(wine),
    "breast cancer": lambda: _table(breast_cancer),
    "cars": _cars,
}
DRAWN: dict[str, Callable[[int], Examples]] = {
    "moons": lambda seed: moons(400, noise=0.2, seed=seed),
    "spirals": lambda seed: spirals(400, seed=seed),
    "absolute": lambda seed: absolute(400, seed=seed),
    "sine": lambda seed: sine(400, noise=0.1, seed=seed),
}
PROBLEMS = (*REAL, *DRAWN)
SCALES = {"standardized": standardize, "unit": _unit}
