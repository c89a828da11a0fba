"""Where a table lies in a workbook, and which of its sheets is read."""

import datetime
import io
import math

import openpyxl
import pandas as pd
import pytest
from openpyxl.chart import BarChart, Reference

from core.experiment.reading import TableReading
from core.tables.errors import TableError
from core.tables.sources import read_bytes
from tests.core.test_layout import FRAME, again, frame_of


def book(**sheets) -> openpyxl.Workbook:
    """A workbook of sheets of rows."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return made


def saved(made: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


ROWS = [["id", "price", "color"], [1, 10.5, "red"], [2, 11.5, "blue"], [3, 12.5, "red"], [4, 13.5, "green"]]
NOTHING = [None, None, None]


def test_the_first_visible_sheet_that_holds_a_table_is_read_and_all_are_listed():
    made = book(
        Cover=[["Prices"], ["of the shop"], ["see below"]], Raw=[["a", "b"], *[[1, 2]] * 40], Data=ROWS, Lists=[["x"]]
    )
    made["Raw"].sheet_state = "hidden"
    frame, info = read_bytes("a.xlsx", saved(made))
    frame_of(FRAME, frame)
    assert info.decided.sheet == "Data"
    assert [(sheet.name, sheet.rows, sheet.columns, sheet.hidden) for sheet in info.sheets] == [
        ("Cover", 3, 1, False),
        ("Raw", 41, 2, True),
        ("Data", 5, 3, False),
        ("Lists", 1, 1, False),
    ]
    assert "The sheet, 'Data', was read; the workbook has 4 sheets, of which 1 is hidden." in info.notes
    pd.testing.assert_frame_equal(again(saved(made), info), frame)
    assert list(read_bytes("a.xlsx", saved(made), TableReading(sheet="Raw"))[0].columns) == ["a", "b"]
    with pytest.raises(TableError, match="has no sheet 'Old': choose one of 'Cover', 'Raw', 'Data', 'Lists'"):
        read_bytes("a.xlsx", saved(made), TableReading(sheet="Old"))


def test_a_business_workbook_is_read_from_its_table():
    """Titles over merged cells, a table that begins at B3, branches merged down, a totals row, a footnote."""
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["B1"] = "Branches 2024"
    sheet.merge_cells("B1:E1")
    table = [["Branch", "Month", "Sold", "Share"], ["East", "Jan", 10, 0.5], [None, "Feb", 20, 0.25]]
    table += [["West", "Jan", 30, 0.125], [None, "Feb", 40, 0.125], ["Total", None, 100, 1.0]]
    for at, row in enumerate(table):
        for place, cell in enumerate(row):
            sheet.cell(3 + at, 2 + place, cell)
    sheet.merge_cells("B4:B5")
    sheet.merge_cells("B6:B7")
    sheet["B10"] = "Source: own books"
    content = saved(made)
    frame, info = read_bytes("a.xlsx", content)
    frame_of(
        {"Branch": ["East", "East", "West", "West"], "Month": ["Jan", "Feb"] * 2, "Sold": [10, 20, 30, 40],
         "Share": [0.5, 0.25, 0.125, 0.125]},
        frame,
    )  # fmt: skip
    said = " ".join(info.notes)
    assert "2 cells of 'Branch' are merged with the cell above and took its value." in said
    assert "Row 8 holds totals" in said
    assert "Row 10 below the table holds notes" in said
    assert (info.decided.header, info.decided.first_row, info.decided.last_row) == ((2,), 3, 6)
    assert (info.decided.first_column, info.decided.last_column, info.filled_down) == (1, 4, ("Branch",))
    pd.testing.assert_frame_equal(again(content, info), frame)
    pd.testing.assert_frame_equal(read_bytes("a.xlsx", content, info.decided)[0], frame)


def test_blank_cells_beside_merged_ones_are_not_filled_unless_a_person_says_so():
    made = book(Data=[["branch", "sold"], ["East", 1], [None, 2], ["West", 3], [None, 4]])
    made["Data"].merge_cells("A2:A3")
    frame, info = read_bytes("a.xlsx", saved(made))
    assert frame["branch"].isna().tolist() == [False, True, False, True]
    (note,) = [note for note in info.noted if note.kind == "merged"]
    assert (note.decision, note.column, note.count) == ("filled_down", "branch", 1)
    chosen = read_bytes("a.xlsx", saved(made), TableReading(filled_down=("branch",)))[0]
    assert chosen["branch"].tolist() == ["East", "East", "West", "West"]


def test_formulas_that_were_never_calculated_and_errors_are_named():
    made = book(Data=[["a", "b", "y"], *[[at, at + 1, f"=A{at + 2}+B{at + 2}"] for at in range(240)]])
    _, info = read_bytes("a.xlsx", saved(made))
    assert (
        "240 cells of y hold formulas without a value: open the file in a spreadsheet program and save it."
    ) in info.notes
    made = book(Data=[*ROWS, [5, "#DIV/0!", "red"]])
    _, info = read_bytes("a.xlsx", saved(made))
    assert "1 cell of price holds an error (#DIV/0!): treated as missing." in info.notes


def test_days_and_numbers_as_names_are_words():
    made = book(Data=[[2019, "2019", datetime.datetime(2024, 1, 1)], [1, 2, 3], [4, 5, 6]])
    assert list(read_bytes("a.xlsx", saved(made))[0].columns) == ["2019", "2019.1", "2024-01-01"]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_row_of_blank_cells_is_a_row_to_predict_for(name):
    rows = [["a", "b"], [1, 2], [None, None], [3, 4]]
    text = b"a,b\n1,2\n,\n3,4\n"
    content = text if name == "a.csv" else saved(book(Data=rows))
    assert read_bytes(name, content, cells=True)[0]["a"].tolist() == pytest.approx([1, math.nan, 3], nan_ok=True)
    frame, info = read_bytes(name, content)
    assert frame["a"].tolist() == [1, 3]
    assert "3 is blank and was left out." in " ".join(info.notes)


def test_a_sheet_of_a_chart_alone_may_be_the_first():
    """pandas reads the first sheet where none is named, and counts this one."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in [["km", "cost"], *([at, at * 2.5] for at in range(1, 9))]:
        sheet.append(row)
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=9))
    book.create_chartsheet("Chart", 0).add_chart(chart)
    book.save(file)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    assert frame["cost"].tolist() == [at * 2.5 for at in range(1, 9)]
    assert pd.read_excel(file, **info.options).equals(frame)
