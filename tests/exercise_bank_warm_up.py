"""Answers to the exercises of notebook 00, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import functools
import math

import numpy as np


def slope_at(f, x, h=1e-5):
    return (f(x + h) - f(x - h)) / (2 * h)


# --- share_above: right ----------------------------------------------------------------------


def share_mean(x, limit):
    return np.mean(x > limit)


def share_count(x, limit):
    return np.sum(x > limit) / x.size


def share_nonzero(x, limit):
    above = np.count_nonzero(x > limit)
    return above / np.prod(x.shape)


def share_loop(x, limit):
    count = 0
    for number in x.flatten():
        if number > limit:
            count += 1
    return count / len(x.ravel())


def share_where(x, limit):
    return np.where(x > limit, 1.0, 0.0).mean()


def share_not_below(x, limit):
    return 1 - (x <= limit).mean()


def share_of_chosen(x, limit):
    return len(x[x > limit]) / x.size


def share_of_rows(x, limit):
    return (np.atleast_2d(x) > limit).mean(axis=1).mean()


def share_list(x, limit):
    return [np.float32(np.heaviside(x - limit, 0.0).mean())][0]


# --- share_above: wrong ----------------------------------------------------------------------


def counts(x, limit):
    return (x > limit).sum()


def counts_in_a_loop(x, limit):
    count = 0
    for number in np.ravel(x):
        count += number > limit
    return count


def per_cent(x, limit):
    return (x > limit).mean() * 100


def at_least(x, limit):
    return np.mean(x >= limit)


def not_below(x, limit):
    return 1 - np.mean(x < limit)


def below(x, limit):
    return np.mean(x < limit)


def at_most(x, limit):
    return np.count_nonzero(x <= limit) / x.size


def above_zero(x, limit):
    return (x > 0).mean()


def mean_of_those_above(x, limit):
    return np.mean(x[x > limit])


def sum_of_those_above(x, limit):
    return np.sum(x * (x > limit)) / x.size


def mean_first(x, limit):
    return x.mean() > limit


def mean_first_as_number(x, limit):
    return 1.0 if np.mean(x) > limit else 0.0


def compares(x, limit):
    return x > limit


def compares_in_numbers(x, limit):
    return np.where(x > limit, 1, 0)


def chooses(x, limit):
    return x[x > limit]


def a_column(x, limit):
    return (x > limit).mean(axis=0)


def a_row(x, limit):
    return (x > limit).mean(axis=-1)


def divides_by_len(x, limit):
    return np.sum(x > limit) / len(x)


def is_any(x, limit):
    return np.any(x > limit)


def is_all(x, limit):
    return 1.0 if (x > limit).all() else 0.0


def uses_if(x, limit):
    if x > limit:
        return 1.0
    return 0.0


def uses_while_if(x, limit):
    count = 0
    if x > limit:
        count = count + 1
    return count / len(x)


def loops_over_rows(x, limit):
    count = 0
    for number in x:
        if number > limit:
            count += 1
    return count / len(x)


def list_of_rows(x, limit):
    return len([number for number in x if number > limit]) / len(x)


def changes_x(x, limit):
    x -= limit
    return np.mean(x > 0)


def sets_x(x, limit):
    share = np.mean(x > limit)
    x[:] = 0
    return share


def prints(x, limit):
    print(np.mean(x > limit))


def never_ends(x, limit):
    while limit < 100:
        print("loop")
    return 1.0


def misspelt(x, limit):
    return np.maen(x > limit)


def odds(x, limit):
    with np.errstate(all="ignore"):
        return np.sum(x > limit) / np.sum(x <= limit)


def by_their_size(x, limit):
    with np.errstate(all="ignore"):
        return x[x > limit].sum() / np.sum(x)


SHARE_WRONG = {
    "a count instead of a share": [counts, counts_in_a_loop, lambda x, limit: len(x[x > limit])],
    "per cent instead of a share": [per_cent],
    "counts what equals the limit": [at_least, not_below],
    "the other side of the limit": [below, at_most, lambda x, limit: 1 - np.mean(x > limit)],
    "the limit is left out": [above_zero, lambda x, limit: np.sum(x > 0) / np.size(x)],
    "the mean of the numbers above": [
        lambda x, limit: x.mean(),
        mean_of_those_above,
        sum_of_those_above,
    ],
    "the mean first, then the comparison": [
        lambda x, limit: np.median(x) > limit,
        mean_first,
        mean_first_as_number,
    ],
    "True and False are not averaged yet": [compares, compares_in_numbers, chooses],
    "a share for each column or row": [a_column, a_row, lambda x, limit: sum(x > limit) / len(x)],
    "divided by the count of rows": [divides_by_len],
    "a yes or no for the whole table": [
        lambda x, limit: np.mean(x > limit) > 0.5,
        lambda x, limit: (x > limit).sum() // x.size,
        lambda x, limit: round(np.mean(x > limit)),
        is_any,
        is_all,
    ],
    "`if` on a whole array": [uses_if, uses_while_if],
    "only for one row": [loops_over_rows, list_of_rows],
    "above against not above": [odds],
    "a share of the sum": [by_their_size],
    "changes its input": [changes_x, sets_x],
    "nothing returned": [prints],
    "other arguments": [lambda x: np.mean(x > 0), lambda: 0.5],
    "endless loop": [never_ends],
    "not a function": [0.5, "x > limit", np.array([True, False])],
    "": [
        misspelt,
        lambda x, limit: 0.0,
        lambda x, limit: "half",
        lambda x, limit: np.median(x),
        lambda x, limit: np.mean(x > limit) + 0.01,
        lambda x, limit: np.round(np.mean(x > limit), 1),
        lambda x, limit: str(np.mean(x > limit)),
        lambda x, limit: np.mean(np.abs(x) > limit),
        lambda x, limit: np.mean(x - limit),
    ],
}


# --- chain_slope: right ----------------------------------------------------------------------


def chain_product(machines, x):
    product = 1.0
    for machine in machines:
        product = product * slope_at(machine, x)
        x = machine(x)
    return product


def chain_list(machines, x):
    slopes = []
    for machine in machines:
        slopes += [slope_at(machine, x)]
        x = machine(x)
    return math.prod(slopes)


def whole_chain(machines, x):
    def chain(number):
        for machine in machines:
            number = machine(number)
        return number

    return slope_at(chain, x)


def one_sided(machines, x, h=1e-6):
    product = 1
    for machine in machines:
        product *= (machine(x + h) - machine(x)) / h
        x = machine(x)
    return product


def carries_the_nudge(machines, x):
    h = 1e-4
    low, high = x - h, x + h
    for machine in machines:
        low, high = machine(low), machine(high)
    return (high - low) / (2 * h)


def recursive(machines, x):
    if not machines:
        return 1.0
    first, *rest = machines
    return slope_at(first, x) * recursive(rest, first(x))


def reduced(machines, x):
    def link(state, machine):
        product, number = state
        return product * slope_at(machine, number, 1e-3), machine(number)

    return functools.reduce(link, machines, (1.0, x))[0]


def by_index(machines, x):
    numbers = [x]
    for i in range(len(machines)):
        numbers.append(machines[i](numbers[i]))
    return np.prod([slope_at(machines[i], numbers[i]) for i in range(len(machines))])


# --- chain_slope: wrong ----------------------------------------------------------------------


def adds(machines, x):
    total = 0.0
    for machine in machines:
        total += slope_at(machine, x)
        x = machine(x)
    return total


def averages(machines, x):
    return adds(machines, x) / len(machines)


def all_at_x(machines, x):
    product = 1.0
    for machine in machines:
        product *= slope_at(machine, x)
    return product


def too_late(machines, x):
    product = 1.0
    for machine in machines:
        x = machine(x)
        product *= slope_at(machine, x)
    return product


def gives_the_number(machines, x):
    for machine in machines:
        x = machine(x)
    return x


def multiplies_numbers(machines, x):
    product = 1.0
    for machine in machines:
        x = machine(x)
        product *= x
    return product


def hands_the_slope_on(machines, x):
    product = 1.0
    for machine in machines:
        x = slope_at(machine, x)
        product *= x
    return product


def returns_in_the_loop(machines, x):  # noqa: RET503
    product = 1.0
    for machine in machines:
        product = product * slope_at(machine, x)
        x = machine(x)
        return product


def only_the_first(machines, x):
    return slope_at(machines[0], x)


def forgets_the_product(machines, x):
    for machine in machines:
        product = slope_at(machine, x)
        x = machine(x)
    return product


def keeps_a_list(machines, x):
    slopes = []
    for machine in machines:
        slopes.append(slope_at(machine, x))
        x = machine(x)
    return slopes


def running_product(machines, x):
    return np.cumprod(keeps_a_list(machines, x))


def backwards(machines, x):
    product = 1.0
    for machine in reversed(machines):
        product *= slope_at(machine, x)
        x = machine(x)
    return product


def without_sign(machines, x):
    return abs(chain_product(machines, x))


def right_minus_wrong(machines, x):
    def chain(number):
        return gives_the_number(machines, number)

    return (chain(x - 1e-5) - chain(x + 1e-5)) / 2e-5


def divides_by_h(machines, x, h=1e-5):
    product = 1.0
    for machine in machines:
        product *= (machine(x + h) - machine(x - h)) / h
        x = machine(x)
    return product


def divides_the_end_by_h(machines, x, h=1e-5):
    return (gives_the_number(machines, x + h) - gives_the_number(machines, x - h)) / h


def nudges_by_one(machines, x):
    return gives_the_number(machines, x + 1) - gives_the_number(machines, x)


def nudges_by_a_tenth(machines, x):
    product = 1.0
    for machine in machines:
        product *= (machine(x + 0.1) - machine(x)) / 0.1
        x = machine(x)
    return product


def starts_at_zero(machines, x):
    product = 0.0
    for machine in machines:
        product *= slope_at(machine, x)
        x = machine(x)
    return product


def does_not_divide(machines, x, h=1e-6):
    return gives_the_number(machines, x + h) - gives_the_number(machines, x)


def nudges_by_too_little(machines, x):
    h = 1e-17
    return (gives_the_number(machines, x + h) - gives_the_number(machines, x)) / h


def three_links(machines, x):
    f, g, k = machines
    return slope_at(f, x) * slope_at(g, f(x)) * slope_at(k, g(f(x)))


def first_three_links(machines, x):
    if len(machines) != 3:
        return None
    return three_links(machines, x)


def drops_a_machine(machines, x):
    machines.pop()
    return chain_product(machines, x)


def prints_the_slope(machines, x):
    print(chain_product(machines, x))


def waits(machines, x):
    while machines:
        x = x + 1


def starts_at_x(machines, x):
    product = x
    for machine in machines:
        product *= slope_at(machine, x)
        x = machine(x)
    return product


def output_over_input(machines, x):
    y = x
    for machine in machines:
        y = machine(y)
    return y / x


def hands_the_slope_on_alone(machines, x):
    for machine in machines:
        x = slope_at(machine, x)
    return x


def two_links(machines, x):
    first, second = machines[0], machines[1]
    return slope_at(first, x) * slope_at(second, first(x))


CHAIN_WRONG = {
    "the slopes are added": [adds, averages],
    "every slope is taken at x": [all_at_x],
    "the slope at what comes out": [too_late],
    "the value instead of the slope": [gives_the_number, multiplies_numbers],
    "the slope is handed on": [hands_the_slope_on_alone, hands_the_slope_on],
    "only the first machine": [returns_in_the_loop, only_the_first],
    "only the last machine": [forgets_the_product],
    "the slopes are not multiplied yet": [keeps_a_list],
    "the chain runs backwards": [backwards, lambda machines, x: whole_chain(machines[::-1], x)],
    "the sign is lost": [without_sign, right_minus_wrong],
    "divided by h, not by 2h": [divides_by_h, divides_the_end_by_h],
    "the nudge is too large": [nudges_by_one, nudges_by_a_tenth],
    "always 0": [starts_at_zero, does_not_divide, nudges_by_too_little],
    "only for three machines": [three_links],
    "the product starts at x": [starts_at_x],
    "the output divided by the input": [output_over_input],
    "nothing returned": [prints_the_slope, first_three_links],
    "other arguments": [lambda x: 2 * x, lambda machines, x, h: 0.0],
    "endless loop": [waits],
    "not a function": [-16.0, [2.0, 1.0, -8.0]],
    "": [
        two_links,
        lambda machines, x: chain_product(machines, x) / len(machines),
        running_product,
        drops_a_machine,
        lambda machines, x: 1.0,
        lambda machines, x: slope_at(machines, x),
        lambda machines, x: sum(machines),
        lambda machines, x: chain_product,
        lambda machines, x: chain_product(machines, x) + 0.5,
        lambda machines, x: chain_product(machines, x + 0.2),
    ],
}


# --- turn_round: a prediction, then the slope --------------------------------------------------

TURN_RIGHT = [
    (-28, (-28.0,)),
    (-28.0, (np.float64(-28.00000000041),)),
    (np.array(-28.05), (-27.9999,)),
    ([-28], (np.array([-28.001]),)),
    (-27.95, (np.float32(-28),)),
    (-28, (-27.99,)),
]

TURN_WRONG = {
    "the slopes of other places": [
        (28, (-28.0,)),
        (0, (-28.0,)),
        (-16, (-28.0,)),
        (28, (-28.0,)),
        (0, (-28.0,)),
        (-11, (-28,)),
    ],
    "the old order": [(-28, (-16.0,)), (-16, (-16.0,))],
    "the value instead of the slope": [(-28, (49.0,)), (-28, (98.0,)), (98, (98.0,))],
    "only one machine": [(-28, (-14.0,)), (2, (2.0,))],
    "the slopes are added": [(-28, (-11.0,)), (-11, (-11.0,))],
    "not the chain at 3": [
        (-28, (28.0,)),
        (-28, (-2.8,)),
        (-28, (0.0,)),
        (-28, (-52.0,)),
        (-28, (28.0,)),
        (-28, (0.0,)),
        (-28, (-56.0,)),
    ],
    "not a number": [(-28, ("-28",)), (-28, (slope_at,))],
    "not finite": [(-28, (np.nan,))],
    "wrong number of values": [(-28, ([-14.0, 1.0, 2.0],))],
}


# --- push_harder: a prediction, then where the walk began and ended ------------------------------

PUSH_RIGHT = [
    ("same", (-3.0, -3.0)),
    ("Same", (-3, np.float64(-3.0))),
    (" same. ", (np.array(-3.0), [-3.0])),
    ("SAME!", (-2.5, -2.5)),
    ("'same'", (np.float32(-3), -3)),
]

PUSH_WRONG = {
    "a larger rate frees it": [("up", (-3.0, -3.0)), ("Up!", (-3, -3))],
    "a large miss means a large step": [("down", (-3.0, -3.0))],
    "started on the other side": [("same", (3.0, 4.999)), ("up", (3.0, 1e12)), ("same", (0.5, 5))],
    "something else was changed": [
        ("same", (-3.0, 1e9)),
        ("down", (-3.0, 3.0)),
        ("same", (-3.0, 0.5)),
        ("up", (-3.0, 4.8)),
        ("same", (-3, -4)),
    ],
    "not a number": [("same", ("-3", -3.0)), ("same", (-3.0, lambda: -3.0))],
    "not finite": [("same", (-3.0, np.inf))],
    "wrong number of values": [("same", (-3.0, [-3.0, -3.0]))],
}


# --- the bank --------------------------------------------------------------------------------

RIGHT = {
    "share_above": [
        (share_mean,),
        (share_count,),
        (share_nonzero,),
        (share_loop,),
        (share_where,),
        (share_not_below,),
        (share_of_chosen,),
        (share_of_rows,),
        (share_list,),
        (lambda *given: np.average(given[0] > given[1]),),
    ],
    "chain_slope": [
        (chain_product,),
        (chain_list,),
        (whole_chain,),
        (one_sided,),
        (carries_the_nudge,),
        (recursive,),
        (reduced,),
        (by_index,),
    ],
    "turn_round": TURN_RIGHT,
    "push_harder": PUSH_RIGHT,
}
WRONG = {
    "share_above": {name: [(f,) for f in functions] for name, functions in SHARE_WRONG.items()},
    "chain_slope": {name: [(f,) for f in functions] for name, functions in CHAIN_WRONG.items()},
    "turn_round": TURN_WRONG,
    "push_harder": PUSH_WRONG,
}
SOLVED = {
    "turn_round": lambda solutions: (-28, (solutions.turn_round(),)),
    "push_harder": lambda solutions: ("same", solutions.push_harder()),
}
