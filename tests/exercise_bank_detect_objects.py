"""Answers to the exercises of notebook 13, as learners write them: right ones and wrong ones.

The format is described in `test_exercise_banks.py`.
"""

import numpy as np
import torch

# --- edges -----------------------------------------------------------------------------------


def edges_as_array(x, y, width, height, side):
    return np.array([x - width / 2, y - height / 2, x + width / 2, y + height / 2]) * side


def edges_as_tuple(x, y, width, height, side):
    return (
        side * (x - width / 2),
        side * (y - height / 2),
        side * (x + width / 2),
        side * (y + height / 2),
    )


def edges_by_scaling_first(x, y, width, height, side):
    x, y, width, height = (side * value for value in (x, y, width, height))
    return [x - 0.5 * width, y - 0.5 * height, x + 0.5 * width, y + 0.5 * height]


def edges_by_halves(x, y, width, height, side):
    centre, half = np.array([x, y]), np.array([width, height]) / 2
    return np.concatenate([centre - half, centre + half]) * side


def edges_with_torch(x, y, width, height, side):
    low = torch.tensor([x - width / 2, y - height / 2])
    return torch.cat([low, low + torch.tensor([width, height])]) * side


def edges_from_the_left(x, y, width, height, side):
    left, top = x - width / 2, y - height / 2
    return np.multiply(side, (left, top, left + width, top + height))


def edges_by_a_matrix(x, y, width, height, side):
    turn = [[1, 0, -0.5, 0], [0, 1, 0, -0.5], [1, 0, 0.5, 0], [0, 1, 0, 0.5]]
    return side * np.array(turn) @ [x, y, width, height]


def edges_cut_off(x, y, width, height, side):
    left, top, right, bottom = edges_as_tuple(x, y, width, height, side)
    return max(0, left), max(0, top), min(side, right), min(side, bottom)


