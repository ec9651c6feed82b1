"""Figures of notebook 01: one neuron, from a sum of four numbers to handwriting.

`readings` serves notebook 03, too.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    CENTRE,
    CLASS_STYLES,
    DARK_BLUE,
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

CROWD = 20  # from so many points on, markers are small and no arrow stands among them
AGAINST_FOR = LinearSegmentedColormap.from_list("against_for", [VERMILION, "white", BLUE])


@styled
def contributions(x: np.ndarray, w: np.ndarray, b: float, names: Sequence[str]) -> Picture:
    """Draw the weighted sum as a staircase: each input's share of z, the bias, and z itself.

    Parameters
    ----------
    x, w : array_like, shape (d,)
        Inputs and weights.
    b : float
        Bias.
    names : sequence of str, length d
        What the inputs are.
    """
    parts = np.append(np.multiply(x, w), b)
    ends = np.cumsum(parts)
    z = ends[-1]
    factors = [f"{number(u, 6)} × {number(v, 6)}" for u, v in zip(w, x, strict=True)]
    labels = [f"{n}\n{f}" for n, f in zip([*names, "bias"], [*factors, number(b, 6)], strict=True)]
    starts, heights = np.append(ends - parts, 0.0), np.append(parts, z)
    colours = [BLUE if part > 0 else VERMILION for part in parts]
    fig, ax = figure(height=4.2)
    ax.use_sticky_edges = False
    ax.bar([*labels, "z"], heights, bottom=starts, color=[*colours, INK], width=0.6)
    for place, height in enumerate(heights):
        top = max(starts[place], starts[place] + height)
        over = {"xytext": (0, 5), "ha": "center", **POINTS}
        ax.annotate(number(height, 6, plus=True), (place, top), **over)
    for place, end in enumerate(ends):
        ax.plot([place + 0.3, place + 0.7], [end, end], color=GREY, linewidth=1.5)
    ax.axhline(0, color=INK, linewidth=1.2)
    ax.margins(y=0.12)
    ax.set_ylabel("running sum")
    shares = ", ".join(
        f"{n} {number(v, 6, plus=True)}" for n, v in zip([*names, "bias"], parts, strict=True)
    )
    return (
        fig,
        f"The parts of z, added from left to right: {shares}. Together z = {number(z, 6)}.",
    )


@styled
def responses(**functions: Callable[[np.ndarray], np.ndarray]) -> Picture:
    """Draw activation functions side by side, each over z from -3 to 3.

    Parameters
    ----------
    **functions
        The function of each panel under its name, such as ``relu=relu``.
    """
    z = np.linspace(-3, 3, 601)
    fig, axes = figure(1, len(functions), height=3.8, sharey=True)
    said, silent = [], True
    for ax, (name, function) in zip(as_rows(axes), functions.items(), strict=True):
        colour, dashes = ACTIVATION_STYLES[name]
        a = function(z)
        silent &= not np.any(a[z <= 0])
        # A jump is drawn as a gap: the function takes no value between its two ends.
        ax.axvspan(0, z[-1], color=PALE_BLUE, linewidth=0)
        ax.plot(z, with_gaps(a), color=colour, linestyle=dashes, label=name)
        ax.set(title=name, xlabel="z", xlim=(z[0], z[-1]), yticks=[0, 1, 2, 3])
        ends = (f"{number(a[end], 6)} at z = {number(z[end])}" for end in (0, -1))
        said.append(f"{name} answers {', '.join(ends)}")
    as_rows(axes)[0].set_ylabel("activation a")
    return fig, "; ".join(said) + (". All are silent up to z = 0." if silent else ".")


@styled
def decision_planes(
    neurons: Sequence[tuple[np.ndarray, float]],
    titles: Sequence[str],
    points: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    names: tuple[str, str] = ("x₁", "x₂"),
    limits: tuple[float, float] = (-0.1, 1.1),
) -> Picture:
    """Draw where neurons with two inputs fire, a panel for each.

    Parameters
    ----------
    neurons : sequence of (w, b)
        Weights, shape (2,), and bias.
    titles : sequence of str
        One for each neuron.
    points : array_like, shape (N, 2)
        The examples.
    labels : array_like of 0 and 1, shape (N,) or (number of neurons, N), optional
        For which examples a neuron should fire. Without them, examples are drawn by what the
        neuron of the panel says.
    names : tuple of str
        What the two inputs are.
    limits : tuple of float
        Both axes run from the first to the second.
    """
    points = np.asarray(points, dtype=float)
    fires = np.array([points @ w + b > 0 for w, b in neurons])
    wanted = fires if labels is None else np.broadcast_to(labels, fires.shape).astype(bool)
    columns = len(neurons)
    width = 5.2 if columns == 1 else 3.6 * columns
    fig, axes = figure(1, columns, width=width, height=4.3, sharex=True, sharey=True)
    fig.get_layout_engine().set(wspace=0.06)  # room between the last tick of one and the first
    for ax, (w, b), title, y in zip(as_rows(axes), neurons, titles, wanted, strict=True):
        _plane(ax, np.asarray(w, dtype=float), float(b), limits, points)
        _examples(ax, points, y)
        ax.set(title=title, xlabel=names[0], xlim=limits, ylim=limits, aspect="equal")
    as_rows(axes)[0].set_ylabel(names[1])
    word, counted = ("fires", fires) if labels is None else ("right", fires == wanted)
    said = [
        f"{t}: {word} for {n} of {len(points)}" for t, n in zip(titles, counted.sum(1), strict=True)
    ]
    return fig, f"Shaded: where the neuron fires. {'; '.join(said)}."


def _plane(
    ax: Axes, w: np.ndarray, b: float, limits: tuple[float, float], points: np.ndarray
) -> None:
    """Shade the side that fires, and draw the line z = 0 with w standing on it."""
    low, high = limits
    side = np.linspace(low, high, 201)
    x1, x2 = np.meshgrid(side, side)
    z = w[0] * x1 + w[1] * x2 + b
    ax.contourf(x1, x2, z > 0, levels=[0.5, 1.5], colors=[PALE_BLUE])
    if not z.min() < 0 < z.max():
        return
    ax.contour(x1, x2, z, levels=[0.0], colors=[INK], linewidths=2.5)
    if len(points) < CROWD:
        _arrow(ax, w, b, limits, points)


def _arrow(
    ax: Axes, w: np.ndarray, b: float, limits: tuple[float, float], points: np.ndarray
) -> None:
    """Stand w on the line, as near to the middle of the plane as it fits, its name in the clear."""
    low, high = limits
    ahead = (high - low) * w / np.linalg.norm(w)
    aside = np.array([ahead[1], -ahead[0]])
    centre = np.full(2, (low + high) / 2)
    foot = centre - (centre @ w + b) * w / (w @ w)
    tip = foot + 0.15 * ahead
    places = [(foot + tip) / 2 + 0.06 * aside, (foot + tip) / 2 - 0.06 * aside, tip + 0.05 * ahead]
    name = max(places, key=lambda place: np.linalg.norm(points - place, axis=1).min())
    if not all(low < coordinate < high for coordinate in (*foot, *tip, *name)):
        return
    look = {"arrowstyle": "-|>", "color": INK, "linewidth": 2, "mutation_scale": 18}
    ax.annotate("", xy=tip, xytext=foot, arrowprops=look)
    ax.text(*name, "w", fontweight="bold", **CENTRE)


def _examples(ax: Axes, points: np.ndarray, y: np.ndarray) -> None:
    """Draw examples by class: a ring where the neuron should stay silent, a square where not."""
    for label, (colour, marker) in enumerate(CLASS_STYLES):
        chosen = points[y == label]
        if not len(chosen):  # an empty line that is not clipped has no size, and spoils the layout
            continue
        ax.plot(
            *chosen.T,
            marker=marker,
            linestyle="none",
            color=colour,
            markerfacecolor=colour if label else "white",
            markeredgewidth=2,
            markersize=10 if len(points) < CROWD else 6,
            label="should fire" if label else "should be silent",
            clip_on=False,
            zorder=3,
        )


@styled
def pictures(images: np.ndarray, captions: Sequence[object]) -> Picture:
    """Draw small pictures in a row, ink dark.

    Parameters
    ----------
    images : array_like, shape (n, height, width)
        Ink; the same scale for all.
    captions : sequence, length n
        Written under each picture.
    """
    images = np.asarray(images)
    fig, axes = figure(1, len(images), width=1.15 * len(images), height=1.6)
    for ax, image, caption in zip(as_rows(axes), images, captions, strict=True):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=images.max())
        ax.set_axis_off()
        ax.set_title(str(caption), loc="center", y=-0.28)
    size = "×".join(map(str, images.shape[1:]))
    return fig, f"{len(images)} pictures of {size} pixels: {', '.join(map(str, captions))}."


@styled
def weights_picture(w: np.ndarray, examples: np.ndarray, captions: Sequence[object]) -> Picture:
    """Draw 64 weights as a picture, and what they make of example pictures.

    Parameters
    ----------
    w : array_like, shape (64,)
        Weights: blue speaks for firing, orange against.
    examples : array_like, shape (n, 64)
        Pictures with pixels from 0 to 1.
    captions : sequence, length n
        What the examples are.
    """
    panels = [np.asarray(w), *(np.asarray(w) * example for example in examples)]
    sums = [fixed(panel.sum(), 1, plus=True) for panel in panels[1:]]
    titles = ["the weights w"]
    titles += [f"w × a {name}: sum {told}" for name, told in zip(captions, sums, strict=True)]
    limit = np.ceil(np.abs(panels[0]).max())
    fig, axes = figure(1, len(panels), width=3.6 * len(panels), height=3.9)
    for ax, panel, title in zip(as_rows(axes), panels, titles, strict=True):
        shown = ax.imshow(panel.reshape(8, 8), cmap=AGAINST_FOR, vmin=-limit, vmax=limit)
        ax.set_title(title, loc="center")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=FRAME)
    bar = fig.colorbar(shown, ax=axes, shrink=0.8, ticks=[-limit, 0, limit])
    bar.set_ticklabels([f"{number(-limit)} against", "0", f"{number(limit, plus=True)} for firing"])
    centre = fixed(panels[0].reshape(8, 8)[2:6, 3:5].mean(), 2, plus=True)
    mean = fixed(panels[0].mean(), 2, plus=True)
    told = " and ".join(f"a {name} to {v}" for name, v in zip(captions, sums, strict=True))
    return fig, (
        f"The weights in the middle of the picture average {centre}, all 64 together {mean}. "
        f"Times the pixels, they add up for {told}."
    )


@styled
def readings(images: np.ndarray, labels: np.ndarray, read: Mapping[str, np.ndarray]) -> Picture:
    """Draw pictures in a row, and below each what several readers take it for.

    Parameters
    ----------
    images : array_like, shape (n, 8, 8)
        Pictures.
    labels : array_like of int, shape (n,)
        What they show.
    read : mapping of str to array_like of int, shape (n,)
        The name of each reader, and what it reads.
    """
    images, labels = np.asarray(images), np.asarray(labels)
    heights = 0.85 + 0.55 * np.arange(len(read))  # of the rows, in widths of a picture
    fig, ax = figure(width=len(labels) + 2.6, height=heights[-1] + 0.9)
    for place, image in enumerate(images):
        ax.imshow(image, cmap="gray_r", extent=(place - 0.42, place + 0.42, 0.42, -0.42))
    ax.set(xlim=(-0.5, len(labels) - 0.5), ylim=(heights[-1] + 0.3, -0.5), xticks=[])
    ax.set_yticks(heights, list(read), fontsize=16)
    ax.tick_params(left=False)
    ax.spines[:].set_visible(False)
    told = []
    for height, (name, found) in zip(heights, read.items(), strict=True):
        right = np.asarray(found) == labels
        for place, (digit, good) in enumerate(zip(found, right, strict=True)):
            mark, colour = ("✓", BLUE) if good else ("✗", VERMILION)
            ax.text(place, height, f"{digit} {mark}", color=colour, fontsize=19, **CENTRE)
        told.append(f"{name}: read as {' '.join(map(str, found))}, {right.sum()} right")
    shown = " ".join(map(str, labels))
    return fig, f"The pictures show {shown}. {'; '.join(told)}."


@styled
def scores(z: np.ndarray, labels: np.ndarray, names: tuple[str, str]) -> Picture:
    """Draw z of every example on a line, a row for each class, with the border at 0.

    Parameters
    ----------
    z : array_like, shape (N,)
        Pre-activations.
    labels : array_like of 0 and 1, shape (N,)
        Class of each example.
    names : tuple of str
        What class 0 and class 1 are.
    """
    z, labels = np.asarray(z), np.asarray(labels)
    edge = 1.08 * np.abs(z).max()
    fig, ax = figure(height=3.4)
    ax.axvspan(0, edge, color=PALE_BLUE, linewidth=0)
    ax.axvline(0, color=INK, linewidth=2)
    for label, (colour, marker) in enumerate(CLASS_STYLES):
        values = z[labels == label]
        heights = label + np.linspace(-0.25, 0.25, len(values))  # spread out, to be seen
        ax.plot(values, heights, linestyle="none", marker=marker, markersize=6, color=colour)
    ax.set(yticks=[0, 1], yticklabels=names, ylim=(-0.5, 1.8), xlim=(-edge, edge), xlabel="z")
    ax.text(0.98 * edge, 1.75, "fires", ha="right", va="top", color=DARK_BLUE)
    ax.text(-0.98 * edge, 1.75, "silent", ha="left", va="top", color=GREY)
    right = int(np.sum((z > 0) == (labels == 1)))
    said = []
    for label, name in enumerate(names):
        low, high = (fixed(end(z[labels == label]), 1) for end in (np.min, np.max))
        said.append(f"{name} from {low} to {high}")
    return (
        fig,
        f"z of each picture: {' and '.join(said)}. {right} of {len(z)} are on their side of 0.",
    )
