"""Times of day and dates that are written in digits alone.

The printed program carries the source of the functions it needs.
"""

import math
import re


def clock_of_digits(text: str, way: str) -> float | None:
    """Hours since midnight of "830" or "0830" ("HHMM"), of "83015" ("HHMMSS"), and of 8.3, "8.30" and "8,30" ("HH.MM");
    NaN for digits that are no time of day, None for text that is not written so.
    """
    if way == "HH.MM":
        parts = re.fullmatch(r"(\d{1,2})(?:[.,](\d{1,2}))?", text)
        if parts is None:
            return None
        clock = int(parts[1]) * 10_000 + int((parts[2] or "").ljust(2, "0")) * 100
    elif re.fullmatch("[0-9]{1,4}" if way == "HHMM" else "[0-9]{1,6}", text):
        clock = int(text) * (100 if way == "HHMM" else 1)
    else:
        return None
    minute, second = clock // 100 % 100, clock % 100
    there = minute < 60 and second < 60 and clock <= 240_000
    return clock // 10_000 + minute / 60 + second / 3600 if there else math.nan


def date_of_digits(text: str, way: str) -> str:
    """A date in digits alone as ISO 8601 has it: of "YYMMDD" "240131" becomes "2024-01-31", of "YYYYDDD" "2024031" is a
    day of the year, "2024-031"; zeros in front may be lost. All else, and what has a way that is none, stays as it is.
    """
    day = re.fullmatch(r"[0-9]{1,8}", text)
    if day is None or re.fullmatch("(?:YY|YYYY|MM|DDD|DD){2,3}", way) is None or len(text) > len(way):
        return text
    parts = dict.fromkeys(re.findall("Y+|M+|D+", way), "")
    digits, at = text.zfill(len(way)), 0
    for part in parts:
        parts[part], at = digits[at : at + len(part)], at + len(part)
    year = parts.get("YYYY") or ("19" if parts["YY"] >= "69" else "20") + parts["YY"]
    return f"{year}-{parts['DDD']}" if "DDD" in parts else f"{year}-{parts['MM']}-{parts['DD']}"
