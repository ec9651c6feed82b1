"""Whether all that a figure draws stands out from its ground, by WCAG 2.1 AA.

Judged is what is seen, not what was asked for. The figure is drawn without the glyphs of its texts
(their boxes and halos stay), then without its lines and dots, then without its bars and boxes. Each
text is compared with the pixels right around its letters in the first of these pictures, each line
and dot with the pixels below it in the second, each bar and box with those in the third.

Text needs 4.5 to 1, large text 3 to 1 (1.4.3), and fails where more than a fifth of the pixels
around its letters fall short: a line of the grid that runs through a word, a tenth or so of these,
does not make it unreadable; a bar below two of its letters does. Lines, dots, bars and boxes need
3 to 1 by their face or by their edge, whichever stands out more (1.4.11), and fail where more than
half of their pixels fall short: a curve may pass over a dark area and be seen on both sides of it.

Not judged: pictures, heat maps and filled areas (images, meshes, `fill_between`), whose pale end is
meant; grid, axes and legend, which repeat what is drawn elsewhere.

References
----------
W3C (2018), Web Content Accessibility Guidelines 2.1, https://www.w3.org/TR/WCAG21/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import Collection, LineCollection, PathCollection
from matplotlib.colors import to_hex, to_rgb, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import Stroke, withStroke
from matplotlib.text import Text

from helpers.plots.show import WIDTH_ON_PAGE  # CSS pixels per inch

TEXT, LARGE_TEXT, SHAPE = 4.5, 3.0, 3.0  # contrast needed
LARGE, LARGE_BOLD = 24.0, 18.66  # CSS pixels from which on text is large
EDGE = 0.75  # points from which on an edge is seen
TEXT_SHARE, SHAPE_SHARE = 0.2, 0.5  # of the pixels, which may fall short


@dataclass(frozen=True)
class Complaint:
    """Something that does not stand out: its colour, its contrast, and the one needed."""

    what: str
    colour: str
    contrast: float
    needed: float

    @property
    def is_text(self) -> bool:
        """Whether it is about a text."""
        return self.what.startswith("text ")

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.what} in {self.colour}: {self.contrast:.2f} to 1, needs {self.needed:g}"


def contrast(one: Any, other: Any) -> Any:
    """Return the contrast of colours, 1 to 21; the last axis of both is red, green, blue (0..1).

    Examples
    --------
    >>> float(contrast((0, 0, 0), (1, 1, 1)))
    21.0
    """
    first, second = luminance(one), luminance(other)
    return (np.maximum(first, second) + 0.05) / (np.minimum(first, second) + 0.05)


def luminance(colour: Any) -> np.ndarray:
    """Return the relative luminance of colours in sRGB."""
    colour = np.asarray(colour, dtype=float)
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def complaints(fig: Figure) -> list[Complaint]:
    """Return what in a figure does not stand out. The figure stays as it was.

    Examples
    --------
    >>> from helpers.plots import figure
    >>> fig, ax = figure()
    >>> _ = ax.text(0.5, 0.5, "Can you read this?", color="#999999")
    >>> print(*complaints(fig))
    text 'Can you read this?' in #999999: 2.85 to 1, needs 4.5
    """
    return [judged for judged in judgements(fig) if judged.contrast < judged.needed]


def judgements(fig: Figure) -> list[Complaint]:
    """Return all that was looked at in a figure, whether it stands out or not."""
    before = fig.dpi, fig.canvas, fig.get_layout_engine()
    try:
        FigureCanvasAgg(fig)
        fig.dpi = WIDTH_ON_PAGE
        return list(dict.fromkeys(_judge(fig)))
    finally:
        fig.dpi, canvas, engine = before
        fig.set_canvas(canvas)
        fig.set_layout_engine(engine)


def _judge(fig: Figure) -> Iterator[Complaint]:
    seen, texts = _without_letters(fig)
    renderer = RendererAgg(seen.shape[1], seen.shape[0], fig.dpi)
    for text in texts:
        if text.get_text().strip():  # an arrow may have none
            yield from _judge_text(text, seen, renderer)
    lines, boxes = _shapes(fig)
    boxes += [arrow for text in texts if (arrow := getattr(text, "arrow_patch", None))]
    frames = [part for ax in _axes(fig) for part in (*ax.spines.values(), ax.xaxis, ax.yaxis)]
    fig.set_layout_engine("none")  # what stays keeps its place
    with _hidden([*texts, *frames, *lines]):
        yield from _judge_shapes(lines, fig, renderer)
        with _hidden(boxes):
            yield from _judge_shapes(boxes, fig, renderer)


def _without_letters(fig: Figure) -> tuple[np.ndarray, list[Text]]:
    """Draw a figure without the letters of its texts; return the picture, and the texts drawn.

    Boxes, halos and arrows of texts stay: they are what the letters lie on.
    """
    drawn: dict[Text, None] = {}
    plain = Text.draw

    def draw(text: Text, *args: Any, **kwargs: Any) -> None:
        drawn[text] = None
        with _changed(text, color=(0, 0, 0, 0), alpha=None):
            plain(text, *args, **kwargs)

    with mock.patch.object(Text, "draw", draw):
        seen = _picture(fig)
    return seen, list(drawn)


def _judge_text(text: Text, seen: np.ndarray, renderer: RendererAgg) -> Iterator[Complaint]:
    colour = to_rgba(text.get_color(), text.get_alpha())
    box = text.get_bbox_patch()
    plain = _changed(text, color="black", alpha=None, path_effects=[])
    with _hidden([box] if box else []), plain:
        letters = _mask(renderer, text, Text.draw, place := _place(text, renderer))
    around = _around(letters)
    if not around.any():  # outside of the figure
        return
    size = text.get_fontsize() * WIDTH_ON_PAGE / 72
    bold = text.get_fontweight() in ("bold", "heavy", "semibold", "black")
    needed = LARGE_TEXT if size >= (LARGE_BOLD if bold else LARGE) else TEXT
    words = " ".join(text.get_text().split())
    yield _complaint(f"text {words!r}", [colour], seen[place][around], needed, TEXT_SHARE)


def _place(text: Text, renderer: RendererAgg) -> tuple[slice, slice]:
    """Return the rows and columns that a text takes, with a margin."""
    box = Text.get_window_extent(text, renderer)
    left, right = (max(int(x) + by, 0) for x, by in ((box.x0, -4), (box.x1, 5)))
    top, bottom = (max(int(renderer.height - y) + by, 0) for y, by in ((box.y1, -5), (box.y0, 5)))
    return slice(top, bottom), slice(left, right)


def _judge_shapes(
    shapes: Sequence[Artist], fig: Figure, renderer: RendererAgg
) -> Iterator[Complaint]:
    ground = _picture(fig) if shapes else np.ones(3)
    for shape in shapes:
        below = ground[_mask(renderer, shape, type(shape).draw)]
        if len(below):
            label = str(shape.get_label())
            kind = type(shape).__name__.removesuffix("Collection").lower().removesuffix("2d")
            what = kind if label in ("", "None") or label[0] == "_" else f"{kind} {label!r}"
            for halo in _halos(shape):
                below = np.array([to_rgb(halo)])
            for colours in _colours(shape):
                yield _complaint(what, colours, below, SHAPE, SHAPE_SHARE)


def _halos(shape: Artist) -> Iterator[Any]:
    """Give the colours of wider strokes drawn below a shape, which set it off from its ground."""
    for effect in shape.get_path_effects() or []:
        if isinstance(effect, (Stroke, withStroke)) and "foreground" in effect._gc:
            yield effect._gc["foreground"]


def _complaint(
    what: str, colours: Sequence[Any], ground: np.ndarray, needed: float, share: float
) -> Complaint:
    """Judge a thing by that of its colours that stands out most."""
    found = [
        float(np.quantile(contrast(blend(colour, ground), ground), share, method="lower"))
        for colour in colours
    ]
    best = int(np.argmax(found))
    return Complaint(what, to_hex(blend(colours[best], np.ones(3))), found[best], needed)


def _shapes(fig: Figure) -> tuple[list[Artist], list[Artist]]:
    """Return the visible lines and dots of a figure, and its visible bars and boxes."""
    lines: list[Artist] = list(fig.lines)
    boxes: list[Artist] = list(fig.patches)
    for ax in _axes(fig):
        lines += ax.lines
        lines += [each for each in ax.collections if _is_of_lines(each)]
        boxes += ax.patches
    return [each for each in lines if each.get_visible()], [
        each for each in boxes if each.get_visible()
    ]


def _axes(fig: Figure) -> list[Any]:
    return [inner for ax in fig.axes for inner in (ax, *ax.child_axes) if ax.get_visible()]


def _is_of_lines(collection: Collection) -> bool:
    if isinstance(collection, ContourSet):
        return not collection.filled
    return isinstance(collection, (PathCollection, LineCollection))


def _colours(shape: Artist) -> Iterator[list[Any]]:
    """Give for each part of a shape that has colours of its own these: of its face, of its edge."""
    if isinstance(shape, Line2D):
        alpha, edge = shape.get_alpha(), shape.get_markeredgewidth()
        drawn = [shape.get_color()] if shape.get_linestyle() not in NOTHING else []
        if str(shape.get_marker()) not in NOTHING:
            drawn += [shape.get_markerfacecolor()]
            drawn += [shape.get_markeredgecolor()] if edge >= EDGE else []
        yield [to_rgba(colour, alpha) for colour in drawn]
    elif isinstance(shape, Collection):
        faces, edges = shape.get_facecolor(), shape.get_edgecolor()
        count = max(len(faces), len(edges))
        parts = [np.resize(each, (count, 4)) for each in (faces, edges) if len(each)]
        yield from dict.fromkeys(tuple(map(tuple, both)) for both in zip(*parts, strict=True))
    elif isinstance(shape, Patch):
        drawn = [shape.get_facecolor()]
        yield drawn + ([shape.get_edgecolor()] if shape.get_linewidth() >= EDGE else [])


NOTHING = ("", " ", "None", "none", "nothing")


def blend(colour: Any, ground: np.ndarray) -> np.ndarray:
    """Return how a colour looks on grounds, by its alpha."""
    *own, alpha = to_rgba(colour)
    return alpha * np.array(own) + (1 - alpha) * ground


def _picture(fig: Figure) -> np.ndarray:
    """Draw a figure: rows of red, green, blue from 0 to 1."""
    canvas: Any = fig.canvas
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3] / 255


def _mask(renderer: RendererAgg, artist: Artist, draw: Any, place: Any = ...) -> np.ndarray:
    """Return which dots, of all or of a place, an artist covers, drawn alone on nothing."""
    renderer.clear()
    with _changed(artist, visible=True):
        draw(artist, renderer)
    return np.asarray(renderer.buffer_rgba())[place][..., 3] > 64


def _around(mask: np.ndarray) -> np.ndarray:
    """Return the dots next to those of a mask, without these."""
    wide = np.pad(mask, 1)
    for axis in (0, 1):
        wide = wide | np.roll(wide, 1, axis) | np.roll(wide, -1, axis)
    return wide[1:-1, 1:-1] & ~mask


@contextmanager
def _hidden(artists: Iterable[Artist]) -> Iterator[None]:
    with ExitStack() as stack:
        for artist in artists:
            stack.enter_context(_changed(artist, visible=False))
        yield


@contextmanager
def _changed(artist: Artist, **properties: Any) -> Iterator[None]:
    """Give an artist other properties for a while."""
    before = {name: getattr(artist, f"get_{name}")() for name in properties}
    artist.set(**properties)
    try:
        yield
    finally:
        artist.set(**before)
