"""The test or validation rows with what was predicted for them, the worst first: a section of the Result page."""

import streamlit as st

from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.evaluated_part import chosen_part, of_a_sample, row_list
from dashboard.text import count


def evaluated_row_list(asked: Asked) -> None:
    """Draws the rows of a part, most wrong first; a click on a column's name sorts them otherwise."""
    part, of_part = chosen_part(asked)
    st.caption(f"{count(len(of_part.positions), f'{part} row')}, the largest errors first.{of_a_sample(of_part)}")
    row_list(asked, of_part, "row-list")
