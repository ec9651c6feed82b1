"""`diagnose` counts exactly, whoever makes the call: held against passes written by hand."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812 (the name by which everybody knows it)
from health_oracle import Layer, hold_all, mixed_, normal
from torch import nn
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from helpers.health import diagnose
from helpers.health.capture import Capture
from helpers.health.record import Record
from helpers.health.tally import _count

Tensor = torch.Tensor
relu = torch.relu


def linear(x: Tensor, layer: nn.Linear) -> Tensor:
    return x @ layer.weight.T + layer.bias


@pytest.fixture(autouse=True)
def without_gradients():
    """Hand-written passes need no gradients; `diagnose` sees to its own."""
    with torch.no_grad():
        yield


# --- dense layers ---------------------------------------------------------------------------------


def test_modules() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 40), nn.ReLU(), nn.Linear(40, 30), nn.ReLU()))
    net.append(nn.Linear(30, 3).double())
    x = normal(700, 5)
    z1 = linear(x, net[0])
    z2 = linear(relu(z1), net[2])
    report = diagnose(net, x, batch_size=64)
    hold_all(report, [Layer(z1, relu), Layer(z2, relu)])
    assert [site.dead.any() for site in report.sites] == [True, True]
    assert report.coverage.outputs == ("4.weight",)
    assert report.coverage.judged == ("0.weight", "2.weight")
    assert report.examples == 700


class Functional(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(5, 40), nn.Linear(40, 30), nn.Linear(30, 2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.fc1(x))
        x = self.fc2(x).relu_()
        return self.out(x)


def functional_layers(net: Functional, x: Tensor) -> list[Layer]:
    z1 = linear(x, net.fc1)
    return [Layer(z1, relu), Layer(linear(relu(z1), net.fc2), relu)]


def test_functions_of_torch() -> None:
    net, x = mixed_(Functional()), normal(500, 5)
    report = diagnose(net, x, batch_size=99)
    hold_all(report, functional_layers(net, x))
    assert report["fc1"].name.startswith("fc1.weight -> relu @ test_health_capture.py:")
    assert report["fc2"].weight == "fc2.weight"


def test_leaky_and_logits_are_never_dead() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 40), nn.LeakyReLU(0.01), nn.Linear(40, 6)), low=-9)
    net[2].bias.fill_(-100.0)
    x = normal(500, 5)
    report = diagnose(net, x)
    hold_all(report, [Layer(linear(x, net[0]), partial(F.leaky_relu, negative_slope=0.01))])
    assert report.dead == 0
    assert report.sites[0].always_negative.any()
    assert report.coverage.outputs == ("2.weight",)


class OneReLU(nn.Module):
    """One module for all activations, called at one line of a loop."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(6, 6), nn.Linear(6, 12), nn.Linear(12, 6)])
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = self.act(layer(x))
        return x


def test_one_module_used_for_all_layers() -> None:
    net, x, layers = mixed_(OneReLU(), low=-3), normal(300, 6), []
    a = x
    for layer in net.layers:
        layers.append(Layer(linear(a, layer), relu))
        a = relu(layers[-1].z)
    report = diagnose(net, x, batch_size=128)
    hold_all(report, layers)
    assert [site.weight for site in report.sites] == [f"layers.{k}.weight" for k in range(3)]


class Shared(nn.Module):
    """One layer applied three times: its units are pooled over the calls."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(6, 6)

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(3):
            x = F.relu(self.fc(x))
        return x


def test_a_layer_used_several_times_is_pooled_over_its_calls() -> None:
    net, x, zs = mixed_(Shared(), low=-2), normal(300, 6), []
    a = x
    for _ in range(3):
        zs.append(linear(a, net.fc))
        a = relu(zs[-1])
    hold_all(diagnose(net, x, batch_size=77), [Layer(torch.stack(zs, 1), relu)])


class Tied(nn.Module):
    """Two names for one weight, and a decoder that uses it the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(6, 6), nn.Linear(6, 6)
        self.second.weight = self.first.weight

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first(x))
        x = F.relu(self.second(x))
        return F.linear(x, self.first.weight.T)


def test_tied_weights() -> None:
    net, x = mixed_(Tied(), low=-2), normal(300, 6)
    z1 = linear(x, net.first)
    z2 = linear(relu(z1), net.second)
    report = diagnose(net, x)
    hold_all(report, [Layer(z1, relu), Layer(z2, relu)])
    assert report.coverage.judged == ("first.weight",)


class Plain(nn.Module):
    """Parameters without modules, in three ways to write a product."""

    def __init__(self) -> None:
        super().__init__()
        self.w1, self.bias1 = nn.Parameter(torch.zeros(5, 20)), nn.Parameter(torch.zeros(20))
        self.w2, self.bias2 = nn.Parameter(torch.zeros(20, 20)), nn.Parameter(torch.zeros(20))
        self.w3, self.bias3 = nn.Parameter(torch.zeros(20, 10)), nn.Parameter(torch.zeros(10))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x @ self.w1 + self.bias1)
        x = torch.relu(torch.addmm(self.bias2, x, self.w2))
        x = torch.matmul(input=x, other=self.w3)
        x += self.bias3
        return x.clamp(min=0)


def test_plain_parameters() -> None:
    net, x = mixed_(Plain()), normal(400, 5)
    z1 = x @ net.w1 + net.bias1
    z2 = relu(z1) @ net.w2 + net.bias2
    z3 = relu(z2) @ net.w3 + net.bias3
    clamp = partial(torch.clamp, min=0)
    report = diagnose(net, x)
    hold_all(report, [Layer(z1, relu), Layer(z2, relu), Layer(z3, clamp)])
    assert report.coverage.judged == ("w1", "w2", "w3")
    assert [report[w].causes[int(np.argmax(report[w].dead))] for w in ("w1", "w2")] == ["bias"] * 2


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem, self.conv = nn.Conv2d(2, 8, 3, padding=1), nn.Conv2d(8, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.stem(x))
        y = self.norm(self.conv(x))
        y += x
        return self.act(y)


def test_residual_block() -> None:
    net, x = mixed_(Residual(), low=-5), normal(60, 2, 6, 6)
    net.eval()
    net.norm.bias.copy_(torch.linspace(-9, 1, 8))
    z1 = F.conv2d(x, net.stem.weight, net.stem.bias, padding=1)
    a1 = relu(z1)
    z2 = net.norm(F.conv2d(a1, net.conv.weight, net.conv.bias, padding=1)) + a1
    report = diagnose(net, x, batch_size=16)
    hold_all(report, [Layer(z1, relu, 1), Layer(z2, relu, 1)])
    assert report.sites[1].name.startswith("conv.weight -> norm -> relu @ ")


