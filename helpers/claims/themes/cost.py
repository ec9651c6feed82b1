"""Claims about what activations cost: times, measured in turns on one thread.

A machine slows down and speeds up while it runs. So arms take turns, a round after the other, and
each arm's time is its median of a few turns: a *seed* here is a round, and arms of one round are
compared with each other. Nothing else may run on the machine meanwhile.

Rounds follow each other on one machine. An interval over them tells how well this machine was
measured, and nothing about other ones.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter

import numpy as np
import torch
from torch import nn

from helpers import activations
from helpers.claims.claim import Claim
from helpers.claims.criteria import Ratio

__all__ = ["CLAIMS", "activation_times", "in_turns", "leak_times"]

# What ReLU is held against, and how torch computes each.
RIVALS = ("tanh", "sigmoid", "elu", "gelu")
TORCH: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "elu": nn.functional.elu,
    "gelu": nn.functional.gelu,
}
# Both through the same thin layer of Python, which small calls feel; the slope is 0.01.
PAIR = {"relu": nn.functional.relu, "leaky_relu": nn.functional.leaky_relu}
# Numbers that the calls of one measurement go through: fewer, and the clock is too coarse.
WORK = 500_000
BATCH, CLASSES = 64, 10

Call = Callable[[], object]
Times = dict[str, list[float]]


def in_turns(calls: Mapping[str, Call], *, turns: int, number: int, start: int) -> dict[str, float]:
    """Measure calls in turns: each, then all again; and give the median of each.

    Parameters
    ----------
    calls : mapping of str to callable
        What to time, without arguments.
    turns : int
        How often each is measured. Every turn begins with another one, so that none always follows
        the same neighbour.
    number : int
        Calls timed together as one measurement.
    start : int
        Which begins the first turn: a round of measurements gives its own number.

    Returns
    -------
    dict of str to float
        Microseconds a call.

    Examples
    --------
    >>> found = in_turns({"short": lambda: sum([1]), "long": lambda: sum(range(9_999))},
    ...                  turns=5, number=10, start=0)
    >>> found["long"] > found["short"]
    True
    """
    names = list(calls)
    times: Times = {name: [] for name in names}
    for turn in range(turns):
        first = (start + turn) % len(names)
        for name in names[first:] + names[:first]:
            call = calls[name]
            began = perf_counter()
            for _ in range(number):
                call()
            times[name].append((perf_counter() - began) / number)
    return {name: 1e6 * float(np.median(seconds)) for name, seconds in times.items()}


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hold torch to one thread and the collection of garbage back; keep freed memory at hand."""
    threads, collecting = torch.get_num_threads(), gc.isenabled()
    torch.set_num_threads(1)
    gc.disable()
    # A large block, freed: from then on the allocator keeps memory instead of handing it back, and
    # what is timed is computing rather than the system's clearing of pages.
    np.ones(3_000_000)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        if collecting:
            gc.enable()


def _rounds(
    seeds: Sequence[int], groups: Mapping[str, tuple[Mapping[str, Call], int]], turns: int
) -> Times:
    """Measure groups of calls for each round; a group is named by what its arms share."""
    for calls, _ in groups.values():
        for call in calls.values():
            call()  # the first call may import, allocate or compile
    found: Times = {}
    for seed in seeds:
        for told, (calls, number) in groups.items():
            measured = in_turns(calls, turns=turns, number=number, start=seed)
            for name, time in measured.items():
                found.setdefault(f"{name}, {told}", []).append(time)
    return found


