"""A network of dense layers in NumPy, with its backward pass written by hand.

A layer multiplies, adds and activates; a network is layers in a row. What torch does behind the
scenes is here in plain sight, small enough to read in one sitting:

>>> network = Network([2, 3, 1], "relu", seed=0)
>>> network
Network 2-3-1, relu, 13 parameters
>>> x = np.array([[0.5, -1.0], [2.0, 0.0]])
>>> output = network.forward(x)  # one row of outputs for each row of inputs
>>> output.shape
(2, 1)

The backward pass takes the gradient of the loss with respect to the output and leaves in each layer
the gradient with respect to its weights and biases:

>>> _ = network.backward(np.ones((2, 1)))
>>> network.layers[0].grad_w.shape == network.layers[0].w.shape
True

`training.fit` trains it; `breakpoints` and `region_count` take it apart along a line.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike

from helpers import activations, initializers
from helpers.activations import Activation

__all__ = ["Dense", "Initializer", "Network", "breakpoints", "default_initializer", "region_count"]

Initializer = Callable[[int, int, np.random.Generator], tuple[np.ndarray, np.ndarray]]

# Where the slope of a piecewise-linear activation changes. The negative side of the others is one
# straight line, and so is their positive side: they bend at 0, the identity nowhere.
BENDS: dict[str, tuple[float, ...]] = {
    "identity": (),
    "relu": (0.0,),
    "leaky_relu": (0.0,),
    "prelu": (0.0,),
    "rrelu": (0.0,),
    "relu6": (0.0, 6.0),
    "hardtanh": (-1.0, 1.0),
}


class Dense:
    """One layer of units, each connected to every input: ``a = activation(x @ w + b)``.

    Parameters
    ----------
    w : array_like, shape (fan_in, fan_out)
        Weights, one column a unit. Copied.
    b : array_like, shape (fan_out,)
        Biases. Copied.
    activation : Activation or str
        As `activations.get` finds it.

    Attributes
    ----------
    w, b : ndarray
        The parameters. Training changes them in place.
    x, z : ndarray, shapes (N, fan_in) and (N, fan_out)
        Inputs and pre-activations of the last `forward`; the backward pass needs them.
    grad_w, grad_b : ndarray
        Gradients of the loss, left by the last `backward`; of the shapes of `w` and `b`.

    Raises
    ------
    ValueError
        If the shapes of `w` and `b` do not belong together.

    References
    ----------
    Taught in notebooks 02 (forward) and 03 (backward).

    Examples
    --------
    >>> layer = Dense([[2.0], [-1.0]], [-1.0], "relu")
    >>> layer
    Dense 2-1, relu
    >>> layer.forward(np.array([[0.75, 0.25], [0.25, 0.25]]))
    array([[0.25],
           [0.  ]])
    >>> layer.backward(np.array([[1.0], [1.0]]))  # the second example did not fire
    array([[ 2., -1.],
           [ 0.,  0.]])
    >>> layer.grad_w
    array([[0.75],
           [0.25]])
    """

    def __init__(self, w: ArrayLike, b: ArrayLike, activation: Activation | str) -> None:
        """Copy the parameters, and see that they fit together."""
        self.w = np.array(w, dtype=np.result_type(np.asarray(w), np.float32))
        self.b = np.array(b, dtype=self.w.dtype)
        if self.w.ndim != 2 or self.b.shape != self.w.shape[1:]:
            raise ValueError(
                f"w has the shape {self.w.shape} and b {self.b.shape}; a layer takes w of shape "
                "(fan_in, fan_out), one column a unit, and b of shape (fan_out,)"
            )
        self.activation = _activation(activation)
        self.x = self.z = None
        self.grad_w, self.grad_b = np.zeros_like(self.w), np.zeros_like(self.b)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Turn inputs into activations, and keep what the backward pass will need.

        Parameters
        ----------
        x : ndarray, shape (N, fan_in)
            Inputs, one example a row.

        Returns
        -------
        ndarray, shape (N, fan_out)
            Activations.

        Raises
        ------
        ValueError
            If `x` is not a table with fan_in columns.
        """
        self.x = _table(x, self.w)
        self.z = self.x @ self.w + self.b
        return self.activation(self.z)

    def backward(self, grad_a: np.ndarray) -> np.ndarray:
        """Pass a gradient from the layer's output to its input, by the chain rule.

        Parameters
        ----------
        grad_a : ndarray, shape (N, fan_out)
            Gradient of the loss with respect to the activations of the last `forward`.

        Returns
        -------
        ndarray, shape (N, fan_in)
            Gradient of the loss with respect to the inputs. `grad_w` and `grad_b` are left in
            the layer.

        Raises
        ------
        ValueError
            If there was no `forward`, or it had activations of another shape.
        """
        if self.z is None:
            raise ValueError("backward() needs what forward() computes: call forward(x) first")
        if np.shape(grad_a) != self.z.shape:
            raise ValueError(
                f"the gradient has the shape {np.shape(grad_a)}, the outputs of the last forward() "
                f"have {self.z.shape}; they must be the same"
            )
        grad_z = grad_a * self.activation.derivative(self.z)
        self.grad_w = self.x.T @ grad_z
        self.grad_b = grad_z.sum(axis=0)
        return grad_z @ self.w.T

    def __repr__(self) -> str:
        """Tell sizes and activation."""
        return f"Dense {self.w.shape[0]}-{self.w.shape[1]}, {self.activation}"


