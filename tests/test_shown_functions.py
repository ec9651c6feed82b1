"""Show first, import later: what a notebook defines equals what `helpers` has by that name."""

import ast
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers import activations
from helpers.plots import slopes

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
ACTIVATION_CASES = (
    (np.linspace(-5, 5, 101),),
    (np.array([-0.0, 0.0, 5e-324, -5e-324]),),
    (np.array([-np.inf, np.inf]),),
    (np.zeros((0, 3)),),
    (np.arange(-6.0, 6.0).reshape(3, 4),),
)


@dataclass(frozen=True)
class Taught:
    """A function or a class that a notebook defines, and what it must agree with.

    Parameters
    ----------
    notebook, name : str
        Where it is defined, and by which name.
    ours : callable
        The function or the class in `helpers`.
    cases : tuple
        What to try: tuples of arguments, or functions that take `ours` or the notebook's and give
        what to compare, as a class needs.
    also : tuple of str
        Other functions and classes of the notebook that it needs.
    tolerance : float
        Relative; by default everything is exactly equal.
    """

    notebook: str
    name: str
    ours: Callable[..., Any]
    cases: tuple[tuple[Any, ...] | Callable[[Any], Any], ...] = ACTIVATION_CASES
    also: tuple[str, ...] = ()
    tolerance: float = 0.0


TAUGHT = [
    Taught("00_warm_up", "bend", activations.relu),
    Taught(
        "00_warm_up",
        "slope_at",
        slopes.slope_at,
        (
            lambda slope_at: [slope_at(np.sin, x) for x in (-2.0, 0.0, 0.3)],
            lambda slope_at: slope_at(abs, 0.0, h=0.5),
        ),
    ),
    Taught("01_meet_a_neuron", "step", activations.step),
    Taught("01_meet_a_neuron", "relu", activations.relu),
]


def shown(notebook: str, name: str, also: tuple[str, ...] = ()):
    """Return the function or class that a notebook defines, as its reader would have it."""
    wanted = [name, *also]
    namespace: dict[str, Any] = {"np": np}
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            for node in ast.parse("".join(cell["source"])).body:
                defines = isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in wanted
                if defines and node.name not in namespace:  # the first definition is what is taught
                    exec(compile(ast.Module([node], []), notebook, "exec"), namespace)
    for each in wanted:
        if each not in namespace:
            raise LookupError(f"notebook {notebook} defines no function or class {each}")
    return namespace[name]


def outputs(thing, case):
    return case(thing) if callable(case) else thing(*copy.deepcopy(case))


def assert_same(theirs, ours, tolerance):
    """Compare tuples and lists entry by entry, all else as arrays of the same shape and dtype."""
    for kind in (tuple, list):
        assert isinstance(theirs, kind) == isinstance(ours, kind)
    if isinstance(ours, tuple | list):
        assert len(theirs) == len(ours)
        for one, other in zip(theirs, ours, strict=True):
            assert_same(one, other, tolerance)
    elif tolerance:
        theirs, ours = np.asarray(theirs), np.asarray(ours)
        np.testing.assert_allclose(theirs, ours, rtol=tolerance, strict=True)
    else:
        np.testing.assert_array_equal(np.asarray(theirs), np.asarray(ours), strict=True)


def assert_agrees(taught: Taught):
    theirs = shown(taught.notebook, taught.name, taught.also)
    assert taught.cases
    for case in taught.cases:
        assert_same(outputs(theirs, case), outputs(taught.ours, case), taught.tolerance)


@pytest.mark.parametrize("taught", TAUGHT, ids=lambda t: f"{t.notebook}-{t.name}")
def test_what_is_shown_is_what_is_imported_later(taught):
    assert_agrees(taught)


# --- the comparison itself -------------------------------------------------------------------

DEMO = """\
def double(z):
    return 2 * z


def with_slope(z):
    return double(z), np.full(z.shape, 2.0)


class Layer:
    def forward(self, x):
        self.x = x
        return double(x)

    def backward(self, g):
        return g * self.x
"""


class Layer:
    def forward(self, x):
        self.x = x
        return x + x

    def backward(self, g):
        return self.x * g


class ForgetfulLayer(Layer):
    def backward(self, g):
        return g


def there_and_back(layer_class):
    layer = layer_class()
    return layer.forward(np.full(3, 0.5)), layer.backward(np.arange(3.0))


ONE_CASE = ((np.array([0.1, 3.0]),),)


def demo(name, ours, cases=ONE_CASE, tolerance=0.0):
    return Taught("demo", name, ours, cases, ("double",), tolerance)


@pytest.fixture
def _demo(tmp_path, monkeypatch):
    stub = "def double(z):\n    return ..."  # an exercise's, later on
    cells = [{"cell_type": "code", "source": source} for source in (DEMO, stub)]
    (tmp_path / "demo.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    monkeypatch.setitem(globals(), "NOTEBOOKS", tmp_path)


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize(
    "taught",
    [
        pytest.param(demo("double", lambda z: z + z), id="function"),
        pytest.param(demo("double", lambda z: z * (2 + 1e-9), tolerance=1e-8), id="tolerance"),
        pytest.param(demo("with_slope", lambda z: (z + z, 0 * z + 2)), id="tuple"),
        pytest.param(demo("Layer", Layer, (there_and_back,)), id="class"),
    ],
)
def test_equal_ones_agree(taught):
    assert_agrees(taught)


@pytest.mark.usefixtures("_demo")
@pytest.mark.parametrize(
    "taught",
    [
        pytest.param(demo("double", lambda z: z * (2 + 1e-9)), id="value"),
        pytest.param(demo("double", lambda z: z * (2 + 1e-7), tolerance=1e-8), id="tolerance"),
        pytest.param(demo("double", lambda z: 2 * z, cases=()), id="no case"),
        pytest.param(
            demo("double", lambda z: 2.0 * z.astype(float), ((np.ones(2, np.float32),),)),
            id="dtype",
        ),
        pytest.param(demo("double", lambda z: 2.0, ((np.ones(2),),)), id="shape"),
        pytest.param(demo("double", lambda z: (2 * z,)), id="no tuple"),
        pytest.param(demo("double", lambda z: list(2 * z)), id="list of numbers"),
        pytest.param(demo("with_slope", lambda z: [2 * z, 0 * z + 2]), id="list"),
        pytest.param(demo("with_slope", lambda z: (2 * z,)), id="length"),
        pytest.param(demo("with_slope", lambda z: (2 * z, 0 * z + 3)), id="entry"),
        pytest.param(demo("Layer", ForgetfulLayer, (there_and_back,)), id="class"),
    ],
)
def test_a_difference_is_noticed(taught):
    with pytest.raises(AssertionError):
        assert_agrees(taught)


def test_a_function_that_is_not_there_is_noticed():
    with pytest.raises(LookupError, match="defines no function or class sigmoid"):
        shown("01_meet_a_neuron", "sigmoid")
    with pytest.raises(LookupError, match="defines no function or class softplus"):
        shown("01_meet_a_neuron", "step", also=("softplus",))
