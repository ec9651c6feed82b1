"""Sweeps: a grid of settings times many seeds, in this process, on all its cores, or on a cluster.

A sweep is cut into chunks, each of one setting and a block of seeds. What a chunk does is up to a
plain function; by default it trains a `Fleet`. Chunks are computed in any order, put together in
theirs, and stored one by one where a folder is given: a sweep that was cut off goes on from there.

>>> from helpers.datasets import moons
>>> from helpers.fleet import grid
>>> x, y = moons(200, noise=0.1, seed=0)
>>> result = sweep(grid(bias=[0, -4]), seeds=20, sizes=[2, 8, 2], x=x, y=y, epochs=10)
>>> result["accuracy"].shape  # arms, seeds, and a row for each epoch and the start
(2, 20, 11)

Needs torch; and joblib, or a Dask cluster, for more than one process.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib
import inspect
import io
import json
import os
import re
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from helpers.activations import Activation
from helpers.arguments import check_count, seed_list
from helpers.fleet import Fleet
from helpers.fleet.history import MEASURES, STATES

__all__ = ["Sweep", "sweep", "train_fleet"]

Arrays = dict[str, np.ndarray]
Run = Callable[..., Mapping[str, np.ndarray]]

IN_PROCESS = (None, "sequential")
BACKENDS = (*IN_PROCESS, "loky", "dask")
# Of an array: it becomes that of a file within an .npz, and an argument of np.savez, which has two
# arguments of its own.
NAME = re.compile(r"(?!(file|allow_pickle)$)[^\W_][^/\\\n]*")
# Deaths of workers in a row, with no chunk finished between them, after which a sweep gives up.
DEATHS = 3

FLEET_SETTINGS = inspect.signature(Fleet).parameters.keys() - {"sizes", "seeds"}
FIT_SETTINGS = inspect.signature(Fleet.fit).parameters.keys() - {"self", "x", "y", "progress"}


@dataclass(frozen=True, repr=False)
class Sweep:
    """What a sweep has found.

    Attributes
    ----------
    grid : dict of str to list
        The settings: one entry an arm.
    seeds : list of int
        The seeds, shared by all arms.
    arrays : dict of str to ndarray, shapes (arms, seeds, ...)
        What `run` returned, put together; ``result["accuracy"]`` is ``result.arrays["accuracy"]``.
    """

    grid: dict[str, list]
    seeds: list[int]
    arrays: Arrays

    def __getitem__(self, name: str) -> np.ndarray:
        """Return one of the arrays."""
        if name not in self.arrays:
            raise KeyError(f"no array {name!r}: there are {', '.join(self.arrays)}")
        return self.arrays[name]

    def __repr__(self) -> str:
        """Tell sizes, settings and the names of the arrays."""
        arms = max(map(len, self.grid.values()), default=1)
        over = f" over {', '.join(self.grid)}" if self.grid else ""
        return (
            f"Sweep of {arms} {'arm' if arms == 1 else 'arms'} x {len(self.seeds)} seeds{over}: "
            f"{', '.join(self.arrays)}"
        )


def train_fleet(
    seeds: Sequence[int], *, sizes: Sequence[int], x: ArrayLike, y: ArrayLike, **settings: Any
) -> Arrays:
    """Train a fleet of one arm, and return its history with the seeds first.

    Parameters
    ----------
    seeds : sequence of int
        One network each.
    sizes : sequence of int
        Inputs, units of each hidden layer, outputs.
    x, y : array_like
        Examples, shared by all networks.
    **settings
        Any of `Fleet` (such as slope, learning_rate, bias, activation) and of `Fleet.fit` (such as
        optimizer, epochs, record).

    Returns
    -------
    dict of str to ndarray, shapes (seeds, rows) or (seeds, rows, layers)
        steps, and whatever was recorded of loss, accuracy, test_loss, test_accuracy and
        gradient_norm; always_off, dead, always_negative and stuck as shares of each hidden layer's
        units; and diverged_at, of shape (seeds,).

    Raises
    ------
    TypeError, ValueError
        If a setting is unknown, or not in its range.

    Examples
    --------
    >>> from helpers.datasets import moons
    >>> x, y = moons(200, noise=0.1, seed=0)
    >>> found = train_fleet([0, 1, 2], sizes=[2, 8, 2], x=x, y=y, slope=0.1, epochs=5)
    >>> found["loss"].shape, found["dead"].shape
    ((3, 6), (3, 6, 1))
    """
    if unknown := settings.keys() - FLEET_SETTINGS - FIT_SETTINGS:
        raise TypeError(
            f"a fleet has no setting {', '.join(sorted(unknown))}; it takes "
            f"{', '.join(sorted(FLEET_SETTINGS | FIT_SETTINGS))}"
        )
    if "parameters" in settings.get("record", ()):
        raise ValueError(
            "a sweep does not keep the parameters of every network: give a run of your own, which "
            "returns what you need of them"
        )
    for_fleet = {name: settings.pop(name) for name in FLEET_SETTINGS & settings.keys()}
    fleet = Fleet(sizes, seeds=seeds, **for_fleet)
    history = fleet.fit(x, y, progress=False, **settings)
    rows = {"steps": np.repeat(history.steps[:, np.newaxis], len(seeds), axis=1)}
    rows |= {name: getattr(history, name)[:, 0] for name in MEASURES if len(getattr(history, name))}
    rows |= {name: history.share(name)[:, 0] for name in STATES if getattr(history, name)}
    found = {name: np.swapaxes(values, 0, 1) for name, values in rows.items()}
    return found | {"diverged_at": history.diverged_at[0]}


def sweep(
    grid: Mapping[str, Sequence[Any]],
    seeds: int | Sequence[int],
    run: Run = train_fleet,
    *,
    folder: str | os.PathLike | None = None,
    backend: str | None = None,
    workers: int | None = None,
    chunk: int = 20,
    progress: bool = True,
    **task: Any,
) -> Sweep:
    """Compute something for every setting of a grid and every seed, chunk by chunk.

    The result is the same to the last bit on every back end and with any number of workers, and
    whether it was computed in one go or resumed: torch is held to one thread in every chunk. It is
    so on one kind of processor, and with one and the same `chunk`: a fleet of another number of
    networks rounds otherwise in the last digit. NumPy's products have as many threads as
    OMP_NUM_THREADS says, in this process; one in the workers of "loky".

    Parameters
    ----------
    grid : mapping of str to sequence
        Settings, with one entry an arm: from `fleet.grid`, or all of one length. May be empty.
    seeds : int or sequence of int
        How many, from 0 on; or which.
    run : callable
        Computes a chunk: ``run(seeds, **settings, **task)`` gets a list of seeds and the settings
        of one arm, and returns a dict of arrays of numbers with the seeds on their first axis. The
        shapes behind that are the same for all arms. By default `train_fleet`.
    folder : path, optional
        Where each finished chunk is stored, at once, and looked for before anything is computed: a
        chunk found there is never computed again. See the notes.
    backend : {None, "sequential", "loky", "dask"}
        Where chunks are computed: in this process (the first two), in processes on this machine, or
        on the Dask cluster of the current ``distributed.Client``, where `helpers` is installed in
        the same versions. A chunk whose worker dies is computed again.
    workers : int, optional
        Processes of "loky"; by default as many as there are cores. 1 is this process.
    chunk : int
        Seeds in a chunk; the last one of an arm may have fewer.
    progress : bool
        Show a progress bar if it takes more than two seconds.
    **task
        Further arguments of `run`, the same for all chunks.

    Returns
    -------
    Sweep
        With arrays of shape (arms, seeds, ...), in the order of `grid` and `seeds`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not what is described here.
    RuntimeError
        If `run` fails: the message has the call that did. Or if workers die again and again. What
        was finished before stays stored.
    ImportError
        If the back end is not installed.

    Notes
    -----
    A stored chunk is an .npz file and a .json file, which tells what is in it and has the .npz
    file's checksum; one that is torn or altered is computed again. Both are named by a digest of
    settings, seeds, task and the source of `run`, so that sweeps may share a folder, and more seeds
    or arms can be added to one later. What `run` calls, and the versions of packages, are noted in
    the .json file at best, and not looked at: after a change there take a new folder.

    References
    ----------
    Dask and joblib: https://joblib.readthedocs.io/en/stable/parallel.html.

    Examples
    --------
    Any function will do:

    >>> def largest_weight(seeds, width, gain=1.0):
    ...     draws = [np.random.default_rng(seed).normal(size=width) for seed in seeds]
    ...     return {"largest": gain * np.max(draws, axis=1)}
    >>> result = sweep({"width": [10, 1_000]}, 50, largest_weight, gain=2.0, chunk=25)
    >>> result
    Sweep of 2 arms x 50 seeds over width: largest
    >>> result["largest"].mean(axis=1).round(1)
    array([2.9, 6.4])
    """
    arms = _arms(grid, task)
    seeds = seed_list(seeds)
    check_count(chunk, "chunk", 1)
    if backend not in BACKENDS:
        told = ", ".join(map(repr, BACKENDS))
        raise ValueError(f"backend must be one of {told}; got {backend!r}")
    if workers is not None:
        check_count(workers, "workers", 1)
        if backend != "loky":
            raise ValueError(f'workers goes with backend="loky"; got it with backend={backend!r}')
    _check_call(run, arms[0], task)
    blocks = [seeds[start : start + chunk] for start in range(0, len(seeds), chunk)]
    chunks = [_Chunk(settings, block) for settings in arms for block in blocks]
    store = None if folder is None else _Store(Path(folder), run, task)
    found: dict[int, Arrays] = {}
    for number, one in enumerate(chunks):
        if store is not None and (arrays := store.load(one)) is not None:
            found[number] = arrays
    missing = {number: one for number, one in enumerate(chunks) if number not in found}
    first = next(iter(found.values()), None)
    with (
        tqdm(
            total=len(chunks),
            initial=len(found),
            desc="sweep",
            delay=2,
            leave=False,
            disable=not progress,
        ) as bar,
        closing(_results(missing, run, task, backend, workers)) as results,
    ):
        for number, arrays in results:
            first = arrays if first is None else first
            _check_alike(arrays, first, chunks[number])
            if store is not None:
                store.save(chunks[number], arrays)
            found[number] = arrays
            bar.update()
    whole = {}
    for name in first:
        rows = np.concatenate([found[number][name] for number in range(len(chunks))])
        whole[name] = rows.reshape(len(arms), len(seeds), *rows.shape[1:])
    return Sweep({name: list(values) for name, values in grid.items()}, seeds, whole)


# --- what is asked for ---


@dataclass(frozen=True)
class _Chunk:
    """The settings of one arm, and a block of seeds."""

    settings: dict[str, Any]
    seeds: list[int]

    def call(self, run: Run) -> str:
        """Tell how `run` is called, task aside."""
        name = getattr(run, "__name__", repr(run))
        settings = "".join(f", {key}={value!r}" for key, value in self.settings.items())
        return f"{name}({self.seeds}{settings})"


def _arms(grid: Mapping[str, Sequence[Any]], task: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Check a grid, and return the settings of each of its arms."""
    if not isinstance(grid, Mapping):
        raise TypeError(
            "grid must be a mapping of settings to a list each, as fleet.grid(...) makes it; got "
            f"{grid!r}"
        )
    for name, values in grid.items():
        if not isinstance(name, str) or name == "seeds" or name in task:
            raise ValueError(
                f"{name!r} cannot be a setting of the grid: settings are named by strings, other "
                "than seeds and the arguments that all chunks share"
            )
        if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
            raise TypeError(f"{name} must be a list of values, one an arm; got {values!r}")
    lengths = {name: len(values) for name, values in grid.items()}
    if len(set(lengths.values())) > 1 or 0 in lengths.values():
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise ValueError(
            "settings must have one entry an arm, so the same number of them, and at least one; "
            f"got {told}. To cross them, give grid(...) of helpers.fleet"
        )
    arms = max(lengths.values(), default=1)
    return [{name: values[arm] for name, values in grid.items()} for arm in range(arms)]


