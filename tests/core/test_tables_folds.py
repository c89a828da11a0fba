"""The folds of a cross-validation are scikit-learn's, by every way to split; validation rows come from the others."""

import __future__

import ast
import re
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, TimeSeriesSplit

from core.advice.fixes import larger_parts
from core.experiment.edits import apply
from core.experiment.spec import InvalidExperiment, Split, read
from core.keras_code.script import program
from core.tables.errors import TableError
from core.tables.prepared import prepare
from core.tables.situation import Tables
from core.tables.sources import TableStore

RANDOM = np.random.default_rng(5)
ROWS, FOLDS, SEED = 103, 5, 11
FRAME = pd.DataFrame(
    {
        "x": RANDOM.normal(size=ROWS),
        "y": RANDOM.normal(size=ROWS),
        "z": np.where(RANDOM.random(ROWS) < 0.2, "yes", "no"),
        "rare": ["once", *["a", "b"] * 51],
        "day": RANDOM.permutation(ROWS),
        "who": [f"person {at}" for at in RANDOM.integers(0, 17, ROWS)],
    }
)


def folds_of(target="y", folds=FOLDS, **split) -> list:
    """The prepared table of each fold."""
    given = {"table": "given", "targets": [target], "features": {"x": "number"}}
    made = [
        read({"data": {**given, "split": {"seed": SEED, **split, "folds": folds, "fold": fold}}}).data
        for fold in range(1, folds + 1)
    ]
    return [prepare(FRAME, data, "number" if target == "y" else "category") for data in made]


ORACLES = {
    "random": ({}, "y", lambda: KFold(FOLDS, shuffle=True, random_state=SEED).split(FRAME)),
    "stratified": (
        {},
        "z",
        lambda: StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(FRAME, FRAME["z"]),
    ),
    "group": (
        {"method": "group", "column": "who"},
        "z",
        lambda: GroupKFold(FOLDS, shuffle=True, random_state=SEED).split(FRAME, groups=FRAME["who"]),
    ),
    "time": ({"method": "time", "column": "day"}, "y", lambda: TimeSeriesSplit(FOLDS).split(FRAME.sort_values("day"))),
}


@pytest.mark.parametrize("way", ORACLES)
def test_the_test_rows_of_a_fold_are_scikit_learns(way):
    split, target, oracle = ORACLES[way]
    order = np.argsort(FRAME["day"].to_numpy()) if way == "time" else np.arange(ROWS)
    for ready, (rest, test) in zip(folds_of(target, **split), oracle(), strict=True):
        np.testing.assert_array_equal(np.sort(ready.parts["test"]), np.sort(order[test]))
        others = np.concatenate([ready.parts["train"], ready.parts["validation"]])
        np.testing.assert_array_equal(np.sort(others), np.sort(order[rest]))
        # 15 of 85 % of what does not test validates, as of the rows without folds; groups as near as they allow.
        wanted = len(rest) * 0.15 / 0.85
        assert abs(len(ready.parts["validation"]) - wanted) < (7 if way == "group" else 1)


def test_each_row_tests_once_unless_time_holds_the_first_ones_back():
    for split, target, _ in (ORACLES["random"], ORACLES["stratified"], ORACLES["group"]):
        tested = np.concatenate([ready.parts["test"] for ready in folds_of(target, **split)])
        np.testing.assert_array_equal(np.sort(tested), np.arange(ROWS))
    tested = np.concatenate([ready.parts["test"] for ready in folds_of(**ORACLES["time"][0])])
    assert len(set(tested)) == len(tested) == 85  # 5 folds of 103 // 6 rows


def test_groups_are_never_split_and_moments_never_mixed():
    for ready in folds_of("z", method="group", column="who"):
        who = [set(FRAME["who"].iloc[ready.parts[part]]) for part in ("train", "validation", "test")]
        assert len(who[0] | who[1] | who[2]) == sum(map(len, who)) == 17
    for ready in folds_of(method="time", column="day"):
        day = [FRAME["day"].iloc[ready.parts[part]] for part in ("train", "validation", "test")]
        assert day[0].max() < day[1].min()
        assert day[1].max() < day[2].min()


def test_the_validation_rows_of_classes_keep_their_proportions():
    for ready in folds_of("z"):
        shares = [(FRAME["z"].iloc[ready.parts[part]] == "yes").mean() for part in ("train", "validation", "test")]
        assert max(shares) - min(shares) < 0.06  # A row of the 16 that validate


def test_a_class_that_is_too_rare_for_every_fold_does_not_hinder_it():
    tested = np.concatenate([ready.parts["test"] for ready in folds_of("rare")])
    np.testing.assert_array_equal(np.sort(tested), np.arange(ROWS))


def test_without_validation_rows_and_in_a_refit_all_others_train():
    whole = {"train": 0.8, "validation": 0, "test": 0.2}
    for split in (whole, {"refit": True}, {**whole, "method": "group", "column": "who"}):
        for ready in folds_of(**split):
            assert len(ready.parts["train"]) + len(ready.parts["test"]) == ROWS
            assert len(ready.parts["validation"]) == 0
    for ready in folds_of(**whole, method="time", column="day"):
        assert len(ready.parts["validation"]) == 0


