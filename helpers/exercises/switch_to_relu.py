"""Exercises of notebook 05, switch to ReLU: gradients through it, He, the dead, a verdict."""

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction, corners
from .predictions import PredictNumber

__all__ = [
    "dead_units",
    "he_deviation",
    "judge_the_article",
    "lower_the_bias",
    "progress",
    "relu_backward",
]

MIXED_UP = "gradient of the loss for that of the activation"
_random = np.random.default_rng(5)


# --- relu_backward ---------------------------------------------------------------------------


def _gate(z):
    return np.where(z > 0, 1.0, 0.0)


def _nudged(z, h=1e-5):
    return (np.maximum(z + h, 0.0) - np.maximum(z - h, 0.0)) / (2 * h)


def _answer_over_z(grad_a, z):
    with np.errstate(all="ignore"):
        return grad_a * (np.maximum(z, 0.0) / np.asarray(z))


def _uses_if(grad_a, z):
    return grad_a if z > 0 else 0.0 * grad_a


relu_backward = WriteFunction(
    key="switch_to_relu.relu_backward",
    reference=lambda grad_a, z: grad_a * _gate(z),
    cases={
        "a unit that fired": (2.0, 3.0),
        "a silent unit": (2.0, -1.5),
        "z exactly 0": (2.0, 0.0),
        "a negative gradient, a unit that fired": (-0.5, 4.0),
        "a row of units": (np.array([1.0, -2.0, 3.0, -4.0]), np.array([0.5, -0.5, -3.0, 2.0])),
        "a row with zeros": (np.array([1.0, -1.0, 5.0]), np.array([0.0, 0.0, 7.0])),
        "examples in rows": (
            np.array([[0.5, -1.5], [2.5, 0.25], [-3.0, 4.0]]),
            np.array([[1.0, -1.0], [0.0, 2.0], [0.1, -9.0]]),
        ),
        "1,000 examples of 8 units": (
            _random.normal(size=(1000, 8)),
            _random.normal(size=(1000, 8)),
        ),
        **corners(lambda z: (np.full(z.shape, 2.0), z)),
    },
    misconceptions=[
        Misconception(
            "lets 0 through",
            "Here z is exactly 0, and yours passes the gradient on. In this course the slope at 0 "
            "is 0: the unit passes it on where `z > 0`, not where `z >= 0`.",
            wrong=(lambda grad_a, z: grad_a * (z >= 0),),
        ),
        Misconception(
            "half at 0",
            "At z = 0 yours takes the middle of the two slopes, as nudging does. This course "
            "takes 0 there, as PyTorch's relu does.",
            wrong=(
                lambda grad_a, z: grad_a * np.heaviside(z, 0.5),
                lambda grad_a, z: grad_a * _nudged(z),
            ),
        ),
        Misconception(
            MIXED_UP,
            "This is the gradient of the activation by itself: how far the answer moves when z is "
            "nudged, 1 or 0. It knows nothing of the loss. How far the loss moves with the answer "
            "has arrived as `grad_a`. How do the two together say how far the loss moves with z?",
            wrong=(
                lambda grad_a, z: _gate(z),
                lambda grad_a, z: 0 * grad_a + (z >= 0),
                lambda grad_a, z: 0 * grad_a + np.heaviside(z, 0.5),
            ),
        ),
        Misconception(
            "multiplied by z",
            "Yours multiplies by the answer of the unit, max(z, 0). The slope is wanted: how much "
            "the answer changes, not how large it is.",
            wrong=(
                lambda grad_a, z: grad_a * np.maximum(z, 0.0),
                lambda grad_a, z: grad_a * z,
            ),
        ),
        Misconception(
            "the answer instead of the gradient",
            "This is the way there: the answer of the unit, max(z, 0). The way back starts with "
            "`grad_a`, and asks what the unit lets through of it.",
            wrong=(lambda grad_a, z: 0 * grad_a + np.maximum(z, 0.0),),
        ),
        Misconception(
            "0 divided by 0",
            "Yours divides the answer by z, and where z is 0 that is 0 / 0, which is not a number. "
            "A slope need not be computed from the answer: ask whether z is above 0.",
            wrong=(_answer_over_z,),
        ),
        Misconception(
            "a leak on the left",
            "Left of 0 yours lets a little of the gradient through, as leaky ReLU does. That comes "
            "in notebook 07; ReLU itself is level there.",
            wrong=(
                lambda grad_a, z: grad_a * np.where(z > 0, 1.0, 0.01),
                lambda grad_a, z: grad_a * np.where(z > 0, 1.0, 0.1),
            ),
        ),
        Misconception(
            "ReLU of the gradient",
            "Yours looks at the sign of the gradient. Whether a unit lets something through is "
            "decided by its z; negative gradients pass a unit that fired like any others.",
            wrong=(
                lambda grad_a, z: np.maximum(grad_a, 0.0),
                lambda grad_a, z: np.maximum(grad_a, 0.0) * _gate(z),
            ),
        ),
        Misconception(
            MIXED_UP,
            "Yours hands `grad_a` on as it came, through silent units too. That is the gradient of "
            "the loss with respect to the answer; the activation, which lies between the answer "
            "and z, has a gradient of its own. Where z is below 0, what does a nudge of z do to "
            "the answer, and so to the loss?",
            wrong=(lambda grad_a, z: grad_a,),
        ),
        Misconception(
            "the other half",
            "Yours passes the gradient where the unit was silent. It is the other way round.",
            wrong=(
                lambda grad_a, z: grad_a * (z < 0),
                lambda grad_a, z: grad_a * (z <= 0),
            ),
        ),
        Misconception(
            "minus one on the left",
            "Left of 0 yours gives the gradient with its sign turned, as abs(z) would. ReLU is "
            "flat there: its slope is 0.",
            wrong=(
                lambda grad_a, z: grad_a * np.sign(z),
                lambda grad_a, z: np.where(z > 0, grad_a, -grad_a),
                lambda grad_a, z: np.where(z >= 0, grad_a, -grad_a),
            ),
        ),
        Misconception(
            "summed up",
            "The numbers are added up, or averaged. Each example and each unit keeps a gradient of "
            "its own: the answer has the shape of z.",
            wrong=(
                lambda grad_a, z: np.sum(grad_a * _gate(z)),
                lambda grad_a, z: np.sum(grad_a * _gate(z), axis=0),
                lambda grad_a, z: grad_a @ _gate(z),
                lambda grad_a, z: np.mean(grad_a * _gate(z)),
                lambda grad_a, z: np.mean(grad_a * _gate(z), axis=0),
            ),
        ),
        Misconception(
            "`if` on a whole array",
            "`if z > 0` asks one question, and z holds many numbers. `z > 0` is an array already; "
            "multiply by it, or give it to `np.where`.",
            wrong=(_uses_if,),
        ),
    ],
    hints=[
        "Take one unit with z = 3 and nudge z: by how much does max(z, 0) move? Then z = -1.5. "
        "That factor is what the gradient is multiplied by.",
        "The chain rule: gradient with respect to z = gradient with respect to a, times the slope "
        "of a at z. The slope is 1 or 0, and it depends on z alone.",
        "`z > 0` is True or False for each number, and counts as 1 or 0 when multiplied. "
        "`np.where(z > 0, ..., ...)` says the same in words.",
    ],
    right=(
        "Not one gradient was made smaller: each passed whole or not at all. So a unit whose z is "
        "never above 0 gets a column of zeros, whatever arrives from above."
    ),
)


