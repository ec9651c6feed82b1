"""Many small networks for one number, stacked: any loss, any activation on the output.

`helpers.fleet` trains stacks too, faster, for two losses and a linear output. Where notebook 15
changes one of these, it needs autograd, and the stack of this module: the same weights and the same
batches for the same seed, so that both can be compared network by network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from helpers.arguments import check_count, seed_list
from helpers.network import Network

__all__ = ["Parts", "Regressors", "Scaled", "fit_regressors", "parts", "scaled", "sequential"]

ElementLoss = Callable[[Tensor, Tensor], Tensor]


class Parts(NamedTuple):
    """Which rows to learn from, to tune or calibrate on, and to be tested on, a row for each seed.

    Attributes
    ----------
    learn, tune, test : ndarray of int, shapes (seeds, ...)
        Numbers of rows; no row is in two of them.
    """

    learn: np.ndarray
    tune: np.ndarray
    test: np.ndarray


def parts(
    rows: int, seeds: int | Sequence[int], *, division: int = 0, test: int = 98, learn: int = 220
) -> Parts:
    """Set test rows aside once; let each seed divide what is left.

    Parameters
    ----------
    rows : int
        How many there are.
    seeds : int or sequence of int
        How many seeds, from 0 on; or which.
    division : int
        Seed of the test part: the same test rows for all `seeds`.
    test, learn : int
        Rows to be tested on, and to learn from. The others are there to tune or calibrate on.

    Returns
    -------
    Parts

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number of at least 1, or no row is left to tune on.

    References
    ----------
    Used in notebook 15.

    Examples
    --------
    >>> learn, tune, test = parts(392, seeds=20)
    >>> learn.shape, tune.shape, test.shape
    ((20, 220), (20, 74), (20, 98))
    """
    check_count(test, "test", 1)
    check_count(learn, "learn", 1)
    if test + learn >= rows:
        raise ValueError(
            f"of {rows} rows {test} are to be tested on and {learn} to learn from: at least one "
            "must be left to tune on"
        )
    order = np.random.default_rng(division).permutation(rows)
    drawn = np.array([np.random.default_rng(s).permutation(order[test:]) for s in seed_list(seeds)])
    same = np.tile(order[:test], (len(drawn), 1))
    return Parts(drawn[:, :learn], drawn[:, learn:], same)


class Scaled(NamedTuple):
    """Values brought to a common size by what their learning rows say, for each seed.

    Attributes
    ----------
    learn, tune, test : ndarray, shapes (seeds, rows, columns)
        ``(value - centre) / scale``.
    centre, scale : ndarray, shape (seeds, 1, columns)
        What was taken away, and what was divided by.
    """

    learn: np.ndarray
    tune: np.ndarray
    test: np.ndarray
    centre: np.ndarray
    scale: np.ndarray


def scaled(values: ArrayLike, rows: Parts, *, robust: bool = False) -> Scaled:
    """Standardise columns by the learning rows of each seed.

    Parameters
    ----------
    values : array_like, shape (N, columns)
        Inputs, or targets.
    rows : Parts
        Which of them each seed learns from, tunes on, and is tested on.
    robust : bool
        Take the median and the distance of the quartiles (over 1.349, which makes it a standard
        deviation where numbers are normal), which a few wild values hardly move, in place of mean
        and standard deviation.

    Returns
    -------
    Scaled

    Raises
    ------
    ValueError
        If the values are no table, or a column does not vary among some seed's learning rows.

    References
    ----------
    Used in notebook 15.

    Examples
    --------
    >>> y = np.arange(10.0)[:, np.newaxis]
    >>> told = scaled(y, parts(10, seeds=3, test=2, learn=6))
    >>> told.learn.shape, bool(np.allclose(told.learn.mean(axis=1), 0))
    ((3, 6, 1), True)
    """
    table = np.asarray(values, dtype=float)
    if table.ndim != 2:
        raise ValueError(f"values must be a table, shape (N, columns); got the shape {table.shape}")
    known = table[rows.learn]
    if robust:
        low, centre, high = np.quantile(known, [0.25, 0.5, 0.75], axis=1, keepdims=True)
        scale = (high - low) / 1.349
    else:
        centre, scale = known.mean(axis=1, keepdims=True), known.std(axis=1, keepdims=True)
    if not (scale > 0).all():
        raise ValueError(
            "a column does not vary among the learning rows of some seed"
            + (", or its quartiles are the same" if robust else "")
            + ": leave it out"
        )
    each = ((table[some] - centre) / scale for some in rows)
    return Scaled(*each, centre, scale)


class Regressors(nn.Module):
    """Networks of one shape for one or more numbers, stacked: arms of slopes, each with all seeds.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs.
    slopes : sequence of float
        Of the negative side of the hidden activations, one an arm: 0 is ReLU.
    seeds : int or sequence of int
        How many, from 0 on; or which. The network of a seed has the weights that `Network` and
        `Fleet` draw for it, in each arm.
    output : callable, optional
        What follows the output layer, such as ``torch.relu``; by default nothing.

    Examples
    --------
    >>> model = Regressors([8, 32, 1], slopes=[0, 0.1], seeds=20)
    >>> model(torch.zeros(20, 98, 8, dtype=torch.float64)).shape
    torch.Size([2, 20, 98, 1])
    """

    def __init__(
        self,
        sizes: Sequence[int],
        slopes: Sequence[float] = (0.0,),
        seeds: int | Sequence[int] = 1,
        output: Callable[[Tensor], Tensor] | None = None,
    ) -> None:
        super().__init__()
        self.seeds = seed_list(seeds)
        self.sizes, self.slopes, self.output = list(sizes), list(slopes), output
        drawn = [Network(sizes, "relu", seed=seed).parameters for seed in self.seeds]
        stacked = (np.stack(arrays)[np.newaxis] for arrays in zip(*drawn, strict=True))
        repeated = (np.repeat(arrays, len(self.slopes), axis=0) for arrays in stacked)
        self.stacks = nn.ParameterList(nn.Parameter(torch.from_numpy(a)) for a in repeated)
        slope = torch.tensor(self.slopes, dtype=torch.float64).reshape(-1, 1, 1, 1)
        self.register_buffer("slope", slope)

    def before_output(self, x: Tensor) -> Tensor:
        """Compute z of the output layer, before what follows it.

        Parameters
        ----------
        x : tensor, shape (N, inputs), (seeds, N, inputs) or (arms, seeds, N, inputs)

        Returns
        -------
        tensor, shape (arms, seeds, N, outputs)
        """
        a, last = x, len(self.stacks) - 2
        for place in range(0, last + 1, 2):
            w, b = self.stacks[place], self.stacks[place + 1]
            z = a @ w + b.unsqueeze(-2)
            a = z if place == last else torch.where(z > 0, z, self.slope * z)
        return a

    def forward(self, x: Tensor) -> Tensor:
        """Compute the outputs, as `before_output` and with what follows it."""
        z = self.before_output(x)
        return z if self.output is None else self.output(z)

    @torch.no_grad()
    def predict(self, x: ArrayLike) -> np.ndarray:
        """Compute the outputs for an array, as an array: ndarray, (arms, seeds, N, outputs)."""
        return self(torch.from_numpy(np.asarray(x, dtype=float))).numpy()


def fit_regressors(
    model: Regressors,
    x: ArrayLike,
    y: ArrayLike,
    loss: ElementLoss,
    *,
    learning_rate: float,
    epochs: int = 40,
    batch_size: int = 32,
) -> Regressors:
    """Train all networks of a stack with Adam, each on batches in the order of its own seed.

    Parameters
    ----------
    model : Regressors
        Trained in place.
    x : array_like, shape (seeds, N, inputs)
        Examples of each seed.
    y : array_like, shape (seeds, N, outputs)
        What to predict.
    loss : callable
        ``loss(outputs, targets)`` gives one number for each output: a loss of
        ``torch.nn.functional`` with ``reduction="none"``. Each network's own mean counts.
    learning_rate : float
        Of Adam.
    epochs, batch_size : int
        Passes through the data, and examples a step. The last batch of a pass may be smaller.

    Returns
    -------
    Regressors
        The model itself.

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number of at least 1, or shapes do not fit.

    References
    ----------
    Used in notebook 15. Adam: D. Kingma and J. Ba (2015), https://arxiv.org/abs/1412.6980.

    Examples
    --------
    >>> x = np.random.default_rng(0).uniform(-1, 1, (5, 64, 1))
    >>> model = Regressors([1, 16, 1], slopes=[0, 0.1], seeds=5)
    >>> absolute = torch.nn.L1Loss(reduction="none")
    >>> _ = fit_regressors(model, x, x**2, absolute, learning_rate=0.03, epochs=50)
    >>> bool((model(torch.from_numpy(x)) - torch.from_numpy(x**2)).abs().mean() < 0.05)
    True
    """
    check_count(epochs, "epochs", 1)
    check_count(batch_size, "batch_size", 1)
    seeds, (x, y) = len(model.seeds), (np.asarray(values, dtype=float) for values in (x, y))
    wanted = (seeds, x.shape[1] if x.ndim == 3 else 0)
    if x.shape != (*wanted, model.sizes[0]) or y.shape != (*wanted, model.sizes[-1]):
        raise ValueError(
            f"x has the shape {x.shape} and y {y.shape}: this stack takes ({seeds}, N, "
            f"{model.sizes[0]}) and ({seeds}, N, {model.sizes[-1]}), rows of their own for each "
            "seed"
        )
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    orders = [np.random.default_rng(seed) for seed in model.seeds]
    which = torch.arange(seeds).unsqueeze(1)
    adam = torch.optim.Adam(model.parameters(), learning_rate, fused=True)
    for _ in range(epochs):
        order = torch.from_numpy(np.stack([rng.permutation(x.shape[1]) for rng in orders]))
        for rows in order.split(batch_size, dim=1):
            given, target = x[which, rows], y[which, rows]
            said = model(given)
            # Means of each network, added up: no network changes another's gradient.
            total = loss(said, target.expand_as(said)).mean(dim=(2, 3)).sum()
            adam.zero_grad()
            total.backward()
            adam.step()
    return model


def sequential(network: Network) -> nn.Sequential:
    """Copy a NumPy network with ReLU or leaky ReLU to torch, layer by layer.

    Parameters
    ----------
    network : Network
        Such as ``fleet.network(arm, number)``.

    Returns
    -------
    torch.nn.Sequential
        Of ``nn.Linear`` in float64, and ``nn.ReLU`` or ``nn.LeakyReLU`` after each layer that has
        such an activation.

    Raises
    ------
    ValueError
        If it has another activation.

    Examples
    --------
    >>> sequential(Network([8, 32, 1], "leaky_relu", seed=0))
    Sequential(
      (0): Linear(in_features=8, out_features=32, bias=True)
      (1): LeakyReLU(negative_slope=0.01)
      (2): Linear(in_features=32, out_features=1, bias=True)
    )
    """
    modules: list[nn.Module] = []
    for layer in network.layers:
        linear = nn.Linear(*layer.w.shape, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(layer.w.T))
            linear.bias.copy_(torch.from_numpy(layer.b))
        modules.append(linear)
        if layer.activation.name == "relu":
            modules.append(nn.ReLU())
        elif layer.activation.name == "leaky_relu":
            modules.append(nn.LeakyReLU(layer.activation.slope))
        elif layer.activation.name != "identity":
            raise ValueError(
                f"{layer.activation!r} is neither ReLU nor leaky ReLU: torch's twin is not known "
                "here"
            )
    return nn.Sequential(*modules)
