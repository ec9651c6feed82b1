"""`watch` changes nothing, leaves no trace, and tells deaths as a loop that keeps all does."""

from __future__ import annotations

import contextlib
import copy
import gc
import itertools
import json
import pickle
import random
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import _get_current_function_mode_stack
from torch.utils.checkpoint import checkpoint

from helpers.health import Death, Monitor, diagnose, watch
from helpers.health.monitor import _Look
from helpers.health.record import Record


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Begin each test with the same random numbers."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def mlp(*sizes: int, seed: int = 0, activation: type[nn.Module] = nn.ReLU) -> nn.Sequential:
    """Return Linear layers with an activation between them."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers: list[nn.Module] = []
        for fan_in, fan_out in itertools.pairwise(sizes):
            layers += [nn.Linear(fan_in, fan_out), activation()]
    return nn.Sequential(*layers[:-1])


def train(model: nn.Module, batches: list[Tensor], lr: float = 0.01) -> nn.Module:
    """Train by a loop as anyone writes it."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for x in batches:
        optimizer.zero_grad()
        model(x).square().mean().backward()
        optimizer.step()
    return model


def batches_of(count: int, size: int, features: int, seed: int = 0) -> list[Tensor]:
    return list(torch.randn(count, size, features, generator=generator(seed)))


def hooks_of(model: nn.Module) -> int:
    """Count everything that hooks leave behind in a model."""
    return sum(
        len(getattr(module, name))
        for module in model.modules()
        for name in vars(module)
        if "hooks" in name and hasattr(getattr(module, name), "__len__")
    )


@pytest.fixture(autouse=True)
def no_trace() -> Iterator[None]:
    """Make sure that no test leaves a mode behind."""
    yield
    assert _get_current_function_mode_stack() == []


# --- it changes nothing ---


class Everything(nn.Module):
    """Convolution, batch norm, dropout, functional and in-place activations, a residual sum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.bn = nn.Conv2d(1, 6, 3, padding=1), nn.BatchNorm2d(6)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.drop, self.act = nn.Dropout(0.3), nn.ReLU(inplace=True)
        self.fc1, self.fc2 = nn.Linear(6 * 4 * 4, 12), nn.Linear(12, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.bn(self.conv1(x)))
        x = functional.relu(x + self.conv2(x))
        x = self.drop(functional.max_pool2d(x, 2)).flatten(1)
        return self.fc2(functional.gelu(self.fc1(x)))


def trained(watched: bool, every: int) -> tuple[Any, ...]:
    """Train with dropout and batch norm, and return all that came of it."""
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    model = Everything()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    x, y = torch.randn(60, 1, 8, 8), torch.arange(60) % 3
    losses, gradients = [], []
    with watch(model, every) if watched else contextlib.nullcontext():
        for epoch in range(3):
            for chosen in torch.randperm(60).split(16):  # the last batch is small
                optimizer.zero_grad()
                loss = functional.cross_entropy(model(x[chosen]), y[chosen])
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
                gradients.append([p.grad.clone() for p in model.parameters()])
            model.eval()
            with torch.no_grad():
                losses.append(functional.cross_entropy(model(x), y))
            model.train(epoch != 1)
    state = list(model.state_dict().values())
    numbers = [torch.get_rng_state(), torch.tensor(np.random.get_state()[1].astype(int))]  # noqa: NPY002
    modes = [module.training for module in model.modules()]
    moments = [v for s in optimizer.state.values() for v in s.values()]
    return losses, gradients, state, moments, numbers, modes, random.random()


@pytest.mark.parametrize("every", [1, 4])
def test_training_is_the_same_to_the_last_bit(every: int) -> None:
    plain, seen = trained(False, every), trained(True, every)
    flat, other = (torch.utils._pytree.tree_leaves(result) for result in (plain, seen))
    assert len(flat) == len(other) > 100
    for a, b in zip(flat, other, strict=True):
        assert torch.equal(a, b) if isinstance(a, Tensor) else a == b


def test_requires_grad_and_graphs_stay() -> None:
    model = mlp(3, 4, 2)
    model[0].weight.requires_grad_(False)
    x = torch.randn(5, 3, requires_grad=True)
    with watch(model, 1):
        out = model(x)
    assert out.requires_grad
    assert not model[0].weight.requires_grad
    (first,) = torch.autograd.grad(out.sum(), x, create_graph=True)
    assert torch.equal(first, torch.autograd.grad(model(x).sum(), x)[0])


# --- it leaves no trace ---


class Fails(nn.Module):
    """A model that fails when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(2, 3), nn.Linear(3, 1)
        self.error: BaseException | None = None

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.fc1(x))
        if self.error is not None:
            raise self.error
        return self.fc2(x)


