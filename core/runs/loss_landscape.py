"""The loss around a run's weights, which takes some seconds: a file in the run's folder tells how far it is, and then
what came of it.

chart(store, tables, journal, kind)                             computes it, in the worker
chart_race(store, tables, workspace, race, runs, best, kind)    ... with the paths of all runs of a race
LandscapeRequests().of_run(journal, kind, client)               has it computed, once; what the file says

Its file: see `core.runs.loss_landscape_file`.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.experiment.counts import count
from core.inspect.weight_plane import FEWEST, MOST_EPOCHS
from core.model.weight_history import epoch_weights, nearest_epoch
from core.runs.at_epoch import as_trained
from core.runs.journal import Journal
from core.runs.loss_landscape_file import LandscapeFile, race_landscape_file, run_landscape_file
from core.runs.sqlite_guard import StoreBroken
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.workspace import locked

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store

log = logging.getLogger(__name__)
_NO_PLANE = (
    "The networks of these runs have weights of different shapes, so no plane contains all their "
    "training paths. Race a "
    "setting that keeps the shapes: optimizer, learning rate, activation, dropout or batch size."
)
_MEMORY = "The worker ran out of memory. Use fewer units."


def chart(store: "Store", tables: Tables, journal: Journal, kind: str) -> None:
    """Computes the loss landscape of a run and writes it, unless it is there; what cannot be computed is written as
    a sentence.
    """
    _written(run_landscape_file(journal, kind), lambda tell: _charted(store, tables, journal, kind, tell))


def chart_race(
    store: "Store", tables: Tables, workspace: Path, race: str, runs: Sequence[str], best: str, kind: str
) -> None:
    """Computes the loss landscape around a race's best run, with the paths of all its runs, and writes it as `chart`
    does.
    """
    _written(
        race_landscape_file(workspace, race, best, kind),
        lambda tell: _charted_race(store, tables, workspace, runs, best, kind, tell),
    )


def _written(file: LandscapeFile, charted: Callable[[Callable[[float, str], None]], dict[str, Any]]) -> None:
    """Writes what `charted` gives, and how far it is meanwhile."""
    with locked(file.path.with_suffix(".lock")):  # Another server may have asked for the same.
        if file.read().get("state") == "ready":
            return
        try:
            file.write("ready", 1.0, "", **charted(lambda done, says: file.write("computing", done, says)))
        except Exception as error:
            file.write("failed", 0.0, _sentence(error, file.path))


def _charted(
    store: "Store", tables: Tables, journal: Journal, kind: str, tell: Callable[[float, str], None]
) -> dict[str, Any]:
    from core.inspect.loss_landscape import LossLandscape

    tell(0.0, "Building the network")
    kept, result = journal.kept_epochs(), store.result(journal.run)
    if len(kept) < FEWEST:
        raise LookupError(f"The weights of {FEWEST} epochs are needed, and this run saved those of {len(kept)}.")
    best, centre = nearest_epoch(kept, result["best_epoch"]), nearest_epoch(kept, result["epoch"])
    experiment, tasks = as_trained(store, tables, journal.folder.parents[1], journal.run)
    landscape = LossLandscape(experiment, tables.prepared(experiment), tasks)
    tell(0.0, "Reading the weights of its epochs")
    path = {epoch: epoch_weights(journal.weights, epoch) for epoch in thinned(kept, {best, centre})}
    says = _computing(landscape.rows)
    tell(0.0, says)  # The first line takes longest: it is compiled.
    return {**landscape.chart(kind, path, centre, lambda done: tell(done, says)), "best": best}


def _charted_race(
    store: "Store",
    tables: Tables,
    workspace: Path,
    runs: Sequence[str],
    best: str,
    kind: str,
    tell: Callable[[float, str], None],
) -> dict[str, Any]:
    """What `chart_paths` gives of the runs whose weights have the shapes of the best run's, with the best epoch of
    each path, and the runs that are left out.
    """
    from core.inspect.loss_landscape import LossLandscape

    tell(0.0, "Building the network")
    experiment, tasks = as_trained(store, tables, workspace, best)
    landscape = LossLandscape(experiment, tables.prepared(experiment), tasks)
    shapes = [tuple(weight.shape) for weight in landscape.stack.weights]
    tell(0.0, "Reading the weights of the runs' epochs")
    paths, bests, centre = {}, {}, 0
    for run in runs:
        journal = Journal(workspace, run)
        try:
            kept, result = journal.kept_epochs(), store.result(run)
        except LookupError:  # It ended without a model.
            continue
        if not kept or [array.shape for array in epoch_weights(journal.weights, kept[0])] != shapes:
            continue
        bests[run], end = nearest_epoch(kept, result["best_epoch"]), nearest_epoch(kept, result["epoch"])
        centre = end if run == best else centre
        chosen = thinned(kept, {bests[run], end}, max(FEWEST, MOST_EPOCHS // len(runs)))
        paths[run] = {epoch: epoch_weights(journal.weights, epoch) for epoch in chosen}
    if len(paths) < 2:
        raise LookupError(_NO_PLANE)
    says = _computing(landscape.rows)
    tell(0.0, says)
    charted = landscape.chart_paths(kind, paths, (best, centre), lambda done: tell(done, says))
    drawn = charted["paths"]
    for run, path in drawn.items():
        path["best"] = nearest_epoch(path["epoch"], bests[run])
    return {**charted, "left_out": [run for run in runs if run not in drawn]}


def _computing(rows: int) -> str:
    from core.inspect.loss_landscape import GRID

    return f"Computing the loss at {GRID**2:,} points, on {count(rows, 'row')} each"


def thinned(kept: list[int], wanted: Collection[int], most: int = MOST_EPOCHS) -> list[int]:
    """The first and the last epoch, the wanted ones, and others evenly between, about as many as may be."""
    places = np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(int)
    return sorted({kept[at] for at in places} | set(wanted))


def _sentence(error: Exception, path: Path) -> str:
    if (
        isinstance(error, LookupError | TableError | StoreBroken)
        and type(error) is not KeyError
        and type(error) is not IndexError
    ):
        return str(error)
    log.exception("the loss landscape %s could not be computed", path)
    name = type(error).__name__
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return _MEMORY
    return f"It ended with {name}: {' '.join(str(error).split())[:400]}"
