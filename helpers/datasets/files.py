"""Where data and stored measurements lie, and how they are read: checked, and without pickles."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

# SHA-256 of each data file, held against it on every load; data/README.md repeats them.
CHECKSUMS = {
    "breast_cancer.csv": "8b8aa3675141b72d6a3648ead4a7059cad138443c6c139a02f65a7b6ef2f2c89",
    "cars.csv": "a3b6d6fc7c8dab966ff47bcbcac3efaf527f5b0a857719c44f13e20e111cd7b2",
    "detector.npz": "5662741feb071424c8a63bbbda2ae607ad8a32b6ced4a919473b3d68df9ba329",
    "digits.npz": "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e",
    "names.tsv": "f9d9d8a8d7c40ced96d6420dc4eb5d505491f8f49e506f288d652d859de4594d",
    "wine.csv": "861b374c0bd98eeb503942e7bb70b73231b8251027ec31bd0a12f1c8e502a1c2",
    "LICENSE.unicode": "b4c0ae8ef04f7059f96ce5bbe0467f9fe6f6d81bbe13517701dfeb961fb4d0b6",
}


def measured(name: str) -> dict[str, Any]:
    """Read measurements that a notebook cannot repeat while it runs.

    Parameters
    ----------
    name : str
        Such as ``"slope_sweep"``. ``data/README.md`` tells what there is, which notebook draws it
        and which program writes it.

    Returns
    -------
    dict
        What the file in ``data/results`` holds.

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> sorted(measured("activation_times")["environments"])
    ['default', 'second']
    """
    results = folder() / "results"
    stored = sorted(path.stem for path in results.glob("*.json"))
    if name not in stored:
        raise ValueError(f"there are measurements called {', '.join(stored)}; got {name!r}")
    return json.loads((results / f"{name}.json").read_text(encoding="utf-8"))


def folder() -> Path:
    """Where the data lie: inside the package when installed from a wheel, else in the clone."""
    package = Path(__file__).parents[1]
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


def verified(name: str) -> bytes:
    """Read a data file and hold it against its checksum."""
    path = folder() / name
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
