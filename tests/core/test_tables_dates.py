"""Dates of any year: what is read, what is shown, and what is told of a column that fails. The oracle is Python's own
calendar.
"""

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest

from core.experiment.spec import Data, Split
from core.tables import giveaways as looking
from core.tables import prepared
from core.tables import profile as profiling
from core.tables.cells import Cells
from core.tables.dates import moment_text
from core.tables.errors import TableError
from core.tables.profile import profile
from core.tables.raw import day_way, days
from core.tables.sources import TableStore, read_bytes

USUAL = [dt.datetime(2020, 1, 1, 6) + dt.timedelta(days=at) for at in range(20)]
NO_END, LONG_AGO = dt.datetime(9999, 12, 31, 23, 59, 59), dt.datetime(14, 3, 3, 12)
MOMENTS = [*USUAL, NO_END, LONG_AGO]
# Days since 1970-01-01 by arithmetic on datetime alone.
TRUTH = [(moment - dt.datetime(1970, 1, 1)).total_seconds() / 86400 for moment in MOMENTS]
UTC, NEW_YORK = dt.UTC, dt.timezone(dt.timedelta(hours=-5))


def _parquet(values, **of):
    file = io.BytesIO()
    pd.DataFrame({"end": values}).to_parquet(file, **of)
    return read_bytes("t.parquet", file.getvalue())[0]["end"]


def _excel(values):
    file = io.BytesIO()
    pd.DataFrame({"end": values, "y": range(len(values))}).to_excel(file, index=False)
    return read_bytes("t.xlsx", file.getvalue())[0]["end"]


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(lambda: pd.Series([f"{moment:%Y-%m-%d %H:%M:%S}".zfill(19) for moment in MOMENTS]), id="text"),
        pytest.param(
            lambda: pd.Series([f"{moment:%Y-%m-%dT%H:%M:%S}".zfill(19) + ".000000000" for moment in MOMENTS]),
            id="nanoseconds",
        ),
        pytest.param(
            lambda: pd.Series([moment.replace(tzinfo=UTC).astimezone(NEW_YORK).isoformat() for moment in MOMENTS]),
            id="zone",
        ),
        pytest.param(lambda: pd.Series(MOMENTS, dtype=object), id="objects"),
        pytest.param(
            lambda: pd.Series([m.replace(tzinfo=UTC) for m in MOMENTS[:3]] + MOMENTS[3:], dtype=object),
            id="objects of zones",
        ),
        pytest.param(lambda: _parquet(np.array(MOMENTS, dtype="datetime64[us]")), id="Parquet"),
        pytest.param(
            lambda: _parquet(pd.Series(np.array(MOMENTS, dtype="datetime64[ms]")).dt.tz_localize("UTC")),
            id="Parquet of a zone",
        ),
    ],
)
def test_dates_beyond_nanoseconds_are_read_to_the_second(column):
    column = column()
    cells = Cells.of(column)
    assert cells.sort == "date"
    assert sorted(cells.values) == pytest.approx(sorted(TRUTH), abs=1e-9)
    assert days(column, day_way(column)) == pytest.approx(TRUTH, abs=1e-9)
    assert dict(cells.common(30))["9999-12-31 23:59:59"] == 1
    assert dict(cells.common(30))["0014-03-03 12:00"] == 1


def test_a_workbook_whose_contracts_have_no_end_is_a_column_of_dates():
    column = _excel([*USUAL, NO_END])  # Excel itself has no year 14.
    assert days(column, day_way(column)) == pytest.approx(TRUTH[:-1], abs=1e-6)
    assert Cells.of(column).sort == "date"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (19787.5, "2024-03-05 12:00"),
        (2932896, "9999-12-31"),
        (-714353, "0014-03-03"),
        (6585687, "20000-12-31"),
        (1e30, "1e+30"),
    ],
)
def test_a_date_of_any_year_has_a_text(day, text):
    assert moment_text(day) == text


