"""Answers to the exercises of notebook 02, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import itertools

import numpy as np

from helpers import datasets
from helpers.exercises.build_a_network import three_lines
from helpers.network import Network

# --- count_parameters: right -----------------------------------------------------------------


def count_with_zip(sizes):
    count = 0
    for inputs, units in zip(sizes[:-1], sizes[1:]):  # noqa: B905, RUF007
        count += inputs * units + units
    return count


def count_by_index(sizes):
    return sum((sizes[i] + 1) * sizes[i + 1] for i in range(len(sizes) - 1))


def count_while(sizes):
    total, place = 0, 1
    while place < len(sizes):
        total = total + sizes[place] * (sizes[place - 1] + 1)
        place += 1
    return total


def count_recursive(sizes):
    if len(sizes) < 2:
        return 0
    return sizes[0] * sizes[1] + sizes[1] + count_recursive(sizes[1:])


def count_arrays(sizes):
    sizes = np.asarray(sizes)
    return np.dot(sizes[:-1], sizes[1:]) + sizes[1:].sum()


def count_by_building(sizes):
    return sum(array.size for array in Network(sizes).parameters)


def count_as_float(sizes):
    before = sizes[0]
    total = 0.0
    for size in list(sizes)[1:]:
        total += before * size + size
        before = size
    return total


# --- count_parameters: wrong -----------------------------------------------------------------


def no_biases(sizes):
    return sum(sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))


def biases_for_inputs(sizes):
    return no_biases(sizes) + sum(sizes)


def one_bias_each_layer(sizes):
    return sum(sizes[i] * sizes[i + 1] + 1 for i in range(len(sizes) - 1))


def bias_per_weight(sizes):
    return sum(2 * sizes[i] * sizes[i + 1] for i in range(len(sizes) - 1))


def biases_of_inputs(sizes):
    return sum(sizes[i] * (sizes[i + 1] + 1) for i in range(len(sizes) - 1))


def no_output_biases(sizes):
    return no_biases(sizes) + sum(sizes[1:-1])


def adds_sizes(sizes):
    return np.sum(sizes)


def units_only(sizes):
    return sum(sizes[1:])


def multiplies_all(sizes):
    product = 1
    for size in sizes:
        product *= size
    return product


def returns_in_the_loop(sizes):
    count = 0
    for i in range(len(sizes) - 1):
        count += sizes[i] * sizes[i + 1] + sizes[i + 1]
        return count
    return count


def keeps_the_last(sizes):
    for i in range(len(sizes) - 1):
        count = sizes[i] * sizes[i + 1] + sizes[i + 1]
    return count


def three_sizes_only(sizes):
    inputs, hidden, outputs = sizes
    return inputs * hidden + hidden + hidden * outputs + outputs


def three_by_index(sizes):
    return sizes[0] * sizes[1] + sizes[1] + sizes[1] * sizes[2] + sizes[2] if len(sizes) == 3 else 0


def prints_the_count(sizes):
    print(count_by_index(sizes))


def counts_for_ever(sizes):
    count = 0
    while count >= 0:
        count += sizes[0]
    return count


def changes_sizes(sizes):
    count = 0
    while len(sizes) > 1:
        first = sizes.pop(0)
        count += first * sizes[0] + sizes[0]
    return count


# --- collapse: right -------------------------------------------------------------------------


def collapse_stack(w1, b1, w2, b2):
    return np.vstack([w1 @ w2, b1 @ w2 + b2])


def collapse_dot(w1, b1, w2, b2):
    return np.concatenate([np.dot(w1, w2), (np.dot(b1, w2) + b2)[np.newaxis]], axis=0)


def collapse_at_once(w1, b1, w2, b2):
    both = np.vstack([w1, b1]) @ w2
    both[-1] = both[-1] + b2
    return both


def collapse_by_asking(w1, b1, w2, b2):
    inputs = w1.shape[0]
    b = (np.zeros((1, inputs)) @ w1 + b1) @ w2 + b2
    w = (np.eye(inputs) @ w1 + b1) @ w2 + b2 - b
    return np.vstack([w, b])


def collapse_with_a_loop(w1, b1, w2, b2):
    rows = []
    for row in [*w1, b1]:
        rows.append([sum(row[k] * w2[k, j] for k in range(len(row))) for j in range(w2.shape[1])])
    for j in range(w2.shape[1]):
        rows[-1][j] += b2[j]
    return rows


def collapse_einsum(w1, b1, w2, b2):
    w = np.einsum("ij,jk->ik", w1, w2)
    return np.append(w, [np.einsum("j,jk->k", b1, w2) + b2], axis=0)


# --- collapse: wrong -------------------------------------------------------------------------


def stacks(make_w, make_b):
    return lambda w1, b1, w2, b2: np.vstack([make_w(w1, w2), make_b(b1, w2, b2)])


def product(w1, w2):
    return w1 @ w2


def forgets_to_stack(w1, b1, w2, b2):
    w = w1 @ w2
    b = b1 @ w2 + b2
    return w, b


def only_square_loops(w1, b1, w2, b2):
    n = len(w1)
    if not w1.shape == w2.shape == (n, n):
        raise ValueError("not square")
    return collapse_stack(w1, b1, w2, b2)


def changes_b2(w1, b1, w2, b2):
    w = np.vstack([w1 @ w2, b1 @ w2 + b2])
    w1[:] = 0
    return w


# --- tent, more_layers -----------------------------------------------------------------------

V_X, V_Y = datasets.absolute(200, seed=0)

RIGHT = {
    "count_parameters": [
        (count_with_zip,),
        (count_by_index,),
        (count_while,),
        (count_recursive,),
        (count_arrays,),
        (count_by_building,),
        (count_as_float,),
        (lambda s: sum(np.zeros((a + 1, b)).size for a, b in itertools.pairwise(s)),),
    ],
    "collapse": [
        (collapse_stack,),
        (collapse_dot,),
        (collapse_at_once,),
        (collapse_by_asking,),
        (collapse_with_a_loop,),
        (collapse_einsum,),
        (lambda w1, b1, w2, b2: np.block([[w1 @ w2], [b1 @ w2 + b2]]),),
    ],
    "tent": [
        ([1, -2, 1],),
        (np.array([1.0, -2.0, 1.0]),),
        ((1.0, -2.0, 1),),
        (np.array([[1], [-2], [1]]),),
        ([[1.0, -2.0, 1.0]],),
        (np.array([1, -2, 1], dtype=np.float32) * (1 + 1e-9),),
    ],
    "more_layers": [
        ("same", (0.268, 0.268)),
        ("Same.", (0.267988, 0.267991)),
        (" SAME ", (np.float64(0.268), np.array(0.2683))),
        ("'same'", ([0.2680], 0.2712)),
        ("same!", (np.float32(0.268), np.array([[0.268]]))),
    ],
    "three_lines": [
        ("c",),
        ("C",),
        (" c) ",),
        ("(c).",),
        (np.str_("c"),),
        (three_lines.choices["c"],),
        (three_lines.choices["c"].upper().rstrip("."),),
    ],
}

WRONG = {
    "count_parameters": {
        "biases forgotten": [(no_biases,), (lambda s: np.dot(s[:-1], s[1:]),)],
        "inputs given a bias": [(biases_for_inputs,)],
        "one bias a layer": [
            (one_bias_each_layer,),
            (lambda s: np.dot(s[:-1], s[1:]) + len(s) - 2,),
        ],
        "a bias for each weight": [(bias_per_weight,)],
        "biases on the side of the inputs": [(biases_of_inputs,)],
        "output layer without biases": [(no_output_biases,)],
        "units counted, not weights": [
            (adds_sizes,),
            (units_only,),
            (lambda s: sum(s[1:-1]),),
            (lambda s: sum(s[i] + s[i + 1] for i in range(len(s) - 1)),),
        ],
        "all sizes multiplied": [(multiplies_all,), (lambda s: np.prod(s) + sum(s[1:]),)],
        "only the first layer": [(returns_in_the_loop,), (lambda s: s[0] * s[1],)],
        "only the last layer": [(keeps_the_last,), (lambda s: s[-2] * s[-1],)],
        "a layer left out": [
            (lambda s: sum(s[i] * s[i + 1] + s[i + 1] for i in range(len(s) - 2)),),
            (lambda s: sum(s[i] * s[i + 1] + s[i + 1] for i in range(1, len(s) - 1)),),
        ],
        "not added up yet": [
            (lambda s: [s[i] * s[i + 1] + s[i + 1] for i in range(len(s) - 1)],),
        ],
        "only for one hidden layer": [(three_sizes_only,), (three_by_index,)],
        "nothing returned": [(prints_the_count,)],
        "endless loop": [(counts_for_ever,)],
        "other arguments": [(lambda inputs, hidden, outputs: 0,)],
        "not a function": [(2410,), ([64, 32, 10],)],
        "": [
            (lambda s: len(s),),
            (lambda s: "2410",),
            (lambda s: 2410,),
            (lambda s: sum(a * b for a in s for b in s),),
            (changes_sizes,),
            (lambda s: s[7],),
        ],
    },
    "collapse": {
        "the first bias does not pass the second layer": [
            (stacks(product, lambda b1, w2, b2: b1 + b2),),
        ],
        "the first bias is lost": [(stacks(product, lambda b1, w2, b2: b2),)],
        "the second bias is lost": [(stacks(product, lambda b1, w2, b2: np.dot(b1, w2)),)],
        "the wrong bias passes the second layer": [
            (stacks(product, lambda b1, w2, b2: b1 + b2 @ w2),)
        ],
        "both biases pass the second layer": [
            (stacks(product, lambda b1, w2, b2: b1 @ w2 + b2 @ w2),),
            (stacks(product, lambda b1, w2, b2: (b1 + b2) @ w2),),
        ],
        "a bias passes the first layer": [
            (lambda w1, b1, w2, b2: np.vstack([w1 @ w2, b1 @ w1 @ w2 + b2]),),
        ],
        "the layers in the wrong order": [
            (lambda w1, b1, w2, b2: np.vstack([w2 @ w1, b1 @ w2 + b2]),),
            (lambda w1, b1, w2, b2: np.vstack([w2 @ w1, b2 @ w1 + b1]),),
        ],
        "the bias multiplied from the wrong side": [
            (stacks(product, lambda b1, w2, b2: w2 @ b1 + b2),),
        ],
        "number by number": [
            (lambda w1, b1, w2, b2: np.vstack([w1 * w2, b1 * b2]),),
            (lambda w1, b1, w2, b2: np.vstack([w1 * w2, b1 @ w2 + b2]),),
        ],
        "weights added": [(lambda w1, b1, w2, b2: np.vstack([w1 + w2, b1 + b2]),)],
        "a bend left in": [
            (lambda w1, b1, w2, b2: np.vstack([w1 @ w2, np.maximum(b1, 0) @ w2 + b2]),),
            (lambda w1, b1, w2, b2: np.maximum(collapse_stack(w1, b1, w2, b2), 0),),
        ],
        "the bias comes first": [(lambda w1, b1, w2, b2: np.vstack([b1 @ w2 + b2, w1 @ w2]),)],
        "the bias stands beside the weights": [
            (lambda w1, b1, w2, b2: np.column_stack([w1 @ w2, b1 @ w2 + b2]),),
            (lambda w1, b1, w2, b2: np.hstack([w1 @ w2, (b1 @ w2 + b2)[:, np.newaxis]]),),
        ],
        "a table on its side": [
            (lambda w1, b1, w2, b2: np.vstack([(w1 @ w2).T, b1 @ w2 + b2]),),
            (lambda w1, b1, w2, b2: np.vstack([w1.T @ w2, b1 @ w2 + b2]),),
        ],
        "two arrays instead of one": [
            (forgets_to_stack,),
            (lambda w1, b1, w2, b2: [w1 @ w2, b1 @ w2 + b2],),
        ],
        "the bias added to the weights": [(lambda w1, b1, w2, b2: w1 @ w2 + b1 @ w2 + b2,)],
        "weights without their bias": [(lambda w1, b1, w2, b2: np.matmul(w1, w2),)],
        "bias without its weights": [(lambda w1, b1, w2, b2: b1 @ w2 + b2,)],
        "only for layers of one size": [(only_square_loops,)],
        "changes its input": [(changes_b2,)],
        "nothing returned": [(lambda w1, b1, w2, b2: print(w1 @ w2),)],
        "other arguments": [(lambda w1, w2: w1 @ w2,)],
        "": [
            (lambda w1, b1, w2, b2: np.vstack([w1, b1]) @ np.vstack([w2, b2]),),
            (lambda w1, b1, w2, b2: np.vstack([w1 @ w2, b1 @ w2, b2]),),
            (lambda w1, b1, w2, b2: lambda x: (x @ w1 + b1) @ w2 + b2,),
            (lambda w1, b1, w2, b2: np.hstack([w1 @ w2, b1 @ w2 + b2]),),
            (stacks(product, lambda b1, w2, b2: b1 @ w2 - b2),),
        ],
    },
    "tent": {
        "always 0": [([0, 0, 0],)],
        "upside down": [([-1, 2, -1],), ([-2, 4, -2],)],
        "too high or too low": [([2, -4, 2],), ([0.5, -1, 0.5],)],
        "never comes down": [([1, 0, -1],), ([1, 0, 0],), ([1, 1, 1],), ([1, -0.5, 0],)],
        "level instead of falling": [
            ([1, -1, 0],),
            ([2, -2, 0],),
            ([1, -1, 1],),
            ([1, -1, -1],),
        ],
        "begins downwards": [([-1, 1, 0],), ([-1, -2, 1],), ([-2, 1, 1],)],
        "not at 0 when x is 2": [([1, -3, 2],), ([1, -1.5, 0.5],), ([2, -3, 1],)],
        "goes on falling": [([1, -2, 0],), ([1, -3, 1],)],
        "rises again": [([1, -2, 1.001],), ([0.5, -1, 0.50001],), ([1, -2, 2],), ([1, -1.5, 1],)],
        "the wrong hinge": [([0, 1, -2],), ([0, 1, -1],)],
        "wrong number of values": [([1, -2],), ([1, -2, 1, 0],), (1.0,)],
        "not a number": [(["a", "b", "c"],), ("1 -2 1",)],
        "not finite": [([1, -2, np.inf],)],
    },
    "more_layers": {
        "more layers see more": [("lower", (0.268, 0.268)), ("Lower!", (0.268, 0.269))],
        "more layers get in each other's way": [("higher", (0.268, 0.268))],
        "the bend is back in both": [("same", (0.00002, 0.00001)), ("lower", (0.01, 0.0))],
        "the bend is back": [("lower", (0.268, 0.00001)), ("same", (0.0001, 0.268))],
        "not trained to the end": [("higher", (0.268, 0.75)), ("same", (1.2, 0.268))],
        "not a loss": [("lower", (0.268, -0.1))],
        "wrong number of values": [("same", (V_X, 0.268))],
        "not a number": [("same", (0.268, "0.268"))],
        "not finite": [("same", (0.268, np.nan))],
    },
    "three_lines": {
        "more lines are enough": [("a",), ("A.",), ("`a`",), (three_lines.choices["a"],)],
        "straight lines add up to a curve": [("b",), ("(B)",), (three_lines.choices["b"],)],
        "the last line bends": [("d",), ("d:",), (three_lines.choices["d"].lower(),)],
    },
}

SOLVED = {
    "tent": lambda solutions: (solutions.tent(),),
    "more_layers": lambda solutions: ("same", solutions.more_layers(V_X, V_Y)),
    "three_lines": lambda solutions: (solutions.three_lines(),),
}
