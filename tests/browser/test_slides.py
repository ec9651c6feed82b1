"""The decks in a browser: nothing overflows, keys move on, labs keep theirs, notes are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tools.browser import find
from tools.slides.__main__ import print_pdf
from tools.slides.exporter import write

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


@pytest.fixture
def show(
    new_context: Callable[..., BrowserContext], tmp_path: Path
) -> Callable[..., tuple[Page, Path]]:
    """Write the deck of a notebook and open it as a file: ``show("01")``."""

    def show_(begins: str, width: int = 1280, height: int = 720) -> tuple[Page, Path]:
        path = next(path for path in NOTEBOOKS if path.name.startswith(begins))
        file = tmp_path / f"{path.stem}.html"
        write(path, file)
        page = new_context(width=width, height=height).new_page()
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
def test_nothing_overflows_a_slide(
    path: Path,
    show: Callable[..., tuple[Page, Path]],
) -> None:
    page, _ = show(path.name[:2])
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
