"""Which runs the Runs page shows, and what of them."""

import time
from dataclasses import replace

import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.spec import Experiment, read
from core.runs.disk_use import DiskUse
from core.runs.run_record import Record
from core.runs.run_tree import TreeRow
from core.tables.errors import TableError
from core.tables.sources import TableStore
from dashboard.panels.disk_space import bytes_in_words, largest_runs, old_runs
from dashboard.panels.run_comparison import compared
from dashboard.panels.run_families import TableRow
from dashboard.panels.run_table import EVERY, HIDDEN, STARRED, chosen_runs, run_rows
from dashboard.panels.run_tree_table import tree_frame
from dashboard.views.runs import RunTables
from tests.core.test_experiment_differences import HOMES


def record(run: str, **more) -> Record:
    """A finished run of homes, or another."""
    given = {
        "name": "Homes",
        "table": "t",
        "target": "price",
        "network": "Dense 16 > Dense 1, Adam, 0.001",
        "epochs": 20,
        "best_epoch": 12,
        "seconds": 2.345,
        "rows": 652,
        "test": {"loss": 9.0, "mae": 60_000.0},
        "validation": {"loss": 8.0, "mae": 55_000.0},
        **more,
    }
    return Record(id=run, state="finished", says="", started=0.0, **given)


RUNS = [
    record("a", starred=True, tags=("for Anna",)),
    record("b", name="Titanic", table="s", target="survived", test={"accuracy": 0.8}, validation={"accuracy": 0.7}),
    record("c", hidden=True, note="Overfits"),
]
NAMES = {"t": "homes.csv", "s": "passengers.csv"}


@pytest.mark.parametrize(
    ("words", "group", "found"),
    [
        ("", EVERY, "ab"),
        ("", STARRED, "a"),
        ("", HIDDEN, "c"),
        ("overfits", HIDDEN, "c"),
        ("overfits", EVERY, ""),
        ("PASSENGERS survived", EVERY, "b"),
        ("anna adam", EVERY, "a"),
        ("finished", EVERY, "ab"),
    ],
)
def test_runs_are_found_by_words_and_group(words, group, found):
    assert "".join(one.id for one in chosen_runs(RUNS, words, group, NAMES.__getitem__)) == found


def alone(*records: Record) -> list[TableRow]:
    """Rows of runs that belong to no other."""
    return [TableRow(one) for one in records]


def test_validation_scores_come_first_and_test_scores_when_they_are_wanted():
    frame = run_rows(alone(*RUNS[:2]), {}, NAMES.__getitem__, tested=False)
    assert list(frame) == [
        *("", "Name", "MAE (validation)", "Accuracy (validation)", "State", "Started", "Table", "Target"),
        *("Network", "Epochs", "Best epoch", "Seconds", "Training rows", "Tags"),
    ]
    assert frame["MAE (validation)"].isna().tolist() == [False, True]
    both = run_rows(alone(*RUNS[:2]), {}, NAMES.__getitem__, tested=True)
    scores = [name for name in both if name.endswith(")")]
    assert scores == ["MAE (validation)", "Accuracy (validation)", "MAE (test)", "Accuracy (test)"]


def test_scores_have_the_units_of_their_targets_beside_them():
    units = {"t": {"price": "$"}, "s": {}, "u": {"stay": "days", "cost": "€", "stay, cost": "h"}}
    frame = run_rows(alone(*RUNS[:2]), {}, NAMES.__getitem__, False, units.__getitem__)
    assert list(frame)[2:5] == ["MAE (validation)", "Accuracy (validation)", "Unit"]
    assert frame["Unit"].tolist() == ["$", ""]
    for target, unit in (("cost, stay", "€, days"), ("stay, cost", "h"), ("stay, age", "days")):
        named = run_rows(alone(record("e", table="u", target=target)), {}, lambda _: "", False, units.__getitem__)
        assert named["Unit"].item() == unit


def test_a_run_of_an_earlier_version_has_gaps_and_a_loss_alone_is_shown():
    old = record("d", best_epoch=None, seconds=None, rows=None, validation={}, test={"loss": 2.0})
    (row,) = run_rows(alone(old), {}, NAMES.__getitem__, tested=True).to_dict("records")
    assert row["Loss (test)"] == 2.0
    assert row["Seconds"] is None
    several = record("e", validation={"loss": 3.0, "stay_loss": 1.0, "cost_loss": 2.0}, test={})
    assert run_rows(alone(several), {}, NAMES.__getitem__, tested=True)["Loss (validation)"].tolist() == [3.0]


def test_scores_of_several_targets_have_their_names_and_stand_behind_what_a_run_is():
    """ "Revenue_____mae", as TensorFlow allows it to be called, was "Revenue____: MAE"."""
    several = record(
        "d",
        target="Revenue (€), type",
        validation={"loss": 1.0, "Revenue_____loss": 1.0, "Revenue_____mae": 2.0, "type_accuracy": 0.5},
    )
    mine = ["Revenue (€): MAE (validation)", "type: Accuracy (validation)"]
    frame = run_rows(alone(several, RUNS[0]), {}, NAMES.__getitem__, tested=False)
    assert list(frame) == [
        *("", "Name", "MAE (validation)", "Unit", "State", "Started", "Table", "Target", *mine),
        *("Network", "Epochs", "Best epoch", "Seconds", "Training rows", "Tags"),
    ]
    assert list(run_rows(alone(several), {}, NAMES.__getitem__, tested=False))[:4] == ["", "Name", *mine]
    comma = record("e", target="a, b", validation={"c_mae": 1.0})
    assert "c: MAE (validation)" in run_rows(alone(comma), {}, NAMES.__getitem__, tested=False)


