import hashlib
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import datasets
from helpers.datasets import (
    CHECKSUMS,
    Digits,
    absolute,
    circles,
    digits,
    files,
    line,
    moons,
    sine,
    spirals,
    split,
    standardize,
)

quick = settings(derandomize=True, database=None, deadline=None, max_examples=60)
CLASSES = [moons, circles, spirals]
NUMBERS = [absolute, sine, line]


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
    copy = shutil.copytree(files.folder(), tmp_path / "data")
    monkeypatch.setattr(files, "folder", lambda: copy)
    return copy


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
    readme = (files.folder() / "README.md").read_text(encoding="utf-8")
    shipped = {path.name for path in files.folder().iterdir() if path.is_file()} - {"README.md"}
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


# --- drawn data -------------------------------------------------------------------------------


@pytest.mark.parametrize("draw", [*CLASSES, *NUMBERS])
def test_the_seed_alone_decides_what_is_drawn(draw):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    one, same, other = draw(30, seed=1), draw(30, seed=1), draw(30, seed=2)
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    assert np.array_equal(one.x, same.x)
    assert np.array_equal(one.y, same.y)
    assert not np.array_equal(one.x, other.x)
    generator = draw(30, seed=np.random.default_rng(1))
    assert np.array_equal(one.x, generator.x)


@pytest.mark.parametrize("draw", CLASSES)
@pytest.mark.parametrize("n", [2, 3, 100, 101])
def test_classes_are_halves_in_random_order(draw, n):
    x, y = draw(n)
    assert (x.shape, x.dtype, y.dtype) == ((n, 2), np.float64, np.int64)
    assert np.bincount(y).tolist() == [n - n // 2, n // 2]
    assert n < 100 or 20 < np.abs(np.diff(y)).sum() < 80


@pytest.mark.parametrize("draw", NUMBERS)
def test_numbers_come_as_a_column(draw):
    x, y = draw(40)
    assert x.shape == y.shape == (40, 1)
    assert x.dtype == y.dtype == np.float64


def test_moons_without_noise_lie_on_their_arcs():
    x, y = moons(200, noise=0.0)
    upper, lower = x[y == 0], x[y == 1] - [1.0, 0.5]
    assert np.allclose(np.hypot(*upper.T), 1)
    assert np.allclose(np.hypot(*lower.T), 1)
    assert upper[:, 1].min() >= 0 >= lower[:, 1].max()


def test_circles_without_noise_have_their_radii():
    x, y = circles(200, noise=0.0)
    assert np.allclose(np.hypot(*x.T), np.where(y == 0, 1.0, 0.5))


@pytest.mark.parametrize("turns", [0.5, 1.0, 2.0])
def test_spirals_without_noise_lie_on_their_arms(turns):
    x, y = spirals(300, noise=0.0, turns=turns)
    radius = np.hypot(*x.T)
    assert radius.min() >= 0.1
    assert radius.max() <= 1.0
    angle = 2 * np.pi * turns * (radius - 0.1) / 0.9 + np.pi * y
    np.testing.assert_allclose(x, radius[:, None] * np.c_[np.cos(angle), np.sin(angle)], atol=1e-12)


def test_absolute_has_inputs_of_variance_one():
    x, _ = absolute(200_000)
    assert x.var() == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize(("draw", "curve"), [(sine, np.sin), (line, lambda x: 2 * x - 1)])
def test_noise_has_the_size_it_says(draw, curve):
    x, y = draw(100_000, noise=0.5)
    assert (y - curve(x)).std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 1.0])
def test_outliers_are_the_share_asked_for_and_far_off(share):
    x, y = line(400, noise=0.0, outliers=share)
    off = np.abs(y - (2 * x - 1))
    assert (off > 1e-9).sum() == round(400 * share)
    assert not share or off[off > 1e-9].std() > 3


def test_outliers_leave_the_other_points_alone():
    clean, hit = line(100, seed=3), line(100, outliers=0.2, seed=3)
    assert np.array_equal(clean.x, hit.x)
    assert (clean.y == hit.y).sum() == 80


@pytest.mark.parametrize("draw", [*CLASSES, *NUMBERS])
@pytest.mark.parametrize(("n", "error"), [(1, ValueError), (2.0, TypeError), (True, TypeError)])
def test_numbers_of_points_that_cannot_be(draw, n, error):
    with pytest.raises(error, match="n must be a whole number of at least 2"):
        draw(n)


@pytest.mark.parametrize("draw", [*CLASSES, sine, line])
@pytest.mark.parametrize("noise", [-0.1, np.nan, np.inf, "0.1", True])
def test_noise_that_cannot_be(draw, noise):
    with pytest.raises(ValueError, match="noise must be a number of at least 0"):
        draw(10, noise=noise)


