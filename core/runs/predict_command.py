"""Predictions of a file's rows, as `python -m core predict RUN ROWS` prints them."""

from pathlib import Path

import pandas as pd

from core.evaluation.interval_columns import interval_columns
from core.experiment.reading import TableReading
from core.runs.contributions_section import contribution_columns
from core.runs.evaluated_run import evaluated_run, evaluation_section
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.tables.drift import drift
from core.tables.layout_notes import left_out
from core.tables.prediction_columns import with_predictions
from core.tables.prediction_rows import prediction_rows_of_file, table_as_read
from core.tables.situation import Tables
from core.tables.sources import file_bytes, read_alike


def predicted_file(
    store: Store, tables: Tables, journal: Journal, path: Path, level: float | None = None, explain: bool = False
) -> tuple[pd.DataFrame, list[str]]:
    """The rows of a file with a run's predictions behind their columns, and sentences on how they were read and how
    they differ from the training rows.

    With a `level` an amount also has the columns `lower T` and `upper T`, and a class `set T`; with `explain` there are
    `base value` and `contribution FEATURE`. Raises TableError,
    LookupError for a run without a model or without enough validation rows, StoreBroken.
    """
    content, asked = file_bytes(path), predictor(store, journal.run, journal.version())
    reading = TableReading.model_validate(asked.card.get("reading", {}))
    frame, info = read_alike(path.name, content, reading)
    rows, notes = prediction_rows_of_file(frame, info, content, asked.card)
    predictions = asked.predict(rows)
    if level is not None:
        coverage = evaluation_section(store, tables, journal, section="coverage")
        intervals = interval_columns(predictions, asked.card["targets"], coverage, level)
        predictions = pd.concat([predictions.drop(columns="note"), intervals, predictions[["note"]]], axis=1)
        notes = (*notes, *(found.sentence(level) for found in coverage.values()))
    if explain:
        with evaluated_run(store, tables, journal) as run:
            columns, sentences = contribution_columns(run, rows)
        predictions = pd.concat([predictions.drop(columns="note"), columns, predictions[["note"]]], axis=1)
        notes = (*notes, *sentences)
    said = [*left_out(info), *notes, *(one.says for one in drift(rows, asked.card))]
    return with_predictions(table_as_read(frame, rows, info, content, asked.card), predictions), said
