"""ReLU and leaky ReLU: `helpers` (NumPy) against torch on one thread, in float32.

python benchmarks/bench_activations.py
"""

import functools

import numpy as np
import torch
from interleave import interleaved, ratio, spread

from helpers.activations import leaky_relu, relu

# Elements, turns, and calls timed together.
SIZES = [(1_000, 200, 100), (100_000, 400, 20), (4_000_000, 60, 1)]
GOAL = 1.5  # at most, from this size on:
GOAL_SIZE = 100_000

FUNCTIONS = {
    "relu": (relu, torch.relu),
    "leaky_relu": (
        leaky_relu(slope=0.01),
        functools.partial(torch.nn.functional.leaky_relu, negative_slope=0.01),
    ),
}


def main() -> None:
    torch.set_num_threads(1)
    print("Time of helpers (NumPy) over torch, one thread, float32; median [quartiles]\n")
    print(f"{'':10} {'elements':>9} {'helpers, µs':>12} {'torch, µs':>12}   {'ratio':18} goal")
    for name, (ours, theirs) in FUNCTIONS.items():
        for size, repeats, number in SIZES:
            z = np.random.default_rng(0).normal(size=size).astype(np.float32)
            tensor = torch.from_numpy(z)
            times = interleaved(
                {
                    "helpers": functools.partial(ours, z),
                    "torch": functools.partial(theirs, tensor),
                },
                repeats,
                number,
                progress=f"{name}, {size:,} elements",
            )
            found = ratio(times["helpers"], times["torch"])
            goal = ""
            if size >= GOAL_SIZE:
                goal = f"{'met' if found.median <= GOAL else 'MISSED'} (at most {GOAL})"
            microseconds = [1e6 * spread(times[who]).median for who in ("helpers", "torch")]
            print(
                f"{name:10} {size:9,} {microseconds[0]:12,.1f} {microseconds[1]:12,.1f}   "
                f"{found!s:18} {goal}"
            )


if __name__ == "__main__":
    main()
