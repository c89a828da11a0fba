"""A second table, of validation rows, is read as the training table is where its own cells leave a doubt."""

import io

import numpy as np
import pandas as pd
import pytest

from core.experiment.reading import TableReading
from core.experiment.spec import read
from core.runs.search_command import with_kept_tables
from core.tables.errors import TableError
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_bytes


def validated(tmp_path, train, second, ending="csv", other=None):
    """The raw values that the second table's cells become beside the training table's, each in a column x; `other` is
    the ending of the second one's file.
    """
    store = TableStore(tmp_path)
    refs = [
        store.keep(f"{at}.{of}", content_of(cells, of)).ref
        for at, (cells, of) in enumerate(((train, ending), (second, other or ending)))
    ]
    tables = Tables(store)
    kind = tables.profile(refs[0]).column("x").kind
    split = {"method": "table", "table": refs[1]}
    data = {"table": refs[0], "targets": ["y"], "features": {"x": kind}, "target_kinds": {"y": "number"}}
    ready = tables.prepared(read({"version": 1, "data": {**data, "split": split}}))
    return ready.raw["x"][ready.second :].tolist()


def content_of(cells, ending):
    cells = (cells * 30)[:30] if len(cells) > 3 else cells
    frame = pd.DataFrame({"x": cells, "y": [at % 7 + 0.5 for at in range(len(cells))]})
    if ending == "csv":
        return frame.to_csv(index=False, quoting=1).encode()
    if ending == "json":
        return frame.to_json(orient="records").encode()
    file = io.BytesIO()
    {"xlsx": frame.to_excel, "parquet": frame.to_parquet}[ending](file, index=False)
    return file.getvalue()


EUROS = ["1.200,50 €", "2.345,10 €", "3.100,00 €", "850,25 €"]
POUNDS = ["1.200,50", "2.345,10", "3.100,00", "850,25"]


@pytest.mark.parametrize(
    ("train", "second", "expected"),
    [
        (POUNDS, ["1.200", "900", "2.300"], [1200, 900, 2300]),
        (POUNDS, ["1200.5", "1500.25"], [1200.5, 1500.25]),  # Certain by itself.
        (POUNDS, ["1.200,5", "1.500,25"], [1200.5, 1500.25]),
        (["1.200", "2.345", "850", "1.000.000"], ["1.200", "1.500"], [1200, 1500]),
        (["1,5", "2,5", "3,25", "4,0"], ["1.125", "2.250"], [1.125, 2.25]),  # Not a thousand times the others.
        (EUROS, ["1.200 €", "1.500 €"], [1200, 1500]),
        (EUROS, ["1.200", "1.500"], [1200, 1500]),
        (EUROS, ["1.200 EUR", "900,50 EUR"], [1200, 900.5]),
        (["12,5 %", "13,5 %", "14 %", "15 %"], ["12.500 %", "13 %"], [12.5, 13]),
        (["12 kg", "13.5 kg", "14 kg", "15 kg"], ["12 KG", "13"], [12, 13]),
        (["3:15", "4:20", "25:10", "30:05"], ["3:15", "4:20"], [195, 260]),  # Minutes and seconds.
        (["3:15", "4:20", "23:10", "20:05"], ["3:15", "4:30"], [3.25, 4.5]),  # Times of day.
        (["1 h 20 min", "45 min", "2 h", "1 h 05 min"], ["45 min", "30 min"], [2700, 1800]),
        (["ja", "nein", "J", "N"], ["ja", "nein"], [1, 0]),
    ],
)
def test_cells_in_doubt_are_those_of_the_training_table(tmp_path, train, second, expected):
    assert validated(tmp_path, train, second) == pytest.approx(expected)


def test_text_in_a_workbook_is_read_by_the_training_tables_marks(tmp_path):
    assert validated(tmp_path, EUROS, ["1.200 €", "1.500 €", 12], "xlsx") == [1200, 1500, 12]
    assert validated(tmp_path, EUROS, ["1.200", "1.500", 812.5], "xlsx") == [1200, 1500, 812.5]


