"""Text files as banks, databases and instruments write them: facts above the names, rare separators, columns that are
aligned by blanks. The expected values are those that the files are written from.
"""

import io

import pandas as pd
import pytest

from core.tables.sources import read_bytes
from core.tables.table_file import table_file

ROWS = 60
EXPECTED = pd.DataFrame(
    {
        "place": pd.Series([("New York", "Lyon", "Bonn")[at % 3] for at in range(ROWS)], dtype="str"),
        "n": [at * 3 for at in range(ROWS)],
        "amount": [round(7.3 * at - 100 + 0.01 * at, 2) for at in range(ROWS)],
    }
)


def lines(separator: str, decimal: str = ".", end: str = "") -> list[str]:
    """Names and rows."""
    cells = [list(EXPECTED), *EXPECTED.values.tolist()]
    return [separator.join(str(cell).replace(".", decimal) for cell in row) + end for row in cells]


@pytest.mark.parametrize(
    "facts",
    [
        ["Account;DE123", "From;01.01.2021", "To;31.12.2021", "Balance;1.234,56 EUR", ""],
        ["Account;DE123", "From;01.01.2021", "Balance;1.234,56 EUR"],
        ["Station;;", "Height;115;", ";;"],
        ["Customer 4711", "Balance;-12,50", ""],
    ],
)
@pytest.mark.parametrize("end", ["", ";"])
def test_facts_above_the_names_are_no_table(facts, end):
    text = "\n".join([*(f"{fact}{end}" for fact in facts), *lines(";", ",", end)])
    frame, info = read_bytes("a.csv", text.encode())
    pd.testing.assert_frame_equal(frame[list(EXPECTED)], EXPECTED)
    assert frame.shape == EXPECTED.shape
    assert f"The column names were found in line {len(facts) + 1}" in " ".join(info.notes)


def test_names_of_groups_above_names_are_no_facts():
    text = "\n".join(
        ["place;Wind;;", "place;low;high;mean", *(f"p{at % 3};{at};{at + 1};{at}.5" for at in range(ROWS))]
    )
    assert list(read_bytes("a.csv", text.encode())[0])[1:] == ["Wind low", "Wind high", "Wind mean"]


@pytest.mark.parametrize("label", ["place", ""])
def test_years_above_names_are_names_of_groups(label):
    names = [f"{label};2021;;2022;", f"{'' if label else 'place'};low;high;low;high"]
    text = "\n".join([*names, *(f"p{at % 3};{at};{at + 1};{at + 2};{at}.5" for at in range(ROWS))])
    frame, _ = read_bytes("a.csv", text.encode())
    assert list(frame) == ["place", "2021 low", "2021 high", "2022 low", "2022 high"]
    assert frame["2022 high"].tolist() == [at + 0.5 for at in range(ROWS)]


@pytest.mark.parametrize("last", ["2021", "1st", "0 dec"])
def test_a_number_among_names_is_a_name(last):
    text = "\n".join([f"place;n;{last}", *(f"p{at % 3};{at};{at}.5" for at in range(ROWS))])
    frame, _ = read_bytes("a.csv", text.encode())
    assert (list(frame), len(frame)) == (["place", "n", last], ROWS)


@pytest.mark.parametrize("separator", ["^", "~"])
def test_rare_separators_are_found(separator):
    frame, info = read_bytes("a.txt", "\n".join(lines(separator)).encode())
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert info.decided.separator == separator


@pytest.mark.parametrize("title", ["Report 7\n\n", ""])
def test_one_blank_in_each_row_separates_no_columns_beside_commas(title):
    text = title + "\n".join(["day,code,weight", *(f"{at % 28 + 1}/03/2020,{at:05d},{at}.5 kg" for at in range(ROWS))])
    frame, _ = read_bytes("a.csv", text.encode())
    assert list(frame) == ["day", "code", "weight"]
    assert frame["weight"].tolist() == [at + 0.5 for at in range(ROWS)]


def test_a_missing_cell_below_the_names_is_no_unit():
    text = "\n".join(["weight,word", "n/a,deep sea", *(f"{at}.5,{'ab'[at % 2]}" for at in range(ROWS))])
    frame, info = read_bytes("a.csv", text.encode())
    assert (len(frame), info.units) == (ROWS + 1, {})


