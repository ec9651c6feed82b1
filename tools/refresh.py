"""Run notebooks and store their outputs, showing in text what changed.

    python -m tools.refresh 01                   the notebook whose name begins with 01_
    python -m tools.refresh notebooks/x.ipynb    a file, or several, or `all`
    python -m tools.refresh --check all          only report; exit code 1 if anything would change

Cells run as validation expects them: in the default numeric environment on one thread, in the
notebook's folder, with the learner's progress out of reach. A notebook in which a cell raises or
prints to stderr is left as it was. Where the text of a cell's outputs is the same the stored
pictures stay, so that git shows a picture as changed only when its content is.

A code cell may say `"picture": "docs/neuron.png"` in its metadata: its picture is then written
there too, relative to the folder that holds notebooks/.
"""

from __future__ import annotations

import argparse
import base64
import copy
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError
from nbformat import NotebookNode
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager
from tqdm import tqdm
from traitlets import default

from tools import numeric

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
TIMEOUT = 300  # seconds a cell

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# Without the version, which differs between learners and says nothing about the notebook.
LANGUAGE = {
    "codemirror_mode": {"name": "ipython", "version": 3},
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "nbconvert_exporter": "python",
    "pygments_lexer": "ipython3",
}
# What editors and runs leave in a cell; the next run or the next editor would change it.
PASSING = ("ExecuteTime", "collapsed", "execution", "pycharm", "scrolled", "trusted", "vscode")
# The view of a widget: its id is new at each run, and without its kernel it shows an error.
RANDOM = "application/vnd.jupyter.widget-view+json"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class RefusedError(Exception):
    """A notebook was not refreshed; the message says why and what to do."""


class CurrentEnvironment(AsyncKernelManager):
    """Starts kernels with this very Python, as `--nbval-current-env` does."""

    @default("kernel_spec_manager")
    def _find_here(self) -> NbvalKernelspecManager:
        return NbvalKernelspecManager(parent=self)


# --- reading ----------------------------------------------------------------------------------


def find(names: Iterable[str], folder: Path = FOLDER) -> list[Path]:
    """Return the files that the names on the command line mean; raise RefusedError if none."""
    known = sorted(folder.glob("*.ipynb"))
    found: list[Path] = []
    for name in names:
        begins = [path for path in known if name.isdecimal() and int(path.name[:2]) == int(name)]
        if name == "all":
            found += known
        elif Path(name).is_file():
            found.append(Path(name).resolve())
        elif (folder / name).with_suffix(".ipynb") in known:
            found.append((folder / name).with_suffix(".ipynb"))
        elif len(begins) == 1:
            found += begins
        else:
            there = ", ".join(path.stem for path in known) or "none"
            raise RefusedError(f"there is no notebook {name!r}; in {folder} there are: {there}")
    if not found:
        raise RefusedError(f"there is no notebook in {folder}")
    return list(dict.fromkeys(found))


def load(path: Path, text: str) -> NotebookNode:
    """Return the notebook in `text` with ids and form set right and its code formatted."""
    try:
        raw = json.loads(text)
        version, cells = raw["nbformat"], raw["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"{path.name} is not a notebook: {error!r}") from error
    if version != 4:
        raise RefusedError(f"{path.name} has nbformat {version}: save it as version 4")
    raw["nbformat_minor"] = 5
    give_ids(cells)
    notebook = nbformat.reads(format_code(path, json.dumps(raw)), as_version=4)
    normalise(notebook)
    return notebook


def give_ids(cells: Iterable[dict[str, Any]]) -> None:
    """Give each cell that has no id, or another's, one that depends on its content alone."""
    taken: set[str] = set()
    for cell in cells:
        content = "".join(cell["source"])
        name = cell.get("id") or hashlib.sha256(content.encode()).hexdigest()[:8]
        number = 1
        while (new := name if number == 1 else f"{name}-{number}") in taken:
            number += 1
        cell["id"] = new
        taken.add(new)


def format_code(path: Path, text: str) -> str:
    """Return the notebook in `text` as `ruff format` would leave it in `path`."""
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path), "-"],
        input=text,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RefusedError(f"ruff cannot format {path.name}:\n{done.stderr.strip()}")
    return done.stdout


