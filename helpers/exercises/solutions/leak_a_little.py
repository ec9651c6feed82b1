"""Solutions of the exercises of notebook 07."""

import numpy as np


def leaky(z, slope):
    """Give the answer of leaky ReLU and its derivative, for every slope."""
    a = np.maximum(z, 0.0) + slope * np.minimum(z, 0.0)
    derivative = slope + (1 - slope) * (np.asarray(z) > 0)
    return a, derivative


def three_layers(three):
    """Send a gradient of 1 back through the network, and give its power of ten."""
    gradient = three.backward(np.array([[1.0]]))
    return np.log10(gradient)


def steeper(learn):
    """Train with three slopes at bias -8, and give the share that each reads."""
    history = learn(slope=[0.01, 0.1, 1], bias=-8.0)
    return history.test_accuracy[-1].mean(axis=1)


def patient(treat, x):
    """Centre the inputs, and give the share that is right afterwards."""
    treated = treat(x=x - x.mean(axis=0))
    return treated.accuracy[-1].mean()
