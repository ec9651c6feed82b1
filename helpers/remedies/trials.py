"""What if: train copies of a model, each with one fix, beside a copy with none."""

from __future__ import annotations

import contextlib
import copy
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from helpers.arguments import check_count, seed_list
from helpers.health import Report, diagnose
from helpers.health.batches import Batches, Forward, default_forward
from helpers.health.examine import Loss
from helpers.remedies.fixes import Fix, Trial
from helpers.stats import Interval, mean_interval, paired_difference

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
        One for each fix and seed; the control comes first.
    """

    before: Report
    steps: int
    outcomes: list[Outcome]

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
        """
        return paired_difference(self.of(fix, measure), self.of(NOTHING, measure))

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain lists, numbers and strings, ready for JSON."""
        return {"steps": self.steps, "outcomes": [vars(outcome) for outcome in self.outcomes]}

    def __str__(self) -> str:
        """Say it in a table."""
        many = len(self.of(NOTHING)) > 1
        rows = [["fix", "dead", "always off", "revived", "loss", "loss against nothing"]]
        for fix in self.fixes:
            means = [f"{self.of(fix, word).mean():.1f}" for word in ("dead", "off", "revived")]
            loss = str(mean_interval(self.of(fix))) if many else f"{self.of(fix)[0]:.4g}"
            change = "" if fix == NOTHING else f"{self.of(fix)[0] - self.of(NOTHING)[0]:+.4g}"
            if many and fix != NOTHING:
                change = str(self.against_nothing(fix))
            rows.append([fix, *means, loss, change])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        table = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
        head = (
            f"before: {self.before.dead} dead, loss {self.before.loss:.4g}; "
            f"after {self.steps} steps (means over {len(self.of(NOTHING))} seeds)"
        )
        return "\n".join([head, "", *(line.rstrip() for line in table)])


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

    Every copy starts from the same weights. With the same seed, all see the same batches in the
    same order, so that fixes are compared seed by seed. The model itself is left as it was.

    Parameters
    ----------
    model : Module
        The model as it is now.
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
        once, or the optimiser is not the model's.

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
    >>> found.against_nothing("draw anew").high < 0
    True
    """
    check_count(steps, "steps", 1)
    order = seed_list(seeds)
    _check_fixes(fixes)
    batches = Batches(data, model, batch_size, None)
    if batches.once:
        raise ValueError(
            "data can be read only once, and is needed many times: pass a tensor, a DataLoader or "
            "a list of batches"
        )
    before = diagnose(model, data, loss=loss, forward=forward, batch_size=batch_size)
    arms: dict[str, Fix | None] = {NOTHING: None, **fixes}
    outcomes = []
    bar = tqdm(
        total=len(arms) * len(order) * steps,
        desc="what if",
        unit="step",
        delay=2,
        leave=False,
        disable=not progress,
    )
    with bar:
        for (name, fix), seed in itertools.product(arms.items(), order):
            copied, own = _copies(model, optimizer)
            trial = Trial(copied, own, before, batches)
            if fix is not None:
                fix.apply(trial)
            run = _forward_of(trial, forward)
            _train(trial, run, loss, steps, seed, bar)
            after = diagnose(copied, data, loss=loss, forward=run, batch_size=batch_size)
            outcomes.append(_outcome(name, seed, before, after))
    return WhatIf(before, steps, outcomes)


def _check_fixes(fixes: Mapping[str, Fix]) -> None:
    if not fixes or not isinstance(fixes, Mapping):
        raise TypeError(f"fixes must name what to try, as {{'leak': LeakySlope()}}; got {fixes!r}")
    for name, fix in fixes.items():
        if name == NOTHING:
            raise ValueError(f"{NOTHING!r} is the name of the control; call your fix otherwise")
        if not isinstance(fix, Fix):
            raise TypeError(f"fix {name!r} must be a Fix, such as LeakySlope(0.01); got {fix!r}")


def _copies(
    model: nn.Module, optimizer: MakeOptimizer | torch.optim.Optimizer
) -> tuple[nn.Module, torch.optim.Optimizer]:
    """Copy a model, with its optimiser or a new one."""
    if not isinstance(optimizer, torch.optim.Optimizer):
        copied = copy.deepcopy(model)
        return copied, optimizer(copied.parameters())
    own = {id(parameter) for parameter in model.parameters()}
    if not all(id(p) in own for group in optimizer.param_groups for p in group["params"]):
        raise ValueError("this optimiser trains other parameters than the model's")
    return copy.deepcopy((model, optimizer))  # in one go, so that the two stay together


def _forward_of(trial: Trial, forward: Forward | None) -> Forward:
    """Give the forward pass of a trial, with what a fix has put around it."""

    def run(model: nn.Module, value: Any) -> Any:
        if isinstance(value, Tensor):
            value = trial.inputs(value)
        elif isinstance(value, tuple | list) and value and isinstance(value[0], Tensor):
            value = (trial.inputs(value[0]), *value[1:])
        with contextlib.ExitStack() as stack:
            for mode in trial.modes:
                stack.enter_context(mode())
            return (forward or default_forward)(model, value)

    return run


def _train(trial: Trial, run: Forward, loss: Loss, steps: int, seed: int, bar: tqdm) -> None:
    """Train a copy for some steps, on batches in the order of a seed."""
    trial.model.train()
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # what is dropped, and how a loader shuffles
        for batch in itertools.islice(trial.examples.endless(seed), steps):
            trial.optimizer.zero_grad()
            loss(run(trial.model, batch.value), batch.target).backward()
            for act in trial.after_backward:
                act()
            trial.optimizer.step()
            bar.update()


def _outcome(fix: str, seed: int, before: Report, after: Report) -> Outcome:
    """Count who is dead after a trial, and who came back."""
    revived = 0
    for was, now in zip(before.sites, after.sites, strict=False):
        if was.units == now.units:
            revived += int((was.dead & (now.active_share > 0)).sum())
    off = sum(int((site.dead | site.always_negative).sum()) for site in after.sites)
    return Outcome(fix, seed, after.dead, off, revived, after.loss)
