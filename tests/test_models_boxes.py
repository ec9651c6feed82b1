"""Boxes: overlaps and average precision against pycocotools, suppression against brute force."""

import contextlib
import io

import numpy as np
import pytest

from helpers.models.boxes import (
    Detections,
    average_precision,
    iou,
    matched,
    mean_average_precision,
    precision_recall,
    suppress,
)

coco_mask = pytest.importorskip("pycocotools.mask")


def some_boxes(n, rng, *, whole=False):
    corner, size = rng.uniform(0, 30, (n, 2)), rng.uniform(1, 20, (n, 2))
    boxes = np.concatenate([corner, corner + size], axis=1)
    return np.round(boxes) if whole else boxes


def as_coco(boxes):
    """Left, top, width, height."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


# --- iou -------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_iou_is_that_of_pycocotools(seed):
    rng = np.random.default_rng(seed)
    a, b = some_boxes(40, rng, whole=seed % 2), some_boxes(30, rng)
    a[:, 2:] = np.maximum(a[:, 2:], a[:, :2] + 1)  # rounding may have left no area
    theirs = coco_mask.iou(as_coco(a), as_coco(b), [0] * len(b))
    assert np.allclose(iou(a, b), theirs, rtol=1e-12, atol=1e-12)


def test_iou_has_the_properties_of_a_share():
    rng = np.random.default_rng(0)
    a, b = some_boxes(50, rng), some_boxes(50, rng)
    found = iou(a, b)
    assert ((found >= 0) & (found <= 1)).all()
    assert np.allclose(found, iou(b, a).T)
    assert np.allclose(np.diag(iou(a, a)), 1)
    assert np.allclose(found, iou(3 * a + 7, 3 * b + 7))  # units and origin do not matter
    assert (found == 0).any()
    assert (found > 0.5).any()


def test_iou_by_hand():
    a = [[0, 0, 4, 4]]
    assert iou(a, [[2, 1, 6, 5]])[0, 0] == 6 / 26
    assert iou(a, [[4, 0, 6, 4]])[0, 0] == 0  # they touch
    assert iou(a, [[6, 6, 8, 8]])[0, 0] == 0  # apart both ways: no area of -2 times -2
    assert iou([[1, 1, 1, 1]], [[1, 1, 1, 1]])[0, 0] == 0  # nothing over nothing
    assert iou([], a).shape == (0, 1)


# --- suppress --------------------------------------------------------------------------------


def suppressed_by_brute_force(boxes, scores, threshold):
    """Keep a box unless a surer one that is kept overlaps it too much."""
    kept = []
    for number in sorted(range(len(boxes)), key=lambda n: (-scores[n], n)):
        if all(iou([boxes[number]], [boxes[k]])[0, 0] <= threshold for k in kept):
            kept.append(number)
    return kept


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("seed", range(4))
def test_suppress_agrees_with_brute_force(threshold, seed):
    rng = np.random.default_rng(seed)
    boxes, scores = some_boxes(60, rng), rng.random(60).round(1)  # with ties
    assert suppress(boxes, scores, threshold).tolist() == suppressed_by_brute_force(
        boxes, scores, threshold
    )


def test_suppress_by_group_is_suppress_in_each_group():
    rng = np.random.default_rng(1)
    boxes, scores, groups = some_boxes(80, rng), rng.random(80), rng.integers(0, 5, 80)
    kept = suppress(boxes, scores, 0.4, groups)
    assert (np.diff(scores[kept]) <= 0).all()
    for group in range(5):
        own = np.flatnonzero(groups == group)
        alone = own[suppress(boxes[own], scores[own], 0.4)]
        assert sorted(kept[groups[kept] == group]) == sorted(alone)


def test_suppress_of_nothing_and_of_what_was_kept():
    assert suppress([], []).tolist() == []
    rng = np.random.default_rng(2)
    boxes, scores = some_boxes(40, rng), rng.random(40)
    kept = suppress(boxes, scores)
    assert suppress(boxes[kept], scores[kept]).tolist() == list(range(len(kept)))


# --- average precision -----------------------------------------------------------------------


def some_detections(rng, *, scenes=20, classes=3, ties=False):
    """Draw true boxes, and detections: some near, some doubled, some elsewhere."""
    m = 60
    boxes, labels = some_boxes(m, rng), rng.integers(0, classes, m)
    scene = np.sort(rng.integers(0, scenes, m))
    pick = rng.integers(0, m, 120)
    near = boxes[pick] + rng.normal(0, 0.8, (120, 4))
    near[:, 2:] = np.maximum(near[:, 2:], near[:, :2] + 0.5)
    claimed = np.where(rng.random(120) < 0.8, labels[pick], rng.integers(0, classes, 120))
    claims = np.concatenate([near, some_boxes(40, rng)])
    scores = rng.random(160)
    found = Detections(
        claims,
        np.concatenate([claimed, rng.integers(0, classes, 40)]),
        scores.round(1) if ties else scores,
        np.concatenate([scene[pick], rng.integers(0, scenes, 40)]),
    )
    return found, boxes, labels, scene


def coco_precisions(found, boxes, labels, scene, threshold):
    """Let pycocotools judge: average precision by class, -1 where there is no object."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    numbers = sorted({*scene.tolist(), *found.scene.tolist()})
    classes = sorted({*labels.tolist(), *found.labels.tolist()})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": [{"id": number} for number in numbers],
            "categories": [{"id": label} for label in classes],
            "annotations": [
                {
                    "id": place,
                    "image_id": int(where),
                    "category_id": int(label),
                    "bbox": box.tolist(),
                    "area": float(box[2] * box[3]),
                    "iscrowd": 0,
                }
                for place, (box, label, where) in enumerate(
                    zip(as_coco(boxes), labels, scene, strict=True), start=1
                )
            ],
        }
        truth.createIndex()
        claims = truth.loadRes(
            [
                {
                    "image_id": int(where),
                    "category_id": int(label),
                    "bbox": box.tolist(),
                    "score": float(score),
                }
                for box, label, score, where in zip(
                    as_coco(found.boxes), found.labels, found.scores, found.scene, strict=True
                )
            ]
        )
        judge = COCOeval(truth, claims, "bbox")
        judge.params.iouThrs = np.array([threshold])
        judge.evaluate()
        judge.accumulate()
    by_class = judge.eval["precision"][0, :, :, 0, -1]  # recalls by classes
    return dict(zip(classes, by_class.mean(axis=0), strict=True))


