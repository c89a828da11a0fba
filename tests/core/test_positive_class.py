"""The positive class of a target of two: the one whose probability the network gives."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Data, Experiment
from core.experiment.task import Task
from core.keras_code.script_single import target_lines
from core.race.own_variants import own_variants
from core.tables.new_experiment import new_experiment
from core.tables.prepared import class_order, prepare
from core.tables.profile import profile, suggested_positive
from core.tables.situation import Tables
from core.tables.sources import TableStore


def words(*two: str) -> pd.DataFrame:
    """A table of 40 rows, of which every fourth has the first word."""
    return pd.DataFrame({"x": range(40), "t": [two[at % 4 > 0] for at in range(40)]})


@pytest.mark.parametrize(
    ("yes", "no", "named"),
    [
        ("Ja", "Nein", True),
        ("ja", "nee", True),
        ("Ja", "Nej", True),
        ("Igen", "Nem", True),
        ("ano", "ne", True),
        ("Evet", "Hay\u0131r", True),
        ("да", "нет", True),
        ("Yes", "No", False),  # The last by the alphabet is the positive one already.
        ("Y", "N", False),
        ("Oui", "Non", False),
        ("Sim", "Não", False),
        ("fraud", "legitimate", False),  # No word for yes: nobody can know.
        ("1", "0", False),
    ],
)
def test_a_word_for_yes_is_the_positive_class_whatever_the_alphabet(yes, no, named):
    frame = words(yes, no)
    suggested = suggested_positive(profile(frame), ["t"])
    assert suggested == ({"t": yes} if named else {})
    data = Data(table="t.csv", targets=("t",), features={"x": "number"}, positive=suggested)
    made = prepare(frame, data, "category").targets["t"]
    if named:
        assert made.classes == (no, yes)
        assert made.y_true.mean() == 0.25


def test_a_new_experiment_names_it_and_the_upload_is_learned_so(tmp_path):
    store = TableStore(tmp_path)
    upload = store.keep(
        "kunden.csv", words("Ja", "Nein").rename(columns={"t": "Gekündigt"}).to_csv(index=False).encode()
    )
    tables = Tables(store)
    made = new_experiment(tables, upload.ref, "Gekündigt")
    assert made.data.positive == {"Gekündigt": "Ja"}
    assert tables.prepared(made).targets["Gekündigt"].classes == ("Nein", "Ja")


def test_an_experiment_of_before_means_what_it_meant():
    old = Experiment.model_validate({"data": {"table": "t.csv", "targets": ["t"], "features": {"x": "number"}}})
    assert prepare(words("Ja", "Nein"), old.data, "category").targets["t"].classes == ("Ja", "Nein")


@pytest.mark.parametrize(
    ("labels", "positive", "order"),
    [
        (["bad", "good"], "bad", ["good", "bad"]),
        (["bad", "good"], "good", ["bad", "good"]),
        (["bad", "good"], "gone", ["bad", "good"]),
        (["bad", "fair", "good"], "bad", ["bad", "fair", "good"]),
        (["1", "2"], "1", ["2", "1"]),
    ],
)
def test_of_two_classes_the_named_one_stands_last(labels, positive, order):
    assert class_order(np.array(labels, dtype=object), positive) == order


def test_runs_of_different_positive_classes_are_not_raced(experiment_of):
    one = experiment_of()
    other = one.model_copy(update={"data": one.data.model_copy(update={"positive": {"y": "0"}})})
    with pytest.raises(ValueError, match="target"):
        own_variants({"1": one, "2": other}, 1)


def test_the_program_orders_the_classes_alike():
    task = Task("binary", "t", 2)
    assert 'CLASSES = class_order(labels, positive="it\'s")' in target_lines(task, "it's")[0]
    assert "CLASSES = class_order(labels)" in target_lines(task, None)[0]
