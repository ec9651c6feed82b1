"""The table of eight of article A, put to the test: ReLU or leaky, for which data.

Here are its rows on shallow networks, clean data, features, noise and outliers, and regression.
Each activation is judged at the learning rate that suits it best: the first third of the seeds
chooses it, the others compare (`helpers.claims.choice`). All slopes start from the same weights, of
He's scheme, and see the same batches in the same order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from helpers.claims import classic
from helpers.claims.choice import Tuned
from helpers.claims.claim import Claim
from helpers.claims.criteria import Differs
from helpers.claims.margins import POINT, R2
from helpers.claims.penalty import fit_whole, leaked
from helpers.claims.problems import Problem, problem
from helpers.claims.racing import (
    BATCH,
    HIDDEN,
    LEAKS,
    PASSES,
    RATES,
    SLOPES,
    Found,
    r2,
    raced,
    rate_arms,
)
from helpers.claims.trainings import ENDS
from helpers.datasets import spoil
from helpers.fleet import Fleet, grid

__all__ = ["CLAIMS", "bad_data", "clean_data", "features", "negative_targets", "shallow", "spoiled"]

# --- ReLU for shallow networks and for clean data -------------------------------------------------


def shallow(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine", "breast cancer", "moons"),
    hidden: Sequence[int] = (32,),
    rates: Sequence[float] = RATES,
    effort: float = 1.0,
) -> Found:
    """Train networks of one hidden layer with ReLU and with leaks; test accuracy.

    Parameters
    ----------
    seeds : sequence of int
        Of weights, order of batches, and division of the data.
    problems : sequence of str
        Names for `helpers.claims.problems.problem`.
    hidden : sequence of int
        Units of each hidden layer.
    rates : sequence of float
        Learning rates of Adam.
    effort : float
        Factor on the number of passes.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For "relu at 0.001, digits" and each other slope, rate and problem.

    Examples
    --------
    >>> found = shallow([0, 1], problems=["wine"], rates=[0.01])
    >>> list(found)
    ['relu at 0.01, wine', 'leaky 0.01 at 0.01, wine', 'leaky 0.1 at 0.01, wine']
    """
    found: Found = {}
    for name in problems:
        given = problem(name, seeds)
        passes = effort * PASSES[name]
        found |= raced(seeds, given, name, passes, hidden=hidden, rates=rates)
    return found


def clean_data(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine", "breast cancer", "cars"),
    hidden: Sequence[int] = HIDDEN,
    rates: Sequence[float] = RATES,
    effort: float = 1.0,
) -> Found:
    """Train networks of two hidden layers on data as they are; test accuracy, or R2 for cars.

    Parameters and arms are those of `shallow`.

    Examples
    --------
    >>> found = clean_data([0, 1], problems=["wine"], rates=[0.01])
    >>> bool(min(scores.min() for scores in found.values()) > 0.8)
    True
    """
    return shallow(seeds, problems=problems, hidden=hidden, rates=rates, effort=effort)


def _against_leaks(leak: str, tasks: Sequence[str], margin: float = POINT) -> dict[str, Tuned]:
    """Say for some tasks that ReLU is better than a leak, both at their best rates."""
    metric = "test accuracy" if margin == POINT else "R2 on test examples"
    return {
        f"{task}, against {leak}": Tuned(
            metric, rate_arms(["relu"], RATES, task), rate_arms([leak], RATES, task), margin
        )
        for task in tasks
    }


# --- better features ------------------------------------------------------------------------------

ALL = tuple(range(10))
WINE_TRANSFER = "wine, from one cultivar or not to all three"
# By name: problem, classes learned from, what is learned of each, classes that the probe tells
# apart. Among these are always some that the network was never told apart.
TRANSFERS: dict[str, tuple[str, tuple[int, ...], Callable[[np.ndarray], np.ndarray], tuple]] = {
    "digits, from 0-4 to 5-9": ("digits", ALL[:5], lambda y: y, ALL[5:]),
    "digits, from 5-9 to 0-4": ("digits", ALL[5:], lambda y: y - 5, ALL[:5]),
    "digits, from odd or even to all ten": ("digits", ALL, lambda y: y % 2, ALL),
    WINE_TRANSFER: ("wine", ALL[:3], lambda y: y // 2, ALL[:3]),
}


def features(
    seeds: Sequence[int],
    *,
    tasks: Sequence[str] = tuple(TRANSFERS),
    hidden: Sequence[int] = HIDDEN,
    rates: Sequence[float] = RATES,
    effort: float = 1.0,
) -> Found:
    """Train on some classes, then read others off the last hidden layer by a linear probe.

    Parameters
    ----------
    seeds, hidden, rates, effort
        As for `shallow`.
    tasks : sequence of str
        Names of `TRANSFERS`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Test accuracy of the probe, for each slope, rate and task. The probe is fitted to the
        training part, and the network has not changed since it learned the other classes.

    Examples
    --------
    >>> task = "wine, from one cultivar or not to all three"
    >>> found = features([0, 1], tasks=[task], rates=[0.01])
    >>> found[f"relu at 0.01, {task}"].shape
    (2,)
    """
    found: Found = {}
    arms = grid(slope=list(SLOPES.values()), learning_rate=rates)
    for task in tasks:
        name, learned, told, probed = TRANSFERS[task]
        given = problem(name, seeds)
        x, y = _of_classes(given.x, given.y, learned)
        outputs = int(told(y).max()) + 1
        fleet = Fleet([given.inputs, *hidden, outputs], seeds=seeds, dtype=np.float32, **arms)
        passes = max(1, round(effort * PASSES[name]))
        fleet.fit(
            x, told(y), epochs=passes, batch_size=BATCH, every=ENDS, record=(), progress=False
        )
        parts = []
        for inputs, labels in ((given.x, given.y), given.test):
            inputs, labels = _of_classes(inputs, labels, probed)
            z = fleet.pre_activations(inputs)[-1]
            parts += [leaked(z, fleet.slope.reshape(-1, 1, 1, 1)), labels - probed[0]]
        names = rate_arms(list(SLOPES), rates, task)
        found |= dict(zip(names, classic.probe(*parts), strict=True))
    return found


def _of_classes(
    x: np.ndarray, y: np.ndarray, classes: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Keep the examples of some classes; a division by seed has equally many for each seed."""
    kept = np.isin(y, classes)
    seeds = len(y)
    return x[kept].reshape(seeds, -1, x.shape[-1]), y[kept].reshape(seeds, -1)


