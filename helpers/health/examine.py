"""Diagnose: run a model over data, and say which of its units are dead, and why."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from tqdm.auto import tqdm

from helpers.arguments import check_count
from helpers.health.batches import (
    Batch,
    Batches,
    Forward,
    check_kinds,
    default_forward,
    form_of,
)
from helpers.health.capture import Capture
from helpers.health.causes import explain, facts_of
from helpers.health.coverage import coverage_of
from helpers.health.judge import SATURATED, judge
from helpers.health.names import matcher, written
from helpers.health.record import Record
from helpers.health.report import Report
from helpers.health.restore import as_it_was, orders_kept, random_numbers_kept
from helpers.health.tally import Tally
from helpers.health.wiring import Wiring

__all__ = ["Loss", "diagnose"]

# Compares an output with a target, and gives one number.
Loss = Callable[[Any, Any], Tensor]


def diagnose(
    model: nn.Module,
    data: Any,
    *,
    forward: Forward | None = None,
    loss: Loss | None = None,
    batch_size: int = 256,
    max_batches: int | None = None,
    layers: str | Sequence[str] | None = None,
    training: bool = False,
    thorough: bool = False,
    progress: bool = True,
) -> Report:
    """Find the units of a model that are dead, or nearly so, and say why.

    Every activation in the model's code is looked at, whether a module, a line such as
    ``F.relu(x + y)`` or a layer of torch makes it. The words are those of `helpers.units`. The
    model is left as it was: modes, buffers, gradients, hooks, and the state of random numbers.

    Parameters
    ----------
    model : Module
        Any model.
    data : Tensor, array, tuple, mapping, Dataset, DataLoader or iterable of batches
        The probe. A tensor of examples, ``(inputs, targets)``, or a dict of tensors is cut into
        batches; anything else gives batches. A batch of two sequences is inputs and targets; a dict
        is passed by name.
    forward : callable, optional
        Runs the model on a batch of any other form: ``lambda model, batch: model(batch.image)``.
    loss : callable, optional
        ``loss(output, target)``. With it, units that get no gradient are found too (stuck, and
        blocked where they are active), also in layers whose activations stay hidden.
    batch_size : int
        Examples a batch, where `data` is not in batches yet.
    max_batches : int, optional
        Stop after so many.
    layers : str or sequence of str, optional
        Look only at these: names of modules or weights, or patterns for whole names ("*relu*").
    training : bool
        Judge in training mode, with dropout at work. By default in eval mode.
    thorough : bool
        Take the second pass, which asks for causes and for what else hangs on units, even where no
        unit is off or saturated; for `reinit_` of units that are only dormant.
    progress : bool
        Show a bar on anything over two seconds.

    Returns
    -------
    Report
        `print` it; ``.sites`` and ``.units`` have the numbers, ``.coverage`` what was not seen.

    Raises
    ------
    TypeError, ValueError
        If the data are empty, nan, of a kind of float that the model does not compute in, or of a
        form that leaves doubt; if the model has no values (meta device, lazy layers) or no weight
        that may get a gradient, though a loss is given. Each says what to do.

    References
    ----------
    Notebook 10; Sokar, Agarwal, Castro, Evci (2023), https://arxiv.org/abs/2302.12902, for dormant
    units.

    Examples
    --------
    >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    >>> with torch.no_grad():
    ...     _ = model[0].bias.copy_(torch.tensor([0.0, 0.0, -100.0]))
    >>> report = diagnose(model, torch.randn(500, 2, generator=torch.manual_seed(0)))
    >>> report["0.weight"].dead
    array([False, False,  True])
    >>> report.units[2].state, report.units[2].cause
    ('dead', 'bias')
    """
    check_count(batch_size, "batch_size", 1)
    if max_batches is not None:
        check_count(max_batches, "max_batches", 1)
    _check_model(model, loss)
    batches = Batches(data, model, batch_size, max_batches)
    wanted = matcher(layers)
    run = _Run(model, batches, forward, progress)
    with as_it_was(model, training):
        # Causes and wiring are looked for in a second pass, if there is anything to explain at all.
        wiring, evidence_for = (Wiring(), None) if batches.once else (None, ())
        record = Record.of(model, wanted=wanted, evidence_for=evidence_for, wiring=wiring)
        capture = run.pass_over(record, loss, "diagnose")
        if layers is not None and not record.tallies:
            seen = ", ".join(map(repr, record.unwanted.values())) or "none at all"
            raise ValueError(f"no site matches layers={layers!r}; sites seen: {seen}")
        tallies = {tally.name: tally for tally in record.tallies.values()}
        asked = {name for name, tally in tallies.items() if _needs_evidence(tally)}
        if (asked or thorough) and not batches.once:
            wiring = Wiring()
            second = Record.of(model, wanted=wanted, evidence_for=asked, wiring=wiring)
            capture = run.pass_over(second, None, "causes") or capture
            tallies |= {tally.name: tally for tally in second.tallies.values()}
    sites = []
    for tally in tallies.values():
        site = judge(tally, run.gradient_of(tally))
        learns = int((site.dead & ~site.stuck).sum()) if len(site.stuck) else 0
        if learns:
            record.notes.add(
                f"{site.name}: {learns} dead by what they give, but their weights get a gradient; "
                "has the activation a backward pass of its own, or have the weights another use?"
            )
        causes, details = explain(site, facts_of(tally, capture))
        site = replace(site, causes=causes, details=details)
        if wiring is not None:
            bias, ties = wiring.biases.get(site.weight, ""), _ties(tally, wiring)
            site = replace(site, bias=bias, ties=ties)
        sites.append(site)
    return Report(
        model=type(getattr(model, "_orig_mod", model)).__name__,
        mode="training" if training else "eval",
        examples=run.examples,
        sites=sites,
        coverage=coverage_of(model, record, run.gradients),
        loss=run.loss / run.examples if loss else math.nan,
        axes={name: source.axis for name, source in record.sources.items()},
    )


class _Run:
    """Passes of a model over data, and what came of the loss."""

    def __init__(
        self, model: nn.Module, batches: Batches, forward: Forward | None, progress: bool
    ) -> None:
        self._model, self._batches, self._forward = model, batches, forward
        self._silent = not progress
        self._kinds = {p.dtype for p in model.parameters() if p.is_floating_point()}
        self.examples, self.loss = 0, 0.0
        # The largest abs of the gradient of each unit's incoming weights, by the weights' name.
        self.gradients: dict[str, Tensor] = {}

    def pass_over(self, record: Record, loss: Loss | None, label: str) -> Capture | None:
        """Run over all batches once, and give the last capture; None if there are no more."""
        capture, examples, record.gathers = None, 0, True
        bar = tqdm(
            total=self._batches.total,
            desc=label,
            unit="batch",
            delay=2,
            leave=False,
            disable=self._silent,
        )
        # Each pass begins with the same numbers and order, and so reads the same examples.
        with (
            bar,
            random_numbers_kept(),
            orders_kept(self._batches.data),
            torch.set_grad_enabled(loss is not None),
        ):
            for batch in self._batches:
                earlier = capture
                capture = Capture(record, batch.size, boundary=sys._getframe())
                output = self._output(batch, capture)
                capture.finish(output)
                size = capture.examples
                if loss is not None:
                    self._learn(loss, output, batch.target, size, capture)
                del output  # and with it the graph, before the next batch makes another
                if earlier is not None:
                    capture.remember(earlier)
                examples += size
                bar.update()
        record.settle()
        self.examples = max(self.examples, examples)
        return capture

    def _output(self, batch: Batch, capture: Capture) -> Any:
        try:
            if self._forward is None:
                check_kinds(self._kinds, batch.value)
            with capture:
                return (self._forward or default_forward)(self._model, batch.value)
        except Exception as error:
            how = "forward was called" if self._forward is not None else "the model was called"
            error.add_note(f"{how} with a batch of the form {form_of(batch.value)}")
            raise

    def _learn(self, loss: Loss, output: Any, target: Any, size: int, capture: Capture) -> None:
        """Take the gradient of the loss, without touching any ``.grad``."""
        value = loss(output, target)
        if not isinstance(value, Tensor) or value.numel() != 1:
            raise TypeError(
                f"loss(output, target) must give one number, a tensor of one element; got {value!r}"
            )
        if not value.requires_grad:
            raise ValueError(
                "the loss has no gradient: no weight that may learn leads to it. It may be "
                "computed from .detach(), .item() or another kind of number, or under no_grad or "
                "inference_mode; or the layers that it depends on are frozen. Mend it, or leave "
                "loss out"
            )
        self.loss += float(value.detach()) * size
        used = {id(weight) for weight in capture.weights.values()}
        weights = capture.weights | {
            written(name): parameter
            for name, parameter in self._model.named_parameters()
            if parameter.ndim > 1 and id(parameter) not in used
        }
        named = [*weights.items(), *capture.recomputed]
        named = [(name, weight) for name, weight in named if weight.requires_grad]
        for (name, weight), gradient in zip(named, _gradients(value, named), strict=True):
            axis = capture.record.sources[name].axis if name in capture.weights else 0
            gradient = weight.new_zeros(weight.shape) if gradient is None else gradient
            rows = gradient.detach().abs().movedim(axis, 0).flatten(1).amax(1)
            self.gradients[name] = rows.maximum(self.gradients.get(name, rows))

    def gradient_of(self, tally: Tally) -> Tensor | None:
        """Give the gradients of the weight behind a site, if it is known and is learned."""
        for source in tally.origin.sources:
            rows = self.gradients.get(source.name)
            if rows is not None and len(rows) == tally.units:
                return rows
        return None


def _gradients(value: Tensor, named: list[tuple[str, Tensor]]) -> Sequence[Tensor | None]:
    """Take the gradients of a loss; None for a weight on which it does not depend."""
    if not named:
        return ()
    try:
        return torch.autograd.grad(value, [weight for _, weight in named], allow_unused=True)
    except RuntimeError as error:
        if "heckpoint" not in str(error):
            raise
        raise ValueError(
            "with a loss, gradients are taken without touching any .grad, which checkpoints of the "
            "reentrant kind do not allow: checkpoint(..., use_reentrant=False), or leave loss out"
        ) from error


def _ties(tally: Tally, wiring: Wiring) -> str:
    """Say what else hangs on a site's units than its weights."""
    weights = [source.name for source in tally.origin.sources]
    if len(weights) > 1:
        return f"its pre-activation is a sum of products of {' and '.join(weights)}"
    return wiring.ties(tally, weights, tally.consumers)


