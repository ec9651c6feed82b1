"""The course as a learner meets it: `make course`, JupyterLab, a lab, an exercise, a reload."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import BrowserContext, Locator, Page

ROOT = Path(__file__).resolve().parents[2]
# The application is put into the page, so that a test can ask it where a cell is.
ARGUMENTS = "--no-browser --LabApp.expose_app_in_browser=True"
SECONDS = 90


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Run `make course` in a folder of its own; give its address and the folder."""
    mine = tmp_path_factory.mktemp("course") / "my-course"
    environment = {k: v for k, v in os.environ.items() if k != "COURSE_PROGRESS_DIR"}
    environment |= {"MY_COURSE_DIR": str(mine), "MAKEFLAGS": ""}
    process = subprocess.Popen(
        ["make", "course", f"ARGS={ARGUMENTS}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"The course is at (\S+)", line):
            break
    else:
        pytest.fail(f"make course did not start:\n{''.join(said)}")
    try:
        yield found.group(1), mine
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()


class Notebook:
    """A notebook in JupyterLab, open in a page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.set_default_timeout(SECONDS * 1000)
        page.goto(address)
        self.wait_until_idle()

    def wait_until_idle(self) -> None:
        """Wait until the kernel is there and has nothing to do."""
        self.page.wait_for_function(
            "document.querySelector('#jp-main-statusbar')?.textContent.includes('| Idle')"
        )

    def ask(self, question: str) -> Any:
        """Ask the notebook something in JavaScript, of which it is `content`."""
        return self.page.evaluate(
            f"(() => {{ const content = jupyterapp.shell.currentWidget.content; {question} }})()"
        )

    def run_all(self) -> None:
        """Run all cells, and wait until the last has its number."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_function(
            "jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
            ".filter((cell) => cell.cell_type === 'code' && cell.source.trim())"
            ".every((cell) => cell.execution_count)"
        )
        self.wait_until_idle()

    def outputs(self) -> list[dict[str, Any]]:
        """Return all outputs of all cells."""
        return self.ask(
            "return content.model.sharedModel.cells.flatMap((cell) => cell.toJSON().outputs ?? []);"
        )

    def cell(self, text: str) -> Locator:
        """Scroll to the code cell that holds the text, and return it."""
        found = self.ask(
            "const cells = content.model.sharedModel.cells;"
            "const holds = (cell) => cell.cell_type === 'code' && cell.source.includes"
            f"({text!r}); const at = cells.findIndex(holds);"
            "content.activeCellIndex = at; content.scrollToItem(at, 'start'); return at;"
        )
        assert found >= 0, f"no cell holds {text}"
        cell = self.page.locator(".jp-CodeCell.jp-mod-active")
        cell.wait_for()
        time.sleep(0.5)  # until it has come to rest
        return cell

    def rewrite(self, text: str, source: str) -> Locator:
        """Replace the source of the cell that holds the text by typing, run it, and return it."""
        cell = self.cell(text)
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        self.wait_until_idle()
        return cell

    def save(self) -> None:
        """Save, as a learner does."""
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Control+s")
        self.page.wait_for_function("!jupyterapp.shell.currentWidget.content.model.dirty")


@pytest.fixture
def notebook(
    course: tuple[str, Path], new_context: Callable[..., BrowserContext]
) -> Callable[..., Notebook]:
    """Open a notebook of the course by its name."""

    def open_(name: str, *, errors_meant: bool = False) -> Notebook:
        # By `reset` the notebooks of other tests are not opened again beside it.
        address = re.sub(r"lab/tree/[^?]*[?]", f"lab/tree/{name}.ipynb?reset&", course[0])
        context = new_context(1200, 900, errors_meant=errors_meant)
        return Notebook(context.new_page(), address)

    return open_


def errors(notebook: Notebook) -> list[dict[str, Any]]:
    return [
        output
        for output in notebook.outputs()
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ]


def test_a_learners_first_hour(course: tuple[str, Path], notebook: Callable[..., Notebook]) -> None:
    book = notebook("01_meet_a_neuron")
    book.run_all()
    assert errors(book) == []

    # A lab: take hold of it, and the kernel knows.
    lab = book.cell("labs.Neuron").locator(".relu-lab")
    lab.wait_for()
    area = book.page.locator(".jp-OutputArea:has(.relu-lab)")
    still = area.locator(".lab-still, img")
    assert still.count() == 2
    assert not any(each.is_visible() for each in still.all()), "the lab and its picture are seen"
    handle = lab.locator(".lab-handle").first
    handle.focus()
    before = lab.locator(".lab-words").inner_text()
    for _ in range(5):
        book.page.keyboard.press("ArrowRight")
    book.page.wait_for_timeout(400)
    after = lab.locator(".lab-words").inner_text()
    assert after != before, "arrow keys do not reach the lab"
    cell = book.rewrite("ex.neuron.hint()", "print(lab.sentence())")
    assert cell.locator(".jp-OutputArea-output").inner_text().strip() == after

    # An exercise: wrong, then right.
    wrong = "ex.nand_gate.check(np.array([1.0, 1.0]), -1.5)"
    cell = book.rewrite("ex.nand_gate.check", wrong)
    assert "AND instead of NAND" in cell.locator(".jp-OutputArea-output").inner_text()
    cell = book.rewrite("ex.nand_gate.check", wrong.replace("1.0", "-1.0").replace("-1.5", "1.5"))
    assert "Right" in cell.locator(".jp-OutputArea-output").inner_text()
    book.save()

    # Nothing is lost.
    book.page.reload()
    book.wait_until_idle()
    assert "-1.0, -1.0" in book.ask(
        "return content.model.sharedModel.cells.map((cell) => cell.source).join('\\n');"
    )
    kept = course[1] / "progress" / "meet_a_neuron.nand_gate.json"
    assert '"right"' in kept.read_text(encoding="utf-8")


def test_a_saved_notebook_shows_pictures_where_labs_were(
    course: tuple[str, Path], notebook: Callable[..., Notebook]
) -> None:
    """Opened without being run, as after a restart: no error in the place of the lab."""
    stored = nbformat.read(ROOT / "notebooks" / "01_meet_a_neuron.ipynb", as_version=4)
    (cell,) = (cell for cell in stored.cells if "labs.Neuron" in cell.source)
    view = {"version_major": 2, "version_minor": 0, "model_id": "gone"}
    data = {"application/vnd.jupyter.widget-view+json": view}
    cell.outputs.append(nbformat.v4.new_output("display_data", data))
    stored.cells = [cell]
    nbformat.write(stored, course[1] / "saved.ipynb")
    book = notebook("saved", errors_meant=True)
    area = book.page.locator(".jp-OutputArea:has(.lab-still)")
    area.locator("img").wait_for()
    book.page.wait_for_timeout(1500)
    assert area.locator(".lab-still").is_visible()
    assert "not found" not in area.inner_text()
