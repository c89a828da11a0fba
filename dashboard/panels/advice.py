"""Advice on screen: a sentence, why it matters, and a button that takes it. Undo brings back what was there."""

from typing import Any

import streamlit as st

from core.advice.advice import Advice, most_useful
from core.advice.checks import advise
from core.advice.diagnosis import NOT_A_NUMBER, OLD_NOT_A_NUMBER, diagnose
from core.advice.training_curves import Course
from core.experiment.fork import from_scratch
from core.experiment.spec import Experiment, read
from core.runs.run_state import LiveRun
from dashboard.services import engine
from dashboard.session import state
from dashboard.text import escape

MOST = 3  # At once.
_ICONS = {
    "error": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "hint": ":gray[:material/lightbulb:]",
}
_LOOK = 3.0  # Seconds between two looks at a run that trains.


def advice_list(part: str = "", most: int = MOST, run: str | None = None) -> None:
    """Shows the most useful advice, about a part of the experiment or all of it.

    With a run that is over, what its curves advise is weighed among it.
    """
    shown = [one for one in advise(state.experiment(), state.situation()) if one.where.startswith(part)]
    if run:
        shown += [_without_start(one) for one in run_diagnosis(run)]
    drawn = most_useful(shown, most)
    _draw(drawn, part)
    if more := len(most_useful(shown, len(shown))) - len(drawn):
        st.caption(f"{more} more.")


def run_advice(run_id: str, most: int = MOST) -> None:
    """Shows what a run's curves and layers advise, while it trains as when it is over; a fix changes the run's own
    experiment.
    """
    run = engine().run(run_id)
    if run is None:
        return
    if run.over:
        _of_run(run_id, most)
    else:
        st.fragment(_of_run, run_every=_LOOK)(run_id, most)


def run_diagnosis(run_id: str) -> list[Advice]:
    """What the curves of a run in memory, and the health of its layers, advise; the most useful first."""
    run = engine().run(run_id)
    if run is None:
        return []
    with run.lock:
        rows = list(run.rows)
    told = {**run.snapshot(), "rows": rows}
    experiment = read(run.experiment)
    return diagnose(Course.of(experiment, told, health=_health(run_id, experiment), **_end(run)))


def _health(run_id: str, experiment: Experiment) -> dict[int, dict[str, float]]:
    """Layer of the stack, from 0 -> shares of its units that are dead or saturated, as far as someone has looked."""
    dense = [at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"]
    found = engine().health(run_id)
    return {
        at: {name: share for name, share in one.items() if share is not None}
        for at, one in zip(dense, found, strict=False)
    }


def _end(run: LiveRun) -> dict[str, Any]:
    """How it ended, and the losses of the weights it ended with."""
    if run.state not in ("finished", "stopped"):
        # Runs that an earlier version kept tell it in their sentence alone.
        broken = run.ended == "diverged" or run.says.startswith((NOT_A_NUMBER, OLD_NOT_A_NUMBER))
        return {"ended": "diverged"} if broken else {}
    try:
        result = engine().store().result(run.id)
    except (LookupError, RuntimeError):
        return {}
    scores, simple = result["scores"], result["baselines"]
    part = "validation" if "validation" in scores else "train"
    before = {  # Of a run that was made before its losses were kept without penalties.
        "train": scores["train"]["loss"],
        "validation": scores[part]["loss"],
        "baselines": {name: parts[part]["loss"] for name, parts in simple.items()},
    }
    return {"ended": result["ended"], "judged": result.get("judged", before)}


def _of_run(run_id: str, most: int) -> None:
    _draw([_without_start(one) for one in most_useful(run_diagnosis(run_id), most)], "run")


def _without_start(one: Advice) -> Advice:
    """The screen never holds a start: what it trains begins anew."""
    return (
        one if one.fix is None else Advice(one.code, one.level, one.where, one.says, from_scratch(one.fix), one.button)
    )


def _draw(advice: list[Advice], key: str) -> None:
    shown = state.experiment().text()
    for index, one in enumerate(advice):
        with st.container(horizontal=True, vertical_alignment="center", key=f"tight-advice-{key}-{index}"):
            st.markdown(f"{_ICONS[one.level]} {escape(one.says)}")
            with st.popover("Why", type="tertiary"):
                st.markdown(f"{escape(one.why)} [Keras's documentation]({one.link})")
            if one.fix is not None:
                text = one.fix.text()
                if st.button(
                    escape(one.button),
                    key=f"fix-{key}-{one.code}-{index}",
                    on_click=_take,
                    args=(text,),
                    disabled=text == shown,
                ):
                    st.rerun()  # Beside a run that trains this is a fragment, and all of the page shows the experiment.


def _take(text: str) -> None:
    state.replace(read(text))
