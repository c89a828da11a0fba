"""The different cells of a column, kept where the column keeps them and made Python's some thousands at a time: a
column may have as many different dates, prices or texts as rows, and each as an object of Python takes ten times what
it takes in its file.

different = DifferentCells(column)
different.counts(without={"?"})      word -> how often it comes, a mapping to walk through, not to look up in
for block in blocks(counts): ...     the same, in dictionaries of some thousands
"""

import datetime
import itertools
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.tables.cell_numbers import cell_text

BLOCK = 10_000  # Cells that are Python's at one time.
_PLACE = np.int32  # An upload has fewer rows.
_SAMPLE = 10_000  # Cells from which is told whether most come more than once.


class _Cells:
    """Some cells of an Arrow array, in an order of their own, copied some thousands at a time."""

    def __init__(self, cells: pa.Array, places: np.ndarray | None = None) -> None:
        """`places` are those of the cells in the array; None where they are all of it."""
        self.array, self.places = cells, places

    def __len__(self) -> int:
        return len(self.array) if self.places is None else len(self.places)

    def __iter__(self) -> Iterator[Any]:
        for block in self.blocks():
            yield from block.to_pylist()

    def blocks(self) -> Iterator[pa.Array]:
        """Some thousands of the cells at a time."""
        for start in range(0, len(self), BLOCK):
            if self.places is None:
                yield self.array[start : start + BLOCK]
            else:
                yield self.array.take(pa.array(self.places[start : start + BLOCK]))

    def cell(self, place: int) -> Any:
        """One of the cells."""
        return self.array[place if self.places is None else int(self.places[place])].as_py()

    def where(self, stay: np.ndarray) -> "_Cells":
        """Those of the cells that stay."""
        places = np.arange(len(self), dtype=_PLACE) if self.places is None else self.places
        return _Cells(self.array, places[stay])


class DifferentCells:
    """The different cells of a column in the order in which they first come, and the text of each without blanks.

    Attributes:
        which: Place of each row's cell among them; -1 for a missing cell.
    """

    def __init__(self, column: pd.Series) -> None:
        self._cells: _Cells | np.ndarray
        if isinstance(column.dtype, pd.StringDtype):
            self.which, self._cells = _factorized(_whole(pa.array(column)))
            free_memory()
        else:
            self.which, found = pd.factorize(column)
            self._cells = np.asarray(found, dtype=object)

    @cached_property
    def _words(self) -> "_Cells | list[str]":
        """The text of each cell."""
        if isinstance(self._cells, np.ndarray):
            return [cell_text(cell) for cell in self._cells]
        return _texts(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def words(self) -> Iterator[str]:
        """The texts of the cells; several cells may have the same."""
        return iter(self._words)

    def cells(self) -> Iterator[Any]:
        """The cells as the column has them."""
        return iter(self._cells)

    def cell(self, place: int) -> Any:
        """One of the cells."""
        return self._cells[place] if isinstance(self._cells, np.ndarray) else self._cells.cell(place)

    def changed(self) -> np.ndarray:
        """Places of the cells that differ from their text."""
        if self._words is self._cells:
            return np.zeros(0, dtype=np.int64)
        pairs = zip(self.words(), self.cells(), strict=True)
        return np.array([at for at, (word, cell) in enumerate(pairs) if word != cell], dtype=np.int64)

    def numbers(self) -> dict[str, float]:
        """Text -> number, of the cells that are numbers already, as a workbook has them."""
        if not isinstance(self._cells, np.ndarray):
            return {}
        return {
            word: float(cell)
            for word, cell in zip(self._words, self._cells, strict=True)
            if isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_)
        }

    def durations(self) -> set[str]:
        """The texts of the cells that are durations already, as a workbook has them."""
        if not isinstance(self._cells, np.ndarray):
            return set()
        pairs = zip(self._words, self._cells, strict=True)
        return {word for word, cell in pairs if isinstance(cell, datetime.timedelta)}

    def counts(self, without: Iterable[str] = ()) -> Mapping[str, int]:
        """Text -> how many rows have it, of all but some texts."""
        often = np.bincount(self.which[self.which >= 0], minlength=len(self)).astype(_PLACE)
        if isinstance(self._cells, np.ndarray):
            counts = dict.fromkeys(self._words, 0)
            for word, count in zip(self._words, often.tolist(), strict=True):
                counts[word] += count
            return {word: count for word, count in counts.items() if word not in {*without}}
        words = self._words
        assert isinstance(words, _Cells)
        if words is not self._cells:  # Cells that differ in blanks alone have one text.
            which, words = _factorized(words.array)
            often = np.bincount(which, weights=often, minlength=len(words)).astype(_PLACE)
        if (left_out := [*without]) and len(words):
            known = pa.array(left_out, words.array.type)
            found = [pc.is_in(block, value_set=known).to_numpy(zero_copy_only=False) for block in words.blocks()]
            stay = ~np.concatenate(found)
            words, often = words.where(stay), often[stay]
        return _Counts(words, often)


