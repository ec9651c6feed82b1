"""Lab 2: one neuron with two inputs, a line to drag, and the gradient that is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes

from helpers import activations, units
from helpers.labs.lab import Lab, Number, fixed
from helpers.network import Dense
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    GREEN,
    INK,
    PALE_BLUE,
    POINTS,
    VERMILION,
    Picture,
    figure,
    styled,
)
from helpers.training import SGD, mean_squared_error

__all__ = ["Neuron"]

EACH = 6  # points of a cloud
CENTRES = ((1.2, 0.8), (-1.2, -0.8))
SPREAD = 0.45
MOST = {"w": 3.0, "b": 9.0}  # sizes that weights and bias can have here


class Neuron(Lab):
    """One neuron over twelve points: where it fires, and what gradient descent makes of it.

    Squares should get the answer 1, circles 0, and the loss is the mean squared error.

    Parameters
    ----------
    w1, w2 : float
        Weights, from -3 to 3.
    b : float
        Bias, from -9 to 9.
    activation : str
        ``"relu"`` or ``"leaky_relu"``.
    slope : float
        Slope of leaky ReLU's negative side, from 0 to 1.
    point : int
        Which point is read off, from 1 to 12: the squares come first.
    gradient : bool
        Whether loss and gradient are shown; without them the lab is about the line alone.
    rate : float
        Learning rate, from 0.01 to 3.
    steps : int
        How many steps are looked ahead and taken at a press, from 1 to 50.
    seed : int
        The points are drawn from it.

    Raises
    ------
    traitlets.TraitError
        If the activation is unknown or a number is out of its range.

    Examples
    --------
    >>> print(Neuron(b=-4.0).sentence())
    It fires for none of the 12 points: dead on them. Point 1: z = −2.55, a = 0.00. Loss 0.500. \