def test_a_colon_separates_no_times():
    times = "\n".join(["time", *(f"{at % 24:02}:{at % 60:02}:00" for at in range(ROWS))])
    assert list(read_bytes("a.txt", times.encode())[0]) == ["time"]


@pytest.mark.parametrize("rule", [True, False])
def test_columns_that_blanks_align_may_hold_blanks(rule):
    aligned = [f"{place:<14}{n:>8}{amount:>10}" for place, n, amount in [list(EXPECTED), *EXPECTED.values.tolist()]]
    text = "\n".join([aligned[0], *([f"{'-' * 12:<14}{'-' * 6:>8}{'-' * 6:>10}"] if rule else []), *aligned[1:]])
    frame, info = read_bytes("a.txt", text.encode())
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert info.decided.separator == "two or more spaces"
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(text.encode()), **info.options), EXPECTED)
    pd.testing.assert_frame_equal(read_bytes("a.txt", text.encode(), info.decided)[0], EXPECTED)
    written = table_file(frame, "a.txt", info.options).write()
    pd.testing.assert_frame_equal(read_bytes("b.txt", written)[0], EXPECTED)


@pytest.mark.slow
def test_long_files_with_such_columns_are_read_too():
    many = pd.concat([EXPECTED] * 600, ignore_index=True)
    text = "\n".join(f"{place:<14}{n:>8}{amount:>10}" for place, n, amount in [list(many), *many.values.tolist()])
    pd.testing.assert_frame_equal(read_bytes("a.txt", text.encode())[0], many)


def test_lines_in_quotation_marks_are_said():
    _, info = read_bytes("a.csv", "\n".join(f'"{line}"' for line in lines(",")).encode())
    assert any("is enclosed in quotation marks" in note for note in info.notes)


def test_decimal_commas_outside_quotation_marks_are_said_and_names_of_rows_are_unique():
    frame, info = read_bytes("a.csv", "\n".join(line.replace(".", ",") for line in lines(",")).encode())
    assert list(frame) == ["place", "n", "amount", "Unnamed: 3"]
    assert any("Decimal commas outside quotation marks split numbers in this way." in note for note in info.notes)
    named = "\n".join(["n,amount", *(f"row {at},{at},{at}.5" for at in range(ROWS))])
    assert list(read_bytes("a.csv", named.encode())[0]) == ["Unnamed: 0", "n", "amount"]


def test_the_mark_at_the_end_of_an_old_file_is_no_row():
    frame, info = read_bytes("a.csv", "\n".join([*lines(","), "\x1a"]).encode())
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert any("Line 62 below the table holds notes" in note for note in info.notes)


def test_a_word_within_a_column_of_fixed_width_is_no_column():
    rows = "".join(f"Ann {'ABC'[at % 3]:<5} {20 + at:>3}  {1.5 + at / 8:>6.2f}\n" for at in range(20))
    frame, info = read_bytes("a.txt", ("Name      Age  Height\n" + rows).encode())
    assert frame["Name"].tolist() == [f"Ann {'ABC'[at % 3]}" for at in range(20)]
    assert frame["Age"].tolist() == [20 + at for at in range(20)]
    assert "The columns are separated by two or more spaces." in info.notes


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2\u202f011,3934 %", "\u22125,0469 %", "299,5319 %", "18,25 %", "?"], [2011.3934, -5.0469, 299.5319, 18.25]),
        (["-27,292.77 kWh", "37,089.26 kWh", "930.5 kWh", "97.1 kWh", "1 kWh"], [-27292.77, 37089.26, 930.5, 97.1]),
        (
            ["\u20ac 996,982.6", "\u20ac 12.5", "\u20ac 2,168,314.8", "\u20ac 1.5", "\u20ac 7.0"],
            [996982.6, 12.5, 2168314.8, 1.5],
        ),
        (["CHF 13'073,49", "CHF 858,97", "CHF 9'872,00", "CHF 1,50", "-"], [13073.49, 858.97, 9872, 1.5]),
        (["25.0 %", "1.1 %", "2.7 %-", "24.2 %-", "3.5 %"], [25, 1.1, -2.7, -24.2]),
        (["1.459 kg", "597 kg", "-905 kg", "1.279 kg", "2.486 kg", "38 kg"], [1459, 597, -905, 1279]),
    ],
)
def test_one_column_of_numbers_is_not_parted_at_its_marks(cells, expected):
    frame, _ = read_bytes("a.csv", "\n".join(["value", *cells, *cells]).encode())
    assert list(frame) == ["value"]
    assert frame["value"].tolist()[: len(expected)] == [*map(pytest.approx, expected)]


