"""Answers to the exercises of notebook 06, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import itertools
import math

import numpy as np

from helpers.datasets import digits, split
from helpers.network import Network
from helpers.training import Adam, fit
from helpers.units import always_off

# --- deaths_and_revivals ---------------------------------------------------------------------


def counts_by_loop(dead):
    deaths = revivals = 0
    for unit in range(dead.shape[1]):
        for row in range(1, len(dead)):
            if dead[row, unit] and not dead[row - 1, unit]:
                deaths += 1
            if dead[row - 1, unit] and not dead[row, unit]:
                revivals += 1
    return deaths, revivals


def counts_by_difference(dead):
    step = np.diff(dead.astype(int), axis=0)
    return [(step == 1).sum(), (step == -1).sum()]


def counts_by_words(dead):
    deaths = revivals = 0
    for column in dead.T:
        word = "".join("X" if off else "o" for off in column)
        deaths += sum(word[i : i + 2] == "oX" for i in range(len(word)))
        revivals += sum(word[i : i + 2] == "Xo" for i in range(len(word)))
    return np.array([deaths, revivals])


def counts_born_dead(dead):
    deaths = dead[0].sum() + (~dead[:-1] & dead[1:]).sum()
    return deaths, (dead[:-1] & ~dead[1:]).sum()


def counts_units(dead):
    died = (~dead[:-1] & dead[1:]).any(axis=0)
    back = (dead[:-1] & ~dead[1:]).any(axis=0)
    return died.sum(), back.sum()


def difference_of_bools(dead):
    step = np.diff(dead, axis=0)
    return (step == 1).sum(), (step == -1).sum()


def change_of_total(dead):
    step = np.diff(dead.sum(axis=1))
    return step[step > 0].sum(), -step[step < 0].sum()


def changes_the_states(dead):
    before = dead[:-1]
    before[:] = ~before
    return (before & dead[1:]).sum(), 0


def net_change(dead):
    change = np.diff(dead.astype(int), axis=0).sum(axis=0)
    return change[change > 0].sum(), -change[change < 0].sum()


def signed(dead):
    step = np.diff(dead.astype(int), axis=0)
    return (step == 1).sum(), step[step < 0].sum()


def goes_round(dead):
    deaths = revivals = 0
    for row in range(len(dead)):
        deaths += (~dead[row - 1] & dead[row]).sum()
        revivals += (dead[row - 1] & ~dead[row]).sum()
    return deaths, revivals


def rolls(dead):
    before = np.roll(dead, 1, axis=0)
    return np.sum(~before & dead), np.sum(before & ~dead)


def stops_early(dead):
    deaths = revivals = 0
    for row in range(1, len(dead) - 1):
        deaths += (~dead[row - 1] & dead[row]).sum()
        revivals += (dead[row - 1] & ~dead[row]).sum()
    return deaths, revivals


def runs_over(dead):
    deaths = revivals = 0
    for row in range(len(dead)):
        deaths += (~dead[row] & dead[row + 1]).sum()
        revivals += (dead[row] & ~dead[row + 1]).sum()
    return deaths, revivals


def in_steps(dead):
    deaths, revivals = 0, 0
    for before, after in itertools.pairwise(dead):
        for was, now in zip(before, after, strict=True):
            if was == now:
                continue
            if now:
                deaths += 1
            else:
                revivals += 1
    return deaths, revivals


def says_nothing(dead):
    np.sum(~dead[:-1] & dead[1:])


DEATHS_RIGHT = [
    counts_by_loop,
    counts_by_difference,
    counts_by_words,
    in_steps,
    lambda dead: (
        np.clip(np.diff(dead.astype(int), axis=0), 0, 1).sum(),
        -np.clip(np.diff(dead.astype(int), axis=0), -1, 0).sum(),
    ),
    lambda dead: ((~dead[:-1] & dead[1:]).sum(), (dead[:-1] & ~dead[1:]).sum()),
    lambda dead: (np.sum(dead[1:] > dead[:-1]), np.sum(dead[1:] < dead[:-1])),
    lambda d: np.array([np.logical_and(~d[:-1], d[1:]).sum(), (d[:-1] * ~d[1:]).sum()]),
    lambda dead: tuple(np.sum(np.diff(dead * 1, axis=0) == way) for way in (1, -1)),
]
DEATHS_WRONG = {
    "the wrong way round": [
        lambda dead: ((dead[:-1] & ~dead[1:]).sum(), (~dead[:-1] & dead[1:]).sum()),
        lambda dead: counts_by_difference(dead)[::-1],
    ],
    "dead from the start taken for a death": [counts_born_dead],
    "True and False subtracted": [
        difference_of_bools,
        lambda dead: [np.sum(dead[1:] != dead[:-1])] * 2,
    ],
    "only the two ends compared": [
        lambda dead: ((dead[-1] & ~dead[0]).sum(), (dead[0] & ~dead[-1]).sum()),
        lambda dead: counts_by_loop(dead[[0, -1]]),
        net_change,
    ],
    "the change of the total": [change_of_total],
    "each unit counted once": [counts_units],
    "states counted instead of changes": [
        lambda dead: (np.sum(dead), np.sum(~dead)),
        lambda dead: (dead[-1].sum(), (~dead[-1]).sum()),
    ],
    "neighbours compared instead of rows": [
        lambda dead: counts_by_loop(dead.T),
        lambda dead: [(np.diff(dead * 1) == way).sum() for way in (1, -1)],
    ],
    "the last row before the first": [goes_round, rolls],
    "a row left out": [stops_early, lambda dead: counts_by_loop(dead[1:])],
    "a row too many": [runs_over],
    "a minus left on": [signed],
    "one of the two": [
        lambda dead: (~dead[:-1] & dead[1:]).sum(),
        lambda dead: counts_by_loop(dead)[1],
    ],
    "the same count twice": [lambda dead: [(~dead[:-1] & dead[1:]).sum()] * 2],
    "not added up": [
        lambda dead: ((~dead[:-1] & dead[1:]).sum(axis=0), (dead[:-1] & ~dead[1:]).sum(axis=0)),
        lambda dead: [(dead[1:] > dead[:-1]).sum(1), (dead[1:] < dead[:-1]).sum(1)],
        lambda dead: (~dead[:-1] & dead[1:], dead[:-1] & ~dead[1:]),
    ],
    "shares instead of counts": [
        lambda dead: ((~dead[:-1] & dead[1:]).mean(), (dead[:-1] & ~dead[1:]).mean()),
        lambda dead: np.array(counts_by_loop(dead)) / len(dead[0]),
    ],
    "`and` between arrays": [
        lambda dead: (np.sum(not dead[:-1] and dead[1:]), np.sum(dead[:-1] and not dead[1:])),
        lambda dead: (sum(~dead[:-1] and dead[1:]), sum(dead[:-1] and ~dead[1:])),
    ],
    "a minus between True and False": [
        lambda dead: ((dead[1:] - dead[:-1]) == 1).sum(),
        lambda dead: ((-dead[:-1] * dead[1:]).sum(), 0),
        lambda dead: (dead[1:] - dead[:-1]).sum(axis=0),
    ],
    "nothing returned": [says_nothing],
    "other arguments": [lambda before, after: (~before & after).sum()],
    "not a function": [(3, 1)],
    "": [
        lambda dead: {"deaths": 1, "revivals": 0},
        lambda dead: "one death",
        lambda dead: (0, 0),
        changes_the_states,
    ],
}


# --- name_the_states -------------------------------------------------------------------------

STATES_RIGHT = [
    ([0, 1, 2, 3, 1],),
    ((0, 1, 2, 3, 1),),
    (np.array([0, 1, 2, 3, 1]),),
    ([0.0, 1.0, 2.0, 3.0, 1.0],),
    (np.array([[0, 1, 2, 3, 1]]).ravel(),),
]
STATES_WRONG = {
    "no such state": [([0, 1, 2, 4, 1],), ([1, 2, 3, 4, 2],), ([0, 1, 2.5, 3, 1],)],
    "off for some pictures taken for dead": [([1, 1, 2, 3, 1],), ([1] * 5,), ([True, 1, 2, 3, 1],)],
    "never firing taken for learning": [([0, 0, 2, 3, 1],), ([0, 1, 0, 3, 1],), ([0] * 5,)],
    "dead taken for blocked": [([0, 3, 2, 3, 1],), ([0, 3, 2, 3, 3],)],
    "always-off taken for dead": [([0, 1, 1, 3, 1],), ([0, 1, 1, 1, 0],), ([0, 1, 1, 3, 3],)],
    "stuck taken for dead": [([0, 1, 2, 1, 1],), ([0, 1, 2, 1, 0],)],
    "firing taken for learning": [([0, 1, 2, 0, 1],)],
    "z = 0 taken for firing": [([0, 1, 2, 3, 0],), ([0, 1, 2, 3, 3],)],
    "a flat slope taken for a leaky one": [
        ([0, 2, 2, 3, 2],),
        ([0, 1, 2, 2, 1],),
        ([0, 1, 2, 3, 2],),
        ([2, 1, 2, 3, 1],),
    ],
    "a unit that learns taken for blocked": [([3, 1, 2, 3, 1],), ([0, 1, 3, 3, 1],)],
    "not a number": [("01231",), (["0", "1", "2", "3", "1"],), ({"A": 0, "B": 1, "C": 2},)],
    "wrong number of values": [([0, 1, 2, 3],)],
}


# --- black_on_white: a prediction, then the two shares ---------------------------------------

INVERTED_RIGHT = [
    ("more", (30.9, 57.9)),
    ("More", (np.float64(30.9), np.float64(57.9))),
    (" more. ", (np.array(30.9), [57.9])),
    ("'more'", (30.859, 58)),
    ("MORE!", ([30.9], np.array([57.9]))),
]
INVERTED_WRONG = {
    "the same picture, so the same deaths": [("same", (30.9, 57.9)), ("Same", (31, 58))],
    "white is taken for empty": [("fewer", (30.9, 57.9)), ("FEWER", (31, 58))],
    "a share instead of per cent": [
        ("more", (30.9, 0.579)),
        ("more", (0.309, 57.9)),
        ("more", (0.309, 0.579)),
    ],
    "centred pictures": [("more", (30.9, 0.0)), ("same", (0.0, 0.0))],
    "the two swapped": [("more", (57.9, 30.9)), ("fewer", (57.9, 30.9))],
    "wrong number of values": [("more", (30.9, np.full(20, 57.9))), ("more", (30.9, (14, 57.9)))],
    "nothing was turned round": [("more", (30.9, 30.9)), ("same", (30.9, 30.9))],
    "before the step": [("more", (30.9, 14.5)), ("more", (2.7, 14.5))],
    "not a number": [("more", ("many", 57.9))],
    "not finite": [("more", (30.9, np.nan))],
}


# --- lost_at_birth ---------------------------------------------------------------------------


def lost_by_loop(width, hidden):
    through = 1.0
    for _ in range(hidden):
        through *= 1 - 2**-width
    return 1 - through


def lost_layer_by_layer(width, hidden):
    return sum((1 - 0.5**width) ** layer * 0.5**width for layer in range(hidden))


def lost_by_recursion(width, hidden):
    if hidden == 0:
        return 0.0
    here = 0.5**width
    return here + (1 - here) * lost_by_recursion(width, hidden - 1)


def lost_by_drawing(width, hidden):
    off = np.random.default_rng(0).random((20_000, hidden, width)) < 0.5
    return off.all(axis=2).any(axis=1).mean()


LOST_RIGHT = [
    lost_by_recursion,
    lambda width, hidden: 1 - np.exp(hidden * np.log(1 - 2.0**-width)),
    lost_by_loop,
    lost_layer_by_layer,
    lambda width, hidden: 1 - (1 - 0.5**width) ** hidden,
    lambda width, hidden: 1 - (1 - 1 / 2**width) ** hidden,
    lambda n, h: 1 - np.prod(np.full(h, 1 - 2.0**-n)),
    lambda n, h: -math.expm1(h * math.log1p(-(0.5**n))),
]
LOST_WRONG = {
    "alive instead of lost": [lambda width, hidden: (1 - 0.5**width) ** hidden],
    "one layer only": [lambda width, hidden: 0.5**width, lambda width, hidden: 1 - 2.0**-width],
    "probabilities added up": [
        lambda width, hidden: hidden * 0.5**width,
        lambda width, hidden: min(hidden / 2**width, 1),
    ],
    "all layers must fail": [lambda width, hidden: 0.5 ** (width * hidden)],
    "one silent unit is enough": [lambda width, hidden: 1 - 0.5 ** (width * hidden)],
    "the units of a layer added up": [
        lambda width, hidden: 1 - (1 - 0.5 / width) ** hidden,
        lambda width, hidden: 1 - (1 - 1 / width) ** hidden,
        lambda width, hidden: 1 - (1 - width / 2) ** hidden,
    ],
    "nine layers, whatever was asked": [lambda width, hidden: 1 - (1 - 0.5**width) ** 9],
    "width and layers exchanged": [lambda width, hidden: 1 - (1 - 0.5**hidden) ** width],
    "the power upside down": [lambda width, hidden: 1 - (1 - 2**width) ** hidden],
    "per cent instead of a probability": [
        lambda width, hidden: 100 * (1 - (1 - 0.5**width) ** hidden),
    ],
    "`^` for a power": [
        lambda width, hidden: 1 - (1 - 0.5 ^ width) ** hidden,
        lambda width, hidden: 1 - (1 - (1 / 2) ^ width) ^ hidden,
    ],
    "close, and not exact": [
        lost_by_drawing,
        lambda width, hidden: round(1 - (1 - 0.5**width) ** hidden, 3),
        lambda width, hidden: np.round(lost_by_loop(width, hidden), 2),
    ],
    "a layer too many or too few": [
        lambda width, hidden: 1 - (1 - 0.5**width) ** (hidden - 1),
        lambda width, hidden: 1 - (1 - 0.5**width) ** (hidden + 1),
    ],
    "nothing returned": [lambda width, hidden: print(1 - (1 - 0.5**width) ** hidden)],
    "other arguments": [lambda width: 0.5**width],
    "not a function": [0.925],
    "": [
        lambda width, hidden: 0.5,
        lambda width, hidden: "often",
        lambda width, hidden: f"{100 * lost_by_loop(width, hidden):.1f} %",
    ],
}


# --- back_from_the_dead: a choice -------------------------------------------------------------

INPUTS_CHANGED = (
    "Dead, until its inputs changed: the units of layer 1 went on learning, and so they send it "
    "other numbers now."
)
BACK_RIGHT = [("c",), ("C",), (" c) ",), ("(c)",), ("'c'",), (INPUTS_CHANGED,)]
BACK_WRONG = {
    "dead taken for dead for ever": [("a",), ("A.",), ("(a)",)],
    "a way past the ReLU for the bias": [("b",), (" B",), ("b)",)],
    "taught by pictures outside the probe": [("d",), ("D",), ('"d"',)],
}


# --- the bank --------------------------------------------------------------------------------


def named_states(solutions):
    rows = [[2.1, 0, 0.3], [-0.5, 0, 0], [-0.5, 0.1, 0.02], [1.7, 0, 0], [0, 0, 0]]
    return ([solutions.name_the_states(*row) for row in rows],)


def measured_shares(solutions):
    """Measure as the notebook does, with one network instead of twenty."""
    x_train, y_train, _, _ = split(digits().pixels, digits().labels)

    def one_step(x):
        network = Network([64, 64, 10], "relu", seed=0)
        found = []
        for epochs in (0, 1):
            options = {"epochs": epochs, "probe": x[:1], "progress": False}
            fit(network, x[:64], y_train[:64], optimizer=Adam(0.1), **options)
            z = network.pre_activations(x)[0]
            found.append(100 * always_off(z).mean(keepdims=True))
        return found

    return "more", solutions.black_on_white(one_step, x_train)


RIGHT = {
    "deaths_and_revivals": [(f,) for f in DEATHS_RIGHT],
    "name_the_states": STATES_RIGHT,
    "black_on_white": INVERTED_RIGHT,
    "lost_at_birth": [(f,) for f in LOST_RIGHT],
    "back_from_the_dead": BACK_RIGHT,
}
WRONG = {
    "deaths_and_revivals": {name: [(f,) for f in each] for name, each in DEATHS_WRONG.items()},
    "name_the_states": STATES_WRONG,
    "black_on_white": INVERTED_WRONG,
    "lost_at_birth": {name: [(f,) for f in each] for name, each in LOST_WRONG.items()},
    "back_from_the_dead": BACK_WRONG,
}
SOLVED = {
    "name_the_states": named_states,
    "black_on_white": measured_shares,
    "back_from_the_dead": lambda solutions: (solutions.back_from_the_dead(),),
}
