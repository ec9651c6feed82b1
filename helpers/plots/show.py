"""Show a figure together with a sentence that says, from the plotted data, what is to be seen.

A stored picture cannot be compared between machines, and nbval does not try. So `show` puts the
sentence and a digest of everything drawn into the text of the output: when the content of a
figure changes, validation notices.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import Collection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter, ScalarFormatter

DOTS_PER_INCH = 180  # in the file
WIDTH_ON_PAGE = 80  # CSS pixels per inch: the file is sharp on a dense screen and on a projector


def show(fig: Figure, text: str) -> None:
    """Display a figure, its sentence as alternative text and as a visible caption.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure. It stays usable: nothing is closed.
    text : str
        One or two sentences that say what is to be seen, computed from the plotted data.

    Raises
    ------
    ValueError
        If the text is empty or has more than one line: it has to serve as alternative text.

    Notes
    -----
    Two outputs are displayed: the picture, whose ``text/plain`` is the sentence and the
    `digest`; and the caption. Outside a notebook the sentence is printed.

    Examples
    --------
    >>> from helpers.plots import figure
    >>> fig, ax = figure()
    >>> _ = ax.plot([0, 1], [0, 2])
    >>> show(fig, "The line rises from 0 to 2.")
    The line rises from 0 to 2.
    """
    text = _one_line(text)
    if not _in_notebook():
        print(text)
        return
    from IPython.display import display

    data, metadata = as_output(fig, text)
    display(data, metadata=metadata, raw=True)
    display({"text/markdown": f"*{_as_markdown(text)}*", "text/plain": text}, raw=True)


def as_output(fig: Figure, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make what a notebook stores of a figure: data and metadata by kind.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    text : str
        As for `show`.

    Returns
    -------
    data, metadata : dict
        The picture, its alternative text and size on the page, and as ``text/plain`` the sentence
        and the `digest`.

    Raises
    ------
    ValueError
        If the text is empty or has more than one line: it has to serve as alternative text.

    Examples
    --------
    >>> from helpers.plots import figure
    >>> data, metadata = as_output(figure()[0], "Nothing is drawn.")
    >>> sorted(data), metadata["image/png"]
    (['image/png', 'text/plain'], {'alt': 'Nothing is drawn.', 'width': 720, 'height': 360})
    """
    text = _one_line(text)
    width, height = fig.get_size_inches()
    size = {"width": round(width * WIDTH_ON_PAGE), "height": round(height * WIDTH_ON_PAGE)}
    data = {"image/png": _png(fig), "text/plain": f"{text}\n{digest(fig)}"}
    return data, {"image/png": {"alt": text, **size}}


def digest(fig: Figure) -> str:
    """Describe everything drawn in a figure as text, numbers to three digits.

    Returns
    -------
    str
        A line for each set of axes and each artist in it: its label and colour, and count,
        smallest, largest and mean of its data.

    Examples
    --------
    >>> from helpers.plots import figure
    >>> fig, ax = figure()
    >>> _ = ax.plot([0, 1, 2], [5, 5, 8], label="cost", color="black")
    >>> print(digest(fig))
    axes 1: x -0.1 to 2.1, y 4.85 to 8.15
    line 'cost' #000000: 3 points, x 0 to 2 mean 1, y 5 to 8 mean 6
    """
    lines = [f"figure text {text.get_text()!r}" for text in fig.texts]
    axes = [inner for ax in fig.axes for inner in (ax, *ax.child_axes)]
    for number, ax in enumerate(axes, start=1):
        lines.append(f"axes {number}: {_describe_axes(ax)}")
        lines.extend(_describe_content(ax))
    return "\n".join(lines)


def _one_line(text: str) -> str:
    if not text.strip() or "\n" in text.strip():
        raise ValueError(
            f"show() was given the text {text!r}. It takes one line that says what the figure "
            "shows: people who cannot see the picture read it instead."
        )
    return text.strip()


