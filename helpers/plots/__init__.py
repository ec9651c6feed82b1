"""Every figure of the course: `show`, the style, how numbers are written, and a module a topic."""

from helpers.plots.show import digest, show
from helpers.plots.style import ACTIVATION_STYLES, figure, use_style

__all__ = ["ACTIVATION_STYLES", "digest", "figure", "show", "use_style"]
