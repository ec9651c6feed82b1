"""Exercises of notebook 09: SiLU, PReLU's slope, far-out slopes, a newcomer, a decision."""

import math

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction, corners
from .predictions import PredictChoice

__all__ = [
    "progress",
    "race_a_newcomer",
    "silu",
    "slope_gradient",
    "steepest_far_out",
    "which_to_take",
]

_random = np.random.default_rng(9)


# --- silu ------------------------------------------------------------------------------------


def _sigmoid(z):
    return 1 / (1 + np.exp(-z))


def _minus_for_plus(z):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(z, dtype=float) / (1 - np.exp(-z))


def _said(*words: str):
    """Make a predicate of the trials: one of them failed with all of these words."""

    def matches(trials: list[Trial]) -> bool:
        return any(not t.right and all(word in t.yours for word in words) for t in trials)

    return matches


silu = WriteFunction(
    key="meet_the_family.silu",
    reference=lambda z: z * _sigmoid(z),
    cases={
        "z = 1": (1.0,),
        "z = 0": (0.0,),
        "z = -1": (-1.0,),
        "z = -2": (-2.0,),
        "far out on the left": (-20.0,),
        "far out on the right": (20.0,),
        "a row of units": (np.array([-3.0, -0.5, 0.0, 0.5, 3.0]),),
        "examples in rows": (np.array([[1.5, -1.5], [0.25, -4.0], [-0.1, 6.0]]),),
        "1,000 normal numbers": (_random.normal(size=1000),),
        **corners(lambda z: (z,), without=["very large numbers"]),
    },
    misconceptions=[
        Misconception(
            "the gate alone",
            "This is the gate, a number between 0 and 1. SiLU multiplies z by it: at z = 20 the "
            "answer is about 20.",
            wrong=(_sigmoid,),
        ),
        Misconception(
            "a door that snaps",
            "On one side at least your door is fully open or fully shut, as ReLU's is. SiLU's "
            "swings on both: it lets 0.73 of z through at z = 1, and 0.27 at z = -1.",
            wrong=(
                lambda z: np.maximum(z, 0.0),
                lambda z: np.where(z > 0, z * _sigmoid(z), 0.0),
                lambda z: np.where(z > 0, z, z * _sigmoid(z)),
            ),
        ),
        Misconception(
            "the door hung the wrong way round",
            "Yours closes as z rises. Look at the sign in the exponent: a large positive z must "
            "make e^(-z) small, and so the gate nearly 1.",
            wrong=(lambda z: z * _sigmoid(-z),),
        ),
        Misconception(
            "added instead of multiplied",
            "The gate is a factor: z *times* the sigmoid of z. Added to z it only lifts the line "
            "by something between 0 and 1.",
            wrong=(lambda z: z + _sigmoid(z),),
        ),
        Misconception(
            "another gate",
            "tanh runs from -1 to 1, so below 0 it turns the sign of z round. The gate wanted "
            "runs from 0 to 1: the sigmoid.",
            wrong=(
                lambda z: z * np.tanh(z),
                lambda z: z * np.tanh(np.log1p(np.exp(z))),
            ),
        ),
        Misconception(
            "the derivative",
            "This is how steep SiLU is. The value is wanted: z times its gate.",
            wrong=(lambda z: _sigmoid(z) * (1 + z * _sigmoid(-z)),),
        ),
        Misconception(
            "summed up",
            "The numbers are added up. Each z has an answer of its own: what comes out has the "
            "shape of z.",
            wrong=(lambda z: np.sum(z * _sigmoid(z)), lambda z: z @ _sigmoid(z)),
        ),
        Misconception(
            "a bracket missing",
            "Division comes before addition: `1 / 1 + np.exp(-z)` is 1 plus e^(-z). What belongs "
            "below the line goes into brackets.",
            wrong=(lambda z: z / 1 + np.exp(-z), lambda z: z * (1 / 1 + np.exp(-z))),
        ),
        Misconception(
            "a minus below the line",
            "With 1 *minus* e^(-z) below the line, that is 0 at z = 0, and the gate leaves the "
            "range from 0 to 1. Which sign has the sigmoid there?",
            wrong=(_minus_for_plus,),
        ),
        Misconception(
            "z turned round",
            "The gate is right, and z comes out with the other sign. Far out on the right SiLU is "
            "z itself.",
            wrong=(lambda z: -z * _sigmoid(z),),
        ),
        Misconception(
            "a gate for the size of z",
            "Your gate is the same for z and -z: it opens on both sides. It should be nearly shut "
            "where z is far below 0.",
            wrong=(lambda z: z * _sigmoid(np.abs(z)),),
        ),
        Misconception(
            "the gate times itself",
            "This is the gate times the gate. SiLU is *z* times the gate.",
            wrong=(lambda z: _sigmoid(z) ** 2,),
        ),
        Misconception(
            "only for a row",
            "A single number has nothing to loop over. `np.exp` takes numbers and arrays, without "
            "a loop.",
            when=_said("'float' object is not iterable"),
        ),
        Misconception(
            "one number at a time",
            "`math.exp` takes a single number, and so stops at an array. `np.exp` takes both.",
            when=_said("TypeError", "Python scalars"),
        ),
    ],
    hints=[
        "Two parts: the gate, then the product. What is the gate at z = 0, and far out on both "
        "sides?",
        "The sigmoid is 1 / (1 + e^(-z)). With NumPy: `np.exp(-z)` works on arrays, too.",
        "Two lines do it. First the gate, with brackets around all that is below the line; then "
        "the product of z and the gate, which is what you give back.",
    ],
    right=(
        "Far out on the right it is z itself, far out on the left nearly 0, as ReLU. The "
        "difference lies around 0. Hendrycks and Gimpel named it, others call it swish."
    ),
)


