"""Small curves below the fields of the form: what would be predicted if that field alone had another value; and the
curve of one feature as a figure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from core.tables.number_text import NumberText
from dashboard.components.figure import figure
from dashboard.figures.feature_figures import what_if_curve
from dashboard.figures.svg import small_curve
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, target_choice, units_of
from dashboard.text import number, output_words

_BLANK = '<svg viewBox="0 0 240 44" style="width:100%;display:block"></svg>'  # As high as a curve.


def what_if_place(run_id: str, feature: str) -> DeltaGenerator:
    """A place below a field with the curve that was drawn there last, so that nothing moves until the next one."""
    place = st.empty()
    place.markdown(_drawn(run_id).get(feature, _BLANK), unsafe_allow_html=True)
    return place


def _drawn(run_id: str) -> dict[str, str]:
    """Feature -> the curve that was drawn last."""
    return st.session_state.setdefault(f"what-if-{run_id}", {})


def what_if_curves_below(
    run_id: str,
    experiment: Experiment,
    card: dict[str, Any],
    row: dict[str, Any],
    places: Mapping[str, DeltaGenerator],
    seeds: Sequence[str] = (),
) -> None:
    """Draws the curve of each feature into its place, of the only target or the chosen one, by the run or the mean of
    seeds, and a choice of one feature whose curve is drawn as a figure; nothing where they cannot be computed, which
    the contributions of the same row say.
    """
    target = target_choice(card, "Curves below the fields", f"what-if-target-{run_id}")
    legend = st.empty()
    chosen = _chosen_feature(run_id, card)
    features = [*places, *([chosen["name"]] if chosen and chosen["name"] not in places else [])]
    try:
        asked = Asked.of_model(run_id, experiment, card, seeds, target["target"])
        found = asked.answer("what if", row=row, features=features, target=target["target"])
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        return
    unit = units_of(experiment).get(target["target"], "") if found["class"] is None else ""
    what, share = output_words(target, found["class"]), found["class"] is not None and not target.get("margin")
    below = {name: curve for name, curve in found["features"].items() if name in places}
    every = [value for curve in below.values() for value in curve["values"]]
    low, high = min([*every, found["prediction"]]), max([*every, found["prediction"]])
    for name, curve in below.items():
        ends = " to ".join(_said(end, unit, share) for end in (min(curve["values"]), max(curve["values"])))
        label = f"What if {name} alone changes: {what} from {ends}"
        _drawn(run_id)[name] = small_curve(curve, low, high, found["prediction"], label)
        places[name].markdown(_drawn(run_id)[name], unsafe_allow_html=True)
    told = (
        f"Below each field: the {what} if that field alone changes, from {_said(low, unit, share)} at the bottom to "
        f"{_said(high, unit, share)} at the top, over gray bars of the training rows. The dot is this row."
    )
    if below:
        legend.caption(escape(told))
    if chosen and chosen["name"] in found["features"]:
        name = chosen["name"]
        clock = NumberText.of(card.get("numbers", {}), name).clock
        kind = "time" if clock == "time" else chosen["kind"]
        drawn = what_if_curve(found["features"][name], kind, name, found["prediction"], what, unit, share)
        figure(drawn, key="what-if-figure", says=f"What if {name} alone changes", run=experiment.name)


def _said(value: float, unit: str, share: bool) -> str:
    return f"{value:.1%}" if share else number(value, unit)


def _chosen_feature(run_id: str, card: dict[str, Any]) -> dict[str, Any] | None:
    """Draws the choice of the feature, of a run's card, whose curve is drawn as a figure; None where it is none."""
    features = [feature for feature in card["features"] if feature["kind"] != "text"]
    if not features:
        return None
    names = ["none", *(feature["name"] for feature in features)]  # A feature may be called so, too.
    at = st.selectbox(
        "Curve as a figure",
        range(len(names)),
        format_func=names.__getitem__,
        key=f"what-if-of-{run_id}",
        width=320,
    )
    return features[at - 1] if at else None
