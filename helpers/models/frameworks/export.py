"""A model of torch as ONNX, without what the exporter says on the way."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import nn

from helpers.models.frameworks.optional import need

__all__ = ["to_onnx"]


def to_onnx(model: nn.Module, x: ArrayLike) -> Any:
    """Export a model of torch as ONNX, for any number of examples.

    Parameters
    ----------
    model : torch.nn.Module
        Exported in evaluation mode, and left in the mode that it was in.
    x : array_like, shape (N, inputs)
        Examples, two at least: the exporter follows them through the model.

    Returns
    -------
    onnx.ModelProto
        Its input is called "x", its output "y". Write it with ``onnx.save``.

    Raises
    ------
    ImportError
        If onnx or onnxscript is not installed.
    ValueError
        If there is only one example: the exporter would take its number for fixed.

    References
    ----------
    https://docs.pytorch.org/docs/stable/onnx.html. Taught in notebook 16.

    Examples
    --------
    >>> made = to_onnx(nn.Sequential(nn.Linear(3, 2), nn.LeakyReLU(0.3)), np.ones((2, 3)))
    >>> [node.op_type for node in made.graph.node]
    ['Gemm', 'LeakyRelu']
    """
    for package in ("onnx", "onnxscript"):
        need(package, "onnx", "to export a model")
    if np.ndim(x) < 2 or len(np.asarray(x)) < 2:
        raise ValueError(f"x has the shape {np.shape(x)}; two examples at least, (2, inputs)")
    first = next(model.parameters())
    example = torch.as_tensor(np.asarray(x)).to(device=first.device, dtype=first.dtype)
    was_training, log = model.training, logging.getLogger("torch.onnx")
    level = log.level
    model.eval()
    log.setLevel(logging.ERROR)  # it tells of packages that are not needed
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                model,
                (example,),
                dynamo=True,
                verbose=False,
                input_names=["x"],
                output_names=["y"],
                dynamic_shapes=({0: torch.export.Dim("examples")},),
            )
    finally:
        log.setLevel(level)
        model.train(was_training)
    return program.model_proto