# --- noise and outliers ---------------------------------------------------------------------------

BAD = ("label noise", "input noise", "outliers")
BAD_PROBLEMS = ("digits", "breast cancer")
BAD_RATES = (0.001, 0.003, 0.01)  # lower ones: who learns slowly learns less of the noise


def spoiled(given: Problem, seeds: Sequence[int], kind: str) -> Problem:
    """Spoil the training part of a problem, and leave the test part clean.

    Parameters
    ----------
    given : Problem
        Of classes, standardised.
    seeds : sequence of int
        Those of `given`: what is spoiled depends on them.
    kind : {"label noise", "input noise", "outliers"}
        30 % of the labels become another class; or normal noise of 0.3 standard deviations is added
        to every input; or one row in ten loses its decimal point (`helpers.datasets.spoil`): all
        its inputs, which are standardised by then, are ten times too large.

    Returns
    -------
    Problem

    Raises
    ------
    ValueError
        If there is no such kind.

    Examples
    --------
    >>> wines = problem("wine", [0])
    >>> round(float((spoiled(wines, [0], "label noise").y != wines.y).mean()), 2)
    0.3
    """
    if kind not in BAD:
        raise ValueError(f"kind must be one of {', '.join(BAD)}; got {kind!r}")
    x, y = given.x.copy(), given.y.copy()
    for row, seed in enumerate(seeds):
        rng = np.random.default_rng([seed, 20 + BAD.index(kind)])
        if kind == "label noise":
            wrong = rng.permutation(y.shape[1])[: round(0.3 * y.shape[1])]
            y[row, wrong] += rng.integers(1, given.outputs, len(wrong))
            y[row] %= given.outputs
        elif kind == "input noise":
            x[row] += rng.normal(0, 0.3, x[row].shape)
        else:
            x[row], _ = spoil(x[row], 0.1, seed)
    return dataclasses.replace(given, x=x, y=y)


