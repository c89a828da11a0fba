"""Groups within a table: headings above their rows, totals and means between and above rows, notes between values,
printed pages, pivot tables and tables beside the table. The expected values are those that the files are written from.
"""

import io
import random

import openpyxl
import pytest

from core.experiment.reading_edits import alternatives
from core.tables.sources import read_bytes

SALES = [round(50 + 7.3 * (at % 13) + 0.01 * at, 2) for at in range(60)]
GROUPS = ["North", "South", "West"]
ROWS = [f"b{at % 5},m{at % 7},{SALES[at]}" for at in range(60)]


def read(lines: list[str]):
    return read_bytes("a.csv", "\n".join(lines).encode() + b"\n")


def grouped(above: str = "", below: str = "", rows: list[str] = ROWS) -> list[str]:
    """Rows in groups of 20, with a line above and below each: "{name}", "{total}" and "{mean}" of its sales."""
    lines = []
    for at, name in enumerate(GROUPS):
        own = SALES[at * 20 : at * 20 + 20]
        values = {"name": name, "total": f"{sum(own):.2f}", "mean": f"{sum(own) / 20:.3f}"}
        lines += [*([above.format(**values)] if above else []), *rows[at * 20 : at * 20 + 20]]
        lines += below.format(**values).split("|") if below else []
    return lines


def note(info, kind: str):
    (found,) = [one for one in info.noted if one.kind == kind]
    return found


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("{name},,", ""),
        ("{name}", ""),
        ("{name},,", "Subtotal,,{total}|,,"),
        (",{name},", ""),
        ("{name},,", "Average,,{mean}"),
    ],
)
def test_headings_of_groups_are_no_rows(above, below):
    frame, info = read(["branch,month,sales", *grouped(above, below)])
    assert frame["sales"].tolist() == SALES
    said = note(info, "headings")
    assert "hold a name only ('North', 'South', 'West'), like headings of groups, and were left out" in said.text
    _, (label, other) = alternatives(said, info.decided)
    assert label == "Keep as values"
    assert len(read_bytes("a.csv", "\n".join(["branch,month,sales", *grouped(above, below)]).encode(), other)[0]) > 60


def test_headings_far_below_the_beginning_are_found_too():
    lines = ["branch,month,sales"]
    for group in range(5):
        lines += [f"Group {'ABCDE'[group]},,", *(f"b{at % 5},m{at % 7},{at}.5" for at in range(300))]
    frame, _ = read(lines)
    assert frame["sales"].tolist() == [at + 0.5 for _ in range(5) for at in range(300)]


def test_rows_of_a_name_alone_may_be_values_and_are_said():
    lines = [f"place {at},,{at}.5" if at % 10 else f"place {at},," for at in range(40)]
    frame, info = read(["name,x,y", *lines])
    assert len(frame) == 40
    said = note(info, "headings")
    assert said.text.endswith("like headings of groups: kept as values.")
    assert [label for label, _ in alternatives(said, info.decided)] == ["Make a column of them", "Leave out"]


def test_words_that_stand_beside_values_too_are_no_headings():
    lines = [f"{'' if at % 5 == 0 else at},{'abc'[at % 3]}" for at in range(30)]
    frame, info = read(["y,word", *lines])
    assert len(frame) == 30
    assert note(info, "headings").text.endswith("kept as values.")


def test_a_single_value_that_is_missing_is_no_heading():
    _, info = read(["name,y", "a,", *(f"b{at},{at}.5" for at in range(20))])
    assert not [one for one in info.noted if one.kind == "headings"]


def test_means_between_groups_are_no_rows():
    frame, info = read(["branch,month,sales", *grouped("", "Average,,{mean}")])
    assert frame["sales"].tolist() == SALES
    assert "Lines 22, 43, 64 hold totals or means of the rows above" in note(info, "totals").text
    grades = [f"{word},{at}.5" for at, word in enumerate(["Average", "Good"] * 20)]
    assert len(read(["grade,y", *grades])[0]) == 40


def test_a_name_that_stands_once_may_be_filled_down():
    lines = [f"{GROUPS[at // 20] if at % 20 == 0 else ''},{ROWS[at]}" for at in range(60)]
    content = "\n".join(["region,branch,month,sales", *lines]).encode()
    frame, info = read_bytes("a.csv", content)
    assert frame["region"].notna().sum() == 3
    said = note(info, "sparse")
    assert said.text == "Column 'region' is filled in 3 of 60 rows only, the first among them."
    ((label, other),) = alternatives(said, info.decided)
    assert label == "Fill down"
    frame, info = read_bytes("a.csv", content, other)
    assert frame["region"].tolist() == [name for name in GROUPS for _ in range(20)]
    assert not [one for one in info.noted if one.kind == "sparse"]


def test_pages_of_a_printed_report_are_one_table():
    lines = ["Report of sales", "Page 1", "branch,month,sales", *ROWS[:30]]
    lines += ["", "Report of sales", "Page 2", "branch,month,sales", *ROWS[30:]]
    frame, info = read(lines)
    assert frame["sales"].tolist() == SALES
    assert "Lines 35, 36, 37 repeat the names or the lines above them" in note(info, "repeated").text


