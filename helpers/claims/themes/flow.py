"""Claims about gradients in training: how steady they are, and how noisy.

Two kinds of unrest are told apart. A gradient may jump from step to step, because the weights have
moved: `step_spread`. And that of a mini-batch strays from the gradient over all examples, at
weights that rest: `noise_to_signal`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Ratio
from helpers.claims.margins import TENTH
from helpers.claims.problems import Problem, problem
from helpers.claims.themes.depth import BATCH, PASSES, TRAIN, Case, arm_of
from helpers.fleet import Fleet, FleetHistory
from helpers.training import Adam

__all__ = [
    "CLAIMS",
    "convergence",
    "gradient_noise",
    "noise_to_signal",
    "step_spread",
    "steps_to",
]


def steps_to(history: FleetHistory, share: float) -> np.ndarray:
    """Count the steps to the first record with this share of the training examples right.

    Parameters
    ----------
    history : FleetHistory
        With "loss" recorded.
    share : float
        From 0 to 1.

    Returns
    -------
    ndarray of float, shape (arms, seeds)
        A network that never gets there counts with the last step.

    Examples
    --------
    >>> wines = problem("wine", [0, 1])
    >>> fleet = Fleet(wines.sizes(8), seeds=[0, 1])
    >>> history = fleet.fit(wines.x, wines.y, optimizer=Adam(0.01), every=1)
    >>> bool((0 < steps_to(history, 0.9)).all() and (steps_to(history, 0.9) < 60).all())
    True
    """
    there = history.accuracy >= share
    first = np.where(there.any(axis=0), there.argmax(axis=0), len(there) - 1)
    return history.steps[first].astype(float)


def step_spread(history: FleetHistory, window: int = 10) -> np.ndarray:
    """Measure how unsteady the gradient's norm is: its coefficient of variation over few records.

    Over a whole training the norm falls, the more the better the network learns. That would count
    as spread; so it is taken within windows of some records, and averaged.

    Parameters
    ----------
    history : FleetHistory
        With "gradients" recorded.
    window : int
        Records in a window; what is left over at the end is not used.

    Returns
    -------
    ndarray, shape (arms, seeds)
        Standard deviation over mean.

    Raises
    ------
    ValueError
        If there is no whole window.

    Examples
    --------
    >>> wines = problem("wine", [0, 1])
    >>> fleet = Fleet(wines.sizes(8), seeds=[0, 1])
    >>> history = fleet.fit(wines.x, wines.y, epochs=4, record=["gradients"], every=1)
    >>> step_spread(history).shape
    (1, 2)
    """
    norm = np.sqrt((np.asarray(history.gradient_norm, float) ** 2).sum(axis=-1))
    count = len(norm) // window
    if not count:
        raise ValueError(f"a window of {window} records needs as many; got {len(norm)}")
    windows = norm[: count * window].reshape(count, window, *norm.shape[1:])
    return (windows.std(axis=1) / windows.mean(axis=1)).mean(axis=0)


def noise_to_signal(fleet: Fleet, task: Problem, batch: int) -> np.ndarray:
    """Compare how far the gradient of a mini-batch strays with the gradient itself.

    The training examples are cut into batches of one size. The gradient over all is the mean of
    theirs, so that the mean square of their distances from it is the mean of their squared norms
    less its own.

    Parameters
    ----------
    fleet : Fleet
        Of the seeds of `task`.
    task : Problem
        Examples.
    batch : int
        Examples in a batch; those left over are not used.

    Returns
    -------
    ndarray, shape (arms, seeds)
        Root mean square distance over the norm of the full gradient, of all weights.

    Examples
    --------
    >>> wines = problem("wine", [0, 1])
    >>> fleet = Fleet(wines.sizes(8), seeds=[0, 1])
    >>> small, large = (noise_to_signal(fleet, wines, batch) for batch in (8, 64))
    >>> bool((small > large).all())
    True
    """
    count = task.x.shape[1] // batch
    whole = slice(0, count * batch)

    def square(part: slice) -> np.ndarray:
        found = fleet.measure(task.x[:, part], task.y[:, part], record=["gradients"])
        return (np.asarray(found.gradient_norm[0], float) ** 2).sum(axis=-1)

    parts = [slice(start * batch, (start + 1) * batch) for start in range(count)]
    noise = np.mean([square(part) for part in parts], axis=0) - square(whole)
    return np.sqrt(np.maximum(noise, 0) / square(whole))


# --- experiments ----------------------------------------------------------------------------------


def convergence(
    seeds: Sequence[int],
    *,
    cases: Sequence[tuple[str, float]] = (("digits", 0.001), ("digits", 0.01), ("wine", 0.001)),
    steps: int = 100,
    share: float = 0.9,
) -> dict[str, np.ndarray]:
    """Measure how soon networks learn their training examples, and how steady gradients are.

    Two layers of 64 units, batches of 64. Every second step is looked at: accuracy on all training
    examples, gradient of the loss over 200 of them.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    cases : sequence of (str, float)
        Problems, with Adam's learning rate. Of the digits 600 are learned.
    steps : int
        At which training ends, rounded up to whole passes.
    share : float
        Of the training examples that is to be right.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        As `steps_to` and `step_spread` count: "steps: leaky 0.1, wine, rate 0.001", "spread: ...".

    Examples
    --------
    >>> found = convergence(range(3), cases=[("wine", 0.01)], steps=30)
    >>> found["steps: ReLU, wine, rate 0.01"].shape
    (3,)
    """
    slopes = {"ReLU": 0.0, "leaky 0.01": 0.01, "leaky 0.1": 0.1, "leaky 0.2": 0.2}
    found = {}
    for name, rate in cases:
        task = problem(name, seeds, train=TRAIN.get(name))
        batches = math.ceil(task.x.shape[1] / 64)
        fleet = Fleet(
            task.sizes(64, 64), seeds=seeds, slope=list(slopes.values()), dtype=np.float32
        )
        history = fleet.fit(
            task.x,
            task.y,
            optimizer=Adam(rate),
            epochs=math.ceil(steps / batches),
            every=2,
            probe=(task.x[:, :200], task.y[:, :200]),
            record=["loss", "gradients"],
            progress=False,
        )
        until, spread = steps_to(history, share), step_spread(history)
        for arm, kind in enumerate(slopes):
            found[f"steps: {kind}, {name}, rate {rate:g}"] = until[arm]
            found[f"spread: {kind}, {name}, rate {rate:g}"] = spread[arm]
    return found


def gradient_noise(
    seeds: Sequence[int],
    *,
    cases: Sequence[Case] = (("digits", 2), ("wine", 2), ("digits", 10)),
    rate: float = 0.001,
    epochs: int = 10,
    width: int = 32,
) -> dict[str, np.ndarray]:
    """Measure the noise of mini-batch gradients over their signal, before and after training.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    cases : sequence of (str, int)
        Problems, with hidden layers. Of the digits 600 are learned.
    rate, epochs
        Of Adam, in batches of 32; on wines there are three times as many passes.
    width : int
        Units in a hidden layer.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        `noise_to_signal` for batches of 32, "slope 0.3, trained, wine, depth 2".

    Examples
    --------
    >>> found = gradient_noise(range(3), cases=[("wine", 2)], epochs=1)
    >>> sorted(found)[0], found["slope 0.3, start, wine, depth 2"].shape
    ('slope 0.01, start, wine, depth 2', (3,))
    """
    slopes = {"slope 0.01": 0.01, "slope 0.3": 0.3}
    found = {}
    for name, depth in cases:
        task = problem(name, seeds, train=TRAIN.get(name))
        fleet = Fleet(task.sizes(*[width] * depth), seeds=seeds, slope=list(slopes.values()))
        for told, passes in (("start", 0), ("trained", epochs * PASSES.get(name, 1))):
            fleet.fit(
                task.x,
                task.y,
                optimizer=Adam(rate),
                epochs=passes,
                batch_size=BATCH,
                record=[],
                progress=False,
            )
            ratio = noise_to_signal(fleet, task, BATCH)
            for arm, kind in enumerate(slopes):
                found[arm_of(f"{kind}, {told}", name, depth)] = ratio[arm]
    return found


# --- claims ---------------------------------------------------------------------------------------


CLAIMS = [
    Claim(
        id="B5",
        title="Leaky ReLU converges faster, steadier",
        says="Leaky ReLU converges faster than ReLU, with a steadier flow of gradients.",
        how=(
            "Networks of two layers of 64 units learn digits and wines by Adam from the same"
            " weights. Counted are steps until 90 % of the training examples are right (a network"
            " that never gets there counts with the last step), and the coefficient of variation of"
            " the gradient's norm within every ten records, two steps apart."
        ),
        where="11#gradients",
        experiment=convergence,
        tests={
            **{
                f"faster, slope {slope}, {name}, rate {rate}": Ratio(
                    "steps to 90 % of the training examples",
                    f"steps: ReLU, {name}, rate {rate}",
                    f"steps: leaky {slope}, {name}, rate {rate}",
                    TENTH,
                )
                for name, rate in (("digits", "0.001"), ("digits", "0.01"), ("wine", "0.001"))
                for slope in ("0.01", "0.1", "0.2")
            },
            **{
                f"steadier, slope {slope}, {name}, rate {rate}": Ratio(
                    "coefficient of variation of the gradient's norm",
                    f"spread: ReLU, {name}, rate {rate}",
                    f"spread: leaky {slope}, {name}, rate {rate}",
                    TENTH,
                )
                for name, rate in (("digits", "0.001"), ("wine", "0.001"))
                for slope in ("0.01", "0.1")
            },
        },
        quick={"seeds": 10, "cases": (("wine", 0.001),), "steps": 40},
    ),
    Claim(
        id="B10",
        title="Smaller slope, less gradient noise",
        says="A smaller slope gives gradients with less noise.",
        how=(
            "Networks of 2 and 10 layers of 32 units, slopes 0.01 and 0.3: distance of gradients"
            " of mini-batches of 32 from the full gradient (root mean square), over the norm of the"
            " latter; before training, and after ten passes of Adam at 0.001 (30 on wines)."
        ),
        where="11#gradients",
        experiment=gradient_noise,
        tests={
            f"{told}, {name}, {depth} layers": Ratio(
                "noise over signal of mini-batch gradients",
                arm_of(f"slope 0.3, {key}", name, depth),
                arm_of(f"slope 0.01, {key}", name, depth),
                TENTH,
            )
            for name, depth in (("digits", 2), ("wine", 2), ("digits", 10))
            for told, key in (("at the start", "start"), ("after training", "trained"))
        },
        quick={"seeds": 10, "cases": (("wine", 2),)},
        full={"seeds": 300},
    ),
]
