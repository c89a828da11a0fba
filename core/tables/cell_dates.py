"""Cells to moments, times of day and durations, however they are written.

A date's parts may stand in any order, with any sign between them, and a month may be a name. Only of "05/03/2021" a way
must say whether the day is first or the month: "day first" or "month first"; of "23/03/05" it may be "year first". Of
numbers the way says what they count.

The printed program carries the source of the functions it needs.
"""

import datetime
import math
import re
from typing import Any

import numpy as np
import pandas as pd

from core.tables.calendars import in_our_calendar
from core.tables.cell_numbers import cell_text, number_text
from core.tables.clock_digits import clock_of_digits, date_of_digits
from core.tables.date_forms import date_form, named_date_form
from core.tables.day_names import is_weekday, month_of, plain_moment, plain_quarter, with_whole_year


def cell_dates(cells: list[Any], how: dict[str, Any]) -> pd.Series:
    """Moments in microseconds, those with a zone in UTC, NaT for what is no date; None where a cell is missing."""
    order = how.get("dates", ["day first"])[0]
    month_first = order == "month first"
    words = [None if cell is None else cell_text(cell) for cell in cells]
    digits = re.fullmatch("[YMD]+", order) is not None
    words = [word and date_of_digits(word, order) for word in words] if digits else words
    for calendar in set(how.get("dates", ())).intersection(("buddhist", "jalali", "minguo")):
        words = [word and in_our_calendar(word, calendar) for word in words]
    written, words = words, [word and with_whole_year(word) for word in words] if order == "year first" else words
    texts = pd.Series(words, dtype="str")
    values = iso_moments(texts)
    rest = texts.where(np.isnat(values) & texts.str.match(r"\d").fillna(False).astype(bool))
    if form := date_form(next(iter(rest.dropna()), ""), month_first):  # Read a hundred times faster than one by one.
        values = np.where(
            rest.isna(), values, pd.to_datetime(rest, errors="coerce", format=form).astype("datetime64[us]")
        )
    left = np.flatnonzero(np.isnat(values) & texts.notna().to_numpy())
    form, shape = named_date_form(words[left[0]] or "", month_first) if len(left) else ("", "")
    if form:
        alike = texts.iloc[left]
        alike = alike[alike.str.fullmatch(shape).astype(bool)]
        moments = pd.to_datetime(alike, errors="coerce", format=form).astype("datetime64[us]")
        values[alike.index] = moments.to_numpy()
        left = left[np.isnat(values[left])]
    known: dict[str, tuple[int, int, int] | None] = {}  # Many moments are of one day.
    for at in left.tolist():
        cell = cells[at]
        moment = moment_of(cell if isinstance(cell, int | float) and not digits else words[at], month_first, known)
        values[at] = np.datetime64("NaT") if moment is None else moment
    if "births" in how.get("dates", ()):  # Years of two digits: none is born after 2029.
        for at in np.flatnonzero(values >= np.datetime64("2030-01-01")).tolist():
            if not re.search(r"\d{4}", written[at] or ""):
                moment = values[at].astype("datetime64[us]").item()
                values[at] = moment.replace(year=moment.year - 100)
    return pd.Series(values)


def iso_moments(texts: pd.Series) -> np.ndarray:
    """The moments of texts like 2021-10-05, 2021-10-05 14:30:15.25 and 2021-10-05T14:30:00+02:00; NaT for all else."""
    day, zone = r"\d{4}-\d{2}-\d{2}", r"(Z|[-+](0\d|1[0-4]):?[0-5]\d)"
    plain = texts.str.fullmatch(day + r"([T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?)?").fillna(False).astype(bool)
    values = np.full(len(texts), "NaT", dtype="datetime64[us]")
    if plain.any():
        moments = pd.to_datetime(texts[plain].str.slice(0, 26), errors="coerce", format="ISO8601")
        values[plain] = moments.astype("datetime64[us]").to_numpy()
    if not plain.all():
        zoned = texts.str.fullmatch(day + r"[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,6})?)?" + zone).fillna(False).astype(bool)
        moments = pd.to_datetime(texts[zoned], errors="coerce", format="ISO8601", utc=True).dt.tz_localize(None)
        values[zoned] = moments.astype("datetime64[us]").to_numpy()
    first, last = np.datetime64("0001-01-01"), np.datetime64("9999-12-31T23:59:59.999999")
    return np.where((values >= first) & (values <= last), values, np.datetime64("NaT"))


