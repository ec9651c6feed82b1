"""Write what a program has measured, for a notebook to draw: see `helpers.datasets.measured`."""

import datetime
import json
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
        What was measured, and how. Each innermost list is written in one line.
    """
    torch = sys.modules.get("torch")
    made_with = {
        "numpy": np.__version__,
        **({} if torch is None else {"torch": torch.__version__.partition("+")[0]}),
        "processor": platform.machine(),
        "system": platform.system(),
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
    }
    text = json.dumps(made_with | dict(told), indent=1)
    text = re.sub(r"\[[^\[\]{}]*\]", lambda match: " ".join(match[0].split()), text)
    file = ROOT / "data" / "results" / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")
    print(f"\nstored in {file.relative_to(ROOT).as_posix()}")
