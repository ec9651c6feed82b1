"""Show first, import later: a function that a notebook defines equals the one in `helpers`."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest

from helpers import activations

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
TAUGHT = [
    ("01_meet_a_neuron", "step", activations.step),
    ("01_meet_a_neuron", "relu", activations.relu),
]


def shown(notebook: str, name: str):
    """Return the function that a notebook defines, as its reader would have it."""
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and node.name == name:
                    namespace = {"np": np}
                    exec(compile(ast.Module([node], []), notebook, "exec"), namespace)
                    return namespace[name]
    raise LookupError(f"notebook {notebook} defines no function {name}")


@pytest.mark.parametrize(("notebook", "name", "ours"), TAUGHT, ids=[n for _, n, _ in TAUGHT])
@pytest.mark.parametrize(
    "z",
    [
        np.linspace(-5, 5, 101),
        np.array([-0.0, 0.0, 5e-324, -5e-324]),
        np.array([-np.inf, np.inf]),
        np.zeros((0, 3)),
        np.arange(-6.0, 6.0).reshape(3, 4),
    ],
    ids=["line", "around 0", "infinite", "empty", "table"],
)
def test_what_is_shown_is_what_is_imported_later(notebook, name, ours, z):
    taught = shown(notebook, name)(z)
    assert np.array_equal(taught, ours(z))
    assert taught.dtype == ours(z).dtype


def test_a_function_that_is_not_there_is_noticed():
    with pytest.raises(LookupError, match="defines no function sigmoid"):
        shown("01_meet_a_neuron", "sigmoid")
