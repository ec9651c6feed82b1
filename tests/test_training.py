"""Losses, optimisers and fit against torch; the check of the gradients against broken ones."""

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_twins import TORCH

from helpers import datasets, units
from helpers.activations import celu, leaky_relu
from helpers.network import Dense, Network
from helpers.training import (
    SGD,
    Adam,
    GradientCheck,
    History,
    accuracy,
    confusion,
    fit,
    gradient_check,
    gradient_sizes,
    mean_squared_error,
    predict,
    slope_at,
    softmax,
    softmax_cross_entropy,
)

torch.set_num_threads(1)
quick = settings(derandomize=True, database=None, deadline=None, max_examples=40)
rng = np.random.default_rng
ORACLES = [activation for activation in TORCH if activation != celu(0.3)]  # see test_network.py
LOSSES = {"numbers": (mean_squared_error, F.mse_loss), "classes": (softmax_cross_entropy, None)}
OPTIMIZERS = {
    "sgd": (lambda: SGD(0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "momentum": (lambda: SGD(0.05, 0.9), lambda p: torch.optim.SGD(p, 0.05, momentum=0.9)),
    "decay": (
        lambda: SGD(0.05, 0.9, weight_decay=0.02),
        lambda p: torch.optim.SGD(p, 0.05, momentum=0.9, weight_decay=0.02),
    ),
    "adam, decay": (
        lambda: Adam(0.01, weight_decay=0.02),
        lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.02),
    ),
    "adam": (lambda: Adam(0.001), lambda p: torch.optim.Adam(p, 0.001)),
    "adam of other numbers": (
        lambda: Adam(0.01, 0.5, 0.99, 1e-4),
        lambda p: torch.optim.Adam(p, 0.01, (0.5, 0.99), 1e-4),
    ),
}


def targets(kind, n, outputs, seed=5):
    if kind == "classes":
        return rng(seed).integers(0, outputs, n)
    return rng(seed).normal(size=(n, outputs))


def torch_loss(kind, output, y):
    return F.cross_entropy(output, y) if kind == "classes" else F.mse_loss(output, y)


# --- losses -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", LOSSES)
@quick
@given(
    n=st.integers(1, 6),
    outputs=st.integers(1, 6),
    scale=st.sampled_from([1e-3, 1, 30, 1e3]),
    seed=st.integers(0, 99),
)
def test_losses_and_their_gradients_are_torchs(kind, n, outputs, scale, seed):
    output, y = scale * rng(seed).normal(size=(n, outputs)), targets(kind, n, outputs, seed)
    loss, gradient = LOSSES[kind][0](output, y)
    tensor = torch.tensor(output, requires_grad=True)
    theirs = torch_loss(kind, tensor, torch.tensor(y))
    theirs.backward()
    assert isinstance(loss, float)
    assert loss == pytest.approx(theirs.item(), rel=1e-10, abs=1e-10)
    np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-10, atol=1e-10)


def test_cross_entropy_of_scores_out_of_any_range():
    loss, gradient = softmax_cross_entropy(np.array([[1e5, 0.0], [-1e5, 1e5]]), np.array([1, 1]))
    assert loss == 5e4
    assert gradient.tolist() == [[0.5, -0.5], [0.0, 0.0]]


def test_equal_scores_cost_the_logarithm_of_the_classes():
    loss, _ = softmax_cross_entropy(np.full((4, 10), 3.0), np.arange(4))
    assert loss == pytest.approx(math.log(10))


@quick
@given(st.integers(1, 4), st.integers(1, 5), st.floats(-1e6, 1e6))
def test_softmax_adds_up_to_one_and_ignores_what_is_common(n, k, shift):
    scores = rng(n + 10 * k).normal(size=(n, k))
    shares = softmax(scores)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(softmax(scores + shift), shares, rtol=1e-8)
    np.testing.assert_allclose(shares, torch.softmax(torch.tensor(scores), -1), rtol=1e-12)


