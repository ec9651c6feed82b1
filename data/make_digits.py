"""Make digits.npz from the copy of the images that scikit-learn carries.

Needs scikit-learn (``pip install scikit-learn``), which the course itself does not:

    python data/make_digits.py

Writing the same pixels gives the same checksum, which helpers/datasets verifies on every load.
"""

import hashlib
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

TARGET = Path(__file__).with_name("digits.npz")


def main() -> None:
    """Write digits.npz beside this file and print its checksum."""
    source = load_digits()
    np.savez_compressed(
        TARGET,
        images=source.images.astype(np.uint8),
        labels=source.target.astype(np.uint8),
    )
    print(f"{TARGET.name}  sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