def _in_notebook() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def _png(fig: Figure) -> bytes:
    buffer = io.BytesIO()
    # Without the name of the software, its version does not change the bytes.
    fig.savefig(buffer, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return buffer.getvalue()


def _as_markdown(text: str) -> str:
    """Escape what Markdown or MathJax would take for markup."""
    return re.sub(r"([\\`*_$<>|~\[\]])", r"\\\1", text)


def _describe_axes(ax: Axes) -> str:
    named = {"title": ax.get_title(loc="left") or ax.get_title()}
    named |= {"x": ax.get_xlabel(), "y": ax.get_ylabel()}
    parts = [f"{name} {label!r}" for name, label in named.items() if label]
    parts += [f"x {_span(ax.get_xlim())}", f"y {_span(ax.get_ylim())}"] if ax.axison else []
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        if not isinstance(axis.get_major_formatter(), (ScalarFormatter, LogFormatter)):  # words
            words = [" ".join(label.get_text().split()) for label in axis.get_majorticklabels()]
            parts += [f"{name} ticks {' | '.join(words)}"] if any(words) else []
    return ", ".join(parts)


def _describe_content(ax: Axes) -> Iterator[str]:
    for line in ax.lines:
        x, y = np.asarray(line.get_xydata(), dtype=float).T
        yield f"line {_identity(line, line.get_color())}: {_points(x, y)}"
    for image in ax.images:
        values = np.ma.filled(np.ma.asarray(image.get_array(), dtype=float), np.nan)
        yield f"image {'x'.join(map(str, values.shape))}: {_summary(values)}"
    for collection in ax.collections:
        colours = collection.get_facecolor()
        x, y = _positions(collection).T
        name = _identity(collection, colours[0] if len(colours) else "none")
        kind = type(collection).__name__.removeprefix("FillBetween")  # a name of its own since 3.10
        yield f"{kind} {name}: {_points(x, y)}"
    for patch in ax.patches:
        x, y = patch.get_patch_transform().transform(patch.get_path().vertices).T
        yield f"{type(patch).__name__} {_identity(patch, patch.get_facecolor())}: {_points(x, y)}"
    for text in ax.texts:
        target = getattr(text, "xy", text.get_position())  # an annotation points somewhere
        yield f"text {text.get_text()!r} {_identity(text, text.get_color())} at {_numbers(target)}"
    legend = ax.get_legend()
    if legend is not None:
        yield f"legend {' | '.join(text.get_text() for text in legend.get_texts())}"


def _identity(artist: Artist, colour: Any) -> str:
    label = str(artist.get_label())
    named = f"{label!r} " if label and not label.startswith("_") else ""  # _child0 and the like
    return named + to_hex(colour)


def _positions(collection: Collection) -> np.ndarray:
    """Where a collection draws: its offsets (scatter), else the corners of its paths."""
    offsets = np.ma.filled(np.ma.asarray(collection.get_offsets(), dtype=float), np.nan)
    paths = [path.vertices for path in collection.get_paths()]
    if np.any(offsets) or not paths:
        return offsets
    return np.concatenate(paths)


def _points(x: np.ndarray, y: np.ndarray) -> str:
    return f"{len(x)} points, x {_summary(x)}, y {_summary(y)}"


def _summary(values: np.ndarray) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "nothing finite"
    missing = values.size - finite.size
    span = _numbers((finite.min(), finite.max()), join=" to ")
    mean = _numbers((finite.mean(),), scale=np.abs(finite).max())
    return f"{span} mean {mean}" + (f" ({missing} not finite)" if missing else "")


def _span(limits: tuple[float, float]) -> str:
    return _numbers(limits, join=" to ")


def _numbers(values: Iterable[float], *, scale: float | None = None, join: str = ", ") -> str:
    """Write numbers to three digits; what is rounding noise beside `scale` is written as 0."""
    values = [float(value) for value in values]
    scale = max(map(abs, values)) if scale is None else scale
    clean = [0.0 if abs(value) <= 1e-9 * scale else value for value in values]
    return join.join(f"{value:.3g}" for value in clean)
