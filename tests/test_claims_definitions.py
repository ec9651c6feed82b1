"""Claims about definitions: each experiment against a computation of its own, or a known limit."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from helpers import units
from helpers.activations import elu, gelu, leaky_relu, relu, sigmoid, step, tanh
from helpers.claims import trainings
from helpers.claims.margins import SHARE
from helpers.claims.problems import Problem, problem
from helpers.claims.themes import meaning, shape
from helpers.claims.themes.meaning import (
    carried,
    few_examples,
    initial_gradients,
    negative_inputs,
    other_inputs,
    penalties,
)
from helpers.claims.themes.shape import (
    KERAS_SLOPE,
    bends,
    far_left,
    high_slopes,
    sharp_zeros,
    short_form,
    signs,
    zeros,
)
from helpers.claims.trainings import suited
from helpers.datasets import absolute, split, standardize
from helpers.fleet import Fleet
from helpers.models.frameworks import load_keras
from helpers.network import Network
from helpers.training import Adam, fit, softmax_cross_entropy

CLAIMS = [*shape.CLAIMS, *meaning.CLAIMS]
SEEDS = [3, 4, 5]
# Each experiment at its smallest.
SMALL = {
    bends: {"problems": ["absolute", "moons"], "epochs": 2},
    signs: {"numbers": 50, "epochs": 1},
    zeros: {"problems": ["wine"], "epochs": 1},
    sharp_zeros: {"data": "wine"},
    short_form: {"numbers": 50},
    high_slopes: {"problems": ["sine"], "epochs": 1},
    far_left: {"problems": ["wine"], "epochs": 1},
    few_examples: {"problems": [("wine", 40)], "rates": [0.01], "epochs": 1},
    penalties: {"problems": ["wine"], "epochs": 1},
    negative_inputs: {"problems": ["wine"], "epochs": 1},
    initial_gradients: {"problems": ["wine"]},
    carried: {"data": "wine", "depths": [1], "epochs": 1},
    other_inputs: {"problems": ["wine"], "epochs": 2, "numbers": 20},
}
BY_ID = {claim.id: claim for claim in CLAIMS}
experiments = pytest.mark.parametrize("experiment", SMALL, ids=lambda one: one.__name__)


# --- all of them ---


def test_every_experiment_is_tried_here() -> None:
    assert {claim.experiment for claim in CLAIMS} - {None} == set(SMALL)


def test_ids() -> None:
    expected = "A1 A2 A5 A8 B1 A12 A15 A28 A24 A29 A30 A31 B7 B9 B14 B15 B16"
    assert " ".join(BY_ID) == expected
    assert BY_ID["B1"].same_as == "A8"
    assert [claim.id for claim in CLAIMS if claim.opinion] == ["A30", "B7", "B15"]


@experiments
def test_one_finite_value_a_seed(experiment) -> None:
    for arm, values in experiment(SEEDS, **SMALL[experiment]).items():
        assert values.shape == (3,), arm
        assert np.isfinite(values).all(), arm


@experiments
def test_a_seed_has_the_same_values_in_any_company(experiment) -> None:
    together = experiment(SEEDS, **SMALL[experiment])
    alone = [experiment([seed], **SMALL[experiment]) for seed in SEEDS]
    for arm, values in together.items():
        np.testing.assert_allclose(
            values.astype(float), [float(one[arm][0]) for one in alone], atol=1e-5, err_msg=arm
        )


@experiments
def test_seeds_differ(experiment) -> None:
    found = experiment(SEEDS, **SMALL[experiment])
    # These are the same for every seed, or nearly: that is what they are to show.
    if experiment not in (short_form, signs, sharp_zeros):
        assert any(len(set(values.tolist())) > 1 for values in found.values())


@pytest.mark.parametrize("claim", [one for one in CLAIMS if one.experiment], ids=lambda one: one.id)
def test_the_full_run_measures_every_arm_that_is_judged(claim) -> None:
    """The labels are those of the defaults; only passes and seeds are fewer."""
    fewer = {"epochs": 1} if "epochs" in claim.experiment.__kwdefaults__ else {}
    assert set(claim.arms) <= claim.experiment(SEEDS[:2], **fewer).keys()


@pytest.mark.parametrize("claim", [one for one in CLAIMS if one.experiment], ids=lambda one: one.id)
def test_the_quick_run_decides_something(claim) -> None:
    settings = {name: value for name, value in claim.quick.items() if name != "seeds"}
    fewer = {"epochs": 1} if "epochs" in claim.experiment.__kwdefaults__ else {}
    found = claim.experiment(SEEDS[:2], **settings | fewer)
    assert any(set(one.arms) <= found.keys() for one in claim.tests.values())


@pytest.mark.parametrize("experiment", [bends, zeros, high_slopes, negative_inputs, other_inputs])
def test_an_unknown_problem_is_refused(experiment) -> None:
    with pytest.raises(ValueError, match="problem must be one of"):
        experiment(SEEDS, problems=["iris"])


# --- A1 ---


def test_the_straight_answer_is_the_line_of_least_squares() -> None:
    found = bends([7], problems=["absolute"], epochs=1)
    x, y, x_test, y_test = split(*absolute(400, seed=7), seed=7)
    x, x_test = standardize(x, x_test)
    y, y_test = standardize(y, y_test)
    line = np.polynomial.Polynomial.fit(x[:, 0], y[:, 0], deg=1)
    expected = 1 - np.mean((line(x_test) - y_test) ** 2) / y_test.var()
    np.testing.assert_allclose(found["straight answer, absolute"], expected, rtol=1e-9)


def test_no_bend_means_no_curve_and_relu_means_one() -> None:
    found = bends([0, 1], problems=["absolute"], epochs=30)
    # The line of least squares is flat but for the luck of the draw.
    assert abs(found["straight answer, absolute"]).max() < 0.1
    assert abs(found["no bend, absolute"]).max() < 0.1
    assert found["ReLU, absolute"].min() > 0.95


def test_where_bends_are_of_no_use_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    straight = problem("absolute", [0, 1])
    straight = Problem(straight.x, 0.5 * straight.x, straight.x_test, 0.5 * straight.x_test, 1)
    monkeypatch.setattr(shape, "problem", lambda *_: straight)
    found = bends([0, 1], problems=["absolute"], epochs=60)
    for values in found.values():
        np.testing.assert_allclose(values, 1, atol=0.005)


# --- A2 ---


def test_drawn_numbers_have_every_size_and_both_signs() -> None:
    drawn = shape._numbers_of_every_size(0, 20_000)
    sizes = np.abs(drawn[np.isfinite(drawn) & (drawn != 0)])
    assert sizes.min() < 1e-320
    assert sizes.max() > 1e300
    assert 0.45 < np.mean(drawn < 0) < 0.55
    assert np.isinf(drawn).sum() == 2
    assert np.signbit(drawn[drawn == 0]).any()


def test_an_output_below_0_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shape, "relu", leaky_relu(1e-12))
    monkeypatch.setattr(torch, "relu", lambda z: torch.nn.functional.leaky_relu(z, 1e-12))
    plain = shape.untrained
    monkeypatch.setattr(
        shape, "untrained", lambda *given, **named: plain(*given, slope=0.01, **named)
    )
    assert not any(values.any() for values in signs([0, 1], numbers=50, epochs=0).values())


# --- A5, A28 ---


def test_zeros_are_those_of_units_sparsity() -> None:
    task = problem("wine", [5])
    found = zeros([5], problems=["wine"], epochs=0)
    for arm, activation, name in (("ReLU", relu, "relu"), ("tanh", tanh, "tanh")):
        network = Network(task.sizes(64, 64), name, seed=5)
        layers = [activation(z) for z in network.pre_activations(task.x_test[0])]
        expected = np.mean([units.sparsity(a).mean() for a in layers[:2]])
        np.testing.assert_allclose(found[f"{arm}, wine, start"], expected, atol=1e-12)
        np.testing.assert_array_equal(found[f"{arm}, wine, trained"], found[f"{arm}, wine, start"])


def test_zeros_after_training_are_those_of_a_network_trained_alone() -> None:
    task = problem("wine", [2])
    network = Network(task.sizes(64, 64), "relu", seed=2)
    options = {"optimizer": Adam(0.003), "epochs": 3, "batch_size": 64, "seed": 2}
    fit(network, task.x[0], task.y[0], progress=False, **options)
    layers = network.pre_activations(task.x_test[0])[:2]
    expected = np.mean([np.mean(z <= 0) for z in layers])
    found = zeros([2], problems=["wine"], epochs=3)["ReLU, wine, trained"]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_sharp_zeros_are_those_of_the_formulas() -> None:
    found = sharp_zeros([0, 1], data="wine")
    for kind in ("step", "relu"):
        assert (found[kind] == 1).all()
    for kind in ("leaky_relu", "tanh", "sigmoid"):
        assert (found[kind] == 0).all()
    z = np.array([-1.0, -30.0])
    assert [np.mean(f(z) == 0) for f in (step, relu, sigmoid, gelu)] == [1, 1, 0, 0]


def test_zeros_of_positive_z_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    flipped = relu.__class__(
        **{name: getattr(relu, name) for name in relu.__dataclass_fields__}
        | {"value_function": lambda z: np.where(z > 0, 0.0, z)}
    )
    monkeypatch.setattr(shape.activations, "get", lambda _: flipped)
    monkeypatch.setattr(shape, "Fleet", _fixed_z)
    assert sharp_zeros([0], kinds=["relu"], data="wine")["relu"].tolist() == [0.0]


class _fixed_z:  # noqa: N801  it stands in for a function call
    """A fleet whose hidden layer has known z."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def pre_activations(self, _: object) -> list[np.ndarray]:
        return [np.array([[[[-1.0, 2.0], [3.0, -4.0]]]])]


