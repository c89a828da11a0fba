"""Marks beside numbers that say whether they are below 0, units of prices, codes that look like numbers, spellings of
yes and no, and dates in digits alone. The expected values are those that the cells are written from.
"""

import datetime
import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.reading import as_json
from core.experiment.reading_edits import alternatives
from core.experiment.spec import read
from core.keras_code.script import program
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.number_text import NumberText, number_writing
from core.tables.prediction_rows import prediction_rows
from core.tables.profile import profile
from core.tables.raw import days
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

ROWS = 60
DRAW = np.random.default_rng(1)
AMOUNTS = [round(float(value), 2) for value in DRAW.uniform(1_000, 90_000, ROWS) * np.where(np.arange(ROWS) % 3, 1, -1)]
PLACES = [round(float(value), 2) for value in DRAW.uniform(-85, 85, ROWS)]
MOMENTS = [datetime.datetime(2021, 1, 1) + datetime.timedelta(minutes=int(at)) for at in DRAW.integers(0, 10**6, ROWS)]


def column(cells: list[str], name: str = "x") -> tuple[pd.Series, TableInfo]:
    """A column of a text file beside another one."""
    lines = [f"{name};y", *(f"{cell};{at}" for at, cell in enumerate(cells))]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    return frame[name], info


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize(
    ("written", "signs"),
    [
        (lambda value: f"{abs(value):,.2f} {'DR' if value < 0 else 'CR'}", ["CR", "DR"]),
        (lambda value: f"{abs(value):,.2f}{'Dr.' if value < 0 else 'Cr.'}", ["CR", "DR"]),
        (lambda value: f"{german(abs(value))} {'S' if value < 0 else 'H'}", ["H", "S"]),
        (lambda value: f"{german(abs(value))} EUR {'Soll' if value < 0 else 'Haben'}", ["Haben", "Soll"]),
        (lambda value: f"{german(abs(value))}{'-' if value < 0 else '+'}", ["+", "-"]),
    ],
)
def test_debit_and_credit_are_signs(written, signs):
    cells = [written(value) for value in AMOUNTS]
    values, info = column(cells)
    assert values.tolist() == AMOUNTS
    reading = info.decided.columns["x"]
    assert list(reading.signs) == signs
    assert any(f"those with {signs[1]} are negative" in note for note in info.notes)
    form = NumberText.of(number_writing(info), "x")
    assert form.readings(cells[0]) == [AMOUNTS[0]]
    card = {"features": [{"name": "x", "kind": "number"}], "numbers": number_writing(info)}
    assert prediction_rows(pd.DataFrame({"x": cells}), card)[0]["x"].tolist() == AMOUNTS


@pytest.mark.parametrize("degree", ["°", "° ", " "])
@pytest.mark.parametrize("pair", ["NS", "EW"])
def test_compass_points_are_signs(degree, pair):
    values, _ = column([f"{abs(place)}{degree}{pair[place < 0]}" for place in PLACES])
    assert values.tolist() == PLACES


@pytest.mark.parametrize(
    ("cells", "expected", "unit"),
    [
        ([f"$ ({-value:,.2f})" if value < 0 else f"$ {value:,.2f}" for value in AMOUNTS], AMOUNTS, "$"),
        ([f"{german(value)} €/m²" for value in AMOUNTS], AMOUNTS, "€/m²"),
        ([f"{value} $/kWh" for value in AMOUNTS], AMOUNTS, "$/kWh"),
        (
            [f"{at % 4} {'bed' if at % 4 == 1 else 'beds'}" for at in range(ROWS)],
            [at % 4 for at in range(ROWS)],
            "beds",
        ),
        ([f"'{value}" for value in AMOUNTS], AMOUNTS, None),
        ([f'"=""{value}"""' for value in AMOUNTS], AMOUNTS, None),
    ],
)
def test_numbers_are_read_with_what_stands_around_them(cells, expected, unit):
    values, info = column(cells)
    assert values.tolist() == expected
    assert info.units.get("x") == unit


