"""The SQLite file of the record of runs, looked at before MLflow is asked: MLflow alone waits for minutes, and ends
with a traceback.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

_PATIENCE = 5.0  # Seconds for which a file that another program holds is tried again.
_LOCKED, _READ_ONLY, _FULL, _DAMAGED = {5, 6}, {8, 14}, {13}, {11, 26}  # SQLite's primary result codes.


class StoreBroken(RuntimeError):
    """The record of runs cannot be read or written; the message says what to do."""


def ready(file: Path, write: bool, thorough: bool = False) -> None:
    """Waits until the file can be read, or written; one that is not there yet is ready where its folder is.

    Args:
        thorough: Whether every page of the file is looked at.

    Raises StoreBroken with a sentence when it is damaged, may not be written, or stays held by another program.
    """
    try:
        there = file.exists()
        if (write or not there) and not all(
            os.access(one, os.W_OK, effective_ids=True) for one in (file.parent, *[file][:there])
        ):
            raise StoreBroken(_sentence(file, _READ_ONLY, ""))
        if not there:
            return
        with closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=_PATIENCE, isolation_level=None)
        ) as database:
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if thorough and (found := database.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
                raise StoreBroken(_sentence(file, _DAMAGED, found.splitlines()[-1]))
            if write:
                database.execute("BEGIN IMMEDIATE")
                database.execute("ROLLBACK")
    except sqlite3.Error as error:
        raise StoreBroken(sentence_of(file, error)) from error
    except PermissionError as error:  # Not even its folder may be looked into.
        raise StoreBroken(_sentence(file, _READ_ONLY, "")) from error


def sentence_of(file: Path, error: BaseException) -> str:
    """The sentence for an error of SQLite, or for an error that came from it."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, sqlite3.Error):
        found = getattr(found, "orig", None) or found.__cause__ or found.__context__
    code = {getattr(found, "sqlite_errorcode", 0) & 0xFF}
    return _sentence(file, code, str(found or error).strip().splitlines()[0][:200])


def _sentence(file: Path, code: set[int], why: str) -> str:
    what = f"The run database, {file},"
    if code <= _LOCKED:
        return f"{what} is locked by another program. Close that program, or wait until it has finished, and try again."
    if code <= _READ_ONLY:
        return f"{what} cannot be opened for writing; check the permissions of the file and its folder."
    if code <= _FULL:
        return f"{what} has no space to grow. Free some space on the disk."
    if code <= _DAMAGED:
        return (
            f"{what} is damaged ({why}). Restore a backup, or move it away: then a new one is "
            f"created, and the files of earlier runs stay in {file.parent / 'artifacts'}."
        )
    return f"{what} cannot be used ({why}). Restore a backup, or move it away."
