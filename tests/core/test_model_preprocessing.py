"""Raw values become the network's numbers: against NumPy's arithmetic, and in a process that knows only Keras."""

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    RobustScaler,
    StandardScaler,
)

from core.catalog.kinds import KINDS
from core.catalog.scalings import SCALINGS
from core.experiment.preparation import Preparation
from core.model.preprocessing import BUILDERS, matrix, preprocessing
from core.tables.feature_statistics import pair_statistics, statistics_of
from core.tables.prepared import raw_values
from core.tables.profile import profile, suggested_preparation

pytestmark = pytest.mark.slow
NAN = np.nan


def columns(cells, kind: str, train: slice = slice(None), scaling: str = "standard", **settings) -> np.ndarray:
    """The matrix of one column whose statistics come from some of its rows."""
    raw, settings = raw_values(pd.DataFrame({"c": cells}), {"c": kind}, {}), Preparation(**settings)
    learned = statistics_of(kind, raw["c"][train], {kind: scaling}, settings)
    return matrix(preprocessing({"c": kind}, {"c": learned}), raw)


def test_what_is_known_of_any_kind_and_scaling_has_its_builder():
    empty = {"string": np.array(["a"], dtype=object), "float": np.array([1.0, 2.0])}
    known = {type(statistics_of(kind, empty[row.raw])) for kind, row in KINDS.items()}
    known |= {type(statistics_of("number", empty["float"], {"number": name})) for name in SCALINGS}
    assert known == set(BUILDERS)


def test_numbers_have_mean_zero_and_deviation_one_and_a_flag_where_missing():
    cells = np.array([1.0, 2.0, NAN, 9.0])
    # the median 2 fills in: 1, 2, 2, 9 have mean 3.5 and variance 10.25
    expected = (np.array([1, 2, 2, 9]) - 3.5) / np.sqrt(10.25)
    np.testing.assert_allclose(columns(cells, "number"), np.stack([expected, [0, 0, 1, 0]], axis=1), rtol=1e-6)


def test_other_rows_are_scaled_by_the_training_rows():
    # of 1 and 3: mean 2, deviation 1; the gap outside training is filled, and has no flag
    np.testing.assert_allclose(columns([1.0, 3.0, 10.0, NAN], "number", slice(2))[:, 0], [-1, 1, 8, 0])
    assert columns([1.0, 3.0, 10.0, NAN], "number", slice(2)).shape == (4, 1)


SCALERS = {
    "standard": StandardScaler(),
    "min-max": MinMaxScaler(),
    "robust": RobustScaler(),
    "log": make_pipeline(FunctionTransformer(np.log1p), StandardScaler()),
    "quantile bins": KBinsDiscretizer(10, encode="onehot-dense", quantile_method="linear"),
    "none": FunctionTransformer(),
}


@pytest.mark.parametrize("name", SCALINGS)
def test_a_scaling_is_that_of_scikit_learn(name):
    cells, train = np.random.default_rng(3).gamma(2, 3, 50), slice(40)
    some = (cells,) if name == "quantile bins" else (cells, np.full(50, 4.0), np.where(np.arange(50) < 20, 1.0, 0.0))
    for of in some:
        expected = SCALERS[name].fit(of[train].reshape(-1, 1)).transform(of.reshape(-1, 1))
        np.testing.assert_allclose(columns(of, "number", train, name), expected, atol=1e-6)


def test_logarithms_have_a_sign_and_missing_cells_a_flag():
    cells = np.array([-99.0, 0.0, 99.0, NAN, 1e12])
    logs = np.array([-np.log(100), 0, np.log(100), np.log(100) / 2, np.log1p(1e12)])  # The median fills in.
    expected = np.stack([(logs - logs.mean()) / logs.std(), [0, 0, 0, 1, 0]], axis=1)
    np.testing.assert_allclose(columns(cells, "number", scaling="log"), expected, rtol=1e-5, atol=1e-6)
    large = 1.7e9 + np.arange(6.0)  # In float64, or all would be alike.
    assert np.all(np.diff(columns(large, "number", scaling="log")[:, 0]) > 0.1)


