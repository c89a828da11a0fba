"""The Data page: choose a table, look at it, choose the target, the features and the split."""

import logging

import pandas as pd
import streamlit as st

from core.experiment.columns import Column
from core.experiment.kinds import KINDS
from core.experiment.spec import Data, Experiment
from core.experiment.task import target_kind, task_of
from core.experiment.templates import suit
from core.tables.errors import TableError
from core.tables.profile import MOST_FEATURES, suggest
from core.tables.samples import SAMPLES
from dashboard import state
from dashboard.services import tables
from dashboard.views import build
from dashboard.views.parts import advice_list, escape
from dashboard.words import TASK_WORDS, amount, count

log = logging.getLogger(__name__)
_HEAD_ROWS, _HEAD_COLUMNS = 50, 60
_UPLOADS = ["csv", "tsv", "txt", "parquet", "xlsx"]


def view() -> None:
    """Draws the page."""
    left, right = st.columns([1, 2.6], gap="medium")
    with left:
        _source()
    with right:
        _table()


def _source() -> None:
    with st.container(border=True, key="tight-source"):
        st.subheader("Table")
        current = state.experiment().data.table
        names = list(SAMPLES)
        at = names.index(current.removeprefix("sample:")) if current.removeprefix("sample:") in names else None
        st.selectbox(
            "Take a sample",
            names,
            index=at,
            format_func=lambda name: SAMPLES[name].title,
            placeholder="Choose a sample table",
            key=f"sample-{state.revision()}",
            on_change=_take_sample,
            args=(f"sample-{state.revision()}",),
        )
        if at is not None:
            sample = SAMPLES[names[at]]
            st.caption(f"{sample.what} Source: {sample.source} ({sample.licence}).")
        st.file_uploader(
            "Or bring your own", type=_UPLOADS, key="upload", on_change=_take_upload, help="CSV, Parquet or Excel, up to 200 MB."
        )
        recent = tables().store.recent()[:20]
        if recent:
            refs = [info.ref for info in recent]
            labels = {info.ref: f"{info.name} ({count(info.rows, 'row')})" for info in recent}
            st.selectbox(
                "Tables brought before",
                refs,
                index=refs.index(current) if current in refs else None,
                format_func=lambda ref: labels[ref],
                placeholder="Choose a table",
                key=f"recent-{state.revision()}",
                on_change=_take_recent,
                args=(f"recent-{state.revision()}",),
            )
    _split()


def _take(ref: str) -> None:
    try:
        state.replace(state.experiment_on(ref))
        state.show_run(None)
    except TableError as error:
        state.note(str(error))
    except Exception as error:  # Whatever a table holds, the page answers with a sentence.
        log.exception("the table %s could not be taken", ref)
        state.note(f"This table could not be understood ({type(error).__name__}): save it as a plain CSV with short column names.")


def _take_sample(key: str) -> None:
    if st.session_state[key]:
        _take(f"sample:{st.session_state[key]}")


def _take_recent(key: str) -> None:
    if st.session_state[key]:
        _take(st.session_state[key])


def _take_upload() -> None:
    upload = st.session_state["upload"]
    if upload is None:
        return
    try:
        info = tables().store.keep(upload.name, upload.getvalue())
    except TableError as error:
        state.note(str(error))
    except OSError as error:
        state.note(f"The table could not be kept in the workspace ({error.strerror}). Free some space or choose another workspace.")
    else:
        _take(info.ref)


def _split() -> None:
    experiment, split = state.experiment(), state.experiment().data.split
    with st.container(border=True, key="tight-split"):
        st.subheader("Split")
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
            help="The network learns from training rows, is watched on validation rows, and is judged once on test rows.",
        )
        situation = state.situation()
        if situation.task:
            train, validation, test = situation.rows
            how = "shuffled" if situation.task.kind == "regression" else "shuffled, classes in the same shares"
            st.caption(f"{train:,} training, {validation:,} validation, {test:,} test rows; {how}.")
        seed = f"seed-{state.revision()}"
        st.number_input(
            "Seed of the shuffle",
            0,
            2**31 - 1,
            value=experiment.data.split.seed,
            key=seed,
            on_change=state.set_field,
            args=("data.split.seed", seed),
        )


def _set_split(key: str) -> None:
    chosen = st.session_state[key]
    first = min(chosen[0], 90)
    second = max(chosen[1], first + 5)
    split = state.experiment().value()["data"]["split"]
    shares = {"train": first / 100, "validation": (second - first) / 100, "test": (100 - second) / 100}
    state.edit({"op": "set", "path": "data.split", "value": {**split, **shares}}, structural=(first, second) != tuple(chosen))


def _table() -> None:
    experiment, situation = state.experiment(), state.situation()
    about, profile = tables().store.about(experiment.data.table), situation.profile
    st.header(escape(experiment.name))
    st.caption(f"{escape(about.name)}: {count(profile.rows, 'row')}, {count(len(profile.columns), 'column')}")
    for note in (*about.notes, *profile.notes):
        st.info(escape(note))
    _target(experiment)
    advice_list("data", most=3)
    st.subheader("Columns")
    _features(experiment)
    st.subheader("First rows")
    st.dataframe(_head(experiment.data.table), height=220, hide_index=True)


