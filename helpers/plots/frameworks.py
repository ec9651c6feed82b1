"""Figures of notebook 16: what changes when a network goes from one framework to another.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Bars are 95 % intervals of `helpers.stats.mean_interval`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from helpers.plots.intervals import as_arrays, reach
from helpers.plots.style import (
    BLUE,
    CENTRE,
    GREEN,
    GREY,
    INK,
    PURPLE,
    VERMILION,
    Picture,
    as_rows,
    figure,
    ink_on,
    styled,
)
from helpers.plots.words import fixed, percent, power
from helpers.stats import mean_interval

__all__ = ["carried", "first_step", "starts"]

# Of the slopes, in their order: colour, marker and dashes always change together.
LOOKS = ((BLUE, "o", "-"), (VERMILION, "s", "--"), (GREEN, "^", ":"), (PURPLE, "D", "-."))
HALO = [withStroke(linewidth=7, foreground="white")]  # of frames: INK alone is lost on dark blue
SHADES = LinearSegmentedColormap.from_list("right", ["#FFFFFF", "#004A78"])


@styled
def carried(right: Mapping[str, ArrayLike], slopes: Sequence[float]) -> Picture:
    """Draw how many examples are right, by the slope trained with and the slope read with.

    Parameters
    ----------
    right : mapping of str to array_like, shape (slopes, slopes, seeds)
        For each panel, by its title: per cent right, trained with the first, read with the second.
    slopes : sequence of float
        The slopes, in that order.

    Raises
    ------
    ValueError
        If shapes and slopes do not belong together.
    """
    tables = {title: _table(one, slopes) for title, one in right.items()}
    fig, axes = figure(1, len(tables), width=0.8 + 3.1 * len(tables), height=3.9)
    ticks = [f"{slope:g}" for slope in slopes]
    places = range(len(slopes))
    for ax, (title, means) in zip(as_rows(axes), tables.items(), strict=True):
        ax.imshow(means, cmap=SHADES, vmin=0, vmax=100)
        for row in places:
            for column in places:
                value = means[row, column]
                colour = ink_on(SHADES(value / 100))
                text = percent(value / 100)
                ax.text(column, row, text, color=colour, fontweight="bold", fontsize=13, **CENTRE)
            frame = {"fill": False, "edgecolor": INK, "linewidth": 3, "path_effects": HALO}
            ax.add_patch(Rectangle((row - 0.46, row - 0.46), 0.92, 0.92, **frame))
        ax.set(title=title, xlabel="read with slope", xticks=places, yticks=places)
        ax.set_xticklabels(ticks)
        ax.set_yticklabels(ticks)
        ax.grid(visible=False)
        ax.tick_params(length=0)
    as_rows(axes)[0].set_ylabel("trained with slope")
    told = "; ".join(
        f"{title}: {percent(means[0, 0] / 100)} and {percent(means[0, -1] / 100)}"
        for title, means in tables.items()
    )
    return fig, (
        f"Weights trained with slope {slopes[0]:g}, read with {slopes[0]:g} (framed: the slope "
        f"was kept) and with {slopes[-1]:g}: {told}."
    )


def _table(right: ArrayLike, slopes: Sequence[float]) -> np.ndarray:
    found = np.asarray(right, dtype=float)
    if found.ndim != 3 or found.shape[:2] != (len(slopes), len(slopes)) or not found.shape[2]:
        raise ValueError(
            f"right has the shape {found.shape}; it must be ({len(slopes)}, {len(slopes)}, seeds): "
            "slope trained with, slope read with, seed"
        )
    return found.mean(axis=2)


@styled
def starts(
    right: Mapping[str, Mapping[str, ArrayLike]], slopes: Sequence[float], *, guess: float = 10.0
) -> Picture:
    """Draw how well networks learn, by their initial weights and their slope.

    Parameters
    ----------
    right : mapping of str to mapping of str to array_like, shape (slopes, seeds)
        For each panel, by its title, and each kind of initial weights: per cent right.
    slopes : sequence of float
        At most four.
    guess : float
        Per cent that guessing gets right: the lower end of the axis.

    Raises
    ------
    ValueError
        If an array does not have a row for each slope, with two seeds at least.
    """
    fig, axes = figure(1, len(right), width=1.4 + 3.1 * len(right), height=4.2, sharey=True)
    told = []
    for ax, (title, kinds) in zip(as_rows(axes), right.items(), strict=True):
        names, means = list(kinds), {}
        for place, name in enumerate(names):
            values = np.asarray(kinds[name], dtype=float)
            if values.ndim != 2 or len(values) != len(slopes) or values.shape[1] < 2:
                raise ValueError(
                    f"{title}, {name}: got the shape {values.shape}; it must be "
                    f"({len(slopes)}, seeds), with two seeds at least"
                )
            found = [mean_interval(row) for row in values]
            middle, _, _ = as_arrays(found)
            means[name] = middle.mean()
            for number, (colour, marker, _) in enumerate(LOOKS[: len(slopes)]):
                at = place + 0.22 * (number - (len(slopes) - 1) / 2)
                ax.errorbar(
                    at,
                    middle[number],
                    yerr=reach(found)[:, number : number + 1],
                    color=colour,
                    marker=marker,
                    markersize=8,
                    capsize=4,
                    linestyle="none",
                    label=f"{name}, slope {slopes[number]:g}",
                )
        ax.set(title=title, xlim=(-0.6, len(names) - 0.4), ylim=(guess, 102))
        ax.set_xticks(range(len(names)), names)
        ax.set_xlabel("initial weights")
        told.append(f"{title}: {', '.join(f'{name} {fixed(means[name], 0)}' for name in means)}")
    first = as_rows(axes)[0]
    first.set_ylabel("read correctly, %")
    for number, (colour, marker, _) in enumerate(LOOKS[: len(slopes)]):
        height = guess + 0.09 * (102 - guess) * (len(slopes) - number)
        first.plot(-0.35, height, color=colour, marker=marker, markersize=8, linestyle="none")
        label = {"color": colour, "fontweight": "bold", "va": "center"}
        first.annotate(f"slope {slopes[number]:g}", (-0.2, height), **label)
    return fig, f"Read correctly, in %, mean over all slopes: {'; '.join(told)}."


@styled
def first_step(gradient: ArrayLike, moves: Mapping[str, ArrayLike]) -> Picture:
    """Draw how far a first step goes, in parts of the learning rate, by the size of the gradient.

    Parameters
    ----------
    gradient : array_like, shape (N,)
        Sizes of a gradient, above 0, ascending.
    moves : mapping of str to array_like, shape (N,)
        By its name, what an optimiser makes of them: lengths of its first step, in learning rates.

    Raises
    ------
    ValueError
        If a curve has another length than the gradient, or a gradient is not above 0.
    """
    gradient = np.asarray(gradient, dtype=float)
    if gradient.ndim != 1 or len(gradient) < 2 or not (np.diff(gradient, prepend=0.0) > 0).all():
        raise ValueError("the gradient must be numbers above 0, ascending, at least two")
    fig, ax = figure(width=9.0, height=4.4)
    ends, told = [], []
    for (name, values), (colour, _, dashes) in zip(moves.items(), LOOKS, strict=False):
        shares = np.asarray(values, dtype=float)
        if shares.shape != gradient.shape:
            raise ValueError(
                f"{name} has the shape {shares.shape}, the gradient {gradient.shape}: one step for "
                "each gradient"
            )
        ax.plot(gradient, shares, color=colour, linestyle=dashes, label=name)
        half = float(np.interp(0.5, shares, np.log10(gradient)))
        ends.append((name, colour, half))
        told.append(f"{name} {_rounded(10**half)}")
    ax.axhline(0.5, color=GREY, linewidth=1)
    for name, colour, half in ends:
        ax.plot(10**half, 0.5, "o", color=colour, markersize=9)
        # To the left of the curve, in lines as short as the gap between two curves.
        label = {"ha": "right", "va": "bottom", "color": colour, "fontweight": "bold"}
        ax.annotate(name.replace(", ", ",\n"), (10**half, 0.55), **label)
    ax.set(xscale="log", xlim=(gradient[0], gradient[-1]), ylim=(-0.03, 1.05))
    ax.set(xlabel="size of the gradient", ylabel="first step, in learning rates")
    ax.set_yticks([0, 0.5, 1])
    exponents = range(
        int(np.ceil(np.log10(gradient[0]))), int(np.floor(np.log10(gradient[-1]))) + 1
    )
    ax.set_xticks([10.0**e for e in exponents], [power(e) for e in exponents])
    ax.minorticks_off()
    return fig, f"Half a learning rate is reached at a gradient of: {', '.join(told)}."


def _rounded(size: float) -> str:
    """Write a size to one digit.

    Examples
    --------
    >>> _rounded(3.16e-6)
    '3 · 10⁻⁶'
    """
    exponent = int(np.floor(np.log10(size) + 1e-9))
    return f"{size / 10.0**exponent:.0f} · {power(exponent)}"
