"""A small convolutional network, two tasks for it, and what training it once comes to.

Needs torch. All of it is float64 on the CPU, so that a seed gives nearly the same network on every
machine.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from helpers.datasets import digits, hard_digits, split
from helpers.models.start import he_
from helpers.models.training import train
from helpers.units import always_off

__all__ = ["TASKS", "Convnet", "ImageTask", "Trained", "image_task", "right", "train_images"]

Part = tuple[Tensor, Tensor]  # pictures of shape (N, 1, size, size), and labels
TASKS = ("digits", "hard digits")


class Convnet(nn.Module):
    """Two layers of filters, each halved by pooling, then one linear layer.

    Parameters
    ----------
    size : int
        Pixels on a side of a picture; a multiple of 4.
    slope : float
        Of the negative side of the activations: 0 for ReLU.
    normalize : bool
        Batch normalisation between each convolution and its activation.
    channels : sequence of two int
        Filters of each layer.

    References
    ----------
    Taught in notebook 12.

    Examples
    --------
    >>> Convnet(size=12)(torch.zeros(5, 1, 12, 12)).shape
    torch.Size([5, 10])
    """

    def __init__(
        self,
        size: int = 8,
        slope: float = 0.0,
        normalize: bool = False,
        channels: Sequence[int] = (16, 32),
    ) -> None:
        super().__init__()
        if size < 4 or size % 4:
            raise ValueError(f"size must be a multiple of 4, for two poolings by 2; got {size}")
        first, second = channels
        self.conv1 = nn.Conv2d(1, first, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(first) if normalize else nn.Identity()
        self.conv2 = nn.Conv2d(first, second, 3, padding=1)
        self.norm2 = nn.BatchNorm2d(second) if normalize else nn.Identity()
        self.activation = nn.LeakyReLU(slope) if slope else nn.ReLU()
        self.out = nn.Linear(second * (size // 4) ** 2, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Turn pictures (N, 1, size, size) into logits (N, 10)."""
        _, z = self.pre_activations(x)
        return self.out(F.max_pool2d(self.activation(z), 2).flatten(1))

    def pre_activations(self, x: Tensor) -> list[Tensor]:
        """Give what goes into the activation of each layer, (N, channels, height, width)."""
        z1 = self.norm1(self.conv1(x))
        z2 = self.norm2(self.conv2(F.max_pool2d(self.activation(z1), 2)))
        return [z1, z2]


@dataclass(frozen=True)
class ImageTask:
    """What to learn from, and what to be judged on.

    Attributes
    ----------
    size : int
        Pixels on a side of what the network sees.
    learn : tuple of tensors
        1,011 pictures of 8 x 8 pixels and their labels.
    augment : callable or None
        For `train`: makes of each batch what the network sees; fresh at every pass.
    probe : tensor, shape (1011, 1, size, size)
        The pictures to learn from as the network sees them: units are judged on it.
    tune, test : tuple of tensors
        Of 337 and 449 other pictures: to choose the learning rate with, and for the report.
    """

    size: int
    learn: Part
    augment: Callable[[Tensor, np.random.Generator], Tensor] | None
    probe: Tensor
    tune: Part
    test: Part


@functools.cache
def image_task(name: str = "digits", split_seed: int = 0) -> ImageTask:
    """Divide the digits in three, and make what is to be learned of each part alone.

    Parameters
    ----------
    name : {"digits", "hard digits"}
        The pictures as they are; or scenes made of them, see `helpers.datasets.hard_digits`: fresh
        ones in training, always the same to tune (one of each picture) and to be tested on (two).
    split_seed : int
        Which pictures are put aside for the test.

    Returns
    -------
    ImageTask
        The same object each time: change nothing in it.

    Raises
    ------
    ValueError
        If there is no such task.

    Examples
    --------
    >>> task = image_task("hard digits")
    >>> task.learn[0].shape, task.probe.shape, task.test[0].shape
    (torch.Size([1011, 1, 8, 8]), torch.Size([1011, 1, 12, 12]), torch.Size([898, 1, 12, 12]))
    """
    if name not in TASKS:
        raise ValueError(f"there are the tasks {', '.join(map(repr, TASKS))}; got {name!r}")
    data = digits()
    x, y, *test = split(data.images / 16, data.labels, seed=split_seed)
    x, y, *tune = split(x, y, seed=1)
    if name == "digits":
        return ImageTask(8, _tensors(x, y), None, *_tensors(x), _tensors(*tune), _tensors(*test))
    probe = hard_digits(x, y, seed=1)
    return ImageTask(
        size=probe.x.shape[1],
        learn=_tensors(x, y),
        augment=_fresh_scenes,
        probe=_tensors(probe.x)[0],
        tune=_tensors(*hard_digits(*tune, seed=2)),
        test=_tensors(*hard_digits(*test, copies=2, seed=3)),
    )


