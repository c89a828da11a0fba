"""The record of runs: a real MLflow in a SQLite file."""

import json

import pytest
from mlflow.environment_variables import MLFLOW_DISABLE_TELEMETRY
from mlflow.tracking import MlflowClient

from core import __version__
from core.experiment.spec import read
from core.runs.mlflow_store import NoSuchRun, Store

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(workspace, store):
    """MLflow's own client on the same file; the store has made it."""
    assert store.records() is not None
    return MlflowClient(tracking_uri=f"sqlite:///{workspace / 'mlflow.db'}")


@pytest.fixture(scope="module")
def logged(client, kept):
    """The kept run as MLflow knows it."""
    assert kept[0]["run"] == "0123456789ab"
    experiment = client.get_experiment_by_name("Layerdeck")
    (found,) = client.search_runs([experiment.experiment_id], "tags.`layerdeck.run` = '0123456789ab'")
    return found


def test_mlflow_holds_the_files_of_a_run(client, logged):
    # A folder stands beside them once another test has put an epoch of the run in its model's place.
    names = {item.path for item in client.list_artifacts(logged.info.run_id) if not item.is_dir}
    assert names == {
        "experiment.json",
        "as_run.json",
        "history.json",
        "result.json",
        "card.json",
        "program.py",
        "model.keras",
        "gradient_boosting.npz",
    }


def test_mlflow_holds_every_number_of_every_epoch(client, logged, kept):
    history = kept[0]["history"]
    assert set(history) == {"loss", "mae", "rmse", "val_loss", "val_mae", "val_rmse"}
    for name, values in history.items():
        points = sorted(client.get_metric_history(logged.info.run_id, name), key=lambda point: point.step)
        assert [(point.step, point.value) for point in points] == list(enumerate(values, 1))


def test_mlflow_compares_runs_by_their_parameters_and_test_scores(logged, kept):
    result, _, experiment = kept
    assert logged.info.status == "FINISHED"
    assert logged.info.run_name == "Kept"
    expected = {
        "target": "y",
        "features": "x0, x1, w",
        "layers": "Dense 8 > Dense 1",
        "optimizer": "Adam",
        "learning_rate": "0.02",
    }
    assert expected.items() <= logged.data.params.items()
    assert {f"test_{name}": value for name, value in result["test"].items()}.items() <= logged.data.metrics.items()
    assert logged.data.params["table"] == experiment.data.table


def test_a_kept_run_is_read_back_as_it_was(store, kept):
    result, _, experiment = kept
    assert store.experiment("0123456789ab") == experiment
    assert store.value("0123456789ab", "history.json") == result["history"]
    assert read(store.text("0123456789ab", "as_run.json")) == experiment
    record = store.record("0123456789ab")
    assert (record.name, record.state, record.epochs, record.test) == ("Kept", "finished", 8, result["test"])
    compile(store.text("0123456789ab", "program.py"), "program.py", "exec")
    assert store.path("0123456789ab", "model.keras").stat().st_size > 1000


def test_what_was_said_is_what_was_kept(kept):
    result, said, _ = kept
    rows = [entry for event in said for entry in event.get("epochs", ())]
    assert [number for number, _ in rows] == list(range(1, 9))
    for name, values in result["history"].items():
        assert [numbers[name] for _, numbers in rows] == values
    best = {"best": result["best_epoch"], "best_scores": result["best_scores"]}
    assert said[-1] == {"state": "finished", "says": result["says"], **best}
    json.dumps(said, allow_nan=False)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    "run", ["ffffffffffff", "", "../../etc", "0123456789ab' OR '1'='1", "%", "0123456789AB", "x" * 10_000]
)
def test_an_unknown_or_hostile_id_is_no_run(store, run):
    for ask in (store.record, store.experiment, lambda one: store.path(one, "model.keras")):
        with pytest.raises(NoSuchRun) as error:
            ask(run)
        assert str(error.value).endswith(".")


@pytest.mark.usefixtures("kept")
def test_a_file_that_a_run_has_not_is_told(store):
    with pytest.raises(LookupError, match=r"The run 0123456789ab has no other\.json: it ended before that"):
        store.path("0123456789ab", "other.json")


def test_a_run_that_is_opened_again_is_the_same_record(tmp_path, experiment_of):
    store = Store(tmp_path / "a#b?c%20d")  # Signs that mean something in an address.
    store.begin("00000000000a", experiment_of(name=""))
    store.log_epochs("00000000000a", [(1, {"loss": 1.0, "val_loss": None}), (2, {"loss": 0.5})])
    assert (store.unfinished(), store.last_epoch("00000000000a")) == (["00000000000a"], 2)
    store.finish("00000000000a", "interrupted", "The worker ended.")
    assert (store.unfinished(), store.record("00000000000a").says) == ([], "The worker ended.")
    store.begin("00000000000a", experiment_of(name=""))
    assert [(record.id, record.state, record.says) for record in store.records()] == [("00000000000a", "running", "")]
    store.begin("00000000000b", experiment_of(name=""))
    assert store.last_epoch("00000000000b") == 0
    assert [record.id for record in store.records(limit=1)] == ["00000000000b"]
    again = Store(tmp_path / "a#b?c%20d").record("00000000000a")
    assert (again.state, again.version) == ("running", __version__)
    assert (tmp_path / "a#b?c%20d" / "mlflow.db").is_file()


def test_long_words_and_many_columns_are_kept_as_far_as_mlflow_takes_them(store, experiment_of):
    features = {f"a column with a long name {index}": "number" for index in range(300)}
    store.begin("00000000000e", experiment_of(features=features, name="n" * 120))
    store.finish("00000000000e", "failed", "w" * 20_000)
    assert store.record("00000000000e").says == "w" * 4000
    assert store.experiment("00000000000e").data.features == features


def test_epochs_by_the_thousand_are_written_in_batches(store, client, experiment_of):
    store.begin("00000000000f", experiment_of())
    store.log_epochs("00000000000f", [(epoch, {"loss": 1 / epoch, "val_loss": None}) for epoch in range(1, 1502)])
    store.finish("00000000000f", "failed", "")
    (found,) = client.search_runs(["1"], "tags.`layerdeck.run` = '00000000000f'")
    assert len(client.get_metric_history(found.info.run_id, "loss")) == 1501
    assert "val_loss" not in found.data.metrics


def test_mlflow_tells_nobody_how_it_is_used():
    assert MLFLOW_DISABLE_TELEMETRY.get() is True
