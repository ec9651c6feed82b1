import hashlib
import shutil

import numpy as np
import pytest

from helpers import datasets
from helpers.datasets import CHECKSUMS, Digits, digits


def test_digits_are_the_whole_set():
    data = digits()
    assert data.images.shape == (1797, 8, 8)
    assert data.images.dtype == np.uint8
    assert data.images.min() == 0
    assert data.images.max() == 16
    assert len(data) == 1797
    # The counts of the test part as the source gives them.
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_pixels_are_sixteenths_between_zero_and_one():
    pixels = digits().pixels
    assert pixels.shape == (1797, 64)
    assert pixels.dtype == np.float64
    assert pixels.min() == 0
    assert pixels.max() == 1
    assert np.array_equal(pixels * 16, digits().images.reshape(-1, 64))


def test_a_reader_may_change_the_arrays():
    digits().images[:] = 0
    assert digits().images.any()


def test_only_keeps_the_order():
    data, chosen = digits(), digits().only(3, 8)
    expected = [label for label in data.labels if label in (3, 8)]
    assert chosen.labels.tolist() == expected
    assert len(chosen.images) == len(expected)


@pytest.mark.parametrize("classes", [(), (10,), (0, -1), ("0",), ([0, 1],), (0, None), (0.5,)])
def test_only_says_what_it_accepts(classes):
    with pytest.raises(ValueError, match=r"name one or more of the digits \[0, 1, 2"):
        digits().only(*classes)


def test_only_of_a_selection_names_what_is_left():
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        digits().only(0, 1).only(2)


@pytest.fixture
def data_copy(tmp_path, monkeypatch):
    """Copy the data folder, so that a test may damage it."""
    folder = shutil.copytree(datasets._folder(), tmp_path / "data")
    monkeypatch.setattr(datasets, "_folder", lambda: folder)
    return folder


@pytest.mark.parametrize("damage", [b"", b"not a zip file", None])
def test_a_damaged_file_is_named(data_copy, damage):
    path = data_copy / "digits.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1  # a single flipped bit
    path.write_bytes(bytes(content) if damage is None else damage)
    with pytest.raises(ValueError, match=r"digits\.npz is damaged.*reinstall relu-course"):
        digits()


def test_a_missing_file_is_named(data_copy):
    (data_copy / "digits.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"digits\.npz is missing.*reinstall relu-course"):
        digits()


def test_every_data_file_has_a_checksum_that_its_readme_states():
    readme = (datasets._folder() / "README.md").read_text(encoding="utf-8")
    shipped = {path.name for path in datasets._folder().iterdir()} - {"README.md"}
    assert {name for name in shipped if not name.endswith(".py")} == set(CHECKSUMS)
    for name, checksum in CHECKSUMS.items():
        assert f"## {name}" in readme
        assert f"`{checksum}`" in readme
    assert "Creative Commons Attribution 4.0" in readme


def test_pickles_are_refused(data_copy, monkeypatch):
    path = data_copy / "digits.npz"
    np.savez(path, images=np.array([object()]), labels=np.zeros(1))
    monkeypatch.setitem(CHECKSUMS, "digits.npz", hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ValueError, match="allow_pickle=False"):
        digits()


def test_repr_tells_size_and_classes():
    data = Digits(np.zeros((2, 8, 8), np.uint8), np.array([7, 7]))
    assert repr(data) == "Digits: 2 pictures of 8 x 8 pixels, classes 7"
