"""Which class is taken for which, and how well each is told: a section of the Result page."""

from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.confusion_matrix import confusion_counts, most_frequent_mistakes
from dashboard.components.figure import figure
from dashboard.figures.scores import confusion
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.evaluated_part import chosen_part, of_a_sample
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.text import count

_COUNTS, _SHARES = "rows", "share of the actual class"
_WHOLE = 20  # Rows of the table of classes that are drawn without a scroll bar.


def class_confusions(asked: Asked) -> None:
    """Draws the confusion matrix and the table of precision, recall and F1 of each class."""
    name, part = chosen_part(asked)
    of = part.targets[asked.target]
    table: pd.DataFrame = asked.answer("classes", target=asked.target, part=name)
    counts = confusion_counts(of)
    right = int(np.trace(counts))
    counted = " The table counts rows by their weights; the matrix does not." if part.weights is not None else ""
    st.caption(
        f"{right:,} of {count(len(of.y_true), f'{name} row')} are predicted correctly.{counted}{of_a_sample(part)}"
    )
    cells = st.segmented_control(
        "Cells", [_COUNTS, _SHARES], default=_COUNTS, required=True, key="confusion-cells", label_visibility="collapsed"
    )

    def of_cell(_trace: int, point: Any) -> tuple[np.ndarray, str]:
        actual, predicted = (int(at) for at in point)
        there = (of.y_true == actual) & (of.y_class == predicted)
        return np.flatnonzero(there), f"actual {of.classes[actual]}, predicted {of.classes[predicted]}"

    dark = st.context.theme.type == "dark"
    drawn = confusion(counts.tolist(), list(of.classes), dark=dark, shares=cells == _SHARES)
    drawn.update_layout(title=f"Confusion matrix, {name} rows")
    picked = rows_picked(asked, name, of_cell)
    wide = len(of.classes) > 12
    left, right_side = (st.container(), st.container()) if wide else st.columns([1, 1], gap="medium")
    with left:
        figure(drawn, key="classes-matrix", says="Confusion matrix", run=asked.experiment.name, picked=picked)
    with right_side:
        _class_table(table)
        mistakes = most_frequent_mistakes(counts, of.classes)
        if len(of.classes) > 2 and len(mistakes):
            st.markdown("**Most frequent mistakes**")
            shares = {_SHARES: st.column_config.NumberColumn(format="%.1f%%")}
            mistakes = mistakes.assign(**{_SHARES: 100 * mistakes[_SHARES]})
            st.dataframe(mistakes, hide_index=True, placeholder="-", column_config=shares)
    picked_row_list(asked, name, does="Click a cell to list its rows.")


def _class_table(table: pd.DataFrame) -> None:
    shares = ["precision", "recall", "F1"]
    config = {name: st.column_config.NumberColumn(format="%.1f%%") for name in shares}
    table = table.assign(**{name: 100 * table[name] for name in shares})
    config["rows"] = st.column_config.NumberColumn("support", help="How many of the rows are of the class.")
    # The means stand in its last rows: as long as it is short, they are seen.
    height: Literal["content", "auto"] = "content" if len(table) <= _WHOLE else "auto"
    st.dataframe(table, hide_index=True, placeholder="-", column_config=config, height=height)
