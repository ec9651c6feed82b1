"""What all labs share: an interactive figure whose program is JavaScript and whose state is Python.

A lab is a class with traits, its state, and a file of its own name beside it, `<name>.js`, which
draws it. `numbers.js` (what `helpers` computes, again in JavaScript) and `kit.js` (plots, sliders,
handles) are put in front of that file: one module, no bundler, nothing fetched. The same three
files make the lab in JupyterLab, in VS Code and on a web page without a kernel.
"""

from __future__ import annotations

import functools
import html
import math
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, ClassVar

from traitlets import Float, TraitType

from helpers.plots.show import as_output
from helpers.plots.style import Picture

try:
    from anywidget import AnyWidget as Widget
except ImportError:  # then there is a picture and a sentence
    from traitlets import HasTraits as Widget

__all__ = ["MIME", "Lab", "Number", "fixed", "module_of", "style"]

CAPTION = "lab-still"  # the class of the sentence below a lab's picture
# In JupyterLab either the lab is seen, or the picture and its sentence.
STILL = (
    "<style>.jp-OutputArea:has(.relu-lab)"
    f" .jp-OutputArea-child:has(.jp-RenderedImage, .{CAPTION}),"
    f" .jp-OutputArea:has(.{CAPTION}):not(:has(.relu-lab)) .jp-OutputArea-output.jupyter-widgets"
    " { display: none }</style>"
)
FOLDER = Path(__file__).parent
SHARED = ("numbers.js", "kit.js")
# A lab in a notebook's output, as JSON: its name and its state. Web pages make the lab of it.
MIME = "application/vnd.relu-course.lab+json"


@functools.cache
def module_of(name: str) -> str:
    """Put a lab's JavaScript together: an ES module that exports ``{ render }`` by default.

    Parameters
    ----------
    name : str
        Name of the lab, such as ``"activation_explorer"``.

    Raises
    ------
    FileNotFoundError
        If there is no such lab.
    """
    files = (*SHARED, f"{name}.js")
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in files)


@functools.cache
def style() -> str:
    """Read the style sheet that all labs share."""
    return (FOLDER / "lab.css").read_text(encoding="utf-8")


def fixed(number: float, digits: int = 2) -> str:
    """Write a number as the labs do: with a real minus, and without one before a zero.

    Halves are rounded away from 0, as JavaScript's ``toFixed`` does.

    Examples
    --------
    >>> fixed(-0.304), fixed(-0.001), fixed(0.125)
    ('−0.30', '0.00', '0.13')
    """
    unit = Decimal(1).scaleb(-digits)
    text = str(Decimal(float(number)).quantize(unit, ROUND_HALF_UP))
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


class Number(Float):
    """A trait for a number in a range. A plain Float lets nan pass, which is outside no range."""

    def validate(self, obj: Any, value: Any) -> float:
        """Return the value as a float, or raise TraitError."""
        number = super().validate(obj, value)
        if math.isnan(number):
            self.error(obj, value)
        return number


class Lab(Widget):
    """An interactive figure. Its state can be read and set from Python while it is shown.

    Subclasses have traits tagged ``sync=True``, which are the state, and give `sentence` and
    `picture` of it. In a notebook a lab is shown by being the last line of a cell. Without widgets,
    or in a notebook that was only opened and not run, there are the picture and the sentence.

    Attributes
    ----------
    name : str
        Name of the lab and of its JavaScript file.
    """

    name: ClassVar[str]
    _keys: ClassVar[list[str]]

    def __init_subclass__(cls, **options: Any) -> None:
        """Give the subclass its program and its style."""
        super().__init_subclass__(**options)
        if "name" in vars(cls):  # not in the subclass that anywidget makes of each
            cls._keys = [key for key, value in vars(cls).items() if isinstance(value, TraitType)]
            cls._esm = module_of(cls.name)
            cls._css = style()

    def state(self) -> dict[str, Any]:
        """Return the state: every trait of the lab by its name, as plain numbers, words and lists.

        Returns
        -------
        dict
            What the constructor takes to make the same lab again.
        """
        return {key: getattr(self, key) for key in self._keys}

    def sentence(self) -> str:
        """Say in one line what is to be seen in this state."""
        raise NotImplementedError

    def picture(self) -> Picture:
        """Draw this state without JavaScript; return the figure and the sentence."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Write it as it would be made: the same for the same state, as validation needs."""
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.state().items())})"

    def _repr_mimebundle_(self, **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make what is stored: the picture, the sentence, and the lab's name and state."""
        data, metadata = as_output(*self.picture())
        data[MIME] = {"lab": self.name, "state": self.state()}
        data["text/plain"] += f"\n{self!r}"
        return data, metadata

    def _ipython_display_(self) -> None:
        """Show the picture, the sentence, and in their place the lab where there is a kernel.

        Of a notebook that was saved and opened again JupyterLab finds no widgets, and says so
        instead of showing anything else of the same output. So the lab is an output of its own.
        """
        from IPython.display import display

        data, metadata = self._repr_mimebundle_()
        display(data, metadata=metadata, raw=True)
        sentence = metadata["image/png"]["alt"]
        caption = f'<p class="{CAPTION}"><em>{html.escape(sentence)}</em></p>'
        display({"text/html": STILL + caption, "text/plain": sentence}, raw=True)
        if hasattr(self, "model_id"):
            view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
            display({"application/vnd.jupyter.widget-view+json": view}, raw=True)
