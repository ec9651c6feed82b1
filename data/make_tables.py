"""Make wine.csv and breast_cancer.csv from the copies that scikit-learn carries.

Needs scikit-learn (``pip install scikit-learn``), which the course itself does not:

    python data/make_tables.py

Writing the same numbers gives the same checksums, which helpers/datasets verifies on every load.

scikit-learn calls the classes of the wines class_0, class_1 and class_2; the source numbers them
from 1, and so do we. The table of tumours at the source has a number for each patient, which that
copy leaves out.
"""

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.datasets import load_breast_cancer, load_wine

FOLDER = Path(__file__).parent


def write(name: str, data: np.ndarray, features: Sequence[str], classes: Sequence[str]) -> None:
    """Write a table of numbers and the class of each row, and print its checksum.

    Parameters
    ----------
    name : str
        Of the file, beside this one.
    data : ndarray, shape (N, d)
        What was measured. Each number is written with as many digits as tell it apart, no more.
    features : sequence of str
        Names of the d columns; an underscore becomes a space.
    classes : sequence of str
        Class of each row.
    """
    path = FOLDER / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(feature.replace("_", " ") for feature in features), "class"])
        for row, label in zip(data, classes, strict=True):
            writer.writerow([*(np.format_float_positional(x, trim="-") for x in row), label])
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    print(f"{name}  {len(data)} rows  sha256 {checksum}")


def main() -> None:
    """Write both tables beside this file and print their checksums."""
    wine = load_wine()
    write("wine.csv", wine.data, wine.feature_names, [f"cultivar {n + 1}" for n in wine.target])
    tumours = load_breast_cancer()
    diagnoses = [str(tumours.target_names[n]) for n in tumours.target]
    write("breast_cancer.csv", tumours.data, tumours.feature_names, diagnoses)


if __name__ == "__main__":
    main()
