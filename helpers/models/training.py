"""The training loop of the torch models: plain, seeded, and clear about a loss that blows up."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from helpers.arguments import check_count

__all__ = ["History", "train"]

Inputs = Tensor | Sequence[Tensor]
Optimizer = Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]


@dataclass
class History:
    """What happened in training: one entry an epoch in each list.

    Attributes
    ----------
    loss : list of float
        Mean loss over the examples of the epoch, each measured just before its step.
    gradient_norm : list of float
        Largest norm, over the epoch's steps, of all gradients taken as one vector, before clipping.
    measured : list
        What `measure` returned at the end of the epoch.
    diverged_at : int or None
        The step, from 1, whose loss or gradient was not finite. Training stopped before it: the
        model holds the weights of the step before, and the epoch has no entry.
    """

    loss: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    measured: list[Any] = field(default_factory=list)
    diverged_at: int | None = None


def train(
    model: nn.Module,
    x: Inputs,
    y: Tensor,
    loss: Callable[[Any, Tensor], Tensor],
    *,
    learning_rate: float = 0.003,
    epochs: int = 10,
    batch_size: int = 64,
    seed: int = 0,
    optimizer: Optimizer | None = None,
    clip: float | None = None,
    augment: Callable[[Inputs, np.random.Generator], Inputs] | None = None,
    measure: Callable[[nn.Module], Any] | None = None,
    progress: bool = True,
) -> History:
    """Train a torch model in place, on batches that the seed shuffles.

    Parameters
    ----------
    model : torch.nn.Module
        Called with a batch of `x`; left in training mode.
    x : tensor, or sequence of tensors, each of shape (N, ...)
        Inputs. A sequence is handed over as several arguments.
    y : tensor of shape (N, ...)
        What `loss` compares with.
    loss : callable
        ``loss(model(x), y)`` gives a scalar: the mean over the batch.
    learning_rate : float
        Of Adam. Not used when an `optimizer` is given.
    epochs, batch_size : int
        Passes through the data, and examples a step. The last batch of a pass may be smaller.
    seed : int
        Of the order of the examples and of `augment`: the same for every model and activation.
    optimizer : callable, optional
        Takes the parameters, returns a ``torch.optim.Optimizer``.
    clip : float, optional
        Largest norm that the gradients, taken as one vector, may have; longer ones are shortened.
    augment : callable, optional
        ``augment(x_batch, rng)`` returns what is fed in place of the batch.
    measure : callable, optional
        ``measure(model)``, called in evaluation mode and without gradients after each epoch.
    progress : bool
        Show a progress bar if training takes more than two seconds.

    Returns
    -------
    History
        Complete up to the last whole epoch; after KeyboardInterrupt the model keeps what it
        learned.

    Raises
    ------
    TypeError, ValueError
        If a count is no whole number of at least 1, or inputs and targets differ in number.

    References
    ----------
    Used in notebooks 12 to 14. Adam: D. Kingma and J. Ba (2015), https://arxiv.org/abs/1412.6980.

    Examples
    --------
    >>> x = torch.linspace(-1, 1, 64)[:, None]
    >>> model = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))
    >>> history = train(model, x, x.abs(), nn.functional.mse_loss, epochs=50, learning_rate=0.01)
    >>> len(history.loss), history.loss[-1] < history.loss[0] / 5, history.diverged_at
    (50, True, None)
    """
    check_count(epochs, "epochs", 1)
    check_count(batch_size, "batch_size", 1)
    inputs = (x,) if isinstance(x, Tensor) else tuple(x)
    if not inputs or any(len(one) != len(y) for one in inputs) or not len(y):
        told = ", ".join(str(tuple(one.shape)) for one in inputs)
        raise ValueError(
            f"inputs of shape {told} do not go with targets of shape {tuple(y.shape)}: all need "
            "the same number of examples, and at least one"
        )
    rng = np.random.default_rng(seed)
    parameters = [weight for weight in model.parameters() if weight.requires_grad]
    # `fused` takes one call a step in place of a dozen for each parameter.
    make = optimizer or (lambda weights: torch.optim.Adam(weights, learning_rate, fused=True))
    stepper = make(parameters)
    history = History()
    steps = 0
    model.train()
    bar = tqdm(range(epochs), desc="training", delay=2, leave=False, disable=not progress)
    for _ in bar:
        order = torch.from_numpy(rng.permutation(len(y))).to(y.device)
        total, largest = 0.0, 0.0
        for pick in order.split(batch_size):
            batch = tuple(one[pick] for one in inputs)
            if augment is not None:
                changed = augment(batch[0] if len(batch) == 1 else batch, rng)
                batch = (changed,) if isinstance(changed, Tensor) else tuple(changed)
            value = loss(model(*batch), y[pick])
            stepper.zero_grad(set_to_none=True)
            value.backward()
            norm = nn.utils.clip_grad_norm_(parameters, math.inf if clip is None else clip)
            steps += 1
            now, size = value.item(), norm.item()
            if not (math.isfinite(now) and math.isfinite(size)):
                history.diverged_at = steps
                return history
            stepper.step()
            total += now * len(pick)
            largest = max(largest, size)
        history.loss.append(total / len(y))
        history.gradient_norm.append(largest)
        if measure is not None:
            model.eval()
            with torch.no_grad():
                history.measured.append(measure(model))
            model.train()
    return history
