"""Two small tables for telling classes apart: wines by their chemistry, tumours by their cells."""

from __future__ import annotations

import csv
from dataclasses import dataclass

import numpy as np

from helpers.datasets.files import verified

# What the source measured on every cell nucleus of a tumour. It calls concave points a number and
# compactness perimeter squared / area - 1.0, but both columns are on another scale.
NUCLEUS = {
    "radius": "distance from the centre to the outline, averaged around it",
    "texture": "standard deviation of the grey values",
    "perimeter": "length of the outline",
    "area": "area inside the outline",
    "smoothness": "how much the radius changes from place to place",
    "compactness": "perimeter squared / area, scaled, less 1",
    "concavity": "how deep the hollows of the outline are",
    "concave points": "how many hollows the outline has, scaled",
    "symmetry": "how alike the two sides are",
    "fractal dimension": "how the length of the outline grows with finer rulers, less 1",
}
# How the nuclei of one picture became one number.
SUMMARIES = {
    "mean {}": "mean",
    "{} error": "standard error",
    "worst {}": "mean of the three largest",
}
TUMOUR = {
    column.format(name): f"{measured}; {summary}"
    for column, summary in SUMMARIES.items()
    for name, measured in NUCLEUS.items()
}


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers, one example a row, and the class of each.

    Attributes
    ----------
    x : ndarray of float64, shape (N, d)
        What was measured, as the source gives it. The columns differ in size by factors of
        thousands: `standardize` them before a network sees them.
    labels : ndarray of int64, shape (N,)
        Class of each row, a place in `classes`.
    features : dict of str to str
        The d columns of `x`, and how each was measured; empty where the source tells only the
        name. Units are told by neither source.
    classes : tuple of str
        Names of the classes.
    """

    x: np.ndarray
    labels: np.ndarray
    features: dict[str, str]
    classes: tuple[str, ...]

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.labels)

    def __repr__(self) -> str:
        """Tell what there is in one line."""
        counts = np.bincount(self.labels, minlength=len(self.classes))
        told = ", ".join(f"{n} {name}" for n, name in zip(counts, self.classes, strict=True))
        return f"Table: {len(self)} rows, {self.x.shape[1]} features; {told}"


def wine() -> Table:
    """Load 178 wines of one region of Italy, of three cultivars, by 13 measurements.

    Returns
    -------
    Table
        In the order of the source, which is that of the cultivars: divide it with `split`, which
        shuffles. Fresh, writable arrays. The source does not name the cultivars.

    Raises
    ------
    FileNotFoundError
        If ``wine.csv`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    S. Aeberhard, M. Forina (1992), Wine, UCI Machine Learning Repository,
    https://doi.org/10.24432/C5PC7J (CC BY 4.0).

    Examples
    --------
    >>> data = wine()
    >>> data
    Table: 178 rows, 13 features; 59 cultivar 1, 71 cultivar 2, 48 cultivar 3
    >>> list(data.features)[:4], data.x[0, :4].tolist(), data.classes[data.labels[0]]
    (['alcohol', 'malic acid', 'ash', 'alcalinity of ash'], [14.23, 1.71, 2.43, 15.6], 'cultivar 1')
    """
    return _read("wine.csv", ("cultivar 1", "cultivar 2", "cultivar 3"), told={})


def breast_cancer() -> Table:
    """Load 569 breast tumours, malignant or benign, by 30 measurements of their cell nuclei.

    Ten things were measured on every nucleus in a picture of some cells of the tumour. Each gives
    three columns: the mean over the nuclei, its standard error, and "worst", which is the mean of
    the three largest values.

    Returns
    -------
    Table
        In the order of the source, with labels as in scikit-learn: 0 malignant, 1 benign. Fresh,
        writable arrays.

    Raises
    ------
    FileNotFoundError
        If ``breast_cancer.csv`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    W. H. Wolberg, O. L. Mangasarian, W. N. Street (1993), Breast Cancer Wisconsin (Diagnostic), UCI
    Machine Learning Repository, https://doi.org/10.24432/C5DW2B (CC BY 4.0).

    Examples
    --------
    >>> data = breast_cancer()
    >>> data
    Table: 569 rows, 30 features; 212 malignant, 357 benign
    >>> list(data.features)[:3], data.x[0, :3].tolist(), data.classes[data.labels[0]]
    (['mean radius', 'mean texture', 'mean perimeter'], [17.99, 10.38, 122.8], 'malignant')
    >>> data.features["worst texture"]
    'standard deviation of the grey values; mean of the three largest'
    """
    return _read("breast_cancer.csv", ("malignant", "benign"), told=TUMOUR)


def _read(name: str, classes: tuple[str, ...], told: dict[str, str]) -> Table:
    """Read a table whose last column is the class, and take what is told of the other columns."""
    header, *rows = csv.reader(verified(name).decode("utf-8").splitlines())
    return Table(
        np.array([row[:-1] for row in rows], dtype=np.float64),
        np.array([classes.index(row[-1]) for row in rows], dtype=np.int64),
        {feature: told.get(feature, "") for feature in header[:-1]},
        classes,
    )
