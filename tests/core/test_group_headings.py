"""Headings of groups as columns: each row gets the names above it. The expected values are those that the files are
written from.
"""

import ast
import io

import openpyxl
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.reading import TableReading
from core.experiment.reading_edits import alternatives, changed
from core.experiment.spec import read
from core.keras_code.script import program
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.group_headings import with_headings
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_alike, read_bytes

REGIONS = ["Region North", "Region South", "Region West"]
EXPECTED = pd.DataFrame(
    {
        "Region": pd.Series([REGIONS[at // 20] for at in range(60)], dtype="str"),
        "branch": pd.Series([f"b{at % 5}" for at in range(60)], dtype="str"),
        "month": [at % 7 for at in range(60)],
        "sales": [round(50 + 7.3 * (at % 13) + 0.01 * at, 2) for at in range(60)],
    }
)
ROWS = EXPECTED.drop(columns="Region").values.tolist()


def grid() -> list[list[object]]:
    """Names, and rows of values in three groups, a heading above each."""
    rows: list[list[object]] = [["branch", "month", "sales"]]
    for at, region in enumerate(REGIONS):
        rows += [[region, None, None], *ROWS[at * 20 : at * 20 + 20]]
    return rows


def text(rows: list[list[object]]) -> bytes:
    return "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows).encode()


def book(rows: list[list[object]]) -> bytes:
    workbook, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        workbook.worksheets[0].append(row)
    workbook.save(file)
    return file.getvalue()


def made(name: str, content: bytes, given: TableReading | None = None) -> tuple[pd.DataFrame, TableInfo]:
    """The file as its button makes columns of the headings."""
    _, info = read_bytes(name, content, given)
    (note,) = [note for note in info.noted if note.kind == "headings"]
    label, reading = alternatives(note, info.decided)[0]
    assert label.startswith("Make ")
    return read_bytes(name, content, reading)


@pytest.mark.parametrize(("name", "write"), [("a.csv", text), ("a.xlsx", book)])
def test_headings_become_a_column_that_is_filled_down(name, write):
    frame, info = made(name, write(grid()))
    pd.testing.assert_frame_equal(frame, EXPECTED)
    (note,) = [note for note in info.noted if note.kind == "headings"]
    assert note.text.endswith("like headings of groups: each row has them in column 'Region'.")
    # Decided whole, as the next press of a button finds it, the file is read alike.
    pd.testing.assert_frame_equal(read_bytes(name, write(grid()), info.decided)[0], EXPECTED)
    ((label, without),) = alternatives(note, info.decided)
    assert label == "Leave out"
    pd.testing.assert_frame_equal(read_bytes(name, write(grid()), without)[0], EXPECTED.drop(columns="Region"))


def test_totals_blank_lines_and_notes_stay_left_out():
    rows = grid()
    for at, region in reversed([*enumerate(REGIONS)]):
        total = sum(row[2] for row in ROWS[at * 20 : at * 20 + 20])
        rows[at * 21 + 22 : at * 21 + 22] = [["Subtotal", None, round(total, 2)], []]
        assert region
    frame, info = made("a.csv", text([*rows, ["Page 7", None, None]]))
    pd.testing.assert_frame_equal(frame, EXPECTED)
    again, _ = read_bytes("a.csv", text([*rows, ["Page 7", None, None]]), info.decided)
    pd.testing.assert_frame_equal(again, EXPECTED)


def test_headings_of_two_levels_become_two_columns():
    rows: list[list[object]] = [["shop", "month", "sales"]]
    for country, cities in {"France": ["Lyon", "Paris"], "Italy": ["Rome"], "Spain": ["Cadiz", "Vigo"]}.items():
        rows.append([country, None, None])
        for city in cities:
            rows += [[city, None, None], *([f"s{at % 3}", at, at + 0.5] for at in range(6))]
    frame, _ = made("a.csv", text(rows))
    assert frame.columns.tolist()[:2] == ["Group 1", "Group 2"]
    expected = [("France", "Lyon"), ("France", "Paris"), ("Italy", "Rome"), ("Spain", "Cadiz"), ("Spain", "Vigo")]
    assert [*zip(frame["Group 1"], frame["Group 2"], strict=True)] == [pair for pair in expected for _ in range(6)]
    assert frame["sales"].tolist() == [at + 0.5 for _ in range(5) for at in range(6)]


def test_rows_of_a_name_alone_that_were_kept_become_a_column_where_a_person_says_so():
    """Nothing tells groups here: no shop returns in another one."""
    rows: list[list[object]] = [["shop", "x", "sales"]]
    for group in range(4):
        rows += [[f"Team {group}", None, None], *([f"s{group}{at}", at, at * 1.5] for at in range(5))]
    frame, _ = made("a.csv", text(rows))
    assert frame["Team"].tolist() == [f"Team {group}" for group in range(4) for _ in range(5)]
    assert frame["sales"].tolist() == [at * 1.5 for _ in range(4) for at in range(5)]


@pytest.mark.parametrize("wide", [True, False])
def test_the_names_below_each_heading_are_left_out(wide):
    """A report of several sections: the first heading stands above the first row of names."""
    rows: list[list[object]] = []
    for at, region in enumerate(REGIONS):
        heading = [region, None, None] if wide else [region]
        rows += [heading, ["branch", "month", "sales"], *ROWS[at * 20 : at * 20 + 20], *([] if wide else [[]])]
    plain, info = read_bytes("a.csv", text(rows))
    pd.testing.assert_frame_equal(plain, EXPECTED.drop(columns="Region"))
    assert any("no column says which group" in note.text for note in info.noted)
    frame, info = made("a.csv", text(rows))
    pd.testing.assert_frame_equal(frame, EXPECTED)
    pd.testing.assert_frame_equal(read_bytes("a.csv", text(rows), info.decided)[0], EXPECTED)


def test_sections_far_below_the_beginning_are_found_too():
    rows: list[list[object]] = []
    for region in REGIONS:
        rows += [[region, None], ["shop", "sales"], *([f"s{at % 7}", at + 0.5] for at in range(700))]
    frame, _ = made("a.csv", text(rows))
    assert frame["Region"].tolist() == [region for region in REGIONS for _ in range(700)]
    assert frame["sales"].tolist() == [at + 0.5 for _ in REGIONS for at in range(700)]


def test_years_are_headings_too():
    rows: list[list[object]] = [["branch", "month", "sales"]]
    for at in range(3):
        rows += [[2021 + at, None, None], *ROWS[at * 20 : at * 20 + 20]]
    frame, _ = made("a.csv", text(rows))
    assert frame["Group"].tolist() == [2021 + at // 20 for at in range(60)]
    pd.testing.assert_frame_equal(frame.drop(columns="Group"), EXPECTED.drop(columns="Region"))


def test_another_name_is_taken_and_one_that_the_table_has_is_not():
    content = text(grid())
    info = made("a.csv", content)[1]
    assert read_bytes("a.csv", content, changed(info.decided, "heading_columns", ("Where",)))[0].columns[0] == "Where"
    frame, info = read_bytes("a.csv", content, changed(info.decided, "heading_columns", ("month",)))
    pd.testing.assert_frame_equal(frame, EXPECTED.drop(columns="Region"))
    assert any("no column says which group" in note.text for note in info.noted)


def test_rows_to_predict_for_have_the_column_from_their_own_headings_or_as_it_is():
    reading = made("a.csv", text(grid()))[1].decided.carried()
    asked = [["branch", "month"], [REGIONS[1], None], ["b1", 2], ["b2", 3], [REGIONS[0], None], ["b1", 4]]
    frame, _ = read_alike("ask.csv", text(asked), reading)
    assert frame["Region"].tolist() == [REGIONS[1], REGIONS[1], REGIONS[0]]
    assert frame["month"].tolist() == [2, 3, 4]
    flat = [["Region", "branch", "month"], [REGIONS[1], "b1", 2], [REGIONS[0], "b2", 3]]
    frame, _ = read_alike("ask.csv", text(flat), reading)
    assert frame.values.tolist() == flat[1:]


@pytest.mark.parametrize(("name", "write"), [("a.csv", text), ("a.xlsx", book)])
def test_the_program_reads_the_same_table(tmp_path, name, write):
    tables = Tables(TableStore(tmp_path))
    info = tables.store.keep(name, write(grid()))
    reading = made(name, write(grid()))[1].decided
    data = {
        "table": info.ref,
        "targets": ["sales"],
        "features": {"Region": "category", "month": "number"},
        "reading": reading.model_dump(mode="json", by_alias=True),
    }
    of = read({"version": 1, "data": data, "layers": [{"layer": "Dense", "units": 1}]})
    about = tables.about(info.ref, of.data.reading)
    source = program(of, tables.situation(of), about)
    (tmp_path / name).write_bytes(write(grid()))
    (line,) = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "table"
    ]
    names = {"pd": pd, "with_headings": with_headings, "with_values": with_values, "CELLS": CELL_READERS}
    frame = eval(ast.unparse(line), {**names, "TABLE": str(tmp_path / name)})
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert "def with_headings(" in source