No gradient is left: no step moves it.
    """

    name = "neuron"

    w1 = Number(0.8, min=-MOST["w"], max=MOST["w"]).tag(sync=True)
    w2 = Number(0.6, min=-MOST["w"], max=MOST["w"]).tag(sync=True)
    b = Number(0.5, min=-MOST["b"], max=MOST["b"]).tag(sync=True)
    activation = traitlets.Enum(["relu", "leaky_relu"], "relu").tag(sync=True)
    slope = Number(0.1, min=0, max=1).tag(sync=True)
    point = traitlets.Int(1, min=1, max=2 * EACH).tag(sync=True)
    gradient = traitlets.Bool(True).tag(sync=True)
    rate = Number(0.5, min=0.01, max=3).tag(sync=True)
    steps = traitlets.Int(10, min=1, max=50).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=2**32 - 1).tag(sync=True)

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """Draw the two clouds.

        Returns
        -------
        x : ndarray, shape (12, 2)
            Squares first, then circles.
        target : ndarray, shape (12, 1)
            1 for squares, 0 for circles.
        """
        noise = np.random.default_rng(self.seed).normal(0, SPREAD, (2 * EACH, 2))
        return np.repeat(CENTRES, EACH, axis=0) + noise, np.repeat([[1.0], [0.0]], EACH, axis=0)

    def layer(self) -> Dense:
        """Make the neuron: a layer of one unit, after its forward and backward pass.

        Returns
        -------
        Dense
            Its `z`, `grad_w` and `grad_b` are those of all points.

        Examples
        --------
        >>> neuron = Neuron(b=-4.0)
        >>> neuron.layer().grad_b, Neuron(b=-4.0, activation="leaky_relu").layer().grad_b.round(2)
        (array([0.]), array([-0.18]))
        """
        made = {"relu": activations.relu, "leaky_relu": activations.leaky_relu(self.slope)}
        layer = Dense([[self.w1], [self.w2]], [self.b], made[self.activation])
        self._loss(layer)
        return layer

    def ahead(self) -> tuple[Dense, int]:
        """Take the steps of gradient descent, without moving the lab.

        Returns
        -------
        layer : Dense
            The neuron after them.
        taken : int
            How many were taken: all, unless one would lead out of the ranges of the lab.
        """
        layer, descent = self.layer(), SGD(self.rate)
        for taken in range(self.steps):
            w, b = layer.w.copy(), layer.b.copy()
            descent.step([layer.w, layer.b], [layer.grad_w, layer.grad_b])
            if np.abs(layer.w).max() > MOST["w"] or np.abs(layer.b).max() > MOST["b"]:
                layer.w[:], layer.b[:] = w, b
                self._loss(layer)
                return layer, taken
            self._loss(layer)
        return layer, self.steps

    def _loss(self, layer: Dense) -> float:
        x, target = self.points()
        loss, grad_a = mean_squared_error(layer.forward(x), target)
        layer.backward(grad_a)
        return loss

    def sentence(self) -> str:
        """Say for how many points it fires, read off one, and say where steps lead."""
        layer = self.layer()
        fires = int((layer.z > 0).sum())
        said = [f"It fires for {fires or 'none'} of the {len(layer.z)} points"]
        if fires:
            said[0] += "."
        elif not self.gradient:
            said[0] += ": always-off on them."
        elif units.dead(layer.z, layer.activation.derivative(layer.z))[0]:
            said[0] += ": dead on them."
        else:
            said[0] += ": always-negative on them, not dead."
        z = float(layer.z[self.point - 1, 0])
        said.append(f"Point {self.point}: z = {fixed(z)}, a = {fixed(layer.activation(z))}.")
        if self.gradient:
            said += [f"Loss {fixed(self._loss(layer), 3)}.", self._future(layer)]
        return " ".join(said)

    def _future(self, layer: Dense) -> str:
        if not (layer.grad_w.any() or layer.grad_b.any()):
            return "No gradient is left: no step moves it."
        then, taken = self.ahead()
        if taken < self.steps:
            return f"Step {taken + 1} leaves the ranges of this lab: the rate is too high."
        w1, w2, b = (fixed(float(number)) for number in (*then.w.ravel(), *then.b))
        lead = "1 step leads" if self.steps == 1 else f"{self.steps} steps lead"
        return f"{lead} to w = ({w1}, {w2}), b = {b}, loss {fixed(self._loss(then), 3)}."

    @styled
    def picture(self) -> Picture:
        """Draw the plane with its line, and what the neuron answers to each point."""
        fig, (plane, answers) = figure(1, 2, height=4.6)
        x, target = self.points()
        layer = self.layer()
        z, a = layer.z.ravel(), layer.activation(layer.z).ravel()
        side = np.linspace(-3, 3, 121)
        grid = np.stack(np.meshgrid(side, side), axis=-1)
        # Rounded, here and below: the last bit of a product, which differs between processors,
        # must not decide on which side a point of the grid lies.
        here = np.round((grid @ layer.w)[..., 0] + layer.b, 9)
        plane.contourf(side, side, here > 0, levels=[0.5, 1.5], colors=[PALE_BLUE])
        self._line(plane, layer, color=INK)
        alive = layer.grad_w.any() or layer.grad_b.any()
        if self.gradient and alive:
            self._line(plane, self.ahead()[0], color=GREEN, ls="--")
        for wanted, colour, marker in ((1, BLUE, "s"), (0, VERMILION, "o")):
            for fires in (True, False):
                chosen = (target.ravel() == wanted) & ((z > 0) == fires)
                look = {"color": colour, "marker": marker, "ls": "", "ms": 10 if fires else 6}
                look |= {} if fires else {"mfc": "white"}
                plane.plot(*x[chosen].T, **look)
                answers.plot(z[chosen], a[chosen], **look)
        plane.set(title="where it fires", xlabel="x₁", ylabel="x₂", aspect="equal")
        plane.set(xlim=(-3, 3), ylim=(-3, 3))
        if not (z > 0).any():
            dead = self.gradient and not alive
            words = "✕ dead on these points" if dead else "fires for none"
            place = {"xycoords": "axes fraction", "xytext": (6, -6), "va": "top", **POINTS}
            place["bbox"] = {"color": "white", "pad": 1}
            plane.annotate(words, (0, 1), color=VERMILION, weight="bold", **place)
        span = np.linspace(min(z.min(), -4), max(z.max(), 4), 201)
        colour, dashes = ACTIVATION_STYLES[self.activation]
        answers.plot(span, layer.activation(span), dashes, color=colour, zorder=0)
        answers.set(title=f"a = {layer.activation}", xlabel="z", ylabel="a")
        return fig, self.sentence()

    @staticmethod
    def _line(ax: Axes, layer: Dense, **look: Any) -> None:
        """Draw where z is 0, from far outside the picture to far outside it."""
        w, b = layer.w.ravel(), float(layer.b[0])
        length = np.hypot(*w)
        if length > 0 and abs(b) < 9 * length:
            nearest, along = -b * w / length**2, np.array([-w[1], w[0]]) / length
            ax.plot(*np.round([nearest - 10 * along, nearest + 10 * along], 6).T, lw=2, **look)
