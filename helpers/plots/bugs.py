"""Figures of notebook 17: mistakes that a picture shows at a glance.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Intervals are the 95 % intervals of
`helpers.stats.paired_difference`.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    BLUE,
    CENTRE,
    INK,
    PALE_GREY,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import fixed, minus, percent, signed
from helpers.stats import paired_difference


@styled
def against_truth(
    truth: ArrayLike, panels: Mapping[str, ArrayLike], unit: str = "miles per gallon"
) -> Picture:
    """Draw what was said over what is true, a panel for each way to say it.

    Parameters
    ----------
    truth : array_like, shape (N,)
        The true numbers.
    panels : mapping of str to array_like, shape (N,)
        Under a title what was said.
    unit : str
        Of all of these.
    """
    truth = np.asarray(truth, dtype=float)
    ends = truth.min(), truth.max()
    fig, axes = figure(1, len(panels), width=4.7 * len(panels), height=4.2, sharey=True)
    told = []
    for ax, (title, said) in zip(as_rows(axes), panels.items(), strict=True):
        said = np.asarray(said, dtype=float)
        if said.shape != truth.shape:
            raise ValueError(
                f"under {title!r} are numbers of shape {said.shape}, the true ones have the shape "
                f"{truth.shape}: one for each is needed"
            )
        ax.plot(ends, ends, color=INK, linestyle="--", linewidth=1.6)
        look = {"color": BLUE, "markersize": 6, "markeredgecolor": "white"}
        ax.plot(truth, said, "o", **look, markeredgewidth=0.6, label=title)
        corner = ends[1], ends[1]
        ax.annotate("said = true", corner, (-14, -4), **POINTS, ha="right", color=INK)
        ax.set(title=title, xlabel=f"true, {unit}")
        told.append(f"{title}: from {fixed(said.min(), 1)} to {fixed(said.max(), 1)}")
    as_rows(axes)[0].set_ylabel(f"said, {unit}")
    true_range = f"{fixed(ends[0], 1)} to {fixed(ends[1], 1)}"
    return fig, f"What was said of {len(truth)} true numbers from {true_range}. {'; '.join(told)}."


@styled
def firing_shares(layers: Mapping[str, ArrayLike]) -> Picture:
    """Draw for each unit the share of examples for which it fires, the busiest first.

    Parameters
    ----------
    layers : mapping of str to array_like of bool, shape (N, units)
        Under the name of a layer, which unit fires for which example. A unit that fires for none
        carries a cross.
    """
    fig, axes = figure(1, len(layers), width=4.9 * len(layers), height=4.0, sharey=True)
    told = []
    for ax, (name, fires) in zip(as_rows(axes), layers.items(), strict=True):
        fires = np.asarray(fires)
        if fires.ndim != 2 or fires.dtype.kind != "b":
            raise ValueError(
                f"of {name!r} were given {fires.dtype} of shape {fires.shape}; wanted is true or "
                "false, of shape (N, units)"
            )
        share = np.sort(fires.mean(axis=0))[::-1]
        silent = np.flatnonzero(share == 0)
        ax.bar(range(len(share)), share, width=1.0, color=BLUE, label=name)
        if len(silent):
            look = {"markersize": 7, "clip_on": False, "zorder": 3}
            ax.plot(silent, np.zeros(len(silent)), "x", color=VERMILION, **look)
            tall = np.flatnonzero(share > 0.3)  # where there is room for words inside the bars
            place = (tall[-1] if len(tall) else silent[0], 0.06)
            words = {"color": "white" if len(tall) else VERMILION, "fontweight": "bold"}
            ax.annotate(f"{len(silent)} fire for none →", place, ha="right", **words)
        ax.axhline(share.mean(), color=INK, linestyle="--", linewidth=1.6)
        mean = f"mean {percent(share.mean())}"
        place = (len(share) - 1, share.mean())
        ax.annotate(mean, place, (0, 6), **POINTS, color=INK, ha="right")
        ax.set(title=name, xlabel="unit, the busiest first", ylim=(0, 1))
        ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
        told.append(
            f"{name}: a unit fires for {percent(share.mean())} on average; {len(silent)} of "
            f"{len(share)} units fire for none"
        )
    as_rows(axes)[0].set_ylabel("fires for")
    return fig, f"On N = {len(fires):,} examples. {'; '.join(told)}."


@styled
def cost(rows: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Picture:
    """Draw what each mistake did to the accuracy: pairs of runs, with it and without.

    Parameters
    ----------
    rows : mapping of str to (array_like, array_like), shapes (seeds,)
        Under the name of a mistake the accuracies with it and, of the same seeds, without it.
    """
    fig, ax = figure(width=9.5, height=1.05 * len(rows) + 1.2)
    told = []
    for row, (name, pair) in enumerate(rows.items()):
        wrong, mended = (np.asarray(values, dtype=float) for values in pair)
        if wrong.shape != mended.shape or wrong.ndim != 1:
            raise ValueError(
                f"{name!r} has accuracies of shapes {wrong.shape} and {mended.shape}; wanted is "
                "one of each for every seed"
            )
        heights = row + np.linspace(-0.24, 0.24, len(wrong))
        for low, high, at in zip(wrong, mended, heights, strict=True):
            ax.plot([low, high], [at, at], color=PALE_GREY, linewidth=1.6, zorder=1)
        look = {"linestyle": "none", "markersize": 7}
        ax.plot(mended, heights, marker="o", color=BLUE, markeredgecolor="white", **look)
        ax.plot(wrong, heights, marker="x", color=VERMILION, **look, label=name)
        gained = paired_difference(100 * mended, 100 * wrong)
        told.append(f"{name} {bracketed(gained, 1, plus=True)}")
        ax.annotate(f"{signed(gained.estimate, 1)} points", (1.03, row), va="center", color=INK)
    key = {**CENTRE, "fontweight": "bold"}
    ax.text(0.62, -0.75, "× as found", color=VERMILION, **key)
    ax.text(0.9, -0.75, "● mended", color=BLUE, **key)
    ax.set_yticks(range(len(rows)), [minus(name) for name in rows])
    ax.set(xlim=(0, 1.3), ylim=(len(rows) - 0.5, -1.1), xlabel="read correctly")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.spines["bottom"].set_bounds(0, 1)
    return fig, f"Gained by mending, in points, mean and interval: {'; '.join(told)}."
