"""Every question of a notebook can be put to a room; the guide names only sections of decks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tools import polls as command
from tools.slides.deck import deck_of
from tools.slides.polls import FOLDER, Poll, read

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "lecturers-guide.md"
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NOTEBOOKS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in PATHS}
LONGEST = 64  # characters of an option: a line on a slide
WORDS = 45  # of what to expect
ONE = {"cell": "c", "options": ("up", "down"), "answer": "A", "seen": "It rises."}
ONE |= {"split": ("most", "few"), "expect": "They look at the wrong axis."}


def asking(notebook: dict[str, Any]) -> list[str]:
    """The ids of the cells that ask, in order."""
    cells = notebook["cells"]
    return [
        cell["id"]
        for cell in cells
        if cell["cell_type"] == "markdown" and "**Predict**" in "".join(cell["source"])
    ]


def text_behind(name: str, cell: str) -> str:
    """What a reader sees as text behind a cell; exercises say what is right once it is there."""
    cells = NOTEBOOKS[name]["cells"]
    place = [told["id"] for told in cells].index(cell)
    texts = []
    if any("## Exercises" in "".join(told["source"]) for told in cells[:place]):
        module = ROOT / "helpers" / "exercises" / f"{name.partition('_')[2]}.py"
        texts.append(re.sub(r'"\s+f?"', "", module.read_text(encoding="utf-8")))
    for told in cells[place + 1 :]:
        texts.append("".join(told["source"]))
        for output in told.get("outputs", []):
            data = output.get("data", {})
            texts += ["".join(output.get("text", "")), "".join(data.get("text/plain", ""))]
            texts += ["".join(data.get("text/markdown", ""))]
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_question_is_a_poll(name: str) -> None:
    assert list(read(name)) == asking(NOTEBOOKS[name]), "the same cells, in the same order"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_poll_is_short_and_the_notebook_settles_it(name: str) -> None:
    for cell, poll in read(name).items():
        assert all(len(option) <= LONGEST for option in poll.options), cell
        assert not [option for option in poll.options if option.endswith(".")], cell
        behind = text_behind(name, cell)
        assert " ".join(poll.seen.split()) in behind, f"{cell}: not said: {poll.seen!r}"
        assert len(poll.seen) >= 8, cell
        assert 6 <= len(poll.expect.split()) <= WORDS, cell
        assert poll.expect.endswith((".", "?", "!")), cell
        question = next(told for told in NOTEBOOKS[name]["cells"] if told["id"] == cell)
        known = " ".join([*question["source"], *poll.options, behind])
        numbers = re.findall(r"\d[\d.,]*\d|\d", poll.expect)
        assert not [number for number in numbers if number not in known], cell


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_most_hands_are_seen_once(name: str) -> None:
    for cell, poll in read(name).items():
        assert poll.split.count("most") <= 1, cell
        assert poll.split.count("half") in ({0} if "most" in poll.split else {0, 1, 2}), cell


def test_the_letter_of_the_right_option_tells_nothing() -> None:
    letters = [poll.answer for name in NOTEBOOKS for poll in read(name).values()]
    assert max(letters.count(letter) for letter in "ABC") <= 0.6 * len(letters)


def test_there_is_no_file_without_a_notebook() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(NOTEBOOKS)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"options": ("up",), "split": ("most",)}, "two to five"),
        ({"options": ("up", "up")}, "twice"),
        ({"answer": "C"}, "none of AB"),
        ({"answer": "AB"}, "none of AB"),
        ({"split": ("most",)}, "for each option"),
        ({"split": ("most", "nobody")}, "for each option"),
    ],
)
def test_a_poll_that_cannot_be_held_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=f"c: .*{says}"):
        Poll(**(ONE | change))


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    whole = (
        '[[poll]]\ncell = "c"\noptions = ["up", "down"]\nanswer = "A"\nseen = "It rises."\n'
        'split = ["most", "few"]\nexpect = "Why."\n'
    )
    (tmp_path / "n.toml").write_text(whole, encoding="utf-8")
    assert read("n", tmp_path)["c"].hands == "most A, few B"
    assert read("none", tmp_path) == {}
    (tmp_path / "n.toml").write_text(whole + whole, encoding="utf-8")
    with pytest.raises(ValueError, match=r"n\.toml: c stands there twice"):
        read("n", tmp_path)
    (tmp_path / "n.toml").write_text(whole.replace("seen", "saw"), encoding="utf-8")
    with pytest.raises(ValueError, match=r"n\.toml, c: .*saw"):
        read("n", tmp_path)


def test_they_are_printed_with_their_slides(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["01"]) == 0
    text = capsys.readouterr().out
    slides = [int(number) for number in re.findall(r"\*\*Slide (\d+), ", text)]
    assert slides == sorted(set(slides))
    asked = asking(NOTEBOOKS["01_meet_a_neuron"])
    assert text.count("\nRight: ") == text.count("\nExpect: ") == len(asked) == 15
    assert 10 <= len(slides) <= len(asked), "those of exercises have no slide"
    assert command.main(["99"]) == 1
    assert "no notebook that begins with 99" in capsys.readouterr().err


def test_sections_named_in_the_guide_exist() -> None:
    headings = {
        re.sub(r"[`*$]", "", page.heading)
        for notebook in NOTEBOOKS.values()
        for page in deck_of(notebook).pages
    }
    plans = GUIDE.read_text(encoding="utf-8").partition("## Which decks")[2]
    plans = " ".join(plans.partition("## Where it usually")[0].split())
    named = re.findall(r"(?<!\*)\*([A-Z0-9][^*]+)\*(?!\*)", plans)
    assert len(named) > 40
    assert [name for name in named if name not in headings and not _begins(name, headings)] == []


def _begins(name: str, headings: set[str]) -> bool:
    return any(heading.startswith(f"{name}:") for heading in headings)


def test_the_guide_has_all_plans_and_every_deck() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    for plan in ("One session", "Two sessions", "Four sessions", "Eight sessions"):
        assert f"### {plan}" in text
    for name in NOTEBOOKS:
        assert f"| {name[:2]} |" in text
