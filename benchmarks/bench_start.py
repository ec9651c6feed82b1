"""How long a learner waits: `import helpers`, the second `make course`, the whole validation.

python benchmarks/bench_start.py
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from interleave import interleaved, ratio, spread

ROOT = Path(__file__).resolve().parents[1]
GOAL = 1.2  # of `import helpers`, in times of `import numpy`
STARTS = 5


def fresh(code: str) -> None:
    """Run `code` in a new interpreter."""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def imports() -> None:
    """Compare `import helpers` with `import numpy`, in fresh interpreters."""
    codes = {name: f"import {name}" for name in ("numpy", "helpers", "helpers.activations")}
    times = interleaved(
        {name: lambda code=code: fresh(code) for name, code in (codes | {"sys": "pass"}).items()},
        repeats=20,
    )
    print("A fresh interpreter that imports; median [quartiles]\n")
    print(f"{'':20} {'ms':24} {'ms without Python':24} times numpy")
    for name in codes:
        whole, own = times[name], times[name] - times["sys"]
        share = ratio(whole, times["numpy"])
        print(f"{name:20} {spread(whole * 1e3)!s:24} {spread(own * 1e3)!s:24} {share}")
    share = ratio(times["helpers"], times["numpy"]).median
    print(f"\ngoal for helpers, at most {GOAL}: {'met' if share <= GOAL else 'MISSED'}")


def clone_that_is_ready(folder: Path) -> None:
    """Make the first `make course` unnecessary: this environment, under a record of its own."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    for name in ("tools", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    (folder / ".venv").mkdir()
    for path in (ROOT / ".venv").iterdir():
        (folder / ".venv" / path.name).symlink_to(path)
    sys.path.insert(0, str(ROOT))
    from tools.environment import ALL_EXTRAS, RECORD, Environment

    own = Environment(folder)
    (own.path / RECORD).unlink(missing_ok=True)
    wanted = own.wanted(ALL_EXTRAS)
    own.write(
        {
            "ready": True,
            "clone": wanted.clone,
            "python": own.version(),
            "pins": wanted.pins,
            "extras": list(wanted.extras),
            "installed": sorted(own.installed()),
        }
    )


def seconds_to_listen(folder: Path) -> float:
    """Time `make course` until the server says where it is, then stop it."""
    begin = time.perf_counter()
    server = subprocess.Popen(
        ["make", "course", "ARGS=--no-browser"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    said = ""
    for line in server.stdout:
        said += line
        if "Ctrl-C" in line:
            took = time.perf_counter() - begin
            os.killpg(server.pid, signal.SIGINT)
            server.communicate()
            return took
    raise RuntimeError(f"make course ended:\n{said}")


def second_course() -> None:
    """Time the second `make course`, and the part of it that looks at .venv."""
    check = ["make", "-s", "environment"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        clone_that_is_ready(folder)
        seconds_to_listen(folder)  # copies the notebooks
        looks = interleaved(
            {"look": lambda: subprocess.run(check, cwd=folder, check=True)}, repeats=STARTS
        )
        starts = np.array([seconds_to_listen(folder) for _ in range(STARTS)])
    print("\nThe second `make course`, s; median [quartiles]\n")
    print(f"{'looking at .venv':25} {spread(looks['look'])}")
    print(f"{'until the server listens':25} {spread(starts)}")


def validation() -> None:
    """Time strict nbval over every notebook, once."""
    begin = time.perf_counter()
    answer = subprocess.run(["make", "-s", "validate"], cwd=ROOT, capture_output=True, text=True)
    took = time.perf_counter() - begin
    notebooks = len(list((ROOT / "notebooks").glob("*.ipynb")))
    result = "passed" if answer.returncode == 0 else "FAILED"
    print(f"\nThe whole validation: {took:.1f} s for {notebooks} notebooks, {result}")


def main() -> None:
    imports()
    second_course()
    validation()


if __name__ == "__main__":
    main()
