"""Recalibration by a temperature: what it changes, a button that keeps it with the run and one that takes it back; part
of the section Curves of the Result page.
"""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.evaluation.temperature_scaling import Recalibration
from core.runs.temperatures_of_card import chosen_temperatures
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.services import engine
from dashboard.session import state
from dashboard.text import escape

_ASKED = "ld.asked-recalibration"


def recalibration_choice(asked: Asked) -> None:
    """Draws what a temperature changes in the run's model, and its button where it helps; at another epoch nothing."""
    _carry_out(asked.run_id)
    if asked.epoch is not None:
        return
    kept = chosen_temperatures(asked.card).get(asked.target)
    try:
        found: Recalibration = asked.answer("recalibration", target=asked.target)
    except LookupError as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(f"Temperature scaling: {escape(str(error))}")
        return
    st.markdown("**Temperature scaling**")
    if kept is not None:
        st.caption(
            f"The model is recalibrated: its logits are divided by {kept:.4g}, in the form, in batch predictions, in "
            "the report, in the program, in the exported model and on the command line. Other epochs are not."
        )
    else:
        st.caption(recalibration_sentence(found))
    if kept is None and not found.helps:
        return
    st.dataframe(recalibration_table(found), hide_index=True, placeholder="-")
    undo = kept is not None
    st.button(
        "Undo recalibration" if undo else "Recalibrate",
        key="recalibrate",
        icon=":material/undo:" if undo else ":material/balance:",
        on_click=_ask,
        args=(asked.run_id, asked.target, not undo),
    )


def recalibrated_sentence(temperatures: Mapping[str, float]) -> str:
    """That the model is another one than the training ended with; target -> temperature."""
    named = ", ".join(f"{target} {temperature:.4g}" for target, temperature in temperatures.items())
    said = named if len(temperatures) > 1 else f"{next(iter(temperatures.values())):.4g}"
    return (
        f"The model is recalibrated (temperature {said}): these scores are those of its new probabilities, the curves "
        "those of the training."
    )


def recalibration_sentence(found: Recalibration) -> str:
    """Whether a temperature helps, in words."""
    temperature = f"temperature {found.temperature:.3g}"
    if not found.helps and temperature == "temperature 1":
        return "It does not help: the best temperature on the validation rows is 1, which changes nothing."
    if not found.helps:
        before, after = (of["validation"].log_loss for of in (found.before, found.after))
        return (
            f"It does not help by more than noise: with the {temperature} the log loss of the validation rows would be "
            f"{after:.4f} instead of {before:.4f}."
        )
    gain = f"{found.gain:.4f} (95% interval {found.low:.4f} to {found.high:.4f})"
    sure = "too sure" if found.temperature > 1 else "not sure enough"
    return (
        f"The network is {sure}: with its logits divided by the {temperature}, fitted on the validation rows, the log "
        f"loss of a validation row is smaller by {gain}. The most probable class stays the same; a "
        "threshold moves with the probabilities."
    )


def recalibration_table(found: Recalibration) -> pd.DataFrame:
    """A row a part: log loss and expected calibration error without and with the temperature."""
    return pd.DataFrame(
        [
            {
                "rows": f"{part}, {before.rows:,}",
                "log loss": f"{before.log_loss:.4f}",
                "recalibrated": f"{found.after[part].log_loss:.4f}",
                "expected calibration error": f"{before.calibration_error:.4f}",
                "error, recalibrated": f"{found.after[part].calibration_error:.4f}",
            }
            for part, before in found.before.items()
        ]
    )


def _ask(run_id: str, target: str, on: bool) -> None:
    """Notes what is to be done; drawing carries it out, however often it is broken off."""
    st.session_state[_ASKED] = (run_id, target, on)


def _carry_out(run_id: str) -> None:
    asked = st.session_state.get(_ASKED)
    if not asked or asked[0] != run_id:
        return
    try:
        engine().recalibrate(*asked)
    except (LookupError, RuntimeError, TableError) as error:
        state.note(str(error))
    del st.session_state[_ASKED]
    st.rerun()
