"""The Predict page: predictions of the run's model, of one row in a form or of an uploaded table."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.counts import enumerated
from core.experiment.digits import significant
from core.experiment.spec import Experiment
from core.tables.dates import moment_text
from core.tables.errors import TableError
from core.tables.number_text import NumberText
from core.tables.reading import listed
from dashboard.panels.batch_prediction import batch_prediction
from dashboard.panels.common import escape, say_for_now, shown_run, units_of
from dashboard.panels.contribution_waterfall import contribution_waterfalls
from dashboard.panels.counterfactual_list import counterfactual_list
from dashboard.panels.feature_table import feature_table, fields_and_listed
from dashboard.panels.prediction_interval import prediction_intervals, with_interval_columns
from dashboard.panels.seed_spread import choose_seeds, seed_spread
from dashboard.panels.sent_row import fill_form
from dashboard.panels.similar_rows import similar_rows_of
from dashboard.panels.what_if import what_if_curves_below, what_if_place
from dashboard.services import engine
from dashboard.session import pins
from dashboard.text import MISSING, count, number

_LONG, _CLASS = 24, 230  # Letters of a class, pixels of its column.
_UNITS = {"duration": " (seconds)"}  # In which a slider counts times that are written with colons.
_MOST_ON_SIGHT = 24


def view() -> None:
    """Draws the page."""
    found = shown_run()
    if found is None:
        return
    run_id, experiment = found
    try:
        with st.spinner("Loading the run", show_time=False):
            card = engine().store().card(run_id)
    except (LookupError, RuntimeError) as error:
        st.info(escape(_no_model(run_id, str(error))))
        return
    st.header(f"Predict {escape(enumerated([one['target'] for one in card['targets']]))}")
    st.caption(escape(f'Model of the run "{experiment.name}".'))
    seeds = choose_seeds(run_id)
    one, many = st.tabs(["One row", "Batch prediction"], key="predict-tabs", on_change="rerun")
    if one.open:
        with one:
            _form(run_id, experiment, card, seeds)
    if many.open:
        with many:
            ask = partial(_ask, seeds=seeds)
            beside = partial(with_interval_columns, run_id, experiment, card, seeds)
            batch_prediction(run_id, experiment.name, card, ask, beside, seeds, units_of(experiment))


def _no_model(run_id: str, why: str) -> str:
    """Why a run cannot predict: `why`, unless the run itself says more."""
    try:
        run = engine().find(run_id)
    except (LookupError, RuntimeError):
        return why
    if not run.over:
        return "This run has no model yet. Predictions are available when it has ended."
    return f"This run has no model, so it predicts nothing. {run.says}".strip() if run.state == "failed" else why


def _form(run_id: str, experiment: Experiment, card: dict[str, Any], seeds: Sequence[str]) -> None:
    left, right = st.columns([1.7, 1], gap="medium")
    row: dict[str, Any] = {}
    numbers = card.get("numbers", {})
    with left:
        features = card["features"]
        names = [feature["name"] for feature in features]
        fill_form(run_id, card)
        missing = st.session_state.get(f"missing-{run_id}", [])
        curves: dict[str, DeltaGenerator] = {}
        fields, in_table = fields_and_listed(features)
        wrong = _inputs(run_id, fields[:_MOST_ON_SIGHT], missing, row, numbers, curves)
        if in_table:
            wrong += feature_table(run_id, in_table, missing, row, numbers)
        elif len(fields) > _MOST_ON_SIGHT:
            rest = st.expander(count(len(fields) - _MOST_ON_SIGHT, "more feature"), key=f"rest-{run_id}")
            with rest:
                wrong += _inputs(run_id, fields[_MOST_ON_SIGHT:], missing, row, numbers, {})
        st.multiselect(
            "Missing values",
            names,
            key=f"missing-{run_id}",
            placeholder="none",
            help="These cells are left empty. Missing numbers are filled with the training median.",
        )
    with right, st.container(border=True, key="answer"):
        if wrong:
            st.info(escape(f"No prediction yet: {listed(wrong)} cannot be read."))
            return
        predicted = _ask(run_id, pd.DataFrame([row], columns=names), seeds)
        if predicted is None:
            return
        said = predicted.iloc[0]
        units = units_of(experiment)
        below = {}
        for target in card["targets"]:
            below[target["target"]] = _show(
                said,
                target,
                units.get(target["target"], ""),
                f" {target['target']}" if len(card["targets"]) > 1 else "",
            )
        if said["note"]:
            st.caption(f":orange[:material/info:] {escape(said['note'])}")
        st.button("Save prediction", key="keep", on_click=_keep, args=(run_id, row, said.to_dict()))
        prediction_intervals(run_id, experiment, card, predicted, below, seeds)
        seed_spread(run_id, pd.DataFrame([row], columns=names), card, below)
    with left:
        what_if_curves_below(run_id, experiment, card, row, curves, seeds)
    contribution_waterfalls(run_id, experiment, card, row, seeds)
    counterfactual_list(run_id, experiment, card, row, seeds)
    similar_rows_of(run_id, experiment, card, row, seeds)
    kept = pins.saved_predictions(run_id)
    if kept:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.subheader("Saved predictions")
            st.button("Clear", key="clear-kept", on_click=pins.keep_predictions, args=(run_id, []))
        st.dataframe(
            pd.DataFrame([_in_words(row, card["targets"], units) for row in kept]),
            hide_index=True,
            placeholder=MISSING,
        )


def _in_words(row: dict[str, Any], targets: list[dict[str, Any]], units: dict[str, str]) -> dict[str, Any]:
    """A saved prediction with its amounts as the page says them: 311093.0938 -> "$311,093"."""
    said = {
        name: number(float(row[name]), units.get(target["target"], ""), target.get("low"), target.get("high"))
        for target in targets
        if not target["classes"] and (name := f"predicted {target['target']}") in row
    }
    return {**row, **said}


def _inputs(
    run_id: str,
    features: list[dict[str, Any]],
    missing: list[str],
    row: dict[str, Any],
    numbers: dict[str, Any],
    curves: dict[str, DeltaGenerator],
) -> list[str]:
    """Draws a field for each feature and puts its value into the row, None where it is missing, and a place below it
    into the curves, unless it is free text; gives the features that cannot be read.
    """
    wrong, across = [], 2 if len(features) < 13 else 3
    columns: list[DeltaGenerator] = []
    for index, feature in enumerate(features):
        if index % across == 0:  # Row by row: on a phone, where columns stand below each other, in the table's order.
            columns = st.columns(across)
        with columns[index % across]:
            unknown = feature["name"] in missing
            try:
                value = _input(run_id, feature, unknown, NumberText.of(numbers, feature["name"]))
            except ValueError as error:
                value = None
                if not unknown:
                    wrong.append(feature["name"])
                    st.caption(f":red[{escape(str(error))}]")
            row[feature["name"]] = None if unknown else value
            if feature["kind"] != "text":  # Of which there is no curve.
                curves[feature["name"]] = what_if_place(run_id, feature["name"])
    return wrong


def _input(run_id: str, feature: dict[str, Any], disabled: bool, form: NumberText) -> Any:
    """Draws the field of a feature and gives its value. Raises ValueError, a sentence, for text that is no number."""
    name, key = feature["name"], f"ask-{run_id}-{feature['name']}"
    label = escape(name)
    if "words" in feature:
        words = feature["words"] or [""]
        usual = feature["usual"] if feature["usual"] in words else words[0]
        return st.selectbox(
            label,
            words,
            index=words.index(usual),
            key=key,
            disabled=disabled,
            accept_new_options=True,
            help="Type a new category to see how the model treats it.",
        )
    if feature["kind"] == "text":
        return st.text_area(label, feature["usual"], key=key, disabled=disabled) or None
    if feature["kind"] == "date":
        if feature.get("timed"):
            return _moment(feature, label, key, disabled)
        first, last, middle = (_day(feature[name]) for name in ("low", "high", "usual"))
        words = f"Training range: {first.isoformat()} to {last.isoformat()}."
        chosen = st.date_input(
            label, middle, min_value=date.min, max_value=date.max, key=key, disabled=disabled, help=words
        )
        return chosen.isoformat() if chosen else None
    if feature["kind"] == "boolean":
        return float(st.toggle(label, value=feature["usual"] > 0.5, key=key, disabled=disabled))
    return _amount(feature, f"{label}{_UNITS.get(form.clock, '')}", key, disabled, form)


def _moment(feature: dict[str, Any], label: str, key: str, disabled: bool) -> str | None:
    """Draws the field of a date with its time of day."""
    first, last = (moment_text(feature[name]) for name in ("low", "high"))
    usual = datetime.combine(_day(feature["usual"]), time()) + timedelta(minutes=round(feature["usual"] % 1 * 1440))
    chosen = st.datetime_input(
        label,
        usual,
        min_value=datetime.min,
        max_value=datetime.max,
        step=timedelta(minutes=1),
        key=key,
        disabled=disabled,
        help=f"Training range: {first} to {last}.",
    )
    return chosen.isoformat() if chosen else None


def _day(days: float) -> date:
    """A date from days since 1970-01-01; the calendar's first or last where it ends."""
    return date.fromordinal(int(min(date.max.toordinal(), max(1, days + date(1970, 1, 1).toordinal()))))


