"""Sample weights and class weights: a part of the Data page."""

import itertools

import streamlit as st

from core.experiment.spec import Experiment
from core.experiment.task import Situation
from dashboard.panels.common import NOTHING, escape
from dashboard.session import state

_CLASS_WEIGHTS = ("none", "balanced", "custom")


def weights(experiment: Experiment) -> None:
    """Draws it, folded away at first."""
    key = f"weights@{state.revision()}"
    more = st.expander("Sample weights", key=key, on_change="rerun", expanded=experiment.weighted)
    if more.open:
        with more:
            column, classes = st.columns(2)
            with column:
                _column(experiment, state.situation())
            tasks = state.situation().tasks
            if len(tasks) == 1 and tasks[0].kind != "regression":
                with classes:
                    _classes(experiment)
                _typed(experiment, state.situation())


def _column(experiment: Experiment, situation: Situation) -> None:
    names = [
        one.name
        for one in situation.profile.columns
        if one.kind == "number" and one.name not in experiment.data.targets
    ]
    weight = experiment.data.weight
    names += [] if weight is None or weight in names else [weight]
    key = f"data.weight@{state.revision()}"
    st.selectbox(
        "Sample weight",
        [NOTHING, *names],
        index=[NOTHING, *names].index(weight or NOTHING),
        format_func=lambda name: name or "none",
        help="A numeric column of at least 0 that scales the loss of each row: a row of weight 2 counts like two rows.",
        key=key,
        on_change=_take_column,
        args=(key,),
    )
    column = situation.profile.column(experiment.data.weight) if experiment.data.weight is not None else None
    if column is not None and column.mean and not 0.5 <= column.mean <= 2:
        st.caption(
            f"The weights have a mean of {column.mean:.3g}, which scales loss and gradients like a learning rate. "
            "Scores and baselines do not depend on it."
        )


def _take_column(key: str) -> None:
    state.edit({"op": "set", "path": "data.weight", "value": st.session_state[key] or None}, structural=False)


def _classes(experiment: Experiment) -> None:
    given = experiment.fit.class_weight
    key = f"class-weight@{state.revision()}"
    st.selectbox(
        "Class weights",
        _CLASS_WEIGHTS,
        index=0 if given is None else 1 if given == "balanced" else 2,
        help="Balanced: every class has the same total weight. Class weights change the training, not the scores.",
        key=key,
        on_change=_take_kind,
        args=(key,),
    )


def _take_kind(key: str) -> None:
    value = {"balanced": "balanced", "custom": {}}.get(st.session_state[key])
    state.edit({"op": "set", "path": "fit.class_weight", "value": value})


def _typed(experiment: Experiment, situation: Situation) -> None:
    given, target = experiment.fit.class_weight, situation.profile.column(experiment.data.targets[0])
    if not isinstance(given, dict) or target is None:
        return
    for box, (label, _) in zip(itertools.cycle(st.columns(4)), target.top, strict=False):
        key = f"class-weight-{label}@{state.revision()}"
        value = float(given.get(label, 1.0))
        box.number_input(
            escape(label), value=value, step=0.5, format="%g", key=key, on_change=_take_one, args=(key, label)
        )


def _take_one(key: str, label: str) -> None:
    given = state.experiment().fit.class_weight
    weights = {**(given if isinstance(given, dict) else {}), label: st.session_state[key]}
    state.edit({"op": "set", "path": "fit.class_weight", "value": weights}, structural=False)
