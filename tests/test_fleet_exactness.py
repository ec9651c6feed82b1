"""Each network of a fleet against the same network trained alone, with torch.nn and with fit."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn
from torch_twins import TORCH

from helpers import activations, training
from helpers.activations import elu, leaky_relu
from helpers.fleet import Fleet, kernels, stack, trainer
from helpers.network import Network
from helpers.training import SGD, Adam

SIZES = (5, 7, 7, 6, 3)
N, BATCH = 56, 16
EPOCHS = 50  # 200 steps, the last batch of each epoch a small one
OPTIMIZERS = (SGD(0.1), SGD(0.05, momentum=0.9), Adam(1e-3), Adam(1e-3, weight_decay=0.01))
KINDS = {
    "sgd": lambda parameters, o: torch.optim.SGD(
        parameters, o.learning_rate, momentum=o.momentum, weight_decay=o.weight_decay
    ),
    "adam": lambda parameters, o: torch.optim.Adam(
        parameters, o.learning_rate, (o.beta1, o.beta2), o.eps, o.weight_decay
    ),
}
rng = np.random.default_rng(0)
# Something that can be learned, so that training is calm: chaos would magnify the last digits.
X = 0.7 * rng.normal(size=(N, 5))
NUMBERS = np.sin(X @ rng.normal(size=(5, 3)))
LABELS = NUMBERS.argmax(axis=1)


class Alone(nn.Module):
    """One network of a fleet, made of torch's own modules."""

    def __init__(self, fleet, arm, number):
        super().__init__()
        arrays = [torch.tensor(array[arm, number]) for array in fleet.parameters]
        hidden, dtype = fleet.design.hidden, arrays[0].dtype
        self.linear = nn.ModuleList()
        for w, b in batched_pairs(arrays[: 2 * hidden + 2]):
            layer = nn.Linear(*w.shape).to(dtype)
            with torch.no_grad():
                layer.weight.copy_(w.T)
                layer.bias.copy_(b)
            self.linear.append(layer)
        self.name, self.skip = fleet.activation.name, fleet.design.skip
        self.prelu = nn.ModuleList(nn.PReLU(dtype=dtype) for _ in arrays[2 * hidden + 2 :])
        with torch.no_grad():
            for module, slope in zip(self.prelu, arrays[2 * hidden + 2 :], strict=True):
                module.weight.fill_(slope)
        self.norm = nn.ModuleList(
            nn.BatchNorm1d(size, affine=False).to(dtype)
            for size in fleet.sizes[1:-1] * fleet.design.normalize
        )
        slope = None if fleet.slope is None else float(fleet.slope[arm])
        self.function = (
            (lambda z: torch.nn.functional.leaky_relu(z, slope))
            if self.name in ("relu", "leaky_relu") and slope
            else TORCH[fleet.activation]
        )
        self.leaks = []

    def forward(self, x):
        for place, layer in enumerate(self.linear[:-1]):
            z = layer(x)
            if self.norm:  # the bias comes after the normalisation
                z = self.norm[place](z - layer.bias) + layer.bias
            if self.name == "prelu":
                a = self.prelu[place](z)
            elif self.leaks:
                a = torch.where(z > 0, z, self.leaks[place] * z)
            else:
                a = self.function(z)
            x = a + x if self.skip and a.shape == x.shape else a
        return self.linear[-1](x)

    def fit(self, x, y, optimizer, epochs, seed, activation, clip=None):
        kind = KINDS["sgd" if isinstance(optimizer, SGD) else "adam"](self.parameters(), optimizer)
        loss = nn.CrossEntropyLoss() if y.dtype == np.int64 else nn.MSELoss()
        dtype = self.linear[0].weight.dtype
        x, y = torch.tensor(x, dtype=dtype), torch.tensor(y)
        y = y.to(dtype) if y.is_floating_point() else y
        draws = trainer.Draws([seed], activation, [m.out_features for m in self.linear[:-1]])
        for _ in range(epochs):
            order = torch.tensor(draws.orders(len(x))[0])
            for batch in order.split(BATCH):
                leaks = draws.leaks(len(batch))
                self.leaks = [torch.tensor(layer[0], dtype=dtype) for layer in leaks]
                kind.zero_grad()
                loss(self(x[batch]), y[batch]).backward()
                if clip is not None:
                    nn.utils.clip_grad_norm_(self.parameters(), clip)
                kind.step()
        self.leaks = []
        return self

    def arrays(self):
        pairs = [(m.weight.detach().numpy().T, m.bias.detach().numpy()) for m in self.linear]
        slopes = [m.weight.detach().numpy()[0] for m in self.prelu]
        return [*itertools.chain(*pairs), *slopes]


