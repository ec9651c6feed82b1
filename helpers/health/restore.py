"""Leave a model, and the random numbers, as they were."""

from __future__ import annotations

import contextlib
import random
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

__all__ = ["as_it_was", "as_written", "orders_kept", "random_numbers_kept"]

# Random numbers, and whether compiled code runs, belong to the whole process: one at a time.
ONE_AT_A_TIME = threading.RLock()


@contextlib.contextmanager
def as_it_was(model: nn.Module, training: bool) -> Iterator[None]:
    """Put a model into a mode, and leave everything as it was, whatever happens inside.

    Modes, buffers (such as the statistics of batch normalisation) and random numbers come back. A
    compiled model runs as it is written meanwhile, so that its activations can be seen. Another
    thread that asks for the same waits.

    Parameters
    ----------
    model : Module
        The model.
    training : bool
        Its mode inside.

    Examples
    --------
    >>> model = nn.Dropout()
    >>> with as_it_was(model, training=False):
    ...     inside = model.training
    >>> inside, model.training
    (False, True)
    """
    with ONE_AT_A_TIME, random_numbers_kept(), as_written():
        modes = [(module, module.training) for module in model.modules()]
        buffers = [
            (module, name, buffer, None if buffer is None else buffer.detach().clone())
            for module in model.modules()
            for name, buffer in module._buffers.items()
        ]
        try:
            model.train(training)
            yield
        finally:
            for module, mode in modes:
                module.training = mode
            with torch.no_grad():
                for module, name, buffer, values in buffers:
                    if name not in module._buffers or module._buffers[name] is not buffer:
                        module._buffers[name] = buffer
                    # Only what has changed: not all buffers can be written to.
                    if buffer is not None and not torch.equal(buffer, values):
                        buffer.copy_(values)


@contextlib.contextmanager
def random_numbers_kept() -> Iterator[None]:
    """Leave the random numbers of torch, NumPy and Python as they were."""
    python, numpy = random.getstate(), np.random.get_state()  # noqa: NPY002 (a loader may use it)
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)  # noqa: NPY002


@contextlib.contextmanager
def orders_kept(data: Any) -> Iterator[list[torch.Generator]]:
    """Give the generators of a loader, and leave them as they were: its next order is the same.

    Parameters
    ----------
    data : anything
        A `DataLoader`; whatever has no generator gives none.
    """
    sampler = getattr(getattr(data, "batch_sampler", None), "sampler", None)
    places = (data, getattr(data, "sampler", None), sampler)
    found = {id(g): g for g in (getattr(place, "generator", None) for place in places)}
    generators = [g for g in found.values() if isinstance(g, torch.Generator)]
    states = [generator.get_state() for generator in generators]
    try:
        yield generators
    finally:
        for generator, state in zip(generators, states, strict=True):
            generator.set_state(state)


def as_written() -> contextlib.AbstractContextManager[Any]:
    """Let compiled models run uncompiled, if anything has been compiled at all."""
    if "torch._dynamo" in sys.modules and hasattr(torch.compiler, "set_stance"):
        return torch.compiler.set_stance("force_eager")
    return contextlib.nullcontext()
