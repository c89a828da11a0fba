"""The runs that start from the weights of one another, as an indented table; on the Runs page below a selected run."""

import json
from collections.abc import Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st

from core.experiment.metric_titles import title_in_record
from core.runs.journal import Journal
from core.runs.run_record import Record
from core.runs.run_tree import Origin, TreeRow, run_tree
from core.workspace import workspace
from dashboard.text import STATE_WORDS

_BRANCH, _INDENT = "\u2514 ", "\u2003"


def run_tree_table(records: Sequence[Record], run: str) -> None:
    """Draws the tree of a run, where it is not alone in it."""
    rows = run_tree(records, run, _kept_origin)
    if len(rows) < 2:
        return
    st.markdown("**Run tree**")
    st.dataframe(tree_frame(rows, run), hide_index=True, placeholder="-", key=f"tree-{run}")
    st.caption("Indented runs continued training from an epoch of the run above them.")


@lru_cache(maxsize=4096)
def _kept_origin(run: str) -> Origin | None:
    """The run and epoch that the experiment of a run's journal names; it never changes."""
    try:
        start = json.loads(Journal(workspace(), run).submitted()["experiment"]).get("start")
        return (str(start["run"]), int(start["epoch"])) if start else None
    except (LookupError, ValueError, TypeError, AttributeError):
        return None


def tree_frame(rows: Sequence[TreeRow], run: str) -> pd.DataFrame:
    """A row for each run; the one that is looked at is marked."""
    titles = {
        name: f"{title_in_record(name, row.record.target)} (validation)"
        for row in reversed(rows)
        if row.record
        for name in row.record.validation
    }
    scores = list(dict.fromkeys(name for row in rows if row.record for name in row.record.validation))
    scores = [name for name in scores if not name.endswith("loss")][:2] or scores[:1]
    told = []
    for row in rows:
        record = row.record
        before = _INDENT * (row.depth - 1) + _BRANCH if row.depth else ""
        told.append(
            {
                "": "\u25cf" if row.run == run else "",
                "Run": before + (record.name if record else f"deleted run {row.run}"),
                "Starts from epoch": row.epoch,
                "Best epoch": record.best_epoch if record else None,
                **{titles[name]: record.validation.get(name) if record else None for name in scores},
                "State": STATE_WORDS[record.state] if record else "Deleted",
                "Network": record.network if record else "",
            }
        )
    return pd.DataFrame(told)
