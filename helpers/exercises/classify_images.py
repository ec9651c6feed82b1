"""Exercises of notebook 12: pooling, dead channels, what is learned, where to normalise."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["count_weights", "dead_channels", "max_pool", "progress", "where_to_normalise"]

_random = np.random.default_rng(12)


# --- max_pool --------------------------------------------------------------------------------


def _blocks(z):
    """Give the four corners of each block of 2 by 2, shape (4, height / 2, width / 2)."""
    return np.stack([z[row::2, column::2] for row in (0, 1) for column in (0, 1)])


def _windows(z):
    """Give the four corners of each window of 2 by 2 at every place: they overlap."""
    return np.stack([z[:-1, :-1], z[:-1, 1:], z[1:, :-1], z[1:, 1:]])


max_pool = WriteFunction(
    key="classify_images.max_pool",
    reference=lambda z: _blocks(z).max(axis=0),
    cases={
        "one block": (np.array([[1.0, 3.0], [0.0, 2.0]]),),
        "one block, all negative": (np.array([[-4.0, -1.0], [-3.0, -2.0]]),),
        "2 rows, 4 columns": (np.array([[1.0, 2.0, 5.0, 0.0], [3.0, 4.0, 6.0, 7.0]]),),
        "4 rows, 2 columns": (np.array([[1.0, 2.0], [3.0, 0.0], [-1.0, -2.0], [9.0, -5.0]]),),
        "8 by 8": (_random.normal(size=(8, 8)),),
        "6 by 10": (_random.normal(size=(6, 10)),),
        "-0.0": (np.array([[-0.0, -1.0], [-2.0, -3.0]]),),
        "integers": (np.array([[1, -3], [0, 2]]),),
        "float32": (np.array([[0.25, -3.0], [0.0, -0.5]], dtype=np.float32),),
        "a large picture": (_random.normal(size=(20, 30)),),
    },
    misconceptions=[
        Misconception(
            "the mean of each block",
            "You give the mean of a block. That is average pooling; here the largest is kept.",
            wrong=(lambda z: _blocks(z).mean(axis=0),),
        ),
        Misconception(
            "the smallest",
            "You keep the smallest of each block, and not the largest.",
            wrong=(lambda z: _blocks(z).min(axis=0),),
        ),
        Misconception(
            "the largest size",
            "You compare sizes: -4 counts as more than 3. The largest number is asked for, signs "
            "included.",
            wrong=(lambda z: np.abs(_blocks(z)).max(axis=0),),
        ),
        Misconception(
            "windows that overlap",
            "Your window moves on by one pixel, as a filter does. Blocks do not overlap: move on "
            "by two, and the map is halved.",
            wrong=(
                lambda z: _windows(z).max(axis=0),
                lambda z: _windows(z).max(axis=0)[: z.shape[0] // 2, : z.shape[1] // 2],
            ),
        ),
        Misconception(
            "one block for the whole map",
            "You give one number for the whole map. Each block of 2 by 2 keeps its own.",
            wrong=(lambda z: z.max(), lambda z: np.max(z)[None, None]),
        ),
        Misconception(
            "one direction alone",
            "You halve the map in one direction. A block has two rows and two columns.",
            wrong=(
                lambda z: np.maximum(z[::2], z[1::2]),
                lambda z: np.maximum(z[:, ::2], z[:, 1::2]),
            ),
        ),
        Misconception(
            "one pixel of each block",
            "You take the same corner of every block, whatever the others are: that only makes the "
            "map smaller.",
            wrong=tuple(
                lambda z, row=row, column=column: z[row::2, column::2]
                for row in (0, 1)
                for column in (0, 1)
            ),
        ),
        Misconception(
            "nothing below zero",
            "Where a whole block is negative you give 0. Is there a ReLU hidden in it, or an array "
            "of zeros that is compared, too? Pooling keeps the largest, whatever its sign.",
            wrong=(lambda z: np.maximum(_blocks(z).max(axis=0), 0.0),),
        ),
        Misconception(
            "the numbers in another order",
            "The map is cut into runs of four numbers, and these are no blocks: `reshape` reads "
            "row by row. Give height and width two axes each.",
            wrong=(
                lambda z: z.reshape(z.shape[0] // 2, z.shape[1] // 2, 4).max(axis=2),
                lambda z: z.reshape(z.shape[0] // 2, z.shape[1] // 2, 2, 2).max(axis=(2, 3)),
            ),
        ),
    ],
    hints=[
        "Take one block on paper. Then: which numbers are the upper left corners of all blocks?",
        "`z[::2, ::2]` is every second row and column: all upper left corners at once. There are "
        "three more of this kind.",
        "`np.maximum` of two arrays keeps the larger number at each place: use it on the four "
        "arrays of corners. Or reshape to (height // 2, 2, width // 2, 2), and take the maximum "
        "over the two axes of length 2.",
    ],
    right=(
        "No weights, nothing to learn. In the backward pass only the largest of a block gets the "
        "gradient: the other three had no say."
    ),
)


# --- dead_channels ---------------------------------------------------------------------------


def _layer(pictures, channels, height, width, off=(), corner=()):
    """Make pre-activations; channels of `off` never fire, those of `corner` at one pixel alone."""
    z = _random.normal(size=(pictures, channels, height, width))
    for channel in (*off, *corner):
        z[:, channel] = -np.abs(z[:, channel]) - 0.1
    for channel in corner:
        z[pictures // 2, channel, -1, 0] = 0.5
    return z


def _zero(z, channel):
    z[:, channel] = np.minimum(z[:, channel], 0.0)
    z[0, channel, 0, 0] = 0.0
    return z


def _busy_between(pictures, channels):
    """Make channels that are silent in the first and the last picture, and fire in all others."""
    z = np.abs(_random.normal(size=(pictures, channels, 2, 3))) + 0.1
    z[[0, -1]] *= -1
    return z


dead_channels = WriteFunction(
    key="classify_images.dead_channels",
    reference=lambda z: (z <= 0).all(axis=(0, 2, 3)),
    cases={
        "2 pictures, 2 channels, one pixel; the second is dead": (
            np.array([[[[1.0]], [[-1.0]]], [[[-2.0]], [[-3.0]]]]),
        ),
        "a channel that fires at one pixel of one picture": (
            _layer(5, 3, 2, 4, off=(1,), corner=(2,)),
        ),
        "as many channels as pictures": (_layer(4, 4, 3, 3, off=(0,), corner=(1, 3)),),
        "a channel that reaches 0 and not more": (_zero(_layer(6, 3, 2, 2, off=(0,)), 2),),
        "all dead": (-np.ones((3, 2, 2, 2)),),
        "none dead": (_layer(40, 5, 4, 4),),
        "fires in the last picture alone": (
            np.concatenate([-np.ones((4, 2, 3, 2)), np.ones((1, 2, 3, 2))]),
        ),
        "silent in the first and the last picture, busy between": (_busy_between(5, 3),),
        "as before, with more pictures": (_busy_between(8, 2),),
        "fires at one of 2,400 places": (_layer(60, 2, 5, 8, corner=(1,)),),
        "-0.0 throughout": (np.full((2, 1, 2, 2), -0.0),),
        "integers": (np.array([[[[1]], [[0]]], [[[-2]], [[-3]]]]),),
        "float32": (np.array([[[[0.25]], [[-0.5]]]], dtype=np.float32),),
    },
    misconceptions=[
        Misconception(
            "pixels taken for units",
            "You answer for every pixel of every channel. A channel is one unit: its pixels share "
            "the weights. One True or False for each channel.",
            wrong=(
                lambda z: (z <= 0).all(axis=0),
                lambda z: (z <= 0).all(axis=0).reshape(-1),
            ),
        ),
        Misconception(
            "dead at one pixel is enough",
            "You call a channel dead if one of its pixels never fires. Pixels at the rim do that "
            "in healthy channels. All of them must be silent.",
            wrong=(lambda z: (z <= 0).all(axis=0).any(axis=(1, 2)),),
        ),
        Misconception(
            "silent for one picture is enough",
            "You call a channel dead if there is a picture for which it is silent. Healthy "
            "channels have such pictures, too.",
            wrong=(lambda z: (z <= 0).all(axis=(2, 3)).any(axis=0),),
        ),
        Misconception(
            "mostly silent is enough",
            "You call a channel dead if it is silent at most places. One place where it fires is "
            "enough to learn from: there the gradient passes.",
            wrong=tuple(
                lambda z, share=share: (z <= 0).mean(axis=(0, 2, 3)) > share
                for share in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
            ),
        ),
        Misconception(
            "z taken for the answer",
            "You ask where z is exactly 0. z stands *before* the ReLU: what is silent lies at 0 or "
            "anywhere below.",
            wrong=(lambda z: (z == 0).all(axis=(0, 2, 3)),),
        ),
        Misconception(
            "one picture alone",
            "You look at a single picture. Dead means silent for all of them.",
            wrong=(
                lambda z: (z[0] <= 0).all(axis=(1, 2)),
                lambda z: (z[-1] <= 0).all(axis=(1, 2)),
            ),
        ),
        Misconception(
            "silent now and then",
            "You call a channel dead if it is silent anywhere, at one pixel of one picture. That "
            "is what ReLU is for.",
            wrong=(lambda z: (z <= 0).any(axis=(0, 2, 3)),),
        ),
        Misconception(
            "the mean decides",
            "You ask whether the mean of z is negative. A channel may be far down on average, and "
            "fire now and then: then it learns.",
            wrong=(
                lambda z: z.mean(axis=(0, 2, 3)) <= 0,
                lambda z: z.mean(axis=(0, 2, 3)) < 0,
            ),
        ),
        Misconception(
            "0 taken for firing",
            "A channel with a z of exactly 0 does not fire there: ReLU answers 0, with a slope of "
            "0. Silent is `<= 0`.",
            wrong=(lambda z: (z < 0).all(axis=(0, 2, 3)),),
        ),
        Misconception(
            "the wrong way round",
            "You give True for the channels that fire. Asked is which are dead.",
            wrong=(lambda z: (z > 0).any(axis=(0, 2, 3)),),
        ),
        Misconception(
            "pictures taken for channels",
            "You give one answer for each picture. The axes are pictures, channels, height, width: "
            "the channels must be left.",
            wrong=(lambda z: (z <= 0).all(axis=(1, 2, 3)),),
        ),
        Misconception(
            "a share instead of an answer",
            "You give shares or counts, and asked is True or False: dead, or not.",
            wrong=(
                lambda z: (z <= 0).sum(axis=(0, 2, 3)),
                lambda z: (z > 0).sum(axis=(0, 2, 3)),
                lambda z: (z <= 0).mean(axis=(0, 2, 3)),
                lambda z: (z > 0).mean(axis=(0, 2, 3)),
            ),
        ),
    ],
    hints=[
        "When is a channel alive? What would one pixel of one picture have to do?",
        "`z <= 0` is an array of four axes. Three of them must go: pictures, height and width.",
        "`.all(axis=...)` takes several axes at once, as a tuple; the channels are axis 1.",
    ],
    right=(
        "A count of pixels could not tell the first layer of the notebook, all well, from a sick "
        "one. This can: it is what `diagnose` counts."
    ),
)


# --- count_weights ---------------------------------------------------------------------------

_COUNTS = np.array([160.0, 160.0, 4640.0, 0.0, 64.0, 1290.0])

count_weights = GiveValues(
    key="classify_images.count_weights",
    shapes={"counts": (6,)},
    rows=np.arange(1.0, 7.0)[:, None],  # A to F
    expected=_COUNTS,
    measure=lambda counts: counts,
    decide=lambda counts: counts,
    symbol="count",
    misconceptions=[
        Misconception(
            "weights for each pixel",
            "You give filters weights of their own at each place. They slide: 9 weights and a "
            "bias each, wherever they lie.",
            when=lambda counts: counts[0] in (160 * 64, 144 * 64, 16 * 64, 64 * 1024 + 1024),
        ),
        Misconception(
            "a larger picture has more weights",
            "A and B are the same filters; on a larger picture they slide further.",
            when=lambda counts: counts[1] != counts[0] and counts[0] == 160,
        ),
        Misconception(
            "biases forgotten",
            "A filter has a bias, too, and so has each output of a dense layer.",
            when=lambda counts: counts[0] == 144 or counts[2] == 4608 or counts[5] == 1280,
        ),
        Misconception(
            "a bias for each weight",
            "One bias a channel: it is added once, after the sum.",
            when=lambda counts: counts[0] in (288, 153),
        ),
        Misconception(
            "one filter alone",
            "You count one filter. A has 16 of them, and C has 32: each has its own weights and "
            "its own bias.",
            when=lambda counts: counts[0] in (9, 10) or counts[2] in (144, 145),
        ),
        Misconception(
            "one bias for the whole layer",
            "You add a single bias for the whole layer. Each filter has its own, and so has each "
            "output of a dense layer.",
            when=lambda counts: counts[0] == 145 or counts[2] == 4609 or counts[5] == 1281,
        ),
        Misconception(
            "a bias for each input",
            "You count a bias for each channel, or number, that is *read*. It belongs to what "
            "comes out: one for each filter, one for each output.",
            when=lambda counts: counts[2] == 4624 or counts[5] == 1408,
        ),
        Misconception(
            "added instead of multiplied",
            "You add where every input meets every output. F has 128 inputs for each of its ten "
            "outputs.",
            when=lambda counts: counts[5] in (138, 139, 148) or counts[0] in (25, 26),
        ),
        Misconception(
            "the depth of the input forgotten",
            "Each of the 32 filters of C reads 16 channels, and has 9 weights for each of them.",
            when=lambda counts: counts[2] in (320, 288, 160),
        ),
        Misconception(
            "pooling learns",
            "Which number is the largest, nobody has to learn: pooling has no weights.",
            when=lambda counts: counts[3] != 0,
        ),
        Misconception(
            "normalisation has nothing to learn",
            "Its mean and spread are measured. But then it multiplies and adds: what were these "
            "two called, and how many channels have them?",
            when=lambda counts: counts[4] == 0,
        ),
        Misconception(
            "what is measured taken for learned",
            "The running mean and spread are measured as the batches go by; no gradient moves "
            "them. Of the four numbers a channel two are learned.",
            when=lambda counts: counts[4] == 128,
        ),
        Misconception(
            "one number a channel",
            "A channel of a normalisation learns two numbers: by how much to multiply, and what to "
            "add.",
            when=lambda counts: counts[4] in (1, 2, 32),
        ),
    ],
    hints=[
        "One filter of A: how many weights, how many biases? How many filters? Where in this does "
        "the size of the picture come in?",
        "A filter has a window of weights for each channel that it reads. Of normalisation, ask "
        "what gamma and beta are for each channel.",
        "C: 32 filters, each 9 times 16 weights and a bias. Check any of them with "
        "`sum(p.numel() for p in layer.parameters())`.",
    ],
    right=(
        "Most weights of the convolutional part are in C: the depth counts, and not the picture. "
        "Two of these numbers do nothing: the biases of a convolution before a normalisation. "
        "`bias=False` leaves them out."
    ),
)


# --- where_to_normalise ----------------------------------------------------------------------

where_to_normalise = PredictChoice(
    key="classify_images.where_to_normalise",
    measured=("accuracy_before", "accuracy_after"),
    ask='"before", "after", "both" or "neither"',
    answer="before",
    others={
        "after": Misconception(
            "the repair comes too late",
            "After the activation there is nothing left to repair: the ReLU has answered 0 "
            "everywhere, and zeros less their mean are zeros. Look at your two numbers, and change "
            "your prediction.",
        ),
        "both": Misconception(
            "normalisation saves wherever it stands",
            "Look at your second number. What does a ReLU let through where all z are near -4? And "
            "which gradient goes back through it? Then change your prediction.",
        ),
        "neither": Misconception(
            "the bias is too strong",
            "Not for a normalisation that comes first: whatever is added to all z alike goes away "
            "with the mean, be it -2 or -4. Look at your first number, and change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "shares instead of per cent",
            "`right` gives per cent, from 0 to 100. Hand over what `built` gives.",
            when=lambda before, after: max(before, after) <= 1,
        ),
        Misconception(
            "the same network twice",
            "Both numbers are equal. Do the two lists differ in their order?",
            when=lambda before, after: before == after,
        ),
        Misconception(
            "the two swapped",
            "The second number is the higher one. Did the two change places?",
            when=lambda before, after: before < after,
        ),
        Misconception(
            "another experiment",
            "Both read well. Is the bias of -4 still in `built`, and does the second list begin "
            "with the ReLU?",
            when=lambda before, after: after > 50,
        ),
        Misconception(
            "no normalisation before",
            "Neither reads. Does the first list begin with `nn.BatchNorm2d(channels)`?",
            when=lambda before, after: before < 50,
        ),
    ],
    hints=[
        "Follow one channel with a z of about -4 everywhere. What comes out of each of the two "
        "parts, in both orders?",
        "A ReLU gives 0 for all of them. What is left of zeros, less their mean? And which slope "
        "has the ReLU there?",
        "The comments hold what `built` is to be given: a function that makes the list. For "
        "`accuracy_after` the two layers of the list change places.",
    ],
    right=(
        "Normalisation protects the activation that comes after it. In the other order it centres "
        "what the *next* layer reads, which helps that layer, and not the ReLU before. If a "
        "network of yours has dead channels, look at the order first."
    ),
)