# --- convolutions ---------------------------------------------------------------------------------


def test_conv_net_in_place() -> None:
    net = nn.Sequential(
        nn.Conv2d(1, 8, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout(0.3),
        nn.Conv2d(8, 12, 3), nn.BatchNorm2d(12), nn.ReLU(True), nn.Flatten(), nn.Linear(108, 9),
        nn.ReLU(inplace=True), nn.Linear(9, 3),
    )  # fmt: skip
    net, x = mixed_(net, low=-5), normal(90, 1, 12, 12)
    net.eval()
    z1 = F.conv2d(x, net[0].weight, net[0].bias)
    z2 = net[5](F.conv2d(F.max_pool2d(relu(z1), 2), net[4].weight, net[4].bias))
    z3 = linear(relu(z2).flatten(1), net[8])
    report = diagnose(net, x, batch_size=32)
    hold_all(report, [Layer(z1, relu, 1), Layer(z2, relu, 1), Layer(z3, relu)])
    assert report.coverage.others == {}


class Classic(nn.Module):
    """The one of the tutorials: the activation comes after the pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 3), nn.Conv2d(6, 8, 3)
        self.fc = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2).flatten(1))
        return F.log_softmax(self.fc(x), dim=1)


def test_pooled_and_flattened_before_the_activation() -> None:
    net, x = mixed_(Classic(), low=-5), normal(90, 1, 14, 14)
    z1 = F.max_pool2d(F.conv2d(x, net.conv1.weight, net.conv1.bias), 2)
    z2 = F.max_pool2d(F.conv2d(relu(z1), net.conv2.weight, net.conv2.bias), 2)
    report = diagnose(net, x, batch_size=32)
    hold_all(report, [Layer(z1, relu, 1), Layer(z2, relu, 1)])
    assert "fc.weight" not in report.coverage.judged


class Reordered(nn.Module):
    """A convolution whose channels, rows, columns and examples are all 8, moved about."""

    def __init__(self, how: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.conv, self.how = nn.Conv2d(1, 8, 3, padding=1), how

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.how(self.conv(x)))


@pytest.mark.parametrize(
    "how",
    [
        lambda z: z,
        lambda z: z.permute(0, 2, 3, 1),
        lambda z: z.flatten(2),
        lambda z: z.flatten(1),
        lambda z: z.flatten(2).transpose(1, 2),
        lambda z: z.view(8, 8, 4, 16),
        lambda z: z.unsqueeze(-1).contiguous(),
        lambda z: z.flatten(1).unflatten(1, (8, 64)),
        lambda z: z.mean((2, 3)),
        lambda z: z.mean((2, 3), keepdim=True).squeeze(-1).squeeze(-1),
        lambda z: F.adaptive_avg_pool2d(z, 1).flatten(1),
        lambda z: z.movedim(1, -1).float().double(),
        lambda z: F.pad(z, (0, 1, 0, 1)),
    ],
)
def test_units_are_followed_where_all_sizes_coincide(how: Callable[[Tensor], Tensor]) -> None:
    net, x = mixed_(Reordered(how), low=-3, high=1), normal(24, 1, 8, 8)
    z = F.conv2d(x, net.conv.weight, net.conv.bias, padding=1)
    batches = list(x.split(8))
    moved = torch.cat(
        [how(F.conv2d(b, net.conv.weight, net.conv.bias, padding=1)) for b in batches]
    )
    by_unit = {  # the same, brought to (N, units, positions) by what is known of the case
        (24, 8, 8, 8): lambda m: m if torch.equal(m, z) else m.movedim(-1, 1),
        (24, 8, 64): lambda m: m,
        (24, 64, 8): lambda m: m.transpose(1, 2),
        (24, 512): lambda m: m.unflatten(1, (8, 64)),
        (24, 8): lambda m: m[:, :, None],
        (24, 8, 4, 16): lambda m: m,
        (24, 8, 8, 8, 1): lambda m: m,
        (24, 8, 9, 9): lambda m: m,
    }[tuple(moved.shape)](moved)
    report = diagnose(net, batches)
    hold_all(report, [Layer(by_unit, relu, 1)])
    assert report.coverage.judged == ("conv.weight",)


@pytest.mark.parametrize(
    "how",
    [
        lambda z: z.permute(0, 2, 3, 1).flatten(1),  # the values of a unit lie apart
        lambda z: F.pad(z, (0, 0, 0, 0, 4, 4)),  # channels of nothing
        lambda z: z.view(8, 2, 4, 64),  # two groups of channels
        lambda z: z.mean(1),
    ],
)
def test_units_that_are_lost_are_said_to_be(how: Callable[[Tensor], Tensor]) -> None:
    net = mixed_(Reordered(how))
    report = diagnose(net, list(normal(24, 1, 8, 8).split(8)))
    assert report.sites[0].name.startswith("? -> relu @ ")
    assert report.coverage.others == {"conv.weight": "no activation follows it"}


@pytest.mark.parametrize(("batch", "length"), [(7, 5), (8, 5), (7, 8), (8, 8)])
def test_conv1d_against_sequences(batch: int, length: int) -> None:
    # 8 channels: (B, C, L) of a convolution and (B, L, C) of a linear map are told by the weight.
    conv = mixed_(nn.Sequential(nn.Conv1d(8, 8, 3, padding=1), nn.ReLU()), low=-3)
    x = normal(batch * 4, 8, length)
    z = F.conv1d(x, conv[0].weight, conv[0].bias, padding=1)
    hold_all(diagnose(conv, x, batch_size=batch), [Layer(z, relu, 1)])
    dense = mixed_(nn.Sequential(nn.Linear(8, 8), nn.ReLU()), low=-3)
    x = normal(batch * 4, length, 8)
    hold_all(diagnose(dense, x, batch_size=batch), [Layer(linear(x, dense[0]), relu)])


@pytest.mark.parametrize("kind", [nn.Conv1d, nn.Conv3d, nn.ConvTranspose2d])
def test_other_convolutions(kind: type) -> None:
    axes = int(kind.__name__[-2])
    net = mixed_(nn.Sequential(kind(2, 6, 3, padding=1), nn.ReLU()), low=-4)
    x = normal(30, 2, *[4] * axes)
    hold_all(diagnose(net, x, batch_size=7), [Layer(net[0](x), relu, 1)])


class Windows(nn.Module):
    """Examples cut into pieces that go through a layer as if each were an example."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 6, 3, padding=1), nn.Linear(6, 10)

    def forward(self, x: Tensor) -> Tensor:  # (B, T, 8, 8)
        x = F.relu(self.conv(x.flatten(0, 1)[:, None]))  # (B * T, 6, 8, 8)
        x = F.relu(self.fc(x.mean((2, 3))))  # (B * T, 10)
        return x.unflatten(0, (-1, 3)).mean(1)


@pytest.mark.parametrize("batch", [5, 8])
def test_examples_that_were_cut_up_count_once(batch: int) -> None:
    net, x = mixed_(Windows(), low=-2), normal(16, 3, 8, 8)
    z1 = F.conv2d(x.flatten(0, 1)[:, None], net.conv.weight, net.conv.bias, padding=1)
    z2 = linear(relu(z1).mean((2, 3)), net.fc)
    z1 = z1.unflatten(0, (16, 3)).movedim(2, 1)
    report = diagnose(net, x, batch_size=batch)
    hold_all(report, [Layer(z1, relu, 1), Layer(z2.unflatten(0, (16, 3)), relu)])


class RaggedRows(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 6)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.fc(x[:, 0].repeat(2, 1)[1:]))


