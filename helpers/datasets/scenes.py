"""Scenes for a detector: real handwritten digits of several sizes, that overlap, among clutter."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from numbers import Real

import numpy as np

from helpers.arguments import check_count
from helpers.datasets.digits import digits
from helpers.datasets.parts import split

SIZES = (12, 14, 16, 18)  # sides to which the pictures of 8 x 8 pixels are enlarged
SCRAPS = (6, 8, 10)  # the same for clutter, cut from the pictures: 4 x 4 pixels
PARTS = ("train", "tune", "test")
INK = 0.25  # pixels of at least so much ink belong to a digit, and its box encloses them
TRIES = 10  # places that are tried before a digit is left out


@dataclass(frozen=True, eq=False)
class Scenes:
    """Scenes, and what is in them: one row of `boxes` and `labels` for each digit.

    Attributes
    ----------
    images : ndarray of float32, shape (N, side, side)
        Ink per pixel, from 0 to 1.
    boxes : ndarray of float64, shape (M, 4)
        Left, top, right and bottom edge of each digit, in pixels from the upper left corner. Pixel
        number i reaches from i to i + 1.
    labels : ndarray of int64, shape (M,)
        What was written, 0 to 9.
    scene : ndarray of int64, shape (M,)
        Number of the scene in which the digit is, in rising order.
    """

    images: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    scene: np.ndarray

    @property
    def side(self) -> int:
        """Width and height of each scene, in pixels."""
        return self.images.shape[1]

    def of(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Return boxes and labels of one scene."""
        here = self.scene == number
        return self.boxes[here], self.labels[here]

    def __len__(self) -> int:
        """Count the scenes."""
        return len(self.images)

    def __repr__(self) -> str:
        """Tell numbers and size in one line."""
        return (
            f"Scenes: {len(self)} scenes of {self.side} x {self.side} pixels, "
            f"{len(self.labels)} digits"
        )


def scenes(
    n: int = 100,
    part: str = "train",
    seed: int | np.random.Generator = 0,
    *,
    most: int = 3,
    clutter: int = 2,
    overlap: float = 0.1,
    noise: float = 0.05,
    side: int = 48,
) -> Scenes:
    """Compose scenes of handwritten digits.

    Each scene has 1 to `most` digits, of sides of 12 to 18 pixels, at random places; scraps of
    other digits lie about as clutter; what lies on top of each other shows the darker ink. Digits
    of different parts come from different pictures, so a test part holds no picture that a network
    has been trained with; the same goes for clutter.

    Parameters
    ----------
    n : int
        Scenes.
    part : {"train", "tune", "test"}
        Which of the 1,797 pictures: 1,011 to train with, 337 to tune settings on, 449 for the test.
    seed : int or numpy.random.Generator
        The same seed gives the same scenes.
    most : int
        Digits in a scene: any number from 1 to this is as likely as another. A digit for which no
        place is found is left out.
    clutter : int
        Scraps in each scene.
    overlap : float
        Largest intersection over union of the boxes of two digits, from 0 to 1.
    noise : float
        Standard deviation of what is added to each pixel.
    side : int
        Width and height of a scene in pixels.

    Returns
    -------
    Scenes
        With the box and the label of each digit.

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number or too small, a share or the noise out of range, or the part
        unknown.

    References
    ----------
    Taught in notebook 13. The pictures are those of `digits`.

    Examples
    --------
    >>> drawn = scenes(3, seed=1)
    >>> drawn
    Scenes: 3 scenes of 48 x 48 pixels, 5 digits
    >>> boxes, labels = drawn.of(0)
    >>> boxes.shape, labels.shape
    ((2, 4), (2,))
    """
    for name, count, least in (("n", n, 1), ("most", most, 1), ("clutter", clutter, 0)):
        check_count(count, name, least)
    check_count(side, "side", max(SIZES))
    if part not in PARTS:
        raise ValueError(f"part must be one of {', '.join(map(repr, PARTS))}; got {part!r}")
    for name, value, high in (("overlap", overlap, 1.0), ("noise", noise, np.inf)):
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value <= high:
            limit = "from 0 to 1" if high == 1.0 else "of at least 0"
            raise ValueError(f"{name} must be a number {limit}; got {value!r}")
    rng = np.random.default_rng(seed)
    images = np.zeros((n, side, side), dtype=np.float32)
    _scatter(images, clutter, part, rng)
    found = _place(n, most, part, overlap, side, rng)
    for slot in range(most):
        for number in range(len(SIZES)):
            here = found["there"][:, slot] & (found["size"][:, slot] == number)
            rows = np.flatnonzero(here)
            patches = _sheet(part).patches[number][found["picture"][rows, slot]]
            ink = rng.uniform(0.6, 1.0, (len(rows), 1, 1)).astype(np.float32)
            _paint(images, rows, found["corner"][rows, slot], ink * patches)
    if noise:
        images += np.float32(noise) * rng.standard_normal(images.shape, dtype=np.float32)
        np.clip(images, 0, 1, out=images)
    scene, slot = np.nonzero(found["there"])
    labels = _sheet(part).labels[found["picture"][scene, slot]]
    return Scenes(images, found["box"][scene, slot].astype(float), labels, scene)


