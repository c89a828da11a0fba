"""Cells become the values they mean; what may mean two things stays as it is, and is named. The expected numbers are
written beside their cells.
"""

import io
import math

import numpy as np
import pandas as pd
import pytest

from core.experiment.columns import TableInfo
from core.experiment.reading import ColumnReading, as_json
from core.experiment.spec import read
from core.tables.cell_reading import column_readings
from core.tables.cell_values import CELL_READERS, cell_values, with_values
from core.tables.profile import profile
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes

NAN = math.nan


def column(*cells: str, others: str = "x", name: str = "a") -> tuple[pd.Series, TableInfo]:
    """The first column of a file with these cells, beside one of `others`; and what is known of the table."""
    lines = [f"{name};b", *(f'"{cell}";{others}' for cell in cells)]
    frame, info = read_bytes("a.csv", "\n".join(lines).encode())
    return frame[name], info


def said(info: TableInfo, kind: str) -> str:
    """The one note of that kind."""
    (note,) = [note.text for note in info.noted if note.kind == kind]
    assert note in info.notes
    return note


@pytest.mark.parametrize(
    ("cells", "expected", "unit"),
    [
        (["$1,234.50", "$950", "$3"], [1234.5, 950, 3], "$"),
        (["$1,200", "($950)", "-$3", "$-4", "$ -", "-", "", "+$5"], [1200, -950, -3, -4, 0, NAN, NAN, 5], "$"),
        (["1.234,50 €", "950 €", "-3 €"], [1234.5, 950, -3], "€"),
        (["1.234.567 €", "950 €", "3 €"], [1234567, 950, 3], "€"),
        (["1,234,567 €", "950 €", "3 €"], [1234567, 950, 3], "€"),
        (["12%", " 3.5 % ", "-0.25%"], [12, 3.5, -0.25], "%"),
        (["12,5 %", "3 %", "4 %"], [12.5, 3, 4], "%"),
        (["CHF 1\u2019234.50", "CHF 2", "CHF 3"], [1234.5, 2, 3], "CHF"),
        (["1 234,50", "2\u202f000,00", "3,00"], [1234.5, 2000, 3], ""),
        (["(1,200.5)", "1,300", "12"], [-1200.5, 1300, 12], ""),
        (["Fr. 1.50", "Fr. 2", "Fr. 3"], [1.5, 2, 3], "Fr"),
        (["12 kr", "\u22123 kr", "1,5 kr"], [12, -3, 1.5], "kr"),
        (["12 USD", "3 USD", "0.5 USD"], [12, 3, 0.5], "USD"),
        (["59 511", "1 234 567", "8 100", "999"], [59511, 1234567, 8100, 999], ""),
        (["59\u00a0511", "161\u00a0500", "8\u00a0100"], [59511, 161500, 8100], ""),
        (["59\u202f511", "161\u2009500", "8\u202f100"], [59511, 161500, 8100], ""),
        (["59'511", "161'500", "8\u2019100"], [59511, 161500, 8100], ""),
        (["345 000", "287 500", "120 000"], [345000, 287500, 120000], ""),  # Telephone numbers do not end in 0.
        (["12,34,567", "1,00,000", "950"], [1234567, 100000, 950], ""),  # As India counts.
        (["\u22125.5", "3", "\u20132"], [-5.5, 3, -2], ""),
        (["12-", "3.5-", "7"], [-12, -3.5, 7], ""),  # As SAP writes them.
        (["31.2 kg", "7kg", "0.5 KG"], [31.2, 7, 0.5], "kg"),
        (["17.3°C", "-2 °C", "0°C"], [17.3, -2, 0], "°C"),
        (["119 km/h", "5,5 km/h", "70 km/h"], [119, 5.5, 70], "km/h"),
        (["20 m²", "31.5 m²", "8 m²"], [20, 31.5, 8], "m²"),
        (["36 months", "60 months", "12 months"], [36, 60, 12], "months"),
        (["45.1K", "1.2M", "800", "3k"], [45100, 1200000, 800, 3000], ""),
        (["19M", "8.7K", "5M"], [19e6, 8700, 5e6], ""),
        (["€110.5M", "€600K", "€0"], [110.5e6, 600e3, 0], "€"),
        (["2.5 Mio. €", "3 Mrd. €", "800 Tsd. €"], [2.5e6, 3e9, 8e5], "€"),
        (["293.2 K", "301 K", "288.9 K"], [293.2, 301, 288.9], "K"),  # A temperature: a gap, and no other factor.
        (["10,000+", "500+", "1,000,000+"], None, ""),
        (["\u0661\u0662", "\u0663\u066b\u0665", "\u0667"], [12, 3.5, 7], ""),  # Arabic-Indic digits.
        (["\uff11\uff12", "\uff13", "5"], [12, 3, 5], ""),  # Digits of full width.
        (["1e5", "2.5E-3", "?"], [1e5, 2.5e-3, NAN], ""),
        (["CHF 1'234.\u2013", "CHF 12.50", "CHF 3.-"], [1234, 12.5, 3], "CHF"),  # No centimes: not a minus.
        (["1.234,- \u20ac", "950,50 \u20ac", "3,-- \u20ac"], [1234, 950.5, 3], "\u20ac"),
        (["%92.7", "%3", "-%0.5"], [92.7, 3, -0.5], "%"),
        (["%92,7", "%3,1", "%4,5"], [92.7, 3.1, 4.5], "%"),  # As Turkish has it.
        (["R$ 1.234,50", "R$ 950,00", "R$ 3,10"], [1234.5, 950, 3.1], "R$"),
        (["\u20b1 1,234.50", "\u20b1 950.25", "\u20b13"], [1234.5, 950.25, 3], "\u20b1"),
        (["1 1/2", "3/4", "2", "-2 3/8"], [1.5, 0.75, 2, -2.375], ""),
        (["\u00bd", "1\u00bd", "2", "2\u00bc"], [0.5, 1.5, 2, 2.25], ""),
        (["1/2", "5/8", "3/16"], [0.5, 0.625, 0.1875], ""),  # Inches.
        (
            ["~5.5", "6.5*", "7.5\u2020", "8.5[1]", "9.5\u00b9", "10.5**", "ca. 3"],
            [5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 3],
            "",
        ),
    ],
)
def test_numbers_are_read_however_they_are_written(cells, expected, unit):
    found, info = column(*cells)
    if expected is None:
        assert found.tolist() == cells
        return
    assert found.tolist() == pytest.approx(expected, nan_ok=True)
    assert info.units == ({"a": unit} if unit else {})


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (["1.234 €", "2.950 €", "3.000 €"], "may mean thousands or decimals"),
        (["1,234", "2,950", "3,000"], "may mean thousands or decimals"),
        (["$12", "€3", "$4"], r"different units \(\$, €\)"),
        (["12 kg", "500 g", "3 kg"], r"different units \(g, kg\)"),
        (["12%", "3.5", "4"], r"different units \(%, no sign\)"),
        (["555 123", "666 222", "777 333"], "may be telephone numbers"),
        (["+49 170 123", "+49 171 222", "+49 172 333"], "may be telephone numbers"),
        (["(1)", "(2)", "(3)"], "all in brackets"),
        (["1/2", "3/4", "5/6"], "fractions like 1/2, which may be scores or dates"),
        (["4GB", "512MB", "1TB"], r"different units \(GB, MB, TB\)"),
        ([f"{at}.5 \u00b1 0.1" for at in range(30)], "numbers within text like 0.5 \u00b1 0.1"),
        ([f"{at}-{at + 5}" for at in range(30)], "ranges like 0-5"),
        ([f"{at}'{at % 12 + 20}''" for at in range(30)], "numbers within text like 0'20''"),
        ([f"2021 week {at}" for at in range(30)], "text like 2021 week 0, which may be dates"),
        (
            [*map(str, range(30)), *(f"D{at} late" for at in range(20))],
            "numbers in 30 of 50 cells, and text like D0 late in others",
        ),
        (["612 345 678", "699 111 222", "645 987 651"], "may be telephone numbers"),
        *(
            (cells, "")
            for cells in (
                ["1.2.3", "4.5.6", "7.8.9"],
                ["$1", "two", "$3"],
                ["$12€", "$3€", "$4€"],
                ["-", "--", "-"],
                ["12A", "7C", "31F"],  # Seats.
                ["1st", "2nd", "3rd"],
                ["DE89 3704 0044", "DE12 1234 5678", "DE55 1111 2222"],
                ["4111 1111 1111", "5500 0000 0004", "3400 0000 0009"],
                ["192.168.100.200", "10.0.0.1", "127.0.0.1"],
                ["555-1234", "555-9876", "555-4567"],
                ["00-950", "31-041", "80-233"],
                ["10-20", "20-30", "30-40"],
                ["S", "M", "L"],
                ["536365", "C536379", "536381"],
            )
        ),
    ],
)
def test_what_may_mean_something_else_stays_as_it_is(cells, says):
    found, info = column(*cells)
    assert found.tolist() == cells
    assert (info.units, [name for name, one in info.decided.columns.items() if one.as_ == "number"]) == ({}, [])
    doubts = [note.text for note in info.noted if note.kind == "doubt"]
    assert bool(says) == bool(doubts)
    assert not says or pd.Series(doubts).str.contains(says).any()