def test_rows_that_are_no_examples_are_said_to_be_counted() -> None:
    report = diagnose(mixed_(RaggedRows()), normal(10, 1, 4))
    assert report.sites[0].examples == 19
    assert "N counts its rows there" in str(report)


def test_sequence_first_inside_the_model() -> None:
    net = mixed_(nn.Sequential(nn.Linear(4, 12), nn.ReLU()), low=-3)
    x = normal(30, 6, 4)
    report = diagnose(net, x, batch_size=10, forward=lambda net, batch: net(batch.transpose(0, 1)))
    hold_all(report, [Layer(linear(x, net[0]), relu)])


# --- unbatched inputs, dicts, wrappers, nested modules --------------------------------------------


def test_inputs_without_an_axis_of_examples() -> None:
    dense = mixed_(nn.Sequential(nn.Linear(5, 12), nn.ReLU()))
    x = normal(40, 5)
    report = diagnose(dense, list(x), loss=lambda out, target: out.sum())
    hold_all(report, [Layer(linear(x, dense[0]), relu)])
    assert report.examples == 40
    conv = mixed_(nn.Sequential(nn.Conv2d(2, 6, 3), nn.ReLU()), low=-4)
    x = normal(40, 2, 5, 5)
    report = diagnose(conv, list(x))
    hold_all(report, [Layer(F.conv2d(x, conv[0].weight, conv[0].bias), relu, 1)])
    assert report.examples == 40