def _place(
    n: int, most: int, part: str, overlap: float, side: int, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """Choose pictures, sizes and places; arrays of shape (n, most, ...)."""
    sheet = _sheet(part)
    count = rng.integers(1, most + 1, n)
    picture = rng.integers(0, len(sheet.labels), (n, most))
    size = rng.integers(0, len(SIZES), (n, most))
    there = np.zeros((n, most), dtype=bool)
    corner = np.zeros((n, most, 2), dtype=np.int64)
    box = np.zeros((n, most, 4), dtype=np.int64)
    for slot in range(most):
        room = side + 1 - np.array(SIZES)[size[:, slot]]
        offsets = sheet.boxes[size[:, slot], picture[:, slot]]
        waits = np.flatnonzero(count > slot)
        for _ in range(TRIES):
            tried = (rng.random((len(waits), 2)) * room[waits, np.newaxis]).astype(np.int64)
            moved = offsets[waits] + np.tile(tried, 2)
            clashes = overlaps(moved[:, np.newaxis], box[waits, :slot]) > overlap
            fits = ~(clashes & there[waits, :slot]).any(axis=1)
            rows = waits[fits]
            corner[rows, slot], box[rows, slot] = tried[fits], moved[fits]
            there[rows, slot] = True
            waits = waits[~fits]
    return {"there": there, "picture": picture, "size": size, "corner": corner, "box": box}


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return intersection over union, box by box, of boxes that nobody checks.

    Parameters
    ----------
    a, b : ndarray, shapes (..., 4), which fit each other
        Left, top, right, bottom.

    Returns
    -------
    ndarray, shape (...)
        From 0 to 1; 0 for two boxes without any area.

    Examples
    --------
    >>> overlaps(np.array([0, 0, 4, 4]), np.array([[2, 0, 6, 4], [9, 9, 10, 10]])).round(2).tolist()
    [0.33, 0.0]
    """
    shared = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0)
    both = shared[..., 0] * shared[..., 1]
    first, second = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    union = first[..., 0] * first[..., 1] + second[..., 0] * second[..., 1] - both
    return np.divide(both, union, out=np.zeros(union.shape), where=union > 0)


def _scatter(images: np.ndarray, clutter: int, part: str, rng: np.random.Generator) -> None:
    """Paint scraps of digits: quarters of pictures, enlarged."""
    n, side, _ = images.shape
    sheet = _sheet(part)
    for _ in range(clutter):
        picture = rng.integers(0, len(sheet.labels), n)
        cut = rng.integers(0, 5, (n, 2))
        size = rng.integers(0, len(SCRAPS), n)
        ink = rng.uniform(0.3, 0.8, (n, 1, 1)).astype(np.float32)
        along = np.arange(4)
        rows, columns = cut[:, 1, None] + along, cut[:, 0, None] + along
        scraps = ink * sheet.pictures[picture[:, None, None], rows[:, :, None], columns[:, None]]
        room = side + 1 - np.array(SCRAPS)[size][:, np.newaxis]
        corner = (rng.random((n, 2)) * room).astype(np.int64)
        for number, enlarged in enumerate(SCRAPS):
            here = np.flatnonzero(size == number)
            _paint(images, here, corner[here], _enlarge(scraps[here], enlarged))


def _paint(images: np.ndarray, rows: np.ndarray, corner: np.ndarray, patches: np.ndarray) -> None:
    """Lay patches upon images, each row at most once: the darker ink shows."""
    along = np.arange(patches.shape[-1])
    x, y = corner[:, 0, None] + along, corner[:, 1, None] + along
    side = images.shape[-1]
    places = ((rows[:, None] * side + y) * side)[:, :, None] + x[:, None, :]
    flat = images.reshape(-1)
    flat[places] = np.maximum(flat[places], patches)


def _enlarge(pictures: np.ndarray, side: int) -> np.ndarray:
    """Enlarge square pictures by linear interpolation between the centres of their pixels."""
    old = pictures.shape[-1]
    centres = np.clip((np.arange(side) + 0.5) * old / side - 0.5, 0, old - 1)
    weights = np.maximum(1 - np.abs(centres[:, np.newaxis] - np.arange(old)), 0)
    weights = weights.astype(np.float32)
    return weights @ pictures @ weights.T


@dataclass(frozen=True)
class _Sheet:
    """The pictures of one part, (P, 8, 8); enlarged to each size; boxes (sizes, P, 4); labels."""

    pictures: np.ndarray
    patches: list[np.ndarray]
    boxes: np.ndarray
    labels: np.ndarray


@functools.cache
def _sheet(part: str) -> _Sheet:
    """Enlarge the pictures of a part to every size, once."""
    data = digits()
    x, y, *test = split(data.pixels, data.labels)
    x_train, y_train, *tune = split(x, y, seed=1)
    chosen, labels = {"train": (x_train, y_train), "tune": tune, "test": test}[part]
    pictures = chosen.reshape(-1, 8, 8).astype(np.float32)
    patches = [_enlarge(pictures, size) for size in SIZES]
    return _Sheet(pictures, patches, np.stack([_enclose(one >= INK) for one in patches]), labels)


def _enclose(ink: np.ndarray) -> np.ndarray:
    """Return left, top, right, bottom of what is True in each picture, (P, side, side)."""
    edges = []
    for axis in (1, 2):  # where any row has ink: columns; and the other way round
        has = ink.any(axis=axis)
        edges += [has.argmax(axis=1), has.shape[1] - has[:, ::-1].argmax(axis=1)]
    left, right, top, bottom = edges
    return np.stack([left, top, right, bottom], axis=1)
