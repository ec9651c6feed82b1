from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from tools import refresh
from tools.refresh import RefusedError

ROOT = Path(__file__).resolve().parents[1]

SHOW = """\
import base64, sys
from IPython.display import display
png = base64.b64encode(b'png of today').decode()
for words in ("It climbs.", str(1+1)):
    display({"image/png": png, "text/plain": words}, raw=True,
            metadata={"image/png": {"alt": words}})"""
WHERE = """\
import os
from pathlib import Path
print(Path.cwd().name, os.environ["OMP_NUM_THREADS"], os.environ.get("MKL_CBWR"))
print(Path(os.environ["COURSE_PROGRESS_DIR"]).name.startswith("course-progress-"))
40 + 2"""


def picture(content: bytes, words: str) -> NotebookNode:
    data = {"image/png": base64.b64encode(content).decode(), "text/plain": words}
    return new_output("display_data", data, metadata={"image/png": {"alt": words}})


def stale() -> NotebookNode:
    """Return a notebook in the state in which authors leave them."""
    cells = [
        new_markdown_cell("# Run", id="title"),
        new_code_cell(WHERE, id="where", metadata={"scrolled": True}),
        new_code_cell("x=1", id="loose", execution_count=7),
        new_code_cell(SHOW, id="show", outputs=[picture(b"png of old", "It climbs.")]),
        new_code_cell(SHOW, id="same", metadata={"picture": "docs/it.png"}),
    ]
    cells[4].source = cells[4].source.replace(", str(1+1)", ",")
    cells[4].outputs = [picture(b"png of old", "It climbs.")]
    metadata = {"widgets": {"application/vnd.jupyter.widget-state+json": {}}}
    return new_notebook(cells=cells, metadata=metadata | {"language_info": {"name": "python"}})


def saved(folder: Path, notebook: NotebookNode, name: str = "01_run_it") -> Path:
    path = folder / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, path)
    return path


def run(*arguments: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.refresh", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"} | extra,
        capture_output=True,
        encoding="utf-8",
    )


def test_a_stale_notebook_is_run_reported_and_normalised(tmp_path: Path) -> None:
    path = saved(tmp_path, stale())
    before = path.read_bytes()

    checked = run(path, "--check")
    assert checked.returncode == 1, checked.stderr
    assert path.read_bytes() == before
    assert not (tmp_path / "docs").exists()

    done = run(path, MKL_CBWR="COMPATIBLE", OMP_NUM_THREADS="2")
    assert done.returncode == 0, done.stderr
    assert done.stdout == checked.stdout
    assert done.stdout.splitlines() == [
        "01_run_it.ipynb: changed",
        "cell 2 [where] import os",
        "@@ -0,0 +1,5 @@",
        "+[stdout]",
        "+notebooks 1 None",
        "+True",
        "+[text/plain]",
        "+42",
        "cell 4 [show] import base64, sys",
        "@@ -2,2 +2,5 @@",
        " [text/plain]",
        " It climbs.",
        '+[image/png] {"alt": "2"}',
        "+[text/plain]",
        "+2",
        "picture docs/it.png",
        "kept 1 stored pictures with the same text (new: --new-pictures)",
    ]
    assert "cell" in done.stderr  # the progress bar

    text = path.read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert text == json.dumps(json.loads(text), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    assert notebook.metadata == {
        "kernelspec": refresh.KERNELSPEC,
        "language_info": refresh.LANGUAGE,
    }
    _, where, loose, show, same = notebook.cells
    assert [cell.execution_count for cell in notebook.cells[1:]] == [1, 2, 3, 4]
    assert where.outputs[-1].execution_count == 1
    assert where.metadata == {}
    assert loose.source == "x = 1"
    assert [cell.id for cell in notebook.cells] == ["title", "where", "loose", "show", "same"]
    pngs = [base64.b64decode(output.data["image/png"]) for output in show.outputs + same.outputs]
    assert pngs == [b"png of today", b"png of today", b"png of old"]
    assert (tmp_path / "docs/it.png").read_bytes() == b"png of old"
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]


def test_views_of_widgets_are_not_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text beside a view stays; an output that is a view and nothing else goes."""
    path = saved(tmp_path, new_notebook(cells=[new_code_cell("ask()", id="a")]))
    words = {"text/plain": "Why?", "text/html": "<p>Why?</p>"}
    views = iter(range(9))

    def execute(notebook: NotebookNode, folder: Path) -> None:
        notebook.cells[0].outputs = [
            new_output("display_data", data | {refresh.RANDOM: {"model_id": str(next(views))}})
            for data in (words, {})
        ]

    monkeypatch.setattr(refresh, "execute", execute)
    assert refresh.refresh(path)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.data == words
    assert not refresh.refresh(path)


def test_a_fresh_notebook_stays_as_it_is_until_new_pictures_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that prints the stored text again, faked to save the kernel."""
    notebook = stale()
    del notebook.cells[1:4]
    path = saved(tmp_path, notebook)

    def execute(notebook: NotebookNode, folder: Path) -> None:
        assert folder == path.parent
        notebook.cells[1].outputs = [picture(b"png of today", "It climbs.")]

    monkeypatch.setattr(refresh, "execute", execute)
    assert refresh.refresh(path)
    assert "the file does" in capsys.readouterr().out
    stored = path.read_bytes()
    assert not refresh.refresh(path)
    assert path.read_bytes() == stored
    assert capsys.readouterr().out.startswith("01_run_it.ipynb: nothing changed\nkept 1")
    assert refresh.refresh(path, new_pictures=True)
    assert (tmp_path / "docs/it.png").read_bytes() == b"png of today"
    assert path.read_bytes() != stored