class Wrapper(nn.Module):
    """Like nn.DataParallel on a machine without a second device."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, *args: Tensor, **kwargs: Tensor) -> dict[str, Tensor]:
        return {"logits": self.module(*args, **kwargs), "extra": None}


@pytest.mark.parametrize("wrap", [Wrapper, nn.DataParallel, lambda net: Wrapper(Wrapper(net))])
def test_wrappers_and_outputs_in_dicts(wrap: Callable[[nn.Module], nn.Module]) -> None:
    net, x = mixed_(Functional()), normal(200, 5)
    wrapped = wrap(net)
    report = diagnose(wrapped, x)
    hold_all(report, functional_layers(net, x))
    prefix = ".".join(["module"] * (2 if isinstance(wrapped.module, Wrapper) else 1))
    assert report.coverage.outputs == (f"{prefix}.out.weight",)
    assert report[f"{prefix}.fc1"].units == 40


def test_control_flow_that_depends_on_data() -> None:
    class Branches(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Linear(3, 20), nn.Linear(3, 20)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.a(x) if x.sum() > 0 else self.b(x))

    net, x = mixed_(Branches()), normal(400, 3)
    batches = sorted(x.split(20), key=lambda batch: -float(batch.sum()))
    first = torch.cat([batch for batch in batches if batch.sum() > 0])
    second = torch.cat([batch for batch in batches if batch.sum() <= 0])
    report = diagnose(net, batches, loss=lambda out, target: out.mean())
    hold_all(report, [Layer(linear(first, net.a), relu), Layer(linear(second, net.b), relu)])
    # The last pass used one branch only; what the other one used is not forgotten.
    assert set(report["a"].causes) == set(report["b"].causes) == {"bias", ""}
    unused = diagnose(net, [batches[0]])
    assert "b.weight" in unused.coverage.others


# --- each activation ------------------------------------------------------------------------------


def prelu(channels: int) -> nn.PReLU:
    module = nn.PReLU(channels)
    module.weight.data = torch.linspace(0.1, 0.5, channels)
    if channels > 1:
        module.weight.data[2] = 0.0
    return module.double()


@pytest.mark.parametrize(
    "module",
    [
        nn.ReLU(),
        nn.ReLU6(),
        nn.Hardtanh(),
        nn.Hardtanh(0, 6),
        nn.Hardtanh(0, 2),
        nn.Hardtanh(-0.5, 2),
        nn.LeakyReLU(0.2),
        nn.LeakyReLU(0.0),
        nn.ELU(0.7),
        nn.CELU(0.7),
        nn.SELU(),
        nn.GELU(),
        nn.GELU("tanh"),
        nn.SiLU(),
        nn.Mish(),
        nn.Softplus(),
        nn.Softplus(3.0, 5.0),
        nn.Softsign(),
        nn.Sigmoid(),
        nn.Tanh(),
        nn.LogSigmoid(),
        nn.Hardswish(),
        nn.Hardsigmoid(),
        nn.Threshold(0.0, 0.0),
        nn.RReLU(),
        prelu(1),
        prelu(24),
    ],
    ids=str,
)
@pytest.mark.parametrize("shape", [(5,), (4, 5)], ids=["vectors", "tokens"])
def test_activation(module: nn.Module, shape: tuple[int, ...]) -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 24)), low=-16, high=16).append(module)
    net[0].bias[:3] = torch.tensor([-1.5, -3.0, -40.0])
    net[0].weight[1:3] *= 0.01
    x = normal(300, *shape)
    z = linear(x, net[0])
    function = module.eval()
    if isinstance(module, nn.PReLU):  # its own channels are axis 1, where tokens are here
        if len(shape) > 1 and module.num_parameters > 1:
            return  # its slopes belong to tokens: see below
        function = partial(lambda w, v: torch.where(v > 0, v, w * v), module.weight)
    before = len(x)
    report = diagnose(net, x, batch_size=64)
    hold_all(report, [Layer(z, function)])
    assert before == report.examples
    can_die = isinstance(
        module,
        nn.ReLU | nn.ReLU6 | nn.Hardtanh | nn.Hardswish | nn.Hardsigmoid | nn.Threshold,
    )
    flat = getattr(module, "negative_slope", 1) == 0 or getattr(module, "num_parameters", 1) > 1
    assert report.sites[0].dead.any() == (can_die or flat)


def test_prelu_with_a_slope_for_each_token() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 24), nn.PReLU(4)), low=-9)
    x = normal(300, 4, 5)
    net[1].weight.copy_(torch.tensor([0.0, 0.1, 0.2, 0.3]))
    hold_all(diagnose(net, x), [Layer(linear(x, net[0]), net[1])])
    net[1].weight.zero_()
    report = diagnose(net, x)
    hold_all(report, [Layer(linear(x, net[0]), net[1])])
    assert report.dead > 0


@pytest.mark.parametrize(
    "cut",
    [
        lambda z: z.clamp(min=0),
        lambda z: z.clamp(0),
        lambda z: torch.clip(z, min=0.0),
        lambda z: z.clamp_min(0),
        lambda z: z.clamp_(min=0),
        lambda z: torch.clamp(input=z, min=0, max=5),
        lambda z: torch.maximum(z, z.new_zeros(())),
        lambda z: torch.max(z, torch.zeros(1, dtype=z.dtype)),
        lambda z: F.threshold(z, 0.0, 0.0, inplace=True),
        lambda z: F.relu(z, True),
        lambda z: F.relu(input=z),
        lambda z: F.relu6(z, inplace=True),
        lambda z: F.hardtanh(z, 0.0, 6.0, True),
        lambda z: F.elu(z, 1.0, True),
        lambda z: F.leaky_relu_(z, 0.3),
        lambda z: z.sigmoid(),
        lambda z: z.tanh_(),
    ],
)
def test_ways_to_write_an_activation(cut: Callable[[Tensor], Tensor]) -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(5, 24)

        def forward(self, x: Tensor) -> Tensor:
            return cut(self.fc(x))

    net, x = mixed_(Cut(), low=-9, high=9), normal(300, 5)
    z = linear(x, net.fc)
    wanted = cut(z.clone())
    hold_all(diagnose(net, x, batch_size=100), [Layer(z, lambda v: cut(v.clone()))])
    assert torch.equal(net(x), wanted)


@pytest.mark.parametrize(
    "no_activation",
    [
        lambda z: z.clamp(min=1e-6),
        lambda z: z.clamp(max=0.0),
        lambda z: z.clamp(min=-1, max=1),
        lambda z: torch.maximum(z, z + 1),
        lambda z: z.max(1).values,
        lambda z: z.clamp(torch.zeros(24, dtype=z.dtype), torch.ones(24, dtype=z.dtype)),
        lambda z: F.threshold(z, 0.1, 0.0),
        lambda z: (z * 2 + 1).clamp(min=0),
    ],
)
def test_what_is_no_activation(no_activation: Callable[[Tensor], Tensor]) -> None:
    class Cut(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(5, 24)
            self.gate = nn.Parameter(torch.zeros(()))
            self.scale = nn.Parameter(torch.zeros(24))

        def forward(self, x: Tensor) -> Tensor:
            z = self.fc(x) * self.gate.sigmoid() * F.softplus(self.scale)  # neither has units
            return no_activation(z if self.training else self.fc(x))

    net, x = mixed_(Cut()), normal(30, 5)
    for training in (True, False):
        report = diagnose(net, x, training=training)
        assert report.sites == []
        assert "fc.weight" in report.coverage.others or "fc.weight" in report.coverage.outputs


def test_rrelu_in_training_draws_its_slopes_anew() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 24), nn.RReLU(0.1, 0.3, inplace=True)))
    site = diagnose(net, normal(300, 5), training=True).sites[0]
    assert site.always_negative.any()
    assert not site.dead.any()


# --- weights that are computed --------------------------------------------------------------------


def old_style(norm: Callable) -> Callable:
    def apply(layer: nn.Module) -> nn.Module:
        with (
            pytest.warns(FutureWarning)
            if norm is nn.utils.weight_norm
            else contextlib.nullcontext()
        ):
            return norm(layer)

    return apply


@pytest.mark.parametrize(
    "norm",
    [
        parametrizations.weight_norm,
        parametrizations.spectral_norm,
        parametrizations.orthogonal,
        old_style(nn.utils.weight_norm),
        old_style(nn.utils.spectral_norm),
    ],
)
def test_weights_that_are_computed_from_others(norm: Callable) -> None:
    net = mixed_(nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 12), nn.ReLU()))
    norm(net[0])
    norm(net[2])
    net.double().eval()
    x = normal(300, 6)
    z1 = net[0](x)
    z2 = net[2](relu(z1))
    unit = int((z2 > 0).sum(0).argmax())
    report = diagnose(net, x, batch_size=100, loss=lambda out, target: out[:, unit].sum())
    hold_all(report, [Layer(z1, relu), Layer(z2, relu)])
    assert set(report.coverage.judged) == {"0.weight", "2.weight"}
    assert report.coverage.others == {}
    assert np.flatnonzero(~report.sites[1].stuck).tolist() == [unit]


class Masked(nn.Module):
    """A weight of one's own making, without any help of torch."""

    def __init__(self, lines: bool) -> None:
        super().__init__()
        self.v1, self.v2 = nn.Parameter(torch.zeros(9, 6)), nn.Parameter(torch.zeros(9, 9))
        self.bias, self.lines = nn.Parameter(torch.zeros(9)), lines

    def forward(self, x: Tensor) -> Tensor:
        if self.lines:
            x = F.relu(F.linear(x, self.v1 * 2, self.bias))
            return F.relu(F.linear(x, self.v2 * 2, self.bias))
        for v in (self.v1, self.v2, self.v2):
            x = F.relu(F.linear(x, v * 2, self.bias))
        return x


