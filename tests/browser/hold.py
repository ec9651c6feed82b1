"""How these tests take hold of the lab on a page, and read what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page

from helpers.labs import Lab
from helpers.labs.lab import style
from helpers.labs.web import placeholder, script

PLACE = "document.querySelector('[data-relu-lab]')"


def page_of(lab: Lab, ground: str = "#ffffff") -> str:
    """Write a page of one lab, without the picture that would take a second to draw."""
    look = f"<style>{style()} body {{ background: {ground}; }}</style>"
    place = placeholder(lab.name, lab.state(), "")
    return f"<!doctype html>{look}<body>{place}<script>{script([lab.name])}</script></body>"


def lab_of(page: Page, kind: type[Lab]) -> Any:
    """Make the lab in Python that the page's state describes."""
    page.wait_for_timeout(60)
    keys = list(kind().state())
    state = page.evaluate(f"(keys) => keys.map((k) => {PLACE}.model.get(k))", keys)
    return kind(**dict(zip(keys, state, strict=True)))


def set_state(page: Page, state: dict[str, Any]) -> None:
    """Set the state as the kernel would."""
    for key, value in state.items():
        page.evaluate(f"([key, value]) => {PLACE}.model.set(key, value)", [key, value])
    page.wait_for_timeout(60)


def words(page: Page) -> str:
    """Read what the lab says."""
    page.wait_for_timeout(60)
    return page.locator(".lab-words").inner_text()


def drag(page: Page, label: str, dx: float, dy: float) -> None:
    """Drag the handle of this name with the mouse, by so many pixels."""
    knob = page.locator(f"g[aria-label='{label}'] .lab-knob").bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


@contextmanager
def running(chromium: Browser, program: str) -> Iterator[Callable[..., Any]]:
    """Give a function that runs JavaScript with a program in reach, and returns its JSON."""
    page = chromium.new_page()
    page.set_content(f"<script>{program}</script>")

    def run(body: str, **given: Any) -> Any:
        names = ", ".join(given)
        return page.evaluate(f"({{ {names} }}) => {{ {body} }}", given)

    yield run
    page.close()
