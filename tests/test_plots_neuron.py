"""The figures of notebook 01; what their sentences say is tested in test_plots.py."""

import numpy as np

from helpers.plots import neuron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
NEURONS = [(np.ones(2), -1.5), (np.ones(2), -0.5)]
WANTED = [[0, 0, 0, 1], [0, 1, 1, 0]]
PICTURES = np.linspace(0, 1, 256).reshape(4, 8, 8) ** 2
WEIGHTS = np.linspace(-1, 1, 64)
READ = {"one": np.array([3, 3]), "other": np.array([3, 8])}
ZERO_OR_ONE = ("a zero", "a one")


def relu(z):
    return np.maximum(z, 0)


FIGURES = {
    "contributions": (
        lambda: neuron.contributions([0.75, 0.25], [2.0, -1.0], -1.0, ["dryness", "rain"]),
        lambda: neuron.contributions([0.75, 0.25], [2.0, -1.0], -1.1, ["dryness", "rain"]),
    ),
    "responses": (
        lambda: neuron.responses(relu=relu, tanh=np.tanh),
        lambda: neuron.responses(relu=relu, tanh=np.sin),
    ),
    "decision_planes": (
        lambda: neuron.decision_planes(NEURONS, ["AND", "XOR"], CORNERS, WANTED),
        lambda: neuron.decision_planes(NEURONS[::-1], ["AND", "XOR"], CORNERS, WANTED),
    ),
    "pictures": (
        lambda: neuron.pictures(PICTURES, [0, 1, 2, 3]),
        lambda: neuron.pictures(PICTURES / 2, [0, 1, 2, 3]),
    ),
    "weights_picture": (
        lambda: neuron.weights_picture(WEIGHTS, PICTURES[:2].reshape(2, 64), ["0", "1"]),
        lambda: neuron.weights_picture(-WEIGHTS, PICTURES[:2].reshape(2, 64), ["0", "1"]),
    ),
    "readings": (
        lambda: neuron.readings(PICTURES[:2], [3, 8], READ),
        lambda: neuron.readings(PICTURES[:2], [3, 8], READ | {"other": np.array([3, 9])}),
    ),
    "scores": (
        lambda: neuron.scores([-2.0, 3.0, -1.0], [0, 1, 1], ZERO_OR_ONE),
        lambda: neuron.scores([-2.0, 3.0, 1.0], [0, 1, 1], ZERO_OR_ONE),
    ),
}
