"""Catalog fields as widgets: one function a kind of field; every widget edits the experiment at the field's path."""

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from core.catalog.fields import Field, Flag, Name, Number, Numbers, Part, Pick, Row, Whole
from core.catalog.schedules import SCHEDULES, Rate, rate_at
from core.experiment.edits import apply
from core.experiment.spec import InvalidExperiment
from dashboard.panels.common import NOTHING
from dashboard.session import state
from dashboard.text import escape

_REFUSED = "ld.refused"  # Of the session: key of a widget -> why its value was refused.


def draw(field: Field, path: str, value: Any, label: str = "", collapsed: bool = False, of: str = "") -> None:
    """Draws one argument; `path` is where its value lives in the experiment, `of` the row it belongs to.

    Limits are not the widget's: it would refuse a number without a word, and the experiment says what is allowed.
    """
    key = f"{path}:{of}@{state.revision()}"
    common = {
        "label": label or field.label,
        "key": key,
        "help": None if collapsed else field.help,
        "label_visibility": "collapsed" if collapsed else "visible",
        "on_change": _take,
        "args": (path, key, field),
    }
    _WIDGETS[type(field)](field, path, value, common)
    refusal(key)


def draw_fields(row: Row, path: str, given: dict[str, Any], wanted: Callable[[Field], bool]) -> None:
    """Draws the arguments of a row that are wanted, one below the other."""
    for field in row.fields:
        if wanted(field):
            draw(field, f"{path}.{field.name}", given.get(field.name, field.default), of=row.name)


def _take(path: str, key: str, field: Field) -> None:
    take(path, key, field.label, field)


def take(path: str, key: str, label: str, field: Field) -> None:
    """Takes a widget's value into the experiment. A wrong one is refused at the field, and the last good
    value stands.
    """
    value = st.session_state[key]
    refused = st.session_state.setdefault(_REFUSED, {})
    refused.pop(key, None)
    try:
        field.check(value)
        state.replace(apply(state.experiment(), {"op": "set", "path": path, "value": value}), structural=False)
    except InvalidExperiment as error:  # What other fields have to do with it.
        refused[key] = str(error)
    except ValueError as error:
        asked = field.asked(value) if isinstance(field, Whole | Number) else ""
        refused[key] = (
            f"{label}: enter {asked}{', or leave it empty' if field.optional else ''}."
            if asked
            else f"{label}: {error}"
        )


def refusal(key: str) -> None:
    """Below a field whose value was refused: why, over what stands there, so that nothing moves."""
    if says := st.session_state.get(_REFUSED, {}).get(key):
        with st.container(key=f"refused-{key}"):
            st.caption(f":red[{escape(says)}]")


def show_in_box(key: str, value: float | None) -> None:
    """Puts a number into a box that may be empty, which is drawn with no default value after that: Streamlit puts a box
    that a person empties back to its default value.
    """
    st.session_state.setdefault(key, value)


def _number(field: Number, _path: str, value: Any, common: dict[str, Any]) -> None:
    step = field.step or 10.0 ** math.floor(math.log10(abs(field.default or 0) or 0.1))
    number = None if value is None else float(value)
    if field.optional:
        show_in_box(common["key"], number)
    st.number_input(
        **common,
        value=None if field.optional else number,
        step=step,
        format="%g",
        placeholder="none" if field.optional else "",
    )


def _rate(field: Rate, path: str, value: Any, common: dict[str, Any]) -> None:
    scheduled = isinstance(value, dict)
    if not scheduled:
        _number(field, path, value, common)
    key = f"{common['key']}-schedule"
    st.selectbox(
        "Schedule",
        [NOTHING, *SCHEDULES],
        index=[NOTHING, *SCHEDULES].index(value["class"] if scheduled else NOTHING),
        format_func=lambda name: SCHEDULES[name].title if name else "Constant",
        key=key,
        help="How the learning rate changes over the steps; one step is one batch.",
        on_change=_take_schedule,
        args=(path, key, rate_at(value, 0)),
    )
    if scheduled:
        draw_fields(SCHEDULES[value["class"]], path, value, lambda _: True)


def _take_schedule(path: str, key: str, rate: float) -> None:
    name = st.session_state[key]
    value: Any = rate
    if name:
        value = {"class": name, **SCHEDULES[name].starting_arguments()}
        if "initial_learning_rate" in value:
            value["initial_learning_rate"] = rate
    state.edit({"op": "set", "path": path, "value": value})


def _numbers(_field: Numbers, path: str, value: Any, common: dict[str, Any]) -> None:
    text = ", ".join(f"{number:g}" for number in value)
    st.text_input(
        **{**common, "on_change": _take_numbers, "args": (path, common["key"], common["label"])},
        value=text,
        placeholder="10, 20, 30",
    )


def _take_numbers(path: str, key: str, label: str) -> None:
    refused = st.session_state.setdefault(_REFUSED, {})
    refused.pop(key, None)
    texts = st.session_state[key].replace(";", ",").split(",")
    try:
        value = [float(word) for word in texts if word.strip()]
        state.replace(apply(state.experiment(), {"op": "set", "path": path, "value": value}), structural=False)
    except ValueError as error:
        refused[key] = (
            str(error) if isinstance(error, InvalidExperiment) else f"{label}: enter numbers like 10, 20, 30."
        )


def _whole(field: Whole, _path: str, value: Any, common: dict[str, Any]) -> None:
    if field.optional:
        show_in_box(common["key"], value)
    st.number_input(
        **common, value=None if field.optional else value, step=1, placeholder=field.empty if field.optional else ""
    )


def _flag(_field: Flag, _path: str, value: Any, common: dict[str, Any]) -> None:
    st.toggle(**common, value=bool(value))


def _pick(field: Pick, _path: str, value: Any, common: dict[str, Any]) -> None:
    allowed = field.words()
    value = value if value in allowed else ("linear" if "linear" in allowed else allowed[0])
    st.selectbox(**common, options=allowed, index=allowed.index(value))


def _name(_field: Name, _path: str, value: Any, common: dict[str, Any]) -> None:
    logged = ["loss", *state.experiment().logged()]
    names = ([f"val_{name}" for name in logged] if state.situation().validated else []) + logged
    names = names if value in names else [value, *names]
    st.selectbox(**common, options=names, index=names.index(value))


def _part(field: Part, path: str, value: Any, common: dict[str, Any]) -> None:
    rows = field.rows()
    names = [*([NOTHING] if field.optional else []), *rows]
    chosen = value["class"] if value else NOTHING
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
    value = (
        {"class": name, **row.starting_arguments(), **{one.name: one.default for one in row.fields if not one.advanced}}
        if row
        else None
    )
    state.edit({"op": "set", "path": path, "value": value}, structural=False)


_WIDGETS: dict[type[Field], Callable[[Any, str, Any, dict[str, Any]], None]] = {
    Number: _number,
    Numbers: _numbers,
    Rate: _rate,
    Whole: _whole,
    Flag: _flag,
    Pick: _pick,
    Name: _name,
    Part: _part,
}
