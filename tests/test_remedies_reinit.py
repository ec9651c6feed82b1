"""`reinit_` brings units back, changes no output, and touches nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from helpers.health import Report, diagnose
from helpers.remedies import Reinitialised, reinit_
from helpers.remedies.reinit import forget


@pytest.fixture(autouse=True)
def seeded() -> Iterator[None]:
    """Begin each test with the same random numbers."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def built(make: Callable[[], nn.Module], seed: int = 0) -> nn.Module:
    """Make a model from a seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return make()


def kill(parameter: Tensor, units: Iterable[int] = (0, 2)) -> None:
    """Give some units a bias that no data overcome."""
    with torch.no_grad():
        parameter[list(units)] = -1000.0


class ConvThenTokens(nn.Module):
    """Conv1d, transposed to tokens, read by a Linear, whose units are flattened."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.each = nn.Conv1d(2, 5, 3, padding=1), nn.Linear(5, 4)
        self.head = nn.Linear(4 * 6, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.conv(x)).transpose(1, 2)
        return self.head(torch.relu(self.each(x)).flatten(1))


class PlainProduct(nn.Module):
    """``x @ w + b`` with parameters of any name."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.shift = nn.Parameter(torch.randn(3, 6)), nn.Parameter(torch.randn(6))
        self.second = nn.Parameter(torch.randn(6, 2))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x @ self.first + self.shift) @ self.second


class TwoReaders(nn.Module):
    """A unit that feeds two consumers."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.left, self.right = nn.Linear(3, 5), nn.Linear(5, 2), nn.Linear(5, 4)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.relu(self.body(x))
        return self.left(h), self.right(h)


class TimeFirst(nn.Module):
    """Tokens first, flattened with the examples."""

    def __init__(self) -> None:
        super().__init__()
        self.each, self.head = nn.Linear(3, 5), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.each(x.flatten(0, 1)))).view(*x.shape[:2], 2).mean(1)


def encoder() -> nn.Module:
    return nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, 0.0, batch_first=True), 2)


def conv_net() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True)),
        *(nn.MaxPool2d(2), nn.Dropout(0.5), nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten()),
        *(nn.Linear(24, 5), nn.ReLU(), nn.Linear(5, 2)),
    )


def pooled_net() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 5, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, 2)),
    )


def normed_net() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(4)),
        *(nn.Conv2d(4, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(192, 2)),
    )


def upside_down() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.ConvTranspose2d(4, 5, 3), nn.ReLU())


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], dict[str, str]]] = {
    # How to make it, the shape of an example, and where its units get their bias.
    "mlp": (
        lambda: nn.Sequential(
            nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 5), nn.ReLU6(), nn.Linear(5, 2)
        ),
        (3,),
        {"0.weight": "0.bias", "2.weight": "2.bias"},
    ),
    "cnn": (
        conv_net,
        (1, 8, 8),
        {"0.weight": "1.bias", "5.weight": "5.bias", "8.weight": "8.bias"},
    ),
    "pooled": (pooled_net, (1, 8, 8), {"0.weight": "0.bias"}),
    "conv1d": (ConvThenTokens, (2, 6), {"conv.weight": "conv.bias", "each.weight": "each.bias"}),
    "encoder": (
        encoder,
        (5, 8),
        {f"layers.{k}.linear1.weight": f"layers.{k}.linear1.bias" for k in range(2)},
    ),
    "plain": (PlainProduct, (3,), {"first": "shift"}),
    "two readers": (TwoReaders, (3,), {"body.weight": "body.bias"}),
    "tokens with examples": (TimeFirst, (4, 3), {"each.weight": "each.bias"}),
    "norm after": (normed_net, (1, 8, 8), {"0.weight": "0.bias"}),
    "no bias": (
        lambda: nn.Sequential(
            nn.Linear(3, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 2)
        ),
        (3,),
        {"0.weight": "1.bias"},
    ),
}


