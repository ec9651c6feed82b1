"""ReLU or leaky ReLU in a small convolutional network? Trainings that notebook 12 draws.

python -m experiments.images            # train some seeds again, compare with what is stored
python -m experiments.images --store    # run all of it (some 20 minutes) and store it

Three slopes, with and without batch normalisation, on two tasks; each of the arms is tuned on the
same learning rates. Then, on the digits, a learning rate that is too high; and other divisions of
the digits, as a check that the first is no lucky one.
"""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from experiments.fair import compare, kept_runs, report
from experiments.results import store
from helpers.datasets import measured
from helpers.models.images import TASKS, image_task, train_images
from helpers.sweep import sweep

ARMS: dict[str, dict[str, Any]] = {
    f"{name}, {way}": {"slope": slope, "normalize": normalize}
    for way, normalize in {"plain": False, "normalised": True}.items()
    for name, slope in {"relu": 0.0, "leaky_relu 0.01": 0.01, "leaky_relu 0.1": 0.1}.items()
}
RATES = (0.002, 0.006, 0.02, 0.06)
HIGH = (0.06,)
TUNING_SEEDS, SEEDS = range(1000, 1005), range(10)
EPOCHS = {"digits": (12, 4), "hard digits": (6, 2)}
HIGH_SEEDS, SPLITS = range(1000, 1010), range(1, 11)
BESIDE = kept_runs("images_digits")  # some of these runs are among those of the comparison


def run(
    seeds: Sequence[int], *, task: str, split_seed: int = 0, **settings: Any
) -> Mapping[str, np.ndarray]:
    """Train one network a seed; see `helpers.models.images.train_images`."""
    found = [train_images(image_task(task, split_seed), seed=seed, **settings) for seed in seeds]
    return {
        "tune": np.array([one.tune for one in found]),
        "test": np.array([one.test for one in found]),
        "off": np.array([one.off for one in found]),
        "diverged": np.array([one.diverged for one in found], dtype=int),
    }


def listed(arrays: Mapping[str, np.ndarray], arm: int) -> dict[str, Any]:
    """Give test score, channels off and divergence of one arm, seeds first."""
    return {name: arrays[name][arm].round(2).tolist() for name in ("test", "off", "diverged")}


def too_high() -> dict[str, Any]:
    """Train each arm at a learning rate that is too high, on the digits."""
    grid = {
        key: [arm[key] for arm in ARMS.values() for _ in HIGH] for key in ("slope", "normalize")
    }
    grid["learning_rate"] = list(HIGH) * len(ARMS)
    found = sweep(grid, HIGH_SEEDS, run, **BESIDE, task="digits", epochs=EPOCHS["digits"]).arrays
    return {
        "rates": HIGH,
        "seeds": list(HIGH_SEEDS),
        "arms": {
            label: {str(rate): listed(found, len(HIGH) * k + j) for j, rate in enumerate(HIGH)}
            for k, label in enumerate(ARMS)
        },
    }


def other_splits(arms: Mapping[str, Any], label: str) -> dict[str, Any]:
    """Train one arm, at the rate that it chose, on other divisions of the digits."""
    grid: dict[str, list] = {"split_seed": list(SPLITS)}
    same = {"learning_rate": arms[label]["rate"], **ARMS[label]}
    grid |= {key: [value] * len(SPLITS) for key, value in same.items()}
    found = sweep(grid, [0], run, **BESIDE, task="digits", epochs=EPOCHS["digits"])["test"]
    return {"arm": label, "split_seeds": list(SPLITS), "test": found[:, 0].round(2).tolist()}


def run_all() -> dict[str, Any]:
    """Tune and report on both tasks, then what is beside them."""
    tasks, budget = {}, {"tuning_seeds": TUNING_SEEDS, "seeds": SEEDS}
    for task in TASKS:
        name = f"images_{task.replace(' ', '_')}"
        tasks[task] = compare(name, run, ARMS, RATES, **budget, task=task, epochs=EPOCHS[task])
        report(tasks[task], "relu, plain")
        report(tasks[task], "relu, normalised")
    return {
        "accuracy": "per cent right of 449 pictures or 898 scenes of them, one number a seed",
        "off": "per cent of the channels of each layer with z <= 0 at every pixel of all 1,011 "
        "pictures or scenes of the probe; seed, layer",
        "training": "helpers.models.images.train_images: 1,011 pictures, Adam, batches of 32, then "
        "some passes at a tenth of the rate, He's start for the slope, float64, one thread",
        "epochs": EPOCHS,
        "choice": "the rate with the best mean over the tuning seeds, on 337 other pictures",
        "tasks": tasks,
        "too_high": too_high(),
        "splits": other_splits(tasks["digits"]["arms"], "relu, normalised"),
    }


def compare_some() -> None:
    """Train two seeds of each arm on the digits again; they should end alike."""
    stored = measured("images")["tasks"]["digits"]["arms"]
    for label, settings in ARMS.items():
        arm = stored[label]
        again = run(
            [0, 1], task="digits", epochs=EPOCHS["digits"], learning_rate=arm["rate"], **settings
        )["test"]
        moved = np.abs(again - arm["test"][:2]).max()
        print(f"{label:28} moved by at most {moved:.2f} points")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="run all, for notebook 12")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if given.store:
        store("images", run_all())
    else:
        compare_some()


if __name__ == "__main__":
    main()
