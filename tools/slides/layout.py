"""Cut a row of blocks into slides: the cut that costs least.

What must not be (an answer below its question, more than a slide holds) costs infinitely much; what
a lecturer dislikes (a lone sentence, a result without its sentence, a small figure) costs some.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from tools.slides.blocks import FIGURE, LINE, Block

ROOM = 570  # pixels below the heading
TOP = 28  # more of them where a figure is, whose heading is small
LONG_HEADING = 46  # characters; a longer one needs a second line
OVER = 1.08  # of that may be filled: the page makes it a little smaller
A_FEW = 3 * LINE + 30  # pixels: less than that is a lone sentence
WORDS = 65  # more is too much to read while somebody speaks
BESIDE = {"text", "output", "predict", "formula"}  # what may stand on the slide of a figure


def cut(blocks: Sequence[Block], heading: str = "") -> list[list[Block]]:
    """Return the slides, each a list of blocks.

    Parameters
    ----------
    blocks : sequence of Block
        All that stands under one heading, in order.
    heading : str
        Above them.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(blocks) + 1):
        ways = [
            (best[start][0] + _cost(blocks, start, end, heading), start) for start in range(end)
        ]
        best.append(min(ways))
    slides, end = [], len(blocks)
    while end:
        start = best[end][1]
        slides.insert(0, list(blocks[start:end]))
        end = start
    return slides


def height(blocks: Sequence[Block]) -> int:
    """Return the estimated height of what stands on a slide, without what takes the rest of it."""
    return sum(block.height for block in blocks if not block.seen)


def fullness(blocks: Sequence[Block], heading: str = "") -> float:
    """Return which part of a slide is filled, if a figure among the blocks is just large enough."""
    room = ROOM - 50 * (len(heading) > LONG_HEADING)
    seen = [block for block in blocks if block.seen]
    least = sum(min(FIGURE, block.height) for block in seen)
    return (height(blocks) + least) / (room + TOP * bool(seen))


def _cost(blocks: Sequence[Block], start: int, end: int, heading: str) -> float:
    page = blocks[start:end]
    before = blocks[start - 1] if start else None
    following = blocks[end] if end < len(blocks) else None
    seen = [block for block in page if block.seen]
    kinds = {block.kind for block in page}
    asked = any(block.kind == "predict" for block in page[:-1])
    apart = len(page) > 1 and seen and not kinds <= BESIDE | {seen[0].kind}
    full = fullness(page, heading)
    if asked or apart or len(seen) > 1 or (full > OVER and len(page) > 1):
        return math.inf
    cost = 10.0 + 60 * max(0.0, full - 1)
    if kinds == {"text"} and height(page) <= A_FEW and before:
        cost += 8
    if kinds == {"output"} or kinds == {"code"}:
        cost += 5
    if following:
        cost += 15 * page[-1].leads
        cost += 12 * (page[-1].kind == "code" and following.kind == "output")
        cost += 5 * (following.kind == "predict" and page[-1].kind == "text")
        # Which line is wrong? It must be in sight.
        script = any(block.facts.get("numbered") for block in page)
        cost += 25 * (script and following.kind in {"output", "text"})
        cost += 5 * (following.kind == "text" and page[-1].kind in {"output", "figure"})
    if seen:
        space = ROOM + TOP - height(page)
        cost += 60 * max(0.0, 1 - space / min(ROOM, seen[0].height))
        cost += height(page) / LINE * (2 if seen[0].kind == "lab" else 0)
    words = sum(len(b.source.split()) for b in page if b.kind in {"text", "list", "predict"})
    return cost + max(0, words - WORDS) / 6 + 2 * (height(page) / ROOM) ** 2
