"""What is known of a table, as `python -m core profile TABLE --json` prints it."""

from typing import Any

from core.experiment.columns import Column, Note, TableInfo, TableProfile
from core.experiment.spec import Data, Experiment
from core.experiment.task import tasks_of
from core.tables.dates import moment_text


def profile_json(about: TableInfo, profile: TableProfile, target: str | None = None) -> dict[str, Any]:
    """A JSON value: rows, columns, notes on the whole table, and the target (the one that is named, or guessed) with
    its task, None where no column can be predicted.

    Of each column: its name, kind, number of missing cells, unread cells -> how many there are (they are among the
    missing), number of different values, lowest and highest (dates as text, None of words), and notes.
    """
    target = target or profile.suggested_target
    tasks = tasks_of(Experiment(data=Data(table=about.ref, targets=(target,))), profile) if target else ()
    whole = [note.text for note in about.noted if note.column is None]
    said = {note.text for note in about.noted}
    return {
        "rows": profile.rows,
        "columns": [_column(column, profile.rows, about) for column in profile.columns],
        "notes": [*whole, *(text for text in (*about.notes, *profile.notes) if text not in said)],
        "target": target,
        "task": tasks[0].kind if tasks else None,
    }


def _column(column: Column, rows: int, about: TableInfo) -> dict[str, Any]:
    notes: list[Note] = [note for note in about.noted if note.column == column.name]
    left_out = [f"not a feature: {column.left_out}"] if column.left_out else []
    unit = about.units.get(column.name)
    return {
        "name": column.name,
        "kind": column.kind,
        "missing": round(column.missing * rows),
        "unread": dict(cell for note in notes for cell in note.cells),
        "distinct": column.distinct,
        "low": _end(column, column.low),
        "high": _end(column, column.high),
        **({"unit": unit} if unit else {}),
        "notes": [*(note.text for note in notes), *left_out],
    }


def _end(column: Column, value: float | None) -> float | str | None:
    """A lowest or highest value: of a date as text."""
    return moment_text(value) if column.kind == "date" and value is not None else value
