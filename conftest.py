"""What every run of pytest here shares, `pytest notebooks/x.ipynb` alone included."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

# Tests run in as many processes as there are cores; threads of their own would fight over them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.nbval_tolerance"]

PROGRESS = "COURSE_PROGRESS_DIR"
FOLDER = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the learner's progress out of reach: tests and notebooks' kernels get their own."""
    before = os.environ.get(PROGRESS)
    folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="course-progress-"))
    os.environ[PROGRESS] = str(folder)

    def restore() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            os.environ.pop(PROGRESS, None)
        else:
            os.environ[PROGRESS] = before

    config.add_cleanup(restore)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give each file its own: a notebook must not show what another one did before.

    First, as nbval starts the kernel of a notebook, which takes the variable with it, when the
    first of its cells is set up.
    """
    os.environ[PROGRESS] = str(item.config.stash[FOLDER] / item.path.stem)
