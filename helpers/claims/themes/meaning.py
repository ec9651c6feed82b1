"""Claims about what a leak means, does and costs; and those that nothing can decide.

Where words can be read in more than one way, `how` says which reading is tried.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from helpers.claims.claim import Claim
from helpers.claims.criteria import Above, Alike, Always, Below, Differs, Mostly, Ratio
from helpers.claims.margins import POINT, SHARE
from helpers.claims.problems import Problem, problem
from helpers.claims.themes.shape import KERAS_SLOPE
from helpers.claims.trainings import ENDS, fitted, scored, scores_of, suited, untrained
from helpers.fleet import Fleet
from helpers.training import Adam

__all__ = [
    "CLAIMS",
    "carried",
    "few_examples",
    "initial_gradients",
    "negative_inputs",
    "other_inputs",
    "penalties",
]

# For drawn inputs: each experiment has a stream of its own beside the seed.
NOISE, OTHER = 24, 25


# --- A24: noise and generalisation ----------------------------------------------------------------


def few_examples(
    seeds: Sequence[int],
    *,
    problems: Sequence[tuple[str, int]] = (("digits", 150), ("breast cancer", 60)),
    slopes: Sequence[float] = (0, 0.01, 0.1),
    rates: Sequence[float] = (0.003, 0.01),
    epochs: int = 40,
) -> dict[str, np.ndarray]:
    """Look for noise in a leaky ReLU, and train with it on so few examples that noise could help.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with two hidden layers of 64.
    problems : sequence of (str, int)
        As for `problem`, with the number of training examples to keep.
    slopes : sequence of float
        One an arm; 0 is ReLU.
    rates : sequence of float
        Learning rates of Adam.
    epochs : int
        Passes over the training part.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Test accuracy; and whether, in training mode, the same input gave another output the second
        time: with the leak, and for contrast with RReLU, which is made to be noisy.

    Examples
    --------
    >>> found = few_examples([0, 1], problems=[("wine", 40)], rates=[0.01], epochs=1)
    >>> found["leaky 0.01 differs"], found["RReLU differs"]
    (array([False, False]), array([ True,  True]))
    """
    found = {
        "leaky 0.01 differs": np.array(
            [_differs(torch.nn.LeakyReLU(0.01), seed) for seed in seeds]
        ),
        "RReLU differs": np.array([_differs(torch.nn.RReLU(), seed) for seed in seeds]),
    }
    for name, train in problems:
        task = problem(name, seeds, train=train)
        for rate in rates:
            fleet = untrained(task, seeds, 64, 64, slope=slopes)
            scores = scores_of(fitted(task, fleet, epochs=epochs, rate=rate), task)
            for slope, row in zip(slopes, scores, strict=True):
                arm = f"leaky {slope:g}" if slope else "ReLU"
                found[f"{arm}, {name}, rate {rate:g}"] = row
    return found


def _differs(layer: torch.nn.Module, seed: int) -> bool:
    """Give a layer the same drawn numbers twice, as in training, and compare to the last bit."""
    z = torch.from_numpy(np.random.default_rng([seed, NOISE]).normal(size=1_000))
    layer.train()
    # What is drawn here must not move the generator that anybody else draws from.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return not torch.equal(layer(z), layer(z))


# --- A29: a penalty? ------------------------------------------------------------------------------


def penalties(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine"),
    slopes: Sequence[float] = (0, 0.01, 0.1),
    epochs: int = 15,
    rate: float = 0.003,
) -> dict[str, np.ndarray]:
    """Ask of a leak what a penalty on negative z does: charge for them, and make them fewer.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with one hidden layer of 64.
    problems : sequence of str
        As for `problem`; what is charged is tried on the first alone.
    slopes : sequence of float
        0, for ReLU, comes first; the last one is the leak that is to charge.
    epochs, rate
        Passes over the training part, and learning rate of Adam.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Share of z below 0 on the test part after training; whether the leak in place of ReLU raises
        the loss of the same weights, as drawn; and whether it charges, in loss or gradient, for
        negative units on which the output does not depend. For contrast the latter two for ReLU
        with a penalty, the mean size of negative z.

    Examples
    --------
    >>> found = penalties([0, 1], problems=["wine"], epochs=1)
    >>> found["leak, unused units"], found["penalty, unused units"]
    (array([False, False]), array([ True,  True]))
    """
    found = {}
    for number, name in enumerate(problems):
        task = problem(name, seeds)
        if not number:
            found |= _charges(task, seeds, slopes[-1])
        fleet = untrained(task, seeds, 64, slope=slopes)
        fitted(task, fleet, epochs=epochs, rate=rate)
        shares = np.mean(fleet.pre_activations(task.x_test)[0] < 0, axis=(2, 3))
        for slope, row in zip(slopes, shares, strict=True):
            found[f"{f'leaky {slope:g}' if slope else 'ReLU'}, {name}"] = row
    return found


def _charges(task: Problem, seeds: Sequence[int], slope: float) -> dict[str, np.ndarray]:
    """Compare the loss of the same weights with ReLU, with a leak, and with a penalty."""
    # Double precision: nothing must come from rounding.
    fleet = Fleet(task.sizes(64), seeds=seeds, slope=[0, slope])
    fresh = fleet.measure(task.x, task.y, record=["loss"]).loss[0]
    z = fleet.pre_activations(task.x)[0]
    cost = np.mean(np.maximum(-z[0], 0), axis=(1, 2))
    # Half of the units lead nowhere. The others are lifted above 0, where no leak is felt.
    _, b, out, _ = fleet.parameters
    used = slice(32, None)
    out[:, :, :32] = 0
    b[:, :, used] -= z[..., used].min(axis=2) - 1
    seen = fleet.measure(task.x, task.y, record=["loss", "gradients"])
    loss, stuck = seen.loss[0], seen.stuck[0][0][..., :32]
    unused = np.mean(np.maximum(-fleet.pre_activations(task.x)[0][0], 0), axis=(1, 2))
    return {
        "leak, weights as drawn": fresh[1] > fresh[0],
        "penalty, weights as drawn": fresh[0] + cost > fresh[0],
        "leak, unused units": (loss[1] > loss[0]) | ~stuck[1].all(axis=1),
        "penalty, unused units": loss[0] + unused > loss[0],
    }


# --- A31: negative inputs -------------------------------------------------------------------------


def negative_inputs(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine"),
    epochs: int = 5,
    rate: float = 0.1,
) -> dict[str, np.ndarray]:
    """Turn the sign of all inputs, and count dead units before and after training.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with one hidden layer of 64: the same weights for both signs.
    problems : sequence of str
        As for `problem`, with inputs from 0 to 1.
    epochs, rate
        Passes over the training part; learning rate of Adam, high enough to kill.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Share of units that are 0 on the whole training part.

    Examples
    --------
    >>> found = negative_inputs([0, 1], problems=["digits"], epochs=0)
    >>> bool(found["below 0, digits, start"].max() < 0.5)
    True
    """
    found = {}
    for name in problems:
        task = problem(name, seeds, scale="unit")
        x = np.stack([task.x, -task.x])
        fleet = untrained(task, seeds, 64, slope=[0, 0])
        history = fleet.fit(
            x,
            task.y[np.newaxis],
            optimizer=Adam(rate),
            epochs=epochs,
            every=ENDS,
            record=["units"],
            progress=False,
        )
        for when, row in (("start", 0), ("trained", -1)):
            above, below = history.share("dead")[row].mean(axis=-1)
            found |= {f"above 0, {name}, {when}": above, f"below 0, {name}, {when}": below}
    return found


# --- B9: gradients at the start -------------------------------------------------------------------


def initial_gradients(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "cars"),
    slopes: Sequence[float] = (0, 0.01, 0.3, 1),
) -> dict[str, np.ndarray]:
    """Measure the gradient of the loss before the first step, slope by slope.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with two hidden layers of 64.
    problems : sequence of str
        As for `problem`.
    slopes : sequence of float
        Of the negative side, one an arm.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Norm of the gradient of all weights over the training part; with the same weights for all
        slopes, and with weights of He's variance for each slope.

    Examples
    --------
    >>> found = initial_gradients([0, 1], problems=["digits"], slopes=[0, 1])
    >>> bool((found["slope 1, digits"] > found["slope 0, digits"]).all())
    True
    """
    found = {}
    for name in problems:
        task = problem(name, seeds)
        for told, gain in (("", np.ones(len(slopes))), (", weights suited", suited(slopes))):
            fleet = untrained(task, seeds, 64, 64, slope=slopes, gain=gain)
            by_layer = fleet.measure(task.x, task.y, record=["gradients"]).gradient_norm[0]
            norms = np.sqrt(np.sum(by_layer**2, axis=-1))
            found |= {
                f"slope {slope:g}, {name}{told}": row
                for slope, row in zip(slopes, norms, strict=True)
            }
    return found


# --- B14: one line --------------------------------------------------------------------------------


def carried(
    seeds: Sequence[int],
    *,
    depths: Sequence[int] = (2, 8),
    data: str = "digits",
    epochs: int = 15,
    rate: float = 0.003,
) -> dict[str, np.ndarray]:
    """Train with PyTorch's LeakyReLU(), then read the same weights with Keras's; and train anew.

    What the two lines mean is a slope: 0.01 and `KERAS_SLOPE`. Neither framework is needed for it.

    Parameters
    ----------
    seeds : sequence of int
        One network each; the same initial weights and batches for both slopes.
    depths : sequence of int
        Hidden layers, of 32 units each.
    data : str
        As for `problem`.
    epochs, rate
        Passes over the training part, and learning rate of Adam.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Test accuracy: "PyTorch", of the weights carried to "Keras", and "Keras, trained anew"; and
        whether carrying left the outputs as they were, to 1e-4 of the largest.

    Examples
    --------
    >>> found = carried([0, 1], depths=[1], data="wine", epochs=1)
    >>> found["same outputs, depth 1"]
    array([False, False])
    """
    found = {}
    task = problem(data, seeds)
    slopes = [torch.nn.LeakyReLU().negative_slope, KERAS_SLOPE]
    for depth in depths:
        fleet = untrained(task, seeds, *[32] * depth, slope=slopes)
        here, anew = fitted(task, fleet, epochs=epochs, rate=rate).outputs(task.x_test)
        there = fleet.copy(slope=[KERAS_SLOPE] * 2).outputs(task.x_test)[0]
        apart = np.abs(there - here).max(axis=(1, 2)) / np.abs(here).max(axis=(1, 2))
        found |= {
            f"PyTorch, depth {depth}": scored(here, task.y_test),
            f"Keras, weights carried, depth {depth}": scored(there, task.y_test),
            f"Keras, trained anew, depth {depth}": scored(anew, task.y_test),
            f"same outputs, depth {depth}": apart < 1e-4,
        }
    return found


# --- B16: zero for all inputs ---------------------------------------------------------------------


def other_inputs(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine"),
    epochs: int = 10,
    rate: float = 0.03,
    numbers: int = 500,
) -> dict[str, np.ndarray]:
    """Kill units, show those that are dead on the training part other inputs; and go on training.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with two hidden layers of 64.
    problems : sequence of str
        As for `problem`, with inputs from 0 to 1.
    epochs, rate
        Passes over the training part; learning rate of Adam, high enough to kill.
    numbers : int
        How many drawn inputs of either kind: even between 0 and 1, and normal with deviation 10.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Share of a network's dead units that fire for one at least of the other inputs; and, layer
        by layer, of all units dead after some epoch that fire on the training part after a later
        one. 0 where a network has no dead unit.

    Examples
    --------
    >>> found = other_inputs([0, 1], problems=["digits"], epochs=2, rate=0.1)
    >>> bool(found["numbers of any size, digits"].min() > 0.5)
    True
    """
    found = {}
    for name in problems:
        task = problem(name, seeds, scale="unit")
        fleet = untrained(task, seeds, 64, 64)
        history = fleet.fit(
            task.x,
            task.y,
            optimizer=Adam(rate),
            epochs=epochs,
            record=["units"],
            progress=False,
        )
        dead = np.stack([layer[-1, 0] for layer in history.dead], axis=1)
        rngs = [np.random.default_rng([seed, OTHER]) for seed in seeds]
        shape = (numbers, task.inputs)
        others = {
            "test part": task.x_test,
            "even noise": np.stack([rng.random(shape) for rng in rngs]),
            "numbers of any size": np.stack([rng.normal(0, 10, shape) for rng in rngs]),
        }
        for told, x in others.items():
            zs = fleet.pre_activations(x)
            fires = np.stack([(z[0] > 0).any(axis=1) for z in zs], axis=1)
            found[f"{told}, {name}"] = _share_of(dead & fires, dead)
        for number, rows in enumerate(history.dead, start=1):
            once, back = _came_back(rows[:, 0])
            found[f"layer {number} comes back, {name}"] = _share_of(back, once)
    return found


def _came_back(dead: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell which units were ever dead, and which of them fired later; from shape (rows, ...)."""
    before = np.logical_or.accumulate(dead, axis=0)
    return before[-1], (before & ~dead).any(axis=0)


