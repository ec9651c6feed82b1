"""Miles per gallon: what notebook 15 finds with one test part, on nine more.

python -m experiments.numbers            # train, and print: half a minute
python -m experiments.numbers --store    # and store the results that notebook 15 draws

Ten times 98 cars are set aside for the test. Each slope of the hidden activations then tries the
same four learning rates with the same five tuning seeds, judged by cars to tune on; the best rate
is taken, and twenty fresh seeds are tested. Division 0 is the one that the notebook runs itself.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from experiments.fair import best, rounded
from experiments.results import store
from helpers.datasets import cars
from helpers.models.regressors import Regressors, fit_regressors, parts, scaled
from helpers.stats import mean_interval, paired_difference

torch.set_num_threads(1)

SIZES = (8, 32, 1)
SLOPES = (0.0, 0.01, 0.1)
RATES = (0.001, 0.003, 0.01, 0.03)
TUNING_SEEDS, SEEDS = range(1000, 1005), range(20)
DIVISIONS = range(10)


def trained(rate: float, seeds: Sequence[int], division: int) -> dict[str, np.ndarray]:
    """Train a network a slope and seed; give errors in miles per gallon, (slopes, seeds).

    "tune" is the mean absolute error on the cars to tune on, "test" the root of the mean squared
    error on those set aside.
    """
    data = cars()
    rows = parts(len(data), seeds, division=division)
    x, y = scaled(data.x, rows), scaled(data.mpg, rows)
    model = Regressors(SIZES, SLOPES, seeds)
    squared = torch.nn.MSELoss(reduction="none")
    fit_regressors(model, x.learn, y.learn, squared, learning_rate=rate)
    tune = (model.predict(x.tune) - y.tune) * y.scale
    test = (model.predict(x.test) - y.test) * y.scale
    return {
        "tune": np.abs(tune).mean(axis=(2, 3)),
        "test": np.sqrt(np.mean(test**2, axis=(2, 3))),
    }


def compared(division: int) -> dict[str, Any]:
    """Tune each slope on the same grid, then test it on fresh seeds."""
    tried = [trained(rate, TUNING_SEEDS, division)["tune"] for rate in RATES]
    tuned = np.swapaxes(tried, 0, 1)  # (slopes, rates, seeds)
    taken = [best(-errors) for errors in tuned]
    tested = {k: trained(RATES[k], SEEDS, division)["test"] for k in set(taken)}
    return {
        "rate": [RATES[k] for k in taken],
        "test": rounded(np.array([tested[k][arm] for arm, k in enumerate(taken)])),
    }


def report(told: dict[str, Any]) -> None:
    """Print mean errors over the divisions, and differences to ReLU, a pair for each division."""
    means = np.mean([one["test"] for one in told["results"]], axis=2).T  # (slopes, divisions)
    for slope, row in zip(told["slopes"], means, strict=True):
        ahead = paired_difference(row, means[0])
        print(f"slope {slope:<5} {mean_interval(row)!s:26} minus ReLU {ahead}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", action="store_true", help="write the results for notebook 15")
    given = parser.parse_args(arguments)
    told = {
        "errors": "root of the mean squared error on 98 test cars, miles per gallon: for each "
        "division a list for each slope, in it a number for each seed",
        "network": "8-32-1, 40 epochs of Adam, batches of 32, float64, one thread",
        "choice": "of each slope: the rate with the lowest mean absolute error on 74 tuning cars",
        "rates": RATES,
        "tuning_seeds": list(TUNING_SEEDS),
        "seeds": list(SEEDS),
        "slopes": SLOPES,
        "divisions": list(DIVISIONS),
        "results": [compared(number) for number in tqdm(DIVISIONS, desc="divisions")],
    }
    report(told)
    if given.store:
        store("numbers", told)


if __name__ == "__main__":
    main()
