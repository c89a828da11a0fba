"""The rows behind a point, a bar or a cell of a figure on the Result page: a click lists them below it.

figure(drawn, key=..., says=..., picked=rows_picked(asked, part, rows_of))
picked_row_list(asked, part, does="Click a point to list its row.")
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from core.evaluation.row_table import row_table
from core.experiment.file_names import file_name
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import table_download
from dashboard.panels.evaluated_part import of_a_sample, row_list
from dashboard.session import state
from dashboard.text import count, escape

_PICKED = "ld.picked-rows"

Rows = Callable[[int, Any], tuple[np.ndarray, str]]


def rows_picked(asked: Asked, part: str, rows_of: Rows) -> Callable[[Any], None]:
    """What a figure calls with the point that is clicked: its rows are kept, and listed by `picked_row_list`.

    Args:
        rows_of: Takes the number of the trace and of its point (of a matrix [row, column]); gives the numbers of the
            rows within the part, and words for them. Raises LookupError for a point without rows.
    """

    def take(value: Any) -> None:
        try:
            trace, point = value
            rows, words = rows_of(int(trace), point)
            positions = asked.rows().parts[part].positions[rows].tolist()
        except (LookupError, TypeError, ValueError):  # The browser may name any point.
            return
        except (RuntimeError, TableError) as error:  # The worker is away, or the table.
            state.note(str(error))
            return
        st.session_state[_PICKED] = {
            "run": asked.run_id,
            "target": asked.target,
            "part": part,
            "positions": positions,
            "words": words,
        }

    return take


def picked_row_list(asked: Asked, *parts: str, does: str) -> None:
    """Draws the rows that were picked in a figure of one of these parts; else `does`: what a click does."""
    picked = st.session_state.get(_PICKED, {})
    part = picked.get("part")
    if (picked.get("run"), picked.get("target")) != (asked.run_id, asked.target) or part not in parts:
        st.caption(does)
        return
    of_part = asked.rows().parts[part]
    some = of_part.only(np.isin(of_part.positions, picked["positions"]))
    told = row_table(some, some.targets[asked.target])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.markdown(f"**{escape(picked['words'])}**: {count(len(told), f'{part} row')}.{of_a_sample(of_part)}")
        table_download("Download rows", told, file_name(asked.experiment.name, "rows", "csv"), "picked-download")
        st.button("Clear", key="picked-clear", on_click=_clear)
    row_list(asked, some, "picked-list")


def _clear() -> None:
    st.session_state.pop(_PICKED, None)
