"""Checks of arguments that several modules share: each says what was given and what is accepted."""

from numbers import Integral
from typing import Any

__all__ = ["check_count"]


def check_count(count: Any, name: str, least: int) -> None:
    """Refuse what is not a whole number of at least so much.

    Raises
    ------
    TypeError
        If `count` is no whole number; True and False are none.
    ValueError
        If it is below `least`.

    Examples
    --------
    >>> check_count(0, "epochs", least=1)
    Traceback (most recent call last):
    ValueError: epochs must be a whole number of at least 1; got 0
    """
    if isinstance(count, bool) or not isinstance(count, Integral):
        raise TypeError(f"{name} must be a whole number of at least {least}; got {count!r}")
    if count < least:
        raise ValueError(f"{name} must be a whole number of at least {least}; got {count}")
