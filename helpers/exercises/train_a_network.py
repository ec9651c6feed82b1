"""Exercises of notebook 03, train a network: a step, the walk back, softmax, rate, batches."""

import numpy as np

from helpers.activations import relu

from .course import progress
from .engine import Misconception
from .functions import Trial, WriteFunction
from .predictions import PredictChoice, PredictNumber

__all__ = [
    "double_the_rate",
    "larger_batches",
    "progress",
    "shares_at",
    "step_downhill",
    "weight_gradient",
]

MIXED_UP = "gradient of the loss for that of the activation"
_random = np.random.default_rng(0)


# --- step_downhill ---------------------------------------------------------------------------


def _step(w, b, x, y, rate, *, twice=2.0, mean=np.mean, sign=-1.0, by_x=True):
    """One step, or a wrong one."""
    miss = w * x + b - y
    slope_w = mean(twice * miss * (x if by_x else 1.0))
    return w + sign * rate * slope_w, b + sign * rate * mean(twice * miss)


def _one_after_the_other(w, b, x, y, rate):
    w = w - rate * np.mean(2 * (w * x + b - y) * x)
    return w, b - rate * np.mean(2 * (w * x + b - y))


def _bias_first(w, b, x, y, rate):
    b = b - rate * np.mean(2 * (w * x + b - y))
    return w - rate * np.mean(2 * (w * x + b - y) * x), b


def _without_bias(w, b, x, y, rate):
    miss = w * x - y
    return w - rate * np.mean(2 * miss * x), b - rate * np.mean(2 * miss)


def _as_pair(new_w, new_b):
    """Make a wrong function of two formulas that share w, b, x, y, rate and the misses."""

    def wrong(w, b, x, y, rate):
        miss = w * x + b - y
        return new_w(w, x, miss, rate), new_b(b, x, miss, rate)

    return wrong


def _right_w(w, x, miss, rate):
    return w - rate * np.mean(2 * miss * x)


def _right_b(b, _x, miss, rate):
    return b - rate * np.mean(2 * miss)


def _uneven(trials: list[Trial]) -> bool:
    """Tell whether one of the two answers is a number and the other one for each example."""
    return all("inhomogeneous" in trial.yours for trial in trials[:1])


_line_x = np.array([-1.0, 0.0, 2.0, 4.0])

