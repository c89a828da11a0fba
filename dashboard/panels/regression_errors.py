"""The errors of a regression: how large, against what, and for which rows; a section of the Result page."""

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.evaluated_rows import EvaluatedPart, evaluated_places
from core.evaluation.residuals import (
    actual_range,
    bar_rows,
    error_by_tenth,
    error_summary,
    quantile_groups,
    residual_bars,
    residual_trend,
)
from dashboard.components.figure import figure
from dashboard.figures.error_figures import error_by_tenth_bars, residual_distribution, residuals_against
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.panels.evaluated_part import chosen_part, of_a_sample
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.text import count, escape, number

MOST_DRAWN = 2_000  # Points: of ten times as many a browser takes a second.


def regression_errors(asked: Asked) -> None:
    """Draws the errors of the test or validation rows."""
    name, part = chosen_part(asked)
    finite = np.flatnonzero(np.isfinite(part.targets[asked.target].y_pred))
    left_out = len(part.positions) - len(finite)
    if left_out:
        st.warning(f"The prediction is not a finite number for {count(left_out, 'row')}, which are left out here.")
    if len(finite):
        _errors(asked, name, part.only(finite), finite)


def _errors(asked: Asked, name: str, part: EvaluatedPart, numbers: np.ndarray) -> None:
    """Draws the errors of a part's rows with finite predictions, which have these numbers within the part."""
    of, weights, unit = part.targets[asked.target], part.weights, units_of(asked.experiment).get(asked.target, "")
    residuals = of.y_pred - of.y_true
    st.caption(escape(_in_words(asked, part, unit)) + of_a_sample(part))
    columns = _columns(part, asked.target)
    against = st.selectbox("Errors against", list(columns), key="errors-against")
    values = columns[against]
    shown = evaluated_places(len(values), MOST_DRAWN)
    number_of = _as_numbers(values)
    trend = None if number_of is None else residual_trend(number_of, residuals, weights)

    def of_point(trace: int, point: int) -> tuple[np.ndarray, str]:
        if trace:
            groups = quantile_groups(np.asarray(number_of), 10)
            return numbers[groups == int(point)], f"tenth {int(point) + 1} by {against}"
        at = shown[int(point)]
        return numbers[[at]], f"row {part.positions[at] + 1}"

    across = unit if against in (f"predicted {asked.target}", f"actual {asked.target}") else ""
    drawn = residuals_against(values.iloc[shown], residuals[shown], against, asked.target, unit, trend, across)
    figure(
        drawn,
        key="errors-figure",
        says=f"Errors against {against}",
        run=asked.experiment.name,
        picked=rows_picked(asked, name, of_point),
    )
    if len(shown) < len(values):
        st.caption(
            f"{len(shown):,} of the {len(values):,} rows are drawn, at random; all other numbers are of all rows."
        )
    left, right = st.columns(2, gap="medium")
    bars, edges = residual_bars(residuals, weights)

    def of_bar(_trace: int, point: int) -> tuple[np.ndarray, str]:
        low, high = edges[int(point)], edges[int(point) + 1]
        return numbers[bar_rows(residuals, edges, int(point))], f"error {number(low, unit)} to {number(high, unit)}"

    with left:
        drawn = residual_distribution(bars, edges, asked.target, unit, weights is not None)
        figure(
            drawn,
            key="errors-bars",
            says="Distribution of the errors",
            run=asked.experiment.name,
            picked=rows_picked(asked, name, of_bar),
        )
    tenths = error_by_tenth(of.y_true, of.y_pred, weights)
    ranges = [
        actual_range(begin, end, of.y_true, unit) for begin, end in zip(tenths["from"], tenths["to"], strict=True)
    ]

    def of_tenth(_trace: int, point: int) -> tuple[np.ndarray, str]:
        there = quantile_groups(of.y_true, 10) == int(point)
        return numbers[there], f"actual {asked.target} {ranges[int(point)]}"

    with right:
        drawn = error_by_tenth_bars(tenths, asked.target, unit, ranges)
        figure(
            drawn,
            key="errors-tenths",
            says="Error by tenth",
            run=asked.experiment.name,
            picked=rows_picked(asked, name, of_tenth),
        )
    picked_row_list(asked, name, does="Click a point or a bar to list its rows.")


def _columns(part: EvaluatedPart, target: str) -> dict[str, pd.Series]:
    """What the errors can be drawn against, by name."""
    of = part.targets[target]
    own = {f"predicted {target}": pd.Series(of.y_pred), f"actual {target}": pd.Series(of.y_true)}
    features = part.features.reset_index(drop=True)
    return own | {f"{name} (feature)" if name in own else name: features[name] for name in features}


def _as_numbers(values: pd.Series) -> np.ndarray | None:
    """Numbers, or days since 1970-01-01; NaN where a cell is missing. None for words."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return ((values - pd.Timestamp(0)) / pd.Timedelta(days=1)).to_numpy("float64")
    return values.to_numpy("float64") if pd.api.types.is_numeric_dtype(values) else None


def _in_words(asked: Asked, part: EvaluatedPart, unit: str) -> str:
    """The summary of the errors in sentences."""
    of = part.targets[asked.target]
    summary = error_summary(of.y_true, of.y_pred, part.weights)
    counted = " Rows count by their weights." if part.weights is not None else ""
    if not np.isfinite(summary.mean_absolute_error):
        return "These rows have no weight."
    explained = f"R² is {summary.r2:.3f}. " if np.isfinite(summary.r2) else ""
    side = "high" if summary.mean_error > 0 else "low"
    return (
        f"{explained}Half of the errors are at most {number(summary.half_within, unit)}, nine of ten at most "
        f"{number(summary.nine_tenths_within, unit)}. On average predictions are "
        f"{number(abs(summary.mean_error), unit)} too {side}.{counted}"
    )
