"""The exported model predicts raw rows, and says what is strange about each."""

import json

import keras
import numpy as np
import pandas as pd
import pytest

from core.experiment.preparation import Preparation
from core.experiment.task import Task
from core.model import exported_model
from core.model.exported_model import Predictor, bundle, card
from core.model.network import TargetScale, build
from core.model.outputs import Head, Heads
from core.model.preprocessing import matrix, preprocessing, tensors
from core.tables.errors import TableError
from core.tables.prepared import prepare, raw_values
from tests.parity.clean import printed

pytestmark = pytest.mark.slow
NAN = np.nan


@pytest.fixture(scope="module")
def mixed():
    """60 rows with a column of each kind, one constant and one without values."""
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "size": np.where(draw.random(60) < 0.2, NAN, draw.normal(100, 20, 60)),
            "town": draw.choice(["Davis", "Galt", None], 60),
            "zip": draw.choice([95601, 95602], 60),
            "pool": draw.choice([True, False], 60),
            "sold": pd.date_range("2024-01-01", periods=60),
            "same": 1.0,
            "none": NAN,
            "price": draw.normal(1e6, 1e5, 60),
            "dear": draw.choice(["no", "yes"], 60),
            "style": draw.choice(["old", "new", "mixed"], 60),
            "said": draw.choice(["A fine home!", "Needs work, but fine.", None], 60),
            "told": draw.choice(["quiet street", "Busy street", None], 60),
        }
    )


FEATURES = {
    "size": "number",
    "town": "category",
    "zip": "code",
    "pool": "boolean",
    "sold": "date",
    "same": "number",
    "none": "number",
    "said": "text",
    "told": "text",
}
ALONE = """
import json, sys
import keras, numpy as np, tensorflow as tf
model = keras.models.load_model(sys.argv[1], safe_mode=True)
raw = json.load(open(sys.argv[2]))
kinds = {name: tf.string if isinstance(cells[0][0], str) else tf.float64 for name, cells in raw.items()}
inputs = {name: tf.constant(cells, kinds[name]) for name, cells in raw.items()}
core = [name for name in sys.modules if name.split(".")[0] == "core"]
print(json.dumps({"outputs": model(inputs).numpy().tolist(), "core": core}))
"""


def test_the_saved_model_answers_raw_rows_where_only_keras_is_there(mixed, experiment_of, tmp_path):
    experiment = experiment_of(target="price", features=FEATURES)
    ready = prepare(mixed, experiment.data, "number")
    task, features = Task("regression", "price"), preprocessing(ready.kinds, ready.statistics)
    stack = build(experiment, task, ready.inputs, TargetScale(ready.y_true("train"), task))
    bundle([Head(experiment, task, TargetScale(ready.y_true("train"), task))], features, stack).save(
        tmp_path / "model.keras"
    )

    asked = mixed.head(4).assign(
        size=[NAN, np.inf, -1e9, 1e300], town=["Atlantis", None, "", "Davis"], none=[NAN, 1, 2, 3]
    )
    raw = raw_values(asked, FEATURES, {})
    (tmp_path / "raw.json").write_text(
        json.dumps({name: values.reshape(-1, 1).tolist() for name, values in raw.items()})
    )
    (tmp_path / "alone.py").write_text(ALONE)
    answer = printed(tmp_path, "alone.py", "model.keras", "raw.json")
    assert answer["core"] == []
    expected = stack(matrix(features, raw)).numpy()
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(answer["outputs"], expected, rtol=1e-6)


def predictor(mixed, experiment, task, kind):
    """An untrained predictor and the stack in it."""
    ready = prepare(mixed, experiment.data, kind)
    features = preprocessing(ready.kinds, ready.statistics)
    stack = build(experiment, task, ready.inputs, TargetScale(ready.y_true("train"), task))
    heads = [Head(experiment, task, TargetScale(ready.y_true("train"), task))]
    return Predictor(bundle(heads, features, stack), card(heads, ready)), stack, features


def test_a_predicted_row_says_what_is_strange_about_a_text(mixed, experiment_of):
    experiment = experiment_of(target="price", features={"said": "text"})
    asked, *_ = predictor(mixed, experiment, Task("regression", "price"), "number")
    said = asked.notes(pd.DataFrame({"said": ["FINE?", "unheard of", None, "..."]}))
    assert said == [
        "",
        "said has none of the words that were kept from the training texts",
        "said is missing: treated as a text without known words",
        "said has none of the words that were kept from the training texts",
    ]
    (feature,) = asked.card["features"]
    assert feature["usual"] in ("A fine home!", "Needs work, but fine.")
    assert "needs" in feature["vocabulary"]


