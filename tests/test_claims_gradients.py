"""Experiments on gradients and depth, held against passes by hand and against what is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers import activations, units
from helpers.claims.claim import Claim
from helpers.claims.problems import problem
from helpers.claims.themes import depth, flow, gradients
from helpers.fleet import Fleet, FleetHistory
from helpers.initializers import glorot, he
from helpers.network import Network
from helpers.training import Adam, softmax_cross_entropy

CLAIMS = [*gradients.CLAIMS, *depth.CLAIMS, *flow.CLAIMS]
TESTED = [claim for claim in CLAIMS if claim.experiment is not None]
IDS = [claim.id for claim in TESTED]

# Small enough for a test, with every arm of the full run.
SMALL = {
    "A4": {"shallow": 1, "deep": 3, "rates": (0.003,), "epochs": 1},
    "B2": {"layers": 3, "narrow": (3, 4)},
    "B5": {"steps": 20},
    "B10": {"epochs": 1},
    "B11": {"shallow": 1, "deep": 3, "epochs": 1},
    "A10": {"rates": (0.003,), "epochs": 1},
    "A22": {"depths": (2, 20), "epochs": 1},
    "B13": {"rates": (0.003,), "epochs": 1},
}


def history(**rows: np.ndarray) -> FleetHistory:
    """Make up a history, of which only some arrays are looked at."""
    count = len(next(iter(rows.values())))
    names = ("loss", "accuracy", "test_loss", "test_accuracy", "gradient_norm")
    empty = {name: np.empty(0) for name in names}
    return FleetHistory(
        steps=2 * np.arange(count), diverged_at=np.zeros(1), probe_size=1, **(empty | rows)
    )


def weight_gradients(network: Network, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Go backward through a network of NumPy."""
    _, gradient = softmax_cross_entropy(network.forward(x), y)
    network.backward(gradient)
    return [layer.grad_w.copy() for layer in network.layers]


# --- what all experiments have in common ----------------------------------------------------------


def test_the_themes_claims_are_here() -> None:
    assert {claim.id for claim in CLAIMS} == {*IDS, "B4", "B6"}
    assert set(IDS) == SMALL.keys()


@pytest.mark.parametrize("claim", TESTED, ids=IDS)
def test_every_arm_is_measured_and_no_seed_depends_on_its_chunk(claim: Claim) -> None:
    together = claim.experiment([3, 4, 5], **SMALL[claim.id])
    alone = claim.experiment([4], **SMALL[claim.id])
    assert set(claim.arms) <= together.keys() == alone.keys()
    for arm, values in together.items():
        assert values.shape == (3,)
        assert np.isfinite(values).all()
        assert alone[arm] == pytest.approx(values[1:2].astype(float), rel=1e-5, abs=1e-5), arm


@pytest.mark.parametrize("claim", TESTED, ids=IDS)
def test_quick_settings_measure_a_condition_at_least(claim: Claim) -> None:
    settings = {name: value for name, value in claim.quick.items() if name != "seeds"}
    measured = claim.experiment([1_000, 1_001], **(settings | cheaper(claim.id)))
    assert any(set(test.arms) <= measured.keys() for test in claim.tests.values())


def cheaper(name: str) -> dict[str, int]:
    """Keep what decides which arms there are."""
    return {key: value for key, value in SMALL[name].items() if key in ("epochs", "steps")}


# --- gradients of fresh networks ------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_gradient_in_layer_1_is_that_of_a_backward_pass_by_hand(activation: str) -> None:
    slope = 0.3 if activation == "relu" else None
    found = gradients.first_gradients(
        [7], activation, [1.5], None if slope is None else [slope], layers=4, width=8, examples=20
    )
    task = problem("digits", [7], train=50)
    network = Network(task.sizes(8, 8, 8, 8), activation, initializer=gradients.unit_gain, seed=7)
    for number, layer in enumerate(network.layers):
        layer.w *= 1.5
        if slope is not None and number < 4:
            layer.activation = activations.leaky_relu(slope)
    first, *_ = weight_gradients(network, task.x[0, :20], task.y[0, :20])
    assert found[0, 0] == pytest.approx(np.linalg.norm(first), rel=1e-9)


