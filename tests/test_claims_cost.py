"""Claims about cost: who is timed, in which order, with which clock; never how fast it was."""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import nn

from helpers.activations import elu, gelu, leaky_relu, relu, sigmoid, tanh
from helpers.claims.themes import cost
from helpers.claims.themes.cost import CLAIMS, activation_times, in_turns, leak_times

OURS = {
    "relu": relu,
    "leaky_relu": leaky_relu(0.01),
    "tanh": tanh,
    "sigmoid": sigmoid,
    "elu": elu(),
    "gelu": gelu,
}
Z = np.random.default_rng(0).normal(size=200).astype(np.float32)


class Clock:
    """A clock that stands still but for what calls cost, in seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.called: list[str] = []

    def __call__(self) -> float:
        return self.now

    def costing(self, name: str, *seconds: float) -> Callable[[], None]:
        """Make a call that takes so long: each time the next of these, and then the last."""
        left = list(seconds)

        def call() -> None:
            self.called.append(name)
            self.now += left.pop(0) if len(left) > 1 else left[0]

        return call


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cost, "perf_counter", clock)
    return clock


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


# --- turns ---


def test_arms_take_turns_and_each_begins_one(clock: Clock) -> None:
    calls = {name: clock.costing(name, 1.0) for name in "abc"}
    in_turns(calls, turns=4, number=1, start=0)
    assert "".join(clock.called) == "abc" + "bca" + "cab" + "abc"


def test_the_round_says_who_begins(clock: Clock) -> None:
    calls = {name: clock.costing(name, 1.0) for name in "abc"}
    in_turns(calls, turns=1, number=1, start=5)
    assert "".join(clock.called) == "cab"


def test_calls_are_timed_together_and_divided(clock: Clock) -> None:
    calls = {"a": clock.costing("a", 2e-6), "b": clock.costing("b", 3e-6)}
    assert in_turns(calls, turns=2, number=4, start=0) == pytest.approx({"a": 2.0, "b": 3.0})
    assert "".join(clock.called) == "aaaabbbb" + "bbbbaaaa"


def test_one_slow_turn_does_not_count(clock: Clock) -> None:
    calls = {"a": clock.costing("a", 9.0, 1e-6)}
    assert in_turns(calls, turns=5, number=1, start=0) == pytest.approx({"a": 1.0})


def test_rounds_follow_each_other_after_a_first_call_that_does_not_count(clock: Clock) -> None:
    groups = {
        "x": ({"a": clock.costing("a", 5.0, 1e-6), "b": clock.costing("b", 2e-6)}, 1),
        "y": ({"c": clock.costing("c", 3e-6)}, 2),
    }
    found = cost._rounds([7, 8], groups, turns=1)
    assert found.keys() == {"a, x", "b, x", "c, y"}
    assert found["a, x"] == pytest.approx([1.0, 1.0])
    assert found["b, x"] == pytest.approx([2.0, 2.0])
    assert found["c, y"] == pytest.approx([3.0, 3.0])
    # First all once; then round 7, which begins with the second arm, and round 8.
    assert "".join(clock.called) == "abc" + "ba" + "cc" + "ab" + "cc"


@pytest.mark.parametrize(("size", "number"), [(1_000, 500), (500_000, 1), (10**7, 1)])
def test_small_calls_are_timed_together(size: int, number: int) -> None:
    assert cost._number(size) == number


@pytest.mark.parametrize("collecting", [True, False])
def test_one_thread_and_no_collection_meanwhile_and_all_as_before_then(collecting: bool) -> None:
    torch.set_num_threads(2)
    (gc.enable if collecting else gc.disable)()
    try:
        with contextlib.suppress(KeyError), cost._quiet():
            assert torch.get_num_threads() == 1
            assert not gc.isenabled()
            raise KeyError
        assert torch.get_num_threads() == 2
        assert gc.isenabled() == collecting
    finally:
        gc.enable()


# --- what is timed ---


@pytest.mark.parametrize("name", ["relu", *cost.RIVALS])
def test_forward_calls_compute_the_activation(name: str) -> None:
    expected = OURS[name](Z.astype(float))
    for calls in (cost._torch_forward(Z), cost._numpy_forward(Z)):
        assert list(calls) == ["relu", *cost.RIVALS]
        out = np.asarray(calls[name]())
        assert out.dtype == np.float32
        np.testing.assert_allclose(out, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["relu", *cost.RIVALS])
def test_backward_calls_compute_the_derivative_again_and_again(name: str) -> None:
    expected = OURS[name].derivative(Z.astype(float))
    theirs = cost._torch_backward(Z)[name]
    for _ in range(2):
        np.testing.assert_allclose(theirs()[0], expected, atol=1e-5)
    np.testing.assert_allclose(cost._numpy_backward(Z)[name](), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_pairs_compute_both_functions(name: str) -> None:
    np.testing.assert_allclose(cost._pair(Z, False)[name](), OURS[name](Z), rtol=1e-6)
    found = cost._pair(Z, True)[name]()[0]
    np.testing.assert_allclose(found, OURS[name].derivative(Z), rtol=1e-6)


def test_networks_train_and_infer_with_the_activation_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[str, bool]] = []

    class Watched(nn.LeakyReLU):
        def forward(self, z: torch.Tensor) -> torch.Tensor:
            seen.append(("through", torch.is_inference_mode_enabled()))
            return super().forward(z)

    steps: list[float] = []
    plain = torch.optim.SGD.step

    def step(self: torch.optim.SGD) -> None:
        steps.extend(float(p.grad.norm()) for group in self.param_groups for p in group["params"])
        plain(self)

    monkeypatch.setattr(torch.optim.SGD, "step", step)
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    train, infer = cost._network(16, Watched)
    assert torch.equal(torch.rand(2), expected)
    train()
    assert seen == [("through", False)] * 2
    assert len(steps) == 6
    assert min(steps) > 0
    infer()
    assert seen[2:] == [("through", True)] * 2
    assert len(steps) == 6


def test_both_networks_begin_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    models: list[nn.Module] = []
    plain = nn.Sequential

    def kept(*layers: nn.Module) -> nn.Module:
        models.append(plain(*layers))
        return models[-1]

    monkeypatch.setattr(cost.nn, "Sequential", kept)
    for activation in (nn.ReLU, nn.LeakyReLU):
        cost._network(8, activation)
    for one, other in zip(models[0].parameters(), models[1].parameters(), strict=True):
        assert torch.equal(one, other)


# --- experiments ---


def test_activation_times_have_a_value_a_round() -> None:
    found = activation_times([4, 5, 6], sizes=[500], numpy_sizes=[400], turns=1)
    arms = ["relu", *cost.RIVALS, "typical other", "fastest other"]
    groups = [
        f"{library}, {way}, {size} numbers"
        for library, size in (("torch", 500), ("NumPy", 400))
        for way in ("forward", "backward")
    ]
    assert found.keys() == {f"{arm}, {told}" for arm in arms for told in groups}
    for values in found.values():
        assert values.shape == (3,)
        assert (values > 0).all()


def test_other_arms_are_made_of_the_rivals_round_by_round(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"relu": [1.0, 1.0], "tanh": [2.0, 8.0], "sigmoid": [4.0, 4.0]}
    given |= {"elu": [8.0, 2.0], "gelu": [16.0, 1.0]}

    def rounds(seeds: object, groups: dict, turns: int) -> dict[str, list[float]]:
        return {f"{arm}, {told}": times for told in groups for arm, times in given.items()}

    monkeypatch.setattr(cost, "_rounds", rounds)
    found = activation_times([0, 1], sizes=[100], numpy_sizes=[])
    told = "torch, forward, 100 numbers"
    assert found[f"fastest other, {told}"].tolist() == [2.0, 1.0]
    expected = [math.prod([2, 4, 8, 16]) ** 0.25, math.prod([8, 4, 2, 1]) ** 0.25]
    np.testing.assert_allclose(found[f"typical other, {told}"], expected)


def test_leak_times_have_a_value_a_round() -> None:
    found = leak_times([1, 2], sizes=[500], widths=[8], turns=1)
    groups = ["forward, 500 numbers", "backward, 500 numbers"]
    groups += ["training step, width 8", "inference, width 8"]
    assert found.keys() == {f"{arm}, {told}" for arm in ("relu", "leaky_relu") for told in groups}
    for values in found.values():
        assert values.shape == (2,)
        assert (values > 0).all()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda one: one.id)
def test_full_runs_measure_every_arm_that_is_judged(claim, monkeypatch) -> None:
    """At the sizes of the full run, without its computing."""

    def rounds(seeds: list[int], groups: dict, turns: int) -> dict[str, list[float]]:
        assert turns >= 5
        return {f"{arm}, {told}": [1.0] * len(seeds) for told in groups for arm in groups[told][0]}

    monkeypatch.setattr(cost, "_rounds", rounds)
    assert set(claim.arms) <= claim.experiment([0, 1]).keys()


def test_timings_are_never_quick_and_run_alone() -> None:
    assert [claim.id for claim in CLAIMS] == ["A3", "A20"]
    for claim in CLAIMS:
        assert claim.quick is None
        assert claim.alone
        assert all("one thread" in one.metric for one in claim.tests.values())
