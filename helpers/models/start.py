"""Initial weights of a torch model, drawn from a seed alone and paired between activations."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["he_"]

WEIGHTED = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


@torch.no_grad()
def he_(model: nn.Module, slope: float = 0.0, *, seed: int = 0) -> nn.Module:
    """Draw the weights of all linear and convolutional layers as He et al. (2015) have it.

    Weights are normal with variance 2 / ((1 + slope^2) fan_in), in place; biases are 0; the last of
    these layers, after which no activation comes, has variance 1 / fan_in. One seed gives the same
    numbers for each slope, up to their scale, so that a comparison of slopes is paired. torch's
    own random state is neither used nor changed.

    Parameters
    ----------
    model : torch.nn.Module
        Its linear and convolutional layers are drawn anew, in the order of ``model.modules()``.
        Other layers stay as they are.
    slope : float
        Of the negative side of the activations: 0 for ReLU.
    seed : int
        Of the draw.

    Returns
    -------
    torch.nn.Module
        The model itself.

    Raises
    ------
    ValueError
        If the model has no linear or convolutional layer.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun (2015), https://arxiv.org/abs/1502.01852. Taught in notebook 05.

    Examples
    --------
    >>> model = he_(nn.Sequential(nn.Linear(1000, 1000), nn.ReLU(), nn.Linear(1000, 10)), seed=1)
    >>> f"{1000 * model[0].weight.var().item():.2f} {1000 * model[2].weight.var().item():.1f}"
    '2.00 1.0'
    """
    layers = [layer for layer in model.modules() if isinstance(layer, WEIGHTED)]
    if not layers:
        raise ValueError(
            f"{type(model).__name__} has no linear or convolutional layer to draw weights for"
        )
    generator = torch.Generator().manual_seed(seed)
    for layer in layers:
        fan_in = layer.weight[0].numel()
        gain = 1.0 if layer is layers[-1] else 2 / (1 + slope**2)
        # Drawn in float64 on the CPU: the same numbers for a model of any type, on any device.
        drawn = torch.randn(layer.weight.shape, generator=generator, dtype=torch.float64)
        layer.weight.copy_(drawn * (gain / fan_in) ** 0.5)
        if layer.bias is not None:
            layer.bias.zero_()
    return model
