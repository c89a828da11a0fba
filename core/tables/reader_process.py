"""Uploads are read in a process of their own: what is in a file may be made to hold up, to fill or to break whoever
parses it.

reader = ReaderProcess(workspace / "tables")
reader.prepare()                                     starts the process in which the next upload is read; it waits for
                                                     it
info = reader.keep(store, "sales.csv", content)      as `TableStore.keep`
frame, info = reader.rows("ask.csv", content)        as `read_bytes(..., cells=True)`, kept
                                                     nowhere

Each process reads one file (`upload_reader`) and ends; where it comes from: `reader_fork_server`. It is killed when it
passes a limit, when nobody waits for its outcome any more, and when the server that started it ends; what it wrote so
far goes with it.
"""

import contextlib
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from core.experiment.columns import TableInfo
from core.experiment.reading import UNDECIDED, TableReading
from core.tables.errors import TableError
from core.tables.raw_preview import RawPreview
from core.tables.reader_fork_server import FORK_SERVER, Reader, forks, start_reader
from core.tables.sources import TableStore, file_name
from core.tables.upload_reader import OUTCOME, UPLOAD

_SCRATCH = ".reading-"
_PULSE = 0.05  # Seconds between two looks at the process.
_AT_ONCE = 2  # Files that are read at the same time; others wait for their turn.
_OLD = 3600.0  # Seconds after which a scratch folder belongs to a server that was killed.


