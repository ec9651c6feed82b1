"""Boxes in NumPy: how far two overlap, which of many to keep, and how good a detector is.

A box is left, top, right, bottom. Every function here is held against a reference in the tests.
"""

from __future__ import annotations

from numbers import Real
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from helpers.datasets.scenes import overlaps

__all__ = [
    "Curve",
    "Detections",
    "average_precision",
    "iou",
    "matched",
    "mean_average_precision",
    "precision_recall",
    "suppress",
]


class Detections(NamedTuple):
    """What a detector found in several scenes, one row a box.

    Attributes
    ----------
    boxes : ndarray, shape (D, 4)
        Left, top, right, bottom.
    labels : ndarray of int, shape (D,)
        The class that is claimed.
    scores : ndarray, shape (D,)
        How sure the detector is: higher is surer.
    scene : ndarray of int, shape (D,)
        Number of the scene.
    """

    boxes: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    scene: np.ndarray

    def of(self, number: int, at_least: float = 0.0) -> Detections:
        """Keep what was found in one scene, with at least so high a score."""
        here = (self.scene == number) & (self.scores >= at_least)
        return Detections(*(part[here] for part in self))


class Curve(NamedTuple):
    """Precision and recall, as more and more detections are believed, the surest first.

    Attributes
    ----------
    precision, recall : ndarray, shape (D,)
        Share of the believed detections that are right, and share of the objects that are found.
    scores : ndarray, shape (D,)
        Of the last detection that is believed.
    """

    precision: np.ndarray
    recall: np.ndarray
    scores: np.ndarray


def iou(a: ArrayLike, b: ArrayLike) -> np.ndarray:
    """Return intersection over union of every box with every other.

    Parameters
    ----------
    a : array_like, shape (N, 4)
        Left, top, right, bottom of each box.
    b : array_like, shape (M, 4)
        Others.

    Returns
    -------
    ndarray, shape (N, M)
        The area that both cover over the area that at least one covers: 1 if they are the same, 0
        if they do not touch, and 0 for two boxes without any area.

    Raises
    ------
    ValueError
        If a box does not have four finite numbers, or ends before it begins.

    References
    ----------
    Taught in notebook 13.

    Examples
    --------
    >>> iou([[0, 0, 4, 4]], [[0, 0, 4, 4], [2, 0, 6, 4], [9, 9, 10, 10]]).round(2).tolist()
    [[1.0, 0.33, 0.0]]
    """
    return overlaps(_boxes(a, "a")[:, np.newaxis], _boxes(b, "b"))


def suppress(
    boxes: ArrayLike, scores: ArrayLike, threshold: float = 0.5, groups: ArrayLike | None = None
) -> np.ndarray:
    """Keep the surest box of each heap: non-maximum suppression.

    The box with the highest score is kept, and all that overlap it by more than the threshold are
    dropped; then the next of those that are left; and so on.

    Parameters
    ----------
    boxes : array_like, shape (N, 4)
        Left, top, right, bottom.
    scores : array_like, shape (N,)
        Higher is surer. Of equal ones the earlier goes first.
    threshold : float
        Intersection over union, from 0 to 1.
    groups : array_like of int, shape (N,), optional
        Boxes suppress only others of the same group: the same class, and the same scene.

    Returns
    -------
    ndarray of int
        Numbers of the boxes that are kept, the highest score first.

    Raises
    ------
    ValueError
        If shapes do not go together, a score is not a number, or the threshold is no share.

    References
    ----------
    Taught in notebook 13.

    Examples
    --------
    >>> suppress([[0, 0, 4, 4], [1, 0, 5, 4], [9, 0, 12, 4]], [0.6, 0.9, 0.3]).tolist()
    [1, 2]
    """
    boxes, scores = _boxes(boxes, "boxes"), _scores(scores, len(boxes))
    _check_share(threshold, "threshold")
    groups = np.zeros(len(boxes), dtype=int) if groups is None else np.asarray(groups)
    if groups.shape != (len(boxes),):
        raise ValueError(
            f"groups needs a number for each of {len(boxes)} boxes; got {groups.shape}"
        )
    order = np.argsort(-scores, kind="stable")
    kept = []
    # Boxes of one group lie together, each group in the order of its scores.
    for group in _runs(groups[order]):
        waiting = order[group]
        overlaps = iou(boxes[waiting], boxes[waiting]) > threshold
        alive = np.ones(len(waiting), dtype=bool)
        for place in range(len(waiting)):
            if alive[place]:
                kept.append(waiting[place])
                alive[place + 1 :] &= ~overlaps[place, place + 1 :]
    kept = np.array(kept, dtype=int)
    return kept[np.argsort(np.argsort(order)[kept], kind="stable")]


