"""The outline that checks read and the rows that are trained on agree."""

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import read
from core.experiment.task import Task
from core.tables import situation
from core.tables.errors import TableError
from core.tables.prepared import prepare
from core.tables.situation import Tables
from core.tables.sources import TableStore


@pytest.fixture
def tables(tmp_path):
    """Tables that may be named by a path, as headless."""
    return Tables(TableStore(tmp_path), paths=True)


def on(tmp_path, cells, kind=None, **data):
    """An experiment that predicts a column of such cells, in a Parquet file."""
    path = tmp_path / "table.parquet"
    pd.DataFrame({"x": np.arange(len(cells)) % 7 / 2, "t": cells}).to_parquet(path)
    chosen = {"table": str(path), "targets": ["t"], "features": {"x": "number"}, **data}
    return read({"version": 1, "data": chosen | ({"target_kinds": {"t": kind}} if kind else {})})


@pytest.mark.parametrize(
    ("cells", "kind", "task"),
    [
        ([0.5, 1.5, 2.25] * 20, None, Task("regression", "t")),
        (["a", "b"] * 30, None, Task("binary", "t", 2)),
        (["a", "b", "c"] * 20, None, Task("multiclass", "t", 3)),
        ([True, False, None] * 20, None, Task("binary", "t", 2)),
        ([0, 1, 2] * 20, None, Task("multiclass", "t", 3)),
        ([0.5, 1.0, 2.0] * 20, "category", Task("multiclass", "t", 3)),
        (["1", "1.0", "2"] * 20, "category", Task("binary", "t", 2)),
        (["", "a", "b"] * 20, None, Task("binary", "t", 2)),
        ([-0.0, 0.0, 1.0] * 20, "category", Task("binary", "t", 2)),
        ([np.inf, 0.0, 1.0] * 20, "category", Task("binary", "t", 2)),
        ([2**53 + 1, 2**53, 1] * 20, "category", Task("multiclass", "t", 3)),
    ],
)
def test_task_and_classes_are_those_of_the_rows(tables, tmp_path, cells, kind, task):
    experiment = on(tmp_path, cells, kind)
    situation, ready = tables.situation(experiment), tables.prepared(experiment)
    assert situation.task == task
    assert len(ready.targets[next(iter(ready.targets))].classes) == task.classes
    assert situation.inputs == ready.inputs == 1
    assert situation.rows == tuple(len(ready.parts[part]) for part in ("train", "validation", "test"))


def test_the_inputs_are_named_in_the_order_of_the_network_not_of_the_table(tables, tmp_path):
    """The drawing put "town", the first feature, beside the unit of "size", which is the network's first input."""
    frame = pd.DataFrame({"town": ["a", "a", "b"] * 20, "size": np.arange(60.0), "t": np.arange(60) % 7 / 2})
    frame.to_parquet(tmp_path / "table.parquet")
    data = {"table": str(tmp_path / "table.parquet"), "targets": ["t"]}
    data["features"] = {"town": "category", "size": "number"}
    situation = tables.situation(read({"version": 1, "data": data}))
    assert situation.inputs == 3
    assert situation.names == ("size", "town: a", "town: b")
    assert situation.embedded == ("size",)


@pytest.mark.parametrize(
    ("cells", "outputs"),
    [
        (["b", "a"] * 30, ("b",)),
        (["b", "a", "c"] * 20, ("a", "b", "c")),
        (np.arange(60) % 7 / 2, ("t",)),
        ([f"class {at:02}" for at in range(15)] * 4, tuple(f"class {at:02}" for at in range(12))),
    ],
)
def test_the_outputs_are_named_before_a_training_as_after_it(tables, tmp_path, cells, outputs):
    """The drawing had names at the classes only once it was trained."""
    assert tables.situation(on(tmp_path, cells, None)).outputs == outputs


def test_without_usable_features_only_the_task_is_known(tables, tmp_path):
    for features in ({}, {"gone": "number"}):
        situation = tables.situation(on(tmp_path, [0.5, 1.5, 2.25] * 20, features=features))
        assert situation.task == Task("regression", "t")
        assert situation.inputs is None
        assert situation.rows == (0, 0, 0)