class _Counts(Mapping[str, int]):
    """Words of an Arrow array -> how often each comes."""

    def __init__(self, words: _Cells, often: np.ndarray) -> None:
        self._words, self._often = words, often

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __getitem__(self, word: str) -> int:
        wanted, start = pa.scalar(word, self._words.array.type), 0
        for block in self._words.blocks():
            if (place := pc.index(block, wanted).as_py()) >= 0:
                return int(self._often[start + place])
            start += len(block)
        raise KeyError(word)

    def items(self) -> ItemsView[str, int]:
        return _Items(self)

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Words and how often they come, without looking any word up."""
        start = 0
        for block in self._words.blocks():
            yield from zip(block.to_pylist(), self._often[start : start + len(block)].tolist(), strict=True)
            start += len(block)


class _Items(ItemsView[str, int]):
    _mapping: _Counts

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return self._mapping.pairs()


def cells_in_order(column: pd.Series) -> Iterator[Any]:
    """The cells of a column in their order, each once among some thousands."""
    for start in range(0, len(column), BLOCK):
        yield from dict.fromkeys(column.iloc[start : start + BLOCK])


def free_memory() -> None:
    """Has what is no longer used go back to the system between two steps of reading: Arrow's pool does so, and with
    malloc as its pool the whole process.
    """
    pa.default_memory_pool().release_unused()


def blocks(counts: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Some thousands of the words at a time, in their order."""
    pairs = iter(counts.items())
    while block := dict(itertools.islice(pairs, BLOCK)):
        yield block


def _whole(cells: "pa.Array | pa.ChunkedArray") -> pa.Array:
    """An array in one piece, not copied where it is in one already."""
    if not isinstance(cells, pa.ChunkedArray):
        return cells
    return cells.chunk(0) if cells.num_chunks == 1 else cells.combine_chunks()


def _texts(cells: _Cells) -> _Cells:
    """The texts of cells without blanks around them: the cells themselves where none has any."""
    if all(_stripped(block.to_pylist()) is None for block in cells.blocks()):
        return cells
    parts = []
    for block in cells.blocks():
        after = _stripped(block.to_pylist())
        parts.append(block if after is None else pa.array(after, block.type))
    return _Cells(pa.concat_arrays(parts))


def _stripped(cells: list[str]) -> list[str] | None:
    """The texts of some cells without blanks around them; None where none has any."""
    text = "".join(cells)
    plain = (
        text.isascii() and '="' not in text and "\0" not in text
    )  # Then there are no other signs to leave out: ten times faster.
    after = list(map(str.strip if plain else cell_text, cells))
    return None if after == cells else after


def _factorized(cells: pa.Array) -> tuple[np.ndarray, _Cells]:
    """The place of each cell among the different ones, -1 for a missing one, and the different cells in the order in
    which they first come.

    Where most are different they are sorted: half the memory of a table of their hashes.
    """
    sample = cells[:_SAMPLE]
    if 2 * pc.count_distinct(sample).as_py() < len(sample):
        encoded = cells.dictionary_encode()
        return encoded.indices.fill_null(-1).to_numpy(), _Cells(encoded.dictionary)
    order = pc.array_sort_indices(cells).to_numpy()[: len(cells) - cells.null_count].astype(_PLACE)
    begins = np.ones(len(order), dtype=bool)
    for start in range(0, len(order), BLOCK):  # All in order at once would be the column a second time.
        ordered = cells.take(pa.array(order[max(start - 1, 0) : start + BLOCK]))
        begins[max(start, 1) : start + BLOCK] = pc.not_equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False)
    if begins.all() and not cells.null_count:
        return np.arange(len(cells), dtype=_PLACE), _Cells(cells)
    first = np.minimum.reduceat(order, np.flatnonzero(begins)) if len(order) else order
    by_row = np.argsort(first).astype(_PLACE)
    places = np.empty(len(first), dtype=_PLACE)
    places[by_row] = np.arange(len(first), dtype=_PLACE)
    which = np.full(len(cells), -1, dtype=_PLACE)
    which[order] = places[np.cumsum(begins, dtype=_PLACE) - 1]
    first = first[by_row]
    return which, _Cells(cells, first)