# --- he_deviation ----------------------------------------------------------------------------


def _deviation(fan_in, slope):
    return np.sqrt(2 / ((1 + slope**2) * fan_in))


he_deviation = WriteFunction(
    key="switch_to_relu.he_deviation",
    reference=_deviation,
    cases={
        "ReLU, 50 inputs": (50, 0.0),
        "ReLU, 2 inputs": (2, 0.0),
        "no activation at all, slope 1": (4, 1.0),
        "slope 0.5": (10, 0.5),
        "slope 0.1": (64, 0.1),
        "ReLU, 64 inputs": (64, 0.0),
        "slope 0.25": (32, 0.25),
        "slope -1, which is abs(z)": (16, -1.0),
        "one input": (1, 0.2),
        "many inputs": (1000, 0.3),
    },
    misconceptions=[
        Misconception(
            "variance instead of deviation",
            "This is the variance. The standard deviation, which `rng.normal` takes, is its "
            "square root.",
            wrong=(lambda n, s: 2 / ((1 + s**2) * n), lambda n, s: 2 / n),
        ),
        Misconception(
            "the slope left out",
            "This is right for ReLU only. With a slope the negative half comes through as well, "
            "made smaller: how large is its mean square then?",
            wrong=(lambda n, s: np.sqrt(2 / n) + 0 * s,),
        ),
        Misconception(
            "the slope not squared",
            "Squares are added up here: a number that is multiplied by the slope has a square "
            "that is multiplied by the slope squared.",
            wrong=(lambda n, s: np.sqrt(2 / ((1 + s) * n)),),
        ),
        Misconception(
            "the sum squared",
            "Yours squares 1 + slope. The two halves are added after each has been squared: what "
            "is the square of a number that was multiplied by the slope?",
            wrong=(lambda n, s: np.sqrt(2 / ((1 + s) ** 2 * n)),),
        ),
        Misconception(
            "halves taken for wholes",
            "At slope 0 yours is the one for a layer that lets everything pass. The positive half "
            "keeps 1/2 of the mean square, not all of it, and the negative half slope²/2.",
            wrong=(lambda n, s: np.sqrt(1 / ((1 + s**2) * n)),),
        ),
        Misconception(
            "not all of it under the root",
            "Part of it stands outside the root: the number of inputs, or 1 + slope². All of it "
            "belongs to the variance, and the root is taken once, at the end.",
            wrong=(
                lambda n, s: np.sqrt(2 / (1 + s**2)) / n,
                lambda n, s: np.sqrt(2 / n) / (1 + s**2),
                lambda n, s: np.sqrt(2) / ((1 + s**2) * n),
            ),
        ),
        Misconception(
            "the bound of a uniform draw",
            "This is the bound for weights that are drawn evenly between minus and plus it. Such a "
            "draw has a standard deviation of its bound over √3, and that is what is asked for.",
            wrong=(lambda n, s: np.sqrt(6 / ((1 + s**2) * n)),),
        ),
        Misconception(
            "nothing cut off",
            "This suits a layer through which everything passes. ReLU cuts off half of the mean "
            "square, and the weights must make up for it.",
            wrong=(lambda n, s: np.sqrt(1 / n) + 0 * s,),
        ),
        Misconception(
            "doubled outside the root",
            "The 2 belongs under the root: it is the variance that is doubled.",
            wrong=(
                lambda n, s: 2 / np.sqrt(n) + 0 * s,
                lambda n, s: 2 / np.sqrt((1 + s**2) * n),
            ),
        ),
        Misconception(
            "the wrong way round",
            "Your weights grow with the number of inputs. A sum of more products is larger by "
            "itself, so its weights must be smaller. (Is a pair of brackets missing below the "
            "line?)",
            wrong=(
                lambda n, s: np.sqrt(2 / (1 + s**2) * n),
                lambda n, s: np.sqrt(n / 2) + 0 * s,
                lambda n, s: np.sqrt((1 + s**2) * n / 2),
            ),
        ),
        Misconception(
            "the kept share multiplied in",
            "The larger the slope, the more comes through, and the smaller the weights may be. "
            "Divide by (1 + slope²) rather than multiplying by it.",
            wrong=(lambda n, s: np.sqrt(2 * (1 + s**2) / n),),
        ),
    ],
    hints=[
        "Half of all z are positive and pass whole; the other half is multiplied by the slope. "
        "Which share of the mean square of z comes out of the activation?",
        "The positive half keeps 1/2 of the mean square, the negative half slope²/2. With slope 0 "
        "that is 1/2. Then fan_in × Var[w] × that share must be 1.",
        "Solve that for Var[w]: the share and fan_in go below the line. The function gives the "
        "standard deviation, so take the root at the end, of all of it.",
    ],
    right=(
        "At slope 0 it is He's for ReLU, at slope 1 it is 1 / √fan_in, for a layer without any "
        "activation. For a slope of 0.01 it hardly differs from ReLU's. Notebook 08 needs it."
    ),
)


