"""Data sets of the course: small, real, shipped with it, and verified on every load.

Nothing here touches the network. Where a file comes from, and its licence, is told in
``data/README.md``.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CHECKSUMS = {
    "digits.npz": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
}


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
    with np.load(io.BytesIO(_verified("digits.npz")), allow_pickle=False) as file:
        return Digits(file["images"], file["labels"].astype(np.int64))


def _folder() -> Path:
    """Where the data lie: inside the package when installed from a wheel, else in the clone."""
    package = Path(__file__).parent
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


def _verified(name: str) -> bytes:
    """Read a data file and hold it against its checksum."""
    path = _folder() / name
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The data file {path} is missing. It comes with the course: "
            "'git checkout -- data' brings it back in a clone; elsewhere, reinstall relu-course."
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != CHECKSUMS[name]:
        raise ValueError(
            f"The data file {path} is damaged: its SHA-256 begins {found[:12]}, not "
            f"{CHECKSUMS[name][:12]}. 'git checkout -- data' brings the right one back in a "
            "clone; elsewhere, reinstall relu-course."
        )
    return content
