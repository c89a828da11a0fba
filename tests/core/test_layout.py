"""Where a table lies in its file: each case has the frame that a person would read from it, and what must be said."""

import io

import numpy as np
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.reading import TableReading, as_json
from core.experiment.reading_edits import alternatives
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.filled_down import with_filled_down
from core.tables.sources import read_bytes

NAN = None
VALUES = "1,10.5,red\n2,11.5,blue\n3,12.5,red\n4,13.5,green\n"
FRAME = {"id": [1, 2, 3, 4], "price": [10.5, 11.5, 12.5, 13.5], "color": ["red", "blue", "red", "green"]}

# Name of the case -> content, columns and their cells, part of a note that must be said.
TEXTS = {
    "titles": ("Price list\nas of May\n\nid,price,color\n" + VALUES, FRAME, "found in line 4; the 2 lines above"),
    "padded titles": ("Price list,,\n,,\nid,price,color\n" + VALUES, FRAME, "found in line 3; the line above"),
    "a title of two cells": ("Price list,2024\n\nid,price,color\n" + VALUES, FRAME, "found in line 3"),
    "no header": (VALUES, {f"Column {at}": cells for at, cells in enumerate(FRAME.values(), 1)}, "No line holds names"),
    "no header, all words": (
        "a,x\nb,y\na,y\nb,x\na,x\n",
        {"Column 1": list("ababa"), "Column 2": list("xyyxx")},
        "No line holds names",
    ),
    "years as names": (
        "country,2019,2020\nFR,1.5,2.5\nDE,3.5,4.5\n",
        {"country": ["FR", "DE"], "2019": [1.5, 3.5], "2020": [2.5, 4.5]},
        "looks like values: it was read as the column names",
    ),
    "two rows of names": (
        ",Sales,,Cost,\nregion,Q1,Q2,Q1,Q2\neast,1,2,3,4\nwest,5,6,7,8\n",
        {"region": ["east", "west"], "Sales Q1": [1, 5], "Sales Q2": [2, 6], "Cost Q1": [3, 7], "Cost Q2": [4, 8]},
        "The column names are in lines 1 and 2",
    ),
    "three rows of names, the last of an index": (
        "Price,Close,High\nTicker,AAPL,AAPL\nDate,,\n2024-01-01,1.5,2.5\n2024-01-02,3.5,4.5\n",
        {"Close AAPL": [1.5, 3.5], "High AAPL": [2.5, 4.5]},
        "were joined",
    ),
    "comments above the names": (
        "# made by, our tool, today\nid,price,color\n" + VALUES,
        FRAME,
        "found in line 2; the line above",
    ),
    "points that may stand between thousands": (
        "id;people\n1;12.500\n2;13.250\n3;14.125\n4;15.375\n5;16.875\n",
        {"people": [12.5, 13.25, 14.125, 15.375, 16.875]},
        "the point may separate thousands instead",
    ),
    "drawn like a database's answer": (
        "+----+-------+-------+\n| id | price | color |\n+----+-------+-------+\n"
        + "".join(f"| {' | '.join(line.split(','))} |\n" for line in VALUES.splitlines())
        + "+----+-------+-------+\n4 rows in set (0.00 sec)\n",
        FRAME,
        None,
    ),
    "days as names": (
        "site,2024-01-01,2024-02-01\nA,1.5,2\nB,4,5\nC,7,8\n",
        {"site": ["A", "B", "C"], "2024-01-01": [1.5, 4, 7], "2024-02-01": [2, 5, 8]},
        "looks like values: it was read as the column names",
    ),
    "another table right below": (
        "a,b\n1,2\n3,4\nc,d\n5,6\n7,8\n",
        {"a": ["1", "3", "c", "5", "7"], "b": ["2", "4", "d", "6", "8"]},
        "Line 4 holds words above values, like names: kept as values.",
    ),
    "units": ("id,price,color\n,[EUR],\n" + VALUES, FRAME, "Line 2 holds units"),
    "repeated names": (
        "id,price,color\n1,10.5,red\n2,11.5,blue\nid,price,color\n3,12.5,red\nid,price,color\n4,13.5,green\n",
        FRAME,
        "Lines 4, 6 repeat the names",
    ),
    "pages with their title": (
        "Page\nid,price,color\n1,10.5,red\n2,11.5,blue\n\nPage\nid,price,color\n3,12.5,red\n4,13.5,green\n",
        FRAME,
        "Lines 6, 7 repeat the names or the lines above them",
    ),
    "a total": ("id,price,color\n" + VALUES + "Total,48,\n", FRAME, "Line 6 holds totals"),
    "a total without a name": ("id,price,color\n" + VALUES + ",48,\n", FRAME, "Line 6 holds totals"),
    "a total and notes": (
        "id,price,color\n" + VALUES + "Grand total,48.0,\n\n* without tax\nSource: shop\n",
        FRAME,
        "Lines 8, 9 below the table hold notes",
    ),
    "totals of groups": (
        "city,sold\neast a,1\neast b,2\nEast total,3\nwest a,4\nwest b,5\nWest total,9\nTotal,12\n",
        {"city": ["east a", "east b", "west a", "west b"], "sold": [1, 2, 4, 5]},
        "totals",
    ),
    "a company called Total": (
        "company,sold\nShell,10\nTotal,20\nBP,30\nEni,40\n",
        {"company": ["Shell", "Total", "BP", "Eni"], "sold": [10, 20, 30, 40]},
        "begins like totals, but does not add up: kept",
    ),
    "another table below": (
        "id,price,color\n" + VALUES + "\nbranch,heads,rent\nA,3,4.5\nB,4,5.5\n",
        FRAME,
        "Another table begins in line 7",
    ),
    "blank columns on the left": (
        ",,id,price,color\n" + "".join(f",,{line}\n" for line in VALUES.splitlines()),
        FRAME,
        None,
    ),
    "ruled like Markdown": (
        "| id | price | color |\n|----|------:|:------|\n"
        + "".join(f"| {' | '.join(line.split(','))} |\n" for line in VALUES.splitlines()),
        FRAME,
        "vertical bars",
    ),
    "sep=": ("sep=;\nid;price;color\n" + VALUES.replace(",", ";"), FRAME, "semicolons. The first line says so"),
    "white space": (
        "  id   price  color\n" + "".join(f"   {line.replace(',', '    ')}\n" for line in VALUES.splitlines()),
        FRAME,
        "white space",
    ),
    "decimal commas below a title with a comma": (
        "Prices, all branches\n\nid;price;color\n" + VALUES.replace(",", ";").replace(".", ","),
        FRAME,
        "decimal comma",
    ),
    "blank lines between": (
        "id,price,color\n1,10.5,red\n\n2,11.5,blue\n,,\n3,12.5,red\n4,13.5,green\n,,\n",
        FRAME,
        "Lines 3, 5 are blank",
    ),
    "a line cut short": (
        "id,price,color\n1,10.5,red\n2,11.5\n3,12.5,red\n4,13.5,green\n",
        {**FRAME, "color": ["red", NAN, "red", "green"]},
        "Line 3 has fewer cells",
    ),
    "a long line": (
        "id,price,color\n1,10.5,red\n9,9,9,9\n2,11.5,blue\n3,12.5,red\n4,13.5,green\n",
        FRAME,
        "left out .line 3",
    ),
    "line ends in quotes above the names": ('"a\nb"\n\nid,price,color\n' + VALUES, FRAME, "found in line 3"),
    "first values missing": (
        "id,price,color\n1,,red\n2,,blue\n3,12.5,red\n4,13.5,green\n",
        {**FRAME, "price": [NAN, NAN, 12.5, 13.5]},
        None,
    ),
    "words where numbers are missing": (
        "id,price,color\nA1,TBC,red\nA2,TBC,blue\nA3,12.5,red\nA4,13.5,green\nA5,14.5,green\n",
        {"id": ["A1", "A2", "A3", "A4", "A5"], "price": [NAN, NAN, 12.5, 13.5, 14.5]},
        "TBC",
    ),
}