def test_a_fold_of_the_first_table_tests_where_a_second_one_validates():
    split = {"method": "table", "table": "second", "folds": 4, "fold": 2, "seed": SEED}
    given = {"table": "given", "targets": ["z"], "features": {"x": "number"}, "split": split}
    ready = prepare(FRAME, read({"data": given}).data, "category", FRAME.head(9))
    rest, test = list(StratifiedKFold(4, shuffle=True, random_state=SEED).split(FRAME, FRAME["z"]))[1]
    np.testing.assert_array_equal(ready.parts["train"], rest)
    np.testing.assert_array_equal(ready.parts["test"], test)
    np.testing.assert_array_equal(ready.parts["validation"], ROWS + np.arange(9))


@pytest.mark.parametrize(
    ("split", "folds", "says"),
    [
        ({}, 100, None),
        ({"method": "group", "column": "who"}, 18, "There are 17 groups, which can't be split into 18 folds"),
        ({"method": "group", "column": "z"}, 2, "Only one group is left outside the fold"),
        ({"method": "time", "column": "z"}, 2, "no time"),
    ],
)
def test_folds_that_the_rows_do_not_allow_are_refused_with_a_sentence(split, folds, says):
    if says is None:
        assert {len(ready.parts["test"]) for ready in folds_of(folds=folds)} == {1, 2}
        return
    with pytest.raises(TableError, match=says):
        folds_of(folds=folds, **split)


def test_fewer_rows_than_folds_are_refused_with_a_sentence():
    given = {"table": "given", "targets": ["y"], "features": {"x": "number"}, "split": {"folds": 7, "fold": 7}}
    with pytest.raises(
        TableError, match=r"6 rows can't be split into 7 folds\. Choose fewer folds or a larger table\."
    ):
        prepare(FRAME.head(6), read({"data": given}).data, "number")
    given["split"] |= {"method": "time", "column": "day"}
    with pytest.raises(TableError, match="at least 8 are needed"):
        prepare(FRAME.head(6), read({"data": given}).data, "number")


@pytest.mark.parametrize(
    ("split", "where", "says"),
    [
        ({"folds": 5}, "data.split.fold", "given together"),
        ({"fold": 5}, "data.split.folds", "given together"),
        ({"folds": 5, "fold": 6}, "data.split.fold", "at most 5"),
        ({"folds": 1, "fold": 1}, "data.split.folds", "2"),
        ({"folds": 5, "fold": 0}, "data.split.fold", "1"),
        ({"folds": 5.5, "fold": 1}, "data.split.folds", "5.5"),
        ({"folds": 5, "fold": 1, "method": "column", "column": "z"}, "data.split.folds", "there are no folds"),
    ],
)
def test_a_fold_that_is_none_is_refused_where_it_stands(split, where, says):
    with pytest.raises(InvalidExperiment) as refused:
        read({"data": {"table": "t", "split": split}})
    assert refused.value.problems[0][0] == where
    assert says in refused.value.problems[0][1]


def test_a_fold_is_written_only_where_there_is_one(experiment_of):
    """Experiments of before have no such fields, and their texts stay as they are."""
    assert '"fold' not in experiment_of().text()
    split = {**experiment_of().value()["data"]["split"], "folds": 5, "fold": 2}
    made = apply(experiment_of(), {"op": "set", "path": "data.split", "value": split})
    assert read(made.text()) == made
    assert (made.data.split.folds, made.data.split.fold) == (5, 2)
    assert larger_parts(made, 120) is None  # Other shares would not make a fold larger.
    assert larger_parts(experiment_of(), 120) is not None
    assert Split(validation=0.2, train=0.6, test=0.2).validation_of_rest == pytest.approx(0.25)


@pytest.mark.slow
@pytest.mark.parametrize("way", ORACLES)
def test_the_printed_program_deals_the_same_fold(way, tmp_path):
    """Its own functions, without core: those of a fold, and no others of `core.tables.folds`."""
    split, target, _ = ORACLES[way]
    FRAME.to_csv(tmp_path / "table.csv", index=False)
    tables = Tables(TableStore(tmp_path), paths=True)
    given = {"table": str(tmp_path / "table.csv"), "targets": [target], "features": {"x": "number"}}
    experiment = read(
        {
            "data": {**given, "split": {"seed": SEED, **split, "folds": FOLDS, "fold": 3}},
            "layers": [{"layer": "Dense", "units": 1}],
        }
    )
    code = program(experiment, tables.situation(experiment), tables.about(given["table"]))
    assert "scikit-learn" in code.split('"""')[1]
    kinds = ast.FunctionDef | ast.Import | ast.ImportFrom
    found = [node for node in ast.parse(code).body if isinstance(node, kinds)]
    kept = ast.Module([node for node in found if not re.search("keras|tensorflow", ast.unparse(node))], [])
    call = next(node for node in ast.parse(code).body if isinstance(node, ast.Assign) and "fold=3" in ast.unparse(node))
    labels = np.unique(FRAME["z"], return_inverse=True)[1] if target == "z" else FRAME["y"].to_numpy()
    space = {"np": np, "pd": pd, "sys": sys, "table": FRAME, "y_true": labels, "labels": labels}
    exec(
        compile(kept, "functions", "exec", __future__.annotations.compiler_flag), space
    )  # What Layerdeck itself printed.
    exec(compile(ast.Module([call], []), "call", "exec"), space)
    ready = tables.prepared(experiment)
    for part in ("train", "validation", "test"):
        np.testing.assert_array_equal(space[part], ready.parts[part])
