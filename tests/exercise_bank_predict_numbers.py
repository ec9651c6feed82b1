"""Answers to the exercises of notebook 15, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math

import numpy as np

# --- huber_pull ------------------------------------------------------------------------------


def pull_by_loop(residual, delta):
    if np.ndim(residual):
        return [pull_by_loop(each, delta) for each in residual]
    if residual > delta:
        return delta
    return residual if residual > -delta else -delta


def pull_by_mask(residual, delta):
    pull = np.array(residual, dtype=float)
    pull[pull > delta] = delta
    pull[pull < -delta] = -delta
    return pull


def changes_residual(residual, delta):
    if np.ndim(residual):
        np.clip(residual, -delta, delta, out=residual)
        return residual
    return min(max(residual, -delta), delta)


def asks_if(residual, delta):
    if -delta < residual < delta:
        return residual
    return delta if residual > 0 else -delta


def prints_pull(residual, delta):
    print(np.clip(residual, -delta, delta))


def pull_by_nudging(residual, delta):
    def loss(r):
        return np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2))

    r = np.asarray(residual, dtype=float)
    return (loss(r + 1e-5) - loss(r - 1e-5)) / 2e-5


def pull_by_torch(residual, delta):
    import torch

    r = torch.tensor(np.asarray(residual, dtype=float), requires_grad=True)
    torch.nn.functional.huber_loss(r, 0 * r.detach(), delta=delta, reduction="sum").backward()
    return r.grad.numpy()


PULL_RIGHT = [
    pull_by_nudging,
    pull_by_torch,
    pull_by_loop,
    pull_by_mask,
    lambda residual, delta: np.clip(residual, -delta, delta),
    lambda r, d: np.minimum(np.maximum(r, -d), d),
    lambda r, d: np.where(np.abs(r) <= d, r, d * np.sign(r)),
    lambda r, d: np.sign(r) * np.minimum(np.abs(r), d),
    lambda r, d: (np.abs(np.add(r, d)) - np.abs(np.subtract(r, d))) / 2,
]
PULL_WRONG = {
    "the loss": [
        lambda r, d: np.where(np.abs(r) <= d, np.square(r) / 2, d * np.abs(r) - d**2 / 2),
        lambda r, d: np.where(np.abs(r) <= d, np.square(r), d * np.abs(r)),
        lambda r, d: np.where(np.abs(r) <= d, np.square(r) / 2, np.abs(r)),
        lambda r, d: np.where(np.abs(r) <= d, np.square(r) / 2, d * np.abs(r)),
    ],
    "the pull of the squared loss": [
        lambda r, d: 2 * np.asarray(r),
        lambda r, d: np.asarray(r) + 0,
    ],
    "the pull of the absolute loss": [
        lambda r, d: np.sign(r),
        lambda r, d: np.where(np.asarray(r) == 0, 0, np.where(np.asarray(r) > 0, d, -d)),
    ],
    "1 beyond the edge": [lambda r, d: np.where(np.abs(r) > d, np.sign(r), r)],
    "outliers thrown away": [lambda r, d: np.where(np.abs(r) > d, 0, r)],
    "the direction lost": [
        lambda r, d: np.minimum(np.abs(r), d),
        lambda r, d: np.where(np.abs(r) > d, d, r),
    ],
    "cut off on one side alone": [
        lambda r, d: np.where(np.greater(r, d), d, r),
        lambda r, d: np.where(np.less(r, d), r, d),
        lambda r, d: np.maximum(r, -d),
    ],
    "twice as hard": [
        lambda r, d: np.where(np.abs(r) > d, d * np.sign(r), 2 * np.asarray(r)),
        lambda r, d: np.clip(2 * np.asarray(r), -2 * d, 2 * d),
    ],
    "delta left out": [lambda r, d: np.clip(r, -1, 1)],
    "in units of delta": [lambda r, d: np.clip(r, -d, d) / d],
    "away from the truth": [lambda r, d: -np.clip(r, -d, d)],
    "`if` on a whole array": [asks_if],
    "changes its input": [changes_residual],
    "nothing returned": [prints_pull],
    "other arguments": [lambda r: np.clip(r, -1, 1)],
    "not a function": [1.0],
    "": [
        lambda r, d: np.clip(r, -d / 2, d / 2),
        lambda r, d: d * np.tanh(np.asarray(r) / d),
    ],
}


# --- reach -----------------------------------------------------------------------------------


def reach_by_partition(distances, level):
    n = len(distances)
    place = math.ceil(round((n + 1) * level, 6))
    return math.inf if place > n else float(np.partition(distances, place - 1)[place - 1])


def reach_with_infinity(distances, level):
    longer = np.append(np.sort(distances), np.inf)
    return longer[math.ceil(round((len(distances) + 1) * level, 6)) - 1]


def reach_by_quantile(distances, level):
    n = len(distances)
    share = math.ceil(round((n + 1) * level, 6)) / n
    return np.quantile(distances, share, method="inverted_cdf") if share <= 1 else np.inf


def reach_by_counting(distances, level):
    for each in sorted(distances):
        if np.sum(distances <= each) >= (len(distances) + 1) * level - 1e-9:
            return each
    return np.inf


def changes_distances(distances, level):
    distances.sort()
    return reach_by_partition(distances, level)


def prints_reach(distances, level):
    print(reach_by_partition(distances, level))


def of_n(distances, level):
    return np.sort(distances)[math.ceil(round(len(distances) * level, 6)) - 1]


def one_too_far(distances, level):
    longer = np.append(np.sort(distances), [np.inf, np.inf])
    return longer[math.ceil(round((len(distances) + 1) * level, 6))]


def the_largest(distances, level):
    place = math.ceil(round((len(distances) + 1) * level, 6))
    return np.sort(distances)[min(place, len(distances)) - 1]


def no_guard(distances, level):
    return np.sort(distances)[math.ceil(round((len(distances) + 1) * level, 6)) - 1]


def unsorted(distances, level):
    place = math.ceil(round((len(distances) + 1) * level, 6))
    return distances[place - 1] if place <= len(distances) else math.inf


def reach_if_found(distances, level, how=math.ceil, least=0):
    """Look the place up as learners do, or with a mistake in it."""
    n, nearest = len(distances), sorted(distances)
    place = max(how(round((n + 1) * level, 6)), 1)
    return nearest[place - 1] if place <= n - least else np.inf


def reach_downwards(distances, level):
    place = math.ceil(round((len(distances) + 1) * level, 6))
    return sorted(distances, reverse=True)[place - 1] if place <= len(distances) else np.inf


def says_inf(distances, level):
    found = reach_if_found(distances, level)
    return "inf" if np.isinf(found) else found


def gives_none(distances, level):
    found = reach_if_found(distances, level)
    return None if np.isinf(found) else found


REACH_RIGHT = [
    lambda d, level: reach_if_found(d, level),
    reach_by_partition,
    reach_with_infinity,
    reach_by_quantile,
    reach_by_counting,
    lambda d, q: np.sort(np.append(d, np.inf))[int(np.ceil(len(d) * q + q - 1e-9)) - 1],
]
REACH_WRONG = {
    "the quantile of the distances alone": [lambda d, level: np.quantile(d, level), of_n],
    "one too far": [one_too_far],
    "the largest when there are too few": [the_largest],
    "no answer when there are too few": [no_guard, says_inf],
    "rounded down": [
        lambda d, level: reach_if_found(d, level, int),
        lambda d, level: reach_if_found(d, level, round),
    ],
    "infinite too early": [lambda d, level: reach_if_found(d, level, least=1)],
    "counted from the largest": [reach_downwards],
    "both sides at once": [lambda d, level: 2 * reach_if_found(d, level)],
    "not sorted": [unsorted],
    "as if they were normal": [lambda d, level: 1.645 * d.std()],
    "changes its input": [changes_distances],
    "nothing returned": [prints_reach, gives_none],
    "other arguments": [lambda d: np.quantile(d, 0.9)],
    "not a function": [4.2],
    "": [
        lambda d, level: np.max(d),
        lambda d, level: level * np.max(d),
        lambda d, level: np.inf,
        lambda d, level: np.mean(d),
    ],
}


# --- positive_targets: a prediction, then two counts ------------------------------------------

POSITIVE_RIGHT = [
    ("fewer", (6, 0)),
    ("Fewer.", (5, 1)),
    (" FEWER ", (np.int64(6), np.int64(0))),
    ('"fewer"', (7.0, 0.0)),
    ("fewer!", (np.array(6), np.array(0))),
]
POSITIVE_WRONG = {
    "a larger target, a larger danger": [("more", (6, 0)), ("more", (5, 0))],
    "death by the start alone": [("as many", (6, 0))],
    "not a number of networks": [("fewer", (0.3, 0.0)), ("fewer", (1320, 0))],
    "cars or answers counted": [("fewer", (20, 0)), ("fewer", (20, 1))],
    "nothing behind the output": [("fewer", (0, 0))],
    "not shifted": [("fewer", (6, 6))],
    "exchanged, or shifted down": [("fewer", (1, 6)), ("fewer", (6, 14)), ("more", (0, 6))],
    "not a number": [("fewer", ("six", 0))],
    "wrong number of values": [("fewer", ([6, 0], 0))],
}


# --- more_members: a prediction, then a percentage --------------------------------------------

MEMBERS_RIGHT = [
    (45, (46.2,)),
    (40.0, (45.1,)),
    (50, (np.float64(44.0),)),
    ([55], ([46.0],)),
    (42, (np.array(47.3),)),
]
MEMBERS_WRONG = {
    "more members, the promise kept": [(90, (46.2,)), (80, (46.2,)), (95, (44.0,)), (60, (46.0,))],
    "more members, a smaller spread": [(20, (46.0,)), (22.5, (46.2,)), (10, (44.0,))],
    "a share instead of per cent": [(45, (0.462,))],
    "no share at all": [(45, (4528,)), (45, (-3,))],
    "the half-width of the 74 cars": [(90, (90.6,))],
    "too few inside": [(45, (6.0,)), (45, (0.0,))],
    "not a number": [(45, ("half",))],
    "not finite": [(45, (np.nan,))],
    "wrong number of values": [(45, (np.full(10, 46.0),))],
}


# --- never_below_zero ------------------------------------------------------------------------

REMOVE = (
    "Remove it: half of the standardised prices are below 0, and where it cuts them off no "
    "gradient comes back."
)
NEVER_RIGHT = [("b",), ("B",), ("b.",), (" b) ",), ("(B)",), (REMOVE,), (REMOVE.upper(),)]
NEVER_WRONG = {
    "the price taken for the target": [("a",), ("A",), ("a)",)],
    "a leak at the output taken for a remedy": [("c",), ("C.",), ("'c'",)],
    "one verdict for every place": [("d",), (" D",), ("(d)",)],
}


# --- the bank --------------------------------------------------------------------------------


def notebook():
    """Give what notebook 15 defines for exercises 3 and 4."""
    import torch
    from torch import nn

    from helpers.datasets import cars
    from helpers.fleet import Fleet
    from helpers.models.regressors import Regressors, fit_regressors, parts, scaled
    from helpers.training import Adam

    torch.set_num_threads(1)
    data = cars()
    rows = parts(len(data), 20)
    x, y = scaled(data.x, rows), scaled(data.mpg, rows)

    def ending_in(output, shift=0.0):
        model = Regressors([8, 32, 1], seeds=20, output=output)
        squared = nn.MSELoss(reduction="none")
        return fit_regressors(model, x.learn, y.learn + shift, squared, learning_rate=0.01)

    def ensemble(values, division, members=10):
        rows = parts(len(data), [0], division=division)
        x, y = scaled(data.x, rows), scaled(values, rows)
        fleet = Fleet([8, 32, 1], seeds=members)
        settings = {"epochs": 40, "batch_size": 32, "record": [], "progress": False}
        fleet.fit(x.learn, y.learn, optimizer=Adam(0.01), **settings)
        said = [fleet.outputs(part)[0, ..., 0] * y.scale[0] + y.centre[0] for part in x[:3]]
        return said, [values[part][0, :, 0] for part in rows]

    def spread(said, factor=1.645):
        return factor * said.std(axis=0, ddof=1)

    return ending_in, x, nn.ReLU(), ensemble, spread, data.mpg


def solved_positive(solutions):
    ending_in, x, relu, *_ = notebook()
    return "fewer", tuple(solutions.positive_targets(ending_in, x, relu))


def solved_members(solutions):
    *_, ensemble, spread, mpg = notebook()
    return 45, (solutions.more_members(ensemble, spread, mpg),)


RIGHT = {
    "huber_pull": [(f,) for f in PULL_RIGHT],
    "reach": [(f,) for f in REACH_RIGHT],
    "positive_targets": POSITIVE_RIGHT,
    "more_members": MEMBERS_RIGHT,
    "never_below_zero": NEVER_RIGHT,
}
WRONG = {
    "huber_pull": {name: [(f,) for f in fs] for name, fs in PULL_WRONG.items()},
    "reach": {name: [(f,) for f in fs] for name, fs in REACH_WRONG.items()},
    "positive_targets": POSITIVE_WRONG,
    "more_members": MEMBERS_WRONG,
    "never_below_zero": NEVER_WRONG,
}
SOLVED = {
    "positive_targets": solved_positive,
    "more_members": solved_members,
    "never_below_zero": lambda solutions: (solutions.never_below_zero(),),
}
