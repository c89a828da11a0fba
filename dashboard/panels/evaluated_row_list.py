"""The test or validation rows with what was predicted for them, the worst first: a section of the Result page."""

import streamlit as st

from core.evaluation.row_table import row_table
from dashboard.panels.asked_evaluation import Asked
from dashboard.text import count


def evaluated_row_list(asked: Asked) -> None:
    """Draws the rows of a part, most wrong first; a click on a column's name sorts them otherwise."""
    parts = asked.rows().parts
    names = [name for name in ("test", "validation") if name in parts]
    part = st.segmented_control(
        "Rows of", names, default=names[0], required=True, key="rows-of", label_visibility="collapsed"
    )
    of_part = parts[part or names[0]]
    told = row_table(of_part, of_part.targets[asked.target])
    sample = f" They are a random sample of {of_part.rows:,}." if of_part.sampled else ""
    st.caption(f"{count(len(told), f'{part} row')}, the largest errors first.{sample}")
    st.dataframe(told, hide_index=True, height=360)
