"""The different cells of a column, kept where the column keeps them and made Python's some thousands at a time: a
column may have as many different dates, prices or texts as rows, and each as an object of Python takes ten times what
it takes in its file.

different = DifferentCells(column)
different.counts(without={"?"})      word -> how often it comes, a mapping to walk through, not to look up in
for block in blocks(counts): ...     the same, in dictionaries of some thousands
"""

import itertools
from collections.abc import ItemsView, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.tables.cell_numbers import cell_text

BLOCK = 20_000  # Cells that are Python's at one time.
_PLACE = np.int32  # An upload has fewer rows.
_SAMPLE = 10_000  # Cells from which is told whether most come more than once.


class DifferentCells:
    """The different cells of a column in the order in which they first come, and the text of each without blanks.

    Attributes:
        which: Place of each row's cell among them; -1 for a missing cell.
    """

    def __init__(self, column: pd.Series) -> None:
        self._cells: pa.Array | np.ndarray
        if isinstance(column.dtype, pd.StringDtype):
            self.which, self._cells = _factorized(_whole(pa.array(column)))
            free_memory()
        else:
            self.which, found = pd.factorize(column)
            self._cells = np.asarray(found, dtype=object)

    @cached_property
    def _words(self) -> "pa.Array | list[str]":
        """The text of each cell."""
        if isinstance(self._cells, np.ndarray):
            return [cell_text(cell) for cell in self._cells]
        return _texts(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def words(self) -> Iterator[str]:
        """The texts of the cells; several cells may have the same."""
        return _walked(self._words)

    def cells(self) -> Iterator[Any]:
        """The cells as the column has them."""
        return _walked(self._cells)

    def cell(self, place: int) -> Any:
        """One of the cells."""
        return self._cells[place] if isinstance(self._cells, np.ndarray) else self._cells[place].as_py()

    def changed(self) -> np.ndarray:
        """Places of the cells that differ from their text."""
        if isinstance(self._cells, np.ndarray):
            pairs = zip(self._words, self._cells, strict=True)
            return np.array([at for at, (word, cell) in enumerate(pairs) if word != cell], dtype=np.int64)
        if self._words is self._cells:
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(pc.not_equal(self._words, self._cells).to_numpy(zero_copy_only=False))

    def numbers(self) -> dict[str, float]:
        """Text -> number, of the cells that are numbers already, as a workbook has them."""
        if not isinstance(self._cells, np.ndarray):
            return {}
        return {
            word: float(cell)
            for word, cell in zip(self._words, self._cells, strict=True)
            if isinstance(cell, int | float | np.number) and not isinstance(cell, bool | np.bool_)
        }

    def counts(self, without: Iterable[str] = ()) -> Mapping[str, int]:
        """Text -> how many rows have it, of all but some texts."""
        often = np.bincount(self.which[self.which >= 0], minlength=len(self)).astype(_PLACE)
        if isinstance(self._cells, np.ndarray):
            counts = dict.fromkeys(self._words, 0)
            for word, count in zip(self._words, often.tolist(), strict=True):
                counts[word] += count
            return {word: count for word, count in counts.items() if word not in {*without}}
        words = self._words
        if words is not self._cells:  # Cells that differ in blanks alone have one text.
            which, words = _factorized(words)
            often = np.bincount(which, weights=often, minlength=len(words)).astype(_PLACE)
        if left_out := [*without]:
            stay = pc.invert(pc.is_in(words, value_set=pa.array(left_out, words.type)))
            words, often = words.filter(stay), often[stay.to_numpy(zero_copy_only=False)]
        return _Counts(words, often)


class _Counts(Mapping[str, int]):
    """Words of an Arrow array -> how often each comes."""

    def __init__(self, words: pa.Array, often: np.ndarray) -> None:
        self._words, self._often = words, often

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return _walked(self._words)

    def __getitem__(self, word: str) -> int:
        place = pc.index(self._words, pa.scalar(word, self._words.type)).as_py()
        if place < 0:
            raise KeyError(word)
        return int(self._often[place])

    def items(self) -> ItemsView[str, int]:
        return _Items(self)

    def pairs(self) -> Iterator[tuple[str, int]]:
        """Words and how often they come, without looking any word up."""
        for start in range(0, len(self._words), BLOCK):
            often = self._often[start : start + BLOCK].tolist()
            yield from zip(self._words[start : start + BLOCK].to_pylist(), often, strict=True)


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


def _walked(words: "pa.Array | np.ndarray | list[str]") -> Iterator[Any]:
    if not isinstance(words, pa.Array):
        yield from words
        return
    for start in range(0, len(words), BLOCK):
        yield from words[start : start + BLOCK].to_pylist()


def _whole(cells: "pa.Array | pa.ChunkedArray") -> pa.Array:
    """An array in one piece, not copied where it is in one already."""
    if not isinstance(cells, pa.ChunkedArray):
        return cells
    return cells.chunk(0) if cells.num_chunks == 1 else cells.combine_chunks()


def _texts(cells: pa.Array) -> pa.Array:
    """The texts of cells without blanks around them: the cells themselves where none has any."""
    parts, changed = [], False
    for start in range(0, len(cells), BLOCK):
        part = cells[start : start + BLOCK]
        before = part.to_pylist()
        text = "".join(before)
        plain = text.isascii() and '="' not in text  # Then there are no other signs to leave out: ten times faster.
        after = list(map(str.strip if plain else cell_text, before))
        if after != before:
            part, changed = pa.array(after, cells.type), True
        parts.append(part)
    return pa.concat_arrays(parts) if changed else cells


def _factorized(cells: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """The place of each cell among the different ones, -1 for a missing one, and the different cells in the order in
    which they first come.

    Where most are different they are sorted: half the memory of a table of their hashes.
    """
    sample = cells[:_SAMPLE]
    if 2 * pc.count_distinct(sample).as_py() < len(sample):
        encoded = cells.dictionary_encode()
        return encoded.indices.fill_null(-1).to_numpy(), encoded.dictionary
    order = pc.array_sort_indices(cells).to_numpy()[: len(cells) - cells.null_count].astype(_PLACE)
    ordered = cells.take(pa.array(order))
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = pc.not_equal(ordered[1:], ordered[:-1]).to_numpy(zero_copy_only=False)
    del ordered
    if begins.all() and not cells.null_count:
        return np.arange(len(cells), dtype=_PLACE), cells
    first = np.minimum.reduceat(order, np.flatnonzero(begins)) if len(order) else order
    by_row = np.argsort(first).astype(_PLACE)
    places = np.empty(len(first), dtype=_PLACE)
    places[by_row] = np.arange(len(first), dtype=_PLACE)
    which = np.full(len(cells), -1, dtype=_PLACE)
    which[order] = places[np.cumsum(begins, dtype=_PLACE) - 1]
    first = first[by_row]
    del order, begins, by_row, places
    return which, cells.take(pa.array(first))
