"""Rows to predict for: names, numbers and what is said of them."""

import io

import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.reading import as_json
from core.tables.cell_reading import column_readings
from core.tables.errors import TableError
from core.tables.number_text import NumberText, number_writing
from core.tables.prediction_rows import match_columns, prediction_rows, prediction_rows_of_file, table_as_read
from core.tables.raw import days
from core.tables.sources import read_bytes

POINT, COMMA, DOLLARS = NumberText(), NumberText(","), NumberText(".", ",", "$", True)
TRAINED = {
    ",": b"len;wid;mat;price\n535,90;94,80;oak;2271,30\n651,10;74,44;pine;2474,38\n321,40;79,83;pine;1523,01\n",
    ".": b"len,wid,mat,price\n535.9,94.8,oak,2271.3\n651.1,74.44,pine,2474.38\n321.4,79.83,pine,1523.01\n",
}


def card(decimal: str = ".") -> dict:
    """Of a model that was trained on such a table."""
    _, info = read_bytes("train.csv", TRAINED[decimal])
    kinds = {"len": "number", "wid": "number", "mat": "category"}
    return {"features": [{"name": name, "kind": kind} for name, kind in kinds.items()], "numbers": number_writing(info)}


@pytest.mark.parametrize(
    ("text", "point", "comma", "dollars"),
    [
        ("12e3", [12000], [12000], [12000]),
        ("-5", [-5], [-5], [-5]),
        ("\u22125", [-5], [-5], [-5]),
        (".5", [0.5], [0.5], [0.5]),
        ("80,37", [80.37], [80.37], [80.37]),
        ("1,234.5", [1234.5], [1234.5], [1234.5]),
        ("1.234,5", [1234.5], [1234.5], [1234.5]),
        ("59 511", [59511], [59511], [59511]),
        ("59'511,5", [59511.5], [59511.5], [59511.5]),
        ("612,125", [612.125, 612125], [612.125], [612125]),
        ("1.234", [1.234], [1.234, 1234], [1.234]),
        ("(5)", [], [], [-5]),
        ("$1,200", [], [], [1200]),
        *((text, [], [], []) for text in ("12,500 mi", "?", "12 5", "1e400", "5 %", "abc", "", "1,2,3", "nan", "0x10")),
    ],
)
def test_a_number_is_read_by_the_marks_of_its_column(text, point, comma, dollars):
    assert (POINT.readings(text), COMMA.readings(text), DOLLARS.readings(text)) == (point, comma, dollars)


@pytest.mark.parametrize("value", [0.0, 3.0, -1234.5, 1e-7, 512.125, 2.0**53, 1e20])
def test_what_is_written_is_read_back(value):
    for form in (POINT, COMMA, DOLLARS, NumberText(",", ".")):
        assert form.readings(form.written(value)) == [pytest.approx(value, rel=1e-9)]


def test_names_are_matched_exactly_then_by_case_and_blanks():
    found = match_columns(["a", " Len", "branch", "Two  Words"], ["len", "a", "branch ", "two words"])
    assert found.columns == {"len": " Len", "a": "a", "branch ": "branch", "two words": "Two  Words"}
    assert found.notes == (
        "Columns were matched by name without regard to case and spaces: ' Len' as 'len', 'branch' as 'branch ', "
        "'Two  Words' as 'two words'.",
    )


def test_names_that_may_be_two_are_not_guessed():
    found = match_columns(["Len", "LEN", "wid"], ["len", "wid"])
    assert (found.columns, found.absent) == ({"wid": "wid"}, ("len",))
    assert found.notes[0] == "'len' may be 'Len' or 'LEN': give one column exactly this name."
    assert match_columns(["LEN", "wid"], ["len", "Len", "wid"]).columns == {"wid": "wid"}


def test_a_near_name_is_mentioned_and_not_taken():
    found = match_columns(["lenght", "wid"], ["length", "wid", "mat"])
    assert found.absent == ("length", "mat")
    assert found.notes == (
        "Columns are absent and count as missing in every row: 'length', 'mat'. 'length' may be 'lenght'.",
    )


def test_a_table_without_any_column_of_the_model_is_refused():
    with pytest.raises(TableError, match=r"none of the model's columns\. It needs 'len', 'wid', and has 'a'"):
        match_columns(["a"], ["len", "wid"])


@pytest.mark.parametrize(
    ("trained", "asked", "length"),
    [
        (",", "len;wid;mat\n612,125;80,375;oak\n", [612.125]),
        (",", "len,wid,mat\n612.12,80.37,oak\n", [612.12]),
        (",", "len,wid,mat\n612.125,80.37,oak\n", [612.125]),  # 80.37 leaves no doubt: a decimal point.
        (",", "len;wid;mat\n612.125;80.375;oak\n", ["612.125"]),  # May be thousands.
        (".", "len;wid;mat\n612,125;80,375;oak\n", ["612,125"]),
        (".", "len;wid;mat\n612,125;80,37;oak\n?;80,37;oak\n", [612.125, "?"]),
        (".", "len,wid,mat\n6e2,1,oak\n?,1,oak\n,1,oak\n", [600.0, "?", None]),
    ],
)
def test_numbers_of_a_file_are_read_as_the_training_table_writes_them(trained, asked, length):
    content = asked.encode()
    rows, notes = prediction_rows_of_file(*read_bytes("asked.csv", content, cells=True), content, card(trained))
    assert [None if pd.isna(cell) else cell for cell in rows["len"]] == length
    assert notes == ()


