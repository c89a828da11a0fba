"""The Result page: scores on rows never trained on, beside the baselines, and the export of the run."""

from collections.abc import Iterator
from typing import Any

import streamlit as st

from core.experiment.fork import from_scratch
from core.experiment.monitored_metric import why_not_the_lowest
from core.experiment.running_values import running_difference
from core.experiment.spec import Experiment
from core.keras_code.script_exactness import exactness
from core.runs.downloads import downloads
from core.runs.journal import Journal
from core.runs.temperatures_of_card import chosen_temperatures
from core.tables.errors import TableError
from core.workspace import workspace
from dashboard.panels.advice import run_advice
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, shown_run, to_build, units_of, where_it_starts
from dashboard.panels.epoch_slider import at_any_epoch
from dashboard.panels.recalibration import recalibrated_sentence
from dashboard.panels.report_button import report_button
from dashboard.panels.run_summary import run_summary
from dashboard.panels.score_tiles import score_tiles
from dashboard.panels.search import search_of_run
from dashboard.services import boards, engine, tables
from dashboard.session import state
from dashboard.text import STATE_WORDS, count, score

_BOARD = "ld.tensorboard"  # Of which run TensorBoard was asked for.


def view() -> None:
    """Draws the page."""
    found = shown_run()
    if found is None:
        return
    run_id, experiment = found
    run = engine().run(run_id)
    assert run is not None
    st.header(escape(experiment.name))
    if not run.over:
        st.info("This run has not ended. Its scores appear here when it ends; the Build page shows its curves.")
        _look_again(run_id)
        return
    try:
        with st.spinner("Loading the run", show_time=False):  # A server that has just started opens the record of runs.
            store = engine().store()
            result, card, history = store.result(run_id), store.card(run_id), store.value(run_id, "history.json")
    except (LookupError, RuntimeError) as error:
        st.warning(escape(run.says or str(error)))
        return
    units = units_of(experiment)
    asked = Asked(run_id, experiment, result, card, None, card["targets"][0]["target"])
    validated = "validation" in result["scores"]
    best = f"best epoch {result['best_epoch']}" if validated else "no validation rows"
    # A person's own Stop is no warning, and says epochs and best epoch itself.
    by_hand = result["ended"] == "stopped" and not result.get("restored") and escape(result["says"])
    how = by_hand or f"{STATE_WORDS[run.state]} after {count(result['epochs'], 'epoch')}, {best};"
    st.caption(f"{how} {result['seconds']:.1f} s of training, compiling included.")
    search_of_run(run_id)
    run_summary(asked)
    # What may be there or not has a place of its own: a fragment whose place moves is another one to Streamlit, and the
    # browser goes on asking for the one that is gone.
    with st.container():
        if experiment.start:
            st.caption(where_it_starts(experiment.start))
        if result.get("restored"):
            st.info(
                f"The model is restored to epoch {result['epoch']}. "
                "Scores, predictions and downloads are of that epoch."
            )
        elif (says := result["says"]) and not by_hand:
            (st.info if result["ended"] == "early" else st.warning)(escape(says))
        for line in result["log"]:
            st.info(escape(line))
        run_advice(run_id)
    score_tiles(asked)
    with st.container():
        if says := why_not_the_lowest(experiment, history, result["best_epoch"]):
            st.caption(escape(says))
        for line in _of_the_loss(result, experiment, units):
            st.caption(escape(line))
        differs = running_difference(experiment, history, result["epoch"], result["scores"].get("validation", {}))
        if temperatures := chosen_temperatures(card):
            st.caption(escape(recalibrated_sentence(temperatures)))
        elif differs:
            st.caption(escape(differs))
    at_any_epoch(run_id, experiment, result, card, lambda: _take_away(run_id, experiment))


@st.fragment(run_every=1.0)
def _look_again(run_id: str) -> None:
    run = engine().run(run_id)
    if run is None or run.over:
        st.rerun()
    else:
        st.progress(min(1.0, run.epoch / run.total), f"Epoch {run.epoch} of {run.total}")


def _of_the_loss(result: dict[str, Any], experiment: Experiment, units: dict[str, str]) -> Iterator[str]:
    """What the loss is made of, where it is more than the mean over rows that count alike."""
    if penalty := result.get("penalty"):
        data = result["judged"]["train"]
        whole, data, more = (score("loss", value, experiment, units) for value in (data + penalty, data, penalty))
        yield (
            f"The training loss is {whole}: {data} from the training rows and {more} from regularization. "
            "The scores here exclude regularization, for the network and the baselines."
        )
    if experiment.fit.class_weight is not None and "judged" in result:
        yield ("The baselines were fitted with the same class weights. The scores do not use class weights.")


def _tensorboard(run_id: str) -> None:
    """The link stays while one looks at the run, whatever else is drawn anew."""
    st.button(
        "TensorBoard",
        key="tensorboard",
        icon=":material/monitoring:",
        help="Opens this run in TensorBoard, on this machine.",
        on_click=_want_board,
        args=(run_id,),
    )
    if st.session_state.get(_BOARD) != run_id:
        return
    try:
        with st.spinner("Starting TensorBoard", show_time=False):
            address = boards().open(run_id)
    except (LookupError, OSError) as error:
        st.warning(escape(str(error)))
        del st.session_state[_BOARD]
        return
    st.link_button("Open TensorBoard", address, icon=":material/open_in_new:", type="primary")


def _want_board(run_id: str) -> None:
    st.session_state[_BOARD] = run_id


def _streamed(experiment: Experiment) -> bool:
    """Whether the run's table was read in blocks."""
    try:
        return (
            tables().large(experiment.data.table, experiment.data.reading) is not None
            and tables().situation(experiment).streamed
        )
    except TableError:  # It is gone.
        return False


def _take_away(run_id: str, experiment: Experiment) -> None:
    st.subheader("Export")
    journal = Journal(workspace(), run_id)
    with st.container(horizontal=True, key="tight-take"):
        report_button(run_id, experiment.name)
        for file in downloads(engine().store(), tables(), journal, experiment):
            st.download_button(
                file.label,
                file.content,
                file.name,
                file.mime,
                key=f"take-{file.source}",
                on_click="ignore",
                icon=":material/download:",
            )
        if (journal.folder / "tensorboard").is_dir():
            _tensorboard(run_id)
    beside = ", its table and its initial weights" if experiment.start else " and its table"
    report = (
        "The report is one HTML page that works offline and predicts by itself. It contains categories, ranges, "
        "predictions and up to 100 training rows of the table, by which it explains predictions."
    )
    program = (
        f"Put the program{beside} into one folder and run it with Python. "
        f"{exactness(experiment, _streamed(experiment))}"
    )
    st.caption(escape(f"{report} {program} The model takes raw rows as input."))
    st.button("Edit this run's experiment", key="edit-run", on_click=_edit, args=(experiment,))


def _edit(experiment: Experiment) -> None:
    state.replace(from_scratch(experiment))
    to_build()
