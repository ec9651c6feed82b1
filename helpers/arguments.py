"""Checks of arguments that several modules share: each says what was given and what is accepted."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

__all__ = ["check_count", "seed_list"]


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


def seed_list(given: int | Sequence[int]) -> list[int]:
    """Return seeds as a list: so many from 0 on, or those that are given.

    Raises
    ------
    TypeError, ValueError
        If there are none, if one is no whole number of at least 0, or if two are the same.

    Examples
    --------
    >>> seed_list(3), seed_list([8, 5])
    ([0, 1, 2], [8, 5])
    """
    if isinstance(given, Integral):
        check_count(given, "seeds", 1)
        return list(range(given))
    try:
        seeds = list(given)
    except TypeError:
        raise TypeError(f"seeds must be a number of them, or a list; got {given!r}") from None
    for seed in seeds:
        check_count(seed, "a seed", 0)
    if not seeds or len(set(seeds)) != len(seeds):
        raise ValueError(f"seeds must be different, and at least one; got {given!r}")
    return [int(seed) for seed in seeds]
