"""Claims about gradients of deep networks: where they vanish, and where they explode.

What a gradient is before the first step costs little, so that is measured on hundreds of networks.
All are 32 units wide, with weights of variance gain²/fan_in and no bias. He's gain for a slope is
sqrt(2 / (1 + slope²)), that is 1.41 for ReLU; 1 is Glorot's.

Looked at is the gradient that arrives in layer 1, at one depth and at another. Layer 1 against the
last layer of one network would tell less: in ReLU networks without biases the gradients of all
layers are of about one size, even where all of them have vanished.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Above, Below, Differs, Ratio
from helpers.claims.margins import HALF, POINT, SHARE
from helpers.claims.problems import problem
from helpers.claims.themes.depth import accuracies, arm_of
from helpers.claims.trainings import ENDS
from helpers.fleet import Fleet
from helpers.training import SGD

__all__ = ["CLAIMS", "explosion", "first_gradients", "leaky_gradients", "vanishing"]

RELU_GAIN = math.sqrt(2)
POWERS = 3.0  # a thousandth of a gradient is one that has vanished, a thousandfold has exploded


def he_gain(slope: float) -> float:
    """Give the gain that keeps the mean square of z through layers with this slope."""
    return math.sqrt(2 / (1 + slope**2))


def unit_gain(fan_in: int, fan_out: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw normal weights of variance 1 / fan_in, and no bias."""
    return rng.normal(0, 1 / math.sqrt(fan_in), (fan_in, fan_out)), np.zeros(fan_out)


def first_gradients(
    seeds: Sequence[int],
    activation: str,
    gains: Sequence[float],
    slopes: Sequence[float] | None = None,
    *,
    layers: int,
    width: int = 32,
    examples: int = 50,
) -> np.ndarray:
    """Measure the gradient of the loss in layer 1 of fresh networks, on some digits.

    Parameters
    ----------
    seeds : sequence of int
        One draw of weights each, the same for all gains and slopes.
    activation : str
        After each hidden layer; "relu" where slopes are given.
    gains, slopes : sequence of float
        One an arm.
    layers, width : int
        Hidden layers, and units in each.
    examples : int
        Training digits, standardised, over which the loss is averaged: 50 at most.

    Returns
    -------
    ndarray, shape (arms, seeds)
        Root of the summed squares of the gradient of layer 1's weights.

    Examples
    --------
    >>> few, many = (first_gradients([0], "sigmoid", [1.0], layers=n)[0, 0] for n in (2, 10))
    >>> bool(many < few / 1_000)
    True
    """
    # Standardised over as many in any case: of a single example nothing would be left.
    task = problem("digits", seeds, train=50)
    x, y = task.x[:, :examples], task.y[:, :examples]
    fleet = Fleet(
        task.sizes(*[width] * layers),
        activation,
        seeds=seeds,
        gain=gains,
        slope=slopes,
        initializer=unit_gain,
    )
    return fleet.measure(x, y, record=["gradients"]).gradient_norm[0, :, :, 0]


def powers_of_ten(large: np.ndarray, small: np.ndarray) -> np.ndarray:
    """Count by how many powers of ten one gradient is above another; 0 counts as the least > 0."""
    least = np.finfo(float).tiny
    return np.log10(np.maximum(large, least)) - np.log10(np.maximum(small, least))


# --- experiments ----------------------------------------------------------------------------------


def vanishing(
    seeds: Sequence[int],
    *,
    shallow: int = 2,
    deep: int = 50,
    cases: Sequence[tuple[str, int]] = (("digits", 10), ("wine", 10)),
    rates: Sequence[float] = (0.001, 0.003),
    epochs: int = 10,
) -> dict[str, np.ndarray]:
    """Measure what the gradient in layer 1 loses with depth; and accuracy after training.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    shallow, deep : int
        Hidden layers between which gradients are compared.
    cases : sequence of (str, int)
        Problems to learn, with hidden layers.
    rates, epochs
        As for `depth.accuracies`.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Powers of ten lost, such as "tanh, gain 1.41"; test accuracies, "tanh, wine, depth 10".

    References
    ----------
    Taught in notebooks 04 and 05.

    Examples
    --------
    >>> lost = vanishing(range(5), deep=10, cases=())
    >>> bool(lost["sigmoid, gain 1"].min() > 3 > lost["tanh, gain 1"].max())
    True
    """
    found = {}
    gains = {"1": 1.0, "1.41": RELU_GAIN}
    for activation, name in (("sigmoid", "sigmoid"), ("tanh", "tanh"), ("relu", "ReLU")):
        few, many = (
            first_gradients(seeds, activation, list(gains.values()), layers=layers)
            for layers in (shallow, deep)
        )
        lost = powers_of_ten(few, many)
        found |= {f"{name}, gain {gain}": lost[arm] for arm, gain in enumerate(gains)}
    return found | accuracies(("sigmoid", "tanh", "ReLU"), cases, seeds, rates=rates, epochs=epochs)


