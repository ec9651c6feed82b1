"""`what_if` compares fixes fairly, on copies, and each fix does what it says."""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader, Dataset, TensorDataset

from helpers.health import diagnose, watch
from helpers.health.batches import Batches
from helpers.remedies import (
    ClipGradients,
    Fix,
    LeakySlope,
    LearningRate,
    Outcome,
    Reinit,
    ResetBias,
    StandardizeInputs,
    Trial,
    WhatIf,
    what_if,
)

Maker = Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Begin each test with the same random numbers."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def data(count: int = 96) -> tuple[Tensor, Tensor]:
    x = torch.randn(count, 3, generator=generator())
    return x, x.abs().sum(1, keepdim=True)


def half_dead(dead: int = 6, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Return a network of which some units are dead."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 12), activation(), nn.Dropout(0.1), nn.Linear(12, 1))
    with torch.no_grad():
        model[0].bias.fill_(1.0)
        model[0].bias[:dead] = -50.0
    return model


def sgd(parameters: Iterator[nn.Parameter]) -> torch.optim.Optimizer:
    return torch.optim.SGD(parameters, lr=0.05)


def tried(fixes: dict[str, Fix], **options: Any) -> WhatIf:
    """Try fixes on a half-dead network."""
    given: dict[str, Any] = {"optimizer": sgd, "steps": 20, "seeds": 2, "batch_size": 32}
    given |= {"model": half_dead(), "data": data(), "loss": functional.mse_loss} | options
    return what_if(given.pop("model"), given.pop("data"), given.pop("loss"), fixes=fixes, **given)


class Spy(Fix):
    """Keeps what its copy sees and is."""

    def __init__(self) -> None:
        self.batches: list[list[Tensor]] = []
        self.trials: list[Trial] = []

    def apply(self, trial: Trial) -> None:
        seen: list[Tensor] = []
        self.batches.append(seen)
        self.trials.append(trial)

        def look(module: nn.Module, args: tuple) -> None:
            if module.training:
                seen.append(args[0].clone())

        trial.model.register_forward_pre_hook(look)


# --- the model is left as it was ---


def everything(model: nn.Module, optimizer: torch.optim.Optimizer) -> list[Any]:
    """Return all that a trial might change."""
    return [
        [value.clone() for value in model.state_dict().values()],
        [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        [module.training for module in model.modules()],
        [p.requires_grad for p in model.parameters()],
        copy.deepcopy(optimizer.state_dict()),
        torch.get_rng_state(),
        np.random.get_state()[1].tolist(),  # noqa: NPY002
        random.getstate(),
        [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()],
    ]


def same(some: Any, others: Any) -> bool:
    flat, other = (torch.utils._pytree.tree_leaves(part) for part in (some, others))
    return len(flat) == len(other) and all(
        torch.equal(a, b) if isinstance(a, Tensor) else a == b
        for a, b in zip(flat, other, strict=True)
    )


class Fails(Fix):
    """Fails at once, or at a later step."""

    def __init__(self, error: BaseException, step: int) -> None:
        self.error, self.left = error, step

    def apply(self, trial: Trial) -> None:
        self.count()
        trial.after_backward.append(self.count)

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error


def trained_model() -> tuple[nn.Module, torch.optim.Optimizer]:
    """Return a model in training, with batch norm, moments, and gradients not yet used."""
    model = half_dead()
    model.insert(1, nn.BatchNorm1d(12))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = data()
    for _ in range(3):
        optimizer.step()
        functional.mse_loss(model(x), y).backward()
    model[1].eval()
    with torch.no_grad():
        model[1].bias[:6] = -50.0
    return model, optimizer


ALL: dict[str, Fix] = {
    "leak": LeakySlope(0.1),
    "slower": LearningRate(0.5),
    "anew": Reinit(),
    "bias": ResetBias(),
    "standard": StandardizeInputs(),
    "clip": ClipGradients(0.1),
}


def test_nothing_is_changed_but_copies() -> None:
    model, optimizer = trained_model()
    before = everything(model, optimizer)
    found = tried(ALL, model=model, optimizer=optimizer, steps=3, seeds=1)
    assert same(before, everything(model, optimizer))
    assert found.fixes == ["nothing", *ALL]
    assert _get_current_function_mode_stack() == []


@pytest.mark.parametrize("step", [0, 3])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt])
def test_nothing_is_changed_after_an_error(kind: type[BaseException], step: int) -> None:
    model, optimizer = trained_model()
    before = everything(model, optimizer)
    with pytest.raises(kind) as caught:
        tried(
            {"leak": LeakySlope(), "bad": Fails(kind("x"), step)}, model=model, optimizer=optimizer
        )
    assert same(before, everything(model, optimizer))
    assert _get_current_function_mode_stack() == []
    if kind is ValueError:
        (note,) = (n for n in caught.value.__notes__ if "bad" in n)
        assert ("applied" in note) == (step == 0)