@pytest.mark.parametrize(("gain", "slope"), [(1.0, 0.0), (1.0, 0.2), (0.9, 0.5), (0.8, 1.0)])
def test_mean_squares_grow_by_the_formula(gain: float, slope: float) -> None:
    """By gain² (1 + slope²) / 2 a layer, over random weights; outputs small, so none saturates."""
    layers = (8, 14)
    few, many = (
        gradients.first_gradients(range(150), "relu", [gain], [slope], layers=n, width=64)
        for n in layers
    )
    grown = np.mean(many**2) / np.mean(few**2)
    expected = (gain**2 * (1 + slope**2) / 2) ** (layers[1] - layers[0])
    assert grown == pytest.approx(expected, rel=0.25)


def test_hes_gain_keeps_what_the_formula_says() -> None:
    for slope in (0.0, 0.01, 0.2, 1.0):
        assert gradients.he_gain(slope) ** 2 * (1 + slope**2) / 2 == pytest.approx(1)


def test_explosion_follows_the_formula() -> None:
    found = gradients.explosion(range(20), shallow=2, deep=16, width=96, problems=())
    for told, gain in (("own gain", None), ("gain 1.41", math.sqrt(2)), ("gain 2", 2.0)):
        for name, slope in (("ReLU", 0.0), ("leaky 0.01", 0.01), ("leaky 0.2", 0.2)):
            factor = (gain or gradients.he_gain(slope)) ** 2 * (1 + slope**2) / 2
            # A typical network lies a little below the mean square, more so with a sharp bend.
            assert found[f"{name}, {told}"].mean() == pytest.approx(7 * math.log10(factor), abs=0.4)


def test_a_slope_of_0_and_its_gain_are_relu() -> None:
    plain = gradients.first_gradients([0, 1], "relu", [1.0], layers=5)
    sloped = gradients.first_gradients([0, 1], "relu", [1.0, 1.0], [0.0, 0.01], layers=5)
    assert np.allclose(plain[0], sloped[0], rtol=1e-12)
    assert not np.allclose(plain[0], sloped[1], rtol=1e-6)


def test_a_single_example_is_lost_as_often_as_a_whole_layer_is_off() -> None:
    """With ReLU and no bias: 1 - (1 - 2^-width)^layers (notebook 06)."""
    width, layers, n = 4, 20, 250
    found = gradients.first_gradients(
        range(n), "relu", [math.sqrt(2)], [0.0], layers=layers, width=width, examples=1
    )
    expected = 1 - (1 - 2.0**-width) ** layers
    error = math.sqrt(expected * (1 - expected) / n)
    assert np.mean(found == 0) == pytest.approx(expected, abs=3.5 * error)
    lost = gradients.leaky_gradients(range(n), layers=2, narrow=(layers, width))
    assert np.mean(lost["ReLU, narrow"]) >= np.mean(found == 0)
    assert np.mean(lost["leaky 0.2, narrow"]) < np.mean(found == 0)


def test_narrow_networks_can_be_left_out() -> None:
    found = gradients.leaky_gradients([0, 1], layers=2, narrow=None)
    assert len(found) == 6
    assert not any("narrow" in arm for arm in found)


def test_what_vanished_to_nothing_still_counts() -> None:
    assert gradients.powers_of_ten(np.array([1.0]), np.array([1e-3])) == pytest.approx(3)
    assert gradients.powers_of_ten(np.array([0.0]), np.array([0.0])) == 0
    assert np.isfinite(gradients.powers_of_ten(np.array([1.0]), np.array([0.0])))


def test_a_low_rate_diverges_nowhere_and_a_high_one_somewhere() -> None:
    runs = [
        gradients.explosion(range(4), shallow=1, deep=2, problems=["wine"], rate=rate, epochs=2)
        for rate in (0.01, 20.0)
    ]
    low, high = (np.mean([v for k, v in one.items() if "SGD" in k]) for one in runs)
    assert low == 0 < high


# --- in training ----------------------------------------------------------------------------------


