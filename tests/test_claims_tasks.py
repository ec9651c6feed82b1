"""Claims about tasks: the experiments, what they are built of, and the criteria that choose."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from helpers.claims import classic, racing
from helpers.claims.choice import Choice, Somewhere, Tuned
from helpers.claims.claim import Claim, Result
from helpers.claims.criteria import ALIKE, DOES_NOT_HOLD, HOLDS, UNDECIDED
from helpers.claims.penalty import fit_whole, leaked
from helpers.claims.problems import problem
from helpers.claims.themes import advice, tasks
from helpers.datasets import spoil
from helpers.fleet import Fleet
from helpers.training import Adam

RNG = np.random.default_rng(7)
CLAIMS = [*tasks.CLAIMS, *advice.CLAIMS]
TESTED = {claim.id: claim for claim in CLAIMS if claim.experiment is not None}

# Each experiment at a size that takes a moment, and the arms it then has.
SMALL = {
    "A6": ({"problems": ("breast cancer",), "strengths": (0.1,), "steps": 3}, 3 * 4),
    "A18": ({"problems": ("wine",), "rates": (0.01,), "effort": 0.1}, 3),
    "A19": ({"problems": ("cars",), "rates": (0.01,), "effort": 0.1}, 3),
    "A21": ({"tasks": (advice.WINE_TRANSFER,), "rates": (0.01,), "effort": 0.1}, 3),
    "A23": ({"problems": ("breast cancer",), "rates": (0.01,), "effort": 0.05}, 9),
    "A25": ({"tasks": (("cars", "y - 3"),), "rates": (0.01,), "effort": 0.1, "steps": 3}, 3 + 4),
    "A26": ({"tasks": ("sine",), "effort": 0.05}, 5),
    "A27": ({"problems": ("wine", "cars"), "rates": (0.01,), "effort": 0.1}, 2 * (2 + 1 + 5 + 2)),
    "B8": ({"problems": ("spirals",), "rates": (0.01,), "effort": 0.02}, 5),
}


# --- criteria that choose -------------------------------------------------------------------------


def arms(**means: list[float]) -> dict[str, np.ndarray]:
    """Twelve seeds for each arm: one mean for the four that choose, one for the eight others."""
    wobble = 0.001 * np.tile([-1, 1], 4)
    return {
        name: np.concatenate([np.full(4, first), other + wobble * (place == 0)])
        for place, (name, (first, other)) in enumerate(means.items())
    }


def test_each_side_brings_what_was_best_on_the_seeds_that_choose() -> None:
    rule = Tuned("accuracy", ("a", "b"), ("c", "d"), margin=0.01)
    found = arms(a=[0.9, 0.5], b=[0.8, 0.99], c=[0.6, 0.4], d=[0.7, 0.3])
    assert rule.chosen(found) == ("a", "d")
    finding = rule.judge(found)
    assert (finding.verdict, finding.n) == (HOLDS, 8)
    assert finding.effect.estimate == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("other", "verdict"), [(0.55, HOLDS), (0.45, DOES_NOT_HOLD), (0.5, ALIKE), (0.51, UNDECIDED)]
)
def test_tuned_reaches_every_verdict(other: float, verdict: str) -> None:
    found = arms(a=[0.9, other], b=[0.7, 0.5])
    assert Tuned("accuracy", ("a",), ("b",), 0.01).judge(found).verdict == verdict


@pytest.mark.parametrize(
    ("other", "verdict"), [(0.55, HOLDS), (0.45, DOES_NOT_HOLD), (0.5, DOES_NOT_HOLD)]
)
def test_somewhere_reaches_its_verdicts(other: float, verdict: str) -> None:
    rule = Somewhere("accuracy", (("a", "b"), ("c", "b")), 0.01)
    found = arms(a=[0.9, other], b=[0.7, 0.5], c=[0.8, 0.9])
    assert rule.chosen(found) == ("a", "b")
    finding = rule.judge(found)
    assert finding.verdict == verdict
    assert finding.scaled.estimate == pytest.approx((other - 0.5) / 0.01)


def test_somewhere_is_undecided_at_the_border() -> None:
    found = arms(a=[0.9, 0.51], b=[0.7, 0.5])
    assert Somewhere("accuracy", (("a", "b"),), 0.01).judge(found).verdict == UNDECIDED


def test_a_difference_that_may_be_chance_is_not_chosen() -> None:
    found = {
        "zero": np.zeros(12),
        "wild": np.tile([-2.0, 3.0], 6),
        "sure": np.tile([0.19, 0.21], 6),
    }
    rule = Somewhere("accuracy", (("wild", "zero"), ("sure", "zero")), 0.01)
    assert found["wild"][:4].mean() > found["sure"][:4].mean()
    assert rule.chosen(found) == ("sure", "zero")


@pytest.mark.parametrize("pairs", [1, 20])
def test_choosing_wins_nothing_by_chance(pairs: int) -> None:
    """Arms that are all alike lie 0 apart on the seeds that judge, however many there are."""
    rng = np.random.default_rng(0)
    names = [f"arm {number}" for number in range(pairs + 1)]
    rule = Somewhere("accuracy", tuple((name, names[0]) for name in names[1:]), 0.5)
    found = [
        rule.judge({name: rng.normal(size=30) for name in names}).effect.estimate
        for _ in range(200)
    ]
    assert abs(np.mean(found)) < 4 * np.std(found) / np.sqrt(len(found))


def test_words_tell_rule_and_arms() -> None:
    for rule in (
        Tuned("accuracy", ("a", "b"), ("c",), 0.01),
        Somewhere("accuracy", (("a", "c"), ("b", "c")), 0.01),
    ):
        assert rule.arms == (("a", "b", "c") if isinstance(rule, Tuned) else ("a", "c", "b"))
        for word in ("accuracy", "'a' | 'b'", "0.01", "holds from", "does not hold"):
            assert word in rule.words()


def test_words_count_arms_where_there_are_many() -> None:
    told = Tuned("accuracy", ("a", "b", "c", "d"), ("e",), 0.01).words()
    assert "4 arms ('a' ... 'd') less the best of 'e'" in told


@pytest.mark.parametrize("margin", [0, -1, np.inf])
def test_a_margin_must_be_one(margin: float) -> None:
    with pytest.raises(ValueError, match="margin must be"):
        Tuned("accuracy", ("a",), ("b",), margin)
    with pytest.raises(ValueError, match="margin must be"):
        Somewhere("accuracy", (("a", "b"),), margin)


@pytest.mark.parametrize(("more", "than"), [((), ("a",)), (("a",), ()), (("a", "b"), ("b",))])
def test_both_sides_need_arms_of_their_own(more: tuple, than: tuple) -> None:
    with pytest.raises(ValueError, match="both sides need an arm"):
        Tuned("accuracy", more, than, 0.01)


@pytest.mark.parametrize("pairs", [(), (("a", "a"),)])
def test_pairs_must_be_pairs(pairs: tuple) -> None:
    with pytest.raises(ValueError, match="pairs must be of two different arms"):
        Somewhere("accuracy", pairs, 0.01)


def test_choosing_needs_seeds_and_arms() -> None:
    rule = Tuned("accuracy", ("a",), ("b",), 0.01)
    with pytest.raises(ValueError, match="give 6 or more; got 5"):
        rule.judge({"a": np.ones(5), "b": np.ones(5)})
    with pytest.raises(ValueError, match="share their seeds"):
        rule.judge({"a": np.ones(9), "b": np.ones(8)})
    with pytest.raises(KeyError, match="no arm 'b'"):
        rule.judge({"a": np.ones(9)})


# --- the methods before networks ------------------------------------------------------------------


def test_nearest_is_what_distances_say() -> None:
    x, new = RNG.normal(size=(40, 3)), RNG.normal(size=(25, 3))
    y, numbers = RNG.integers(0, 3, 40), RNG.normal(size=(40, 1))
    order = np.argsort(cdist(new, x), axis=1)[:, :4]
    votes = [np.bincount(y[row], minlength=3).argmax() for row in order]
    np.testing.assert_array_equal(classic.nearest(x, y, new, k=4), votes)
    np.testing.assert_allclose(
        classic.nearest(x, numbers, new, k=4), [numbers[row].mean(axis=0) for row in order]
    )


def test_one_neighbour_knows_what_it_has_seen() -> None:
    x, y = RNG.normal(size=(30, 2)), RNG.integers(0, 4, 30)
    np.testing.assert_array_equal(classic.nearest(x, y, x, k=1), y)


@pytest.mark.parametrize(("k", "error"), [(0, ValueError), (31, ValueError), (1.5, TypeError)])
def test_a_wrong_number_of_neighbours_is_refused(k, error) -> None:
    with pytest.raises(error):
        classic.nearest(np.ones((30, 2)), np.zeros(30, int), np.ones((1, 2)), k)


def test_ridge_without_penalty_is_least_squares() -> None:
    x, y, new = RNG.normal(size=(30, 3)), RNG.normal(size=(30, 2)), RNG.normal(size=(5, 3))
    ones = [np.hstack([rows, np.ones((len(rows), 1))]) for rows in (x, new)]
    wanted = ones[1] @ np.linalg.lstsq(ones[0], y, rcond=None)[0]
    np.testing.assert_allclose(classic.ridge(x, y, new, 1e-10), wanted, atol=1e-8)


def test_ridge_minimises_its_cost_and_tends_to_the_mean() -> None:
    x, y = RNG.normal(size=(30, 2)), RNG.normal(size=(30, 1))

    def cost(weights: np.ndarray) -> float:
        return np.sum((x @ weights[:2] + weights[2] - y[:, 0]) ** 2) + 3 * weights[:2] @ weights[:2]

    best = minimize(cost, np.zeros(3), tol=1e-12).x
    np.testing.assert_allclose(classic.ridge(x, y, x, 3.0)[:, 0], x @ best[:2] + best[2], atol=1e-5)
    np.testing.assert_allclose(classic.ridge(x, y, x, 1e12), np.full((30, 1), y.mean()), atol=1e-8)


def test_logistic_regression_finds_the_minimum() -> None:
    given = problem("wine", [0])
    x, y, new = given.x[0], given.y[0], given.x_test[0]
    model = torch.nn.Linear(13, 3).double()
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=500, line_search_fn="strong_wolfe")

    def cost() -> torch.Tensor:
        optimizer.zero_grad()
        z = model(torch.tensor(x))
        loss = torch.nn.functional.cross_entropy(z, torch.tensor(y), reduction="sum")
        loss = loss + 5 * (model.weight**2).sum()
        loss.backward()
        return loss

    optimizer.step(cost)
    wanted = model(torch.tensor(new)).argmax(dim=1).numpy()
    assert (classic.logistic(x, y, new, 10.0) == wanted).mean() > 0.97


@pytest.mark.parametrize("method", [classic.ridge, classic.logistic])
def test_a_penalty_must_be_one(method) -> None:
    with pytest.raises(ValueError, match="strength must be"):
        method(np.ones((3, 1)), np.zeros(3, int), np.ones((1, 1)), 0.0)


def test_a_probe_reads_what_lies_on_a_line_and_nothing_else() -> None:
    y = RNG.integers(0, 4, size=(2, 400))
    plain = np.eye(4)[y] + 0.1 * RNG.normal(size=(2, 400, 4))
    noise = RNG.normal(size=(2, 400, 4))
    noise[..., 0] = 0.0  # a unit that is always off
    x = np.stack([plain, noise])
    found = classic.probe(x[:, :, :200], y[:, :200], x[:, :, 200:], y[:, 200:])
    assert found.shape == (2, 2)
    assert (found[0] > 0.99).all()
    assert (abs(found[1] - 0.25) < 0.12).all()
    alone = classic.probe(x[1, 0, :200], y[0, :200], x[1, 0, 200:], y[0, 200:])
    assert alone == found[1, 0]


# --- training with a penalty, or with a leak behind the output ------------------------------------


@pytest.mark.parametrize("numbers", [False, True])
def test_without_a_penalty_it_is_what_a_fleet_does(numbers: bool) -> None:
    given = problem("sine" if numbers else "moons", [3, 4], train=50)
    fleets = [Fleet(given.sizes(6, 5), seeds=[3, 4], slope=[0.0, 0.2]) for _ in range(2)]
    fleets[0].fit(given.x, given.y, optimizer=Adam(0.02), epochs=20, batch_size=50, progress=False)
    fit_whole(fleets[1], given.x, given.y, rate=0.02, steps=20)
    for one, other in zip(*(fleet.parameters for fleet in fleets), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_penalty_and_output_slope_enter_the_gradient() -> None:
    """One step of Adam goes against the sign of the gradient, here that of torch's autograd."""
    x, y = RNG.normal(size=(9, 2)), RNG.normal(size=(9, 1))
    fleet = Fleet([2, 4, 3, 1], seeds=[5], slope=[0.0, 0.3])
    before = [array.copy() for array in fleet.parameters]
    fit_whole(fleet, x, y, penalty=[0.0, 2.0], output_slope=[0.1, 1.0], rate=1e-3, steps=1)
    for arm, (slope, strength, last) in enumerate([(0.0, 0.0, 0.1), (0.3, 2.0, 1.0)]):
        tensors = [torch.tensor(array[arm, 0], requires_grad=True) for array in before]
        a, activity = torch.tensor(x), 0.0
        for w, b in (tensors[:2], tensors[2:4]):
            a = torch.nn.functional.leaky_relu(a @ w + b, slope)
            activity = activity + a.abs().mean()
        said = torch.nn.functional.leaky_relu(a @ tensors[4] + tensors[5], last)
        loss = torch.nn.functional.mse_loss(said, torch.tensor(y)) + strength * activity
        loss.backward()
        for tensor, was, now in zip(tensors, before, fleet.parameters, strict=True):
            g = tensor.grad.numpy()
            step = now[arm, 0] - was[arm, 0]
            np.testing.assert_allclose(step, -1e-3 * g / (abs(g) + 1e-8), atol=1e-7)


