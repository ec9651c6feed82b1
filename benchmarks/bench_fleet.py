"""Training many networks: the fleet against what one would use instead, on one thread.

256 networks 64-32-32-10 on the digits, batches of 64, Adam. Everyone does the same steps on batches
drawn beforehand or on the way; nobody measures anything on the side. Rivals:

- a loop over `nn.Sequential` models, each with its own optimiser (on a few of the networks);
- `torch.func`: `vmap` of `grad` over stacked models, with one optimiser for all;
- JAX: `jit` of `vmap` of `grad` inside `lax.scan`, compiled beforehand (if jax is installed).

It also tells how the cost grows with the number of networks, what the size of a chunk changes, and
what share of the machine's peak at multiplying matrices is reached.

    python benchmarks/bench_fleet.py
"""

from __future__ import annotations

import os

os.environ["OMP_NUM_THREADS"] = "1"
# For JAX, which reads this when it is imported: one thread, as for everyone here.
os.environ["XLA_FLAGS"] = (
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1 "
    + os.environ.get("XLA_FLAGS", "")
)

import itertools
from collections.abc import Callable

import numpy as np
import torch
from interleave import Spread, interleaved, ratio, spread
from torch import nn
from torch.func import functional_call, grad, stack_module_state, vmap

from helpers.datasets import digits, split
from helpers.fleet import Fleet, fleet
from helpers.training import Adam

SIZES, NETWORKS, BATCH, RATE = (64, 32, 32, 10), 256, 64, 1e-3
EPOCHS = 5  # of the fleet in one run, which copies parameters in and out
LOOPED = 8  # the loop's cost does not depend on how many there are
TURNS = 9

pictures = digits()
data = split(pictures.pixels, pictures.labels, seed=0)
x = torch.tensor(data.x_train, dtype=torch.float32)
y = torch.tensor(data.y_train)
BATCHES = len(x) // BATCH
EXAMPLES = BATCHES * BATCH  # whole batches only, so that everyone does the same


def model() -> nn.Module:
    return nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 10)
    )


def with_fleet(networks: int = NETWORKS) -> Callable[[], object]:
    many = Fleet(SIZES, "relu", seeds=networks, dtype=np.float32)
    return lambda: many.fit(
        data.x_train[:EXAMPLES],
        data.y_train[:EXAMPLES],
        optimizer=Adam(RATE),
        epochs=EPOCHS,
        batch_size=BATCH,
        record=[],
        progress=False,
    )


def with_loop() -> Callable[[], object]:
    models = [model() for _ in range(LOOPED)]
    optimizers = [torch.optim.Adam(one.parameters(), RATE) for one in models]
    loss = nn.CrossEntropyLoss()

    def run() -> None:
        for one, optimizer in zip(models, optimizers, strict=True):
            for batch in torch.randperm(EXAMPLES).split(BATCH):
                optimizer.zero_grad()
                loss(one(x[batch]), y[batch]).backward()
                optimizer.step()

    return run


def with_vmap() -> Callable[[], object]:
    parameters, _ = stack_module_state([model() for _ in range(NETWORKS)])
    parameters = {name: value.detach() for name, value in parameters.items()}
    skeleton = model().to("meta")
    optimizer = torch.optim.Adam(parameters.values(), RATE)

    def loss(own: dict[str, torch.Tensor], inputs: torch.Tensor, labels: torch.Tensor):
        return nn.functional.cross_entropy(functional_call(skeleton, own, (inputs,)), labels)

    gradients = vmap(grad(loss))

    def run() -> None:
        orders = torch.stack([torch.randperm(EXAMPLES) for _ in range(NETWORKS)])
        for batch in orders.split(BATCH, dim=1):
            found = gradients(parameters, x[batch], y[batch])
            for name, value in parameters.items():
                value.grad = found[name]
            optimizer.step()

    return run


def with_jax() -> Callable[[], object] | None:
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return None
    inputs, labels = jnp.array(data.x_train[:EXAMPLES], jnp.float32), jnp.array(data.y_train)

    def loss(layers, own_x, own_y):
        for w, b in layers[:-1]:
            own_x = jax.nn.relu(own_x @ w + b)
        w, b = layers[-1]
        scores = jax.nn.log_softmax(own_x @ w + b)
        return -jnp.mean(jnp.take_along_axis(scores, own_y[:, None], 1))

    def step(carry, batch):
        layers, mean, square, count = carry
        count = count + 1
        gradient = jax.vmap(jax.grad(loss))(layers, inputs[batch], labels[batch])
        mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, gradient)
        square = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, square, gradient)
        layers = jax.tree.map(
            lambda p, m, s: (
                p - RATE * (m / (1 - 0.9**count)) / (jnp.sqrt(s / (1 - 0.999**count)) + 1e-8)
            ),
            layers,
            mean,
            square,
        )
        return (layers, mean, square, count), None

    rng = np.random.default_rng(0)
    layers = [
        (
            jnp.array(rng.normal(0, np.sqrt(2 / i), (NETWORKS, i, o)), jnp.float32),
            jnp.zeros((NETWORKS, o)),
        )
        for i, o in itertools.pairwise(SIZES)
    ]
    zeros = jax.tree.map(jnp.zeros_like, layers)
    train = jax.jit(lambda carry, orders: jax.lax.scan(step, carry, orders)[0])
    orders = np.stack([rng.permutation(EXAMPLES) for _ in range(NETWORKS)])
    orders = jnp.array(orders.reshape(NETWORKS, BATCHES, BATCH).transpose(1, 0, 2))
    carry = (layers, zeros, zeros, 0.0)
    return lambda: jax.block_until_ready(train(carry, orders))


