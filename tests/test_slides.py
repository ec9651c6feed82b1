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
from tools.slides.blocks import in_one_row, paragraphs, sentences, shorten, shown
from tools.slides.deck import Deck, deck_of
from tools.slides.exporter import SlidesExporter
from tools.slides.layout import OVER, fullness
from tools.slides.plans import LENGTH, Part, Session, read_plans, table
from tools.slides.polls import Poll, read

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "lecturers-guide.md").read_text(encoding="utf-8")
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


def test_no_answer_stands_below_its_question() -> None:
    drawn = code("show(*draw.line(x))", figure())
    told = code("x = f(3)\nprint(x)", printed("1"))
    said = cell("One.", "fragment")
    asked = cell("## A\n\n**Predict** Which?")
    assert kinds(asked, drawn, said) == [["predict"], ["figure", "text"]]
    assert kinds(asked, told, said) == [["predict"], ["code", "output", "text"]]


def test_a_script_with_a_mistake_is_seen_whole_before_the_question_and_behind_it() -> None:
    script = code("\n".join(f"x{i} = {i}" for i in range(13)) + "\nprint(x0)", printed("1"))
    asked = cell("87 %. In which line is the mistake?", "fragment")
    named = code("line = ...\nex.script_1.check(line)", kind="skip")
    notebook = [cell("# T\n\nW."), cell("## A\n\n**Predict** Which?"), script, asked, named]
    pages = deck_of({"cells": notebook}).pages[1:]
    blocks = [block for page in pages for block in page.blocks]
    assert [block.kind for block in blocks] == ["code", "predict", "code", "output", "text"]
    assert blocks[0].facts["numbered"]
    assert [block.kind for block in pages[-1].blocks] == ["code", "output", "text"]
    assert shown(script["source"], prints=True) == ""


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


def test_a_figure_has_a_sentence_and_its_caption_is_in_the_notes() -> None:
    many = "\n\n".join(f"Paragraph number {i} of this cell." for i in range(7))
    drawn = code("x = 1\nshow(*draw.line(x))", figure())
    cells = [cell("# T\n\nW."), cell(f"## A\n\n{many}"), drawn, cell("It rises.", "fragment")]
    made = deck_of({"cells": cells})
    assert [block.kind for block in made.pages[-1].blocks] == ["figure", "text"]
    assert made.pages[-1].notes == ["To be seen: A line."]
    assert made.pages[-1].goes_on
    assert not made.pages[1].goes_on


def test_two_figures_have_a_slide_each() -> None:
    drawn = code("show(*draw.line(x))", figure(), figure())
    assert kinds(cell("## A\n\nText."), drawn) == [["text", "figure"], ["figure"]]


def test_what_does_not_fit_goes_to_the_next_slide() -> None:
    many = "\n\n".join(f"Paragraph number {i} of this cell." for i in range(20))
    made = kinds(cell(f"## A\n\n{many}"))
    assert len(made) > 1
    assert sum(map(len, made)) == 20


def test_what_leads_to_a_list_stays_with_it() -> None:
    fill = "\n\n".join(["Words."] * 8)
    items = "\n".join(f"- item {i}" for i in range(4))
    assert kinds(cell(f"## A\n\n{fill}\n\n**You will**\n\n{items}"))[-1][-2:] == ["text", "list"]


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
    ("source", "prints", "kept"),
    [
        ("def f(x):\n    return x", False, "def f(x):\n    return x"),
        ("def f(x):\n" + "    x += 1\n" * 14, False, ""),
        ("x = f(3)\nprint(x)", True, "x = f(3)\nprint(x)"),
        ("x = f(3)\nprint(f'" + 60 * "-" + "')", True, "x = f(3)"),
        ("x = f(3)", False, ""),
        ("x = 1\n" * 7 + "print(x)", True, ""),
        ("fleet = Fleet(widths)\nx = 1\ny = 2\nprint(fleet)", True, ""),
        ("x = '" + 100 * "-" + "'", True, ""),
        ("show(*draw.line(x))", False, ""),
        ("ex.neuron.check(neuron)", True, ""),
    ],
)
def test_code_is_shown_where_it_is_the_point(source: str, prints: bool, kept: str) -> None:
    assert shown(source, prints=prints) == kept


