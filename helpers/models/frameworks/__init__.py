"""One dense network in four forms: our NumPy `Network`, PyTorch, Keras 3, and a plain file.

`layers_of` reads a model of any framework as plain `Layer`s; `to_numpy`, `to_torch` and `to_keras`
build one of them again, and `save` and `load` keep them in an npz file that needs no framework to
be read:

>>> from helpers.network import Network
>>> from helpers.activations import leaky_relu
>>> network = Network([2, 3, 1], leaky_relu(slope=0.3), seed=0)
>>> twin = to_torch(network)
>>> twin[1]
LeakyReLU(negative_slope=0.3)
>>> float(largest_difference(outputs(network, [[1.0, 2.0]]), outputs(twin, [[1.0, 2.0]]))) < 1e-12
True

Keras and ONNX are optional: they are imported when they are first needed, and `load_keras` says how
to install them. Keras may run on torch, TensorFlow or JAX; nothing here knows which.
"""

from helpers.models.frameworks.build import to_keras, to_numpy, to_torch
from helpers.models.frameworks.compare import gradients, largest_difference, outputs
from helpers.models.frameworks.export import to_onnx
from helpers.models.frameworks.layers import Layer, layers_of, load, save
from helpers.models.frameworks.optional import load_keras
from helpers.models.frameworks.port import DEFAULT_SLOPES, STARTS, port, read_with

__all__ = [
    "DEFAULT_SLOPES",
    "STARTS",
    "Layer",
    "gradients",
    "largest_difference",
    "layers_of",
    "load",
    "load_keras",
    "outputs",
    "port",
    "read_with",
    "save",
    "to_keras",
    "to_numpy",
    "to_onnx",
    "to_torch",
]
