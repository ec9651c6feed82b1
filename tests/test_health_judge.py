"""What `diagnose` calls a unit is what `helpers.units` calls it over all values at once."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from health_oracle import Layer, hold, slopes_of
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from helpers import units
from helpers.health import STATES, diagnose
from helpers.health.calls import Activity, read_activation
from helpers.health.capture import Capture
from helpers.health.judge import judge
from helpers.health.record import Record

Tensor = torch.Tensor

ACTIVATIONS = {
    "relu": nn.ReLU(),
    "relu6": nn.ReLU6(),
    "hardtanh": nn.Hardtanh(),
    "hardswish": nn.Hardswish(),
    "hardsigmoid": nn.Hardsigmoid(),
    "leaky": nn.LeakyReLU(0.1),
    "level": nn.LeakyReLU(0.0),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "elu": nn.ELU(),
    "gelu": nn.GELU(),
    "silu": nn.SiLU(),
    "softsign": nn.Softsign(),
    "logsigmoid": nn.LogSigmoid(),
}
# Bounds and kinks of all of them are among these, and the places where a curve is flat.
NUMBERS = st.sampled_from(
    [-20.0, -6.0, -4.0, -3.0, -1.5, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 4.0, 7.0]
)


@st.composite
def streams(draw: st.DrawFn, values: st.SearchStrategy = NUMBERS) -> tuple[Tensor, int, int]:
    """Draw values of (examples, units), tokens or pixels, the units' axis, and a batch size."""
    shape = draw(
        st.one_of(
            st.tuples(st.integers(1, 24), st.integers(1, 5)),
            st.tuples(st.integers(1, 24), st.integers(1, 3), st.integers(1, 5)),
            st.tuples(st.integers(1, 24), st.integers(1, 5), st.integers(1, 2), st.integers(1, 3)),
        )
    )
    z = draw(arrays.arrays(np.float64, shape, elements=values))
    dtype = draw(st.sampled_from([torch.float64, torch.float32]))
    axis = 2 if len(shape) == 3 else 1
    return torch.from_numpy(z).to(dtype), axis, draw(st.integers(1, 26))


@pytest.mark.parametrize("name", ACTIVATIONS)
@settings(max_examples=25, deadline=None)
@given(stream=streams())
def test_judged_batch_by_batch_as_over_all_values(
    name: str, stream: tuple[Tensor, int, int]
) -> None:
    z, axis, batch_size = stream
    # In float32 torch's own GELU differs by 0.2 % at -4 between two layouts of the same numbers.
    z = z.double()
    (site,) = diagnose(ACTIVATIONS[name], z, batch_size=batch_size).sites
    hold(site, Layer(z, ACTIVATIONS[name], axis), tolerance=1e-4)  # of floats in another order


@settings(max_examples=40, deadline=None)
@given(stream=streams(NUMBERS | st.sampled_from([np.nan, np.inf, -np.inf])))
def test_nan_and_infinity_are_evidence_of_nothing(stream: tuple[Tensor, int, int]) -> None:
    z, axis, batch_size = stream

    class Spoilt(nn.Module):
        def forward(self, numbers: Tensor) -> Tensor:
            return torch.nn.functional.leaky_relu(z[numbers], 0.1)

    (site,) = diagnose(Spoilt(), torch.arange(len(z)), batch_size=batch_size).sites
    by_unit = Layer(z, torch.relu, axis).by_unit
    odd = ~by_unit.isfinite().all(1).all(0).numpy()
    np.testing.assert_array_equal(site.not_finite, odd)
    for word in ("dead", "always_negative", "near_dead", "dormant", "saturated", "always_on"):
        assert not getattr(site, word)[odd].any()
    assert np.isnan(site.active_share[odd]).all()
    assert np.isnan(site.dormancy[odd]).all()
    assert all(cause == "not finite" for cause in np.array(site.causes)[odd])
    if not odd.all():
        sound = by_unit[:, :, torch.from_numpy(~odd)]
        wanted = units.always_negative(sound, torch.where(sound > 0, 1.0, 0.1)).numpy()
        np.testing.assert_array_equal(site.always_negative[~odd], wanted)
        near = units.near_dead(sound).numpy()
        np.testing.assert_array_equal(site.near_dead[~odd], near)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    batch_size=st.integers(1, 45),
    off=st.floats(-3, 3),
)
def test_stuck_and_blocked_are_those_of_the_gradient_of_all_data(
    seed: int, n: int, batch_size: int, off: float
) -> None:
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 7), nn.ReLU(), nn.Linear(7, 1))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
            parameter *= torch.rand(parameter.shape, generator=generator) < 0.6
        net[0].bias += off
        net[2].bias -= off
    x = torch.randn(n, 4, generator=generator)
    target = torch.randn(n, 1, generator=generator)
    # Weights of the loss are above 0, so that no gradient cancels between the batches by chance.
    loss = lambda out, y: ((out - y) ** 2).mean()  # noqa: E731
    report = diagnose(net, (x, target), loss=loss, batch_size=batch_size)
    value = loss(net(x), target)
    z1 = net[0](x).detach()
    assert report.loss == pytest.approx(value.item(), rel=1e-4)
    gradients = torch.autograd.grad(value, [net[0].weight, net[2].weight])
    for site, gradient, z in zip(
        report.sites, gradients, (z1, net[2](z1.relu()).detach()), strict=True
    ):
        np.testing.assert_array_equal(site.stuck, units.stuck(gradient, axis=0).numpy())
        wanted = units.blocked(z, gradient, gradient_axis=0).numpy()
        np.testing.assert_array_equal(site.blocked, wanted)
        assert site.stuck[site.dead].all()
        assert all(site.causes[unit] for unit in np.flatnonzero(site.blocked))
    assert all(p.grad is None for p in net.parameters())


