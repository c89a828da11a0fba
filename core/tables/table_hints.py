"""What a person would see in a table and an algorithm takes for granted: numbers that stand for missing cells, two
spellings of one word, words that were encoded twice, classes and times of day written as numbers, rows in the order of
time, rows that come twice.
"""

import html
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from core.experiment.columns import Column, Hint
from core.experiment.counts import count, counted
from core.tables.cell_reading import PLACEHOLDERS
from core.tables.cell_reading_dates import clock_digits
from core.tables.cells import Cells
from core.tables.date_hints import dates_in_digits
from core.tables.kept_cells import WORDS

log = logging.getLogger(__name__)
_FEWEST, _SHARE = 3, 0.002  # Cells of a number that stands for a missing one: so many, and of all cells.
_MOST_ZEROS = 0.6
_ROUND = (-100, -200, -1000)  # Among numbers below zero, too.
_NINES = re.compile(r"-?9{2,}(?:\.9+)?")
_OF_LOGGERS = (-7999, -6999, -32768, 32767, 65535)  # What loggers and weather services write in the place of a value.
_OF_DAYS = ("-01-01", "-12-30", "-12-31")  # Behind the year of a day that stands for none.
_YEAR, _ALL_DAYS = 366, 3_000_000
_DIFFERENT = 10  # Other numbers that there must be.
_MOST_CLASSES = 10  # Different numbers of a target that may be classes.
_EACH = 5  # Rows of each of them.
_ALIKE = 0.5  # Correlation of neighbours, from which on a random split shows the network its test rows' neighbours.
_ENOUGH = 50  # Rows of a series.
_MOST_SPELLINGS = 5_000  # Different words that are compared.
_CLOCK_NAME = re.compile(
    r"time(?!stamp)|(?:uhr)?zeit|heure|clock|hhmm|(?<![^\W_])(?:hora|ora|tijd|klokkesl\w+|tid|godzina|saat)(?![^\W_])",
    re.I,
)
_MOST_HINTS = 20  # Of one kind.


def hints(frame: pd.DataFrame, columns: Sequence[Column], cells_of: Mapping[str, Cells]) -> tuple[Hint, ...]:
    """The hints about a table: `columns` in outline, and the cells of those that could be described.

    A hint that fails is left out: the others do not suffer.
    """
    found: list[Hint] = []
    for look in (
        _stand_ins,
        _stand_in_days,
        _zeros,
        _placeholders,
        _spellings,
        _encoded_twice,
        _classes,
        _clocks,
        dates_in_digits,
    ):
        of_kind: list[Hint] = []
        for column in columns:
            if column.name in cells_of and column.left_out not in ("constant", "all missing"):
                of_kind += _safely(look, column, cells_of[column.name])
        found += of_kind[:_MOST_HINTS]
    found += _safely(_time_order, frame, columns)[:_MOST_HINTS]
    found += _safely(_repeated_rows, frame)
    return tuple(found)


def _safely(look: Callable[..., Iterator[Hint]], *given: object) -> list[Hint]:
    try:
        return list(look(*given))
    except Exception:
        log.exception("%s could not look", look.__name__)
        return []


def _stand_ins(column: Column, cells: Cells) -> Iterator[Hint]:
    """Numbers far from all others that come often: -200, -999, 9999."""
    if cells.sort not in ("int", "float") or column.kind != "number" or cells.distinct <= _DIFFERENT:
        return
    order = np.argsort(cells.values)
    values, often = cells.values[order].astype(float), cells.counts[order]
    for side in ("below", "above", "below"):  # Once more, since what was found above hid it.
        at, rest = (0, values[1:]) if side == "below" else (-1, values[:-1])
        value, nearest = float(values[at]), float(rest[0] if at == 0 else rest[-1])
        text = f"{value:.10g}"
        enough = often[at] >= max(_FEWEST, _SHARE * cells.rows)
        below_zero = at == 0 and value < 0 and (rest[0] >= 0 or value in _ROUND) and value == np.floor(value)
        far = abs(nearest - value) > float(np.ptp(rest)) or (value == -1 and at == 0 and rest[0] >= 0)
        if enough and far and (below_zero or _NINES.fullmatch(text) or value in _OF_LOGGERS):
            says = (
                f"{text} occurs in {count(int(often[at]), 'cell')} of {column.name!r}; the next value is "
                f"{nearest:.6g}. Does {text} mean missing?"
            )
            yield _missing("sentinel", says, column.name, text)
            values, often = (values[1:], often[1:]) if at == 0 else (values[:-1], often[:-1])


