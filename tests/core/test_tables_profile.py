"""What the profile says of columns whose nature is known."""

import decimal
import time

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from core.catalog.kinds import KINDS
from core.experiment.preparation import Preparation
from core.tables.profile import profile, suggest, suggested_preparation
from core.tables.samples import SAMPLES, load_sample

N = 60
WORDS = ["red", "green", "blue"]


def column(values, name="a"):
    return profile(pd.DataFrame({name: values})).columns[0]


@pytest.mark.parametrize(
    ("values", "kind", "target_kind"),
    [
        pytest.param(np.linspace(0, 1, N), "number", "number", id="measurements"),
        pytest.param([1.0, 2.0, 3.0] * 20, "number", "number", id="whole floats"),
        pytest.param(WORDS * 20, "category", "category", id="words"),
        pytest.param([True, False] * 30, "boolean", "boolean", id="yes and no"),
        pytest.param([True, False, None] * 20, "boolean", "boolean", id="yes and no with gaps"),
        pytest.param([0, 1] * 30, "boolean", "boolean", id="noughts and ones"),
        pytest.param([0, 1, None] * 20, "boolean", "boolean", id="noughts and ones with gaps"),
        pytest.param([0, 1, 2] * 20, "number", "code", id="class labels from 0"),
        pytest.param([1, 2, 3] * 20, "number", "code", id="class labels from 1"),
        pytest.param([1, 2, None] * 20, "number", "code", id="class labels with gaps"),
        pytest.param([0, 1, 3] * 20, "number", "number", id="a label is lacking"),
        pytest.param([2, 3, 4] * 20, "number", "number", id="labels from 2"),
        pytest.param(list(range(20)) * 3, "number", "number", id="too few rows a label"),
        pytest.param([2007, 2008, 2009] * 20, "number", "number", id="years"),
        pytest.param([95838, 95823, 95815] * 20, "code", "code", id="five digits that return"),
        pytest.param([20000, 30000, 35000] * 20, "number", "number", id="wages"),
        pytest.param(pd.date_range("2024-01-01", periods=N), "date", None, id="days"),
        pytest.param(
            pd.date_range("2024-01-01", periods=N, tz="Europe/Berlin"), "date", None, id="days of a time zone"
        ),
        pytest.param([f"2024-03-{day:02}" for day in range(1, 31)], "date", None, id="days as words"),
        pytest.param(["2024-03-01T10:00:00Z", "2024-03-02T10:00:00Z"] * 9, "date", None, id="moments as words"),
        pytest.param(["25/03/2024", "05/03/2024"] * 9, "date", None, id="day first"),
        pytest.param(["03/25/2024", "03/05/2024"] * 9, "date", None, id="month first"),
        pytest.param(["25.03.2024", "05.03.2024"] * 9, "date", None, id="dots"),
        pytest.param(["05/03/2024", "06/03/2024"] * 9, "category", "category", id="day or month first"),
        pytest.param(["2024-03-05", "soon"] * 9, "category", "category", id="a date and a word"),
        pytest.param(["2024-02-30", "2024-02-28"] * 9, "category", "category", id="a day that never was"),
        pytest.param(["1", "2"] * 9, "category", "category", id="digits as words"),
        pytest.param([decimal.Decimal("1.50"), decimal.Decimal("2.25")] * 9, "number", "number", id="decimals"),
        pytest.param(pd.Categorical([3, 1, 3] * 9), "category", "category", id="declared categories"),
        pytest.param(pd.array([1, 5, None] * 9, dtype="Int64"), "number", "code", id="nullable integers"),
        pytest.param([1, "x"] * 9, "category", "category", id="mixed objects"),
    ],
)
def test_the_kind_of_a_column(values, kind, target_kind):
    found = column(values)
    assert (found.kind, found.target_kind, found.left_out) == (kind, target_kind, None)


@pytest.mark.parametrize("name", ["zip", "ZipCode", "postal_code", "product_id", "storeId"])
def test_whole_numbers_named_like_codes_are_codes(name):
    assert column([3, 7, 7, 90] * 9, name).kind == "code"


@pytest.mark.parametrize("name", ["encoded", "idle", "zipped_size"])
def test_names_that_merely_contain_such_letters_are_not(name):
    assert column([3, 7, 7, 90] * 9, name).kind == "number"