def test_a_loss_stands_behind_the_metrics_of_other_runs():
    lost = record("d", validation={"loss": 3.0}, test={"loss": 2.0})
    frame = run_rows(alone(lost, RUNS[0]), {}, NAMES.__getitem__, tested=True)
    scores = [name for name in frame if name.endswith(")")]
    assert scores == ["MAE (validation)", "Loss (validation)", "MAE (test)", "Loss (test)"]


def experiment(**areas) -> Experiment:
    """An experiment over homes."""
    return read({**HOMES, **areas})


def test_compared_runs_have_their_scores_and_what_differs():
    runs = [RUNS[0], record("e", validation={"loss": 7.0, "mae": 50_000.0})]
    wider = experiment(layers=[{"layer": "Dense", "units": 64}, {"layer": "Dense", "units": 1}])
    frame = compared(runs, [experiment(), wider], ["1. Homes", "2. Homes"])
    found = {row["Setting"]: (row["1. Homes"], row["2. Homes"]) for row in frame.to_dict("records")}
    assert found["layer 1"] == ("Dense (units 16, activation relu)", "Dense (units 64)")
    assert found["best epoch"] == ("12", "12")
    assert [values for setting, values in found.items() if "mae" in setting.lower()] == [("55,000", "50,000")]


def test_losses_of_different_kinds_are_not_compared_in_one_row():
    runs = [record("a", validation={"loss": 8.0}), record("e", validation={"loss": 0.5})]
    absolute = experiment(compile={"loss": "MeanAbsoluteError"})
    frame = compared(runs, [experiment(compile={"loss": "MeanSquaredError"}), absolute], ["1. Homes", "2. Homes"])
    found = {row["Setting"]: (row["1. Homes"], row["2. Homes"]) for row in frame.to_dict("records")}
    assert [found[f"Loss ({loss})"] for loss in ("MeanAbsoluteError", "MeanSquaredError")] == [
        ("-", "0.500"),
        ("8.00", "-"),
    ]


def test_old_runs_are_thinned_unless_they_are_starred_or_have_no_weights():
    used = DiskUse(dict.fromkeys("abcd", 2_000_000), {"a": 5, "b": 64_000_000, "c": 0, "d": 7}, 0, 0, 0)
    failed = replace(record("d"), state="failed")
    assert [run.id for run in old_runs([*RUNS, failed], used, 30)] == ["b"]
    young = replace(RUNS[1], started=time.time() - 29 * 86_400)
    assert old_runs([young], used, 30) == []
    assert old_runs([young], used, 29) == [young]
    assert largest_runs(used, {"a": "Homes"}).iloc[0].tolist() == ["Homes", "2.0 MB", "5 bytes"]
    sizes = {999: "999 bytes", 2048: "2.0 kB", 64_000_000: "64.0 MB", 5e12: "5,000.0 GB"}
    assert {content: bytes_in_words(content) for content in sizes} == sizes


def test_the_tree_of_a_run_is_an_indented_table_with_its_mark():
    rows = [TreeRow("a", RUNS[0], 0, None), TreeRow("b", None, 1, 7), TreeRow("c", RUNS[2], 2, 9)]
    frame = tree_frame(rows, "c")
    assert frame["Run"].tolist() == ["Homes", "\u2514 deleted run b", "\u2003\u2514 Homes"]
    assert frame[""].tolist() == ["", "", "\u25cf"]
    assert frame["MAE (validation)"].tolist()[::2] == [55_000.0, 55_000.0]
    assert frame["State"].tolist() == ["Finished", "Deleted", "Finished"]


def test_a_table_is_asked_for_once_while_a_page_is_drawn_also_one_that_is_gone(monkeypatch):
    asked = []

    def about(_store, ref):
        asked.append(ref)
        if ref == "gone":
            raise TableError("It is gone.")
        return TableInfo(ref=ref, name="homes.csv", rows=2, columns=2, units={"price": "$"})

    monkeypatch.setattr(TableStore, "about", about)
    of_tables = RunTables()
    for _ in range(3):
        assert (of_tables.name("t"), of_tables.units("t")) == ("homes.csv", {"price": "$"})
        assert (of_tables.name("gone"), of_tables.units("gone")) == ("a deleted table", {})
    assert asked == ["t", "gone"]


def test_the_state_of_a_parent_run_finds_room_whatever_it_becomes():
    """A column keeps the width of its first words: of "Retraining the best" the end was cut."""
    from dashboard.panels.table_width import column_width

    assert column_width(pd.DataFrame({"State": ["Queued"]}), "State", "Retraining the best") >= 6 * 19
    assert column_width(pd.DataFrame({"Kind": ["Race of 3", None]}), "Kind") < 100  # Narrow words leave a phone room.
    assert column_width(pd.DataFrame({"Kind": ["x" * 90]}), "Kind") == 340
    assert column_width(pd.DataFrame({"Name": ["a"]}), "Kind") is None
    # "compressive_strength" stood as "compress" where the first rows were about a digit.
    targets = pd.DataFrame({"Target": [*["digit"] * 30, "compressive_strength"]})
    assert column_width(targets, "Target") >= 130
    assert column_width(pd.DataFrame({"City": ["CITRUS_HEIGHTS"]}), "City") > 18 + 14 * 7  # Capitals are wider.


def test_shares_of_runs_are_percentages():
    from dashboard.panels.run_selection import in_percent

    frame, shares = in_percent(run_rows(alone(*RUNS[:2]), {}, NAMES.__getitem__, tested=False))
    assert shares == ["Accuracy (validation)"]
    assert frame["Accuracy (validation)"].tolist() == [pytest.approx(float("nan"), nan_ok=True), pytest.approx(70)]
    assert frame["MAE (validation)"].tolist()[0] == 55_000
