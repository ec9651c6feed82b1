"""Answers to the exercises of notebook 11, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import math
import statistics

import numpy as np
import scipy.stats
import torch
from scipy.stats import norm, t

from helpers.claims.criteria import Differs
from helpers.claims.themes.death import dead_by_bias
from helpers.stats import holm, mean_interval, paired_difference

# --- verdict ---------------------------------------------------------------------------------


def by_one_question_a_line(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if low >= -margin and high <= margin:
        return "no difference that matters"
    return "undecided"


def with_a_name_for_the_result(low, high, margin):
    result = "undecided"
    if -margin <= low <= high <= margin:
        result = "no difference that matters"
    if high <= -margin:
        result = "does not hold"
    if low >= margin:
        result = "holds"
    return result


def by_absolute_values(low, high, margin):
    if max(abs(low), abs(high)) <= margin:
        return "no difference that matters"
    if min(abs(low), abs(high)) >= margin and low * high > 0:
        return "holds" if low > 0 else "does not hold"
    return "undecided"


def by_regions(low, high, margin):
    regions = {
        "holds": (margin, math.inf),
        "does not hold": (-math.inf, -margin),
        "no difference that matters": (-margin, margin),
    }
    for word, (start, end) in regions.items():
        if start <= low and high <= end:
            return word
    return "undecided"


def in_capitals(low, high, margin):
    return by_regions(low, high, margin).upper() + " "


def crossings_first(low, high, margin):
    if low < margin < high or low < -margin < high:
        return "undecided"
    if low >= margin:
        return "holds"
    return "does not hold" if high <= -margin else "no difference that matters"


def zero_inside(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if low <= 0 <= high:
        return "no difference that matters"
    return "undecided"


def nothing_shown(low, high, margin):
    if low < 0 < high:
        return "no difference that matters"
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    return "no difference that matters"


def significant(low, high, margin):
    if low > 0:
        return "holds"
    if high < 0:
        return "does not hold"
    return "no difference that matters"


def significant_or_open(low, high, margin):
    if low > 0:
        return "holds"
    if high < 0:
        return "does not hold"
    return "undecided"


def margins_then_zero(low, high, margin):
    if -margin <= low and high <= margin:
        return "no difference that matters"
    if low > 0:
        return "holds"
    if high < 0:
        return "does not hold"
    return "undecided"


def holds_or_not(low, high, margin):
    return "holds" if low >= margin else "does not hold"


def all_open_fails(low, high, margin):
    if low >= margin:
        return "holds"
    if -margin <= low and high <= margin:
        return "no difference that matters"
    return "does not hold"


def only_up(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= margin:
        return "no difference that matters"
    return "undecided"


def never_fails(low, high, margin):
    if low >= margin:
        return "holds"
    if low >= -margin and high <= margin:
        return "no difference that matters"
    return "undecided"


def never_open(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    return "no difference that matters"


def middle(low, high, margin):
    estimate = (low + high) / 2
    if estimate >= margin:
        return "holds"
    if estimate <= -margin:
        return "does not hold"
    return "no difference that matters"


def touches(low, high, margin):
    if high >= margin:
        return "holds"
    if low <= -margin:
        return "does not hold"
    return "no difference that matters"


def strict(low, high, margin):
    if low > margin:
        return "holds"
    if high < -margin:
        return "does not hold"
    if low > -margin and high < margin:
        return "no difference that matters"
    return "undecided"


def strict_within(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if -margin < low and high < margin:
        return "no difference that matters"
    return "undecided"


def prints(low, high, margin):
    print(by_regions(low, high, margin))


def other_words(low, high, margin):
    return "true" if low >= margin else "false"


def truth(low, high, margin):
    return low >= margin


def fails_later(low, high, margin):
    if low >= margin:
        return "holds"
    raise ValueError(low)


def two_of_the_three(interval, margin):
    return by_regions(*interval, margin)


def always_open(low, high, margin):
    return "undecided"


def fails_at_once(low, high, margin):
    return regions[low >= margin]  # noqa: F821


def turned_round(low, high, margin):
    return by_regions(-high, -low, margin)


def with_full_stops(low, high, margin):
    return by_regions(low, high, margin).capitalize() + "."


def by_matching(low, high, margin):
    match (low >= margin, high <= -margin, -margin <= low and high <= margin):
        case (True, _, _):
            return "holds"
        case (_, True, _):
            return "does not hold"
        case (_, _, True):
            return "no difference that matters"
    return "undecided"


def signs_confused(low, high, margin):
    """Ask for what is never so."""
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if low >= margin and high <= margin:
        return "no difference that matters"
    return "undecided"


def one_end_inside(low, high, margin):
    if abs(low) <= margin or abs(high) <= margin:
        return "no difference that matters"
    return by_regions(low, high, margin)


def one_end_inside_last(low, high, margin):
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if low >= -margin or high <= margin:
        return "no difference that matters"
    return "undecided"


def narrow_is_alike(low, high, margin):
    if high - low < 2 * margin:
        return "no difference that matters"
    return by_regions(low, high, margin)


def wide_is_open(low, high, margin):
    if high - low > margin:
        return "undecided"
    return never_open(low, high, margin)


def ends_without_return(low, high, margin):
    word = by_regions(low, high, margin)
    if word != "undecided":
        return word
    return None


def in_own_words(low, high, margin):
    return by_regions(low, high, margin).replace("does not", "doesn't")


VERDICT_RIGHT = [
    with_full_stops,
    by_matching,
    by_one_question_a_line,
    with_a_name_for_the_result,
    by_absolute_values,
    by_regions,
    in_capitals,
    crossings_first,
]
VERDICT_WRONG = {
    "not shown taken for no difference": [zero_inside],
    "above 0 taken for enough": [significant, significant_or_open, margins_then_zero],
    "not shown taken for refuted": [holds_or_not, all_open_fails],
    "the other direction forgotten": [only_up, never_fails],
    "undecided forgotten": [never_open, nothing_shown],
    "the middle taken for the whole": [middle],
    "a touch taken for the whole": [touches],
    "the border left out": [strict, strict_within],
    "no difference never said": [signs_confused],
    "one end between the margins taken for both": [one_end_inside],
    "the width taken for the place": [narrow_is_alike, wide_is_open],
    "nothing returned": [prints, ends_without_return],
    "other arguments": [two_of_the_three],
    "not a function": ["holds"],
    "the two sides swapped": [turned_round],
    "": [other_words, truth, fails_later, fails_at_once, always_open, in_own_words],
}


# --- paired_interval -------------------------------------------------------------------------


def by_hand(a, b):
    d = a - b
    n = len(d)
    error = np.sqrt(((d - d.mean()) ** 2).sum() / (n - 1)) / np.sqrt(n)
    half = t.ppf(0.975, n - 1) * error
    return d.mean() - half, d.mean() + half


def with_scipy(a, b):
    d = np.asarray(a) - np.asarray(b)
    return t.interval(0.95, len(d) - 1, loc=d.mean(), scale=scipy.stats.sem(d))


def with_a_test(a, b):
    found = scipy.stats.ttest_rel(a, b).confidence_interval(0.95)
    return [found.low, found.high]


def with_our_helpers(a, b):
    found = paired_difference(a, b)
    return found.low, found.high


def with_statistics(a, b):
    d = [float(one - other) for one, other in zip(a, b, strict=True)]
    error = statistics.stdev(d) / len(d) ** 0.5
    factor = -t.ppf(0.025, len(d) - 1)
    return (statistics.mean(d) - factor * error, statistics.mean(d) + factor * error)


def with_torch(a, b):
    d = torch.as_tensor(a, dtype=torch.float64) - torch.as_tensor(b, dtype=torch.float64)
    half = t.ppf(0.975, len(d) - 1) * d.std() / len(d) ** 0.5
    return torch.stack([d.mean() - half, d.mean() + half])


def unpaired(a, b):
    n = len(a)
    error = np.sqrt(a.var(ddof=1) / n + b.var(ddof=1) / n)
    half = t.ppf(0.975, 2 * n - 2) * error
    gap = a.mean() - b.mean()
    return gap - half, gap + half


def welch_with_one_n(a, b):
    n = len(a)
    half = t.ppf(0.975, n - 1) * np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n)
    return a.mean() - b.mean() - half, a.mean() - b.mean() + half


def spread(a, b):
    d = a - b
    half = t.ppf(0.975, len(d) - 1) * d.std(ddof=1)
    return d.mean() - half, d.mean() + half


def two_spreads(a, b):
    d = a - b
    return d.mean() - 2 * d.std(ddof=1), d.mean() + 2 * d.std(ddof=1)


def normal(a, b):
    d = a - b
    half = 1.96 * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def normal_exactly(a, b):
    d = a - b
    half = norm.ppf(0.975) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def without_ddof(a, b):
    d = a - b
    half = t.ppf(0.975, len(d) - 1) * d.std() / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def ninety_per_cent(a, b):
    d = a - b
    half = t.ppf(0.95, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def n_degrees(a, b):
    d = a - b
    half = t.ppf(0.975, len(d)) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def plus_minus(a, b):
    d = a - b
    return d.mean(), t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))


def mean_alone(a, b):
    return (a - b).mean()


def of_each_arm(a, b):
    return mean_interval(a).low - mean_interval(b).low, mean_interval(a).high - mean_interval(
        b
    ).high


def over_n(a, b):
    d = a - b
    half = t.ppf(0.975, len(d) - 1) * d.std(ddof=1) / len(d)
    return d.mean() - half, d.mean() + half


def with_variance(a, b):
    d = a - b
    half = t.ppf(0.975, len(d) - 1) * d.var(ddof=1) / len(d) ** 0.5
    return d.mean() - half, d.mean() + half


def n_less_one_twice(a, b):
    """Divide by n in the deviation and by n - 1 in the error: that is the same."""
    d = a - b
    half = t.ppf(0.975, len(d) - 1) * d.std() / np.sqrt(len(d) - 1)
    return np.array([d.mean() - half, d.mean() + half])


def lower_quantile_first(a, b):
    d = a - b
    half = t.ppf(0.05 / 2, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


PAIRED_RIGHT = [
    n_less_one_twice,
    by_hand,
    with_scipy,
    with_a_test,
    with_our_helpers,
    with_statistics,
    with_torch,
]
PAIRED_WRONG = {
    "the pairs torn apart": [unpaired, welch_with_one_n],
    "the spread in place of the error of the mean": [
        spread,
        two_spreads,
        lambda a, b: np.quantile(a - b, [0.025, 0.975]),
    ],
    "n instead of its root": [over_n],
    "the variance for the standard deviation": [with_variance],
    "the sign thrown away": [lambda a, b: by_hand(abs(a - b), 0 * b)],
    "the seeds put in another order": [
        lambda a, b: by_hand(np.array(sorted(a)), np.array(sorted(b))),
    ],
    "the mean left out": [lambda a, b: by_hand(a - a.mean(), b - b.mean())],
    "1.96 for few seeds": [normal, normal_exactly],
    "divided by n instead of n - 1": [without_ddof],
    "one side forgotten": [ninety_per_cent],
    "as many degrees of freedom as seeds": [n_degrees],
    "the arms swapped": [lambda a, b: by_hand(b, a)],
    "the ends swapped": [lambda a, b: by_hand(a, b)[::-1], lower_quantile_first],
    "mean and half-width instead of both ends": [plus_minus],
    "": [
        mean_alone,
        of_each_arm,
        lambda a, b: dict(zip(("low", "high"), by_hand(a, b), strict=True)),
        lambda a, b: [by_hand(a, b)],
        lambda a, b: [100 * (a - b).mean()] * 2,
    ],
}


# --- small_bias, false_alarms ----------------------------------------------------------------

NAME = "digits from 0 to 1"
RULE = Differs("dead units", f"{NAME}, bias -0.1, dead", f"{NAME}, bias 0, dead", 0.05)
ALIKE = "no difference that matters"


def measure_bias(solutions):
    return ALIKE, solutions.small_bias(dead_by_bias, RULE, NAME, range(5))


P = np.random.default_rng(0).random((1000, 40))


# --- the bank --------------------------------------------------------------------------------

RIGHT = {
    "verdict": [(answer,) for answer in VERDICT_RIGHT],
    "paired_interval": [(answer,) for answer in PAIRED_RIGHT],
    "can_it_fail": [
        ([0, 1, 0, 0, 1, 1],),
        (np.array([0, 1, 0, 0, 1, 1]),),
        ([False, True, False, False, True, True],),
        ((0.0, 1.0, 0.0, 0.0, 1.0, 1.0),),
        (torch.tensor([0, 1, 0, 0, 1, 1]),),
    ],
    # Intervals of several sets of ten seeds.
    "small_bias": [
        (ALIKE, (0.0074, 0.0333)),
        ("No difference that matters.", (-0.0020, 0.0239)),
        (ALIKE, (np.float64(-0.0096), np.float64(0.0127))),
        (f'"{ALIKE}"', (-0.00009, 0.01572)),
        (ALIKE.upper(), (torch.tensor(0.0010), 0.0240)),
    ],
    "false_alarms": [
        (0.87, ((P < 0.05).any(axis=1).mean(),)),
        (1 - 0.95**40, (0.865,)),
        (0.9, (0.88,)),
        (0.85, (np.mean([any(p < 0.05 for p in row) for row in P]),)),
        (np.float64(0.87), (((P < 0.05).sum(axis=1) > 0).mean(),)),
        (0.87, (float((P.min(axis=1) < 0.05).mean()),)),
    ],
}
WRONG = {
    "verdict": {name: [(answer,) for answer in answers] for name, answers in VERDICT_WRONG.items()},
    "paired_interval": {
        name: [(answer,) for answer in answers] for name, answers in PAIRED_WRONG.items()
    },
    "can_it_fail": {
        "no such answer": [([0, 2, 0, 0, 1, 1],), ([0.5] * 6,)],
        "the question turned round": [([1, 0, 1, 1, 0, 0],)],
        "a definition taken for a finding": [([1, 1, 1, 1, 1, 1],), ([1, 1, 0, 0, 1, 1],)],
        "a search taken for a test": [([0, 1, 1, 0, 1, 1],)],
        "a margin that holds everything": [([0, 1, 0, 1, 1, 1],)],
        "strict taken for impossible": [([0, 0, 0, 0, 0, 0],), ([0, 0, 0, 0, 1, 1],)],
        "true taken for certain": [([0, 1, 0, 0, 0, 1],), ([0, 1, 0, 0, 0, 0],)],
        "unfair taken for impossible": [([0, 1, 0, 0, 1, 0],)],
        "wrong number of values": [([0, 1, 0],)],
        "not a number": [(["A", "C", "D", "", "", ""],)],
    },
    "small_bias": {
        "every negative bias kills": [("holds", (0.0074, 0.0333)), ("Holds!", (-0.0020, 0.0239))],
        "no effect taken for an effect the other way": [("does not hold", (0.0017, 0.0201))],
        "small taken for unclear": [("undecided", (-0.0020, 0.0239))],
        "the ends swapped": [(ALIKE, (0.0333, 0.0074))],
        "per cent instead of shares": [(ALIKE, (0.17, 2.01)), (ALIKE, (-9.6, 12.7))],
        "the arms swapped": [(ALIKE, (-0.0333, -0.0074)), ("holds", (-0.0240, -0.0010))],
        "an arm compared with itself": [(ALIKE, (0.0, 0.0)), ("holds", (0.97, 0.97))],
        "another bias": [(ALIKE, (0.9585, 0.9884)), ("holds", (0.0787, 0.1526))],
        "wrong number of values": [(ALIKE, ([0.0074, 0.0333], 0.05))],
    },
    "false_alarms": {
        "the share misjudged": [
            (0.05, ((P < 0.05).any(axis=1).mean(),)),
            (1, (0.87,)),
            (0.4, (0.88,)),
            (0.13, (0.865,)),
        ],
        "alarms counted instead of ledgers": [(0.87, ((P < 0.05).sum(axis=1).mean(),))],
        "a count or per cent instead of a share": [
            (0.87, (100 * (P < 0.05).any(axis=1).mean(),)),
            (0.87, ((P < 0.05).any(axis=1).sum(),)),
            (0.87, (-0.87,)),
        ],
        "the share of claims instead of ledgers": [
            (0.87, ((P < 0.05).mean(),)),
            (0.87, (np.mean([(holm(row) < 0.05).any() for row in P]),)),
        ],
        "the ledgers without an alarm": [(0.87, ((P >= 0.05).all(axis=1).mean(),))],
        "other numbers": [
            (0.87, ((P < 0.01).any(axis=1).mean(),)),
            (0.87, ((P[:, :20] < 0.05).any(axis=1).mean(),)),
            (0.87, ((P < 0.05).any(axis=0).mean(),)),
        ],
    },
}
SOLVED = {
    "can_it_fail": lambda solutions: (solutions.can_it_fail(),),
    "small_bias": measure_bias,
    "false_alarms": lambda solutions: (
        1 - 0.95**40,
        (solutions.false_alarms(np.random.default_rng(1)),),
    ),
}
