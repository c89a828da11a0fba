"""How the dates, times of day and durations of a column are written: whether the day or the month is first, and whether
they are dates at all.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.reading import CLOCK_DIGITS
from core.tables.calendars import CALENDARS, calendar_of, in_our_calendar, jalali_parts
from core.tables.cell_dates import cell_dates, cell_durations, cell_times, iso_moments, moment_of, seconds_of
from core.tables.cell_form import CellForm, nearly_all
from core.tables.day_names import plain_letters
from core.tables.different_cells import BLOCK, blocks

_GLANCE = 200
_MOST_LOOKED_AT = 5_000  # Different cells in which the order of day and month is looked for.
_CLOCK = re.compile(
    r"\+?\d{1,2}:\d{2}(:\d{2}([.,]\d+|:\d{3})?)?(\s*([ap]\.?m\.?|uhr|h(rs?|s)?\.?))?|\d{1,2}\s*[ap]\.?m\.?|\d{1,2}h\d{2}|\d{1,2}\.\d{2}\.\d{2}|\d{1,2}\.\d{2}\s*uhr",
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
    *("durata", "duracao", "duur", "laufzeit", "fahrzeit", "spieldauer", "varighed", "kesto", "sure", "czas"),
    *("duree", "duracion", "seconds", "minutes", "play", "playing", "playtime"),
}
_SHORT_DATE = re.compile(r"(\d\d)(?:([-/])(\d\d?)\2(\d\d?)|\.(\d\d)\.(\d\d))(?:([ T,]).*)?")  # 10.1.3 is a version.
_ENDS = {1, 28, 29, 30, 31}  # Days on which months begin and end.
_FEWEST_DAYS = 6  # Different last parts of dates whose years may be first.
_SECONDS = re.compile(r"[1-5]?\d[.,]\d{1,3}")  # As 58.43 stands beside 1:02.33.
_ZONED = re.compile(
    r".*:\d\d(?:[.,]\d+)? ?(?:[ap]\.? ?m\.?)? ?(?:(?:utc|gmt)?[-+](?!00(?::?00)?(?!\d))\d{1,2}(?::?\d\d)?"
    r"(?: [a-z]{2,5}| \d{4}| \([^)]*\))?"
    r"|(?!utc|gmt|uhr|[ap]m)[a-z]{3,4})",
    re.IGNORECASE,
)
_OF_LENGTH = re.compile(r"(?:min)?\s*/\s*(100 ?m|500 ?m|km|mi|mile)$", re.IGNORECASE)  # Behind a runner's time.
_IN_UTC = "times with a time zone, which are read in UTC"
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_LONG_YEAR = re.compile(r"\d{4}")
_BIRTHS = re.compile(
    r"birth|(?<![^\W_])(?:dob|born|geb|n\u00e9e?|nac)(?![^\W_])|geburt|geboren|naissance|nacimiento|nascimento|nascita|"
    r"urodzenia|geboorte|f\u00f8dsel|f\u00f6delse|narozen|sz\u00fclet|do\u011fum|\u0440\u043e\u0436\u0434\u0435\u043d",
    re.IGNORECASE,
)
_EARLY, _LATE = 1800, 2200
_EXCHANGED = 8  # Dates of either sort that are no chance.
MILITARY = re.compile(r"(?:[01]\d|2[0-4])[0-5]\d ?h(?:rs?|ours)?\.?", re.IGNORECASE)  # 0830h, 1430 hrs.
_MINGUO = re.compile(r"1\d\d([-/.])\d{1,2}\1\d{1,2}")
_SHORT_CLOCK = re.compile(r"-?\d{1,3}:\d{2}")
_FEWEST_CLOCKS, _LATE_CLOCK = 10, 1000  # Different times of day in digits, and one of them.
_TWO = 2  # Of dates far away more are not told apart.


def date_cells(cells: Mapping[str, int], chosen: Mapping[str, Any] = {}, name: str = "") -> CellForm:
    """How the dates of a column of words are written; `cells` is word -> how often it comes, without missing ones. In a
    column that is called by births, years of two digits from 30 on are of the twentieth century.

    With "as": "date" in `chosen` it is only asked which of day and month is first, unless "dates" says it.
    """
    by_hand = chosen.get("as") == "date"
    told = [way for way in chosen.get("dates", ()) if way in (*CALENDARS, "gregorian")]
    calendar = told[0] if told else calendar_of(itertools.islice(cells, _MOST_LOOKED_AT), name)
    if calendar in CALENDARS:
        return _of_calendar(cells, chosen, name, calendar)
    if not chosen.get("dates") and years_are_first(itertools.islice(cells, _MOST_LOOKED_AT)):
        chosen = {**chosen, "dates": ["year first"]}
    elif not by_hand and not _mostly(cells, lambda word: moment_of(word) or moment_of(word, True)):
        return CellForm()
    step = len(cells) // _MOST_LOOKED_AT + 1
    both = {word: (moment_of(word), moment_of(word, True)) for word in itertools.islice(cells, 0, None, step)}
    day = [word for word, (one, other) in both.items() if one is not None and other is None]
    month = [word for word, (one, other) in both.items() if one is None and other is not None]
    either = [word for word, (one, other) in both.items() if one is not None and other is not None and one != other]
    order = next(iter(chosen.get("dates", ())), "")
    if not order and day and month:
        if not by_hand:
            says = f"dates of which some have the day first ({day[0]}) and some the month ({month[0]})"
            return CellForm(doubt=says, settles="dates")
        order = "day first" if len(day) >= len(month) else "month first"
    if not order and either and not day and not month and not by_hand and not all("." in word for word in either):
        says = f"dates like {either[0]}, in which day and month can't be told apart"
        return CellForm(doubt=says, settles="dates")
    order = order or ("month first" if month else "day first")
    read = _ReadDates()
    births = ["births"] if _BIRTHS.search(name) and not all(map(_LONG_YEAR.search, both)) else []
    for block in blocks(cells):
        read.see(block, cell_dates(list(block), {"dates": [order, *births]}))
    if not by_hand and (not nearly_all(read.different, read.rows, cells) or read.seasons):
        serials = [word for word in read.unread if re.fullmatch(r"[2-7]\d{4}", word)]
        if serials and read.different + len(serials) >= 0.9 * len(cells):
            says = f"dates like {read.first} beside numbers like {serials[0]}"
            return CellForm(doubt=f"{says}, which a spreadsheet may have made of dates", settles="dates")
        return CellForm()
    ordered = day or month or either or order == "year first" or births
    how = {"as": "date"} | ({"dates": [order, *births]} if ordered else {})
    says = read.said(how)
    if says and (day or month) and (exchanged := _exchanged(both, either)):
        says += (
            f". Days after the 12th are text, and all others, like {exchanged}, are dates: a spreadsheet may have "
            "taken their month for the day"
        )
    return CellForm(how, read.unread, says=says)


def _of_calendar(cells: Mapping[str, int], chosen: Mapping[str, Any], name: str, calendar: str) -> CellForm:
    """How the dates of a column are written that are of another calendar."""
    ours = {word: in_our_calendar(word, calendar) for word in cells}
    counts: Counter[str] = Counter()
    for word, date in ours.items():
        counts[date] += cells[word]
    order = tuple(way for way in chosen.get("dates", ()) if way not in CALENDARS)
    found = date_cells(counts, {**chosen, "dates": (*order[:1], "gregorian") if order else ()}, name)
    if found.how is None:
        return found
    ways = [way for way in found.how.get("dates", ["day first"]) if way != "gregorian"] or ["day first"]
    unread = {word: cells[word] for word, date in ours.items() if date in found.unread}
    word = next((word for word, date in ours.items() if date != word and date not in found.unread), next(iter(cells)))
    date = cell_dates([word], {"dates": [*ways, calendar]}).iloc[0]
    says = f"dates of the {CALENDARS[calendar]} calendar like {word}, read as {date:%Y-%m-%d}"
    return CellForm({**found.how, "dates": [*ways, calendar]}, unread, says=says)


def _exchanged(both: Mapping[str, Any], either: list[str]) -> str:
    """One of the dates of a column in which each text has a day after the 12th, and each moment, as a spreadsheet types
    it, one before; else "". So a spreadsheet leaves 15/01/2024 where it takes 02/01/2024 for February the 1st.
    """
    typed = [word for word in both if _ISO.fullmatch(word)]
    few = min(len(typed), len(both) - len(typed)) < _EXCHANGED
    if few or either or any(int(word[8:10]) > 12 for word in typed):
        return ""
    return typed[0][:10]


class _ReadDates:
    """What is to be known of the dates of a column, of which some thousands are looked at at a time.

    Attributes:
        different, rows: How many different words are dates, and in how many rows they stand.
        first: The first of them.
        unread: Words that are no dates -> in how many rows they stand.
        seasons: Whether all dates are two years each.
    """

    def __init__(self) -> None:
        self.different = self.rows = 0
        self.first = ""
        self.unread: dict[str, int] = {}
        self.seasons = True
        self._other = self._short = ""  # The first that is not written as ISO 8601, and of these with a short year.
        self._far: list[str] = []
        self._year_of_short = 0
        self._zoned = False

    def see(self, block: Mapping[str, int], dates: pd.Series) -> None:
        """Looks at some of the words, word -> how often it comes, and at the moments that they are."""
        for (word, often), year in zip(block.items(), dates.dt.year.fillna(0).astype(int).tolist(), strict=True):
            if not year:
                self.unread[word] = often
                continue
            self.first = self.first or word
            self._zoned = self._zoned or (self.different < _GLANCE and _ZONED.fullmatch(word) is not None)
            self.different += 1
            self.rows += often
            self.seasons = self.seasons and _is_season(word)
            if not self._short and not _LONG_YEAR.search(word):
                self._short, self._year_of_short = word, year
            if not self._other and not _ISO.fullmatch(word):
                self._other = word
            if len(self._far) < _TWO and not _EARLY <= year <= _LATE:
                self._far.append(word)

    def said(self, how: Mapping[str, Any]) -> str:
        """What is said of dates that are not written as ISO 8601, and of years that are far away or of two digits."""
        parts = []
        if self._other:
            order = (
                f", {how['dates'][0].removesuffix(' first')} before {'day' if 'month' in how['dates'][0] else 'month'}"
                if "dates" in how
                else ""
            )
            of = self.rows + sum(self.unread.values())
            parts.append(f"dates like {self._other}{order}: {self.rows:,} of {of:,} cells were read")
            if self._short:
                parts.append(f"{self._short} is of {self._year_of_short}")
            if "births" in how.get("dates", ()):
                parts.append("years from 30 on are read as 1930 to 1999, as in dates of birth")
        if self._zoned:
            parts.append(_IN_UTC)
        if far := _said_of_years(self._far):
            parts.append(far)
        return "; ".join(parts)


def plain_dates(column: pd.Series) -> str | None:
    """What is to be said of a column of text whose cells are all written like 2021-10-05 14:30, as `date_cells` says
    it; None where some are not.
    """
    if not isinstance(column.dtype, pd.StringDtype) or not column.head(_GLANCE).str.match(r"\d{4}-\d{2}-\d{2}").all():
        return None
    dates = 0
    far: dict[str, None] = {}
    for start in range(0, len(column), BLOCK):
        texts = column.iloc[start : start + BLOCK].dropna()
        values = iso_moments(texts)
        if np.isnat(values).any():
            return None
        dates += len(texts)
        years = values.astype("datetime64[Y]").astype(int) + 1970
        if len(far) < _TWO:
            far |= dict.fromkeys(texts[(years < _EARLY) | (years > _LATE)])
    if not dates:
        return None
    if far and calendar_of(column.dropna().unique()[:_MOST_LOOKED_AT], str(column.name)):
        return None
    zoned = column.head(_GLANCE).dropna().str.fullmatch(_ZONED.pattern, case=False).any()
    return "; ".join(filter(None, [_IN_UTC if zoned else "", _said_of_years([word.strip() for word in far])]))


def years_are_first(words: Iterable[str]) -> bool:
    """Whether dates like 23/03/05 begin with the year: the last parts are days, and far more different ones than the
    first parts, or a first part can be no day.
    """
    found = [_SHORT_DATE.fullmatch(word) for word in words]
    dates = [(int(one[1]), int(one[3] or one[5]), int(one[4] or one[6])) for one in found if one]
    if len(dates) < 0.9 * len(found) or not dates:
        return False
    firsts, months, lasts = (set(part) for part in zip(*dates, strict=True))
    if not (min(months) >= 1 and max(months) <= 12 and min(lasts) >= 1 and max(lasts) <= 31):
        return False
    if (
        0 in firsts or max(firsts) > 31 or all(one and one[2] == "-" and one[7] == "T" for one in found)
    ):  # As in ISO 8601.
        return True
    return len(lasts) >= max(_FEWEST_DAYS, 2 * len(firsts)) and not firsts <= _ENDS


def may_be_date(cell: str) -> bool:
    """Whether a cell is written like a date, a time of day or a duration."""
    likely = (
        jalali_parts(cell)
        or _MINGUO.fullmatch(cell)
        or moment_of(cell)
        or moment_of(cell, True)
        or _CLOCK.fullmatch(cell)
        or _SHORT_DATE.fullmatch(cell)
    )
    return bool(likely) or not math.isnan(seconds_of(cell))


def _mostly(words: Iterable[str], reads: Any) -> bool:
    glance = list(itertools.islice(words, _GLANCE))
    return sum(bool(reads(word)) for word in glance) >= 0.5 * len(glance)


def _is_season(word: str) -> bool:
    """Whether a year and a month are two years: 2009-10."""
    pair = re.fullmatch(r"(\d{4})[-/](\d{2})", word)
    return pair is not None and (int(pair[1]) + 1) % 100 == int(pair[2])


def _said_of_years(far: list[str]) -> str:
    """What is said of dates whose years are far away."""
    return f"{'years' if len(far) > 1 else 'a year'} far away, like {far[0]}" if far else ""


def clock_digits(cells: Iterable[str]) -> str:
    """ "HHMM" where all of at least ten different words are hours and minutes in digits alone, up to 2400: 517, "0930";
    "HHMMSS" where they are hours, minutes and seconds: 51702, "093000"; else "".
    """
    different = 0
    largest = 0
    short = long = True
    for word in cells:
        if re.fullmatch("[0-9]{1,6}", word) is None:
            return ""
        number = int(word)
        short = short and number % 100 < 60 and number <= 2400 and len(word) <= 4
        long = long and number % 100 < 60 and number // 100 % 100 < 60 and number <= 240_000
        if not short and not long:
            return ""
        different, largest = different + 1, max(largest, number)
    if different < _FEWEST_CLOCKS:
        return ""
    if short:
        return "HHMM" if largest >= _LATE_CLOCK else ""
    return "HHMMSS" if largest >= 100 * _LATE_CLOCK else ""


def order_of_clock(words: Iterable[str], usual: float | None) -> tuple[str, str]:
    """Whether durations like 3:15 are hours and minutes or minutes and seconds, whichever is nearer to `usual` seconds,
    and one of them; "" where there are none.
    """
    short = [word for word in words if _SHORT_CLOCK.fullmatch(word.strip())]
    minutes = float(cell_durations(short, {}).abs().median()) if short else 0.0
    if not minutes > 0:
        return "", ""
    hours = usual is not None and usual > 0 and usual * usual > 60 * minutes * minutes
    return ("hours first" if hours else "minutes first"), short[0]


def clock_cells(
    cells: Mapping[str, int], name: str, chosen: Mapping[str, Any] = {}, typed: Collection[str] = ()
) -> CellForm:
    """Whether a column of words holds times of day or durations, which both may be written as 08:30.

    A column's name tells them apart, and hours from 24 on. `typed` are the words that a workbook types as durations:
    text like 3:15 beside them is hours and minutes where that is nearer to their size.
    """
    kind = chosen.get("as")
    seconds = {word: seconds_of(word) for word in itertools.islice(cells, _GLANCE)} if kind is None else {}
    if kind is None:
        clocks = [word for word in seconds if _CLOCK.fullmatch(word) or MILITARY.fullmatch(word)]
        plain = sum(_SECONDS.fullmatch(word) is not None for word in seconds)
        spelt = sum(value == value for value in seconds.values()) - plain
        if max(len(clocks), spelt + (plain if spelt >= 0.1 * len(seconds) else 0)) < 0.5 * len(seconds):
            return CellForm()
        words = plain_letters(re.sub(r"([a-z])([A-Z])", r"\1 \2", name)).replace("_", " ").split()
        named = {*words} & _OF_DURATIONS
        whole_day = (
            clocks
            and not any(word[:1] == "+" for word in clocks)
            and cell_times(clocks, {}).notna().sum() >= 0.9 * max(len(clocks), spelt)
        )
        kind = "time" if whole_day and not named else "duration"
    lengths: dict[str, str] = {}
    for word in seconds:
        if found := _OF_LENGTH.search(word):
            lengths.setdefault(found[1].lower(), word)
    if kind == "duration" and len(lengths) > 1:
        return CellForm(doubt=f"times for different lengths, like {' and '.join(list(lengths.values())[:2])}")
    behind = [word for word in seconds if word[:1] == "+"]
    if behind and any(value > 0 for word, value in seconds.items() if word not in behind):
        return CellForm()  # The winner's time, and how long after it the others came.
    unread: dict[str, int] = {}
    read, short = 0, ""
    order = "hours first" if "hours first" in chosen.get("dates", ()) else "minutes first"
    if typed and not chosen.get("dates") and kind == "duration":
        some = [word for word in itertools.islice(cells, _MOST_LOOKED_AT) if word not in typed]
        order = order_of_clock(some, float(cell_durations(list(typed), {}).median()))[0] or order
    told = next((way for way in chosen.get("dates", ()) if way in CLOCK_DIGITS), "")
    digits = (told or clock_digits(cells)) if kind == "time" else ""
    for block in blocks(cells):
        how = {"dates": [digits or order]}
        values = cell_times(list(block), how) if kind == "time" else cell_durations(list(block), how)
        for (word, often), there in zip(block.items(), values.notna().tolist(), strict=True):
            if there:
                read += often
                short = short or (word if word.count(":") == 1 and word[-1:].isdigit() else "")
            else:
                unread[word] = often
    if chosen.get("as") is None and not nearly_all(len(cells) - len(unread), read, cells):
        return CellForm()
    first = next(iter(cells))
    if kind == "time":
        parts = "hours, minutes and seconds" if digits == "HHMMSS" else "hours and minutes"
        written = f" ({parts}: {int(first):0{len(digits)}})" if digits and first.isdecimal() else ""
        written = f" ({parts})" if digits == "HH.MM" else written
        says = f"times of day like {first}{written}, read as hours since midnight"
        return CellForm({"as": "time", "unit": "h"} | ({"dates": [digits]} if digits else {}), unread, says=says)
    length = next(iter(lengths), "")
    parts = f" ({'hours and minutes' if order == 'hours first' else 'minutes and seconds'})" if short else ""
    says = f"durations like {short or first}{parts}, read as seconds"
    return CellForm(
        {"as": "duration", "unit": f"s/{length}" if length else "s"} | ({"dates": [order]} if short else {}),
        unread,
        says=says,
    )
