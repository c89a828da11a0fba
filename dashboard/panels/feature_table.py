"""The features of a wide table in the form of the Predict page: a few have fields, all others stand in a table whose
cells are typed, since a page of hundreds of fields would hardly move.

fields, listed = fields_and_listed(card["features"])
wrong = feature_table(run_id, listed, missing, row, numbers)     puts values into the row
put_cells(run_id, listed, values, numbers)                       puts a row of the table into it, before it is drawn
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import streamlit as st

from core.tables.cell_values import cell_booleans
from core.tables.dates import moment_text
from core.tables.number_text import NumberText
from dashboard.text import MISSING, amount, count, escape

MOST_FIELDS, FIELDS_OF_MANY = 60, 24
_MOST_NAMED = 5  # Categories of a feature, and cells that cannot be read.
Feature = dict[str, Any]


def fields_and_listed(features: Sequence[Feature]) -> tuple[list[Feature], list[Feature]]:
    """The features that have fields, and those that stand in the table: of up to 60 all have fields, of more the first
    24 whose training values differ, and those that are constant stand last in the table.
    """
    if len(features) <= MOST_FIELDS:
        return list(features), []
    varied = [feature for feature in features if not _constant(feature)]
    shown = {feature["name"] for feature in (varied or features)[:FIELDS_OF_MANY]}
    fields = [feature for feature in features if feature["name"] in shown]
    return fields, sorted((feature for feature in features if feature["name"] not in shown), key=_constant)


def _constant(feature: Feature) -> bool:
    return len(feature["words"]) < 2 if "words" in feature else "low" in feature and feature["low"] == feature["high"]


def feature_table(
    run_id: str, features: Sequence[Feature], missing: Sequence[str], row: dict[str, Any], numbers: Mapping[str, Any]
) -> list[str]:
    """Draws a line for each feature with its value, and puts the values into the row, None where a cell is empty or the
    feature is one of `missing`; gives the features whose cells cannot be read, and says why.
    """
    kept = _kept(run_id)
    key = f"feature-table-{run_id}-{kept['version']}"
    if key not in st.session_state:  # The editor is drawn for the first time, and changes what it finds from now on.
        kept["found"] = dict(kept["cells"])
    forms = [NumberText.of(dict(numbers), feature["name"]) for feature in features]
    usual = [typed_text(feature, feature["usual"], form) for feature, form in zip(features, forms, strict=True)]
    names = [feature["name"] for feature in features]
    frame = pd.DataFrame(
        {
            "feature": names,
            "value": [kept["found"].get(name, text) for name, text in zip(names, usual, strict=True)],
            "training rows": [_range(feature, form) for feature, form in zip(features, forms, strict=True)],
        }
    )
    st.caption(f"{count(len(features), 'more feature')}: an empty cell means missing.")
    typed = st.data_editor(
        frame,
        key=key,
        hide_index=True,
        height=320,
        placeholder=MISSING,
        disabled=["feature", "training rows"],
        width="stretch",
    )
    kept["cells"] = dict(zip(names, typed["value"], strict=True))
    wrong: dict[str, str] = {}
    for feature, form, text in zip(features, forms, typed["value"], strict=True):
        name = feature["name"]
        row[name] = None
        try:
            row[name] = None if name in missing else value_of(feature, text, form)
        except ValueError as error:
            wrong[name] = str(error)
    for name, says in list(wrong.items())[:_MOST_NAMED]:
        st.caption(f":red[{escape(f'{name}: {says}')}]")
    return list(wrong)


def put_cells(run_id: str, features: Sequence[Feature], values: Mapping[str, Any], numbers: Mapping[str, Any]) -> None:
    """Puts values of features, None where they are missing, into their cells."""
    kept = _kept(run_id)
    for feature in features:
        form = NumberText.of(dict(numbers), feature["name"])
        kept["cells"][feature["name"]] = typed_text(feature, values.get(feature["name"]), form)
    kept["version"] += 1


def _kept(run_id: str) -> dict[str, Any]:
    """The cells as they are, and as the editor that is drawn found them; its version."""
    return st.session_state.setdefault(f"feature-cells-{run_id}", {"cells": {}, "found": {}, "version": 0})


def typed_text(feature: Feature, value: Any, form: NumberText) -> str:
    """A value of a feature as it is typed; "" where it is missing. A date is a moment, or days since 1970-01-01."""
    if value is None or value == "" or pd.isna(value):
        return ""
    if "words" in feature or feature["kind"] == "text":
        return str(value)
    if feature["kind"] == "date":
        return moment_text(value) if isinstance(value, float | int) else str(pd.Timestamp(value))
    return ("true" if value > 0.5 else "false") if feature["kind"] == "boolean" else form.written(float(value))


def value_of(feature: Feature, text: Any, form: NumberText) -> Any:
    """What a cell says of a feature, as its field would; None where it is empty. Raises ValueError, a sentence."""
    typed = "" if text is None else str(text).strip()
    if not typed:
        return None
    if "words" in feature or feature["kind"] == "text":
        return typed
    if feature["kind"] == "date":
        try:
            return datetime.fromisoformat(typed).isoformat()
        except ValueError:
            raise ValueError(f"{typed[:40]!r} is not a date. Type a date like 2024-05-31.") from None
    if feature["kind"] == "boolean":
        (said,) = cell_booleans([typed], {})
        if said is None:
            raise ValueError(f"{typed[:40]!r} is neither true nor false.")
        return float(said)
    return form.number(typed)


def _range(feature: Feature, form: NumberText) -> str:
    """Which values the training rows have."""
    if "words" in feature:
        more = len(feature["words"]) - _MOST_NAMED
        return ", ".join(feature["words"][:_MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")
    if "low" not in feature or feature["kind"] == "boolean":
        return "true, false" if feature["kind"] == "boolean" else ""
    low, high = feature["low"], feature["high"]
    if feature["kind"] == "date":
        return f"{moment_text(low)} to {moment_text(high)}"
    if low == high:
        return f"constant: {form.written(low)}"
    return f"{amount(low, low, high)} to {amount(high, low, high)}"