step_downhill = WriteFunction(
    key="train_a_network.step_downhill",
    reference=lambda w, b, x, y, rate: _step(w, b, x, y, rate),
    cases={
        "the taxi rides": (0.0, 0.0, np.array([1.0, 3.0]), np.array([6.0, 8.0]), 0.1),
        "a start elsewhere": (2.0, 1.0, np.array([1.0, 3.0]), np.array([6.0, 8.0]), 0.05),
        "one ride only": (1.0, 2.0, np.array([2.0]), np.array([0.0]), 0.25),
        "the lowest point": (1.0, 5.0, np.array([1.0, 3.0]), np.array([6.0, 8.0]), 0.1),
        "negative inputs": (0.5, -1.0, _line_x, np.array([3.0, 1.0, -2.0, 0.5]), 0.02),
        "another rate": (0.5, -1.0, _line_x, np.array([3.0, 1.0, -2.0, 0.5]), 0.2),
        "whole numbers": (1, 0, np.array([1, 2, 5]), np.array([2, 2, 2]), 0.01),
        "1,000 examples": (
            -0.7,
            0.3,
            _random.normal(1.0, 2.0, size=1000),
            _random.normal(size=1000),
            0.1,
        ),
    },
    misconceptions=[
        Misconception(
            "uphill",
            "This steps with the gradient instead of against it, or takes the miss as truth minus "
            "prediction: the loss rises. The miss is prediction minus truth, and the step is "
            "`w - rate * gradient`.",
            wrong=(lambda *args: _step(*args, sign=1.0),),
        ),
        Misconception(
            "the factor 2 forgotten",
            "Your step is half as long as it should be. The slope of a squared miss is *twice* "
            "the miss.",
            wrong=(lambda *args: _step(*args, twice=1.0),),
        ),
        Misconception(
            "sum instead of mean",
            "Your step is longer by the number of examples. The loss is a mean, so its gradient "
            "is a mean as well: `np.mean`, not `np.sum`.",
            wrong=(
                lambda *args: _step(*args, mean=np.sum),
                lambda *args: _step(*args, mean=np.sum, twice=1.0),
            ),
        ),
        Misconception(
            "the mean forgotten",
            "Yours gives a number for each example. All examples pull at the same w and the same "
            "b: their slopes are averaged, so that one new w and one new b come out.",
            wrong=(
                _as_pair(
                    lambda w, x, miss, rate: w - rate * 2 * miss * x,
                    lambda b, x, miss, rate: b - rate * 2 * miss,
                ),
            ),
            when=_uneven,
        ),
        Misconception(
            "the sign of the miss lost",
            "Your misses are made positive, or squared. Then a prediction that is too low moves w "
            "and b just as one that is too high. A miss needs its sign: it says which way.",
            wrong=(
                _as_pair(
                    lambda w, x, miss, rate: w - rate * np.mean(2 * abs(miss) * x),
                    lambda b, x, miss, rate: b - rate * np.mean(2 * abs(miss)),
                ),
                _as_pair(
                    lambda w, x, miss, rate: w - rate * np.mean(miss**2 * x),
                    lambda b, x, miss, rate: b - rate * np.mean(miss**2),
                ),
                _as_pair(
                    lambda w, x, miss, rate: w - rate * np.mean(2 * miss**2 * x),
                    lambda b, x, miss, rate: b - rate * np.mean(2 * miss**2),
                ),
            ),
        ),
        Misconception(
            "the loss instead of its slope",
            "Yours moves by the loss itself: how high you stand. A step needs to know how steep it "
            "is, and for w and b that differs. How far does the loss move when w is nudged?",
            wrong=(
                _as_pair(
                    lambda w, x, miss, rate: w - rate * np.mean(miss**2),
                    lambda b, x, miss, rate: b - rate * np.mean(miss**2),
                ),
            ),
        ),
        Misconception(
            "the input forgotten",
            "Your w moves as b does. Each miss counts for w as often as its input: multiply by "
            "`x` before the mean.",
            wrong=(lambda *args: _step(*args, by_x=False),),
        ),
        Misconception(
            "the mean taken too early",
            "Your slope for w is the mean miss times the mean input. Multiply each miss by its "
            "own input first, then take the mean.",
            wrong=(
                _as_pair(
                    lambda w, x, miss, rate: w - rate * 2 * np.mean(miss) * np.mean(x), _right_b
                ),
            ),
        ),
        Misconception(
            "the bias gets the slope of w",
            "Your b moves as w does. A nudge of b moves every prediction as far, whatever the "
            "input: the slope for b is the mean of 2 * miss, without `x`.",
            wrong=(_as_pair(_right_w, lambda b, x, miss, rate: b - rate * np.mean(2 * miss * x)),),
        ),
        Misconception(
            "one after the other",
            "Your second parameter is moved by misses that already contain the step of the first. "
            "Both slopes belong to the same place: compute the misses once, then move both.",
            wrong=(_one_after_the_other, _bias_first),
        ),
        Misconception(
            "the bias left out of the prediction",
            "Your misses come from `w * x` alone. The neuron predicts `w * x + b`.",
            wrong=(_without_bias,),
        ),
        Misconception(
            "only w moves",
            "Your b stays where it was. It has a slope too: the mean of 2 * miss.",
            wrong=(_as_pair(_right_w, lambda b, x, miss, rate: b),),
        ),
        Misconception(
            "the rate forgotten",
            "Your step, or one of the two, is the whole gradient. The learning rate says which "
            "share of it, for w and for b alike.",
            wrong=(
                _as_pair(_right_w, lambda b, x, miss, rate: b - np.mean(2 * miss)),
                _as_pair(lambda w, x, miss, rate: w - np.mean(2 * miss * x), _right_b),
                lambda w, b, x, y, rate: _step(w, b, x, y, 1.0),
                lambda w, b, x, y, rate: _step(w, b, x, y, 1.0, twice=1.0),
            ),
        ),
        Misconception(
            "the gradient instead of the step",
            "These are the two slopes, or how far each step goes. Asked for is where the steps "
            "lead: begin at w and at b, and go against the slope.",
            wrong=(
                lambda w, b, x, y, rate: _step(0 * w, 0 * b, x, y - w * x - b, -1.0),
                lambda w, b, x, y, rate: _step(0 * w, 0 * b, x, y - w * x - b, -rate),
                lambda w, b, x, y, rate: _step(0 * w, 0 * b, x, y - w * x - b, rate),
            ),
        ),
        Misconception(
            "b before w",
            "Both numbers are right and have changed places: give back the new w first, then b.",
            wrong=(lambda *args: _step(*args)[::-1],),
        ),
    ],
    hints=[
        "Take the taxi rides, w = b = 0 and the rate 0.1. Which two misses, which two slopes, and "
        "where does the step lead? You did this one by hand in section *One neuron*.",
        "Three lines: the misses, `w * x + b - y`; then the two slopes, each a mean; then both "
        "steps against them.",
        "The slope for w is the mean of 2 · miss · input, for b the mean of 2 · miss. From each "
        "parameter take the rate times its slope, and give both back, with a comma between.",
    ],
    right=(
        "At the lowest point your step has length 0: the mean miss is 0 there, and so is the mean "
        "of miss times input. That is what *lowest* means to gradient descent."
    ),
)