@pytest.mark.parametrize("threshold", [0.5, 0.75])
@pytest.mark.parametrize("seed", range(6))
def test_average_precision_is_that_of_pycocotools(seed, threshold):
    drawn = some_detections(np.random.default_rng(seed))
    mean, single = mean_average_precision(*drawn, threshold=threshold)
    theirs = coco_precisions(*drawn, threshold)
    assert single.keys() == {label for label, value in theirs.items() if value >= 0}
    for label, value in single.items():
        assert value == pytest.approx(theirs[label], abs=1e-9)
    assert mean == pytest.approx(np.mean(list(single.values())))
    assert 0.05 < mean < 0.95  # or little would be tested


def area_by_brute_force(precision, recall, steps=20_000):
    """Mean, over many recalls, of the best precision at that recall or a higher one."""
    heights = []
    for at in (np.arange(steps) + 0.5) / steps:
        there = precision[recall >= at]
        heights.append(there.max() if len(there) else 0.0)
    return np.mean(heights)


@pytest.mark.parametrize("seed", range(4))
def test_the_area_is_the_mean_over_very_many_recalls(seed):
    rng = np.random.default_rng(seed)
    curve = precision_recall(rng.random(40) < 0.6, rng.random(40), 30)
    exact = average_precision(curve.precision, curve.recall, points=None)
    assert exact == pytest.approx(area_by_brute_force(curve.precision, curve.recall), abs=1e-3)
    fine = average_precision(curve.precision, curve.recall, points=100_001)
    assert fine == pytest.approx(exact, abs=1e-3)


