"""Times of day that are written in digits alone.

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
