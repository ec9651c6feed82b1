"""Answers to the exercises of notebook 05, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math

import numpy as np

from helpers.datasets import digits, split, standardize
from helpers.exercises.switch_to_relu import judge_the_article
from helpers.network import Network
from helpers.training import slope_at

# --- relu_backward ---------------------------------------------------------------------------


def backward_where(grad_a, z):
    return np.where(z > 0, grad_a, 0)


def backward_masked(grad_a, z):
    grad_z = np.array(grad_a, dtype=float)
    grad_z[np.asarray(z) <= 0] = 0
    return grad_z


def backward_loop(grad_a, z):
    if np.ndim(z) == 0:
        return grad_a if z > 0 else 0
    return [backward_loop(g, each) for g, each in zip(grad_a, z, strict=True)]


def changes_the_gradient(grad_a, z):
    if np.ndim(z):
        grad_a[z <= 0] = 0
        return grad_a
    return grad_a * (z > 0)


def forgets_return(grad_a, z):
    grad_a * (z > 0)


def asks_if(grad_a, z):
    if z > 0:
        return grad_a
    return 0.0 * grad_a


def asks_if_not(grad_a, z):
    if z <= 0:
        return 0.0
    return grad_a


def divides_by_z(grad_a, z):
    with np.errstate(all="ignore"):
        return grad_a * np.maximum(z, 0) / z if np.ndim(z) or z else np.nan


BACKWARD_RIGHT = [
    backward_where,
    backward_masked,
    backward_loop,
    lambda grad_a, z: grad_a * (z > 0),
    lambda grad_a, z: np.heaviside(z, 0) * grad_a,
    lambda grad_a, z: grad_a * np.sign(np.maximum(z, 0)),
    lambda g, z, /: np.multiply(g, np.greater(z, 0)),
    lambda grad_a, z: grad_a * np.ceil(np.clip(z, 0, 1)),
    lambda grad_a, z: np.where(np.asarray(z) <= 0, 0, grad_a),
]
BACKWARD_WRONG = {
    "lets 0 through": [
        lambda grad_a, z: np.where(z >= 0, grad_a, 0.0),
        lambda grad_a, z: np.where(z < 0, 0.0, grad_a),
    ],
    "half at 0": [
        lambda grad_a, z: grad_a * (np.sign(z) + 1) / 2,
        lambda grad_a, z: grad_a * slope_at(lambda v: np.maximum(v, 0.0), z),
    ],
    "the answer instead of the gradient": [
        lambda grad_a, z: np.maximum(z, 0),
        lambda grad_a, z: z * (z > 0),
    ],
    "0 divided by 0": [divides_by_z],
    "a leak on the left": [
        lambda grad_a, z: np.where(z > 0, grad_a, 0.01 * grad_a),
        lambda grad_a, z: np.where(z > 0, 1.0, 0.1) * grad_a,
    ],
    "gradient of the loss for that of the activation": [
        lambda grad_a, z: np.where(z > 0, 1.0, 0.0),
        lambda grad_a, z: np.where(z >= 0, 1.0, 0.0),
        lambda grad_a, z: (np.sign(z) + 1) / 2,
        lambda grad_a, z: grad_a,
        lambda grad_a, z: np.array(grad_a, dtype=float).copy(),
        lambda grad_a, z: z > 0,
    ],
    "multiplied by z": [
        lambda grad_a, z: grad_a * np.maximum(z, 0),
        lambda grad_a, z: grad_a * z,
    ],
    "ReLU of the gradient": [
        lambda grad_a, z: np.maximum(grad_a, 0),
        lambda grad_a, z: np.where((z > 0) & (grad_a > 0), grad_a, 0.0),
    ],
    "the other half": [
        lambda grad_a, z: np.where(z < 0, grad_a, 0),
        lambda grad_a, z: np.where(z > 0, 0, grad_a),
    ],
    "minus one on the left": [
        lambda grad_a, z: grad_a * np.sign(z),
        lambda grad_a, z: np.where(z > 0, grad_a, -grad_a),
    ],
    "summed up": [
        lambda grad_a, z: np.sum(np.where(z > 0, grad_a, 0.0)),
        lambda grad_a, z: np.sum(grad_a * (z > 0), axis=0),
        lambda grad_a, z: np.dot(grad_a, z > 0),
        lambda grad_a, z: np.where(z > 0, grad_a, 0.0).mean(axis=0),
    ],
    "`if` on a whole array": [asks_if, asks_if_not],
    "changes its input": [changes_the_gradient],
    "nothing returned": [forgets_return],
    "other arguments": [lambda z: z > 0],
    "not a function": [1.0],
    "": [
        lambda grad_a, z: 0.5 * grad_a * (z > 0),
        lambda grad_a, z: -grad_a * (z > 0),
        lambda grad_a, z: "passes",
        lambda grad_a, z: grad_a.where(z > 0),
        lambda grad_a, z: grad_a[z > 0],
        lambda grad_a, z: grad_a + (z > 0),
        lambda grad_a, z: np.ones_like(z),
    ],
}


# --- he_deviation ----------------------------------------------------------------------------


def deviation_in_steps(fan_in, slope):
    kept = 0.5 + 0.5 * slope * slope
    variance = 1 / fan_in / kept
    return variance**0.5


HE_RIGHT = [
    deviation_in_steps,
    lambda fan_in, slope: np.sqrt(2 / ((1 + slope**2) * fan_in)),
    lambda fan_in, slope: math.sqrt(2) / math.sqrt(1 + slope**2) / math.sqrt(fan_in),
    lambda n, s: (2 / (n + n * s**2)) ** 0.5,
    lambda fan_in, slope: np.array([(2 / (1 + slope**2) / fan_in) ** 0.5]).item(),
    lambda fan_in, slope: math.sqrt(2 / fan_in) / math.hypot(1, slope),
    lambda fan_in, slope: np.exp(0.5 * (np.log(2) - np.log1p(slope**2) - np.log(fan_in))),
]
HE_WRONG = {
    "variance instead of deviation": [
        lambda fan_in, slope: 2 / ((1 + slope**2) * fan_in),
        lambda fan_in, slope: 2 / fan_in,
    ],
    "the slope left out": [lambda fan_in, slope: np.sqrt(2 / fan_in)],
    "the slope not squared": [lambda fan_in, slope: np.sqrt(2 / ((1 + slope) * fan_in))],
    "the sum squared": [lambda fan_in, slope: np.sqrt(2 / fan_in) / (1 + slope)],
    "halves taken for wholes": [lambda fan_in, slope: 1 / np.sqrt(fan_in * (1 + slope**2))],
    "not all of it under the root": [
        lambda fan_in, slope: np.sqrt(2 / (1 + slope**2)) / fan_in,
        lambda fan_in, slope: np.sqrt(2 / fan_in) / (1 + slope**2),
    ],
    "the bound of a uniform draw": [lambda fan_in, slope: (6 / fan_in / (1 + slope**2)) ** 0.5],
    "nothing cut off": [lambda fan_in, slope: 1 / math.sqrt(fan_in)],
    "doubled outside the root": [
        lambda fan_in, slope: 2 / math.sqrt(fan_in),
        lambda fan_in, slope: 2 * np.sqrt(1 / ((1 + slope**2) * fan_in)),
    ],
    "the wrong way round": [
        lambda fan_in, slope: np.sqrt(fan_in / 2),
        lambda fan_in, slope: np.sqrt(2 / (1 + slope**2) * fan_in),
        lambda fan_in, slope: np.sqrt(fan_in * (1 + slope**2) / 2),
    ],
    "the kept share multiplied in": [
        lambda fan_in, slope: np.sqrt(2 / fan_in) * np.sqrt(1 + slope**2)
    ],
    "nothing returned": [lambda fan_in, slope: print(np.sqrt(2 / fan_in))],
    "other arguments": [lambda fan_in: np.sqrt(2 / fan_in)],
    "not a function": [np.sqrt(2 / 64)],
    "": [
        lambda fan_in, slope: np.sqrt(2 / (1 + slope**2)),
        lambda fan_in, slope: np.sqrt(2 / ((1 + slope**2) * fan_in), 0, 0),
        lambda fan_in, slope: 0.0 * slope,
        lambda fan_in, slope: np.sqrt(2 / fan_in) * (1 + slope),
        lambda fan_in, slope: np.random.default_rng(0).normal(0, np.sqrt(2 / fan_in), fan_in),
    ],
}


# --- dead_units ------------------------------------------------------------------------------


def dead_by_loop(z):
    found = []
    for unit in range(z.shape[1]):
        fires = [value for value in z[:, unit] if value > 0]
        found.append(len(fires) == 0)
    return found


def dead_for_each_row(z):
    return [max(row) <= 0 for row in z]


def asks_the_whole_layer(z):
    return bool(np.all(z <= 0))


DEAD_RIGHT = [
    dead_by_loop,
    lambda z: np.all(z <= 0, axis=0),
    lambda z: z.max(axis=0) <= 0,
    lambda z: ~(z > 0).any(axis=0),
    lambda z: (np.maximum(z, 0).sum(0) == 0).astype(int),
    lambda z: np.array([column.max() <= 0 for column in z.T]),
    lambda z: (z > 0).mean(axis=0) == 0,
    lambda z: [not any(value > 0 for value in column) for column in zip(*z, strict=True)],
    lambda z: (z <= 0).sum(axis=0) == len(z),
]
DEAD_WRONG = {
    "judged on one example": [lambda z: z[0] <= 0, lambda z: z[-1] <= 0],
    "each example by itself": [lambda z: z <= 0, lambda z: np.maximum(z, 0) == 0],
    "silent on most examples": [
        lambda z: np.mean(z <= 0, axis=0) > 0.5,
        lambda z: (z > 0).sum(axis=0) < len(z) / 2,
    ],
    "a share instead of a verdict": [lambda z: 1 - (z > 0).mean(axis=0)],
    "z taken for the answer": [lambda z: np.all(z == 0, axis=0), lambda z: ~z.any(axis=0)],
    "counted against the units": [lambda z: (z <= 0).sum(axis=0) == z.shape[1]],
    "any instead of all": [
        lambda z: np.any(z <= 0, axis=0),
        lambda z: np.any(z < 0, axis=0),
        lambda z: z.min(axis=0) <= 0,
    ],
    "z = 0 counted as firing": [
        lambda z: np.all(z < 0, axis=0),
        lambda z: ~np.any(z >= 0, axis=0),
    ],
    "examples and units mixed up": [lambda z: np.all(z <= 0, axis=1), dead_for_each_row],
    "one answer for the whole layer": [lambda z: np.all(z <= 0), asks_the_whole_layer],
    "judged by the mean": [
        lambda z: z.mean(axis=0) <= 0,
        lambda z: np.median(z, axis=0) <= 0,
    ],
    "the units that live": [lambda z: np.any(z > 0, axis=0)],
    "the units that always fire": [lambda z: np.all(z > 0, axis=0)],
    "counted instead of named": [
        lambda z: np.all(z <= 0, axis=0).sum(),
        lambda z: np.all(z <= 0, axis=0).mean(),
    ],
    "places instead of verdicts": [
        lambda z: np.flatnonzero(np.all(z <= 0, axis=0)),
        lambda z: np.where(np.all(z <= 0, axis=0)),
        lambda z: [unit for unit in range(z.shape[1]) if max(z[:, unit]) <= 0],
    ],
    "one answer for each example": [lambda z: z.sum(axis=1) * 0.0],
    "nothing returned": [lambda z: print(np.all(z <= 0, axis=0))],
    "other arguments": [lambda z, derivative: np.all(z <= 0, axis=0)],
    "not a function": [np.array([True, False])],
    "": [
        lambda z: np.maximum(z, 0).mean(axis=0),
        lambda z: np.zeros(z.shape[1]),
        lambda z: z.all("units"),
    ],
}


# --- lower_the_bias: a prediction, then the share --------------------------------------------

BIAS_RIGHT = [
    (0.75, (0.76,)),
    (0.8, (np.float64(0.77),)),
    (np.array([0.7]), (np.array(0.76),)),
    (0.66, ([0.765],)),
    (7 / 8, (0.76,)),
]
BIAS_WRONG = {
    "the pull of the bias misjudged": [
        (1.0, (0.76,)),
        (0.5, (0.76,)),
        (0.24, (0.76,)),
        (76, (0.76,)),
    ],
    "per cent or counts instead of a share": [(0.75, (76.3,)), (0.75, (65_000,))],
    "z instead of answers": [(0.75, (0.0,))],
    "the bias was raised": [(0.75, (0.24,))],
    "the bias went too far": [(0.75, (0.97,)), (0.75, (1.0,)), (0.5, (0.88,))],
    "nothing was moved": [(0.75, (0.5,)), (0.5, (0.499,))],
    "not a number": [(0.75, ("0.76",))],
    "not finite": [(0.75, (np.nan,))],
    "wrong number of values": [(0.75, (np.full(64, 0.76),))],
}


# --- judge_the_article ------------------------------------------------------------------------

VERDICTS = judge_the_article.choices
ARTICLE_RIGHT = [
    ("d",),
    ("D",),
    ("d)",),
    (' "d" ',),
    (np.str_("d"),),
    (VERDICTS["d"],),
    (VERDICTS["d"].lower().rstrip("."),),
]
ARTICLE_WRONG = {
    "slopes without weights": [("a",), ("(A)",), (VERDICTS["a"],)],
    "the answer taken for the slope": [("b",), ("B.",), (VERDICTS["b"].upper(),)],
    "no weights make up for the zeros": [("c",), ("`c`",), (VERDICTS["c"],)],
}


# --- the bank --------------------------------------------------------------------------------


def measured_share(solutions):
    x_train, _, x_test, _ = split(digits().pixels, digits().labels)
    x_train, _ = standardize(x_train, x_test)
    network = Network([64, 64, 10], "relu", seed=0)
    return 0.76, (solutions.lower_the_bias(network, x_train, -1.0),)


RIGHT = {
    "relu_backward": [(f,) for f in BACKWARD_RIGHT],
    "he_deviation": [(f,) for f in HE_RIGHT],
    "dead_units": [(f,) for f in DEAD_RIGHT],
    "lower_the_bias": BIAS_RIGHT,
    "judge_the_article": ARTICLE_RIGHT,
}
WRONG = {
    "relu_backward": {name: [(f,) for f in each] for name, each in BACKWARD_WRONG.items()},
    "he_deviation": {name: [(f,) for f in each] for name, each in HE_WRONG.items()},
    "dead_units": {name: [(f,) for f in each] for name, each in DEAD_WRONG.items()},
    "lower_the_bias": BIAS_WRONG,
    "judge_the_article": ARTICLE_WRONG,
}
SOLVED = {
    "lower_the_bias": measured_share,
    "judge_the_article": lambda solutions: (solutions.judge_the_article(),),
}
