"""Figures of notebook 10: which units of a network are dead, when they died, and what would help.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. A dead unit carries a cross. What `helpers.health` and
`helpers.remedies` give is described here by what is asked of it, so that this module need not know
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from matplotlib.ticker import MaxNLocator

from helpers.plots.death import LOOKS
from helpers.plots.family import HYPHEN
from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    BACKGROUND,
    BLUE,
    CENTRE,
    DOTS,
    GREEN,
    GREY,
    INK,
    OCHRE,
    PALE_BLUE,
    PALE_VERMILION,
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
from helpers.plots.words import fixed, percent
from helpers.stats import Interval

# States of units, from the gravest on: colour and hatching always change together.
STATE_LOOKS: dict[str, tuple[str, str]] = {
    "not finite": (INK, "**"),
    "dead": (VERMILION, "xx"),
    "blocked": (PURPLE, "++"),
    "always-negative": (OCHRE, "\\\\"),
    "saturated": (GREY, "--"),
    "near-dead": (OCHRE, "//"),
    "dormant": (PURPLE, ".."),
    "always-on": (GREEN, "||"),
    "healthy": (BLUE, ""),
}
MOST_SITES = 10  # rows that can be read
MOST_NUMBERS = 64  # units of a site whose shares are written into the map
LINE = 0.27  # inches: height of a line of labels
NOTHING = "nothing"  # the name of the control


class SiteLike(Protocol):
    """What is asked of a site: `helpers.health.Site` has it.

    Attributes
    ----------
    name : str
        Such as "fc1.weight -> relu @ model.py:30".
    units : int
        How many.
    states : ndarray of str, shape (units,)
        The keys of `STATE_LOOKS`.
    dead : ndarray of bool, shape (units,)
        Which units are dead.
    on_share : ndarray, shape (units,)
        Share of all values, in all examples and at all positions, for which each is active; nan if
        that is not known.
    """

    name: str
    units: int
    states: np.ndarray
    dead: np.ndarray
    on_share: np.ndarray


class ReportLike(Protocol):
    """What is asked of a report: `helpers.health.Report` has it.

    Attributes
    ----------
    examples : int
        N, on how many examples the units were judged.
    sites : sequence of SiteLike
        In the order of the calls.
    """

    examples: int
    sites: Sequence[SiteLike]


class DeathLike(Protocol):
    """What is asked of a death: those of a monitor have it.

    Attributes
    ----------
    site, state : str
        Name of the site; "dead", or another word where gradient still passes.
    step, revived : int
        When it began, and when it ended; -1 if it did not.
    """

    site: str
    state: str
    step: int
    revived: int


class MonitorLike(Protocol):
    """What is asked of a monitor: that of `helpers.health.watch` has it.

    Attributes
    ----------
    steps : sequence of int
        Steps that were looked at.
    units : mapping of str to int
        How many units each site has.
    deaths : sequence of DeathLike
        In any order.
    """

    steps: Sequence[int]
    units: Mapping[str, int]
    deaths: Sequence[DeathLike]


class WhatIfLike(Protocol):
    """What is asked of a trial of fixes: that of `helpers.remedies.what_if` has it.

    Attributes
    ----------
    steps : int
        Of training.
    fixes : sequence of str
        Their names, "nothing" among them.
    """

    steps: int
    fixes: Sequence[str]

    def of(self, fix: str, measure: str) -> np.ndarray:
        """Give "loss", "off" or another measure of a fix, shape (seeds,)."""

    def against_nothing(self, fix: str, measure: str) -> Interval:
        """Compare a fix with doing nothing, seed by seed."""


# --- names ---


def labels(names: Sequence[str]) -> list[str]:
    """Shorten the names of sites, as long as they stay different.

    Examples
    --------
    >>> labels(["fc1.weight -> relu @ net.py:7", "fc2.weight -> bn -> relu @ net.py:8"])
    ['fc1 → relu', 'fc2 → bn → relu']
    >>> labels(["fc.weight -> relu @ net.py:7", "fc.weight -> relu @ net.py:9"])
    ['fc → relu @ net.py:7', 'fc → relu @ net.py:9']
    """
    full = [
        name.replace(".weight", "").replace("->", "→").replace("-", HYPHEN).strip()
        for name in names
    ]
    brief = [name.partition(" @ ")[0] for name in full]
    return [
        short if brief.count(short) == 1 else long for short, long in zip(brief, full, strict=True)
    ]


def _word(state: str) -> str:
    return state.replace("-", HYPHEN)


def _not_drawn(count: int) -> str:
    return f" {count} other sites are not drawn." if count else ""


# --- what is dead ---


@styled
def report(found: ReportLike) -> Picture:
    """Draw a report: a bar for each site, divided by what its units are.

    Parameters
    ----------
    found : ReportLike
        What `helpers.health.diagnose` gave. Of more than ten sites the ten with the largest shares
        of dead units are drawn, in the order of the calls.

    Raises
    ------
    ValueError
        If no site was seen.
    """
    sites, left_out = _gravest(found.sites)
    names = labels([site.name for site in sites])
    width = 11.0
    parts = [_parts(site) for site in sites]
    placed = [_places(each, width) for each in parts]
    lines = max(line for each in placed for _, line in each) + 1
    fig, ax = figure(width=width, height=0.4 + (0.95 + LINE * lines) * len(sites))
    said = []
    pitch = 0.95 + LINE * lines  # inches from bar to bar, which are data units
    for row, (site, name) in enumerate(zip(sites, names, strict=True)):
        y, title = row * pitch, f"{name}, {site.units:,} {'unit' if site.units == 1 else 'units'}"
        ax.annotate(title, (0, y), (0, 4), fontweight="bold", va="bottom", **POINTS)
        _divide(ax, y, parts[row], placed[row])
        said.append(f"{title}: {', '.join(text for _, _, text in parts[row])}")
    ax.set(xlim=(-0.005, 1.005), ylim=(len(sites) * pitch - 0.25, -0.3))
    ax.set_axis_off()
    more = _not_drawn(left_out)
    return fig, f"Judged on N = {found.examples:,} examples. {'; '.join(said)}.{more}"


Part = tuple[str, float, str]  # state, share of the units, label


def _parts(site: SiteLike) -> list[Part]:
    """Divide the units of a site by their states."""
    counts = Counter(site.states.tolist())
    return [
        (state, counts[state] / site.units, f"{counts[state]:,} {_word(state)}")
        for state in STATE_LOOKS
        if counts[state]
    ]


def _breadth(text: str, width: float) -> float:
    """Measure a label with some room around it, as a share of a bar of so many inches."""
    path = TextPath((0, 0), text, size=14, prop=FontProperties(weight="bold"))
    return (path.get_extents().width / 72 + 0.3) / width


def _places(parts: Sequence[Part], width: float) -> list[tuple[float, int]]:
    """Find the middle and the line of each label: 0 in the bar, from 1 on below it."""
    places, start, free = [], 0.0, [0.0] * len(parts)
    for _, share, text in parts:
        breadth, middle = _breadth(text, width), start + share / 2
        start += share
        if breadth < share:
            places.append((middle, 0))
            continue
        wanted = min(max(middle - breadth / 2, 0.0), 1.0 - breadth)
        line = next(k for k in range(len(parts)) if free[k] + breadth <= 1.0)
        left = min(max(free[line], wanted), 1.0 - breadth)
        free[line] = left + breadth
        places.append((left + breadth / 2, line + 1))
    return places


def _divide(ax: Axes, y: float, parts: Sequence[Part], places: Sequence[tuple[float, int]]) -> None:
    """Draw one bar, its top at y, with its labels."""
    start, high = 0.0, 0.62
    for (state, share, text), (x, line) in zip(parts, places, strict=True):
        colour, hatch = STATE_LOOKS[state]
        edge = {"edgecolor": "white", "linewidth": 1.5, "hatch": hatch, "label": [state]}
        ax.barh([y + high / 2], [share], left=start, height=high, color=colour, **edge)
        if line == 0:
            box = {"boxstyle": "square,pad=0.25", "facecolor": colour, "edgecolor": "none"}
            look = {"color": "white", "fontweight": "bold", "bbox": box, **CENTRE}
            ax.annotate(text, (x, y + high / 2), **look)
        else:
            lead = {"arrowstyle": "-", "color": colour, "linewidth": 1.5, "shrinkA": 0}
            look = {"color": colour, "fontweight": "bold", "ha": "center", "va": "top"}
            below = y + high + 0.08 + LINE * (line - 1)
            lead |= {"shrinkB": 0, "relpos": (0.5, 1.0)}
            ax.annotate(text, (start + share / 2, y + high), (x, below), arrowprops=lead, **look)
        start += share


def _gravest(sites: Sequence[SiteLike]) -> tuple[list[SiteLike], int]:
    """Choose the sites to draw, and say how many are left out."""
    if not sites:
        raise ValueError("the report has no site to draw: no activation was seen; print it instead")
    shares = [-site.dead.mean() for site in sites]
    chosen = sorted(np.argsort(shares, kind="stable")[:MOST_SITES])
    return [sites[place] for place in chosen], len(sites) - len(chosen)


@styled
def unit_map(found: ReportLike) -> Picture:
    """Draw the units of each site as cells: how often each is active, a cross where it is dead.

    Each value counts: all examples and, in them, all pixels or tokens.

    Parameters
    ----------
    found : ReportLike
        What `helpers.health.diagnose` gave. Of more than ten sites the ten with the largest shares
        of dead units are drawn.

    Raises
    ------
    ValueError
        If no site was seen.
    """
    sites, left_out = _gravest(found.sites)
    columns = 16 if max(site.units for site in sites) <= 256 else 32
    rows = [-(-site.units // columns) for site in sites]
    size = 10.0 / columns
    height = sum(rows) * size + 0.6 * len(sites)
    ratios = {"gridspec_kw": {"height_ratios": rows}}
    fig, axes = figure(len(sites), width=10.6, height=height, **ratios)
    said = []
    pale_to_blue = LinearSegmentedColormap.from_list("active", [PALE_BLUE, BLUE])
    for ax, site, name in zip(
        as_rows(axes), sites, labels([site.name for site in sites]), strict=True
    ):
        cells = np.full(-(-site.units // columns) * columns, np.nan)
        cells[: site.units] = np.where(site.dead, np.nan, 100 * site.on_share)
        ax.imshow(cells.reshape(-1, columns), cmap=pale_to_blue, vmin=0, vmax=100)
        y, x = np.divmod(np.arange(site.units), columns)
        box = {"marker": "s", "linestyle": "none", "markeredgewidth": 0, "color": PALE_VERMILION}
        ax.plot(x[site.dead], y[site.dead], markersize=size * 72 * 0.94, **box)
        cross = {"markersize": size * 72 * 0.5, "color": VERMILION, "markeredgewidth": 0}
        ax.plot(x[site.dead], y[site.dead], "X", label="dead", **cross)
        if site.units <= MOST_NUMBERS:
            for unit in np.flatnonzero(~site.dead & np.isfinite(site.on_share)):
                share = 100 * site.on_share[unit]
                colour = ink_on(pale_to_blue(share / 100))
                told = f"{share:.0f}" if share >= 0.5 else "<1"
                ax.annotate(told, (x[unit], y[unit]), color=colour, **CENTRE)
        ax.set_xticks(np.arange(-0.5, columns), minor=True)
        ax.set_yticks(np.arange(-0.5, len(cells) // columns), minor=True)
        ax.grid(which="minor", color="white", linewidth=3)
        ax.tick_params(which="both", length=0)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        dead = int(site.dead.sum())
        ax.set_title(f"{name}: {dead:,} of {site.units:,} dead")
        alive = 100 * site.on_share[~site.dead & np.isfinite(site.on_share)]
        span = (
            f", the others fire for {alive.min():.0f} to {alive.max():.0f} %" if len(alive) else ""
        )
        said.append(f"{name}: {dead:,} of {site.units:,} dead{span}")
    more = _not_drawn(left_out)
    return fig, (
        "A cell for each unit: for how many % of its values it fires; a cross if it is dead on all "
        f"N = {found.examples:,} examples. {'; '.join(said)}.{more}"
    )


# --- when it died ---


@styled
def timeline(monitor: MonitorLike, marks: Mapping[int, str] | None = None) -> Picture:
    """Draw the share of dead units of each site over training, with each death and revival.

    A unit counts from the step on at which it fell silent, though this is noticed later.

    Parameters
    ----------
    monitor : MonitorLike
        What `helpers.health.watch` gave. Of more than five sites the five with the most deaths are
        drawn.
    marks : mapping of int to str, optional
        Steps at which something happened, and what.

    Raises
    ------
    ValueError
        If nothing was looked at.
    """
    if not monitor.steps or not monitor.units:
        raise ValueError("the monitor has seen no step: train the model inside its with statement")
    deaths = {
        name: [one for one in monitor.deaths if one.site == name and one.state == "dead"]
        for name in monitor.units
    }
    most = sorted(deaths, key=lambda name: -len(deaths[name]))[: len(LOOKS)]
    chosen = [name for name in deaths if name in most]  # in the order of the calls
    names, ends, said = labels(chosen), [], []
    steps = np.asarray(monitor.steps)
    fig, ax = figure(width=10.8, height=4.8)
    for name, label, (colour, dashes, _) in zip(chosen, names, LOOKS, strict=False):
        end, told = _draw_deaths(
            ax, steps, deaths[name], monitor.units[name], label, colour, dashes
        )
        ends.append(end)
        said.append(told)
    for label, end, height, look in zip(names, ends, apart(ends, 15.0), LOOKS, strict=False):
        text = {"color": look[0], "fontweight": "bold", "va": "center", "annotation_clip": False}
        told = f"{label}\n{percent(end / 100)}"
        ax.annotate(told, (steps[-1], height), (14, 0), **text, **POINTS)
    for step, what in (marks or {}).items():
        ax.axvline(step, color=BACKGROUND, linewidth=2, zorder=0)
        ax.annotate(what, (step, 100), (5, 0), va="top", color=GREY, **POINTS)
    ax.set(
        xlabel="steps of training",
        ylabel="dead units, %",
        ylim=(-3, 103),
        xlim=(0, 1.01 * steps[-1]),
    )
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    more = (
        f" {len(deaths) - len(chosen)} other sites are not drawn."
        if len(chosen) < len(deaths)
        else ""
    )
    return fig, f"A cross: units die; a ring: units come back. {'. '.join(said)}.{more}"


def _draw_deaths(
    ax: Axes,
    steps: np.ndarray,
    deaths: Sequence[DeathLike],
    units: int,
    label: str,
    colour: str,
    dashes: str,
) -> tuple[float, str]:
    """Draw the deaths and revivals of one site; give how many % are dead in the end, and a text."""
    died = np.array([death.step for death in deaths], dtype=int)
    back = np.array([death.revived for death in deaths if death.revived >= 0], dtype=int)
    gone = np.array([np.sum(died <= step) - np.sum(back <= step) for step in steps])
    share = 100 * gone / units
    ax.step(steps, share, where="post", color=colour, linestyle=dashes, label=label)
    points = {"linestyle": "none", "markersize": 12, "clip_on": False, "zorder": 3}
    at = np.isin(steps, died)
    cross = {"marker": "X", "color": colour, "markeredgecolor": "white"}
    ax.plot(steps[at], share[at], label=f"{label}, death", **cross, **points)
    at = np.isin(steps, back)
    ring = {"marker": "o", "color": "white", "markeredgecolor": colour, "markeredgewidth": 2.5}
    ax.plot(steps[at], share[at], label=f"{label}, revival", **ring, **points)
    told = f"{label}: {gone[-1]} of {units} dead at the end"
    if gone[-1]:
        told += f", half of that many by step {steps[np.argmax(2 * gone >= gone[-1])]}"
    return float(share[-1]), f"{told}; deaths {len(died)}, revivals {len(back)}"


# --- what would help ---


@styled
def what_if(found: WhatIfLike) -> Picture:
    """Draw the loss, and how many units are off, after each fix and after doing nothing.

    Parameters
    ----------
    found : WhatIfLike
        What `helpers.remedies.what_if` gave. A dot is a seed, the upright mark the mean. Where the
        interval of the difference to doing nothing holds 0, a sign beside it says so.
    """
    names = list(found.fixes)
    seeds = len(found.of(NOTHING, "loss"))
    ratios = {"gridspec_kw": {"width_ratios": [1.2, 1]}, "sharey": True}
    fig, axes = figure(1, 2, width=11.0, height=1.4 + 0.72 * len(names), **ratios)
    labelled = {
        "loss": ("loss; lower is better", 3),
        "off": (f"units that are always{HYPHEN}off", 1),
    }
    for ax, (measure, (label, decimals)) in zip(axes, labelled.items(), strict=True):
        base = float(found.of(NOTHING, measure).mean())
        ax.axvline(base, color=GREY, linestyle="--", linewidth=2, label="mean of doing nothing")
        for row, name in enumerate(names):
            values = np.asarray(found.of(name, measure), dtype=float)
            colour = GREY if name == NOTHING else BLUE
            heights = row + np.linspace(-0.2, 0.2, seeds) if seeds > 1 else [row]
            dots = {"color": colour, "alpha": DOTS, "markersize": 7, "markeredgewidth": 0}
            ax.plot(values, heights, "o", **dots)
            mark = {"color": INK, "markersize": 30, "markeredgewidth": 4}
            ax.plot([values.mean()], [row], "|", label=name, zorder=4, **mark)
            told = fixed(values.mean(), decimals)
            if name != NOTHING and _holds_zero(found, name, measure):
                told += f" ≈ {NOTHING}"
            box = {"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"}
            text = {"fontweight": "bold", "va": "center", "fontsize": 13, "bbox": box}
            ax.annotate(told, (values.max(), row), (14, 0), **text, **POINTS)
        ax.set_xlabel(label)
        low, high = ax.get_xlim()
        ax.set_xlim(min(0.0, low), high + 0.35 * (high - min(0.0, low)))
        ax.locator_params(axis="x", nbins=5)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].set_ylim(len(names) - 0.5, -0.5)
    told = []
    for name in names:
        change = fixed(found.of(name, "loss").mean(), 3)
        if name != NOTHING:
            change = f"{_change(found, name)} against nothing"
        told.append(f"{name}: loss {change}, {fixed(found.of(name, 'off').mean(), 1)} off")
    many = f"mean of {seeds} seeds" if seeds > 1 else "one seed"
    return fig, f"After {found.steps} steps, {many}. {'; '.join(told)}."


def _holds_zero(found: WhatIfLike, name: str, measure: str) -> bool:
    """Tell whether the interval of the difference to nothing holds 0; of one seed there is none."""
    if len(found.of(name, measure)) < 2:
        return True
    change = found.against_nothing(name, measure)
    return change.low <= 0 <= change.high


def _change(found: WhatIfLike, name: str) -> str:
    if len(found.of(name, "loss")) > 1:
        return bracketed(found.against_nothing(name, "loss"), 3, plus=True)
    change = found.of(name, "loss") - found.of(NOTHING, "loss")
    return fixed(float(change[0]), 3, plus=True)
