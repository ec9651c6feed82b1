"""The harder task: made from the given pictures alone, from a seed, and as described."""

import numpy as np
import pytest

from helpers.datasets import digits, hard_digits

DATA = digits()
PICTURES, LABELS = DATA.images / 16, DATA.labels
QUIET = {"turn": 0.0, "distractors": 0, "noise": 0.0}


def test_scenes_are_ink_and_come_from_a_seed() -> None:
    one = hard_digits(PICTURES[:50], LABELS[:50], copies=2, seed=3)
    same = hard_digits(PICTURES[:50], LABELS[:50], copies=2, seed=3)
    other = hard_digits(PICTURES[:50], LABELS[:50], copies=2, seed=4)
    assert one.x.shape == (100, 12, 12)
    assert one.x.dtype == np.float64
    assert one.x.min() == 0
    assert one.x.max() == 1
    np.testing.assert_array_equal(one.x, same.x)
    assert (one.x != other.x).any(axis=(1, 2)).all()
    np.testing.assert_array_equal(one.y, np.tile(LABELS[:50], 2))
    assert one.y.dtype == np.int64


def test_neither_what_is_given_nor_the_global_state_is_touched() -> None:
    given, before = PICTURES[:20].copy(), np.random.get_state()[1].copy()  # noqa: NPY002
    hard_digits(given, LABELS[:20])
    np.testing.assert_array_equal(given, PICTURES[:20])
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_a_generator_goes_on() -> None:
    rng = np.random.default_rng(0)
    first, second = (hard_digits(PICTURES[:5], LABELS[:5], seed=rng).x for _ in range(2))
    np.testing.assert_array_equal(first, hard_digits(PICTURES[:5], LABELS[:5], seed=0).x)
    assert (first != second).any()


def test_with_nothing_on_and_no_room_a_scene_is_its_picture() -> None:
    found = hard_digits(PICTURES, LABELS, size=8, **QUIET)
    np.testing.assert_allclose(found.x, PICTURES, atol=1e-12)


def test_a_turn_is_what_scipy_makes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ndimage = pytest.importorskip("scipy.ndimage")
    angles = []
    deg2rad = np.deg2rad

    def noted(angle):
        angles.append(angle)
        return deg2rad(angle)

    monkeypatch.setattr(np, "deg2rad", noted)
    found = hard_digits(PICTURES[:30], LABELS[:30], size=8, **{**QUIET, "turn": 40.0}, seed=5)
    assert abs(angles[0]).max() <= 40
    for picture, scene, angle in zip(PICTURES, found.x, angles[0], strict=False):
        # scipy turns the other way round, and cuts off what leaves its frame: hence a wider one
        wanted = ndimage.rotate(np.pad(picture, 4), -angle, reshape=False, order=1)[4:-4, 4:-4]
        np.testing.assert_allclose(scene, wanted, atol=1e-9)


def test_moves_keep_the_ink_within_the_canvas() -> None:
    found = hard_digits(PICTURES, LABELS, **QUIET, seed=2)
    np.testing.assert_allclose(found.x.sum(axis=(1, 2)), PICTURES.sum(axis=(1, 2)), rtol=1e-9)
    ink = found.x.sum(axis=0)
    assert (ink[:, 1:-1] > 0).all()  # every place is used; the outer columns of a digit are empty
    centre = (found.x.sum(axis=2) @ np.arange(12)) / found.x.sum(axis=(1, 2))
    before = (PICTURES.sum(axis=2) @ np.arange(8)) / PICTURES.sum(axis=(1, 2))
    moved = centre - before - 2
    assert abs(moved).max() <= 2 + 1e-9
    assert abs(moved.mean()) < 0.15
    assert moved.std() == pytest.approx(2 / np.sqrt(3), rel=0.1)


def test_distractors_are_pieces_of_other_pictures_of_the_call() -> None:
    # One empty picture and one black one: whatever ink the empty one gets is the other's.
    pair = np.stack([np.zeros((8, 8)), np.ones((8, 8))])
    found = hard_digits(pair, [0, 1], copies=50, turn=0.0, noise=0.0, distractors=1, seed=0)
    empty = found.x[found.y == 0]
    np.testing.assert_array_equal(empty.sum(axis=(1, 2)), 9)
    assert set(np.unique(empty)) == {0, 1}
    alone = hard_digits(pair, [0, 1], copies=50, **QUIET, seed=0)
    assert (alone.x[alone.y == 0] == 0).all()


def test_distractors_never_come_from_the_picture_itself() -> None:
    # If ink of picture k is only at its own level, a scene has its own level and others'.
    levels = np.array([0.25, 0.5, 1.0])
    pictures = np.zeros((3, 8, 8))
    pictures[0] = levels[0]
    found = hard_digits(pictures, [0, 1, 2], copies=40, turn=0.0, noise=0.0, distractors=1)
    # Scenes of picture 0 get pieces of 1 and 2, which are empty: no ink but its own.
    own = found.x[found.y == 0]
    np.testing.assert_allclose(own.sum(axis=(1, 2)), 64 * levels[0])


def test_noise_has_the_size_that_is_asked_for() -> None:
    grey = np.full((400, 8, 8), 0.5)
    found = hard_digits(grey, np.zeros(400, int), size=8, **{**QUIET, "noise": 0.05})
    assert found.x.std() == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"copies": 0}, ValueError, "copies must be"),
        ({"copies": 1.5}, TypeError, "copies must be"),
        ({"distractors": -1}, ValueError, "distractors must be"),
        ({"size": 7}, ValueError, "no room"),
        ({"noise": -0.1}, ValueError, "noise must be"),
        ({"turn": float("nan")}, ValueError, "turn must be"),
        ({"turn": True}, ValueError, "turn must be"),
        ({"pictures": PICTURES[:4].reshape(4, -1)}, ValueError, r"shape \(N, 8, 8\)"),
        ({"pictures": PICTURES[:0], "labels": LABELS[:0]}, ValueError, r"shape \(N, 8, 8\)"),
        ({"pictures": DATA.images[:4]}, ValueError, "divide"),
        ({"pictures": np.full((4, 8, 8), np.nan)}, ValueError, "divide"),
        ({"labels": LABELS[:3]}, ValueError, "one for each of 4 pictures"),
        ({"labels": [0.5, 1.0, 2.0, 3.0]}, ValueError, "whole numbers"),
        ({"pictures": PICTURES[:1], "labels": LABELS[:1]}, ValueError, "at least two"),
    ],
)
def test_what_is_wrong_is_said(change: dict, error: type[Exception], says: str) -> None:
    given = {"pictures": PICTURES[:4], "labels": LABELS[:4]} | change
    with pytest.raises(error, match=says):
        hard_digits(**given)
