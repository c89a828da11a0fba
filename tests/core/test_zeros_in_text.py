"""Text files with zero bytes: UTF-16 without a mark, cells that are filled up with zeros; and Hive's separator."""

import io

import pandas as pd
import pytest

from core.experiment.reading import as_json
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.sources import read_bytes

CITIES = "город;имя;число\n" + "".join(f"Москва {at};Иван;{at}\n" for at in range(40))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [CITIES, CITIES.replace("Москва", "東京")])
def test_utf_16_without_a_mark_is_told_by_its_signs_of_ascii(encoding, text):
    """Of Latin letters every second byte is zero, of Cyrillic and Chinese ones only digits, separators, line ends."""
    frame, info = read_bytes("a.csv", text.encode(encoding))
    assert info.decided.encoding == encoding
    assert frame["число"].tolist() == list(range(40))
    assert info.noted[0].kind == "encoding"


@pytest.mark.parametrize("tail", [b"", b"\0" * 40, b"\0\0\r\n\0\0"])
def test_zeros_that_fill_up_cells_are_no_part_of_them(tail):
    rows = [(f"n{at}", 0.5 * at, f"2024-01-{at % 28 + 1:02}", "" if at % 5 == 0 else "a b") for at in range(40)]
    lines = [",".join(["%s\0\0\0", "%s\0 ", "%s\0", "%s\0\0"]) % row for row in rows]
    content = ("name,x,day,word\n" + "\n".join(lines) + "\n").encode() + tail
    frame, info = read_bytes("a.csv", content)
    assert frame["name"].tolist() == [name for name, *_ in rows]
    assert frame["x"].tolist() == [x for _, x, *_ in rows]
    assert frame["day"].tolist() == [pd.Timestamp(day) for *_, day, _ in rows]
    assert frame["word"].isna().tolist() == [not word for *_, word in rows]
    again = pd.read_csv(io.BytesIO(content), **info.options)
    pd.testing.assert_frame_equal(with_values(again, as_json(info.decided.columns), CELL_READERS), frame)


def test_zeros_within_a_cell_are_no_text():
    with pytest.raises(TableError, match="holds bytes that are not text"):
        read_bytes("a.csv", b"a,b\n1,x\0y\n2,z\n")


@pytest.mark.parametrize("names", ["", "id\x01name\x01x\x01n\n"])
def test_columns_of_hive_are_parted_by_its_control_character(names):
    lines = [f"{at}\x01n{at}\x01{at / 2}\x01" + (r"\N" if at % 7 == 0 else f"{at}") for at in range(10, 60)]
    frame, info = read_bytes("a.txt", (names + "\n".join(lines) + "\n").encode())
    assert info.options["sep"] == "\x01"
    assert frame.shape == (50, 4)
    assert frame.iloc[:, 2].tolist() == [at / 2 for at in range(10, 60)]
    assert frame.iloc[:, 3].isna().tolist() == [at % 7 == 0 for at in range(10, 60)]
    assert "The columns are separated by the control character A (Hive)." in info.notes


def test_the_separator_of_hive_is_told_beside_commas_and_blanks():
    frame, _ = read_bytes("a.csv", "price\x01place\x01day\n1.007,50 €\x01New York, NY\x0105.03.2021\n".encode())
    assert frame.iloc[0].tolist() == [1007.5, "New York, NY", pd.Timestamp("2021-03-05")]
