"""`untrained`, `fitted`, `scores_of`: networks for a problem, trained on it, and scored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from helpers.claims.problems import Problem
from helpers.fleet import Fleet
from helpers.training import Adam

__all__ = ["fitted", "scored", "scores_of", "suited", "untrained"]


def untrained(
    task: Problem, seeds: Sequence[int], *hidden: int, activation: str = "relu", **settings: Any
) -> Fleet:
    """Draw networks for a problem, in single precision: twice as fast, and exact enough.

    Parameters
    ----------
    task : Problem
        Of the same seeds.
    seeds : sequence of int
        One network each, in every arm.
    *hidden : int
        Units of each hidden layer.
    activation, **settings
        As for `Fleet`.

    Returns
    -------
    Fleet

    Examples
    --------
    >>> from helpers.claims.problems import problem
    >>> untrained(problem("wine", [0, 1]), [0, 1], 32, slope=[0, 0.1])
    Fleet of 2 arms x 2 seeds, 13-32-3, relu, slope 0, 0.1
    """
    return Fleet(task.sizes(*hidden), activation, seeds=seeds, dtype=np.float32, **settings)


def fitted(task: Problem, fleet: Fleet, *, epochs: int, rate: float, batch_size: int = 32) -> Fleet:
    """Train a fleet on a problem of the same seeds by Adam, and look at nothing meanwhile.

    Parameters
    ----------
    task : Problem
        What to learn.
    fleet : Fleet
        Networks, which change.
    epochs : int
        Passes over the training part; 0 leaves the networks as they are.
    rate : float
        Learning rate, where the fleet has none of its own.
    batch_size : int
        Examples a step.

    Returns
    -------
    Fleet
        The same.
    """
    fleet.fit(
        task.x,
        task.y,
        optimizer=Adam(rate),
        epochs=epochs,
        batch_size=batch_size,
        every=10**9,
        record=(),
        progress=False,
    )
    return fleet


def scores_of(fleet: Fleet, task: Problem) -> np.ndarray:
    """Score each network on the test part.

    Parameters
    ----------
    fleet : Fleet
        Networks.
    task : Problem
        What they were to learn.

    Returns
    -------
    ndarray, shape (arms, seeds)
        Accuracy as a share; or R2, 1 - (mean squared error) / (variance), for numbers.
    """
    return scored(fleet.outputs(task.x_test), task.y_test)


def scored(out: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Score outputs.

    Parameters
    ----------
    out : ndarray, shape (..., seeds, N, outputs)
        What networks say.
    y : ndarray, shape (seeds, N) of classes, or (seeds, N, 1) of numbers
        What is right.

    Returns
    -------
    ndarray, shape (..., seeds)
        As `scores_of`.

    Examples
    --------
    >>> scored(np.array([[[0.2, 0.8], [0.9, 0.1]]]), np.array([[1, 1]]))
    array([0.5])
    """
    if y.ndim == 2:
        return np.mean(out.argmax(axis=-1) == y, axis=-1)
    missed = np.mean((out - y) ** 2, axis=(-2, -1))
    return 1 - missed / y.var(axis=(-2, -1))


def suited(slopes: Sequence[float]) -> np.ndarray:
    """Give the factor on He's weights for ReLU that makes them He's for each slope.

    Parameters
    ----------
    slopes : sequence of float
        Of the negative side.

    Returns
    -------
    ndarray, shape (slopes,)
        1 / sqrt(1 + slope^2).

    References
    ----------
    He and others (2015), https://arxiv.org/abs/1502.01852

    Examples
    --------
    >>> suited([0, 1]).round(4)
    array([1.    , 0.7071])
    """
    return (1 + np.square(slopes)) ** -0.5
