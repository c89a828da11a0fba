"""Workbooks that openpyxl does not write: .xlsb and .ods, as a spreadsheet saves them, of rows of cells."""

import datetime
import io
import struct
import zipfile
from typing import Any
from xml.sax.saxutils import escape

_EPOCH = datetime.datetime(1899, 12, 30)


def zipped(parts: dict[str, str | bytes]) -> bytes:
    """An archive of parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def ods(**sheets: list[list[Any]]) -> bytes:
    """An OpenDocument spreadsheet."""
    tables = "".join(
        f'<table:table table:name="{escape(name)}">{"".join(map(_ods_row, rows))}'
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="1024"/>'
        "</table:table-row></table:table>"
        for name, rows in sheets.items()
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f"{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content,
                   "META-INF/manifest.xml": "<manifest/>"})  # fmt: skip


def _ods_row(row: list[Any]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(cell: Any) -> str:
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, bool):
        kind, text = f'boolean" office:boolean-value="{str(cell).lower()}', str(cell).upper()
    elif isinstance(cell, int | float):
        kind, text = f'float" office:value="{cell!r}', repr(cell)
    elif isinstance(cell, datetime.datetime):
        kind, text = f'date" office:date-value="{cell.isoformat()}', cell.isoformat()
    else:
        kind, text = "string", str(cell)
    return f'<table:table-cell office:value-type="{kind}"><text:p>{escape(text)}</text:p></table:table-cell>'


def xlsb(**sheets: list[list[Any]]) -> bytes:
    """A binary Excel workbook; style 1 of its two is that of a date."""
    names = list(sheets)
    about = b"".join(
        record(156, struct.pack("<II", 0, at + 1) + wide(f"rId{at + 1}") + wide(name)) for at, name in enumerate(names)
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    targets = "".join(
        f'<Relationship Id="rId{at + 1}" Type="{relation}/worksheet" Target="worksheets/sheet{at + 1}.bin"/>'
        for at in range(len(names))
    )
    targets += f'<Relationship Id="rId99" Type="{relation}/styles" Target="styles.bin"/>'
    formats = b"".join(struct.pack("<HHHHBBBBBBBB", 0, form, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) for form in ())
    styles = (
        record(278) + record(617, struct.pack("<I", 2)) + _style(0) + _style(14) + record(618) + record(279) + formats
    )
    parts: dict[str, str | bytes] = {
        "xl/workbook.bin": record(131) + record(143) + about + record(144) + record(132),
        "xl/_rels/workbook.bin.rels": f"<Relationships>{targets}</Relationships>",
        "xl/styles.bin": styles,
    }
    for at, rows in enumerate(sheets.values()):
        parts[f"xl/worksheets/sheet{at + 1}.bin"] = _xlsb_sheet(rows)
    return zipped(parts)


def _style(number_format: int) -> bytes:
    return record(47, struct.pack("<HHHHHBBBB", 0, number_format, 0, 0, 0, 0, 0, 0, 0)[:16].ljust(16, b"\0"))


def _xlsb_sheet(rows: list[list[Any]]) -> bytes:
    width = max(map(len, rows), default=1)
    size = record(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, max(width - 1, 0)))
    cells = b"".join(
        record(0, struct.pack("<I", at).ljust(17, b"\0"))
        + b"".join(_xlsb_cell(place, cell) for place, cell in enumerate(row))
        for at, row in enumerate(rows)
    )
    return record(129) + size + record(145) + cells + record(146) + record(130)


def _xlsb_cell(column: int, cell: Any) -> bytes:
    dated = isinstance(cell, datetime.datetime)
    head = struct.pack("<II", column, 1 if dated else 0)
    if cell is None:
        return b""
    if isinstance(cell, bool):
        return record(4, head + bytes([cell]))
    if dated:
        cell = (cell - _EPOCH) / datetime.timedelta(days=1)
    if isinstance(cell, int | float):
        return record(5, head + struct.pack("<d", cell))
    return record(6, head + wide(str(cell)))


def wide(text: str) -> bytes:
    """A text with its length, in UTF-16."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of the binary format: its kind and its length, seven bits a byte, and its data."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 127 | 128, kind >> 7])
    size = len(data)
    while True:
        head += bytes([size & 127 | (128 if size > 127 else 0)])
        size >>= 7
        if not size:
            return head + data
