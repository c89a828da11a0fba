"""A table made ready: rows, classes, parts, and statistics of the training rows alone."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Data, Split
from core.tables.errors import TableError
from core.tables.prepared import PARTS, class_order, prepare, raw_values
from core.tables.profile import profile
from core.tables.statistics import number_statistics, vocabulary


def data(target: str = "t", **features: str) -> Data:
    """A choice of columns."""
    return Data(table="t.csv", targets=(target,), features=features)


def test_rows_without_an_answer_are_left_out():
    frame = pd.DataFrame({"x": range(6), "t": [1.0, None, 3.0, np.inf, 5.0, 6.0]})
    ready = prepare(frame, data(x="number"), "number")
    assert ready.rows.tolist() == [0, 2, 4, 5]
    assert ready.targets["t"].y_true.tolist() == [1, 3, 5, 6]
    assert ready.raw["x"].tolist() == [0, 2, 4, 5]
    assert ready.targets["t"].classes == ()


def test_a_feature_of_which_no_cell_can_be_read_is_named_and_an_empty_one_is_not():
    frame = pd.DataFrame({"x": range(6), "price": ["$1.50"] * 6, "empty": [None] * 6, "t": range(6)})
    with pytest.raises(
        TableError,
        match=r"No cell of 'price' can be read as a number: for instance '\$1.50' cannot\.",
    ):
        prepare(frame, data(x="number", price="number", empty="number"), "number")
    ready = prepare(frame, data(x="number", price="category", empty="number"), "number")
    assert ready.inputs == 4  # Two numbers, a word, and whether one is missing.


def test_every_row_is_in_one_part():
    frame = pd.DataFrame({"x": range(40), "t": range(40)})
    ready = prepare(frame, data(x="number"), "number")
    assert sorted(np.concatenate([ready.parts[part] for part in PARTS])) == list(range(40))
    values, truth = ready.part("test")
    np.testing.assert_array_equal(values["x"], truth)


def test_groups_that_the_split_keeps_together_have_numbers():
    frame = pd.DataFrame({"x": range(6), "t": [1.0, 2.0, None, 3.0, 4.0, 5.0], "who": ["b", "a", "b", "b", None, "a"]})
    grouped = data(x="number").model_copy(update={"split": Split(method="group", column="who")})
    assert prepare(frame, grouped, "number").groups.tolist() == [2, 1, 2, 0, 1]  # The row without one, "a", "b".
    assert prepare(frame, data(x="number"), "number").groups is None


def test_statistics_see_the_training_rows_alone():
    frame = pd.DataFrame({"x": np.arange(40.0) ** 2, "w": list("abcde") * 8, "t": range(40)})
    ready = prepare(frame, data(x="number", w="category"), "number")
    train = ready.parts["train"]
    assert ready.statistics == {
        "x": number_statistics(frame["x"].to_numpy()[train]),
        "w": vocabulary(ready.raw["w"][train]),
    }


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
    assert ready.inputs == 2 + 1 + 4 + 5  # Of a date: trend, season and weekday as sine and cosine.
    columns = {"preparation": {"d": {"parts": ["hour", "season"]}}, "pairs": [["d", "x"], ["d", "d"]]}
    chosen = Data.model_validate({**data(x="number", d="date").model_dump(), **columns})
    assert prepare(frame, chosen, "number").inputs == 2 + 4  # A pair of a date and a number has no effect.


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
        ([True, False, True], "boolean", ("False", "True"), [1, 0, 1]),
        (pd.Categorical(["b", "a", "c"]), "category", ("a", "b", "c"), [1, 0, 2]),
    ],
)
def test_classes_become_numbers(cells, kind, classes, truth):
    frame = pd.DataFrame({"x": range(len(cells)), "t": cells})
    ready = prepare(frame, data(x="number"), kind)
    assert (ready.targets["t"].classes, ready.targets["t"].y_true.tolist()) == (classes, truth)


@pytest.mark.parametrize("cells", [[True, False, True], [True, None, False], [0, 1, 1], ["no", "yes", "no"]])
def test_the_outline_calls_classes_as_the_answers_do(cells):
    """Weights of classes are typed beside the outline's words."""
    frame = pd.DataFrame({"x": range(30), "t": cells * 10})
    outline = profile(frame).column("t")
    answers = prepare(frame, data(x="number"), outline.target_kind).targets["t"]
    assert {word for word, _ in outline.top} == set(answers.classes)


@pytest.mark.parametrize(
    ("frame", "kind", "says"),
    [
        (pd.DataFrame({"t": [1, 2, 3]}), "number", "The table has no column 'x'."),
        (pd.DataFrame({"x": [1, 2, 3]}), "number", "The table has no column 't'."),
        (
            pd.DataFrame({"x": [1, 2, 3], "t": [1, None, None]}),
            "number",
            "1 of 3 rows has a value of the target 't'; at least 3",
        ),
        (pd.DataFrame({"x": [1, 2, 3], "t": ["a", "a", "a"]}), "category", "has one value only ('a')"),
        (pd.DataFrame({"x": [], "t": []}), "number", "0 of 0 rows"),
    ],
)
def test_a_table_that_allows_no_training_is_refused_with_a_sentence(frame, kind, says):
    with pytest.raises(TableError) as error:
        prepare(frame, data(x="number"), kind)
    assert says in str(error.value)