# --- weight_gradient -------------------------------------------------------------------------


def _weight_gradient(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w + b > 0))


def _as_in_the_notebook(x, w, b, grad_a):
    """Give the code to mend, the same steps as in the notebook."""
    z = x @ w + b
    grad_z = grad_a * relu(z)
    return x.T @ grad_z / len(x)


def _broken(factor, after=lambda grad_w, x: grad_w):
    """Make a wrong function: another factor than the slope of ReLU, another ending."""
    return lambda x, w, b, grad_a: after(x.T @ (grad_a * factor(x @ w + b)), x)


def _on(z):
    return z > 0


def _relu(z):
    return np.maximum(z, 0.0)


def _one(z):
    return np.ones_like(z, dtype=float)


def _per_example(grad_w, x):
    return grad_w / len(x)


_x = np.array([[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]])
_w = np.array([[1.0, -1.0, 0.5], [0.5, 1.0, -2.0]])
_b = np.array([0.5, -0.5, 1.0])
_grad = np.array([[1.0, 2.0, -1.0], [-3.0, 0.5, 4.0], [2.0, -1.0, 0.25]])

weight_gradient = WriteFunction(
    key="train_a_network.weight_gradient",
    reference=_weight_gradient,
    broken=_as_in_the_notebook,
    cases={
        "the neuron by hand": (
            np.array([[2.0]]),
            np.array([[3.0]]),
            np.array([-1.0]),
            np.array([[8.0]]),
        ),
        "the same, silent": (
            np.array([[2.0]]),
            np.array([[3.0]]),
            np.array([-7.0]),
            np.array([[-32.0]]),
        ),
        "three examples": (_x, _w, _b, _grad),
        "one example": (_x[:1], _w, _b, _grad[:1]),
        "z exactly 0": (
            np.array([[1.0], [2.0]]),
            np.array([[2.0]]),
            np.array([-2.0]),
            np.array([[5.0], [1.0]]),
        ),
        "as many examples as units": (_x[:, [0, 1, 0]], _w[[0, 1, 0]], _b, _grad),
        "all units on": (np.abs(_x), np.abs(_w), np.abs(_b) + 0.1, _grad),
        "all units silent": (np.abs(_x), -np.abs(_w), -np.abs(_b) - 0.1, _grad),
        "whole numbers": (
            np.array([[1, 2], [-1, 3]]),
            np.array([[1, -2], [0, 1]]),
            np.array([1, 0]),
            np.array([[1, 2], [3, 4]]),
        ),
        "100 examples": (
            _random.normal(size=(100, 5)),
            _random.normal(size=(5, 8)),
            _random.normal(size=8),
            _random.normal(size=(100, 8)),
        ),
        "-0.0": (np.array([[-0.0]]), np.array([[1.0]]), np.array([-0.0]), np.array([[3.0]])),
        "float32": tuple(
            np.array(part, dtype=np.float32)
            for part in ([[0.5], [2.0]], [[1.0]], [-1.0], [[2.0], [3.0]])
        ),
    },
    misconceptions=[
        Misconception(
            "ReLU instead of its slope",
            "Yours multiplies by the unit's answer, or by z itself: the larger the answer, the "
            "more it passes back. Nudge z by 0.01 where it is 5: by how much does the answer move? "
            "That is the factor. (And if the last line is as it was, look at it once more.)",
            wrong=(
                _broken(_relu),
                _broken(_relu, _per_example),
                _broken(lambda z: z),
                _broken(lambda z: z, _per_example),
                lambda x, w, b, grad_a: x.T @ np.maximum(grad_a * (x @ w + b), 0),
            ),
        ),
        Misconception(
            "the mean taken twice",
            "One bug is left: the division. The loss has taken its mean already, so `grad_a` holds "
            "each example's share, and here they only add up.",
            wrong=(
                _broken(_on, _per_example),
                _broken(_on, lambda g, x: g / np.size(g)),
                _broken(_on, lambda g, x: g / np.shape(g)[1]),
            ),
        ),
        Misconception(
            "the slope forgotten",
            "Yours passes the gradient through silent units as well. Where z is 0 or below, ReLU "
            "has slope 0: nothing comes through.",
            wrong=(_broken(_one), _broken(_one, _per_example)),
        ),
        Misconception(
            MIXED_UP,
            "Yours is made of the slope of ReLU, 1 or 0, and has no use for `grad_a`. That slope "
            "says how far the answer moves when z is nudged. How far the loss moves with the "
            "answer is what `grad_a` brings, and the chain rule needs both.",
            wrong=(
                lambda x, w, b, grad_a: 1.0 * x.T @ (x @ w + b > 0),
                lambda x, w, b, grad_a: x.T @ (x @ w + b > 0) / len(x),
                lambda x, w, b, grad_a: np.where(x @ w + b > 0, 1.0, 0.0),
            ),
        ),
        Misconception(
            "passes at exactly 0",
            "Where z is exactly 0, yours lets the gradient pass, or half of it. This course takes "
            "the slope of ReLU there as 0: `z > 0`, not `z >= 0`.",
            wrong=(_broken(lambda z: z >= 0), _broken(lambda z: np.heaviside(z, 0.5))),
        ),
        Misconception(
            "the silent side passes",
            "Yours passes the gradient where z is *below* 0. It is the other way round.",
            wrong=(_broken(lambda z: z < 0), _broken(lambda z: z <= 0)),
        ),
        Misconception(
            "the bias forgotten",
            "Yours looks at `x @ w` to see who fires. Whether a unit fires depends on z, and the "
            "bias is part of it.",
            wrong=(lambda x, w, b, grad_a: x.T @ (grad_a * (x @ w > 0)),),
        ),
        Misconception(
            "the sign of the gradient instead of z",
            "Yours keeps what is positive in `grad_a`. Gradients have any sign; what counts is "
            "whether the unit fired: z.",
            wrong=(lambda x, w, b, grad_a: x.T @ np.maximum(grad_a, 0),),
        ),
        Misconception(
            "turned round",
            "The numbers are right, in an array on its side. The gradient of w has the shape of "
            "w: x.T first, then grad_z.",
            wrong=(lambda x, w, b, grad_a: _weight_gradient(x, w, b, grad_a).T,),
        ),
        Misconception(
            "the gradient of the inputs",
            "This is `grad_z @ w.T`, the gradient with respect to the inputs: what `backward` "
            "hands to the layer before. Asked for is the one with respect to w.",
            wrong=(lambda x, w, b, grad_a: (grad_a * (x @ w + b > 0)) @ w.T,),
        ),
        Misconception(
            "the gradient of the bias",
            "This is the gradient of b. For w, each example counts as often as its input: "
            "`x.T @ grad_z`.",
            wrong=(lambda x, w, b, grad_a: (grad_a * (x @ w + b > 0)).sum(axis=0),),
        ),
        Misconception(
            "the input forgotten",
            "This is the gradient with respect to z, one number for each example and unit. To get "
            "to w, multiply by the inputs: `x.T @ grad_z`.",
            wrong=(lambda x, w, b, grad_a: grad_a * (x @ w + b > 0),),
        ),
    ],
    hints=[
        "Take the neuron that you did by hand: x = 2, w = 3, b = -1, and 8 arrives as grad_a. The "
        "right answer is 16. What does the colleague's function give?",
        "Compare line by line with `Dense.backward`. By what is `grad_a` multiplied there? And is "
        "there a division?",
        "Two changes. In the second line the slope of ReLU belongs where its answer stands: 1 "
        "where z is above 0, else 0. In the last line something is done that the loss has done "
        "already.",
    ],
    right=(
        "Neither bug changes a shape or raises an error, and the first may even train. A gradient "
        "check finds both in a moment: make it a habit for every walk back that you write."
    ),
)


