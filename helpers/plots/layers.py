"""Figures of notebook 02: arrays, wiring, and what a hidden layer does to the plane.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import ArrayLike

from helpers.network import Network
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BACKGROUND,
    BLUE,
    CENTRE,
    CLASS_STYLES,
    DOTS,
    GREEN,
    GREY,
    INK,
    OCHRE,
    PALE_BLUE,
    PALE_GREY,
    POINTS,
    PURPLE,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import number, percent

Layer = tuple[ArrayLike, ArrayLike, Callable[[np.ndarray], np.ndarray]]

FEW = 20  # up to so many points, each is drawn large
HINGES = 8  # up to so many hidden units, the line of each is drawn
SUBSCRIPTS = "₁₂₃₄₅₆₇₈₉"

# Colour and dashes of a weight, by its sign.
SIGNS = {1: (BLUE, "-"), -1: (VERMILION, "--"), 0: (GREY, ":")}

# The four parts into which two units cut a plane, by who fires: words and colour.
WEDGES = {
    (True, True): ("both fire", BLUE),
    (True, False): ("only h₁ fires", VERMILION),
    (False, True): ("only h₂ fires", GREEN),
    (False, False): ("both are silent", PURPLE),
}


@styled
def arrays(
    picture: np.ndarray, letters: str, word: np.ndarray, sound: np.ndarray, rate: int
) -> Picture:
    """Draw a picture, a word and a sound as the numbers that they are.

    Parameters
    ----------
    picture : ndarray, shape (height, width)
        Ink.
    letters : str
        The word.
    word : ndarray, shape (len(letters), 26)
        One row a letter: 1 in the column of the letter, else 0.
    sound : ndarray, shape (samples,)
        Air pressure over time.
    rate : int
        Samples a second.

    Raises
    ------
    ValueError
        If the word has not a row for each letter and a column for each of a to z.
    """
    if np.shape(word) != (len(letters), 26):
        raise ValueError(
            f"word has the shape {np.shape(word)}; {letters!r} takes ({len(letters)}, 26), a row "
            "for each letter and a column for each of a to z"
        )
    fig, axes = figure(1, 3, width=12, height=4.4, width_ratios=[1, 1.9, 1.6])
    left, middle, right = as_rows(axes)
    left.imshow(picture, cmap="gray_r")
    left.set(xticks=[], yticks=[])
    left.spines[:].set_visible(True)
    rows, columns = np.nonzero(word)
    middle.imshow(word, cmap=ListedColormap(["white", INK]), aspect="auto")
    for edge in range(1, len(letters)):
        middle.axhline(edge - 0.5, color=PALE_GREY, linewidth=1.2)
    shown = range(0, word.shape[1], 5)
    middle.set_xticks(shown, [chr(ord("a") + column) for column in shown])
    middle.set_yticks(range(len(letters)), list(letters))
    middle.spines[:].set_visible(True)
    for row, column in zip(rows, columns, strict=True):
        beside = 1 if column < word.shape[1] / 2 else -1
        side = "left" if beside > 0 else "right"
        middle.text(column + beside, row, chr(ord("a") + column), ha=side, va="center")
    milliseconds = 1000 * np.arange(len(sound)) / rate
    right.plot(milliseconds, sound, color=GREY, linewidth=1.2)
    right.plot(milliseconds, sound, ".", color=BLUE, markersize=5)
    right.set(xlabel="milliseconds", ylabel="pressure", yticks=[-1, 0, 1])
    right.set_xticks(np.arange(0, milliseconds[-1] + 1, 5))
    parts = (("a picture", picture), ("a word", word), ("a sound", sound))
    for ax, (name, array) in zip((left, middle, right), parts, strict=True):
        ax.set_title(f"{name}: {_shape(array)}")
    crossings = np.count_nonzero((sound[:-1] <= 0) & (sound[1:] > 0))
    return fig, (
        f"A picture is {picture.size} numbers, shape {picture.shape}; the word {letters!r} "
        f"{word.size}, shape {word.shape}, of which {len(rows)} are not 0; the sound "
        f"{sound.size}, shape {sound.shape}, and it rises through 0 {crossings} times."
    )


@styled
def wiring(
    panels: Mapping[str, tuple[ArrayLike, Sequence[Layer]]],
    names: Sequence[str] = ("x₁", "x₂"),
) -> Picture:
    """Draw networks as circles and lines, with the numbers that one input sends through them.

    Parameters
    ----------
    panels : mapping of str to (x, layers)
        A title for each input, shape (d,), and the layers it passes, each (w, b, activation).
    names : sequence of str, length d
        What the inputs are called.
    """
    fig, axes = figure(1, len(panels), width=5.6 * len(panels), height=4.4)
    said = []
    for ax, (title, (x, layers)) in zip(as_rows(axes), panels.items(), strict=True):
        values, sums = [np.asarray(x, dtype=float)], []
        for w, b, activation in layers:
            sums.append(values[-1] @ np.asarray(w) + np.asarray(b))
            values.append(activation(sums[-1]))
        below = [list(names)]
        below += [[f"h{SUBSCRIPTS[k]} (z = {number(z, 6)})" for k, z in enumerate(r)] for r in sums]
        below[-1] = ["output"] * len(sums[-1])
        _circles_and_lines(ax, values, [np.asarray(w) for w, _, _ in layers], below)
        ax.set_title(title)
        flow = " → ".join(f"({', '.join(number(value, 6) for value in row)})" for row in values)
        said.append(f"{title}: {flow}")
    return fig, f"What each layer hands on. {'; '.join(said)}."


def _circles_and_lines(
    ax: Axes,
    values: Sequence[np.ndarray],
    weights: Sequence[np.ndarray],
    below: Sequence[Sequence[str]],
) -> None:
    """Put a circle for each number, a column for each layer, and a line for each weight."""
    tall = max(len(row) for row in values)
    places = [
        [(2.2 * column, (tall - 1) / 2 - (len(row) - 1) / 2 + k) for k in range(len(row))][::-1]
        for column, row in enumerate(values)
    ]
    for w, starts, ends in zip(weights, places, places[1:], strict=False):
        for i, start in enumerate(starts):
            for j, end in enumerate(ends):
                colour, dashes = SIGNS[int(np.sign(w[i, j]))]
                ends_of_line = zip(start, end, strict=True)
                ax.plot(*ends_of_line, color=colour, linestyle=dashes, linewidth=2.5)
                # A third of the way, where lines that cross have not met yet.
                at = np.array(start) + 0.3 * (np.array(end) - start)
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
                ax.text(*at, number(w[i, j], 6), color=colour, bbox=box, zorder=3, **CENTRE)
    for column, (row, spots) in enumerate(zip(values, places, strict=True)):
        for k, (value, spot) in enumerate(zip(row, spots, strict=True)):
            fill = PALE_BLUE if value > 0 and column else "white"
            ax.plot(
                *spot,
                "o",
                markersize=46,
                markerfacecolor=fill,
                color=INK,
                markeredgewidth=2,
                zorder=4,
            )
            ax.text(*spot, number(value, 6), fontsize=16, zorder=5, **CENTRE)
            ax.annotate(
                below[column][k],
                spot,
                (0, 32 if spot[1] > (tall - 1) / 2 else -40),
                ha="center",
                color=GREY,
                zorder=5,
                **POINTS,
            )
    ax.set(xlim=(-0.5, 2.2 * len(weights) + 0.5), ylim=(-0.5, tall - 0.5))
    ax.set_axis_off()


@styled
def fitted(
    x: np.ndarray,
    y: np.ndarray,
    networks: Mapping[str, Sequence[Network]],
    line: tuple[float, float],
) -> Picture:
    """Draw what networks with one input have made of points, beside the best straight line.

    Parameters
    ----------
    x, y : ndarray, shape (N, 1)
        The points.
    networks : mapping of str to sequence of Network
        A panel for each name; all networks of a panel have the same activation.
    line : tuple of float
        Slope and intercept of the straight line with the smallest mean squared error.
    """
    grid = np.linspace(x.min(), x.max(), 301)[:, np.newaxis]
    fig, axes = figure(1, len(networks), width=5.4 * len(networks), height=4.4, sharey=True)
    straight = line[0] * grid + line[1]
    said = []
    for ax, (name, trained) in zip(as_rows(axes), networks.items(), strict=True):
        colour, _ = ACTIVATION_STYLES[trained[0].layers[0].activation.name]
        ax.plot(x, y, "o", color=BACKGROUND, markersize=6, zorder=1)
        for network in trained:
            ax.plot(grid, network.forward(grid), color=colour, linewidth=4.5, alpha=DOTS)
        ax.plot(grid, straight, color=INK, linestyle="--", linewidth=2)
        ax.set(title=f"{name}: {len(trained)} networks", xlabel="x", ylim=(-0.15, 2.0))
        ax.set(xticks=[-1, 0, 1], yticks=[0, 1, 2])
        ends = grid[[0, -1]].mean(), straight.mean()
        ax.annotate("best straight line", ends, (0, 9), ha="center", color=INK, **POINTS)
        far = max(np.abs(network.forward(grid) - straight).max() for network in trained)
        off = max(np.abs(network.forward(x) - y).max() for network in trained)
        said.append(
            f"{name}, {len(trained)} trained networks: at most {far:.2f} from the best straight "
            f"line, at most {off:.2f} from a point"
        )
    as_rows(axes)[0].set_ylabel("y", rotation=0, ha="right", va="center")
    return fig, "; ".join(said) + "."


@styled
def moves(w: ArrayLike, b: ArrayLike, v: ArrayLike, c: float, labels: ArrayLike) -> Picture:
    """Draw where a hidden layer of two ReLU units moves the four corners of the unit square.

    Parameters
    ----------
    w, b : array_like, shapes (2, 2) and (2,)
        The hidden layer.
    v, c : array_like, shape (2,), and float
        The neuron behind it, which fires where ``h @ v + c`` is above 0.
    labels : array_like of 0 and 1, shape (4,)
        What should come out at (0, 0), (0, 1), (1, 0), (1, 1).
    """
    w, b, v, labels = np.asarray(w), np.asarray(b), np.asarray(v), np.asarray(labels)
    points = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    landed = np.maximum(points @ w + b, 0.0)
    low, high = -0.4, 1.4
    side = np.linspace(low, high, 361)
    plane = np.stack(np.meshgrid(side, side), axis=-1)
    hidden = np.maximum(plane @ w + b, 0.0)
    fig, axes = figure(1, 2, width=10, height=4.9)
    panels = (
        ("the inputs", points, hidden @ v + c, ("x₁", "x₂")),
        ("after the hidden layer", landed, plane @ v + c, ("h₁", "h₂")),
    )
    for ax, (title, spots, z, names) in zip(as_rows(axes), panels, strict=True):
        ax.imshow(
            z > 0,
            cmap=ListedColormap(["white", PALE_BLUE]),
            extent=(low, high, low, high),
            origin="lower",
            vmin=0,
            vmax=1,
        )
        ax.contour(side, side, z, levels=[0.0], colors=[INK], linewidths=2.5)
        _points(ax, spots, labels)
        ax.set(title=title, xlabel=names[0], xlim=(low, high), ylim=(low, high))
        ax.set(xticks=[0, 1], yticks=[0, 1], aspect="equal")
        ax.set_ylabel(names[1], rotation=0, ha="right", va="center")
    left, right = as_rows(axes)
    for spot in points:
        _name(left, spot, _corner(spot))
    for spot in np.unique(landed, axis=0):
        there = [_corner(p) for p, q in zip(points, landed, strict=True) if np.array_equal(q, spot)]
        _name(right, spot, "from " + "\nand ".join(there))
    fires = landed @ v + c > 0
    told = "; ".join(f"{_corner(p)} to {_corner(q)}" for p, q in zip(points, landed, strict=True))
    return fig, (
        f"The corners move: {told}. There one straight line is right for "
        f"{np.sum(fires == labels)} of {len(labels)}."
    )


def _corner(point: np.ndarray) -> str:
    return f"({number(point[0], 6)}, {number(point[1], 6)})"


def _name(ax: Axes, spot: np.ndarray, name: str) -> None:
    """Write the name of a point beside it, away from the middle."""
    down = spot[1] < 0.5
    ax.annotate(
        name,
        spot,
        (0, -12 if down else 12),
        ha="center",
        va="top" if down else "bottom",
        zorder=6,
        **POINTS,
    )


@styled
def pressed(w: ArrayLike, b: ArrayLike, reach: float = 2.0) -> Picture:
    """Draw what two ReLU units do to a sheet of squared paper with a ring on it.

    Parameters
    ----------
    w, b : array_like, shapes (2, 2) and (2,)
        The layer.
    reach : float
        The sheet runs from -reach to reach in both directions.
    """
    w, b = np.asarray(w, dtype=float), np.asarray(b, dtype=float)
    fig, axes = figure(1, 2, width=11, height=5.3)
    before, after = as_rows(axes)
    fine = np.linspace(-reach, reach, 401)
    for place in np.linspace(-reach, reach, 17):
        for line in (
            np.column_stack([fine, np.full_like(fine, place)]),
            np.column_stack([np.full_like(fine, place), fine]),
        ):
            _sheet(before, after, line, w, b, linewidth=1.3)
    angle = np.linspace(0, 2 * np.pi, 1441)
    _sheet(before, after, 0.8 * reach * np.column_stack([np.cos(angle), np.sin(angle)]), w, b, 5)
    side = np.linspace(-reach, reach, 201)
    plane = np.stack(np.meshgrid(side, side), axis=-1)
    z = plane @ w + b
    for unit in range(2):
        before.contour(side, side, z[..., unit], levels=[0.0], colors=[INK], linewidths=3)
    shares = {}
    for fires, (words, colour) in WEDGES.items():
        inside = np.all((z > 0) == fires, axis=-1)
        shares[words] = inside.mean()
        if inside.any():
            box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
            look = {"color": colour, "fontweight": "bold", **CENTRE}
            two_lines = words.replace(" fires", "\nfires").replace(" are ", " are\n")
            before.text(*0.8 * plane[inside].mean(axis=0), two_lines, bbox=box, zorder=6, **look)
    top = np.maximum(z, 0.0).reshape(-1, 2).max(axis=0)
    bold = {"fontweight": "bold", **CENTRE}
    after.text(0.65 * top[0], -0.09 * top[1], "only h₁ fires", color=VERMILION, **bold)
    after.text(-0.09 * top[0], 0.5 * top[1], "only h₂ fires", color=GREEN, rotation=90, **bold)
    after.text(0.3 * top[0], 0.28 * top[1], "both fire", color=BLUE, zorder=6, bbox=box, **bold)
    if shares["both are silent"]:
        after.plot(0, 0, "o", color=PURPLE, markersize=16, zorder=6)
        left = bold | {"ha": "left"}
        after.text(-0.03 * top[0], -0.09 * top[1], "both are silent", color=PURPLE, **left)
    before.set(title="squared paper with a ring", xlim=(-reach, reach), ylim=(-reach, reach))
    after.set(title="after two ReLU units")
    after.set(xlim=(-0.17 * top[0], 1.03 * top[0]), ylim=(-0.17 * top[1], 1.03 * top[1]))
    after.spines[:].set_visible(False)
    before.set(xticks=np.arange(-2, 3), yticks=np.arange(-2, 3))
    after.set(xticks=[], yticks=[])
    for ax, letter in ((before, "x"), (after, "h")):
        ax.set_aspect("equal")
        ax.set_xlabel(f"{letter}₁")
        ax.set_ylabel(f"{letter}₂", rotation=0, ha="right", va="center")
    kept, silent = shares["both fire"], shares["both are silent"]
    return fig, (
        f"Where both units fire ({percent(kept)} of the paper) the squares survive. "
        f"Where one fires ({percent(1 - kept - silent)}) the paper is pressed onto an axis; "
        f"where none does ({percent(silent)}) it is a single point."
    )


def _sheet(
    before: Axes, after: Axes, line: np.ndarray, w: np.ndarray, b: np.ndarray, linewidth: float
) -> None:
    """Draw a line of the paper before and after the layer, each part in its wedge's colour."""
    z = line @ w + b
    fires = z > 0
    changes = np.flatnonzero(np.any(fires[1:] != fires[:-1], axis=1)) + 1
    for part in np.split(np.arange(len(line)), changes):
        who = (bool(fires[part[0], 0]), bool(fires[part[0], 1]))
        colour = WEDGES[who][1]
        before.plot(*line[part].T, color=colour, linewidth=linewidth)
        wide = linewidth if all(who) else max(linewidth, 5)
        after.plot(*np.maximum(z[part], 0.0).T, color=colour, linewidth=wide, zorder=2 + any(who))


