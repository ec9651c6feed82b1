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
        goes on from there. After a change of what `run` calls, delete that folder; a line says
        when there is one.
    run : callable
        ``run(seeds, learning_rate=..., **settings, **task)`` trains one network a seed, and returns
        a dict of arrays, seeds first: "tune", the score on validation examples, higher is better;
        "test", the score on test examples; and whatever else shall be reported. One seed a call.
    arms : mapping of str to mapping
        Label of each arm, and its settings.
    rates : sequence of float
        Learning rates that each arm tries, ascending.
    tuning_seeds, seeds : sequences of int
        Seeds to tune with, and those that are reported; none in both.
    **task
        Further arguments of `run`, the same for all.

    Returns
    -------
    dict
        rates, tuning_seeds, seeds, and arms: for each label its settings, "tuning" (scores, rates
        by seeds), the "rate" taken, and what `run` returned, "tune" aside, seeds first.

    Raises
    ------
    ValueError
        If a seed is in both lists, the rates are not ascending, the name of a setting would hide a
        result, or an arm has no score at any rate.
    """
    rates, tuning_seeds, seeds = list(rates), list(tuning_seeds), list(seeds)
    if both := sorted(set(tuning_seeds) & set(seeds)):
        raise ValueError(f"seeds to tune with must not be reported: {both} are in both")
    if not rates or rates != sorted(set(rates)):
        raise ValueError(f"rates must be different and ascending, and at least one; got {rates}")
    taken = {"learning_rate", "rate", "tuning", "tune", "test"}
    if hidden := sorted(taken & {key for settings in arms.values() for key in settings}):
        raise ValueError(f"a setting of an arm cannot be called {', '.join(hidden)}")
    folder = kept_runs(name)["folder"]
    if folder.exists():
        where = folder.relative_to(ROOT).as_posix()
        print(f"{name}: goes on from runs kept in {where}; delete it after a change of code")
    found = {}
    for number, (label, settings) in enumerate(arms.items(), start=1):
        print(
            f"{name}: {label} ({number} of {len(arms)}): {len(rates)} rates x {len(tuning_seeds)} "
            f"seeds to tune, then {len(seeds)} seeds",
            flush=True,
        )
        found[label] = _arm(name, run, dict(settings), rates, tuning_seeds, seeds, task)
    return {"rates": rates, "tuning_seeds": tuning_seeds, "seeds": seeds, "arms": found}


def _arm(
    name: str,
    run: Callable[..., Mapping[str, np.ndarray]],
    settings: dict[str, Any],
    rates: list[float],
    tuning_seeds: list[int],
    seeds: list[int],
    task: Mapping[str, Any],
) -> dict[str, Any]:
    """Tune one arm, and run it on fresh seeds at the rate it found."""

    def swept(tried: list[float], on: list[int]) -> dict[str, np.ndarray]:
        grid = {key: [value] * len(tried) for key, value in settings.items()}
        return sweep({"learning_rate": tried} | grid, on, run, **kept_runs(name), **task).arrays

    tuned = swept(rates, tuning_seeds)["tune"]
    rate = rates[best(tuned)]
    final = {key: rows[0] for key, rows in swept([rate], seeds).items() if key != "tune"}
    if hidden := sorted(final.keys() & {*settings, "rate", "tuning"}):
        raise ValueError(f"run returns {', '.join(hidden)}: call it otherwise, that name is taken")
    note = "" if rates[0] < rate < rates[-1] else ", an end of the grid"
    print(f"    rate {rate:g}{note}; test {final['test'].mean():.4g} on average", flush=True)
    kept = {key: rounded(values) for key, values in final.items()}
    return {**settings, "rate": rate, "tuning": rounded(tuned), **kept}


def kept_runs(name: str) -> dict[str, Any]:
    """Tell `sweep` to run in processes, one seed each, and to keep below build/results what ended.

    Parameters
    ----------
    name : str
        Of the folder there: sweeps of one name and one `run` find each other's runs.
    """
    return {"folder": ROOT / "build" / "results" / name, "backend": "loky", "chunk": 1}


def best(scores: np.ndarray) -> int:
    """Find the rate with the best mean score; the smaller one of two alike.

    A rate at which fewer seeds have a score (nan and infinity are none) comes after all rates at
    which more have one, however good the others are.

    Parameters
    ----------
    scores : ndarray, shape (rates, seeds)
        Higher is better.

    Examples
    --------
    >>> best(np.array([[0.5, 0.7], [0.9, np.nan], [0.7, 0.5]]))
    0
    """
    finite = np.isfinite(scores)
    if not finite.any():
        raise ValueError("no network has a score at any rate: begin with smaller rates")
    means = np.where(finite, scores, 0).sum(axis=1) / np.maximum(finite.sum(axis=1), 1)
    return max(range(len(scores)), key=lambda rate: (finite[rate].sum(), means[rate], -rate))


def rounded(values: np.ndarray, digits: int = 5) -> list:
    """Write numbers to five significant digits, as lists; whole numbers stay as they are.

    Examples
    --------
    >>> rounded(np.array([[2 / 3, np.nan]])), rounded(np.array([1234567]))
    ([[0.66667, nan]], [1234567])
    """
    if values.dtype.kind != "f":
        return values.tolist()
    shorter = [float(f"{value:.{digits}g}") for value in values.ravel()]
    return np.reshape(shorter, values.shape).tolist()


def report(found: Mapping[str, Any], against: str, score: str = "test") -> None:
    """Print each arm's mean score, and its difference to one arm on the same seeds."""
    base = np.array(found["arms"][against][score])
    for label, arm in found["arms"].items():
        print(f"{label:28} rate {arm['rate']:<7g} ", end="")
        scores = np.array(arm[score])
        if failed := int((~np.isfinite(scores)).sum()):
            print(f"{failed} of {len(scores)} have no score")
        elif not np.isfinite(base).all():
            print(mean_interval(scores))
        else:
            ahead = paired_difference(scores, base)
            print(f"{mean_interval(scores)!s:24} minus {against}: {ahead}")
