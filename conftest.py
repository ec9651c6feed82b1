"""What every run of pytest here shares, `pytest notebooks/x.ipynb` alone included."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

# Tests run in as many processes as there are cores; threads of their own would fight over them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = ["tests.nbval_tolerance"]

PROGRESS = "COURSE_PROGRESS_DIR"


def pytest_configure(config: pytest.Config) -> None:
    """Keep the learner's progress out of reach: tests and notebooks' kernels get their own."""
    before = os.environ.get(PROGRESS)
    folder = tempfile.mkdtemp(prefix="course-progress-")
    os.environ[PROGRESS] = folder

    def restore() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        if before is None:
            os.environ.pop(PROGRESS, None)
        else:
            os.environ[PROGRESS] = before

    config.add_cleanup(restore)
