"""Files whose columns are of fixed width, with blank cells among them. The expected values are those that the files are
written from.
"""

import io
import json
import random

import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.tables.fixed_width import column_borders
from core.tables.prediction_rows import prediction_rows
from core.tables.raw_preview import raw_preview
from core.tables.sources import read_bytes

NAMES = ["Ann", "Li Wei", "Jo van Dam", ""]
WORDS = ("good", "bad  thing", "very", "nice", "12", "it", "was")


def table(rows=40, seed=0):
    """A frame of words with blanks in them, whole numbers, decimals and dates, a fifth of the cells missing."""
    draw = random.Random(seed)

    def some(cells):
        return [None if draw.random() < 0.2 else cell for cell in cells]

    return pd.DataFrame(
        {
            "name": pd.Series([NAMES[draw.randrange(3)] for _ in range(rows)], dtype="str"),
            "unit price": pd.Series(some(round(draw.uniform(1, 99), 2) for _ in range(rows)), dtype="float64"),
            "qty": pd.Series(some(draw.randint(1, 999) for _ in range(rows)), dtype="float64"),
            "day": some(f"2024-03-{draw.randint(1, 28):02}" for _ in range(rows)),
            "note": pd.Series(some(draw.choice(["ok", "too late"]) for _ in range(rows)), dtype="str"),
        }
    ).assign(day=lambda frame: pd.to_datetime(frame["day"]).astype("datetime64[us]"))


def written(frame, right=("unit price", "qty"), gap=1, ruler=False):
    """The lines of a frame, numbers at the right end of their columns."""
    cells = frame.astype(object).where(frame.notna(), "")
    cells = cells.assign(day=frame["day"].dt.strftime("%Y-%m-%d").fillna(""))
    cells = cells.assign(qty=[f"{value:.0f}" if value != "" else "" for value in cells["qty"]])
    columns = []
    for name in cells:
        texts = [name, *map(str, cells[name])]
        width = max(map(len, texts)) + 1
        texts.insert(1, "-" * width) if ruler else None
        columns.append([text.rjust(width) if name in right else text.ljust(width) for text in texts])
    return [(" " * gap).join(row).rstrip() for row in zip(*columns, strict=True)]


@pytest.mark.parametrize("ruler", [False, True])
@pytest.mark.parametrize("gap", [1, 3])
@pytest.mark.parametrize("seed", range(5))
def test_blank_cells_stay_in_their_columns(seed, gap, ruler):
    frame = table(seed=seed)
    text = "\n".join(written(frame, gap=gap, ruler=ruler))
    read, info = read_bytes("a.txt", text.encode())
    pd.testing.assert_frame_equal(read, frame)
    assert (info.reader, info.decided.separator) == ("read_fwf", "fixed width")
    assert "The columns are of fixed width: they begin at places 1, " in info.notes[0]
    again, _ = read_bytes("a.txt", text.encode(), TableReading.model_validate(info.decided.model_dump(by_alias=True)))
    pd.testing.assert_frame_equal(again, frame)
    options = json.loads(json.dumps(info.options))  # As a card keeps them.
    plain = pd.read_fwf(io.BytesIO(text.encode()), **options)
    pd.testing.assert_frame_equal(plain.drop(columns="day"), frame.drop(columns="day"), check_dtype=False)


def test_notes_below_a_ruled_table_are_no_rows():
    """As a database prints the rows of a query."""
    frame = table()
    text = "\n".join([*written(frame, ruler=True), "", "(40 rows affected)", ""])
    pd.testing.assert_frame_equal(read_bytes("a.rpt.txt", text.encode())[0], frame)


def test_few_rows_to_predict_for_are_parted_as_the_training_table_is():
    frame = table()
    _, info = read_bytes("a.txt", "\n".join(written(frame)).encode())
    asked, _ = read_bytes("b.txt", "\n".join(written(frame.head(2))).encode(), info.decided.carried())
    pd.testing.assert_frame_equal(asked, frame.head(2), check_dtype=False)
    card = {"features": [{"name": "qty", "kind": "number"}], "numbers": {"columns": {}}}
    rows, _ = prediction_rows(asked, card)
    assert rows["qty"].tolist() == frame["qty"].head(2).tolist()


def test_the_preview_has_the_cells_of_the_columns():
    frame = table()
    text = "\n".join(written(frame)).encode()
    shown = raw_preview("a.txt", text, TableReading())
    assert shown.head[0] == list(frame)
    assert shown.columns == 5


def test_decimal_commas_of_fixed_columns_are_read():
    lines = [f"{at:<4}{'' if at % 7 == 0 else f'{at},5':>6}  x{at % 3}" for at in range(40)]
    frame, info = read_bytes("a.txt", "\n".join(["id   value  g", *lines]).encode())
    assert frame["value"].fillna(-1).tolist() == [-1 if at % 7 == 0 else at + 0.5 for at in range(40)]
    assert info.options["decimal"] == ","


@pytest.mark.parametrize("seed", range(20))
def test_text_is_never_parted(seed):
    draw = random.Random(seed)
    prose = [" ".join(draw.choice(WORDS) for _ in range(draw.randint(3, 9))) for _ in range(10)]
    assert column_borders(["what they said", *prose]) == []
    frame, _ = read_bytes("a.txt", "\n".join(["what they said", *prose]).encode())
    assert frame.shape == (10, 1)
    text = "\n".join(["text,label", *(f'"{line}",{at % 2}' for at, line in enumerate(prose))])
    assert list(read_bytes("a.csv", text.encode())[0]) == ["text", "label"]


def test_lines_that_are_blank_at_the_same_place_by_chance_are_not_parted():
    lines = [f"{first} {last}" for first in ("Anna", "Jane", "Emma") for last in ("Smith", "Bloom", "Brown")]
    assert column_borders(["name", *lines]) == []
    assert column_borders(["Name Last", *lines]) == []  # No numbers tell that these are columns.
    frame, _ = read_bytes("a.txt", "\n".join(["name", *lines]).encode())
    assert frame["name"].tolist() == lines


def test_values_that_may_stand_in_the_wrong_column_are_said():
    """Where names do not stand above their columns, only blanks part these."""
    lines = [f"{at:<6}{at + 0.25:6.2f}{'' if at % 20 == 3 else f'{at + 0.5:.3f}':>8}{at * 3:6}" for at in range(40)]
    _, info = read_bytes("a.txt", "\n".join(["id     x       y    g", *lines]).encode())
    assert any("their values stand in the wrong columns" in note for note in info.notes)


@pytest.mark.parametrize("seed", range(3))
def test_a_title_lines_and_notes_around_the_table_are_none_of_it(seed):
    """As a mainframe prints a report."""
    frame = table(seed=seed)
    names, *rows = written(frame)
    title = ["MONTHLY REPORT                     PAGE 1", "", names, "-" * len(names), *rows]
    pd.testing.assert_frame_equal(read_bytes("a.txt", "\n".join(title).encode())[0], frame)
    text = "\n".join([names, *rows, "", "Source: the office of statistics, printed in March"])
    pd.testing.assert_frame_equal(read_bytes("a.txt", text.encode())[0], frame)
