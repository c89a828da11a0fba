"""Why a run's model predicts what it predicts: the contribution of each feature, against training rows."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.evaluation.raw_features import RawFeatures, row_count, sampled_rows
from core.evaluation.shapley import MOST_EXACT, Contributions, exact_contributions, sampled_contributions

if TYPE_CHECKING:
    from core.runs.evaluated_run import EvaluatedRun

_BACKGROUND, _LEAST_BACKGROUND = 100, 10
_MOST_EXACT_ROWS = 5_000_000  # That are predicted for all rows of a table; beyond, they are sampled, too.
_MOST_CELLS = 10_000_000  # That are predicted for a sampled row: of many features there are fewer background rows.


def contributions(asked: "EvaluatedRun", raw: RawFeatures) -> dict[str, Contributions]:
    """Target -> the contributions of the features to the predictions of n raw rows.

    Shapley values against up to 100 training rows (drawn by their sample weights, where there are such): exact up to
    10 features, and sampled for more features or many rows.
    """
    exact, background = contribution_background(asked, row_count(raw))
    return (exact_contributions if exact else sampled_contributions)(asked.predict, raw, background)


def contribution_background(asked: "EvaluatedRun", rows: int = 1) -> tuple[bool, RawFeatures]:
    """Whether the contributions of so many rows are exact, and the training rows against which they are computed."""
    features = len(asked.prepared.kinds)
    exact = features <= MOST_EXACT and rows * 2**features * _BACKGROUND <= _MOST_EXACT_ROWS
    most = _BACKGROUND if exact else max(_LEAST_BACKGROUND, min(_BACKGROUND, _MOST_CELLS // (2 * features**2)))
    return exact, asked.raw("train", _background(asked, most))


def _background(asked: "EvaluatedRun", most: int) -> np.ndarray:
    train, weights = asked.prepared.parts["train"], asked.prepared.weights
    counted = None if weights is None or not weights[train].any() else weights[train]
    return sampled_rows(len(train), most, counted)


def row_contributions(asked: "EvaluatedRun", options: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Target -> why the row in `options["row"]`, feature -> cell, is predicted as it is.

    Each {"base" (mean prediction of the background rows), "prediction", "class" (whose probability these are; None of
    an amount), "features" {name: contribution}, "error" (largest standard error of a contribution, 0 where they are
    exact), "background" (rows)}. Raises TableError.
    """
    raw = asked.predictor.raw(pd.DataFrame([options["row"]]))
    predicted, found = asked.predict(raw), {}
    for target, of in contributions(asked, raw).items():
        output = int(explained_outputs(asked, target, predicted[target])[0])
        found[target] = {
            "base": float(of.base[output]),
            "prediction": float(predicted[target][0, output]),
            "class": explained_class(asked, target, output),
            "features": dict(zip(raw, of.values[0, :, output].tolist(), strict=True)),
            "error": float(of.error[0, :, output].max()),
            "background": of.rows,
        }
    return found


def contribution_columns(asked: "EvaluatedRun", frame: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Columns beside a table of rows to predict, `base value` and `contribution FEATURE`, and a sentence for each
    target on what they add up to; of several targets `base value T` and `contribution FEATURE to T`.

    Raises TableError when the table has none of the model's columns.
    """
    if frame.empty:
        return pd.DataFrame(index=frame.index), []
    raw = asked.predictor.raw(frame)
    predicted = asked.predict(raw)
    columns: dict[str, np.ndarray] = {}
    said = []
    for target, of in contributions(asked, raw).items():
        rows, outputs = np.arange(len(frame)), explained_outputs(asked, target, predicted[target])
        several = len(predicted) > 1
        columns[f"base value {target}" if several else "base value"] = of.base[outputs]
        for at, name in enumerate(raw):
            columns[f"contribution {name} to {target}" if several else f"contribution {name}"] = of.values[
                rows, at, outputs
            ]
        said.append(_sentence(asked, target, of))
    return pd.DataFrame(columns, index=frame.index), said


def _sentence(asked: "EvaluatedRun", target: str, of: Contributions) -> str:
    classes = asked.prepared.targets[target].classes
    if not classes:
        what = f"the predicted {target}"
    else:
        word = "score" if _margin(asked, target) else "probability"
        what = (
            f"the {word} of {target} {classes[1]!r}" if len(classes) == 2 else f"the {word} of the predicted {target}"
        )
    error = float(of.error.max(initial=0))
    how = f"sampled, standard error at most {error:.2g}" if error else "exact"
    return (
        f"Base value and contributions add up to {what} (Shapley values against {of.rows} training rows, {how}; the "
        "base value is their mean)."
    )


def explained_outputs(asked: "EvaluatedRun", target: str, predicted: np.ndarray) -> np.ndarray:
    """For each of n predictions the number of the output that is explained: of many classes the likeliest."""
    many = len(asked.prepared.targets[target].classes) > 2
    return predicted.argmax(axis=1) if many else np.zeros(len(predicted), int)


def explained_class(asked: "EvaluatedRun", target: str, output: int) -> str | None:
    classes = asked.prepared.targets[target].classes
    return None if not classes else classes[1] if len(classes) == 2 else classes[output]


def _margin(asked: "EvaluatedRun", target: str) -> bool:
    return next(one for one in asked.card["targets"] if one["target"] == target).get("margin", False)
