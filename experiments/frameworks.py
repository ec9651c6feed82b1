"""What a port changes without saying so: default slopes and default initial weights.

python -m experiments.frameworks            # run a small part again, compare with what is stored
python -m experiments.frameworks --store    # run all of it (about ten minutes) and store it

Networks of 32 units a layer learn to read digits with each of the slopes that `LeakyReLU()` has in
torch and in Keras, from He's initial weights and from the default ones of both frameworks. Then the
same weights are read with each of the slopes, as where weights are carried and the slope is not.
Nothing is tuned: a port has the rate of the script that it ports, and all rates tried are stored.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from experiments.results import store
from helpers.datasets import measured
from helpers.models.frameworks import DEFAULT_SLOPES, STARTS, port
from helpers.stats import mean_interval, paired_difference

torch.set_num_threads(1)

NAME = "framework_ports"
SLOPES = list(DEFAULT_SLOPES.values())
LAYERS, RATES, EPOCHS = (1, 4, 8, 16), (0.001, 0.003), 15
SEEDS = list(range(20))
AGAIN = {"layers": 4, "start": "He", "learning_rate": 0.003}  # the part that is run again
WITHIN = 1.0  # points


def trained(layers: int, start: str, learning_rate: float, seeds: list[int]) -> dict[str, Any]:
    """Run one part, and tell it as it is stored."""
    settings = {"layers": layers, "start": start, "learning_rate": learning_rate}
    right = port(seeds, epochs=EPOCHS, **settings)
    return {**settings, "right": right.round(3)}


def report(part: dict[str, Any]) -> None:
    """Print means, and what changes against the slope of torch, on the same seeds."""
    right = np.asarray(part["right"])
    print(f"\n{part['layers']} hidden layers, {part['start']}, rate {part['learning_rate']}")
    for place, slope in enumerate(SLOPES):
        anew = right[place, place]
        change = paired_difference(anew, right[0, 0]) if place else ""
        read = "  ".join(f"{mean:5.1f}" for mean in right[place].mean(axis=-1))
        print(f"  slope {slope:<5} {mean_interval(anew)!s:22} {change!s:24} read with each: {read}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="run all and write the results")
    if not parser.parse_args(arguments).store:
        part = trained(**AGAIN, seeds=SEEDS[:2])
        report(part)
        stored = next(one for one in measured(NAME)["parts"] if AGAIN.items() <= one.items())
        apart = np.abs(part["right"] - np.array(stored["right"])[..., :2]).max()
        print(f"\nas stored, within {WITHIN} point: {apart <= WITHIN}")
        return
    parts = []
    grid = [(n, start, rate) for n in LAYERS for start in STARTS for rate in RATES]
    for settings in tqdm(grid):
        parts.append(trained(*settings, seeds=SEEDS))
        report(parts[-1])
    told = {
        "right": "per cent of 449 pictures read correctly, by slope trained with, slope read with "
        "(both as in slopes), seed",
        "task": "digits, 1,348 pictures to learn from; 32 units in each hidden layer",
        "training": f"Adam, batches of 64, {EPOCHS} epochs, float64, one thread; nothing tuned",
        "slopes": SLOPES,
        "seeds": SEEDS,
        "epochs": EPOCHS,
        "parts": parts,
    }
    store(NAME, told)


if __name__ == "__main__":
    main()
