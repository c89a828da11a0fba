"""Catalog fields as widgets: one function a kind of field; every widget edits the experiment at the field's path."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.experiment.fields import Field, Flag, Name, Number, Part, Pick, Row, Whole
from dashboard import state


def draw(field: Field, path: str, value: Any, label: str = "", collapsed: bool = False, of: str = "") -> None:
    """Draws one argument; `path` is where its value lives in the experiment, `of` the row it belongs to.

    Limits are not the widget's: it would refuse a number without a word, and the experiment says what is allowed.
    """
    key = f"{path}:{of}@{state.revision()}"
    common = {
        "label": label or words(field.name),
        "key": key,
        "help": None if collapsed else field.help,
        "label_visibility": "collapsed" if collapsed else "visible",
        "on_change": _take,
        "args": (path, key, field),
    }
    _WIDGETS[type(field)](field, path, value, common)


def words(name: str) -> str:
    """An argument's name for people: "learning_rate" -> "Learning rate"."""
    return name.replace("_", " ").capitalize().replace("L1", "L1").replace("l2", "L2")


def draw_fields(row: Row, path: str, given: dict[str, Any], wanted: Callable[[Field], bool]) -> None:
    """Draws the arguments of a row that are wanted, one below the other."""
    for field in row.fields:
        if wanted(field):
            draw(field, f"{path}.{field.name}", given.get(field.name, field.default), of=row.name)


def _take(path: str, key: str, field: Field) -> None:
    value = st.session_state[key]
    if value is None and not field.optional:  # An emptied box: Keras's default comes back.
        state.edit({"op": "set", "path": path, "value": field.default})
    else:
        state.edit({"op": "set", "path": path, "value": value}, structural=False)


def _number(field: Number, _path: str, value: Any, common: dict[str, Any]) -> None:
    step = field.step or 10.0 ** math.floor(math.log10(abs(field.default or 0) or 0.1))
    st.number_input(
        **common,
        value=None if value is None else float(value),
        step=step,
        format="%g",
        placeholder="none" if field.optional else "",
    )


def _whole(field: Whole, _path: str, value: Any, common: dict[str, Any]) -> None:
    st.number_input(**common, value=value, step=1, placeholder="none" if field.optional else "")


def _flag(_field: Flag, _path: str, value: Any, common: dict[str, Any]) -> None:
    st.toggle(**common, value=bool(value))


def _pick(field: Pick, _path: str, value: Any, common: dict[str, Any]) -> None:
    allowed = field.words()
    value = value if value in allowed else ("linear" if "linear" in allowed else allowed[0])
    st.selectbox(**common, options=allowed, index=allowed.index(value))


def _name(_field: Name, _path: str, value: Any, common: dict[str, Any]) -> None:
    logged = ["loss", *(metric.row.short for metric in state.experiment().compile.metrics)]
    names = [f"val_{name}" for name in logged] + logged
    names = names if value in names else [value, *names]
    st.selectbox(**common, options=names, index=names.index(value))


def _part(field: Part, path: str, value: Any, common: dict[str, Any]) -> None:
    rows = field.rows()
    names = [*([None] if field.optional else []), *rows]
    chosen = value["class"] if value else None
    key = common["key"]
    st.selectbox(
        **{**common, "on_change": _take_part, "args": (path, key, field)},
        options=names,
        index=names.index(chosen),
        format_func=lambda name: rows[name].title if name else "none",
    )
    if chosen:
        draw_fields(rows[chosen], path, value, lambda _: True)


def _take_part(path: str, key: str, field: Part) -> None:
    name = st.session_state[key]
    row = field.rows().get(name)
    value = {"class": name, **{one.name: one.default for one in row.fields if not one.advanced}} if row else None
    state.edit({"op": "set", "path": path, "value": value}, structural=False)


_WIDGETS: dict[type[Field], Callable[[Any, str, Any, dict[str, Any]], None]] = {
    Number: _number,
    Whole: _whole,
    Flag: _flag,
    Pick: _pick,
    Name: _name,
    Part: _part,
}
