"""Figures of notebook 06: what kills ReLU units, and when they come back.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. A dead unit carries a cross. Where the word "interval"
stands, it is the 95 % interval of `helpers.stats.mean_interval`.

`changes` measures what one figure draws: it splits what a step does to a unit into its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers import units
from helpers.activations import relu
from helpers.plots.intervals import as_arrays
from helpers.plots.style import (
    BLUE,
    DARK_BLUE,
    DOTS,
    GREEN,
    INK,
    OCHRE,
    PALE_BLUE,
    PALE_VERMILION,
    POINTS,
    PURPLE,
    VERMILION,
    Picture,
    apart,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import fixed, percent, signed
from helpers.stats import Interval, mean_interval

PARTS = ("bias", "weights", "inputs")
# Lines that are drawn together: colour, dashes and marker always change at once.
LOOKS = (
    (BLUE, "-", "o"),
    (VERMILION, "--", "s"),
    (GREEN, "-.", "^"),
    (PURPLE, ":", "D"),
    (OCHRE, "-", "v"),
)
BESIDE = {"xytext": (10, 0), "va": "center", "annotation_clip": False, **POINTS}
BINS = 40


class Recorded(Protocol):
    """What is asked of a history: a fleet's, which this module need not know, has it.

    Attributes
    ----------
    dead : list of ndarray of bool, shape (rows, arms, seeds, units)
        For each hidden layer, which units are dead.
    parameters : list of ndarray, shapes (rows, arms, seeds, ...)
        For each layer w, then b.
    """

    dead: list[np.ndarray]
    parameters: list[np.ndarray]


def changes(
    history: Recorded, x: ArrayLike, layer: int, *, arm: int = 0, returning: bool = False
) -> np.ndarray:
    """Split what befell the mean of z of each dying unit, while it died, into three parts.

    The mean of z over the probe is the mean of the inputs times the weights, plus the bias. So from
    one row of the history to the next it moves because the bias moved, because the weights did, or
    because the inputs of the layer did. The three parts add up to the whole: weights are taken with
    the mean of the inputs before and after, and inputs with the mean of the weights.

    Parameters
    ----------
    history : FleetHistory
        Of a fleet of ReLU networks, with units and parameters recorded.
    x : array_like, shape (N, inputs)
        The probe that the units were judged on.
    layer : int
        Hidden layer, from 1.
    arm : int
        Which arm, from 0.
    returning : bool
        Ask the units that came back, instead.

    Returns
    -------
    ndarray, shape (networks, 3)
        Change by bias, weights and inputs, mean over the units of a network that died between two
        rows; networks in which none did are left out.

    Examples
    --------
    >>> from helpers.fleet import Fleet
    >>> from helpers.training import Adam
    >>> x = np.random.default_rng(0).uniform(size=(64, 5))
    >>> record = {"record": ["units", "parameters"], "every": 1, "progress": False}
    >>> history = Fleet([5, 20, 1], seeds=3).fit(x, x[:, :1], optimizer=Adam(1), epochs=5, **record)
    >>> bias, weights, inputs = changes(history, x, layer=1).mean(axis=0)
    >>> bool(weights < bias < 0), float(inputs)
    (True, 0.0)
    """
    dead = history.dead[layer - 1][:, arm]
    moved = dead[:-1] & ~dead[1:] if returning else ~dead[:-1] & dead[1:]
    w, b = (array[:, arm] for array in history.parameters[2 * layer - 2 : 2 * layer])
    mean = _mean_inputs(history, np.asarray(x, dtype=float), layer, arm)
    middle, between = (mean[1:] + mean[:-1]) / 2, (w[1:] + w[:-1]) / 2
    parts = (
        np.diff(b, axis=0),
        np.einsum("rsi,rsij->rsj", middle, np.diff(w, axis=0)),
        np.einsum("rsi,rsij->rsj", np.diff(mean, axis=0), between),
    )
    some = [seed for seed in range(moved.shape[1]) if moved[:, seed].any()]
    found = [[part[:, seed][moved[:, seed]].mean() for part in parts] for seed in some]
    return np.array(found).reshape(len(some), 3)


def _mean_inputs(history: Recorded, x: np.ndarray, layer: int, arm: int) -> np.ndarray:
    """Compute the mean input of a layer in every row and network: shape (rows, seeds, fan_in)."""
    rows, _, seeds = history.parameters[0].shape[:3]
    means = []
    for row in range(rows):
        for seed in range(seeds):
            a = x
            for below in range(layer - 1):
                w, b = (array[row, arm, seed] for array in history.parameters[2 * below :][:2])
                a = relu(a @ w + b)
            means.append(a.mean(axis=0))
    return np.reshape(means, (rows, seeds, -1))


@styled
def one_unit(panels: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Picture:
    """Draw z of one unit over the probe before and after a step, a panel for each kind of input.

    Parameters
    ----------
    panels : mapping of str to (array_like, array_like), each of shape (N,)
        Under the title of each panel, z before the step and after it.
    """
    given = {
        title: tuple(np.asarray(z, dtype=float) for z in pair) for title, pair in panels.items()
    }
    every = np.concatenate([z for pair in given.values() for z in pair])
    low, high = every.min() - 0.1 * np.ptp(every), max(every.max() + 0.1 * np.ptp(every), 0.3)
    edges = np.linspace(low, high, BINS + 1)
    fig, axes = figure(2, len(given), width=10.5, height=4.6, sharex=True, sharey=True)
    said = []
    for column, (title, pair) in enumerate(given.items()):
        for ax, z, when in zip(axes[:, column], pair, ("before", "after"), strict=True):
            off = bool(units.always_off(z[:, np.newaxis])[0])
            ax.axvspan(0, high, color=PALE_BLUE, linewidth=0)
            ax.axvline(0, color=INK, linewidth=2)
            counts = np.histogram(z, edges)[0]
            colour = VERMILION if off else BLUE
            ax.stairs(counts, edges, fill=True, color=colour, label=f"{title}, {when}")
            place = {"xycoords": "axes fraction", "va": "top"}
            ax.annotate(when, (0.02, 0.95), fontweight="bold", **place)
            ax.plot(
                [round(z.mean(), 6)], [0], "^", color=INK, clip_on=False, markersize=11, zorder=3
            )
            if off:
                cross = {"markersize": 24, "color": INK, "markeredgecolor": "white"}
                ax.plot([z.mean()], [counts.max() / 2], "X", **cross)
            ax.set(yticks=[], xlim=(low, high))
            ax.spines["left"].set_visible(False)
        axes[0, column].set_title(title)
        axes[1, column].set_xlabel("z, picture by picture")
        before, after = pair
        fires = f"fires for {(before > 0).sum():,} of {len(before):,}, then {(after > 0).sum():,}"
        moved = fixed(after.mean() - before.mean(), 2, plus=True)
        said.append(f"{title}: the mean of z moves by {moved}; {fires}")
    axes[0, 0].set_ylim(bottom=0)
    axes[0, -1].annotate(
        "fires", (0.98, 0.95), xycoords="axes fraction", ha="right", va="top", color=DARK_BLUE
    )
    return fig, f"One unit before and after one step. {'; '.join(said)}."


@styled
def by_rate(rates: Sequence[float], shares: Mapping[str, ArrayLike]) -> Picture:
    """Draw the share of dead units against the learning rate, a line for each kind of input.

    Parameters
    ----------
    rates : sequence of float
        Learning rates, above 0.
    shares : mapping of str to array_like, shape (rates, networks)
        Under what to call each kind of input, shares from 0 to 1.
    """
    fig, ax = figure(width=10.0, height=4.8)
    x = np.log10(np.asarray(rates, dtype=float))
    means, said = [], []
    for (label, given), (colour, dashes, marker) in zip(shares.items(), LOOKS, strict=False):
        found = [mean_interval(100 * np.asarray(row, dtype=float)) for row in given]
        mean, low, high = as_arrays(found)
        ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(x, mean, color=colour, linestyle=dashes, marker=marker, label=label)
        means.append(mean[-1])
        said.append(f"{label} {_listed(mean)} %")
    for line, (label, height) in enumerate(zip(shares, apart(means, 7.5), strict=True)):
        text = {"color": LOOKS[line][0], "fontweight": "bold", **BESIDE}
        ax.annotate(label, (x[-1], height), **text)
    ax.set_xticks(x, [f"{rate:g}" for rate in rates])
    ax.set(xlabel="learning rate", ylabel="dead units, %", ylim=(-4, 108))
    ax.set_xlim(x[0] - 0.05, x[-1] + 0.05)
    told = ", ".join(f"{rate:g}" for rate in rates)
    return fig, f"Dead units at the rates {told}: {'; '.join(said)}. Shaded: 95 % intervals."


@styled
def over_steps(steps: ArrayLike, panels: Mapping[str, ArrayLike]) -> Picture:
    """Draw the share of dead units of each layer over the steps of training.

    Parameters
    ----------
    steps : array_like, shape (rows,)
        Steps made.
    panels : mapping of str to array_like, shape (rows, networks, layers)
        Under the title of each panel, shares from 0 to 1.
    """
    steps = np.asarray(steps)
    fig, axes = figure(1, len(panels), width=10.5, height=4.4, sharey=True)
    said = []
    for ax, (title, given) in zip(as_rows(axes), panels.items(), strict=True):
        shares = 100 * np.asarray(given, dtype=float)
        ends = []
        for layer, (colour, dashes, _) in zip(range(shares.shape[2]), LOOKS, strict=False):
            mean, low, high = as_arrays([mean_interval(row) for row in shares[:, :, layer]])
            ax.fill_between(steps, low, high, color=colour, alpha=0.2, linewidth=0)
            ax.plot(steps, mean, color=colour, linestyle=dashes, label=f"layer {layer + 1}")
            ends.append(mean[-1])
        for layer, place in enumerate(apart(ends, 8.0)):
            text = {"color": LOOKS[layer][0], "fontweight": "bold", **BESIDE}
            ax.annotate(f"layer {layer + 1}", (steps[-1], place), **text)
        ax.set(title=title, xlabel="steps", xlim=(steps[0], steps[-1]), ylim=(-3, 103))
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        told = ", ".join(f"layer {layer} {percent(end / 100)}" for layer, end in enumerate(ends, 1))
        said.append(f"{title}: {told}")
    as_rows(axes)[0].set_ylabel("dead units, %")
    count = np.asarray(next(iter(panels.values()))).shape[1]
    return fig, (
        f"Dead after {steps[-1]} steps, mean of {count} networks: {'; '.join(said)}. "
        "Shaded: 95 % intervals."
    )


@styled
def grids(layers: Mapping[str, ArrayLike], steps: ArrayLike, chosen: Sequence[int]) -> Picture:
    """Draw the units of one network as squares, over training: a dead one carries a cross.

    A unit that was dead in an earlier row and fires again carries a ring.

    Parameters
    ----------
    layers : mapping of str to array_like of bool, shape (rows, units)
        Under what to call each layer, which units are dead.
    steps : array_like, shape (rows,)
        Steps made.
    chosen : sequence of int
        The steps to draw; each must be among `steps`.
    """
    steps = np.asarray(steps)
    rows = [int(np.flatnonzero(steps == step)[0]) for step in chosen]
    size = {"width": 0.5 + 1.75 * len(rows), "height": 0.55 + 1.95 * len(layers)}
    fig, axes = figure(len(layers), len(rows), squeeze=False, **size)
    said = []
    for line, (name, given) in enumerate(layers.items()):
        dead = np.asarray(given, dtype=bool)
        for ax, row in zip(axes[line], rows, strict=True):
            _draw_units(ax, dead[row], dead[:row].any(axis=0) & ~dead[row])
            title = f"step {steps[row]}: " if line == 0 else ""
            ax.set_title(f"{title}{dead[row].sum()} dead", fontsize=12, loc="center")
        axes[line, 0].set_ylabel(name, fontweight="bold")
        counts = ", ".join(str(dead[row].sum()) for row in rows)
        told = f"{name} {counts} of {dead.shape[1]}"
        back = int((dead[: rows[-1]].any(axis=0) & ~dead[rows[-1]]).sum())
        said.append(told + (f", {back} of those that were dead fire again" if back else ""))
    told = ", ".join(str(step) for step in chosen)
    return fig, f"Dead units, with a cross, after steps {told}: {'; '.join(said)}."


def _draw_units(ax: Axes, dead: np.ndarray, back: np.ndarray) -> None:
    """Draw a square for each unit, in rows of eight or so."""
    columns = int(np.ceil(np.sqrt(len(dead))))
    for unit, off in enumerate(dead):
        y, x = divmod(unit, columns)
        face = PALE_VERMILION if off else BLUE
        ax.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=face, linewidth=0))
    y, x = np.divmod(np.flatnonzero(dead), columns)
    ax.plot(x, y, "X", color=VERMILION, markersize=7.5, markeredgewidth=0, label="dead")
    y, x = np.divmod(np.flatnonzero(back), columns)
    ring = {"markersize": 6.5, "markerfacecolor": "none", "markeredgewidth": 1.8}
    ax.plot(x, y, "o", color="white", label="fires again", **ring)
    last = (len(dead) - 1) // columns
    ax.set(xlim=(-0.6, columns - 0.4), ylim=(last + 0.6, -0.6), aspect="equal")
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


@styled
def pushes(panels: Mapping[str, ArrayLike]) -> Picture:
    """Draw what moved the mean of z of units while they died, or came back: `changes`.

    Parameters
    ----------
    panels : mapping of str to array_like, shape (networks, 3)
        Under the title of each panel, the parts due to bias, weights and inputs.
    """
    found = {
        title: [mean_interval(column) for column in np.asarray(parts, dtype=float).T]
        for title, parts in panels.items()
    }
    fig, axes = figure(1, len(found), width=10.8, height=3.4, sharex=True, sharey=True)
    said = []
    for ax, (title, three) in zip(as_rows(axes), found.items(), strict=True):
        ax.axvline(0, color=INK, linewidth=1.5)
        for row, one in enumerate(three):
            ax.barh([row], [one.estimate], height=0.62, color=LOOKS[row][0], label=PARTS[row])
            bar = {"color": INK, "capsize": 5, "linewidth": 2}
            ax.errorbar([one.estimate], [row], xerr=[[one.half_width]] * 2, fmt="none", **bar)
            up = one.estimate > 0
            place = {**POINTS, "va": "center", "ha": "left" if up else "right"}
            end = one.high if up else one.low
            ax.annotate(signed(one.estimate, 2), (end, row), (7 if up else -7, 0), **place)
        told = ", ".join(
            f"{name} {signed(one.estimate, 2)} ± {one.half_width:.2f}"
            for name, one in zip(PARTS, three, strict=True)
        )
        said.append(f"{title}: {told}")
        ax.set(title=title, xlabel="change of the mean of z")
    low = min(0.0, *(one.low for three in found.values() for one in three))
    high = max(0.0, *(one.high for three in found.values() for one in three))
    room = 0.4 * (high - low)
    as_rows(axes)[0].set_xlim(low - room * (low < 0), high + room * (high > 0))
    as_rows(axes)[0].xaxis.set_major_locator(MaxNLocator(4))
    as_rows(axes)[0].set_yticks(range(3), ["bias", "weights", "inputs\nof the layer"])
    as_rows(axes)[0].invert_yaxis()
    return fig, f"What moved the mean of z. {'; '.join(said)}."


@styled
def born(
    layers: Sequence[int],
    shares: Mapping[int, Sequence[Interval]],
    bounds: Mapping[int, ArrayLike],
) -> Picture:
    """Draw the share of networks born dead against depth, with the theory's bounds shaded.

    Parameters
    ----------
    layers : sequence of int
        Layers with weights.
    shares : mapping of int to sequence of Interval
        Under each width, the share found at each depth, with its interval.
    bounds : mapping of int to array_like, shape (depths, 2)
        Under each width, the lower and the upper bound at each depth.
    """
    fig, ax = figure(width=10.5, height=5.6)
    layers = np.asarray(layers)
    inside, ends = 0, []
    for place, (width, found) in enumerate(shares.items()):
        colour, _, marker = LOOKS[place % len(LOOKS)]
        face = colour if place < len(LOOKS) else "white"
        lower, upper = 100 * np.asarray(bounds[width], dtype=float).T
        mean, low, high = (100 * end for end in as_arrays(found))
        ax.fill_between(layers, lower, upper, color=colour, alpha=0.1, linewidth=0)
        dots = {"color": colour, "markersize": 5, "markerfacecolor": face}
        ax.plot(layers, mean, marker, label=f"width {width}", **dots)
        ax.vlines(layers, low, high, color=colour, linewidth=2)
        inside += int(np.sum((low <= upper) & (high >= lower)))
        ends.append(mean[-1])
    for place, (width, height) in enumerate(zip(shares, apart(ends, 5.2), strict=True)):
        text = {"color": LOOKS[place % len(LOOKS)][0], "fontweight": "bold", **BESIDE}
        ax.annotate(f"width {width}", (layers[-1], height), **text)
    ax.set(xlabel="layers", ylabel="networks born dead, %", ylim=(-2, 102))
    ax.set_xlim(layers[0], layers[-1] + 0.5)
    told = ", ".join(
        f"width {width} {percent(found[-1].estimate)}" for width, found in shares.items()
    )
    count = sum(len(found) for found in shares.values())
    return fig, (
        f"Born dead with {layers[-1]} layers: {told}. {inside} of {count} intervals reach into the "
        "theory's range, which is shaded."
    )


@styled
def collapse(x: ArrayLike, outputs: ArrayLike, born_dead: int) -> Picture:
    """Draw what networks say after they were taught abs(x), and how many ended constant.

    Parameters
    ----------
    x : array_like, shape (N,)
        Inputs, in order.
    outputs : array_like, shape (networks, N)
        What the trained networks say; those that were born dead were not trained.
    born_dead : int
        How many were.
    """
    x, outputs = np.asarray(x, dtype=float), np.asarray(outputs, dtype=float)
    flat = np.ptp(outputs, axis=1) == 0
    total = born_dead + len(outputs)
    ratios = {"gridspec_kw": {"width_ratios": [1.25, 1]}}
    fig, (left, right) = figure(1, 2, width=10.8, height=4.4, **ratios)
    for which, colour, name in ((flat, VERMILION, "constant"), (~flat, BLUE, "alive")):
        lines = [np.column_stack([x, line]) for line in outputs[which]]
        look = {"colors": colour, "linewidths": 1.2, "alpha": DOTS, "label": name}
        left.add_collection(LineCollection(lines, **look))
    some = outputs[flat][:8, 0]  # a few crosses are enough to be seen
    places = np.linspace(x[0], x[-1], len(some) + 2)[1:-1]
    left.plot(places, some, "X", color=VERMILION, markersize=9, markeredgecolor="white")
    left.plot(x, np.abs(x), color=INK, linewidth=3, linestyle=":", label="abs(x)")
    left.annotate("abs(x)", (x[0], abs(x[0])), (6, 6), **POINTS | {"fontweight": "bold"})
    left.set(title=f"the {len(outputs)} that could learn", xlabel="x", ylabel="output")
    left.locator_params(nbins=5)
    parts = (
        ("born dead", born_dead, OCHRE),
        ("died in\ntraining", int(flat.sum()), VERMILION),
        ("alive", int((~flat).sum()), BLUE),
    )
    for row, (name, count, colour) in enumerate(parts):
        right.barh([row], [100 * count / total], height=0.6, color=colour, label=name)
        told = f"{100 * count / total:.1f} %"
        right.annotate(told, (100 * count / total, row), fontweight="bold", **BESIDE)
    right.set_yticks(range(3), [name for name, *_ in parts])
    right.invert_yaxis()
    right.set(title=f"of {total:,} networks", xlabel="%", xlim=(0, 122), xticks=[0, 50, 100])
    dead = born_dead + int(flat.sum())
    told = ", ".join(f"{name} {100 * count / total:.1f} %" for name, count, _ in parts)
    told = told.replace("\n", " ")
    return fig, f"Of {total:,} networks: {told}. Constant in the end: {100 * dead / total:.1f} %."


@styled
def living(results: Mapping[int, Mapping[int, ArrayLike]]) -> Picture:
    """Draw accuracy against the share of units that are dead, and against how many live.

    Parameters
    ----------
    results : mapping of int to mapping of int to array_like, shape (networks,)
        Under each width, and there under the number of living units, accuracies from 0 to 1.
    """
    fig, (left, right) = figure(1, 2, width=10.8, height=4.6, sharey=True)
    said = []
    for (width, each), (colour, dashes, marker) in zip(results.items(), LOOKS, strict=False):
        alive = np.array(sorted(each))
        found = [mean_interval(100 * np.asarray(each[count], dtype=float)) for count in alive]
        mean, low, high = as_arrays(found)
        line = {"color": colour, "linestyle": dashes, "marker": marker, "label": f"width {width}"}
        bars = {"yerr": [mean - low, high - mean], "capsize": 5, "elinewidth": 2}
        dead = 100 * (1 - alive / width)
        left.errorbar(dead, mean, **bars, **line)
        right.errorbar(np.log2(alive), mean, **bars, **line)
        text = {"color": colour, "fontweight": "bold", **BESIDE}
        left.annotate(f"width {width}", (dead[0], mean[0]), **text)
        told = ", ".join(
            f"{percent(off / 100)} dead {one.estimate:.0f} %"
            for off, one in zip(dead[::-1], found[::-1], strict=True)
        )
        said.append(f"width {width}: {told}")
    every = sorted({count for each in results.values() for count in each})
    right.set_xticks(np.log2(every), [str(count) for count in every])
    left.set(title="by share dead", xlabel="dead units, %", ylabel="new pictures right, %")
    left.set(ylim=(0, 105), yticks=[0, 25, 50, 75, 100], xticks=[0, 25, 50, 75])
    right.set(title="by number alive", xlabel="units alive")
    return fig, f"Right on new pictures. {'; '.join(said)}."


def _listed(values: ArrayLike) -> str:
    return ", ".join(fixed(value, 0) for value in np.asarray(values))
