"""How long a lab takes from a drag to the next picture, beside a redraw by matplotlib.

A lab's first handle, or slider, is dragged with a real pointer in a real Chromium. Timed is from
the event to the end of the frame that shows what it changed, as the page's own clock sees it. The
rival is what `ipywidgets.interact` does with a figure: draw the same state anew and turn it into a
PNG. Only that is counted, neither messages between browser and kernel nor the decoding of the
picture, so that interact is slower than it looks here. Both take turns, one move each.

    python benchmarks/bench_labs.py [moves]

It needs what `make test-browser` installs, and says so where that is missing.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from interleave import ratio, spread
from tqdm.auto import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpers import labs
from helpers.labs.web import page
from tools import browser as tool

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOVES = 60
FRAME = 1000 / 60  # ms
DPI = 100  # as of matplotlib's figures in a notebook
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")

# From a pointer's event to the first task after the frame that it asked for.
CLOCK = """
window.taken = [];
addEventListener("pointermove", (event) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => taken.push(performance.now() - event.timeStamp);
  channel.port2.postMessage(0);
}), true);
"""


class Dragged:
    """A lab on a page of its own, held by its first handle, or slider where it has none."""

    def __init__(self, tab: Page, lab: labs.Lab, folder: Path) -> None:
        self.tab, self.lab, self.turn = tab, lab, 0
        file = folder / f"{lab.name}.html"
        file.write_text(page(lab), encoding="utf-8")
        tab.goto(file.as_uri())
        tab.evaluate(CLOCK)
        tab.wait_for_timeout(3000)  # some labs go on computing when they are shown
        knobs = tab.locator(".lab-handle .lab-knob:visible")
        knob = (knobs if knobs.count() else tab.locator("input[type=range]:visible")).first
        knob.scroll_into_view_if_needed()
        box = knob.bounding_box()
        self.x, self.y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self) -> float:
        """Move the handle; return the milliseconds until the frame was done."""
        tab = self.tab
        if not self.turn:
            tab.bring_to_front()
            tab.mouse.move(self.x, self.y)
            tab.mouse.down()
            tab.wait_for_timeout(100)
        self.turn += 1
        angle = 2.4 * self.turn  # there and back, never twice the same
        tab.evaluate("taken.length = 0")
        tab.mouse.move(self.x + 35 * math.sin(angle), self.y + 25 * math.cos(angle))
        tab.wait_for_function("taken.length > 0")
        return tab.evaluate("taken[0]")

    def follow(self) -> None:
        """Bring the lab in Python into the state that it was dragged to."""
        body = "keys => keys.map((key) => document.querySelector('[data-relu-lab]').model.get(key))"
        keys = list(self.lab.state())
        for key, value in zip(keys, self.tab.evaluate(body, keys), strict=True):
            setattr(self.lab, key, value)

    def redraw(self) -> float:
        """Draw the same state by matplotlib; return the milliseconds."""
        start = time.perf_counter()
        fig, _ = self.lab.picture()
        fig.savefig(io.BytesIO(), format="png", dpi=DPI)
        return 1000 * (time.perf_counter() - start)


def every_lab() -> list[labs.Lab]:
    """Make one of each lab, as it starts."""
    classes = [getattr(labs, name) for name in labs.__all__]
    return [one() for one in classes if isinstance(one, type) and one is not labs.Lab]


def measured(chromium: Any, moves: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Drag and redraw in turns, lab by lab; return milliseconds of both."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for lab in every_lab():
            # A page each: a tab in the background gets no frames.
            tab = chromium.new_page(viewport={"width": 800, "height": 900})
            held = Dragged(tab, lab, Path(folder))
            pairs = []
            for turn in tqdm(range(moves + 3), lab.name, delay=2, leave=False):
                dragged = held.drag()
                held.follow()
                redrawn = held.redraw()
                if turn >= 3:  # the first ones compile
                    pairs.append((dragged, redrawn))
            if repr(lab) == repr(type(lab)()):
                raise RuntimeError(f"{lab.name}: the drag changed nothing")
            found[lab.name] = tuple(np.array(pairs).T)
            tab.close()
    return found


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright

        path = tool.find()
    except ImportError:
        path = None
    if path is None:
        print("Labs need Playwright and a Chromium: run make test-browser once.")
        return
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else MOVES
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        found = measured(chromium, moves)
        chromium.close()
    print(f"From a drag to the next picture, {moves} moves in turns; median [quartiles], ms\n")
    print(f"{'':20} {'lab':22} {'matplotlib':26} times as long")
    for name, (lab, matplotlib) in found.items():
        late = "" if np.median(lab) <= FRAME else "  MISSED"
        print(
            f"{name:20} {spread(lab)!s:22} {spread(matplotlib)!s:26} {ratio(matplotlib, lab)}{late}"
        )
    print(f"\ngoal for a lab: one frame of 60 Hz, {FRAME:.1f} ms, at the median")


if __name__ == "__main__":
    main()
