"""Training of a stack of networks, step by step, and the record of it."""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim.adam import adam
from torch.optim.sgd import sgd

from helpers import units
from helpers.activations import Activation
from helpers.fleet.history import MEASURES, STATES, FleetHistory
from helpers.fleet.stack import Stack, cross_entropy, squared_error
from helpers.fleet.task import Examples, Task
from helpers.training import SGD, Adam

__all__ = [
    "Draws",
    "Recorder",
    "Rows",
    "Schedule",
    "chunks",
    "for_members",
    "join",
    "tiny_is_zero",
    "train",
]

Tensor = torch.Tensor

# What a seed's second generator is for. The first, of the seed alone, decides the order.
LEAK_NOISE = 1


@dataclass(frozen=True)
class Schedule:
    """When to step, and when to record."""

    examples: int
    epochs: int
    batch_size: int
    every: int | None

    @property
    def batches(self) -> int:
        """Steps in an epoch."""
        return math.ceil(self.examples / self.batch_size)

    def records(self, step: int) -> bool:
        """Whether a row is due after so many steps."""
        return step % (self.every or self.batches) == 0 or step == self.epochs * self.batches


class Draws:
    """The random numbers of a chunk: they depend on each network's seed alone.

    Networks of one seed, in several arms, get the same numbers, drawn once.

    Parameters
    ----------
    seeds : sequence of int, length M
        Of each network.
    activation : Activation
        Randomised leaky ReLU draws slopes.
    hidden : sequence of int
        Units of the hidden layers.
    """

    def __init__(self, seeds: Sequence[int], activation: Activation, hidden: Sequence[int]) -> None:
        rows = {seed: row for row, seed in enumerate(dict.fromkeys(seeds))}
        self._which = np.array([rows[seed] for seed in seeds])
        self._orders = [np.random.default_rng(int(seed)) for seed in rows]
        self._leaks = [np.random.default_rng([int(seed), LEAK_NOISE]) for seed in rows]
        self._bounds = tuple(activation.parameters.values()) if activation.name == "rrelu" else None
        self._hidden = hidden

    def orders(self, examples: int) -> np.ndarray:
        """Draw the order of the examples in the next epoch: ndarray of int, shape (M, N)."""
        orders = np.tile(np.arange(examples), (len(self._orders), 1))
        for rng, order in zip(self._orders, orders, strict=True):
            rng.shuffle(order)  # as permutation does, but in place
        return orders if len(orders) == len(self._which) else orders[self._which]

    def leaks(self, batch: int) -> list[np.ndarray]:
        """Draw the next batch's slopes: for each hidden layer, shape (M, batch, units).

        None are needed, and given, unless the activation is randomised.
        """
        if self._bounds is None:
            return []
        rows = [
            [rng.uniform(*self._bounds, (batch, size)) for size in self._hidden]
            for rng in self._leaks
        ]
        return [np.stack(layer)[self._which] for layer in zip(*rows, strict=True)]


