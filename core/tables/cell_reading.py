"""What the cells of each column are: numbers, dates, times of day, durations, yes or no, or words. One rule for all:
where nearly all cells of a column are of one kind, it is that kind, and the rest is missing and named.

    readings, notes = column_readings(frame)
    frame = with_values(frame, as_json(readings))        core.tables.cell_values

`readings` holds only the columns whose cells are not yet values. What a person has decided of a column is kept.
"""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from core.experiment.columns import Note
from core.experiment.reading import CLOCK_DIGITS, ColumnReading
from core.tables.cell_compounds import is_of_two_units
from core.tables.cell_decimals import mark_shown
from core.tables.cell_form import CellForm, nearly_all
from core.tables.cell_numbers import cell_text, number_of, number_pattern
from core.tables.cell_places import Places, first_rows, short_word
from core.tables.cell_reading_dates import (
    MILITARY,
    clock_cells,
    clock_digits,
    date_cells,
    may_be_date,
    plain_dates,
)
from core.tables.cell_reading_numbers import may_be_number, number_cells
from core.tables.cell_reading_words import words_with_figures
from core.tables.cell_values import cell_booleans
from core.tables.different_cells import DifferentCells, cells_in_order, free_memory
from core.tables.guess import names_codes
from core.tables.mark_notes import doubt_of_marks, note_on_marks
from core.tables.reading import columns_hold

# Words that stand for a missing cell among numbers; among words they are words.
PLACEHOLDERS = {
    *(":", "", "?", "??", "-", "--", "---", "\u2013", "\u2014", ".", "..", "...", "\u2026", "*", "#", "/", "na", "n/a"),
    *("n.a.", "n.a", "nan", "null", "none", "nil", "(null)", "<na>", "missing", "unknown", "unk", "not available"),
    *("not applicable", "tbc", "tbd", "tba", "n/d", "nd", "n.d.", "n.d", "k.a.", "k. a.", "s/d", "#n/a", "#value!"),
    *("\\n", "[null]", "<null>", "nat", "(blank)", "(leer)", "#nv", "keine angabe", "unbekannt", "nicht bekannt"),
    *(
        "sin dato",
        "sin datos",
        "no disponible",
        "non renseign\u00e9",
        "inconnu",
        "desconocido",
        "sconosciuto",
        "onbekend",
    ),
    *("00.00.0000", "0000-00-00", "00/00/0000", "0000-00-00 00:00:00"),
    *("\u043d\u0435\u0442 \u0434\u0430\u043d\u043d\u044b\u0445", "\u043d/\u0434", "\u4e0d\u660e", "\u672a\u77e5"),
    *("#div/0!", "#ref!", "#name?", "#num!", "#null!", "blank", "empty", "undefined", "not known", "no data"),
}
_LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
_TRUE_FALSE = {"true", "false"}
_YES_NO = [{"yes", "no"}, {"y", "n"}, {"ja", "nein"}, {"j", "n"}, {"oui", "non"}, {"si", "no"}, {"s\u00ed", "no"}]
_YES_NO += [
    {"s\u00ec", "no"},
    {"sim", "n\u00e3o"},
    {"sim", "nao"},
    {"ja", "nee"},
    {"ja", "nej"},
    {"ja", "nei"},
    {"tak", "nie"},
    {"ano", "ne"},
    {"\u00e1no", "nie"},
    {"igen", "nem"},
]
_YES_NO += [{"evet", "hay\u0131r"}, {"\u0434\u0430", "\u043d\u0435\u0442"}, {"on", "off"}, {"t", "f"}]
_YES_NO += [{"wahr", "falsch"}, {"vrai", "faux"}, {"vero", "falso"}, {"verdadero", "falso"}]
_NO_NUMBERS, _NO_DATES = ("not a number", "not numbers"), ("no date", "no dates")
_NO_TIMES, _NO_DURATIONS = ("no time of day", "no times of day"), ("no duration", "no durations")
_MOST_WORDS, _MOST_TRUTHS = 1_000, 40
_ROWS = 5
_MANY_ROWS = 100_000  # Whose temporary arrays are worth the time that giving them back takes.
_SHORT_CODE = len("12.0")  # Versions are as short.
_FIRST, _LAST = 20_000, 80_000  # Serial numbers of spreadsheets that are read as dates.
_GLANCE, _ROWS_AT_A_GLANCE = 200, 2_000
_PLAIN = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?")


