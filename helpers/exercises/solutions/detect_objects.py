"""Solutions of the exercises of notebook 13."""

import numpy as np


def edges(x, y, width, height, side):
    """Turn a centre and a size, as shares of the side, into edges in pixels."""
    left, top = x - width / 2, y - height / 2
    return side * np.array([left, top, left + width, top + height])


def which_are_right(claims, objects, threshold=0.5):
    """Judge claims (class, overlaps with all objects), the surest first."""
    free, right = set(range(len(objects))), []
    for kind, overlaps in claims:
        fits = [n for n in free if objects[n] == kind and overlaps[n] >= threshold]
        right.append(int(bool(fits)))
        if fits:
            free.remove(max(fits, key=lambda n: overlaps[n]))
    return right


def area_below(precision, recall):
    """Add up the steps: how far recall moves, times the best precision still to be had."""
    best = np.maximum.accumulate(precision[::-1])[::-1]
    return (np.diff(recall, prepend=0) * best).sum()


def stricter(score, model, tested):
    """Judge one detector twice."""
    return score(model, tested), score(model, tested, threshold=0.9)


def is_it_the_leak():
    """Choose, and say why."""
    # Changed at once: the activation and the search for a rate. More seeds take away chance, and
    # not this. Search for both alike, then run both on the same fresh seeds.
    return "d"
