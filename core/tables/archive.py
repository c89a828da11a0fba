"""A text table in a .gz or .zip file, unpacked as far as an upload may be long."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath

from core.experiment.counts import count
from core.tables.errors import TableError
from core.tables.limits import check_growth
from core.tables.reading import listed

ARCHIVES = (".gz", ".zip")
MOST_BYTES = 200 << 20  # Of the file inside, as of any upload.
_CHUNK = 1 << 20
_MOST_FILES = 10_000  # That an archive may list.


@dataclass(frozen=True)
class Unpacked:
    """A file of an archive.

    Attributes:
        name: Its own name.
        content: Its bytes.
        compression: What pandas calls the archive.
        member: Its path in the archive, where that holds other files, too.
        members: The files that a person may choose from.
    """

    name: str
    content: bytes
    compression: str
    member: str | None = None
    members: tuple[str, ...] = ()


def file_of_archive(name: str, content: bytes, chosen: str | None) -> Unpacked:
    """The one file in an archive, or the one that was chosen. Raises TableError."""
    try:
        if name.lower().endswith(".gz"):
            return Unpacked(PurePath(name).stem, _gunzipped(name, content), "gzip")
        return _of_zip(name, content, chosen)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError(
            f"{name} can't be unpacked: it is damaged, protected or not a {PurePath(name).suffix} "
            "file. Upload the table "
            "itself."
        ) from None


def _gunzipped(name: str, content: bytes) -> bytes:
    parts, size, rest = [], 0, content
    while rest:  # Members of a .gz file follow one another.
        inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
        while rest and not inflater.eof:
            part = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            size += len(part)
            _check_size(name, size, len(content))
            parts.append(part)
            if not part and not rest:
                break
        if not inflater.eof:
            raise EOFError
        rest = inflater.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _of_zip(name: str, content: bytes, chosen: str | None) -> Unpacked:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        if len(entries) > _MOST_FILES:
            raise TableError(f"{name} holds {count(len(entries), 'file')}: upload the table itself.")
        files = {entry.filename: entry for entry in entries if not entry.is_dir()}
        tables = [path for path in files if not _is_hidden(path)]
        if chosen is not None and chosen not in files:
            raise TableError(f"{name} holds no file {chosen!r}: choose one of {listed(tables, 20)}.")
        if chosen is None and len(tables) != 1:
            held = f"{count(len(tables), 'file')} ({listed(tables, 5)})" if tables else "no file"
            raise TableError(f"{name} holds {held}: upload one table, or an archive with one.")
        member = chosen or tables[0]
        parts, size = [], 0
        with archive.open(files[member]) as file:
            while part := file.read(_CHUNK):
                size += len(part)
                _check_size(name, size, len(content))
                parts.append(part)
    return Unpacked(
        PurePath(member).name, b"".join(parts), "zip", member if len(entries) > 1 else None, tuple(tables[:1_000])
    )


def _is_hidden(path: str) -> bool:
    """Whether a file is what a system adds by itself: __MACOSX/._table.csv, .DS_Store."""
    return any(part.startswith((".", "__MACOSX")) for part in PurePath(path).parts)


def _check_size(name: str, size: int, packed: int) -> None:
    check_growth(name, packed, size)
    if size > MOST_BYTES:
        raise TableError(
            f"{name} unpacks to more than {MOST_BYTES / 1e6:,.0f} MB: upload a part of its rows, or save it as Parquet."
        )
