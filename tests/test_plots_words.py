"""How figures write numbers; the docstrings of `helpers.plots.words` show the plain cases."""

import numpy as np
import pytest

from helpers.plots import words


@pytest.mark.parametrize("value", [-0.0, -1e-17, np.float64(-0.0), np.float32(-0.0)])
def test_there_is_no_minus_zero(value):
    assert words.fixed(value, 1) == "0.0"
    assert words.percent(value) == "0 %"
    assert words.number(round(value, 9), plus=True) == "+0"


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (np.int64(-3), "−3"), (-1e-5, "−1e−05"), (1234.5, "1230"), (0.99999, "1")],
)
def test_numbers_have_three_digits(value, text):
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.46, "0.46"), (5.3e-7, "5.3 · 10⁻⁷"), (9.99e-5, "1.0 · 10⁻⁴"), (2500, "2.5 · 10³")],
)
def test_sizes_can_be_read_aloud(value, text):
    assert words.short(value) == text