# --- dead_units ------------------------------------------------------------------------------


def _one_answer_a_unit(trials: list[Trial]) -> bool:
    """Tell whether each answer is 0 or 1 for each example instead of each unit."""
    return all(
        trial.answer is not None and trial.answer.shape == np.shape(trial.inputs["z"])[:1]
        for trial in trials
    )


_BATCH = _random.normal(size=(300, 6)) - np.array([0.0, 9.0, 0.0, 0.0, 9.0, 2.5])

dead_units = WriteFunction(
    key="switch_to_relu.dead_units",
    reference=lambda z: (z <= 0).all(axis=0),
    cases={
        "2 examples, 3 units": (np.array([[-1.0, 2.0, -3.0], [-2.0, -1.0, -0.5]]),),
        "fires on the last example only": (np.array([[-1.0, -1.0], [-2.0, -1.0], [0.5, -3.0]]),),
        "silent on the first example only": (np.array([[-1.0, -1.0], [2.0, -1.0]]),),
        "z exactly 0 throughout": (np.array([[0.0, 1.0], [0.0, 2.0], [0.0, -1.0]]),),
        "z at most 0": (np.array([[-2.0, 3.0], [0.0, 1.0]]),),
        "one unit": (np.array([[-1.0], [-2.0], [-0.1]]),),
        "one example": (np.array([[-1.0, 0.0, 1e-9]]),),
        "sum below 0, and yet it fires": (np.array([[-9.0, -1.0], [0.5, -1.0], [-9.0, -1.0]]),),
        "4 examples, 4 units": (
            np.array(
                [
                    [-1.0, -1.0, 2.0, -0.5],
                    [-1.0, 3.0, 2.0, -0.5],
                    [-1.0, -1.0, 2.0, 0.0],
                    [-1.0, -1.0, 2.0, -0.5],
                ]
            ),
        ),
        "300 examples, 6 units": (_BATCH,),
        "all alive": (np.array([[1.0, -1.0], [-1.0, 1.0]]),),
        "-0.0 throughout": (np.array([[-0.0, 1.0], [-0.0, 2.0]]),),
        "integers": (np.array([[-1, 0, 2], [-3, 0, -1]]),),
        "float32": (np.array([[-0.5, 0.25], [-1.5, -2.0]], dtype=np.float32),),
    },
    misconceptions=[
        Misconception(
            "judged on one example",
            "One example decides here. A unit that is silent on one picture may fire for the "
            "next: it must be silent on every row of the probe.",
            wrong=(lambda z: z[0] <= 0, lambda z: z[-1] <= 0),
        ),
        Misconception(
            "each example by itself",
            "This answers for each example and each unit: silent or not. A unit gets one verdict, "
            "over all its examples. Which way do you go through the table to collect them?",
            wrong=(lambda z: z <= 0, lambda z: z < 0, lambda z: z > 0),
        ),
        Misconception(
            "silent on most examples",
            "Silent on more than half of the examples is not silent on all: a unit that fires once "
            "gets a gradient from that one.",
            wrong=(
                lambda z: (z <= 0).mean(axis=0) > 0.5,
                lambda z: (z <= 0).mean(axis=0) >= 0.5,
            ),
        ),
        Misconception(
            "a share instead of a verdict",
            "This is the share of examples on which each unit is silent. Which share makes a unit "
            "dead? Give True for those, else False.",
            wrong=(lambda z: (z <= 0).mean(axis=0),),
        ),
        Misconception(
            "z taken for the answer",
            "Yours asks whether z is 0. A silent unit *answers* 0; its z may be anything that is "
            "not above 0.",
            wrong=(lambda z: (z == 0).all(axis=0),),
        ),
        Misconception(
            "counted against the units",
            "Yours counts the silent examples of each unit, and compares with the number of units. "
            "How many examples are there: rows or columns?",
            wrong=(lambda z: (z <= 0).sum(axis=0) == z.shape[1],),
        ),
        Misconception(
            "any instead of all",
            "Silent on some example, which nearly every ReLU unit is. Dead means silent on all of "
            "them.",
            wrong=(
                lambda z: z.min(axis=0) <= 0,
                lambda z: z.min(axis=0) < 0,
            ),
        ),
        Misconception(
            "z = 0 counted as firing",
            "A unit with z exactly 0 answers 0, and its slope is 0 as well: it is silent. Ask for "
            "`z <= 0`.",
            wrong=(lambda z: (z < 0).all(axis=0), lambda z: z.max(axis=0) < 0),
        ),
        Misconception(
            "examples and units mixed up",
            "Rows are examples, columns are units, and the answer must have one entry a unit. Go "
            "along the rows: axis 0.",
            wrong=(lambda z: (z <= 0).all(axis=1), lambda z: z.max(axis=1) <= 0),
        ),
        Misconception(
            "one answer for the whole layer",
            "This gives a single answer. Each unit is judged by its own column: `axis=0` keeps "
            "the columns apart.",
            wrong=(lambda z: (z <= 0).all(), lambda z: (z <= 0).any()),
        ),
        Misconception(
            "judged by the mean",
            "On average below 0 is not enough: a unit that is mostly far below 0 and once above "
            "it fires, and learns from that one example.",
            wrong=(
                lambda z: z.mean(axis=0) <= 0,
                lambda z: np.median(z, axis=0) <= 0,
            ),
        ),
        Misconception(
            "the units that live",
            "This marks the units that fire at least once. The others are wanted.",
            wrong=(lambda z: (z > 0).any(axis=0),),
        ),
        Misconception(
            "the units that always fire",
            "This marks the units that fire on every example. Wanted are those that fire on none.",
            wrong=(lambda z: (z > 0).all(axis=0), lambda z: z.min(axis=0) > 0),
        ),
        Misconception(
            "counted instead of named",
            "This is how many there are, or which share. Wanted is which: one True or False a "
            "unit.",
            wrong=(
                lambda z: (z <= 0).all(axis=0).sum(),
                lambda z: (z <= 0).all(axis=0).mean(),
            ),
        ),
        Misconception(
            "places instead of verdicts",
            "These are the places of the dead units. Wanted is a verdict on every unit, in their "
            "order: True for the dead, False for the others.",
            wrong=(
                lambda z: np.flatnonzero((z <= 0).all(axis=0)),
                lambda z: np.where((z <= 0).all(axis=0)),
            ),
        ),
        Misconception(
            "one answer for each example",
            "Yours answers once a row, that is once an example. Wanted is one answer a unit, that "
            "is a column.",
            when=_one_answer_a_unit,
        ),
    ],
    hints=[
        "Write down a small z: two rows (examples), three columns (units). Cover all columns but "
        "one. What must hold for the numbers you see, if the unit never fires?",
        "Two questions in a row: for each number, is it at or below 0? For each column, is that "
        "so everywhere?",
        "`z <= 0` asks the first question of all numbers at once. `np.all(..., axis=0)` asks the "
        "second: axis 0 runs down the rows.",
    ],
    right=(
        "The verdict holds for this probe and no further: with more examples a unit that seemed "
        "dead may turn out to fire. So whoever says dead should say on how many inputs."
    ),
)


