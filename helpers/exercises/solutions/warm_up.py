"""Solutions of the exercises of notebook 00."""

import numpy as np


def slope_at(f, x, h=1e-5):
    """Measure the slope of a curve by nudging to both sides, as the notebook does."""
    return (f(x + h) - f(x - h)) / (2 * h)


def share_above(x, limit):
    """Give the share of the numbers in x that are above the limit."""
    return (x > limit).mean()  # the mean of True and False


def chain_slope(machines, x):
    """Give the slope of a chain: the product of the slopes, each where the number arrives."""
    product = 1.0
    for machine in machines:
        product = product * slope_at(machine, x)
        x = machine(x)  # what arrives at the next machine
    return product


def turn_round():
    """Measure the slope at 3 of the chain that begins with miss and ends with double."""

    def turned(x):
        return 2 * np.maximum((x - 10) ** 2, 0.0)  # double(bend(miss(x)))

    return slope_at(turned, 3.0)


def push_harder():
    """Walk from -3 with a rate of 100 instead of 0.1; give where it begins and ends."""

    def chain(x):
        return (np.maximum(2 * x, 0.0) - 10) ** 2

    x_before = x_after = -3.0
    for _ in range(5):
        x_after = x_after - 100 * slope_at(chain, x_after)
    return x_before, x_after