def test_a_target_that_no_row_can_give_is_told(tables, tmp_path):
    experiment = on(tmp_path, ["a", "b", "c"] * 20, "number")
    assert tables.situation(experiment).inputs is None
    with pytest.raises(TableError, match="0 of 60 rows have a value of the target 't'"):
        tables.prepared(experiment)


def test_a_path_is_read_only_where_paths_are_allowed(tables, tmp_path):
    experiment = on(tmp_path, [1.5, 2.5, 3.5] * 5)
    assert len(tables.frame(experiment.data.table)) == 15
    with pytest.raises(TableError, match="names no table"):
        Tables(TableStore(tmp_path)).frame(experiment.data.table)
    with pytest.raises(TableError, match="names no table"):
        Tables(TableStore(tmp_path)).about(experiment.data.table)


def test_a_sample_is_found_and_an_unknown_one_refused(tables):
    assert tables.about("sample:penguins").name == "penguins.csv"
    assert len(tables.frame("sample:xor")) == 500
    with pytest.raises(TableError, match="did you mean 'penguins'"):
        tables.frame("sample:penguin")


def test_a_second_table_gives_the_validation_rows_and_one_that_is_gone_is_told(tables, tmp_path):
    second = tmp_path / "second.parquet"
    split = {"method": "table", "table": str(second), "train": 0.5, "validation": 0.25, "test": 0.25}
    experiment = on(tmp_path, [0.5, 1.5, 2.25] * 20, split=split)
    before = tables.situation(experiment)
    assert (before.inputs, before.task) == (None, Task("regression", "t"))
    assert "second.parquet" in before.trouble
    pd.DataFrame({"x": [1.0, 2.0], "t": [1.0, None]}).to_parquet(second)
    found = tables.situation(experiment)
    assert (found.rows, found.trouble, found.inputs) == ((45, 1, 15), "", 1)
    assert tables.second(experiment).name == "second.parquet"
    assert tables.second(on(tmp_path, [0.5, 1.5, 2.25] * 20)) is None


def test_a_browser_may_not_name_a_path_as_second_table(tmp_path):
    store = TableStore(tmp_path)
    kept = store.keep("t.csv", b"x,t\n" + b"".join(b"%d,%d\n" % (row, row * 3) for row in range(60)))
    (tmp_path / "second.csv").write_text("x,t\n1,2\n")
    split = {"method": "table", "table": str(tmp_path / "second.csv")}
    data = {"table": kept.ref, "targets": ["t"], "features": {"x": "number"}, "split": split}
    assert "names no table" in Tables(store).situation(read({"version": 1, "data": data})).trouble


def test_a_training_takes_the_table_that_its_checks_prepared_and_no_one_keeps_it(tmp_path, monkeypatch):
    prepared, ways = [], {"trains": [], "only looks": []}
    monkeypatch.setattr(situation, "prepare", lambda *given: prepared.append(prepare(*given)) or prepared[-1])
    experiment = on(tmp_path, [0.5, 1.5, 2.25] * 20)
    renamed = experiment.model_copy(update={"name": "another"})
    other = on(tmp_path, [0.5, 1.5, 2.25] * 20, scaling={"number": "robust"})
    for way, made in ways.items():
        prepared.clear()
        tables = Tables(TableStore(tmp_path), paths=True, trains=way == "trains")
        for asked in (experiment, renamed):
            tables.situation(asked)
        made += [tables.prepared(one) for one in (other, renamed, experiment)]
        assert made[1] is prepared[0 if way == "trains" else 2]
        assert len(prepared) == (3 if way == "trains" else 4)
    for one, again in zip(*ways.values(), strict=True):
        assert one.kinds == again.kinds
        assert one.scaling == again.scaling
        np.testing.assert_array_equal(one.raw["x"], again.raw["x"])
        for part in one.parts:
            np.testing.assert_array_equal(one.y_true(part), again.y_true(part))
