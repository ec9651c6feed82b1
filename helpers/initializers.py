"""Random starting weights for a layer: He, Glorot, PyTorch's default, and RAI.

Each function returns weights of shape (fan_in, fan_out) and biases of shape (fan_out,), for
``z = x @ w + b``. The random numbers come from the generator that is given, never from a global
one: the same generator state gives the same layer.

What differs is the variance of a weight. It decides whether signals keep their size from layer to
layer, shrink, or grow:

>>> rng = np.random.default_rng(0)
>>> for name, draw in [("he", he), ("glorot", glorot), ("torch_default", torch_default)]:
...     w, b = draw(400, 400, rng)
...     print(f"{name:13} {400 * w.var():.1f} / fan_in")
he            2.0 / fan_in
glorot        1.0 / fan_in
torch_default 0.3 / fan_in
"""

import math
from numbers import Real

import numpy as np

from helpers.arguments import check_count

__all__ = ["glorot", "he", "rai", "torch_default"]

# Standard deviation of RAI's normal entries, times sqrt(fan_in): Lu et al. (2020), section 4.
RAI_SCALE = 0.6007

Layer = tuple[np.ndarray, np.ndarray]


def he(fan_in: int, fan_out: int, rng: np.random.Generator, slope: float = 0.0) -> Layer:
    """Draw normal weights that keep the mean square of z through ReLU or leaky ReLU.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and units of the layer.
    rng : numpy.random.Generator
        Where the random numbers come from.
    slope : float
        Slope of the negative side of the activation *before* this layer: 0 for ReLU. The larger
        it is, the more of the signal comes through, and the smaller the weights may be.

    Returns
    -------
    w : ndarray, shape (fan_in, fan_out)
        Weights of variance 2 / ((1 + slope²) fan_in).
    b : ndarray, shape (fan_out,)
        Zeros.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, `rng` not a generator, or `slope` not finite.

    References
    ----------
    He et al. (2015), https://arxiv.org/abs/1502.01852. Taught in notebooks 04 and 05.

    Examples
    --------
    >>> w, b = he(3, 2, np.random.default_rng(0))
    >>> w.shape, b.tolist()
    ((3, 2), [0.0, 0.0])
    """
    _check(fan_in, fan_out, rng)
    if isinstance(slope, bool) or not isinstance(slope, Real) or not math.isfinite(slope):
        raise ValueError(f"slope must be a finite number, such as 0 for ReLU; got {slope!r}")
    deviation = math.sqrt(2 / ((1 + slope**2) * fan_in))
    return rng.normal(0, deviation, (fan_in, fan_out)), np.zeros(fan_out)


def glorot(fan_in: int, fan_out: int, rng: np.random.Generator) -> Layer:
    """Draw uniform weights that suit tanh: a compromise between forward and backward pass.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and units of the layer.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    w : ndarray, shape (fan_in, fan_out)
        Weights of variance 2 / (fan_in + fan_out).
    b : ndarray, shape (fan_out,)
        Zeros.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, or `rng` not a generator.

    References
    ----------
    Glorot, Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html. Taught in notebook 04.

    Examples
    --------
    >>> w, b = glorot(3, 2, np.random.default_rng(0))
    >>> bool(abs(w).max() <= (6 / 5) ** 0.5)
    True
    """
    _check(fan_in, fan_out, rng)
    limit = math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, (fan_in, fan_out)), np.zeros(fan_out)


def torch_default(fan_in: int, fan_out: int, rng: np.random.Generator) -> Layer:
    """Draw weights and biases as ``torch.nn.Linear`` does when nothing else is said.

    Their variance is a sixth of `he`'s for ReLU: this default was not made for ReLU.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and units of the layer.
    rng : numpy.random.Generator
        Where the random numbers come from. The numbers are not torch's, their distribution is.

    Returns
    -------
    w : ndarray, shape (fan_in, fan_out)
        Weights, uniform between ±1 / sqrt(fan_in): variance 1 / (3 fan_in).
    b : ndarray, shape (fan_out,)
        Biases of the same distribution.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, or `rng` not a generator.

    References
    ----------
    PyTorch, https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html. Taught in
    notebook 04.

    Examples
    --------
    >>> w, b = torch_default(4, 2, np.random.default_rng(0))
    >>> bool(abs(w).max() <= 0.5), bool(abs(b).max() <= 0.5)
    (True, True)
    """
    _check(fan_in, fan_out, rng)
    limit = 1 / math.sqrt(fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out)), rng.uniform(-limit, limit, fan_out)


def rai(fan_in: int, fan_out: int, rng: np.random.Generator) -> Layer:
    """Draw weights and biases so that fewer ReLU networks are born dead.

    Randomised asymmetric initialisation: of each unit's fan_in weights and one bias, all are
    normal, and then one, picked at random, is replaced by a positive number. So a unit leans
    towards firing.

    Parameters
    ----------
    fan_in, fan_out : int
        Inputs and units of the layer.
    rng : numpy.random.Generator
        Where the random numbers come from.

    Returns
    -------
    w : ndarray, shape (fan_in, fan_out)
        Weights; normal entries have variance 0.6007² / fan_in, the replaced one is from
        Beta(2, 1), between 0 and 1.
    b : ndarray, shape (fan_out,)
        Biases, drawn with the weights.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1, or `rng` not a generator.

    References
    ----------
    Lu, Shin, Su, Karniadakis (2020), https://arxiv.org/abs/1903.06733. Taught in notebook 07.

    Examples
    --------
    >>> w, b = rai(3, 2, np.random.default_rng(0))
    >>> w.shape, b.shape
    ((3, 2), (2,))
    """
    _check(fan_in, fan_out, rng)
    both = rng.normal(0, RAI_SCALE / math.sqrt(fan_in), (fan_in + 1, fan_out))
    replaced = rng.integers(fan_in + 1, size=fan_out)
    both[replaced, np.arange(fan_out)] = rng.beta(2, 1, size=fan_out)
    return both[:-1], both[-1]


def _check(fan_in: int, fan_out: int, rng: np.random.Generator) -> None:
    """Say what a layer's sizes and its generator have to be."""
    for name, size in (("fan_in", fan_in), ("fan_out", fan_out)):
        check_count(size, name, least=1)
    if not isinstance(rng, np.random.Generator):
        raise TypeError(
            f"rng must be a generator, such as np.random.default_rng(0); got {rng!r}. "
            "A seed alone would give every layer the same weights."
        )