def test_bins_hold_equally_many_rows_and_quantiles_that_are_alike_part_nothing():
    # Of 1 to 8 the quartiles are 2.75, 4.5 and 6.25; a missing cell is the median.
    found = columns([*range(1, 9), NAN, 100.0, -5.0], "number", slice(9), scaling="quantile bins", bins=4)
    bins = [0, 0, 1, 1, 2, 2, 3, 3, 2, 3, 0]
    np.testing.assert_array_equal(found, np.hstack([np.eye(4)[bins], np.eye(11)[:, [8]]]))
    np.testing.assert_array_equal(columns([4.0] * 3 + [5.0], "number", slice(3), scaling="quantile bins"), [[0, 1]] * 4)
    np.testing.assert_array_equal(columns([NAN] * 2, "number", scaling="quantile bins"), [[0, 1, 1]] * 2)


def test_a_cross_has_a_column_for_each_pair_of_words():
    frame = pd.DataFrame({"a": ["x", "y", "x", None, "y", "new"], "b": ["p", "p", "q", "q", "p", "p"]})
    kinds = {"a": "category", "b": "category"}
    raw = raw_values(frame, kinds, {})
    train = slice(5)
    statistics = {name: statistics_of("category", values[train]) for name, values in raw.items()}
    statistics["a", "b"] = pair_statistics(raw["a"][train], raw["b"][train])
    assert statistics["a", "b"].pairs == [("y", "p"), ("", "q"), ("x", "p"), ("x", "q")]
    found = matrix(preprocessing(kinds, statistics), raw)
    joined = pd.Series(list(zip(raw["a"], raw["b"], strict=True))).map("&".join).to_numpy().reshape(-1, 1)
    hot = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(joined[train])
    order = [hot.categories_[0].tolist().index("&".join(pair)) for pair in statistics["a", "b"].pairs]
    np.testing.assert_array_equal(found[:, :4], hot.transform(joined)[:, order])


def test_a_cell_far_from_all_training_cells_is_drawn_in():
    # of 1 and 3: mean 2, deviation 1; in 99 dark rows and one of 7: mean 0.07, deviation 0.697
    np.testing.assert_allclose(columns([1.0, 3.0, 1e30, -1e9], "number", slice(2))[:, 0], [-1, 1, 10, -10])
    np.testing.assert_allclose(
        columns([*[0.0] * 99, 7.0, 255.0], "number", slice(100))[[0, 99, 100], 0], [-0.100504, 5, 5], atol=1e-6
    )
    np.testing.assert_array_equal(columns([4.0, 4.0, 9.0], "number", slice(2))[:, 0], [0, 0, 0])


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e-9, 1.0, 1e12, 1e20, 1e36])
def test_any_unit_gives_the_same_numbers(size):
    cells = np.array([1.0, 2.0, 4.0, 9.0])
    np.testing.assert_allclose(columns(size * cells, "number"), columns(cells, "number"), atol=1e-6)


def test_a_small_spread_far_from_zero_is_kept():
    # years around 2000 in steps of a month
    cells = 2000 + np.arange(24) / 12
    np.testing.assert_allclose(columns(cells, "number")[:, 0], (cells - cells.mean()) / cells.std(), atol=1e-6)


@pytest.mark.parametrize(
    ("offset", "step"), [(1_700_000_000, 30), (1e15, 1), (-121.5, 1e-7), (1e9, 0.01), (-9e12, 0.5)]
)
def test_large_numbers_keep_the_digits_that_vary(offset, step):
    # Unix seconds, serials of 15 digits, coordinates, account numbers: 0, 1, ..., 9 have mean 4.5 and variance 8.25
    expected = (np.arange(10) - 4.5) / np.sqrt(8.25)
    # what decimals lose as floats before anything is done with them: half the distance of two neighbours
    lost = np.spacing(abs(offset)) / step
    np.testing.assert_allclose(columns(offset + step * np.arange(10.0), "number")[:, 0], expected, atol=1e-6 + lost)


