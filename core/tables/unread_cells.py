"""Cells that a chosen kind cannot read: counted and named, and refused where they are most of a column."""

import numpy as np
import pandas as pd

from core.tables.errors import ColumnError
from core.tables.reading import listed

_MOST = 0.5  # Of the cells that are there.


def unread_cells(frame: pd.DataFrame, raw: dict[str, np.ndarray], kinds: dict[str, str]) -> dict[str, str]:
    """Feature -> a sentence on the cells that hold something and are missing among its raw values.

    Raises ColumnError where they are more than half of a column's cells: a kind that was chosen by hand does not fit.
    """
    found = {}
    for name, values in raw.items():
        if values.dtype == object or name not in frame:
            continue  # Words are read as they are.
        cells, kind = frame[name], kinds[name]
        if pd.api.types.is_numeric_dtype(cells) and kind == "number":
            continue  # Infinite numbers are noted with the table.
        there = cells.notna().to_numpy()
        if not pd.api.types.is_datetime64_any_dtype(cells) and not pd.api.types.is_numeric_dtype(cells):
            there = there & cells.astype(str).str.strip().ne("").to_numpy(dtype=bool)
        lost = there & np.isnan(values)
        if not lost.any():
            continue
        examples = listed(pd.unique(cells[lost].astype(str)).tolist()[:50])
        read, of = int(there.sum() - lost.sum()), int(there.sum())
        if read < _MOST * of:
            share = "No cell" if read == 0 else f"Only {read:,} of {of:,} cells"
            raise ColumnError(
                name,
                f"{share} of {name!r} can be read as a {kind}: for instance {examples} cannot. Choose another kind, or "
                "leave the column out on the Data page.",
            )
        found[name] = f"{read:,} of {of:,} cells are read as a {kind}, the others are missing: {examples}"
    return found
