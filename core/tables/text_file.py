"""CSV and its relatives, read by `pandas.read_csv`."""

import csv
import io
import re
from collections import Counter
from typing import Any

import pandas as pd

from core.experiment.counts import count, counted
from core.tables.dialect import dialect, parsed_rows, surplus_columns
from core.tables.errors import TableError
from core.tables.reading import Reading, listed, objects_in, reason_of

_MANY = 1 << 20  # bytes; in fewer there are never so many cells that pandas guesses types piece by piece


def read_text(name: str, content: bytes) -> Reading:
    """Read a text file of any common dialect."""
    found = dialect(name, content)
    options, notes = dict(found.options), list(found.notes)
    if len(content) > _MANY:
        options["low_memory"] = False  # else pandas guesses types piece by piece, and one column gets several
    frame = _parsed(name, content, options, notes)
    if not frame.index.equals(pd.RangeIndex(len(frame))):
        options |= surplus_columns(list(frame.columns), frame.index.nlevels, notes)
        frame = _parsed(name, content, options, notes)
    words = objects_in(frame)
    if words:  # whole numbers beyond 64 bits
        options["dtype"] = dict.fromkeys(words, "str")
        frame = pd.read_csv(io.BytesIO(content), **options)
    if "names" not in options:
        notes.extend(_names(found.header))
    return Reading(frame, "read_csv", options, notes)


def _parsed(name: str, content: bytes, options: dict[str, Any], notes: list[str]) -> pd.DataFrame:
    """pandas's reading; what it trips over is added to the options, one thing at a time."""
    while True:
        try:
            return pd.read_csv(io.BytesIO(content), **options)
        except pd.errors.EmptyDataError:
            raise TableError(f"{name} is empty: expected a line of column names and rows of values below it.") from None
        except pd.errors.ParserError as error:
            if "EOF inside string" in str(error) and "quoting" not in options:
                options["quoting"] = csv.QUOTE_NONE
                notes.append("A quotation mark is never closed, so quotation marks were read as ordinary characters.")
            elif "Expected" in str(error) and "on_bad_lines" not in options:
                options["on_bad_lines"] = "skip"
                notes.append(_long_lines(name, content, options))
            else:
                raise TableError(
                    f"{name} can't be read as a table ({reason_of(error)}): save it again as CSV in UTF-8."
                ) from None
        except (ValueError, UnicodeError) as error:
            raise TableError(
                f"{name} can't be read as a table ({reason_of(error)}): save it again as CSV in UTF-8."
            ) from None


def _long_lines(name: str, content: bytes, options: dict[str, Any]) -> str:
    """Note on the lines that `on_bad_lines="skip"` leaves out; a `TableError` if they are most of the file."""
    text = content.decode(options.get("encoding", "utf-8"))
    rows = parsed_rows(text, options.get("sep", ","), quoting=options.get("quoting", csv.QUOTE_MINIMAL))
    skipped = options.get("skiprows", 0)
    if isinstance(skipped, int):
        rows = [row for row in rows if row.first >= skipped]
    width = len(options.get("names", rows[0].cells))
    long = [row.first + 1 for row in rows[1:] if len(row.cells) > width]
    if len(long) * 2 > len(rows):
        raise TableError(
            f"{name} has {count(width, 'column name')}, but {len(long):,} of its {count(len(rows), 'line')} "
            f"{counted(len(long), 'holds', 'hold')} more cells: "
            "give each column a name, and put quotation marks around text that contains the separator."
        )
    where = f" (line {', '.join(map(str, long[:5]))}{', ...' if len(long) > 5 else ''})" if long else ""
    return f"Lines with more cells than there are column names were left out{where}."


def _names(header: list[str]) -> list[str]:
    """Notes on column names that are blank, that come twice, or that look like values."""
    notes = []
    blank = sum(not name.strip() for name in header)
    if blank:
        have = "column has no name, and is" if blank == 1 else "columns have no name, and are"
        notes.append(f"{blank} {have} called Unnamed and a number.")
    twice = [name for name, count in Counter(header).items() if count > 1 and name.strip()]
    if twice:
        notes.append(f"Several columns are called {listed(twice)}: the later ones were numbered ({twice[0]}.1).")
    if header and all(re.fullmatch(r"[-+]?\d*[.,]?\d+", name.strip()) for name in header):
        notes.append(f"The first line, {listed(header)}, looks like values: it was read as the column names.")
    return notes
