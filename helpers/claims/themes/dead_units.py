"""What dead and silent units are worth: claims A11 and A14.

`worth_of_silent` takes units out of trained leaky networks, one at a time. `cost_of_dead` kills
half of the units before training.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Above, Alike, Differs
from helpers.claims.margins import POINT
from helpers.claims.problems import Problem, problem
from helpers.claims.trainings import ACCURACY, UNIT, looked_up, trained
from helpers.fleet import Fleet

__all__ = ["CLAIMS", "cost_of_dead", "lose", "worth_of_silent"]

# What a draw is for, beside the seed.
DRAW_UNITS = 11

# --- A11: what is a silent unit worth? ------------------------------------------------------------

# Networks of which many leaky units never fire after training. Inputs are from 0 to 1.
SILENT = {
    "digits, bias -2": ("digits", {"bias": -2.0, "learning_rate": 0.003}),
    "breast cancer, rate 0.1": ("breast cancer", {"learning_rate": 0.1}),
}
# What counts as a contribution, beside that of a typical active unit of the same network. (The
# median: a few active units matter so much that many others would not reach a tenth of the mean.)
ENOUGH = 0.1


def worth_of_silent(
    seeds: Sequence[int],
    *,
    settings: Sequence[str] = tuple(SILENT),
    slopes: Sequence[float] = (0.01, 0.1),
    units: int = 8,
    steps: int = 330,
) -> dict[str, np.ndarray]:
    """Take always-negative units out of trained leaky networks, and active ones for comparison.

    Networks have two hidden layers of 32 units. A unit is taken out in two ways: it says 0 for all
    examples, or for all examples what it says on average, so that only what varies is lost.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    settings : sequence of str
        Keys of `SILENT`.
    slopes : sequence of float
        Of the negative side. (0 is ReLU, of which no dead unit contributes.)
    units : int
        How many units of either kind are drawn in each network.
    steps : int
        Steps of training.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For setting, slope and way: share of the always-negative units that contribute. One does if
        taking it out changes the training loss, up or down, by at least a tenth of what taking out
        an active unit of its network does, in the median.

    Raises
    ------
    ValueError
        If a network has no unit of one of the kinds.
    """
    found = {}
    for name, (data, start) in looked_up(SILENT, settings):
        task = problem(data, seeds, scale=UNIT)
        for slope in slopes:
            fleet, history = trained(task, [32, 32], seeds, steps, slope=slope, **start)
            off = np.concatenate([layer[-1, 0] for layer in history.always_off], axis=-1)
            silent = _drawn(off, seeds, units, "always-negative")
            active = _drawn(~off, seeds, units, "active")
            chosen = np.concatenate([silent, active])
            for way in ("0", "its mean"):
                change = np.abs(lose(fleet, task, chosen, mean=way == "its mean"))
                enough = change[:units] >= ENOUGH * np.median(change[units:], axis=0)
                contributes = enough & (change[:units] > 0)
                found[f"{name}, slope {slope:g}, {way}"] = contributes.mean(axis=0)
    return found


def _drawn(which: np.ndarray, seeds: Sequence[int], count: int, kind: str) -> np.ndarray:
    """Draw units that are true, for each network: shape (count, seeds); all of them if too few."""
    lacking = [seed for seed, row in zip(seeds, which, strict=True) if not row.any()]
    if lacking:
        raise ValueError(
            f"networks {lacking} have no {kind} unit after training: train for more steps, or fewer"
        )
    drawn = []
    for seed, row in zip(seeds, which, strict=True):
        those = np.random.default_rng([seed, DRAW_UNITS]).permutation(np.flatnonzero(row))
        drawn.append(np.resize(those, count))  # repeats all of them in turn where they are too few
    return np.stack(drawn, axis=1)


def lose(fleet: Fleet, task: Problem, chosen: np.ndarray, *, mean: bool) -> np.ndarray:
    """Measure how the training loss changes when a hidden unit says the same for all examples.

    Parameters
    ----------
    fleet : Fleet
        Of one arm; it stays as it is.
    task : Problem
        The examples it was trained on.
    chosen : ndarray of int, shape (count, seeds)
        Units to take out, one at a time, counted through the hidden layers from 0.
    mean : bool
        Let the unit say its mean over the training examples; else 0.

    Returns
    -------
    ndarray, shape (count, seeds)
        Loss without the unit, less the loss with it.
    """
    slope = float(fleet.slope[0])
    said = [
        np.where(z > 0, z, slope * z)[0].mean(axis=1, dtype=float)
        for z in fleet.pre_activations(task.x)
    ]
    borders = np.cumsum([0, *fleet.sizes[1:-1]])
    # An arm for each unit to take out, after one that stays whole; in float64, because a unit may
    # be worth less than what float32 rounds away.
    arms = len(chosen) + 1
    without = Fleet(fleet.sizes, seeds=fleet.seeds, slope=[slope] * arms)
    without.parameters = [np.repeat(a, arms, axis=0).astype(float) for a in fleet.parameters]
    for row, units in enumerate(chosen, 1):
        for seed, unit in enumerate(units):
            layer = int(np.searchsorted(borders, unit, side="right")) - 1
            place = unit - borders[layer]
            w, b = (without.parameters[2 * layer + k][row, seed] for k in (2, 3))
            # What the unit always says is a constant of the next layer: its bias may say it.
            if mean:
                b += said[layer][seed, place] * w[place]
            w[place] = 0.0
    loss = without.measure(task.x, task.y, record=["loss"]).loss[0]
    return loss[1:] - loss[0]


# --- A14: what do dead units cost? ----------------------------------------------------------------


def cost_of_dead(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "spirals"),
    widths: Sequence[int] = (8, 64),
    steps: int = 330,
    rate: float = 0.01,
) -> dict[str, np.ndarray]:
    """Train networks of one hidden layer, all alive or half dead, and those of half the width.

    A unit is killed by incoming weights of 0 and a bias of -1: its z is -1 for every input, it gets
    no gradient, and Adam leaves it as it is.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    problems : sequence of str
        Names for `problem`.
    widths : sequence of int
        Units of the hidden layer, even numbers.
    steps : int
        Steps of training.
    rate : float
        Adam's.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Test accuracy for problem and width: "all alive" and "half dead"; for the largest width also
        "half as wide".
    """
    found = {}
    for name in problems:
        task = problem(name, seeds)
        for width in widths:
            half = width // 2
            sizes = task.sizes(width)
            start = Fleet(sizes, seeds=seeds, dtype=np.float32, learning_rate=[rate, rate])
            start.parameters[0][1, :, :, half:] = 0.0
            start.parameters[1][1, :, half:] = -1.0
            _, whole = trained(task, [width], seeds, steps, fleet=start)
            label = f"{name}, width {width}"
            found[f"{label}, all alive"] = whole.test_accuracy[-1, 0]
            found[f"{label}, half dead"] = whole.test_accuracy[-1, 1]
            if width == max(widths):
                _, small = trained(task, [half], seeds, steps, learning_rate=rate)
                found[f"{label}, half as wide"] = small.test_accuracy[-1, 0]
    return found


# --- the claims -----------------------------------------------------------------------------------

WORTH = "share of always-negative units that contribute"

CLAIMS = [
    Claim(
        "A11",
        title="With a leak every unit contributes",
        says="With a leaky ReLU every unit contributes, also one that never fires.",
        how=(
            "In trained leaky networks hidden units are made to say a constant, one at a time. An"
            " always-negative unit contributes if that changes the training loss by at least a"
            " tenth of what it does for an active one, in the median. The claim, which is made of"
            " every unit, is taken to hold if more than half of them contribute."
        ),
        where="11#death",
        experiment=worth_of_silent,
        tests={
            f"{name}, slope {slope:g}, set to {way}": Above(
                WORTH, f"{name}, slope {slope:g}, {way}", 0.5
            )
            for name in SILENT
            for slope in (0.01, 0.1)
            for way in ("0", "its mean")
        },
        quick={
            "seeds": 10,
            "settings": ("digits, bias -2",),
            "slopes": (0.01,),
            "units": 2,
            "steps": 132,
        },
        full={"seeds": 200},
    ),
    Claim(
        "A14",
        title="Dead units cut capacity",
        says="Dead units cut the capacity of a network: it learns less than it could.",
        how=(
            "Half of the units of one hidden layer are killed before training. Test accuracy is"
            " compared with the whole network, for a layer with little and one with much width to"
            " spare; and with a network of half the width, which should then do as well."
        ),
        where="06#harm-figure",
        experiment=cost_of_dead,
        tests={
            f"{name}, half of {width} dead": Differs(
                ACCURACY,
                more=f"{name}, width {width}, all alive",
                than=f"{name}, width {width}, half dead",
                margin=POINT,
            )
            for name in ("digits", "spirals")
            for width in (8, 64)
        }
        | {
            f"{name}, half of 64 dead as good as 32": Alike(
                ACCURACY, f"{name}, width 64, half dead", f"{name}, width 64, half as wide", POINT
            )
            for name in ("digits", "spirals")
        },
        quick={"seeds": 10, "problems": ("digits",), "widths": (8,), "steps": 110},
    ),
]
