"""The figures of notebook 09: their sentences say what the data say."""

import numpy as np
import pytest

from helpers import activations
from helpers.datasets import measured
from helpers.plots import family
from helpers.plots.style import ACTIVATION_STYLES

BRANCHES = {
    "straight": [activations.leaky_relu(slope=0.01), activations.prelu()],
    "gated": [activations.silu],
}
SLOPES = np.array([[[0.3, 0.1], [0.4, 0.2], [0.5, 0.15]], [[0.6, 0.5], [0.7, 0.4], [0.65, 0.45]]])
FOUND = {
    "relu": [[10.0, 20.0, 8.0], [12.0, 22.0, 6.0], [14.0, 24.0, 7.0]],
    "leaky_relu, 1/100": [[9.0, 0.0, 0.0], [11.0, 0.0, 0.0], [10.0, 0.0, 0.0]],
    "elu": [[0.0, 0.0, 0.0]] * 3,
}
STATES = ["near-dead", "saturated", "dead"]


def task(leaky, tanh=0.0):
    base = np.array([90.0, 91.0, 92.0, 93.0])
    noise = np.array([0.1, -0.1, 0.2, -0.2])
    arms = {"relu": base, "leaky_relu, 1/100": base + leaky + noise, "tanh": base + tanh + noise}
    return {
        "rates": [0.01, 0.1],
        "seeds": [0, 1, 2, 3],
        "arms": {
            name: {"rate": 0.1, "tuning": [[80.0, 82.0], [85.0, 87.0]], "test": values.tolist()}
            for name, values in arms.items()
        },
    }


TASKS = {"digits": task(0.0, 1.0), "spirals": task(-2.0, -20.0)}
OTHERS = TASKS | {"spirals": task(-2.1, -20.0)}
THEIRS = {"Xu: CIFAR 10": {"relu": 12.45, "leaky_relu, 1/100": 12.66, "tanh": 11.2}}
DEEP = {
    "seeds": [0, 1, 2],
    "arms": {
        f"{name}, {way}": {"test": [value - 1.0, value, value + 1.0]}
        for way, gain in {"plain": 0.0, "both": 3.0}.items()
        for name, value in {"relu": 93.0 + gain, "leaky_relu, 1/100": 92.5 + gain}.items()
    },
}


def better_tuned():
    arm = TASKS["digits"]["arms"]["relu"] | {"rate": 0.01, "tuning": [[90.0, 91.0], [85.0, 86.0]]}
    return TASKS | {"digits": TASKS["digits"] | {"arms": TASKS["digits"]["arms"] | {"relu": arm}}}


# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "portraits": (
        lambda: family.portraits(BRANCHES),
        lambda: family.portraits(BRANCHES | {"gated": [activations.gelu]}),
    ),
    "learned_slopes": (
        lambda: family.learned_slopes(SLOPES, [0.25, 0.5]),
        lambda: family.learned_slopes(SLOPES + 0.01, [0.25, 0.5]),
    ),
    "states": (
        lambda: family.states(FOUND, STATES),
        lambda: family.states(FOUND | {"elu": [[0.0, 1.0, 0.0]] * 3}, STATES),
    ),
    "tuning": (
        lambda: family.tuning(TASKS, ["relu", "tanh"]),
        lambda: family.tuning(better_tuned(), ["relu", "tanh"]),
    ),
    "race": (lambda: family.race(TASKS), lambda: family.race(OTHERS)),
    "published": (
        lambda: family.published(THEIRS, TASKS),
        lambda: family.published(THEIRS, OTHERS),
    ),
    "ways": (
        lambda: family.ways(DEEP),
        lambda: family.ways(
            DEEP | {"arms": DEEP["arms"] | {"relu, both": {"test": [95.0, 96.0, 98.0]}}}
        ),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def test_portraits_tells_derivatives_and_draws_jumps_as_gaps():
    text = sentence("portraits")
    assert text.startswith("Derivative at z = −2: leaky_relu 0.01, prelu 0.25, silu −0.091.")
    fig, _ = FIGURES["portraits"][0]()
    below = fig.axes[2]  # the derivatives of the first column
    gaps = {line.get_label(): int(np.isnan(line.get_ydata()).sum()) for line in below.lines}
    assert gaps["leaky_relu"] == gaps["prelu"] == 1
    smooth = [line for line in fig.axes[3].lines if line.get_label() == "silu"]
    assert not np.isnan(smooth[0].get_ydata()).any()


def test_learned_slopes_tells_means_layer_by_layer():
    text = sentence("learned_slopes")
    assert "learned by 3 networks" in text
    assert "began at 0.25: 0.40 [0.15, 0.65], 0.15 [0.03, 0.27]; began at 0.5: 0.65" in text
    fig, _ = FIGURES["learned_slopes"][0]()
    dots = [line for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [3, 3]


def test_states_tells_who_has_any_and_crosses_the_dead():
    text = sentence("states")
    assert "dead: relu 12.0 [7.0, 17.0], leaky_relu, 1/100 10.0 [7.5, 12.5], 0 in 1 of" in text
    assert "saturated: relu 22.0 [17.0, 27.0], 0 in 2 of the 3 activations" in text
    fig, _ = FIGURES["states"][0]()
    hatches = [{patch.get_hatch() for patch in ax.patches} for ax in fig.axes]
    assert hatches == [{None}, {None}, {"xx"}]
    none_at_all = family.states({"elu": [[0.0], [0.0]]}, ["dead"])[1]
    assert "dead: 0 in 1 of the 1 activations" in none_at_all


def test_tuning_tells_the_rates_taken_and_marks_them():
    assert "200 digits: relu 0.1, tanh 0.1; two spirals: relu 0.1" in sentence("tuning")
    fig, text = FIGURES["tuning"][1]()
    assert "200 digits: relu 0.01, tanh 0.1" in text
    (mark,) = [
        line
        for line in fig.axes[0].lines
        if line.get_markersize() == 14 and line.get_color() == ACTIVATION_STYLES["relu"][0]
    ]
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (0.01, 90.5)


def test_race_says_who_is_ahead_only_where_the_interval_does():
    text = sentence("race")
    assert "4 pairs of networks" in text
    assert "200 digits: ahead tanh 1.00 [0.71, 1.29], 1 of 2 not to be told from relu;" in text
    assert "two spirals: behind leaky_relu, 1/100 −2.00 [−2.29, −1.71], tanh −20.00" in text
    fig, _ = FIGURES["race"][0]()
    left, right = fig.axes
    faces = [line.get_markerfacecolor() for line in left.lines if line.get_marker() == "o"]
    assert faces[0] == "white"  # not to be told from ReLU
    assert faces[1] != "white"
    arrows = [line for line in right.lines if line.get_marker() == "<"]
    assert len(arrows) == 1  # beyond the edge
    assert any("−20.0 [" in text.get_text() for text in right.texts)


def test_published_tells_their_gains_and_ours_with_intervals():
    text = sentence("published")
    assert "Xu: CIFAR 10: leaky_relu, 1/100 −0.21, tanh +1.25;" in text
    assert "ours, 200 digits: leaky_relu, 1/100 0.00 [−0.29, 0.29], tanh 1.00 [0.71, 1.29]" in text
    fig, _ = FIGURES["published"][0]()
    assert len({ax.get_xlim() for ax in fig.axes}) == 1  # one scale, or ours would look large


def test_ways_tells_every_mean():
    text = sentence("ways")
    assert "mean [95 % interval] of 3. plain: relu 93.0 [90.5, 95.5], leaky_relu, 1/100" in text
    assert "both: relu 96.0 [93.5, 98.5]" in text
    fig, _ = FIGURES["ways"][0]()
    assert [label.get_text() for label in fig.axes[0].get_xticklabels()] == ["plain", "both"]


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="pairs"):
        family.race({"digits": _with("tanh", [1.0, 2.0])})
    with pytest.raises(ValueError, match="nan or inf"):
        family.race({"digits": _with("tanh", [np.nan] * 4)})
    with pytest.raises(KeyError, match="rmish"):
        family.states({"rmish": [[0.0], [0.0]]}, ["dead"])


def _with(name, values):
    arms = TASKS["digits"]["arms"]
    return TASKS["digits"] | {"arms": arms | {name: arms[name] | {"test": values}}}


# --- what is stored ---------------------------------------------------------------------------


STORED = measured("activation_race")


def test_the_stored_race_says_how_it_was_run_and_names_no_place():
    assert {"accuracy", "optimizer", "choice", "torch", "numpy", "date"} <= STORED.keys()
    assert STORED["tasks"].keys() == {"digits", "spirals", "deep"}
    text = str({key: value for key, value in STORED.items() if key != "tasks"})
    assert "/" not in text.replace("1/", "")  # no path


@pytest.mark.parametrize("name", ["digits", "spirals", "deep"])
def test_all_had_the_same_budget_and_the_rate_was_chosen_by_tuning_alone(name):
    stored = STORED["tasks"][name]
    assert not set(stored["seeds"]) & set(stored["tuning_seeds"])
    assert len(stored["seeds"]) >= 20
    for label, arm in stored["arms"].items():
        assert label.partition(",")[0] in ACTIVATION_STYLES
        tried = np.array(arm["tuning"])
        assert tried.shape == (len(stored["rates"]), len(stored["tuning_seeds"]))
        assert arm["rate"] == stored["rates"][int(np.argmax(tried.mean(axis=1)))]
        values = np.array(arm["test"])
        assert values.shape == (len(stored["seeds"]),)
        assert ((values >= 0) & (values <= 100)).all()
