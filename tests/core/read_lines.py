"""Text files, line by line, as a person would upload them."""

import pandas as pd

from core.tables.sources import read_bytes


def read(lines: list[str], name: str = "a.csv") -> tuple[pd.DataFrame, list[str]]:
    """The table of a file of these lines, and what is said of it."""
    frame, info = read_bytes(name, ("\n".join(lines) + "\n").encode())
    return frame, list(info.notes)


def german(value: float) -> str:
    """An amount as Germans write it: 1.234,50."""
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
