"""Lower modules of `helpers` never import higher ones, and the lowest load nothing heavy."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "helpers"

# From the lowest to the highest; a package such as plots/ counts as one module.
ORDER = (
    "arguments",
    "activations",
    "initializers",
    "units",
    "stats",
    "datasets",
    "network",
    "training",
    "plots",
    "fleet",
    "born_dead",
    "sweep",
    "health",
    "remedies",
    "claims",
    "models",
    "exercises",
    "labs",
)
DATA = {"data"}  # what the wheel puts beside the modules


def files_of(package: Path) -> dict[str, Path]:
    """Return the Python files of a package by dotted name, as `helpers.plots.show`."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(name: str, files: dict[str, Path]) -> Iterator[tuple[str, int]]:
    """Yield each file of the package that a file imports, inside functions too, with the line."""
    path = files[name]
    here = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), path)):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = here[: len(here) - node.level + 1] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            wanted = [f"{start}.{alias.name}" for alias in node.names]
        else:
            continue
        for dotted in wanted:
            # `from helpers.plots import show` means the file of that name, else the package.
            known = next((n for n in (dotted, dotted.rpartition(".")[0]) if n in files), None)
            if known and known != name:
                yield known, node.lineno


def complaints(package: Path, order: tuple[str, ...]) -> list[str]:
    """Return what breaks the order of a package's modules; nothing if all is well."""
    files = files_of(package)
    present = {name.split(".")[1] for name in files if "." in name}
    found = [f"{name} has no place in the order" for name in sorted(present - set(order))]
    graph: dict[str, set[str]] = {}
    for name in files:
        graph[name] = set()
        module = name.partition(".")[2].partition(".")[0]
        for target, line in imports_of(name, files):
            graph[name].add(target)
            other = target.partition(".")[2].partition(".")[0]
            where = f"{files[name].relative_to(package.parent)}:{line}"
            if not other:
                found.append(f"{where} imports from the package itself: import the module")
            elif not module:
                found.append(f"{where} imports {other}: the package itself must load nothing")
            elif {module, other} <= set(order) and order.index(module) < order.index(other):
                found.append(f"{where} imports {other}, which is higher than {module}")
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append(f"circle: {' -> '.join(error.args[1])}")
    return found


def test_modules_keep_their_order() -> None:
    assert complaints(PACKAGE, ORDER) == []


def test_the_order_names_each_module_once() -> None:
    assert len(set(ORDER)) == len(ORDER)
    folders = {path.name for path in PACKAGE.iterdir() if any(path.glob("*.py"))}
    assert folders - DATA <= set(ORDER)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small package whose order low, mid, high is kept."""
    package = tmp_path / "helpers"
    (package / "mid").mkdir(parents=True)
    (package / "__init__.py").write_text('"""Nothing."""\nimport os\n')
    (package / "low.py").write_text("import math\nfrom os import path\n")
    (package / "mid" / "__init__.py").write_text("from helpers.mid.show import show\n")
    (package / "mid" / "show.py").write_text("from .. import low\nfrom . import style\n")
    (package / "mid" / "style.py").write_text("from helpers import low\nimport helpers.low\n")
    (package / "high.py").write_text("from .mid import show\nfrom .low import f\n")
    return package


TREE_ORDER = ("low", "mid", "high", "not_yet_there")


def test_a_good_tree_has_no_complaint(tree: Path) -> None:
    assert complaints(tree, TREE_ORDER) == []


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        ("low.py", "import helpers.high", "low.py:3 imports high, which is higher than low"),
        ("low.py", "from helpers import mid", "imports mid, which is higher than low"),
        ("low.py", "from .mid.show import show", "imports mid, which is higher than low"),
        ("low.py", "def f():\n    from . import high", "imports high, which is higher than low"),
        ("mid/style.py", "from ..high import g", "imports high, which is higher than mid"),
        ("mid/style.py", "from . import show", "circle: "),
        ("mid/style.py", "from helpers.mid import show_it", "circle: "),
        ("__init__.py", "from . import low", "imports low: the package itself must load nothing"),
        ("low.py", "from helpers import VERSION", "imports from the package itself"),
        ("new.py", "import os", "new has no place in the order"),
    ],
)
def test_a_broken_tree_has_one(tree: Path, file: str, line: str, says: str) -> None:
    with (tree / file).open("a") as opened:
        opened.write(line + "\n")
    assert says in "\n".join(complaints(tree, TREE_ORDER))


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a fresh Python has loaded after a statement."""
    code = (
        f"{statement}\nimport json, sys\nprint(json.dumps([m.split('.')[0] for m in sys.modules]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout))


def test_import_helpers_loads_nothing_heavy() -> None:
    assert not loaded_by("import helpers") & {"numpy", "torch", "matplotlib", "scipy", "IPython"}


@pytest.mark.parametrize("module", ["activations", "units", "stats", "datasets"])
def test_the_lowest_modules_load_only_numpy(module: str) -> None:
    assert (PACKAGE / f"{module}.py").exists() or (PACKAGE / module).is_dir()
    assert not loaded_by(f"import helpers.{module}") & {"torch", "scipy", "matplotlib"}


def test_what_is_loaded_is_seen() -> None:
    assert "numpy" in loaded_by("import numpy")
