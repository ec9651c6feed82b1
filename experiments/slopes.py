"""Which slope? Trainings that notebook 08 draws and has no time to run: `helpers.fleet`, float64.

python -m experiments.slopes            # run a small part again, compare with what is stored
python -m experiments.slopes --store    # run all of it (several minutes) and store it

The sweep: every slope by depth by learning rate, on two tasks, 40 seeds each; the weights begin as
He's initialisation has it for the slope of their network. The rescue: after how many epochs does a
network that was all dead at birth read most digits?
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tqdm.auto import tqdm

from experiments.results import store
from helpers.datasets import digits, measured, spirals, split, standardize
from helpers.fleet import Fleet
from helpers.training import SGD, Adam

SLOPES = (-0.1, 0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 1.5)
DEPTHS, RATES = (2, 5, 10), (0.001, 0.01, 0.03)
WIDTH, SEEDS = 24, 40
EXAMPLES = 448  # pictures to learn from
TASKS: dict[str, dict[str, Any]] = {
    "digits": {
        "inputs": 64,
        "outputs": 10,
        "epochs": 30,
        "batch_size": 64,
        "data": f"{EXAMPLES} pictures of the training part, standardised; test: 449 others",
    },
    "spirals": {
        "inputs": 2,
        "outputs": 2,
        "epochs": 60,
        "batch_size": 40,
        "data": "400 points, noise 0.05, 1.25 turns; test: 1,000 others",
    },
}
RESCUE: dict[str, dict[str, Any]] = {
    "SGD": {"optimizer": SGD(0.1, momentum=0.9), "bias": -2, "epochs": 30},
    "Adam": {"optimizer": Adam(0.003), "bias": -8, "epochs": 40},
}
RESCUE_SLOPES = (0, 0.001, 0.01, 0.05, 0.1, 0.3)
GOAL = 80  # per cent of the test pictures


def examples(task: str) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Give x, y and the test part of a task."""
    if task == "spirals":
        test = spirals(1000, noise=0.05, turns=1.25, seed=1)
        return *spirals(400, noise=0.05, turns=1.25, seed=0), test
    data = digits()
    x, y, x_test, y_test = split(data.pixels, data.labels)
    x, x_test = standardize(x, x_test)
    return x[:EXAMPLES], y[:EXAMPLES], (x_test, y_test)


def accuracies(task: str, depth: int, rate: float, seeds: int) -> np.ndarray:
    """Train one network a slope and seed; give per cent right, of shape (slopes, seeds)."""
    told, slopes = TASKS[task], np.array(SLOPES, dtype=float)
    x, y, test = examples(task)
    sizes = [told["inputs"], *[WIDTH] * depth, told["outputs"]]
    fleet = Fleet(sizes, "relu", seeds=seeds, slope=slopes, gain=1 / np.sqrt(1 + slopes**2))
    history = fleet.fit(
        x,
        y,
        optimizer=Adam(rate),
        epochs=told["epochs"],
        batch_size=told["batch_size"],
        test=test,
        record=[],
        every=1_000_000,
        progress=False,
    )
    # A network whose outputs are not finite gets nothing right.
    return 100 * np.nan_to_num(history.test_accuracy[-1], nan=0.0)


def epochs_needed(name: str, seeds: int) -> np.ndarray:
    """Count epochs until each network reads enough; 0 where it never does. (slopes, seeds)."""
    told, data = RESCUE[name], digits()
    x, y, x_test, y_test = split(data.pixels, data.labels)
    fleet = Fleet([64, 32, 32, 10], seeds=seeds, slope=RESCUE_SLOPES, bias=told["bias"])
    history = fleet.fit(
        x,
        y,
        optimizer=told["optimizer"],
        epochs=told["epochs"],
        test=(x_test, y_test),
        record=[],
        progress=False,
    )
    return (100 * history.test_accuracy >= GOAL).argmax(axis=0)


def run_all() -> dict[str, Any]:
    """Run the sweep and the rescue."""
    grid = [(task, depth, rate) for task in TASKS for depth in DEPTHS for rate in RATES]
    found: dict[str, list[Any]] = {task: [[] for _ in DEPTHS] for task in TASKS}
    for task, depth, rate in tqdm(grid, desc="sweep"):
        cell = accuracies(task, depth, rate, SEEDS).round(1).tolist()
        found[task][DEPTHS.index(depth)].append(cell)
    rescue = {
        name: {
            "optimizer": repr(told["optimizer"]),
            "bias": told["bias"],
            "epochs": told["epochs"],
            "needed": epochs_needed(name, 20).tolist(),
        }
        for name, told in tqdm(RESCUE.items(), desc="rescue")
    }
    return {
        "accuracy": "per cent of the test part right: task, then depth, rate, slope, seed",
        "training": "Adam, float64, relu or leaky ReLU, weights by He for the slope, biases 0",
        "width": WIDTH,
        "tasks": TASKS,
        "slopes": SLOPES,
        "depths": DEPTHS,
        "rates": RATES,
        "seeds": SEEDS,
        "goal": f"epochs until {GOAL} % of the test pictures are right, 0: never; slope, seed",
        "rescue_slopes": RESCUE_SLOPES,
        "rescue": rescue,
        "results": found,
    }


def compare() -> None:
    """Run two cells of the sweep again; networks of the same seed should end alike."""
    stored = measured("slope_sweep")
    for task in TASKS:
        before = np.array(stored["results"][task][0][1])[:, :20]
        moved = accuracies(task, DEPTHS[0], RATES[1], 20) - before
        print(
            f"{task}, depth {DEPTHS[0]}, rate {RATES[1]}: means of 20 seeds moved by at most "
            f"{abs(moved.mean(axis=1)).max():.2f} points, single networks by {abs(moved).max():.1f}"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="run all, for notebook 08")
    torch.set_num_threads(1)
    if parser.parse_args(arguments).store:
        store("slope_sweep", run_all())
    else:
        compare()


if __name__ == "__main__":
    main()
