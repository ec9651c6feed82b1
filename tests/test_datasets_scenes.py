"""Scenes: boxes that enclose the ink, parts that share no picture, and the same scenes by seed."""

import importlib

import numpy as np
import pytest

from helpers.datasets import Scenes, digits, scenes, split
from helpers.models.boxes import iou

module = importlib.import_module("helpers.datasets.scenes")
PARTS = ("train", "tune", "test")
PLAIN = {"clutter": 0, "noise": 0.0}


def sheet_rows(part):
    return {row.tobytes() for row in module._sheet(part).pictures}


def test_the_same_seed_gives_the_same_scenes_and_another_others():
    one, again, other = scenes(20, seed=3), scenes(20, seed=3), scenes(20, seed=4)
    for name in ("images", "boxes", "labels", "scene"):
        assert np.array_equal(getattr(one, name), getattr(again, name))
    assert not np.array_equal(one.images, other.images)


def test_a_generator_goes_on_where_it_stands():
    rng = np.random.default_rng(0)
    first, second = scenes(4, seed=rng), scenes(4, seed=rng)
    assert not np.array_equal(first.images, second.images)
    assert np.array_equal(first.images, scenes(4, seed=0).images)


def test_parts_share_no_picture_and_the_test_part_is_that_of_the_course():
    rows = [sheet_rows(part) for part in PARTS]
    assert sum(map(len, rows)) == len(rows[0] | rows[1] | rows[2])
    assert [len(module._sheet(part).labels) for part in PARTS] == [1011, 337, 449]
    data = digits()
    *_, x_test, y_test = split(data.pixels, data.labels)[1:]
    assert np.array_equal(module._sheet("test").pictures.reshape(449, 64), np.float32(x_test))
    assert np.array_equal(module._sheet("test").labels, y_test)


@pytest.mark.parametrize("part", PARTS)
def test_every_class_and_every_number_of_digits_occurs(part):
    drawn = scenes(400, part, seed=1)
    assert np.unique(drawn.labels).tolist() == list(range(10))
    counts = np.bincount(drawn.scene, minlength=len(drawn))
    assert np.unique(counts).tolist() == [1, 2, 3]
    assert np.bincount(counts)[1:].min() > 80
    assert (np.diff(drawn.scene) >= 0).all()


def test_boxes_enclose_the_ink_and_nothing_else():
    drawn = scenes(200, seed=2, most=1, **PLAIN)
    for image, (left, top, right, bottom) in zip(
        drawn.images, drawn.boxes.astype(int), strict=True
    ):
        inside = image[top:bottom, left:right]
        # Ink of a digit is scaled to 0.6 to 1; its faint rim may reach beyond the box.
        assert inside.max() >= 0.4
        rest = image.copy()
        rest[top:bottom, left:right] = 0
        assert rest.max() < module.INK
        for edge in (inside[0], inside[-1], inside[:, 0], inside[:, -1]):
            assert edge.max() >= 0.6 * module.INK


def test_boxes_lie_in_the_scene_and_overlap_no_more_than_they_may():
    for overlap in (0.0, 0.1, 0.5):
        drawn = scenes(300, seed=5, most=6, overlap=overlap)
        assert drawn.boxes.min() >= 0
        assert drawn.boxes.max() <= drawn.side
        assert (drawn.boxes[:, 2:] > drawn.boxes[:, :2]).all()
        worst = 0.0
        for number in range(len(drawn)):
            boxes, _ = drawn.of(number)
            worst = max(worst, (iou(boxes, boxes) - np.eye(len(boxes))).max(initial=0))
        assert overlap * 0.9 <= worst <= overlap


def test_several_sizes_occur():
    high = scenes(500, seed=0, most=1).boxes[:, 3] - scenes(500, seed=0, most=1).boxes[:, 1]
    assert set(module.SIZES) <= set(high.astype(int))


def test_clutter_and_noise_add_ink_without_boxes():
    none, much = scenes(50, seed=1, **PLAIN), scenes(50, seed=1, clutter=8, noise=0.0)
    assert much.images.mean() > 1.2 * none.images.mean()
    noisy = scenes(50, seed=1, clutter=0, noise=0.1)
    assert noisy.images.min() == 0
    assert noisy.images.max() <= 1
    assert np.median(noisy.images[noisy.images > 0]) > 0.02


def test_a_crowd_that_does_not_fit_is_left_out_in_part():
    drawn = scenes(50, seed=0, most=30, overlap=0.0)
    assert np.bincount(drawn.scene).max() < 30


def test_other_sides():
    drawn = scenes(5, seed=0, side=80)
    assert drawn.images.shape == (5, 80, 80)
    assert drawn.side == 80


def test_what_a_scene_has_and_how_scenes_are_told():
    drawn = scenes(7, seed=1)
    assert isinstance(drawn, Scenes)
    assert len(drawn) == 7
    assert sum(len(drawn.of(number)[1]) for number in range(7)) == len(drawn.labels)
    assert repr(drawn) == f"Scenes: 7 scenes of 48 x 48 pixels, {len(drawn.labels)} digits"
    assert drawn.images.dtype == np.float32


def test_enlarging_keeps_level_ground_and_by_nothing_keeps_all():
    level = np.full((2, 8, 8), 0.5, dtype=np.float32)
    assert np.allclose(module._enlarge(level, 18), 0.5)
    pictures = np.random.default_rng(0).random((3, 8, 8), dtype=np.float32)
    assert np.allclose(module._enlarge(pictures, 8), pictures)
    assert np.allclose(module._enlarge(pictures, 16)[:, 0, 0], pictures[:, 0, 0])


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"n": 0}, ValueError, "n must be a whole number of at least 1; got 0"),
        ({"n": 2.5}, TypeError, "n must be a whole number"),
        ({"part": "valid"}, ValueError, "part must be one of 'train', 'tune', 'test'; got 'valid'"),
        ({"most": 0}, ValueError, "most must be"),
        ({"clutter": -1}, ValueError, "clutter must be"),
        ({"overlap": 1.5}, ValueError, "overlap must be a number from 0 to 1; got 1.5"),
        ({"overlap": True}, ValueError, "overlap must be"),
        ({"noise": -0.1}, ValueError, "noise must be a number of at least 0; got -0.1"),
        ({"noise": float("nan")}, ValueError, "noise must be"),
        ({"side": 10}, ValueError, "side must be a whole number of at least 18"),
    ],
)
def test_wrong_arguments_are_refused(given, error, says):
    with pytest.raises(error, match=says):
        scenes(**{"n": 2} | given)
