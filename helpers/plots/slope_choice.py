"""Figures of notebook 08: which slope, and how much it matters.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. Where the word "interval" stands, it is the 95 % interval
of `helpers.stats.mean_interval`.

ReLU is blue and the straight line grey, as everywhere; leaky ReLU is vermilion whatever its slope,
and its slopes differ by marker and dashes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from helpers.plots.intervals import as_arrays, bracketed, plus_minus, reach
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    CENTRE,
    DOTS,
    GREY,
    INK,
    PALE_GREY,
    POINTS,
    PURPLE,
    VERMILION,
    Picture,
    apart,
    as_rows,
    figure,
    ink_on,
    styled,
)
from helpers.plots.words import capital, fixed, minus, number
from helpers.stats import Interval, mean_interval

BESIDE = {"xytext": (9, 0), "va": "center", "annotation_clip": False, **POINTS}
LEAKY = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"), ((0, (1, 1)), "v"), ((0, (6, 2)), "P"))
TASKS = {"digits": (BLUE, "o"), "spirals": (VERMILION, "s")}
LOST = LinearSegmentedColormap.from_list("lost", ["white", "#FBE3D3", "#E08A55", VERMILION])
LOST_MOST = 20.0  # points at which the colour of the heat map ends


@styled
def lines(named: Mapping[str, float]) -> Picture:
    """Draw leaky ReLU with the slopes that libraries and papers have chosen.

    Parameters
    ----------
    named : mapping of str to float
        Who has chosen it, and the slope.
    """
    together: dict[float, list[str]] = {}
    for who, slope in named.items():
        together.setdefault(float(slope), []).append(who)
    slopes = sorted(together)
    fig, ax = figure(width=9.5, height=4.0)
    ax.axhline(0, xmin=0.5, color=PALE_GREY, linewidth=1.2, zorder=0)
    ax.axvline(0, color=PALE_GREY, linewidth=1.2, zorder=0)
    places = apart([-3 * slope for slope in slopes], 0.19)
    for rank, (slope, place) in enumerate(zip(slopes, places, strict=True)):
        colour, dashes, _ = _look(slope, rank)
        x = np.array([-3.0, 0.0])
        ax.plot(x, slope * x, color=colour, linestyle=dashes, label=f"slope {slope:g}")
        words = f"{minus(f'{slope:g}')}  {', '.join(together[slope])}"
        look = {"color": colour, "ha": "right", "fontweight": "bold"}
        ax.annotate(words, (-3.05, place), **BESIDE | {"xytext": (-4, 0)} | look)
    ax.plot([0, 1.2], [0, 1.2], color=INK)
    ax.annotate("all of them: slope 1", (0.75, 0.75), **BESIDE | {"xytext": (12, -4)})
    ax.set_xlabel("z", x=0.65)
    ax.set(xlim=(-9.2, 3.6), ylim=(-1.15, 1.25), xticks=[-3, -2, -1, 0, 1], yticks=[])
    ax.spines["bottom"].set_bounds(-3, 1.2)
    ax.spines["left"].set_visible(False)
    lowest, highest = slopes[0], slopes[-1]
    return fig, (
        f"{len(named)} defaults, {len(slopes)} different slopes, from {number(lowest)} "
        f"({', '.join(together[lowest])}) to {number(highest)} ({', '.join(together[highest])}): "
        f"a factor of {highest / lowest:.0f}."
    )


@styled
def bends(slopes: Sequence[float]) -> Picture:
    """Draw leaky ReLU for several slopes, each as a straight line plus what is left of ReLU.

    Parameters
    ----------
    slopes : sequence of float
        One panel each.
    """
    z = np.linspace(-2, 2, 401)
    fig, axes = figure(1, len(slopes), width=2.2 * len(slopes), height=3.2, sharey=True)
    for rank, (ax, slope) in enumerate(zip(as_rows(axes), slopes, strict=True)):
        colour, _, _ = _look(slope, rank)
        ax.plot(z, slope * z, color=GREY, linewidth=1.8, linestyle="--", label="straight")
        ax.plot(z, np.where(z > 0, z, slope * z), color=colour, label=f"slope {slope:g}")
        ax.plot([2.12, 2.12], [2 * slope, 2.0], color=INK, linewidth=1.5, marker="_", markersize=7)
        ax.set(title=f"slope {minus(f'{slope:g}')}", xlabel="z", xlim=(-2.1, 2.4))
        ax.set(xticks=[-2, 0, 2], ylim=(-3.2, 3.2))
        told = f"bend {fixed(1 - slope, 1)}"
        ax.annotate(told, (-1.95, 2.6), color=INK, va="center")
    as_rows(axes)[0].set_ylabel("activation a")
    told = "; ".join(f"slope {number(slope)} bends by {number(1 - slope)}" for slope in slopes)
    return fig, f"Dashed: the straight part, slope times z. {capital(told)}."


@styled
def sine_fits(at: ArrayLike, fits: Mapping[float, ArrayLike], drawn: int = 4) -> Picture:
    """Draw what networks of several slopes have made of points of a sine.

    Parameters
    ----------
    at : array_like, shape (P, 1)
        Where they are drawn and judged.
    fits : mapping of float to array_like, shape (seeds, P)
        Under each slope the outputs of its networks there.
    drawn : int
        How many networks to draw; all are judged.
    """
    fig, axes = figure(1, len(fits), width=2.4 * len(fits), height=3.0, sharey=True)
    at = np.ravel(at)
    said = []
    for rank, (ax, (slope, outputs)) in enumerate(zip(as_rows(axes), fits.items(), strict=True)):
        colour, _, _ = _look(slope, rank)
        ax.plot(at, np.sin(at), color=GREY, linestyle="--", linewidth=2, label="sine")
        for one in np.asarray(outputs)[:drawn]:
            ax.plot(at, one, color=colour, linewidth=1.2)
        ax.set(title=f"slope {minus(f'{slope:g}')}", xlabel="x", xticks=[-3, 0, 3])
        ax.set(ylim=(-1.3, 1.3), yticks=[-1, 0, 1])
        error = mean_interval(np.mean((outputs - np.sin(at)) ** 2, axis=1))
        said.append(f"slope {number(slope)} misses by {plus_minus(error, 3)}")
    first = as_rows(axes)[0]
    first.set_ylabel("output")
    first.annotate("the sine", (-3.1, 0.35), color=GREY)
    networks = len(next(iter(fits.values())))
    return fig, (
        f"Dashed: the sine; {min(drawn, networks)} of {networks} networks are drawn for each "
        f"slope. Mean squared error of all: {'; '.join(said)}."
    )


@styled
def errors(slopes: Sequence[float], error: ArrayLike, straight: float) -> Picture:
    """Draw the error of a fit by slope, mean and interval, and that of the best straight line.

    Parameters
    ----------
    slopes : sequence of float
        In the order of the rows.
    error : array_like, shape (slopes, seeds)
        Mean squared errors.
    straight : float
        That of the best straight line.
    """
    found = [mean_interval(row) for row in np.asarray(error, dtype=float)]
    fig, ax = figure(width=9.0, height=4.2)
    ax.axhline(straight, color=GREY, linestyle="--", linewidth=2)
    ax.annotate("the best straight line", (slopes[0], straight), (0, 8), **POINTS, color=GREY)
    means = [one.estimate for one in found]
    ax.plot(slopes, means, color=VERMILION, linewidth=1.5, linestyle=":")
    for rank, (slope, one) in enumerate(zip(slopes, found, strict=True)):
        colour, _, marker = _look(slope, 0 if 0 < slope < 1 else rank)
        look = {"color": colour, "capsize": 5, "marker": marker, "linewidth": 2.5}
        ax.errorbar([slope], [one.estimate], reach([one]), **look, label=f"slope {slope:g}")
    ax.set(xlabel="slope", ylabel="mean squared error", ylim=(-0.005, 1.25 * straight))
    ax.set_xticks(slopes, [minus(f"{slope:g}") for slope in slopes])
    told = "; ".join(
        f"{number(slope)}: {plus_minus(one, 3)}" for slope, one in zip(slopes, found, strict=True)
    )
    return fig, (
        f"Mean squared error by slope, mean ± half of the interval. {told}. "
        f"The best straight line: {fixed(straight, 3)}."
    )


@styled
def courses(accuracy: Mapping[float, ArrayLike], goal: float) -> Picture:
    """Draw how accuracy rises with the epochs, for several slopes: mean and interval.

    Parameters
    ----------
    accuracy : mapping of float to array_like, shape (epochs + 1, seeds)
        Under each slope per cent right; row 0 is before training.
    goal : float
        Per cent at which a line is drawn.
    """
    fig, ax = figure(width=9.0, height=4.2)
    ax.axhline(goal, color=GREY, linestyle=":", linewidth=1.5)
    ends, looks, said = [], [], []
    for rank, (slope, values) in enumerate(accuracy.items()):
        colour, dashes, marker = _look(slope, rank)
        found = [mean_interval(row) for row in np.asarray(values, dtype=float)]
        mean, low, high = as_arrays(found)
        epochs = np.arange(len(mean))
        ax.fill_between(epochs, low, high, color=colour, alpha=0.18, linewidth=0)
        look = {"color": colour, "linestyle": dashes, "marker": marker, "markersize": 7}
        ax.plot(epochs, mean, **look, markevery=4, label=f"slope {slope:g}")
        ends.append(mean[-1])
        looks.append((f"{'ReLU' if slope == 0 else f'slope {slope:g}'}", colour))
        said.append(f"{number(slope)}: {plus_minus(found[-1], 0)} %")
    for (words, colour), height in zip(looks, apart(ends, 6.0), strict=True):
        look = {"color": colour, "fontweight": "bold"}
        ax.annotate(words, (epochs[-1], height), **BESIDE | {"xytext": (14, 0)} | look)
    ax.set(xlabel="epochs", ylabel="test pictures right, %", ylim=(0, 102))
    ax.set_xlim(0, 1.2 * epochs[-1])
    ax.set_xticks(epochs[:: max(1, len(epochs) // 8)])
    ax.spines["bottom"].set_bounds(0, epochs[-1])
    return fig, (
        f"{np.shape(values)[1]} networks each, after {epochs[-1]} epochs, by slope, mean ± half of "
        f"the interval: {'; '.join(said)}."
    )


@styled
def waiting(stored: Mapping[str, Any]) -> Picture:
    """Draw after how many epochs networks that began all dead read enough, slope by slope.

    Parameters
    ----------
    stored : mapping
        As `helpers.datasets.measured("slope_sweep")` gives it.
    """
    slopes, rescue = stored["rescue_slopes"], stored["rescue"]
    fig, axes = figure(1, len(rescue), width=4.7 * len(rescue), height=3.8, sharey=True)
    said = []
    for ax, (name, arm) in zip(as_rows(axes), rescue.items(), strict=True):
        end, told = arm["epochs"], []
        for row, (slope, given) in enumerate(zip(slopes, arm["needed"], strict=True)):
            needed = np.asarray(given)
            colour, _, _ = _look(slope, row)
            ever = needed[needed > 0]
            rows = row + np.linspace(-0.25, 0.25, len(needed))[needed > 0]
            look = {"color": colour, "markersize": 6, "markeredgecolor": "white"}
            ax.plot(ever, rows, "o", **look, markeredgewidth=0.7, label=f"{slope:g}")
            never = len(needed) - len(ever)
            if never:
                place = {"color": colour, "va": "center", "fontweight": "bold"}
                ax.plot([1.1 * end], [row], "x", color=colour, markeredgewidth=3)
                ax.annotate(f"{never}", (1.1 * end, row), (10, 0), **POINTS, **place)
            if never == len(needed):
                told.append(f"{number(slope)} never")
            else:
                late = f", {never} never" if never else ""
                told.append(f"{number(slope)} {ever.min()} to {ever.max()}{late}")
        ax.axvline(1.03 * end, color=GREY, linewidth=1.2, linestyle=":")
        ax.set(title=f"{name}, bias {minus(str(arm['bias']))}", xlabel="epochs needed")
        ax.set(xlim=(0, 1.3 * end), ylim=(len(slopes) - 0.5, -0.6))
        ax.set_xticks([*range(0, end, 10), 1.15 * end], [*range(0, end, 10), "never"])
        said.append(f"{name} from bias {minus(str(arm['bias']))}: {', '.join(told)}")
    names = ["ReLU" if slope == 0 else f"{slope:g}" for slope in slopes]
    as_rows(axes)[0].set_yticks(range(len(slopes)), names)
    as_rows(axes)[0].set_ylabel("slope")
    networks = len(next(iter(rescue.values()))["needed"][0])
    return fig, f"Epochs needed, {networks} networks each. {'. '.join(said)}."


@styled
def growth(panels: Mapping[str, Mapping[tuple[float, float], ArrayLike]], dots: int = 5) -> Picture:
    """Draw the size of z by layer on a scale of powers of ten: measured, and by the formula.

    Parameters
    ----------
    panels : mapping of str to mapping of (float, float) to array_like, shape (seeds, layers)
        Under a title and (slope, gain) the root mean square of z in each layer of fresh networks.
    dots : int
        In how many layers to draw what was measured.
    """
    fig, axes = figure(1, len(panels), width=5.4 * len(panels), height=4.0, sharey=True)
    said = []
    for ax, (title, arms) in zip(as_rows(axes), panels.items(), strict=True):
        ends, looks, told = [], [], []
        for rank, ((slope, gain), sizes) in enumerate(arms.items()):
            colour, dashes, marker = _look(slope, rank)
            logs = np.log10(np.asarray(sizes, dtype=float))
            layers = np.arange(1, logs.shape[1] + 1)
            formula = (layers - 1) / 2 * np.log10(gain**2 * (1 + slope**2) / 2)
            formula = formula + np.log10(gain)
            dashes = "--" if slope == 0 and rank else dashes
            label = f"slope {slope:g}, gain {gain:.2f}"
            ax.plot(layers, formula, color=colour, linestyle=dashes, linewidth=2, label=label)
            for layer in np.unique(np.linspace(1, layers[-1], dots).round().astype(int)):
                one = mean_interval(logs[:, layer - 1])
                look = {"color": colour, "marker": marker, "capsize": 4, "markersize": 8}
                ax.errorbar([layer], [one.estimate], reach([one]), **look)
            ends.append(formula[-1])
            name = "ReLU" if slope == 0 else minus(f"slope {slope:g}")
            looks.append((f"{name}, gain {gain:.2f}", colour))
            last = mean_interval(logs[:, -1])
            told.append(
                f"slope {number(slope)} with gain {gain:.2f}: 10^{plus_minus(last, 1)}, by the "
                f"formula 10^{fixed(formula[-1], 1)}"
            )
        for (words, colour), height in zip(looks, apart(ends, 0.95), strict=True):
            look = {"color": colour, "fontweight": "bold", "fontsize": 12}
            ax.annotate(words, (layers[-1], height), **BESIDE | look)
        ax.set(title=title, xlabel="layer", xlim=(0, 1.62 * layers[-1]))
        ax.set_xticks([1, *range(10, layers[-1] + 1, 10)])
        ax.spines["bottom"].set_bounds(1, layers[-1])
        said.append(f"{title}, in layer {layers[-1]}: {'; '.join(told)}")
    as_rows(axes)[0].set_ylabel("size of z, power of ten")
    return fig, f"Dots: networks; lines: the formula. {'. '.join(said)}."


@styled
def heat(stored: Mapping[str, Any], task: str) -> Picture:
    """Draw for every setting of a task the best mean, and what the other slopes lose to it.

    Parameters
    ----------
    stored : mapping
        As `helpers.datasets.measured("slope_sweep")` gives it.
    task : str
        "digits" or "spirals".
    """
    names, cells = settings(stored, task)
    means = np.array([cell.mean(axis=1) for cell in cells])  # (settings, slopes)
    lost = means.max(axis=1, keepdims=True) - means
    fig, ax = figure(width=9.5, height=4.8)
    ax.imshow(lost, cmap=LOST, vmin=0, vmax=LOST_MOST, aspect="auto")
    for row, column in np.ndindex(means.shape):
        here = lost[row, column]
        look = {"color": ink_on(LOST(here / LOST_MOST))}
        if here == 0:
            words, look["fontweight"] = f"[{means[row, column]:.0f}]", "bold"
        else:
            words = f"−{here:.0f}" if here >= 1 else ""
        if words:
            ax.text(column, row, words, **CENTRE, **look)
    for row in np.arange(len(stored["rates"]), len(names), len(stored["rates"])) - 0.5:
        ax.axhline(row, color=INK, linewidth=2)
    slopes = [minus(f"{slope:g}") for slope in stored["slopes"]]
    ax.set_xticks(range(len(slopes)), slopes)
    ax.set_yticks(range(len(names)), names)
    ax.set(xlabel="slope", title=f"{task}: [best mean, % right] and points lost to it")
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=PALE_GREY)
    least, most = int(np.argmin(lost.max(axis=1))), int(np.argmax(lost.max(axis=1)))
    close = int(np.sum(lost < 1) - len(names))
    return fig, (
        f"{capital(task)}, {len(names)} settings by {len(slopes)} slopes, {stored['seeds']} "
        f"networks each. Empty: less than 1 point lost, {close} of {lost.size - len(names)} "
        f"fields. The worst slope loses {lost[least].max():.1f} points at {names[least]}, and "
        f"{lost[most].max():.1f} at {names[most]}."
    )


@styled
def profiles(stored: Mapping[str, Any]) -> Picture:
    """Draw accuracy against slope, a row for each task and a panel for each learning rate.

    Parameters
    ----------
    stored : mapping
        As `helpers.datasets.measured("slope_sweep")` gives it.
    """
    tasks, slopes, rates = list(stored["results"]), stored["slopes"], stored["rates"]
    fig, axes = figure(
        len(tasks),
        len(rates),
        width=11.0,
        height=0.8 + 2.6 * len(tasks),
        sharex=True,
        sharey="row",
        squeeze=False,
    )
    looks = ((BLUE, "-", "o"), (VERMILION, "--", "s"), (INK, ":", "^"))[: len(stored["depths"])]
    widest, said = 0.0, []
    for task, row in zip(tasks, axes, strict=True):
        results = np.array(stored["results"][task])  # (depths, rates, slopes, seeds)
        lows = []
        for place, (ax, rate) in enumerate(zip(row, rates, strict=True)):
            ends, tops = [], []
            for depth, values, look in zip(stored["depths"], results[:, place], looks, strict=True):
                means, found = _curve(ax, values, look, f"{depth} layers")
                lows += [one.low for one in found]
                widest = max(widest, *(one.half_width for one in found))
                tops.append(f"{depth} layers {minus(f'{slopes[int(means.argmax())]:g}')}")
                ends.append(means[-1])
            ax.set_title(f"{task}, rate {rate:g}")
            said.append(f"{task} at rate {rate:g} {', '.join(tops)}")
        low = 10 * np.floor(min(lows) / 10)
        places = apart(ends, 0.1 * (102 - low))
        for depth, look, height in zip(stored["depths"], looks, places, strict=True):
            words = {"color": look[0], "fontweight": "bold"}
            row[-1].annotate(f"{depth} layers", (len(slopes) - 1, height), **BESIDE | words)
        row[0].set(ylabel="right, %", ylim=(low, 102))
    for ax in axes[-1]:
        ax.set_xticks(range(len(slopes)), [minus(f"{slope:g}") for slope in slopes], rotation=60)
        ax.tick_params(axis="x", labelsize=11)
        ax.set_xlabel("slope")
    return fig, (
        f"Mean of {stored['seeds']} networks with interval, the widest ±{widest:.1f} points. The "
        f"slope of the highest mean: {'; '.join(said)}."
    )


@styled
def differences(found: Mapping[str, Interval], one: float, other: float) -> Picture:
    """Draw paired differences with their intervals, one row a setting.

    Parameters
    ----------
    found : mapping of str to Interval
        Under the name of each setting, beginning with its task, the mean difference in points.
    one, other : float
        The slope that is taken away, and the slope from which.
    """
    words = minus(f"slope {other:g} less slope {one:g}")
    fig, ax = figure(width=8.0, height=0.26 * len(found) + 1.5)
    ax.axvline(0, color=INK, linewidth=1.5)
    signs = {"up": 0, "down": 0, "either": 0}
    for row, (name, gap) in enumerate(found.items()):
        colour, marker = TASKS[name.partition(",")[0]]
        sign = "either" if 0 in gap else "up" if gap.estimate > 0 else "down"
        signs[sign] += 1
        fill = "white" if sign == "either" else colour
        ax.plot([gap.low, gap.high], [row] * 2, color=colour, linewidth=2.5)
        ax.plot([gap.estimate], [row], marker, color=colour, markerfacecolor=fill, label=name)
    names = list(found)
    tasks = [name.partition(", ")[0] for name in names]
    ax.set_yticks(range(len(names)), [name.partition(", ")[2] for name in names], fontsize=10)
    for task in dict.fromkeys(tasks):
        rows = [row for row, each in enumerate(tasks) if each == task]
        look = {"color": TASKS[task][0], "fontweight": "bold", "rotation": 90, **CENTRE}
        ax.text(1.03, np.mean(rows), task, transform=ax.get_yaxis_transform(), **look)
    ax.set(xlabel=f"{words}, points", ylim=(len(found) - 0.4, -1.5))
    for slope, side, shift in ((one, "right", -8), (other, "left", 8)):
        look = {"ha": side, "va": "center", "color": GREY, **POINTS}
        ax.annotate(minus(f"{slope:g} better"), (0, -1.0), (shift, 0), **look)
    ends = sorted(found.values(), key=lambda gap: gap.estimate)
    return fig, (
        f"{capital(words)}: in {signs['either']} of {len(found)} settings the interval "
        f"includes 0 (hollow), in {signs['up']} it lies above, in {signs['down']} below. From "
        f"{bracketed(ends[0], 1)} to {bracketed(ends[-1], 1)} points."
    )


@styled
def shortfalls(slopes: Sequence[float], found: Mapping[str, Sequence[Interval]]) -> Picture:
    """Draw for each slope what it lost to the best one, a dot a setting; the worst with interval.

    Parameters
    ----------
    slopes : sequence of float
        The slopes.
    found : mapping of str to sequence of Interval, one a slope
        Under the name of each setting, beginning with its task, the points lost.
    """
    fig, ax = figure(width=9.0, height=0.38 * len(slopes) + 1.5)
    ax.axvline(0, color=INK, linewidth=1.5)
    told = {}
    for row, slope in enumerate(slopes):
        column = {name: intervals[row] for name, intervals in found.items()}
        for task, (colour, marker) in TASKS.items():
            own = [one.estimate for name, one in column.items() if name.startswith(task)]
            shift = -0.13 if task == "digits" else 0.13
            heights = np.full(len(own), row + shift)
            dots = {"color": colour, "alpha": DOTS, "linestyle": "none", "markersize": 8}
            ax.plot(own, heights, marker=marker, label=task, **dots)
        worst = max(column, key=lambda name: column[name].estimate)
        one = column[worst]
        ax.plot([one.low, one.high], [row] * 2, color=INK, linewidth=2.5)
        ax.plot([one.estimate], [row], "|", color=INK, markersize=18, markeredgewidth=3)
        told[slope] = one
    ax.set_yticks(range(len(slopes)), [minus(f"{slope:g}") for slope in slopes])
    ax.set(ylabel="slope", xlabel="points lost to the best slope of the setting")
    ax.set_ylim(len(slopes) - 0.4, -1.0)
    right = max(one.high for one in told.values())
    for place, (task, (colour, marker)) in enumerate(TASKS.items()):
        spot = (0.62 + 0.2 * place) * right
        ax.plot([spot], [-0.65], marker, color=colour)
        ax.text(spot, -0.65, f"   {task}", color=colour, va="center", fontweight="bold")
    least = min(told, key=lambda slope: told[slope].estimate)
    worsts = "; ".join(f"{number(slope)} {bracketed(one, 1)}" for slope, one in told.items())
    return fig, (
        f"Each dot is one of {len(found)} settings; the bar marks the worst, with its interval. "
        f"Points lost in the worst: {worsts}. Least at slope {number(least)}."
    )


def settings(stored: Mapping[str, Any], task: str) -> tuple[list[str], list[np.ndarray]]:
    """Name the settings of a task, and give the results of each.

    Parameters
    ----------
    stored : mapping
        As `helpers.datasets.measured("slope_sweep")` gives it.
    task : str
        "digits" or "spirals".

    Returns
    -------
    names : list of str
        Such as "2 layers, rate 0.001".
    cells : list of ndarray, shape (slopes, seeds)
        Per cent right.

    Examples
    --------
    >>> small = {"depths": [2], "rates": [0.1], "results": {"digits": [[[[90.0, 91.0]]]]}}
    >>> settings(small, "digits")[0]
    ['2 layers, rate 0.1']
    """
    names, cells = [], []
    for depth, rows in zip(stored["depths"], stored["results"][task], strict=True):
        for rate, cell in zip(stored["rates"], rows, strict=True):
            names.append(f"{depth} layers, rate {rate:g}")
            cells.append(np.array(cell, dtype=float))
    return names, cells


def _curve(
    ax: Axes, values: np.ndarray, look: tuple[str, str, str], label: str
) -> tuple[np.ndarray, list[Interval]]:
    """Draw means with intervals, one place a row of values; give both."""
    found = [mean_interval(row) for row in values]
    means, _, _ = as_arrays(found)
    colour, dashes, marker = look
    style = {"color": colour, "linestyle": dashes, "marker": marker, "linewidth": 1.8}
    ax.errorbar(np.arange(len(means)), means, reach(found), markersize=5, **style, label=label)
    return means, found


def _look(slope: float, rank: int) -> tuple[str, Any, str]:
    """Give colour, dashes and marker of a slope."""
    if slope == 0:
        return ACTIVATION_STYLES["relu"][0], "-", "o"
    if slope == 1:
        return ACTIVATION_STYLES["identity"][0], "-", "D"
    if not 0 < slope < 1:
        return PURPLE, "-.", "X"
    return VERMILION, *LEAKY[rank % len(LEAKY)]
