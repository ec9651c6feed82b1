"""Answers to the exercises of notebook 12, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from helpers.models.start import he_
from helpers.models.training import train

# --- max_pool --------------------------------------------------------------------------------


def pool_in_loops(z):
    pooled = np.zeros((z.shape[0] // 2, z.shape[1] // 2))
    for row in range(pooled.shape[0]):
        for column in range(pooled.shape[1]):
            pooled[row, column] = z[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].max()
    return pooled


def pool_in_lists(z):
    rows, columns = z.shape
    return [
        [z[r : r + 2, c : c + 2].max() for c in range(0, columns, 2)] for r in range(0, rows, 2)
    ]


def pool_by_corners(z):
    left, right = np.maximum(z[::2, ::2], z[1::2, ::2]), np.maximum(z[::2, 1::2], z[1::2, 1::2])
    return np.maximum(left, right)


def pool_twice(z):
    rows = np.maximum(z[::2], z[1::2])
    return np.maximum(rows[:, ::2], rows[:, 1::2])


def pool_with_torch(z):
    return F.max_pool2d(torch.from_numpy(z)[None, None], 2)[0, 0].numpy()


def pool_by_windows(z):
    windows = np.lib.stride_tricks.sliding_window_view(z, (2, 2))[::2, ::2]
    return windows.max(axis=(2, 3))


def mean_in_loops(z):
    return [
        [z[r : r + 2, c : c + 2].mean() for c in range(0, z.shape[1], 2)]
        for r in range(0, z.shape[0], 2)
    ]


def overlapping(z):
    return F.max_pool2d(torch.from_numpy(z)[None, None], 2, stride=1)[0, 0].numpy()


def from_zeros(z):
    pooled = np.zeros((z.shape[0] // 2, z.shape[1] // 2))
    for row in range(z.shape[0]):
        for column in range(z.shape[1]):
            place = row // 2, column // 2
            pooled[place] = max(pooled[place], z[row, column])
    return pooled


def forgets_to_return(z):
    np.maximum(z[::2], z[1::2])


def runs_over_the_edge(z):
    return [
        [max(z[r, c], z[r + 1, c + 1], z[r, c + 1], z[r + 1, c]) for c in range(z.shape[1])]
        for r in range(z.shape[0])
    ]


def pool_by_the_largest_of_four(z):
    height, width = z.shape
    pooled = np.empty((height // 2, width // 2))
    for i in range(0, height, 2):
        for j in range(0, width, 2):
            pooled[i // 2, j // 2] = max(z[i][j], z[i][j + 1], z[i + 1][j], z[i + 1][j + 1])
    return pooled


def forgets_the_two(z):
    pooled = np.zeros((z.shape[0] // 2, z.shape[1] // 2))
    for i in range(pooled.shape[0]):
        for j in range(pooled.shape[1]):
            pooled[i, j] = z[i : i + 2, j : j + 2].max()
    return pooled


def slices_too_short(z):
    rows, columns = z.shape
    return [
        [z[i : i + 1, j : j + 1].max() for j in range(0, columns, 2)] for i in range(0, rows, 2)
    ]


POOL_RIGHT = [
    pool_by_the_largest_of_four,
    lambda z: nn.MaxPool2d(2)(torch.tensor(z)[None])[0],
    pool_in_loops,
    pool_in_lists,
    pool_by_corners,
    pool_twice,
    pool_with_torch,
    pool_by_windows,
]
POOL_WRONG = {
    "the mean of each block": [
        mean_in_loops,
        lambda z: F.avg_pool2d(torch.from_numpy(z)[None, None], 2)[0, 0].numpy(),
    ],
    "the smallest": [lambda z: -pool_twice(-z)],
    "the largest size": [lambda z: pool_twice(abs(z))],
    "windows that overlap": [overlapping, forgets_the_two],
    "one block for the whole map": [lambda z: float(z.max()), lambda z: z.max(keepdims=True)],
    "one direction alone": [
        lambda z: z.reshape(z.shape[0] // 2, 2, -1).max(axis=1),
        lambda z: z.reshape(z.shape[0], -1, 2).max(axis=2),
    ],
    "one pixel of each block": [
        lambda z: z[::2, ::2],
        lambda z: z[1::2, 1::2],
        slices_too_short,
    ],
    "nothing below zero": [from_zeros, lambda z: pool_twice(np.maximum(z, 0))],
    "the numbers in another order": [
        lambda z: z.ravel().reshape(z.shape[0] // 2, z.shape[1] // 2, 4).max(axis=-1),
    ],
    "nothing returned": [forgets_to_return],
    "not a function": [3.0],
    "": [
        lambda z: z,
        lambda z: pool_twice(z).T,
        runs_over_the_edge,
        lambda z: max(z),
        lambda z: pool_twice(z).ravel(),
        lambda z: np.repeat(np.repeat(pool_twice(z), 2, axis=0), 2, axis=1),
    ],
}


# --- dead_channels ---------------------------------------------------------------------------


def dead_in_a_loop(z):
    return [not (z[:, channel] > 0).any() for channel in range(z.shape[1])]


def dead_by_the_highest(z):
    return z.max(axis=(0, 2, 3)) <= 0


def dead_by_zeros(z):
    return np.maximum(z, 0).sum(axis=(0, 2, 3)) == 0


def dead_with_torch(z):
    return (torch.from_numpy(z) <= 0).all(dim=3).all(dim=2).all(dim=0).numpy()


def dead_after_moving(z):
    return ~(np.moveaxis(z, 1, 0).reshape(z.shape[1], -1) > 0).any(axis=1)


def dead_picture_by_picture(z):
    dead = np.ones(z.shape[1], dtype=bool)
    for picture in z:
        dead &= (picture <= 0).all(axis=(1, 2))
    return dead


def last_picture_wins(z):
    dead = [True] * z.shape[1]
    for channel in range(z.shape[1]):
        for picture in z[:, channel]:
            dead[channel] = not (picture > 0).any()
    return dead


DEAD_RIGHT = [
    lambda z: (z <= 0).mean(axis=(0, 2, 3)) == 1,
    lambda z: (np.maximum(z, 0) == 0).all(axis=(0, 2, 3)).astype(int),
    dead_in_a_loop,
    dead_by_the_highest,
    dead_by_zeros,
    dead_with_torch,
    dead_after_moving,
    dead_picture_by_picture,
]
DEAD_WRONG = {
    "pixels taken for units": [
        lambda z: z.max(axis=0) <= 0,
        lambda z: (z.max(axis=0) <= 0).ravel(),
    ],
    "dead at one pixel is enough": [lambda z: (z.max(axis=0) <= 0).any(axis=2).any(axis=1)],
    "silent for one picture is enough": [lambda z: (z.max(axis=(2, 3)) <= 0).any(axis=0)],
    "one picture alone": [lambda z: z[0].max(axis=(1, 2)) <= 0, last_picture_wins],
    "mostly silent is enough": [
        lambda z: np.mean(z <= 0, axis=(0, 2, 3)) > 0.5,
        lambda z: np.mean(z > 0, axis=(0, 2, 3)) < 0.1,
        lambda z: np.mean(z <= 0, axis=(0, 2, 3)) > 0.99,
    ],
    "z taken for the answer": [lambda z: np.all(z == 0, axis=(0, 2, 3))],
    "silent now and then": [lambda z: z.min(axis=(0, 2, 3)) <= 0],
    "the mean decides": [lambda z: z.sum(axis=(0, 2, 3)) < 0],
    "0 taken for firing": [lambda z: z.max(axis=(0, 2, 3)) < 0],
    "the wrong way round": [lambda z: z.max(axis=(0, 2, 3)) > 0],
    "pictures taken for channels": [lambda z: z.max(axis=(1, 2, 3)) <= 0],
    "a share instead of an answer": [
        lambda z: np.mean(z <= 0, axis=(0, 2, 3)),
        lambda z: np.sum(z <= 0, axis=(0, 2, 3)),
        lambda z: np.sum(z > 0, axis=(0, 2, 3)),
    ],
    "not a function": [14],
    "": [
        lambda z: (z <= 0).all(),
        lambda z: z <= 0,
        lambda z: np.flatnonzero(dead_by_the_highest(z)),
        lambda z: (z <= 0).all(axis=(0, 1, 2)),
        lambda z: (z <= 0).all(axis=(0, 2, 3), keepdims=True),
    ],
}


# --- count_weights ---------------------------------------------------------------------------

COUNT_RIGHT = [
    ([160, 160, 4640, 0, 64, 1290],),
    ((160, 160, 4640, 0, 64, 1290),),
    (np.array([160, 160, 4640, 0, 64, 1290]),),
    ([16 * 10, 16 * 10, 32 * (9 * 16 + 1), 0, 2 * 32, 129 * 10],),
    (torch.tensor([160.0, 160.0, 4640.0, 0.0, 64.0, 1290.0]),),
]
COUNT_WRONG = {
    "weights for each pixel": [
        ([160 * 64, 160 * 784, 4640, 0, 64, 1290],),
        ([66_560, 160, 4640, 0, 64, 1290],),
    ],
    "a larger picture has more weights": [
        ([160, 160 * 784, 4640, 0, 64, 1290],),
        ([160, 1960, 4640, 0, 64, 1290],),
    ],
    "biases forgotten": [
        ([144, 144, 4608, 0, 64, 1280],),
        ([160, 160, 4640, 0, 64, 1280],),
    ],
    "a bias for each weight": [([288, 288, 9216, 0, 64, 2560],)],
    "one filter alone": [([10, 10, 145, 0, 64, 1290],), ([160, 160, 145, 0, 64, 1290],)],
    "one bias for the whole layer": [
        ([145, 145, 4609, 0, 64, 1281],),
        ([160, 160, 4640, 0, 64, 1281],),
    ],
    "a bias for each input": [
        ([160, 160, 4624, 0, 64, 1290],),
        ([160, 160, 4640, 0, 64, 1408],),
    ],
    "added instead of multiplied": [
        ([160, 160, 4640, 0, 64, 138],),
        ([26, 26, 4640, 0, 64, 1290],),
    ],
    "the depth of the input forgotten": [
        ([160, 160, 320, 0, 64, 1290],),
        ([160, 160, 288, 0, 64, 1290],),
    ],
    "pooling learns": [([160, 160, 4640, 4, 64, 1290],)],
    "normalisation has nothing to learn": [([160, 160, 4640, 0, 0, 1290],)],
    "what is measured taken for learned": [([160, 160, 4640, 0, 128, 1290],)],
    "one number a channel": [([160, 160, 4640, 0, 32, 1290],), ([160, 160, 4640, 0, 2, 1290],)],
    "wrong number of values": [([160, 4640, 1290],)],
    "": [([160, 160, 4640, 0, 64, 1300],)],
}


# --- where_to_normalise ----------------------------------------------------------------------

WHERE_RIGHT = [
    ("before", (97.8, 10.0)),
    ("Before", (98.2, 9.8)),
    ('"before"', (np.float64(97.1), np.float64(10.2))),
    ("before.", (torch.tensor(97.8), torch.tensor(10.0))),
    (" BEFORE ", (96, 10)),
]
WHERE_WRONG = {
    "the repair comes too late": [("after", (97.8, 10.0))],
    "normalisation saves wherever it stands": [("both", (97.8, 10.0)), ("Both", (97, 9.8))],
    "the bias is too strong": [("neither", (97.8, 10.0))],
    "shares instead of per cent": [("before", (0.978, 0.1))],
    "the same network twice": [("before", (97.8, 97.8)), ("after", (10.0, 10.0))],
    "the two swapped": [("after", (10.0, 97.8))],
    "another experiment": [("both", (97.8, 91.3))],
    "no normalisation before": [("neither", (10.2, 9.8))],
    "not a number": [("before", (97.8, "all"))],
    "wrong number of values": [("before", (97.8, np.ones(2)))],
}


# --- the bank --------------------------------------------------------------------------------


def counted(solutions):
    layers = [
        nn.Conv2d(1, 16, 3, padding=1),
        nn.Conv2d(1, 16, 3, padding=1),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(32),
        nn.Linear(128, 10),
    ]
    return (solutions.count_weights(layers),)


def measured_places(solutions):
    """Measure on a small task: in which of four columns is the stroke?"""
    rng = np.random.default_rng(0)
    y = torch.from_numpy(rng.integers(0, 4, 200))
    x = torch.from_numpy(rng.uniform(0, 0.3, (200, 1, 8, 8)))
    x[torch.arange(200), 0, :, 2 * y] += 0.7

    def built(middle):
        conv = nn.Conv2d(1, 4, 3, padding=1)
        layers = [conv, *middle(4), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 4)]
        model = he_(nn.Sequential(*layers).double())
        nn.init.constant_(conv.bias, -40.0)
        train(model, x, y, F.cross_entropy, learning_rate=0.01, epochs=10, progress=False)
        with torch.no_grad():
            return 100 * (model(x).argmax(dim=1) == y).double().mean().item()

    return "before", solutions.where_to_normalise(built, nn)


RIGHT = {
    "max_pool": [(f,) for f in POOL_RIGHT],
    "dead_channels": [(f,) for f in DEAD_RIGHT],
    "count_weights": COUNT_RIGHT,
    "where_to_normalise": WHERE_RIGHT,
}
WRONG = {
    "max_pool": {name: [(f,) for f in each] for name, each in POOL_WRONG.items()},
    "dead_channels": {name: [(f,) for f in each] for name, each in DEAD_WRONG.items()},
    "count_weights": COUNT_WRONG,
    "where_to_normalise": WHERE_WRONG,
}
SOLVED = {"count_weights": counted, "where_to_normalise": measured_places}