@pytest.mark.parametrize(
    ("output", "target", "says"),
    [
        ((4, 1), (4,), r"\(4, 1\), the targets \(4,\).*y\.reshape\(-1, 1\) makes it"),
        ((4, 2), (4,), r"\(4, 2\), the targets \(4,\).*y\.ravel\(\)\.astype\(int\)"),
        ((4, 2), (4, 1), r"\(4, 2\), the targets \(4, 1\).*y\.ravel\(\)\.astype\(int\)"),
        ((4, 2), (2, 4), r"takes y of shape \(4, 2\)"),
    ],
)
def test_squared_errors_of_different_shapes_are_refused(output, target, says):
    with pytest.raises(ValueError, match=says):
        mean_squared_error(np.ones(output), np.ones(target))


@pytest.mark.parametrize(
    ("logits", "labels", "says"),
    [
        ((4, 3), np.zeros(3, int), r"\(4, 3\), the labels \(3,\)"),
        ((4, 3), np.eye(4, 3, dtype=int), r"the labels \(4, 3\).*N labels of shape \(N,\)"),
        ((4,), np.zeros(4, int), r"the outputs have the shape \(4,\)"),
        ((2, 3), np.array([0.0, 1.0]), r"classes from 0 to 2; their type is float64.*astype"),
        ((2, 3), np.array([0, 3]), r"labels run from 0 to 3, the outputs have the shape \(2, 3\)"),
        ((2, 3), np.array([-1, 0]), "labels run from -1 to 0"),
    ],
)
def test_labels_that_do_not_fit_are_refused(logits, labels, says):
    with pytest.raises(ValueError, match=says):
        softmax_cross_entropy(np.ones(logits), labels)