@pytest.mark.parametrize(
    "cells",
    [
        [f"{100 + at}{'AB'[at % 2]}" for at in range(ROWS)],  # No billions.
        [f"{100 + at}{'KM'[at % 2]}" if at % 3 else f"{100 + at}D" for at in range(ROWS)],
        [f"{at % 9 + 1}E{at % 7}" for at in range(ROWS)],  # No powers of ten.
        [f"{at * 37 + 1001:05d}" if at % 9 else "" for at in range(ROWS)],  # Zeros in front, and blank cells.
        [f"{at % 6}{'+-'[at % 2]}" for at in range(ROWS)],
        [f"{7 + at % 5}.5 {'CDE'[at % 3]}" for at in range(ROWS)],  # Widths of shoes.
        [f"{at % 30}+" if at % 9 == 0 else f"{at % 30}" for at in range(ROWS)],  # Or more.
    ],
)
def test_names_of_digits_and_letters_stay_words(cells):
    values, _ = column(cells)
    assert [None if pd.isna(value) else value for value in values] == [cell or None for cell in cells]


def test_a_word_behind_a_few_numbers_is_no_unit():
    values, info = column([f"{at}.5" if at % 12 else f"{at} Dividend" for at in range(ROWS)])
    assert [at for at, value in enumerate(values) if np.isnan(value)] == [0, 12, 24, 36, 48]
    assert "5 of 60 cells of 'x' are not numbers and count as missing: 0 Dividend" in " ".join(info.notes)
    assert column([f"{at} kg" if at % 8 == 0 else f"{at}" for at in range(ROWS)])[0].tolist() == [*range(ROWS)]


def test_powers_of_ten_are_numbers_where_they_have_a_point_or_a_small_letter():
    assert column([f"{at % 9 + 1}e{at % 7}" for at in range(ROWS)])[0].dtype == "float64"
    values, _ = column([f"{at % 9 + 1}.0E{at % 7}" for at in range(ROWS)])
    assert values.tolist() == [(at % 9 + 1) * 10.0 ** (at % 7) for at in range(ROWS)]


def test_yes_and_no_in_many_spellings_are_two_values():
    spellings = ["yes", "Yes", "Y", "no", "N", "NO", "true"]
    values, info = column([spellings[at % 7] for at in range(ROWS)])
    assert values.tolist() == [at % 7 in (0, 1, 2, 6) for at in range(ROWS)]
    (note,) = [note for note in info.noted if note.kind == "truths"]
    assert note.text.startswith("Column 'x' holds yes and no in 7 spellings (yes, Yes, Y, no, N, ...), read as")
    ((label, reading),) = alternatives(note, info.decided)
    assert (label, reading.columns["x"].as_) == ("Read as words", "text")
    assert column(["yes", "no"] * 30)[0].unique().tolist() == ["yes", "no"]
    assert column(["x", "0", "1"] * 20)[0].nunique() == 3


@pytest.mark.parametrize(
    ("form", "way"),
    [
        ("%Y%m%d%H%M%S", "YYYYMMDDHHMMSS"),
        ("%Y%m%d%H%M", "YYYYMMDDHHMM"),
        ("%Y%m%d%H00", "YYYYMMDDHHMM"),
        ("%Y%m%d%H", "YYYYMMDDHH"),
    ],
)
def test_digits_of_a_day_and_a_clock_are_moments(form, way):
    written = [moment.strftime(form) for moment in MOMENTS]
    values, _ = column(written, "time")
    described = profile(values.to_frame())
    assert described.column("time").kind == "date"
    assert way in " ".join(described.notes)
    meant = [datetime.datetime.strptime(cell.ljust(14, "0"), "%Y%m%d%H%M%S") for cell in written]
    expected = [(moment - datetime.datetime(1970, 1, 1)) / datetime.timedelta(days=1) for moment in meant]
    assert days(values, way).tolist() == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("form", ["%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ", "%Y-%m-%d-%H.%M.%S", "%Y%m%d %H%M"])
def test_moments_without_colons_are_read(form):
    assert column([moment.strftime(form) for moment in MOMENTS])[0].tolist() == MOMENTS


@pytest.mark.parametrize("form", ["KW {}/{}", "Week {}, {}", "W{:02} {}"])
def test_weeks_are_their_mondays(form):
    weeks = [moment.isocalendar() for moment in MOMENTS]
    mondays = [datetime.datetime.fromisocalendar(week.year, week.week, 1) for week in weeks]
    assert column([form.format(week.week, week.year) for week in weeks])[0].tolist() == mondays


