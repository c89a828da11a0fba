"""Predictions as columns beside the rows they belong to, and a table that a spreadsheet may open."""

import re

import pandas as pd

_FORMULA = re.compile(r"\s*[=@]|\s*[-+](?![\d.,\s]*%?$)|[\t\r]")  # -1,234.5 and + 3 % are numbers.


def with_predictions(frame: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """The table with the predictions' columns behind its own; a column whose name is taken gets " (model)" behind it
    until it is free.
    """
    taken, names = set(frame.columns), {}
    for name in predictions.columns:
        free = name
        while free in taken:
            free = f"{free} (model)"
        names[name] = free
        taken.add(free)
    return frame.join(predictions.rename(columns=names))


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with a ' before every text, a column's name too, that a spreadsheet would carry out as a formula.

    As OWASP's page "CSV Injection" advises. Words come from whoever made the training table, not from the person who
    opens the file.
    """
    safe = frame.copy(deep=False)
    for name in frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
        texts = frame[name].astype(object)
        formulas = texts.map(lambda cell: isinstance(cell, str) and _FORMULA.match(cell) is not None).to_numpy(
            dtype=bool
        )
        if formulas.any():
            safe[name] = texts.mask(formulas, "'" + texts[formulas].astype(str))
    return safe.rename(columns=lambda name: f"'{name}" if _FORMULA.match(str(name)) else name)
