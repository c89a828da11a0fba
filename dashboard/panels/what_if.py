"""Small curves below the fields of the form: what would be predicted if that field alone had another value."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from dashboard.figures.svg import small_curve
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, target_choice, units_of
from dashboard.text import number

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
    seeds; nothing where it cannot be computed, which the contributions of the same row say.
    """
    target = target_choice(card, "Curves below the fields", f"what-if-target-{run_id}")
    try:
        asked = Asked.of_model(run_id, experiment, card, seeds, target["target"])
        found = asked.answer("what if", row=row, features=list(places), target=target["target"])
    except (LookupError, RuntimeError, TimeoutError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        return
    unit = units_of(experiment).get(target["target"], "") if found["class"] is None else ""
    what = f"predicted {target['target']}"
    if found["class"] is not None:
        what = f"{'score' if target.get('margin') else 'probability'} of {target['target']} {found['class']}"
    every = [value for curve in found["features"].values() for value in curve["values"]]
    low, high = min([*every, found["prediction"]]), max([*every, found["prediction"]])
    for name, curve in found["features"].items():
        ends = " to ".join(number(end, unit) for end in (min(curve["values"]), max(curve["values"])))
        label = f"What if {name} alone changes: {what} from {ends}"
        _drawn(run_id)[name] = small_curve(curve, low, high, found["prediction"], label)
        places[name].markdown(_drawn(run_id)[name], unsafe_allow_html=True)
    told = (
        f"Below each field: the {what} if that field alone changes, from {number(low, unit)} at the bottom to "
        f"{number(high, unit)} at the top, over gray bars of the training rows. The dot is this row."
    )
    st.caption(escape(told))