def leaky_gradients(
    seeds: Sequence[int], *, layers: int = 50, narrow: tuple[int, int] | None = (20, 4)
) -> dict[str, np.ndarray]:
    """Measure the gradient in layer 1 of deep networks, by slope and gain.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    layers : int
        Hidden layers, of 32 units.
    narrow : tuple of int, optional
        Layers and width of narrow networks, of which a whole layer may be off for an example; None
        leaves them out.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Norms, such as "leaky 0.2, own gain"; and whether the gradient of one example is lost,
        "leaky 0.2, narrow".

    References
    ----------
    Gains are those of He et al. (2015), https://arxiv.org/abs/1502.01852.

    Examples
    --------
    >>> found = leaky_gradients(range(5), layers=20)
    >>> bool((found["leaky 0.2, gain 1.41"] > found["leaky 0.2, own gain"]).all())
    True
    """
    names, slopes = ["ReLU", "leaky 0.01", "leaky 0.2"], [0.0, 0.01, 0.2]
    gains = [he_gain(slope) for slope in slopes]
    arrived = first_gradients(
        seeds, "relu", [*gains, *[RELU_GAIN] * 3], [*slopes, *slopes], layers=layers
    )
    found = {}
    for arm, name in enumerate(names):
        found[f"{name}, own gain"] = arrived[arm]
        found[f"{name}, gain 1.41"] = arrived[len(names) + arm]
    if narrow is not None:
        # A leak of 1 is no activation at all: what these weights would let through.
        count, width = narrow
        through = first_gradients(
            seeds, "relu", [*gains, 1.0], [*slopes, 1.0], layers=count, width=width, examples=1
        )
        lost = through[:-1] < through[-1] / 10**POWERS
        found |= {f"{name}, narrow": lost[arm] for arm, name in enumerate(names)}
    return found


def explosion(
    seeds: Sequence[int],
    *,
    shallow: int = 2,
    deep: int = 50,
    width: int = 32,
    problems: Sequence[str] = ("digits", "wine"),
    rate: float = 2.0,
    epochs: int = 3,
) -> dict[str, np.ndarray]:
    """Measure what the gradient in layer 1 gains with depth; and which runs diverge under SGD.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    shallow, deep, width : int
        Hidden layers between which gradients are compared, and their units.
    problems : sequence of str
        What networks of two layers of 64 units learn.
    rate, epochs
        Of SGD, in batches of 64.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Powers of ten gained, such as "leaky 0.2, gain 2"; and whether the loss became nan or
        infinite, "leaky 0.2, SGD, digits".

    References
    ----------
    Taught in notebook 08.

    Examples
    --------
    >>> found = explosion(range(5), deep=20, problems=())
    >>> bool(found["ReLU, gain 2"].min() > 1 > found["ReLU, own gain"].max())
    True
    """
    slopes = {"ReLU": 0.0, "leaky 0.01": 0.01, "leaky 0.2": 0.2}
    arms = [
        (f"{name}, {told}", slope, gain)
        for name, slope in slopes.items()
        for told, gain in (("own gain", he_gain(slope)), ("gain 1.41", RELU_GAIN), ("gain 2", 2.0))
    ]
    _, leaks, gains = zip(*arms, strict=True)
    few, many = (
        first_gradients(seeds, "relu", gains, leaks, layers=layers, width=width)
        for layers in (shallow, deep)
    )
    grown = powers_of_ten(many, few)
    found = {name: grown[row] for row, (name, *_) in enumerate(arms)}
    for name in problems:
        task = problem(name, seeds)
        fleet = Fleet(
            task.sizes(64, 64), seeds=seeds, slope=list(slopes.values()), dtype=np.float32
        )
        history = fleet.fit(
            task.x,
            task.y,
            optimizer=SGD(rate),
            epochs=epochs,
            every=ENDS,
            record=["loss"],
            progress=False,
        )
        blew_up = history.diverged | ~np.isfinite(history.loss[-1])
        found |= {f"{kind}, SGD, {name}": blew_up[arm] for arm, kind in enumerate(slopes)}
    return found


# --- claims ---------------------------------------------------------------------------------------

HALF_IN_POWERS = 0.18  # the same in powers of ten

LOST = "powers of ten by which the gradient in layer 1 falls from 2 to 50 layers"
GROWN = "powers of ten by which the gradient in layer 1 grows from 2 to 50 layers"
ARRIVES = "gradient in layer 1 of 50 layers"


