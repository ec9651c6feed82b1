"""How long each activation takes, and what share of a training step that is: `helpers`, NumPy.

python benchmarks/bench_functions.py            # measure and print
python benchmarks/bench_functions.py --store    # and store the table that notebook 05 draws

Measured twice, in the numeric environments of tools/numeric.py: as this processor computes, and
without its newer vector instructions, on which the ratios hang more than on the functions.
"""

import argparse
import functools
import json
import os
import subprocess
import sys

import numpy as np
from interleave import interleaved, ratio, spread

from experiments.results import ROOT, store
from helpers import activations
from helpers.network import Network
from helpers.training import SGD, softmax_cross_entropy

NAMES = ("relu", "leaky_relu", "tanh", "sigmoid", "elu", "silu", "gelu")
BATCH, UNITS = 64, 1_024
TURNS = 400
# A training step: hidden layers and turns. The small network is of the size that reads digits.
STEPS = {"64-64-64-10": ([64, 64, 64, 10], 300), "64-1024-1024-10": ([64, 1024, 1024, 10], 60)}

Ratios = dict[str, dict[str, list[float]]]


def one_step(network: Network, x: np.ndarray, y: np.ndarray) -> None:
    """Forward, backward, and a step: what training repeats."""
    network.backward(softmax_cross_entropy(network.forward(x), y)[1])
    SGD(1e-3).step(network.parameters, network.gradients)


def measure() -> Ratios:
    """Time all functions and steps in turns, as ratios to ReLU's in the same turn."""
    # A large block, freed: from then on the allocator keeps memory instead of handing it back, and
    # what is timed is computing rather than the system's clearing of pages.
    np.ones(3_000_000)
    rng = np.random.default_rng(0)
    z = rng.normal(size=(BATCH, UNITS))
    x, y = rng.normal(size=(BATCH, 64)), rng.integers(10, size=BATCH)
    kinds = {name: activations.get(name) for name in NAMES}
    columns = {
        "forward": ({n: functools.partial(f, z) for n, f in kinds.items()}, TURNS),
        "derivative": ({n: functools.partial(f.derivative, z) for n, f in kinds.items()}, TURNS),
    }
    for size, (sizes, turns) in STEPS.items():
        steps = {n: functools.partial(one_step, Network(sizes, n, seed=0), x, y) for n in NAMES}
        columns[f"step {size}"] = (steps, turns)
    found: Ratios = {name: {} for name in NAMES}
    for column, (calls, turns) in columns.items():
        times = interleaved(calls, turns)
        print(f"{column}: relu {1e6 * spread(times['relu']).median:,.0f} µs", file=sys.stderr)
        for name in NAMES:
            found[name][column] = [round(value, 3) for value in ratio(times[name], times["relu"])]
    return found


def in_environment(name: str) -> Ratios:
    """Measure in a fresh Python, under one of the numeric environments, on one thread."""
    from tools import numeric

    command = [sys.executable, __file__, "--one"]
    environ = numeric.environ(name, 1, os.environ)
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="write the table for notebook 05")
    parser.add_argument("--one", action="store_true", help="measure once and print JSON")
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure()))
        return
    sys.path.insert(0, str(ROOT))
    from tools import numeric

    tables = {name: in_environment(name) for name in numeric.environments()}
    for environment, table in tables.items():
        columns = list(table["relu"])
        print(f"\n{environment}: times relu, median [quartiles], one thread, float64\n")
        print(f"{'':10} " + " ".join(f"{column:>22}" for column in columns))
        for name, row in table.items():
            cells = ["{:.2f} [{:.2f}, {:.2f}]".format(*row[column]) for column in columns]
            print(f"{name:10} " + " ".join(f"{cell:>22}" for cell in cells))
    if given.store:
        told = {
            "ratio": "time over relu's in the same turn: median, lower and upper quartile",
            "array": f"{BATCH} x {UNITS} normal numbers, float64, one thread",
            "step": f"batch of {BATCH}: forward, backward, SGD",
            "turns": {"functions": TURNS} | {size: turns for size, (_, turns) in STEPS.items()},
            "environments": tables,
        }
        store("activation_times", told)


if __name__ == "__main__":
    main()
