"""What came before networks: nearest neighbours, least squares and logistic regression.

A few lines each, so that a claim about networks can be held against something. All take inputs
that are standardised already.

>>> x, y = np.array([[0.0], [1.0], [4.0], [5.0]]), np.array([0, 0, 1, 1])
>>> nearest(x, y, np.array([[0.4], [4.6]]), k=1)
array([0, 1])
"""

from __future__ import annotations

import numpy as np

from helpers.arguments import check_count

__all__ = ["logistic", "nearest", "probe", "ridge"]

# Logistic regression ends where a step lowers the cost by less than this share of it.
TOLERANCE = 1e-4


def nearest(x: np.ndarray, y: np.ndarray, new: np.ndarray, k: int = 5) -> np.ndarray:
    """Answer as the k nearest examples do: their majority, or their mean.

    Parameters
    ----------
    x : ndarray, shape (N, inputs)
        Examples that are known.
    y : ndarray, shape (N,) of classes, or (N, 1) of numbers
        Their targets.
    new : ndarray, shape (M, inputs)
        What to answer for.
    k : int
        How many are asked, from 1 to N. Of classes with equally many votes the lowest wins.

    Returns
    -------
    ndarray, shape (M,) or (M, 1)

    Raises
    ------
    TypeError, ValueError
        If `k` is no whole number, or there are not so many examples.

    References
    ----------
    T. Cover, P. Hart (1967), Nearest neighbor pattern classification, IEEE Transactions on
    Information Theory 13, https://doi.org/10.1109/TIT.1967.1053964.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [5.0]])
    >>> nearest(x, np.array([[2.0], [4.0], [9.0]]), np.array([[0.0]]), k=2)
    array([[3.]])
    """
    check_count(k, "k", 1)
    if k > len(x):
        raise ValueError(f"k must be {len(x)} at most, the number of examples; got {k}")
    # Squared distances, less the square of what is asked for: that is the same for all examples.
    far = (x**2).sum(axis=1) - 2 * new @ x.T
    asked = y[np.argpartition(far, k - 1, axis=1)[:, :k]]
    if y.ndim == 2:
        return asked.mean(axis=1)
    votes = (asked[:, :, np.newaxis] == np.arange(y.max() + 1)).sum(axis=1)
    return votes.argmax(axis=1)


def ridge(x: np.ndarray, y: np.ndarray, new: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Fit a straight line, or a plane, by least squares with a penalty on the weights' squares.

    Parameters
    ----------
    x : ndarray, shape (..., N, inputs)
        Examples; leading axes are problems of their own.
    y : ndarray, shape (..., N, outputs)
        Numbers to predict.
    new : ndarray, shape (..., M, inputs)
        What to answer for.
    strength : float
        The penalty in units of an example, above 0. The intercept is not penalised.

    Returns
    -------
    ndarray, shape (..., M, outputs)

    Raises
    ------
    ValueError
        If `strength` is not above 0.

    References
    ----------
    A. Hoerl, R. Kennard (1970), Ridge regression, Technometrics 12,
    https://doi.org/10.1080/00401706.1970.10488634.

    Examples
    --------
    >>> x = np.array([[-1.0], [0.0], [1.0]])
    >>> ridge(x, 2 * x + 5, np.array([[3.0]]), strength=1e-9).round(3)
    array([[11.]])
    """
    _check_strength(strength)
    middle, level = x.mean(axis=-2, keepdims=True), y.mean(axis=-2, keepdims=True)
    x, new = x - middle, new - middle
    turned = np.swapaxes(x, -1, -2)
    weights = np.linalg.solve(turned @ x + strength * np.eye(x.shape[-1]), turned @ (y - level))
    return new @ weights + level


def logistic(x: np.ndarray, y: np.ndarray, new: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """Choose between classes by straight lines: logistic regression with a penalty on the weights.

    Parameters
    ----------
    x : ndarray, shape (N, inputs)
        Examples.
    y : ndarray of int, shape (N,)
        Classes, from 0 on.
    new : ndarray, shape (M, inputs)
        What to answer for.
    strength : float
        Of the penalty, half the sum of the squared weights, against the summed loss; above 0.

    Returns
    -------
    ndarray of int, shape (M,)

    Raises
    ------
    ValueError
        If `strength` is not above 0.

    Examples
    --------
    >>> x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    >>> logistic(x, np.array([0, 0, 1, 1]), np.array([[-3.0], [0.5]]))
    array([0, 1])
    """
    from scipy.optimize import minimize

    _check_strength(strength)
    x, new = (np.hstack([rows, np.ones((len(rows), 1))]) for rows in (x, new))
    wanted = np.eye(y.max() + 1)[y]
    kept = np.full((x.shape[1], 1), strength)
    kept[-1] = 0.0  # the intercept goes free

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat.reshape(len(kept), -1)
        z = x @ weights
        z -= z.max(axis=1, keepdims=True)
        shares = np.exp(z)
        total = shares.sum(axis=1, keepdims=True)
        loss = np.log(total).sum() - (wanted * z).sum() + (kept * weights**2).sum() / 2
        return float(loss), (x.T @ (shares / total - wanted) + kept * weights).ravel()

    start = np.zeros(len(kept) * wanted.shape[1])
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"ftol": TOLERANCE})
    return (new @ found.x.reshape(len(kept), -1)).argmax(axis=1)


def probe(
    x: np.ndarray, y: np.ndarray, x_test: np.ndarray, y_test: np.ndarray, strength: float = 0.01
) -> np.ndarray:
    """Tell how many classes can be read off features by straight lines: a linear probe.

    Features are standardised, `ridge` is fitted to a 1 for the right class and a 0 for each other,
    and the largest answer counts.

    Parameters
    ----------
    x, x_test : ndarray, shapes (..., N, features) and (..., M, features)
        Features; leading axes are problems of their own.
    y, y_test : ndarray of int, shapes (..., N) and (..., M)
        Classes, from 0 on; leading axes as for `x`, or 1.
    strength : float
        Of the penalty, for each example: the same rule whatever the number of examples.

    Returns
    -------
    ndarray, shape (...)
        Share of the test examples that are read off rightly.

    References
    ----------
    G. Alain, Y. Bengio (2016), Understanding intermediate layers using linear classifier probes,
    https://arxiv.org/abs/1610.01644.

    Examples
    --------
    >>> x, y = np.array([[0.0, 1.0], [1.0, 1.0], [4.0, 1.0]]), np.array([0, 0, 1])
    >>> float(probe(x, y, x, y))
    1.0
    """
    x, x_test = np.asarray(x, float), np.asarray(x_test, float)
    middle, spread = x.mean(axis=-2, keepdims=True), x.std(axis=-2, keepdims=True)
    spread = np.where(spread > 0, spread, 1.0)  # a unit that is always off tells nothing
    x, x_test = (x - middle) / spread, (x_test - middle) / spread
    wanted = np.eye(y.max() + 1)[y]
    said = ridge(x, wanted, x_test, strength * x.shape[-2])
    return (said.argmax(axis=-1) == y_test).mean(axis=-1)


def _check_strength(strength: float) -> None:
    if not strength > 0:
        raise ValueError(f"strength must be a number above 0; got {strength!r}")
