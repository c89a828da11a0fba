"""Files of runs that the scheduler of a cluster keeps on its disk, for workers that do not see the workspace. They
travel in pieces, so that no process holds a whole one for it; of one that only grew, what is new.

SentFiles(client, run).send(folder, names)     sends those that there are; all of them count, or those of before
kept_at(client, run)                           when they were sent; 0.0 where there are none
fetch(client, run, folder, names)              writes them into a folder; whether there were any
forget(client, run)

They lie in Dask's temporary directory (`temporary-directory` of its configuration, or that of the system).
"""

import contextlib
import re
import secrets
import shutil
import tempfile
import time
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from core.runs.journal import RUN_ID

if TYPE_CHECKING:
    from distributed import Client

_PIECE = 4_000_000  # Bytes.
_KEY = re.compile(r"[0-9a-f]{16}")
_TRIES = 3  # To fetch files while newer ones arrive.


@dataclass(frozen=True)
class _Manifest:
    """What the scheduler keeps of a run: name -> the file on its disk and how many bytes of it count."""

    at: float = 0.0
    files: dict[str, tuple[str, int]] | None = None


@dataclass(frozen=True)
class _Sent:
    """A file as it was sent: its name on the scheduler's disk, its bytes, and their checksum."""

    key: str
    length: int
    checksum: int


class SentFiles:
    """Gives the scheduler the files of a run."""

    def __init__(self, client: "Client", run: str) -> None:
        self._client, self._run = client, run
        self._sent: dict[str, _Sent] = {}

    def send(self, folder: Path, names: Sequence[str]) -> None:
        """Sends what the scheduler has not yet. Raises OSError, also where its disk is full: it keeps those of before,
        then.
        """
        sent = {name: self._send(folder / name, self._sent.get(name)) for name in names if (folder / name).exists()}
        files = {name: (one.key, one.length) for name, one in sent.items()}
        self._client.run_on_scheduler(_commit, self._run, _Manifest(time.time(), files))
        self._sent = sent

    def _send(self, path: Path, before: _Sent | None) -> _Sent:
        with path.open("rb") as file:
            if before is None or _checksum(file, before.length) != before.checksum:
                file.seek(0)
                before = _Sent(secrets.token_hex(8), 0, 0)
            length, checksum = before.length, before.checksum
            while piece := file.read(_PIECE):
                self._client.run_on_scheduler(_write, self._run, before.key, length, piece)
                length, checksum = length + len(piece), zlib.crc32(piece, checksum)
        return _Sent(before.key, length, checksum)


def _checksum(file: BinaryIO, length: int) -> int:
    """Of the first bytes of a file, behind which it is read on."""
    checksum = 0
    while length > 0 and (piece := file.read(min(length, _PIECE))):
        length, checksum = length - len(piece), zlib.crc32(piece, checksum)
    return checksum if length == 0 else -1


def kept_at(client: "Client", run: str) -> float:
    """When the files of a run were sent, by the clock of the worker; 0.0 where there are none."""
    manifest: _Manifest = client.run_on_scheduler(_manifest, run)
    return manifest.at


def fetch(client: "Client", run: str, folder: Path, names: Collection[str]) -> bool:
    """Writes those of some names that the scheduler keeps into a folder; whether there were any. Raises OSError."""
    for _ in range(_TRIES):
        manifest: _Manifest = client.run_on_scheduler(_manifest, run)
        wanted = {name: place for name, place in (manifest.files or {}).items() if name in names}
        try:
            for name, (key, length) in wanted.items():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                with (folder / name).open("wb") as file:
                    while (at := file.tell()) < length:
                        file.write(client.run_on_scheduler(_read, run, key, at, min(_PIECE, length - at)))
        except FileNotFoundError:  # Newer ones took their place.
            continue
        return bool(wanted)
    return False


def forget(client: "Client", run: str) -> None:
    """Removes the files of a run from the scheduler's disk."""
    client.run_on_scheduler(_forget, run)


# ---------------------------------------------------------------- what runs in the scheduler's process

_MANIFESTS: dict[str, list[_Manifest]] = {}  # The last two of each run: someone may be reading those of before.


@cache
def _root() -> "tempfile.TemporaryDirectory[str]":
    import dask

    return tempfile.TemporaryDirectory(prefix="layerdeck-", dir=dask.config.get("temporary-directory", None))


def _folder(run: str) -> Path:
    if not RUN_ID.fullmatch(run):
        raise LookupError("This is not the name of a run.")
    return Path(_root().name) / run


def _file(run: str, key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise LookupError("This is not the name of a file.")
    return _folder(run) / key


def _write(run: str, key: str, offset: int, piece: bytes) -> None:
    path = _file(run, key)
    path.parent.mkdir(exist_ok=True)
    with path.open("r+b" if path.exists() else "w+b") as file:
        file.seek(offset)
        file.write(piece)


def _commit(run: str, manifest: _Manifest) -> None:
    last = _MANIFESTS[run] = [*_MANIFESTS.get(run, [])[-1:], manifest]
    counting = {key for one in last for key, _ in (one.files or {}).values()}
    for path in _folder(run).glob("*"):
        if path.name not in counting:
            path.unlink(missing_ok=True)


def _manifest(run: str) -> _Manifest:
    return _MANIFESTS.get(run, [_Manifest()])[-1]


def _read(run: str, key: str, offset: int, length: int) -> bytes:
    with _file(run, key).open("rb") as file:
        file.seek(offset)
        piece = file.read(length)
    if not piece:
        raise FileNotFoundError(f"the file {key} has ended")
    return piece


def _forget(run: str) -> None:
    with contextlib.suppress(KeyError):
        del _MANIFESTS[run]
    shutil.rmtree(_folder(run), ignore_errors=True)
