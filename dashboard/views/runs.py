"""The Runs page: what was trained in this workspace, newest first; runs are opened, compared, described and deleted."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.experiment.columns import TableInfo
from core.runs.cleaning import purge
from core.runs.parent_runs import RACE, SEARCH, ParentRun
from core.runs.run_record import MOST_NOTE, Record
from core.runs.run_state import LiveRun
from core.tables.errors import TableError
from core.workspace import workspace
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import to_build
from dashboard.panels.disk_space import disk_space, thin_runs
from dashboard.panels.run_comparison import MOST_COMPARED, run_comparison
from dashboard.panels.run_families import TableRow, family_of, family_words, with_families
from dashboard.panels.run_selection import run_selection, toggled_parents
from dashboard.panels.run_table import EVERY, HIDDEN, STARRED, chosen_runs, queued_record
from dashboard.panels.run_tree_table import run_tree_table
from dashboard.panels.score_tiles import score_tiles
from dashboard.panels.settings_and_scores import settings_and_scores, settings_and_scores_of_listed
from dashboard.services import engine, parent_runs, tables
from dashboard.session import race, search, state, training
from dashboard.text import count, escape

if TYPE_CHECKING:
    from core.runs.mlflow_store import Store

_MOST_SAID = 3  # Sentences on single runs.


def view() -> None:
    """Draws the page."""
    st.header("Runs")
    try:
        with st.spinner("Loading the runs", show_time=False):
            store = engine().store()
            undeletable, records = purge(workspace(), store), store.records()
    except RuntimeError as error:
        st.info(escape(str(error)))
        return
    if undeletable:
        _undo(undeletable)
    active = {run.id: run for run in engine().active()}
    known = {record.id for record in records}
    records = [*(queued_record(run) for run in reversed(active.values()) if run.id not in known), *records]
    if not records:
        st.info("No runs yet. Press Train on the Build page.")
        return
    of_tables = RunTables()
    rows, tested = _filtered(records, of_tables)
    if not rows:
        st.info("No run matches.")
        return
    picked = run_selection(rows, active, of_tables.name, of_tables.units, tested)
    runs = list({record.id: record for row in picked for record in row.runs}.values())
    if len(picked) == 1 and (parent := picked[0].parent) and picked[0].children:
        _parent(parent, runs, active, {record.id for record in records})
    elif len(runs) > 1:
        _several(runs, active)
    elif runs:
        _one(runs[0], active)
        if tested and runs[0].test:
            _test_scores(runs[0])
        run_tree_table(records, runs[0].id)
    else:
        if any(row.children for row in rows):
            st.caption(
                "A row is a run, or all runs of a search, a race, a cross-validation or several "
                "seeds, which its arrow lists. Such a row shows the scores of the best run, or the "
                "mean over folds or seeds; its kind says which."
            )
        st.caption("Select a row to open its run, or several to compare them. MLflow shows the same runs:")
        st.code(f"mlflow ui --backend-store-uri sqlite:///{workspace() / 'mlflow.db'}", language="bash")
        settings_and_scores_of_listed([record for row in rows for record in (() if row.opened else row.runs)])
        disk_space(records)


def _filtered(records: Sequence[Record], of_tables: "RunTables") -> tuple[list[TableRow], bool]:
    """The rows that the filters leave, and whether their test scores are shown."""
    left, middle, right = st.columns([2, 1.3, 1], vertical_alignment="bottom")
    words = left.text_input(
        "Filter", key="runs-filter", placeholder="Name, table, target, state, tag, note", label_visibility="collapsed"
    )
    groups = [EVERY, STARRED, HIDDEN]
    group = middle.segmented_control(
        "Runs", groups, default=EVERY, required=True, key="runs-group", label_visibility="collapsed"
    )
    tested = right.toggle(
        "Test scores",
        key="runs-tested",
        help="Choose a run by its validation scores: test scores by which a run was chosen are too optimistic.",
    )
    families = family_of(parent_runs().list())

    listed = chosen_runs(records, words, group or EVERY, of_tables.name, partial(family_words, families))
    narrowed = bool(words.strip()) or group != EVERY
    return with_families(listed, records, families, toggled_parents(), narrowed), tested


def _one(record: Record, active: dict[str, LiveRun]) -> None:
    run = record.id
    with st.container(horizontal=True):
        st.button("Open", type="primary", key="open", on_click=training.open_run, args=(run,))
        if run in active:
            st.button("Stop", key="stop-run", on_click=training.stop, args=(run,))
        elif (found := engine().run(run)) and found.resumable:
            st.button("Resume", key="continue-run", on_click=training.resume, args=(run,))
        if record.state == "queued":
            return
        st.button(
            "Remove star" if record.starred else "Star",
            key="star",
            icon=":material/star:",
            on_click=_describe,
            args=([record],),
            kwargs={"starred": not record.starred},
        )
        _hide_and_delete([record], active)
    with st.expander("Name, tags and note", key="described"):
        name = st.text_input("Name", record.name, max_chars=120, key=f"name-{run}")
        tags = st.multiselect("Tags", record.tags, record.tags, accept_new_options=True, key=f"tags-{run}")
        note = st.text_area("Note (Markdown)", record.note, max_chars=MOST_NOTE, key=f"note-{run}")
        st.button(
            "Save",
            key="save-described",
            on_click=_describe,
            args=([record],),
            kwargs={"name": name.strip() or record.name, "tags": tags, "note": note},
        )
    if record.says:
        st.caption(escape(record.says))
    if state.run_id() == run:
        st.success("This run is open: see Build, Result and Predict.")


def _test_scores(record: Record) -> None:
    """Draws the test scores of a run with their intervals, which its worker computes."""
    try:
        store = engine().store()
        score_tiles(Asked.of_model(record.id, store.experiment(record.id), store.card(record.id)))
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))


def _parent(parent: ParentRun, records: list[Record], active: dict[str, LiveRun], known: set[str]) -> None:
    """What a person does with all child runs of a parent run, and how they compare."""
    with st.container(horizontal=True):
        if parent.kind == SEARCH:
            st.button("Open search", type="primary", key="open-parent", on_click=_to_search, args=(parent.id,))
        elif parent.kind == RACE:
            st.button("Open race", type="primary", key="open-parent", on_click=race.show_race, args=(parent.id,))
        elif parent.origin in known:
            st.button("Open its run", type="primary", key="open", on_click=training.open_run, args=(parent.origin,))
        _hide_and_delete(records, active)
    judged = (
        "The best trial is chosen by the scores of the retrainings with new seeds; the row shows that trial's own run, "
        "so a single run may score better. "
    )
    st.caption(
        f"{escape(parent.what)}. "
        f"{judged if parent.kind == SEARCH and 'retraining' in parent.what else ''}What is done here "
        f"applies to {count(len(records), 'run')}; the arrow in the row lists them, to open, star or "
        "compare single ones."
    )
    if state.run_id() == parent.origin:
        st.success("The run that is repeated is open: see the Seeds and folds tab of the Result page.")
    if len(records) > MOST_COMPARED:
        settings_and_scores(records, {}, {record.id: record.name for record in records})
    else:
        _compared(records)


def _to_search(found: str) -> None:
    search.show_search(found)
    to_build()


def _several(records: list[Record], active: dict[str, LiveRun]) -> None:
    runs = [record.id for record in records]
    with st.container(horizontal=True):
        st.button(
            "Compare curves",
            type="primary",
            key="together",
            icon=":material/stacked_line_chart:",
            on_click=_together,
            args=(runs,),
        )
        _hide_and_delete(records, active)
    st.caption(f"The newest run opens on the Build page, with the faded curves of up to {training.MOST_FAINT} others.")
    if len(records) > MOST_COMPARED:
        st.info(f"Select at most {MOST_COMPARED} runs to compare their curves, test rows and predictions.")
        settings_and_scores(records, {}, {record.id: record.name for record in records})
        return
    _compared(records)


def _compared(records: list[Record]) -> None:
    """Draws some runs side by side."""
    try:
        run_comparison(records)
    except (LookupError, RuntimeError) as error:
        st.info(escape(str(error)))


def _hide_and_delete(records: list[Record], active: dict[str, LiveRun]) -> None:
    hidden = all(record.hidden for record in records)
    st.button(
        "Show again" if hidden else "Hide",
        key="hide",
        icon=":material/visibility:" if hidden else ":material/visibility_off:",
        on_click=_describe,
        args=(records,),
        kwargs={"hidden": not hidden},
    )
    goes_on = any(record.id in active for record in records)
    st.button(
        "Thin weights",
        key="thin",
        icon=":material/compress:",
        on_click=thin_runs,
        args=([record.id for record in records],),
        disabled=goes_on,
        help="Keeps the weights of the first, the best and the last epoch: model, scores and curves stay, the other "
        "epochs can no longer be opened. This cannot be undone.",
    )
    st.button(
        "Delete",
        key="delete",
        icon=":material/delete:",
        on_click=_delete,
        args=(records,),
        disabled=goes_on,
        help="Stop the run first." if goes_on else "Removes the run and its files. This can be undone for a minute.",
    )


def _undo(records: list[Record]) -> None:
    """What was deleted in the last minute, and the way back."""
    said = escape(records[0].name) if len(records) == 1 else count(len(records), "run")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Deleted: {said}.")
        st.button("Undo", key="undelete", icon=":material/undo:", on_click=_undelete, args=(records,))


def _describe(records: Sequence[Record], **said: Any) -> None:
    _write(records, lambda store, run: store.describe(run, **said))


def _delete(records: Sequence[Record]) -> None:
    def delete(store: "Store", run: str) -> None:
        # Another visitor may have gone on with it since this page was drawn.
        if (live := engine().run(run)) is not None and not live.over:
            raise LookupError(f"The run {run} has not ended. Stop it first.")
        store.delete(run)

    _write(records, delete)


def _undelete(records: Sequence[Record]) -> None:
    _write(records, lambda store, run: store.undelete(run))


def _write(records: Sequence[Record], change: Callable[["Store", str], None]) -> None:
    """Changes the record of some runs; what hinders it is said on the page. A run that is gone, as another visitor has
    deleted it, hinders no other.
    """
    hindered: list[str] = []
    for record in records:
        try:
            change(engine().store(), record.id)
        except LookupError as error:
            hindered.append(str(error))
        except RuntimeError as error:  # The record itself: so would all that follow.
            hindered.append(str(error))
            break
    if hindered:
        more = f" And {count(len(hindered) - _MOST_SAID, 'more run')}." if len(hindered) > _MOST_SAID else ""
        state.note(" ".join(dict.fromkeys(hindered[:_MOST_SAID])) + more)


def _together(runs: list[str]) -> None:
    """Opens the newest of some runs with the others behind it."""
    first, *others = runs
    training.open_run(first)
    training.set_faint(others[: training.MOST_FAINT])


class RunTables:
    """What is said of the tables of runs, each read once while a page is drawn, also one that is not there."""

    def __init__(self) -> None:
        self._about = cache(self._read)

    @staticmethod
    def _read(ref: str) -> TableInfo | None:
        try:
            return tables().store.about(ref)
        except TableError:
            return None

    def name(self, ref: str) -> str:
        """A table's name for people."""
        found = self._about(ref)
        return found.name if found else "a deleted table"

    def units(self, ref: str) -> dict[str, str]:
        """The units of a table's columns; none of a deleted table."""
        found = self._about(ref)
        return found.units if found else {}