def test_interrupted_it_gives_the_seeds_that_are_complete() -> None:
    model, optimizer = trained_model()
    before = everything(model, optimizer)
    # Called once as it is applied and once a step: 2 seeds of 5 steps are 12 calls.
    late = Fails(KeyboardInterrupt(), 14)
    found = tried({"late": late}, model=model, optimizer=optimizer, steps=5, seeds=4)
    assert found.interrupted
    assert [(o.fix, o.seed) for o in found.outcomes] == [
        ("nothing", 0),
        ("late", 0),
        ("nothing", 1),
        ("late", 1),
    ]
    assert "means over 2 seeds; stopped before the others" in str(found)
    assert found.to_dict()["interrupted"] is True
    assert same(before, everything(model, optimizer))


def test_in_a_watched_loop_copies_are_not_counted() -> None:
    model = half_dead()
    with watch(model, 1) as monitor:
        model(data()[0])
        tried({"leak": LeakySlope()}, model=model, steps=2, seeds=1)
        model(data()[0])
    assert monitor.passes == 2


def test_parts_in_eval_mode_stay_so_and_a_model_in_eval_mode_is_trained() -> None:
    model, _ = trained_model()
    spy = Spy()
    tried({"spy": spy}, model=model, steps=2, seeds=1)
    copied = spy.trials[0].model
    assert (copied.training, copied[1].training, copied[3].training) == (True, False, True)
    assert torch.equal(copied[1].running_mean, model[1].running_mean)
    tried({"spy": spy}, model=model.eval(), steps=2, seeds=1)
    assert spy.trials[1].model[1].training
    assert not model.training


def test_within_no_grad_it_trains_too() -> None:
    with torch.no_grad():
        model = half_dead()
    found = tried({"leak": LeakySlope()}, model=model, seeds=1)
    assert found.of("nothing")[0] < found.before.loss


# --- pairs ---


class Noisy(Dataset):
    """Examples that are changed at random, by three sources of chance, each time they are read."""

    def __len__(self) -> int:
        return 40

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        noise = random.random() + np.random.rand() + torch.rand(()).item()  # noqa: NPY002
        return torch.full((3,), float(index) + 0.1 * noise), torch.ones(1)


class DrawsMore(Fix):
    """Uses up random numbers of every kind at each step."""

    def apply(self, trial: Trial) -> None:
        def draw() -> None:
            torch.rand(7)
            np.random.rand(7)  # noqa: NPY002
            random.random()

        trial.after_backward.append(draw)


