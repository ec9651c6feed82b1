"""Training a `network.Network`: losses, optimisers, `fit`, and a check of the gradients.

>>> from helpers.network import Network
>>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
>>> exclusive_or = np.array([0, 1, 1, 0])
>>> network = Network([2, 8, 2], "relu", seed=0)
>>> history = fit(network, x, exclusive_or, epochs=200, optimizer=Adam(0.05), seed=0)
>>> history
History: 200 epochs, loss 0.599 -> 0.000, accuracy 75.0 % -> 100.0 %
>>> predict(network, x)
array([0, 1, 1, 0])

A loss is a function of outputs and targets that returns two things: its value, and its gradient
with respect to the outputs, where the backward pass begins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from helpers import units
from helpers.arguments import check_count
from helpers.network import BENDS, Network

__all__ = [
    "SGD",
    "Adam",
    "GradientCheck",
    "History",
    "Loss",
    "Optimizer",
    "accuracy",
    "confusion",
    "fit",
    "gradient_check",
    "gradient_sizes",
    "mean_squared_error",
    "predict",
    "slope_at",
    "softmax",
    "softmax_cross_entropy",
]

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]

# A loss so many times the first one will not come back by itself. (Cross-entropy at the start is
# about log(classes); steps that are somewhat too large raise it ten- or a hundredfold and recover.)
TOO_LARGE = 1e6


# --- losses -----------------------------------------------------------------------------------


def mean_squared_error(output: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray]:
    """Average the squared differences between outputs and targets.

    Parameters
    ----------
    output, target : ndarray, shape (N, K)
        Both of the same shape.

    Returns
    -------
    loss : float
        Mean over all N * K numbers, as in torch.
    gradient : ndarray, shape (N, K)
        Gradient of the loss with respect to `output`.

    Raises
    ------
    ValueError
        If the shapes differ: NumPy would otherwise pair every output with every target.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> mean_squared_error(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    (2.0, array([[2.],
           [0.]]))
    """
    output, target = np.asarray(output), np.asarray(target)
    if output.shape != target.shape:
        wanted = f"y of shape {output.shape}"
        if target.ndim == 1 and output.shape == (len(target), 1):
            wanted += ": y.reshape(-1, 1) makes it"
        elif target.ndim == 1 or target.shape == (len(output), 1):
            wanted += ". If they are classes, y.ravel().astype(int) says so"
        raise ValueError(
            f"the outputs have the shape {output.shape}, the targets {target.shape}; this loss "
            f"takes {wanted}"
        )
    difference = output - target
    return float(np.mean(difference**2)), 2 * difference / difference.size


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn scores into shares that add up to 1, the largest score into the largest share.

    Parameters
    ----------
    logits : ndarray, shape (..., K)
        Scores, any real numbers. The largest of each row is taken off first: that changes no share
        and keeps ``exp`` from overflowing.

    Returns
    -------
    ndarray, shape (..., K)
        Shares between 0 and 1.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> softmax(np.log([[1.0, 2.0, 5.0]]))
    array([[0.125, 0.25 , 0.625]])
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def softmax_cross_entropy(logits: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
    """Average the surprise about the right classes: minus the logarithm of their softmax shares.

    Parameters
    ----------
    logits : ndarray, shape (N, K)
        One score for each class, any real numbers; softmax is taken inside.
    labels : ndarray of int, shape (N,)
        The right classes, from 0 to K - 1.

    Returns
    -------
    loss : float
        Mean over the N examples, in nats. log(K) is what equal scores give.
    gradient : ndarray, shape (N, K)
        Gradient of the loss with respect to `logits`: the shares, less 1 for the right class,
        divided by N.

    Raises
    ------
    ValueError
        If the labels are not N whole numbers from 0 to K - 1.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> loss, gradient = softmax_cross_entropy(np.array([[0.0, 0.0]]), np.array([1]))
    >>> round(loss, 4), gradient
    (0.6931, array([[ 0.5, -0.5]]))
    """
    logits, labels = np.asarray(logits), np.asarray(labels)
    _check_labels(logits, labels)
    rows = np.arange(len(labels))
    shifted = logits - logits.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    sums = powers.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - shifted[rows, labels])
    gradient = powers / sums
    gradient[rows, labels] -= 1
    return float(loss), gradient / len(labels)


def _check_labels(logits: np.ndarray, labels: np.ndarray) -> None:
    """Say what labels must be, naming both shapes."""
    if logits.ndim != 2 or labels.shape != logits.shape[:1]:
        raise ValueError(
            f"the outputs have the shape {logits.shape}, the labels {labels.shape}; this loss "
            "takes outputs of shape (N, K), one score a class, and N labels of shape (N,)"
        )
    if labels.dtype.kind not in "iu":
        raise ValueError(
            f"labels must be whole numbers, classes from 0 to {logits.shape[1] - 1}; their type is "
            f"{labels.dtype}. If they are classes, y.astype(int) makes them so; if they are "
            "measurements, use mean_squared_error"
        )
    if len(labels) and not (labels.min() >= 0 and labels.max() < logits.shape[1]):
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, the outputs have the shape "
            f"{logits.shape}: classes are counted from 0, and each needs an output of its own. If "
            "these are numbers to predict, y.reshape(-1, 1) says so"
        )


# --- optimisers -------------------------------------------------------------------------------


class Optimizer(Protocol):
    """What `fit` needs: a step that changes parameters in place."""

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Move each parameter, given its gradient."""


@dataclass
class SGD:
    """Stochastic gradient descent: a step downhill, and with momentum a share of the last step.

    Parameters
    ----------
    learning_rate : float
        Length of a step per unit of gradient, above 0.
    momentum : float
        Share of the velocity that is kept, from 0 (none) to below 1; as in torch,
        ``velocity = momentum * velocity + gradient``.
    weight_decay : float
        As in torch, so many times each parameter is added to its gradient: 0 for none.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    Taught in notebook 03. Momentum: Polyak (1964), https://doi.org/10.1016/0041-5553(64)90137-5.

    Examples
    --------
    >>> w = np.array([1.0])
    >>> optimizer = SGD(0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.step([w], [np.array([2.0])])
    >>> w
    array([0.42])
    """

    learning_rate: float = 0.1
    momentum: float = 0.0
    weight_decay: float = 0.0
    _velocities: list[np.ndarray] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_rate(self.learning_rate)
        _check_share(self.momentum, "momentum")
        _check_not_negative(self.weight_decay, "weight_decay")

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Move each parameter against its gradient, in place."""
        if self.momentum and not self._velocities:
            self._velocities = [np.zeros_like(p) for p in parameters]
        for number, (parameter, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            gradient = _decayed(gradient, parameter, self.weight_decay)
            if self.momentum:
                velocity = self._velocities[number]
                velocity *= self.momentum
                velocity += gradient
                gradient = velocity
            parameter -= self.learning_rate * gradient


@dataclass
class Adam:
    """Adam: steps of about the learning rate in every parameter, whatever the gradient's size.

    Parameters
    ----------
    learning_rate : float
        About the length of a step in each parameter, above 0.
    beta1, beta2 : float
        How much of the running means of the gradient and of its square is kept at each step.
    eps : float
        Keeps the division apart from 0.
    weight_decay : float
        As for `SGD`.

    Raises
    ------
    ValueError
        If a number is out of its range.

    References
    ----------
    Kingma and Ba (2015), https://arxiv.org/abs/1412.6980. Used from notebook 02 on.

    Examples
    --------
    The first step has the length of the learning rate, for a large gradient and for a small one:

    >>> w = np.array([1.0, 1.0])
    >>> Adam(0.1).step([w], [np.array([5.0, -0.001])])
    >>> w.round(3)
    array([0.9, 1.1])
    """

    learning_rate: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0
    _means: list[np.ndarray] = field(default_factory=list, init=False, repr=False)
    _squares: list[np.ndarray] = field(default_factory=list, init=False, repr=False)
    _steps: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        _check_rate(self.learning_rate)
        _check_share(self.beta1, "beta1")
        _check_share(self.beta2, "beta2")
        if not self.eps > 0:
            raise ValueError(f"eps must be above 0; got {self.eps}")
        _check_not_negative(self.weight_decay, "weight_decay")

    def step(self, parameters: Sequence[np.ndarray], gradients: Sequence[np.ndarray]) -> None:
        """Move each parameter against its gradient's mean, divided by its usual size, in place."""
        if not self._means:
            self._means = [np.zeros_like(p) for p in parameters]
            self._squares = [np.zeros_like(p) for p in parameters]
        self._steps += 1
        # The means start at 0 and are too small at first: divide by the share they have seen.
        rate = self.learning_rate / (1 - self.beta1**self._steps)
        seen = math.sqrt(1 - self.beta2**self._steps)
        for parameter, gradient, mean, square in zip(
            parameters, gradients, self._means, self._squares, strict=True
        ):
            gradient = _decayed(gradient, parameter, self.weight_decay)
            mean += (1 - self.beta1) * (gradient - mean)
            square += (1 - self.beta2) * (gradient * gradient - square)
            parameter -= rate * mean / (np.sqrt(square) / seen + self.eps)


def _decayed(gradient: np.ndarray, parameter: np.ndarray, weight_decay: float) -> np.ndarray:
    return gradient + weight_decay * parameter if weight_decay else gradient


def _check_not_negative(value: float, name: str) -> None:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a number of at least 0, such as 0.001; got {value!r}")


def _check_rate(rate: float) -> None:
    if isinstance(rate, bool) or not isinstance(rate, Real) or not 0 < rate < math.inf:
        raise ValueError(f"learning_rate must be a number above 0, such as 0.01; got {rate!r}")


def _check_share(share: float, name: str) -> None:
    if isinstance(share, bool) or not isinstance(share, Real) or not 0 <= share < 1:
        raise ValueError(f"{name} must be a number from 0 to below 1, such as 0.9; got {share!r}")


# --- fit --------------------------------------------------------------------------------------

_MEASURED = ("loss", "accuracy", "test_loss", "test_accuracy", "always_off", "dead")


@dataclass
class History:
    """What `fit` saw. Row 0 of every list is the network before the first step.

    Attributes
    ----------
    loss, accuracy : list of float, length epochs + 1
        On all training examples, measured after each epoch. The accuracy is a share from 0 to 1,
        and empty if the targets are no classes.
    test_loss, test_accuracy : list of float
        The same on the test examples; empty if none were given.
    always_off, dead : list of list of float
        For each epoch the share of each hidden layer's units that are always-off, or dead, on the
        probe, by `helpers.units`.
    probe_size : int
        Examples in the probe.
    message : str
        Why training stopped early; empty if it did not.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    always_off: list[list[float]] = field(default_factory=list)
    dead: list[list[float]] = field(default_factory=list)
    probe_size: int = 0
    message: str = ""

    @property
    def epochs(self) -> int:
        """Epochs that were finished."""
        return max(len(self.loss) - 1, 0)

    @property
    def diverged(self) -> bool:
        """Whether training was stopped because the loss ran away."""
        return bool(self.message)

    def _keep(self, rows: int) -> None:
        """Drop what was measured after so many rows."""
        for name in _MEASURED:
            del getattr(self, name)[rows:]

    def __repr__(self) -> str:
        """Tell where it began and where it ended."""
        plural = "epoch" if self.epochs == 1 else "epochs"
        if not self.loss:
            return "History: nothing measured yet"
        parts = [f"{self.epochs} {plural}", f"loss {self.loss[0]:.3f} -> {self.loss[-1]:.3f}"]
        if self.test_loss and not self.test_accuracy:
            parts.append(f"test loss {self.test_loss[0]:.3f} -> {self.test_loss[-1]:.3f}")
        for name in ("accuracy", "test_accuracy"):
            if values := getattr(self, name):
                told = f"{name.replace('_', ' ')} {values[0]:.1%} -> {values[-1]:.1%}"
                parts.append(told.replace("%", " %"))
        return f"History: {', '.join(parts)}" + (
            f". {self.message.partition(':')[0]}" if self.message else ""
        )


def fit(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 20,
    batch_size: int = 64,
    seed: int | np.random.Generator = 0,
    test: tuple[ArrayLike, ArrayLike] | None = None,
    probe: ArrayLike | None = None,
    progress: bool = True,
) -> History:
    """Train a network on mini-batches.

    The network changes in place. When a training is interrupted it keeps what it has learned, and
    another `fit` goes on from there.

    Parameters
    ----------
    network : Network
        What to train.
    x : array_like, shape (N, inputs)
        Examples, one a row.
    y : array_like, shape (N,) of whole numbers, or (N, outputs)
        Classes, or numbers to predict.
    loss : callable, optional
        By default `softmax_cross_entropy` for classes, `mean_squared_error` for numbers.
    optimizer : SGD or Adam, optional
        By default a new ``Adam(0.001)``.
    epochs : int
        Passes over all examples.
    batch_size : int
        Examples per step. The last batch of an epoch may be smaller.
    seed : int or numpy.random.Generator
        Decides the order of the examples, drawn anew in every epoch.
    test : tuple of (x, y), optional
        Examples to measure on and never to learn from.
    probe : array_like, shape (P, inputs), optional
        Inputs on which units are judged; by default `x`.
    progress : bool
        Show a progress bar if it takes more than two seconds, and print a line if training is
        stopped because the loss has run away.

    Returns
    -------
    History
        Loss, accuracy and shares of silent units, before the first epoch and after each.

    Raises
    ------
    TypeError, ValueError
        If shapes, labels or settings do not fit together, or an input is not finite. Nothing has
        changed then.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
    >>> network = Network([1, 16, 1], "relu", seed=0)
    >>> fit(network, x, abs(x), optimizer=Adam(0.01), epochs=100, batch_size=10)
    History: 100 epochs, loss 0.918 -> 0.000
    """
    x, y, loss = _checked(network, x, y, loss, "")
    if test is not None:
        if not isinstance(test, tuple | list) or len(test) != 2:
            raise TypeError(f"test must be a pair (x, y); got {type(test).__name__}")
        x_test, y_test, _ = _checked(network, *test, loss, " of test")
    probe = x if probe is None else _checked_inputs(network, probe, "probe")
    check_count(epochs, "epochs", 0)
    check_count(batch_size, "batch_size", 1)
    optimizer = Adam() if optimizer is None else optimizer
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        raise TypeError(f"optimizer must be an object such as Adam(0.001); got {optimizer!r}")
    rng = np.random.default_rng(seed)

    history = History(probe_size=len(probe))

    def measure() -> None:
        if test is not None:
            _append(history.test_loss, history.test_accuracy, network.forward(x_test), y_test, loss)
        _append(history.loss, history.accuracy, network.forward(x), y, loss)
        hidden = network.layers[:-1]
        zs = [layer.z for layer in hidden] if probe is x else network.pre_activations(probe)
        slopes = [layer.activation.derivative(z) for layer, z in zip(hidden, zs, strict=True)]
        history.always_off.append([float(units.always_off(z).mean()) for z in zs])
        dead = [units.dead(z, slope) for z, slope in zip(zs, slopes, strict=True)]
        history.dead.append([float(unit.mean()) for unit in dead])

    with np.errstate(over="ignore", invalid="ignore"):  # a runaway is told in words, below
        measure()
        limit = TOO_LARGE * max(history.loss[0], 1.0)
        for epoch in tqdm(range(1, epochs + 1), "fit", delay=2, leave=False, disable=not progress):
            largest = _one_epoch(network, x, y, loss, optimizer, batch_size, rng, limit)
            if largest <= limit:
                measure()
                largest = history.loss[-1]
            if largest <= limit:
                continue
            history._keep(rows=epoch)
            history.message = (
                f"Stopped in epoch {epoch}: the loss ran away, from {history.loss[0]:.3g} to "
                f"{largest:.3g}. The steps are too large: try a smaller learning rate, and see "
                "that the inputs are of size 1 or so."
            )
            break
    if history.message and progress:
        print(history.message)
    return history


def _one_epoch(
    network: Network,
    x: np.ndarray,
    y: np.ndarray,
    loss: Loss,
    optimizer: Optimizer,
    batch_size: int,
    rng: np.random.Generator,
    limit: float,
) -> float:
    """Pass over all examples once, in a new order; return the largest loss, above `limit` at once.

    A loss that is not a number is returned as infinite.
    """
    order = rng.permutation(len(x))
    largest = 0.0
    for start in range(0, len(x), batch_size):
        batch = order[start : start + batch_size]
        value, gradient = loss(network.forward(x[batch]), y[batch])
        largest = max(largest, value if value == value else math.inf)
        if largest > limit:
            break
        network.backward(gradient)
        optimizer.step(network.parameters, network.gradients)
    return largest


def _append(
    losses: list[float], accuracies: list[float], output: np.ndarray, y: np.ndarray, loss: Loss
) -> None:
    """Add the loss, and for classes the accuracy, of some outputs."""
    losses.append(loss(output, y)[0])
    if y.ndim == 1:
        accuracies.append(float(np.mean(output.argmax(axis=1) == y)))


def _checked(
    network: Network, x: ArrayLike, y: ArrayLike, loss: Loss | None, which: str
) -> tuple[np.ndarray, np.ndarray, Loss]:
    """Return inputs, targets and the loss for them, or say what does not fit."""
    if loss is not None and not callable(loss):
        raise TypeError(f"loss must be a function such as mean_squared_error; got {loss!r}")
    x = _checked_inputs(network, x, f"x{which}")
    y = np.asarray(y)
    if y.dtype.kind not in "biuf":
        raise TypeError(f"y{which} must hold classes or numbers; its type is {y.dtype}")
    if y.shape[:1] != x.shape[:1]:
        raise ValueError(
            f"x{which} has the shape {x.shape} and y{which} {y.shape}: they must have as many "
            "rows, one for each example"
        )
    if y.dtype.kind == "b":
        y = y.astype(np.int64)
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError(_not_finite(y, f"y{which}"))
    if loss is None:
        loss = softmax_cross_entropy if y.ndim == 1 and y.dtype.kind in "iu" else mean_squared_error
    return x, y, loss


def _checked_inputs(network: Network, x: ArrayLike, name: str) -> np.ndarray:
    """Return inputs as a table of finite floats, or say what does not fit."""
    x = np.asarray(x)
    if x.ndim != 2 or x.shape[1] != network.sizes[0] or not len(x):
        raise ValueError(
            f"{name} has the shape {x.shape}; this network ({'-'.join(map(str, network.sizes))}) "
            f"takes (N, {network.sizes[0]}), one example a row, and at least one"
        )
    if x.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; its type is {x.dtype}")
    if not np.isfinite(x).all():
        raise ValueError(_not_finite(x, name))
    return x.astype(network.layers[0].w.dtype, copy=False)


def _not_finite(values: np.ndarray, name: str) -> str:
    bad = np.argwhere(~np.isfinite(values))
    rows = len(np.unique(bad[:, 0]))
    return (
        f"{name} holds nan or infinity in {rows} of {len(values)} rows, the first in row "
        f"{bad[0, 0]}: fill these values in or leave the rows out before training"
    )


# --- looking at the result --------------------------------------------------------------------


def predict(network: Network, x: ArrayLike) -> np.ndarray:
    """Name the class with the highest score for each example.

    Parameters
    ----------
    network : Network
        With one output a class.
    x : array_like, shape (N, inputs)
        Examples.

    Returns
    -------
    ndarray of int, shape (N,)
        Classes, from 0. Of equal scores the first counts.

    Examples
    --------
    >>> from helpers.network import Dense
    >>> network = Network.of([Dense([[1.0, -1.0]], [0.0, 0.0], "identity")])
    >>> predict(network, [[3.0], [-3.0]])
    array([0, 1])
    """
    return network.forward(x).argmax(axis=1)


def accuracy(network: Network, x: ArrayLike, labels: ArrayLike) -> float:
    """Give the share of examples that get their right class.

    Parameters
    ----------
    network : Network
        With one output a class.
    x : array_like, shape (N, inputs)
        Examples.
    labels : array_like of int, shape (N,)
        The right classes.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If there is not one label for each example.

    Examples
    --------
    >>> from helpers.network import Dense
    >>> network = Network.of([Dense([[1.0, -1.0]], [0.0, 0.0], "identity")])
    >>> accuracy(network, [[3.0], [-3.0]], [0, 0])
    0.5
    """
    predicted, labels = predict(network, x), np.asarray(labels)
    if labels.shape != predicted.shape or not labels.size:
        raise ValueError(
            f"x has the shape {np.shape(x)} and the labels {labels.shape}: there must be one label "
            "for each example, and at least one"
        )
    return float(np.mean(predicted == labels))


def confusion(labels: ArrayLike, predicted: ArrayLike, classes: int | None = None) -> np.ndarray:
    """Count how often each class is taken for each other.

    Parameters
    ----------
    labels, predicted : array_like of int, shape (N,)
        The right classes, and the predicted ones.
    classes : int, optional
        How many classes there are; by default up to the largest that occurs.

    Returns
    -------
    ndarray of int, shape (classes, classes)
        Right class in rows, predicted class in columns: the right answers lie on the diagonal.

    Raises
    ------
    ValueError
        If the two are not of the same length, or hold what is no class.

    Examples
    --------
    >>> confusion([0, 0, 1, 2], [0, 1, 1, 1])
    array([[1, 1, 0],
           [0, 1, 0],
           [0, 1, 0]])
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    if labels.ndim != 1 or labels.shape != predicted.shape or not labels.size:
        raise ValueError(
            f"labels have the shape {labels.shape}, predictions {predicted.shape}: both must be "
            "one list of classes, of the same length"
        )
    if labels.dtype.kind not in "iu" or predicted.dtype.kind not in "iu":
        raise ValueError(
            f"classes are whole numbers; labels are {labels.dtype}, predictions {predicted.dtype}"
        )
    largest = int(max(labels.max(), predicted.max()))
    count = largest + 1 if classes is None else classes
    if min(labels.min(), predicted.min()) < 0 or largest >= count:
        raise ValueError(f"classes must lie between 0 and {count - 1}; the largest is {largest}")
    table = np.zeros((count, count), dtype=np.int64)
    np.add.at(table, (labels, predicted), 1)
    return table


# --- gradients, measured ----------------------------------------------------------------------


def slope_at(f: Callable[[float], float], x: float, h: float = 1e-5) -> float:
    """Measure the slope of a curve by nudging to both sides.

    Parameters
    ----------
    f : callable
        The curve: takes a number, gives a number.
    x : float
        Where on it.
    h : float
        How far to nudge.

    Returns
    -------
    float
        Change of the output for each unit of change of the input. On a bend, the mean of the
        slopes of its two sides.

    References
    ----------
    Taught in notebook 00.

    Examples
    --------
    >>> round(slope_at(lambda x: x * x, 3.0), 6)
    6.0
    """
    return (f(x + h) - f(x - h)) / (2 * h)


def gradient_sizes(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Measure the size of the gradient of each layer's weights.

    Parameters
    ----------
    network : Network
        A classifier; its layers keep the gradients.
    x : ndarray, shape (N, inputs)
        Examples.
    y : ndarray of int, shape (N,)
        Their classes.

    Returns
    -------
    ndarray, shape (layers,)
        Root of the sum of the squares of `grad_w`, from the first layer to the output layer.

    References
    ----------
    Taught in notebook 04.

    Examples
    --------
    >>> network = Network([2, 3, 3, 2], "sigmoid", seed=0)
    >>> sizes = gradient_sizes(network, np.array([[1.0, -1.0]]), np.array([0]))
    >>> sizes.shape, bool(sizes[0] < sizes[-1])
    ((3,), True)
    """
    _, gradient = softmax_cross_entropy(network.forward(x), y)
    network.backward(gradient)
    return np.array([np.linalg.norm(layer.grad_w) for layer in network.layers])


@dataclass(frozen=True)
class GradientCheck:
    """How well gradients agree with nudging.

    Attributes
    ----------
    error : float
        Largest difference, relative to the largest gradient in the same array of parameters (at
        least a thousandth of the largest in the network).
    worst : str
        Where it is, such as ``"layers[0].w[3, 1]"``; empty if nothing was checked.
    checked : int
        Parameters that were nudged.
    skipped : int
        Among them those whose nudge takes some z across a bend, where no slope is defined.
    """

    error: float
    worst: str
    checked: int
    skipped: int

    def __bool__(self) -> bool:
        """Whether the gradients are right: an error below 1e-6, with something compared."""
        return self.error < 1e-6 and self.checked > self.skipped

    def __repr__(self) -> str:
        """Tell the verdict in a line."""
        verdict = "agree" if self else "DIFFER"
        there = f", the largest at {self.worst}" if self.worst and not self else ""
        skipped = f" ({self.skipped} at a bend, skipped)" if self.skipped else ""
        return (
            f"gradients {verdict}: relative error {self.error:.0e} over {self.checked} "
            f"parameters{skipped}{there}"
        )


def gradient_check(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    *,
    loss: Loss | None = None,
    nudge: float = 1e-5,
    at_most: int = 1000,
    seed: int | np.random.Generator = 0,
) -> GradientCheck:
    """Compare the backward pass with central differences.

    Each parameter is nudged up and down; half the difference of the two losses, divided by the
    nudge, must be its gradient. Slow and certain, where the backward pass is fast and easy to get
    wrong.

    Parameters
    ----------
    network : Network
        In float64. Its parameters are the same afterwards.
    x, y, loss
        As for `fit`.
    nudge : float
        How far each parameter is moved.
    at_most : int
        Parameters to check; of more, so many are picked at random.
    seed : int or numpy.random.Generator
        Decides which.

    Returns
    -------
    GradientCheck
        True where the gradients are right.

    Raises
    ------
    TypeError, ValueError
        As `fit`; and if the network is not in float64, where differences so small drown.

    References
    ----------
    Taught in notebook 03.

    Examples
    --------
    >>> network = Network([2, 5, 3], "tanh", seed=1)
    >>> x = np.random.default_rng(0).normal(size=(6, 2))
    >>> bool(gradient_check(network, x, np.array([0, 1, 2, 0, 1, 2])))
    True
    """
    x, y, loss = _checked(network, x, y, loss, "")
    if network.layers[0].w.dtype != np.float64:
        raise TypeError(
            f"the network is in {network.layers[0].w.dtype}, too coarse for so small differences: "
            "make it with dtype=np.float64"
        )
    network.backward(loss(network.forward(x), y)[1])
    ours = [gradient.copy() for gradient in network.gradients]
    largest = max(np.abs(gradient).max() for gradient in ours)
    places = [(n, i) for n, gradient in enumerate(ours) for i in np.ndindex(gradient.shape)]
    if len(places) > at_most:
        chosen = np.random.default_rng(seed).choice(len(places), at_most, replace=False)
        places = [places[number] for number in np.sort(chosen)]

    error, worst, skipped = 0.0, "", 0
    for number, index in tqdm(places, "gradient check", delay=2, leave=False):
        parameter = network.parameters[number]
        before = parameter[index]
        sides = []
        for moved in (before + nudge, before - nudge):
            parameter[index] = moved
            sides.append((loss(network.forward(x), y)[0], _pattern(network)))
        parameter[index] = before
        (up, pattern_up), (down, pattern_down) = sides
        if not np.array_equal(pattern_up, pattern_down):
            skipped += 1
            continue
        scale = max(np.abs(ours[number]).max(), largest / 1000)
        found = abs((up - down) / (2 * nudge) - ours[number][index])
        found = found / scale if scale else found
        if not found <= error:  # nan counts as worst
            error, worst = found, _place(number, index)
    network.forward(x)  # the layers hold what belongs to the parameters again
    return GradientCheck(float(error), worst, len(places), skipped)


def _pattern(network: Network) -> np.ndarray:
    """Tell on which side of each bend every z lies, after a forward pass."""
    sides = [
        (layer.z > bend).ravel()
        for layer in network.layers
        for bend in BENDS.get(layer.activation.name, (0.0,))
    ]
    return np.concatenate(sides) if sides else np.zeros(0, dtype=bool)


def _place(number: int, index: tuple[int, ...]) -> str:
    """Name a parameter as one would reach it."""
    layer, which = divmod(number, 2)
    return f"layers[{layer}].{'wb'[which]}[{', '.join(map(str, index))}]"
