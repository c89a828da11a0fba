"""Dates in digits alone whose numbers are not known to be dates, 240131 and 2024031, below a name that says so."""

from collections.abc import Iterable, Iterator

import numpy as np

from core.experiment.columns import Column, Hint
from core.tables.cell_dates import cell_dates
from core.tables.cells import Cells
from core.tables.guess import names_dates

_SHORT = ("YYMMDD", "DDMMYY", "MMDDYY")
# Digits of the longest number -> the ways in which it may be a date.
_WAYS = {
    5: ("YYDDD", *_SHORT),
    6: _SHORT,
    7: ("YYYYDDD", "DDMMYYYY", "MMDDYYYY"),
    8: ("DDMMYYYY", "MMDDYYYY"),
}
_SERIAL = 25_569  # Of 1970-01-01 in a spreadsheet.
_FEWEST = 10  # Different dates.
_FIRST, _LAST = np.datetime64("1920-01-01"), np.datetime64("2060-01-01")
_SURE = 0.5  # Of the span of any other way.


def date_digits(words: Iterable[str]) -> str:
    """The way, "YYMMDD" or its like, in which all of at least ten different words are dates; "" where there is none, or
    several that can't be told apart. Of several it is the one whose dates are nearest to each other.
    """
    words = [str(word) for word in words]
    if len(words) < _FEWEST or not all(word.isdecimal() and word.isascii() for word in words):
        return ""
    spans: dict[str, float] = {}
    for way in _WAYS.get(max(map(len, words)), ()):
        dates = cell_dates(words, {"dates": [way]}).to_numpy(dtype="datetime64[us]")
        if not np.isnat(dates).any() and dates.min() >= _FIRST and dates.max() < _LAST:
            spans[way] = (dates.max() - dates.min()) / np.timedelta64(1, "D")
    likely = sorted(spans, key=lambda way: spans[way])
    sure = len(likely) == 1 or (len(likely) > 1 and spans[likely[0]] <= _SURE * spans[likely[1]])
    return likely[0] if sure else ""


def dates_in_digits(column: Column, cells: Cells) -> Iterator[Hint]:
    """The hint that digits may be dates."""
    serials = cells.sort == "date" and cells.counted == "Excel serials"  # 40131 may be 040131 without its zero, too.
    if not (serials or (cells.sort in ("int", "text", "float") and column.kind != "date")):
        return
    if not names_dates(column.name):
        return
    values = (cells.values + _SERIAL).astype(int) if serials else cells.as_codes().values
    words = [str(value).strip() for value in values.tolist()]
    way = date_digits(words)
    if not way or (serials and way == "YYDDD"):
        return
    date = cell_dates([words[0]], {"dates": [way]}).iloc[0]
    says = (
        f"The numbers of {column.name!r} may be dates, {words[0]} for {date:%Y-%m-%d}: as amounts they have no even "
        "steps."
    )
    fix = {"reading": {"columns": {column.name: {"as": "date", "dates": [way]}}}}
    yield Hint(kind="date", text=says, column=column.name, action="Read as dates", fix=fix)
