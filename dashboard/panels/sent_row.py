"""A row of the table that is sent from the Result page to the form of the Predict page."""

from typing import Any

import pandas as pd
import streamlit as st

from core.tables.number_text import NumberText
from dashboard.navigation import predict_page
from dashboard.panels.feature_table import fields_and_listed, put_cells

_SENT = "ld.sent-row"


def send_to_predict(run_id: str, row: dict[str, Any]) -> None:
    """Goes to the Predict page, whose form then holds the row: feature -> value, as evaluated rows have them."""
    st.session_state[_SENT] = (run_id, row)
    st.switch_page(predict_page())


def fill_form(run_id: str, card: dict[str, Any]) -> None:
    """Puts the row that was sent into the form's fields, before they are drawn; cells that are missing stay so."""
    sent_to, row = st.session_state.get(_SENT, ("", {}))
    if sent_to != run_id:
        return
    del st.session_state[_SENT]
    missing = []
    fields, in_table = fields_and_listed(card["features"])
    if in_table:
        put_cells(run_id, in_table, row, card.get("numbers", {}))
    for feature in fields:
        name = feature["name"]
        value, key = row.get(name), f"ask-{run_id}-{name}"
        if value is None or pd.isna(value) or value == "":
            missing.append(name)
        elif "words" in feature or feature["kind"] == "text":
            st.session_state[key] = str(value)
        elif feature["kind"] == "date":
            moment = pd.Timestamp(value).to_pydatetime()
            st.session_state[key] = moment.replace(second=0, microsecond=0) if feature.get("timed") else moment.date()
        elif feature["kind"] == "boolean":
            st.session_state[key] = float(value) > 0.5
        else:
            _fill_amount(key, feature, float(value), NumberText.of(card.get("numbers", {}), name))
    st.session_state[f"missing-{run_id}"] = missing


def _fill_amount(key: str, feature: dict[str, Any], value: float, form: NumberText) -> None:
    """Moves slider and box of a number, under new keys: see `_amount` of the Predict page."""
    low, high = feature["low"], feature["high"]
    cast = int if feature["whole"] and max(abs(low), abs(high)) < 2**53 else float
    before = st.session_state.get(f"{key}-amount", {"sliders": 0, "boxes": 0})
    st.session_state[f"{key}-amount"] = {
        "number": cast(min(high, max(low, value))),
        "text": form.written(cast(value) if value == cast(value) else value),
        "sliders": before["sliders"] + 1,
        "boxes": before["boxes"] + 1,
    }