def normalise(notebook: NotebookNode) -> None:
    """Remove what differs from run to run or editor to editor, and number the cells."""
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    notebook.metadata["language_info"] = copy.deepcopy(LANGUAGE)
    number = 0
    for cell in notebook.cells:
        for key in PASSING:
            cell.metadata.pop(key, None)
        if cell.cell_type == "code":
            number += 1
            cell.execution_count = number
            cell.outputs = without_views(join_streams(cell.outputs))
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = number


def join_streams(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring pieces of one stream: where a kernel cuts depends on the clock."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last and output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def without_views(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """Remove the views of widgets, and outputs that are nothing else."""
    kept = []
    for output in outputs:
        if output.get("data", {}).pop(RANDOM, None) is None or output.data:
            kept.append(output)
    return kept


# --- running ----------------------------------------------------------------------------------


def name_of(cell: NotebookNode, index: int) -> str:
    """Return what to call a cell in a message: its place, id and first line."""
    first = cell.source.strip().partition("\n")[0]
    return f"cell {index + 1} [{cell.id}] {first[:60]}".rstrip()


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in a fresh kernel; raise RefusedError if one raises or prints to stderr."""
    at = ""

    def started(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = name_of(cell, cell_index)

    codes = sum(cell.cell_type == "code" for cell in notebook.cells)
    with (
        tempfile.TemporaryDirectory(prefix="course-progress-") as progress,
        tqdm(total=codes, unit="cell", leave=False) as bar,
    ):
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name=CURRENT_ENV_KERNEL_NAME,
            kernel_manager_class=CurrentEnvironment,
            record_timing=False,
            store_widget_state=False,
            on_cell_start=started,
            on_cell_executed=lambda **_: bar.update(),
        )
        try:
            client.execute(
                cwd=str(folder),
                env=numeric.environ("default", 1) | {"COURSE_PROGRESS_DIR": progress},
                stderr=subprocess.DEVNULL,  # the kernel's own remarks; what cells print comes back
            )
        except CellExecutionError as error:
            raise RefusedError(f"{at} raises\n{ANSI.sub('', error.traceback)}") from error
        except (CellControlSignal, DeadKernelError) as error:
            raise RefusedError(f"{at}: {type(error).__name__}: {error}") from error
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise RefusedError(f"{name_of(cell, index)} prints to stderr:\n{output.text}")


# --- comparing --------------------------------------------------------------------------------


def shown(output: NotebookNode) -> list[str]:
    """Return an output as text: everything but the bytes of pictures."""
    if output.output_type == "stream":
        return [f"[{output.name}]", *output.text.splitlines()]
    if output.output_type == "error":
        return [f"[error] {output.ename}: {output.evalue}"]
    lines = []
    for kind, value in sorted(output.data.items()):
        about = output.metadata.get(kind) or {}
        words = json.dumps(about, ensure_ascii=False, sort_keys=True) if about else ""
        lines.append(f"[{kind}] {words}".rstrip())
        if isinstance(value, str) and not kind.startswith(("image/png", "image/jpeg")):
            lines += value.splitlines()
        elif not isinstance(value, str):
            lines += json.dumps(value, indent=1, sort_keys=True).splitlines()
    return lines


def lines_of(cell: NotebookNode) -> list[str]:
    """Return all outputs of a cell as text."""
    return [line for output in cell.get("outputs", []) for line in shown(output)]


def keep_pictures(fresh: NotebookNode, stored: NotebookNode) -> int:
    """Put stored pictures back where a cell's text is the same; return how many differed."""
    before = {cell.id: cell for cell in stored.cells}
    differed = 0
    for cell in fresh.cells:
        old = before.get(cell.id)
        if old is None or lines_of(cell) != lines_of(old):
            continue
        for output, kept in zip(cell.get("outputs", []), old.get("outputs", []), strict=False):
            if output.output_type == kept.output_type and "data" in output:
                differed += any(
                    output.data[kind] != kept.data.get(kind)
                    for kind in output.data
                    if kind.startswith("image/")
                )
                output.data = kept.data
    return differed


def difference(stored: NotebookNode, fresh: NotebookNode) -> list[str]:
    """Return what changed in the text of the outputs, as a unified diff for each cell."""
    before = {cell.id: cell for cell in stored.cells}
    lines = []
    for index, cell in enumerate(fresh.cells):
        old = before.get(cell.id, NotebookNode())
        changed = list(difflib.unified_diff(lines_of(old), lines_of(cell), lineterm="", n=2))[2:]
        if changed:
            lines += [name_of(cell, index), *changed]
    return lines


def coloured(line: str) -> str:
    """Return a line of a diff in the colours that git uses."""
    colour = {"+": "32", "-": "31", "@": "36"}.get(line[:1])
    return f"\x1b[{colour}m{line}\x1b[0m" if colour else line


# --- writing ----------------------------------------------------------------------------------


def as_text(notebook: NotebookNode) -> str:
    """Return the notebook as it is stored: sorted keys, an indent of 1, a newline at the end."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        raise RefusedError(f"not a valid notebook: {error.message}") from error
    return nbformat.writes(notebook) + "\n"


def write(path: Path, content: bytes) -> None:
    """Replace a file as a whole, so that an interruption leaves the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        if path.exists():
            shutil.copymode(path, temporary)
        else:
            os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def pictures(notebook: NotebookNode, root: Path) -> dict[Path, bytes]:
    """Return the files that cells ask for by `picture` in their metadata, with their bytes."""
    files = {}
    for index, cell in enumerate(notebook.cells):
        if "picture" not in cell.metadata:
            continue
        name = str(cell.metadata["picture"])
        path = (root / name).resolve()
        stored = [
            output.data["image/png"]
            for output in cell.get("outputs", [])
            if "image/png" in output.get("data", {})
        ]
        if path.suffix != ".png" or not path.is_relative_to(root.resolve()):
            raise RefusedError(
                f"{name_of(cell, index)} asks for the picture {name!r}: "
                "name a .png file by its path from the repository's root"
            )
        if len(stored) != 1:
            raise RefusedError(f"{name_of(cell, index)} has {len(stored)} pictures for {name!r}")
        files[path] = base64.b64decode(stored[0])
    return files


def refresh(path: Path, *, check: bool = False, new_pictures: bool = False) -> bool:
    """Run one notebook, report what changed and store it; return whether anything changed.

    Parameters
    ----------
    path : Path
        The notebook.
    check : bool
        Report only.
    new_pictures : bool
        Take the new pictures also where the text of a cell is the same.

    Raises
    ------
    RefusedError
        If the notebook cannot be run cleanly; it is left as it was.
    """
    before = path.read_text(encoding="utf-8")
    stored = load(path, before)
    fresh = copy.deepcopy(stored)
    execute(fresh, path.parent)
    normalise(fresh)
    differed = 0 if new_pictures else keep_pictures(fresh, stored)
    after = as_text(fresh)
    files = {
        file: content
        for file, content in pictures(fresh, path.parent.parent).items()
        if not file.exists() or file.read_bytes() != content
    }
    lines = difference(stored, fresh)
    if sys.stdout.isatty():
        lines = [coloured(line) for line in lines]
    if not lines and after != before:
        lines = ["no text of an output changed, but the file does (format, ids, pictures)"]
    lines += [f"picture {file.relative_to(path.parent.parent.resolve())}" for file in files]
    changed = bool(lines)
    if differed:
        lines.append(f"kept {differed} stored pictures with the same text (new: --new-pictures)")
    print("\n".join([f"{path.name}: {'' if changed else 'nothing '}changed", *lines]), flush=True)
    if not check:
        if path.read_text(encoding="utf-8") != before:
            raise RefusedError("the file was saved by someone else meanwhile: nothing is written")
        if after != before:
            write(path, after.encode())
        for file, content in files.items():
            write(file, content)
    return changed


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    cli = argparse.ArgumentParser(
        prog="python -m tools.refresh",
        description="Run notebooks and store their outputs, showing in text what changed.",
    )
    cli.add_argument("names", nargs="+", metavar="NB", help="01, a file name, or all")
    cli.add_argument("--check", action="store_true", help="only report; 1 if something changed")
    cli.add_argument(
        "--new-pictures",
        action="store_true",
        help="take the new pictures also where the text is the same (a new style, new colours)",
    )
    given = cli.parse_args(arguments)
    try:
        paths = find(given.names)
    except RefusedError as error:
        cli.error(str(error))
    code = 0
    for path in paths:
        try:
            changed = refresh(path, check=given.check, new_pictures=given.new_pictures)
        except RefusedError as error:
            print(f"{path.name} is left as it was: {error}", file=sys.stderr)
            code = 1
        else:
            code = max(code, int(given.check and changed))
    return code


if __name__ == "__main__":
    sys.exit(main())