def _share_of(some: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Divide counts over all axes but the first; 0 where there are none."""
    axes = tuple(range(1, of.ndim))
    return some.sum(axis=axes) / np.maximum(of.sum(axis=axes), 1)


# --- the claims -----------------------------------------------------------------------------------

CLAIMS: list[Claim] = [
    Claim(
        id="A24",
        title="Leaky ReLU adds noise, generalises",
        says="Leaky ReLU adds a little noise to training, and so generalises better than ReLU where"
        " examples are few.",
        how="Noise: in training mode, does the same input give another output the second time? That"
        " it does for RReLU shows that it would be seen. Effect: test accuracy after training on"
        " few examples, at two learning rates.",
        where="11#definitions",
        experiment=few_examples,
        tests={
            "noise": Mostly(
                "the same input gives another output the second time", "leaky 0.01 differs", 0.5
            ),
            **{
                f"{name}, slope {slope:g}, rate {rate:g}": Differs(
                    "test accuracy",
                    f"leaky {slope:g}, {name}, rate {rate:g}",
                    f"ReLU, {name}, rate {rate:g}",
                    POINT,
                )
                for name in ("digits", "breast cancer")
                for slope, rate in ((0.01, 0.003), (0.01, 0.01), (0.1, 0.003))
            },
        },
        quick={
            "seeds": 10,
            "problems": (("breast cancer", 60),),
            "rates": (0.003,),
            "slopes": (0, 0.01),
            "epochs": 20,
        },
    ),
    Claim(
        id="A29",
        title="The leak penalises negative values",
        says="The point of the leak is to penalise negative values.",
        how="A penalty charges for what it penalises, and makes it rarer. Charges: does the leak"
        " raise the loss of the same weights, and does it charge for negative units on which the"
        " output does not depend? A real penalty, measured beside it, always does. (That a leak"
        " cannot do the latter is algebra.) Rarer: the share of z below 0 after training, ReLU less"
        " leaky.",
        where="11#definitions",
        experiment=penalties,
        tests={
            "charge, weights as drawn": Always(
                "the leak raises the loss", "leak, weights as drawn"
            ),
            "charge, unused units": Always(
                "the leak raises the loss, or moves these units", "leak, unused units"
            ),
            **{
                f"rarer, {name}, slope {slope:g}": Differs(
                    "share of z below 0", f"ReLU, {name}", f"leaky {slope:g}, {name}", SHARE
                )
                for name in ("digits", "wine")
                for slope in (0.01, 0.1)
            },
        },
        quick={"seeds": 10, "problems": ("wine",), "epochs": 5},
    ),
    Claim(
        id="A30",
        title="Inspired by the brain",
        says="Activation functions are inspired by nerve cells, which fire or stay silent.",
        how="Notebook 01 lists what is borrowed from the brain and what is not.",
        where="01#brain",
        opinion="Whom something inspired is history, and how far a likeness carries is a matter of"
        " taste: nothing that a network computes decides it.",
    ),
    Claim(
        id="A31",
        title="Dead because inputs are negative",
        says="A ReLU unit is dead because its inputs are negative.",
        how="Inputs from 0 to 1 and the same inputs with the sign turned, for the same weights: are"
        " more units dead on the training part with inputs below 0, at the start and after training"
        " at a rate that kills? And is most of a layer dead where all inputs are below 0? (Read as"
        " the pre-activation the sentence is the definition; then the word is wrong.)",
        where="01#sign-run",
        experiment=negative_inputs,
        tests={
            **{
                f"{name}, {when}": Differs(
                    "share of dead units",
                    f"below 0, {name}, {when}",
                    f"above 0, {name}, {when}",
                    SHARE,
                )
                for name in ("digits", "wine")
                for when in ("start", "trained")
            },
            "most are dead, digits": Above("share of dead units", "below 0, digits, start", 0.5),
            "most are dead, wine": Above("share of dead units", "below 0, wine, start", 0.5),
        },
        quick={"seeds": 10, "problems": ("wine",), "epochs": 2},
        full={"seeds": 500},
    ),
    Claim(
        id="B7",
        title="Popular in every field",
        says="Leaky ReLU is popular in networks for images, sequences, text and detection.",
        how="Notebooks 12 to 15 train it on images, objects, names and numbers.",
        where="13#slope-figure",
        opinion="How popular something is cannot be found out by training networks. That it works"
        " in each of these fields is shown by example in notebooks 12 to 15.",
    ),
    Claim(
        id="B9",
        title="Larger slope, larger gradients",
        says="The larger the slope of the negative side, the larger the gradients.",
        how="Norm of the gradient of all weights before the first step: a slope against the next"
        " smaller one, from the same weights, and once with weights that suit each slope. It counts"
        " if larger by a tenth.",
        where="07#arrive-run",
        experiment=initial_gradients,
        tests={
            f"{more:g} against {than:g}, {where}": Ratio(
                "norm of the gradient", f"slope {more:g}, {where}", f"slope {than:g}, {where}", 1.1
            )
            for more, than, where in (
                (0.01, 0, "digits"),
                (0.3, 0.01, "digits"),
                (1, 0.3, "digits"),
                (0.01, 0, "cars"),
                (0.3, 0.01, "cars"),
                (0.3, 0.01, "digits, weights suited"),
            )
        },
        quick={"seeds": 10, "problems": ("cars",)},
        full={"seeds": 2_000},
    ),
    Claim(
        id="B14",
        title="One line in TensorFlow and PyTorch",
        says="Leaky ReLU is one line in TensorFlow and PyTorch: it does not matter in which of the"
        " two it is written.",
        how="That LeakyReLU() is one line is plain to see. It has slope 0.01 in PyTorch and 0.3 in"
        " Keras (by its documentation), so that outputs must differ. By how much does it matter:"
        " trained with the one and carried to the other, or trained anew with the other, is the"
        " accuracy the same?",
        where="16#verdict",
        experiment=carried,
        tests={
            "same outputs, depth 2": Always(
                "the carried network gives the same outputs", "same outputs, depth 2"
            ),
            **{
                f"{told}, depth {depth}": Alike(
                    "test accuracy",
                    f"Keras, {told}, depth {depth}",
                    f"PyTorch, depth {depth}",
                    POINT,
                )
                for told in ("weights carried", "trained anew")
                for depth in (2, 8)
            },
        },
        quick={"seeds": 8, "depths": (2,)},
        full={"seeds": 200},
    ),
    Claim(
        id="B15",
        title="It will stay useful",
        says="Leaky ReLU will stay useful in the deep learning of the future.",
        how="Notebooks 12 to 16 show where it is of use today.",
        where="16#verdict",
        opinion="What will be useful cannot be measured today. Where the leak helps now, and where"
        " it makes no difference, is what the other claims and notebooks 12 to 16 tell.",
    ),
    Claim(
        id="B16",
        title="Dying means 0 for all inputs, for good",
        says="A dying ReLU gives 0 for all inputs, and does so for good.",
        how="Units that are dead on the training part after training at a rate that kills: what"
        " share of them fires for other inputs? And what share of those that were dead after some"
        " epoch fires on the training part later? The claim allows none; up to 0.05 are let pass.",
        where="06#probe-run",
        experiment=other_inputs,
        tests={
            f"{told}, {name}": Below(metric, f"{told}, {name}", SHARE)
            for name in ("digits", "wine")
            for told, metric in (
                ("test part", "share of dead units that fire for other inputs"),
                ("numbers of any size", "share of dead units that fire for other inputs"),
                ("layer 2 comes back", "share of units once dead that fire later"),
            )
        },
        quick={"seeds": 10, "problems": ("wine",), "epochs": 5},
    ),
]
