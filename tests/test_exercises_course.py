"""Progress across the course: what is read, shown, printed by make, and deleted."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from helpers.exercises import course, progress
from helpers.exercises import meet_a_neuron as ex
from helpers.exercises.engine import Exercise
from tools import progress as tool

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "helpers" / "exercises"
NOTEBOOKS = {path.stem.partition("_") for path in (ROOT / "notebooks").glob("*.ipynb")}
MODULES = {
    path.stem: import_module(f"helpers.exercises.{path.stem}")
    for path in sorted(PACKAGE.glob("*.py"))
    if (PACKAGE / "solutions" / path.name).exists() and path.stem != "__init__"
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_every_notebook_with_exercises_has_its_number_and_its_row():
    assert set(MODULES) <= set(course.NOTEBOOKS.values())
    for number, _, name in NOTEBOOKS:
        assert course.NOTEBOOKS[number] == name
    rows = course.overview().rows
    assert [row.title for row in rows] == sorted(row.title for row in rows)
    assert len(rows) == len(MODULES)
    for row, module in zip(rows, sorted(MODULES.items(), key=_number), strict=True):
        exercises = {k for k, v in vars(module[1]).items() if isinstance(v, Exercise)}
        assert set(row.records) == exercises


def _number(item):
    return list(course.NOTEBOOKS.values()).index(item[0])


@pytest.mark.parametrize("name", MODULES)
def test_every_module_shows_the_progress_of_the_course(name):
    """By one function: none has its own."""
    assert MODULES[name].progress is course.progress
    assert "progress" in MODULES[name].__all__


def test_a_notebook_that_is_not_there_yet_is_passed_over(monkeypatch):
    before = len(course.overview().rows)
    monkeypatch.setitem(course.NOTEBOOKS, "99", "never_written")
    assert len(course.overview().rows) == before


def test_what_is_done_is_counted():
    ex.neuron.check(lambda x, w, b: np_free_neuron(x, w, b))
    ex.nand_gate.check(0, 0)
    ex.nand_gate.check([0, 0], 0)
    ex.xor.hint()
    row = course.overview().rows[1]
    assert row.title == "01 meet a neuron"
    assert [row.count(state) for state in course.STATES] == [1, 1, 2]
    assert row.cells == ("01 meet a neuron", "1", "1", "2", "1", "0")
    assert re.search(r"^01 meet a neuron +1 +1 +2 +1 +0$", repr(course.overview()), re.MULTILINE)
    assert repr(course.overview()).endswith("Next: 00 warm up, `ex.share_above`.")


def np_free_neuron(x, w, b):
    return (x @ w + b > 0) * 1.0


def test_when_all_is_done_it_says_so():
    done = course.Row("01", {"a": progress.Record("right")})
    assert course.Overview((done,)).sentence == ("1 of 1 exercises are right. There is none left.")


def test_the_table_in_html_has_heads_and_escapes():
    table = course.Overview((course.Row("<b>", {}),))._repr_html_()
    assert "&lt;b&gt;" in table
    assert "<b>" not in table
    assert table.count('scope="col"') == len(course.Overview.heads)
    assert 'scope="row"' in table
    assert "<caption>" in table


def test_progress_shows_the_figure_and_gives_the_table(capsys):
    progress.save("meet_a_neuron.neuron", progress.Record("right"))
    found = ex.progress()
    assert capsys.readouterr().out.startswith("1 of ")
    assert found == course.overview()


def test_without_matplotlib_there_is_the_table(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "helpers.plots.progress", None)
    assert ex.progress() == course.overview()
    assert capsys.readouterr().out == ""


def test_in_a_notebook_there_are_picture_caption_and_table():
    source = "from helpers.exercises import meet_a_neuron as ex\nex.progress()"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": ROOT}}).execute()
    picture, caption, table = notebook.cells[0].outputs
    assert "image/png" in picture.data
    assert "exercises are right" in picture.metadata["image/png"]["alt"]
    assert "exercises are right" in caption.data["text/plain"]
    assert table.data["text/plain"].startswith("Notebook")
    assert "<table>" in table.data["text/html"]


@pytest.mark.parametrize("text", ["", "{", "\x00", '{"state": "perfect"}', "[" * 10**5])
def test_a_file_that_a_crash_has_damaged_counts_as_not_tried(folder, text):
    folder.mkdir()
    (folder / "meet_a_neuron.neuron.json").write_text(text)
    (folder / "meet_a_neuron.xorab12.tmp").write_text("half a rec")
    (folder / "meet_a_neuron.xor.lock").touch()
    assert course.overview().rows[1].count("not tried yet") == 4


# --- where it is kept --------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["my-course", ".", "notebooks", "my-course/deep"])
def test_by_default_it_is_kept_inside_my_course(tmp_path, monkeypatch, where):
    monkeypatch.delenv("COURSE_PROGRESS_DIR")
    (tmp_path / "my-course" / "deep").mkdir(parents=True)
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / where)
    assert progress.folder().resolve() == (tmp_path / "my-course" / "progress").resolve()


def test_a_tilde_is_the_home_folder(monkeypatch):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", "~/kept")
    assert progress.folder() == Path.home() / "kept"


@pytest.mark.skipif(os.name == "nt", reason="the current folder cannot be deleted there")
def test_a_current_folder_that_is_gone(tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_PROGRESS_DIR")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert progress.folder() == Path("progress")
    assert ex.xor.hint().note.startswith("(Your progress could not be saved")


# --- deleting it -------------------------------------------------------------------------------

LEARNERS_OWN = ("notes.json", "package.lock.json", "meet_a_neuron.txt", "x.y.json", ".hidden")


def fill(folder):
    for key in ("meet_a_neuron.neuron", "read_text.run_state"):
        assert progress.save(key, progress.Record("right"))
    (folder / "meet_a_neuron.xor.lock").touch()
    (folder / "meet_a_neuron.xor8s.tmp").touch()


def test_reset_deletes_the_records_and_nothing_else(folder):
    fill(folder)
    for name in LEARNERS_OWN:
        (folder / name).write_text("mine")
    assert course.reset() == 2
    assert {path.name for path in folder.iterdir()} == set(LEARNERS_OWN)


def test_reset_takes_an_empty_folder_away(folder):
    fill(folder)
    assert course.reset() == 2
    assert not folder.exists()
    assert course.reset() == 0


@pytest.mark.parametrize(
    ("answer", "left"), [("yes", 0), (" Yes ", 0), ("no", 2), ("", 2), ("y", 2)]
)
def test_the_tool_asks_before_it_deletes(folder, monkeypatch, capsys, answer, left):
    fill(folder)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert tool.main(["--reset"]) == (left > 0)
    assert len(progress.load_all()) == left
    assert ("Nothing was deleted." in capsys.readouterr().out) == (left > 0)


def test_the_tool_deletes_without_asking_when_forced(folder, monkeypatch, capsys):
    fill(folder)
    monkeypatch.setattr("builtins.input", lambda question: pytest.fail("it asked"))
    assert tool.main(["--reset", "--force"]) == 0
    assert "the progress of 2 exercises" in capsys.readouterr().out
    assert tool.main(["--reset"]) == 0
    assert "nothing to delete" in capsys.readouterr().out


def test_the_tool_says_what_it_cannot_do(folder, monkeypatch, capsys):
    fill(folder)

    def refuse():
        raise PermissionError("not yours")

    monkeypatch.setattr(course, "reset", refuse)
    assert tool.main(["--reset", "--force"]) == 1
    assert "cannot be deleted: not yours" in capsys.readouterr().err
    assert tool.main(["--rest"]) == 2
    assert "What is --rest?" in capsys.readouterr().err


def test_the_tool_reads_my_course_by_default(monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PROGRESS_DIR", "")
    monkeypatch.setattr(tool, "MINE", Path("nowhere"))
    assert tool.main([]) == 0
    assert os.environ["COURSE_PROGRESS_DIR"] == str(Path("nowhere") / "progress")
    assert "0 of " in capsys.readouterr().out


def run(*command, **environ):
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environ, stdin=subprocess.DEVNULL,
        capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.skipif(
    shutil.which("make") is None or not (ROOT / ".venv" / "bin" / "python").exists(),
    reason="there is no make, or no environment of the clone's own",
)
def test_make_prints_and_resets(folder):
    fill(folder)
    table = run("make", "progress")
    assert table.returncode == 0, table.stderr
    assert "2 of " in table.stdout
    for refused in (run("make", "reset-progress"), run("make", "reset-progress", "FORCE=0")):
        assert refused.returncode
        assert "Nothing was deleted." in refused.stdout
    assert len(list(folder.glob("*.json"))) == 2
    forced = run("make", "reset-progress", "FORCE=1")
    assert forced.returncode == 0, forced.stderr
    assert not folder.exists()


def test_nothing_leaves_the_machine():
    """No module that keeps or shows progress knows how to reach a network."""
    networks = r"^\s*(import|from) (socket|urllib|http|requests|ssl|ftplib|smtplib)\b"
    for path in (*PACKAGE.glob("*.py"), ROOT / "tools/progress.py"):
        assert not re.search(networks, path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_a_record_is_plain_json(folder):
    progress.save("meet_a_neuron.neuron", progress.Record("right", hints=1))
    assert json.loads((folder / "meet_a_neuron.neuron.json").read_text()) == {
        "state": "right", "hints": 1, "solution": False, "prediction": None,
    }  # fmt: skip
