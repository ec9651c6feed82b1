"""Build a model of one framework from a model of another; every slope is written out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from helpers import activations
from helpers.models.frameworks.layers import PARAMETERS, Layer, layers_of
from helpers.models.frameworks.optional import load_keras
from helpers.network import Dense, Network

__all__ = ["to_keras", "to_numpy", "to_torch"]


def to_numpy(model: Any) -> Network:
    """Build a `Network` of ours.

    Parameters
    ----------
    model
        As for `layers_of`.

    Returns
    -------
    Network
        In the type of the weights.

    Raises
    ------
    ValueError
        If a PReLU has slopes that differ between units: a `Network` has one for a layer.

    Examples
    --------
    >>> to_numpy(nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(0.2), nn.Linear(3, 2)))
    Network 4-3-2, leaky_relu(slope=0.2), 23 parameters
    """
    return Network.of(Dense(layer.w, layer.b, _activation(layer)) for layer in layers_of(model))


def _activation(layer: Layer) -> activations.Activation:
    word, slopes = PARAMETERS[layer.activation], np.unique(layer.parameter)
    if not word:
        return activations.get(layer.activation)
    if len(slopes) > 1:
        raise ValueError(
            f"a PReLU with {layer.parameter.size} slopes, from {slopes[0]:.3g} to {slopes[-1]:.3g}:"
            " a Network has one slope for all units of a layer; to_torch and to_keras take them all"
        )
    return activations.get(layer.activation, **{word: float(slopes[0])})


def to_torch(model: Any, dtype: torch.dtype | None = None) -> nn.Sequential:
    """Build a model of torch.

    Parameters
    ----------
    model
        As for `layers_of`.
    dtype : torch.dtype, optional
        By default that of the weights.

    Returns
    -------
    torch.nn.Sequential
        Linear layers, each followed by its activation. torch's own random state is not used.

    Examples
    --------
    >>> from helpers.network import Network
    >>> to_torch(Network([2, 3, 1], "relu"))
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    """
    parts: list[nn.Module] = []
    for layer in layers_of(model):
        kind = dtype or torch.from_numpy(layer.w).dtype
        linear = nn.utils.skip_init(nn.Linear, *layer.w.shape, dtype=kind)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(layer.w.T))
            linear.bias.copy_(torch.from_numpy(layer.b))
        parts.append(linear)
        if layer.activation != "identity":
            parts.append(TORCH[layer.activation](layer.parameter, kind))
    return nn.Sequential(*parts)


def _torch_prelu(slopes: np.ndarray, dtype: torch.dtype) -> nn.PReLU:
    made = nn.PReLU(slopes.size, dtype=dtype)
    with torch.no_grad():
        made.weight.copy_(torch.from_numpy(np.atleast_1d(slopes)))
    return made


TORCH: dict[str, Callable[[np.ndarray, torch.dtype], nn.Module]] = {
    "relu": lambda _, dtype: nn.ReLU(),
    "tanh": lambda _, dtype: nn.Tanh(),
    "sigmoid": lambda _, dtype: nn.Sigmoid(),
    "leaky_relu": lambda slope, dtype: nn.LeakyReLU(negative_slope=float(slope)),
    "prelu": _torch_prelu,
    "elu": lambda alpha, dtype: nn.ELU(alpha=float(alpha)),
}


def to_keras(model: Any, dtype: str = "float32") -> Any:
    """Build a model of Keras 3, on whatever back end Keras runs.

    Parameters
    ----------
    model
        As for `layers_of`.
    dtype : str
        "float32" or "float64". With torch and JAX as the back end Keras 3 multiplies matrices in
        float32 whatever is asked for, and only calls the result float64.

    Returns
    -------
    keras.Sequential
        Dense layers, each followed by its activation as a layer of its own, or as "tanh" or
        "sigmoid" by name.

    Raises
    ------
    ImportError
        If Keras is not installed.
    ValueError
        If the slope of a leaky ReLU is negative, which Keras refuses.

    Examples
    --------
    >>> from helpers.network import Network
    >>> twin = to_keras(Network([2, 3, 1], "relu"))
    >>> [type(layer).__name__ for layer in twin.layers]
    ['Dense', 'ReLU', 'Dense']
    """
    keras = load_keras()
    layers = layers_of(model)
    built = keras.Sequential([keras.Input((len(layers[0].w),), dtype=dtype)])
    for layer in layers:
        dense = keras.layers.Dense(len(layer.b), dtype=dtype, kernel_initializer="zeros")
        built.add(dense)
        dense.set_weights([layer.w, layer.b])
        if layer.activation != "identity":
            behind = _keras_activation(keras.layers, layer, dtype)
            built.add(behind)
            if layer.activation == "prelu":
                behind.set_weights([np.atleast_1d(layer.parameter)])
    return built


def _keras_activation(kinds: Any, layer: Layer, dtype: str) -> Any:
    name, parameter = layer.activation, layer.parameter
    if name == "leaky_relu":
        return kinds.LeakyReLU(negative_slope=float(parameter), dtype=dtype)
    if name == "elu":
        return kinds.ELU(alpha=float(parameter), dtype=dtype)
    if name == "prelu":
        return kinds.PReLU(shared_axes=None if parameter.ndim else [1], dtype=dtype)
    return kinds.ReLU(dtype=dtype) if name == "relu" else kinds.Activation(name, dtype=dtype)
