"""Which rows a section of the Result page is drawn of: those of the test part, or of the validation part."""

import streamlit as st

from core.evaluation.evaluated_rows import EvaluatedPart
from dashboard.panels.asked_evaluation import Asked


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