class Network:
    """Dense layers in a row: the output of each is the input of the next.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs: ``[64, 32, 10]``.
    activation : Activation or str, or a sequence with one for each hidden layer
        What follows each hidden layer. The output layer stays linear: what its numbers mean is the
        business of the loss.
    initializer : callable, optional
        Takes fan_in, fan_out and a generator, returns w and b: a function of `initializers`. By
        default what suits the activation, see `default_initializer`.
    bias : float, optional
        The bias that every hidden unit starts with, in place of the initialiser's.
    seed : int or numpy.random.Generator
        Where the random weights come from. The same seed gives the same weights.
    dtype : numpy dtype
        float64 or float32.

    Attributes
    ----------
    layers : list of Dense
        Hidden layers and output layer. Change what you like: ``network.layers[0].b[:] = -2``.

    Raises
    ------
    TypeError, ValueError
        If there are fewer than two sizes, one is no whole number above 0, or the activations are
        not as many as the hidden layers.

    References
    ----------
    Taught in notebooks 02 (forward) and 03 (backward).

    Examples
    --------
    >>> from helpers.activations import leaky_relu
    >>> network = Network([64, 32, 32, 10], leaky_relu(slope=0.1), seed=1)
    >>> network
    Network 64-32-32-10, leaky_relu(slope=0.1), 3,466 parameters
    >>> network.layers
    [Dense 64-32, leaky_relu(slope=0.1), Dense 32-32, leaky_relu(slope=0.1), Dense 32-10, identity]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation | str | Sequence[Activation | str] = "relu",
        *,
        initializer: Initializer | None = None,
        bias: float | None = None,
        seed: int | np.random.Generator = 0,
        dtype: np.typing.DTypeLike = np.float64,
    ) -> None:
        """Draw the weights, layer by layer."""
        sizes = _checked_sizes(sizes)
        hidden = _activations(activation, len(sizes) - 2)
        if initializer is not None and not callable(initializer):
            raise TypeError(
                "initializer must be a function such as those of helpers.initializers; got "
                f"{initializer!r}"
            )
        rng = np.random.default_rng(seed)
        self.layers: list[Dense] = []
        after = [*hidden, activations.identity]
        suited = [*hidden, *hidden[-1:]] or after  # the output layer: by what comes into it
        for number, (fan_in, fan_out) in enumerate(itertools.pairwise(sizes)):
            draw = initializer or default_initializer(suited[number])
            w, b = draw(fan_in, fan_out, rng)
            self.layers.append(Dense(w.astype(dtype), b.astype(dtype), after[number]))
        if bias is not None:
            if isinstance(bias, bool) or not isinstance(bias, Real):
                raise TypeError(f"bias must be one number for every hidden unit; got {bias!r}")
            for layer in self.layers[:-1]:
                layer.b[:] = bias

    @classmethod
    def of(cls, layers: Iterable[Dense]) -> Network:
        """Make a network of layers that exist already.

        Raises
        ------
        ValueError
            If a layer does not have as many inputs as the one before has units.

        Examples
        --------
        >>> either = Dense([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0], "relu")
        >>> xor = Network.of([either, Dense([[1.0], [1.0]], [0.0], "identity")])
        >>> xor.forward([[0, 0], [0, 1], [1, 0], [1, 1]]).ravel()
        array([0., 1., 1., 0.])
        """
        layers = list(layers)
        if not layers:
            raise ValueError("a network needs at least one layer; got none")
        for number, (one, other) in enumerate(itertools.pairwise(layers), 1):
            if one.w.shape[1] != other.w.shape[0]:
                raise ValueError(
                    f"layers {number} and {number + 1} do not fit: w of shape {one.w.shape} gives "
                    f"{one.w.shape[1]} numbers an example, w of shape {other.w.shape} takes "
                    f"{other.w.shape[0]}"
                )
        network = cls.__new__(cls)
        network.layers = layers
        return network

    @property
    def sizes(self) -> list[int]:
        """Inputs, units of each hidden layer, outputs."""
        return [self.layers[0].w.shape[0], *(layer.w.shape[1] for layer in self.layers)]

    @property
    def parameters(self) -> list[np.ndarray]:
        """Weights and biases, layer by layer: the arrays themselves, not copies."""
        return [array for layer in self.layers for array in (layer.w, layer.b)]

    @property
    def gradients(self) -> list[np.ndarray]:
        """Gradients of the loss, in the order of `parameters`."""
        return [array for layer in self.layers for array in (layer.grad_w, layer.grad_b)]

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Compute the outputs.

        Parameters
        ----------
        x : array_like, shape (N, inputs)
            One example a row.

        Returns
        -------
        ndarray, shape (N, outputs)
            Outputs of the last layer. Each layer keeps its ``x`` and ``z``.

        Raises
        ------
        ValueError
            If `x` is not a table with as many columns as the network has inputs.
        """
        a = x
        for layer in self.layers:
            a = layer.forward(a)
        return a

    def backward(self, grad_output: np.ndarray) -> np.ndarray:
        """Compute the gradient of the loss with respect to every parameter, last layer first.

        Parameters
        ----------
        grad_output : ndarray, shape (N, outputs)
            Gradient of the loss with respect to the outputs of the last `forward`.

        Returns
        -------
        ndarray, shape (N, inputs)
            Gradient with respect to the inputs; those of the parameters are in `gradients`.

        Raises
        ------
        ValueError
            If there was no `forward`, or it had outputs of another shape.
        """
        grad = grad_output
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad

    def pre_activations(self, x: ArrayLike) -> list[np.ndarray]:
        """Compute z of each hidden layer on a probe: what `helpers.units` judges units by.

        Parameters
        ----------
        x : array_like, shape (N, inputs)
            The probe.

        Returns
        -------
        list of ndarray, shapes (N, units)
            One for each hidden layer. Nothing in the layers changes.

        Examples
        --------
        >>> from helpers.units import always_off
        >>> network = Network([2, 4, 1], "relu", bias=-10.0)
        >>> probe = np.random.default_rng(0).uniform(size=(100, 2))
        >>> [always_off(z).tolist() for z in network.pre_activations(probe)]
        [[True, True, True, True]]
        """
        a, found = _table(x, self.layers[0].w), []
        for layer in self.layers[:-1]:
            found.append(a @ layer.w + layer.b)
            a = layer.activation(found[-1])
        return found

    def copy(self) -> Network:
        """Make a network of the same weights that can be trained apart from this one."""
        return Network.of(Dense(layer.w, layer.b, layer.activation) for layer in self.layers)

    def __repr__(self) -> str:
        """Tell sizes, activations and the number of parameters."""
        hidden = [str(layer.activation) for layer in self.layers[:-1]]
        kinds = list(dict.fromkeys(hidden)) if len(set(hidden)) == 1 else hidden
        parts = ["-".join(map(str, self.sizes)), *kinds]
        count = sum(array.size for array in self.parameters)
        return f"Network {', '.join(parts)}, {count:,} parameters"