def test_minutes_of_a_section_are_shared_out() -> None:
    long = "\n\n".join(["Words."] * 12)
    made = deck_of({"cells": [cell("# T\n\nW."), cell(f"## A\n\n{long}", notes="3 minutes.")]})
    assert sum(page.seconds for page in made.sections[1]) == pytest.approx(180, abs=10)


@pytest.mark.parametrize("name", NAMES)
def test_each_notebook_has_a_deck_that_fits(name: str) -> None:
    made = deck(name)
    assert 35 <= len(made.pages) <= 75
    for page in made.pages:
        assert page.heading, name
        assert page.blocks or page is made.pages[0], page.heading
        full = fullness(page.blocks, page.heading)
        assert full <= OVER or len(page.blocks) == 1 or page.level == 1, page.heading
        assert page.seconds >= 10
        asked = [block.kind == "predict" for block in page.blocks]
        assert not any(asked[:-1]), f"{page.heading}: the answer is below the question"


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_lab_note_and_question_that_is_not_skipped_is_there(name: str) -> None:
    shown, at_home = [], []  # of the exercises a deck has the titles alone
    exercises = False
    for told in notebook(name)["cells"]:
        source = "".join(told["source"])
        if told["cell_type"] == "markdown" and source.startswith("## "):
            exercises = source.startswith("## Exercises")
        if told["metadata"]["slideshow"]["slide_type"] != "skip":
            (at_home if exercises else shown).append(told)
    cells = shown
    outputs = [output.get("data", {}) for cell in cells for output in cell.get("outputs", [])]
    blocks = [block.kind for page in deck(name).pages for block in page.blocks]
    assert blocks.count("lab") == sum(MIME in data for data in outputs)
    pictures = sum("image/png" in data and MIME not in data for data in outputs)
    assert blocks.count("figure") == pictures
    asked = sum("**Predict**" in "".join(cell["source"]) for cell in cells)
    assert blocks.count("predict") == asked
    notes = [note for page in deck(name).pages for note in page.notes]
    for told in shown + at_home:
        assert told["metadata"].get("notes") in {None, *notes}
    (titles,) = [page for page in deck(name).pages if page.heading == "Exercises"]
    wanted = sum("".join(told["source"]).startswith("### Exercise") for told in at_home)
    assert 3 <= wanted <= titles.blocks[0].source.count("\n") + 1


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


@pytest.mark.parametrize("count", read_plans())
def test_no_session_of_a_plan_is_too_long(count: int) -> None:
    sessions = read_plans()[count]
    assert len(sessions) == count
    for session in sessions:
        assert 30 <= session.minutes <= LENGTH, session.title
        assert session.deck().pages[0].level == 1
        headings = [page.heading for page in session.deck().pages if not page.goes_on]
        assert len(headings) == len(set(headings)), "a section is shown twice"


def rows(text: str) -> list[tuple[str, list[int]]]:
    """Lines of a table without their minutes, and these."""
    minutes = re.compile(r"(?<=: )\d+(?= \|)|(?<=\| )\d+(?= \| \d\d \|)")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [(minutes.sub("", line), [int(n) for n in minutes.findall(line)]) for line in lines]


@pytest.mark.parametrize("count", read_plans())
def test_the_guide_has_the_plans_and_their_minutes(count: int) -> None:
    names = {1: "One session", 2: "Two sessions", 4: "Four sessions", 8: "Eight sessions"}
    told = rows(GUIDE.partition(f"### {names[count]}\n")[2].partition("\n#")[0])
    right = rows(table(read_plans()[count]))
    help_ = "python -m tools.slides --plans prints the tables"
    assert [words for words, _ in told] == [words for words, _ in right], help_
    for (words, said), (_, computed) in zip(told, right, strict=True):
        off = [abs(a - b) for a, b in zip(said, computed, strict=True)]
        assert max(off, default=0) <= 1, f"{words}: {computed}; {help_}"


def test_the_guide_names_sections_that_are_there() -> None:
    headings = {page.heading for name in NAMES for page in deck(name).pages}
    said = re.findall(r"(?:at|after|at the|out) \*([A-Z][^*]+)\*", GUIDE)
    assert len(said) >= 5
    assert set(said) <= headings


