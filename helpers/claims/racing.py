"""Races: activations and learning rates on a problem, scored, and named as `Tuned` wants them.

>>> from helpers.claims.problems import problem
>>> given = problem("wine", seeds=[0, 1, 2])
>>> found = raced([0, 1, 2], given, "wine", passes=20, rates=[0.01])
>>> list(found)
['relu at 0.01, wine', 'leaky 0.01 at 0.01, wine', 'leaky 0.1 at 0.01, wine']
>>> bool(found["relu at 0.01, wine"].mean() > 0.8)
True
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from helpers.claims.problems import Problem
from helpers.claims.trainings import ENDS
from helpers.fleet import Fleet, FleetHistory, grid

__all__ = [
    "BATCH",
    "HIDDEN",
    "LEAKS",
    "PASSES",
    "RATES",
    "SLOPES",
    "Found",
    "r2",
    "raced",
    "rate_arms",
    "scores",
]

Found = dict[str, np.ndarray]


LEAKS = {"leaky 0.01": 0.01, "leaky 0.1": 0.1}
SLOPES = {"relu": 0.0, **LEAKS}
RATES = (0.003, 0.01, 0.03)
HIDDEN = (32, 32)
BATCH = 32
# Passes over the training part: 300 to 1,000 steps, after which training accuracy hardly rises.
PASSES = {
    "digits": 10,
    "wine": 60,
    "breast cancer": 30,
    "cars": 60,
    "moons": 60,
    "spirals": 100,
    "absolute": 60,
    "sine": 60,
    "product": 30,
}


def scores(history: FleetHistory, given: Problem, row: int = -1) -> np.ndarray:
    """Score networks on the test part: accuracy, or R2 where the targets are numbers.

    Parameters
    ----------
    history : FleetHistory
        Of a training with ``test=given.test``.
    given : Problem
        What was learned.
    row : int
        Which record.

    Returns
    -------
    ndarray, shape (arms, seeds)
        From 0 to 1. R2 is 1 - (mean squared error) / (variance of the test targets), and 0 where it
        would be below: no better than a constant. A network that blew up scores as one that
        guesses.
    """
    if given.y.ndim == 2:
        return np.nan_to_num(history.test_accuracy[row], nan=1 / given.outputs)
    return r2(history.test_loss[row], given.y_test)


def r2(error: np.ndarray, y_test: np.ndarray) -> np.ndarray:
    """Bring mean squared errors to the scale of `scores`.

    Parameters
    ----------
    error : ndarray, shape (..., seeds)
        Mean squared errors on the test part; nan for a network that blew up.
    y_test : ndarray, shape (seeds, N, 1)
        Its targets.

    Returns
    -------
    ndarray, shape (..., seeds)

    Examples
    --------
    >>> r2(np.array([0.5, 7.0, np.nan]), np.array([[[-1.0], [1.0]]] * 3))
    array([0.5, 0. , 0. ])
    """
    return np.clip(np.nan_to_num(1 - error / y_test.var(axis=(1, 2)), nan=0.0), 0.0, 1.0)


def rate_arms(names: Sequence[str], rates: Sequence[float], task: str) -> tuple[str, ...]:
    """Name the arms of some activations at all rates: one side of `Tuned`.

    Parameters
    ----------
    names : sequence of str
        Of activations.
    rates : sequence of float
        Learning rates.
    task : str
        What is learned.

    Returns
    -------
    tuple of str
        The rate varies fastest.

    Examples
    --------
    >>> rate_arms(["relu"], [0.001, 0.01], "wine")
    ('relu at 0.001, wine', 'relu at 0.01, wine')
    """
    return tuple(f"{name} at {rate:g}, {task}" for name in names for rate in rates)


def raced(
    seeds: Sequence[int],
    given: Problem,
    task: str,
    passes: float,
    *,
    hidden: Sequence[int] = HIDDEN,
    slopes: Mapping[str, float] = SLOPES,
    rates: Sequence[float] = RATES,
) -> Found:
    """Train every slope at every learning rate by Adam, and score it.

    Parameters
    ----------
    seeds : sequence of int
        Of weights and of the order of batches.
    given : Problem
        What to learn, for the same seeds.
    task : str
        Its name in those of the arms.
    passes : float
        Over the training part; rounded, 1 at least.
    hidden : sequence of int
        Units of each hidden layer.
    slopes : mapping of str to float
        Slopes by name.
    rates : sequence of float
        Learning rates.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For each of `rate_arms` what `scores` says of the end of training.
    """
    arms = grid(slope=list(slopes.values()), learning_rate=rates)
    fleet = Fleet(given.sizes(*hidden), seeds=seeds, dtype=np.float32, **arms)
    history = fleet.fit(
        given.x,
        given.y,
        test=given.test,
        epochs=max(1, round(passes)),
        batch_size=BATCH,
        every=ENDS,
        record=("loss",),
        progress=False,
    )
    return dict(zip(rate_arms(list(slopes), rates, task), scores(history, given), strict=True))