def batched_pairs(arrays):
    return zip(arrays[::2], arrays[1::2], strict=True)


def largest_difference(fleet, alone, arm, number):
    ours = [array[arm, number] for array in fleet.parameters]
    return max(np.abs(a - b).max() for a, b in zip(ours, alone.arrays(), strict=True))


def check(fleet, x, y, optimizer, epochs=EPOCHS, tolerance=1e-10, clip=None):
    alone = {
        (arm, number): Alone(fleet, arm, number)
        for arm in range(fleet.arms)
        for number in range(len(fleet.seeds))
    }
    before = [array.copy() for array in fleet.parameters]
    fleet.fit(x, y, optimizer=optimizer, epochs=epochs, batch_size=BATCH, clip=clip, record=[])
    assert all(not np.array_equal(a, b) for a, b in zip(before, fleet.parameters, strict=True))
    for (arm, number), network in alone.items():
        own = optimizer
        if fleet.learning_rate is not None:
            rate = float(fleet.learning_rate[arm])
            own = type(optimizer)(
                **{k: v for k, v in vars(optimizer).items() if not k.startswith("_")}
                | {"learning_rate": rate}
            )
        network.fit(x, y, own, epochs, fleet.seeds[number], fleet.activation, clip)
        assert largest_difference(fleet, network, arm, number) < tolerance
    return alone


KNOWN = [a for a in TORCH if a.name in (*stack.PIECEWISE, *kernels.smooth_names())]
# Where the negative side is steeper than the positive one, steps must be small: training blows up
# otherwise, or is chaotic.
STEEP = (leaky_relu(3.7), elu(2.5))


def test_no_activation_is_left_out():
    assert {a.name for a in KNOWN} == set(activations.names()) - {"step"}


@pytest.mark.no_cover  # the same lines, two hundred times; the other tests cover them
@pytest.mark.parametrize("optimizer", OPTIMIZERS[:3], ids=str)
@pytest.mark.parametrize("activation", KNOWN, ids=str)
def test_two_hundred_steps_are_those_of_torch(activation, optimizer):
    fleet = Fleet(
        SIZES, activation, seeds=[3, 11], learning_rate=1e-3 if activation in STEEP else None
    )
    check(fleet, X, LABELS, optimizer)


@pytest.mark.parametrize("name", ["relu", "prelu", "gelu"])
def test_weight_decay(name):
    check(Fleet(SIZES, name, seeds=[3, 11]), X, NUMBERS, Adam(1e-3, weight_decay=0.01))
    check(Fleet(SIZES, name, seeds=[3]), X, LABELS, SGD(0.1, momentum=0.5, weight_decay=0.01))


@pytest.mark.parametrize("name", ["relu", "prelu"])
def test_arms_have_slopes_rates_biases_and_gains_of_their_own(name):
    fleet = Fleet(
        SIZES,
        name,
        seeds=[4, 2, 9],
        slope=[0, 0.01, 1, -0.1, 1.5],
        learning_rate=[0.1, 0.03, 0.1, 0.1, 0.01],
        bias=[0, -0.5, 0, 0.2, 0],
        gain=[1, 1, 0.5, 0.9, 0.7],
    )
    check(fleet, X, NUMBERS, SGD(0.5, momentum=0.5), epochs=20)


