"""Lab 4: 2,000 random networks of a width and a depth, and how many of them are born dead."""

from __future__ import annotations

import functools
import math

import numpy as np
import traitlets

from helpers.born_dead import bounds, layer_of_death
from helpers.labs.lab import Lab, fixed
from helpers.plots.style import BLUE, GREY, INK, PALE_BLUE, VERMILION, Picture, figure, styled
from helpers.stats import wilson

__all__ = ["BornDead"]

NETWORKS, COLUMNS = 2_000, 50
MOST_WIDTH, MOST_LAYERS = 10, 30
CLOSE = {"handletextpad": 0.1, "columnspacing": 0.8, "fontsize": 10.5}  # of a legend in one row


class BornDead(Lab):
    """A field of 2,000 ReLU networks, and the share of them that is constant before any training.

    The networks have one input and biases of 0. They are those of
    ``born_dead.layer_of_death(width, layers, samples=2000, seed=seed)``, one for one.

    Parameters
    ----------
    width : int
        Units in each hidden layer, from 1 to 10.
    layers : int
        Layers with weights, the output layer among them, from 2 to 30.
    seed : int
        Which networks are drawn, from 0 to 9999.

    Raises
    ------
    traitlets.TraitError
        If a number is not whole or out of its range.

    Examples
    --------
    >>> lab = BornDead(width=2, layers=10, seed=1)
    >>> lab.count()
    1777
    >>> lab.sentence().partition(": ")[2]
    '88.9 %, interval 87.4 to 90.2; the bounds say 87.0 to 90.0 %.'
    """

    name = "born_dead"

    width = traitlets.Int(3, min=1, max=MOST_WIDTH).tag(sync=True)
    layers = traitlets.Int(10, min=2, max=MOST_LAYERS).tag(sync=True)
    seed = traitlets.Int(0, min=0, max=9999).tag(sync=True)

    def first(self) -> np.ndarray:
        """Return for each network the hidden layer, from 1, in which it died; 0 if it did not.

        Returns
        -------
        ndarray of int, shape (2000,)
            Row by row, as the field shows them.
        """
        return _draw(self.width, self.layers, self.seed).copy()

    def count(self) -> int:
        """Return how many of the 2,000 networks are born dead."""
        return int(np.count_nonzero(self.first()))

    def sentence(self) -> str:
        """Give the share born dead, its interval, and what theory says."""
        dead = self.count()
        found = wilson(dead, NETWORKS)
        lower, upper = bounds(self.width, self.layers)
        return (
            f"Of 2,000 networks of width {self.width} with {self.layers} layers, {dead:,} "
            f"{'is' if dead == 1 else 'are'} born dead: {_percent(found.estimate)} %, interval "
            f"{_percent(found.low)} to {_percent(found.high)}; the bounds say {_percent(lower)} to "
            f"{_percent(upper)} %."
        )

    @styled
    def picture(self) -> Picture:
        """Draw the field of networks, and the share born dead over depth between its bounds."""
        first = self.first()
        fig, (left, right) = figure(1, 2, width=10.4, height=4.8)
        rows, columns = np.divmod(np.arange(NETWORKS), COLUMNS)
        dead, fresh = first > 0, first == self.layers - 1
        groups = (
            (~dead, f"{np.sum(~dead):,} alive", {"color": BLUE, "marker": "o", "s": 9}),
            (
                dead & ~fresh,
                f"{dead.sum():,} born dead",
                {"color": GREY, "marker": "x", "s": 9, "linewidths": 0.8},
            ),
            (
                fresh,
                f"{fresh.sum():,} of them in the last hidden layer",
                {"color": VERMILION, "marker": "x", "s": 12, "linewidths": 1.8},
            ),
        )
        for which, name, look in groups:
            left.scatter(columns[which], rows[which], label=name, **look)
        left.invert_yaxis()
        left.set_axis_off()
        left.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1), **CLOSE)

        depths = np.arange(2, MOST_LAYERS + 1)
        lower, upper = 100 * np.array([bounds(self.width, int(layers)) for layers in depths]).T
        right.fill_between(depths, lower, upper, color=PALE_BLUE, label="bounds of theory")
        right.plot(depths, lower, color=BLUE, lw=1)
        right.plot(depths, upper, color=BLUE, lw=1)
        drawn = np.arange(2, self.layers + 1)
        counts = [int(np.sum((first > 0) & (first < layers))) for layers in drawn]
        found = [wilson(count, NETWORKS) for count in counts]
        shares = [100 * one.estimate for one in found]
        right.vlines(drawn, [100 * f.low for f in found], [100 * f.high for f in found], color=INK)
        right.plot(drawn, shares, "o", color=INK, markersize=4, label="drawn")
        right.plot(drawn[-1:], shares[-1:], "o", color=VERMILION, markersize=10)
        right.set(xlabel="layers, the output layer among them", ylabel="share born dead, %")
        right.set(ylim=(0, 100))
        right.legend()
        return fig, self.sentence()


@functools.lru_cache(maxsize=32)
def _draw(width: int, layers: int, seed: int) -> np.ndarray:
    """Keep what was drawn: the sentence and the picture ask for the same networks."""
    return layer_of_death(width, layers, NETWORKS, seed, progress=False)


def _percent(share: float) -> str:
    """Write a share as the lab does: to one decimal, near 0 and 100 % to two, and halves up."""
    digits = 2 if min(share, 1 - share) < 0.01 else 1
    parts = 10**digits
    # The speck makes a half a half on both sides, whatever a power rounded to.
    return fixed(math.floor(100 * parts * share + 0.5 + 1e-9) / parts, digits)
