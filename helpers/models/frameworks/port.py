"""What a port changes without saying so: the default slope, and the default initial weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers import initializers
from helpers.activations import leaky_relu
from helpers.arguments import check_count
from helpers.datasets import digits, split
from helpers.fleet import Fleet
from helpers.network import Dense, Network
from helpers.training import Adam, accuracy

__all__ = ["DEFAULT_SLOPES", "STARTS", "port", "read_with"]

# What `LeakyReLU()` means; notebook 16 asks the installed packages, and a test does.
DEFAULT_SLOPES = {
    "torch.nn.LeakyReLU": 0.01,
    "keras.activations.leaky_relu": 0.2,
    "keras.layers.LeakyReLU": 0.3,
}
# Initial weights: those of He et al. (2015), and the defaults of a torch Linear and a Keras Dense.
STARTS = {"He": initializers.he, "torch": initializers.torch_default, "Keras": initializers.glorot}

WIDTH = 32


def read_with(network: Network, slope: float) -> Network:
    """Copy a network, and give all hidden layers a leaky ReLU of this slope; the weights stay.

    Examples
    --------
    >>> read_with(Network([2, 3, 1], leaky_relu(slope=0.01)), 0.3)
    Network 2-3-1, leaky_relu(slope=0.3), 13 parameters
    """
    *hidden, last = network.layers
    changed = [Dense(layer.w, layer.b, leaky_relu(slope=slope)) for layer in hidden]
    return Network.of([*changed, Dense(last.w, last.b, last.activation)])


def port(
    seeds: Sequence[int],
    *,
    layers: int,
    start: str = "He",
    slopes: Sequence[float] = tuple(DEFAULT_SLOPES.values()),
    learning_rate: float = 0.003,
    epochs: int = 15,
) -> np.ndarray:
    """Train a reader of digits with each slope, then read the same weights with each slope.

    Parameters
    ----------
    seeds : sequence of int
        One network a seed and slope; a seed has the same initial weights and batches whatever the
        slope.
    layers : int
        Hidden layers, of 32 units each.
    start : str
        Initial weights, one of `STARTS`: "He", "torch" or "Keras".
    slopes : sequence of float
        Of the negative side; by default those that `LeakyReLU()` has in torch and Keras.
    learning_rate : float
        Of Adam, batches of 64, in float64.
    epochs : int
        Passes through the 1,348 pictures.

    Returns
    -------
    ndarray, shape (slopes, slopes, seeds)
        Per cent of 449 other pictures read correctly: trained with the first, read with the second.
        On the diagonal are networks that keep their slope: trained anew after the port. Elsewhere
        weights were carried and the slope was not.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range.

    References
    ----------
    Taught in notebook 16, whose larger runs ``experiments/frameworks.py`` has stored.

    Examples
    --------
    >>> right = port([0], layers=1, slopes=[0.01, 0.3], epochs=2)
    >>> right.shape, bool(right[0, 0, 0] > 60)
    ((2, 2, 1), True)
    """
    check_count(layers, "layers", 1)
    if start not in STARTS:
        raise ValueError(f"there is no start {start!r}; there are {', '.join(STARTS)}")
    data = digits()
    x, y, x_test, y_test = split(data.pixels, data.labels)
    sizes = [x.shape[1], *[WIDTH] * layers, 10]
    options = {"initializer": STARTS[start], "dtype": "float64"}
    fleet = Fleet(sizes, seeds=list(seeds), slope=list(slopes), **options)
    fleet.fit(x, y, optimizer=Adam(learning_rate), epochs=epochs, record=(), progress=False)
    right = np.empty((len(slopes), len(slopes), len(fleet.seeds)))
    for trained in range(len(slopes)):
        for number in range(len(fleet.seeds)):
            network = fleet.network(trained, number)
            for place, slope in enumerate(slopes):
                right[trained, place, number] = accuracy(read_with(network, slope), x_test, y_test)
    return 100 * right