# --- A8 ---


def test_the_short_form_is_the_function_up_to_1_and_not_above() -> None:
    found = short_form(range(20))
    assert found["slope up to 1"].all()
    assert found["LeakyReLU() of PyTorch"].all()
    assert not found["slope above 1"].any()
    assert not found["LeakyReLU() of Keras"].any()


def test_another_default_in_torch_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    leaky = torch.nn.LeakyReLU(0.2)
    monkeypatch.setattr(torch.nn, "LeakyReLU", lambda: leaky)
    assert not short_form([0])["LeakyReLU() of PyTorch"].any()


def test_keras_still_says_what_its_documentation_said() -> None:
    keras = load_keras()
    assert keras.layers.LeakyReLU().negative_slope == KERAS_SLOPE
    out = keras.layers.LeakyReLU()(np.array([[-1.0, 2.0]], dtype="float32"))
    assert [float(value) for value in out[0]] == pytest.approx([-KERAS_SLOPE, 2.0])


# --- A12 ---


def test_slope_1_is_a_line() -> None:
    found = high_slopes([0, 1], problems=["sine"], slopes=[0.3, 1], patient=[], epochs=40)
    line = bends([0, 1], problems=["sine"], epochs=0)["straight answer, sine"]
    np.testing.assert_allclose(found["slope 1, sine"], line, atol=0.05)
    assert (found["slope 0.3, sine"] > line + 0.2).all()


