"""Figures of notebook 14: gradients and states along the letters of a name, and who reads best.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. A label such as ``"relu, identity"`` begins with the name
of its activation, which brings the colour. An interval is the 95 % interval of `helpers.stats`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    CENTRE,
    DOTS,
    FRAME,
    GREY,
    INK,
    OCHRE,
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
from helpers.plots.words import number, power, short
from helpers.stats import mean_interval, paired_difference

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
HYPHEN = "\N{NON-BREAKING HYPHEN}"  # which is no minus
LOWEST = -12.0  # powers of ten below which a gradient is as good as gone
HIGHEST = 20.0  # and above which a state is


@styled
def memories(sizes: Mapping[str, ArrayLike]) -> Picture:
    """Draw what is left of a gradient against how many letters it has gone back.

    Parameters
    ----------
    sizes : mapping of str to array_like, shape (networks, T)
        Under the label of each line, the length of the gradient 0, 1, ... T - 1 letters back. The
        line is the mean on the scale of exponents, and ends where it leaves the picture.
    """
    fig, ax = figure(width=11.0, height=5.6)
    said, ends, places = [], [], []
    for rank, (label, values) in enumerate(sizes.items()):
        with np.errstate(divide="ignore"):
            powers = np.log10(np.asarray(values, dtype=float)).mean(axis=0)
        inside = powers >= LOWEST
        stop = len(powers) if inside.all() else int(np.argmin(inside))
        colour, dashes = _look(label, rank)
        ax.plot(np.arange(stop), powers[:stop], linestyle=dashes, color=colour, label=label)
        ends.append(powers[stop - 1])
        places.append((stop - 1, label, colour))
        told = _size(10 ** powers[-1]) if inside.all() else f"below {power(int(LOWEST))}"
        said.append(f"{_word(label)} {told}")
    letters = np.shape(next(iter(sizes.values())))[1] - 1
    for (place, label, colour), height in zip(places, _heights(ends, places), strict=True):
        text = {"color": colour, "fontweight": "bold", "va": "center", "annotation_clip": False}
        ax.annotate(_word(label), (place, height), (10, 0), **text, **POINTS)
    low, high = int(np.floor(min(ends))), int(np.ceil(max(ends)))
    step = 1 if high - low < 6 else 3
    marks = [each for each in range(low, high + 1) if each % step == 0]
    ax.set_yticks(marks, [power(each) if each else "1" for each in marks])
    ax.set(xlabel="letters back", ylabel="gradient left", xlim=(0, 1.32 * letters))
    ax.set_xticks(np.arange(0, letters + 1, 10))
    ax.grid(axis="y")
    count = len(np.asarray(next(iter(sizes.values()))))
    return fig, (
        f"What is left of the gradient {letters} letters back, mean of {count} networks on the "
        f"scale of exponents: {'; '.join(said)}."
    )


@styled
def growths(letters: Sequence[int], sizes: Mapping[str, ArrayLike], longest: int) -> Picture:
    """Draw the size of the state against the letters read, a panel an arm, a line a network.

    Parameters
    ----------
    letters : sequence of int
        After how many letters.
    sizes : mapping of str to array_like, shape (networks, letters)
        Under the title of each panel, the norm of the state as a power of ten.
    longest : int
        Letters of the longest name that the networks have learned from.
    """
    fig, axes = figure(1, len(sizes), width=13.0, height=5.0, sharey=True)
    said = []
    for rank, (ax, (label, values)) in enumerate(zip(as_rows(axes), sizes.items(), strict=True)):
        values = np.minimum(np.nan_to_num(np.asarray(values, dtype=float), nan=HIGHEST), HIGHEST)
        large = values[:, -1] > 3
        colour, _ = _look(label, rank)
        ax.axvspan(letters[0], longest, color=FRAME, alpha=0.45, linewidth=0)
        for row, burst in zip(values, large, strict=True):
            ax.plot(letters, row, color=colour, alpha=0.9, linewidth=2 if burst else 1.5)
            if burst:
                ax.plot(letters[-1], row[-1], "X", color=colour, markersize=11)
        ax.set(title=_word(label), xlabel="letters read", xscale="log", ylim=(-1, HIGHEST + 1))
        ax.set_xticks(letters, [str(each) for each in letters])
        ax.minorticks_off()
        ax.grid(axis="y")
        told = f"{int(large.sum())} of {len(values)} beyond 1000"
        ax.annotate(told, (0.04, 0.93), xycoords="axes fraction", color=INK, fontweight="bold")
        said.append(f"{_word(label)} {told}")
    marks = range(0, int(HIGHEST) + 1, 5)
    as_rows(axes)[0].set_yticks(marks, [power(each) if each else "1" for each in marks])
    as_rows(axes)[0].set_ylabel("norm of the state")
    return fig, (
        f"Size of the state after {letters[-1]} letters, a line a network, a cross beyond 1000: "
        f"{'; '.join(said)}. Grey: lengths that occur in the names to learn from."
    )


@styled
def tuning(stored: Mapping[str, Any]) -> Picture:
    """Draw accuracy on the tuning names against the learning rate, and which rate each arm took.

    Parameters
    ----------
    stored : mapping
        As ``measured("text")``.
    """
    rates = stored["rates"]
    fig, ax = figure(width=11.5, height=5.6)
    ends, said = [], []
    for rank, (label, arm) in enumerate(stored["arms"].items()):
        means = np.mean(arm["tuning"], axis=1)
        colour, dashes = _look(label, rank)
        ax.plot(rates, means, linestyle=dashes, color=colour, label=label)
        best = rates.index(arm["rate"])
        mark = {"markersize": 13, "markeredgecolor": "white", "color": colour}
        ax.plot(rates[best], means[best], MARKERS[rank % len(MARKERS)], **mark)
        ends.append((means[-1], label, colour))
        said.append(f"{_word(label)} {arm['rate']:g}")
    heights = apart([end for end, _, _ in ends], 4.2)
    for height, (_, label, colour) in zip(heights, ends, strict=True):
        text = {"color": colour, "fontweight": "bold", "va": "center", "annotation_clip": False}
        ax.annotate(_word(label), (rates[-1], height), (14, 0), **text, **POINTS)
    ax.set(xscale="log", xlabel="learning rate", ylabel="tuning names right, %")
    ax.set_xticks(rates, [f"{rate:g}" for rate in rates])
    ax.minorticks_off()
    ax.grid(axis="y")
    ax.set_xlim(rates[0] * 0.9, rates[-1] * 3.2)
    return fig, f"The rate that each takes, a large mark: {'; '.join(said)}."


@styled
def race(stored: Mapping[str, Any], against: str) -> Picture:
    """Draw how well each arm reads names of new territories, and how far it is ahead of one arm.

    Parameters
    ----------
    stored : mapping
        As ``measured("text")``.
    against : str
        The arm that the others are held against, seed by seed.
    """
    arms = stored["arms"]
    names = sorted(arms, key=lambda name: -np.mean(arms[name]["test"]))
    fig, (left, right) = figure(1, 2, width=13.0, height=1.6 + 0.62 * len(names), sharey=True)
    base, said = arms[against]["test"], []
    jitter = np.linspace(-0.22, 0.22, len(base))
    for row, name in enumerate(names):
        colour, _ = _look(name, list(arms).index(name))
        scores, mean = arms[name]["test"], mean_interval(arms[name]["test"])
        left.plot(scores, row + jitter, "o", color=colour, alpha=DOTS, markersize=5, label=name)
        left.plot([mean.estimate] * 2, [row - 0.32, row + 0.32], color=INK)
        told = f"{_word(name)} {bracketed(mean, 1)}"
        if name != against:
            ahead = paired_difference(scores, base)
            right.plot([ahead.low, ahead.high], [row, row], color=colour, label=name)
            face = "white" if 0 in ahead else colour
            dot = {"markerfacecolor": face, "markeredgewidth": 2.5, "markersize": 10}
            right.plot(ahead.estimate, row, "o", color=colour, **dot)
            told += f", ahead by {bracketed(ahead, 1, plus=True)}"
        said.append(told)
    left.set(xlabel="test names right, %", ylim=(len(names) - 0.4, -0.6))
    left.set_yticks(range(len(names)), [_word(name) for name in names])
    right.axvline(0, color=INK, linewidth=1.5)
    right.set(xlabel=f"points ahead of {_word(against)}")
    for ax in (left, right):
        ax.grid(axis="x")
    return fig, f"Names of new territories read right, in %, {len(base)} seeds: {'; '.join(said)}."


@styled
def confusions(table: ArrayLike, languages: Mapping[str, str]) -> Picture:
    """Draw what names of each language were taken for: a row a language, in % of its names.

    Parameters
    ----------
    table : array_like, shape (K, K)
        Counts: the language in rows, what it was taken for in columns.
    languages : mapping of str to str
        Code and name of each, in the order of the rows.
    """
    table = np.asarray(table, dtype=float)
    shares = 100 * table / table.sum(axis=1, keepdims=True)
    wrong = shares * (1 - np.eye(len(shares)))
    fig, ax = figure(width=9.6, height=7.8)
    pale = LinearSegmentedColormap.from_list("mistakes", ["#FFFFFF", VERMILION])
    shades = {"vmin": 0, "vmax": max(25.0, wrong.max())}
    ax.imshow(wrong, cmap=pale, **shades)
    for (row, column), share in np.ndenumerate(shares):
        if row == column:
            ax.text(column, row, f"{share:.0f}", color=BLUE, fontweight="bold", **CENTRE)
        elif share >= 2:
            ink = ink_on(pale(share / shades["vmax"]))
            ax.text(column, row, f"{share:.0f}", color=ink, **CENTRE)
    ticks = range(len(shares))
    ax.set_xticks(ticks, list(languages))
    ax.set_yticks(ticks, list(languages.values()))
    ax.set(xlabel="read as")
    ax.tick_params(length=0)
    ax.spines[:].set(visible=True, color=FRAME)
    words = list(languages.values())
    pairs = sorted(np.ndindex(wrong.shape), key=lambda pair: -wrong[pair])[:3]
    told = "; ".join(f"{words[i]} read as {words[j]} {wrong[i, j]:.0f} %" for i, j in pairs)
    best, worst = int(np.argmax(shares.diagonal())), int(np.argmin(shares.diagonal()))
    return fig, (
        f"In % of the names of a language. Right most often: {words[best]}, "
        f"{shares[best, best]:.0f} %; least often: {words[worst]}, {shares[worst, worst]:.0f} %. "
        f"The most frequent mistakes: {told}."
    )


# --- parts ------------------------------------------------------------------------------------


def _word(label: str) -> str:
    return label.replace("-", HYPHEN)


def _size(value: float) -> str:
    return number(value, 2) if value >= 1 else short(value)


def _look(label: str, rank: int) -> tuple[str, str]:
    """Give a colour by activation, and dashes that tell arms of one colour apart."""
    name = label.replace(",", " ").split()[0]
    if name in ACTIVATION_STYLES:
        colour = ACTIVATION_STYLES[name][0]
        plain = "usual" not in label and "1/100" not in label and "×" not in label
        return colour, "-" if plain else "--"
    return {"gru": (PURPLE, "-"), "n-grams": (OCHRE, "-")}.get(name, (GREY, ("-", "--")[rank % 2]))


def _heights(ends: Sequence[float], places: Sequence[tuple[int, str, str]]) -> list[float]:
    """Keep labels apart that stand at the same place."""
    gap = 0.075 * max(max(ends) - min(ends), 1.0)
    heights = list(ends)
    for place in {where for where, _, _ in places}:
        chosen = [rank for rank, (where, _, _) in enumerate(places) if where == place]
        for rank, height in zip(chosen, apart([ends[rank] for rank in chosen], gap), strict=True):
            heights[rank] = height
    return heights
