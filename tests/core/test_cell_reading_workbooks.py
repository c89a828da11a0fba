"""Columns of a workbook in which numbers stand beside text."""

import datetime
import io

import openpyxl
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.tables.number_text import number_writing
from core.tables.prediction_rows import prediction_rows, prediction_rows_of_file
from core.tables.sources import read_bytes
from tests.core.test_cell_reading import NAN, said


@pytest.mark.parametrize(
    ("typed", "expected"),
    [([1244, 2621, 980, 1500], [1059, 2860]), ([40, 60, 50, 45], None)],
)
def test_text_of_a_workbook_is_read_by_the_size_of_the_numbers_beside_it(typed, expected):
    file = io.BytesIO()
    pd.DataFrame({"visitors": [*typed, "1,059", "2,860"], "y": range(6)}).to_excel(file, index=False)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    if expected is None:
        assert "which may mean thousands or decimals" in " ".join(info.notes)
    else:
        assert frame["visitors"].tolist() == pytest.approx([*typed, *expected])


def test_a_workbook_may_hold_numbers_and_words_side_by_side():
    file = io.BytesIO()
    frame = pd.DataFrame({"size": [1200.5, "1,300", "n/a", 7], "name": ["a", 7, 2.5, "b "]})
    frame.to_excel(file, index=False)
    found, info = read_bytes("a.xlsx", file.getvalue())
    assert found["size"].tolist() == pytest.approx([1200.5, 1300, NAN, 7], nan_ok=True)
    assert found["name"].tolist() == ["a", "7", "2.5", "b"]
    assert said(info, "mixed") == "Column 'name' holds words and numbers side by side, read as words (rows 3, 4, 5)."


def _workbook(**columns) -> tuple[pd.DataFrame, TableInfo]:
    file = io.BytesIO()
    pd.DataFrame(columns).to_excel(file, index=False, startrow=3)
    return read_bytes("a.xlsx", file.getvalue())


def test_zeros_that_only_the_format_of_a_sheet_shows_are_named():
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for at in range(40):
        sheet.append(["zip", "sold"] if at == 0 else [1000 + 37 * at, at])
        sheet.cell(at + 1, 1).number_format = "00000" if at else "General"
        sheet.cell(at + 1, 2).number_format = "0.00" if at else "General"
    book.save(file)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    assert frame["zip"].tolist() == [1000 + 37 * at for at in range(1, 40)]
    said = "The sheet shows the numbers of 'zip' with leading zeros (00000): they are read without them."
    assert [note.text for note in info.noted if note.kind == "zeros"] == [said]


def test_number_cells_beside_text_with_a_sign_have_the_same_unit():
    frame, info = _workbook(revenue=[*[17204.82, 99.5] * 30, "$17,204.82", "($5)"], weight=[*range(60), "61 kg", "TBC"])
    assert frame["revenue"].tolist() == [*[17204.82, 99.5] * 30, 17204.82, -5]
    assert frame["weight"].tolist() == pytest.approx([*range(60), 61, NAN], nan_ok=True)
    assert info.units == {"revenue": "$", "weight": "kg"}
    assert "TBC (row 66)" in said(info, "unread")  # Three rows above the names, which are in row 4.


def test_percents_of_a_workbook_are_fractions_where_they_are_numbers():
    frame, info = _workbook(discount=[*[0.15, 0.5] * 20, "15 %", "7.5%"], rate=[*[15, 50] * 20, "15 %", "7.5%"])
    assert frame["discount"].tolist() == frame["rate"].tolist() == pytest.approx([*[15, 50] * 20, 15, 7.5])
    assert info.units == {"discount": "%", "rate": "%"}
    assert "number cells like 0.5 beside text like 15 %" in said(info, "fractions")
    card = {
        "features": [{"name": name, "kind": "number"} for name in frame],
        "numbers": number_writing(info),
    }
    for asked in ([0.15, 0.2], [0.15, "20 %"]):
        file = io.BytesIO()
        pd.DataFrame({"discount": asked, "rate": [15, 20]}).to_excel(file, index=False)
        given, of = read_bytes("ask.xlsx", file.getvalue(), cells=True)
        rows, _ = prediction_rows_of_file(given, of, file.getvalue(), card)
        again, _ = prediction_rows(rows, card)
        assert rows["discount"].tolist() == again["discount"].tolist() == pytest.approx([15, 20])
        assert again["rate"].tolist() == [15, 20]


