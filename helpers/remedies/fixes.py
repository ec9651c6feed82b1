"""Fixes: what one may change about a network with dead units."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from helpers.health import Report
from helpers.health.batches import Batches
from helpers.health.names import written
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


def as_they_are(inputs: Tensor) -> Tensor:
    """Leave inputs as they are."""
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
        The data, for a fix that needs to know them: an iterable of batches, each with a ``value``
        as the data gave it.
    inputs : callable
        Applied to the inputs of every batch, here and when the copy is judged: to the batch, if it
        is a tensor, or to the first of its parts.
    modes : list of callable
        Each makes a context that is entered around every forward and backward pass.
    after_backward : list of callable
        Called after each backward pass, before the step.
    notes : list of str
        What the fix could not do; printed below the table.
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    report: Report
    examples: Batches
    inputs: Callable[[Tensor], Tensor] = as_they_are
    modes: list[Callable[[], contextlib.AbstractContextManager]] = field(default_factory=list)
    after_backward: list[Callable[[], Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Fix:
    """A change to try. Write your own by a class with this one method."""

    def apply(self, trial: Trial) -> None:
        """Change a trial before its copy is trained.

        Parameters
        ----------
        trial : Trial
            The copy with its optimiser.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method apply(self, trial)")


@dataclass(frozen=True)
class LeakySlope(Fix):
    """Let every ReLU leak, module or function: f(z) = slope * z below 0.

    What is cut off otherwise (clamp, ReLU6), and ReLUs inside nn.RNN, stay as they are.

    Attributes
    ----------
    slope : float
        Of the negative side.
    """

    slope: float = 0.01

    def __post_init__(self) -> None:
        """Refuse what is no slope."""
        _check_number(self.slope, "slope", 0.0)

    def apply(self, trial: Trial) -> None:
        """Make each forward pass leak, and each that is made again in a backward pass."""
        trial.modes.append(lambda: _Leaky(self.slope))
        recurrent = (nn.RNNBase, nn.RNNCellBase)
        inside = {
            f"{written(path)}.".removeprefix(".")
            for path, module in trial.model.named_modules()
            if isinstance(module, recurrent)
        }
        tight = [
            site.name
            for site in trial.report.sites
            if site.activation in ("clamp", "relu6") or site.weight.startswith(tuple(inside))
        ]
        if tight:
            trial.notes.append(f"these do not leak: {', '.join(tight)}")
        if not any(site.activation == "relu" for site in trial.report.sites):
            trial.notes.append("there is no ReLU that could leak")


