"""What if: train copies of a model, each with one fix, beside a copy with none."""

from __future__ import annotations

import contextlib
import copy
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_map
from tqdm.auto import tqdm

from helpers.arguments import check_count, seed_list
from helpers.health import Report, Site, diagnose
from helpers.health.batches import Batch, Batches, Forward, default_forward
from helpers.health.examine import Loss
from helpers.health.report import frame_of
from helpers.health.restore import as_written, orders_kept, random_numbers_kept
from helpers.remedies.fixes import Fix, Trial, as_they_are
from helpers.stats import Interval, mean_interval, paired_difference

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Outcome", "WhatIf", "what_if"]

# Gives an optimiser for parameters, such as ``lambda p: torch.optim.Adam(p, lr=1e-3)``.
MakeOptimizer = Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]

NOTHING = "nothing"


@dataclass(frozen=True)
class Outcome:
    """What came of one copy.

    Attributes
    ----------
    fix : str
        Name of the fix; "nothing" for the control.
    seed : int
        Of the order of batches.
    dead, off : int
        Units that are dead afterwards; and always off, whether or not gradient passes.
    revived : int
        Of the units that were dead before, how many are active afterwards.
    loss : float
        Mean loss over the data afterwards, in eval mode.
    """

    fix: str
    seed: int
    dead: int
    off: int
    revived: int
    loss: float


