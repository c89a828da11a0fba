"""The Data page: choose a table, look at it, choose the target, the features and the split."""

import logging
import math

import numpy as np
import pandas as pd
import streamlit as st

from core.catalog.kinds import KINDS
from core.experiment.columns import Column
from core.experiment.spec import Data, Experiment
from core.experiment.targets import with_data
from core.experiment.task import target_kind
from core.tables.dates import moment_text
from core.tables.number_text import NumberText, clock_forms, number_writing, with_clocks
from core.tables.prepared import class_order
from core.tables.profile import MOST_FEATURES, suggest, suggested_positive, suggested_preparation
from dashboard.panels.advice import advice_list
from dashboard.panels.column_preparation import preparation
from dashboard.panels.common import escape, with_days
from dashboard.panels.data_hints import data_hints
from dashboard.panels.sample_weights import weights
from dashboard.panels.scaling import scaling
from dashboard.panels.split import split
from dashboard.panels.table_reading import table_reading
from dashboard.panels.table_source import table_source, take_what_was_read
from dashboard.panels.table_width import words_width
from dashboard.services import tables
from dashboard.session import openings, state
from dashboard.text import MISSING, TASK_WORDS, amount, asked_in_short, count
from dashboard.views import build

log = logging.getLogger(__name__)
_HEAD_ROWS, _HEAD_COLUMNS = 50, 60
_MOST_KINDS = 3  # Further targets whose kind can be chosen.
_LONG_WORD = 24  # Letters of a value in the outline.
_LONG_NAME, _LONG_NAME_WIDTH = 40, 240  # Letters of a name whose column would hide all others, and its pixels.
_USUAL_NAME = 16  # Letters that find room in a column that nobody gives a width: it is measured by its first rows.
_NOTE_WIDTHS, _VALUES_WIDTHS = (75, 400), (120, 300, 420)  # Pixels, at least and at most; values beside a long note.
_OFFER = {"free text": "; select it to use its words"}


def view() -> None:
    """Draws the page."""
    take_what_was_read()
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        table_source()
        split()
    with right:
        _table()


def _table() -> None:
    experiment, situation = state.experiment(), state.situation()
    about, profile = tables().store.about(experiment.data.table, experiment.data.reading), situation.profile
    st.header(escape(experiment.name))
    size = f"{count(profile.rows, 'row')}, {count(len(profile.columns), 'column')}"
    st.caption(size if about.name == experiment.name else f"{escape(about.name)}: {size}")
    table_reading(about)
    data_hints(experiment)
    for note in profile.notes:
        st.info(escape(note))
    _target(experiment)
    weights(experiment)
    scaling(experiment)
    preparation(experiment)
    advice_list("data", most=3)
    st.subheader("Columns")
    _features(experiment)
    st.subheader("First rows")
    if len(profile.columns) > _HEAD_COLUMNS:
        st.caption(f"{_HEAD_COLUMNS} of {len(profile.columns):,} columns.")
    head = tables().head(experiment.data.table, _HEAD_ROWS, experiment.data.reading).iloc[:, :_HEAD_COLUMNS]
    _first_rows(with_clocks(head, clock_forms(number_writing(about))))


def _first_rows(head: pd.DataFrame) -> None:
    """Draws some rows; a column whose cells cannot be sent to a browser as they are is drawn as text."""
    try:
        st.dataframe(
            with_days(head),
            height=220,
            hide_index=True,
            placeholder=MISSING,
            column_config={
                name: st.column_config.Column(width=_LONG_NAME_WIDTH) for name in head if len(name) > _LONG_NAME
            },
        )
    except Exception:
        log.exception("the first rows could not be drawn as they are")
        st.dataframe(
            pd.DataFrame({name: [_cell_text(cell) for cell in cells] for name, cells in head.items()}),
            height=220,
            hide_index=True,
            placeholder=MISSING,
        )


def _cell_text(cell: object) -> str:
    try:
        return str(cell)
    except Exception:
        return "a cell that cannot be shown"


def _target(experiment: Experiment) -> None:
    situation = state.situation()
    names = [column.name for column in situation.profile.columns]
    target = experiment.data.targets[0] if experiment.data.targets else None
    choice, kind, task = st.columns([2, 1.4, 3], vertical_alignment="bottom")
    key = f"target-{state.revision()}"
    choice.selectbox(
        "Target",
        names,
        index=names.index(target) if target in names else None,
        placeholder="Choose a column",
        key=key,
        on_change=_set_target,
        args=(key,),
    )
    if target:
        with kind:
            _read_as(experiment, target, "Treat as")
    if situation.task:
        with task:
            st.page_link(
                st.Page(build.view, url_path="build", default=True),
                label="Build the network",
                icon=":material/arrow_forward:",
            )
        one, several = situation.task, len(situation.tasks) > 1
        classes = f" ({one.classes} classes)" if one.classes > 2 else ""
        asked = f"{escape(asked_in_short(situation.tasks))}" if several else f"{TASK_WORDS[one.kind]}{classes}"
        task.markdown(f"**{asked}**")
    if target:
        _further(experiment, names)


