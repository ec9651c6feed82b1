"""The decks in a browser: nothing overflows, everybody can read and drive them, labs keep keys.

Every page is watched (conftest.py): a deck that asks for anything beyond its file fails.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tools.browser import find
from tools.slides.__main__ import print_pdf
from tools.slides.exporter import write, write_deck
from tools.slides.plans import read_plans

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
# Smaller than this nothing is read from the back row. The lab of training has many controls.
LEAST = 0.84
LEAST_LAB = 0.72

# For every slide: what sticks out of the stage, or out of the part of it that is for content.
OVERFLOW = """() => {
  const found = [];
  for (const slide of Reveal.getSlides()) {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v, 99);
    const page = slide.querySelector(".deck-page");
    const stage = page.getBoundingClientRect();
    const body = page.querySelector(".deck-body").getBoundingClientRect();
    if (stage.height < 100) found.push(`${h}/${v} is not shown`);
    for (const part of page.querySelectorAll("*")) {
      if (part.closest(".katex-mathml, .lab-live, svg, details, .relu-lab option")) continue;
      const box = part.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      const out = Math.max(box.right - stage.right, stage.left - box.left,
        box.bottom - body.bottom, stage.top - box.top);
      if (out > 5) found.push(`${h}/${v} ${part.tagName}.${part.className}: ${out.toFixed(0)}`);
    }
    for (const pre of page.querySelectorAll("pre"))
      if (pre.scrollWidth > pre.clientWidth + 1) found.push(`${h}/${v} a line is too long`);
  }
  return found;
}"""
FITS = """() => [...document.querySelectorAll(".deck-page")].map((page) =>
  [page.innerText.slice(0, 60), Number(page.dataset.fit ?? 1), !!page.querySelector(".relu-lab")]
)"""


AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
KINDS = ("title", "predict", "code", "figure", "lab")  # the first slide of each is judged
# Go to the first slide of a kind, and judge it; the first time with all that is around it.
JUDGE = """async ([kind, rules]) => {
  const slide = document.querySelector(`.deck-slide.deck-${kind}`);
  if (!slide) return [];
  const { h, v } = Reveal.getIndices(slide);
  Reveal.slide(h, v, 99);
  const where = kind === "title" ? document : slide;
  const told = { preload: false, resultTypes: ["violations"], runOnly: rules };
  const { violations } = await axe.run(where, told);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) =>
    `${kind}: ${id}: ${html.slice(0, 200)} ${failureSummary}`));
}"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# A phone, held either way.
PHONES = [(360, 740), (740, 360)]


@pytest.fixture
def show(
    new_context: Callable[..., BrowserContext], tmp_path: Path
) -> Callable[..., tuple[Page, Path]]:
    """Write the deck of a notebook and open it as a file: ``show("01")``."""

    def show_(
        begins: str, width: int = 1280, height: int = 720, **options: Any
    ) -> tuple[Page, Path]:
        path = next(path for path in NOTEBOOKS if path.name.startswith(begins))
        file = tmp_path / f"{path.stem}.html"
        write(path, file)
        page = new_context(width=width, height=height, **options).new_page()
        page.goto(file.as_uri())
        page.wait_for_function("window.Reveal && Reveal.isReady()")
        return page, file

    return show_


def lab_slide(page: Page) -> None:
    """Go to the slide of the first lab."""
    page.evaluate("""() => {
      const slide = document.querySelector(".relu-lab").closest(".deck-slide");
      const { h, v } = Reveal.getIndices(slide);
      Reveal.slide(h, v);
    }""")
    page.wait_for_timeout(150)


def place(page: Page) -> list[int]:
    return page.evaluate("() => { const { h, v, f } = Reveal.getIndices(); return [h, v, f]; }")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_deck_is_read_from_the_back_row_and_by_everybody(
    path: Path,
    show: Callable[..., tuple[Page, Path]],
) -> None:
    page, _ = show(path.name[:2])
    page.evaluate(AXE.read_text(encoding="utf-8"))
    complaints = [line for kind in KINDS for line in page.evaluate(JUDGE, [kind, WCAG])]
    assert not complaints, "\n".join(complaints)
    assert page.evaluate(OVERFLOW) == []
    for text, fit, lab in page.evaluate(FITS):
        assert fit >= (LEAST_LAB if lab else LEAST), f"{text!r} is only legible at {fit}"
    assert page.locator(".katex-error").count() == 0
    bare = page.evaluate(
        "() => [...document.querySelectorAll('.deck-page')].filter((page) => {"
        " const copy = page.cloneNode(true);"
        " copy.querySelectorAll('.katex, code, pre, .relu-lab').forEach((x) => x.remove());"
        " return copy.textContent.includes('$'); }).map((page) => page.innerText)"
    )
    assert bare == [], "a formula was not drawn"


