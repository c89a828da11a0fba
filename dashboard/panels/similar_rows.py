"""The training rows that are most like the row of the form, and how far it is from them; a part of the Predict page."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.neighbours import FAR
from core.experiment.spec import Experiment
from core.runs.similar_rows_section import Distance, SimilarRows
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import with_days
from dashboard.text import MISSING, count, escape, number


def similar_rows_of(
    run_id: str, experiment: Experiment, card: dict[str, Any], row: dict[str, Any], seeds: Sequence[str] = ()
) -> None:
    """Draws the distance of a row, feature -> cell, to the nearest training rows, and three of these. Where the mean of
    seeds predicts, the distance is that of the inputs alone.
    """
    st.subheader("Similar training rows")
    try:
        asked = Asked.of_model(run_id, experiment, card, seeds)
        with st.spinner("Comparing with training rows", show_time=False):
            found: SimilarRows = asked.answer("similar rows", row=row)
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(f"No comparison. {escape(str(error))}")
        return
    far = found.inputs.share_nearer >= FAR or (found.hidden is not None and found.hidden.share_nearer >= FAR)
    if far:
        st.warning("This row is far from all training rows: the prediction and its interval may not hold for it.")
    alone = " Each seed has a hidden layer of its own: they are not compared." if seeds else ""
    st.caption(f"{distance_sentence(found)}{alone}")
    st.dataframe(_readable(found.rows), hide_index=True, placeholder=MISSING)


def distance_sentence(found: SimilarRows) -> str:
    """How far the nearest training row is, in the inputs and in the last hidden layer."""

    def told(of: Distance, where: str) -> str:
        usual = f"farther than {of.share_nearer:.0%} of training rows are from their own nearest"
        return f"{number(of.distance)} in the {where} ({usual})"

    both = [told(found.inputs, "scaled inputs")]
    if found.hidden is not None:
        both.append(told(found.hidden, "outputs of the last hidden layer"))
    return f"Distance to the nearest of {count(found.compared, 'training row')}: {', '.join(both)}."


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    return with_days(rows.assign(distance=rows["distance"].round(3)))
