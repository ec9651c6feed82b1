"""The models of notebooks 12 to 16: training against the plainest loop, ReLU against leaky ReLU.

python benchmarks/bench_models.py

Training: ours against what one would write in PyTorch without thinking of speed: a DataLoader over
a TensorDataset, `torch.optim.Adam`, zero_grad, backward, step. The same model, initial weights,
examples, size of batch and epochs. `helpers.models.training.train` also follows the norm of the
gradients and watches for a loss that blows up; the plain loop does nothing of that. The detector
of notebook 13 learns from scenes that are drawn for it, and drawing counts for both. The networks
of notebook 15 are trained as one stack, against one plain loop after another. The last columns are
losses at the end, on all that was learned from, of five trainings each: whoever is faster must not
have learned less. (The detector's learning rate rises and falls, which so few steps do not repay.)

Inference: 256 inputs through the network, without gradients, with ReLU and with leaky ReLU.
"""

import copy
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from interleave import interleaved, ratio, spread
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from helpers.activations import leaky_relu
from helpers.datasets import digits
from helpers.datasets.names import names
from helpers.datasets.scenes import scenes
from helpers.models import detector, recurrent
from helpers.models.frameworks import to_torch
from helpers.models.images import Convnet
from helpers.models.regressors import Regressors, fit_regressors, sequential
from helpers.models.start import he_
from helpers.models.training import train
from helpers.network import Network

RATE = 0.003
TURNS, TURNS_INFERENCE = 15, 60

Loss = Callable[[Tensor, Tensor], Tensor]
Trained = Callable[[], nn.Module]


class Case(NamedTuple):
    """A model and what it learns from."""

    make: Callable[[float], nn.Module]  # of a slope
    x: Tensor
    y: Tensor
    loss: Loss
    epochs: int
    batch: int = 64
    clip: float | None = None


class Race(NamedTuple):
    """Two ways to train, and how to judge what comes out."""

    ours: Trained
    plain: Trained
    judge: Callable[[nn.Module], float]


