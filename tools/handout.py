"""Build the course for students and for lecturers, from the same files: `make handout`.

``dist/student`` has no solutions: its wheel lacks ``helpers/exercises/solutions``. Its notebooks
have neither lecturers' notes nor outputs, which would answer the questions in them.
``dist/instructor`` has everything, polls and quiz with answers, and a course for nbgrader: the
students' notebooks with a cell behind each exercise that is worth a point.
"""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools import polls
from tools.open_course import without_outputs
from tools.quiz import as_markdown, read

ROOT = Path(__file__).resolve().parents[1]
SOLUTIONS = Path("helpers", "exercises", "solutions")
BUILT_FROM = ("pyproject.toml", "README.md", "LICENSE", ".gitignore")
NBGRADER = """\
c = get_config()
c.Execute.timeout = 300  # seconds a cell: some train a network
"""
README = {
    "student": """\
Python 3.11 or newer is needed. In this folder:

    pip install "{wheel}[course,torch]"
    jupyter lab notebooks

Without torch notebooks 00 to 05 work. This copy has neither solutions nor outputs: you make them.
""",
    "instructor": """\
Do not hand this out: it has the solutions, all outputs, your notes and the answers of the quiz.
Python 3.11 or newer is needed. In this folder:

    pip install "{wheel}[course,torch]"
    jupyter lab notebooks

notes.md          what to ask, how long to wait, how rooms usually split; the same is in the
                  metadata of cells (`notes`)
polls.md          every question of the notebooks as a poll: options, answer, what to expect
quiz.md           questions with one right answer, the reasons against the others, and questions to
                  talk about; questions.md is the same without answers, for the room
nbgrader/         a course for nbgrader, each notebook an assignment. Install nbgrader beside the
                  wheel, go into nbgrader/, and begin with
                  `nbgrader generate_assignment 01_meet_a_neuron`. Each exercise is worth a point: a
                  cell behind it asks the check, and `nbgrader autograde` takes the point from
                  there. Your students need the wheel of the other copy. The course is public, and
                  a check may be asked as often as one likes: points for practice, not for exams.
""",
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
    notes = ["# Notes for lecturers", ""]
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        students = without_notes(without_outputs(notebook))
        _write(target / "notebooks" / path.name, notebook if solutions else students)
        if solutions:
            assignment = target / "nbgrader" / "source" / path.stem
            assignment.mkdir(parents=True)
            _write(assignment / path.name, with_points(students, path.stem))
            notes += [f"## {path.stem.replace('_', ' ')}", "", *notes_of(notebook), ""]
    if solutions:
        (target / "nbgrader" / "nbgrader_config.py").write_text(NBGRADER, encoding="utf-8")
        (target / "notes.md").write_text("\n".join(notes), encoding="utf-8")
        paths = sorted((root / "notebooks").glob("*.ipynb"))
        (target / "polls.md").write_text(polls.as_markdown(paths), encoding="utf-8")
        (target / "quiz.md").write_text(as_markdown(*read()), encoding="utf-8")
        questions = as_markdown(*read(), answers=False)
        (target / "questions.md").write_text(questions, encoding="utf-8")
    wheel = next((path.name for path in target.glob("*.whl")), "")
    about = README["instructor" if solutions else "student"].format(wheel=wheel)
    (target / "README.txt").write_text(about, encoding="utf-8")


def notes_of(notebook: dict) -> list[str]:
    """List the notes for lecturers, each with the heading above its cell."""
    heading, notes = "", []
    for cell in notebook["cells"]:
        first = "".join(cell["source"]).partition("\n")[0]
        if cell["cell_type"] == "markdown" and first.startswith("#"):
            heading = first.lstrip("# ")
        if "notes" in cell["metadata"]:
            notes.append(f"- **{heading}** {cell['metadata']['notes']}")
    return notes


def without_notes(notebook: dict) -> dict:
    """Return a notebook whose cells carry no notes for lecturers."""
    cells = [
        cell | {"metadata": {k: v for k, v in cell["metadata"].items() if k != "notes"}}
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}


def with_points(notebook: dict, name: str) -> dict:
    """Return a notebook with a cell behind each exercise from which nbgrader takes a point.

    The cells of the exercises stay as they are. (Marked as solutions they would lose all their
    code in `nbgrader generate_assignment`, the call of the check with it.) A check never raises,
    so the cell behind gives a number, which nbgrader takes for the points. Its identifier is the
    notebook's name and the exercise's, as in ``01_meet_a_neuron-neuron``.
    """
    cells = []
    for cell in notebook["cells"]:
        cells.append(cell)
        if cell["cell_type"] == "code":
            cells += [_point(cell, name, *check) for check in _checks("".join(cell["source"]))]
    return notebook | {"cells": cells}


def _checks(source: str) -> list[tuple[str, str]]:
    """Find the exercises that a cell checks, each with the call, as it is written there."""
    if ".check(" not in source:
        return []
    found = []
    for node in ast.parse(source).body:
        match node:
            case ast.Expr(
                ast.Call(ast.Attribute(ast.Attribute(ast.Name("ex"), exercise), "check"))
            ):
                found.append((exercise, ast.get_source_segment(source, node)))
    return found


def _point(cell: dict, name: str, exercise: str, call: str) -> dict:
    code = (
        f'# 1.0, a point of nbgrader, if the answer above is right\nfloat({call}.state == "right")'
    )
    facts = {
        "cell_type": "code",
        "grade": True,
        "grade_id": f"{name}-{exercise}",
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"{cell['id']}-point",
        "metadata": {"nbgrader": facts},
        "outputs": [],
        "source": code.splitlines(keepends=True),
    }


def _write(path: Path, notebook: dict) -> None:
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


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