@pytest.mark.parametrize("name", ["phone", "Customer Phone", "zip", "PLZ", "postal_code", "iban", "ISBN", "ipAddress"])
def test_digits_in_a_column_of_codes_are_no_numbers(name):
    found, info = column("59 511", "1 234", "8 100", name=name)
    assert (found.tolist(), info.decided.columns) == (["59 511", "1 234", "8 100"], {})


@pytest.mark.parametrize(
    ("cells", "unread", "rows"),
    [
        (
            [*map(str, range(100, 130)), "TBC"],
            "1 of 31 cells of 'a' is not a number and counts as missing: TBC (row 32).",
            30,
        ),
        (
            ["?", *map(str, range(30)), "?"],
            "2 of 32 cells of 'a' are not numbers and count as missing: ? (rows 2, 33).",
            30,
        ),
        ([*map(str, range(30)), *["Varies with device"] * 20], "20 of 50 cells", 30),
        (
            [*map(str, range(30)), " ", ""],
            "1 of 32 cells of 'a' is not a number and counts as missing: blank (row 32).",
            30,
        ),
        (
            [*map(str, range(40)), "12 x 3", "o5"],
            "2 of 42 cells of 'a' are not numbers and count as missing: 12 x 3, o5",
            40,
        ),
        ([*["1", "2", "3", "4"] * 10, "?", "?"], "2 of 42 cells", 40),
        (
            [*map(str, range(30)), "<0.05", "<0.1"],
            "2 of 32 cells of 'a' are not numbers and count as missing: <0.05, <0.1",
            30,
        ),
        (
            [*(f"{at} kg" for at in range(30)), "500 g"],
            "1 of 31 cells of 'a' is not a number and counts as missing: 500 g",
            30,
        ),
    ],
)
def test_a_column_of_numbers_but_for_a_few_cells_is_one_of_numbers_and_they_are_named(cells, unread, rows):
    found, info = column(*cells)
    assert found.dtype == "float64"
    assert found.notna().sum() == rows
    assert unread in said(info, "unread")
    (note,) = [note for note in info.noted if note.kind == "unread"]
    assert sum(often for _, often in note.cells) == note.count
    assert (note.column, note.decision) == ("a", "columns.a.as")