CLAIMS = [
    Claim(
        id="A4",
        title="Sigmoid and tanh gradients vanish",
        says=(
            "The gradients of sigmoid and tanh vanish in deep networks, that of ReLU does not, and"
            " so a deep network learns better with ReLU."
        ),
        how=(
            "Fresh networks of 2 and 50 layers of 32 units, at gains 1 (Glorot's) and 1.41 (He's):"
            " a gradient has vanished if less than a thousandth of it arrives in layer 1. Then"
            " networks of 10 layers, sigmoid and tanh from Glorot's weights and ReLU from He's,"
            " learn digits and wines by Adam, each at whichever of the rates 0.001 and 0.003 left"
            " it the lower training loss."
        ),
        where="04#depth-figure",
        experiment=vanishing,
        tests={
            "sigmoid's vanishes, gain 1": Above(LOST, "sigmoid, gain 1", POWERS),
            "sigmoid's vanishes, gain 1.41": Above(LOST, "sigmoid, gain 1.41", POWERS),
            "tanh's vanishes, gain 1": Above(LOST, "tanh, gain 1", POWERS),
            "tanh's vanishes, gain 1.41": Above(LOST, "tanh, gain 1.41", POWERS),
            "ReLU's does not, gain 1": Below(LOST, "ReLU, gain 1", POWERS),
            "ReLU's does not, gain 1.41": Below(LOST, "ReLU, gain 1.41", POWERS),
            **{
                f"ReLU learns better than {other}, {name}": Differs(
                    "test accuracy", arm_of("ReLU", name, 10), arm_of(other, name, 10), POINT
                )
                for other in ("sigmoid", "tanh")
                for name in ("digits", "wine")
            },
        },
        quick={"seeds": 5, "cases": ()},
    ),
    Claim(
        id="B6",
        title="Gradients vanish, not with ReLU",
        says="Sigmoid and tanh suffer from vanishing gradients, ReLU and its relatives do not.",
        how="",
        where="05#gradient-figure",
        same_as="A4",
    ),
    Claim(
        id="B2",
        title="Leaky ReLU lessens vanishing",
        says="Leaky ReLU lessens the vanishing of gradients: more of them arrives in layer 1.",
        how=(
            "Fresh networks of 50 layers of 32 units, slopes 0.01 and 0.2 against ReLU: each at the"
            " He gain of its own slope, and all at ReLU's. Then 20 layers of 4 units, where a layer"
            " may be off as a whole: a gradient is lost if less than a thousandth arrives of what"
            " the same weights pass without an activation."
        ),
        where="07#arrive-run",
        experiment=leaky_gradients,
        tests={
            **{
                f"slope {slope}, {told}": Ratio(
                    ARRIVES, f"leaky {slope}, {gain}", f"ReLU, {gain}", HALF
                )
                for told, gain in (("its own gain", "own gain"), ("ReLU's gain", "gain 1.41"))
                for slope in ("0.01", "0.2")
            },
            **{
                f"slope {slope}, narrow": Differs(
                    "share of networks of 4 units a layer in which one example's gradient is lost",
                    "ReLU, narrow",
                    f"leaky {slope}, narrow",
                    SHARE,
                )
                for slope in ("0.01", "0.2")
            },
        },
        quick={"seeds": 10, "narrow": None},
        full={"seeds": 500},
    ),
    Claim(
        id="B11",
        title="Unbounded, so gradients explode",
        says=(
            "Leaky ReLU is unbounded, so gradients may explode: with it, and more than with ReLU."
        ),
        how=(
            "Fresh networks of 2 and 50 layers of 32 units: a gradient has exploded if layer 1 gets"
            " a thousand times as much. At weights of variance gain²/fan_in its mean square should"
            " grow by gain² (1 + slope²) / 2 a layer. Then two layers of 64 units under SGD at rate"
            " 2: which runs give nan or infinity."
        ),
        where="08#explode-run",
        experiment=explosion,
        tests={
            "explodes, slope 0.2, its own gain": Above(GROWN, "leaky 0.2, own gain", POWERS),
            "explodes, slope 0.2, ReLU's gain": Above(GROWN, "leaky 0.2, gain 1.41", POWERS),
            "explodes, slope 0.01, gain 2": Above(GROWN, "leaky 0.01, gain 2", POWERS),
            **{
                f"more than ReLU, slope {slope}, gain 2": Differs(
                    GROWN, f"leaky {slope}, gain 2", "ReLU, gain 2", HALF_IN_POWERS
                )
                for slope in ("0.01", "0.2")
            },
            **{
                f"more often than ReLU, slope {slope}, SGD, {name}": Differs(
                    "share of runs that give nan or infinity at rate 2",
                    f"leaky {slope}, SGD, {name}",
                    f"ReLU, SGD, {name}",
                    SHARE,
                )
                for slope, name in (("0.01", "digits"), ("0.2", "digits"), ("0.2", "wine"))
            },
        },
        quick={"seeds": 8, "problems": ()},
        full={"seeds": 200},
    ),
]
