"""Build the course for students and for lecturers, from the same files: `make handout`.

``dist/student`` has no solutions: its wheel lacks ``helpers/exercises/solutions``. Its notebooks
have neither lecturers' notes nor outputs, which would answer the questions in them.
``dist/instructor`` has everything, and the quiz with its answers. In both, the cells of exercises
carry metadata by which nbgrader knows them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.open_course import without_outputs
from tools.quiz import as_markdown, read

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = Path("helpers", "exercises", "solutions")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")
CHECK = re.compile(r"^ex\.(\w+)\.check\(", re.MULTILINE)
README = {
    "student": (
        "Install the wheel, then open the notebooks: `pip install relu_course-*.whl`.\n"
        "This copy comes without solutions and without outputs: you make them.\n"
    ),
    "instructor": (
        "Install the wheel, then open the notebooks: `pip install relu_course-*.whl`.\n"
        "This copy has the solutions, the notes in the metadata of cells (`notes`), all outputs,\n"
        "and quiz.md with its answers. Do not hand it out.\n"
    ),
}


def build(target: Path, *, solutions: bool, root: Path = ROOT) -> None:
    """Build one version of the course in a folder, which is emptied first.

    Parameters
    ----------
    target : Path
        The folder.
    solutions : bool
        True for lecturers, False for students.
    root : Path
        The clone.
    """
    shutil.rmtree(target, ignore_errors=True)
    (target / "notebooks").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        _build_wheel(_source(root, Path(folder), solutions=solutions), target)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        notebook = with_grading(notebook, path.stem)
        if not solutions:
            notebook = without_notes(without_outputs(notebook))
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
        (target / "notebooks" / path.name).write_text(text, encoding="utf-8", newline="\n")
    if solutions:
        (target / "quiz.md").write_text(as_markdown(*read()), encoding="utf-8")
    about = README["instructor" if solutions else "student"]
    (target / "README.txt").write_text(about, encoding="utf-8")


def without_notes(notebook: dict) -> dict:
    """Return a notebook whose cells carry no notes for lecturers."""
    cells = [
        cell | {"metadata": {k: v for k, v in cell["metadata"].items() if k != "notes"}}
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}


def with_grading(notebook: dict, name: str) -> dict:
    """Return a notebook in which nbgrader finds each exercise: an answer, worth one point.

    The identifier is the notebook's name and the exercise's, as in ``01_meet_a_neuron-neuron``.
    """
    return notebook | {"cells": [_graded(cell, name) for cell in notebook["cells"]]}


def _graded(cell: dict, name: str) -> dict:
    found = CHECK.search("".join(cell["source"])) if cell["cell_type"] == "code" else None
    if found is None:
        return cell
    facts = {
        "cell_type": "code",
        "grade": True,
        "grade_id": f"{name}-{found[1]}",
        "locked": False,
        "points": 1,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    return cell | {"metadata": cell["metadata"] | {"nbgrader": facts}}


def _source(root: Path, folder: Path, *, solutions: bool) -> Path:
    """Copy what the wheel is built from, so that nothing in the clone is moved."""
    for name in ("helpers", "data"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, folder / name, ignore=ignored)
    for name in BUILT_FROM:
        shutil.copy(root / name, folder)
    if not solutions:
        shutil.rmtree(folder / SOLUTIONS)
    return folder


def _build_wheel(source: Path, target: Path) -> None:
    code = f"from hatchling.build import build_wheel; build_wheel({str(target.resolve())!r})"
    subprocess.run([sys.executable, "-c", code], cwd=source, check=True, capture_output=True)


def main() -> int:
    """Build both versions in dist/; return the exit code."""
    for name in ("student", "instructor"):
        build(ROOT / "dist" / name, solutions=name == "instructor")
        print(f"dist/{name}: {len(list((ROOT / 'dist' / name / 'notebooks').iterdir()))} notebooks")
    return 0


if __name__ == "__main__":
    sys.exit(main())