@pytest.mark.parametrize(
    "cells",
    [
        [*map(str, range(20)), *(f"C{at}" for at in range(10))],  # Numbers of bills, some of them cancelled.
        ["1", "2", "3", "A", "B", "C"],
        [*["1"] * 8, "G", "G", "2"],
        [*map(str, range(30)), *["unclear"] * 40],
        ["0", "1", "2", "3+"] * 10,
    ],
)
def test_a_column_of_numbers_and_words_stays_one_of_words(cells):
    found, info = column(*cells)
    assert found.tolist() == cells
    assert {note.kind for note in info.noted} - {"doubt"} == {"separator"}


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("phone", [f"{at}/555/{at} home" for at in range(30)]),
        ("flat", [f"{at}{'ABCDEFGHIJ'[at % 10]}" for at in range(30)]),
        ("place", [f"Room {at}" for at in range(30)]),
        ("ip", [f"10.0.{at}.1" for at in range(30)]),
        ("size", ["10-20", "20-30", "30-40"] * 10),
    ],
)
def test_of_names_with_digits_nothing_is_said(name, cells):
    found, info = column(*cells, name=name)
    assert (found.tolist(), [note.kind for note in info.noted if note.kind == "doubt"]) == (cells, [])


def test_yes_and_no_in_other_languages_leave_other_cells_missing():
    found, info = column("ja", "nee", "-", "ja", "nee")
    assert found.isna().tolist() == [False, False, True, False, False]
    assert "neither yes nor no" in said(info, "unread")
    words = pd.Series(["oui", "non", "hay\u0131r", "s\u00ec", "?"])
    read = cell_values(words, {"as": "boolean"}, CELL_READERS)
    assert read.tolist() == [True, False, False, True, None]


