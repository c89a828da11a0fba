"""How a run's predictions follow one feature, or two: a part of the section Features of the Result page."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.components.figure import figure
from dashboard.figures.feature_figures import dependence_curve, dependence_map
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, units_of
from dashboard.text import count

_ALONE = "none"


def feature_dependences(asked: Asked, features: Sequence[str]) -> None:
    """Draws the choice of features, the most important first, and what is predicted along them."""
    st.subheader("Partial dependence")
    first, other, third = st.columns(3)
    key = f"dependence-{asked.target}"
    feature = first.selectbox("Feature", features, key=key)
    seconds = [_ALONE, *(name for name in features if name != feature)]
    at = other.selectbox(
        "Second feature",
        range(len(seconds)),
        format_func=seconds.__getitem__,
        key=f"{key}-second-{features.index(feature)}",
    )
    of_card = next(one for one in asked.card["targets"] if one["target"] == asked.target)
    output, predicted = predicted_output(third, of_card, key)
    unit = "" if of_card["classes"] else units_of(asked.experiment).get(asked.target, "")
    share = bool(of_card["classes"]) and not of_card.get("margin", False)
    options: dict[str, Any] = {"target": asked.target, "feature": feature, "output": output}
    if at:
        found = asked.answer("dependence surface", second=seconds[at], **options)
        drawn = dependence_map(found, [feature, seconds[at]], predicted, unit, share)
    else:
        found = asked.answer("dependence", **options)
        drawn = dependence_curve(found, feature, predicted, unit, share)
    figure(drawn, key="dependence-figure", says=f"{predicted} along {feature}", run=asked.experiment.name)
    rows = count(found["rows"], "test row")
    sample = f", a random sample of {found['of']:,}" if found["rows"] < found["of"] else ""
    moved = "both features are" if at else f"{feature} is"
    told = f"The mean prediction for the {rows}{sample} when {moved} set to a value in all of them."
    if not at:
        lines = "" if found["kind"] in ("category", "code", "boolean") else "Gray lines are single rows (ICE). "
        told = f"{told} {lines}Below: the share of training rows. Where there are few, a prediction is a guess."
    weights = " Rows count by their sample weights." if asked.experiment.data.weight is not None else ""
    st.caption(escape(told + weights))


def predicted_output(place: Any, of_card: dict[str, Any], key: str) -> tuple[int, str]:
    """The number of the output that is looked at, of many classes as chosen at that place, and what it is called."""
    classes, margin = of_card["classes"], of_card.get("margin", False)
    if not classes:
        return 0, f"predicted {of_card['target']}"
    if len(classes) == 2:
        return 0, f"{'margin' if margin else 'probability'} of {classes[1]}"
    at = place.selectbox("Class", range(len(classes)), format_func=classes.__getitem__, key=f"{key}-class")
    return at, f"{'score' if margin else 'probability'} of {classes[at]}"
