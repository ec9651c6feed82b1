"""Make detector.npz: the weights of the detector of notebook 13, trained as the course trains it.

    python data/make_detector.py

Training in float32 ends a little differently on each kind of processor, so weights made elsewhere
are as good and not the same: whoever makes them anew puts the printed checksum into
helpers/datasets/files.py and data/README.md, and refreshes the notebook.
"""

import hashlib
from pathlib import Path

import numpy as np
import torch

from helpers.datasets import scenes
from helpers.models.detector import score, train_detector

TARGET = Path(__file__).with_name("detector.npz")


def main() -> None:
    """Train the detector, write detector.npz beside this file and print its checksum."""
    torch.set_num_threads(1)
    model = train_detector(seed=0)
    weights = {name: value.contiguous().numpy() for name, value in model.state_dict().items()}
    np.savez_compressed(TARGET, **weights)
    print(f"mAP on 500 scenes: {score(model, scenes(500, 'test', seed=0)):.3f}")
    print(f"{TARGET.name}  sha256 {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
