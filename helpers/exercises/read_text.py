"""Exercises of notebook 14: clipping, a loop over inputs, what is left of a gradient, 1.1 times."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction, corners
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["beyond_the_identity", "clip_by_norm", "progress", "run_state", "what_is_left"]

_random = np.random.default_rng(14)


# --- clip_by_norm ----------------------------------------------------------------------------


def _clip(gradient, bound):
    norm = np.sqrt(np.sum(np.square(gradient)))
    return gradient * (bound / norm) if norm > bound else np.array(gradient, dtype=float)


def _shortened(gradient, bound, length):
    return gradient * (bound / length) if length > bound else gradient


def _always(gradient, bound):
    return gradient * (bound / np.sqrt(np.sum(np.square(gradient))))


def _cut_entry_by_entry(gradient, bound):
    clipped = gradient.copy()
    clipped[gradient > bound] = bound
    clipped[gradient < -bound] = -bound
    return clipped


clip_by_norm = WriteFunction(
    key="read_text.clip_by_norm",
    reference=_clip,
    broken=_cut_entry_by_entry,
    cases={
        "(3, 4) at 1": (np.array([3.0, 4.0]), 1.0),
        "(3, 4) at 5, exactly as long": (np.array([3.0, 4.0]), 5.0),
        "(3, 4) at 10, short enough": (np.array([3.0, 4.0]), 10.0),
        "(0.3, 0.4) at 1, short enough": (np.array([0.3, 0.4]), 1.0),
        "(-6, 8) at 2": (np.array([-6.0, 8.0]), 2.0),
        "one large entry, one small": (np.array([100.0, 0.1]), 1.0),
        "entries below the bound, the whole above": (np.full(16, 0.5), 1.0),
        "a matrix, 4 times 3": (_random.normal(size=(4, 3)), 1.5),
        "a huge gradient": (1e8 * _random.normal(size=20), 1.0),
        "zeros": (np.zeros(3), 1.0),
        **corners(lambda gradient: (gradient, 1.0), without=["integers", "float32"]),
    },
    misconceptions=[
        Misconception(
            "each entry cut by itself",
            "You cut every entry at the bound. That bends the direction: (100, 0.1) becomes "
            "(1, 0.1), and the small entry counts a hundred times as much as before. Shorten all "
            "by the same factor.",
            wrong=(
                lambda gradient, bound: np.clip(gradient, -bound, bound),
                lambda gradient, bound: np.minimum(gradient, bound),
                lambda gradient, bound: np.where(np.abs(gradient) > bound, bound, gradient),
                lambda gradient, bound: (
                    np.clip(gradient, -bound, bound)
                    if np.sqrt(np.sum(gradient**2)) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "0 divided by 0",
            "A gradient of zeros has the length 0, and 0 / 0 is nan, which would spread through "
            "the whole network. Ask whether the gradient is too long *before* you divide.",
            wrong=(
                lambda gradient, bound: (
                    _clip(gradient, bound) if np.any(gradient) else np.full(gradient.shape, np.nan)
                ),
            ),
        ),
        Misconception(
            "a mean instead of a sum",
            "Your length is the root of the *mean* of the squares: 3.54 for (3, 4). The length is "
            "the root of their sum, 5, however many entries there are.",
            wrong=(
                lambda gradient, bound: _shortened(
                    gradient, bound, np.sqrt(np.sum(gradient**2) / max(np.size(gradient), 1))
                ),
            ),
        ),
        Misconception(
            "the factor upside down",
            "A gradient that is too long becomes longer still: the factor must be below 1 there. "
            "Which of the two, bound and length, belongs below the line?",
            wrong=(
                lambda gradient, bound: (
                    gradient * (np.sqrt(np.sum(gradient**2)) / bound)
                    if np.sqrt(np.sum(gradient**2)) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "the length left out of the factor",
            "You divide by the bound, or multiply by it. The length of the result still depends on "
            "the length that came in: divide by that, too.",
            wrong=(
                lambda gradient, bound: (
                    gradient / bound if np.sqrt(np.sum(gradient**2)) > bound else gradient
                ),
                lambda gradient, bound: (
                    gradient * bound if np.sqrt(np.sum(gradient**2)) > bound else gradient
                ),
            ),
        ),
        Misconception(
            "shortened by subtracting",
            "You take the same number off every entry. That bends the direction, and small entries "
            "change their sign. What keeps a direction is one *factor* for all entries.",
            wrong=(
                lambda gradient, bound: (
                    gradient - (np.sqrt(np.sum(gradient**2)) - bound)
                    if np.sqrt(np.sum(gradient**2)) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "short ones stretched",
            "You bring every gradient to the bound, the short ones, too. A gradient that is short "
            "enough stays as it is.",
            wrong=(
                lambda gradient, bound: _always(gradient, bound) if np.any(gradient) else gradient,
                _always,
            ),
        ),
        Misconception(
            "the bound forgotten",
            "You divide by the length, and the result has the length 1. It shall have the length "
            "`bound`.",
            wrong=(
                lambda gradient, bound: (
                    _clip(gradient, bound) / bound if np.linalg.norm(gradient) > bound else gradient
                ),
            ),
        ),
        Misconception(
            "no root",
            "Your length is the sum of the squares. For (3, 4) that is 25; the length is its root, "
            "5.",
            wrong=(
                lambda gradient, bound: (
                    gradient * (bound / np.sum(gradient**2))
                    if np.sum(gradient**2) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "the sum of the sizes for the length",
            "You add up the sizes of the entries: 7 for (3, 4). The length takes squares first: 5.",
            wrong=(
                lambda gradient, bound: (
                    gradient * (bound / np.sum(np.abs(gradient)))
                    if np.sum(np.abs(gradient)) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "the largest entry for the length",
            "You measure by the largest entry: 4 for (3, 4). All entries together make the length: "
            "5.",
            wrong=(
                lambda gradient, bound: (
                    gradient * (bound / np.max(np.abs(gradient)))
                    if np.max(np.abs(gradient)) > bound
                    else gradient
                ),
            ),
        ),
        Misconception(
            "row by row",
            "In a matrix you shorten each row, or column, by itself. The gradient is one vector, "
            "whatever its shape.",
            wrong=(
                lambda gradient, bound: (
                    gradient
                    * np.minimum(
                        1,
                        bound
                        / np.maximum(np.sqrt(np.sum(gradient**2, axis=-1, keepdims=True)), 1e-300),
                    )
                ),
                lambda gradient, bound: (
                    gradient
                    * np.minimum(
                        1, bound / np.maximum(np.sqrt(np.sum(gradient**2, axis=0)), 1e-300)
                    )
                ),
            ),
        ),
        Misconception(
            "thrown away",
            "A gradient that is too long becomes 0: its step is lost. Clipping keeps the direction "
            "and shortens it.",
            wrong=(
                lambda gradient, bound: (
                    gradient if np.linalg.norm(gradient) <= bound else np.zeros_like(gradient)
                ),
            ),
        ),
    ],
    hints=[
        "Try (3, 4) at a bound of 1. How long is what comes out? Does it point the same way?",
        "The length is one number for the whole gradient: the root of the sum of all squares. The "
        "question whether there is something to do is asked once, about the length.",
        "One factor for all entries keeps the direction: bound / length where the length is above "
        "the bound. Where it is not, leave the gradient alone.",
    ],
    right=(
        "It is what `torch.nn.utils.clip_grad_norm_` does, over all parameters of a model taken as "
        "one vector. Cutting each entry is its other function, `clip_grad_value_`: that one bends "
        "the direction."
    ),
)


# --- run_state -------------------------------------------------------------------------------


def _run(xs, w, slope):
    state, seen = 0.0, []
    for x in xs:
        z = w * state + x
        state = z if z > 0 else slope * z
        seen.append(state)
    return np.array(seen)


def _leaky(z, slope):
    return np.where(z > 0, z, slope * z)


def _run_with(step, begin=0.0):
    """Make a wrong loop from what it does at a step."""

    def run(xs, w, slope):
        state, seen = begin, []
        for x in xs:
            state = step(state, x, w, slope)
            seen.append(state)
        return np.array(seen, dtype=float)

    return run


def _run_on_z(xs, w, slope):
    z, seen = 0.0, []
    for x in xs:
        z = w * z + x
        seen.append(float(_leaky(z, slope)))
    return np.array(seen)


def _run_from_the_first_input(xs, w, slope):
    state = xs[0]
    seen = [state]
    for x in xs[1:]:
        state = float(_leaky(w * state + x, slope))
        seen.append(state)
    return np.array(seen)


run_state = WriteFunction(
    key="read_text.run_state",
    reference=_run,
    cases={
        "1, 0, 0, 0 with w = 0.5, ReLU": (np.array([1.0, 0.0, 0.0, 0.0]), 0.5, 0.0),
        "1, 0, 0 with w = 2, ReLU": (np.array([1.0, 0.0, 0.0]), 2.0, 0.0),
        "-1, 0, 0, 0 with w = 1, slope 0.1": (np.array([-1.0, 0.0, 0.0, 0.0]), 1.0, 0.1),
        "1, -3, 1 with w = 1, slope 0.5": (np.array([1.0, -3.0, 1.0]), 1.0, 0.5),
        "w = 0: no memory": (np.array([1.0, -2.0, 3.0]), 0.0, 0.1),
        "w = -1: the state turns over": (np.array([2.0, 1.0, -1.0]), -1.0, 0.25),
        "slope 1: nothing is bent": (np.array([-1.0, 2.0, -3.0]), 0.5, 1.0),
        "a single input": (np.array([-4.0]), 3.0, 0.25),
        "twenty inputs": (_random.normal(size=20), 0.9, 0.2),
        "thirty inputs, ReLU": (_random.normal(size=30), 1.0, 0.0),
    },
    misconceptions=[
        Misconception(
            "no memory",
            "Your states depend on the input of their own step alone. The old state comes in, too: "
            "`w * state + x`.",
            wrong=(
                lambda xs, w, slope: _leaky(np.asarray(xs), slope),
                lambda xs, w, slope: _leaky(w * np.asarray(xs), slope),
            ),
        ),
        Misconception(
            "bent too early",
            "You bend the old part or the input, and add the other afterwards. First add, then "
            "bend: f(w * state + x).",
            wrong=(
                _run_with(lambda state, x, w, slope: float(_leaky(w * state, slope)) + x),
                _run_with(lambda state, x, w, slope: w * state + float(_leaky(x, slope))),
            ),
        ),
        Misconception(
            "never bent",
            "Your states are never bent: where `w * state + x` is below 0, the slope belongs in "
            "front.",
            wrong=(_run_with(lambda state, x, w, slope: w * state + x),),
        ),
        Misconception(
            "the leak left out",
            "You take ReLU: 0 below 0. Here it is `slope` times z.",
            wrong=(_run_with(lambda state, x, w, slope: max(w * state + x, 0.0)),),
        ),
        Misconception(
            "the two sides swapped",
            "The slope belongs to the negative side. Above 0 z stays as it is.",
            wrong=(
                _run_with(
                    lambda state, x, w, slope: (
                        slope * (w * state + x) if w * state + x > 0 else w * state + x
                    )
                ),
            ),
        ),
        Misconception(
            "the weight at the input",
            "The weight belongs to the old state. The input is added as it is.",
            wrong=(
                _run_with(lambda state, x, w, slope: float(_leaky(state + w * x, slope))),
                _run_with(lambda state, x, w, slope: float(_leaky(w * (state + x), slope))),
            ),
        ),
        Misconception(
            "the state before the bend",
            "What you carry on to the next step is z, before the activation. The state is what "
            "comes out of it: give and keep the same number.",
            wrong=(_run_on_z,),
        ),
        Misconception(
            "the first input taken for a state",
            "Your first state is the first input itself. It has to go through the activation like "
            "all others, with an old state of 0.",
            wrong=(_run_from_the_first_input,),
        ),
        Misconception(
            "the slope itself",
            "Where z is below 0 you give the slope. It is a factor: slope times z.",
            wrong=(
                _run_with(lambda state, x, w, slope: w * state + x if w * state + x > 0 else slope),
            ),
        ),
        Misconception(
            "from the end",
            "You read the inputs from the end. The first one comes first: a state knows what came "
            "before it.",
            wrong=(
                lambda xs, w, slope: _run(xs[::-1], w, slope),
                lambda xs, w, slope: _run(xs[::-1], w, slope)[::-1],
            ),
        ),
        Misconception(
            "returned too early",
            "Your function gives the first state and stops: the `return` stands inside the loop. "
            "It belongs behind it.",
            wrong=(
                lambda xs, w, slope: _run(xs[:1], w, slope),
                lambda xs, w, slope: _run(xs[:1], w, slope)[0],
            ),
        ),
        Misconception(
            "a start at 1",
            "Your first state has something in it before the first input. Begin at 0.",
            wrong=(_run_with(lambda state, x, w, slope: float(_leaky(w * state + x, slope)), 1.0),),
        ),
        Misconception(
            "the last state alone",
            "You give the last state alone. Asked are all of them, one after each input. (If you "
            "have a list: is it made anew at each step?)",
            wrong=(
                lambda xs, w, slope: _run(xs, w, slope)[-1],
                lambda xs, w, slope: _run(xs, w, slope)[-1:],
            ),
        ),
        Misconception(
            "the start among the states",
            "You give one state too many: the 0 of the start is not asked for.",
            wrong=(lambda xs, w, slope: np.concatenate([[0.0], _run(xs, w, slope)]),),
        ),
        Misconception(
            "one behind",
            "Your list begins with the 0 of the start and misses the last state. Append after the "
            "step.",
            wrong=(lambda xs, w, slope: np.concatenate([[0.0], _run(xs, w, slope)[:-1]]),),
        ),
    ],
    hints=[
        "Two things live outside the loop: the state, and the list of what has been seen.",
        "In the loop: `z = w * state + x`, then the new state is z, or slope times z where z is "
        "below 0. Append it.",
        "Before the loop: a state of 0 and an empty list. In it three steps: z, the bend with a "
        "question about the sign of z, append. Behind it, not in it: return the list.",
    ],
    right=(
        "This loop is the whole of a recurrent network; the rest is that its numbers are vectors. "
        "Try `run_state([1.0] * 30, 1.1, 0.1)[-1]`, and then w = 0.9."
    ),
)


# --- what_is_left ----------------------------------------------------------------------------

_STEPS = np.array(
    [[0, 1, 30], [0, 0.5, 3], [0, 2, 10], [0.1, 1, 3], [0.1, 2, 4], [0.5, 2, 20]], dtype=float
)
_LEFT = np.array([1.0, 0.125, 0.0, 0.001, 16.0, 1.0])


def _is(number):
    return lambda value: np.isclose(value, number, rtol=1e-3, atol=1e-9)


what_is_left = GiveValues(
    key="read_text.what_is_left",
    shapes={"left_over": (6,)},
    rows=_STEPS,
    expected=np.ones(6),
    measure=lambda left_over: left_over,
    decide=lambda left_over: np.isclose(left_over, _LEFT, rtol=1e-3, atol=1e-9).astype(float),
    symbol="what is left",
    misconceptions=[
        Misconception(
            "added instead of multiplied",
            "You add up what the steps bring. The chain rule multiplies: what is left after one "
            "step is what the next one makes smaller, or larger.",
            when=lambda left: _is(30)(left[0]) or _is(1.5)(left[1]) or _is(8)(left[4]),
        ),
        Misconception(
            "rounded too far",
            "Nearly. Do not round: give a number to three digits at least, or write the power and "
            "let Python work it out.",
            when=lambda left: np.allclose(left, _LEFT, rtol=0.05, atol=1e-9),
        ),
        Misconception(
            "a sign from nowhere",
            "One of your numbers is below 0. w and the slopes are not negative here, and neither "
            "is any product of them: that z is below 0 says only *which* slope counts.",
            when=lambda left: np.min(left) < 0,
        ),
        Misconception(
            "the leak paid once",
            "Row D: the leak is paid at each of the 3 steps, not once. A tenth of a tenth of a "
            "tenth.",
            when=lambda left: _is(0.1)(left[3]),
        ),
        Misconception(
            "a leak taken for a wall",
            "You have 0 where a leaky unit is below 0. That is ReLU; a leak lets something pass at "
            "each step.",
            when=lambda left: left[3] == 0 or left[5] == 0,
        ),
        Misconception(
            "one step off does not matter",
            "Row C: at one step the unit is off, and the factor there is 0. A product with one 0 "
            "in it is 0.",
            when=lambda left: left[2] != 0,
        ),
        Misconception(
            "one step instead of all",
            "Row B or E: w counts at every step, so it is multiplied as often as there are steps.",
            when=lambda left: _is(0.5)(left[1]) or _is(2)(left[4]),
        ),
        Misconception(
            "the leak charged above 0",
            "Row E: above 0 the slope of a leaky unit is 1. Only w counts there.",
            when=lambda left: _is(0.2**4)(left[4]) or _is(0.1**4)(left[4]),
        ),
        Misconception(
            "weight or slope forgotten",
            "Row F: each step has two factors, w and the slope. Multiply them first.",
            when=lambda left: (
                _is(2.0**20)(left[5])
                or np.isclose(left[5], 0.5**20, rtol=0.1, atol=0)
                or _is(0.5)(left[5])
                or _is(2)(left[5])
            ),
        ),
        Misconception(
            "fading taken for granted",
            "Row A: above 0 the slope of ReLU is 1, and w is 1. What is 1 times 1 times 1 ...?",
            when=lambda left: left[0] < 1,
        ),
    ],
    hints=[
        "One step has the factor w times the slope of the activation there. All steps are "
        "multiplied.",
        "The slope of an activation above 0 is 1; below 0 it is 0 for ReLU, and the leak for a "
        "leaky one. Write down the factor of one step for each row.",
        "A and F have the factor 1 at every step. In C the steps are not all alike: nine factors "
        "of 2, and one other.",
    ],
    right=(
        "Row F is a start that exists: He's, made for a leak, brings w and the slope together so "
        "that their product is near 1. But only as long as the unit stays below 0."
    ),
)


# --- beyond_the_identity ---------------------------------------------------------------------

beyond_the_identity = PredictChoice(
    key="read_text.beyond_the_identity",
    measured=("left_relu", "left_tanh"),
    ask='"relu", "tanh", "both" or "neither"',
    answer="relu",
    others={
        "tanh": Misconception(
            "the two confused",
            "It is the other one. Which of the two has a slope of exactly 1 wherever it is on? "
            "Look at your two numbers, then change your prediction.",
        ),
        "both": Misconception(
            "the matrix alone decides",
            "The matrix is the same, and yet tanh has less than 1 left. A larger state sits where "
            "tanh is flat, and the product has its slopes in it, too. Change your prediction.",
        ),
        "neither": Misconception(
            "a tenth is little",
            "1.1 is little, but 1.1 to the power of 59 is 277. What holds a ReLU unit back that is "
            "above 0? Change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "powers of ten",
            "A length is above 0. Did you take the logarithm? Give the median itself.",
            when=lambda relu, tanh: min(relu, tanh) < 0,
        ),
        Misconception(
            "the same activation twice",
            'Both numbers are equal. Does the second call say `left("tanh", ...)`?',
            when=lambda relu, tanh: relu == tanh,
        ),
        Misconception(
            "the two swapped",
            "The second number is the larger one. Did the two change places?",
            when=lambda relu, tanh: relu < tanh,
        ),
        Misconception(
            "the plain identity",
            "With ReLU less than ten times as much is left. Was `times=1.1` in the call?",
            when=lambda relu, tanh: relu < 10,
        ),
        Misconception(
            "another start",
            "That is not what tanh leaves from 1.1 times the identity. Was its start the identity, "
            "too, and not a random one?",
            when=lambda relu, tanh: not 1e-6 <= tanh <= 1,
        ),
    ],
    hints=[
        "On the way back each letter multiplies by the matrix and by the slopes of the activation.",
        "1.1 to the power of 59 is 277, if all slopes are 1. Whose are, and whose are not?",
        "Take the line for ReLU and change the name of the activation in it; the start and the "
        "1.1 stay.",
    ],
    right=(
        "A bound on the state is a bound on the gradient, and costs it. Now try 0.9 for both, and "
        "look which of them you would rather train."
    ),
)
