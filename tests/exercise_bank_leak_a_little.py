"""Answers to the exercises of notebook 07, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import numpy as np

from helpers.activations import leaky_relu
from helpers.datasets import digits, moons, split
from helpers.fleet import Fleet
from helpers.network import Dense, Network
from helpers.training import Adam

# --- leaky -----------------------------------------------------------------------------------


def leaky_masked(z, slope):
    z = np.asarray(z, dtype=float)
    a, derivative = z.copy(), np.ones_like(z)
    a[z <= 0] = slope * z[z <= 0]
    derivative[z <= 0] = slope
    return a, derivative


def leaky_factor(z, slope):
    fires = np.asarray(z) > 0
    derivative = fires + slope * (1 - fires)
    return derivative * z, derivative


def leaky_loop(z, slope):
    if np.ndim(z) == 0:
        return (z, 1.0) if z > 0 else (slope * z, slope)
    pairs = [leaky_loop(each, slope) for each in z]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def leaky_max_or_min(z, slope):
    pick = np.maximum if slope <= 1 else np.minimum
    return pick(z, slope * np.asarray(z)), np.heaviside(z, 0) * (1 - slope) + slope


def leaky_by_abs(z, slope):
    z = np.asarray(z, dtype=float)
    return (1 + slope) / 2 * z + (1 - slope) / 2 * np.abs(z), np.where(z > 0, 1, slope)


def asks_if(z, slope):
    if z > 0:
        return z, 1.0
    return slope * z, slope


def only_prints(z, slope):
    print(np.where(np.asarray(z) > 0, z, slope * np.asarray(z)))


def changes_z(z, slope):
    if np.ndim(z) == 0:
        return asks_if(z, slope)
    derivative = np.where(z > 0, 1.0, slope)
    z *= derivative
    return z, derivative


def leaky_clipped(z, slope):
    return np.clip(z, 0, None) + slope * np.clip(z, None, 0), np.where(z > 0, 1, slope)


def leaky_by_counting(z, slope):
    fires = (z > 0) * 1
    return z * fires + slope * z * (1 - fires), fires + slope * (1 - fires)


LEAKY_RIGHT = [
    leaky_clipped,
    leaky_by_counting,
    leaky_masked,
    leaky_factor,
    leaky_loop,
    leaky_max_or_min,
    leaky_by_abs,
    lambda z, slope: (
        np.maximum(z, 0) + slope * np.minimum(z, 0),
        slope + (1 - slope) * (np.asarray(z) > 0),
    ),
    lambda z, s, /: (
        [np.where(np.asarray(z) > 0, z, s * np.asarray(z)), np.where(z > 0, 1, s)]
        if np.ndim(z)
        else [z * (1 if z > 0 else s), 1 if z > 0 else s]
    ),
    lambda z, slope: (leaky_relu(slope)(z), leaky_relu(slope).derivative(z)),
]


def one_for_all(z, slope):
    if np.any(z > 0):
        return z, 1
    return slope * z, slope


def with_tilde(z, slope):
    fires = z > 0
    return z * fires + slope * z * ~fires, fires + slope * ~fires


def picks_entries(z, slope):
    a, derivative = z * 1.0, np.ones(np.shape(z))
    a[z <= 0] = slope * z[z <= 0]
    derivative[z <= 0] = slope
    return a, derivative


def nudged(z, slope, step=1e-6):
    def f(z):
        return np.where(np.asarray(z) > 0, z, slope * np.asarray(z))

    return f(z), (f(z + step) - f(z - step)) / (2 * step)


def pair(value, derivative):
    return lambda z, slope: (value(np.asarray(z), slope), derivative(np.asarray(z), slope))


def good_value(z, slope):
    return np.maximum(z, 0) + slope * np.minimum(z, 0)


def good_derivative(z, slope):
    return np.where(z > 0, 1.0, slope)


LEAKY_WRONG = {
    "the slope on the wrong side": [
        pair(lambda z, s: np.where(z > 0, s * z, z), lambda z, s: np.where(z > 0, s, 1)),
        pair(lambda z, s: np.minimum(z, 0) + s * np.maximum(z, 0), good_derivative),
    ],
    "max(slope, z)": [
        pair(lambda z, s: np.maximum(s, z), good_derivative),
        pair(lambda z, s: np.where(z > s, z, s), lambda z, s: 1.0 * (z > s)),
    ],
    "max with a slope above 1": [
        pair(lambda z, s: np.maximum(z, s * z), good_derivative),
        pair(lambda z, s: np.maximum(s * z, z), lambda z, s: np.where(z > s * z, 1, s)),
    ],
    "derivative 1 at 0": [
        pair(good_value, lambda z, s: np.where(z >= 0, 1, s)),
        pair(good_value, lambda z, s: np.where(z < 0, s, 1)),
    ],
    "the answer in the place of the derivative": [
        pair(good_value, lambda z, s: np.where(z > 0, 1, s * z)),
        pair(good_value, good_value),
    ],
    "the derivative of ReLU": [
        pair(good_value, lambda z, s: np.where(z > 0, 1.0, 0.0)),
        pair(good_value, lambda z, s: 1.0 * (z >= 0)),
    ],
    "a minus too many": [
        pair(lambda z, s: np.where(z > 0, z, -s * z), good_derivative),
        pair(lambda z, s: np.where(z > 0, z, s * abs(z)), lambda z, s: np.where(z > 0, 1, -s)),
    ],
    "cut off": [
        pair(lambda z, s: np.maximum(z, 0), good_derivative),
        pair(lambda z, s: z * (z > 0), lambda z, s: 1.0 * (z > 0)),
    ],
    "another derivative at 0": [
        pair(good_value, lambda z, s: (1 + s) / 2 + (1 - s) / 2 * np.sign(z)),
        pair(good_value, lambda z, s: np.where(z > 0, 1, 0) + np.where(z < 0, s, 0)),
        nudged,
    ],
    "the slope forgotten": [
        pair(lambda z, s: np.maximum(z, 0) + np.minimum(z, 0), good_derivative),
        pair(lambda z, s: z, lambda z, s: np.ones_like(z)),
    ],
    "the slope added on both sides": [
        pair(lambda z, s: np.maximum(z, 0) + s * z, lambda z, s: np.where(z > 0, 1 + s, s)),
        pair(lambda z, s: z * (z > 0) + s * z, good_derivative),
        pair(good_value, lambda z, s: s + (z > 0)),
    ],
    "always the same slope": [
        pair(lambda z, s: np.where(z > 0, z, 0.01 * z), lambda z, s: np.where(z > 0, 1, 0.01)),
    ],
    "divided by the slope": [
        lambda z, slope: (
            np.where(np.asarray(z) > 0, z, z / np.float64(slope)),
            np.where(np.asarray(z) > 0, 1, slope),
        ),
        lambda z, slope: (
            np.where(np.asarray(z) > 0, z, z / slope),
            np.where(np.asarray(z) > 0, 1, 1 / slope),
        ),
    ],
    "the slope in the place of the answer": [
        pair(lambda z, s: np.where(z > 0, z, s), good_derivative),
    ],
    "the derivative where it fires": [
        pair(good_value, lambda z, s: np.full(z.shape, s)),
        pair(good_value, lambda z, s: np.where(z > 0, z, s)),
        lambda z, slope: (good_value(z, slope), slope),
    ],
    "woven together": [
        lambda z, slope: np.stack([good_value(z, slope), good_derivative(z, slope)], axis=-1),
        lambda z, slope: np.transpose([good_value(z, slope), good_derivative(z, slope)]),
    ],
    "one number for a whole array": [
        one_for_all,
        lambda z, slope: (good_value(z, slope), np.sum(good_derivative(z, slope))),
    ],
    "`np.max` for `np.maximum`": [
        lambda z, slope: (np.max(z, slope * z), good_derivative(z, slope)),
        lambda z, slope: (np.max(z, 0) + slope * np.min(z, 0), good_derivative(z, slope)),
    ],
    "only for arrays": [with_tilde, picks_entries],
    "the other order": [pair(good_derivative, good_value)],
    "one of the two": [
        lambda z, slope: good_value(np.asarray(z), slope),
        lambda z, slope: good_derivative(np.asarray(z), slope),
    ],
    "`if` on a whole array": [asks_if],
    "nothing returned": [only_prints],
    "changes its input": [changes_z],
    "other arguments": [lambda z: (np.maximum(z, 0.01 * z), np.where(z > 0, 1, 0.01))],
    "not a function": [0.01],
    "": [
        pair(lambda z, s: s * z, lambda z, s: s + 0 * z),
        pair(lambda z, s: np.where(z > 0, z, z - s), good_derivative),
        lambda z, slope: "leaks",
    ],
}


# --- three_layers: a prediction, then the power ------------------------------------------------

LAYERS_RIGHT = [
    (-6, (-6.0,)),
    (-6.0, (np.array([[-6.0]]).item(),)),
    (np.array(-6), (np.float64(-6.0),)),
    ([-6], ([-6.0],)),
    (np.log10(0.01**3), (-5.999999,)),
]
LAYERS_WRONG = {
    "another power of ten": [(-2, (-6.0,)), (-4, (-6.0,)), (1e-6, (-6.0,)), (6, (-6.0,))],
    "the minus lost": [(-6, (6.0,)), (-6, (1e6,))],
    "the gradient instead of its power": [(-6, (1e-6,)), (1e-6, (1e-6,)), (-6, (1.0,))],
    "the natural logarithm": [(-6, (-13.8,))],
    "another gradient": [(-6, (-2.0,)), (-6, (-4.0,)), (-6, (-8.0,))],
    "not a number": [(-6, ("-6",))],
    "not finite": [(-6, (-np.inf,))],
}


# --- steeper: a prediction, then three shares --------------------------------------------------

STEEPER_RIGHT = [
    ("1", (0.11, 0.59, 0.87)),
    (" 1 ", (0.11, 0.6, 0.87)),
    ('"1"', (np.float64(0.12), np.float64(0.55), np.float64(0.9))),
    ("1.", (0.1, 0.5, 0.8)),
    ("1", ([0.11], [0.59], [0.87])),
]
STEEPER_WRONG = {
    "the usual value is the best": [("0.01", (0.11, 0.59, 0.87))],
    "without a bend nothing is learned": [("0.1", (0.11, 0.59, 0.87))],
    "per cent instead of shares": [("1", (11, 59, 87)), ("1", (0.11, 0.59, 87))],
    "not at bias -8": [("1", (0.91, 0.91, 0.95)), ("1", (0.96, 0.9, 0.9))],
    "arms in another order": [
        ("1", (0.11, 0.87, 0.59)),
        ("1", (0.59, 0.11, 0.87)),
        ("0.1", (0.87, 0.59, 0.11)),
    ],
    "wrong number of values": [("1", ([0.1] * 20, [0.5] * 20, [0.8] * 20))],
    "the same arm three times": [("1", (0.11, 0.11, 0.11))],
    "not a number": [("1", ("low", "high", "higher"))],
    "not finite": [("1", (0.1, np.nan, 0.8))],
}


# --- patient: a prediction, then two shares ----------------------------------------------------

PATIENT_RIGHT = [
    ("centre", (0.825, 0.996)),
    ("Centre", (0.83, 1.0)),
    (" centre. ", (np.float64(0.825), np.float64(0.99))),
    ("'centre'", (0.825, 0.97)),
    ("CENTRE", ([0.825], [0.996])),
]
PATIENT_WRONG = {
    "a leak against every death": [("leak", (0.825, 0.996))],
    "the gradients are to blame": [("clip", (0.825, 0.996))],
    "the rate is to blame": [("rate", (0.825, 0.996))],
    "per cent instead of shares": [("centre", (82.5, 99.6)), ("centre", (0.825, 99.6))],
    "the two swapped": [("centre", (0.996, 0.825)), ("leak", (0.99, 0.83))],
    "not the remedy that helps most": [
        ("leak", (0.825, 0.87)),
        ("centre", (0.825, 0.827)),
        ("leak", (0.825, 0.827)),
        ("rate", (0.825, 0.815)),
    ],
    "not a number": [("centre", ("82 %", "99 %"))],
}


# --- the bank --------------------------------------------------------------------------------


def sent_back(solutions):
    silent = leaky_relu(slope=0.01)
    three = Network.of([Dense([[1.0]], [-1.0], silent) for _ in range(3)])
    three.forward(np.array([[0.5]]))
    return -6, (solutions.three_layers(three),)


def three_slopes(solutions):
    data = digits()
    x_train, y_train, x_test, y_test = split(data.pixels, data.labels)

    def learn(**settings):  # as the notebook has it, with fewer seeds
        fleet = Fleet([64, 64, 64, 10], seeds=2, **settings)
        options = {"epochs": 15, "record": [], "every": 10_000, "progress": False}
        return fleet.fit(x_train, y_train, optimizer=Adam(0.001), test=(x_test, y_test), **options)

    return "1", tuple(solutions.steeper(learn))


def treated(solutions):
    x, y = moons(400, noise=0.15)
    x = x + 5

    def treat(x=x):
        fleet = Fleet([2, 16, 16, 2], seeds=5)
        return fleet.fit(x, y, optimizer=Adam(0.05), epochs=10, progress=False)

    return "centre", (treat().accuracy[-1].mean(), solutions.patient(treat, x))


RIGHT = {
    "leaky": [(f,) for f in LEAKY_RIGHT],
    "three_layers": LAYERS_RIGHT,
    "steeper": STEEPER_RIGHT,
    "patient": PATIENT_RIGHT,
}
WRONG = {
    "leaky": {name: [(f,) for f in each] for name, each in LEAKY_WRONG.items()},
    "three_layers": LAYERS_WRONG,
    "steeper": STEEPER_WRONG,
    "patient": PATIENT_WRONG,
}
SOLVED = {"three_layers": sent_back, "steeper": three_slopes, "patient": treated}
