"""Text that means days: which way of writing dates a column follows."""

import re
from collections.abc import Sequence

import pandas as pd

# One row adds a way of writing dates: what it looks like, and the `format` with which pandas reads it.
_WAYS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?"), ("ISO8601",)),
    (re.compile(r"\d{4}/\d{1,2}/\d{1,2}"), ("%Y/%m/%d",)),
    (re.compile(r"\d{1,2}/\d{1,2}/\d{4}"), ("%d/%m/%Y", "%m/%d/%Y")),
    (re.compile(r"\d{1,2}-\d{1,2}-\d{4}"), ("%d-%m-%Y", "%m-%d-%Y")),
    (re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"), ("%d.%m.%Y",)),  # dots: the month is never first
)
_GLANCE = 50


def date_formats(words: Sequence[str]) -> tuple[str, ...]:
    """The formats, for `pandas.to_datetime(format=...)`, that read every one of the words.

    ["2024-03-05"]               -> ("ISO8601",)
    ["05/03/2024", "25/03/2024"] -> ("%d/%m/%Y",)
    ["05/03/2024"]               -> ("%d/%m/%Y", "%m/%d/%Y"): day and month can't be told apart
    ["Monday"]                   -> ()
    """
    for looks, formats in _WAYS:
        if len(words) and all(looks.fullmatch(word.strip()) for word in words[:_GLANCE]):
            return tuple(form for form in formats if _reads_all(words, form))
    return ()


def _reads_all(words: Sequence[str], form: str) -> bool:
    # utc: words with and without time zones in one column would raise even under "coerce"
    return not pd.to_datetime(pd.Series(words, dtype=str).str.strip(), format=form, errors="coerce", utc=True).isna().any()
