"""Cells that pandas alone would lose: words that it takes for missing cells ("None" among "Mild" and "Severe"), zeros
in front of the digits of a code, and codes like 1E5, which pandas takes for 100,000.

They are found in the cells as the file has them, and become options of pandas, so that a printed program keeps them.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.columns import Note
from core.experiment.counts import count, counted
from core.experiment.reading import ColumnReading
from core.tables.cell_numbers import cell_text
from core.tables.cell_reading_dates import may_be_date
from core.tables.cell_reading_numbers import may_be_number

WORDS = ("None", "NA", "null", "NULL")
_FREQUENT = 0.02  # Of a column's cells.
_FEWEST_DIGITS, _FEWEST_SHORTENED = 3, 5
_GLANCE = 200
_ROWS = 5_000  # In which cells are looked at.
_EXACT = 2**53  # From which on floats are no longer all whole numbers.
_LOST_WORD = re.compile(rb"""(?:^|[,;\t|"' \r\n])(?:None|NA|null|NULL) *(?:[,;\t|"'\r\n]|$)""")
# It begins with what there is to find: so the search is quick.
_LOST_ZERO = re.compile(rb"""0(?:(?<=^0)|(?<=[,;\t|"' \r\n]0))\d+ *(?:[,;\t|"'\r\n]|$)""")
_CODE = re.compile(r"0\d+|\d{1,4}E\d{1,4}|\d{16,}|\d{1,4}\.(?:19|20)\d\d")
# What pandas takes for a missing cell, as its `read_csv` lists it.
_OF_PANDAS = {
    *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A"),
    *("NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
}


@dataclass(frozen=True)
class Kept:
    """What is kept.

    Attributes:
        options: What the function of pandas is told besides.
        columns: How cells of columns are read because of that.
        notes: What is to be said.
    """

    options: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, ColumnReading] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def may_be_lost(content: bytes, encoding: str) -> bool:
    """Whether a text file may hold such cells at all."""
    if encoding.startswith(("utf-16", "utf-32")):
        content = content.decode(encoding).encode()
    words = any(word.encode() in content for word in WORDS) and _LOST_WORD.search(content)
    return bool(words) or _LOST_ZERO.search(content) is not None


def is_losable(cell: Any) -> bool:
    """Whether a cell of a workbook may be one that is kept here: a word for a missing one, digits that are a code or
    more than a float keeps, a month like 05.2014.
    """
    if isinstance(cell, str):
        text = cell_text(cell)
        return text in WORDS or _CODE.fullmatch(text) is not None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return False
    return abs(cell) >= _EXACT or (1 <= cell < 13 and 1900 <= round(cell % 1 * 10_000) <= 2099)


def kept_cells(
    frame: pd.DataFrame, cells_of: Callable[[list[str]], Mapping[str, pd.Series]], chosen: Mapping[str, ColumnReading]
) -> Kept:
    """What pandas must be told to keep words and zeros.

    `frame` is what pandas alone made of the file, `cells_of` gives columns as text, "" where nothing stands, and
    `chosen` is what a person has decided. A word is kept where a person said so, or where it stands in some of a
    column's cells, words are left beside it, and no column of numbers uses it for its missing cells.
    """
    gaps = [name for name in frame if frame[name].isna().any()]
    whole = [name for name in frame if is_whole(frame[name])]
    cells = cells_of(list(dict.fromkeys([*gaps, *whole]))) if gaps or whole else {}
    words = _words(frame, {name: cells[name] for name in gaps if name in cells}, chosen)
    there = {name: cells[name][frame[name].notna().to_numpy()] for name in whole if name in cells}
    codes, numbers = _codes(there, chosen)
    powers = {name: example for name, column in there.items() if (example := _power(column, chosen.get(name)))}
    powers |= {name: str(column.iloc[0]).strip() for name, column in _versions(frame, cells_of, chosen).items()} | {
        name: example
        for name, column in there.items()
        if pd.api.types.is_float_dtype(frame[name]) and (example := _too_long(column, chosen.get(name)))
    }
    codes |= powers
    shortened = {name: example for name, column in there.items() if (example := _shortened(column))}
    months = _months(frame, cells_of, chosen)
    columns = words.columns | {name: ColumnReading.model_validate({"as": "text"}) for name in powers}
    columns |= {name: ColumnReading.model_validate({"as": "date"}) for name in months}
    as_text = [*codes, *months]
    options = words.options | ({"dtype": dict.fromkeys(as_text, "str")} if as_text else {})
    notes = [*words.notes]
    for name, example in codes.items():
        what = "codes" if name in powers else "digits with leading zeros"
        text = f"Column {name!r} holds {what}, like {example}: kept as words."
        notes.append(Note(kind="zeros", text=text, column=name, decision=f"columns.{name}.as"))
    for name, example in shortened.items():
        text = (
            f"Numbers like {example} of {name!r} may have lost their last digits: a spreadsheet writes long ones so. "
            "Give the column the format of text before it is exported."
        )
        notes.append(Note(kind="shortened", text=text, column=name))
    for name, example in numbers.items():
        text = f"Column {name!r} holds digits with leading zeros, like {example}: read as numbers, without these zeros."
        notes.append(Note(kind="zeros", text=text, column=name, decision=f"columns.{name}.as"))
    return Kept(options, columns, notes)


def _words(frame: pd.DataFrame, cells: Mapping[str, pd.Series], chosen: Mapping[str, ColumnReading]) -> Kept:
    found = {name: _counts(column) for name, column in cells.items()}
    found = {name: counts for name, counts in found.items() if counts}
    of_words = {name for name in found if _is_text(frame[name]) and not _are_amounts(frame[name])}
    of_numbers = {word for name, counts in found.items() if name not in of_words for word in counts}
    kept: dict[str, list[str]] = {}
    for name, counts in found.items():
        given = chosen.get(name, ColumnReading())
        for word, often in counts.items():
            frequent = name in of_words and often >= _FREQUENT * len(frame) and frame[name].notna().any()
            if word in given.kept or (frequent and word not in of_numbers and word not in given.missing):
                kept.setdefault(name, []).append(word)
    notes = []
    for name, counts in found.items():
        if _is_text(frame[name]) and frame[name].notna().any():
            notes += [_note(name, word, often, word in kept.get(name, ())) for word, often in counts.items()]
    if not kept:
        return Kept(notes=notes)
    words = {word for of_column in kept.values() for word in of_column}
    columns = {name: ColumnReading(kept=tuple(of_column)) for name, of_column in kept.items()}
    for name, counts in found.items():
        if missing := tuple(word for word in counts if word in words and word not in kept.get(name, ())):
            columns[name] = columns.get(name, ColumnReading()).model_copy(update={"missing": missing})
    return Kept({"keep_default_na": False, "na_values": sorted(_OF_PANDAS - words)}, columns, notes)


def _note(name: str, word: str, often: int, kept: bool) -> Note:
    cells = f"{count(often, 'cell')} of {name!r} {counted(often, 'says', 'say')} {word!r}"
    as_missing = f"and {counted(often, 'counts', 'count')} as missing"
    text = f"{cells}, which is read as a word, not as a missing value." if kept else f"{cells} {as_missing}."
    field = "missing" if kept else "kept"
    return Note(kind="kept", text=text, column=name, count=often, decision=f"columns.{name}.{field}")


def _counts(column: pd.Series) -> dict[str, int]:
    """Word -> how often it comes, of those that pandas takes for missing cells and a person may not."""
    counts = Counter(column[column.isin(WORDS)].tolist())
    return {word: counts[word] for word in WORDS if counts[word]}


def _are_amounts(column: pd.Series) -> bool:
    """Whether most different cells of a column of text are numbers with units or signs, "12 %", or dates."""
    cells = [cell.strip() for cell in column.dropna().head(_ROWS).unique()[:_GLANCE]]
    cells = [cell for cell in cells if cell not in WORDS]
    return sum(may_be_number(cell) or may_be_date(cell) for cell in cells) > 0.5 * len(cells)


def _is_text(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype)


def is_whole(column: pd.Series) -> bool:
    """Whether all numbers of a column are whole, missing cells apart."""
    if pd.api.types.is_float_dtype(column):
        values = column.to_numpy(dtype="float64", na_value=np.nan)
        there = values[~np.isnan(values)]
        return bool(len(there)) and bool(np.isfinite(there).all()) and bool((np.floor(there) == there).all())
    return bool(pd.api.types.is_integer_dtype(column))


def may_be_powers(frame: pd.DataFrame) -> bool:
    """Whether a column may hold codes like 1E5, which pandas takes for powers of ten: whole, and most end in zeros; or
    numbers of more digits than a float keeps; or months like 05.2014.
    """
    for name in frame:
        column = frame[name]
        if _like_months(column) or (_is_version(name) and pd.api.types.is_float_dtype(column)):
            return True
        if pd.api.types.is_float_dtype(column) and is_whole(column):
            there = column.dropna()
            if (there % 10 == 0).mean() >= 0.5 or bool((there.abs() >= _EXACT).any()):
                return True
    return False


def _is_version(name: Any) -> bool:
    """Whether a name says that 1.9 and 1.10 are no numbers."""
    return bool(
        set(re.findall(r"[^\W_]+", str(name).lower())) & {"version", "versions", "firmware", "release", "build"}
    )


def _versions(
    frame: pd.DataFrame, cells_of: Callable[[list[str]], Mapping[str, pd.Series]], chosen: Mapping[str, ColumnReading]
) -> dict[str, pd.Series]:
    """The columns of versions like 1.10, of which pandas makes 1.1 -> their cells."""
    names = [name for name in frame if _is_version(name) and pd.api.types.is_float_dtype(frame[name])]
    names = [name for name in names if chosen.get(name, ColumnReading()).as_ != "number"]
    cells = cells_of(names) if names else {}
    there = {name: column[column.ne("")] for name, column in cells.items()}
    return {name: column for name, column in there.items() if column.str.contains(r"\.\d*0\s*$").any()}


def _like_months(column: pd.Series) -> bool:
    """Whether all numbers of a column may be months like 05.2014: 5.2014."""
    if not pd.api.types.is_float_dtype(column):
        return False
    values = column.to_numpy(dtype="float64", na_value=np.nan)  # A table may have thousands of columns.
    there = values[np.isfinite(values)][:_GLANCE]
    years = np.round(there % 1 * 10_000)
    return bool(len(there)) and bool(((there >= 1) & (there <= 13) & (years >= 1900) & (years <= 2099)).all())


def _months(
    frame: pd.DataFrame, cells_of: Callable[[list[str]], Mapping[str, pd.Series]], chosen: Mapping[str, ColumnReading]
) -> list[str]:
    """The columns of months that pandas takes for numbers."""
    ours = (None, "date")
    likely = [name for name in frame if chosen.get(name, ColumnReading()).as_ in ours and _like_months(frame[name])]
    cells = cells_of(likely) if likely else {}
    form = r"\s*(?:0{0,2}[1-9]|0?1[0-2])\.(?:19|20)\d\d\s*|"
    return [name for name, column in cells.items() if column.str.fullmatch(form).all()]


def _too_long(column: pd.Series, given: ColumnReading | None) -> str:
    """One of the cells of a column of whole numbers of which some have more digits than a float keeps; else ""."""
    words = column.str.strip()
    if (given is not None and given.as_ == "number") or not words.str.fullmatch(r"\d+").all():
        return ""
    long = words[words.str.len() > len(str(_EXACT)) - 1]
    return str(long.iloc[0]) if len(long) else ""


def _power(column: pd.Series, given: ColumnReading | None) -> str:
    """One of the cells of a column whose cells are all digits around an E, without a point or sign; else ""."""
    words = column.str.strip()
    if (given is not None and given.as_ == "number") or not words.str.fullmatch(r"\d{1,4}E\d{1,4}").all():
        return ""
    return str(words.iloc[0])


def _shortened(column: pd.Series) -> str:
    """One of the cells like 4.94272E+11 of a column of long numbers, as spreadsheets write them: all with one power of
    ten, as numbers of accounts and telephones have, and with few digits; else "".
    """
    words = column[column.ne("")].str.strip()
    if len(words) < _FEWEST_SHORTENED or not words.str.fullmatch(r"\d[.,]\d{3,6}E\+(?:1\d|09)").all():
        return ""
    return str(words.iloc[0]) if words.str[-2:].nunique() == 1 else ""


def _codes(
    cells: Mapping[str, pd.Series], chosen: Mapping[str, ColumnReading]
) -> tuple[dict[str, str], dict[str, str]]:
    """Columns of whole numbers, some with zeros in front -> one of these cells: those whose zeros are kept, and those
    that are numbers all the same.

    They are codes where all have one length, where a person has said so, and where "007" and "7" stand side by side.
    """
    kept: dict[str, str] = {}
    lost: dict[str, str] = {}
    for name, column in cells.items():
        as_ = chosen.get(name, ColumnReading()).as_
        if as_ == "number":
            continue
        words = column[column.ne("")].str.strip()
        padded = words[words.str.fullmatch(r"0\d+").fillna(False).astype(bool)]
        if not len(padded) or (as_ is None and padded.str.len().max() < _FEWEST_DIGITS):
            continue
        same_length = words.str.len().nunique() == 1 and len(padded.iloc[0]) >= _FEWEST_DIGITS
        both = padded.str.lstrip("0").isin(set(words[~words.index.isin(padded.index)])).any()
        (kept if as_ == "text" or same_length or both else lost)[name] = str(padded.iloc[0])
    return kept, lost
