"""Figures of notebook 03: losses and the way down, the chain rule, a network that learns to read.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from helpers.plots.style import (
    BLUE,
    CENTRE,
    DARK_BLUE,
    DARK_VERMILION,
    FRAME,
    GREEN,
    GREY,
    INK,
    PALE_BLUE,
    PALE_VERMILION,
    POINTS,
    VERMILION,
    Picture,
    as_rows,
    figure,
    styled,
)
from helpers.plots.words import capital, minus, number, percent

Curve = Callable[[float], float]

# The colour and the dashes of training and test, wherever both are drawn.
PART_STYLES = {"training": (BLUE, "-"), "test": (VERMILION, "--")}


@styled
def misses(x: np.ndarray, y: np.ndarray, weights: Sequence[float]) -> Picture:
    """Draw the line y = w x among points, its misses, and the loss over w, for a few weights.

    Parameters
    ----------
    x, y : array_like, shape (N,)
        The examples.
    weights : sequence of float
        A panel for each; all of them are marked on the curve of the loss.
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    losses = [float(np.mean((w * x - y) ** 2)) for w in weights]
    fig, axes = figure(1, len(weights) + 1, width=2.8 * (len(weights) + 1), height=3.8)
    top = 1.15 * max(float(y.max()), max(weights) * float(x.max()))
    for ax, w, value in zip(as_rows(axes), weights, losses, strict=False):
        far = 1.2 * x.max()
        ax.plot([0, far], [0, w * far], color=BLUE, label="prediction")
        for x_i, y_i in zip(x, y, strict=True):
            ax.plot([x_i, x_i], [w * x_i, y_i], color=VERMILION, linestyle=":", linewidth=3)
            miss = w * x_i - y_i
            side = {"xytext": (7, 0), "ha": "left"}  # where the line is not
            side = side if miss > 0 else {"xytext": (-7, 0), "ha": "right"}
            where = {"va": "center", "color": VERMILION, **POINTS}
            ax.annotate(number(miss, plus=True), (x_i, w * x_i - miss / 2), **where, **side)
        ax.plot(x, y, "o", color=INK, markersize=10, zorder=3)
        ax.set(title=f"w = {number(w)}: loss {number(value)}", xlabel="x", xlim=(0, far))
        ax.set(ylim=(0, top))
    as_rows(axes)[0].set_ylabel("y")
    last = as_rows(axes)[-1]
    room = max(np.ptp(weights), 1.0)
    places = np.linspace(min(weights) - room, max(weights) + room, 201)
    last.plot(places, [np.mean((w * x - y) ** 2) for w in places], color=INK, label="loss")
    last.plot(weights, losses, "o", color=BLUE, markersize=11, zorder=3)
    last.set(title="loss of every w", xlabel="w", ylim=(0, None))
    said = [
        f"w = {number(w)} has the loss {number(v)}" for w, v in zip(weights, losses, strict=True)
    ]
    return fig, f"The dotted misses, squared and averaged: {', '.join(said)}."


@styled
def descents(loss: Curve, walks: Mapping[str, Sequence[float]], name: str = "w") -> Picture:
    """Draw walks on the curve of a loss, a panel for each; one that never moves carries a cross.

    Parameters
    ----------
    loss : callable
        Takes a weight, gives the loss.
    walks : mapping of str to sequence of float
        Under its title the places of each walk, the start included. What lies outside the panels
        is not drawn: the sentence says how far the walk got.
    name : str
        What the weight is called.
    """
    shown = [walk if _ends_lower(loss, walk) else walk[:2] for walk in walks.values()]
    every = np.concatenate(shown)
    low, high = every.min(), every.max()
    room = max(0.3 * (high - low), 1.0)
    ends = (low - room, high + room)
    curve = np.linspace(*ends, 401)
    heights = np.array([loss(place) for place in curve])
    columns = len(walks)
    width = 7.0 if columns == 1 else 3.6 * columns
    fig, axes = figure(1, columns, width=width, height=4.2, sharey=True)
    said = []
    for ax, (title, walk) in zip(as_rows(axes), walks.items(), strict=True):
        ax.plot(curve, heights, color=INK, label="loss")
        stays = all(place == walk[0] for place in walk)
        if stays:
            ax.plot([walk[0]], [loss(walk[0])], "X", color=VERMILION, markersize=18, zorder=3)
            _beside(ax, "never moves", walk[0], loss(walk[0]), VERMILION, ha="left", right=-24)
        else:
            _hops(ax, loss, walk, ends)
        ax.set(title=minus(title), xlabel=name, xlim=ends, ylim=(0, 1.18 * heights.max()))
        told = f"after {len(walk) - 1} steps {name} = {number(walk[-1])}"
        told = f"{name} = {number(walk[0])} never moves" if stays else told
        said.append(f"{title}: {told}, loss {loss(walk[-1]):.3g}")
    as_rows(axes)[0].set_ylabel("loss")
    return fig, minus("; ".join(said) + ".")


