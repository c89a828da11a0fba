"""A race judged by validation rows that did not choose the epoch, on demand; in the Race panel."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import streamlit as st

from core.runs.journal import Journal
from core.runs.race import Lane, Race
from core.tables.errors import TableError
from core.workspace import workspace
from dashboard.services import engine
from dashboard.text import escape


def cross_fitted_lanes(race: Race, lanes: Sequence[Lane], measure: str) -> list[Lane]:
    """Draws the switch; the runs of a race with the scores that it asks for, or as they are where some run has none."""
    wanted = st.toggle(
        "Judge by rows that did not choose the epoch",
        key=f"race-cross-fitted-{race.id}",
        help="Half of the validation rows choose the epoch, the other half judge it, and the other way round. Scores "
        "at the best epoch are somewhat too good, most of all with many epochs and few rows.",
    )
    if not wanted:
        return list(lanes)
    scored, judged = [lane for lane in lanes if lane.state in ("finished", "stopped")], []
    progress = st.progress(0.0, "Scoring the epochs of each run")
    try:
        for number, lane in enumerate(scored, start=1):
            found = _cross_fitted(lane.run, Journal(workspace(), lane.run).version())
            judged.append(replace(lane, best=found["scores"].get(measure)))
            progress.progress(number / len(scored), "Scoring the epochs of each run")
    except (LookupError, RuntimeError, TableError) as error:
        st.info(escape(f"The scores are those of the best epoch. {error}"))
        return list(lanes)
    finally:
        progress.empty()
    by_run = {lane.run: lane for lane in judged}
    return [by_run.get(lane.run, lane) for lane in lanes]


@lru_cache(maxsize=256)
def _cross_fitted(run: str, _version: int) -> dict[str, Any]:
    return engine().cross_fitted_scores(run)
