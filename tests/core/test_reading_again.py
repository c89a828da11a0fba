"""An upload is read again by other decisions, and whatever follows from the table follows them."""

import ast
import io

import openpyxl
import pandas as pd
import pytest

from core.experiment.hints import apply_hint
from core.experiment.reading import ColumnReading, TableReading, as_json
from core.experiment.reading_edits import alternatives, changed
from core.experiment.spec import Experiment, read
from core.keras_code.script import program
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.filled_down import with_filled_down
from core.tables.read_again import with_reading
from core.tables.reader_process import ReaderProcess, reread
from core.tables.situation import Tables
from core.tables.sources import TableStore, read_alike, read_path

ROWS = "".join(f"{at},{at % 5 + 0.5},{'red' if at % 2 else 'blue'}\n" for at in range(1, 31))
CSV = ("Report\n\nid,price,color\n" + ROWS + "Total,75,\n").encode()
KEPT_TOTAL = TableReading(header=(2,), first_row=3, last_row=33, skipped=())


def workbook() -> bytes:
    made = openpyxl.Workbook()
    made.active.title = "2023"
    for name, shift in (("2023", 0), ("2024", 100)):
        sheet = made[name] if name in made.sheetnames else made.create_sheet(name)
        sheet.append(["branch", "month", "sold"])
        for at in range(1, 41):
            sheet.append([f"b{at}" if at % 2 else None, at % 12 + 1, at + shift])
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.fixture
def store(tmp_path):
    return TableStore(tmp_path)


def experiment(ref: str, reading: TableReading) -> Experiment:
    data = {"table": ref, "targets": ["sold"], "features": {"month": "number", "branch": "category"}}
    layers = [{"layer": "Dense", "units": 1}]
    made = read({"version": 1, "data": data, "layers": layers})
    return made.model_copy(update={"data": made.data.model_copy(update={"reading": reading})})


def test_an_upload_is_kept_as_it_came_and_read_by_other_decisions(store, tmp_path):
    info = store.keep("a.csv", CSV)
    assert store.upload(info.ref) == CSV
    assert (len(store.load(info.ref)), store.has_upload(info.ref)) == (30, True)
    again = store.about(info.ref, KEPT_TOTAL)
    assert (again.ref, again.name, again.rows) == (info.ref, "a.csv", 31)
    assert store.load(info.ref, KEPT_TOTAL)["price"].iloc[-1] == 75
    assert len(store.load(info.ref)) == 30
    assert [kept.ref for kept in TableStore(tmp_path).recent()] == [info.ref]
    assert len(TableStore(tmp_path).load(info.ref, KEPT_TOTAL)) == 31


def test_an_upload_of_an_earlier_version_is_asked_for_again(store):
    info = store.keep("a.csv", CSV)
    (store.folder / f"{info.ref[5:]}.upload").unlink()
    assert len(store.load(info.ref)) == 30
    assert not store.has_upload(info.ref)
    with pytest.raises(TableError, match="upload the file again"):
        store.about(info.ref, KEPT_TOTAL)


@pytest.mark.slow
@pytest.mark.usefixtures("fork_server")
def test_a_process_of_its_own_reads_again_and_shows_the_raw_cells(store, tmp_path):
    process = ReaderProcess(tmp_path / "tables")
    try:
        info = process.keep(store, "a.csv", CSV)
        preview = process.preview(store, info.ref, TableReading())
        assert preview.head[:4] == [["Report"], [], ["id", "price", "color"], ["1", "1.5", "red"]]
        assert (preview.rows, preview.columns, preview.tail) == (34, 3, [])
        assert (preview.encoding, preview.separator) == ("utf-8", ",")
        assert process.preview(store, info.ref, TableReading(separator=";")).columns == 1
        assert process.keep_again(store, info.ref, KEPT_TOTAL).rows == 31
        with pytest.raises(TableError, match=r"can't be read|is not text"):
            process.keep_again(store, info.ref, TableReading(encoding="utf-16-le"))
        frame, _ = process.rows("b.xlsx", workbook(), reading=TableReading(sheet="2024"))
        assert frame["sold"].iloc[0] == 101
        frame, _ = process.rows("b.csv", b"branch;month;sold\nb1;2;3\nb2;3;4\n", reading=TableReading(sheet="2024"))
        assert frame["sold"].tolist() == [3, 4]  # A file without sheets.
    finally:
        process.close()
    assert not list((tmp_path / "tables").glob(".reading-*"))


