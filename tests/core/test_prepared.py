"""A table made ready: rows, classes, parts, and statistics of the training rows alone."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Data
from core.tables.errors import TableError
from core.tables.prepared import DATE_COLUMNS, PARTS, class_order, prepare, raw_values
from core.tables.statistics import number_statistics, vocabulary


def data(target: str = "t", **features: str) -> Data:
    """A choice of columns."""
    return Data(table="t.csv", targets=(target,), features=features)


def test_rows_without_an_answer_are_left_out():
    frame = pd.DataFrame({"x": range(6), "t": [1.0, None, 3.0, np.inf, 5.0, 6.0]})
    ready = prepare(frame, data(x="number"), "number")
    assert ready.rows.tolist() == [0, 2, 4, 5]
    assert ready.truth.tolist() == [1, 3, 5, 6]
    assert ready.raw["x"].tolist() == [0, 2, 4, 5]
    assert ready.classes == ()


def test_every_row_is_in_one_part():
    frame = pd.DataFrame({"x": range(40), "t": range(40)})
    ready = prepare(frame, data(x="number"), "number")
    assert sorted(np.concatenate([ready.parts[part] for part in PARTS])) == list(range(40))
    values, truth = ready.part("test")
    np.testing.assert_array_equal(values["x"], truth)


def test_statistics_see_the_training_rows_alone():
    frame = pd.DataFrame({"x": np.arange(40.0) ** 2, "w": list("abcde") * 8, "t": range(40)})
    ready = prepare(frame, data(x="number", w="category"), "number")
    train = ready.parts["train"]
    assert ready.statistics == {"x": number_statistics(frame["x"].to_numpy()[train]), "w": vocabulary(ready.raw["w"][train])}


def test_the_width_of_the_matrix_counts_words_flags_and_dates():
    frame = pd.DataFrame(
        {
            "x": [1.0, None] * 20,
            "y": range(40),
            "w": list("abcd") * 10,
            "d": pd.date_range("2024-01-01", periods=40),
            "t": range(40),
        }
    )
    ready = prepare(frame, data(x="number", y="number", w="category", d="date"), "number")
    assert ready.inputs == 2 + 1 + 4 + DATE_COLUMNS


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["b", "a", "b"], ["a", "b"]),
        (["10", "9", "-1", "a"], ["-1", "9", "10", "a"]),
        (["1.5", "0.5", "10.5"], ["0.5", "1.5", "10.5"]),
        (["--5", "²", "7", "-", "nan"], ["7", "-", "--5", "nan", "²"]),  # look like numbers, and are none
    ],
)
def test_classes_stand_numbers_by_size_then_words_by_the_alphabet(labels, expected):
    assert class_order(np.array(labels, dtype=object)) == expected


@pytest.mark.parametrize(
    ("cells", "kind", "classes", "truth"),
    [
        (["no", "yes", "yes", None], "category", ("no", "yes"), [0, 1, 1]),
        ([3.0, 1.0, None, 3.0], "code", ("1", "3"), [1, 0, 1]),
        ([True, False, True], "boolean", ("0", "1"), [1, 0, 1]),
        (pd.Categorical(["b", "a", "c"]), "category", ("a", "b", "c"), [1, 0, 2]),
    ],
)
def test_classes_become_numbers(cells, kind, classes, truth):
    frame = pd.DataFrame({"x": range(len(cells)), "t": cells})
    ready = prepare(frame, data(x="number"), kind)
    assert (ready.classes, ready.truth.tolist()) == (classes, truth)


@pytest.mark.parametrize(
    ("frame", "kind", "says"),
    [
        (pd.DataFrame({"t": [1, 2, 3]}), "number", "The table has no column 'x'."),
        (pd.DataFrame({"x": [1, 2, 3]}), "number", "The table has no column 't'."),
        (pd.DataFrame({"x": [1, 2, 3], "t": [1, None, None]}), "number", "1 of 3 rows have a value of the target 't'; at least 3"),
        (pd.DataFrame({"x": [1, 2, 3], "t": ["a", "a", "a"]}), "category", "has one value only ('a')"),
        (pd.DataFrame({"x": [], "t": []}), "number", "0 of 0 rows"),
    ],
)
def test_a_table_that_allows_no_training_is_refused_with_a_sentence(frame, kind, says):
    with pytest.raises(TableError) as error:
        prepare(frame, data(x="number"), kind)
    assert says in str(error.value)


def test_a_column_that_the_rows_lack_counts_as_missing():
    raw = raw_values(pd.DataFrame({"x": [1, 2]}, index=[7, 7]), {"x": "number", "n": "number", "w": "category", "d": "date"}, {})
    assert raw["x"].tolist() == [1, 2]
    assert np.isnan(raw["n"]).all()
    assert np.isnan(raw["d"]).all()
    assert raw["w"].tolist() == ["", ""]


def test_three_rows_are_one_for_each_part():
    ready = prepare(pd.DataFrame({"x": [1, 2, 3], "t": [1, 2, 3]}), data(x="number"), "number")
    assert [len(ready.parts[part]) for part in PARTS] == [1, 1, 1]
