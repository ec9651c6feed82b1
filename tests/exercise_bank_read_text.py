"""Answers to the exercises of notebook 14, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

from itertools import accumulate

import numpy as np
import torch

from helpers.models.recurrent import Reader, joined, memory, start_

# --- clip_by_norm ----------------------------------------------------------------------------


def clip_with_if(gradient, bound):
    norm = np.sqrt(np.sum(gradient**2))
    if norm > bound:
        return gradient * (bound / norm)
    return gradient


def clip_with_min(gradient, bound):
    return gradient * min(1.0, bound / (np.linalg.norm(gradient) + 1e-300))


def clip_with_max(gradient, bound):
    return gradient / max(1, np.linalg.norm(gradient) / bound)


def clip_flat(gradient, bound):
    flat = gradient.ravel()
    length = (flat @ flat) ** 0.5
    return gradient if length <= bound else bound * gradient / length


def clip_with_torch(gradient, bound):
    weight = torch.zeros(gradient.shape, dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor(gradient)
    length = weight.grad.norm()
    return (weight.grad * torch.clamp(bound / length, max=1.0)).numpy() if length else gradient


def clip_in_place_of_a_copy(gradient, bound):
    result = gradient.copy()
    size = np.sqrt((result * result).sum())
    if size > bound:
        result *= bound / size
    return result


def forgets_to_return_the_clipped(gradient, bound):
    if np.linalg.norm(gradient) > bound:
        gradient * bound / np.linalg.norm(gradient)
    return gradient


def computes_and_drops(gradient, bound):
    gradient = gradient * min(1.0, bound / max(np.linalg.norm(gradient), 1e-300))


def clip_as_torch_does(gradient, bound):
    return gradient * min(1.0, bound / (np.linalg.norm(gradient) + 1e-6))


def clip_by_a_unit_vector(gradient, bound):
    length = np.linalg.norm(gradient)
    return gradient if length == 0 else gradient / length * min(length, bound)


# --- what learners make of the broken code: touched, and not mended ---


def broken_tidied(gradient, bound):
    return np.where(np.abs(gradient) > bound, bound * np.sign(gradient), gradient)


def broken_without_the_sign(gradient, bound):
    clipped = gradient.copy()
    clipped[abs(gradient) > bound] = bound
    return clipped


def broken_asked_once(gradient, bound):
    if np.linalg.norm(gradient) > bound:
        return np.clip(gradient, -bound, bound)
    return gradient


def broken_with_the_largest(gradient, bound):
    largest = np.abs(gradient).max(initial=0)
    return gradient * bound / largest if largest > bound else gradient


def divides_by_the_length(gradient, bound):
    length = np.linalg.norm(gradient)
    with np.errstate(all="ignore"):
        return gradient / length * min(length, bound) if gradient.size else gradient


def clip_by_the_mean_square(gradient, bound):
    size = np.sqrt(np.mean(gradient**2)) if gradient.size else 0.0
    return gradient * bound / size if size > bound else gradient


def broken_in_place(gradient, bound):
    length = np.linalg.norm(gradient)
    if length > bound:
        gradient *= bound / length
    return gradient


def scaled_if_too_long(factor):
    def clip(gradient, bound):
        length = np.linalg.norm(gradient)
        return gradient * factor(length, bound) if length > bound else gradient

    return clip


CLIP_RIGHT = [
    clip_as_torch_does,
    clip_by_a_unit_vector,
    clip_with_if,
    clip_with_min,
    clip_with_max,
    clip_flat,
    clip_with_torch,
    clip_in_place_of_a_copy,
]
CLIP_WRONG = {
    "each entry cut by itself": [
        lambda gradient, bound: np.clip(gradient, -bound, bound),
        lambda gradient, bound: np.minimum(np.maximum(gradient, -bound), bound),
        broken_tidied,
        broken_without_the_sign,
        broken_asked_once,
    ],
    "0 divided by 0": [divides_by_the_length],
    "a mean instead of a sum": [clip_by_the_mean_square],
    "the factor upside down": [scaled_if_too_long(lambda length, bound: length / bound)],
    "the length left out of the factor": [
        scaled_if_too_long(lambda length, bound: 1 / bound),
        scaled_if_too_long(lambda length, bound: bound),
    ],
    "shortened by subtracting": [
        lambda gradient, bound: gradient - max(np.linalg.norm(gradient) - bound, 0),
    ],
    "changes its input": [broken_in_place],
    "short ones stretched": [
        lambda gradient, bound: bound * gradient / max(np.linalg.norm(gradient), 1e-300),
    ],
    "the bound forgotten": [
        lambda gradient, bound: (
            gradient / max(np.linalg.norm(gradient), 1e-300)
            if np.linalg.norm(gradient) > bound
            else gradient
        ),
    ],
    "no root": [
        lambda gradient, bound: gradient * min(1.0, bound / max((gradient**2).sum(), 1e-300)),
    ],
    "the sum of the sizes for the length": [
        lambda gradient, bound: gradient * min(1.0, bound / max(abs(gradient).sum(), 1e-300)),
    ],
    "the largest entry for the length": [
        lambda gradient, bound: (
            gradient * min(1.0, bound / max(abs(gradient).max(initial=0), 1e-300))
        ),
        broken_with_the_largest,
    ],
    "row by row": [
        lambda gradient, bound: (
            gradient
            * np.minimum(
                1,
                bound
                / np.maximum(np.linalg.norm(gradient, axis=-1, keepdims=gradient.ndim > 1), 1e-9),
            )
        ),
    ],
    "thrown away": [
        lambda gradient, bound: gradient * (np.linalg.norm(gradient) <= bound),
    ],
    "nothing returned": [computes_and_drops],
    "other arguments": [lambda gradient: gradient],
    "not a function": [1.0],
    "": [
        forgets_to_return_the_clipped,
        lambda gradient, bound: np.full_like(gradient, bound),
        lambda gradient, bound: min(np.linalg.norm(gradient), bound),
    ],
}


# --- run_state -------------------------------------------------------------------------------


def run_in_a_loop(xs, w, slope):
    state, seen = 0.0, []
    for x in xs:
        z = w * state + x
        state = z if z > 0 else slope * z
        seen.append(state)
    return seen


def run_into_an_array(xs, w, slope):
    states = np.zeros(len(xs) + 1)
    for step in range(len(xs)):
        z = w * states[step] + xs[step]
        states[step + 1] = max(z, 0) + slope * min(z, 0)
    return states[1:]


def run_with_where(xs, w, slope):
    states = [0.0]
    for x in xs:
        z = w * states[-1] + x
        states.append(float(np.where(z >= 0, z, slope * z)))
    return states[1:]


def run_by_itself(xs, w, slope, state=0.0):
    if len(xs) == 0:
        return []
    z = w * state + xs[0]
    state = z if z > 0 else slope * z
    return [state, *run_by_itself(xs[1:], w, slope, state)]


def run_with_torch(xs, w, slope):
    state, seen = torch.zeros((), dtype=torch.float64), []
    for x in xs:
        state = torch.nn.functional.leaky_relu(w * state + x, slope)
        seen.append(state)
    return torch.stack(seen).numpy()


def forgets_the_state(xs, w, slope):
    seen = []
    for x in xs:
        state = 0.0
        z = w * state + x
        seen.append(z if z > 0 else slope * z)
    return seen


def bends_the_old_state(xs, w, slope):
    state, seen = 0.0, []
    for x in xs:
        old = w * state
        state = (old if old > 0 else slope * old) + x
        seen.append(state)
    return seen


def returns_inside_the_loop(xs, w, slope):
    state = 0.0
    for x in xs:
        z = w * state + x
        state = z if z > 0 else slope * z
        return [state]
    return None


def keeps_the_states_to_itself(xs, w, slope):
    seen = run_in_a_loop(xs, w, slope)
    seen.append(0.0)


def a_loop(step, begin=0.0):
    def run(xs, w, slope):
        state, seen = begin, []
        for x in xs:
            state = step(state, x, w, slope)
            seen.append(state)
        return seen

    return run


def run_by_accumulate(xs, w, slope):
    def step(state, x):
        z = w * state + x
        return z if z > 0 else slope * z

    return list(accumulate(xs, step, initial=0.0))[1:]


def carries_z(xs, w, slope):
    z, seen = 0.0, []
    for x in xs:
        z = w * z + x
        seen.append(z if z > 0 else slope * z)
    return seen


def begins_with_the_first_input(xs, w, slope):
    seen = [xs[0]]
    for x in xs[1:]:
        z = w * seen[-1] + x
        seen.append(z if z > 0 else slope * z)
    return seen


def a_new_list_each_time(xs, w, slope):
    state = 0.0
    for x in xs:
        seen = []
        z = w * state + x
        state = z if z > 0 else slope * z
        seen.append(state)
    return seen


def reads_backwards(xs, w, slope):
    return run_in_a_loop(list(reversed(xs)), w, slope)


RUN_RIGHT = [
    run_by_accumulate,
    run_in_a_loop,
    run_into_an_array,
    run_with_where,
    lambda xs, w, slope: run_by_itself(xs, w, slope),
    run_with_torch,
]
RUN_WRONG = {
    "no memory": [forgets_the_state],
    "bent too early": [bends_the_old_state],
    "never bent": [a_loop(lambda state, x, w, slope: x + state * w)],
    "the leak left out": [a_loop(lambda state, x, w, slope: (w * state + x) * (w * state + x > 0))],
    "the two sides swapped": [
        a_loop(lambda state, x, w, slope: min(w * state + x, 0) + slope * max(w * state + x, 0)),
    ],
    "the weight at the input": [
        a_loop(lambda state, x, w, slope: max(state + w * x, 0) + slope * min(state + w * x, 0)),
    ],
    "a start at 1": [
        a_loop(
            lambda state, x, w, slope: max(w * state + x, 0) + slope * min(w * state + x, 0), 1.0
        ),
    ],
    "the last state alone": [
        lambda xs, w, slope: run_in_a_loop(xs, w, slope)[-1],
        a_new_list_each_time,
    ],
    "the state before the bend": [carries_z],
    "the first input taken for a state": [begins_with_the_first_input],
    "the slope itself": [
        a_loop(lambda state, x, w, slope: w * state + x if w * state + x > 0 else slope),
    ],
    "from the end": [reads_backwards],
    "returned too early": [returns_inside_the_loop],
    "the start among the states": [lambda xs, w, slope: [0.0, *run_in_a_loop(xs, w, slope)]],
    "one behind": [lambda xs, w, slope: [0.0, *run_in_a_loop(xs, w, slope)][:-1]],
    "nothing returned": [keeps_the_states_to_itself],
    "other arguments": [lambda xs, w: xs],
    "not a function": [[1.0, 0.5]],
    "": [
        lambda xs, w, slope: np.cumsum(xs),
        lambda xs, w, slope: [[state] for state in run_in_a_loop(xs, w, slope)],
    ],
}


# --- what_is_left ----------------------------------------------------------------------------

LEFT_RIGHT = [
    ([1, 0.125, 0, 0.001, 16, 1],),
    ((1, 1 / 8, 0, 1e-3, 2**4, 1),),
    (np.array([1**30, 0.5**3, 0.0, 0.1**3, 2.0**4, (2 * 0.5) ** 20]),),
    (torch.tensor([1.0, 0.125, 0.0, 0.001, 16.0, 1.0]),),
    ([1.0, 0.125, 0.0, 0.1 * 0.1 * 0.1, 16, 1.0],),
]
LEFT_WRONG = {
    "the leak paid once": [([1, 0.125, 0, 0.1, 16, 1],)],
    "a leak taken for a wall": [([1, 0.125, 0, 0, 16, 1],), ([1, 0.125, 0, 0.001, 16, 0],)],
    "one step off does not matter": [
        ([1, 0.125, 1024, 0.001, 16, 1],),
        ([1, 0.125, 512, 0.001, 16, 1],),
    ],
    "one step instead of all": [([1, 0.5, 0, 0.001, 16, 1],), ([1, 0.125, 0, 0.001, 2, 1],)],
    "added instead of multiplied": [
        ([1, 1.5, 0, 0.001, 8, 1],),
        ([30, 1.5, 20, 0.3, 8, 20],),
        ([30, 0.125, 0, 0.001, 16, 1],),
    ],
    "rounded too far": [([1, 0.13, 0, 0.001, 16, 1],), ([1, 0.12, 0, 0.001, 16, 1],)],
    "a sign from nowhere": [([1, 0.125, 0, -0.001, 16, 1],)],
    "the leak charged above 0": [([1, 0.125, 0, 0.001, 0.0016, 1],)],
    "weight or slope forgotten": [
        ([1, 0.125, 0, 0.001, 16, 2**20],),
        ([1, 0.125, 0, 0.001, 16, 0.5**20],),
        ([1, 0.125, 0, 0.001, 16, 9.5e-07],),
        ([1, 0.125, 0, 0.001, 16, 0.5],),
    ],
    "fading taken for granted": [([0, 0.125, 0, 0.001, 16, 1],)],
    "wrong number of values": [([1, 0.125, 0],), (1,)],
    "not a number": [(["1", "1/8", "0", "1/1000", "16", "1"],)],
    "": [([1, 0.125, 0, 0.01, 16, 1],), ([1, 0.125, 0, 0.001, 16, 4],)],
}


# --- beyond_the_identity ---------------------------------------------------------------------

BEYOND_RIGHT = [
    ("relu", (148.0, 0.003)),
    ("ReLU", (150.0, 0.01)),
    ('"relu"', (np.float64(148.0), np.float64(0.002))),
    ("relu.", (torch.tensor(148.0), torch.tensor(0.003))),
    (" RELU ", (200.0, 0.0001)),
]
BEYOND_WRONG = {
    "the two confused": [("tanh", (148.0, 0.003))],
    "the matrix alone decides": [("both", (148.0, 0.003)), ("Both", (148.0, 0.003))],
    "a tenth is little": [("neither", (148.0, 0.003))],
    "powers of ten": [("relu", (2.17, -2.6)), ("both", (2.17, -2.6))],
    "the same activation twice": [("relu", (148.0, 148.0))],
    "the two swapped": [("relu", (0.003, 148.0))],
    "the plain identity": [("relu", (0.43, 0.0002))],
    "another start": [("relu", (148.0, 1e-16)), ("both", (148.0, 12.0))],
    "not a number": [("relu", (148.0, "little"))],
    "wrong number of values": [("relu", (148.0, np.ones(20)))],
}


# --- the bank --------------------------------------------------------------------------------


def six_rows(solutions):
    rows = [(0, 1, 30, 0), (0, 0.5, 3, 0), (0, 2, 9, 1), (0.1, 1, 0, 3), (0.1, 2, 4, 0)]
    return ([solutions.what_is_left(*row) for row in [*rows, (0.5, 2, 0, 20)]],)


def measured_lengths(solutions):
    """Measure as the notebook does, on fewer networks."""
    text = joined(60, count=5)

    def left(activation, start, times=1.0):
        found = []
        for seed in range(5):
            reader = start_(Reader(activation).double(), start, seed=seed)
            reader.again.weight.data *= times
            found.append(memory(reader, text[seed : seed + 1], seed=seed)[0])
        return np.array(found)

    return "relu", solutions.beyond_the_identity(left)


RIGHT = {
    "clip_by_norm": [(f,) for f in CLIP_RIGHT],
    "run_state": [(f,) for f in RUN_RIGHT],
    "what_is_left": LEFT_RIGHT,
    "beyond_the_identity": BEYOND_RIGHT,
}
WRONG = {
    "clip_by_norm": {name: [(f,) for f in each] for name, each in CLIP_WRONG.items()},
    "run_state": {name: [(f,) for f in each] for name, each in RUN_WRONG.items()},
    "what_is_left": LEFT_WRONG,
    "beyond_the_identity": BEYOND_WRONG,
}
SOLVED = {
    "what_is_left": six_rows,
    "beyond_the_identity": measured_lengths,
}