def test_serials_among_the_dates_of_a_workbook_are_dates_and_in_a_text_file_a_doubt():
    start = datetime.datetime(1899, 12, 30)
    midnights = [moment.replace(hour=0, minute=0) for moment in MOMENTS]
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["day", "y"])
    for at, day in enumerate(midnights):
        book.worksheets[0].append([day if at % 3 else (day - start).days, at])
    book.save(file)
    frame, _ = read_bytes("a.xlsx", file.getvalue())
    assert frame["day"].tolist() == midnights
    cells = [f"{day:%d.%m.%Y}" if at % 3 else str((day - start).days) for at, day in enumerate(midnights)]
    values, info = column(cells)
    assert values.tolist() == cells
    assert any("which a spreadsheet may have made of dates: treated as words" in note for note in info.notes)


def test_text_with_a_decimal_comma_beside_number_cells_of_a_workbook_is_read():
    book, file = openpyxl.Workbook(), io.BytesIO()
    book.worksheets[0].append(["x", "y"])
    for at, value in enumerate(AMOUNTS):
        book.worksheets[0].append([str(value).replace(".", ",") if at % 2 else value, at])
    book.save(file)
    assert read_bytes("a.xlsx", file.getvalue())[0]["x"].tolist() == AMOUNTS


def test_the_program_reads_signs_too(tmp_path):
    tables = Tables(TableStore(tmp_path))
    lines = ["x;y", *(f"{abs(value)} {'DR' if value < 0 else 'CR'};{at}" for at, value in enumerate(AMOUNTS))]
    info = tables.store.keep("a.csv", "\n".join(lines).encode())
    of = read(
        {
            "version": 1,
            "data": {"table": info.ref, "targets": ["y"], "features": {"x": "number"}},
            "layers": [{"layer": "Dense", "units": 1}],
        }
    )
    source = program(of, tables.situation(of), info)
    assert "def signed_cells(" in source
    assert "'signs': ['CR', 'DR']" in source


@pytest.mark.parametrize("unit", ["m2", "cm3", "m²", "kg/m2", "sq. ft.", "kg.", "km/h"])
def test_a_digit_or_point_of_a_unit_is_none_of_the_number(unit):
    frame = pd.DataFrame({"size": [f"{at}.5 {unit}" for at in range(1, 31)]})
    readings, _ = column_readings(frame)
    values = with_values(frame, as_json(readings), CELL_READERS)["size"]
    assert values.tolist() == [at + 0.5 for at in range(1, 31)]


@pytest.mark.parametrize(
    "units",
    [
        ("sq ft", "sq. ft.", "sqft", "ft²", "ft2"),
        ("km/h", "kmh", "KM/H"),
        ("m2", "m²", "sqm"),
        ("cm³", "cm3"),
        ("kg", "kg.", "KG"),
        ("kg.", "kg"),
    ],
)
def test_spellings_of_one_unit_are_one_unit(units):
    frame = pd.DataFrame({"size": [f"{at}.5 {units[at % len(units)]}" for at in range(1, 31)]})
    readings, _ = column_readings(frame)
    assert readings["size"].as_ == "number"
    values = with_values(frame, as_json(readings), CELL_READERS)["size"]
    assert values.tolist() == [at + 0.5 for at in range(1, 31)]


@pytest.mark.parametrize("units", [("km/h", "mph"), ("m2", "m3"), ("m", "m2"), ("sq ft", "sq m"), ("ft", "ft2")])
def test_units_that_differ_are_not_mixed(units):
    readings, notes = column_readings(
        pd.DataFrame({"size": [f"{at}.5 {units[at % len(units)]}" for at in range(1, 31)]})
    )
    assert not readings
    assert "amounts of different units" in notes[0].text


def test_brackets_beside_typed_numbers_of_a_workbook_are_minus_signs():
    def sheet(cells):
        book, file = openpyxl.Workbook(), io.BytesIO()
        for row in [["v", "n"], *([cell, at] for at, cell in enumerate(cells))]:
            book.worksheets[0].append(row)
        book.save(file)
        return read_bytes("a.xlsx", file.getvalue())

    amounts, _ = sheet([-1200.5, "(1,234.00)", 812.25, "(15.20)", -3, "(1,000.00)"] * 3)
    assert amounts["v"].tolist() == [-1200.5, -1234, 812.25, -15.2, -3, -1000] * 3
    _, notes = sheet([1200.5, "(1)", 812.25, "(2)", 3, 4, 5, 6] * 3)
    assert "numbers that are all in brackets, which may be notes" in " ".join(notes.notes)
