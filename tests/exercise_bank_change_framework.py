"""Answers to the exercises of notebook 16, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math

import numpy as np
import torch
from torch import nn

from helpers.activations import leaky_relu
from helpers.models import frameworks
from helpers.network import Dense, Network
from helpers.training import Adam, accuracy

# --- torch_layer -----------------------------------------------------------------------------


def layer_by_where(x, weight, bias, slope):
    z = x @ weight.T + bias
    return np.where(z > 0, z, slope * z)


def layer_by_indexing(x, weight, bias, slope):
    a = x @ weight.transpose() + bias
    a[a < 0] *= slope
    return a


def layer_by_einsum(x, weight, bias, slope):
    z = np.einsum("ni,ui->nu", x, weight) + bias
    return np.maximum(z, 0) + slope * np.minimum(z, 0)


def layer_with_helpers(x, weight, bias, slope):
    return leaky_relu(slope=slope)(x @ weight.T + bias)


def layer_with_dense(x, weight, bias, slope):
    return Dense(weight.T, bias, leaky_relu(slope=slope)).forward(x)


def layer_with_torch(x, weight, bias, slope):
    z = nn.functional.linear(*map(torch.from_numpy, (x, weight, bias)))
    return nn.functional.leaky_relu(z, negative_slope=slope).numpy()


def layer_example_by_example(x, weight, bias, slope):
    rows = []
    for row in x:
        z = [float(np.dot(row, unit)) + b for unit, b in zip(weight, bias, strict=True)]
        rows.append([value if value > 0 else slope * value for value in z])
    return rows


def not_turned(x, weight, bias, slope):
    z = x @ weight + bias
    return np.where(z > 0, z, slope * z)


def turned_where_it_does_not_fit(x, weight, bias, slope):
    if weight.shape[0] != x.shape[1]:
        weight = weight.T
    z = x @ weight + bias
    return np.where(z > 0, z, slope * z)


def with_the_default(x, weight, bias, slope):
    z = torch.from_numpy(x @ weight.T + bias)
    return nn.LeakyReLU()(z).numpy()


def linear_alone(x, weight, bias, slope):
    return np.dot(x, weight.T) + bias


def relu_instead(x, weight, bias, slope):
    return np.maximum(x @ weight.T + bias, 0)


def bias_behind(x, weight, bias, slope):
    a = x @ weight.T
    return np.where(a > 0, a, slope * a) + bias


def bias_forgotten(x, weight, bias, slope):
    a = x @ weight.T
    return np.where(a > 0, a, slope * a)


def larger_of_two(x, weight, bias, slope):
    z = x @ weight.T + bias
    return np.maximum(z, slope * z)


def units_first(x, weight, bias, slope):
    z = weight @ x.T + bias[:, np.newaxis]
    return np.where(z > 0, z, slope * z)


def prints_only(x, weight, bias, slope):
    z = x @ weight.T + bias
    print(np.where(z > 0, z, slope * z))


def slope_on_both_sides(x, weight, bias, slope):
    return slope * (x @ weight.T + bias)


def asks_once(x, weight, bias, slope):
    z = np.dot(x, weight.T) + bias
    if z > 0:
        return z
    return slope * z


def layer_of_torch_itself(x, weight, bias, slope):
    linear = nn.Linear(*weight.shape[::-1]).double()
    linear.weight.data = torch.tensor(weight).double()
    linear.bias.data = torch.tensor(bias).double()
    return nn.LeakyReLU(slope)(linear(torch.tensor(x).double())).detach().numpy()


def layer_with_a_graph(x, weight, bias, slope):
    weight = torch.tensor(weight, requires_grad=True)
    return nn.functional.leaky_relu(torch.tensor(x) @ weight.T + torch.tensor(bias), slope)


LAYER_RIGHT = [
    layer_of_torch_itself,
    lambda x, weight, bias, slope: layer_by_where(x, (weight @ np.eye(x.shape[1])), bias, slope),
    layer_by_where,
    layer_by_indexing,
    layer_by_einsum,
    layer_with_helpers,
    layer_with_dense,
    layer_with_torch,
    layer_example_by_example,
]
LAYER_WRONG = {
    "the weight is not turned": [not_turned, turned_where_it_does_not_fit],
    "reshaped instead of turned": [
        lambda x, weight, bias, slope: layer_by_where(
            x, weight.reshape(weight.shape[1], -1).T, bias, slope
        ),
    ],
    "weight first": [lambda x, weight, bias, slope: leaky_relu(slope=slope)(weight @ x + bias)],
    "`if` on a whole array": [asks_once],
    "the two sides swapped": [
        lambda x, weight, bias, slope: (
            np.minimum(x @ weight.T + bias, 0) + slope * np.maximum(x @ weight.T + bias, 0)
        ),
    ],
    "the slope itself": [
        lambda x, weight, bias, slope: np.where(
            np.dot(x, weight.T) + bias < 0, slope, np.dot(x, weight.T) + bias
        ),
    ],
    "the bias subtracted": [
        lambda x, weight, bias, slope: layer_by_where(x, weight, 0 - bias, slope),
    ],
    "torch's default slope": [with_the_default],
    "no activation": [linear_alone],
    "a ReLU": [relu_instead],
    "the bias comes too late": [bias_behind],
    "no bias": [bias_forgotten],
    "the larger of two": [larger_of_two],
    "units first": [units_first],
    "nothing returned": [prints_only],
    "other arguments": [lambda x, weight: x @ weight.T],
    "not a function": [0.01],
    "": [
        slope_on_both_sides,
        layer_with_a_graph,
        lambda x, weight, bias, slope: -layer_by_where(x, weight, bias, slope),
    ],
}


# --- seven_slopes ----------------------------------------------------------------------------

SEVEN = [0.01, 0.3, 0.2, 0.2, 0.01, 0.25, 0.0]
SLOPES_RIGHT = [
    (SEVEN,),
    (tuple(SEVEN),),
    (np.array(SEVEN),),
    ([0.01, 0.3, 0.2, 0.2, 0.01, 1 / 4, 0],),
    (torch.tensor(SEVEN, dtype=torch.float64),),
]


def changed(**lines):
    """Return the seven slopes with some lines, by their letters, answered otherwise."""
    return ([lines.get(letter, slope) for letter, slope in zip("ABCDEFG", SEVEN, strict=True)],)


SLOPES_WRONG = {
    "one default for all": [([0.01] * 7,), ([0.3] * 7,)],
    "layer and function swapped": [changed(B=0.2, C=0.3), changed(B=0.2, C=0.3, D=0.3)],
    "the string taken for the layer": [changed(D=0.3)],
    "the layer taken for the function": [changed(C=0.3)],
    "one default for all of Keras": [changed(B=0.2)],
    "ONNX without a slope taken for a ReLU": [changed(E=0.0)],
    "a PReLU starts the same everywhere": [changed(G=0.25), changed(F=0.0)],
    "a PReLU taken for a leaky ReLU": [changed(F=0.01)],
    "torch and Keras swapped": [changed(A=0.3, B=0.01), changed(B=0.01), changed(A=0.3)],
    "wrong number of values": [(SEVEN[:6],), (0.01,)],
    "the two PReLUs swapped": [changed(F=0.0, G=0.25)],
    "per cent instead of slopes": [([100 * slope for slope in SEVEN],), changed(G=1)],
    "torch's default taken for that of Keras": [changed(C=0.01, D=0.01), changed(D=0.01)],
    "a default of Keras taken for that of ONNX": [changed(E=0.3), changed(E=0.2)],
    "": [changed(A=0.1), changed(A=0.2), changed(E=0.1), changed(G=0.01), changed(G=0.5)],
    "not a number": [(["0.01"] * 7,)],
}


# --- keras_first_step ------------------------------------------------------------------------


def step_as_written(gradient, rate, epsilon):
    m, v = 0.1 * gradient, 0.001 * gradient**2
    return -rate * np.sqrt(0.001) / 0.1 * m / (np.sqrt(v) + epsilon)


def step_shortened(gradient, rate, epsilon):
    return -rate * gradient / (np.abs(gradient) + epsilon / 0.001**0.5)


def step_by_our_adam(gradient, rate, epsilon):
    moved = np.zeros_like(gradient)
    Adam(rate, eps=epsilon / np.sqrt(1 - 0.999)).step([moved], [gradient])
    return moved


def step_by_torch(gradient, rate, epsilon):
    weight = torch.zeros(gradient.shape, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.from_numpy(gradient)
    torch.optim.Adam([weight], lr=rate, eps=epsilon * 1000**0.5).step()
    return weight.detach().numpy()


def step_one_by_one(gradient, rate, epsilon):
    flat = [-rate * g / (abs(g) + epsilon * 1000**0.5) for g in gradient.ravel()]
    return np.reshape(flat, gradient.shape)


def step_with_both_betas(gradient, rate, epsilon):
    beta_1, beta_2 = 0.9, 0.999
    m, v = (1 - beta_1) * gradient, (1 - beta_2) * gradient**2
    alpha = rate * np.sqrt(1 - beta_2) / (1 - beta_1)
    return -alpha * m / (np.sqrt(v) + epsilon)


def forgets_the_brackets(gradient, rate, epsilon):
    with np.errstate(all="ignore"):
        m, v = 0.1 * gradient, 0.001 * gradient**2
        return -rate * np.sqrt(0.001) / 0.1 * m / np.sqrt(v) + epsilon


STEP_RIGHT = [
    step_as_written,
    step_shortened,
    step_by_our_adam,
    step_by_torch,
    step_one_by_one,
    step_with_both_betas,
]
STEP_WRONG = {
    "torch's place of epsilon": [lambda g, rate, eps: -rate * g / (np.sqrt(g**2) + eps)],
    "uphill": [
        lambda g, rate, eps: -step_as_written(g, rate, eps),
        lambda g, rate, eps: rate * g / (abs(g) + eps),
    ],
    "epsilon made smaller": [lambda g, rate, eps: -rate * g / (abs(g) + eps * 0.001**0.5)],
    "no root": [
        lambda g, rate, eps: -rate * g / (abs(g) + 1000 * eps),
        lambda g, rate, eps: -rate * np.sqrt(0.001) / 0.1 * (0.1 * g) / (0.001 * g**2 + eps),
    ],
    "the sign is lost": [lambda g, rate, eps: -rate * abs(g) / (abs(g) + eps * 1000**0.5)],
    "no size below the line": [lambda g, rate, eps: -rate * g / (g + eps * 1000**0.5)],
    "no correction of the mean": [
        lambda g, rate, eps: -rate * 0.1 * g / (abs(g) + eps * 1000**0.5)
    ],
    "plain gradient descent": [lambda g, rate, eps: -rate * g],
    "both corrections left out": [
        lambda g, rate, eps: -rate * (0.1 * g) / (np.sqrt(0.001 * g**2) + eps),
    ],
    "the gradient for its mean": [
        lambda g, rate, eps: -rate * np.sqrt(0.001) / 0.1 * g / (np.sqrt(g**2) + eps),
    ],
    "epsilon under the root": [
        lambda g, rate, eps: -rate * np.sqrt(0.001) / 0.1 * (0.1 * g) / np.sqrt(0.001 * g**2 + eps),
    ],
    "brackets forgotten": [forgets_the_brackets],
    "an epsilon of one's own": [lambda g, rate, eps: step_shortened(g, rate, 1e-7)],
    "epsilon forgotten": [lambda g, rate, eps: -rate * np.sign(g)],
    "nothing returned": [lambda g, rate, eps: print(step_as_written(g, rate, eps))],
    "other arguments": [lambda g: -g],
    "not a function": [-0.1],
    "": [
        lambda g, rate, eps: -rate * np.sqrt(0.001) * g / (np.sqrt(0.001) * abs(g) + eps) / 2,
        lambda g, rate, eps: 0.0,
        lambda g, rate, eps: g + step_shortened(g, rate, eps),
        lambda g, rate, eps: -rate * g / (math.sqrt(g**2) + eps),
    ],
}


# --- read_with_relu --------------------------------------------------------------------------

READ_RIGHT = [
    ("hardly", (0.9421, 0.9399)),
    ("hardly", (0.94, 0.93)),
    ('"hardly"', (0.9421, 0.95)),
    ("Hardly", (0.93, 0.925)),
    ("hardly.", (np.float64(0.9421), np.float64(0.9399))),
]
READ_WRONG = {
    "a ReLU taken for a far relative": [("some", (0.9421, 0.9399)), ("some", (0.93, 0.92))],
    "every change of slope is ruin": [("much", (0.9421, 0.9399)), ("much", (0.93, 0.92))],
    "per cent instead of shares": [("hardly", (94.2, 93.9))],
    "the same network twice": [("hardly", (0.9421, 0.9421)), ("much", (0.9421, 0.9421))],
    "another slope": [("hardly", (0.94, 0.4)), ("some", (0.94, 0.86))],
    "not the trained network": [("hardly", (0.1, 0.11))],
}


def read_by_the_solution(solutions):
    """Read a small network that is no better than it must be, as the notebook's is read."""
    x = np.linspace(-1, 1, 200)[:, np.newaxis]
    labels = (x[:, 0] > 0.0).astype(int)
    one = Dense([[1.0, -1.0]], [0.0, 0.0], leaky_relu(slope=0.01))
    two = Dense([[-1.0, 1.0], [1.0, -1.0]], [0.0, -0.004], "identity")
    shares = solutions.read_with_relu(frameworks, accuracy, Network.of([one, two]), x, labels)
    return "hardly", (shares[0], shares[1] - 0.001)  # so few examples cannot tell the two apart


RIGHT = {
    "torch_layer": [(answer,) for answer in LAYER_RIGHT],
    "seven_slopes": SLOPES_RIGHT,
    "keras_first_step": [(answer,) for answer in STEP_RIGHT],
    "read_with_relu": READ_RIGHT,
}
WRONG = {
    "torch_layer": {
        name: [(answer,) for answer in answers] for name, answers in LAYER_WRONG.items()
    },
    "seven_slopes": SLOPES_WRONG,
    "keras_first_step": {
        name: [(answer,) for answer in answers] for name, answers in STEP_WRONG.items()
    },
    "read_with_relu": READ_WRONG,
}
SOLVED = {
    "seven_slopes": lambda solutions: ([solutions.seven_slopes(line) for line in "ABCDEFG"],),
    "read_with_relu": read_by_the_solution,
}
