"""The wines and the tumours: rows, numbers and classes of the sources, and what is odd in them."""

import hashlib
import importlib.util
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.datasets import CHECKSUMS, breast_cancer, files, split, wine
from helpers.datasets.tables import TUMOUR

both = pytest.mark.parametrize("load", [wine, breast_cancer])


@pytest.mark.parametrize(
    ("load", "rows", "columns", "classes"),
    [
        (wine, 178, 13, {"cultivar 1": 59, "cultivar 2": 71, "cultivar 3": 48}),
        (breast_cancer, 569, 30, {"malignant": 212, "benign": 357}),
    ],
)
def test_the_whole_table(load, rows, columns, classes):
    """Counts as the sources give them."""
    data = load()
    assert len(data) == rows
    assert data.x.shape == (rows, columns)
    assert (data.x.dtype, data.labels.dtype) == (np.float64, np.int64)
    assert data.labels.shape == (rows,)
    assert data.classes == tuple(classes)
    assert np.bincount(data.labels).tolist() == list(classes.values())
    assert len(data.features) == columns


@both
def test_no_row_is_there_twice_and_none_lacks_a_number(load):
    x = load().x
    assert np.isfinite(x).all()
    assert len(np.unique(x, axis=0)) == len(x)
    assert (x.std(axis=0) > 0).all()


@pytest.mark.parametrize(
    ("load", "feature", "low", "high"),
    [
        # As scikit-learn's descriptions have them, in all their digits.
        (wine, "alcohol", 11.03, 14.83),
        (wine, "malic acid", 0.74, 5.8),
        (wine, "hue", 0.48, 1.71),
        (wine, "od280/od315 of diluted wines", 1.27, 4),
        (wine, "proline", 278, 1680),
        (breast_cancer, "mean radius", 6.981, 28.11),
        (breast_cancer, "mean area", 143.5, 2501),
        (breast_cancer, "radius error", 0.1115, 2.873),
        (breast_cancer, "worst texture", 12.02, 49.54),
        (breast_cancer, "worst area", 185.2, 4254),
        (breast_cancer, "worst fractal dimension", 0.05504, 0.2075),
    ],
)
def test_ranges(load, feature, low, high):
    data = load()
    column = data.x[:, list(data.features).index(feature)]
    assert (column.min(), column.max()) == (low, high)
    assert (data.x >= 0).all()


def test_the_wines_are_in_the_order_of_their_cultivars_and_split_shuffles_them():
    data = wine()
    assert (np.diff(data.labels) >= 0).all()
    parts = split(data.x, data.labels)
    for labels in (parts.y_train, parts.y_test):
        assert set(labels[: len(labels) // 3].tolist()) == {0, 1, 2}


def test_every_column_of_the_tumours_is_explained():
    data = breast_cancer()
    assert data.features == TUMOUR
    assert list(data.features)[::10] == ["mean radius", "radius error", "worst radius"]
    assert data.features["symmetry error"] == "how alike the two sides are; standard error"


def test_columns_that_tell_the_same_agree():
    """A column in another's place would show here."""
    data = breast_cancer()
    columns = {name: data.x[:, place] for place, name in enumerate(data.features)}
    for group in ("mean", "worst"):
        radius, perimeter, area = (
            columns[f"{group} {name}"] for name in ("radius", "perimeter", "area")
        )
        np.testing.assert_allclose(perimeter, 2 * np.pi * radius, rtol=0.3)
        np.testing.assert_allclose(area, np.pi * radius**2, rtol=0.3)
    assert np.corrcoef([columns[f"mean {n}"] for n in ("radius", "perimeter", "area")]).min() > 0.98
    # The mean of the three largest is no less than the mean of all.
    assert (data.x[:, 20:] >= data.x[:, :10]).all()


def test_what_is_odd_is_as_the_readme_tells():
    data = breast_cancer()
    columns = {name: data.x[:, place] for place, name in enumerate(data.features)}
    as_defined = columns["mean perimeter"] ** 2 / columns["mean area"] - 1
    assert as_defined.min() > 30 * columns["mean compactness"].max()
    assert columns["worst concave points"].max() < 1
    hollow = [column for name, column in columns.items() if "conca" in name]
    none = np.all([column == 0 for column in hollow], axis=0)
    assert len(hollow) == 6
    assert none.sum() == 13
    assert np.array_equal(none, np.any([column == 0 for column in hollow], axis=0))
    assert {data.classes[label] for label in data.labels[none]} == {"benign"}


@both
def test_a_reader_may_change_what_is_given(load):
    data = load()
    data.x[:] = -1
    data.labels[:] = 0
    data.features.clear()
    again = load()
    assert (again.x >= 0).all()
    assert again.labels.any()
    assert again.features


@pytest.mark.parametrize(("load", "name"), [(wine, "wine"), (breast_cancer, "breast_cancer")])
def test_a_damaged_table_is_named(load, name, tmp_path, monkeypatch):
    content = (files.folder() / f"{name}.csv").read_bytes()
    (tmp_path / f"{name}.csv").write_bytes(content.replace(b"1", b"2", 1))
    monkeypatch.setattr(files, "folder", lambda: tmp_path)
    with pytest.raises(ValueError, match=rf"{name}\.csv is damaged"):
        load()


def test_repr_tells_size_and_classes():
    assert repr(breast_cancer()) == "Table: 569 rows, 30 features; 212 malignant, 357 benign"


# --- the maker ------------------------------------------------------------------------------------


@pytest.fixture
def make(tmp_path, monkeypatch, capsys):
    """Run the maker in an empty folder, on what it finds as scikit-learn."""
    path = files.folder() / "make_tables.py"
    if not path.is_file():
        pytest.skip("the makers of the data are not installed")

    def run():
        spec = importlib.util.spec_from_file_location("make_tables", path)
        maker = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(maker)
        monkeypatch.setattr(maker, "FOLDER", tmp_path)
        maker.main()
        printed = capsys.readouterr().out
        for name in ("wine.csv", "breast_cancer.csv"):
            checksum = hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()
            assert checksum == CHECKSUMS[name]
            assert checksum in printed

    return run


def bunch(data, classes):
    """Give a table in the form that scikit-learn has, with its names."""
    return SimpleNamespace(
        data=data.x,
        target=data.labels,
        feature_names=[name.replace("malic acid", "malic_acid") for name in data.features],
        target_names=np.array(classes),
    )


def test_the_maker_writes_the_same_bytes_again(make, monkeypatch):
    """On numbers read back from the files: each is written with the digits that tell it apart."""
    given = SimpleNamespace(
        load_wine=lambda: bunch(wine(), ["class_0", "class_1", "class_2"]),
        load_breast_cancer=lambda: bunch(breast_cancer(), ["malignant", "benign"]),
    )
    monkeypatch.setitem(sys.modules, "sklearn", SimpleNamespace(datasets=given))
    monkeypatch.setitem(sys.modules, "sklearn.datasets", given)
    make()


def test_the_maker_writes_the_same_bytes_from_scikit_learn(make):
    pytest.importorskip("sklearn")
    make()