def outputs(model: nn.Module, x: Tensor) -> list[Tensor]:
    model.eval()
    with torch.no_grad():
        out = model(x)
    return list(out) if isinstance(out, tuple) else [out]


def prepared(name: str, units: Iterable[int] = (0, 2)) -> tuple[nn.Module, Tensor, Report]:
    """Make a model with dead units, its statistics of another time, and a report on it."""
    make, shape, biases = MODELS[name]
    model, x = built(make), torch.randn(64, *shape, generator=generator())
    with torch.no_grad():
        model.train()(x + 1)
    model.eval()
    parameters = dict(model.named_parameters())
    for bias in biases.values():
        with torch.no_grad():
            parameters[bias].fill_(0.7)  # for none to be dead by chance
        kill(parameters[bias], units)
    report = diagnose(model, x)
    assert sum(site.dead.sum() for site in report.sites) == 2 * len(biases)
    return model, x, report


@pytest.mark.parametrize("name", MODELS)
def test_units_come_back_and_no_output_changes(name: str) -> None:
    model, x, report = prepared(name)
    before = outputs(model, x)
    done = reinit_(model, report)
    assert done.left == ()
    assert sum(done.units.values()) == 2 * len(MODELS[name][2])
    for old, new in zip(before, outputs(model, x), strict=True):
        torch.testing.assert_close(new, old, rtol=0, atol=2e-6)
    assert diagnose(model, x).dead == 0


@pytest.mark.parametrize("name", MODELS)
def test_they_learn_again(name: str) -> None:
    model, x, report = prepared(name)
    reinit_(model, report)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    before = copy.deepcopy(model.state_dict())
    for _ in range(3):
        optimizer.zero_grad()
        out = model(x)
        (out if isinstance(out, Tensor) else out[0]).square().sum().backward()
        optimizer.step()
    for weight in MODELS[name][2]:
        site = report[weight]
        axis = report.axes[weight]
        now, then = model.state_dict()[weight], before[weight]
        moved = (now - then).movedim(axis, 0).flatten(1).abs().amax(1)
        assert (moved[torch.from_numpy(site.dead)] > 0).all()


@pytest.mark.parametrize("name", MODELS)
def test_nothing_else_is_touched(name: str) -> None:
    model, _, report = prepared(name)
    before = {key: value.clone() for key, value in model.state_dict().items()}
    reinit_(model, report)
    for key, value in model.state_dict().items():
        changed = value != before[key]
        allowed = torch.zeros_like(changed)
        for site in report.sites:
            dead = torch.from_numpy(np.flatnonzero(site.dead))
            if key == site.weight:
                allowed.movedim(report.axes[key], 0)[dead] = True
            if key == site.bias or (site.norm and key.startswith(f"{site.norm}.") and value.ndim):
                allowed[dead] = True
            for consumer, columns in site.consumers.items():
                owner = consumer.rpartition(".")[0]
                if value.ndim == 1 and key.rpartition(".")[0] == owner and key != f"{owner}.bias":
                    allowed[dead] = True  # of batch normalisation
                elif key == f"{owner}.bias" and before[consumer].ndim == 1:
                    allowed[dead] = True
                elif key == consumer:
                    flat = torch.arange(columns * site.units)
                    owners = flat % site.units if site.units_last else flat // columns
                    columns_of_dead = torch.isin(owners, dead)
                    allowed.movedim(1 - report.axes[key], 0)[columns_of_dead] = True
        assert not (changed & ~allowed).any(), key


