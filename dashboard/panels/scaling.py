"""How columns of numbers are scaled: a part of the Data page."""

import streamlit as st

from core.catalog.kinds import KINDS
from core.catalog.scalings import SCALINGS
from core.experiment.spec import Experiment
from dashboard.session import state

_HELP = "\n\n".join(f"**{scaling.name}**: {scaling.help}" for scaling in SCALINGS.values())


def scaling(experiment: Experiment) -> None:
    """Draws a choice for each kind of number among the features, folded away at first."""
    kinds = [kind for kind, row in KINDS.items() if row.scaled and kind in experiment.data.features.values()]
    if not kinds:
        return
    key = f"scaling@{state.revision()}"
    more = st.expander("Scaling", key=key, on_change="rerun", expanded=bool(experiment.data.scaling))
    if more.open:
        with more:
            for box, kind in zip(st.columns(len(kinds)), kinds, strict=True):
                _choice(box, kind, experiment.data.scaling.get(kind, "standard"))
            st.caption("Fitted on the training set only, and part of the saved model.")


def _choice(box: st.delta_generator.DeltaGenerator, kind: str, current: str) -> None:
    key = f"data.scaling.{kind}@{state.revision()}"
    names = [name for name, row in SCALINGS.items() if kind in row.kinds]
    box.selectbox(
        f"Scale {kind} columns",
        names,
        index=names.index(current),
        help=_HELP,
        key=key,
        on_change=_set,
        args=(kind, key),
    )


def _set(kind: str, key: str) -> None:
    chosen = {**state.experiment().data.scaling, kind: st.session_state[key]}
    kept = {name: value for name, value in chosen.items() if value != "standard"}
    state.edit({"op": "set", "path": "data.scaling", "value": kept}, structural=False)
