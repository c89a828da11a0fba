"""Training on a table beyond the memory budget: the same questions, the same program, and never the whole table in
memory.
"""

import numpy as np
import pytest

from core.experiment.spec import Experiment, read
from core.model.exported_model import Predictor
from core.model.matrices import TableMatrices
from core.model.outputs import Heads
from core.model.sample_weights import balanced, class_weights
from core.runs.journal import Journal, new_run_id
from core.runs.mlflow_store import Store
from core.runs.run_training import run
from core.tables.situation import Tables
from core.tables.sources import TableStore
from core.tables.streamed import Streamed
from core.training.checkpoint import Checkpoint
from core.training.compiled_epoch import BlockProgram, NotCompilable
from core.training.compiled_pool import Programs
from core.training.hooks import Hooks
from core.training.streaming import StreamedRows
from core.training.train import learn
from core.training.worker_pools import Warm
from tests.records import with_record

pytestmark = pytest.mark.slow


@pytest.fixture
def small(monkeypatch):
    """A budget of a third of what the table takes."""
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.8")


@pytest.fixture
def tables(tmp_path):
    """Fresh tables, which have read nothing yet."""
    return Tables(TableStore(tmp_path), paths=True)


def on(file, epochs=4, seed=0, **changes) -> Experiment:
    """An experiment that predicts y from x0, x1 and w."""
    value = {
        "version": 1,
        "data": {"table": str(file), "targets": ["y"], "features": {"x0": "number", "x1": "number", "w": "category"}},
        "layers": [{"layer": "Dense", "units": 16, "activation": "relu"}, {"layer": "Dense", "units": 1}],
        "compile": {"optimizer": {"class": "Adam", "learning_rate": 0.01}, "metrics": ["RootMeanSquaredError"]},
        "fit": {"epochs": epochs, "batch_size": 32, "seed": seed},
    }
    for name, change in changes.items():
        value[name] = value[name] | change if isinstance(change, dict) else change
    return read(value)


@pytest.fixture(scope="module")
def programs():
    """The compiled programs of all trainings of this module."""
    return Programs()


@pytest.fixture(scope="module")
def train(programs):
    """A function that gives the outcome of a training, as the worker makes it."""

    def run(tables, experiment, kept=None, **hooks):
        ready, tasks = tables.prepared(experiment), tables.situation(experiment).tasks
        return learn(experiment, ready, tasks, Hooks(**hooks), kept=kept, programs=programs)

    return run


def error(outcome, rows, tables, experiment) -> float:
    """The exported model's error on all test rows, of which a streamed training scores a sample."""
    ready = tables.prepared(experiment)
    test = np.flatnonzero(ready.marks == 3) if isinstance(ready, Streamed) else ready.rows[ready.parts["test"]]
    said = Predictor(outcome.bundle, outcome.card).predict(rows.iloc[test])["predicted y"].to_numpy()
    return float(np.sqrt(np.mean((said - rows["y"].to_numpy()[test]) ** 2)))


def test_it_learns_as_it_does_in_memory_within_the_spread_of_seeds(
    train, tables, long_file, long_table, monkeypatch, tmp_path
):
    seeds = [on(long_file, seed=seed, epochs=12) for seed in (0, 1, 2)]
    whole = [error(train(tables, one), long_table, tables, one) for one in seeds]
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.8")
    other = Tables(TableStore(tmp_path), paths=True)
    outcome = train(other, seeds[0])
    assert outcome.log[0].startswith("The table would take about")
    assert "4,116 training rows were read from the file block by block" in outcome.log[0]
    found = error(outcome, long_table, other, seeds[0])
    assert found == pytest.approx(np.mean(whole), abs=4 * np.std(whole) + 30)
    assert found < outcome.baselines["linear model"]["test"]["rmse"] / 2
    assert other.on_disk(str(long_file)).most < len(long_table) / 4  # No frame of more rows than that was ever made.


class EveryEpoch(Checkpoint):
    """Keeps each epoch, however fast they come."""

    def due(self) -> bool:
        return True


class CutOff(Exception):
    """What ends the first training."""