def test_what_is_drawn_has_the_variance_of_he() -> None:
    model = built(lambda: nn.Sequential(nn.Linear(50, 400), nn.ReLU(), nn.Linear(400, 1)))
    kill(model[0].bias, range(400))
    reinit_(model, diagnose(model, torch.randn(64, 50, generator=generator())))
    weight = model[0].weight.detach()
    assert float(weight.var()) == pytest.approx(2 / 50, rel=0.05)
    assert abs(float(weight.mean())) < 0.01
    assert not model[0].bias.any()
    assert not model[2].weight.any()
    conv = built(lambda: nn.Sequential(nn.Conv2d(4, 300, 3), nn.ReLU(), nn.Conv2d(300, 1, 1)))
    kill(conv[0].bias, range(300))
    reinit_(conv, diagnose(conv, torch.randn(8, 4, 6, 6, generator=generator())))
    assert float(conv[0].weight.detach().var()) == pytest.approx(2 / 36, rel=0.05)


class ResNet(nn.Module):
    """Two residual blocks with batch norm, the second with a convolution beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.fc, self.head = nn.Conv2d(1, 6, 3), nn.Linear(8, 9), nn.Linear(9, 3)
        self.first = nn.ModuleList([nn.Conv2d(6, 6, 3, 1, 1), nn.Conv2d(6, 6, 3, 1, 1)])
        self.second = nn.ModuleList([nn.Conv2d(6, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 1, 1)])
        self.norms = nn.ModuleList([nn.BatchNorm2d(width) for width in (6, 6, 8, 8)])
        self.beside = nn.Conv2d(6, 8, 1, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.stem(x))
        y = functional.relu(self.norms[0](self.first[0](x)))
        x = functional.relu(x + self.norms[1](self.first[1](y)))
        y = functional.relu(self.norms[2](self.second[0](x)))
        x = functional.relu(self.beside(x) + self.norms[3](self.second[1](y)))
        return self.head(functional.relu(self.fc(x.mean((2, 3)))))


class UNet(nn.Module):
    """What goes down is put beside what comes up."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.deep = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 6, 3, padding=1)
        self.up, self.join = nn.ConvTranspose2d(6, 4, 2, 2), nn.Conv2d(8, 4, 3, padding=1)
        self.head = nn.Conv2d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        a = functional.relu(self.down(x))
        b = functional.relu(self.deep(functional.max_pool2d(a, 2)))
        u = functional.relu(self.up(b))
        return self.head(functional.relu(self.join(torch.cat([a, u], 1))))


def pre_norm_encoder() -> nn.Module:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=True)
    return nn.Sequential(
        nn.Linear(8, 8), nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [ResNet, UNet, pre_norm_encoder, conv_net, normed_net])
def test_no_output_changes_whichever_units_are_dead(make: Callable, seed: int) -> None:
    model = built(make, seed)
    shape = (5, 8) if make is pre_norm_encoder else (1, 8, 8)
    x, draws = torch.randn(24, *shape, generator=generator()), np.random.default_rng(seed)
    with torch.no_grad():
        model.train()(x + 0.3)
        for name, parameter in model.named_parameters():
            if name.endswith("bias") and parameter.ndim == 1 and draws.random() < 0.8:
                parameter[int(draws.integers(len(parameter)))] = -30.0
    before = outputs(model, x)
    report = diagnose(model, x)
    done = reinit_(model, report)
    assert sum(done.units.values()) > 0
    torch.testing.assert_close(outputs(model, x), before, rtol=1e-5, atol=1e-5)


# --- optimisers ---

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "momentum": lambda p: torch.optim.SGD(p, lr=1e-3, momentum=0.9),
    "Adam": lambda p: torch.optim.Adam(p, lr=1e-3, amsgrad=True),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=1e-3),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=1e-3, momentum=0.9, centered=True),
    "Rprop": lambda p: torch.optim.Rprop(p, lr=1e-3),
    "ASGD": lambda p: torch.optim.ASGD(p, lr=1e-3),
    "plain": lambda p: torch.optim.SGD(p, lr=1e-3),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("kind", ["mlp", "cnn", "plain", "norm after"])
