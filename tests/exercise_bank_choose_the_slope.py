"""Answers to the exercises of notebook 08, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math

import numpy as np
import torch

# --- gain ------------------------------------------------------------------------------------


def gain_in_steps(slope):
    positive = 0.5
    negative = 0.5 * slope * slope
    return (positive + negative) ** -0.5


def gain_by_loop(slope):
    if np.ndim(slope):
        return [gain_by_loop(each) for each in slope]
    return math.sqrt(2) / math.sqrt(1 + slope**2)


def prints_gain(slope):
    print(np.sqrt(2 / (1 + slope**2)))


def gain_of_torch(slope):
    if np.ndim(slope):
        return [gain_of_torch(each) for each in slope]
    return torch.nn.init.calculate_gain("leaky_relu", float(slope))


GAIN_RIGHT = [
    gain_of_torch,
    lambda slope: 1 / np.sqrt(0.5 + 0.5 * slope**2),
    lambda slope: (2 / (1 + slope**2)) ** (1 / 2),
    gain_in_steps,
    gain_by_loop,
    lambda slope: np.sqrt(2 / (1 + slope**2)),
    lambda s: (2 / (1 + s * s)) ** 0.5,
    lambda slope: np.sqrt(2) * np.power(1 + slope**2, -0.5),
    lambda slope: np.exp((np.log(2) - np.log1p(slope**2)) / 2),
]
GAIN_WRONG = {
    "the slope left out": [
        lambda slope: np.sqrt(2) * np.ones_like(slope),
        lambda slope: 2**0.5 + 0 * slope,
    ],
    "the slope not squared": [
        lambda slope: np.sqrt(2 / (1 + slope)),
        lambda slope: 2**0.5 / (1 + slope),
        lambda slope: np.sqrt(2 / (1 + abs(slope))),
    ],
    "the gain squared": [lambda slope: 2 / (1 + slope**2)],
    "the wrong way round": [
        lambda slope: np.sqrt((1 + slope**2) / 2),
        lambda slope: np.sqrt(2) * np.sqrt(1 + slope**2),
        lambda slope: 0.5 + slope**2 / 2,
        lambda slope: (1 + slope**2) ** 0.5,
    ],
    "measured against ReLU's gain": [lambda slope: (1 + slope**2) ** -0.5],
    "as if nothing were cut off": [lambda slope: np.ones_like(slope)],
    "half of g²": [lambda slope: (2 / (1 + slope**2)) ** 1 / 2, lambda slope: 1 / (1 + slope**2)],
    "the root of one part": [
        lambda slope: np.sqrt(2) / (1 + slope**2),
        lambda slope: 2 / (1 + slope**2) ** 0.5,
    ],
    "a bracket missing": [
        lambda slope: np.sqrt(2 / 1 + slope**2),
        lambda slope: np.sqrt(2 * 1 + slope**2),
        lambda slope: np.sqrt(2) / 1 + slope**2,
    ],
    "a minus for the plus": [
        lambda slope: np.sqrt(2 / (1 - np.square(slope))),
        lambda slope: np.sqrt(np.clip(2 - 2 * slope**2, 0, None)),
    ],
    "`^` for a power": [lambda slope: np.sqrt(2 / (1 + slope ^ 2))],
    "one slope at a time": [
        lambda slope: math.sqrt(2 / (1 + slope**2)),
        lambda slope: torch.nn.init.calculate_gain("leaky_relu", slope),
    ],
    "only a row of slopes": [lambda slope: [math.sqrt(2 / (1 + s * s)) for s in slope]],
    "rounded": [
        lambda slope: np.round(np.sqrt(2 / (1 + slope**2)), 2),
        lambda slope: np.sqrt(2 / (1 + slope**2)).round(4),
    ],
    "nothing returned": [prints_gain],
    "other arguments": [lambda slope, fan_in: np.sqrt(2 / ((1 + slope**2) * fan_in))],
    "not a function": [math.sqrt(2)],
    "": [
        lambda slope: np.sqrt(2 - slope),
        lambda slope: np.sqrt(2 / ((1 + slope**2) * 100)),  # with a fan_in of its own
    ],
}


# --- how_loud: a prediction, then the power of ten --------------------------------------------

LOUD_RIGHT = [
    (3, (3.01,)),
    (3.0, (np.float64(2.95),)),
    (math.log10(1024), (3.1,)),
    (2.8, (np.array(3.0),)),
    ([3.2], ([2.9],)),
]
LOUD_WRONG = {
    "the power misjudged": [(0, (3.0,)), (6, (3.0,)), (1, (2.9,)), (1024, (3.01,))],
    "the factor instead of its power of ten": [(3, (1024.0,)), (3, (780.0,))],
    "mean squares instead of sizes": [(3, (6.02,)), (6, (5.9,))],
    "another logarithm, depth or gain": [(3, (7.26,)), (3, (7.66,)), (3, (4.0,)), (3, (31.0,))],
    "the ratio upside down": [(3, (-3.0,))],
    "it hardly grew": [(3, (0.0,)), (3, (-0.2,)), (3, (1.5,))],
    "not a number": [(3, ("3",))],
    "not finite": [(3, (np.inf,))],
    "wrong number of values": [(3, ([3.0, 3.1],))],
}


# --- beyond_one: a prediction, then two errors ------------------------------------------------

BEYOND_RIGHT = [
    ("lower", (0.205, 0.013)),
    ("Lower.", (0.206, 0.02)),
    (" LOWER ", (np.float64(0.204), np.float64(0.012))),
    ('"lower"', (np.array(0.21), np.array(0.05))),
    ("lower!", ([0.205], [0.0133])),
]
BEYOND_WRONG = {
    "further along the same road": [("higher", (0.205, 0.013)), ("higher", (0.21, 0.02))],
    "everything from 1 on is straight": [("same", (0.205, 0.013))],
    "not a mean squared error": [
        ("lower", (-0.2, 0.01)),
        ("lower", (41.0, 2.6)),
        ("lower", (4.1, 0.26)),
    ],
    "nothing was changed": [("lower", (0.205, 0.205))],
    "not slope 1": [("lower", (0.013, 0.205)), ("lower", (0.008, 0.013))],
    "hardly any bend": [("lower", (0.205, 0.206))],
    "not a number": [("lower", (0.205, "low"))],
    "wrong number of values": [("lower", (np.full(20, 0.205), 0.013))],
}


# --- three_slopes ----------------------------------------------------------------------------

THREE_RIGHT = [
    (0.5, 0.01, 0.1),
    (1, 0, 0),
    (0.4, 0.02, 0.01),
    (np.float64(1.0), np.array(0.001), [0.2]),
    (1.5, -0.1, 0.0),
]
THREE_WRONG = {
    "one pull overlooked": [
        (0.3, 0.01, 0.1),
        (0.5, 0.05, 0.1),
        (0.01, 0.01, 0.01),
        (0.5, 0.5, 0.5),
        (0, 0, 0),
        (1, 1, 1),
    ],
    "both pulls missed": [(0.1, 0.1, 0.1), (0, 0.5, 0.1), (0.01, 1.0, 0.01)],
    "outside the sweep": [(2, 0.01, 0.01), (0.5, -1, 0.01), (30, 0, 0)],
    "not a number": [("large", 0.01, 0.01)],
    "not finite": [(0.5, np.nan, 0.01)],
    "wrong number of values": [([0.5, 1.0], 0.01, 0.01)],
}


# --- leaky -----------------------------------------------------------------------------------


def leaky_by_mask(z, slope):
    a = np.array(z, dtype=float)
    a[a < 0] *= slope
    return a


def leaky_by_loop(z, slope):
    if np.ndim(z):
        return [leaky_by_loop(each, slope) for each in z]
    return z if z > 0 else slope * z


def leaky_max_or_min(z, slope):
    pick = np.maximum if slope <= 1 else np.minimum
    return pick(slope * z, z)


def changes_z(z, slope):
    if np.ndim(z):
        z[z < 0] *= slope
        return z
    return z if z > 0 else slope * z


def prints_it(z, slope):
    print(np.where(z > 0, z, slope * z))


def asks_if(z, slope):
    if z > 0:
        return z
    return slope * z


def leaky_only_mended_above_1(z, slope):
    straight = slope * z
    if slope > 1:
        return np.minimum(straight, z)
    return np.maximum(straight, z)


def turns_the_slope(z, slope):
    if slope > 1:
        slope = 1 / slope
    return np.maximum(slope * z, z)


def divides_it(z, slope):
    return np.maximum(slope * z, z) / max(1, slope)


def asserts(z, slope):
    assert slope <= 1
    return np.maximum(slope * z, z)


def raises(z, slope):
    if slope > 1:
        raise ValueError("slope too large")
    return np.maximum(slope * z, z)


def refuses_only(z, slope):
    if slope > 1:
        raise ValueError("slope too large")
    return np.where(z > 0, z, slope * z)


def loops_over_entries(z, slope):
    a = np.zeros(len(z))
    for i in range(len(z)):
        a[i] = z[i] if z[i] > 0 else slope * z[i]
    return a


LEAKY_RIGHT = [
    leaky_only_mended_above_1,
    lambda z, slope: z * (z > 0) + slope * z * (z < 0),
    lambda z, slope: np.maximum(z, 0) - slope * np.maximum(-z, 0),
    leaky_by_mask,
    leaky_by_loop,
    leaky_max_or_min,
    lambda z, slope: np.where(z > 0, z, slope * z),
    lambda z, slope: slope * z + (1 - slope) * np.maximum(z, 0),
    lambda z, slope: np.maximum(z, 0) + slope * np.minimum(z, 0),
    lambda z, a, /: z * np.where(z < 0, a, 1),
]
LEAKY_WRONG = {
    "the larger of the two": [
        lambda z, slope: np.maximum(slope * z, z),
        lambda z, slope: np.where(slope * z > z, slope * z, z),
        lambda z, slope: max(slope * z, z),
    ],
    "the smaller of the two": [lambda z, slope: np.minimum(z, slope * z)],
    "the slope cut off at 1": [
        lambda z, slope: np.maximum(z, 0) + min(slope, 1) * np.minimum(z, 0),
        lambda z, slope: np.where(z > 0, z, np.clip(slope, 0, 1) * z),
    ],
    "the sign of the slope lost": [lambda z, slope: np.where(z > 0, z, np.abs(slope) * z)],
    "the two sides exchanged": [lambda z, slope: np.where(z > 0, slope * z, z)],
    "the derivative": [lambda z, slope: np.where(z > 0, 1.0, slope)],
    "the whole of ReLU on top": [lambda z, slope: slope * z + np.maximum(0, z)],
    "`if` on a whole array": [asks_if],
    "the slope turned round": [turns_the_slope, divides_it],
    "large slopes refused": [asserts, raises, refuses_only],
    "each half asks about its own sign": [
        lambda z, slope: np.maximum(0, z) + np.minimum(0, slope * z),
    ],
    "a minus too many": [
        lambda z, slope: np.where(z > 0, z, -slope * z),
        lambda z, slope: np.where(z > 0, z, slope * abs(z)),
    ],
    "the slope in the place of the answer": [
        lambda z, slope: np.maximum(slope, z),
        lambda z, slope: np.where(z > 0, z, slope),
    ],
    "only for arrays": [loops_over_entries],
    "changes its input": [changes_z],
    "nothing returned": [prints_it],
    "other arguments": [lambda z: np.where(z > 0, z, 1.5 * z)],
    "not a function": [1.5],
    "": [
        lambda z, slope: np.where(z > 0, z, z / slope if slope else z),
        lambda z, slope: z * slope,
    ],
}


# --- the bank --------------------------------------------------------------------------------


def sizes_of_z(slopes, gains, depth=50, width=100, seed=0):
    """Measure the size of z as notebook 08 does."""
    rng = np.random.default_rng(seed)
    a = np.tile(rng.normal(size=width), (len(slopes), 1))
    slopes, gains = np.array(slopes)[:, np.newaxis], np.array(gains)[:, np.newaxis]
    sizes = []
    for _ in range(depth):
        z = gains * (a @ rng.normal(size=(width, width)) / np.sqrt(width))
        sizes.append(np.sqrt(np.mean(z**2, axis=1)))
        a = np.where(z > 0, z, slopes * z)
    return np.transpose(sizes)


def fit_sine(slopes):
    """Fit the sine as notebook 08 does, with fewer networks."""
    from helpers.datasets import sine
    from helpers.fleet import Fleet
    from helpers.training import Adam

    slopes = np.array(slopes)
    x, y = sine(200, noise=0.1, seed=0)
    at = np.linspace(-np.pi, np.pi, 101)[:, np.newaxis]
    fleet = Fleet([1, 16, 1], seeds=5, slope=slopes, gain=1 / np.sqrt(1 + slopes**2))
    settings = {"record": [], "every": 10_000, "progress": False}
    fleet.fit(x, y, optimizer=Adam(0.01), epochs=150, batch_size=50, **settings)
    return np.mean((fleet.outputs(at)[..., 0] - np.sin(at[:, 0])) ** 2, axis=2)


RIGHT = {
    "gain": [(f,) for f in GAIN_RIGHT],
    "how_loud": LOUD_RIGHT,
    "beyond_one": BEYOND_RIGHT,
    "three_slopes": THREE_RIGHT,
    "leaky": [(f,) for f in LEAKY_RIGHT],
}
WRONG = {
    "gain": {name: [(f,) for f in each] for name, each in GAIN_WRONG.items()},
    "how_loud": LOUD_WRONG,
    "beyond_one": BEYOND_WRONG,
    "three_slopes": THREE_WRONG,
    "leaky": {name: [(f,) for f in each] for name, each in LEAKY_WRONG.items()},
}
SOLVED = {
    "how_loud": lambda solutions: (3, (solutions.how_loud(sizes_of_z),)),
    "beyond_one": lambda solutions: ("lower", solutions.beyond_one(fit_sine)),
    "three_slopes": lambda solutions: solutions.three_slopes(),
}