def _stand_in_days(column: Column, cells: Cells) -> Iterator[Hint]:
    """Days that come often, far from all others: 1900-01-01, 9999-12-31."""
    if column.kind != "date" or cells.sort != "date" or cells.distinct <= _DIFFERENT:
        return
    order = np.argsort(cells.values)
    values, often = cells.values[order].astype(float), cells.counts[order]
    for at, rest in ((0, values[1:]), (-1, values[:-1])):
        nearest = float(rest[0] if at == 0 else rest[-1])
        far = abs(nearest - values[at]) > max(float(np.ptp(rest)), _YEAR)
        day = np.datetime64(0, "D") + int(np.floor(values[at])) if abs(values[at]) < _ALL_DAYS else None
        if day is None or str(day)[4:] not in _OF_DAYS or not far or often[at] < max(_FEWEST, _SHARE * cells.rows):
            continue
        year, month, number = str(day).split("-")
        words = [
            f"{day}",
            f"{day} 00:00:00",
            f"{day} 00:00",
            f"{day}T00:00:00",
            f"{day}T00:00:00Z",
            f"{year}{month}{number}",
        ]
        for mark in "./-":
            for parts in ((number, month, year), (month, number, year), (year, month, number)):
                words += [mark.join(parts), mark.join(part.lstrip("0") for part in parts)]
        nearest_day = np.datetime64(0, "D") + int(np.floor(nearest))
        says = (
            f"{day} occurs in {count(int(often[at]), 'cell')} of {column.name!r}; the next day is {nearest_day}. Does "
            f"{day} mean missing?"
        )
        fix = {"reading": {"columns": {column.name: {"missing": list(dict.fromkeys(words))}}}}
        yield Hint(kind="sentinel", text=says, column=column.name, action=f"Treat {day} as missing", fix=fix)


def _missing(kind: str, says: str, column: str, word: str) -> Hint:
    fix = {"reading": {"columns": {column: {"missing": [word]}}}}
    return Hint(kind=kind, text=says, column=column, action=f"Treat {word} as missing", fix=fix)


def _zeros(column: Column, cells: Cells) -> Iterator[Hint]:
    """Zeros among measurements that are all far above zero."""
    if cells.sort not in ("int", "float") or column.kind != "number" or cells.distinct <= _DIFFERENT or cells.low < 0:
        return
    zero = cells.values == 0
    often = int(cells.counts[zero].sum())
    others, weights = cells.values[~zero].astype(float), cells.counts[~zero]
    order = np.argsort(others)
    middle = others[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)]
    counts = bool((others == np.floor(others)).all()) and others.min() <= 2  # 1, 2, 3, ...: 0 is one of them.
    few = often < max(_FEWEST, _SHARE * cells.rows) or often > _MOST_ZEROS * cells.present
    if few or counts or others.min() < 0.1 * middle:
        return
    says = (
        f"0 occurs in {count(often, 'cell')} of {column.name!r}; the next value is {others.min():.6g}. Does 0 mean "
        "missing?"
    )
    yield _missing("zero", says, column.name, "0")


def _placeholders(column: Column, cells: Cells) -> Iterator[Hint]:
    """Words like "?" or "unknown" among other words."""
    if cells.sort != "text":
        return
    for word, often in zip(cells.values, cells.counts, strict=True):
        known = word.strip().lower() in PLACEHOLDERS and word not in WORDS  # Of these a note tells.
        if known and cells.distinct > 2:
            says = f"{word!r} occurs in {count(int(often), 'cell')} of {column.name!r}. Does it mean missing?"
            yield _missing("placeholder", says, column.name, word.strip()[:200])