def test_moments_of_exactly_these_rows_and_columns_are_forgotten(kind: str, name: str) -> None:
    make, shape, biases = MODELS[kind]
    model, x = built(make), torch.randn(32, *shape, generator=generator())
    optimizer = OPTIMIZERS[name](model.parameters())
    for _ in range(3):
        optimizer.zero_grad()
        (model(x).sum(1) + 1).square().sum().backward()
        optimizer.step()
    model.eval()
    for bias in biases.values():
        kill(dict(model.named_parameters())[bias])
    report = diagnose(model, x)
    values = {n: p.detach().clone() for n, p in model.named_parameters()}
    before = copy.deepcopy(optimizer.state_dict())
    reinit_(model, report, optimizer=optimizer)
    after = optimizer.state_dict()
    assert before["param_groups"] == after["param_groups"]
    forgotten = 0
    for number, (key, parameter) in enumerate(model.named_parameters()):
        for what, old in before["state"].get(number, {}).items():
            new = after["state"][number][what]
            if not isinstance(old, Tensor) or old.shape != parameter.shape:
                assert new == old
                continue
            touched = torch.zeros_like(old, dtype=torch.bool)
            changed = parameter.detach() != values[key]
            for site in report.sites:
                dead = torch.from_numpy(np.flatnonzero(site.dead))
                for mine, axis in _touched(site, report, key):
                    touched.movedim(axis, 0)[mine(dead)] = True
            assert not (changed & ~touched).any()
            if what in ("ax", "step_size"):
                assert torch.equal(new, old)
                continue
            assert torch.equal(new, torch.where(touched, torch.zeros_like(old), old)), (key, what)
            forgotten += int((touched & (old != 0)).sum())
    assert (forgotten > 0) == (name not in ("plain", "ASGD"))


def _touched(site: object, report: Report, key: str) -> list[tuple[Callable, int]]:
    """Say which rows of a parameter belong to units, and along which axis."""
    found: list[tuple[Callable, int]] = []
    if key == site.weight:
        found.append((lambda dead: dead, report.axes[key]))
    norms = {site.norm} | {c.rpartition(".")[0] for c in site.consumers if c not in report.axes}
    if key == site.bias or key.rpartition(".")[0] in norms - {""}:
        found.append((lambda dead: dead, 0))
    if key in site.consumers and key in report.axes:
        flat = torch.arange(site.consumers[key] * site.units)
        owners = flat % site.units if site.units_last else flat // site.consumers[key]
        found.append((lambda dead: torch.isin(owners, dead), 1 - report.axes[key]))
    return found


def test_an_optimiser_of_another_model_is_refused() -> None:
    model, _, report = prepared("mlp")
    other = torch.optim.Adam(nn.Linear(3, 3).parameters())
    with pytest.raises(ValueError, match="trains other parameters"):
        reinit_(model, report, optimizer=other)
    with pytest.raises(TypeError, match=r"must be a torch.optim.Optimizer; got StepLR"):
        reinit_(model, report, optimizer=torch.optim.lr_scheduler.StepLR(other, 1))


def test_forget_without_an_optimiser_does_nothing() -> None:
    forget(None, torch.ones(3), 0, torch.tensor([0]))


# --- what is left, and why ---


class Residual(nn.Module):
    """A unit whose values are added to a stream, and one inside the branch."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.inner, self.outer = nn.Linear(3, 4), nn.Linear(4, 6), nn.Linear(6, 4)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        x = x + self.outer(torch.relu(self.inner(x)))
        return self.head(torch.relu(x))


def test_a_residual_stream_is_left_and_the_branch_is_not() -> None:
    model = built(Residual)
    x = torch.randn(64, 3, generator=generator())
    kill(model.stem.bias)
    kill(model.inner.bias)
    kill(model.outer.bias)
    before = outputs(model, x)
    done = reinit_(model, diagnose(model, x))
    torch.testing.assert_close(outputs(model, x), before, rtol=0, atol=1e-6)
    # What outer gives is only added in: the sum goes into one activation, and nowhere else.
    assert [name.partition(" ")[0] for name in done.units] == ["inner.weight", "outer.weight"]
    assert len(done.left) == 1
    assert "its values go into a sum" in done.left[0]
    assert "2 left as they were" in str(done)
    assert "inner.weight -> relu" in str(done)


class PreAct(nn.Module):
    """The sum itself goes on, beside the activation."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.fc, self.head = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return self.head(x + self.fc(torch.relu(x)))


