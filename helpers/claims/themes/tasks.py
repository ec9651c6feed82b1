"""Claims about tasks: sparsity, the slope, a universal choice, and networks altogether.

The advice of article A for this or that kind of data is in `helpers.claims.themes.advice`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import numpy as np

from helpers.claims import classic
from helpers.claims.choice import Somewhere, Tuned
from helpers.claims.claim import Claim
from helpers.claims.criteria import Differs
from helpers.claims.margins import POINT, R2
from helpers.claims.penalty import fit_whole
from helpers.claims.problems import Problem, problem
from helpers.claims.racing import (
    BATCH,
    HIDDEN,
    PASSES,
    RATES,
    SLOPES,
    Found,
    r2,
    raced,
    rate_arms,
    scores,
)
from helpers.claims.trainings import ENDS
from helpers.fleet import Fleet
from helpers.training import Adam

__all__ = [
    "CLAIMS",
    "no_universal_choice",
    "old_methods",
    "product",
    "slopes_by_rate",
    "sparsity",
]

# --- sparsity and over-fitting --------------------------------------------------------------------

FEW = {"digits": 150, "breast cancer": 60}
STRENGTHS = (0.001, 0.01, 0.1)
DENSE = "leaky 0.3"
LOSS_MARGIN = 0.1  # of the logarithm: a tenth more or less


def sparsity(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = tuple(FEW),
    strengths: Sequence[float] = STRENGTHS,
    hidden: Sequence[int] = HIDDEN,
    steps: int = 150,
) -> Found:
    """Punish the activity of hidden units, which turns ReLUs off and leaves leaky units on.

    Parameters
    ----------
    seeds : sequence of int
        Of weights and of the division of the data.
    problems : sequence of str
        Names of `FEW`, which says how few training examples are kept. Networks learn all of them,
        so that test accuracy alone tells how much they over-fit.
    strengths : sequence of float
        Of the L1 penalty, see `helpers.claims.penalty.fit_whole`.
    hidden : sequence of int
        Units of each hidden layer.
    steps : int
        Of Adam at 0.01, each on all examples kept.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For "relu" and "leaky 0.3", "penalty 0" and each strength, and each problem: test
        "accuracy"; "minus log loss", the natural logarithm of the test loss, of which less is
        better, with its sign turned; and "zeros", the share of hidden activations on the test part
        that are exactly 0.

    Examples
    --------
    >>> found = sparsity([0, 1], problems=["breast cancer"], strengths=[1.0], steps=50)
    >>> plain, punished = (found[f"zeros: relu, penalty {s}, breast cancer"] for s in (0, 1))
    >>> bool(plain.mean() < punished.mean())
    True
    """
    found: Found = {}
    arms = [
        (name, slope, strength)
        for name, slope in (("relu", 0.0), (DENSE, 0.3))
        for strength in (0.0, *strengths)
    ]
    slopes, penalties = [slope for _, slope, _ in arms], [strength for *_, strength in arms]
    for name in problems:
        given = problem(name, seeds, train=FEW[name])
        fleet = Fleet(given.sizes(*hidden), seeds=seeds, slope=slopes, dtype=np.float32)
        fit_whole(fleet, given.x, given.y, penalty=penalties, steps=steps)
        tested = fleet.measure(*given.test, record=("loss",))
        layers = fleet.pre_activations(given.x_test)
        off = np.mean([(z <= 0).mean(axis=(2, 3)) for z in layers], axis=0)
        told = {
            "accuracy": tested.accuracy[0],
            "minus log loss": -np.log(tested.loss[0]),
            "zeros": np.where(np.reshape(slopes, (-1, 1)) > 0, 0.0, off),
        }
        for metric, rows in told.items():
            for (activation, _, strength), row in zip(arms, rows, strict=True):
                found[f"{metric}: {activation}, penalty {strength:g}, {name}"] = row
    return found


def _sparse_tests() -> dict[str, Somewhere | Tuned]:
    """Say that the penalty helps at one strength at least, and that it takes zeros to help."""

    def punished(metric: str, activation: str, name: str) -> tuple[str, ...]:
        return tuple(f"{metric}: {activation}, penalty {s:g}, {name}" for s in STRENGTHS)

    tests: dict[str, Somewhere | Tuned] = {}
    for name in FEW:
        for metric, words, margin in (
            ("accuracy", "test accuracy", POINT),
            ("minus log loss", "minus the logarithm of the test loss", LOSS_MARGIN),
        ):
            none = f"{metric}: relu, penalty 0, {name}"
            pairs = tuple((arm, none) for arm in punished(metric, "relu", name))
            tests[f"penalty, {metric}, {name}"] = Somewhere(words, pairs, margin)
        tests[f"zeros or none, minus log loss, {name}"] = Tuned(
            words,
            punished(metric, "relu", name),
            punished(metric, DENSE, name),
            margin,
        )
    return tests


# --- no universal choice --------------------------------------------------------------------------

# By name: problem, hidden layers, learning rate.
DIVERSE = {
    "digits": ("digits", HIDDEN, 0.003),
    "digits, rate 0.1": ("digits", HIDDEN, 0.1),
    "digits, 10 layers": ("digits", (32,) * 10, 0.003),
    "spirals": ("spirals", HIDDEN, 0.003),
    "sine": ("sine", (8,), 0.003),
}
CANDIDATES = (*SLOPES, "tanh", "elu")
# Accuracies and R2 are compared with each other here: R2 is halved, as its margin is twice as wide.
HALVED = POINT / R2


def no_universal_choice(
    seeds: Sequence[int], *, tasks: Sequence[str] = tuple(DIVERSE), effort: float = 1.0
) -> Found:
    """Train five activations on tasks as different as possible; test accuracy, or half of R2.

    Parameters
    ----------
    seeds, effort
        As for `shallow`.
    tasks : sequence of str
        Names of `DIVERSE`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For "tanh, spirals" and each other activation and task.

    Examples
    --------
    >>> list(no_universal_choice([0, 1], tasks=["sine"], effort=0.1))[-1]
    'elu, sine'
    """
    found: Found = {}
    problems = {name: problem(name, seeds) for name in {DIVERSE[task][0] for task in tasks}}
    for task in tasks:
        name, hidden, rate = DIVERSE[task]
        given = problems[name]
        sizes = given.sizes(*hidden)
        fleets = [Fleet(sizes, seeds=seeds, slope=list(SLOPES.values()), dtype=np.float32)]
        fleets += [Fleet(sizes, one, seeds=seeds, dtype=np.float32) for one in ("tanh", "elu")]
        rows = []
        for fleet in fleets:
            history = fleet.fit(
                given.x,
                given.y,
                test=given.test,
                optimizer=Adam(rate),
                epochs=max(1, round(effort * PASSES[name])),
                batch_size=BATCH,
                every=ENDS,
                record=("loss",),
                progress=False,
            )
            rows.extend(scores(history, given) * (1 if given.outputs > 1 else HALVED))
        found |= {f"{one}, {task}": row for one, row in zip(CANDIDATES, rows, strict=True)}
    return found


def _loses(candidate: str) -> Somewhere:
    """Say that somewhere another activation is better."""
    others = [other for other in CANDIDATES if other != candidate]
    pairs = [(f"{other}, {task}", f"{candidate}, {task}") for task in DIVERSE for other in others]
    return Somewhere("test accuracy, or half of R2 for the sine", tuple(pairs), POINT)


# --- networks and the methods before them ---------------------------------------------------------

NEIGHBOURS = (1, 3, 5, 9, 15)
RIDGES = (1.0, 10.0)
HALVES = ("halfway", "to the end")  # stopping early is a setting of a network, too
OLD_TASKS = ("digits", "wine", "breast cancer", "cars", "spirals", "product")
UNTUNED = "untuned network"


def product(seeds: Sequence[int]) -> Problem:
    """Draw what is hard for lines and for neighbours: the sign of a product of 2 of 10 inputs.

    Parameters
    ----------
    seeds : sequence of int
        Draws of their own for each.

    Returns
    -------
    Problem
        Of two classes, with 1,000 training and 500 test examples; inputs are standard normal. By
        each input alone, and by any plane, both classes look the same; and the eight inputs that do
        not matter blur who is whose neighbour.

    Examples
    --------
    >>> drawn = product([0])
    >>> drawn.x.shape, bool((drawn.y[0] == (drawn.x[0, :, 0] * drawn.x[0, :, 1] > 0)).all())
    ((1, 1000, 10), True)
    """
    x = np.stack([np.random.default_rng([seed, 30]).normal(size=(1_500, 10)) for seed in seeds])
    y = (x[..., 0] * x[..., 1] > 0).astype(int)
    return Problem(x[:, :1_000], y[:, :1_000], x[:, 1_000:], y[:, 1_000:], 2)


def old_methods(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = OLD_TASKS,
    rates: Sequence[float] = RATES,
    hidden: Sequence[int] = (64, 64),
    effort: float = 1.0,
) -> Found:
    """Hold networks against nearest neighbours and logistic (for numbers: ridge) regression.

    Parameters
    ----------
    seeds, rates, effort
        As for `shallow`.
    problems : sequence of str
        Names for `problem`, or "product", see `product`.
    hidden : sequence of int
        Of the networks, which are ReLU.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Test accuracy, or R2 for cars: "network at 0.01 halfway, digits" after half of the passes,
        and "to the end"; "15 neighbours, digits"; "line 1, digits", with the strength of the
        penalty; and "untuned network, digits": Adam at its default rate, 0.001, for 20 passes.

    Examples
    --------
    >>> found = old_methods([0, 1], problems=["wine"], rates=[0.01])
    >>> bool(found["5 neighbours, wine"].mean() > 0.9)
    True
    """
    found: Found = {}
    for name in problems:
        given = product(seeds) if name == "product" else problem(name, seeds)
        sizes = given.sizes(*hidden)
        how = {"test": given.test, "batch_size": BATCH, "record": ("loss",), "progress": False}
        steps = -(-given.x.shape[1] // BATCH)
        half = max(1, round(effort * PASSES[name] / 2))
        fleet = Fleet(sizes, seeds=seeds, learning_rate=rates, dtype=np.float32)
        history = fleet.fit(given.x, given.y, epochs=2 * half, every=half * steps, **how)
        for row, when in enumerate(HALVES, start=1):
            for rate, values in zip(rates, scores(history, given, row), strict=True):
                found[f"network at {rate:g} {when}, {name}"] = values
        untuned = Fleet(sizes, seeds=seeds, dtype=np.float32)
        passes = max(1, round(20 * effort))
        history = untuned.fit(given.x, given.y, epochs=passes, every=ENDS, **how)
        found[f"{UNTUNED}, {name}"] = scores(history, given)[0]
        found |= _answered(given, name)
    return found


def _answered(given: Problem, name: str) -> Found:
    """Score the methods before networks, at all their settings."""
    numbers = given.y.ndim == 3
    lines = classic.ridge if numbers else classic.logistic
    methods = {f"{k} neighbours, {name}": (classic.nearest, k) for k in NEIGHBOURS}
    methods |= {f"line {strength:g}, {name}": (lines, strength) for strength in RIDGES}
    found: Found = {}
    for arm, (method, setting) in methods.items():
        parts = zip(given.x, given.y, given.x_test, strict=True)
        said = np.stack([method(x, y, new, setting) for x, y, new in parts])
        if numbers:
            found[arm] = r2(((said - given.y_test) ** 2).mean(axis=(1, 2)), given.y_test)
        else:
            found[arm] = (said == given.y_test).mean(axis=1)
    return found


def _old(name: str, networks: Sequence[str]) -> Tuned:
    """Say that networks are better than the best of the methods before them."""
    before = [f"{k} neighbours, {name}" for k in NEIGHBOURS]
    before += [f"line {strength:g}, {name}" for strength in RIDGES]
    cars = name == "cars"
    return Tuned(
        "R2 on test examples" if cars else "test accuracy",
        tuple(networks),
        tuple(before),
        R2 if cars else POINT,
    )


def _tuned_networks(name: str) -> list[str]:
    """Name the arms of networks at all rates and lengths of training."""
    return [f"network at {rate:g} {when}, {name}" for rate in RATES for when in HALVES]


# --- does the slope matter? -----------------------------------------------------------------------

MANY_SLOPES = (0.01, 0.03, 0.1, 0.3, 0.5)
SLOPE_RATES = (0.001, 0.01, 0.1)
SLOPE_PROBLEMS = ("digits", "spirals")


def slopes_by_rate(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = SLOPE_PROBLEMS,
    rates: Sequence[float] = SLOPE_RATES,
    hidden: Sequence[int] = HIDDEN,
    effort: float = 1.0,
) -> Found:
    """Train with five slopes at each learning rate; test accuracy.

    Parameters
    ----------
    seeds, problems, rates, hidden, effort
        As for `shallow`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For "slope 0.01 at 0.001, digits" and each other slope, rate and problem.

    Examples
    --------
    >>> len(slopes_by_rate([0], problems=["spirals"], rates=[0.01], effort=0.02))
    5
    """
    slopes = {f"slope {slope:g}": slope for slope in MANY_SLOPES}
    found: Found = {}
    for name in problems:
        given = problem(name, seeds)
        passes = effort * PASSES[name]
        found |= raced(seeds, given, name, passes, slopes=slopes, rates=rates, hidden=hidden)
    return found


def _slope_matters(name: str, rate: float) -> Somewhere:
    """Say that two of the slopes differ."""
    arms = rate_arms([f"slope {slope:g}" for slope in MANY_SLOPES], [rate], name)
    return Somewhere("test accuracy", tuple(permutations(arms, 2)), POINT)


# --- the claims -----------------------------------------------------------------------------------

CLAIMS: list[Claim] = [
    Claim(
        "A6",
        title="Sparsity lowers over-fitting",
        says="Sparse activity lowers over-fitting.",
        how=(
            "150 digits or 60 tumours to learn from. An L1 penalty makes hidden ReLUs sparser: is "
            "the test accuracy higher, the test loss lower, at one of three strengths at least? "
            "And is it the zeros: is the loss lower than that of leaky units of slope 0.3, which "
            "the penalty makes small, but never 0?"
        ),
        where="05#sparse-intro",
        experiment=sparsity,
        tests=_sparse_tests(),
        quick={"seeds": 6, "problems": ("breast cancer",), "steps": 100},
        full={"seeds": 200},
    ),
    Claim(
        "A26",
        title="No activation is best everywhere",
        says="No activation is the best choice for every task.",
        how=(
            "Five activations on five tasks, all at the learning rate 0.003: digits, digits at "
            "the rate 0.1 instead, digits with 10 layers, spirals, and a sine. For each activation "
            "the first third of the seeds names the task and the rival with which it loses most; "
            "the others judge whether it does, by 0.01 of accuracy or 0.02 of R2. And for ReLU at "
            "the rate 0.1 the rival is named beforehand: a leak of 0.1."
        ),
        where="09#map",
        experiment=no_universal_choice,
        tests={
            **{f"{one} loses somewhere": _loses(one) for one in CANDIDATES},
            # One place where the loser is named beforehand; all that a quick run has time for.
            "relu loses at rate 0.1": Differs(
                "test accuracy",
                "leaky 0.1, digits, rate 0.1",
                "relu, digits, rate 0.1",
                POINT,
            ),
        },
        quick={"seeds": 6, "tasks": ("digits, rate 0.1",), "effort": 0.3},
        full={"seeds": 150},
    ),
    Claim(
        "B12",
        title="Which is best depends on the task",
        says="Which activation is best depends on the task: try several.",
        how="As for A26.",
        where="09#map",
        same_as="A26",
    ),
    Claim(
        "A27",
        title="Networks suit hard patterns",
        says="Networks are good at patterns that traditional methods find hard.",
        how=(
            "ReLU networks, 64-64, against k nearest neighbours and logistic or ridge regression, "
            "each with its settings chosen on the first third of the seeds: rate and length of "
            "training, k, strength of the penalty. One drawn problem is made to be hard: the sign "
            "of the product of 2 of 10 inputs. Trees and kernels were not tried."
        ),
        where="15#slopes-say",
        experiment=old_methods,
        tests={
            **{name: _old(name, _tuned_networks(name)) for name in OLD_TASKS},
            "cars, untuned": _old("cars", [f"{UNTUNED}, cars"]),
        },
        quick={"seeds": 6, "problems": ("product",), "effort": 0.15},
    ),
    Claim(
        "B8",
        title="The choice of the slope matters",
        says="The choice of the slope matters.",
        how=(
            "Five slopes from 0.01 to 0.5 at three learning rates, on two problems. The first "
            "third of the seeds names the best and the worst slope; the others compare these two."
        ),
        where="08#rule-run",
        experiment=slopes_by_rate,
        tests={
            f"{name}, rate {rate:g}": _slope_matters(name, rate)
            for name in SLOPE_PROBLEMS
            for rate in SLOPE_RATES
        },
        quick={"seeds": 10, "problems": ("spirals",), "rates": (0.01,), "effort": 0.3},
        full={"seeds": 150},
    ),
]