def _ends_lower(loss: Curve, walk: Sequence[float]) -> bool:
    return bool(loss(walk[-1]) <= loss(walk[0]))


def _hops(ax: Axes, loss: Curve, walk: Sequence[float], ends: tuple[float, float]) -> None:
    """Draw the places of a walk on its curve, joined, as far as they lie in view."""
    inside = list(itertools.takewhile(lambda place: ends[0] <= place <= ends[1], walk))
    heights = [loss(place) for place in inside]
    colour = BLUE if _ends_lower(loss, walk) else VERMILION
    marker = "o" if colour == BLUE else "s"
    ax.plot(inside, heights, color=colour, linewidth=1.5, alpha=0.7)
    ax.plot(inside, heights, marker, color=colour, markersize=10, zorder=3, label="steps")
    falls = loss(walk[0] + 1e-3) < loss(walk[0])
    side = {"ha": "left", "right": 12} if falls else {"ha": "right", "right": -12}
    _beside(ax, "start", walk[0], loss(walk[0]), colour, up=4, **side)
    if len(inside) < len(walk):
        place = {"transform": ax.transAxes, "ha": "center", "va": "top", "color": VERMILION}
        ax.text(0.5, 0.99, f"step {len(inside)} leaves the picture", **place)


def _beside(
    ax: Axes,
    words: str,
    x: float,
    y: float,
    colour: str,
    *,
    right: int = 0,
    up: int = 14,
    ha: str = "center",
) -> None:
    """Write words above a point, or below it where `up` is negative, readable on lines."""
    halo = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    place = {"xytext": (right, up), "ha": ha, "color": colour, **POINTS}
    ax.annotate(words, (x, y), va="bottom" if up > 0 else "top", bbox=halo, zorder=5, **place)


@styled
def loss_maps(
    walks: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
    *,
    same_view: bool = False,
) -> Picture:
    """Draw the loss of y = w x + b as a map over w and b, with a walk on it, a panel for each.

    Parameters
    ----------
    walks : mapping of str to (x, y, path)
        Under its title the examples, x and y of shape (N,), and the places (w, b) of the walk,
        shape (steps + 1, 2).
    same_view : bool
        All panels show the same piece of the map; by default each shows what its walk needs.
    """
    columns = len(walks)
    fig, axes = figure(1, columns, width=3.6 * columns + 0.6, height=4.2)
    reaches = [np.abs(path - np.polyfit(x, y, 1)).max() for x, y, path in walks.values()]
    said = []
    for ax, (title, (x, y, path)) in zip(as_rows(axes), walks.items(), strict=True):
        x, y, path = (np.asarray(array, dtype=float) for array in (x, y, path))
        best = np.polyfit(x, y, 1)
        reach = 1.24 * (max(reaches) if same_view else np.abs(path - best).max())
        w, b = (np.linspace(place - reach, place + reach, 121) for place in best)
        heights = np.mean((w[:, None] * x + b[:, None, None] - y) ** 2, axis=-1)
        low, start, end = (_loss_of_line(x, y, at) for at in (best, path[0], path[-1]))
        levels = low + (start - low) * np.array([0.003, 0.03, 0.15, 0.5, 1, 2])
        ax.contourf(w, b, heights, levels=[low - 1, *levels[:1]], colors=[PALE_BLUE])
        ax.contour(w, b, heights, levels=levels, colors=[GREY], linewidths=1)
        ax.plot(*path.T, color=BLUE, linewidth=1.5)
        ax.plot(*path.T, "o", color=BLUE, markersize=6, label="steps")
        ax.plot(*best, "P", color=GREEN, markersize=14, label="lowest point", zorder=4)
        away = 1 if path[0, 1] > best[1] else -1  # each name on the side without a path
        _beside(ax, "start", *path[0], BLUE, up=10 * away)
        _beside(ax, "lowest", *best, GREEN, up=-20 * away)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set(title=title, xlabel="w", aspect="equal")
        ax.set(xlim=(w[0], w[-1]), ylim=(b[0], b[-1]))
        said.append(
            f"{title}: loss {start:.3g} at the start, {end:.3g} after {len(path) - 1} steps"
        )
    as_rows(axes)[0].set_ylabel("b")
    return fig, minus(f"Each ring has one loss. {'; '.join(said)}.")


