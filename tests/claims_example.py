"""A small ledger for tests: three claims about coins, and nothing to train."""

from __future__ import annotations

import numpy as np

from helpers.claims.claim import Claim
from helpers.claims.criteria import Always, Differs, Mostly


def coins(seeds, *, sides: int = 2, bonus: float = 1.0) -> dict[str, np.ndarray]:
    """Toss for every seed."""
    draws = [np.random.default_rng([seed, 5]) for seed in seeds]
    one = np.array([rng.integers(sides) for rng in draws]) + np.array(
        [rng.normal(0, 0.1) for rng in draws]
    )
    return {"one": one, "two": one - bonus + 0.01 * one, "heads": one > 0.5, "real": one < 10}


def ledger(margin: float = 0.5) -> dict[str, Claim]:
    """Return the claims by id."""
    claims = [
        Claim(
            "A1",
            "One coin is worth more.",
            "Toss both.",
            "00#coins",
            coins,
            {"toss": Differs("worth", "one", "two", margin), "value": Always("it is real", "real")},
            quick={"seeds": 5},
            full={"seeds": 40, "sides": 2},
        ),
        Claim(
            "A2",
            "Heads come more often than not.",
            "Count heads.",
            "00#coins",
            coins,
            {"toss": Mostly("heads come", "heads", 0.5)},
            full={"seeds": 40},
        ),
        Claim("B1", "As A1.", "", "00#coins", same_as="A1"),
        Claim("B2", "Coins are pretty.", "", "00#coins", opinion="Nobody can measure that."),
    ]
    return {claim.id: claim for claim in claims}