def test_a_terminal_gets_colours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, new_notebook(cells=[new_code_cell("print(1)", id="a")]))

    def execute(notebook: NotebookNode, folder: Path) -> None:
        notebook.cells[0].outputs = [new_output("stream", text="1\n")]

    monkeypatch.setattr(refresh, "execute", execute)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert refresh.refresh(path, check=True)
    assert "\x1b[32m+1\x1b[0m" in capsys.readouterr().out


UNCLEAN = {
    "01_raise_it": ("y = 1\n1 / 0", "y = 1 raises", "ZeroDivisionError: division by zero"),
    "02_warn_it": ("import sys\nprint('Oh', file=sys.stderr)", "prints to stderr:\nOh"),
    "03_kill_it": ("import os\nos._exit(1)", "DeadKernelError"),
}


def test_what_does_not_run_cleanly_is_refused_and_the_next_is_run(tmp_path: Path) -> None:
    title = new_markdown_cell("# A", id="a")
    paths = [
        saved(tmp_path, new_notebook(cells=[title, new_code_cell(code, id="bad")]), name)
        for name, (code, *_) in UNCLEAN.items()
    ]
    before = [path.read_bytes() for path in paths]
    done = run(*paths)
    assert done.returncode == 1
    for name, (_, *says) in UNCLEAN.items():
        for words in [f"{name}.ipynb is left as it was: cell 2 [bad]", *says]:
            assert words in done.stderr
    assert [path.read_bytes() for path in paths] == before


def test_code_that_is_not_python_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, new_notebook(cells=[new_code_cell("if:", id="a")]))
    with pytest.raises(RefusedError, match="ruff cannot format"):
        refresh.refresh(path)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "not a notebook"),
        ("[]", "not a notebook"),
        ('{"nbformat": 4, "nbformat_minor": 5}', "not a notebook"),
        ('{"nbformat": 3, "nbformat_minor": 0, "cells": []}', "nbformat 3"),
    ],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, content: str, says: str) -> None:
    with pytest.raises(RefusedError, match=says):
        refresh.load(tmp_path / "x.ipynb", content)


def test_an_edit_during_the_run_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, new_notebook(cells=[new_code_cell("1", id="a")]))
    edited = path.read_text() + "\n"
    monkeypatch.setattr(refresh, "execute", lambda notebook, folder: path.write_text(edited))
    with pytest.raises(RefusedError, match="meanwhile"):
        refresh.refresh(path)
    assert path.read_text() == edited


def test_an_interrupted_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def interrupt(source: str, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(refresh.os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        refresh.write(path, b"new")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_missing_and_double_ids_come_from_the_content() -> None:
    cells = [{"source": "a"}, {"source": ["a"]}, {"source": "b", "id": "x"}, {"source": "c"}]
    cells += [{"source": "d", "id": "x"}]
    refresh.give_ids(cells)
    ids = [cell["id"] for cell in cells]
    assert ids[0] + "-2" == ids[1]
    assert ids[2:5:2] == ["x", "x-2"]
    again = [{"source": "a"}]
    refresh.give_ids(again)
    assert again[0]["id"] == ids[0]


def test_pieces_of_a_stream_are_joined() -> None:
    out, err = (
        (lambda t: new_output("stream", text=t)),
        new_output("stream", name="stderr", text="e"),
    )
    shown = new_output("display_data", {"text/plain": "x"})
    joined = refresh.join_streams([out("a"), out("b"), shown, out("c"), err, out("d")])
    assert [output.get("text", "x") for output in joined] == ["ab", "x", "c", "e", "d"]


@pytest.mark.parametrize("name", ["../it.png", "/it.png", "docs/it.jpg"])
def test_a_picture_stays_inside_the_repository(tmp_path: Path, name: str) -> None:
    cell = new_code_cell("1", id="a", metadata={"picture": name}, outputs=[picture(b"p", "It.")])
    with pytest.raises(RefusedError, match="path from the repository's root"):
        refresh.pictures(new_notebook(cells=[cell]), tmp_path)


def test_a_cell_without_a_picture_cannot_give_one(tmp_path: Path) -> None:
    cell = new_code_cell("1", id="a", metadata={"picture": "it.png"})
    with pytest.raises(RefusedError, match="has 0 pictures"):
        refresh.pictures(new_notebook(cells=[cell]), tmp_path)


def test_notebooks_are_found_by_number_name_and_path(tmp_path: Path) -> None:
    first = saved(tmp_path, new_notebook(), "01_meet_it")
    tenth = saved(tmp_path, new_notebook(), "10_check_it")
    other = saved(tmp_path, new_notebook(), "other")
    other = other.rename(tmp_path / "other.ipynb")
    folder = first.parent
    assert refresh.find(["01"], folder) == refresh.find(["1"], folder) == [first]
    assert refresh.find(["10_check_it", "01_meet_it.ipynb"], folder) == [tenth, first]
    assert refresh.find(["all", "01"], folder) == [first, tenth]
    assert refresh.find([str(other)], folder) == [other.resolve()]
    for name in ("11", "x.ipynb", "0"):
        with pytest.raises(RefusedError, match="there are: 01_meet_it, 10_check_it"):
            refresh.find([name], folder)
    with pytest.raises(RefusedError, match="no notebook in"):
        refresh.find(["all"], tmp_path / "empty")


def test_a_wrong_name_is_a_clear_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        refresh.main(["99"])
    assert "there is no notebook '99'" in capsys.readouterr().err