def _amount(feature: dict[str, Any], label: str, key: str, disabled: bool, form: NumberText) -> float | None:
    """A slider over the training range with a box beside it, for exact numbers and for those beyond the range; an empty
    box is missing.

    The box is one of text: a box of numbers makes 0 of "abc" and 12 of "12e3". Where one of the two is moved the other
    one is drawn anew, under a new key: a browser that has not heard of it yet sends the old number with whatever is
    changed next, which would count as a change. Raises ValueError, a sentence, for text that is no number.
    """
    whole = feature["whole"] and max(abs(feature["low"]), abs(feature["high"])) < 2**53
    cast = int if whole else float
    low, high, usual = (cast(feature[name]) for name in ("low", "high", "usual"))
    now = st.session_state.setdefault(
        f"{key}-amount", {"number": usual, "text": form.written(usual), "sliders": 0, "boxes": 0}
    )
    slide, box = f"{key}-slide-{now['sliders']}", f"{key}-box-{now['boxes']}"
    st.session_state.setdefault(box, now["text"])
    if low == high:
        return form.number(
            st.text_input(
                label, key=box, disabled=disabled, placeholder="missing", help="Constant in the training set."
            )
        )
    left, right = st.container(key=f"row-amount-{key}").columns([2.2, 1], vertical_alignment="bottom")

    daily = form.clock == "time" and low >= 0 and high < 24  # Hours since midnight: the slider shows times of day.

    def from_slider() -> None:
        moved = st.session_state[slide]
        chosen = moved.hour + moved.minute / 60 if isinstance(moved, time) else moved
        now.update(number=chosen, text=form.written(chosen), boxes=now["boxes"] + 1)

    def from_box() -> None:
        now["text"] = st.session_state[box]
        found = form.readings(now["text"])
        if len(found) == 1:
            now.update(number=cast(min(high, max(low, found[0]))), sliders=now["sliders"] + 1)

    st.session_state.setdefault(slide, _of_day(now["number"]) if daily else now["number"])
    digits = significant(low, high, 4 if form.clock else 6)  # Hours with more of them say nothing to a reader.
    step, shown = (1, None) if whole else ((high - low) / 200, f"%.{digits}g")
    changed: dict[str, Any] = {"key": slide, "disabled": disabled, "on_change": from_slider}
    if daily:
        minute = timedelta(minutes=1)
        left.slider(label, _of_day(low), _of_day(high), step=minute, format="HH:mm", **changed)
    else:
        left.slider(label, low, high, step=step, format=shown, **changed)
    named = f"{label}, exact value"
    text = right.text_input(
        named, key=box, disabled=disabled, on_change=from_box, label_visibility="collapsed", placeholder="missing"
    )
    return form.number(text)


