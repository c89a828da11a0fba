"""What drives a training: pause and resume, one step, one epoch, reset, speed, and what can be asked of it while it
runs.
"""

import streamlit as st

from core.experiment.spec import MOST_EPOCHS, Experiment, read
from core.experiment.task import Situation
from core.runs.commands import why_no_more_epochs, why_the_rate_is_fixed
from core.runs.run_state import LiveRun
from dashboard.panels.network import pin_popover
from dashboard.session import training
from dashboard.text import count

SPEEDS = {0.0: "Full speed", 20.0: "20 a second", 5.0: "5 a second", 1.0: "1 a second"}


def controls(situation: Situation, run: LiveRun | None) -> None:
    """Draws the row of buttons. Step and Epoch start a training where none runs; Train stands above the page."""
    going_on = run is not None and not run.over
    able = bool(situation.tasks)
    with st.container(horizontal=True, vertical_alignment="center", key="tight-steering"):
        if going_on and run and run.waits:
            st.button(
                "Resume",
                icon=":material/play_arrow:",
                key="resume",
                on_click=training.steer,
                args=(run.id, {"do": "continue"}),
            )
        else:
            st.button(
                "Pause",
                icon=":material/pause:",
                key="pause",
                on_click=training.steer,
                args=(run.id if run else "", {"do": "pause"}),
                disabled=not going_on,
            )
        for name, icon, help in (
            ("step", "step", "Run one batch, then pause."),
            ("epoch", "step_over", "Run to the end of the epoch, then pause."),
        ):
            st.button(
                name.capitalize(),
                icon=f":material/{icon}:",
                key=f"one-{name}",
                help=help,
                on_click=training.step,
                args=(name,),
                disabled=not able,
            )
        st.button(
            "Reset",
            icon=":material/replay:",
            key="reset",
            on_click=training.reset,
            disabled=run is None,
            help="Reset the weights: the run leaves the screen, and the next training starts from new ones.",
        )
        st.selectbox(
            "Speed",
            list(SPEEDS),
            index=list(SPEEDS).index(training.speed()) if training.speed() in SPEEDS else 0,
            format_func=lambda speed: SPEEDS[speed],
            key="speed",
            on_change=training.set_speed,
            label_visibility="collapsed",
            width=112,
        )
        st.toggle(
            "Auto-train",
            training.follows(),
            key="follow",
            on_change=training.set_follow,
            help="Retrain after every change of the layers or the settings; earlier runs stay as faded curves.",
        )
        if going_on and run:
            _steering(run, read(run.experiment))
        pin_popover(situation)


def _steering(run: LiveRun, ran: Experiment) -> None:
    """Draws what a run that trains can be told: more epochs, another learning rate, how to stop."""
    more = max(1, min(MOST_EPOCHS - run.total, -(-ran.fit.epochs // 2)))
    none_more = why_no_more_epochs(ran)
    with st.popover("More", key="more"):
        st.button(
            f"+{count(more, 'epoch')}",
            key="more-epochs",
            on_click=training.steer,
            args=(run.id, {"do": "epochs", "more": more}),
            disabled=run.total >= MOST_EPOCHS or bool(none_more),
            width="stretch",
        )
        fixed = why_the_rate_is_fixed(ran)
        if fixed:
            st.caption(f"{fixed} {none_more}".strip())
        else:
            rates = [mark["learning_rate"] for mark in run.marks if "learning_rate" in mark]
            rate = float(rates[-1] if rates else ran.compile.optimizer.value("learning_rate"))
            key = f"steer-rate-{run.id}-{len(run.marks)}"
            st.number_input(
                "Learning rate from now on",
                value=rate,
                step=rate / 2,
                format="%g",
                key=key,
                on_change=training.set_rate,
                args=(run.id, key),
            )
        st.button("Stop, keep the best epoch", key="stop-best", on_click=training.stop, args=(run.id,), width="stretch")
        st.button(
            "Stop, keep the last epoch", key="stop-last", on_click=training.stop, args=(run.id, "last"), width="stretch"
        )
        st.button("Discard the run", key="discard", on_click=training.stop, args=(run.id, "nothing"), width="stretch")