def test_rows_that_were_made_are_left_as_they_are():
    frame = pd.DataFrame({"LEN": ["1,5", "?", None], "wid": [1, 2, 3], "other": "x"})
    rows, notes = prediction_rows(frame, card())
    assert list(rows) == ["len", "wid"]
    again, silent = prediction_rows(rows, card())
    pd.testing.assert_frame_equal(again, rows)
    assert (len(notes), silent) == (2, ("A column is absent and counts as missing in every row: 'mat'.",))


def dated_card(days: list[str]) -> dict:
    """Of a model that was trained on moments, as a workbook or a Parquet file types them."""
    usual = pd.Timestamp(days[0]).value / 86_400e9
    features = [{"name": "day", "kind": "date", "usual": usual}]
    return {"features": features, "numbers": {}, "ways": {"day": None}}


@pytest.mark.parametrize(
    ("asked", "expected", "says"),
    [
        (["03/01/2024", "03/14/2024"], ["2024-03-01", "2024-03-14"], ""),  # The 14 is no month.
        (["01/03/2024", "14/03/2024"], ["2024-03-01", "2024-03-14"], ""),
        (["01.03.2024", "02.03.2024"], ["2024-03-01", "2024-03-02"], ""),
        (["2024-03-01", "2024-03-14"], ["2024-03-01", "2024-03-14"], ""),
        (
            ["03/01/2024", "03/02/2024"],
            ["2024-01-03", "2024-02-03"],
            "day and month can't be told apart: the day was read",
        ),
        ([45352, 45365], ["2024-03-01", "2024-03-14"], "were read as dates: 45352 as 2024-03-01."),
        ([20240301, 20240314], ["2024-03-01", "2024-03-14"], "were read as dates: 20240301 as 2024-03-01."),
        ([19783, 19796], ["2024-03-01", "2024-03-14"], ""),  # Days since 1970, as the network has them.
    ],
)
def test_dates_beside_training_moments_are_read_by_their_own_cells(asked, expected, says):
    card = dated_card(["2024-01-01"])
    rows, notes = prediction_rows(pd.DataFrame({"day": asked}), card)
    assert days(rows["day"]).tolist() == [pd.Timestamp(day).value / 86_400e9 for day in expected]
    assert says in " ".join(notes)
    assert bool(says) == bool(notes)
    again, silent = prediction_rows(rows, card)
    pd.testing.assert_frame_equal(again, rows)
    assert silent == ()


def test_what_is_no_date_stays_to_be_quoted():
    rows, _ = prediction_rows(
        pd.DataFrame({"day": ["03/14/2024", "03/01/2024", "soon", None]}), dated_card(["2024-01-01"])
    )
    assert rows["day"].tolist()[:3] == [pd.Timestamp("2024-03-14"), pd.Timestamp("2024-03-01"), "soon"]


def test_days_far_ahead_are_days_where_the_training_rows_are_as_far():
    rows, _ = prediction_rows(pd.DataFrame({"day": [36_524, 36_530]}), dated_card(["2070-01-01"]))
    assert rows["day"].tolist() == [36_524, 36_530]


def test_another_unit_below_the_names_is_said():
    def weights(unit: str) -> tuple[bytes, pd.DataFrame, TableInfo]:
        rows = [["shop", "weight"], ["", unit], *([f"s{at % 3}", at + 0.5] for at in range(30))]
        content = "\n".join(",".join(map(str, row)) for row in rows).encode()
        return content, *read_bytes("a.csv", content)

    _, _, trained = weights("kg")
    card = {"features": [{"name": "weight", "kind": "number"}], "numbers": number_writing(trained)}
    said = "'weight' is in 'g' here, and in 'kg' in the training table: its numbers were not converted."
    for unit, notes in (("g", (said,)), ("Kg", ())):
        content, frame, info = weights(unit)
        assert prediction_rows_of_file(frame, info, content, card)[1] == notes


def test_other_dates_beside_iso_dates_are_read_by_their_own_cells():
    content = "day,y\n" + "\n".join(f"2024-01-{at + 1:02},{at}" for at in range(20))
    _, info = read_bytes("a.csv", content.encode())
    card = {"features": [{"name": "day", "kind": "date"}], "numbers": number_writing(info)}
    rows, _ = prediction_rows(pd.DataFrame({"day": ["03/01/2024", "03/14/2024"]}), card)
    assert rows["day"].tolist() == [pd.Timestamp("2024-03-01"), pd.Timestamp("2024-03-14")]


