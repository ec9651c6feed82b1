"""The figures of notebook 13: their sentences say what the data say."""

import json
from pathlib import Path

import numpy as np
import pytest

from helpers.plots import objects

random = np.random.default_rng(13)
IMAGES = random.random((3, 48, 48))
BOXES = np.array([[4.0, 4, 16, 20], [20, 20, 30, 40], [0, 0, 12, 18], [30, 8, 44, 24]])
TRUE = BOXES, np.array([3, 8, 1, 1]), np.array([0, 0, 1, 2])
FOUND = BOXES[[1, 0, 3]] + 0.5, np.array([8, 3, 7]), np.array([0, 0, 2])
RIGHT = np.array([True, True, False])
PAIR = np.array([0, 0, 4, 4]), np.array([2, 1, 6, 5])
CLAIMS = np.array([[1, 1, 9, 11], [2, 1, 10, 12], [12, 4, 20, 14]])
PRECISION, RECALL = np.array([1, 0.5, 2 / 3, 0.75, 0.6]), np.array([1, 1, 2, 3, 3]) / 4
TEST = {"relu": [80.0, 82, 84], "leaky 0.1": [85.0, 86, 87]}
OFF = {"relu": [30.0, 40, 50], "leaky 0.1": [0.0, 0, 0]}
MAPS = random.random((2, 3, 6, 6))

FIGURES = {
    "gallery": (
        lambda: objects.gallery(IMAGES, TRUE),
        lambda: objects.gallery(IMAGES, (BOXES + 1, *TRUE[1:])),
    ),
    "gallery, found": (
        lambda: objects.gallery(IMAGES, TRUE, FOUND, RIGHT, columns=2),
        lambda: objects.gallery(IMAGES, TRUE, FOUND, ~RIGHT, columns=2),
    ),
    "overlaps": (
        lambda: objects.overlaps([PAIR, (PAIR[0], PAIR[0] + 5)]),
        lambda: objects.overlaps([PAIR, (PAIR[0], PAIR[0] + 1)]),
    ),
    "one_cell": (
        lambda: objects.one_cell(IMAGES[0], BOXES[0]),
        lambda: objects.one_cell(IMAGES[0], BOXES[1]),
    ),
    "heap": (
        lambda: objects.heap(CLAIMS, [0.6, 0.9, 0.8], [1, 2]),
        lambda: objects.heap(CLAIMS, [0.9, 0.6, 0.8], [0, 2]),
    ),
    "precision_curve": (
        lambda: objects.precision_curve(RECALL, PRECISION),
        lambda: objects.precision_curve(RECALL, PRECISION / 2),
    ),
    "precision_curve, many": (
        lambda: objects.precision_curve(RECALL, PRECISION, dots=False),
        lambda: objects.precision_curve(RECALL / 2, PRECISION, dots=False),
    ),
    "arms": (
        lambda: objects.arms(TEST, OFF),
        lambda: objects.arms(TEST, {"relu": [1.0, 2, 3], "leaky 0.1": [0.0, 0, 1]}),
    ),
    "confidences": (
        lambda: objects.confidences(IMAGES, 0 * MAPS[0], MAPS[1]),
        lambda: objects.confidences(IMAGES, MAPS[0], MAPS[1]),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def texts(fig):
    return [text.get_text() for ax in fig.axes for text in ax.texts]


def test_a_gallery_counts_what_was_found_and_what_was_not():
    assert sentence("gallery") == "3 scenes, 4 digits, each in its box."
    assert sentence("gallery, found") == (
        "3 scenes, 4 digits: 2 found and named right, 2 not; wrong boxes: 1."
    )


def test_wrong_boxes_carry_a_cross_and_are_dashed():
    fig, _ = FIGURES["gallery, found"][0]()
    assert sorted(texts(fig)) == ["3", "8", "× 7"]
    dashed = [patch for patch in fig.axes[0].patches if patch.get_linestyle() == "--"]
    assert len(dashed) == 1


def test_a_gallery_does_not_hang_on_the_order_of_scores():
    mixed = tuple(part[[2, 0, 1]] for part in FOUND)
    one = objects.gallery(IMAGES, TRUE, FOUND, RIGHT)
    other = objects.gallery(IMAGES, TRUE, mixed, RIGHT[[2, 0, 1]])
    assert texts(one[0]) == texts(other[0])


def test_a_gallery_without_a_found_box():
    none = np.zeros((0, 4)), np.zeros(0, int), np.zeros(0, int)
    _, text = objects.gallery(IMAGES, TRUE, none, np.zeros(0, bool))
    assert text.endswith("0 found and named right, 4 not; wrong boxes: 0.")


def test_overlaps_tell_their_fractions():
    assert "6 of 26 squares, 0.23; 0 of 32 squares, 0.00." in sentence("overlaps")


def test_the_cell_of_the_centre_is_told():
    assert sentence("one_cell") == (
        "A box of 12 by 16 pixels around (10.0, 12.0): its centre lies in row 1, column 1 of the "
        "grid."
    )


def test_a_heap_tells_what_is_kept():
    assert sentence("heap") == "Of 3 boxes 2 are kept, those with the scores 0.9 and 0.8."


def test_the_area_is_the_average_precision():
    assert "of 5 detections encloses an area of 0.625" in sentence("precision_curve")
    assert "encloses an area of 0.6:" in sentence("precision_curve, many")


def test_arms_tell_means_with_intervals():
    text = sentence("arms")
    assert "Means of 3 seeds [95 % interval]. mAP, %: relu 82.0 [77.0, 87.0]; leaky 0.1" in text
    assert "units: relu 40.0 [15.2, 64.8]; leaky 0.1 0.0 [0.0, 0.0]." in text


def test_sure_cells_are_counted():
    many = int((MAPS[1] > 0.5).sum())
    assert sentence("confidences") == (
        f"3 scenes. Cells that are sure of an object: 0 before, {many} after."
    )


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: objects.gallery(IMAGES[0], TRUE), "scenes of shape"),
        (lambda: objects.gallery(IMAGES, TRUE, FOUND), "together, or neither"),
        (lambda: objects.precision_curve(RECALL, PRECISION[:3]), "as many recalls"),
        (lambda: objects.arms(TEST, {"relu": [1.0]}), "the arms differ"),
        (lambda: objects.confidences(IMAGES, MAPS[0], MAPS[1, :2]), "one map a scene"),
    ],
)
def test_what_cannot_be_drawn_is_refused(call, says):
    with pytest.raises(ValueError, match=says):
        call()