def _loss_of_line(x: np.ndarray, y: np.ndarray, at: np.ndarray) -> float:
    return float(np.mean((at[0] * x + at[1] - y) ** 2))


@styled
def there_and_back(*settings: Mapping[str, float]) -> Picture:
    """Draw two neurons in a row: numbers on the way there, slopes of the loss on the way back.

    Parameters
    ----------
    *settings : mapping of str to float
        A row of the figure for each: x, y and the parameters w1, b1 (a ReLU) and w2, b2 (linear).
    """
    fig, axes = figure(len(settings), width=11.5, height=3.1 * len(settings))
    said = []
    for ax, given in zip(as_rows(axes), settings, strict=True):
        x, y, w1, b1, w2, b2 = (float(given[n]) for n in ("x", "y", "w1", "b1", "w2", "b2"))
        z = w1 * x + b1
        a = max(z, 0.0)
        out = w2 * a + b2
        names = ["x", "z", "a", "out", "loss"]
        values = [x, z, a, out, (out - y) ** 2]
        steps = [f"× {number(w1)} {_plus(b1)}", "relu", f"× {number(w2)} {_plus(b2)}"]
        steps.append(f"(out − {number(y)})²")
        factors = [w1, float(z > 0), w2, 2 * (out - y)]
        slopes = np.cumprod([1.0, *factors[::-1]])[::-1]
        _draw_there_and_back(ax, names, values, steps, factors, slopes)
        found = [("w₁", slopes[1] * x), ("b₁", slopes[1]), ("w₂", slopes[3] * a), ("b₂", slopes[3])]
        words = [f"{name} {number(value)}" for name, value in found]
        ax.text(4, -2.15, f"slopes of the loss: {',  '.join(words)}", color=BLUE, **CENTRE)
        said.append(
            f"z = {number(z)}, loss {number(values[-1])}; slopes of the loss: {', '.join(words)}"
        )
    return fig, ". ".join(said) + "."


