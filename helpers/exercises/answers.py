"""Reading numbers from whatever a learner gave, or saying in a sentence why there are none."""

import dis
import inspect
from numbers import Real

import numpy as np

from .feedback import describe_error, show

__all__ = ["NotNumbersError", "is_blank", "is_stub", "numbers_in", "same_code"]


class NotNumbersError(ValueError):
    """What was given holds no numbers; the message completes the sentence "It is ..."."""


def is_blank(value: object) -> bool:
    """Tell whether a value is still the placeholder of the notebook: ``...`` or None.

    Examples
    --------
    >>> is_blank(...), is_blank([..., ...]), is_blank([0.0, 1.0])
    (True, True, False)
    """
    if isinstance(value, list | tuple):
        return any(item is None or item is Ellipsis for item in value)
    return value is None or value is Ellipsis


def is_stub(function: object) -> bool:
    """Tell whether a function's body does nothing: it touches no argument, variable or name.

    Examples
    --------
    >>> is_stub(lambda x: None), is_stub(lambda x: x)
    (True, False)
    """
    code = getattr(function, "__code__", None)
    if not inspect.iscode(code) or not set(code.co_names) <= {"NotImplementedError"}:
        return False
    return not any("_FAST" in step.opname or "_DEREF" in step.opname for step in dis.Bytecode(code))


# How a call such as `np.exp(z)` is compiled depends on where the module was imported: in the same
# file, or in another cell.
NO_STEPS = frozenset({"PUSH_NULL", "PRECALL"})
SAME_STEPS = {"LOAD_METHOD": "LOAD_ATTR"}


def same_code(one: object, other: object) -> bool:
    """Tell whether two functions do the same steps; comments, spaces and docstrings do not count.

    Examples
    --------
    >>> same_code(lambda x: x + 1, lambda x: x+1), same_code(lambda x: x + 1, lambda x: x + 2)
    (True, False)
    """
    steps = _steps(one)
    return steps is not None and steps == _steps(other)


def _steps(function: object) -> list[tuple[str, object]] | None:
    """List what a function does, step by step; None where there is no Python code."""
    code = function if inspect.iscode(function) else getattr(function, "__code__", None)
    if not inspect.iscode(code):
        return None
    # By what the steps name, not by the numbers of places, which a docstring moves. By `repr`, as 1
    # and 1.0 and True are equal and not the same.
    steps: list[tuple[str, object]] = [
        (SAME_STEPS.get(step.opname, step.opname), _steps(step.argval) or repr(step.argval))
        for step in dis.Bytecode(code)
        if step.opname not in NO_STEPS
    ]
    defaults = getattr(function, "__defaults__", None), getattr(function, "__kwdefaults__", None)
    return [("arguments", repr((code.co_varnames, defaults))), *steps]


def numbers_in(value: object) -> np.ndarray:
    """Copy the numbers of a scalar, list, array or tensor into a new float array.

    Raises
    ------
    NotNumbersError
        If there are none, or they are complex, or text, or of uneven rows.

    Examples
    --------
    >>> numbers_in([True, 2])
    array([1., 2.])
    >>> numbers_in("2")
    Traceback (most recent call last):
    helpers.exercises.answers.NotNumbersError: text, not a number: '2'
    """
    if value is None:
        raise NotNumbersError("None, nothing at all")
    if isinstance(value, str | bytes):
        raise NotNumbersError(f"text, not a number: {show(value)}")
    if inspect.iscoroutine(value):
        value.close()
    if callable(value):
        raise NotNumbersError(f"a function or a class, not a number: {show(value)}")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(isinstance(item, Real) for item in array.flat):
            array = array.astype(float)
    except Exception as error:
        raise NotNumbersError(f"{show(value)}, not numbers ({describe_error(error)})") from None
    if array.dtype.kind not in "biuf":
        raise NotNumbersError(f"{show(value)}, not real numbers")
    return np.array(array, dtype=float)
