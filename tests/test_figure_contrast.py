"""Every figure of the course stands out from its ground, by WCAG 2.1 AA; `contrast` says how.

Figures are those of the tables `FIGURES` of `test_plots_<topic>.py`, and of the labs before anybody
has touched them. A figure function that no table names fails here.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from contrast import blend, complaints, contrast
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from test_plots_figures import TOPICS

from helpers import labs, plots
from helpers.labs.lab import Lab
from helpers.plots import figure, style
from helpers.plots.show import as_output

# Why something may be paler than 3 to 1. What alone carries a number is not on this list.
AREA = "an area that says on which side one is; a line is its border, and words or ticks name it"
RULE = "a rule or a grid between things that words or shapes part, or a line that leads the eye"
GROUND = "the ground of a cross or of words, which tell it"
RELU = "ReLU behind its family, broad, known from before; darker it would hide the curves on it"

PALE, PALE_RED = "rectangle #d6e9f5", "rectangle #fbe3d3"
# For each figure, "kind colour" of what may be pale, and why.
ALLOWED: dict[str, dict[str, str]] = {
    "bugs.cost": {"line #dddddd": RULE},
    "claims.forest": {"line #bfbfbf": RULE, PALE: AREA},
    "claims.conditions": {PALE: AREA},
    "claims.advice": {"line #dddddd": RULE},
    "claims.regions": {PALE_RED: AREA, "rectangle #efefef": AREA, "rectangle #dcefe8": AREA},
    "death.one_unit": {PALE: AREA},
    "death.grids": {PALE_RED: GROUND},
    "family.portraits": {"line #c8c8c8": RELU, PALE: AREA},
    "gradients.bars": {"rectangle #ededed": AREA},
    "health.unit_map": {"line #fbe3d3": GROUND},
    "images.race": {"line #c8c8c8": RULE},
    "images.differences": {"line #c8c8c8": RULE, "rectangle #dddddd": AREA},
    "layers.arrays": {"line #dddddd": RULE},
    "layers.cut": {"polygon #d6e9f5": AREA},
    "leak.curves": {PALE: AREA},
    "leak.forms": {PALE: AREA},
    "neuron.responses": {PALE: AREA},
    "neuron.scores": {PALE: AREA},
    "numbers.gaps": {PALE: AREA},
    "numbers.pulls": {"line #dddddd": RULE},
    "objects.gallery": {"rectangle #c8c8c8": RULE},
    "objects.overlaps": {PALE: AREA},
    "objects.one_cell": {"line #c8c8c8": RULE},
    "rectifier.halves": {PALE: AREA},
    "rectifier.strips": {PALE: AREA},
    "rectifier.reaches": {PALE: AREA},
    "slope_choice.lines": {"line #dddddd": RULE},
    "text.growths": {"rectangle #e6e6e6": AREA},
}


def drawings() -> Iterator[tuple[str, Callable[[], tuple[Figure, str]]]]:
    """Give the name of each figure, `topic.function` and perhaps a variant, and what draws it."""
    for topic, module in TOPICS.items():
        for name, (draw, _) in getattr(module, "FIGURES", {}).items():
            yield f"{topic}.{name}", draw
    for module in pkgutil.iter_modules(labs.__path__, "helpers.labs."):
        import_module(module.name)
    for lab in Lab.__subclasses__():
        if lab.__module__.startswith("helpers."):
            yield f"lab.{lab.__name__}", lambda lab=lab: lab().picture()


DRAWINGS = dict(drawings())


def kinds(name: str) -> set[str]:
    """Draw a figure; return "kind colour" of what does not stand out, a text with its words."""
    found = complaints(DRAWINGS[name]()[0])
    return {str(one) if one.is_text else f"{one.what.split()[0]} {one.colour}" for one in found}


@pytest.mark.no_cover  # it draws what the tests of the figures have drawn
@pytest.mark.parametrize("name", DRAWINGS)
def test_a_figure_stands_out(name: str) -> None:
    assert kinds(name) == set(ALLOWED.get(name.partition(",")[0], {}))


def test_what_is_allowed_is_the_figures() -> None:
    """With the test above: no exception outlives what it was made for."""
    assert {name.partition(",")[0] for name in DRAWINGS} >= set(ALLOWED)


def test_no_figure_function_escapes() -> None:
    """Each public function that returns a Picture has a drawing, which calls it."""
    wanted = {
        f"{module.name}.{name}"
        for module in pkgutil.iter_modules(plots.__path__)
        for name, function in vars(import_module(f"helpers.plots.{module.name}")).items()
        if inspect.isfunction(function)
        and function.__module__ == f"helpers.plots.{module.name}"
        and function.__annotations__.get("return") == "Picture"
        and not name.startswith("_")
    }
    listed = {name.partition(",")[0] for name in DRAWINGS if not name.startswith("lab.")}
    assert listed == wanted
    for name, draw in DRAWINGS.items():
        if not name.startswith("lab."):
            assert name.partition(",")[0].partition(".")[2] in draw.__code__.co_names


# --- the checker itself -----------------------------------------------------------------------

WHITE_HALO = [withStroke(linewidth=4, foreground="white")]
Draw = Callable[[Any], object]


def drawn(draw: Draw) -> Figure:
    fig, ax = figure(width=4, height=3)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    draw(ax)
    return fig


def middle(ax: Any, **look: Any) -> None:
    ax.text(0.5, 0.5, "words", ha="center", va="center", **look)


def both(*draws: Draw) -> Draw:
    return lambda ax: [draw(ax) for draw in draws]


BAD: dict[str, tuple[str, Draw]] = {
    "grey text": ("text 'words'", lambda ax: middle(ax, color="#888888")),
    "pale by its alpha": ("text 'words'", lambda ax: middle(ax, color="black", alpha=0.4)),
    "white text on nothing": ("text 'words'", lambda ax: middle(ax, color="white")),
    "white on yellow": (
        "text 'words'",
        both(lambda ax: ax.axvspan(0, 1, color="gold"), lambda ax: middle(ax, color="white")),
    ),
    "blue on pale blue": (
        "text 'words'",
        both(
            lambda ax: ax.axvspan(0, 1, color=style.PALE_BLUE),
            lambda ax: middle(ax, color=style.BLUE),
        ),
    ),
    "text over the end of a bar": (
        "text 'words'",
        both(lambda ax: ax.bar(0.3, 1, 0.4, color="black"), lambda ax: middle(ax, color="black")),
    ),
    "text on a picture": (
        "text 'words'",
        both(
            lambda ax: ax.imshow(np.full((2, 2), 0.5), cmap="gray", vmin=0, vmax=1),
            lambda ax: ax.text(0.5, 0.5, "words", color="white"),
        ),
    ),
    "text in a box": (
        "text 'words'",
        lambda ax: middle(ax, color="black", bbox={"facecolor": "navy"}),
    ),
    "text with a halo of its own colour": (
        "text 'words'",
        lambda ax: middle(ax, color="white", path_effects=WHITE_HALO),
    ),
    "large, yet pale": ("text 'words'", lambda ax: middle(ax, color="#AAAAAA", fontsize=30)),
    "pale title": ("text 'A title'", lambda ax: ax.set_title("A title", color="#999999")),
    "pale ticks": ("text '0.4'", lambda ax: ax.tick_params(labelcolor="#999999")),
    "pale legend": (
        "text 'gold'",
        lambda ax: (
            ax.plot([2], [2], color="gold", label="gold") and ax.legend(labelcolor="linecolor")
        ),
    ),
    "pale note": (
        "text 'note'",
        lambda ax: ax.annotate("note", (0.5, 0.5), (9, 9), textcoords="offset points", color="tan"),
    ),
    "pale line": ("line", lambda ax: ax.plot([0, 1], [0, 1], color="gold")),
    "faint line": ("line", lambda ax: ax.plot([0, 1], [0, 1], color="black", alpha=0.3)),
    "pale dots": ("line", lambda ax: ax.plot([0.5], [0.5], "o", color="gold")),
    "pale dots with a hair for an edge": (
        "line",
        lambda ax: ax.plot([0.5], [0.5], "o", mfc="gold", mec="black", mew=0.5),
    ),
    "pale scatter": ("path", lambda ax: ax.scatter([0.5], [0.5], color="gold")),
    "one pale dot of two": ("path", lambda ax: ax.scatter([0.2, 0.8], [0.5] * 2, c=["k", "tan"])),
    "pale lines": ("line", lambda ax: ax.vlines([0.2, 0.8], 0, 1, color="gold")),
    "pale contour": ("quadcontourset", lambda ax: ax.contour(np.eye(3), [0.5], colors="gold")),
    "pale bar": ("rectangle", lambda ax: ax.bar(0.5, 1, color="gold")),
    "pale arrow": (
        "fancyarrowpatch",
        lambda ax: ax.annotate(
            "", (0.2, 0.2), (0.8, 0.8), arrowprops={"arrowstyle": "->", "color": "gold"}
        ),
    ),
    "line on a bar": (
        "line",
        both(
            lambda ax: ax.bar(0.5, 1, 0.8, color=style.BLUE),
            lambda ax: ax.plot([0.2, 0.8], [0.5, 0.5], color=style.GREEN),
        ),
    ),
    "inside an inset": (
        "line",
        lambda ax: ax.inset_axes([0.2, 0.2, 0.5, 0.5]).plot([0, 1], color="gold"),
    ),
}
GOOD: dict[str, Draw] = {
    "dark text": lambda ax: middle(ax, color=style.GREY),
    "large text needs less": lambda ax: middle(ax, color="#888888", fontsize=22),
    "large bold text needs less": lambda ax: middle(
        ax, color="#888888", fontsize=17, fontweight="bold"
    ),
    "white on blue": both(
        lambda ax: ax.axvspan(0, 1, color=style.BLUE), lambda ax: middle(ax, color="white")
    ),
    "a white box on black": both(
        lambda ax: ax.axvspan(0, 1, color="black"),
        lambda ax: middle(ax, color="black", bbox={"facecolor": "white"}),
    ),
    "a white halo on grey": both(
        lambda ax: ax.axvspan(0, 1, color="#777777"),
        lambda ax: middle(ax, color="black", path_effects=WHITE_HALO),
    ),
    "a line of the grid through a word": both(
        lambda ax: ax.plot([0, 1], [0.5, 0.5], color="#777777", linewidth=0.7),
        lambda ax: middle(ax, color="black"),
    ),
    "pale dots with a dark edge": lambda ax: ax.plot([0.5], [0.5], "o", mfc="gold", mec="black"),
    "a pale bar with a dark edge": lambda ax: ax.bar(0.5, 1, color="gold", edgecolor="black"),
    "a dark bar with a pale edge": lambda ax: ax.bar(0.5, 1, color="black", edgecolor="white"),
    "a blue line with a halo on blue": both(
        lambda ax: ax.axvspan(0, 1, color="navy"),
        lambda ax: ax.plot([0, 1], [0, 1], color=style.BLUE, path_effects=WHITE_HALO),
    ),
    "a curve that passes over a bar": both(
        lambda ax: ax.bar(0.5, 1, 0.3, color="black"),
        lambda ax: ax.plot([0, 1], [0.4, 0.6], color="black"),
    ),
    "hidden": lambda ax: middle(ax, color="gold", visible=False),
    "outside": lambda ax: ax.text(9, 9, "words", color="gold", clip_on=True),
    "heat map": lambda ax: ax.imshow(np.eye(3), cmap="Blues"),
    "dashed and dotted": lambda ax: ax.plot([0, 1], [0, 1], ":", color=style.BLUE),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_stand_out_is_found(name: str) -> None:
    what, draw = BAD[name]
    assert what in {one.what for one in complaints(drawn(draw))}


@pytest.mark.parametrize("name", GOOD)
def test_what_stands_out_passes(name: str) -> None:
    assert [str(one) for one in complaints(drawn(GOOD[name]))] == []


def test_the_figure_stays_as_it_was() -> None:
    fig = drawn(BAD["white on yellow"][1])
    before = plots.digest(fig), as_output(fig, "One.")
    complaints(fig)
    assert (plots.digest(fig), as_output(fig, "One.")) == before


def test_contrast_is_that_of_the_standard() -> None:
    """Pairs whose contrast others have published: black, and the greys next to 4.5 and 3 to 1."""
    white = np.ones(3)
    found = [float(contrast(to_rgb(grey), white)) for grey in ("black", "#767676", "#949494")]
    assert found == pytest.approx([21.0, 4.54, 3.03], abs=0.005)
    assert contrast(white, white) == 1
    assert blend((0, 0, 0, 0.25), white).tolist() == [0.75] * 3


def test_ink_on_any_ground_can_be_read() -> None:
    for light in np.linspace(0, 1, 256):
        for ground in ([light] * 3, [1, light, light], [0, 0, light], [light, 1, 0]):
            assert contrast(to_rgb(style.ink_on(ground)), np.array(ground)) >= 4.5


def test_dots_and_background_have_3_to_1() -> None:
    white = np.ones(3)
    for colour in (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.OCHRE):
        assert contrast(blend((*to_rgb(colour), style.DOTS), white), white) >= 3
    assert contrast(to_rgb(style.BACKGROUND), white) >= 3


@pytest.mark.parametrize("pale", [style.PALE_BLUE, style.PALE_VERMILION])
@pytest.mark.parametrize("dark", [style.DARK_BLUE, style.DARK_VERMILION])
def test_dark_colours_can_be_read_on_pale_ones(dark: str, pale: str) -> None:
    assert contrast(to_rgb(dark), np.array(to_rgb(pale))) >= 4.5
