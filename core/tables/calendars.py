"""Dates of other calendars as dates of ours: the Buddhist one of Thailand, the Solar Hijri one (Jalali) of Iran and
Afghanistan, and Minguo years of Taiwan. An Islamic lunar month begins with the moon, and no table tells it.

The printed program carries the source of the functions it needs.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable

CALENDARS = {"buddhist": "Buddhist", "jalali": "Solar Hijri (Jalali)", "minguo": "Minguo"}
_NEARLY_ALL = 0.9
_PERSIAN = re.compile("[\u067e\u0686\u0698\u06a9\u06af\u06cc\u06f0-\u06f9]")  # Letters and digits that Arabic has not.
_FEWEST = 5  # Different dates.
_MOST = 31  # Days of the first six months of Iran; Islamic months have 30 at most.


def calendar_of(words: Iterable[str], name: str = "") -> str:
    """The calendar of the dates of a column by its different words and its name, a key of `CALENDARS`; "" where it is
    ours, or cannot be told.

    Years from 2440 to 2599 are Buddhist ones, three digits in front of month and day Minguo ones. Years from 1200 to
    1450 are Jalali ones where a day shows it, 31 in one of the first six months, or a letter of Persian; else they may
    be Islamic lunar ones.
    """
    words = list(words)
    texts = [ascii_digits(word) for word in words]
    if len(texts) < _FEWEST:
        return ""
    years = [re.findall(r"(?<!\d)\d{4}(?!\d)", text) for text in texts]
    if sum(len(found) == 1 and 2440 <= int(found[0]) <= 2599 for found in years) >= _NEARLY_ALL * len(texts):
        return "buddhist"
    roc = [re.fullmatch(r"(\d{2,3})([-/.])(\d{1,2})\2(\d{1,2})", text) for text in texts]
    if all(found and 1 <= int(found[3]) <= 12 and 1 <= int(found[4]) <= 31 for found in roc):
        numbers = [int(found[1]) for found in roc if found]
        if max(numbers) >= 100 and max(numbers) <= 150 and min(numbers) >= 60:
            return "minguo"
    days = [day for text in texts if (day := jalali_parts(text))]
    if len(days) < _NEARLY_ALL * len(texts) or not all(1200 <= year <= 1450 for year, _, _ in days):
        return ""
    shown = any(day == _MOST and month <= 6 for _, month, day in days)
    possible = all(date_of_jalali(*day) for day in days)
    told = _PERSIAN.search(name) or any(map(_PERSIAN.search, words[:_FEWEST]))
    return "jalali" if possible and (shown or told) else ""


def in_our_calendar(text: str, calendar: str) -> str:
    """A date of another calendar as one of ours: "06/06/2564" of the Buddhist one -> "06/06/2021", "1400/01/01" of the
    Jalali one -> "2021-03-21", "112/04/28" of the Minguo one -> "2023/04/28". Text that is none stays as it is.
    """
    plain = ascii_digits(text)
    if calendar == "buddhist":
        return re.sub(r"(?<!\d)2[4-5]\d\d(?!\d)", lambda year: str(int(year[0]) - 543), plain)
    if calendar == "minguo":
        return re.sub(r"^(\d{2,3})(?=[-/.]\d{1,2}[-/.]\d{1,2})", lambda year: str(int(year[1]) + 1911), plain)
    parts = jalali_parts(plain)
    date = date_of_jalali(*parts) if parts else None
    clock = re.search(r"[\sT,]+(\d{1,2}:\d{2}.*)$", plain)
    return date.isoformat() + (f" {clock[1]}" if clock else "") if date else text


def jalali_parts(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of "1402/05/14", "14/05/1402 10:30" or "14 Mordad 1402" in Persian letters."""
    months = ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"]
    text = re.sub(r"[\sT,]+\d{1,2}:\d{2}.*$", "", ascii_digits(text).replace("\u064a", "\u06cc")).strip()
    if found := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", text):
        return int(found[1]), int(found[3]), int(found[4])
    if found := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})", text):
        return int(found[4]), int(found[3]), int(found[1])
    found = re.fullmatch(r"(\d{1,2})\s+(\S+)\s+(\d{4})", text)
    return (int(found[3]), months.index(found[2]) + 1, int(found[1])) if found and found[2] in months else None


def date_of_jalali(year: int, month: int, day: int) -> datetime.date | None:
    """The date of a day of the Solar Hijri calendar, by its cycle of 33 years, which is right from 1178 to 1633; None
    where that has no such day.
    """

    def first_of(year: int) -> int:
        return 226_895 + 365 * (year - 1) + (8 * (year - 1) + 29) // 33

    if not (1178 <= year <= 1633 and 1 <= month <= 12 and 1 <= day <= (31 if month <= 6 else 30)):
        return None
    ordinal = first_of(year) + (31 * (month - 1) if month <= 6 else 186 + 30 * (month - 7)) + day - 1
    return datetime.date.fromordinal(ordinal) if ordinal < first_of(year + 1) else None


def ascii_digits(text: str) -> str:
    """Text with digits of ASCII in the place of those of other scripts."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