# --- thresholds -----------------------------------------------------------------------------------


def shares(name: str, on: int, n: int, value: float = 1.0, rest: float = -1.0) -> object:
    z = torch.full((n, 2), rest)
    z[:on] = value
    z[:, 1] = 1.0
    return diagnose(ACTIVATIONS[name], z, batch_size=64).sites[0]


def test_near_dead_is_below_one_in_a_hundred() -> None:
    assert shares("relu", 1, 101).states[0] == "near-dead"
    assert not shares("relu", 1, 100).near_dead[0]
    assert shares("relu", 7, 701).near_dead[0]
    assert not shares("relu", 7, 700).near_dead[0]


def test_always_on_is_from_999_in_a_thousand_on() -> None:
    assert shares("relu", 999, 1000).states[0] == "always-on"
    assert not shares("relu", 998, 999).always_on[0]


def test_saturated_is_from_95_in_a_hundred_on() -> None:
    for name, flat in (("tanh", 9.0), ("gelu", -9.0), ("elu", -9.0), ("logsigmoid", 9.0)):
        alive = -1.0 if name == "logsigmoid" else 0.1
        assert shares(name, 5, 100, value=alive, rest=flat).saturated[0]
        assert not shares(name, 6, 100, value=alive, rest=flat).saturated[0]


def test_dormant_is_at_a_fortieth_of_the_layers_mean_or_below() -> None:
    z = torch.tensor([[0.025, 1.975], [0.025, 1.975]], dtype=torch.float64)
    assert diagnose(nn.ReLU(), z * torch.tensor([0.99, 1.0])).sites[0].states[0] == "dormant"
    assert not diagnose(nn.ReLU(), z * torch.tensor([1.01, 1.0])).sites[0].dormant[0]


def test_a_layer_that_is_silent_altogether_is_dead_and_dormant() -> None:
    site = diagnose(nn.ReLU(), -torch.ones(30, 4)).sites[0]
    assert site.dead.all()
    assert site.dormant.all()
    assert set(site.states) == {"dead"}


def test_the_gravest_word_comes_first() -> None:
    assert STATES[0] == "not finite"
    assert STATES[-1] == "healthy"
    site = shares("relu", 0, 50)
    assert site.near_dead[0]
    assert site.states[0] == "dead"
    assert repr(site) == "<Site ? -> relu: 1 of 2 dead>"


# --- slopes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_level_below_means_level_at_every_number_below(name: str) -> None:
    grid = torch.linspace(-8, 0, 1601, dtype=torch.float64)
    z = grid[:, None].clone()
    record = Record.of(nn.Identity())
    with Capture(record) as capture:
        a = ACTIVATIONS[name](z)
    capture.finish(a)
    activity: Activity = next(iter(record.tallies.values())).activity
    flat = (slopes_of(ACTIVATIONS[name], grid) == 0).cummin(0).values
    if not activity.can_die:
        flat[:] = False
    found = activity.level_below(grid) if activity.can_die else torch.zeros_like(flat)
    assert torch.equal(found, flat)


def test_steepness_is_the_size_of_the_derivative() -> None:
    z = torch.linspace(-9, 9, 301, dtype=torch.float64)[:, None]
    for name in ("sigmoid", "tanh", "gelu"):
        activity = read_activation(name, (z,), {})
        a = activity.function(z)
        torch.testing.assert_close(activity.steepness(z, a), activity.derivative(z).abs())


def test_judge_without_a_single_sound_unit() -> None:
    record = Record.of(nn.Identity())
    with Capture(record) as capture:
        a = torch.relu(torch.full((3, 2), torch.nan))
    capture.finish(a)
    site = judge(next(iter(record.tallies.values())))
    assert site.not_finite.all()
    assert np.isnan(site.dormancy).all()


def test_derivatives_are_at_hand_in_inference_mode_too() -> None:
    net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.GELU())
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    wanted = diagnose(net, x).to_dict()
    with torch.inference_mode():
        assert diagnose(net, x).to_dict()["units"] == wanted["units"]
    net.forward = torch.inference_mode()(net.forward)
    assert diagnose(net, x).to_dict()["units"] == wanted["units"]


class StraightThrough(torch.autograd.Function):
    """A ReLU through which every gradient passes."""

    @staticmethod
    def forward(ctx, z):
        return z.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


def test_a_dead_unit_that_gets_a_gradient_is_not_passed_over_in_silence() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return StraightThrough.apply(self.fc(x))

    model = Net()
    with torch.no_grad():
        model.fc.bias.copy_(torch.tensor([-50.0, -50.0, 50.0]))
    report = diagnose(model, torch.ones(10, 4), loss=lambda output, _: output.sum())
    assert report["fc"].dead.tolist()[:2] == [True, True]
    assert any("2 dead by what they give" in note for note in report.coverage.notes)
    assert not diagnose(model, torch.ones(10, 4)).coverage.notes
