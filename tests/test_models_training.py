"""The torch loop, held against one written out; and what it promises about seeds and failures."""

import copy
import math
import random

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from helpers.models.start import he_
from helpers.models.training import train

X = torch.from_numpy(np.random.default_rng(0).normal(size=(50, 4)))
Y = (X[:, 0] * X[:, 1] > 0).long()


def network(seed: int = 0) -> nn.Sequential:
    return he_(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)).double(), seed=seed)


def weights(model: nn.Module) -> torch.Tensor:
    return nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def by_hand(model, seed, epochs, batch_size, rate, clip=None):
    """Write the loop out, with the plain Adam of torch."""
    rng = np.random.default_rng(seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    losses, norms = [], []
    for _ in range(epochs):
        total, largest = 0.0, 0.0
        order = rng.permutation(len(Y))
        for start in range(0, len(Y), batch_size):
            pick = order[start : start + batch_size]
            optimizer.zero_grad()
            value = F.cross_entropy(model(X[pick]), Y[pick])
            value.backward()
            norm = torch.cat([w.grad.ravel() for w in model.parameters()]).norm().item()
            if clip is not None and norm > clip:
                for w in model.parameters():
                    w.grad *= clip / (norm + 1e-6)  # as torch has it
            optimizer.step()
            total += value.item() * len(pick)
            largest = max(largest, norm)
        losses.append(total / len(Y))
        norms.append(largest)
    return losses, norms


@pytest.mark.parametrize("clip", [None, 0.2])
def test_it_is_the_loop_that_one_would_write(clip: float | None) -> None:
    ours, theirs = network(), network()
    history = train(
        ours,
        X,
        Y,
        F.cross_entropy,
        learning_rate=0.02,
        epochs=4,
        batch_size=16,
        seed=3,
        clip=clip,
        progress=False,
    )
    losses, norms = by_hand(theirs, 3, 4, 16, 0.02, clip)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-9)
    np.testing.assert_allclose(history.gradient_norm, norms, rtol=1e-9)
    torch.testing.assert_close(weights(ours), weights(theirs), rtol=1e-9, atol=1e-12)
    assert history.diverged_at is None


def test_a_seed_decides_the_order_and_nothing_else_does() -> None:
    def trained(seed):
        model = network()
        train(model, X, Y, F.cross_entropy, epochs=2, batch_size=8, seed=seed, progress=False)
        return weights(model)

    torch.manual_seed(1)
    first = trained(5)
    torch.manual_seed(2)
    assert torch.equal(first, trained(5))
    assert not torch.equal(first, trained(6))


def test_batches_are_the_same_for_every_model() -> None:
    seen = {}
    for name, model in {"small": nn.Linear(4, 2).double(), "other": network()}.items():
        seen[name] = []
        note = seen[name].append

        def noted(x, rng, note=note):
            note((x.clone(), rng.random()))
            return x

        train(model, X, Y, F.cross_entropy, epochs=2, batch_size=20, augment=noted, progress=False)
    assert [len(x) for x, _ in seen["small"]] == [20, 20, 10] * 2
    for (one, draw), (other, same) in zip(seen["small"], seen["other"], strict=True):
        assert torch.equal(one, other)
        assert draw == same


def test_global_random_states_are_neither_used_nor_changed() -> None:
    model = network()
    before = torch.get_rng_state(), np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    train(model, X, Y, F.cross_entropy, epochs=1, progress=False)
    assert torch.equal(before[0], torch.get_rng_state())
    np.testing.assert_array_equal(before[1], np.random.get_state()[1])  # noqa: NPY002
    assert before[2] == random.getstate()


def test_augment_changes_what_is_fed_and_not_what_is_given() -> None:
    given = X.clone()
    flipped, turned = network(), network()
    train(flipped, X, Y, F.cross_entropy, epochs=2, augment=lambda x, _: -x, progress=False)
    train(turned, -X, Y, F.cross_entropy, epochs=2, progress=False)
    torch.testing.assert_close(weights(flipped), weights(turned), rtol=0, atol=0)
    assert torch.equal(X, given)


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = network()

    def forward(self, a, b):
        return self.net(torch.cat([a, b], dim=1))


@pytest.mark.parametrize("kind", [tuple, list])
def test_several_inputs_are_several_arguments(kind: type) -> None:
    both, one = TwoInputs(), network()
    parts = kind([X[:, :1], X[:, 1:]])
    train(both, parts, Y, F.cross_entropy, epochs=2, progress=False)
    train(one, X, Y, F.cross_entropy, epochs=2, progress=False)
    torch.testing.assert_close(weights(both), weights(one), rtol=0, atol=0)


def test_augment_of_several_inputs_gets_and_gives_them_all() -> None:
    def swap(inputs, rng):
        a, b = inputs
        return [a * 0, b + rng.integers(1, 2)]

    model, other = TwoInputs(), TwoInputs()
    other.load_state_dict(model.state_dict())
    parts = X[:, :1], X[:, 1:]
    train(model, parts, Y, F.cross_entropy, epochs=1, augment=swap, progress=False)
    train(other, (X[:, :1] * 0, X[:, 1:] + 1), Y, F.cross_entropy, epochs=1, progress=False)
    torch.testing.assert_close(weights(model), weights(other), rtol=0, atol=0)


def test_an_augment_of_several_inputs_may_give_one() -> None:
    model = network()
    parts = X[:, :2], X[:, 2:]
    train(
        model,
        parts,
        Y,
        F.cross_entropy,
        epochs=1,
        augment=lambda inputs, _: torch.cat(inputs, 1),
        progress=False,
    )
    same = network()
    train(same, X, Y, F.cross_entropy, epochs=1, progress=False)
    torch.testing.assert_close(weights(model), weights(same), rtol=0, atol=0)