def _needs_evidence(tally: Tally) -> bool:
    """Tell whether a second look is worth it: something is odd, or an end that is flat may be."""
    site = judge(tally)
    one_sided = tally.activity.saturates and not tally.activity.two_sided
    mostly_off = site.active_share <= 1 - SATURATED
    return bool(len(site.suspects)) or (one_sided and bool(mostly_off.any()))


def _check_model(model: nn.Module, loss: Loss | None) -> None:
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module; got {type(model).__name__}")
    parameters = list(model.named_parameters())
    for name, parameter in parameters:
        if isinstance(parameter, nn.parameter.UninitializedParameter):
            raise ValueError(f"{name} has no shape yet: run the model on one batch first")
        if parameter.is_meta:
            raise ValueError(
                f"{name} is on the meta device, so it has no values: load the weights first, as by "
                "model.to_empty(device='cpu') and model.load_state_dict(...)"
            )
    compiled = any(
        hasattr(module, "_orig_mod") or module._compiled_call_impl for module in model.modules()
    )
    if compiled and not hasattr(torch.compiler, "set_stance"):
        raise ValueError(
            "a compiled model can be looked at from torch 2.6 on: pass the model as it was before "
            "torch.compile, or a newer torch"
        )
    if loss is not None and not any(parameter.requires_grad for _, parameter in parameters):
        raise ValueError(
            "with a loss, gradients are needed, and all weights of the model are frozen: leave "
            "loss out, or unfreeze a copy first, copy.deepcopy(model).requires_grad_(True)"
        )
