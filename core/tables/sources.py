"""Where tables come from: uploads kept in the workspace, samples, and paths for the headless twin.

frame, info = read_bytes("sales.csv", content)      read without keeping
info = TableStore(workspace).keep("sales.csv", content)
frame = TableStore(workspace).load(info.ref)         "file:SHA256" or "sample:NAME"
"""

import hashlib
import json
import os
import re
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import ValidationError

from core.catalog.fields import repeated
from core.experiment.columns import TableInfo
from core.experiment.reading import UNDECIDED, TableReading, as_json
from core.tables import formats
from core.tables.budget import budget, whole_bytes
from core.tables.cell_values import CELL_READERS, with_values
from core.tables.errors import TableError
from core.tables.parquet_file import PARQUET, about_parquet
from core.tables.parquet_rows import GROUP, ParquetRows, write_blocks
from core.tables.samples import SAMPLES, load_sample

_FILE = re.compile(r"file:([0-9a-f]{64}(?:-[0-9a-f]{16})?)")
_IN_MEMORY = 4


def read_bytes(
    name: str, content: bytes, given: TableReading | None = None, cells: bool = False
) -> tuple[pd.DataFrame, TableInfo]:
    """Read a file from its bytes, by the ending of its name and by what a person decided; with `cells` the cells stay
    as the file has them.

    `with_values(getattr(pandas, info.reader)(file, **info.options), as_json(info.decided.columns))` gives the same
    frame. Raises
    TableError.
    """
    name = file_name(name)
    reading = formats.read(name, content, given, cells)
    rows, columns = reading.frame.shape
    return reading.frame, TableInfo(
        ref=f"file:{hashlib.sha256(content).hexdigest()}",
        name=name,
        rows=rows,
        columns=columns,
        reader=reading.reader,
        options=reading.options,
        headings=reading.headings,
        filled_down=reading.filled_down,
        decided=reading.decided.model_copy(update={"columns": reading.columns}),
        units=reading.units | {name: column.unit for name, column in reading.columns.items() if column.unit},
        notes=tuple(note.text for note in reading.noted),
        noted=tuple(reading.noted),
        sheets=reading.sheets,
    )


def read_alike(name: str, content: bytes, reading: TableReading) -> tuple[pd.DataFrame, TableInfo]:
    """Read rows to predict for from their bytes, their cells as the file has them: as the table that `reading` was
    decided for, as far as the file allows. Raises TableError.
    """
    try:
        return read_bytes(name, content, reading, cells=True)
    except TableError:
        if reading == reading.of_columns():
            raise
        return read_bytes(name, content, reading.of_columns(), cells=True)


def read_path(path: str | Path, given: TableReading | None = None) -> tuple[pd.DataFrame, TableInfo]:
    """Read a file of the disk, by what a person decided; its `ref` is the path as given."""
    frame, info = read_bytes(Path(path).name, file_bytes(path), given)
    return frame, info.model_copy(update={"ref": str(path)})


def file_bytes(path: str | Path) -> bytes:
    """The bytes of a file of the disk. Raises TableError when it cannot be opened."""
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise TableError(
            f"The table {str(path)!r} can't be opened ({reason}): give the path of a CSV, Parquet or Excel file."
        ) from None


Kept = tuple[TableInfo, Callable[[Path], object]]  # What is known of an upload, and what writes its rows to a file.


def _small(name: str, content: bytes, given: TableReading, cells: bool) -> Kept:
    frame, info = read_bytes(name, content, given, cells)
    return info, lambda path: frame.to_parquet(path, index=False, row_group_size=GROUP)


def _large(name: str, content: bytes) -> Kept | None:
    """An upload whose rows are beyond the memory budget, to be written block by block; None for every other."""
    name = file_name(name)
    if not name.lower().endswith(PARQUET) or not content.strip():
        return None
    info = about_parquet(name, pa.py_buffer(content), f"file:{hashlib.sha256(content).hexdigest()}")
    table = ParquetRows(pa.py_buffer(content), info.options)
    if table.rows * whole_bytes(table.bytes_of()) <= budget():
        return None
    return info, lambda path: write_blocks(path, table)


