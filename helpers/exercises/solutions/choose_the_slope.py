"""Solutions of the exercises of notebook 08."""

import numpy as np


def gain(slope):
    """Give the gain of the weights that keeps signals at their size."""
    kept = (1 + slope**2) / 2  # share of the mean square that the activation lets through
    return 1 / np.sqrt(kept)


def how_loud(sizes_of_z):
    """Measure by which power of ten a straight line with ReLU's gain grows in 20 layers."""
    sizes = sizes_of_z([1.0], [2**0.5], depth=21)
    return np.log10(sizes[0, 20] / sizes[0, 0])


def beyond_one(fit_sine):
    """Measure the mean error of the fits at slope 1 and at slope 1.5."""
    error_at_1, error_beyond = fit_sine([1.0, 1.5]).mean(axis=1)
    return error_at_1, error_beyond


def three_slopes():
    """Choose a slope for each of the three situations."""
    deep_digits = 0.5  # straighter layers keep pictures apart, and there are only few steps
    shallow_spirals = 0.01  # two layers: the bend does the work
    easy_digits = 0.01  # it hardly matters, so take the library's default
    return deep_digits, shallow_spirals, easy_digits


def leaky(z, slope):
    """Apply leaky ReLU, whatever its slope."""
    return np.where(z > 0, z, slope * z)
