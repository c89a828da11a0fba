"""How a file was read: what is said of it, what decides it otherwise, and what becomes of the experiment."""

import io
from dataclasses import dataclass

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.columns import TableInfo, TableProfile
from core.experiment.reading import TableReading
from core.experiment.spec import Experiment, read
from core.tables.raw_preview import RawPreview
from core.tables.samples import load_sample
from dashboard.panels.raw_grid import grid, letters, looks_of, role_of
from dashboard.services import tables
from tests.dashboard.conftest import data_page

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home", "at_once", "reader")]  # Processes read the tables.


def sales() -> bytes:
    """A title, 40 rows of which two have no number of visitors, and a row of totals."""
    rows = [(f"Shop {at % 4}", "TBC" if at in (3, 9) else 100 + at, 20 * at + 5) for at in range(40)]
    total = sum(revenue for *_, revenue in rows)
    lines = [
        "Sales of 2025,,",
        "branch,visitors,revenue",
        *(",".join(map(str, row)) for row in rows),
        f"Total,,{total}",
    ]
    return "\n".join(lines).encode()


def opened(name: str, content: bytes) -> AppTest:
    """The Data page with an upload on it."""
    app = AppTest.from_function(data_page, default_timeout=60).run()
    app.file_uploader(key="upload").upload(name, content, "text/csv").run()
    assert not app.exception
    return app


def experiment(app: AppTest) -> Experiment:
    return read(app.session_state["ld.experiment"])


def said(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for one in app.markdown]


@dataclass
class Table:
    """What is known of the table on screen."""

    about: TableInfo
    profile: TableProfile


def table_of(app: AppTest) -> Table:
    data = experiment(app).data
    return Table(tables().about(data.table, data.reading), tables().profile(data.table, data.reading))


def press(app: AppTest, label: str) -> AppTest:
    """Presses the button of that label."""
    next(button for button in app.button if button.label == label).click()
    app.run()
    assert not app.exception
    return app


def test_what_was_noticed_is_said_and_a_button_decides_it_otherwise():
    app = opened("sales.csv", sales())
    assert "40 rows, 3 columns" in [one.value for one in app.caption]
    text = " ".join(said(app))
    assert "2 of 40 cells of 'visitors' are not numbers" in text
    assert "TBC" in text
    assert "holds totals" in text
    assert not experiment(app).data.reading
    press(app, "Read as words")
    assert experiment(app).data.reading.columns["visitors"].as_ == "text"
    assert experiment(app).data.features["visitors"] == "category"
    assert experiment(app).data.targets == ("revenue",)


def unfolded(app: AppTest) -> AppTest:
    """The page with the raw cells and each decision in sight."""
    app.session_state["table-reading"] = True
    app.run()
    assert not app.exception
    return app


def box(app: AppTest, label: str):
    return next(one for one in (*app.selectbox, *app.multiselect, *app.text_input) if one.label == label)


def choose(app: AppTest, label: str, value: object) -> AppTest:
    """Takes a value in the box of that label."""
    box(app, label).set_value(value)
    app.run()
    assert not app.exception
    return app


def test_all_is_decided_automatically_again_and_by_undo():
    app = unfolded(opened("sales.csv", sales()))
    automatically = experiment(app)
    assert next(one for one in app.button if one.label == "Decide all automatically").disabled
    press(app, "Keep as values")
    decided = experiment(app)
    assert decided.data.reading
    assert box(app, "Separator").value == ","  # The step stays open.
    press(app, "Decide all automatically")
    assert experiment(app).data == automatically.data


def test_the_cells_of_a_column_are_read_by_choice():
    app = unfolded(opened("sales.csv", sales()))
    choose(app, "Cells of column", "revenue")
    choose(app, "Unit", "EUR")
    assert table_of(app).about.units == {"revenue": "EUR"}
    choose(app, "Cells of column", "visitors")
    choose(app, "Also missing", "100, 101")
    assert experiment(app).data.reading.columns["visitors"].missing == ("100", "101")
    assert round(40 * table_of(app).profile.column("visitors").missing) == 4  # Two that said TBC, and these two.
    assert table_of(app).about.units == {"revenue": "EUR"}  # What was decided before stays.


