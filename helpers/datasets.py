"""Data sets of the course: real ones, shipped and verified on every load, and drawn ones.

Nothing here touches the network. Where a file comes from, and its licence, is told in
``data/README.md``. What is drawn depends on its seed alone:

>>> x, y = moons(200, seed=0)
>>> x.shape, y.shape
((200, 2), (200,))

`split` sets examples aside for the test, and `standardize` brings inputs to size 1:

>>> x_train, y_train, x_test, y_test = split(x, y, test=0.25, seed=0)
>>> x_train, x_test = standardize(x_train, x_test)
>>> abs(x_train.mean(axis=0)).round(6).tolist(), x_train.std(axis=0).round(6).tolist()
([0.0, 0.0], [1.0, 1.0])
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from dataclasses import dataclass
from numbers import Real
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.arguments import check_count

CHECKSUMS = {
    "digits.npz": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
}


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: pictures and what they show.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, 8, 8)
        Ink per pixel, from 0 (paper) to 16 (full).
    labels : ndarray of int64, shape (N,)
        The digit that was written, 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray

    @property
    def pixels(self) -> np.ndarray:
        """The pictures as rows of 64 numbers from 0 to 1, float64, shape (N, 64).

        Division by 16 is exact in binary, so sums of pixels are the same on every machine.
        """
        return self.images.reshape(len(self.images), -1) / 16

    def only(self, *classes: int) -> Digits:
        """Keep the pictures of the named digits, in their order.

        Raises
        ------
        ValueError
            If no class is named, or one that is not among the labels.

        Examples
        --------
        >>> digits().only(0, 1)
        Digits: 360 pictures of 8 x 8 pixels, classes 0 1
        """
        present = np.unique(self.labels).tolist()
        if not classes or not all(label in present for label in classes):
            named = ", ".join(map(repr, classes))
            raise ValueError(
                f"only({named}) cannot be had: name one or more of the digits {present}, "
                "for example only(0, 1)"
            )
        keep = np.isin(self.labels, classes)
        return Digits(self.images[keep], self.labels[keep])

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.labels)

    def __repr__(self) -> str:
        """Tell size and classes in one line."""
        classes = " ".join(str(label) for label in np.unique(self.labels))
        return f"Digits: {len(self)} pictures of 8 x 8 pixels, classes {classes}"


def digits() -> Digits:
    """Load 1,797 handwritten digits as 8 x 8 pictures.

    Returns
    -------
    Digits
        Fresh, writable arrays: changing them changes nothing for the next caller.

    Raises
    ------
    FileNotFoundError
        If ``digits.npz`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49 (the test part; CC BY 4.0). Taught in
    notebook 01.

    Examples
    --------
    >>> data = digits()
    >>> data
    Digits: 1797 pictures of 8 x 8 pixels, classes 0 1 2 3 4 5 6 7 8 9
    >>> data.images.shape, data.pixels.shape, data.labels[:5].tolist()
    ((1797, 8, 8), (1797, 64), [0, 1, 2, 3, 4])
    """
    with np.load(io.BytesIO(_verified("digits.npz")), allow_pickle=False) as file:
        return Digits(file["images"], file["labels"].astype(np.int64))


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


class Split(NamedTuple):
    """Examples to learn from and examples to be tested on."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


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


def measured(name: str) -> dict[str, Any]:
    """Read measurements that a notebook cannot repeat while it runs.

    Parameters
    ----------
    name : str
        ``"activation_times"`` (drawn in notebook 05), ``"slope_sweep"`` (08) or
        ``"activation_race"`` (09). ``data/README.md`` tells what each holds, and which benchmark
        writes it.

    Returns
    -------
    dict
        What the file in ``data/results`` holds.

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> sorted(measured("activation_times")["environments"])
    ['default', 'second']
    """
    folder = _folder() / "results"
    stored = sorted(path.stem for path in folder.glob("*.json"))
    if name not in stored:
        raise ValueError(f"there are measurements called {', '.join(stored)}; got {name!r}")
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def _folder() -> Path:
    """Where the data lie: inside the package when installed from a wheel, else in the clone."""
    package = Path(__file__).parent
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


def _verified(name: str) -> bytes:
    """Read a data file and hold it against its checksum."""
    path = _folder() / name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The data file {path} is missing. It comes with the course: "
            "'git checkout -- data' brings it back in a clone; elsewhere, reinstall relu-course."
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != CHECKSUMS[name]:
        raise ValueError(
            f"The data file {path} is damaged: its SHA-256 begins {found[:12]}, not "
            f"{CHECKSUMS[name][:12]}. 'git checkout -- data' brings the right one back in a "
            "clone; elsewhere, reinstall relu-course."
        )
    return content
