"""Answers to the exercises of notebook 04, right and wrong."""

import math

import numpy as np

from helpers.datasets import digits, split, standardize
from helpers.initializers import torch_default
from helpers.network import Network

# --- tanh_slope ------------------------------------------------------------------------------


def slope_by_sigmoid(a):
    s = (a + 1) / 2
    return 4 * s * (1 - s)


def slope_in_steps(a):
    square = np.square(a)
    return np.subtract(1, square)


def slope_through_z(a):
    """The long way round, with the flat ends set by hand."""
    with np.errstate(divide="ignore"):
        return 1 / np.cosh(np.arctanh(a)) ** 2


def slope_by_loop(a):
    flat = [1 - value * value for value in np.ravel(a)]
    return np.array(flat).reshape(np.shape(a))


def slope_changes_a(a):
    a *= -a
    a += 1
    return a


def slope_prints(a):
    print(1 - a * a)


TANH_RIGHT = [
    lambda a: 1 - a**2,
    lambda a: (1 + a) * (1 - a),
    lambda a: 1.0 - np.asarray(a) ** 2,
    slope_by_sigmoid,
    slope_in_steps,
    slope_through_z,
    slope_by_loop,
    lambda a: 4 * ((1 + a) / 2) * (1 - (1 + a) / 2),
]

TANH_WRONG = {
    "the output taken for z": [
        lambda a: 1 / np.cosh(a) ** 2,
        lambda a: 1 - np.tanh(a) ** 2,
        lambda a: 1 / np.cosh(a) ** 2,
        lambda a: (1 - np.tanh(a)) * (1 + np.tanh(a)),
    ],
    "the slope of the sigmoid": [
        lambda a: 2 * a * (1 - a),
        lambda a: 4 * a * (1 - a),
        lambda a: a * (1 - a),
        lambda a: a - a**2,
    ],
    "the stretch miscounted": [
        lambda a: (1 + a) * (1 - a) / 4,
        lambda a: 2 * (1 - a * a),
        lambda a: (1 - a**2) / 4,
        lambda a: 0.5 * (1 - a**2),
    ],
    "not squared": [lambda a: 1 - a, lambda a: 1 - abs(a), lambda a: a + 1],
    "the sign turned round": [lambda a: a**2 - 1],
    "differentiated once too often": [lambda a: -2 * a, lambda a: -2 * a * (1 - a**2)],
    "a root too many": [lambda a: np.sqrt((1 - a) * (1 + a))],
    "steepest at the ends": [lambda a: 1 + np.square(a)],
    "changes its input": [slope_changes_a],
    "nothing returned": [slope_prints],
    "other arguments": [lambda a, z: 1 - a**2],
    "": [
        lambda a: 1 - a * a / 2,
        lambda a: (1 - a) ** 2,
        lambda a: np.abs(a) * (1 - np.abs(a)),
        lambda a: 1.0,
        lambda a: "1 - a**2",
        lambda a: 1 - a**3,
        lambda a: 1 / 0,
        lambda a: np.sum(1 - a**2),
        lambda a: 1 - a**2 if a > 0 else a**2,
    ],
}


# --- layers_until ----------------------------------------------------------------------------


def count_by_powers(factor, limit):
    n = 0
    while not factor**n < limit:
        n += 1
    return n


def count_by_logarithm(factor, limit):
    return math.floor(math.log(limit) / math.log(factor)) + 1


def count_forwards(factor, limit):
    for n in range(10_000):
        if factor**n < limit:
            return n
    raise ValueError("not within 10,000 layers")


def count_itself(factor, limit, gradient=1.0):
    return 0 if gradient < limit else 1 + count_itself(factor, limit, gradient * factor)


def count_with_arrays(factor, limit):
    return np.argmax(factor ** np.arange(1000.0) < limit)


def count_never_ends(factor, limit):
    n = 0
    while factor >= limit:
        n += 1
    return n


def count_from_one_step(factor, limit):
    gradient, n = factor, 0
    while gradient >= limit:
        gradient *= factor
        n += 1
    return n


LAYERS_RIGHT = [
    count_by_powers,
    count_by_logarithm,
    count_forwards,
    count_itself,
    count_with_arrays,
    lambda factor, limit: float(count_by_powers(factor, limit)),
]


def multiplies_by_itself(factor, limit):
    layers = 1
    while factor >= limit:
        factor *= factor
        layers += 1
    return layers


def never_begins(factor, limit):
    layers, gradient = 0, 1.0
    while gradient < limit:
        gradient, layers = gradient * factor, layers + 1
    return layers


def never_counts(factor, limit):
    layers, gradient = 0, 1.0
    while gradient >= limit:
        gradient *= factor
    return layers


LAYERS_WRONG = {
    "taken away instead of multiplied": [
        lambda factor, limit: math.floor(round((1 - limit) / (1 - factor), 9)) + 1,
    ],
    "at the limit is not below it": [
        lambda factor, limit: math.ceil(math.log(limit) / math.log(factor)),
        lambda factor, limit: next(n for n in range(1000) if factor**n <= limit),
    ],
    "one too few": [count_from_one_step, lambda f, g: int(math.log(g) / math.log(f))],
    "one too many": [lambda f, g: count_by_powers(f, g) + 1],
    "not a whole number": [lambda f, g: math.log(g) / math.log(f), lambda f, g: math.log(g, f)],
    "the logarithms turned round": [
        lambda f, g: math.log(f) / math.log(g),
        lambda f, g: math.ceil(math.log(f, g)),
    ],
    "the gradient instead of the count": [lambda f, g: f ** count_by_powers(f, g)],
    "endless loop": [count_never_ends],
    "multiplied by itself": [
        multiplies_by_itself,
        lambda factor, limit: multiplies_by_itself(factor, limit) - 1,
    ],
    "the count stays at 0": [never_begins, never_counts, lambda f, g: f < g],
    "rounded to the nearest": [lambda factor, limit: round(np.log(limit) / np.log(factor))],
    "nothing returned": [lambda f, g: print(count_by_powers(f, g))],
    "other arguments": [lambda factor: 10],
    "": [
        lambda factor, limit: np.ceil(factor / limit),
        lambda f, g: 10,
        lambda f, g: f / g,
        lambda f, g: "ten",
        lambda f, g: [count_by_powers(f, g)] * 2,
    ],
}


