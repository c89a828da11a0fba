"""Counts with their nouns: one function for every sentence in which something is counted."""

from collections.abc import Sequence


def count(number: int, noun: str, plural: str = "") -> str:
    """(1, "row") -> "1 row", (2000, "row") -> "2,000 rows", (2, "class", "classes") -> "2 classes"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def minutes_in_words(minutes: float) -> str:
    """2.0 -> "2 minutes", 1.5 -> "1.5 minutes", 0.5 -> "30 seconds"."""
    number, noun = (minutes, "minute") if minutes >= 1 else (60 * minutes, "second")
    return f"{number:,.4g} {noun}{'' if number == 1 else 's'}"


def enumerated(names: Sequence[str], most: int | None = None) -> str:
    """("a",) -> "a", ("a", "b") -> "a and b", ("a", "b", "c") -> "a, b and c"; of more than `most` "a and 2 more"."""
    if most is not None and len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1:,} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(number: int, verb: str, plural: str) -> str:
    """The verb of a count: (1, "has", "have") -> "has"."""
    return verb if number == 1 else plural
