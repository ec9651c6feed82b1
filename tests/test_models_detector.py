"""The detector: targets and boxes are each other's inverse, and a short training finds digits."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers.datasets import Scenes, scenes
from helpers.models.boxes import matched
from helpers.models.detector import (
    CELL,
    USUAL,
    WEIGHTS,
    Detector,
    _batches,
    decode,
    detect,
    loss_parts,
    score,
    targets,
    train_detector,
    trained_detector,
)
from helpers.models.start import he_


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def drawn():
    return scenes(60, "test", seed=7)


def ideal(target, classes=10):
    """Turn targets into the answers of a detector that knows all."""
    output = torch.full((*target.shape[:3], 5 + classes), -20.0)
    here = target[..., 0] == 1
    true = target[here]
    said = torch.full((len(true), 5 + classes), -20.0)
    said[:, 0] = 20.0
    said[:, 1:3] = torch.logit(true[:, 1:3].clamp(1e-6, 1 - 1e-6))
    said[:, 3:5] = true[:, 3:5]
    said[torch.arange(len(true)), 5 + true[:, 5].long()] = 20.0
    output[here] = said
    return output


def test_an_ideal_answer_is_decoded_to_the_true_boxes_and_costs_nothing(drawn):
    target = targets(drawn)
    output = ideal(target)
    found = decode(output)
    held = matched(found, drawn.boxes, drawn.labels, drawn.scene, threshold=0.98)
    assert held.all()
    cells = int((target[..., 0] == 1).sum())
    assert len(found.scores) == cells
    assert loss_parts(output, target).sum() < 1e-3


def test_each_object_is_the_task_of_the_cell_of_its_centre(drawn):
    target = targets(drawn)
    assert target.shape == (60, 6, 6, 6)
    lost = len(drawn.labels) - int((target[..., 0] == 1).sum())
    assert 0 <= lost <= 2  # two centres in one cell
    for box, label, number in zip(drawn.boxes, drawn.labels, drawn.scene, strict=True):
        x, y = (box[:2] + box[2:]) / 2
        row = target[number, int(y // CELL), int(x // CELL)]
        assert row[0] == 1
        if row[5] == label and lost == 0:
            assert row[1:3].numpy() == pytest.approx([x % CELL / CELL, y % CELL / CELL], abs=1e-6)
            assert (USUAL * row[3:5].exp()).numpy() == pytest.approx(box[2:] - box[:2], rel=1e-5)
    assert (target[target[..., 0] == 0] == 0).all()


def test_the_loss_by_hand():
    target = torch.zeros(2, 6, 6, 6)
    target[0, 1, 2] = torch.tensor([1.0, 0.25, 0.5, 0.1, -0.2, 3.0])
    output = torch.zeros(2, 6, 6, 15)
    confidence, place, kind = loss_parts(output, target)
    assert confidence == pytest.approx(36 * np.log(2), rel=1e-6)
    assert place == pytest.approx((0.25**2 + 0.1**2 + 0.2**2) / 2, rel=1e-5)
    assert kind == pytest.approx(np.log(10) / 2, rel=1e-6)


def test_place_and_class_of_empty_cells_do_not_count():
    target = targets(scenes(4, seed=0))
    output = torch.randn(4, 6, 6, 15, generator=torch.manual_seed(0))
    other = output.clone()
    other[target[..., 0] == 0, 1:] += 5.0
    assert torch.equal(loss_parts(output, target), loss_parts(other, target))


def test_no_object_at_all_costs_confidence_alone():
    confidence, place, kind = loss_parts(torch.randn(3, 6, 6, 15), torch.zeros(3, 6, 6, 6))
    assert confidence > 0
    assert place == kind == 0


def test_decode_suppresses_within_a_class_and_a_scene_only():
    output = torch.full((2, 6, 6, 15), -20.0)

    def say(scene, row, column, x, label, confidence=20.0):
        output[scene, row, column, :5] = torch.tensor([confidence, x, 0.0, 0.0, 0.0])
        output[scene, row, column, 5 + label] = 20.0

    say(0, 2, 2, 3.0, label=7)
    say(0, 2, 3, -3.0, label=7, confidence=1.0)  # the same object, less sure
    say(1, 2, 3, -3.0, label=7)
    say(0, 4, 2, 3.0, label=1)
    say(0, 4, 3, -3.0, label=2)
    found = decode(output)
    assert sorted(zip(found.scene.tolist(), found.labels.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (0, 7),
        (1, 7),
    ]
    assert len(decode(output, overlap=1.0).scores) == 5
    assert (np.diff(found.scores) <= 0).all()


@pytest.mark.parametrize("slope", [0.0, 0.01, 0.1])
def test_the_slope_is_that_of_every_activation(slope):
    model = Detector(slope, classes=4)
    found = [layer for layer in model.modules() if isinstance(layer, nn.ReLU | nn.LeakyReLU)]
    assert len(found) == 4
    assert all(getattr(layer, "negative_slope", 0.0) == slope for layer in found)
    assert model(torch.zeros(3, 64, 48)).shape == (3, 8, 6, 9)
    assert Detector().head[1].negative_slope == 0.1  # as in Darknet


@pytest.mark.parametrize("shape", [(2, 1, 48, 48), (2, 50, 48), (2, 48, 44)])
def test_scenes_of_another_form_are_refused(shape):
    with pytest.raises(ValueError, match="a side that is a multiple of 8; got"):
        Detector()(torch.zeros(shape))


def test_training_is_the_same_for_a_seed_and_leaves_torchs_state_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, again = (train_detector(3, steps=3, batch_size=8, progress=False) for _ in range(2))
    state = torch.get_rng_state()
    for mine, theirs in zip(one.parameters(), again.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    other = train_detector(4, steps=3, batch_size=8, progress=False)
    assert not torch.equal(one.head[2].weight, other.head[2].weight)
    assert state.shape == before.shape


def test_slopes_are_paired_in_weights_and_scenes():
    relu, leaky = (he_(Detector(slope), slope, seed=2) for slope in (0.0, 0.1))
    ratio = relu.body[0].weight / leaky.body[0].weight
    assert torch.allclose(ratio, torch.full_like(ratio, (1 + 0.1**2) ** 0.5))
    first, again = (next(_batches(np.random.default_rng(2), 8)) for _ in range(2))
    assert all(torch.equal(*pair) for pair in zip(first, again, strict=True))


def test_batches_go_on_without_repeating():
    batches = _batches(np.random.default_rng(0), 320)
    (first, wanted), (second, _) = next(batches), next(batches)
    assert first.shape == (320, 48, 48)
    assert wanted.shape == (320, 6, 6, 6)
    assert not torch.equal(first, second)


def test_what_is_frozen_stays_and_training_goes_on_in_place():
    model = he_(Detector(), 0.1, seed=0)
    model.body.requires_grad_(False)
    body, head = model.body[0].weight.clone(), model.head[0].weight.clone()
    assert train_detector(0, model=model, steps=2, progress=False) is model
    assert torch.equal(model.body[0].weight, body)
    assert not torch.equal(model.head[0].weight, head)
    assert not model.training


@pytest.mark.parametrize("name", ["steps", "batch_size"])
def test_wrong_counts_are_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1; got 0"):
        train_detector(**{name: 0})
    with pytest.raises(ValueError, match="classes must be a whole number"):
        Detector(classes=0)


def test_a_short_training_finds_digits_it_has_never_seen():
    """A tenth of the notebook's: whatever it finds before is chance."""
    tested = scenes(100, "test", seed=11)
    start = score(he_(Detector(), 0.1, seed=5), tested)
    model = train_detector(5, steps=120, learning_rate=0.01, progress=False)
    found = detect(model, tested.images, at_least=0.3)
    nameless = matched(
        found._replace(labels=0 * found.labels), tested.boxes, 0 * tested.labels, tested.scene
    )
    assert start < 0.05
    assert nameless.mean() > 0.5  # most of what it claims is somewhere
    assert score(model, tested) > start + 0.05


