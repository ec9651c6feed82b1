"""The fleet: settings, records, divergence, data of its own, errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers import units
from helpers.activations import gelu, leaky_relu, relu
from helpers.datasets import moons
from helpers.fleet import Fleet, grid
from helpers.fleet.trainer import Draws
from helpers.initializers import glorot
from helpers.network import Network
from helpers.training import SGD, Adam, mean_squared_error, softmax_cross_entropy

X, LABELS = moons(60, noise=0.1, seed=0)
NUMBERS = np.stack([X[:, 0] * X[:, 1], abs(X[:, 0])], axis=1)
SIZES = (2, 6, 5, 2)
ALL = ("loss", "units", "gradients", "parameters")


def same(ours, theirs):
    return all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))


# --- what a fleet is made of ----------------------------------------------------------------------


def test_arms_share_the_weights_that_network_draws():
    fleet = Fleet(SIZES, "relu", seeds=[4, 7], slope=[0, 0.1], bias=[0, -1], gain=[1, 0.5])
    for number, seed in enumerate(fleet.seeds):
        for place, array in enumerate(Network(SIZES, "relu", seed=seed).parameters):
            first, second = (fleet.parameters[place][arm, number] for arm in (0, 1))
            np.testing.assert_array_equal(first, array)
            if place % 2 == 0:
                np.testing.assert_array_equal(second, array * 0.5)
            else:
                hidden = place < 4
                np.testing.assert_array_equal(second, np.full_like(array, -1) if hidden else array)


def test_the_initializer_is_taken():
    ours = Fleet(SIZES, "relu", seeds=1, initializer=glorot).parameters[0][0, 0]
    np.testing.assert_array_equal(ours, Network(SIZES, "relu", initializer=glorot).parameters[0])


@pytest.mark.parametrize("name", ["rrelu", "prelu", "relu", "gelu"])
def test_a_network_depends_on_its_seed_alone(name):
    whole = Fleet(SIZES, name, seeds=9, learning_rate=[0.1, 0.01])
    some = Fleet(SIZES, name, seeds=[8, 3], learning_rate=0.01)
    for fleet in (whole, some):
        fleet.fit(X, LABELS, epochs=3, batch_size=7)
    for ours, theirs in zip(some.parameters, whole.parameters, strict=True):
        np.testing.assert_allclose(ours[0], theirs[1, [8, 3]], rtol=1e-9, atol=1e-12)


def test_randomised_slopes_stay_within_their_bounds_and_differ():
    draws = Draws([3, 5, 3], Fleet([2, 4, 2], "rrelu", seeds=1).activation, [4000])
    (first,), (second,) = draws.leaks(10), draws.leaks(10)
    assert first.shape == (3, 10, 4000)
    assert 1 / 8 <= first.min() < 0.13
    assert 0.33 < first.max() <= 1 / 3
    np.testing.assert_array_equal(first[0], first[2])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(first, second)


def test_grid_crosses_and_single_values_serve_all_arms():
    fleet = Fleet(SIZES, seeds=2, learning_rate=0.1, **grid(slope=[0, 0.1], bias=[0, -1, -2]))
    assert fleet.arms == 6
    assert fleet.slope.tolist() == [0, 0, 0, 0.1, 0.1, 0.1]
    assert fleet.learning_rate.tolist() == [0.1] * 6
    assert repr(fleet) == (
        "Fleet of 6 arms x 2 seeds, 2-6-5-2, relu, slope 0, 0, 0, 0.1, 0.1, 0.1, "
        "learning rate 0.1, bias 0, -1, -2, 0, -1, -2"
    )


def test_a_fleet_tells_what_it_is():
    fleet = Fleet(SIZES, "tanh", seeds=[5], normalize=True, skip=True, gain=0.5)
    assert repr(fleet) == "Fleet of 1 arm x 1 seed, 2-6-5-2, tanh, normalized, skip, gain 0.5"


def test_a_copy_trains_apart():
    fleet = Fleet(SIZES, "relu", seeds=3, bias=-1, learning_rate=0.2)
    before = [array.copy() for array in fleet.parameters]
    other = fleet.copy(slope=[0, 0.1])
    assert other.shape == (2, 3)
    assert other.learning_rate.tolist() == [0.2, 0.2]
    other.fit(X, LABELS, epochs=2)
    assert same(fleet.parameters, before)
    other.parameters[0][:] = 0
    assert same(fleet.parameters, before)


def test_a_copy_with_another_activation_takes_its_slope():
    fleet = Fleet(SIZES, "relu", seeds=3, slope=[0, 0.3])
    assert fleet.copy(learning_rate=0.5).slope.tolist() == [0, 0.3]
    assert fleet.copy(activation=leaky_relu(0.2)).slope.tolist() == [0.2, 0.2]
    assert fleet.copy(activation=gelu).slope is None
    learned = fleet.copy(activation="prelu", slope=0.5)
    assert [array.tolist() for array in learned.parameters[6:]] == [[[0.5] * 3] * 2] * 2
    learned.fit(X, LABELS, epochs=1)
    assert same(learned.copy().parameters, learned.parameters)
    assert len(learned.copy(activation="relu").parameters) == 6
    with pytest.raises(ValueError, match="2 arms, and settings for 3"):
        fleet.copy(slope=[0, 1, 2])


def test_networks_come_out_as_they_are():
    fleet = Fleet(SIZES, "prelu", seeds=2, slope=[0.1, 0.2])
    fleet.fit(X, LABELS, epochs=2)
    for arm, number in ((0, 1), (1, 0)):
        network = fleet.network(arm, number)
        np.testing.assert_allclose(network.forward(X), fleet.outputs(X)[arm, number], atol=1e-12)
        for ours, theirs in zip(fleet.pre_activations(X), network.pre_activations(X), strict=True):
            np.testing.assert_allclose(ours[arm, number], theirs, atol=1e-12)
    smooth = Fleet(SIZES, "gelu", seeds=1)
    np.testing.assert_allclose(smooth.network(0, 0).forward(X), smooth.outputs(X)[0, 0], atol=1e-7)
    assert str(Fleet(SIZES, "relu", seeds=1).network(0, 0).layers[0].activation) == "relu"
    for settings in ({"normalize": True}, {"skip": True}):
        with pytest.raises(ValueError, match="neither normalisation nor skip"):
            Fleet(SIZES, seeds=1, **settings).network(0, 0)


# --- what is recorded -----------------------------------------------------------------------------


def test_rows_are_due_every_few_steps_and_at_the_end():
    fleet = Fleet(SIZES, seeds=2)
    history = fleet.fit(X, LABELS, epochs=2, batch_size=7, every=4, record=ALL)
    assert history.steps.tolist() == [0, 4, 8, 12, 16, 18]
    for array in (history.loss, history.accuracy, history.gradient_norm, *history.parameters):
        assert array.shape[:3] == (6, 1, 2)
    assert history.share("stuck").shape == (6, 1, 2, 2)
    assert same([array[-1] for array in history.parameters], fleet.parameters)
    assert Fleet(SIZES, seeds=2).fit(X, LABELS, epochs=0).steps.tolist() == [0]


def test_a_row_does_not_change_what_comes_after():
    for name, settings in (("relu", {}), ("rrelu", {}), ("relu", {"normalize": True})):
        ends = []
        for record in ((), ALL):
            fleet = Fleet(SIZES, name, seeds=2, **settings)
            fleet.fit(X, LABELS, epochs=3, every=2, record=record, test=(X[:5], LABELS[:5]))
            ends.append((fleet.parameters, fleet.outputs(X)))
        assert same(ends[0][0], ends[1][0])
        np.testing.assert_array_equal(ends[0][1], ends[1][1])


def test_states_and_gradients_are_those_of_the_units_module():
    fleet = Fleet(SIZES, seeds=4, slope=[0, 0.1], bias=[-1.5, -1.5])
    probe, labels = X[:20], LABELS[:20]
    history = fleet.fit(X, LABELS, epochs=2, probe=(probe, labels), record=ALL)
    assert history.probe_size == 20
    for arm in range(2):
        for number in range(4):
            network = fleet.network(arm, number)
            _, gradient = softmax_cross_entropy(network.forward(probe), labels)
            network.backward(gradient)
            for layer, z in enumerate(network.pre_activations(probe)):
                dense = network.layers[layer]
                slopes = dense.activation.derivative(z)
                for name, found in (
                    ("always_off", units.always_off(z)),
                    ("dead", units.dead(z, slopes)),
                    ("always_negative", units.always_negative(z, slopes)),
                    ("stuck", units.stuck(dense.grad_w)),
                ):
                    ours = getattr(history, name)[layer][-1, arm, number]
                    np.testing.assert_array_equal(ours, found)
                norm = history.gradient_norm[-1, arm, number, layer]
                assert norm == pytest.approx(np.linalg.norm(dense.grad_w), rel=1e-9)
    assert history.share("dead")[:, 1].max() == 0 < history.share("always_negative")[:, 1].max()


def test_first_death_and_revivals_are_counted():
    history = Fleet([1, 2, 2], seeds=1).fit(X[:, :1], LABELS, epochs=5, batch_size=60)
    pattern = [[0, 0], [1, 0], [0, 0], [1, 1], [0, 1], [0, 1]]
    history.dead = [np.array(pattern, dtype=bool).reshape(6, 1, 1, 2)]
    assert history.first("dead").tolist() == [[[1]]]
    assert history.revivals("dead").tolist() == [[[2]]]
    history.dead = [np.zeros((6, 1, 1, 2), dtype=bool)]
    assert history.first().tolist() == [[[-1]]]


def test_measure_says_what_fit_would():
    fleet = Fleet(SIZES, seeds=3, slope=[0, 0.1])
    history = fleet.fit(X, LABELS, epochs=2, record=ALL)
    now = fleet.measure(X, LABELS, record=ALL)
    for name in ("loss", "accuracy", "gradient_norm"):
        np.testing.assert_array_equal(getattr(now, name)[0], getattr(history, name)[-1])
    assert fleet.measure(X, record=["units"]).share("dead").shape == (1, 2, 3, 2)


def test_histories_say_how_it_ended():
    fleet = Fleet(SIZES, seeds=3, slope=[0, 0.1])
    history = fleet.fit(X, LABELS, epochs=1, test=(X, LABELS))
    assert repr(history).startswith("FleetHistory of 2 arms x 3 seeds: 2 rows to step 1, accuracy ")
    assert "test accuracy" in repr(history)
    assert "loss" in repr(fleet.fit(X, NUMBERS, epochs=1))
    with pytest.raises(ValueError, match="stuck was not recorded"):
        history.share("stuck")
    with pytest.raises(ValueError, match="state must be one of"):
        history.share("asleep")


# --- data of their own ----------------------------------------------------------------------------


def test_seeds_and_arms_may_have_data_of_their_own():
    rng = np.random.default_rng(0)
    for axes in ((3,), (1, 3), (2, 1), (2, 3)):
        x, labels = rng.normal(size=(*axes, 20, 2)), rng.integers(2, size=(*axes, 20))
        for own_x, own_y in ((x, labels), (x, labels.reshape(-1, 20)[0]), (X[:20], labels)):
            fleet = Fleet(SIZES, seeds=3, learning_rate=[0.1, 0.2])
            history = fleet.fit(
                own_x, own_y, optimizer=SGD(), epochs=3, batch_size=6, test=(own_x, own_y)
            )
            np.testing.assert_array_equal(history.test_loss, history.loss)
            assert fleet.outputs(own_x).shape == (2, 3, 20, 2)
            for arm in range(2):
                for number in range(3):
                    one = Fleet(SIZES, seeds=[number], learning_rate=fleet.learning_rate[arm])
                    mine = np.broadcast_to(own_x, (2, 3, 20, 2))[arm, number]
                    target = np.broadcast_to(own_y, (2, 3, 20))[arm, number]
                    alone = one.fit(mine, target, optimizer=SGD(), epochs=3, batch_size=6)
                    np.testing.assert_allclose(
                        alone.loss[:, 0, 0], history.loss[:, arm, number], rtol=1e-9
                    )


# --- divergence -----------------------------------------------------------------------------------


@pytest.mark.parametrize("optimizer", [SGD(), SGD(momentum=0.9), Adam()], ids=str)
@pytest.mark.parametrize("settings", [{}, {"normalize": True}], ids=str)
def test_a_network_that_diverges_is_frozen_and_reaches_no_other(optimizer, settings):
    rates = [0.01, 1e300, 0.02]
    fleet = Fleet(SIZES, "relu", seeds=2, learning_rate=rates, **settings)
    calm = Fleet(SIZES, "relu", seeds=2, learning_rate=[0.01, 0.02], **settings)
    history = fleet.fit(X, NUMBERS, optimizer=optimizer, epochs=6, batch_size=10, record=ALL)
    quiet = calm.fit(X, NUMBERS, optimizer=optimizer, epochs=6, batch_size=10, record=ALL)
    assert history.diverged.tolist() == [[False] * 2, [True] * 2, [False] * 2]
    assert (history.diverged_at[1] > 1).all()
    assert "2 diverged" in repr(history)
    np.testing.assert_allclose(history.loss[:, [0, 2]], quiet.loss, rtol=1e-9)
    for ours, theirs in zip(fleet.parameters, calm.parameters, strict=True):
        np.testing.assert_allclose(ours[[0, 2]], theirs, rtol=1e-8, atol=1e-12)
    for array in history.parameters:  # frozen: the last rows are the same, nan included
        np.testing.assert_array_equal(array[-1, 1], array[-2, 1])


def test_accuracy_of_a_network_without_finite_outputs_is_nan():
    fleet = Fleet(SIZES, seeds=2)
    fleet.parameters[0][0, 1] = np.nan
    history = fleet.fit(X, LABELS, epochs=1)
    assert np.isfinite(history.accuracy[:, 0, 0]).all()
    assert np.isnan(history.accuracy[:, 0, 1]).all()
    assert history.diverged_at.tolist() == [[0, 1]]


def test_when_all_have_diverged_the_rest_is_quick_and_recorded():
    fleet = Fleet(SIZES, seeds=2)
    fleet.parameters[0][:] = np.nan
    assert len(fleet.fit(X, LABELS, epochs=4).steps) == 5


# --- around it ------------------------------------------------------------------------------------


def test_an_interrupted_training_leaves_the_fleet_as_it_was(monkeypatch):
    fleet = Fleet(SIZES, seeds=5)
    before = [array.copy() for array in fleet.parameters]
    monkeypatch.setattr("helpers.fleet.fleet.CHUNK_BYTES", 1)
    calls = []

    def interrupt(self, losses, step):
        calls.append(step)
        if len(calls) == 7:
            raise KeyboardInterrupt

    monkeypatch.setattr("helpers.fleet.trainer._Frozen.look", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fleet.fit(X, LABELS, epochs=5)
    assert same(fleet.parameters, before)


def test_global_random_numbers_and_settings_of_torch_stay_untouched():
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002
    states = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    Fleet(SIZES, "rrelu", seeds=2, dtype=np.float32).fit(X, LABELS, epochs=2)
    assert torch.equal(torch.get_rng_state(), states[0])
    assert np.array_equal(np.random.get_state()[1], states[1])  # noqa: NPY002
    assert torch.is_grad_enabled()
    assert float(torch.full((1,), 1e-40).mul(1.0)) > 0


def test_inputs_stay_as_they_were():
    x, y = X.copy(), LABELS.copy()
    Fleet(SIZES, "gelu", seeds=2).fit(x, y, epochs=2)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, LABELS)


def test_training_learns():
    history = Fleet([2, 16, 2], seeds=20).fit(X, LABELS, optimizer=Adam(0.03), epochs=60)
    assert history.accuracy[-1].mean() > 0.9 > 0.6 > history.accuracy[0].mean()
    assert history.loss[-1].mean() < history.loss[0].mean() / 3


@pytest.mark.parametrize("numbers", [NUMBERS, np.round(NUMBERS).astype(int)], ids=["float", "int"])
def test_losses_are_those_of_training(numbers):
    fleet = Fleet(SIZES, seeds=2)
    classes, values = fleet.measure(X, LABELS), fleet.measure(X, numbers)
    assert not len(values.accuracy)
    for number, out in enumerate(fleet.outputs(X)[0]):
        loss, _ = softmax_cross_entropy(out, LABELS)
        assert classes.loss[0, 0, number] == pytest.approx(loss)
        assert classes.accuracy[0, 0, number] == np.mean(out.argmax(axis=1) == LABELS)
        assert values.loss[0, 0, number] == pytest.approx(mean_squared_error(out, numbers)[0])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_what_the_processor_gives():
    results = []
    for device in ("cpu", "cuda"):
        for name in ("relu", "prelu", "rrelu", "gelu"):
            fleet = Fleet(SIZES, name, seeds=5, learning_rate=[0.1, 0.01], device=device)
            start = [array.copy() for array in fleet.parameters]
            history = fleet.fit(X, LABELS, epochs=5, record=ALL)
            results.append((start, history, fleet.parameters))
    for ours, theirs in zip(results[:4], results[4:], strict=True):
        assert same(ours[0], theirs[0])
        np.testing.assert_allclose(ours[1].loss, theirs[1].loss, rtol=1e-8)
        for a, b in zip(ours[2], theirs[2], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-10)


# --- what cannot be -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"seeds": 0}, ValueError, "seeds must be a whole number of at least 1"),
        ({"seeds": [1, 1]}, ValueError, "different"),
        ({"seeds": [-1]}, ValueError, "a seed must be a whole number of at least 0"),
        ({"seeds": 2.5}, TypeError, "seeds must be a number of them, or a list"),
        ({"slope": [0, 0.1], "bias": [0, 1, 2]}, ValueError, "slope 2, bias 3"),
        ({"slope": "steep"}, TypeError, "slope must be a number, or one for each arm"),
        ({"slope": []}, TypeError, "slope must be a number"),
        ({"bias": np.nan}, ValueError, "bias takes numbers that are finite"),
        ({"learning_rate": [0.1, 0]}, ValueError, "learning_rate takes numbers above 0"),
        ({"activation": "gelu", "slope": 0.1}, ValueError, "gelu has its own"),
        ({"activation": "rrelu", "slope": 0.1}, ValueError, "rrelu has its own"),
        ({"activation": "step"}, ValueError, "a fleet has the activations"),
        ({"activation": "reluu"}, ValueError, "reluu"),
        ({"dtype": np.float16}, ValueError, "dtype must be float32 or float64; got float16"),
        ({"sizes": [2]}, ValueError, "sizes must list"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, error, says):
    with pytest.raises(error, match=says):
        Fleet(**{"sizes": SIZES, "seeds": 2} | settings)


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"x": X[:, :1]}, ValueError, r"x has the shape \(60, 1\)"),
        ({"x": X[:0], "y": LABELS[:0]}, ValueError, "x has the shape"),
        ({"x": np.zeros((4, 60, 2))}, ValueError, "do not fit a fleet of 1 arms x 2 seeds"),
        ({"x": np.zeros((1, 1, 2, 60, 2))}, ValueError, "leading axes"),
        ({"x": np.full_like(X, np.nan)}, ValueError, "x holds nan or infinity"),
        ({"x": X.astype(str)}, TypeError, "x must hold real numbers"),
        ({"y": LABELS[:-1]}, ValueError, r"y has the shape \(59,\)"),
        ({"y": LABELS + 1}, ValueError, "labels run from 1 to 2"),
        ({"y": LABELS.astype(float)}, ValueError, r"numbers y must end in \(N, 2\)"),
        ({"y": LABELS * 1.0, "loss": softmax_cross_entropy}, ValueError, "whole numbers"),
        ({"loss": abs}, ValueError, "loss must be"),
        ({"optimizer": "adam"}, TypeError, "optimizer must be SGD"),
        ({"epochs": -1}, ValueError, "epochs"),
        ({"batch_size": 0}, ValueError, "batch_size"),
        ({"every": 0}, ValueError, "every"),
        ({"clip": 0}, ValueError, "clip"),
        ({"record": "loss"}, ValueError, "record must be a sequence"),
        ({"record": ["losses"]}, ValueError, "record must be a sequence"),
        ({"test": X}, TypeError, "test must be a pair"),
        ({"test": (X, LABELS + 5)}, ValueError, "labels run"),
        ({"probe": X, "record": ["gradients"]}, ValueError, "gradients need targets"),
        ({"probe": X[:, :1]}, ValueError, "x of probe has the shape"),
    ],
)
def test_tasks_that_cannot_be_are_refused_and_nothing_changes(settings, error, says):
    fleet = Fleet(SIZES, relu, seeds=2)
    before = [array.copy() for array in fleet.parameters]
    with pytest.raises(error, match=says):
        fleet.fit(**{"x": X, "y": LABELS} | settings)
    assert same(fleet.parameters, before)


def test_measuring_without_targets_can_only_judge_units():
    with pytest.raises(ValueError, match="without y only"):
        Fleet(SIZES, seeds=2).measure(X)
