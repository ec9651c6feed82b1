"""What notebooks only draw is measured fairly, kept, and stored so that it can be read again."""

from __future__ import annotations

import datetime
import doctest
import importlib
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

from experiments import __main__ as command
from experiments import fair, results
from helpers import sweep as sweep_module
from helpers.datasets import files, measured

ROOT = Path(__file__).resolve().parents[1]
RATES, TUNING, SEEDS = [0.1, 0.2, 0.4], [10, 11, 12], [0, 1, 2, 3]
BEST = {"one": 0.2, "other": 0.4}  # the rate at which each arm does best on validation examples


def noted(seeds, learning_rate, arm, log, test=0.0):
    """Do best at the rate of BEST; leave a line for each call."""
    with Path(log).open("a") as file:
        file.write(f"{arm} {learning_rate} {seeds}\n")
    (seed,) = seeds  # one at a time
    distance = abs(learning_rate - BEST[arm])
    return {
        "tune": np.array([1 - distance + seed / 1000]),
        "test": np.array([distance + seed + test]),  # best where tuning is worst
        "steps": np.array([1_234_567]),
    }


def failing(seeds, learning_rate, arm, log, at=()):
    """Have no score where `at` says so, else one that grows with the rate."""
    score = np.nan if at == "all" or (learning_rate, seeds[0]) in at else learning_rate
    return {"tune": np.array([score]), "test": np.array([score])}


def interrupted(seeds, learning_rate, arm, log):
    """End after five calls, once."""
    if calls(log) == 5 and not Path(f"{log}.again").exists():
        raise KeyboardInterrupt
    return noted(seeds, learning_rate, arm, log)


def calls(log) -> int:
    return len(Path(log).read_text().splitlines()) if Path(log).exists() else 0


@pytest.fixture
def log(tmp_path) -> str:
    return str(tmp_path / "calls.txt")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    """Keep runs and results of these tests apart, and run them in this process."""
    monkeypatch.setattr(fair, "ROOT", tmp_path)
    monkeypatch.setattr(results, "ROOT", tmp_path)
    here = sweep_module.sweep
    monkeypatch.setattr(fair, "sweep", lambda *args, **kw: here(*args, **kw | {"backend": None}))


ARMS = {"first": {"arm": "one"}, "second": {"arm": "other"}}


def compared(log, run=noted, arms=ARMS, rates=RATES, **task):
    task |= {"log": log}
    return fair.compare("trial", run, arms, rates, tuning_seeds=TUNING, seeds=SEEDS, **task)


def test_each_arm_is_tuned_on_the_same_grid_and_reported_on_fresh_seeds(log):
    found = compared(log)
    for label, settings in ARMS.items():
        arm = found["arms"][label]
        best = BEST[settings["arm"]]
        assert arm["rate"] == best
        assert np.shape(arm["tuning"]) == (len(RATES), len(TUNING))
        assert arm["test"] == SEEDS
        assert arm["steps"] == [1_234_567] * len(SEEDS)
        assert "tune" not in arm
        lines = [line for line in Path(log).read_text().splitlines() if line.startswith(arm["arm"])]
        tuning = [f"{arm['arm']} {rate} [{seed}]" for rate in RATES for seed in TUNING]
        assert lines == tuning + [f"{arm['arm']} {best} [{seed}]" for seed in SEEDS]
    assert (found["rates"], found["tuning_seeds"], found["seeds"]) == (RATES, TUNING, SEEDS)


def test_what_tuning_decides_does_not_hang_on_the_test(log):
    """Scores of the test are worst at the rate that tuning takes, and may be anything."""
    rates = {compared(log, test=test)["arms"]["first"]["rate"] for test in (0.0, 1e6, np.nan)}
    assert rates == {0.2}


def test_seeds_in_both_parts_are_refused(log):
    with pytest.raises(ValueError, match=r"must not be reported: \[3\] are in both"):
        fair.compare("trial", noted, ARMS, RATES, tuning_seeds=[3, 4], seeds=[2, 3], log=log)
    assert calls(log) == 0


@pytest.mark.parametrize("rates", [[], [0.2, 0.1], [0.1, 0.1]])
def test_rates_that_cannot_be(log, rates):
    with pytest.raises(ValueError, match="rates must be different and ascending"):
        compared(log, rates=rates)


