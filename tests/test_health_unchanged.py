"""`diagnose` leaves everything as it was, whatever happens, and changes nothing on its way."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import threading
import warnings
import weakref
from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from torch import nn
from torch.nn.utils import parametrizations
from torch.overrides import TorchFunctionMode, _get_current_function_mode_stack

from helpers.health import diagnose
from helpers.health.restore import as_it_was

Tensor = torch.Tensor


class Net(nn.Module):
    """A bit of everything that has a state."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6)
        self.drop, self.fc = nn.Dropout(0.5), nn.Linear(6, 8)
        self.spectral = parametrizations.spectral_norm(nn.Linear(8, 5))
        self.register_buffer("calls", torch.zeros(()))
        self.register_buffer("lazy", None)
        self.register_buffer("table", torch.arange(3.0).expand(4, 3))  # cannot be written to
        self.frozen = nn.Linear(5, 5).requires_grad_(False)
        self.trouble: BaseException | None = None

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        self.lazy = x.mean()
        self.calls = self.calls.clone()  # put in the place of another
        x = F.relu(self.norm(self.conv(x)), inplace=True).mean((2, 3))
        random.random()
        np.random.rand()  # noqa: NPY002 (the global state is what this is about)
        x = self.drop(F.relu(self.fc(x)))
        if self.trouble is not None:
            raise self.trouble
        return self.frozen(F.gelu(self.spectral(x)))


@pytest.fixture
def net() -> Net:
    torch.manual_seed(0)
    net = Net()
    net.conv.weight.grad = torch.full_like(net.conv.weight, 3.0)
    net.norm.eval()  # one part in another mode than the rest
    net.register_forward_hook(lambda *_: None)
    net.fc.register_full_backward_hook(lambda *_: None)
    return net


@pytest.fixture
def x() -> Tensor:
    return torch.randn(30, 1, 8, 8, generator=torch.Generator().manual_seed(1))


def state_of(net: nn.Module) -> dict[str, object]:
    """All that may not change, in a form to be compared."""
    numpy_state = np.random.get_state()  # noqa: NPY002
    return {
        "parameters": {n: (id(p), p.tolist(), p.requires_grad) for n, p in net.named_parameters()},
        "grads": {
            n: None if p.grad is None else p.grad.tolist() for n, p in net.named_parameters()
        },
        "buffers": {n: (id(b), b.tolist()) for n, b in net.named_buffers()},
        "buffer names": [list(m._buffers) for m in net.modules()],
        "modes": [m.training for m in net.modules()],
        "hooks": [
            tuple(map(len, (m._forward_hooks, m._forward_pre_hooks, m._backward_hooks)))
            for m in net.modules()
        ],
        "torch": torch.get_rng_state().tolist(),
        "numpy": (numpy_state[1].tolist(), numpy_state[2:]),
        "python": random.getstate(),
        "grad": (torch.is_grad_enabled(), torch.is_inference_mode_enabled()),
        "stack": len(_get_current_function_mode_stack()),
        "stance": torch._dynamo.eval_frame._stance.stance if "torch._dynamo" in sys.modules else "",
        "threads": threading.active_count(),
    }


def squares(output: Tensor, target: object) -> Tensor:
    return (output**2).mean()


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("loss", [None, squares])
def test_nothing_changes(net: Net, x: Tensor, training: bool, loss: Callable | None) -> None:
    diagnose(nn.Linear(2, 2), torch.zeros(2, 2))  # whatever is loaded at the first time
    before = state_of(net)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first = diagnose(net, x, batch_size=8, loss=loss, training=training)
        assert state_of(net) == before
        second = diagnose(net, x, batch_size=8, loss=loss, training=training)
    assert state_of(net) == before
    assert str(first) == str(second)
    assert first.mode == ("training" if training else "eval")


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("trouble", [RuntimeError("no"), KeyboardInterrupt(), SystemExit(1)])
@pytest.mark.parametrize("where", ["forward", "loss", "data", "second pass"])
def test_nothing_changes_where_it_fails(
    net: Net, x: Tensor, trouble: BaseException, where: str, compiled: bool
) -> None:
    if compiled:
        import torch._dynamo  # noqa: F401 (a stance is taken then)
    calls = []

    def fail(output: Tensor, target: object) -> Tensor:
        raise trouble

    def data():
        yield x
        raise trouble

    def forward(model: Net, batch: Tensor) -> Tensor:
        calls.append(0)
        if len(calls) > 4:  # four batches make the first pass
            raise trouble
        return model(batch)

    if where == "forward":
        net.trouble = trouble
    before = state_of(net)
    with pytest.raises(type(trouble)) as caught:
        diagnose(
            net,
            data() if where == "data" else x,
            batch_size=8,
            loss=fail if where == "loss" else None,
            forward=forward if where == "second pass" else None,
        )
    assert caught.value is trouble
    net.trouble = None
    assert state_of(net) == before
    report = diagnose(net, x)  # and it works as if nothing had happened
    assert report.examples == 30