def default_initializer(activation: Activation | str) -> Initializer:
    """Give the initialiser that suits an activation.

    Returns
    -------
    callable
        He's with the slope of the negative side where that is a straight line other than the
        identity's, and He's for ReLU for its smooth relatives; Glorot's for the identity and what
        saturates on both sides.

    References
    ----------
    Taught in notebook 04.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> w, b = default_initializer("relu")(100, 400, rng)
    >>> f"{100 * w.var():.1f} / fan_in"
    '2.0 / fan_in'
    """
    activation = _activation(activation)
    if activation.name in ("identity", "step", "sigmoid", "tanh", "hardtanh"):
        return initializers.glorot
    slope = activation.slope or 0.0

    def he(fan_in: int, fan_out: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return initializers.he(fan_in, fan_out, rng, slope=slope)

    return he


def breakpoints(network: Network, start: ArrayLike, end: ArrayLike) -> np.ndarray:
    """Find every place where the network bends between two inputs.

    Along a straight line of inputs, every z of the first layer is a straight line too: a unit bends
    where its z crosses 0. Between the bends found so far the next layer's z is straight, and so on.
    Nothing is sampled, so nothing is missed between the points of a grid.

    Parameters
    ----------
    network : Network
        With piecewise-linear activations: identity, (leaky, parametric, randomised) ReLU, ReLU6 or
        hard tanh.
    start, end : array_like, shape (inputs,)
        The ends of the segment.

    Returns
    -------
    ndarray, shape (K,)
        Where some unit passes a bend of its activation: 0 < t < 1 for the input
        ``start + t * (end - start)``, in increasing order. Crossings closer than 1e-12 count once.

    Raises
    ------
    ValueError
        If an activation is curved, or the ends are no two inputs of the network.

    References
    ----------
    The pieces are the regions of Hanin and Rolnick (2019), https://arxiv.org/abs/1906.00904.
    Taught in notebook 05.

    Examples
    --------
    The network abs(x) = relu(x) + relu(-x) bends at 0, in the middle between -1 and 1:

    >>> hinges = Dense([[1.0, -1.0]], [0.0, 0.0], "relu")
    >>> absolute = Network.of([hinges, Dense([[1.0], [1.0]], [0.0], "identity")])
    >>> breakpoints(absolute, [-1.0], [1.0])
    array([0.5])
    """
    ends = np.stack([_end(network, start, "start"), _end(network, end, "end")])
    for layer in network.layers:
        if layer.activation.name not in BENDS:
            raise ValueError(
                f"{layer.activation} is curved: a network has countable pieces only with "
                f"{', '.join(BENDS)}"
            )
    t, a = np.array([0.0, 1.0]), ends
    for layer in network.layers:
        t, z = _cut(t, a @ layer.w + layer.b, BENDS[layer.activation.name])
        a = layer.activation(z)
    inner = t[1:-1]
    apart = np.diff(inner, prepend=0.0) > 1e-12
    return inner[apart & (inner < 1 - 1e-12)]


def region_count(network: Network, start: ArrayLike, end: ArrayLike) -> int:
    """Count the linear pieces of a network along a segment, exactly.

    Parameters
    ----------
    network, start, end
        As for `breakpoints`.

    Returns
    -------
    int
        Stretches of the segment on which no unit passes a bend of its activation: 1 if none bends.
        A bend counts even where all that lies behind the unit is silent, and the output straight.

    References
    ----------
    Hanin and Rolnick (2019), https://arxiv.org/abs/1906.00904. Taught in notebook 05.

    Examples
    --------
    One hidden unit with its bend inside the segment makes two pieces, one with it outside none:

    >>> hinge = Dense([[1.0, 1.0]], [0.0, -5.0], "relu")
    >>> region_count(Network.of([hinge, Dense([[1], [1]], [0], "identity")]), [-1.0], [1.0])
    2
    """
    return len(breakpoints(network, start, end)) + 1


def _cut(t: np.ndarray, z: np.ndarray, bends: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Add the places where a straight z crosses a bend.

    `z` of shape (K, units) holds its values at the K places `t`; between them it is straight.
    Returns the places, old and new, and z at each; at its own crossing z is the bend exactly.
    """
    places, rows = [t], [z]
    for bend in bends:
        low, high = z[:-1] - bend, z[1:] - bend
        piece, unit = np.nonzero(low * high < 0)
        share = low[piece, unit] / (low[piece, unit] - high[piece, unit])
        places.append(t[piece] + share * (t[piece + 1] - t[piece]))
        rows.append(z[piece] + share[:, np.newaxis] * (z[piece + 1] - z[piece]))
        rows[-1][np.arange(len(unit)), unit] = bend
    t, z = np.concatenate(places), np.concatenate(rows)
    order = np.argsort(t, kind="stable")
    return t[order], z[order]


def _table(x: ArrayLike, w: np.ndarray) -> np.ndarray:
    """Return inputs as floats of the weights' type, or say what shape they must have."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != w.shape[0]:
        row = " For a single example, x[np.newaxis] makes a table of one row."
        raise ValueError(
            f"x has the shape {x.shape}, the weights have {w.shape}: x must be of shape "
            f"(N, {w.shape[0]}), one example a row.{row if x.ndim == 1 else ''}"
        )
    if x.dtype.kind not in "biuf":
        raise TypeError(f"x must hold real numbers; its type is {x.dtype}")
    return x.astype(w.dtype, copy=False)


def _end(network: Network, point: ArrayLike, name: str) -> np.ndarray:
    """Return one end of a segment as a row of floats."""
    point = np.asarray(point, dtype=float)
    if point.shape != (network.sizes[0],):
        raise ValueError(
            f"{name} has the shape {point.shape}; an input of this network has "
            f"({network.sizes[0]},)"
        )
    return point


def _activation(given: Activation | str) -> Activation:
    """Look an activation up by name, or take it as it is."""
    if isinstance(given, Activation):
        return given
    if not isinstance(given, str):
        raise TypeError(
            f"activation must be a name such as 'relu', or an activation such as "
            f"leaky_relu(slope=0.1); got {given!r}"
        )
    return activations.get(given)


def _activations(
    given: Activation | str | Sequence[Activation | str], hidden: int
) -> list[Activation]:
    """Return one activation for each hidden layer."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        return [_activation(given)] * hidden
    if len(given) != hidden:
        raise ValueError(
            f"{len(given)} activations are given for {hidden} hidden layers: give one for all, or "
            "one for each (the output layer has none)"
        )
    return [_activation(one) for one in given]


def _checked_sizes(sizes: Sequence[int]) -> list[int]:
    """Return the sizes as ints, or say what they must be."""
    message = f"sizes must list inputs, hidden units and outputs, as [64, 32, 10]; got {sizes!r}"
    if isinstance(sizes, str) or not isinstance(sizes, Sequence | np.ndarray):
        raise TypeError(message)
    if any(isinstance(size, bool) or not isinstance(size, Integral) for size in sizes):
        raise TypeError(message)
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(message)
    return [int(size) for size in sizes]