def test_steps_are_counted_to_the_first_record_there() -> None:
    accuracy = np.array([[[0.1, 0.1, 0.95]], [[0.9, 0.2, 0.1]], [[0.3, 0.3, 0.1]]])
    # At once, though lost again; after one record; never, which counts as the last step.
    assert flow.steps_to(history(accuracy=accuracy), 0.9).tolist() == [[2.0, 4.0, 0.0]]


def test_spread_is_taken_within_windows() -> None:
    steady = np.repeat([8.0, 4.0, 2.0], 4)  # falls, but never within a window
    shaky = np.tile([1.0, 3.0], 6)  # mean 2, standard deviation 1
    norms = np.stack([steady, shaky], axis=1)[:, np.newaxis, :, np.newaxis]
    both = history(gradient_norm=np.concatenate([0.6 * norms, 0.8 * norms], axis=-1))
    assert flow.step_spread(both, window=4) == pytest.approx(np.array([[0.0, 0.5]]))
    with pytest.raises(ValueError, match="a window of 13 records needs as many; got 12"):
        flow.step_spread(both, window=13)


def test_noise_is_the_distance_of_batch_gradients_from_the_full_one() -> None:
    task = problem("wine", [2, 3])
    fleet = Fleet(task.sizes(6), seeds=[2, 3], slope=[0.0, 0.3])
    found = flow.noise_to_signal(fleet, task, 40)
    for arm in range(2):
        for number in range(2):
            network = fleet.network(arm, number)
            x, y = task.x[number][:120], task.y[number][:120]

            def flat(part: slice, network=network, x=x, y=y) -> np.ndarray:
                parts = weight_gradients(network, x[part], y[part])
                return np.concatenate([part.ravel() for part in parts])

            full = flat(slice(None))
            away = [flat(slice(start, start + 40)) - full for start in (0, 40, 80)]
            noise = math.sqrt(np.mean([one @ one for one in away]))
            assert found[arm, number] == pytest.approx(noise / np.linalg.norm(full), rel=1e-9)


def test_one_batch_of_all_examples_has_no_noise() -> None:
    task = problem("wine", [0])
    fleet = Fleet(task.sizes(6), seeds=[0])
    assert flow.noise_to_signal(fleet, task, task.x.shape[1]) == pytest.approx(0, abs=1e-6)


def test_noise_rises_in_training() -> None:
    found = flow.gradient_noise(range(3), cases=[("wine", 2)])
    for slope in ("slope 0.01", "slope 0.3"):
        start, trained = (found[f"{slope}, {told}, wine, depth 2"] for told in ("start", "trained"))
        assert (trained > start).all()


def test_convergence_measures_what_a_training_by_hand_does() -> None:
    found = flow.convergence([5], cases=[("wine", 0.01)], steps=30)
    task = problem("wine", [5])
    fleet = Fleet(task.sizes(64, 64), seeds=[5], slope=[0.1], dtype=np.float32)
    right, norms = [], []
    done = 10 * math.ceil(task.x.shape[1] / 64)
    watched = fleet.fit(
        task.x, task.y, optimizer=Adam(0.01), epochs=10, every=2, record=["parameters"],
        progress=False,
    )  # fmt: skip
    for row in range(len(watched.steps)):
        fleet.parameters = [array[row] for array in watched.parameters]
        network = fleet.network(0, 0)
        right.append(np.mean(network.forward(task.x[0]).argmax(axis=1) == task.y[0]))
        parts = weight_gradients(network, task.x[0][:200], task.y[0][:200])
        norms.append(math.sqrt(sum(np.sum(part**2) for part in parts)))
    first = watched.steps[np.flatnonzero(np.array(right) >= 0.9)[0]]
    assert found["steps: leaky 0.1, wine, rate 0.01"][0] == first < done
    windows = np.array(norms[:10])
    assert found["spread: leaky 0.1, wine, rate 0.01"][0] == pytest.approx(
        windows.std() / windows.mean(), rel=1e-3
    )


# --- deep networks --------------------------------------------------------------------------------


