"""Sweeps on a real Dask cluster: two worker processes on loopback. Run by `make test-cluster`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import sweep as module
from helpers.datasets import moons
from helpers.fleet import grid
from helpers.sweep import Sweep, sweep
from helpers.training import Adam

distributed = pytest.importorskip("distributed", reason="not installed: run make test-cluster")

X, Y = moons(60, noise=0.1, seed=0)
TRAINING = {"sizes": [2, 7, 2], "x": X, "y": Y, "optimizer": Adam(0.01), "epochs": 3}
ARMS = grid(slope=[0, 0.1], bias=[0, -1])


@contextmanager
def started(workers: int) -> Iterator[distributed.LocalCluster]:
    """Start worker processes, which are started again where they die, and connect to them."""
    with (
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port; without bokeh no dashboard
        ) as cluster,
        distributed.Client(cluster),
    ):
        yield cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[distributed.LocalCluster]:
    with started(2) as cluster:
        yield cluster


def noted(seeds, calls, slope):
    """Leave a file for each call, and return what tells the networks."""
    name = f"{slope} {seeds}"
    before = sum(path.name.startswith(name) for path in Path(calls).iterdir())
    (Path(calls) / f"{name} {before}").touch(exist_ok=False)
    rows = [np.random.default_rng(seed).normal(size=3) + slope for seed in seeds]
    return {"seed": np.array(seeds), "rows": np.array(rows)}


def where(seeds):
    facts = [distributed.get_worker().name, os.getpid(), torch.get_num_threads()]
    return {"facts": np.array([facts] * len(seeds))}


def dying(seeds, calls, marker, slope):
    """End worker 0 on its first call."""
    if distributed.get_worker().name == 0:
        try:
            Path(marker).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os._exit(1)
    return noted(seeds, calls, slope)


def deadly(seeds, slope):
    if slope == 2:
        os._exit(1)
    return {"seed": np.array(seeds)}


def failing(seeds, slope):
    if slope == 2:
        raise ZeroDivisionError("no way")
    return {"seed": np.array(seeds)}


def same(one: Sweep, other: Sweep) -> bool:
    """Whether two results are the same to the last bit."""
    assert one.arrays.keys() == other.arrays.keys()
    return all(
        one[name].shape == other[name].shape and one[name].tobytes() == other[name].tobytes()
        for name in one.arrays
    )


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    calls = tmp_path / "calls"
    calls.mkdir()
    return calls


def counted(calls: Path) -> dict[str, int]:
    """Count the calls for each chunk."""
    names = [path.name.rpartition(" ")[0] for path in calls.iterdir()]
    return {name: names.count(name) for name in sorted(names)}


def test_a_sweep_without_a_client_says_how_to_get_one():
    with pytest.raises(ValueError, match="first create a Dask Client"):
        sweep({"slope": [0, 1]}, 2, failing, backend="dask")


def test_one_worker_computes_too():
    """Alone, joblib would compute here."""
    with started(1):
        facts = sweep({}, 3, where, chunk=1, backend="dask")["facts"][0]
    assert set(facts[:, 0]) == {0}
    assert os.getpid() not in facts[:, 1]


def test_two_processes_compute_the_same_bits_as_one(cluster):
    facts = sweep({}, 20, where, chunk=1, backend="dask")["facts"][0]
    assert set(facts[:, 0]) == {0, 1}
    assert len(set(facts[:, 1]) - {os.getpid()}) == 2
    assert set(facts[:, 2]) == {1}
    there = sweep(ARMS, 5, chunk=2, backend="dask", **TRAINING)
    assert same(there, sweep(ARMS, 5, chunk=2, **TRAINING))


def test_a_dead_workers_share_is_redone(cluster, calls, tmp_path):
    marker, folder = tmp_path / "marker", tmp_path / "stored"
    settings = {"chunk": 2, "calls": str(calls), "marker": str(marker)}
    result = sweep({"slope": [0, 1]}, 8, dying, backend="dask", folder=folder, **settings)
    assert marker.exists()
    assert len(list(folder.glob("*.json"))) == 8
    counts = counted(calls)
    assert len(counts) == 8
    # All of it is stored: nothing is left for anybody to do.
    again = sweep({"slope": [0, 1]}, 8, dying, folder=folder, **settings)
    assert counted(calls) == counts
    assert same(result, again)
    alone = tmp_path / "alone"
    alone.mkdir()
    assert same(result, sweep({"slope": [0, 1]}, 8, noted, chunk=2, calls=str(alone)))


def test_an_interrupted_sweep_goes_on_from_what_it_has_stored(
    cluster, calls, tmp_path, monkeypatch
):
    folder, save, stored = tmp_path / "stored", module._Store.save, []

    def until_the_third(store, chunk, arrays):
        if len(stored) == 3:
            raise KeyboardInterrupt
        stored.append(f"{chunk.settings['slope']} {chunk.seeds}")
        save(store, chunk, arrays)

    settings = {"chunk": 2, "calls": str(calls), "folder": folder, "backend": "dask"}
    monkeypatch.setattr(module._Store, "save", until_the_third)
    with pytest.raises(KeyboardInterrupt):
        sweep({"slope": [0, 1]}, 8, noted, **settings)
    monkeypatch.undo()
    assert len(list(folder.glob("*.json"))) == 3
    result = sweep({"slope": [0, 1]}, 8, noted, **settings)
    counts = counted(calls)
    assert len(counts) == 8
    assert [counts[name] for name in stored] == [1, 1, 1]
    assert result["seed"].tolist() == [list(range(8))] * 2


def test_an_error_tells_the_call(cluster):
    with pytest.raises(RuntimeError, match=r"failing\(\[0, 1\], slope=2\) failed: ZeroDivisionE"):
        sweep({"slope": [0, 2]}, 2, failing, backend="dask")


def test_a_chunk_that_kills_every_worker_is_given_up(cluster, tmp_path, monkeypatch):
    """Alone, joblib would wait for ever."""
    monkeypatch.setattr(module, "DEATHS", 1)
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 1)
    with pytest.raises(RuntimeError, match=r"workers died 1 times in a row, .* deadly\(\[0, 1\]"):
        sweep({"slope": [2, 0]}, 2, deadly, backend="dask", folder=tmp_path)
    assert len(list(tmp_path.glob("*.json"))) <= 1