def test_turns_and_outliers_that_cannot_be():
    with pytest.raises(ValueError, match="turns must be a number above 0"):
        spirals(10, turns=0)
    for share in (-0.1, 1.1, "a", True):
        with pytest.raises(ValueError, match="outliers must be a share from 0 to 1"):
            line(10, outliers=share)


# --- split and standardize --------------------------------------------------------------------


@quick
@given(
    counts=st.lists(st.integers(8, 40), min_size=1, max_size=5),
    test=st.sampled_from([0.2, 0.25, 1 / 3, 0.5, 0.75]),
    seed=st.integers(0, 99),
)
def test_split_keeps_every_example_once_and_the_shares_of_classes(counts, test, seed):
    y = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    x = np.arange(len(y))
    parts = split(x, y, test=test, seed=seed)
    assert sorted([*parts.x_train, *parts.x_test]) == x.tolist()
    assert np.array_equal(y[parts.x_train], parts.y_train)
    assert np.array_equal(y[parts.x_test], parts.y_test)
    assert len(parts.x_test) == round(test * len(y))
    for label, count in enumerate(counts):
        assert abs((parts.y_test == label).sum() - test * count) < 1


def test_split_by_its_seed():
    x, y = moons(60)
    one, same, other = split(x, y, seed=1), split(x, y, seed=1), split(x, y, seed=2)
    assert np.array_equal(one.x_test, same.x_test)
    assert not np.array_equal(one.x_test, other.x_test)


def test_split_of_a_sorted_set_is_in_random_order():
    parts = split(np.arange(100), np.repeat([0, 1], 50))
    assert 10 < np.abs(np.diff(parts.y_train)).sum() < 65


def test_split_of_numbers_is_not_stratified():
    x, y = sine(40)
    parts = split(x, y, test=0.25)
    assert [len(part) for part in parts] == [30, 30, 10, 10]
    assert np.allclose(np.sin(parts.x_test), parts.y_test, atol=0.5)


@pytest.mark.parametrize(
    ("x", "y", "test", "says"),
    [
        (np.ones((5, 2)), np.ones(4), 0.5, r"x has the shape \(5, 2\) and y \(4,\)"),
        (1.0, np.ones(4), 0.5, r"x has the shape \(\)"),
        (np.ones(4), np.ones(4), 0, "test must be a share between 0 and 1"),
        (np.ones(4), np.ones(4), 1.0, "test must be a share"),
        (np.ones(4), np.ones(4), "0.5", "test must be a share"),
        (np.ones(3), np.array([0, 0, 1]), 0.5, "3 examples in 2 classes, the smallest of 1"),
        (np.ones(3), np.ones(3), 0.01, "leaves a part empty"),
        (np.ones(0), np.ones(0), 0.5, "leaves a part empty"),
    ],
)
def test_splits_that_cannot_be(x, y, test, says):
    with pytest.raises(ValueError, match=says):
        split(x, y, test=test)


def test_standardize_learns_from_the_training_part_alone():
    rng = np.random.default_rng(0)
    train, other = rng.normal(5, 3, (50, 4)), rng.normal(-2, 1, (20, 4))
    ours, theirs = standardize(train, other)
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(ours.std(axis=0), 1)
    np.testing.assert_allclose(theirs, (other - train.mean(axis=0)) / train.std(axis=0))
    assert np.array_equal(standardize(train, 100 * other)[0], ours)


def test_a_constant_column_is_only_moved():
    train = np.full((7, 2), 0.1)  # whose computed deviation is not exactly 0
    ours, theirs = standardize(train, [[0.1, 0.6]])
    assert not ours.any()
    np.testing.assert_allclose(theirs, [[0.0, 0.5]])


def test_standardize_changes_nothing_it_is_given():
    train = np.arange(6.0).reshape(3, 2)
    standardize(train, train)
    assert np.array_equal(train, np.arange(6.0).reshape(3, 2))


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ((np.ones(3),), r"got the shape \(3,\)"),
        ((np.ones((3, 2)), np.ones((3, 1))), r"\(3, 2\); got the shape \(3, 1\)"),
        ((np.ones((0, 2)),), r"got the shape \(0, 2\)"),
        ((np.array([[1.0, np.nan]]),), "finite numbers"),
    ],
)
def test_tables_that_cannot_be_standardized(tables, says):
    with pytest.raises(ValueError, match=says):
        standardize(*tables)


def test_every_file_of_measurements_can_be_read_and_is_told_of():
    folder = files.folder()
    told = (folder / "README.md").read_text(encoding="utf-8")
    names = [path.stem for path in (folder / "results").glob("*.json")]
    assert len(names) >= 3
    for name in names:
        assert datasets.measured(name)["date"]
        assert f"results/{name}.json" in told
    with pytest.raises(ValueError, match=r"activation_race.*got 'activation_tims'"):
        datasets.measured("activation_tims")
