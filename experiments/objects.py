"""Does the slope matter for a detector? ReLU, a leak of 0.01 and one of 0.1, tuned alike.

python -m experiments.objects            # compare, and print
python -m experiments.objects --store    # and store what notebook 13 draws

The function that trains a detector is `helpers.models.detector.train_detector`: notebook 13 calls
it again for two seeds. Finished runs are kept in build/results/objects; delete that folder after a
change of it.
"""

import argparse
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from experiments.fair import compare, kept_runs, report, rounded
from experiments.results import store
from helpers.datasets.scenes import Scenes, scenes
from helpers.health import diagnose
from helpers.models.detector import Detector, score, train_detector
from helpers.stats import mean_interval
from helpers.sweep import sweep

torch.set_num_threads(1)

ARMS = {"relu": {"slope": 0.0}, "leaky 0.01": {"slope": 0.01}, "leaky 0.1": {"slope": 0.1}}
RATES = [0.005, 0.01, 0.02, 0.04]
TUNING_SEEDS, SEEDS = list(range(100, 105)), list(range(12))
STEPS, BATCH = 300, 32
# The detector whose weights data/detector.npz holds: more steps, and a rate found by trial.
LONG: dict[str, Any] = {"slope": 0.1, "learning_rate": 0.015, "steps": 1000, "seeds": SEEDS[:10]}


@functools.cache
def judged_on(part: str) -> Scenes:
    """Draw the scenes on which every detector is judged, once a process."""
    return scenes(500, part, seed=0)


def run(
    seeds: Sequence[int], *, learning_rate: float, slope: float, steps: int, batch_size: int
) -> dict[str, np.ndarray]:
    """Train one detector a seed: mAP in per cent, and how many hidden units are always-off."""
    rows = []
    for seed in seeds:
        given = {"learning_rate": learning_rate, "steps": steps, "batch_size": batch_size}
        model = train_detector(seed, slope, progress=False, **given)
        marks = [100 * score(model, judged_on(part)) for part in ("tune", "test")]
        found = diagnose(model, torch.from_numpy(judged_on("test").images))
        off = sum((site.dead | site.always_negative).sum() for site in found.sites)
        rows.append([*marks, off])
    return dict(zip(("tune", "test", "off"), np.array(rows, dtype=float).T, strict=True))


def long() -> dict[str, Any]:
    """Train the detector of data/detector.npz, for several seeds."""
    print("long: the detector of data/detector.npz", flush=True)
    grid = {name: [LONG[name]] for name in ("slope", "learning_rate", "steps")}
    ran = sweep(grid, LONG["seeds"], run, batch_size=BATCH, **kept_runs("objects"))
    return {**LONG, "test": rounded(ran["test"][0]), "off": rounded(ran["off"][0])}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="write the results for notebook 13")
    given = parser.parse_args(arguments)
    task = {"steps": STEPS, "batch_size": BATCH}
    seeds = {"tuning_seeds": TUNING_SEEDS, "seeds": SEEDS}
    found = compare("objects", run, ARMS, RATES, **seeds, **task)
    report(found, "relu")
    one = long()
    print(f"{LONG['steps']} steps: {mean_interval(one['test'])}, lowest {min(one['test']):.1f}")
    if given.store:
        hidden = [p.shape[0] for name, p in Detector().named_parameters() if name.endswith("bias")]
        told = {
            "test": "mAP at an intersection over union of 0.5, in per cent, one number a seed: 500 "
            "scenes of digits that no training has seen; tuning: rates by seeds, on 500 scenes of "
            "other digits",
            "off": f"hidden units, of {sum(hidden[:-1])}, that are never above 0 on the test "
            "scenes; one number a seed",
            "optimizer": "Adam under torch's OneCycleLR, new scenes each step, float32, one thread",
            "choice": "the rate with the best mean over the tuning seeds",
            **task,
            **found,
            "long": one,
        }
        store("objects", told)


if __name__ == "__main__":
    main()
