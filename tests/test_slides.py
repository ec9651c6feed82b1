"""Decks: what of a notebook is shown, how it is laid out, and what the file holds."""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from helpers.labs.lab import MIME
from tools.slides.__main__ import main
from tools.slides.deck import ROOM, Deck, deck_of, in_one_row, paragraphs, sentences, shorten, shows
from tools.slides.exporter import SlidesExporter
from tools.slides.polls import Poll, read

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]


@cache
def notebook(name: str) -> dict[str, Any]:
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))


@cache
def deck(name: str) -> Deck:
    return deck_of(notebook(name), read(name))


@cache
def written(name: str) -> str:
    return SlidesExporter().from_notebook_node(notebook(name), {"polls": read(name)})[0]


def cell(source: str, kind: str = "slide", **more: Any) -> dict[str, Any]:
    made = {"cell_type": "markdown", "source": source}
    return made | {"metadata": {"slideshow": {"slide_type": kind}, **more}}


def code(source: str, *outputs: dict[str, Any], kind: str = "fragment") -> dict[str, Any]:
    return cell(source, kind) | {"cell_type": "code", "outputs": list(outputs)}


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def figure(alt: str = "A line.") -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {"image/png": "QUJD", "text/plain": alt},
        "metadata": {"image/png": {"alt": alt, "width": 720, "height": 360}},
    }


def kinds(*cells: dict[str, Any]) -> list[list[str]]:
    """What stands on each slide behind a title."""
    made = deck_of({"cells": [cell("# Title\n\nWhy."), *cells]})
    return [[block.kind for block in page.blocks] for page in made.pages[1:]]


def test_skipped_cells_are_left_out_and_a_dash_goes_on() -> None:
    assert kinds(cell("## A\n\nText."), cell("Hidden.", "skip"), cell("More.", "-")) == [
        ["text", "text"]
    ]


def test_a_deck_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="title"):
        deck_of({"cells": [cell("## No title")]})


def test_a_question_ends_its_slide() -> None:
    told = code("print(1)", printed("1"))
    assert kinds(cell("## A\n\n**Predict** Which?"), told, cell("One.", "fragment")) == [
        ["predict"],
        ["code", "output", "text"],
    ]


def test_a_question_at_the_end_of_a_paragraph_is_one() -> None:
    assert kinds(cell("## A\n\nA thought. **Predict** Which?")) == [["text", "predict"]]


def test_a_poll_has_its_options_and_the_answer_is_for_the_speaker() -> None:
    asked = cell("## A\n\n**Predict** Which?", notes="One minute.") | {"id": "ask"}
    poll = Poll("ask", ("up", "down"), "B", "It falls.", ("most", "few"), "They look at x.")
    notebook = {"cells": [cell("# T\n\nW."), asked]}
    page = deck_of(notebook, {"ask": poll}).pages[1]
    assert page.notes == [
        "One minute.",
        "Right: B. “It falls.” Expect most A, few B. They look at x.",
    ]
    (with_options,), (bare,) = page.blocks, deck_of(notebook).pages[1].blocks
    assert with_options.height > bare.height
    text = SlidesExporter().from_notebook_node(notebook, {"polls": {"ask": poll}})[0]
    assert '<ol class="options in-a-row"><li>up</li><li>down</li></ol>' in text
    assert not in_one_row(("a long option about something", "another one, as long as that"))


def test_a_figure_stands_alone_with_a_sentence_and_its_caption_is_in_the_notes() -> None:
    made = deck_of(
        {
            "cells": [
                cell("# T\n\nW."),
                cell("## A\n\nText.\n\nMore text."),
                code("x = 1\nshow(*draw.line(x))", figure()),
                cell("It rises.", "fragment"),
            ]
        }
    )
    assert [[b.kind for b in page.blocks] for page in made.pages[1:]] == [
        ["text", "text"],
        ["figure", "text"],
    ]
    assert made.pages[2].notes == ["To be seen: A line."]
    assert made.pages[2].goes_on


def test_what_does_not_fit_goes_to_the_next_slide() -> None:
    many = "\n\n".join(f"Paragraph number {i} of this cell." for i in range(20))
    made = kinds(cell(f"## A\n\n{many}"))
    assert len(made) > 1
    assert sum(map(len, made)) == 20


def test_what_leads_to_a_list_stays_with_it() -> None:
    fill = "\n\n".join(["Words."] * 8)
    items = "\n".join(f"- item {i}" for i in range(4))
    assert kinds(cell(f"## A\n\n{fill}\n\n**You will**\n\n{items}"))[-1] == ["text", "list"]