def _check_call(run: Run, settings: Mapping[str, Any], task: Mapping[str, Any]) -> None:
    """Refuse what cannot be called as `sweep` will call it."""
    if not callable(run):
        raise TypeError(f"run must be a function of seeds and settings; got {run!r}")
    try:
        inspect.signature(run).bind([], **settings, **task)
    except TypeError as error:
        names = "".join(f", {name}=..." for name in (*settings, *task))
        raise TypeError(f"run cannot be called as run(seeds{names}): {error}") from None


# --- computing ---


def _results(
    missing: Mapping[int, _Chunk],
    run: Run,
    task: Mapping[str, Any],
    backend: str | None,
    workers: int | None,
) -> Iterator[tuple[int, Arrays]]:
    """Compute chunks, and yield each one's number and arrays, in whatever order they finish."""
    missing = dict(missing)
    if backend in IN_PROCESS:
        for number, chunk in missing.items():
            yield _compute(number, chunk, run, task)
        return
    joblib = _needed("joblib", "sweep")
    death: tuple[type[Exception], ...] = (BrokenExecutor,)
    if backend == "dask":
        death += (_needed("distributed", "cluster").KilledWorker,)
    deaths = 0
    while missing:
        if backend == "dask":
            where = joblib.parallel_config(_dask_backend(), n_jobs=-1)
        else:
            where = joblib.parallel_config("loky", n_jobs=workers or -1, inner_max_num_threads=1)
        with where:
            # Large arguments are copied to each worker, not mapped: as a map they were read-only.
            parallel = joblib.Parallel(
                batch_size=1, max_nbytes=None, return_as="generator_unordered"
            )
        calls = [joblib.delayed(_compute)(*one, run, task) for one in missing.items()]
        results = parallel(calls)
        try:
            for number, arrays in results:
                del missing[number]
                deaths = 0
                yield number, arrays
        except death as error:
            deaths += 1
            if deaths == DEATHS:
                raise RuntimeError(
                    f"workers died {deaths} times in a row, with {len(missing)} chunks to go, of "
                    f"which the first is {next(iter(missing.values())).call(run)}. Often memory is "
                    "short (take a smaller chunk, or fewer workers), or what is called ends its "
                    "process; the logs of the workers may tell"
                ) from error
        finally:
            with warnings.catch_warnings():
                # joblib warns that chunks are left. It is so where the sweep was interrupted.
                warnings.simplefilter("ignore", UserWarning)
                results.close()


