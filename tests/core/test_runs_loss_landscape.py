"""A landscape as the engine has it computed: progress, a result that stays, and sentences for what cannot be."""

import json

import pytest

from core.runs import loss_landscape_file
from core.runs.engine import Engine
from core.runs.journal import Journal, new_run_id
from core.runs.loss_landscape import chart, thinned
from core.runs.worker_client import NotReady
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.workspace import write_whole
from tests.waiting import until

RUN = "0123456789ab"


@pytest.mark.parametrize(("most", "expected"), [(10, [1, 2, 4, 8, 12]), (3, [1, 4, 8, 12]), (2, [1, 8, 12])])
def test_a_path_keeps_its_ends_and_what_is_wanted(most, expected):
    assert thinned([1, 2, 4, 8, 12], {8}, most) == expected


def test_without_a_worker_or_a_run_that_is_said(tmp_path):
    engine, journal = Engine(tmp_path), Journal(tmp_path, new_run_id())
    with pytest.raises(LookupError, match="There is no run"):
        engine.loss_landscape(journal.run, "path")
    journal.begin("{}")
    with pytest.raises(LookupError, match="There is no loss landscape 'flat': choose one of path, random"):
        engine.loss_landscape(journal.run, "flat")
    with pytest.raises(NotReady, match="still starting"):
        engine.loss_landscape(journal.run, "path")


@pytest.mark.slow
def test_a_loss_landscape_is_computed_once_beside_what_the_worker_does(engine, workspace, kept):
    seen = [engine.loss_landscape(RUN, "path")]
    assert (seen[0]["state"], seen[0]["done"]) == ("computing", 0.0)
    assert engine.loss_landscape(RUN, "random")["says"] == "Another loss landscape is computed first"

    def ready() -> bool:
        seen.append(engine.loss_landscape(RUN, "path"))
        return seen[-1]["state"] != "computing"

    until(ready)
    found = seen[-1]
    assert found["state"] == "ready", found["says"]
    shares = [one["done"] for one in seen]
    assert (shares[-1], shares) == (1.0, sorted(shares))
    assert any("Computing the loss at 961 points" in one["says"] for one in seen)
    result = kept[0]
    assert found["centre"] == {
        "epoch": result["epoch"],
        "loss": pytest.approx(result["scores"]["train"]["loss"], rel=1e-5),
    }
    assert (found["path"]["epoch"], found["best"]) == (list(range(1, 9)), result["best_epoch"])

    path = workspace / "runs" / RUN / "terrain" / "path.json"
    stamp = path.stat().st_mtime_ns
    assert engine.loss_landscape(RUN, "path") == found
    until(lambda: engine.loss_landscape(RUN, "random")["state"] == "ready")
    assert path.stat().st_mtime_ns == stamp

    engine.restore(RUN, 3)  # Another model, another landscape.
    assert engine.loss_landscape(RUN, "path")["state"] == "computing"
    until(lambda: engine.loss_landscape(RUN, "path")["state"] == "ready")
    assert engine.loss_landscape(RUN, "path")["centre"]["epoch"] == 3
    engine.restore(RUN, None)


@pytest.mark.slow
def test_what_cannot_be_computed_is_a_sentence_and_is_tried_again_when_asked(
    workspace, store, points_table, experiment_of, monkeypatch
):
    from core.runs.run_training import run

    shares = []

    def noted(file, text):
        """Writes a file, as ever, and reads it, as who waits for it may do at any moment."""
        write_whole(file, text)
        shares.append(json.loads(path.read_bytes())["done"])

    tables = Tables(TableStore(workspace))
    journal = Journal(workspace, new_run_id())
    journal.begin(experiment_of(table=points_table, epochs=4).text())
    assert run(journal, tables, store)["state"] == "finished"
    path, weights = journal.folder / "terrain" / "random.json", journal.weights.read_bytes()
    journal.weights.unlink()
    chart(store, tables, journal, "random")
    failed = json.loads(path.read_bytes())
    assert (failed["state"], failed["says"]) == (
        "failed",
        "The weights of 3 epochs are needed, and this run saved those of 0.",
    )
    assert (
        Engine(workspace).loss_landscape(journal.run, "random") == failed
    )  # The worker is not asked for what has failed.
    with pytest.raises(NotReady):  # ... but when a person tries again.
        Engine(workspace).loss_landscape(journal.run, "random", again=True)
    journal.weights.write_bytes(weights)
    monkeypatch.setattr(loss_landscape_file, "write_whole", noted)
    chart(store, tables, journal, "random")
    assert json.loads(path.read_bytes())["state"] == "ready"
    assert shares == sorted(shares)
    assert sorted(set(shares)) == [part / 32 for part in range(33)]  # The grid has 31 lines; the path is one more.
