"""Figures to take away: each with SVG, PNG, caption and credit line."""

from __future__ import annotations

import base64
import importlib
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from helpers.plots import figure
from tools import figures


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


def test_the_index_has_every_figure_and_grows(
    output: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(figures, "run", lambda _path: notebook(output))
    for name in ("01_meet_a_neuron", "02_build_a_network", "01_meet_a_neuron"):
        known = figures.write([Path(f"{name}.ipynb")], tmp_path)
    assert [told.notebook for told in known] == ["01_meet_a_neuron", "02_build_a_network"]
    listed = json.loads((tmp_path / "index.json").read_text(encoding="utf-8"))
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for told in listed:
        for ending in ("svg", "png"):
            assert (tmp_path / f"{told['name']}.{ending}").stat().st_size > 1000
            assert f'"{told["name"]}.{ending}"' in page
    assert 'alt="It rises &amp; &quot;stays&quot;."' in page


def test_an_unknown_notebook_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert figures.main(["99"]) == 1
    assert "99" in capsys.readouterr().err