# --- optimisers -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("activation", ORACLES, ids=repr)
def test_training_step_by_step_is_torchs(activation, kind, name):
    """Every activation, loss and optimiser: the same parameters after 20 steps."""
    make, make_torch = OPTIMIZERS[name]
    network = Network([4, 6, 5, 3], activation, seed=1)
    x, y = rng(2).normal(size=(32, 4)), targets(kind, 32, 3)
    parameters = [torch.tensor(p, requires_grad=True) for p in network.parameters]
    theirs, ours = make_torch(parameters), make()
    for step in range(20):
        batch = slice(8 * (step % 4), 8 * (step % 4) + 8)
        _, gradient = LOSSES[kind][0](network.forward(x[batch]), y[batch])
        network.backward(gradient)
        ours.step(network.parameters, network.gradients)
        a = torch.tensor(x[batch])
        for layer, w, b in zip(network.layers, parameters[::2], parameters[1::2], strict=True):
            a = TORCH[layer.activation](a @ w + b)
        theirs.zero_grad()
        torch_loss(kind, a, torch.tensor(y[batch])).backward()
        theirs.step()
    for mine, tensor in zip(network.parameters, parameters, strict=True):
        np.testing.assert_allclose(mine, tensor.detach().numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rate", [0, -0.1, math.inf, math.nan, "0.1", True, None])
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_learning_rates_that_cannot_be(kind, rate):
    with pytest.raises(ValueError, match="learning_rate must be a number above 0"):
        kind(rate)


@pytest.mark.parametrize("share", [1, -0.1, math.nan, "a", False])
def test_shares_that_cannot_be(share):
    with pytest.raises(ValueError, match="momentum must be a number from 0 to below 1"):
        SGD(0.1, momentum=share)
    with pytest.raises(ValueError, match="beta1 must be"):
        Adam(0.1, beta1=share)
    with pytest.raises(ValueError, match="beta2 must be"):
        Adam(0.1, beta2=share)
    with pytest.raises(ValueError, match="eps must be above 0"):
        Adam(0.1, eps=0)
    for optimizer in (SGD, Adam):
        with pytest.raises(ValueError, match="weight_decay must be a number of at least 0"):
            optimizer(0.1, weight_decay=-0.1)


def test_reprs_tell_the_settings_only():
    assert repr(SGD(0.5)) == "SGD(learning_rate=0.5, momentum=0.0, weight_decay=0.0)"
    assert repr(Adam()).startswith("Adam(learning_rate=0.001, beta1=0.9")


# --- fit --------------------------------------------------------------------------------------


def two_classes(n=60):
    return datasets.moons(n, seed=1)


def test_fit_is_its_steps_written_out():
    x, y = two_classes(50)
    ours, plain = Network([2, 6, 2], seed=3), Network([2, 6, 2], seed=3)
    fit(ours, x, y, optimizer=SGD(0.3), epochs=4, batch_size=16, seed=9)
    order, optimizer = rng(9), SGD(0.3)
    for _ in range(4):
        shuffled = order.permutation(50)
        for start in (0, 16, 32, 48):
            batch = shuffled[start : start + 16]
            _, gradient = softmax_cross_entropy(plain.forward(x[batch]), y[batch])
            plain.backward(gradient)
            optimizer.step(plain.parameters, plain.gradients)
    for one, other in zip(ours.parameters, plain.parameters, strict=True):
        assert np.array_equal(one, other)


def test_history_is_what_one_would_measure():
    x, y = two_classes()
    x_test, y_test = datasets.moons(40, seed=2)
    probe = rng(0).normal(size=(25, 2))
    network = Network([2, 5, 4, 2], leaky_relu(0.0), bias=-0.7, seed=4)
    before = network.copy()
    history = fit(network, x, y, epochs=3, test=(x_test, y_test), probe=probe)
    lists = (history.loss, history.accuracy, history.test_loss, history.test_accuracy)
    assert [len(each) for each in (*lists, history.dead, history.always_off)] == [4] * 6
    assert history.probe_size == 25
    assert history.epochs == 3
    for row, state in ((0, before), (-1, network)):
        assert history.loss[row] == softmax_cross_entropy(state.forward(x), y)[0]
        assert history.accuracy[row] == np.mean(state.forward(x).argmax(axis=1) == y)
        assert history.test_loss[row] == softmax_cross_entropy(state.forward(x_test), y_test)[0]
        assert history.test_accuracy[row] == accuracy(state, x_test, y_test)
        zs = state.pre_activations(probe)
        assert history.always_off[row] == [units.always_off(z).mean() for z in zs]
        assert history.dead[row] == history.always_off[row]
    assert sum(history.always_off[0]) > 0


def test_the_probe_is_the_training_set_by_default():
    x, y = two_classes()
    history = fit(Network([2, 8, 2], bias=-1.5, seed=0), x, y, epochs=0, test=(x[:2], y[:2]))
    z = Network([2, 8, 2], bias=-1.5, seed=0).pre_activations(x)[0]
    assert history.always_off == [[units.always_off(z).mean()]]
    assert history.probe_size == len(x)


def test_a_leaky_unit_is_always_off_and_not_dead():
    x, y = two_classes()
    history = fit(Network([2, 8, 2], leaky_relu(), bias=-50.0), x, y, epochs=1)
    assert history.always_off == [[1.0], [1.0]]
    assert history.dead == [[0.0], [0.0]]


def test_numbers_have_no_accuracy():
    x, y = datasets.line(20)
    history = fit(Network([1, 1]), x, y, epochs=2, test=(x, y))
    assert history.accuracy == history.test_accuracy == []
    assert history.test_loss == history.loss
    assert "test loss" in repr(history)
    assert history.dead == [[], [], []]


def test_the_seed_decides_the_order():
    x, y = two_classes()
    runs = []
    for seed in (1, 1, 2):
        network = Network([2, 4, 2], seed=0)
        fit(network, x, y, epochs=2, seed=seed)
        runs.append(network.layers[0].w)
    assert np.array_equal(runs[0], runs[1])
    assert not np.array_equal(runs[0], runs[2])


def test_truth_values_are_classes():
    x, y = two_classes()
    history = fit(Network([2, 8, 2]), x, y == 1, epochs=1)
    assert len(history.accuracy) == 2


def test_what_was_given_is_not_changed():
    x, y = two_classes()
    kept = x.copy(), y.copy()
    fit(Network([2, 4, 2]), x, y, epochs=2, test=(x, y))
    assert np.array_equal(x, kept[0])
    assert np.array_equal(y, kept[1])


def test_a_second_fit_goes_on():
    x, y = two_classes()
    network = Network([2, 8, 2])
    first = fit(network, x, y, optimizer=SGD(0.5), epochs=5)
    second = fit(network, x, y, optimizer=SGD(0.5), epochs=5)
    assert second.loss[0] == first.loss[-1]
    assert second.loss[-1] < first.loss[-1]


@pytest.mark.parametrize("maker", [datasets.moons, datasets.circles, datasets.spirals])
def test_drawn_classes_can_be_learned_to_the_end(maker):
    x, y = maker(200, noise=0.0, seed=3)
    network = Network([2, 48, 48, 2], "relu", seed=0)
    history = fit(network, x, y, optimizer=Adam(0.01), epochs=200, batch_size=50)
    assert history.accuracy[-1] == 1.0


@pytest.mark.parametrize("seed", range(4))
def test_digits_reach_95_per_cent_over_other_seeds(seed):
    data = datasets.digits()
    x, y, x_test, y_test = datasets.split(data.pixels, data.labels, seed=seed)
    network = Network([64, 32, 10], "relu", seed=seed)
    fit(network, x, y, optimizer=Adam(0.003), seed=seed)
    assert accuracy(network, x_test, y_test) >= 0.95


# --- running away, interruption, progress -----------------------------------------------------


def test_a_runaway_stops_with_one_line(capsys):
    x, y = datasets.line(50)
    network = Network([1, 8, 1], seed=0)
    history = fit(network, 100 * x, y, optimizer=SGD(1.0), epochs=50)
    printed = capsys.readouterr().out
    assert printed.startswith("Stopped in epoch ")
    assert "try a smaller learning rate" in printed
    assert printed.count("\n") == 1
    assert history.diverged
    assert history.epochs < 5
    assert np.isfinite(history.loss).all()
    assert repr(history).endswith(f"Stopped in epoch {history.epochs + 1}")
    assert "nan" not in printed + repr(history)


def test_a_runaway_in_the_last_step_of_an_epoch_is_noticed_too():
    x, y = datasets.line(50)
    history = fit(Network([1, 1]), x, y, optimizer=SGD(1e150), epochs=1, batch_size=50)
    assert history.diverged
    assert np.isfinite(history.loss).all()
    assert len(history.loss) == len(history.dead) == 1


def test_without_progress_nothing_is_printed(capsys):
    x, y = datasets.line(50)
    history = fit(Network([1, 8, 1]), 100 * x, y, optimizer=SGD(1.0), epochs=50, progress=False)
    assert history.diverged
    assert capsys.readouterr() == ("", "")


def test_a_loss_that_goes_up_for_a_while_is_no_runaway():
    x, y = two_classes()
    history = fit(Network([2, 8, 2]), 50 * x, y, optimizer=Adam(0.5), epochs=10)
    assert max(history.loss) > 2 * history.loss[0] or history.loss[-1] < history.loss[0]
    assert not history.diverged


def test_an_interruption_leaves_a_network_that_goes_on(monkeypatch):
    x, y = two_classes()
    network, optimizer = Network([2, 8, 2]), SGD(0.5)
    step, steps = optimizer.step, []

    def interrupted(parameters, gradients):
        steps.append(1)
        if len(steps) == 7:
            raise KeyboardInterrupt
        step(parameters, gradients)

    monkeypatch.setattr(optimizer, "step", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit(network, x, y, optimizer=optimizer, batch_size=10, epochs=5)
    learned = softmax_cross_entropy(network.forward(x), y)[0]
    assert learned < softmax_cross_entropy(Network([2, 8, 2]).forward(x), y)[0]
    assert fit(network, x, y, epochs=1).loss[0] == learned


# --- what does not fit is named, and nothing has changed --------------------------------------

X, Y = np.ones((6, 2)), np.array([0, 1, 0, 1, 0, 1])


@pytest.mark.parametrize(
    ("x", "y", "error", "says"),
    [
        (np.ones((6, 3)), Y, ValueError, r"x has the shape \(6, 3\); this network \(2-4-2\) takes"),
        (np.ones(6), Y, ValueError, r"x has the shape \(6,\)"),
        (np.ones((0, 2)), Y[:0], ValueError, r"x has the shape \(0, 2\).*at least one"),
        (X, Y[:5], ValueError, r"x has the shape \(6, 2\) and y \(5,\): .* as many rows"),
        (X, 1, ValueError, r"y \(\)"),
        (X, Y + 1, ValueError, r"labels run from 1 to 2, .* \(6, 2\): classes are counted from 0"),
        (X, 30 * Y, ValueError, r"numbers to predict, y\.reshape\(-1, 1\) says so"),
        (X, Y * 1.0, ValueError, r"\(6, 2\), the targets \(6,\).*y\.ravel\(\)\.astype\(int\)"),
        (X, Y.reshape(-1, 1), ValueError, r"\(6, 2\), the targets \(6, 1\).*astype\(int\)"),
        (X, np.array(list("aabbaa")), TypeError, "y must hold classes or numbers"),
        (np.full((6, 2), "1"), Y, TypeError, "x must hold real numbers"),
        (np.where(np.eye(6, 2), np.nan, 1.0), Y, ValueError, "x holds nan .* 2 of 6 rows.* row 0"),
        (X, np.where(np.eye(6, 2, -4), np.inf, 1.0), ValueError, "y holds nan .* row 4"),
    ],
)
def test_data_that_do_not_fit(x, y, error, says):
    network = Network([2, 4, 2])
    before = network.copy()
    with pytest.raises(error, match=says):
        fit(network, x, y)
    for one, other in zip(network.parameters, before.parameters, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"optimizer": "adam"}, r"such as Adam\(0.001\); got 'adam'"),
        ({"optimizer": Adam}, "optimizer must be an object"),
        ({"loss": "mse"}, "loss must be a function such as mean_squared_error; got 'mse'"),
        ({"test": X}, r"test must be a pair \(x, y\); got ndarray"),
        ({"test": (X, Y, Y)}, "test must be a pair"),
    ],
)
def test_names_and_classes_are_no_objects(given, says):
    with pytest.raises(TypeError, match=says):
        fit(Network([2, 2]), X, Y, **given)


