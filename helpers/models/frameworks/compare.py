"""Outputs and gradients of a model, as NumPy arrays of one layout whatever the framework."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from helpers.models.frameworks.build import to_keras
from helpers.models.frameworks.layers import layers_of
from helpers.models.frameworks.optional import array_of, is_keras, load_keras, quiet
from helpers.network import Network
from helpers.training import softmax_cross_entropy

__all__ = ["gradients", "largest_difference", "outputs"]


def outputs(model: Any, x: ArrayLike) -> np.ndarray:
    """Run a model of any framework, as it would be used after training.

    Parameters
    ----------
    model : Network, torch.nn.Module, or model of Keras
        A module of torch is run in evaluation mode, and each part left in the mode that it was in.
    x : array_like, shape (N, inputs)
        Inputs; they are brought to the type of the weights.

    Returns
    -------
    ndarray, shape (N, outputs)

    Raises
    ------
    TypeError
        If it is none of these.

    Examples
    --------
    >>> outputs(nn.Sequential(nn.Identity(), nn.Linear(1, 1)), [[2.0]]).shape
    (1, 1)
    """
    x = np.asarray(x)
    if isinstance(model, Network):
        return model.forward(x)
    if is_keras(model):  # first: on the torch back end it is a module of torch, too
        return array_of(model(load_keras().ops.cast(x, model.dtype), training=False))
    if isinstance(model, nn.Module):
        modes = [(part, part.training) for part in model.modules()]
        with torch.no_grad():
            found = model.eval()(_tensor(model, x))
        for part, training in modes:
            part.training = training
        return found.cpu().numpy()
    raise TypeError(f"got {type(model).__name__}, not a Network, a torch module or a Keras model")


def _tensor(model: nn.Module, x: np.ndarray) -> torch.Tensor:
    first = next(model.parameters())
    return torch.from_numpy(x).to(device=first.device, dtype=first.dtype)


def gradients(model: Any, x: ArrayLike, labels: ArrayLike) -> list[np.ndarray]:
    """Differentiate the mean cross-entropy of the softmax by all weights and biases.

    Parameters
    ----------
    model
        As for `layers_of`; its outputs are logits. It stays as it is.
    x : array_like, shape (N, inputs)
        Inputs.
    labels : array_like of int, shape (N,)
        Their classes.

    Returns
    -------
    list of ndarray
        Of w, shape (fan_in, fan_out), and of b, shape (fan_out,), layer by layer.

    Notes
    -----
    Each back end of Keras has a way of its own to differentiate. What all have is `train_on_batch`:
    after a step of plain SGD with a learning rate of 1 the weights have changed by minus the
    gradient. So it is known to the rounding of the weights.

    Examples
    --------
    >>> network = Network([2, 3, 2], "relu", seed=0)
    >>> [gradient.shape for gradient in gradients(network, [[1.0, 2.0]], [1])]
    [(2, 3), (3,), (3, 2), (2,)]
    """
    x, labels = np.asarray(x), np.asarray(labels)
    if isinstance(model, Network):
        network = model.copy()
        network.backward(softmax_cross_entropy(network.forward(x), labels)[1])
        return network.gradients
    if is_keras(model):
        return _by_a_step(model, x, labels)
    layers_of(model)  # refuses what has another form
    loss = nn.functional.cross_entropy(model(_tensor(model, x)), torch.from_numpy(labels))
    weights = [
        weight
        for part in model.modules()
        if isinstance(part, nn.Linear)
        for weight in (part.weight, part.bias)
    ]
    found = torch.autograd.grad(loss, weights)
    return [gradient.numpy().T for gradient in found]


def _by_a_step(model: Any, x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    keras = load_keras()
    twin = to_keras(model, dtype=model.dtype)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    twin.compile(optimizer=keras.optimizers.SGD(1.0), loss=loss, jit_compile=False)
    before = [array for layer in layers_of(twin) for array in layer[:2]]
    with quiet():
        twin.train_on_batch(x, labels)
    after = [array for layer in layers_of(twin) for array in layer[:2]]
    return [one - other for one, other in zip(before, after, strict=True)]


def largest_difference(one: Any, other: Any) -> float:
    """Give the largest absolute difference between two arrays, or two lists of arrays.

    Raises
    ------
    ValueError
        If they are not of the same shapes.

    Examples
    --------
    >>> largest_difference([1.0, 2.0], [1.0, 2.5])
    0.5
    >>> largest_difference([np.zeros(2), np.zeros((2, 3))], [np.zeros(2), np.ones((2, 3))])
    1.0
    """
    pairs = zip(_arrays(one), _arrays(other), strict=True)
    return float(np.max([_difference(a, b) for a, b in pairs]))  # nan if there is one


def _arrays(given: Any) -> Iterable[np.ndarray]:
    listed = isinstance(given, list | tuple) and any(np.ndim(part) for part in given)
    return [np.asarray(part) for part in given] if listed else [np.asarray(given)]


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        raise ValueError(f"arrays of shape {one.shape} and {other.shape} cannot be compared")
    return float(np.abs(one.astype(float) - other).max())
