"""Where the different cells of a column stand, and what is said of those that cannot be read."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from core.experiment.columns import Note
from core.experiment.reading import ColumnReading
from core.tables.different_cells import DifferentCells

# What pandas itself takes for a missing cell: nothing needs to be said of it.
SILENT = {"", "na", "n/a", "nan", "null", "none", "<na>", "#n/a"}
_QUOTED, _ROWS, _LONG = 3, 5, 40


class Places:
    """The rows in which a column's different cells stand."""

    def __init__(self, name: str, different: DifferentCells, stand_ins: set[str], lines: np.ndarray) -> None:
        """`stand_ins` are the words of the column that stand for missing cells among numbers."""
        self._name, self._different, self._which, self._lines = name, different, different.which, lines
        self._stand_ins = stand_ins

    def _of_words(self, wanted: set[str]) -> dict[str, list[int]]:
        """Word -> its places among the different cells, of the words that are wanted."""
        found: dict[str, list[int]] = {}
        for at, word in enumerate(self._different.words() if wanted else ()):
            if word in wanted:
                found.setdefault(word, []).append(at)
        return found

    def of(self, places: Sequence[int] | np.ndarray) -> np.ndarray:
        """The rows of some of the different cells, in their order."""
        return np.flatnonzero(np.isin(self._which, places))

    def text_of(self, rows: np.ndarray) -> str:
        """The rows as their file counts them, in brackets: " (rows 8, 30, ...)"."""
        shown = ", ".join(f"{line:,}" for line in self._lines[rows[:_ROWS]].tolist())
        return f" ({'row' if len(rows) == 1 else 'rows'} {shown}{', ...' if len(rows) > _ROWS else ''})"

    def of_words(self, words: Iterable[str]) -> np.ndarray:
        """The rows in which some words stand."""
        return self.of([at for places in self._of_words({*words}).values() for at in places])

    def placeholders(self, given: ColumnReading) -> dict[str, int]:
        """Words that stand for missing cells, of which something is to be said."""
        places = self._of_words(
            {word for word in self._stand_ins if word.lower() not in SILENT}.difference(given.missing, given.kept)
        )
        return {word: len(self.of(at)) for word, at in places.items()}

    def unread(self, words: Mapping[str, int], what: tuple[str, str]) -> list[Note]:
        """The note on cells that count as missing, because one is "not a number" or several are "not numbers"."""
        words = {word: count for word, count in words.items() if word.lower() not in SILENT}
        places = self._of_words({*words, *self._stand_ins.intersection({""})})
        if blank := len(self.of(places.get("", []))):
            words["blank"] = blank
        if not words:
            return []
        rows = self.of([at for word in words for at in places.get("" if word == "blank" else word, [])])
        common = sorted(words, key=lambda word: -words[word])
        quoted = ", ".join(short_word(word) for word in common[:_QUOTED])
        more = f" and {len(common) - _QUOTED:,} more" if len(common) > _QUOTED else ""
        is_not, are_not = what
        verbs = f"is {is_not} and counts" if len(rows) == 1 else f"are {are_not} and count"
        says = (
            f"{len(rows):,} of {len(self._which):,} cells of {self._name!r} {verbs} as missing: "
            f"{quoted}{more}{self.text_of(rows)}."
        )
        return [
            Note(
                kind="unread",
                text=says,
                column=self._name,
                count=len(rows),
                rows=first_rows(rows),
                cells=tuple((word[:200], words[word]) for word in common[:50]),
                decision=f"columns.{self._name}.as",
            )
        ]


def first_rows(rows: np.ndarray) -> tuple[int, ...]:
    return tuple(rows[:100].tolist())


def short_word(word: str) -> str:
    return word if len(word) <= _LONG else f"{word[: _LONG - 1]}…"