def test_test_and_probe_are_looked_at_too():
    network = Network([2, 4, 2])
    with pytest.raises(ValueError, match=r"x of test has the shape \(6, 2\) and y of test \(5,\)"):
        fit(network, X, Y, test=(X, Y[:5]))
    with pytest.raises(ValueError, match=r"probe has the shape \(3, 3\)"):
        fit(network, X, Y, probe=np.ones((3, 3)))


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"epochs": -1}, ValueError),
        ({"epochs": 1.5}, TypeError),
        ({"batch_size": 0}, ValueError),
        ({"batch_size": "all"}, TypeError),
        ({"batch_size": True}, TypeError),
    ],
)
def test_settings_that_cannot_be(settings, error):
    with pytest.raises(error, match=f"{next(iter(settings))} must be a whole number"):
        fit(Network([2, 2]), X, Y, **settings)


# --- looking at the result --------------------------------------------------------------------


def test_predict_and_accuracy():
    network = Network.of([Dense(np.eye(3), np.zeros(3), "identity")])
    x = np.array([[3.0, 1.0, 2.0], [0.0, 0.0, 1.0], [5.0, 5.0, 5.0]])
    assert predict(network, x).tolist() == [0, 2, 0]
    assert accuracy(network, x, [0, 1, 0]) == 2 / 3
    with pytest.raises(ValueError, match=r"x has the shape \(3, 3\) and the labels \(2,\)"):
        accuracy(network, x, [0, 1])


