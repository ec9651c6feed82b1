"""How long each notebook runs: kernel start and all cells, beside an empty notebook.

python benchmarks/bench_notebooks.py [NN ...]
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
TURNS = 3
GOAL = 30  # seconds


def seconds_to_run(notebook: nbformat.NotebookNode) -> float:
    start = time.perf_counter()
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(cwd=str(NOTEBOOKS))
    return time.perf_counter() - start


def main() -> None:
    asked = sys.argv[1:]
    paths = [p for p in sorted(NOTEBOOKS.glob("*.ipynb")) if not asked or p.name[:2] in asked]
    contestants = {"(an empty notebook)": nbformat.v4.new_notebook()}
    contestants |= {path.stem: nbformat.read(path, as_version=4) for path in paths}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    with tempfile.TemporaryDirectory() as progress:
        os.environ["COURSE_PROGRESS_DIR"] = progress  # hints shown here are nobody's
        os.environ["GOMP_SPINCOUNT"] = "10000"  # as `make course` has it
        for _ in tqdm(range(TURNS), "turns", leave=False):
            for name, notebook in contestants.items():
                times[name].append(seconds_to_run(notebook))
    print(f"Seconds from starting the kernel to the last cell, {TURNS} runs\n")
    print(f"{'':32}{'median':>8}{'slowest':>9}   goal")
    for name, seconds in times.items():
        met = "met" if max(seconds) < GOAL else "MISSED"
        goal = f"{met} (under {GOAL})" if name in {path.stem for path in paths} else ""
        print(f"{name:32}{statistics.median(seconds):8.1f}{max(seconds):9.1f}   {goal}")
    together = sum(statistics.median(times[path.stem]) for path in paths)
    print(f"{'all':32}{together:8.1f}")


if __name__ == "__main__":
    main()
