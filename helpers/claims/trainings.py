"""Networks for a problem, trained on it by passes or by steps, and scored."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from helpers.claims.problems import Problem
from helpers.fleet import Fleet
from helpers.fleet.history import FleetHistory
from helpers.training import SGD, Adam

__all__ = [
    "ACCURACY",
    "ENDS",
    "STANDARD",
    "UNIT",
    "fitted",
    "looked_up",
    "scored",
    "scores_of",
    "suited",
    "trained",
    "untrained",
]

T = TypeVar("T")

BATCH = 64
ENDS = 10**9  # steps between two records: only the start and the end are looked at

# Scales of `problem`: inputs from 0 to 1, or of mean 0 and variance 1.
UNIT, STANDARD = "unit", "standardized"

ACCURACY = "test accuracy, a share"


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
        every=ENDS,
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


def trained(
    task: Problem,
    hidden: Sequence[int],
    seeds: Sequence[int],
    steps: int,
    *,
    optimizer: SGD | Adam | None = None,
    every: int = ENDS,
    record: Sequence[str] = ("units",),
    fleet: Fleet | None = None,
    **arms: float | Sequence[float],
) -> tuple[Fleet, FleetHistory]:
    """Train a fleet on a problem for so many steps, or to the end of the epoch that they fall in.

    Steps rather than epochs, because problems differ in size: an epoch has 22 steps for digits, and
    3 for wines.

    Parameters
    ----------
    task : Problem
        Examples of the same seeds.
    hidden : sequence of int
        Units of the hidden layers.
    seeds : sequence of int
        One network each, in every arm.
    steps : int
        Steps of 64 examples.
    optimizer, every, record
        As for `Fleet.fit`; by default Adam, and a look at the units at the start and at the end.
    fleet : Fleet, optional
        The networks as they shall start, in place of fresh ones.
    **arms
        Settings of a fresh `Fleet`, such as ``slope=[0, 0.01]``.

    Returns
    -------
    Fleet, FleetHistory
        The trained networks, in float32, and what was seen.

    Examples
    --------
    >>> from helpers.claims.problems import problem
    >>> task = problem("moons", [0, 1])
    >>> fleet, history = trained(task, [8], [0, 1], steps=10, slope=[0, 0.1])
    >>> fleet.shape, history.steps.tolist()
    ((2, 2), [0, 10])
    """
    if fleet is None:
        fleet = untrained(task, seeds, *hidden, **arms)
    epochs = math.ceil(steps / math.ceil(task.x.shape[1] / BATCH))
    history = fleet.fit(
        task.x,
        task.y,
        test=task.test,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=BATCH,
        every=every,
        record=record,
        progress=False,
    )
    return fleet, history


def looked_up(table: Mapping[str, T], names: Sequence[str]) -> Iterator[tuple[str, T]]:
    """Look settings up by name.

    Parameters
    ----------
    table : mapping of str to anything
        All settings of an experiment.
    names : sequence of str
        Those that are asked for.

    Yields
    ------
    str, anything
        A name, and what the table has under it.

    Raises
    ------
    ValueError
        If there is no such setting; before the first is given.

    Examples
    --------
    >>> list(looked_up({"a": 1, "b": 2}, ["b"]))
    [('b', 2)]
    """
    unknown = [name for name in names if name not in table]
    if isinstance(names, str) or unknown:
        told = ", ".join(map(repr, table))
        raise ValueError(f"settings must be a sequence of some of {told}; got {names!r}")
    for name in names:
        yield name, table[name]