def _spellings(column: Column, cells: Cells) -> Iterator[Hint]:
    """Words that differ in case, blanks and signs only; A, A+ and A- differ, and so do <=50K and >50K."""
    if cells.sort != "text" or column.kind != "category" or not 2 <= cells.distinct <= _MOST_SPELLINGS:
        return
    groups: dict[str, list[tuple[int, str]]] = {}
    for word, often in zip(cells.values, cells.counts, strict=True):
        plain = re.sub(r"(?<=\w)\s*[-\u2013]\s*(?=\w)", " ", word)
        plain = re.sub(r"[^\w+<>=\u2264\u2265#*\u2212-]+|_+", " ", plain).strip().casefold()
        if plain:
            groups.setdefault(plain, []).append((int(often), word))
    same: dict[str, str] = {}
    for group in groups.values():
        _, best = max(group, key=lambda pair: pair[0])
        same |= {word: best for _, word in group if word != best and max(len(word), len(best)) <= 200}
    if not same:
        return
    several = [*dict.fromkeys([next(iter(same.values())), *same])]
    quoted = ", ".join(repr(word) for word in several[:4]) + (", ..." if len(several) > 4 else "")
    says = f"{quoted} in {column.name!r} are spellings of the same words: now each is a class of its own."
    fix = {"reading": {"columns": {column.name: {"as": "text", "same": dict(list(same.items())[:1_000])}}}}
    yield Hint(kind="spellings", text=says, column=column.name, action="Merge the spellings", fix=fix)


def _encoded_twice(column: Column, cells: Cells) -> Iterator[Hint]:
    """Words whose letters were encoded twice, and signs of a web page: "MÃ¼nchen", "R&amp;D"."""
    if cells.sort != "text":
        return
    odd = re.compile("[\u00c2-\u00c5\u00e2]|&#?\\w+;")
    some = [word for word in cells.values if len(word) <= 200 and odd.search(word)]
    same = {word: plain for word in some if (plain := _decoded(word)) != word}
    if not same:
        return
    word, plain = next(iter(same.items()))
    more = f", and so do {count(len(same) - 1, 'other word')}" if len(same) > 1 else ""
    says = f"{word!r} in {column.name!r} looks like {plain!r} that was encoded twice{more}."
    fix = {"reading": {"columns": {column.name: {"as": "text", "same": dict(list(same.items())[:1_000])}}}}
    yield Hint(kind="encoded twice", text=says, column=column.name, action=f"Read as {plain[:30]}", fix=fix)


def _decoded(word: str) -> str:
    """A word without what a second encoding, or a web page, made of its letters; else as it is."""
    text = html.unescape(word)
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def _classes(column: Column, cells: Cells) -> Iterator[Hint]:
    """A few whole numbers with gaps between them may be classes; of exactly two that is what they are taken for."""
    if column.target_kind != "number" or cells.sort != "int" or not 3 <= cells.distinct <= _MOST_CLASSES:
        return
    if cells.present < _EACH * cells.distinct or int(cells.counts.min()) < _FEWEST:
        return
    numbers = ", ".join(str(value) for value in np.sort(cells.values).tolist())
    says = f"{column.name!r} has only the values {numbers}: are they classes rather than amounts?"
    fix = {"target_kinds": {column.name: "code"}}
    yield Hint(kind="classes", text=says, column=column.name, action="Predict classes", fix=fix)


def _clocks(column: Column, cells: Cells) -> Iterator[Hint]:
    """Times of day that are written in digits alone, 517 for 05:17, below a name that says so."""
    if cells.sort not in ("int", "text", "float") or not _CLOCK_NAME.search(column.name):
        return
    if cells.sort == "float":
        yield from _pointed_clocks(column, cells)
        return
    words = [str(value).strip() for value in cells.values]
    if not (way := clock_digits(words)):
        return
    example = max(words[:_EACH], key=int)
    clock = re.sub(r"(?<=\d)(?=(\d\d)+$)", ":", f"{int(example):0{len(way)}}")
    amounts = "1000 is 41 more than 959" if way == "HHMM" else "100000 is 4041 more than 95959"
    says = f"The numbers of {column.name!r} may be times of day, {example} for {clock}: as amounts, {amounts}."
    fix = {"reading": {"columns": {column.name: {"as": "time", "dates": [way]}}}}
    yield Hint(kind="clock", text=says, column=column.name, action="Read as times of day", fix=fix)