def test_the_arrow_keys_go_through_every_slide_to_the_end(
    show: Callable[..., tuple[Page, Path]],
) -> None:
    page, _ = show("06")
    total = page.evaluate("Reveal.getTotalSlides()")
    seen = {tuple(place(page)[:2])}
    for _press in range(4 * total):
        page.keyboard.press("ArrowRight")
        seen.add(tuple(place(page)[:2]))
        if page.evaluate("Reveal.isLastSlide()"):
            break
    assert len(seen) == total
    last = place(page)[:2]
    for _press in range(9):  # back through what appears one by one
        page.keyboard.press("ArrowLeft")
    assert place(page)[:2] != last


def test_a_slide_says_where_one_is(show: Callable[..., tuple[Page, Path]]) -> None:
    page, _ = show("01")
    page.keyboard.press("ArrowRight")
    total = page.evaluate("Reveal.getTotalSlides()")
    assert page.locator(".slide-number").inner_text().replace(" ", "") == f"2/{total}"
    assert page.locator(".deck-foot").inner_text() == "Meet a neuron"
    assert page.locator(".progress").is_visible()


def test_a_lab_keeps_its_keys_and_gives_them_back(show: Callable[..., tuple[Page, Path]]) -> None:
    page, _ = show("01")
    lab_slide(page)
    before = place(page)
    slider = page.locator(".present .relu-lab input[type=range]").first
    value = slider.input_value()
    slider.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    assert place(page) == before
    assert slider.input_value() != value
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    assert place(page) != before


