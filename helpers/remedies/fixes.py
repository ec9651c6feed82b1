"""Fixes: what one may change about a network with dead units."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from helpers.health import Report
from helpers.health.batches import Batches
from helpers.remedies.reinit import forget, reinit_

__all__ = [
    "ClipGradients",
    "Fix",
    "LeakySlope",
    "LearningRate",
    "Reinit",
    "ResetBias",
    "StandardizeInputs",
    "Trial",
]


def _as_they_are(inputs: Tensor) -> Tensor:
    return inputs


@dataclass
class Trial:
    """One copy of a model on its way through a trial; a fix changes it before it is trained.

    Attributes
    ----------
    model : Module
        The copy.
    optimizer : Optimizer
        Its own.
    report : Report
        What the model was before: its units bear the same numbers.
    examples : Batches
        The data, for a fix that needs to know them.
    inputs : callable
        Applied to the inputs of every batch, here and when the copy is judged.
    modes : list of callable
        Each makes a context that is entered around every forward pass.
    after_backward : list of callable
        Called after each backward pass, before the step.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    report: Report
    examples: Batches
    inputs: Callable[[Tensor], Tensor] = _as_they_are
    modes: list[Callable[[], contextlib.AbstractContextManager]] = field(default_factory=list)
    after_backward: list[Callable[[], None]] = field(default_factory=list)


class Fix:
    """A change to try. Write your own by a class with this one method."""

    def apply(self, trial: Trial) -> None:
        """Change a trial before its copy is trained.

        Parameters
        ----------
        trial : Trial
            The copy with its optimiser.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class LeakySlope(Fix):
    """Let every ReLU leak, module or function: f(z) = slope * z below 0.

    Attributes
    ----------
    slope : float
        Of the negative side.
    """

    slope: float = 0.01

    def apply(self, trial: Trial) -> None:
        """Make each forward pass leak."""
        trial.modes.append(lambda: _Leaky(self.slope))


@dataclass(frozen=True)
class LearningRate(Fix):
    """Train with another learning rate: so many times that of the optimiser.

    Attributes
    ----------
    factor : float
        Above 0.
    """

    factor: float = 0.1

    def apply(self, trial: Trial) -> None:
        """Change the rate of every group of parameters."""
        for group in trial.optimizer.param_groups:
            group["lr"] = group["lr"] * self.factor


@dataclass(frozen=True)
class Reinit(Fix):
    """Draw dead units anew once, before training goes on: `reinit_`."""

    seed: int = 0

    def apply(self, trial: Trial) -> None:
        """Draw the units anew that the report calls dead."""
        reinit_(trial.model, trial.report, optimizer=trial.optimizer, seed=self.seed)


@dataclass(frozen=True)
class ResetBias(Fix):
    """Set the biases of dead units to a number, and leave their weights.

    Attributes
    ----------
    value : float
        The bias.
    """

    value: float = 0.0

    def apply(self, trial: Trial) -> None:
        """Change the biases of the units that the report calls dead."""
        parameters = dict(trial.model.named_parameters())
        for site in trial.report.sites:
            bias = parameters.get(f"{site.weight.removesuffix('weight')}bias")
            if bias is not None and bias.shape == (site.units,):
                rows = torch.from_numpy(site.dead).to(bias.device)
                with torch.no_grad():
                    bias[rows] = self.value
                forget(trial.optimizer, bias, 0, rows)


@dataclass(frozen=True)
class StandardizeInputs(Fix):
    """Give each input feature mean 0 and standard deviation 1 over the data."""

    def apply(self, trial: Trial) -> None:
        """Learn mean and spread from the data, and apply them to every batch."""
        xs = torch.cat([_first(batch.value) for batch in trial.examples])
        mean, spread = xs.mean(0), xs.std(0, correction=0)
        spread = torch.where(spread > 0, spread, torch.ones_like(spread))
        trial.inputs = lambda x: (x - mean) / spread


@dataclass(frozen=True)
class ClipGradients(Fix):
    """Clip the norm of the whole gradient.

    Attributes
    ----------
    norm : float
        The largest norm that is let through.
    """

    norm: float = 1.0

    def apply(self, trial: Trial) -> None:
        """Clip after each backward pass."""
        parameters = list(trial.model.parameters())
        trial.after_backward.append(lambda: nn.utils.clip_grad_norm_(parameters, self.norm))


class _Leaky(TorchFunctionMode):
    """Replace each call of ReLU by a leaky one."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        if getattr(func, "__name__", "").strip("_") != "relu":
            return func(*args, **(kwargs or {}))
        return functional.leaky_relu(args[0] if args else kwargs["input"], self.slope)


def _first(value: Any) -> Tensor:
    """Give the inputs of a batch."""
    return value if isinstance(value, Tensor) else value[0]