def test_a_penalty_of_another_arm_changes_nothing() -> None:
    given = problem("moons", [0], train=40)
    alone, beside = (Fleet(given.sizes(5), seeds=[0], slope=[0.0] * n) for n in (1, 2))
    fit_whole(alone, given.x, given.y, penalty=0.0, steps=10)
    fit_whole(beside, given.x, given.y, penalty=[0.0, 5.0], steps=10)
    for one, both in zip(alone.parameters, beside.parameters, strict=True):
        np.testing.assert_allclose(one[0], both[0], atol=1e-12)
        assert not np.allclose(one[0], both[1])


def test_wrong_settings_of_fit_whole_are_refused() -> None:
    fleet, x, y = Fleet([1, 2, 1], seeds=1, slope=[0.0, 0.1]), np.ones((3, 1)), np.ones((3, 1))
    with pytest.raises(ValueError, match="penalty must be a number, or 2"):
        fit_whole(fleet, x, y, penalty=[1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="output_slope must be"):
        fit_whole(fleet, x, y, output_slope=[1.0])
    with pytest.raises(ValueError, match="steps"):
        fit_whole(fleet, x, y, steps=0)


def test_leaked_keeps_the_type() -> None:
    z = np.array([-2.0, 0.0, 3.0], np.float32)
    assert leaked(z, 0.5).dtype == np.float32
    np.testing.assert_array_equal(leaked(z, 1.0), z)
    np.testing.assert_array_equal(leaked(z, 0.0), [0, 0, 3])


# --- the experiments ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_an_experiment_gives_a_number_a_seed(name: str) -> None:
    settings, count = SMALL[name]
    found = TESTED[name].experiment([11, 12, 13], **settings)
    assert len(found) == count
    for arm, values in found.items():
        assert values.shape == (3,), arm
        assert np.isfinite(values).all(), arm
        if "log loss" not in arm:
            assert ((values >= 0) & (values <= 1)).all(), arm


@pytest.mark.parametrize("name", SMALL)
def test_a_seed_gives_the_same_numbers_in_any_company(name: str) -> None:
    settings, _ = SMALL[name]
    together = TESTED[name].experiment([11, 12, 13], **settings)
    alone = TESTED[name].experiment([12], **settings)
    for arm, values in together.items():
        np.testing.assert_allclose(values[1:2], alone[arm], atol=1e-5, err_msg=arm)


def test_all_claims_are_here_and_small_sizes_are_tried_of_each() -> None:
    assert SMALL.keys() == TESTED.keys()
    others = [claim.id for claim in CLAIMS if claim.same_as]
    assert others == ["B12"]


@pytest.mark.parametrize("claim", TESTED.values(), ids=list(TESTED))
def test_a_quick_run_measures_all_that_one_criterion_needs(claim: Claim) -> None:
    settings = {name: value for name, value in claim.quick.items() if name != "seeds"}
    if "effort" in settings:
        settings["effort"] = 0.02
    if "steps" in settings:
        settings["steps"] = 2
    measured = claim.experiment(list(range(6)), **settings)
    assert Result(claim, list(range(6)), settings, measured).findings


@pytest.mark.parametrize("claim", TESTED.values(), ids=list(TESTED))
def test_full_settings_are_those_of_the_criteria(claim: Claim, monkeypatch) -> None:
    """The defaults give every arm that a criterion asks for; training is cut short here."""
    monkeypatch.setattr(racing, "PASSES", dict.fromkeys(racing.PASSES, 0.0))
    for module in (advice, tasks):
        monkeypatch.setattr(module, "PASSES", racing.PASSES)
    steps = {"steps": 1} if claim.id in ("A6", "A25") else {}
    found = claim.experiment([0, 1], **steps)
    assert set(claim.arms) <= found.keys()


def test_arms_of_a_race_are_networks_that_can_be_trained_alone() -> None:
    given = problem("wine", [4, 5])
    found = racing.raced(
        [4, 5], given, "wine", 2, hidden=(8,), slopes={"relu": 0, "half": 0.5}, rates=[0.01, 0.03]
    )
    assert list(found) == [
        "relu at 0.01, wine",
        "relu at 0.03, wine",
        "half at 0.01, wine",
        "half at 0.03, wine",
    ]
    fleet = Fleet([13, 8, 3], seeds=[4, 5], slope=0.5, dtype=np.float32)
    fleet.fit(
        given.x, given.y, optimizer=Adam(0.03), epochs=2, batch_size=racing.BATCH, progress=False
    )
    said = fleet.outputs(given.x_test)[0].argmax(axis=-1)
    np.testing.assert_allclose(found["half at 0.03, wine"], (said == given.y_test).mean(axis=1))


def test_untrained_arms_are_the_same_network_but_for_the_slope() -> None:
    fleet = Fleet([13, 8, 3], seeds=[4, 5], slope=list(racing.SLOPES.values()))
    for array in fleet.parameters:
        assert (array == array[:1]).all()


def test_r2_is_that_of_the_definition() -> None:
    y = RNG.normal(size=(2, 30, 1))
    said = y + 0.5 * RNG.normal(size=(4, 2, 30, 1))
    wanted = [
        [1 - ((y[s] - said[a, s]) ** 2).sum() / ((y[s] - y[s].mean()) ** 2).sum() for s in (0, 1)]
        for a in range(4)
    ]
    found = racing.r2(((said - y) ** 2).mean(axis=(2, 3)), y)
    np.testing.assert_allclose(found, wanted)


def test_a_network_that_blew_up_scores_as_one_that_guesses() -> None:
    given = problem("wine", [0])
    fleet = Fleet(given.sizes(4), seeds=[0], learning_rate=[0.01, 1e200])
    history = fleet.fit(given.x, given.y, test=given.test, epochs=2, progress=False)
    broken = dataclasses.replace(history, test_accuracy=np.full((3, 2, 1), np.nan))
    np.testing.assert_allclose(racing.scores(broken, given), 1 / 3)
    assert racing.scores(history, given)[0, 0] == history.test_accuracy[-1, 0, 0]
    assert racing.scores(history, given, 0)[0, 0] == history.test_accuracy[0, 0, 0]


def test_features_are_those_of_the_last_hidden_layer() -> None:
    """By hand: a network that learned cultivar 3 or not, then least squares on its activations."""
    found = advice.features([6], tasks=[advice.WINE_TRANSFER], hidden=(7, 5), rates=[0.01])
    given = problem("wine", [6])
    fleet = Fleet([13, 7, 5, 2], seeds=[6], slope=0.1, dtype=np.float32)
    passes = racing.PASSES["wine"]
    fleet.fit(
        given.x,
        given.y // 2,
        optimizer=Adam(0.01),
        epochs=passes,
        batch_size=racing.BATCH,
        progress=False,
    )
    network = fleet.network(0, 0)
    hidden = [rows[0] for rows in (given.x, given.x_test)]
    for layer in network.layers[:-1]:
        hidden = [layer.activation(rows @ layer.w + layer.b) for rows in hidden]
    middle, spread = hidden[0].mean(axis=0), hidden[0].std(axis=0)
    x, new = ((rows - middle) / np.where(spread > 0, spread, 1) for rows in hidden)
    wanted = np.eye(3)[given.y[0]]
    weights = np.linalg.solve(
        x.T @ x + 0.01 * len(x) * np.eye(5), x.T @ (wanted - wanted.mean(axis=0))
    )
    right = (new @ weights + wanted.mean(axis=0)).argmax(axis=1) == given.y_test[0]
    assert found[f"leaky 0.1 at 0.01, {advice.WINE_TRANSFER}"] == pytest.approx(right.mean())


@pytest.mark.parametrize("task", advice.TRANSFERS)
def test_transfers_never_show_the_classes_of_the_probe_apart(task: str) -> None:
    name, learned, told, probed = advice.TRANSFERS[task]
    given = problem(name, [0, 1])
    x, y = advice._of_classes(given.x, given.y, learned)
    assert x.shape[:2] == y.shape
    assert set(np.unique(y)) == set(learned)
    labels = told(np.array(learned))
    assert sorted(set(labels)) == list(range(labels.max() + 1))
    seen = dict(zip(learned, labels, strict=True))
    apart = [seen.get(one) for one in probed]
    assert len(set(apart)) < len(probed)


@pytest.mark.parametrize("kind", advice.BAD)
def test_what_is_spoiled_is_the_training_part(kind: str) -> None:
    given = problem("digits", [0, 1])
    bad = advice.spoiled(given, [0, 1], kind)
    again = advice.spoiled(problem("digits", [1]), [1], kind)
    np.testing.assert_array_equal(bad.x[1], again.x[0])
    np.testing.assert_array_equal(bad.y[1], again.y[0])
    assert bad.x_test is given.x_test
    assert bad.y_test is given.y_test
    changed_x, changed_y = (bad.x != given.x), (bad.y != given.y)
    if kind == "label noise":
        assert not changed_x.any()
        np.testing.assert_allclose(changed_y.mean(axis=1), 0.3, atol=1e-3)
        assert set(np.unique(bad.y)) == set(range(10))
    elif kind == "input noise":
        assert not changed_y.any()
        np.testing.assert_allclose((bad.x - given.x).std(axis=(1, 2)), 0.3, rtol=0.02)
    else:
        assert not changed_y.any()
        for seed in (0, 1):
            np.testing.assert_array_equal(bad.x[seed], spoil(given.x[seed], 0.1, seed)[0])
        np.testing.assert_allclose(changed_x.any(axis=2).mean(axis=1), 0.1, atol=1e-3)


def test_another_kind_of_spoiling_is_refused() -> None:
    with pytest.raises(ValueError, match="kind must be one of label noise"):
        advice.spoiled(problem("wine", [0]), [0], "coffee")


def test_targets_are_turned_or_moved_in_both_parts() -> None:
    given = problem("cars", [0])
    turned, moved = advice._moved(given, "-y"), advice._moved(given, "y - 3")
    np.testing.assert_array_equal(turned.y, -given.y)
    np.testing.assert_array_equal(moved.y_test, given.y_test - 3)
    assert (moved.y < 0).mean() > 0.98


def test_a_relu_behind_the_output_is_no_better_than_a_constant() -> None:
    found = advice.negative_targets([0, 1], tasks=[], behind=["sine"])
    assert (found["relu behind the output, sine"] == 0).all()
    assert (found["leaky 0.1 behind the output, sine"] > 0.1).all()


def test_a_penalty_makes_relus_sparser_and_leaky_units_leave_no_zeros() -> None:
    found = tasks.sparsity([0, 1, 2], problems=["digits"], strengths=[0.1], steps=100)
    zeros = {
        (activation, strength): found[f"zeros: {activation}, penalty {strength}, digits"]
        for activation in ("relu", tasks.DENSE)
        for strength in (0, 0.1)
    }
    assert (zeros["relu", 0.1] > zeros["relu", 0] + 0.05).all()
    assert not any(zeros[tasks.DENSE, strength].any() for strength in (0, 0.1))
    loss = np.exp(-found["minus log loss: relu, penalty 0, digits"])
    assert ((loss > 0) & (loss < np.log(10))).all()


def test_the_product_is_hard_for_lines_and_known_to_its_rule() -> None:
    drawn = tasks.product([2, 3])
    assert (drawn.inputs, drawn.outputs, drawn.x_test.shape) == (10, 2, (2, 500, 10))
    assert not (drawn.x[0] == drawn.x[1]).any()
    signs = np.sign(drawn.x_test[..., 0]) == np.sign(drawn.x_test[..., 1])
    np.testing.assert_array_equal(signs, drawn.y_test == 1)
    right = classic.logistic(drawn.x[0], drawn.y[0], drawn.x_test[0]) == drawn.y_test[0]
    assert abs(right.mean() - 0.5) < 0.08


def test_old_methods_are_scored_as_they_answer() -> None:
    found = tasks.old_methods([5], problems=["cars", "wine"], rates=[0.01], effort=0.05)
    cars, wines = problem("cars", [5]), problem("wine", [5])
    said = classic.ridge(cars.x[0], cars.y[0], cars.x_test[0], 10.0)
    wanted = racing.r2(((said - cars.y_test) ** 2).mean(axis=(1, 2)), cars.y_test)
    np.testing.assert_allclose(found["line 10, cars"], wanted)
    said = classic.nearest(wines.x[0], wines.y[0], wines.x_test[0], 9)
    assert found["9 neighbours, wine"] == (said == wines.y_test[0]).mean()


def test_every_slope_meets_every_other_and_every_candidate_every_rival() -> None:
    (one, *_) = (rule for rule in TESTED["B8"].tests.values())
    assert len(one.pairs) == 5 * 4
    for candidate in tasks.CANDIDATES:
        rule = TESTED["A26"].tests[f"{candidate} loses somewhere"]
        assert len(rule.pairs) == 4 * len(tasks.DIVERSE)
        assert all(pair[1].startswith(f"{candidate}, ") for pair in rule.pairs)
        assert all(a.split(", ", 1)[1] == b.split(", ", 1)[1] for a, b in rule.pairs)


def test_criteria_that_choose_are_criteria() -> None:
    rules = [rule for claim in TESTED.values() for rule in claim.tests.values()]
    assert sum(isinstance(rule, Choice) for rule in rules) >= 40
