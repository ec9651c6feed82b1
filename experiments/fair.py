"""A fair comparison: every arm has the same budget for tuning, and is judged on fresh seeds.

Each arm tries the same learning rates on the same tuning seeds, judged by validation examples; the
rate with the best mean is taken. What is reported comes from other seeds and from test examples
that tuning never saw. Seeds are paired: the same data, batches and draws in every arm.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from experiments.results import ROOT
from helpers.stats import mean_interval, paired_difference
from helpers.sweep import sweep

Arms = Mapping[str, Mapping[str, Any]]


def compare(
    name: str,
    run: Callable[..., Mapping[str, np.ndarray]],
    arms: Arms,
    rates: Sequence[float],
    *,
    tuning_seeds: Sequence[int],
    seeds: Sequence[int],
    **task: Any,
) -> dict[str, Any]:
    """Tune each arm on the same grid of learning rates, then run it on fresh seeds.

    Parameters
    ----------
    name : str
        Of the folder below build/results in which finished runs are kept, so that what was cut off
        goes on from there. After a change of what `run` calls, delete that folder.
    run : callable
        ``run(seeds, learning_rate=..., **settings, **task)`` trains one network a seed, and returns
        a dict of arrays, seeds first: "tune", the score on validation examples, higher is better;
        "test", the score on test examples; and whatever else shall be reported.
    arms : mapping of str to mapping
        Label of each arm, and its settings.
    rates : sequence of float
        Learning rates that each arm tries.
    tuning_seeds, seeds : sequences of int
        Seeds to tune with, and those that are reported; none in both.
    **task
        Further arguments of `run`, the same for all.

    Returns
    -------
    dict
        rates, tuning_seeds, seeds, and arms: for each label its settings, "tuning" (scores, rates
        by seeds), the "rate" taken, and what `run` returned, "tune" aside, seeds first.
    """
    if both := set(tuning_seeds) & set(seeds):
        raise ValueError(f"seeds to tune with must not be reported: {sorted(both)} are in both")
    where = {"folder": ROOT / "build" / "results" / name, "backend": "loky", "chunk": 1}
    found = {}
    for label, settings in arms.items():
        print(f"{name}: {label}", flush=True)
        grid = {"learning_rate": list(rates)}
        grid |= {key: [value] * len(rates) for key, value in settings.items()}
        tuned = sweep(grid, tuning_seeds, run, **where, **task)["tune"]
        rate = rates[int(np.argmax(np.nan_to_num(tuned, nan=-np.inf).mean(axis=1)))]
        one = {"learning_rate": [rate]} | {key: [value] for key, value in settings.items()}
        final = sweep(one, seeds, run, **where, **task)
        kept = {key: rounded(rows[0]) for key, rows in final.arrays.items() if key != "tune"}
        found[label] = {**settings, "rate": rate, "tuning": rounded(tuned), **kept}
    told = {"rates": list(rates), "tuning_seeds": list(tuning_seeds), "seeds": list(seeds)}
    return told | {"arms": found}


def rounded(values: np.ndarray, digits: int = 5) -> list:
    """Write numbers to five significant digits, as lists."""
    return np.vectorize(lambda value: float(f"{value:.{digits}g}"), otypes=[object])(
        values
    ).tolist()


def report(found: Mapping[str, Any], against: str, score: str = "test") -> None:
    """Print each arm's mean score, and its difference to one arm on the same seeds."""
    base = found["arms"][against][score]
    for label, arm in found["arms"].items():
        mean, ahead = mean_interval(arm[score]), paired_difference(arm[score], base)
        print(f"{label:28} rate {arm['rate']:<7} {mean!s:24} minus {against}: {ahead}")