@pytest.mark.usefixtures("small")
def test_a_training_that_was_cut_off_ends_with_the_same_weights_to_the_bit(train, tables, long_file, tmp_path):
    experiment = on(long_file, 5)

    def cut(epoch, _values):
        if epoch == 3:
            raise CutOff

    undisturbed = train(tables, experiment)
    weights = undisturbed.stack.get_weights()
    kept = EveryEpoch(tmp_path / "run" / "checkpoint.npz")
    with pytest.raises(CutOff):
        train(tables, experiment, kept, epoch=cut)
    went_on = []
    outcome = train(tables, experiment, kept, resumed=went_on.append)
    assert went_on == [2]
    assert outcome.history == undisturbed.history
    for ours, expected in zip(outcome.stack.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(ours, expected)


def source_of(ready, experiment, tasks) -> StreamedRows:
    """The training rows as the program takes them."""
    return StreamedRows(ready, TableMatrices(ready).matrices().features, Heads(experiment, tasks, ready), None)


def test_an_epoch_takes_every_training_row_once_and_mixes_those_that_are_near(
    tables, long_file, long_table, monkeypatch
):
    monkeypatch.setenv("LAYERDECK_MEMORY", "0.4")
    experiment = on(long_file)
    ready, tasks = tables.prepared(experiment), tables.situation(experiment).tasks
    source = source_of(ready, experiment, tasks)
    feed = source.feed(32, *divmod(source.rows, 32)[:1], 5, True)
    assert len(feed.sizes) > 2  # Pools, each of about two row groups.

    def walked(epoch: int) -> np.ndarray:
        found = []
        for block in range(feed.blocks):
            rows = feed(7, epoch, block)
            assert rows.columns[0].shape == (5, 32, 6)  # x0, x1, whether x1 was missing, three words
            found.append(rows.columns[1].numpy()[: int(rows.steps)].ravel())
        return np.concatenate([*found, rows.rest[1].numpy().ravel()])

    first, second = walked(0), walked(1)
    expected = long_table["y"].to_numpy()[ready.marks == 1].astype("float32")
    np.testing.assert_array_equal(np.sort(first), np.sort(expected))
    np.testing.assert_array_equal(np.sort(second), np.sort(expected))
    assert (first != second).mean() > 0.9
    np.testing.assert_array_equal(walked(0), first)  # Whatever was read ahead.
    assert np.corrcoef(first[:-1], first[1:])[0, 1] < 0.8 * np.corrcoef(expected[:-1], expected[1:])[0, 1]


SEVERAL = {
    "data": {
        "targets": ["y", "z"],
        "features": {"x0": "number", "x1": "number", "w": "category", "many": "code"},
        "weight": "many",
    },
    "layers": [
        {"layer": "Embedding", "output_dim": 3},
        {"layer": "Dense", "units": 16, "activation": "relu"},
        {"layer": "Dense", "units": 1},
    ],
    "compile": {
        "loss": {"y": {"class": "MeanSquaredError"}, "z": {"class": "BinaryCrossentropy", "from_logits": True}},
        "metrics": {"y": ["RootMeanSquaredError"], "z": ["BinaryAccuracy"]},
        "weighted_metrics": {"z": ["BinaryAccuracy"]},
    },
}


@pytest.mark.usefixtures("small")
def test_several_targets_weights_and_an_embedding_are_learned_from_a_stream(train, tables, long_file, long_table):
    outcome = train(tables, on(long_file, 6, **SEVERAL))
    assert outcome.log
    assert outcome.scores["test"]["z_accuracy"] > 0.9
    assert outcome.history["loss"][-1] < outcome.history["loss"][0] / 2
    said = Predictor(outcome.bundle, outcome.card).predict(long_table.head(500))
    known = long_table["z"].head(500).notna()
    assert (said["predicted z"][known] == long_table["z"].head(500)[known]).mean() > 0.9


@pytest.mark.usefixtures("small")
def test_balanced_classes_count_by_all_training_rows(train, tables, long_file, long_table):
    experiment = on(
        long_file,
        data={"targets": ["w"], "features": {"x0": "number", "x1": "number", "y": "number"}},
        layers=[
            {"layer": "Dense", "units": 8, "activation": "relu"},
            {"layer": "Dense", "units": 3, "activation": "softmax"},
        ],
        compile={"loss": {"class": "SparseCategoricalCrossentropy"}, "metrics": ["SparseCategoricalAccuracy"]},
        fit={"class_weight": "balanced", "epochs": 2},
    )
    ready = tables.prepared(experiment)
    labels = np.searchsorted(["a", "b", "c"], long_table["w"].to_numpy(dtype=str)[ready.marks == 1])
    np.testing.assert_allclose(class_weights(experiment, ready), balanced(labels, 3))
    outcome = train(tables, experiment)
    assert np.sum(outcome.figures["w"]["confusion"]) == len(ready.parts["test"])


@pytest.mark.usefixtures("small")
def test_a_run_keeps_a_log_a_model_and_a_program_that_admit_what_was_streamed(tmp_path, long_file, programs):
    tables, store, journal = Tables(TableStore(tmp_path)), Store(with_record(tmp_path)), Journal(tmp_path, new_run_id())
    info = tables.store.keep("long.parquet", long_file.read_bytes())
    journal.begin(on(info.ref, 3).text())
    result = run(journal, tables, store, warm=Warm(programs=programs))
    assert result["state"] == "finished", result["says"]
    assert len(result["log"]) == 3
    assert "read from the file" in (store.path(result["run"], "program.py")).read_text(encoding="utf-8")
    assert tables.on_disk(info.ref).most < tables.about(info.ref).rows / 4


@pytest.mark.usefixtures("small")
def test_a_network_that_xla_refuses_streams_through_plain_fit(train, tables, long_file, monkeypatch):
    def refuse(*_args):
        raise NotCompilable("no kernel")

    experiment = on(long_file, 2)
    compiled = train(tables, experiment)
    monkeypatch.setattr(BlockProgram, "__call__", refuse)
    plain = train(tables, experiment)
    assert plain.log[-1].startswith("XLA cannot compile this network")
    assert plain.history["loss"][-1] < plain.history["loss"][0]
    assert plain.scores["test"]["rmse"] == pytest.approx(compiled.scores["test"]["rmse"], rel=0.3)