# --- lower_the_bias --------------------------------------------------------------------------

lower_the_bias = PredictNumber(
    key="switch_to_relu.lower_the_bias",
    measured=("share_of_zeros",),
    ask="a share from 0 to 1, such as 0.5",
    within=0.12,
    otherwise=Misconception(
        "the pull of the bias misjudged",
        "Your run says otherwise. With all biases at 0, half of the z lay on each side, spread by "
        "about 1.4. A bias of -1 moves them all down by 1, less than their spread: so more than "
        "half are at or below 0 now, yet by no means all. Think of the bell, then predict again.",
    ),
    misconceptions=[
        Misconception(
            "per cent or counts instead of a share",
            "A share lies between 0 and 1: the mean of `sparsity`, not a count.",
            when=lambda share: not 0 <= share <= 1,
        ),
        Misconception(
            "z instead of answers",
            "There is hardly a zero in what you counted. Is it z? The zeros are in the answers, "
            "`relu(z)`.",
            when=lambda share: share < 0.01,
        ),
        Misconception(
            "the bias was raised",
            "There are fewer zeros than with bias 0. Lowering means setting the biases to -1.",
            when=lambda share: share < 0.45,
        ),
        Misconception(
            "nothing was moved",
            "About half are zeros, as before. Were the biases of the first layer set, "
            "`fresh.layers[0].b[:] = -1`, before z was computed?",
            when=lambda share: share < 0.6,
        ),
        Misconception(
            "the bias went too far",
            "That is more zeros than a bias of -1 makes. Was it lowered further, or more than "
            "once by `-=`? Make `fresh` anew, and set the biases of its first layer alone.",
            when=lambda share: share > 0.85,
        ),
    ],
    hints=[
        "At bias 0 the z of the first layer are spread around 0 like a bell, half on each side. "
        "Which way does the bell slide when the bias is lowered?",
        "The bell's spread (standard deviation) is about 1.4, and it slides by 1. Draw it: which "
        "part of it is left of 0 now?",
        "1 is about 0.7 of 1.4, and of a bell three quarters lie to the left of the place that is "
        "0.7 of its spread above its middle. To measure it: set the biases, compute z anew, and "
        "take the mean of the sparsity as the line above yours does.",
    ],
    right=(
        "About three quarters, and not one weight has changed. The further the bell slides, the "
        "fewer units fire at all: at a bias of -8 hardly any is left. Notebook 06 begins there."
    ),
)