@pytest.mark.parametrize("name", ["rate", "tuning", "test", "tune", "learning_rate"])
def test_a_setting_may_not_hide_a_result(log, name):
    with pytest.raises(ValueError, match=f"cannot be called {name}"):
        compared(log, arms={"first": {"arm": "one", name: 1}})


def test_a_result_may_not_hide_a_setting(log):
    def run(seeds, learning_rate, arm, log):
        return {"tune": np.zeros(1), "test": np.zeros(1), "arm": np.zeros(1)}

    with pytest.raises(ValueError, match="run returns arm: call it otherwise"):
        compared(log, run=run)


def test_a_rate_at_which_a_network_fails_is_not_taken(log):
    found = compared(log, run=failing, at=[(0.4, 11)])
    assert found["arms"]["first"]["rate"] == 0.2
    assert np.isnan(found["arms"]["first"]["tuning"][2][1])


def test_with_no_score_at_all_it_says_so(log):
    with pytest.raises(ValueError, match="no network has a score at any rate"):
        compared(log, run=failing, at="all")


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([[1.0, 3.0], [2.0, 2.0], [2.0, 2.1]], 2),
        ([[2.0, 2.0], [1.0, 3.0]], 0),  # of two alike the smaller rate
        ([[np.nan, 9.0], [1.0, 1.0]], 1),
        ([[np.inf, 9.0], [1.0, 1.0]], 1),
        ([[np.nan, np.nan], [np.nan, -5.0]], 1),
        ([[-3.0, -2.0], [-1.0, -9.0]], 0),
    ],
)
def test_the_best_rate(scores, expected):
    assert fair.best(np.array(scores)) == expected


def test_what_was_cut_off_goes_on_from_there(log, capsys):
    with pytest.raises(KeyboardInterrupt):
        compared(log, run=interrupted)
    assert calls(log) == 5
    before = capsys.readouterr().out
    assert "first (1 of 2): 3 rates x 3 seeds to tune, then 4 seeds" in before
    assert "goes on" not in before
    Path(f"{log}.again").touch()
    found = compared(log, run=interrupted)
    again = capsys.readouterr().out
    assert "goes on from runs kept in build/results/trial; delete it" in again
    assert calls(log) == 2 * (9 + 4)
    assert compared(log, run=interrupted) == found
    assert calls(log) == 2 * (9 + 4)
    assert found["arms"] == compared(log)["arms"]


def test_the_line_says_where_the_rate_is_at_an_end_of_the_grid(log, capsys):
    compared(log)
    out = capsys.readouterr().out
    assert "rate 0.2; test 1.5 on average" in out
    assert "rate 0.4, an end of the grid; test" in out


def test_runs_in_other_processes(log, monkeypatch):
    monkeypatch.setattr(fair, "sweep", sweep_module.sweep)
    found = fair.compare(
        "trial", noted, {"first": ARMS["first"]}, [0.2], tuning_seeds=[10], seeds=[0, 1], log=log
    )
    assert found["arms"]["first"]["test"] == [0, 1]
    assert calls(log) == 3


def test_report_prints_means_and_paired_differences(log, capsys):
    found = compared(log)
    capsys.readouterr()
    fair.report(found, against="first")
    first, second = capsys.readouterr().out.splitlines()
    assert "first" in first
    assert "rate 0.2" in first
    assert "minus first: 0.000 [0.000, 0.000]" in first
    assert "rate 0.4" in second
    found["arms"]["second"]["test"][1] = np.nan
    fair.report(found, against="first")
    fair.report(found, against="second")
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].endswith("1 of 4 have no score")
    assert "minus" not in lines[2]


def test_numbers_are_rounded_to_significant_digits():
    assert fair.rounded(np.array([123456.7, 0.000123456, -0.0, np.inf])) == [
        123460.0,
        0.00012346,
        0.0,
        np.inf,
    ]
    assert fair.rounded(np.zeros((2, 0))) == [[], []]
    assert fair.rounded(np.array([True, False])) == [True, False]
    assert fair.rounded(np.float32([1 / 3])) == [0.33333]