def bad_data(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = BAD_PROBLEMS,
    kinds: Sequence[str] = BAD,
    rates: Sequence[float] = BAD_RATES,
    effort: float = 1.0,
) -> Found:
    """Train on spoiled examples with ReLU and with leaks; accuracy on clean test examples.

    Parameters
    ----------
    seeds, problems, rates, effort
        As for `shallow`.
    kinds : sequence of str
        As for `spoiled`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For "relu at 0.001, digits, outliers" and each other slope, rate, problem and kind.

    Examples
    --------
    >>> found = bad_data([0], problems=["breast cancer"], kinds=["outliers"], rates=[0.01])
    >>> list(found)[0]
    'relu at 0.01, breast cancer, outliers'
    """
    found: Found = {}
    for name in problems:
        clean = problem(name, seeds)
        for kind in kinds:
            given = spoiled(clean, seeds, kind)
            found |= raced(seeds, given, f"{name}, {kind}", effort * PASSES[name], rates=rates)
    return found


# --- negative targets -----------------------------------------------------------------------------

# Of targets y of mean 0 and variance 1: -y, or y less 3, so that nearly all are negative.
NEGATIVE: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "-y": lambda y: -y,
    "y - 3": lambda y: y - 3.0,
}
NEGATIVE_TASKS = (("cars", "-y"), ("cars", "y - 3"), ("sine", "y - 3"), ("absolute", "y - 3"))
REGRESSION_RATES = (0.003, 0.01, 0.03)
BEHIND = ("cars", "sine")


def negative_targets(
    seeds: Sequence[int],
    *,
    tasks: Sequence[tuple[str, str]] = NEGATIVE_TASKS,
    behind: Sequence[str] = BEHIND,
    rates: Sequence[float] = REGRESSION_RATES,
    steps: int = 200,
    effort: float = 1.0,
) -> Found:
    """Predict negative numbers, with ReLU and leaks in the hidden layer, or behind the output.

    Parameters
    ----------
    seeds, rates, effort
        As for `shallow`.
    tasks : sequence of (str, str)
        Problem and change of its targets, with a linear output: where the claim is tried.
    behind : sequence of str
        Problems in which ReLU or a leak of 0.1 stands behind the output, the targets are y - 3, and
        the hidden units are ReLU. Adam at 0.01.
    steps : int
        For these: passes over all examples, a step each.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        R2 on the test part: "relu at 0.01, cars, y - 3"; "relu behind the output, cars".

    Examples
    --------
    A ReLU behind the output never says a negative number:

    >>> found = negative_targets([0, 1], tasks=[], behind=["cars"], steps=50)
    >>> found["relu behind the output, cars"]
    array([0., 0.])
    """
    found: Found = {}
    for name, change in tasks:
        given = _moved(problem(name, seeds), change)
        passes = effort * PASSES[name]
        found |= raced(seeds, given, f"{name}, {change}", passes, hidden=(32,), rates=rates)
    for name in behind:
        given = _moved(problem(name, seeds), "y - 3")
        # Hidden units are ReLU in both arms: given as slopes, so that the fleet has two.
        fleet = Fleet(given.sizes(32), seeds=seeds, slope=[0.0, 0.0], dtype=np.float32)
        slopes = [0.0, 0.1]
        fit_whole(fleet, given.x, given.y, output_slope=slopes, rate=0.01, steps=steps)
        said = leaked(fleet.outputs(given.x_test), np.reshape(slopes, (2, 1, 1, 1)))
        error = ((said - given.y_test) ** 2).mean(axis=(2, 3))
        for arm, values in zip(("relu", "leaky 0.1"), r2(error, given.y_test), strict=True):
            found[f"{arm} behind the output, {name}"] = values
    return found


def _moved(given: Problem, change: str) -> Problem:
    """Change the targets of both parts alike."""
    move = NEGATIVE[change]
    return dataclasses.replace(given, y=move(given.y), y_test=move(given.y_test))


# --- the claims -----------------------------------------------------------------------------------

