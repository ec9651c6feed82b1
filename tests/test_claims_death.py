"""Experiments on dying units measure what they say, and the claims ask for what they measure."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from helpers import units
from helpers.activations import leaky_relu, relu
from helpers.claims.claim import Experiment
from helpers.claims.problems import Problem, problem
from helpers.claims.themes import dead_units, death, dying_units
from helpers.claims.trainings import looked_up, trained
from helpers.fleet import Fleet
from helpers.network import Dense, Network
from helpers.plots.death import changes
from helpers.sweep import NAME
from helpers.training import Adam, accuracy, fit, mean_squared_error, softmax_cross_entropy

CLAIMS = {claim.id: claim for theme in (death, dead_units, dying_units) for claim in theme.CLAIMS}
# Each experiment, made small; two settings where it has several, so that none leans on another.
SMALL = {
    death.dead_by_bias: {"settings": ("wine standardised",), "biases": (0, -2), "steps": 9},
    death.saved_by_leak: {"settings": ("breast cancer, rate 0.1",), "width": 16, "steps": 7},
    death.too_little_slope: {
        "settings": ("breast cancer, bias -8", death.COLLAPSE),
        "width": 16,
        "steps": 7,
        "deep_steps": 10,
    },
    death.dead_by_rate: {"settings": ("wine standardised, 1 hidden layer",), "steps": 9},
    dead_units.worth_of_silent: {"settings": ("breast cancer, rate 0.1",), "steps": 14},
    dead_units.cost_of_dead: {"problems": ("spirals",), "widths": (4, 8), "steps": 10},
    dying_units.push_of_bias: {
        "asked": (
            ("breast cancer standardised, Adam 0.1", 2),
            ("sine from 0 to 1, Adam 0.1", 1),
        )
    },
}
EXPERIMENTS = [pytest.param(run, small, id=run.__name__) for run, small in SMALL.items()]


def alone(
    task: Problem, seed: int, number: int, hidden: list[int], rate: float, steps: int, **settings
) -> tuple[Network, Network]:
    """Train one network without a fleet; return it as it was at the start, and at the end."""
    network = Network(task.sizes(*hidden), seed=seed, **settings)
    start = network.copy()
    fit_alone(network, task, seed, number, rate, steps)
    return start, network


def fit_alone(
    network: Network, task: Problem, seed: int, number: int, rate: float, steps: int
) -> None:
    x, y = task.x[number], task.y[number]
    epochs = -(-steps // -(-len(x) // 64))
    fit(network, x, y, optimizer=Adam(rate), epochs=epochs, seed=seed, progress=False)


def off(network: Network, x: np.ndarray) -> np.ndarray:
    return np.concatenate([units.always_off(z) for z in network.pre_activations(x)])


# --- all of them ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("run", "small"), EXPERIMENTS)
def test_every_arm_has_one_finite_value_a_seed(run: Experiment, small: dict) -> None:
    found = run([3, 4, 5], **small)
    assert found
    for arm, values in found.items():
        assert values.shape == (3,), arm
        assert np.isfinite(values).all(), arm
        assert (values >= 0).all(), arm
        assert (values <= 1).all(), arm  # all are shares, accuracies or truths


@pytest.mark.parametrize(("run", "small"), EXPERIMENTS)
def test_a_seed_gives_the_same_whatever_others_are_computed_with_it(
    run: Experiment, small: dict
) -> None:
    together = run([3, 4, 5], **small)
    for number, seed in ((0, 3), (2, 5)):
        by_itself = run([seed], **small)
        assert together.keys() == by_itself.keys()
        for arm, values in by_itself.items():
            assert values.dtype == together[arm].dtype
            assert float(values[0]) == pytest.approx(float(together[arm][number]), abs=1e-5), arm


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.experiment], ids=lambda c: c.id)
def test_the_full_run_measures_all_that_the_criteria_ask_for(claim) -> None:
    # So few steps that it takes no time; all settings as they are in the full run.
    few = {"A17": {"width": 8}, "A11": {"steps": 110}, "A13": {"steps": 1, "deep_steps": 1}}
    found = claim.experiment([0, 1], **few.get(claim.id, {"steps": 1}))
    assert set(claim.arms) <= found.keys()
    assert set(claim.full) == {"seeds"}, "the defaults are the settings of the full run"
    assert all(NAME.fullmatch(arm) for arm in found), "a sweep takes no other names"


@pytest.mark.parametrize("claim", [c for c in CLAIMS.values() if c.experiment], ids=lambda c: c.id)
def test_the_quick_run_measures_one_condition_at_least(claim) -> None:
    settings = {name: value for name, value in claim.quick.items() if name != "seeds"}
    found = claim.experiment([1_000, 1_001], **settings)
    assert any(set(criterion.arms) <= found.keys() for criterion in claim.tests.values())


def test_no_claim_of_the_theme_is_left_out() -> None:
    assert list(CLAIMS) == ["A7", "A9", "B3", "A13", "A16", "A11", "A14", "A17"]
    assert CLAIMS["B3"].same_as == "A9"


# --- what they share ------------------------------------------------------------------------------


def test_training_ends_with_an_epoch() -> None:
    task = problem("moons", [0])
    for steps, made in ((1, 5), (5, 5), (6, 10)):
        _, history = trained(task, [4], [0], steps)
        assert history.steps.tolist() == [0, made]


def test_training_may_go_on_with_a_fleet() -> None:
    task = problem("moons", [0, 1])
    fleet = Fleet(task.sizes(4), seeds=[0, 1])
    start = [array.copy() for array in fleet.parameters]
    same, _ = trained(task, [4], [0, 1], 5, fleet=fleet)
    assert same is fleet
    assert not np.array_equal(start[0], fleet.parameters[0])


@pytest.mark.parametrize("names", [["c"], ["a", "c"], "a"])
def test_an_unknown_setting_is_refused(names) -> None:
    with pytest.raises(ValueError, match="some of 'a', 'b'"):
        list(looked_up({"a": 1, "b": 2}, names))


@pytest.mark.parametrize(
    "run",
    [
        death.dead_by_bias,
        death.saved_by_leak,
        death.too_little_slope,
        death.dead_by_rate,
        dead_units.worth_of_silent,
    ],
)
def test_experiments_refuse_unknown_settings(run: Experiment) -> None:
    with pytest.raises(ValueError, match="settings must be"):
        run([0], settings=["wine, no such thing"])


# --- A7 -------------------------------------------------------------------------------------------


def test_bias_is_judged_at_the_start_and_at_the_end() -> None:
    seeds, rate, steps = [0, 1, 2], 0.01, 60
    found = death.dead_by_bias(
        seeds, settings=["wine standardised"], biases=[0, -2], rate=rate, steps=steps
    )
    task = problem("wine", seeds)
    for number, seed in enumerate(seeds):
        for bias in (0, -2):
            start, end = alone(task, seed, number, [32, 32], rate, steps, bias=float(bias))
            before, after = off(start, task.x[number]), off(end, task.x[number])
            arm = f"wine standardised, bias {bias}"
            assert found[f"{arm}, dead"][number] == (before & after).mean()
            right = accuracy(end, task.x_test[number], task.y_test[number])
            assert found[f"{arm}, accuracy"][number] == pytest.approx(right, abs=0.03)
            if bias:  # else the test would not tell one from the other
                assert before.mean() > after.mean() > (before & after).mean()


def test_a_bias_beyond_all_inputs_kills_every_unit() -> None:
    found = death.dead_by_bias([0, 1], settings=["wine standardised"], biases=[-1000], steps=3)
    assert found["wine standardised, bias -1000, dead"].tolist() == [1.0, 1.0]


# --- A9 -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", [0, 0.1])
def test_off_is_counted_after_training(slope: float) -> None:
    name, seed = "breast cancer, rate 0.1", 2
    found = death.saved_by_leak([seed], settings=[name], slopes=[slope], width=12, steps=14)
    task = problem("breast cancer", [seed])
    plain = Network(task.sizes(12, 12), "relu", seed=seed)
    after = leaky_relu(slope) if slope else relu
    network = Network.of(
        Dense(layer.w, layer.b, kind)
        for layer, kind in zip(plain.layers, [after, after, "identity"], strict=True)
    )
    fit_alone(network, task, seed, 0, 0.1, 14)
    silent = off(network, task.x[0])
    assert found[f"{name}, slope {slope:g}, always-off"][0] == pytest.approx(silent.mean(), abs=0.1)
    right = accuracy(network, task.x_test[0], task.y_test[0])
    assert found[f"{name}, slope {slope:g}, accuracy"][0] == pytest.approx(right, abs=0.02)


# --- A13 ------------------------------------------------------------------------------------------


def test_collapse_is_a_matter_of_one_hundredth() -> None:
    fleet = Fleet([1, 2, 1], seeds=[0, 1], slope=[0, 0])
    x = np.broadcast_to(np.linspace(0, 1, 11)[:, np.newaxis], (2, 11, 1))
    # relu(x) and nothing else goes through: the output is a multiple of x.
    fleet.parameters[0][:] = [[1.0, 0.0]]
    fleet.parameters[2][:] = 0.0
    fleet.parameters[2][:, :, 0, 0] = [[0.0, 0.0199], [0.0201, 1.0]]
    assert death.collapsed(fleet, x, 2 * x).tolist() == [[True, True], [False, False]]


def test_deep_narrow_relu_networks_collapse_as_the_theory_says() -> None:
    # 87 to 90 % of ReLU networks with 10 layers of width 2 are constant before the first step
    # (`born_dead.bounds`). These stay so.
    ends = Fleet([1] + [2] * 9 + [1], seeds=200).outputs([[-1.0], [1.0]])[0, :, :, 0]
    born = ends[:, 0] == ends[:, 1]
    assert 0.8 < born.mean() < 0.95
    found = death.too_little_slope(
        range(200), settings=[death.COLLAPSE], slopes=[0, 1], deep_steps=1
    )
    constant = found[f"{death.COLLAPSE}, slope 0"]
    assert constant[born].all()
    assert not constant.all()
    assert found[f"{death.COLLAPSE}, slope 1"].mean() < 0.2


# --- A16 ------------------------------------------------------------------------------------------


def test_dead_units_are_counted_after_training_at_both_rates() -> None:
    name, steps = "digits from 0 to 1, 1 hidden layer", 22
    found = death.dead_by_rate([1], settings=[name], steps=steps)
    task = problem("digits", [1], scale="unit")
    for rate in (0.001, 0.1):
        _, network = alone(task, 1, 0, [64], rate, steps)
        silent = off(network, task.x[0]).mean()
        assert found[f"{name}, rate {rate:g}"][0] == pytest.approx(silent, abs=0.05)
    assert found[f"{name}, rate 0.1"][0] > 0.3


def test_centred_inputs_keep_a_first_layer_alive() -> None:
    found = death.dead_by_rate([0, 1], settings=["wine standardised, 1 hidden layer"], steps=30)
    assert found["wine standardised, 1 hidden layer, rate 0.1"].tolist() == [0.0, 0.0]


# --- A11 ------------------------------------------------------------------------------------------


def loss_without(network: Network, task: Problem, unit: int, mean: bool) -> float:
    """Compute the loss by hand, with the answers of one hidden unit overwritten."""
    a, first = task.x[0], 0
    for layer in network.layers:
        a = layer.activation(a @ layer.w + layer.b)
        if 0 <= unit - first < a.shape[1] and layer is not network.layers[-1]:
            a = a.copy()
            a[:, unit - first] = a[:, unit - first].mean() if mean else 0.0
        first += a.shape[1]
    return softmax_cross_entropy(a, task.y[0])[0]


@pytest.mark.parametrize("mean", [False, True])
def test_taking_a_unit_out_is_overwriting_what_it_says(mean: bool) -> None:
    task = problem("wine", [0], scale="unit")
    fleet = Fleet(task.sizes(5, 4), seeds=[0], slope=0.1, bias=-0.3)
    network = fleet.network(0, 0)
    kept = [array.copy() for array in fleet.parameters]
    found = dead_units.lose(fleet, task, np.arange(9)[:, np.newaxis], mean=mean)
    whole = softmax_cross_entropy(network.forward(task.x[0]), task.y[0])[0]
    by_hand = [loss_without(network, task, unit, mean) - whole for unit in range(9)]
    np.testing.assert_allclose(found[:, 0], by_hand, atol=1e-12)
    assert np.ptp(by_hand) > 1e-3
    for before, after in zip(kept, fleet.parameters, strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("mean", [False, True])
def test_a_dead_unit_is_worth_exactly_nothing(mean: bool) -> None:
    task = problem("wine", [0, 1], scale="unit")
    fleet = Fleet(task.sizes(5, 4), seeds=[0, 1])
    fleet.parameters[1][:, :, 2] = -100.0
    fleet.parameters[3][:, :, 1] = -100.0
    found = dead_units.lose(fleet, task, np.array([[2, 2], [6, 6], [0, 3]]), mean=mean)
    assert (found[:2] == 0).all()
    assert (found[2] != 0).any()


def test_of_relu_networks_no_silent_unit_contributes() -> None:
    settings = {"settings": ["breast cancer, rate 0.1"], "steps": 14}
    found = dead_units.worth_of_silent([0, 1], slopes=[0], **settings)
    assert len(found) == 2
    assert all((values == 0).all() for values in found.values())


def test_contributions_are_counted_by_hand() -> None:
    name, seed, steps = "breast cancer, rate 0.1", 4, 14
    task = problem("breast cancer", [seed], scale="unit")
    fleet, _ = trained(task, [32, 32], [seed], steps, slope=0.1, learning_rate=0.1)
    network = fleet.network(0, 0)
    silent = np.flatnonzero(off(network, task.x[0]))
    active = np.setdiff1d(np.arange(64), silent)
    whole = softmax_cross_entropy(network.forward(task.x[0]), task.y[0])[0]
    changes_by = {unit: abs(loss_without(network, task, unit, False) - whole) for unit in range(64)}
    enough = 0.1 * np.median([changes_by[unit] for unit in active])
    share = np.mean([changes_by[unit] >= enough for unit in silent])
    # As many draws as units: so all are drawn, the silent ones several times perhaps.
    count = len(active) * len(silent)
    drawn = dead_units._drawn(off(network, task.x[0])[np.newaxis], [seed], count, "any")
    assert sorted(set(drawn[:, 0])) == silent.tolist()
    found = dead_units.worth_of_silent(
        [seed], settings=[name], slopes=[0.1], units=count, steps=steps
    )
    assert found[f"{name}, slope 0.1, 0"][0] == pytest.approx(share, abs=1e-6)
    assert 0 < share < 1, "else the test shows little"


def test_units_are_drawn_of_the_kind_and_once_if_there_are_enough() -> None:
    which = np.array([[True, False, True, True], [False, True, False, False]])
    drawn = dead_units._drawn(which, [0, 1], 3, "off")
    assert drawn.shape == (3, 2)
    assert sorted(drawn[:, 0]) == [0, 2, 3]
    assert drawn[:, 1].tolist() == [1, 1, 1]


def test_a_network_without_such_units_is_named() -> None:
    with pytest.raises(ValueError, match=r"networks \[8\] have no always-negative unit"):
        dead_units._drawn(np.array([[True], [False]]), [7, 8], 2, "always-negative")


# --- A14 ------------------------------------------------------------------------------------------


def test_a_half_dead_network_is_what_its_living_half_would_be() -> None:
    seed, steps, rate = 3, 22, 0.01
    task = problem("digits", [seed])
    found = dead_units.cost_of_dead([seed], problems=["digits"], widths=[8], steps=steps, rate=rate)
    whole = Network(task.sizes(8), seed=seed)
    first, last = whole.layers
    living = Network.of(
        [
            Dense(first.w[:, :4].copy(), first.b[:4].copy(), relu),
            Dense(last.w[:4].copy(), last.b.copy(), "identity"),
        ]
    )
    small = Network(task.sizes(4), seed=seed)
    for network, arm in ((whole, "all alive"), (living, "half dead"), (small, "half as wide")):
        fit_alone(network, task, seed, 0, rate, steps)
        right = accuracy(network, task.x_test[0], task.y_test[0])
        assert found[f"digits, width 8, {arm}"][0] == pytest.approx(right, abs=0.005)
    assert len(set(map(float, (values[0] for values in found.values())))) == 3


# --- A17 ------------------------------------------------------------------------------------------


def history_of(rows: list[list[tuple]], dead: list[list[list[bool]]]) -> SimpleNamespace:
    """Make a history of one arm and one network, from its parameters and dead units row by row."""
    arrays = [np.array([row[k] for row in rows], float) for k in range(len(rows[0]))]
    return SimpleNamespace(
        parameters=[array[:, np.newaxis, np.newaxis] for array in arrays],
        dead=[np.array(layer)[:, np.newaxis, np.newaxis] for layer in dead],
    )


X = np.array([[[1.0], [3.0]]])  # one network, two examples, one input, of mean 2


@pytest.mark.parametrize(
    ("w", "b", "share"),
    [
        (1.0, -4.0, 1.0),  # the bias alone
        (-1.0, 0.0, 0.0),  # the weight alone: 2 * (-1 - 1)
        (0.0, -2.0, 0.5),  # 2 each
        (-1.0, -1.0, 0.2),  # 1 of 5
        (-1.0, 3.0, 0.0),  # the bias rose
        (2.0, -9.0, 1.0),  # the weight rose
        (2.0, 1.0, 0.5),  # both rose: the word dead was only written down
    ],
)
def test_the_fall_is_split_by_hand(w: float, b: float, share: float) -> None:
    rows = [([[1.0]], [0.0]), ([[w]], [b])]
    found = dying_units.pulled_by_bias(history_of(rows, [[[False], [True]]]), X, 1)
    assert found == pytest.approx([share])


def test_a_unit_is_asked_when_it_first_dies_and_others_are_not() -> None:
    # The first unit dies in row 1 and moves on, the second is dead from the start, the third lives.
    rows = [
        ([[1.0, -1.0, 1.0]], [0.0, 0.0, 0.0]),
        ([[0.0, -1.0, 1.0]], [-1.0, -7.0, -8.0]),
        ([[0.0, -1.0, 1.0]], [-50.0, -7.0, -8.0]),
    ]
    dead = [[[False, True, False], [True, True, False], [True, True, False]]]
    found = dying_units.pulled_by_bias(history_of(rows, dead), X, 1)
    assert found == pytest.approx([1 / 3])


def test_inputs_of_a_higher_layer_count_with_the_weights() -> None:
    # Layer 1 answers (1, 3) at first, then (0, 1): the mean input falls from 2 to a half.
    rows = [([[1.0]], [0.0], [[1.0]], [0.0]), ([[1.0]], [-2.0], [[1.0]], [-0.5])]
    dead = [[[False], [False]], [[False], [True]]]
    found = dying_units.pulled_by_bias(history_of(rows, dead), X, 2)
    assert found == pytest.approx([0.5 / (0.5 + 1.5)])


def test_networks_in_which_nothing_died_are_named() -> None:
    rows = [([[1.0]], [0.0]), ([[1.0]], [0.0])]
    with pytest.raises(ValueError, match=r"no unit of layer 1 died in networks \[0\]"):
        dying_units.pulled_by_bias(history_of(rows, [[[False], [False]]]), X, 1)


def test_one_step_of_adam_gives_the_bias_one_part_in_one_plus_the_input() -> None:
    # All inputs are 3, so the gradient of w is 3 times that of b; Adam's first step is as long for
    # both. The mean of z moves by 3 steps through w, and by one through b.
    x, y = np.full((5, 8, 1), 3.0), np.full((5, 8, 1), -9.0)
    fleet = Fleet([1, 16, 1], seeds=range(5))
    record = {"record": ["units", "parameters"], "every": 1, "progress": False}
    history = fleet.fit(
        x, y, loss=mean_squared_error, optimizer=Adam(2.0), epochs=1, batch_size=8, **record
    )
    found = dying_units.pulled_by_bias(history, x, 1)
    np.testing.assert_allclose(found, 0.25, rtol=1e-6)


def test_after_one_step_the_split_is_that_of_notebook_06() -> None:
    seeds = [0, 1, 2]
    task = problem("digits", seeds, scale="unit")
    x, y = task.x[0], task.y[0]
    fleet = Fleet(task.sizes(16, 16), seeds=seeds)
    record = {"record": ["units", "parameters"], "every": 1, "progress": False}
    history = fleet.fit(x[:64], y[:64], probe=x, optimizer=Adam(0.1), epochs=1, **record)
    for layer in (1, 2):
        parts = changes(history, x, layer)
        bias, rest = -parts[:, 0], -parts[:, 1:].sum(axis=1)
        assert len(parts) == 3
        assert (np.minimum(bias, rest) > 0).all()
        stacked = np.broadcast_to(x, (3, *x.shape))
        found = dying_units.pulled_by_bias(history, stacked, layer)
        np.testing.assert_allclose(found, bias / (bias + rest), rtol=1e-9)