def _fresh_scenes(pictures: Tensor, rng: np.random.Generator) -> Tensor:
    labels = np.zeros(len(pictures), dtype=int)  # the order stays, so they are not needed
    return _tensors(hard_digits(pictures[:, 0].numpy(), labels, seed=rng).x)[0]


def _tensors(pictures: np.ndarray, *labels: np.ndarray) -> tuple[Tensor, ...]:
    """Give pictures an axis for their one channel."""
    return torch.from_numpy(pictures)[:, None], *map(torch.from_numpy, labels)


@torch.no_grad()
def right(model: nn.Module, part: Part) -> float:
    """Give for how many per cent of a part the highest logit is the label's, in eval mode.

    Examples
    --------
    >>> right(nn.Flatten(), (torch.eye(10)[:, None], torch.arange(10) % 5))
    50.0
    """
    model.eval()
    x, y = part
    return 100 * (model(x).argmax(dim=1) == y).double().mean().item()


@dataclass(frozen=True)
class Trained:
    """A trained network, and how it did.

    Attributes
    ----------
    model : Convnet
        In eval mode.
    tune, test : float
        Per cent right of the task's parts.
    off : tuple of float
        For each layer, per cent of its channels that are always-off on the task's probe: z <= 0 at
        every pixel of every picture. For ReLU these are the dead ones.
    diverged : bool
        Whether training stopped early, at a loss or gradient that was not finite.
    """

    model: Convnet
    tune: float
    test: float
    off: tuple[float, ...]
    diverged: bool


def train_images(
    task: ImageTask,
    *,
    slope: float = 0.0,
    normalize: bool = False,
    learning_rate: float = 0.006,
    seed: int = 0,
    epochs: tuple[int, int] = (12, 4),
) -> Trained:
    """Train one network: Adam, batches of 32, the last passes at a tenth of the rate.

    Parameters
    ----------
    task : ImageTask
        Of `image_task`.
    slope, normalize
        As for `Convnet`.
    learning_rate : float
        Of Adam, in the first passes.
    seed : int
        Of the initial weights, the order of the pictures and the scenes: the same ones for every
        slope, with and without normalisation.
    epochs : tuple of two int
        Passes at the full rate and at a tenth of it.

    Returns
    -------
    Trained
        The network and its scores.

    References
    ----------
    Used in notebook 12 and by ``experiments/images.py``.

    Examples
    --------
    >>> found = train_images(image_task("digits"), epochs=(2, 1))
    >>> found.test > 80, len(found.off)
    (True, 2)
    """
    model = Convnet(task.size, slope, normalize).double()
    he_(model, slope, seed=seed)
    for stage, (rate, passes) in enumerate(zip((1.0, 0.1), epochs, strict=True)):
        history = train(
            model,
            *task.learn,
            F.cross_entropy,
            learning_rate=rate * learning_rate,
            epochs=passes,
            batch_size=32,
            seed=2 * seed + stage,
            augment=task.augment,
            progress=False,
        )
        if history.diverged_at is not None:
            break
    scores = right(model, task.tune), right(model, task.test)
    diverged = history.diverged_at is not None
    return Trained(model, *scores, off=channels_off(model, task.probe), diverged=diverged)


@torch.no_grad()
def channels_off(model: Convnet, probe: Tensor) -> tuple[float, ...]:
    """Give for each layer how many per cent of its channels are always-off on a probe."""
    model.eval()
    layers = model.pre_activations(probe)
    return tuple(100 * always_off(z, axis=1).double().mean().item() for z in layers)