class FailsBackward(torch.autograd.Function):
    """Fails in the backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        raise ArithmeticError("backward")


def test_hooks_are_gone_after_a_normal_end() -> None:
    model = mlp(2, 3, 1)
    before = hooks_of(model)
    with watch(model):
        assert hooks_of(model) > before
        model(torch.zeros(4, 2))
        assert _get_current_function_mode_stack() == []
    assert hooks_of(model) == before
    assert set(vars(model)) == set(vars(mlp(2, 3, 1)))


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit()])
def test_an_error_in_forward_leaves_nothing(error: BaseException) -> None:
    model = Fails()
    before = hooks_of(model)
    monitor = watch(model, 1)

    def loop() -> None:
        with monitor:
            model(torch.ones(4, 2))
            model.error = error
            model(torch.ones(4, 2))

    with pytest.raises(type(error)):
        loop()
    assert hooks_of(model) == before
    assert (monitor.passes, monitor.steps) == (2, [0])
    assert _get_current_function_mode_stack() == []


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt()])
def test_a_loop_that_catches_an_error_goes_on(error: BaseException) -> None:
    model = Fails()
    with watch(model, 1, window=4) as monitor:
        for number in range(5):
            model.error = error if number in (1, 2) else None
            with contextlib.suppress(ValueError, KeyboardInterrupt):
                model(torch.ones(4, 2)).sum().backward()
        assert _get_current_function_mode_stack() == []
    assert (monitor.passes, monitor.steps) == (5, [0, 3, 4])


class Own(torch.overrides.TorchFunctionMode):
    """A mode of the user's, such as that of ``with torch.device(...)``."""

    def __torch_function__(
        self, func: Callable, types: Any, args: tuple = (), kwargs: dict | None = None
    ) -> Any:
        return func(*args, **(kwargs or {}))


def test_a_mode_of_the_user_is_left_where_it_is() -> None:
    model = Fails()
    with watch(model, 1) as monitor:
        model.error = KeyboardInterrupt()
        with contextlib.suppress(KeyboardInterrupt):
            model(torch.ones(4, 2))
        model.error = None
        with Own() as own:
            model(torch.ones(4, 2))
            assert _get_current_function_mode_stack() == [own]
    assert monitor.steps == [1]


def test_a_capture_that_was_never_entered_can_be_left() -> None:
    # An interrupt may come between the two; what is on the stack stays there.
    with Own() as own:
        _Look(Record.of(mlp(2, 3, 1))).leave()
        assert _get_current_function_mode_stack() == [own]


def test_an_error_in_backward_or_in_the_loop_leaves_nothing() -> None:
    model = mlp(2, 3, 1)
    before = hooks_of(model)
    with pytest.raises(ArithmeticError), watch(model, 1):
        FailsBackward.apply(model(torch.ones(4, 2))).sum().backward()
    assert hooks_of(model) == before
    monitor = watch(model, 1)

    def loop() -> None:
        with monitor:
            model(torch.ones(4, 2))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        loop()
    assert hooks_of(model) == before
    assert monitor.steps == [0]


def test_an_error_being_handled_is_not_taken_for_one_of_the_pass() -> None:
    model = mlp(2, 3, 1)
    with watch(model, 1) as monitor:
        try:
            raise MemoryError
        except MemoryError:
            model(torch.ones(2, 2))  # again, with a smaller batch
    assert monitor.steps == [0]


def test_a_hook_of_the_user_that_fails_is_a_pass_that_failed() -> None:
    model = mlp(2, 3, 1)

    def fail(*given: Any) -> None:
        raise ValueError("mine")

    with watch(model, 1) as monitor:
        handle = model.register_forward_pre_hook(fail)
        with pytest.raises(ValueError, match="mine"):
            model(torch.ones(2, 2))
        handle.remove()
        model(torch.ones(2, 2))
    assert monitor.steps == [1]


# --- what is counted ---


def test_only_passes_of_training_are_counted() -> None:
    model, x = mlp(2, 3, 1), torch.ones(4, 2)
    with watch(model, 1) as monitor:
        model(x)
        model.eval()
        model(x)
        model.train()
        with torch.no_grad():
            model(x)
        with torch.inference_mode():
            model(x)
        diagnose(model, x)
        diagnose(model, (x, x[:, :1]), loss=functional.mse_loss)
        diagnose(model, (x, x[:, :1]), loss=functional.mse_loss, training=True)
        model(x)
    model(x)
    assert (monitor.passes, monitor.steps) == (2, [0, 1])
    assert diagnose(model, x).examples == 4


def test_every_so_many_th_pass_is_looked_at() -> None:
    model = mlp(2, 3, 1)
    with watch(model, 3) as monitor:
        train(model, batches_of(8, 4, 2))
    assert (monitor.passes, monitor.steps) == (8, [0, 3, 6])


