"""Pieces that several views show."""

import streamlit as st

from core.experiment.checks import Advice, advise
from core.experiment.spec import Experiment, read
from core.tables.samples import SAMPLES
from dashboard import state
from dashboard.services import engine

_ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]", "hint": ":gray[:material/lightbulb:]"}


def advice_list(part: str = "", most: int = 3) -> list[Advice]:
    """Shows the most useful advice, about a part of the experiment or all of it; returns all there is."""
    found = advise(state.experiment(), state.situation())
    shown = [one for one in found if one.where.startswith(part)]
    for index, one in enumerate(shown[:most]):
        with st.container(horizontal=True, vertical_alignment="center", key=f"tight-advice-{part}-{index}"):
            st.markdown(f"{_ICONS[one.level]} {escape(one.says)}", help=one.why or None)
            if one.fix is not None:
                st.button(one.button, key=f"fix-{part}-{one.code}-{index}", on_click=_take_fix, args=(one.fix.text(),))
    if len(shown) > most:
        st.caption(f"{len(shown) - most} more after these.")
    return found


def _take_fix(text: str) -> None:
    state.replace(read(text))


def escape(text: str) -> str:
    """A sentence with names from a table in it, for Markdown: nothing in it is formatting."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]<>()#+-.!|$~:" else letter for letter in text)


def unit_of(experiment: Experiment) -> str:
    """The target's unit, where the table says one: "$", "MPa"."""
    sample = SAMPLES.get(experiment.data.table.removeprefix("sample:"))
    return sample.unit if sample and experiment.data.targets == (sample.target,) else ""


def shown_run() -> tuple[str, Experiment] | None:
    """The run on screen and its experiment, or None with a sentence on screen."""
    run = state.run_id()
    if run is None:
        st.info("No run yet. Press Train on the Build page, or open a run on the Runs page.")
        return None
    try:
        with st.spinner("Opening the run", show_time=False):
            live = engine().run(run)
            if live is None:
                engine().snapshot(run)
                live = engine().run(run)
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))
        return None
    assert live is not None
    return run, read(live.experiment)
