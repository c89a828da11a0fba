"""What a person says of a run, and a deletion that can be undone: in a real MLflow file."""

import math
import sqlite3
import time
from contextlib import closing

import pytest

from core.experiment.fork import fork
from core.experiment.spec import read
from core.runs.artifact_folder import artifact_folder
from core.runs.cleaning import purge
from core.runs.engine import Engine
from core.runs.journal import Journal
from core.runs.mlflow_internals import recorded_place, recorded_runs
from core.runs.mlflow_store import NoSuchRun, Store
from core.runs.run_record import DELETED, TAG, Purged
from tests.records import with_record

pytestmark = pytest.mark.slow
RUN, OTHER = "00000000000a", "00000000000b"


@pytest.fixture
def told(tmp_path, experiment_of):
    """A record of two runs, with a file each."""
    store = Store(with_record(tmp_path))
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "model").write_bytes(b"model")
    result = {"test": {"mae": 3.0}, "best_scores": {"mae": 2.0}, "best_epoch": 7, "epochs": 9, "seconds": 1.25}
    for run in (RUN, OTHER):
        store.begin(run, experiment_of(name="Named"))
        store.finish(run, "finished", "", tmp_path / "files", result, rows=84)
        Journal(tmp_path, run).begin(experiment_of().text())
    return store


def test_a_record_has_what_a_run_is_chosen_by(told):
    record = told.record(RUN)
    assert (record.validation, record.test, record.best_epoch) == ({"mae": 2.0}, {"mae": 3.0}, 7)
    assert (record.epochs, record.seconds, record.rows, record.target) == (9, 1.25, 84, "y")


def test_files_are_read_where_they_lie_as_mlflow_reads_them(told, tmp_path, experiment_of, monkeypatch):
    """A copy at each reading fills the disk: MLflow makes one in a temporary folder, and leaves it there."""
    plugins = tmp_path / "of a run with a plug-in" / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "own.py").write_text("x = 1")
    told.begin("00000000000d", experiment_of())
    told.finish("00000000000d", "finished", "", plugins.parent)
    read_directly = told.path(RUN, "model"), *told.plugins("00000000000d")
    assert all(file.is_relative_to(tmp_path / "artifacts") for file in read_directly)
    assert told.plugins(RUN) == []
    monkeypatch.setattr(
        "core.runs.mlflow_store.artifact_folder", lambda _address: None
    )  # As where a server keeps them.
    copies = told.path(RUN, "model"), *told.plugins("00000000000d")
    assert [file.read_bytes() for file in read_directly] == [file.read_bytes() for file in copies]
    assert [file.name for file in copies] == ["model", "own.py"]
    for folder in (None, artifact_folder):
        monkeypatch.setattr("core.runs.mlflow_store.artifact_folder", folder or (lambda _address: None))
        with pytest.raises(NoSuchRun, match=r"has no other\.json: it ended before that"):
            told.path(RUN, "other.json")


def test_a_record_says_from_which_epoch_of_which_run_it_started(told, experiment_of):
    told.begin("00000000000d", fork(experiment_of(epochs=5), RUN, 7))
    assert (told.record("00000000000d").origin, told.record("00000000000d").origin_known) == ((RUN, 7), True)
    assert (told.record(RUN).origin, told.record(RUN).origin_known) == (None, True)


def test_what_a_person_says_of_a_run_is_kept_and_the_rest_stays(told):
    told.describe(RUN, name="Mine", note="*Good*", tags=["  for   Anna ", "", "for Anna", "b"], starred=True)
    told.describe(RUN, hidden=True)
    record = Store(told._file.parent).record(RUN)
    assert (record.name, record.note, record.tags) == ("Mine", "*Good*", ("for Anna", "b"))
    assert (record.starred, record.hidden) == (True, True)
    told.describe(RUN, starred=False, tags=[])
    record = told.record(RUN)
    assert (record.starred, record.hidden, record.tags) == (False, True, ())
    assert told.record(OTHER).name == "Named"


def test_a_deleted_run_can_be_put_back_for_a_minute_also_after_a_restart(told):
    home = told._file.parent
    told.delete(RUN)
    assert [record.id for record in told.records()] == [OTHER]
    purge(home, told)
    again = Store(home)
    assert again.deleted() == set()  # Nothing of it is removed yet.
    assert [record.id for record in purge(home, again)] == [RUN]
    again.undelete(RUN)
    assert purge(home, again) == []
    assert (again.record(RUN).name, again.path(RUN, "model").read_bytes()) == ("Named", b"model")