def _key(ref: str, reading: TableReading) -> str:
    """What a table is known by: its ref, and with decisions of a person their hash."""
    if not reading:
        return ref
    text = json.dumps(reading.model_dump(mode="json", by_alias=True), sort_keys=True)
    return f"{ref}-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


Again = Callable[["TableStore", str, TableReading], TableInfo]


class TableStore:
    """The tables of a workspace: `tables/SHA256.parquet` beside `tables/SHA256.json`, its `TableInfo`, and
    `tables/SHA256.upload`, the file as it came, to be read again by other decisions: `SHA256-HASH.parquet` and its
    `.json`.

    Threads and processes may share a workspace: files appear whole or not at all, and the JSON comes last.
    """

    def __init__(self, workspace: Path, again: Again | None = None) -> None:
        """`again` reads a kept upload by other decisions; None where that may be done in this process."""
        self.folder = Path(workspace) / "tables"
        self._again = again or TableStore.keep_again
        self._frames: OrderedDict[str, pd.DataFrame] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, name: str, content: bytes, given: TableReading = UNDECIDED, cells: bool = False) -> TableInfo:
        """Read an upload and keep it under the hash of its bytes; the same bytes again only take the new name.

        It is read by the decisions that are given, and kept beside the reading without them. With `cells` the cells
        stay as the file has them, where the table fits into memory.
        """
        large = None if given else _large(name, content)
        info, write = large or _small(name, content, given, cells)
        self.folder.mkdir(parents=True, exist_ok=True)
        if large is None and not cells:
            _write(self._path(info.ref, "upload"), lambda path: path.write_bytes(content))
        key = _key(info.ref, given)
        _write(self._path(key, "parquet"), write)
        text = info.model_dump_json()
        _write(self._path(key, "json"), lambda path: path.write_text(text, encoding="utf-8"))
        with self._lock:
            self._frames.pop(key, None)
        return info

    def keep_again(self, ref: str, reading: TableReading) -> TableInfo:
        """Reads a kept upload by other decisions. Raises TableError."""
        return self.keep(self._info(ref).name, self.upload(ref), reading)

    def has_upload(self, ref: str) -> bool:
        """Whether the file is kept as it came, so that it can be read by other decisions."""
        return ref.startswith("file:") and self._path(ref, "upload").exists()

    def has(self, ref: str, reading: TableReading) -> bool:
        """Whether a table is kept as these decisions read it."""
        return self._path(_key(ref, reading), "json").exists()

    def files(self, ref: str) -> list[Path]:
        """The files of an upload and of all its readings, each reading's JSON after its rows; none of a sample. Raises
        TableError.
        """
        if ref.startswith("sample:"):
            return []
        upload = self._path(ref, "upload").stem[:64]
        endings = ("upload", "parquet", "json")
        return [path for ending in endings for path in sorted(self.folder.glob(f"{upload}*.{ending}"))]

    def upload(self, ref: str) -> bytes:
        """The bytes of an upload. Raises TableError where they were not kept."""
        try:
            return self._path(ref, "upload").read_bytes()
        except OSError:
            raise TableError(
                "The file of this table is not kept in this workspace: upload the file again to read it differently."
            ) from None

    def adopt(self, other: "TableStore", info: TableInfo, given: TableReading = UNDECIDED) -> None:
        """Moves a table that another store keeps on the same disk into this one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        key = _key(info.ref, given)
        if other.has_upload(info.ref):
            other._path(info.ref, "upload").replace(self._path(info.ref, "upload"))
        for ending in ("parquet", "json"):  # The JSON last: with it the table is there.
            other._path(key, ending).replace(self._path(key, ending))
        with self._lock:
            self._frames.pop(key, None)

    def load(self, ref: str, reading: TableReading = UNDECIDED) -> pd.DataFrame:
        """The rows behind a ref, as decisions read them. The last few tables stay in memory: treat the frame as
        read-only.
        """
        key = _key(ref, reading)
        with self._lock:
            if key in self._frames:
                self._frames.move_to_end(key)
                return self._frames[key].copy(deep=False)  # pandas copies on write, so the kept frame is safe
        frame = _sample(ref, reading)[0] if ref.startswith("sample:") else self._read(ref, reading)
        with self._lock:
            self._frames[key] = frame
            while len(self._frames) > _IN_MEMORY:
                self._frames.popitem(last=False)
        return frame.copy(deep=False)

    def about(self, ref: str, reading: TableReading = UNDECIDED) -> TableInfo:
        """Where the table behind a ref came from and how it was read, by these decisions."""
        if ref.startswith("sample:"):
            return _sample(ref, reading)[1]
        if not reading or self.has(ref, reading):
            return self._info(_key(ref, reading))
        return self._again(self, ref, reading)

    def _info(self, key: str) -> TableInfo:
        path = self._path(key, "json")
        try:
            return TableInfo.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, ValidationError, UnicodeError):
            raise _gone(key) from None

    def recent(self) -> list[TableInfo]:
        """The kept uploads, newest first; what can't be read is passed over."""
        dated = []
        for path in self.folder.glob("*.json"):
            if "-" in path.stem:  # The same upload, read by other decisions.
                continue
            try:
                dated.append((path.stat().st_mtime_ns, self.about(f"file:{path.stem}")))
            except (OSError, TableError):
                continue
        return [info for _, info in sorted(dated, key=lambda pair: pair[0], reverse=True)]

    def _read(self, ref: str, reading: TableReading) -> pd.DataFrame:
        info = self.about(ref, reading)
        path = self.path(ref, reading)
        try:
            frame = pd.read_parquet(path)
        except (OSError, ValueError):
            raise _gone(ref) from None
        if info.reader in ("read_parquet", "parquet_table"):  # Of a large one the cells are kept.
            return with_values(frame, as_json(info.decided.columns), CELL_READERS)
        # yes and no with gaps: Parquet gives None where read_csv and read_excel give NaN
        objects = [column for column, dtype in frame.dtypes.items() if pd.api.types.is_object_dtype(dtype)]
        gaps = {column: frame[column].where(frame[column].notna(), np.nan) for column in objects}
        return frame.assign(**gaps) if gaps else frame

    def path(self, ref: str, reading: TableReading = UNDECIDED) -> Path:
        """The file that holds an upload's rows, as Parquet."""
        return self._path(_key(ref, reading), "parquet")

    def _path(self, ref: str, ending: str) -> Path:
        match = _FILE.fullmatch(ref)
        if is_path(ref):
            raise TableError(
                f"{repeated(ref)} names no table: it is the path of a file, which only the command line reads. Upload "
                "the file on the Data page."
            )
        if match is None:
            raise TableError(
                f"{repeated(ref)} names no table: expected sample:NAME, or file: and the 64 hexadecimal digits of an "
                "upload."
            )
        return self.folder / f"{match[1]}.{ending}"


