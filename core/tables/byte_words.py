"""Words that a file of Arrow's tables holds as bytes.

The printed program carries the source of these functions.
"""

from typing import Any


def with_words(table: Any) -> Any:
    """The table with words in the place of bytes that are all UTF-8 without control characters, as Hive, Impala and old
    Spark write words; itself where there are none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, field in enumerate(table.schema):
        if field.type in (pa.binary(), pa.large_binary()):
            try:
                words = table.column(at).cast(pa.large_string() if field.type == pa.large_binary() else pa.string())
            except pa.ArrowInvalid:
                continue
            if not pc.any(pc.match_substring_regex(words, r"[\x00-\x08\x0e-\x1f]")).as_py():
                table = table.set_column(at, field.name, words)
    return table