@pytest.mark.parametrize("optimizer", [OPTIMIZERS[0], OPTIMIZERS[2]], ids=str)
@pytest.mark.parametrize(
    "settings", [{"normalize": True}, {"skip": True}, {"normalize": True, "skip": True}], ids=str
)
def test_normalisation_and_skip_connections(settings, optimizer):
    for activation in ("relu", "tanh", "prelu"):
        fleet = Fleet(SIZES, activation, seeds=[3, 11], **settings)
        alone = check(fleet, X, LABELS, optimizer, tolerance=1e-9)
        outs = fleet.outputs(X)
        for (arm, number), network in alone.items():
            theirs = network.eval()(torch.tensor(X)).detach().numpy()
            np.testing.assert_allclose(outs[arm, number], theirs, atol=1e-8)


def test_gradients_are_clipped_network_by_network():
    fleet = Fleet(SIZES, seeds=4)
    check(fleet, X, LABELS, SGD(0.5), clip=0.1)
    assert Fleet(SIZES, seeds=4).fit(X, LABELS, epochs=1, clip=1e9) is not None


def test_chunks_do_not_matter(monkeypatch):
    results = []
    for space in (1, 100_000, 100_000_000):
        monkeypatch.setattr("helpers.fleet.fleet.CHUNK_BYTES", space)
        fleet = Fleet(SIZES, "rrelu", seeds=7, learning_rate=[0.1, 0.01, 0.1])
        results.append((fleet.fit(X, LABELS, epochs=3), fleet.parameters))
    for history, parameters in results[1:]:
        np.testing.assert_allclose(history.loss, results[0][0].loss, rtol=1e-12)
        for ours, theirs in zip(parameters, results[0][1], strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("activation", KNOWN, ids=str)
def test_one_step_in_float32(activation):
    for optimizer in OPTIMIZERS:
        fleet = Fleet(SIZES, activation, seeds=[3, 11], dtype=np.float32)
        alone = [Alone(fleet, 0, number) for number in (0, 1)]
        fleet.fit(X[:BATCH], LABELS[:BATCH], optimizer=optimizer, epochs=1, batch_size=BATCH)
        for number, network in enumerate(alone):
            network.fit(X[:BATCH], LABELS[:BATCH], optimizer, 1, fleet.seeds[number], activation)
            assert largest_difference(fleet, network, 0, number) < 1e-6


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=str)
def test_a_member_is_what_network_and_fit_make_of_its_seed(optimizer):
    fleet = Fleet(SIZES, leaky_relu(0.1), seeds=[5, 8])
    history = fleet.fit(
        X, LABELS, optimizer=optimizer, epochs=20, batch_size=BATCH, test=(X[:9], LABELS[:9])
    )
    for number, seed in enumerate(fleet.seeds):
        network = Network(SIZES, leaky_relu(0.1), seed=seed)
        own = type(optimizer)(**{k: v for k, v in vars(optimizer).items() if k[0] != "_"})
        alone = training.fit(
            network,
            X,
            LABELS,
            optimizer=own,
            epochs=20,
            batch_size=BATCH,
            seed=seed,
            test=(X[:9], LABELS[:9]),
            progress=False,
        )
        for name in ("loss", "accuracy", "test_loss", "test_accuracy"):
            ours = getattr(history, name)[:, 0, number]
            np.testing.assert_allclose(ours, getattr(alone, name), atol=1e-10)
        for name in ("dead", "always_off"):
            ours = history.share(name)[:, 0, number]
            np.testing.assert_allclose(ours, getattr(alone, name), atol=1e-12)
        copied = fleet.network(0, number)
        np.testing.assert_allclose(copied.forward(X), network.forward(X), atol=1e-9)