@pytest.mark.parametrize("remark", ["# sensor changed", "Page 7", "Note: estimated from here on"])
def test_notes_between_values_are_no_rows(remark):
    frame, info = read(["a,b,y", *(f"{at},{at * 2},{at}.5" for at in range(30)), remark, "30,60,30.5", "31,62,31.5"])
    assert frame["y"].tolist() == [at + 0.5 for at in range(32)]
    assert note(info, "remarks").text == "Line 32 between the values holds notes and was left out."


def test_a_listing_of_a_database_is_a_table():
    lines = ["branch  month  sales", "------  -----  -----", *(row.replace(",", "      ") for row in ROWS)]
    frame, _ = read_bytes("a.txt", "\n".join([*lines, "", "(60 rows affected)"]).encode())
    assert (list(frame), frame["sales"].tolist()) == (["branch", "month", "sales"], SALES)


def book(rows: list[list[object]], start: int = 1) -> bytes:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    for at, row in enumerate(rows, start):
        for column, cell in enumerate(row, 1):
            workbook.worksheets[0].cell(at, column, cell)
    workbook.save(file)
    return file.getvalue()


def test_hidden_rows_and_columns_are_named():
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    sheet = workbook.worksheets[0]
    for row in [["a", "b", "y"], *([at, at * 2, at * 2.5] for at in range(20))]:
        sheet.append(row)
    for row in (5, 6, 7):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["B"].hidden = True
    workbook.save(file)
    frame, info = read_bytes("a.xlsx", file.getvalue())
    assert frame.shape == (20, 3)
    rows, columns = [one for one in info.noted if one.kind == "hidden"]
    assert rows.text == "Rows 5, 6, 7 are hidden in the sheet, by a filter or by hand, and were read, too."
    assert columns.text == "Column 'b' is hidden in the sheet, and is read, too."
    ((label, other),) = alternatives(rows, info.decided)
    assert label == "Leave out"
    assert read_bytes("a.xlsx", file.getvalue(), other)[0]["a"].tolist() == [*range(3), *range(6, 20)]


@pytest.mark.parametrize("years", [("2022", "2023"), (2022, 2023)])
@pytest.mark.parametrize("total", [True, False])
def test_a_pivot_table_has_its_names_in_the_second_row(years, total):
    rows = [[f"b{at}", 100 + at, 200 + 3 * at, *([300 + 4 * at] if total else [])] for at in range(20)]
    names = ["Row Labels", *years, *(["Grand Total"] if total else [])]
    frame, _ = read_bytes("a.xlsx", book([["Sum of sales", "Column Labels"], names, *rows]))
    assert list(frame) == [str(name) for name in names]
    assert frame["2022"].tolist() == [100 + at for at in range(20)]


def test_totals_above_their_rows_are_no_rows():
    amounts = [1000 + 37 * at for at in range(60)]
    rows = []
    for at, name in enumerate(GROUPS):
        own = amounts[at * 20 : at * 20 + 20]
        rows += [[name, sum(own)], *([f"b{place}", amount] for place, amount in enumerate(own))]
    frame, info = read_bytes("a.xlsx", book([["Row Labels", "Sales"], *rows, ["Grand Total", sum(amounts)]]))
    assert frame["Sales"].tolist() == amounts
    assert any("Rows 2, 23, 44 hold totals of the rows below and were left out" in text for text in info.notes)


def test_a_smaller_table_beside_the_table_is_left_out():
    rows = [["a", "y", None, "key", "value"]]
    rows += [[at, at * 2.5, None, *([f"k{at}", at] if at < 6 else [])] for at in range(40)]
    frame, info = read_bytes("a.xlsx", book(rows))
    assert (list(frame), frame["y"].tolist()) == (["a", "y"], [at * 2.5 for at in range(40)])
    assert note(info, "beside").text == (
        "Columns 4 to 5 of the file lie apart from the table, hold fewer rows, and were left out."
    )
    spaced = [["a", None, "y"], *([at, None, at * 2.5] for at in range(40))]
    assert [name for name in read_bytes("a.xlsx", book(spaced))[0] if "Unnamed" not in name] == ["a", "y"]


@pytest.mark.slow
@pytest.mark.parametrize(("names", "low", "high"), [("own", 0, 5), ("own", -3, 3), ("abc", 0, 3), ("abc", -5, 5)])
def test_small_numbers_that_add_up_by_chance_are_no_totals(names, low, high):
    """Of 900 such tables between 3 and 14 lost rows."""
    for seed in range(60):
        draw = random.Random(seed)
        rows = [(f"I{at}" if names == "own" else "abc"[at % 3], draw.randint(low, high)) for at in range(12)]
        frame, _ = read_bytes("a.csv", ("name,qty\n" + "".join(f"{name},{qty}\n" for name, qty in rows)).encode())
        assert list(frame["qty"]) == [qty for _, qty in rows]
