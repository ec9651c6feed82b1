"""Problems: divided anew for each seed, scaled by the training part, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.claims.problems import PROBLEMS, problem
from helpers.datasets import split, standardize, wine


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_can_be_learned_from(name) -> None:
    one = problem(name, [0, 1])
    assert one.x.shape[0] == one.y.shape[0] == one.x_test.shape[0] == one.y_test.shape[0] == 2
    assert one.x.shape[2] == one.x_test.shape[2] == one.inputs
    np.testing.assert_allclose(one.x.mean(axis=1), 0, atol=1e-9)
    spread = one.x.std(axis=1)
    assert np.all(np.isclose(spread, 1) | (spread == 0))  # pixels that are never inked
    assert not np.array_equal(one.y[0], one.y[1])
    if one.outputs == 1:
        np.testing.assert_allclose(one.y.mean(axis=1), 0, atol=1e-9)
    else:
        assert set(np.unique(one.y)) == set(range(one.outputs))
    assert one.sizes(7) == [one.inputs, 7, one.outputs]


def test_a_seed_is_the_same_in_any_company() -> None:
    alone, among = problem("wine", [5]), problem("wine", [3, 5])
    for name in ("x", "y", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(alone, name)[0], getattr(among, name)[1])


def test_a_problem_is_what_split_and_standardize_make() -> None:
    x, y, x_test, y_test = split(wine().x, wine().labels, seed=4)
    x, x_test = standardize(x, x_test)
    one = problem("wine", [4])
    for given, wanted in [(one.x, x), (one.y, y), (one.test[0], x_test), (one.test[1], y_test)]:
        np.testing.assert_array_equal(given[0], wanted)


def test_unit_scale_is_that_of_the_training_part() -> None:
    one = problem("wine", [0], scale="unit")
    np.testing.assert_allclose(one.x.min(axis=1), 0)
    np.testing.assert_allclose(one.x.max(axis=1), 1)
    assert one.x_test.max() > 1 or one.x_test.min() < 0, "test wines may lie outside"


def test_few_examples_are_some_of_all() -> None:
    few, whole = problem("digits", [2], train=50), problem("digits", [2])
    assert few.x.shape[1] == 50
    np.testing.assert_array_equal(few.y_test, whole.y_test)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "cats"}, "problem must be one of digits"),
        ({"name": "wine", "scale": "raw"}, "scale must be one of"),
        ({"name": "wine", "train": 1000}, "train must be from 1 to 13"),
    ],
)
def test_a_wrong_problem(given, says) -> None:
    with pytest.raises(ValueError, match=says):
        problem(seeds=[0], **given)