def test_numbers_beyond_a_floats_digits_and_months_of_a_workbook_are_kept():
    """pandas makes 1.2345678901234567e+19 and 5.2014 of these texts."""
    months = [f"{at % 12 + 1:02}.2014" for at in range(12)]
    frame, _ = _workbook(account=[*(f"1234567890123456789{at}" for at in range(11)), None], month=months, y=range(12))
    assert frame["account"].tolist()[:3] == [f"1234567890123456789{at}" for at in range(3)]
    assert frame["month"].tolist()[:2] == [pd.Timestamp("2014-01-01"), pd.Timestamp("2014-02-01")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([1101, "1.100", 1205, "2.104.000", 1303], [1101, 1100, 1205, 2_104_000, 1303]),
        ([1101, "1.100", 1205, None, 1303.5], [1101, 1100, 1205, NAN, 1303.5]),
        ([1.25, "1.100", 2.5, 3.75, 4.5], [1.25, 1.1, 2.5, 3.75, 4.5]),
        ([1101, "1.5", 1205, 1303, 1404], [1101, 1.5, 1205, 1303, 1404]),
    ],
)
def test_a_point_between_thousands_of_text_is_told_by_the_numbers_beside_it(cells, expected):
    frame, info = _workbook(price=cells * 4, y=range(20))
    assert frame["price"].tolist() == pytest.approx(expected * 4, nan_ok=True)
    card = {"features": [{"name": "price", "kind": "number"}], "numbers": number_writing(info)}
    file = io.BytesIO()
    pd.DataFrame({"price": cells}).to_excel(file, index=False)
    given, of = read_bytes("ask.xlsx", file.getvalue(), cells=True)
    rows, _ = prediction_rows_of_file(given, of, file.getvalue(), card)
    assert rows["price"].astype(float).tolist() == pytest.approx(expected, nan_ok=True)


def _formatted(formats: list[str]) -> TableInfo:
    """A sheet of numbers in these formats, one after another."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    sheet.append(["price", "y"])
    for at in range(24):
        sheet.append([at / 100, at])
        sheet.cell(at + 2, 1).number_format = formats[at % len(formats)]
    book.save(file)
    return read_bytes("a.xlsx", file.getvalue())[1]


@pytest.mark.parametrize(
    ("formats", "says"),
    [
        (["0%", "0.00%"], ""),
        (
            ["0%", "0%", "General"],
            "16 numbers of 'price' as percentages and 8 not: they are read as stored, 15 % as 0.15.",
        ),
        (["[$€-407] #,##0.00", "[$$-409]#,##0.00"], "numbers of 'price' in different units (€, $): read without them."),
        (['#,##0 "kg"', '#,##0\\ "g"'], "numbers of 'price' in different units (kg, g): read without them."),
        (['#,##0.00 "€"', "#,##0.00"], ""),  # Which only some cells show.
        (['0.0,"K"', '0.0,,"M"'], ""),  # The cells are as large as they are.
    ],
)
def test_numbers_that_a_sheet_shows_in_different_units_are_said(formats, says):
    notes = [note for note in _formatted(formats).noted if note.kind == "formats"]
    assert len(notes) == bool(says)
    assert all(says in note.text for note in notes)


def test_percents_of_a_workbook_are_those_of_a_training_table_with_percents_as_text():
    _, trained = read_bytes("a.csv", ("share,y\n" + "\n".join(f"{at} %,{at}" for at in range(30))).encode())
    card = {"features": [{"name": "share", "kind": "number"}], "numbers": number_writing(trained)}
    for form, expected in (("0%", [12, 5, 50]), ("General", [0.12, 0.05, 0.5])):
        book, file = openpyxl.Workbook(), io.BytesIO()
        sheet = book.worksheets[0]
        for row in (
            ["Shares of 2024"],
            [],
            [None, "shop", "share"],
            *([None, "a", share] for share in (0.12, 0.05, 0.5)),
        ):
            sheet.append(row)
        for row in (4, 5, 6):
            sheet.cell(row, 3).number_format = form
        book.save(file)
        given, of = read_bytes("ask.xlsx", file.getvalue(), cells=True)
        rows, _ = prediction_rows_of_file(given, of, file.getvalue(), card)
        assert rows["share"].tolist() == pytest.approx(expected)


def test_days_that_a_spreadsheet_may_have_taken_for_months_are_said():
    """A file with 02/01/2024 and 15/01/2024, opened where the month is first: the one becomes a date, the other not."""
    days = [datetime.datetime(2024, 1, 1) + datetime.timedelta(days=7 * at) for at in range(40)]
    whole = [day.strftime("%d/%m/%Y") if at % 2 else day for at, day in enumerate(days)]
    exchanged = [datetime.datetime(2024, day.day, day.month) if day.day <= 12 else f"{day:%d/%m/%Y}" for day in days]
    for cells, told in ((whole, False), (exchanged, True)):
        _, info = _workbook(day=cells, y=range(40))
        assert ("a spreadsheet may have taken their month for the day" in " ".join(info.notes)) == told


@pytest.mark.parametrize(("hours", "seconds"), [(range(2, 30), 11_700), ([at / 60 for at in range(1, 20)], 195)])
def test_text_beside_typed_durations_is_read_by_their_size(hours, seconds):
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["taken", "y"])
    for at, cell in enumerate([*(datetime.timedelta(hours=hour) for hour in hours), "3:15"]):
        sheet.append([cell, at])
        sheet.cell(at + 2, 1).number_format = "[h]:mm:ss"
    file = io.BytesIO()
    book.save(file)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    assert frame["taken"].tolist() == [*(pytest.approx(3600 * hour) for hour in hours), seconds]
    parts = "hours and minutes" if seconds > 3600 else "minutes and seconds"
    assert f"durations like 3:15 ({parts}), read as seconds" in " ".join(info.notes)
