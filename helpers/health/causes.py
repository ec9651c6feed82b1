"""Why a unit is off: what the moments of its pre-activation, its weights and its norm tell.

The mean pre-activation of a unit is its bias plus what its weights make of the mean input. Take
either away in thought: where the unit would then fire, and would not without the other, that one is
the cause. Where the numbers do not decide, the cause is unknown. Learning rate and initialisation
are never named here: what a network is now does not tell how it became so (see `watch`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.health.capture import Capture, Evidence, Tally
from helpers.health.judge import Site

__all__ = ["CAUSES", "Facts", "explain", "facts_of"]

CAUSES = {
    "not finite": "nan or infinity in the unit's weights or in what reaches it",
    "starved": "its pre-activation is the same on all data",
    "bias": "without its bias it would fire",
    "mean shift": "what its weights make of the mean input is far below 0",
    "outsized weights": "its weights are many times as long as those of the units beside it",
    "normalisation": "the scale, the shift or the stored statistics of the normalisation",
    "onward": "it is active, but no gradient comes back: its path onward is dead",
    "unknown": "the numbers do not decide",
}

# A unit would fire if its mean were this many standard deviations below 0, or nearer: on 1 % of the
# data, if pre-activations were normal.
REACH = 2.33
# One part outweighs the other if it is so many times as large.
OUTWEIGHS = 2.0
# Weights are outsized if so many times as long as the median of the layer's.
OUTSIZED = 5.0


@dataclass(frozen=True)
class Facts:
    """What is known about the units of a site; shape (units,) each.

    Attributes
    ----------
    mean, spread, low, high : ndarray
        Of the pre-activation, over all positions.
    length : ndarray
        Euclidean length of the incoming weights; nan if they are not known.
    bias : ndarray
        The bias behind the weights; 0 without.
    scale, shift : ndarray or None
        Of the normalisation between weights and activation; None if there is none.
    stored : bool
        Whether that normalisation uses stored statistics, as batch normalisation does.
    """

    mean: np.ndarray
    spread: np.ndarray
    low: np.ndarray
    high: np.ndarray
    length: np.ndarray
    bias: np.ndarray
    scale: np.ndarray | None = None
    shift: np.ndarray | None = None
    stored: bool = False


def facts_of(tally: Tally, capture: Capture) -> Facts | None:
    """Collect what is known about the units of a site after a pass that took evidence.

    Parameters
    ----------
    tally : Tally
        What was seen.
    capture : Capture
        The last pass, which holds the weights that it used.

    Returns
    -------
    Facts or None
        None if the pre-activations could not be seen.
    """
    if tally.evidence is None:
        return None
    found: Evidence = tally.evidence
    length, bias = np.full(tally.units, np.nan), np.zeros(tally.units)
    for source in tally.origin.sources[:1]:
        weight = capture.weights.get(source.name)
        if weight is not None and weight.shape[source.axis] == tally.units:
            rows = weight.detach().double().movedim(source.axis, 0).flatten(1)
            length = rows.norm(dim=1).cpu().numpy()
    for source in tally.origin.sources:
        added = capture.biases.get(source.name)
        if added is not None and len(added) == tally.units:
            bias = bias + added.detach().double().cpu().numpy()
    norm, *affine = capture.norms.get(tally.origin.norm, ("", None, None))
    scale, shift = (
        part.detach().double().cpu().numpy()
        if part is not None and part.shape == (tally.units,)
        else None
        for part in affine
    )
    mean, spread, low, high = (
        part.double().cpu().numpy() for part in (found.mean, found.spread, found.low, found.high)
    )
    return Facts(mean, spread, low, high, length, bias, scale, shift, norm == "batch_norm")


def explain(site: Site, facts: Facts | None) -> tuple[list[str], list[str]]:
    """Name a cause for each unit that needs one, with the evidence.

    Parameters
    ----------
    site : Site
        What the units are.
    facts : Facts or None
        What is known about them.

    Returns
    -------
    tuple of list of str
        Causes, each a key of `CAUSES` or "", and the evidence in words.
    """
    causes, details = [""] * site.units, [""] * site.units
    for unit in np.flatnonzero(site.blocked) if len(site.blocked) else ():
        causes[unit], details[unit] = "onward", CAUSES["onward"]
    for unit in site.suspects:
        if site.not_finite[unit]:
            causes[unit], details[unit] = "not finite", CAUSES["not finite"]
        elif facts is None:
            causes[unit], details[unit] = "unknown", "its pre-activations could not be looked at"
        else:
            causes[unit], details[unit] = _cause(facts, int(unit))
    return causes, details


def _cause(facts: Facts, unit: int) -> tuple[str, str]:
    """Weigh the evidence on one unit."""
    mean, spread = facts.mean[unit], facts.spread[unit]
    if facts.shift is not None:
        return _norm_cause(facts, unit)
    if facts.high[unit] - facts.low[unit] <= 1e-6 * abs(mean):
        return "starved", f"its pre-activation is {mean:.3g} on all data"
    bias = facts.bias[unit]
    rest, reach = mean - bias, REACH * spread
    told = f"mean z {mean:.3g} = bias {bias:.3g} + weights on the mean input {rest:.3g}"
    told += f"; z varies by {spread:.2g}"
    median = np.nanmedian(facts.length) if np.isfinite(facts.length).any() else np.nan
    if rest < 0 and abs(rest) > abs(bias) and facts.length[unit] > OUTSIZED * median:
        times = facts.length[unit] / median
        return "outsized weights", f"{told}; its weights are {times:.3g} times the median length"
    by_bias = bias < 0 and rest + reach > 0
    by_rest = rest < 0 and bias + reach > 0
    if by_bias == by_rest:  # either would do, or neither
        by_bias = bias < 0 and abs(bias) >= OUTWEIGHS * abs(rest)
        by_rest = rest < 0 and abs(rest) >= OUTWEIGHS * abs(bias)
    if by_bias:
        return "bias", told
    return ("mean shift", told) if by_rest else ("unknown", told)


def _norm_cause(facts: Facts, unit: int) -> tuple[str, str]:
    """Weigh the evidence on a unit behind a normalisation, which undoes bias and mean shift."""
    mean, spread, shift = facts.mean[unit], facts.spread[unit], facts.shift[unit]
    scale = 1.0 if facts.scale is None else facts.scale[unit]
    told = f"mean z {mean:.3g}, varies by {spread:.2g}; scale {scale:.3g}, shift {shift:.3g}"
    rest = mean - shift
    if scale == 0 or (shift < 0 and abs(shift) >= OUTWEIGHS * abs(rest)):
        return "normalisation", told
    if rest < 0 and abs(rest) >= OUTWEIGHS * abs(shift):
        if facts.stored:
            return "normalisation", f"{told}; the stored statistics do not fit these data"
        return "mean shift", told
    if facts.high[unit] == facts.low[unit]:
        return "starved", told
    return "unknown", told
