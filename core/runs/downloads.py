"""The files that a run gives away: its program, its model, its experiment, its tables and what its callbacks wrote.

Program and tables run together in an empty folder: the tables lie in the form, and under the names, that the program
reads.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from core.experiment.columns import TableInfo
from core.experiment.file_names import file_name, table_name
from core.experiment.fork import INITIAL, initial_name
from core.experiment.reading import TableReading
from core.experiment.spec import Experiment
from core.keras_code.script import program
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.run_curves import curve_table, run_curves
from core.runs.temperatures_of_card import chosen_temperatures
from core.runs.thresholds_of_card import chosen_thresholds
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.workspace import plugins

log = logging.getLogger(__name__)
_BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Download:
    """A file of a run.

    Attributes:
        label: What a person reads on the button.
        source: What it is of the run: "program.py", "table".
        name: The name it is saved under.
        mime: Its media type.
        content: Makes its bytes when it is asked for.
    """

    label: str
    source: str
    name: str
    mime: str
    content: Callable[[], bytes]


def downloads(store: Store, tables: Tables, journal: Journal, experiment: Experiment) -> list[Download]:
    """The files of a run that has ended with a model, in the order of the page. A table that is gone is left out."""
    run, name = journal.run, experiment.name

    def artifact(label: str, source: str, saved_as: str) -> Download:
        return Download(label, source, saved_as, _BYTES, lambda: store.path(run, source).read_bytes())

    found = [
        Download(
            "Keras program",
            "program.py",
            file_name(name, "program", "py"),
            "text/x-python",
            lambda: _program(store, tables, run),
        ),
        artifact("Model (.keras)", "model.keras", file_name(name, "model", "keras")),
        artifact("Experiment", "as_run.json", file_name(name, "experiment", "json")),
        Download(
            "History (CSV)",
            "history.csv",
            file_name(name, "history", "csv"),
            "text/csv",
            lambda: _history(store, journal),
        ),
    ]
    if experiment.start:
        found.append(artifact("Initial weights", INITIAL, initial_name(experiment)))
    found += downloads_of_tables(tables, experiment)
    for callback in experiment.fit.callbacks:
        for path in (journal.folder / file for file in callback.row.files.values()):
            if path.is_file():
                saved_as = file_name(name, path.stem, path.suffix.lstrip("."))
                found.append(Download(callback.row.title, path.name, saved_as, _BYTES, path.read_bytes))
    return found


def downloads_of_tables(tables: Tables, experiment: Experiment) -> list[Download]:
    """The table and, where there is one, that of the validation rows."""
    found = []
    for content, ref in {"table": experiment.data.table, "validation": experiment.data.split.table}.items():
        if ref is not None:
            try:
                reading = experiment.data.reading if content == "table" else tables.second_of(experiment.data)[1]
                found.append(_table(tables, content, tables.about(ref, reading), reading, experiment.name))
            except TableError:
                log.info("the table %s is gone: it is not offered", ref)
    return found


def _table(tables: Tables, content: str, info: TableInfo, reading: TableReading, run: str) -> Download:
    saved_as = table_name(run, info, content)
    if saved_as.endswith(".parquet"):
        rows, form, mime = partial(_parquet, tables, info.ref, reading), "Parquet", "application/vnd.apache.parquet"
    else:
        rows, form, mime = partial(_csv, tables, info.ref), "CSV", "text/csv"
    return Download(f"{content.capitalize()} ({form})", content, saved_as, mime, rows)


def _parquet(tables: Tables, ref: str, reading: TableReading) -> bytes:
    return tables.store.path(ref, reading).read_bytes()


def _csv(tables: Tables, ref: str) -> bytes:
    return tables.frame(ref).to_csv(index=False).encode()


def _history(store: Store, journal: Journal) -> bytes:
    """The run's curves with a row an epoch: "epoch", "step", "seconds" and each logged number; without a journal the
    logged numbers alone.
    """
    try:
        curves = run_curves(journal)
        table = curve_table([curves], {curves.run: ""}).drop(columns=["run", "name"])
    except LookupError:
        history = store.value(journal.run, "history.json")
        table = pd.DataFrame({"epoch": range(1, 1 + max(map(len, history.values()), default=0)), **history})
    return table.to_csv(index=False).encode()


def _program(store: Store, tables: Tables, run: str) -> bytes:
    """The program that was kept with the run. One of an earlier Layerdeck, which reads other files, is printed anew."""
    kept = store.text(run, "program.py")
    try:
        experiment = store.experiment(run, "as_run.json")
        info, second = tables.about(experiment.data.table, experiment.data.reading), tables.second(experiment)
        if repr(table_name(experiment.name, info)) not in kept:
            card = store.card(run)
            settings = chosen_thresholds(card), chosen_temperatures(card)
            kept = program(experiment, tables.situation(experiment), info, plugins(), second, *settings)
    except (TableError, LookupError, ValueError, OSError) as error:  # The table or a plug-in is gone.
        log.info("run %s: its program is given as it was kept: %s", run, error)
    return kept.encode()
