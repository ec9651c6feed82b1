"""Figures of notebook 00: a picture made of numbers, the slope of a curve, a chain of machines.

A *machine* is a function that takes one number and gives one. Each figure function returns the
figure and the sentence that `helpers.plots.show` puts beside it, computed from what is plotted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from helpers.plots.style import (
    BLUE,
    CENTRE,
    FRAME,
    GREY,
    INK,
    PALE_BLUE,
    PALE_VERMILION,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    ink_on,
    styled,
)
from helpers.plots.words import number
from helpers.training import slope_at

Machine = Callable[[float], float]


@styled
def numbers_as_ink(image: np.ndarray, what: str) -> Picture:
    """Draw a table of numbers as squares of ink, each number in its square.

    Parameters
    ----------
    image : array_like, shape (height, width)
        Whole numbers; the largest is the darkest.
    what : str
        What somebody who sees the picture sees.
    """
    image = np.asarray(image)
    most = image.max()
    fig, ax = figure(width=4.8, height=4.8)
    ax.imshow(image, cmap="gray_r", vmin=0, vmax=most)
    for (row, column), value in np.ndenumerate(image):
        colour = ink_on(str(1 - value / max(most, 1)))  # matplotlib's name of a grey
        ax.text(column, row, str(value), color=colour, **CENTRE)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set(visible=True, color=FRAME)
    dark = int(np.sum(image > most / 2))
    return fig, (
        f"{image.size} numbers from {image.min()} to {most}, drawn as ink: {what}. {dark} of them "
        f"are above {number(most / 2)} and make its strokes."
    )


@styled
def secants(f: Machine, x: float, nudges: Sequence[float], formula: str) -> Picture:
    """Draw a curve with the line through two of its points, a panel for each nudge.

    Parameters
    ----------
    f : callable
        The curve.
    x : float
        Where the slope is asked for.
    nudges : sequence of float above 0
        The second point lies so far to the right of x.
    formula : str
        What the curve is called.
    """
    y, far = f(x), max(nudges)
    ends = np.array([x - 1.1 * far, x + 1.4 * far])
    curve = np.linspace(*ends, 201)
    heights = _values(f, curve)
    fig, axes = figure(1, len(nudges), width=3.5 * len(nudges), height=4.4, sharey=True)
    said = []
    for ax, h in zip(as_rows(axes), nudges, strict=True):
        rise = f(x + h) - y
        slope = rise / h
        said.append(f"h = {number(h)} gives the slope {number(slope)}")
        ax.plot(curve, heights, color=INK, label=formula)
        ax.plot(ends, y + slope * (ends - x), color=VERMILION, linewidth=2.2, label="secant")
        ax.plot([x, x + h, x + h], [y, y, y + rise], color=BLUE, linestyle=":", linewidth=2.2)
        ax.plot([x, x + h], [y, y + rise], "o", color=BLUE, markersize=10, zorder=3)
        if h > 0.3 * far:  # room for words at the legs of the triangle
            ax.annotate("h", (x + h / 2, y), **_BELOW)
            place = _LOWER_RIGHT | {"xytext": (8, 0), "va": "center"}
            ax.annotate(number(rise), (x + h, y + rise / 2), **place)
        ax.set(title=f"h = {number(h)}: slope {number(slope)}", xlabel="x", xlim=tuple(ends))
    as_rows(axes)[0].set(ylabel=formula, ylim=_padded(heights))
    return fig, (
        f"The line through the points of {formula} at {number(x)} and at {number(x)} + h: "
        f"{', '.join(said)}. The smaller the nudge, the nearer to {number(slope_at(f, x))}."
    )


@styled
def zoom(
    curves: Mapping[str, tuple[Machine, float]], factors: Sequence[float] = (1, 10, 100)
) -> Picture:
    """Draw curves around a point through ever stronger magnifying glasses, a row for each curve.

    Parameters
    ----------
    curves : mapping of str to (callable, float)
        Under its name, each curve and the point to look at.
    factors : sequence of float above 0
        Magnification of each column; at 1 the point has 1 to its left and 1 to its right.
    """
    rows, columns = len(curves), len(factors)
    fig, axes = figure(rows, columns, width=3.4 * columns, height=2.7 * rows, squeeze=False)
    fig.get_layout_engine().set(wspace=0.06)  # room between the last tick of one and the first
    said = []
    for line, (name, (f, x)) in zip(axes, curves.items(), strict=True):
        for ax, factor in zip(line, factors, strict=True):
            reach = 1 / factor
            places = np.linspace(x - reach, x + reach, 201)
            heights = _values(f, places)
            ax.plot(places, heights, color=INK, label=name)
            ax.plot([x], [f(x)], "o", color=BLUE, markersize=10, zorder=3)
            ax.set(xlim=(places[0], places[-1]), ylim=_padded(heights, 0.12, 0.12), yticks=[])
            ax.set_xticks([x - reach, x, x + reach], [number(x + s * reach, 6) for s in (-1, 0, 1)])
            ax.get_xticklabels()[0].set_ha("left")
            ax.get_xticklabels()[-1].set_ha("right")
        line[0].set_ylabel(name)
        left, right = (f(x) - f(x - reach)) / reach, (f(x + reach) - f(x)) / reach
        for slope, side in ((left, -0.6), (right, 0.25)):
            beside = _LOWER_RIGHT if slope > 0 else _OVER
            at = (x + side * reach, f(x + side * reach))
            line[-1].annotate(f"slope {number(slope)}", at, color=BLUE, **beside)
        said.append(f"{name} has the slopes {number(left)} and {number(right)}")
    for ax, factor in zip(axes[0], factors, strict=True):
        ax.set_title(f"{number(factor)} times" if factor != 1 else "as it is")
    return fig, (
        f"Zoomed in {number(factors[-1])} times, to the left and to the right of the point: "
        f"{'; '.join(said)}."
    )


@styled
def chain(machines: Sequence[Machine], starts: Sequence[float]) -> Picture:
    """Draw numbers that pass through machines in a row, and what becomes of a nudge h.

    Parameters
    ----------
    machines : sequence of callable
        Each takes what the one before gives. Its ``__name__`` is written on it.
    starts : sequence of float
        What goes into the first; a row of the figure for each.
    """
    fig, axes = figure(len(starts), width=9.6, height=2.3 * len(starts))
    said = []
    for ax, start in zip(as_rows(axes), starts, strict=True):
        values, slopes = [start], []
        for machine in machines:
            slopes.append(round(float(slope_at(machine, values[-1])), _DIGITS))
            values.append(float(machine(values[-1])))
        _draw_chain(ax, [machine.__name__ for machine in machines], values, slopes)
        factors = " × ".join(_factor(slope) for slope in slopes)
        said.append(
            f"At x = {number(start)} a nudge is multiplied by {factors} = "
            f"{number(np.prod(slopes))}."
        )
    return fig, " ".join(said)


def _draw_chain(
    ax: Axes, names: Sequence[str], values: Sequence[float], slopes: Sequence[float]
) -> None:
    """Draw one row: numbers at even places, machines between them, and the nudge below."""
    ax.set(xlim=(-1.3, 2 * len(names) + 0.5), ylim=(-1.45, 0.5))
    ax.set_axis_off()
    for height, word in ((0.0, "number"), (_NUDGE, "nudge")):
        ax.text(-1.3, height, word, ha="left", va="center", color=GREY, fontsize=15)
    middle = {"fontsize": 19, **CENTRE}
    passed = np.cumprod([1.0, *slopes])
    for place, (value, share) in enumerate(zip(values, passed, strict=True)):
        blocked = share == 0
        ax.text(2 * place, 0.0, number(value), fontweight="bold", **middle)
        nudge = "0" if blocked else _times_h(share)
        ax.text(2 * place, _NUDGE, nudge, color=VERMILION if blocked else BLUE, **middle)
        if place < len(names):
            _draw_machine(ax, 2 * place + 1, names[place], slopes[place], blocked)


def _draw_machine(ax: Axes, place: float, name: str, slope: float, blocked: bool) -> None:
    """Draw a box, the arrows through it, and a cross where it lets no nudge pass."""
    flat = slope == 0
    face, edge = (PALE_VERMILION, VERMILION) if flat else (PALE_BLUE, BLUE)
    lost = {"color": VERMILION, "linestyle": ":"} if blocked or flat else {"color": BLUE}
    for height, look in ((0.0, {"color": GREY}), (_NUDGE, lost)):
        arrow = {"arrowstyle": "-|>", "linewidth": 2.2, "mutation_scale": 20, **look}
        ax.annotate("", (place + 0.58, height), (place - 0.58, height), arrowprops=arrow)
    box = {"boxstyle": "round,pad=0.4", "facecolor": face, "edgecolor": edge, "linewidth": 2}
    ax.text(place, 0.0, name, fontsize=15, bbox=box, **CENTRE)
    words = f"slope {number(slope)}"
    ax.text(place, -0.62, words, fontsize=15, color=edge, **CENTRE)
    if flat:
        ax.plot([place], [_NUDGE], marker="X", markersize=18, color=VERMILION, linestyle="none")


@styled
def walks(f: Machine, places: Sequence[Sequence[float]], name: str) -> Picture:
    """Draw walks along a curve, from start to end; one that never moves carries a cross.

    Parameters
    ----------
    f : callable
        The curve.
    places : sequence of sequences of float
        For each walk where it was, the start included.
    name : str
        What the height of the curve is.
    """
    every = np.concatenate([np.asarray(walk, dtype=float) for walk in places])
    room = max(0.35 * np.ptp(every), 2.0)
    ends = (every.min() - room, every.max() + room)
    curve = np.linspace(*ends, 401)
    heights = _values(f, curve)
    fig, ax = figure(width=9.0, height=4.6)
    ax.plot(curve, heights, color=INK, label=name)
    said = []
    for walk in places:
        start, end = walk[0], walk[-1]
        stays = all(place == start for place in walk)
        colour, marker, size = (VERMILION, "X", 18) if stays else (BLUE, "o", 11)
        look = {"color": colour, "marker": marker, "markersize": size, "linestyle": "none"}
        ax.plot(walk, _values(f, walk), zorder=3, **look)
        words = [("never moves", start, _OVER)]
        if not stays:
            beside = _UPPER_LEFT if slope_at(f, start) > 0 else _UPPER_RIGHT
            words = [("start", start, beside), (f"step {len(walk) - 1}", end, _BELOW)]
        for word, place, where in words:
            ax.annotate(word, (place, f(place)), color=colour, **where)
        told = f"the walk gets to {number(end, 4)} in {len(walk) - 1} steps"
        told = "the walk never moves" if stays else told
        said.append(f"From x = {number(start)} {told}: {name} {f(end):.2f}.")
    ax.set(xlabel="x", ylabel=name, xlim=ends, ylim=_padded(heights, 0.2, 0.2))
    return fig, " ".join(said)


_OVER = {"xytext": (0, 12), "ha": "center", "va": "bottom", **POINTS}
_BELOW = _OVER | {"xytext": (0, -10), "va": "top"}
_LOWER_RIGHT = _BELOW | {"xytext": (8, -6), "ha": "left"}
_UPPER_RIGHT = _OVER | {"xytext": (10, 4), "ha": "left"}
_UPPER_LEFT = _OVER | {"xytext": (-10, 4), "ha": "right"}
_NUDGE = -1.15  # height at which the nudge runs, below the numbers
_DIGITS = 6  # decimals of a slope that nudging gets right; what follows is rounding


def _times_h(factor: float) -> str:
    text = number(factor)
    return {"1": "h", "−1": "−h"}.get(text, f"{text}h")


def _factor(slope: float) -> str:
    return f"({number(slope)})" if slope < 0 else number(slope)


def _padded(values: np.ndarray, below: float = 0.05, above: float = 0.05) -> tuple[float, float]:
    """Return limits of an axis with room, in shares of the span of the values."""
    span = np.ptp(values)
    return values.min() - below * span, values.max() + above * span


def _values(f: Machine, places: Sequence[float] | np.ndarray) -> np.ndarray:
    """Apply a function of one number to each."""
    return np.array([float(f(place)) for place in places])
