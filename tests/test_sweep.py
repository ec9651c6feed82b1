"""Sweeps: the same numbers wherever they are computed, and nothing computed twice."""

from __future__ import annotations

import functools
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import activations, initializers
from helpers import sweep as module
from helpers.datasets import moons
from helpers.fleet import Fleet, grid
from helpers.sweep import Sweep, sweep, train_fleet
from helpers.training import SGD, Adam

X, Y = moons(60, noise=0.1, seed=0)
TRAINING = {"sizes": [2, 7, 2], "x": X, "y": Y, "optimizer": Adam(0.01), "epochs": 3}
ARMS = grid(slope=[0, 0.1], bias=[0, -1])


def noted(seeds, log, slope=0.0):
    """Leave a line for each call, from whatever process, and return what tells the networks."""
    with Path(log).open("a") as file:
        file.write(f"{slope} {seeds}\n")
    rows = [np.random.default_rng(seed).normal(size=3) + slope for seed in seeds]
    return {"seed": np.array(seeds), "rows": np.array(rows)}


def interrupted(seeds, log, at, slope=0.0):
    if calls(log) == at:
        raise KeyboardInterrupt
    return noted(seeds, log, slope)


def dying(seeds, log, marker, slope=0.0):
    """End the process on the first call of all."""
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return noted(seeds, log, slope)
    os._exit(1)


def deadly(seeds, slope):
    if slope == 2:
        os._exit(1)
    return {"seed": np.array(seeds)}


def failing(seeds, log, slope):
    if slope == 2 and 3 in seeds:
        raise UnpicklableError("no", "way")
    return noted(seeds, log, slope)


def threads(seeds):
    return {"threads": np.full(len(seeds), torch.get_num_threads())}


class UnpicklableError(Exception):
    def __init__(self, first, second):
        super().__init__(f"{first} {second}")


def calls(log) -> int:
    return len(Path(log).read_text().splitlines()) if Path(log).exists() else 0


def same(one: Sweep, other: Sweep) -> bool:
    """Whether two results are the same to the last bit."""
    assert one.arrays.keys() == other.arrays.keys()
    return all(
        one[name].dtype == other[name].dtype
        and one[name].shape == other[name].shape
        and one[name].tobytes() == other[name].tobytes()
        for name in one.arrays
    )