def _head(ref: str) -> pd.DataFrame:
    head = tables().frame(ref).head(_HEAD_ROWS)
    return head.iloc[:, :_HEAD_COLUMNS]


def _target(experiment: Experiment) -> None:
    situation = state.situation()
    names = [column.name for column in situation.profile.columns]
    target = experiment.data.targets[0] if experiment.data.targets else None
    choice, kind, task = st.columns([2, 1.4, 3], vertical_alignment="bottom")
    key = f"target-{state.revision()}"
    choice.selectbox(
        "What is to be predicted",
        names,
        index=names.index(target) if target in names else None,
        placeholder="Choose a column",
        key=key,
        on_change=_set_target,
        args=(key,),
    )
    current = target_kind(experiment, situation.profile)
    kinds = [name for name, row in KINDS.items() if row.as_target]
    key = f"target-kind-{state.revision()}"
    kind.selectbox(
        "Read as",
        kinds,
        index=kinds.index(current) if current in kinds else None,
        key=key,
        on_change=_set_target_kind,
        args=(key,),
        help="A number is estimated; a category, code or boolean is one of a few classes.",
        placeholder="cannot be predicted",
    )
    if situation.task:
        with task:
            st.page_link(st.Page(build.view, url_path="build", default=True), label="Build the network", icon=":material/arrow_forward:")
        classes = f" ({situation.task.classes} classes)" if situation.task.classes > 2 else ""
        task.markdown(f"**{TASK_WORDS[situation.task.kind]}**{classes}")


def _set_target(key: str) -> None:
    target = st.session_state[key]
    if target is None:
        return
    experiment = state.experiment()
    profile = tables().profile(experiment.data.table)
    data = Data(table=experiment.data.table, targets=(target,), features=suggest(profile, target), split=experiment.data.split)
    _replace_data(experiment, data)
    state.show_run(None)


def _set_target_kind(key: str) -> None:
    experiment = state.experiment()
    if st.session_state[key] and experiment.data.targets:
        data = experiment.data.model_copy(update={"target_kinds": {experiment.data.targets[0]: st.session_state[key]}})
        _replace_data(experiment, data)


def _replace_data(experiment: Experiment, data: Data) -> None:
    changed = experiment.model_copy(update={"data": data})
    task = task_of(changed, tables().profile(data.table))
    state.replace(suit(changed, task) if task else changed)


def _features(experiment: Experiment) -> None:
    """One row a column. The editor starts from the features at its revision and adds edits to them."""
    profile = state.situation().profile
    key = f"features-{state.revision()}"
    base = st.session_state.setdefault(f"base-{key}", dict(experiment.data.features))
    shown = sorted(profile.columns, key=lambda column: column.name not in experiment.data.targets)  # The target first.
    taken = len(experiment.data.features)
    more = " Of a wide table only the first are taken at first; tick others to add them." if len(shown) > taken >= MOST_FEATURES else ""
    st.caption(f"{taken:,} of {count(len(shown), 'column')} are features.{more}")
    frame = pd.DataFrame(
        {
            "use": [column.name in base for column in shown],
            "column": [column.name for column in shown],
            "kind": [base.get(column.name, column.kind) for column in shown],
            "distribution": [list(column.picture) for column in shown],
            "missing": [column.missing for column in shown],
            "distinct": [column.distinct for column in shown],
            "range": [_range(column) for column in shown],
            "note": ["it is the target" if column.name in experiment.data.targets else column.left_out or "" for column in shown],
        }
    )
    st.data_editor(
        frame,
        key=key,
        hide_index=True,
        row_height=34,
        height=min(34 * (len(frame) + 1) + 3, 414),
        disabled=["column", "distribution", "missing", "distinct", "range", "note"],
        column_config={
            "use": st.column_config.CheckboxColumn("Feature", width="small", help="Whether the network sees this column."),
            "column": st.column_config.TextColumn("Column"),
            "kind": st.column_config.SelectboxColumn("Kind", options=list(KINDS), required=True, help="How its cells are read."),
            "distribution": st.column_config.BarChartColumn("Distribution", width="small", y_min=0),
            "missing": st.column_config.NumberColumn("Missing", format="percent", width="small"),
            "distinct": st.column_config.NumberColumn("Distinct", format="localized", width="small"),
            "range": st.column_config.TextColumn("Values"),
            "note": st.column_config.TextColumn("Left out because", width="small"),
        },
        on_change=_set_features,
        args=(key, [column.name for column in shown], {column.name: column.kind for column in shown}, base),
    )


def _range(column: Column) -> str:
    if column.kind in ("category", "code") or column.low is None:
        return ", ".join(value for value, _ in column.top[:4])
    if column.kind == "date":
        days = pd.to_datetime([column.low, column.high], unit="D")
        return f"{days[0]:%Y-%m-%d} to {days[1]:%Y-%m-%d}"
    return f"{amount(column.low)} to {amount(column.high)}"


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
    state.edit({"op": "set", "path": "data.features", "value": ordered}, structural=False)