# --- judge_the_article -----------------------------------------------------------------------

judge_the_article = Choose(
    key="switch_to_relu.judge_the_article",
    question=(
        'An article says: "ReLU solves the problem of vanishing gradients, as its slope is 1." '
        "Which verdict is right, and for the right reason?"
    ),
    choices={
        "a": (
            "It holds as it stands: a product of slopes that are 1 is 1, so behind ten layers the "
            "gradient arrives whole, whatever the weights."
        ),
        "b": (
            "It is wrong: where a unit fires, the slope is as large as z itself, so behind ten "
            "layers the gradient has grown instead of vanishing."
        ),
        "c": (
            "It is wrong: half of the units are silent and lose their half of it in each layer, "
            "and no choice of weights can make up for that."
        ),
        "d": (
            "It is half of the truth: where units fire, no slope takes anything away, but weights "
            "multiply the gradient too, and these have to fit."
        ),
    },
    answer="d",
    others={
        "a": Misconception(
            "slopes without weights",
            "That is right for the slopes. But look at the figure of the five arms: three of them "
            "are ReLU networks, with the same slopes. Does the gradient arrive whole in all three? "
            "What differs between them?",
        ),
        "b": Misconception(
            "the answer taken for the slope",
            "At z = 3 the answer is 3. Nudge z by 0.01 there: by how much does the answer move? "
            "The slope says how much it changes, not how large it is.",
        ),
        "c": Misconception(
            "no weights make up for the zeros",
            "Half of the mean square is lost in each layer, that is so. But in line 3 of *Weights "
            "that fit* something was doubled for just that reason. What did the figure show "
            "for the arm that begins with such weights?",
        ),
    },
    hints=[
        "By which two things does each layer multiply a gradient on its way back? The sentence of "
        "the article names one of them.",
        "In the figure of the five arms compare the three that are called relu. What do they have "
        "in common, and what not?",
        "One verdict gives a slope that ReLU does not have, one forgets the weights, one says that "
        "weights cannot help. The figure speaks against each of these.",
    ],
    right=(
        "And the other half of the sentence is what it does not say: where no unit on the way "
        "fires, the gradient does not become small but 0. So ask of such a sentence: with which "
        "weights, and for which units?"
    ),
)