class InPlace(nn.Module):
    """Changes its inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.body = half_dead()

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x.mul_(0.5))


def loaders() -> dict[str, Any]:
    x, y = data(40)
    own = DataLoader(TensorDataset(x, y), 8, shuffle=True, generator=generator(5))
    return {
        "tensors": (x, y),
        "shuffled": DataLoader(TensorDataset(x, y), batch_size=8, shuffle=True),
        "own generator": own,
        "noisy": DataLoader(Noisy(), batch_size=8, shuffle=True),
        "list": [(x[k : k + 8], y[k : k + 8]) for k in range(0, 40, 8)],
        "dataset": TensorDataset(x, y),
    }


@pytest.mark.parametrize("kind", ["tensors", "shuffled", "own generator", "noisy", "list"])
def test_all_fixes_see_the_same_batches(kind: str) -> None:
    first, second = Spy(), Spy()
    fixes = {"first": first, "more": DrawsMore(), "second": second}
    tried(fixes, data=loaders()[kind], steps=12, batch_size=8)
    assert len(first.batches) == 2
    for some, others in zip(first.batches, second.batches, strict=True):
        assert len(some) == 12
        assert all(map(torch.equal, some, others))
    one, two = first.batches
    if kind != "list":
        assert not all(map(torch.equal, one, two))  # each seed has an order of its own
        assert not all(map(torch.equal, one[:5], one[5:10]))  # and each turn
    firsts = torch.cat(one[:5])[:, 0].round(decimals=2 if kind == "noisy" else 6)
    assert len(firsts.unique()) == 40  # a turn has all examples


def test_what_is_dropped_is_the_same_too() -> None:
    found = tried({"same": DrawsMore()})
    assert np.array_equal(found.of("same"), found.of("nothing"))
    assert np.ptp(found.of("nothing")) > 0
    assert found.against_nothing("same").estimate == 0
    assert found.verdict("same") == "no clear difference"


def test_a_model_that_changes_its_inputs_does_not_change_those_of_others() -> None:
    x, y = data()
    batches = [(x[:48].clone(), y[:48]), (x[48:].clone(), y[48:])]
    spies = {"first": Spy(), "second": Spy()}
    tried(spies, data=batches, model=InPlace(), steps=6)
    for some, others in zip(*(spy.batches[0] for spy in spies.values()), strict=True):
        assert torch.equal(some, others)


def test_the_generator_of_a_loader_is_left_as_it_was() -> None:
    loader = loaders()["own generator"]
    before = loader.generator.get_state()
    results = [tried({"leak": LeakySlope()}, data=loader, steps=3).to_dict() for _ in range(2)]
    assert torch.equal(loader.generator.get_state(), before)
    assert results[0] == results[1]


def test_it_can_be_repeated_and_seeds_can_be_chosen() -> None:
    first = tried(ALL, steps=3, seeds=[7, 1])
    assert [o.seed for o in first.outcomes if o.fix == "leak"] == [7, 1]
    again = tried(ALL, steps=3, seeds=[1, 7])
    for fix in first.fixes:
        assert np.array_equal(first.of(fix), again.of(fix)[::-1])
    alone = tried({"clip": ALL["clip"]}, steps=3, seeds=[7])
    assert alone.of("clip")[0] == first.of("clip")[0]


def test_the_control_is_plain_training() -> None:
    model = half_dead()
    model[2] = nn.Identity()
    x, y = data(32)
    found = tried({"clip": ClipGradients()}, model=model, data=(x, y), seeds=1, steps=5)
    twin = copy.deepcopy(model)
    optimizer = sgd(twin.parameters())
    for _ in range(5):
        optimizer.zero_grad()
        functional.mse_loss(twin(x), y).backward()
        optimizer.step()
    expected = functional.mse_loss(twin(x), y).item()
    assert found.of("nothing")[0] == pytest.approx(expected, rel=1e-5)


# --- fixes ---


class Functional(nn.Module):
    """Calls ReLU in every way there is."""

    def __init__(self, call: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.fc, self.call, self.out = nn.Linear(3, 8), call, nn.Linear(8, 1)
        with torch.no_grad():
            self.fc.bias[:4] = -50.0

    def forward(self, x: Tensor) -> Tensor:
        z = self.fc(x) * 1.0
        a = self.call(z)
        return self.out(z if a is None else a)


def drop_result(call: Callable[[Tensor], Any]) -> Callable[[Tensor], None]:
    """Return a call that works in place and whose result nobody uses."""

    def run(z: Tensor) -> None:
        call(z)

    return run


CALLS: dict[str, Callable[[Tensor], Any]] = {
    "module": nn.ReLU(),
    "module in place": drop_result(nn.ReLU(inplace=True)),
    "F.relu": functional.relu,
    "F.relu in place": drop_result(lambda z: functional.relu(z, True)),
    "F.relu inplace=": drop_result(lambda z: functional.relu(z, inplace=True)),
    "F.relu_": drop_result(functional.relu_),
    "torch.relu": torch.relu,
    "torch.relu_": drop_result(torch.relu_),
    "method": lambda z: z.relu(),
    "method_": drop_result(lambda z: z.relu_()),
    "by name": lambda z: torch.relu(input=z),
}


@pytest.mark.parametrize("name", CALLS)
def test_leaky_slope_replaces_every_call(name: str) -> None:
    model, x = Functional(CALLS[name]), data()[0]
    spy = Spy()
    twin = Functional(lambda z: functional.leaky_relu(z, 0.3))
    twin.load_state_dict(model.state_dict())

    class Both(Fix):
        def apply(self, trial: Trial) -> None:
            LeakySlope(0.3).apply(trial)
            spy.apply(trial)

    found = tried({"leak": Both()}, model=model, steps=1, seeds=1, batch_size=96)
    optimizer = sgd(twin.parameters())
    functional.mse_loss(twin(x), data()[1]).backward()
    optimizer.step()
    for ours, theirs in zip(spy.trials[0].model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)
    assert (found.before.dead, found.of("leak", "dead")[0]) == (4, 0)
    assert found.of("leak", "off")[0] >= found.of("leak", "dead")[0]
    assert found.notes == {}


def test_leaky_slope_in_an_encoder_in_eval_mode_and_behind_checkpoints() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            layer = nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True)
            self.body, self.out = nn.TransformerEncoder(layer, 1), nn.Linear(8, 1)
            self.mlp = nn.Sequential(nn.Linear(8, 8), nn.ReLU())

        def forward(self, x: Tensor) -> Tensor:
            x = self.body(x).mean(1)
            if torch.is_grad_enabled():
                return self.out(checkpoint(self.mlp, x, use_reentrant=False))
            return self.out(self.mlp(x))

    model = Model().eval()
    with torch.no_grad():
        model.body.layers[0].linear1.bias[:5] = -50.0
        model.mlp[0].bias[:3] = -50.0
    x, y = torch.randn(32, 4, 8, generator=generator()), torch.ones(32, 1)
    spy = Spy()

    class Both(Fix):
        def apply(self, trial: Trial) -> None:
            LeakySlope(0.3).apply(trial)
            spy.apply(trial)

    found = tried({"leak": Both()}, model=model, data=(x, y), steps=1, seeds=1)
    assert (found.before.dead >= 8, found.of("leak", "dead")[0]) == (True, 0)
    # The gradient is that of a leaky network, in what a checkpoint computes again too.
    old, new = dict(model.named_parameters()), dict(spy.trials[0].model.named_parameters())
    for name in ("body.layers.0.linear1.weight", "mlp.0.weight"):
        moved = (new[name] != old[name]).any(1)
        assert moved.all(), name


def test_a_leak_that_cannot_be_is_said() -> None:
    assert "there is no ReLU that could leak" in str(
        tried({"leak": LeakySlope()}, model=half_dead(activation=nn.Tanh), steps=1, seeds=1)
    )
    found = tried({"leak": LeakySlope()}, model=half_dead(activation=nn.ReLU6), steps=1, seeds=1)
    assert "these do not leak: 0.weight -> relu6" in found.notes["leak"][0]

    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.out = (
                nn.RNN(3, 4, nonlinearity="relu", batch_first=True),
                nn.Linear(4, 1),
            )

        def forward(self, x: Tensor) -> Tensor:
            return self.out(self.rnn(x[:, None])[0][:, 0])

    found = tried({"leak": LeakySlope()}, model=Recurrent(), steps=1, seeds=1)
    assert "these do not leak: rnn.weight_ih_l0" in str(found)


def test_learning_rate_and_clipping() -> None:
    spies = {"slow": Spy(), "clip": Spy()}

    class Slow(LearningRate):
        def apply(self, trial: Trial) -> None:
            super().apply(trial)
            spies["slow"].apply(trial)

    class Clip(ClipGradients):
        def apply(self, trial: Trial) -> None:
            super().apply(trial)
            spies["clip"].apply(trial)
            norms.append([])
            trial.after_backward.append(
                lambda: norms[-1].append(
                    torch.stack([p.grad.norm() for p in trial.model.parameters()]).norm().item()
                )
            )

    norms: list[list[float]] = []
    model = half_dead()
    groups = torch.optim.SGD(
        [{"params": model[0].parameters()}, {"params": model[3].parameters(), "lr": 0.5}], lr=0.1
    )
    tried({"slow": Slow(0.1), "clip": Clip(0.25)}, model=model, optimizer=groups, seeds=1, steps=3)
    rates = [group["lr"] for group in spies["slow"].trials[0].optimizer.param_groups]
    assert rates == pytest.approx([0.01, 0.05])
    assert [group["lr"] for group in groups.param_groups] == [0.1, 0.5]
    assert norms[0] == pytest.approx([0.25] * 3, rel=1e-4)


def applied(fix: Fix, model: nn.Module, given: Any = None, **options: Any) -> Trial:
    """Apply a fix to a copy, without training it."""
    given = data() if given is None else given
    copied = copy.deepcopy(model)
    optimizer = options.pop("optimizer", torch.optim.SGD)(copied.parameters(), lr=0.1)
    report = diagnose(model, given, **options)
    trial = Trial(copied, optimizer, report, Batches(given, copied, 32, None))
    fix.apply(trial)
    return trial


def test_reset_bias_changes_biases_of_dead_units_and_their_moments() -> None:
    model = half_dead()
    report = diagnose(model, data())
    copied = copy.deepcopy(model)
    optimizer = torch.optim.Adam(copied.parameters())
    functional.mse_loss(copied(data()[0]), data()[1]).backward()
    optimizer.step()
    with torch.no_grad():
        copied.load_state_dict(model.state_dict())
    trial = Trial(copied, optimizer, report, Batches(data(), copied, 32, None))
    old = copy.deepcopy(optimizer.state_dict()["state"])
    ResetBias(0.5).apply(trial)
    expected = model[0].bias.detach().clone()
    expected[:6] = 0.5
    assert torch.equal(copied[0].bias, expected)
    assert torch.equal(copied[0].weight, model[0].weight)
    new = optimizer.state_dict()["state"]
    assert not new[1]["exp_avg"][:6].any()
    assert torch.equal(new[1]["exp_avg"][6:], old[1]["exp_avg"][6:])
    assert torch.equal(new[0]["exp_avg"], old[0]["exp_avg"])


def test_reset_bias_knows_plain_biases_and_shifts() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.add, self.out = (
                nn.Parameter(torch.ones(3, 4)),
                nn.Parameter(torch.full((4,), -50.0)),
                nn.Linear(4, 1),
            )

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.relu(x @ self.w + self.add))

    trial = applied(ResetBias(0.25), Plain())
    assert trial.model.add.tolist() == [0.25] * 4
    normed = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        normed[1].bias[1] = -50.0
    trial = applied(ResetBias(), normed)
    assert trial.model[1].bias.tolist() == [0.0] * 4
    assert torch.equal(trial.model[0].bias, normed[0].bias)
    two = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 1))
    with torch.no_grad():
        two[0].bias[0] = -50.0
        two[2].bias.fill_(9.0)  # nobody is dead here
    trial = applied(ResetBias(), two)
    assert trial.model[0].bias[0] == 0.0
    assert torch.equal(trial.model[2].bias, two[2].bias)
    bare = nn.Sequential(nn.Linear(3, 4, bias=False), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        bare[0].weight[0] = -1.0
    trial = applied(ResetBias(), bare, (data()[0].abs(), data()[1]))
    assert trial.notes == ["0.weight -> relu @ 1: no bias was found"]


def test_standardize_inputs() -> None:
    x = torch.randn(100, 4, generator=generator()) * torch.tensor([1, 5, 0.1, 0]) + 1000.1
    x[:, 3] = 0.1  # which has no exact mean in floats
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    for given in ((x, x[:, :1]), [(x[:70], x[:70, :1]), (x[70:], x[70:, :1])], x):
        trial = applied(StandardizeInputs(), model, given)
        z = trial.inputs(x)
        assert z.dtype == torch.float32
        torch.testing.assert_close(z.mean(0), torch.zeros(4), atol=2e-3, rtol=0)
        torch.testing.assert_close(
            z.std(0, correction=0), torch.tensor([1.0, 1.0, 1.0, 0.0]), atol=2e-2, rtol=0
        )
        assert not z[:, 3].any()


def test_standardize_images_by_channel_and_sequences_by_place() -> None:
    scale = torch.tensor([1.0, 9.0])[:, None, None]
    images = torch.randn(30, 2, 6, 6, generator=generator()) * scale + scale
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    small = torch.randn(30, 2, 4, 4, generator=generator(1))  # of another size
    trial = applied(StandardizeInputs(), model, [images, small])
    z = torch.cat([trial.inputs(part).movedim(1, 0).flatten(1) for part in (images, small)], 1)
    torch.testing.assert_close(z.mean(1), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(z.std(1), torch.ones(2), atol=1e-3, rtol=0)
    tokens = torch.randn(30, 5, 3, generator=generator()) * 3 + torch.arange(5.0)[:, None]
    trial = applied(StandardizeInputs(), nn.Sequential(nn.Linear(3, 3), nn.ReLU()), tokens)
    torch.testing.assert_close(trial.inputs(tokens).mean(0), torch.zeros(5, 3), atol=1e-5, rtol=0)
    with pytest.raises(ValueError, match=r"examples of one shape: got \(5, 3\) and then \(4, 3\)"):
        applied(StandardizeInputs(), nn.Linear(3, 3), [tokens, tokens[:, :4]])


def test_standardize_inputs_where_it_is_not_clear_what_they_are() -> None:
    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = half_dead()

        def forward(self, x: Tensor, **others: Any) -> Tensor:
            return self.body(x)

    x, y = data()
    options = {"model": Named(), "data": {"x": x, "y": y}, "steps": 2, "seeds": 1}
    options["loss"] = lambda out, batch: functional.mse_loss(out, batch["y"])
    options["forward"] = lambda model, batch: model(batch["x"])
    found = tried({"leak": LeakySlope()}, **options)
    assert found.of("leak", "revived").shape == (1,)
    with pytest.raises(TypeError, match="a batch is a dict, and it is not clear which part"):
        tried({"standard": StandardizeInputs()}, **options)

    class Shift(Fix):
        def apply(self, trial: Trial) -> None:
            trial.inputs = lambda x: x + 1

    with pytest.raises(TypeError, match="a batch is a dict, and it is not clear which part"):
        tried({"shift": Shift()}, **options)
    tokens = (torch.arange(20) % 3, torch.ones(20, 1))
    embedded = nn.Sequential(nn.Embedding(3, 4), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
    with pytest.raises(TypeError, match="whole numbers such as those of tokens"):
        tried({"standard": StandardizeInputs()}, model=embedded, data=tokens)


def test_a_fix_of_your_own_may_change_inputs() -> None:
    class Shift(Fix):
        def apply(self, trial: Trial) -> None:
            trial.inputs = lambda x: x + 1

    class Seen(Spy):
        def apply(self, trial: Trial) -> None:
            super().apply(trial)
            trial.inputs = lambda x: x + 1

    x = data()[0]
    spy, seen = Spy(), Seen()
    fixes = {"shift": Shift(), "plain": spy, "seen": seen}
    found = tried(fixes, data=x, loss=lambda out, _: out.square().mean(), steps=3, seeds=1)
    for plain, shifted in zip(spy.batches[0], seen.batches[0], strict=True):
        assert torch.equal(plain + 1, shifted)
    assert found.of("shift")[0] == found.of("seen")[0] != found.of("plain")[0]


def test_reinit_brings_units_back_and_says_what_it_left() -> None:
    found = tried({"anew": Reinit()}, seeds=1)
    assert found.before.dead == 6
    assert found.of("anew", "revived")[0] == 6
    assert found.of("nothing", "revived")[0] == 0
    found = tried({"anew": Reinit()}, model=half_dead(activation=nn.Hardtanh), seeds=1, steps=1)
    assert "another number than 0 at hardtanh" in str(found)


def test_a_trial_leaves_inputs_as_they_are() -> None:
    x = data()[0]
    assert applied(Reinit(), half_dead()).inputs(x) is x


def test_a_fix_without_apply() -> None:
    class Lazy(Fix):
        pass

    with pytest.raises(NotImplementedError, match=r"Lazy needs a method apply\(self, trial\)"):
        tried({"lazy": Lazy()})


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: LeakySlope(-0.1), ValueError, "slope must be a number of at least 0; got -0.1"),
        (lambda: LeakySlope("0.1"), TypeError, "slope must be a number of at least 0; got '0.1'"),
        (lambda: LearningRate(0), ValueError, "factor must be a number above 0; got 0"),
        (lambda: ClipGradients(0.0), ValueError, "norm must be a number above 0; got 0.0"),
        (lambda: ClipGradients(True), TypeError, "norm must be a number above 0; got True"),
        (lambda: ResetBias(float("nan")), ValueError, "value must be a number; got nan"),
    ],
)
def test_fixes_check_their_numbers(
    make: Callable[[], Fix], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make()


# --- forms of data and optimisers ---


@pytest.mark.parametrize("kind", list(loaders()))
def test_forms_of_data(kind: str) -> None:
    found = tried({"anew": Reinit()}, data=loaders()[kind], steps=3, seeds=1)
    assert len(found.outcomes) == 2


@pytest.mark.parametrize("kind", ["Adam", "momentum", "class"])
def test_optimisers_keep_their_moments(kind: str) -> None:
    if kind == "class":
        found = tried({"leak": LeakySlope()}, optimizer=torch.optim.Adam, steps=2)
        assert len(found.outcomes) == 4
        return
    model = half_dead()
    make: dict[str, Maker] = {
        "Adam": lambda p: torch.optim.Adam(p, lr=0.01),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    }
    optimizer = make[kind](model.parameters())
    functional.mse_loss(model(data()[0]) * 9, data()[1]).backward()
    optimizer.step()
    before = copy.deepcopy(optimizer.state_dict()["state"])
    seen: list[Any] = []

    class Look(Fix):
        def apply(self, trial: Trial) -> None:
            assert trial.optimizer is not optimizer
            seen.append(copy.deepcopy(trial.optimizer.state_dict()["state"]))

    tried({"look": Look()}, model=model, optimizer=optimizer, steps=2)
    assert len(seen) == 2
    for state in seen:
        assert same(state, before)


def test_a_compiled_model_is_tried_as_it_is_written() -> None:
    model = half_dead()
    plain = tried({"leak": LeakySlope()}, model=model, steps=2, seeds=1)
    compiled = torch.compile(model, backend="eager")
    found = tried({"leak": LeakySlope()}, model=compiled, steps=2, seeds=1)
    assert found.to_dict() == plain.to_dict()


# --- the result ---


class Useless(Fix):
    """Brings units back behind outgoing weights that stay 0: the loss cannot fall by them."""

    def apply(self, trial: Trial) -> None:
        Reinit().apply(trial)
        weight = trial.model[3].weight
        dead = torch.from_numpy(trial.report.sites[0].dead)
        weight.register_hook(lambda gradient: gradient.masked_fill(dead, 0.0))


def test_units_that_came_back_for_nothing_are_seen_in_the_table() -> None:
    model = half_dead()
    model[2] = nn.Identity()
    found = tried({"useless": Useless(), "useful": Reinit()}, model=model, steps=40, seeds=3)
    assert found.of("useless", "revived").tolist() == [6] * 3
    assert found.verdict("useless") == "no clear difference"
    assert found.verdict("useful") == "lower"
    lines = str(found).splitlines()
    assert lines[0].startswith("before: 6 dead, loss ")
    assert lines[0].endswith("after 40 steps, means over 3 seeds")
    assert lines[2].split("  ")[0] == "fix"
    assert lines[3].startswith("nothing")
    assert lines[4].startswith("useless  0.0   0.0         6.0")
    assert lines[4].endswith("no clear difference")
    assert lines[5].endswith("lower")


def made(losses: dict[str, list[float]]) -> WhatIf:
    """Return a result with these losses."""
    before = diagnose(half_dead(), data(), loss=functional.mse_loss)
    outcomes = [
        Outcome(fix, seed, 1, 2, 3, value)
        for fix, values in losses.items()
        for seed, value in enumerate(values)
    ]
    return WhatIf(before, 10, outcomes)


def test_verdicts() -> None:
    nan, inf = float("nan"), float("inf")
    found = made(
        {"nothing": [1, 1.1, 0.9], "good": [0.5, 0.6, 0.4], "bad": [2, 2.1, 1.9]}
        | {"same": [1.2, 0.9, 1.0], "wild": [1, nan, 1], "huge": [inf, 1, 1]}
    )
    told = {fix: found.verdict(fix) for fix in found.fixes[1:]}
    assert told == {
        "good": "lower",
        "bad": "higher",
        "same": "no clear difference",
        "wild": "diverged",
        "huge": "diverged",
    }
    assert "diverged" in str(found)
    assert made({"nothing": [nan, 1], "fix": [1, 1]}).verdict("fix") == "nothing diverged"
    single = made({"nothing": [1.0], "fix": [0.5]})
    assert single.verdict("fix") == "one seed"
    assert "-0.5" in str(single)
    assert "one seed" in str(single)
    with pytest.raises(ValueError, match="at least 2"):
        single.against_nothing("fix")


def test_a_fix_that_makes_training_diverge_is_reported_and_no_error() -> None:
    found = tried({"wild": LearningRate(1e9)})
    assert found.verdict("wild") == "diverged"
    assert json.loads(json.dumps(found.to_dict(), allow_nan=False))["outcomes"][1]["loss"] is None


def test_measures_and_forms() -> None:
    found = tried({"leak": LeakySlope(0.1)}, steps=2, seeds=[4])
    assert found.of("leak", "off").shape == (1,)
    with pytest.raises(KeyError, match="there is no fix 'lick'; there are 'nothing', 'leak'"):
        found.of("lick")
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert told["steps"] == 2
    assert [o["fix"] for o in told["outcomes"]] == ["nothing", "leak"]
    assert set(told["outcomes"][0]) == {"fix", "seed", "dead", "off", "revived", "loss"}
    frame = found.to_frame()
    assert list(frame.columns) == ["fix", "seed", "dead", "off", "revived", "loss"]
    assert frame.seed.tolist() == [4, 4]


def test_to_frame_without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install pandas"):
        made({"nothing": [1.0]}).to_frame()


def test_revived_units_are_found_by_their_place() -> None:
    class Same(nn.Module):
        """Two sites of one weight in one line, and one that is called at times."""

        def __init__(self) -> None:
            super().__init__()
            self.fc, self.out, self.late = nn.Linear(3, 4), nn.Linear(4, 1), False

        def forward(self, x: Tensor) -> Tensor:
            if self.late:
                return self.out(torch.tanh(self.fc(x)))
            return self.out(torch.relu(self.fc(x)))

    model = Same()
    with torch.no_grad():
        model.fc.bias[:2] = -50.0

    class Other(Fix):
        def apply(self, trial: Trial) -> None:
            trial.model.late = True

    found = tried({"other": Other(), "bias": ResetBias()}, model=model, steps=1, seeds=1)
    assert found.of("other", "revived")[0] == 0  # the site is gone
    assert found.of("bias", "revived")[0] == 2


def test_bars_can_be_off(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import helpers.health.examine as examine
    import helpers.remedies.trials as trials

    disabled: list[bool] = []
    for module in (examine, trials):
        monkeypatch.setattr(module, "tqdm", _recording(module.tqdm, disabled))
    tried({"leak": LeakySlope()}, steps=1, seeds=1, progress=False)
    assert len(disabled) >= 4
    assert all(disabled)
    disabled.clear()
    tried({"leak": LeakySlope()}, steps=1, seeds=1)
    assert not any(disabled)
    assert capsys.readouterr().out == ""


def _recording(bar: type, disabled: list[bool]) -> Callable[..., Any]:
    def make(*args: Any, **options: Any) -> Any:
        disabled.append(options["disable"])
        return bar(*args, **options)

    return make


# --- bad input ---


def test_an_optimiser_for_another_model() -> None:
    other = nn.Linear(3, 3)
    with pytest.raises(ValueError, match="trains other parameters than the model's"):
        tried({"leak": LeakySlope()}, optimizer=torch.optim.SGD(other.parameters(), lr=0.1))
    with pytest.raises(ValueError, match="must train the parameters that it is given"):
        tried({"leak": LeakySlope()}, optimizer=lambda p: sgd(other.parameters()))
    with pytest.raises(TypeError, match="must give an optimiser; got None"):
        tried({"leak": LeakySlope()}, optimizer=lambda p: None)
    with pytest.raises(TypeError, match="optimizer must be an optimiser, or make one"):
        tried({"leak": LeakySlope()}, optimizer="adam")


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"fixes": {}}, TypeError, "fixes must name what to try"),
        ({"fixes": [LeakySlope()]}, TypeError, "fixes must name what to try"),
        ({"fixes": LeakySlope()}, TypeError, "fixes must name what to try"),
        ({"fixes": {"leak": LeakySlope}}, TypeError, "fix 'leak' must be a Fix, such as"),
        ({"fixes": {"leak": 0.1}}, TypeError, "fix 'leak' must be a Fix"),
        ({"fixes": {"nothing": LeakySlope()}}, ValueError, "'nothing' is the name of the control"),
        ({"fixes": {3: LeakySlope()}}, TypeError, "the name of a fix must be a string; got 3"),
        ({"steps": 0}, ValueError, "steps must be a whole number of at least 1"),
        ({"seeds": 0}, ValueError, "seeds must be"),
        ({"seeds": [1, 1]}, ValueError, "seeds must be different"),
        ({"loss": None}, TypeError, r"loss must be called as loss\(output, target\)"),
        ({"data": (pair for pair in [data()])}, ValueError, "data can be read only once"),
        ({"model": torch.relu}, TypeError, "model must be a torch.nn.Module"),
    ],
)
def test_bad_arguments(given: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        tried(**{"fixes": {"leak": LeakySlope()}} | given)


class HalfDead(nn.Module):
    """Calls its activation as a function; a leaky copy calls it from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.out = nn.Linear(3, 12), nn.Linear(12, 1)
        with torch.no_grad():
            self.fc.bias.fill_(1.0)
            self.fc.bias[:6] = torch.linspace(-2.0, -20.0, 6)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(functional.relu(self.fc(x)))


class Leaky(LeakySlope):
    """Keeps the copy that leaks."""

    def apply(self, trial: Trial) -> None:
        super().apply(trial)
        COPIES.append(trial.model)


COPIES: list[nn.Module] = []


def test_who_came_back_is_counted_whatever_the_activation_is_now() -> None:
    torch.manual_seed(0)
    model = HalfDead()
    adam = {"optimizer": lambda parameters: torch.optim.Adam(parameters, lr=0.05)}
    found = tried({"leak": Leaky(0.3)}, model=model, seeds=1, steps=100, **adam)
    assert found.of("nothing", "dead").tolist() == [6]
    with torch.no_grad():
        active = (COPIES.pop().fc(data()[0]) > 0).any(0)
    assert 0 < active[:6].sum() < 6
    assert found.of("leak", "revived").tolist() == [int(active[:6].sum())]
    assert found.of("leak", "off").tolist() == [int((~active).sum())]
