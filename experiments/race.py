"""A fair race: ReLU and its relatives, each at the best learning rate it finds on the same grid.

python -m experiments.race                 # race, and print
python -m experiments.race --store         # and store the results that notebook 09 draws
python -m experiments.race --store deep    # one task alone; the others stay as stored

Everybody gets the same budget: the same learning rates are tried for each activation, on the same
seeds, and the one with the best mean on validation examples is taken. What is reported comes from
fresh seeds and from test examples that tuning never saw. Notebook 09 defines the same tasks in
plain sight, and holds part of the stored results against a race of its own.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from experiments.results import store
from helpers import activations
from helpers.activations import Activation
from helpers.datasets import digits, measured, spirals, split, standardize
from helpers.fleet import Fleet
from helpers.stats import mean_interval, paired_difference
from helpers.training import Adam

torch.set_num_threads(1)

FAMILY: dict[str, Activation] = {
    "relu": activations.relu,
    "leaky_relu, 1/100": activations.leaky_relu(slope=1 / 100),
    "leaky_relu, 1/5.5": activations.leaky_relu(slope=1 / 5.5),
    "prelu": activations.prelu(),
    "rrelu": activations.rrelu(),
    "elu": activations.elu(),
    "selu": activations.selu,
    "softplus": activations.softplus,
    "gelu": activations.gelu,
    "silu": activations.silu,
    "mish": activations.mish,
    "tanh": activations.tanh,
}
DEEP_FAMILY = ("relu", "leaky_relu, 1/100", "gelu", "tanh")
WAYS: dict[str, dict[str, bool]] = {
    "plain": {},
    "normalised": {"normalize": True},
    "skip": {"skip": True},
    "both": {"normalize": True, "skip": True},
}

Part = tuple[np.ndarray, np.ndarray]


def pictures() -> tuple[Part, Part, Part]:
    """Divide the digits: to learn from, to tune on, to be tested on; pixels standardised."""
    data = digits()
    x_train, y_train, x_test, y_test = split(data.pixels, data.labels)
    x_train, x_test = standardize(x_train, x_test)
    x_pool, y_pool, x_tune, y_tune = split(x_train, y_train, seed=1)
    return (x_pool, y_pool), (x_tune, y_tune), (x_test, y_test)


POOL, TUNE, TEST = pictures()


def few_digits(seed: int) -> Part:
    """Draw 200 pictures to learn from."""
    pick = np.random.default_rng(seed).permutation(len(POOL[0]))[:200]
    return POOL[0][pick], POOL[1][pick]


def two_spirals(seed: int, n: int = 300) -> Part:
    """Draw points on two spiral arms."""
    return spirals(n, noise=0.05, turns=2.0, seed=seed)


def all_digits(seed: int) -> Part:
    """Give the whole pool, whatever the seed."""
    return POOL


# The budget of the race: the same for everybody, and on both tasks.
BUDGET = {
    "rates": [0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
    "tuning_seeds": list(range(1000, 1010)),
    "seeds": list(range(100)),
}
# What to learn from, to tune on and to be tested on; the networks; the budget.
TASKS: dict[str, dict[str, Any]] = {
    "digits": {
        "draw": few_digits,
        "tune": TUNE,
        "test": TEST,
        "sizes": [64, 64, 64, 10],
        "epochs": 40,
        **BUDGET,
    },
    "spirals": {
        "draw": two_spirals,
        "tune": two_spirals(10_001, n=1000),
        "test": two_spirals(10_000, n=1000),
        "sizes": [2, 32, 32, 2],
        "epochs": 100,
        **BUDGET,
    },
    "deep": {
        "draw": all_digits,
        "tune": TUNE,
        "test": TEST,
        "sizes": [64] + [32] * 10 + [10],
        "epochs": 10,
        "rates": [0.001, 0.003, 0.01, 0.03],
        "tuning_seeds": list(range(1000, 1010)),
        "seeds": list(range(30)),
    },
}
TOLD = {
    "digits": "200 of 1011 pictures, drawn by each seed; tuned on 337 others, tested on 449 others",
    "spirals": "300 points drawn by each seed, 2 turns, noise 0.05; tuned on 1000, tested on 1000",
    "deep": "1011 pictures; tuned on 337 others, tested on 449 others",
}


def raced(
    activation: Activation,
    draw: Callable[[int], Part],
    sizes: list[int],
    rates: list[float],
    epochs: int,
    test: Part,
    seeds: list[int],
    **ways: bool,
) -> np.ndarray:
    """Train at each rate and seed, and give the accuracy in %, shape (rates, seeds).

    A network whose loss was nan or infinite counts as one that guesses.
    """
    drawn = [draw(seed) for seed in seeds]
    x, y = (np.stack(part)[np.newaxis] for part in zip(*drawn, strict=True))
    # SELU is meant for weights of variance 1 / fan_in, half of what Network draws for it.
    gain = np.sqrt(0.5) if activation.name == "selu" else 1.0
    fleet = Fleet(sizes, activation, seeds=seeds, learning_rate=rates, gain=gain, **ways)
    rare = {"record": [], "every": 1_000_000, "progress": False}
    history = fleet.fit(x, y, optimizer=Adam(), epochs=epochs, test=test, **rare)
    shares = np.where(history.diverged, 1 / sizes[-1], history.test_accuracy[-1])
    return 100 * np.nan_to_num(shares, nan=1 / sizes[-1])


def race(task: dict[str, Any], activation: Activation, **ways: bool) -> dict[str, Any]:
    """Tune one activation on one task, then race it on fresh seeds."""
    same = {name: task[name] for name in ("draw", "sizes", "epochs")}
    tried = raced(
        activation,
        rates=task["rates"],
        test=task["tune"],
        seeds=task["tuning_seeds"],
        **same,
        **ways,
    )
    rate = task["rates"][int(np.argmax(tried.mean(axis=1)))]
    final = raced(activation, rates=[rate], test=task["test"], seeds=task["seeds"], **same, **ways)[
        0
    ]
    return {
        "rate": rate,
        "tuning": [[round(value, 2) for value in row] for row in tried.tolist()],
        "test": [round(value, 2) for value in final.tolist()],
    }


def entrants(name: str) -> list[tuple[str, Activation, dict[str, bool]]]:
    """List who races on a task: label, activation, and the way the network is built."""
    if name != "deep":
        return [(arm, activation, {}) for arm, activation in FAMILY.items()]
    return [(f"{arm}, {way}", FAMILY[arm], WAYS[way]) for way in WAYS for arm in DEEP_FAMILY]


def run(name: str) -> dict[str, Any]:
    """Run all races of one task."""
    task, arms = TASKS[name], {}
    for label, activation, ways in (bar := tqdm(entrants(name))):
        bar.set_description(f"{name}: {label}")
        arms[label] = race(task, activation, **ways)
    known = ("sizes", "epochs", "rates", "tuning_seeds", "seeds")
    return {"told": TOLD[name], **{key: task[key] for key in known}, "arms": arms}


def report(name: str, task: dict[str, Any]) -> None:
    """Print mean accuracies, and differences to ReLU on the same seeds."""
    print(f"\n{name}: {task['told']}; {len(task['seeds'])} seeds\n")
    for label, arm in task["arms"].items():
        partner = "relu" + label[label.rfind(",") :] if name == "deep" else "relu"
        ahead = paired_difference(arm["test"], task["arms"][partner]["test"])
        mean = mean_interval(arm["test"])
        print(f"{label:28} rate {arm['rate']:<6} {mean!s:24} ahead of relu {ahead}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tasks", nargs="*", help=f"some of {', '.join(TASKS)}; by default all")
    parser.add_argument("--store", action="store_true", help="write the results for notebook 09")
    given = parser.parse_args(arguments)
    if unknown := set(given.tasks) - TASKS.keys():
        parser.error(f"no task is called {', '.join(unknown)}; there are {', '.join(TASKS)}")
    tasks = {}
    for name in given.tasks or TASKS:
        tasks[name] = run(name)
        report(name, tasks[name])
    if given.store:
        # With all tasks run there is nothing to take over, nor need there be a file yet.
        old = measured("activation_race")["tasks"] if TASKS.keys() - tasks.keys() else {}
        told = {
            "accuracy": "per cent of the test examples right, one number a seed; tuning: rates by "
            "seeds, on validation examples",
            "optimizer": "Adam, batches of 64, float64, one thread",
            "choice": "the rate with the best mean over the tuning seeds",
            "tasks": {name: task for name in TASKS if (task := (old | tasks).get(name))},
        }
        store("activation_race", told)


if __name__ == "__main__":
    main()
