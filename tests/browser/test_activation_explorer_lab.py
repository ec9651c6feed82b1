"""Lab 1 in a browser: read-outs against `helpers`, handles by mouse, by touch and by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hold import PLACE, drag, words
from playwright.sync_api import Page

from helpers import activations
from helpers.labs import ActivationExplorer
from helpers.labs.web import page as page_of


def state(page: Page) -> dict[str, Any]:
    """Read the state that the lab has written into its model."""
    return page.evaluate(f"({{keys}}) => keys.map((k) => {PLACE}.model.get(k))", {"keys": KEYS})


KEYS = ["activations", "slope", "z"]


def lab_of(page: Page) -> ActivationExplorer:
    chosen, slope, z = state(page)
    return ActivationExplorer(chosen, slope=slope, z=z)


HANDLE = "g[aria-label='{}']"


@pytest.mark.parametrize("z", [-3.2, -0.4, 0.0, 2.5])
def test_what_is_read_is_what_helpers_compute(open_page: Callable[..., Page], z: float) -> None:
    lab = ActivationExplorer(activations.names(), slope=0.3, z=z)
    page = open_page(page_of(lab))
    assert words(page) == lab.sentence()
    assert page.locator(".lab-table tbody tr").count() == len(activations.names())


def test_dragging_moves_the_state_and_the_words(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer(["leaky_relu", "gelu"], slope=0.1, z=-2)))
    drag(page, "input z", 80, 0)
    drag(page, "slope of leaky ReLU", 0, 60)
    lab = lab_of(page)
    assert lab.z > -1
    assert lab.slope > 0.3
    assert words(page) == lab.sentence()


def test_keys_reach_handles_and_stay_in_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer(["leaky_relu"], slope=0.1, z=-2)))
    page.evaluate("document.addEventListener('keydown', (e) => (window.escaped = e.key))")
    page.locator(HANDLE.format("input z")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.locator(HANDLE.format("slope of leaky ReLU")).focus()
    page.keyboard.press("ArrowDown")
    assert state(page)[1:] == pytest.approx([0.11, -0.9])
    assert page.evaluate("window.escaped ?? null") is None
    assert words(page) == lab_of(page).sentence()


def test_all_controls_are_reached_by_tab_and_named(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer()))
    names = []
    for _ in range(5):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "(() => { const a = document.activeElement; return a.getAttribute('aria-label') ??"
                " a.labels?.[0]?.textContent ?? a.textContent; })()"
            )
        )
    assert names == ["input z", "slope of leaky ReLU", "input z", "slope", "Activations"]


def test_python_moves_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer(["relu"], z=1.0)))
    page.evaluate(f"{PLACE}.model.set('z', -1)")
    assert words(page) == ActivationExplorer(["relu"], z=-1.0).sentence()


def test_check_boxes_choose(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer(["relu"])))
    page.get_by_text("Activations", exact=True).first.click()
    page.get_by_label("silu").check()
    page.get_by_label("relu", exact=True).uncheck()
    assert state(page)[0] == ["silu"]
    assert words(page) == lab_of(page).sentence()


def test_touch_drags(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(ActivationExplorer(["relu"], z=-2.0)), has_touch=True)
    knob = page.locator(HANDLE.format("input z")).locator(".lab-knob").bounding_box()
    x, y = knob["x"] + 8, knob["y"] + 8
    session = page.context.new_cdp_session(page)
    for kind, at in (("touchStart", x), ("touchMove", x + 40), ("touchMove", x + 80)):
        points = [{"x": at, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert state(page)[2] > -1.5


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_it_fits_and_follows_the_ground(
    open_page: Callable[..., Page], width: int, ground: str
) -> None:
    head = f"<style>body {{ background: {ground}; }}</style>"
    lab = ActivationExplorer(["relu", "gelu_tanh", "rrelu"])
    page = open_page(page_of(lab, head=head), width=width)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    theme = page.locator(".relu-lab").get_attribute("data-theme")
    assert theme == ("light" if ground == "#ffffff" else "dark")


def test_without_javascript_there_is_a_picture_and_a_sentence(
    open_page: Callable[..., Page],
) -> None:
    lab = ActivationExplorer()
    page = open_page(page_of(lab), java_script_enabled=False)
    assert page.get_by_role("img").get_attribute("alt") == lab.sentence()
    assert lab.sentence() in page.locator("p").first.inner_text()
