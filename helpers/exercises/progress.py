"""What a learner has done, on disk: one small JSON file an exercise.

The folder is named by the environment variable ``COURSE_PROGRESS_DIR``; by default it is
``progress`` inside ``my-course``, where the learner's notebooks are, or where there is none inside
the current folder. Nothing leaves the machine. A file is replaced in one step, so a crash leaves
the old one or the new one; a damaged file reads as if it were not there.
"""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Record", "folder", "load", "load_all", "save"]

MINE = "my-course"  # the folder of the learner's own copies
_STATES = ("not tried yet", "not right yet", "right")  # a record only ever moves to the right


@dataclass(frozen=True)
class Record:
    """What is kept about one exercise.

    Parameters
    ----------
    state : str
        The best answer so far: "not tried yet", "not right yet" or "right".
    hints : int
        How many hints were shown.
    solution : bool
        Whether the solution was shown.
    prediction : str or float, optional
        The latest prediction, where the exercise asks for one.
    """

    state: str = "not tried yet"
    hints: int = 0
    solution: bool = False
    prediction: str | float | None = None

    def __post_init__(self) -> None:
        """Refuse what a damaged file may hold."""
        if (
            self.state not in _STATES
            or type(self.hints) is not int
            or type(self.solution) is not bool
            or not isinstance(self.prediction, str | int | float | None)
        ):
            raise ValueError(f"not a record of progress: {self!r}")

    def merge(self, later: "Record") -> "Record":
        """Join with a later record; nothing that was reached is lost.

        Examples
        --------
        >>> Record("right", hints=1).merge(Record("not right yet", hints=2))
        Record(state='right', hints=2, solution=False, prediction=None)
        """
        return Record(
            state=max(self.state, later.state, key=_STATES.index),
            hints=max(self.hints, later.hints),
            solution=self.solution or later.solution,
            prediction=self.prediction if later.prediction is None else later.prediction,
        )


def folder() -> Path:
    """Return the folder where progress is kept. It may not exist yet."""
    named = os.environ.get("COURSE_PROGRESS_DIR")
    if named:
        return Path(os.path.expanduser(named))
    try:
        here = Path.cwd()
    except OSError:  # the current folder has been deleted
        return Path("progress")
    # A kernel starts beside its notebook: in my-course/, in notebooks/, or in the clone itself.
    for place in (here, *list(here.parents)[:2]):
        if place.name == MINE:
            return place / "progress"
        if (place / MINE).is_dir():
            return place / MINE / "progress"
    return Path("progress")


def save(key: str, record: Record) -> bool:
    """Merge a record into the file of an exercise.

    Parameters
    ----------
    key : str
        Notebook and exercise, as in ``"meet_a_neuron.neuron"``.
    record : Record
        What is new.

    Returns
    -------
    bool
        False if it could not be written. Nothing is raised.
    """
    path = _path(key)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            before = load(key)
            after = before.merge(record)
            if after != before:
                _replace(path, json.dumps(asdict(after)))
    except OSError:
        return False
    return True


def load(key: str) -> Record:
    """Read the record of an exercise; an empty one if there is none or it is damaged.

    Examples
    --------
    >>> load("no_notebook.no_exercise")
    Record(state='not tried yet', hints=0, solution=False, prediction=None)
    """
    try:
        return Record(**json.loads(_path(key).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return Record()


def load_all() -> dict[str, Record]:
    """Read every record there is, by key in alphabetical order."""
    keys = sorted(path.stem for path in folder().glob("*.json"))
    return {key: load(key) for key in keys}


def _path(key: str) -> Path:
    return folder() / f"{key}.json"


def _replace(path: Path, text: str) -> None:
    """Write a file beside `path`, then put it in its place in one step."""
    handle, name = tempfile.mkstemp(prefix=path.stem, suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let one process at a time read, merge and replace; a lock left by a crash is passed over."""
    lock = path.with_suffix(".lock")
    patience = time.monotonic() + 1.0
    while time.monotonic() < patience:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            time.sleep(0.005)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