@pytest.fixture
def log(tmp_path: Path) -> str:
    return str(tmp_path / "calls.txt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "new" / "folder"


# --- results ---


def test_results_are_in_the_order_of_grid_and_seeds(log):
    seeds = [5, 3, 8, 0, 1, 2, 9]
    result = sweep({"slope": [0.5, 0.25, 1]}, seeds, noted, log=log, chunk=3)
    assert calls(log) == 9
    assert result["rows"].shape == (3, 7, 3)
    assert result.seeds == seeds
    for arm, slope in enumerate(result.grid["slope"]):
        assert result["seed"][arm].tolist() == seeds
        for number, seed in enumerate(seeds):
            expected = np.random.default_rng(seed).normal(size=3) + slope
            assert result["rows"][arm, number].tobytes() == expected.tobytes()


def test_a_sweep_of_fleets_is_what_a_fleet_does():
    result = sweep(ARMS, 4, **TRAINING, test=(X, Y), record=["loss", "units", "gradients"])
    fleet = Fleet([2, 7, 2], seeds=4, **ARMS)
    history = fleet.fit(
        X,
        Y,
        optimizer=Adam(0.01),
        epochs=3,
        test=(X, Y),
        record=["loss", "units", "gradients"],
    )
    assert result["steps"][3, 3].tolist() == history.steps.tolist()
    for name in ("loss", "accuracy", "test_loss", "test_accuracy", "gradient_norm"):
        expected = np.moveaxis(getattr(history, name), 0, 2)
        np.testing.assert_allclose(result[name], expected, rtol=1e-9)
    for state in ("always_off", "dead", "always_negative", "stuck"):
        np.testing.assert_array_equal(result[state], np.moveaxis(history.share(state), 0, 2))
    assert result["diverged_at"].shape == (4, 4)
    assert repr(result).startswith("Sweep of 4 arms x 4 seeds over slope, bias: steps, loss")


def test_loky_computes_the_same_bits():
    """With two threads here, which a chunk must not use."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        here = sweep(ARMS, 5, chunk=3, **TRAINING)
        assert sweep({}, 2, threads)["threads"].tolist() == [[1, 1]]
        assert torch.get_num_threads() == 2
        there = sweep(ARMS, 5, chunk=3, backend="loky", workers=2, **TRAINING)
    finally:
        torch.set_num_threads(before)
    assert same(here, there)
    found = sweep({}, 2, threads, chunk=1, backend="loky", workers=2)
    assert found["threads"].tolist() == [[1, 1]]


def test_another_chunk_moves_a_fleet_in_its_last_digits_only(log):
    fleets = [sweep(ARMS, 5, chunk=chunk, **TRAINING) for chunk in (5, 2)]
    for name in fleets[0].arrays:
        np.testing.assert_allclose(fleets[0][name], fleets[1][name], rtol=1e-9)
    own = [sweep({}, 5, noted, log=log, chunk=chunk) for chunk in (1, 2, 20)]
    assert same(own[0], own[1])
    assert same(own[0], own[2])
    assert repr(own[0]) == "Sweep of 1 arm x 5 seeds: seed, rows"


def test_a_run_may_use_its_memory_again():
    room = np.zeros(2)

    def run(seeds):
        room[:] = seeds
        return {"seed": room}

    assert sweep({}, 4, run, chunk=2)["seed"].tolist() == [[0, 1, 2, 3]]


# --- storing ---


def test_a_finished_chunk_is_never_computed_again(log, folder):
    first = sweep({"slope": [0, 0.5]}, 6, noted, log=log, chunk=2, folder=folder)
    assert calls(log) == 6
    again = sweep({"slope": [0, 0.5]}, 6, noted, log=log, chunk=2, folder=str(folder))
    assert calls(log) == 6
    assert same(first, again)
    # More seeds and more arms cost only what is new.
    more = sweep({"slope": [0.5, 0, 2]}, 8, noted, log=log, chunk=2, folder=folder)
    assert calls(log) == 6 + 4 + 2
    assert more["rows"][0, :6].tobytes() == first["rows"][1].tobytes()
    assert more["seed"].tolist() == [list(range(8))] * 3


def test_what_is_stored_can_be_read_by_others(log, folder):
    sweep({"slope": [0.5]}, 4, noted, log=log, chunk=2, folder=folder)
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) == 4  # two chunks of two files, and nothing temporary
    for note in folder.glob("*.json"):
        told = json.loads(note.read_text())
        assert told["chunk"]["settings"] == {"mapping": [["slope", 0.5]]}
        assert told["arrays"]["rows"] == ["float64", [2, 3]]
        assert set(told["versions"]) == {"relu-course", "numpy", "torch"}
        with np.load(note.with_suffix(".npz"), allow_pickle=False) as arrays:
            assert arrays["seed"].tolist() == told["chunk"]["seeds"]


@pytest.mark.parametrize("at", [0, 1, 3, 5])
def test_an_interrupted_sweep_goes_on_from_what_it_has_stored(log, folder, at, monkeypatch):
    settings = {"folder": folder, "chunk": 2, "log": log}
    with pytest.raises(KeyboardInterrupt):
        sweep({"slope": [0, 1]}, 6, interrupted, at=at, **settings)
    assert calls(log) == len(list(folder.glob("*.json"))) == at
    # The task has changed, and with it the digest; the same task is resumed below.
    whole = sweep({"slope": [0, 1]}, 6, noted, log=log, chunk=2)
    before = calls(log)
    monkeypatch.setattr(sys.modules[__name__], "calls", lambda log: -1)
    resumed = sweep({"slope": [0, 1]}, 6, interrupted, at=at, **settings)
    monkeypatch.undo()
    assert calls(log) - before == 6 - at
    assert same(resumed, whole)


def test_a_sweep_cut_off_while_it_writes_leaves_nothing_half_done(log, folder, monkeypatch):
    replace, done = os.replace, []

    def cut(source, target):
        if len(done) == 3:  # the second chunk's .npz is there, its .json is not
            raise KeyboardInterrupt
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        sweep({}, 6, noted, log=log, chunk=2, folder=folder)
    monkeypatch.undo()
    assert sorted(path.suffix for path in folder.iterdir()) == [".json", ".npz", ".npz"]
    sweep({}, 6, noted, log=log, chunk=2, folder=folder)
    assert calls(log) == 2 + 2


@pytest.mark.parametrize("damage", ["short", "altered", "gone", "no note", "no json", "foreign"])
def test_a_torn_or_foreign_file_is_recognised(log, folder, damage):
    whole = sweep({}, 4, noted, log=log, chunk=2, folder=folder)
    npz = min(folder.glob("*.npz"))
    note, data = npz.with_suffix(".json"), npz.read_bytes()
    if damage == "short":
        npz.write_bytes(data[:-30])
    elif damage == "altered":
        npz.write_bytes(data[:200] + bytes([data[200] ^ 1]) + data[201:])
    elif damage == "gone":
        npz.unlink()
    elif damage == "no note":
        note.unlink()
    elif damage == "no json":
        note.write_text("[]" if len(data) % 2 else "{half")
    else:  # another chunk's files under this name
        other = max(folder.glob("*.npz"))
        npz.write_bytes(other.read_bytes())
        note.write_bytes(other.with_suffix(".json").read_bytes())
    assert same(sweep({}, 4, noted, log=log, chunk=2, folder=folder), whole)
    assert calls(log) == 3
    assert same(sweep({}, 4, noted, log=log, chunk=2, folder=folder), whole)
    assert calls(log) == 3


def test_the_folder_may_be_shared_by_other_sweeps(folder):
    def files():
        return len(list(folder.glob("*.json")))

    task = TRAINING | {"epochs": 1, "folder": folder}
    nearly = X.copy()
    nearly[0, 0] = np.nextafter(nearly[0, 0], 9)
    sweep({"slope": [0.1]}, 2, **task)
    changes = [
        {"epochs": 2},
        {"x": nearly},
        {"optimizer": SGD(0.1)},
        {"optimizer": Adam(0.02)},
        {"activation": "leaky_relu"},
        {"activation": activations.prelu(0.25)},
        {"initializer": initializers.he},
        {"initializer": functools.partial(initializers.he, slope=0.1)},
        {"dtype": np.float32},
    ]
    for number, change in enumerate(changes, 2):
        sweep({"slope": [0.1]}, 2, **task | change)
        assert files() == number, change
    # The order of settings, and whether one is in the grid as a list or an array, is nothing new.
    for arms in (grid(slope=[0.1], bias=[0.5]), grid(bias=[0.5], slope=np.array([0.1]))):
        sweep(arms, 2, **dict(reversed(task.items())))
    assert files() == len(changes) + 2


def test_a_changed_function_begins_anew(folder, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for number, factor in enumerate((1, 2), 1):
        source = (
            f"import numpy\ndef run(seeds):\n    return {{'x': {factor} * numpy.array(seeds)}}\n"
        )
        (tmp_path / f"version{number}.py").write_text(source)
        run = __import__(f"version{number}").run
        run.__module__ = "version"
        assert sweep({}, 3, run, folder=folder)["x"].tolist() == [[0, factor, 2 * factor]]
        assert len(list(folder.glob("*.json"))) == number


def test_nan_is_a_setting_like_others(log, folder):
    for _ in range(2):
        sweep({"slope": [np.nan]}, 2, noted, log=log, folder=folder)
    assert calls(log) == 1


@pytest.mark.parametrize("value", [object(), np.array([None]), lambda: None, max, {1}])
def test_what_cannot_be_described_is_not_stored(folder, value):
    kept = [value]
    if callable(value) and value is not max:
        value = lambda: kept  # noqa: E731
    with pytest.raises(TypeError, match="to store a sweep, task must be made of"):
        sweep({}, 2, train_fleet, **TRAINING | {"loss": value}, folder=folder)


def test_a_function_whose_source_is_unknown_is_not_stored(folder):
    space = {}
    exec("def run(seeds): return {'x': __import__('numpy').array(seeds)}", space)
    assert sweep({}, 2, space["run"])["x"].tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="source of run cannot be read"):
        sweep({}, 2, space["run"], folder=folder)


# --- when something fails ---


@pytest.mark.parametrize("where", [{}, {"backend": "loky", "workers": 2}])
def test_an_error_tells_the_call_and_keeps_what_is_done(log, folder, where):
    says = r"failing\(\[2, 3\], slope=2\) failed: UnpicklableError: no way"
    with pytest.raises(RuntimeError, match=says):
        sweep({"slope": [0, 2]}, 4, failing, log=log, chunk=2, folder=folder, **where)
    stored = len(list(folder.glob("*.json")))
    assert stored == 3 if not where else stored <= 3
    before = calls(log)
    sweep({"slope": [0]}, 4, failing, log=log, chunk=2, folder=folder)
    if not where:
        assert calls(log) == before == 3


def test_a_dead_workers_share_is_redone(log, folder, tmp_path):
    settings = {"log": log, "chunk": 2, "folder": folder}
    marker = str(tmp_path / "marker")
    result = sweep(
        {"slope": [0, 1]}, 6, dying, marker=marker, backend="loky", workers=2, **settings
    )
    assert Path(marker).exists()
    assert same(result, sweep({"slope": [0, 1]}, 6, noted, log=str(tmp_path / "b"), chunk=2))
    assert len(list(folder.glob("*.json"))) == 6


def test_a_chunk_that_kills_every_worker_is_given_up(folder, monkeypatch):
    monkeypatch.setattr(module, "DEATHS", 2)  # of 3, for speed
    settings = {"backend": "loky", "workers": 2, "folder": folder}
    with pytest.raises(RuntimeError, match=r"died 2 times in a row, .*deadly\(\[0, 1\], slope=2\)"):
        sweep({"slope": [2, 0, 1]}, 2, deadly, **settings)
    assert sweep({"slope": [0, 1]}, 2, deadly, folder=folder)["seed"].shape == (2, 2)


def test_the_progress_bar_counts_what_was_stored(log, folder, monkeypatch):
    seen = []

    class Bar(module.tqdm):
        def __init__(self, *args, **settings):
            seen.append(settings)
            super().__init__(*args, **settings)

        def close(self):
            seen.append(self.n)
            super().close()

    monkeypatch.setattr(module, "tqdm", Bar)
    sweep({}, 4, noted, log=log, chunk=2, folder=folder)
    sweep({}, 10, noted, log=log, chunk=2, folder=folder)
    told = [entry["initial"] for entry in seen if isinstance(entry, dict)]
    assert told == [0, 2]
    assert [entry["total"] for entry in seen if isinstance(entry, dict)] == [2, 5]
    assert [entry["delay"] for entry in seen if isinstance(entry, dict)] == [2, 2]


# --- wrong inputs ---


def identity(seeds, slope=0.0):
    return {"seed": np.array(seeds)}


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"grid": [1, 2]}, TypeError, "grid must be a mapping"),
        ({"grid": {1: [2]}}, ValueError, "cannot be a setting"),
        ({"grid": {"seeds": [2]}}, ValueError, "'seeds' cannot be a setting"),
        ({"grid": {"slope": [2]}, "slope": 1}, ValueError, "'slope' cannot be a setting"),
        ({"grid": {"slope": 0.1}}, TypeError, "slope must be a list of values, one an arm; got 0"),
        ({"grid": {"slope": "relu"}}, TypeError, "slope must be a list"),
        ({"grid": {"a": [1], "b": [1, 2]}}, ValueError, "got a 1, b 2. To cross them"),
        ({"grid": {"slope": []}}, ValueError, "at least one; got slope 0"),
        ({"seeds": 0}, ValueError, "seeds must be a whole number of at least 1; got 0"),
        ({"seeds": [1, 1]}, ValueError, "seeds must be different"),
        ({"chunk": 0}, ValueError, "chunk must be a whole number"),
        ({"backend": "threads"}, ValueError, "one of None, 'sequential', 'loky', 'dask'; got"),
        ({"workers": 2}, ValueError, 'workers goes with backend="loky"'),
        ({"workers": 0, "backend": "loky"}, ValueError, "workers must be a whole number"),
        ({"run": 3}, TypeError, "run must be a function"),
        ({"grid": {"bias": [1]}}, TypeError, r"run\(seeds, bias=...\): got an unexpected"),
    ],
)
def test_wrong_inputs_are_told(given, error, says):
    settings = {"grid": {"slope": [0, 1]}, "seeds": 3, "run": identity} | given
    with pytest.raises(error, match=says):
        sweep(**settings)


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (None, "TypeError: run must return a dict of arrays of numbers, each of shape"),
        ({}, "got {}"),
        ({"a": np.array(["x", "y"])}, "a has the type <U1"),
        ({"a": [1, None]}, "a has the type object"),
        ({"a": 3.0}, r"a has the shape \(\)"),
        ({"a": np.zeros((3, 2))}, r"shape \(2, ...\), a row for each seed; a has the shape \(3, 2"),
        ({"a/b": np.zeros(2)}, "'a/b' cannot be the name"),
        ({"": np.zeros(2)}, "'' cannot be the name"),
        ({"file": np.zeros(2)}, "'file' cannot be the name"),
    ],
)
def test_wrong_results_are_told(returned, says):
    with pytest.raises(RuntimeError, match=says):
        sweep({}, 2, lambda seeds: returned)


def test_arms_must_return_the_same(log):
    def run(seeds, width):
        return {"a": np.zeros((len(seeds), width))}

    with pytest.raises(ValueError, match=r"same names, types and shapes .* {'width': 3}"):
        sweep({"width": [2, 2, 3]}, 2, run)


def test_train_fleet_tells_what_it_takes():
    with pytest.raises(RuntimeError, match=r"no setting epoch; it takes .*activation, .*epochs"):
        sweep({}, 2, epoch=3, **TRAINING)
    with pytest.raises(ValueError, match="give a run of your own"):
        train_fleet([0], **TRAINING, record=["parameters"])


def test_an_array_that_is_not_there(log):
    with pytest.raises(KeyError, match="no array 'loss': there are seed, rows"):
        sweep({}, 2, noted, log=log)["loss"]


@pytest.mark.parametrize(("backend", "needs"), [("loky", "joblib"), ("dask", "distributed")])
def test_a_missing_back_end_is_told(monkeypatch, backend, needs):
    monkeypatch.setitem(sys.modules, needs, None)
    with pytest.raises(ImportError, match=rf'needs {needs}: pip install "relu-course\['):
        sweep({}, 2, identity, backend=backend)


def test_names_of_arrays_may_be_words_as_figures_show_them(tmp_path):
    def run(seeds):
        return {"leaky 0.1, digits": np.array(seeds), "mean ± 2": np.ones(len(seeds))}

    for _ in range(2):
        found = sweep({}, 4, run, folder=tmp_path, chunk=2, progress=False)
        assert found["leaky 0.1, digits"].tolist() == [[0, 1, 2, 3]]
        assert found["mean ± 2"].tolist() == [[1, 1, 1, 1]]