def test_gradient_accumulation_counts_forward_passes() -> None:
    model = mlp(2, 3, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    with watch(model, 2) as monitor:
        for number, x in enumerate(batches_of(6, 4, 2)):
            model(x).sum().backward()
            if number % 3 == 2:
                optimizer.step()
    assert monitor.steps == [0, 2, 4]


def test_entered_again_a_monitor_goes_on() -> None:
    model = mlp(2, 3, 1)
    monitor = watch(model, 2)
    for _ in range(2):
        with monitor:
            train(model, batches_of(3, 4, 2))
    assert monitor.steps == [0, 2, 4]
    with monitor, pytest.raises(RuntimeError, match="watching already"), monitor:
        pass
    assert hooks_of(model) == hooks_of(mlp(2, 3, 1))


class CallsItself(nn.Module):
    """Halves its input by calling itself."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(2, 2)

    def forward(self, x: Tensor, depth: int = 2) -> Tensor:
        x = torch.relu(self.fc(x))
        return self(x, depth=depth - 1) if depth else x


def test_a_model_that_calls_itself_is_one_pass() -> None:
    model = CallsItself()
    with watch(model, 1) as monitor:
        model(torch.ones(4, 2))
        model(torch.ones(4, 2))
    assert monitor.passes == 2
    assert len(monitor.sites) == 1


class Returns(nn.Module):
    """Gives back its output in another form."""

    def __init__(self, form: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.fc, self.form = nn.Linear(2, 3), form

    def forward(self, x: Tensor, *, twice: bool = False) -> Any:
        return self.form(torch.relu(self.fc(x)))


@pytest.mark.parametrize(
    "form", [lambda a: None, lambda a: {"a": a}, lambda a: (a, [a, 1]), lambda a: 3.0]
)
def test_outputs_of_any_form(form: Callable) -> None:
    model = Returns(form)
    with watch(model, 1) as monitor:
        model(x=torch.ones(4, 2), twice=True)
    assert monitor.steps == [0]
    assert monitor.share().shape == (1, 1)


class Checkpointed(nn.Module):
    """Computes its hidden layer again in the backward pass."""

    def __init__(self, reentrant: bool) -> None:
        super().__init__()
        self.body, self.head, self.reentrant = mlp(2, 3, 3), nn.Linear(3, 1), reentrant

    def forward(self, x: Tensor) -> Tensor:
        return self.head(checkpoint(self.body, x, use_reentrant=self.reentrant))


@pytest.mark.parametrize("reentrant", [True, False])
def test_checkpointing_is_not_counted_twice(reentrant: bool) -> None:
    model, x = Checkpointed(reentrant), torch.ones(4, 2, requires_grad=True)
    with watch(model, 1, window=5) as monitor, watch(model.body, 1) as part:
        for _ in range(2):
            model(x).sum().backward()
    assert monitor.passes == 2
    assert next(iter(monitor._histories.values())).silent_for.max() in (0, 8)
    assert part.passes == (0 if reentrant else 2)


def test_a_model_checkpointed_as_a_whole() -> None:
    model, x = mlp(2, 3, 3, 1), torch.ones(4, 2, requires_grad=True)
    with watch(model, 1) as monitor:
        for _ in range(2):
            checkpoint(model, x, use_reentrant=False).sum().backward()
    assert monitor.steps == [0, 1]


def test_autocast() -> None:
    model = mlp(2, 8, 8, 1)
    with torch.no_grad():
        model[0].bias[:3] = -50.0
    with watch(model, 1, window=20) as monitor:
        for x in batches_of(3, 10, 2):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                model(x).sum().backward()
    assert monitor.share()[-1, 0] == 3 / 8
    assert {death.why for death in monitor.deaths if "0.weight" in death.site} == {"initialisation"}


def test_half_precision() -> None:
    model = mlp(2, 8, 1).to(torch.bfloat16)
    with torch.no_grad():
        model[0].bias[:3] = -50.0
    with watch(model, 1, window=20) as monitor:
        train(model, [x.to(torch.bfloat16) for x in batches_of(3, 10, 2)])
    assert monitor.share()[-1, 0] == 3 / 8


# --- only the largest z is kept ---


def test_a_site_of_many_numbers_is_looked_at_in_pieces() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU(), nn.Conv2d(3, 1, 1))
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.copy_(torch.tensor([0.0, -2.0, -0.5]))
    x = torch.rand(9, 1, 256, 256, generator=generator())
    x[:-1] *= 0.4  # the last unit is active on the last example alone, in the last piece
    with watch(model, 1, window=9) as monitor:
        model(x).mean().backward()
    assert [(death.unit, death.state) for death in monitor.deaths] == [(1, "dead")]


def test_an_activation_of_very_small_numbers_is_no_silence() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.ReLU()).double()
    with torch.no_grad():
        model[0].weight.fill_(1e-200)
        model[0].bias.zero_()
    with watch(model, 1, window=4) as monitor:
        model(torch.ones(8, 1, dtype=torch.float64)).sum().backward()
    assert monitor.deaths == []


# --- several watches ---


def test_a_model_watched_twice() -> None:
    model = mlp(2, 4, 4, 1)
    with watch(model, 1, window=8) as first, watch(model, 2, window=8) as second:
        train(model, batches_of(6, 4, 2))
    assert (first.steps, second.steps) == ([0, 1, 2, 3, 4, 5], [0, 2, 4])
    assert first.sites == second.sites
    assert len(first.sites) == 2


@pytest.mark.parametrize("outer_first", [True, False])
@pytest.mark.parametrize("activation", [nn.ReLU, nn.LeakyReLU, nn.Hardtanh])
def test_a_part_watched_while_the_whole_is(outer_first: bool, activation: type) -> None:
    model = nn.Sequential(mlp(2, 4, 4, activation=activation), activation(), nn.Linear(4, 1))
    pair = [watch(model, 1, window=4), watch(model[0], 1, window=4)]
    alone = watch(copy.deepcopy(model), 1, window=4)
    with alone:
        train(alone._model, batches_of(6, 4, 2))
    with pair[not outer_first], pair[outer_first]:
        train(model, batches_of(6, 4, 2))
    whole, part = pair
    assert whole.sites == alone.sites
    assert len(part.sites) == 1
    assert whole.to_dict() == alone.to_dict()
    assert part.share().tolist() == whole.share()[:, :1].tolist()


def test_two_models_in_two_threads() -> None:
    data = batches_of(30, 16, 2)
    models = [mlp(2, 8, 8, 1, seed=seed) for seed in range(2)]
    twins = copy.deepcopy(models)
    monitors: list[Monitor] = [watch(model, 1, window=32) for model in models]

    def run(number: int) -> None:
        torch.set_num_threads(1)
        with monitors[number]:
            train(models[number], data, lr=0.5)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for model, twin, monitor in zip(models, twins, monitors, strict=True):
        with watch(twin, 1, window=32) as alone:
            train(twin, data, lr=0.5)
        assert all(map(torch.equal, model.parameters(), twin.parameters()))
        assert monitor.to_dict() == alone.to_dict()


def test_one_model_in_two_threads() -> None:
    model = mlp(2, 8, 1)
    with watch(model, 1) as monitor:
        run = [threading.Thread(target=lambda: [model(x) for x in batches_of(10, 4, 2)])] * 1
        run.append(threading.Thread(target=lambda: [model(x) for x in batches_of(10, 4, 2)]))
        for thread in run:
            thread.start()
        for thread in run:
            thread.join()
    assert monitor.passes == 20
    assert sorted(monitor.steps) == list(range(20))


# --- copies of a watched model ---


def test_copies_are_not_watched() -> None:
    model, x = mlp(2, 3, 1), torch.ones(4, 2)
    with watch(model, 1) as monitor:
        model(x)
        best, sent = copy.deepcopy(model), pickle.loads(pickle.dumps(model))
        shallow = copy.copy(model)
        for other in (best, sent, shallow):
            assert torch.equal(other(x), best(x))
    assert monitor.passes == 1
    assert torch.equal(best(x), model(x))
    assert torch.equal(sent(x), model(x))


def test_a_replica_of_data_parallel_is_not_watched() -> None:
    model = mlp(2, 3, 1)
    with watch(model, 1) as monitor:
        replica = model._replicate_for_data_parallel()
        replica(torch.ones(4, 2))
    assert "no activation was seen in 0 training passes" in str(monitor)


class Threaded(nn.Module):
    """Runs its model in another thread, as DataParallel does with several GPUs."""

    def __init__(self) -> None:
        super().__init__()
        self.module = mlp(2, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        results: list[Tensor] = []
        thread = threading.Thread(target=lambda: results.append(self.module(x)))
        thread.start()
        thread.join()
        return results[0]


def test_what_runs_in_other_threads_is_not_seen_and_this_is_said() -> None:
    model = Threaded()
    with watch(model, 1) as monitor:
        train(model, batches_of(2, 4, 2))
    assert "no activation was seen in 2 training passes" in str(monitor)
    assert "DataParallel" in str(monitor)


def test_data_parallel_without_devices_is_watched() -> None:
    model = nn.DataParallel(mlp(2, 3, 1))
    with watch(model, 1) as monitor:
        model(torch.ones(4, 2))
    assert len(monitor.sites) == 1


# --- compiled and scripted models ---


def test_compiled_models_are_refused() -> None:
    model = mlp(2, 3, 1)
    with pytest.raises(ValueError, match=r"this model is compiled.*before torch.compile"):
        watch(torch.compile(model, backend="eager"))
    part = nn.Sequential(torch.compile(model, backend="eager"))
    with pytest.raises(ValueError, match="0, a part of the model, is compiled"):
        watch(part)
    model.compile(backend="eager")
    with pytest.raises(ValueError, match="is compiled"):
        watch(model)


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_scripted_models_are_refused() -> None:
    with pytest.raises(ValueError, match="this model is TorchScript"):
        watch(torch.jit.script(mlp(2, 3, 1)))


@pytest.mark.parametrize("how", ["method", "function", "part"])
def test_compiled_after_watch_it_goes_on_and_says_so(how: str) -> None:
    model, x = nn.Sequential(mlp(2, 3, 3), nn.ReLU(), nn.Linear(3, 1)), torch.ones(4, 2)
    expected = model(x)
    monitor = watch(model, 1)
    with monitor:
        if how == "method":
            model.compile(backend="eager")
        elif how == "part":
            model[0].compile(backend="eager")
        compiled = torch.compile(model, backend="eager") if how == "function" else model
        torch.testing.assert_close(compiled(x), expected)
        compiled(x).sum().backward()
    assert "compiled" in str(monitor)
    assert monitor.steps == []
    if how != "function":
        with pytest.raises(ValueError, match="is compiled"):
            monitor.__enter__()
    torch._dynamo.reset()


def test_compiled_in_the_middle_what_was_seen_is_kept() -> None:
    model, x = mlp(2, 3, 1), torch.ones(4, 2)
    with watch(model, 1) as monitor:
        model(x)
        model.compile(backend="eager")
        model(x)
    assert monitor.steps == [0]
    assert "no longer watched: this model is compiled" in str(monitor)
    torch._dynamo.reset()


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")
def test_tracing_and_transforms_of_functions_are_let_through() -> None:
    model, x = mlp(2, 3, 1), torch.ones(4, 2)
    values = {name: p.detach() for name, p in model.named_parameters()}

    def loss(values: dict[str, Tensor], x: Tensor) -> Tensor:
        return torch.func.functional_call(model, values, (x,)).sum()

    with watch(model, 1) as monitor:
        torch.jit.trace(model, x)
        torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0))(values, x)
        torch.func.grad(loss)(values, x)
        assert monitor.passes == 0
        torch.func.functional_call(model, dict(model.named_parameters()), (x,))
    assert monitor.steps == [0]


# --- deaths and revivals, against a loop that keeps everything ---


def told_by_hand(
    z_at_looks: list[Tensor], steps: list[int], window: int, slope: float
) -> tuple[list[tuple], np.ndarray]:
    """Tell deaths and shares from all pre-activations of a layer, unit by unit."""
    units = z_at_looks[0].shape[1]
    deaths, dead = [], np.zeros((len(steps), units), dtype=bool)
    active = torch.stack([(z > 0).any(0) for z in z_at_looks]).numpy()
    for unit in range(units):
        current: list | None = None
        for look in range(len(steps)):
            on = active[: look + 1, unit]
            last = max(np.flatnonzero(on), default=-1)
            silent = sum(len(z) for z in z_at_looks[last + 1 : look + 1])
            if current is not None and on[-1]:
                current[4], current = steps[look], None
            if silent >= window:
                dead[look, unit] = True
                if current is None:
                    kind = "dead" if slope == 0 else "always-negative"
                    before = -1 if last < 0 else steps[last]
                    current = [unit, kind, steps[last + 1], before, -1]
                    deaths.append(current)
    return [tuple(death) for death in deaths], dead.mean(1)


@pytest.mark.parametrize("slope", [0.0, 0.1])
@pytest.mark.parametrize(("every", "window"), [(1, 40), (1, 1), (3, 64), (4, 20)])
def test_deaths_and_revivals_are_those_of_a_loop_by_hand(
    slope: float, every: int, window: int
) -> None:
    act = nn.ReLU if slope == 0 else (lambda: nn.LeakyReLU(slope))
    model = mlp(4, 24, 24, 1, activation=act, seed=1)
    with torch.no_grad():
        model[0].bias[:5] = -9.0
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.01)
    kept: dict[int, list[Tensor]] = {0: [], 2: []}
    steps = []
    with watch(model, every, window=window) as monitor:
        for number in range(60):
            size = 7 if number % 10 == 9 else 16  # the last batch of an epoch is small
            x = torch.randn(size, 4, generator=generator(number))
            x = x.abs() * (10 if 20 <= number < 40 else 1)  # other data for a while
            if number % every == 0:
                steps.append(number)
                first = model[0](x).detach()
                kept[0].append(first)
                kept[2].append(model[2](model[1](first)).detach())
            optimizer.zero_grad()
            (model(x) + 3).square().mean().backward()
            optimizer.step()
    assert monitor.steps == steps
    for place, layer in enumerate((0, 2)):
        expected, share = told_by_hand(kept[layer], steps, window, slope)
        found = [
            (death.unit, death.state, death.step, death.last_active, death.revived)
            for death in monitor.deaths
            if death.site == monitor.sites[place]
        ]
        assert sorted(found) == sorted(expected)
        state = "dead" if slope == 0 else "always-negative"
        other = "always-negative" if slope == 0 else "dead"
        assert np.array_equal(monitor.share(state)[:, place], share)
        assert not monitor.share(other).any()
    assert len(monitor.deaths) > 10
    assert 0 < len(monitor.revivals) < len(monitor.deaths)


def test_deaths_come_in_the_order_in_which_they_were_noticed() -> None:
    model = mlp(2, 6, 1)
    with watch(model, 1, window=12) as monitor:
        for number in range(12):
            with torch.no_grad():
                model[0].bias[number // 2] = -99.0
            model(torch.ones(4, 2) * (1 + number))
    assert [death.unit for death in monitor.deaths] != []
    noticed = [death.step for death in monitor.deaths]
    assert noticed == sorted(noticed)


def set_bias(model: nn.Module, value: float) -> None:
    with torch.no_grad():
        model[0].weight.fill_(1.0)
        model[0].bias.fill_(value)


def test_a_unit_dead_from_the_start_is_put_down_to_initialisation() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, -99.0)
    with watch(model, 1, window=20) as monitor:
        train(model, batches_of(10, 4, 2))
    assert [death.why for death in monitor.deaths] == ["initialisation"] * 3
    assert {(death.step, death.last_active) for death in monitor.deaths} == {(0, -1)}
    assert all(death.moved == 0.0 for death in monitor.deaths)
    assert "3 never active since the first look" in str(monitor)


def test_a_unit_killed_by_one_huge_step_is_put_down_to_it() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, 1.0)
    with watch(model, 1, window=12) as monitor:
        for number in range(10):
            model(torch.ones(4, 2))
            if number == 4:
                set_bias(model, -50.0)
    length = 3**0.5  # two weights of 1, and a bias of 1
    for death in monitor.deaths:
        assert (death.step, death.last_active, death.why) == (5, 4, "large step")
        assert death.moved == pytest.approx(51 / length)
    assert "moved by over 50%" in str(monitor)


def test_a_unit_that_died_slowly_is_put_down_to_training() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, 1.0)
    with watch(model, 1, window=12) as monitor:
        for number in range(40):
            model(torch.ones(4, 2))
            set_bias(model, 1.0 - number * 0.2)
    assert [death.why for death in monitor.deaths] == ["training"] * 3
    assert all(0 < death.moved < 0.2 for death in monitor.deaths)
    assert "3 fell silent in training" in str(monitor)


def test_a_unit_never_active_whose_weights_moved_far_is_unknown() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, -5.0)
    with watch(model, 1, window=12) as monitor:
        for number in range(10):
            model(torch.ones(4, 2))
            set_bias(model, -5.0 - 20 * number)
    assert [death.why for death in monitor.deaths] == ["unknown"] * 3


def test_a_huge_step_of_a_normalisation_counts_too() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1))
    with watch(model, 1, window=12) as monitor:
        for number, x in enumerate(batches_of(10, 4, 2)):
            model(x)
            if number == 4:
                with torch.no_grad():
                    model[1].bias[1] = -50.0
    (death,) = (death for death in monitor.deaths if death.unit == 1)
    assert (death.step, death.why) == (5, "large step")


def test_weights_of_a_convolution_and_of_a_plain_product() -> None:
    class Plain(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.ConvTranspose1d(1, 3, 2)
            nn.init.ones_(self.conv.weight)
            self.w, self.b = nn.Parameter(torch.ones(3, 4)), nn.Parameter(torch.ones(4))

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.conv(x[:, None])).mean(2)
            return torch.relu(x @ self.w + self.b)

    model = Plain()
    with watch(model, 1, window=8) as monitor:
        for number in range(8):
            model(torch.ones(4, 2))
            if number == 3:
                with torch.no_grad():
                    model.b[2] = -99.0
                    model.conv.bias[1] = -99.0
    found = {(death.site.partition(" ")[0], death.unit): death for death in monitor.deaths}
    assert found["w", 2].why == "large step"
    assert found["w", 2].moved == pytest.approx(100 / 2)  # three weights of 1, and a bias of 1
    assert found["conv.weight", 1].why == "large step"


def test_curves_and_clipped_sides() -> None:
    always_negative = {nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.PReLU}
    for activation in (*always_negative, nn.ReLU6, nn.Hardtanh, nn.Hardswish):
        model = mlp(2, 3, 1, activation=activation)
        set_bias(model, -99.0)
        with watch(model, 1, window=8) as monitor:
            train(model, [torch.ones(4, 2)] * 3, lr=0.0)
        kinds = {death.state for death in monitor.deaths}
        assert kinds == {"always-negative" if activation in always_negative else "dead"}
    model = mlp(2, 3, 1, activation=nn.Hardtanh)
    set_bias(model, -2.5)  # z = -0.5, where hardtanh has its slope
    with watch(model, 1, window=8) as monitor:
        train(model, [torch.ones(4, 2)] * 3, lr=0.0)
    assert {death.state for death in monitor.deaths} == {"always-negative"}


def test_nan_is_no_silence() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, float("nan"))
    with watch(model, 1, window=4) as monitor:
        for _ in range(4):
            model(torch.ones(4, 2))
        assert monitor.deaths == []
        assert not monitor.share().any()
        set_bias(model, -9.0)
        for _ in range(4):
            model(torch.ones(4, 2))
    assert len(monitor.deaths) == 3
    assert {death.why for death in monitor.deaths} == {"training"}  # how far nan moved is not known
    assert json.loads(json.dumps(monitor.to_dict(), allow_nan=False))["deaths"][0]["moved"] is None


# --- control flow ---


class Skips(nn.Module):
    """Two residual blocks, each of which may be left out; their code is the same."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])
        self.which: tuple[int, ...] = (0, 1)

    def forward(self, x: Tensor) -> Tensor:
        for number in self.which:
            x = x + torch.relu(self.blocks[number](x))
        return x


def test_a_site_that_appears_late_or_only_sometimes() -> None:
    model = Skips()
    with torch.no_grad():
        model.blocks[0].bias.fill_(-99.0)
        model.blocks[1].bias.fill_(99.0)
    with watch(model, 1, window=8) as monitor:
        for which in [(0,), (0, 1), (1,), (0, 1), (0, 1)]:
            model.which = which
            model(torch.zeros(4, 3))
    share = monitor.share()
    assert np.array_equal(share[:, 0], [0, 1, np.nan, 1, 1], equal_nan=True)
    assert np.array_equal(share[:, 1], [np.nan, 0, 0, 0, 0], equal_nan=True)
    assert json.dumps(monitor.to_dict(), allow_nan=False)


class SameNames(nn.Module):
    """Activations whose weights are not known have the same name, each in its own module."""

    class Gate(nn.Module):
        def __init__(self, shift: float) -> None:
            super().__init__()
            self.shift = shift

        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(x + self.shift)

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.ModuleList([self.Gate(-99.0), self.Gate(99.0)])
        self.scale = nn.Parameter(torch.ones(()))
        self.which: tuple[int, ...] = (0, 1)

    def forward(self, x: Tensor) -> Tensor:
        return sum(self.gates[number](x * self.scale) for number in self.which)


def test_sites_of_one_name_are_not_mixed_up_when_one_is_left_out() -> None:
    model = SameNames()
    with watch(model, 1, window=8) as monitor:
        for which in [(0, 1), (1,), (0, 1), (1, 0)]:
            model.which = which
            model(torch.ones(4, 3))
    first, second = monitor.sites
    assert second == f"{first} #2"
    assert {death.site for death in monitor.deaths} == {first}
    assert np.array_equal(monitor.share()[:, 1], [0, 0, 0, 0])


def test_layers_narrows_what_is_watched() -> None:
    model = mlp(2, 3, 3, 1)
    with watch(model, 1, layers="2") as monitor:
        model(torch.ones(4, 2))
    (site,) = monitor.sites
    assert site.startswith("2.weight")
    with watch(model, 1, layers="fc9") as monitor:
        model(torch.ones(4, 2))
    assert "None matches layers" in str(monitor)
    assert "0.weight" in str(monitor)


# --- reading ---


def test_nothing_seen_is_said() -> None:
    model = mlp(2, 3, 1)
    with watch(model) as monitor:
        model[0](torch.ones(4, 2))  # such a loop goes around the model
    assert "no activation was seen in 0 training passes" in str(monitor)
    assert "called as model(x)" in str(monitor)
    assert monitor.share().shape == (0, 0)
    assert monitor.sites == []
    assert json.dumps(monitor.to_dict())
    model = Fails()
    model.error = ValueError("x")
    with watch(model) as monitor, contextlib.suppress(ValueError):
        model(torch.ones(4, 2))
    assert "None of those that were to be looked at was completed" in str(monitor)
    with watch(nn.Linear(2, 3), 1) as monitor:
        monitor._model(torch.ones(4, 2))
    assert "in 1 training passes" in str(monitor)


def test_a_summary() -> None:
    model = mlp(2, 4, 1)
    set_bias(model, 1.0)
    with watch(model, 1, window=8) as monitor:
        for number in range(9):
            if number in (2, 6):
                with torch.no_grad():
                    model[0].bias[:2] = -99.0 if number == 2 else 1.0
            model(torch.ones(4, 2))
    text = str(monitor)
    assert text.startswith(
        "9 looks at 9 training passes; silent: not active on 8 examples in a row"
    )
    assert "0 of 4 silent at the end, 2 revivals" in text
    assert len(monitor.revivals) == 2
    assert {(d.step, d.last_active, d.revived) for d in monitor.revivals} == {(2, 1, 6)}


def test_to_dict_is_json() -> None:
    model = mlp(2, 3, 1)
    set_bias(model, -99.0)
    with watch(model, 1, window=8) as monitor:
        train(model, batches_of(4, 4, 2))
    told = json.loads(json.dumps(monitor.to_dict(), allow_nan=False))
    assert told["steps"] == [0, 1, 2, 3]
    assert told["window"] == 8
    assert told["passes"] == 4
    assert told["dead"] == [[0.0], [1.0], [1.0], [1.0]]
    assert told["deaths"][0] == {
        "site": monitor.sites[0],
        "unit": 0,
        "state": "dead",
        "step": 0,
        "last_active": -1,
        "revived": -1,
        "moved": 0.0,
        "why": "initialisation",
    }


def test_what_a_death_of_unknown_movement_is_put_down_to() -> None:
    assert Death("s", 0, "dead", 3, 2).why == "training"
    assert Death("s", 0, "dead", 3, -1).why == "initialisation"


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"every": 0}, ValueError, "every must be a whole number of at least 1"),
        ({"every": 1.5}, TypeError, "every must be"),
        ({"window": 0}, ValueError, "window must be"),
        ({"layers": []}, TypeError, "layers must be names"),
        ({"model": torch.relu}, TypeError, "model must be a torch.nn.Module"),
    ],
)
def test_bad_arguments(given: dict, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        watch(**{"model": mlp(2, 3, 1)} | given)


def test_a_share_of_something_else() -> None:
    with pytest.raises(ValueError, match="'dead' or 'always-negative'; got 'sleepy'"):
        watch(mlp(2, 3, 1)).share("sleepy")


def test_no_weight_is_left_unmentioned() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.fc, self.out = (
                nn.LSTM(3, 4, batch_first=True),
                mlp(4, 5, 4),
                nn.Linear(4, 1),
            )
            self.unused = nn.Linear(3, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(torch.relu(self.fc(self.rnn(x)[0][:, -1])))

    model = Model()
    with watch(model, 1) as monitor:
        model(torch.ones(4, 2, 3))
    coverage = monitor.coverage
    assert coverage.judged == ("fc.0.weight", "fc.2.weight")
    assert coverage.outputs == ("out.weight",)
    assert set(coverage.others) == {"rnn.weight_ih_l0", "rnn.weight_hh_l0", "unused.weight"}
    assert "not covered, not used in these passes" in str(monitor)
    assert "no activation behind them" not in str(monitor)


def test_a_pass_without_examples_tells_nothing() -> None:
    model = mlp(2, 3, 1)
    with watch(model, 1) as monitor:
        model(torch.ones(0, 2))
        model(torch.ones(4, 2))
    assert np.array_equal(monitor.share(), [[np.nan], [0.0]], equal_nan=True)


def test_a_bias_that_is_added_only_sometimes() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.b = nn.Linear(2, 3, bias=False), nn.Parameter(torch.full((3,), -99.0))
            self.add = False

        def forward(self, x: Tensor) -> Tensor:
            z = self.fc(x)
            return torch.relu(z + self.b if self.add else z)

    model = Model()
    nn.init.ones_(model.fc.weight)
    with watch(model, 1, window=8) as monitor:
        for number in range(8):
            model.add = 2 <= number < 6
            model(torch.ones(4, 2))
    assert {(d.step, d.revived, d.why) for d in monitor.deaths} == {(2, 6, "training")}
    assert all(np.isnan(death.moved) for death in monitor.deaths)


# --- memory ---


def test_memory_does_not_grow_with_the_batches() -> None:
    model = mlp(8, 64, 64, 1)
    x = torch.randn(256, 8)

    def held(steps: int) -> int:
        with watch(model, 1) as monitor:
            for _ in range(5):
                model(x)
            gc.collect()
            tracemalloc.start()
            for _ in range(steps):
                model(x)
            gc.collect()
            size = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            assert len(monitor.steps) == steps + 5
        return size

    assert held(200) < 200 * 2 * 400 + 60_000  # a few numbers for each look and site


def test_no_activation_is_kept() -> None:
    model = mlp(8, 64, 64, 1)
    with watch(model, 1) as monitor:
        model(torch.randn(256, 8))
    gc.collect()
    kept = [part for past in monitor._histories.values() for part in (*past.last, *past.born)]
    numbers = sum(part.numel() for part in kept)
    assert numbers <= 2 * sum(p.numel() for p in model.parameters())
    assert not any(256 in tensor.shape for tensor in gc.get_objects() if type(tensor) is Tensor)
