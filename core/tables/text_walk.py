"""The walk through the rows of a long text file: lines that are plainly rows of values are counted by their bytes, many
at once, and only the others are taken apart.

A line is plain where it holds as many separators as the table has, a letter or digit, no sign beyond ASCII, and nothing
that makes `Walk.see` look twice: names again, a word where numbers stand, "Total", a quotation mark within a cell.
"""

import bisect
import contextlib
import csv
import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from core.catalog.text_files import WHITE_SPACE, WIDE_SPACE
from core.tables.dialect import Quoting
from core.tables.layout_walk import TAIL_ROWS, Walk
from core.tables.raw_cells import TOTAL_STEMS

_BLOCK = 1 << 18  # Bytes that are looked at together.
_LONGEST = 10_000  # Bytes of a plain line; a longer one may hold a cell that Python's csv refuses.
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_SIGNS = [chr(byte) for byte in range(256)]
_ALPHANUMERIC = np.array([sign.isascii() and sign.isalnum() for sign in _SIGNS])
_LETTER = np.array([sign.isascii() and sign.isalpha() for sign in _SIGNS])
_UNSAFE = np.array([not sign.isascii() or sign == "\0" for sign in _SIGNS])


def is_walkable(content: bytes, encoding: str, separator: str) -> bool:
    """Whether each line of a file ends with a line feed, and its separators are bytes of their own."""
    if encoding.startswith(("utf-16", "utf-32")) or separator in (WHITE_SPACE, WIDE_SPACE):
        return False
    return b"\r" not in content or _LONE_RETURN.search(content) is None


def walk_lines(walk: Walk, content: bytes, encoding: str, separator: str, quoting: Quoting, at: int) -> None:
    """Looks at all rows from row `at` on, as `walk.see` does row by row."""
    lines = _Lines(content, encoding)
    reader = csv.reader(lines, delimiter=separator, quoting=quoting)
    for _ in range(at):
        next(reader)
    with contextlib.suppress(csv.Error):  # An endless cell.
        while lines.start < len(content):
            block = _Block(content, lines.start, walk, separator, quoting)
            at = block.walk(walk, lines, reader, at)


class _Lines(Iterator[str]):
    """The lines of a file; `start` is the byte where the next one begins, and may be set."""

    def __init__(self, content: bytes, encoding: str) -> None:
        self.start = 0
        self._content, self._encoding = content, encoding

    def __next__(self) -> str:
        """The next line, with a line feed."""
        if self.start >= len(self._content):
            raise StopIteration
        end = self._content.find(b"\n", self.start) + 1 or len(self._content)
        line = self._content[self.start : end].decode(self._encoding)
        if self.start == 0:
            self._encoding = self._encoding.removesuffix("-sig")
        self.start = end
        return line.replace("\r\n", "\n")


class _Block:
    """Some whole lines of a file, from a byte on, and which of them are plain."""

    def __init__(self, content: bytes, start: int, walk: Walk, separator: str, quoting: Quoting) -> None:
        end = content.rfind(b"\n", start, start + _BLOCK) + 1
        self._end = end or content.find(b"\n", start + _BLOCK) + 1 or len(content)
        self._content, self._start, self._separator, self._quoting = content, start, separator, quoting
        signs = np.frombuffer(content, np.uint8, self._end - start, start)
        ends = np.flatnonzero(signs == ord("\n"))
        self._ends = ends if len(ends) and ends[-1] == len(signs) - 1 else np.append(ends, len(signs))
        starts = np.concatenate(([0], self._ends[:-1] + 1))
        self._plain = np.logical_or.reduceat(_ALPHANUMERIC[signs], starts) & (self._ends - starts < _LONGEST)
        self._strike(np.flatnonzero(_UNSAFE[signs]))
        parts = signs == ord(separator)
        if quoting != csv.QUOTE_NONE and (quotes := signs == ord('"')).any():
            parts &= ~self._inside(signs, quotes, starts)
        parts = np.flatnonzero(parts)
        before = np.searchsorted(parts, starts)  # Separators in front of each line.
        self._plain &= np.diff(np.append(before, len(parts))) == walk.width - 1
        padded = np.append(signs, [0, 0])
        if walk.first_numeric is not None:
            places = np.append(parts + 1, 0)[np.minimum(before + walk.first_numeric - 1, len(parts))]
            self._plain &= ~_LETTER[_behind_quote(padded, places if walk.first_numeric else starts)]
        if walk.labels:
            text = content[start : self._end].lower()
            self._strike([found.start() for stem in TOTAL_STEMS for found in re.finditer(stem, text)])
        firsts = [ord((first + separator)[0]) for first in walk.firsts if first.isascii()]
        alike = np.isin(_behind_quote(padded, starts), firsts) | (padded[starts] == ord('"')) & ("" in walk.firsts)
        words = tuple(first.encode() for first in walk.firsts if first.isascii())
        for line in np.flatnonzero(self._plain & alike).tolist():
            at = start + int(starts[line])
            self._plain[line] = not content.startswith(words, at + (content[at] == ord('"')))
        self._starts = starts.tolist()
        self._others = [*np.flatnonzero(~self._plain).tolist(), len(self._plain)]

    def _strike(self, places: Iterable[int]) -> None:
        """Takes the lines in which some bytes stand from the plain ones."""
        self._plain[np.searchsorted(self._ends, np.asarray(places, dtype=np.int64))] = False

    def _inside(self, signs: np.ndarray, quotes: np.ndarray, starts: np.ndarray) -> np.ndarray:
        """Which bytes stand between quotation marks of their line. A line is not plain where a mark is left open, or is
        neither at an end of its cell nor doubled.
        """
        inside = np.logical_xor.accumulate(quotes)
        at_start = np.append(False, inside)[starts]
        self._plain &= np.append(inside, inside[-1])[self._ends] == at_start
        inside ^= np.repeat(at_start, np.diff(np.append(starts, len(signs))))
        places = np.flatnonzero(quotes)
        ends = [ord("\n"), ord(self._separator), ord('"')]
        before, after = np.append(ord("\n"), signs)[places], np.append(signs, ord("\n"))[places + 1]
        self._strike(places[~np.where(inside[places], np.isin(before, ends), np.isin(after, [*ends, ord("\r")]))])
        return inside

    def walk(self, walk: Walk, lines: _Lines, reader: Any, at: int) -> int:
        """Looks at the rows, the first of which is row `at`; gives the row behind the last, which `lines` then begins
        with.
        """
        line, starts, others = 0, self._starts, self._others
        while line < len(starts):
            other = others[bisect.bisect_left(others, line)]
            if other > line and not walk.expects:
                tail = [self._cells(place) for place in range(max(line, other - TAIL_ROWS), other)]
                walk.plain(at, other - line, tail)
                at, line = at + other - line, other
                lines.start = self._end if line == len(starts) else self._start + starts[line]
            else:
                walk.see(at, next(reader))
                at += 1
                line += 1
                if line < len(starts) and self._start + starts[line] != lines.start:  # The row has several lines.
                    line = bisect.bisect_left(starts, lines.start - self._start)
        return at

    def _cells(self, line: int) -> list[str]:
        text = self._content[self._start + self._starts[line] : self._start + int(self._ends[line])].decode("ascii")
        text = text.removesuffix("\r")
        if '"' not in text:
            return text.split(self._separator)
        return next(csv.reader([text], delimiter=self._separator, quoting=self._quoting))


def _behind_quote(signs: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The first sign of cells that begin at some places, behind the quotation mark that may stand there."""
    first = signs[places]
    return np.where(first == ord('"'), signs[places + 1], first)