def _pointed_clocks(column: Column, cells: Cells) -> Iterator[Hint]:
    """Times of day like 17.45, of which pandas makes a number, below a name that says so: no minutes are 60 or more."""
    hundredths = np.round(cells.values * 100)
    whole = bool((np.abs(cells.values * 100 - hundredths) < 1e-6).all())
    if not whole or cells.distinct < _DIFFERENT or cells.low < 0 or cells.high >= 24 or (hundredths % 100 >= 60).any():
        return
    if cells.high < 10 or not (hundredths % 10).any():  # Of clocks some are late, and not all minutes are tens.
        return
    says = (
        f"The numbers of {column.name!r} may be times of day, {cells.high:.2f} for "
        f"{int(cells.high):02}:{round(cells.high * 100) % 100:02}: as amounts, 10.00 is 0.41 more than 9.59."
    )
    fix = {"reading": {"columns": {column.name: {"as": "time", "dates": ["HH.MM"]}}}}
    yield Hint(kind="clock", text=says, column=column.name, action="Read as times of day", fix=fix)


def _time_order(frame: pd.DataFrame, columns: Sequence[Column]) -> Iterator[Hint]:
    """Targets whose neighbours in time are alike: a random split puts them into different parts."""
    dates = [column.name for column in columns if column.kind == "date" and column.missing == 0]
    if not dates or len(frame) < _ENOUGH:
        return
    name = max(dates, key=lambda date: frame[date].nunique())
    if frame[name].nunique() < 0.5 * len(frame):  # Rows of one day are no neighbours in time.
        return
    ordered = frame.iloc[np.argsort(frame[name].to_numpy(), kind="stable")]
    for column in columns:
        if column.target_kind is None or column.name == name or column.left_out is not None:
            continue
        if _neighbours_alike(ordered[column.name], column.target_kind) >= _ALIKE:
            says = (
                f"Rows that follow each other by {name!r} are alike in {column.name!r}. A random split shows the "
                "network the neighbours of its test rows, and the scores come out too good."
            )
            split = {"method": "time", "column": name}
            yield Hint(kind="time order", text=says, column=column.name, action="Split by date", fix={"split": split})


def _neighbours_alike(cells: pd.Series, kind: str) -> float:
    """The correlation of neighbours; of classes how far they agree more often than chance has it (Cohen's kappa)."""
    if kind == "number":
        values = pd.to_numeric(cells, errors="coerce").dropna().to_numpy(dtype=float)
        values = values[np.isfinite(values)]
        if len(values) < _ENOUGH or np.ptp(values) == 0:
            return 0.0
        return float(np.corrcoef(values[:-1], values[1:])[0, 1])
    codes, _ = pd.factorize(cells.dropna())
    if len(codes) < _ENOUGH:
        return 0.0
    chance = float(((np.bincount(codes) / len(codes)) ** 2).sum())
    return float((np.mean(codes[:-1] == codes[1:]) - chance) / (1 - chance)) if chance < 1 else 0.0


def _repeated_rows(frame: pd.DataFrame) -> Iterator[Hint]:
    """Rows that are the same in all columns."""
    if len(frame.columns) < 2 or len(frame) < _ENOUGH:
        return
    repeated = int(frame.duplicated().sum())
    if repeated:
        says = (
            f"{count(repeated, 'row')} {counted(repeated, 'repeats', 'repeat')} another row in all columns. A random "
            "split shows the network some of its test rows."
        )
        fix = {"reading": {"drop_duplicates": True}}
        yield Hint(kind="repeated rows", text=says, action="Leave them out", fix=fix)
