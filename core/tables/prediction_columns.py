"""Predictions as columns beside the rows they belong to, and a table that a spreadsheet may open."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.currencies import LEAST_IN_CENTS, is_money
from core.experiment.digits import varying_decimals

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


def rounded_predictions(
    predictions: pd.DataFrame, targets: Sequence[dict[str, Any]], units: Mapping[str, str] = {}
) -> pd.DataFrame:
    """Predictions with the digits that the page shows: probabilities to hundredths of a percent, amounts and all other
    numbers as `rounded_amounts`; `targets` are those of a card, `units` theirs.
    """
    ends = {target["target"]: (target.get("low"), target.get("high")) for target in targets}
    rounded = predictions.copy(deep=False)
    for name in predictions.columns[[pd.api.types.is_float_dtype(kind) for kind in predictions.dtypes]]:
        if name.startswith("probability"):
            rounded[name] = predictions[name].round(4)
            continue
        target = next(
            (one for one in ends if name in (f"predicted {one}", f"lower {one}", f"upper {one}")),
            None,
        )
        low, high = ends[target] if target else (None, None)
        money = target is not None and is_money(units.get(target, ""))
        rounded[name] = rounded_amounts(predictions[name].to_numpy(), low, high, money)
    return rounded


def rounded_amounts(
    values: np.ndarray, low: float | None = None, high: float | None = None, money: bool = False
) -> np.ndarray:
    """Numbers as `core.experiment.score_words.number` writes them: whole from 1,000 on, then with one, two and three
    decimals, of money with two, below a thousandth with three digits; of a target whose spread is small beside its size
    with the digits that vary.
    """
    values = np.asarray(values, dtype="float64")
    decimals = varying_decimals(low, high)
    if decimals is not None:
        return np.round(values, 2 if money and decimals == 1 else decimals)
    size = np.abs(values)
    small = np.isfinite(values) & (size > 0) & (size < 1e-3)
    rounded = np.select(
        [size >= 1000, money & (size >= LEAST_IN_CENTS), size >= 100, size >= 1],
        [np.round(values), np.round(values, 2), np.round(values, 1), np.round(values, 2)],
        np.round(values, 3),
    )
    rounded[small] = [float(f"{value:.3g}") for value in values[small]]
    return rounded
