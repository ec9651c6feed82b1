"""Write what a program has measured, for a notebook to draw: see `helpers.datasets.measured`."""

import datetime
import json
import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]


def store(name: str, told: Mapping[str, Any]) -> None:
    """Write ``data/results/<name>.json``, with the date and what it was measured with.

    Parameters
    ----------
    name : str
        By which `helpers.datasets.measured` finds it.
    told : mapping
        What was measured, and how; NumPy's numbers and arrays are welcome in it. Each innermost
        list is written in one line, nan as NaN, which Python reads. A file of that name is
        replaced, in one go: nobody finds half of it.

    Raises
    ------
    ValueError
        If `told` has a name that is written here, such as "date".
    """
    torch = sys.modules.get("torch")
    made_with = {
        "python": platform.python_version(),
        "numpy": np.__version__,
        **({} if torch is None else {"torch": torch.__version__.partition("+")[0]}),
        "processor": platform.machine(),
        "system": platform.system(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }
    if both := sorted(made_with.keys() & told.keys()):
        raise ValueError(f"{', '.join(both)}: store writes that by itself; use another name")
    text = json.dumps(made_with | dict(told), indent=1, default=plain)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: in_one_line(match[0]), text)
    file = ROOT / "data" / "results" / f"{name}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(file)
    print(f"\nstored in {file.relative_to(ROOT).as_posix()}")


def in_one_line(text: str) -> str:
    """Join lines of JSON. A line never ends within a string, so that none is changed."""
    return re.sub(r"\n *", "", re.sub(r",\n *", ", ", text))


def plain(value: Any) -> Any:
    """Turn NumPy's numbers and arrays into Python's, for JSON."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"a result must be made of numbers, strings, lists and dicts; got {value!r}")
