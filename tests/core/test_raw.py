"""Cells of any type that pandas has become the same raw values."""

import datetime
import decimal

import numpy as np
import pandas as pd
import pytest

from core.catalog.kinds import KINDS
from core.tables.raw import READERS, booleans, codes, day_way, days, numbers, words

NAN = np.nan


def test_every_kind_has_a_reader_of_its_raw_type():
    assert set(READERS) == set(KINDS)
    for name, read in READERS.items():
        dtype = read(pd.Series(["1", None])).dtype
        assert dtype == (object if KINDS[name].raw == "string" else np.dtype("float64")), name


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "column",
    [
        pd.Series([], dtype=object),
        pd.Series([None, None], dtype=object),
        pd.Series([NAN, 1.5]),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series(["a", None]),
        pd.Series(["a", None], dtype="category"),
        pd.Series([decimal.Decimal("1.5"), None]),
        pd.Series([datetime.date(2024, 1, 1), None]),
        pd.to_datetime(pd.Series(["2024-01-01", None])),
    ],
    ids=lambda column: f"{column.dtype}",
)
def test_a_reader_takes_any_column_and_leaves_missing_cells_missing(name, column):
    values = READERS[name](column)
    assert len(values) == len(column)
    gaps = column.isna().to_numpy()
    assert (values[gaps] == "").all() if values.dtype == object else np.isnan(values[gaps]).all()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1, 2.5, None], [1, 2.5, NAN]),
        (["1", " 3 ", "1,000", "x", ""], [1, 3, NAN, NAN, NAN]),
        ([np.inf, -np.inf, 7.0], [NAN, NAN, 7]),
        ([1e300, 1e38, -1e38], [NAN, 1e38, -1e38]),  # float32 ends at 3.4e38
        ([True, False], [1, 0]),
        (pd.to_datetime(["2024-01-01", None], format="ISO8601").as_unit("s"), [1704067200, NAN]),
    ],
)
def test_numbers_are_finite_or_missing(cells, expected):
    np.testing.assert_array_equal(numbers(pd.Series(cells)), np.array(expected, dtype=float))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a", None, "", " "], ["a", "", "", " "]),
        ([1, 2], ["1", "2"]),
        ([1.0, 2.5, NAN], ["1", "2.5", ""]),
        ([True, False, None], ["True", "False", ""]),
    ],
)
def test_words_are_the_cells_as_text(cells, expected):
    assert words(pd.Series(cells)).tolist() == expected


def test_a_gap_in_a_column_of_whole_numbers_changes_none_of_its_words():
    assert words(pd.Series([1, 2, 3]))[:2].tolist() == words(pd.Series([1, 2, None]))[:2].tolist()


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([7.0, None, 8.5], ["7", "", "8.5"]),
        (["7", "7.0", "007", "x", "1e3", None], ["7", "7", "7", "x", "1000", ""]),
        ([0.0, -0.0], ["0", "0"]),
        ([1.0, np.inf, NAN], ["1", "", ""]),
        ([True, False, None], ["True", "False", ""]),
        ([2**53 + 1, 2**53], ["9007199254740993", "9007199254740992"]),  # as floats they would be one
        (np.array([2**63 + 1, 1], dtype="uint64"), ["9223372036854775809", "1"]),
    ],
)
def test_codes_name_whole_numbers_without_a_fraction(cells, expected):
    assert codes(pd.Series(cells)).tolist() == expected


def test_booleans_know_yes_and_no_in_many_spellings():
    cells = ["Yes", "TRUE", " y ", "1.0", "t", "no", "False", "0", "N", "f", "2", "perhaps", None]
    np.testing.assert_array_equal(booleans(pd.Series(cells)), [1] * 5 + [0] * 5 + [NAN] * 3)


# pandas thinks aloud while both orders of day and month are tried.
@pytest.mark.filterwarnings("ignore:Parsing dates in")
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1970-01-01", "1970-01-02T12:00", "no date", None], [0, 1.5, NAN, NAN]),
        (["1970-01-02 06:00", "1970-01-03 12:00"], [1.25, 2.5]),
        (["25/01/1970", "02/01/1970"], [24, 1]),  # the first says that days come first
        (["02/01/1970", "25/01/1970"], [1, 24]),  # and so does the last
        (["01/25/1970", "02/01/1970"], [24, 31]),
        (["1500-01-01", "9999-12-31"], [-171_664, 2_932_896]),  # beyond what nanoseconds can count
        ([datetime.date(1970, 1, 3), None], [2, NAN]),
        (pd.to_datetime(["1970-01-01 12:00", None], format="ISO8601"), [0.5, NAN]),
        (pd.to_datetime(["1970-01-02 01:00+01:00"]), [1.0]),
        ([18262.5, NAN], [18262.5, NAN]),  # numbers are days already
    ],
)
def test_dates_are_days_since_1970(cells, expected):
    column = pd.Series(cells)
    np.testing.assert_array_equal(days(column, day_way(column)), np.array(expected, dtype=float))


def test_a_single_date_is_read_as_the_training_rows_wrote_theirs():
    way = day_way(pd.Series(["25/01/1970", "02/01/1970"]))
    assert way == "day first"
    # As runs of earlier versions say it.
    np.testing.assert_array_equal(days(pd.Series(["02/01/1970", "1970-01-03"]), "%m/%d/%Y"), [31.0, 2.0])
    np.testing.assert_array_equal(days(pd.Series(["02/01/1970"]), way), [1.0])  # 2 January, not 1 February
    np.testing.assert_array_equal(days(pd.Series(["1970-01-03"]), way), [2.0])  # ISO can't be mistaken
    np.testing.assert_array_equal(days(pd.Series([pd.Timestamp("1970-01-04")]), way), [3.0])