def matched(
    found: Detections, boxes: ArrayLike, labels: ArrayLike, scene: ArrayLike, threshold: float = 0.5
) -> np.ndarray:
    """Say of each detection whether it is right.

    The surest first, each detection takes the true box of its class and scene that it overlaps
    most, among those that no surer one has taken. It is right if the intersection over union is at
    least the threshold. So of two detections of one object, the surer one is right.

    Parameters
    ----------
    found : Detections
        Of any number of scenes.
    boxes, labels, scene : array_like, shapes (M, 4), (M,), (M,)
        The true boxes, their classes, and the scenes in which they are.
    threshold : float
        Intersection over union, from 0 to 1.

    Returns
    -------
    ndarray of bool, shape (D,)
        In the order of `found`.

    References
    ----------
    The rule of COCO's evaluation, T.-Y. Lin et al. (2014), https://arxiv.org/abs/1405.0312.

    Examples
    --------
    >>> two = Detections(np.array([[0, 0, 4, 4], [0, 0, 4, 5.0]]), [7, 7], [0.9, 0.8], [0, 0])
    >>> matched(two, [[0, 0, 4, 4]], [7], [0]).tolist()
    [True, False]
    """
    _check_share(threshold, "threshold")
    claimed, scores = _boxes(found.boxes, "boxes"), _scores(found.scores, len(found.boxes))
    true = _boxes(boxes, "boxes")
    labels, scene = _column(labels, "labels", len(true)), _column(scene, "scene", len(true))
    named = _column(found.labels, "labels", len(claimed))
    where = _column(found.scene, "scene", len(claimed))
    right = np.zeros(len(claimed), dtype=bool)
    places: dict[tuple[int, int], list[int]] = {}
    for number, key in enumerate(zip(scene.tolist(), labels.tolist(), strict=True)):
        places.setdefault(key, []).append(number)
    for number in np.argsort(-scores, kind="stable"):
        free = places.get((int(where[number]), int(named[number])), [])
        if free:
            overlaps = iou(claimed[number : number + 1], true[free])[0]
            best = len(free) - 1 - int(overlaps[::-1].argmax())  # of equal ones the last, as COCO
            if overlaps[best] >= threshold:
                right[number] = True
                del free[best]
    return right


def precision_recall(right: ArrayLike, scores: ArrayLike, objects: int) -> Curve:
    """Follow precision and recall as detections are believed one after the other.

    Parameters
    ----------
    right : array_like of bool, shape (D,)
        Whether each detection is right: from `matched`.
    scores : array_like, shape (D,)
        The highest is believed first.
    objects : int
        How many there are to be found, at least 1.

    Returns
    -------
    Curve
        After the first detection, the first two, and so on.

    Raises
    ------
    ValueError
        If shapes do not go together, or there is nothing to be found.

    Examples
    --------
    >>> curve = precision_recall([True, False, True], [0.9, 0.8, 0.7], objects=4)
    >>> curve.precision.round(2).tolist(), curve.recall.tolist()
    ([1.0, 0.5, 0.67], [0.25, 0.25, 0.5])
    """
    right = np.asarray(right, dtype=bool)
    scores = _scores(scores, len(right))
    if objects < 1:
        raise ValueError(f"recall needs at least one object to be found; got {objects!r}")
    order = np.argsort(-scores, kind="stable")
    hits = right[order].cumsum()
    return Curve(hits / np.arange(1, len(right) + 1), hits / objects, scores[order])