def _further(experiment: Experiment, names: list[str]) -> None:
    """Draws the choice of additional targets, which share the hidden layers and have output layers of their own."""
    first, *others = experiment.data.targets
    key = f"further-{state.revision()}"
    likely = [name for name in names if name != first]
    binary = [task.target for task in state.situation().tasks if task.kind == "binary"]
    shown = len(others[:_MOST_KINDS]) + (first in binary)
    rest = [1.4 * (_MOST_KINDS - shown)] if shown < _MOST_KINDS else []
    choice, *kinds = st.columns([2, *[1.4] * shown, *rest], vertical_alignment="bottom")
    choice.multiselect(
        "Additional targets",
        likely,
        default=[name for name in others if name in likely],
        placeholder="none",
        key=key,
        on_change=_set_further,
        args=(key, first),
        help="Additional targets share the hidden layers; each gets its own output layer, for instance the price and "
        "the type of a home.",
    )
    if first in binary:
        with kinds.pop(0):
            _positive(experiment, first, "Positive class")
    for box, name in zip(kinds, others, strict=False):
        with box:
            _read_as(experiment, name, f"Treat {escape(name)} as")
            if name in binary:
                _positive(experiment, name, f"Positive class of {escape(name)}")


def _read_as(experiment: Experiment, target: str, label: str) -> None:
    current = target_kind(experiment, state.situation().profile, target)
    kinds = [name for name, row in KINDS.items() if row.as_target]
    key = f"target-kind-{target}-{state.revision()}"
    st.selectbox(
        label,
        kinds,
        index=kinds.index(current) if current in kinds else None,
        key=key,
        on_change=_set_target_kind,
        args=(key, target),
        help="Number: regression. Category, code or boolean: classification.",
        placeholder="cannot be predicted",
    )


def _positive(experiment: Experiment, target: str, label: str) -> None:
    """Draws the choice of the positive class of a target of two."""
    column = state.situation().profile.column(target)
    words = [word for word, _ in column.top] if column else []
    classes = class_order(np.array(words, dtype=object), experiment.data.positive.get(target))
    key = f"positive-{target}-{state.revision()}"
    st.selectbox(
        label,
        classes,
        index=len(classes) - 1,
        key=key,
        on_change=_set_positive,
        args=(key, target),
        help="The network gives the probability of this class. Precision, recall and the threshold are about it.",
    )


def _set_positive(key: str, target: str) -> None:
    experiment = state.experiment()
    if st.session_state[key] is not None:
        positive = {**experiment.data.positive, target: st.session_state[key]}
        _replace_data(experiment, experiment.data.model_copy(update={"positive": positive}))


def _set_target(key: str) -> None:
    target = st.session_state[key]
    if target is None:
        return
    experiment = state.experiment()
    if not experiment.layers:  # Of a table for which no target could be guessed: it has no network yet.
        state.replace(openings.experiment_on(experiment.data.table, target, experiment.data.reading))
        return
    profile = tables().profile(experiment.data.table, experiment.data.reading)
    features = suggest(profile, target)
    preparation = {**suggested_preparation(profile, features), **experiment.data.preparation}
    positive = suggested_positive(profile, [target])
    changed = {"targets": (target,), "features": features, "preparation": preparation, "positive": positive}
    data = experiment.data.model_copy(update={**changed, "target_kinds": {}, "weight": None})
    _replace_data(experiment, data)
    state.show_run(None)


def _set_further(key: str, first: str) -> None:
    """Other targets: none of them is a feature, and a column that is one no more is again what it was
    suggested to be.
    """
    experiment = state.experiment()
    targets = (first, *st.session_state[key])
    profile = tables().profile(experiment.data.table, experiment.data.reading)
    suggested = suggest(profile, first)
    features = {name: kind for name, kind in experiment.data.features.items() if name not in targets}
    features |= {name: suggested[name] for name in experiment.data.targets if name not in targets and name in suggested}
    positive = suggested_positive(profile, targets) | experiment.data.positive
    changed = {"targets": targets, "features": features, "positive": positive}
    _replace_data(experiment, experiment.data.model_copy(update=changed))
    state.show_run(None)


def _set_target_kind(key: str, target: str) -> None:
    experiment = state.experiment()
    if st.session_state[key]:
        kinds = {**experiment.data.target_kinds, target: st.session_state[key]}
        _replace_data(experiment, experiment.data.model_copy(update={"target_kinds": kinds}))


def _replace_data(experiment: Experiment, data: Data) -> None:
    state.replace(with_data(experiment, data, tables().profile(data.table, data.reading)))


