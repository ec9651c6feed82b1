"""Figures of notebook 15: predicting numbers.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Where the word "interval" stands, it is the 95 % interval
of `helpers.stats.mean_interval`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from helpers.plots.intervals import bracketed, reach
from helpers.plots.style import (
    BLUE,
    CENTRE,
    DARK_BLUE,
    GREEN,
    GREY,
    INK,
    PALE_BLUE,
    PALE_GREY,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import capital, fixed, minus, number, percent
from helpers.stats import Interval, mean_interval

UNIT = "miles per gallon"
LOSS_LOOKS = {
    "squared": (VERMILION, "-"),
    "absolute": (BLUE, "--"),
    "huber": (GREEN, "-."),
}
SLOPE_LOOKS = ((BLUE, "o"), (VERMILION, "s"), (VERMILION, "^"))  # ReLU, then leaky ReLUs


@styled
def fits(
    at: ArrayLike, panels: Mapping[str, tuple[ArrayLike, ArrayLike]], drawn: int = 5
) -> Picture:
    """Draw what networks have made of a function of one input, a panel for each.

    Parameters
    ----------
    at : array_like, shape (P, 1)
        Where they are drawn and judged.
    panels : mapping of str to (array_like, array_like), shapes (P, 1) and (seeds, P, 1)
        Under a title the function, and the outputs of its networks.
    drawn : int
        How many networks to draw; all are judged.
    """
    at = np.ravel(at)
    fig, axes = figure(1, len(panels), width=4.6 * len(panels), height=3.8)
    said = []
    for ax, (title, (truth, outputs)) in zip(as_rows(axes), panels.items(), strict=True):
        truth, outputs = np.ravel(truth), np.asarray(outputs)[..., 0]
        ax.axhline(0, color=INK, linewidth=1.2)
        for one in outputs[:drawn]:
            ax.plot(at, one, color=BLUE, linewidth=1.2)
        ax.plot(at, truth, color=INK, linestyle="--", linewidth=2.2, label="the function")
        ax.set(title=minus(title), xlabel="x", ylim=(-4, 4), yticks=[-3, 0, 3])
        ax.set_xticks([-2, -1, 0, 1, 2])
        away = 16 if truth[0] > 0 else -26  # from the axis
        ax.annotate("the function", (at[0], truth[0]), (0, away), **POINTS, color=INK)
        error = mean_interval(np.sqrt(np.mean((outputs - truth) ** 2, axis=1)))
        said.append(f"{minus(title)}: they miss by {bracketed(error, 2)}")
    as_rows(axes)[0].set_ylabel("output")
    return fig, (
        f"{'; '.join(said)}. Dashed: the function; blue: {min(drawn, len(outputs))} of "
        f"{len(outputs)} networks."
    )


@styled
def errors(rows: Mapping[str, ArrayLike], wrong_by: str = UNIT) -> Picture:
    """Draw errors seed by seed, a row for each way to predict, with mean and interval.

    Parameters
    ----------
    rows : mapping of str to array_like, shape (seeds,)
        Errors under the name of each way.
    wrong_by : str
        The unit.
    """
    fig, ax = figure(width=9.0, height=0.62 * len(rows) + 1.2)
    said: list[str] = []
    leaky = 0
    for row, (name, values) in enumerate(rows.items()):
        values = np.asarray(values, dtype=float)
        found = mean_interval(values)
        places = row + np.linspace(-0.22, 0.22, len(values))
        leaky += name.startswith("leaky")
        colour, marker = GREY, "o"
        if name.startswith(("ReLU", "leaky")):
            colour, marker = SLOPE_LOOKS[0 if name.startswith("ReLU") else 1 + (leaky - 1) % 2]
        look = {"color": colour, "markersize": 6, "markeredgecolor": "white"}
        ax.plot(values, places, marker, **look, markeredgewidth=0.6)
        look = {"color": INK, "capsize": 5, "marker": "d", "markersize": 8, "linewidth": 2.5}
        ax.errorbar([found.estimate], [row], xerr=reach([found]), **look, label=name)
        beyond = {"va": "center", "fontweight": "bold"}
        words = fixed(found.estimate, 2)
        ax.annotate(words, (max(values.max(), found.high), row), (12, 0), **POINTS, **beyond)
        said.append(f"{name} {bracketed(found, 2)}")
    ax.set_yticks(range(len(rows)), [minus(name) for name in rows])
    ax.set(xlabel=f"error, {wrong_by}", ylim=(len(rows) - 0.4, -0.6))
    ax.set_xlim(0, 1.12 * max(np.max(values) for values in rows.values()))
    return fig, f"Error in {wrong_by}, mean and interval: {minus('; '.join(said))}."


@styled
def gaps(found: Mapping[str, Interval], margin: float, unit: str = UNIT) -> Picture:
    """Draw paired differences with their intervals, and the margin inside which none matters.

    Parameters
    ----------
    found : mapping of str to Interval
        Under a name the mean difference; intervals as `helpers.stats.equivalence` judges them.
    margin : float
        Stated beforehand, above 0.
    unit : str
        Of the differences.
    """
    fig, ax = figure(width=9.0, height=0.42 * len(found) + 1.6)
    ax.axvspan(-margin, margin, color=PALE_BLUE, zorder=0)
    ax.axvline(0, color=INK, linewidth=1.2)
    inside = 0
    for row, (name, gap) in enumerate(found.items()):
        fits_in = -margin < gap.low and gap.high < margin
        inside += fits_in
        colour = BLUE if fits_in else VERMILION
        look = {"color": colour, "capsize": 4, "marker": "o" if fits_in else "X", "markersize": 9}
        ax.errorbar([gap.estimate], [row], xerr=reach([gap]), linewidth=2.5, **look, label=name)
    ends = [abs(end) for gap in found.values() for end in (gap.low, gap.high)]
    ax.set_xlim(*(side * 1.15 * max(*ends, margin) for side in (-1, 1)))
    ax.set_yticks(range(len(found)), [minus(name) for name in found])
    ax.set(xlabel=f"leaky less ReLU, {unit}; left is better", ylim=(len(found) - 0.4, -1.1))
    behind = {"facecolor": PALE_BLUE, "edgecolor": "none", "pad": 2}
    ax.annotate("no difference that matters", (0, -0.75), **CENTRE, color=DARK_BLUE, bbox=behind)
    told = "; ".join(f"{name} {bracketed(gap, 3, plus=True)}" for name, gap in found.items())
    return fig, (
        f"{inside} of {len(found)} intervals lie within ±{number(margin)}. Leaky less ReLU: "
        f"{minus(told)}."
    )


@styled
def against_truth(panels: Mapping[str, tuple[ArrayLike, ArrayLike]], unit: str = UNIT) -> Picture:
    """Draw what was predicted against what is true, a panel for each network.

    Parameters
    ----------
    panels : mapping of str to (array_like, array_like), shapes (N,)
        Under a title what a network said, and the truth.
    unit : str
        Of both.
    """
    pairs = {title: tuple(map(np.ravel, pair)) for title, pair in panels.items()}
    every = np.concatenate([values for pair in pairs.values() for values in pair])
    low, high = every.min(), every.max()
    span = (low - 0.06 * (high - low), high + 0.06 * (high - low))
    fig, axes = figure(1, len(pairs), width=3.6 * len(pairs), height=3.9, sharey=True)
    said_of = []
    for ax, (title, (said, true)) in zip(as_rows(axes), pairs.items(), strict=True):
        ax.plot(span, span, color=GREY, linestyle="--", linewidth=2, label="right")
        ax.plot(true, said, "o", color=BLUE, markersize=6, markeredgecolor="white", label=title)
        lowest = said.min()
        floor = np.isclose(said, lowest)
        if floor.mean() > 0.1:
            ax.plot(true[floor], said[floor], "X", color=VERMILION, markersize=8, label="floor")
        ax.set(title=title, xlabel=f"true, {unit}", xlim=span, ylim=span)
        on_it = f", and for {floor.sum()} of {len(said)} cars" if floor.mean() > 0.1 else ""
        said_of.append(f"{title}: the lowest answer is {fixed(lowest, 1)}{on_it}")
    as_rows(axes)[0].set_ylabel(f"predicted, {unit}")
    lowest_true = min(np.min(true) for _, true in pairs.values())
    return fig, f"{capital('; '.join(said_of))}. The lowest true value: {fixed(lowest_true, 1)}."


@styled
def pulls(residuals: ArrayLike, losses: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Picture:
    """Draw losses and how strongly each pulls, by how far a prediction is off.

    Parameters
    ----------
    residuals : array_like, shape (P,)
        Prediction less truth.
    losses : mapping of str to (array_like, array_like), shapes (P,)
        Under the name of a loss, one of `LOSS_LOOKS`, its values and its derivative.
    """
    residuals = np.asarray(residuals, dtype=float)
    fig, (left, right) = figure(1, 2, width=10.0, height=3.9)
    told = []
    for name, (values, pull) in losses.items():
        colour, dashes = LOSS_LOOKS[name]
        look = {"color": colour, "linestyle": dashes, "label": name}
        left.plot(residuals, values, **look)
        right.plot(residuals, pull, **look)
        told.append(f"{name} {number(np.asarray(pull)[-1])}")
        words = {"color": colour, "fontweight": "bold", "va": "center", "annotation_clip": False}
        right.annotate(name, (residuals[-1], np.asarray(pull)[-1]), (8, 0), **POINTS, **words)
    for name in ("absolute", "huber"):  # two that would lie upon each other
        for text in right.texts:
            if text.get_text() == name and name in losses:
                text.set_position((8, 9 if name == "absolute" else -9))
    left.set(xlabel="prediction less truth", title="loss")
    right.set(xlabel="prediction less truth", title="pull: the derivative")
    right.axhline(0, color=PALE_GREY, linewidth=1.2, zorder=0)
    return fig, f"At {number(residuals[-1])} from the truth the pull is: {', '.join(told)}."


@styled
def by_loss(
    found: Mapping[str, ArrayLike], slopes: Sequence[float], clean: ArrayLike, unit: str = UNIT
) -> Picture:
    """Draw errors by loss and slope, on a scale of powers, with the error without outliers.

    Parameters
    ----------
    found : mapping of str to array_like, shape (slopes, n)
        Errors under the name of each loss, one for each division of the data.
    slopes : sequence of float
        In the order of the rows.
    clean : array_like, shape (n,)
        Errors where no row was spoiled.
    unit : str
        Of the errors.
    """
    fig, ax = figure(width=9.5, height=0.95 * len(found) + 1.6)
    before = mean_interval(clean)
    ax.axvline(before.estimate, color=GREY, linestyle="--", linewidth=2, label="clean")
    ax.annotate("no outliers", (before.estimate, -0.72), (8, 0), **POINTS, color=GREY, va="center")
    said = []
    for row, (name, table) in enumerate(found.items()):
        told = []
        for place, (slope, values) in enumerate(zip(slopes, np.asarray(table), strict=True)):
            height = row + 0.26 * (place - (len(slopes) - 1) / 2)
            colour, marker = SLOPE_LOOKS[place]
            one = mean_interval(values)
            look = {"color": colour, "marker": marker, "capsize": 4, "markersize": 9}
            label = "ReLU" if slope == 0 else f"slope {slope:g}"
            ax.errorbar([one.estimate], [height], xerr=reach([one]), **look, label=label)
            ax.annotate(label, (one.high, height), (9, 0), **POINTS, color=colour, va="center")
            told.append(fixed(one.estimate, 1))
        said.append(f"{name} {', '.join(told)}")
    ax.set_xscale("log")
    ticks = [1, 2, 3, 4, 6, 10, 20, 40, 80]
    ax.xaxis.set_major_locator(FixedLocator(ticks))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())
    low, high = ax.get_xlim()
    ax.set(xlim=(low, 1.5 * high), ylim=(len(found) - 0.45, -1.0))
    ax.set_yticks(range(len(found)), list(found))
    ax.set_xlabel(f"error on clean test cars, {unit}")
    names = ", ".join("ReLU" if slope == 0 else f"slope {slope:g}" for slope in slopes)
    return fig, (
        f"Mean error by loss, for {names}: {'; '.join(said)}. Without outliers, ReLU and squared: "
        f"{fixed(before.estimate, 1)}."
    )


@styled
def bands(
    said: ArrayLike,
    true: ArrayLike,
    ends: Mapping[str, tuple[ArrayLike, ArrayLike]],
    unit: str = UNIT,
) -> Picture:
    """Draw prediction intervals, rows sorted by prediction, and mark the truths that lie outside.

    Parameters
    ----------
    said, true : array_like, shape (N,)
        Predictions and truths.
    ends : mapping of str to (array_like, array_like), shapes (N,)
        Under the name of a method the lower and upper ends of its intervals.
    unit : str
        Of all.
    """
    said, true = np.ravel(said), np.ravel(true)
    order = np.argsort(said, kind="stable")
    rank = np.arange(len(said))
    fig, axes = figure(1, len(ends), width=3.8 * len(ends), height=4.1, sharey=True)
    told = []
    for ax, (name, pair) in zip(as_rows(axes), ends.items(), strict=True):
        low, high = (np.ravel(end) for end in pair)
        if not said.shape == true.shape == low.shape == high.shape:
            raise ValueError(
                f"predictions, truths and both ends need the same shape; got {said.shape}, "
                f"{true.shape}, {low.shape} and {high.shape}"
            )
        hit = ((low <= true) & (true <= high))[order]
        look = {"color": BLUE, "alpha": 0.3, "linewidth": 0, "step": "mid"}
        ax.fill_between(rank, low[order], high[order], **look)
        ax.plot(rank, said[order], color=BLUE, linewidth=1.5, label="predicted")
        ax.plot(rank[hit], true[order][hit], "o", color=INK, markersize=4, label="inside")
        ax.plot(rank[~hit], true[order][~hit], "X", color=VERMILION, markersize=8, label="outside")
        ax.set(title=name, xlabel="test cars, by prediction")
        told.append(f"{name}: {hit.sum()} of {len(said)} truths inside")
    as_rows(axes)[0].set_ylabel(unit)
    return fig, f"Crosses lie outside. {capital('; '.join(told))}."


@styled
def coverage(shares: Mapping[str, ArrayLike], wanted: float) -> Picture:
    """Draw how many truths lie inside prediction intervals, over repetitions, by method.

    Parameters
    ----------
    shares : mapping of str to array_like, shape (n,)
        Under the name of a method shares from 0 to 1, one a repetition.
    wanted : float
        The share that was promised.
    """
    fig, ax = figure(width=9.5, height=0.62 * len(shares) + 1.5)
    ax.axvline(100 * wanted, color=GREY, linestyle="--", linewidth=2, label="promised")
    top = {"color": GREY, "ha": "right", "va": "center"}
    ax.annotate(f"promised: {percent(wanted)}", (100 * wanted, -0.75), (-8, 0), **POINTS, **top)
    told = []
    for row, (name, values) in enumerate(shares.items()):
        values = 100 * np.asarray(values, dtype=float)
        one = mean_interval(values)
        colour, marker = (BLUE, "o") if 100 * wanted in one else (VERMILION, "X")
        places = row + np.linspace(-0.22, 0.22, len(values))
        _dots(ax, values, places, PALE_GREY)
        look = {"color": colour, "marker": marker, "capsize": 5, "markersize": 10}
        ax.errorbar([one.estimate], [row], xerr=reach([one]), linewidth=2.5, **look, label=name)
        told.append(f"{name} {bracketed(one, 0)} %")
    ax.set_yticks(range(len(shares)), list(shares))
    ax.set(xlabel="truths inside, %", xlim=(0, 103), ylim=(len(shares) - 0.4, -1.1))
    return fig, f"Promised {percent(wanted)}; found, mean and interval: {'; '.join(told)}."


def _dots(ax: Axes, values: np.ndarray, places: np.ndarray, colour: str) -> None:
    """Draw what single repetitions gave, in the background."""
    look = {"color": colour, "markersize": 5, "markeredgecolor": GREY, "markeredgewidth": 1}
    ax.plot(values, places, "o", **look, zorder=0)