def column_readings(
    frame: pd.DataFrame,
    chosen: Mapping[str, ColumnReading] = {},
    decimal: str | None = "",
    rows: Sequence[int] | np.ndarray | None = None,
) -> tuple[dict[str, ColumnReading], list[Note]]:
    """How the cells of the columns are read, and what is to be said of it.

    `chosen` is what a person has decided, by column; `decimal` the decimal mark of the file's other numbers, "" where
    that is not known, None where those are in doubt themselves; `rows` are the numbers of the frame's rows in their
    file, counted from 1, for what is said.
    """
    lines = np.arange(1, len(frame) + 1) if rows is None or len(rows) != len(frame) else np.asarray(rows)
    readings: dict[str, ColumnReading] = {}
    notes: list[Note] = []
    _read_columns(frame, chosen, decimal or "", lines, readings, notes)
    doubtful = [note.column for note in notes if note.column and note.decision == f"columns.{note.column}.decimal"]
    if doubtful and decimal == "":
        numbers = {name: how for name, how in readings.items() if how.as_ == "number"}
        marks = {name: how.decimal or "." for name, how in numbers.items()}
        if mark := mark_shown(frame, marks, {name: how.unit or "" for name, how in numbers.items()}):
            notes = [note for note in notes if note.column not in doubtful]
            _read_columns(frame[doubtful], chosen, mark, lines, readings, notes)
    return readings, [*_spellings(frame, readings, decimal or ""), *notes]


def _read_columns(
    frame: pd.DataFrame,
    chosen: Mapping[str, ColumnReading],
    decimal: str,
    lines: np.ndarray,
    readings: dict[str, ColumnReading],
    notes: list[Note],
) -> None:
    """Adds to the readings and the notes those of the columns of a frame."""
    for name, dtype in frame.dtypes.items():
        name, given = str(name), chosen.get(str(name), ColumnReading())
        in_digits = given.as_ == "time" and pd.api.types.is_numeric_dtype(dtype) and _are_clocks(frame[name], given)
        if isinstance(dtype, pd.StringDtype) or _mixed(frame[name]) or in_digits:
            reading, said = _text_column(name, frame[name], given, decimal, lines)
        elif given.as_ is None and _durations(frame[name]):
            reading = given.model_copy(update={"as_": "duration", "unit": "s"})
            said = _said(name, CellForm(says="durations, read as seconds"))
        else:
            reading, said = given, []
        if reading:
            readings[name] = reading
        notes += said


def _spellings(frame: pd.DataFrame, readings: Mapping[str, ColumnReading], decimal: str) -> list[Note]:
    """The note on numbers that are not written as digits with the file's decimal mark alone."""
    odd: dict[str, str] = {}
    for name, reading in readings.items():
        if reading.as_ == "number":
            mark = reading.decimal or "."
            form, point = number_pattern(mark, reading.unit or ""), str.maketrans(mark, ".") if mark == decimal else {}
            seen: set[str] = {*reading.missing}
            for cell in cells_in_order(frame[name]):
                if not isinstance(cell, str) or cell in seen or _PLAIN.fullmatch(cell.strip().translate(point)):
                    continue
                if not np.isnan(number_of(cell.strip(), form, mark)):
                    odd[name] = cell.strip()
                    break
                seen.add(cell)
                if len(seen) == _GLANCE:
                    break
    if not odd:
        return []
    example = next(iter(odd.values()))
    says = f"{columns_hold(list(odd))} numbers like {short_word(example)}, read without signs, units and spaces."
    return [Note(kind="spelling", text=says, column=next(iter(odd)) if len(odd) == 1 else None)]


def _are_clocks(column: pd.Series, given: ColumnReading) -> bool:
    """Whether a person says that numbers are times of day, and they are written as 930: others are hours already."""
    return bool({*CLOCK_DIGITS}.intersection(given.dates)) or bool(
        clock_digits(map(cell_text, column.dropna().unique().tolist()))
    )


def _durations(column: pd.Series) -> bool:
    """Whether the cells of a column are durations, as a workbook or a Parquet file types them."""
    if pd.api.types.is_timedelta64_dtype(column):
        return True
    return pd.api.types.is_object_dtype(column) and pd.api.types.infer_dtype(column, skipna=True) == "timedelta"


def _mixed(column: pd.Series) -> bool:
    """Whether a column holds words, numbers, and yes and no side by side, as one of a workbook may, or whole numbers
    beyond 64 bits.
    """
    if not pd.api.types.is_object_dtype(column):
        return False
    held = pd.api.types.infer_dtype(column, skipna=True)
    return held not in ("boolean", "empty", "decimal", "date", "datetime", "timedelta", "bytes")


