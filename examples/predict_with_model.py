"""Predictions of an exported model, with plain Keras and without Layerdeck: it needs tensorflow, keras and pandas.

python predict_with_model.py MODEL.keras ROWS.csv    prints the rows with their predictions as CSV

The model takes raw rows: each input is a column of the table, of the shape (rows, 1). Text is text, "" where it is
missing; a number is float64, NaN where it is missing; a date is its days since 1970-01-01, as float64.
"""

import sys

import keras
import numpy as np
import pandas as pd

EPOCH = pd.Timestamp("1970-01-01")


def column(cells: pd.Series, dtype: str) -> np.ndarray:
    """A column of the file as the model takes it, of the shape (rows, 1)."""
    if dtype == "string":
        return cells.fillna("").str.strip().to_numpy(dtype=object)[:, None]
    numbers = pd.to_numeric(cells, errors="coerce")
    if numbers.isna().all() and cells.notna().any():  # No number among them: dates, as 2026-11-26.
        numbers = (pd.to_datetime(cells, errors="coerce") - EPOCH) / pd.Timedelta(days=1)
    return numbers.to_numpy(dtype="float64")[:, None]


def main(model_file: str, rows_file: str) -> None:
    """Prints the rows with a column for each number that the model gives."""
    model = keras.models.load_model(model_file)  # In safe mode: nothing of the file runs.
    rows = pd.read_csv(rows_file, dtype=str)
    outputs = model({one.name: keras.ops.convert_to_tensor(column(rows[one.name], one.dtype)) for one in model.inputs})
    for target, values in (outputs if isinstance(outputs, dict) else {"prediction": outputs}).items():
        values = keras.ops.convert_to_numpy(values)
        for at in range(values.shape[1]):
            rows[target if values.shape[1] == 1 else f"{target}_{at}"] = values[:, at]
    rows.to_csv(sys.stdout, index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