# --- slope_gradient --------------------------------------------------------------------------


def _below(z):
    return np.minimum(z, 0.0)


slope_gradient = WriteFunction(
    key="meet_the_family.slope_gradient",
    reference=lambda grad_a, z: np.sum(grad_a * _below(z)),
    cases={
        "one unit below 0": (np.array([[1.0]]), np.array([[-2.0]])),
        "one unit above 0": (np.array([[1.0]]), np.array([[3.0]])),
        "a gradient of -0.5": (np.array([[-0.5]]), np.array([[-4.0]])),
        "one example, three units": (np.array([[1.0, -2.0, 0.5]]), np.array([[-1.0, -3.0, 2.0]])),
        "two examples, one unit": (np.array([[2.0], [0.5]]), np.array([[-1.0], [-2.0]])),
        "two examples, two units": (
            np.array([[1.0, 2.0], [3.0, -1.0]]),
            np.array([[-1.0, 0.0], [4.0, -0.5]]),
        ),
        "64 examples, 8 units": (_random.normal(size=(64, 8)), _random.normal(size=(64, 8))),
        "all above 0": (_random.normal(size=(5, 3)), _random.uniform(0.1, 2, (5, 3))),
        **corners(lambda z: (np.full((len(z), 1), 2.0), z[:, np.newaxis])),
    },
    misconceptions=[
        Misconception(
            "the positive side as well",
            "Where z is above 0 the answer is z, whatever the slope: nothing changes when the "
            "slope does. Only what lies below 0 may count.",
            wrong=(
                lambda grad_a, z: np.sum(grad_a * z),
                lambda grad_a, z: np.sum(grad_a * np.where(z > 0, 1.0, z)),
            ),
        ),
        Misconception(
            "the wrong half",
            "Yours takes what lies above 0. The slope is at work below.",
            wrong=(lambda grad_a, z: np.sum(grad_a * np.maximum(z, 0.0)),),
        ),
        Misconception(
            "the average",
            "Yours divides by a number of examples or units. `grad_a` holds each one's share of "
            "the loss already: the shares are added, not averaged.",
            wrong=(
                lambda grad_a, z: np.mean(grad_a * _below(z)),
                lambda grad_a, z: np.sum(grad_a * _below(z)) / len(z),
            ),
        ),
        Misconception(
            "not added up",
            "One slope serves the whole layer, so its gradient is one number: add up over all "
            "examples and all units.",
            wrong=(
                lambda grad_a, z: np.sum(grad_a * _below(z), axis=0),
                lambda grad_a, z: np.sum(grad_a * _below(z), axis=1),
                lambda grad_a, z: grad_a * _below(z),
            ),
        ),
        Misconception(
            "a matrix product",
            "`@` and `np.dot` join rows with columns: other numbers meet than those that belong "
            "together. Here each gradient meets the z of the same unit and example.",
            wrong=(
                lambda grad_a, z: grad_a.T @ _below(z),
                lambda grad_a, z: grad_a @ _below(z).T,
                lambda grad_a, z: grad_a @ _below(z),
            ),
        ),
        Misconception(
            "added up too early",
            "Yours multiplies two sums. Each gradient belongs to its own z: multiply first, entry "
            "by entry, and add up the products.",
            wrong=(lambda grad_a, z: np.sum(grad_a) * np.sum(_below(z)),),
        ),
        Misconception(
            "another sign asked",
            "Whether the slope is at work hangs on the sign of z alone. Yours cuts off by the sign "
            "of the gradient, or of the product; gradients come in both signs.",
            wrong=(
                lambda grad_a, z: np.sum(np.minimum(grad_a * z, 0.0)),
                lambda grad_a, z: np.sum(np.minimum(grad_a, 0.0) * z),
            ),
        ),
        Misconception(
            "`if` on a whole array",
            "`if z < 0` asks one question, and z holds many numbers. `z < 0` is an array already, "
            "and `np.minimum` asks for each entry.",
            when=_said("truth value"),
        ),
        Misconception(
            "Python's own `sum`",
            "`sum` adds up row after row, and two of them stop where there are no rows. `np.sum` "
            "adds up everything at once, and of nothing it makes 0.",
            when=_said("'int' object is not iterable"),
        ),
        Misconception(
            "what arrives left out",
            "This is how the answers change with the slope. How the *loss* changes takes the "
            "gradient that arrives as well: multiply by `grad_a`.",
            wrong=(lambda grad_a, z: np.sum(_below(z)),),
        ),
        Misconception(
            "z left out",
            "Yours adds up what arrives at the units below 0. By how much does the answer of such "
            "a unit move, per unit of slope? In the section on PReLU it was z.",
            wrong=(
                lambda grad_a, z: np.sum(grad_a * (z < 0)),
                lambda grad_a, z: np.sum(grad_a * (z <= 0)),
            ),
        ),
        Misconception(
            "the size of z",
            "The sign is turned. z is negative there, and so is its product with a positive "
            "gradient: a larger slope makes the answer more negative.",
            wrong=(lambda grad_a, z: np.sum(grad_a * np.maximum(-z, 0.0)),),
        ),
        Misconception(
            "the derivative with respect to z",
            "This is what goes back to the layer below: 1 above 0, the slope below. Here the "
            "slope itself is what is nudged.",
            wrong=(lambda grad_a, z: np.sum(grad_a * np.where(z > 0, 1.0, 0.25)),),
        ),
    ],
    hints=[
        "One unit, z = -2, and a gradient of 1 arrives at its answer. Nudge the slope by 0.01: by "
        "how much does the answer move? And the loss?",
        "Each unit and example contributes grad_a times the derivative of its answer with respect "
        "to the slope. That is z where z is below 0, and 0 elsewhere. Which NumPy function "
        "takes the smaller of two, entry by entry?",
        "Entry by entry: what arrives, times z where z is below 0 and 0 elsewhere. Then one sum "
        "over the whole table, without an axis.",
    ],
    right=(
        "Thousands of contributions, one number: that is why a PReLU layer learns its slope from "
        "little data. A layer whose z are all above 0 gets a gradient of 0, and keeps its slope."
    ),
)