def test_weights_of_ones_own_making() -> None:
    net, x = mixed_(Masked(lines=True), low=-3), normal(200, 6)
    z1 = F.linear(x, net.v1 * 2, net.bias)
    z2 = F.linear(relu(z1), net.v2 * 2, net.bias)
    report = diagnose(net, x, loss=lambda out, target: out.sum())
    hold_all(report, [Layer(z1, relu), Layer(z2, relu)])
    assert set(report.coverage.others) == {"v1", "v2"}
    net.lines = False
    report = diagnose(net, x, loss=lambda out, target: out.sum())
    assert "all are taken as one layer" in str(report)


def test_products_with_weights_nobody_knows() -> None:
    class Products(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ws = nn.ParameterList([nn.Parameter(torch.zeros(k, 9 + k)) for k in (6, 15)])

        def forward(self, x: Tensor) -> Tensor:
            for w in self.ws:
                x = F.relu(x @ (w * 1.0))  # layers of 15 and of 24 units, at one line
            return x

    net, x = mixed_(Products()), normal(200, 6)
    z1 = x @ net.ws[0]
    report = diagnose(net, x)
    hold_all(report, [Layer(z1, relu), Layer(relu(z1) @ net.ws[1], relu)])
    assert [site.weight for site in report.sites] == ["", ""]
    assert report.sites[1].name.endswith(" #2")
    assert set(report.coverage.others) == {"ws.0", "ws.1"}


# --- transformers ---------------------------------------------------------------------------------


def encoder_layers(
    layers: list[nn.TransformerEncoderLayer], x: Tensor, padded: Tensor | None, function: Callable
) -> list[Layer]:
    """Post-norm layers written out, with two heads; x of shape (B, L, E)."""
    found = []
    for layer in layers:
        attention, size = layer.self_attn, x.shape[-1]
        q, k, v = (
            part.unflatten(-1, (2, -1)).transpose(1, 2)
            for part in (x @ attention.in_proj_weight.T + attention.in_proj_bias).split(size, -1)
        )
        scores = q @ k.transpose(2, 3) / (size / 2) ** 0.5
        if padded is not None:
            scores = scores.masked_fill(padded[:, None, None, :], -torch.inf)
        mixed = linear((scores.softmax(-1) @ v).transpose(1, 2).flatten(2), attention.out_proj)
        x = F.layer_norm(x + mixed, (size,), layer.norm1.weight, layer.norm1.bias)
        z = linear(x, layer.linear1)
        found.append(Layer(z, function, padded=padded))
        more = linear(function(z), layer.linear2)
        x = F.layer_norm(x + more, (size,), layer.norm2.weight, layer.norm2.bias)
    return found


def encoder(batch_first: bool, activation: str, depth: int, dropout: float = 0.0) -> nn.Module:
    layer = nn.TransformerEncoderLayer(
        8, 2, 30, dropout=dropout, activation=activation, batch_first=batch_first
    )
    if depth == 0:
        return mixed_(layer, low=-6, high=4)
    net = nn.TransformerEncoder(layer, depth, enable_nested_tensor=batch_first)
    return mixed_(net, low=-6, high=4)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("padding", [False, True])
@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("depth", [0, 2])
@pytest.mark.filterwarnings("ignore:.*nested tensors is in prototype:UserWarning")
def test_transformer_encoder(
    activation: str, batch_first: bool, padding: bool, training: bool, depth: int
) -> None:
    net = encoder(batch_first, activation, depth)
    x = normal(40, 6, 8)
    padded = None
    if padding:
        lengths = 1 + torch.arange(40) % 6
        padded = torch.arange(6)[None] >= lengths[:, None]
        x[padded] = 100.0  # would make any unit fire
    function = getattr(F, activation)
    layers = list(net.layers) if depth else [net]
    wanted = encoder_layers(layers, x, padded, function)

    def forward(net: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        values = batch["x"] if batch_first else batch["x"].transpose(0, 1)
        out = net(values, src_key_padding_mask=batch.get("padded"))
        outputs.append(out if batch_first else out.transpose(0, 1))
        return out

    outputs: list[Tensor] = []
    data = {"x": x} if padded is None else {"x": x, "padded": padded}
    plain = forward(net.train(training), data)  # on torch's fast path, in eval mode
    plain = plain if batch_first else plain.transpose(0, 1)
    outputs.clear()
    report = diagnose(net, data, forward=forward, batch_size=16, training=training)
    hold_all(report, wanted)
    real = slice(None) if padded is None else ~padded
    seen = torch.cat(outputs[:3])
    torch.testing.assert_close(seen[real], plain[real], atol=1e-6, rtol=1e-6)
    prefix = "layers.0." if depth else ""
    assert f"{prefix}linear2.weight" not in report.coverage.judged
    attention = f"{prefix}self_attn.in_proj_weight"
    assert report.coverage.others[attention].startswith("attention has no activation")


def test_masks_of_attention_in_floats_and_by_place() -> None:
    net, x = encoder(True, "relu", 0), normal(20, 6, 8)
    padded = torch.zeros(20, 6, dtype=torch.bool)
    padded[:, 4:] = True
    mask = torch.zeros(20, 6, dtype=torch.float64).masked_fill(padded, -torch.inf)
    wanted = encoder_layers([net], x, padded, relu)
    forward = lambda net, batch: net(batch[0], src_key_padding_mask=batch[1])  # noqa: E731
    hold_all(diagnose(net, [(x, mask)], forward=forward), wanted)


class Decoder(nn.Module):
    """Attention to a padded memory says nothing about the sequence itself."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 1, batch_first=True)
        self.fc = nn.Linear(8, 20)

    def forward(self, x: Tensor, memory: Tensor, padded: Tensor) -> Tensor:
        memory = self.attention(memory, memory, memory, key_padding_mask=padded)[0]
        x = self.attention(x, x, x)[0]
        x = self.attention(x, memory, memory, key_padding_mask=padded)[0]
        return F.relu(self.fc(x))


def test_padding_of_another_sequence_is_not_taken_for_its_own() -> None:
    net, x, memory = mixed_(Decoder(), low=-2), normal(20, 6, 8), normal(20, 6, 8, seed=2)
    padded = torch.zeros(20, 6, dtype=torch.bool)
    padded[:, 3:] = True
    data = {"x": x, "memory": memory, "padded": padded}
    report = diagnose(net, data)
    assert report["fc"].positions == 120


# --- recurrent layers -----------------------------------------------------------------------------


def recurrent_layers(net: nn.RNN, x: Tensor, function: Callable) -> list[Layer]:
    """A recurrent network written out; x of shape (B, L, E)."""
    found = []
    for layer in range(net.num_layers):
        outputs = []
        for suffix in ["", "_reverse"][: 1 + net.bidirectional]:
            w, u, b, c = (
                getattr(net, f"{kind}_l{layer}{suffix}")
                for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            h, zs = x.new_zeros(len(x), net.hidden_size), []
            steps = range(x.shape[1])
            for step in reversed(steps) if suffix else steps:
                zs.append(x[:, step] @ w.T + b + h @ u.T + c)
                h = function(zs[-1])
            z = torch.stack(zs[::-1] if suffix else zs, 1)
            found.append(Layer(z, function))
            outputs.append(function(z))
        x = torch.cat(outputs, -1)
    return found


@pytest.mark.parametrize("kind", ["relu", "tanh"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("layers", "both_ways"), [(1, False), (2, False), (3, True)])
def test_recurrent_network(kind: str, batch_first: bool, layers: int, both_ways: bool) -> None:
    net = nn.RNN(5, 12, layers, kind, batch_first=batch_first, bidirectional=both_ways)
    net = mixed_(net, low=-3, high=1)
    x = normal(50, 7, 5)
    function = getattr(torch, kind)

    def forward(net: nn.Module, batch: Tensor) -> Tensor:
        out, state = net(batch if batch_first else batch.transpose(0, 1))
        seen.append((out if batch_first else out.transpose(0, 1), state))
        return out

    seen: list[tuple[Tensor, Tensor]] = []
    report = diagnose(net, x, forward=forward, batch_size=20)
    hold_all(report, recurrent_layers(net, x, function))
    out, state = net(x if batch_first else x.transpose(0, 1))
    out = out if batch_first else out.transpose(0, 1)
    torch.testing.assert_close(torch.cat([o for o, _ in seen[:3]]), out)
    torch.testing.assert_close(torch.cat([s for _, s in seen[:3]], 1), state)
    assert report.coverage.others == {}


def test_recurrent_network_without_an_axis_of_examples() -> None:
    net, x = mixed_(nn.RNN(5, 12, 2, "relu"), low=-3, high=1), normal(20, 7, 5)
    report = diagnose(net, list(x))
    hold_all(report, recurrent_layers(net, x, relu))
    assert report.examples == 20


def test_recurrent_cell() -> None:
    class Cells(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell, self.out = nn.RNNCell(5, 12, nonlinearity="relu"), nn.Linear(12, 3)

        def forward(self, x: Tensor) -> Tensor:
            h = x.new_zeros(len(x), 12)
            for step in x.unbind(1):
                h = self.cell(step, h)
            return self.out(h)

    net, x = mixed_(Cells(), low=-3, high=1), normal(50, 7, 5)
    w, u = net.cell.weight_ih, net.cell.weight_hh
    h, zs = x.new_zeros(50, 12), []
    for step in x.unbind(1):
        zs.append(step @ w.T + net.cell.bias_ih + h @ u.T + net.cell.bias_hh)
        h = relu(zs[-1])
    report = diagnose(net, x)
    hold_all(report, [Layer(torch.stack(zs, 1), relu)])
    assert report["cell"].consumers.keys() >= {"out.weight"}


def test_packed_sequences_are_said_not_to_be_covered() -> None:
    net, x = mixed_(nn.RNN(5, 12, 1, "relu", batch_first=True)), normal(6, 7, 5)

    def forward(net: nn.Module, batch: Tensor) -> Tensor:
        lengths = torch.arange(7, 7 - len(batch), -1)
        return net(nn.utils.rnn.pack_padded_sequence(batch, lengths, batch_first=True))[0].data

    report = diagnose(net, x, forward=forward, loss=lambda out, target: out[:, 0].sum())
    assert report.sites == []
    assert "packed sequences are not looked at" in str(report)
    assert report.coverage.others["weight_ih_l0"] == "its activations stay inside one call"
    assert report.coverage.unread["weight_ih_l0"] > 0


def test_dropout_between_recurrent_layers_is_left_alone() -> None:
    net, x = mixed_(nn.RNN(5, 12, 2, "relu", batch_first=True, dropout=0.5)), normal(20, 7, 5)
    hold_all(diagnose(net, x), recurrent_layers(net, x, relu))
    report = diagnose(net, x, training=True)
    assert report.sites == []
    assert "dropout between them are looked at in eval mode only" in str(report)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU])
def test_gates_are_said_not_to_be_covered(kind: type) -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn, self.fc = kind(5, 12, batch_first=True), nn.Linear(12, 9)

        def forward(self, x: Tensor) -> Tensor:
            return F.relu(self.fc(self.rnn(x)[0]))

    net, x = mixed_(Gated()), normal(20, 7, 5)
    report = diagnose(net, x, loss=lambda out, target: out.sum())
    hold_all(report, [Layer(linear(net.rnn(x)[0], net.fc), relu)])
    assert list(report.coverage.others) == ["rnn.weight_ih_l0", "rnn.weight_hh_l0"]
    assert "which do not die" in report.coverage.others["rnn.weight_ih_l0"]


# --- how it is run --------------------------------------------------------------------------------


@pytest.mark.parametrize("reentrant", [True, False])
@pytest.mark.filterwarnings("ignore:None of the inputs have requires_grad:UserWarning")
def test_checkpoints(reentrant: bool) -> None:
    class Checkpointed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc0, self.fc1, self.fc2 = nn.Linear(5, 5), nn.Linear(5, 24), nn.Linear(24, 12)

        def forward(self, x: Tensor) -> Tensor:
            x = checkpoint(lambda v: F.relu(self.fc1(v)), self.fc0(x), use_reentrant=reentrant)
            return checkpoint(lambda v: F.relu(self.fc2(v)), x, use_reentrant=reentrant)

    net, x = mixed_(Checkpointed()), normal(300, 5)
    z1 = linear(linear(x, net.fc0), net.fc1)
    layers = [Layer(z1, relu), Layer(linear(relu(z1), net.fc2), relu)]
    hold_all(diagnose(net, x), layers)
    loss = lambda out, target: out[:, 0].sum()  # noqa: E731
    if reentrant:
        with pytest.raises(ValueError, match="use_reentrant=False"):
            diagnose(net, x, loss=loss)
        return
    report = diagnose(net, x, loss=loss)
    hold_all(report, layers)
    assert report.sites[1].stuck.sum() >= 11


def test_autocast_and_half_precision() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 12), nn.GELU())).float()
    x = normal(300, 5).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        z1 = net[0](x)
        z2 = net[2](relu(z1))
        report = diagnose(net, x)
    assert z1.dtype == torch.bfloat16
    # Sums of bfloat16 values are taken in float32; the mean of `units` too.
    hold_all(report, [Layer(z1, relu), Layer(z2, F.gelu)], tolerance=1e-2)
    half = net.bfloat16()
    x = x.bfloat16()
    z1 = half[0](x)
    report = diagnose(half, x)
    hold_all(report, [Layer(z1, relu), Layer(half[2](relu(z1)), F.gelu)], tolerance=1e-2)
    assert report["0.weight"].causes.count("bias") >= 1


def test_values_too_small_for_single_precision_are_still_above_zero() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 12), nn.LeakyReLU(), nn.Linear(12, 12), nn.ReLU()))
    for layer in (net[0], net[2]):
        layer.bias.zero_()
    net[0].weight *= 1e-60
    report = diagnose(net, normal(200, 5))
    assert report.dead == 0
    assert not report.sites[0].always_negative.any()


@pytest.fixture
def compiled():
    torch._dynamo.reset()
    yield partial(torch.compile, backend="aot_eager")
    torch._dynamo.reset()


@pytest.mark.parametrize("warm", [False, True])
def test_compiled_models(compiled: Callable, warm: bool) -> None:
    net, x = mixed_(Functional()), normal(200, 5)
    whole = compiled(net)
    if warm:
        whole(x)
    report = diagnose(whole, x)
    hold_all(report, functional_layers(net, x))
    assert report.model == "Functional"
    assert report["fc1"].weight == "fc1.weight"
    assert report.coverage.others == {}
    torch.testing.assert_close(whole(x), net(x))
    net.compile(backend="aot_eager")
    hold_all(diagnose(net, x), functional_layers(net, x))


def test_compiled_parts(compiled: Callable) -> None:
    class Parts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = compiled(nn.Sequential(nn.Linear(5, 24), nn.ReLU()))
            self.fc = nn.Linear(24, 12)
            self.act = compiled(lambda z: F.relu(z))

        def forward(self, x: Tensor) -> Tensor:
            return self.act(self.fc(self.body(x)))

    net, x = mixed_(Parts()), normal(200, 5)
    net(x)
    z1 = linear(x, net.body._orig_mod[0])
    report = diagnose(net, x, loss=lambda out, target: out.sum())
    hold_all(report, [Layer(z1, relu), Layer(linear(relu(z1), net.fc), relu)])
    assert report.coverage.judged == ("body.0.weight", "fc.weight")


def test_compiled_models_where_torch_cannot_run_them_as_written(
    compiled: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with versions of torch before 2.6.
    monkeypatch.delattr(torch.compiler, "set_stance")
    net, x = mixed_(Functional()), normal(200, 5)
    with pytest.raises(ValueError, match=r"before torch\.compile"):
        diagnose(compiled(net), x)
    net.compile(backend="aot_eager")
    with pytest.raises(ValueError, match=r"before torch\.compile"):
        diagnose(nn.Sequential(net), x)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
@pytest.mark.parametrize("how", ["script", "trace"])
def test_torchscript_is_said_not_to_be_covered(how: str) -> None:
    net, x = mixed_(nn.Sequential(nn.Linear(5, 24), nn.ReLU(), nn.Linear(24, 3))), normal(200, 5)
    scripted = torch.jit.script(net) if how == "script" else torch.jit.trace(net, x)
    report = diagnose(scripted, x, loss=lambda out, target: out.sum())
    assert report.sites == []
    reason = "runs as TorchScript, where calls cannot be seen"
    assert report.coverage.others == {"0.weight": reason, "2.weight": reason}
    dead = int((linear(x, net[0]) <= 0).all(0).sum())
    assert dict(report.coverage.unread) == {"0.weight": dead, "2.weight": 0}
    assert f"{dead} of its units get no gradient" in str(report)
    mixed = nn.Sequential(scripted, nn.Linear(3, 9).double(), nn.ReLU())
    report = diagnose(mixed, x)
    hold_all(report, [Layer(linear(net(x), mixed[1]), relu)])
    assert set(report.coverage.others) == {"0.0.weight", "0.2.weight"}


def test_no_other_tensor_is_taken_for_a_parameter_that_is_gone() -> None:
    for _ in range(50):
        record = Record.of(nn.Linear(1, 1))
        with Capture(record) as capture:
            a = torch.relu(torch.ones(2, 2))
        capture.finish(a)
        assert len(record.tallies) == 1


# --- shapes that are out of the ordinary ----------------------------------------------------------


def test_large_activations_are_looked_at_in_pieces() -> None:
    conv = mixed_(nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.GELU()), low=-9, high=2)
    x = normal(17, 1, 64, 64)  # 16 * 64 * 64 values each
    z = F.conv2d(x, conv[0].weight, conv[0].bias, padding=1)
    hold_all(diagnose(conv, x), [Layer(z, F.gelu, 1)])
    net = encoder(True, "relu", 0)
    x = normal(300, 120, 8)
    padded = torch.arange(120)[None] >= 1 + torch.arange(300)[:, None]
    forward = lambda net, batch: net(batch[0], src_key_padding_mask=batch[1])  # noqa: E731
    report = diagnose(net, [(x, padded)], forward=forward)
    hold_all(report, encoder_layers([net], x, padded, relu))


def test_small_activations_of_many_passes_are_counted_once_each() -> None:
    net, x = mixed_(nn.Sequential(nn.Linear(8, 200), nn.ReLU())), normal(2000, 8)
    hold_all(diagnose(net, x, batch_size=100), [Layer(linear(x, net[0]), relu)])


@pytest.mark.parametrize("rows", [1, 127, 128, 129, 256, 1000])
@pytest.mark.parametrize("shape", [(264,), (24, 11), (2, 136), (263,)])
def test_counts_of_large_activations_are_exact(rows: int, shape: tuple[int, ...]) -> None:
    ones = torch.ones(rows, *shape).bool()
    some = normal(rows, *shape) > 0
    for true in (ones, some, some.transpose(0, 1).contiguous().transpose(0, 1)):
        assert torch.equal(_count(true), true.double().sum(0).float())


class Odd(nn.Module):
    """Calls with no examples, with some of them, and with indices beside the values."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 8, 3), nn.Linear(8, 12)

    def forward(self, x: Tensor) -> Tensor:
        x, _ = F.adaptive_max_pool2d(self.conv(x), 1, return_indices=True)
        x = F.relu(x).flatten(1)
        parts = [x[:0], x[:7], x[7:]]
        return torch.cat([F.relu(self.fc(part)) for part in parts])


def test_calls_with_some_of_the_examples_or_none() -> None:
    net, x = mixed_(Odd()), normal(20, 1, 5, 5)
    z1 = F.adaptive_max_pool2d(F.conv2d(x, net.conv.weight, net.conv.bias), 1)
    z2 = linear(relu(z1).flatten(1), net.fc)
    hold_all(diagnose(net, x), [Layer(z1, relu, 1), Layer(z2, relu)])


def test_sparse_and_nested_tensors_are_passed_by() -> None:
    class Sparse(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.relu(x.to_sparse()).to_dense()

    assert diagnose(Sparse(), normal(9, 3)).sites == []


def test_sums_and_products_by_keyword_and_with_numbers() -> None:
    class Sums(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(5, 12), nn.Linear(5, 12)

        def forward(self, x: Tensor) -> Tensor:
            z = torch.add(input=self.fc1(x), other=self.fc2(x))
            return F.relu(1 + z) + F.relu(self.fc1(x) + 1)

    net, x = mixed_(Sums()), normal(200, 5)
    z1 = linear(x, net.fc1)
    report = diagnose(net, x)
    hold_all(report, [Layer(1 + z1 + linear(x, net.fc2), relu), Layer(z1 + 1, relu)])
    assert [site.weight for site in report.sites] == ["", "fc1.weight"]
    assert report.coverage.others == {"fc2.weight": "no activation follows it"}


class SequenceFirst(nn.Module):
    """As layers of torch have it by default: (tokens, examples, features)."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer, self.fc = layer, nn.Linear(8, 12)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer(x, x, x) if isinstance(self.layer, nn.MultiheadAttention) else self.layer(x)
        return F.relu(self.fc(x[0]))


@pytest.mark.parametrize(
    "make",
    [
        lambda first: nn.RNN(8, 8, nonlinearity="relu", batch_first=first),
        lambda first: nn.LSTM(8, 8, batch_first=first),
        lambda first: nn.GRU(8, 8, batch_first=first),
        lambda first: nn.MultiheadAttention(8, 2, batch_first=first),
    ],
)
def test_data_with_the_sequence_first(make: Callable[[bool], nn.Module]) -> None:
    net = mixed_(SequenceFirst(make(False)), low=-1)
    batches = [normal(7, 5, 8, seed=k) for k in range(4)]  # 4 times 5 examples of 7 tokens
    report = diagnose(net, batches)
    many = 3 if isinstance(net.layer, nn.MultiheadAttention) else 1
    z = torch.cat([net.fc(net.layer(*[batch] * many)[0]).transpose(0, 1) for batch in batches])
    layers = [Layer(z, relu)]
    if type(net.layer) is nn.RNN:
        whole = torch.cat(batches, 1).transpose(0, 1)
        layers = recurrent_layers(net.layer, whole, relu) + layers
    hold_all(report, layers)
    assert report.examples == 20
    assert "N counts them so" in str(report)
    own = mixed_(SequenceFirst(make(True)), low=-1)
    right = diagnose(own, [batch.transpose(0, 1) for batch in batches])
    assert right.examples == right.sites[-1].examples == 20
    assert right.coverage.notes == ()


def test_a_site_that_is_left_out_and_works_in_place() -> None:
    net = mixed_(nn.Sequential(nn.Linear(5, 9), nn.ReLU(inplace=True), nn.Hardtanh(0, 1)))
    report = diagnose(net, normal(50, 5), layers="*hardtanh*")
    assert [site.name for site in report.sites] == ["? -> hardtanh @ 2"]
    assert report.coverage.others == {"0.weight": "left out by layers"}


def test_an_output_given_beforehand() -> None:
    class Out(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            z = 1 * x
            return torch.tanh(z, out=z)

    x = normal(50, 3)
    hold_all(diagnose(Out(), x), [Layer(x, torch.tanh)])


def test_units_joined_from_several_layers_are_named_by_their_normalisation() -> None:
    class Dense(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Conv2d(2, 3, 1), nn.Conv2d(2, 5, 1)
            self.norms = nn.ModuleList([nn.BatchNorm2d(8), nn.BatchNorm2d(8)])

        def forward(self, x: Tensor) -> Tensor:
            x = torch.cat([self.one(x), self.two(x)], dim=1)
            for norm in self.norms:  # one line, two layers
                x = F.relu(norm(torch.cat([x[:, 4:], x[:, :4]], dim=1)))
            return x

    torch.manual_seed(0)
    model = Dense().eval()
    with torch.no_grad():
        model.norms[1].bias[:2] = -50.0
    report = diagnose(model, torch.randn(40, 2, 4, 4))
    first, second = report.sites
    assert [site.name.partition(" -> relu")[0] for site in report.sites] == [
        "? -> norms.0",
        "? -> norms.1",
    ]
    assert (first.weight, first.units, second.units) == ("", 8, 8)
    assert second.dead.tolist()[:2] == [True, True]
    assert second.causes[:2] == ["normalisation", "normalisation"]
    assert set(report.coverage.others) == {"one.weight", "two.weight"}


# --- what is known of a product from the batch before ---------------------------------------------


def test_a_layer_that_gets_no_example_at_first_is_known_later() -> None:
    class Expert(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = nn.Linear(2, 3), nn.Linear(3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.two(F.relu(self.one(x[x[:, 0] > 0])))

    x = normal(8, 2).float().abs()
    report = diagnose(Expert(), [-x, x, x])
    assert dict(report.sites[0].consumers) == {"two.weight": 1}


def test_one_weight_after_two_sites_feeds_from_both() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two, self.out = nn.Linear(2, 3), nn.Linear(2, 3), nn.Linear(3, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.out(F.relu(self.one(x))) + self.out(F.relu(self.two(x)))

    x = normal(8, 2).float()
    report = diagnose(Shared(), [x, x, x])
    assert [dict(site.consumers) for site in report.sites] == [{"out.weight": 1}] * 2


def test_a_layer_that_grows_between_batches_is_counted_anew() -> None:
    model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
    record = Record.of(model)
    for units in (3, 3, 5):
        model[0].weight.data, model[0].bias.data = normal(units, 2), normal(units)
        with Capture(record, 8) as capture:
            out = model(normal(8, 2))
        capture.finish(out)
    assert [tally.units for tally in record.tallies.values()] == [3, 5]
    assert [tally.examples for tally in record.tallies.values()] == [16, 8]