def multiplications() -> float:
    """Count the floating-point operations of a step's matrix products, for one network."""
    pairs = list(itertools.pairwise(SIZES))
    forward = sum(2 * BATCH * i * o for i, o in pairs)
    back = sum(2 * BATCH * i * o for i, o in pairs[1:])  # no gradient of the inputs is needed
    return 2 * forward + back


def peak() -> Callable[[], object]:
    """Multiply matrices of the size that suits the machine best."""
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return lambda: a @ b


def products() -> Callable[[], object]:
    """Do a step's matrix products alone, with everything in cache as it is."""
    sizes = list(itertools.pairwise(SIZES))
    stacks = 64
    a = [torch.randn(stacks, BATCH, i) for i, _ in sizes]
    w = [torch.randn(stacks, i, o) for i, o in sizes]
    d = [torch.randn(stacks, BATCH, o) for _, o in sizes]

    def run() -> None:
        for layer in range(len(sizes)):
            torch.bmm(a[layer], w[layer])
            torch.bmm(a[layer].transpose(1, 2), d[layer])
            if layer:
                torch.bmm(d[layer], w[layer].transpose(1, 2))

    run.stacks = stacks
    return run


def micro(seconds: np.ndarray, networks: int, steps: int = BATCHES) -> Spread:
    """Turn seconds of a whole run into microseconds for one network and step."""
    return spread(1e6 * seconds / networks / steps)


def main() -> None:
    torch.set_num_threads(1)
    runs = {"loop over nn.Sequential": with_loop(), "vmap(grad)": with_vmap(), "JAX": with_jax()}
    runs = {name: run for name, run in runs.items() if run is not None}
    alone = products()
    times = interleaved(
        {"fleet": with_fleet(), **runs, "products": alone, "peak": peak()}, TURNS, progress="rivals"
    )
    counts = {name: LOOPED if name.startswith("loop") else NETWORKS for name in ("fleet", *runs)}
    times["fleet"] = times["fleet"] / EPOCHS
    each = {name: times[name] / counts[name] for name in counts}
    print(
        f"{NETWORKS} networks {'-'.join(map(str, SIZES))}, batch {BATCH}, Adam, float32, 1 thread"
    )
    print(f"\n{'':26}{'us a network and step':24}time over the fleet's")
    for name in counts:
        told = ratio(each[name], each["fleet"]) if name != "fleet" else ""
        print(f"{name:26}{micro(times[name], counts[name])!s:24}{told}")

    work = multiplications()
    reached = spread(work * BATCHES / each["fleet"] / 1e9)
    alone_reached = spread(work * alone.stacks / times["products"] / 1e9)
    best = spread(2 * 1024**3 / times["peak"] / 1e9)
    share = spread((work * BATCHES / each["fleet"]) / (2 * 1024**3 / times["peak"]))
    print(
        f"\nmatrix products: the fleet does {reached} GFLOP/s, its products alone {alone_reached},"
    )
    print(f"a product of two matrices of 1024 {best}: {share} of the peak is reached.")

    print("\nCost with the number of networks, us a network and step")
    sizes = (16, 64, 256, 1024)
    grown = interleaved({str(m): with_fleet(m) for m in sizes}, 5, progress="numbers")
    for m in sizes:
        print(f"{m:6} {micro(grown[str(m)] / EPOCHS, m)}")

    print("\nCost with the size of a chunk, us a network and step")
    usual = fleet.CHUNK_BYTES
    run = with_fleet()
    for megabytes in (1, 4, 8, 16, 24, 48, 96):
        fleet.CHUNK_BYTES = megabytes * 1_000_000
        found = interleaved({"": run}, 5, progress=f"{megabytes} MB")[""]
        mark = " <- taken" if usual == fleet.CHUNK_BYTES else ""
        print(f"{megabytes:4} MB {micro(found / EPOCHS, NETWORKS)}{mark}")
    fleet.CHUNK_BYTES = usual


if __name__ == "__main__":
    main()
