"""How sure a prediction is: its interval or set of classes at a chosen level, and what was measured on test rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.conformal import LARGEST_LEVEL, LEAST_LEVEL, USUAL_LEVEL, Coverage
from core.evaluation.interval_columns import interval_columns, outputs_in
from core.experiment.spec import Experiment
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import units_of
from dashboard.text import escape, number

_LEVEL = "interval-level"
_MOST_CLASSES = 12  # Of a set that are named.


def prediction_intervals(
    run_id: str,
    experiment: Experiment,
    card: dict[str, Any],
    predicted: pd.DataFrame,
    below: Mapping[str, Any],
    seeds: Sequence[str] = (),
) -> None:
    """Draws the slider of the level, and below each prediction of a row its interval or set; `below` are the places,
    target -> container. With `seeds` the predictions are the mean of these runs.
    """
    found = coverage_of(run_id, experiment, card, seeds)
    if found is None:
        return
    level = interval_level()
    units = units_of(experiment)
    for target in card["targets"]:
        name = target["target"]
        with below[name]:
            try:
                said = interval_sentence(
                    predicted, target, found[name], level, units.get(name, ""), len(card["targets"]) > 1
                )
            except LookupError as error:
                st.caption(escape(str(error)))
                continue
            st.markdown(said)
            what, actual = ("sets", "class") if target["classes"] else ("intervals", "value")
            st.caption(f"Such {what} contain the actual {actual} for {found[name].held(level)}.")


def with_interval_columns(
    run_id: str, experiment: Experiment, card: dict[str, Any], seeds: Sequence[str], predictions: pd.DataFrame
) -> pd.DataFrame:
    """Draws the slider of the level, and gives predictions with their intervals or sets before the note; without them
    where it has said why there are none.
    """
    found = coverage_of(run_id, experiment, card, seeds)
    if found is None:
        return predictions
    level = interval_level()
    try:
        columns = interval_columns(predictions, card["targets"], found, level)
    except LookupError as error:
        st.caption(escape(str(error)))
        return predictions
    st.caption(" ".join(escape(one.sentence(level)) for one in found.values()))
    return pd.concat([predictions.drop(columns="note"), columns, predictions[["note"]]], axis=1)


def coverage_of(
    run_id: str, experiment: Experiment, card: dict[str, Any], seeds: Sequence[str] = ()
) -> dict[str, Coverage] | None:
    """Target -> the intervals or sets of the run's model, or of the mean of the models of some runs; None where it has
    said why there are none.
    """
    try:
        asked = Asked.of_model(run_id, experiment, card, seeds)
        with st.spinner("Computing intervals", show_time=False):
            return asked.answer("coverage")
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(f"No intervals. {escape(str(error))}")
    return None


def interval_level() -> float:
    """Draws the slider of the level, and gives it: the share of rows whose true value is to be in the interval."""

    def keep() -> None:
        st.session_state[_LEVEL] = st.session_state[f"{_LEVEL}-slider"]

    level = st.slider(
        "Confidence level",
        round(100 * LEAST_LEVEL),
        round(100 * LARGEST_LEVEL),
        st.session_state.get(_LEVEL, round(100 * USUAL_LEVEL)),
        format="%d%%",
        key=f"{_LEVEL}-slider",
        on_change=keep,
        help="The share of rows whose true value lies in the interval, or whose class is in the set. Computed from the "
        "errors on validation rows (split conformal prediction).",
    )
    return level / 100


def interval_sentence(
    predictions: pd.DataFrame, target: dict[str, Any], coverage: Coverage, level: float, unit: str, several: bool
) -> str:
    """Markdown: the interval or set of one prediction of a target. Raises LookupError with a sentence."""
    conformal = coverage.conformal
    conformal.require(level)
    outputs = outputs_in(predictions, target, several)
    if not conformal.classes:
        low, high = conformal.bounds(outputs, level)[0]
        ends = [escape(number(end, unit, target.get("low"), target.get("high"))) for end in (low, high)]
        return f"{level:.0%} interval: **{ends[0]}** to **{ends[1]}**"
    inside = [label for label, there in zip(conformal.classes, conformal.sets(outputs, level)[0], strict=True) if there]
    named = ", ".join(f"**{escape(label)}**" for label in inside[:_MOST_CLASSES])
    more = f" and {len(inside) - _MOST_CLASSES} more" if len(inside) > _MOST_CLASSES else ""
    return f"{level:.0%} set: {named}{more}"
