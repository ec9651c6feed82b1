"""A harder task made from the digits: moved, turned, noisy, with pieces of others in the way."""

from __future__ import annotations

import math
from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.arguments import check_count

PIECE = 3  # a distractor has so many pixels on a side


class HardDigits(NamedTuple):
    """Pictures, each of one whole digit among distractors, and which digit it is.

    Attributes
    ----------
    x : ndarray of float64, shape (N, size, size)
        Ink from 0 to 1.
    y : ndarray of int64, shape (N,)
        The digit that is there whole.
    """

    x: np.ndarray
    y: np.ndarray


def hard_digits(
    pictures: ArrayLike,
    labels: ArrayLike,
    *,
    copies: int = 1,
    size: int = 12,
    turn: float = 20.0,
    distractors: int = 2,
    noise: float = 0.1,
    seed: int | np.random.Generator = 0,
) -> HardDigits:
    """Make scenes of the pictures that are given, and of no others.

    Each picture is turned, and placed anywhere on a larger canvas. Pieces of other pictures of the
    same call lie about and may cover it in part; then comes noise. So scenes to be tested on share
    nothing with those to learn from, if `split` has divided the pictures first.

    Parameters
    ----------
    pictures : array_like, shape (N, 8, 8)
        Square pictures of any size up to `size`, ink from 0 to 1.
    labels : array_like of int, shape (N,)
        What they show.
    copies : int
        Scenes of each picture: all pictures once, then all again.
    size : int
        Pixels on a side of a scene.
    turn : float
        Largest angle, in degrees, to either side; 0 for none.
    distractors : int
        Pieces in each scene, of 3 x 3 pixels; 0 for none.
    noise : float
        Standard deviation of what is added to each pixel before ink is held within 0 and 1.
    seed : int or numpy.random.Generator
        The same seed gives the same scenes.

    Returns
    -------
    HardDigits
        x of shape (copies N, size, size), y of shape (copies N,).

    Raises
    ------
    TypeError, ValueError
        If the shapes do not fit, ink is not within 0 and 1, distractors are wanted and there is no
        other picture, or a setting is out of its range.

    References
    ----------
    Taught in notebook 12.

    Examples
    --------
    >>> from helpers.datasets import digits
    >>> data = digits()
    >>> scenes = hard_digits(data.images / 16, data.labels, copies=2, seed=1)
    >>> scenes.x.shape, scenes.y.shape
    ((3594, 12, 12), (3594,))
    """
    pictures, labels = np.asarray(pictures, dtype=float), np.asarray(labels)
    _check(pictures, labels, copies, size, turn, distractors, noise)
    rng = np.random.default_rng(seed)
    which = np.tile(np.arange(len(pictures)), copies)
    count, side = len(which), pictures.shape[1]
    angle = np.deg2rad(rng.uniform(-turn, turn, count))
    room = (size - side) / 2  # how far the middle may move in each direction
    move = rng.uniform(-room, room, (count, 2))
    scenes = _placed(pictures[which], angle, move, size)
    for _ in range(distractors):
        other = (which + rng.integers(1, len(pictures), count)) % len(pictures)
        corner = rng.integers(0, side - PIECE + 1, (2, count))
        pieces = _window(pictures[other], corner, PIECE)
        _lay(scenes, pieces, rng.integers(0, size - PIECE + 1, (2, count)))
    scenes += rng.normal(0, noise, scenes.shape)
    return HardDigits(np.clip(scenes, 0, 1), labels[which].astype(np.int64))


def _placed(pictures: np.ndarray, angle: np.ndarray, move: np.ndarray, size: int) -> np.ndarray:
    """Turn pictures about their middle, move them, and read them off on the grid of a canvas."""
    side = pictures.shape[1]
    # Where on the picture each pixel of the canvas lies: moved and turned back.
    grid = np.arange(size) - (size - 1) / 2
    down = (grid[:, None] - move[:, 0, None, None]) + np.zeros(size)
    right = (grid - move[:, 1, None, None]) + np.zeros((size, 1))
    cos, sin = np.cos(angle)[:, None, None], np.sin(angle)[:, None, None]
    middle = (side - 1) / 2
    row, column = cos * down - sin * right + middle, sin * down + cos * right + middle
    # The ink there: the four pixels around it, the nearer ones more. A frame of paper around all.
    framed = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    row, column = (np.clip(place, -1, side) + 1 for place in (row, column))
    top, left = (np.minimum(np.floor(place), side).astype(int) for place in (row, column))
    low, far = row - top, column - left
    each = np.arange(len(pictures))[:, None, None]
    above = (1 - far) * framed[each, top, left] + far * framed[each, top, left + 1]
    below = (1 - far) * framed[each, top + 1, left] + far * framed[each, top + 1, left + 1]
    return (1 - low) * above + low * below


def _places(corner: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Index a square of so many pixels in each picture, from its upper left corner on."""
    along = np.arange(size)
    rows, columns = corner[..., np.newaxis] + along
    return np.arange(corner.shape[1])[:, None, None], rows[:, :, None], columns[:, None, :]


def _window(pictures: np.ndarray, corner: np.ndarray, size: int) -> np.ndarray:
    return pictures[_places(corner, size)]


def _lay(scenes: np.ndarray, pieces: np.ndarray, corner: np.ndarray) -> None:
    """Lay a piece on each scene, in place: of two layers of ink the darker is seen."""
    places = _places(corner, pieces.shape[1])
    scenes[places] = np.maximum(scenes[places], pieces)


def _check(
    pictures: np.ndarray,
    labels: np.ndarray,
    copies: int,
    size: int,
    turn: float,
    distractors: int,
    noise: float,
) -> None:
    """Say what is wrong with the arguments, and what they must be."""
    check_count(copies, "copies", 1)
    check_count(size, "size", 1)
    check_count(distractors, "distractors", 0)
    if pictures.ndim != 3 or pictures.shape[1] != pictures.shape[2] or not len(pictures):
        raise ValueError(f"pictures must have the shape (N, 8, 8); got {pictures.shape}")
    if labels.shape != pictures.shape[:1] or labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be whole numbers, one for each of {len(pictures)} pictures; got the "
            f"shape {labels.shape} of {labels.dtype}"
        )
    if not (pictures.min() >= 0 and pictures.max() <= 1):  # so that nan is refused, too
        raise ValueError("ink must lie within 0 and 1: divide digits().images by 16")
    if size < pictures.shape[1]:
        raise ValueError(
            f"a scene of {size} pixels on a side has no room for a picture of {pictures.shape[1]}"
        )
    if distractors and (len(pictures) < 2 or pictures.shape[1] < PIECE):
        raise ValueError(
            f"distractors are pieces, {PIECE} pixels wide, of other pictures: give at least two "
            "pictures of that size, or distractors=0"
        )
    for name, value in {"turn": turn, "noise": noise}.items():
        if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < math.inf:
            raise ValueError(f"{name} must be a number of at least 0; got {value!r}")
