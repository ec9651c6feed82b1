"""Which language is a name in? Recurrent networks, a GRU and a linear baseline, tuned alike.

python -m experiments.text            # compare, and print
python -m experiments.text --store    # and store what notebook 14 draws

The function that trains a network is `helpers.models.recurrent.learn`: notebook 14 calls it again
for one seed. Finished runs are kept in build/results/text; delete that folder after a change of it.
"""

import argparse
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from experiments.fair import compare, kept_runs, report, rounded
from experiments.results import store
from helpers.datasets.names import LANGUAGES
from helpers.models.recurrent import ARMS, LONG, run
from helpers.stats import paired_difference
from helpers.sweep import sweep

torch.set_num_threads(1)

RATES = [0.001, 0.003, 0.01, 0.03, 0.1]
TUNING_SEEDS, SEEDS = list(range(100, 105)), list(range(20))
TASK: dict[str, Any] = {"epochs": 15, "clip": 1.0}
CLIPPED_ARM = "relu, identity"
CLIPPED_RATES, CLIPPED_SEEDS = [0.01, 0.03], SEEDS[:10]


def clipping() -> dict[str, Any]:
    """Train one arm with and without clipping, at two rates, on the same seeds."""
    found: dict[str, Any] = {"arm": CLIPPED_ARM, "rates": CLIPPED_RATES, "seeds": CLIPPED_SEEDS}
    for name, clip in (("clipped", TASK["clip"]), ("not clipped", math.inf)):
        print(f"clipping: {name}", flush=True)
        grid = {"learning_rate": CLIPPED_RATES, "arm": [CLIPPED_ARM] * 2, "clip": [clip] * 2}
        ran = sweep(grid, CLIPPED_SEEDS, run, epochs=TASK["epochs"], **kept_runs("text"))
        found[name] = {key: rounded(ran[key]) for key in ("test", "gradient")}
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="write the results for notebook 14")
    given = parser.parse_args(arguments)
    arms = {arm: {"arm": arm} for arm in ARMS}
    found = compare("text", run, arms, RATES, tuning_seeds=TUNING_SEEDS, seeds=SEEDS, **TASK)
    for arm in found["arms"].values():  # summed over the seeds
        arm["confusion"] = np.sum(arm["confusion"], axis=0).astype(int).tolist()
    report(found, "relu, identity")
    clipped = clipping()
    for place, rate in enumerate(CLIPPED_RATES):
        both = (clipped[name]["test"][place] for name in ("clipped", "not clipped"))
        print(f"{CLIPPED_ARM}, rate {rate}: clipped less not {paired_difference(*both)}")
    if given.store:
        told = {
            "accuracy": "per cent of the names read correctly, one number a seed; tuning: rates by "
            "seeds, on territories that are neither learned from nor tested on",
            "confusion": "names by language, as taken for each, summed over the seeds",
            "gradient": "largest norm of the gradients of a training, before clipping",
            "growth": "norm of the state after so many letters of names joined, as a power of ten",
            "letters": list(LONG),
            "optimizer": "Adam, batches of 64, float64, one thread",
            "choice": "the rate with the best mean over the tuning seeds",
            "languages": list(LANGUAGES),
            **TASK,
            **found,
            "clipping": clipped,
        }
        store("text", told)


if __name__ == "__main__":
    main()