@dataclass(frozen=True)
class LearningRate(Fix):
    """Train with another learning rate: so many times that of the optimiser.

    Attributes
    ----------
    factor : float
        Above 0.
    """

    factor: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what is no factor."""
        _check_number(self.factor, "factor", 0.0, above=True)

    def apply(self, trial: Trial) -> None:
        """Change the rate of every group of parameters."""
        for group in trial.optimizer.param_groups:
            group["lr"] = group["lr"] * self.factor


@dataclass(frozen=True)
class Reinit(Fix):
    """Draw dead units anew once, before training goes on: `reinit_`.

    Attributes
    ----------
    seed : int
        Of the weights that are drawn; the same for each order of batches.
    """

    seed: int = 0

    def apply(self, trial: Trial) -> None:
        """Draw the units anew that the report calls dead."""
        done = reinit_(trial.model, trial.report, optimizer=trial.optimizer, seed=self.seed)
        trial.notes += done.left


@dataclass(frozen=True)
class ResetBias(Fix):
    """Set the biases of dead units to a number, and leave their weights.

    Behind a normalisation that has a shift, the shift is set: it undoes what a bias does.

    Attributes
    ----------
    value : float
        The bias.
    """

    value: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        _check_number(self.value, "value", -math.inf)

    def apply(self, trial: Trial) -> None:
        """Change the biases of the units that the report calls dead."""
        parameters = {written(name): p for name, p in trial.model.named_parameters()}
        for site in trial.report.sites:
            if not site.dead.any():
                continue
            shift = parameters.get(f"{site.norm}.bias") if site.norm else None
            bias = parameters.get(site.bias) if shift is None else shift
            if bias is None or bias.shape != (site.units,):
                trial.notes.append(f"{site.name}: no bias was found")
                continue
            rows = torch.from_numpy(site.dead).to(bias.device)
            with torch.no_grad():
                bias[rows] = self.value
            forget(trial.optimizer, bias, 0, rows)


@dataclass(frozen=True)
class StandardizeInputs(Fix):
    """Give each input feature mean 0 and standard deviation 1 over the data.

    A feature is a number of an example, or a channel of pixels (4 axes or more, channels second).
    One that never changes becomes 0.
    """

    def apply(self, trial: Trial) -> None:
        """Learn mean and spread from the data, and apply them to every batch."""
        mean, spread = _mean_and_spread(trial.examples)
        trial.inputs = lambda x: ((x - mean) / spread).to(x.dtype)


@dataclass(frozen=True)
class ClipGradients(Fix):
    """Clip the norm of the whole gradient.

    Attributes
    ----------
    norm : float
        The largest norm that is let through.
    """

    norm: float = 1.0

    def __post_init__(self) -> None:
        """Refuse what is no norm."""
        _check_number(self.norm, "norm", 0.0, above=True)

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
        kwargs, name = kwargs or {}, getattr(func, "__name__", "")
        if name not in ("relu", "relu_"):
            return func(*args, **kwargs)
        z, inplace = (
            args[0] if args else kwargs["input"],
            kwargs.get("inplace", args[1:] == (True,)),
        )
        return functional.leaky_relu(z, self.slope, inplace=inplace or name == "relu_")


def _mean_and_spread(examples: Batches) -> tuple[Tensor, Tensor]:
    """Find mean and standard deviation of each feature, one batch at a time."""
    count, shift, total, squares = 0, None, 0.0, 0.0
    low: Tensor | None = None
    high: Tensor | None = None
    for batch in examples:
        x = _inputs_of(batch.value).detach()
        axes = (0, *range(2, x.ndim)) if x.ndim >= 4 else (0,)
        wide = x.double() if x.device.type != "mps" else x.float()
        # Around a number that is near, so that a small spread is not lost to rounding.
        shift = wide.mean(axes, keepdim=True) if shift is None else shift
        if wide.ndim != shift.ndim or (x.ndim < 4 and x.shape[1:] != shift.shape[1:]):
            raise ValueError(
                "StandardizeInputs needs examples of one shape: got "
                f"{tuple(shift.shape[1:])} and then {tuple(x.shape[1:])}"
            )
        around = wide - shift
        count += x.numel() // shift.numel()
        total = total + around.sum(axes, keepdim=True)
        squares = squares + around.square().sum(axes, keepdim=True)
        least, most = x.amin(axes, keepdim=True), x.amax(axes, keepdim=True)
        low = least if low is None else low.minimum(least)
        high = most if high is None else high.maximum(most)
    mean = shift + total / count
    spread = (squares / count - (total / count).square()).clamp_min(0).sqrt()
    constant = low == high  # exactly; its spread is rounding
    mean = torch.where(constant, low.to(mean.dtype), mean)
    spread = torch.where(constant | (spread == 0), torch.ones_like(spread), spread)
    return mean.to(x.dtype), spread.to(x.dtype)


def _inputs_of(value: Any) -> Tensor:
    """Give the inputs of a batch: all of it, or the first of its parts."""
    inputs = value[0] if isinstance(value, tuple | list) and len(value) else value
    if not isinstance(inputs, Tensor):
        raise TypeError(
            f"a batch is a {type(value).__name__}, and it is not clear which part of it are the "
            "inputs: standardise the data yourself, or write a Fix of your own"
        )
    if not inputs.is_floating_point():
        raise TypeError(
            f"the inputs are {inputs.dtype}, whole numbers such as those of tokens: these cannot "
            "be standardised"
        )
    return inputs


def _check_number(value: Any, name: str, least: float, above: bool = False) -> None:
    """Refuse what is no finite number of at least so much, or above it."""
    given = f"{name} must be a number{f' above {least:g}' if above else ''}"
    given += f" of at least {least:g}" if not above and math.isfinite(least) else ""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{given}; got {value!r}")
    if not math.isfinite(value) or value < least or (above and value == least):
        raise ValueError(f"{given}; got {value!r}")