def moment_of(
    cell: Any, month_first: bool = False, known: dict[str, tuple[int, int, int] | None] | None = None
) -> datetime.datetime | None:
    """The moment that a cell names, without its zone; None where it names none. `known` keeps the days of texts that
    were read before.

    "Oct 05, 2021", "5. Oktober 2021 14:30", "05/10/21 2:30 PM", "2021-10-05T14:30:00+02:00" (12:30 of UTC), "Oct 2021";
    a number among dates is a serial of Excel.
    """
    if isinstance(cell, int | float):
        in_excel = 20_000 <= cell <= 80_000
        return datetime.datetime(1899, 12, 30) + datetime.timedelta(days=float(cell)) if in_excel else None
    text = clock_behind(plain_moment(number_text(cell).lower()))
    zones = {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}  # Of RFC 822.
    zones |= {"wet": 0, "west": 1, "cet": 1, "cest": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "bst": 1}
    zones |= {"mez": 1, "mesz": 2, "oez": 2, "oesz": 3, "hnec": 1, "heec": 2, "kst": 9, "aest": 10, "aedt": 11}
    beside = r"at|um|om|klo?\.?|klockan|l\u00fac|\u00e0s|a las|alle|ore|\u00e0|ob|o godz\.|\u0432"
    clock = re.search(
        rf"(?:^|(?<=\d)t|[\s,]+(?:(?:{beside})\s+)?)"
        r"(\d{1,2})(?:[:h.](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*"
        r"(?:([ap]\.?m\.?)|uhr)?"
        rf"\s*(z|utc|gmt|{'|'.join(zones)}|(?:utc|gmt)?[-+]\d{{1,2}}:?(?:\d{{2}})?)?$",
        text,
    )
    if clock and not (clock[2] or clock[5]):
        clock = None  # A number alone is no time.
    text = text[: clock.start()] if clock else text
    days = {} if known is None else known
    if text not in days:
        days[text] = day_of(text, month_first)
    day = days[text]
    if day is None or clock is None:
        return day and datetime.datetime(*day)
    hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3))
    if clock[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock[5][0] == "p" else 0)
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and minute + second > 0):
        return None
    micros = int((clock[4] or "").ljust(6, "0")[:6])
    zone = re.search(r"([-+])(\d{1,2}):?(\d{2})?$", clock[6] or "")
    west = -60 * zones.get(clock[6] or "", 0)
    if zone:
        west = (1 if zone[1] == "-" else -1) * (60 * int(zone[2]) + int(zone[3] or 0))
    try:
        return datetime.datetime(*day) + datetime.timedelta(
            hours=hour, minutes=minute + west, seconds=second, microseconds=micros
        )
    except OverflowError:
        return None


