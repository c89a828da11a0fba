"""Records in the columns of Arrow's tables: their cells as columns, "product.price", down to ten records within each
other.
"""

import pyarrow as pa

_DEPTH = 10


def records_of(schema: pa.Schema) -> list[str]:
    """The columns that hold records."""
    return [field.name for field in schema if pa.types.is_struct(field.type)]


def flat_table(table: pa.Table) -> pa.Table:
    """A table with columns in the place of records; itself where there are none."""
    for _ in range(_DEPTH if records_of(table.schema) else 0):
        table = table.flatten()
    return table


def flat_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Some rows with columns in the place of records; themselves where there are none."""
    if not records_of(batch.schema):
        return batch
    table = flat_table(pa.Table.from_batches([batch])).combine_chunks()
    return pa.RecordBatch.from_arrays(
        [column.chunk(0) if column.num_chunks else pa.array([], column.type) for column in table.columns],
        schema=table.schema,
    )


def flat_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of rows with columns in the place of records."""
    return flat_table(schema.empty_table()).schema
