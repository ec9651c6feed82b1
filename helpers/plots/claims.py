"""Figures of notebook 11: every claim put to the test, its intervals and its verdict.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. A verdict has a colour, a marker and a word, always the
same ones.

Most figures draw on a scale that all claims share: 0 is no effect, 1 the border from which on the
claim holds, and -1 the same border the other way.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import fill
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from helpers.plots.intervals import reach
from helpers.plots.style import (
    BLUE,
    CENTRE,
    DARK_VERMILION,
    GREEN,
    GREY,
    INK,
    PALE_BLUE,
    PALE_GREY,
    PALE_VERMILION,
    POINTS,
    PURPLE,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import number, percent
from helpers.stats import Interval, wilson

HOLDS, DOES_NOT_HOLD, ALIKE = "holds", "does not hold", "no difference that matters"
DEPENDS, UNDECIDED, OPINION = "depends", "undecided", "opinion"

# verdict: (colour, marker of a dot, sign in text, whether the marker is filled)
LOOKS: dict[str, tuple[str, str, str, bool]] = {
    HOLDS: (GREEN, "o", "●", True),
    DOES_NOT_HOLD: (VERMILION, "X", "✖", True),
    ALIKE: (BLUE, "s", "■", True),
    DEPENDS: (PURPLE, "D", "◆", True),
    UNDECIDED: (GREY, "o", "○", False),
    OPINION: (INK, "", "–", True),
}
OF_ONE_TEST = (HOLDS, DOES_NOT_HOLD, ALIKE, UNDECIDED)
ON_TOP = (HOLDS, ALIKE, UNDECIDED, DOES_NOT_HOLD)  # where dots meet, what speaks against is seen

# The shared scale is cut here; what lies beyond has an arrow head.
LOWEST, HIGHEST = -3.0, 4.0
SCALE_TOLD = (
    "0: no effect.  From 1 on: as claimed.  −1: a difference as large, the other way.\n"
    "A dot for each condition. Arrow head: beyond the scale. No line: said of every single run."
)
LINE_INCHES = 0.275  # height of a row of `forest`
SPREAD = 0.76  # part of a row over which the dots of its conditions are spread
BESIDE = {"ha": "left", "va": "center", "annotation_clip": False, **POINTS}

MOST_PANELS = 3
Ruler = tuple[str, float, float]  # what an axis measures, and between what borders a claim holds

# For the criteria that have a border in the units of what they measure, by the name of their class:
# the attribute that holds it, what is drawn, and between what borders the claim holds.
RULERS: dict[str, tuple[str, str, Any]] = {
    "Differs": ("margin", "{metric}: difference", lambda border: (border, math.inf)),
    "Alike": ("margin", "{metric}: difference", lambda border: (-border, border)),
    "Ratio": ("factor", "{metric}: ratio", lambda border: (border, math.inf)),
    "Above": ("threshold", "{metric}", lambda border: (border, math.inf)),
    "Below": ("threshold", "{metric}", lambda border: (-math.inf, border)),
    "Tuned": ("margin", "{metric}: difference", lambda border: (border, math.inf)),
    "Somewhere": ("margin", "{metric}: difference", lambda border: (border, math.inf)),
    "Mostly": ("share", "share of runs in which {event}", lambda border: (border, math.inf)),
    "Always": ("", "share of runs in which it is so", lambda border: (border, math.inf)),
}


class Told(Protocol):
    """What is asked of a claim: its id, a few words for figures, and its criteria by condition."""

    @property
    def id(self) -> str:
        """Source and number, as in "A16"."""
        ...

    @property
    def title(self) -> str:
        """At most 40 characters or so."""
        ...

    @property
    def tests(self) -> Mapping[str, Any]:
        """The criteria, of any kind."""
        ...


class Found(Protocol):
    """What is asked of the finding under one condition."""

    @property
    def verdict(self) -> str:
        """One of `OF_ONE_TEST`."""
        ...

    @property
    def effect(self) -> Interval:
        """In its own units."""
        ...

    @property
    def scaled(self) -> Interval:
        """On the shared scale."""
        ...

    @property
    def p_value(self) -> float | None:
        """None for a statement without exception: there nothing is estimated."""
        ...


class Ran(Protocol):
    """What is asked of a run: the claim whose experiment it was."""

    @property
    def claim(self) -> Told:
        """Of two claims that say the same, the one that has the criteria."""
        ...


class Ruled(Protocol):
    """What is asked of a claim with its verdict; `helpers.claims.results.Judged` has it."""

    @property
    def claim(self) -> Told:
        """The claim."""
        ...

    @property
    def verdict(self) -> str:
        """One of `LOOKS`."""
        ...

    @property
    def findings(self) -> Mapping[str, Found]:
        """By condition; none for an opinion."""
        ...

    @property
    def result(self) -> Ran | None:
        """The run; None for an opinion."""
        ...


@styled
def forest(ledger: Iterable[Ruled]) -> Picture:
    """Draw all claims, a row each, grouped by verdict, with a dot for each of their conditions.

    Parameters
    ----------
    ledger : iterable of Ruled
        Claims with their verdicts, in the order in which they are to stand in their group.

    Raises
    ------
    ValueError
        If there is no claim, or a verdict that is none.
    """
    ledger = list(ledger)
    groups = {verdict: [one for one in ledger if one.verdict == verdict] for verdict in LOOKS}
    if not ledger or sum(map(len, groups.values())) != len(ledger):
        raise ValueError(f"forest() needs claims with verdicts, each one of: {', '.join(LOOKS)}")
    columns = _two_columns(groups)
    lines = max(map(len, columns))
    fig, axes = figure(1, 2, width=11.0, height=LINE_INCHES * lines + 1.25)
    for ax, column in zip(as_rows(axes), columns, strict=True):
        _forest_column(ax, column, lines)
    shown = {found.verdict for one in ledger for found in one.findings.values()}
    handles = [_handle(verdict) for verdict in OF_ONE_TEST if verdict in shown]
    look = {"fontsize": 11, "columnspacing": 1.6, "handletextpad": 0.2}
    fig.legend(handles=handles, ncols=len(handles), loc="outside upper center", **look)
    fig.supxlabel(SCALE_TOLD, fontsize=11)
    tested = sum(len(of) for verdict, of in groups.items() if verdict != OPINION)
    counts = [f"{verdict} {len(groups[verdict])}" for verdict in LOOKS if verdict != OPINION]
    opinions = len(groups[OPINION])
    rest = f"{opinions} more {'is an opinion' if opinions == 1 else 'are opinions'}"
    return fig, f"{tested} claims tested: {', '.join(counts)}; {rest}."


@styled
def conditions(judged: Ruled) -> Picture:
    """Draw one claim in full: what was found under each condition, and what follows from it.

    Conditions that measure the same by the same border share a panel, which has their units. Where
    that would make more than three panels, there is one, with the shared scale.

    Parameters
    ----------
    judged : Ruled
        A claim that was tested.

    Raises
    ------
    ValueError
        If it has no findings.
    """
    findings = judged.findings
    if not findings or judged.result is None:
        raise ValueError(f"claim {judged.claim.id} has no findings to draw: {judged.verdict}")
    panels = _panels(judged.result.claim.tests, findings)
    most = max(_row_name(name).count("\n") + 1 for name in findings)
    tall = max(0.62 if len(findings) <= 6 else 0.5, 0.25 * most)
    heights = [tall * (len(rows) + 0.5) + 0.75 for rows in panels.values()]
    shares = {"gridspec_kw": {"height_ratios": heights}}
    fig, axes = figure(len(panels), 1, width=9.5, height=sum(heights) + 0.45, **shares)
    for ax, (ruler, rows) in zip(as_rows(axes), panels.items(), strict=True):
        _panel(ax, ruler, rows)
    title = f"{judged.claim.id}  {judged.claim.title}".rstrip()
    as_rows(axes)[0].set_title(title, fontsize=14)
    told = "; ".join(f"{name} {found.effect}, {found.verdict}" for name, found in findings.items())
    return fig, f"{judged.claim.id}: {judged.verdict}. {_real(told)}."


@styled
def advice(sides: Mapping[str, Sequence[Ruled]]) -> Picture:
    """Draw a table of advice: under each choice the reasons for it, and the verdict on each.

    Parameters
    ----------
    sides : mapping of str to sequence of Ruled
        Under what to take, the claims that speak for it.
    """
    most = max(map(len, sides.values()))
    fig, axes = figure(1, len(sides), width=5.0 * len(sides), height=0.78 * most + 0.7)
    said = []
    for ax, (name, claims) in zip(as_rows(axes), sides.items(), strict=True):
        ax.set(xlim=(0, 1), ylim=(most, -0.02), title=f"Take {name}")
        ax.axis("off")
        for row, one in enumerate(claims):
            colour, marker, _, filled = LOOKS[one.verdict]
            ax.axhline(row, color=PALE_GREY, linewidth=1.2)
            ax.text(0, row + 0.32, f"{one.claim.id}  {one.claim.title}", fontsize=12, va="center")
            face = colour if filled else "white"
            look = {"color": colour, "markerfacecolor": face, "markersize": 9, "linestyle": ""}
            ax.plot([0.06], [row + 0.72], marker=marker, markeredgewidth=1.8, **look)
            look = {"color": colour, "fontweight": "bold", "fontsize": 13, "va": "center"}
            ax.text(0.1, row + 0.72, one.verdict, **look)
            if one.findings:
                holding = sum(found.verdict == HOLDS for found in one.findings.values())
                words = f"holds in {holding} of {len(one.findings)}"
                look = {"color": GREY, "fontsize": 11, "ha": "right", "va": "center"}
                ax.text(1, row + 0.72, words, **look)
        held = sum(one.verdict == HOLDS for one in claims)
        told = ", ".join(f"{one.claim.id} {one.verdict}" for one in claims)
        said.append(f"take {name}: {held} of {len(claims)} reasons hold ({told})")
    text = "; ".join(said)
    return fig, f"{text[:1].upper()}{text[1:]}."


@styled
def regions(
    margin: float,
    examples: Mapping[str, tuple[Interval, str]],
    measured: str = "difference, as claimed to the right",
) -> Picture:
    """Draw how a verdict comes about: three regions, and intervals that lie in them or across.

    Parameters
    ----------
    margin : float
        The smallest difference that would matter, above 0.
    examples : mapping of str to (Interval, str)
        Under a name an interval of a difference, and the verdict that it leads to.
    measured : str
        Label of the axis.
    """
    rows = len(examples)
    fig, ax = figure(width=9.5, height=0.55 * rows + 1.8)
    ends = [abs(end) for one, _ in examples.values() for end in (one.low, one.high)]
    edge = 1.1 * max(*ends, 2.2 * margin)
    spans = (
        (-edge, -margin, PALE_VERMILION, DOES_NOT_HOLD, DARK_VERMILION),
        (-margin, margin, "#EFEFEF", fill(ALIKE, 14), BLUE),
        (margin, edge, "#DCEFE8", HOLDS, GREEN),
    )
    for low, high, shade, name, colour in spans:
        ax.axvspan(low, high, color=shade, linewidth=0, zorder=0)
        look = {"color": colour, "fontweight": "bold", "fontsize": 12}
        ax.annotate(name, ((low + high) / 2, -1.0), **CENTRE, **look)
    ax.plot([0, 0], [-0.5, rows - 0.5], color=GREY, linewidth=1.2, linestyle=":")
    for row, (one, verdict) in enumerate(examples.values()):
        _bar(ax, one, row, verdict)
    ax.set(xlim=(-edge, edge), ylim=(rows - 0.5, -1.6), xlabel=measured)
    ax.set_xticks([-margin, 0, margin], [number(-margin), "0", number(margin)])
    ax.set_yticks(range(rows), list(examples))
    ax.tick_params("y", length=0)
    ax.spines["left"].set_visible(False)
    for row, (_, verdict) in enumerate(examples.values()):
        _verdict_beside(ax, row, verdict)
    told = "; ".join(f"{name} {one}: {verdict}" for name, (one, verdict) in examples.items())
    return fig, f"Margin {number(margin)}. {_real(told)}."


@styled
def accidents(counts: Mapping[str, tuple[int, int]], accepted: float = 0.05) -> Picture:
    """Draw in how many ledgers with nothing to find at least one verdict is wrong.

    Parameters
    ----------
    counts : mapping of str to (int, int)
        Under the name of a method how many ledgers went wrong, and how many there were.
    accepted : float
        The share that was accepted beforehand.
    """
    fig, ax = figure(width=9.0, height=0.75 * len(counts) + 1.5)
    ax.set(xlim=(0, 100), ylim=(len(counts) - 0.5, -0.95))
    told = []
    for row, (name, (wrong, of)) in enumerate(counts.items()):
        found = wilson(wrong, of)
        colour, hatch = (VERMILION, "//") if found.low > accepted else (BLUE, "")
        shade = PALE_VERMILION if found.low > accepted else PALE_BLUE
        look = {"color": shade, "edgecolor": colour, "hatch": hatch, "linewidth": 1.5}
        ax.barh([row], [100 * found.estimate], height=0.55, label=name, **look)
        across = 100 * reach([found])
        ends = {"color": INK, "capsize": 5, "linewidth": 2.5}
        ax.errorbar([100 * found.estimate], [row], xerr=across, fmt="none", **ends)
        words = {"fontweight": "bold", "color": colour, **BESIDE}
        beyond = (100 * max(found.high, accepted), row)  # not upon the dashed line
        ax.annotate(f"{wrong} of {of}", beyond, (10, 0), **words)
        ends = f"{percent(found.low)} to {percent(found.high)}"
        told.append(f"{name}: {wrong} of {of} ({ends})")
    ax.axvline(100 * accepted, color=INK, linestyle="--", linewidth=2)
    told_at = (100 * accepted, -0.68)
    ax.annotate(f"accepted: {percent(accepted)}", told_at, (8, 0), **BESIDE, color=INK)
    ax.set_yticks(range(len(counts)), list(counts))
    ax.set_xlabel("ledgers with at least one wrong verdict, %")
    return fig, f"Ledgers with a wrong verdict. {_real('; '.join(told))}."


# --- the forest -----------------------------------------------------------------------------------

Line = tuple[str, str, Ruled | None]  # label, verdict of its group, and the claim: none in headings


def _two_columns(groups: Mapping[str, Sequence[Ruled]]) -> tuple[list[Line], list[Line]]:
    """List the lines of both columns: headings, claims; a group that is cut has two headings."""
    lines: list[Line] = []
    for verdict, claims in groups.items():
        if claims:
            lines.append((f"{LOOKS[verdict][2]} {verdict}: {len(claims)}", verdict, None))
            lines += [(_label(one), verdict, one) for one in claims]
    half = (len(lines) + 1) // 2
    if lines[half - 1][2] is None:  # no heading at the foot of a column, and no empty column
        half += 1 if half == 1 else -1
    left, right = lines[:half], lines[half:]
    if right and right[0][2] is not None:
        right.insert(0, (f"{LOOKS[right[0][1]][2]} {right[0][1]}, continued", right[0][1], None))
    return left, right


def _forest_column(ax: Axes, column: Sequence[Line], lines: int) -> None:
    ax.set(xlim=(LOWEST - 0.55, HIGHEST + 0.55), ylim=(lines - 0.4, -0.6), xticks=[-1, 0, 1])
    ax.set_yticks(range(len(column)), [label for label, _, _ in column], fontsize=10)
    ax.tick_params("x", labelsize=11)
    _left_aligned(ax)
    ax.spines["left"].set_visible(False)
    for row, (label, (_, verdict, claim)) in enumerate(
        zip(ax.get_yticklabels(), column, strict=True)
    ):
        if claim is None:
            label.set(fontweight="bold", color=LOOKS[verdict][0])
            continue
        if not claim.findings:
            continue
        found = list(claim.findings.values())
        away = min(0.24, SPREAD / max(1, len(found) - 1))
        for place, one in enumerate(found):
            height = row + away * (place - (len(found) - 1) / 2)
            _clipped(ax, height, one, size=4.6 if len(found) <= 6 else 3.6, width=1.3)
        for edge in (row - 0.5, row + 0.5):
            ax.axhline(edge, color="#BFBFBF", linewidth=0.6, zorder=-1)
    # Only as far down as there are claims that were tested.
    end = max((row for row, line in enumerate(column) if line[2] and line[2].findings), default=0)
    ends = {"ymin": (lines - 0.9 - end) / (lines + 0.2), "ymax": 1.0}
    ax.axvspan(1, HIGHEST + 0.55, **ends, color=PALE_BLUE, linewidth=0, zorder=-2)
    ax.axvline(1, **ends, color=INK, linewidth=1.1, zorder=0)
    for border in (-1, 0):
        ax.axvline(border, **ends, color=GREY, linewidth=0.9, linestyle=":", zorder=0)
    look = {"fontsize": 10, "fontweight": "bold", "color": INK}
    ax.annotate("as claimed", (2.75, 0), **CENTRE, **look)


def _label(one: Ruled) -> str:
    figure_space = "\u2007"  # as wide as a digit: titles begin below each other
    return f"{one.claim.id.ljust(3, figure_space)}  {one.claim.title}".rstrip()


def _left_aligned(ax: Axes) -> None:
    """Let the labels of the rows begin below each other."""
    labels = ax.get_yticklabels()
    widest = max((label.get_window_extent().width for label in labels), default=0.0)
    points = 72 * widest / ax.get_figure().dpi
    ax.tick_params("y", length=0, pad=points + 5)
    for label in ax.get_yticklabels():
        label.set_horizontalalignment("left")


def _handle(verdict: str) -> Line2D:
    colour, marker, _, filled = LOOKS[verdict]
    look = {"color": colour, "markerfacecolor": colour if filled else "white", "linestyle": ""}
    return Line2D([], [], marker=marker, markersize=8, markeredgewidth=1.6, label=verdict, **look)


# --- dots and intervals ---------------------------------------------------------------------------


def _clipped(ax: Axes, height: float, found: Found, *, size: float, width: float) -> None:
    """Draw a finding on the shared scale, with an arrow head where it leaves the scale."""
    one, (colour, marker, _, filled) = found.scaled, LOOKS[found.verdict]
    low, middle, high = np.clip([one.low, one.estimate, one.high], LOWEST, HIGHEST)
    if found.p_value is not None:
        ax.plot([low, high], [height, height], color=colour, linewidth=width, marker="", zorder=2)
        for beyond, place, head in (
            (one.low < LOWEST, LOWEST - 0.3, "<"),
            (one.high > HIGHEST, HIGHEST + 0.3, ">"),
        ):
            if beyond:
                ax.plot([place], [height], head, color=colour, markersize=0.8 * size, zorder=2)
    on_top = 3 + ON_TOP.index(found.verdict)
    look = {"color": colour, "markersize": size, "zorder": on_top, "linestyle": ""}
    look |= {"markerfacecolor": colour if filled else "white"}
    edge = colour if not filled else "white"
    look |= {"markeredgecolor": edge, "markeredgewidth": 0.25 * size if not filled else 0.5}
    ax.plot([middle], [height], marker=marker, **look)


def _bar(ax: Axes, one: Interval, row: int, verdict: str) -> None:
    """Draw an interval with caps and the marker of its verdict."""
    colour, marker, _, filled = LOOKS[verdict]
    look = {"color": colour, "capsize": 5, "marker": marker, "markersize": 10, "linewidth": 2.5}
    look |= {"markerfacecolor": colour if filled else "white", "markeredgewidth": 2}
    ax.errorbar([one.estimate], [row], xerr=reach([one]), **look)


def _verdict_beside(ax: Axes, row: int, verdict: str) -> None:
    """Write a verdict to the right of the axes."""
    look = {"color": LOOKS[verdict][0], "fontweight": "bold", "fontsize": 13}
    side = ax.get_yaxis_transform()
    ax.annotate(fill(verdict, 14), (1, row), (10, 0), xycoords=side, **BESIDE, **look)


def _as_claimed(ax: Axes, low: float, high: float, height: float) -> None:
    """Shade where a claim holds, and say so: beside it where there is no room within."""
    left, right = ax.get_xlim()
    start, stop = max(low, left), min(high, right)
    ax.axvspan(start, stop, color=PALE_BLUE, linewidth=0, zorder=-1)
    for border in (low, high):
        if math.isfinite(border):
            ax.axvline(border, color=INK, linewidth=1.4, zorder=0)
    ax.set_xlim(left, right)
    from_left, to_right = (
        ax.transAxes.inverted().transform(ax.transData.transform((end, 0)))[0]
        for end in (start, stop)
    )
    at_right = stop == right
    words, place, side = (
        ("as claimed", stop, "right") if at_right else ("as claimed", start, "left")
    )
    if to_right - from_left < 0.27:  # of the width
        words, place = ("as claimed ▸", start) if at_right else ("◂ as claimed", stop)
    away = (-6, 0) if side == "right" else (6, 0)
    look = {"fontweight": "bold", "color": INK, "fontsize": 12, "annotation_clip": False}
    ax.annotate(words, (place, height), away, ha=side, va="center", **POINTS, **look)


def _panels(
    tests: Mapping[str, Any], findings: Mapping[str, Found]
) -> dict[Ruler | None, dict[str, Found]]:
    """Put conditions together that have the same ruler; all of them under None if they are many."""
    panels: dict[Ruler | None, dict[str, Found]] = {}
    for name, found in findings.items():
        panels.setdefault(_ruler(tests[name]), {})[name] = found
    return panels if None not in panels and len(panels) <= MOST_PANELS else {None: dict(findings)}


def _ruler(test: Any) -> Ruler | None:
    """Tell what a criterion measures, and between what borders its claim holds, if it is known."""
    if type(test).__name__ not in RULERS:
        return None
    attribute, words, region = RULERS[type(test).__name__]
    border = getattr(test, attribute) if attribute else 1.0
    return words.format_map(vars(test)), *region(border)


def _panel(ax: Axes, ruler: Ruler | None, findings: Mapping[str, Found]) -> None:
    """Draw conditions with the same ruler, or all on the shared scale."""
    ax.set_ylim(len(findings) - 0.5, -1.0)
    for row, found in enumerate(findings.values()):
        if ruler is None:
            _clipped(ax, row, found, size=10, width=2.5)
        else:
            _bar(ax, found.effect, row, found.verdict)
    ax.set_yticks(range(len(findings)), [_row_name(name) for name in findings])
    ax.tick_params("y", length=0)
    ax.spines["left"].set_visible(False)
    if ruler is None:
        ax.set(xlim=(LOWEST - 0.5, HIGHEST + 0.5), xticks=range(-3, 5))
        ax.set_xlabel("0: no effect; from 1 on: as claimed", fontsize=13)
        _as_claimed(ax, 1.0, math.inf, -0.75)
        for border in (-1, 0):
            ax.axvline(border, color=GREY, linewidth=1.2, linestyle=":", zorder=0)
    else:
        label, low, high = ruler
        _room(ax, findings.values(), [end for end in (low, high) if math.isfinite(end)], label)
        ax.set_xlabel(_real(fill(label, 60)), fontsize=13)
        _as_claimed(ax, low, high, -0.75)
    for row, found in enumerate(findings.values()):
        _verdict_beside(ax, row, found.verdict)


def _room(ax: Axes, found: Iterable[Found], borders: Sequence[float], label: str) -> None:
    """Make room for all intervals, the borders and no effect; ratios have a scale of powers."""
    ratio = label.endswith(": ratio")
    nothing = 1.0 if ratio else 0.0
    ends = [end for one in found for end in (one.effect.low, one.effect.high)]
    ends += [*borders, nothing]
    if ratio:
        low, high = math.log(min(ends)), math.log(max(ends))
        ax.set_xscale("log")
        ax.set_xlim(*np.exp([low - 0.08 * (high - low), high + 0.12 * (high - low)]))
        _plain_powers(ax, high - low)
    else:
        low, high = min(ends), max(ends)
        ax.set_xlim(low - 0.08 * (high - low), high + 0.12 * (high - low))
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.axvline(nothing, color=GREY, linewidth=1.2, linestyle=":", zorder=0)


def _plain_powers(ax: Axes, span: float) -> None:
    """Write ratios as plain numbers, few enough to be read."""
    low, high = ax.get_xlim()
    steps = [1, 2, 5] if span < math.log(200) else [1]
    fine = [value / 10 for value in range(1, 100)]
    ticks = [step * 10.0**power for power in range(-12, 13) for step in steps]
    inside = [tick for tick in ticks if low <= tick <= high]
    if len(inside) < 3:
        inside = [tick for tick in fine if low <= tick <= high]
    ax.set_xticks(inside[:: max(1, math.ceil(len(inside) / 7))])
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())


def _row_name(name: str, width: int = 34) -> str:
    """Write the name of a condition, broken where it has a comma, if it must be broken."""
    lines = [""]
    for part in _real(name).split(", "):
        longer = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(longer) < width or not lines[-1]:
            lines[-1] = longer
        else:
            lines[-1] += ","
            lines.append(part)
    return "\n".join(fill(line, width) for line in lines)


def _real(text: str) -> str:
    """Give numbers a real minus sign; hyphens within words stay."""
    return re.sub(r"-(?=[\d.])", "−", text)
