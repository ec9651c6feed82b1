"""Lab 1: any activation and its derivative, with a slope and an input to drag."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import traitlets

from helpers import activations
from helpers.labs.lab import Lab, Number, fixed
from helpers.plots.style import ACTIVATION_STYLES, INK, Picture, figure, styled, with_gaps

__all__ = ["ActivationExplorer"]


class ActivationExplorer(Lab):
    """Activations beside their derivatives, to be read at one input.

    Parameters
    ----------
    activations : iterable of str
        Names of `activations.names()`.
    slope : float
        Slope of leaky ReLU's negative side, from 0 to 1; the others have their usual parameters.
    z : float
        The input at which values and derivatives are read, from -4 to 4.

    Raises
    ------
    traitlets.TraitError
        If an activation is unknown or a number is out of its range.

    Examples
    --------
    >>> lab = ActivationExplorer(["leaky_relu"], slope=0.2, z=-1.5)
    >>> lab.sentence()
    'At z = −1.50: leaky_relu gives −0.30 with derivative 0.20.'
    """

    name = "activation_explorer"

    activations = traitlets.List(traitlets.Enum(activations.names())).tag(sync=True)
    slope = Number(0.1, min=0, max=1).tag(sync=True)
    z = Number(-2.0, min=-4, max=4).tag(sync=True)

    def __init__(self, activations: Iterable[str] = ("relu", "leaky_relu"), **state: Any) -> None:
        """Start with these activations."""
        super().__init__(activations=list(activations), **state)

    def chosen(self) -> list[activations.Activation]:
        """Return the chosen activations, in the order in which the course meets them."""
        slope = {"leaky_relu": {"slope": self.slope}}
        ordered = [name for name in activations.names() if name in self.activations]
        return [activations.get(name, **slope.get(name, {})) for name in ordered]

    def sentence(self) -> str:
        """Read off values and derivatives at the input."""
        read = [
            f"{f.name} gives {fixed(f(self.z))} with derivative {fixed(f.derivative(self.z))}"
            for f in self.chosen()
        ]
        return f"At z = {fixed(self.z)}: {'; '.join(read) or 'no activation is chosen'}."

    @styled
    def picture(self) -> Picture:
        """Draw values and derivatives side by side, and mark the input."""
        fig, axes = figure(1, 2, height=4.2)
        z = np.linspace(-4, 4, 401)
        for f in self.chosen():
            colour, dashes = ACTIVATION_STYLES[f.name]
            for ax, curve in zip(axes, (f, f.derivative), strict=True):
                ax.plot(z, with_gaps(curve(z)), dashes, color=colour, label=f.name)
                ax.plot(self.z, curve(self.z), "o", color=colour)
        for ax, title in zip(axes, ("value f(z)", "derivative f'(z)"), strict=True):
            ax.axvline(self.z, color=INK, lw=1)
            ax.set(title=title, xlabel="z")
        lines, names = axes[0].get_legend_handles_labels()
        fig.legend(lines, names, loc="outside lower center", ncols=5, fontsize=11)
        return fig, self.sentence()
