"""Several labs on one page: each keeps to itself."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from helpers import labs
from helpers.labs.web import page as page_of

LABS = (labs.Neuron, labs.DyingRelu, labs.BornDead, labs.Hinges, labs.ActivationExplorer)


def test_no_two_parts_have_one_name(open_page: Callable[..., Page]) -> None:
    """Else one lab's plot is cut off where another's ends, and a label belongs to two sliders."""
    page = open_page(page_of(*(lab() for lab in LABS), labs.Neuron(b=-3.0)))
    assert page.locator(".relu-lab").count() == len(LABS) + 1
    names = page.evaluate("[...document.querySelectorAll('[id]')].map((part) => part.id)")
    assert len(names) > 40
    assert len(set(names)) == len(names)


def test_moving_one_leaves_the_others(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(labs.Neuron(), labs.Neuron(b=-3.0)))
    words = page.locator(".lab-words")
    other = words.nth(1).inner_text()
    page.locator(".lab-handle").first.focus()
    before = words.nth(0).inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert words.nth(0).inner_text() != before
    assert words.nth(1).inner_text() == other
