"""Stacks of regressors: the same networks as `Fleet`, `fit` and torch.nn train one by one."""

import numpy as np
import pytest
import torch
from torch import nn

from helpers import activations
from helpers.fleet import Fleet
from helpers.models.regressors import (
    Parts,
    Regressors,
    fit_regressors,
    parts,
    scaled,
    sequential,
)
from helpers.network import Dense, Network
from helpers.training import Adam, fit

SQUARED, HUBER = nn.MSELoss(reduction="none"), nn.HuberLoss(reduction="none", delta=0.5)


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def some_data(seeds=3, rows=50, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(seeds, rows, 4))
    return x, np.abs(x[..., :1]) - x[..., 1:2] + 0.1 * rng.normal(size=(seeds, rows, 1))


# --- parts ------------------------------------------------------------------------------------


def test_each_row_is_in_one_part():
    told = parts(60, 5, test=11, learn=31)
    for each in zip(*told, strict=True):
        assert np.sort(np.concatenate(each)).tolist() == list(range(60))


def test_the_test_part_belongs_to_the_division_alone():
    one, more, other = parts(60, 2, test=11, learn=31), parts(60, [7, 8], test=11, learn=31), None
    assert np.array_equal(one.test[0], more.test[1])
    other = parts(60, 2, division=1, test=11, learn=31)
    assert not np.array_equal(one.test, other.test)
    assert not np.array_equal(one.learn[0], one.learn[1])
    assert np.array_equal(one.learn[1], parts(60, [1], test=11, learn=31).learn[0])


@pytest.mark.parametrize("sizes", [{"test": 30, "learn": 30}, {"test": 59, "learn": 1}])
def test_a_row_must_be_left_to_tune_on(sizes):
    with pytest.raises(ValueError, match="at least one must be left to tune on"):
        parts(60, 2, **sizes)


def test_counts_are_counts():
    with pytest.raises(ValueError, match="test"):
        parts(60, 2, test=0)
    with pytest.raises(TypeError, match="learn"):
        parts(60, 2, learn=1.5)


# --- scaled -----------------------------------------------------------------------------------


