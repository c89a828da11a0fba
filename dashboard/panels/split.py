"""The box of the Data page that deals rows into training, validation and test."""

import streamlit as st

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from core.tables.reading import listed
from core.tables.samples import SAMPLES
from dashboard.services import tables
from dashboard.session import state
from dashboard.text import count

_MOST_RECENT = 20


def split() -> None:
    """Draws the box of the split."""
    experiment, split = state.experiment(), state.experiment().data.split
    with st.container(border=True, key="tight-split"):
        st.subheader("Split")
        _method(experiment)
        if split.folds:
            _fold(experiment)
        if split.method == "column":
            _refit(experiment)
            _dealt()
            return
        if split.method == "table":
            _apart(experiment)
            _refit(experiment)
            _dealt()
            _seed(experiment)
            return
        key = f"split-{state.revision()}"
        cuts = (round(100 * split.train), round(100 * (split.train + split.validation)))
        st.slider(
            "Training, validation and test rows, in percent",
            5,
            95,
            value=cuts,
            step=5,
            key=key,
            on_change=_set_split,
            args=(key,),
            help="The network is trained on training rows, monitored on validation rows, and scored once "
            "on test rows. With both handles in one place there are no validation rows.",
        )
        _refit(experiment)
        _dealt()
        if split.method == "time":
            return
        _seed(experiment)


def _fold(experiment: Experiment) -> None:
    """Which fold tests, and the way back to test rows that are a share of all."""
    split = experiment.data.split
    st.info(
        f"Fold {split.fold} of {split.folds} of a cross-validation is the test set. The shares below "
        "split the other rows into training and validation."
    )
    st.button("Split without folds", key="split-no-folds", on_click=_without_folds)


def _without_folds() -> None:
    split = state.experiment().value()["data"]["split"]
    state.edit({"op": "set", "path": "data.split", "value": {**split, "folds": None, "fold": None}})


def _refit(experiment: Experiment) -> None:
    """Whether validation rows join the training rows; nothing is asked where the shares leave no validation rows."""
    split, key = experiment.data.split, f"split-refit@{state.revision()}"
    if split.refit or state.situation().rows[1]:
        st.toggle(
            "Refit: train on the validation rows too",
            split.refit,
            key=key,
            on_change=state.set_field,
            args=("data.split.refit", key),
            help="A final training, once the number of epochs has been chosen. The test set stays the "
            "same; there is no "
            "validation set.",
        )


def _seed(experiment: Experiment) -> None:
    seed = f"seed-{state.revision()}"
    st.number_input(
        "Split seed",
        0,
        2**31 - 1,
        value=experiment.data.split.seed,
        key=seed,
        on_change=state.set_field,
        args=("data.split.seed", seed),
    )


_METHODS = {
    "random": "Random",
    "time": "By time: the latest rows are the test set",
    "group": "By group: each group in one set",
    "column": "By a column with train, validation or test",
    "table": "Validation rows from another table",
}


def _method(experiment: Experiment) -> None:
    """How rows are dealt, and by which column."""
    split, revision = experiment.data.split, state.revision()
    key = f"split-method@{revision}"
    names = list(_METHODS)
    help = (
        "Random suits independent rows. By time or by group avoids leakage where rows of one day, person or place "
        "are similar."
    )
    st.selectbox(
        "Split method",
        names,
        index=names.index(split.method),
        format_func=lambda name: _METHODS[name],
        key=key,
        on_change=_set_method,
        args=(key,),
        help=help,
    )
    if split.column is not None and split.method not in ("random", "table"):
        columns = [column.name for column in state.situation().profile.columns]
        columns += [] if split.column in columns else [split.column]
        key = f"split-column@{revision}"
        st.selectbox(
            "Column to split by",
            columns,
            index=columns.index(split.column),
            key=key,
            on_change=state.set_field,
            args=("data.split.column", key),
        )