def test_a_lab_is_reached_and_left_by_keyboard_alone(
    show: Callable[..., tuple[Page, Path]],
) -> None:
    page, _ = show("01")
    lab_slide(page)
    before = place(page)
    inside = "!!document.activeElement.closest('.present .relu-lab')"
    for _press in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            break
    assert page.evaluate(inside), "the Tab key does not reach the lab"
    seen = set()
    for _press in range(12):  # all of it, and whoever is there is seen to be
        if not page.evaluate(inside):
            break
        seen.add(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
        ring = page.evaluate(
            "() => { const there = document.activeElement;"
            " return [there, ...there.querySelectorAll('*')].some((part) => {"
            " const style = getComputedStyle(part);"
            " return style.outlineStyle !== 'none' || style.stroke !== 'none'; }); }"
        )
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        page.keyboard.press("ArrowRight")
        assert place(page) == before
        page.keyboard.press("Tab")
    assert len(seen) >= 5
    for _press in range(12):
        if page.evaluate(inside):
            break
        page.keyboard.press("Shift+Tab")
    assert page.evaluate(inside)
    page.keyboard.press("Escape")
    assert not page.evaluate(inside)
    assert not page.evaluate("Reveal.isOverview()")
    page.keyboard.press("ArrowRight")
    assert place(page) != before


@pytest.mark.parametrize("size", PHONES, ids=str)
def test_on_a_phone_a_slide_is_whole_and_a_tap_moves_on(
    show: Callable[..., tuple[Page, Path]], size: tuple[int, int]
) -> None:
    page, _ = show("01", *size, has_touch=True, is_mobile=True)
    assert page.evaluate(OVERFLOW) == []
    page.evaluate("Reveal.slide(0, 0)")
    for kind in KINDS:
        page.evaluate(JUDGE.partition("const where")[0] + "}", [kind, []])
        box = page.locator(".deck-slide.present .deck-page").bounding_box()
        assert min(box["x"], box["y"]) >= -1
        assert box["x"] + box["width"] <= size[0] + 1
        assert box["y"] + box["height"] <= size[1] + 1
        assert box["width"] > 0.9 * min(size[0], size[1] * 16 / 9), "as large as the screen"
    page.evaluate("Reveal.slide(0, 0)")
    upright = size[1] > size[0]
    assert page.get_by_text("turn your phone").is_visible() == upright
    before = place(page)
    page.locator(".controls .navigate-right").tap()
    assert place(page) != before


def test_without_motion_nothing_moves(show: Callable[..., tuple[Page, Path]]) -> None:
    page, _ = show("01", reduced_motion="reduce")
    moving = page.evaluate(
        "() => [...document.querySelectorAll('.reveal, .reveal *')].filter((part) => {"
        " const style = getComputedStyle(part);"
        " return parseFloat(style.transitionDuration) > 0 && style.transitionProperty !== 'none'"
        " || style.animationName !== 'none'; }).map((part) => part.outerHTML.slice(0, 100))"
    )
    assert moving == []


def test_a_deck_is_light_at_night_too_and_so_is_its_lab(
    show: Callable[..., tuple[Page, Path]],
) -> None:
    page, _ = show("01", color_scheme="dark")
    lab_slide(page)
    lab = page.locator(".present .relu-lab")
    assert lab.get_attribute("data-theme") != "dark"
    colours = lab.evaluate(
        "(lab) => [lab, lab.querySelector('.lab-box'), lab.querySelector('select')].map((part) =>"
        " getComputedStyle(part)).map(({ color, fill, colorScheme }) => [color, fill, colorScheme])"
    )
    assert colours[0][0] == "rgb(26, 26, 26)"
    assert colours[1][1] == "rgb(255, 255, 255)"
    assert colours[2][2] == "light"


@pytest.mark.parametrize("sessions", [1, 4])
def test_the_deck_of_a_plan_works_as_any_other(
    sessions: int, new_context: Callable[..., BrowserContext], tmp_path: Path
) -> None:
    session = read_plans()[sessions][-1]
    write_deck(session.deck(), tmp_path / "plan.html")
    page = new_context(width=1280, height=720).new_page()
    page.goto((tmp_path / "plan.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.evaluate(OVERFLOW) == []
    assert page.evaluate("Reveal.getTotalSlides()") == len(session.deck().pages)
    assert page.locator(".deck-foot").inner_text() == session.title
    lab_slide(page)
    assert page.locator(".present .relu-lab .lab-plot").count() > 0


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (900, 600)], ids=str)
def test_a_handle_goes_where_the_mouse_goes(
    show: Callable[..., tuple[Page, Path]], size: tuple[int, int]
) -> None:
    page, _ = show("01", *size)
    lab_slide(page)
    knob = page.locator(".present g[aria-label='slide the line: bias'] .lab-knob")
    box = knob.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    aim = (x - 40, y + 30)  # against the weights (0.8, 0.6), along which the handle slides
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(*aim, steps=5)
    page.mouse.up()
    page.wait_for_timeout(100)
    box = knob.bounding_box()
    assert box["x"] + box["width"] / 2 == pytest.approx(aim[0], abs=4)
    assert box["y"] + box["height"] / 2 == pytest.approx(aim[1], abs=4)


def test_the_speaker_has_notes_and_times(show: Callable[..., tuple[Page, Path]]) -> None:
    page, _ = show("01")
    with page.expect_popup() as opened:
        page.keyboard.press("s")
    view = opened.value
    view.wait_for_function("document.querySelector('.speaker-controls-notes .value').innerText")
    notes = view.locator(".speaker-controls-notes .value").inner_text()
    assert "what is the smallest machine" in notes
    assert "Minutes by section" in notes
    assert view.locator(".pacing").is_visible()
    page.keyboard.press("ArrowRight")
    view.wait_for_function(
        "!document.querySelector('.speaker-controls-notes .value').innerText.includes('smallest')"
    )


def test_a_deck_can_be_printed(show: Callable[..., tuple[Page, Path]]) -> None:
    page, file = show("00")
    total = page.evaluate("Reveal.getTotalSlides()")
    printed = print_pdf(file, find())
    pages = page.context.new_page()
    pages.goto(f"{file.as_uri()}?print-pdf")
    pages.wait_for_function("document.querySelectorAll('.pdf-page').length")
    assert pages.locator(".pdf-page").count() == total
    assert printed.read_bytes().startswith(b"%PDF")
    assert printed.stat().st_size > 2e5