@dataclass(frozen=True)
class Limits:
    """What reading one upload may take.

    Attributes:
        seconds: Time, from the start of reading.
        memory: Bytes of the process's memory.
        bytes: Bytes of the upload.
        written: Bytes of what is made of it on the disk.
    """

    seconds: float = 120.0
    memory: int = 3_000_000_000
    bytes: int = 200 << 20
    written: int = 4_000_000_000

    @classmethod
    def of_environment(cls) -> "Limits":
        """`LAYERDECK_UPLOAD_SECONDS` and `LAYERDECK_UPLOAD_MEMORY` (megabytes) name others; else half of a small
        machine's memory.
        """
        memory = min(cls.memory, psutil.virtual_memory().total // 2)
        megabytes = _number("LAYERDECK_UPLOAD_MEMORY", memory / 1e6)
        return cls(seconds=_number("LAYERDECK_UPLOAD_SECONDS", cls.seconds), memory=int(megabytes * 1e6))


def _number(name: str, usual: float) -> float:
    try:
        return float(os.environ.get(name, usual))
    except ValueError:
        return usual


class Abandoned(Exception):
    """Nobody waits for the outcome any more: the reading was ended."""


class ReaderProcess:
    """Reads uploads, each in a process of its own; shared by all visitors.

    Attributes:
        peak: Most bytes of memory that a process was seen to take.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.limits = limits or Limits.of_environment()
        self.peak = 0
        self._folder = Path(folder).absolute()
        self._lock = threading.Lock()
        self._ready: Reader | None = None
        self._joined = self._closed = False
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def prepare(self) -> None:
        """Has a process ready before there is a file: the first takes about a second to load pandas."""
        with self._lock:
            if not self._closed:
                if not self._joined and forks():
                    FORK_SERVER.join()
                    self._joined = True
                self._ready = _living(self._ready) or start_reader()

    def close(self) -> None:
        """Ends the process that waits; no other one is made ready."""
        with self._lock:
            self._closed = True
            if self._ready is not None:
                self._ready.end()
                self._ready = None
            if self._joined:
                self._joined = False
                FORK_SERVER.leave()

    def keep_again(
        self,
        store: TableStore,
        ref: str,
        reading: TableReading,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> TableInfo:
        """Reads an upload that the store keeps by other decisions, unless that was done. Raises as `keep` does."""
        if not reading or ref.startswith("sample:") or store.has(ref, reading):
            return store.about(ref, reading)
        name, content = store.about(ref).name, store.upload(ref)
        with self._read(name, content, abandoned, reading=reading) as (made, found):
            info = TableInfo.model_validate(found["info"])
            store.adopt(made, info, reading)
            return info

    def preview(
        self,
        store: TableStore,
        ref: str,
        reading: TableReading,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> RawPreview:
        """The raw cells of an upload that the store keeps. Raises as `keep` does."""
        name, content = store.about(ref).name, store.upload(ref)
        with self._read(name, content, abandoned, reading=reading, preview=True) as (_, found):
            return RawPreview.model_validate(found["preview"])

    def keep(
        self, store: TableStore, name: str, content: bytes, abandoned: Callable[[], bool] = lambda: False
    ) -> TableInfo:
        """Reads an upload and keeps it in the store. Raises TableError with a sentence, OSError, and Abandoned."""
        with self._read(name, content, abandoned) as (made, found):
            info = TableInfo.model_validate(found["info"])
            store.adopt(made, info)
            return info

    def rows(
        self,
        name: str,
        content: bytes,
        abandoned: Callable[[], bool] = lambda: False,
        reading: TableReading = UNDECIDED,
    ) -> tuple[pd.DataFrame, TableInfo]:
        """The rows of an upload with their cells as the file has them, kept nowhere, and how they were read: as the
        table that `reading` was decided for, as far as the file allows. Raises TableError with a sentence, OSError, and
        Abandoned.
        """
        with self._read(name, content, abandoned, cells=True, reading=reading) as (made, found):
            info = TableInfo.model_validate(found["info"])
            return made.load(info.ref, TableReading.model_validate(found["reading"])), info

    @contextlib.contextmanager
    def _read(
        self,
        name: str,
        content: bytes,
        abandoned: Callable[[], bool],
        cells: bool = False,
        reading: TableReading = UNDECIDED,
        preview: bool = False,
    ) -> Iterator[tuple[TableStore, dict[str, Any]]]:
        """The upload as the only table of a store in a scratch folder, which is then deleted."""
        name = file_name(name)
        if len(content) > self.limits.bytes:
            raise TableError(
                f"{name} has {len(content) / 1e6:,.0f} MB, more than the {self.limits.bytes / 1e6:,.0f} MB that an "
                "upload may have: "
                "save it as Parquet, which is smaller, or upload a part of its rows."
            )
        while not self._turns.acquire(timeout=_PULSE):
            if abandoned():
                raise Abandoned
        try:
            scratch = self._scratch()
            try:
                (scratch / UPLOAD).write_bytes(content)
                order = {
                    "name": name,
                    "folder": str(scratch),
                    "cells": cells,
                    "preview": preview,
                    "reading": reading.model_dump(mode="json", by_alias=True),
                }
                self._watch(self._process(), name, scratch, order, abandoned)
                yield TableStore(scratch), _outcome(name, scratch)
            finally:
                self.prepare()
                shutil.rmtree(scratch, ignore_errors=True)
        finally:
            self._turns.release()

    def _scratch(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        for left in self._folder.glob(f"{_SCRATCH}*"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > max(_OLD, 2 * self.limits.seconds):
                    shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._folder))

    def _process(self) -> Reader:
        """The process that waits for a file."""
        with self._lock:
            process, self._ready = self._ready, None
        return _living(process) or start_reader()

    def _watch(
        self,
        process: Reader,
        name: str,
        scratch: Path,
        order: dict[str, Any],
        abandoned: Callable[[], bool],
    ) -> None:
        """Has the process read the file, and waits for its end. Raises TableError when it passes a limit, and
        Abandoned.
        """
        limits, start = self.limits, time.monotonic()
        try:
            process.send(json.dumps(order).encode() + b"\n")
            while not process.ended(_PULSE):
                if abandoned():
                    raise Abandoned
                if time.monotonic() - start > limits.seconds:
                    raise TableError(
                        f"{name} could not be read within {limits.seconds:,g} seconds: upload fewer rows or columns, "
                        "or save it as Parquet."
                    )
                memory = process.memory()
                self.peak = max(self.peak, memory)
                if memory > limits.memory:
                    raise TableError(
                        f"{name} takes more than {limits.memory / 1e6:,.0f} MB of memory to read: "
                        "upload fewer rows or columns, or save it as Parquet, which is read in parts."
                    )
                if _size(scratch) > limits.written:
                    size = f"{limits.written / 1e6:,.0f} MB"
                    raise TableError(f"{name} unpacks to more than {size}: upload fewer rows or columns.")
        finally:
            process.end()


def _living(process: Reader | None) -> Reader | None:
    """A process that waits, unless it has died meanwhile."""
    if process is not None and process.ended(0):
        process.end()  # Closes what is left of the connection.
        return None
    return process


def _size(scratch: Path) -> int:
    """Bytes of what was made of the upload so far."""
    size = 0
    for file in scratch.glob("tables/*"):
        with contextlib.suppress(OSError):  # A file takes its place, or its name, at any time.
            size += file.stat().st_size
    return size


def _outcome(name: str, scratch: Path) -> dict[str, Any]:
    """What the process left behind. Raises TableError when it is a sentence, or nothing."""
    try:
        found: dict[str, Any] = json.loads((scratch / OUTCOME).read_text(encoding="utf-8"))
        if "says" not in found:
            return found
    except (OSError, ValueError):
        raise TableError(
            f"{name} could not be read: the process that read it broke down. It may be damaged; save it again as CSV "
            "or Parquet."
        ) from None
    raise TableError(found["says"])


def reread(store: TableStore, ref: str, reading: TableReading) -> TableInfo:
    """Reads a kept upload by other decisions in a process of its own, where none is shared. Raises TableError."""
    process = ReaderProcess(store.folder)
    process.prepare()
    try:
        return process.keep_again(store, ref, reading)
    finally:
        process.close()
