"""Names for what a model consists of: its weights, and the places where calls are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch

__all__ = ["UNKNOWN", "Place", "Source", "matcher", "owner_of", "written"]

TORCH_FILES = str(Path(torch.__file__).parent)
KERAS_FILES = str(Path("keras", "src"))  # wherever it is installed; it need not be
# What stands between a model and its caller while it is looked at is no code of the model's.
OWN_FILES = tuple(str(Path(__file__).parents[1] / part) for part in ("health", "remedies"))
# Parts of names that nobody wrote: of torch.compile, and of Keras on torch.
WRAPPERS = {"_orig_mod", "_functional", "_torch_params"}

UNKNOWN = "?"  # stands for a weight that could not be followed


@dataclass(frozen=True)
class Source:
    """A weight whose products are pre-activations.

    Attributes
    ----------
    name : str
        Such as "fc1.weight".
    units : int
        Of how many units it holds the incoming weights.
    axis : int
        Axis of the units in the weight: 0 for Linear and Conv, 1 for ``x @ w``.
    out_axis : int
        Axis of the units in the product, from the end: -3 for a convolution over pixels.
    """

    name: str
    units: int
    axis: int = 0
    out_axis: int = -1


class Place(NamedTuple):
    """Where a call is made: in which module, and by which line of the model's own code.

    `ready_made` says that the module is one of torch's, so that its name tells more than a line.
    """

    path: str = ""
    ready_made: bool = False
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Write it as short as it can be found again."""
        if self.ready_made or not self.file:
            return self.path
        # A cell of a notebook has the name of a file that nobody has seen.
        file = "cell" if "ipykernel_" in self.file else Path(self.file).name
        return f"{file}:{self.line}"


def written(name: str) -> str:
    """Name a part of a model as it is written, without what `torch.compile` and Keras wrap it in.

    Examples
    --------
    >>> written("_orig_mod.fc1.weight"), written("body._orig_mod")
    ('fc1.weight', 'body')
    >>> written("_functional._torch_params.sequential/dense/kernel")
    'sequential/dense/kernel'
    """
    return ".".join(part for part in name.split(".") if part not in WRAPPERS)


@cache
def owner_of(file: str) -> str:
    """Tell whose code a file holds: "helpers", "torch" (that of Keras too) or "model".

    Examples
    --------
    >>> owner_of(torch.__file__), owner_of("model.py")
    ('torch', 'model')
    """
    if file.startswith(OWN_FILES):
        return "helpers"
    return "torch" if file.startswith(TORCH_FILES) or KERAS_FILES in file else "model"


def matcher(layers: str | Sequence[str] | None) -> Callable[[str], bool]:
    """Make a test of sites' names, from names of modules or weights, or patterns.

    Raises
    ------
    TypeError
        If they are no strings, or there are none.

    Examples
    --------
    >>> matcher("fc1")("fc1.weight -> relu"), matcher("fc1")("fc10.weight -> relu")
    (True, False)
    """
    if layers is None:
        return lambda name: True
    patterns = [layers] if isinstance(layers, str) else list(layers)
    if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
        raise TypeError(
            f"layers must be names, such as 'fc1' or ['conv1', '*relu*']; got {layers!r}"
        )

    def wanted(name: str) -> bool:
        weights = name.partition(" -> ")[0].split(" + ")
        return any(
            fnmatchcase(name, pattern)
            or any(weight == pattern or weight.startswith(f"{pattern}.") for weight in weights)
            for pattern in patterns
        )

    return wanted
