"""`CLAIMS`: every claim of the two articles by its id, from all themes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType

from helpers.claims.claim import Claim
from helpers.claims.themes import (
    advice,
    cost,
    dead_units,
    death,
    depth,
    dying_units,
    flow,
    gradients,
    meaning,
    shape,
    tasks,
)

__all__ = ["CLAIMS", "SOURCES", "TABLE_OF_EIGHT"]

SOURCES = MappingProxyType(
    {
        "A": "Activation functions: ReLU vs. Leaky ReLU",
        "B": "What is Leaky ReLU?",
    }
)

# Article A ends with advice in a table: four reasons to take ReLU, four to take leaky ReLU.
TABLE_OF_EIGHT = MappingProxyType(
    {"ReLU": ("A18", "A19", "A20", "A21"), "leaky ReLU": ("A22", "A23", "A24", "A25")}
)


def _by_id(claims: Iterable[Claim]) -> Mapping[str, Claim]:
    """Order claims by source and number, and refuse what is not sound."""
    ordered = sorted(claims, key=lambda claim: (claim.source, int(claim.id[1:])))
    found = {claim.id: claim for claim in ordered}
    if twice := {one.id for one, after in pairwise(ordered) if one.id == after.id}:
        raise ValueError(f"claims are in the ledger twice: {', '.join(sorted(twice))}")
    for claim in ordered:
        if claim.same_as and found[claim.same_as].experiment is None:
            raise ValueError(f"claim {claim.id} points to {claim.same_as}, which has no experiment")
    return MappingProxyType(found)


THEMES = (
    shape,
    meaning,
    cost,
    gradients,
    depth,
    flow,
    death,
    dead_units,
    dying_units,
    advice,
    tasks,
)

CLAIMS = _by_id(claim for theme in THEMES for claim in theme.CLAIMS)