def test_a_guessed_target_is_asked_about_until_it_is_confirmed():
    app = opened(
        "shops.csv",
        b"shop,visitors,sold\n" + b"".join(b"s%d,%d,%d\n" % (at % 3, at * 7 % 50, at % 50 * 3 + 1) for at in range(60)),
    )
    asked = f"'{experiment(app).data.targets[0]}' is a guess. Is this what you want to predict?"
    assert asked in " ".join(said(app))
    press(app, "Yes")
    assert "is a guess" not in " ".join(said(app))
    app.selectbox[0].set_value("penguins").run()
    assert experiment(app).data.targets == ("species",)
    assert "is a guess" not in " ".join(said(app))


def test_a_hint_is_carried_out_by_its_button():
    rows = b"".join(b"%d,%d\n" % (-999 if at % 9 == 0 else 20 + at % 13, 3 * (at % 13) + at % 4) for at in range(90))
    app = opened("sensor.csv", b"temperature,load\n" + rows)
    assert "-999 occurs in 10 cells of 'temperature'; the next value is 20. Does -999 mean missing?" in " ".join(
        said(app)
    )
    press(app, "Treat -999 as missing")
    assert experiment(app).data.reading.columns["temperature"].missing == ("-999",)
    assert round(90 * table_of(app).profile.column("temperature").missing) == 10
    assert "-999 occurs in" not in " ".join(said(app))


def test_dates_and_numbers_that_may_be_two_things_are_settled_by_a_button():
    """02/03/2021 to 11/12/2021 and 1,024 to 9,216: no cell tells which mark or which order it is."""
    rows = "".join(
        f"{at % 11 + 1:02d}/{at % 7 + 1:02d}/2021;{at % 9 + 1},{(at * 37) % 900 + 100};{at}\n" for at in range(60)
    )
    app = opened("doubtful.csv", f"sold;area;paid\n{rows}".encode())
    labels = [one.label for one in app.button]
    assert "Read as numbers" not in labels
    assert [one for one in labels if "first" in one or "Decimal" in one] == [
        *("Day first", "Month first", "Decimal comma", "Decimal point")
    ]
    press(app, "Month first")
    sold = table_of(app).profile.column("sold")
    assert (sold.kind, sold.low) == ("date", 18628)  # 2021-01-01; the latest is in November.
    press(app, "Decimal point")
    area = table_of(app).profile.column("area")
    assert (area.kind, area.low, area.missing) == ("number", 1100, 0)
    # The first name stands once above the columns; a file of another name than the experiment's is named.
    assert [one.value for one in app.caption if one.value.endswith("columns")] == ["60 rows, 3 columns"]


def test_rows_that_repeat_are_left_out_and_kept_by_a_button():
    rows = b"".join(b"%d,%d\n" % (at % 40, 3 * (at % 40) + 1) for at in range(55))
    app = opened("twice.csv", b"temperature,load\n" + rows)
    assert "15 rows repeat another row in all columns" in " ".join(said(app))
    press(app, "Leave them out")
    assert table_of(app).about.rows == 40
    assert "in all columns" not in " ".join(said(app))
    press(app, "Keep them")
    assert table_of(app).about.rows == 55
    app.selectbox[0].set_value("titanic").run()
    press(app, "Leave them out")  # A sample lies in no file that was uploaded.
    assert experiment(app).data.reading == TableReading(drop_duplicates=True)
    assert table_of(app).about.rows == len(load_sample("titanic")) - 195