EDGES_RIGHT = [
    edges_by_a_matrix,
    edges_as_array,
    edges_as_tuple,
    edges_by_scaling_first,
    edges_by_halves,
    edges_with_torch,
    edges_from_the_left,
]
EDGES_WRONG = {
    "shares taken for pixels": [lambda x, y, w, h, s: [x - w / 2, y - h / 2, x + w / 2, y + h / 2]],
    "the centre taken for a corner": [
        lambda x, y, w, h, s: [s * x, s * y, s * (x + w), s * (y + h)],
        lambda x, y, w, h, s: [s * x, s * y, s * w, s * h],
    ],
    "the whole width to each side": [
        lambda x, y, w, h, s: [s * (x - w), s * (y - h), s * (x + w), s * (y + h)]
    ],
    "width and height left in": [
        lambda x, y, w, h, s: [s * (x - w / 2), s * (y - h / 2), s * w, s * h]
    ],
    "another order": [
        lambda x, y, w, h, s: [
            s * (x - w / 2),
            s * (x + w / 2),
            s * (y - h / 2),
            s * (y + h / 2),
        ],
        lambda x, y, w, h, s: [
            s * (y - h / 2),
            s * (x - w / 2),
            s * (y + h / 2),
            s * (x + w / 2),
        ],
    ],
    "y counted from below": [
        lambda x, y, w, h, s: [
            s * (x - w / 2),
            s * (1 - y - h / 2),
            s * (x + w / 2),
            s * (1 - y + h / 2),
        ],
    ],
    "the size left in shares": [
        lambda x, y, w, h, s: [s * x - w / 2, s * y - h / 2, s * x + w / 2, s * y + h / 2],
    ],
    "width and height swapped": [
        lambda x, y, w, h, s: [s * (x - h / 2), s * (y - w / 2), s * (x + h / 2), s * (y + w / 2)]
    ],
    "cut off at the rim": [edges_cut_off],
    "whole pixels": [
        lambda x, y, w, h, s: [int(edge) for edge in edges_as_tuple(x, y, w, h, s)],
        lambda x, y, w, h, s: [round(edge) for edge in edges_as_tuple(x, y, w, h, s)],
    ],
    "other arguments": [lambda box, side: side * np.asarray(box)],
    "not a function": [48],
    "": [
        lambda x, y, w, h, s: s * (x + y),
        lambda x, y, w, h, s: [s * (x - w // 2), s * (y - h // 2), s * (x + w // 2), s],
        lambda x, y, w, h, s: dict(enumerate(edges_as_tuple(x, y, w, h, s))),
        lambda x, y, w, h, s: edges_as_array(x, y, w, h, s).reshape(2, 2),
        lambda x, y, w, h, s: [s * (x - w / 2), s * (y - h / 2)],
    ],
}


# --- which_are_right -------------------------------------------------------------------------

WHICH_RIGHT = [
    ([1, 0, 0, 1, 0],),
    ((1, 0, 0, 1, 0),),
    (np.array([1, 0, 0, 1, 0]),),
    ([True, False, False, True, False],),
    (torch.tensor([1.0, 0.0, 0.0, 1.0, 0.0]),),
]
WHICH_WRONG = {
    "neither 1 nor 0": [([0.9, 0.8, 0.7, 0.6, 0.5],), ([2, 0, 0, 1, 0],)],
    "an object found twice": [
        ([1, 1, 0, 1, 1],),
        ([1, 1, 0, 1, 0],),
        ([1, 0, 0, 1, 1],),
        ([1, 1, 1, 1, 1],),
    ],
    "the best overlap wins": [([0, 1, 0, 0, 1],), ([1, 0, 0, 0, 1],), ([0, 1, 0, 1, 0],)],
    "the class overlooked": [([1, 0, 1, 1, 0],)],
    "exactly one half is too little": [([1, 0, 0, 0, 0],)],
    "wrong number of values": [([1, 0, 0, 1],), (2,)],
    "the surest claim refused": [([0, 0, 0, 0, 0],), ([0, 0, 0, 1, 0],)],
    "not a number": [("AD",), (["A", "D"],)],
}


# --- area_below ------------------------------------------------------------------------------


def area_in_a_loop(precision, recall):
    area, last = 0.0, 0.0
    for place, now in enumerate(recall):
        area += (now - last) * max(precision[place:])
        last = now
    return area


def area_by_arrays(precision, recall):
    best = np.maximum.accumulate(np.asarray(precision)[::-1])[::-1]
    return np.sum(np.diff(np.append(0, recall)) * best)


def area_from_the_end(precision, recall):
    area, best = 0.0, 0.0
    for place in reversed(range(len(recall))):
        best = max(best, precision[place])
        area += best * (recall[place] - (recall[place - 1] if place else 0.0))
    return area


def area_by_hits(precision, recall):
    steps = np.unique(recall[recall > 0])
    widths = np.diff(steps, prepend=0)
    heights = [precision[recall >= step].max() for step in steps]
    return float(np.dot(widths, heights))


def area_with_torch(precision, recall):
    best = torch.from_numpy(precision).flip(0).cummax(0).values.flip(0)
    return torch.diff(torch.from_numpy(recall), prepend=torch.zeros(1)).double() @ best


def area_by_trapezoids_of_steps(precision, recall):
    """Give level tops to the trapezoids: then they are the steps."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return sum(
        np.trapezoid([b, b], [low, high])
        for b, low, high in zip(best, np.append(0, recall), recall, strict=False)
    )


def area_as_in_voc(precision, recall):
    for place in range(len(precision) - 1, 0, -1):
        precision[place - 1] = max(precision[place - 1], precision[place])
    return np.dot(np.diff(recall, prepend=0), precision)


def area_at(precision, recall, points):
    best = [
        max([p for p, r in zip(precision, recall, strict=True) if r >= wanted], default=0)
        for wanted in np.linspace(0, 1, points)
    ]
    return sum(best) / points


def area_from_the_second(precision, recall):
    area = 0.0
    for place in range(1, len(recall)):
        area += (recall[place] - recall[place - 1]) * max(precision[place:])
    return area


AREA_RIGHT = [
    area_by_trapezoids_of_steps,
    area_in_a_loop,
    area_by_arrays,
    area_from_the_end,
    area_by_hits,
    area_with_torch,
    lambda precision, recall: np.dot(
        np.ediff1d(recall, to_begin=recall[0]), np.maximum.accumulate(precision[::-1])[::-1]
    ),
]
AREA_WRONG = {
    "the precision as it is": [lambda p, r: np.dot(np.diff(r, prepend=0), p)],
    "the mean over claims": [lambda p, r: p.mean(), lambda p, r: sum(p) / len(p)],
    "the wrong side": [
        lambda p, r: np.dot(np.diff(r, prepend=0), np.maximum.accumulate(p)),
    ],
    "the first step forgotten": [
        lambda p, r: np.dot(np.diff(r), np.maximum.accumulate(p[::-1])[::-1][1:]),
        lambda p, r: np.trapezoid(np.maximum.accumulate(p[::-1])[::-1], r),
        lambda p, r: np.dot(np.diff(r, append=1), np.maximum.accumulate(p[::-1])[::-1]),
        area_from_the_second,
    ],
    "recall itself for the width": [
        lambda p, r: np.dot(p, r),
        lambda p, r: sum(np.maximum.accumulate(p[::-1])[::-1] * r),
    ],
    "one height for all": [lambda p, r: max(p) * max(r)],
    "not turned back": [
        lambda p, r: np.dot(np.diff(r, prepend=0), np.maximum.accumulate(np.flip(p))),
    ],
    "a mean at fixed recalls": [
        lambda p, r: area_at(p, r, 101),
        lambda p, r: area_at(p, r, 11),
    ],
    "changes its input": [area_as_in_voc],
    "trapezoids": [lambda p, r: np.trapezoid(p, r)],
    "divided by the recall that was reached": [
        lambda p, r: area_in_a_loop(p, r) / (r[-1] if r[-1] else 1.0),
    ],
    "other arguments": [lambda curve: 0.5],
    "not a function": [0.7],
    "": [
        lambda p, r: p[-1],
        lambda p, r: np.maximum.accumulate(p[::-1])[::-1],
        lambda p, r: 1 - area_in_a_loop(p, r),
        lambda p, r: np.mean(p[np.diff(r, prepend=0) > 0]) if r[-1] else 0.0,
    ],
}


# --- stricter --------------------------------------------------------------------------------

STRICTER_RIGHT = [
    ("little", (0.93, 0.2)),
    ("Little", (np.float64(0.92), np.float64(0.1))),
    ('"little"', (0.9, 0.05)),
    ("little.", (torch.tensor(0.94), torch.tensor(0.2))),
    (" LITTLE ", (0.91, 0.3)),
]
STRICTER_WRONG = {
    "a good box stays good": [("nearly all", (0.93, 0.2)), ("Nearly all", (0.92, 0.1))],
    "it falls gradually": [("half", (0.93, 0.2)), ("HALF", (0.9, 0.2))],
    "per cent": [("little", (93.0, 20.0)), ("half", (93.0, 0.2))],
    "the same threshold twice": [("little", (0.93, 0.93))],
    "another threshold": [("little", (0.93, 0.62)), ("nearly all", (0.94, 0.9))],
    "the two swapped": [("little", (0.2, 0.93))],
    "another detector": [("little", (0.01, 0.0))],
    "not a number": [("little", (0.93, "low"))],
    "wrong number of values": [("little", (0.93, np.ones(3)))],
}


# --- is_it_the_leak --------------------------------------------------------------------------

LEAK = (
    "Not shown: only one of the two had its rate searched, and one run each says nothing of chance."
)
LEAK_RIGHT = [("d",), ("D",), ("d)",), (" (d). ",), (LEAK,), (np.str_("d"),)]
LEAK_WRONG = {
    "agreement taken for proof": [("a",), ("A",), ("a)",)],
    "more seeds for a fair comparison": [("b",), ("B.",), ('"b"',)],
    "a good score taken for good health": [("c",), (" C ",), ("(c)",)],
}


# --- the bank --------------------------------------------------------------------------------


def judged_claims(solutions):
    claims = [(3, [0.7, 0.1]), (3, [0.9, 0]), (8, [0.6, 0.3]), (8, [0.2, 0.5]), (8, [0.1, 0.8])]
    return (solutions.which_are_right(claims, [3, 8]),)


def judged_twice(solutions):
    def score(model, tested, threshold=0.5):
        return model * (1 - threshold) * tested

    return "little", solutions.stricter(score, 1.8, 1.0)


RIGHT = {
    "edges": [(f,) for f in EDGES_RIGHT],
    "which_are_right": WHICH_RIGHT,
    "area_below": [(f,) for f in AREA_RIGHT],
    "stricter": STRICTER_RIGHT,
    "is_it_the_leak": LEAK_RIGHT,
}
WRONG = {
    "edges": {name: [(f,) for f in each] for name, each in EDGES_WRONG.items()},
    "which_are_right": WHICH_WRONG,
    "area_below": {name: [(f,) for f in each] for name, each in AREA_WRONG.items()},
    "stricter": STRICTER_WRONG,
    "is_it_the_leak": LEAK_WRONG,
}
SOLVED = {
    "which_are_right": judged_claims,
    "stricter": judged_twice,
    "is_it_the_leak": lambda solutions: (solutions.is_it_the_leak(),),
}
