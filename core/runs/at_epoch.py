"""Time travel, as the worker does it: a run at any epoch whose weights are kept, and its model put back to one of them.

look(store, tables, journal, epoch, rows)    scores, figure and predictions at that epoch
restore(store, tables, journal, epoch)       the run's model becomes that epoch's, and its program gives it
restore(store, tables, journal, None)        ... what the training ended with
"""

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.catalog.plugins import PREFIX, register, text, title
from core.experiment.keras_calls import embedding_call, plugin_modules
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.experiment.training_steps import resolved
from core.keras_code.script import program
from core.model.weight_history import epoch_weights, nearest_epoch
from core.runs.journal import Journal
from core.runs.live_view_files import Stage
from core.runs.mlflow_store import Store
from core.runs.playback import Playback
from core.runs.temperatures_of_card import as_it_was_trained
from core.tables.situation import Tables
from core.workspace import plugins, write_whole

if TYPE_CHECKING:
    from core.inspect.at_epoch import Replay
    from core.inspect.snapshot import Scene

# A folder of the run's artifacts: what the training ended with, once another epoch has taken its place.
AS_TRAINED = "as_trained"
_REPLACED = ("model.keras", "result.json", "as_run.json", "program.py")
_MAKING, _RESTORING, _SHOWING = threading.Lock(), threading.Lock(), threading.Lock()


class CannotTravel(LookupError):
    """The run cannot be seen at an epoch; the message is a sentence for the person."""


def look(
    store: Store, tables: Tables, journal: Journal, epoch: int, rows: pd.DataFrame | None = None
) -> dict[str, Any]:
    """The run at the nearest epoch that is kept: {"epoch", "scores", "figures", "predictions"}, the last a table or
    None.

    Raises LookupError with a sentence when no weights are kept, or they cannot be used any more; TableError when the
    table is gone.
    """
    epoch = nearest_kept(journal, epoch)
    replay, card = _replay(store, tables, journal), store.card(journal.run)
    with replay.lock:
        replay.take_card(card if epoch == store.result(journal.run)["epoch"] else as_it_was_trained(card))
        found = replay.at(epoch_weights(journal.weights, epoch))
        return {"epoch": epoch, **found, "predictions": None if rows is None else replay.predict(rows)}


def restore(store: Store, tables: Tables, journal: Journal, epoch: int | None) -> None:
    """Puts an epoch in the place of the run's model, scores and program. Raises as `look` does."""
    with _RESTORING, tempfile.TemporaryDirectory() as folder:
        files = Path(folder)
        if epoch is None:
            for name in _REPLACED:
                shutil.copy(store.path(journal.run, f"{AS_TRAINED}/{name}"), files)
        else:
            _put_aside(store, journal.run)
            _write(store, tables, journal, nearest_kept(journal, epoch), files)
        store.replace(journal.run, files, json.loads((files / "result.json").read_text(encoding="utf-8"))["test"])
        write_whole(journal.restored, json.dumps({"epoch": epoch, "at": time.time()}))


def show(store: Store, tables: Tables, journal: Journal) -> None:
    """Draws the run's network, with the weights of its model, for those who look."""
    epoch = nearest_kept(journal, store.result(journal.run)["epoch"])
    stage = Stage(journal)
    with _SHOWING:
        scene = _scene(store, tables, journal.folder.parents[1], journal.run)
        scene.look(stage.looks() or scene.looks)
        stage.still(scene.still())
        stage.scene(scene(epoch, epoch_weights(journal.weights, epoch), None, 1))


def play(store: Store, tables: Tables, journal: Journal, best: int | None) -> None:
    """Draws the run's network at its kept epochs, `best` among them, for all who look. Raises as `look`
    does, OSError.
    """
    with _SHOWING:
        Playback(journal, best).draw(_scene(store, tables, journal.folder.parents[1], journal.run))


@lru_cache(maxsize=4)
def _scene(store: Store, tables: Tables, workspace: Path, run: str) -> "Scene":
    from core.inspect.snapshot import Scene
    from core.model.matrices import TableMatrices

    experiment, tasks = as_trained(store, tables, workspace, run)
    made = TableMatrices(tables.prepared(experiment))
    return Scene(experiment, made, tasks, made.matrices(embedding_call(experiment) is not None))


