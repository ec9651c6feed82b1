"""Exercises of notebook 04, watch gradients vanish: slopes, products of them, weights to begin."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice

__all__ = ["another_optimizer", "layers_until", "progress", "tanh_slope", "weight_scale"]

# --- tanh_slope ------------------------------------------------------------------------------

_random = np.random.default_rng(0)

tanh_slope = WriteFunction(
    key="watch_gradients_vanish.tanh_slope",
    reference=lambda a: 1 - a * a,
    cases={
        "the middle": (0.0,),
        "a half": (0.5,),
        "the other half": (-0.5,),
        "near the flat end": (0.999,),
        "the flat end": (-1.0,),
        "a row of outputs": (np.array([-0.9, -0.1, 0.0, 0.3, 0.8]),),
        "a table of outputs": (np.tanh(_random.normal(size=(4, 3))),),
        "whole numbers": (np.array([-1, 0, 1]),),
        "one column": (np.array([[0.2], [-0.7]]),),
        "no outputs at all": (np.empty((0, 2)),),
        "-0.0": (np.array([-0.0]),),
        "float32": (np.array([-0.5, 0.25], dtype=np.float32),),
    },
    misconceptions=[
        Misconception(
            "the output taken for z",
            "Yours applies tanh once more. But `a` is the output already, tanh(z): what you need "
            "can be computed from it without tanh, and without z.",
            wrong=(lambda a: 1 - np.tanh(a) ** 2,),
        ),
        Misconception(
            "the slope of the sigmoid",
            "This is built like the formula of the sigmoid, whose answers run from 0 to 1. Those "
            "of tanh run from -1 to 1: at a = 0, where it is steepest, yours gives 0, and left of "
            "that something negative, though tanh rises everywhere.",
            wrong=(
                lambda a: a * (1 - a),
                lambda a: 2 * a * (1 - a),
                lambda a: 4 * a * (1 - a),
            ),
        ),
        Misconception(
            "the stretch miscounted",
            "The shape is right, the size is not: at a = 0 the slope of tanh is 1. tanh is "
            "a sigmoid stretched twofold upwards *and* squeezed twofold sideways; each makes it "
            "twice as steep.",
            wrong=(
                lambda a: (1 - a * a) / 4,
                lambda a: (1 - a * a) / 2,
                lambda a: 2 * (1 - a * a),
                lambda a: 4 * (1 - a * a),
            ),
        ),
        Misconception(
            "not squared",
            "At both flat ends, a = -1 and a = 1, the slope must be 0, and between them it bends. "
            "Yours is a straight line.",
            wrong=(lambda a: 1 - a, lambda a: 1 - np.abs(a), lambda a: 1 + a),
        ),
        Misconception(
            "the sign turned round",
            "Yours is negative, as if tanh were falling. It rises everywhere.",
            wrong=(lambda a: a * a - 1,),
        ),
        Misconception(
            "a root too many",
            "0 at both ends and 1 in the middle, as it should be, but too large between: that is "
            "half a circle. Is there a root that nothing asks for?",
            wrong=(lambda a: np.sqrt(np.maximum(1 - a * a, 0)),),
        ),
        Misconception(
            "steepest at the ends",
            "Yours grows towards a = -1 and a = 1. There tanh is flat; it is steepest in the "
            "middle. Which sign does that take?",
            wrong=(lambda a: 1 + a * a,),
        ),
        Misconception(
            "differentiated once too often",
            "This is the slope of the slope. 1 at a = 0, 0 at both ends: look for what gives that.",
            wrong=(lambda a: -2 * a, lambda a: -2 * a * (1 - a * a)),
        ),
    ],
    hints=[
        "You know three values from the figure: at a = 0 the slope is 1, at a = -1 and a = 1 it "
        "is 0. Which short formula in a gives all three?",
        "tanh(z) = 2 s - 1 with s = sigmoid(2 z). So s = (a + 1) / 2, and by the chain rule the "
        "slope is 2 times 2 times s (1 - s).",
        "4 s (1 - s) with s = (1 + a) / 2 is (1 + a) times (1 - a). Multiply it out.",
    ],
    right=(
        "Notice that z is not needed: the backward pass can use the output that the forward pass "
        "has just computed. And at a = 0.999 there is 0.002 left."
    ),
)


# --- layers_until ----------------------------------------------------------------------------


def _layers_until(factor, limit):
    layers = 0
    while factor**layers >= limit:
        layers += 1
    return layers


def _squared(factor, limit):
    layers = 1
    while factor >= limit:
        factor, layers = factor * factor, layers + 1
    return layers


def _taken_away(factor, limit):
    layers = 0
    while 1 - layers * (1 - factor) >= limit:
        layers += 1
    return layers


layers_until = WriteFunction(
    key="watch_gradients_vanish.layers_until",
    reference=_layers_until,
    cases={
        "half of it each time": (0.5, 0.1),
        "exactly at the limit on the way": (0.5, 0.125),
        "a sigmoid at its best": (0.25, 1e-6),
        "at the limit after two": (0.25, 0.0625),
        "a sigmoid with Glorot's start": (0.23, 1e-6),
        "tanh with PyTorch's default": (0.58, 0.01),
        "a little is lost": (0.9, 0.5),
        "hardly anything is lost": (0.97, 0.5),
        "a tiny limit": (0.25, 1e-30),
        "after the first": (0.25, 0.3),
    },
    misconceptions=[
        Misconception(
            "taken away instead of multiplied",
            "Yours takes the same amount away in every layer. Each layer takes the same *share* "
            "of what has arrived: multiply.",
            wrong=(_taken_away,),
        ),
        Misconception(
            "multiplied by itself",
            "Yours multiplies the gradient by itself in each round: 0.5, 0.25, 0.0625. Every layer "
            "multiplies by the same `factor`, so keep that, and the gradient, apart.",
            wrong=(
                _squared,
                lambda factor, limit: _squared(factor, limit) - 1,
            ),
        ),
        Misconception(
            "the count stays at 0",
            "Yours gives 0 layers. Does the loop ever begin? The gradient starts at 1, *above* the "
            "limit, and the loop has to go on while it is not below. Or is nothing counted in it?",
            wrong=(lambda factor, limit: 0,),
        ),
        Misconception(
            "rounded to the nearest",
            "Rounding goes down as often as up, and down is a layer too early: the gradient is "
            "still above the limit there.",
            wrong=(lambda factor, limit: np.round(np.log(limit) / np.log(factor)),),
        ),
        Misconception(
            "at the limit is not below it",
            "Twice a half is a quarter, three times an eighth: exactly at the limit, not below "
            "it. `<` and `<=` differ here.",
            wrong=(
                lambda factor, limit: np.ceil(np.log(limit) / np.log(factor)),
                lambda factor, limit: next(n for n in range(999) if factor**n <= limit),
            ),
        ),
        Misconception(
            "one too few",
            "After that many layers the gradient is still at the limit or above. Yours is the last "
            "layer before it gets below.",
            wrong=(lambda factor, limit: _layers_until(factor, limit) - 1,),
        ),
        Misconception(
            "one too many",
            "It was below the limit one layer earlier. Where does your count begin, and what has "
            "been multiplied when it first grows?",
            wrong=(lambda factor, limit: _layers_until(factor, limit) + 1,),
        ),
        Misconception(
            "not a whole number",
            "The quotient of the logarithms says where the line crosses the limit, somewhere "
            "between two layers. Layers come whole: which is the first one beyond it?",
            wrong=(lambda factor, limit: np.log(limit) / np.log(factor),),
        ),
        Misconception(
            "the logarithms turned round",
            "Try it with numbers: factor 0.5, limit 0.1. Yours divides the wrong way round; how "
            "often does log(0.5) fit into log(0.1)?",
            wrong=(
                lambda factor, limit: np.log(factor) / np.log(limit),
                lambda factor, limit: np.ceil(np.log(factor) / np.log(limit)),
                lambda factor, limit: np.floor(np.log(factor) / np.log(limit)) + 1,
            ),
        ),
        Misconception(
            "the gradient instead of the count",
            "This is the gradient that is left. The question is how many layers it took.",
            wrong=(lambda factor, limit: factor ** _layers_until(factor, limit),),
        ),
    ],
    hints=[
        "Do it by hand with factor 0.5 and limit 0.1: 1, then 0.5, 0.25, 0.125, 0.0625. After "
        "how many multiplications is it below?",
        "A loop: begin with 1 and a count of 0. While the number is not yet below the limit, "
        "multiply it and count one more.",
        "The loop is a `while`, and its condition says *not yet below*: at the limit it must go "
        "on. Inside are two lines, one for the gradient and one for the count; the count is handed "
        "back.",
    ],
    right=(
        "Notice how little it takes: at 0.25 a layer ten layers bring a gradient below a "
        "millionth, while at 0.97 even halving it takes 23."
    ),
)


# --- weight_scale ----------------------------------------------------------------------------

weight_scale = WriteFunction(
    key="watch_gradients_vanish.weight_scale",
    reference=lambda fan_in, slope: 1 / (slope * np.sqrt(fan_in)),
    cases={
        "tanh, four inputs": (4, 1.0),
        "sigmoid, four inputs": (4, 0.25),
        "sigmoid, 64 inputs": (64, 0.25),
        "tanh, 64 inputs": (64, 1.0),
        "one input": (1, 0.5),
        "a hundred inputs": (100, 0.5),
        "a gentle slope": (25, 0.1),
        "32 inputs": (32, 0.8),
        "many inputs": (4096, 0.25),
    },
    misconceptions=[
        Misconception(
            "variance instead of deviation",
            "This is the variance of the weights. The standard deviation is its root.",
            wrong=(lambda fan_in, slope: 1 / (slope**2 * fan_in),),
        ),
        Misconception(
            "the root forgotten",
            "Variances add up, deviations do not: with four times the inputs the sum spreads "
            "twice as far, not four times. Look at where the root belongs.",
            wrong=(
                lambda fan_in, slope: 1 / (slope * fan_in),
                lambda fan_in, slope: 1 / np.sqrt(slope * fan_in),
            ),
        ),
        Misconception(
            "weaker where it should be stronger",
            "A gentle slope lets less through, so its weights must be larger. Yours get smaller.",
            wrong=(
                lambda fan_in, slope: slope / np.sqrt(fan_in),
                lambda fan_in, slope: slope / fan_in,
            ),
        ),
        Misconception(
            "the number of inputs left out",
            "A unit adds up `fan_in` terms. The more there are, the smaller each must be.",
            wrong=(lambda fan_in, slope: 1 / slope,),
        ),
        Misconception(
            "more inputs, larger weights",
            "With more inputs the sum spreads further already. The weights must be smaller then.",
            wrong=(
                lambda fan_in, slope: np.sqrt(fan_in) / slope,
                lambda fan_in, slope: np.sqrt(fan_in) * slope,
                lambda fan_in, slope: np.sqrt(fan_in),
                lambda fan_in, slope: fan_in / slope,
            ),
        ),
        Misconception(
            "the slope squared",
            "The root is taken of the number of inputs, but the slope is squared. Both belong to "
            "the same side of it: gain times slope shall be 1, and the slope stands there once.",
            wrong=(lambda fan_in, slope: 1 / (slope**2 * np.sqrt(fan_in)),),
        ),
        Misconception(
            "a 2 that belongs elsewhere",
            "Too large by √2. No half is cut off here: near z = 0 everything passes, made smaller "
            "by the slope. (Glorot's 2 stands over the sum of two numbers, which halves it again.)",
            wrong=(lambda fan_in, slope: np.sqrt(2 / fan_in) / slope,),
        ),
        Misconception(
            "the bound of a uniform draw",
            "This is the bound for weights drawn evenly between minus and plus it. Asked for is "
            "their standard deviation, which is the bound divided by √3.",
            wrong=(lambda fan_in, slope: np.sqrt(3 / fan_in) / slope,),
        ),
        Misconception(
            "the slope left out",
            "This keeps the size through the weights alone, gain 1. What the slope takes away "
            "must be made up for too.",
            wrong=(
                lambda fan_in, slope: 1 / np.sqrt(fan_in),
                lambda fan_in, slope: np.sqrt(2 / fan_in),
            ),
        ),
    ],
    hints=[
        "Gain times slope shall be 1. Which gain does that take with a slope of 0.25?",
        "The gain is the root of fan_in times Var[w], so it is the root of fan_in times the "
        "standard deviation of w. Set it to 1 / slope.",
        "root(fan_in) times deviation = 1 / slope. Divide both sides by the root.",
    ],
    right=(
        "For a sigmoid that is four times what tanh needs. You saw what such weights do: they "
        "push z away from the middle, where the slope is no longer 0.25. The formula is right, "
        "its assumption does not last."
    ),
)


# --- another_optimizer -----------------------------------------------------------------------

another_optimizer = PredictChoice(
    key="watch_gradients_vanish.another_optimizer",
    measured=("with_sgd", "with_adam"),
    ask='"up", "same" or "down"',
    answer="up",
    others={
        "same": Misconception(
            "a small gradient is always a small step",
            "You predicted no change, your run says up. For SGD it is true: the step is rate times "
            "gradient. What does Adam divide the gradient by before it takes the step? Think of "
            "a gradient that is a thousand times smaller, all the time, then change your "
            "prediction.",
        ),
        "down": Misconception(
            "a smaller rate learns less",
            "You predicted down, your run says up. The rates 0.1 and 0.003 cannot be compared: in "
            "SGD the rate multiplies a gradient, in Adam something of size about 1. Think it "
            "through once more, then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "counts or per cent instead of shares",
            "A share lies between 0 and 1, as `accuracy` gives it.",
            when=lambda sgd, adam: not (0 <= sgd <= 1 and 0 <= adam <= 1),
        ),
        Misconception(
            "nothing was changed",
            "Both shares are the same. Did the second training get `optimizer=Adam(0.003)`?",
            when=lambda sgd, adam: sgd == adam,
        ),
        Misconception(
            "another network",
            "Your share went down with Adam. Did the two change places? Or is the second network "
            'another one: `trained(10, "tanh", torch_default, optimizer=Adam(0.003))`?',
            when=lambda sgd, adam: adam < sgd,
        ),
    ],
    hints=[
        "SGD takes rate times gradient. Look at how Adam, in notebook 03, turns a gradient into "
        "a step.",
        "Adam divides each gradient by the root of the mean of its own recent squares. Make all "
        "gradients a thousand times smaller: what happens to that quotient?",
        "The quotient stays the same, so the steps do not shrink with the gradient. As long as "
        "something of the signal arrives, Adam can follow it.",
    ],
    right=(
        "So a vanished gradient stops SGD, not every optimiser. But it has its price: try the "
        "same with the sigmoid, where in layer 10 all pictures look alike."
    ),
)
