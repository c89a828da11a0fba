"""Small files that grow, far cells, endless text: what a reader must refuse. Each is made in milliseconds."""

import io
import zipfile
import zlib
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow.feather import write_feather

_SHEETS = (
    b'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    b'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    b'<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_RELATIONS = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    b'Target="worksheets/sheet1.xml"/></Relationships>'
)
_ROOT = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="xl/workbook.xml"/></Relationships>'
)
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


def deflated(head: bytes, block: bytes, times: int, tail: bytes) -> bytes:
    """head + block * times + tail, packed without ever being made: the packed block is repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    again = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + again * times + packer.compress(tail) + packer.flush()


def workbook(
    head: bytes = SHEET, block: bytes = b"", times: int = 0, tail: bytes = END, says: int | None = None
) -> bytes:
    """A workbook whose sheet is head + block * times + tail; `says` is the size that the archive states for it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("_rels/.rels", _ROOT)
        book.writestr("xl/workbook.xml", _SHEETS)
        book.writestr("xl/_rels/workbook.xml.rels", _RELATIONS)
        packed = deflated(head, block, times, tail)
        part = zipfile.ZipInfo("xl/worksheets/sheet1.xml")
        book.writestr(part, packed)  # As it is; its entry then says that it is packed.
        part.compress_type = zipfile.ZIP_DEFLATED
        part.file_size = len(head) + len(block) * times + len(tail) if says is None else says
        pieces = (head, *[block] * times, tail)
        if len(block) * times < 10**8:  # Else no one gets so far as to compare it.
            part.CRC = reduce(lambda crc, piece: zlib.crc32(piece, crc), pieces, 0)
        sizes = (part.CRC, part.compress_size, part.file_size)
    content = bytearray(buffer.getvalue())
    for number, size in zip(range(3), sizes, strict=True):
        at = part.header_offset + 14 + 4 * number
        content[at : at + 4] = min(size, 0xFFFFFFFF).to_bytes(4, "little")
    content[part.header_offset + 8 : part.header_offset + 10] = (8).to_bytes(2, "little")
    return bytes(content)


def rows(count: int, columns: int) -> bytes:
    """Rows of digits by chance, which no archive packs a hundredfold; no cell says where it stands."""
    draw = np.random.default_rng(0).integers(0, 10, (count, columns)).tolist()
    return b"".join(b"<row>" + b"".join(b"<c><v>%d</v></c>" % cell for cell in row) + b"</row>" for row in draw)


def parquet(table: pa.Table, **options) -> bytes:
    """A Parquet file."""
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def feather(count: int) -> bytes:
    """A Feather file of two columns of so many zeros, in one piece."""
    buffer = io.BytesIO()
    zeros = np.zeros(count)
    write_feather(pa.table({"a": zeros, "b": zeros}), buffer, compression="zstd", chunksize=count)
    return buffer.getvalue()


def long_words_parquet() -> bytes:
    """A Parquet file of some megabytes whose 3,500 different long words stand in 250,000 rows: 750 MB of words."""
    draw = np.random.default_rng(0)
    words = pa.array([draw.bytes(1_500).hex() for _ in range(3_500)])
    word = pa.DictionaryArray.from_arrays(pa.array(np.arange(250_000, dtype="int32") % 3_500), words)
    return parquet(pa.table({"word": word}), compression="zstd", store_schema=False, dictionary_pagesize_limit=50 << 20)


def growing_parquet(length: int = 3_000, count: int = 250_000) -> bytes:
    """A small Parquet file whose one word of `length` characters stands in `count` rows: 750 MB of words."""
    word = pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, "int32")), pa.array(["x" * length]))
    return parquet(
        pa.table({"word": word.cast(pa.dictionary(pa.int32(), pa.string()))}), compression="zstd", store_schema=False
    )
