"""Why a row is predicted as it is, as a waterfall, and contributions beside a batch; parts of the Predict page."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from core.tables.number_text import NumberText, clock_forms
from dashboard.components.figure import figure
from dashboard.figures.feature_figures import waterfall
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, units_of
from dashboard.services import engine
from dashboard.text import amount, count, number, output_words

_MOST_ROWS = 1_000


def contribution_waterfalls(
    run_id: str, experiment: Experiment, card: dict[str, Any], row: dict[str, Any], seeds: Sequence[str] = ()
) -> None:
    """Draws what each feature of a row, feature -> cell, adds to its prediction for each target, by the run or by the
    mean of seeds.
    """
    st.subheader("Contributions")
    try:
        asked = Asked.of_model(run_id, experiment, card, seeds)
        with st.spinner("Computing contributions", show_time=False):
            found = asked.answer("contributions", row=row)
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(f"No contributions. {escape(str(error))}")
        return
    forms = clock_forms(card.get("numbers", {}))
    labels = {
        feature["name"]: f"{feature['name']} = {field_text(feature, row[feature['name']], forms.get(feature['name']))}"
        for feature in card["features"]
    }
    for at, target in enumerate(card["targets"]):
        of = found[target["target"]]
        unit = units_of(experiment).get(target["target"], "") if of["class"] is None else ""
        what = output_words(target, of["class"])
        share, bars = of["class"] is not None and not target.get("margin"), of["features"].items()
        drawn = waterfall([(labels[name], value) for name, value in bars], of["base"], what, unit, share)
        figure(drawn, key=f"waterfall-{at}", says=f"Contributions of the features to the {what}", run=experiment.name)
        st.caption(escape(contribution_sentence(of, what, unit, share)))


def contribution_sentence(of: dict[str, Any], what: str, unit: str, share: bool = False) -> str:
    """What the bars add up to, and how they were computed; of probabilities in percent."""
    base, prediction = (f"{of[end]:.1%}" if share else number(of[end], unit) for end in ("base", "prediction"))
    points = f"{100 * of['error']:.2g} points" if share else number(of["error"], unit)
    error = f"sampled, standard error at most {points}" if of["error"] else "exact"
    mean = f"the mean of {count(of['background'], 'training row')}"
    return f"The bars lead from {base}, {mean}, to the {what}, {prediction}. Shapley values, {error}."


def field_text(feature: dict[str, Any], value: Any, clock: NumberText | None = None) -> str:
    """A field's value as it stands beside its feature's name, in at most 24 letters; a time as `clock` writes it."""
    if value is None:
        return "missing"
    if feature["kind"] == "boolean":
        return "true" if value else "false"
    if feature["kind"] == "date":  # "2024-03-03T23:30:00"
        return str(value).replace("T", " ").removesuffix(" 00:00:00").removesuffix(":00")
    if clock and isinstance(value, float | int):
        return clock.written(float(value))
    text = amount(value, feature.get("low"), feature.get("high")) if isinstance(value, float | int) else str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


def contributions_beside(
    run_id: str, rows: pd.DataFrame, predictions: pd.DataFrame, seeds: Sequence[str] = ()
) -> pd.DataFrame:
    """Draws the choice to explain a batch, and gives the predictions with contributions before the note where that is
    chosen and possible; with `seeds` the predictions are the mean of these runs.
    """
    many = len(rows) > _MOST_ROWS
    chosen = st.toggle(
        "Contributions of the features",
        key="explain-batch",
        disabled=many,
        help=f"Adds a base value and a column for each feature; for up to {_MOST_ROWS:,} rows here, for more with "
        "`python -m core predict RUN ROWS --explain`.",
    )
    if many or not chosen:
        return predictions
    try:
        with st.spinner("Computing contributions"):
            columns, said = engine().explain(run_id, rows, seeds)
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(f"No contributions. {escape(str(error))}")
        return predictions
    st.caption(" ".join(escape(line) for line in said))
    return pd.concat([predictions.drop(columns="note"), columns, predictions[["note"]]], axis=1)