@dataclass(frozen=True)
class WhatIf:
    """What came of all fixes.

    Attributes
    ----------
    before : Report
        The model as it was given.
    steps : int
        Of training, for each copy.
    outcomes : list of Outcome
        One for each seed and fix; the control comes first.
    notes : mapping of str to tuple of str
        By fix: what it could not do.
    interrupted : bool
        Whether it was stopped; the seeds that were complete by then are here.
    """

    before: Report
    steps: int
    outcomes: list[Outcome]
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def fixes(self) -> list[str]:
        """Names of the fixes, the control first."""
        return list(dict.fromkeys(outcome.fix for outcome in self.outcomes))

    def of(self, fix: str, measure: str = "loss") -> np.ndarray:
        """Give a measure of one fix.

        Parameters
        ----------
        fix : str
            Its name.
        measure : str
            An attribute of `Outcome`.

        Returns
        -------
        ndarray, shape (seeds,)
            In the order of the seeds.

        Raises
        ------
        KeyError
            If there is no such fix.
        """
        if fix not in self.fixes:
            raise KeyError(f"there is no fix {fix!r}; there are {', '.join(map(repr, self.fixes))}")
        return np.array([getattr(o, measure) for o in self.outcomes if o.fix == fix])

    def against_nothing(self, fix: str, measure: str = "loss") -> Interval:
        """Compare a fix with doing nothing, seed by seed.

        Parameters
        ----------
        fix, measure : str
            As for `of`.

        Returns
        -------
        Interval
            Mean difference, fix minus nothing, at 95 %.

        Raises
        ------
        KeyError
            If there is no such fix.
        ValueError
            If there is one seed only, or if a loss is nan or infinite.
        """
        return paired_difference(self.of(fix, measure), self.of(NOTHING, measure))

    def verdict(self, fix: str) -> str:
        """Say in a word what a fix does to the loss.

        Parameters
        ----------
        fix : str
            Its name.

        Returns
        -------
        str
            "lower" or "higher" than with nothing; "no clear difference" where the interval holds 0;
            "one seed" where there is no interval; "diverged" where a loss is nan or infinite.
        """
        if not np.isfinite(self.of(fix)).all():
            return "diverged"
        if len(self.of(fix)) < 2:
            return "one seed"
        if not np.isfinite(self.of(NOTHING)).all():
            return "nothing diverged"
        change = self.against_nothing(fix)
        if change.low <= 0 <= change.high:
            return "no clear difference"
        return "lower" if change.high < 0 else "higher"

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain lists, numbers and strings, ready for JSON; None for nan."""
        return {
            "steps": self.steps,
            "outcomes": [
                vars(outcome) | {"loss": outcome.loss if math.isfinite(outcome.loss) else None}
                for outcome in self.outcomes
            ],
            "notes": {fix: list(notes) for fix, notes in self.notes.items()},
            "interrupted": self.interrupted,
        }

    def to_frame(self) -> pd.DataFrame:
        """Give the outcomes as a table, one row each.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        return frame_of(self.outcomes)

    def __str__(self) -> str:
        """Say it in a table; units that came back are one column, and the loss is another."""
        rows = [["fix", "dead", "always off", "revived", "loss", "loss against nothing", ""]]
        for fix in self.fixes:
            means = [f"{self.of(fix, word).mean():.1f}" for word in ("dead", "off", "revived")]
            control = fix == NOTHING
            rows.append(
                [
                    fix,
                    *means,
                    _estimate(self.of(fix)),
                    "" if control else _estimate(self.of(fix) - self.of(NOTHING), "+"),
                    "" if control else self.verdict(fix),
                ]
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        seeds = len(self.of(NOTHING))
        head = (
            f"before: {self.before.dead} dead, loss {self.before.loss:.4g}; after {self.steps} "
            f"steps, {f'means over {seeds} seeds' if seeds > 1 else 'one seed'}"
        )
        head += "; stopped before the others" if self.interrupted else ""
        notes = [f"{fix}: {note}" for fix, told in self.notes.items() for note in told]
        return "\n".join([head, "", *(line.rstrip() for line in table), *notes])


def _estimate(values: np.ndarray, sign: str = "") -> str:
    """Write a mean with its interval, if there is one."""
    if len(values) < 2 or not np.isfinite(values).all():
        mean = values.mean()
        return "nan" if np.isnan(mean) else f"{mean:{sign}.4g}"
    return str(mean_interval(values))


def what_if(
    model: nn.Module,
    data: Any,
    loss: Loss,
    *,
    optimizer: MakeOptimizer | torch.optim.Optimizer,
    fixes: Mapping[str, Fix],
    steps: int = 200,
    seeds: int | Sequence[int] = 3,
    batch_size: int = 64,
    forward: Forward | None = None,
    progress: bool = True,
) -> WhatIf:
    """Try fixes on copies of a model: train each on, beside a copy to which nothing was done.

    Every copy starts from the same weights. With the same seed, all are trained side by side: each
    batch is read once and given to all, with the same random numbers for what is dropped, so that
    fixes are compared seed by seed. All copies are in memory at once. The model itself, its
    optimiser and the state of random numbers are left as they were.

    If it is interrupted (Ctrl-C), the seeds that are complete by then are returned, if there are
    any.

    Parameters
    ----------
    model : Module
        The model as it is now. Copies are trained in training mode; parts of a model in training
        mode that are in eval mode (frozen batch normalisation) stay so.
    data : Tensor, tuple, mapping, Dataset, DataLoader or list of batches
        To train on and to judge on, as for `diagnose`. What can be read only once is refused.
    loss : callable
        ``loss(output, target)``.
    optimizer : callable or Optimizer
        Makes an optimiser for parameters, ``lambda p: torch.optim.Adam(p, lr=1e-3)``; or the one
        that trains the model, of which each copy gets a copy, moments included.
    fixes : mapping of str to Fix
        What to try, by names of your own.
    steps : int
        Of training.
    seeds : int or sequence of int
        How many orders of batches, or which.
    batch_size : int
        Examples a step, where `data` is not in batches yet.
    forward : callable, optional
        As for `diagnose`.
    progress : bool
        Show a bar on anything over two seconds.

    Returns
    -------
    WhatIf
        `print` it; ``.against_nothing(fix)`` is the difference that a fix makes.

    Raises
    ------
    TypeError, ValueError
        If there are no fixes, one is no `Fix` or is called "nothing", the data can be read only
        once, the optimiser is not the model's, or as for `diagnose`.
    KeyboardInterrupt
        If it is interrupted before the first seed is complete.

    References
    ----------
    Notebook 10.

    Examples
    --------
    >>> from helpers.remedies import Reinit
    >>> model = nn.Sequential(nn.Linear(1, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> with torch.no_grad():
    ...     _ = model[0].bias.fill_(-10.0)
    >>> x = torch.linspace(-1, 1, 64)[:, None]
    >>> found = what_if(
    ...     model,
    ...     (x, x.abs()),
    ...     nn.functional.mse_loss,
    ...     optimizer=lambda p: torch.optim.Adam(p, lr=0.01),
    ...     fixes={"draw anew": Reinit()},
    ... )
    >>> found.of("nothing", "dead"), found.of("draw anew", "revived")
    (array([8, 8, 8]), array([8, 8, 8]))
    >>> found.verdict("draw anew")
    'lower'
    """
    check_count(steps, "steps", 1)
    order = seed_list(seeds)
    _check_fixes(fixes)
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module; got {type(model).__name__}")
    if not callable(loss):
        raise TypeError(f"loss must be called as loss(output, target); got {loss!r}")
    batches = Batches(data, model, batch_size, None)
    if batches.once:
        raise ValueError(
            "data can be read only once, and is needed many times: pass a tensor, a DataLoader or "
            "a list of batches"
        )
    arms: dict[str, Fix | None] = {NOTHING: None, **fixes}
    judge = _Judge(data, loss, batch_size, progress)
    outcomes: list[Outcome] = []
    notes: dict[str, tuple[str, ...]] = {}
    interrupted = False
    bar = tqdm(
        total=len(arms) * len(order) * steps,
        desc="what if",
        unit="step",
        delay=2,
        leave=False,
        disable=not progress,
    )
    with bar, random_numbers_kept(), orders_kept(data) as generators, as_written():
        before = judge.look(model, forward)
        try:
            for seed in order:
                trials = {
                    name: _begin(name, fix, model, optimizer, before, batches)
                    for name, fix in arms.items()
                }
                notes = {name: tuple(t.notes) for name, t in trials.items() if t.notes}
                for generator in generators:
                    generator.manual_seed(seed)
                _train(trials, batches.endless(seed), loss, forward, steps, seed, bar)
                # Only once all have been judged, so that each seed is complete.
                outcomes += [
                    _outcome(name, seed, before, judge.look(trial.model, _run(trial, forward)))
                    for name, trial in trials.items()
                ]
        except KeyboardInterrupt:
            if not outcomes:
                raise
            interrupted = True
    return WhatIf(before, steps, outcomes, notes, interrupted)


# Examples a batch where nothing is learned: larger batches are quicker.
JUDGED_AT_ONCE = 256


@dataclass(frozen=True)
class _Judge:
    """Looks at a model on all data."""

    data: Any
    loss: Loss
    batch_size: int
    progress: bool

    def look(self, model: nn.Module, forward: Forward | None) -> Report:
        return diagnose(
            model,
            self.data,
            loss=self.loss,
            forward=forward,
            batch_size=max(self.batch_size, JUDGED_AT_ONCE),
            progress=self.progress,
        )


def _check_fixes(fixes: Mapping[str, Fix]) -> None:
    if not isinstance(fixes, Mapping) or not fixes:
        raise TypeError(f"fixes must name what to try, as {{'leak': LeakySlope()}}; got {fixes!r}")
    for name, fix in fixes.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"the name of a fix must be a string; got {name!r}")
        if name == NOTHING:
            raise ValueError(f"{NOTHING!r} is the name of the control; call your fix otherwise")
        if not isinstance(fix, Fix):
            raise TypeError(f"fix {name!r} must be a Fix, such as LeakySlope(0.01); got {fix!r}")


