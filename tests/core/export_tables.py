"""Tables as banks, shops and instruments export them: columns of chance, in a dialect and between lines of chance, from
known values.
"""

import datetime
import random
from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ("int", "float", "money", "date", "word", "code", "yes", "percent", "balance", "text", "time", "unit", "gap")
MISSING = ("-", "n/a", "?", "k.A.")


@dataclass(frozen=True)
class ExportedTable:
    """A text file, and the values that it was written from."""

    content: bytes
    values: dict[str, list]


def exported_table(seed: int) -> ExportedTable:
    """The table of a number: two columns or more, 12 to 200 rows."""
    draw = random.Random(seed)
    rows, separator = draw.choice([12, 30, 60, 200]), draw.choice([";", "\t", ",", "|"])
    decimal = "," if separator != "," and draw.random() < 0.6 else "."
    cells: dict[str, list[str]] = {}
    values: dict[str, list] = {}
    for kind in draw.sample(COLUMNS, draw.randint(2, 6)):
        values[kind], cells[kind] = _column(kind, draw, rows, decimal)
        if kind in ("int", "float", "money", "percent", "unit") and rows >= 30 and draw.random() < 0.3:
            for at in draw.sample(range(rows), rows // 30):
                values[kind][at], cells[kind][at] = None, draw.choice(MISSING)
    lines = [
        separator.join(f'"{cell}"' if separator in cell else cell for cell in row)
        for row in zip(*cells.values(), strict=True)
    ]
    above = draw.choice([[], [], [f"Report {seed}", ""], [f"Account{separator}DE{seed}", f"From{separator}01.02.2021"]])
    above = above if len(cells) > 2 else []
    below = ["", "Source: own data"] if draw.random() < 0.2 else []
    text = "\n".join([*above, separator.join(cells), *lines, *below])
    return ExportedTable(text.encode(draw.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])), values)


def _column(kind: str, draw: random.Random, rows: int, decimal: str) -> tuple[list, list[str]]:
    """Values and cells of a column."""

    def number(value: float, digits: int = 2) -> str:
        return f"{value:.{digits}f}".replace(".", decimal)

    def amount(value: float) -> str:
        text = f"{value:,.2f}"
        return text if decimal == "." else text.translate(str.maketrans(",.", ".,"))

    def each(make) -> list:
        return [make() for _ in range(rows)]

    if kind == "int":
        values = each(lambda: draw.randint(-500, 5000))
        return values, [str(value) for value in values]
    if kind == "float":
        values = each(lambda: round(draw.uniform(-50, 50), 2))
        return values, [number(value) for value in values]
    if kind == "money":
        values, sign, before = (
            each(lambda: round(draw.uniform(0, 9e4), 2)),
            draw.choice(["€", "$", "EUR", "kr"]),
            draw.random() < 0.3,
        )
        return values, [f"{sign} {amount(value)}" if before else f"{amount(value)} {sign}" for value in values]
    if kind == "date":
        form, start = draw.choice(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y"]), datetime.datetime(2020, 1, 1)
        values = [
            start + datetime.timedelta(days=30),
            *each(lambda: start + datetime.timedelta(days=draw.randint(0, 900))),
        ][:rows]
        return values, [value.strftime(form) for value in values]
    if kind == "code":
        values = ["00412", *each(lambda: f"{draw.randint(0, 99_999):05d}")][:rows]
        return values, list(values)
    if kind == "percent":
        values = each(lambda: round(draw.uniform(0, 100), 1))
        return values, [f"{number(value, 1)}%" for value in values]
    if kind == "balance":
        values = [-12.5, 14.25, *each(lambda: round(draw.uniform(-900, 900), 2))][:rows]
        return values, [f"{number(abs(value))} {'S' if value < 0 else 'H'}" for value in values]
    if kind == "time":
        minutes = [1439, *each(lambda: draw.randint(0, 1439))][:rows]
        return [minute / 60 for minute in minutes], [f"{minute // 60:02d}:{minute % 60:02d}" for minute in minutes]
    if kind == "unit":
        values, unit = each(lambda: round(draw.uniform(1, 90), 1)), draw.choice(["kg", "km/h", "°C", "m²"])
        return values, [f"{number(value, 1)} {unit}" for value in values]
    if kind == "gap":
        values = each(lambda: None if draw.random() < 0.2 else draw.randint(0, 99))
        return values, ["" if value is None else str(value) for value in values]
    words = {"word": ["red", "green", "blue", "deep sea"], "yes": ["ja", "nein"]}
    values = (
        each(lambda: draw.choice(words[kind])) if kind in words else [f"note {at} on this matter" for at in range(rows)]
    )
    return values, list(values)


def differences(table: ExportedTable, frame: pd.DataFrame) -> list[str]:
    """What a frame has otherwise than the table was written: a column's name, or "shape"."""
    rows = len(next(iter(table.values.values())))
    if list(frame) != list(table.values) or len(frame) != rows:
        return ["shape"]
    return [name for name, values in table.values.items() if not _alike(frame[name], values)]


def _alike(column: pd.Series, values: list) -> bool:
    first = next((value for value in values if value is not None), None)
    if isinstance(first, str):
        return [None if pd.isna(cell) else str(cell) for cell in column] == values
    if isinstance(first, datetime.datetime):
        return pd.api.types.is_datetime64_any_dtype(column) and column.tolist() == values
    if not pd.api.types.is_numeric_dtype(column):
        return first is None
    expected = np.array([np.nan if value is None else value for value in values], dtype=float)
    return bool(np.allclose(column.to_numpy(dtype=float), expected, equal_nan=True))