def clock_behind(text: str) -> str:
    """A moment with its clock behind its day: "14:30 5 oct 2021", "tue oct 5 14:30:15 2021" as the command `date` has
    it, "05/oct/2021:14:30:15" of a web server, "05oct2021:14:30:15" of SAS, "20211005t143015", "2021-10-05-14.30.15"
    and "05-oct-21 02.30.15 pm" of a database, and "... gmt+0200 (cest)" of a browser without its last word;
    "14:30:15:123" has 123 milliseconds.
    """
    text = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
    if ":" not in text:
        day = r"\d{4}-\d\d?-\d\d?|\d\d?[./]\d\d?[./]\d{4}"
        text = re.sub(rf"^({day}) (\d\d?)\.(\d\d)\.(\d\d)$", r"\1 \2:\3:\4", text)
        text = re.sub(r"^(\d{4}([-/.])\d{1,2}\2\d{1,2}) (\d\d)$", r"\1 \3:00", text)  # Of measurements each hour.
        text = re.sub(r"^(\d{4})(\d\d)(\d\d)[t ](\d\d)(\d\d)(\d\d)?(?=z?$)", r"\1-\2-\3 \4:\5:\6", text).rstrip(":")
        text = re.sub(r"^(\d\d-[^\W\d_]{3}-\d\d) (\d\d)\.(\d\d)\.(\d\d)(?=[., ]|$)", r"\1 \2:\3:\4", text)
        return re.sub(r"^(\d{4}-\d\d-\d\d)-(\d\d)\.(\d\d)\.(\d\d)(?=\.\d+$|$)", r"\1 \2:\3:\4", text)
    text = re.sub(r"(?<=\d)\s*\([a-z .]+\)$", "", text)
    text = re.sub(r"^(\d{4})(\d\d)(\d\d)(?=[t ,])", r"\1-\2-\3", text)  # "20211005 14:30"
    text = re.sub(r"(?<=:\d\d:\d\d):(?=\d{3}$)", ".", text)
    text = re.sub(r"(?<=[-+]\d{4}) [a-z]{2,5}$", "", text)  # "-0700 pdt"
    text = re.sub(r"^(\d{1,2}(/?)[a-z]{3}\2\d{4}):(?=\d)", r"\1 ", text)
    text = re.sub(
        r"^([a-z]{3},? [a-z]{3} +\d{1,2}) (\d{1,2}:\d{2}:\d{2}(?: (?:[a-z]{3,4}(?:[-+]\d\d:?\d\d)?|[-+]\d{4}))?) "
        r"(\d{4})( [-+]\d{4})?$",
        r"\1 \3 \2\4",
        text,
    )
    return re.sub(r"^(\d{1,2}:\d{2}\S*(?:\s*[ap]m)?),?\s+(\S.*)", r"\2 \1", text)


def day_of(text: str, month_first: bool = False) -> tuple[int, int, int] | None:
    """Year, month and day that a text in small letters names; None where it names no day of the calendar.

    Of a month, a quarter ("q3 2021") and a week ("2021-w40") it is the first day; "2021-278" is a day of the year.
    Of a year's two digits 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068, as in POSIX.
    """
    text = re.sub(r"(?<=\d)\s*\u0433\.?$", "", text.strip(" ,"))  # Of a year in Russian and Bulgarian.
    text = re.sub(r"^(?:(?:week|wk)\.? (?:of|commencing|ending)|w/[ce]|semaine du|semana del)\s+", "", text)
    text = re.sub(r"(?<=\d) [md]\.(?= |$)", " ", text) if " m." in text else text  # Of year and day in Lithuanian.
    weekday = re.fullmatch(r"([^\W\d_]+)\.?,?\s+(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})", text)
    if weekday and is_weekday(weekday[1]):
        text = weekday[2]
    week = re.fullmatch(r"(?:kw|cw|week|woche|semaine|w)\.? ?(\d{1,2})[ ,/-]+(\d{4})", text)
    text = f"{week[2]}-w{int(week[1]):02}" if week else text
    if found := re.fullmatch(r"(\d{4})-?w(\d{2})(?:-?([1-7]))?", text):
        weeks = 52 + (datetime.date(int(found[1]), 12, 28).isocalendar().week == 53) if int(found[1]) else 0
        if not 1 <= int(found[2]) <= weeks:
            return None
        monday = datetime.date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
        return monday.year, monday.month, monday.day
    if (found := re.fullmatch(r"(\d{4})-(\d{3})", text)) and int(found[1]) and 0 < int(found[2]) <= 366:
        of_year = datetime.date(int(found[1]), 1, 1) + datetime.timedelta(days=int(found[2]) - 1)
        return (of_year.year, of_year.month, of_year.day) if of_year.year == int(found[1]) else None
    text = plain_quarter(text)
    if of_month := re.fullmatch(r"(\d{4}) ?m ?(0?[1-9]|1[0-2])", text):  # As Eurostat and Stata write months.
        text = f"{of_month[1]}-{int(of_month[2]):02}"
    if found := re.fullmatch(r"(\d{4})([qh])([1-4])", text):
        months = 3 if found[2] == "q" else 6
        parts: tuple[str, str, str] | None = (found[1], str(months * (int(found[3]) - 1) + 1), "1")
    elif found := re.fullmatch(
        r"(\d{4}) ?[\u5e74\ub144] ?(\d{1,2}) ?[\u6708\uc6d4](?: ?(\d{1,2}) ?[\u65e5\uc77c])?", text
    ):
        parts = (found[1], found[2], found[3] or "1")
    elif re.search(r"[^\W\d_]", text):
        parts = named_day(text)
    elif found := re.fullmatch(r"0?(0?[1-9]|1[0-2])[-/.](\d{4})", text):
        parts = (found[2], found[1], "1")
    elif found := re.fullmatch(r"(\d{4})[-/](\d{2})", text):
        parts = (found[1], found[2], "1")
    elif found := re.fullmatch(r"(\d{4}|\d{1,2})([-/. ]|\. )(\d{1,2})\2(\d{4}|\d{1,2})\.?", text):
        first, second, third = found.group(1, 3, 4)
        month, day = (first, second) if month_first else (second, first)
        parts = (first, second, third) if len(first) == 4 else (third, month, day)
    else:
        return None
    if parts is None or len(parts[0]) not in (2, 4) or any(len(part) > 2 for part in parts[1:]):
        return None
    named = int(parts[0]), int(parts[1]), int(parts[2])
    if len(parts[0]) == 2:
        named = named[0] + (1900 if named[0] >= 69 else 2000), *named[1:]
    try:
        datetime.date(*named)
    except ValueError:
        return None
    return named


