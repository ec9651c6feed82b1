"""Exercises of notebook 07, leak a little: both sides, silent layers, slope 1, a diagnosis."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction, corners
from .predictions import PredictChoice, PredictNumber

__all__ = ["leaky", "patient", "progress", "steeper", "three_layers"]

_random = np.random.default_rng(7)


# --- leaky -----------------------------------------------------------------------------------


def _value(z, slope):
    return np.where(np.asarray(z) > 0, z, slope * np.asarray(z))


def _derivative(z, slope):
    return np.where(np.asarray(z) > 0, 1.0, slope)


def _both(value, derivative):
    return lambda z, slope: (value(np.asarray(z), slope), derivative(np.asarray(z), slope))


def _swapped(z, slope):
    return np.where(z > 0, slope * z, z)


def _swapped_derivative(z, slope):
    return np.where(z > 0, slope, 1.0)


def _at_least(z, slope):
    return np.maximum(z, slope)


def _larger(z, slope):
    return np.maximum(z, slope * z)


def _larger_derivative(z, slope):
    return np.where(z > slope * z, 1.0, slope)


def _folded(z, slope):
    return np.where(z > 0, z, -slope * z)


def _divided(z, slope):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(z > 0, z, z / slope)


def _divided_derivative(z, slope):
    with np.errstate(divide="ignore"):
        return np.where(z > 0, 1.0, 1 / np.float64(slope))


def _tie(at_zero):
    """Make a derivative that differs from ours at z = 0 alone."""
    return lambda z, slope: np.where(z > 0, 1.0, np.where(z < 0, slope, at_zero(slope)))


def _at_an_axis(z, slope):
    return np.stack([_value(z, slope), _derivative(z, slope)], axis=-1)


def _said(*words: str):
    """Make a predicate of the trials: one of them failed with all of these words."""
    return lambda trials: any(all(word in trial.yours for word in words) for trial in trials)


def _only_arrays(trials: list[Trial]) -> bool:
    """Tell whether all arrays are right, and single numbers are not."""
    arrays = [trial.right for trial in trials if np.ndim(trial.inputs["z"])]
    return all(arrays) and not all(trial.right for trial in trials)


leaky = WriteFunction(
    key="leak_a_little.leaky",
    reference=lambda z, slope: (_value(z, slope), _derivative(z, slope)),
    cases={
        "z below 0": (-2.0, 0.1),
        "z above 0": (3.0, 0.1),
        "z exactly 0": (0.0, 0.1),
        "ReLU, slope 0": (-2.0, 0.0),
        "slope 1, a straight line": (-2.0, 1.0),
        "slope 2, z below 0": (-2.0, 2.0),
        "slope 2, z above 0": (2.0, 2.0),
        "just below 0": (-0.005, 0.01),
        "a row": (np.array([-3.0, -0.5, 0.0, 0.5, 3.0]), 0.2),
        "a row, slope 1.5": (np.array([-3.0, -0.5, 0.0, 0.5, 3.0]), 1.5),
        "examples in rows": (np.array([[1.0, -1.0], [0.0, 2.0], [-4.0, -0.1]]), 0.01),
        "1,000 examples of 8 units": (_random.normal(size=(1000, 8)), 0.3),
        **corners(lambda z: (z, 0.3)),
    },
    misconceptions=[
        Misconception(
            "the slope on the wrong side",
            "Yours shrinks what is above 0 and keeps what is below. It is the other way round: a "
            "unit that fires passes z whole.",
            wrong=(
                _both(_swapped, _swapped_derivative),
                _both(_swapped, _derivative),
            ),
        ),
        Misconception(
            "max(slope, z)",
            "Yours answers the slope itself wherever z is small: a floor, and a floor is flat. "
            "The slope has to be multiplied by z, so that the answer goes on falling.",
            wrong=(
                _both(_at_least, _derivative),
                _both(_at_least, lambda z, slope: np.where(z > slope, 1.0, 0.0)),
                _both(_at_least, lambda z, slope: np.where(z > 0, 1.0, 0.0)),
            ),
        ),
        Misconception(
            "max with a slope above 1",
            "Right up to slope 1. At slope 2 the larger of z and 2z is 2z for z above 0, and z "
            "below: the two sides have changed places.",
            wrong=(
                _both(_larger, _derivative),
                _both(_larger, _larger_derivative),
                _both(_larger, lambda z, slope: np.where(z > 0, max(1.0, slope), min(1.0, slope))),
            ),
        ),
        Misconception(
            "derivative 1 at 0",
            "At z = 0 the derivative is the slope here: this course, like PyTorch, counts a tie as "
            "not firing. `z > 0`, not `z >= 0`.",
            wrong=(_both(_value, lambda z, slope: np.where(z >= 0, 1.0, slope)),),
        ),
        Misconception(
            "the answer in the place of the derivative",
            "For z below 0 your derivative is slope * z. That is the answer. Nudge z by a little: "
            "by how much does slope * z move, for each unit of the nudge?",
            wrong=(
                _both(_value, lambda z, slope: np.where(z > 0, 1.0, slope * z)),
                _both(_value, _value),
            ),
        ),
        Misconception(
            "the derivative of ReLU",
            "Your derivative is 0 on the left side, as with ReLU. The answer does change there, by "
            "slope times the nudge: that is all the leak is for.",
            wrong=(
                _both(_value, lambda z, slope: np.where(z > 0, 1.0, 0.0)),
                _both(_value, lambda z, slope: np.where(z >= 0, 1.0, 0.0)),
            ),
        ),
        Misconception(
            "a minus too many",
            "Yours gives something above 0 for z below 0: a fold, not a leak. z brings its own "
            "minus; slope * z is below 0 already.",
            wrong=(
                _both(_folded, _derivative),
                _both(_folded, lambda z, slope: np.where(z > 0, 1.0, -slope)),
            ),
        ),
        Misconception(
            "cut off",
            "The left side of yours is flat at 0: that is ReLU. Let slope * z through there.",
            wrong=(
                _both(lambda z, slope: np.maximum(z, 0.0), _derivative),
                _both(
                    lambda z, slope: np.maximum(z, 0.0), lambda z, slope: np.where(z > 0, 1.0, 0.0)
                ),
            ),
        ),
        Misconception(
            "another derivative at 0",
            "All is right but z = 0, where the curve has a corner, and the two sides do not agree. "
            "This course, like PyTorch, counts a tie as not firing. Which side is that?",
            wrong=(
                _both(_value, _tie(lambda slope: (1 + slope) / 2)),
                _both(_value, _tie(lambda _slope: 0.0)),
            ),
        ),
        Misconception(
            "the slope forgotten",
            "What is below 0 comes out unchanged: a plain line. Where does the slope come in?",
            wrong=(
                _both(lambda z, _slope: z, _derivative),
                _both(lambda z, _slope: z, lambda z, _slope: 1 + 0 * z),
            ),
        ),
        Misconception(
            "the slope added on both sides",
            "Above 0 yours has the slope on top: the answer to z = 3, or its derivative, is too "
            "large. A unit that fires passes z whole, and no more.",
            wrong=(
                _both(lambda z, slope: np.maximum(z, 0) + slope * z, _derivative),
                _both(
                    lambda z, slope: np.maximum(z, 0) + slope * z, lambda z, slope: slope + (z > 0)
                ),
                _both(_value, lambda z, slope: slope + (z > 0)),
            ),
        ),
        Misconception(
            "always the same slope",
            "Yours leaks 0.01, whatever slope it is given. PyTorch's default is a default.",
            wrong=(
                _both(lambda z, _slope: _value(z, 0.01), lambda z, _slope: _derivative(z, 0.01)),
            ),
        ),
        Misconception(
            "divided by the slope",
            "Yours makes what is below 0 larger: it divides by the slope. A leak is small; what is "
            "a tenth of -2?",
            wrong=(_both(_divided, _derivative), _both(_divided, _divided_derivative)),
        ),
        Misconception(
            "the slope in the place of the answer",
            "Below 0 yours answers the slope itself, the same number for every z. That is how "
            "steep it is there. The answer is slope times z.",
            wrong=(_both(lambda z, slope: np.where(z > 0, z, slope), _derivative),),
        ),
        Misconception(
            "the derivative where it fires",
            "Look at z above 0. There the answer is z itself: nudge z by a little, and by how much "
            "does the answer move?",
            wrong=(
                _both(_value, lambda z, slope: slope + 0 * z),
                _both(_value, lambda z, slope: np.where(z > 0, z, slope)),
            ),
        ),
        Misconception(
            "the other order",
            "Both are right, in the other order: first the answer, then the derivative.",
            wrong=(_both(_derivative, _value),),
        ),
        Misconception(
            "one of the two",
            "Two things are wanted: `return a, derivative`.",
            wrong=(_value, _derivative),
        ),
        Misconception(
            "woven together",
            "Both are there, laid together along a new last axis. Give back the two as they are: "
            "first all answers, then all derivatives.",
            wrong=(_at_an_axis,),
        ),
        Misconception(
            "`np.max` for `np.maximum`",
            "`np.max` looks for the largest number *within* an array, and takes an axis next. "
            "`np.maximum` compares two things, entry by entry.",
            when=lambda trials: (
                _said("raised TypeError", "integer")(trials)
                or _said("zero-size", "reduction")(trials)
            ),
        ),
        Misconception(
            "one number for a whole array",
            "For an array z one of your two is an array, and the other a single number. Each z has "
            "an answer of its own, and a derivative of its own.",
            when=_said("inhomogeneous"),
        ),
        Misconception(
            "`if` on a whole array",
            "`if z > 0` asks one question, and z may hold many numbers. `z > 0` is an array "
            "already, and counts as 1 or 0 when it is multiplied.",
            when=_said("truth value"),
        ),
        Misconception(
            "only for arrays",
            "Arrays are right, single numbers not yet. A number has no entries to pick with "
            "`[...]`, and `~` turns Python's own True into -2. `np.asarray(z)` first makes an "
            "array of either.",
            when=_only_arrays,
        ),
    ],
    hints=[
        "Split z into two parts that add up to it: what is above 0, and what is below. Which "
        "NumPy function keeps the larger of z and 0, which the smaller?",
        "The part above 0 goes through whole, the part below times the slope. The derivative is 1 "
        "on one side and the slope on the other: `z > 0` counts as 1 or 0.",
        "The answer: the part above 0, plus slope times the part below. The derivative: begin with "
        "the slope everywhere. How much is missing where z is above 0? Multiply that by `z > 0`.",
    ],
    right=(
        "As a sum of two halves it holds for every slope: 0 is ReLU, 1 is a plain line. Whoever "
        "learns the slope, as notebook 08 does, needs this form."
    ),
)


# --- three_layers ----------------------------------------------------------------------------

three_layers = PredictNumber(
    key="leak_a_little.three_layers",
    measured=("power",),
    ask="a power of ten, such as -1 for 0.1",
    within=0.5,
    otherwise=Misconception(
        "another power of ten",
        "Your run says otherwise. Each silent layer multiplies the gradient by its slope, 0.01, "
        "which as a power of ten is -2. Three layers one after the other: what happens to the "
        "powers when the factors are multiplied? Then predict the power, not the gradient.",
    ),
    misconceptions=[
        Misconception(
            "the minus lost",
            "A power above 0 is a number above 1, and silent layers make a gradient smaller. Where "
            "did the minus go?",
            when=lambda power: power > 1,
        ),
        Misconception(
            "the gradient instead of its power",
            "That is the gradient itself, or close to it. Wanted is its power of ten: "
            "`np.log10(gradient)`.",
            when=lambda power: power > -0.5,
        ),
        Misconception(
            "the natural logarithm",
            "Is it `np.log`? That counts powers of 2.718. Powers of ten are `np.log10`.",
            when=lambda power: power < -10,
        ),
        Misconception(
            "another gradient",
            "That is not what three silent layers with slope 0.01 leave of a gradient of 1. Hand "
            "`np.array([[1.0]])` to `three.backward`, after `three.forward`.",
            when=lambda power: abs(power + 6) > 0.1,
        ),
    ],
    hints=[
        "One layer first. A gradient of 1 arrives at a unit with z below 0. By what does the unit "
        "multiply it?",
        "By 0.01, and its weight of 1 changes nothing. The next layer does the same to what is "
        "left.",
        "0.01 · 0.01 · 0.01 = 0.000001. How many places behind the point does the 1 stand?",
    ],
    right=(
        "A millionth: not 0, and for SGD as good as 0. Of depth 3 already a small leak alone makes "
        "no long step; it needs an optimiser that measures steps by their usual size."
    ),
)


# --- steeper ---------------------------------------------------------------------------------

steeper = PredictChoice(
    key="leak_a_little.steeper",
    measured=("share_001", "share_01", "share_1"),
    ask='"0.01", "0.1" or "1"',
    answer="1",
    others={
        "0.01": Misconception(
            "the usual value is the best",
            "You predicted 0.01, your run says 1. 0.01 is a common default, no law. With a bias of "
            "-8 every unit is on its left side, and two layers there shrink the signal by "
            "0.01 · 0.01. Think again, then change your prediction.",
        ),
        "0.1": Misconception(
            "without a bend nothing is learned",
            "You predicted 0.1, your run says 1. What you may have had in mind is true: without a "
            "bend a network is one straight machine. But at bias -8 the network with slope 0.1 "
            "never reaches its bend either. Which of the two straight machines gets the stronger "
            "signal?",
        ),
    },
    misconceptions=[
        Misconception(
            "per cent instead of shares",
            "A share lies between 0 and 1: `history.test_accuracy[-1].mean(axis=1)`.",
            when=lambda *shares: not all(0 <= share <= 1 for share in shares),
        ),
        Misconception(
            "the same arm three times",
            "All three are alike. Each slope needs an arm: `slope=[0.01, 0.1, 1]`.",
            when=lambda *shares: max(shares) - min(shares) < 0.02,
        ),
        Misconception(
            "not at bias -8",
            "All three arms read well in your run. At bias -8, after 12 passes, slope 0.01 should "
            "not: was the bias set, `bias=-8.0`?",
            when=lambda *shares: min(shares) > 0.5,
        ),
        Misconception(
            "arms in another order",
            "In your run the shares do not rise from the first arm to the third. Are the three "
            "slopes in this order, `slope=[0.01, 0.1, 1]`?",
            when=lambda first, second, third: not first - 0.02 <= second <= third,
        ),
    ],
    hints=[
        "At bias -8 all z are below 0. What does a unit with slope 0.1 do to every z there, and "
        "what one with slope 1?",
        "Both only multiply: neither reaches its bend. So both networks are straight machines. "
        "The one multiplies by 0.1 in each of two layers, the other by 1.",
        "A straight machine can read digits quite well, if its weights can grow to the right size "
        "in 12 passes. Which one has less to make up for?",
    ],
    right=(
        "With slope 1 the bias of -8 is harmless: the next layer takes it off again. A straight "
        "machine, yes, yet it reads, and no slope of this notebook did better at bias -8. What it "
        "can never do is bend."
    ),
)


# --- patient ---------------------------------------------------------------------------------

patient = PredictChoice(
    key="leak_a_little.patient",
    measured=("share_before", "share_after"),
    ask='"leak", "clip", "rate" or "centre"',
    answer="centre",
    others={
        "leak": Misconception(
            "a leak against every death",
            "You predicted the leak. It makes no unit dead, and still half of the first layer is "
            "always-off and the network hardly reads better: try `treat(slope=0.1)`. Look at the "
            "chart: what is odd about the inputs?",
        ),
        "clip": Misconception(
            "the gradients are to blame",
            "You predicted clipping. Nearly half of the layer was dead before the first step, "
            "when there had been no gradient at all; and Adam divides by the size of the gradient "
            "anyway. Look at the inputs.",
        ),
        "rate": Misconception(
            "the rate is to blame",
            "You predicted a lower rate. Nearly half of the layer was dead before the first step; "
            "no learning rate had done anything yet. Look at the inputs.",
        ),
    },
    misconceptions=[
        Misconception(
            "per cent instead of shares",
            "A share lies between 0 and 1: the mean of `accuracy[-1]`.",
            when=lambda before, after: not (0 <= before <= 1 and 0 <= after <= 1),
        ),
        Misconception(
            "the two swapped",
            "The patient reads worse after your remedy than before it, by far. Did the two shares "
            "change places?",
            when=lambda before, after: after < before - 0.1,
        ),
        Misconception(
            "not the remedy that helps most",
            "After your remedy the network reads about as before. One of the four brings it above "
            "95 %. When did the units die, and what was known about the inputs by then?",
            when=lambda before, after: after < before + 0.1,
        ),
    ],
    hints=[
        "When did most of the dead units die: before the first step, or after it? Which of the "
        "four remedies can do anything about that?",
        "All inputs are above 0. A unit whose weights are both below 0 has z below 0 for every "
        "one of them. How many of the units have two such weights, by chance?",
        "Inputs of both signs are what no choice of weights is silent for. Take from each column "
        "of `x_moons` its mean, as you did with the pixels, and hand that to `treat(x=...)`.",
    ],
    right=(
        "The diagnosis came before the remedy: dead before the first step, inputs of one sign. A "
        "leak would have hidden the dead units from the count, and left the reason where it was."
    ),
)
