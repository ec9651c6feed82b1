"""Solutions of the exercises of notebook 01."""

import numpy as np


def neuron(x, w, b):
    """Fire (1.0) where the weighted sum plus the bias is above zero."""
    z = x @ w + b  # one number for one input, one a row for many
    return np.where(z > 0, 1.0, 0.0)


def nand_gate():
    """Give the weights and the bias of a neuron that computes NAND."""
    w = np.array([-1.0, -1.0])  # every input that is on pushes z down by 1
    b = 1.5  # one input on leaves z above 0, two do not
    return w, b


def move_the_bias(x, w, b, change):
    """Measure the share of inputs that fire, before and after the bias moves."""
    share_before = neuron(x, w, b).mean()
    share_after = neuron(x, w, b + change).mean()
    return share_before, share_after


def xor(x):
    """Fire where exactly one of the two inputs is on."""
    either = neuron(x, np.array([1.0, 1.0]), -0.5)  # OR: at least one
    not_both = neuron(x, np.array([-1.0, -1.0]), 1.5)  # NAND: at most one
    both_agree = np.stack([either, not_both], axis=-1)  # a new input, shape (2,) or (N, 2)
    return neuron(both_agree, np.array([1.0, 1.0]), -1.5)  # AND of the two
