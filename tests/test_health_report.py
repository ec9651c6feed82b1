"""What a report says: complete, in plain words, and never silent on what was not seen."""

from __future__ import annotations

import json
import math
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from health_oracle import mixed_, normal
from torch import nn

from helpers.health import CAUSES, STATES, Coverage, Report, diagnose
from helpers.stats import rule_of_three

Tensor = torch.Tensor
X = normal(1000, 4)


class Odd(nn.Module):
    """Every way in which a weight may not be judged, beside two layers that are."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.fc1, self.fc2 = nn.Embedding(9, 4), nn.Linear(4, 12), nn.Linear(12, 12)
        self.attention = nn.MultiheadAttention(12, 2, batch_first=True)
        self.gru, self.cell = nn.GRU(12, 12, batch_first=True), nn.LSTMCell(12, 12)
        self.unused, self.square = nn.Linear(3, 3), nn.Linear(12, 12)
        self.bilinear, self.out = nn.Bilinear(12, 12, 3), nn.Linear(12, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu(self.fc1(x))
        x = F.leaky_relu(self.fc2(x), 0.2)
        y = self.gru(self.attention(*[x[:, None]] * 3)[0])[0][:, 0]
        y = self.square(y) ** 2
        return self.bilinear(x, self.cell(y)[0]), self.out(x)


@pytest.fixture(scope="module")
def report() -> Report:
    return diagnose(mixed_(Odd()), X, loss=lambda out, target: out[0][:, 0].sum())


def test_no_weight_is_left_unmentioned(report: Report) -> None:
    coverage = report.coverage
    told = [*coverage.judged, *coverage.outputs, *coverage.others]
    weights = {name for name, p in Odd().named_parameters() if p.ndim > 1}
    assert sorted(told) == sorted(weights - {"table.weight"})  # a table has no units
    assert coverage.judged == ("fc1.weight", "fc2.weight")
    assert coverage.outputs == ("out.weight",)
    assert coverage.others == {
        "attention.in_proj_weight": "attention has no activation behind its weights",
        "attention.out_proj.weight": "attention has no activation behind its weights",
        "gru.weight_ih_l0": coverage.others["cell.weight_ih"],
        "gru.weight_hh_l0": coverage.others["cell.weight_ih"],
        "cell.weight_ih": coverage.others["cell.weight_hh"],
        "cell.weight_hh": "its gates work inside one call; they are sigmoid and tanh, which do "
        "not die",
        "unused.weight": "not used in these passes, or not in a product that is known",
        "square.weight": "no activation follows it",
        "bilinear.weight": "not used in these passes, or not in a product that is known",
    }
    assert coverage.unread["bilinear.weight"] == 2
    assert coverage.unread["unused.weight"] == 3


def test_text(report: Report) -> None:
    text = str(report)
    lines = text.splitlines()
    assert lines[0] == "Odd, eval mode, judged on N = 1,000 examples"
    assert lines[2].split()[:3] == ["site", "units", "dead"]
    dead = int(report["fc1"].dead.sum())
    assert dead > 0
    row = next(line for line in lines if line.startswith("fc1.weight -> relu @ test_health_report"))
    assert row.split()[5:7] == ["12", str(dead)]
    assert "N = 1,000 examples, at an activation that is level there" in text
    assert f"fewer than {rule_of_three(1000):.2%} of such examples, at 95 % confidence" in text
    assert f"{dead} dead, cause: bias ({CAUSES['bias']})" in text
    for name in [*report.coverage.outputs, *report.coverage.others]:
        assert name in text, name
    assert "unused.weight (3 of its units get no gradient)" in text


def test_all_of_it_is_ready_for_json(report: Report) -> None:
    given = report.to_dict()
    assert json.loads(json.dumps(given, allow_nan=False)) == given
    assert given["examples"] == 1000
    assert given["model"] == "Odd"
    assert given["mode"] == "eval"
    assert given["sites"][0]["states"] == {
        state: int((report.sites[0].states == state).sum())
        for state in dict.fromkeys(report.sites[0].states)
    }
    assert len(given["units"]) == 24
    assert given["coverage"]["others"] == report.coverage.others
    assert given["thresholds"].keys() == {"near_dead", "dormant", "saturated", "always_on"}


def test_nan_is_none_in_json() -> None:
    bad = mixed_(nn.Sequential(nn.Linear(4, 3), nn.ReLU()))
    with torch.no_grad():
        bad[0].weight[1] = torch.nan
    report = diagnose(bad, X)
    given = report.to_dict()
    json.dumps(given, allow_nan=False)
    assert given["loss"] is None
    assert given["units"][1]["active_share"] is None
    assert given["units"][1]["cause"] == "not finite"
    assert "1 not finite, cause: not finite" in str(report)


def test_units(report: Report) -> None:
    assert [unit.index for unit in report.units] == [*range(12)] * 2
    for unit in report.units:
        site = report[unit.site]
        assert unit.state == site.states[unit.index]
        assert unit.state in STATES
        assert unit.cause in CAUSES or unit.cause == ""
        never = site.active_share[unit.index] == 0
        assert unit.bound == (rule_of_three(1000) if never else 1.0)
        assert unit.top == site.top[unit.index]
    assert report.dead == sum(unit.state == "dead" for unit in report.units) > 0
    assert report.units is report.units


def test_sites_by_name(report: Report) -> None:
    assert report["fc1"] is report["fc1.weight"] is report.sites[0]
    assert report[report.sites[1].name] is report.sites[1]
    with pytest.raises(KeyError, match=r"2 sites begin with 'fc'; there are 'fc1\.weight -> relu"):
        report["fc"]
    with pytest.raises(KeyError, match="0 sites begin with 'conv'"):
        report["conv"]


def test_the_full_name_wins_over_what_begins_so() -> None:
    class Twice(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.cat([F.relu(x), F.relu(-x[:, :2])], 1)

    report = diagnose(Twice(), X)
    first, second = (site.name for site in report.sites)
    assert second == f"{first} #2"
    assert report[first] is report.sites[0]


def test_to_frame(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = []
    pandas = SimpleNamespace(DataFrame=lambda given: rows.extend(given) or "a table")
    monkeypatch.setitem(sys.modules, "pandas", pandas)
    assert report.to_frame() == "a table"
    assert rows == report.to_dict()["units"]
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install pandas\. to_dict gives the same"):
        report.to_frame()


def test_to_frame_of_pandas_itself(report: Report) -> None:
    pandas = pytest.importorskip("pandas")
    frame = report.to_frame()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame["state"]) == [unit.state for unit in report.units]


def test_without_any_activation() -> None:
    report = diagnose(nn.Linear(4, 3).double(), X)
    assert str(report) == (
        "Linear: no activation was seen on 1,000 examples.\n"
        "no activation behind them, not judged: weight"
    )
    assert math.isnan(report.loss)
    assert report.units == []
    assert str(diagnose(nn.Identity(), X)) == "Identity: no activation was seen on 1,000 examples."


def test_a_healthy_network_is_told_in_a_few_lines() -> None:
    report = diagnose(nn.ReLU(), X)
    assert str(report).splitlines() == [
        "ReLU, eval mode, judged on N = 1,000 examples",
        "",
        "site       units  dead  healthy",
        "? -> relu      4     .        4",
    ]


def test_many_weights_for_one_reason_are_not_all_written_out() -> None:
    others = {f"layer{k}.weight": "left out by layers" for k in range(12)}
    text = str(Coverage(others=others, notes=("one thing", "another")))
    assert text.splitlines() == [
        "not covered, left out by layers: "
        + ", ".join(f"layer{k}.weight" for k in range(8))
        + " and 4 more",
        "note: one thing",
        "note: another",
    ]
    assert str(Coverage()) == ""


def test_numbers_come_as_arrays(report: Report) -> None:
    for site in report.sites:
        for word in ("active_share", "on_share", "dormancy", "top", "dead", "stuck", "blocked"):
            assert isinstance(getattr(site, word), np.ndarray)
            assert getattr(site, word).shape == (12,)


def test_places_in_cells_of_a_notebook() -> None:
    source = "import torch\nclass Net(torch.nn.Module):\n    def forward(self, x): return x.relu()"
    scope: dict = {}
    exec(compile(source, "ipykernel_123/456.py", "exec"), scope)
    assert diagnose(scope["Net"](), X).sites[0].name == "? -> relu @ cell:3"