def named_day(text: str) -> tuple[str, str, str] | None:
    """Year, month and day of a date whose month is a word: "oct 5th, 2021", "di, 5. oktober 2021", "2021 oct 5",
    "oct-21" (the year, as spreadsheets write months).
    """
    if re.sub(r"[\w\s.,/'\u2019-]|\u00ba", "", text):
        return None
    beside = r"de|del|of|the|le|den|\u0433|\u0433\u043e\u0434\u0430|r"
    text = re.sub(rf"(?<=\d)(?:st|nd|rd|th|er|\u00ba)\b|\b(?:{beside})\b", " ", text)
    words, numbers = re.findall(r"[^\W\d_]+", text), re.findall(r"\d+", text)
    if len(words) == 2 and is_weekday(words[0]):
        words = words[1:]
    month = month_of(words[0]) if len(words) == 1 else None
    if month is None or not 1 <= len(numbers) <= 2:
        return None
    if len(numbers) == 1:
        of_year = len(numbers[0]) == 4 or re.fullmatch(r"[^\W\d_]+\.?(?:-| ?['\u2019])\d\d", text.strip())
        return (numbers[0], str(month), "1") if of_year else None
    day, year = numbers if len(numbers[0]) < 4 else reversed(numbers)
    return year, str(month), day


def cell_times(cells: list[Any], how: dict[str, Any]) -> pd.Series:
    """Times of day, "08:30", "8:30 pm", "8:30 h" or "8h30", as hours since midnight; with "dates": ["HHMM"], ["HHMMSS"]
    or ["HH.MM"] also in digits alone, see `clock_of_digits`.
    """
    start, hours = datetime.datetime(2000, 1, 1), []
    way = next((one for one in how.get("dates", ()) if one in ("HHMM", "HHMMSS", "HH.MM")), "")
    for cell in cells:
        text = "" if cell is None else cell_text(cell)
        clock = clock_of_digits(text, way) if way else None
        if clock is not None:
            hours.append(clock)
            continue
        text = re.sub(r"^([0-2]\d)([0-5]\d) ?(?=h(?:rs?|ours)?\.?$)", r"\1:\2", text, flags=re.IGNORECASE)
        text = re.sub(r"(?<=:[0-5][0-9]) ?h(?:rs?|s|ours)?\.?$", "", text, flags=re.IGNORECASE)
        next_day = re.search(r"\d\s*[-+]\d$", text) is not None  # "09:14+1" of a timetable.
        moment = None if next_day or not text else moment_of(f"2000-01-01 {text}")
        hour = math.nan if moment is None else (moment - start).total_seconds() / 3600
        typed = isinstance(cell, int | float) and not way  # They are hours already.
        hours.append(float(cell) if typed else hour if 0 <= hour <= 24 else math.nan)
    return pd.Series(hours, dtype="float64")


