"""Time travel, on the Result page: a slider over the epochs whose weights are kept, and what the network was at each of
them.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.fork import why_not
from core.experiment.metric_titles import metrics_first, score_title
from core.experiment.refit import more_steps
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.tables.errors import TableError
from core.workspace import workspace
from dashboard.components.figure import figure
from dashboard.figures.scores import confusion, predicted_against_actual
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import escape, target_choice, to_build, units_of
from dashboard.panels.evaluation_sections import evaluation_sections
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.services import engine, tables
from dashboard.session import pins, state, training
from dashboard.text import MISSING, count, number, score

Result = dict[str, Any]
_ASKED = "ld.asked-epoch"
_NEAR = 1e-4  # Of the range of the actual amounts: what two rows of one point differ by at most.


@st.fragment
def at_any_epoch(
    run_id: str, experiment: Experiment, result: Result, card: dict[str, Any], below: Callable[[], None]
) -> None:
    """Draws the slider, and below it what the network is at its epoch, the model's own at first: an overview, under
    whose scores `below` draws more, and the other sections.
    """
    kept = Journal(workspace(), run_id).kept_epochs()
    several = len(kept) > 1
    epoch: int | None = _slider(run_id, result, kept) if several else result.get("epoch")
    line = st.empty()
    sentence = _epoch_sentence(experiment, result, kept, epoch) if several and epoch else ""
    if sentence:
        line.markdown(sentence)
    target = target_choice(card, "Target", "figure-of", label_shown=False)

    def overview(asked: Asked) -> None:
        found = _at_epoch(run_id, result, card, epoch, line, sentence) if several and epoch else _own(result)
        left, right = st.columns([1.5, 1], gap="medium")
        with left:
            said = f"The test rows at epoch {found['epoch']}"
            shown, picked = _drawn(found, result, experiment, target), _picked(asked, found["figures"][asked.target])
            figure(shown, key="figure", says=said, run=experiment.name, picked=picked)
            _picked_list(asked, "confusion" in found["figures"][asked.target])
            if several:
                _buttons(run_id, experiment, result, found["epoch"])
            if "validation" in result["scores"]:
                _refit(run_id, experiment, found["epoch"] or result["best_epoch"])
        with right:
            _scores(run_id, found, result, experiment, choice=several)
            if several:
                _questions(run_id, found, card, units_of(experiment))
            below()

    evaluation_sections(run_id, experiment, result, card, epoch, target["target"], overview)


def _scores(run_id: str, found: Result, result: Result, experiment: Experiment, choice: bool) -> None:
    """The table of scores; `choice` says whether there are epochs to choose among."""
    st.subheader("Scores")
    st.dataframe(_score_table(run_id, found, result, experiment), hide_index=True, placeholder="-")
    validated = "validation" in result["scores"]
    choose = "" if validated else " There are no validation rows to choose an epoch by."
    if validated and choice:
        choose = " Choose an epoch by its validation scores: choosing by test scores makes them too optimistic."
    st.caption(f"The test set was not used for training; the baselines are scored on the same rows.{choose}")


def _slider(run_id: str, result: Result, kept: list[int]) -> int:
    """Draws the slider, and gives its epoch."""
    own = min(kept, key=lambda epoch: abs(epoch - result["epoch"]))
    return st.select_slider("Epoch", kept, value=own, key=f"epoch-{run_id}", label_visibility="collapsed")


def _at_epoch(
    run_id: str, result: Result, card: dict[str, Any], epoch: int, line: DeltaGenerator, sentence: str
) -> Result:
    """What the network was at an epoch, of which the line then says the sentence; the model's own where that cannot be
    had, and the line says why.
    """
    rows = _rows(run_id, card)
    if epoch == result["epoch"] and rows is None:
        return _own(result)
    try:
        with line, st.spinner(f"Loading epoch {epoch}", show_time=False):
            if rows is None:
                found = _looked(run_id, Journal(workspace(), run_id).version(), epoch)
            else:
                found = engine().look(run_id, epoch, rows)
    except (LookupError, RuntimeError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        line.markdown(f":orange[:material/warning:] {escape(str(error))}")
        return _own(result)
    line.markdown(sentence)
    return found


def _epoch_sentence(experiment: Experiment, result: Result, kept: list[int], epoch: int) -> str:
    """Which epoch the slider shows, as Markdown."""
    best, last = result["best_epoch"], result["epochs"]
    rare = (
        f" {len(kept):,} epochs, evenly spaced, are saved." if len(kept) < last - experiment.fit.initial_epoch else ""
    )
    model = " This is the model." if epoch == result["epoch"] else f" The model is that of epoch {result['epoch']:,}."
    chosen = f"best is {best:,}" if "validation" in result["scores"] else "no validation rows"
    return f"**Epoch {epoch:,}** of {last:,}, {chosen}. :gray[{model.strip()}{rare}]"


def _own(result: Result) -> Result:
    return {"epoch": result.get("epoch"), "scores": result["scores"], "figures": result["figures"], "predictions": None}


def _drawn(found: Result, result: Result, experiment: Experiment, target: dict[str, Any]) -> Any:
    name = target["target"]
    points = found["figures"][name]
    if "confusion" in points:
        return confusion(points["confusion"], target["classes"], dark=st.context.theme.type == "dark")
    unit, calm = units_of(experiment).get(name, ""), result["figures"][name]["predicted"]
    return predicted_against_actual(points["actual"], points["predicted"], name, unit, calm)


def _picked_list(asked: Asked, cells: bool) -> None:
    """Draws the rows that were picked in the figure, whose parts are cells or points."""
    try:
        does = "Click a cell to list its rows." if cells else "Click a point to list its row."
        picked_row_list(asked, "test", does=does)
    except (LookupError, RuntimeError, TableError) as error:
        if type(error) in (KeyError, IndexError):
            raise
        st.caption(escape(str(error)))


def _picked(asked: Asked, points: dict[str, Any]) -> Callable[[Any], None]:
    """What lists the test rows of a point or a cell; the rows are asked for when it is clicked."""

    def rows_of(trace: int, point: Any) -> tuple[np.ndarray, str]:
        of = asked.in_part("test")
        if "confusion" in points:
            actual, predicted = (int(at) for at in point)
            there = (of.y_true == actual) & (of.y_class == predicted)
            return np.flatnonzero(there), f"actual {of.classes[actual]}, predicted {of.classes[predicted]}"
        if trace == 0:
            raise LookupError  # The diagonal.
        actual, predicted = (points[name][int(point)] for name in ("actual", "predicted"))
        near = np.abs(of.y_pred - predicted) <= _NEAR * np.ptp(of.y_true)  # The model's predictions are float32.
        unit = units_of(asked.experiment).get(asked.target, "")
        return (
            np.flatnonzero(near & (of.y_true == actual)),
            f"actual {number(actual, unit)}, predicted {number(predicted, unit)}",
        )

    return rows_picked(asked, "test", rows_of)


def _score_table(run_id: str, found: Result, result: Result, experiment: Experiment) -> pd.DataFrame:
    best, units = result["best_epoch"], units_of(experiment)
    is_best = found["epoch"] == best and "validation" in result["scores"]
    here = f"{'best ' if is_best else ''}epoch {found['epoch']:,}" if found["epoch"] else "network"
    rows = {
        f"{here}, {words}": found["scores"][part]
        for part, words in (("test", "test"), ("validation", "validation"), ("train", "training"))
        if part in found["scores"]
    }
    if found["epoch"] and not is_best and "validation" in result["scores"] and (scores := _best(run_id, result)):
        rows |= {f"best epoch {best:,}, {part}": scores[part] for part in ("test", "validation")}
    rows |= {f"{simple}, test": parts["test"] for simple, parts in result["baselines"].items()}
    names = metrics_first(result["test"])
    titles = {name: score_title(name, experiment) for name in names}
    return pd.DataFrame(
        [
            {"": label} | {titles[name]: score(name, scores[name], experiment, units) for name in names}
            for label, scores in rows.items()
        ]
    )


def _best(run_id: str, result: Result) -> dict[str, dict[str, float]] | None:
    """The scores at the best epoch; None where they cannot be had."""
    if result["epoch"] == result["best_epoch"]:
        return result["scores"]
    try:
        return _best_scores(run_id, result["best_epoch"])
    except (LookupError, RuntimeError, TableError):
        return None


@lru_cache(maxsize=64)
def _looked(run_id: str, _version: int, epoch: int) -> Result:
    return engine().look(run_id, epoch)


@lru_cache(maxsize=64)
def _best_scores(run_id: str, epoch: int) -> dict[str, dict[str, float]]:
    found = engine().look(run_id, epoch)
    if found["epoch"] != epoch:
        raise LookupError
    return found["scores"]


def _buttons(run_id: str, experiment: Experiment, result: Result, epoch: int) -> None:
    reason = _why_not(experiment)
    with st.container(horizontal=True, key="tight-travel"):
        if "validation" in result["scores"]:
            st.button(
                "Best epoch", key="to-best", icon=":material/star:", on_click=_go, args=(run_id, result["best_epoch"])
            )
        st.button(
            "Predict with this epoch",
            key="restore",
            icon=":material/history:",
            on_click=_ask,
            args=(run_id, epoch),
            disabled=epoch == result["epoch"],
        )
        st.button(
            "Continue training from this epoch",
            key="train-on",
            icon=":material/fork_right:",
            on_click=_train_on,
            args=(run_id, epoch),
            disabled=bool(reason),
        )
        if result.get("restored"):
            st.button(
                "Restore original", key="restore-trained", icon=":material/undo:", on_click=_ask, args=(run_id, None)
            )
    more = count(state.experiment().fit.epochs, "epoch")
    st.caption(
        escape(reason)
        if reason
        else f"Continuing trains {more} in a new run with the settings of the Build page; the optimizer state is reset."
    )
    if st.session_state.get(_ASKED, ("",))[0] == run_id:
        try:
            with st.spinner("Restoring the epoch", show_time=False):
                engine().restore(*st.session_state[_ASKED])
        except (LookupError, RuntimeError, TableError) as error:
            state.note(str(error))
        del st.session_state[_ASKED]
        st.rerun()


def _refit(run_id: str, experiment: Experiment, epoch: int) -> None:
    """Trains anew on training and validation rows together, for as many epochs as validation chose, or the slider."""
    try:
        train, validation, test = tables().situation(experiment).rows
    except TableError:
        return
    both = train + validation
    st.button(
        "Refit on training + validation rows",
        key="refit",
        icon=":material/model_training:",
        on_click=_train_all,
        args=(run_id, epoch),
    )
    st.caption(
        f"A refit trains {count(epoch, 'epoch')} from new weights on {count(both, 'row')}, without early stopping. It "
        f"is scored on the same {count(test, 'test row')}. {more_steps(experiment, train, both)}"
    )


def _train_all(run_id: str, epoch: int) -> None:
    training.refit_run(run_id, epoch)
    to_build()


def _ask(run_id: str, epoch: int | None) -> None:
    """Notes whose epoch is to be the model; drawing carries it out, however often it is broken off."""
    st.session_state[_ASKED] = (run_id, epoch)


def _train_on(run_id: str, epoch: int) -> None:
    training.train_on(run_id, epoch)
    to_build()


def _go(run_id: str, epoch: int) -> None:
    st.session_state[f"epoch-{run_id}"] = epoch


def _why_not(ran: Experiment) -> str:
    try:
        situation = state.situation()
        return why_not(ran, state.experiment(), situation.inputs, situation.tasks, situation.words)
    except TableError as error:
        return str(error)


def _rows(run_id: str, card: dict[str, Any]) -> pd.DataFrame | None:
    """The questions that the visitor keeps in sight, as rows; None when there are none."""
    kept = pins.saved_predictions(run_id)
    names = [feature["name"] for feature in card["features"]]
    return pd.DataFrame([{name: row.get(name) for name in names} for row in kept], columns=names) if kept else None


def _questions(run_id: str, found: Result, card: dict[str, Any], units: dict[str, str]) -> None:
    """The saved predictions, as they are at this epoch."""
    kept, predictions = pins.saved_predictions(run_id), found["predictions"]
    if not kept or predictions is None:
        st.caption("Predictions saved on the Predict page are shown here for every epoch.")
        return
    st.subheader("Saved predictions")
    rows: list[dict[str, Any]] = [{} for _ in kept]
    for target in card["targets"]:
        name, unit = target["target"], units.get(target["target"], "")
        several = f" {name}" if len(card["targets"]) > 1 else ""
        titles = [f"{name} {when}" if several else when for when in ("at this epoch", "when saved")]
        for row, (_, prediction), before in zip(rows, predictions.iterrows(), kept, strict=True):
            row |= {
                title: _prediction_text(one, target, unit, several)
                for title, one in zip(titles, (prediction, before), strict=True)
            }
    predicted = {"note", *(f"predicted {target['target']}" for target in card["targets"])}
    for row, before in zip(rows, kept, strict=True):
        row |= {key: value for key, value in before.items() if key not in predicted}
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder=MISSING)


def _prediction_text(prediction: Any, target: dict[str, Any], unit: str, several: str) -> str:
    """A prediction in words: an amount in its unit, or a class and how sure the network is of it."""
    name = f"predicted {target['target']}"
    if not target["classes"]:
        return number(float(prediction[name]), unit, target.get("low"), target.get("high"))
    share = prediction.get(f"probability{several} {prediction[name]}")
    return f"{prediction[name]}" if share is None else f"{prediction[name]} ({share:.0%})"
