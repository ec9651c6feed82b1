"""Account for every weight of a model: judged, an output, or not covered, and why."""

from __future__ import annotations

import re
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from helpers.health.names import written
from helpers.health.record import Record
from helpers.health.report import Coverage

__all__ = ["coverage_of"]


def coverage_of(
    model: nn.Module, record: Record, gradients: Mapping[str, Tensor] | None = None
) -> Coverage:
    """Account for every weight of a model.

    Parameters
    ----------
    model : Module
        The model.
    record : Record
        What passes of it have seen.
    gradients : mapping of str to Tensor, optional
        The largest abs of the gradient of each unit's incoming weights, by the weights' name.
    """
    gradients = gradients or {}
    judged = {source.name for tally in record.tallies.values() for source in tally.origin.sources}
    left_out = {name for _, names, *_ in record.unwanted for name in names}
    modules = {written(path): module for path, module in model.named_modules()}
    told: dict[str, list[str]] = {"judged": [], "outputs": []}
    others: dict[str, str] = {}
    for parameter_name, parameter in model.named_parameters():
        name = _name_in_use(parameter_name)
        path = name.rpartition(".")[0]
        owner, parent = modules.get(path), modules.get(path.rpartition(".")[0])
        table = isinstance(owner, nn.Embedding | nn.EmbeddingBag) and name not in record.sources
        if parameter.ndim < 2 or table:
            continue
        # A weight made by one that changes nothing is that parameter itself.
        names = {name, written(parameter_name), name.replace("weight_hh", "weight_ih")}
        if names & judged:
            kind = "judged"
        elif names & record.outputs:
            kind = "outputs"
        else:
            others[name] = _reason(name, owner, parent, record, left_out)
            continue
        if name not in told[kind]:
            told[kind].append(name)
    unread = {name: int((gradients[name] == 0).sum()) for name in others if name in gradients}
    return Coverage(
        judged=tuple(told["judged"]),
        outputs=tuple(told["outputs"]),
        others=others,
        unread=unread,
        notes=tuple(sorted(record.notes)),
    )


def _name_in_use(name: str) -> str:
    """Name the weight that a parameter is part of, where one is computed from several."""
    name = re.sub(r"(^|\.)parametrizations\.(\w+)\..*", r"\1\2", written(name))
    return re.sub(r"weight_(g|v|orig)$", "weight", name)


def _reason(
    name: str, owner: nn.Module | None, parent: nn.Module | None, record: Record, left_out: set[str]
) -> str:
    """Say why the units of a weight were not judged."""
    if name in left_out:
        return "left out by layers"
    if name in record.sources:
        return "no activation follows it"
    if isinstance(owner, torch.jit.ScriptModule):
        return "runs as TorchScript, where calls cannot be seen"
    if isinstance(owner, nn.LSTM | nn.GRU | nn.LSTMCell | nn.GRUCell):
        return "its gates work inside one call; they are sigmoid and tanh, which do not die"
    if isinstance(owner, nn.RNNBase):
        return "its activations stay inside one call"
    if isinstance(owner, nn.MultiheadAttention) or isinstance(parent, nn.MultiheadAttention):
        return "attention has no activation behind its weights"
    return "not used in these passes, or not in a product that is known"