def nearest_kept(journal: Journal, epoch: int) -> int:
    """The nearest epoch whose weights are kept. Raises CannotTravel when none are."""
    found = journal.kept_epochs()
    if not found:
        raise CannotTravel("This run saved no weights of its epochs.")
    return nearest_epoch(found, epoch)


def _put_aside(store: Store, run: str) -> None:
    """Keeps what the training ended with, the first time."""
    if AS_TRAINED not in store.folders(run):
        with tempfile.TemporaryDirectory() as folder:
            for name in _REPLACED:
                shutil.copy(store.path(run, name), folder)
            store.replace(run, Path(folder), inside=AS_TRAINED)


def _write(store: Store, tables: Tables, journal: Journal, epoch: int, files: Path) -> None:
    """Writes what the run is at that epoch."""
    as_trained = store.value(journal.run, f"{AS_TRAINED}/result.json")
    again = ending_with(store.experiment(journal.run, f"{AS_TRAINED}/as_run.json"), epoch, tables)
    replay = _replay(store, tables, journal)
    with replay.lock:
        replay.take_card(as_it_was_trained(store.card(journal.run)))
        found = replay.at(epoch_weights(journal.weights, epoch))
        replay.save(files / "model.keras")
    judged = as_trained.get("judged")  # None in a run that was made before these were kept.
    result = {
        **{name: value for name, value in as_trained.items() if name not in ("figure", "judged", "penalty")},
        **({} if judged is None else {"judged": {**judged, **found["judged"]}, "penalty": found["penalty"]}),
        "epoch": epoch,
        "restored": True,
        "scores": found["scores"],
        "test": found["scores"]["test"],
        "figures": found["figures"],
    }
    (files / "result.json").write_text(json.dumps(result), encoding="utf-8")
    (files / "as_run.json").write_text(json.dumps(again.value()), encoding="utf-8")
    printed = program(
        again,
        tables.situation(again),
        tables.about(again.data.table, again.data.reading),
        plugins(),
        tables.second(again),
    )
    (files / "program.py").write_text(printed, encoding="utf-8")


def ending_with(experiment: Experiment, epoch: int, tables: Tables) -> Experiment:
    """The experiment whose plain run ends with that epoch: so many epochs, and nothing that ends it earlier or turns
    back.

    A learning rate that fell over the whole training keeps its steps.
    """
    experiment = resolved(experiment, tables.situation(experiment).rows[0])
    callbacks = tuple(callback for callback in experiment.fit.callbacks if callback.name != "EarlyStopping")
    return experiment.model_copy(
        update={"fit": experiment.fit.model_copy(update={"epochs": epoch, "callbacks": callbacks})}
    )


def _replay(store: Store, tables: Tables, journal: Journal) -> "Replay":
    with _MAKING:
        return _kept_replay(store, tables, journal.folder.parents[1], journal.run)


@lru_cache(maxsize=4)
def _kept_replay(store: Store, tables: Tables, workspace: Path, run: str) -> "Replay":
    return replay_of(store, tables, workspace, run)


def replay_of(store: Store, tables: Tables, workspace: Path, run: str) -> "Replay":
    """A run's network as the training built it, of its own for whoever asks. Raises as `as_trained` does."""
    from core.inspect.at_epoch import Replay

    experiment, tasks = as_trained(store, tables, workspace, run)
    return Replay(experiment, tables.prepared(experiment), tasks, store.card(run))


def as_trained(store: Store, tables: Tables, workspace: Path, run: str) -> tuple[Experiment, Sequence[Task]]:
    """A run's experiment and its tasks, its plug-ins at hand. Raises CannotTravel when those are not what they were,
    TableError.
    """
    register(plugins())
    experiment = read(Journal(workspace, run).submitted()["experiment"])
    _see_that_plugins_are_the_same(store, run, experiment)
    tasks = tables.situation(experiment).tasks
    assert tasks  # It was trained.
    return experiment, tasks


def _see_that_plugins_are_the_same(store: Store, run: str, experiment: Experiment) -> None:
    kept = {path.stem: path.read_text(encoding="utf-8") for path in store.plugins(run)}
    for module in plugin_modules(experiment):
        try:
            now = text(plugins(), module)
        except (OSError, LookupError):
            now = ""
        if now != kept.get(module.removeprefix(PREFIX)):
            raise CannotTravel(
                f"The plug-in {title(module)} has changed since this run was made, so the run cannot be "
                "shown at its epochs."
            )
