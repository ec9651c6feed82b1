"""What README shows works, and where it leads there is something."""

import re
from pathlib import Path

import numpy as np
import torch

from helpers.datasets import digits

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_examples_run_in_their_order():
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len(blocks) >= 2
    data = digits()
    model = torch.nn.Sequential(torch.nn.Linear(64, 8), torch.nn.ReLU(), torch.nn.Linear(8, 10))
    inputs = torch.tensor(data.pixels, dtype=torch.float32)
    names = {
        "x": data.pixels,
        "y": data.labels,
        "z": np.array([[1.0, -1.0], [2.0, -2.0]]),
        "model": model,
        "train": lambda model: [model(batch).sum().backward() for batch in inputs.split(64)],
    }
    for block in blocks:
        exec(block, names)
    assert np.all(names["history"].test_accuracy[-1] > 0.9)


def test_links_lead_to_files():
    for target in re.findall(r"\]\((?!https?:)([^)#\s]+)", README):
        assert (ROOT / target).exists(), target


def test_the_table_links_every_notebook_that_is_finished():
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        assert f"](notebooks/{path.name})" in README, path.name