@styled
def cut(x: np.ndarray, y: np.ndarray, size: float) -> Picture:
    """Fold the plane along both axes, cut once in a straight line, and unfold it.

    Parameters
    ----------
    x : ndarray, shape (N, 2)
        Points.
    y : ndarray of 0 and 1, shape (N,)
        Class 1 should lie inside.
    size : float
        The cut runs where the two folded coordinates add up to this.
    """
    folded = np.abs(x)
    reach = 1.08 * folded.max()
    fig, axes = figure(1, 3, width=12.5, height=4.6)
    fig.get_layout_engine().set(wspace=0.08)
    start, middle, end = as_rows(axes)
    inside = folded.sum(axis=1) < size
    corners = size * np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0]])
    _points(start, x, y)
    for ax in (start, end):
        ax.axhline(0, color=GREY, linestyle=":", linewidth=2)
        ax.axvline(0, color=GREY, linestyle=":", linewidth=2)
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x₁", xticks=[-1, 0, 1])
        ax.set(yticks=[-1, 0, 1])
    middle.fill([0, size, 0], [0, 0, size], color=PALE_BLUE)
    middle.plot([size, 0], [0, size], color=INK)
    _points(middle, folded, y)
    middle.set(xlim=(0, reach), ylim=(0, reach), xlabel="h₁ + h₂", xticks=[0, 1], yticks=[0, 1])
    end.fill(*corners.T, color=PALE_BLUE)
    end.plot(*corners.T, color=INK)
    _points(end, x, y)
    start.set_ylabel("x₂", rotation=0, ha="right", va="center")
    middle.set_ylabel("h₃ + h₄")
    titles = ("two creases", "folded twice, cut once", "unfolded")
    for ax, title in zip((start, middle, end), titles, strict=True):
        ax.set_aspect("equal")
        ax.set_title(title)
    right = int(np.sum(inside == (y == 1)))
    return fig, (
        f"One straight cut through four layers of paper is a closed border of four straight edges: "
        f"right for {right} of {len(y)} points."
    )


