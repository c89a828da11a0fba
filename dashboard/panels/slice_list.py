"""For which rows a run predicts worst: by value or range of each column; a section of the Result page."""

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.residuals import weighted_mean
from core.evaluation.slice_values import LEAST_ROWS, Slice, column_slices
from core.experiment.counts import counted
from dashboard.components.figure import figure
from dashboard.figures.slice_figures import slices_figure
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.panels.evaluated_part import chosen_part, of_a_sample
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.text import count, escape, number

_MOST_DRAWN = 20
_MOST_LISTED = 500


def slice_list(asked: Asked) -> None:
    """Draws the slices of the test or validation rows, those with the largest error first."""
    name, part = chosen_part(asked)
    of, unit = part.targets[asked.target], units_of(asked.experiment).get(asked.target, "")
    found: list[Slice] = asked.answer("slices", target=asked.target, part=name)
    if not found:
        st.info("There are no rows with a finite prediction and a weight.")
        return
    share = of.task != "regression"
    worse = [one for one in found if one.worse]
    compared = [one for one in found if not np.isnan(one.p)]
    score = "share of wrong predictions" if share else "mean absolute error"
    weighted = " Rows count by their weights." if part.weights is not None else ""
    grouped = " Rows of a group count together, as the split keeps them." if part.groups is not None else ""
    score_of = f"Score: {score}; the dotted line is that of all rows."
    sentence = f"{slices_sentence(len(worse), len(compared))} {score_of}{weighted}{grouped}"
    st.caption(escape(sentence) + of_a_sample(part))
    errors = (of.y_class != of.y_true).astype("float64") if share else np.abs(of.y_pred - of.y_true)
    usable = np.isfinite(errors)
    overall = weighted_mean(errors[usable], None if part.weights is None else part.weights[usable])
    drawn = (compared or found)[:_MOST_DRAWN]  # The error of two rows says little.

    def of_slice(_trace: int, point: int) -> tuple[np.ndarray, str]:
        chosen = drawn[int(point)]
        there = dict(column_slices(part.features[chosen.column], part.clocks.get(chosen.column)))[chosen.value]
        return np.flatnonzero(there), f"{chosen.column}: {chosen.value}"

    title = f"{score.capitalize()}, the worst {count(len(drawn), 'slice')}"
    if compared:
        title += f" of {LEAST_ROWS} rows or more"
    shown = slices_figure(drawn, title, unit, share, overall)
    figure(shown, key="slices-figure", says=title, run=asked.experiment.name, picked=rows_picked(asked, name, of_slice))
    picked_row_list(asked, name, does="Click a point to list the rows of its slice.")
    small = [one for one in found if np.isnan(one.p)]
    st.dataframe(_table([*compared, *small][:_MOST_LISTED], unit, share), hide_index=True, placeholder="-")


def slices_sentence(worse: int, compared: int) -> str:
    """How many of the slices that were compared are worse than the other rows, in words."""
    if not compared:
        return f"No slice is compared with the other rows: {LEAST_ROWS} rows are needed in both."
    if compared == 1:
        first = f"The only slice of {LEAST_ROWS} rows or more is {'' if worse else 'not '}worse"
    elif not worse:
        first = f"None of the {compared:,} slices of {LEAST_ROWS} rows or more is worse"
    else:
        first = f"{worse:,} of the {compared:,} slices of {LEAST_ROWS} rows or more {counted(worse, 'is', 'are')} worse"
    together = "" if compared == 1 else " for all slices together (Holm's correction)"
    return f"{first} than the other rows by more than chance explains, at the 5% level{together}."


def _table(slices: list[Slice], unit: str, share: bool) -> pd.DataFrame:
    def said(value: float) -> str:
        return "none" if np.isnan(value) else f"{value:.1%}" if share else number(value, unit)

    return pd.DataFrame(
        [
            {
                "column": one.column,
                "value": one.value,
                "rows": one.rows,
                "error": said(one.error),
                "95% interval": f"{said(one.low)} to {said(one.high)}",
                "other rows": said(one.rest),
                "p (Holm)": "too few rows" if np.isnan(one.p) else f"{one.p:.3g}",
                "more than chance": "worse" if one.worse else "no",
            }
            for one in slices
        ]
    )
