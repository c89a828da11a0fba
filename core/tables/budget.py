"""How much memory the rows of a table may take, and how much they would, known before anything large is loaded."""

import os

from core.catalog.kinds import KINDS
from core.experiment.columns import TableProfile
from core.experiment.spec import Data
from core.tables.feature_statistics import date_width

_MEGABYTES = 2000.0
_WORD = 70  # Bytes of a cell of words, as Python keeps text.
_READ = 4  # The file, Arrow's rows, the frame, and the different values while they are counted: measured.
_MOST_CROSSED = 1000  # Columns of a cross.
_COPIES = 2  # Whole and by parts: measured, too.


def budget() -> int:
    """Bytes that the rows of one table may take in memory; `LAYERDECK_MEMORY` names another number of megabytes."""
    try:
        return int(float(os.environ.get("LAYERDECK_MEMORY", _MEGABYTES)) * 1e6)
    except ValueError:
        return int(_MEGABYTES * 1e6)


def whole_bytes(cells: int) -> int:
    """Bytes a row of a table takes while it is read whole and described, when its cells take so many."""
    return _READ * cells


def trained_bytes(cells: int, data: Data, profile: TableProfile) -> int:
    """Bytes a row takes on its way to the network: cells, raw values of features and targets, the matrix, and a copy of
    each.
    """
    raw = sum(_WORD if KINDS[kind].raw == "string" else 8 for kind in data.features.values()) + 8 * len(data.targets)
    columns = sum(_width(name, kind, data, profile) for name, kind in data.features.items()) + 2 * len(
        data.pairs_of("date")
    )
    columns += sum(min(_MOST_CROSSED, _product(pair, profile)) for pair in data.pairs_of("category", "code"))
    return _COPIES * (cells + raw + 4 * columns)


def _product(pair: tuple[str, str], profile: TableProfile) -> int:
    """How many pairs of words two columns may have."""
    first, second = (profile.column(name) for name in pair)
    return first.distinct * second.distinct if first and second else _MOST_CROSSED


def _width(name: str, kind: str, data: Data, profile: TableProfile) -> int:
    """Columns of the matrix that a feature probably becomes."""
    column = profile.column(name)
    if kind == "text":
        return data.preparation_of(name).text_words
    if KINDS[kind].raw == "string":
        most = data.preparation_of(name).known_words
        return min(column.distinct if column else most, most)
    if data.preparation_of(name).scaled_by(kind, data.scaling).transform == "bins":
        return data.preparation_of(name).most_bins + 1
    columns = date_width(data.preparation_of(name).date_parts) if kind == "date" else 1
    return columns + bool(column and column.missing)
