"""Both versions of the course, built from the same files; the student's knows no solutions."""

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import nbformat
import pytest

from helpers.exercises.engine import Exercise
from tools import handout

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture(scope="module")
def versions(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    for name in ("student", "instructor"):
        handout.build(folder / name, solutions=name == "instructor")
    return folder


def wheel_in(folder):
    (wheel,) = folder.glob("relu_course-*-py3-none-any.whl")
    return wheel


def cells_of(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def test_the_students_wheel_lacks_the_solutions_and_nothing_else(versions):
    student, instructor = (
        {n for n in zipfile.ZipFile(wheel_in(versions / v)).namelist() if "info/" not in n}
        for v in ("student", "instructor")
    )
    solutions = {name for name in instructor if name.startswith("helpers/exercises/solutions/")}
    assert len(solutions) >= 17
    assert student == instructor - solutions
    record = [
        n for n in zipfile.ZipFile(wheel_in(versions / "student")).namelist() if "RECORD" in n
    ]
    assert b"solutions/" not in zipfile.ZipFile(wheel_in(versions / "student")).read(record[0])


ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
import helpers
from helpers.exercises import meet_a_neuron as ex, train_a_network as other
print(json.dumps([helpers.__file__, repr(ex.neuron.solution()), repr(other.shares_at.solution()),
    ex.neuron.check(lambda x, w, b: (x @ w + b > 0) * 1.0).state, repr(ex.neuron.hint())]))
"""


@pytest.mark.parametrize("version", ["student", "instructor"])
def test_asked_for_a_solution(versions, version, tmp_path):
    """Each wheel alone, away from the clone; a wheel can be imported without being installed."""
    unpacked = tmp_path / "unpacked"
    zipfile.ZipFile(wheel_in(versions / version)).extractall(unpacked)
    environ = os.environ | {"COURSE_PROGRESS_DIR": str(tmp_path / "progress")}
    answer = subprocess.run(
        [sys.executable, "-c", ASK, unpacked],
        cwd=tmp_path, env=environ, capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    file, *solutions, checked, hint = json.loads(answer.stdout)
    assert Path(file).is_relative_to(unpacked)
    for solution in solutions:
        kindly = "This copy of the course comes without its solutions." in solution
        assert kindly == (version == "student")
        assert ("def " in solution) == (version == "instructor")
    assert checked == "right"
    assert hint.startswith("☞ Hint")


@pytest.mark.parametrize("name", NAMES)
def test_the_notebooks_differ_in_notes_and_outputs_alone(versions, name):
    original = cells_of(ROOT / "notebooks" / name)
    student = cells_of(versions / "student" / "notebooks" / name)
    instructor = cells_of(versions / "instructor" / "notebooks" / name)
    assert len(original) == len(student) == len(instructor)
    for source, theirs, ours in zip(original, student, instructor, strict=True):
        assert source["source"] == theirs["source"] == ours["source"]
        assert "notes" not in theirs["metadata"]
        assert source["metadata"].get("notes") == ours["metadata"].get("notes")
        assert source.get("outputs") == ours.get("outputs")
        assert not theirs.get("outputs")
    notes = [cell for cell in original if "notes" in cell["metadata"]]
    assert notes, "there was something to take out"


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_is_left_in_a_students_notebook(versions, name):
    text = (versions / "student" / "notebooks" / name).read_text(encoding="utf-8")
    assert "One way of several" not in text
    assert '"notes"' not in text


@pytest.mark.parametrize("name", NAMES)
def test_nbgrader_finds_each_exercise_once(versions, name):
    stem = name.removesuffix(".ipynb")
    path = versions / "instructor" / "nbgrader" / "source" / stem / name
    nbformat.validate(nbformat.read(path, as_version=4))
    cells = cells_of(path)
    graded = [cell for cell in cells if "nbgrader" in cell["metadata"]]
    module = import_module(f"helpers.exercises.{stem[3:]}")
    exercises = [key for key, value in vars(module).items() if isinstance(value, Exercise)]
    asked = [cell["metadata"]["nbgrader"]["grade_id"] for cell in graded]
    assert sorted(asked) == sorted(f"{stem}-{exercise}" for exercise in exercises)
    for cell in graded:
        facts = cell["metadata"]["nbgrader"]
        assert re.fullmatch(r"[a-zA-Z0-9_\-]+", facts["grade_id"])
        assert (facts["points"], facts["grade"], facts["locked"]) == (1, True, True)
        assert facts["solution"] is False, "nbgrader would clear the code of the cell"
        before = "".join(cells[cells.index(cell) - 1]["source"])
        _, code = "".join(cell["source"]).splitlines()
        assert code.startswith("float(ex.")
        assert code.endswith('.state == "right")')
        assert code.removeprefix("float(").removesuffix('.state == "right")') in before
    students = cells_of(versions / "student" / "notebooks" / name)
    assert [cell for cell in cells if cell not in graded] == students


@pytest.mark.parametrize("name", NAMES)
def test_without_nbgrader_there_is_nothing_of_it(versions, name):
    for version in ("student", "instructor"):
        text = (versions / version / "notebooks" / name).read_text(encoding="utf-8")
        assert "nbgrader" not in text


def test_the_point_is_the_checks_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path))
    source = "def neuron(x, w, b):\n    return step(x @ w + b)\n\n\nex.neuron.check(neuron)"
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": [source], "outputs": []}
    _, point = handout.with_points({"cells": [cell]}, "01_meet_a_neuron")["cells"]
    for step, expected in ((lambda z: (z > 0) * 1.0, 1.0), (lambda z: z * 0.0, 0.0)):
        names = {"ex": import_module("helpers.exercises.meet_a_neuron"), "step": step}
        exec(source, names)
        assert eval("".join(point["source"]), names) == expected


def test_quiz_and_notes_go_to_lecturers_alone(versions):
    instructor = versions / "instructor"
    assert "Right: " in (instructor / "quiz.md").read_text(encoding="utf-8")
    assert "Expect: " in (instructor / "polls.md").read_text(encoding="utf-8")
    questions = (instructor / "questions.md").read_text(encoding="utf-8")
    assert "- b) " in questions
    assert "Right: " not in questions
    there = {path.name for path in (versions / "student").iterdir()}
    assert there == {"README.txt", "notebooks", wheel_in(versions / "student").name}
    names = zipfile.ZipFile(wheel_in(versions / "student")).namelist()
    assert not [name for name in names if "quiz" in name]


def test_all_notes_are_in_one_file(versions):
    text = (versions / "instructor" / "notes.md").read_text(encoding="utf-8")
    for name in NAMES:
        for cell in cells_of(ROOT / "notebooks" / name):
            assert cell["metadata"].get("notes", "") in text
    assert "- **Exercise 3" in text, "the heading of the cell, without its marks"


def test_each_says_what_it_is_and_how_to_begin(versions):
    for version, says in (("student", "neither solutions nor"), ("instructor", "Do not hand this")):
        text = (versions / version / "README.txt").read_text(encoding="utf-8")
        assert says in text
        assert f'pip install "{wheel_in(versions / version).name}[course,torch]"' in text
    metadata = [
        n for n in zipfile.ZipFile(wheel_in(versions / "student")).namelist() if "METADATA" in n
    ]
    declared = zipfile.ZipFile(wheel_in(versions / "student")).read(metadata[0]).decode()
    assert "Provides-Extra: course" in declared
    assert "Provides-Extra: torch" in declared


def test_what_was_there_before_is_gone(tmp_path, monkeypatch):
    target = tmp_path / "student"
    target.mkdir()
    (target / "solutions.py").touch()
    monkeypatch.setattr(handout, "_build_wheel", lambda source, target: None)
    handout.build(target, solutions=False)
    assert not (target / "solutions.py").exists()


def test_main_builds_both(tmp_path, monkeypatch, capsys):
    built = []
    monkeypatch.setattr(handout, "ROOT", tmp_path)

    def build(target, *, solutions):
        (target / "notebooks").mkdir(parents=True)
        built.append((target, solutions))

    monkeypatch.setattr(handout, "build", build)
    assert handout.main() == 0
    dist = tmp_path / "dist"
    assert built == [(dist / "student", False), (dist / "instructor", True)]
    assert "dist/student: 0 notebooks" in capsys.readouterr().out
