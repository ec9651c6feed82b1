"""Lab 3: a network that is trained while one watches, and whose units die and come back."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import traitlets
from matplotlib.axes import Axes

from helpers import activations, datasets, initializers, units
from helpers.activations import Activation
from helpers.labs.lab import Lab, Number, fixed
from helpers.network import Network
from helpers.plots.style import (
    BLUE,
    CLASS_STYLES,
    GREEN,
    GREY,
    INK,
    PALE_BLUE,
    PALE_GREY,
    PALE_VERMILION,
    Picture,
    figure,
    styled,
)
from helpers.training import SGD, Adam, mean_squared_error, softmax_cross_entropy

__all__ = ["DyingRelu"]

POINTS = 100
DEEPEST, WIDEST, LONGEST = 6, 24, 5000
TOO_LARGE = 1e12  # a loss above it does not come back
TASKS = ("circles", "moons", "spirals", "absolute", "sine")
INITIALIZERS = ("he", "glorot", "torch_default")
OPTIMIZERS = {"sgd": SGD, "adam": Adam}
CHOICES = (
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "softplus",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "identity",
)
START = ("task", "depth", "width", "initializer", "bias", "seed")
LIVE = ("optimizer", "learning_rate", "activations", "slope")

# Without echoes: while a network is trained, the kernel's answer is old when it comes.
SYNC = {"sync": True, "echo_update": False}

# The part of the plane, or of the curve, that is drawn.
WINDOWS = {
    "circles": ((-1.5, 1.5), (-1.5, 1.5)),
    "moons": ((-1.5, 2.5), (-1.2, 1.7)),
    "spirals": ((-1.2, 1.2), (-1.2, 1.2)),
    "absolute": ((-1.8, 1.8), (-0.5, 2.0)),
    "sine": ((-3.3, 3.3), (-1.6, 1.6)),
}


@dataclass
class Run:
    """A network after some steps, and what happened to its units.

    Attributes
    ----------
    network : Network
        As it is now; its layers keep z on the training points.
    step : int
        Steps made. Fewer than were asked for where the loss ran away.
    loss : float
        On the training points, now.
    born : list of ndarray of bool, shapes (width,)
        For each hidden layer, which units were dead before the first step.
    swapped : int or None
        The last step at which activations were changed while units were dead.
    lost : list of ndarray of bool
        The units that were dead at that moment.
    curve : list of tuple
        Step, loss, share of dead units, share of units that never fire.
    """

    network: Network
    step: int = 0
    loss: float = math.nan
    born: list[np.ndarray] = field(default_factory=list)
    swapped: int | None = None
    lost: list[np.ndarray] = field(default_factory=list)
    curve: list[tuple[int, float, float, float]] = field(default_factory=list)

    @property
    def ran_away(self) -> bool:
        """Whether the loss is too large to come back, or no number at all."""
        return not self.loss <= TOO_LARGE

    @property
    def hidden(self) -> list[Any]:
        """The hidden layers."""
        return self.network.layers[:-1]

    def dead(self) -> list[np.ndarray]:
        """For each hidden layer, which units are dead on the training points."""
        return [units.dead(a.z, a.activation.derivative(a.z)) for a in self.hidden]

    def off(self) -> list[np.ndarray]:
        """For each hidden layer, which units never fire on the training points."""
        return [units.always_off(layer.z) for layer in self.hidden]

    def back(self) -> list[np.ndarray]:
        """For each hidden layer, which of the units lost before the swap fire again."""
        return [lost & ~off for lost, off in zip(self.lost, self.off(), strict=True)]


class DyingRelu(Lab):
    """A small network, trained in the browser: watch units die, swap the activation, go on.

    All 100 points are used in every step, in float64, so a run can be repeated exactly: `code`
    writes the program. What `loss`, `dead`, `died` and `came_back` give is what the reader sees,
    or, where the lab is not shown, what `helpers` computes.

    Parameters
    ----------
    task : {"circles", "moons", "spirals", "absolute", "sine"}
        A function of `helpers.datasets`: classes in the plane, or a curve to fit.
    depth, width : int
        Hidden layers, 1 to 6, and units in each, 1 to 24.
    initializer : {"he", "glorot", "torch_default"}
        How weights are drawn.
    bias : float
        The bias that every hidden unit starts with, from -3 to 3.
    seed : int
        Of the weights, from 0 to 99. The points stay the same.
    optimizer : {"adam", "sgd"}
        The optimiser; this and all that follows may change while the network is trained.
    learning_rate : float
        From 0.0001 to 10.
    activations : list of str
        One for each hidden layer. The last one counts for all layers that follow.
    slope : float
        Of the negative side of leaky ReLU, from 0 to 1.
    step : int
        Steps made, from 0 to 5,000.
    past : list
        What came before: ``[step, settings]`` for each time something was changed in mid-training,
        with the settings that held until that step. `change` adds to it.
    speed : float
        Steps a second while it runs, from 1 to 1,000; fewer where the computer is too slow.

    Raises
    ------
    traitlets.TraitError
        If a setting is unknown or out of its range.

    References
    ----------
    Played with in notebooks 06 and 07.

    Examples
    --------
    A rate that is too high kills most units within ten steps. With a leak all of them come back:

    >>> lab = DyingRelu(step=150)
    >>> lab.dead
    [6, 11, 12]
    >>> lab.change(activations=["leaky_relu"])
    >>> lab.step += 60
    >>> lab.came_back, round(lab.loss, 3)
    ([6, 11, 12], 0.0)
    """

    name = "dying_relu"

    task = traitlets.Enum(TASKS, "circles").tag(**SYNC)
    depth = traitlets.Int(3, min=1, max=DEEPEST).tag(**SYNC)
    width = traitlets.Int(12, min=1, max=WIDEST).tag(**SYNC)
    initializer = traitlets.Enum(INITIALIZERS, "he").tag(**SYNC)
    bias = Number(0.0, min=-3, max=3).tag(**SYNC)
    seed = traitlets.Int(2, min=0, max=99).tag(**SYNC)
    optimizer = traitlets.Enum(tuple(OPTIMIZERS), "adam").tag(**SYNC)
    learning_rate = Number(0.2, min=1e-4, max=10).tag(**SYNC)
    activations = traitlets.List(traitlets.Enum(CHOICES), ["relu"], minlen=1, maxlen=DEEPEST).tag(
        **SYNC
    )
    slope = Number(0.1, min=0, max=1).tag(**SYNC)
    step = traitlets.Int(150, min=0, max=LONGEST).tag(**SYNC)
    past = traitlets.List().tag(**SYNC)
    speed = Number(20.0, min=1, max=1000).tag(**SYNC)
    # What the browser shows: step, loss, by layer dead, died and came_back, with which settings.
    seen = traitlets.Dict().tag(**SYNC)

    @traitlets.validate("past")
    def _check_past(self, proposal: dict[str, Any]) -> list[Any]:
        before = 0
        for entry in proposal["value"]:
            try:
                step, settings = entry
                fits = set(settings) == set(LIVE) and before <= step <= LONGEST
            except (TypeError, ValueError):
                fits = False
            if not fits:
                raise traitlets.TraitError(
                    "past must be a list of [step, settings], with steps that do not fall and "
                    f"settings for {', '.join(LIVE)}; got {entry!r}. change(...) adds to it"
                )
            before = step
            for key, value in settings.items():
                self.traits()[key]._validate(self, value)
        return [[step, dict(settings)] for step, settings in proposal["value"]]

    def state(self) -> dict[str, Any]:
        """Return the state: all settings, the step, and what was changed on the way."""
        return {key: value for key, value in super().state().items() if key != "seen"}

    def change(self, **settings: Any) -> None:
        """Change settings from the present step on, as a reader does in mid-training.

        Parameters
        ----------
        **settings
            Any of optimizer, learning_rate, activations and slope.

        Raises
        ------
        TypeError
            If it is another setting, with which training would have to begin again.

        Examples
        --------
        >>> lab = DyingRelu(step=10)
        >>> lab.change(slope=0.2, activations=["leaky_relu"])
        >>> lab.past
        [[10, {'optimizer': 'adam', 'learning_rate': 0.2, 'activations': ['relu'], 'slope': 0.1}]]
        """
        if unknown := sorted(set(settings) - set(LIVE)):
            raise TypeError(
                f"{', '.join(unknown)} cannot change in mid-training, only {', '.join(LIVE)} can; "
                "set it as an attribute, and set step to 0"
            )
        with self.hold_trait_notifications():
            if self.step > 0 and (not self.past or self.past[-1][0] < self.step):
                self.past = [*self.past, [self.step, self._live()]]
            for key, value in settings.items():
                setattr(self, key, value)

    def _live(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in LIVE}

    def run(self) -> Run:
        """Train the network of this state with `helpers`.

        Returns
        -------
        Run
            The network after `step` steps. Do not change it: it is kept for the next call.
        """
        start = {key: getattr(self, key) for key in START}
        return _run(json.dumps([start, self._phases()]))

    def _phases(self) -> list[Any]:
        """List until when which settings hold, to the present."""
        return [*(entry for entry in self.past if entry[0] <= self.step), [self.step, self._live()]]

    def _reading(self) -> dict[str, Any]:
        settings = {key: getattr(self, key) for key in (*START, *LIVE)}
        seen = self.seen.get("step") == self.step and self.seen.get("settings") == settings
        return self.seen if seen else reading(self.run())

    @property
    def loss(self) -> float:
        """The loss on the training points; nan where it ran away."""
        found = self._reading()["loss"]
        return math.nan if found is None else found

    @property
    def dead(self) -> list[int]:
        """Dead units of each hidden layer."""
        return list(self._reading()["dead"])

    @property
    def died(self) -> list[int]:
        """Units that were not born dead, and are dead now or were before the swap, by layer."""
        return list(self._reading()["died"])

    @property
    def came_back(self) -> list[int]:
        """Units that were dead before the swap of the activation and fire now, by layer."""
        return list(self._reading()["came_back"])

    def sentence(self) -> str:
        """Tell the step, the loss, who is dead and who came back."""
        return told(self.run())

    @styled
    def picture(self) -> Picture:
        """Draw the units, what the network has learned, and how it went."""
        run = self.run()
        fig, axes = figure(2, 2, height=7.2)
        _draw_units(axes[0, 0], run)
        _draw_fit(axes[0, 1], run, self.task)
        _draw_curves(axes[1], run, _flat_loss(self.task))
        return fig, self.sentence()

    def code(self) -> str:
        """Write a program that repeats the run with `helpers` and prints the loss.

        Examples
        --------
        >>> print(DyingRelu(step=40).code().splitlines()[-4])
        print(f"loss {loss:.6f}")
        """
        return "\n".join(_program(self)) + "\n"


# --- training -------------------------------------------------------------------------------------


def _points(task: str) -> datasets.Points:
    return getattr(datasets, task)(POINTS, seed=0)


def _loss_of(task: str) -> Any:
    return mean_squared_error if task in ("absolute", "sine") else softmax_cross_entropy


def _flat_loss(task: str) -> float:
    """Compute the loss of the best network that gives the same answer everywhere."""
    y = _points(task).y
    return float(y.var()) if task in ("absolute", "sine") else math.log(2)


def _sizes(start: dict[str, Any]) -> list[int]:
    inputs, outputs = (1, 1) if start["task"] in ("absolute", "sine") else (2, 2)
    return [inputs, *[start["width"]] * start["depth"], outputs]


def _functions(live: dict[str, Any], depth: int) -> list[Activation]:
    named = live["activations"]
    return [
        activations.get(name, **({"slope": live["slope"]} if name == "leaky_relu" else {}))
        for name in (named[min(k, len(named) - 1)] for k in range(depth))
    ]


@functools.lru_cache(maxsize=16)
def _run(state: str) -> Run:
    """Train from a state written as JSON: ``[start, [[until, settings], ...]]``."""
    start, phases = json.loads(state)
    x, y = _points(start["task"])
    loss = _loss_of(start["task"])
    steps = phases[-1][0]
    every = max(1, steps // 200)
    run = None
    with np.errstate(over="ignore", invalid="ignore"):
        for functions, optimizer, until in _settled(phases, start["depth"]):
            if run is None:
                network = Network(
                    _sizes(start),
                    functions,
                    initializer=getattr(initializers, start["initializer"]),
                    bias=start["bias"],
                    seed=start["seed"],
                )
                run = Run(network)
                value, gradient = loss(network.forward(x), y)
                run.born = run.dead()
                run.lost = [np.zeros_like(dead) for dead in run.born]
            elif functions != [layer.activation for layer in run.hidden]:
                dead = run.dead()
                if np.any(dead):
                    run.swapped, run.lost = run.step, dead
                _note(run, value)
                for layer, function in zip(run.hidden, functions, strict=True):
                    layer.activation = function
                value, gradient = loss(network.forward(x), y)
            while run.step < until and value <= TOO_LARGE:  # nan is not
                if run.step % every == 0:
                    _note(run, value)
                network.backward(gradient)
                optimizer.step(network.parameters, network.gradients)
                run.step += 1
                value, gradient = loss(network.forward(x), y)
    run.loss = value
    _note(run, value)
    return run


def _settled(phases: list[Any], depth: int) -> Iterator[tuple[list[Activation], Any, int]]:
    """Give activations, optimiser and last step of each phase in which steps are made."""
    done, optimizer, kind = 0, None, None
    for number, (until, live) in enumerate(phases):
        last = number == len(phases) - 1
        if until <= done and not last:
            continue
        if live["optimizer"] != kind:
            kind = live["optimizer"]
            optimizer = OPTIMIZERS[kind](live["learning_rate"])
        optimizer.learning_rate = live["learning_rate"]
        yield _functions(live, depth), optimizer, until
        done = until


def _note(run: Run, loss: float) -> None:
    shares = [float(np.mean(found)) for found in (run.dead(), run.off())]
    run.curve.append((run.step, loss, *shares))


def reading(run: Run) -> dict[str, Any]:
    """Count what the browser counts, layer by layer."""
    dead = run.dead()
    died = [(one | lost) & ~born for one, lost, born in zip(dead, run.lost, run.born, strict=True)]
    counted = {"dead": dead, "died": died, "came_back": run.back()}
    return {
        "step": run.step,
        "loss": None if run.ran_away else run.loss,
        **{name: [int(layer.sum()) for layer in found] for name, found in counted.items()},
    }


# --- words ----------------------------------------------------------------------------------------


def told(run: Run) -> str:
    """Say what the browser says."""
    if run.ran_away:
        return (
            f"The loss ran away: after step {run.step} it is above 10¹². "
            "Lower the learning rate, then reset."
        )
    dead, lost = run.dead(), run.lost
    width, depth = len(dead[0]), len(dead)
    counts = [int(layer.sum()) for layer in dead]
    text = f"Step {run.step}: loss {fixed(run.loss, 3)}. "
    if not sum(counts):
        text += f"None of {depth * width} units is dead."
    else:
        where = ", ".join(f"{n} in layer {k}" for k, n in enumerate(counts, 1) if n)
        text += f"Dead: {sum(counts)} of {depth * width} units ({where})."
    whole = [str(k) for k, n in enumerate(counts, 1) if n == width]
    if whole:
        text += f" All of layer {' and '.join(whole)}: no gradient gets below. "
        text += "Would a leak bring them back?"
    if run.swapped is not None:
        again = sum(int(layer.sum()) for layer in run.back())
        everyone = sum(int(layer.sum()) for layer in lost)
        text += f" Of {everyone} dead at the swap (step {run.swapped}), {again} fire again."
    return text


# --- the picture ----------------------------------------------------------------------------------


def _draw_units(ax: Axes, run: Run) -> None:
    """Draw a row for each layer: a dot by how often it fires, a cross for dead, ^ for back."""
    rows = zip(run.hidden, run.dead(), run.off(), run.back(), strict=True)
    for row, (layer, dead, off, back) in enumerate(rows):
        share = units.active_share(layer.z)
        for column in range(len(dead)):
            face = PALE_GREY if dead[column] else "white"
            edge = GREEN if back[column] else GREY if off[column] else BLUE
            place = {"s": 190, "zorder": 2}
            ax.scatter(column, row, facecolor=face, edgecolor=edge, lw=1.6, **place)
            if dead[column]:
                ax.scatter(column, row, marker="x", color=INK, s=70, zorder=3)
            elif off[column]:
                ax.scatter(column, row, marker="_", color=GREY, s=70, zorder=3)
            elif share[column] > 0:
                inner = {"s": 20 + 90 * share[column], "zorder": 3}
                colour, marker = (GREEN, "^") if back[column] else (BLUE, "o")
                ax.scatter(column, row, color=colour, marker=marker, **inner)
    depth, width = len(run.hidden), len(run.born[0])
    ax.set(
        title="units: × dead" + (", ▲ back" if np.any(run.lost) else ""),
        xlim=(-0.8, max(width, 8) - 0.2),
        ylim=(max(depth, 3) - 0.4, -0.6),
        yticks=range(depth),
        yticklabels=[f"{k} {layer.activation.name}" for k, layer in enumerate(run.hidden, 1)],
        xticks=[],
    )


def _draw_fit(ax: Axes, run: Run, task: str) -> None:
    """Draw the points and the curve, or the points and the regions."""
    x, y = _points(task)
    across, up = WINDOWS[task]
    network = run.network.copy()
    if x.shape[1] == 1:
        along = np.linspace(*across, 201)[:, np.newaxis]
        ax.plot(x, y, "o", color=GREY, ms=3, alpha=0.6)
        ax.plot(along, network.forward(along), color=BLUE)
    else:
        grid = np.stack(np.meshgrid(np.linspace(*across, 60), np.linspace(*up, 60)), axis=-1)
        logits = network.forward(grid.reshape(-1, 2))
        first = (logits[:, 1] > logits[:, 0]).reshape(60, 60)
        regions = {"levels": [-0.5, 0.5, 1.5], "colors": [PALE_VERMILION, PALE_BLUE]}
        ax.contourf(grid[..., 0], grid[..., 1], first.astype(float), **regions)
        for label, (colour, marker) in enumerate(CLASS_STYLES):
            ax.plot(*x[y == label].T, marker, color=colour, ms=4)
    ax.set(xlim=across, ylim=up, title="what it has learned")


def _draw_curves(axes: np.ndarray, run: Run, flat: float) -> None:
    """Draw loss, and shares of units dead and never firing, over steps."""
    steps, loss, dead, off = np.array(run.curve).T
    axes[0].plot(steps, loss, color=BLUE)
    axes[0].axhline(flat, color=GREY, ls="--", lw=1.2)
    beside = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "top", "color": GREY}
    axes[0].annotate("one answer for all", (1, flat), (-4, -4), **_NEAR, **beside)
    axes[0].set(title="loss", xlabel="steps", ylim=(0, 2 * flat))
    axes[1].plot(steps, 100 * off, "--", color=GREY, label="never fire")
    axes[1].plot(steps, 100 * dead, color=INK, label="dead")
    axes[1].set(title="units, %", xlabel="steps", ylim=(-3, 103))
    axes[1].legend(loc="best")
    for ax in axes:
        ax.set_xlim(0, max(run.step, 1))
        if run.swapped is not None:
            ax.axvline(run.swapped, color=GREEN, lw=1.2)
            ax.annotate("swap", (run.swapped, ax.get_ylim()[1]), (3, -11), **_NEAR, color=GREEN)


_NEAR = {"textcoords": "offset points", "fontsize": 11}


# --- the program ----------------------------------------------------------------------------------


def _named(live: dict[str, Any], depth: int) -> str:
    """Write as Python which activations the hidden layers have."""
    each = []
    for f in _functions(live, depth):
        given = f"slope={float(live['slope'])!r}" if f.name == "leaky_relu" else ""
        each.append(f"activations.{f.name}" + (f"({given})" if f.parameters else ""))
    if len(set(each)) == 1:
        return f"hidden = [{each[0]}] * {depth}"
    return "\n".join(["hidden = [", *(f"    {one}," for one in each), "]"])


def _made(live: dict[str, Any]) -> str:
    return f"{OPTIMIZERS[live['optimizer']].__name__}({float(live['learning_rate'])!r})"


def _program(lab: DyingRelu) -> list[str]:
    """Write the lines of the program. The lab's JavaScript writes the same."""
    start = {key: getattr(lab, key) for key in START}
    depth, loss = lab.depth, _loss_of(lab.task).__name__
    phases = lab._phases()
    kept = [p for k, p in enumerate(phases) if k == len(phases) - 1 or p[0] > _until(phases, k)]
    first = kept[0][1]
    used = {live["optimizer"] for _, live in kept}
    kinds = [OPTIMIZERS[name].__name__ for name in OPTIMIZERS if name in used]
    lines = [
        "from helpers import activations, datasets, initializers, units",
        "from helpers.network import Network",
        f"from helpers.training import {', '.join([*kinds, loss])}",
        "",
        f"x, y = datasets.{lab.task}({POINTS}, seed=0)",
        _named(first, depth),
        "network = Network(",
        f"    {_sizes(start)},",
        "    hidden,",
        f"    initializer=initializers.{lab.initializer},",
        f"    bias={float(lab.bias)!r},",
        f"    seed={lab.seed},",
        ")",
        f"optimizer = {_made(first)}",
        "",
        "",
        "def train(steps):",
        "    for _ in range(steps):",
        f"        _, gradient = {loss}(network.forward(x), y)",
        "        network.backward(gradient)",
        "        optimizer.step(network.parameters, network.gradients)",
        "",
        "",
    ]
    done, before = 0, first
    for until, live in kept:
        if _named(live, depth) != _named(before, depth):
            lines += [
                f"# The swap, at step {done}.",
                _named(live, depth),
                "for layer, activation in zip(network.layers, hidden):",
                "    layer.activation = activation",
            ]
        if live["optimizer"] != before["optimizer"]:
            lines.append(f"optimizer = {_made(live)}")
        elif live["learning_rate"] != before["learning_rate"]:
            lines.append(f"optimizer.learning_rate = {float(live['learning_rate'])!r}")
        if until > done:
            lines.append(f"train({until - done})")
        done, before = until, live
    return [
        *lines,
        "",
        f"loss, _ = {loss}(network.forward(x), y)",
        'print(f"loss {loss:.6f}")',
        "for number, layer in enumerate(network.layers[:-1], start=1):",
        "    dead = units.dead(layer.z, layer.activation.derivative(layer.z))",
        '    print(f"layer {number}: {dead.sum()} of {dead.size} units dead")',
    ]


def _until(phases: list[Any], number: int) -> int:
    """Tell the step at which a phase begins."""
    return phases[number - 1][0] if number else 0