def cell_durations(cells: list[Any], how: dict[str, Any]) -> pd.Series:
    """Durations as seconds; "3:15" is minutes and seconds, or with "dates": ["hours first"] hours and minutes."""
    seconds, hours_first = [], "hours first" in how.get("dates", ())
    for cell in cells:
        if isinstance(cell, datetime.timedelta):
            seconds.append(cell.total_seconds())
            continue
        typed = isinstance(cell, int | float)  # They are seconds already.
        seconds.append(float(cell) if typed else math.nan if cell is None else seconds_of(cell_text(cell), hours_first))
    return pd.Series(seconds, dtype="float64")


def seconds_of(text: str, hours_first: bool = False) -> float:
    """The seconds of a duration, NaN where there is none.

    "1:30:00" -> 5400, "4:35" -> 275 (minutes and seconds, or hours and minutes: 16500), "58.43" -> 58.43,
    "2h 30m" -> 9000, "2h30" -> 9000, "2 h 30" -> 9000, "2:30 h" -> 9000,
    "1 day, 2:03:04" and "1.02:03:04" -> 93784, "PT1H30M" -> 5400.
    """
    text = re.sub(r"^\s*\+ ?(?=\d)", "", text)  # Of the time behind a winner's.
    # Of a pace, "7:48 /km", the time.
    text = re.sub(r"(?<=[\d'\"\u2032\u2033])\s*(?:min)?\s*/\s*(?:100 ?m|500 ?m|km|mi|mile)$", "", text.strip().lower())
    text = re.sub(r"^(\d+)['\u2032](\d\d)[\"\u2033]?$", r"\1:\2", text)
    text = re.sub(r"^(\d+ ?(?:h|hrs?|std)\.? ?[0-5]?\d)$", r"\1min", text)
    text = re.sub(r"^(-?\d+:[0-5]\d) ?(?:h|hrs?|hours?|std|stunden?)\.?$", r"\1:00", text)
    if re.fullmatch(r"[1-5]?\d[.,]\d{1,3}", text):  # Beside 1:02.33.
        return float(text.replace(",", "."))
    days = r"(\d+)(?: days?,? |[.](?=\d{1,2}:\d{2}:))"
    found = re.fullmatch(rf"(-)?(?:{days})?(?:(\d+):)?(\d{{1,3}}):(\d{{2}}(?:[.,]\d+)?)", text)
    if found:
        sign, days, hours, minutes, seconds = found.groups()
        if hours is None and (days or (hours_first and seconds.isdecimal())):
            hours, minutes, seconds = minutes, seconds, "0"
        total = 86400 * int(days or 0) + 3600 * int(hours or 0) + 60 * int(minutes) + float(seconds.replace(",", "."))
        return -total if sign else total
    spelt = {
        r"d|days?|tage?n?|jours?|d[i\u00ed]as?|giorn[oi]": 86400.0,
        r"h|hrs?|hours?|std|stunden?|heures?|horas?|or[ae]": 3600.0,
        r"m|mins?|minutes?|minuten|minut[oi]s?": 60.0,
        r"s|secs?|seconds?|sek|sekunden?|secondes?|segundos?|second[oi]": 1.0,
        r"ms": 0.001,
    }
    text = re.sub(r"^p(?:(\d+)d)?t", lambda days: f"{days[1]}d" if days[1] else "", text.strip().lower())
    parts = re.findall(r"(\d+(?:[.,]\d+)?)\s*([^\W\d_]+)\.?[\s,]*", text)
    whole = "".join(re.split(r"\d+(?:[.,]\d+)?\s*[^\W\d_]+\.?[\s,]*", text))
    units = [next((size for form, size in spelt.items() if re.fullmatch(form, unit)), math.nan) for _, unit in parts]
    if not parts or whole:
        return math.nan
    return sum(float(number.replace(",", ".")) * size for (number, _), size in zip(parts, units, strict=True))