def test_patience_is_ten_times_as_long() -> None:
    long = high_slopes([0], problems=["sine"], slopes=[0.9], patient=[0.9], epochs=2)
    short = high_slopes([0], problems=["sine"], slopes=[0.9], patient=[], epochs=20)
    np.testing.assert_allclose(
        long["slope 0.9, sine, ten times as long"], short["slope 0.9, sine"], atol=1e-6
    )
    assert list(short) == ["slope 0.9, sine"]


@pytest.mark.parametrize("slope", [0.0, 0.3, 1.0])
def test_suited_weights_are_hes_for_the_slope(slope: float) -> None:
    fleet = Fleet([64, 64, 10], seeds=[0], slope=slope, gain=suited([slope]))
    ours = Network([64, 64, 10], leaky_relu(slope), seed=0)
    np.testing.assert_allclose(fleet.parameters[0][0, 0], ours.parameters[0], rtol=1e-12)


# --- A15 ---


def test_elus_mean_derivative_is_the_integral() -> None:
    found = far_left(range(20), problems=[])
    for low, high in ((-2, 0), (-20, -10)):
        exact = (np.exp(high) - np.exp(low)) / (high - low)
        np.testing.assert_allclose(found[f"ELU, z from {low} to {high}"].mean(), exact, rtol=0.05)


def test_untrained_slopes_are_known() -> None:
    found = far_left([0], problems=["wine"], epochs=0)
    np.testing.assert_allclose(found["PReLU, trained, wine"], 0.25)
    task = problem("wine", [0])
    network = Network(task.sizes(32, 32), "elu", seed=0)
    z = np.stack(network.pre_activations(task.x_test[0])[:2])
    expected = elu().derivative(z[z < 0]).mean()
    np.testing.assert_allclose(found["ELU, trained, wine"], expected, rtol=1e-5)


# --- A24 ---


