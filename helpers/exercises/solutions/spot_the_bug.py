"""Solutions of the exercises of notebook 17."""

import numpy as np


def script_1():
    """Find the ReLU on the scores of the classes."""
    # Mended: Dense(*he(32, 10, rng), "identity").
    return 5


def script_2():
    """Find the square of z where that of a belongs."""
    # Mended: return 1 - np.tanh(z) ** 2.
    return 2


def script_3():
    """Find the column less a row, which is a table."""
    # Mended: loss = ((model(x)[:, 0] - y) ** 2).mean().
    return 7


def script_4():
    """Find the softmax in front of a loss that takes logits."""
    # Mended: nn.Sequential(*layers); line 6 is the other half of the mistake.
    return 14


def script_5():
    """Find the place where gradients should be cleared."""
    # Mended: optimizer.zero_grad() here, before line 5, or after the step.
    return 6


def script_6():
    """Find the mean and the spread that are not those of training."""
    # Mended: standardize(x_train, ten)[1].
    return 8


def script_7():
    """Find the share of zeros that is called dead."""
    # Mended: dead = (a <= 0).all(axis=0).mean().
    return 8


def script_8():
    """Find the conclusion from one run."""
    # Mended: paired_difference(leaky_scores, relu_scores), over many seeds.
    return 11


def guess_loss(labels):
    """Give the cross-entropy of saying the shares of the classes, whatever the input."""
    _, counts = np.unique(labels, return_counts=True)
    shares = counts / counts.sum()
    return -np.sum(shares * np.log(shares))


def first_tools():
    """Match A to F: by class, nudging, losses to know, shapes, seeds, other company."""
    return [3, 1, 5, 2, 6, 4]


def alike(network, fit, x, y):
    """Let all weights start at 0.1, and count hidden units that differ after training."""
    for layer in network.layers:
        layer.w[:] = 0.1
    fit(network, x, y, progress=False)
    return np.unique(network.layers[0].w.round(6), axis=1).shape[1]
