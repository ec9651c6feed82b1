"""What `diagnose` must find, counted over all values at once with `helpers.units`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from helpers import units
from helpers.health import Report, Site
from helpers.health.calls import CLIPPED, PIECEWISE

Tensor = torch.Tensor


@dataclass
class Layer:
    """Pre-activations over all data, and the activation that follows.

    `axis` is that of the units; axis 0 counts examples. Values where `padded` is True, shape
    (N, positions), are set aside.
    """

    z: Tensor
    function: Callable[[Tensor], Tensor]
    axis: int = -1
    padded: Tensor | None = None

    @property
    def by_unit(self) -> Tensor:
        """z with units last, shape (N, positions, units)."""
        z = self.z.movedim(self.axis, -1)
        return z.reshape(len(z), -1, z.shape[-1])


def slopes_of(function: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """The derivative of an activation, one value at a time, by torch's backward pass."""
    with torch.enable_grad():
        leaf = z.detach().clone().requires_grad_()
        (slopes,) = torch.autograd.grad(function(leaf * 1).sum(), leaf)
    return slopes


def hold(site: Site, layer: Layer, tolerance: float = 1e-5) -> None:
    """Hold a site against the words of `helpers.units` over all values."""
    z = layer.by_unit.detach()
    a, slopes = layer.function(z.clone()).detach(), slopes_of(layer.function, z)
    # Where a curve turns, or is level by rounding alone, no unit dies.
    turns = torch.full_like(z, site.activation not in PIECEWISE | CLIPPED, dtype=torch.bool)
    turns |= (z == -1.5) & (site.activation == "hardswish")
    slopes = torch.where(turns & (slopes == 0), torch.finfo(slopes.dtype).tiny, slopes)
    positions = z.shape[0] * z.shape[1]
    on = (z > 0).double()
    if layer.padded is not None:
        hidden = layer.padded[:, :, None]
        on = on.masked_fill(hidden, 0.0)
        positions = int((~layer.padded).sum())
        mean = z.masked_fill(hidden, 0.0).sum((0, 1)) / positions
        size = a.masked_fill(hidden, 0.0).abs().sum((0, 1)) / positions
        dormancy = units.dormancy(size[None])
        z = torch.where(hidden, torch.minimum(z.amin(), mean.amin()) - 1, z)  # never above 0 by it
        z = torch.where(hidden & (z > 0), -1.0, z)
        slopes = torch.where(hidden, slopes.new_zeros(()), slopes)
    else:
        dormancy = units.dormancy(a)

    def same(found: np.ndarray, wanted: Tensor, word: str) -> None:
        np.testing.assert_array_equal(found, wanted.numpy(), err_msg=f"{word} at {site.name}")

    assert (site.units, site.examples, site.positions) == (z.shape[-1], z.shape[0], positions)
    np.testing.assert_allclose(site.active_share, units.active_share(z).numpy(), rtol=1e-6)
    np.testing.assert_allclose(site.on_share, on.sum((0, 1)).numpy() / positions, rtol=1e-6)
    np.testing.assert_allclose(site.dormancy, dormancy.numpy(), rtol=tolerance, atol=1e-9)
    same(site.dead, units.dead(z, slopes), "dead")
    same(site.near_dead, units.near_dead(z), "near-dead")
    same(site.dead | site.always_negative, units.always_off(z), "always-off")
    if layer.padded is None:
        same(site.always_negative, units.always_negative(z, slopes), "always-negative")
    same(site.dormant, dormancy <= 0.025, "dormant")
    flat = units.saturated(slopes)
    if (
        site.activation in PIECEWISE
    ):  # a straight line has no flat end to run into but that of death
        flat = torch.zeros_like(flat)
    same(site.saturated, flat, "saturated")
    same(site.always_on, on.sum((0, 1)) / positions >= 0.999, "always-on")
    assert not site.not_finite.any()


def hold_all(report: Report, layers: list[Layer], tolerance: float = 1e-5) -> None:
    """Hold every site of a report, in order."""
    assert len(report.sites) == len(layers), [site.name for site in report.sites]
    for site, layer in zip(report.sites, layers, strict=True):
        hold(site, layer, tolerance)


def mixed_(model: nn.Module, seed: int = 0, low: float = -4.0, high: float = 3.0) -> nn.Module:
    """Give a model weights in float64 such that some units are dead, some rare, some always on."""
    generator = torch.Generator().manual_seed(seed)
    model.double()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.ndim < 2 and "bias" in name:
                spread = torch.linspace(low, high, len(parameter), dtype=torch.float64)
                parameter.copy_(spread[torch.randperm(len(parameter), generator=generator)])
            elif parameter.ndim > 1:
                parameter.copy_(torch.randn(parameter.shape, generator=generator).double())
                parameter /= parameter[0].numel() ** 0.5
    return model


def normal(*shape: int, seed: int = 1) -> Tensor:
    """Draw data of float64."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
