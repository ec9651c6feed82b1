"""Answers to the exercises of notebook 17, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math
from collections import Counter

import numpy as np
import torch

from helpers.datasets import digits
from helpers.network import Network
from helpers.training import fit

# --- the eight scripts -----------------------------------------------------------------------


def forms(*lines):
    """Write each line in the ways in which learners hand it over, at least five."""
    kinds = (int, float, np.int64, torch.tensor, lambda line: [line], lambda line: np.array(line))
    return [(kind(line),) for line in lines for kind in kinds]


def given(*lines):
    return [(line,) for line in lines]


NO_LINE = {
    "no such line": given(0, -1, 99, 4.5),
    "not a number": given("the loss", "line 5"),
    "wrong number of values": given([4, 5]),
    "not finite": given(math.inf),
}
LINES_RIGHT = {
    "script_1": forms(5),
    "script_2": forms(2),
    "script_3": forms(7),
    "script_4": forms(6, 14),
    "script_5": forms(5, 6, 8),
    "script_6": forms(8),
    "script_7": forms(8),
    "script_8": forms(7, 10, 11),
}
LINES_WRONG = {
    "script_1": {
        "the hidden layer suspected": given(4, [4]),
        "the optimiser suspected": given(8),
        "the judge suspected": given(12, 13),
        "another line": given(1, 2, 3, 6, 7, 9, 10),
    },
    "script_2": {
        "the replacement suspected": given(5),
        "the training suspected": given(8, 9, 10, 11, 14),
        "the name suspected": given(1),
        "another line": given(3, 4, 6),
    },
    "script_3": {
        "the model suspected": given(3),
        "the optimiser suspected": given(4, 5, 6, 8, 9),
        "the judge suspected": given(13, 14),
        "another line": given(1, 2, 10),
    },
    "script_4": {
        "the layers suspected": given(13),
        "the batches suspected": given(3, 4),
        "the optimiser suspected": given(2, 5, 7, 8),
        "another line": given(1, 9, 12, 15),
    },
    "script_5": {
        "the rate suspected": given(2),
        "the batches suspected": given(3, 4),
        "cleared before the step": given(7, 7.0),
        "the model suspected": given(11, 12, 13),
        "another line": given(1, 9, 10),
    },
    "script_6": {
        "the training suspected": given(1, 2, 3),
        "the batches suspected": given(7),
        "the judge suspected": given(11),
        "another line": given(4, 6),
    },
    "script_7": {
        "the training suspected": given(1, 2, 3),
        "the probe suspected": given(5),
        "the pass suspected": given(6, 7),
        "the words suspected": given(9),
        "another line": given(4),
    },
    "script_8": {
        "the fixed seed suspected": given(1),
        "the training suspected": given(2, 3),
        "the judge suspected": given(4),
        "too few digits suspected": given(8, 9),
        "another line": given(5, 6),
    },
}
SCRIPTS = tuple(LINES_RIGHT)


# --- guess_loss ------------------------------------------------------------------------------


def guess_with_unique(labels):
    _, counts = np.unique(labels, return_counts=True)
    p = counts / counts.sum()
    return -np.sum(p * np.log(p))


def guess_over_examples(labels):
    """Average the surprise, example by example."""
    return np.mean([-np.log(np.mean(labels == label)) for label in labels])


def guess_with_bincount(labels):
    p = np.bincount(labels) / len(labels)
    p = p[p > 0]
    return float((p * np.log(1 / p)).sum())


def guess_with_counter(labels):
    total = len(labels)
    return sum(-n / total * math.log(n / total) for n in Counter(labels.tolist()).values())


def guess_with_torch(labels):
    p = torch.bincount(torch.as_tensor(labels)).double()
    p = p[p > 0] / p.sum()
    return torch.nn.functional.cross_entropy(
        p.log().expand(len(labels), -1), torch.as_tensor(np.unique(labels, return_inverse=True)[1])
    )


def guess_with_scipy(labels):
    from scipy.stats import entropy

    return entropy(np.bincount(labels))


def guess_in_bits(labels):
    _, counts = np.unique(labels, return_counts=True)
    p = counts / counts.sum()
    return -np.sum(p * np.log2(p))


def guess_with_zeros(labels):
    """Zeros of classes that do not occur make nan."""
    with np.errstate(all="ignore"):
        p = np.bincount(labels) / len(labels)
        return -np.sum(p * np.log(p))


def forgets_to_return(labels):
    _, counts = np.unique(labels, return_counts=True)
    p = counts / counts.sum()
    -np.sum(p * np.log(p))


def labels_over_their_sum(labels):
    with np.errstate(all="ignore"):
        p = labels / labels.sum()
        return -(p * np.log(p)).sum()


def two_classes_only(labels):
    with np.errstate(all="ignore"):
        p = labels.mean()
        return -p * np.log(p) - (1 - p) * np.log(1 - p)


def guess_without_nan(labels):
    with np.errstate(all="ignore"):
        p = np.bincount(labels) / len(labels)
        return np.nansum(-p * np.log(p))


GUESS_RIGHT = [
    guess_without_nan,
    lambda labels: -np.log((np.bincount(labels) / len(labels))[labels]).mean(),
    guess_with_unique,
    guess_over_examples,
    guess_with_bincount,
    guess_with_counter,
    guess_with_torch,
    guess_with_scipy,
]
GUESS_WRONG = {
    "equal shares taken for granted": [
        lambda labels: math.log(len(set(labels.tolist()))),
        lambda labels: np.log(labels.max() + 1),
        lambda labels: 2.302585093,
    ],
    "e to the power of the loss": [lambda labels: math.exp(guess_with_unique(labels))],
    "labels taken for shares": [labels_over_their_sum, two_classes_only],
    "the shares squared": [
        lambda labels: 1 - np.sum((np.bincount(labels) / len(labels)) ** 2),
        lambda labels: np.mean([np.mean(labels == label) for label in labels]),
    ],
    "logarithm to base 2": [guess_in_bits],
    "logarithm to base 10": [lambda labels: guess_with_unique(labels) / math.log(10)],
    "the minus forgotten": [
        lambda labels: np.mean([np.log(np.mean(labels == label)) for label in labels])
    ],
    "classes counted alike": [
        lambda labels: np.mean([-np.log(np.mean(labels == c)) for c in np.unique(labels)]),
        lambda labels: sum(-np.log(np.mean(labels == c)) for c in np.unique(labels)),
    ],
    "the sum instead of the mean": [
        lambda labels: -sum(np.log(np.mean(labels == label)) for label in labels)
    ],
    "the most frequent class alone": [
        lambda labels: -np.log(np.bincount(labels).max() / len(labels))
    ],
    "an accuracy instead of a loss": [
        lambda labels: np.bincount(labels).max() / len(labels),
        lambda labels: 1 - np.mean(labels == np.bincount(labels).argmax()),
    ],
    "nothing returned": [forgets_to_return],
    "other arguments": [lambda labels, shares: 0.0],
    "not a function": [2.3],
    "": [
        guess_with_zeros,
        lambda labels: 2.303,
        lambda labels: -np.log(np.bincount(labels)[labels] / len(labels)),
        lambda labels: guess_with_unique(labels) * len(labels) / 10,
    ],
}


# --- first_tools -----------------------------------------------------------------------------

TOOLS_RIGHT = [
    ([3, 1, 5, 2, 6, 4],),
    ((3, 1, 5, 2, 6, 4),),
    (np.array([3, 1, 5, 2, 6, 4]),),
    ([3.0, 1.0, 5.0, 2.0, 6.0, 4.0],),
    (torch.tensor([3, 1, 5, 2, 6, 4]),),
]
TOOLS_WRONG = {
    "no such tool": [([3, 1, 5, 2, 7, 4],), ([0, 1, 5, 2, 6, 4],), ([3.5, 1, 5, 2, 6, 4],)],
    "one tool for everything": [([1] * 6,), ([5] * 6,)],
    "a missing class averaged away": [([6, 1, 5, 2, 3, 4],), ([1, 2, 3, 4, 5, 6],)],
    "the own derivative trusted": [([3, 2, 5, 1, 6, 4],)],
    "the loss without its scale": [([3, 1, 2, 5, 6, 4],), ([3, 1, 6, 2, 5, 4],)],
    "shapes taken for granted": [([3, 1, 5, 6, 2, 4],)],
    "one run believed": [([3, 1, 5, 2, 4, 6],)],
    "a picture with company": [([3, 1, 5, 2, 6, 6],)],
    "wrong number of values": [([3, 1, 5],), (3,)],
    "not a number": [("abcdef",)],
}


# --- alike -----------------------------------------------------------------------------------

ALIKE_RIGHT = [
    ("one", (1,)),
    ("One", (1.0,)),
    ('"one"', (np.int64(1),)),
    (" ONE. ", (torch.tensor(1),)),
    ("one", ([1],)),
]
ALIKE_WRONG = {
    "training separates": [("all", (1,)), ("All", (1.0,))],
    "chance separates": [("some", (1,))],
    "no count": [("one", (0,)), ("one", (1.5,)), ("all", (-1,))],
    "pixels counted": [("one", (64,)), ("some", (53,))],
    "drawn by He": [("all", (32,)), ("one", (32,))],
    "one layer left as it was": [("some", (31,)), ("one", (2,))],
    "not a number": [("one", ("one",))],
    "wrong number of values": [("one", ([1, 1],))],
}


# --- the bank --------------------------------------------------------------------------------


def counted(solutions):
    data = digits()
    network = Network([64, 32, 10], "relu", seed=0)
    return "one", (solutions.alike(network, fit, data.pixels[:200], data.labels[:200]),)


def line_of(script):
    return lambda solutions: (getattr(solutions, script)(),)


RIGHT = {
    **LINES_RIGHT,
    "guess_loss": [(f,) for f in GUESS_RIGHT],
    "first_tools": TOOLS_RIGHT,
    "alike": ALIKE_RIGHT,
}
WRONG = {
    **{script: LINES_WRONG[script] | NO_LINE for script in SCRIPTS},
    "guess_loss": {name: [(f,) for f in each] for name, each in GUESS_WRONG.items()},
    "first_tools": TOOLS_WRONG,
    "alike": ALIKE_WRONG,
}
SOLVED = {
    **{script: line_of(script) for script in SCRIPTS},
    "first_tools": lambda solutions: (solutions.first_tools(),),
    "alike": counted,
}