class Siamese(nn.Module):
    """One layer reads two kinds of values."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.head = nn.Linear(3, 3), nn.Linear(3, 2), nn.Linear(2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.tanh(self.fc2(torch.relu(self.fc1(x)))) - torch.tanh(self.fc2(x)))


class Gated(nn.Module):
    """Two activations of one product."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.a, self.b = nn.Linear(3, 4), nn.Linear(4, 2), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        z = self.fc(x)
        return self.a(torch.relu(z)) + self.b(torch.tanh(z))


class Sliced(nn.Module):
    """Values that are written into another tensor, and read in pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(3, 4), nn.Linear(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.fc(x))
        wide = x.new_zeros(len(x), 8)
        wide[:, 2:6] = h
        return self.head(wide)


class Returned(nn.Module):
    """Features are an output, too."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = torch.relu(self.fc(x))
        return self.head(h), h


class Tied(nn.Module):
    """An autoencoder that decodes by the weights that encode."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(3, 4), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.fc(x))
        return self.head(functional.linear(h, self.fc.weight.t()))


class LayerNormed(nn.Module):
    """A normalisation over the units, before or after the activation."""

    def __init__(self, before: bool) -> None:
        super().__init__()
        self.fc, self.norm, self.head = nn.Linear(3, 4), nn.LayerNorm(4), nn.Linear(4, 2)
        self.before = before

    def forward(self, x: Tensor) -> Tensor:
        x = self.fc(x)
        x = torch.relu(self.norm(x)) if self.before else self.norm(torch.relu(x))
        return self.head(x)


class Grouped(nn.Module):
    """A convolution that reads its channels in groups."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv1d(3, 4, 1), nn.Conv1d(4, 4, 1, groups=4)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(torch.relu(self.a(x[..., None])))


class GroupedUp(nn.Module):
    """A transposed convolution in groups."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.ConvTranspose1d(4, 4, 1, groups=2), nn.Conv1d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(torch.relu(self.a(functional.pad(x, (0, 1))[..., None])))


class Attended(nn.Module):
    """Values that attention reads."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.attention = nn.Linear(3, 4), nn.MultiheadAttention(4, 1, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.fc(x))[:, None]
        h = h.expand(-1, 2, -1)
        return self.attention(h, h, h, need_weights=False)[0].sum(1)


class Squashed(nn.Module):
    """An activation of an activation."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.sigmoid(torch.relu(self.fc(x))))


class Reused(nn.Module):
    """A layer that is applied to what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.fc, self.head = nn.Linear(3, 3), nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = torch.relu(self.fc(x))
        return self.head(x)


def hardtanh() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.Hardtanh(), nn.Linear(4, 2))


def functional_norm() -> nn.Module:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.head = nn.Linear(3, 4), nn.Linear(4, 2)
            self.scale, self.bias = nn.Parameter(torch.ones(4)), nn.Parameter(torch.zeros(4))

        def forward(self, x: Tensor) -> Tensor:
            x = torch.relu(self.fc(x))
            mean, var = torch.zeros(4), torch.ones(4)
            return self.head(functional.batch_norm(x, mean, var, self.scale, self.bias))

    return Model()


def weight_normed() -> nn.Module:
    first, last = nn.Linear(3, 4), nn.Linear(4, 2)
    return nn.Sequential(nn.utils.parametrizations.weight_norm(first), nn.ReLU(), last)