# --- steepest_far_out ------------------------------------------------------------------------

_AT_MINUS_FIVE = (0.01, math.exp(-5), 7.1459e-6, 0.0265474)  # leaky, ELU, GELU, SiLU
_SORTED = tuple(sorted(_AT_MINUS_FIVE))


def _as_measured(*sizes: float, order: tuple[float, ...] = _AT_MINUS_FIVE) -> bool:
    """Compare with the sizes at z = -5; rounded ones, to 0 even, are right as well."""
    return np.allclose(sizes, order, rtol=0.02, atol=1e-5)


steepest_far_out = PredictChoice(
    key="meet_the_family.steepest_far_out",
    measured=("size_leaky", "size_elu", "size_gelu", "size_silu"),
    ask='"leaky_relu", "elu", "gelu" or "silu"',
    answer="silu",
    others={
        "leaky_relu": Misconception(
            "only a line keeps its slope",
            "Far enough out you are right: the line keeps its 0.01, and everything that settles "
            "falls below it. But is -5 far enough? Compare your four numbers, and look at the dip "
            "in the figure of the four branches once more.",
        ),
        "elu": Misconception(
            "the curve that bends most is the steepest",
            "ELU's derivative is e to the z: 1 at 0, and at -5 less than a hundredth. Look at "
            "your four numbers, then change your prediction.",
        ),
        "gelu": Misconception(
            "all gates close alike",
            "GELU's gate is the share of normal numbers below z. How many lie below -5? It "
            "closes earlier than any other. Look at your four numbers once more.",
        ),
    },
    misconceptions=[
        Misconception(
            "the sign left on",
            "One of them is negative: with gates the derivative can be. Sizes are asked: `abs`.",
            when=lambda *sizes: min(sizes) < 0,
        ),
        Misconception(
            "the positive side",
            "All of them are near 1: that is z = 5. The question is about z = -5.",
            when=lambda leaky, elu, gelu, silu: min(elu, gelu, silu) > 0.9,
        ),
        Misconception(
            "answers instead of derivatives",
            "ELU's *answer* at -5 is -0.99, its floor. The derivative is wanted: "
            "`activations.elu().derivative(-5.0)`.",
            when=lambda leaky, elu, gelu, silu: (
                0.9 < elu <= 1 or math.isclose(silu, 0.0334643, rel_tol=0.01)
            ),
        ),
        Misconception(
            "the same function twice",
            "Two of your numbers are equal. Each of the four functions has a size of its own.",
            when=lambda *sizes: len(set(sizes)) < 4,
        ),
        Misconception(
            "in another order",
            "All four are there, and not at their places: leaky ReLU, ELU, GELU, SiLU.",
            when=lambda *sizes: (
                _as_measured(*sorted(sizes), order=_SORTED) and not _as_measured(*sizes)
            ),
        ),
        Misconception(
            "not the four derivatives",
            "These are not the derivatives at z = -5. Did each function get its own "
            "`.derivative(-5.0)`, and the slope its 0.01?",
            when=lambda *sizes: not _as_measured(*sizes),
        ),
    ],
    hints=[
        "Three of the four settle: their derivatives go to 0 on the left. The question is how "
        "fast. Which gates close late?",
        "ELU's derivative is e to the z. SiLU's is the gate, plus z times how fast the gate "
        "moves. The sigmoid closes like e to the z as well, and then it is multiplied by z.",
        "At -5 the sigmoid is 0.0067. Its derivative is nearly as large, and is multiplied by -5: "
        "0.0067 - 5 times 0.0067.",
    ],
    right=(
        "And with the sign turned: its derivative is negative there. The factor z keeps SiLU "
        "awake longer than ELU. Still, at -10 the leak was ahead of all that settle."
    ),
)


