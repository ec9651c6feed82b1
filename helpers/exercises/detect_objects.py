"""Exercises of notebook 13: other ways to write boxes, what is right, an area, a stricter judge."""

import numpy as np

from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["area_below", "edges", "progress", "stricter", "which_are_right"]


# --- edges -----------------------------------------------------------------------------------


def _edges(x, y, width, height, side):
    return side * np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2])


edges = WriteFunction(
    key="detect_objects.edges",
    reference=_edges,
    cases={
        "a box that fills the scene": (0.5, 0.5, 1.0, 1.0, 48),
        "a small box in the middle": (0.5, 0.5, 0.25, 0.25, 48),
        "a wide box, right of the middle": (0.75, 0.5, 0.5, 0.25, 48),
        "a high box, low in the scene": (0.25, 0.75, 0.125, 0.5, 48),
        "a scene of 640 pixels": (0.3, 0.6, 0.2, 0.1, 640),
        "a box without width": (0.5, 0.25, 0.0, 0.5, 100),
        "a centre in the corner": (0.0, 0.0, 0.5, 0.25, 40),
    },
    misconceptions=[
        Misconception(
            "shares taken for pixels",
            "Your edges are shares of the side. Asked are pixels: the label file of a scene of 640 "
            "pixels holds the same numbers as that of one of 48.",
            wrong=(lambda x, y, w, h, side: _edges(x, y, w, h, 1),),
        ),
        Misconception(
            "the centre taken for a corner",
            "You begin the box at x and y. These are its centre: half of the box lies to the left, "
            "and half of it above.",
            wrong=(
                lambda x, y, w, h, side: side * np.array([x, y, x + w, y + h]),
                lambda x, y, w, h, side: side * np.array([x, y, w, h]),
            ),
        ),
        Misconception(
            "the whole width to each side",
            "Your box is twice as wide and as high as it should be. Only half of the width lies "
            "on each side of the centre.",
            wrong=(lambda x, y, w, h, side: _edges(x, y, 2 * w, 2 * h, side),),
        ),
        Misconception(
            "width and height left in",
            "Your last two numbers are width and height. Asked are the right and the lower edge.",
            wrong=(
                lambda x, y, w, h, side: side * np.array([x - w / 2, y - h / 2, w, h]),
                lambda x, y, w, h, side: np.array(
                    [side * (x - w / 2), side * (y - h / 2), w * side, h * side]
                ),
            ),
        ),
        Misconception(
            "another order",
            "The four numbers are right, and in another order. Asked: left, top, right, bottom.",
            wrong=(
                lambda x, y, w, h, side: _edges(x, y, w, h, side)[[0, 2, 1, 3]],
                lambda x, y, w, h, side: _edges(x, y, w, h, side)[[1, 0, 3, 2]],
                lambda x, y, w, h, side: _edges(x, y, w, h, side)[[2, 3, 0, 1]],
            ),
        ),
        Misconception(
            "y counted from below",
            "Your top and bottom are measured from the lower edge of the scene. In pictures y "
            "counts from the top downwards.",
            wrong=(
                lambda x, y, w, h, side: _edges(x, 1 - y, w, h, side),
                lambda x, y, w, h, side: (
                    side * np.array([x - w / 2, y + h / 2, x + w / 2, y - h / 2])
                ),
            ),
        ),
    ],
    hints=[
        "x and y are the centre. How far is it from there to the left edge?",
        "Half of the width. So left is x - width / 2 and right is x + width / 2, as shares of the "
        "side.",
        "Multiply all four by the side.",
    ],
    right=(
        "Label files of YOLO hold boxes like this. COCO writes left, top, width and height "
        "in pixels. Boxes read wrongly raise no error: the loss falls, and mAP stays near 0."
    ),
)


# --- which_are_right -------------------------------------------------------------------------

# Score, class that is claimed, and intersection over union with object P (a 3) and Q (an 8).
_CLAIMS = np.array(
    [
        [0.9, 3, 0.7, 0.1],
        [0.8, 3, 0.9, 0.0],
        [0.7, 8, 0.6, 0.3],
        [0.6, 8, 0.2, 0.5],
        [0.5, 8, 0.1, 0.8],
    ]
)

which_are_right = GiveValues(
    key="detect_objects.which_are_right",
    shapes={"right": (5,)},
    rows=_CLAIMS,
    expected=np.array([1.0, 0.0, 0.0, 1.0, 0.0]),
    measure=lambda right: right,
    decide=lambda right: right,
    symbol="answer",
    misconceptions=[
        Misconception(
            "neither 1 nor 0",
            "Each answer is 1 for right or 0 for wrong, one for each of the five claims.",
            when=lambda right: not np.isin(right, [0, 1]).all(),
        ),
        Misconception(
            "an object found twice",
            "You accept two claims for one object. The first takes it; whoever comes later claims "
            "an object that has been found already.",
            when=lambda right: (right[0] and right[1]) or (right[3] and right[4]),
        ),
        Misconception(
            "the best overlap wins",
            "You let the claim with the larger overlap have the object. The order is that of the "
            "scores: the surer claim chooses first, and 0.7 is enough.",
            when=lambda right: (right[1] and not right[0]) or (right[4] and not right[3]),
        ),
        Misconception(
            "the class overlooked",
            "Claim C says 8 and lies on object P, which is a 3. Its place is right and its class "
            "is not.",
            when=lambda right: right[2] == 1,
        ),
        Misconception(
            "exactly one half is too little",
            "Claim D overlaps Q by 0.5. At a threshold of 0.5 that counts: at least, not more "
            "than.",
            when=lambda right: right[3] == 0 and right[4] == 0 and right[0] == 1,
        ),
    ],
    hints=[
        "Go from the highest score to the lowest. Three questions for each: is the class that of "
        "the object? Is the overlap at least 0.5? Is the object still free?",
        "A takes P. B comes too late for P, however well it lies.",
        "Two of the five are right.",
    ],
    right=(
        "B and E lie better than A and D, and count as wrong: an object is found once, by the "
        "surest claim. That is why duplicates cost precision, and why suppression comes first."
    ),
)


