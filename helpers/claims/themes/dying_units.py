"""What pushes units into death: claim A17.

The fall of each dying unit's z is split into what its bias did and what the rest did.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Above
from helpers.claims.problems import problem
from helpers.claims.trainings import STANDARD, UNIT, looked_up, trained
from helpers.fleet.history import FleetHistory
from helpers.training import SGD, Adam

__all__ = ["CLAIMS", "pulled_by_bias", "push_of_bias"]

# Trainings in which every network loses units: data, scale of the inputs, optimiser, steps.
DYING = {
    "digits from 0 to 1, Adam 0.1": ("digits", UNIT, Adam(0.1), 44),
    "digits from 0 to 1, SGD 0.5": ("digits", UNIT, SGD(0.5), 44),
    "breast cancer standardised, Adam 0.1": ("breast cancer", STANDARD, Adam(0.1), 44),
    "cars from 0 to 1, Adam 0.1": ("cars", UNIT, Adam(0.1), 44),
    "sine from 0 to 1, Adam 0.1": ("sine", UNIT, Adam(0.1), 44),
}
# Layer 1 with standardised inputs is not among them. The mean of z is its bias there: that the bias
# has all of the fall would be arithmetic, and no finding.
ASKED = (
    ("digits from 0 to 1, Adam 0.1", 1),
    ("digits from 0 to 1, Adam 0.1", 2),
    ("digits from 0 to 1, SGD 0.5", 2),
    ("breast cancer standardised, Adam 0.1", 2),
    ("cars from 0 to 1, Adam 0.1", 1),
    ("sine from 0 to 1, Adam 0.1", 1),
)


def push_of_bias(
    seeds: Sequence[int], *, asked: Sequence[tuple[str, int]] = ASKED, width: int = 32
) -> dict[str, np.ndarray]:
    """Ask of each unit that dies in training what pulled its z down, its bias or the rest.

    Networks have two hidden layers of ReLU units, with biases of 0 to begin with.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    asked : sequence of (str, int)
        A key of `DYING`, and a hidden layer, from 1.
    width : int
        Units of each hidden layer.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        For training and layer the share of the bias in the fall; see `pulled_by_bias`.

    Raises
    ------
    ValueError
        If no unit died in one of the networks.
    """
    found = {}
    names = list(dict.fromkeys(name for name, _ in asked))
    for name, (data, scale, optimizer, steps) in looked_up(DYING, names):
        task = problem(data, seeds, scale=scale)
        looks = {"every": 1, "record": ("units", "parameters")}
        _, history = trained(task, [width] * 2, seeds, steps, optimizer=optimizer, **looks)
        for layer in [layer for one, layer in asked if one == name]:
            found[f"{name}, layer {layer}"] = pulled_by_bias(history, task.x, layer)
    return found


def pulled_by_bias(history: FleetHistory, x: np.ndarray, layer: int) -> np.ndarray:
    """Give the bias its share in the fall of z of the units that died, for each network.

    The mean of z over the probe is the mean of the layer's inputs times the weights, plus the bias.
    So from the start of training to the row in which a unit is first dead it falls by what the bias
    fell, and by what the rest did: weights and inputs.

    Parameters
    ----------
    history : FleetHistory
        Of ReLU networks, with units and parameters recorded, the first arm of which is asked.
    x : ndarray, shape (seeds, N, inputs)
        The probe that units were judged on.
    layer : int
        Hidden layer, from 1.

    Returns
    -------
    ndarray, shape (seeds,)
        Of both falls, each the mean over the units of a network that were alive at the start and
        died: that by the bias, as a share of the two. 1 if the rest did not fall, 0 if the bias did
        not; a half if neither did.

    Raises
    ------
    ValueError
        If no unit died in one of the networks: nothing can be asked there.
    """
    dead = history.dead[layer - 1][:, 0]
    died = dead.any(axis=0) & ~dead[0]
    if not died.any(axis=1).all():
        lacking = np.flatnonzero(~died.any(axis=1)).tolist()
        raise ValueError(
            f"no unit of layer {layer} died in networks {lacking} (from 0): take a higher rate, or"
            " more steps"
        )
    when = dead.argmax(axis=0)  # the row of the first death; only asked where there is one
    bias = np.zeros(died.shape)
    whole = np.zeros(died.shape)
    first_bias, first_mean = _bias_and_mean(history, x, layer, 0)
    for row in np.unique(when[died]):
        now = died & (when == row)
        row_bias, row_mean = _bias_and_mean(history, x, layer, int(row))
        bias[now] = (row_bias - first_bias)[now]
        whole[now] = (row_mean - first_mean)[now]
    counts = died.sum(axis=1)
    by_bias = np.maximum(-bias.sum(axis=1) / counts, 0.0)
    by_rest = np.maximum(-(whole - bias).sum(axis=1) / counts, 0.0)
    both = by_bias + by_rest
    return np.where(both > 0, by_bias / np.where(both > 0, both, 1.0), 0.5)


def _bias_and_mean(
    history: FleetHistory, x: np.ndarray, layer: int, row: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give bias and mean of z of a layer's units in one row: two arrays of shape (seeds, units)."""
    parameters = [array[row, 0] for array in history.parameters]
    a = x
    for below in range(layer - 1):
        w, b = parameters[2 * below : 2 * below + 2]
        a = np.maximum(np.matmul(a.astype(w.dtype), w) + b[:, np.newaxis], 0.0)
    w, b = (array.astype(float) for array in parameters[2 * layer - 2 : 2 * layer])
    mean = a.mean(axis=1, dtype=float)
    return b, np.einsum("si,sij->sj", mean, w) + b


# --- the claim ------------------------------------------------------------------------------------

CLAIMS = [
    Claim(
        "A17",
        title="Training drives the bias far below 0",
        says="Training drives the bias of a unit so far below 0 that the unit dies.",
        how=(
            "From the start of training to the step in which a unit is first dead the mean of its z"
            " falls by what its bias fell, and by what its weights and inputs made of it. The claim"
            " is that the bias has more than half of it, on average over the dying units."
        ),
        where="06#push-figure",
        experiment=push_of_bias,
        tests={
            f"{name}, layer {layer}": Above(
                "share of the bias in the fall of z of units that die",
                f"{name}, layer {layer}",
                0.5,
            )
            for name, layer in ASKED
        },
        quick={"seeds": 10, "asked": (("breast cancer standardised, Adam 0.1", 2),)},
    ),
]
