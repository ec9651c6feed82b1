"""The cars: the rows and numbers of the source, and the decimal points that can be lost."""

import csv
import importlib.util
import io
import json

import numpy as np
import pytest

from helpers.datasets import cars, files, spoil
from helpers.datasets.cars import FEATURES
from helpers.models.regressors import parts


def test_the_whole_table_without_the_cars_that_lack_something():
    data = cars()
    assert (data.x.shape, data.mpg.shape, data.names.shape) == ((392, 8), (392, 1), (392,))
    assert data.x.dtype == data.mpg.dtype == np.float64
    assert len(data) == 392
    assert np.isfinite(data.x).all()
    assert list(data.features) == list(FEATURES)


def test_the_numbers_are_those_of_the_source():
    """Ranges, means and counts of Auto MPG at UCI, without its 6 cars of unknown horsepower."""
    data = cars()
    columns = {name: data.x[:, place] for place, name in enumerate(data.features)}
    assert (data.mpg.min(), data.mpg.max()) == (9, 46.6)
    assert data.mpg.mean() == pytest.approx(23.4459, abs=1e-4)
    counts = dict(zip(*np.unique(columns["cylinders"], return_counts=True), strict=True))
    assert counts == {3: 4, 4: 199, 5: 3, 6: 83, 8: 103}
    assert (columns["displacement"].min(), columns["displacement"].max()) == (68, 455)
    assert (columns["horsepower"].min(), columns["horsepower"].max()) == (46, 230)
    assert (columns["weight"].min(), columns["weight"].max()) == (1613, 5140)
    assert (columns["acceleration"].min(), columns["acceleration"].max()) == (8, 24.8)
    years, cars_of = np.unique(columns["year"], return_counts=True)
    assert years.tolist() == list(range(1970, 1983))
    assert cars_of.tolist() == [29, 27, 28, 40, 26, 30, 34, 28, 36, 29, 27, 28, 30]
    assert np.isclose(np.corrcoef(columns["weight"], data.mpg[:, 0])[0, 1], -0.832, atol=1e-3)


def test_origin_is_two_marks():
    data = cars()
    assert set(map(tuple, data.x[:, 6:].tolist())) == {(0, 0), (1, 0), (0, 1)}
    names, counts = np.unique(data.origins, return_counts=True)
    assert dict(zip(names.tolist(), counts.tolist(), strict=True)) == {
        "USA": 245,
        "Europe": 68,
        "Japan": 79,
    }
    assert data.origins[list(data.names).index("toyota corolla")] == "Japan"
    assert data.origins[list(data.names).index("volvo 145e (sw)")] == "Europe"


def test_the_defects_of_the_copy_are_mended():
    data = cars()
    assert sum("honda accord" in name for name in data.names) == 4
    assert not any("Acceleration" in name for name in data.names)
    place = list(data.names).index("plymouth reliant")  # the first of 1981
    assert data.x[place, 5] == 1981


def test_a_reader_may_change_what_is_given():
    data = cars()
    data.x[:] = 0
    data.features.clear()
    assert cars().x.any()
    assert cars().features


def test_a_damaged_table_is_named(tmp_path, monkeypatch):
    content = (files.folder() / "cars.csv").read_bytes()
    (tmp_path / "cars.csv").write_bytes(content.replace(b"46.6", b"46.7"))
    monkeypatch.setattr(files, "folder", lambda: tmp_path)
    with pytest.raises(ValueError, match=r"cars\.csv is damaged"):
        cars()


def test_repr_tells_size_and_range():
    assert repr(cars()) == "Cars: 392 cars, 8 features, 9 to 46.6 miles per gallon"


def car(name, year, **changed):
    told = {"Name": name, "Miles_per_Gallon": 20, "Cylinders": 4, "Displacement": 90}
    told |= {"Horsepower": 70, "Weight_in_lbs": 2000, "Acceleration": 15.5}
    return told | {"Year": f"{year}-01-01", "Origin": "Japan"} | changed


def test_the_maker_mends_and_leaves_out(tmp_path, monkeypatch, capsys):
    path = files.folder() / "make_cars.py"
    if not path.is_file():
        pytest.skip("the makers of the data are not installed")
    spec = importlib.util.spec_from_file_location("make_cars", path)
    make_cars = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make_cars)
    told = [
        car("honda Accelerationord", 1980),
        car("no power", 1980, Horsepower=None),
        car("subaru", 1982),
        car("chevrolet cavalier", 1982),
        car("no miles", 1982, Miles_per_Gallon=None),
        car("honda civic", 1982),
    ]
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "cars.json").write_text(json.dumps(told), encoding="utf-8")
    monkeypatch.setattr(make_cars.resources, "files", lambda name: tmp_path)
    monkeypatch.setattr(make_cars, "TARGET", tmp_path / "cars.csv")
    make_cars.main()
    text = (tmp_path / "cars.csv").read_bytes().decode()
    assert "\r" not in text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["name"], row["year"]) for row in rows] == [
        ("honda accord", "1980"),
        ("subaru", "1981"),
        ("chevrolet cavalier", "1982"),
        ("honda civic", "1982"),
    ]
    assert "4 of 6 rows" in capsys.readouterr().out


# --- lost decimal points ----------------------------------------------------------------------


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 1])
def test_so_many_rows_lose_their_point(share):
    values = np.linspace(9, 47, 40)[:, np.newaxis]
    before = values.copy()
    spoiled, rows = spoil(values, share, seed=3)
    assert np.array_equal(values, before)
    assert len(rows) == round(40 * share)
    expected = values.copy()
    expected[rows] *= 10
    np.testing.assert_array_equal(spoiled, expected)


def test_the_seed_alone_decides_which_rows():
    values = np.arange(1.0, 101.0)
    assert np.array_equal(spoil(values, seed=1)[1], spoil(values, seed=1)[1])
    assert not np.array_equal(spoil(values, seed=1)[1], spoil(values, seed=2)[1])


@pytest.mark.parametrize("seed", range(5))
def test_the_rows_have_nothing_to_do_with_a_division_of_the_same_seed(seed):
    _, hit = spoil(np.ones(392), 0.1, seed=seed)
    test = parts(392, 1, division=seed).test[0]
    assert len(np.intersect1d(hit, test)) < 20  # 10 on average, 39 if they were drawn alike


@pytest.mark.parametrize("share", [-0.1, 1.1, True, "some", np.nan])
def test_a_share_is_a_share(share):
    with pytest.raises(ValueError, match="share must be a number from 0 to 1"):
        spoil([1.0, 2.0], share)