def test_confusion_counts_pairs():
    labels, predicted = rng(0).integers(0, 4, (2, 200))
    table = confusion(labels, predicted, classes=5)
    assert table.shape == (5, 5)
    for right in range(5):
        for taken in range(5):
            assert table[right, taken] == np.sum((labels == right) & (predicted == taken))


@pytest.mark.parametrize(
    ("labels", "predicted", "classes", "says"),
    [
        ([0, 1], [0], None, r"labels have the shape \(2,\), predictions \(1,\)"),
        ([], [], None, "same length"),
        ([0.0], [1], None, "classes are whole numbers; labels are float64"),
        ([0, 3], [0, 1], 3, "classes must lie between 0 and 2; the largest is 3"),
        ([0, -1], [0, 1], None, "between 0 and 1"),
    ],
)
def test_confusion_of_what_are_no_classes(labels, predicted, classes, says):
    with pytest.raises(ValueError, match=says):
        confusion(labels, predicted, classes)


# --- gradients, measured ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: x * x, 3.0, 6.0),
        (math.sin, 0.5, math.cos(0.5)),
        (lambda x: max(x, 0.0), 0.0, 0.5),  # a bend: the mean of both sides
        (lambda x: max(x, 0.0), -3.0, 0.0),
    ],
)
def test_slope_at(f, x, slope):
    assert slope_at(f, x) == pytest.approx(slope, abs=1e-9)


def test_slope_at_takes_the_nudge_it_is_given():
    assert slope_at(lambda x: x**3, 0.0, h=2.0) == 4.0


