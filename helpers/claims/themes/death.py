"""What kills units, and what keeps them from dying: claims A7, A9, A13, A16, and B3.

Units are judged over all training examples. *Dead* is said of ReLU units alone: where a leak is
compared with ReLU, the word is always-off, which can be said of both. What dead units are worth is
in `helpers.claims.themes.dead_units`, what pushed them in `dying_units` beside it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Differs
from helpers.claims.margins import POINT, SHARE
from helpers.claims.problems import problem
from helpers.claims.trainings import ACCURACY, STANDARD, UNIT, looked_up, trained
from helpers.fleet import Fleet
from helpers.training import SGD, Adam

__all__ = [
    "CLAIMS",
    "collapsed",
    "dead_by_bias",
    "dead_by_rate",
    "saved_by_leak",
    "too_little_slope",
]

# --- A7: a negative bias --------------------------------------------------------------------------

# Scales decide how far z spreads, and with it which bias is large.
BIASED = {
    "digits from 0 to 1": ("digits", UNIT),
    "digits standardised": ("digits", STANDARD),
    "wine standardised": ("wine", STANDARD),
}


def dead_by_bias(
    seeds: Sequence[int],
    *,
    settings: Sequence[str] = tuple(BIASED),
    biases: Sequence[float] = (0, -2, -4),
    steps: int = 330,
    rate: float = 0.001,
) -> dict[str, np.ndarray]:
    """Train ReLU networks of two hidden layers of 32 units that start with a negative bias.

    Parameters
    ----------
    seeds : sequence of int
        One network each, in every arm.
    settings : sequence of str
        Keys of `BIASED`.
    biases : sequence of float
        Of all hidden units at the start.
    steps : int
        Steps of training.
    rate : float
        Adam's.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For setting and bias: share of the hidden units that are dead both at the start and after
        training, and test accuracy.
    """
    found = {}
    for name, (data, scale) in looked_up(BIASED, settings):
        task = problem(data, seeds, scale=scale)
        _, history = trained(task, [32, 32], seeds, steps, bias=biases, optimizer=Adam(rate))
        stayed = np.concatenate([layer[0] & layer[-1] for layer in history.dead], axis=-1)
        for arm, bias in enumerate(biases):
            found[f"{name}, bias {bias:g}, dead"] = stayed[arm].mean(axis=-1)
            found[f"{name}, bias {bias:g}, accuracy"] = history.test_accuracy[-1, arm]
    return found


# --- A9, B3: does a leak prevent it? --------------------------------------------------------------

# Trainings in which ReLU networks die: data, scale of the inputs, what is wrong.
DEADLY = {
    "digits, rate 0.1": ("digits", STANDARD, {"learning_rate": 0.1}),
    "digits, bias -4": ("digits", UNIT, {"bias": -4.0, "learning_rate": 0.001}),
    "breast cancer, rate 0.1": ("breast cancer", STANDARD, {"learning_rate": 0.1}),
    "breast cancer, bias -4": ("breast cancer", UNIT, {"bias": -4.0, "learning_rate": 0.001}),
}


def saved_by_leak(
    seeds: Sequence[int],
    *,
    settings: Sequence[str] = tuple(DEADLY),
    slopes: Sequence[float] = (0, 0.01, 0.1),
    width: int = 64,
    steps: int = 330,
) -> dict[str, np.ndarray]:
    """Train networks under conditions in which ReLU units die, with a leak and without.

    Networks have two hidden layers, and start from the same weights in all arms.

    Parameters
    ----------
    seeds : sequence of int
        One network each, in every arm.
    settings : sequence of str
        Keys of `DEADLY`.
    slopes : sequence of float
        Of the negative side; 0 is ReLU.
    width : int
        Units of each hidden layer.
    steps : int
        Steps of training.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For setting and slope: share of the hidden units that are always-off after training, and
        test accuracy.
    """
    found = {}
    for name, (data, scale, wrong) in looked_up(DEADLY, settings):
        task = problem(data, seeds, scale=scale)
        _, history = trained(task, [width] * 2, seeds, steps, slope=slopes, **wrong)
        off = history.share("always_off")[-1].mean(axis=-1)
        for arm, slope in enumerate(slopes):
            found[f"{name}, slope {slope:g}, always-off"] = off[arm]
            found[f"{name}, slope {slope:g}, accuracy"] = history.test_accuracy[-1, arm]
    return found


# --- A13: how small may the slope be? -------------------------------------------------------------

COLLAPSE = "deep and narrow"  # |x|, nine hidden layers of 2 units
FLAT = 0.01  # outputs that vary by less than this share of the target's range are called constant

# Trainings that ReLU does not survive: data, scale of the inputs, what is wrong.
HARD = {
    "digits, bias -8": ("digits", UNIT, {"bias": -8.0, "learning_rate": 0.001}),
    "breast cancer, bias -8": ("breast cancer", UNIT, {"bias": -8.0, "learning_rate": 0.001}),
    "digits, rate 0.1": ("digits", STANDARD, {"learning_rate": 0.1}),
    COLLAPSE: ("absolute", STANDARD, {"learning_rate": 0.01}),
}


def too_little_slope(
    seeds: Sequence[int],
    *,
    settings: Sequence[str] = tuple(HARD),
    slopes: Sequence[float] = (0.01, 0.1),
    width: int = 64,
    steps: int = 330,
    deep_steps: int = 800,
) -> dict[str, np.ndarray]:
    """Give a small and a larger slope to networks that ReLU cannot train.

    Three kinds have two hidden layers. The fourth is so deep and narrow that most of its ReLU
    networks are constant before training, and more of them after it, as in notebook 06.

    Parameters
    ----------
    seeds : sequence of int
        One network each, in every arm.
    settings : sequence of str
        Keys of `HARD`.
    slopes : sequence of float
        Of the negative side.
    width : int
        Units of each hidden layer of the first three.
    steps, deep_steps : int
        Steps of training: of the first three, and of `COLLAPSE`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For setting and slope: test accuracy; for `COLLAPSE`, whether the network ended constant.
    """
    found = {}
    for name, (data, scale, wrong) in looked_up(HARD, settings):
        task = problem(data, seeds, scale=scale)
        deep = name == COLLAPSE
        hidden, count = ([2] * 9, deep_steps) if deep else ([width] * 2, steps)
        fleet, history = trained(task, hidden, seeds, count, slope=slopes, **wrong)
        values = collapsed(fleet, task.x, task.y) if deep else history.test_accuracy[-1]
        for arm, slope in enumerate(slopes):
            found[f"{name}, slope {slope:g}"] = values[arm]
    return found


def collapsed(fleet: Fleet, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Tell which networks with one output say the same for all inputs, or as good as the same.

    Parameters
    ----------
    fleet : Fleet
        Networks with one output.
    x, y : ndarray, shapes (seeds, N, inputs) and (seeds, N, 1)
        Inputs, and what should be said.

    Returns
    -------
    ndarray of bool, shape (arms, seeds)
        True where the outputs vary by less than 1 % of the range of `y`. (Without a leak they would
        be exactly equal; with one, the last trace of the input is only very small.)
    """
    return np.ptp(fleet.outputs(x)[..., 0], axis=-1) < FLAT * np.ptp(y[..., 0], axis=-1)


