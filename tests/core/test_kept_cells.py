"""Words that look like missing cells, and zeros in front of codes: kept, and said."""

import io

import pandas as pd
import pytest

from core.experiment.reading import ColumnReading, TableReading, as_json
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.profile import profile
from core.tables.sources import TableStore, read_bytes

DAMAGE = ["None", "Mild", "Severe", "None"] * 10


def _file(ending: str, table: pd.DataFrame) -> bytes:
    if ending == ".csv":
        return table.to_csv(index=False).encode()
    file = io.BytesIO()
    table.to_excel(file, index=False)
    return file.getvalue()


def _again(content: bytes, info) -> pd.DataFrame:
    """As a printed program reads it."""
    frame = getattr(pd, info.reader)(io.BytesIO(content), **info.options)
    return with_values(frame, as_json(info.decided.columns), CELL_READERS)


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@pytest.mark.parametrize("word", ["None", "NA", "null", "NULL"])
def test_a_frequent_word_that_looks_missing_is_a_word(tmp_path, ending, word):
    table = pd.DataFrame({"x": [*range(38), None, None], "damage": [cell.replace("None", word) for cell in DAMAGE]})
    content = _file(ending, table)
    frame, info = read_bytes(f"a{ending}", content)
    assert frame["damage"].tolist() == table["damage"].tolist()
    assert frame["x"].isna().sum() == 2
    assert profile(frame).column("damage").distinct == 3
    assert f"20 cells of 'damage' say {word!r}, which is read as a word, not as a missing value." in info.notes
    pd.testing.assert_frame_equal(_again(content, info), frame)
    store = TableStore(tmp_path)
    assert store.load(store.keep(f"a{ending}", content).ref)["damage"].tolist() == table["damage"].tolist()


def test_a_word_that_numbers_use_for_missing_cells_is_missing():
    content = (
        "x,damage\n" + "".join(f"{'NA' if at % 5 else at},{'NA' if at % 4 else 'Mild'}\n" for at in range(40))
    ).encode()
    frame, info = read_bytes("a.csv", content)
    assert (frame["x"].isna().sum(), frame["damage"].isna().sum(), info.options) == (32, 30, {})
    assert "30 cells of 'damage' say 'NA' and count as missing." in info.notes


def test_the_other_columns_keep_their_missing_cells():
    rows = "".join(f"{cell},{'None' if at == 3 else 'word'},{at or ''}\n" for at, cell in enumerate(DAMAGE * 3))
    frame, info = read_bytes("a.csv", f"damage,other,x\n{rows}".encode())
    assert frame["damage"].eq("None").sum() == 60
    assert (frame["other"].isna().sum(), frame["x"].isna().sum()) == (1, 1)
    assert frame["x"].dtype == "float64"
    assert info.decided.columns["other"].missing == ("None",)


def test_a_person_decides_otherwise():
    content = _file(".csv", pd.DataFrame({"x": range(40), "damage": DAMAGE}))
    chosen = TableReading(columns={"damage": ColumnReading(missing=("None",))})
    assert read_bytes("a.csv", content, chosen)[0]["damage"].isna().sum() == 20
    rare = _file(".csv", pd.DataFrame({"x": range(100), "grade": ["NA", *["a", "b", "c"] * 33]}))
    assert read_bytes("a.csv", rare)[0]["grade"].isna().sum() == 1
    chosen = TableReading(columns={"grade": ColumnReading(kept=("NA",))})
    frame, info = read_bytes("a.csv", rare, chosen)
    assert frame["grade"].isna().sum() == 0
    assert read_bytes("a.csv", rare, info.decided)[0]["grade"].isna().sum() == 0


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_zeros_in_front_of_a_code_are_kept(ending):
    table = pd.DataFrame({"zip": ["01234", "99999", "00501"] * 9, "n": range(27), "month": ["01", "02", "12"] * 9})
    content = _file(ending, table)
    frame, info = read_bytes(f"a{ending}", content)
    assert frame["zip"].tolist() == table["zip"].tolist()
    assert frame["month"].tolist() == [1, 2, 12] * 9
    assert "Column 'zip' holds digits with leading zeros, like 01234: kept as words." in info.notes
    pd.testing.assert_frame_equal(_again(content, info), frame)
    number = TableReading(columns={"zip": ColumnReading.model_validate({"as": "number"})})
    assert read_bytes(f"a{ending}", content, number)[0]["zip"].tolist() == [1234, 99999, 501] * 9


def test_numbers_of_different_lengths_are_numbers():
    content = b"n,x\n0012,1\n7,2\n350,3\n"
    frame, info = read_bytes("a.csv", content)
    assert frame["n"].tolist() == [12, 7, 350]
    says = "Column 'n' holds digits with leading zeros, like 0012: read as numbers, without these zeros."
    assert says in info.notes
    words = TableReading(columns={"n": ColumnReading.model_validate({"as": "text"})})
    assert read_bytes("a.csv", content, words)[0]["n"].tolist() == ["0012", "7", "350"]


def test_codes_that_differ_in_their_zeros_alone_stay_apart():
    frame, info = read_bytes("a.csv", b"n,x\n007,1\n7,2\n350,3\n")
    assert frame["n"].tolist() == ["007", "7", "350"]
    assert "Column 'n' holds digits with leading zeros, like 007: kept as words." in info.notes


def test_na_among_amounts_is_missing_however_frequent_it_is():
    percents = ["13 %", "NA", "1 %", "31 %", "NA", "13 %", "7 %", "NA"]
    grades = ["NA", "B", "C", "NA", "B", "C", "B", "C"]
    content = "rate,grade\n" + "".join(f"{rate},{grade}\n" for rate, grade in zip(percents, grades, strict=True))
    frame, info = read_bytes("a.csv", content.replace("C", "c").encode())
    assert frame["rate"].fillna(-1).tolist() == [13, -1, 1, 31, -1, 13, 7, -1]
    assert info.decided.columns["rate"].unit == "%"
    alone, _ = read_bytes(
        "a.csv", ("grade,y\n" + "".join(f"{grade},{at}\n" for at, grade in enumerate(grades))).encode()
    )
    assert alone["grade"].tolist() == grades  # A word among words, as before.