def _draw_there_and_back(
    ax: Axes,
    names: Sequence[str],
    values: Sequence[float],
    steps: Sequence[str],
    factors: Sequence[float],
    slopes: np.ndarray,
) -> None:
    """Draw one row: numbers to the right above, slopes to the left below."""
    ax.set(xlim=(-1.2, 8.7), ylim=(-2.5, 0.95))
    ax.set_axis_off()
    for height, words, colour in ((0.0, "there", INK), (-1.2, "back", BLUE)):
        ax.text(-1.2, height, words, ha="left", va="center", color=colour)
    arrow = {"arrowstyle": "-|>", "linewidth": 2.2, "mutation_scale": 20}
    for place, (name, value, slope) in enumerate(zip(names, values, slopes, strict=True)):
        blocked = slope == 0
        face, edge = (PALE_VERMILION, VERMILION) if blocked else (PALE_BLUE, BLUE)
        box = {"boxstyle": "round,pad=0.35", "facecolor": face, "edgecolor": edge, "linewidth": 1.5}
        ax.text(2 * place, 0.0, f"{name} = {number(value)}", fontweight="bold", **CENTRE)
        words = {"color": DARK_VERMILION if blocked else DARK_BLUE, "fontsize": 17}
        ax.text(2 * place, -1.2, number(slope), bbox=box, **words, **CENTRE)
    for place, (step, factor) in enumerate(zip(steps, factors, strict=True)):
        middle = 2 * place + 1
        ends = (middle - 0.42, middle + 0.42)
        ax.annotate("", (ends[1], 0), (ends[0], 0), arrowprops=arrow | {"color": INK})
        ax.text(middle, 0.45, step, **CENTRE)
        lost = slopes[place] == 0
        look = {"color": VERMILION, "linestyle": ":"} if lost else {"color": BLUE}
        ax.annotate("", (ends[0], -1.2), (ends[1], -1.2), arrowprops=arrow | look)
        ax.text(middle, -0.78, f"× {number(factor)}", color=look["color"], **CENTRE)
        if factor == 0:
            cross = {"marker": "X", "markersize": 17, "color": VERMILION, "linestyle": "none"}
            ax.plot([middle], [-1.2], **cross)


@styled
def shares(scores: Sequence[float], names: Sequence[str]) -> Picture:
    """Draw what softmax does: scores, their exponentials, and each one's share of the sum.

    Parameters
    ----------
    scores : sequence of float, length K
        One score a class.
    names : sequence of str, length K
        What the classes are.
    """
    scores = np.asarray(scores, dtype=float)
    powers = np.exp(scores)
    parts = powers / powers.sum()
    fig, axes = figure(1, 3, width=11.5, height=3.8)
    panels = [("scores", scores, 1), ("e to the score", powers, 2), ("shares of the sum", parts, 3)]
    for ax, (title, values, digits) in zip(as_rows(axes), panels, strict=True):
        colours = [BLUE if value > 0 else VERMILION for value in values]
        ax.bar(names, values, color=colours, width=0.6)
        ax.axhline(0, color=INK, linewidth=1.2)
        ax.use_sticky_edges = False
        ax.margins(y=0.16)
        if values.min() >= 0:
            ax.set_ylim(0, 1.16 * values.max())
        for place, value in enumerate(values):
            words = percent(value) if digits == 3 else number(value)
            offset, side = ((0, 4), "bottom") if value >= 0 else ((0, -4), "top")
            over = {"xytext": offset, "ha": "center", "va": side, **POINTS}
            ax.annotate(words, (place, value), **over)
        ax.set(title=title, yticks=[])
    said = [
        f"{name} {number(score)} gives {percent(part)}"
        for name, score, part in zip(names, scores, parts, strict=True)
    ]
    return fig, f"From scores to shares: {', '.join(said)}."


@styled
def learning_curves(
    loss: Mapping[str, Sequence[float]],
    accuracy: Mapping[str, Sequence[float]],
    *,
    lowest: bool = False,
) -> Picture:
    """Draw loss and accuracy over the epochs, for the training part and the test part.

    Parameters
    ----------
    loss, accuracy : mapping of str to sequence of float
        Under ``"training"`` and ``"test"``: before the first epoch and after each.
    lowest : bool
        Mark where the loss on the test part is lowest.
    """
    fig, axes = figure(1, 2, width=9.6, height=4.0)
    for ax, (name, curves) in zip(axes, {"loss": loss, "accuracy": accuracy}.items(), strict=True):
        last = max(len(values) for values in curves.values()) - 1
        top = 1.04 if name == "accuracy" else 1.06 * max(map(max, curves.values()))
        ends = {part: values[-1] for part, values in curves.items()}
        for part, values in curves.items():
            colour, dashes = PART_STYLES[part]
            ax.plot(range(len(values)), values, color=colour, linestyle=dashes, label=part)
            # Names stand at the ends, the lower one above the axis, the other clear of it.
            height = max(min(ends.values()), 0.04 * top)
            if ends[part] > min(ends.values()):
                height = max(ends[part], height + 0.09 * top)
            ax.text(1.02 * last, height, part, color=colour, va="center")
        ax.set(title=name, xlabel="epoch", ylim=(0, top), xlim=(0, 1.22 * last))
        ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= last and tick % 1 == 0])
        if name == "accuracy":
            ax.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    said = [
        f"loss on the {part} part {loss[part][0]:.2f} before, {loss[part][-1]:.2f} after "
        f"{len(loss[part]) - 1} epochs, accuracy {percent(accuracy[part][-1])}"
        for part in loss
    ]
    text = "; ".join(said)
    if lowest:
        best = int(np.argmin(loss["test"]))
        value = loss["test"][best]
        axes[0].plot([best], [value], "v", color=VERMILION, markersize=14, zorder=3)
        _beside(
            axes[0], f"lowest: epoch {best}", best, value, VERMILION, ha="left", right=-8, up=28
        )
        text += f". The loss on the test part is lowest after epoch {best}, {value:.2f}"
    return fig, capital(text) + "."