@styled
def regions(
    networks: Sequence[Network], titles: Sequence[str], x: np.ndarray, y: np.ndarray
) -> Picture:
    """Draw which class networks with two inputs and two outputs name, a panel for each.

    Of a single hidden layer of up to eight units the line of each unit is drawn too, dotted.

    Parameters
    ----------
    networks : sequence of Network
        Trained ones.
    titles : sequence of str
        One for each network.
    x : ndarray, shape (N, 2)
        Points.
    y : ndarray of 0 and 1, shape (N,)
        Their classes.
    """
    reach = 1.1 * np.abs(x).max()
    side = np.linspace(-reach, reach, 241)
    plane = np.stack(np.meshgrid(side, side), axis=-1)
    columns = len(networks)
    width = 5.4 if columns == 1 else 4.1 * columns
    fig, axes = figure(1, columns, width=width, height=4.7, sharex=True, sharey=True)
    said = []
    for ax, network, title in zip(as_rows(axes), networks, titles, strict=True):
        scores = network.forward(plane.reshape(-1, 2)).reshape(*plane.shape[:2], 2)
        lead = scores[..., 1] - scores[..., 0]
        ax.imshow(
            lead > 0,
            cmap=ListedColormap(["white", PALE_BLUE]),
            extent=(-reach, reach, -reach, reach),
            origin="lower",
            vmin=0,
            vmax=1,
        )
        layer = network.layers[0]
        if layer.activation.name != "identity" and layer.w.shape[1] <= HINGES:
            z = plane @ layer.w + layer.b
            for unit in range(z.shape[-1]):
                if z[..., unit].min() < 0 < z[..., unit].max():
                    levels = {"levels": [0.0], "linestyles": "dotted", "linewidths": 2.2}
                    ax.contour(side, side, z[..., unit], colors=[OCHRE], **levels)
        if lead.min() < 0 < lead.max():
            ax.contour(side, side, lead, levels=[0.0], colors=[INK], linewidths=2.5)
        _points(ax, x, y)
        ax.set(title=title, xlabel="x₁", xlim=(-reach, reach), ylim=(-reach, reach))
        ax.set(xticks=[-1, 0, 1], yticks=[-1, 0, 1], aspect="equal")
        right = np.sum(network.forward(x).argmax(axis=1) == y)
        said.append(f"{title}: right for {right}")
    as_rows(axes)[0].set_ylabel("x₂", rotation=0, ha="right", va="center")
    return fig, f"Shaded: where the network says square. {'; '.join(said)} of {len(y)}."


def _points(ax: Axes, points: np.ndarray, y: np.ndarray) -> None:
    """Draw points by class: rings for class 0, filled squares for class 1."""
    few = len(points) <= FEW
    for label, (colour, marker) in enumerate(CLASS_STYLES):
        chosen = points[y == label]
        if len(chosen):
            ax.plot(
                *chosen.T,
                marker=marker,
                linestyle="none",
                color=colour,
                markerfacecolor=colour if label else "white",
                markeredgewidth=2 if few else 1.3,
                markersize=13 if few else 5.5,
                zorder=4,
            )


def _shape(array: np.ndarray) -> str:
    """Write a shape, so that it can be read aloud: 8 × 8."""
    return " × ".join(map(str, array.shape))