def test_the_examples_in_docstrings_run():
    failed, tried = doctest.testmod(fair)
    assert (failed, tried > 0) == (0, True)


# --- what is stored ---


def test_what_is_stored_can_be_read(tmp_path, monkeypatch, capsys):
    told = {
        "words": 'from [0,  1) to [2,\n3], {so} "it" is',
        "lists": [[1, 2.5], [3, None]],
        "empty": [[], {}],
        "arrays": {"array": np.arange(3), "float": np.float32(0.5), "nan": np.nan},
        "strings": ["a]  b", "c"],
    }
    results.store("trial", told)
    assert "stored in data/results/trial.json" in capsys.readouterr().out
    monkeypatch.setattr(files, "folder", lambda: tmp_path / "data")
    read = measured("trial")
    assert read["words"] == told["words"]
    assert read["lists"] == told["lists"]
    assert read["empty"] == told["empty"]
    assert read["strings"] == told["strings"]
    assert read["arrays"]["array"] == [0, 1, 2]
    assert read["arrays"]["float"] == 0.5
    assert np.isnan(read["arrays"]["nan"])
    assert read["date"] == datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    assert {"python", "numpy", "torch", "processor", "system"} <= read.keys()
    text = (tmp_path / "data/results/trial.json").read_text(encoding="utf-8")
    assert "  [1, 2.5],\n" in text
    assert [path.name for path in (tmp_path / "data/results").iterdir()] == ["trial.json"]


def test_what_cannot_be_stored_leaves_the_file_as_it_was(tmp_path):
    results.store("trial", {"a": 1})
    with pytest.raises(TypeError, match="made of numbers, strings, lists and dicts; got <object"):
        results.store("trial", {"a": object()})
    with pytest.raises(ValueError, match="date, numpy: store writes that by itself"):
        results.store("trial", {"date": "today", "numpy": "mine"})
    assert json.loads((tmp_path / "data/results/trial.json").read_text())["a"] == 1


# --- the experiments of the course ---


def test_every_experiment_has_a_command():
    assert {"race", "slopes"} <= set(command.names())
    assert not command.SHARED & set(command.names())
    for name in command.names():
        main = importlib.import_module(f"experiments.{name}").main
        (arguments,) = inspect.signature(main).parameters.values()
        assert arguments.default is None, name
        assert inspect.getdoc(importlib.import_module(f"experiments.{name}")), name


def test_the_command_runs_what_is_named(monkeypatch, capsys):
    ran = []
    for name in command.names():
        module = importlib.import_module(f"experiments.{name}")
        monkeypatch.setattr(module, "main", lambda given, name=name: ran.append((name, given)))
    command.main(["slopes", "race"])
    assert ran == [("slopes", ["--store"]), ("race", ["--store"])]
    assert "== slopes (1 of 2)\n== race (2 of 2)\n" in capsys.readouterr().out
    ran.clear()
    command.main([])
    assert [name for name, _ in ran] == command.names()
    with pytest.raises(SystemExit):
        command.main(["slopes", "rce"])
    assert "there is no experiment rce, but" in capsys.readouterr().err


STORED = sorted(path.stem for path in (ROOT / "data" / "results").glob("*.json"))
WRITERS = {
    path: path.read_text(encoding="utf-8")
    for folder in ("experiments", "benchmarks")
    for path in sorted((ROOT / folder).glob("*.py"))
}


@pytest.mark.parametrize("name", STORED)
def test_every_file_of_results_tells_who_writes_it_and_how(name):
    calls = rf'store\(\s*"{name}"', rf'^(\w+) = "{name}"$(?s:.*)store\(\1,'
    writers = [
        path
        for path, text in WRITERS.items()
        if any(re.search(call, text, re.MULTILINE) for call in calls)
    ]
    assert len(writers) == 1, f"one experiment or benchmark must call store({name!r}, ...)"
    told = measured(name)
    datetime.date.fromisoformat(told["date"])
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", told["numpy"])
    assert told["processor"]
    if writers[0].parent.name == "experiments":
        assert '"seeds"' in json.dumps(told), "say which seeds"
        assert "learning_rate" in json.dumps(told) or '"rates"' in json.dumps(told)
    assert not re.search(r"/(home|root|work|tmp)/", json.dumps(told)), "a path of a machine"
