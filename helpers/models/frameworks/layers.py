"""Dense networks as plain layers, which belong to no framework: read from a model, kept in a file.

Weights have the shape (fan_in, fan_out), as in `helpers.network` and in Keras; torch keeps them the
other way round. What an activation's slope is stands beside its name, always: no default is used
on the way from one framework to another.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from torch import nn

from helpers.models.frameworks.optional import array_of, is_keras, load_keras
from helpers.network import Network

__all__ = ["PARAMETERS", "Layer", "layers_of", "load", "save"]

# The activations that can travel, each with the name of its parameter in `helpers.activations`.
PARAMETERS = {
    "identity": "",
    "relu": "",
    "tanh": "",
    "sigmoid": "",
    "leaky_relu": "slope",
    "prelu": "slope",
    "elu": "alpha",
}
FORMAT = "relu-course dense layers, 1"


class Layer(NamedTuple):
    """A dense layer and the activation behind it.

    Attributes
    ----------
    w : ndarray, shape (fan_in, fan_out)
        Weights, one column a unit.
    b : ndarray, shape (fan_out,)
        Biases.
    activation : str
        One of `PARAMETERS`.
    parameter : ndarray, shape () or (fan_out,)
        The slope below 0 of a leaky ReLU or PReLU, the alpha of an ELU; one for all units, or with
        PReLU one for each; nan for the others.
    """

    w: np.ndarray
    b: np.ndarray
    activation: str = "identity"
    parameter: np.ndarray = np.array(np.nan)


Found = tuple[str, Any]  # an activation and its parameter


def layers_of(model: Any) -> list[Layer]:
    """Read a model of any framework as plain layers.

    Parameters
    ----------
    model : Network, torch.nn.Sequential, keras.Sequential, or sequence of Layer
        Dense layers in a row, each with one activation behind it or none. Dropout is left out: it
        does nothing once training is over.

    Returns
    -------
    list of Layer
        Copies, in the order of the model.

    Raises
    ------
    TypeError
        If it is something else, or has a part that cannot travel.
    ValueError
        If the parts are in another order, or their shapes do not fit together.

    Examples
    --------
    torch keeps weights as (fan_out, fan_in); here it is (fan_in, fan_out):

    >>> model = nn.Sequential(nn.Linear(4, 3), nn.LeakyReLU(), nn.Linear(3, 2))
    >>> tuple(model[0].weight.shape)
    (3, 4)
    >>> [(one.w.shape, one.activation, float(one.parameter)) for one in layers_of(model)]
    [((4, 3), 'leaky_relu', 0.01), ((3, 2), 'identity', nan)]
    """
    if isinstance(model, Network):
        parts: Iterable[Any] = _of_numpy(model)
    elif is_keras(model):
        parts = _of_keras(model)
    elif isinstance(model, nn.Sequential) and type(model).forward is nn.Sequential.forward:
        parts = _of_torch(model)
    elif isinstance(model, Sequence) and all(isinstance(one, Layer) for one in model):
        parts = [part for one in model for part in (one[:2], one[2:])]
    else:
        raise TypeError(
            f"got {type(model).__name__}; a model that can travel is a Network, a "
            "torch.nn.Sequential, a keras.Sequential or a list of Layer"
        )
    return _checked(_paired(parts))


def _paired(parts: Iterable[Any]) -> Iterator[Layer]:
    """Put activations to the weights before them; ``identity`` takes no place of its own."""
    waiting, found = None, ("identity", np.nan)
    for part in parts:
        if isinstance(part[0], str):
            if part[0] == "identity":
                continue
            if waiting is None:
                raise ValueError(f"there is no dense layer before the activation {part[0]}")
            if found[0] != "identity":
                raise ValueError(f"{part[0]} follows {found[0]}: one activation a layer can travel")
            found = part
            continue
        if waiting is not None:
            yield _layer(*waiting, *found)
        waiting, found = part, ("identity", np.nan)
    if waiting is None:
        raise ValueError("the model has no dense layer")
    yield _layer(*waiting, *found)


def _layer(w: Any, b: Any, activation: str, parameter: Any) -> Layer:
    return Layer(np.array(w), np.array(b), activation, np.array(parameter, dtype=float))


def _checked(found: Iterable[Layer]) -> list[Layer]:
    layers = list(found)
    for number, layer in enumerate(layers):
        name, units = layer.activation, layer.b.shape
        if name not in PARAMETERS:
            raise TypeError(f"the activation {name} cannot travel; these can: {[*PARAMETERS]}")
        if layer.w.ndim != 2 or units != layer.w.shape[1:]:
            raise ValueError(
                f"layer {number} has w of shape {layer.w.shape} and b of shape {units}; they must "
                "be (fan_in, fan_out) and (fan_out,)"
            )
        if number and layers[number - 1].w.shape[1] != layer.w.shape[0]:
            raise ValueError(
                f"layer {number - 1} gives {layers[number - 1].w.shape[1]} numbers, layer {number} "
                f"takes {layer.w.shape[0]}: are the weights (fan_in, fan_out)?"
            )
        allowed = [(), units] if name == "prelu" else [()]
        if layer.parameter.shape not in allowed:
            raise ValueError(
                f"layer {number}, {name}: a parameter of shape {layer.parameter.shape}; it must be "
                f"{' or '.join(map(str, allowed))}"
            )
        if PARAMETERS[name] and not np.isfinite(layer.parameter).all():
            raise ValueError(f"layer {number}: {name} needs its {PARAMETERS[name]}, a number")
    return layers


# --- our own networks -------------------------------------------------------------------------


def _of_numpy(network: Network) -> Iterator[Any]:
    for layer in network.layers:
        yield layer.w, layer.b
        known = layer.activation
        yield known.name, known.parameters.get(PARAMETERS.get(known.name, ""), np.nan)


# --- torch ------------------------------------------------------------------------------------


def _of_torch(model: nn.Sequential) -> Iterator[Any]:
    for name, part in model.named_children():
        if isinstance(part, nn.Sequential):
            yield from _of_torch(part)
        elif isinstance(part, nn.Linear):
            weight = _array(part.weight)
            yield weight.T, np.zeros(len(weight)) if part.bias is None else _array(part.bias)
        elif not isinstance(part, nn.Dropout):
            yield _torch_activation(part, name)


def _array(tensor: Any) -> np.ndarray:
    return tensor.detach().cpu().numpy()


TORCH: dict[type, Callable[[Any], Found]] = {
    nn.Identity: lambda part: ("identity", np.nan),
    nn.ReLU: lambda part: ("relu", np.nan),
    nn.Tanh: lambda part: ("tanh", np.nan),
    nn.Sigmoid: lambda part: ("sigmoid", np.nan),
    nn.LeakyReLU: lambda part: ("leaky_relu", part.negative_slope),
    nn.PReLU: lambda part: ("prelu", _one_or_all(_array(part.weight))),
    nn.ELU: lambda part: ("elu", part.alpha),
}


def _torch_activation(part: nn.Module, name: str) -> Found:
    reader = TORCH.get(type(part))
    if reader is None:
        raise TypeError(
            f"part {name} is {part}, which cannot travel; besides nn.Linear these can: "
            f"{', '.join(kind.__name__ for kind in TORCH)}"
        )
    return reader(part)


def _one_or_all(slopes: np.ndarray) -> np.ndarray:
    return slopes.reshape(()) if slopes.size == 1 else slopes


# --- Keras ------------------------------------------------------------------------------------


def _of_keras(model: Any) -> Iterator[Any]:
    keras = load_keras()
    kinds = keras.layers
    if not isinstance(model, keras.Sequential):
        raise TypeError(
            f"{model.name} is a {type(model).__name__}, whose layers may be joined in any way: "
            "only those of a keras.Sequential can travel"
        )
    for layer in model.layers:
        weights = [array_of(variable) for variable in layer.weights]
        if isinstance(layer, keras.Model):
            yield from _of_keras(layer)
        elif isinstance(layer, kinds.Dense):
            if not weights:
                raise ValueError(f"{layer.name} has no weights yet: give the model a keras.Input")
            yield weights[0], weights[1] if layer.use_bias else np.zeros(weights[0].shape[1])
            yield _keras_function(layer.activation, layer.name)
        elif isinstance(layer, kinds.Activation):
            yield _keras_function(layer.activation, layer.name)
        elif isinstance(layer, kinds.LeakyReLU):
            yield "leaky_relu", layer.negative_slope
        elif isinstance(layer, kinds.PReLU):
            yield "prelu", _one_or_all(weights[0])
        elif isinstance(layer, kinds.ELU):
            yield "elu", layer.alpha
        elif isinstance(layer, kinds.ReLU) and layer.max_value is None and not layer.threshold:
            slope = float(layer.negative_slope)
            yield ("leaky_relu", slope) if slope else ("relu", np.nan)
        elif not isinstance(layer, kinds.Dropout | kinds.InputLayer):
            raise TypeError(
                f"layer {layer.name} is a {type(layer).__name__}, which cannot travel; besides "
                "Dense these can: ReLU, LeakyReLU, PReLU, ELU, Activation"
            )


def _keras_function(function: Callable[..., Any], layer: str) -> Found:
    """Read a function of keras.activations; called by name alone, it takes its own default."""
    name = getattr(function, "__name__", str(function))
    if name == "linear":
        return "identity", np.nan
    if name not in PARAMETERS or name == "prelu":
        raise TypeError(f"layer {layer} has the activation {name}, which cannot travel")
    word = {"leaky_relu": "negative_slope", "elu": "alpha"}.get(name)
    default = inspect.signature(function).parameters[word].default if word else np.nan
    return name, default


# --- a file -----------------------------------------------------------------------------------


def save(file: str | PathLike[str] | BinaryIO, model: Any) -> None:
    """Write a model of any framework into an npz file that each of them can be built from again.

    Parameters
    ----------
    file : path or open binary file
        A path should end in ".npz".
    model
        As for `layers_of`.

    Notes
    -----
    For layer 0 the file has the arrays "0.w", of shape (fan_in, fan_out), "0.b", "0.activation"
    and "0.parameter"; then those of layer 1, and so on. Nothing in it is pickled.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> save(file, nn.Sequential(nn.Linear(4, 2), nn.LeakyReLU(0.3)))
    >>> with np.load(io.BytesIO(file.getvalue())) as arrays:
    ...     sorted(arrays), str(arrays["0.activation"]), float(arrays["0.parameter"])
    (['0.activation', '0.b', '0.parameter', '0.w', 'format'], 'leaky_relu', 0.3)
    """
    arrays = {
        f"{number}.{field}": value
        for number, layer in enumerate(layers_of(model))
        for field, value in layer._asdict().items()
    }
    np.savez(file, format=np.array(FORMAT), **arrays)


def load(file: str | PathLike[str] | BinaryIO) -> list[Layer]:
    """Read what `save` has written.

    Raises
    ------
    ValueError
        If the file is another one, lacks something, or has shapes that do not fit together.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> save(file, nn.Sequential(nn.Linear(4, 2), nn.LeakyReLU(0.3)))
    >>> _ = file.seek(0)
    >>> load(file)[0].activation
    'leaky_relu'
    """
    with np.load(file, allow_pickle=False) as arrays:
        if "format" not in arrays or str(arrays["format"]) != FORMAT:
            raise ValueError(f"this is no file that save() wrote: its format is not {FORMAT!r}")
        count = len({name.partition(".")[0] for name in arrays if name != "format"})
        try:
            found = [
                _layer(
                    *(arrays[f"{number}.{field}"] for field in ("w", "b")),
                    str(arrays[f"{number}.activation"]),
                    arrays[f"{number}.parameter"],
                )
                for number in range(count)
            ]
        except KeyError as error:
            raise ValueError(f"the file lacks an array: {error}") from None
    if not found:
        raise ValueError("the file has no layer")
    return _checked(found)
