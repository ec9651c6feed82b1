"""Figures of notebook 05: what the flat half of ReLU buys, and what it costs.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Where the word "interval" stands, it is the 95 % interval
of `helpers.stats.mean_interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.colors import ListedColormap
from numpy.typing import ArrayLike

from helpers import units
from helpers.network import Network, breakpoints
from helpers.plots.intervals import as_arrays, bracketed, reach
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    DARK_BLUE,
    DOTS,
    GREY,
    INK,
    PALE_BLUE,
    POINTS,
    VERMILION,
    Picture,
    apart,
    as_rows,
    figure,
    styled,
    with_gaps,
)
from helpers.plots.words import number, percent
from helpers.stats import mean_interval

Curve = Callable[[np.ndarray], np.ndarray]

FULL = {"xytext": (8, 0), "va": "center", "annotation_clip": False, **POINTS}
LOOKS = (("-", "o"), ("--", "s"), (":", "^"))  # of the lines that share one colour
PRECISION = 1e-9  # shares of the width of a line within which two bends count as one


@styled
def halves(**functions: tuple[Curve, Curve]) -> Picture:
    """Draw activations and their derivatives over z from -4 to 4, each in a panel of its own.

    Parameters
    ----------
    **functions
        Under the name of each activation, its value and its derivative, such as
        ``relu=(relu, relu_derivative)``.
    """
    z = np.linspace(-4, 4, 801)
    fig, axes = figure(1, 2, width=10.5, height=4.4)
    for ax, title, place in zip(axes, ("activation a", "derivative da/dz"), (0, 1), strict=True):
        ax.axvspan(0, z[-1], color=PALE_BLUE, linewidth=0)
        for name, pair in functions.items():
            colour, _ = ACTIVATION_STYLES[name]
            values = np.asarray(pair[place](z), dtype=float)
            drawn = with_gaps(values)
            jumps = np.isnan(drawn)
            dashes = LOOKS[-1 - list(functions).index(name) % len(LOOKS)][0]
            ax.plot(z, drawn, color=colour, linestyle=dashes, label=name)
            if jumps.any():
                at = z[jumps] - (z[1] - z[0])
                ax.plot(at, values[np.flatnonzero(jumps) - 1], "o", color=colour)
                ax.plot(at, values[jumps], "o", markerfacecolor="white", color=colour)
        ends = [min(float(pair[place](z)[-1]), 2.0) for pair in functions.values()]
        gap = 0.28 if place == 0 else 0.11
        for name, height in zip(functions, apart(ends, gap), strict=True):
            label = {"color": ACTIVATION_STYLES[name][0], "fontweight": "bold", **FULL}
            ax.annotate(name, (z[-1], height), **label)
        ax.set(title=title, xlabel="z", xlim=(z[0], z[-1]))
    axes[0].set(ylim=(-1.15, 2.1), yticks=[-1, 0, 1, 2])
    axes[1].set(ylim=(-0.08, 1.2), yticks=[0, 0.5, 1])
    slopes = {name: np.asarray(slope(z), dtype=float) for name, (_, slope) in functions.items()}
    left = int(np.argmin(np.abs(z + 2)))
    most = ", ".join(f"{name} {values.max():g}" for name, values in slopes.items())
    there = ", ".join(f"{name} {values[left]:.2g}" for name, values in slopes.items())
    return fig, f"Largest derivative: {most}. Derivative at z = −2: {there}."


@styled
def gradients(sizes: Mapping[str, ArrayLike]) -> Picture:
    """Draw the size of the gradient in each hidden layer, with intervals over networks.

    Parameters
    ----------
    sizes : mapping of str to array_like, shape (networks, layers)
        Under a label such as ``"relu, He"``, sizes above 0, the first layer first. The first word
        of the label names the activation.
    """
    fig, ax = figure(width=10.5, height=5.0)
    said, seen = [], {}
    for label, given in sizes.items():
        logs = np.log10(np.asarray(given, dtype=float))
        colour, _ = ACTIVATION_STYLES[label.partition(",")[0]]
        dashes, marker = LOOKS[seen.setdefault(colour, 0) % len(LOOKS)]
        seen[colour] += 1
        layers = np.arange(1, logs.shape[1] + 1)
        found = [mean_interval(column) for column in logs.T]
        mean, low, high = (10**end for end in as_arrays(found))
        ax.fill_between(layers, low, high, color=colour, alpha=0.2, linewidth=0)
        ax.plot(layers, mean, color=colour, linestyle=dashes, marker=marker, label=label)
        text = {"color": colour, "fontweight": "bold", **FULL, "ha": "right"}
        ax.annotate(label, (1, mean[0]), **text | {"xytext": (-12, 0)})
        factor = 10 ** np.mean(logs[:, 0] - logs[:, -1])
        said.append(f"{label} {_part(factor)}")
    ax.set(yscale="log", xlabel="hidden layer", ylabel="size of the gradient", xticks=layers)
    ax.set_xlim(-1.9, layers[-1] + 0.3)
    ax.spines["bottom"].set_bounds(1, layers[-1])
    count = len(np.asarray(next(iter(sizes.values()))))
    return fig, (
        f"Of the gradient behind layer {layers[-1]}, behind layer 1 there is, typical of {count} "
        f"networks: {'; '.join(said)}. Shaded: 95 % intervals."
    )


@styled
def runs(results: Mapping[str, ArrayLike], guessing: float) -> Picture:
    """Draw the accuracy of each network as a dot, and of each arm the mean with its interval.

    Parameters
    ----------
    results : mapping of str to array_like, shape (networks,)
        Under a label such as ``"relu, He"``, accuracies as shares from 0 to 1.
    guessing : float
        The share that guessing gets right.
    """
    fig, ax = figure(width=10.0, height=1.2 + 0.85 * len(results))
    ax.axvline(100 * guessing, color=GREY, linewidth=1.5, linestyle=":")
    said = []
    for row, (label, shares) in enumerate(results.items()):
        values = 100 * np.asarray(shares, dtype=float)
        colour, _ = ACTIVATION_STYLES[label.partition(",")[0]]
        found = mean_interval(values)
        spread = row + np.linspace(-0.18, 0.18, len(values))
        dots = {"color": colour, "markersize": 7, "alpha": DOTS, "linestyle": "none"}
        ax.plot(values, spread, "o", label=label, **dots)
        bar = {"color": INK, "markersize": 11, "capsize": 6, "linewidth": 2.5}
        ax.errorbar([found.estimate], [row + 0.32], xerr=reach([found]), fmt="|", **bar)
        said.append(f"{label} {bracketed(found, 0)} of {len(values)} networks")
    ax.set(yticks=range(len(results)), yticklabels=list(results), xlabel="new pictures right, %")
    ax.set(xlim=(0, 101), ylim=(len(results) - 0.4, -0.7))
    beside = {"color": GREY, "ha": "left", "va": "center"}
    ax.text(100 * guessing + 1, -0.5, "guessing", **beside)
    return fig, f"New pictures right in %, mean [95 % interval]: {'; '.join(said)}."


@styled
def ratios(stored: Mapping[str, Any], panels: Mapping[str, tuple[str, str]]) -> Picture:
    """Draw stored times as multiples of ReLU's, median and quartiles, a panel for each column.

    Parameters
    ----------
    stored : mapping
        As `helpers.datasets.measured("activation_times")` gives it.
    panels : mapping of str to (str, str)
        Under the title of each panel, environment and column of the table.
    """
    tables = [stored["environments"][environment] for environment, _ in panels.values()]
    columns = [column for _, column in panels.values()]
    most = max(
        row[c][2] for table, c in zip(tables, columns, strict=True) for row in table.values()
    )
    fig, axes = figure(1, len(panels), width=2.0 + 4.2 * len(panels), height=4.8, sharey=True)
    said = []
    for ax, title, table, column in zip(as_rows(axes), panels, tables, columns, strict=True):
        for row, (name, entries) in enumerate(table.items()):
            median, low, high = entries[column]
            colour, dashes = ACTIVATION_STYLES[name]
            ax.plot([low, high], [row, row], color=colour, linewidth=5, solid_capstyle="butt")
            ax.plot([median], [row], "o" if dashes == "-" else "s", color=colour, label=name)
            times = f"{median:.2f}" if most < 4 else f"{median:.1f}"
            ax.annotate(times, (high, row), **FULL | {"xytext": (10, 0)})
        ax.axvline(1, color=GREY, linewidth=1.2, linestyle=":", zorder=0)
        ax.set(title=title, xlabel="time, in units of relu's", ylim=(len(table) - 0.5, -0.8))
        ax.set(xscale="log", xlim=(0.6, 1.9 * most))
        ticks = [tick for tick in (0.7, 1, 1.5, 2, 3, 5, 10, 20, 40) if tick < 1.9 * most]
        ticks = [tick for tick in ticks if most < 4 or tick in (1, 2, 5, 10, 20)]
        ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        ax.minorticks_off()
        told = ", ".join(
            f"{name} {entries[column][0]:.2g}" for name, entries in table.items() if name != "relu"
        )
        said.append(f"{title}: {told}")
    as_rows(axes)[0].set_yticks(range(len(tables[0])), list(tables[0]))
    return fig, f"Times in units of relu's, median of all turns. {'; '.join(said)}."


@styled
def answers(**activations: ArrayLike) -> Picture:
    """Draw which answers of a layer are exactly 0: an example a row, a unit a column.

    Parameters
    ----------
    **activations
        Under the name of each activation, answers of shape (examples, units).
    """
    fig, axes = figure(1, len(activations), width=10.0, height=4.6, sharey=True)
    said = []
    for ax, (name, values) in zip(as_rows(axes), activations.items(), strict=True):
        colour, _ = ACTIVATION_STYLES[name]
        zero = np.asarray(values) == 0
        ax.imshow(~zero, cmap=ListedColormap(["white", colour]), vmin=0, vmax=1, aspect="auto")
        ax.set(title=f"{name}: {percent(zero.mean())} zeros", xlabel="unit", xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=GREY)
        said.append(f"{name} {percent(zero.mean())} of {zero.shape[0]} × {zero.shape[1]}")
    as_rows(axes)[0].set_ylabel("picture")
    return fig, f"White: the answer is exactly 0. {', '.join(said)}."


@styled
def strips(z: ArrayLike, chosen: Mapping[str, int]) -> Picture:
    """Draw z of a few units over the whole probe, a row of dots for each; dead ones are crossed.

    Parameters
    ----------
    z : array_like, shape (N, units)
        Pre-activations of ReLU units over the probe.
    chosen : mapping of str to int
        Under what to call each, the number of the unit.
    """
    z = np.asarray(z, dtype=float)
    columns = z[:, list(chosen.values())]
    off = units.always_off(columns)
    fig, ax = figure(width=10.0, height=1.4 + 1.2 * len(chosen))
    edge = 1.05 * columns.max() if columns.max() > 0 else 1.0
    low = 1.05 * min(columns.min(), 0.0)
    ax.axvspan(0, edge, color=PALE_BLUE, linewidth=0)
    ax.axvline(0, color=INK, linewidth=2)
    said = []
    for row, (name, values) in enumerate(zip(chosen, columns.T, strict=True)):
        colour = VERMILION if off[row] else BLUE
        heights = row + np.linspace(-0.27, 0.27, len(values))
        dots = {"linestyle": "none", "markersize": 3, "color": colour}
        ax.plot(values, heights, marker="o", label=name, **dots)
        if off[row]:
            cross = {"markersize": 26, "color": INK, "markeredgecolor": "white"}
            ax.plot([np.median(values)], [row], marker="X", **cross)
        span = f"z from {number(values.min())} to {number(values.max())}"
        said.append(f"{name}: {span}, fires for {int(np.sum(values > 0)):,} of {len(values):,}")
    ax.set(yticks=range(len(chosen)), yticklabels=list(chosen), xlabel="z")
    ax.set(ylim=(len(chosen) - 0.4, -0.75), xlim=(low, edge))
    ax.text(0.99 * edge, -0.6, "fires", ha="right", va="center", color=DARK_BLUE)
    ax.text(0.99 * low, -0.6, "silent", ha="left", va="center", color=GREY)
    return fig, f"z over the probe, picture by picture. {'; '.join(said)}."


@styled
def reaches(z: ArrayLike) -> Picture:
    """Draw for each unit how low and how high its z gets on the probe; dead ones are crossed.

    Parameters
    ----------
    z : array_like, shape (N, units)
        Pre-activations of a layer of ReLU units over the probe.
    """
    z = np.asarray(z, dtype=float)
    low, high = z.min(axis=0), z.max(axis=0)
    order = np.argsort(high, kind="stable")
    low, high, off = low[order], high[order], units.always_off(z)[order]
    places = np.arange(len(order))
    fig, ax = figure(width=10.5, height=4.8)
    ax.axhspan(0, 1.08 * max(high.max(), 1.0), color=PALE_BLUE, linewidth=0)
    ax.axhline(0, color=INK, linewidth=2)
    for alive, colour, name in ((~off, BLUE, "fires somewhere"), (off, VERMILION, "dead")):
        if alive.any():
            ax.vlines(places[alive], low[alive], high[alive], color=colour, linewidth=4, label=name)
    cross = {"linestyle": "none", "markersize": 13, "color": VERMILION, "markeredgecolor": "white"}
    ax.plot(places[off], high[off], marker="X", **cross)
    ax.set(xlabel="unit, by its highest z", ylabel="z on the probe", xticks=[])
    ax.set(xlim=(-1, len(order)), ylim=(1.05 * low.min(), 1.08 * max(high.max(), 1.0)))
    ax.text(-0.5, 0.97 * ax.get_ylim()[1], "fires", va="top", color=DARK_BLUE)
    ax.text(len(order) - 1, 0.97 * ax.get_ylim()[0], "silent", ha="right", color=GREY)
    return fig, (
        f"{int(off.sum())} of {len(off)} units carry a cross: their z is never above 0 on the "
        f"{len(z):,} pictures of the probe."
    )


@styled
def pieces(networks: Mapping[str, Network], start: float, end: float) -> Picture:
    """Draw networks of one input, with a tick below wherever some unit bends the line.

    Parameters
    ----------
    networks : mapping of str to Network
        Under the title of each panel, a network from one number to one number.
    start, end : float
        The stretch of inputs to draw.
    """
    count = len(networks)
    fig, axes = figure(1, count, width=3.9 * count, height=3.8, squeeze=False)
    said = []
    for ax, (title, network) in zip(axes[0], networks.items(), strict=True):
        bends = start + breakpoints(network, [start], [end]) * (end - start)
        x = np.concatenate([[start], bends, [end]])
        y = network.forward(x[:, np.newaxis])[:, 0]  # straight between two bends
        room = 0.08 * np.ptp(y)
        ax.plot(x, y, color=BLUE, linewidth=2, label=title)
        ax.vlines(bends, y.min() - 2.6 * room, y.min() - 1.2 * room, color=INK, linewidth=1)
        ax.set(title=f"{title}: {len(bends) + 1} pieces", xlabel="x", xlim=(start, end))
        ax.set(ylim=(y.min() - 3 * room, y.max() + room))
        said.append(f"{title} {len(bends) + 1}")
    axes[0][0].set_ylabel("output")
    span = f"between x = {number(start)} and {number(end)}"
    return fig, f"Straight pieces {span}: {', '.join(said)}. Each tick is a bend."


def kinks_on_a_grid(network: Network, start: float, end: float, points: int) -> int:
    """Count pieces as one should not: by where the slope changes from one grid cell to the next.

    Parameters
    ----------
    network : Network
        From one number to one number.
    start, end : float
        Ends of the grid.
    points : int
        Points on it, at least 3.

    Returns
    -------
    int
        One more than the changes of slope that the grid shows.

    Examples
    --------
    >>> from helpers.network import Dense
    >>> hinge = Network.of([Dense([[1.0]], [0.0], "relu"), Dense([[1.0]], [0.0], "identity")])
    >>> kinks_on_a_grid(hinge, -1.0, 1.0, points=5)
    2
    """
    x = np.linspace(start, end, points)[:, np.newaxis]
    slopes = np.diff(network.forward(x)[:, 0]) / ((end - start) / (points - 1))
    changes = np.abs(np.diff(slopes)) > PRECISION * np.abs(slopes).max()
    return int(changes.sum()) + 1


def _part(factor: float) -> str:
    """Write a factor to two digits; one below 1 as a part of a whole, such as 1/25."""
    if factor >= 1:
        return f"{factor:.2g}"
    parts = float(f"{1 / factor:.2g}")
    return f"1/{parts:,.0f}" if parts >= 10 else f"1/{parts:g}"