def test_the_guide_claims_no_count_of_a_room() -> None:
    assert "have been counted" not in GUIDE
    assert "polls.md)" not in GUIDE
    assert "](" not in GUIDE, "a page of the site too: paths of the clone are code"
    assert "<a " not in GUIDE


def test_the_numbers_that_close_a_plan_are_the_notebooks() -> None:
    for session in (session for plan in read_plans().values() for session in plan):
        shown = " ".join(
            text
            for page in session.deck().pages
            if page.heading != "What you can now say"
            for text in [block.source for block in page.blocks] + page.notes
        )
        for number in re.findall(r"\d+\.\d+|\d\d+", " ".join(session.say)):
            assert number in shown, f"{session.title}: {number}"


def test_a_part_of_a_plan_that_is_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="00 has no section Nowhere"):
        Part("00", ("Nowhere",)).pages()
    with pytest.raises(ValueError, match="00 has no section Nowhere"):
        Part("00", without=("Nowhere",)).pages()


def test_a_session_is_one_deck_in_the_order_of_its_plan() -> None:
    parts = (Part("01", ("What the bias does",)), Part("00", ("Walk downhill", "One flat link")))
    made = Session("A talk", parts, "A hook.", ("One is one.",)).deck()
    assert [section[0].heading for section in made.sections] == [
        "A talk",
        "What the bias does",
        "Walk downhill",
        "One flat link",
        "What you can now say",
    ]
    assert [block.source for block in made.pages[0].blocks] == ["A hook."]
    text = SlidesExporter().from_deck(made)
    assert text.count('<aside class="notes">') == len(made.pages)


def test_the_command_writes_and_prints_plans(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--plan", "2", "--target", str(tmp_path)]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["plan-2-session-1.html", "plan-2-session-2.html"]
    assert main(["--plan", "3", "--target", str(tmp_path)]) == 1
    assert main(["--plans"]) == 0
    assert table(read_plans()[1]) in capsys.readouterr().out


def test_minutes_of_a_note_hold_for_the_parts_that_have_none() -> None:
    asked = "**Predict** Which?"
    cells = [
        cell("# T\n\nW."),
        cell(f"## A\n\n{asked}", notes="4 minutes."),
        cell(f"### B\n\n{asked}"),
        cell(f"### C\n\n{asked}", "subslide", notes="2 minutes."),
        cell(f"## D\n\n{asked}"),
    ]
    seconds = [page.seconds for page in deck_of({"cells": cells}).pages]
    assert seconds == [60, 120, 120, 120, 60]


def test_a_wall_of_numbers_is_cut() -> None:
    row = "digits, slope 0.01, rate 0.003  0.000379 [-0.000310, 0.001067] holds"
    told = code("print(1)", printed("\n".join([row] * 12)))
    made = deck_of({"cells": [cell("# T\n\nW."), cell("## A\n\nText."), told]})
    (output,) = [b for page in made.pages for b in page.blocks if b.kind == "output"]
    assert output.source.splitlines()[-1] == "… and 8 more lines"
    words = code("print(1)", printed("\n".join(["a report of many words " * 3] * 12)))
    made = deck_of({"cells": [cell("# T\n\nW."), cell("## A\n\nText."), words]})
    (output,) = [b for page in made.pages for b in page.blocks if b.kind == "output"]
    assert output.source.count("\n") == 11


def test_of_exercises_the_titles_stay_and_the_rest_is_in_the_notes() -> None:
    cells = [
        cell("# T\n\nW."),
        cell("## Exercises\n\nChange it."),
        cell("### Exercise 1: a share\n\n**Predict** Which?", "subslide", notes="In pairs."),
        cell("### Exercise 2: the rule\n\nWrite it.", "subslide"),
        cell("## What you can now say\n\n- It."),
    ]
    _, home, say = deck_of({"cells": cells}).pages
    assert home.blocks[0].source == "1. A share\n2. The rule"
    assert "In pairs." in home.notes
    assert any("Which?" in note for note in home.notes)
    assert say.heading == "What you can now say"
