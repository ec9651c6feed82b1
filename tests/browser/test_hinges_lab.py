"""Lab 5 in a browser: numbers against `helpers` and NumPy, handles by mouse and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hold import drag, lab_of, page_of, set_state, words
from playwright.sync_api import Page

from helpers.activations import leaky_relu
from helpers.labs import Hinges
from helpers.labs.hinges import TARGETS, X

EIGHT = [(-3 + 0.7 * k, (-1) ** k * 1.5) for k in range(8)]
STATES: list[dict[str, Any]] = [
    {},
    {"slope": 0.2},
    {"slope": 1.0, "hinges": [(0.0, 1.0)]},
    {"hinges": [(-3, -1), (0, 2)], "target": "absolute", "offset": 3},
    {"hinges": EIGHT, "target": "staircase", "offset": 0.0, "slope": 0.05},
    {"hinges": [], "target": "bump", "offset": -0.4},
]


def test_what_is_read_is_what_helpers_compute(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges()))
    for state in STATES:
        lab = Hinges(**state)
        set_state(page, lab.state())
        assert words(page) == lab.sentence()


def least_squares(lab: Hinges) -> tuple[np.ndarray, np.ndarray]:
    """Give NumPy's best heights, and the curve that they make."""
    bends = np.array([bend for bend, _ in lab.hinges])
    columns = np.hstack([np.ones_like(X), leaky_relu(lab.slope)(X - bends)])
    best = np.linalg.lstsq(columns, TARGETS[lab.target](X).ravel(), rcond=None)[0]
    return best, columns @ best


def test_best_heights_are_those_of_least_squares(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges()))
    bends = [-3.0, -1.05, -0.95, 0.2, 0.9, 1.05]
    for target in TARGETS:
        for slope in (0.0, 0.3):
            lab = Hinges([(bend, 0.0) for bend in bends], target=target, slope=slope)
            set_state(page, lab.state())
            page.get_by_role("button", name="Best heights").click()
            found = lab_of(page, Hinges)
            assert [bend for bend, _ in found.hinges] == bends
            got = [found.offset, *(height for _, height in found.hinges)]
            np.testing.assert_allclose(got, least_squares(lab)[0], rtol=0, atol=1e-6)
            assert words(page) == found.sentence()


def test_best_heights_where_there_are_many_best(open_page: Callable[..., Page]) -> None:
    two_at_one_place = {"hinges": [(0.0, 1.0), (0.0, 2.0), (1.0, 0.0)]}
    all_one_line = {"hinges": [(-1.0, 1.0), (1.0, 2.0), (2.0, 0.0)], "slope": 1.0}
    page = open_page(page_of(Hinges()))
    for state in (two_at_one_place, all_one_line):
        lab = Hinges(**state)
        set_state(page, lab.state())
        page.get_by_role("button", name="Best heights").click()
        best = least_squares(lab)[1]
        np.testing.assert_allclose(lab_of(page, Hinges).curve(X), best, rtol=0, atol=1e-6)


def test_dragging_bends_and_heights(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges()))
    plot = page.locator("svg.lab-plot").nth(1).bounding_box()
    across, up = (plot["width"] - 60) / 6, (plot["height"] - 66) / 10
    drag(page, "height of hinge 3", 0, 2.5 * up)
    drag(page, "bend of hinge 2", -0.5 * across, 0)
    drag(page, "offset: height of the sum at the left", 0, -20)
    lab = lab_of(page, Hinges)
    assert lab.hinges[2] == pytest.approx([1.0, -3.0], abs=0.1)
    assert lab.hinges[1] == pytest.approx([-1.5, 3.0], abs=0.06)
    assert lab.offset > 1.6
    assert words(page) == lab.sentence()


def test_keys_move_every_handle_and_stay_in_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges()))
    page.evaluate("document.addEventListener('keydown', (e) => (window.escaped = e.key))")
    for label, key in {
        "bend of hinge 1": "ArrowRight",
        "height of hinge 1": "ArrowDown",
        "offset: height of the sum at the left": "ArrowUp",
    }.items():
        page.locator(f"g[aria-label='{label}']").focus()
        page.keyboard.press(key)
        page.wait_for_timeout(40)
    lab = lab_of(page, Hinges)
    assert lab.hinges[0] == pytest.approx([-2.95, -1.6])
    assert lab.offset == pytest.approx(1.6)
    assert page.evaluate("window.escaped ?? null") is None
    assert words(page) == lab.sentence()


def test_a_height_beyond_the_plot_stays_until_it_is_pulled_back(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(page_of(Hinges([(0.0, 20.0)])))
    page.locator("g[aria-label='height of hinge 1']").focus()
    page.keyboard.press("ArrowUp")
    assert lab_of(page, Hinges).hinges == [[0.0, 20.0]]
    page.keyboard.press("ArrowDown")
    assert lab_of(page, Hinges).hinges == [[0.0, 4.9]]


def test_hinges_come_and_go(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges([], target="bump", offset=0.0)))
    assert page.get_by_role("button", name="Remove hinge").is_disabled()
    error = lab_of(page, Hinges).error()
    add = page.get_by_role("button", name="Add a hinge")
    for _ in range(8):
        add.click()
    lab = lab_of(page, Hinges)
    assert len({bend for bend, _ in lab.hinges}) == 8
    assert lab.error() == error  # a new one is flat
    assert add.is_disabled()
    page.locator("g[aria-label='bend of hinge 3']").focus()
    page.get_by_role("button", name="Remove hinge 3").click()
    gone = lab.hinges.pop(2)
    assert gone not in lab_of(page, Hinges).hinges
    assert len(lab_of(page, Hinges).hinges) == 7
    assert words(page) == lab_of(page, Hinges).sentence()


def test_python_moves_the_lab(open_page: Callable[..., Page]) -> None:
    page = open_page(page_of(Hinges()))
    set_state(page, {"hinges": [[-2, 1]]})
    page.get_by_label("target", exact=True).select_option("staircase")
    page.get_by_label("leak (slope)").fill("0.25")
    assert lab_of(page, Hinges).state() == {
        "hinges": [[-2, 1]],
        "target": "staircase",
        "offset": 1.5,
        "slope": 0.25,
    }
    assert words(page) == lab_of(page, Hinges).sentence()


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
    page = open_page(page_of(Hinges(), ground), width=width)
    for state in ({"slope": 0.2}, {"hinges": EIGHT, "target": "staircase"}):
        set_state(page, state)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert page.evaluate(CUT) == []