def _of_day(hours: float) -> time:
    """Hours since midnight as a time of day, to the minute."""
    minutes = min(1439, max(0, round(60 * hours)))
    return time(minutes // 60, minutes % 60)


def _ask(run_id: str, frame: pd.DataFrame, seeds: Sequence[str] = ()) -> pd.DataFrame | None:
    """Predictions of the run's model, or the mean of those of some runs; None where it has said why there are none."""
    try:
        if seeds:
            return engine().predict_mean(run_id, seeds, frame)
        return engine().predict(run_id, frame)
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        say_for_now(error)
    except Exception as error:
        st.error(f"The prediction failed: {escape(' '.join(str(error).split())[:300])}")
    return None


def _show(said: pd.Series, target: dict[str, Any], unit: str, named: str) -> DeltaGenerator:
    """Draws the prediction for one target, and gives the place below it; `named` tells the columns of several apart."""
    predicted = said[f"predicted {target['target']}"]
    label = f"Predicted {escape(target['target'])}"
    if not target["classes"]:
        st.metric(label, escape(number(float(predicted), unit, target.get("low"), target.get("high"))))
        return st.container()
    st.metric(label, escape(str(predicted)))
    below = st.container()
    shares = {one: said.get(f"probability{named} {one}") for one in target["classes"]}
    if None in shares.values():
        return below
    best = sorted(shares.items(), key=lambda pair: -pair[1])[:10]
    frame = pd.DataFrame(
        {"class": [label for label, _ in best], "probability": [100 * float(share) for _, share in best]}
    )
    st.dataframe(
        frame,
        placeholder="-",
        hide_index=True,
        column_config={
            # A long name would leave no room for its bar.
            "class": st.column_config.TextColumn(width=_CLASS if frame["class"].str.len().max() > _LONG else None),
            "probability": st.column_config.ProgressColumn(
                "probability", min_value=0.0, max_value=100.0, format="%.1f%%"
            ),
        },
    )
    return below


def _keep(run_id: str, row: dict[str, Any], said: dict[str, Any]) -> None:
    predictions = {name: value for name, value in said.items() if name.startswith("predicted ") or name == "note"}
    entry = {
        **predictions,
        **{name: str(value) if isinstance(value, pd.Timestamp) else value for name, value in row.items()},
    }
    pins.keep_predictions(run_id, [*pins.saved_predictions(run_id), entry])
