"""A database's file is read again only when somebody wrote it."""

import sqlite3
from contextlib import closing

import pytest

from core.runs.kept_reading import KeptReading


@pytest.fixture
def file(tmp_path):
    written(tmp_path / "some.db", "CREATE TABLE one (value)")
    return tmp_path / "some.db"


def written(file, *orders):
    with closing(sqlite3.connect(file)) as database, database:
        for order in orders:
            database.execute(order)


def values(file):
    with closing(sqlite3.connect(file)) as database:
        return [value for (value,) in database.execute("SELECT value FROM one ORDER BY value")]


def test_it_is_read_again_after_each_transaction_and_not_before(file):
    kept, reads = KeptReading(file), []

    def read():
        reads.append(1)
        return values(file)

    for number in range(5):
        for _ in range(3):
            assert kept.of("values", read) == list(range(number))
        # Also in the same tick of the clock, and without a new page.
        written(file, f"INSERT INTO one VALUES ({number})")
    assert len(reads) == 5
    assert kept.of("other", lambda: "other") == "other"


def test_a_file_in_its_place_is_read_and_a_missing_one_is_not_kept(file, tmp_path):
    kept = KeptReading(file)
    assert kept.of("values", lambda: values(file)) == []
    written(tmp_path / "new.db", "CREATE TABLE one (value)", "INSERT INTO one VALUES (7)")
    (tmp_path / "new.db").replace(file)
    assert kept.of("values", lambda: values(file)) == [7]
    file.unlink()
    assert [kept.of("values", lambda answer=answer: answer) for answer in (1, 2)] == [1, 2]
    assert [KeptReading(None).of("values", lambda answer=answer: answer) for answer in (1, 2)] == [1, 2]


def test_nothing_is_kept_of_a_file_with_a_write_ahead_log(file):
    kept = KeptReading(file)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        for number in range(3):
            with database:
                database.execute(f"INSERT INTO one VALUES ({number})")
            assert kept.of("values", lambda: values(file)) == list(range(number + 1))