def _set_method(key: str) -> None:
    method, experiment = st.session_state[key], state.experiment()
    columns = state.situation().profile.columns
    likely = {"time": ("date", "number"), "group": ("category", "code"), "column": ("category",)}.get(method, ())
    found = [
        column.name
        for kind in likely
        for column in columns
        if column.kind == kind and column.name not in experiment.data.targets
    ]
    column = (found or [columns[0].name])[0] if method not in ("random", "table") else None
    table = next(iter(_others(experiment.data.table))) if method == "table" else None
    split = {**experiment.value()["data"]["split"], "method": method, "column": column, "table": table}
    if method == "column":
        split |= {"folds": None, "fold": None}
    state.edit({"op": "set", "path": "data.split", "value": split})


def recent_tables() -> dict[str, str]:
    """The uploaded tables, newest first: how each is named in an experiment -> how it is called here."""
    return {info.ref: f"{info.name} ({count(info.rows, 'row')})" for info in tables().store.recent()[:_MOST_RECENT]}


def _others(table: str) -> dict[str, str]:
    """The tables that validation rows may come from, uploaded ones first."""
    found = {**recent_tables(), **{f"sample:{name}": name for name in SAMPLES}}
    return {ref: label for ref, label in found.items() if ref != table}


def _apart(experiment: Experiment) -> None:
    """Which table the validation rows come from, and how many rows of this one are held out for the test."""
    split, revision = experiment.data.split, state.revision()
    labels = _others(experiment.data.table)
    refs = list(labels)
    key = f"split-table@{revision}"
    st.selectbox(
        "Table of validation rows",
        refs,
        index=refs.index(split.table) if split.table in refs else None,
        format_func=lambda ref: labels[ref],
        placeholder="Choose a table",
        key=key,
        on_change=_set_table,
        args=(key,),
        help="It must have the same columns. Upload it first, then choose the training table again.",
    )
    if alike := _read_alike(experiment):
        st.caption(
            f"Read as the training table writes them, where the file alone would give something else: {listed(alike)}."
        )
    key = f"split-test@{revision}"
    st.slider(
        "Test set of this table, in percent",
        5,
        90,
        value=round(100 * split.test),
        step=5,
        key=key,
        on_change=_set_test,
        args=(key,),
    )


def _read_alike(experiment: Experiment) -> list[str]:
    """The columns of the second table that are read as the training table's, not as the file alone would give them."""
    given = experiment.data.reading.carried().columns
    try:
        columns = tables().second_of(experiment.data)[1].columns if experiment.data.split.table else {}
    except TableError:  # The page says it elsewhere.
        return []
    return [name for name, how in columns.items() if how != given.get(name)]


def _set_table(key: str) -> None:
    if st.session_state[key]:
        state.edit({"op": "set", "path": "data.split.table", "value": st.session_state[key]})


def _set_test(key: str) -> None:
    test = st.session_state[key] / 100
    split = state.experiment().value()["data"]["split"]
    rest = (1 - test) / 2  # Nothing of this table validates; another way to split finds shares that add up to 1.
    state.edit(
        {
            "op": "set",
            "path": "data.split",
            "value": {**split, "train": 1 - test - rest, "validation": rest, "test": test},
        }
    )


def _dealt() -> None:
    situation, split = state.situation(), state.experiment().data.split
    if situation.task and not situation.trouble:
        train, validation, test = situation.rows
        stratified = split.method in ("random", "table") and any(task.kind != "regression" for task in situation.tasks)
        how = "; stratified by class" if stratified else ""
        validating = f"{validation:,}" if validation else "none"
        st.caption(f"{count(train, 'row')} for training, {validating} for validation, {test:,} for test{how}.")


def _set_split(key: str) -> None:
    chosen = st.session_state[key]
    first = min(chosen[0], 90)
    second = max(chosen[1], first)
    split = state.experiment().value()["data"]["split"]
    shares = {"train": first / 100, "validation": (second - first) / 100, "test": (100 - second) / 100}
    state.edit(
        {"op": "set", "path": "data.split", "value": {**split, **shares}}, structural=(first, second) != tuple(chosen)
    )
