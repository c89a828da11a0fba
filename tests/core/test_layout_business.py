"""Sheets as businesses keep them: totals on top, names in three rows, numbered columns, further tables near by."""

import datetime
import io

import openpyxl
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.tables.sources import read_bytes

SHOPS = [[f"Shop {at}", ["North", "South", "East"][at % 3], 100 + 3 * at, 10.5 + at] for at in range(24)]
HEAD = ["Shop", "Region", "Units", "Price"]
UNITS, PRICES = sum(row[2] for row in SHOPS), sum(row[3] for row in SHOPS)
EXPECTED = pd.DataFrame(SHOPS, columns=HEAD)


def read_sheet(rows: list[list], merged: tuple[str, ...] = ()) -> tuple[pd.DataFrame, TableInfo]:
    """A sheet of rows as it is read, by the app and by pandas with the options that a program has."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    for area in merged:
        sheet.merge_cells(area)
    book.save(file)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    pd.testing.assert_frame_equal(pd.read_excel(file, **info.options), frame, check_dtype=False)
    return frame, info


def text_of(rows: list[list]) -> bytes:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


@pytest.mark.parametrize("name", ["Total", "Grand total", "Gesamtergebnis"])
def test_totals_above_the_rows_they_are_of_are_left_out(name):
    rows = [HEAD, [name, None, UNITS, PRICES], *SHOPS]
    frame, info = read_sheet(rows)
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert "Row 2 holds totals or means of the rows below and was left out." in info.notes
    pd.testing.assert_frame_equal(read_bytes("a.csv", text_of(rows))[0], EXPECTED)


def test_a_first_row_that_is_only_called_a_total_is_kept_and_said():
    frame, info = read_sheet([HEAD, ["Total", None, UNITS + 50, PRICES + 70], *SHOPS])
    assert len(frame) == 25
    assert "Row 2 begins like totals, but does not add up: kept as values." in info.notes


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Overall",
            "Gesamtergebnis",
            "Total général",
            "Totale complessivo",
            "Total geral",
            "Eindtotaal",
            "Totalsumma",
        ),
        *("Suma końcowa", "Celkový součet", "Genel Toplam", "Végösszeg", "Общий итог", "総計", "합계"),
    ],
)
def test_the_last_row_of_a_pivot_table_is_known_in_the_languages_of_spreadsheets(name):
    pd.testing.assert_frame_equal(read_sheet([HEAD, *SHOPS, [name, None, UNITS, PRICES]])[0], EXPECTED)


def test_statistics_below_a_table_are_left_out():
    below = [["Average", None, UNITS / 24, PRICES / 24], ["Max", None, 169, 33.5], ["Std dev", None, 21.2, 7.07]]
    frame, info = read_sheet([HEAD, *SHOPS, *below])
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert "Rows 26, 27, 28 hold totals and were left out." in info.notes


@pytest.mark.parametrize("numbers", [["(1)", "(2)", "(3)", "(4)"], [1, 2, 3, 4]])
def test_a_row_that_numbers_the_columns_is_no_row_of_values(numbers):
    frame, info = read_sheet([HEAD, numbers, *SHOPS])
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert "Row 2 numbers the columns and was left out." in info.notes
    frame, _ = read_bytes("a.csv", text_of([HEAD, numbers, *SHOPS]))
    pd.testing.assert_frame_equal(frame, EXPECTED)


def test_a_first_row_of_running_numbers_among_numbers_is_one_of_values():
    frame, _ = read_sheet([["a", "b", "c"], *([at + 1, at + 2, at + 3] for at in range(12))])
    assert frame.iloc[0].tolist() == [1, 2, 3]


def test_names_of_three_rows_are_joined():
    years = [["Shop", None, "2023", None, "2024", None], [None, None, "Plan", "Actual", "Plan", "Actual"]]
    names = [*years, ["Name", "City", "EUR", "EUR", "EUR", "EUR"]]
    values = [[f"S{at}", f"C{at % 5}", at + 1, at + 2, at + 3, at + 4.5] for at in range(20)]
    title = [["Sales", None, None, None, None, None], []]
    frame, info = read_sheet([*title, *names, *values], ("A1:F1", "A3:B3", "C3:D3", "E3:F3"))
    assert list(frame) == [
        *("Shop Name", "Shop City", "2023 Plan EUR", "2023 Actual EUR", "2024 Plan EUR", "2024 Actual EUR")
    ]
    assert frame["2024 Actual EUR"].tolist() == [at + 4.5 for at in range(20)]
    assert info.notes[0].startswith("The column names are in rows 3, 4 and 5 and were joined")


def test_groups_of_groups_are_joined_to_the_names_below_them():
    names = [
        ["Shop", "Sales", None, None, None, "Costs", None],
        [None, "Q1", None, "Q2", None, None, None],
        [None, "Plan", "Actual", "Plan", "Actual", "Rent", "Wages"],
    ]
    values = [[f"S{at}", *(at + 0.5 * column for column in range(6))] for at in range(20)]
    frame, _ = read_sheet([*names, *values], ("A1:A3", "B1:E1", "F1:G1", "B2:C2", "D2:E2"))
    assert list(frame) == [
        *("Shop", "Sales Q1 Plan", "Sales Q1 Actual", "Sales Q2 Plan", "Sales Q2 Actual", "Costs Rent", "Costs Wages")
    ]


@pytest.mark.parametrize("title", [[["Table 2"]], [["Suppliers"]], []])
def test_another_table_of_other_columns_below_is_not_read_on(title):
    """Its names stand above none of the first table's columns of values."""
    rows = [["Table 1"], HEAD, *SHOPS, [], *title, ["Supplier", "Cost"], *([f"V{at}", at] for at in range(10))]
    frame, info = read_sheet(rows)
    pd.testing.assert_frame_equal(frame, EXPECTED)
    begins = 28 + len(title)
    assert f"Another table begins in row {begins}: everything from there to row {begins + 10} was left out." in (
        info.notes
    )


def test_two_words_behind_a_gap_are_values_where_no_value_tells_otherwise():
    rows = [HEAD, *SHOPS[:12], [], ["Shop 99", "West", None, None], *SHOPS[12:]]
    assert len(read_sheet(rows)[0]) == 25


def test_tables_side_by_side_of_one_length_are_said():
    frame, info = read_sheet(
        [["Shop", "Units", None, "Supplier", "Cost"], *([f"S{at}", at, None, f"V{at}", at * 2] for at in range(20))]
    )
    assert len(frame) == 20
    assert info.notes == ("Column 3 of the file is blank: the cells on both sides were read as one table, row by row.",)


def test_days_above_the_names_of_several_columns_are_joined_to_them():
    days = [datetime.datetime(2024, month, 1) for month in (1, 2)]
    names = [["Shop", days[0], None, days[1], None], [None, "Plan", "Actual", "Plan", "Actual"]]
    values = [[f"S{at}", at, at + 1, at + 2, at + 3.5] for at in range(20)]
    frame, _ = read_sheet([*names, *values], ("A1:A2", "B1:C1", "D1:E1"))
    assert list(frame) == ["Shop", "2024-01-01 Plan", "2024-01-01 Actual", "2024-02-01 Plan", "2024-02-01 Actual"]
    assert frame["2024-02-01 Actual"].tolist() == [at + 3.5 for at in range(20)]