def _compute(number: int, chunk: _Chunk, run: Run, task: Mapping[str, Any]) -> tuple[int, Arrays]:
    """Compute one chunk, here or in a worker."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums over several threads round otherwise
    try:
        return number, _checked(run(list(chunk.seeds), **chunk.settings, **task), chunk)
    except Exception as error:
        # One type with one string: it comes back from any worker, which not every error does.
        raise RuntimeError(f"{chunk.call(run)} failed: {type(error).__name__}: {error}") from error
    finally:
        torch.set_num_threads(threads)


def _checked(returned: Any, chunk: _Chunk) -> Arrays:
    """See that a chunk's result is what it has to be."""
    wanted = f"run must return a dict of arrays of numbers, each of shape ({len(chunk.seeds)}, ...)"
    if not isinstance(returned, Mapping) or not returned:
        raise TypeError(f"{wanted}, a row for each seed; got {returned!r}")
    arrays = {}
    for name, given in returned.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of an array: take plain words")
        array = np.array(given)  # a copy: run may use its memory again
        if array.dtype.kind not in "biufc":
            raise TypeError(f"{wanted}; {name} has the type {array.dtype}")
        if array.shape[:1] != (len(chunk.seeds),):
            raise ValueError(f"{wanted}, a row for each seed; {name} has the shape {array.shape}")
        arrays[name] = array
    return arrays


