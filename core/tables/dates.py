"""Text that means days: which way of writing dates a column follows."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

# One row adds a way of writing dates: what it looks like, and the `format` with which pandas reads it.
_WAYS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?"), ("ISO8601",)),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), ("%Y/%m/%d",)),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), ("%d/%m/%Y", "%m/%d/%Y")),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), ("%d-%m-%Y", "%m-%d-%Y")),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), ("%d.%m.%Y",)),  # dots: the month is never first
)
_DIGITS_OF_A_DATE = re.compile(r"-?\d+([-/.]\d+){2}([T ][\d:.,]+)?\s*(Z|[-+][\d:]+)?")
_GLANCE = 50
_FEW = 0.1  # Of the different dates: so many may be no days of the calendar, like 0000-00-00.


def date_formats(words: Sequence[str] | np.ndarray) -> tuple[str, ...]:
    """The formats, for `pandas.to_datetime(format=...)`, that read every one of the words.

    Where none does, the one format that reads all but a few, when those few are written as dates, too: a calendar has
    no 0000-00-00.

    ["2024-03-05"]               -> ("ISO8601",)
    ["05/03/2024", "25/03/2024"] -> ("%d/%m/%Y",)
    ["05/03/2024"]               -> ("%d/%m/%Y", "%m/%d/%Y"): day and month can't be told apart
    ["Monday"]                   -> ()
    """
    glance = [word.strip() for word in words[:_GLANCE]]
    for looks, formats in _WAYS:
        if not glance or sum(looks.fullmatch(word) is not None for word in glance) < (1 - _FEW) * len(glance):
            continue
        unread = {form: read_dates(words, form).isna().to_numpy() for form in formats}
        if whole := tuple(form for form, missing in unread.items() if not missing.any()):
            return whole
        by_none = np.logical_and.reduce(list(unread.values()))
        best = min(unread, key=lambda form: unread[form].sum())
        # What another format reads is no wrong day.
        few = bool((unread[best] == by_none).all()) and by_none.mean() <= _FEW
        if few and all(_DIGITS_OF_A_DATE.fullmatch(words[at].strip()) for at in np.flatnonzero(by_none).tolist()):
            return (best,)
    return ()


def read_dates(words: Sequence[str] | np.ndarray, form: str) -> pd.Series:
    """The words as moments of UTC; what the format cannot read is NaT. Fractions end at microseconds: nanoseconds would
    end in 2262.
    """
    text = pd.Series(words, dtype="str").str.strip().str.replace(r"(\.\d{6})\d+", r"\1", regex=True)
    # utc: with and without time zones in one column would raise.
    return pd.to_datetime(text, format=form, errors="coerce", utc=True)


def moment_text(days: float) -> str:
    """Days since 1970-01-01 as a date, with the time of day where there is one, of any year; a number where there is no
    such date.

    19787.5 -> "2024-03-05 12:00", 2932896 -> "9999-12-31", -714353 -> "0014-03-03"
    """
    if not abs(days) < 1e9:
        return f"{days:g}"
    return str(np.datetime64(round(days * 86400), "s")).replace("T", " ").removesuffix(":00").removesuffix(" 00:00")
