"""Figures of notebook 09: the relatives of leaky ReLU, and who wins a fair race.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. An interval is the 95 % interval of `helpers.stats`; a
whisker is one. A label such as ``"leaky_relu, 1/100"`` begins with the name of its activation,
which brings the colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.activations import Activation
from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BACKGROUND,
    DOTS,
    FRAME,
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

MARKERS = ("o", "s", "D", "^")
HYPHEN = "\N{NON-BREAKING HYPHEN}"  # which is no minus
TITLES = {"digits": "200 digits", "spirals": "two spirals"}


@styled
def portraits(branches: Mapping[str, Sequence[Activation]]) -> Picture:
    """Draw activations above and their derivatives below, a column for each branch of the family.

    Parameters
    ----------
    branches : mapping of str to sequence of Activation
        Under the title of each column, its members. ReLU is drawn behind them all.
    """
    z = np.linspace(-5, 2, 701)
    here = int(np.argmin(np.abs(z + 2)))
    fig, axes = figure(2, len(branches), width=13.5, height=7.2, sharex=True, sharey="row")
    relu = np.where(z > 0, z, 0.0), np.where(z > 0, 1.0, 0.0)
    said = []
    for column, (title, members) in enumerate(branches.items()):
        for ax, behind in zip(axes[:, column], relu, strict=True):
            ax.axvspan(0, z[-1], color=PALE_BLUE, linewidth=0)
            ax.axhline(0, color=FRAME, linewidth=1)
            ax.plot(z, with_gaps(behind, 0.2), color=FRAME, linewidth=7, solid_capstyle="butt")
        for member in members:
            colour, dashes = ACTIVATION_STYLES[member.name]
            drawn = member(z), member.derivative(z)
            for ax, values in zip(axes[:, column], drawn, strict=True):
                look = {"color": colour, "linestyle": dashes, "label": member.name}
                ax.plot(z, with_gaps(values, 0.2), **look)
            said.append(f"{member.name} {number(drawn[1][here], 2)}")
        top, bottom = axes[:, column]
        top.set(title=title)
        top.legend(loc="upper left", labelcolor="linecolor", handlelength=1.9, borderpad=0)
        bottom.set(xlabel="z", xticks=[-4, -2, 0, 2])
    axes[0, 0].set(ylabel="activation a", ylim=(-2, 3.4), yticks=[-1, 0, 1, 2])
    axes[1, 0].set(ylabel="derivative da/dz", ylim=(-0.2, 1.85), yticks=[0, 0.5, 1])
    axes[0, 0].set_xlim(z[0], z[-1])
    return fig, f"Derivative at z = −2: {', '.join(said)}. The broad grey line is relu, with 0."


@styled
def learned_slopes(slopes: ArrayLike, starts: Sequence[float]) -> Picture:
    """Draw the slopes that PReLU has learned: each network a dot, and their mean with its interval.

    Parameters
    ----------
    slopes : array_like, shape (starts, networks, layers)
        One slope a layer.
    starts : sequence of float
        Where they began.
    """
    slopes = np.asarray(slopes, dtype=float)
    layers = np.arange(1, slopes.shape[2] + 1)
    fig, axes = figure(1, len(starts), width=12.0, height=4.8, sharey=True)
    said = []
    for ax, start, arm in zip(as_rows(axes), starts, slopes, strict=True):
        ax.axhline(start, color=GREY, linewidth=2, linestyle="--")
        found = []
        for layer, values in zip(layers, arm.T, strict=True):
            place = layer + np.linspace(-0.22, 0.22, len(values))
            ax.plot(place, values, "o", color=VERMILION, markersize=5, alpha=DOTS)
            found.append(_stand(ax, layer, mean_interval(values)))
        ax.plot(layers, [one.estimate for one in found], color=VERMILION, label="prelu")
        ax.set(title=f"began at {start:g}", xlabel="hidden layer", xticks=layers)
        ax.set_xlim(0.5, layers[-1] + 0.5)
        told = ", ".join(bracketed(one, 2) for one in found)
        said.append(f"began at {start:g}: {told}")
    first = as_rows(axes)[0]
    first.set_ylabel("learned slope")
    first.annotate("start", (layers[-1] + 0.45, starts[0]), (0, -18), ha="right", **POINTS)
    first.set_ylim(min(slopes.min(), 0) - 0.06, max(slopes.max(), *starts) + 0.04)
    return fig, (
        f"Slopes learned by {slopes.shape[1]} networks, mean [95 % interval] for layers 1 to "
        f"{layers[-1]}. {'; '.join(said)}."
    )


@styled
def states(found: Mapping[str, ArrayLike], columns: Sequence[str]) -> Picture:
    """Draw which share of a layer's units is in each state, a row for each activation.

    Parameters
    ----------
    found : mapping of str to array_like, shape (networks, states)
        Under the name of each activation, per cent of the units.
    columns : sequence of str
        The states, each the title of a panel.
    """
    fig, axes = figure(1, len(columns), width=12.0, height=1.6 + 0.5 * len(found), sharey=True)
    said = []
    arrays = {name: np.asarray(values, dtype=float) for name, values in found.items()}
    most = 1.35 * max(10.0, *(values.mean(axis=0).max() for values in arrays.values()))
    for place, (ax, title) in enumerate(zip(as_rows(axes), columns, strict=True)):
        told = []
        for row, (name, values) in enumerate(arrays.items()):
            colour, _ = ACTIVATION_STYLES[_activation(name)]
            one = mean_interval(values[:, place])
            cross = {"hatch": "xx", "edgecolor": "white"} if title == "dead" else {}
            ax.barh(row, one.estimate, 0.62, color=colour, label=name, linewidth=0, **cross)
            if one.half_width:
                ends = {"color": INK, "linewidth": 2}
                ax.plot([max(one.low, 0), one.high], [row, row], **ends)
            beside = {"va": "center", **POINTS}
            ax.annotate(f"{one.estimate:.0f}", (max(one.high, 0), row), (7, 0), **beside)
            if one.estimate:
                told.append(f"{name} {bracketed(one, 1)}")
        ax.set(xlabel="% of the units", xlim=(0, most), xticks=range(0, int(most), 20))
        ax.set(title=title.replace("-", HYPHEN), ylim=(len(arrays) - 0.4, -0.6))
        if rest := len(arrays) - len(told):
            told.append(f"0 in {rest} of the {len(arrays)} activations")
        said.append(f"{title.replace('-', HYPHEN)}: {', '.join(told)}")
    as_rows(axes)[0].set_yticks(range(len(arrays)), list(arrays))
    count = len(next(iter(arrays.values())))
    return (
        fig,
        f"Per cent of the units, mean [95 % interval] of {count} networks. {'; '.join(said)}.",
    )


@styled
def tuning(tasks: Mapping[str, Mapping[str, Any]], named: Sequence[str]) -> Picture:
    """Draw accuracy on the tuning examples against the learning rate, and which rate was taken.

    Parameters
    ----------
    tasks : mapping of str to mapping
        As ``measured("activation_race")["tasks"]`` has them, by name.
    named : sequence of str
        The arms that stand out; the others are thin and grey.
    """
    fig, axes = figure(1, len(tasks), width=12.0, height=5.0)
    said = []
    for ax, (task, stored) in zip(as_rows(axes), tasks.items(), strict=True):
        rates = stored["rates"]
        for name in sorted(stored["arms"], key=lambda name: name in named):
            arm = stored["arms"][name]
            means = np.mean(arm["tuning"], axis=1)
            best = rates.index(arm["rate"])
            if name not in named:
                ax.plot(rates, means, color=BACKGROUND, linewidth=1.2)
                continue
            colour, dashes = ACTIVATION_STYLES[_activation(name)]
            marker = MARKERS[named.index(name) % len(MARKERS)]
            look = {"color": colour, "marker": marker}
            ax.plot(rates, means, linestyle=dashes, label=name, **look | {"markersize": 5})
            mark = {"linestyle": "none", "markersize": 14, "markeredgecolor": "white"}
            ax.plot(rates[best], means[best], **look | mark)
        ax.set(xscale="log", title=TITLES.get(task, task), xlabel="learning rate")
        ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
        ax.minorticks_off()
        ax.grid(axis="y")
        top = max(np.mean(arm["tuning"], axis=1).max() for arm in stored["arms"].values())
        ax.set_ylim(top - 42, top + 3)
        chosen = ", ".join(f"{name} {stored['arms'][name]['rate']:g}" for name in named)
        said.append(f"{TITLES.get(task, task)}: {chosen}")
    first = as_rows(axes)[0]
    first.set_ylabel("tuning examples right, %")
    first.legend(loc="lower left", labelcolor="linecolor")
    return (
        fig,
        f"The rate that each takes, a large mark: {'; '.join(said)}. Thin and grey: the others.",
    )


@styled
def race(
    tasks: Mapping[str, Mapping[str, Any]], against: str = "relu", edge: float = 8.0
) -> Picture:
    """Draw how far each arm is ahead of one of them on the same seeds, with intervals.

    Parameters
    ----------
    tasks : mapping of str to mapping
        As ``measured("activation_race")["tasks"]`` has them, by name.
    against : str
        The arm that the others are held against.
    edge : float
        Points at which the axis ends on the left; what is further off becomes an arrow.
    """
    names = [name for name in next(iter(tasks.values()))["arms"] if name != against]
    fig, axes = figure(1, len(tasks), width=13.0, height=1.7 + 0.52 * len(names), sharey=True)
    said = []
    for ax, (task, stored) in zip(as_rows(axes), tasks.items(), strict=True):
        base = stored["arms"][against]["test"]
        found = {name: paired_difference(stored["arms"][name]["test"], base) for name in names}
        ax.axvline(0, color=INK, linewidth=1.5)
        for row, (name, one) in enumerate(found.items()):
            colour, _ = ACTIVATION_STYLES[_activation(name)]
            clear = 0 not in one
            if one.estimate < -edge:
                ax.plot(0.2 - edge, row, "<", color=colour, markersize=13, label=name)
                ax.annotate(bracketed(one, 1), (0.2 - edge, row), (14, 0), va="center", **POINTS)
                continue
            ax.plot([one.low, one.high], [row, row], color=colour, label=name)
            face = colour if clear else "white"
            dot = {"markerfacecolor": face, "markeredgewidth": 2.5, "markersize": 10}
            ax.plot(one.estimate, row, "o", color=colour, **dot)
        ax.set(title=TITLES.get(task, task), xlabel=f"points ahead of {against}")
        ax.set_ylim(len(names) - 0.4, -0.7)
        ax.grid(axis="x")
        if any(one.estimate < -edge for one in found.values()):
            ax.set_xlim(-edge, max(one.high for one in found.values()) + 0.6)
        said.append(f"{TITLES.get(task, task)}: {_verdicts(found, against)}")
    as_rows(axes)[0].set_yticks(range(len(names)), names)
    count = len(next(iter(tasks.values()))["seeds"])
    return fig, f"Test examples right, {count} pairs of networks. {'; '.join(said)}."


@styled
def published(
    theirs: Mapping[str, Mapping[str, float]], ours: Mapping[str, Mapping[str, Any]]
) -> Picture:
    """Draw published errors beside our own race, as points fewer than ReLU's.

    Parameters
    ----------
    theirs : mapping of str to mapping of str to float
        Under the title of each panel and the label of each arm, the error in %; one is "relu".
    ours : mapping of str to mapping
        As ``measured("activation_race")["tasks"]`` has them, by name.
    """
    names = [name for name in next(iter(theirs.values())) if name != "relu"]
    count = len(theirs) + len(ours)
    fig, axes = figure(
        1, count, width=13.5, height=1.9 + 0.62 * len(names), sharex=True, sharey=True
    )
    axes = as_rows(axes)
    said = []
    for ax, (title, errors) in zip(axes, theirs.items(), strict=False):
        gains = {name: errors["relu"] - errors[name] for name in names}
        for row, (name, gain) in enumerate(gains.items()):
            ax.plot(gain, row, "D", color=ACTIVATION_STYLES[_activation(name)][0], label=name)
        ax.set_title(title)
        told = ", ".join(f"{name} {fixed(gain, 2, plus=True)}" for name, gain in gains.items())
        said.append(f"{title}: {told}")
    for ax, (task, stored) in zip(axes[len(theirs) :], ours.items(), strict=True):
        told = []
        for row, name in enumerate(names):
            arms = stored["arms"]
            one = paired_difference(arms[name]["test"], arms["relu"]["test"])
            colour = ACTIVATION_STYLES[_activation(name)][0]
            ax.plot([one.low, one.high], [row, row], color=colour, label=name)
            ax.plot(one.estimate, row, "o", color=colour)
            told.append(f"{name} {bracketed(one, 2)}")
        ax.set_title(f"ours: {TITLES.get(task, task)}")
        said.append(f"ours, {TITLES.get(task, task)}: {', '.join(told)}")
    for ax in axes:
        ax.axvline(0, color=INK, linewidth=1.5, zorder=1)
        ax.set(xlabel="points better", ylim=(len(names) - 0.5, -0.6))
        ax.grid(axis="x")
        ax.margins(x=0.12)
    axes[0].set_yticks(range(len(names)), names)
    return fig, f"Points fewer errors than relu. {'; '.join(said)}."


@styled
def ways(stored: Mapping[str, Any]) -> Picture:
    """Draw the accuracy of deep networks, built in several ways, a line for each activation.

    Parameters
    ----------
    stored : mapping
        As ``measured("activation_race")["tasks"]["deep"]``: its arms are called by activation and
        way, such as ``"relu, plain"``.
    """
    table: dict[str, dict[str, Interval]] = {}
    for label, arm in stored["arms"].items():
        name, _, way = label.rpartition(", ")
        table.setdefault(name, {})[way] = mean_interval(arm["test"])
    fig, ax = figure(width=12.0, height=5.4)
    spread = np.linspace(-0.21, 0.21, len(table))
    for name, marker, shift in zip(table, MARKERS, spread, strict=False):
        colour, dashes = ACTIVATION_STYLES[_activation(name)]
        found = list(table[name].values())
        places = np.arange(len(found)) + shift
        means = [one.estimate for one in found]
        ax.plot(places, means, marker, color=colour, markersize=11, label=name)
        ax.plot(places, means, linestyle=dashes, color=colour, linewidth=1, alpha=DOTS)
        for place, one in zip(places, found, strict=True):
            ax.plot([place, place], [one.low, one.high], color=colour, linewidth=3)
    built = list(next(iter(table.values())))
    ax.set_xticks(range(len(built)), built)
    ax.set(ylabel="test pictures right, %", xlim=(-0.5, len(built) - 0.5))
    ax.grid(axis="y")
    ax.legend(loc="lower right", labelcolor="linecolor")
    said = [
        f"{way}: {', '.join(f'{name} {bracketed(table[name][way], 1)}' for name in table)}"
        for way in built
    ]
    count = len(stored["seeds"])
    return fig, f"Test pictures right in %, mean [95 % interval] of {count}. {'; '.join(said)}."


# --- parts ------------------------------------------------------------------------------------


def _activation(label: str) -> str:
    """Give the name of the activation with which a label begins."""
    return label.partition(",")[0]


def _stand(ax: Axes, place: float, one: Interval) -> Interval:
    """Draw a mean and its interval, standing."""
    ax.plot([place, place], [one.low, one.high], color=INK, solid_capstyle="butt")
    ax.plot(place, one.estimate, "_", color=INK, markersize=18, markeredgewidth=3)
    return one


def _verdicts(found: Mapping[str, Interval], against: str) -> str:
    """Tell who is ahead, who behind, and of how many neither can be said."""
    ahead = [f"{name} {bracketed(one, 2)}" for name, one in found.items() if one.low > 0]
    behind = [f"{name} {bracketed(one, 2)}" for name, one in found.items() if one.high < 0]
    rest = len(found) - len(ahead) - len(behind)
    parts = [f"ahead {', '.join(ahead)}"] if ahead else []
    parts += [f"behind {', '.join(behind)}"] if behind else []
    parts += [f"{rest} of {len(found)} not to be told from {against}"] if rest else []
    return ", ".join(parts)