@pytest.mark.parametrize(("censored", "value"), [(None, NAN), ("missing", NAN), ("bound", 0.05), ("half", 0.025)])
def test_a_value_below_the_limit_of_detection_becomes_what_a_person_chose(censored, value):
    frame = pd.DataFrame({"lead": [*(f"{at / 10}" for at in range(30)), "<0.05"]})
    readings, notes = column_readings(frame, {"lead": ColumnReading(censored=censored)})
    assert with_values(frame, as_json(readings), CELL_READERS)["lead"].iloc[-1] == pytest.approx(value, nan_ok=True)
    assert bool(notes) == (censored in (None, "missing"))
    assert (
        cell_values(pd.Series([">9"]), {"as": "number", "censored": "half"}, CELL_READERS).item() == 9
    )  # Half of it would be wrong.


def test_true_and_false_but_for_a_few_cells():
    found, info = column(*["TRUE", "FALSE"] * 20, "?", "n.a.", "maybe")
    assert found.tolist()[:2] == [True, False]
    assert found.isna().sum() == 3
    assert "3 of 43 cells of 'a' are neither true nor false and count as missing" in said(info, "unread")
    assert profile(found.to_frame()).column("a").kind == "boolean"


@pytest.mark.parametrize("words", [("yes", "no"), ("Ja", "Nein"), ("Y", "N")])
def test_yes_and_no_but_for_a_few_cells(words):
    found, info = column(*[*words] * 20, "?", "TBC", "?")
    assert (found.isna().sum(), set(found.dropna())) == (3, set(words))
    assert "3 of 43 cells of 'a' are neither yes nor no and count as missing: ?, TBC" in said(info, "unread")
    found, info = column(*[*words] * 20)
    assert (found.isna().sum(), info.decided.columns) == (0, {})
    found, info = column(*[*words] * 20, "maybe", "?")
    assert found.isna().sum() == 0


def test_blanks_around_words_are_removed():
    found, info = column(*["east", "east ", " west", "\u00a0west"] * 5)
    assert found.unique().tolist() == ["east", "west"]
    assert said(info, "blanks") == "Spaces around the words of 'a' were removed (rows 3, 4, 5, 7, 8, ...)."


@pytest.mark.parametrize("cells", [["12", "7", "350"], ["12", "7", None], [None, None], []])
def test_text_of_plain_digits_is_numbers(cells):
    frame = pd.DataFrame({"a": pd.Series(cells, dtype="str")})
    readings, _ = column_readings(frame)
    found = with_values(frame, as_json(readings), CELL_READERS)["a"]
    if not any(cells):
        assert found.isna().all()
        return
    assert found.dtype == ("int64" if None not in cells else "float64")
    assert found.tolist() == pytest.approx([NAN if cell is None else int(cell) for cell in cells], nan_ok=True)


def test_whole_numbers_beyond_64_bits_stay_words(tmp_path):
    frame = pd.DataFrame({"a": [10**30, 7, 10**25], "b": [1, 2, 3]})
    readings, _ = column_readings(frame)
    found = with_values(frame, as_json(readings), CELL_READERS)
    assert found["a"].tolist() == [str(10**30), "7", str(10**25)]
    found.to_parquet(tmp_path / "a.parquet")


def test_numbers_chosen_by_hand_are_read_where_their_marks_are_in_doubt():
    frame = pd.DataFrame({"a": ["1,234", "2,950", "x"]})
    readings, notes = column_readings(frame, {"a": ColumnReading.model_validate({"as": "number"})})
    assert with_values(frame, as_json(readings), CELL_READERS)["a"].tolist()[:2] == [1234, 2950]
    assert [note.count for note in notes if note.kind == "unread"] == [1]
    chosen = ColumnReading.model_validate({"as": "number", "decimal": ","})
    readings, _ = column_readings(frame, {"a": chosen})
    assert with_values(frame, as_json(readings), CELL_READERS)["a"].tolist()[:2] == [1.234, 2.95]


def test_a_decimal_mark_that_the_file_has_is_said_once():
    rows = "".join(f"{at},5;{at},{'25' if at % 9 else '2'}\n" if at % 7 else f"{at},5;k.A.\n" for at in range(40))
    frame, info = read_bytes("a.csv", f"price;volume\n{rows}".encode())
    assert frame["volume"].isna().sum() == 6
    assert [note.kind for note in info.noted].count("spelling") == 0
    assert "decimal comma" in " ".join(info.notes)
    assert "k.A." in " ".join(info.notes)