# --- A16: a high learning rate --------------------------------------------------------------------

# Data, scale of the inputs, hidden layers, optimiser, and the two rates, the second 100 times the
# first.
RATES = {
    "digits standardised, 1 hidden layer": ("digits", STANDARD, [64], Adam, (0.001, 0.1)),
    "digits from 0 to 1, 1 hidden layer": ("digits", UNIT, [64], Adam, (0.001, 0.1)),
    "digits standardised, 2 hidden layers": ("digits", STANDARD, [64] * 2, Adam, (0.001, 0.1)),
    "digits from 0 to 1, 2 hidden layers, SGD": ("digits", UNIT, [64] * 2, SGD, (0.005, 0.5)),
    "wine standardised, 1 hidden layer": ("wine", STANDARD, [64], Adam, (0.001, 0.1)),
    "cars standardised, 2 hidden layers": ("cars", STANDARD, [64] * 2, Adam, (0.001, 0.1)),
}


def dead_by_rate(
    seeds: Sequence[int], *, settings: Sequence[str] = tuple(RATES), steps: int = 330
) -> dict[str, np.ndarray]:
    """Train ReLU networks at a usual learning rate and at 100 times of it.

    Parameters
    ----------
    seeds : sequence of int
        One network each, at both rates.
    settings : sequence of str
        Keys of `RATES`.
    steps : int
        Steps of training.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For setting and rate: share of the hidden units that are dead after training.
    """
    found = {}
    for name, (data, scale, hidden, kind, rates) in looked_up(RATES, settings):
        task = problem(data, seeds, scale=scale)
        arms = {"optimizer": kind(rates[0]), "learning_rate": rates}
        _, history = trained(task, hidden, seeds, steps, **arms)
        dead = history.share("dead")[-1].mean(axis=-1)
        for arm, rate in enumerate(rates):
            found[f"{name}, rate {rate:g}"] = dead[arm]
    return found


# --- the claims -----------------------------------------------------------------------------------