def weight_normed_reader() -> nn.Module:
    first, last = nn.Linear(3, 4), nn.Linear(4, 2)
    return nn.Sequential(first, nn.ReLU(), nn.utils.parametrizations.weight_norm(last))


LEFT: dict[str, tuple[Callable[[], nn.Module], str, str]] = {
    # How to make it, where its units get their bias, and what is said.
    "the sum goes on": (PreAct, "stem.bias", "stem.weight, or its product, goes into a sum too"),
    "shared layer": (Siamese, "fc1.bias", "fc2.weight multiplies other values too"),
    "two activations": (Gated, "fc.bias", "fc.weight leads to other activations too"),
    "written elsewhere": (Sliced, "fc.bias", "its values go into setitem"),
    "returned": (Returned, "fc.bias", "its values go into the output"),
    "tied": (Tied, "fc.bias", "fc.weight, or its product, goes into t too"),
    "layer norm before": (lambda: LayerNormed(True), "norm.bias", "norm mixes these units"),
    "layer norm after": (lambda: LayerNormed(False), "fc.bias", "values go into layer_norm"),
    "groups": (Grouped, "a.bias", "its values go into another product"),
    "groups, transposed": (GroupedUp, "a.bias", "a.weight is cut into groups"),
    "attention": (Attended, "fc.bias", "its values go into getitem"),
    "two in a row": (Squashed, "fc.bias", "its values go into sigmoid"),
    "reused": (Reused, "fc.bias", "fc.weight multiplies other values too"),
    "dead at -1": (hardtanh, "0.bias", "says another number than 0 at hardtanh"),
    "a norm by hand": (functional_norm, "fc.bias", "no module of batch normalisation"),
    "weight norm": (weight_normed, "0.bias", "0.weight is no parameter of its own"),
    "weight norm onward": (weight_normed_reader, "0.bias", "2.weight, which it feeds, is no"),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_hangs_together_with_others_is_left_and_this_is_said(name: str) -> None:
    make, bias, says = LEFT[name]
    model, x = built(make), torch.randn(64, 3, generator=generator())
    kill(dict(model.named_parameters())[bias], [1])
    report = diagnose(model, x)
    assert report.dead >= 1
    before = copy.deepcopy(model.state_dict())
    done = reinit_(model, report)
    assert done.units == {}
    assert says in str(done)
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())


def test_recurrent_layers_are_left() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.RNN(3, 4, nonlinearity="relu", batch_first=True)
            self.head = nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(self.rnn(x)[0][:, -1])

    model = built(Model)
    kill(model.rnn.bias_ih_l0)
    done = reinit_(model, diagnose(model, torch.randn(32, 5, 3, generator=generator())))
    assert done.units == {}
    assert "goes into a recurrent sum too" in str(done)


def test_an_activation_whose_weights_are_not_known_is_left() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shift, self.head = nn.Parameter(torch.zeros(3)), nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            return self.head(torch.relu(x * 1.0 + self.shift))

    model = Model()
    kill(model.shift)
    done = reinit_(model, diagnose(model, torch.randn(32, 3, generator=generator())))
    assert "the weight behind it is no parameter of its own" in str(done)


def test_values_that_go_nowhere_are_left() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.head = nn.Linear(3, 4), nn.Linear(3, 2)

        def forward(self, x: Tensor) -> Tensor:
            torch.relu(self.fc(x))
            return self.head(x)

    model = Model()
    kill(model.fc.bias)
    done = reinit_(model, diagnose(model, torch.randn(32, 3, generator=generator())))
    assert "what its values feed is not known" in str(done)


@pytest.mark.parametrize("frozen", ["0.weight", "2.weight"])
def test_frozen_weights_are_left(frozen: str) -> None:
    model, _, report = prepared("mlp")
    dict(model.named_parameters())[frozen].requires_grad_(False)
    before = model.state_dict()[frozen].clone()
    done = reinit_(model, report)
    assert f"{frozen} is frozen" in str(done)
    assert torch.equal(model.state_dict()[frozen], before) or frozen == "2.weight"
    assert not dict(model.named_parameters())[frozen].requires_grad