def _number(size: int) -> int:
    """Say how many calls on so many numbers are timed together."""
    return max(1, WORK // size)


# --- A3: functions --------------------------------------------------------------------------------


def activation_times(
    seeds: Sequence[int],
    *,
    sizes: Sequence[int] = (10_000, 100_000, 1_000_000),
    numpy_sizes: Sequence[int] = (100_000,),
    turns: int = 5,
) -> dict[str, np.ndarray]:
    """Time activations forward and backward, in torch and in NumPy, float32, on one thread.

    Backward is what training adds: in torch the gradient by autograd, in NumPy the derivative times
    the gradient that comes from above. NumPy stands for `helpers.activations`.

    Parameters
    ----------
    seeds : sequence of int
        Rounds.
    sizes, numpy_sizes : sequence of int
        Numbers that go through the activation in a call of torch, and of NumPy.
    turns : int
        Measurements a round, of which the median is taken.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Microseconds a call. Beside the activations there are two arms made of ReLU's rivals, round
        by round: the typical one (their geometric mean) and the fastest.

    Examples
    --------
    >>> found = activation_times([0, 1], sizes=[1_000], numpy_sizes=[], turns=2)
    >>> found["relu, torch, forward, 1,000 numbers"].shape
    (2,)
    """
    groups: dict[str, tuple[Mapping[str, Call], int]] = {}
    plans = [("torch", size, _torch_forward, _torch_backward) for size in sizes]
    plans += [("NumPy", size, _numpy_forward, _numpy_backward) for size in numpy_sizes]
    for library, size, forward, backward in plans:
        z = np.random.default_rng(0).normal(size=size).astype(np.float32)
        groups[f"{library}, forward, {size:,} numbers"] = (forward(z), _number(size))
        groups[f"{library}, backward, {size:,} numbers"] = (backward(z), _number(size))
    with _quiet():
        found = _rounds(seeds, groups, turns)
    arrays = {arm: np.array(times) for arm, times in found.items()}
    for told in groups:
        rivals = [arrays[f"{name}, {told}"] for name in RIVALS]
        arrays[f"typical other, {told}"] = np.exp(np.mean(np.log(rivals), axis=0))
        arrays[f"fastest other, {told}"] = np.min(rivals, axis=0)
    return arrays


def _torch_forward(z: np.ndarray) -> dict[str, Call]:
    tensor = torch.from_numpy(z)
    return {name: functools.partial(TORCH[name], tensor) for name in ("relu", *RIVALS)}


def _torch_backward(z: np.ndarray) -> dict[str, Call]:
    calls: dict[str, Call] = {}
    above = torch.ones(z.size)
    for name in ("relu", *RIVALS):
        tensor = torch.from_numpy(z).requires_grad_()
        out = TORCH[name](tensor)
        calls[name] = functools.partial(torch.autograd.grad, out, tensor, above, retain_graph=True)
    return calls


def _numpy_forward(z: np.ndarray) -> dict[str, Call]:
    return {name: functools.partial(activations.get(name), z) for name in ("relu", *RIVALS)}


def _numpy_backward(z: np.ndarray) -> dict[str, Call]:
    above = np.ones_like(z)

    def backward(derivative: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return above * derivative(z)

    return {
        name: functools.partial(backward, activations.get(name).derivative)
        for name in ("relu", *RIVALS)
    }


# --- A20: ReLU or leaky ReLU ----------------------------------------------------------------------


def leak_times(
    seeds: Sequence[int],
    *,
    sizes: Sequence[int] = (10_000, 1_000_000),
    widths: Sequence[int] = (64, 1_024),
    turns: int = 5,
) -> dict[str, np.ndarray]:
    """Time ReLU and leaky ReLU of torch, alone and in whole networks, float32, on one thread.

    Parameters
    ----------
    seeds : sequence of int
        Rounds.
    sizes : sequence of int
        Numbers that go through the activation in a call, forward and backward.
    widths : sequence of int
        Units in each of two hidden layers: networks that read 64 pixels in batches of 64, training
        (forward, backward, a step of SGD) and inference.
    turns : int
        Measurements a round, of which the median is taken.

    Returns
    -------
    dict of str to ndarray, shapes (seeds,)
        Microseconds a call.

    Examples
    --------
    >>> found = leak_times([0, 1], sizes=[1_000], widths=[8], turns=2)
    >>> len(found), found["leaky_relu, training step, width 8"].shape
    (8, (2,))
    """
    groups: dict[str, tuple[Mapping[str, Call], int]] = {}
    for size in sizes:
        z = np.random.default_rng(0).normal(size=size).astype(np.float32)
        for told, calls in (("forward", _pair(z, False)), ("backward", _pair(z, True))):
            groups[f"{told}, {size:,} numbers"] = (calls, _number(size))
    for width in widths:
        steps = {"relu": _network(width, nn.ReLU), "leaky_relu": _network(width, nn.LeakyReLU)}
        number = _number(BATCH * width * 10)
        for place, told in enumerate(("training step", "inference")):
            calls = {name: both[place] for name, both in steps.items()}
            groups[f"{told}, width {width:,}"] = (calls, number)
    with _quiet():
        found = _rounds(seeds, groups, turns)
    return {arm: np.array(times) for arm, times in found.items()}


def _pair(z: np.ndarray, backward: bool) -> dict[str, Call]:
    """Give the call of each function, forward or backward."""
    tensor = torch.from_numpy(z).requires_grad_(backward)
    calls: dict[str, Call] = {}
    for name, function in PAIR.items():
        calls[name] = functools.partial(function, tensor)
        if backward:
            calls[name] = functools.partial(
                torch.autograd.grad, calls[name](), tensor, torch.ones(z.size), retain_graph=True
            )
    return calls


def _network(width: int, activation: type[nn.Module]) -> tuple[Call, Call]:
    """Build a network of two hidden layers, and give a training step and a forward pass of it."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = nn.Sequential(
            nn.Linear(64, width),
            activation(),
            nn.Linear(width, width),
            activation(),
            nn.Linear(width, CLASSES),
        )
        x, y = torch.randn(BATCH, 64), torch.randint(CLASSES, (BATCH,))
    # So small a rate that the last round finds the network that the first has found.
    optimizer, loss = torch.optim.SGD(model.parameters(), lr=1e-7), nn.CrossEntropyLoss()

    def step() -> None:
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    def infer() -> None:
        with torch.inference_mode():
            model(x)

    return step, infer


# --- the claims -----------------------------------------------------------------------------------

CLAIMS: list[Claim] = [
    Claim(
        id="A3",
        title="ReLU is cheap to compute",
        says="ReLU is cheap to compute: it takes far less time than other activations.",
        how="Time of a call, forward and backward, in torch at three sizes and in NumPy at one: the"
        " typical one of tanh, sigmoid, ELU and GELU (geometric mean) against ReLU, and at one size"
        " the fastest of them. Far less is half at most.",
        where="05#cheap-figure",
        experiment=activation_times,
        tests={
            f"{other}: {told}": Ratio(
                "microseconds a call, float32, one thread",
                f"{other} other, {told}",
                f"relu, {told}",
                2,
            )
            for other, library, size in (
                ("typical", "torch", 10_000),
                ("typical", "torch", 100_000),
                ("typical", "torch", 1_000_000),
                ("typical", "NumPy", 100_000),
                ("fastest", "torch", 100_000),
            )
            for way in ("forward", "backward")
            for told in (f"{library}, {way}, {size:,} numbers",)
        },
        quick=None,
        full={"seeds": 100},
        alone=True,
    ),
    Claim(
        id="A20",
        title="ReLU is faster than leaky ReLU",
        says="ReLU is faster than leaky ReLU.",
        how="Time of a call in torch, forward and backward, and of a whole training step and of"
        " inference with two hidden layers of 64 and of 1,024 units, batches of 64. It counts if"
        " leaky ReLU takes a tenth longer.",
        where="09#cost-figure",
        experiment=leak_times,
        tests={
            told: Ratio(
                "microseconds a call, float32, one thread",
                f"leaky_relu, {told}",
                f"relu, {told}",
                1.1,
            )
            for told in (
                "forward, 10,000 numbers",
                "forward, 1,000,000 numbers",
                "backward, 10,000 numbers",
                "backward, 1,000,000 numbers",
                "training step, width 64",
                "training step, width 1,024",
                "inference, width 64",
                "inference, width 1,024",
            )
        },
        quick=None,
        full={"seeds": 100},
        alone=True,
    ),
]