@pytest.mark.parametrize(
    ("usual", "none"),
    [
        ("2024-03-{:02}", "0000-00-00"),
        ("{:02}/12/2024", "31/12/0000"),
        ("2024-03-{:02} 10:00:00", "10000-01-01"),
        ("{:02}.03.2024", "30.02.2024"),
    ],
)
def test_a_cell_that_is_no_day_of_the_calendar_is_missing_and_named(usual, none):
    words = [usual.format(day) for day in range(1, 29)]
    frame = pd.DataFrame({"end": [*words, none, none], "y": range(30)})
    found = profile(frame)
    column = found.column("end")
    assert (column.kind, column.distinct, column.missing) == ("date", 28, pytest.approx(2 / 30))
    assert found.notes == (f"Column end holds {none!r} in 2 cells: no date, treated as missing.",)
    assert np.isnan(days(frame["end"], day_way(frame["end"]))).sum() == 2


def test_dates_of_two_ways_of_writing_are_not_taken_for_wrong_days():
    words = [f"{day:02}/03/2024" for day in range(13, 29)] + ["03/25/2024"]
    assert profile(pd.DataFrame({"end": words})).column("end").kind == "category"


def _table() -> pd.DataFrame:
    rows = np.arange(60.0)
    return pd.DataFrame({"good": rows % 7, "bad": rows % 5, "y": rows})


def test_a_column_that_cannot_be_described_says_so_and_the_others_are_described(monkeypatch):
    whole = Cells.of

    def of(series, words=False):
        if series.name == "bad":
            raise OverflowError("too far")
        return whole(series, words)

    monkeypatch.setattr(profiling.Cells, "of", of)
    found = profile(_table())
    assert found.column("bad").left_out == "it cannot be described (OverflowError)"
    assert (found.column("good").kind, found.column("good").left_out, found.suggested_target) == ("number", None, "y")


@pytest.mark.parametrize("role", ["feature", "target", "weight", "split"])
def test_a_column_that_cannot_be_read_is_named_in_a_sentence(monkeypatch, role):
    whole = prepared.numbers

    def numbers(column):
        if column.name == "bad":
            raise OverflowError("too far")
        return whole(column)

    for at in ("numbers", "READERS"):
        monkeypatch.setattr(prepared, at, numbers if at == "numbers" else {**prepared.READERS, "number": numbers})
    data = Data(
        table="t",
        targets=("bad" if role == "target" else "y",),
        features={"good": "number"} | ({"bad": "number"} if role == "feature" else {}),
        weight="bad" if role == "weight" else None,
        split=Split(method="time", column="bad") if role == "split" else Split(),
    )
    with pytest.raises(
        TableError, match=r"^'bad' cannot be read .*\(OverflowError\). Leave it out, or choose another kind"
    ) as told:
        prepared.prepare(_table(), data, "number")
    assert told.value.column == "bad"


def test_a_feature_whose_share_in_the_target_cannot_be_told_is_named(monkeypatch):
    ready = prepared.prepare(
        _table(), Data(table="t", targets=("y",), features={"good": "number", "bad": "number"}), "number"
    )
    whole = looking._explained

    def told(cells, truth):
        if cells is not None and set(cells) == set(range(5)):
            raise FloatingPointError
        return whole(cells, truth)

    monkeypatch.setattr(looking, "_explained", told)
    assert looking.giveaways(ready) == (
        (),
        {"bad": "whether it gives y away could not be checked (FloatingPointError)"},
    )


def test_the_workspace_keeps_dates_of_any_year(tmp_path):
    store = TableStore(tmp_path)
    text = "end,y\n" + "".join(f"{moment.isoformat()},{at}\n" for at, moment in enumerate(MOMENTS))
    frame = TableStore(tmp_path).load(store.keep("t.csv", text.encode()).ref)
    assert days(frame["end"], day_way(frame["end"])) == pytest.approx(TRUTH, abs=1e-9)