def number_days(values: np.ndarray, way: str | None) -> np.ndarray:
    """Numbers as days since 1970-01-01: what they count is said by `way`, as `number_way` gives it."""
    if way == "YYYYMMDD":
        whole = np.where(np.isfinite(values), values, 0).astype("int64")
        texts = [str(number) for number in whole]
        moments = [day_of(f"{text[:4]}-{text[4:6]}-{text[6:]}") if len(text) == 8 else None for text in texts]
        start = datetime.date(1970, 1, 1)
        return np.array(
            [math.nan if day is None else (datetime.date(*day) - start).days for day in moments], dtype=float
        )
    if way in ("YYYYMMDDHH", "YYYYMMDDHHMM", "YYYYMMDDHHMMSS"):
        whole = np.where(np.isfinite(values), values, 0).astype("int64") * 10 ** (14 - len(way))
        hour, minute, second = whole // 10_000 % 100, whole // 100 % 100, whole % 100
        clock = np.where((hour < 24) & (minute < 60) & (second < 60), 3600 * hour + 60 * minute + second, np.nan)
        return number_days(whole // 1_000_000.0, "YYYYMMDD") + clock / 86_400
    if way == "YYYYMM":
        whole = np.where(np.isfinite(values), values, 0).astype("int64")
        months = np.where((whole % 100 >= 1) & (whole % 100 <= 12), whole // 100 * 12 + whole % 100 - 1 - 1970 * 12, 0)
        days = months.astype("datetime64[M]").astype("datetime64[D]").astype("int64").astype(float)
        return np.where((whole % 100 >= 1) & (whole % 100 <= 12) & (whole >= 101), days, np.nan)
    if way == "years":
        whole = np.where((values >= 1) & (values <= 9999), values, 1970).astype("int64")
        days = (whole - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype("int64").astype(float)
        return np.where((values >= 1) & (values <= 9999), days, np.nan)
    first, unit = {
        "Excel serials": (-25569.0, 1.0),
        "Unix seconds": (0.0, 86400.0),
        "Unix milliseconds": (0.0, 86400e3),
        "Unix microseconds": (0.0, 86400e6),
        "Unix nanoseconds": (0.0, 86400e9),
    }.get(way or "", (0.0, 1.0))
    return values / unit + first


def number_way(values: np.ndarray) -> str | None:
    """What the numbers of a column of dates count, by their range; None for days since 1970-01-01.

    20211005 is a date; 2021100514, 202110051430 and 20211005143015 are moments; 202110 is a month; 1633392000 are
    seconds and 1633392000000 milliseconds since 1970; 44474 is a serial of Excel from 1980 on, 2021 a year.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    whole = bool((np.floor(known) == known).all())
    middle = float(np.median(known))
    if whole and known.min() >= 1e7 and known.max() < 1e8:
        month, day = known // 100 % 100, known % 100
        dates = ((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).mean()
        return "YYYYMMDD" if dates > 0.9 else None
    for way in ("YYYYMMDDHH", "YYYYMMDDHHMM", "YYYYMMDDHHMMSS"):
        if whole and known.min() >= 10.0 ** (len(way) - 1) and known.max() < 10.0 ** len(way):
            day = known // 10 ** (len(way) - 8)
            ours = (day >= 18_000_000) & (day < 22_000_000) & np.isfinite(number_days(known, way))
            if ours.mean() > 0.9:
                return way
    if whole and known.min() >= 180_001 and known.max() <= 220_012:
        return "YYYYMM" if ((known % 100 >= 1) & (known % 100 <= 12)).mean() > 0.9 else None
    if whole and known.min() >= 1000 and known.max() <= 2999:
        return "years"
    ranges = (
        ("Excel serials", 29_220, 80_000),
        ("Unix seconds", 1e8, 1e10),
        ("Unix milliseconds", 1e11, 1e13),
        ("Unix microseconds", 1e14, 1e16),
        ("Unix nanoseconds", 1e17, 1e19),
    )
    return next((way for way, low, high in ranges if low <= middle < high), None)
