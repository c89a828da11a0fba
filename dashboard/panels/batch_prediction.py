"""Predictions of a whole table: a part of the Predict page."""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.file_names import file_name
from core.experiment.reading import TableReading
from core.tables.drift import drift
from core.tables.errors import TableError
from core.tables.formats import ENDINGS
from core.tables.layout_notes import left_out
from core.tables.prediction_columns import rounded_predictions, with_predictions
from core.tables.prediction_rows import prediction_rows_of_file, table_as_read
from core.tables.table_file import table_file
from dashboard.panels.contribution_waterfall import contributions_beside
from dashboard.services import reader
from dashboard.session import uploads
from dashboard.text import MISSING, count, escape

log = logging.getLogger(__name__)
_MOST_COLUMNS = 20  # Of those that differ from the training rows.
Ask = Callable[[str, pd.DataFrame], pd.DataFrame | None]


def batch_prediction(
    run_id: str,
    name: str,
    card: dict[str, Any],
    ask: Ask,
    beside: Callable[[pd.DataFrame], pd.DataFrame] = lambda one: one,
    seeds: Sequence[str] = (),
    units: Mapping[str, str] = {},
) -> None:
    """Draws the upload of rows, how they differ from the training rows, and their predictions.

    Args:
        name: The run's.
        ask: Gives the predictions of rows, or None where it has said why there are none.
        beside: Adds columns to them.
        seeds: The runs whose mean the predictions are; () where they are those of the run.
        units: Of the targets.
    """
    names = [feature["name"] for feature in card["features"]]
    wanted = ", ".join(names[:20]) + (" and more" if len(names) > 20 else "")
    st.markdown(f"Upload rows with the columns {escape(wanted)}, and download them with predictions.")
    key = f"many-{run_id}"
    reader().prepare()
    upload = st.file_uploader(
        "Rows to predict",
        type=[ending.removeprefix(".") for ending in ENDINGS],
        key=key,
        on_change=uploads.stop,
        args=(key,),
    )
    if upload is None:
        return
    reading = uploads.current(key)
    if reading is None:
        process, decided = reader(), TableReading.model_validate(card.get("reading", {}))
        reading = uploads.begin(
            key, upload.name, lambda abandoned: process.rows(upload.name, upload.getvalue(), abandoned, decided)
        )
    if not reading.wait(uploads.AT_ONCE):
        uploads.progress(key)
        return
    try:
        frame, info = reading.outcome()
        rows, notes = prediction_rows_of_file(frame, info, upload.getvalue(), card)
    except TableError as error:
        st.warning(escape(str(error)))
        return
    except OSError as error:
        st.warning(f"The table could not be read ({error.strerror}). Free some space in the workspace.")
        return
    for note in (*left_out(info), *notes):
        st.info(escape(note))
    _differences(rows, card)
    with st.spinner("Predicting"):
        predictions = ask(run_id, rows)
    if predictions is None:
        return
    predictions = contributions_beside(run_id, rows, predictions, seeds)
    frame = table_as_read(frame, rows, info, upload.getvalue(), card)
    joined = with_predictions(frame, rounded_predictions(beside(predictions), card.get("targets", []), units))
    if says := notes_sentence(predictions["note"]):
        st.caption(says)
    # In sight beside whatever the file holds before them.
    pinned = {name: st.column_config.Column(pinned=True) for name in joined if str(name).startswith("predicted ")}
    st.dataframe(joined.head(1000), hide_index=True, height=320, placeholder=MISSING, column_config=pinned)
    # As the training table writes its numbers, where the file does not say how.
    file = table_file(joined, upload.name, {"decimal": card.get("numbers", {}).get("decimal", "."), **info.options})
    st.download_button(
        f"Download with predictions ({file.format})",
        file.write,
        file_name(name, "predictions", file.ending.removeprefix(".")),
        file.media_type,
        key="take-predictions",
        on_click="ignore",
    )


def notes_sentence(notes: "pd.Series[str]") -> str:
    """That some rows have a note; "" where none has."""
    noted = int((notes.fillna("") != "").sum())
    if not noted:
        return ""
    has = f"{noted:,} of {count(len(notes), 'row')} {'has' if noted == 1 else 'have'}"
    what = "cells that are missing, cannot be read or are unlike the training rows"
    return f"{has} a note in the column of that name: {what}."


def _differences(rows: pd.DataFrame, card: dict[str, Any]) -> None:
    """Draws how the columns of the rows differ from the training rows, before anyone looks at the predictions."""
    try:
        found = drift(rows, card)
    except Exception:  # Whatever a table holds, its predictions are worth more than this.
        log.exception("rows could not be compared with the training rows")
        return
    if not found:
        return
    much = sum(one.much for one in found)
    differ = f"{count(len(found), 'column')} {'differs' if len(found) == 1 else 'differ'} from the training rows"
    with (
        st.expander(f"{differ}{f', {much:,} strongly' if much else ''}", expanded=much > 0),
        st.container(key="tight-drift"),
    ):
        for one in found[:_MOST_COLUMNS]:
            st.markdown(f"{':orange[:material/warning:]' if one.much else ':gray[:material/info:]'} {escape(one.says)}")
        if len(found) > _MOST_COLUMNS:
            st.caption(f"{count(len(found) - _MOST_COLUMNS, 'more column')}.")
