"""Figures to take away: each with SVG, PNG, caption and credit line."""

from __future__ import annotations

import base64
import importlib
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient.exceptions import DeadKernelError
from PIL import Image

from helpers.plots import figure
from tools import figures
from tools.refresh import RefusedError


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a cell with a figure has for output where the recorder ran in front."""
    module = importlib.import_module("helpers.plots.show")
    monkeypatch.setattr(module, "as_output", module.as_output)  # put back afterwards
    exec(figures.RECORDER, {})
    fig, ax = figure()
    ax.plot([0, 1], [0, 2])
    data, metadata = module.as_output(fig, 'It rises & "stays".')
    data["image/png"] = base64.b64encode(data["image/png"]).decode()
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def notebook(output: dict[str, Any], kind: str = "slide") -> dict[str, Any]:
    about = {"slideshow": {"slide_type": kind}}
    heading = {"cell_type": "markdown", "source": "## A *line*\n\nText.", "metadata": about}
    drawn = {"cell_type": "code", "source": "", "metadata": about, "outputs": [output]}
    return {"cells": [heading, drawn]}


def test_a_figure_comes_with_all_that_belongs_to_it(output: dict[str, Any]) -> None:
    ((told, png, svg),) = figures.figures_of(notebook(output), "01_meet_a_neuron")
    assert told.name == "01_meet_a_neuron-01"
    assert told.section == "A line"
    assert told.alt == 'It rises & "stays".'
    assert "CC BY 4.0" in told.credit
    assert "notebook 01 (meet a neuron)" in told.credit
    image = Image.open(io.BytesIO(png))
    assert image.text["Description"] == told.alt
    assert image.text["Copyright"] == told.credit
    tree = ET.fromstring(svg)
    assert tree.get("role") == "img"
    assert tree[0].text == told.alt
    assert tree[1].text == told.credit
    assert "<text" not in svg, "letters are paths, which look the same everywhere"


def test_figures_of_skipped_cells_are_left_out(output: dict[str, Any]) -> None:
    assert list(figures.figures_of(notebook(output, "skip"), "01_meet_a_neuron")) == []


class Course:
    """A course of notebooks that write down when they are run."""

    def __init__(self, folder: Path, output: dict[str, Any]) -> None:
        self.root, self.target, self.output = folder, folder / "figures", output
        self.ran: list[str] = []
        for name in ("notebooks", "helpers", "data"):
            (folder / name).mkdir()
        self.paths = [
            folder / "notebooks" / f"{name}.ipynb"
            for name in ("01_meet_a_neuron", "02_build_a_network", "03_train_a_network")
        ]
        for path in self.paths:
            path.write_text(path.stem, encoding="utf-8")

    def run(self, path: Path) -> dict[str, Any]:
        self.ran.append(path.stem[:2])
        if path.read_text(encoding="utf-8") == "broken":
            raise RefusedError("cell 3 raises")
        if path.read_text(encoding="utf-8") == "slow":
            raise KeyboardInterrupt
        return notebook(self.output)

    def write(self, *arguments: str) -> tuple[int, list[str]]:
        self.ran = []
        code = figures.main([*arguments, "--target", str(self.target)])
        return code, self.ran


@pytest.fixture
def course(tmp_path: Path, output: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Course:
    made = Course(tmp_path, output)
    monkeypatch.setattr(figures, "ROOT", tmp_path)
    monkeypatch.setattr(figures, "run", made.run)
    return made


def test_the_index_has_every_figure_and_grows(course: Course) -> None:
    for name in ("01", "02", "01"):
        assert course.write(name)[0] == 0
    listed = json.loads((course.target / "index.json").read_text(encoding="utf-8"))
    assert [told["notebook"] for told in listed] == ["01_meet_a_neuron", "02_build_a_network"]
    page = (course.target / "index.html").read_text(encoding="utf-8")
    for told in listed:
        for ending in ("svg", "png"):
            assert (course.target / f"{told['name']}.{ending}").stat().st_size > 1000
            assert f'"{told["name"]}.{ending}"' in page
    assert '<li><a href="#02_build_a_network">02 build a network</a></li>' in page
    assert '<h2 id="02_build_a_network">' in page
    assert 'width="720" height="360"' in page
    assert 'alt="It rises &amp; &quot;stays&quot;."' in page


def test_only_what_has_changed_is_run_again(course: Course) -> None:
    assert course.write() == (0, ["01", "02", "03"])
    assert course.write() == (0, [])
    assert course.write("--fresh", "02") == (0, ["02"])
    course.paths[1].write_text("another", encoding="utf-8")
    assert course.write() == (0, ["02"])
    (course.target / "03_train_a_network-01.svg").unlink()
    assert course.write() == (0, ["03"])
    (course.root / "helpers" / "style.py").write_text("BLUE", encoding="utf-8")
    assert course.write("01") == (0, ["01"])
    assert course.write() == (0, ["02", "03"])


def test_what_an_older_version_left_is_made_anew(course: Course) -> None:
    course.write()
    file = course.target / "index.json"
    listed = json.loads(file.read_text(encoding="utf-8"))
    del listed[0]["width"]
    file.write_text(json.dumps(listed), encoding="utf-8")
    assert course.write() == (0, ["01"])


def test_a_run_that_was_interrupted_goes_on_where_it_was(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.paths[1].write_text("slow", encoding="utf-8")
    assert course.write() == (130, ["01", "02"])
    assert "goes on" in capsys.readouterr().err
    course.paths[1].write_text("quick", encoding="utf-8")
    assert course.write() == (0, ["02", "03"])


@pytest.mark.parametrize(
    ("ended", "raised"),
    [(DeadKernelError("Kernel died"), KeyboardInterrupt), (None, AssertionError)],
)
def test_an_interruption_is_one_whatever_nbclient_makes_of_it(
    ended: Exception | None,
    raised: type[BaseException],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def execute(*_: object) -> None:
        error = AssertionError()
        error.__context__ = ended
        raise error

    monkeypatch.setattr(figures, "execute", execute)
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "01_x.ipynb")
    with pytest.raises(raised):
        figures.run(tmp_path / "01_x.ipynb")


def test_a_notebook_that_fails_is_told_and_keeps_its_figures(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    course.write()
    course.paths[1].write_text("broken", encoding="utf-8")
    course.paths[2].write_text("another", encoding="utf-8")
    assert course.write() == (1, ["02", "03"])
    assert "02_build_a_network cannot be run: cell 3 raises" in capsys.readouterr().err
    assert (course.target / "02_build_a_network-01.png").exists()
    assert course.write() == (1, ["02"])


def test_figures_that_a_notebook_no_longer_has_go(course: Course) -> None:
    course.write("01")
    extra = course.target / "01_meet_a_neuron-02.png"
    extra.write_bytes(b"old")
    course.write("--fresh", "01")
    assert sorted(path.name for path in course.target.glob("01*")) == [
        "01_meet_a_neuron-01.png",
        "01_meet_a_neuron-01.svg",
    ]


def test_an_unknown_notebook_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.main(["99"]) == 1
    assert "99" in capsys.readouterr().err
