"""Bring dead units back, in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase

from helpers.health import STATES, Report, Site
from helpers.health.names import written

__all__ = ["Reinitialised", "forget", "reinit_"]

# What optimisers keep for each weight that is no memory of its gradients: averages of the weights
# (ASGD), and sizes of steps (Rprop), which stand still at 0.
NO_MOMENTS = {"ax", "step_size"}


@dataclass(frozen=True)
class Reinitialised:
    """What `reinit_` did.

    Attributes
    ----------
    units : mapping of str to int
        How many units were drawn anew, by site.
    left : tuple of str
        What was left as it was, and why.
    """

    units: Mapping[str, int]
    left: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        lines = [
            f"{name}: {count} unit{'' if count == 1 else 's'} drawn anew"
            for name, count in self.units.items()
        ]
        return "\n".join([*lines, *self.left]) or "nothing to draw anew"


def reinit_(
    model: nn.Module,
    report: Report,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    states: Sequence[str] = ("dead",),
    seed: int = 0,
) -> Reinitialised:
    """Draw dead units anew, in place, without changing what the network computes.

    The incoming weights are drawn as He's are, the bias is 0, and the outgoing weights are set to
    0: the unit says nothing yet, and can learn what to say. (Where batch normalisation follows the
    activation, its scale is set to 0 in place of the weights behind it.) What an optimiser
    remembers of these weights is set to 0 too; it would push the unit back.

    Units whose outgoing weights are shared with others are left as they are, and this is said:
    those that are added to a residual stream, for instance. So are frozen weights, and weights that
    are computed from others (weight_norm). Whether a unit fires again depends on the weights that
    were drawn: diagnose again.

    Parameters
    ----------
    model : Module
        The model that was diagnosed.
    report : Report
        What `diagnose` found in it.
    optimizer : Optimizer, optional
        The one that trains it.
    states : sequence of str
        Which units: those whose state in the report is one of these. Units that are not dead have
        something to say, and what the network computes changes as it is taken away.
    seed : int
        Of the weights that are drawn.

    Returns
    -------
    Reinitialised
        What was done, and what was left.

    Raises
    ------
    TypeError, ValueError
        If the report is about a model with other weights, the optimiser trains another model, or a
        state is none of `helpers.health.STATES`.

    References
    ----------
    Sokar, Agarwal, Castro, Evci (2023), https://arxiv.org/abs/2302.12902; He, Zhang, Ren, Sun
    (2015), https://arxiv.org/abs/1502.01852; notebook 10.

    Examples
    --------
    >>> from helpers.health import diagnose
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    >>> with torch.no_grad():
    ...     _ = model[0].bias.fill_(-100.0)
    >>> x = torch.randn(500, 2, generator=torch.manual_seed(0))
    >>> print(reinit_(model, diagnose(model, x)))
    0.weight -> relu @ 1: 3 units drawn anew
    >>> diagnose(model, x).dead
    0
    """
    wanted = _check_states(states)
    surgeon = _Surgeon(model, report, optimizer, torch.Generator().manual_seed(seed))
    done: dict[str, int] = {}
    left: list[str] = []
    for site in report.sites:
        units = np.flatnonzero(np.isin(site.states, wanted))
        if not len(units):
            continue
        reason = surgeon.reason_against(site, units)
        if reason:
            left.append(f"{site.name}: {len(units)} left as they were, since {reason}")
            continue
        with torch.no_grad():
            surgeon.draw(site, units)
        done[site.name] = len(units)
    return Reinitialised(done, tuple(left))


class _Surgeon:
    """Knows a model and its optimiser by the names of a report."""

    def __init__(
        self,
        model: nn.Module,
        report: Report,
        optimizer: torch.optim.Optimizer | None,
        generator: torch.Generator,
    ) -> None:
        self._axes, self._optimizer, self._generator = report.axes, optimizer, generator
        self._parameters = {
            written(name): parameter
            for name, parameter in model.named_parameters(remove_duplicate=False)
        }
        self._modules = {written(path): module for path, module in model.named_modules()}
        self._check(report)

    def _check(self, report: Report) -> None:
        """Refuse what belongs to another model."""
        for site in report.sites:
            weight, axis = self._parameters.get(site.weight), report.axes.get(site.weight)
            owner = site.weight.rpartition(".")[0]
            if site.weight and weight is None and owner not in self._modules:
                raise ValueError(
                    f"the report is about a {report.model} with {site.weight}, which this model "
                    "does not have: diagnose this model first"
                )
            if weight is not None and (weight.ndim <= axis or site.units % weight.shape[axis]):
                raise ValueError(
                    f"{site.weight} has shape {tuple(weight.shape)} and the report is about "
                    f"{site.units} units: diagnose this model first"
                )
        if self._optimizer is None:
            return
        if not isinstance(self._optimizer, torch.optim.Optimizer):
            kind = type(self._optimizer).__name__
            raise TypeError(f"optimizer must be a torch.optim.Optimizer; got {kind}")
        own = {id(parameter) for parameter in self._parameters.values()}
        trained = [p for group in self._optimizer.param_groups for p in group["params"]]
        if not any(id(parameter) in own for parameter in trained):
            raise ValueError("this optimiser trains other parameters than the model's")

    def reason_against(self, site: Site, units: np.ndarray) -> str:
        """Say why units of a site must be left as they are; empty if nothing speaks against it."""
        weight = self._parameters.get(site.weight)
        if weight is None:
            known = site.weight or "the weight behind it"
            return f"{known} is no parameter of its own"
        if site.ties is None:
            return "what else hangs on its units was not asked: diagnose(..., thorough=True)"
        if site.ties:
            return site.ties
        if weight.shape[self._axes[site.weight]] != site.units:
            return f"{site.weight} is cut into groups"
        if not site.consumers:
            return "what its values feed is not known"
        if site.norm and not isinstance(self._modules.get(site.norm), _NormBase):
            return f"{site.norm} mixes these units with others"
        if (site.dead & (site.dormancy > 0))[units].any():
            return f"a dead unit says another number than 0 at {site.activation}"
        touched = {site.weight: weight, **{n: self._parameters.get(n) for n in site.consumers}}
        for name, parameter in touched.items():
            if parameter is None:
                return f"{name}, which it feeds, is no parameter of its own"
            if not parameter.requires_grad:
                return f"{name} is frozen"
            owner = self._modules.get(name.rpartition(".")[0])
            if parameter.ndim == 1 and not isinstance(owner, _BatchNorm):
                return f"{name}, which it feeds, belongs to no module of batch normalisation"
        return ""

    def draw(self, site: Site, units: np.ndarray) -> None:
        """Draw units of a site anew."""
        weight, axis = self._parameters[site.weight], self._axes[site.weight]
        rows = torch.from_numpy(units).to(weight.device)
        shape = weight.movedim(axis, 0)[rows].shape
        he = (2 / shape[1:].numel()) ** 0.5
        drawn = torch.randn(shape, generator=self._generator, dtype=torch.float64) * he
        self._put(weight, rows, drawn.to(weight), axis)
        bias = self._parameters.get(site.bias)
        if bias is not None:
            self._put(bias, rows, 0.0)
        if site.norm:
            norm = self._modules[site.norm]
            self._put(norm.weight, rows, 1.0)
            self._put(norm.bias, rows, 0.0)
            self._forget_statistics(norm, rows)
        for name, columns in site.consumers.items():
            self._silence(name, columns, site, rows)

    def _silence(self, name: str, columns: int, site: Site, rows: Tensor) -> None:
        """Set what carries the values of some units onward to 0."""
        weight = self._parameters[name]
        if weight.ndim == 1:  # of batch normalisation: it has turned 0 into another constant
            norm = self._modules[name.rpartition(".")[0]]
            constant = norm.bias[rows]
            if norm.running_mean is not None:
                spread = (norm.running_var[rows] + norm.eps).sqrt()
                constant = constant - weight[rows] * norm.running_mean[rows] / spread
            self._put(weight, rows, 0.0)
            self._put(norm.bias, rows, constant)
            self._forget_statistics(norm, rows)
            return
        offsets = torch.arange(columns, device=rows.device)
        apart = rows[:, None] + offsets * site.units
        beside = rows[:, None] * columns + offsets
        places = (apart if site.units_last else beside).flatten()
        self._put(weight, places, 0.0, 1 - self._axes[name])

    @staticmethod
    def _forget_statistics(norm: nn.Module, rows: Tensor) -> None:
        if norm.running_mean is not None:
            norm.running_mean[rows] = 0.0
            norm.running_var[rows] = 1.0

    def _put(
        self, parameter: Tensor | None, rows: Tensor, values: Tensor | float, axis: int = 0
    ) -> None:
        """Put values into rows of a parameter, and let the optimiser forget these."""
        if parameter is not None:
            parameter.movedim(axis, 0)[rows] = values
            forget(self._optimizer, parameter, axis, rows)


def forget(
    optimizer: torch.optim.Optimizer | None, parameter: Tensor, axis: int, rows: Tensor
) -> None:
    """Set to 0 what an optimiser remembers of the gradients of some rows of a parameter.

    Parameters
    ----------
    optimizer : Optimizer or None
        Nothing is done without.
    parameter : Tensor
        One that it trains.
    axis : int
        Axis of the rows.
    rows : Tensor
        Their numbers, or a mask.
    """
    state = optimizer.state.get(parameter, {}) if optimizer is not None else {}
    for name, remembered in state.items():
        alike = isinstance(remembered, Tensor) and remembered.shape == parameter.shape
        if alike and name not in NO_MOMENTS:
            with torch.no_grad():
                remembered.movedim(axis, 0)[rows] = 0.0


def _check_states(states: Sequence[str]) -> list[str]:
    wanted = [states] if isinstance(states, str) else list(states)
    unknown = [state for state in wanted if state not in STATES]
    if unknown or not wanted:
        raise ValueError(f"states must be among {', '.join(map(repr, STATES))}; got {states!r}")
    return wanted
