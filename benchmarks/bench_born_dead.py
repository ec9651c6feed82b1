"""How often networks are born dead, with 100,000 drawn for each width, and how long that takes.

One pass over a width gives every depth, because what is dead stays dead. The rival draws the same
kind of network one by one with `Network`, on a few of them.

    python benchmarks/bench_born_dead.py
"""

from __future__ import annotations

import numpy as np
from interleave import interleaved, ratio, spread
from threadpoolctl import threadpool_limits
from tqdm.auto import tqdm

from helpers.born_dead import bounds, layer_of_death, share
from helpers.network import Network

SAMPLES, WIDTHS, DEPTHS = 100_000, range(2, 11), (3, 5, 10, 20, 30)
FEW = 200  # of the networks drawn one by one
ENDS = np.array([[-1.0], [1.0]])


def one_by_one() -> int:
    """Draw networks of width 4 and 10 layers, and count those that are dead."""
    dead = 0
    for seed in range(FEW):
        low, high = Network([1, *[4] * 9, 1], "relu", seed=seed).forward(ENDS)
        dead += bool(low == high)
    return dead


def main() -> None:
    print(f"Share of {SAMPLES:,} ReLU networks born dead, between the theory's bounds\n")
    outside = 0
    for width in tqdm(WIDTHS, "widths", leave=False):
        row = []
        for depth, found in zip(DEPTHS, share(width, DEPTHS, SAMPLES, seed=0), strict=True):
            low, high = bounds(width, depth)
            inside = found.high >= low and found.low <= high
            outside += not inside
            row.append(f"{found.estimate:.4f} ({low:.4f} to {high:.4f}){'' if inside else ' !'}")
        tqdm.write(f"width {width:2}, layers {DEPTHS}: " + "; ".join(row))
    print(f"\nintervals that miss the bounds: {outside} of {len(WIDTHS) * len(DEPTHS)}")
    with threadpool_limits(1):
        times = interleaved(
            {
                "stacked": lambda: layer_of_death(4, 10, 20_000),
                "one by one": one_by_one,
                "width 2, 30 layers": lambda: layer_of_death(2, 30, 20_000),
                "width 10, 30 layers": lambda: layer_of_death(10, 30, 20_000),
            },
            9,
            progress="times",
        )
    each = {"stacked": times["stacked"] / 20_000, "one by one": times["one by one"] / FEW}
    print(
        f"\nus a network (width 4, 10 layers, one thread): stacked {spread(1e6 * each['stacked'])}"
    )
    print(f"one by one takes {ratio(each['one by one'], each['stacked'])} times as long")
    for name in ("width 2, 30 layers", "width 10, 30 layers"):
        print(f"{name}: {spread(times[name] * SAMPLES / 20_000)} s for {SAMPLES:,}")


if __name__ == "__main__":
    main()
