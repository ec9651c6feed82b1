"""Training the digits network: `helpers` (NumPy) against torch and scikit-learn, one thread.

The same network, 64-32-10 with ReLU, the same Adam, batches, epochs and pictures; who trains it
evaluates nothing on the side but what it cannot leave out (`fit` measures loss, accuracy and dead
units after each epoch; scikit-learn the loss of the batches; the loop in torch nothing).

python benchmarks/bench_training.py
"""

import warnings

import numpy as np
import torch
from interleave import interleaved, ratio, spread
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from helpers.datasets import Split, digits, split
from helpers.network import Network
from helpers.training import Adam, accuracy, fit

EPOCHS, BATCH, RATE, HIDDEN = 20, 64, 0.003, 32
TURNS = 15


def with_helpers(data: Split, seed: int, dtype: type = np.float64) -> float:
    network = Network([64, HIDDEN, 10], "relu", seed=seed, dtype=dtype)
    fit(
        network,
        data.x_train,
        data.y_train,
        optimizer=Adam(RATE),
        epochs=EPOCHS,
        batch_size=BATCH,
        seed=seed,
        progress=False,
    )
    return accuracy(network, data.x_test, data.y_test)


def with_torch(data: Split, seed: int, dtype: torch.dtype = torch.float64) -> float:
    torch.manual_seed(seed)
    x, y = torch.tensor(data.x_train, dtype=dtype), torch.tensor(data.y_train)
    model = torch.nn.Sequential(
        torch.nn.Linear(64, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10)
    ).to(dtype)
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    loss = torch.nn.CrossEntropyLoss()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            loss(model(x[batch]), y[batch]).backward()
            optimizer.step()
    with torch.no_grad():
        predicted = model(torch.tensor(data.x_test, dtype=dtype)).argmax(1).numpy()
    return float(np.mean(predicted == data.y_test))


def with_scikit_learn(data: Split, seed: int) -> float:
    model = MLPClassifier(
        (HIDDEN,),
        learning_rate_init=RATE,
        batch_size=BATCH,
        max_iter=EPOCHS,
        n_iter_no_change=EPOCHS,
        alpha=0,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 20 epochs are what was asked for
        model.fit(data.x_train, data.y_train)
    return float(model.score(data.x_test, data.y_test))


def main() -> None:
    torch.set_num_threads(1)
    pictures = digits()
    data = split(pictures.pixels, pictures.labels, seed=0)
    contestants = {
        "helpers": lambda seed: with_helpers(data, seed),
        "helpers, float32": lambda seed: with_helpers(data, seed, np.float32),
        "torch": lambda seed: with_torch(data, seed),
        "torch, float32": lambda seed: with_torch(data, seed, torch.float32),
        "scikit-learn": lambda seed: with_scikit_learn(data, seed),
    }
    with threadpool_limits(1):
        times = interleaved(
            {name: lambda run=run: run(0) for name, run in contestants.items()},
            TURNS,
            progress="training",
        )
        shares = {name: [run(seed) for seed in range(10)] for name, run in contestants.items()}
    print(f"64-{HIDDEN}-10 on {len(data.x_train)} digits, {EPOCHS} epochs of Adam, one thread\n")
    print(f"{'':18}{'seconds':>8}   {'time over helpers':22}{'test accuracy, 10 seeds'}")
    for name, seconds in times.items():
        low, mean, high = (100 * f(shares[name]) for f in (min, np.mean, max))
        found = str(ratio(seconds, times["helpers"])) if name != "helpers" else ""
        print(
            f"{name:18}{spread(seconds).median:8.3f}   {found:22}"
            f"{mean:.1f} % ({low:.1f} to {high:.1f})"
        )


if __name__ == "__main__":
    main()