# --- area_below ------------------------------------------------------------------------------


def _area(precision, recall):
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * best).sum())


def _claims(*right, objects):
    hits = np.cumsum(right)
    return hits / np.arange(1, len(right) + 1), hits / objects


area_below = WriteFunction(
    key="detect_objects.area_below",
    reference=_area,
    cases={
        "one claim, right, of one object": _claims(1, objects=1),
        "right, wrong, right; 2 objects": _claims(1, 0, 1, objects=2),
        "wrong, then right; 1 object": _claims(0, 1, objects=1),
        "right, right; 4 objects": _claims(1, 1, objects=4),
        "nothing right": _claims(0, 0, 0, objects=2),
        "wrong, right, right, right; 3 objects": _claims(0, 1, 1, 1, objects=3),
        "the example of the notebook": _claims(1, 0, 1, 1, 0, objects=4),
        "20 claims, 12 objects": _claims(*[1, 1, 0, 1, 1, 1, 0, 0, 1, 0] * 2, objects=12),
    },
    misconceptions=[
        Misconception(
            "the precision as it is",
            "You add up the precision after each claim. What counts is the best that is still to "
            "be had, at that recall or a later one: it never rises from left to right.",
            wrong=(lambda precision, recall: (np.diff(recall, prepend=0.0) * precision).sum(),),
        ),
        Misconception(
            "the mean over claims",
            "You take the mean over the claims. Wrong claims do not move along, and have no width. "
            "Each height counts for as much as recall grows there.",
            wrong=(
                lambda precision, recall: np.mean(precision),
                lambda precision, recall: np.mean(np.maximum.accumulate(precision[::-1])),
            ),
        ),
        Misconception(
            "the wrong side",
            "Your best precision looks back, at what has been. Look forward: the highest from "
            "here to the end.",
            wrong=(
                lambda precision, recall: (
                    np.diff(recall, prepend=0.0) * np.maximum.accumulate(precision)
                ).sum(),
            ),
        ),
        Misconception(
            "the first step forgotten",
            "Your first step is missing: recall begins at 0, before the first claim. "
            "`np.diff(recall, prepend=0)` has it.",
            wrong=(
                lambda precision, recall: (
                    np.diff(recall) * np.maximum.accumulate(precision[::-1])[::-1][1:]
                ).sum(),
            ),
        ),
        Misconception(
            "trapezoids",
            "You join the points by straight lines. Between two recalls the curve is level: a "
            "step, with the height of its right end.",
            wrong=(lambda precision, recall: np.trapezoid(precision, recall),),
        ),
        Misconception(
            "divided by the recall that was reached",
            "You divide by the last recall. Objects that were never found count, too, with a "
            "precision of 0.",
            wrong=(lambda precision, recall: _area(precision, recall) / max(recall[-1], 1e-9),),
        ),
    ],
    hints=[
        "Two arrays: how far recall moves with each claim, and how high the steps are.",
        "The widths: `np.diff(recall, prepend=0)`. The heights, from the end: "
        "`np.maximum.accumulate(precision[::-1])[::-1]`.",
        "Width times height, added up.",
    ],
    right=(
        "It is `average_precision(precision, recall, points=None)`. COCO takes the mean at 101 "
        "recalls instead, which is nearly the same."
    ),
)


# --- stricter --------------------------------------------------------------------------------

stricter = PredictChoice(
    key="detect_objects.stricter",
    measured=("at_half", "at_nine_tenths"),
    ask='"nearly all", "half" or "little"',
    answer="little",
    others={
        "nearly all": Misconception(
            "a good box stays good",
            "It loses nearly all. Work out the overlap of a box of 10 by 14 pixels with itself, "
            "moved by one pixel: 126 of 154. Then change your prediction.",
        ),
        "half": Misconception(
            "it falls gradually",
            "Less than half is left. How far off may an edge be, in pixels, if nine tenths of the "
            "union must be shared? Then change your prediction.",
        ),
    },
    misconceptions=[
        Misconception(
            "per cent",
            "mAP lies between 0 and 1 here. Hand over what `score` gives.",
            when=lambda half, ninth: max(half, ninth) > 1,
        ),
        Misconception(
            "the same threshold twice",
            "Both numbers are equal. Was the second made with `threshold=0.9`?",
            when=lambda half, ninth: half == ninth,
        ),
        Misconception(
            "the two swapped",
            "The stricter judge gives more. Did the two change places?",
            when=lambda half, ninth: ninth > half,
        ),
        Misconception(
            "another detector",
            "At one half it finds hardly anything. Is it `model`, the one that was trained first?",
            when=lambda half, ninth: half < 0.5,
        ),
    ],
    hints=[
        "How far off may a box be, in pixels?",
        "Moved by one pixel to the right, a box of 10 by 14 shares 9 columns of 11: 0.82.",
        "`score(model, tested, threshold=0.9)`.",
    ],
    right=(
        "The boxes are a pixel or so off, which nobody sees, and which is much for digits of 12 "
        "pixels. Of every mAP ask at which overlap: COCO's main number is the mean over 0.5 to "
        "0.95, far below the 0.5 that is quoted here."
    ),
)
