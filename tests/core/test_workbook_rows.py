"""The rows of a sheet are parsed once, and pandas makes of them what it makes of the file."""

import datetime
import io
import random

import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from core.tables.workbook_rows import frame_of_rows, sheet_rows

CELLS = (
    *(1, 1.0, True, False, 0, -0.0, 2.5, 10**17, 1e300, None, "", " ", "x", "1", "1.0", "NA", "None", "007", "#N/A"),
    *(datetime.date(2024, 2, 29), datetime.datetime(2024, 2, 29, 13, 5), datetime.time(7, 30)),
    datetime.timedelta(hours=30),
)


def sheet_of(seed: int) -> bytes:
    """A workbook whose only sheet has cells by chance, from a first row and column by chance."""
    draw = random.Random(seed)
    book = openpyxl.Workbook()
    top, left = draw.randint(1, 3), draw.randint(1, 3)
    columns = [draw.sample(CELLS, draw.randint(1, 4)) for _ in range(draw.randint(1, 6))]
    for place, cells in enumerate(columns, left):
        book.active.cell(top, place, draw.choice(["a", "b", "b", 3, None]))
        for row in range(top + 1, top + draw.randint(2, 30)):
            book.active.cell(row, place, draw.choice(cells))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def options_of(seed: int) -> dict[str, object]:
    """What the reader may tell pandas."""
    draw = random.Random(seed)
    forms = [{}, {"skiprows": 1}, {"header": None}, {"header": None, "skiprows": [0, 2, 3]}]
    forms += [{"header": None, "usecols": [0], "names": ["first"]}, {"dtype": {"a": "str", "b": "object"}}]
    return draw.choice(forms) | draw.choice([{}, {"keep_default_na": False, "na_values": ["", "#N/A"]}])


@pytest.mark.parametrize("seed", range(120))
def test_rows_become_the_frame_that_pandas_makes_of_the_file(seed):
    content, options = sheet_of(seed), {"engine": "calamine", **options_of(seed)}
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    rows = sheet_rows(sheet)
    whole = sheet.to_python(skip_empty_area=False)
    assert [[(type(cell), cell) for cell in cells] for cells in rows] == [
        [(type(cell), cell) for cell in cells] for cells in whole
    ]
    expected = outcome(lambda: pd.read_excel(io.BytesIO(content), **options))
    for _ in range(2):  # The rows stay as they are, and may be read by other options.
        found = outcome(lambda: frame_of_rows(rows, options))
        if isinstance(expected, pd.DataFrame):
            pd.testing.assert_frame_equal(found, expected, check_exact=True)
        else:
            assert found == expected


def outcome(call):
    """A frame, or the sort of error that comes of it."""
    try:
        return call()
    except (ValueError, IndexError) as error:
        return type(error)


def test_equal_values_are_one_object():
    file = io.BytesIO()
    pd.DataFrame({"a": ["word", "other"] * 50, "b": [0.25, 0.5] * 50}).to_excel(file, index=False)
    file.seek(0)
    rows = sheet_rows(CalamineWorkbook.from_filelike(file).get_sheet_by_index(0))
    assert len({id(cell) for cells in rows for cell in cells}) == 6
