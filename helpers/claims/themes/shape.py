"""Claims about what ReLU and leaky ReLU are: their formulas, and what follows from them.

Most are exact, or cheap to measure. Where a statement is a mathematical identity, what is tried is
whether real code and trained networks keep it; `how` says so.

>>> claim = next(one for one in CLAIMS if one.id == "A28")
>>> measured = claim.experiment([0, 1, 2])
>>> claim.tests["relu"].judge(measured).verdict, claim.tests["leaky_relu"].judge(measured).verdict
('holds', 'does not hold')
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from helpers import activations
from helpers.activations import Activation, elu, leaky_relu, relu, tanh
from helpers.claims.claim import Claim
from helpers.claims.criteria import Above, Alike, Always, Differs
from helpers.claims.margins import POINT, R2
from helpers.claims.problems import Problem, problem
from helpers.claims.trainings import fitted, scored, scores_of, suited, untrained
from helpers.fleet import Fleet

__all__ = [
    "CLAIMS",
    "KERAS_SLOPE",
    "bends",
    "far_left",
    "high_slopes",
    "sharp_zeros",
    "short_form",
    "signs",
    "zeros",
]

# What `LeakyReLU()` means in Keras, which this module does without. A test asks Keras itself.
# Source: https://keras.io/api/layers/activation_layers/leaky_relu/
KERAS_SLOPE = 0.3

# For drawn inputs: each experiment has a stream of its own beside the seed.
FORM, SIGNS, LEFT = 21, 22, 23


# --- A1: without a bend ---------------------------------------------------------------------------


def bends(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("absolute", "sine", "moons"),
    epochs: int = 40,
    rate: float = 0.01,
) -> dict[str, np.ndarray]:
    """Train three hidden layers without a bend, three with ReLU, and the best straight answer.

    The straight answer to a problem with numbers is the line of least squares; to one with classes
    a network without hidden layers.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    problems : sequence of str
        As for `problem`.
    epochs, rate
        Passes over the training part, and learning rate of Adam.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        R2 or accuracy on the test part of each arm.

    Examples
    --------
    >>> found = bends([0, 1], problems=["absolute"], epochs=20)
    >>> bool(found["ReLU, absolute"].min() > 0.8 > 0.2 > found["no bend, absolute"].max())
    True
    """
    found = {}
    for name in problems:
        task = problem(name, seeds)
        # Weights suit each: He's variance for a slope of 1 is half that for ReLU.
        fleet = untrained(task, seeds, 32, 32, 32, slope=[1, 0], gain=suited([1, 0]))
        straight, bent = scores_of(fitted(task, fleet, epochs=epochs, rate=rate), task)
        if task.y.ndim == 2:
            single = fitted(task, untrained(task, seeds), epochs=epochs, rate=rate)
            best = scores_of(single, task)[0]
        else:
            best = scored(_line(task), task.y_test)
        found |= {
            f"no bend, {name}": straight,
            f"ReLU, {name}": bent,
            f"straight answer, {name}": best,
        }
    return found


def _line(task: Problem) -> np.ndarray:
    """Predict the test part by the line of least squares, shape (seeds, N, 1)."""

    def with_one(x: np.ndarray) -> np.ndarray:
        return np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)

    return with_one(task.x_test) @ (np.linalg.pinv(with_one(task.x)) @ task.y)


# --- A2: never negative ---------------------------------------------------------------------------


def signs(
    seeds: Sequence[int], *, numbers: int = 20_000, epochs: int = 5, rate: float = 0.01
) -> dict[str, np.ndarray]:
    """Look for an output below 0: of drawn numbers of every size, and of trained hidden layers.

    The numbers go from the smallest denormal float to the largest, with 0.0, -0.0 and both
    infinities among them.

    Parameters
    ----------
    seeds : sequence of int
        For the drawn numbers and the networks.
    numbers : int
        How many are drawn.
    epochs, rate
        Of the networks 64-32-32-10 that read digits.

    Returns
    -------
    dict of str to ndarray of bool, shapes (seeds,)
        Whether no output was below 0; of a leaky ReLU, too, for contrast.

    Examples
    --------
    >>> found = signs([0], numbers=100, epochs=1)
    >>> found["helpers, drawn numbers"], found["leaky 0.01, drawn numbers"]
    (array([ True]), array([False]))
    """
    drawn = [_numbers_of_every_size(seed, numbers) for seed in seeds]
    leaky = leaky_relu(0.01)
    task = problem("digits", seeds)
    fleet = untrained(task, seeds, 32, 32)
    fitted(task, fleet, epochs=epochs, rate=rate, batch_size=64)
    return {
        "helpers, drawn numbers": np.array([(relu(z) >= 0).all() for z in drawn]),
        "torch, drawn numbers": np.array(
            [bool((torch.relu(torch.from_numpy(z)) >= 0).all()) for z in drawn]
        ),
        "hidden layers, digits": np.array(
            [
                _hidden_at_least_zero(fleet, number, x)
                for number, x in enumerate(task.x_test.astype(np.float32))
            ]
        ),
        "leaky 0.01, drawn numbers": np.array([(leaky(z) >= 0).all() for z in drawn]),
    }


def _numbers_of_every_size(seed: int, count: int) -> np.ndarray:
    """Draw floats of either sign whose exponents are spread evenly over all there are."""
    rng = np.random.default_rng([seed, SIGNS])
    sizes = 2.0 ** rng.uniform(-1074, 1023, count)
    drawn = rng.choice([-1.0, 1.0], count) * sizes
    return np.concatenate([drawn, [0.0, -0.0, np.inf, -np.inf, 5e-324, -5e-324]])


def _hidden_at_least_zero(fleet: Fleet, number: int, x: np.ndarray) -> bool:
    """Go through the hidden layers of one network, and look for an output below 0."""
    *hidden, _ = fleet.network(0, number).layers
    for layer in hidden:
        x = layer.forward(x)
        if not (x >= 0).all():
            return False
    return True


# --- A5, A28: zeros -------------------------------------------------------------------------------


def zeros(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine", "breast cancer"),
    epochs: int = 15,
    rate: float = 0.003,
) -> dict[str, np.ndarray]:
    """Count exact zeros among the outputs of hidden layers, before training and after.

    Parameters
    ----------
    seeds : sequence of int
        One network each, with two hidden layers of 64.
    problems : sequence of str
        As for `problem`.
    epochs, rate
        Passes over the training part, and learning rate of Adam.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Share of zeros over all hidden units and the examples of the test part.

    Examples
    --------
    >>> found = zeros([0, 1], problems=["digits"], epochs=1)
    >>> bool(found["ReLU, digits, start"].min() > 0.3), found["leaky 0.01, digits, trained"]
    (True, array([0., 0.]))
    """
    found = {}
    for name in problems:
        task = problem(name, seeds)
        fleets = {
            "ReLU": (relu, untrained(task, seeds, 64, 64)),
            "leaky 0.01": (leaky_relu(0.01), untrained(task, seeds, 64, 64, slope=0.01)),
            "tanh": (tanh, untrained(task, seeds, 64, 64, activation="tanh")),
        }
        for arm, (activation, fleet) in fleets.items():
            found[f"{arm}, {name}, start"] = _zeros_of(fleet, activation, task)
            fitted(task, fleet, epochs=epochs, rate=rate, batch_size=64)
            found[f"{arm}, {name}, trained"] = _zeros_of(fleet, activation, task)
    return found


def _zeros_of(fleet: Fleet, activation: Activation, task: Problem) -> np.ndarray:
    """Measure the share of zeros of a fleet of one arm, shape (seeds,)."""
    return _zero_share(activation, fleet.pre_activations(task.x_test))[0]


def _zero_share(activation: Activation, zs: Sequence[np.ndarray]) -> np.ndarray:
    """Measure the share of exact zeros of hidden layers of equal width, shape (...)."""
    return np.mean([np.mean(activation(z) == 0, axis=(-2, -1)) for z in zs], axis=0)


# --- A28 ---


def sharp_zeros(
    seeds: Sequence[int],
    *,
    kinds: Sequence[str] = ("step", "relu", "leaky_relu", "tanh", "sigmoid", "gelu"),
    data: str = "digits",
) -> dict[str, np.ndarray]:
    """Count exact zeros among outputs whose z is below 0, for each activation and the same z.

    Parameters
    ----------
    seeds : sequence of int
        One network each, as drawn: z is that of its 64 first hidden units.
    kinds : sequence of str
        Activations, with their default parameters.
    data : str
        As for `problem`; the test part.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Share of zeros for each kind.

    Examples
    --------
    >>> sharp_zeros([0, 1], kinds=["relu", "tanh"])
    {'relu': array([1., 1.]), 'tanh': array([0., 0.])}
    """
    task = problem(data, seeds)
    # Double precision, so that what is merely small is not rounded to 0.
    z = Fleet(task.sizes(64), seeds=seeds).pre_activations(task.x_test)[0][0]
    below = z < 0
    return {
        kind: np.sum((activations.get(kind)(z) == 0) & below, axis=(1, 2)) / below.sum(axis=(1, 2))
        for kind in kinds
    }


# --- A8: the short form ---------------------------------------------------------------------------


def short_form(seeds: Sequence[int], *, numbers: int = 10_000) -> dict[str, np.ndarray]:
    """Hold max(a x, x) against a function of slope a on the negative side, on drawn numbers.

    Parameters
    ----------
    seeds : sequence of int
        For the slopes and the numbers: slopes evenly from 0 to 1 and from 1 to 3, numbers normal.
    numbers : int
        How many numbers.

    Returns
    -------
    dict of str to ndarray of bool, shapes (seeds,)
        Whether the two agree for all numbers: for either range of slopes with torch's function of
        that slope, and for a = 0.01 with what `LeakyReLU()` means in torch and in Keras.

    Examples
    --------
    >>> found = short_form([0, 1])
    >>> found["slope up to 1"], found["slope above 1"]
    (array([ True,  True]), array([False, False]))
    """
    found: dict[str, list[bool]] = {
        "slope up to 1": [],
        "slope above 1": [],
        "LeakyReLU() of PyTorch": [],
        "LeakyReLU() of Keras": [],
    }
    line = torch.nn.LeakyReLU()
    for seed in seeds:
        rng = np.random.default_rng([seed, FORM])
        x, low, high = rng.normal(size=numbers), 1 - rng.random(), rng.uniform(1.001, 3)
        z = torch.from_numpy(x)
        for arm, slope, ours in (
            ("slope up to 1", low, torch.nn.functional.leaky_relu(z, low)),
            ("slope above 1", high, torch.nn.functional.leaky_relu(z, high)),
            ("LeakyReLU() of PyTorch", 0.01, line(z)),
            ("LeakyReLU() of Keras", 0.01, torch.nn.functional.leaky_relu(z, KERAS_SLOPE)),
        ):
            found[arm].append(np.allclose(np.maximum(slope * x, x), ours.numpy(), atol=1e-12))
    return {arm: np.array(values) for arm, values in found.items()}


# --- A12: a slope too high ------------------------------------------------------------------------


def high_slopes(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("sine", "spirals"),
    slopes: Sequence[float] = (0, 0.3, 0.9, 0.99, 1),
    patient: Sequence[float] = (0.9, 1),
    epochs: int = 60,
    rate: float = 0.01,
) -> dict[str, np.ndarray]:
    """Train two hidden layers of 32 with slopes up to 1, where no bend is left.

    Each slope has initial weights that suit it: He's variance for it.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    problems : sequence of str
        As for `problem`.
    slopes : sequence of float
        Of the negative side, one an arm.
    patient : sequence of float
        Slopes that are trained once more on the first problem, ten times as long.
    epochs, rate
        Passes over the training part, and learning rate of Adam.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        R2 or accuracy on the test part for each slope.

    Examples
    --------
    >>> found = high_slopes([0, 1], problems=["sine"], slopes=[0, 1], patient=[], epochs=20)
    >>> bool((found["slope 0, sine"] > found["slope 1, sine"]).all())
    True
    """
    found = {}
    plans = [(name, slopes, epochs, name) for name in problems]
    plans += [(problems[0], patient, 10 * epochs, f"{problems[0]}, ten times as long")]
    for name, arms, passes, told in plans:
        if not len(arms):
            continue
        task = problem(name, seeds)
        fleet = untrained(task, seeds, 32, 32, slope=arms, gain=suited(arms))
        scores = scores_of(fitted(task, fleet, epochs=passes, rate=rate), task)
        found |= {f"slope {s:g}, {told}": row for s, row in zip(arms, scores, strict=True)}
    return found


# --- A15: ELU and PReLU ---------------------------------------------------------------------------


def far_left(
    seeds: Sequence[int],
    *,
    problems: Sequence[str] = ("digits", "wine"),
    epochs: int = 15,
    rate: float = 0.003,
    numbers: int = 1_000,
) -> dict[str, np.ndarray]:
    """Measure the slope of the negative side: ELU's where z is drawn or met, PReLU's as learned.

    Parameters
    ----------
    seeds : sequence of int
        For drawn z, and one network each, with two hidden layers of 32.
    problems : sequence of str
        As for `problem`.
    epochs, rate
        Passes over the training part, and learning rate of Adam.
    numbers : int
        How many z are drawn, evenly from a range.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Mean derivative of ELU over drawn z, near 0 and far left, and over the negative z that occur
        in trained networks on the test part; mean of PReLU's learned slopes.

    Examples
    --------
    >>> found = far_left([0, 1], problems=[])
    >>> bool(found["ELU, z from -20 to -10"].max() < 0.01 < found["ELU, z from -2 to 0"].min())
    True
    """
    found = {}
    for low, high in ((-2, 0), (-20, -10)):
        drawn = [np.random.default_rng([s, LEFT]).uniform(low, high, numbers) for s in seeds]
        slopes = elu().derivative(np.array(drawn))
        found[f"ELU, z from {low} to {high}"] = slopes.mean(axis=1)
    for name in problems:
        task = problem(name, seeds)
        smooth = untrained(task, seeds, 32, 32, activation="elu")
        fitted(task, smooth, epochs=epochs, rate=rate)
        zs = np.stack([z[0] for z in smooth.pre_activations(task.x_test)])
        below = zs < 0
        met = np.sum(elu().derivative(zs) * below, axis=(0, 2, 3)) / below.sum(axis=(0, 2, 3))
        learner = untrained(task, seeds, 32, 32, activation="prelu")
        fitted(task, learner, epochs=epochs, rate=rate)
        learned = np.mean([slope[0] for slope in learner.parameters[-2:]], axis=0)
        found |= {f"ELU, trained, {name}": met, f"PReLU, trained, {name}": learned}
    return found


# --- the claims -----------------------------------------------------------------------------------

CLAIMS: list[Claim] = [
    Claim(
        id="A1",
        title="Without activation all is linear",
        says="Without an activation function a network of any depth answers along a straight line;"
        " with ReLU it need not.",
        how="Three hidden layers of slope 1 and the best straight answer learn the same problems:"
        " the network must neither win nor lose. Then the same layers with ReLU must win. That no"
        " bend means no curve is algebra; that training gets there, and that ReLU gains by it, is"
        " not.",
        where="02#ten-predict",
        experiment=bends,
        tests={
            "abs(x), no bend": Alike(
                "R2 on new points", "no bend, absolute", "straight answer, absolute", R2
            ),
            "abs(x), ReLU": Differs("R2 on new points", "ReLU, absolute", "no bend, absolute", R2),
            "sine, no bend": Alike(
                "R2 on new points", "no bend, sine", "straight answer, sine", R2
            ),
            "sine, ReLU": Differs("R2 on new points", "ReLU, sine", "no bend, sine", R2),
            "moons, no bend": Alike(
                "test accuracy", "no bend, moons", "straight answer, moons", POINT
            ),
            "moons, ReLU": Differs("test accuracy", "ReLU, moons", "no bend, moons", POINT),
        },
        quick={"seeds": 10, "problems": ("absolute",), "epochs": 20},
    ),
    Claim(
        id="A2",
        title="ReLU's output is never negative",
        says="What ReLU puts out is never negative.",
        how="Drawn numbers of every size, denormal and infinite ones among them, and the hidden"
        " layers of trained networks. The formula cannot fail; code that computes it can.",
        where="05#halves-run",
        experiment=signs,
        tests={
            arm: Always("no output is below 0", arm)
            for arm in ("helpers, drawn numbers", "torch, drawn numbers", "hidden layers, digits")
        },
        quick={"seeds": 10, "numbers": 5_000, "epochs": 1},
    ),
    Claim(
        id="A5",
        title="ReLU makes activity sparse",
        says="ReLU makes the activity of a network sparse: many hidden outputs are exactly 0.",
        how="The share of exact zeros on the test part, before training and after. Sparse is what"
        " has more than 0.3 of them; leaky ReLU and tanh are measured beside it. Before training"
        " about half is no more than symmetry; what training leaves of it is open.",
        where="05#sparse-run",
        experiment=zeros,
        tests={
            f"{name}, {when}": Above("share of exact zeros", f"ReLU, {name}, {when}", 0.3)
            for name in ("digits", "wine", "breast cancer")
            for when in ("start", "trained")
        },
        quick={"seeds": 10, "problems": ("wine",), "epochs": 5},
    ),
    Claim(
        id="A8",
        title="Leaky ReLU is max(ax, x), a about 0.01",
        says="Leaky ReLU is f(x) = max(a x, x), with a of about 0.01.",
        how="max(a x, x) against a function of slope a on the negative side, on drawn numbers: for"
        " slopes up to 1 and above, and with a = 0.01 against the function that the frameworks'"
        " LeakyReLU() is (Keras by its documentation: 0.3). Up to 1 it is an identity, and only"
        " code could break it.",
        where="07#forms-intro",
        experiment=short_form,
        tests={
            "a up to 1": Always("max(a x, x) has slope a below 0", "slope up to 1"),
            "a above 1": Always("max(a x, x) has slope a below 0", "slope above 1"),
            "PyTorch": Always("LeakyReLU() gives max(0.01 x, x)", "LeakyReLU() of PyTorch"),
            "Keras": Always("LeakyReLU() gives max(0.01 x, x)", "LeakyReLU() of Keras"),
        },
        quick={"seeds": 10, "numbers": 1_000},
    ),
    Claim(
        id="B1",
        title="Leaky ReLU is max(ax, x), a small",
        says="Leaky ReLU is f(x) = max(a x, x) with a small constant a, such as 0.01.",
        how="The same claim as A8.",
        where="07#forms-intro",
        same_as="A8",
    ),
    Claim(
        id="A12",
        title="Too high a slope is nearly linear",
        says="With too high a slope leaky ReLU behaves nearly like a linear function, and learns"
        " complex patterns less well.",
        how="Problems that no line solves, with weights that suit each slope. Less well: what"
        " slopes of 0.9 and 0.99 lose against 0.3. Like a linear function: are they only as good as"
        " slope 1, which is one? The latter also after training ten times as long: with larger"
        " weights a slope of 0.9 can bend as much as ReLU.",
        where="08#gradual-figure",
        experiment=high_slopes,
        tests={
            **{
                f"less well: {name}, slope {slope:g}": Differs(
                    metric, f"slope 0.3, {name}", f"slope {slope:g}, {name}", margin
                )
                for name, metric, margin in (
                    ("sine", "R2 on new points", R2),
                    ("spirals", "test accuracy", POINT),
                )
                for slope in (0.9, 0.99)
            },
            "like a line: sine, slope 0.99": Alike(
                "R2 on new points", "slope 0.99, sine", "slope 1, sine", R2
            ),
            "like a line: sine, slope 0.9, ten times as long": Alike(
                "R2 on new points",
                "slope 0.9, sine, ten times as long",
                "slope 1, sine, ten times as long",
                R2,
            ),
        },
        quick={
            "seeds": 10,
            "problems": ("sine",),
            "slopes": (0.3, 0.99),
            "patient": (),
            "epochs": 30,
        },
    ),
    Claim(
        id="A15",
        title="ELU and PReLU keep a slope below 0",
        says="ELU and PReLU keep a slope on the negative side, as leaky ReLU does, so that gradient"
        " passes.",
        how="Is the slope at least the 0.01 of a leaky ReLU? ELU's mean derivative near 0, far"
        " left, and over the negative z met in trained networks; PReLU's mean learned slope. Near"
        " 0 ELU's formula leaves no doubt; what training makes of either does.",
        where="09#promise-run",
        experiment=far_left,
        tests={
            arm: Above("slope of the negative side", arm, 0.01)
            for arm in (
                "ELU, z from -2 to 0",
                "ELU, z from -20 to -10",
                "ELU, trained, digits",
                "ELU, trained, wine",
                "PReLU, trained, digits",
                "PReLU, trained, wine",
            )
        },
        quick={"seeds": 10, "problems": ("wine",), "epochs": 5},
    ),
    Claim(
        id="A28",
        title="The activation decides who fires",
        says="The activation function decides whether a neuron fires: below its threshold it puts"
        " out nothing.",
        how="The same negative z go through each activation: are more than half of the outputs"
        " exactly 0? The formulas leave little doubt; the claim is about activation functions as"
        " such, so each kind is a condition.",
        where="09#zeros-run",
        experiment=sharp_zeros,
        tests={
            kind: Above("share of exact zeros where z is below 0", kind, 0.5)
            for kind in ("step", "relu", "leaky_relu", "tanh", "sigmoid", "gelu")
        },
    ),
]
