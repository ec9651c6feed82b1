"""Watch: see units die, and come back, while a model is trained by any loop."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.overrides import _get_current_function_mode_stack, _pop_mode, _push_mode
from torch.utils._pytree import tree_leaves

from helpers.arguments import check_count
from helpers.health.capture import Capture
from helpers.health.coverage import coverage_of
from helpers.health.history import WHY, Death, History, parameters_of
from helpers.health.names import matcher, written
from helpers.health.record import Record
from helpers.health.report import Coverage
from helpers.stats import rule_of_three

__all__ = ["Monitor", "watch"]


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
        The model, called as ``model(x)`` by the loop. Only passes in training mode and with
        gradients are counted, and those not that are made again in a backward pass (checkpointing)
        or by `diagnose`. Copies of the model are not watched.
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
        If `every` or `window` is no whole number of at least 1, or if the model, or a part of it,
        is compiled or scripted.

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
    _check_can_be_seen(model)
    return Monitor(model, every, window, layers)


class _Pass(NamedTuple):
    """A forward pass under way, with the frame that makes it."""

    capture: _Look | None
    step: int
    frame: FrameType
    error: BaseException | None  # being handled when the pass began


class _Look(Capture):
    """The capture of one pass that is looked at; hooks enter it and leave it."""

    def leave(self) -> None:
        """Take it from the stack of modes, wherever in it; others may have come on top."""
        self._boundary = None  # the frame, which holds what the pass was given
        stack = _get_current_function_mode_stack()
        if not any(mode is self for mode in stack):
            return
        above = []
        while (mode := _pop_mode()) is not self:
            above.append(mode)
        for mode in reversed(above):
            _push_mode(mode)


class _Hook:
    """A hook of one model. In a copy of that model, pickled or not, it does nothing."""

    def __init__(
        self, model: nn.Module | None = None, call: Callable[..., None] | None = None
    ) -> None:
        self._model, self._call = model, call

    def __call__(self, model: nn.Module, *given: Any) -> None:
        # A model that is compiled later runs as one piece, and so must this be no part of it.
        if model is self._model and not torch.compiler.is_compiling():
            self._call(*given)

    def __reduce__(self) -> tuple[type[_Hook], tuple]:
        return _Hook, ()


class Monitor:
    """What `watch` has seen; made by `watch`.

    Attributes
    ----------
    passes : int
        The forward passes that were counted.
    steps : list of int
        Those that were looked at; pass 0 comes before any update.
    deaths : list of Death
        Every unit that fell silent, in the order in which this was noticed.
    """

    def __init__(
        self, model: nn.Module, every: int, window: int, layers: str | Sequence[str] | None
    ) -> None:
        self.passes = 0
        self.steps: list[int] = []
        self.deaths: list[Death] = []
        self._model, self._every, self._window = model, every, window
        self._wanted = matcher(layers)
        self._histories: dict[tuple, History] = {}
        self._seen = Record.of(model)  # all looks together, for what was covered
        self._lock = threading.RLock()
        self._running = threading.local()
        self._hooks: list[Any] = []

    # --- hooks ---

    def __enter__(self) -> Monitor:
        """Begin to watch; what was seen before is kept, and steps are counted on.

        After parts of the model were replaced by others, leave and enter it again.

        Raises
        ------
        RuntimeError
            If it is watching already.
        ValueError
            If the model has been compiled meanwhile.
        """
        if self._hooks:
            raise RuntimeError("this monitor is watching already; make another with watch(model)")
        _check_can_be_seen(self._model)
        blank = Record.of(self._model)
        self._names, self._paths = blank.names, blank.paths
        before, after = _Hook(self._model, self._before), _Hook(self._model, self._after)
        self._hooks = [
            self._model.register_forward_pre_hook(before, with_kwargs=True),
            self._model.register_forward_hook(after, always_call=True),
        ]
        return self

    def __exit__(self, *error: Any) -> None:
        """Stop watching, and leave the model without a trace."""
        for hook in self._hooks:
            hook.remove()
        self._hooks = []
        self._unwind(None)

    def _before(self, args: tuple, kwargs: dict) -> None:
        frame = sys._getframe(2)  # of torch, which calls the hooks and the forward pass
        self._unwind(frame)
        under_way, step, capture = self._under_way(), -1, None
        if self._model.training and not under_way and _is_a_pass_of_training():
            with self._lock:
                step, self.passes = self.passes, self.passes + 1
            if step % self._every == 0 and not _why_unseen(self._model):
                record = Record(self._names, self._paths, wanted=self._wanted, counts=False)
                leaves = tree_leaves((args, kwargs))
                sizes = (len(leaf) for leaf in leaves if isinstance(leaf, Tensor) and leaf.ndim)
                capture = _Look(record, next(sizes, None), boundary=frame)
        under_way.append(_Pass(capture, step, frame, sys.exc_info()[1]))
        if capture is not None:
            capture.__enter__()

    def _after(self, args: tuple, output: Any) -> None:
        under_way = self._under_way()
        ended = under_way.pop() if under_way else None
        if ended is None or ended.capture is None:
            return
        ended.capture.leave()
        if sys.exc_info()[1] is not ended.error:  # the pass has failed
            return
        # Where another watch goes on around this one, it must not see how this one reads.
        with torch._C.DisableTorchFunction(), torch.no_grad():
            ended.capture.finish(output)
            with self._lock:
                self._look(ended.capture, ended.step)

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
                capture.leave()

    def _look(self, capture: Capture, step: int) -> None:
        """Take in what a pass has seen."""
        self.steps.append(step)
        for kind in ("tallies", "unwanted", "sources", "outputs", "computed", "notes"):
            getattr(self._seen, kind).update(getattr(capture.record, kind))
        for key, tally in capture.record.tallies.items():
            if not tally.examples:
                continue
            highest = tally.top.cpu()
            active = ~(highest <= 0).numpy()  # nan is no evidence of silence
            top = highest.float().numpy()
            now = parameters_of(tally, capture)
            past = self._histories.get(key)
            if past is None:
                site = self._site_name(tally.name)
                past = History.begin(site, tally, active, now, step)
                self._histories[key] = past
            self.deaths += past.look(active, top, now, step, tally.examples, self._window)

    def _site_name(self, name: str) -> str:
        """Tell sites of the same name apart, in the order in which they were met."""
        name = name.partition(" #")[0]
        same = sum(past.site.partition(" #")[0] == name for past in self._histories.values())
        return f"{name} #{same + 1}" if same else name

    # --- reading ---

    @property
    def sites(self) -> list[str]:
        """Names of the sites that were seen, in the order in which they were met."""
        return [past.site for past in self._histories.values()]

    @property
    def coverage(self) -> Coverage:
        """Which weights all this speaks about; every other weight is listed with a reason."""
        return coverage_of(self._model, self._seen)

    @property
    def units(self) -> dict[str, int]:
        """How many units each site has."""
        return {past.site: len(past.top) for past in self._histories.values()}

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
            In the order of `steps` and `sites`; nan where a site was not called.

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
        """Give all of it as plain lists, numbers and strings, ready for JSON; None for nan."""

        def plain(shares: np.ndarray) -> list[list[float | None]]:
            return [[None if np.isnan(share) else share for share in row] for row in shares]

        return {
            "passes": self.passes,
            "steps": list(self.steps),
            "window": self._window,
            "sites": self.sites,
            "units": self.units,
            "dead": plain(self.share("dead")),
            "always_negative": plain(self.share("always-negative")),
            "deaths": [
                vars(death)
                | {"why": death.why, "moved": death.moved if np.isfinite(death.moved) else None}
                for death in self.deaths
            ],
        }

    def __str__(self) -> str:
        """Say in a few lines who died, when and why, as far as was seen."""
        if not self._histories:
            return self._why_nothing()
        lines = [
            f"{len(self.steps):,} looks at {self.passes:,} training passes; silent: not active on "
            f"{self._window:,} examples in a row (a rate below {rule_of_three(self._window):.2%})"
        ]
        for past in self._histories.values():
            gone = list(past.open.values())
            back = sum(death.site == past.site for death in self.revivals)
            text = f"{past.site}: {len(gone)} of {len(past.top)} silent at the end"
            text += f", {back} revival{'' if back == 1 else 's'}"
            lines.append(text)
            why = {word: sum(death.why == word for death in gone) for word in WHY}
            lines += [f"  {count} {WHY[word]}" for word, count in why.items() if count]
        seen = max(past.examples for past in self._histories.values())
        if seen < self._window:
            lines.append(
                f"only {seen:,} examples were looked at, so no unit can be called silent yet: "
                "lower every or window"
            )
        lines += filter(None, [str(replace(self.coverage, outputs=()))])
        lines += [f"no longer watched: {why}" for why in [_why_unseen(self._model)] if why]
        return "\n".join(lines)

    def _why_nothing(self) -> str:
        """Say why no site was seen."""
        told = f"no activation was seen in {self.passes:,} training passes. "
        unwanted = sorted(set(self._seen.unwanted.values()))
        if unwanted:
            return told + f"None matches layers; there are {', '.join(unwanted)}"
        compiled = _why_unseen(self._model)
        if compiled:
            return told + compiled
        if self.passes and not self.steps:
            return told + "None of those that were to be looked at was completed"
        if self.passes:
            return told + (
                "What runs in other threads (DataParallel), compiled or scripted cannot be seen"
            )
        return told + (
            "Is the model called as model(x), in training mode, with gradients, neither compiled "
            "nor inside torch.func? Otherwise watch the part that is"
        )


def _why_unseen(model: nn.Module) -> str:
    """Say why the calls of a model, or of a part of it, never reach Python; empty if they do."""
    # Names are asked for only where there is something to say: this is done at each look.
    if not any(map(_is_hidden, model.modules())):
        return ""
    for path, module in model.named_modules():
        if not _is_hidden(module):
            continue
        scripted = isinstance(module, torch.jit.ScriptModule)
        what = f"{written(path)}, a part of the model," if written(path) else "this model"
        if scripted:
            return (
                f"{what} is TorchScript, and its activations cannot be seen: watch the model as it "
                "was before torch.jit"
            )
        return (
            f"{what} is compiled, so it runs as one piece and its activations cannot be seen: "
            "watch the model as it was before torch.compile, or diagnose it between epochs"
        )
    return ""


def _is_hidden(module: nn.Module) -> bool:
    """Tell whether a module is scripted or compiled, or wraps one that is."""
    if isinstance(module, torch.jit.ScriptModule) or module._compiled_call_impl is not None:
        return True
    return "_orig_mod" in module._modules or "_orig_mod" in vars(module)


def _check_can_be_seen(model: nn.Module) -> None:
    reason = _why_unseen(model)
    if reason:
        raise ValueError(reason)


def _is_a_pass_of_training() -> bool:
    """Tell whether a pass is one of the loop: not one made again in backward, or by `diagnose`."""
    if not torch.is_grad_enabled() or torch.jit.is_tracing():
        return False
    in_backward = torch._C._current_graph_task_id() != -1
    if in_backward or torch._C._functorch.maybe_current_level() is not None:  # of torch.func
        return False
    modes = _get_current_function_mode_stack()
    return all(isinstance(mode, _Look) or not isinstance(mode, Capture) for mode in modes)
