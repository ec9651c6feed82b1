"""Packages that only notebook 16 needs: imported late; where one is missing, how to get it."""

from __future__ import annotations

import atexit
import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

__all__ = ["array_of", "is_keras", "load_keras", "need", "quiet"]

# On what Keras can run: the name that it knows, which is that of the package too.
BACKENDS = ("torch", "tensorflow", "jax")


def need(package: str, extra: str, purpose: str) -> ModuleType:
    """Import a package that is not there by default.

    Raises
    ------
    ImportError
        If it is missing: with the command that installs it.

    Examples
    --------
    >>> need("math", "keras", "to count").pi
    3.141592653589793
    >>> need("no_such_package", "keras", "to count")
    Traceback (most recent call last):
    ImportError: no_such_package is needed to count and is not installed: pip install -e ".[keras]"
    """
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise ImportError(
            f'{package} is needed {purpose} and is not installed: pip install -e ".[{extra}]"'
        ) from None


def load_keras() -> ModuleType:
    """Import Keras 3, on whichever back end the environment variable KERAS_BACKEND names.

    Where it names none, it is set to torch, which this course has; left alone, Keras looks for
    TensorFlow. Keras also writes a file of settings when it is imported: unless KERAS_HOME says
    where, into a folder that is removed again, and not into yours.

    Returns
    -------
    module
        keras.

    Raises
    ------
    ImportError
        If Keras or its back end is not installed.
    ValueError
        If KERAS_BACKEND names something else.

    References
    ----------
    https://keras.io/getting_started/: how a back end is chosen. Taught in notebook 16.

    Examples
    --------
    >>> keras = load_keras()
    >>> keras.layers.LeakyReLU().negative_slope
    0.3
    """
    if "keras" not in sys.modules:
        backend = os.environ.setdefault("KERAS_BACKEND", BACKENDS[0])
        if backend not in BACKENDS:
            raise ValueError(f"KERAS_BACKEND is {backend!r}; this course knows {BACKENDS}")
        if importlib.util.find_spec(backend) is None:
            raise ImportError(
                f"KERAS_BACKEND asks for {backend}, which is not installed: install it, or set the "
                "variable to one of torch, tensorflow and jax that is, before Keras is imported"
            )
        if "KERAS_HOME" not in os.environ:
            os.environ["KERAS_HOME"] = folder = tempfile.mkdtemp(prefix="keras-")
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return need("keras", "keras", "for models of Keras")


def is_keras(model: Any) -> bool:
    """Tell whether something is a model of Keras, without importing Keras for it.

    Examples
    --------
    >>> is_keras([1, 2])
    False
    """
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep back what NumPy says of the way in which Keras reads tensors of torch."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        yield


def array_of(tensor: Any) -> np.ndarray:
    """Copy a tensor or variable of Keras, on any back end, into an array."""
    with quiet():
        return np.array(load_keras().ops.convert_to_numpy(tensor))