# --- what is stored ---------------------------------------------------------------------------

STORED = json.loads(
    (Path(__file__).parents[1] / "data" / "results" / "objects.json").read_text(encoding="utf-8")
)


def test_the_stored_comparison_says_how_it_was_run():
    assert {
        "test",
        "off",
        "optimizer",
        "choice",
        "steps",
        "torch",
        "numpy",
        "date",
    } <= STORED.keys()
    assert STORED["arms"].keys() == {"relu", "leaky 0.01", "leaky 0.1"}
    assert len(STORED["seeds"]) >= 10
    assert not set(STORED["seeds"]) & set(STORED["tuning_seeds"])


@pytest.mark.parametrize("name", ["relu", "leaky 0.01", "leaky 0.1"])
def test_all_had_the_same_budget_and_the_rate_was_chosen_by_tuning_alone(name):
    arm = STORED["arms"][name]
    tried = np.array(arm["tuning"])
    assert tried.shape == (len(STORED["rates"]), len(STORED["tuning_seeds"]))
    assert arm["rate"] == STORED["rates"][int(np.argmax(tried.mean(axis=1)))]
    assert np.shape(arm["test"]) == np.shape(arm["off"]) == (len(STORED["seeds"]),)
    assert 0 <= min(arm["test"]) <= max(arm["test"]) <= 100


def test_the_detector_of_the_notebook_reaches_nine_tenths_with_every_seed():
    assert min(STORED["long"]["test"]) >= 90
