"""Handwritten digits: 1,797 real pictures of 8 x 8 pixels."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from helpers.datasets.files import verified


@dataclass(frozen=True, eq=False)
class Digits:
    """Handwritten digits: pictures and what they show.

    Attributes
    ----------
    images : ndarray of uint8, shape (N, 8, 8)
        Ink per pixel, from 0 (paper) to 16 (full).
    labels : ndarray of int64, shape (N,)
        The digit that was written, 0 to 9.
    """

    images: np.ndarray
    labels: np.ndarray

    @property
    def pixels(self) -> np.ndarray:
        """The pictures as rows of 64 numbers from 0 to 1, float64, shape (N, 64).

        Division by 16 is exact in binary, so sums of pixels are the same on every machine.
        """
        return self.images.reshape(len(self.images), -1) / 16

    def only(self, *classes: int) -> Digits:
        """Keep the pictures of the named digits, in their order.

        Raises
        ------
        ValueError
            If no class is named, or one that is not among the labels.

        Examples
        --------
        >>> digits().only(0, 1)
        Digits: 360 pictures of 8 x 8 pixels, classes 0 1
        """
        present = np.unique(self.labels).tolist()
        if not classes or not all(label in present for label in classes):
            named = ", ".join(map(repr, classes))
            raise ValueError(
                f"only({named}) cannot be had: name one or more of the digits {present}, "
                "for example only(0, 1)"
            )
        keep = np.isin(self.labels, classes)
        return Digits(self.images[keep], self.labels[keep])

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.labels)

    def __repr__(self) -> str:
        """Tell size and classes in one line."""
        classes = " ".join(str(label) for label in np.unique(self.labels))
        return f"Digits: {len(self)} pictures of 8 x 8 pixels, classes {classes}"


def digits() -> Digits:
    """Load 1,797 handwritten digits as 8 x 8 pictures.

    Returns
    -------
    Digits
        Fresh, writable arrays: changing them changes nothing for the next caller.

    Raises
    ------
    FileNotFoundError
        If ``digits.npz`` is missing.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49 (the test part; CC BY 4.0). Taught in
    notebook 01.

    Examples
    --------
    >>> data = digits()
    >>> data
    Digits: 1797 pictures of 8 x 8 pixels, classes 0 1 2 3 4 5 6 7 8 9
    >>> data.images.shape, data.pixels.shape, data.labels[:5].tolist()
    ((1797, 8, 8), (1797, 64), [0, 1, 2, 3, 4])
    """
    with np.load(io.BytesIO(verified("digits.npz")), allow_pickle=False) as file:
        return Digits(file["images"], file["labels"].astype(np.int64))
