"""Lab 5: a curve to be fitted with ReLU hinges, placed by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import traitlets

from helpers import activations
from helpers.labs.lab import Lab, Number, fixed
from helpers.network import Dense, Network
from helpers.plots.style import BLUE, GREY, INK, VERMILION, Picture, figure, styled
from helpers.training import mean_squared_error

__all__ = ["Hinges"]

MOST = 8  # hinges
HIGHEST = 1000.0  # least squares can ask for steep ones
# In the middle of 120 equal parts of [-3, 3]: no jump of the staircase falls on one.
X = -3 + (np.arange(120)[:, np.newaxis] + 0.5) / 20
TARGETS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": lambda x: 1.5 * np.sin(1.5 * x),
    "absolute": np.abs,
    "bump": lambda x: 2.5 * np.exp(-(x**2)),
    "staircase": lambda x: (x > -1.0) + 1.0 * (x > 1.0),
}


class Hinges(Lab):
    """A sum of ReLU hinges over a target curve, on inputs from -3 to 3.

    Hinge k is ``height * relu(x - bend)``: flat up to its bend, then a straight line that rises by
    its height for each 1 to the right. Their sum, and an offset, is a network with one hidden
    layer.

    Parameters
    ----------
    hinges : iterable of (bend, height), at most 8
        Bends from -3 to 2.5.
    target : str
        ``"sine"``, ``"absolute"``, ``"bump"`` or ``"staircase"``.
    offset : float
        The bias of the output, from -1000 to 1000: the height at which the sum starts.
    slope : float
        From 0 to 1: above 0 the hinges are leaky, and act on the left of their bend too.

    Raises
    ------
    traitlets.TraitError
        If the target is unknown, there are too many hinges, or a number is out of its range.

    Examples
    --------
    >>> lab = Hinges([(-3, -1), (0, 2)], target="absolute", offset=3)
    >>> lab.sentence()
    '2 ReLU hinges against the absolute value: mean squared error 0.000.'
    >>> lab.network()
    Network 1-2-1, relu, 7 parameters
    """

    name = "hinges"

    hinges = traitlets.List(traitlets.List(traitlets.Float(), minlen=2, maxlen=2), maxlen=MOST).tag(
        sync=True
    )
    target = traitlets.Enum([*TARGETS], "sine").tag(sync=True)
    offset = Number(1.5, min=-HIGHEST, max=HIGHEST).tag(sync=True)
    slope = Number(0.0, min=0, max=1).tag(sync=True)

    def __init__(
        self,
        hinges: Iterable[Iterable[float]] = ((-3.0, -1.5), (-1.0, 3.0), (1.0, -0.5)),
        **state: Any,
    ) -> None:
        """Start with these hinges."""
        super().__init__(hinges=[list(hinge) for hinge in hinges], **state)

    @traitlets.validate("hinges")
    def _in_range(self, proposal: dict[str, Any]) -> list[list[float]]:
        for bend, height in proposal["value"]:
            if not (-3 <= bend <= 2.5 and abs(height) <= HIGHEST):
                raise traitlets.TraitError(
                    f"a hinge is (bend, height), with a bend from -3 to 2.5 and a height from "
                    f"{-HIGHEST:.0f} to {HIGHEST:.0f}; got ({bend}, {height})"
                )
        return proposal["value"]

    def network(self) -> Network:
        """Make the network that these hinges are: one input, a unit for each hinge, one output.

        Raises
        ------
        ValueError
            If there is no hinge: a network needs at least one unit.
        """
        if not self.hinges:
            raise ValueError("there is no hinge, and a network needs at least one unit; add one")
        return self._network(self.slope)

    def _network(self, slope: float) -> Network:
        bends, heights = np.reshape(np.array(self.hinges, dtype=float), (-1, 2)).T
        f = activations.leaky_relu(slope) if slope else activations.relu
        hidden = Dense(np.ones((1, len(bends))), -bends, f)
        return Network.of([hidden, Dense(heights[:, np.newaxis], [self.offset], "identity")])

    def curve(self, x: np.ndarray, slope: float | None = None) -> np.ndarray:
        """Compute the sum of all hinges, and the offset.

        Parameters
        ----------
        x : array_like, shape (N,) or (N, 1)
            Inputs.
        slope : float, optional
            Another slope than that of the lab.

        Returns
        -------
        ndarray, shape (N,)
            Heights of the sum.
        """
        x = np.reshape(np.asarray(x, dtype=float), (-1, 1))
        if not self.hinges:
            return np.full(len(x), self.offset)
        return self._network(self.slope if slope is None else slope).forward(x).ravel()

    def error(self, slope: float | None = None) -> float:
        """Compute the mean squared error over 120 inputs from -3 to 3.

        Parameters
        ----------
        slope : float, optional
            Another slope than that of the lab.
        """
        wanted = TARGETS[self.target](X)
        return mean_squared_error(self.curve(X, slope)[:, np.newaxis], wanted)[0]

    def sentence(self) -> str:
        """Tell the error, and with a leak what it would be without."""
        count = len(self.hinges)
        noun = "hinge" if count == 1 else "hinges"
        kind = f"leaky {noun}, slope {fixed(self.slope)}," if self.slope else f"ReLU {noun}"
        name = "absolute value" if self.target == "absolute" else self.target
        said = f"{count} {kind} against the {name}: mean squared error {fixed(self.error(), 3)}"
        without = fixed(self.error(slope=0.0), 3)
        said += f", and {without} without the leak." if self.slope else "."
        return said + (" At slope 1 nothing bends." if self.slope == 1 else "")

    @styled
    def picture(self) -> Picture:
        """Draw the target and the sum above the hinges that it is the sum of."""
        fig, (above, below) = figure(2, 1, height=6.6, sharex=True)
        x = np.linspace(-3, 3, 601)
        above.plot(x, TARGETS[self.target](x), color=GREY, ls="--", label="target")
        colour = VERMILION if self.slope else BLUE
        above.plot(x, self.curve(x), color=colour, label="sum of the hinges")
        if self.slope:
            above.plot(x, self.curve(x, 0.0), ":", color=BLUE, lw=2, label="without the leak")
        f = activations.leaky_relu(self.slope)
        for number, (bend, height) in enumerate(self.hinges, 1):
            below.plot(x, height * f(x - bend), color=colour, lw=2)
            below.plot(bend, 0, "o", color=INK, ms=7)
            below.annotate(str(number), (bend, 0), xytext=(0, 7), textcoords="offset points")
            above.axvline(bend, color=GREY, lw=1, ls=":")
        beside = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 3}
        above.legend(fontsize=12, borderaxespad=0.2, **beside)  # over the plot, beside its title
        above.set(title=f"target: {self.target}", ylim=(-2.2, 3.6))
        below.set(title="each hinge alone", xlabel="x", ylim=(-5, 5))
        return fig, self.sentence()