def frame_of(cells: dict[str, list], read: pd.DataFrame) -> None:
    """Holds a frame to columns of cells."""
    assert [name for name in read if name in cells] == list(cells)
    for name, expected in cells.items():
        got = [None if pd.isna(cell) else cell for cell in read[name]]
        assert got == expected, name


def again(content: bytes, info: TableInfo) -> pd.DataFrame:
    """The frame as a printed program reads it."""
    frame = getattr(pd, info.reader)(io.BytesIO(content), **info.options)
    frame = with_filled_down(frame, list(info.filled_down)) if info.filled_down else frame
    return with_values(frame, as_json(info.decided.columns), CELL_READERS)


@pytest.mark.parametrize(("text", "cells", "says"), TEXTS.values(), ids=TEXTS)
def test_a_text_file_is_read_from_where_its_table_lies(text, cells, says):
    content = text.encode()
    frame, info = read_bytes("a.csv", content)
    frame_of(cells, frame)
    if says:
        assert pd.Series(info.notes).str.contains(says).any(), info.notes
    pd.testing.assert_frame_equal(again(content, info), frame)
    pd.testing.assert_frame_equal(read_bytes("a.csv", content, info.decided)[0], frame)  # What was decided, decides.


@pytest.mark.parametrize(
    ("decision", "cells"),
    [
        ({"header": (0,)}, {"Total": ["1", "2", "3"], "3": ["x", "y", "z"]}),
        ({"header": ()}, {"Column 1": ["Total", "1", "2", "3"], "Column 2": ["3", "x", "y", "z"]}),
        ({"header": (), "first_row": 2}, {"Column 1": [2, 3], "Column 2": ["y", "z"]}),
        ({"header": (0,), "last_row": 2}, {"Total": [1, 2], "3": ["x", "y"]}),
        ({"header": (0,), "skipped": (2,)}, {"Total": [1, 3], "3": ["x", "z"]}),
        ({"header": (0,), "last_column": 0}, {"Total": [1, 2, 3]}),
        ({"header": (0,), "first_column": 1}, {"3": ["x", "y", "z"]}),
        ({"header": (0, 1)}, {"Total 1": [2, 3], "3 x": ["y", "z"]}),
        ({"header": (0,), "filled_down": ("3",)}, {"Total": [1, 2, 3], "3": ["x", "y", "z"]}),
        ({"separator": ";"}, {"Total,3": ["1,x", "2,y", "3,z"]}),
    ],
)
def test_what_a_person_decides_is_taken(decision, cells):
    content = b"Total,3\n1,x\n2,y\n3,z\n"
    frame, info = read_bytes("a.csv", content, TableReading(**decision))
    frame_of({name: list(map(str, values)) for name, values in cells.items()}, frame.astype(str))
    pd.testing.assert_frame_equal(again(content, info), frame)