@pytest.mark.parametrize(
    ("values", "name", "reason", "target_kind"),
    [
        pytest.param([7] * N, "a", "constant", None, id="one value"),
        pytest.param(["x", None] * N, "a", None, None, id="one word and gaps: yes or no, but no classes"),
        pytest.param([np.nan] * N, "a", "all missing", None, id="nothing"),
        pytest.param([None] * N, "a", "all missing", None, id="nothing, as objects"),
        pytest.param(range(1, N + 1), "a", "identifier", "number", id="running number"),
        pytest.param(range(N), "Unnamed: 0", "identifier", "number", id="the index of a CSV"),
        pytest.param([5, 3, 99], "PassengerId", "identifier", "number", id="few but named so"),
        pytest.param([f"user-{i}" for i in range(N)], "a", "identifier", None, id="names"),
        pytest.param(
            [f"{i} long sentences that go on and on, never to be met again" for i in range(N)],
            "a",
            "free text",
            None,
            id="text",
        ),
        pytest.param([f"w{i % 1001}" for i in range(3000)], "a", "too many values", None, id="more than 1,000 words"),
        pytest.param(
            [i % 1500 * 3 for i in range(3000)], "shop_id", "too many values", "number", id="more than 1,000 codes"
        ),
    ],
)
def test_columns_that_teach_nothing_are_left_out_with_a_reason(values, name, reason, target_kind):
    found = column(list(values), name)
    assert (found.left_out, found.target_kind) == (reason, target_kind)


@pytest.mark.parametrize(
    ("sentence", "left_out"),
    [("The {} cat sat on a mat, and was never seen to leave it.", "free text"), ("seen {} times", "identifier")],
)
def test_columns_of_sentences_are_texts_and_left_out_at_first(sentence, left_out):
    found = column([sentence.format(at) for at in range(N)])
    assert (found.kind, found.left_out, found.target_kind) == ("text", left_out, None)


def test_all_words_are_known_at_first_where_each_has_enough_rows():
    words = [f"shop {at % 300}" for at in range(1800)]
    found = profile(
        pd.DataFrame({"shop": words, "rare": [f"w{at % 450}" for at in range(1800)], "few": ["a", "b"] * 900})
    )
    kinds = dict.fromkeys(["shop", "rare", "few"], "category")
    assert suggested_preparation(found, kinds) == {"shop": Preparation(words=300)}
    assert suggested_preparation(found, {"rare": "category"}) == {}


def test_a_thousand_words_are_still_classes():
    assert column([f"w{i % 1000}" for i in range(3000)]).target_kind == "category"


def test_numbers_are_measured_without_missing_and_infinite_cells():
    table = profile(pd.DataFrame({"a": [1.0, 2.0, 6.0, np.nan, np.inf, -np.inf, np.inf, 11.0]}))
    found = table.column("a")
    assert (found.missing, found.distinct) == (0.5, 4)  # 4 of 8
    # (2 + 6) / 2 and (1 + 2 + 6 + 11) / 4
    assert (found.low, found.high, found.median, found.mean) == (
        1.0,
        11.0,
        4.0,
        5.0,
    )
    assert table.notes == ("Column a holds 3 infinite values, treated as missing.",)


def test_measures_agree_with_numpy():
    values = np.random.default_rng(0).lognormal(size=1001)
    found = column(values)
    assert [found.low, found.high, found.median, found.mean] == pytest.approx(
        [values.min(), values.max(), np.median(values), values.mean()]
    )
    assert list(found.picture) == np.histogram(values, bins=20)[0].tolist()


def test_dates_are_measured_in_days_since_1970():
    found = column(["1970-01-02", "1970-01-03", "1970-01-07"] * 3)
    assert (found.low, found.high, found.median, found.mean) == (1, 6, 2, 3)  # (1 + 2 + 6) / 3
    assert found.top == (("1970-01-02", 3), ("1970-01-03", 3), ("1970-01-07", 3))


def test_words_are_counted_most_frequent_first():
    found = column(["b"] * 2 + ["a"] * 3 + ["c", None])
    assert found.top == (("a", 3), ("b", 2), ("c", 1))
    assert found.picture == (3, 2, 1)
    assert (found.low, found.mean) == (None, None)


def test_codes_with_gaps_are_words_without_a_point():
    assert column([10115, None, 10115, 10117] * 9, "zip").top == (("10115", 18), ("10117", 9))


def test_whole_numbers_get_a_bin_each():
    assert column([1, 2, 2, 4] * 9).picture == (9, 18, 0, 9)


def test_huge_values_do_not_break_the_picture():
    found = column([-1.7e308, 1.7e308, 0.5] * 9)
    assert (found.low, found.high) == (-1.7e308, 1.7e308)
    assert np.isfinite([found.mean, found.median]).all()


@pytest.mark.parametrize(
    ("name", "numbers", "what"),
    [
        ("day", [20211005, 20191223, 20210927], "YYYYMMDD"),
        ("order_date", [1633392000, 1577059200, 1632700800], "Unix seconds"),
        ("createdAt", [1633392000000, 1577059200000, 1632700800000], "Unix milliseconds"),
        ("Date", [44474, 43822, 44466], "Excel serials"),
    ],
)
def test_numbers_are_dates_where_the_name_and_their_range_say_so(name, numbers, what):
    found = profile(pd.DataFrame({name: numbers, "b": [1.5, 2.5, 3.5]}))
    days = found.column(name)
    assert (days.kind, days.low, days.high) == ("date", 18_253, 18_905)  # 2019-12-23 and 2021-10-05.
    assert found.notes == (f"Column {name} holds numbers that are treated as dates: {what}.",)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [("day", [1, 2, 31]), ("n", [20211005, 20191223]), ("year_date", [2019, 2021]), ("day", [20219999, 20211005])],
)
def test_other_numbers_are_no_dates(name, numbers):
    assert profile(pd.DataFrame({name: numbers, "b": range(len(numbers))})).column(name).kind == "number"