# --- weight_scale ----------------------------------------------------------------------------

SCALE_RIGHT = [
    lambda fan_in, slope: 1 / (slope * fan_in**0.5),
    lambda fan_in, slope: fan_in**-0.5 / slope,
    lambda fan_in, slope: math.sqrt(1 / (fan_in * slope**2)),
    lambda fan_in, slope: np.sqrt(1 / fan_in) / slope,
    lambda n, s: 1 / s / np.sqrt(n),
    lambda n, s: np.array([(1 / s) / math.sqrt(n)])[0],
    lambda fan_in, slope: (fan_in * slope * slope) ** -0.5,
]

SCALE_WRONG = {
    "variance instead of deviation": [
        lambda n, s: 1 / (s**2 * n),
        lambda n, s: 1 / n / s / s,
    ],
    "the root forgotten": [lambda n, s: 1 / (s * n), lambda n, s: 1 / np.sqrt(s * n)],
    "weaker where it should be stronger": [lambda n, s: s / n**0.5, lambda n, s: s / n],
    "the number of inputs left out": [lambda n, s: 1 / s],
    "more inputs, larger weights": [
        lambda fan_in, slope: slope * np.sqrt(fan_in),
        lambda fan_in, slope: fan_in**0.5,
        lambda n, s: np.sqrt(n) / s,
    ],
    "the slope left out": [lambda n, s: 1 / np.sqrt(n), lambda n, s: np.sqrt(2 / n)],
    "the slope squared": [lambda fan_in, slope: 1 / slope**2 / np.sqrt(fan_in)],
    "a 2 that belongs elsewhere": [lambda fan_in, slope: np.sqrt(2 / fan_in) / slope],
    "the bound of a uniform draw": [lambda fan_in, slope: np.sqrt(3 / fan_in) / slope],
    "nothing returned": [lambda n, s: print(1 / (s * n**0.5))],
    "other arguments": [lambda n: 1 / n**0.5],
    "": [
        lambda fan_in, slope: (1 - slope) / np.sqrt(fan_in),
        lambda fan_in, slope: 1 / (slope * fan_in**2),
        lambda n, s: 1.0,
        lambda n, s: np.random.default_rng(0).normal(0, 1 / (s * n**0.5), 3),
        lambda n, s: np.sqrt(1 / (3 * n)),
        lambda n, s: "small",
        lambda n, s: 2.0 + 0j,
    ],
}


# --- another_optimizer: a prediction, then two shares ------------------------------------------

OPTIMIZER_RIGHT = [
    ("up", (0.11, 0.8)),
    ("Up ", (np.float64(0.1), np.float32(0.66))),
    ("UP!", (0, 1)),
    (" 'up'. ", (np.array(0.114), np.array([0.79]))),
    ("up", ([0.1], 0.11)),
]

OPTIMIZER_WRONG = {
    "a small gradient is always a small step": [("same", (0.11, 0.8)), ("Same.", (0.1, 0.5))],
    "a smaller rate learns less": [("down", (0.11, 0.8)), ("DOWN", (0.1, 0.9))],
    "counts or per cent instead of shares": [("up", (11.4, 79.5)), ("up", (0.1, -0.8))],
    "nothing was changed": [("up", (0.11, 0.11)), ("same", (0.1, 0.1))],
    "another network": [("up", (0.8, 0.11)), ("down", (0.8, 0.11))],
    "not a number": [("up", ("0.1", 0.8)), ("up", (0.1, 1j))],
    "not finite": [("up", (0.1, np.nan))],
    "wrong number of values": [("up", (np.zeros(20), np.ones(20)))],
}


def measured_by_the_solution(solutions):
    data = digits()
    x_train, y_train, x_test, y_test = split(data.pixels, data.labels)
    x_train, x_test = standardize(x_train, x_test)
    network = Network([64] + [16] * 6 + [10], "tanh", initializer=torch_default)
    return "up", solutions.another_optimizer(network, (x_train, y_train), (x_test, y_test))


# --- the bank --------------------------------------------------------------------------------


def each(functions):
    return [(function,) for function in functions]


RIGHT = {
    "tanh_slope": each(TANH_RIGHT),
    "layers_until": each(LAYERS_RIGHT),
    "weight_scale": each(SCALE_RIGHT),
    "another_optimizer": OPTIMIZER_RIGHT,
}
WRONG = {
    "tanh_slope": {name: each(wrong) for name, wrong in TANH_WRONG.items()},
    "layers_until": {name: each(wrong) for name, wrong in LAYERS_WRONG.items()},
    "weight_scale": {name: each(wrong) for name, wrong in SCALE_WRONG.items()},
    "another_optimizer": OPTIMIZER_WRONG,
}
SOLVED = {"another_optimizer": measured_by_the_solution}