THOUSANDS = {
    "a column": "a;price\n" + "".join(f"{at};{1 + at}.{at}7\n" for at in range(10, 40)) + "9;615\n8;582\n7;TBC\n",
    "amounts": "a;price\n" + "".join(f"{at};1.{at}0,50 \u20ac\n" for at in range(20, 50)),
    "a file": "a;price\n" + "".join(f"{at},5;1.{at}0,50\n" for at in range(20, 50)),
}


@pytest.mark.parametrize("trained", THOUSANDS)
@pytest.mark.parametrize(
    ("asked", "expected", "said"),
    [
        ("price\n1.200\n", [1200], "1.200 of 'price'"),
        ("price\n1.200\n2.500\n", [1200, 2500], "1.200 of 'price'"),
        ("a;price\n1;1.200\n2;2.500\n", [1200, 2500], "1.200 of 'price'"),
        ("price\n1.200\n2.5\n", [1.2, 2.5], ""),  # Its own cells show a decimal point.
        ("price\n12.75\n", [12.75], ""),
        ("price\n1200\n", [1200], ""),
        ("a;price\n1,5;1.200\n", [1200], ""),  # Its own decimal comma leaves no doubt.
        ('price\n"1.200,75"\n950\n', [1200.75, 950], ""),
        ('price\n"1,200.75"\n950\n', [1200.75, 950], ""),
        ("price\n1.200\nTBC\n", [1200, "TBC"], ""),
    ],
)
def test_points_between_thousands_are_those_of_the_training_table(trained, asked, expected, said):
    _, info = read_bytes("train.csv", THOUSANDS[trained].encode())
    card = {"features": [{"name": "price", "kind": "number"}], "numbers": number_writing(info)}
    content = asked.encode()
    frame, info = read_bytes("asked.csv", content, cells=True)
    rows, notes = prediction_rows_of_file(frame, info, content, card)
    assert rows["price"].tolist() == expected
    if said:  # What stands beside the predictions are these numbers, too.
        assert table_as_read(frame, rows, info, content, card)["price"].tolist() == expected
    assert (said in " ".join(notes)) if said else notes == ()


def test_text_with_points_in_a_workbook_is_read_by_the_marks_of_the_training_table():
    _, info = read_bytes("train.csv", THOUSANDS["amounts"].encode())
    card = {"features": [{"name": "price", "kind": "number"}], "numbers": number_writing(info)}
    for cells, expected in ((["1.200", "2.500"], [1200, 2500]), ([950.125, "1.200"], [950.125, 1200]), ([1.5], [1.5])):
        file = io.BytesIO()
        pd.DataFrame({"price": cells}).to_excel(file, index=False)
        rows, _ = prediction_rows_of_file(*read_bytes("asked.xlsx", file.getvalue(), cells=True), file.getvalue(), card)
        assert rows["price"].tolist() == expected


@pytest.mark.parametrize(
    ("asked", "in_doubt"), [("1.200\n", True), ("1.200\n950\n", True), ("1.25\n1.200\n", False), ("950\n", False)]
)
def test_decimals_beside_whole_training_numbers_are_said(asked, in_doubt):
    _, info = read_bytes("train.csv", b"price\n1200\n1300\n950\n1105\n")
    features = [{"name": "price", "kind": "number", "whole": True, "low": 950.0, "high": 1300.0}]
    content = f"price\n{asked}".encode()
    card = {"features": features, "numbers": number_writing(info)}
    _, notes = prediction_rows_of_file(*read_bytes("asked.csv", content, cells=True), content, card)
    assert ("separates thousands, leave it out" in " ".join(notes)) == in_doubt


def durations_card(cells: list, usual: float) -> dict:
    """Of a model that was trained on durations: as a workbook types them, or as text."""
    reading, _ = column_readings(pd.DataFrame({"time taken": cells}))
    features = [{"name": "time taken", "kind": "number", "usual": usual}]
    return {"features": features, "numbers": {"columns": as_json(reading)}}


@pytest.mark.parametrize(
    ("cells", "usual", "seconds", "said"),
    [
        ([pd.Timedelta(hours=hour) for hour in (2, 3, 5)], 10_800.0, 11_700, "hours and minutes, 11,700 seconds"),
        ([pd.Timedelta(seconds=second) for second in (150, 200)], 175.0, 195, "minutes and seconds, 195 seconds"),
        (["2:45:00", "3:05:00", "5:30:00"], 11_100.0, 11_700, "hours and minutes, 11,700 seconds"),
        (["2:45", "3:05", "59:30"], 10_800.0, 195, ""),  # Training has read them as minutes and seconds.
    ],
)
def test_text_beside_durations_is_read_in_the_unit_of_the_training_table(cells, usual, seconds, said):
    rows, notes = prediction_rows(pd.DataFrame({"time taken": ["3:15", "2:40:00"]}), durations_card(cells, usual))
    assert rows["time taken"].tolist() == [seconds, 9600]
    assert (said in " ".join(notes)) if said else notes == ()
