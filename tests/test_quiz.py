"""The quiz: each item has one right answer, reasons for the others, and a tie to its notebook."""

from collections import Counter
from pathlib import Path

import nbformat
import pytest

from tools import quiz

ROOT = Path(__file__).parents[1]
ITEMS, DISCUSSION = quiz.read()
NOTEBOOKS = {path.stem: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
CORE = [name for name in NOTEBOOKS if "00" <= name[:2] <= "11"]


def text_of(notebook):
    """All that a reader sees of a notebook as text: prose, code, outputs; spaces made one."""
    texts = []
    for cell in nbformat.read(NOTEBOOKS[notebook], as_version=4).cells:
        texts.append(cell.source)
        for output in cell.get("outputs", []):
            texts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
    return " ".join(" ".join(texts).split())


def test_there_are_enough_of_them():
    assert len(ITEMS) >= 40
    count = Counter(item.notebook for item in ITEMS)
    assert not [name for name in CORE if count[name] < 3]
    assert not [name for name in NOTEBOOKS if count[name] < 1]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_an_item_is_whole(item):
    assert item.notebook in NOTEBOOKS
    assert item.id.startswith(item.notebook[:2] + "-")
    assert item.question.endswith("?")
    assert len(item.choices) == len(item.wrong) + 1 >= 3
    assert item.choices[item.answer] == item.right
    assert list(item.choices.values()).count(item.right) == 1
    for text, why in item.wrong.items():
        assert text.strip()
        assert len(why.split()) >= 4, "why it is wrong, in a sentence"
        assert why.endswith(".")


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.id)
def test_the_notebook_says_so(item):
    assert " ".join(item.evidence.split()) in text_of(item.notebook)


def test_nothing_stands_there_twice():
    for told in (
        [item.id for item in ITEMS],
        [item.question for item in ITEMS],
        [question for questions in DISCUSSION.values() for question in questions],
    ):
        assert not [text for text, count in Counter(told).items() if count > 1]


def test_the_letter_of_the_right_one_tells_nothing():
    letters = Counter(item.answer for item in ITEMS)
    assert max(letters.values()) <= 0.6 * len(ITEMS)
    assert len(letters) >= 3


def test_each_notebook_has_questions_to_talk_about():
    assert DISCUSSION.keys() >= NOTEBOOKS.keys()
    for questions in DISCUSSION.values():
        assert 2 <= len(questions) <= 3
        assert all("?" in question for question in questions)


def test_it_is_printed_notebook_by_notebook(capsys):
    assert quiz.main(["01"]) == 0
    text = capsys.readouterr().out
    assert text.count("\nRight: ") == sum(item.notebook.startswith("01") for item in ITEMS)
    assert "## 01 meet a neuron" in text
    assert "02 build" not in text
    assert quiz.main([]) == 0
    assert capsys.readouterr().out.count("\nRight: ") == len(ITEMS)
    assert quiz.main(["99"]) == 1
    assert "no notebook that begins with 99" in capsys.readouterr().err


def test_without_answers_none_is_printed():
    text = quiz.as_markdown(ITEMS, DISCUSSION, answers=False)
    assert "Right:" not in text
    assert not [item for item in ITEMS if item.evidence in text]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ('[["x", "No."], ["x", "No."]]', "a choice stands there twice"),
        ('[["r", "No."]]', "a choice stands there twice"),
        ("[]\nmore = 1", "more"),
    ],
)
def test_a_broken_item_is_named(tmp_path, wrong, says):
    path = tmp_path / "quiz.toml"
    path.write_text(
        '[[item]]\nid = "01-x"\nnotebook = "n"\nquestion = "?"\nright = "r"\nevidence = "e"\n'
        f"wrong = {wrong}\n"
    )
    with pytest.raises(ValueError, match=f"01-x: .*{says}"):
        quiz.read(path)
