"""What a person would see in a table, with a button that carries it out: a part of the Data page."""

import streamlit as st

from core.experiment.columns import Hint
from core.experiment.hints import apply_hint, open_hints
from core.experiment.spec import Experiment
from core.experiment.targets import with_data
from dashboard.panels.table_reading import read_again
from dashboard.services import tables
from dashboard.session import state
from dashboard.text import escape

_MOST = 4  # At once; the others follow when these are carried out.
_TARGET = "target"
_ICON = ":gray[:material/lightbulb:]"


_CONFIRMED = "ld.confirmed-target"  # Of the session: table and target, where the guess is what the person wants.


def data_hints(experiment: Experiment) -> None:
    """Draws the hints that matter to the experiment's columns and are not carried out yet. What a sample's target is
    is no guess, nor is one that the person has confirmed.
    """
    data = experiment.data
    known = data.table.startswith("sample:") or st.session_state.get(_CONFIRMED) == (data.table, data.targets)
    hints = [hint for hint in open_hints(data, state.situation().profile) if not (known and hint.kind == _TARGET)]
    with st.container(key="tight-hints"):
        for at, hint in enumerate(hints[:_MOST]):
            with st.container(horizontal=True, vertical_alignment="center", key=f"tight-note-hint-{at}"):
                st.markdown(f"{_ICON} {escape(hint.text)}")
                if hint.kind == _TARGET:
                    st.button("Yes", type="tertiary", key="confirm-target", on_click=_confirm)
                elif hint.action and hint.fix:
                    st.button(
                        escape(hint.action),
                        type="tertiary",
                        key=f"hint-{at}-{hint.kind}@{state.revision()}",
                        on_click=_carry_out,
                        args=(hint,),
                    )


def _confirm() -> None:
    data = state.experiment().data
    st.session_state[_CONFIRMED] = (data.table, data.targets)


def _carry_out(hint: Hint) -> None:
    """Edits the experiment's data as the hint says; the file is read again where the hint concerns that."""
    experiment = state.experiment()
    data = apply_hint(experiment.data, hint)
    rest = data.model_copy(update={"reading": experiment.data.reading})
    if rest != experiment.data:
        state.replace(with_data(experiment, rest, tables().profile(rest.table, rest.reading)))
        state.show_run(None)
    if data.reading != experiment.data.reading:
        read_again(data.reading)