def test_after_that_all_of_it_is_removed(told, monkeypatch):
    home = told._file.parent
    told.delete(RUN)
    monkeypatch.setattr("core.runs.mlflow_store.UNDO_SECONDS", 0.0)
    with pytest.raises(NoSuchRun, match=r"This run was deleted more than a minute ago"):
        told.undelete(RUN)
    assert told.deleted() == {RUN}
    assert purge(home, told) == []
    assert told.purge() == Purged(set(), [])
    assert [folder.name for folder in (home / "runs").iterdir()] == [OTHER]
    assert len(list((home / "artifacts").rglob("model"))) == 1


def test_the_list_of_runs_is_what_mlflow_itself_gives(told, monkeypatch):
    told.describe(RUN, name="Mine", note="*Good*", tags=["b"], starred=True)
    told.begin("00000000000c", read(told.experiment(RUN).value() | {"name": "Going on"}))
    told.log_epochs("00000000000c", [(1, {"loss": 2.0}), (2, {"loss": math.nan})])
    told.delete(OTHER)
    read_directly = told.records()
    assert [record.name for record in read_directly] == ["Going on", "Mine"]
    assert [record.id for record in told.records(limit=1)] == ["00000000000c"]
    monkeypatch.setattr("core.runs.mlflow_store.recorded_runs", lambda *_: None)
    assert Store(told._file.parent).records() == read_directly


def test_what_another_process_writes_of_a_run_is_in_the_next_list(told):
    other = Store(told._file.parent)
    for name in ("One", "Two"):
        assert told.records() == told.records()
        other.describe(RUN, name=name)
        assert [record.name for record in told.records() if record.id == RUN] == [name]
    other.delete(RUN)
    assert [record.id for record in told.records()] == [OTHER]
    assert [record.id for record in told.purge().undeletable] == [RUN]
    other.undelete(RUN)
    assert told.purge().undeletable == []


def test_the_oldest_run_can_be_put_back_though_a_thousand_later_ones_were_deleted_before(told):
    told.delete(OTHER)
    old = time.time() - 1000
    with closing(sqlite3.connect(told._file)) as database, database:
        (key,) = database.execute("SELECT run_uuid FROM runs WHERE lifecycle_stage = 'deleted'").fetchone()
        for table in ("runs", "tags"):
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            rows = [
                dict(zip(columns, row, strict=True))
                for row in database.execute(f"SELECT * FROM {table} WHERE run_uuid = ?", (key,))
            ]
            for row in rows:
                copies = [
                    row
                    | {"run_uuid": f"{at:032x}"}
                    | (
                        {"start_time": row["start_time"] + at, "artifact_uri": f"{row['artifact_uri']}-{at}"}
                        if table == "runs"
                        else {}
                    )
                    | ({"value": str(old)} if row.get("key") == DELETED else {})
                    | ({"value": f"f{at:011x}"} if row.get("key") == TAG else {})
                    for at in range(1, 1001)
                ]
                database.executemany(
                    f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})",
                    [tuple(copy.values()) for copy in copies],
                )
    told.delete(RUN)
    purged = told.purge()
    assert [record.id for record in purged.undeletable] == [RUN, OTHER]
    assert len(purged.gone) == 1000


def test_where_the_files_of_a_run_lie_is_what_mlflow_itself_gives(told):
    known = told._find(RUN).info
    place = recorded_place(told._file, told._experiment, TAG, RUN)
    assert (place.run_id, place.artifact_uri) == (known.run_id, known.artifact_uri)
    told.delete(OTHER)
    assert recorded_place(told._file, told._experiment, TAG, OTHER) is None
    for unknown in (OTHER, "00000000000c", "' OR 1=1 --"):
        with pytest.raises(NoSuchRun):
            told.path(unknown, "model")


def test_a_database_with_other_tables_is_read_by_mlflow_alone(tmp_path, caplog):
    file = tmp_path / "other.db"
    sqlite3.connect(file).close()
    assert recorded_runs(file, "1", 10) is None
    assert recorded_place(file, "1", TAG, RUN) is None
    assert caplog.text.count("was not read directly") == 2


def test_a_run_that_is_kept_though_its_journal_lost_the_end_is_no_interrupted_one(told, experiment_of):
    home = told._file.parent
    Journal(home, "00000000000c").begin(experiment_of().text())
    told.begin("00000000000c", experiment_of())
    engine = Engine(home)
    engine._owner = "Scheduler-1"
    engine._take_over()  # No one knows yet what the record has.
    assert {run.state for run in engine.active()} == {"queued"}
    engine._record.open(lambda _run: None)
    engine._see_to_others()
    ended = engine.find(RUN)
    assert (ended.state, ended.best, ended.best_scores, ended.resumable) == ("finished", 7, {"mae": 2.0}, False)
    assert engine.find("00000000000c").state == "interrupted"
    engine._record_ends()
    assert {record.id: record.state for record in told.records()} == {
        RUN: "finished",
        OTHER: "finished",
        "00000000000c": "interrupted",
    }
