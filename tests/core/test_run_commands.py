"""Runs on the command line: listed, compared and deleted, from a real MLflow file."""

import json

import pytest

from core.__main__ import main
from core.runs.journal import Journal
from core.runs.mlflow_store import NoSuchRun, Store
from tests.records import with_record

pytestmark = pytest.mark.slow
RUNS = ["00000000000a", "00000000000b"]


@pytest.fixture
def home(tmp_path, experiment_of, monkeypatch):
    """A workspace with two runs that differ in their epochs."""
    monkeypatch.setenv("LAYERDECK_HOME", str(tmp_path))
    store = Store(with_record(tmp_path))
    for run, epochs in zip(RUNS, (5, 9), strict=True):
        experiment = experiment_of(epochs=epochs)
        store.begin(run, experiment)
        scores = {"test": {"mae": 3.0}, "best_scores": {"mae": 2.0 + epochs}}
        store.finish(run, "finished", "", None, {**scores, "best_epoch": 4, "epochs": epochs, "seconds": 1.0}, rows=84)
        Journal(tmp_path, run).begin(experiment.text())
    return tmp_path


@pytest.mark.usefixtures("home")
def test_runs_are_listed_and_compared(capsys):
    assert main(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(one["id"], one["validation"], one["test"]) for one in listed] == [
        (RUNS[1], {"mae": 11.0}, {"mae": 3.0}),
        (RUNS[0], {"mae": 7.0}, {"mae": 3.0}),
    ]
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:12] for line in lines] == RUNS[::-1]
    assert "mae 11" in lines[0]
    assert main(["compare", *RUNS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["differences"] == [
        {"area": "Fit", "setting": "epochs", "values": dict(zip(RUNS, ("5", "9"), strict=True))}
    ]
    assert told["runs"][RUNS[0]]["validation"] == {"mae": 7.0}
    assert (told["paired"], list(told["left_out"])) == ([], RUNS)
    assert main(["compare", RUNS[0], RUNS[0]]) == 0
    assert "No setting differs." in capsys.readouterr().out


def test_a_name_of_several_lines_is_printed_on_one(home, capsys):
    Store(home).describe(RUNS[0], name="One\n\x1b[31mTwo\u2028Three")
    assert main(["runs"]) == main(["compare", RUNS[0]]) == 0
    shown = capsys.readouterr().out
    assert shown.count("One [31mTwo Three") == 2
    assert not set(shown) & set("\x1b\u2028")


def test_runs_of_another_version_are_said_to_be(home, capsys):
    store = Store(home)
    store.path(RUNS[0], "experiment.json").write_text('{"version": 99, "layers": 5}')
    assert main(["compare", *RUNS]) == 1
    assert f"The experiment of the run {RUNS[0]} cannot be read. It was made by another" in capsys.readouterr().err
    for content in (b"\xff", b"[", b"[]"):
        (store.path(RUNS[0], "experiment.json").parent / "card.json").write_bytes(content)
        with pytest.raises(NoSuchRun, match=f"The file card.json of the run {RUNS[0]} is damaged"):
            store.card(RUNS[0])


def test_a_run_is_deleted_unless_it_goes_on(home, capsys):
    with Journal(home, RUNS[0]).held():
        assert main(["delete", RUNS[0]]) == 1
    assert "has not ended" in capsys.readouterr().err
    assert main(["delete", RUNS[0]]) == 0
    assert [record.id for record in Store(home).records()] == RUNS[1:]
    assert main(["delete", RUNS[0]]) == 1
    assert "There is no run" in capsys.readouterr().err
