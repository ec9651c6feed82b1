"""Figures of notebook 04: where the gradient of a deep network goes, and how to read our bars.

Sizes of gradients span many powers of ten, so they are drawn by their exponent: a step to the next
line is a factor of ten or more. Their means and intervals are those of the exponents.

Each figure function returns the figure and the sentence that `helpers.plots.show` puts beside it,
computed from what is plotted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedFormatter, FixedLocator

from helpers import activations
from helpers.plots.intervals import as_arrays, bracketed, reach
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    DOTS,
    GREY,
    INK,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import capital, fixed, number, percent, power, short
from helpers.stats import Interval, mean_interval


@styled
def curves(*names: str) -> Picture:
    """Draw activation functions on the left and their slopes on the right.

    Parameters
    ----------
    *names : str
        Activations, as `helpers.activations.get` finds them; each is steepest at z = 0.
    """
    z = np.linspace(-6, 6, 601)
    fig, (left, right) = figure(1, 2, width=10.5, height=4.4)
    said = []
    for name in names:
        activation = activations.get(name)
        colour, dashes = ACTIVATION_STYLES[name]
        a, slope = activation(z), activation.derivative(z)
        for ax, values in ((left, a), (right, slope)):
            ax.plot(z, values, color=colour, linestyle=dashes, label=name)
        top = slope.max()
        right.plot(0, top, "o", color=colour)
        words = f"{name}: at most {_plain(top)}"
        right.annotate(words, (0.9, 0.8 * top), (16, 4), **POINTS, color=colour)
        left.annotate(name, (z[0], a[0]), (4, 9), **POINTS, color=colour)
        said.append(
            f"{name} runs from {_plain(a[0])} to {_plain(a[-1])}, its slope is at most "
            f"{_plain(top)}, at z = 0, and {_plain(slope[-1])} at z = 6"
        )
    left.set(title="the curve", xlabel="z", ylabel="activation a", xticks=[-6, -3, 0, 3, 6])
    right.set(title="its slope", xlabel="z", ylabel="slope f′(z)", xticks=[-6, -3, 0, 3, 6])
    left.margins(y=0.16)
    right.set_ylim(-0.04, 1.16)
    return fig, f"{'; '.join(said)}."


@styled
def by_layer(sizes: Mapping[str, np.ndarray], what: str) -> Picture:
    """Draw a size by layer, on a scale of powers of ten.

    Parameters
    ----------
    sizes : mapping of str to ndarray, shape (layers,)
        Under its name each line, above 0. The name of an activation brings its colour.
    what : str
        What is measured.
    """
    fig, ax = figure(width=10, height=4.6)
    said, exponents = [], []
    for place, (name, values) in enumerate(sizes.items()):
        colour, dashes = _line_style(name, place)
        exponent = np.log10(values)
        exponents.append(exponent)
        layers = np.arange(1, len(exponent) + 1)
        ax.plot(layers, exponent, "o", color=colour, linestyle=dashes, label=name)
        early, below = len(layers) // 4, exponent[0] < exponent[-1]  # clear of where lines cross
        offset = (10, -18) if below else (10, 8)
        ax.annotate(name, (layers[early], exponent[early]), offset, **POINTS, color=colour)
        for end in (0, -1):
            ends_low = end == -1 and not below  # the line comes from above there
            side = {"xytext": (0, -22 if ends_low else 9), "ha": "center"} | POINTS
            ax.annotate(short(values[end]), (layers[end], exponent[end]), **side, color=colour)
        ratio = values[-1] / values[0]
        change = (
            f"{_count(ratio)} times as large in layer {layers[-1]} as"
            if ratio >= 1
            else f"{_count(1 / ratio)} times smaller in layer {layers[-1]} than"
        )
        said.append(
            f"{name} is {short(values[0])} in layer 1 and {short(values[-1])} in layer "
            f"{layers[-1]}: {change} in the first"
        )
    _powers(ax, "y", exponents)
    ax.set(xlabel="layer, from the pixels up", ylabel=what, xticks=layers)
    ax.margins(x=0.06)
    return fig, f"{capital(what)}, by layer. {'; '.join(said)}."


@styled
def bars(values: np.ndarray, what: str) -> Picture:
    """Draw values of independent runs as dots, and below them their mean with its interval.

    Parameters
    ----------
    values : array_like, shape (n,)
        One for each run.
    what : str
        What they measure.
    """
    values = np.asarray(values)
    interval = mean_interval(values)
    inside = int(np.sum((interval.low <= values) & (values <= interval.high)))
    fig, ax = figure(width=10, height=3.6)
    ax.axvspan(interval.low, interval.high, color="#EDEDED", linewidth=0)
    ax.plot(values, _spread(len(values)) + 1, "o", color=BLUE, alpha=0.75, markersize=10)
    _whisker(ax, 0.0, interval, INK)
    ax.annotate("the mean and\nits interval", (interval.high, 0), (12, -4), **POINTS)
    ax.set(yticks=[0, 1], yticklabels=["mean", f"{len(values)} networks"], ylim=(-0.6, 1.6))
    ax.set_xlabel(what)
    ax.margins(x=0.12)
    return fig, (
        f"{len(values)} networks from {fixed(values.min(), 2)} to {fixed(values.max(), 2)}. Their "
        f"mean is {fixed(interval.estimate, 2)}, with the 95 % interval from "
        f"{fixed(interval.low, 2)} to {fixed(interval.high, 2)}: {inside} of the {len(values)} "
        "dots lie in it."
    )


@styled
def coverage(groups: np.ndarray, what: str) -> Picture:
    """Draw the mean and interval of each of several groups against the mean of all.

    Parameters
    ----------
    groups : array_like, shape (groups, n)
        Values of independent runs, one group a row.
    what : str
        What they measure.
    """
    groups = np.asarray(groups)
    truth = float(groups.mean())
    fig, ax = figure(width=10, height=6)
    ax.axvline(truth, color=INK, linewidth=1.8, linestyle="--")
    caught = 0
    for row, interval in enumerate(map(mean_interval, groups), 1):
        hit = truth in interval
        caught += hit
        colour, marker, size = (BLUE, "o", 7) if hit else (VERMILION, "X", 12)
        _whisker(ax, row, interval, colour, marker, size)
    ax.set(xlabel=what, ylabel="group", yticks=[1, *range(10, len(groups) + 1, 10)])
    ax.set_ylim(len(groups) + 0.8, -0.6)
    ax.annotate(f"mean of all {groups.size}", (truth, -0.2), (8, 0), **POINTS, va="center")
    return fig, (
        f"{caught} of {len(groups)} intervals hold {fixed(truth, 2)}, the mean of all "
        f"{groups.size:,} networks; the other {len(groups) - caught} "
        f"{'carries' if len(groups) - caught == 1 else 'carry'} a cross."
    )


@styled
def by_depth(depths: Sequence[int], sizes: Mapping[str, np.ndarray], what: str) -> Picture:
    """Draw sizes against depth on a scale of powers of ten: mean exponent and its interval.

    Parameters
    ----------
    depths : sequence of int
        Number of hidden layers.
    sizes : mapping of str to ndarray, shape (depths, seeds)
        Under the name of an activation, what was measured; above 0.
    what : str
        What it is.
    """
    fig, ax = figure(width=10, height=5)
    said, ends, widest = [], [], 0.0
    for place, (name, values) in enumerate(sizes.items()):
        colour, dashes = _line_style(name, place)
        rows = _mean_line(ax, depths, values, label=name, color=colour, linestyle=dashes)
        means = [row.estimate for row in rows]
        ax.annotate(name, (depths[-1], means[-1]), (12, 0), **POINTS, color=colour, va="center")
        ends.append(means)
        widest = max(widest, *(row.half_width for row in rows))
        said.append(
            f"{name} from {short(10 ** means[0])} at depth {depths[0]} to "
            f"{short(10 ** means[-1])} at depth {depths[-1]}"
        )
    _powers(ax, "y", ends)
    ax.set(xlabel="hidden layers", ylabel=what, xticks=list(depths))
    ax.set_xlim(0, 1.15 * max(depths))
    return fig, (
        f"{capital(what)}, mean of {np.shape(values)[1]} networks on the scale of exponents: "
        f"{'; '.join(said)}. No 95 % interval reaches further than a factor of {10**widest:.1f}."
    )


@styled
def histograms(panels: Mapping[str, np.ndarray], name: str, flat: float = 0.01) -> Picture:
    """Draw which activations a layer gives, a panel for each of several settings.

    Parameters
    ----------
    panels : mapping of str to ndarray, shape (N, units)
        Pre-activations z under the title of each panel.
    name : str
        The activation that follows: tanh or sigmoid.
    flat : float
        A slope below this counts as flat.
    """
    activation = activations.get(name)
    low, high = activation.range
    edges = np.linspace(low, high, 41)
    fig, axes = figure(1, len(panels), width=11, height=4, sharey=True)
    said = []
    for ax, (title, z) in zip(as_rows(axes), panels.items(), strict=True):
        a, slopes = activation(z), activation.derivative(z)
        shares = np.histogram(a, edges)[0] / a.size
        colour = ACTIVATION_STYLES[name][0]
        ax.bar(edges[:-1], shares, np.diff(edges), align="edge", color=colour)
        share = (slopes < flat).mean()
        ax.set(
            title=f"{title}: {percent(share)} flat",
            xlabel="activation a",
            xticks=[low, (low + high) / 2, high],
        )
        said.append(
            f"{title}: a deviates from its mean by {short(a.std())}, and {percent(share)} of "
            f"the slopes are below {flat:g}"
        )
    as_rows(axes)[0].set_ylabel("share")
    return fig, f"Activations of {name}. {'; '.join(said)}."


@styled
def factors(rows: Sequence[tuple[str, str, np.ndarray, float]], layers: int = 10) -> Picture:
    """Draw what one more layer does to the gradient of the first, for each of several settings.

    Parameters
    ----------
    rows : sequence of (activation, initialisation, values, by_hand)
        Name of the activation, words for the initialisation, factors of the runs, shape (n,), and
        the factor worked out by hand.
    layers : int
        The right margin says what is left after so many layers.
    """
    fig, ax = figure(width=11, height=0.72 * len(rows) + 1.5)
    ax.axvline(0, ymax=0.94, color=INK, linewidth=1.5)
    said = []
    for row, (name, words, values, by_hand) in enumerate(rows):
        colour = ACTIVATION_STYLES[name][0]
        exponents = np.log10(values)
        interval = mean_interval(exponents)
        dots = row - 0.2 + 0.22 * _spread(len(values))
        ax.plot(exponents, dots, "o", color=colour, alpha=DOTS, markersize=6)
        _whisker(ax, row + 0.2, interval, INK, size=6)
        ax.plot(math.log10(by_hand), row, "|", color=VERMILION, markersize=30, markeredgewidth=3)
        factor = 10**interval.estimate
        left = short(factor**layers)
        ax.annotate(
            f"× {factor:.2f}, after {layers} layers × {left}",
            (1.01, row),
            xycoords=("axes fraction", "data"),
            va="center",
        )
        said.append(f"{name}, {words}: × {factor:.2f}, by hand × {by_hand:.2f}")
    _label_factors(ax.xaxis)
    ax.set_xlim(math.log10(0.1), math.log10(2))
    names = [f"{name}, {words}" for name, words, _, _ in rows]
    ax.set(yticks=range(len(rows)), yticklabels=names, ylim=(len(rows) - 0.4, -0.9))
    ax.set_xlabel("factor of each further layer")
    ax.text(math.log10(rows[0][3]), -0.5, "by hand", color=VERMILION, ha="center", va="bottom")
    ax.text(0.0, -0.5, "nothing lost", ha="center", va="bottom")
    return fig, f"Each further layer multiplies the gradient of the first. {'; '.join(said)}."


@styled
def by_gain(
    gains: Sequence[float], factors: Mapping[str, np.ndarray], flat: Mapping[str, np.ndarray]
) -> Picture:
    """Draw, against the size of the weights, the factor of a layer and the share of flat slopes.

    Parameters
    ----------
    gains : sequence of float above 0
        Root of fan_in times the variance of a weight.
    factors : mapping of str to ndarray, shape (gains, seeds)
        Under the name of an activation, what each further layer does to the gradient.
    flat : mapping of str to ndarray, shape (gains,)
        Share of slopes that count as flat.
    """
    x = np.log2(gains)
    fig, (left, right) = figure(1, 2, width=11.5, height=4.8)
    left.axhline(0, color=INK, linewidth=1.5)
    said = []
    for name, values in factors.items():
        colour, dashes = ACTIVATION_STYLES[name]
        rows = _mean_line(left, x, values, label=name, color=colour, linestyle=dashes)
        means = [row.estimate for row in rows]
        right.plot(x, 100 * flat[name], "o", color=colour, linestyle=dashes, label=name)
        above = [g for g, mean in zip(gains, means, strict=True) if mean >= 0]
        place = int(np.argmin(np.abs(x - 1)))
        left.annotate(name, (x[place], means[place]), (0, 12), **POINTS, color=colour, ha="right")
        higher = flat[name][-2] == max(shares[-2] for shares in flat.values())
        offset, side = ((-12, 4), "right") if higher else ((12, -12), "left")
        spot = (x[-2], 100 * flat[name][-2])
        right.annotate(name, spot, offset, **POINTS, color=colour, ha=side)
        if above:
            share = flat[name][list(gains).index(above[0])]
            said.append(
                f"{name} no longer loses from {above[0]:g} on, where {percent(share)} of the "
                "slopes are flat"
            )
        else:
            best = int(np.argmax(means))
            said.append(
                f"{name} loses at every gain tried, least at {gains[best]:g}: "
                f"× {10 ** means[best]:.2f}"
            )
    _label_factors(left.yaxis)
    left.annotate("nothing lost", (x[0], 0), (0, 6), **POINTS)
    for ax in (left, right):
        ax.xaxis.set_major_locator(FixedLocator(x))
        ax.xaxis.set_major_formatter(FixedFormatter([_fraction(gain) for gain in gains]))
        ax.set_xlabel("gain: size of the weights")
    left.set_title("factor of a layer")
    right.set(title="flat slopes, %", ylim=(-3, 103))
    return fig, f"{'; '.join(said)}."


@styled
def accuracies(arms: Mapping[tuple[str, str], np.ndarray]) -> Picture:
    """Draw the accuracy of trained networks: each as a dot, and their mean with its interval.

    Parameters
    ----------
    arms : mapping of (str, str) to ndarray, shape (n,)
        Under the activation and words for the rest, per cent of test pictures right.
    """
    fig, ax = figure(width=11, height=0.9 * len(arms) + 1.6)
    said = []
    for row, ((name, words), values) in enumerate(arms.items()):
        interval = mean_interval(values)
        dots = row - 0.16 + 0.3 * _spread(len(values))
        ax.plot(values, dots, "o", color=ACTIVATION_STYLES[name][0], alpha=DOTS)
        _whisker(ax, row + 0.26, interval, INK, size=8)
        place = {"va": "center", "fontweight": "bold"} | POINTS
        ax.annotate(f"{interval.estimate:.0f} %", (interval.high, row + 0.26), (10, 0), **place)
        said.append(f"{name}, {words}: {bracketed(interval, 1)} %")
    ax.axvline(10, color=GREY, linewidth=1.5, linestyle=":")
    ax.text(11, -0.75, "guessing", color=GREY, va="center")
    names = [f"{name}, {words}" for name, words in arms]
    ax.set(yticks=range(len(arms)), yticklabels=names, ylim=(len(arms) - 0.5, -1))
    ax.set(xlabel="test pictures right, %", xlim=(0, 102))
    return fig, (
        f"{len(values)} networks each, mean and 95 % interval of the test pictures right. "
        f"{'; '.join(said)}."
    )


# --- parts ------------------------------------------------------------------------------------


def _whisker(
    ax: Axes, row: float, interval: Interval, colour: str, marker: str = "D", size: float = 10
) -> None:
    """Draw a mean and its interval, lying."""
    ax.plot([interval.low, interval.high], [row, row], color=colour, solid_capstyle="butt")
    for end in (interval.low, interval.high):
        ax.plot(end, row, "|", color=colour, markersize=12, markeredgewidth=2.5)
    ax.plot(interval.estimate, row, marker, color=colour, markersize=size, zorder=3)


def _mean_line(
    ax: Axes, x: Sequence[float] | np.ndarray, values: np.ndarray, **look: str
) -> list[Interval]:
    """Draw, a row of values for each x, the mean of their exponents with its interval."""
    rows = [mean_interval(row) for row in np.log10(values)]
    ax.errorbar(x, as_arrays(rows)[0], reach(rows), marker="o", capsize=5, **look)
    return rows


def _label_factors(axis: Axis) -> None:
    """Label an axis of exponents with the factors of a layer."""
    ticks = [0.1, 0.2, 0.5, 1.0, 2.0]
    axis.set_major_locator(FixedLocator(np.log10(ticks)))
    axis.set_major_formatter(FixedFormatter([f"× {tick:g}" for tick in ticks]))


def _spread(count: int) -> np.ndarray:
    """Heights at which neighbouring dots do not hide each other, the same at every call."""
    return 0.8 * (np.arange(count) * 0.618 % 1 - 0.5)


def _line_style(name: str, place: int) -> tuple[str, str]:
    """Give an activation its style, and other lines one by their place."""
    return ACTIVATION_STYLES.get(name, ((BLUE, "-"), (VERMILION, "--"), (INK, ":"))[place % 3])


def _powers(ax: Axes, axis: str, exponents: Sequence[np.ndarray]) -> None:
    """Label an axis of exponents with at most six powers of ten, and draw their lines."""
    every = np.concatenate(exponents)
    low, high = np.floor(every.min()), np.ceil(every.max())
    step = max(1, math.ceil((high - low) / 6))
    ticks = np.arange(high, low - 1, -step)
    side = getattr(ax, f"{axis}axis")
    side.set_major_locator(FixedLocator(ticks))
    side.set_major_formatter(FixedFormatter([power(int(tick)) for tick in ticks]))
    ax.grid(axis=axis)
    getattr(ax, f"set_{axis}lim")(min(low, ticks[-1]) - 0.1, high + 0.1 * (high - low + 1))


def _count(ratio: float) -> str:
    """Write how many times, to two digits."""
    if ratio < 10:
        return f"{ratio:.1f}"
    digits = 1 - math.floor(math.log10(ratio))
    return f"{round(ratio, digits):,.0f}"


def _plain(value: float) -> str:
    """Write a number to two digits; beyond its fourth decimal nothing counts."""
    return number(round(value, 4), 2)


def _fraction(value: float) -> str:
    return {0.25: "¼", 0.5: "½"}.get(value, f"{value:g}")