def test_of_a_paragraph_the_answer_stays_and_the_rest_is_spoken() -> None:
    long = " ".join(["It has eight words, as this sentence shows."] * 6)
    made = deck_of({"cells": [cell("# T\n\nW."), cell(f"## A\n\n{long}")]}).pages[1]
    assert len(made.blocks[0].source.split()) <= 30
    assert made.blocks[0].source + " " + made.notes[0] == long


def test_sentences_are_not_cut_within_code_formulas_and_names() -> None:
    for whole in ("By W. McCulloch, 1943.", "So `a. B` is code.", "It is $x. Y$ here."):
        assert sentences(whole) == [whole]
    assert shorten("One. Two. Three.", words=2) == ("One. Two.", "Three.")


def test_paragraphs_keep_code_formulas_and_details_whole() -> None:
    text = "# A\nB\n\n```\nx\n\ny\n```\n\n$$\na\n\nb\n$$\n\n<details>\n\nx\n\n</details>"
    assert [part[:3] for part in paragraphs(text)] == ["# A", "```", "$$\n", "<de"]


@pytest.mark.parametrize(
    ("source", "prints", "shown"),
    [
        ("def f(x):\n    return x", False, True),
        ("def f(x):\n" + "    x += 1\n" * 14, False, False),
        ("x = f(3)\nprint(x)", True, True),
        ("x = f(3)", False, False),
        ("x = 1\n" * 7 + "print(x)", True, False),
        ("show(*draw.line(x))", False, False),
        ("ex.neuron.check(neuron)", True, False),
    ],
)
def test_code_is_shown_where_it_is_the_point(source: str, prints: bool, shown: bool) -> None:
    assert shows(source, prints=prints) is shown


def test_minutes_of_a_section_are_shared_out() -> None:
    long = "\n\n".join(["Words."] * 12)
    made = deck_of({"cells": [cell("# T\n\nW."), cell(f"## A\n\n{long}", notes="3 minutes.")]})
    assert sum(page.seconds for page in made.sections[1]) == pytest.approx(180, abs=10)


@pytest.mark.parametrize("name", NAMES)
def test_each_notebook_has_a_deck_that_fits(name: str) -> None:
    made = deck(name)
    assert 40 <= len(made.pages) <= 100
    for page in made.pages:
        assert page.heading, name
        assert page.blocks or page is made.pages[0], page.heading
        assert page.height <= ROOM or len(page.blocks) == 1, page.heading
        assert page.seconds >= 10
        asked = [block.kind == "predict" for block in page.blocks]
        assert not any(asked[:-1]), f"{page.heading}: the answer stands below the question"


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_lab_note_and_question_that_is_not_skipped_is_there(name: str) -> None:
    cells = [
        cell
        for cell in notebook(name)["cells"]
        if cell["metadata"]["slideshow"]["slide_type"] != "skip"
    ]
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    blocks = [block.kind for page in deck(name).pages for block in page.blocks]
    assert blocks.count("lab") == sum(MIME in data for data in outputs)
    pictures = sum("image/png" in data and MIME not in data for data in outputs)
    assert blocks.count("figure") == pictures
    asked = sum("**Predict**" in "".join(cell["source"]) for cell in cells)
    assert blocks.count("predict") == asked
    notes = [note for page in deck(name).pages for note in page.notes]
    for cell_ in cells:
        assert cell_["metadata"].get("notes") in {None, *notes}


class Links(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.without_alt = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "img":
            self.without_alt += not (told.get("alt") or "").strip()
        for name in ("src", "data-src", "poster") + (("href",) if tag == "link" else ()):
            if told.get(name):
                self.found.append(told[name] or "")


@pytest.mark.parametrize("name", NAMES)
def test_a_file_needs_nothing_else(name: str) -> None:
    links = Links()
    links.feed(written(name))
    assert all(link.startswith("data:") for link in links.found)
    assert links.without_alt == 0
    assert not re.search(r"@import|url\((?![\"']?(data:|#))", written(name).split("</style>")[1])
    assert str(ROOT) not in written(name)
    assert "data-timing=" in written(name)
    assert written(name).count('<aside class="notes">') == len(deck(name).pages)
    assert len(written(name)) < 4e6


def test_the_command_writes_what_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["00", "--target", str(tmp_path)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["00_warm_up.html"]
    assert "slides" in capsys.readouterr().out
    assert main(["99", "--target", str(tmp_path)]) == 1
    assert "99" in capsys.readouterr().err
