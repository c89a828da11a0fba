"""How the cells of one column become values: a part of the import step."""

from collections.abc import Callable
from typing import Any, get_args

import streamlit as st

from core.catalog.text_files import DECIMALS
from core.experiment.columns import TableInfo
from core.experiment.reading import CellKind, ColumnReading, TableReading
from core.experiment.reading_edits import with_column
from dashboard.session import state

_AUTOMATIC = "automatic"
_CENSORED = {"missing": "missing", "bound": "the bound", "half": "half of the bound"}
ReadAgain = Callable[[TableReading], None]


def column_reading(about: TableInfo, read_again: ReadAgain) -> None:
    """Draws the choices for the cells of one column; `read_again` takes the reading that one of them makes."""
    profile = state.situation().profile
    names = [column.name for column in profile.columns]
    decided = about.decided.columns
    first = next((names.index(name) for name in decided if name in names), 0)
    with st.container(horizontal=True, vertical_alignment="bottom", key="tight-column-reading"):
        key = f"column-reading@{state.revision()}"
        name = st.selectbox("Cells of column", names, index=first, key=key, width=220)
        if name is None:
            return
        reading = decided.get(name, ColumnReading())
        given = state.experiment().data.reading.columns.get(name, ColumnReading())
        _choice("Read as", "as", [_AUTOMATIC, *get_args(CellKind)], reading.as_, about, name, read_again)
        column = profile.column(name)
        if reading.as_ == "number" or (column is not None and column.kind == "number"):
            _choice(
                "Decimal mark in the column",
                "decimal",
                [_AUTOMATIC, *DECIMALS],
                reading.decimal,
                about,
                name,
                read_again,
            )
            _words("Unit", "unit", reading.unit or "", about, name, read_again, "Shown beside the column's numbers.")
            _choice("Cells like <0.05", "censored", [_AUTOMATIC, *_CENSORED], reading.censored, about, name, read_again)
        missing = ", ".join((given or reading).missing)
        _words("Also missing", "missing", missing, about, name, read_again, "Cells that mean missing: TBC, -999.")


def _choice(
    label: str, field: str, options: list[str], current: str | None, about: TableInfo, name: str, read_again: ReadAgain
) -> None:
    key = f"column-reading-{field}-{name}@{state.revision()}"
    st.selectbox(
        label,
        options,
        index=options.index(current) if current in options else 0,
        format_func=lambda option: {**DECIMALS, **_CENSORED}.get(option, option),
        key=key,
        on_change=_take,
        args=(field, key, about, name, read_again),
        width=170,
    )


def _words(label: str, field: str, current: str, about: TableInfo, name: str, read_again: ReadAgain, help: str) -> None:
    key = f"column-reading-{field}-{name}@{state.revision()}"
    st.text_input(
        label, current, key=key, on_change=_take, args=(field, key, about, name, read_again), help=help, width=170
    )


def _take(field: str, key: str, about: TableInfo, name: str, read_again: ReadAgain) -> None:
    value: Any = st.session_state[key]
    if field == "missing":
        value = tuple(word.strip() for word in value.split(",") if word.strip())
    elif value in (_AUTOMATIC, ""):
        value = None
    column = about.decided.columns.get(name, ColumnReading()).model_dump(by_alias=True)
    # What the reader made of the cells as another kind says nothing of them as this one.
    kept = {} if field == "as" else column
    try:
        new = ColumnReading.model_validate({**kept, field: value})
    except ValueError:
        state.note("This cannot be set for the column: a unit or a word may have at most 200 characters.")
    else:
        read_again(with_column(about.decided, name, new))
