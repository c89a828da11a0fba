"""The test or validation rows with what was predicted for them, the worst first: a section of the Result page."""

import streamlit as st

from core.evaluation.row_table import row_table
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.evaluated_part import chosen_part, of_a_sample
from dashboard.text import count


def evaluated_row_list(asked: Asked) -> None:
    """Draws the rows of a part, most wrong first; a click on a column's name sorts them otherwise."""
    part, of_part = chosen_part(asked)
    told = row_table(of_part, of_part.targets[asked.target])
    st.caption(f"{count(len(told), f'{part} row')}, the largest errors first.{of_a_sample(of_part)}")
    st.dataframe(told, hide_index=True, height=360)
