"""Bring dead units back, in place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from helpers.health import Report, Site

__all__ = ["Reinitialised", "forget", "reinit_"]


@dataclass(frozen=True)
class Reinitialised:
    """What `reinit_` did.

    Attributes
    ----------
    units : mapping of str to int
        How many units were drawn anew, by site.
    left : tuple of str
        What could not be done, and why.
    """

    units: Mapping[str, int]
    left: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in a few lines."""
        lines = [f"{name}: {count} units drawn anew" for name, count in self.units.items()]
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
    0: the unit is active again, says nothing yet, and can learn what to say. Where an optimiser
    keeps moments of these weights they are set to 0 too; they would push the unit back.

    Parameters
    ----------
    model : Module
        The model that was diagnosed.
    report : Report
        What `diagnose` found in it.
    optimizer : Optimizer, optional
        The one that trains it.
    states : sequence of str
        Which units: those whose state in the report is one of these.
    seed : int
        Of the weights that are drawn.

    Returns
    -------
    Reinitialised
        What was done, and what could not be.

    Raises
    ------
    ValueError
        If the report is about a model with other weights.

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
    parameters = dict(model.named_parameters())
    generator = torch.Generator().manual_seed(seed)
    done: dict[str, int] = {}
    left: list[str] = []
    for site in report.sites:
        units = np.flatnonzero(np.isin(site.states, list(states)))
        if not len(units):
            continue
        weight = parameters.get(site.weight)
        if weight is None:
            known = site.weight or "the weight behind it"
            left.append(f"{site.name}: {known} is no parameter; {len(units)} units left")
            continue
        axis = report.axes[site.weight]
        if weight.shape[axis] != site.units:
            raise ValueError(
                f"{site.weight} has {weight.shape[axis]} units and the report is about "
                f"{site.units}: diagnose this model first"
            )
        rows = torch.from_numpy(units).to(weight.device)
        with torch.no_grad():
            _draw_incoming(parameters, site, weight, axis, rows, generator, optimizer)
            _reset_norm(model, site, rows, optimizer)
            for name, columns in site.consumers.items():
                _silence(parameters, name, report.axes[name], columns, site, rows, optimizer)
        if not site.consumers:
            left.append(
                f"{site.name}: its outgoing weights are not known, and were left as they are"
            )
        done[site.name] = len(units)
    return Reinitialised(done, tuple(left))


def _draw_incoming(
    parameters: Mapping[str, Tensor],
    site: Site,
    weight: Tensor,
    axis: int,
    rows: Tensor,
    generator: torch.Generator,
    optimizer: torch.optim.Optimizer | None,
) -> None:
    """Draw rows of a weight by He's rule, and set their biases to 0."""
    shape = weight.movedim(axis, 0)[rows].shape
    fan_in = shape[1:].numel()
    drawn = torch.randn(shape, generator=generator, dtype=torch.float64) * (2 / fan_in) ** 0.5
    weight.movedim(axis, 0)[rows] = drawn.to(weight)
    forget(optimizer, weight, axis, rows)
    bias = parameters.get(f"{site.weight.removesuffix('weight')}bias")
    if bias is not None and bias.shape == (site.units,):
        bias[rows] = 0.0
        forget(optimizer, bias, 0, rows)


def _reset_norm(
    model: nn.Module, site: Site, rows: Tensor, optimizer: torch.optim.Optimizer | None
) -> None:
    """Let a normalisation behind the weights start anew for some units."""
    norm = dict(model.named_modules()).get(site.norm) if site.norm else None
    if norm is None:
        return
    for name, value in {
        "weight": 1.0,
        "bias": 0.0,
        "running_mean": 0.0,
        "running_var": 1.0,
    }.items():
        tensor = getattr(norm, name, None)
        if tensor is not None and tensor.shape == (site.units,):
            tensor[rows] = value
            forget(optimizer, tensor, 0, rows)


def _silence(
    parameters: Mapping[str, Tensor],
    name: str,
    axis: int,
    columns: int,
    site: Site,
    rows: Tensor,
    optimizer: torch.optim.Optimizer | None,
) -> None:
    """Set the outgoing weights of some units to 0."""
    weight = parameters.get(name)
    if weight is None:
        return
    offsets = torch.arange(columns, device=rows.device)
    if site.units_last:
        places = rows[:, None] + offsets * site.units
    else:
        places = rows[:, None] * columns + offsets
    weight.movedim(1 - axis, 0)[places.flatten()] = 0.0
    forget(optimizer, weight, 1 - axis, places.flatten())


def forget(
    optimizer: torch.optim.Optimizer | None, parameter: Tensor, axis: int, rows: Tensor
) -> None:
    """Set to 0 what an optimiser remembers of some rows of a parameter.

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
    for remembered in state.values():
        if isinstance(remembered, Tensor) and remembered.shape == parameter.shape:
            remembered.movedim(axis, 0)[rows] = 0.0
