"""The XML of a sheet of an .xlsx workbook, inflated piece by piece: whole it takes several times the memory of its
table.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator

from core.tables.workbook_formats import attribute_of

_PIECE = 1 << 18  # Bytes that are inflated together.
_ENDS = (b"</c>", b"</row>")
_PREFIXED_END = re.compile(rb"</\w+:c>")


class SheetXml:
    """The XML of one sheet; there is none of a sheet that is not found, and of other formats. Its size was checked
    before.
    """

    def __init__(self, content: bytes, sheet: str) -> None:
        self._content = content
        self._path = _path(content, sheet)

    def __bool__(self) -> bool:
        """Whether there is any XML."""
        return bool(self._path)

    def finds(self, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        """The places of a pattern that matches nothing longer than a cell."""
        for piece in self._pieces():
            yield from pattern.finditer(piece)

    def which(self, *words: bytes) -> set[bytes]:
        """Those of some words that stand in it."""
        found: set[bytes] = set()
        for piece in self._pieces():
            found.update(word for word in words if word not in found and word in piece)
        return found

    def _pieces(self) -> Iterator[bytes]:
        """Pieces that end behind a cell or a row."""
        if not self._path:
            return
        try:
            with zipfile.ZipFile(io.BytesIO(self._content)) as archive, archive.open(self._path) as packed:
                held = b""
                while more := packed.read(_PIECE):
                    held += more
                    if end := _end_of_cells(held):
                        yield held[:end]
                        held = held[end:]
                yield held
        except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError):
            return


def _end_of_cells(piece: bytes) -> int:
    """Where the last cell or row of a piece ends; 0 where none does."""
    ends = [piece.rfind(word) + len(word) for word in _ENDS if word in piece]
    if ends:
        return max(ends)
    prefixed = [found.end() for found in _PREFIXED_END.finditer(piece)]
    return prefixed[-1] if prefixed else 0


def _path(content: bytes, sheet: str) -> str:
    """The path of a sheet's XML in the archive of its workbook; "" where there is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                return ""
            book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
            relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
            targets = {}
            for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
                targets[attribute_of(tag, "Id")] = attribute_of(tag, "Target")
            for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", book):
                if attribute_of(tag, "name") == sheet:
                    identifier = re.search(r'\b\w+:id="([^"]*)"', tag)
                    target = targets.get(identifier[1] if identifier else "", "")
                    path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
                    return path if target and path in archive.namelist() else ""
    except (KeyError, zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError):
        return ""
    return ""