def _text_column(
    name: str, column: pd.Series, given: ColumnReading, decimal: str, lines: np.ndarray
) -> tuple[ColumnReading, list[Note]]:
    """The reading of a column of words, or of different sorts of cells."""
    if not given and (says := plain_dates(column)) is not None:
        return ColumnReading(as_="date"), _said(name, CellForm(says=says))
    if not given and _plain_words(column):
        return given, []
    if len(column) >= _MANY_ROWS:
        free_memory()
    different = DifferentCells(column)
    stand_ins = {word for word in different.words() if _stands_in(word)}
    counts = different.counts(without={*given.missing, *stand_ins.difference(given.kept)})
    typed = different.numbers()
    where = Places(name, different, stand_ins, lines)
    decided = given.model_dump(by_alias=True, exclude_defaults=True)
    found, doubtful = CellForm(), CellForm()
    if counts and given.as_ in (None, "number") and not (given.as_ is None and _are_military(counts)):
        found = number_cells(counts, name, decimal, decided, typed, ":" in stand_ins)
        if found.how is not None:
            unread = where.unread({**where.placeholders(given), **found.unread}, _NO_NUMBERS)
            odd = note_on_marks(name, counts, found, where)
            return _read(found, given), [*_said(name, found, "as", "fractions"), *unread, *odd]
        doubtful = found
    if counts and given.as_ in (None, "date"):
        serials = {word: _serial_text(number) for word, number in typed.items() if _FIRST <= number <= _LAST}
        dated = {serials.get(word, word): often for word, often in counts.items()} if serials else counts
        found = date_cells(dated, decided, name)
        if found.how is not None:
            typed_as = {text: word for word, text in serials.items()}
            not_read = {typed_as.get(word, word): often for word, often in found.unread.items()}
            return _read(found, given), [
                *_said(name, found),
                *where.unread({**where.placeholders(given), **not_read}, _NO_DATES),
            ]
        doubtful = doubtful if doubtful.doubt else found
    if counts and given.as_ in (None, "time", "duration"):
        found = clock_cells(counts, name, decided, different.durations())
        if found.how is not None:
            what = _NO_TIMES if found.how["as"] == "time" else _NO_DURATIONS
            return _read(found, given), [
                *_said(name, found),
                *where.unread({**where.placeholders(given), **found.unread}, what),
            ]
        doubtful = doubtful if doubtful.doubt else found
    if given.as_ == "boolean" or (counts and _true_or_false(counts)):
        unread = cell_booleans(list(counts), {}).isna().tolist()
        others = {word: often for (word, often), one in zip(counts.items(), unread, strict=True) if one}
        reading = given.model_copy(update={"as_": "boolean"})
        return reading, where.unread({**others, **where.placeholders(given)}, ("neither true nor false",) * 2)
    if given.as_ is None and _spelt_truths(counts):
        shown = ", ".join([*list(counts)[:_ROWS], *(["..."] if len(counts) > _ROWS else [])])
        says = f"Column {name!r} holds yes and no in {len(counts)} spellings ({shown}), read as yes or no."
        note = Note(kind="truths", text=says, column=name, count=len(counts), decision=f"columns.{name}.as")
        return given.model_copy(update={"as_": "boolean"}), [
            note,
            *where.unread(where.placeholders(given), ("neither yes nor no",) * 2),
        ]
    if given.as_ is None and _yes_or_no(counts) and (others := where.placeholders(given)):
        reading = given.model_copy(update={"as_": "text", "missing": (*given.missing, *others)})
        return reading, where.unread(others, ("neither yes nor no",) * 2)
    reading, notes = _words(name, given, where, different)
    if not doubtful.doubt and given.as_ is None:
        doubtful = CellForm(doubt=words_with_figures(counts, name))
    if counts and given.as_ is None and doubtful.settles != "decimal" and (mixed := doubt_of_marks(counts, where)):
        doubtful = CellForm(doubt=mixed)
    if doubtful.doubt:
        says = f"Column {name!r} holds {doubtful.doubt}: treated as words."
        notes.append(Note(kind="doubt", text=says, column=name, decision=f"columns.{name}.{doubtful.settles}"))
    return reading, notes


def _are_military(counts: Mapping[str, int]) -> bool:
    """Whether nearly all words are times of day like 0830h, of which some begin with 0: hours are not written so."""
    glance = list(itertools.islice(counts, _GLANCE))
    clocks = sum(MILITARY.fullmatch(word) is not None for word in glance)
    return clocks >= 0.9 * len(glance) and any(word[0] == "0" for word in glance)


def _serial_text(number: float) -> str:
    """The moment that a serial number of a spreadsheet is, as text."""
    moment = pd.Timestamp("1899-12-30") + pd.Timedelta(number, unit="D")
    return moment.floor("s").isoformat(sep=" ")