def test_gradient_sizes_are_those_of_the_weights_first_layer_first():
    network = Network([3, 4, 2], "tanh", seed=1)
    x, y = rng(0).normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])
    sizes = gradient_sizes(network, x, y)
    network.backward(softmax_cross_entropy(network.forward(x), y)[1])
    expected = [np.sqrt((layer.grad_w**2).sum()) for layer in network.layers]
    np.testing.assert_allclose(sizes, expected)


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize("activation", list(TORCH), ids=repr)
def test_gradients_agree_with_nudging(activation, kind):
    network = Network([3, 6, 5, 4], activation, seed=7)
    for layer in network.layers:
        layer.b[:] = rng(8).normal(0, 0.3, layer.b.shape)
    before = network.copy()
    check = gradient_check(network, rng(9).normal(size=(7, 3)), targets(kind, 7, 4))
    assert check, check
    assert check.checked == sum(p.size for p in network.parameters)
    for one, other in zip(network.parameters, before.parameters, strict=True):
        assert np.array_equal(one, other)


@quick
@given(sizes=st.lists(st.integers(1, 5), min_size=2, max_size=5), seed=st.integers(0, 99))
def test_gradients_agree_for_any_shape(sizes, seed):
    network = Network(sizes, "tanh", seed=seed)
    x = rng(seed).normal(size=(4, sizes[0]))
    assert gradient_check(network, x, targets("numbers", 4, sizes[-1]))


class WithoutDerivative(Dense):
    def backward(self, grad_a):
        super().backward(grad_a)
        self.grad_w, self.grad_b = self.x.T @ grad_a, grad_a.sum(axis=0)
        return grad_a @ self.w.T


class MeanBias(Dense):
    def backward(self, grad_a):
        grad_x = super().backward(grad_a)
        self.grad_b = self.grad_b / len(grad_a)
        return grad_x


class WrongByALittle(Dense):
    def backward(self, grad_a):
        grad_x = super().backward(grad_a)
        self.grad_w[0, 1] *= 1.001
        return grad_x


@pytest.mark.parametrize("broken", [WithoutDerivative, MeanBias, WrongByALittle])
@pytest.mark.parametrize("place", [0, 1])
def test_a_broken_backward_pass_is_found(broken, place):
    network = Network([3, 4, 4, 2], "tanh", seed=1)
    layer = network.layers[place]
    layer.b[:] = 0.2
    network.layers[place] = broken(layer.w, layer.b, layer.activation)
    check = gradient_check(network, rng(1).normal(size=(9, 3)), targets("numbers", 9, 2))
    assert not check
    where = {"WithoutDerivative": "layers[", "MeanBias": f"layers[{place}].b"}
    assert check.worst.startswith(where.get(broken.__name__, f"layers[{place}].w[0, 1]"))
    assert "DIFFER" in repr(check)
    assert check.worst in repr(check)


def test_a_nudge_across_a_kink_is_skipped():
    network = Network.of([Dense([[1.0]], [0.0], "relu"), Dense([[1.0]], [0.0], "identity")])
    check = gradient_check(network, [[0.0]], np.array([[1.0]]))  # z is 0 exactly
    assert check.skipped == 1  # the hidden bias: nudged, z has one sign or the other
    assert check
    assert "(1 at a bend, skipped)" in repr(check)


def test_nothing_compared_is_no_agreement():
    assert not GradientCheck(0.0, "", 3, 3)
    assert not GradientCheck(math.nan, "", 3, 0)


def test_many_parameters_are_drawn_from():
    check = gradient_check(Network([20, 20, 10]), rng(0).normal(size=(5, 20)), Y[:5], at_most=50)
    assert check
    assert check.checked == 50


def test_float32_is_too_coarse():
    with pytest.raises(TypeError, match=r"the network is in float32.*dtype=np\.float64"):
        gradient_check(Network([2, 2], dtype=np.float32), X, Y)


def test_history_repr():
    history = History(loss=[2.0, 1.0], accuracy=[0.1, 0.5])
    assert repr(history) == "History: 1 epoch, loss 2.000 -> 1.000, accuracy 10.0 % -> 50.0 %"
    assert repr(History()) == "History: nothing measured yet"
    assert History().epochs == 0
