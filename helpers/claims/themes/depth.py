"""Claims about deep networks: whether a leak is better there, and keeps units from death.

Networks of 32 units a layer are trained by Adam on digits and on wines. Where accuracies are
compared, each network has its pick of learning rates, by its loss on what it has learned from: no
activation wins because the one rate that was tried happened to suit it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Differs
from helpers.claims.margins import POINT, SHARE
from helpers.claims.problems import Problem, problem
from helpers.claims.trainings import ENDS
from helpers.fleet import Fleet, FleetHistory
from helpers.initializers import glorot, he
from helpers.training import Adam

__all__ = [
    "CLAIMS",
    "death_by_depth",
    "deep_family",
    "deep_leaky",
    "pick_by_loss",
    "train_deep",
]

# How an arm's hidden units answer: activation, and slope where it has one to give.
UNITS: dict[str, tuple[str, float | None]] = {
    "ReLU": ("relu", 0.0),
    "leaky 0.01": ("relu", 0.01),
    "leaky 0.2": ("relu", 0.2),
    "PReLU": ("prelu", 0.25),
    "ELU": ("elu", None),
    "sigmoid": ("sigmoid", None),
    "tanh": ("tanh", None),
}
# One start for all that are straight above 0, and Glorot's for the two that it was made for.
STARTS = {"sigmoid": glorot, "tanh": glorot}
# Of 1,347 digits this many are learned: deep networks are slow. A pass over them has 19 steps, one
# over the 134 wines has 5: the wines get more passes.
TRAIN = {"digits": 600}
PASSES = {"wine": 3}
BATCH = 32

Case = tuple[str, int]


def train_deep(
    units: str,
    task: Problem,
    seeds: Sequence[int],
    *,
    depth: int,
    rates: Sequence[float],
    epochs: int,
    width: int = 32,
) -> FleetHistory:
    """Train deep networks with one kind of hidden unit, at each of some learning rates.

    Parameters
    ----------
    units : str
        One of `UNITS`, such as "leaky 0.2".
    task : Problem
        What to learn.
    seeds : sequence of int
        Those of `task`.
    depth, width : int
        Hidden layers, and units in each.
    rates : sequence of float
        Adam's learning rates.
    epochs : int
        Passes over the training examples.

    Returns
    -------
    FleetHistory
        One arm a rate; a row for the start and one for the end.

    Examples
    --------
    >>> wines = problem("wine", [0, 1])
    >>> train_deep("ELU", wines, [0, 1], depth=3, rates=[0.01], epochs=2).loss.shape
    (2, 1, 2)
    """
    activation, slope = UNITS[units]
    fleet = Fleet(
        task.sizes(*[width] * depth),
        activation,
        seeds=seeds,
        slope=slope,
        learning_rate=rates,
        initializer=STARTS.get(units, he),
        dtype=np.float32,
    )
    # Only the start and the end are looked at.
    return fleet.fit(
        task.x,
        task.y,
        test=task.test,
        optimizer=Adam(),
        epochs=epochs,
        batch_size=BATCH,
        every=ENDS,
        progress=False,
    )


def pick_by_loss(history: FleetHistory, classes: int) -> np.ndarray:
    """Give each seed's test accuracy at the rate that left it the lowest training loss.

    The test examples have no say in the choice.

    Parameters
    ----------
    history : FleetHistory
        One arm a learning rate.
    classes : int
        A network whose loss is not finite counts as one that guesses among so many.

    Returns
    -------
    ndarray, shape (seeds,)
        Shares from 0 to 1.
    """
    loss = np.nan_to_num(history.loss[-1], nan=np.inf)
    accuracy = np.nan_to_num(history.test_accuracy[-1], nan=1 / classes)
    return np.take_along_axis(accuracy, loss.argmin(axis=0)[np.newaxis], axis=0)[0]


def accuracies(
    kinds: Sequence[str],
    cases: Sequence[Case],
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    epochs: int,
) -> dict[str, np.ndarray]:
    """Train each kind of unit on each case, and give the test accuracies by arm.

    Parameters
    ----------
    kinds : sequence of str
        Names of `UNITS`.
    cases : sequence of (str, int)
        Problem and depth.
    seeds, rates, epochs
        As for `train_deep`; on wines there are three times as many passes.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Under names such as "leaky 0.2, digits, depth 10".

    Examples
    --------
    >>> found = accuracies(["ReLU"], [("wine", 2)], range(3), rates=[0.01], epochs=1)
    >>> [(arm, values.shape) for arm, values in found.items()]
    [('ReLU, wine, depth 2', (3,))]
    """
    found = {}
    for name, depth in cases:
        task = problem(name, seeds, train=TRAIN.get(name))
        passes = epochs * PASSES.get(name, 1)
        for units in kinds:
            history = train_deep(units, task, seeds, depth=depth, rates=rates, epochs=passes)
            found[arm_of(units, name, depth)] = pick_by_loss(history, task.outputs)
    return found


def arm_of(units: str, name: str, depth: int) -> str:
    """Name an arm: "leaky 0.2, digits, depth 10"."""
    return f"{units}, {name}, depth {depth}"


# --- experiments ----------------------------------------------------------------------------------


def deep_leaky(
    seeds: Sequence[int],
    *,
    cases: Sequence[Case] = (("digits", 10), ("digits", 20), ("wine", 20)),
    rates: Sequence[float] = (0.001, 0.003),
    epochs: int = 10,
) -> dict[str, np.ndarray]:
    """Measure the test accuracy of deep networks with ReLU and with two leaks.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    cases : sequence of (str, int)
        Problems, with hidden layers.
    rates, epochs
        As for `accuracies`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Shares from 0 to 1, under names such as "leaky 0.2, digits, depth 10".

    Examples
    --------
    >>> found = deep_leaky(range(3), cases=[("wine", 4)], rates=[0.01], epochs=1)
    >>> list(found)
    ['ReLU, wine, depth 4', 'leaky 0.01, wine, depth 4', 'leaky 0.2, wine, depth 4']
    """
    return accuracies(("ReLU", "leaky 0.01", "leaky 0.2"), cases, seeds, rates=rates, epochs=epochs)


def deep_family(
    seeds: Sequence[int],
    *,
    cases: Sequence[Case] = (("digits", 10), ("digits", 20), ("wine", 20)),
    rates: Sequence[float] = (0.001, 0.003),
    epochs: int = 10,
) -> dict[str, np.ndarray]:
    """Measure the test accuracy of deep networks with leaky 0.01, PReLU and ELU.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    cases : sequence of (str, int)
        Problems, with hidden layers.
    rates, epochs
        As for `accuracies`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Shares from 0 to 1, under names such as "PReLU, digits, depth 10".

    Examples
    --------
    >>> found = deep_family(range(3), cases=[("wine", 4)], rates=[0.01], epochs=1)
    >>> list(found)
    ['leaky 0.01, wine, depth 4', 'PReLU, wine, depth 4', 'ELU, wine, depth 4']
    """
    return accuracies(("leaky 0.01", "PReLU", "ELU"), cases, seeds, rates=rates, epochs=epochs)


def death_by_depth(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine"),
    depths: Sequence[int] = (2, 20),
    rate: float = 0.003,
    epochs: int = 10,
) -> dict[str, np.ndarray]:
    """Measure the share of always-off units after training, by depth; and test accuracy.

    With ReLU an always-off unit is dead.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    problems : sequence of str
        What is learned, and the probe: all its training examples.
    depths : sequence of int
        Hidden layers.
    rate, epochs
        Of Adam; on wines there are three times as many passes.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Shares of a network's units, "off: ReLU, wine, depth 20"; test accuracies, "right: ...".

    References
    ----------
    Taught in notebook 06.

    Examples
    --------
    >>> found = death_by_depth(range(3), problems=["wine"], depths=[2, 20], epochs=1)
    >>> off = {depth: found[f"off: ReLU, wine, depth {depth}"] for depth in (2, 20)}
    >>> bool(off[2].max() < 0.1 < off[20].min())
    True
    """
    found = {}
    for name in problems:
        task = problem(name, seeds, train=TRAIN.get(name))
        passes = epochs * PASSES.get(name, 1)
        for depth in depths:
            for units in ("ReLU", "leaky 0.01", "leaky 0.2"):
                history = train_deep(units, task, seeds, depth=depth, rates=[rate], epochs=passes)
                arm = arm_of(units, name, depth)
                found[f"off: {arm}"] = history.share("always_off")[-1, 0].mean(axis=-1)
                found[f"right: {arm}"] = pick_by_loss(history, task.outputs)
    return found


# --- claims ---------------------------------------------------------------------------------------


def _more_accurate(more: str, than: str, name: str, depth: int) -> Differs:
    """Claim that one kind of unit reads more test examples right than another."""
    return Differs("test accuracy", arm_of(more, name, depth), arm_of(than, name, depth), POINT)


def _more_off(name: str, more: Case, than: Case) -> Differs:
    """Claim that one kind of unit, at its depth, is off more often than another."""
    first, second = (f"off: {arm_of(units, name, depth)}" for units, depth in (more, than))
    return Differs("share of always-off units after training", first, second, SHARE)


CLAIMS = [
    Claim(
        id="A10",
        title="Leaky ReLU improves deep networks",
        says="Leaky ReLU improves the performance of deep networks over that of ReLU.",
        how=(
            "Networks of 10 and 20 layers of 32 units, with ReLU and with slopes 0.01 and 0.2 from"
            " the same weights (He's for ReLU), learn digits and wines by Adam, each at whichever"
            " of the rates 0.001 and 0.003 left it the lower training loss. Test accuracies are"
            " compared pair by pair."
        ),
        where="08#profile-figure",
        experiment=deep_leaky,
        tests={
            f"slope {slope}, {name}, {depth} layers": _more_accurate(
                f"leaky {slope}", "ReLU", name, depth
            )
            for name, depth in (("digits", 10), ("digits", 20), ("wine", 20))
            for slope in ("0.01", "0.2")
        },
        quick={"seeds": 8, "cases": (("digits", 20),), "rates": (0.003,), "epochs": 2},
        full={"seeds": 150},
    ),
    Claim(
        id="B4",
        title="Leaky ReLU makes deep networks better",
        says="Leaky ReLU makes deep networks perform better.",
        how="",
        where="08#fair-figure",
        same_as="A10",
    ),
    Claim(
        id="A22",
        title="Leaky ReLU for deep networks",
        says=(
            "Units die as networks get deeper, and in deep networks leaky ReLU avoids that and so"
            " does better than ReLU."
        ),
        how=(
            "Networks of 2 and 20 layers of 32 units learn digits and wines by Adam at rate 0.003."
            " Units are judged on the training examples, those born off among them: always-off is"
            " the word that serves ReLU, where it is death, and the leaky ones alike."
        ),
        where="07#deaths-figure",
        experiment=death_by_depth,
        tests={
            "ReLU, 20 layers against 2, digits": _more_off("digits", ("ReLU", 20), ("ReLU", 2)),
            "ReLU, 20 layers against 2, wine": _more_off("wine", ("ReLU", 20), ("ReLU", 2)),
            **{
                f"fewer off with slope {slope}, {name}": _more_off(
                    name, ("ReLU", 20), (f"leaky {slope}", 20)
                )
                for name in ("digits", "wine")
                for slope in ("0.01", "0.2")
            },
            **{
                f"more right with slope {slope}, digits": Differs(
                    "test accuracy",
                    f"right: {arm_of(f'leaky {slope}', 'digits', 20)}",
                    f"right: {arm_of('ReLU', 'digits', 20)}",
                    POINT,
                )
                for slope in ("0.01", "0.2")
            },
        },
        quick={"seeds": 8, "problems": ("wine",), "epochs": 2},
    ),
    Claim(
        id="B13",
        title="PReLU and ELU lift the limits",
        says=("PReLU and ELU lift the limits of leaky ReLU: deep networks learn better with them."),
        how=(
            "Networks of 10 and 20 layers on digits, and of 20 on wines, all with He's weights for"
            " ReLU, against leaky ReLU of slope 0.01. PReLU begins at 0.25 and learns a slope a"
            " layer, ELU has alpha 1. Adam, each at whichever of the rates 0.001 and 0.003 left it"
            " the lower training loss."
        ),
        where="09#ways-figure",
        experiment=deep_family,
        tests={
            f"{units}, {name}, {depth} layers": _more_accurate(units, "leaky 0.01", name, depth)
            for name, depth in (("digits", 10), ("digits", 20), ("wine", 20))
            for units in ("PReLU", "ELU")
        },
        quick={"seeds": 8, "cases": (("digits", 10),), "rates": (0.003,), "epochs": 3},
        full={"seeds": 200},
    ),
]
