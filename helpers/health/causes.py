"""Why a unit is off: what the moments of its pre-activation, its weights and its norm tell.

The mean pre-activation of a unit is its bias plus what its weights make of the mean input. Take
either away in thought: where the unit would then fire, and would not without the other, that one is
the cause. Behind a normalisation, its shift is weighed against the rest in the same way; if it is
the rest, stored statistics do not fit the data, or what the normalisation was given is asked. Where
the numbers do not decide, the cause is unknown. Learning rate and initialisation are never named
here: what a network is now does not tell how it became so (see `watch`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from helpers.health.capture import Capture
from helpers.health.judge import Site
from helpers.health.tally import Evidence, Tally

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
        Euclidean length of the incoming weights, against the median of the layer's; nan if they
        are not known.
    bias : ndarray
        The bias behind the weights; 0 without, nan if it is known in part only.
    norm : str
        The kind of normalisation between weights and activation, such as "batch_norm"; or "".
    scale, shift : ndarray
        Its scale and shift; 1 and 0 without.
    before : Facts or None
        The same about what the normalisation is given.
    """

    mean: np.ndarray
    spread: np.ndarray
    low: np.ndarray
    high: np.ndarray
    length: np.ndarray
    bias: np.ndarray
    norm: str = ""
    scale: np.ndarray | None = None
    shift: np.ndarray | None = None
    before: Facts | None = None


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
    length, bias = np.full(tally.units, np.nan), np.zeros(tally.units)
    for source in tally.origin.sources[:1]:
        weight = capture.weights.get(source.name)
        if weight is not None and weight.shape[source.axis] == tally.units:
            # A wider copy of a weight would take more memory than all else together.
            rows = weight.detach().movedim(source.axis, 0).flatten(1)
            length = rows.norm(dim=1).double().cpu().numpy()
            length = length / (np.median(length) or np.nan)
    for source in tally.origin.sources:
        added = capture.biases.get(source.name)
        if added is not None and len(added) in (1, tally.units):
            bias = bias + added.detach().double().cpu().numpy()
    if tally.origin.partial:
        bias = np.full(tally.units, np.nan)
    norm, *affine = capture.norms.get(tally.origin.norm, ("", None, None))
    scale, shift = (
        part.detach().double().cpu().numpy()
        if part is not None and part.shape == (tally.units,)
        else np.full(tally.units, usual)
        for part, usual in zip(affine, (1.0, 0.0), strict=True)
    )
    facts = Facts(*_moments(tally.evidence), length, bias, norm, scale, shift)
    given = capture.record.before.get(tally.origin.norm)
    if given is None or len(given.shift) != tally.units:
        return facts
    return replace(facts, before=Facts(*_moments(given), length, bias))


def _moments(found: Evidence) -> tuple[np.ndarray, ...]:
    parts = found.mean, found.spread, found.low, found.high
    return tuple(part.double().cpu().numpy() for part in parts)


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
    if not np.isfinite(facts.mean[unit]):  # such as minus infinity, of which ReLU makes 0
        return "not finite", CAUSES["not finite"]
    if facts.norm:
        return _norm_cause(facts, unit)
    if _constant(facts, unit):
        return "starved", f"its pre-activation is {facts.mean[unit]:.3g} on all data"
    return _bias_or_weights(facts, unit, facts.mean[unit], facts.bias[unit])


def _bias_or_weights(facts: Facts, unit: int, mean: float, bias: float) -> tuple[str, str]:
    """Weigh the bias against what the weights make of the mean input."""
    rest, spread = mean - bias, facts.spread[unit]
    told = f"mean z {mean:.3g} = bias {bias:.3g} + weights on the mean input {rest:.3g}"
    told += f"; z varies by {spread:.2g}"
    times = facts.length[unit]
    if rest * mean > 0 and abs(rest) > abs(bias) and times > OUTSIZED:
        return "outsized weights", f"{told}; its weights are {times:.3g} times the median length"
    heavier = _heavier(bias, rest, spread)
    return ("unknown", "bias", "mean shift")[heavier], told


def _norm_cause(facts: Facts, unit: int) -> tuple[str, str]:
    """Weigh the evidence on a unit behind a normalisation."""
    mean, spread, before = facts.mean[unit], facts.spread[unit], facts.before
    scale, shift = facts.scale[unit], facts.shift[unit]
    told = f"mean z {mean:.3g}, varies by {spread:.2g}; scale {scale:.3g}, shift {shift:.3g}"
    if scale == 0:
        return "normalisation", told
    if _constant(facts if before is None else before, unit):
        return "starved", f"{told}; what the normalisation is given is the same on all data"
    heavier = _heavier(shift, mean - shift, spread)
    if heavier == 1:
        return "normalisation", told
    if heavier == 2 and facts.norm == "batch_norm":
        return "normalisation", f"{told}; the stored statistics do not fit these data"
    if heavier == 2 and before is not None and np.isfinite(before.mean).all():
        sign = np.sign(scale)
        means, biases = sign * before.mean, sign * before.bias
        if facts.norm != "rms_norm":  # the others compare units: if all moved alike, none moved
            means, biases = means - means.mean(), biases - biases.mean()
        return _bias_or_weights(before, unit, means[unit], biases[unit])
    return "unknown", told


def _constant(facts: Facts, unit: int) -> bool:
    return facts.high[unit] - facts.low[unit] <= 1e-6 * abs(facts.mean[unit])


def _heavier(first: float, rest: float, spread: float) -> int:
    """Tell which of two parts of a mean holds a unit off: 1, 2, or 0 if that is not clear."""
    side = -1.0 if first + rest > 0 else 1.0  # above 0, as at the upper end of a tanh, all turns
    first, rest, reach = side * first, side * rest, REACH * spread
    by_first = first < 0 and rest + reach > 0
    by_rest = rest < 0 and first + reach > 0
    if by_first == by_rest:  # either would do, or neither
        by_first = first < 0 and abs(first) >= OUTWEIGHS * abs(rest)
        by_rest = rest < 0 and abs(rest) >= OUTWEIGHS * abs(first)
    return 1 if by_first else 2 if by_rest else 0
