"""The disk space of runs, and the thinning of the weights of old ones; on the Runs page."""

import time
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.runs.disk_use import DiskUse, disk_use, thin
from core.runs.run_record import Record
from core.workspace import workspace
from dashboard.session import state
from dashboard.text import count

_DAY = 86_400
_OLD = 30  # Days.
_LARGEST = 10


def disk_space(records: Sequence[Record]) -> None:
    """Draws what is occupied, once it is opened, and the button that frees some of it."""
    space = st.expander("Disk use", key="disk-use", on_change="rerun", icon=":material/hard_drive:")
    if not space.open:
        return
    with space:
        used, names = disk_use(workspace()), {record.id: record.name for record in records}
        runs, weights, record, tables, free = map(
            bytes_in_words,
            (sum(used.runs.values()), sum(used.weights.values()), used.record, used.tables, used.free),
        )
        st.markdown(
            f"{count(len(used.runs), 'run')}: {runs}, of which {weights} are weights by epoch; models and scores: "
            f"{record}; tables: {tables}. Free on the disk: {free}."
        )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            days = int(st.number_input("Older than (days)", 0, 10_000, _OLD, key="thin-days", width=150))
            old = old_runs(records, used, days)
            st.button(
                f"Thin the weights of {count(len(old), 'old run')}",
                key="thin-old",
                icon=":material/compress:",
                on_click=thin_runs,
                args=([record.id for record in old],),
                disabled=not old,
                help="Keeps the first, the best and the last epoch of each: model, scores and curves stay. Starred "
                "runs are left as they are. This cannot be undone.",
            )
        st.dataframe(largest_runs(used, names), placeholder="-", hide_index=True, key="disk-largest")


def old_runs(records: Sequence[Record], used: DiskUse, days: int) -> list[Record]:
    """The runs that ended at least so many days ago and have weights by epoch, without those that are starred."""
    before = time.time() - days * _DAY
    ended = ("finished", "stopped")
    return [
        record
        for record in records
        if record.state in ended and not record.starred and record.started <= before and used.weights.get(record.id)
    ]


def largest_runs(used: DiskUse, names: dict[str, str]) -> pd.DataFrame:
    """The runs that occupy most, the largest first."""
    largest = sorted(used.runs, key=lambda run: -used.runs[run])[:_LARGEST]
    return pd.DataFrame(
        {
            "Name": [names.get(run, run) for run in largest],
            "Disk": [bytes_in_words(used.runs[run]) for run in largest],
            "Weights by epoch": [bytes_in_words(used.weights[run]) for run in largest],
        }
    )


def thin_runs(runs: Sequence[str]) -> None:
    """Thins the weights of some runs, and says what that freed and which runs hinder it."""
    freed, refused = 0, []
    for run in runs:
        try:
            freed += thin(workspace(), run)
        except LookupError as error:
            refused.append(str(error))
        except OSError as error:
            refused.append(f"Could not write to the workspace: {error.strerror}.")
    state.note(" ".join([f"{bytes_in_words(freed)} freed.", *dict.fromkeys(refused)]))


def bytes_in_words(content: float) -> str:
    """Bytes as people read them: 2048 -> "2.0 kB", 64e6 -> "64.0 MB"."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if content < 1000 or unit == "GB":
            break
        content /= 1000
    return f"{content:,.0f} bytes" if unit == "bytes" else f"{content:,.1f} {unit}"