@pytest.mark.parametrize("training", [False, True])
def test_outputs_and_gradients_are_the_same_under_the_eye_of_diagnose(
    net: Net, x: Tensor, training: bool
) -> None:
    seen = []

    def loss(output: Tensor, target: object) -> Tensor:
        value = squares(output, target)
        leaves = [p for p in net.parameters() if p.requires_grad]
        seen.append((output, torch.autograd.grad(value, leaves, retain_graph=True)))
        return value

    with as_it_was(net, training):
        output = net(x)
        value = squares(output, None)
        leaves = [p for p in net.parameters() if p.requires_grad]
        wanted = torch.autograd.grad(value, leaves)
    report = diagnose(net, x, loss=loss, training=training)
    ((found, gradients),) = seen
    torch.testing.assert_close(found, output, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(gradients, wanted, atol=1e-6, rtol=1e-6)
    assert report.loss == pytest.approx(value.item(), rel=1e-6)


def test_the_mode_of_the_model_is_the_one_asked_for(x: Tensor) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 40), nn.Dropout(0.5), nn.ReLU())
    dropped = diagnose(net, x, training=True).sites[0].on_share.mean()
    assert 0.1 < dropped < 0.4
    assert 0.35 < diagnose(net, x).sites[0].on_share.mean() < 0.65
    assert net.training
    report = diagnose(net.eval(), x, training=True)
    assert report.sites[0].on_share.mean() == dropped or 0.1 < dropped < 0.4
    assert not net.training


def test_a_model_may_have_its_own_way_to_change_modes(x: Tensor) -> None:
    class Frozen(Net):
        def train(self, mode: bool = True) -> Frozen:
            super().train(mode)
            self.norm.eval()
            return self

    net = Frozen()
    before = state_of(net)
    diagnose(net, x, training=True)
    assert state_of(net) == before


def test_user_hooks_see_what_they_always_see(net: Net, x: Tensor) -> None:
    seen = []
    handle = net.fc.register_forward_hook(lambda module, args, out: seen.append(out.shape))
    diagnose(net, x, batch_size=30)
    assert set(seen) == {(30, 8)}
    handle.remove()


def test_other_modes_are_left_in_place(net: Net, x: Tensor) -> None:
    class Counts(TorchFunctionMode):
        calls = 0

        def __torch_function__(self, func, types, args=(), kwargs=None):
            self.calls += 1
            return func(*args, **(kwargs or {}))

    with Counts() as outer, torch.device("cpu"):
        stack = len(_get_current_function_mode_stack())
        report = diagnose(net, x)
        assert len(_get_current_function_mode_stack()) == stack
    assert outer.calls > 0
    assert str(report) == str(diagnose(net, x))


@pytest.mark.parametrize("stance", ["default", "eager_on_recompile", "force_eager"])
def test_the_stance_of_compiled_code_is_left_as_it_was(net: Net, x: Tensor, stance: str) -> None:
    import torch._dynamo

    with torch.compiler.set_stance(stance):
        diagnose(net, x)
        assert torch._dynamo.eval_frame._stance.stance == stance
        net.trouble = ValueError("no")
        with pytest.raises(ValueError, match="no"):
            diagnose(net, x)
        assert torch._dynamo.eval_frame._stance.stance == stance
    assert torch._dynamo.eval_frame._stance.stance == "default"


def test_random_numbers_of_a_loader_in_random_order_come_back() -> None:
    data = torch.utils.data.TensorDataset(torch.randn(40, 3))
    loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
    model = small(0)
    before = state_of(model)
    first = diagnose(model, loader, training=True)
    assert state_of(model) == before
    assert str(diagnose(model, loader, training=True)) == str(first)


# --- nested, two at once, threads -----------------------------------------------------------------


def small(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 10), nn.ReLU(), nn.Dropout(0.2), nn.Linear(10, 6), nn.ReLU())


def test_one_inside_another() -> None:
    outer, inner, x = small(0), small(1), torch.randn(40, 3)
    alone = str(diagnose(inner, x))
    reports = []

    def loss(output: Tensor, target: object) -> Tensor:
        reports.append(diagnose(inner, x))
        return output.sum()

    report = diagnose(outer, x, loss=loss)
    assert str(reports[0]) == alone
    assert [site.units for site in report.sites] == [10, 6]
    assert outer.training
    assert inner.training


