"""The figures of notebook 10: their sentences say what the data say, and crosses mark the dead."""

import itertools
from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from torch import nn

from helpers import remedies
from helpers.health import STATES, diagnose, watch
from helpers.plots import health
from helpers.stats import Interval, paired_difference


@dataclass
class Site:
    name: str
    states: np.ndarray
    on_share: np.ndarray

    @property
    def units(self):
        return len(self.states)

    @property
    def dead(self):
        return self.states == "dead"


@dataclass
class Found:
    sites: list
    examples: int = 1000


@dataclass
class Death:
    site: str
    step: int
    revived: int = -1
    state: str = "dead"


@dataclass
class Monitor:
    deaths: list
    units: dict = field(default_factory=lambda: {"a.weight -> relu @ x.py:1": 4})
    steps: tuple = (0, 2, 4, 6)


@dataclass
class Trials:
    losses: dict
    offs: dict
    steps: int = 50

    @property
    def fixes(self):
        return list(self.losses)

    def of(self, fix, measure):
        return np.array({"loss": self.losses, "off": self.offs}[measure][fix], dtype=float)

    def against_nothing(self, fix, measure) -> Interval:
        return paired_difference(self.of(fix, measure), self.of("nothing", measure))


def site(name, shares=None, **counts):
    states = np.repeat([word.replace("_", "-") for word in counts], list(counts.values()))
    shares = np.linspace(0.004, 1, len(states)) if shares is None else np.array(shares)
    return Site(name, states.astype(object), np.where(states == "dead", 0.0, shares))


ONE = site("fc1.weight -> relu @ net.py:7", dead=3, near_dead=1, healthy=96)
TWO = site("conv2.weight -> bn -> relu @ net.py:8", dead=40, healthy=10, always_on=50)
SMALL = site("fc.weight -> relu @ net.py:7", [0, 0.003, 0.5, 1], dead=1, near_dead=1, healthy=2)
MANY = [site(f"fc{k}.weight -> relu @ net.py:{k}", dead=k, healthy=30 - k) for k in range(15)]
DEATHS = [Death("a.weight -> relu @ x.py:1", 2), Death("a.weight -> relu @ x.py:1", 2, revived=6)]
LOSSES = {"nothing": [1.0, 1.1, 0.9], "good": [0.5, 0.65, 0.35], "none": [1.0, 1.0, 1.01]}
OFFS = {"nothing": [8, 8, 8], "good": [0, 1, 0], "none": [8, 7, 8]}

# Each figure as the notebook draws it, and the same with other data: for `test_plots_figures.py`.
FIGURES = {
    "report": (
        lambda: health.report(Found([ONE, TWO])),
        lambda: health.report(Found([ONE, site("x -> relu", dead=41, healthy=59)])),
    ),
    "report, many": (
        lambda: health.report(Found(MANY)),
        lambda: health.report(Found(MANY[:14])),
    ),
    "unit_map": (
        lambda: health.unit_map(Found([SMALL, TWO])),
        lambda: health.unit_map(Found([site(SMALL.name, dead=2, healthy=2), TWO])),
    ),
    "unit_map, many": (
        lambda: health.unit_map(Found([site("a -> relu", dead=300, healthy=700)])),
        lambda: health.unit_map(Found([site("a -> relu", dead=301, healthy=699)])),
    ),
    "timeline": (
        lambda: health.timeline(Monitor(DEATHS), {2: "here"}),
        lambda: health.timeline(Monitor(DEATHS[:1]), {2: "here"}),
    ),
    "what_if": (
        lambda: health.what_if(Trials(LOSSES, OFFS)),
        lambda: health.what_if(Trials(LOSSES | {"good": [0.4, 0.65, 0.35]}, OFFS)),
    ),
}


def sentence(name):
    return FIGURES[name][0]()[1]


def texts(fig):
    return [text.get_text() for ax in fig.axes for text in ax.texts]


def test_the_states_are_those_of_the_detector():
    assert tuple(health.STATE_LOOKS) == STATES
    looks = list(health.STATE_LOOKS.values())
    assert len(set(looks)) == len({hatch for _, hatch in looks}) == len(looks)


def test_names_are_shortened_while_they_stay_different():
    assert health.labels(["fc1.weight -> bn1 -> relu @ a.py:1"]) == ["fc1 → bn1 → relu"]
    assert health.labels(["? -> relu @ a.py:1", "? -> relu @ a.py:2"]) == [
        "? → relu @ a.py:1",
        "? → relu @ a.py:2",
    ]


def test_report_tells_every_state_and_crosses_the_dead():
    text = sentence("report")
    assert text.startswith("Judged on N = 1,000 examples. fc1 → relu, 100 units: 3 dead, 1 near")
    assert "conv2 → bn → relu, 100 units: 40 dead, 50 always‑on, 10 healthy." in text
    fig, _ = FIGURES["report"][0]()
    bars = [patch for patch in fig.axes[0].patches if patch.get_label() == "dead"]
    assert [bar.get_hatch() for bar in bars] == ["xx", "xx"]
    assert [round(bar.get_width(), 2) for bar in bars] == [0.03, 0.4]


