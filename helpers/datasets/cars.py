"""Cars: what 392 cars of 1970 to 1982 are like, and how far they go on a gallon."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from helpers.datasets.files import verified

# The columns of `Cars.x`, each with its unit: what the source measured, then two marks of origin.
FEATURES = {
    "cylinders": "",
    "displacement": "cubic inches",
    "horsepower": "hp",
    "weight": "pounds",
    "acceleration": "seconds from 0 to 60 miles per hour",
    "year": "",
    "from Europe": "1 or 0",
    "from Japan": "1 or 0",
}
MEASURED = 6  # columns that the file has as numbers, in this order


@dataclass(frozen=True, eq=False)
class Cars:
    """Cars, one a row.

    Attributes
    ----------
    x : ndarray of float64, shape (N, 8)
        What a car is like, in the units of the source. The origin, one of three words, takes two
        columns: 1, 0 for Europe, 0, 1 for Japan, 0, 0 for the USA. As numbers 1, 2, 3 in one
        column they would claim that Europe lies half-way between the USA and Japan.
    mpg : ndarray of float64, shape (N, 1)
        Miles per gallon: how far it goes on one US gallon in the city; more is thriftier.
    names : ndarray of str, shape (N,)
        As in the source, small letters.
    """

    x: np.ndarray
    mpg: np.ndarray
    names: np.ndarray

    @property
    def features(self) -> dict[str, str]:
        """The columns of `x` and their units; an empty unit is a count or a year."""
        return dict(FEATURES)

    @property
    def origins(self) -> np.ndarray:
        """Where each car was made: ndarray of str, shape (N,), of "USA", "Europe", "Japan"."""
        return np.array(["USA", "Europe", "Japan"])[(self.x[:, MEASURED:] @ [1, 2]).astype(int)]

    def __len__(self) -> int:
        """Count the cars."""
        return len(self.mpg)

    def __repr__(self) -> str:
        """Tell what there is in one line."""
        return (
            f"Cars: {len(self)} cars, {len(FEATURES)} features, {self.mpg.min():g} to "
            f"{self.mpg.max():g} miles per gallon"
        )


def spoil(values: ArrayLike, share: float = 0.1, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Lose the decimal point of some values: 24.5 becomes 245.

    Parameters
    ----------
    values : array_like, shape (N, ...)
        Such as `Cars.mpg`; they are not changed.
    share : float
        Share of the rows to spoil, from 0 to 1, rounded to whole rows and picked at random.
    seed : int
        The same seed spoils the same rows.

    Returns
    -------
    spoiled : ndarray, shape (N, ...)
        With those rows multiplied by 10.
    rows : ndarray of int
        Which rows they are.

    Raises
    ------
    ValueError
        If `share` is no share.

    References
    ----------
    Taught in notebook 15.

    Examples
    --------
    >>> spoiled, rows = spoil([[24.5], [18.0], [30.0], [9.0]], share=0.25)
    >>> len(rows), int((spoiled >= 90).sum())
    (1, 1)
    """
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share <= 1:
        raise ValueError(f"share must be a number from 0 to 1, such as 0.1; got {share!r}")
    spoiled = np.array(values, dtype=float)
    # A stream of its own: with the same seed somebody else has perhaps drawn the test rows.
    rng = np.random.default_rng([seed, 10])
    rows = rng.permutation(len(spoiled))[: round(share * len(spoiled))]
    spoiled[rows] *= 10
    return spoiled, rows


def cars() -> Cars:
    """Load the cars of which everything was recorded.

    Returns
    -------
    Cars
        392 cars, in the order of the source, which is that of the years. Fresh, writable arrays.

    Raises
    ------
    FileNotFoundError
        If ``cars.csv`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    R. Quinlan (1993), Auto MPG, UCI Machine Learning Repository, https://doi.org/10.24432/C5859H
    (CC BY 4.0). Used in notebook 15.

    Examples
    --------
    >>> data = cars()
    >>> data
    Cars: 392 cars, 8 features, 9 to 46.6 miles per gallon
    >>> data.x.shape, data.mpg.shape, str(data.names[0])
    ((392, 8), (392, 1), 'chevrolet chevelle malibu')
    >>> list(data.features)[:4], data.x[0, :4].tolist(), data.mpg[0].tolist()
    (['cylinders', 'displacement', 'horsepower', 'weight'], [8.0, 307.0, 130.0, 3504.0], [18.0])
    """
    rows = list(csv.DictReader(verified("cars.csv").decode("utf-8").splitlines()))
    columns = list(FEATURES)[:MEASURED]
    numbers = np.array([[float(row[name]) for name in columns] for row in rows])
    marks = np.array([[row["origin"] == one for one in ("Europe", "Japan")] for row in rows])
    return Cars(
        np.hstack([numbers, marks]),
        np.array([[float(row["mpg"])] for row in rows]),
        np.array([row["name"] for row in rows]),
    )
