"""How the dates, times of day and durations of a column are written: whether the day or the month is first, and whether
they are dates at all.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.tables.cell_dates import cell_dates, cell_durations, cell_times, iso_moments, moment_of, seconds_of
from core.tables.cell_reading_numbers import CellForm, nearly_all

_GLANCE = 200
_MOST_LOOKED_AT = 5_000  # Different cells in which the order of day and month is looked for.
_CLOCK = re.compile(
    r"\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?(\s*([ap]\.?m\.?|uhr))?|\d{1,2}\s*[ap]\.?m\.?|\d{1,2}h\d{2}|\d{1,2}\.\d{2}\s*uhr",
    re.IGNORECASE,
)
_OF_DURATIONS = {
    *(
        "duration",
        "dauer",
        "elapsed",
        "length",
        "pace",
        "lap",
        "laps",
        "laptime",
        "runtime",
        "taken",
        "split",
        "splits",
    ),
    *("duree", "duracion", "seconds", "minutes", "play", "playing", "playtime"),
}
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_EARLY, _LATE = 1800, 2200


def date_cells(cells: Mapping[str, int], chosen: Mapping[str, Any] = {}) -> CellForm:
    """How the dates of a column of words are written; `cells` is word -> how often it comes, without missing ones.

    With "as": "date" in `chosen` it is only asked which of day and month is first, unless "dates" says it.
    """
    by_hand = chosen.get("as") == "date"
    words = list(cells)
    if not by_hand and not _mostly(words, lambda word: moment_of(word) or moment_of(word, True)):
        return CellForm()
    step = len(words) // _MOST_LOOKED_AT + 1
    both = {word: (moment_of(word), moment_of(word, True)) for word in words[::step]}
    day = [word for word, (one, other) in both.items() if one is not None and other is None]
    month = [word for word, (one, other) in both.items() if one is None and other is not None]
    either = [word for word, (one, other) in both.items() if one is not None and other is not None and one != other]
    order = next(iter(chosen.get("dates", ())), "")
    if not order and day and month:
        if not by_hand:
            return CellForm(doubt=f"dates of which some have the day first ({day[0]}) and some the month ({month[0]})")
        order = "day first" if len(day) >= len(month) else "month first"
    if not order and either and not day and not month and not by_hand and not all("." in word for word in either):
        return CellForm(doubt=f"dates like {either[0]}, in which day and month can't be told apart")
    order = order or ("month first" if month else "day first")
    dates = cell_dates(words, {"dates": [order]})
    years = {word: year for word, year in zip(words, dates.dt.year.fillna(0).astype(int).tolist(), strict=True) if year}
    read = cells if len(years) == len(cells) else {word: cells[word] for word in years}
    if not by_hand and (not nearly_all(read, cells) or _are_seasons(list(read))):
        serials = [word for word in cells if word not in read and re.fullmatch(r"[2-7]\d{4}", word)]
        if serials and len(read) + len(serials) >= 0.9 * len(cells):
            says = f"dates like {next(iter(read))} beside numbers like {serials[0]}"
            return CellForm(doubt=f"{says}, which a spreadsheet may have made of dates")
        return CellForm()
    unread = {word: often for word, often in cells.items() if word not in read}
    how = {"as": "date"} | ({"dates": [order]} if day or month or either else {})
    return CellForm(how, unread, says=_said(years, sum(read.values()), sum(cells.values()), how))


def plain_dates(column: pd.Series) -> str | None:
    """What is to be said of a column of text whose cells are all written like 2021-10-05 14:30, as `date_cells` says
    it; None where some are not.
    """
    if not isinstance(column.dtype, pd.StringDtype) or not column.head(_GLANCE).str.match(r"\d{4}-\d{2}-\d{2}").all():
        return None
    texts = column.dropna()
    values = iso_moments(texts)
    if not len(texts) or np.isnat(values).any():
        return None
    years = values.astype("datetime64[Y]").astype(int) + 1970
    far = texts[(years < _EARLY) | (years > _LATE)].drop_duplicates().str.strip()
    return _said_of_years(far.tolist())


def may_be_date(cell: str) -> bool:
    """Whether a cell is written like a date, a time of day or a duration."""
    return bool(moment_of(cell) or moment_of(cell, True) or _CLOCK.fullmatch(cell)) or not math.isnan(seconds_of(cell))


def _mostly(words: list[str], reads: Any) -> bool:
    glance = words[:_GLANCE]
    return sum(bool(reads(word)) for word in glance) >= 0.5 * len(glance)


def _are_seasons(words: list[str]) -> bool:
    """Whether years and months are two years each: 2009-10, 2010-11."""
    pairs = (re.fullmatch(r"(\d{4})[-/](\d{2})", word) for word in words)
    return all(pair is not None and (int(pair[1]) + 1) % 100 == int(pair[2]) for pair in pairs)


def _said(years: Mapping[str, int], cells: int, of: int, how: Mapping[str, Any]) -> str:
    """What is said of dates that are not written as ISO 8601, and of years that are far away or of two digits; `years`
    is a date's word -> its year.
    """
    parts = []
    if other := [word for word in years if not _ISO.fullmatch(word)]:
        order = (
            f", {how['dates'][0].removesuffix(' first')} before {'month' if 'day' in how['dates'][0] else 'day'}"
            if "dates" in how
            else ""
        )
        parts.append(f"dates like {other[0]}{order}: {cells:,} of {of:,} cells were read")
        if short := [word for word in other if not re.search(r"\d{4}", word)]:
            parts.append(f"{short[0]} is of {years[short[0]]}")
    if far := _said_of_years([word for word, year in years.items() if not _EARLY <= year <= _LATE]):
        parts.append(far)
    return "; ".join(parts)


def _said_of_years(far: list[str]) -> str:
    """What is said of dates whose years are far away."""
    return f"{'years' if len(far) > 1 else 'a year'} far away, like {far[0]}" if far else ""


def clock_cells(cells: Mapping[str, int], name: str, chosen: Mapping[str, Any] = {}) -> CellForm:
    """Whether a column of words holds times of day or durations, which both may be written as 08:30.

    A column's name tells them apart, and hours from 24 on.
    """
    kind, words = chosen.get("as"), list(cells)
    seconds = {word: seconds_of(word) for word in words[:_GLANCE]} if kind is None else {}
    if kind is None:
        clocks = [word for word in seconds if _CLOCK.fullmatch(word)]
        if max(len(clocks), sum(value == value for value in seconds.values())) < 0.5 * len(seconds):
            return CellForm()
        named = set(re.sub(r"([a-z])([A-Z])", r"\1 \2", name).lower().replace("_", " ").split()) & _OF_DURATIONS
        whole_day = cell_times(clocks, {}).notna().sum() >= 0.9 * len(seconds)
        kind = "time" if whole_day and not named else "duration"
    values = cell_times(words, {}) if kind == "time" else cell_durations(words, {})
    read = {word: cells[word] for word, there in zip(words, values.notna(), strict=True) if there}
    if chosen.get("as") is None and not nearly_all(read, cells):
        return CellForm()
    unread = {word: often for word, often in cells.items() if word not in read}
    if kind == "time":
        says = f"times of day like {words[0]}, read as hours since midnight"
        return CellForm({"as": "time", "unit": "h"}, unread, says=says)
    short = any(word.count(":") == 1 for word in read)
    says = f"durations like {words[0]}{' (minutes and seconds)' if short else ''}, read as seconds"
    return CellForm({"as": "duration", "unit": "s"}, unread, says=says)
