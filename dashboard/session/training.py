"""What drives trainings from the page: begin, step, follow, steer, stop, compare, present. Names its own keys of the
session.
"""

import time
from typing import Any

import streamlit as st

from core.advice.checks import advise, errors
from core.experiment.fork import fork, from_scratch
from core.experiment.refit import refit
from core.experiment.spec import Experiment, read
from core.runs.commands import FASTEST
from core.tables.errors import TableError
from dashboard.services import engine
from dashboard.session import pins, state

_HANDED = "ld.handed"
_SPEED, _FOLLOW, _FAINT = "ld.speed", "ld.follow", "ld.faint"
MOST_FAINT = 4
_TWICE = 1.0  # Seconds within which two presses of Train are one.
_WATCHED = 20.0  # Seconds of a training that runs for an audience.


def train() -> None:
    """Hands the experiment to the engine and shows its run; not one that was not seen: an edit was refused, or another
    tab made one.
    """
    if not state.noted() and not state.overtaken() and not _pressed_twice():
        _submit(state.experiment())
        st.session_state[_HANDED] = time.monotonic(), state.experiment().text()


def _pressed_twice() -> bool:
    """Whether the same experiment was handed over a moment ago, and still trains."""
    when, text = st.session_state.get(_HANDED, (-_TWICE, ""))
    run = engine().run(state.run_id() or "")
    return time.monotonic() - when < _TWICE and text == state.experiment().text() and run is not None and not run.over


def train_on(run: str, epoch: int) -> None:
    """Trains the experiment on screen, started from the weights of a run's epoch, and shows its run."""
    if not state.overtaken():
        _submit(fork(state.experiment(), run, epoch))


def refit_run(run: str, epochs: int) -> None:
    """Puts the refit of a run for so many epochs on screen and trains it; undo brings back the experiment that was
    there.
    """
    shown = state.run_id()
    try:
        ran = engine().store().experiment(run, "as_run.json")  # With what a person changed while it trained.
    except (LookupError, RuntimeError) as error:
        state.note(str(error))
        return
    state.replace(refit(ran, epochs))
    if state.run_id() == shown:  # Else it was followed, and trains already.
        _submit(state.experiment())


def _submit(wanted: Experiment, *orders: dict[str, Any]) -> None:
    try:
        run = engine().submit(wanted, visitor=state.draft())
        pins.want(run)
        for order in ([{"do": "speed", "value": speed()}] if speed() else []) + list(orders):
            engine().steer(run, order)
        state.show_run(run)
    except (ValueError, RuntimeError) as error:
        state.note(str(error))


def step(what: str) -> None:
    """Trains for one batch ("step") or to the end of the epoch ("epoch"), then pauses; begins a training where there is
    none.
    """
    run = engine().run(state.run_id() or "")
    if run is None or run.over:
        if not state.noted() and not state.overtaken():
            _submit(state.experiment(), {"do": what})
    else:
        steer(run.id, {"do": what})


def reset() -> None:
    """Back to a network that has learned nothing."""
    _leave()
    state.show_run(None)
    st.query_params.pop("run", None)


def present_again(run: str) -> None:
    """Trains a presented run once more from the beginning, slowly enough to be watched, with the same rows pinned, and
    shows it.
    """
    if state.noted() or state.overtaken():
        return
    wanted = state.experiment()
    _submit(wanted, {"do": "speed", "value": min(FASTEST, max(1.0, wanted.fit.epochs / _WATCHED))})
    fresh = state.run_id()
    if fresh and fresh != run:
        pins.want(fresh, engine().wanted(run))


def speed() -> float:
    """Epochs a second at most; 0 for full speed."""
    return st.session_state.get(_SPEED, 0.0)


def set_speed() -> None:
    """Takes the speed of its widget, for the run that goes on and those to come."""
    st.session_state[_SPEED] = float(st.session_state["speed"])
    run = engine().run(state.run_id() or "")
    if run is not None and not run.over:
        steer(run.id, {"do": "speed", "value": speed()})


def follows() -> bool:
    """Whether a change trains anew by itself."""
    return st.session_state.get(_FOLLOW, False)


def set_follow() -> None:
    """Takes it from its widget."""
    st.session_state[_FOLLOW] = bool(st.session_state["follow"])


def faint() -> list[str]:
    """Runs whose curves are drawn faintly behind those of the run on screen."""
    return st.session_state.get(_FAINT, [])


def set_faint(runs: list[str]) -> None:
    """Chooses them."""
    st.session_state[_FAINT] = runs[-MOST_FAINT:]


def resume(run: str) -> None:
    """Goes on with a run that was interrupted, and shows it."""
    try:
        engine().resume(run)
    except (LookupError, RuntimeError) as error:
        state.note(str(error))
        return
    open_run(run)


def steer(run: str, order: dict[str, Any]) -> None:
    """Gives a run an order while it trains."""
    try:
        engine().steer(run, order)
    except (ValueError, RuntimeError) as error:
        state.note(str(error))


def set_rate(run: str, key: str) -> None:
    """Gives a run the learning rate of a widget."""
    steer(run, {"do": "rate", "value": st.session_state[key]})


def stop(run: str, keep: str = "best") -> None:
    """Stops a run; one that was still waiting leaves the screen to the one that is training."""
    live = engine().run(run)
    waiting = live is not None and live.state == "queued"
    try:
        engine().stop(run, keep)
    except RuntimeError as error:
        state.note(str(error))
        return
    if waiting:
        active = engine().active()
        state.show_run(active[0].id if active else None)


def open_run(run: str) -> None:
    """Puts a run and its experiment on screen; undo brings back the experiment that was there."""
    try:
        live = engine().find(run)
    except (LookupError, RuntimeError) as error:
        state.note(str(error))
        return
    state.show_run(run)
    state.replace(from_scratch(read(live.experiment)))


def _train_anew() -> None:
    """Where it is followed, trains what is on screen in the place of what trained; an experiment that cannot be trained
    is not.
    """
    if not follows():
        return
    try:
        able = not errors(advise(state.experiment(), state.situation()))
    except TableError:
        able = False
    if able:
        _leave()
        _submit(state.experiment())


def _leave() -> None:
    """Ends the visitor's run where it goes on; its curve stays in sight, faintly."""
    run = engine().run(state.run_id() or "")
    if run is None:
        return
    if not run.over and run.visitor == state.draft():
        try:
            engine().stop(run.id, "nothing")
        except RuntimeError as error:
            state.note(str(error))
    st.session_state[_FAINT] = [*(one for one in faint() if one != run.id), run.id][-MOST_FAINT:]


state.CHANGED.append(_train_anew)
