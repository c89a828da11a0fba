"""The settings of fit: epochs, batch size, callbacks, steps and validation, each with a sentence of help."""

from typing import Any

import streamlit as st

from core.catalog.callbacks import CALLBACKS
from core.catalog.fields import Number, Whole
from core.catalog.schedules import rate_at, spread_over
from core.experiment.spec import MOST_EPOCHS, MOST_MINUTES
from dashboard.figures.svg import line
from dashboard.panels.field_widgets import draw_fields, refusal, show_in_box, take
from dashboard.session import state

_USUAL = ("EarlyStopping", "ReduceLROnPlateau", "TerminateOnNaN")
_POINTS = 200  # Of a drawn schedule.
# Numbers of fit that no catalog row describes: what they may be.
_WHOLES = {
    "fit.epochs": Whole(name="epochs", low=1, high=MOST_EPOCHS),
    "fit.batch_size": Whole(name="batch_size", low=1),
    "fit.steps_per_epoch": Whole(name="steps_per_epoch", low=1, optional=True),
    "fit.validation_steps": Whole(name="validation_steps", low=1, optional=True),
    "fit.validation_freq": Whole(name="validation_freq", low=1, high=MOST_EPOCHS),
}
_MINUTES = Number(name="minutes", above=0, high=MOST_MINUTES, optional=True)


def fit_settings() -> None:
    """Draws them: epochs, batch size, time limit, callbacks, steps and seed."""
    experiment = state.experiment()
    revision = state.revision()
    left, right = st.columns(2)
    for box, label, path, value, words in (
        (
            left,
            "Epochs",
            "fit.epochs",
            experiment.fit.epochs,
            "Maximum number of passes over the training rows.",
        ),
        (
            right,
            "Batch size",
            "fit.batch_size",
            experiment.fit.batch_size,
            "Rows per step. Small batches have noisy gradients; large ones have smooth gradients, but fewer steps.",
        ),
    ):
        key = f"{path}@{revision}"
        with box:
            st.number_input(
                label, value=value, step=1, key=key, help=words, on_change=take, args=(path, key, label, _WHOLES[path])
            )
            refusal(key)
    key = f"fit.minutes@{revision}"
    show_in_box(key, experiment.fit.minutes)
    st.number_input(
        "Time limit in minutes",
        value=None,
        step=1.0,
        format="%g",
        placeholder="none",
        key=key,
        help="Ends the training after this many minutes, pauses not counted, with the weights of the best epoch.",
        on_change=take,
        args=("fit.minutes", key, "Time limit", _MINUTES),
    )
    refusal(key)
    for name in _USUAL:
        _callback(name)
    more = st.expander("More callbacks", key=f"more-callbacks@{revision}", on_change="rerun", expanded=_others_chosen())
    if more.open:
        with more:
            for name in CALLBACKS:
                if name not in _USUAL:
                    _callback(name)
    key = f"more-fit@{revision}"
    part = experiment.fit.steps_per_epoch or experiment.fit.validation_steps or experiment.fit.validation_freq > 1
    more = st.expander("Steps and validation", key=key, on_change="rerun", expanded=bool(part))
    if more.open:
        with more:
            for label, name, words in (
                ("Steps per epoch", "steps_per_epoch", "Batches per epoch, from all rows in a new order."),
                ("Validation steps", "validation_steps", "Validation batches per evaluation."),
                (
                    "Validation frequency",
                    "validation_freq",
                    "Epochs between two evaluations on the validation rows.",
                ),
            ):
                key = f"fit.{name}@{revision}"
                show_in_box(key, getattr(experiment.fit, name))
                st.number_input(
                    label,
                    value=None,
                    step=1,
                    placeholder="all",
                    help=words,
                    key=key,
                    on_change=_take_part_of_an_epoch,
                    args=(name, key, label),
                )
                refusal(key)
    key = f"fit.seed@{revision}"
    st.number_input(
        "Seed",
        0,
        2**31 - 1,
        value=experiment.fit.seed,
        key=key,
        on_change=state.set_field,
        args=("fit.seed", key),
        help="The same seed gives the same initial weights and the same order of rows.",
    )


def _take_part_of_an_epoch(name: str, key: str, label: str) -> None:
    if st.session_state[key] is None and name == "validation_freq":  # It has no "all": every epoch.
        state.edit({"op": "set", "path": "fit.validation_freq", "value": 1})
    else:
        take(f"fit.{name}", key, label, _WHOLES[f"fit.{name}"])


def _others_chosen() -> bool:
    return any(callback.name not in _USUAL for callback in state.experiment().fit.callbacks)


def _callback(name: str) -> None:
    row, chosen = CALLBACKS[name], state.experiment().callback(name)
    key = f"callback-{name}@{state.revision()}"
    st.toggle(row.title, value=chosen is not None, key=key, help=row.help, on_change=_take_callback, args=(key, name))
    if chosen:
        index = state.experiment().fit.callbacks.index(chosen)
        with st.container(key=f"tight-{name}", border=bool(row.fields)) if row.fields else st.container():
            draw_fields(row, f"fit.callbacks.{index}", chosen.arguments, lambda field: not field.advanced)
            if name == "LearningRateScheduler":
                epochs = state.experiment().fit.epochs
                draw_rates(spread_over(chosen.value("schedule"), epochs), epochs, "epoch")


def draw_rates(schedule: float | dict[str, Any], last: int, unit: str) -> None:
    """The learning rates that a schedule gives until the last epoch or step."""
    rates = [rate_at(schedule, last * at / _POINTS) for at in range(_POINTS + 1)]
    label = f"The learning rate from {unit} 0 to {last:,}, from {rates[0]:g} to {rates[-1]:g}."
    st.markdown(line(rates, label, f"{min(rates):.2g}", f"{max(rates):.2g}"), unsafe_allow_html=True)
    st.caption(label)


def _take_callback(key: str, name: str) -> None:
    kept = [value for value in state.experiment().value()["fit"]["callbacks"] if value["class"] != name]
    starting = {"EarlyStopping": {"patience": 15, "restore_best_weights": True}}.get(
        name, CALLBACKS[name].starting_arguments()
    )
    if CALLBACKS[name].field("monitor") and not state.situation().validated:
        starting = {**starting, "monitor": "loss"}
    if st.session_state[key]:
        kept.append({"class": name, **starting})
    state.edit({"op": "set", "path": "fit.callbacks", "value": kept})
