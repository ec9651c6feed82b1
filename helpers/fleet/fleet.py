"""`Fleet`: networks in arms and seeds, and their training."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real

import numpy as np
import torch
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from helpers import activations, training
from helpers.activations import Activation
from helpers.arguments import check_count, seed_list
from helpers.fleet.history import FleetHistory, arms_and_seeds
from helpers.fleet.kernels import smooth_names
from helpers.fleet.stack import PIECEWISE, Design, Stack
from helpers.fleet.task import Examples, Task, read_examples
from helpers.fleet.trainer import (
    Draws,
    Recorder,
    Rows,
    Schedule,
    chunks,
    for_members,
    join,
    tiny_is_zero,
    train,
)
from helpers.network import Dense, Initializer, Network
from helpers.training import SGD, Adam

__all__ = ["Fleet", "grid"]

# Networks trained together: so many that what a step of all of them touches is about this large.
# Far less, and the cost of calling torch shows; far more, and the processor's cache is of no use.
# `benchmarks/bench_fleet.py` measures both ends.
CHUNK_BYTES = 24_000_000
CHUNK_BYTES_ON_GPU = 2_000_000_000

RECORDS = ("loss", "units", "gradients", "parameters")
DTYPES = {"float32": torch.float32, "float64": torch.float64}
SLOPED = ("relu", "leaky_relu", "prelu")


def grid(**settings: Sequence[float]) -> dict[str, list[float]]:
    """Cross settings with each other: every value of one with every value of the others.

    Parameters
    ----------
    **settings : sequences of float
        Such as ``slope=[0, 0.1], learning_rate=[0.01, 0.1]``.

    Returns
    -------
    dict of str to list of float
        For `Fleet`: one entry an arm, the last setting varying fastest.

    Examples
    --------
    >>> grid(slope=[0, 0.1], bias=[0, -1, -2])
    {'slope': [0, 0, 0, 0.1, 0.1, 0.1], 'bias': [0, -1, -2, 0, -1, -2]}
    """
    rows = itertools.product(*settings.values())
    return dict(zip(settings, map(list, zip(*rows, strict=True)), strict=True))


class Fleet:
    """Many multilayer perceptrons of one shape, trained as one program.

    A fleet has arms and seeds. Arms differ in a setting; seeds are shared, so that with the same
    seed every arm starts from the same weights and sees the same batches in the same order: results
    can be compared pair by pair. The network of a seed is the one that `Network` makes of it, and
    `fit` does to it what `training.fit` would do.

    Parameters
    ----------
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs.
    activation : Activation or str
        What follows each hidden layer, in all networks. "prelu" learns its slopes, one a layer;
        "rrelu" draws them anew at every step.
    seeds : int or sequence of int
        How many, from 0 on; or which.
    slope : float or sequence of float, optional
        Slope of the negative side of ReLU and its leaky relatives, one an arm: 0 is ReLU, 1 is
        linear. For PReLU where it begins. Weights are drawn for `activation`, whatever the slope.
    learning_rate : float or sequence of float, optional
        One an arm, in place of the optimiser's.
    bias : float or sequence of float, optional
        The bias that every hidden unit starts with, in place of the initialiser's.
    gain : float or sequence of float, optional
        Factor on all initial weights.
    initializer : callable, optional
        As for `Network`; by default what suits the activation.
    normalize : bool
        Batch normalisation in every hidden layer: z is ``x @ w`` brought to mean 0 and variance 1
        over the batch (over running means of both, once it is measured), plus the bias. As in
        torch, a last batch of very few examples spoils the running means: let none be left over.
    skip : bool
        Add a hidden layer's input to its output, where both are of one size.
    dtype : numpy dtype
        float64 or float32.
    device : str or torch.device
        "cpu" or "cuda". Random numbers are the same on both.

    Attributes
    ----------
    arms, seeds : int, list of int
        Number of arms, and the seeds.
    parameters : list of ndarray, shapes (arms, seeds, ...)
        For each layer w of shape (..., fan_in, fan_out), then b of shape (..., fan_out); after
        them, for PReLU, the slopes of each hidden layer. Change what you like between two fits.

    Raises
    ------
    TypeError, ValueError
        If a setting is out of its range, or sequences of settings differ in length.

    References
    ----------
    Taught in notebook 06.

    Examples
    --------
    >>> Fleet([64, 32, 10], seeds=5, slope=[0, 0.01, 0.1])
    Fleet of 3 arms x 5 seeds, 64-32-10, relu, slope 0, 0.01, 0.1
    >>> fleet = Fleet([64, 32, 10], seeds=[7], **grid(slope=[0, 0.1], learning_rate=[0.01, 0.1]))
    >>> fleet.arms, fleet.parameters[0].shape
    (4, (4, 1, 64, 32))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Activation | str = "relu",
        *,
        seeds: int | Sequence[int],
        slope: float | Sequence[float] | None = None,
        learning_rate: float | Sequence[float] | None = None,
        bias: float | Sequence[float] | None = None,
        gain: float | Sequence[float] | None = None,
        initializer: Initializer | None = None,
        normalize: bool = False,
        skip: bool = False,
        dtype: np.typing.DTypeLike = np.float64,
        device: str | torch.device = "cpu",
    ) -> None:
        """Draw the weights of each seed, and give them to every arm."""
        self.activation = _checked_activation(activation)
        self.seeds = seed_list(seeds)
        if np.dtype(dtype).name not in DTYPES:
            raise ValueError(f"dtype must be {' or '.join(DTYPES)}; got {np.dtype(dtype)}")
        given = {"slope": slope, "learning_rate": learning_rate, "bias": bias, "gain": gain}
        self.arms, self._given = _by_arm(given, self.activation)
        drawn = [
            Network(sizes, self.activation, initializer=initializer, seed=seed)
            for seed in self.seeds
        ]
        self.design = Design(
            tuple(drawn[0].sizes),
            self.activation,
            normalize,
            skip,
            DTYPES[np.dtype(dtype).name],
            torch.device(device),
        )
        hidden = self.design.hidden
        self.parameters: list[np.ndarray] = []
        for number, arrays in enumerate(zip(*(one.parameters for one in drawn), strict=True)):
            stacked = np.repeat(np.stack(arrays)[np.newaxis], self.arms, axis=0).astype(dtype)
            if number % 2 == 0 and "gain" in self._given:
                stacked *= self._given["gain"].reshape(-1, 1, 1, 1)
            elif number % 2 and number < 2 * hidden and "bias" in self._given:
                stacked[:] = self._given["bias"].reshape(-1, 1, 1)
            self.parameters.append(stacked)
        if self.activation.name == "prelu":
            self.parameters += self._starting_slopes()
        self._statistics = [
            np.full((*self.shape, size), start, dtype)
            for size in self.sizes[1:-1] * normalize
            for start in (0.0, 1.0)
        ]

    def _starting_slopes(self) -> list[np.ndarray]:
        """Give PReLU's slopes as they begin, for each hidden layer."""
        start = np.repeat(self.slope[:, np.newaxis], len(self.seeds), axis=1)
        dtype = self.parameters[0].dtype
        return [start.astype(dtype) for _ in range(self.design.hidden)]

    @property
    def sizes(self) -> list[int]:
        """Inputs, units of each hidden layer, outputs."""
        return list(self.design.sizes)

    @property
    def shape(self) -> tuple[int, int]:
        """Arms and seeds."""
        return self.arms, len(self.seeds)

    @property
    def slope(self) -> np.ndarray | None:
        """Slope of each arm's negative side; None where that is no straight line."""
        if self.activation.name not in PIECEWISE:
            return None
        return self._given.get("slope", np.full(self.arms, self.activation.slope))

    @property
    def learning_rate(self) -> np.ndarray | None:
        """Learning rate of each arm; None where the optimiser's is taken."""
        return self._given.get("learning_rate")

    def copy(
        self,
        *,
        activation: Activation | str | None = None,
        slope: float | Sequence[float] | None = None,
        learning_rate: float | Sequence[float] | None = None,
    ) -> Fleet:
        """Make a fleet of the same weights, to be trained apart, perhaps with other settings.

        Parameters
        ----------
        activation : Activation or str, optional
            Put another activation in the place of the old one, with its own slope.
        slope, learning_rate : float or sequence of float, optional
            As for the class. A fleet of one arm may so become several, of the same weights.

        Returns
        -------
        Fleet
            Without the state of any optimiser.

        Raises
        ------
        TypeError, ValueError
            As for the class; and if a fleet of several arms is to get another number of them.

        Examples
        --------
        >>> fleet = Fleet([2, 8, 2], "relu", seeds=20, bias=-4)
        >>> fleet.copy(slope=[0, 0.01, 0.1])
        Fleet of 3 arms x 20 seeds, 2-8-2, relu, slope 0, 0.01, 0.1
        """
        other = Fleet.__new__(Fleet)
        other.seeds = list(self.seeds)
        other.activation = (
            self.activation if activation is None else _checked_activation(activation)
        )
        other.design = dataclasses.replace(self.design, activation=other.activation)
        arms, new = _by_arm({"slope": slope, "learning_rate": learning_rate}, other.activation)
        if self.arms > 1 and arms not in (1, self.arms):
            raise ValueError(
                f"the fleet has {self.arms} arms, and settings for {arms} are given; give one, or "
                f"{self.arms}"
            )
        other.arms = max(arms, self.arms)
        kept = {"learning_rate"} if activation is not None else {"learning_rate", "slope"}
        given = {name: self._given[name] for name in kept & self._given.keys()} | new
        other._given = {name: np.resize(values, other.arms) for name, values in given.items()}

        def repeated(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
            return [np.repeat(a, other.arms // self.arms, axis=0) for a in arrays]

        layers = self.design.hidden + 1
        other.parameters = repeated(self.parameters[: 2 * layers])
        if other.activation.name == "prelu":
            learned = repeated(self.parameters[2 * layers :])
            fresh = slope is not None or not learned
            other.parameters += other._starting_slopes() if fresh else learned
        other._statistics = repeated(self._statistics)
        return other

    def network(self, arm: int, number: int) -> Network:
        """Copy one network out, as one of `helpers.network`.

        Parameters
        ----------
        arm, number : int
            Which arm, and which of its seeds, from 0.

        Returns
        -------
        Network
            With the same weights and activations; randomised slopes at their mean.

        Raises
        ------
        ValueError
            If it is normalised or has skip connections: `Network` cannot.

        Examples
        --------
        >>> Fleet([2, 8, 2], seeds=3, slope=[0, 0.1]).network(1, 2)
        Network 2-8-2, leaky_relu(slope=0.1), 42 parameters
        """
        if self.design.normalize or self.design.skip:
            raise ValueError("a Network has neither normalisation nor skip connections")
        layers = self.design.hidden + 1
        arrays = [array[arm, number] for array in self.parameters]
        hidden = [self.activation] * self.design.hidden
        if self.activation.name == "prelu":
            hidden = [activations.prelu(float(slope)) for slope in arrays[2 * layers :]]
        elif self.activation.name in ("relu", "leaky_relu") and self.slope[arm]:
            hidden = [activations.leaky_relu(float(self.slope[arm]))] * self.design.hidden
        elif self.activation.name in ("relu", "leaky_relu"):
            hidden = [activations.relu] * self.design.hidden
        after = [*hidden, activations.identity]
        return Network.of(
            Dense(arrays[2 * layer], arrays[2 * layer + 1], after[layer]) for layer in range(layers)
        )

    # --- training ---

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        loss: training.Loss | None = None,
        optimizer: SGD | Adam | None = None,
        epochs: int = 20,
        batch_size: int = 64,
        test: tuple[ArrayLike, ArrayLike] | None = None,
        probe: ArrayLike | tuple[ArrayLike, ArrayLike] | None = None,
        every: int | None = None,
        record: Sequence[str] = ("loss", "units"),
        clip: float | None = None,
        progress: bool = True,
    ) -> FleetHistory:
        """Train every network on mini-batches, each in the order of its own seed.

        The networks change when all of them are done: an interrupted training leaves them as they
        were.

        Parameters
        ----------
        x : array_like, shape (N, inputs) or (arms, seeds, N, inputs)
            Examples, one a row. With data of their own for arms or seeds the leading axes are those
            of the fleet, or 1; (seeds, N, inputs) will do for seeds.
        y : array_like, shape (N,) of whole numbers, or (N, outputs)
            Classes, or numbers to predict; with leading axes as for `x`.
        loss : callable, optional
            `training.softmax_cross_entropy`, the default for classes, or
            `training.mean_squared_error`, that for other numbers.
        optimizer : SGD or Adam, optional
            Kind and settings; by default ``Adam(0.001)``. The fleet's `learning_rate` goes first.
        epochs : int
            Passes over all examples.
        batch_size : int
            Examples per step. The last batch of an epoch may be smaller.
        test : tuple of (x, y), optional
            Examples to measure on and never to learn from.
        probe : array_like or tuple of (x, y), optional
            Inputs on which units are judged, with targets where gradients are recorded; by default
            all training examples.
        every : int, optional
            Steps from one record to the next; by default an epoch's. The last step is recorded too.
        record : sequence of str
            What to record: "loss" (loss and accuracy on the training examples), "units" (states on
            the probe), "gradients" (of the probe's loss: norms, and stuck units), "parameters".
        clip : float, optional
            Shorten the gradient of a network to this norm where it is longer.
        progress : bool
            Show a progress bar if it takes more than two seconds.

        Returns
        -------
        FleetHistory
            Arrays whose axes are rows, arms and seeds.

        Raises
        ------
        TypeError, ValueError
            If shapes, labels or settings do not fit together, or an input is not finite. Nothing
            has changed then.

        References
        ----------
        Taught in notebook 06.

        Examples
        --------
        >>> x = np.linspace(-1, 1, 50).reshape(-1, 1)
        >>> fleet = Fleet([1, 16, 1], seeds=10, slope=[0, 0.1])
        >>> fleet.fit(x, abs(x), optimizer=Adam(0.01), epochs=200, batch_size=10).loss.shape
        (201, 2, 10)
        """
        task = self._task(x, y, loss, test, probe, record)
        check_count(epochs, "epochs", 0)
        check_count(batch_size, "batch_size", 1)
        if every is not None:
            check_count(every, "every", 1)
        if clip is not None and (not isinstance(clip, Real) or not 0 < clip < math.inf):
            raise ValueError(f"clip must be a number above 0, or None; got {clip!r}")
        optimizer = Adam() if optimizer is None else optimizer
        if not isinstance(optimizer, SGD | Adam):
            raise TypeError(
                f"optimizer must be SGD(...) or Adam(...) of helpers.training; got {optimizer!r}"
            )
        schedule = Schedule(len(task.train), epochs, batch_size, every)
        parts = list(chunks(self.arms * len(self.seeds), self._chunk_size(batch_size)))
        trained: list[list[np.ndarray]] = []
        rows: list[Rows] = []
        bar = tqdm(
            total=epochs * len(parts), desc="fleet", delay=2, leave=False, disable=not progress
        )
        # Without autograd's bookkeeping calls of torch are cheaper; smooth activations need it.
        alone = torch.inference_mode(self.activation.name in PIECEWISE)
        with bar, alone, tiny_is_zero(self.design.dtype):
            for members in parts:
                stack = self._stack(members)
                draws = Draws(self._seed_of(members), self.activation, self.sizes[1:-1])
                rates = self._of_members(self.learning_rate, members)
                rows.append(
                    train(stack, task, members, draws, optimizer, rates, clip, schedule, bar.update)
                )
                trained.append([t.cpu().numpy() for t in (*stack.parameters, *stack.statistics)])
        arrays = [self._as_arms(parts) for parts in zip(*trained, strict=True)]
        count = len(self.parameters)
        self.parameters, self._statistics = arrays[:count], arrays[count:]
        return join(rows, self.shape, task)

    def measure(
        self,
        x: ArrayLike,
        y: ArrayLike | None = None,
        *,
        loss: training.Loss | None = None,
        record: Sequence[str] = ("loss", "units"),
    ) -> FleetHistory:
        """Measure the networks as they are, on any examples.

        Parameters
        ----------
        x, y, loss, record
            As for `fit`; without targets only units can be recorded.

        Returns
        -------
        FleetHistory
            Of one row.

        Raises
        ------
        TypeError, ValueError
            If something does not fit, or is not finite.

        Examples
        --------
        >>> fleet = Fleet([2, 8, 2], seeds=20, bias=[0, -4])
        >>> probe = np.random.default_rng(0).normal(size=(500, 2))
        >>> dead = fleet.measure(probe, record=["units"]).share("dead").mean(axis=(0, 2, 3))
        >>> bool(dead[0] < 0.01 < 0.5 < dead[1])
        True
        """
        task = self._task(x, y, loss, None, None, record)
        rows = []
        for members in chunks(self.arms * len(self.seeds), self._chunk_size(len(task.train))):
            recorder = Recorder(self._stack(members), task, members)
            recorder.record(0)
            rows.append(recorder.rows)
        return join(rows, self.shape, task)

    def outputs(self, x: ArrayLike) -> np.ndarray:
        """Compute what every network says.

        Parameters
        ----------
        x : array_like, shape (N, inputs)
            Inputs; with leading axes as for `fit`.

        Returns
        -------
        ndarray, shape (arms, seeds, N, outputs)

        Examples
        --------
        >>> Fleet([2, 8, 3], seeds=5).outputs([[0.0, 1.0]]).shape
        (1, 5, 1, 3)
        """
        return self._forward(x)

    def pre_activations(self, x: ArrayLike) -> list[np.ndarray]:
        """Compute z of every hidden layer: what `helpers.units` judges units by.

        Parameters
        ----------
        x : array_like, shape (N, inputs)
            Inputs; with leading axes as for `fit`.

        Returns
        -------
        list of ndarray, shapes (arms, seeds, N, units)

        Examples
        --------
        >>> [z.shape for z in Fleet([2, 8, 3], seeds=5).pre_activations([[0.0, 1.0]])]
        [(1, 5, 1, 8)]
        """
        zs: list[list[np.ndarray]] = [[] for _ in range(self.design.hidden)]
        self._forward(x, lambda layer, z, _: zs[layer].append(z.cpu().numpy().copy()))
        return [self._as_arms(parts) for parts in zs]

    def _forward(
        self, x: ArrayLike, see: Callable[[int, torch.Tensor, torch.Tensor], None] | None = None
    ) -> np.ndarray:
        """Compute the outputs, chunk by chunk, and show the hidden layers of each."""
        examples, _ = read_examples(x, None, None, self.shape, self.sizes)
        outs = []
        for members in chunks(self.arms * len(self.seeds), self._chunk_size(len(examples))):
            stack = self._stack(members)
            inputs = for_members(stack.tensor(examples.x), examples.x_set[members])
            outs.append(stack.measure_forward(inputs, see).transpose(1, 2).cpu().numpy())
        return self._as_arms(outs)

    # --- between the fleet and its stacks ---

    def _task(
        self,
        x: ArrayLike,
        y: ArrayLike | None,
        loss: training.Loss | None,
        test: tuple[ArrayLike, ArrayLike] | None,
        probe: ArrayLike | tuple[ArrayLike, ArrayLike] | None,
        record: Sequence[str],
    ) -> Task:
        """Check what is to be learned and recorded."""
        wrong = [name for name in record if name not in RECORDS]
        if isinstance(record, str) or wrong:
            raise ValueError(f"record must be a sequence of {', '.join(RECORDS)}; got {record!r}")
        if y is None and {"loss", "gradients"} & set(record):
            raise ValueError('without y only record=["units"] or ["parameters"] is possible')

        def read(x: ArrayLike, y: ArrayLike | None, which: str) -> Examples:
            return read_examples(x, y, loss, self.shape, self.sizes, which)[0]

        train, loss = read_examples(x, y, loss, self.shape, self.sizes)
        if test is not None:
            if not isinstance(test, tuple | list) or len(test) != 2:
                raise TypeError(f"test must be a pair (x, y); got {type(test).__name__}")
            test = read(*test, " of test")
        judged = train
        if probe is not None:
            pair = probe if isinstance(probe, tuple) else (probe, None)
            judged = read(*pair, " of probe")
            if "gradients" in record and judged.y is None:
                raise ValueError("gradients need targets: give probe=(x, y)")
        return Task(train, test, judged, loss, frozenset(record))

    def _chunk_size(self, rows: int) -> int:
        """Count the networks that are worked on together, with so many examples each."""
        layers = itertools.pairwise(self.sizes)
        weights = sum(fan_in * fan_out + fan_out for fan_in, fan_out in layers)
        # Parameters, gradients and an optimiser's two means; each activation about three times.
        numbers = 4 * weights + 3 * rows * sum(self.sizes)
        on_cpu = self.design.device.type == "cpu"
        space = CHUNK_BYTES if on_cpu else CHUNK_BYTES_ON_GPU
        return max(1, space // (numbers * self.design.dtype.itemsize))

    def _seed_of(self, members: slice) -> list[int]:
        return (self.seeds * self.arms)[members]

    def _of_members(self, by_arm: np.ndarray | None, members: slice) -> np.ndarray | None:
        """Give each network the setting of its arm."""
        return None if by_arm is None else np.repeat(by_arm, len(self.seeds))[members]

    def _stack(self, members: slice) -> Stack:
        """Copy some networks to the device, stacked."""

        def flat(arrays: Iterable[np.ndarray]) -> list[np.ndarray]:
            return [array.reshape(-1, *array.shape[2:])[members] for array in arrays]

        learned = self.activation.name == "prelu"
        slope = None if learned else self._of_members(self.slope, members)
        return Stack(self.design, flat(self.parameters), slope, flat(self._statistics))

    def _as_arms(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Join chunks, with arms and seeds as the first axes."""
        whole = np.concatenate(parts)
        return whole.reshape(*self.shape, *whole.shape[1:])

    def __repr__(self) -> str:
        """Tell arms, seeds, shape and settings."""
        parts = [
            arms_and_seeds(self.shape),
            "-".join(map(str, self.sizes)),
            repr(self.activation),
        ]
        parts += ["normalized"] * self.design.normalize + ["skip"] * self.design.skip
        for name, values in self._given.items():
            told = values[:1] if (values == values[0]).all() else values
            parts.append(f"{name.replace('_', ' ')} {', '.join(f'{value:g}' for value in told)}")
        return f"Fleet of {', '.join(parts)}"


def _checked_activation(given: Activation | str) -> Activation:
    """Look an activation up, and see that a fleet has it."""
    activation = activations.get(given) if isinstance(given, str) else given
    known = (*PIECEWISE, *smooth_names())
    if not isinstance(activation, Activation) or activation.name not in known:
        raise ValueError(f"a fleet has the activations {', '.join(known)}; got {given!r}")
    return activation


def _by_arm(
    given: Mapping[str, float | Sequence[float] | None], activation: Activation
) -> tuple[int, dict[str, np.ndarray]]:
    """Count the arms, and give each of them its settings."""
    arrays = {}
    for name, values in given.items():
        if values is None:
            continue
        array = np.asarray(values)
        if array.dtype.kind not in "iuf" or array.ndim > 1 or not array.size:
            raise TypeError(f"{name} must be a number, or one for each arm; got {values!r}")
        if not np.isfinite(array).all() or (name == "learning_rate" and not (array > 0).all()):
            kind = "above 0" if name == "learning_rate" else "that are finite"
            raise ValueError(f"{name} takes numbers {kind}; got {values!r}")
        arrays[name] = array.astype(float)
    if "slope" in arrays and activation.name not in SLOPED:
        raise ValueError(
            f"a slope can be given for {', '.join(SLOPED)}; {activation.name} has its own"
        )
    lengths = {name: len(array) for name, array in arrays.items() if array.ndim}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(
            f"sequences of settings must have one entry an arm, and so the same length; got {told}."
            " To cross them, give **grid(...)"
        )
    arms = max(lengths.values(), default=1)
    return arms, {name: np.broadcast_to(array, arms) for name, array in arrays.items()}
