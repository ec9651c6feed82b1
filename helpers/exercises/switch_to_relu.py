"""Exercises of notebook 05, switch to ReLU: gradients through it, He, zeros, dead units, pieces."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction, corners
from .predictions import PredictNumber

__all__ = [
    "count_the_pieces",
    "dead_units",
    "he_deviation",
    "lower_the_bias",
    "progress",
    "relu_backward",
]

_random = np.random.default_rng(5)


# --- relu_backward ---------------------------------------------------------------------------


def _gate(z):
    return np.where(z > 0, 1.0, 0.0)


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
            wrong=(lambda grad_a, z: grad_a * np.heaviside(z, 0.5),),
        ),
        Misconception(
            "the gate alone",
            "This is the slope of ReLU by itself. The chain rule multiplies what arrives from "
            "above, `grad_a`, by that slope.",
            wrong=(lambda grad_a, z: _gate(z), lambda grad_a, z: 0 * grad_a + (z >= 0)),
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
            "ReLU of the gradient",
            "Yours looks at the sign of the gradient. Whether a unit lets something through is "
            "decided by its z; negative gradients pass a unit that fired like any others.",
            wrong=(
                lambda grad_a, z: np.maximum(grad_a, 0.0),
                lambda grad_a, z: np.maximum(grad_a, 0.0) * _gate(z),
            ),
        ),
        Misconception(
            "everything passes",
            "Yours hands `grad_a` on unchanged, through silent units too. Where z is below 0 a "
            "nudge of z changes nothing: what is the gradient with respect to z there?",
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
            wrong=(lambda grad_a, z: grad_a * np.sign(z),),
        ),
        Misconception(
            "summed up",
            "The numbers are added up. Each example and each unit keeps a gradient of its own: "
            "the answer has the shape of z.",
            wrong=(
                lambda grad_a, z: np.sum(grad_a * _gate(z)),
                lambda grad_a, z: np.sum(grad_a * _gate(z), axis=0),
                lambda grad_a, z: grad_a @ _gate(z),
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
            "itself, so its weights must be smaller.",
            wrong=(
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
        "So Var[w] = 2 / ((1 + slope²) × fan_in). The standard deviation is its root.",
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
            "This is how many there are. Wanted is which: one True or False a unit.",
            wrong=(
                lambda z: (z <= 0).all(axis=0).sum(),
                lambda z: np.flatnonzero((z <= 0).all(axis=0)),
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
    ],
    hints=[
        "At bias 0 the z of the first layer are spread around 0 like a bell, half on each side. "
        "Which way does the bell slide when the bias is lowered?",
        "The bell's spread (standard deviation) is about 1.4, and it slides by 1. Draw it: which "
        "part of it is left of 0 now?",
        "`fresh.layers[0].b[:] = -1`, then z = fresh.pre_activations(x_train)[0], then "
        "`units.sparsity(relu(z)).mean()`.",
    ],
    right=(
        "About three quarters, and not one weight has changed. The further the bell slides, the "
        "fewer units fire at all: at a bias of -8 hardly any is left. Notebook 06 begins there."
    ),
)


# --- count_the_pieces ------------------------------------------------------------------------

count_the_pieces = PredictNumber(
    key="switch_to_relu.count_the_pieces",
    measured=("pieces",),
    ask="a whole number of pieces",
    within=0.5,
    otherwise=Misconception(
        "bends missed",
        "Your run says otherwise. Go unit by unit: where is x - c = 0? Each such place inside the "
        "stretch is a bend, and a line with so many bends has one piece more. Then the last "
        "hidden unit: where does *its* z cross 0? Sketch it, then predict again.",
    ),
    misconceptions=[
        Misconception(
            "no number of pieces",
            "Pieces are counted: a whole number of at least 1.",
            when=lambda count: count < 1 or count != int(count),
        ),
        Misconception(
            "bends instead of pieces",
            "This is the number of bends. A line with one bend has two pieces: "
            "`region_count` counts those.",
            when=lambda count: count == 5,
        ),
        Misconception(
            "another network or another stretch",
            "That is not the count of this network from [-1.0] to [3.0]. Hand the whole network "
            "to `region_count`, with both ends as lists.",
            when=lambda count: count != 6,
        ),
    ],
    hints=[
        "Layer 1 first. relu(x), relu(x - 1) and relu(x - 2) bend where x, x - 1 and x - 2 are 0.",
        "From 0 on t climbs with slope 1, from 1 on it falls again, from 2 on it stays at 0: a "
        "tent. One unit of layer 2 passes it on whole, the other cuts at half its height.",
        "A tent that rises from 0 to 1 and falls back to 0 crosses the height 0.5 twice. With the "
        "three bends of layer 1, how many bends are that, and how many pieces?",
    ],
    right=(
        "Two tents out of one: the second layer folded what the first had made. Its unit bends "
        "twice along the line, a unit of the first layer only once."
    ),
)
