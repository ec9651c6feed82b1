"""Solutions of the exercises of notebook 09."""

import numpy as np

from helpers import activations


def silu(z):
    """Multiply z by its sigmoid."""
    gate = 1 / (1 + np.exp(-z))
    return z * gate


def slope_gradient(grad_a, z):
    """Add up, over the layer, what each answer's change with the slope does to the loss."""
    return np.sum(grad_a * np.minimum(z, 0.0))


def steepest_far_out():
    """Measure the sizes of four derivatives at z = -5."""
    four = (
        activations.leaky_relu(slope=0.01),
        activations.elu(),
        activations.gelu,
        activations.silu,
    )
    return tuple(abs(f.derivative(-5.0)) for f in four)


def race_a_newcomer(raced, on_spirals):
    """Race hardtanh at its own rate, and give the mean of its accuracies."""
    return raced(activations.hardtanh, 0.1, **on_spirals).mean()


def which_to_take():
    """Say which activation the measurements of the notebook allow."""
    # With both parts GELU less ReLU was 0.1 [-0.3, 0.4], tanh less ReLU -0.7 [-1.1, -0.3]. The
    # leads of 1.5 and 1.7 points belong to another task and to another network.
    return "b"
