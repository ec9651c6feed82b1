"""Lab 2 in a browser: numbers against `helpers`, handles by mouse and keys, steps taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hold import PLACE, drag, lab_of, page_of, set_state, words
from playwright.sync_api import Page

from helpers.labs import Neuron
from helpers.labs.lab import fixed

SLIDE = "slide the line: bias"
TURN = "turn the line: direction of the weights"


STATES: list[dict[str, Any]] = [
    {},
    {"b": -4.0},
    {"b": -4.0, "activation": "leaky_relu", "steps": 30},
    {"b": -4.0, "gradient": False},
    {"w1": -1.3, "w2": 2.1, "b": 0.7, "seed": 5, "point": 9, "steps": 1},
    {"rate": 3.0},
    {"w1": 0.0, "w2": 0.0, "b": 1.0},
]


def test_what_is_read_is_what_helpers_compute(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Neuron()))
    page.get_by_text("z and a of every point").click()
    for state in STATES:
        lab = Neuron(**state)
        set_state(page, lab.state())
        assert words(page) == lab.sentence()
        check_table(page, lab)


def check_table(page: Page, lab: Neuron) -> None:
    rows = page.locator(".lab-table tbody tr").all_inner_texts()
    x, target = lab.points()
    layer = lab.layer()
    columns = [x[:, 0], x[:, 1], layer.z, layer.activation(layer.z)]
    columns.append(layer.activation.derivative(layer.z))
    for row, numbers, wanted in zip(
        rows, zip(*map(np.ravel, columns), strict=True), target.ravel(), strict=True
    ):
        cells = [fixed(float(number)) for number in numbers]
        assert row.split("\t")[1:] == [*cells[:2], f"{wanted:.0f}", *cells[2:]]


def test_sliding_moves_the_bias_alone_and_turning_the_weights_alone(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(page_of(Neuron()))
    drag(page, SLIDE, 60, -45)
    slid = lab_of(page, Neuron)
    assert (slid.w1, slid.w2) == (0.8, 0.6)
    # 396 pixels for 6 units, and the way of the pointer is along w, whose length is 1
    assert slid.b == pytest.approx(0.5 - 75 * 6 / 396, abs=0.05)
    drag(page, TURN, -80, 20)
    turned = lab_of(page, Neuron)
    assert turned.b == slid.b
    assert np.hypot(turned.w1, turned.w2) == pytest.approx(1, abs=1e-5)
    assert turned.w1 != pytest.approx(0.8, abs=0.05)
    assert words(page) == turned.sentence()


def test_the_handle_that_turns_stays_under_the_pointer(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Neuron(b=-1.0)))
    knob = page.locator(f"g[aria-label='{TURN}'] .lab-knob")
    before = knob.bounding_box()
    drag(page, TURN, -150, 0)
    page.wait_for_timeout(60)
    after = knob.bounding_box()
    plane = page.locator("svg.lab-plot").first.bounding_box()
    middle = (plane["x"] + 46 + 198, plane["y"] + 26 + 198)
    wanted, got = (
        np.arctan2(box["y"] + 8 - middle[1], box["x"] + 8 - middle[0])
        for box in ({**before, "x": before["x"] - 150}, after)
    )
    assert got == pytest.approx(wanted, abs=0.03)


def test_pushed_off_the_data_by_keys_it_is_dead_and_stays(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Neuron()), reduced_motion="reduce")
    page.evaluate("document.addEventListener('keydown', (e) => (window.escaped = e.key))")
    page.locator(f"g[aria-label='{SLIDE}']").focus()
    for key in ["Shift+ArrowUp", "Shift+ArrowRight"] * 3:
        page.keyboard.press(key)
        page.wait_for_timeout(40)
    assert page.evaluate("window.escaped ?? null") is None
    dead = lab_of(page, Neuron)
    assert "dead on them" in words(page)
    assert page.get_by_text("✕ dead on these points").count() == 1
    page.get_by_role("button", name="Take 10 steps").click()
    assert lab_of(page, Neuron).state() == dead.state()
    page.get_by_label("activation").select_option("leaky ReLU")
    expected, _ = Neuron(**(dead.state() | {"activation": "leaky_relu"})).ahead()
    page.get_by_role("button", name="Take 10 steps").click()
    there = lab_of(page, Neuron)
    found = [there.w1, there.w2, there.b]
    np.testing.assert_allclose(found, [*expected.w.ravel(), *expected.b], rtol=0, atol=1e-12)
    assert words(page) == there.sentence()
    page.get_by_role("button", name="Back to the start").click()
    assert lab_of(page, Neuron).b == 0.5


def test_steps_walk_frame_by_frame_unless_the_reader_wants_no_motion(
    open_page: Callable[..., Page],
) -> None:
    lab = Neuron(b=-3.0, activation="leaky_relu", steps=50)
    then = lab.ahead()[0]
    for motion, at_once in (("reduce", True), ("no-preference", False)):
        page = open_page(page_of(lab), reduced_motion=motion)
        page.evaluate("document.querySelector('.lab-buttons button').click()")
        now = page.evaluate(f"{PLACE}.model.get('b')")
        assert (abs(now - float(then.b[0])) < 1e-9) is at_once
        page.wait_for_function(f"Math.abs({PLACE}.model.get('b') - {then.b[0]}) < 1e-9")


def test_the_length_slider_keeps_the_direction(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Neuron(w1=1.2, w2=0.9)))
    page.get_by_label("length of w").fill("3")
    lab = lab_of(page, Neuron)
    assert (lab.w1, lab.w2) == pytest.approx((2.4, 1.8), abs=1e-5)


def test_python_moves_the_lab_and_a_press_on_a_point_reads_it_off(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(page_of(Neuron()))
    set_state(page, {"b": -4})
    assert words(page) == Neuron(b=-4.0).sentence()
    mark = page.locator("svg.lab-plot").first.locator("circle.lab-hollow").nth(2)
    mark.dispatch_event("pointerdown")
    assert lab_of(page, Neuron).point == 9
    assert words(page) == lab_of(page, Neuron).sentence()


def test_all_controls_are_reached_by_tab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Neuron(activation="leaky_relu")))
    names = []
    for _ in range(13):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "(() => { const a = document.activeElement; return a.getAttribute('aria-label') ??"
                " a.labels?.[0]?.textContent ?? a.textContent; })()"
            )
        )
    assert names == [
        *(SLIDE, TURN, "weights w", "bias b", "length of w", "activation", "slope"),
        *("read off point", "learning rate", "steps", "Take 10 steps", "Back to the start"),
        "z and a of every point",
    ]


CUT = """() => [...document.querySelectorAll(".relu-lab text")].filter((text) => {
  const box = text.getBoundingClientRect();
  const lab = text.closest(".relu-lab").getBoundingClientRect();
  return box.width && (box.left < lab.left - 1 || box.right > lab.right + 1);
}).map((text) => text.textContent)"""


@pytest.mark.parametrize("width", [360, 800])
@pytest.mark.parametrize("ground", ["#ffffff", "#111111"])
def test_it_fits_and_no_word_is_cut(
    open_page: Callable[..., Page], width: int, ground: str
) -> None:
    page = open_page(page_of(Neuron(), ground), width=width)
    page.get_by_text("z and a of every point").click()
    for state in ({}, {"b": -4.0}, {"b": -2.5, "activation": "leaky_relu", "steps": 50}):
        set_state(page, state)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert page.evaluate(CUT) == []
    theme = page.locator(".relu-lab").get_attribute("data-theme")
    assert theme == ("light" if ground == "#ffffff" else "dark")
