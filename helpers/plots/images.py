"""Figures of notebook 12: filters that slide, what they see, and a comparison on two tasks.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. They take arrays, and what
``measured("images")`` has; an interval is the 95 % interval of `helpers.stats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    BLUE,
    CENTRE,
    DOTS,
    FRAME,
    INK,
    PALE_GREY,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    ink_on,
    styled,
)
from helpers.plots.words import fixed, number, signed
from helpers.stats import mean_interval, paired_difference

# Label of an activation in the stored results: colour, marker, dashes, and what it is called.
ARMS = {
    "relu": (BLUE, "o", "-", "ReLU"),
    "leaky_relu 0.01": (VERMILION, "s", "-", "leaky 0.01"),
    "leaky_relu 0.1": (VERMILION, "D", "--", "leaky 0.1"),
}
WAYS = ("plain", "normalised")
HYPHEN = "\N{NON-BREAKING HYPHEN}"  # which is no minus
SIGNS = LinearSegmentedColormap.from_list("signs", [VERMILION, "white", BLUE])
SHARES = LinearSegmentedColormap.from_list("shares", ["white", BLUE])


# --- a filter ---


@styled
def sliding(
    picture: ArrayLike, w: ArrayLike, answers: ArrayLike, at: tuple[int, int] = (0, 0)
) -> Picture:
    """Draw a picture, a filter and its map of answers in numbers, and which gives which.

    Parameters
    ----------
    picture : array_like, shape (H, W)
        What the filter slides over.
    w : array_like, shape (h, w)
        The weights of the filter.
    answers : array_like, shape (H - h + 1, W - w + 1)
        What comes out at each place.
    at : tuple of int
        The place that is marked: row and column of the answer.
    """
    picture, w, answers = (np.asarray(each, dtype=float) for each in (picture, w, answers))
    row, column = at
    if picture.ndim != 2 or w.ndim != 2 or answers.ndim != 2:
        raise ValueError("picture, filter and answers are tables: two axes each")
    wanted = tuple(np.subtract(picture.shape, w.shape) + 1)
    if answers.shape != wanted or not (0 <= row < wanted[0] and 0 <= column < wanted[1]):
        raise ValueError(
            f"a filter of {w.shape} gives {wanted} answers on a picture of {picture.shape}; got "
            f"answers of {answers.shape}, marked at {at}"
        )
    widths = [picture.shape[1], w.shape[1], answers.shape[1]]
    fig, axes = figure(1, 3, width=11.0, height=4.2, gridspec_kw={"width_ratios": widths})
    for ax, values, title in zip(
        axes, (picture, w, answers), ("picture", "filter", "its map of z"), strict=True
    ):
        most = np.abs(values).max() or 1.0
        ax.imshow(values, cmap=SIGNS, vmin=-1.6 * most, vmax=1.6 * most)
        for (y, x), value in np.ndenumerate(values):
            ax.annotate(number(value), (x, y), fontsize=18, **CENTRE)
        ax.set(title=title)
        _grid(ax, values.shape)
    look = {"fill": False, "edgecolor": INK, "linewidth": 4, "clip_on": False}
    axes[0].add_patch(
        Rectangle((column - 0.5, row - 0.5), w.shape[1], w.shape[0], label="window", **look)
    )
    axes[2].add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, label="answer", **look))
    value = number(answers[row, column])
    return fig, (
        f"The window at row {row}, column {column} of the picture, times the filter, added up: "
        f"{value} in the map. {answers.size} places, the same {w.size} weights at each."
    )


@styled
def filters(weights: ArrayLike) -> Picture:
    """Draw the filters of a first layer; blue is positive, orange is negative.

    Parameters
    ----------
    weights : array_like, shape (channels, h, w)
        Weights, one filter a channel.
    """
    weights = np.asarray(weights, dtype=float)
    if weights.ndim != 3:
        raise ValueError(f"filters have the shape (channels, h, w); got {weights.shape}")
    columns = min(8, len(weights))
    rows = -(-len(weights) // columns)
    fig, axes = figure(rows, columns, width=11.0, height=0.3 + 1.75 * rows)
    most = np.abs(weights).max() or 1.0
    for ax in as_rows(axes)[len(weights) :]:
        ax.set_axis_off()
    for channel, (ax, each) in enumerate(zip(as_rows(axes), weights, strict=False)):
        ax.imshow(each, cmap=SIGNS, vmin=-most, vmax=most)
        for (y, x), value in np.ndenumerate(each):
            if abs(value) > 0.25 * most:  # the sign, for who cannot tell the colours
                look = {"color": ink_on(SIGNS(0.5 + 0.5 * value / most)), "fontsize": 15}
                ax.annotate("+" if value > 0 else "−", (x, y), **look, **CENTRE)
        ax.set_title(f"{channel}", fontsize=13, pad=3)
        _grid(ax, each.shape)
    share = 100 * np.mean(weights > 0)
    return fig, (
        f"{len(weights)} filters of {weights.shape[1]} × {weights.shape[2]} weights, from "
        f"{fixed(weights.min(), 1)} to {fixed(weights.max(), 1)}; {share:.0f} % are positive. "
        "Signs stand where a weight is large."
    )


@styled
def feature_maps(picture: ArrayLike, maps: ArrayLike) -> Picture:
    """Draw one picture, and what each channel of a layer answers at each of its pixels.

    Parameters
    ----------
    picture : array_like, shape (H, W)
        The picture.
    maps : array_like, shape (channels, h, w)
        Answers after the activation: the darker, the higher. White is 0.
    """
    picture, maps = np.asarray(picture, dtype=float), np.asarray(maps, dtype=float)
    if picture.ndim != 2 or maps.ndim != 3:
        raise ValueError(
            f"a picture (H, W) and maps (channels, h, w) are wanted; got {picture.shape} and "
            f"{maps.shape}"
        )
    columns = min(8, len(maps))
    rows = -(-len(maps) // columns)
    fig, axes = figure(rows, columns + 2, width=12.0, height=0.3 + 1.5 * rows)
    axes = np.reshape(axes, (rows, columns + 2))
    for ax in axes[:, :2].flat:
        ax.remove()
    large = fig.add_subplot(axes[0, 0].get_gridspec()[:, :2])
    large.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
    large.set_title("picture", fontsize=13)
    _grid(large, (0, 0))
    places = axes[:, 2:].ravel()
    most = maps.max() or 1.0
    for ax in places[len(maps) :]:
        ax.set_axis_off()
    for channel, (ax, each) in enumerate(zip(places, maps, strict=False)):
        ax.imshow(each, cmap=SHARES, vmin=0, vmax=most)
        ax.set_title(f"{channel}", fontsize=13, pad=3)
        _grid(ax, (0, 0))
    zeros, silent = 100 * np.mean(maps <= 0), int((maps <= 0).all(axis=(1, 2)).sum())
    return fig, (
        f"What {len(maps)} channels make of one picture: {zeros:.0f} % of the "
        f"{maps.size:,} pixels of their maps are 0; {silent} of {len(maps)} maps are empty."
    )


@styled
def firing(share: ArrayLike, examples: int) -> Picture:
    """Draw for each pixel of each channel's map how often it fires, a cross where it never does.

    Parameters
    ----------
    share : array_like, shape (channels, h, w)
        Share of the examples for which z > 0 there.
    examples : int
        How many there were.
    """
    share = np.asarray(share, dtype=float)
    if share.ndim != 3:
        raise ValueError(f"shares have the shape (channels, h, w); got {share.shape}")
    columns = min(8, len(share))
    rows = -(-len(share) // columns)
    fig, axes = figure(rows, columns, width=12.0, height=0.4 + 1.75 * rows)
    never = share == 0
    for ax in as_rows(axes)[len(share) :]:
        ax.set_axis_off()
    for channel, (ax, each, off) in enumerate(zip(as_rows(axes), share, never, strict=False)):
        ax.imshow(each, cmap=SHARES, vmin=0, vmax=1)
        y, x = np.nonzero(off)
        ax.plot(x, y, "x", color=VERMILION, markersize=6, markeredgewidth=2, label="never fires")
        ax.set_title(f"{channel}", fontsize=13, pad=3)
        _grid(ax, (0, 0))
    dead = int(never.all(axis=(1, 2)).sum())
    return fig, (
        f"How often each pixel of {len(share)} maps fires; a cross: for none of {examples:,} "
        f"pictures. Crosses: {never.sum():,} of {never.size:,} pixels. Channels with nothing but "
        f"crosses: {dead} of {len(share)}."
    )


def _grid(ax: Axes, shape: tuple[int, ...]) -> None:
    """Draw white lines between the cells of a table, and a frame."""
    ax.set(xticks=[], yticks=[])
    if all(shape):
        ax.set_xticks(np.arange(0.5, shape[1] - 1), minor=True)
        ax.set_yticks(np.arange(0.5, shape[0] - 1), minor=True)
        ax.grid(which="minor", color="white", linewidth=2)
        ax.tick_params(which="both", length=0)
    ax.spines[:].set(visible=True, color=FRAME, linewidth=1)


# --- the comparison ---


@styled
def race(tasks: Mapping[str, Mapping[str, Any]]) -> Picture:
    """Draw what share of the test pictures each arm gets right: a dot a seed, and the mean.

    Parameters
    ----------
    tasks : mapping of str to mapping
        As ``measured("images")["tasks"]``: by name, arms such as ``"relu, plain"``, each with
        "test", one number a seed, and "rate".
    """
    fig, axes = figure(1, len(tasks), width=13.0, height=5.6, sharey=True)
    said, rows = [], _rows()
    for ax, (task, stored) in zip(as_rows(axes), tasks.items(), strict=True):
        told = []
        for row, (name, way) in rows.items():
            values = np.asarray(stored["arms"][f"{name}, {way}"]["test"], dtype=float)
            colour, marker, _, label = ARMS[name]
            heights = row + np.linspace(-0.25, 0.25, len(values))
            dots = {"color": colour, "alpha": DOTS, "markersize": 6, "markeredgewidth": 0}
            ax.plot(values, heights, marker, **dots)
            mean = mean_interval(values)
            ends = {"color": INK, "linewidth": 3, "solid_capstyle": "butt"}
            ax.plot([mean.low, mean.high], [row, row], **ends)
            mark = {"color": INK, "markersize": 26, "markeredgewidth": 3.5}
            ax.plot([mean.estimate], [row], "|", label=f"{label}, {way}", **mark)
            _beside(ax, row, fixed(mean.estimate, 1), fontweight="bold")
            told.append(f"{label}, {way} {bracketed(mean, 1)}")
        ax.axhline(2.5, color=FRAME, linewidth=1.5)
        ax.set(title=task, xlabel="test pictures right, %", ylim=(5.6, -0.6))
        ax.grid(axis="x")
        said.append(f"{task}: {', '.join(told)}")
    first = as_rows(axes)[0]
    first.set_yticks(list(rows), [f"{ARMS[name][3]}, {way}" for name, way in rows.values()])
    count = len(next(iter(tasks.values()))["seeds"])
    return fig, f"Mean [95 % interval] of {count} seeds, the bar. {'; '.join(said)}."


def _beside(ax: Axes, row: int, words: str, **look: Any) -> None:
    """Write words to the right of the axes, at the height of a row."""
    side = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
    ax.annotate(words, (1.0, row), (8, 0), **side, **look, **POINTS)


def _rows() -> dict[int, tuple[str, str]]:
    return dict(enumerate((name, way) for way in WAYS for name in ARMS))


@styled
def differences(tasks: Mapping[str, Mapping[str, Any]], margins: Mapping[str, float]) -> Picture:
    """Draw how far leaky ReLU is ahead of ReLU, and normalised ReLU of plain, on the same seeds.

    Parameters
    ----------
    tasks : mapping of str to mapping
        As for `race`.
    margins : mapping of str to float
        For each task, the smallest difference that would matter, in points; drawn as a band.
    """
    pairs = {
        f"{ARMS[name][3]} − ReLU, {way}": (f"{name}, {way}", f"relu, {way}")
        for way in WAYS
        for name in list(ARMS)[1:]
    }
    pairs["ReLU, normalised − plain"] = ("relu, normalised", "relu, plain")
    fig, axes = figure(1, len(tasks), width=13.0, height=4.8, sharey=True)
    said = []
    for ax, (task, stored) in zip(as_rows(axes), tasks.items(), strict=True):
        margin = margins[task]
        ax.axvspan(-margin, margin, color=PALE_GREY, linewidth=0)
        ax.axvline(0, color=INK, linewidth=1.5)
        told = []
        for row, (label, (one, other)) in enumerate(pairs.items()):
            found = paired_difference(*(stored["arms"][arm]["test"] for arm in (one, other)))
            colour, marker, _, _ = ARMS[one.partition(",")[0]]
            face = "white" if 0 in found else colour
            ax.plot([found.low, found.high], [row, row], color=colour, label=label)
            dot = {"markerfacecolor": face, "markeredgewidth": 2.5, "markersize": 11}
            ax.plot(found.estimate, row, marker, color=colour, **dot)
            _beside(ax, row, signed(found.estimate, 1))
            told.append(f"{label} {bracketed(found, 1, plus=True)}")
        ax.axhline(3.5, color=FRAME, linewidth=1.5)
        ax.set(title=task, xlabel="points", ylim=(len(pairs) - 0.4, -0.6))
        ax.grid(axis="x")
        said.append(f"{task}, band ±{margin:g}: {', '.join(told)}")
    as_rows(axes)[0].set_yticks(range(len(pairs)), list(pairs))
    return fig, f"Points ahead, pair by pair, mean [95 % interval]. {'; '.join(said)}."


@styled
def rates(stored: Mapping[str, Any]) -> Picture:
    """Draw accuracy, and channels that are always-off, at the best rate and at rates too high.

    Parameters
    ----------
    stored : mapping
        What ``measured("images")`` gives: "tasks" and "too_high", both of the digits.
    """
    high = stored["too_high"]
    titles = ["best", *(f"{rate:g}" for rate in high["rates"])]
    fig, axes = figure(2, 2, width=12.0, height=7.4, sharex=True, sharey="row")
    said, lowest = [], 100.0
    for column, way in enumerate(WAYS):
        top, bottom = axes[:, column]
        shown: list[Mapping[str, Any]] = []
        for name, shift in zip(ARMS, (-0.12, 0.0, 0.12), strict=True):
            colour, marker, dashes, label = ARMS[name]
            arm = f"{name}, {way}"
            runs = [stored["tasks"]["digits"]["arms"][arm]]
            runs += [high["arms"][arm][str(rate)] for rate in high["rates"]]
            shown += runs
            places = np.arange(len(runs)) + shift
            off = [_of_all_channels(run["off"]) for run in runs]
            for ax, values in ((top, [run["test"] for run in runs]), (bottom, off)):
                found = [mean_interval(each) for each in values]
                means = [one.estimate for one in found]
                crossed = ax is bottom and name == "relu"
                sign, size = ("X", 13) if crossed else (marker, 10)
                ax.plot(places, means, sign, color=colour, markersize=size, label=label)
                ax.plot(places, means, color=colour, linestyle=dashes, linewidth=1.5)
                for place, one in zip(places, found, strict=True):
                    ax.plot([place, place], [one.low, one.high], color=colour, linewidth=2.5)
            last = mean_interval(runs[-1]["test"])
            gone = ", ".join(f"{np.mean(each):.0f}" for each in off)
            said.append(f"{label}, {way}: {gone} % off, right {bracketed(last, 0)} % at the last")
        lowest = min(lowest, *(value for run in shown for value in run["test"]))
        top.set(title=way, ylim=(_floor(lowest), 100.5))
        bottom.set(ylim=(-3, 103), yticks=[0, 25, 50, 75, 100], xlabel="learning rate")
        bottom.set_xticks(range(len(titles)), titles)
        for ax in (top, bottom):
            ax.grid(axis="y")
    axes[0, 0].set_ylabel("test pictures right, %")
    axes[1, 0].set_ylabel(f"channels always{HYPHEN}off, %")
    axes[0, 0].legend(loc="lower left", labelcolor="linecolor")
    return fig, (
        f"Digits, {len(stored['tasks']['digits']['seeds'])} seeds at the best rate and "
        f"{len(high['seeds'])} at each other; a cross is dead. At the rates "
        f"{', '.join(titles)}: {'; '.join(said)}."
    )


def _floor(lowest: float) -> float:
    """Where an axis of per cents begins: at a round number clearly below all that is drawn."""
    return max(0.0, 5 * np.floor((lowest - 1) / 5))


def _of_all_channels(off: Sequence[Sequence[float]]) -> np.ndarray:
    """Average over all channels: the second layer has twice as many as the first."""
    layers = np.asarray(off, dtype=float)
    return np.average(layers, axis=1, weights=[1, 2])


@styled
def tuning(tasks: Mapping[str, Mapping[str, Any]]) -> Picture:
    """Draw what each arm reads at each learning rate that it tried, and which one it took.

    Parameters
    ----------
    tasks : mapping of str to mapping
        As for `race`; each arm has "tuning", rates by seeds, and "rate".
    """
    fig, axes = figure(len(tasks), 2, width=12.0, height=3.7 * len(tasks), sharex=True)
    axes = np.reshape(axes, (len(tasks), 2))
    said = []
    for (task, stored), row in zip(tasks.items(), axes, strict=True):
        tried = list(stored["rates"])
        lowest = min(np.min(arm["tuning"]) for arm in stored["arms"].values())
        for way, ax in zip(WAYS, row, strict=True):
            for name, shift in zip(ARMS, (-0.07, 0.0, 0.07), strict=True):
                colour, marker, dashes, label = ARMS[name]
                arm = stored["arms"][f"{name}, {way}"]
                values, taken = np.asarray(arm["tuning"], dtype=float), tried.index(arm["rate"])
                places, means = np.arange(len(tried)) + shift, values.mean(axis=1)
                dots = {"color": colour, "alpha": DOTS, "markersize": 5, "markeredgewidth": 0}
                ax.plot(np.repeat(places, values.shape[1]), values.ravel(), marker, **dots)
                ax.plot(places, means, color=colour, linestyle=dashes, linewidth=2, label=label)
                mark = {"color": colour, "markersize": 13, "markeredgecolor": "white"}
                ax.plot(places[taken], means[taken], marker, **mark)
                told = ", ".join(f"{mean:.0f}" for mean in means)
                said.append(f"{task}, {label}, {way}: {told} %, took {arm['rate']:g}")
            ax.set(ylim=(_floor(lowest), 100 + 0.03 * (100 - lowest)), title=f"{task}, {way}")
            ax.set_xticks(range(len(tried)), [f"{rate:g}" for rate in tried])
            ax.grid(axis="y")
        row[0].set_ylabel("validation right, %")
    for ax in axes[-1]:
        ax.set_xlabel("learning rate")
    axes[0, 0].legend(loc="lower left", labelcolor="linecolor")
    first = next(iter(tasks.values()))
    rates = ", ".join(f"{rate:g}" for rate in first["rates"])
    count = len(first["tuning_seeds"])
    return fig, (
        f"A dot is one of {count} tuning seeds, a large mark the rate taken. Means at {rates}: "
        f"{'; '.join(said)}."
    )
