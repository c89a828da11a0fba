"""What a table may not exceed, whatever its file: columns, the length of their names, the length of cells."""

from collections.abc import Sequence

import pandas as pd

from core.experiment.spec import LONGEST_NAME
from core.tables.errors import TableError

MOST_COLUMNS = 20_000
LONGEST_CELL = 1_000_000  # Signs.
# Bytes unpacked, and times the bytes packed, which no table comes near together; of a workbook's XML, which takes far
# longer to read, fewer.
_GROWN, _TIMES = 100_000_000, 200
OF_XML = (20_000_000, 100)
_SHOWN = 40  # Signs of a name in a sentence.


def check_names(file: str, names: Sequence[str]) -> None:
    """Raises TableError for too many columns, and for a name that no experiment can hold."""
    if len(names) > MOST_COLUMNS:
        raise TableError(
            f"{file} has more than {MOST_COLUMNS:,} columns: leave out those from "
            f"{shortened_name(names[MOST_COLUMNS])} on, or upload the table transposed."
        )
    for place, name in enumerate(names, 1):
        if len(name) > LONGEST_NAME:
            raise TableError(
                f"Column {place:,} of {file}, {shortened_name(name)}, has a name of {len(name):,} characters, "
                f"more than {LONGEST_NAME:,}: shorten it."
            )


def check_growth(file: str, packed: int, unpacked: int, limits: tuple[int, int] = (_GROWN, _TIMES)) -> None:
    """Raises TableError for a file that unpacks to very many times its bytes, as one that is made to fill a memory."""
    grown, times = limits
    if unpacked > grown and unpacked > times * packed:
        raise TableError(
            f"{file} unpacks to more than {times} times its size, beyond {grown / 1e6:,.0f} MB: upload a part of its "
            "rows, or save it as CSV without compression."
        )


def check_cells(file: str, frame: pd.DataFrame) -> None:
    """Raises TableError for a cell of words that is longer than any text in a table."""
    for name, dtype in frame.dtypes.items():
        if isinstance(dtype, pd.StringDtype) and (longest := frame[name].str.len().max()) > LONGEST_CELL:
            raise TableError(
                f"A cell of column {shortened_name(str(name))} of {file} holds {int(longest):,} characters, more than "
                f"{LONGEST_CELL:,}: "
                "shorten or remove it."
            )


def shortened_name(name: str) -> str:
    """A column's name in a sentence, in quotes and cut."""
    return repr(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}...")