# --- shares_at -------------------------------------------------------------------------------


def _softmax(scores, axis=-1):
    powers = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _shares_at(scores, temperature):
    return _softmax(np.asarray(scores) / temperature)


def _powers(numbers):
    with np.errstate(all="ignore"):
        return np.exp(numbers)


def _in_one_place(scores, above, below):
    """Give the powers at one temperature, as parts of the sum at another."""
    with np.errstate(all="ignore"):
        return _powers(scores / above) / _powers(scores / below).sum(axis=-1, keepdims=True)


def _overflows(scores, temperature):
    return _in_one_place(scores, temperature, temperature)


def _rows_and_one(function):
    """Make a function of one row at a time work on a table."""

    def both(scores, temperature):
        if np.ndim(scores) == 1:
            return function(scores, temperature)
        return np.array([function(row, temperature) for row in scores])

    return both


def _overflowing(trials: list[Trial]) -> bool:
    """Tell whether only what needs huge or tiny powers goes wrong."""
    wrong = [trial for trial in trials if not trial.right]
    return all("huge" in trial.label for trial in wrong) and all(
        trial.answer is not None and not np.isfinite(trial.answer).all() for trial in wrong
    )


def _only_one_row(trials: list[Trial]) -> bool:
    """Tell whether every single list of scores is right, and tables are not."""
    single = [trial.right for trial in trials if np.ndim(trial.inputs["scores"]) == 1]
    tables = [trial.right for trial in trials if np.ndim(trial.inputs["scores"]) == 2]
    return all(single) and not all(tables)


