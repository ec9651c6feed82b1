"""Answers to the exercises of notebook 09, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math

import numpy as np
import torch

from helpers.activations import silu
from helpers.datasets import spirals
from helpers.fleet import Fleet
from helpers.training import Adam

# --- silu ------------------------------------------------------------------------------------


def silu_in_steps(z):
    gate = 1 / (1 + np.exp(-z))
    return z * gate


def silu_by_tanh(z):
    return z * (1 + np.tanh(z / 2)) / 2


def silu_in_a_loop(z):
    if np.ndim(z) == 0:
        return z / (1 + math.exp(-z))
    return [silu_in_a_loop(each) for each in z]


def silu_in_two_halves(z):
    small = np.exp(-np.abs(z))
    return z * np.where(np.asarray(z) > 0, 1 / (1 + small), small / (1 + small))


def forgets_return(z):
    z / (1 + np.exp(-z))


def asks_if(z):
    if z > 0:
        return z
    return z / (1 + math.exp(-z))


def changes_z(z):
    z *= 1 / (1 + np.exp(-z))
    return z


SILU_RIGHT = [
    silu_in_steps,
    silu_by_tanh,
    silu_in_a_loop,
    silu_in_two_halves,
    lambda z: z / (1 + np.exp(-z)),
    lambda z: z / (1 + math.e ** (-z)),
    lambda z: silu(z),
    lambda z: np.multiply(z, 1 / (1 + np.e ** (-z))),
    lambda z: z * np.exp(z) / (1 + np.exp(z)),
]
SILU_WRONG = {
    "the gate alone": [lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(z) / (np.exp(z) + 1)],
    "a door that snaps": [
        asks_if,
        lambda z: np.maximum(z, 0),
        lambda z: z * (np.asarray(z) > 0),
        lambda z: np.where(np.asarray(z) > 0, z, z / (1 + np.exp(-z))),
    ],
    "the door hung the wrong way round": [
        lambda z: z / (1 + np.exp(z)),
        lambda z: z * (1 - 1 / (1 + np.exp(-z))),
        lambda z: z * np.exp(-z) / (1 + np.exp(-z)),
    ],
    "a bracket missing": [
        lambda z: z * 1 / 1 + np.exp(-z),
        lambda z: z * (1 / 1 + np.exp(-z)),
    ],
    "a minus below the line": [lambda z: np.divide(z, 1 - np.exp(-z))],
    "z turned round": [lambda z: -z / (1 + np.exp(-z))],
    "a gate for the size of z": [lambda z: z / (1 + np.exp(-abs(z)))],
    "the gate times itself": [lambda z: (1 / (1 + np.exp(-z))) ** 2],
    "only for a row": [lambda z: [x / (1 + math.exp(-x)) for x in z]],
    "added instead of multiplied": [lambda z: z + 1 / (1 + np.exp(-z))],
    "another gate": [
        lambda z: z * np.tanh(z),
        lambda z: z * np.tanh(np.log(1 + np.exp(z))),
    ],
    "the derivative": [
        lambda z: (1 + np.exp(-z) + z * np.exp(-z)) / (1 + np.exp(-z)) ** 2,
    ],
    "summed up": [lambda z: np.sum(z / (1 + np.exp(-z)))],
    "one number at a time": [lambda z: z / (1 + math.exp(-z)), lambda z: z / (math.exp(-z) + 1)],
    "nothing returned": [forgets_return],
    "other arguments": [lambda z, gate: z * gate],
    "not a function": [0.73, np.array([0.7, 0.2])],
    "changes its input": [changes_z],
    "": [
        lambda z: z,
        lambda z: z / (1 + np.exp(-2 * z)),
        lambda z: z * torch.sigmoid(torch.tensor(z)),  # not `math.exp`, whatever stops at arrays
        lambda z: torch.nn.functional.silu(torch.as_tensor(z)),  # no integers
    ],
}


# --- slope_gradient --------------------------------------------------------------------------


def gradient_masked(grad_a, z):
    below = z < 0
    return (grad_a[below] * z[below]).sum()


def gradient_in_loops(grad_a, z):
    total = 0.0
    for gradients, row in zip(grad_a, z, strict=True):
        for gradient, each in zip(gradients, row, strict=True):
            if each < 0:
                total += gradient * each
    return total


def gradient_of_a_nudge(grad_a, z):
    def answers(slope):
        return np.where(z > 0, z, slope * z)

    return np.sum(grad_a * (answers(1.0) - answers(0.0)))


def forgets_the_sum(grad_a, z):
    np.sum(grad_a * np.minimum(z, 0))


def clips_in_place(grad_a, z):
    z[z > 0] = 0
    return np.sum(grad_a * z)


GRADIENT_RIGHT = [
    gradient_masked,
    gradient_in_loops,
    gradient_of_a_nudge,
    lambda grad_a, z: np.sum(grad_a * np.minimum(z, 0)),
    lambda grad_a, z: (grad_a * z * (z < 0)).sum(),
    lambda grad_a, z: np.trace(grad_a.T @ np.minimum(z, 0)),
    lambda grad_a, z: np.vdot(grad_a, z.clip(max=0)),
    lambda grad_a, z: np.einsum("nu,nu->", grad_a, np.where(z < 0, z, 0.0)),
]
GRADIENT_WRONG = {
    "the positive side as well": [
        lambda grad_a, z: (grad_a * z).sum(),
        lambda grad_a, z: np.sum(grad_a * np.where(z > 0, 1, z)),
    ],
    "the wrong half": [
        lambda grad_a, z: np.sum(grad_a * np.maximum(z, 0)),
        lambda grad_a, z: (grad_a * z)[z > 0].sum(),
    ],
    "the average": [
        lambda grad_a, z: np.mean(grad_a * np.minimum(z, 0)),
        lambda grad_a, z: np.sum(grad_a * np.minimum(z, 0), axis=1).mean(),
        lambda grad_a, z: (grad_a * z * (z < 0)).mean(axis=0).sum(),
    ],
    "not added up": [
        lambda grad_a, z: grad_a * np.minimum(z, 0),
        lambda grad_a, z: (grad_a * np.minimum(z, 0)).sum(axis=0),
        lambda grad_a, z: (grad_a * np.minimum(z, 0)).sum(axis=1),
        lambda grad_a, z: sum(grad_a * np.minimum(z, 0)),
    ],
    "a matrix product": [
        lambda grad_a, z: grad_a.T @ np.minimum(z, 0),
        lambda grad_a, z: grad_a @ np.minimum(z, 0).T,
        lambda grad_a, z: np.dot(grad_a, np.minimum(z, 0)),
    ],
    "added up too early": [lambda grad_a, z: grad_a.sum() * z[z < 0].sum()],
    "another sign asked": [
        lambda grad_a, z: np.sum(np.minimum(grad_a * z, 0)),
        lambda grad_a, z: np.sum(np.minimum(grad_a, 0) * z),
    ],
    "`if` on a whole array": [
        lambda grad_a, z: np.sum(grad_a * z) if z < 0 else 0.0,
        lambda grad_a, z: np.sum([a * b for a, b in zip(grad_a, z, strict=True) if b < 0]),
    ],
    "Python's own `sum`": [lambda grad_a, z: sum(sum(grad_a * np.minimum(z, 0)))],
    "what arrives left out": [lambda grad_a, z: z[z < 0].sum()],
    "z left out": [lambda grad_a, z: grad_a[z < 0].sum(), lambda grad_a, z: grad_a[z <= 0].sum()],
    "the size of z": [lambda grad_a, z: np.sum(grad_a * np.abs(np.minimum(z, 0)))],
    "the derivative with respect to z": [
        lambda grad_a, z: np.sum(np.where(z > 0, grad_a, 0.25 * grad_a)),
    ],
    "nothing returned": [forgets_the_sum],
    "changes its input": [clips_in_place],
    "other arguments": [lambda z: np.minimum(z, 0).sum()],
    "not a function": [-2.0],
    "": [lambda grad_a, z: 0.25 * np.sum(grad_a * np.minimum(z, 0)), lambda grad_a, z: 0.0],
}


# --- steepest_far_out: a prediction, then four sizes -----------------------------------------

SIZES = (0.01, math.exp(-5), 7.1459e-6, 0.0265474)
STEEPEST_RIGHT = [
    ("silu", SIZES),
    ("SiLU", SIZES),
    ('"silu"', tuple(map(np.float64, SIZES))),
    (" silu. ", tuple(np.array(size) for size in SIZES)),
    ("SILU", (0.01, 0.0067, 7.2e-6, 0.0265)),
    ("silu", (0.01, 0.00674, 0.0, 0.02655)),  # rounded
]
STEEPEST_WRONG = {
    "only a line keeps its slope": [("leaky_relu", SIZES)],
    "the curve that bends most is the steepest": [("elu", SIZES)],
    "all gates close alike": [("gelu", SIZES)],
    "the sign left on": [("silu", (0.01, math.exp(-5), -7.1459e-6, -0.0265474))],
    "the positive side": [("silu", (1.0, 1.0, 1.0000071, 1.0265474))],
    "answers instead of derivatives": [
        ("silu", (0.01, 0.99326, 1.43e-6, 0.0334643)),
        ("silu", (0.01, math.exp(-5), 1.43e-6, 0.0335)),
    ],
    "the same function twice": [("silu", (0.01, math.exp(-5), math.exp(-5), 0.0265474))],
    "in another order": [("silu", (0.01, 0.0265474, 7.1459e-6, math.exp(-5)))],
    "not the four derivatives": [
        ("silu", (0.01, 0.0067379, 7e-6, 0.00669)),
        ("silu", (0.01, math.exp(-10), 1e-20, 0.0004085)),
        ("leaky_relu", (0.01, math.exp(-2), 0.0852, 0.0908)),
        ("silu", (0.25, math.exp(-5), 7.1459e-6, 0.0265474)),
    ],
    "not a number": [("silu", (0.01, "small", 0.0, 0.0265))],
    "not finite": [("silu", (0.01, np.nan, 0.0, 0.0265))],
}


# --- race_a_newcomer: a prediction, then two means -------------------------------------------

NEWCOMER_RIGHT = [
    ("behind", (94.1, 69.4)),
    ("Behind", (93.5, 71.0)),
    ("'behind'", (np.float64(94.1), np.float64(68.0))),
    ("behind!", (np.array(94.1), np.array(69.4))),
    ("BEHIND", ([94.0], [70.2])),
]
NEWCOMER_WRONG = {
    "corners alone decide": [("level", (94.1, 69.4)), ("Level", (93.0, 72.0))],
    "corners on both sides are twice as good": [("ahead", (94.1, 69.4))],
    "shares instead of per cent": [("behind", (0.941, 0.694)), ("behind", (94.1, 0.694))],
    "ReLU against itself": [("behind", (94.1, 94.1)), ("level", (94.1, 94.1))],
    "the two swapped": [("behind", (69.4, 94.1))],
    "another activation": [("level", (94.1, 93.8)), ("behind", (94.1, 89.5))],
    "another rate": [("behind", (94.1, 58.3))],
    "not a number": [("behind", (94.1, "69"))],
    "wrong number of values": [("behind", (94.1, np.full(20, 69.4)))],
}


# --- which_to_take: a choice -----------------------------------------------------------------

AS_IT_IS = (
    "ReLU, as it is: with both parts no other could be shown to be ahead, so the afternoon is "
    "better spent elsewhere."
)
TAKE_RIGHT = [("b",), ("B",), (" b) ",), ("(b)",), ('"b"',), (AS_IT_IS,)]
TAKE_WRONG = {
    "a lead carried over to another task": [("a",), ("A.",), ("(a)",)],
    "a lead carried over to another network": [("c",), (" C",), ("c)",)],
    "one run each taken for a fair race": [("d",), ("D",), ("'d'",)],
}


# --- the bank --------------------------------------------------------------------------------


def raced(activation, rate, draw_part, sizes, epochs, test, seeds):
    """Race as the notebook does."""
    x, y = (np.stack(part) for part in zip(*map(draw_part, seeds), strict=True))
    fleet = Fleet(sizes, activation, seeds=seeds)
    quiet = {"record": [], "every": 10_000, "progress": False}
    history = fleet.fit(x, y, optimizer=Adam(rate), epochs=epochs, test=test, **quiet)
    return 100 * history.test_accuracy[-1, 0]


def four_sizes(solutions):
    return "silu", solutions.steepest_far_out()


def two_means(solutions):
    def two_spirals(seed, n=300):
        return spirals(n, noise=0.05, turns=2.0, seed=seed)

    task = {"draw_part": two_spirals, "sizes": [2, 32, 32, 2], "epochs": 100, "seeds": range(5)}
    task["test"] = two_spirals(10_000, n=1000)
    mean_relu = raced("relu", 0.03, **task).mean()
    return "behind", (mean_relu, solutions.race_a_newcomer(raced, task))


RIGHT = {
    "silu": [(f,) for f in SILU_RIGHT],
    "slope_gradient": [(f,) for f in GRADIENT_RIGHT],
    "steepest_far_out": STEEPEST_RIGHT,
    "race_a_newcomer": NEWCOMER_RIGHT,
    "which_to_take": TAKE_RIGHT,
}
WRONG = {
    "silu": {name: [(f,) for f in each] for name, each in SILU_WRONG.items()},
    "slope_gradient": {name: [(f,) for f in each] for name, each in GRADIENT_WRONG.items()},
    "steepest_far_out": STEEPEST_WRONG,
    "race_a_newcomer": NEWCOMER_WRONG,
    "which_to_take": TAKE_WRONG,
}
SOLVED = {
    "steepest_far_out": four_sizes,
    "race_a_newcomer": two_means,
    "which_to_take": lambda solutions: (solutions.which_to_take(),),
}