def test_report_labels_stay_apart_and_inside():
    crowd = {word.replace("-", "_").replace(" ", "_"): 1 for word in STATES[1:-1]}
    fig, _ = health.report(Found([site("fc.weight -> relu", healthy=93, **crowd)]))
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    renderer = canvas.get_renderer()
    below = [t for t in fig.axes[0].texts if t.get_text()[:2] == "1 "]
    assert len(below) == 7
    boxes = sorted((Text.get_window_extent(t, renderer) for t in below), key=lambda box: box.x0)
    assert boxes[0].x0 >= 0
    assert boxes[-1].x1 <= fig.bbox.x1
    assert all(one.x1 <= other.x0 for one, other in itertools.pairwise(boxes))


def test_report_of_many_sites_draws_the_gravest_and_says_so():
    text = sentence("report, many")
    assert text.endswith("5 other sites are not drawn.")
    assert "fc14 → relu" in text
    assert "fc4 → relu" not in text
    assert text.index("fc5 →") < text.index("fc14 →")  # in the order of the calls


def test_a_report_without_sites_is_refused():
    for draw in (health.report, health.unit_map):
        with pytest.raises(ValueError, match="no activation was seen"):
            draw(Found([]))


def test_unit_map_crosses_the_dead_and_writes_shares():
    fig, text = FIGURES["unit_map"][0]()
    assert "fc → relu: 1 of 4 dead, the others fire for 0 to 100 %" in text
    crosses = [line for ax in fig.axes for line in ax.lines if line.get_label() == "dead"]
    assert [len(line.get_xdata()) for line in crosses] == [1, 40]
    assert {line.get_marker() for line in crosses} == {"X"}
    assert texts(fig) == ["<1", "50", "100"]  # too many units in the second site
    assert "a → relu: 300 of 1,000 dead" in sentence("unit_map, many")
    alone = health.unit_map(Found([site("a -> relu", dead=5)]))[1]
    assert "a → relu: 5 of 5 dead." in alone


def test_timeline_dates_deaths_back_and_counts_revivals():
    fig, text = FIGURES["timeline"][0]()
    assert "a → relu: 1 of 4 dead at the end, half of that many by step 2" in text
    assert "deaths 2, revivals 1" in text
    lines = {line.get_label(): line for line in fig.axes[0].lines}
    assert lines["a → relu"].get_ydata().tolist() == [0, 50, 50, 25]
    assert lines["a → relu, death"].get_xdata().tolist() == [2]
    assert lines["a → relu, revival"].get_xdata().tolist() == [6]
    assert "here" in texts(fig)
    quiet = health.timeline(Monitor([]))[1]
    assert "0 of 4 dead at the end; deaths 0" in quiet
    leaky = [Death("a.weight -> relu @ x.py:1", 2, state="always-negative")]
    assert "deaths 0" in health.timeline(Monitor(leaky))[1]


def test_timeline_draws_the_five_sites_with_most_deaths():
    units = {f"s{k}.weight -> relu": 10 for k in range(8)}
    deaths = [Death(name, 2) for k, name in enumerate(units) for _ in range(k)]
    _, text = health.timeline(Monitor(deaths, units))
    assert text.endswith("3 other sites are not drawn.")
    assert "s3 →" in text
    assert "s2 →" not in text
    with pytest.raises(ValueError, match="has seen no step"):
        health.timeline(Monitor([], {}, ()))


def test_what_if_tells_differences_and_what_cannot_be_told():
    fig, text = FIGURES["what_if"][0]()
    assert text.startswith("After 50 steps, mean of 3 seeds. nothing: loss 1.000, 8.0 off; ")
    assert "good: loss −0.500 [−0.624, −0.376] against nothing, 0.3 off" in text
    assert [t for t in texts(fig) if "≈" in t] == ["1.003 ≈ nothing", "7.7 ≈ nothing"]
    dots = [line for line in fig.axes[0].lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in dots] == [3, 3, 3]


def test_what_if_of_one_seed_has_no_interval():
    trials = Trials({"nothing": [1.0], "good": [0.5]}, {"nothing": [8], "good": [0]})
    _, text = health.what_if(trials)
    assert "one seed. nothing: loss 1.000, 8.0 off; good: loss −0.500 against nothing" in text


def test_the_figures_take_what_the_detector_gives():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    with torch.no_grad():
        model[0].weight.abs_()
        model[0].bias[:4] = -100.0
        model[0].bias[4:] = 0.0
    x = torch.rand(300, 3)
    with watch(model, every=1, window=100) as monitor:
        for batch in x.split(50):
            model(batch).mean().backward()
    report = diagnose(model, x)
    loss, target = nn.functional.mse_loss, torch.zeros(300, 1)
    found = remedies.what_if(
        model,
        (x, target),
        loss,
        optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01),
        fixes={"draw anew": remedies.Reinit()},
        steps=2,
        seeds=2,
        progress=False,
    )
    assert "4 dead, 4 always" in health.report(report)[1]
    assert "4 of 8 dead" in health.unit_map(report)[1]
    assert "deaths 4, revivals 0" in health.timeline(monitor)[1]
    assert "draw anew: loss" in health.what_if(found)[1]
