"""Numbers are cut to the digits that count, and to what JSON knows."""

import json

import numpy as np
import pytest

from core.inspect.rounding import rounded


@pytest.mark.parametrize("digits", [1, 4, 6])
def test_they_are_those_that_are_written_with_so_many_digits(digits):
    draw = np.random.default_rng(0)
    values = draw.normal(size=4000) * 10.0 ** draw.integers(-14, 15, 4000)
    assert rounded(values, digits) == [float(f"{value:.{digits}g}") for value in values]


def test_the_shape_stays_and_what_is_no_number_is_nothing():
    assert rounded(np.array([[1.23456, np.nan], [np.inf, -0.000123456]])) == [[1.235, None], [None, -0.0001235]]
    assert rounded(np.float32(123456.7)) == 123500.0
    assert rounded(np.array([])) == []
    assert rounded(-np.inf) is None


def test_it_is_written_in_few_letters():
    values = np.random.default_rng(1).normal(size=1000).astype("float32") * 1e5
    assert max(map(len, json.dumps(rounded(values)).strip("[]").split(", "))) <= 9
    assert json.loads(json.dumps(rounded(np.array([5e-324, 3.4028235e38, 0.0])))) == pytest.approx(
        [0.0, 3.403e38, 0.0], rel=1e-12
    )