@pytest.mark.parametrize(
    ("cells", "decision", "first"),
    [
        (["12.500", "13.250"], {"thousands": "."}, 12_500),
        (["12.500", "13.250"], {"decimal": "."}, 12.5),
        (["12,5", "1.013,25"], {"decimal": ",", "thousands": "."}, 12.5),
        (["12,500", "13,250"], {"thousands": ","}, 12_500),
        (["12,500", "13,250"], {"decimal": ","}, 12.5),
        (["12'500", "13'250"], {"thousands": "'"}, 12_500),
    ],
)
def test_chosen_marks_of_numbers_are_taken(cells, decision, first):
    content = f"id;people\n1;{cells[0]}\n2;{cells[1]}\n3;{cells[0]}\n".encode()
    frame, info = read_bytes("a.csv", content, TableReading(**decision))
    assert frame["people"].tolist()[0] == first
    pd.testing.assert_frame_equal(again(content, info), frame)
    pd.testing.assert_frame_equal(read_bytes("a.csv", content, info.decided)[0], frame)


@pytest.mark.parametrize("separator", [",", ";"])
def test_points_that_may_stand_between_thousands_are_doubted_and_a_button_reads_them_so(separator):
    """City's people as some countries write them, beside a column with real decimals."""
    rows = ["A;14.303;3.5", "B;7.582;2.25", "C;615;1.75", "D;120.011;0.5", "E;88;4.125", "F;9.100;2.5"]
    content = "\n".join(["city;people;rate", *rows]).replace(";", separator).encode()
    frame, info = read_bytes("a.csv", content)
    assert frame["people"].tolist() == [14.303, 7.582, 615, 120.011, 88, 9.1]
    (note,) = [note for note in info.noted if note.kind == "points"]
    assert "Numbers like 9.100 were read with a decimal point" in note.text
    ((label, reading),) = alternatives(note, info.decided)
    assert label == "The point separates thousands"
    frame, info = read_bytes("a.csv", content, reading)
    assert frame["people"].tolist() == [14_303, 7_582, 615, 120_011, 88, 9_100]
    assert frame["rate"].tolist() == [3.5, 2.25, 1.75, 0.5, 4.125, 2.5]
    assert not [note for note in info.noted if note.kind == "points"]
    pd.testing.assert_frame_equal(again(content, info), frame)


