"""The loss around a run's weights, which takes some seconds: a file in the run's folder tells how far it is, and then
what came of it.

chart(store, tables, journal, kind)    computes it, in the worker
Terrains().ask(journal, kind, client)  has it computed, once, and tells what the file says

Its file: see `core.runs.loss_landscape_file`.
"""

import json
import logging
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

import numpy as np

from core.experiment.counts import count
from core.inspect.weight_plane import FEWEST, MOST_EPOCHS
from core.model.weight_history import epoch_weights, nearest_epoch
from core.runs.at_epoch import as_trained
from core.runs.journal import Journal
from core.runs.loss_landscape_file import landscape_path, written_landscape
from core.runs.sqlite_guard import StoreBroken
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.workspace import locked, write_whole

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store

log = logging.getLogger(__name__)
_MEMORY = "The worker ran out of memory. Use fewer units."


def chart(store: "Store", tables: Tables, journal: Journal, kind: str) -> None:
    """Computes a terrain of a run and writes it, unless it is there; what cannot be computed is written as
    a sentence.
    """
    with locked(journal.folder / "terrain" / f"{kind}.lock"):  # Another server may have asked for the same.
        if written_landscape(journal, kind).get("state") == "ready":
            return
        version = journal.version()

        def tell(state: str, done: float, says: str, **more: Any) -> None:
            value = {"version": version, "state": state, "done": done, "says": says, **more}
            write_whole(landscape_path(journal, kind), json.dumps(value, allow_nan=False))

        try:
            tell(
                "ready",
                1.0,
                "",
                **_charted(store, tables, journal, kind, lambda done, says: tell("computing", done, says)),
            )
        except Exception as error:
            tell("failed", 0.0, _sentence(error, journal.run))


def _charted(
    store: "Store", tables: Tables, journal: Journal, kind: str, tell: Callable[[float, str], None]
) -> dict[str, Any]:
    from core.inspect.loss_landscape import GRID, Terrain

    tell(0.0, "Building the network")
    kept, result = journal.kept_epochs(), store.result(journal.run)
    if len(kept) < FEWEST:
        raise LookupError(f"The weights of {FEWEST} epochs are needed, and this run saved those of {len(kept)}.")
    best, centre = nearest_epoch(kept, result["best_epoch"]), nearest_epoch(kept, result["epoch"])
    experiment, tasks = as_trained(store, tables, journal.folder.parents[1], journal.run)
    terrain = Terrain(experiment, tables.prepared(experiment), tasks)
    tell(0.0, "Reading the weights of its epochs")
    path = {epoch: epoch_weights(journal.weights, epoch) for epoch in thinned(kept, {best, centre})}
    says = f"Computing the loss at {GRID**2:,} points, on {count(terrain.rows, 'row')} each"
    tell(0.0, says)  # The first line takes longest: it is compiled.
    return {**terrain.chart(kind, path, centre, lambda done: tell(done, says)), "best": best}


def thinned(kept: list[int], wanted: Collection[int], most: int = MOST_EPOCHS) -> list[int]:
    """The first and the last epoch, the wanted ones, and others evenly between, about as many as may be."""
    places = np.linspace(0, len(kept) - 1, min(most, len(kept))).round().astype(int)
    return sorted({kept[at] for at in places} | set(wanted))


def _sentence(error: Exception, run: str) -> str:
    if (
        isinstance(error, LookupError | TableError | StoreBroken)
        and type(error) is not KeyError
        and type(error) is not IndexError
    ):
        return str(error)
    log.exception("run %s: its terrain could not be computed", run)
    name = type(error).__name__
    if isinstance(error, MemoryError) or name == "ResourceExhaustedError":
        return _MEMORY
    return f"It ended with {name}: {' '.join(str(error).split())[:400]}"