def _begin(
    name: str,
    fix: Fix | None,
    model: nn.Module,
    optimizer: MakeOptimizer | torch.optim.Optimizer,
    before: Report,
    batches: Batches,
) -> Trial:
    """Make a copy, and apply a fix to it."""
    copied, own = _copies(getattr(model, "_orig_mod", model), optimizer)
    trial = Trial(copied, own, before, batches)
    if not copied.training:
        copied.train()
    if fix is not None:
        try:
            fix.apply(trial)
        except Exception as error:
            error.add_note(f"this came up as the fix {name!r} was applied")
            raise
    return trial


def _copies(
    model: nn.Module, optimizer: MakeOptimizer | torch.optim.Optimizer
) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Copy a model, with its optimiser or a new one."""
    if isinstance(optimizer, torch.optim.Optimizer):
        own = {id(parameter) for parameter in model.parameters()}
        if not all(id(p) in own for group in optimizer.param_groups for p in group["params"]):
            raise ValueError("this optimiser trains other parameters than the model's")
        return copy.deepcopy((model, optimizer))  # in one go, so that the two stay together
    if not callable(optimizer):
        raise TypeError(
            "optimizer must be an optimiser, or make one for parameters, as "
            f"lambda p: torch.optim.Adam(p, lr=1e-3); got {optimizer!r}"
        )
    copied = copy.deepcopy(model)
    made = optimizer(copied.parameters())
    if not isinstance(made, torch.optim.Optimizer):
        raise TypeError(f"optimizer(parameters) must give an optimiser; got {made!r}")
    own = {id(parameter) for parameter in copied.parameters()}
    if not all(id(p) in own for group in made.param_groups for p in group["params"]):
        raise ValueError(
            "optimizer(parameters) must train the parameters that it is given, which are those of "
            "a copy, as lambda p: torch.optim.Adam(p, lr=1e-3)"
        )
    return copied, made


@contextlib.contextmanager
def _modes(trial: Trial) -> Iterator[None]:
    """Enter what a fix has put around every pass."""
    with contextlib.ExitStack() as stack:
        for mode in trial.modes:
            stack.enter_context(mode())
        yield


def _run(trial: Trial, forward: Forward | None) -> Forward:
    """Give the forward pass of a trial, with what a fix has put around it."""

    def run(model: nn.Module, value: Any) -> Any:
        if trial.inputs is as_they_are:
            pass
        elif isinstance(value, Tensor):
            value = trial.inputs(value)
        elif isinstance(value, tuple | list) and value and isinstance(value[0], Tensor):
            value = (trial.inputs(value[0]), *value[1:])
        else:
            raise TypeError(
                f"a batch is a {type(value).__name__}, and it is not clear which part of it are "
                "the inputs that the fix changes; let the fix change the model in its place"
            )
        with _modes(trial):
            return (forward or default_forward)(model, value)

    return run


def _train(
    trials: Mapping[str, Trial],
    batches: Iterator[Batch],
    loss: Loss,
    forward: Forward | None,
    steps: int,
    seed: int,
    bar: tqdm,
) -> None:
    """Train copies side by side, all on the same batches and with the same random numbers."""
    runs = {name: _run(trial, forward) for name, trial in trials.items()}
    for step in range(steps):
        # Reading has numbers of its own, so that what the copies draw does not change the data.
        _draw_from(seed, 2 * step)
        batch = next(batches)
        for name, trial in trials.items():
            _draw_from(seed, 2 * step + 1)
            try:
                _step(trial, runs[name], batch, loss)
            except Exception as error:
                error.add_note(f"this came up at step {step} of the copy with {name!r}")
                raise
            bar.update()


def _step(trial: Trial, run: Forward, batch: Batch, loss: Loss) -> None:
    """Train a copy for one step."""
    with torch.enable_grad():
        trial.optimizer.zero_grad()
        # Each copy gets a batch of its own: a model may change its inputs in place.
        value, target = tree_map(_own, (batch.value, batch.target))
        error = loss(run(trial.model, value), target)
        with _modes(trial):  # checkpoints compute activations again
            error.backward()
        for act in trial.after_backward:
            act()
        trial.optimizer.step()


def _own(leaf: Any) -> Any:
    return leaf.clone() if isinstance(leaf, Tensor) else leaf


def _draw_from(seed: int, place: int) -> None:
    """Begin random numbers anew, of torch, NumPy and Python."""
    number = int(np.random.SeedSequence([seed, place]).generate_state(1)[0])
    if torch.cuda.is_initialized() or torch.backends.mps.is_available():
        torch.manual_seed(number)
    else:
        torch.default_generator.manual_seed(number)  # all there is, and 100 times as quick
    np.random.seed(number)  # noqa: NPY002 (a loader may use it)
    random.seed(number)


def _outcome(fix: str, seed: int, before: Report, after: Report) -> Outcome:
    """Count who is dead after a trial, and who came back."""
    now = _by_place(after)
    revived = 0
    for place, was in _by_place(before).items():
        if place in now and now[place].units == was.units:
            revived += int((was.dead & (now[place].active_share > 0)).sum())
    off = sum(int((site.dead | site.always_negative).sum()) for site in after.sites)
    return Outcome(fix, seed, after.dead, off, revived, after.loss)


def _by_place(report: Report) -> dict[tuple, Site]:
    """Give sites by what stays the same where an activation is replaced by another."""
    found: dict[tuple, Site] = {}
    for site in report.sites:
        name, _, place = site.name.partition(" @ ")
        key = name.removesuffix(site.activation), place
        same = sum(known[:2] == key for known in found)
        found[*key, same] = site
    return found
