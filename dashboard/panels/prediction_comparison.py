"""What several runs predict for the same rows: pinned ones, and the test rows on which they differ most; a section of
the comparison of runs.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st

from core.experiment.file_names import file_name
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.runs.run_record import Record
from core.tables.errors import TableError
from core.tables.prediction_columns import without_formulas
from core.workspace import workspace
from dashboard.panels.common import table_download
from dashboard.services import engine
from dashboard.session import pins, state
from dashboard.text import MISSING, escape

_SHOWN_FEATURES = 3  # That name a pinned row.
_SURE = ("probability", "score")


def prediction_comparison(
    records: Sequence[Record], experiments: Mapping[str, Experiment], names: Mapping[str, str]
) -> None:
    """Draws both tables. Raises RuntimeError."""
    runs = [record.id for record in records]
    _pinned(runs, experiments, names)
    versions = tuple(Journal(workspace(), run).version() for run in runs)
    with st.spinner("Predicting the test rows", show_time=False):
        found = _differences(tuple(runs), versions)
    if not found:
        st.info("These runs have no test rows in common for any target.")
    for target, rows in found:
        told = without_formulas(rows.rename(columns=names))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escape(target)}**: test rows on which the predictions differ most")
            name = file_name(records[0].name, "different-predictions", "csv")
            table_download("Download rows", told, name, f"differences-{target}")
        st.dataframe(told, hide_index=True, height=320, placeholder=MISSING, key=f"differences-rows-{target}")


@lru_cache(maxsize=8)
def _differences(runs: tuple[str, ...], _versions: tuple[int, ...]) -> list[tuple[str, pd.DataFrame]]:
    return engine().prediction_differences(runs)


def _pinned(runs: Sequence[str], experiments: Mapping[str, Experiment], names: Mapping[str, str]) -> None:
    """The predictions for the pinned rows, a row for each and target; a hint where there are none."""
    table, rows = state.experiment().data.table, pins.pins()
    of_table = [run for run in runs if experiments[run].data.table == table]
    if not rows or not of_table:
        st.caption(
            "Pin rows on the Build page to see what each run predicts for them: pinned rows are those of the table of "
            "the experiment on screen."
        )
        return
    told = [{"Pinned row": _row_words(row)} for row in rows]
    for run in of_table:
        try:
            predicted = engine().predict(run, pd.DataFrame(rows))
        except (LookupError, TableError) as error:
            st.caption(escape(f"{names[run]}: {error}"))
            continue
        for at, words in enumerate(predicted_words(predicted, experiments[run].data.targets)):
            told[at][names[run]] = words
    st.markdown("**Pinned rows**")
    st.dataframe(pd.DataFrame(told), hide_index=True, placeholder="-", key="compared-pins")


def _row_words(row: Mapping[str, str]) -> str:
    shown = [f"{name} {value}" for name, value in list(row.items())[:_SHOWN_FEATURES]]
    return ", ".join(shown) + (", ..." if len(row) > _SHOWN_FEATURES else "")


def predicted_words(predicted: pd.DataFrame, targets: Sequence[str]) -> list[str]:
    """The predictions of each row in words: "66,343", "yes (83.0%)", of several targets "price 66,343; type Condo"."""
    told = []
    for row in predicted.to_dict("records"):
        parts = []
        for target in targets:
            value, before = row[f"predicted {target}"], f" {target}" if len(targets) > 1 else ""
            told_by = next((word for word in _SURE if f"{word}{before} {value}" in row), None)
            sure = None if told_by is None else row[f"{told_by}{before} {value}"]
            words = f"{value:,.5g}" if isinstance(value, float) else str(value)
            parts.append(
                (f"{target} " if before else "")
                + words
                + ("" if sure is None else f" ({sure:{'.1%' if told_by == 'probability' else '.2f'}})")
            )
        told.append("; ".join(parts))
    return told
