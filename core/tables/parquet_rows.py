"""A Parquet file whose rows are read a block at a time, never all at once.

table = ParquetRows(path)                    only the file's metadata is read
for first, block in table.blocks(columns)    Arrow record batches, in the file's order
table.at(positions, columns)                 some rows as a frame
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.experiment.reading import ColumnReading, as_json
from core.tables.arrow_records import flat_batch, flat_schema
from core.tables.cell_values import CELL_READERS, with_values

GROUP = 16_384  # Rows of a row group of the files that the workspace keeps: what is drawn in another order each epoch.
BLOCK = 16_384  # Rows read at once, at most.
_TEXT = 24  # Bytes of a cell of words beside its letters.


class ParquetRows:
    """The rows of a Parquet file.

    Attributes:
        rows: Their number.
        names: The columns that are read, in the file's order.
        groups: Number of rows of each row group.
        most: Rows of the largest frame that was made so far: what was ever in memory at once.

    Args:
        options: Keyword arguments with which `pandas.read_parquet` gives the table.
        readings: Column -> how its cells become values, as `with_values` takes it; columns of values stay as they are.
    """

    def __init__(
        self,
        path: Path | pa.Buffer,
        options: dict[str, Any] | None = None,
        readings: Mapping[str, ColumnReading] = {},
    ) -> None:
        self.path, options = path, options or {}
        self._readings = as_json(readings)
        about = pq.read_metadata(self._file())
        schema = flat_schema(about.schema.to_arrow_schema())
        self.names: list[str] = list(options.get("columns", schema.names))
        self.rows: int = about.num_rows
        self.groups = np.array([about.row_group(at).num_rows for at in range(about.num_row_groups)], dtype="int64")
        self.starts = np.concatenate([[0], np.cumsum(self.groups)])
        self.most = 0
        self._made = {"date_as_object": False, **options.get("to_pandas_kwargs", {})}
        self._sizes = _cell_sizes(about, schema)

    def _file(self) -> Any:
        return self.path if isinstance(self.path, Path) else pa.BufferReader(self.path)

    def bytes_of(self, columns: Sequence[str] | None = None) -> int:
        """About how many bytes a row of these columns takes as a frame."""
        return int(np.ceil(sum(self._sizes[name] for name in (columns or self.names))))

    def blocks(
        self, columns: Sequence[str], groups: Sequence[int] | None = None, block: int = BLOCK
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """(position of its first row, block) of all row groups or of these, in their order; each block is of one row
        group.
        """
        # Without its own reading ahead, which takes the bytes of a whole row group.
        with pq.ParquetFile(self._file(), pre_buffer=False, buffer_size=1 << 20) as file:
            for group in range(len(self.groups)) if groups is None else groups:
                first = int(self.starts[group])
                for batch in file.iter_batches(
                    block, row_groups=[int(group)], columns=list(columns), use_threads=False
                ):
                    yield first, flat_batch(batch).select(list(columns))
                    first += batch.num_rows

    def at(self, positions: np.ndarray, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The rows at some positions, which ascend; row groups without one of them are not read."""
        columns = columns or self.names
        groups = np.unique(np.searchsorted(self.starts, positions, side="right") - 1)
        taken, schema = [], None
        for first, batch in self.blocks(columns, groups.tolist()):
            schema = batch.schema
            low, high = np.searchsorted(positions, [first, first + batch.num_rows])
            if high > low:
                taken.append(batch.take(pa.array(positions[low:high] - first)))
        return self.frame(pa.Table.from_batches(taken, schema))

    def read(self, columns: Sequence[str]) -> pd.DataFrame:
        """These columns whole."""
        return self.frame(pa.Table.from_batches([batch for _, batch in self.blocks(list(dict.fromkeys(columns)))]))

    def frame(self, rows: pa.RecordBatch | pa.Table) -> pd.DataFrame:
        """Some rows as pandas has them."""
        self.most = max(self.most, rows.num_rows)
        table = (pa.Table.from_batches([rows]) if isinstance(rows, pa.RecordBatch) else rows).unify_dictionaries()
        frame = table.to_pandas(**self._made).reset_index(drop=True)
        return with_values(frame, self._readings, CELL_READERS) if self._readings else frame


def _cell_sizes(about: pq.FileMetaData, schema: pa.Schema) -> dict[str, float]:
    """Column -> bytes of one of its cells in memory, as far as the metadata tells."""
    stored: dict[str, int] = {}
    for group in range(about.num_row_groups):
        row_group = about.row_group(group)
        for at in range(row_group.num_columns):
            column = row_group.column(at)
            stored[column.path_in_schema] = stored.get(column.path_in_schema, 0) + column.total_uncompressed_size
    sizes = {}
    for field in schema:
        try:
            sizes[field.name] = max(1.0, field.type.bit_width / 8)
        except ValueError:  # Of no fixed width: words.
            sizes[field.name] = _TEXT + stored.get(field.name, 0) / max(1, about.num_rows)
    return sizes


def write_blocks(path: Path, table: ParquetRows) -> None:
    """Writes a table as a Parquet file of small row groups; days become moments, as pandas has them."""
    writer = None
    for _, batch in table.blocks(table.names, block=GROUP):
        days = [
            field.with_type(pa.timestamp("ms")) if pa.types.is_date(field.type) else field for field in batch.schema
        ]
        writer = writer or pq.ParquetWriter(path, pa.schema(days))
        writer.write_table(pa.Table.from_batches([batch]).cast(pa.schema(days)))
    if writer:
        writer.close()
