"""Solutions of the exercises of notebook 03."""

import numpy as np


def step_downhill(w, b, x, y, rate):
    """Move w and b one step against the gradient of the mean squared error."""
    miss = w * x + b - y  # once, for both slopes
    return w - rate * np.mean(2 * miss * x), b - rate * np.mean(2 * miss)


def weight_gradient(x, w, b, grad_a):
    """Give the gradient of a ReLU layer's weights, shape (d, k)."""
    z = x @ w + b
    grad_z = grad_a * (z > 0)  # the slope of ReLU: 1 where it fires, else 0
    return x.T @ grad_z  # adds up over the examples; the loss has taken the mean


def shares_at(scores, temperature):
    """Turn scores into shares, even ones at a high temperature, sharp ones at a low one."""
    divided = scores / temperature
    powers = np.exp(divided - np.max(divided, axis=-1, keepdims=True))  # the largest power is 1
    return powers / powers.sum(axis=-1, keepdims=True)


def double_the_rate(descend):
    """Measure how far ten steps end from 3, at the rate 0.15 and at twice that."""
    distance_before = abs(descend(0.0, rate=0.15)[-1] - 3)
    distance_after = abs(descend(0.0, rate=0.3)[-1] - 3)
    return distance_before, distance_after


def larger_batches(noise):
    """Measure the noise of the gradient in batches of 64 pictures."""
    return noise(64)
