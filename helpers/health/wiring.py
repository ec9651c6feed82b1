"""Wiring: by which ways values reach the units of a site and leave them, besides their weights.

Who changes the weights of a unit (`helpers.remedies.reinit_`) has to know that nothing else hangs
on them: a sum beside the activation, a second layer with the same weights, an output.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

__all__ = ["Wiring"]


@dataclass
class Wiring:
    """What all passes have seen of it; a site is whatever stands for one.

    Attributes
    ----------
    biases : dict of str to str
        Name of the bias that is added to the products of a weight.
    elsewhere : dict of str to str
        Weights that are used, or whose products are, by something else than an activation; the
        first such use.
    readers : dict of str to set
        The sites that are reached by the products of a weight.
    feeders : dict of str to set
        The sites whose values a weight multiplies; None stands for any other values.
    leaks : dict of site to str
        The first way by which values of a site go elsewhere than into weights.

    Examples
    --------
    >>> wiring = Wiring()
    >>> wiring.product("fc2.weight", feeder="relu")
    >>> wiring.ties("relu", ["fc1.weight"], ["fc2.weight"])
    ''
    >>> wiring.product("fc2.weight", feeder=None)
    >>> wiring.ties("relu", ["fc1.weight"], ["fc2.weight"])
    'fc2.weight multiplies other values too'
    """

    biases: dict[str, str] = field(default_factory=dict)
    elsewhere: dict[str, str] = field(default_factory=dict)
    readers: dict[str, set[Hashable]] = field(default_factory=dict)
    feeders: dict[str, set[Hashable]] = field(default_factory=dict)
    leaks: dict[Hashable, str] = field(default_factory=dict)

    def product(self, weight: str, feeder: Hashable) -> None:
        """Note whose values a weight multiplies."""
        self.feeders.setdefault(weight, set()).add(feeder)

    def read(self, weights: Iterable[str], site: Hashable) -> None:
        """Note that products of some weights reach a site."""
        for weight in weights:
            self.readers.setdefault(weight, set()).add(site)

    def leak(self, feeder: Hashable, weights: Iterable[str], how: str) -> None:
        """Note that values of a site, or products of some weights, go another way."""
        if feeder is not None:
            self.leaks.setdefault(feeder, how)
        for weight in weights:
            self.elsewhere.setdefault(weight, how)

    def ties(self, site: Hashable, weights: list[str], consumers: Iterable[str]) -> str:
        """Say what else hangs on a site's weights; empty if nothing does.

        Parameters
        ----------
        site : hashable
            The site.
        weights : list of str
            The weights behind it.
        consumers : iterable of str
            The weights that it feeds.
        """
        for weight in weights:
            if weight in self.elsewhere:
                return f"{weight}, or its product, goes into {self.elsewhere[weight]} too"
            if len(self.readers.get(weight, ())) > 1:
                return f"{weight} leads to other activations too"
        if site in self.leaks:
            return f"its values go into {self.leaks[site]}"
        for weight in consumers:
            if len(self.feeders.get(weight, ())) > 1:
                return f"{weight} multiplies other values too"
        return ""