@contextlib.contextmanager
def tiny_is_zero(dtype: torch.dtype) -> Iterator[None]:
    """Treat float32 numbers below 1e-38 as 0 meanwhile.

    The moments of a dead unit shrink step by step to such numbers, with which the processor is many
    times slower. In float64 they are never so small.
    """
    before = bool(torch.full((1,), 1e-40).mul(1.0).eq(0))
    torch.set_flush_denormal(before or dtype == torch.float32)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def train(
    stack: Stack,
    task: Task,
    members: slice,
    draws: Draws,
    optimizer: SGD | Adam,
    rates: np.ndarray | None,
    clip: float | None,
    schedule: Schedule,
    after_epoch: Callable[[], object],
) -> Rows:
    """Train a stack, and record what happens.

    Parameters
    ----------
    stack : Stack
        Changed in place.
    task : Task
        What to learn.
    members : slice
        Which networks of the fleet these are.
    draws : Draws
        Their random numbers.
    optimizer : SGD or Adam
        Settings.
    rates : ndarray, shape (M,), optional
        Learning rates, in place of the optimiser's.
    clip : float, optional
        Largest norm of a network's gradient.
    schedule : Schedule
        When to step and when to record.
    after_epoch : callable
        Moves the progress bar.

    Returns
    -------
    Rows
        What was recorded.
    """
    loss = _loss_of(task)
    recorder = Recorder(stack, task, members)
    batches = _Batches(stack, task.train, members)
    step_of = _optimizer(stack, optimizer, rates)
    frozen = _Frozen(stack)
    recorder.record(0)
    step = 0
    for _ in range(schedule.epochs):
        orders = torch.from_numpy(draws.orders(schedule.examples)).to(stack.design.device)
        # Each batch copied at once, while the orders are in cache.
        for rows in [part.contiguous() for part in orders.split(schedule.batch_size, 1)]:
            step += 1
            if not frozen.all:
                x, y = batches.gather(rows)
                leaks = [stack.tensor(layer) for layer in draws.leaks(x.shape[1])]
                out = stack.train_forward(x, leaks)
                losses, gradient = loss(out, y, stack.room("gradient", -1, out.shape))
                frozen.look(losses, step)
                stack.backward(gradient)
                if clip is not None:
                    stack.clip(clip)
                step_of()
                frozen.hold()
            if schedule.records(step):
                recorder.record(step)
        after_epoch()
    recorder.rows.diverged_at = frozen.since
    return recorder.rows


