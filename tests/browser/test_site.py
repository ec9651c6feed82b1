"""The web site in a browser: opened as files, by everybody, without another machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.site_pages import built

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
PATIENCE = 30_000  # milliseconds for the formulas of a page, on a busy machine
SCREENS = {
    "a wide screen": {"width": 1280, "height": 900, "color_scheme": "light"},
    "a phone at night": {"width": 360, "height": 740, "color_scheme": "dark"},
}
# axe asks for text that is seen in each header. It takes a formula, drawn as SVG and read out as
# MathML, for no text.
RUN = """
axe.configure({rules: [{id: "empty-table-header", selector: "th:not(:has(mjx-container))"}]});
axe.run(document, {preload: false, resultTypes: ["violations"]}).then((result) =>
    result.violations.flatMap(({id, nodes}) =>
        nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`)))
"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
STATE = "JSON.stringify(document.querySelector('[data-relu-lab]').model.get('step'))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory)


def opened(page: Page, path: Path) -> Page:
    """Open a page as a file, and wait until its formulas are drawn."""
    page.goto(path.as_uri())
    if "tex-svg" in path.read_text(encoding="utf-8"):
        page.wait_for_function("window.MathJax?.startup?.promise", timeout=PATIENCE)
        page.evaluate("MathJax.startup.promise.then(() => true)")
    return page


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_and_fits(
    screen: str, site: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(**SCREENS[screen]).new_page()
    axe = AXE.read_text(encoding="utf-8")
    complaints = []
    for path in sorted(site.rglob("*.html")):
        opened(page, path)
        name = path.relative_to(site)
        if page.evaluate(OVERFLOW) > 0:
            complaints.append(f"{name} is wider than {screen}")
        page.evaluate(axe)
        complaints += [f"{name}: {line}" for line in page.evaluate(RUN)]
    assert not complaints, "\n".join(complaints[:20])


def test_the_lab_on_the_home_page_reacts(
    site: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = opened(new_context().new_page(), site / "index.html")
    words = page.locator("[data-relu-lab] .lab-words").first
    before = words.inner_text()
    assert page.evaluate(STATE) == "0"
    page.get_by_role("button", name="One step").click()
    page.wait_for_function(f"{STATE} === '1'")
    page.wait_for_timeout(100)
    assert words.inner_text() != before
    assert page.locator("[data-relu-lab] img").count() == 0, "the picture gives way to the lab"


def test_labs_in_notebooks_run(site: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    found = 0
    for path in sorted(site.glob("notebooks/*.html")):
        if "data-relu-lab" in path.read_text(encoding="utf-8"):
            opened(page, path)
            places = page.locator("[data-relu-lab]").count()
            assert page.locator("[data-relu-lab] .relu-lab").count() == places
            found += places
    assert found >= 5


def test_without_javascript_there_is_the_picture(
    site: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto((site / "index.html").as_uri())
    picture = page.locator("[data-relu-lab] img")
    assert picture.is_visible()
    sentence = picture.get_attribute("alt")
    assert page.locator("[data-relu-lab] > p").inner_text() == " ".join(sentence.split())


def test_formulas_are_drawn(site: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(new_context().new_page(), site / "notebooks" / "01_meet_a_neuron.html")
    assert page.locator("mjx-container svg").count() > 5
    assert "\\max" not in page.locator("article").inner_text()


def test_search_finds_a_notebook(site: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = new_context().new_page()
    page.goto((site / "index.html").as_uri())
    page.get_by_label("Search").fill("perceptron")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Meet a neuron", exact=True).last.wait_for()
    assert "search.html" in page.url


def test_code_can_be_copied(site: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(new_context().new_page(), site / "notebooks" / "01_meet_a_neuron.html")
    buttons = page.locator("div.cell_input button.copybtn").count()
    assert buttons == page.locator("div.cell_input pre").count() > 20
    assert page.locator("div.cell_output button.copybtn").count() == 0


def test_one_can_go_on_and_back(site: Path, new_context: Callable[..., BrowserContext]) -> None:
    page = opened(new_context().new_page(), site / "notebooks" / "01_meet_a_neuron.html")
    page.locator("a.next-page").click()
    page.wait_for_url(re.compile("02_build_a_network"))
    page.locator("a.prev-page").click()
    page.wait_for_url(re.compile("01_meet_a_neuron"))


def test_the_menu_of_a_phone_opens_by_keys(
    site: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = opened(new_context(width=360).new_page(), site / "glossary.html")
    button = page.get_by_role("button", name="All pages")
    button.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    page.wait_for_timeout(400)  # it slides in
    page.get_by_role("link", name="06 Watch ReLU die").click()
    page.wait_for_url(re.compile("06_watch_relu_die"))


def test_what_scrolls_is_in_reach_of_the_tab_key(
    site: Path, new_context: Callable[..., BrowserContext]
) -> None:
    page = opened(new_context(width=360).new_page(), site / "notebooks" / "06_watch_relu_die.html")
    page.wait_for_timeout(100)
    boxes = (
        "[...document.querySelectorAll('pre')]"
        ".filter((box) => box.scrollWidth > box.clientWidth + 1)"
    )
    assert page.evaluate(f"{boxes}.length") > 3
    assert page.evaluate(f"{boxes}.every((box) => box.tabIndex === 0)")