def test_a_stricter_judge_gives_less(drawn):
    shaken = ideal(targets(drawn))
    shaken[..., 3:5] += 0.25  # boxes a quarter too wide and high
    found = decode(shaken)
    truth = drawn.boxes, drawn.labels, drawn.scene
    lenient, strict = (matched(found, *truth, threshold=each).mean() for each in (0.5, 0.9))
    assert lenient > 0.9
    assert strict == 0


def test_scores_need_an_object():
    empty = Scenes(np.zeros((1, 48, 48), np.float32), np.zeros((0, 4)), np.zeros(0, int), [])
    with pytest.raises(ValueError, match="no object"):
        score(he_(Detector(), 0.1), empty)


def test_the_weights_are_one_for_each_part():
    assert len(WEIGHTS) == 3
    assert all(weight > 0 for weight in WEIGHTS)


def test_the_shipped_weights_find_nine_of_ten_on_scenes_of_any_seed():
    model = trained_detector()
    marks = [score(model, scenes(200, "test", seed=seed)) for seed in (11, 12, 13)]
    assert min(marks) > 0.9


def test_each_call_loads_weights_of_its_own():
    first, second = trained_detector(), trained_detector()
    torch.nn.init.zeros_(first.head[2].weight)
    assert second.head[2].weight.abs().sum() > 0
    assert not second.training