@pytest.mark.parametrize(
    "cells",
    [
        ["14.303", "7.582", "615", "120.01", "88", "9.1"],  # Two digits behind a point.
        ["14.303", "7.582", "1615", "120.011", "88"],  # 1615 has no point.
        ["14.303", "7.582", "6.615", "120.011", "88.125"],  # Three decimals everywhere, beside commas.
        ["0.303", "7.582", "615", "120.011", "88"],
    ],
)
def test_other_numbers_with_points_are_not_doubted(cells):
    content = ("city,people\n" + "".join(f"c{at},{cell}\n" for at, cell in enumerate(cells))).encode()
    assert not [note for note in read_bytes("a.csv", content)[1].noted if note.kind == "points"]


def test_a_chosen_encoding_is_taken_and_one_that_does_not_fit_is_refused():
    words = ["Москва", "Санкт-Петербург", "Нижний Новгород"]
    content = f"name,n\n{words[0]},1\n{words[1]},2\n{words[2]},3\n".encode("cp1251")
    frame, info = read_bytes("a.csv", content)
    assert frame["name"].tolist() == words
    (note,) = [note for note in info.noted if note.kind == "encoding"]
    assert "is a guess" in note.text
    assert note.decision == "encoding"
    assert read_bytes("a.csv", content, TableReading(encoding="cp866"))[0]["name"][0] != words[0]
    with pytest.raises(TableError, match="is not text in UTF-8"):
        read_bytes("a.csv", content, TableReading(encoding="utf-8"))


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1251", "Санкт-Петербург и Москва"),
        ("koi8-r", "Санкт-Петербург и Москва"),
        ("cp932", "ひらがなとカタカナ"),
        ("gb18030", "北京大学和清华大学的学生们"),
        ("cp949", "서울특별시와 부산광역시"),
        ("cp1254", "İstanbul, Muş, Düziçi, Eskişehir"),
        ("cp1250", "Łódź, Kraków, Świnoujście"),
        ("cp1250", "Příbram, České Budějovice, Skořice"),
        ("cp1252", "Við Føroya, Þjóð, 12 m³"),
        ("cp1252", "déjà vu à Zürich, für 3 €"),
        ("utf-16-le", "plain words"),
        ("utf-16-be", "plain words"),
    ],
)
def test_encodings_without_a_mark_are_guessed_and_named_as_guesses(encoding, word):
    frame, info = read_bytes("a.csv", f"w;n\n{word};1\n{word};2\n{word};3\n".encode(encoding))
    assert frame["w"].tolist() == [word] * 3
    assert info.decided.encoding == encoding
    assert "is a guess" in " ".join(info.notes)


def test_blank_cells_of_a_text_file_are_filled_where_a_person_says_so():
    content = b"region,sold\nEast,1\n,2\nWest,3\n,4\n"
    assert read_bytes("a.csv", content)[0]["region"].isna().sum() == 2
    frame, info = read_bytes("a.csv", content, TableReading(filled_down=("region",)))
    assert frame["region"].tolist() == ["East", "East", "West", "West"]
    pd.testing.assert_frame_equal(again(content, info), frame)


def test_a_long_table_is_looked_at_to_its_end():
    rows = "".join(f"{at},{at % 7 / 2},w{at % 3}\n" for at in range(20_000))
    content = f"id,x,word\n{rows[: len(rows) // 2]}".encode()
    content = content[: content.rfind(b"\n") + 1] + b"id,x,word\n" + b"7,1.5,w1\n\nSource: made up\n"
    frame, info = read_bytes("a.csv", content)
    assert frame["id"].dtype == np.int64
    assert frame["id"].iloc[-1] == 7
    assert len(frame) == info.rows == content.count(b"\n") - 4


@pytest.mark.parametrize(
    ("decision", "says"),
    [
        ({"skipped": (3, 4)}, "Lines 4, 5 were left out, as decided."),
        ({"last_row": 10}, "Line 12 below the last row of values was left out, as decided."),
        ({"first_row": 4}, "Lines 2, 3, 4 above the first row of values were left out, as decided."),
    ],
)
def test_rows_that_a_person_leaves_out_are_named(decision, says):
    content = ("name,amount\n" + "".join(f"n{at % 3},{at}\n" for at in range(11))).encode()
    _, info = read_bytes("t.csv", content, TableReading.model_validate(decision))
    assert says in info.notes