@pytest.mark.parametrize("ending", ["json", "parquet"])
def test_text_in_other_files_is_read_by_the_training_tables_marks(tmp_path, ending):
    assert validated(tmp_path, EUROS, ["1.200 €", "1.500 €"], "csv", ending) == [1200, 1500]
    assert validated(tmp_path, POUNDS, ["1.200", "900", "2.300"], "csv", ending) == [1200, 900, 2300]
    assert validated(tmp_path, POUNDS, [1200.5, 900.0], "csv", ending) == [1200.5, 900]
    assert validated(tmp_path, ["12 kg", "13.5 kg", "14 kg", "15 kg"], ["12 KG", "13"], "csv", ending) == [12, 13]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (["03/05/2021", "04/05/2021"], ["2021-03-05", "2021-04-05"]),
        (["05/03/2021", "05/04/2021"], ["2021-03-05", "2021-04-05"]),
        (["2021-03-05", "2021-04-05"], ["2021-03-05", "2021-04-05"]),
    ],
)
@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_typed_dates_settle_the_order_of_a_second_tables_text_by_where_they_lie(tmp_path, second, expected, ending):
    """Moments do not show how dates are written, but these are all of February to April."""
    train = [pd.Timestamp("2021-02-01") + pd.Timedelta(days=3 * at) for at in range(30)]
    days = [(np.datetime64(day) - np.datetime64(0, "D")) / np.timedelta64(1, "D") for day in expected]
    assert validated(tmp_path, train, second, ending, "csv") == days


def test_marks_that_a_person_decides_hold_for_text_of_a_workbook():
    given = TableReading.model_validate({"columns": {"x": {"as": "number", "decimal": ","}}})
    content = content_of(["1.200", "1.500", 812.5], "xlsx")
    assert read_bytes("a.xlsx", content)[0]["x"].tolist() == [1.2, 1.5, 812.5]
    frame, info = read_bytes("a.xlsx", content, given)
    assert frame["x"].tolist() == [1200, 1500, 812.5]
    assert info.options["dtype"] == {"x": "object"}


@pytest.mark.parametrize(
    ("train", "second", "expected"),
    [
        ("03/25/2021 04/26/2021 03/05/2021 08/07/2021", "03/05/2021 04/06/2021", ["2021-03-05", "2021-04-06"]),
        ("25/03/2021 26/04/2021 05/03/2021 07/08/2021", "03/05/2021 04/06/2021", ["2021-05-03", "2021-06-04"]),
        ("03/25/2021 04/26/2021 03/05/2021 08/07/2021", "25/03/2021 04/06/2021", ["2021-03-25", "2021-06-04"]),
        ("03/25/2021 04/26/2021 03/05/2021 08/07/2021", "2021-03-05 2021-04-06", ["2021-03-05", "2021-04-06"]),
    ],
)
def test_dates_in_doubt_have_the_training_tables_order(tmp_path, train, second, expected):
    days = [(np.datetime64(day) - np.datetime64(0, "D")) / np.timedelta64(1, "D") for day in expected]
    assert validated(tmp_path, train.split(), second.split()) == days


def test_amounts_in_another_unit_are_refused(tmp_path):
    with pytest.raises(TableError, match="No cell of 'x' in the validation table can be read as the table's are"):
        validated(tmp_path, ["12 kg", "13.5 kg", "14 kg", "15 kg"], ["500 g", "600 g"])


def test_the_printed_program_is_told_how_the_second_table_is_read(tmp_path):
    store = TableStore(tmp_path)
    train, second = (
        store.keep(f"{at}.csv", content_of(cells, "csv")).ref for at, cells in enumerate((POUNDS, ["1.200"] * 9))
    )
    split = {"method": "table", "table": second}
    data = {"table": train, "targets": ["y"], "features": {"x": "number"}, "split": split}
    info = Tables(store).second(read({"version": 1, "data": data}))
    assert info.options == {"dtype": {"x": "str"}}
    assert info.decided.columns["x"].decimal == ","


def test_yes_and_no_are_not_said_to_be_missing_where_they_are_chosen_as_truths():
    given = TableReading.model_validate({"columns": {"x": {"as": "boolean"}}})
    frame, info = read_bytes("a.csv", b"x,y\nyes,1\nno,2\nperhaps,3\n", given)
    assert frame["x"].tolist()[:2] == [True, False]
    assert [note.cells for note in info.noted if note.kind == "unread"] == [(("perhaps", 1),)]


def test_files_of_a_search_may_be_read_otherwise_beside_a_second_table(tmp_path):
    (tmp_path / "first.csv").write_text("title\nx,y\n" + "".join(f"{at},{at % 7}.5\n" for at in range(60)))
    (tmp_path / "second.csv").write_text("x,y\n" + "".join(f"{at},{at % 7}.5\n" for at in range(9)))
    split = {"method": "table", "table": str(tmp_path / "second.csv")}
    data = {"table": str(tmp_path / "first.csv"), "targets": ["y"], "features": {"x": "number"}, "split": split}
    given = read({"version": 1, "data": {**data, "reading": {"header": [1]}}})
    store = TableStore(tmp_path / "workspace")
    assert len(Tables(store).prepared(with_kept_tables(given, store)).rows) == 69