def test_a_predicted_row_says_that_its_word_was_cut(mixed, experiment_of):
    frame = mixed.assign(style=["old"] * 30 + ["new"] * 20 + ["mixed"] * 10)
    experiment = experiment_of(target="price", features={"style": "category"})
    data = experiment.data.model_copy(update={"preparation": {"style": Preparation(words=2)}})
    asked, *_ = predictor(frame, experiment.model_copy(update={"data": data}), Task("regression", "price"), "number")
    (feature,) = asked.card["features"]
    assert (feature["words"], feature["cut"]) == (["old", "new"], ["mixed"])
    assert asked.notes(pd.DataFrame({"style": ["old", "mixed", "odd"]})) == [
        "",
        "style 'mixed' is not among the 2 most frequent words that are known: treated as an unknown category",
        "style 'odd' was not seen in training",
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_saved_model_is_asked_in_the_type_of_its_own_inputs(dtype, tmp_path):
    """Models of earlier versions take float32."""
    when, word = keras.Input((1,), name="when", dtype=dtype), keras.Input((1,), name="word", dtype="string")
    output = keras.ops.cast(when - np.array([1.7e9], dtype), "float32") + keras.layers.StringLookup(vocabulary=["a"])(
        word
    )
    keras.Model({"when": when, "word": word}, output).save(tmp_path / "model.keras")
    target = {
        "target": "y",
        "output": "output",
        "task": "regression",
        "classes": [],
        "decision": 0.5,
        "margin": False,
        "low": 0.0,
        "high": 9.0,
    }
    features = [
        {
            "name": "when",
            "kind": "number",
            "low": 1.7e9,
            "high": 1.7e9 + 9,
            "usual": 1.7e9,
            "whole": True,
            "missing": False,
        },
        {"name": "word", "kind": "category", "words": ["a"], "missing": False, "usual": "a"},
    ]
    asked = Predictor.load(tmp_path / "model.keras", {}, {"targets": [target], "features": features, "ways": {}})
    said = asked.predict(pd.DataFrame({"when": [1.7e9, 1.7e9 + 5], "word": ["a", "b"]}))["predicted y"].tolist()
    # the place of "a" is 1, of other words 0; float32 has no number between 1.7e9 and 1.7e9 + 128
    assert said == ([1.0, 5.0] if dtype == "float64" else [1.0, 0.0])


def test_two_classes_are_told_with_their_probabilities(mixed, experiment_of):
    task = Task("binary", "dear", 2)
    for loss, activation in (
        ("BinaryCrossentropy", "sigmoid"),
        ({"class": "BinaryCrossentropy", "from_logits": True}, "linear"),
    ):
        layers = [{"layer": "Dense", "units": 1, "activation": activation}]
        experiment = experiment_of(
            target="dear", features=FEATURES, layers=layers, loss=loss, metrics=["BinaryAccuracy"]
        )
        asked, stack, features = predictor(mixed, experiment, task, "category")
        said = asked.predict(mixed)
        outputs = stack(matrix(features, raw_values(mixed, FEATURES, {}))).numpy()[:, 0]
        yes = outputs if activation == "sigmoid" else 1 / (1 + np.exp(-outputs))
        np.testing.assert_allclose(said["probability yes"], yes, atol=1e-6)
        np.testing.assert_allclose(said["probability no"] + said["probability yes"], 1)
        assert said["predicted dear"].tolist() == np.where(yes > 0.5, "yes", "no").tolist()


def test_a_margin_is_decided_at_zero(mixed, experiment_of):
    layers = [{"layer": "Dense", "units": 1, "activation": "tanh"}]
    experiment = experiment_of(
        target="dear", features=FEATURES, layers=layers, loss="Hinge", metrics=["BinaryAccuracy"]
    )
    asked, _, _ = predictor(mixed, experiment, Task("binary", "dear", 2), "category")
    said = asked.predict(mixed)
    assert said["predicted dear"].tolist() == np.where(said["margin"] > 0, "yes", "no").tolist()
    assert said["margin"].abs().max() <= 1


def test_several_classes_are_told_with_shares_that_add_up_to_one(mixed, experiment_of):
    layers = [{"layer": "Dense", "units": 3, "activation": "softmax"}]
    loss, metrics = "SparseCategoricalCrossentropy", ["SparseCategoricalAccuracy"]
    experiment = experiment_of(target="style", features=FEATURES, layers=layers, loss=loss, metrics=metrics)
    asked, _, _ = predictor(mixed, experiment, Task("multiclass", "style", 3), "category")
    said = asked.predict(mixed)
    shares = said[["probability mixed", "probability new", "probability old"]]
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    assert said["predicted style"].tolist() == shares.idxmax(axis=1).str.removeprefix("probability ").tolist()
    assert list(asked.predict(mixed.head(0)).columns) == list(said.columns)


def test_notes_say_what_is_missing_unknown_or_far_outside(mixed, experiment_of):
    features = {"size": "number", "town": "category", "zip": "code"}
    experiment = experiment_of(target="price", features=features)
    asked, _, _ = predictor(mixed, experiment, Task("regression", "price"), "number")
    rows = pd.DataFrame(
        {"size": [100.0, NAN, 1e6, 100.0], "town": ["Galt", None, "Galt", "Rome"], "zip": [95601, 95602.0, None, 1]}
    )
    notes = asked.predict(rows)["note"].tolist()
    assert notes[0] == ""
    assert (
        notes[1] == "size is missing: filled with the training median"
    )  # towns were missing in training too: nothing new
    assert "size 1e+06 is outside the training range" in notes[2]
    assert "zip is missing: treated as an unknown category" in notes[2]
    far = pd.DataFrame({"when": 1_700_000_000.25 + np.arange(60), "price": np.arange(60.0)})
    asked, _, _ = predictor(
        far, experiment_of(target="price", features={"when": "number"}), Task("regression", "price"), "number"
    )
    assert asked.notes(pd.DataFrame({"when": [1_700_000_099.5]}))[0].startswith(
        "when 1700000099.5 is outside the training range 170000000"
    )
    assert notes[3] == "town 'Rome' was not seen in training; zip '1' was not seen in training"


def test_a_note_quotes_the_cell_that_cannot_be_read(mixed, experiment_of):
    frame = mixed.assign(
        when=pd.date_range("2022-01-01", periods=len(mixed)).astype(str), new=["yes", "no"] * (len(mixed) // 2)
    )
    features = {"size": "number", "when": "date", "new": "boolean", "town": "category"}
    asked, _, _ = predictor(
        frame, experiment_of(target="price", features=features), Task("regression", "price"), "number"
    )
    rows = frame[["size", "when", "new"]].head(5).astype(object)
    rows["size"] = ["12,500 mi", "?", "1e2", " ", "612,125"]
    rows.loc[1, "when"] = "next week"
    rows.loc[2, "new"] = "maybe"
    size = "size is missing: filled with the training median"
    # Of the absent town nothing: that is said once.
    assert asked.notes(rows) == [
        "size '12,500 mi' cannot be read as a number, so it counts as missing",
        "size '?' cannot be read as a number, so it counts as missing; when 'next week' cannot be read as a date, so "
        "it counts as missing",
        "new 'maybe' cannot be read as yes or no, so it counts as missing",
        size,
        "size '612,125' may mean 612.125 or 612125, so it counts as missing",
    ]
    beside_comma = Predictor(asked.model, {**asked.card, "numbers": {"decimal": ",", "thousands": "."}})
    np.testing.assert_array_equal(
        beside_comma.predict(rows.iloc[[4]])["predicted price"],
        asked.predict(rows.iloc[[4]].assign(size=612.125))["predicted price"],
    )


def test_a_note_about_a_date_has_dates_with_their_time_of_day(experiment_of):
    frame = pd.DataFrame({"when": pd.date_range("2022-01-01 06:00", periods=60, freq="12h"), "price": np.arange(60.0)})
    asked, _, _ = predictor(
        frame, experiment_of(target="price", features={"when": "date"}), Task("regression", "price"), "number"
    )
    note = asked.predict(pd.DataFrame({"when": ["2021-12-31 23:15", "2022-01-10"]}))["note"].tolist()
    low, high = frame["when"].min(), asked.card["features"][0]["high"]
    assert note[0].startswith(f"when 2021-12-31 23:15 is outside the training range {low:%Y-%m-%d} ")
    assert 0 < high - (low - pd.Timestamp("1970-01-01")).days < 31
    assert note[1] == ""


def test_a_table_gets_the_notes_its_rows_would_get_alone(mixed, experiment_of):
    features = {"size": "number", "town": "category", "zip": "code"}
    asked, _, _ = predictor(
        mixed, experiment_of(target="price", features=features), Task("regression", "price"), "number"
    )
    draw = np.random.default_rng(0)
    cells = {"size": [NAN, -5.0, 1e6, 100.0], "town": [None, "Galt", "Rome", "it's"], "zip": ["", "95601", "1", "x"]}
    rows = pd.DataFrame({name: [values[at] for at in draw.integers(0, 4, 40)] for name, values in cells.items()})
    assert asked.notes(rows) == [asked.notes(rows.iloc[[at]])[0] for at in range(40)]
    assert max(note.count(";") for note in asked.notes(rows)) == 2


def test_near_words_are_looked_for_beside_a_few_strange_words_only(experiment_of, monkeypatch):
    rows = pd.DataFrame({"word": [f"shop {index:03}" for index in range(90)] * 12, "price": range(1080)})
    experiment = experiment_of(target="price", features={"word": "category"})
    asked, *_ = predictor(rows, experiment, Task("regression", "price"), "number")
    compared = []
    monkeypatch.setattr(exported_model, "near_name", lambda cell, words: (compared.append(cell), words[0])[1])
    strange = [f"stop {index:03}" for index in range(30)]
    said = asked.notes(pd.DataFrame({"word": [*rows["word"], *strange]}))
    assert set(said[:1080]) == {""}
    assert compared == strange[:20]
    near = f" (near: {asked.card['features'][0]['words'][0]!r})"
    assert said[1080:] == [
        f"word {word!r} was not seen in training{near if place < 20 else ''}" for place, word in enumerate(strange)
    ]


def test_no_word_of_the_training_rows_is_called_unseen(experiment_of):
    many = pd.DataFrame({"word": [f"w{index}" for index in range(1500)] * 2, "price": range(3000)})
    asked, _, _ = predictor(
        many, experiment_of(target="price", features={"word": "category"}), Task("regression", "price"), "number"
    )
    (feature,) = asked.card["features"]
    assert (len(feature["words"]), len(feature["cut"])) == (100, len(set(feature["cut"])))
    said = asked.notes(pd.DataFrame({"word": [*feature["words"], *feature["cut"]]}))
    assert set(said[:100]) == {""}
    assert all("is not among the 100 most frequent words" in one for one in said[100:])
    del feature["cut"]  # The card of an earlier version listed the first thousand words, and no more.
    feature["words"] = [f"w{index}" for index in range(1000)]
    assert set(asked.notes(many)) == {""}


def test_a_table_of_another_shape_is_answered_row_by_row(mixed, experiment_of):
    asked, _, _ = predictor(
        mixed, experiment_of(target="price", features=FEATURES), Task("regression", "price"), "number"
    )
    whole = asked.predict(mixed)["predicted price"].to_numpy()
    shuffled = mixed.sample(frac=1, random_state=0)
    assert asked.predict(shuffled).index.equals(shuffled.index)
    np.testing.assert_allclose(asked.predict(shuffled)["predicted price"], whole[shuffled.index], rtol=1e-6)
    np.testing.assert_allclose(asked.predict(mixed.iloc[[5]])["predicted price"], whole[[5]], rtol=1e-6)
    with pytest.raises(TableError, match=r"none of the model's columns\. It needs .*, and has 'other'"):
        asked.predict(pd.DataFrame({"other": [1, 2]}))


def test_the_card_describes_the_training_rows(mixed, experiment_of):
    experiment = experiment_of(target="price", features=FEATURES)
    ready = prepare(mixed, experiment.data, "number")
    described = json.loads(
        json.dumps(card(Heads(experiment, [Task("regression", "price")], ready).all, ready), allow_nan=False)
    )
    train = mixed.iloc[ready.parts["train"]]
    assert described["targets"][0]["low"] == train["price"].min()
    by_name = {feature["name"]: feature for feature in described["features"]}
    assert list(by_name) == list(FEATURES)
    assert by_name["size"]["usual"] == pytest.approx(train["size"].median())
    assert by_name["size"]["missing"]
    assert by_name["zip"] == {
        "name": "zip",
        "kind": "code",
        "words": by_name["zip"]["words"],
        "cut": [],
        "missing": False,
        "usual": by_name["zip"]["words"][0],
        "shares": by_name["zip"]["shares"],
    }
    shares = train["zip"].value_counts(normalize=True).sort_values(ascending=False)
    assert by_name["zip"]["shares"]["shares"] == pytest.approx([*shares, 0, 0])
    assert set(by_name["zip"]["words"]) == {"95601", "95602"}
    assert by_name["none"]["missing"]


def test_the_usual_moment_of_a_form_is_one_that_occurs(experiment_of):
    """The median of an even number of hours is half past one."""
    frame = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=100, freq="h").astype(str), "y": range(100)})
    experiment = experiment_of(target="y", features={"at": "date"})
    ready = prepare(frame, experiment.data, "number")
    assert len(ready.parts["train"]) % 2 == 0
    (feature,) = card(Heads(experiment, [Task("regression", "y")], ready).all, ready)["features"]
    usual = pd.Timestamp("1970-01-01") + pd.Timedelta(days=feature["usual"])
    train = pd.to_datetime(frame["at"].iloc[ready.parts["train"]])
    assert usual.round("s") in set(train)
    assert abs((train > usual).sum() - (train < usual).sum()) <= 1


def test_raw_tensors_are_columns():
    made = tensors({"n": np.array([1.0, NAN]), "w": np.array(["a", ""], dtype=object)})
    assert made["n"].shape == made["w"].shape == (2, 1)
    assert (made["n"].dtype.name, made["w"].dtype.name) == ("float64", "string")
