"""Watch: see units die, and come back, while a model is trained by any loop."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from helpers.arguments import check_count
from helpers.health.calls import Activity
from helpers.health.capture import Capture, Record, Tally
from helpers.health.examine import matcher
from helpers.stats import rule_of_three

__all__ = ["Death", "Monitor", "watch"]

# The weights of a unit moved far if, between two looks, by more than this share of their length.
FAR = 0.5


def watch(
    model: nn.Module,
    every: int = 10,
    *,
    window: int = 1000,
    layers: str | Sequence[str] | None = None,
) -> Monitor:
    """Watch the units of a model while it is trained, by whatever loop.

    Every so many forward passes in training mode one is looked at, on the batch that the loop
    itself runs: nothing is computed twice, and what the model computes does not change. A batch is
    too little to call a unit dead. Here one is called silent once it has not been active on
    `window` examples in a row, of those that were looked at; and dead if its activation is level
    there. The step of its death is the first look after it was last active.

    Parameters
    ----------
    model : Module
        The model, called as ``model(x)`` by the loop. Passes in eval mode, or without gradients,
        are not counted.
    every : int
        Look at each so-many-th pass, from the first on, which comes before any update.
    window : int
        Number of examples. A unit silent on N of them is active on fewer than 3/N, at 95 %.
    layers : str or sequence of str, optional
        Look only at these, as for `diagnose`.

    Returns
    -------
    Monitor
        For a ``with`` statement.

    Raises
    ------
    TypeError, ValueError
        If `every` or `window` is no whole number of at least 1, or if the model is compiled.

    References
    ----------
    Notebook 10.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(1, 2), nn.ReLU(), nn.Linear(2, 1))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    >>> with torch.no_grad():
    ...     _ = model[0].bias.fill_(-1000.0)
    >>> with watch(model, every=1, window=200) as monitor:
    ...     for _ in range(5):
    ...         optimizer.zero_grad()
    ...         model(torch.zeros(64, 1)).mean().backward()
    ...         optimizer.step()
    >>> monitor.share("dead")
    array([[0.],
           [0.],
           [0.],
           [1.],
           [1.]])
    >>> monitor.deaths[0].step, monitor.deaths[0].why
    (0, 'initialisation')
    """
    check_count(every, "every", 1)
    check_count(window, "window", 1)
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module; got {type(model).__name__}")
    if hasattr(model, "_orig_mod") or model._compiled_call_impl is not None:
        raise ValueError(
            "a compiled model runs as one piece, and its activations cannot be seen: watch the "
            "model as it was before torch.compile, or diagnose the compiled one between epochs"
        )
    return Monitor(model, every, window, layers)


@dataclass
class Death:
    """The end of a unit, as far as was seen.

    Attributes
    ----------
    site : str
        Name of the site.
    unit : int
        Number of the unit.
    state : str
        "dead", or "always-negative" where gradient still passes.
    step : int
        The first look after it was last active; the first of all if it never was.
    last_active : int
        The last look at which it was active; -1 if it never was.
    revived : int
        The look at which it was active again; -1 if it never was.
    moved : float
        By what share of their length its incoming weights and bias moved between these two looks,
        or since the first look if it never was active; nan if that is not known.
    """

    site: str
    unit: int
    state: str
    step: int
    last_active: int
    revived: int = -1
    moved: float = float("nan")

    @property
    def why(self) -> str:
        """What the history tells: "initialisation", "large step", "training" or "unknown"."""
        if self.last_active < 0:
            return "unknown" if self.moved > FAR else "initialisation"
        return "large step" if self.moved > FAR else "training"


@dataclass
class _History:
    """What is kept of a site. Arrays have shape (units,)."""

    activity: Activity
    silent_for: np.ndarray  # examples looked at since the unit was last active
    last_active: np.ndarray  # step; -1: never
    first_silent: np.ndarray  # step of the first look since then
    top: np.ndarray  # the largest z since then
    moved: np.ndarray  # by how much the parameters moved just before that look
    born: np.ndarray | None = None  # incoming weights and bias at the first look
    parameters: np.ndarray | None = None  # and at the last
    open: dict[int, Death] = field(default_factory=dict)
    shares: dict[int, tuple[float, float]] = field(default_factory=dict)


class _Pass(NamedTuple):
    """A forward pass under way, with the frame that makes it."""

    capture: Capture | None
    step: int
    frame: FrameType


class Monitor:
    """What `watch` has seen; made by `watch`.

    Attributes
    ----------
    steps : list of int
        The forward passes that were looked at; pass 0 comes before any update.
    deaths : list of Death
        Every unit that fell silent, in the order in which this was noticed.
    """

    def __init__(
        self, model: nn.Module, every: int, window: int, layers: str | Sequence[str] | None
    ) -> None:
        self.steps: list[int] = []
        self.deaths: list[Death] = []
        self._model, self._every, self._window = model, every, window
        self._wanted = matcher(layers)
        self._histories: dict[str, _History] = {}
        self._passes = 0
        self._lock = threading.RLock()
        self._running = threading.local()
        self._hooks: list[Any] = []

    # --- hooks ---

    def __enter__(self) -> Monitor:
        """Begin to watch; what was seen before is kept.

        Raises
        ------
        RuntimeError
            If it is watching already.
        """
        if self._hooks:
            raise RuntimeError("this monitor is watching already; make another with watch(model)")
        blank = Record.of(self._model)
        self._names, self._paths = blank.names, blank.paths
        self._hooks = [
            self._model.register_forward_pre_hook(self._before, with_kwargs=True),
            self._model.register_forward_hook(self._after, always_call=True),
        ]
        return self

    def __exit__(self, *error: Any) -> None:
        """Stop watching, and leave the model without a trace."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._unwind(None)

    def _before(self, model: nn.Module, args: tuple, kwargs: dict) -> None:
        self._unwind(sys._getframe(1))
        passes, step = self._under_way(), -1
        if model.training and torch.is_grad_enabled() and not passes:
            with self._lock:
                step, self._passes = self._passes, self._passes + 1
        if step % self._every or step < 0:
            passes.append(_Pass(None, step, sys._getframe(1)))
            return
        record = Record(self._names, self._paths, wanted=self._wanted)
        sizes = [len(x) for x in tree_leaves((args, kwargs)) if torch.is_tensor(x) and x.ndim]
        frame = sys._getframe(1)
        capture = Capture(record, next(iter(sizes), None), boundary=frame)
        passes.append(_Pass(capture, step, frame))
        capture.__enter__()

    def _after(self, model: nn.Module, args: tuple, output: Any) -> None:
        passes = self._under_way()
        ended = passes.pop() if passes else None
        if ended is None or ended.capture is None:
            return
        ended.capture.__exit__(None, None, None)
        if output is None:  # the pass has failed
            return
        ended.capture.finish(output)
        with self._lock:
            self.steps.append(ended.step)
            for tally in ended.capture.record.tallies.values():
                if tally.examples:
                    self._look(tally, ended.capture, ended.step)

    def _under_way(self) -> list[_Pass]:
        """Give the passes under way in this thread; more than one where a model calls itself."""
        if not hasattr(self._running, "passes"):
            self._running.passes = []
        return self._running.passes

    def _unwind(self, frame: FrameType | None) -> None:
        """Let go of passes that ended without a word, as a KeyboardInterrupt ends them."""
        passes, alive = self._under_way(), set()
        while passes and frame is not None:
            alive.add(id(frame))
            frame = frame.f_back
        while passes and id(passes[-1].frame) not in alive:
            capture = passes.pop().capture
            if capture is not None:
                capture.__exit__(None, None, None)

    # --- what a look tells ---

    def _look(self, tally: Tally, capture: Capture, step: int) -> None:
        active = ~(tally.on_examples <= 0).cpu().numpy()  # nan is no evidence of silence
        top = tally.top.float().cpu().numpy()
        parameters = _parameters(tally, capture)
        past = self._histories.get(tally.name)
        if past is None or len(past.top) != len(active):
            past = self._histories[tally.name] = _History(
                tally.activity,
                silent_for=np.zeros(len(active), dtype=np.int64),
                last_active=np.full(len(active), -1),
                first_silent=np.full(len(active), step),
                top=np.full(len(active), -np.inf, dtype=np.float32),
                moved=np.full(len(active), np.nan),
                born=parameters,
            )
        fell = ~active & (past.silent_for == 0)
        past.first_silent[fell] = step
        past.moved[fell] = _relative_move(past.parameters, parameters, fell)
        past.top = np.where(active, -np.inf, np.maximum(past.top, top))
        past.silent_for = np.where(active, 0, past.silent_for + tally.examples)
        past.last_active[active] = step
        past.parameters = parameters
        for unit in [unit for unit in past.open if active[unit]]:
            past.open.pop(unit).revived = step
        silent = past.silent_for >= self._window
        level = np.zeros(len(silent), dtype=bool)
        if silent.any() and tally.activity.can_die:
            largest = torch.from_numpy(past.top)[None].nan_to_num()
            level = (tally.activity.derivative(largest.to(tally.top.device)) == 0)[0].cpu().numpy()
        fresh = np.array([unit not in past.open for unit in range(len(silent))]) & silent
        unborn = fresh & (past.last_active < 0)
        past.moved[unborn] = _relative_move(past.born, parameters, unborn)
        for unit in np.flatnonzero(fresh):
            past.open[unit] = Death(
                tally.name,
                int(unit),
                "dead" if level[unit] else "always-negative",
                step=int(past.first_silent[unit]),
                last_active=int(past.last_active[unit]),
                moved=float(past.moved[unit]),
            )
            self.deaths.append(past.open[unit])
        past.shares[step] = float((silent & level).mean()), float((silent & ~level).mean())

    # --- reading ---

    @property
    def sites(self) -> list[str]:
        """Names of the sites that were seen, in the order of the calls."""
        return list(self._histories)

    @property
    def revivals(self) -> list[Death]:
        """The deaths from which a unit came back."""
        return [death for death in self.deaths if death.revived >= 0]

    def share(self, state: Literal["dead", "always-negative"] = "dead") -> np.ndarray:
        """Give the share of each site's units that were so at each look.

        Parameters
        ----------
        state : {"dead", "always-negative"}
            Silent, and without or with a gradient that passes.

        Returns
        -------
        ndarray, shape (looks, sites)
            nan where a site was not called.

        Raises
        ------
        ValueError
            If `state` is another word.
        """
        if state not in ("dead", "always-negative"):
            raise ValueError(f"state must be 'dead' or 'always-negative'; got {state!r}")
        place = int(state == "always-negative")
        missing = (np.nan, np.nan)
        return np.array(
            [
                [past.shares.get(step, missing)[place] for past in self._histories.values()]
                for step in self.steps
            ]
        ).reshape(len(self.steps), len(self._histories))

    def to_dict(self) -> dict[str, Any]:
        """Give all of it as plain lists, numbers and strings, ready for JSON."""
        return {
            "steps": list(self.steps),
            "window": self._window,
            "sites": self.sites,
            "dead": self.share("dead").tolist(),
            "always_negative": self.share("always-negative").tolist(),
            "deaths": [vars(death) | {"why": death.why} for death in self.deaths],
        }

    def __str__(self) -> str:
        """Say in a few lines who died, when and why, as far as was seen."""
        if not self._histories:
            return (
                f"no activation was seen in {self._passes:,} training passes. Is the model called "
                "as model(x), in training mode? Otherwise watch the part that is"
            )
        lines = [
            f"{len(self.steps):,} looks at {self._passes:,} training passes; silent: not active on "
            f"{self._window:,} examples in a row (a rate below {rule_of_three(self._window):.2%})"
        ]
        for name, past in self._histories.items():
            gone = list(past.open.values())
            here = [death for death in self.deaths if death.site == name]
            back = sum(death.revived >= 0 for death in here)
            text = f"{name}: {len(gone)} of {len(past.top)} silent at the end, {back} revivals"
            if gone:
                why = {word: sum(d.why == word for d in gone) for word in WHY}
                told = ", ".join(f"{count} {WHY[word]}" for word, count in why.items() if count)
                text += f"; {told}"
            lines.append(text)
        return "\n".join(lines)


WHY = {
    "initialisation": "never active since the first look",
    "large step": f"fell silent as their parameters moved by over {FAR:.0%} between two looks",
    "training": "fell silent in training",
    "unknown": "not active since the first look, while their parameters moved far",
}


def _parameters(tally: Tally, capture: Capture) -> np.ndarray | None:
    """Copy the incoming weights and bias, shape (units, fan_in + 1)."""
    source = next(iter(tally.origin.sources), None)
    weight = capture.weights.get(source.name) if source else None
    if weight is None or weight.shape[source.axis] != tally.units:
        return None
    rows = weight.detach().float().movedim(source.axis, 0).flatten(1)
    bias = capture.biases.get(source.name)
    if bias is not None and len(bias) == tally.units:
        rows = torch.cat([rows, bias.detach().float()[:, None]], dim=1)
    return rows.cpu().numpy().copy()


def _relative_move(
    before: np.ndarray | None, now: np.ndarray | None, rows: np.ndarray
) -> np.ndarray | float:
    """Say by what share of its length each of some rows moved; nan where that is not known."""
    if before is None or now is None or before.shape != now.shape:
        return np.nan
    length = np.linalg.norm(before[rows], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.linalg.norm(now[rows] - before[rows], axis=1) / length