def test_a_rate_is_picked_by_the_training_loss_alone() -> None:
    loss = np.array([[[0.3, 0.1, np.nan, np.nan], [0.2, 0.5, 0.9, np.nan]]])
    right = np.array([[[0.9, 0.7, 1.0, np.nan], [0.6, 0.8, 0.4, np.nan]]])
    picked = depth.pick_by_loss(history(loss=loss, test_accuracy=right), classes=4)
    # One whose loss blew up is not taken; one that blew up at every rate guesses.
    assert picked.tolist() == [0.6, 0.7, 0.4, 0.25]


@pytest.mark.parametrize("kind", list(depth.UNITS))
def test_each_kind_of_unit_starts_as_it_should(kind: str) -> None:
    task = problem("wine", [9])
    trained = depth.train_deep(kind, task, [9], depth=3, rates=[0.01], epochs=0, width=8)
    activation, slope = depth.UNITS[kind]
    start = glorot if kind in ("sigmoid", "tanh") else he
    network = Network(task.sizes(8, 8, 8), activation, initializer=start, seed=9)
    if slope is not None:
        for layer in network.layers[:-1]:
            layer.activation = activations.leaky_relu(slope) if slope else activations.relu
    loss, _ = softmax_cross_entropy(network.forward(task.x[0]), task.y[0])
    assert trained.loss[0, 0, 0] == pytest.approx(loss, rel=1e-5)


def test_deep_networks_learn() -> None:
    task = problem("wine", range(3))
    trained = depth.train_deep("PReLU", task, range(3), depth=4, rates=[0.01, 1e-6], epochs=15)
    assert (trained.loss[-1, 0] < 0.2).all()
    assert (trained.loss[-1, 1] > 0.5).all()
    assert (depth.pick_by_loss(trained, 3) > 0.8).all()


def test_units_are_judged_on_the_training_examples_after_training() -> None:
    found = depth.death_by_depth([4], problems=["wine"], depths=[5], rate=0.01, epochs=2)
    task = problem("wine", [4])
    fleet = Fleet(task.sizes(*[32] * 5), seeds=[4], slope=0.2, initializer=he, dtype=np.float32)
    fleet.fit(
        task.x, task.y, optimizer=Adam(0.01), epochs=6, batch_size=32, record=[], progress=False
    )
    off = [units.always_off(z[0, 0]).mean() for z in fleet.pre_activations(task.x)]
    assert found["off: leaky 0.2, wine, depth 5"][0] == pytest.approx(np.mean(off), abs=1e-6)
    right = np.mean(fleet.outputs(task.x_test)[0, 0].argmax(axis=-1) == task.y_test[0])
    assert found["right: leaky 0.2, wine, depth 5"][0] == pytest.approx(right)


def test_digits_are_fewer_and_wines_seen_more_often() -> None:
    """The stated settings: 600 digits; three times the passes on wines."""
    task = problem("wine", [0])
    found = depth.accuracies(["ReLU"], [("wine", 2)], [0], rates=[0.003], epochs=1)
    again = depth.train_deep("ReLU", task, [0], depth=2, rates=[0.003], epochs=3)
    assert found["ReLU, wine, depth 2"] == pytest.approx(again.test_accuracy[-1, 0])
    task = problem("digits", [0], train=600)
    found = depth.accuracies(["ReLU"], [("digits", 2)], [0], rates=[0.003], epochs=1)
    again = depth.train_deep("ReLU", task, [0], depth=2, rates=[0.003], epochs=1)
    assert found["ReLU, digits, depth 2"] == pytest.approx(again.test_accuracy[-1, 0])


# --- wrong settings -------------------------------------------------------------------------------


def test_wrong_settings_are_refused() -> None:
    with pytest.raises(KeyError, match="swish"):
        depth.accuracies(["swish"], [("wine", 2)], [0], rates=[0.01], epochs=1)
    with pytest.raises(ValueError, match="problem must be one of"):
        flow.gradient_noise([0], cases=[("pictures", 2)])
    with pytest.raises(ValueError, match="learning_rate"):
        gradients.explosion([0], problems=["wine"], rate=-1.0, shallow=1, deep=2)
    with pytest.raises(ValueError, match="same length"):
        gradients.first_gradients([0], "relu", [1.0, 2.0], [0.0, 0.1, 0.2], layers=2)