def test_a_column_that_the_rows_lack_counts_as_missing():
    raw = raw_values(
        pd.DataFrame({"x": [1, 2]}, index=[7, 7]), {"x": "number", "n": "number", "w": "category", "d": "date"}, {}
    )
    assert raw["x"].tolist() == [1, 2]
    assert np.isnan(raw["n"]).all()
    assert np.isnan(raw["d"]).all()
    assert raw["w"].tolist() == ["", ""]


def test_three_rows_are_one_for_each_part():
    ready = prepare(pd.DataFrame({"x": [1, 2, 3], "t": [1, 2, 3]}), data(x="number"), "number")
    assert [len(ready.parts[part]) for part in PARTS] == [1, 1, 1]


def apart(
    frame: pd.DataFrame,
    second: pd.DataFrame,
    kind: str = "number",
    weight: str | None = None,
    test: float = 0.25,
    **features: str,
):
    """A table made ready with validation rows from a second one."""
    split = {"method": "table", "table": "second.csv", "train": 0.5, "validation": 0.5 - test, "test": test}
    chosen = Data(table="t.csv", targets=("t",), features=features or {"x": "number"}, weight=weight, split=split)
    return prepare(frame, chosen, kind, second)


def test_validation_rows_come_from_the_second_table_and_all_others_from_the_first():
    frame = pd.DataFrame({"x": np.arange(40.0), "w": list("abcd") * 10, "t": np.arange(40.0)})
    second = pd.DataFrame({"t": [None, 101.0, 102.0], "w": ["a", "z", None], "x": [0.0, 101.0, None], "more": 1})
    ready = apart(frame, second, x="number", w="category")
    assert [len(ready.parts[part]) for part in PARTS] == [30, 2, 10]
    values, truth = ready.part("validation")
    assert (truth.tolist(), values["w"].tolist()) == ([101.0, 102.0], ["z", ""])
    np.testing.assert_array_equal(values["x"], [101.0, np.nan])
    assert ready.rows[ready.parts["validation"]].tolist() == [1, 2]
    assert sorted(np.concatenate([ready.y_true("train"), ready.y_true("test")])) == list(range(40))
    assert ready.statistics["x"] == number_statistics(ready.part("train")[0]["x"])  # Of the training rows alone.


def test_the_first_table_is_dealt_in_proportion_to_its_classes_and_the_second_is_read_by_its_numbers():
    frame = pd.DataFrame({"x": range(40), "t": [1, 1, 1, 2] * 10})
    ready = apart(frame, pd.DataFrame({"x": [1.5, 2.5], "t": ["2", "1.0"]}), "category")
    assert ready.targets["t"].classes == ("1", "2")
    assert ready.y_true("validation").tolist() == [1, 0]
    assert np.bincount(ready.y_true("test")).tolist() in ([8, 2], [7, 3])


def test_the_second_table_has_weights_of_its_own():
    frame = pd.DataFrame({"x": range(8), "t": range(8), "n": 1.0})
    ready = apart(frame, pd.DataFrame({"x": [1, 2], "t": [3, 4], "n": [2.0, 3.0]}), weight="n")
    assert ready.weights[ready.parts["validation"]].tolist() == [2.0, 3.0]


def test_two_rows_of_the_first_table_are_enough():
    ready = apart(pd.DataFrame({"x": [1, 2], "t": [1, 2]}), pd.DataFrame({"x": [1], "t": [1]}))
    assert [len(ready.parts[part]) for part in PARTS] == [1, 1, 1]


FIRST = {
    "x": [1.0, 2.0, 3.0],
    "d": ["2024-01-05", "2024-01-06", "2024-02-07"],
    "t": ["a", "b", "a"],
    "n": [1.0, 1.0, 1.0],
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"x": None}, "The validation table has no column 'x'"),
        ({"t": None}, "The validation table has no column 't'"),
        ({"n": None}, "The validation table has no column 'n'"),
        ({"t": ["a", "c", "d"]}, "values of the target 't' that the training table does not have: 'c', 'd'"),
        ({"t": ["", "", ""]}, "No row of the validation table has a value of the target 't'"),
        (
            {"x": ["one", "two", "three"]},
            r"No cell of 'x' in the validation table can be read as the table's are \(number\)",
        ),
        (
            {"d": ["spring", "May", "?"]},
            r"No cell of 'd' in the validation table can be read as the table's are \(date\)",
        ),
        ({"n": [-1.0, 1.0, 1.0]}, "The weights in 'n' must be numbers of at least 0"),
    ],
)
def test_a_second_table_that_does_not_fit_is_refused_with_a_sentence(change, says):
    second = {name: cells for name, cells in {**FIRST, **change}.items() if cells is not None}
    with pytest.raises(TableError, match=says):
        apart(pd.DataFrame(FIRST), pd.DataFrame(second), "category", weight="n", x="number", d="date")


def test_a_first_table_of_one_row_cannot_train_and_test():
    with pytest.raises(TableError, match="at least 2 are needed, one each to train and test"):
        apart(pd.DataFrame({"x": [1], "t": [1]}), pd.DataFrame({"x": [1], "t": [1]}))
