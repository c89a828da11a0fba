"""Which rows a section of the Result page is drawn of: those of the test part, or of the validation part."""

import numpy as np
import streamlit as st

from core.evaluation.evaluated_rows import EvaluatedPart
from core.evaluation.row_table import ROW, row_table
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import with_days
from dashboard.panels.sent_row import send_to_predict
from dashboard.text import MISSING

_MOST_CELLS, _LEAST_LISTED = 500_000, 100  # Of a list of rows; a browser with ten times as many stands still.


def chosen_part(asked: Asked) -> tuple[str, EvaluatedPart]:
    """Draws the choice of the part and gives its name and its rows. Raises as `Asked.rows` does."""
    parts = asked.rows().parts
    names = [name for name in ("test", "validation") if name in parts]
    part = st.segmented_control(
        "Rows of", names, default=names[0], required=True, key="rows-of", label_visibility="collapsed"
    )
    return part or names[0], parts[part or names[0]]


def of_a_sample(part: EvaluatedPart) -> str:
    """A sentence with a blank before it, where the rows are a sample; else ""."""
    return f" They are a random sample of {part.rows:,}." if part.sampled else ""


def row_list(asked: Asked, part: EvaluatedPart, key: str) -> None:
    """Draws rows, the most wrong first; one that is chosen can be sent to the form of the Predict page."""
    told = row_table(part, part.targets[asked.target])
    most = max(_LEAST_LISTED, _MOST_CELLS // len(told.columns))
    if len(told) > most:
        st.caption(f"The first {most:,} rows are listed: a table of {len(told.columns):,} columns takes long to draw.")
        told = told.head(most)
    height = min(360, 38 + 36 * max(1, len(told)))
    event = st.dataframe(
        with_days(told),
        hide_index=True,
        placeholder=MISSING,
        height=height,
        key=key,
        on_select="rerun",
        selection_mode="single-row",
    )
    chosen = [at for at in event.selection.rows if at < len(told)]
    row: dict[str, object] = {}
    if chosen:
        at = int(np.flatnonzero(part.positions == told[ROW].iloc[chosen[0]] - 1)[0])
        row = part.features.iloc[at].to_dict()
    st.button(
        "Send to Predict",
        key=f"{key}-send",
        icon=":material/input:",
        help="Select a row with the box before it. The form of the Predict page is then filled with its cells.",
        on_click=send_to_predict,
        args=(asked.run_id, row),
        disabled=not chosen,
    )
