"""Both versions of the course, built from the same files; the student's knows no solutions."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
    for version in ("student", "instructor"):
        cells = cells_of(versions / version / "notebooks" / name)
        graded = [cell for cell in cells if "nbgrader" in cell["metadata"]]
        ids = [cell["metadata"]["nbgrader"]["grade_id"] for cell in graded]
        assert len(set(ids)) == len(ids) >= 3
        for cell, grade_id in zip(graded, ids, strict=True):
            assert re.fullmatch(r"[a-zA-Z0-9_\-]+", grade_id)
            assert f"ex.{grade_id.rpartition('-')[2]}.check(" in "".join(cell["source"])


def test_the_quiz_goes_to_lecturers_alone(versions):
    assert "Right: " in (versions / "instructor" / "quiz.md").read_text(encoding="utf-8")
    assert not list((versions / "student").rglob("*quiz*"))
    names = zipfile.ZipFile(wheel_in(versions / "student")).namelist()
    assert not [name for name in names if "quiz" in name]


def test_each_says_what_it_is(versions):
    student = (versions / "student" / "README.txt").read_text(encoding="utf-8")
    assert "without solutions" in student
    instructor = (versions / "instructor" / "README.txt").read_text(encoding="utf-8")
    assert "Do not hand it out" in instructor


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
