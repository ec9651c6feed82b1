"""Answers to the exercises of notebook 01, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import numpy as np

# --- neuron: right ---------------------------------------------------------------------------


def neuron_where(x, w, b):
    return np.where(x @ w + b > 0, 1.0, 0.0)


def neuron_bool(x, w, b):
    return np.dot(x, w) + b > 0


def neuron_astype(x, w, b):
    z = (x * w).sum(axis=-1) + b
    return (z > 0).astype(np.float32)


def neuron_einsum(x, w, b):
    return np.heaviside(np.einsum("...i,i->...", x, w) + b, 0)


def neuron_loop(x, w, b):
    if x.ndim == 1:
        z = b
        for xi, wi in zip(x, w, strict=True):
            z += xi * wi
        return 1 if z > 0 else 0
    return [neuron_loop(row, w, b) for row in x]


def neuron_zeros(x, w, b):
    z = np.asarray(x @ w + b)
    a = np.zeros(z.shape)
    a[z > 0] = 1
    return a


def neuron_bias_as_weight(x, w, b):
    ones = np.ones((*x.shape[:-1], 1))
    return 1.0 * (np.concatenate([x, ones], axis=-1) @ np.append(w, b) > 0)


def neuron_at_least_2d(x, w, b):
    rows = np.atleast_2d(x)
    a = (rows @ w[:, None] + b > 0).astype(int).ravel()
    return a if x.ndim == 2 else a[0]


def neuron_sign(x, w, b):
    return np.maximum(np.sign(x @ w + b), 0)


def neuron_noisy(x, w, b):
    print("z is", x @ w + b)
    np.random.seed(3)  # noqa: NPY002
    return np.array(x @ w + b > 0)


class CallableNeuron:
    def __call__(self, x, w, b):
        return float(x @ w + b > 0) if x.ndim == 1 else 1.0 * (x @ w + b > 0)


NEURON_RIGHT = [
    neuron_where,
    neuron_bool,
    neuron_astype,
    neuron_einsum,
    neuron_loop,
    neuron_zeros,
    neuron_bias_as_weight,
    neuron_at_least_2d,
    neuron_sign,
    neuron_noisy,
    CallableNeuron(),
    lambda x, w, b, /: np.matmul(x, w) > -b,
    lambda *parts: np.inner(parts[0], parts[1]) + parts[2] > 0,
    lambda x, w, b: np.einsum("...d,d->...", x, w) + b > 0,
    lambda x, w, b: np.sum(np.asarray(x) * w, axis=-1) > -b,
]


# --- neuron: wrong ---------------------------------------------------------------------------


def forgets_bias(x, w, b):
    z = np.dot(x, w)
    return (z > 0) * 1.0


def subtracts_bias(x, w, b):
    return np.where((x * w).sum(-1) > b, 1, 0)


def fires_at_zero(x, w, b):
    return (x @ w + b >= 0).astype(float)


def returns_z(x, w, b):
    return np.dot(x, w) + b


def returns_z_without_bias(x, w, b):
    return np.inner(x, w)


def returns_z_of_everything(x, w, b):
    return np.sum(x * w) + b


def uses_relu(x, w, b):
    z = x @ w + b
    return z * (z > 0)


def uses_sigmoid(x, w, b):
    z = x @ w + b
    return 0.5 * (1 + np.tanh(z / 2))


def uses_sign(x, w, b):
    return np.sign(np.dot(x, w) + b)


def uses_minus_one(x, w, b):
    return 2.0 * (x @ w + b > 0) - 1


def fires_below(x, w, b):
    return 1.0 * (x @ w + b < 0)


def fires_at_most_zero(x, w, b):
    return np.where(x @ w + b > 0, 0.0, 1.0)


def takes_the_mean(x, w, b):
    return np.mean(x * w, axis=-1) + b > 0


def adds_the_bias_to_each(x, w, b):
    return np.sum(x * w + b, axis=-1) > 0


def ignores_weights(x, w, b):
    return (np.sum(x, axis=-1) + b > 0).astype(float)


def adds_weights(x, w, b):
    return (np.sum(x + w, axis=-1) + b > 0).astype(float)


def bias_after_step(x, w, b):
    return np.where(x @ w > 0, 1.0, 0.0) + b


def forgets_the_sum(x, w, b):
    return 1.0 * (x * w + b > 0)


def w_first(x, w, b):
    return 1.0 * (w @ x + b > 0)


def first_axis(x, w, b):
    return np.where((x * w).sum(axis=0) + b > 0, 1.0, 0.0)


def builtin_sum(x, w, b):
    return 1.0 * (sum(x * w) + b > 0)


def collapses(x, w, b):
    return float(np.sum(x * w) + b > 0)


def asks_any(x, w, b):
    return np.any(np.dot(x, w) > -b)


def keeps_column(x, w, b):
    return 1.0 * (np.dot(x, w[:, np.newaxis]) + b > 0)


def makes_2d(x, w, b):
    x = x.reshape(-1, len(w))
    return 1.0 * (x @ w + b > 0)


def makes_1_by_1(x, w, b):
    x = x.reshape(-1, len(w))
    return 1.0 * (x @ w[:, None] + b > 0)


def uses_if(x, w, b):
    z = x @ w + b
    if z > 0:
        return 1.0
    return 0.0


def asks_not(x, w, b):
    return 0.0 if not np.dot(x, w) + b > 0 else 1.0


def two_numbers(x, w, b):
    z = w[0] * x[0] + w[1] * x[1] + b
    return np.where(z > 0, 1.0, 0.0)


def two_columns(x, w, b):
    if x.ndim == 1:
        return 1.0 * (w[0] * x[0] + w[1] * x[1] + b > 0)
    return 1.0 * (w[0] * x[:, 0] + w[1] * x[:, 1] + b > 0)


def loops_over_x(x, w, b):
    z = b
    for i in range(len(w)):
        z = z + float(x[i]) * w[i]
    return 1.0 if z > 0 else 0.0


def zips(x, w, b):
    return 1.0 if sum(xi * wi for xi, wi in zip(x, w, strict=False)) + b > 0 else 0.0


def zips_without_bias(x, w, b):
    return 1.0 if sum(xi * wi for xi, wi in zip(x, w, strict=False)) > 0 else 0.0


def relu_of_one(x, w, b):
    return max(0, x @ w + b)


def if_at_zero(x, w, b):
    return 1.0 if x @ w + b >= 0 else 0.0


def changes_x(x, w, b):
    x *= w.astype(x.dtype)
    return x.sum(axis=-1) + b > 0


def changes_w(x, w, b):
    a = x @ w + b > 0
    w[:] = 0
    return a


def prints(x, w, b):
    print(1.0 * (x @ w + b > 0))


def forgets_return(x, w, b):
    x @ w + b > 0  # noqa: B015


def forgets_one_branch(x, w, b):  # noqa: RET503
    z = x @ w + b
    if x.ndim == 2:
        return z > 0
    if z > 0:
        return 1.0


def takes_two(x, w):
    return x @ w > 0


def never_ends(x, w, b):
    while b < 10:
        print("loop")
    return 1.0


def misspelt(x, w, b):
    return np.were(x @ w + b > 0, 1.0, 0.0)


def leaves(x, w, b):
    raise SystemExit(3)


NEURON_WRONG = {
    "bias forgotten": [forgets_bias, zips_without_bias],
    "bias subtracted": [subtracts_bias],
    "fires at exactly 0": [fires_at_zero, if_at_zero],
    "activation forgotten": [returns_z, returns_z_without_bias, returns_z_of_everything],
    "ReLU instead of step": [uses_relu, relu_of_one],
    "sigmoid instead of step": [uses_sigmoid],
    "sign instead of step": [uses_sign, uses_minus_one],
    "fires the wrong way round": [fires_below, fires_at_most_zero],
    "mean instead of sum": [takes_the_mean, adds_the_bias_to_each],
    "weights left out": [ignores_weights],
    "weights added to the inputs": [adds_weights],
    "bias added after the step": [bias_after_step],
    "sum forgotten": [forgets_the_sum],
    "row and column mixed up": [w_first, first_axis, builtin_sum],
    "sum over everything": [collapses, asks_any],
    "an extra axis": [keeps_column, makes_2d, makes_1_by_1],
    "`if` on a whole array": [uses_if, asks_not],
    "only for two numbers": [two_numbers, two_columns],
    "only for one input": [loops_over_x, zips],
    "the bias multiplied": [
        lambda x, w, b: np.where(x @ (w + b) > 0, 1.0, 0.0),
        lambda x, w, b: np.where((x + b) @ w > 0, 1.0, 0.0),
        lambda x, w, b: b * (x @ w > 0),
    ],
    "another threshold": [
        lambda x, w, b: (x @ w + b > 0.5) * 1.0,
        lambda x, w, b: (x @ w + b > 1) * 1.0,
    ],
    "only for many inputs": [lambda x, w, b: [1.0 if row @ w + b > 0 else 0.0 for row in x]],
    "changes its input": [changes_x, changes_w],
    "nothing returned": [prints, forgets_return, forgets_one_branch],
    "other arguments": [takes_two, lambda: 1.0],
    "endless loop": [never_ends],
    "not a function": [1.0, "neuron", np.ones(3), CallableNeuron, (i for i in range(3))],
    "": [
        lambda x, w, b: np.tanh(x @ w + b),
        lambda x, w, b: np.clip(x @ w + b, 0, 1),
        lambda x, w, b: (np.prod(x * w, axis=-1) + b > 0) * 1.0,
        lambda x, w, b: b - x @ w > 0,
        misspelt,
        leaves,
        lambda x, w, b: 0.0,
        lambda x, w, b: "1.0",
        lambda x, w, b: {"a": 1.0},
        lambda x, w, b: (x @ w + b > 0) + 0j,
        lambda x, w, b: np.mean,
        lambda x, w, b: neuron_where(x, w, b) if x.shape[0] else 0.0,
        lambda x, w, b: np.full(np.shape(x @ w), np.nan),
        lambda x, w, b: np.zeros(10**6),
        lambda x, w, b: (1.0 for _ in x),
    ],
}


# --- nand_gate -------------------------------------------------------------------------------

NAND_RIGHT = [
    ([-1, -1], 1.5),
    (np.array([-2.0, -2.0]), 3.0),
    ((-1.0, -0.9), 1.2),
    (np.array([-20, -20]), np.array([30])),
    (np.array([[-1.0, -1.0]], dtype=np.float32), np.float32(1.25)),
    ([-1e-6, -1e-6], 1.5e-6),
    ([-1, -1], 2),  # (1, 1) lies on the line, where a neuron does not fire
]

NAND_WRONG = {
    "AND instead of NAND": [([1, 1], -1.5), ([2.0, 2.0], -3.0)],
    "NOR instead of NAND": [([-1, -1], 0.5)],
    "OR instead of NAND": [([1, 1], -0.5)],
    "always fires": [([-1, -1], 2.5), ([0, 0], 1)],
    "never fires": [([-1, -1], -1.5), ([0, 0], 0)],
    "one input ignored": [([1, 0], 0), ([-1, 0], 0.5), ([0.1, -3], 1)],
    "a row on the line": [([-1, -1], 1), ([-0.5, -1], 1), ([-0.1, -0.2], 0.2)],
    "wrong number of values": [([-1], 1.5), ([-1, -1, 1.5], 1.5), (1.5, [-1, -1]), ([], 1.5)],
    "not a number": [("-1 -1", 1.5), ([-1, -1], "1.5"), ([-1, "-1"], 1.5), ([-1, -1], max)],
    "not finite": [([-np.inf, -1], 1.5), ([-1, -1], np.nan)],
    "one input pulls up, the other down": [
        ([1, -1], 0.5),
        ([1, -1], -0.5),
        ([-1, 1], 0.5),
    ],
}


# --- move_the_bias: a prediction, then the two shares ------------------------------------------

MOVE_RIGHT = [
    ("down", (0.5, 0.25)),
    ("Down ", (np.float64(0.5), np.float32(0.0))),
    ("DOWN!", (1, 0)),
    (" 'down'. ", (np.array(0.503), np.array([0.02]))),
    ("down", ([0.4], 0.39)),
]

MOVE_WRONG = {
    "a lower bias fires more": [("up", (0.5, 0.25)), ("UP ", (0.5, 0.0))],
    "the bias does not matter": [("same", (0.5, 0.25))],
    "the bias was raised": [("down", (0.25, 0.5)), ("up", (0.25, 0.5))],
    "nothing was moved": [("down", (0.5, 0.5)), ("same", (0.0, 0.0))],
    "counts or per cent instead of shares": [("down", (50.0, 25.0)), ("down", (0.5, -0.1))],
    "not a number": [("down", ("0.5", 0.25)), ("down", (0.5, 1j))],
    "not finite": [("down", (0.5, np.nan))],
    "wrong number of values": [("down", (np.ones(60), np.zeros(60)))],
}


# --- xor -------------------------------------------------------------------------------------


def step(z):
    return np.where(z > 0, 1.0, 0.0)


def xor_or_and_nand(x):
    h = np.stack([step(x @ [1, 1] - 0.5), step(x @ [-1, -1] + 1.5)], axis=-1)
    return step(h @ [1, 1] - 1.5)


def xor_or_minus_and(x):
    s = x.sum(axis=-1)
    return step(step(s - 0.5) - 2 * step(s - 1.5) - 0.5)


def xor_hidden_layer(x):
    w = np.array([[1.0, -1.0], [-1.0, 1.0]])
    return (np.maximum(x @ w, 0) @ np.ones(2) > 0.5).astype(int)


def xor_of_nands(x):
    def nand(p, q):
        return step(1.5 - p - q)

    p, q = x[..., 0], x[..., 1]
    r = nand(p, q)
    return nand(nand(p, r), nand(r, q))


def xor_loop(x):
    if x.ndim == 2:
        return np.array([xor_loop(row) for row in x])
    return 1 if x[0] + x[1] == 1 else 0


XOR_RIGHT = [
    xor_or_and_nand,
    xor_or_minus_and,
    xor_hidden_layer,
    xor_of_nands,
    xor_loop,
    lambda x: x[..., 0] != x[..., 1],
    lambda x: np.abs(x[..., 0] - x[..., 1]),
    lambda x: x.T[0] + x.T[1] - 2 * x.T[0] * x.T[1],
    lambda x: np.logical_xor(*np.moveaxis(x, -1, 0)),
    lambda x: x.sum(axis=-1) % 2,
    lambda x: x.sum(axis=-1) * (2 - x.sum(axis=-1)),
]


def xor_one_row(x):
    x1, x2 = x
    if x1 == x2:
        return 0
    return 1


def xor_first_row(x):
    return 1.0 if x[0] != x[1] else 0.0


def xor_two_rows(x):
    a, b = x
    return np.where(a != b, 1.0, 0.0)


def xor_changes_x(x):
    x[..., 0] -= x[..., 1]
    return np.abs(x[..., 0])


def xor_stacks_rows(x):
    h = np.array([step(x @ [1, 1] - 0.5), step(x @ [-1, -1] + 1.5)])
    return step(h @ [1, 1] - 1.5)


def xor_with_or(x):
    return int(x[0] or x[1])


def xor_stops_at_or(x):
    step(step(x @ [1, 1] - 0.5) - step(x @ [1, 1] - 1.5))
    return step(x @ [1, 1] - 0.5)


def adds_two_gates(x):
    either = np.where(x @ [1, 1] - 0.5 > 0, 1.0, 0.0)
    not_both = np.where(x @ [-1, -1] + 1.5 > 0, 1.0, 0.0)
    return either + not_both


XOR_WRONG = {
    "OR instead of XOR": [lambda x: x.max(axis=-1, initial=0), xor_stops_at_or, xor_with_or],
    "AND instead of XOR": [
        lambda x: (x @ [1, 1] - 1 > 0) * 1.0,
        lambda x: x[..., 0] * x[..., 1],
        lambda x: np.all(x, axis=-1),
    ],
    "NAND instead of XOR": [lambda x: step(x @ [-1, -1] + 1.5)],
    "XNOR instead of XOR": [lambda x: x[..., 0] == x[..., 1], lambda x: 1 - xor_or_and_nand(x)],
    "NOR instead of XOR": [lambda x: step(0.5 - x.sum(axis=-1))],
    "one input ignored": [lambda x: x[..., 0], lambda x: 1 - x[..., 1]],
    "only one of the two sides": [lambda x: step(x @ [1, -1] - 0.5)],
    "always the same answer": [
        lambda x: np.zeros(x.shape[:-1]),
        lambda x: 1.0 + 0 * x[..., 0],
    ],
    "the inputs added": [lambda x: x.sum(axis=-1)],
    "the inputs subtracted": [lambda x: x[..., 0] - x[..., 1], lambda x: np.diff(x)[..., 0]],
    "an extra axis": [
        lambda x: np.abs(np.diff(x, axis=-1)),
        lambda x: xor_or_and_nand(x.reshape(-1, 2)),
    ],
    "only for one input": [xor_one_row, xor_first_row, xor_two_rows, xor_stacks_rows],
    "the third neuron left out": [adds_two_gates],
    "only for many inputs": [lambda x: np.where(x[:, 0] == x[:, 1], 0, 1)],
    "changes its input": [xor_changes_x],
    "nothing returned": [lambda x: print(xor_or_and_nand(x))],
    "other arguments": [lambda x1, x2: x1 != x2],
    "": [
        lambda x: x[..., 0] ^ x[..., 1],
        lambda x: "xor",
        lambda x: xor_or_and_nand(x) * 0.5,
        lambda x: xor_or_and_nand(x).astype(str),
        lambda x: x,
        lambda x: 1 / 0,
    ],
}


# --- the bank --------------------------------------------------------------------------------


def measured_by_the_solution(solutions):
    x, w = np.random.default_rng(0).normal(size=(200, 3)), np.array([1.0, -1.0, 0.5])
    return "down", solutions.move_the_bias(x, w, 0.1, -1.0)


RIGHT = {
    "neuron": [(f,) for f in NEURON_RIGHT],
    "nand_gate": NAND_RIGHT,
    "move_the_bias": MOVE_RIGHT,
    "xor": [(f,) for f in XOR_RIGHT],
}
WRONG = {
    "neuron": {name: [(f,) for f in functions] for name, functions in NEURON_WRONG.items()},
    "nand_gate": NAND_WRONG,
    "move_the_bias": MOVE_WRONG,
    "xor": {name: [(f,) for f in functions] for name, functions in XOR_WRONG.items()},
}
SOLVED = {
    "nand_gate": lambda solutions: solutions.nand_gate(),
    "move_the_bias": measured_by_the_solution,
}