def test_a_persons_choice_is_kept():
    cells = pd.DataFrame({"code": ["1", "2", "3"], "odd": ["1 500", "a", "b"], "n": [1.0, -999.0, 3.0]})
    chosen = {
        "code": ColumnReading.model_validate({"as": "text"}),
        "odd": ColumnReading.model_validate({"as": "number", "unit": "m", "missing": ["b"]}),
        "n": ColumnReading(missing=("-999",)),
    }
    readings, notes = column_readings(cells, chosen)
    found = with_values(cells, as_json(readings), CELL_READERS)
    assert found["code"].tolist() == ["1", "2", "3"]
    assert found["odd"].tolist() == pytest.approx([1500, NAN, NAN], nan_ok=True)
    assert found["n"].tolist() == pytest.approx([1, NAN, 3], nan_ok=True)
    assert [note.text for note in notes if note.kind == "unread"] == [
        "1 of 3 cells of 'odd' is not a number and counts as missing: a (row 2)."
    ]
    assert readings["odd"].unit == "m"


def test_the_marks_of_the_other_numbers_tell_what_a_dot_means():
    found, info = column("1.234 €", "2.950 €", "3.000 €", others="1,5")
    assert info.options["decimal"] == ","
    assert found.tolist() == [1234, 2950, 3000]


def test_a_table_of_an_earlier_version_tells_its_units():
    old = {"ref": "sample:a", "name": "a.csv", "rows": 3, "columns": 1, "amounts": {"p": ","}, "units": {"p": "€"}}
    assert as_json(TableInfo.model_validate(old).decided.columns) == {
        "p": {"as": "number", "decimal": ",", "unit": "€"}
    }
    assert TableInfo.model_validate(old | {"amounts": {}}) == TableInfo.model_validate(
        {name: value for name, value in old.items() if name != "amounts"}
    )


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_each_format_gives_the_same_values(ending):
    words = pd.DataFrame(
        {
            "price": [f"{at:,} €" for at in range(990, 1020)],
            "size": [*(f"{at}" for at in range(29)), "TBC"],
            "side": ["east", "east ", "west"] * 10,
            "on": [*["TRUE", "FALSE"] * 14, "?", "TRUE"],
        }
    )
    file = io.BytesIO()
    if ending == ".csv":
        words.to_csv(file, index=False)
    elif ending == ".xlsx":
        words.to_excel(file, index=False)
    else:
        words.to_parquet(file)
    frame, info = read_bytes(f"a{ending}", file.getvalue())
    assert frame["price"].tolist() == list(range(990, 1020))
    assert frame["size"].tolist() == pytest.approx([*range(29), NAN], nan_ok=True)
    assert frame["side"].unique().tolist() == ["east", "west"]
    assert (frame["on"].isna().sum(), frame["on"].iloc[1]) == (1, False)
    assert set(as_json(info.decided.columns)) == {"price", "size", "side", "on"}


@pytest.mark.slow
def test_reading_a_long_column_is_quick():
    draw = np.random.default_rng(0)
    cells = pd.Series([f"{number:,.2f} $" for number in draw.uniform(0, 1e6, 50_000)], name="a")
    readings, _ = column_readings(cells.to_frame())
    assert with_values(cells.to_frame(), as_json(readings), CELL_READERS)["a"].notna().all()


def test_a_price_is_predicted_in_its_own_unit(tmp_path):
    tables = Tables(TableStore(tmp_path))
    rows = "".join(f'{at},"${at * 1000:,}"\n' for at in range(1, 41))
    info = tables.store.keep("homes.csv", f"rooms,price\n{rows}".encode())
    experiment = read(
        {"version": 1, "data": {"table": info.ref, "targets": ["price"], "features": {"rooms": "number"}}}
    )
    assert tables.units(experiment) == {"price": "$"}
    assert tables.prepared(experiment).targets["price"].y_true.max() == 40_000
    assert tables.profile(info.ref).columns[1].kind == "number"
    assert tables.units(read({"version": 1, "data": {"table": "file:" + "0" * 64, "targets": ["price"]}})) == {}
    homes = read({"version": 1, "data": {"table": "sample:sacramento_homes", "targets": ["price"]}})
    assert tables.units(homes) == {"price": "$"}
