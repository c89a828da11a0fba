"""An upload becomes the table on screen; while it is read the page is free, and what is not wanted any
more is ended.
"""

import contextlib
import sqlite3

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.tables.reader_process import Limits, ReaderProcess
from core.tables.sources import TableStore
from tests.dashboard.conftest import data_page
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("home")]  # Processes read the files.


@pytest.fixture
def later(monkeypatch):
    """A page that does not wait at all."""
    from dashboard.session import uploads

    monkeypatch.setattr(uploads, "AT_ONCE", 0.0)


def long(name: str, rows: int = 3_000_000) -> bytes:
    """A table that takes a second and more to read; its first column is called so."""
    return f"{name},b,c\n".encode() + b"1.5,word,2\n2.5,other,3\n" * (rows // 2)


def heading(app: AppTest) -> str:
    assert not app.exception
    return app.header[0].value.replace("\\", "")


def bring(app: AppTest, name: str, content: bytes) -> AppTest:
    return app.file_uploader(key="upload").upload(name, content, "text/csv").run()


def reading(app: AppTest) -> list[str]:
    """What the page says of files that are being read."""
    return [one.value.replace("\\", "") for one in app.markdown if "Reading" in one.value]


@pytest.mark.usefixtures("at_once", "reader")
def test_an_ordinary_upload_is_on_screen_at_once():
    app = AppTest.from_function(data_page, default_timeout=60).run()
    bring(app, "sales.csv", b"price;rooms\n100,5;2\n120,5;3\n130;4\n90;1\n")
    assert heading(app) == "sales.csv"
    assert not reading(app)
    assert any("separated by semicolons" in one.value for one in app.markdown)
    bring(app, "sales.csv", b"\x00\x01\x02")
    assert heading(app) == "sales.csv"
    assert "holds bytes that are not text" in app.warning[0].value


@pytest.mark.usefixtures("at_once", "reader")
def test_cells_that_are_pasted_are_a_table():
    app = AppTest.from_function(data_page, default_timeout=60).run()
    before = heading(app)
    app.button(key="use-pasted").click().run()
    assert heading(app) == before
    assert "Nothing was pasted" in app.warning[0].value
    app.text_area(key="pasted-table").set_value("price\trooms\n100,5\t2\n120,5\t3\n130\t4\n90\t1\n")
    app.button(key="use-pasted").click().run()
    assert heading(app) == "pasted.txt"
    assert app.text_area(key="pasted-table").value == ""
    assert app.selectbox(key=next(box.key for box in app.selectbox if box.label == "Target")).value == "price"


def test_the_uploader_offers_what_the_reader_reads():
    from core.tables.formats import ENDINGS

    app = AppTest.from_function(data_page, default_timeout=60).run()
    assert list(app.file_uploader(key="upload").proto.type) == list(ENDINGS)


@pytest.mark.usefixtures("at_once", "reader")
def test_a_table_of_the_servers_database_is_offered_and_copied(monkeypatch, tmp_path):
    from dashboard.panels import table_source

    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        frame = pd.DataFrame({"price": np.arange(30) * 1.5, "rooms": np.arange(30) % 4, "city": ["a", "b"] * 15})
        frame.to_sql("flats", database, index=False)
    monkeypatch.setenv("LAYERDECK_DATABASE", f"sqlite:///{tmp_path}/shop.db")
    table_source.tables_of_database.cache_clear()
    app = AppTest.from_function(data_page, default_timeout=60).run()
    box = next(box for box in app.selectbox if box.label == "Table of the server's database")
    assert box.options == ["flats"]
    box.select("flats").run()
    assert heading(app) == "flats.parquet"
    monkeypatch.setenv("LAYERDECK_DATABASE", "postgresql://me:secret@nowhere.invalid/shop")
    table_source.tables_of_database.cache_clear()
    app.run()
    assert not app.exception
    (said,) = [one.value for one in app.caption if "database does not answer" in one.value]
    assert "secret" not in said
    table_source.tables_of_database.cache_clear()


@pytest.mark.usefixtures("later", "reader")
def test_a_long_reading_is_said_and_leaves_the_page_free(home):
    app = AppTest.from_function(data_page, default_timeout=60).run()
    before = heading(app)
    bring(app, "long.csv", long("first", rows=400_000))
    assert reading(app)[0].startswith(":material/hourglass_top: Reading long.csv: ")
    assert heading(app) == before
    until(lambda: heading(app.run()) == "long.csv", 60, "the table")
    assert not reading(app)
    assert [info.name for info in TableStore(home).recent()] == ["long.csv"]


@pytest.mark.usefixtures("later", "reader")
@pytest.mark.parametrize("instead", ["another file", "a sample", "cancel", "no file"])
def test_what_is_not_wanted_any_more_is_ended(home, instead):
    app = AppTest.from_function(data_page, default_timeout=60).run()
    bring(app, "long.csv", long("first"))
    assert reading(app)
    if instead == "another file":
        bring(app, "short.csv", b"a,b\n1,2\n3,4\n5,6\n7,8\n")
        until(lambda: heading(app.run()) == "short.csv", 60, "the other table")
    elif instead == "a sample":
        next(box for box in app.selectbox if box.label == "Sample table").select("Strength of concrete").run()
        assert "oncrete" in heading(app)
    elif instead == "cancel":
        app.button(key="upload-cancel").click().run()
    else:
        app.file_uploader(key="upload").clear().run()
    until(lambda: not list((home / "tables").glob(".reading-*")), 30, "the end of the reading")
    app.run()
    assert not reading(app)
    assert "long.csv" not in [info.name for info in TableStore(home).recent()]


@pytest.mark.usefixtures("at_once")
def test_a_limit_is_said_on_the_page(home, monkeypatch):
    from dashboard import services

    reader = ReaderProcess(home / "tables", Limits(seconds=0.2))
    monkeypatch.setattr(services, "_reader", lambda: reader)
    app = AppTest.from_function(data_page, default_timeout=60).run()
    bring(app, "long.csv", long("first"))
    assert "long.csv could not be read within" in app.warning[0].value
    reader.close()


def many() -> None:
    """A whole table asked of a model that adds two columns."""
    import streamlit as st

    from dashboard.panels.batch_prediction import batch_prediction
    from dashboard.services import engine

    # Of 100 training rows all had an a up to 1.
    learned = {"rows": 100, "edges": [1.0], "shares": [1.0, 0.0, 0.0]}
    features = [{"name": "a", "kind": "number", "shares": learned}, {"name": "b", "kind": "number"}]
    with st.container():
        batch_prediction("0123456789ab", "Homes", {"features": features, "ways": {}}, engine().predict)


@pytest.mark.usefixtures("at_once", "reader")
def test_rows_to_predict_are_read_beside_the_server_and_once(home, monkeypatch):
    from dashboard import services

    class Model:
        def predict(self, _run: str, frame: pd.DataFrame) -> pd.DataFrame:
            return pd.DataFrame({"predicted y": np.add(frame["a"], frame["b"]), "note": ""})

    monkeypatch.setattr(services, "_engine", Model)
    app = AppTest.from_function(many, default_timeout=60).run()
    upload = app.file_uploader(key="many-0123456789ab")
    upload.upload("ask.csv", b"a;b\n1,5;2\n2,5;3\n4;5\n", "text/csv").run()
    assert not app.exception
    assert app.dataframe[0].value["predicted y"].tolist() == [3.5, 5.5, 9.0]
    assert [one.label for one in app.expander] == ["1 column differs from the training rows, 1 strongly"]
    assert "values above 1 are 100% of these cells and 0% of the training cells" in app.markdown[1].value
    kept = app.session_state["ld.upload.many-0123456789ab"]
    app.run()
    assert app.session_state["ld.upload.many-0123456789ab"] is kept
    app.file_uploader(key="many-0123456789ab").upload("ask.csv", b"a,b\n", "text/csv").run()
    assert "2 columns and 0 rows" in app.warning[0].value
    assert TableStore(home).recent() == []


def test_rows_with_a_note_are_counted_above_the_table():
    from dashboard.panels.batch_prediction import notes_sentence

    assert notes_sentence(pd.Series(["", None, ""])) == ""
    assert notes_sentence(pd.Series(["", "size 'much' cannot be read", "town 'x' was not seen"])).startswith(
        "2 of 3 rows have a note in the column of that name:"
    )
