"""`trained`: a fleet, trained on a problem; and what the experiments on death share."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from helpers.claims.problems import Problem
from helpers.fleet import Fleet
from helpers.fleet.history import FleetHistory
from helpers.training import SGD, Adam

__all__ = ["ACCURACY", "STANDARD", "UNIT", "looked_up", "trained"]

T = TypeVar("T")

BATCH = 64
ENDS = 10**9  # steps between two records: only the start and the end are looked at

# Scales of `problem`: inputs from 0 to 1, or of mean 0 and variance 1.
UNIT, STANDARD = "unit", "standardized"

ACCURACY = "test accuracy, a share"


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
        fleet = Fleet(task.sizes(*hidden), seeds=seeds, dtype=np.float32, **arms)
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
