"""Exercises of notebook 16: a layer of torch by hand, seven defaults, Adam's first step, a ReLU."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["keras_first_step", "progress", "read_with_relu", "seven_slopes", "torch_layer"]

_random = np.random.default_rng(16)


# --- torch_layer -----------------------------------------------------------------------------


def _leaky(z, slope):
    return np.where(z > 0, z, slope * z)


def _layer(x, weight, bias, slope):
    return _leaky(x @ weight.T + bias, slope)


def _case(n, fan_in, fan_out, slope):
    return (
        _random.normal(size=(n, fan_in)),
        _random.normal(size=(fan_out, fan_in)),
        _random.normal(size=fan_out),
        slope,
    )


torch_layer = WriteFunction(
    key="change_framework.torch_layer",
    reference=_layer,
    cases={
        "one example, two units": (
            np.array([[1.0, 2.0]]),
            np.array([[1.0, -1.0], [0.0, 1.0]]),
            np.array([0.0, 0.5]),
            0.1,
        ),
        "a square weight, slope 0.3": (
            np.array([[1.0, -1.0], [2.0, 0.0]]),
            np.array([[1.0, 2.0], [3.0, -4.0]]),
            np.array([1.0, -1.0]),
            0.3,
        ),
        "three inputs, two units": _case(4, 3, 2, 0.01),
        "two inputs, five units": _case(3, 2, 5, 0.2),
        "slope 0, which is ReLU": _case(4, 3, 3, 0.0),
        "16 inputs, 16 units": _case(8, 16, 16, 0.2),
        "slope 2": _case(6, 4, 3, 2.0),
        "one unit": _case(5, 4, 1, 0.3),
        "float32": (
            np.array([[0.5, -1.0], [2.0, 0.25]], dtype=np.float32),
            np.array([[1.0, 2.0]], dtype=np.float32),
            np.array([0.5], dtype=np.float32),
            0.5,
        ),
    },
    misconceptions=[
        Misconception(
            "the weight is not turned",
            "Where the weight is square it is used as it is. torch keeps it as (units, inputs): "
            "unit by unit. Square or not, it has to be turned.",
            wrong=(
                lambda x, weight, bias, slope: _leaky(x @ weight + bias, slope),
                lambda x, weight, bias, slope: _leaky(
                    x @ (weight if weight.shape[0] == x.shape[1] else weight.T) + bias, slope
                ),
            ),
        ),
        Misconception(
            "reshaped instead of turned",
            "`reshape` gives the weight the right shape and the wrong order: it reads row by row. "
            "To turn rows into columns there is `.T`.",
            wrong=(
                lambda x, weight, bias, slope: _leaky(
                    x @ weight.reshape(weight.shape[::-1]) + bias, slope
                ),
            ),
        ),
        Misconception(
            "weight first",
            "`weight @ x` takes each unit with a *column* of x. Each example is a row: x comes "
            "first, and the weight is turned.",
            wrong=(lambda x, weight, bias, slope: _leaky(weight @ x + bias, slope),),
        ),
        Misconception(
            "`if` on a whole array",
            "`if` asks one question, and z holds many numbers. `np.where` asks for each of them.",
            when=lambda trials: any("truth value of an array" in each.yours for each in trials),
        ),
        Misconception(
            "the two sides swapped",
            "Your slope works above 0. It belongs below: above 0 the answer is z itself.",
            wrong=(lambda x, weight, bias, slope: -_leaky(-(x @ weight.T + bias), slope),),
        ),
        Misconception(
            "the slope itself",
            "Below 0 you give the slope. It is a factor: slope times z.",
            wrong=(
                lambda x, weight, bias, slope: np.where(
                    x @ weight.T + bias > 0, x @ weight.T + bias, slope
                ),
            ),
        ),
        Misconception(
            "the bias subtracted",
            "The bias is added in z, whatever its sign.",
            wrong=(lambda x, weight, bias, slope: _layer(x, weight, -bias, slope),),
        ),
        Misconception(
            "torch's default slope",
            "Your slope is 0.01 whatever is asked for: the default of torch. Use the argument.",
            wrong=(lambda x, weight, bias, slope: _layer(x, weight, bias, 0.01),),
        ),
        Misconception(
            "no activation",
            "Below 0 your answer is z itself. The layer is followed by a leaky ReLU.",
            wrong=(lambda x, weight, bias, slope: x @ weight.T + bias,),
        ),
        Misconception(
            "a ReLU",
            "Below 0 your answer is 0. There the leaky ReLU has a slope.",
            wrong=(lambda x, weight, bias, slope: _layer(x, weight, bias, 0.0),),
        ),
        Misconception(
            "the bias comes too late",
            "You add the bias behind the activation. z is the weighted sum plus the bias, and the "
            "activation takes z.",
            wrong=(lambda x, weight, bias, slope: _leaky(x @ weight.T, slope) + bias,),
        ),
        Misconception(
            "no bias",
            "The bias is missing: z is the weighted sum plus the bias.",
            wrong=(lambda x, weight, bias, slope: _leaky(x @ weight.T, slope),),
        ),
        Misconception(
            "the larger of two",
            "The larger of z and slope times z is a leaky ReLU only for slopes up to 1. torch and "
            "Keras ask for the sign of z.",
            wrong=(
                lambda x, weight, bias, slope: np.maximum(
                    x @ weight.T + bias, slope * (x @ weight.T + bias)
                ),
            ),
        ),
        Misconception(
            "units first",
            "Your answer has a row for each unit. It should have a row for each example, as x has.",
            wrong=(lambda x, weight, bias, slope: _layer(x, weight, bias, slope).T,),
        ),
    ],
    hints=[
        "First z, then the activation. What shape must a weight have so that x @ weight works, and "
        "what shape has it in torch?",
        "torch keeps (units, inputs), and x @ ... needs (inputs, units): turn the weight, a square "
        "one like all others. Then add the bias.",
        "Ask of each z whether it is above 0, with `np.where`. If it is, it stays; if not, it is "
        "multiplied by the slope that was handed over.",
    ],
    right=(
        "It is what `nn.Linear` and `nn.LeakyReLU` do. Some of the cases have square weights: "
        "there a forgotten `.T` raises no error."
    ),
)


# --- seven_slopes ----------------------------------------------------------------------------

_LINES = np.arange(7.0).reshape(7, 1)

seven_slopes = GiveValues(
    key="change_framework.seven_slopes",
    shapes={"slopes_of": (7,)},
    rows=_LINES,
    expected=np.array([0.01, 0.3, 0.2, 0.2, 0.01, 0.25, 0.0]),
    measure=lambda slopes_of: slopes_of,
    decide=lambda slopes_of: slopes_of,
    symbol="slope",
    misconceptions=[
        Misconception(
            "one default for all",
            "You give one slope for all seven. Print `frameworks.DEFAULT_SLOPES` once more.",
            when=lambda slopes: (slopes == slopes[0]).all(),
        ),
        Misconception(
            "layer and function swapped",
            "Within Keras the layer and the function differ, and here they have changed places. "
            "Which was 0.3?",
            when=lambda slopes: slopes[1] == 0.2 and slopes[2] == 0.3,
        ),
        Misconception(
            "the string taken for the layer",
            'A string such as activation="leaky_relu" names a function of keras.activations, not '
            "the layer LeakyReLU.",
            when=lambda slopes: slopes[3] == 0.3,
        ),
        Misconception(
            "the layer taken for the function",
            "C calls keras.activations.leaky_relu. Its default is not that of the layer.",
            when=lambda slopes: slopes[2] == 0.3,
        ),
        Misconception(
            "one default for all of Keras",
            "B is the layer LeakyReLU. Its default is not that of the function in C.",
            when=lambda slopes: slopes[1] == 0.2,
        ),
        Misconception(
            "ONNX without a slope taken for a ReLU",
            "A node LeakyRelu without the attribute alpha is no ReLU: the standard has a default, "
            "and a cell above has asked for it.",
            when=lambda slopes: slopes[4] == 0,
        ),
        Misconception(
            "a PReLU starts the same everywhere",
            "F and G learn their slope, from different first values. Look at the cell in which "
            "both were built.",
            when=lambda slopes: slopes[5] == slopes[6],
        ),
        Misconception(
            "the two PReLUs swapped",
            "F and G have changed places. One of them starts as a ReLU: which?",
            when=lambda slopes: slopes[5] == 0 and slopes[6] == 0.25,
        ),
        Misconception(
            "a PReLU taken for a leaky ReLU",
            "F is a PReLU: its slope is learned, and does not start at the 0.01 of torch's leaky "
            "ReLU.",
            when=lambda slopes: slopes[5] == 0.01,
        ),
        Misconception(
            "torch and Keras swapped",
            "A is torch's layer, B is that of Keras. Which has 0.01?",
            when=lambda slopes: slopes[0] == 0.3 or slopes[1] == 0.01,
        ),
        Misconception(
            "per cent instead of slopes",
            "A slope lies between 0 and 1 here. 1 % is 0.01.",
            when=lambda slopes: (slopes > 0.5).any(),
        ),
        Misconception(
            "torch's default taken for that of Keras",
            "0.01 is what torch and ONNX take. C and D are lines of Keras.",
            when=lambda slopes: slopes[2] == 0.01 or slopes[3] == 0.01,
        ),
        Misconception(
            "a default of Keras taken for that of ONNX",
            "E is an ONNX node. The standard has a default of its own, and it is not that of "
            "Keras: a cell above has asked for it.",
            when=lambda slopes: slopes[4] in (0.2, 0.3),
        ),
    ],
    hints=[
        "Four numbers occur: those of the three leaky ReLUs, and two first values of PReLU, one of "
        "which is 0. Where were they printed?",
        "In Keras a string names a function, so C and D are alike. torch and ONNX agree.",
        "A and E are alike, and B is alone. Of the two PReLUs, that of Keras begins as a ReLU.",
    ],
    right=(
        "Seven lines that look alike, and five different numbers. Only a written slope survives a "
        "change of framework."
    ),
)


# --- keras_first_step ------------------------------------------------------------------------

_KEPT = 0.999


def _keras_step(gradient, rate, epsilon):
    return -rate * gradient / (np.abs(gradient) + epsilon / np.sqrt(1 - _KEPT))


def _torch_step(gradient, rate, epsilon):
    return -rate * gradient / (np.abs(gradient) + epsilon)


def _without_brackets(gradient, rate, epsilon):
    with np.errstate(all="ignore"):
        return -rate * gradient / np.sqrt(np.square(gradient)) + epsilon


keras_first_step = WriteFunction(
    key="change_framework.keras_first_step",
    reference=_keras_step,
    tolerance=1e-9,
    cases={
        "a large gradient": (np.array([2.0]), 0.1, 1e-7),
        "a gradient of 1e-6, both signs": (np.array([1e-6, -1e-6]), 1.0, 1e-7),
        "no gradient": (np.array([0.0, 1.0]), 0.5, 1e-7),
        "a large epsilon": (np.array([0.1, -0.1, 1.0]), 1.0, 0.01),
        "epsilon 1e-8": (np.array([1e-8, -3e-7, 1e-5]), 1.0, 1e-8),
        "a table": (_random.normal(size=(3, 4)) * 1e-6, 1.0, 1e-7),
        "epsilon 1": (np.array([-2.0, 3.0]), 0.2, 1.0),
        "many sizes": (10.0 ** np.arange(-9.0, 1.0), 1.0, 1e-7),
        "no gradients at all": (np.empty(0), 0.1, 1e-7),
        "very large gradients": (np.array([-1e6, 1e6]), 0.1, 1e-7),
    },
    misconceptions=[
        Misconception(
            "torch's place of epsilon",
            "This is the first step of torch: |g| + epsilon. Keras adds its epsilon before the "
            "division by sqrt(1 - 0.999), so that it counts about 32 times.",
            wrong=(_torch_step,),
        ),
        Misconception(
            "uphill",
            "Your step has the sign of the gradient. It should go the other way.",
            wrong=(
                lambda gradient, rate, epsilon: -_keras_step(gradient, rate, epsilon),
                lambda gradient, rate, epsilon: -_torch_step(gradient, rate, epsilon),
            ),
        ),
        Misconception(
            "epsilon made smaller",
            "You multiply epsilon by sqrt(1 - 0.999). Work it out with the two lines above the "
            "answer: it is divided by that root.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * gradient / (np.abs(gradient) + epsilon * np.sqrt(1 - _KEPT))
                ),
            ),
        ),
        Misconception(
            "no root",
            "A root is missing below the line. Adam takes the root of v, and so the factor of its "
            "epsilon is a root, too.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * gradient / (np.abs(gradient) + epsilon / (1 - _KEPT))
                ),
                lambda gradient, rate, epsilon: (
                    -rate * np.sqrt(0.001) * gradient / (0.001 * np.square(gradient) + epsilon)
                ),
            ),
        ),
        Misconception(
            "the sign is lost",
            "Your step is the same for a gradient and for minus that gradient. Only the root is "
            "without a sign: on top stands the gradient itself.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * np.abs(gradient) / (np.abs(gradient) + epsilon / np.sqrt(1 - _KEPT))
                ),
            ),
        ),
        Misconception(
            "no size below the line",
            "Below the line stands the gradient with its sign. The root of a square has none: "
            "np.abs.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * gradient / (gradient + epsilon / np.sqrt(1 - _KEPT))
                ),
            ),
        ),
        Misconception(
            "no correction of the mean",
            "Your step is a tenth as long. The mean m, a tenth of g, is corrected: divided by "
            "1 - 0.9.",
            wrong=(
                lambda gradient, rate, epsilon: 0.1 * _keras_step(gradient, rate, epsilon),
                lambda gradient, rate, epsilon: 0.1 * _torch_step(gradient, rate, epsilon),
            ),
        ),
        Misconception(
            "plain gradient descent",
            "This is the step of SGD. Adam divides by the size of the gradient.",
            wrong=(lambda gradient, rate, epsilon: -rate * gradient,),
        ),
        Misconception(
            "both corrections left out",
            "You divide m by the root of v as they are. Both start at 0 and are too small in the "
            "beginning: the factor in the middle of the line of Keras makes up for that.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * 0.1 * gradient / (np.sqrt(0.001) * np.abs(gradient) + epsilon)
                ),
            ),
        ),
        Misconception(
            "the gradient for its mean",
            "You put g and g² where m and v stand. After one step m is 0.1 g, and v is 0.001 g².",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * np.sqrt(0.001) / 0.1 * gradient / (np.abs(gradient) + epsilon)
                ),
            ),
        ),
        Misconception(
            "epsilon under the root",
            "Your epsilon stands under the root, where a small number becomes a much larger one. "
            "It is added behind it.",
            wrong=(
                lambda gradient, rate, epsilon: (
                    -rate * gradient / np.sqrt(np.square(gradient) + epsilon / 0.001)
                ),
            ),
        ),
        Misconception(
            "brackets forgotten",
            "You add epsilon to the step itself. In the formula it stands below the line: in "
            "Python that takes brackets.",
            wrong=(_without_brackets,),
        ),
        Misconception(
            "an epsilon of one's own",
            "Your epsilon is 1e-7 whatever is asked for: the default of Keras. Use the argument.",
            wrong=(lambda gradient, rate, epsilon: _keras_step(gradient, rate, 1e-7),),
        ),
        Misconception(
            "epsilon forgotten",
            "Your step has the same length for every gradient. That is Adam without its epsilon: "
            "look at gradients of 1e-6.",
            wrong=(lambda gradient, rate, epsilon: -rate * np.sign(gradient),),
        ),
    ],
    hints=[
        "After the first step the mean is 0.1 g, and the mean square is 0.001 g². Put both into "
        "the line of Keras.",
        "The root of 0.001 g² is sqrt(0.001) times |g|: it has no sign. The 0.1 of the mean goes "
        "away with the 0.1 below the line.",
        "It may stay as long as it is: m, v and the line of Keras, one line of code each. Mind the "
        "minus, and brackets around what is below the line.",
    ],
    right=(
        "1 / sqrt(0.001) is about 32: in the first step an epsilon of Keras counts 32 times. After "
        "some thousands of steps the factor is 1, and both places are the same."
    ),
)


# --- read_with_relu --------------------------------------------------------------------------

read_with_relu = PredictChoice(
    key="change_framework.read_with_relu",
    measured=("kept", "as_relu"),
    ask='"hardly", "some" or "much"',
    answer="hardly",
    others={
        "some": Misconception(
            "a ReLU taken for a far relative",
            "A slope of 0 lies 0.01 away from the slope of the training; 0.2 and 0.3 lie far. "
            "Compare your two numbers, and change your prediction.",
        ),
        "much": Misconception(
            "every change of slope is ruin",
            "What counts is how far the slope is moved, not that it is moved. From 0.01 to 0 is "
            "hardly a way. Compare your two numbers, and change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "per cent instead of shares",
            "A share lies between 0 and 1: what `accuracy` gives.",
            when=lambda kept, relu: max(kept, relu) > 1,
        ),
        Misconception(
            "the same network twice",
            "Both numbers are exactly equal. Was the second one read with slope 0?",
            when=lambda kept, relu: kept == relu,
        ),
        Misconception(
            "another slope",
            "The second number is far below the first. Was it read with slope 0, and not with 0.2 "
            "or 0.3?",
            when=lambda kept, relu: relu < kept - 0.05,
        ),
        Misconception(
            "not the trained network",
            "The first number is hardly better than guessing. Was it the trained network, with its "
            "own slope?",
            when=lambda kept, relu: kept < 0.5,
        ),
    ],
    hints=[
        "How far is it from the slope of the training, 0.01, to that of a ReLU? And how far to "
        "0.2, or 0.3, with which it could hardly read?",
        "`frameworks.read_with` gives a copy, and the slope of a ReLU is 0. The reader itself is "
        "left as it is.",
        "Take the line of `kept`, and hand over the copy in place of the reader.",
    ],
    right=(
        "So 0.01 is nearly a ReLU, and a port that makes it one is hard to notice. The default of "
        "Keras is not near."
    ),
)