def test_moments_of_one_day_differ():
    cells = pd.Series(pd.date_range("2024-05-01", periods=6, freq="20s"))
    # six steps of 20 s: -2.5, ..., 2.5 steps from their mean, with a variance of 35 / 12 steps
    np.testing.assert_allclose(columns(cells, "date")[:, 0], (np.arange(6) - 2.5) / np.sqrt(35 / 12), atol=1e-6)


@pytest.mark.parametrize("cells", [[5.0] * 4, [0.1] * 7, [1e30] * 3])
def test_a_constant_column_is_zero(cells):
    np.testing.assert_allclose(columns(cells, "number"), np.zeros((len(cells), 1)), atol=1e-6)


def test_a_column_without_any_value_is_zero_and_flagged():
    np.testing.assert_array_equal(columns([NAN] * 3, "number"), [[0, 1]] * 3)
    np.testing.assert_array_equal(columns([None] * 3, "category"), [[1]] * 3)


def test_infinities_count_as_missing():
    np.testing.assert_array_equal(columns([1.0, np.inf, 3.0, -np.inf, 1e300], "number")[:, 1], [0, 1, 0, 1, 1])


def test_known_words_have_a_column_each_and_unknown_ones_none():
    # b is the most frequent; of the missing cell and a, both there once, "" is first in the alphabet
    expected = [[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0], [1, 0, 0]]
    np.testing.assert_array_equal(columns(["b", "a", "b", None, "new", "b"], "category", slice(4)), expected)


@pytest.mark.parametrize("word", ["[UNK]", "[MASK]", "[unk]", "naïve 漢字 🙂", "a\nb", "'\"", "x" * 5000, " "])
def test_any_text_may_be_a_word(word):
    np.testing.assert_array_equal(columns([word, "a", word], "category"), [[1, 0], [0, 1], [1, 0]])


def test_codes_are_words_and_booleans_are_numbers():
    np.testing.assert_array_equal(columns([7.0, 8.0, 7.0], "code"), [[1, 0], [0, 1], [1, 0]])
    np.testing.assert_allclose(columns(["yes", "no"], "boolean"), [[1], [-1]])


def test_dates_become_a_trend_a_season_and_a_day_of_the_week():
    cells = pd.Series(pd.to_datetime(["2024-01-01", "2024-07-01", None, "2024-01-08"], format="ISO8601"))
    day = np.array([19723.0, 19905.0, 19730.0, 19730.0])  # the median fills in
    year, week = 2 * np.pi * day / 365.2425, 2 * np.pi * day / 7
    expected = [(day - day.mean()) / day.std(), [0, 0, 1, 0], np.sin(year), np.cos(year), np.sin(week), np.cos(week)]
    np.testing.assert_allclose(columns(cells, "date"), np.stack(expected, axis=1), atol=1e-6)


SAID = [
    "The cat sat; the CAT purred!",
    "a dog -- it's no cat",
    None,
    "Größe: ÄRGER, dog\tdog\u00a0x",
    "\u2028 ... cat_dog 3.5",
    "[UNK] purred",
]


@pytest.mark.parametrize("weighting", ["multi-hot", "tf-idf"])
def test_words_of_a_text_are_those_that_keras_learns(weighting):
    mode = weighting.replace("-", "_")
    oracle = keras.layers.TextVectorization(output_mode=mode)
    oracle.adapt(tf.constant(["" if text is None else text for text in SAID[:5]]))
    found = columns(SAID, "text", slice(5), weighting=weighting)
    learned = statistics_of("text", np.array([text or "" for text in SAID[:5]], dtype=object))
    names, theirs = oracle.get_vocabulary()[1:], oracle(tf.constant([text or "" for text in SAID])).numpy()[:, 1:]
    assert sorted(learned.words) == sorted(names)
    np.testing.assert_allclose(found, theirs[:, [names.index(word) for word in learned.words]], rtol=1e-6)
    assert found[2].tolist() == [0] * len(names)
    assert found[5].sum() > 0


