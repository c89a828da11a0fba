"""The tables of a database that the server's owner names are copied, and nothing is written or asked beyond them."""

import contextlib
import sqlite3

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from core.tables import database
from core.tables.database import database_table, database_tables
from core.tables.errors import TableError
from core.tables.sources import read_bytes


@pytest.fixture
def shop(tmp_path, monkeypatch):
    path = tmp_path / "shop.db"
    flats = pd.DataFrame({"price": [100.5, 120.5, None], "city": ["a", "b", "ü"], "raw": [b"1", b"2", b"3"]})
    with contextlib.closing(sqlite3.connect(path)) as made:
        flats.to_sql("flats", made, index=False)
        pd.DataFrame({"a": [1]}).to_sql('odd "; DROP TABLE flats; --', made, index=False)
        pd.DataFrame({"a": []}).to_sql("empty", made, index=False)
    monkeypatch.setenv("LAYERDECK_DATABASE", f"sqlite:///{path}")
    return path


def test_without_a_database_there_are_no_tables(monkeypatch):
    monkeypatch.delenv("LAYERDECK_DATABASE", raising=False)
    assert database_tables() == ()
    with pytest.raises(TableError, match="has no table"):
        database_table("flats")


@pytest.mark.usefixtures("shop")
def test_a_table_is_copied_as_a_parquet_file():
    assert database_tables() == ("empty", "flats", 'odd "; DROP TABLE flats; --')
    frame, info = read_bytes("flats.parquet", database_table("flats"))
    assert frame["price"].fillna(0).tolist() == [100.5, 120.5, 0]
    assert frame["city"].tolist() == ["a", "b", "ü"]
    assert (info.reader, list(frame)) == ("read_parquet", ["price", "city"])
    assert len(read_bytes("a.parquet", database_table('odd "; DROP TABLE flats; --'))[0]) == 1
    assert "flats" in database_tables()


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("name", ["flats; DROP TABLE flats", "sqlite_master", "flats UNION SELECT 1", ""])
def test_only_a_listed_table_is_read(name):
    with pytest.raises(TableError, match="has no table"):
        database_table(name)


@pytest.mark.usefixtures("shop")
def test_a_table_without_rows_and_one_that_is_too_large_are_refused(monkeypatch):
    with pytest.raises(TableError, match="'empty' has no rows"):
        database_table("empty")
    monkeypatch.setattr(database, "MOST_CELLS", 5)
    with pytest.raises(TableError, match="more than 5 cells"):
        database_table("flats")


@pytest.mark.usefixtures("shop")
def test_a_connection_cannot_write():
    engine = database._engine()
    with engine.connect() as connection, pytest.raises(OperationalError, match="readonly"):
        connection.execute(text("DELETE FROM flats"))
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "nodialect://me:secret@host/x", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_does_not_answer_is_said_without_its_address(monkeypatch, url):
    monkeypatch.setenv("LAYERDECK_DATABASE", url)
    with pytest.raises(TableError, match="does not answer") as refused:
        database_tables()
    assert "secret" not in str(refused.value)
    assert "nowhere" not in str(refused.value)
