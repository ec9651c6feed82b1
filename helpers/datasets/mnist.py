"""MNIST and Fashion-MNIST: 70,000 pictures of 28 x 28 pixels each, downloaded on first use.

The course needs neither; they are for who wants to go on with more data.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from helpers.datasets.download import Remote, cache_folder, fetched
from helpers.datasets.parts import Split

FASHION_CLASSES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
    "https://raw.githubusercontent.com/fgnt/mnist/master",
)
FASHION_MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",  # no https there
)

# SHA-256 of the decompressed files. Computed by ourselves: all four labels and MNIST's test
# pictures, from the .gz files in the git repositories fgnt/mnist and zalandoresearch/fashion-mnist,
# whose .gz files have the MD5 that torchvision (datasets/mnist.py) lists and the SHA-256 that
# tensorflow-datasets (url_checksums) lists. At second hand: the other three (pictures to train on
# of both, Fashion-MNIST's test pictures), each as at least three public projects of different
# authors give it, whose sums of the five above are ours.
MNIST_FILES = (
    Remote(
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        47_040_016,
    ),
    Remote(
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        60_008,
    ),
    Remote(
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        7_840_016,
    ),
    Remote(
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        10_008,
    ),
)
FASHION_FILES = (
    Remote(
        "train-images-idx3-ubyte",
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        47_040_016,
    ),
    Remote(
        "train-labels-idx1-ubyte",
        "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        60_008,
    ),
    Remote(
        "t10k-images-idx3-ubyte",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        7_840_016,
    ),
    Remote(
        "t10k-labels-idx1-ubyte",
        "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        10_008,
    ),
)


def mnist(folder: str | os.PathLike | None = None, *, progress: bool = True) -> Split:
    """Load MNIST: handwritten digits, 60,000 to train on and 10,000 to be tested on.

    The first call downloads 11 MB; later ones need no network. No notebook uses it.

    Parameters
    ----------
    folder : path, optional
        Downloads are kept below it, in ``mnist``. By default what the environment variable
        ``RELU_COURSE_DATA`` names, or else ``relu-course`` in the user's cache folder. Files that
        you put there by hand do as well, with or without ``.gz``.
    progress : bool
        Show a progress bar if it takes more than two seconds.

    Returns
    -------
    Split
        x_train, y_train, x_test, y_test: pictures as uint8 of shape (N, 28, 28), from 0 (paper) to
        255 (ink); the digits as int64 of shape (N,). Fresh arrays, yours to change.

    Raises
    ------
    ConnectionError
        If it is not there yet and no mirror delivers. The message tells where to put the files.
    OSError
        If the folder cannot be written.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner (1998), https://doi.org/10.1109/5.726791. What is
    known of its licence is told in ``data/README.md``.

    Examples
    --------
    >>> x_train, y_train, x_test, y_test = mnist()  # doctest: +SKIP
    >>> x_train.shape, y_train[:3].tolist()  # doctest: +SKIP
    ((60000, 28, 28), [5, 0, 4])
    """
    return _loaded("mnist", MNIST_FILES, MNIST_MIRRORS, folder, progress)


def fashion_mnist(folder: str | os.PathLike | None = None, *, progress: bool = True) -> Split:
    """Load Fashion-MNIST: clothes, 60,000 to train on and 10,000 to be tested on.

    The first call downloads 31 MB; later ones need no network. No notebook uses it.

    Parameters
    ----------
    folder, progress
        As for `mnist`; kept in ``fashion_mnist``.

    Returns
    -------
    Split
        As for `mnist`; `FASHION_CLASSES` names the ten classes.

    Raises
    ------
    ConnectionError, OSError
        As for `mnist`.

    References
    ----------
    H. Xiao, K. Rasul, R. Vollgraf (2017), https://arxiv.org/abs/1708.07747. MIT licence.

    Examples
    --------
    >>> x_train, y_train, x_test, y_test = fashion_mnist()  # doctest: +SKIP
    >>> FASHION_CLASSES[y_train[0]]  # doctest: +SKIP
    'Ankle boot'
    """
    return _loaded("fashion_mnist", FASHION_FILES, FASHION_MIRRORS, folder, progress)


def _loaded(
    name: str,
    files: Sequence[Remote],
    mirrors: Sequence[str],
    folder: str | os.PathLike | None,
    progress: bool,
) -> Split:
    """Fetch four files, and read them."""
    where = (cache_folder() if folder is None else Path(folder).expanduser()) / name
    parts = [read_idx(fetched(one, mirrors, where, progress), one.name) for one in files]
    x_train, y_train, x_test, y_test = parts
    return Split(x_train, y_train.astype(np.int64), x_test, y_test.astype(np.int64))


def read_idx(content: bytes, name: str = "it") -> np.ndarray:
    """Read an array of bytes from the idx format, in which MNIST comes.

    Two zero bytes; 8, for unsigned bytes; the number of axes; the length of each as four bytes,
    high byte first; then the values.

    Parameters
    ----------
    content : bytes
        Decompressed.
    name : str
        Of the file, for messages.

    Returns
    -------
    ndarray of uint8
        A fresh array of the shape that the header states.

    Raises
    ------
    ValueError
        If this is not idx, holds other numbers than unsigned bytes, or has not the length that its
        header states.

    Examples
    --------
    >>> read_idx(bytes([0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 7, 8, 9]))
    array([[7, 8, 9]], dtype=uint8)
    """
    if len(content) < 4 or content[:2] != b"\0\0":
        raise ValueError(
            f"{name} is not in the idx format, which begins with two zero bytes, a type and a "
            f"number of axes: it begins {content[:4].hex(' ') or 'and ends with nothing'}"
        )
    kind, axes = content[2:4]
    if kind != 8:
        raise ValueError(f"{name} holds numbers of type {kind}: only 8, unsigned bytes, is read")
    start = 4 + 4 * axes
    if len(content) < start:
        raise ValueError(f"{name} ends within its header of {start} bytes, after {len(content)}")
    shape = [int.from_bytes(content[at : at + 4]) for at in range(4, start, 4)]
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{name} has {len(content) - start:,} values, where its header states the shape "
            f"{tuple(shape)}: {math.prod(shape):,}"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape).copy()