_animals = np.array([2.0, 1.0, 0.0])
_table = np.array([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 3.0, 0.5]])

shares_at = WriteFunction(
    key="train_a_network.shares_at",
    reference=_shares_at,
    cases={
        "cat, dog, hen": (_animals, 1.0),
        "a temperature of 2": (_animals, 2.0),
        "a temperature of 0.5": (_animals, 0.5),
        "equal scores": (np.array([3.0, 3.0]), 0.7),
        "negative scores": (np.array([-4.0, -1.0, -2.0, -1.5]), 1.5),
        "one score": (np.array([1.7]), 3.0),
        "many, one a row": (_table, 1.5),
        "as many rows as scores, warmer": (_table, 10.0),
        "a single row": (_table[:1], 0.8),
        "whole numbers": (np.array([[1, 2], [3, 0], [5, 5]]), 2),
        "100 rows": (_random.normal(size=(100, 10)), 0.9),
        "a temperature of 0.001: huge numbers": (_animals, 0.001),
        "huge negative numbers": (np.array([[-2000.0, -2001.0], [-3000.0, -2999.0]]), 1.0),
        "huge, one a row": (_table * 1000, 1.0),
        "float32": (np.array([0.5, -1.0, 0.0], dtype=np.float32), 0.5),
    },
    misconceptions=[
        Misconception(
            "too large for the computer",
            "Small numbers work. Huge ones give nan: `np.exp` of a thousand is infinite, of minus "
            "a thousand 0. Take the largest score of each row off before `np.exp`; no share "
            "changes by that.",
            wrong=(_overflows,),
            when=_overflowing,
        ),
        Misconception(
            "the temperature ignored",
            "This is plain softmax, whatever the temperature. Either it is not used yet, or the "
            "same is taken off all scores, which changes no share: you saw that when 100 was "
            "added. Scores are divided by it.",
            wrong=(lambda scores, temperature: _softmax(scores),),
        ),
        Misconception(
            "multiplied instead of divided",
            "Yours gets surer when the temperature rises. Scores are *divided* by it: a high "
            "temperature evens them out.",
            wrong=(lambda scores, temperature: _softmax(scores * temperature),),
        ),
        Misconception(
            "the shares divided instead of the scores",
            "Your shares no longer add up to 1: they were divided after softmax. Divide the scores "
            "before it.",
            wrong=(lambda scores, temperature: _softmax(scores) / temperature,),
        ),
        Misconception(
            "softmax taken twice",
            "Yours divides the shares, and makes shares of them once more. The temperature belongs "
            "to the scores, before the one softmax.",
            wrong=(lambda scores, temperature: _softmax(_softmax(scores) / temperature),),
        ),
        Misconception(
            "divided in one place only",
            "Your shares do not add up to 1: above the line the scores are divided by the "
            "temperature, below it they are not, or the other way round. The sum is one of the "
            "very powers that stand above it.",
            wrong=(
                lambda scores, temperature: _in_one_place(scores, temperature, 1.0),
                lambda scores, temperature: _in_one_place(scores, 1.0, temperature),
            ),
        ),
        Misconception(
            "per cent instead of shares",
            "These are per cent. Shares add up to 1, not to 100.",
            wrong=(lambda scores, temperature: 100 * _shares_at(scores, temperature),),
        ),
        Misconception(
            "a sigmoid for each score",
            "Yours looks at each score by itself, as a sigmoid does. Shares are parts of a whole: "
            "when one score rises, the shares of the others fall, and all add up to 1.",
            wrong=(lambda scores, temperature: 1 / (1 + _powers(-scores / temperature)),),
        ),
        Misconception(
            "summed over the wrong axis",
            "In a table your shares add up to 1 down each column. One example is a row, so sum "
            "along the last axis: `axis=-1, keepdims=True`.",
            wrong=(lambda scores, temperature: _softmax(scores / temperature, axis=0),),
        ),
        Misconception(
            "summed over everything",
            "In a table all your shares together add up to 1. Every row is an example of its own: "
            "sum along the last axis, `axis=-1, keepdims=True`.",
            wrong=(
                lambda scores, temperature: _shares_at(np.ravel(scores), temperature).reshape(
                    np.shape(scores)
                ),
            ),
        ),
        Misconception(
            "no exponential",
            "These are shares of the scores themselves, and scores may be 0 or negative. Raise e "
            "to each of them first: `np.exp`.",
            wrong=(
                lambda scores, temperature: (
                    scores / temperature / (scores / temperature).sum(axis=-1, keepdims=True)
                ),
                lambda scores, temperature: (
                    scores / scores.sum(axis=-1, keepdims=True) / temperature
                ),
            ),
        ),
        Misconception(
            "powers that were not divided",
            "These are the powers, or shares raised to a power. Divide them by their sum, so that "
            "they add up to 1.",
            wrong=(
                lambda scores, temperature: _softmax(scores) ** (1 / temperature),
                lambda scores, temperature: np.exp(scores / temperature),
                lambda scores, temperature: np.exp(
                    scores / temperature - np.max(scores / temperature, axis=-1, keepdims=True)
                ),
            ),
        ),
        Misconception(
            "logarithms of the shares",
            "These are the logarithms of the shares. Asked for are the shares themselves.",
            wrong=(
                lambda scores, temperature: (
                    scores / temperature
                    - np.max(scores / temperature, axis=-1, keepdims=True)
                    - np.log(
                        np.exp(
                            scores / temperature
                            - np.max(scores / temperature, axis=-1, keepdims=True)
                        ).sum(axis=-1, keepdims=True)
                    )
                ),
            ),
        ),
        Misconception(
            "the winner takes all",
            "Yours gives 1 to the highest score and 0 to the rest. Shares are softer: each score "
            "gets its part. (At a temperature near 0, softmax comes close to yours.)",
            wrong=(
                lambda scores, temperature: (
                    1.0 * (np.arange(np.shape(scores)[-1]) == np.argmax(scores, -1)[..., None])
                ),
            ),
        ),
        Misconception(
            "only for one example",
            "One list of scores works. Many, one a row, do not yet. `axis=-1, keepdims=True` in "
            "`np.max` and `sum` serves both.",
            when=_only_one_row,
        ),
    ],
    hints=[
        "Start with three scores, 2, 1, 0. Divided by a temperature of 2, which scores are left? "
        "What has become of the differences between them?",
        "You have `softmax`, and it takes huge numbers. What must be done to the scores before it "
        "sees them?",
        "Divide the scores, then hand them to `softmax`: one line. By hand it takes three: off "
        "with the largest of the divided scores, `np.exp`, then each over the sum; `axis=-1` and "
        "`keepdims=True` keep rows apart.",
    ],
    right=(
        "Dividing all scores shrinks or stretches their differences. Near 0 the highest score "
        "takes everything, and a high temperature makes all shares alike; the order never changes."
    ),
)


