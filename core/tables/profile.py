"""A table in outline: what each column holds, what may be predicted, and what is better left out at first."""

import re
from collections.abc import Iterable

import pandas as pd

from core.experiment.columns import Column, TableProfile
from core.tables.cells import Cells
from core.tables.guess import guess

MOST_FEATURES = 256
# Names of columns that people predict, the surest first.
_TARGETS = (
    *("target", "label", "class", "outcome", "y", "price", "survived", "species", "churn", "churned", "sale", "sales", "strength"),
    *("response", "default", "fraud", "diagnosis", "quality", "rating", "revenue", "score", "result", "digit", "salary", "income", "cost"),
)
_FAMILY = 8


def profile(frame: pd.DataFrame) -> TableProfile:
    """The outline of a table; infinities count as missing cells."""
    infinite: dict[str, int] = {}
    unclear: list[str] = []
    columns = []
    for name, series in frame.items():
        cells = Cells.of(series)
        if cells.infinite:
            infinite[str(name)] = cells.infinite
        if cells.unclear_dates:
            unclear.append(str(name))
        columns.append(_column(str(name), cells))
    columns = _repeated(_alike(columns), frame)
    return TableProfile(rows=len(frame), columns=tuple(columns), suggested_target=_target(columns), notes=tuple(_notes(infinite, unclear)))


def suggest(profile: TableProfile, target: str) -> dict[str, str]:
    """Features to begin with, name -> kind: all columns but the target and those left out, at most the first 256.

    When nothing else is there, numbers that look like a running number will do: x = 1, 2, 3 may be all that y depends on.
    """
    others = [column for column in profile.columns if column.name != target]
    chosen = [column for column in others if column.left_out is None] or [
        column for column in others if column.left_out == "identifier" and column.kind == "number"
    ]
    return {column.name: column.kind for column in chosen[:MOST_FEATURES]}


def _column(name: str, cells: Cells) -> Column:
    kind, target_kind, left_out = guess(name, cells)
    common = cells.common(50)
    measured = kind in ("number", "boolean", "date")
    low, high, median, mean = (cells.summary() if measured else None) or (None,) * 4
    picture = cells.bins(20) if kind in ("number", "date") else ()
    return Column(
        name=name,
        kind=kind,
        target_kind=target_kind,
        left_out=left_out,
        missing=1 - cells.present / cells.rows if cells.rows else 0.0,
        distinct=cells.distinct,
        low=low,
        high=high,
        median=median,
        mean=mean,
        skew=cells.skew(),
        top=common,
        picture=picture or tuple(count for _, count in common[:20]),
    )


def _alike(columns: list[Column]) -> list[Column]:
    """Columns of one numbered family have one kind: a pixel that was only ever 0 or 1 is a number like its neighbours.

    pixel_0_0, pixel_0_1, ... are a family; it needs 8 members, most of them numbers.
    """
    families: dict[str, list[Column]] = {}
    for column in columns:
        if re.search(r"\d", column.name) and column.kind in ("number", "boolean"):
            families.setdefault(re.sub(r"\d+", "#", column.name), []).append(column)
    odd = {
        column.name
        for family in families.values()
        if len(family) >= _FAMILY and sum(member.kind == "number" for member in family) * 2 > len(family)
        for column in family
        if column.kind == "boolean"
    }
    return [column.model_copy(update={"kind": "number"}) if column.name in odd else column for column in columns]


def _repeated(columns: list[Column], frame: pd.DataFrame) -> list[Column]:
    """Columns of the same cells name the first of them; only those that are alike in outline are compared cell by cell."""
    first: dict[tuple, list[int]] = {}
    for at, column in enumerate(columns):
        if column.left_out in ("constant", "all missing"):
            continue
        outline = (column.kind, column.distinct, column.missing, column.low, column.high, column.mean, column.top[:5])
        same = next((other for other in first.get(outline, ()) if frame.iloc[:, other].equals(frame.iloc[:, at])), None)
        if same is None:
            first.setdefault(outline, []).append(at)
        else:
            columns[at] = column.model_copy(update={"same_as": columns[same].name})
    return columns


def _target(columns: Iterable[Column]) -> str | None:
    """The column a person most likely wants to predict: one of a telling name, else the last that can be."""
    usable = [column.name for column in columns if column.target_kind and column.left_out is None]
    whole: dict[str, str] = {}
    parts: dict[str, str] = {}
    for name in usable:
        whole.setdefault(name.lower(), name)
        parts |= dict.fromkeys(re.split(r"[^a-z]+", name.lower()), name)  # of several, the last
    parts.pop("y", None)  # pixel_y, log_y: one letter says too little
    for known in (whole, parts):
        for wanted in _TARGETS:
            if wanted in known:
                return known[wanted]
    return usable[-1] if usable else None


def _notes(infinite: dict[str, int], unclear: list[str]) -> list[str]:
    notes = [
        f"Column {name} holds {count} infinite {'value' if count == 1 else 'values'}, treated as missing."
        for name, count in list(infinite.items())[:5]
    ]
    if len(infinite) > 5:
        notes.append(f"So do {len(infinite) - 5} more columns.")
    notes.extend(
        f"Column {name} holds dates in which day and month can't be told apart: write them like 2024-03-31." for name in unclear[:5]
    )
    return notes