class _Batches:
    """Each network's batch, gathered from the examples that it takes."""

    def __init__(self, stack: Stack, examples: Examples, members: slice) -> None:
        device = stack.design.device
        count = len(examples)
        self._x = stack.tensor(examples.x).flatten(0, 1)
        self._y = _targets(stack, examples).flatten(0, 1)
        starts = [which[members] * count for which in (examples.x_set, examples.y_set)]
        self._x_start, self._y_start = (
            torch.from_numpy(start).to(device).unsqueeze(1) for start in starts
        )
        self._same = np.array_equal(*starts)
        self._shared = self._same and not starts[0].any()
        self._room = self._x.new_empty(0)

    def gather(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Give x of shape (M, batch, inputs) and y of shape (M, batch, ...)."""
        members, batch = rows.shape
        x_rows = (rows if self._shared else rows + self._x_start).reshape(-1)
        y_rows = x_rows if self._same else (rows + self._y_start).reshape(-1)
        shape = (len(x_rows), self._x.shape[1])
        if self._room.shape != shape:
            self._room = self._x.new_empty(shape)
        x = torch.index_select(self._x, 0, x_rows, out=self._room)
        y = torch.index_select(self._y, 0, y_rows)
        return x.view(members, batch, -1), y.view(members, batch, *y.shape[1:])


def _optimizer(
    stack: Stack, settings: SGD | Adam, rates: np.ndarray | None
) -> Callable[[], object]:
    """Give torch's own rule, on the stacked parameters: it goes element by element.

    By its functions, because its classes load a compiler when the first of them is made.
    """
    if rates is None or (rates == rates[0]).all():
        rate = settings.learning_rate if rates is None else float(rates[0])
        groups = [(rate, [stack.flat], [stack.flat_grad])]
    else:
        groups = []
        for rate, run in itertools.groupby(range(len(rates)), key=rates.__getitem__):
            run = list(run)
            rows = slice(run[0], run[-1] + 1)
            views = ([t[rows] for t in ts] for ts in (stack.parameters, stack.gradients))
            groups.append((float(rate), *views))
    make = _sgd if isinstance(settings, SGD) else _adam
    steps = [make(settings, *group) for group in groups]

    def step() -> None:
        for one in steps:
            one()

    return step


def _sgd(
    settings: SGD, rate: float, parameters: list[Tensor], gradients: list[Tensor]
) -> Callable[[], None]:
    return functools.partial(
        sgd,
        parameters,
        gradients,
        [None] * len(parameters),
        lr=rate,
        momentum=settings.momentum,
        weight_decay=settings.weight_decay,
        dampening=0.0,
        nesterov=False,
        maximize=False,
        fused=True,
    )


def _adam(
    settings: Adam, rate: float, parameters: list[Tensor], gradients: list[Tensor]
) -> Callable[[], None]:
    return functools.partial(
        adam,
        parameters,
        gradients,
        [torch.zeros_like(tensor) for tensor in parameters],
        [torch.zeros_like(tensor) for tensor in parameters],
        [],
        [torch.zeros((), device=tensor.device) for tensor in parameters],
        lr=rate,
        beta1=settings.beta1,
        beta2=settings.beta2,
        eps=settings.eps,
        weight_decay=settings.weight_decay,
        amsgrad=False,
        maximize=False,
        fused=True,
    )


class _Frozen:
    """Networks whose loss was nan or infinite: they stay as they were before that step."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._rows: Tensor | None = None
        self._kept: list[Tensor] = []
        self.since = np.zeros(stack.members, dtype=np.int64)

    @property
    def all(self) -> bool:
        """Whether no network is left to train."""
        return self._rows is not None and bool(self.since.all())

    def look(self, losses: Tensor, step: int) -> None:
        """Note which networks have diverged in this step, and their parameters."""
        # One number is looked at in all the steps in which nothing happens.
        if self._rows is None and math.isfinite(float(losses.sum())):
            return
        bad = ~torch.isfinite(losses).cpu().numpy()
        new = bad & (self.since == 0)
        if not new.any():
            return
        self.since[new] = step
        rows = torch.from_numpy(np.flatnonzero(self.since)).to(losses.device)
        self._kept = [tensor[rows].clone() for tensor in self._stack.parameters]
        self._rows = rows

    def hold(self) -> None:
        """Undo the step of those that have diverged."""
        if self._rows is not None:
            for tensor, kept in zip(self._stack.parameters, self._kept, strict=True):
                tensor[self._rows] = kept


@dataclass
class Rows:
    """What was recorded of some networks: under each name a list of arrays, networks first."""

    steps: list[int]
    diverged_at: np.ndarray
    arrays: dict[str, list[np.ndarray]]


class Recorder:
    """Measures a stack, row by row."""

    def __init__(self, stack: Stack, task: Task, members: slice) -> None:
        self._stack, self._task, self._members = stack, task, members
        self._loss = _loss_of(task)
        self._given: dict[int, tuple[Tensor, Tensor | None]] = {}
        self.rows = Rows([], np.zeros(stack.members, dtype=np.int64), {})

    def record(self, step: int) -> None:
        """Measure everything that was asked for."""
        task, record = self._task, self._task.record
        self.rows.steps.append(step)
        own = task.probe is task.train
        if "loss" in record:
            self._measure(task.train, "", judge=own and "units" in record)
        if "units" in record and not (own and "loss" in record):
            self._measure(task.probe, None, judge=True)
        if task.test is not None:
            self._measure(task.test, "test_", judge=False)
        if "gradients" in record:
            self._gradients()
        if "parameters" in record:
            for number, tensor in enumerate(self._stack.parameters):
                self._add(f"parameters {number}", tensor)

    def _add(self, name: str, values: Tensor) -> None:
        self.rows.arrays.setdefault(name, []).append(values.detach().cpu().numpy().copy())

    def _examples(self, examples: Examples) -> tuple[Tensor, Tensor | None]:
        """Give each network's examples, expanded where all share them; the same for every row."""
        if id(examples) not in self._given:
            stack, own = self._stack, self._members
            x, y = for_members(stack.tensor(examples.x), examples.x_set[own]), None
            if examples.y is not None:
                y = for_members(_targets(stack, examples), examples.y_set[own])
            self._given[id(examples)] = x, y
        return self._given[id(examples)]

    def _measure(self, examples: Examples, prefix: str | None, judge: bool) -> None:
        """Measure loss and accuracy (with a prefix for their names), and judge the units."""
        x, y = self._examples(examples)
        out = self._stack.measure_forward(x, self._judge if judge else None)
        if prefix is None:
            return
        self._add(f"{prefix}loss", self._loss(out, y)[0])
        if self._task.classes:
            right = (out.argmax(1) == y).to(out.dtype).mean(1)
            right[~torch.isfinite(out).all(2).all(1)] = math.nan
            self._add(f"{prefix}accuracy", right)

    def _judge(self, layer: int, z: Tensor, derivative: Tensor) -> None:
        """Say by `helpers.units` what the units of a layer are.

        A unit is off on the whole probe if its largest z is not above 0, and its derivative is 0
        there if the largest size of it is: two rows to judge by, in place of the whole probe.
        """
        members, _, size = z.shape
        z, derivative = z.amax(1).view(1, -1), derivative.abs().amax(1).view(1, -1)
        for name, found in (
            ("always_off", units.always_off(z)),
            ("dead", units.dead(z, derivative)),
            ("always_negative", units.always_negative(z, derivative)),
        ):
            self._add(f"{name} {layer}", found.view(members, size))

    def _gradients(self) -> None:
        """Measure the gradients of the loss over the probe."""
        x, y = self._examples(self._task.probe)
        _, gradient = self._loss(self._stack.train_forward(x, remember=False), y)
        self._stack.backward(gradient)
        self._add("gradient_norm", self._stack.gradient_norms())
        for layer, grad in enumerate(self._stack.grad_w[:-1]):
            members, fan_in, size = grad.shape
            stuck = units.stuck(grad.transpose(0, 1).reshape(fan_in, members * size))
            self._add(f"stuck {layer}", stuck.view(members, size))


def _loss_of(task: Task) -> Callable[..., tuple[Tensor, Tensor]]:
    """Give the stacked twin of the task's loss."""
    return cross_entropy if task.classes else squared_error


def _targets(stack: Stack, examples: Examples) -> Tensor:
    """Copy targets to the device: numbers in the stack's type, classes as they are."""
    if examples.y.dtype.kind == "f":
        return stack.tensor(examples.y)
    return torch.from_numpy(examples.y).to(stack.design.device)


def for_members(sets: Tensor, which: np.ndarray) -> Tensor:
    """Give each network its set; an expanded tensor where all have the same."""
    if (which == which[0]).all():
        return sets[int(which[0])].expand(len(which), *sets.shape[1:])
    return sets[torch.from_numpy(which).to(sets.device)]


def join(parts: Sequence[Rows], shape: tuple[int, int], task: Task) -> FleetHistory:
    """Put the rows of all chunks together, with arms and seeds as axes."""
    first = parts[0]

    def joined(name: str) -> np.ndarray:
        if name not in first.arrays:
            return np.empty(0)
        whole = np.concatenate([np.stack(rows.arrays[name]) for rows in parts], axis=1)
        return whole.reshape(len(whole), *shape, *whole.shape[2:])

    def numbered(name: str) -> list[np.ndarray]:
        count = sum(key.startswith(f"{name} ") for key in first.arrays)
        return [joined(f"{name} {number}") for number in range(count)]

    return FleetHistory(
        steps=np.array(first.steps),
        diverged_at=np.concatenate([rows.diverged_at for rows in parts]).reshape(shape),
        probe_size=len(task.probe),
        **{name: joined(name) for name in MEASURES},
        **{name: numbered(name) for name in (*STATES, "parameters")},
    )


def chunks(members: int, size: int) -> Iterator[slice]:
    """Divide networks into chunks of nearly one size."""
    count = math.ceil(members / size)
    edges = [round(members * number / count) for number in range(count + 1)]
    return (slice(low, high) for low, high in itertools.pairwise(edges))