def average_precision(precision: ArrayLike, recall: ArrayLike, points: int | None = 101) -> float:
    """Return the mean precision over all recalls from 0 to 1.

    At each recall counts the best precision that is still to be had at that recall or a higher one;
    0 where the detector never gets so far.

    Parameters
    ----------
    precision, recall : array_like, shape (D,)
        From `precision_recall`; recall never falls.
    points : int or None
        At how many recalls, evenly spaced, the mean is taken; 101 as COCO does. None: the area
        under the curve, exactly.

    Returns
    -------
    float
        1 if all objects are found, and nothing else is claimed with a higher score.

    Raises
    ------
    ValueError
        If shapes differ, recall falls, or there are fewer than two points.

    References
    ----------
    Taught in notebook 13. M. Everingham et al. (2010), https://doi.org/10.1007/s11263-009-0275-4;
    COCO: https://arxiv.org/abs/1405.0312.

    Examples
    --------
    >>> average_precision([1.0, 0.5, 2 / 3], [0.5, 0.5, 1.0], points=None)
    0.8333333333333333
    """
    precision, recall = np.asarray(precision, dtype=float), np.asarray(recall, dtype=float)
    if precision.ndim != 1 or precision.shape != recall.shape:
        raise ValueError(
            "precision and recall need as many numbers each, in one row; got shapes "
            f"{precision.shape} and {recall.shape}"
        )
    if (np.diff(recall) < 0).any():
        raise ValueError("recall must never fall: believe the surest detections first")
    best = np.maximum.accumulate(precision[::-1])[::-1]
    if points is None:
        return float((np.diff(recall, prepend=0.0) * best).sum())
    if points < 2:
        raise ValueError(f"points must be at least 2, or None for the area; got {points!r}")
    place = np.searchsorted(recall, np.linspace(0, 1, points))
    return float(np.append(best, 0.0)[place].mean())


def mean_average_precision(
    found: Detections,
    boxes: ArrayLike,
    labels: ArrayLike,
    scene: ArrayLike,
    threshold: float = 0.5,
    points: int | None = 101,
) -> tuple[float, dict[int, float]]:
    """Return mAP, the mean of the average precisions of all classes that occur.

    Parameters
    ----------
    found : Detections
        Of all scenes, those with low scores too.
    boxes, labels, scene, threshold
        As for `matched`.
    points : int or None
        As for `average_precision`.

    Returns
    -------
    tuple
        The mean, and the average precision of each class that has objects.

    Raises
    ------
    ValueError
        If there is no object at all, and as for `matched`.

    Examples
    --------
    >>> one = Detections(np.array([[0, 0, 4, 4.0]]), [7], [0.9], [0])
    >>> mean_average_precision(one, [[0, 0, 4, 4], [5, 5, 9, 9]], [7, 3], [0, 0])
    (0.5, {3: 0.0, 7: 1.0})
    """
    right = matched(found, boxes, labels, scene, threshold)
    labels, named = np.asarray(labels), np.asarray(found.labels)
    if not labels.size:
        raise ValueError("there is no object in any scene, so no precision to be averaged")
    single = {}
    for label in np.unique(labels).tolist():
        mine = named == label
        scores = np.asarray(found.scores)[mine]
        curve = precision_recall(right[mine], scores, int((labels == label).sum()))
        single[label] = average_precision(curve.precision, curve.recall, points)
    return float(np.mean(list(single.values()))), single


def _runs(groups: np.ndarray) -> list[np.ndarray]:
    """Return, for each value, its places in rising order."""
    by_group = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[by_group])) + 1
    return [run for run in np.split(by_group, starts) if len(run)]


def _boxes(given: ArrayLike, name: str) -> np.ndarray:
    boxes = np.asarray(given, dtype=float)
    boxes = boxes.reshape(0, 4) if boxes.size == 0 else boxes
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not np.isfinite(boxes).all():
        raise ValueError(
            f"{name} needs rows of four finite numbers: left, top, right, bottom; got the shape "
            f"{boxes.shape}"
        )
    if (boxes[:, 2:] < boxes[:, :2]).any():
        first = boxes[(boxes[:, 2:] < boxes[:, :2]).any(axis=1)][0].tolist()
        raise ValueError(
            f"{name} needs left, top, right, bottom, and {first} ends before it begins: is it a "
            "corner with width and height, or a centre?"
        )
    return boxes


def _scores(given: ArrayLike, count: int) -> np.ndarray:
    scores = np.asarray(given, dtype=float)
    if scores.shape != (count,) or np.isnan(scores).any():
        raise ValueError(f"scores needs a number for each of {count} boxes; got {given!r}")
    return scores


def _column(given: ArrayLike, name: str, count: int) -> np.ndarray:
    column = np.asarray(given)
    if column.shape != (count,) and column.size + count:
        raise ValueError(f"{name} needs one number for each of {count} boxes; got {column.shape}")
    return column.reshape(count)


def _check_share(value: float, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value <= 1:
        raise ValueError(f"{name} must be a share from 0 to 1; got {value!r}")