# --- race_a_newcomer -------------------------------------------------------------------------

race_a_newcomer = PredictChoice(
    key="meet_the_family.race_a_newcomer",
    measured=("mean_relu", "mean_newcomer"),
    ask='"ahead", "level" or "behind"',
    answer="behind",
    others={
        "level": Misconception(
            "corners alone decide",
            "Your run says behind, by far. ReLU has a corner and a side that goes on for ever. "
            "What does hardtanh have beyond 1, and what is its derivative there? Then change "
            "your prediction.",
        ),
        "ahead": Misconception(
            "corners on both sides are twice as good",
            "Your run says behind, by far. Each corner of hardtanh is the end of the stretch on "
            "which it passes any gradient. How wide is that stretch, and how wide is ReLU's? "
            "Then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "shares instead of per cent",
            "`raced` gives per cent: means between 0 and 100, here well above 1.",
            when=lambda relu, newcomer: min(relu, newcomer) <= 1,
        ),
        Misconception(
            "ReLU against itself",
            "Both means are the same. Did the second race get `newcomer`, or ReLU once more?",
            when=lambda relu, newcomer: relu == newcomer,
        ),
        Misconception(
            "the two swapped",
            "The first mean is the lower one. Did the two change places? The first belongs to "
            "ReLU.",
            when=lambda relu, newcomer: relu < newcomer,
        ),
        Misconception(
            "another activation",
            "The newcomer is close to ReLU. Is it hardtanh that has raced, and not a relative of "
            "ReLU?",
            when=lambda relu, newcomer: relu - newcomer < 5,
        ),
        Misconception(
            "another rate",
            "Your newcomer stayed near guessing. Its own rate is 0.1; at the others that were "
            "tried it hardly learns in 100 passes.",
            when=lambda relu, newcomer: newcomer < 62,
        ),
    ],
    hints=[
        "What do the corners of ReLU and of hardtanh have in common, and what not? Look at the "
        "derivative on both sides of each.",
        "ReLU passes the gradient on a half line, hardtanh between -1 and 1 only. With spirals "
        "that wind twice, z gets large.",
        "A unit beyond a corner of hardtanh gets no gradient, on either side. To measure, let "
        "`raced` have the newcomer, its rate and the task, and take the mean of what it gives.",
    ],
    right=(
        "So a corner is not enough. Softplus has an open side and no corner, hardtanh corners and "
        "no open side, and both are far behind; ReLU has the two. A hint from one task, no law: "
        "tanh, with neither, was ahead on the digits."
    ),
)