def test_pixels_are_numbers_alike_and_the_digit_is_a_class():
    table = profile(load_sample("digits"))
    assert {found.kind for found in table.columns} == {"number"}
    assert table.column("digit").target_kind == "code"


def test_a_family_of_flags_stays_boolean():
    frame = pd.DataFrame({f"flag_{i}": [0, 1] * 30 for i in range(10)})
    assert {found.kind for found in profile(frame).columns} == {"boolean"}


@pytest.mark.parametrize(
    ("names", "target"),
    [
        (["target", "b", "c"], "target"),
        (["a", "Price", "c"], "Price"),
        (["price", "label", "c"], "label"),
        (["sale_price", "b", "c"], "sale_price"),
        (["a", "b", "c"], "c"),
        (["y_1", "b", "c"], "c"),
    ],
)
def test_the_target_is_guessed_by_its_name_or_its_place(names, target):
    values = np.linspace(0, 1, N)
    assert profile(pd.DataFrame(dict.fromkeys(names, values))).suggested_target == target


def test_a_column_that_cannot_be_predicted_is_never_suggested():
    table = profile(pd.DataFrame({"a": np.linspace(0, 1, N), "price": [1] * N, "id": range(N)}))
    assert table.suggested_target == "a"


def test_a_table_of_nothing_predictable_has_no_target():
    assert profile(pd.DataFrame({"a": [1] * N})).suggested_target is None


def test_features_are_all_columns_but_the_target_and_those_left_out():
    frame = pd.DataFrame(
        {"id": range(N), "x": np.linspace(0, 1, N), "c": WORDS * 20, "one": [1] * N, "y": np.linspace(1, 2, N)}
    )
    assert suggest(profile(frame), "y") == {"x": "number", "c": "category"}


def test_a_running_number_serves_when_nothing_else_is_there():
    frame = pd.DataFrame({"x": range(N), "y": np.linspace(0, 1, N)})
    assert suggest(profile(frame), "y") == {"x": "number"}


def test_no_more_than_256_features_are_suggested():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 300)), columns=[f"c{i}" for i in range(300)])
    assert list(suggest(profile(frame), "c0")) == [f"c{i}" for i in range(1, 257)]


@pytest.mark.parametrize("name", SAMPLES)
def test_guesses_are_kinds_and_targets_can_be_predicted(name):
    for found in profile(load_sample(name)).columns:
        assert found.kind in KINDS
        assert found.target_kind is None or KINDS[found.target_kind].as_target


def test_an_empty_table_has_an_outline_too():
    assert profile(pd.DataFrame({"a": pd.Series([], dtype=float)})).column("a").left_out == "all missing"


def test_profiling_leaves_the_table_alone():
    frame = pd.DataFrame({"a": [1.0, np.inf], "b": ["x", None]})
    before = frame.copy()
    profile(frame)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.slow
def test_two_thousand_columns_are_quick():
    frame = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 2000)), columns=[f"c{i}" for i in range(2000)])
    start = time.process_time()
    assert len(profile(frame).columns) == 2000
    assert time.process_time() - start < 8  # Seconds of work; 0.4 when nothing else runs.


def test_columns_of_the_same_cells_name_the_first_of_them():
    draw = np.random.default_rng(0).normal(size=N)
    gaps = pd.Series(draw).where(np.arange(N) % 7 > 0)
    mixed = np.where(np.arange(N) < 2, draw[::-1], draw)
    frame = {
        "a": draw,
        "b": draw,
        "c": draw + 1,
        "w": WORDS * 20,
        "v": WORDS * 20,
        "d": draw,
        "g": gaps,
        "h": gaps,
        "m": mixed,
        "k": 1,
        "l": 1,
    }
    found = profile(pd.DataFrame(frame)).columns
    assert {one.name: one.same_as for one in found if one.same_as} == {"b": "a", "d": "a", "v": "w", "h": "g"}
    shuffled = pd.DataFrame({"a": draw, "b": draw[::-1]})  # The same in outline, another in its cells.
    assert [one.same_as for one in profile(shuffled).columns] == [None, None]


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(1).normal(size=500),
        np.random.default_rng(1).exponential(size=500),
        -(np.arange(50.0) ** 4),
        [1, 1, 1, 1, 9],
        [1, None, 3, 7],
    ],
)
def test_the_skewness_is_what_scipy_says(values):
    cells = np.array([value for value in values if value is not None], float)
    assert column(values).skew == pytest.approx(skew(cells))
    assert column(1e150 * np.array(values, float)).skew == pytest.approx(skew(cells))


def test_what_has_no_amounts_has_no_skewness():
    assert [column(values).skew for values in (WORDS * 20, [True, False] * 30, [3.0] * N, [None] * N)] == [None] * 4
