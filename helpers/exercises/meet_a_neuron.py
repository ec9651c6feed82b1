"""Exercises of notebook 01, meet a neuron: weights, bias, decision line, gates."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["move_the_bias", "nand_gate", "neuron", "progress", "xor"]


def _step(z):
    """Fire above zero, not at it."""
    return np.heaviside(z, 0.0)


# --- neuron ----------------------------------------------------------------------------------


def _neuron(x, w, b):
    return _step(x @ w + b)


def _only_if(x, w, b):
    return 1.0 if x @ w + b > 0 else 0.0


def _two_inputs(x, w, b):
    return _step(x[0] * w[0] + x[1] * w[1] + b)


def _two_columns(x, w, b):
    return _step(x[..., 0] * w[0] + x[..., 1] * w[1] + b)


def _only_many_inputs(trials: list[Trial]) -> bool:
    """Tell whether tables of inputs are right, and a single input stops with an error."""
    return all(
        trial.right if np.ndim(trial.inputs["x"]) == 2 else trial.outcome == "error"
        for trial in trials
    )


def _only_one_input(trials: list[Trial]) -> bool:
    """Tell whether every single input is right, and most batches of several are wrong."""
    single = [trial.right for trial in trials if np.ndim(trial.inputs["x"]) == 1]
    several = [trial.right for trial in trials if np.size(trial.inputs["x"]) > 3]
    return all(single) and sum(several) < len(several) / 2


_TABLE = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
_random = np.random.default_rng(0)

neuron = WriteFunction(
    key="meet_a_neuron.neuron",
    reference=_neuron,
    cases={
        "one input": (np.array([1.0, 0.0]), np.array([1.0, 1.0]), -0.5),
        "z below 0": (np.array([0.0, 0.0]), np.array([1.0, 1.0]), -0.5),
        "z exactly 0": (np.array([1.0, 1.0]), np.array([1.0, 1.0]), -2.0),
        "negative numbers": (np.array([-1.0, 2.0]), np.array([-3.0, -1.0]), 0.5),
        "three numbers in one input": (np.array([0.5, -1.0, 2.0]), np.array([2.0, 1.0, 1.0]), -1),
        "one number in one input": (np.array([3.0]), np.array([0.5]), -1.0),
        "-0.0": (np.array([-0.0, 0.0]), np.array([1.0, -1.0]), -0.0),
        "many inputs, one a row": (_TABLE, np.array([2.0, 1.0]), -1.5),
        "as many rows as weights": (
            np.array([[1.0, -2.0, 0.0], [0.0, 1.0, 3.0], [-1.0, 1.0, 1.0]]),
            np.array([2.0, 1.0, -1.0]),
            0.5,
        ),
        "a single row": (np.array([[1.0, 2.0, 3.0]]), np.array([-1.0, 1.0, 0.5]), -2.0),
        "whole numbers": (np.array([[1, 0], [2, -3], [-1, 4]]), np.array([3, 1]), 0),
        "float32": (
            np.array([[0.25, -1.0], [1.5, 0.5]], dtype=np.float32),
            np.array([1.0, 0.5], dtype=np.float32),
            np.float32(0.125),
        ),
        "no rows at all": (np.empty((0, 2)), np.array([1.0, 1.0]), 1.0),
        "large numbers": (np.array([[1e6, -2e6], [3e6, 1e6]]), np.array([1.0, 1.0]), -1e6),
        "1,000 rows": (_random.normal(size=(1000, 10)), _random.normal(size=10), 0.3),
    },
    misconceptions=[
        Misconception(
            "bias forgotten",
            "This is the answer of a neuron without bias. Add `b` to the weighted sum, before "
            "asking whether it is above 0.",
            wrong=(lambda x, w, b: _step(x @ w),),
        ),
        Misconception(
            "bias subtracted",
            "The bias is added, `x @ w + b`. A negative b makes firing harder by itself.",
            wrong=(lambda x, w, b: _step(x @ w - b),),
        ),
        Misconception(
            "fires at exactly 0",
            "Here z is exactly 0, and yours fires. This neuron fires above 0 only: `z > 0`, "
            "not `z >= 0`.",
            wrong=(lambda x, w, b: np.heaviside(x @ w + b, 1.0),),
        ),
        Misconception(
            "activation forgotten",
            "This is a weighted sum itself. The last step is missing: 1.0 where z is above 0, "
            "else 0.0.",
            wrong=(
                lambda x, w, b: x @ w + b,
                lambda x, w, b: x @ w,
                lambda x, w, b: (x * w).sum() + b,
                lambda x, w, b: x * w + b,
            ),
        ),
        Misconception(
            "ReLU instead of step",
            "This keeps z where it is positive, which is ReLU. The step gives 1.0 there, however "
            "large z is.",
            wrong=(lambda x, w, b: np.maximum(x @ w + b, 0.0),),
        ),
        Misconception(
            "sigmoid instead of step",
            "This bends smoothly from 0 to 1, which is the sigmoid. The step jumps: 0.0 or 1.0, "
            "nothing between.",
            wrong=(lambda x, w, b: 1.0 / (1.0 + np.exp(-(x @ w + b))),),
        ),
        Misconception(
            "sign instead of step",
            "This gives -1 where z is negative. The step gives 0.0 there: the neuron is silent.",
            wrong=(
                lambda x, w, b: np.sign(x @ w + b),
                lambda x, w, b: np.where(x @ w + b > 0, 1.0, -1.0),
            ),
        ),
        Misconception(
            "fires the wrong way round",
            "Yours fires where z is negative. It should fire where z is above 0.",
            wrong=(
                lambda x, w, b: _step(-(x @ w + b)),
                lambda x, w, b: np.heaviside(-(x @ w + b), 1.0),
            ),
        ),
        Misconception(
            "mean instead of sum",
            "Against the bias, your sum is too small by the count of numbers in an input: the "
            "products are averaged, or the bias is added to each of them. Sum the products, then "
            "add the bias once.",
            wrong=(
                lambda x, w, b: _step((x * w).mean(axis=-1) + b),
                lambda x, w, b: _step((x * w + b).sum(axis=-1)),
            ),
        ),
        Misconception(
            "weights left out",
            "The inputs are added up without their weights. Each is first multiplied by its own.",
            wrong=(lambda x, w, b: _step(x.sum(axis=-1) + b),),
        ),
        Misconception(
            "weights added to the inputs",
            "Each input is multiplied by its weight, not added to it.",
            wrong=(lambda x, w, b: _step((x + w).sum(axis=-1) + b),),
        ),
        Misconception(
            "bias added after the step",
            "The bias comes too late. It belongs to z: add it before the step looks at z.",
            wrong=(lambda x, w, b: _step(x @ w) + b,),
        ),
        Misconception(
            "sum forgotten",
            "This gives one answer for each number of the input. A neuron adds the products up "
            "and answers once: `x @ w` does both.",
            wrong=(lambda x, w, b: _step(x * w + b),),
        ),
        Misconception(
            "row and column mixed up",
            "The order matters for many inputs: `x @ w` takes each row of x with w, while "
            "`w @ x` takes each column.",
            wrong=(
                lambda x, w, b: _step(w @ x + b),
                lambda x, w, b: _step((w * x.T).T.sum(axis=0) + b),
                lambda x, w, b: _step((x * w).sum(axis=0) + b),
            ),
        ),
        Misconception(
            "sum over everything",
            "Many inputs give a single number: the sum runs over the rows too. Sum along the last "
            "axis only, as `x @ w` or `.sum(axis=-1)` does.",
            wrong=(
                lambda x, w, b: _step((x * w).sum() + b),
                lambda x, w, b: np.any(x @ w + b > 0),
                lambda x, w, b: np.all(x @ w + b > 0),
            ),
        ),
        Misconception(
            "an extra axis",
            "The numbers are right, but each sits in an array of its own. One input gives one "
            "number, N inputs give N numbers, of shape (N,).",
            wrong=(
                lambda x, w, b: _step(x @ w.reshape(-1, 1) + b),
                lambda x, w, b: _step(np.atleast_2d(x) @ w.reshape(-1, 1) + b),
                lambda x, w, b: _step(np.atleast_2d(x) @ w + b),
            ),
        ),
        Misconception(
            "`if` on a whole array",
            "`if z > 0` asks one question, and with many inputs z holds many numbers. Let NumPy "
            "ask them all at once: `z > 0` is an array already.",
            wrong=(_only_if,),
        ),
        Misconception(
            "only for two numbers",
            "This counts on two numbers in each input. `x @ w` sums over all of them, two or 64.",
            wrong=(_two_inputs, _two_columns),
        ),
        Misconception(
            "the bias multiplied",
            "The bias is multiplied here, by inputs, weights or their sum. It is added, once, to "
            "the weighted sum: even with all inputs at 0 it has its say.",
            wrong=(
                lambda x, w, b: _step(x @ (w + b)),
                lambda x, w, b: _step((x + b) @ w),
                lambda x, w, b: _step(x @ w * b),
                lambda x, w, b: _step(x @ w) * b,
            ),
        ),
        Misconception(
            "another threshold",
            "Yours asks whether z is above some other number than 0. How hard it is to fire is "
            "what the bias says already, and it is part of z.",
            wrong=(lambda x, w, b: _step(x @ w + b - 0.5), lambda x, w, b: _step(x @ w + b - 1.0)),
        ),
        Misconception(
            "only for one input",
            "One input works. Many at once, one a row of x, do not yet. `x @ w` takes both.",
            when=_only_one_input,
        ),
        Misconception(
            "only for many inputs",
            "Many inputs work. A single one, an array of shape (d,), does not: it has no rows to "
            "go through. `x @ w` takes both.",
            when=_only_many_inputs,
        ),
    ],
    hints=[
        "Work one input out on paper first: x = [1, 0], w = [1, 1], b = -0.5. Which number comes "
        "out before the step, and which after?",
        "Two lines do it. The first makes z, the weighted sum plus the bias. The second asks of "
        "each z whether it is above 0.",
        "`x @ w` multiplies and adds up, for one input and for many; the bias is added to that. A "
        "comparison with 0 gives True or False for each z, and `np.where` makes 1.0 or 0.0 of it.",
    ],
    right=(
        "The same line, `x @ w + b`, served one input and 1,000: `@` sums over the last axis of x, "
        "whatever stands before it. And at z = 0 the neuron keeps silent."
    ),
)


# --- nand_gate -------------------------------------------------------------------------------


def _fires(*pattern: float):
    """Make a predicate of z: the neuron fires on just these rows."""
    return lambda z: np.array_equal(_step(z), pattern)


def _on_the_line(z: np.ndarray) -> np.ndarray:
    """Tell for which rows z is 0, or differs from it by rounding only."""
    return np.abs(z) <= 1e-9 * np.abs(z[np.isfinite(z)]).max()


def _nand_but_for_a_nudge(z: np.ndarray) -> bool:
    """NAND, if each row on the line counted as right."""
    return bool(np.all(_on_the_line(z) | (_step(z) == [1, 1, 1, 0]))) and bool(z.any())


def _touches_a_row(z: np.ndarray) -> str:
    if not _on_the_line(z).any():
        return ""
    return (
        "But look: at inputs 1, 1 your z is 0, or as good as. The line runs through that point, "
        "and the smallest nudge of a weight may flip it."
    )


nand_gate = GiveValues(
    key="meet_a_neuron.nand_gate",
    shapes={"w": (2,), "b": ()},
    rows=_TABLE,
    expected=np.array([1.0, 1.0, 1.0, 0.0]),
    measure=lambda w, b: _TABLE @ w + b,
    decide=_step,
    remark=_touches_a_row,
    misconceptions=[
        Misconception(
            "a row on the line",
            "At this row z is 0, or as good as: the point lies on the decision line, and "
            "a neuron does not fire at 0. Move the line a little with the bias.",
            when=_nand_but_for_a_nudge,
        ),
        Misconception(
            "never fires",
            "This neuron is silent on all four rows. At inputs 0, 0 the weights have no say and z "
            "is b alone: what must b be there?",
            when=_fires(0, 0, 0, 0),
        ),
        Misconception(
            "always fires",
            "This neuron fires on all four rows. Both inputs on must pull z down to 0 or below: "
            "the two weights together must outweigh the bias.",
            when=_fires(1, 1, 1, 1),
        ),
        Misconception(
            "AND instead of NAND",
            "This is AND, the exact opposite on every row. Flip the sign of both weights and of "
            "the bias.",
            when=_fires(0, 0, 0, 1),
        ),
        Misconception(
            "NOR instead of NAND",
            "This is NOR: a single input that is on already silences it. Make the bias larger, so "
            "that it takes both.",
            when=_fires(1, 0, 0, 0),
        ),
        Misconception(
            "OR instead of NAND",
            "This is OR: it fires as soon as one input is on. NAND needs weights that pull down.",
            when=_fires(0, 1, 1, 1),
        ),
        Misconception(
            "one input ignored",
            "This looks at one input and forgets the other. NAND treats both alike: give both "
            "weights the same sign, and neither the last word.",
            when=lambda z: any(
                _fires(*rows)(z)
                for rows in ((1, 1, 0, 0), (1, 0, 1, 0), (0, 0, 1, 1), (0, 1, 0, 1))
            ),
        ),
        Misconception(
            "one input pulls up, the other down",
            "One of your weights is positive, the other negative. NAND treats both inputs alike: "
            "which way must each of them pull, when it is on?",
            when=lambda z: (z[1] - z[0]) * (z[2] - z[0]) < 0,
        ),
    ],
    hints=[
        "Write the four rows down, with the z that each gives: b, then b + w2, then b + w1, then "
        "b + w1 + w2. Which of them must be above 0?",
        "At 0, 0 only the bias is left, so b is positive. Each input that is on must pull z down, "
        "so both weights are negative.",
        "Take w = [-1, -1]. One input on leaves b - 1, and it must stay above 0. Two leave b - 2, "
        "and it must not. Which b lies between?",
    ],
    right=(
        "Notice that your numbers are not the only ones: any line that keeps the point (1, 1) "
        "apart from the other three will do. And NAND alone can build every other gate."
    ),
)


# --- move_the_bias ---------------------------------------------------------------------------

move_the_bias = PredictChoice(
    key="meet_a_neuron.move_the_bias",
    measured=("share_before", "share_after"),
    ask='"up", "same" or "down"',
    answer="down",
    others={
        "up": Misconception(
            "a lower bias fires more",
            "You predicted up, your run says down. The neuron fires where x @ w + b is above 0. "
            "A lower b takes the same amount off every z, so fewer of them are left above 0. "
            "Think it through once more, then change your prediction.",
        ),
        "same": Misconception(
            "the bias does not matter",
            "You predicted no change, your run says down. The weights are the same, but z is "
            "x @ w + b: a lower b takes the same amount off every z, and those just above 0 fall "
            "below it. Think it through once more, then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "counts or per cent instead of shares",
            "A share lies between 0 and 1: the mean of the neuron's zeros and ones.",
            when=lambda before, after: not (0 <= before <= 1 and 0 <= after <= 1),
        ),
        Misconception(
            "the bias was raised",
            "Your share went up. Either the two shares changed places, or the bias was raised "
            "instead of lowered: lower means `b - 1`, and a negative b becomes more negative.",
            when=lambda before, after: after > before,
        ),
        Misconception(
            "nothing was moved",
            "Both shares are the same. Was the second one measured with the lowered bias? If so, "
            "no z lay close enough to 0: lower the bias further.",
            when=lambda before, after: after == before,
        ),
    ],
    hints=[
        "Pick one image and call its weighted sum s. Its z is s + b. What happens to z when b "
        "gets smaller?",
        "Every image's z moves by the same amount. Picture all of them as dots on a line, with a "
        "fence at 0: which way do the dots move, and how many stand to the right of the fence?",
        "With a lower b every z is smaller. An image that was silent stays silent; one that fired "
        "may fall silent. So can the share that fires rise?",
    ],
    right=(
        "The weights did not change, only the bar did: a lower bias asks for a larger weighted sum "
        "before the neuron fires. Notice where this ends: low enough, and it fires for nothing at "
        "all. Notebook 06 is about neurons that get there by training."
    ),
)


# --- xor -------------------------------------------------------------------------------------


def _gate(*outputs: float):
    """Make a function that looks each input up in the four rows of a table."""
    table = np.array(outputs, dtype=float)
    return lambda x: table[(2 * x[..., 0] + x[..., 1]).astype(int)]


xor = WriteFunction(
    key="meet_a_neuron.xor",
    reference=lambda x: x[..., 0] != x[..., 1],
    cases={
        "0 and 0": (_TABLE[0],),
        "0 and 1": (_TABLE[1],),
        "1 and 0": (_TABLE[2],),
        "1 and 1": (_TABLE[3],),
        "many inputs, one a row": (_TABLE,),
        "the rows in another order": (_TABLE[[3, 1, 0, 2, 1, 3]],),
        "a single row": (_TABLE[[2]],),
        "two rows": (_TABLE[[3, 2]],),
        "whole numbers": (_TABLE.astype(int),),
        "float32": (_TABLE.astype(np.float32),),
        "-0.0": (np.array([[-0.0, 1.0], [-0.0, 0.0]]),),
        "no rows at all": (np.empty((0, 2)),),
        "1,000 rows": (_random.integers(0, 2, size=(1000, 2)).astype(float),),
    },
    misconceptions=[
        Misconception(
            "OR instead of XOR",
            "This is OR: right on three rows. XOR must be 0 when both are on, so OR needs a "
            "partner that says no there.",
            wrong=(_gate(0, 1, 1, 1),),
        ),
        Misconception(
            "AND instead of XOR",
            "This is AND, which fires only when both are on. XOR fires when exactly one is.",
            wrong=(_gate(0, 0, 0, 1),),
        ),
        Misconception(
            "NAND instead of XOR",
            "This is NAND: right on three rows. XOR must be 0 when both are off, so NAND needs a "
            "partner that says no there.",
            wrong=(_gate(1, 1, 1, 0),),
        ),
        Misconception(
            "XNOR instead of XOR",
            "This is the exact opposite of XOR on every row: it fires when the two inputs agree.",
            wrong=(_gate(1, 0, 0, 1),),
        ),
        Misconception(
            "NOR instead of XOR",
            "This is NOR, which fires only when both are off. XOR fires when exactly one is on.",
            wrong=(_gate(1, 0, 0, 0),),
        ),
        Misconception(
            "one input ignored",
            "This looks at one input and forgets the other.",
            wrong=(_gate(0, 0, 1, 1), _gate(0, 1, 0, 1), _gate(1, 1, 0, 0), _gate(1, 0, 1, 0)),
        ),
        Misconception(
            "only one of the two sides",
            "This fires for one of the mixed rows and not for the other. XOR needs both: one on "
            "and the other off, whichever it is.",
            wrong=(_gate(0, 1, 0, 0), _gate(0, 0, 1, 0)),
        ),
        Misconception(
            "always the same answer",
            "This gives the same answer on every row. A last neuron that hears nothing, or whose "
            "bias drowns its inputs, does that.",
            wrong=(_gate(0, 0, 0, 0), _gate(1, 1, 1, 1)),
        ),
        Misconception(
            "the third neuron left out",
            "OR and NAND are there, and their answers are added up: 1 where one of them fires, 2 "
            "where both do. A third neuron has to look at the two. Where should it fire?",
            wrong=(_gate(1, 2, 2, 1),),
        ),
        Misconception(
            "the inputs added",
            "This adds: two inputs that are on give 2. XOR must be 0 there.",
            wrong=(_gate(0, 1, 1, 2),),
        ),
        Misconception(
            "the inputs subtracted",
            "This subtracts, so one of the mixed rows gives -1. XOR must be 1 for both.",
            wrong=(_gate(0, -1, 1, 0), _gate(0, 1, -1, 0)),
        ),
        Misconception(
            "an extra axis",
            "The numbers are right, but each sits in an array of its own. One input gives one "
            "number, N inputs give N numbers, of shape (N,).",
            wrong=(
                lambda x: _gate(0, 1, 1, 0)(x)[..., np.newaxis],
                lambda x: np.atleast_1d(_gate(0, 1, 1, 0)(x)),
            ),
        ),
        Misconception(
            "only for one input",
            "One input works. Many at once, one a row of x, do not yet. With hidden outputs h1 and "
            "h2, `np.stack([h1, h2], axis=-1)` makes the next neuron's input in both cases.",
            when=_only_one_input,
        ),
        Misconception(
            "only for many inputs",
            "Many inputs work. A single one, of shape (2,), does not: `x[:, 0]` asks for rows that "
            "it has not. `x @ w` takes both, and so does `x[..., 0]`.",
            when=_only_many_inputs,
        ),
    ],
    hints=[
        "One line cannot do it, but two can. Say XOR with gates you have already built: one input "
        "is on, but not both.",
        "Three neurons. Two look at x: OR (at least one) and NAND (not both). A third looks at "
        "their two answers. Which gate must it be?",
        "It is AND. Stack the two answers, `h = np.stack([h_or, h_nand], axis=-1)`, and hand h to "
        "a neuron with w = [1, 1] and b = -1.5.",
    ],
    right=(
        "No single neuron can do this: one neuron draws one line. The hidden neurons did not solve "
        "it either; they moved the four points to where one line is enough. That is what layers "
        "are for."
    ),
)