def test_the_optimizer_is_the_one_that_is_given() -> None:
    model = network()
    before = weights(model)

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=0.5)

    train(model, X, Y, F.cross_entropy, epochs=1, batch_size=50, optimizer=sgd, progress=False)
    other = network()
    order = torch.from_numpy(np.random.default_rng(0).permutation(50))
    F.cross_entropy(other(X[order]), Y[order]).backward()
    step = nn.utils.parameters_to_vector([w.grad for w in other.parameters()])
    torch.testing.assert_close(weights(model), before - 0.5 * step)


def test_frozen_weights_stay() -> None:
    model = network()
    model[0].requires_grad_(requires_grad=False)
    before = model[0].weight.clone(), model[2].weight.clone()
    train(model, X, Y, F.cross_entropy, epochs=1, progress=False)
    assert torch.equal(model[0].weight, before[0])
    assert not torch.equal(model[2].weight, before[1])


def test_measure_looks_in_eval_mode_without_gradients_after_each_epoch() -> None:
    model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(), nn.Linear(8, 2))
    model.double()

    def look(seen):
        assert seen is model
        assert not model.training
        assert not torch.is_grad_enabled()
        return weights(model)

    history = train(model, X, Y, F.cross_entropy, epochs=3, measure=look, progress=False)
    assert len(history.measured) == len(history.loss) == len(history.gradient_norm) == 3
    assert torch.equal(history.measured[-1], weights(model))
    assert not torch.equal(history.measured[0], history.measured[1])
    assert model.training


@pytest.mark.parametrize("bad", [math.nan, math.inf])
@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_divergence_stops_and_keeps_the_weights_before(bad: float, what: str) -> None:
    model, before, step = network(), [], 0

    def loss(output, y):
        nonlocal step
        step += 1
        before.append(weights(model))
        value = F.cross_entropy(output, y)
        if step == 4:
            output.register_hook(lambda gradient: gradient * bad)
            value = value * (bad if what == "loss" else 1.0)
        return value

    history = train(model, X, Y, loss, epochs=5, batch_size=25, progress=False)
    assert history.diverged_at == 4 == step
    assert len(history.loss) == 1
    assert torch.isfinite(weights(model)).all()
    assert torch.equal(weights(model), before[-1])
    assert not torch.equal(before[-1], before[-2])


def test_a_rate_that_blows_up_is_told_and_not_raised() -> None:
    model = network()

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=1e6)

    history = train(
        model, X, X[:, :2], F.mse_loss, epochs=200, batch_size=10, optimizer=sgd, progress=False
    )
    assert history.diverged_at
    assert len(history.loss) == (history.diverged_at - 1) // 5
    assert torch.isfinite(weights(model)).all()


@pytest.mark.parametrize("batch_size", [7, 50, 1000])
def test_the_loss_is_a_mean_over_examples(batch_size: int) -> None:
    model = network()
    with torch.no_grad():
        wanted = F.cross_entropy(model(X), Y).item()
    history = train(
        model,
        X,
        Y,
        F.cross_entropy,
        epochs=1,
        batch_size=batch_size,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.0),
        progress=False,
    )
    assert history.loss[0] == pytest.approx(wanted)


def test_a_clip_is_on_the_norm_of_all_gradients_and_the_norm_told_is_the_one_before() -> None:
    model, before = network(), weights(network())

    def sgd(parameters):
        return torch.optim.SGD(parameters, lr=1.0)

    run = {"epochs": 1, "batch_size": 50, "optimizer": sgd, "progress": False}
    free = train(network(), X, Y, F.cross_entropy, **run)
    held = train(model, X, Y, F.cross_entropy, clip=0.01, **run)
    assert held.gradient_norm == free.gradient_norm
    assert held.gradient_norm[0] > 0.1
    assert (weights(model) - before).norm().item() == pytest.approx(0.01, rel=1e-3)


def test_interruption_leaves_the_model_with_what_it_has_learned() -> None:
    model, reached = network(), []

    def interrupt(seen):
        reached.append(weights(seen))
        if len(reached) == 2:
            raise KeyboardInterrupt
        return 0

    start = weights(model)
    with pytest.raises(KeyboardInterrupt):
        train(model, X, Y, F.cross_entropy, epochs=5, measure=interrupt, progress=False)
    assert torch.equal(weights(model), reached[-1])
    assert not torch.equal(weights(model), start)


def test_going_on_needs_no_more_than_another_call() -> None:
    model = copy.deepcopy(network())
    first = train(model, X, Y, F.cross_entropy, epochs=20, learning_rate=0.01, progress=False)
    second = train(model, X, Y, F.cross_entropy, epochs=20, learning_rate=0.01, progress=False)
    assert second.loss[-1] < first.loss[-1] < first.loss[0]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"epochs": 0}, ValueError, "epochs must be"),
        ({"epochs": 2.0}, TypeError, "epochs must be"),
        ({"batch_size": 0}, ValueError, "batch_size must be"),
        ({"y": Y[:-1]}, ValueError, r"inputs of shape \(50, 4\) do not go with .*\(49,\)"),
        ({"x": (X, X[:-1])}, ValueError, "same number of examples"),
        ({"x": ()}, ValueError, "same number of examples"),
        ({"x": X[:0], "y": Y[:0]}, ValueError, "at least one"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_trained(
    change: dict, error: type[Exception], says: str
) -> None:
    model = network()
    before = weights(model)
    given = {"x": X, "y": Y, "loss": F.cross_entropy, "progress": False} | change
    with pytest.raises(error, match=says):
        train(model, **given)
    assert torch.equal(weights(model), before)
