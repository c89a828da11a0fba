"""A table in outline: what each column holds, what may be predicted, and what is better left out at first."""

import logging
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from core.experiment.columns import Column, TableProfile
from core.experiment.counts import count, counted
from core.experiment.preparation import MOST_WORDS, USUAL_WORDS, Preparation
from core.tables.cell_values import cell_booleans
from core.tables.cells import Cells
from core.tables.guess import guess, names_codes
from core.tables.reading import listed
from core.tables.suggested_target import suggested_target, target_hint
from core.tables.table_hints import hints

log = logging.getLogger(__name__)
MOST_FEATURES = 256
_FAMILY = 8
_ROWS_A_WORD = 5  # On average: of fewer a weight of its own learns little.
_NOTED = 5  # Columns that a note names.


def profile(frame: pd.DataFrame, words: Collection[str] = ()) -> TableProfile:
    """The outline of a table; infinities count as missing cells. A column that cannot be described is left out, and
    says why. `words` are the columns that a person chose to be text: no dates are looked for in them.
    """
    described = [_described(str(name), series, str(name) in words) for name, series in frame.items()]
    columns = _repeated(_alike([column for column, _ in described]), frame)
    cells_of = {column.name: cells for column, cells in described if cells is not None}
    target = suggested_target(columns)
    return TableProfile(
        rows=len(frame),
        columns=tuple(columns),
        suggested_target=target,
        notes=tuple(_notes(cells_of)),
        hints=(*target_hint(target), *hints(frame, columns, cells_of)),
    )


def _described(name: str, series: pd.Series, words: bool) -> tuple[Column, Cells | None]:
    """A column in outline and its cells; whatever fails for one column is told of that column, and no other suffers
    from it.
    """
    try:
        cells = Cells.of(series, words)
        cells = cells.as_codes() if names_codes(name) else cells
        column = _column(name, cells)
        if column.kind == "date" and cells.sort != "date":
            cells = cells.as_dates()
            column = _column(name, cells)
        return column, cells
    except Exception as error:
        log.exception("column %r could not be described", name)
        return Column(name=name, kind="category", left_out=f"it cannot be described ({type(error).__name__})"), None


def suggest(profile: TableProfile, target: str) -> dict[str, str]:
    """Features to begin with, name -> kind: all columns but the target and those left out, at most the first 256.

    When nothing else is there, numbers that look like a running number will do: x = 1, 2, 3 may be all that y depends
    on.
    """
    others = [column for column in profile.columns if column.name != target]
    chosen = [column for column in others if column.left_out is None] or [
        column for column in others if column.left_out == "identifier" and column.kind == "number"
    ]
    return {column.name: column.kind for column in chosen[:MOST_FEATURES]}


def suggested_preparation(profile: TableProfile, features: Mapping[str, str]) -> dict[str, Preparation]:
    """Column -> the settings to begin with, where those of its kind leave out what it holds: the time of day, or words
    that are frequent enough to be learned.
    """
    found = {}
    for column in profile.columns:
        kind, words = features.get(column.name), column.distinct + (column.missing > 0)
        if kind == "date" and column.timed:
            found[column.name] = Preparation(parts=("trend", "season", "weekday", "hour"))
        if kind in ("category", "code") and USUAL_WORDS < words <= min(MOST_WORDS, profile.rows // _ROWS_A_WORD):
            found[column.name] = Preparation(words=words)
    return found


def suggested_positive(profile: TableProfile, targets: Iterable[str]) -> dict[str, str]:
    """Target -> its positive class, where that is a word for yes which the alphabet puts before its word for no (Ja and
    Nein); the other targets of two classes have it last by themselves.
    """
    found = {}
    for target in targets:
        column = profile.column(target)
        words = sorted(word for word, _ in column.top) if column and column.distinct == 2 else []
        if cell_booleans(words, {}).tolist() == [True, False]:
            found[target] = words[0]
    return found


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
        timed=cells.timed,
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
    """Columns of the same cells name the first of them; only those that are alike in outline are compared cell by
    cell.
    """
    first: dict[tuple[Any, ...], list[int]] = {}
    for at, column in enumerate(columns):
        if column.left_out in ("constant", "all missing"):
            continue
        outline = (column.kind, column.distinct, column.missing, column.low, column.high, column.mean, column.top[:5])
        same = next(
            (other for other in first.get(outline, ()) if _same_cells(frame.iloc[:, other], frame.iloc[:, at])), None
        )
        if same is None:
            first.setdefault(outline, []).append(at)
        else:
            columns[at] = column.model_copy(update={"same_as": columns[same].name})
    return columns


def _same_cells(first: pd.Series, second: pd.Series) -> bool:
    try:
        return first.equals(second)
    except Exception:  # Cells that cannot be compared are not known to be the same.
        log.exception("columns %r and %r could not be compared", first.name, second.name)
        return False


def _notes(cells_of: dict[str, Cells]) -> list[str]:
    """Sentences on cells that are not what they seem; `cells_of` is column -> its cells."""
    infinite = {name: cells.infinite for name, cells in cells_of.items() if cells.infinite}
    numbered = {name: cells.counted for name, cells in cells_of.items() if cells.counted}
    no_days = {name: cells.no_days for name, cells in cells_of.items() if cells.no_days}
    notes = [
        f"Column {name} holds {count(cells, 'infinite value')}, treated as missing."
        for name, cells in list(infinite.items())[:_NOTED]
    ]
    if len(infinite) > _NOTED:
        notes.append(
            f"So {counted(len(infinite) - _NOTED, 'does', 'do')} {count(len(infinite) - _NOTED, 'more column')}."
        )
    notes.extend(
        f"Column {name} holds numbers that are treated as dates: {what}."
        for name, what in list(numbered.items())[:_NOTED]
    )
    for name, words in list(no_days.items())[:_NOTED]:
        cells = sum(often for _, often in words)
        quoted = listed([word for word, _ in words])
        notes.append(f"Column {name} holds {quoted} in {count(cells, 'cell')}: no date, treated as missing.")
    return notes
