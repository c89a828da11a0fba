"""The Data page on tables that trouble it: a column may fail, the page may not."""

import datetime as dt
import io
import json

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.columns import Column
from core.tables import profile as profiling
from core.tables import situation as situations
from core.tables.sources import TableStore
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The Data page, on the experiment that the session was given."""
    import streamlit as st

    from core.experiment.spec import read
    from dashboard.session import state
    from dashboard.views import build, data

    state.attach()
    if "given" in st.session_state:
        state.replace(read(st.session_state.pop("given")))
    pages = [st.Page(data.view, url_path="data", default=True), st.Page(build.view, url_path="build")]
    st.navigation(pages).run()


def shown(name: str, content: bytes, target: str = "y") -> AppTest:
    """The page on an upload of 60 rows, with all of its other columns as features."""
    from dashboard.services import tables

    ref = TableStore(workspace()).keep(name, content).ref
    features = {column.name: column.kind for column in tables().profile(ref).columns if column.name != target}
    data = {"table": ref, "targets": [target], "features": features}
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["given"] = json.dumps({"version": 1, "data": data})
    return app.run()


def rows_of(app: AppTest) -> pd.DataFrame:
    """The table of the columns: a row a column."""
    assert not app.exception
    return next(one.value for one in app.dataframe if "distribution" in one.value).set_index("column")


@pytest.fixture
def contracts() -> pd.DataFrame:
    """60 contracts, some without an end: y follows from their length."""
    draw = np.random.default_rng(0)
    start = [dt.datetime(2020, 1, 1) + dt.timedelta(hours=int(at)) for at in draw.integers(0, 20_000, 60)]
    end = [
        dt.datetime(9999, 12, 31, 23, 59, 59) if at % 20 == 0 else one + dt.timedelta(days=at)
        for at, one in enumerate(start)
    ]
    return pd.DataFrame({"start": start, "end": np.array(end, dtype="datetime64[us]"), "y": np.arange(60.0)})


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_contracts_without_an_end_are_dates(contracts, ending):
    file = io.BytesIO()
    {"csv": contracts.to_csv, "xlsx": contracts.to_excel, "parquet": contracts.to_parquet}[ending](file, index=False)
    columns = rows_of(shown(f"contracts.{ending}", file.getvalue()))
    assert (columns.loc["end", "kind"], columns.loc["end", "note"]) == ("date", "")
    assert columns.loc["end", "range"].endswith(" to 9999-12-31")


def test_a_column_that_fails_says_so_in_its_row_and_the_rest_of_the_page_stands(contracts, monkeypatch):
    whole = profiling.Cells.of

    def of(series, words=False):
        if series.name == "end":
            raise OverflowError("too far")
        return whole(series, words)

    monkeypatch.setattr(profiling.Cells, "of", of)
    app = shown("contracts.csv", contracts.to_csv(index=False).encode())
    columns = rows_of(app)
    assert columns.loc["end", "note"] == "not a feature: it cannot be described (OverflowError)"
    assert (columns.loc["start", "note"], columns.loc["start", "kind"]) == ("", "date")
    assert len(app.dataframe) == 2  # The columns and the first rows.


def test_a_column_that_cannot_be_read_is_named_in_its_row_and_is_left_out_by_a_button(contracts, monkeypatch):
    from core.tables import prepared

    whole = prepared.days

    def days(column, way=None):
        if column.name == "end":
            raise OverflowError("too far")
        return whole(column, way)

    monkeypatch.setattr(prepared, "days", days)
    app = shown("contracts.csv", contracts.to_csv(index=False).encode())
    says = (
        "'end' cannot be read as a date (OverflowError). Leave it out, or choose another kind for it on the Data page."
    )
    assert rows_of(app).loc["end", "note"] == says
    next(button for button in app.button if button.label == "Remove end").click().run()
    columns = rows_of(app)
    assert (columns.loc["end", "use"], columns.loc["end", "note"]) == (False, "")


def test_a_table_that_cannot_be_made_ready_for_another_reason_leaves_the_page(contracts, monkeypatch):
    monkeypatch.setattr(situations, "prepare", lambda *_: 1 / 0)
    app = shown("contracts.csv", contracts.to_csv(index=False).encode())
    assert list(rows_of(app)["note"]) == ["target", "", ""]
    assert any("cannot be prepared for training (ZeroDivisionError)" in str(one.value) for one in app.markdown)


def test_the_positive_class_of_two_is_chosen_and_kept():
    rows = "".join(f"{at},{'Ja' if at % 4 == 0 else 'Nein'}\n" for at in range(60))
    app = shown("kunden.csv", f"x,y\n{rows}".encode())
    assert not app.exception
    choice = next(box for box in app.selectbox if box.label == "Positive class")
    assert (choice.options, choice.value) == (["Ja", "Nein"], "Nein")  # An experiment of before names none.
    choice.set_value("Ja").run()
    assert not app.exception
    choice = next(box for box in app.selectbox if box.label == "Positive class")
    assert (choice.options, choice.value) == (["Nein", "Ja"], "Ja")
    target = next(box for box in app.selectbox if box.label == "Target")
    target.set_value("x").run()
    assert not [box for box in app.selectbox if box.label == "Positive class"]


def test_moments_that_are_all_midnight_are_shown_as_days():
    from dashboard.panels.common import with_days

    days = pd.to_datetime(pd.Series(["2024-01-01", None, "9999-12-30"])).astype("datetime64[us]")
    shown = with_days(pd.DataFrame({"day": days, "hour": days + pd.Timedelta(hours=3), "y": [1, 2, 3]}))
    assert shown["day"].dropna().tolist() == [dt.date(2024, 1, 1), dt.date(9999, 12, 30)]
    assert shown["hour"].iloc[0] == dt.datetime(2024, 1, 1, 3)


def test_the_values_of_times_are_said_as_times():
    """A column of deliveries that took from 8 minutes to 2:20 hours said "0.133333 to 2.33333"."""
    from core.tables.number_text import NumberText
    from dashboard.views.data import _range

    took = Column(name="took", kind="number", low=8 / 60, high=2 + 20 / 60)
    assert _range(took, NumberText(clock="time")) == "00:08 to 02:20"
    assert _range(took, NumberText()) == "0.133333 to 2.33333"
    assert _range(Column(name="a", kind="number", low=1.0, high=1.0), NumberText()) == "1"


def test_the_values_of_a_category_stand_whole_or_not_at_all():
    """ "SACRAMENTO, ELK_GROVE, ROSEVILLE, CITRUS_HEIG" ended within a name."""
    from core.tables.number_text import NumberText
    from dashboard.panels.table_width import words_width
    from dashboard.views.data import _range

    names = ("SACRAMENTO", "ELK_GROVE", "ROSEVILLE", "CITRUS_HEIGHTS")
    city = Column(name="city", kind="category", top=tuple((name, 9) for name in names))
    assert _range(city, NumberText()) == ", ".join(names)
    assert words_width([", ".join(names)]) <= 420
    assert _range(city, NumberText(), room=300) == "SACRAMENTO, ELK_GROVE, ROSEVILLE"
    assert _range(city, NumberText(), room=10) == "SACRAMENTO"


def test_the_column_of_names_is_as_wide_as_its_longest_name():
    """Of a wide table the longest name may stand where nobody has scrolled to: sensor_000_vibration_rms was cut."""
    from dashboard.views.data import _name_width

    assert (_name_width(8), _name_width(24), _name_width(400)) == (None, 186, 240)