def is_path(ref: str) -> bool:
    """Whether a table is named by the path of its file."""
    return bool(ref) and not ref.startswith(("sample:", "file:"))


def _sample(ref: str, reading: TableReading) -> tuple[pd.DataFrame, TableInfo]:
    """A sample table, and how it was read."""
    name = ref.removeprefix("sample:")
    frame = load_sample(name)
    sample = SAMPLES[name]
    rows, columns = frame.shape
    info = TableInfo(ref=ref, name=f"{name}.csv", rows=rows, columns=columns, units={sample.target: sample.unit})
    if not reading:
        return frame, info
    frame, again = read_bytes(f"{name}.csv", frame.to_csv(index=False).encode(), reading)
    return frame, again.model_copy(update={"ref": ref, "units": {**info.units, **again.units}})


def _gone(ref: str) -> TableError:
    return TableError(f"The table {ref[:13]}... isn't in this workspace, or is damaged: upload its file again.")


def file_name(name: str) -> str:
    """The last part of what a browser calls a file: "C:\\\\data\\\\sales.csv" -> "sales.csv"."""
    return re.split(r"[/\\]", name)[-1].strip()[-200:] or "table"


def _write(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file beside its place and move it there, so that no one ever reads half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    os.close(handle)
    try:
        write(Path(name))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
