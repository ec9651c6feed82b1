"""A one-stage detector in the manner of YOLO: one look, and each cell of a grid says what it sees.

In the order in which it is used: `Detector` answers, `targets` is what it should have answered,
`loss_parts` how far the two are apart, `decode` turns answers into boxes, `train_detector` does it
all, `score` says how well.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm.auto import tqdm

from helpers.arguments import check_count
from helpers.datasets.files import verified
from helpers.datasets.scenes import Scenes, scenes
from helpers.models.boxes import Detections, mean_average_precision, suppress
from helpers.models.start import he_

__all__ = [
    "CELL",
    "USUAL",
    "WEIGHTS",
    "Detector",
    "decode",
    "detect",
    "loss_parts",
    "score",
    "targets",
    "train_detector",
    "trained_detector",
]

CELL = 8  # pixels: width and height of a cell
USUAL = 14.0  # pixels: width and height of a box for which the network answers 0 and 0
WEIGHTS = (1.0, 2.0, 1.0)  # of confidence, place and class in the loss
CROWD = 12  # digits in a training scene, at most: the more, the more is learned from each
ROUND = 320  # training scenes that are drawn at once


class Detector(nn.Module):
    """Three convolutions read the scene, two layers of 1 x 1 answer for each cell.

    The answer of a cell is a row of numbers: confidence, x, y, width, height, and one logit a
    class. None of them has an activation behind it: `decode` and `loss_parts` know what they mean.

    Parameters
    ----------
    slope : float
        Of the negative side of all activations: 0.1 as in Darknet, on which YOLO was built; 0 makes
        it `nn.ReLU`.
    classes : int
        How many kinds of objects there are.

    References
    ----------
    Taught in notebook 13. J. Redmon, S. Divvala, R. Girshick, A. Farhadi (2016),
    https://arxiv.org/abs/1506.02640; boxes as in J. Redmon, A. Farhadi (2017),
    https://arxiv.org/abs/1612.08242.

    Examples
    --------
    >>> Detector()(torch.zeros(2, 48, 48)).shape
    torch.Size([2, 6, 6, 15])
    """

    def __init__(self, slope: float = 0.1, classes: int = 10) -> None:
        super().__init__()
        check_count(classes, "classes", 1)

        def activation() -> nn.Module:
            return nn.LeakyReLU(slope) if slope else nn.ReLU()

        self.body = nn.Sequential(
            *(nn.Conv2d(1, 32, 6, stride=4, padding=1), activation()),  # 48 x 48 to 12 x 12
            *(nn.Conv2d(32, 48, 3, padding=1), activation()),
            *(nn.Conv2d(48, 96, 4, stride=2, padding=1), activation()),  # to 6 x 6: the grid
        )
        self.head = nn.Sequential(
            *(nn.Conv2d(96, 96, 1), activation()),
            nn.Conv2d(96, 5 + classes, 1),
        )

    def forward(self, images: Tensor) -> Tensor:
        """Answer for every cell.

        Parameters
        ----------
        images : Tensor, shape (N, side, side)
            Scenes; the side is a multiple of 8.

        Returns
        -------
        Tensor, shape (N, side / 8, side / 8, 5 + classes)
            Rows of cells from top to bottom, cells from left to right.
        """
        if images.ndim != 3 or images.shape[1] % CELL or images.shape[2] % CELL:
            raise ValueError(
                f"a detector takes scenes of shape (N, side, side), with a side that is a multiple "
                f"of {CELL}; got {tuple(images.shape)}"
            )
        return self.head(self.body(images[:, None])).movedim(1, -1)


def targets(given: Scenes) -> Tensor:
    """Write down what a detector should answer: each object is the task of one cell.

    That is the cell in which the centre of its box lies. If two centres lie in one cell, the later
    object takes it, and the earlier one cannot be learned.

    Parameters
    ----------
    given : Scenes
        N scenes.

    Returns
    -------
    Tensor of float32, shape (N, side / 8, side / 8, 6)
        For each cell: 1 if it has an object, else 0 and nothing more; where the centre is, from 0
        at the cell's left and upper edge to 1; logarithms of width and height over `USUAL`; class.

    Examples
    --------
    >>> box, label, scene = np.array([[8.0, 0.0, 20.0, 14.0]]), np.array([7]), np.array([0])
    >>> one = Scenes(np.zeros((1, 48, 48), dtype=np.float32), box, label, scene)
    >>> targets(one)[0, 0, 1].round(decimals=2)
    tensor([ 1.0000,  0.7500,  0.8800, -0.1500,  0.0000,  7.0000])
    """
    cells = given.side // CELL
    found = torch.zeros(len(given), cells, cells, 6)
    boxes = torch.from_numpy(given.boxes)
    centre, size = (boxes[:, :2] + boxes[:, 2:]) / 2 / CELL, boxes[:, 2:] - boxes[:, :2]
    column, row = centre.long().T
    one, label = torch.ones(len(boxes), 1), torch.from_numpy(given.labels)[:, None]
    rows = torch.cat([one, centre % 1, (size / USUAL).log(), label], dim=1)
    found[torch.from_numpy(given.scene), row, column] = rows.float()
    return found


def loss_parts(output: Tensor, target: Tensor) -> Tensor:
    """Measure how far the answers are from the targets: confidence, place, class.

    Parameters
    ----------
    output : Tensor, shape (N, rows, columns, 5 + classes)
        From `Detector`.
    target : Tensor, shape (N, rows, columns, 6)
        From `targets`.

    Returns
    -------
    Tensor, shape (3,)
        Sums over cells, divided by N. Place and class count in cells with an object only. The loss
        of `train_detector` is their sum, each times its number in `WEIGHTS`.

    Examples
    --------
    >>> nothing = torch.zeros(1, 6, 6, 15), torch.zeros(1, 6, 6, 6)
    >>> loss_parts(*nothing).round(decimals=2)  # 36 times log 2
    tensor([24.9500,  0.0000,  0.0000])
    """
    here = target[..., 0] == 1
    said, true = output[here], target[here]
    confidence = functional.binary_cross_entropy_with_logits(
        output[..., 0], target[..., 0], reduction="sum"
    )
    centre = (said[:, 1:3].sigmoid() - true[:, 1:3]).square().sum()
    size = (said[:, 3:5] - true[:, 3:5]).square().sum()
    kind = functional.cross_entropy(said[:, 5:], true[:, 5].long(), reduction="sum")
    return torch.stack([confidence, centre + size, kind]) / len(output)


def decode(output: Tensor, at_least: float = 0.05, overlap: float = 0.5) -> Detections:
    """Turn answers into boxes, and keep the surest of those that overlap.

    Parameters
    ----------
    output : Tensor, shape (N, rows, columns, 5 + classes)
        From `Detector`.
    at_least : float
        Lowest score: confidence times the share that softmax gives to the class.
    overlap : float
        Of two boxes of one class in one scene with a larger intersection over union than this, the
        surer one is kept.

    Returns
    -------
    Detections
        Of all scenes, the surest first.

    Examples
    --------
    >>> output = torch.full((1, 6, 6, 15), -9.0)
    >>> output[0, 0, 1] = torch.tensor([9.0, 0, 0, 0, 0, *[0.0] * 7, 9, 0, 0])
    >>> found = decode(output)
    >>> found.boxes.round().tolist(), found.labels.tolist()
    ([[5.0, -3.0, 19.0, 11.0]], [7])
    """
    output = output.detach().double().cpu()
    share, label = output[..., 5:].softmax(dim=-1).max(dim=-1)
    sure = output[..., 0].sigmoid() * share
    scene, row, column = torch.nonzero(sure >= at_least, as_tuple=True)
    said = output[scene, row, column]
    centre = (torch.stack([column, row], dim=1) + said[:, 1:3].sigmoid()) * CELL
    half = USUAL * said[:, 3:5].exp() / 2
    parts = (
        torch.cat([centre - half, centre + half], dim=1),
        label[scene, row, column],
        sure[scene, row, column],
        scene,
    )
    found = Detections(*(part.numpy() for part in parts))
    classes = output.shape[-1] - 5
    kept = suppress(found.boxes, found.scores, overlap, found.scene * classes + found.labels)
    return Detections(*(part[kept] for part in found))


@torch.no_grad()
def detect(
    model: nn.Module, images: np.ndarray, at_least: float = 0.05, overlap: float = 0.5
) -> Detections:
    """Find objects in scenes.

    Parameters
    ----------
    model : Module
        A `Detector`, or what answers like one.
    images : ndarray, shape (N, side, side)
        Scenes.
    at_least, overlap : float
        As for `decode`.

    Returns
    -------
    Detections
        The surest first.

    Examples
    --------
    >>> detect(he_(Detector(), 0.1), scenes(2).images, at_least=1.0).boxes.shape
    (0, 4)
    """
    return decode(_answers(model, images), at_least, overlap)


def score(model: nn.Module, given: Scenes, threshold: float = 0.5) -> float:
    """Return the mean average precision of a detector on scenes.

    Parameters
    ----------
    model : Module
        A `Detector`, or what answers like one.
    given : Scenes
        Best of the part "test".
    threshold : float
        Intersection over union from which on a detection is right.

    Returns
    -------
    float
        From 0 to 1; see `helpers.models.boxes.mean_average_precision`.

    Examples
    --------
    >>> score(he_(Detector(), 0.1), scenes(50, "test")) < 0.1  # before training
    True
    """
    found = detect(model, given.images)
    return mean_average_precision(found, given.boxes, given.labels, given.scene, threshold)[0]


def train_detector(
    seed: int = 0,
    slope: float = 0.1,
    *,
    learning_rate: float = 0.015,
    steps: int = 1000,
    batch_size: int = 32,
    model: nn.Module | None = None,
    progress: bool = True,
) -> nn.Module:
    """Train a detector on scenes that are drawn for it, none of them twice.

    Training scenes are crowded, with up to 12 digits: there is more to learn in each. The learning
    rate rises for a fifth of the steps and then falls to nearly 0, as in torch's OneCycleLR.

    Parameters
    ----------
    seed : int
        Of the weights and of the scenes: the same scenes for every slope.
    slope : float
        Of the negative side of the activations of a new detector, 0 for ReLU.
    learning_rate : float
        The highest, of Adam.
    steps, batch_size : int
        Steps, and scenes for each.
    model : Module, optional
        Train this one further, in place, instead of a new one; only those of its parameters that
        require a gradient.
    progress : bool
        Show a progress bar if training takes more than two seconds.

    Returns
    -------
    Module
        The trained detector, in evaluation mode.

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number of at least 1.

    Examples
    --------
    >>> model = train_detector(seed=1, steps=2)
    >>> type(model).__name__, model.training
    ('Detector', False)
    """
    check_count(steps, "steps", 1)
    check_count(batch_size, "batch_size", 1)
    if model is None:
        model = he_(Detector(slope), slope, seed=seed)
        model.to(memory_format=torch.channels_last)  # nearly twice as fast on a CPU
    learned = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.Adam(learned, learning_rate, fused=True)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, learning_rate, total_steps=steps + 1, pct_start=0.2
    )
    weights, rng = torch.tensor(WEIGHTS), np.random.default_rng(seed)
    batches = _batches(rng, batch_size)
    model.train()
    for _ in tqdm(range(steps), desc="training", delay=2, leave=False, disable=not progress):
        images, target = next(batches)
        loss = loss_parts(model(images), target) @ weights
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rates.step()
    return model.eval()


def trained_detector() -> Detector:
    """Load a detector that `train_detector` has trained before: slope 0.1, seed 0, 1,000 steps.

    Returns
    -------
    Detector
        A new one at each call, in evaluation mode.

    Raises
    ------
    FileNotFoundError, ValueError
        If ``detector.npz`` is missing, or not the one that belongs to the course.

    Examples
    --------
    >>> score(trained_detector(), scenes(100, "test", seed=9)) > 0.85
    True
    """
    model = Detector()
    with np.load(io.BytesIO(verified("detector.npz")), allow_pickle=False) as file:
        model.load_state_dict({name: torch.from_numpy(file[name]) for name in file.files})
    return model.to(memory_format=torch.channels_last).eval()


def _batches(rng: np.random.Generator, batch_size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Draw training scenes without end, and hand them out in batches, with their targets."""
    while True:
        drawn = scenes(-(-ROUND // batch_size) * batch_size, "train", rng, most=CROWD)
        images, wanted = torch.from_numpy(drawn.images), targets(drawn)
        yield from zip(images.split(batch_size), wanted.split(batch_size), strict=True)


def _answers(model: nn.Module, images: np.ndarray) -> Tensor:
    """Run a model over many scenes, some at a time."""
    return torch.cat([model(part) for part in torch.from_numpy(images).split(250)])