def test_columns_below_a_title_or_beside_row_numbers_are_parted_as_before():
    titled, _ = read_bytes("a.csv", ("Data\nx,y\n" + "".join(f"{at},{at + 200}\n" for at in range(30))).encode())
    assert list(titled) == ["x", "y"]
    numbered, _ = read_bytes("a.txt", ("height\n" + "".join(f"{at + 1} {at + 150}\n" for at in range(30))).encode())
    assert numbered["height"].tolist() == [at + 150 for at in range(30)]


@pytest.mark.parametrize("separator", ["::", "||"])
@pytest.mark.parametrize("title", [[], ["Export of 2024", ""]])
def test_separators_of_two_signs_are_found(separator, title):
    text = "\n".join([*title, *lines(separator)])
    frame, info = read_bytes("a.dat", text.encode())
    pd.testing.assert_frame_equal(frame, EXPECTED)
    assert info.decided.separator == separator
    pd.testing.assert_frame_equal(pd.read_csv(io.BytesIO(text.encode()), **info.options), EXPECTED)


def test_a_sign_of_a_double_separator_may_stand_alone_within_cells():
    """As colons and bars do in the lists of films that come with ratings."""
    titles = [f'Part {at}{": The end" if at % 3 else ""}, or "so" (19{at % 50 + 50})' for at in range(ROWS)]
    kinds = [("Comedy", "Drama|War")[at % 2] for at in range(ROWS)]
    text = "\n".join(f"{at + 1}::{title}::{kind}" for at, (title, kind) in enumerate(zip(titles, kinds, strict=True)))
    frame, info = read_bytes("movies.dat", text.encode("latin-1"))
    assert [frame[name].tolist() for name in frame] == [list(range(1, ROWS + 1)), titles, kinds]
    assert pd.read_csv(io.BytesIO(text.encode()), **info.options).equals(frame)


def test_blank_cells_beside_double_separators_are_missing():
    text = "\n".join(["user::film::stars", *(f"{at}::{'' if at % 7 == 0 else at * 2}::{at % 5}" for at in range(ROWS))])
    frame, _ = read_bytes("a.dat", text.encode())
    assert frame["film"].fillna(-1).tolist() == [-1 if at % 7 == 0 else at * 2 for at in range(ROWS)]
    assert frame["stars"].tolist() == [at % 5 for at in range(ROWS)]


@pytest.mark.parametrize("cell", ["std::vector", "fe80::1"])
def test_double_colons_within_cells_part_no_columns(cell):
    one, _ = read_bytes("a.csv", "\n".join(["name", *(f"{cell}{at}" for at in range(ROWS))]).encode())
    assert (list(one), len(one)) == (["name"], ROWS)
    two, _ = read_bytes("a.csv", "\n".join(["name,n", *(f"{cell}{at},{at}" for at in range(ROWS))]).encode())
    assert (list(two), two["n"].tolist()) == (["name", "n"], list(range(ROWS)))


def test_a_blank_column_between_bars_is_a_column():
    text = "\n".join(["a|b|c", *(f"{at}||{at * 2}" for at in range(ROWS))])
    assert list(read_bytes("a.txt", text.encode())[0]) == ["a", "b", "c"]


def test_a_long_file_of_double_separators_is_read_whole():
    rows = [(at % 600, at % 370, at % 5, 978_300_760 + at) for at in range(30_000)]
    text = "\n".join("::".join(map(str, row)) for row in rows)
    frame, _ = read_bytes("ratings.dat", text.encode())
    assert frame.to_numpy().tolist() == [list(row) for row in rows]
