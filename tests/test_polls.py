"""docs/polls.md is fresh, and the guide names only sections that decks have."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools.polls import FILE, as_markdown, polls_of
from tools.slides.deck import deck_of

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "lecturers-guide.md"
NOTEBOOKS = {
    path.name[:2]: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
}


def test_the_polls_are_those_of_the_notebooks() -> None:
    assert FILE.read_text(encoding="utf-8") == as_markdown(), "run python -m tools.polls"


def test_each_poll_says_on_which_slide_it_is_and_what_to_expect() -> None:
    (asked, changed, *_) = polls_of(NOTEBOOKS["01"])
    assert asked["slide"] < changed["slide"]
    assert changed["options"] == ["nothing", "a little", "a lot"]
    assert changed["expect"].endswith("Most say nothing or a little.")


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
    for number in NOTEBOOKS:
        assert f"| {number} |" in text