def _check_alike(arrays: Arrays, first: Arrays, chunk: _Chunk) -> None:
    """See that a chunk's arrays can be put together with those of another."""

    def kinds(of: Arrays) -> dict[str, tuple[str, tuple[int, ...]]]:
        return {name: (str(array.dtype), array.shape[1:]) for name, array in of.items()}

    if kinds(arrays) != kinds(first):
        raise ValueError(
            "run must return the same names, types and shapes for all arms, seeds aside; got "
            f"{kinds(first)} from one chunk, and {kinds(arrays)} for {chunk.settings}"
        )


def _needed(package: str, extra: str) -> ModuleType:
    """Import what a back end needs, or say how to get it."""
    try:
        return importlib.import_module(package)
    except ImportError:
        raise ImportError(
            f'this back end needs {package}: pip install "relu-course[{extra}]", or leave backend '
            "out to compute in this process"
        ) from None


def _dask_backend() -> Any:
    """Return joblib's Dask back end, mended.

    Two things are seen in joblib 1.6. Where Dask gives a task up, because it has killed worker
    after worker, joblib marks it as failed and tells nobody, so that Parallel waits for ever. And
    where the cluster has one core, if only until a dead worker is back, it computes in this process
    instead, which a chunk that kills its worker would then kill.
    """
    from joblib._dask import DaskDistributedBackend

    class Backend(DaskDistributedBackend):
        def effective_n_jobs(self, n_jobs: int) -> int:
            return max(2, super().effective_n_jobs(n_jobs))

        def submit(self, func: Callable, callback: Callable | None = None) -> Any:
            future = super().submit(func, callback)
            future.add_done_callback(
                lambda done: done.exception() is None or callback(done.exception())
            )
            return future

    return Backend()