def test_rows_are_chosen_only_where_they_can_be():
    """Values begin below the names."""
    app = unfolded(opened("sales.csv", sales()))
    enabled = {button.label for button in app.button if not button.disabled}
    assert "No row holds names" in enabled
    assert not enabled & {"Names", "First values", "Last values", "Leave out", "Keep"}  # No row is chosen.
    press(app, "No row holds names")
    assert experiment(app).data.reading.header == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"a,b\n" + b"3,7\n" * 40, "No column of this table can be predicted"), (b"a,b\n1,2\n", "has 1 row")],
)
def test_a_table_that_nothing_can_be_learned_from_is_shown_as_it_was_read(content, sentence):
    app = opened("few.csv", content)
    assert sentence in app.warning[0].value
    assert app.header[0].value == "few.csv"
    assert app.dataframe[-1].value.columns.tolist() == ["a", "b"]
    assert experiment(app).data.targets == ()
    assert "How this file is read" in [one.label for one in app.expander]
    before = app.session_state["ld.undo"][-1]
    assert read(before).data.targets == ("price",)  # Undo brings the table back that was there.


def test_where_no_target_can_be_guessed_the_chosen_one_has_a_first_experiment():
    rows = "".join(f"Lane {at},{at}\n" for at in range(40))
    app = opened("lanes.csv", f"address,number\n{rows}".encode())
    assert experiment(app).data.targets == ()
    choose(app, "Target", "number")
    assert experiment(app).data.targets == ("number",)
    assert experiment(app).layers


def test_a_table_whose_file_was_not_kept_says_so(home):
    app = opened("sales.csv", sales())
    next((home / "tables").glob("*.upload")).unlink()
    app = unfolded(app)
    assert any("Upload it again" in one.value for one in app.caption)
    assert next(one for one in app.button if one.label == "Read as words").disabled


def test_headings_of_groups_become_a_column_by_a_button():
    rows = [f"b{at % 4},{at},{3 * at % 17}" for at in range(40)]
    lines = ["branch,visitors,revenue", "Region North,,", *rows[:20], "Region South,,", *rows[20:]]
    app = opened("report.csv", "\n".join(lines).encode())
    press(app, "Make a column of them")
    assert experiment(app).data.reading.heading_columns == ("Region",)
    assert experiment(app).data.features["Region"] == "category"
    assert table_of(app).profile.column("Region").top == (("Region North", 20), ("Region South", 20))
    choose(unfolded(app), "Columns of group headings", "Where")
    assert experiment(app).data.features["Where"] == "category"
    assert "Region" not in experiment(app).data.features


def workbook() -> bytes:
    """Two sheets with tables of other columns."""
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("Homes")
    first.title = "Shops"
    for at in range(30):
        first.append(["shop", "sales"] if at == 0 else [f"s{at % 3}", 10 * at])
        second.append(["area", "price"] if at == 0 else [50 + at, 1000 * at])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_another_sheet_is_another_table():
    app = unfolded(opened("book.xlsx", workbook()))
    assert experiment(app).data.targets == ("sales",)
    assert box(app, "Sheet").options == ["Shops (30 x 2)", "Homes (30 x 2)"]
    choose(app, "Sheet", "Homes")
    assert (experiment(app).data.reading.sheet, experiment(app).data.targets) == ("Homes", ("price",))
    assert experiment(app).data.features == {"area": "number"}


def test_a_sheet_has_letters_and_numbers_as_a_spreadsheet_does():
    assert [letters(at) for at in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    preview = RawPreview(head=[["a"], ["1", "2"]], tail=[["8"], ["9"]], rows=10, columns=2)
    cells, rows = grid(preview)
    assert rows == [0, 1, 8, 9]
    assert cells.index.tolist() == [1, 2, 9, 10]
    assert cells.to_numpy().tolist() == [["a", ""], ["1", "2"], ["8", ""], ["9", ""]]


def test_each_row_looks_like_what_it_is():
    decided = TableReading(header=(1,), first_row=2, last_row=5, skipped=(4,), first_column=1)
    assert [role_of(row, decided) for row in range(7)] == [
        *("outside", "names", "values", "values", "left out", "values", "outside"),
    ]
    looks = looks_of([1, 2], 2, decided)
    assert looks.iloc[0, 0] == looks.iloc[1, 0] != ""  # Left of the table.
    assert (looks.iloc[0, 1] != "", looks.iloc[1, 1]) == (True, "")
