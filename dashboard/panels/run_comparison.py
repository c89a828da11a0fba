"""Several runs side by side: settings, curves, scores of the same test rows, predictions; a tab each, computed when it
is open.
"""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from core.experiment.differences import differences
from core.experiment.metric_titles import metrics_first, score_title
from core.experiment.spec import Experiment
from core.runs.run_record import Record
from core.tables.errors import TableError
from dashboard.panels.common import say_for_now, units_of
from dashboard.panels.curve_comparison import curve_comparison
from dashboard.panels.paired_score_table import paired_score_tables
from dashboard.panels.prediction_comparison import prediction_comparison
from dashboard.panels.race_again import race_again
from dashboard.panels.settings_and_scores import settings_and_scores
from dashboard.panels.table_width import column_width
from dashboard.services import engine, tables
from dashboard.text import score

MOST_COMPARED = 10

# What is drawn of several runs: their records, run -> experiment, run -> its name on screen.
Draw = Callable[[Sequence[Record], Mapping[str, Experiment], Mapping[str, str]], None]


def run_comparison(records: Sequence[Record]) -> None:
    """Draws the tabs. Raises LookupError, RuntimeError."""
    store = engine().store()
    experiments = {record.id: store.experiment(record.id) for record in records}
    names = {record.id: f"{at}. {record.name}" for at, record in enumerate(records, start=1)}
    for tab, draw in zip(st.tabs(list(TABS), key="comparison-tabs", on_change="rerun"), TABS.values(), strict=True):
        if not tab.open:
            continue
        with tab:
            try:
                draw(records, experiments, names)
            except (LookupError, RuntimeError, TableError) as error:
                if type(error) in (KeyError, IndexError):
                    raise
                say_for_now(error)


def _settings(records: Sequence[Record], experiments: Mapping[str, Experiment], names: Mapping[str, str]) -> None:
    """The table of scores and differing settings, a column for each run."""
    told = compared(records, list(experiments.values()), list(names.values()))
    setting = st.column_config.TextColumn(width=column_width(told, "Setting"))  # What a row is: it is not cut.
    st.dataframe(told, hide_index=True, placeholder="-", key="compared", column_config={"Setting": setting})
    st.caption(
        "Validation scores are of each run's best epoch. Scores compare where table, split and target are the same. "
        "Settings that do not differ are left out."
    )


def compared(records: Sequence[Record], experiments: Sequence[Experiment], names: Sequence[str]) -> pd.DataFrame:
    """Rows: scores, epochs and seconds, then the settings that differ; columns: the runs. Losses that are not the same
    one have a row each.
    """
    rows = []
    both = list(zip(records, experiments, strict=True))
    for metric in metrics_first(dict.fromkeys(name for record in records for name in record.validation)):
        titles = [_title(metric, one) if metric in record.validation else "" for record, one in both]
        for title in sorted({*titles} - {""}):
            values = [
                score(metric, record.validation[metric], one, units_of(one)) if own == title else "-"
                for own, (record, one) in zip(titles, both, strict=True)
            ]
            rows.append(("Validation", title, values))
    of_training = {
        "best epoch": ["-" if record.best_epoch is None else f"{record.best_epoch:,}" for record in records],
        "epochs": [f"{record.epochs:,}" for record in records],
        "seconds": ["-" if record.seconds is None else f"{record.seconds:.1f}" for record in records],
    }
    rows += [("Training", name, values) for name, values in of_training.items()]
    rows += [
        (area, setting, _table_names(values) if (area, setting) == ("Data", "table") else values)
        for area, setting, values in differences(experiments)
    ]
    return pd.DataFrame(
        [{"": area, "Setting": setting} | dict(zip(names, values, strict=True)) for area, setting, values in rows]
    )


def _table_names(refs: Sequence[str]) -> list[str]:
    """The names of tables, with the beginning of their content's hash where two of them have one name."""
    names = []
    for ref in refs:
        try:
            names.append(tables().store.about(ref).name)
        except TableError:
            names.append("a deleted table")
    alike = len(set(names)) < len(set(refs))
    return [f"{name} ({ref.partition(':')[2][:6]})" if alike else name for name, ref in zip(names, refs, strict=True)]


def _title(metric: str, experiment: Experiment) -> str:
    return score_title(metric, experiment) if metric in (*experiment.logged(), *experiment.losses()) else metric


TABS: dict[str, Draw] = {
    "Settings": _settings,
    "Curves": curve_comparison,
    "Test rows": paired_score_tables,
    "Predictions": prediction_comparison,
    "Settings against scores": settings_and_scores,
    "Race again": race_again,
}