@pytest.mark.usefixtures("fork_server")
def test_the_raw_cells_of_a_long_file_are_its_first_and_last(store, tmp_path):
    rows = "".join(f"{at},w\n" for at in range(2_000))
    info = store.keep("a.csv", f"n,word\n{rows}\nSource: {'x' * 90}\n".encode())
    process = ReaderProcess(tmp_path / "tables")
    try:
        preview = process.preview(store, info.ref, TableReading())
    finally:
        process.close()
    assert (preview.rows, len(preview.head), len(preview.tail)) == (2003, 500, 100)
    assert preview.tail[-3:] == [["1999", "w"], [], [f"Source: {'x' * 31}…"]]


@pytest.mark.usefixtures("fork_server")
def test_what_follows_from_a_table_follows_the_decisions(tmp_path):
    """The sheet of 2024, its branches filled down: profile, training rows and the printed program."""
    reading = TableReading(sheet="2024", filled_down=("branch",))
    tables = Tables(TableStore(tmp_path, reread))
    info = tables.store.keep("a.xlsx", workbook())
    assert [sheet.name for sheet in info.sheets] == ["2023", "2024"]
    assert tables.profile(info.ref).column("branch").missing == 0.5
    found = tables.profile(info.ref, reading)
    assert (found.column("branch").missing, found.column("sold").low) == (0.0, 101.0)
    assert tables.head(info.ref, 2, reading)["branch"].tolist() == ["b1", "b1"]
    of = experiment(info.ref, reading)
    assert tables.prepared(of).y_true("train").min() > 100
    source = program(of, tables.situation(of), tables.about(info.ref, reading))
    (line,) = [
        node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "table"
    ]
    (tmp_path / "a.xlsx").write_bytes(workbook())
    names = {"pd": pd, "with_values": with_values, "with_filled_down": with_filled_down}
    frame = eval(ast.unparse(line), {**names, "TABLE": str(tmp_path / "a.xlsx")})
    pd.testing.assert_frame_equal(frame, tables.frame(info.ref, reading))
    assert "def with_filled_down(" in source


@pytest.mark.usefixtures("fork_server")
def test_rows_that_repeat_are_left_out_everywhere_but_at_prediction(tmp_path):
    """By pandas's own count; the program compares all columns, and reads their cells as the page does."""
    rows = [f"b{at % 9},{at % 4},{at % 12},{'1000.0' if at < 36 else '1000'} kg" for at in range(90)]
    content = "\n".join(["branch;month;sold;weight", *(row.replace(",", ";") for row in rows)]).encode()
    tables, reading = Tables(TableStore(tmp_path, reread)), TableReading(drop_duplicates=True)
    info = tables.store.keep("a.csv", content)
    (hint,) = [hint for hint in tables.profile(info.ref).hints if hint.kind == "repeated rows"]
    of = experiment(info.ref, TableReading())
    assert apply_hint(of.data, hint).reading == reading
    frame = tables.frame(info.ref, reading)
    pd.testing.assert_frame_equal(frame, tables.frame(info.ref).drop_duplicates(ignore_index=True))
    assert len(frame) == 36  # Of branch, month and sold together; weights are all alike once they are numbers.
    about = tables.about(info.ref, reading)
    (note,) = [note for note in about.noted if note.kind == "duplicates"]
    assert note.text == "54 rows repeat another row and were left out, as decided."
    assert alternatives(note, about.decided) == [("Keep them", changed(about.decided, "drop_duplicates", False))]
    assert [hint for hint in tables.profile(info.ref, reading).hints if hint.kind == "repeated rows"] == []
    of = experiment(info.ref, reading)
    source = program(of, tables.situation(of), about)
    (line,) = [one for one in source.splitlines() if one.startswith("table = ")]
    (tmp_path / "a.csv").write_bytes(content)
    names = {"pd": pd, "with_values": with_values, "CELLS": CELL_READERS, "TABLE": str(tmp_path / "a.csv")}
    pd.testing.assert_frame_equal(eval(line.removeprefix("table = "), names), frame)
    assert len(read_path(tmp_path / "a.csv", reading)[0]) == 36
    assert len(read_alike("ask.csv", content, about.decided.carried())[0]) == 90


