"""Lab 4, born dead, in a real browser: its networks, its numbers, and taking hold of it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hold import running
from playwright.sync_api import Browser, Page

from helpers.born_dead import bounds, layer_of_death
from helpers.labs import BornDead
from helpers.labs.lab import module_of
from helpers.labs.web import EXPORT, page
from helpers.stats import wilson

DONE = "!document.querySelector('.lab-words').textContent.startsWith('Drawing')"


@pytest.fixture(scope="module")
def run(chromium: Browser) -> Iterator[Callable[..., Any]]:
    """Run JavaScript with the lab's functions in reach; what it returns comes back as JSON."""
    with running(chromium, module_of("born_dead").replace(EXPORT, "")) as run_:
        yield run_


@functools.cache
def html(width: int, layers: int) -> str:
    """Write a page with the lab; the picture that stands there first takes a while."""
    return page(BornDead(width=width, layers=layers))


def state_of(tab: Page) -> dict[str, int]:
    """Wait until the networks are drawn; return the state."""
    tab.wait_for_timeout(60)
    tab.wait_for_function(DONE)
    body = "m => Object.fromEntries(['width', 'layers', 'seed'].map((key) => [key, m.get(key)]))"
    return tab.evaluate(f"({body})(document.querySelector('[data-relu-lab]').model)")


def assert_says_what_python_says(tab: Page) -> None:
    lab = BornDead(**state_of(tab))
    assert tab.locator(".lab-words").inner_text() == lab.sentence()
    dead = f"{lab.count():,}"
    assert f"× {dead} born dead" in tab.locator(".lab-field-head").inner_text()
    assert f"{dead} crosses" in tab.locator("canvas").get_attribute("aria-label")


@pytest.mark.parametrize(
    ("width", "layers", "seed"),
    [(1, 30, 0), (2, 30, 1), (3, 30, 0), (4, 12, 9999), (6, 10, 7), (10, 4, 3)],
)
def test_every_network_dies_in_the_same_layer(
    run: Callable[..., Any], width: int, layers: int, seed: int
) -> None:
    body = """
    const drawn = draw_networks(width, seed);
    while (drawn.hidden < layers - 1) drawn.more();
    return [[...drawn.first], drawn.dead];
    """
    first, dead = run(body, width=width, layers=layers, seed=seed)
    expected = layer_of_death(width, layers, 2_000, seed, progress=False)
    np.testing.assert_array_equal(first, expected)
    counts = [int(np.sum((expected > 0) & (expected <= hidden))) for hidden in range(layers)]
    assert dead == counts


def test_bounds_and_intervals(run: Callable[..., Any]) -> None:
    cells = [(width, layers) for width in range(1, 11) for layers in range(2, 31)]
    found = run("return cells.map(([n, l]) => death_bounds(n, l));", cells=cells)
    np.testing.assert_allclose(found, [bounds(*cell) for cell in cells], rtol=1e-9, atol=1e-15)
    counts = [0, 1, 7, 999, 1_000, 1_113, 1_999, 2_000]
    found = run("return counts.map((count) => wilson(count, 2000));", counts=counts)
    expected = [(wilson(count, 2_000).low, wilson(count, 2_000).high) for count in counts]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-15)


def test_shares_are_written_as_in_python(run: Callable[..., Any]) -> None:
    from helpers.labs.born_dead import _percent

    shares = [count / 2_000 for count in range(2_001)] + [2.0**-n for n in range(1, 11)]
    assert run("return shares.map(percent);", shares=shares) == [_percent(one) for one in shares]


def test_depth_follows_the_pointer(open_page: Callable[..., Page]) -> None:
    tab = open_page(html(3, 10))
    assert state_of(tab) == {"width": 3, "layers": 10, "seed": 0}
    assert_says_what_python_says(tab)
    knob = tab.locator(".lab-handle .lab-knob").bounding_box()
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    plot = tab.locator(".lab-box").bounding_box()
    for layers in (14, 4):
        tab.mouse.move(x, y)
        tab.mouse.down()
        x = plot["x"] + plot["width"] * (layers - 2) / 28
        tab.mouse.move(x, y, steps=4)
        tab.mouse.up()
        assert state_of(tab)["layers"] == layers
        assert_says_what_python_says(tab)
        knob = tab.locator(".lab-handle .lab-knob").bounding_box()
        assert knob["x"] + knob["width"] / 2 == pytest.approx(x, abs=2)
        y = knob["y"] + knob["height"] / 2


def test_keyboard_alone(open_page: Callable[..., Page]) -> None:
    tab = open_page(html(3, 10))
    tab.get_by_role("slider", name="layers").first.focus()
    tab.keyboard.press("ArrowRight")
    tab.keyboard.press("Shift+ArrowUp")
    assert state_of(tab)["layers"] == 21
    assert_says_what_python_says(tab)
    tab.get_by_label("width").focus()
    tab.keyboard.press("ArrowLeft")
    assert state_of(tab)["width"] == 2
    tab.keyboard.press("Tab")
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert state_of(tab) == {"width": 2, "layers": 20, "seed": 1}
    assert_says_what_python_says(tab)


def test_state_set_from_outside_moves_the_lab(open_page: Callable[..., Page]) -> None:
    tab = open_page(html(3, 10))
    model = "document.querySelector('[data-relu-lab]').model"
    tab.evaluate(f"for (const [k, v] of [['width', 6], ['layers', 12]]) {model}.set(k, v)")
    assert state_of(tab) == {"width": 6, "layers": 12, "seed": 0}
    assert_says_what_python_says(tab)
    assert tab.locator(".lab-handle").get_attribute("aria-valuenow") == "12"
    assert tab.get_by_label("width").input_value() == "6"


def test_the_field_has_a_mark_for_each_network(open_page: Callable[..., Page]) -> None:
    lab = BornDead(width=3, layers=10)
    tab = open_page(html(3, 10))
    state_of(tab)
    # Blue in the middle of a cell: a dot. A cross is grey or vermilion there.
    body = """() => {
      const canvas = document.querySelector('canvas');
      const pen = canvas.getContext('2d');
      return Array.from({ length: 2000 }, (_, n) => {
        const x = ((n % 50) + 0.5) * canvas.width / 50;
        const y = (Math.floor(n / 50) + 0.5) * canvas.height / 40;
        const [red, , blue] = pen.getImageData(x, y, 1, 1).data;
        return blue > red + 40;
      });
    }"""
    np.testing.assert_array_equal(tab.evaluate(body), lab.first() == 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_and_still(open_page: Callable[..., Page], scheme: str) -> None:
    options = {"width": 360, "color_scheme": scheme, "reduced_motion": "reduce"}
    tab = open_page(html(5, 30), **options)
    assert_says_what_python_says(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    outside = """() => [...document.querySelectorAll('.relu-lab text, .relu-lab canvas')]
      .filter((one) => one.getBoundingClientRect().right > innerWidth
        || one.getBoundingClientRect().left < 0).map((one) => one.outerHTML)"""
    assert tab.evaluate(outside) == []