def test_average_precision_by_hand():
    curve = precision_recall([1, 0, 1, 1, 0], [0.9, 0.8, 0.7, 0.6, 0.5], 4)
    assert curve.recall.tolist() == [0.25, 0.25, 0.5, 0.75, 0.75]
    assert curve.precision.round(2).tolist() == [1.0, 0.5, 0.67, 0.75, 0.6]
    assert average_precision(curve.precision, curve.recall, points=None) == 0.625
    assert average_precision([1.0], [1.0]) == 1.0
    assert average_precision([], []) == 0.0


def test_the_order_in_which_detections_come_does_not_matter():
    found, *truth = some_detections(np.random.default_rng(3))
    order = np.random.default_rng(0).permutation(len(found.scores))
    mixed = Detections(*(part[order] for part in found))
    assert mean_average_precision(mixed, *truth) == mean_average_precision(found, *truth)
    assert (matched(mixed, *truth) == matched(found, *truth)[order]).all()


def test_truth_itself_is_perfect_and_nothing_is_worth_nothing():
    _, boxes, labels, scene = some_detections(np.random.default_rng(4))
    perfect = Detections(boxes, labels, np.ones(len(boxes)), scene)
    assert mean_average_precision(perfect, boxes, labels, scene)[0] == 1.0
    none = Detections(np.zeros((0, 4)), np.zeros(0, int), np.zeros(0), np.zeros(0, int))
    assert mean_average_precision(none, boxes, labels, scene)[0] == 0.0


def test_an_object_is_found_once_by_its_own_class_in_its_own_scene():
    box = [0.0, 0, 4, 4]
    found = Detections(
        np.array([box] * 4), np.array([7, 7, 3, 7]), np.array([0.5, 0.9, 1.0, 1.0]), [0, 0, 0, 1]
    )
    assert matched(found, [box], [7], [0]).tolist() == [False, True, False, False]
    assert matched(found, [box], [7], [0], threshold=1.0).tolist() == [False, True, False, False]


def test_what_lies_in_one_scene():
    found, *_ = some_detections(np.random.default_rng(5))
    sure = found.of(3, at_least=0.5)
    assert (sure.scene == 3).all()
    assert (sure.scores >= 0.5).all()
    assert len(sure.scores) == ((found.scene == 3) & (found.scores >= 0.5)).sum()


# --- wrong arguments -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: iou([[0, 0, 4]], [[0, 0, 1, 1]]), "a needs rows of four finite numbers"),
        (lambda: iou([[0, 0, 4, np.nan]], [[0, 0, 1, 1]]), "a needs rows of four finite"),
        (lambda: iou([[0, 0, 1, 1]], [[5, 5, 2, 9]]), "ends before it begins"),
        (lambda: suppress([[0, 0, 1, 1]], [0.5, 0.4]), "scores needs a number for each of 1"),
        (lambda: suppress([[0, 0, 1, 1]], [np.nan]), "scores needs a number"),
        (lambda: suppress([[0, 0, 1, 1]], [0.5], threshold=2), "threshold must be a share"),
        (lambda: suppress([[0, 0, 1, 1]], [0.5], threshold=True), "threshold must be a share"),
        (lambda: suppress([[0, 0, 1, 1]], [0.5], groups=[1, 2]), "groups needs a number for"),
        (
            lambda: matched(
                Detections([[0, 0, 1, 1]], [1], [0.5], [0]), [[0, 0, 1, 1]], [1, 2], [0]
            ),
            "labels needs one number for each of 1 boxes",
        ),
        (
            lambda: matched(Detections([[0, 0, 1, 1]], [1], [0.5], []), [[0, 0, 1, 1]], [1], [0]),
            "scene needs one number for each of 1 boxes",
        ),
        (lambda: precision_recall([True], [0.5], 0), "at least one object"),
        (lambda: average_precision([1.0, 0.5], [0.5]), "need as many numbers each"),
        (lambda: average_precision([1.0, 0.5], [0.5, 0.4]), "recall must never fall"),
        (lambda: average_precision([1.0], [0.5], points=1), "points must be at least 2"),
        (
            lambda: mean_average_precision(Detections([[0, 0, 1, 1]], [1], [0.5], [0]), [], [], []),
            "no object in any scene",
        ),
    ],
)
def test_wrong_arguments_are_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()