def test_dates_that_a_person_chose_to_be_words_are_not_taken_for_dates_again(tmp_path):
    tables = Tables(TableStore(tmp_path, reread))
    rows = "".join(f"2024-0{at % 9 + 1}-01,{at}\n" for at in range(40))
    info = tables.store.keep("a.csv", ("month,sold\n" + rows).encode())
    assert tables.profile(info.ref).column("month").kind == "date"
    reading = TableReading(columns={"month": ColumnReading.model_validate({"as": "text"})})
    found = tables.profile(info.ref, reading).column("month")
    assert (found.kind, found.distinct, found.left_out) == ("category", 9, None)
    data = {"table": info.ref, "targets": ["sold"], "features": {"month": "date", "sold": "number"}}
    dated = read({"version": 1, "data": data})
    again = with_reading(dated, reading, tables.profile(info.ref), tables.profile(info.ref, reading))
    assert again.data.features == {"month": "category"}


def test_a_path_and_a_sample_are_read_by_decisions(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(CSV)
    tables = Tables(TableStore(tmp_path), paths=True)
    assert tables.profile(str(path)).rows == 30
    assert tables.profile(str(path), KEPT_TOTAL).rows == 31
    reading = TableReading(columns={"species": ColumnReading(missing=("Adelie",))})
    plain, decided = tables.frame("sample:penguins"), tables.frame("sample:penguins", reading)
    assert decided["species"].isna().sum() == (plain["species"] == "Adelie").sum() > 0


def test_the_table_of_validation_rows_is_read_as_the_first_one(tmp_path):
    tables = Tables(TableStore(tmp_path))
    first, second = workbook(), ("sold;month;branch\n" + "205;3;b1\n" * 12).encode()
    refs = [tables.store.keep(name, content).ref for name, content in (("a.xlsx", first), ("b.csv", second))]
    of = experiment(refs[0], TableReading(sheet="2024"))
    split = of.data.split.model_copy(update={"method": "table", "table": refs[1]})
    ready = tables.prepared(of.model_copy(update={"data": of.data.model_copy(update={"split": split})}))
    assert set(ready.y_true("validation")) == {205}  # It has no sheet of that name, and is read as it is.
    assert ready.y_true("train").min() > 100


def test_rows_to_predict_for_are_read_as_the_training_table():
    reading = TableReading(header=(2,), first_row=3, last_row=33, columns={"price": ColumnReading(decimal=",")})
    frame, _ = read_alike("ask.csv", b"id;price\n1;1,5\n2;2,5\n", reading.carried())
    assert frame.columns.tolist() == ["id", "price"]
    assert reading.carried().last_row is None


@pytest.mark.parametrize(
    ("cells", "decimal", "values"),
    [
        ("14.303 7.582 615 1.200 9.100 2.750", ",", [14303, 7582, 615, 1200, 9100, 2750]),
        ("1.25 2.5", ".", [1.25, 2.5]),
    ],
)
def test_the_decimal_mark_of_one_column_is_decided_where_its_cells_were_numbers(store, cells, decimal, values):
    content = "x;y\n" + "".join(f"{cell};{at}.5\n" for at, cell in enumerate(cells.split()))
    ref = store.keep("a.csv", content.encode()).ref
    given = TableReading(columns={"x": ColumnReading(decimal=decimal)})
    info = store.keep_again(ref, given)
    frame = store.load(ref, given)
    assert frame["x"].tolist() == values
    assert frame["y"].tolist() == [at + 0.5 for at in range(len(values))]
    assert "decimal point" not in " ".join(info.notes)
    again = pd.read_csv(io.BytesIO(content.encode()), **info.options)
    columns = as_json(info.decided.columns)
    pd.testing.assert_frame_equal(with_values(again, columns, CELL_READERS), frame)
