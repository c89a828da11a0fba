"""What a run's predictions depend on: a section of the Result page."""

from typing import Any

import streamlit as st

from core.evaluation.importance import importance_sentence
from core.experiment.metric_titles import in_sentence, score_title
from dashboard.components.figure import figure
from dashboard.figures.feature_figures import importance_bars
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, units_of
from dashboard.panels.dependence_curves import feature_dependences
from dashboard.text import count

_MOST_BARS = 20
FEATURES_A_PART = 40  # Features of one request, so that progress can be shown.
_MOST_PAIRS = 5


def feature_section(asked: Asked) -> None:
    """Draws the importance of the features at the slider's epoch, and how the predictions follow them."""
    importance = _importance(asked)
    _bars(asked, importance)
    _associated(asked, importance)
    kinds = asked.experiment.data.features
    order = sorted(importance["features"], key=lambda name: -importance["features"][name]["mean"])
    followed = [name for name in order if kinds[name] != "text"]
    if followed:
        feature_dependences(asked, followed)


def of_target(asked: Asked, name: str) -> str:
    """The logged name of the target's own metric or loss: "mae", of several targets "price_mae"."""
    experiment = asked.experiment
    return f"{experiment.outputs()[asked.target]}_{name}" if experiment.several else name


def _importance(asked: Asked) -> dict[str, Any]:
    """The answer of the section "importance" for all features, asked for in parts."""
    names = list(asked.experiment.data.features)
    options: dict[str, Any] = {"target": asked.target}
    if metric := _metric(asked):
        options["metric"] = metric
    if len(names) <= FEATURES_A_PART:
        return asked.answer("importance", **options)
    whole: dict[str, Any] = {}
    place = st.empty()
    for at in range(0, len(names), FEATURES_A_PART):
        place.progress(at / len(names), f"{at:,} of {len(names):,} features")
        part = asked.answer("importance", features=names[at : at + FEATURES_A_PART], **options)
        whole = part | {"features": whole.get("features", {}) | part["features"]}
    place.empty()
    return whole


def _metric(asked: Asked) -> str | None:
    """The score that is chosen; None where there is no choice."""
    experiment = asked.experiment
    compiled = experiment.compile.of(asked.target)
    names = [
        *(metric.row.short for metric in compiled.single_metrics),
        *(f"weighted_{metric.row.short}" for metric in compiled.single_weighted_metrics),
        "loss",
    ]
    if len(names) == 1:
        return None
    usual = next((name for name in names if name.startswith("weighted_")), names[0])
    return st.selectbox(
        "Score",
        names,
        index=names.index(usual if experiment.data.weight is not None else names[0]),
        format_func=lambda name: score_title(of_target(asked, name), experiment),
        key=f"importance-score-{asked.target}",
        width=320,
    )


def _bars(asked: Asked, importance: dict[str, Any]) -> None:
    features = dict(sorted(importance["features"].items(), key=lambda pair: -pair[1]["mean"]))
    first = dict(list(features.items())[:_MOST_BARS])
    named = of_target(asked, importance["metric"])
    title = in_sentence(score_title(named, asked.experiment), named, asked.experiment)
    worse = f"{'decrease' if importance['larger'] else 'increase'} of {title}"
    row = asked.experiment.logged().get(named)
    unit = units_of(asked.experiment).get(asked.target, "") if row and row.row.power == 1 else ""
    figure(
        importance_bars(first, worse, unit, bool(row and row.row.share)),
        key="importance-figure",
        says="Permutation importance of the features",
        run=asked.experiment.name,
    )
    told = importance_sentence(importance, title)
    if len(features) > _MOST_BARS:
        told += f" {count(len(features) - _MOST_BARS, 'more feature')} are no more important."
    st.caption(escape(told))


def _associated(asked: Asked, importance: dict[str, Any]) -> None:
    """Names the features that can stand in for each other, the most important first."""
    found = asked.answer("association")
    order = sorted(found, key=lambda name: -importance["features"][name]["mean"])
    pairs: dict[frozenset[str], str] = {}
    for name in order:
        for other, strength in found[name]:
            pairs.setdefault(frozenset((name, other)), f"{name} and {other} ({strength:.2f})")
    if not pairs:
        return
    told = "; ".join(list(pairs.values())[:_MOST_PAIRS])
    more = f"; {count(len(pairs) - _MOST_PAIRS, 'more pair')}" if len(pairs) > _MOST_PAIRS else ""
    st.caption(
        f":orange[:material/info:] {escape(f'Correlated features: {told}{more}.')} When one of them is shuffled, the "
        "other still tells the network much the same: each looks less important than both are together."
    )