# --- reports and states ---


def test_a_report_of_another_model_is_refused() -> None:
    _, _, report = prepared("mlp")
    with pytest.raises(ValueError, match=r"about a Sequential with 0.weight.*diagnose this model"):
        reinit_(TwoReaders(), report)
    wider = nn.Sequential(nn.Linear(3, 9), nn.ReLU(), nn.Linear(9, 5), nn.ReLU6(), nn.Linear(5, 2))
    with pytest.raises(ValueError, match=r"0.weight has shape \(9, 3\) and .* about 6 units"):
        reinit_(wider, report)


def test_other_states_and_wrong_ones() -> None:
    model, x, report = prepared("mlp")
    site = report.sites[0]
    near = replace(site, dead=np.zeros(6, dtype=bool), near_dead=np.arange(6) == 1)
    changed = replace(report, sites=[near, report.sites[1]])
    done = reinit_(model, changed, states=("dead", "near-dead"))
    assert list(done.units.values()) == [1, 2]
    model, x, report = prepared("mlp")
    assert sum(reinit_(model, report, states="dead").units.values()) == 4
    assert diagnose(model, x).dead == 0
    for wrong in (("deceased",), (), "near_dead"):
        with pytest.raises(ValueError, match="states must be among 'not finite', 'dead'"):
            reinit_(model, report, states=wrong)


def test_nothing_to_do_is_said() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    done = reinit_(model, diagnose(model, torch.randn(99, 3, generator=generator())))
    assert str(done) == "nothing to draw anew"
    assert str(Reinitialised({"a": 1, "b": 2}, ("c",))) == (
        "a: 1 unit drawn anew\nb: 2 units drawn anew\nc"
    )


def test_the_seed_decides_and_random_numbers_stay() -> None:
    weights = []
    for seed in (0, 0, 1):
        model, _, report = prepared("mlp")
        state = torch.get_rng_state()
        reinit_(model, report, seed=seed)
        assert torch.equal(torch.get_rng_state(), state)
        weights.append(model[0].weight.detach().clone())
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_half_precision_and_compiled_models() -> None:
    model, x, _ = prepared("mlp")
    model, x = model.to(torch.bfloat16), x.to(torch.bfloat16)
    before = outputs(model, x)
    done = reinit_(model, diagnose(model, x))
    assert sum(done.units.values()) == 4
    assert torch.equal(outputs(model, x)[0], before[0])
    model, x, report = prepared("mlp")
    compiled = torch.compile(model, backend="eager")
    assert sum(reinit_(compiled, report).units.values()) == 4
    assert diagnose(model, x).dead == 0


def test_modes_and_gradients_stay() -> None:
    model, x, report = prepared("cnn")
    model.train()
    model(x).sum().backward()
    gradients = [p.grad.clone() for p in model.parameters()]
    reinit_(model, report)
    assert all(module.training for module in model.modules())
    assert all(map(torch.equal, gradients, (p.grad for p in model.parameters())))
    assert all(p.requires_grad and p.is_leaf for p in model.parameters())


def test_units_of_a_healthy_model_want_a_thorough_look() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 1))
    with torch.no_grad():
        model[0].weight.copy_(torch.eye(4, 3))
        model[0].bias.fill_(0.1)
    report = diagnose(model, torch.rand(200, 3))
    assert {unit.state for unit in report.units} <= {"healthy", "always-on"}
    done = reinit_(model, report, states=("always-on", "healthy"))
    assert not done.units
    assert "thorough=True" in str(done)
    report = diagnose(model, torch.rand(200, 3), thorough=True)
    assert sum(reinit_(model, report, states=("always-on", "healthy")).units.values()) == 4