def test_mean_and_deviation_come_from_the_learning_rows():
    values = np.random.default_rng(0).normal(5, 3, (60, 2))
    rows = parts(60, 4, test=11, learn=31)
    told = scaled(values, rows)
    np.testing.assert_allclose(told.learn.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(told.learn.std(axis=1), 1)
    for part, which in zip(told[:3], rows, strict=True):
        np.testing.assert_allclose(part * told.scale + told.centre, values[which])


def test_robust_scaling_hardly_notices_wild_values():
    values = np.random.default_rng(0).normal(5, 3, (600, 1))
    wild = values.copy()
    wild[:30] *= 100
    rows = parts(600, 4, test=100, learn=400)
    for robust, limit in ((True, 0.6), (False, 50)):
        one, other = (scaled(table, rows, robust=robust) for table in (values, wild))
        moved = np.abs(other.scale - one.scale).max()
        assert (moved < limit) == robust
    np.testing.assert_allclose(scaled(values, rows, robust=True).scale, 3, rtol=0.1)


def test_what_cannot_be_scaled_is_named():
    rows = parts(60, 2, test=11, learn=31)
    with pytest.raises(ValueError, match="must be a table"):
        scaled(np.ones(60), rows)
    with pytest.raises(ValueError, match="does not vary"):
        scaled(np.ones((60, 1)), rows)
    mostly = np.zeros((60, 1))
    mostly[::10] = 1
    with pytest.raises(ValueError, match="quartiles are the same"):
        scaled(mostly, rows, robust=True)


# --- stacks -----------------------------------------------------------------------------------


def test_a_stack_trains_as_a_fleet_does():
    x, y = some_data()
    slopes = [0, 0.01, 0.3]
    fleet = Fleet([4, 8, 8, 1], seeds=3, slope=slopes)
    fleet.fit(x, y, optimizer=Adam(0.01), epochs=5, batch_size=16, record=[], progress=False)
    model = Regressors([4, 8, 8, 1], slopes, seeds=3)
    fit_regressors(model, x, y, SQUARED, learning_rate=0.01, epochs=5, batch_size=16)
    np.testing.assert_allclose(model.predict(x), fleet.outputs(x), rtol=1e-9, atol=1e-12)


def test_a_stack_with_another_loss_trains_as_fit_does():
    def huber(output, target):
        residual = output - target
        size = np.abs(residual)
        values = np.where(size <= 0.5, residual**2 / 2, 0.5 * (size - 0.25))
        return values.mean(), np.clip(residual, -0.5, 0.5) / residual.size

    x, y = some_data()
    model = Regressors([4, 8, 1], [0.1], seeds=[0, 5, 7])
    fit_regressors(model, x, y, HUBER, learning_rate=0.01, epochs=5, batch_size=16)
    for place, seed in enumerate([0, 5, 7]):
        drawn = Network([4, 8, 1], "relu", seed=seed).layers
        layers = [Dense(drawn[0].w, drawn[0].b, activations.leaky_relu(slope=0.1)), drawn[1]]
        network = Network.of(layers)
        how = {"optimizer": Adam(0.01), "epochs": 5, "batch_size": 16, "seed": seed}
        fit(network, x[place], y[place], loss=huber, progress=False, **how)
        own = model.predict(x)[0, place]
        np.testing.assert_allclose(own, network.forward(x[place]), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu"])
def test_an_activation_behind_the_output_trains_as_fit_does(name):
    output = {"relu": torch.relu, "leaky_relu": nn.LeakyReLU(0.01)}[name]
    x, y = some_data()
    model = Regressors([4, 8, 1], seeds=3, output=output)
    fit_regressors(model, x, y, SQUARED, learning_rate=0.01, epochs=5, batch_size=16)
    for seed in range(3):
        *hidden, last = Network([4, 8, 1], "relu", seed=seed).layers
        network = Network.of([*hidden, Dense(last.w, last.b, name)])
        how = {"optimizer": Adam(0.01), "epochs": 5, "batch_size": 16, "seed": seed}
        fit(network, x[seed], y[seed], progress=False, **how)
        own = model.predict(x)[0, seed]
        np.testing.assert_allclose(own, network.forward(x[seed]), rtol=1e-9, atol=1e-12)


def test_networks_do_not_touch_each_other():
    x, y = some_data()
    alone = Regressors([4, 8, 1], [0.1], seeds=[2])
    fit_regressors(alone, x[2:], y[2:], SQUARED, learning_rate=0.01, epochs=3)
    wild = np.where(np.arange(3).reshape(3, 1, 1) < 2, 1e6 * y, y)
    among = Regressors([4, 8, 1], [0.0, 0.1], seeds=3)
    fit_regressors(among, x, wild, SQUARED, learning_rate=0.01, epochs=3)
    np.testing.assert_allclose(among.predict(x)[1, 2], alone.predict(x[2:])[0, 0], rtol=1e-9)


def test_before_the_output_lies_what_it_cuts_off():
    model = Regressors([4, 8, 1], seeds=2, output=torch.relu)
    x = torch.from_numpy(some_data(seeds=2)[0])
    z = model.before_output(x)
    assert (z < 0).any()
    assert torch.equal(model(x), torch.relu(z))


def test_one_table_serves_all_networks():
    model = Regressors([4, 8, 1], [0, 0.1], seeds=3)
    x = np.random.default_rng(0).normal(size=(7, 4))
    said = model.predict(x)
    assert said.shape == (2, 3, 7, 1)
    np.testing.assert_allclose(said[0, 1], Network([4, 8, 1], "relu", seed=1).forward(x))


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((2, 50, 4), (2, 50, 1)),
        ((3, 50, 5), (3, 50, 1)),
        ((3, 50, 4), (3, 49, 1)),
        ((3, 50, 4), (3, 50)),
        ((50, 4), (50, 1)),
    ],
)
def test_shapes_that_do_not_fit_are_told(x, y):
    model = Regressors([4, 8, 1], seeds=3)
    with pytest.raises(ValueError, match=r"takes \(3, N, 4\) and \(3, N, 1\)"):
        fit_regressors(model, np.zeros(x), np.zeros(y), SQUARED, learning_rate=0.01)


def test_epochs_and_batches_are_counts():
    x, y = some_data()
    model = Regressors([4, 8, 1], seeds=3)
    for wrong in ({"epochs": 0}, {"batch_size": 0}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            fit_regressors(model, x, y, SQUARED, learning_rate=0.01, **wrong)


# --- copies to torch --------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0, 0.01, 0.3])
def test_a_copy_answers_the_same(slope):
    network = Fleet([4, 8, 8, 2], seeds=2, slope=slope).network(0, 1)
    x = np.random.default_rng(0).normal(size=(20, 4))
    model = sequential(network)
    np.testing.assert_allclose(model(torch.from_numpy(x)).detach(), network.forward(x))
    before = network.layers[0].w.copy()
    with torch.no_grad():
        model[0].weight.zero_()
    assert np.array_equal(network.layers[0].w, before)


def test_an_activation_behind_the_output_is_copied():
    *hidden, last = Network([4, 8, 1], "relu", seed=0).layers
    model = sequential(Network.of([*hidden, Dense(last.w, last.b, "relu")]))
    assert isinstance(model[-1], nn.ReLU)


def test_other_activations_are_named():
    with pytest.raises(ValueError, match="tanh is neither ReLU nor leaky ReLU"):
        sequential(Network([4, 8, 1], "tanh", seed=0))


def test_parts_are_a_named_tuple():
    assert Parts._fields == ("learn", "tune", "test")
