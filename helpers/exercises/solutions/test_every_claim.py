"""Solutions of the exercises of notebook 11."""

import numpy as np


def verdict(low, high, margin):
    """Tell in which region the whole interval lies; an end on a margin counts as inside."""
    if low >= margin:
        return "holds"
    if high <= -margin:
        return "does not hold"
    if -margin <= low and high <= margin:
        return "no difference that matters"
    return "undecided"


def paired_interval(a, b):
    """Give the ends of the 95 % interval of the mean difference, seed by seed."""
    from scipy.stats import t

    d = a - b
    half = t.ppf(0.975, df=len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d))
    return d.mean() - half, d.mean() + half


def can_it_fail():
    """Answer for the criteria A to F."""
    return [
        0,  # A: by definition a leaky unit is never dead
        1,  # B: fixed beforehand, with a margin that may be missed
        0,  # C: searched until found
        0,  # D: no two accuracies are further apart than 1
        1,  # E: true in every run, and yet not by necessity
        1,  # F: unfair, which is another fault
    ]


def small_bias(dead_by_bias, rule, name, seeds):
    """Judge by the same rule, with arms of a small bias; give both ends of the interval."""
    measured = dead_by_bias(seeds, settings=[name], biases=(0, -0.1), steps=110)
    found = rule.judge(measured)
    return found.effect.low, found.effect.high


def false_alarms(rng):
    """Count among 1,000 ledgers of forty claims with nothing to find those with a false alarm."""
    p = rng.random((1000, 40))
    return (p < 0.05).any(axis=1).mean()