def _features(experiment: Experiment) -> None:
    """One row a column. The editor starts from the features at its revision and adds edits to them."""
    profile = state.situation().profile
    key = f"features-{state.revision()}"
    base = st.session_state.setdefault(f"base-{key}", dict(experiment.data.features))
    shown = sorted(profile.columns, key=lambda column: column.name not in experiment.data.targets)  # The target first.
    taken = len(experiment.data.features)
    more = (
        " Of a wide table only the first columns are selected; tick others to add them."
        if len(shown) > taken >= MOST_FEATURES
        else ""
    )
    st.caption(f"{taken:,} of {count(len(shown), 'column')} are features.{more}")
    writing = number_writing(tables().store.about(experiment.data.table, experiment.data.reading))
    notes = [_said_of(column, experiment) for column in shown]
    noted = max(_NOTE_WIDTHS[0], words_width(notes, _NOTE_WIDTHS[1]))
    room = _VALUES_WIDTHS[1 if noted > _VALUES_WIDTHS[1] else 2]  # A note is not pushed out of sight.
    values = [_range(column, NumberText.of(writing, column.name), room) for column in shown]
    frame = pd.DataFrame(
        {
            "use": [column.name in base for column in shown],
            "column": [column.name for column in shown],
            "kind": [base.get(column.name, column.kind) for column in shown],
            "distribution": [list(column.picture) for column in shown],
            "missing": [column.missing for column in shown],
            "distinct": [column.distinct for column in shown],
            "range": values,
            "note": notes,
        }
    )
    st.data_editor(
        frame,
        placeholder="-",
        key=key,
        hide_index=True,
        row_height=34,
        height=min(34 * (len(frame) + 1) + 3, 414),
        disabled=["column", "distribution", "missing", "distinct", "range", "note"],
        column_config={
            "use": st.column_config.CheckboxColumn(
                "Feature", width="small", help="Whether the column is an input of the network."
            ),
            "column": st.column_config.TextColumn("Column", width=_name_width(int(frame["column"].str.len().max()))),
            "kind": st.column_config.SelectboxColumn(
                "Kind", options=list(KINDS), required=True, help="How the column is treated."
            ),
            "distribution": st.column_config.BarChartColumn("Distribution", width="small", y_min=0),
            "missing": st.column_config.NumberColumn("Missing", format="percent", width="small"),
            "distinct": st.column_config.NumberColumn("Distinct", format="localized", width="small"),
            "range": st.column_config.TextColumn("Values", width=max(_VALUES_WIDTHS[0], words_width(values, room))),
            "note": st.column_config.TextColumn("Note", width=noted),
        },
        on_change=_set_features,
        args=(key, [column.name for column in shown], {column.name: column.kind for column in shown}, base),
    )


def _name_width(longest: int) -> int | None:
    """Pixels of the column of names, the longest of which has so many letters."""
    return None if longest <= _USUAL_NAME else min(_LONG_NAME_WIDTH, 18 + 7 * longest)


def _said_of(column: Column, experiment: Experiment) -> str:
    """Why a column is no feature at first, or what went wrong with it."""
    parts = (
        ["target"]
        if column.name in experiment.data.targets
        else [f"not a feature: {column.left_out}{_OFFER.get(column.left_out, '')}"]
        if column.left_out and experiment.data.features.get(column.name) != "text"
        else []
    )
    situation = state.situation()
    if cut := situation.cut.get(column.name):
        parts.append(
            f"{cut.kept:,} of {cut.words:,} categories are known; {cut.share:.1%} of the training rows hold another"
        )
    return "; ".join([*parts, *filter(None, [situation.columns.get(column.name)])])


def _range(column: Column, form: NumberText, room: int = _VALUES_WIDTHS[2]) -> str:
    """The ends of a column's values, or of its most frequent categories those that stand whole in a room of so many
    pixels; times as the table writes them.
    """
    if KINDS[column.kind].raw == "string" or column.low is None or column.high is None:
        top = [value if len(value) <= _LONG_WORD else f"{value[: _LONG_WORD - 1]}…" for value, _ in column.top[:4]]
        while len(top) > 1 and words_width([", ".join(top)], room + 1) > room:
            top.pop()
        return ", ".join(top)
    if column.kind == "date":
        return f"{moment_text(math.floor(column.low))} to {moment_text(math.floor(column.high))}"
    ends = (column.low, column.high)
    written = [form.written(end) if form.clock else amount(end, *ends) for end in ends]
    return " to ".join(dict.fromkeys(written))  # Of a constant column its value.


def _set_features(key: str, names: list[str], kinds: dict[str, str], base: dict[str, str]) -> None:
    features = dict(base)
    for row, changes in st.session_state[key]["edited_rows"].items():
        name = names[int(row)]
        kind = changes.get("kind", features.get(name, kinds[name]))
        if changes.get("use", name in features):
            features[name] = kind
        else:
            features.pop(name, None)
    ordered = {name: features[name] for name in names if name in features}
    experiment = state.experiment()
    new = {name: kind for name, kind in ordered.items() if name not in experiment.data.features}
    suggested = suggested_preparation(state.situation().profile, new)
    kept = {**suggested, **experiment.data.preparation}
    settings = {name: settings.model_dump(mode="json") for name, settings in kept.items()}
    data = {**experiment.value()["data"], "features": ordered, "preparation": settings}
    state.edit({"op": "set", "path": "data", "value": data}, structural=False)