DEAD_AFTER = "dead units after training, a share"
ALWAYS_OFF = "always-off units after training, a share"

CLAIMS = [
    Claim(
        "A7",
        title="A large negative bias kills units",
        says="A large negative bias leaves units dead, and training does not bring them back.",
        how=(
            "Hidden units of ReLU networks start with a bias of -2 or -4 in place of 0. Counted are"
            " units that are dead at the start and after training; and what it costs in accuracy."
        ),
        where="06#bias-run",
        experiment=dead_by_bias,
        tests={
            f"{name}, bias {bias}": Differs(
                "units dead at the start and after training, a share",
                more=f"{name}, bias {bias}, dead",
                than=f"{name}, bias 0, dead",
                margin=SHARE,
            )
            for name in BIASED
            for bias in (-2, -4)
        }
        | {
            f"{name}, bias -4, accuracy": Differs(
                ACCURACY,
                more=f"{name}, bias 0, accuracy",
                than=f"{name}, bias -4, accuracy",
                margin=POINT,
            )
            for name in BIASED
        },
        quick={
            "seeds": 10,
            "settings": ("digits from 0 to 1",),
            "biases": (0, -4),
            "steps": 110,
        },
    ),
    Claim(
        "A9",
        title="Leaky ReLU prevents dying",
        says="A leaky ReLU prevents dying: units do not fall silent for good, and networks learn.",
        how=(
            "Networks are trained as ReLU does not survive it: at a rate of 0.1, or with biases of"
            " -4. No leaky unit is dead, by definition. So it is asked how much the network has"
            " learned beside ReLU from the same weights; and, where units fall silent in training,"
            " how many never fire after it."
        ),
        where="07#deaths-figure",
        experiment=saved_by_leak,
        tests={
            f"{name}, slope {slope:g}, units fire": Differs(
                ALWAYS_OFF,
                more=f"{name}, slope 0, always-off",
                than=f"{name}, slope {slope:g}, always-off",
                margin=SHARE,
            )
            for name in DEADLY
            if name.endswith("rate 0.1")
            for slope in (0.01, 0.1)
        }
        | {
            f"{name}, slope {slope:g}, accuracy": Differs(
                ACCURACY,
                more=f"{name}, slope {slope:g}, accuracy",
                than=f"{name}, slope 0, accuracy",
                margin=POINT,
            )
            for name in DEADLY
            for slope in (0.01, 0.1)
        },
        quick={
            "seeds": 10,
            "settings": ("breast cancer, bias -4",),
            "slopes": (0, 0.1),
            "width": 32,
            "steps": 210,
        },
    ),
    Claim(
        "B3",
        title="Leaky ReLU solves the dying ReLU",
        says="A leaky ReLU solves the dying-ReLU problem.",
        how="As for A9.",
        where="07#deaths-figure",
        same_as="A9",
    ),
    Claim(
        "A13",
        title="Too low a slope is not enough",
        says="A slope that is too small does not do: it leaves the units as good as dead.",
        how=(
            "Where ReLU fails, a slope of 0.01 is compared with one of 0.1: networks with biases of"
            " -8, networks trained at a rate of 0.1, and networks of nine hidden layers of 2 that"
            " are taught |x| and end constant."
        ),
        where="07#little-run",
        experiment=too_little_slope,
        tests={
            name: Differs(
                ACCURACY, more=f"{name}, slope 0.1", than=f"{name}, slope 0.01", margin=POINT
            )
            for name in HARD
            if name != COLLAPSE
        }
        | {
            COLLAPSE: Differs(
                "networks that end constant, a share",
                more=f"{COLLAPSE}, slope 0.01",
                than=f"{COLLAPSE}, slope 0.1",
                margin=SHARE,
            )
        },
        quick={
            "seeds": 10,
            "settings": ("digits, bias -8",),
            "width": 32,
            "steps": 176,
        },
    ),
    Claim(
        "A16",
        title="A high learning rate kills units",
        says="A high learning rate kills units.",
        how=(
            "ReLU networks are trained at a usual learning rate and at 100 times of it, and their"
            " dead units counted: with inputs of mean 0 and inputs of one sign, one hidden layer"
            " and two, three sets of data, Adam and SGD."
        ),
        where="06#rate-figure",
        experiment=dead_by_rate,
        tests={
            name: Differs(
                DEAD_AFTER,
                more=f"{name}, rate {rates[1]:g}",
                than=f"{name}, rate {rates[0]:g}",
                margin=SHARE,
            )
            for name, (*_, rates) in RATES.items()
        },
        quick={"seeds": 10, "settings": ("digits from 0 to 1, 1 hidden layer",), "steps": 66},
    ),
]
