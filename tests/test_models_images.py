"""The small convolutional network, its tasks, and what training one seed tells."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from helpers.datasets import digits, split
from helpers.health import diagnose
from helpers.models import images
from helpers.models.images import (
    TASKS,
    Convnet,
    channels_off,
    image_task,
    right,
    train_images,
)
from helpers.models.start import he_

torch.set_num_threads(1)
SHORT = {"epochs": (1, 1)}


def small(task, count: int = 96):
    """Make a task of fewer pictures, for speed."""
    cut = {
        name: tuple(t[:count] for t in getattr(task, name)) for name in ("learn", "tune", "test")
    }
    return dataclasses.replace(task, probe=task.probe[:count], **cut)


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach()


# --- the network ---


@pytest.mark.parametrize("slope", [0.0, 0.1])
@pytest.mark.parametrize("normalize", [False, True])
@pytest.mark.parametrize("size", [8, 12])
def test_the_network_is_the_one_written_out(size: int, normalize: bool, slope: float) -> None:
    model = he_(Convnet(size, slope, normalize).double(), slope, seed=1)
    x = torch.rand(5, 1, size, size, generator=torch.manual_seed(0), dtype=torch.float64)

    def norm(z):
        mean, spread = z.mean((0, 2, 3), keepdim=True), z.var((0, 2, 3), keepdim=True, correction=0)
        return (z - mean) / torch.sqrt(spread + 1e-5) if normalize else z

    z1 = norm(F.conv2d(x, model.conv1.weight, model.conv1.bias, padding=1))
    a1 = torch.where(z1 > 0, z1, slope * z1).unfold(2, 2, 2).unfold(3, 2, 2).amax((-1, -2))
    z2 = norm(F.conv2d(a1, model.conv2.weight, model.conv2.bias, padding=1))
    a2 = torch.where(z2 > 0, z2, slope * z2).unfold(2, 2, 2).unfold(3, 2, 2).amax((-1, -2))
    wanted = a2.reshape(5, -1) @ model.out.weight.T + model.out.bias
    torch.testing.assert_close(model(x), wanted)
    for ours, theirs in zip(model.pre_activations(x), (z1, z2), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_convolution_is_the_sum_of_the_notebook() -> None:
    model = he_(Convnet().double(), seed=2)
    x = np.random.default_rng(0).normal(size=(8, 8))
    framed, w = np.pad(x, 1), model.conv1.weight.detach().numpy()
    z = model.pre_activations(torch.from_numpy(x)[None, None])[0].detach().numpy()[0]
    for channel in range(16):
        for row in range(8):
            for column in range(8):
                wanted = (framed[row : row + 3, column : column + 3] * w[channel, 0]).sum()
                assert z[channel, row, column] == pytest.approx(wanted, abs=1e-12)


def test_channels_can_be_chosen() -> None:
    model = Convnet(channels=(3, 5))
    assert [z.shape[1] for z in model.pre_activations(torch.zeros(2, 1, 8, 8))] == [3, 5]


@pytest.mark.parametrize("size", [0, 2, 10])
def test_a_size_that_cannot_be_halved_twice_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="size must be a multiple of 4"):
        Convnet(size)


# --- the tasks ---


@pytest.mark.parametrize("name", TASKS)
def test_parts_have_the_sizes_that_are_told(name: str) -> None:
    task = image_task(name)
    side, scenes = task.size, 2 if name == "hard digits" else 1
    assert task.learn[0].shape == (1011, 1, 8, 8)
    assert task.probe.shape == (1011, 1, side, side)
    assert task.tune[0].shape == (337, 1, side, side)
    assert task.test[0].shape == (449 * scenes, 1, side, side)
    for x, y in (task.learn, task.tune, task.test):
        assert x.dtype == torch.float64
        assert len(x) == len(y)
        assert set(y.tolist()) == set(range(10))
    assert image_task(name) is task


def test_no_picture_is_in_two_parts() -> None:
    task, data = image_task("digits"), digits()
    rows = [{x.numpy().tobytes() for x in part[0]} for part in (task.learn, task.tune, task.test)]
    alike = len(data) - len({x.tobytes() for x in data.pixels})
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert len(rows[one] & rows[other]) <= alike  # a few pictures occur twice in the data
    assert sum(map(len, rows)) >= len(data) - 2 * alike
    x_test = split(data.images / 16, data.labels).x_test
    torch.testing.assert_close(task.test[0][:, 0], torch.from_numpy(x_test))


def test_scenes_are_made_of_the_pictures_of_their_own_part(monkeypatch) -> None:
    given = []

    def noted(pictures, labels, **options):
        given.append({x.tobytes() for x in np.asarray(pictures)})
        return made(pictures, labels, **options)

    made = images.hard_digits
    monkeypatch.setattr(images, "hard_digits", noted)
    easy = image_task("digits", 7)
    image_task.__wrapped__("hard digits", 7)
    own = [easy.learn, easy.tune, easy.test]
    assert given == [{x.tobytes() for x in part[0][:, 0].numpy()} for part in own]


def test_other_splits_are_other_divisions() -> None:
    one, other = image_task("digits", 1), image_task("digits", 2)
    assert not torch.equal(one.test[0], other.test[0])
    assert one.test[0].shape == other.test[0].shape


def test_training_sees_fresh_scenes_of_the_batch() -> None:
    task = image_task("hard digits")
    batch, rng = task.learn[0][:10], np.random.default_rng(0)
    first, second = task.augment(batch, rng), task.augment(batch, rng)
    assert first.shape == (10, 1, 12, 12)
    assert first.dtype == torch.float64
    assert not torch.equal(first, second)
    again = task.augment(batch, np.random.default_rng(0))
    assert torch.equal(first, again)


def test_a_task_of_another_name_is_refused() -> None:
    with pytest.raises(
        ValueError, match="there are the tasks 'digits', 'hard digits'; got 'mnist'"
    ):
        image_task("mnist")


# --- training ---


@pytest.mark.parametrize("name", TASKS)
def test_a_seed_gives_the_same_network_and_another_another(name: str) -> None:
    task = small(image_task(name))
    one, same, other = (train_images(task, seed=seed, **SHORT) for seed in (3, 3, 4))
    assert torch.equal(weights(one.model), weights(same.model))
    assert (one.tune, one.test, one.off) == (same.tune, same.test, same.off)
    assert not torch.equal(weights(one.model), weights(other.model))


def test_arms_are_paired(monkeypatch) -> None:
    seen = []

    def noted(model, x, y, loss, **options):
        seen.append((weights(model), options["seed"]))
        return train_once(model, x, y, loss, **options)

    train_once = images.train
    monkeypatch.setattr(images, "train", noted)
    task = small(image_task("digits"), 32)
    for slope, normalize in ((0.0, False), (0.1, False), (0.0, True)):
        train_images(task, slope=slope, normalize=normalize, seed=5, **SHORT)
    orders = [[seed for _, seed in seen[k : k + 2]] for k in (0, 2, 4)]
    assert orders[0] == orders[1] == orders[2]
    assert orders[0][0] != orders[0][1]
    relu, leaky = seen[0][0], seen[2][0]
    torch.testing.assert_close(leaky[:144] * (1 + 0.1**2) ** 0.5, relu[:144])


def test_the_last_passes_are_at_a_tenth_of_the_rate(monkeypatch) -> None:
    seen = []
    train_once = images.train

    def noted(*arguments, **options):
        seen.append((options["learning_rate"], options["epochs"], options["batch_size"]))
        return train_once(*arguments, **options)

    monkeypatch.setattr(images, "train", noted)
    train_images(small(image_task("digits"), 32), learning_rate=0.01, epochs=(2, 1))
    assert seen == [(0.01, 2, 32), (pytest.approx(0.001), 1, 32)]


def test_what_is_told_is_what_the_model_does() -> None:
    task = small(image_task("digits"))
    found = train_images(task, normalize=True, epochs=(2, 1))
    assert not found.model.training
    assert found.test == right(found.model, task.test)
    assert found.tune == right(found.model, task.tune)
    assert not found.diverged
    guess = (found.model(task.test[0]).argmax(1) == task.test[1]).double().mean().item()
    assert found.test == pytest.approx(100 * guess)


def test_right_judges_in_eval_mode() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.999), nn.Identity())
    x = torch.eye(10)[:, None]
    model.train()
    assert right(model, (x, torch.arange(10))) == 100


def test_divergence_is_told_and_ends_training() -> None:
    task = small(image_task("digits"))
    x, y = task.learn
    broken = dataclasses.replace(task, learn=(torch.full_like(x, torch.nan), y))
    found = train_images(broken, **SHORT)
    assert found.diverged
    assert 0 <= found.test <= 100
    start = he_(Convnet().double(), seed=0)
    assert torch.equal(weights(found.model), weights(start))


def test_learning_happens_on_both_tasks() -> None:
    assert train_images(image_task("digits"), learning_rate=0.01, epochs=(4, 1)).test > 95
    hard = train_images(
        image_task("hard digits"), learning_rate=0.01, normalize=True, epochs=(4, 1)
    )
    assert 35 < hard.test < 90


# --- dead channels ---


@pytest.mark.parametrize("slope", [0.0, 0.01])
@pytest.mark.parametrize("normalize", [False, True])
def test_channels_off_are_those_of_diagnose(slope: float, normalize: bool) -> None:
    model = he_(Convnet(slope=slope, normalize=normalize).double(), slope)
    norms = model.norm1, model.norm2
    with torch.no_grad():
        for layer, norm in zip((model.conv1, model.conv2), norms, strict=True):
            (norm if normalize else layer).bias[::3] = -40.0
    probe = image_task("digits").probe[:200]
    off = channels_off(model, probe)
    report = diagnose(model, probe, progress=False)
    state = "always-negative" if slope else "dead"
    wanted = [100 * np.mean(site.states == state) for site in report.sites]
    assert off == pytest.approx(wanted)
    assert off == pytest.approx((100 * 6 / 16, 100 * 11 / 32))


def test_one_pixel_of_one_picture_keeps_a_channel_alive() -> None:
    model = Convnet().double()
    with torch.no_grad():
        model.conv1.weight.zero_()
        model.conv1.bias.fill_(-1.0)
        model.conv1.weight[4, 0, 1, 1] = 10.0  # its centre
    probe = torch.zeros(30, 1, 8, 8, dtype=torch.float64)
    assert channels_off(model, probe)[0] == 100
    probe[17, 0, 5, 2] = 1.0
    assert channels_off(model, probe)[0] == pytest.approx(100 * 15 / 16)
