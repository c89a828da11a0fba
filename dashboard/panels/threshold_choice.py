"""The threshold of two classes: what each is worth, and which the run is to go by; a section of the Result page."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.evaluation.thresholds import ThresholdCounts, Worth, best_threshold, offered_thresholds, threshold_counts
from core.runs.thresholds_of_card import default_threshold
from core.tables.errors import TableError
from dashboard.components.figure import figure
from dashboard.figures.threshold_figures import precision_recall_by_threshold, worth_figure
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.evaluated_part import of_a_sample
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.services import engine
from dashboard.session import state
from dashboard.text import escape, number

_ASKED = "ld.asked-threshold"


def threshold_choice(asked: Asked) -> None:
    """Draws the slider over thresholds, what each is worth on validation and test rows, and keeps the chosen one."""
    _carry_out(asked.run_id)
    asked.rows()  # What cannot be had is said in the section's place, not in the fragment below.
    _choice(asked)


@st.fragment
def _choice(asked: Asked) -> None:
    """All that moves with the slider: it is drawn without the rest of the page."""
    rows, of_card = asked.rows(), next(one for one in asked.card["targets"] if one["target"] == asked.target)
    some = next(iter(rows.parts.values())).targets[asked.target]
    default, kept = default_threshold(of_card), of_card.get("decision", default_threshold(of_card))
    yes = some.classes[1]
    worth, unit = _worth(asked, of_card, yes)
    chosen_by = "validation" if "validation" in rows.parts else "test"
    offered = offered_thresholds(rows.parts[chosen_by].targets[asked.target].y_pred, kept, some.margin)
    counts = {}
    for name, part in rows.parts.items():
        of = part.targets[asked.target]
        counts[name] = threshold_counts(of.y_true, of.y_pred, offered, part.weights)
    best = best_threshold(offered, counts["validation"].worth(worth), default) if chosen_by == "validation" else None
    key = f"threshold-{asked.run_id}-{asked.target}-{rows.epoch}"
    options = offered.tolist()
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]
    # As its own default: a value that is set before the slider is drawn is lost, and 0 shown, where the first drawing
    # is overtaken by the next one.
    chosen = st.select_slider(
        f"Threshold: {escape(asked.target)} is {escape(yes)} above it",
        options,
        value=kept,
        key=key,
        format_func=lambda value: f"{value:.4g}",
    )
    at = options.index(chosen)
    st.caption(escape(_in_words(counts, at, worth, unit, best, options)) + of_a_sample(rows.parts[chosen_by]))
    _buttons(asked, key, chosen, kept, default, best, worth)
    left, right = st.columns(2, gap="medium")
    with left:
        shown = worth_figure(offered, counts, worth, unit, chosen, best, some.margin)
        figure(
            shown,
            key="threshold-worth",
            says="Gains minus costs per row by threshold",
            run=asked.experiment.name,
            picked=_wrong_rows(asked, list(counts), offered),
        )
    with right:
        shown = precision_recall_by_threshold(offered, counts["test"], "test", chosen, some.margin)
        figure(
            shown,
            key="threshold-scores",
            says="Precision and recall over the threshold",
            run=asked.experiment.name,
            picked=_wrong_rows(asked, ["test"] * 4, offered),
        )
    st.dataframe(_table(counts, at, worth, unit), hide_index=True, placeholder="-")
    picked_row_list(asked, *counts, does="Click a point of a curve to list the rows that are wrong at its threshold.")
    if any(part.weights is not None for part in rows.parts.values()):
        st.caption("Rows count by their weights.")


def _wrong_rows(asked: Asked, parts: list[str], offered: np.ndarray) -> Callable[[Any], None]:
    """What lists the false positives and false negatives at the threshold of a point; `parts` are those of the
    traces.
    """

    def of_part(part: str) -> Callable[[Any], None]:
        def rows_of(_trace: int, point: int) -> tuple[np.ndarray, str]:
            of = asked.in_part(part)
            threshold = float(offered[int(point)])
            wrong = (of.y_pred > threshold) != (of.y_true == 1)
            return np.flatnonzero(wrong), f"false positives and false negatives at the threshold {threshold:.4g}"

        return rows_picked(asked, part, rows_of)

    takes = {part: of_part(part) for part in parts}

    def take(value: Any) -> None:
        if isinstance(value, list | tuple) and value and value[0] in range(len(parts)):
            takes[parts[value[0]]](value)

    return take


def _worth(asked: Asked, of_card: dict[str, Any], yes: str) -> tuple[Worth, str]:
    """Draws the fields of costs and gains; the values of those, and their unit."""
    kept = of_card.get("worth") or {}
    usual = asdict(Worth())
    words = {
        "false_positive": "False positive costs",
        "false_negative": "False negative costs",
        "true_positive": "True positive gains",
        "true_negative": "True negative gains",
    }
    explained = {
        "false_positive": f"A row that is predicted as {yes} and is not.",
        "false_negative": f"A row that is {yes} and is not predicted as it.",
        "true_positive": f"A row that is predicted as {yes} and is.",
        "true_negative": f"A row that is not {yes} and not predicted as it.",
    }
    values = {}
    boxes = st.columns(5)
    for box, (name, title) in zip(boxes, words.items(), strict=False):
        values[name] = box.number_input(
            title,
            value=float(kept.get(name, usual[name])),
            key=f"worth-{name}-{asked.run_id}-{asked.target}",
            help=escape(explained[name]),
            format="%g",
        )
    unit = boxes[4].text_input("Unit", key=f"worth-unit-{asked.run_id}", placeholder="none", max_chars=12)
    return Worth(**values), (unit or "").strip()


def _in_words(
    counts: dict[str, ThresholdCounts], at: int, worth: Worth, unit: str, best: float | None, options: list[float]
) -> str:
    here = number(float(counts["test"].worth(worth)[at]), unit)
    if best is None:
        return (
            f"At this threshold gains minus costs on the test rows are {here}. There are no validation rows to choose "
            "one by: "
            "choosing by test rows makes their scores too optimistic."
        )
    there = number(float(counts["test"].worth(worth)[options.index(best)]), unit)
    if options.index(best) == at:
        return f"For these costs {best:.4g} is best on the validation rows. Gains minus costs on the test rows: {here}."
    return (
        f"For these costs {best:.4g} is best on the validation rows. Gains minus costs on the test rows: {here} at the "
        f"chosen threshold, {there} at {best:.4g}."
    )


def _table(counts: dict[str, ThresholdCounts], at: int, worth: Worth, unit: str) -> pd.DataFrame:
    """A row a part: the four counts, the scores and the worth at a threshold."""

    def share(values: np.ndarray) -> str:
        return "none" if np.isnan(values[at]) else f"{values[at]:.1%}"

    return pd.DataFrame(
        [
            {
                "rows": part,
                "true positives": float(found.true_positives[at]),
                "false positives": float(found.false_positives[at]),
                "false negatives": float(found.false_negatives[at]),
                "true negatives": float(found.true_negatives[at]),
                "precision": share(found.precision),
                "recall": share(found.recall),
                "F1": share(found.f1),
                "accuracy": share(found.accuracy),
                "gains minus costs": number(float(found.worth(worth)[at]), unit),
            }
            for part, found in sorted(counts.items())
        ]
    )


def _buttons(
    asked: Asked, key: str, chosen: float, kept: float, default: float, best: float | None, worth: Worth
) -> None:
    model = asked.epoch is None
    with st.container(horizontal=True, key="tight-threshold"):
        if best is not None:
            st.button(
                "Best for these costs", key="threshold-best", icon=":material/star:", on_click=_go, args=(key, best)
            )
        st.button(
            "Use this threshold",
            key="threshold-use",
            type="primary",
            on_click=_ask,
            args=(asked.run_id, asked.target, chosen, asdict(worth)),
            disabled=not model or chosen == kept,
        )
        if kept != default:
            st.button(
                f"Back to {default:g}",
                key="threshold-default",
                icon=":material/undo:",
                on_click=_ask,
                args=(asked.run_id, asked.target, None, None),
                disabled=not model,
            )
    said = (
        f"The run predicts by the threshold {kept:.4g}: in the form, in batch predictions, in the report, in the "
        "program and on the command line."
    )
    if not model:
        said += f" The model is that of epoch {asked.result['epoch']:,}: a threshold can be kept at that epoch."
    st.caption(f"{said} Scores are those of their metrics' own thresholds.")
    if st.session_state.get(_ASKED, ("",))[0] == asked.run_id:
        st.rerun()  # The whole page, of which each part goes by the threshold.


def _go(key: str, value: float) -> None:
    st.session_state[key] = value


def _ask(run_id: str, target: str, threshold: float | None, worth: dict[str, float] | None) -> None:
    """Notes which threshold is to be kept; drawing carries it out, however often it is broken off."""
    st.session_state[_ASKED] = (run_id, target, threshold, worth)


def _carry_out(run_id: str) -> None:
    asked = st.session_state.get(_ASKED)
    if not asked or asked[0] != run_id:
        return
    try:
        engine().set_threshold(*asked)
    except (LookupError, RuntimeError, TableError) as error:
        state.note(str(error))
    del st.session_state[_ASKED]
    st.rerun()