def test_noise_is_seen_and_leaves_torchs_generator_alone() -> None:
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    found = few_examples([0, 1], problems=[])
    assert torch.equal(torch.rand(3), expected)
    assert found["RReLU differs"].all()
    assert not found["leaky 0.01 differs"].any()


def test_arms_of_few_examples_share_all_but_the_slope() -> None:
    found = few_examples([0, 1], problems=[("wine", 40)], slopes=[0, 0.01], rates=[0.01], epochs=0)
    task = problem("wine", [0, 1], train=40)
    for arm, slope in (("ReLU", 0.0), ("leaky 0.01", 0.01)):
        for number, seed in enumerate((0, 1)):
            *hidden, last = Network(task.sizes(64, 64), "relu", seed=seed).layers
            a = task.x_test[number]
            for layer in hidden:
                a = leaky_relu(slope)(a @ layer.w + layer.b)
            right = np.mean((a @ last.w + last.b).argmax(axis=1) == task.y_test[number])
            assert found[f"{arm}, wine, rate 0.01"][number] == pytest.approx(right)


# --- A29 ---


def test_a_penalty_makes_negative_values_rarer_and_the_measure_shows_it() -> None:
    """What a leak would have to do, done by a penalty: the share of z below 0 falls."""
    task = problem("wine", [0])
    x, y = (torch.from_numpy(array[0]) for array in (task.x, task.y))
    shares = []
    for strength in (0.0, 1.0):
        start = Network(task.sizes(64), "relu", seed=0)
        w, b, out, bias = (torch.tensor(p, requires_grad=True) for p in start.parameters)
        optimizer = torch.optim.Adam([w, b, out, bias], 0.01)
        for _ in range(100):
            z = x @ w + b
            loss = torch.nn.functional.cross_entropy(z.relu() @ out + bias, y)
            loss = loss + strength * (-z).relu().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        shares.append(float((x @ w + b < 0).double().mean()))
    assert shares[0] - shares[1] > SHARE


def test_charges_are_those_of_a_computation_by_hand() -> None:
    seeds = list(range(12))
    task = problem("wine", seeds)
    found = penalties(seeds, problems=["wine"], slopes=[0, 0.1], epochs=0)
    assert found["penalty, weights as drawn"].all()
    assert found["penalty, unused units"].all()
    assert not found["leak, unused units"].any()
    raised = []
    for number, seed in enumerate(seeds):
        first, last = Network(task.sizes(64), "relu", seed=seed).layers
        z = task.x[number] @ first.w + first.b
        losses = [
            softmax_cross_entropy(leaky_relu(s)(z) @ last.w + last.b, task.y[number])[0]
            for s in (0, 0.1)
        ]
        raised.append(losses[1] > losses[0])
    assert found["leak, weights as drawn"].tolist() == raised
    assert 0 < sum(raised) < len(raised)


def test_a_leak_of_units_that_are_used_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    found = penalties([0, 1], problems=["wine"], slopes=[0, 1.0], epochs=0)
    assert not found["leak, unused units"].any()
    plain = Fleet.measure

    def lifted(self, *given, **named):
        # Undo the cut: give the units that lead nowhere a way onward again.
        if "gradients" in named.get("record", ()):
            self.parameters[2][:, :, :32] = 0.1
        return plain(self, *given, **named)

    monkeypatch.setattr(Fleet, "measure", lifted)
    assert penalties([0, 1], problems=["wine"], slopes=[0, 1.0], epochs=0)[
        "leak, unused units"
    ].all()


# --- A31 ---


def test_dead_at_the_start_is_what_a_product_says() -> None:
    found = negative_inputs([6], problems=["wine"], epochs=0)
    x = problem("wine", [6], scale="unit").x[0]
    w = Network([13, 64, 3], "relu", seed=6).parameters[0]
    for arm, sign in (("above 0", 1), ("below 0", -1)):
        expected = np.mean((sign * x @ w).max(axis=0) <= 0)
        assert found[f"{arm}, wine, start"] == pytest.approx(expected)
        assert found[f"{arm}, wine, trained"] == pytest.approx(expected)


def test_the_sign_of_inputs_does_not_matter_on_average() -> None:
    """Weights are as often w as -w: what dies with x would have died with -x."""
    found = negative_inputs(range(300), problems=["wine"], epochs=0)
    gap = found["above 0, wine, start"] - found["below 0, wine, start"]
    assert abs(gap.mean()) < 4 * gap.std() / 300**0.5


