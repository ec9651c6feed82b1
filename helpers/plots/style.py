"""How every figure of the course looks: one style, one fixed colour per activation.

The colours are Okabe and Ito's, darkened until each has a contrast of at least 4.5 to 1 on
white, so that a label may carry the colour of its line. Where two activations share a colour,
their dashes differ.

References
----------
M. Okabe and K. Ito (2008), Color Universal Design, https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

STYLE_FILE = Path(__file__).with_name("course.mplstyle")

BLUE, VERMILION, GREEN = "#0072B2", "#BF4B00", "#00785A"
PURPLE, OCHRE, INK, GREY = "#A3497A", "#8A6100", "#1A1A1A", "#595959"
DARK_BLUE, DARK_VERMILION = "#00609A", "#A33F00"  # for words on the pale colours below
PALE_BLUE = "#D6E9F5"  # the side on which a neuron fires
PALE_VERMILION = "#FBE3D3"  # what passes nothing on
PALE_GREY = "#DDDDDD"
FRAME = "#C8C8C8"  # around a picture
BACKGROUND = "#8C8C8C"  # lines and dots behind those that a figure is about: 3 to 1 on white
# Of the dots of single runs: they show where they lie on each other, and have 3 to 1 on white.
DOTS = 0.72

# name of the activation: (colour, dashes)
ACTIVATION_STYLES: dict[str, tuple[str, str]] = {
    "identity": (GREY, "-"),
    "step": (INK, "-"),
    "sigmoid": (PURPLE, "-"),
    "tanh": (GREEN, "-"),
    "relu": (BLUE, "-"),
    "leaky_relu": (VERMILION, "-"),
    "prelu": (VERMILION, "--"),
    "rrelu": (VERMILION, ":"),
    "elu": (OCHRE, "-"),
    "celu": (OCHRE, "--"),
    "selu": (OCHRE, ":"),
    "softplus": (PURPLE, "--"),
    "gelu": (GREEN, "--"),
    "gelu_tanh": (GREEN, ":"),
    "silu": (INK, "--"),
    "mish": (INK, ":"),
    "hardtanh": (GREY, "--"),
    "relu6": (BLUE, "--"),
}

# The two classes of a two-way task: colour and marker always change together.
CLASS_STYLES = ((VERMILION, "o"), (BLUE, "s"))

# Of a text in the middle of its place, and of a text beside it by an offset in points.
CENTRE = {"ha": "center", "va": "center"}
POINTS = {"textcoords": "offset points"}

Picture = tuple[Figure, str]  # what a figure function returns, and `show` takes

P = ParamSpec("P")
R = TypeVar("R")


def styled(function: Callable[P, R]) -> Callable[P, R]:
    """Run a plotting function under the course's style, whatever the reader's own settings are."""

    @wraps(function)
    def inside_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.style.context(STYLE_FILE, after_reset=True):
            return function(*args, **kwargs)

    return inside_style


def use_style() -> None:
    """Give the reader's own figures the course's style, from here on."""
    mpl.style.use(STYLE_FILE)


@styled
def figure(
    rows: int = 1, columns: int = 1, *, width: float = 9.0, height: float = 4.5, **options: Any
) -> tuple[Figure, Any]:
    """Make a figure and its axes without pyplot, so that nothing is shown twice or left open.

    Parameters
    ----------
    rows, columns : int
        Grid of axes.
    width, height : float
        Size in inches.
    **options
        For ``Figure.subplots``, for instance ``sharey=True``.

    Returns
    -------
    tuple
        The figure and, as ``subplots`` returns them, one Axes or an array of them.

    Examples
    --------
    >>> fig, ax = figure()
    >>> fig.get_size_inches().tolist()
    [9.0, 4.5]
    """
    fig = Figure(figsize=(width, height))
    return fig, fig.subplots(rows, columns, **options)


def ink_on(ground: Any) -> str:
    """Choose in what to write on a colour: INK if it has 4.5 to 1, else white, else black.

    Examples
    --------
    >>> [ink_on(shade) for shade in ("#DDDDDD", "#0072B2", "#808080")]
    ['#1A1A1A', 'white', 'black']
    """
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(ground)]
    light = float(np.dot([0.2126, 0.7152, 0.0722], linear)) + 0.05
    if light / 0.0603 >= 4.55:  # of INK, the same sum; a picture rounds its colours a little
        return INK
    return "white" if 1.05 / light >= 4.55 else "black"


def apart(heights: Sequence[float], gap: float) -> list[float]:
    """Move heights of labels up, in their order, until no two are closer than the gap.

    Examples
    --------
    >>> apart([1.0, 0.5, 3.0], 0.75)
    [1.25, 0.5, 3.0]
    """
    placed: dict[int, float] = {}
    for place in sorted(range(len(heights)), key=heights.__getitem__):
        lowest = max(placed.values()) + gap if placed else heights[place]
        placed[place] = max(heights[place], lowest)
    return [placed[place] for place in range(len(heights))]


def with_gaps(values: np.ndarray, jump: float = 0.5) -> np.ndarray:
    """Leave the place behind a jump out of a curve, so that no upright line is drawn there.

    Examples
    --------
    >>> with_gaps(np.array([0.0, 0.0, 1.0, 1.0]))
    array([ 0.,  0., nan,  1.])
    """
    return np.where(np.abs(np.diff(values, prepend=values[0])) > jump, np.nan, values)


def as_rows(axes: Any) -> list[Any]:
    """List the axes of a figure, whatever shape ``subplots`` gave them."""
    return list(np.ravel(axes))