@styled
def confusion_table(table: np.ndarray) -> Picture:
    """Draw how often each digit was taken for each: what was written in rows, read in columns.

    Parameters
    ----------
    table : array_like of int, shape (K, K)
        As `helpers.training.confusion` gives it.
    """
    table = np.asarray(table)
    wrong = table - np.diag(np.diag(table))
    fig, ax = figure(width=6.6, height=6.2)
    shade = np.zeros((*table.shape, 3)) + 1.0
    shade[np.diag_indices(len(table))] = to_rgb(PALE_BLUE)
    shade[wrong > 0] = to_rgb(PALE_VERMILION)
    ax.imshow(shade)
    for (row, column), count in np.ndenumerate(table):
        if count:
            right = row == column
            look = {"color": DARK_BLUE if right else DARK_VERMILION}
            look["fontweight"] = "normal" if right else "bold"
            ax.text(column, row, str(count), **CENTRE, **look)
    ticks = range(len(table))
    ax.set(xticks=ticks, yticks=ticks, xlabel="read as", ylabel="written")
    ax.spines[:].set(visible=True, color=FRAME)
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    return fig, (
        f"{int(np.trace(table))} of {int(table.sum())} are on the diagonal, read right. The most "
        f"frequent mistake: {row} read as {column}, {_times(wrong[row, column])}; {column} is read "
        f"as {row} {_times(wrong[column, row])}."
    )


@styled
def misread(images: np.ndarray, labels: np.ndarray, read: np.ndarray, sure: np.ndarray) -> Picture:
    """Draw misread pictures: what was written, what was read, and with which share.

    Parameters
    ----------
    images : array_like, shape (n, height, width)
        Ink; the same scale for all.
    labels, read : array_like of int, shape (n,)
        What was written, and what was read.
    sure : array_like, shape (n,)
        Share that softmax gave to what was read.
    """
    images = np.asarray(images)
    columns = min(len(images), 8)
    rows = -(-len(images) // columns)
    fig, axes = figure(rows, columns, width=1.55 * columns, height=2.6 * rows, squeeze=False)
    for ax in as_rows(axes):
        ax.set_axis_off()
    for ax, image, *known in zip(as_rows(axes), images, labels, read, sure, strict=False):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=images.max())
        words = f"is {known[0]}, read {known[1]}\n{percent(known[2])} sure"
        ax.set_title(words, loc="center", fontsize=14, fontweight="normal", y=-0.5)
    told = ", ".join(
        f"{a} as {b} ({percent(c)} sure)" for a, b, c in zip(labels, read, sure, strict=True)
    )
    return fig, f"{len(images)} pictures, misread: {told}."


def _times(count: int) -> str:
    return {0: "never", 1: "once"}.get(int(count), f"{count} times")


def _plus(value: float) -> str:
    """Write a number that is added: "+ 1" or "− 1"."""
    return f"{'−' if value < 0 else '+'} {number(abs(value))}"