# --- which_to_take ---------------------------------------------------------------------------

which_to_take = Choose(
    key="meet_the_family.which_to_take",
    question=(
        "A deep reader of digits has normalisation, skip connections and ReLU, and reads 96 %. You "
        "have one free afternoon for it. Which activation do you take, by what was measured here?"
    ),
    choices={
        "a": "GELU: in the fair race on the spirals it was 1.5 points ahead of ReLU, and the "
        "interval was far from 0.",
        "b": "ReLU, as it is: with both parts no other could be shown to be ahead, so the "
        "afternoon is better spent elsewhere.",
        "c": "tanh: in deep networks with skip connections it was 1.7 points ahead of ReLU, over "
        "30 pairs of networks.",
        "d": "Whichever reads best of the twelve, when each is trained once, with the same seed "
        "and rate, which is fair to all.",
    },
    answer="b",
    others={
        "a": Misconception(
            "a lead carried over to another task",
            "So it was, on two coordinates, with two hidden layers and neither of the two parts. "
            "Yours is another task and another network. Where has the notebook held GELU against "
            "ReLU in one like yours?",
        ),
        "c": Misconception(
            "a lead carried over to another network",
            "With skip connections *alone* it was. Yours has normalisation as well. Find the "
            "column with both: on which side of 0 does the interval of tanh less ReLU lie there?",
        ),
        "d": Misconception(
            "one run each taken for a fair race",
            "One seed for all is one draw of luck, and it suits one of them best. How many of the "
            "twelve were best with at least one of 100 seeds? And what did one rate for all do to "
            "the lead of tanh?",
        ),
    },
    hints=[
        "Each of the four leans on something the notebook has measured or tried. Which of these "
        "was done with a network like this one?",
        "The figure with four columns: plain, normalised, skip, both. Which one is yours?",
        "In that column look at the differences to ReLU and at their intervals. What cannot be "
        "told from 0 is no reason for a change; what lies below 0 is one against it.",
    ],
    right=(
        "That nothing needs changing is a result, too. The two parts together gave ReLU 3.5 "
        "points, more than any change of activation in any column. In another network, or on "
        "another task, ask again."
    ),
)