def plain(model: nn.Module, case: Case) -> nn.Module:
    """Train as one would write it."""
    data = TensorDataset(case.x, case.y)
    loader = DataLoader(data, batch_size=case.batch, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    for _ in range(case.epochs):
        for x, y in loader:
            optimizer.zero_grad()
            case.loss(model(x), y).backward()
            optimizer.step()
    return model


def ours(model: nn.Module, case: Case) -> nn.Module:
    """Train as notebooks 12 and 14 do."""
    seed = int(torch.randint(1_000_000, ()))  # another order at each call, as a DataLoader has it
    given = {"learning_rate": RATE, "epochs": case.epochs, "batch_size": case.batch, "seed": seed}
    train(model, case.x, case.y, case.loss, clip=case.clip, progress=False, **given)
    return model


@torch.no_grad()
def loss_of(model: nn.Module, case: Case) -> float:
    """Give the loss on all examples."""
    return case.loss(model.eval()(case.x), case.y).item()


def race(case: Case) -> Race:
    """Train copies of one model, both ways."""
    model = case.make(0.0)
    return Race(
        lambda: ours(copy.deepcopy(model), case),
        lambda: plain(copy.deepcopy(model), case),
        partial(loss_of, case=case),
    )


# --- the models of the notebooks ---


def pictures(size: int, *, normalize: bool = False) -> Case:
    """Give the network of notebook 12, and digits in frames of some size."""
    small = torch.from_numpy(digits().pixels.reshape(-1, 1, 8, 8))[:1011]
    x = functional.pad(small, [(size - 8) // 2] * 4)
    y = torch.from_numpy(digits().labels)[:1011]

    def make(slope: float) -> nn.Module:
        return he_(Convnet(size, slope, normalize).double(), slope)

    return Case(make, x, y, functional.cross_entropy, epochs=2, batch=32)


def objects(count: int) -> Case:
    """Give the detector of notebook 13, and crowded scenes as it learns from."""
    drawn = scenes(count, seed=0, most=detector.CROWD)
    weights = torch.tensor(detector.WEIGHTS)
    return Case(
        lambda slope: he_(detector.Detector(slope), slope),
        torch.from_numpy(drawn.images),
        detector.targets(drawn),
        lambda output, target: detector.loss_parts(output, target) @ weights,
        epochs=1,
        batch=32,
    )


def text(make: Callable[[float], nn.Module]) -> Case:
    """Give a network of notebook 14, and names."""
    part, _ = names().split(seed=0)
    x, y = torch.from_numpy(part.letters), torch.from_numpy(part.labels)
    return Case(make, x, y, functional.cross_entropy, epochs=2, clip=1.0)


def pieces() -> Case:
    """Give the linear model of notebook 14, which counts pieces of names."""
    letters = torch.from_numpy(names().split(seed=0)[0].letters)
    return text(lambda slope: recurrent.Ngrams(letters).double())


def carried() -> Case:
    """Give the network of notebook 16, eight hidden layers, and digits."""

    def make(slope: float) -> nn.Module:
        activation = leaky_relu(slope=slope) if slope else "relu"
        return to_torch(Network([64, *[32] * 8, 10], activation, seed=0))

    x, y = torch.from_numpy(digits().pixels)[:1348], torch.from_numpy(digits().labels)[:1348]
    return Case(make, x, y, functional.cross_entropy, epochs=2)


def reader(slope: float) -> nn.Module:
    kind = "leaky_relu" if slope else "relu"
    return recurrent.start_(recurrent.Reader(kind, slope).double(), "identity")


CASES: dict[str, Callable[[], Case]] = {
    "12 convnet, 8x8": partial(pictures, 8),
    "12 convnet, 8x8, normalised": partial(pictures, 8, normalize=True),
    "12 convnet, 12x12": partial(pictures, 12),
    "14 recurrent, written out": lambda: text(reader),
    "14 n-grams": pieces,
    "16 eight dense layers": carried,
    "14 GRU": lambda: text(lambda slope: recurrent.start_(recurrent.GateReader().double())),
}


def detectors(steps: int = 20) -> Race:
    """Train detectors, each on scenes that are drawn for it."""
    case = objects(steps * 32)

    def one_by_one() -> nn.Module:
        return plain(he_(detector.Detector(0.1), 0.1), objects(steps * 32))

    return Race(
        lambda: detector.train_detector(steps=steps, learning_rate=RATE, progress=False),
        one_by_one,
        partial(loss_of, case=case),
    )


def regressors(count: int = 20) -> Race:
    """Train many networks of notebook 15, each on rows of its own."""
    rng, sizes = np.random.default_rng(0), [8, 32, 1]
    x = rng.normal(size=(count, 220, 8))
    y = x[..., :1] ** 2
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    squared = nn.MSELoss(reduction="none")

    def stack() -> nn.Module:
        model = Regressors(sizes, [0.0], count)
        return fit_regressors(model, x, y, squared, learning_rate=RATE, epochs=10, batch_size=32)

    def one_by_one() -> nn.Module:
        trained = []
        for seed, (own_x, own_y) in enumerate(zip(inputs, targets, strict=True)):
            case = Case(he_, own_x, own_y, functional.mse_loss, epochs=10, batch=32)
            trained.append(plain(sequential(Network(sizes, "relu", seed=seed)), case))
        return nn.ModuleList(trained)

    @torch.no_grad()
    def judge(model: nn.Module) -> float:
        said = (
            model(inputs)[0]
            if isinstance(model, Regressors)
            else torch.stack([one(x) for one, x in zip(model, inputs, strict=True)])
        )
        return functional.mse_loss(said, targets).item()

    return Race(stack, one_by_one, judge)


def training() -> None:
    print("Training: time of ours over that of the plain loop; median [quartiles]\n")
    print(f"{'':30}{'seconds, plain':>14}   {'ours over plain':22}loss at the end: ours, plain")
    races = {name: partial(lambda make: race(make()), make) for name, make in CASES.items()}
    races |= {"13 detector": detectors, "15 regression, 20 networks": regressors}
    for name in sorted(races):
        one = races[name]()
        times = interleaved({"ours": one.ours, "plain": one.plain}, TURNS, progress=name)
        share = ratio(times["ours"], times["plain"])
        ends = ([one.judge(way()) for _ in range(5)] for way in (one.ours, one.plain))
        losses = ", ".join(f"{np.mean(values):.2f} ± {np.std(values):.2f}" for values in ends)
        print(f"{name:30}{spread(times['plain']).median:14.2f}   {share!s:22}{losses}", flush=True)


def inference() -> None:
    print("\nInference: time with leaky ReLU (slope 0.1) over that with ReLU; median [quartiles]\n")
    print(f"{'':30}{'ms, ReLU':>14}   leaky over ReLU")
    chosen = {"13 detector": partial(objects, 256)} | CASES
    for neither in ("14 GRU", "14 n-grams"):
        del chosen[neither]
    for name in sorted(chosen):
        case = chosen[name]()
        models = {slope: case.make(slope).eval() for slope in (0.0, 0.1)}
        models[0.1].load_state_dict(models[0.0].state_dict())
        calls = {str(slope): partial(model, case.x[:256]) for slope, model in models.items()}
        with torch.no_grad():
            times = interleaved(calls, TURNS_INFERENCE, number=2, progress=name)
        share = ratio(times["0.1"], times["0.0"])
        print(f"{name:30}{1000 * spread(times['0.0']).median:14.2f}   {share}", flush=True)


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    # Once a large tensor has come and gone, as in any real program, memory for smaller ones is kept
    # at hand.
    torch.ones(8_000_000)
    training()
    inference()


if __name__ == "__main__":
    main()
