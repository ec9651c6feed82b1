"""Figures of notebook 13: scenes with boxes, overlaps, the grid, heaps of boxes, and precision.

Each function returns the figure and the sentence that `helpers.plots.show` puts beside it. The
sentence is computed from what is plotted. A box is left, top, right, bottom, in pixels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from numpy.typing import ArrayLike

from helpers.plots.intervals import bracketed
from helpers.plots.style import (
    ACTIVATION_STYLES,
    BLUE,
    CENTRE,
    DARK_VERMILION,
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
)
from helpers.plots.words import fixed, number
from helpers.stats import mean_interval

Boxed = tuple[ArrayLike, ArrayLike, ArrayLike]  # boxes (M, 4), labels (M,), scene (M,)

# Where the first scene of a gallery lies: far from 0, so that a box that moves by a hair moves the
# digest of the figure by a hair, too.
ORIGIN = 100


@styled
def gallery(
    images: ArrayLike,
    true: Boxed,
    found: Boxed | None = None,
    right: ArrayLike | None = None,
    columns: int = 4,
) -> Picture:
    """Draw scenes with the boxes that are true, and those that a detector found.

    Parameters
    ----------
    images : array_like, shape (N, side, side)
        Ink, from 0 to 1.
    true, found : tuple of array_like, shapes (M, 4), (M,) and (M,)
        Boxes, labels, and the number of the scene of each.
    right : array_like of bool, shape (M,), optional
        Which of the found ones are right. Needed with `found`.
    columns : int
        Scenes in a row.

    Returns
    -------
    tuple
        Figure and sentence. A found box that is wrong carries a cross and is dashed.
    """
    pictures = np.asarray(images, dtype=float)
    if pictures.ndim != 3:
        raise ValueError(f"a gallery takes scenes of shape (N, side, side); got {pictures.shape}")
    if (found is None) != (right is None):
        raise ValueError("a gallery takes `found` and `right` together, or neither")
    side, rows = pictures.shape[1], -(-len(pictures) // columns)
    across, down = side + 4, side + 8
    fig, ax = figure(width=2.3 * columns, height=2.3 * rows * down / across)
    ax.set_axis_off()
    corner = np.array([[n % columns * across, n // columns * down] for n in range(len(pictures))])
    corner += ORIGIN
    for (x, y), picture in zip(corner, pictures, strict=True):
        extent = (x, x + side, y + side, y)
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1.4, extent=extent)
        ax.add_patch(Rectangle((x, y), side, side, fill=False, edgecolor=FRAME, linewidth=1))
    places, labels, scene = _sorted(true)
    moved = places + np.tile(corner[scene], 2)
    if found is None:
        for box, label in zip(moved, labels, strict=True):
            _box(ax, box, VERMILION, str(label))
        text = f"{len(pictures)} scenes, {len(labels)} digits, each in its box."
    else:
        hits = np.asarray(right, dtype=bool)
        for box in moved:
            _box(ax, box, GREY, "", width=1)
        boxes, named, where, hit = _sorted((*found, hits))
        for box, label, good in zip(boxes + np.tile(corner[where], 2), named, hit, strict=True):
            _box(ax, box, BLUE if good else VERMILION, f"{label}" if good else f"× {label}", good)
        text = (
            f"{len(pictures)} scenes, {len(labels)} digits: {hits.sum()} found and named right, "
            f"{len(labels) - hits.sum()} not; wrong boxes: {(~hits).sum()}."
        )
    ax.set_xlim(ORIGIN - 1, corner[:, 0].max() + side + 1)
    ax.set_ylim(corner[:, 1].max() + side + 1, ORIGIN - 7)
    ax.set_aspect("equal")
    return fig, text


@styled
def overlaps(pairs: Sequence[tuple[ArrayLike, ArrayLike]]) -> Picture:
    """Draw pairs of boxes on squared paper: what both cover is filled.

    Parameters
    ----------
    pairs : sequence of tuples of array_like, shape (4,)
        Two boxes each, with edges at whole numbers from 0 on.

    Returns
    -------
    tuple
        Figure and sentence.
    """
    fig, axes = figure(1, len(pairs), width=3.2 * len(pairs), height=3.6)
    told = []
    end = max(int(np.max(pair)) for pair in pairs) + 1
    for ax, (a, b) in zip(as_rows(axes), pairs, strict=True):
        first, second = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
        low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
        both = float(np.maximum(high - low, 0).prod())
        union = sum(float((box[2:] - box[:2]).prod()) for box in (first, second)) - both
        if both:
            ax.add_patch(Rectangle(tuple(low), *(high - low), facecolor=PALE_BLUE, hatch="//"))
        for box, colour, dashes in ((first, BLUE, "-"), (second, VERMILION, "--")):
            ax.add_patch(_outline(box, colour, dashes, 3))
        ax.set(xlim=(0, end), ylim=(end, 0), xticks=range(end + 1), yticks=range(end + 1))
        ax.set_aspect("equal")
        ax.grid(color=FRAME, linewidth=0.5)
        ax.tick_params(labelsize=8)
        ax.set_title(f"{number(both)} / {number(union)} = {fixed(both / union, 2)}", loc="left")
        told.append(f"{number(both)} of {number(union)} squares, {fixed(both / union, 2)}")
    return fig, f"Shared by both boxes, of what at least one covers: {'; '.join(told)}."


@styled
def one_cell(image: ArrayLike, box: ArrayLike, cell: int = 8) -> Picture:
    """Draw a scene under its grid, with one box, its centre, and the cell that answers for it.

    Parameters
    ----------
    image : array_like, shape (side, side)
        Ink, from 0 to 1.
    box : array_like, shape (4,)
        Left, top, right, bottom.
    cell : int
        Pixels of a cell.

    Returns
    -------
    tuple
        Figure and sentence.
    """
    picture, edges = np.asarray(image, dtype=float), np.asarray(box, dtype=float)
    side = len(picture)
    centre = (edges[:2] + edges[2:]) / 2
    column, row = (centre // cell).astype(int)
    fig, ax = figure(width=5.5, height=5.5)
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1.4, extent=(0, side, side, 0))
    corner = np.array([column, row]) * cell
    ax.add_patch(Rectangle(tuple(corner), cell, cell, facecolor=(BLUE, 0.25), linewidth=0))
    ax.add_patch(_outline(np.append(corner, corner + cell), BLUE, "-", 2))
    for place in range(0, side + 1, cell):
        ax.axhline(place, color=FRAME, linewidth=1)
        ax.axvline(place, color=FRAME, linewidth=1)
    ax.add_patch(_outline(edges, VERMILION, "-", 3))
    ax.plot(*centre, "o", color=INK, markersize=11, markeredgecolor="white")
    ax.annotate(
        f"row {row}, column {column}",
        (column * cell, row * cell),
        xytext=(-6, 8),
        color=BLUE,
        ha="right",
        fontweight="bold",
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        **POINTS,
    )
    ax.set(xlim=(0, side), ylim=(side, 0), xticks=range(0, side + 1, cell))
    ax.set(yticks=range(0, side + 1, cell), xlabel="pixels")
    x, y = (fixed(value, 1) for value in centre)
    wide, high = (number(value) for value in edges[2:] - edges[:2])
    return fig, (
        f"A box of {wide} by {high} pixels around ({x}, {y}): its centre lies in row {row}, "
        f"column {column} of the grid."
    )


@styled
def heap(boxes: ArrayLike, scores: ArrayLike, kept: ArrayLike) -> Picture:
    """Draw boxes with their scores, before and after most of them are suppressed.

    Parameters
    ----------
    boxes : array_like, shape (M, 4)
        Left, top, right, bottom.
    scores : array_like, shape (M,)
        How sure each is.
    kept : array_like of int
        Numbers of those that are kept.

    Returns
    -------
    tuple
        Figure and sentence.
    """
    places, sure = np.asarray(boxes, dtype=float), np.asarray(scores, dtype=float)
    stays = [int(each) for each in np.asarray(kept)]
    fig, axes = figure(1, 2, width=9, height=3.6, sharex=True, sharey=True)
    for ax, chosen, title in zip(axes, (range(len(places)), stays), ("all", "kept"), strict=True):
        for which in chosen:
            colour, dashes = (BLUE, "-") if which in stays else (VERMILION, "--")
            ax.add_patch(_outline(places[which], colour, dashes, 2.5))
            stay = which in stays  # scores stand at the upper left, of dropped ones lower right
            ax.annotate(
                fixed(sure[which], 1),
                places[which, :2] if stay else places[which, 2:],
                xytext=(3, -3) if stay else (-3, 3),
                color=colour,
                ha="left" if stay else "right",
                va="top" if stay else "bottom",
                fontweight="bold",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},  # no line runs below
                **POINTS,
            )
        ax.set_title(f"{title}: {len(chosen)}", loc="left")
        ax.set_xlim(places[:, 0].min() - 1, places[:, 2].max() + 1)
        ax.set_ylim(places[:, 3].max() + 1, places[:, 1].min() - 1)
        ax.set_aspect("equal")
        ax.set_axis_off()
    told = " and ".join(fixed(sure[which], 1) for which in stays)
    return fig, f"Of {len(places)} boxes {len(stays)} are kept, those with the scores {told}."


@styled
def precision_curve(recall: ArrayLike, precision: ArrayLike, dots: bool = True) -> Picture:
    """Draw precision over recall, and the best precision that is still to be had.

    Parameters
    ----------
    recall, precision : array_like, shape (D,)
        After the first detection, the first two, and so on; recall never falls.
    dots : bool
        Mark each of them.

    Returns
    -------
    tuple
        Figure and sentence. The area below the steps is the average precision.
    """
    along, right = np.asarray(recall, dtype=float), np.asarray(precision, dtype=float)
    if along.shape != right.shape or along.ndim != 1:
        raise ValueError(
            f"a curve takes as many recalls as precisions; got {along.shape} and {right.shape}"
        )
    best = np.maximum.accumulate(right[::-1])[::-1]
    # At evenly spaced recalls, so that curves of any number of detections are drawn alike.
    points = np.linspace(0, 1, 201)
    height = np.append(best, 0.0)[np.searchsorted(along, points - 1e-9)]
    fig, ax = figure(width=8, height=4.2)
    ax.fill_between(points, 0, height, color=PALE_BLUE, step="pre")
    ax.step(points, height, where="pre", color=BLUE, label="best still to be had")
    if dots:
        ax.plot(along, right, "o--", color=VERMILION, linewidth=1, label="after each detection")
        for place, (x, y) in enumerate(zip(along, right, strict=True), start=1):
            ax.annotate(str(place), (x, y), xytext=(6, -14), color=DARK_VERMILION, **POINTS)
    area = float((np.diff(along, prepend=0.0) * best).sum())
    ax.text(0.3, 0.25, f"area {fixed(area, 3 if dots else 1)}", color=INK, fontsize=14, **CENTRE)
    ax.set(xlim=(0, 1.02), ylim=(0, 1.05), xlabel="recall: share of the objects that are found")
    ax.set_ylabel("precision: share that is right")
    shown = f"of {len(along)} detections " if dots else ""
    return fig, (
        f"Precision over recall {shown}encloses an area of {fixed(area, 3 if dots else 1)}: the "
        "average precision."
    )


@styled
def arms(test: Mapping[str, ArrayLike], off: Mapping[str, ArrayLike]) -> Picture:
    """Draw the mAP of every seed, and how many hidden units are always-off.

    Parameters
    ----------
    test, off : mapping of str to array_like, shape (S,)
        For each arm mAP in per cent, and always-off units, one number a seed; the same arms.

    Returns
    -------
    tuple
        Figure and sentence. A whisker is the 95 % interval of the mean.
    """
    if test.keys() != off.keys():
        raise ValueError(f"the arms differ: {', '.join(test)} and {', '.join(off)}")
    fig, axes = figure(1, 2, width=9, height=3.4, sharey=True)
    told = []
    for ax, values, title, decimals in (
        (axes[0], test, "mAP, %", 1),
        (axes[1], off, "always\N{NON-BREAKING HYPHEN}off units", 1),
    ):
        parts = []
        for place, (label, each) in enumerate(values.items()):
            seeds, mean = np.asarray(each, dtype=float), mean_interval(each)
            colour, _ = ACTIVATION_STYLES["relu" if label == "relu" else "leaky_relu"]
            heights = place + np.linspace(-0.2, 0.2, len(seeds))
            ax.plot(seeds, heights, "o", color=colour, markersize=5, alpha=DOTS)
            ax.plot([mean.low, mean.high], [place + 0.32] * 2, color=INK, linewidth=2)
            ax.plot(mean.estimate, place + 0.32, "D", color=INK, markersize=6)
            parts.append(f"{label} {bracketed(mean, decimals)}")
        ax.set_xlabel(title)
        told.append(f"{title}: {'; '.join(parts)}")
    axes[0].set_yticks(range(len(test)), list(test))
    axes[0].set_ylim(len(test) - 0.4, -0.5)
    count = len(np.asarray(next(iter(test.values()))))
    return fig, f"Means of {count} seeds [95 % interval]. {'. '.join(told)}."


@styled
def confidences(images: ArrayLike, dead: ArrayLike, alive: ArrayLike) -> Picture:
    """Draw scenes, and below each how sure two detectors are that a cell has an object.

    Parameters
    ----------
    images : array_like, shape (N, side, side)
        Scenes.
    dead, alive : array_like, shape (N, cells, cells)
        Confidence of each cell, from 0 to 1, of two detectors.

    Returns
    -------
    tuple
        Figure and sentence. Sure cells are dark; a cell surer than one half carries a dot.
    """
    scenes = np.asarray(images, dtype=float)
    first, second = np.asarray(dead, dtype=float), np.asarray(alive, dtype=float)
    if first.shape != second.shape or len(first) != len(scenes):
        raise ValueError(
            f"one map a scene is needed: {len(scenes)} scenes, maps of shapes {first.shape} and "
            f"{second.shape}"
        )
    fig, axes = figure(3, len(scenes), width=2 * len(scenes) + 1, height=6.2)
    rows = ((scenes, "scene"), (first, "before"), (second, "after"))
    for row, (pictures, name) in enumerate(rows):
        for ax, picture in zip(axes[row], pictures, strict=True):
            if row:
                sure = picture > 0.5
                # What is drawn is yes or no: the confidences themselves differ between machines.
                ax.imshow(sure, cmap="Blues", vmin=0, vmax=1.6)
                ax.plot(*np.nonzero(sure)[::-1], "o", color=INK, markersize=5)
                ax.set_xticks(np.arange(-0.5, picture.shape[1]), [])
                ax.set_yticks(np.arange(-0.5, picture.shape[0]), [])
                ax.grid(color=FRAME, linewidth=0.7)
            else:
                ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1.4)
                ax.set(xticks=[], yticks=[])
            ax.tick_params(length=0)
        axes[row][0].set_ylabel(name)
    counts = [int((maps > 0.5).sum()) for maps in (first, second)]
    return fig, (
        f"{len(scenes)} scenes. Cells that are sure of an object: {counts[0]} before, {counts[1]} "
        "after."
    )


def _sorted(given: tuple[ArrayLike, ...]) -> list[np.ndarray]:
    """Put boxes into an order that does not hang on their scores: by scene, label, place."""
    parts = [np.asarray(part) for part in given]
    boxes, labels, scene = parts[:3]
    boxes = boxes.reshape(-1, 4).astype(float)
    order = np.lexsort((boxes[:, 0] + boxes[:, 3], labels, scene)) if len(boxes) else []
    order = np.asarray(order, dtype=int)
    return [boxes[order], *(part[order] for part in parts[1:])]


def _outline(box: np.ndarray, colour: str, dashes: str, width: float) -> Rectangle:
    left, top, right, bottom = box
    corner, size = (left, top), (right - left, bottom - top)
    halo = [withStroke(linewidth=width + 2, foreground="white")]  # on ink, too, it stands out
    look = {"edgecolor": colour, "linestyle": dashes, "linewidth": width, "path_effects": halo}
    return Rectangle(corner, *size, fill=False, **look)


def _box(
    ax: Axes, box: np.ndarray, colour: str, label: str, solid: bool = True, width: float = 2.5
) -> None:
    ax.add_patch(_outline(box, colour, "-" if solid else "--", width))
    if label:
        ax.annotate(
            label,
            box[:2],
            xytext=(0, 2),
            color="white",
            fontsize=9,
            fontweight="bold",
            va="bottom",
            bbox={"facecolor": colour, "edgecolor": "none", "pad": 1.5},
            **POINTS,
        )