CLAIMS: list[Claim] = [
    Claim(
        "A18",
        title="ReLU for shallow networks",
        says="For shallow networks ReLU is the better choice.",
        how=(
            "One hidden layer of 32 units, ReLU against leaks of 0.01 and 0.1, each at the best of "
            "three learning rates."
        ),
        where="11#tasks",
        experiment=shallow,
        tests={
            **_against_leaks("leaky 0.1", ("digits", "wine", "breast cancer", "moons")),
            **_against_leaks("leaky 0.01", ("digits", "wine")),
        },
        quick={"seeds": 8, "problems": ("breast cancer",), "effort": 0.3},
        full={"seeds": 200},
    ),
    Claim(
        "A19",
        title="ReLU for clean data",
        says="For clean data ReLU is the better choice.",
        how=(
            "Two hidden layers of 32 units, data as they are, ReLU against leaks of 0.01 and 0.1, "
            "each at the best of three learning rates."
        ),
        where="11#tasks",
        experiment=clean_data,
        tests={
            **_against_leaks("leaky 0.1", ("digits", "wine", "breast cancer")),
            **_against_leaks("leaky 0.01", ("digits", "wine")),
            **_against_leaks("leaky 0.1", ("cars",), R2),
        },
        quick={"seeds": 8, "problems": ("breast cancer",), "effort": 0.3},
        full={"seeds": 150},
    ),
    Claim(
        "A21",
        title="ReLU learns better features",
        says="ReLU learns better features than leaky ReLU.",
        how=(
            "Networks learn some classes; a linear probe then tells others apart by the last "
            "hidden layer. ReLU against a leak of 0.1, each at the best of three learning rates."
        ),
        where="11#tasks",
        experiment=features,
        tests={
            task: Tuned(
                "test accuracy of a linear probe",
                rate_arms(["relu"], RATES, task),
                rate_arms(["leaky 0.1"], RATES, task),
                POINT,
            )
            for task in TRANSFERS
        },
        quick={"seeds": 10, "tasks": (WINE_TRANSFER,), "effort": 0.5},
        full={"seeds": 400},
    ),
    Claim(
        "A23",
        title="Leaky ReLU for noise and outliers",
        says="For data with noise and outliers leaky ReLU is the better choice.",
        how=(
            "In the training part 30 % of the labels are wrong, or noise of 0.3 standard "
            "deviations is added to the inputs, or one row in ten is ten times too large; the test "
            "part is clean. The better of leaks of 0.01 and 0.1 against ReLU, each at the best of "
            "three learning rates."
        ),
        where="15#loss-say",
        experiment=bad_data,
        tests={
            f"{name}, {kind}": Tuned(
                "accuracy on clean test examples",
                rate_arms(list(LEAKS), BAD_RATES, f"{name}, {kind}"),
                rate_arms(["relu"], BAD_RATES, f"{name}, {kind}"),
                POINT,
            )
            for name in BAD_PROBLEMS
            for kind in BAD
        },
        quick={
            "seeds": 8,
            "problems": ("breast cancer",),
            "kinds": ("input noise",),
            "effort": 0.3,
        },
        full={"seeds": 200},
    ),
    Claim(
        "A25",
        title="Leaky ReLU for negative targets",
        says="For regression with negative targets leaky ReLU is the better choice.",
        how=(
            "Targets of mean 0 and variance 1, with their sign turned or less 3. In the hidden "
            "layer, behind which the output is linear: the better of leaks of 0.01 and 0.1 against "
            "ReLU, each at the best of three learning rates. And behind the output, where a ReLU "
            "cannot say a negative number: a leak of 0.1 against ReLU."
        ),
        where="15#shift-figure",
        experiment=negative_targets,
        tests={
            **{
                f"hidden, {name}, {change}": Tuned(
                    "R2 on test examples",
                    rate_arms(list(LEAKS), REGRESSION_RATES, f"{name}, {change}"),
                    rate_arms(["relu"], REGRESSION_RATES, f"{name}, {change}"),
                    R2,
                )
                for name, change in NEGATIVE_TASKS
            },
            **{
                f"behind the output, {name}": Differs(
                    "R2 on test examples",
                    f"leaky 0.1 behind the output, {name}",
                    f"relu behind the output, {name}",
                    R2,
                )
                for name in BEHIND
            },
        },
        quick={"seeds": 5, "tasks": (), "behind": ("cars",), "steps": 150},
    ),
]
