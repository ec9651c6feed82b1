"""What conftest.py does for every run of pytest."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

# Each notebook notes what it did, then says what it sees.
NOTES = """\
import os
from pathlib import Path

from helpers.exercises import progress

progress.save({name!r}, progress.Record("right"))
assert [*progress.load_all()] == [{name!r}], progress.load_all()
assert progress.folder() != Path({mine!r})"""
TESTS = """\
from helpers.exercises import progress

def test_it_sees_nothing_of_the_notebooks():
    assert not progress.load_all()
    assert progress.save("c.test", progress.Record("right"))
"""


def test_each_file_has_a_progress_folder_of_its_own(tmp_path):
    """In one process, where all of them followed one another in one folder."""
    mine = tmp_path / "mine"
    for name in ("a", "b"):
        cell = new_code_cell(NOTES.format(name=f"{name}.x", mine=str(mine)))
        nbformat.write(new_notebook(cells=[cell]), tmp_path / f"{name}.ipynb")
    (tmp_path / "test_c.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--nbval-lax", "--nbval-current-env"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COURSE_PROGRESS_DIR": str(mine)},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert not mine.exists()
