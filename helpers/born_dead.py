"""How often a ReLU network is born dead: constant over all its inputs before training begins.

A network that is deep and narrow may lose everything on the way: in some layer no unit fires for
any input, and from there on all inputs look alike. Every gradient below that layer is zero, so
training can only move the constant.

>>> print(share(width=2, layers=10, samples=10_000, seed=1))
0.87730 [0.87072, 0.88359]
>>> lower, upper = bounds(width=2, layers=10)
>>> round(lower, 3), round(upper, 3)
(0.87, 0.9)

References
----------
Lu, Shin, Su, Karniadakis (2020), Dying ReLU and Initialization: Theory and Numerical Examples,
https://arxiv.org/abs/1903.06733. Taught in notebook 06.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral, Real

import numpy as np
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from helpers.arguments import check_count
from helpers.initializers import he
from helpers.network import Initializer
from helpers.stats import Interval, wilson

__all__ = ["bounds", "layer_of_death", "share"]

# Networks drawn together: few enough that a layer's numbers stay in the processor's cache.
CHUNK = 2_000


def share(
    width: int,
    layers: int | Sequence[int],
    samples: int = 10_000,
    seed: int = 0,
    *,
    init: Initializer = he,
    bias: float | None = None,
    inputs: ArrayLike | None = None,
    progress: bool = True,
) -> Interval | list[Interval]:
    """Estimate the probability that a ReLU network with one input is born dead.

    Parameters
    ----------
    width : int
        Units in each hidden layer.
    layers : int or sequence of int
        Layers with weights, the output layer among them, as the paper counts: 10 layers have nine
        hidden ones. For several depths the same networks serve, since what is dead stays dead.
    samples : int
        Networks to draw.
    seed : int
        Network number k is the same for every depth and number of samples.
    init : callable
        Where weights and biases come from: an initialiser whose units are drawn independently of
        each other, and of how many there are, such as `initializers.he`, `initializers.rai` and
        `initializers.torch_default`.
    bias : float, optional
        The bias of every hidden unit, in place of the initialiser's.
    inputs : array_like, shape (P,), optional
        The inputs on which a dead network is constant; by default -1 and 1. These two settle the
        matter where all biases are 0: what a unit does on a side of 0, it does on all of it.
    progress : bool
        Show a progress bar, where it takes more than two seconds.

    Returns
    -------
    Interval or list of Interval
        The share of networks that are born dead, with Wilson's 95 % interval; a list if a sequence
        of depths was given.

    Raises
    ------
    TypeError, ValueError
        If a number is not in its range.

    References
    ----------
    Lu, Shin, Su, Karniadakis (2020), https://arxiv.org/abs/1903.06733. Taught in notebook 06.

    Examples
    --------
    Width decides. With eight units hardly any network is born dead:

    >>> for width in (2, 4, 8):
    ...     print(width, share(width, layers=10, samples=1_000, seed=1))
    2 0.8810 [0.8595, 0.8996]
    4 0.3220 [0.2938, 0.3516]
    8 0.00400 [0.00156, 0.01024]
    """
    depths = [layers] if isinstance(layers, Integral) else list(layers)
    for depth in depths:
        check_count(depth, "layers", 2)
    if not depths:
        raise ValueError("layers must be a number of layers, or a sequence of them; got none")
    options = {"init": init, "bias": bias, "inputs": inputs, "progress": progress}
    first = layer_of_death(width, max(depths), samples, seed, **options)
    # A network of L layers is dead if one of its L - 1 hidden layers is.
    found = [wilson(int(np.sum((first > 0) & (first < depth))), len(first)) for depth in depths]
    return found[0] if isinstance(layers, Integral) else found


def layer_of_death(
    width: int,
    layers: int,
    samples: int = 10_000,
    seed: int = 0,
    *,
    init: Initializer = he,
    bias: float | None = None,
    inputs: ArrayLike | None = None,
    progress: bool = True,
) -> np.ndarray:
    """Find in which hidden layer each of many random networks loses its input.

    Parameters
    ----------
    width, layers, samples, seed, init, bias, inputs, progress
        As for `share`, for one depth.

    Returns
    -------
    ndarray of int, shape (samples,)
        The first hidden layer, from 1, whose activations are the same for all inputs; 0 where there
        is none.

    Examples
    --------
    >>> layer_of_death(width=1, layers=4, samples=8, seed=1).tolist()
    [2, 0, 2, 2, 0, 3, 2, 2]
    """
    check_count(width, "width", 1)
    check_count(layers, "layers", 2)
    check_count(samples, "samples", 1)
    if bias is not None and (isinstance(bias, bool) or not isinstance(bias, Real)):
        raise TypeError(f"bias must be one number for every hidden unit, or None; got {bias!r}")
    x = np.array([-1.0, 1.0]) if inputs is None else np.asarray(inputs, dtype=float)
    if x.ndim != 1 or len(x) < 2:
        raise ValueError(f"inputs must be at least two numbers, in a row; got the shape {x.shape}")
    first = np.zeros(samples, dtype=np.int64)
    starts = range(0, samples, CHUNK)
    for start in tqdm(starts, f"width {width}", delay=2, leave=False, disable=not progress):
        # A generator for each chunk: networks are the same however many there are.
        rng = np.random.default_rng([seed, start])
        count = min(CHUNK, samples - start)
        first[start : start + count] = _one_chunk(width, layers, x, init, bias, rng)[:count]
    return first


def _one_chunk(
    width: int,
    layers: int,
    x: np.ndarray,
    init: Initializer,
    bias: float | None,
    rng: np.random.Generator,
) -> np.ndarray:
    """Draw CHUNK networks layer by layer, and note where each becomes constant."""
    first = np.zeros(CHUNK, dtype=np.int64)
    a = np.broadcast_to(x[:, np.newaxis], (CHUNK, len(x), 1))
    for layer in range(1, layers):
        fan_in = a.shape[2]
        w, b = init(fan_in, CHUNK * width, rng)  # as one wide layer: its units are independent
        w = w.reshape(fan_in, CHUNK, width).transpose(1, 0, 2)
        b = b.reshape(CHUNK, 1, width) if bias is None else bias
        a = np.maximum(a @ w + b, 0.0)
        constant = (a == a[:, :1]).all(axis=(1, 2))
        first[(first == 0) & constant] = layer
    return first


def bounds(width: int, layers: int) -> tuple[float, float]:
    """Bound the probability that a ReLU network with one input and zero biases is born dead.

    Parameters
    ----------
    width : int
        Units N in each hidden layer.
    layers : int
        Layers L with weights, the output layer among them, at least 2.

    Returns
    -------
    lower, upper : float
        The upper one is 1 - (1 - 2^-N)^(L - 2). The lower one, exact for three layers, counts
        networks by what is left: both signs of the input, one of them, or none.

    Raises
    ------
    TypeError, ValueError
        If a number is not whole or out of its range.

    References
    ----------
    Lu, Shin, Su, Karniadakis (2020), theorem 3, https://arxiv.org/abs/1903.06733. Taught in
    notebook 06.

    Examples
    --------
    >>> [tuple(round(p, 4) for p in bounds(width, 10)) for width in (3, 10)]
    [(0.5134, 0.6564), (0.0001, 0.0078)]
    """
    check_count(width, "width", 1)
    check_count(layers, "layers", 2)
    half, one_less, quarter = 2.0**-width, 2.0 ** (1 - width), 4.0**-width
    stays_one = 1 - half
    stays_both = 1 - one_less - (width - 1) * quarter
    weight = (1 - one_less) * (1 - half) / (1 + (width - 1) * half)
    steps = layers - 2
    lower = 1 - stays_one**steps + weight * (stays_both**steps - stays_one**steps)
    return lower, 1 - stays_one**steps
