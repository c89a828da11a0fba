"""A text file read by `pandas.read_csv` in parts of some thousand rows: read whole, its parser holds each cell two or
three times over.

frame = read_csv_in_parts(content, rows, options)     as `pandas.read_csv(io.BytesIO(content), **options)`

pandas guesses what the cells of each part are. Where two parts differ the guess for the whole file is another, and the
columns are read again as what they then are: text.
"""

import io
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.tables.different_cells import free_memory

_PART = 1 << 21  # Bytes of a part.
_FEWEST_ROWS = 1_000  # Of a part.
_MOST_COLUMNS = 500  # Of wider tables a part has few rows.
_LARGEST, _DIGITS = 2.0**63, 19  # Of whole numbers.
_LONG_NUMBER = rf"^[-+\s]*[0-9., ']{{{_DIGITS},}}\s*$"
_EXACT = 2**53  # Whole numbers below it are the same as floats.

_Parts = dict[str, list[Any]]


def read_csv_in_parts(content: bytes, rows: int, options: dict[str, Any], part: int = _PART) -> pd.DataFrame:
    """The frame; `rows` is about how many rows the file has, `part` how many bytes are read together. Raises what
    pandas raises.
    """
    parts = None
    if len(content) > 2 * part and rows and options.get("engine") is None:
        size = max(min(_FEWEST_ROWS, part), rows * part // len(content))
        parts = _parts(content, size, options)
        if parts and any(map(_may_overflow, parts.values())):
            parts = None
        texts = {name: "str" for name, arrays in (parts or {}).items() if _is_text_in_the_whole(arrays)}
        if texts and isinstance(options.get("dtype", {}), dict):
            parts = None  # Before they are read again: both together would take twice the memory.
            parts = _parts(content, size, {**options, "dtype": {**options.get("dtype", {}), **texts}})
    joined = _joined(parts) if parts else None
    free_memory()
    return pd.read_csv(io.BytesIO(content), **options) if joined is None else joined


def _parts(content: bytes, size: int, options: dict[str, Any]) -> _Parts | None:
    """Column -> its arrays in the parts; None for a table that is better read whole."""
    found: _Parts = defaultdict(list)
    with pd.read_csv(io.BytesIO(content), chunksize=size, **options) as reader:
        for frame in reader:
            plain = isinstance(frame.index, pd.RangeIndex) and frame.columns.is_unique
            if not plain or frame.shape[1] > _MOST_COLUMNS:
                return None
            for name in frame.columns:
                found[name].append(frame[name].array)
    return found


def _may_overflow(arrays: list[Any]) -> bool:
    """Whether a column that is not of numbers of one sort holds whole numbers beyond 64 bits. It is text to pandas
    then, and whether its missing cells are, too, hangs on the order of all cells.
    """
    if all(array.dtype == arrays[0].dtype for array in arrays) and not _is_text(arrays[0]):
        return False
    for array in arrays:
        if array.dtype == "float64":
            numbers = np.asarray(array)
            if (np.abs(numbers[~np.isnan(numbers)]) >= _LARGEST).any():
                return True
        elif _is_text(array):
            cells = pa.array(array)
            longest = pc.max(pc.utf8_length(cells)).as_py()
            if (longest or 0) >= _DIGITS and pc.any(pc.match_substring_regex(cells, _LONG_NUMBER)).as_py():
                return True
    return False


def _is_text_in_the_whole(arrays: list[Any]) -> bool:
    """Whether a column is one of text in some parts, and of numbers or of yes and no in others."""
    return any(map(_is_text, arrays)) and not all(_is_text(array) or _is_blank(array) for array in arrays)


def _is_text(array: Any) -> bool:
    return isinstance(array.dtype, pd.StringDtype)


def _is_blank(array: Any) -> bool:
    return array.dtype == "float64" and bool(np.isnan(np.asarray(array)).all())


def _joined(parts: _Parts) -> pd.DataFrame | None:
    """The columns whole, each freed of its parts in turn; None where pandas would guess another type of them."""
    columns = {}
    for name in list(parts):
        column = _column(parts.pop(name))
        if column is None:
            return None
        columns[name] = column
    return pd.DataFrame(columns, copy=False)


def _column(arrays: list[Any]) -> Any:
    """One array of several; None where it may be of another type in the whole."""
    dtypes = {str(array.dtype) for array in arrays}
    if any(map(_is_text, arrays)):
        if not all(_is_text(array) or _is_blank(array) for array in arrays):
            return None
        texts = [pa.array(pd.array(array, dtype="str")) for array in arrays]
        chunks = [chunk for text in texts for chunk in (text.chunks if isinstance(text, pa.ChunkedArray) else [text])]
        arrays.clear()
        return pd.array(pa.concat_arrays(chunks), dtype="str")
    whole = [array for array in arrays if array.dtype == "int64"]
    exact = all(len(array) == 0 or max(-int(np.min(array)), int(np.max(array))) < _EXACT for array in whole)
    if len(dtypes) == 1 or (dtypes == {"int64", "float64"} and exact):
        return np.concatenate([np.asarray(array) for array in arrays]) if dtypes != {"object"} else None
    return None