# --- storing ---


class _Store:
    """Finished chunks in a folder, two files each."""

    def __init__(self, folder: Path, run: Run, task: Mapping[str, Any]) -> None:
        self._folder = folder
        self._shared = {"run": _described(run, "run"), "task": _described(_in_order(task), "task")}
        folder.mkdir(parents=True, exist_ok=True)

    def _files(self, chunk: _Chunk) -> tuple[str, Path, Path]:
        """Return all that a chunk's result depends on, as JSON, and its files, named after that."""
        settings = _described(_in_order(chunk.settings), "grid")
        about = json.dumps(self._shared | {"settings": settings, "seeds": chunk.seeds})
        digest = _sha256(about.encode())[:32]
        return about, self._folder / f"{digest}.npz", self._folder / f"{digest}.json"

    def load(self, chunk: _Chunk) -> Arrays | None:
        """Read a chunk; None where it is missing, torn, or not what it says it is."""
        about, npz, note = self._files(chunk)
        try:
            told = json.loads(note.read_bytes())
            data = npz.read_bytes()
        except (FileNotFoundError, ValueError):
            return None
        if not isinstance(told, dict) or told.get("sha256") != _sha256(data):
            return None
        if json.dumps(told.get("chunk")) != about:
            return None
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            return dict(arrays)

    def save(self, chunk: _Chunk, arrays: Arrays) -> None:
        """Write a chunk: the .json file last, so that a chunk that has one is finished."""
        about, npz, note = self._files(chunk)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)
        packages = ("relu-course", "numpy", "torch")
        told = {
            "chunk": json.loads(about),
            "arrays": {name: [str(array.dtype), array.shape] for name, array in arrays.items()},
            "sha256": _sha256(buffer.getvalue()),
            "versions": {name: metadata.version(name) for name in packages},
        }
        _write(npz, buffer.getvalue())
        _write(note, json.dumps(told, indent=1).encode())


def _write(path: Path, data: bytes) -> None:
    """Write a file so that a reader finds all of it or none, whenever the power goes."""
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _in_order(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Sort settings by name: in which order they were given does not matter."""
    return dict(sorted(settings.items()))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _described(value: Any, name: str) -> Any:
    """Describe a value for JSON, so that two that differ are never described alike."""
    describe = functools.partial(_described, name=name)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [describe(each) for each in value]
    if isinstance(value, Mapping):
        return {"mapping": [[describe(key), describe(each)] for key, each in value.items()]}
    if isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "biufcUS":
        content = _sha256(np.ascontiguousarray(value).tobytes())
        return {"array": str(value.dtype), "shape": value.shape, "sha256": content}
    if isinstance(value, Activation):
        return {"activation": value.name, "parameters": dict(value.parameters)}
    if isinstance(value, type | np.dtype):
        return {"type": str(value)}
    if dataclasses.is_dataclass(value):
        fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
        return {"object": str(type(value)), "fields": describe(fields)}
    if isinstance(value, functools.partial):
        return {"partial": [describe(each) for each in (value.func, value.args, value.keywords)]}
    if inspect.isfunction(value) and value.__closure__ is None:
        try:
            source = inspect.getsource(value).encode()
        except OSError:
            raise ValueError(
                f"the source of {value.__qualname__} cannot be read, so a change of it would go "
                "unseen: to store a sweep, define it in a file or a notebook"
            ) from None
        return {"function": f"{value.__module__}.{value.__qualname__}", "source": _sha256(source)}
    raise TypeError(
        f"to store a sweep, {name} must be made of numbers, strings, arrays, lists, dicts, "
        "activations, dataclasses such as Adam(...), and functions that use no variables of "
        f"another function (give these as arguments); got {value!r}"
    )
