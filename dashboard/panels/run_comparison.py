"""Several runs side by side: their scores, and the settings in which they differ."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.experiment.differences import differences
from core.experiment.metric_titles import score_title
from core.experiment.spec import Experiment
from core.runs.run_record import Record
from dashboard.panels.common import units_of
from dashboard.services import engine
from dashboard.text import score

MOST_COMPARED = 10


def run_comparison(records: Sequence[Record]) -> None:
    """Draws the table of scores and differing settings, a column for each run. Raises LookupError, RuntimeError."""
    store = engine().store()
    experiments = [store.experiment(record.id) for record in records]
    names = [f"{at}. {record.name}" for at, record in enumerate(records, start=1)]
    st.dataframe(compared(records, experiments, names), hide_index=True, key="compared")
    st.caption(
        "Validation scores are of each run's best epoch. Scores compare where table, split and target are the same. "
        "Settings that are alike are left out."
    )


def compared(records: Sequence[Record], experiments: Sequence[Experiment], names: Sequence[str]) -> pd.DataFrame:
    """Rows: scores, epochs and seconds, then the settings that differ; columns: the runs."""
    rows = []
    for metric in dict.fromkeys(name for record in records for name in record.validation):
        titles = {score_title(metric, one) for one in experiments if metric in (*one.logged(), *one.losses())}
        values = [
            score(metric, record.validation[metric], one, units_of(one)) if metric in record.validation else "-"
            for record, one in zip(records, experiments, strict=True)
        ]
        rows.append(("Validation", " or ".join(sorted(titles)) or metric, values))
    of_training = {
        "best epoch": ["-" if record.best_epoch is None else f"{record.best_epoch:,}" for record in records],
        "epochs": [f"{record.epochs:,}" for record in records],
        "seconds": ["-" if record.seconds is None else f"{record.seconds:.1f}" for record in records],
    }
    rows += [("Training", name, values) for name, values in of_training.items()]
    rows += differences(experiments)
    return pd.DataFrame(
        [{"": area, "Setting": setting} | dict(zip(names, values, strict=True)) for area, setting, values in rows]
    )
