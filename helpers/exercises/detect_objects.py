"""Exercises of notebook 13: boxes, what is right, an area, a stricter judge, and a cause."""

import numpy as np

from .choices import Choose
from .course import progress
from .engine import Misconception
from .functions import WriteFunction
from .predictions import PredictChoice
from .values import GiveValues

__all__ = ["area_below", "edges", "is_it_the_leak", "progress", "stricter", "which_are_right"]


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
        "an edge between two pixels": (0.5, 0.25, 0.375, 0.125, 30),
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
            "the size left in shares",
            "Your centre is in pixels, and half of a share is taken off it. Width and height are "
            "shares of the side, too: all four numbers have to be multiplied.",
            wrong=(lambda x, y, w, h, side: _edges(side * x, side * y, w, h, 1),),
        ),
        Misconception(
            "width and height swapped",
            "You go to the left by half of the height, and up by half of the width. Which of the "
            "two belongs to x?",
            wrong=(lambda x, y, w, h, side: _edges(x, y, h, w, side),),
        ),
        Misconception(
            "cut off at the rim",
            "You cut the box off where the scene ends. A box may reach beyond it, when part of an "
            "object is outside: give the edges as the label has them.",
            wrong=(lambda x, y, w, h, side: np.clip(_edges(x, y, w, h, side), 0, side),),
        ),
        Misconception(
            "whole pixels",
            "You give whole pixels. An edge may lie between two of them: keep what is behind the "
            "decimal point.",
            wrong=(
                lambda x, y, w, h, side: np.trunc(_edges(x, y, w, h, side)),
                lambda x, y, w, h, side: np.round(_edges(x, y, w, h, side)),
                lambda x, y, w, h, side: np.floor(_edges(x, y, w, h, side)),
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
        "All four are shares still: multiply each of them by the side. The order is left, top, "
        "right, bottom.",
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
    shapes={"right_claims": (5,)},
    rows=_CLAIMS,
    expected=np.array([1.0, 0.0, 0.0, 1.0, 0.0]),
    measure=lambda right_claims: right_claims,
    decide=lambda right_claims: right_claims,
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
        Misconception(
            "the surest claim refused",
            "You refuse A. Nobody is surer, P is still free, and 3 is its class: which of the "
            "three questions does A fail?",
            when=lambda right: right[0] == 0,
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
    return float((np.diff(recall, prepend=0.0) * _best(precision)).sum())


def _best(precision):
    return np.maximum.accumulate(precision[::-1])[::-1]


def _at_recalls(precision, recall, points):
    wanted = np.linspace(0, 1, points)
    return np.mean([precision[recall >= r].max(initial=0) for r in wanted])


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
            "recall itself for the width",
            "You multiply each height by recall itself: how far it has come since 0. The width of "
            "a step is how far recall moves *at* it. Draw two steps and count a part twice.",
            wrong=(
                lambda precision, recall: (recall * precision).sum(),
                lambda precision, recall: (recall * _best(precision)).sum(),
            ),
        ),
        Misconception(
            "one height for all",
            "You take the highest precision for the whole way. It is to be had at the beginning "
            "only: what is still to be had further right?",
            wrong=(
                lambda precision, recall: precision.max() * recall[-1],
                lambda precision, recall: precision.max() * recall.max(initial=0),
            ),
        ),
        Misconception(
            "not turned back",
            "You looked for the best from the end, and your heights still run from the end. Turn "
            "them round once more, so that they stand at their own steps.",
            wrong=(
                lambda precision, recall: (
                    np.diff(recall, prepend=0.0) * np.maximum.accumulate(precision[::-1])
                ).sum(),
            ),
        ),
        Misconception(
            "a mean at fixed recalls",
            "You ask for the precision at fixed recalls and take the mean, as COCO does at 101 and "
            "others at 11. That comes near. Asked is the area itself.",
            wrong=(
                lambda precision, recall: _at_recalls(precision, recall, 101),
                lambda precision, recall: _at_recalls(precision, recall, 11),
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
            "Your first step is missing: recall begins at 0, before the first claim. How far does "
            "it move at that one?",
            wrong=(
                lambda precision, recall: (
                    np.diff(recall) * np.maximum.accumulate(precision[::-1])[::-1][1:]
                ).sum(),
                lambda precision, recall: np.trapezoid(_best(precision), recall),
                lambda precision, recall: (np.diff(recall, append=1.0) * _best(precision)).sum(),
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
        "A width is a recall less the one before it; the first is measured from 0. A height is the "
        "highest precision from this claim to the last.",
        "`np.diff` has `prepend`. `np.maximum.accumulate` keeps the highest so far, from left to "
        "right: turn precision round before, and the result after. Then width times height, added "
        "up.",
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
            "another threshold",
            "More than half is left. That is a milder judge: was the second one asked with "
            "`threshold=0.9`?",
            when=lambda half, ninth: ninth > 0.5 * half >= 0.25,
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
        "The same call as for `at_half`, with one argument more: the overlap that is asked for.",
    ],
    right=(
        "The boxes are a pixel or so off, which nobody sees, and which is much for digits of 12 "
        "pixels. Of every mAP ask at which overlap: COCO's main number is the mean over 0.5 to "
        "0.95, far below the 0.5 that is quoted here."
    ),
)


# --- is_it_the_leak --------------------------------------------------------------------------

is_it_the_leak = Choose(
    key="detect_objects.is_it_the_leak",
    question=(
        "Somebody's detector had ReLU and a mAP of 0.71. Now it has leaky ReLU 0.1, with a "
        "learning rate that was searched anew for it, and a mAP of 0.76. One run each, the same "
        "steps, the same test scenes. Is the better mAP due to the activation?"
    ),
    choices={
        "a": (
            "Yes: layers, steps and scenes are the same, and in this notebook a leak of 0.1 was "
            "ahead by nearly as much."
        ),
        "b": (
            "Not yet: one run each may be chance; if 12 more seeds of both, as they are now, "
            "agree, then it is shown."
        ),
        "c": (
            "No: a leak can only help where units are dead, and a network with a mAP of 0.71 has "
            "hardly any that are."
        ),
        "d": (
            "Not shown: only one of the two had its rate searched, and one run each says nothing "
            "of chance."
        ),
    },
    answer="d",
    others={
        "a": Misconception(
            "agreement taken for proof",
            "It agrees with what you have seen, which makes it tempting. Count what differs "
            "between the two runs. Could anything else on your list bring five points?",
        ),
        "b": Misconception(
            "more seeds for a fair comparison",
            "Seeds help against chance, and chance is one of two troubles. Repeat both as they "
            "are, a thousand times: what will still differ besides the activation, every time?",
        ),
        "c": Misconception(
            "a good score taken for good health",
            "In this notebook a ReLU detector with a mAP above 0.71 had more than ten dead units, "
            "and its mAP did not tell. And dead units are not all that a slope changes: what else "
            "did this notebook name?",
        ),
    },
    hints=[
        "Write down everything in which the two runs differ. How long is your list?",
        "Suppose that the ReLU, too, had got a rate that was searched for it. Could it gain?",
        "There are two troubles, and each has its own remedy: one is chance, the other would be "
        "the same in every repetition. Which choice sees both?",
    ],
    right=(
        "Two things were changed at once, and each was run once. `experiments/objects.py` did it "
        "fairly: the same four rates for each arm, then fresh seeds, the same for all. Only so "
        "could the gap be put down to the slope. To say *through which mechanism* takes one "
        "experiment more."
    ),
)