# --- double_the_rate -------------------------------------------------------------------------

double_the_rate = PredictChoice(
    key="train_a_network.double_the_rate",
    measured=("distance_before", "distance_after"),
    ask='"nearer", "same" or "further"',
    answer="further",
    others={
        "nearer": Misconception(
            "a larger rate is a faster one",
            "You predicted nearer, your run says further. A step multiplies the distance by "
            "1 - 10 * rate. Work this factor out for 0.15 and for 0.3: which of them is shorter "
            "than 1, without its sign? Then change your prediction.",
        ),
        "same": Misconception(
            "ten steps arrive anyway",
            "You predicted the same distance, your run says further. Arriving is not a matter of "
            "the number of steps alone. Work out the factor 1 - 10 * rate for both rates, then "
            "change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "a distance below 0",
            "A distance has no sign: `abs(... - 3)`.",
            when=lambda before, after: before < 0 or after < 0,
        ),
        Misconception(
            "the loss or the weight instead of the distance",
            "The first distance is about 0.003: how far the last weight of the walk lies from 3. "
            "Leave the first line as it was, and write the second like it.",
            when=lambda before, after: not 0.0025 < before < 0.0035,
        ),
        Misconception(
            "the same rate twice",
            "Both distances are the same. Was the second walk made with `rate=0.3`?",
            when=lambda before, after: abs(after - before) < 1e-9,
        ),
        Misconception(
            "the rate was not doubled",
            "Your second walk gets nearer to 3, so its rate lies below the border. Twice 0.15 "
            "is 0.3.",
            when=lambda before, after: after < before,
        ),
        Misconception(
            "another walk",
            "Not what ten steps from 0 at twice the rate lead to. Is the rate 0.3, is the start "
            "0.0, and is the 3 taken off before `abs`?",
            when=lambda before, after: not 3071 < after < 3073,
        ),
    ],
    hints=[
        "Where does the first step from 0 lead with each rate? The gradient there is -30.",
        "Each step multiplies the distance to 3 by 1 - 10 * rate. For 0.15 that is -0.5: the walk "
        "jumps to the other side and halves the distance. And for 0.3?",
        "For 0.3 the factor is -2. Ten steps multiply the distance by it ten times: is that nearer "
        "or further?",
    ],
    right=(
        "The factor was -0.5 and became -2, so the distance doubles at every step: more than 3,000 "
        "after ten. The border lies between, at 0.2. Notice that nothing warned you at 0.15: half "
        "of a good rate is slow, twice a good rate may be none at all."
    ),
)


# --- larger_batches --------------------------------------------------------------------------

larger_batches = PredictNumber(
    key="train_a_network.larger_batches",
    measured=("noise_of_64",),
    ask="the noise of batches of 64, one number",
    within=0.15,
    otherwise=Misconception(
        "noise does not fall that way",
        "Your prediction is off. 64 is four times 16. From 1 to 16, sixteen times as many pictures "
        "brought the noise from 5.8 to 1.4, to a quarter. What do four times as many bring? Think "
        "it through once more, then change your prediction.",
    ),
    misconceptions=[
        Misconception(
            "another size",
            "This is the noise of another size of batch. Measure `noise(64)`.",
            when=lambda measured: not 0.5 < measured < 1.0,
        ),
    ],
    hints=[
        "From 1 to 16 pictures the noise fell from 5.8 to 1.4. By which factor did the size grow, "
        "by which did the noise fall?",
        "Sixteen times the pictures, a quarter of the noise: 4 is the square root of 16. From 16 "
        "to 64 the size grows four times.",
        "The square root of 4 is 2, so halve 1.4.",
    ],
    right=(
        "Four times the work halves the noise. That holds for every mean of random draws, opinion "
        "polls included, and it is why nobody waits for the gradient of all pictures."
    ),
)
