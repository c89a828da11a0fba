"""Decisions about how a file is read: what one changes, and what then follows from the file again."""

import pytest

from core.experiment.columns import Note
from core.experiment.reading import ColumnReading, TableReading
from core.experiment.reading_edits import alternatives, changed, with_column

PRICE = ColumnReading.model_validate({"as": "number", "decimal": ","})
DECIDED = TableReading(
    sheet="2024",
    header=(3, 4),
    first_row=6,
    last_row=40,
    first_column=1,
    last_column=5,
    skipped=(20, 30),
    filled_down=("Branch",),
    columns={"Price": PRICE},
)


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("sheet", "2025", {"sheet"}),
        ("encoding", "cp1252", {"sheet", "encoding"}),
        ("separator", ";", {"sheet", "separator"}),
        ("header", (2,), {"sheet", "header"}),
        ("first_row", 5, {"sheet", "header", "first_row", "first_column", "last_column", "columns"}),
        ("skipped", (), {*DECIDED.model_dump(), "skipped"}),
    ],
)
def test_what_followed_from_a_changed_decision_is_left_to_the_reader(field, value, left):
    new = changed(DECIDED, field, value)
    assert getattr(new, field) == value
    assert set(new.model_dump()) - {field} == left - {field}
    assert all(getattr(new, name) == getattr(DECIDED, name) for name in left - {field})


def test_a_value_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="separator"):
        changed(DECIDED, "separator", "(a+)+$")
    with pytest.raises(ValueError, match="first_row"):
        changed(DECIDED, "first_row", 2)  # The names stand below it.


def test_the_cells_of_a_column_are_read_otherwise_and_left_to_the_reader_again():
    words = with_column(DECIDED, "Price", ColumnReading.model_validate({"as": "text"}))
    assert words.columns["Price"].as_ == "text"
    assert with_column(words, "Price", ColumnReading()).columns == {}
    assert words.skipped == DECIDED.skipped


def offered(kind: str, decision: str, **about) -> list[tuple[str, TableReading]]:
    return alternatives(Note(kind=kind, text="", decision=decision, **about), DECIDED)


@pytest.mark.parametrize(
    ("note", "label", "field", "value"),
    [
        ({"kind": "header", "decision": "header", "rows": (3, 4)}, "Only row 5 holds names", "header", (4,)),
        ({"kind": "titles", "decision": "header", "rows": (0, 1)}, "Names are in row 1", "header", (0,)),
        ({"kind": "units", "decision": "first_row", "rows": (5,)}, "It is a row of values", "first_row", 5),
        ({"kind": "totals", "decision": "skipped", "rows": (20, 30), "count": 2}, "Keep as values", "skipped", ()),
        ({"kind": "repeated", "decision": "skipped", "rows": (30,), "count": 1}, "Keep as values", "skipped", (20,)),
        ({"kind": "totals", "decision": "skipped", "rows": (25,), "count": 1}, "Leave out", "skipped", (20, 25, 30)),
        ({"kind": "totals", "decision": "last_row", "rows": (41, 42)}, "Keep as values", "last_row", 42),
        ({"kind": "decided", "decision": "last_row", "rows": (41, 42), "count": 9}, "Keep as values", "last_row", 49),
        ({"kind": "second", "decision": "last_row", "rows": (50,)}, "Read this table instead", "header", (50,)),
        ({"kind": "merged", "decision": "filled_down", "column": "Branch"}, "Leave empty", "filled_down", ()),
    ],
)
def test_a_note_offers_what_decides_it_otherwise(note, label, field, value):
    [(words, reading)] = offered(**note)
    assert (words, getattr(reading, field)) == (label, value)


def test_cells_that_were_no_numbers_can_be_words_and_words_numbers():
    [(label, reading)] = offered("unread", "columns.Price.as", column="Price")
    assert (label, reading.columns["Price"].as_) == ("Read as words", "text")
    [(label, reading)] = offered("doubt", "columns.Area.as", column="Area")
    assert (label, reading.columns["Area"].as_) == ("Read as numbers", "number")


def test_what_cells_may_mean_is_offered_both_ways():
    """Of "03/04/2021" and of "2,617" a person knows which it is; "Read as numbers" would say neither."""
    dates = offered("doubt", "columns.Sold.dates", column="Sold")
    assert [(label, reading.columns["Sold"].as_, reading.columns["Sold"].dates) for label, reading in dates] == [
        ("Day first", "date", ("day first",)),
        ("Month first", "date", ("month first",)),
    ]
    marks = offered("doubt", "columns.Area.decimal", column="Area")
    assert [(label, reading.columns["Area"].as_, reading.columns["Area"].decimal) for label, reading in marks] == [
        ("Decimal comma", "number", ","),
        ("Decimal point", "number", "."),
    ]


@pytest.mark.parametrize(
    ("column", "labels"),
    [
        (ColumnReading(as_="duration", dates=("minutes first",)), ["Hours and minutes", "Minutes and seconds"]),
        (ColumnReading(as_="duration"), ["Read as words"]),
        (ColumnReading(as_="time"), ["Read as words"]),
        (ColumnReading(as_="time", dates=("HHMM",)), ["Read as numbers"]),
        (ColumnReading(as_="date"), ["Day first", "Month first"]),
    ],
)
def test_a_note_on_clocks_offers_what_they_may_be(column, labels):
    """A button "Day first" beside times of day made dates of them."""
    note = Note(kind="dates", text="", column="Taken", decision="columns.Taken.dates")
    assert [label for label, _ in alternatives(note, TableReading(columns={"Taken": column}))] == labels


def test_cells_below_a_bound_can_be_the_bound():
    cells = (("<0.05", 3), ("n.d.", 1))
    (label, reading), (words, _) = offered("unread", "columns.Price.as", column="Price", cells=cells)
    assert (label, words) == ("Read as the bound", "Read as words")
    assert reading.columns["Price"] == PRICE.model_copy(update={"censored": "bound"})


def test_more_rows_than_a_note_lists_are_all_kept():
    [(_, reading)] = offered("repeated", "skipped", rows=(20,), count=400)
    assert reading.skipped == ()


def test_what_is_chosen_from_a_list_has_no_button():
    assert offered("encoding", "encoding") == offered("sheet", "sheet") == offered("rows", "") == []
