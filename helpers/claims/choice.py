"""Criteria for claims about the best of several arms: some seeds choose it, the others judge.

The best of many arms looks better than it is: chance helps it to be the best. So the first third of
the seeds only chooses arms, and the others, which had no say in that, compare the chosen.

>>> found = {
...     "leaky at 0.01": [0.90, 0.92, 0.91, 0.90, 0.92, 0.91],
...     "leaky at 0.1": [0.96, 0.95, 0.50, 0.60, 0.55, 0.57],
...     "relu": [0.93, 0.91, 0.92, 0.93, 0.91, 0.93],
... }
>>> rule = Tuned("test accuracy", ("leaky at 0.01", "leaky at 0.1"), ("relu",), margin=0.01)
>>> rule.chosen(found)
('leaky at 0.1', 'relu')
>>> print(rule.judge(found))  # by the other four seeds: the luck of the first two is over
does not hold: -0.3675 [-0.4276, -0.3074]
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.claims.criteria import Above, Criterion, Differs, Finding, Measured

__all__ = ["Choice", "Somewhere", "Tuned"]

FEWEST = 6  # seeds: two to choose by, four to judge by
CHOOSING = 3  # one seed in so many chooses
NAMED = 2  # arms that a rule names one by one


class Choice(Criterion):
    """A difference between two arms that the first third of the seeds has chosen.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one; the higher, the better for the claim where
        the arm stands first.
    margin : float
        The smallest difference that would matter, above 0, in the metric's units.
    """

    metric: str
    margin: float

    @abstractmethod
    def _pick(self, first: dict[str, np.ndarray]) -> tuple[str, str]:
        """Pick two arms by their values on the first third of the seeds."""

    def chosen(self, measured: Measured) -> tuple[str, str]:
        """Tell which two arms the first third of the seeds chooses.

        Parameters
        ----------
        measured : mapping of str to array_like, shapes (seeds,)
            As for `judge`.

        Returns
        -------
        more, than : str
            The arm of which the claim says that it has more, and the other.
        """
        return self._pick({arm: first for arm, (first, _) in self._parts(measured).items()})

    def judge(self, measured: Measured) -> Finding:
        """Place the mean difference of the chosen arms on the seeds that did not choose them."""
        more, than = self.chosen(measured)
        others = {arm: last for arm, (_, last) in self._parts(measured).items()}
        return self._compared(more, than, others)

    @abstractmethod
    def _compared(self, more: str, than: str, measured: Measured) -> Finding:
        """Judge two arms."""

    def _parts(self, measured: Measured) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Cut the seeds of every arm in two: a third that chooses, and the others."""
        values = self.values(measured)
        sizes = {one.shape for one in values}
        if len(sizes) > 1:
            raise ValueError(f"arms must share their seeds; got shapes {sorted(sizes)}")
        seeds = len(values[0])
        if seeds < FEWEST:
            raise ValueError(
                f"a third of the seeds choose, the others judge: give {FEWEST} or more; got {seeds}"
            )
        cut = seeds // CHOOSING
        return {arm: (one[:cut], one[cut:]) for arm, one in zip(self.arms, values, strict=True)}


@dataclass(frozen=True)
class Tuned(Choice):
    """One method, at its best setting, has more of a metric than another at its best.

    Each side brings an arm for each of its settings. On the first third of the seeds each chooses
    the setting with the highest mean; the others compare the two, seed by seed.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one; the higher, the better.
    more, than : tuple of str
        The arms of both sides: the claim says that the first has more of it.
    margin : float
        The smallest difference that would matter, above 0, in the metric's units.
    """

    metric: str
    more: tuple[str, ...]
    than: tuple[str, ...]
    margin: float

    def __post_init__(self) -> None:
        """Refuse a margin that is none, an empty side, and an arm on both sides."""
        _check_margin(self.margin)
        if not self.more or not self.than or set(self.more) & set(self.than):
            raise ValueError(
                "both sides need an arm, and none may stand on both; got "
                f"{self.more!r} and {self.than!r}"
            )

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms of both sides."""
        return (*self.more, *self.than)

    def _pick(self, first: dict[str, np.ndarray]) -> tuple[str, str]:
        """Pick the best of each side."""
        means = {arm: values.mean() for arm, values in first.items()}
        return max(self.more, key=means.__getitem__), max(self.than, key=means.__getitem__)

    def _compared(self, more: str, than: str, measured: Measured) -> Finding:
        """Judge as `Differs` does."""
        return Differs(self.metric, more, than, self.margin).judge(measured)

    def words(self) -> str:
        """Say the rule."""
        return (
            f"{self.metric}, the best of {_listed(self.more)} less the best of "
            f"{_listed(self.than)}, chosen on the first third of the seeds and compared on the "
            f"others: holds from {self.margin:g} on, does not hold from -{self.margin:g} down, no "
            "difference that matters between"
        )


@dataclass(frozen=True)
class Somewhere(Choice):
    """In one of several pairs of arms, at least, the first has more of a metric than the second.

    The first third of the seeds chooses the pair whose mean difference, less two standard errors,
    is largest; the others judge that pair. Such a claim fails where even there the difference is
    too small to matter.

    Attributes
    ----------
    metric : str
        What is measured, with its unit if it has one, the same in all pairs.
    pairs : tuple of (str, str)
        In each the arm that has more of it if the claim is right, and the other.
    margin : float
        The smallest difference that would matter, above 0, in the metric's units.
    """

    metric: str
    pairs: tuple[tuple[str, str], ...]
    margin: float

    def __post_init__(self) -> None:
        """Refuse a margin that is none, no pairs, and an arm that is compared with itself."""
        _check_margin(self.margin)
        if not self.pairs or any(one == other for one, other in self.pairs):
            raise ValueError(f"pairs must be of two different arms each; got {self.pairs!r}")

    @property
    def arms(self) -> tuple[str, ...]:
        """All arms of all pairs, each once."""
        return tuple(dict.fromkeys(arm for pair in self.pairs for arm in pair))

    def _pick(self, first: dict[str, np.ndarray]) -> tuple[str, str]:
        """Pick the pair that surely lies furthest apart: a mean may be large by chance."""

        def surely(pair: tuple[str, str]) -> float:
            apart = np.subtract(first[pair[0]], first[pair[1]], dtype=float)
            return apart.mean() - 2 * apart.std(ddof=1) / np.sqrt(len(apart))

        return max(self.pairs, key=surely)

    def _compared(self, more: str, than: str, measured: Measured) -> Finding:
        """Judge the difference as `Above` does."""
        difference = np.subtract(measured[more], measured[than], dtype=float)
        return Above(self.metric, "the pair", self.margin).judge({"the pair": difference})

    def words(self) -> str:
        """Say the rule."""
        firsts, seconds = zip(*self.pairs, strict=True)
        return (
            f"{self.metric}, one of {_listed(firsts)} less one of {_listed(seconds)}, in the pair "
            "that surely lies furthest apart on the first third of the seeds, compared on the "
            f"others: holds from {self.margin:g} on, does not hold below"
        )


def _listed(arms: Sequence[str]) -> str:
    """Name each arm once; of many the first, the last, and how many there are."""
    names = [repr(arm) for arm in dict.fromkeys(arms)]
    if len(names) > NAMED:
        return f"{len(names)} arms ({names[0]} ... {names[-1]})"
    return " | ".join(names)


def _check_margin(margin: float) -> None:
    if not 0 < margin < np.inf:
        raise ValueError(f"margin must be a finite number above 0; got {margin!r}")