def _plain_words(column: pd.Series) -> bool:
    """Whether a column is one of words at a glance, and none has blanks around it: nothing is to be read or said."""
    if not isinstance(column.dtype, pd.StringDtype):
        return False
    words = [word.strip() for word in column.dropna().head(_ROWS_AT_A_GLANCE).unique()[:_GLANCE]]
    words = [word for word in words if word.lower() not in PLACEHOLDERS]
    figures = sum(may_be_number(word) or may_be_date(word) or is_of_two_units(word, str(column.name)) for word in words)
    if not words or figures >= 0.25 * len(words):
        return False
    if any(word.lower() in _TRUE_FALSE for word in words) or _yes_or_no(words) or _spelt_truths(words):
        return False
    if any(word.startswith('="') or "\0" in word for word in words):
        return False
    if words_with_figures(words, str(column.name)):
        return False
    return not (column.str.strip() != column)[column.notna()].any()


def _yes_or_no(words: Iterable[str]) -> bool:
    """Whether all words are yes or no in one language."""
    different: set[str] = set()
    for word in words:
        different.add(word.lower())
        if len(different) > 2:
            return False
    return any(different == pair for pair in _YES_NO)


def _spelt_truths(words: Iterable[str]) -> bool:
    """Whether all words are yes or no, in more than two spellings: "yes", "Y", "no", "FALSE"."""
    different: dict[str, None] = {}
    for word in words:
        different[word] = None
        if len(different) > _MOST_TRUTHS:
            return False
    if len(different) < 3 or sum(len(word) > 1 for word in different) < 2:
        return False
    truths = cell_booleans(list(different), {})
    return bool(truths.notna().all()) and truths.nunique() == 2


def _true_or_false(counts: Mapping[str, int]) -> bool:
    read = {word: count for word, count in counts.items() if word.lower() in _TRUE_FALSE}
    return bool(read) and nearly_all(len(read), sum(read.values()), counts)


def _read(found: CellForm, given: ColumnReading) -> ColumnReading:
    """A reading as the cells write it and a person has decided it."""
    how = ColumnReading.model_validate(found.how)
    fields = ("decimal", "thousands", "unit", "dates", "missing", "kept", "censored", "signs", "flags", "parts")
    decided = {field: getattr(given, field) for field in fields if getattr(given, field) not in (None, ())}
    return how.model_copy(update=decided)


def _said(name: str, found: CellForm, field: str = "dates", kind: str = "") -> list[Note]:
    """The note on how dates, times of day, durations and percents are read."""
    says = f"Column {name!r} holds {found.says}."
    return [Note(kind=kind or field, text=says, column=name, decision=f"columns.{name}.{field}")] if found.says else []


def _words(
    name: str, given: ColumnReading, where: Places, different: DifferentCells
) -> tuple[ColumnReading, list[Note]]:
    """Words: without blanks around them; a blank cell is missing."""
    blanks, whole = different.changed(), _codes_with_point(name, different)
    if not len(blanks) and not given and not whole:
        return given, []
    reading = given.model_copy(update={"as_": "text"} | ({"whole": True} if whole and given.whole is None else {}))
    changed = where.of(blanks)
    notes = []
    if reading.whole and whole:
        says = f"Words like {whole} of {name!r} were read as {whole.removesuffix('.0')}, without the .0 of a number."
        notes.append(Note(kind="zeros", text=says, column=name))
    cells = map(different.cell, blanks.tolist())
    if len(changed) and all(isinstance(cell, str) and cell.startswith('="') for cell in cells):
        word = next(itertools.islice(different.words(), int(blanks[0]), None))
        says = f"Words like {different.cell(blanks[0])} of {name!r} were read as {word}{where.text_of(changed)}."
        notes.append(Note(kind="blanks", text=says, column=name, count=len(changed), rows=first_rows(changed)))
    elif len(changed) and all(isinstance(different.cell(at), str) for at in blanks.tolist()):
        says = f"Spaces around the words of {name!r} were removed{where.text_of(changed)}."
        notes.append(Note(kind="blanks", text=says, column=name, count=len(changed), rows=first_rows(changed)))
    elif len(changed):
        says = f"Column {name!r} holds words and numbers side by side, read as words{where.text_of(changed)}."
        notes.append(Note(kind="mixed", text=says, column=name, count=len(changed), rows=first_rows(changed)))
    return reading, notes


def _stands_in(word: str) -> bool:
    """Whether a word stands for a missing cell among numbers."""
    return len(word) <= _LONGEST_PLACEHOLDER and word.lower() in PLACEHOLDERS


def _codes_with_point(name: str, different: DifferentCells) -> str:
    """One of the words like 3067.0 among the words of a column of codes, where all digits are written so, as numbers
    beside missing cells are; "" where there is none.
    """
    first, long = "", True
    for word in different.words():
        if re.fullmatch(r"\d+(\.\d*)?", word):
            if not word.endswith(".0") or word.count(".") > 1:
                return ""
            first, long = first or word, long and len(word) > _SHORT_CODE
    return first if long or names_codes(name) else ""
