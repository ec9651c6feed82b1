"""Answers to the exercises of notebook 03, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import numpy as np

# --- step_downhill ---------------------------------------------------------------------------


def step_plain(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.mean(2 * miss * x), b - rate * np.mean(2 * miss)


def step_list(w, b, x, y, rate):
    error = y - (w * x + b)  # truth minus prediction: two signs turn
    return [w + 2 * rate * (error * x).mean(), b + 2 * rate * error.mean()]


def step_dot(w, b, x, y, rate):
    miss = x * w + b - y
    return np.array([w - rate * 2 * miss @ x / len(x), b - rate * 2 * miss.sum() / x.size])


def step_loop(w, b, x, y, rate):
    slope_w = slope_b = 0.0
    for xi, yi in zip(x, y, strict=True):
        slope_w += 2 * (w * xi + b - yi) * xi / len(x)
        slope_b += 2 * (w * xi + b - yi) / len(x)
    return w - rate * slope_w, b - rate * slope_b


def step_matrix(w, b, x, y, rate):
    table = np.column_stack([x, np.ones(len(x))])
    parameters = np.array([w, b])
    return parameters - rate * 2 / len(x) * table.T @ (table @ parameters - y)


def step_nudging(w, b, x, y, rate, h=1e-4):
    def loss(w, b):
        return np.mean((w * x + b - y) ** 2)

    slope_w = (loss(w + h, b) - loss(w - h, b)) / (2 * h)
    slope_b = (loss(w, b + h) - loss(w, b - h)) / (2 * h)
    return w - rate * slope_w, b - rate * slope_b


def step_each(w, b, x, y, rate):
    steps = 2 * rate * (w * x + b - y)  # a step for each example, and the mean of the places
    return np.mean(w - steps * x), np.mean(b - steps)


STEP_RIGHT = [step_plain, step_list, step_dot, step_loop, step_matrix, step_nudging, step_each]


def goes_uphill(w, b, x, y, rate):
    miss = w * x + b - y
    return w + rate * np.mean(2 * miss * x), b + rate * np.mean(2 * miss)


def misses_turned_round(w, b, x, y, rate):
    miss = y - w * x - b
    return w - rate * 2 * np.mean(miss * x), b - rate * 2 * np.mean(miss)


def half_a_step(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.mean(miss * x), b - rate * np.mean(miss)


def sums(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.sum(2 * miss * x), b - rate * np.sum(2 * miss)


def sums_without_two(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * miss @ x, b - rate * miss.sum()


def forgets_x(w, b, x, y, rate):
    step = rate * np.mean(2 * (w * x + b - y))
    return w - step, b - step


def means_too_early(w, b, x, y, rate):
    miss = np.mean(w * x + b - y)
    return w - rate * 2 * miss * x.mean(), b - rate * 2 * miss


def x_for_both(w, b, x, y, rate):
    step = rate * np.mean(2 * (w * x + b - y) * x)
    return w - step, b - step


def w_then_b(w, b, x, y, rate):
    w = w - rate * np.mean(2 * (w * x + b - y) * x)
    b = b - rate * np.mean(2 * (w * x + b - y))
    return w, b


def b_then_w(w, b, x, y, rate):
    b = b - rate * np.mean(2 * (w * x + b - y))
    w = w - rate * np.mean(2 * (w * x + b - y) * x)
    return w, b


def forgets_b(w, b, x, y, rate):
    miss = w * x - y
    return w - rate * np.mean(2 * miss * x), b - rate * np.mean(2 * miss)


def leaves_b(w, b, x, y, rate):
    return w - rate * np.mean(2 * (w * x + b - y) * x), b


def forgets_rate(w, b, x, y, rate):
    miss = w * x + b - y
    return w - np.mean(2 * miss * x), b - np.mean(2 * miss)


def gives_slopes(w, b, x, y, rate):
    miss = w * x + b - y
    return np.mean(2 * miss * x), np.mean(2 * miss)


def gives_b_first(w, b, x, y, rate):
    return step_plain(w, b, x, y, rate)[::-1]


def prints_only(w, b, x, y, rate):
    print(step_plain(w, b, x, y, rate))


def averages_for_w_only(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.mean(2 * miss * x), b - rate * 2 * miss


def averages_for_b_only(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * 2 * miss * x, b


def never_averages(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * 2 * miss * x, b - rate * 2 * miss


def takes_abs(w, b, x, y, rate):
    miss = np.abs(w * x + b - y)
    return w - rate * np.mean(2 * miss * x), b - rate * np.mean(2 * miss)


def takes_squares(w, b, x, y, rate):
    miss = (w * x + b - y) ** 2
    return w - rate * np.mean(miss * x), b - rate * np.mean(miss)


def steps_by_the_loss(w, b, x, y, rate):
    loss = np.mean((w * x + b - y) ** 2)
    return w - rate * loss, b - rate * loss


def forgets_rate_for_b(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.mean(2 * miss * x), b - np.mean(2 * miss)


def gives_lengths(w, b, x, y, rate):
    miss = w * x + b - y
    return rate * np.mean(2 * miss * x), rate * np.mean(2 * miss)


def walks_on(w, b, x, y, rate):
    for _ in range(100):
        w, b = step_plain(w, b, x, y, rate)
    return w, b


def multiplies_by_w(w, b, x, y, rate):
    miss = w * x + b - y
    return w - rate * np.mean(2 * miss * w), b - rate * np.mean(2 * miss)


def never_arrives(w, b, x, y, rate):
    while True:
        w, b = step_plain(w, b, x, y, rate)


STEP_WRONG = {
    "uphill": [goes_uphill, misses_turned_round],
    "the factor 2 forgotten": [half_a_step],
    "sum instead of mean": [sums, sums_without_two],
    "the input forgotten": [forgets_x],
    "the mean taken too early": [means_too_early],
    "the bias gets the slope of w": [x_for_both],
    "one after the other": [w_then_b, b_then_w],
    "the bias left out of the prediction": [forgets_b],
    "only w moves": [leaves_b],
    "the mean forgotten": [averages_for_w_only, averages_for_b_only, never_averages],
    "the sign of the miss lost": [takes_abs, takes_squares],
    "the loss instead of its slope": [steps_by_the_loss],
    "the rate forgotten": [forgets_rate, forgets_rate_for_b],
    "the gradient instead of the step": [gives_slopes, gives_lengths],
    "b before w": [gives_b_first],
    "nothing returned": [prints_only],
    "other arguments": [lambda w, x, y, rate: w - rate * np.mean(2 * (w * x - y) * x)],
    "not a function": [(3.0, 1.4)],
    "endless loop": [never_arrives],
    "": [
        lambda w, b, x, y, rate: w - rate * np.mean(2 * (w * x + b - y) * x),
        lambda w, b, x, y, rate: (w, b),
        lambda w, b, x, y, rate: 1 / 0,
        lambda w, b, x, y, rate: "downhill",
        lambda w, b, x, y, rate: {"w": w, "b": b},
        walks_on,
        multiplies_by_w,
    ],
}


# --- weight_gradient -------------------------------------------------------------------------


def mended(x, w, b, grad_a):
    z = x @ w + b
    grad_z = grad_a * (z > 0)
    return x.T @ grad_z


def mended_where(x, w, b, grad_a):
    grad_z = np.where(x @ w + b > 0, grad_a, 0.0)
    return np.dot(x.T, grad_z)


def mended_einsum(x, w, b, grad_a):
    slope = np.heaviside(x @ w + b, 0.0)
    return np.einsum("nd,nk->dk", x, grad_a * slope)


def mended_loop(x, w, b, grad_a):
    grad_w = np.zeros(w.shape)
    for x_n, g_n in zip(x, grad_a, strict=True):
        grad_w += np.outer(x_n, g_n * (x_n @ w + b > 0))
    return grad_w


def mended_copy(x, w, b, grad_a):
    grad_z = np.array(grad_a, dtype=float)
    grad_z[x @ w + b <= 0] = 0
    return (grad_z.T @ x).T


def mended_sign(x, w, b, grad_a):
    a = np.maximum(x @ w + b, 0)
    return x.T @ (np.sign(a) * grad_a)


def mended_weight_by_weight(x, w, b, grad_a):
    z = x @ w + b
    grad_w = np.zeros(w.shape)
    for i, j in np.ndindex(w.shape):
        grad_w[i, j] = sum(x[n, i] * grad_a[n, j] for n in range(len(x)) if z[n, j] > 0)
    return grad_w


def mended_clip(x, w, b, grad_a):
    return x.T @ (grad_a * np.clip(np.sign(x @ w + b), 0, 1))


GRADIENT_RIGHT = [
    mended,
    mended_where,
    mended_einsum,
    mended_loop,
    mended_copy,
    mended_sign,
    mended_weight_by_weight,
    mended_clip,
]


def both_bugs_in_one_line(x, w, b, grad_a):
    return x.T @ (grad_a * np.maximum(x @ w + b, 0)) / len(x)


def divides_relu_first(x, w, b, grad_a):
    z = x @ w + b
    a = np.where(z > 0, z, 0)
    return x.T @ (grad_a / len(x) * a)


def still_relu(x, w, b, grad_a):
    return x.T @ (grad_a * np.maximum(x @ w + b, 0))


def times_z(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w + b))


def relu_at_the_end(x, w, b, grad_a):
    return x.T @ np.maximum(grad_a * (x @ w + b), 0)


def divides_by_units(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w + b > 0)) / w.shape[1]


def slope_alone(x, w, b, grad_a):
    grad_z = np.where(x @ w + b > 0, 1, 0)
    return x.T @ grad_z


def slope_alone_divided(x, w, b, grad_a):
    grad_z = x @ w + b > 0
    return x.T @ grad_z / len(x)


def half_at_zero(x, w, b, grad_a):
    return x.T @ (grad_a * np.heaviside(x @ w + b, 0.5))


def capped_at_one(x, w, b, grad_a):
    return x.T @ (grad_a * np.clip(x @ w + b, 0, 1))


def still_divides(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w + b > 0)) / len(x)


def forgets_slope(x, w, b, grad_a):
    return x.T @ grad_a


def forgets_slope_and_divides(x, w, b, grad_a):
    return x.T @ grad_a / x.shape[0]


def passes_at_zero(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w + b >= 0))


def passes_below(x, w, b, grad_a):
    return x.T @ np.where(x @ w + b > 0, 0.0, grad_a)


def forgets_bias(x, w, b, grad_a):
    return x.T @ (grad_a * (x @ w > 0))


def looks_at_gradient(x, w, b, grad_a):
    return x.T @ (grad_a * (grad_a > 0))


def on_its_side(x, w, b, grad_a):
    return (grad_a * (x @ w + b > 0)).T @ x


def for_the_inputs(x, w, b, grad_a):
    return (grad_a * (x @ w + b > 0)) @ w.T


def for_the_bias(x, w, b, grad_a):
    return np.sum(grad_a * (x @ w + b > 0), axis=0)


def forgets_inputs(x, w, b, grad_a):
    return grad_a * (x @ w + b > 0)


def changes_gradient(x, w, b, grad_a):
    grad_a *= x @ w + b > 0
    return x.T @ grad_a


def prints_gradient(x, w, b, grad_a):
    print(mended(x, w, b, grad_a))


GRADIENT_WRONG = {
    "ReLU instead of its slope": [
        still_relu,
        times_z,
        both_bugs_in_one_line,
        divides_relu_first,
        relu_at_the_end,
    ],
    "the mean taken twice": [still_divides, divides_by_units],
    "gradient of the loss for that of the activation": [slope_alone, slope_alone_divided],
    "the slope forgotten": [forgets_slope, forgets_slope_and_divides],
    "passes at exactly 0": [passes_at_zero, half_at_zero],
    "the silent side passes": [passes_below],
    "the bias forgotten": [forgets_bias],
    "the sign of the gradient instead of z": [looks_at_gradient],
    "turned round": [on_its_side],
    "the gradient of the inputs": [for_the_inputs],
    "the gradient of the bias": [for_the_bias],
    "the input forgotten": [forgets_inputs],
    "changes its input": [changes_gradient],
    "nothing returned": [prints_gradient],
    "other arguments": [lambda x, grad_a: x.T @ grad_a],
    "": [
        lambda x, w, b, grad_a: x @ grad_a,  # the transpose forgotten: an error
        lambda x, w, b, grad_a: np.zeros_like(w, dtype=float),
        lambda x, w, b, grad_a: w,
        lambda x, w, b, grad_a: -mended(x, w, b, grad_a),
        lambda x, w, b, grad_a: mended(x, w, b, grad_a).sum(),
        lambda x, w, b, grad_a: w - 0.1 * mended(x, w, b, grad_a),
        capped_at_one,
    ],
}


# --- shares_at -------------------------------------------------------------------------------


def softmax(logits):
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def shares_short(scores, temperature):
    return softmax(scores / temperature)


def shares_shift_first(scores, temperature):
    shifted = (scores - scores.max(axis=-1, keepdims=True)) / temperature
    return np.exp(shifted) / np.exp(shifted).sum(-1, keepdims=True)


def shares_logs(scores, temperature):
    s = scores / temperature
    s = s - s.max(axis=-1, keepdims=True)
    return np.exp(s - np.log(np.sum(np.exp(s), axis=-1, keepdims=True)))


def shares_by_row(scores, temperature):
    if scores.ndim == 2:
        return [shares_by_row(row, temperature) for row in scores]
    powers = np.exp((scores - max(scores)) / temperature)
    return powers / sum(powers)


def shares_transposed(scores, temperature):
    columns = scores.T / temperature
    columns = np.exp(columns - columns.max(axis=0))
    return (columns / columns.sum(axis=0)).T


def shares_by_differences(scores, temperature):
    gaps = (scores[..., None, :] - scores[..., :, None]) / temperature
    with np.errstate(over="ignore"):
        return 1 / np.exp(gaps).sum(axis=-1)


def shares_inverse(scores, temperature):
    coldness = 1 / temperature
    scores = np.array(scores, dtype=float) * coldness
    return np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))


SHARES_RIGHT = [
    shares_short,
    shares_shift_first,
    shares_logs,
    shares_by_row,
    shares_transposed,
    shares_by_differences,
    shares_inverse,
]


def overflows(scores, temperature):
    powers = np.exp(scores / temperature)
    return powers / powers.sum(axis=-1, keepdims=True)


def overflows_by_row(scores, temperature):
    if scores.ndim == 2:
        return np.array([overflows_by_row(row, temperature) for row in scores])
    powers = np.exp(scores / temperature)
    return powers / powers.sum()


def ignores_temperature(scores, temperature):
    return softmax(scores)


def multiplies(scores, temperature):
    return softmax(scores * temperature)


def divides_shares(scores, temperature):
    return softmax(scores) / temperature


def down_the_columns(scores, temperature):
    powers = np.exp((scores - scores.max(axis=0)) / temperature)
    return powers / powers.sum(axis=0)


def over_everything(scores, temperature):
    powers = np.exp((scores - scores.max()) / temperature)
    return powers / powers.sum()


def without_exp(scores, temperature):
    s = scores / temperature
    return s / s.sum(axis=-1, keepdims=True)


def only_powers(scores, temperature):
    return np.exp(scores / temperature)


def only_shifted_powers(scores, temperature):
    s = scores / temperature
    return np.exp(s - s.max(axis=-1, keepdims=True))


def only_logs(scores, temperature):
    s = scores / temperature
    s = s - s.max(axis=-1, keepdims=True)
    return s - np.log(np.exp(s).sum(axis=-1, keepdims=True))


def takes_the_best(scores, temperature):
    return np.where(np.arange(scores.shape[-1]) == scores.argmax(-1)[..., None], 1.0, 0.0)


def one_row_only(scores, temperature):
    assert scores.ndim == 1
    return softmax(scores / temperature)


def changes_scores(scores, temperature):
    scores -= scores.max(axis=-1, keepdims=True)
    return softmax(scores / temperature)


def divides_above(scores, temperature):
    with np.errstate(all="ignore"):
        return np.exp(scores / temperature) / np.exp(scores).sum(axis=-1, keepdims=True)


def divides_below(scores, temperature):
    with np.errstate(all="ignore"):
        return np.exp(scores) / np.exp(scores / temperature).sum(axis=-1, keepdims=True)


def a_sigmoid_each(scores, temperature):
    with np.errstate(all="ignore"):
        return 1 / (1 + np.exp(-scores / temperature))


def over_everything_at_once(scores, temperature):
    powers = np.exp(scores / temperature - np.max(scores / temperature))
    return powers / powers.sum()


def forgets_keepdims(scores, temperature):
    powers = np.exp(scores / temperature - np.max(scores / temperature))
    return powers / powers.sum(axis=-1)


SHARES_WRONG = {
    "too large for the computer": [overflows, overflows_by_row],
    "the temperature ignored": [
        ignores_temperature,
        lambda scores, temperature: softmax(scores - temperature),
    ],
    "softmax taken twice": [lambda scores, temperature: softmax(softmax(scores) / temperature)],
    "divided in one place only": [divides_above, divides_below],
    "per cent instead of shares": [lambda scores, temperature: 100 * softmax(scores / temperature)],
    "a sigmoid for each score": [a_sigmoid_each],
    "multiplied instead of divided": [multiplies],
    "the shares divided instead of the scores": [divides_shares],
    "summed over the wrong axis": [down_the_columns],
    "summed over everything": [over_everything, over_everything_at_once],
    "no exponential": [without_exp],
    "powers that were not divided": [
        only_powers,
        only_shifted_powers,
        lambda scores, temperature: softmax(scores) ** (1 / temperature),
    ],
    "logarithms of the shares": [only_logs],
    "the winner takes all": [takes_the_best],
    "only for one example": [one_row_only, forgets_keepdims],
    "changes its input": [changes_scores],
    "nothing returned": [lambda scores, temperature: print(softmax(scores / temperature))],
    "other arguments": [softmax],
    "": [
        lambda scores, temperature: scores,
        lambda scores, temperature: "shares",
        lambda scores, temperature: softmax(scores / temperature).argmax(axis=-1),
        lambda scores, temperature: 1 - softmax(scores / temperature),
        lambda scores, temperature: softmax(scores / temperature).round(2),
        lambda scores, temperature: softmax(scores / max(temperature, 1)),
    ],
}


# --- predictions -----------------------------------------------------------------------------

BEFORE, AFTER = 3 * 0.5**10, 3 * 2.0**10

DOUBLE_RIGHT = [
    ("further", (BEFORE, AFTER)),
    ("Further.", (np.float64(BEFORE), np.float64(AFTER))),
    (" 'further' ", (0.0029, 3072)),
    ("FURTHER", (np.array(BEFORE), [AFTER])),
    ("further!", (0.003, 3072.0)),
]

DOUBLE_WRONG = {
    "a larger rate is a faster one": [("nearer", (BEFORE, AFTER)), ("Nearer", (0.003, 3072))],
    "ten steps arrive anyway": [("same", (BEFORE, AFTER))],
    "a distance below 0": [("further", (-BEFORE, AFTER)), ("nearer", (BEFORE, -AFTER))],
    "the loss or the weight instead of the distance": [
        ("further", (5.0, 47185925.0)),
        ("further", (3.003, 3075.0)),
    ],
    "the same rate twice": [("further", (BEFORE, BEFORE))],
    "the rate was not doubled": [("further", (BEFORE, 0.0)), ("nearer", (BEFORE, 1e-5))],
    "another walk": [
        ("further", (BEFORE, 3069.0)),  # the last weight, without its sign
        ("further", (BEFORE, 5.6e8)),  # at the rate 0.8
        ("nearer", (BEFORE, 9.0)),
    ],
    "not a number": [("further", (BEFORE, "far"))],
    "not finite": [("further", (BEFORE, np.inf))],
    "wrong number of values": [("further", (BEFORE, [0.0, 3.0]))],
}

BATCHES_RIGHT = [
    (0.7, (0.6875,)),
    (0.75, (0.69,)),
    (0.6, (0.69,)),
    (np.float32(0.71), (np.float64(0.6875),)),
    ([0.7], ([0.69],)),
]

BATCHES_WRONG = {
    "noise does not fall that way": [
        (0.35, (0.69,)),  # like the size
        (1.4, (0.69,)),  # not at all
        (5.6, (0.69,)),  # the other way
        (0.0875, (0.69,)),
        (0.0, (0.69,)),
    ],
    "another size": [(0.7, (1.43,)), (0.7, (0.33,)), (0.35, (2.9,)), (0.7, (0.0,))],
    "not a number": [(0.7, ("0.69",))],
    "not finite": [(0.7, (np.nan,))],
}


# --- the bank --------------------------------------------------------------------------------


def walk_of_the_notebook(w, rate, steps=10):
    walk = [w]
    for _ in range(steps):
        w = w - rate * 10 * (w - 3)
        walk.append(w)
    return walk


RIGHT = {
    "step_downhill": [(f,) for f in STEP_RIGHT],
    "weight_gradient": [(f,) for f in GRADIENT_RIGHT],
    "shares_at": [(f,) for f in SHARES_RIGHT],
    "double_the_rate": DOUBLE_RIGHT,
    "larger_batches": BATCHES_RIGHT,
}
WRONG = {
    "step_downhill": {name: [(f,) for f in functions] for name, functions in STEP_WRONG.items()},
    "weight_gradient": {
        name: [(f,) for f in functions] for name, functions in GRADIENT_WRONG.items()
    },
    "shares_at": {name: [(f,) for f in functions] for name, functions in SHARES_WRONG.items()},
    "double_the_rate": DOUBLE_WRONG,
    "larger_batches": BATCHES_WRONG,
}
SOLVED = {
    "double_the_rate": lambda solutions: (
        "further",
        solutions.double_the_rate(walk_of_the_notebook),
    ),
    "larger_batches": lambda solutions: (
        0.7,
        (solutions.larger_batches(lambda size: 5.6 / np.sqrt(size)),),
    ),
}