def test_words_of_a_text_are_counted_as_by_scikit_learn():
    counter = CountVectorizer(binary=True, token_pattern=r"\S+", max_features=3)
    draw = np.random.default_rng(0)
    texts = [" ".join(draw.choice(list("abcde"), 6, p=[0.4, 0.3, 0.2, 0.07, 0.03])) for _ in range(50)]
    expected, words = counter.fit_transform(texts).toarray(), counter.get_feature_names_out().tolist()
    learned = statistics_of("text", np.array(texts, dtype=object), {}, Preparation(words=3))
    assert learned.words == ["a", "b", "c"]
    assert words == learned.words
    np.testing.assert_array_equal(columns(texts, "text", words=3), expected)


def test_a_text_without_words_is_zero():
    np.testing.assert_array_equal(columns([None, "...", ""], "text"), [[0], [0], [0]])
    np.testing.assert_array_equal(columns([None, "...", ""], "text", weighting="tf-idf"), [[0], [0], [0]])


def test_the_hour_is_a_point_on_a_circle_and_parts_may_be_left_out():
    cells = pd.Series(
        pd.to_datetime(["2024-01-01 06:00", "2024-07-01 12:00", None, "2024-01-08 18:45"], format="ISO8601")
    )
    day = np.array([19723.25, 19905.5, 19730.78125, 19730.78125])  # The median fills in.
    hour = 2 * np.pi * (day % 1)
    trend, missing = (day - day.mean()) / day.std(), [0, 0, 1, 0]
    expected = np.stack([trend, missing, np.sin(hour), np.cos(hour)], axis=1)
    np.testing.assert_allclose(columns(cells, "date", parts=["hour", "trend"]), expected, atol=1e-6)
    np.testing.assert_allclose(columns(cells, "date", parts=["hour"]), expected[:, 1:], atol=1e-6)


def test_a_pair_of_dates_is_the_days_from_the_second_to_the_first():
    frame = pd.DataFrame(
        {
            "left": ["2024-01-05 12:00", "2024-02-01", None, "2024-03-01", "2024-03-02"],
            "ordered": ["2024-01-01", "2024-01-31", "2024-02-01", "2024-02-01", None],
        }
    )
    kinds = {"left": "date", "ordered": "date"}
    raw = raw_values(frame, kinds, {})
    statistics = {name: statistics_of("date", raw[name]) for name in raw}
    statistics["left", "ordered"] = pair_statistics(raw["left"], raw["ordered"])
    found = matrix(preprocessing(kinds, statistics), raw)
    # 4.5, 1, -, 29, - days: the median 4.5 fills in; their mean is 8.7 and their variance 104.86.
    apart = (np.array([4.5, 1, 4.5, 29, 4.5]) - 8.7) / np.sqrt(104.86)
    np.testing.assert_allclose(found[:, :2], np.stack([apart, [0, 0, 1, 0, 1]], axis=1), atol=1e-6)


def test_a_daily_swing_is_learned_by_a_line_of_the_hour():
    draw, moments = np.random.default_rng(2), pd.date_range("2023-01-01", periods=1500, freq="h")
    angle = 2 * np.pi * moments.hour / 24
    load = 50 + 25 * np.sin(angle) - 3 * np.cos(angle) + draw.normal(0, 2, 1500)
    found = profile(pd.DataFrame({"time": moments.astype(str), "load": load}))
    assert found.column("time").timed
    settings = suggested_preparation(found, {"time": "date"})
    assert settings["time"].date_parts == ("trend", "season", "weekday", "hour")
    train, test = slice(1200), slice(1200, None)
    for chosen, within in ((settings["time"], (1.7, 2.3)), (Preparation(), (17, 19))):
        x = columns(moments, "date", train, parts=chosen.parts)
        line = LinearRegression().fit(x[train, -2:], load[train])  # Of the last circle alone.
        error = np.sqrt(np.mean((line.predict(x[test, -2:]) - load[test]) ** 2))
        assert within[0] < error < within[1]


def test_rows_in_blocks_are_the_rows_at_once():
    kinds = {"n": "number", "w": "category"}
    raw = raw_values(pd.DataFrame({"n": range(10), "w": list("abcde") * 2}), kinds, {})
    model = preprocessing(kinds, {name: statistics_of(kind, raw[name]) for name, kind in kinds.items()})
    np.testing.assert_array_equal(matrix(model, raw, block=3), matrix(model, raw))