# --- B9 ---


def test_gradients_are_those_of_backpropagation() -> None:
    found = initial_gradients([1], problems=["wine"], slopes=[0, 0.3])
    task = problem("wine", [1])
    for slope in (0.0, 0.3):
        first = Network(task.sizes(64, 64), "relu", seed=1)
        network = Network(task.sizes(64, 64), leaky_relu(slope), seed=1)
        for layer, drawn in zip(network.layers, first.layers, strict=True):
            layer.w[:] = drawn.w
        loss = softmax_cross_entropy(network.forward(task.x[0]), task.y[0])
        network.backward(loss[1])
        norm = np.sqrt(sum(np.sum(g**2) for g in network.gradients[::2]))
        np.testing.assert_allclose(found[f"slope {slope:g}, wine"], norm, rtol=1e-4)


def test_for_relu_the_suited_weights_are_the_same() -> None:
    found = initial_gradients([1, 2], problems=["wine"], slopes=[0, 1])
    assert (found["slope 0, wine"] == found["slope 0, wine, weights suited"]).all()
    assert (found["slope 1, wine"] > found["slope 1, wine, weights suited"]).all()


# --- B14 ---


def test_carried_weights_are_read_with_the_other_slope() -> None:
    found = carried([0, 1], data="wine", depths=[1], epochs=2)
    task = problem("wine", [0, 1])
    fleet = Fleet(task.sizes(32), seeds=[0, 1], slope=0.01, dtype=np.float32)
    options = {"optimizer": Adam(0.003), "epochs": 2, "batch_size": 32, "progress": False}
    fleet.fit(task.x, task.y, **options)
    for number in range(2):
        first, last = fleet.network(0, number).layers
        z = task.x_test[number] @ first.w + first.b
        for arm, slope in (("PyTorch", 0.01), ("Keras, weights carried", 0.3)):
            out = leaky_relu(slope)(z) @ last.w + last.b
            right = np.mean(out.argmax(axis=1) == task.y_test[number])
            assert found[f"{arm}, depth 1"][number] == pytest.approx(right, abs=0.03)


def test_with_one_slope_in_both_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "KERAS_SLOPE", 0.01)
    found = carried([0, 1], data="wine", depths=[1], epochs=1)
    assert found["same outputs, depth 1"].all()
    for arm in ("Keras, weights carried", "Keras, trained anew"):
        np.testing.assert_array_equal(found[f"{arm}, depth 1"], found["PyTorch, depth 1"])


# --- B16 ---


def test_who_was_dead_and_came_back() -> None:
    # Three units after four epochs: dead and back; dead for good; never dead.
    dead = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0]], dtype=bool)
    once, back = meaning._came_back(dead)
    assert once.tolist() == [True, True, False]
    assert back.tolist() == [True, False, False]


def test_shares_of_nothing_are_0() -> None:
    some = np.array([[True, False], [False, False]])
    of = np.array([[True, True], [False, False]])
    assert meaning._share_of(some, of).tolist() == [0.5, 0.0]


def test_dead_units_on_other_inputs_are_those_of_a_network_copied_out() -> None:
    settings = {"problems": ["wine"], "epochs": 4, "rate": 0.1}
    found = other_inputs([0], **settings)
    task = problem("wine", [0], scale="unit")
    fleet = Fleet(task.sizes(64, 64), seeds=[0], dtype=np.float32)
    fleet.fit(task.x, task.y, optimizer=Adam(0.1), epochs=4, record=["units"], progress=False)
    network = fleet.network(0, 0)
    seen = [units.always_off(z) for z in network.pre_activations(task.x[0])[:2]]
    new = [units.always_off(z) for z in network.pre_activations(task.x_test[0])[:2]]
    dead = np.stack(seen)
    assert dead.any()
    expected = np.mean(~np.stack(new)[dead])
    assert found["test part, wine"] == pytest.approx(expected, abs=0.02)


def test_a_first_layer_without_momentum_never_comes_back(monkeypatch) -> None:
    """What is dead in layer 1 gets no gradient; plain SGD then leaves it where it is."""
    from helpers.training import SGD

    monkeypatch.setattr(trainings, "Adam", SGD)
    found = other_inputs(range(4), problems=["wine"], epochs=6, rate=1.0)
    assert (found["layer 1 comes back, wine"] == 0).all()
