"""Figures of notebook 07: what a leak changes for a network whose units have fallen silent.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Where the word "interval" stands, it is the 95 % interval
of `helpers.stats.mean_interval`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from helpers.plots.intervals import as_arrays, bracketed, reach
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    CENTRE,
    DOTS,
    GREEN,
    GREY,
    INK,
    PALE_BLUE,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
    with_gaps,
)
from helpers.plots.words import fixed, number
from helpers.stats import Interval, mean_interval, paired_difference

Leaky = Callable[[np.ndarray, float], np.ndarray]

LINES = ("-", "--", ":", "-.")  # of the slopes, in their order
DASHES = ("solid", "dashed", "dotted", "dash-dotted")  # the same in words
MARKERS = ("o", "s", "^", "D")
BESIDE = {"va": "center", "annotation_clip": False, **POINTS}
MISSING = "nothing to change"


@styled
def curves(value: Leaky, derivative: Leaky, slopes: Sequence[float]) -> Picture:
    """Draw leaky ReLUs and their derivatives over z from -4 to 2, each in a panel of its own.

    Parameters
    ----------
    value, derivative : callable
        Of z, shape (N,), and the slope.
    slopes : sequence of float
        At most four, different.
    """
    z = np.linspace(-4, 2, 601)
    fig, axes = figure(1, 2, width=10.5, height=4.4)
    for ax, title, function in zip(
        axes, ("activation a", "derivative da/dz"), (value, derivative), strict=True
    ):
        ax.axvspan(0, z[-1], color=PALE_BLUE, linewidth=0)
        ax.axhline(0, color=GREY, linewidth=1)
        for place, slope in enumerate(slopes):
            values = np.asarray(function(z, slope), dtype=float)
            name = f"slope {slope:g}"
            look = {"color": _colour(slope), "linestyle": LINES[place]}
            ax.plot(z, with_gaps(values), label=name, **look)
        ax.set(title=title, xlabel="z", xlim=(z[0], z[-1]))
    axes[0].set(ylim=(-1.2, 2.1), yticks=[-1, 0, 1, 2])
    axes[1].set(ylim=(-0.08, 1.2), yticks=[0, 0.5, 1])
    # Labels stand above their lines, the names of the dashes in them: small slopes lie together.
    for ax, lowest in ((axes[0], 0.18), (axes[1], max(slopes) + 0.09)):
        for place, slope in enumerate(slopes):
            text = f"slope {slope:g}, {DASHES[place]}"
            label = {"color": _colour(slope), "fontweight": "bold", **CENTRE | {"ha": "left"}}
            rank = len(slopes) - 1 - place if ax is axes[0] else place
            step = 0.27 if ax is axes[0] else 0.1
            ax.annotate(text, (-3.9, lowest + step * rank), **label)
    told = ", ".join(
        f"{number(value(np.array([-4.0]), slope)[0])} at slope {slope:g}" for slope in slopes
    )
    least = ", ".join(f"{derivative(z, slope).min():g}" for slope in slopes)
    return fig, f"Answer at z = −4: {told}. Smallest derivative: {least}."


@styled
def forms(first: Leaky, second: Leaky, slopes: Sequence[float]) -> Picture:
    """Draw two ways to write leaky ReLU over each other, a panel for each slope.

    Parameters
    ----------
    first, second : callable
        Of z, shape (N,), and the slope.
    slopes : sequence of float
        One panel each.
    """
    z = np.linspace(-2, 2, 401)
    fig, axes = figure(1, len(slopes), width=3.8 * len(slopes), height=3.9, sharey=True)
    said = []
    for ax, slope in zip(as_rows(axes), slopes, strict=True):
        ours, theirs = first(z, slope), second(z, slope)
        apart = float(np.abs(ours - theirs).max())
        ax.axvspan(0, z[-1], color=PALE_BLUE, linewidth=0)
        ax.plot(z, ours, color=VERMILION, linewidth=6, label="where")
        ax.plot(z, theirs, color=INK, linestyle="--", label="max")
        verdict = "the same" if apart == 0 else f"up to {apart:g} apart"
        ax.set(title=f"slope {slope:g}: {verdict}", xlabel="z", xlim=(-2, 2))
        said.append(f"slope {slope:g} {verdict}")
    as_rows(axes)[0].set_ylabel("activation a")
    last = as_rows(axes)[-1]
    ours, theirs = (function(np.array([-1.2]), slopes[-1])[0] for function in (first, second))
    for text, height, colour, offset in (
        ("where", ours, VERMILION, (12, -6)),
        ("max", theirs, INK, (-14, 22)),
    ):
        label = {"color": colour, "fontweight": "bold", "ha": "left", **BESIDE}
        last.annotate(text, (-1.2, height), xytext=offset, **label)
    return fig, f"where(z > 0, z, slope · z) and max(z, slope · z): {'; '.join(said)}."


@styled
def arms(panels: Mapping[str, tuple[str, Mapping[str, ArrayLike]]]) -> Picture:
    """Draw each network as a dot and each arm's mean with its interval, a panel for each measure.

    Parameters
    ----------
    panels : mapping of str to (str, mapping of str to array_like, shape (networks,))
        Under the title of each panel, what is measured, in words, and under the name of each arm
        the values in per cent. The arms are the same in all panels. An arm whose name begins with
        "ReLU" has the colour of ReLU, the others that of leaky ReLU.
    """
    names = list(next(iter(panels.values()))[1])
    height = 1.7 + 0.85 * len(names)
    fig, axes = figure(1, len(panels), width=1.0 + 3.6 * len(panels), height=height, sharey=True)
    said = []
    for ax, (title, (measure, values)) in zip(as_rows(axes), panels.items(), strict=True):
        told = []
        for row, name in enumerate(names):
            numbers = np.asarray(values[name], dtype=float)
            colour = ACTIVATION_STYLES["relu" if name.startswith("ReLU") else "leaky_relu"][0]
            found = mean_interval(numbers)
            look = {"color": colour, "marker": MARKERS[row % len(MARKERS)], "label": name}
            _dots(ax, row, numbers, found, look)
            text = {"fontweight": "bold", "color": colour, "ha": "center", "xytext": (0, -17)}
            words = bracketed(found, 0)
            room = 2.2 * len(words)  # half of what they take, in per cent of the axis
            ax.annotate(
                words, (np.clip(found.estimate, room - 12, 112 - room), row + 0.34), **BESIDE | text
            )
            told.append(f"{name} {words}")
        ax.set(title=title, xlabel=measure)
        said.append(f"{title}, {measure}: {', '.join(told)}")
    as_rows(axes)[0].set(yticks=range(len(names)), yticklabels=names)
    as_rows(axes)[0].set_ylim(len(names) - 0.15, -0.5)
    for ax in as_rows(axes):
        ax.set(xlim=(-14, 114), xticks=range(0, 101, 25))
    return fig, f"Means [95 % intervals]. {'; '.join(said)}."


@styled
def race(results: Mapping[str, tuple[str, Mapping[str, ArrayLike]]], base: str) -> Picture:
    """Draw what each remedy changed against doing nothing, seed by seed, a panel for each death.

    Parameters
    ----------
    results : mapping of str to (str, mapping of str to array_like, shape (networks,))
        Under the name of each death, what is measured, in words, and under the name of each remedy
        the values, one a seed, in the same order of seeds. Remedies that a death lacks are left
        open.
    base : str
        The name under which the values stand that all others are compared with.
    """
    remedies = [name for _, values in results.values() for name in values if name != base]
    remedies = list(dict.fromkeys(remedies))
    fig, axes = figure(1, len(results), width=12.5, height=1.6 + 0.62 * len(remedies), sharey=True)
    said = []
    for ax, (death, (measure, values)) in zip(as_rows(axes), results.items(), strict=True):
        ax.axvline(0, color=INK, linewidth=2)
        start = np.asarray(values[base], dtype=float)
        told = []
        for row, name in enumerate(remedies):
            if name not in values:
                continue
            numbers = np.asarray(values[name], dtype=float)
            found = paired_difference(numbers, start)
            leak = name.startswith("slope")
            look = {"color": VERMILION if leak else BLUE, "marker": "s" if leak else "o"}
            _dots(ax, row, numbers - start, found, look | {"label": name}, below=0.0)
            told.append(f"{name} {bracketed(found, 0, plus=True)}")
        ax.set(title=f"{death}\ndoing {base}: {start.mean():.0f} %", xlabel=f"{measure}, points")
        said.append(f"{death}: {', '.join(told)}")
    first = as_rows(axes)[0]
    first.set(yticks=range(len(remedies)), yticklabels=remedies, ylim=(len(remedies) - 0.5, -0.6))
    for ax, (_, values) in zip(as_rows(axes), results.values(), strict=True):
        low, high = ax.get_xlim()
        ticks = MaxNLocator(4).tick_values(low, high)
        ax.set_xticks([tick for tick in ticks if _within(tick, (low, high))])
        ax.set_xlim(low, high + 0.85 * (high - low))
        for row, name in enumerate(remedies):
            text, colour = MISSING, GREY
            if name in values:
                found = paired_difference(values[name], values[base])
                text, colour = bracketed(found, 0, plus=True), _verdict(found)
            bold = {"fontweight": "normal" if 0 in found or name not in values else "bold"}
            label = {"color": colour, "ha": "right", "va": "center", "fontsize": 12.5, **bold}
            ax.text(high + 0.83 * (high - low), row, text, **label)
    return fig, (
        f"Differences to doing nothing, seed by seed, mean [95 % interval]. {'; '.join(said)}."
    )


@styled
def moments(
    slopes: ArrayLike, means: ArrayLike, squares: ArrayLike, curves: Sequence[Callable[..., object]]
) -> Picture:
    """Draw measured means and mean squares of leaky answers over the slope, with their formulas.

    Parameters
    ----------
    slopes, means, squares : array_like, shape (S,)
        Slopes; what was measured at them, for z of mean 0 and variance 1.
    curves : pair of callable
        Of the slopes: the mean, and the mean square, by formula.
    """
    slopes = np.asarray(slopes, dtype=float)
    fine = np.linspace(0, 1, 101)
    fig, axes = figure(1, 2, width=10.5, height=4.2)
    far = []
    for ax, title, seen, curve in zip(
        axes, ("mean of a", "mean square of a"), (means, squares), curves, strict=True
    ):
        seen = np.asarray(seen, dtype=float)
        ax.plot(fine, np.asarray(curve(fine)), color=INK, linewidth=2, label="formula")
        dots = {"color": VERMILION, "markersize": 10, "linestyle": "none"}
        ax.plot(slopes, seen, "s", label="measured", **dots)
        for place, (slope, height) in enumerate(zip(slopes, seen, strict=True)):
            aside = (10, 8) if ax is axes[0] else (0, 17 if place % 2 == 0 else -17)
            text = {"xytext": aside, "ha": "left" if ax is axes[0] else "center"}
            text |= {"color": VERMILION, "fontweight": "bold"}
            ax.annotate(f"{height:.2f}", (slope, height), **BESIDE | text)
        ax.set(title=title, xlabel="slope of the negative side", xlim=(-0.12, 1.15))
        ax.set(ylim=(-0.06, 1.2 * max(seen.max(), 0.1)))
        far.append(np.abs(seen - np.asarray(curve(slopes))).max())
    first, last = np.argmin(slopes), np.argmax(slopes)
    told = [
        f"{name} {fixed(seen[first], 2)} at slope {slopes[first]:g}, {fixed(seen[last], 2)} at "
        f"slope {slopes[last]:g}"
        for name, seen in (("Mean", np.asarray(means)), ("mean square", np.asarray(squares)))
    ]
    close = "all within 0.01 of" if max(far) < 0.01 else f"up to {max(far):.2g} away from"
    return fig, f"{'; '.join(told)}; {close} the formulas."


@styled
def signals(sizes: Mapping[str, ArrayLike]) -> Picture:
    """Draw the mean square of z in each hidden layer, with intervals over networks.

    Parameters
    ----------
    sizes : mapping of str to array_like, shape (networks, layers)
        Under a label, mean squares above 0, the first layer first.
    """
    fig, ax = figure(width=10.0, height=4.4)
    said = []
    for place, (label, given) in enumerate(sizes.items()):
        logs = np.log10(np.asarray(given, dtype=float))
        logs = logs - logs[:, :1]
        layers = np.arange(1, logs.shape[1] + 1)
        found = [mean_interval(column) for column in logs.T]
        mean, low, high = (10**end for end in as_arrays(found))
        colour = (VERMILION, GREEN, BLUE)[place % 3]
        ax.fill_between(layers, low, high, color=colour, alpha=0.2, linewidth=0)
        look = {"color": colour, "linestyle": LINES[place], "marker": MARKERS[place]}
        ax.plot(layers, mean, label=label, markersize=6, **look)
        text = {"color": colour, "fontweight": "bold", "xytext": (10, 0), "ha": "left"}
        ax.annotate(label, (layers[-1], mean[-1]), **BESIDE | text)
        said.append(f"{label} {mean[-1]:.2g}")
    ax.set(yscale="log", xlabel="hidden layer", ylabel="mean square of z,\nlayer 1 = 1")
    ax.set_xlim(0.6, layers[-1] * 1.45)
    ax.set_xticks([layer for layer in layers if len(layers) <= 10 or layer % 5 == 0 or layer == 1])
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if _within(tick, ax.get_ylim())]
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.spines["bottom"].set_bounds(1, layers[-1])
    return fig, (
        f"Mean square of z in layer {layers[-1]}, in units of layer 1: {'; '.join(said)}. Shaded: "
        "95 % intervals."
    )


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]


def _colour(slope: float) -> str:
    """Give ReLU its colour and every other slope that of leaky ReLU."""
    return ACTIVATION_STYLES["leaky_relu" if slope else "relu"][0]


def _verdict(found: Interval) -> str:
    """Give the colour of a difference: ink where it is seen, grey where it may be 0."""
    return GREY if 0 in found else INK


def _dots(
    ax: Axes,
    row: int,
    numbers: np.ndarray,
    found: Interval,
    look: Mapping[str, str],
    below: float = 0.34,
) -> None:
    """Draw an arm: its networks as dots, its mean and interval as a bar below them."""
    heights = row + np.linspace(-0.2, 0.2, len(numbers))
    ax.plot(numbers, heights, linestyle="none", markersize=6, alpha=DOTS, **look)
    bar = {"color": INK, "markersize": 12, "capsize": 6, "linewidth": 2.5}
    ax.errorbar([found.estimate], [row + below], xerr=reach([found]), fmt="|", **bar)