def test_two_models_in_one_forward_pass() -> None:
    first, second, x = small(0), small(1), torch.randn(40, 3)
    both = nn.ModuleDict({"first": first, "second": second})
    report = diagnose(both, x, forward=lambda both, x: [both["first"](x), both["second"](x)])
    for name, model in (("first", first), ("second", second)):
        for own, site in zip(
            diagnose(model, x).sites,
            [site for site in report.sites if site.weight.startswith(name)],
            strict=True,
        ):
            np.testing.assert_array_equal(own.active_share, site.active_share)


def test_threads() -> None:
    models = [small(seed) for seed in range(4)]
    x = torch.randn(200, 3, generator=torch.Generator().manual_seed(0))
    wanted = [str(diagnose(model, x, batch_size=10)) for model in models]
    found: dict[int, list[str]] = {k: [] for k in range(8)}

    def work(k: int) -> None:
        found[k] = [str(diagnose(models[k % 4], x, batch_size=10)) for _ in range(3)]

    before = [state_of(model)["modes"] for model in models]
    random_state = torch.get_rng_state()
    threads = [threading.Thread(target=work, args=(k,)) for k in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(texts == [wanted[k % 4]] * 3 for k, texts in found.items())
    assert [state_of(model)["modes"] for model in models] == before
    assert torch.equal(torch.get_rng_state(), random_state)


# --- memory ---------------------------------------------------------------------------------------

MEASURE = """
import gc, resource, sys
import torch
from torch import nn
from helpers.health import diagnose

torch.set_num_threads(1)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
    nn.Flatten(), nn.Linear(4096, 64), nn.ReLU(), nn.Linear(64, 10),
)
images = torch.randn(8192, 1, 16, 16)
for layer in (net[0], net[2], net[5]):
    layer.bias.data[:3] = -100.0  # so that causes are looked for, in a second pass


def peak():
    unit = 2**20 if sys.platform == "darwin" else 2**10  # in bytes there, in KiB on Linux
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def plain():
    net.eval()
    with torch.no_grad():
        for batch in images.split(256):
            net(batch)


plain()
diagnose(net, images[:4])
plain()
before = peak()
report = diagnose(net, images)
assert "torch._dynamo" not in sys.modules  # it takes seconds to load, for those who do not compile
print(report.examples, peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no module resource")
def test_memory_does_not_grow_with_the_data() -> None:
    # All its activations would be 8192 * (2 * 4096 + 64) * 4 bytes: 270 MB.
    grown = []
    while len(grown) < 3 and min(grown, default=99.0) > 10.0:  # the allocator has moods
        done = subprocess.run(
            [sys.executable, "-c", MEASURE], capture_output=True, text=True, check=True
        )
        examples, more = done.stdout.split()
        assert int(examples) == 8192
        grown.append(float(more))
    assert min(grown) < 10.0


def test_no_activation_outlives_its_pass(net: Net, x: Tensor) -> None:
    alive: list[weakref.ref] = []
    most = []

    def forward(model: Net, batch: Tensor) -> Tensor:
        out = model(batch)
        most.append(sum(ref() is not None for ref in alive))
        alive.append(weakref.ref(out))
        return out

    gc.collect()
    gc.disable()
    try:
        diagnose(net, x, batch_size=2, forward=forward, loss=squares)
        assert max(most) == 0  # of 15 batches, twice
        assert sum(ref() is not None for ref in alive) == 0
    finally:
        gc.enable()


def test_the_order_of_a_loader_stays_and_both_passes_read_the_same() -> None:
    x = torch.randn(64, 3, generator=torch.manual_seed(0))
    generator = torch.Generator().manual_seed(1)
    sampler = torch.utils.data.RandomSampler(x, generator=generator)
    loader = torch.utils.data.DataLoader(x, batch_size=8, sampler=sampler)
    before = generator.get_state()
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].bias[0] = -50.0
    seen: list[torch.Tensor] = []

    def forward(model: nn.Module, batch: torch.Tensor) -> torch.Tensor:
        seen.append(batch.clone())
        return model(batch)

    report = diagnose(model, loader, forward=forward, max_batches=2)
    assert report.dead == 1
    first, second = seen[:2], seen[2:]
    assert len(second) == 2
    assert all(map(torch.equal, first, second))
    assert torch.equal(generator.get_state(), before)
