"""The sections of the Result page below the slider over epochs, each computed when it is opened, at its epoch.

A section is a row of `SECTIONS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.experiment.spec import Experiment
from core.tables.errors import TableError
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.class_confusions import class_confusions
from dashboard.panels.classification_curves import classification_curves
from dashboard.panels.common import say_for_now
from dashboard.panels.evaluated_row_list import evaluated_row_list
from dashboard.panels.feature_section import feature_section
from dashboard.panels.interval_coverage import interval_coverage
from dashboard.panels.regression_errors import regression_errors
from dashboard.panels.score_intervals_table import score_intervals_table
from dashboard.panels.seeds_and_folds import seeds_and_folds
from dashboard.panels.slice_list import slice_list
from dashboard.panels.threshold_choice import threshold_choice


@dataclass(frozen=True)
class Section:
    """A section of the Result page.

    Attributes:
        title: Of its tab.
        draw: Draws it; the sentences of LookupError, RuntimeError and TableError are shown in its place.
        applies: Whether a target of the card has it.
    """

    title: str
    draw: Callable[[Asked], None]
    applies: Callable[[dict[str, Any]], bool] = lambda _target: True


SECTIONS = (
    Section("Scores", score_intervals_table),
    Section("Errors", regression_errors, lambda target: not target["classes"]),
    Section("Classes", class_confusions, lambda target: bool(target["classes"])),
    Section("Curves", classification_curves, lambda target: bool(target["classes"])),
    Section("Threshold", threshold_choice, lambda target: target["task"] == "binary"),
    Section("Slices", slice_list),
    Section("Features", feature_section),
    Section("Intervals", interval_coverage),
    Section("Rows", evaluated_row_list),
    Section("Seeds and folds", seeds_and_folds),
)


def evaluation_sections(
    run_id: str,
    experiment: Experiment,
    result: dict[str, Any],
    card: dict[str, Any],
    epoch: int | None,
    target: str,
    overview: Callable[[Asked], None],
) -> None:
    """Draws the sections as tabs, of which the open one is computed; the first one is what `overview` draws."""
    of_card = next(one for one in card["targets"] if one["target"] == target)
    asked = Asked(run_id, experiment, result, card, None if epoch == result["epoch"] else epoch, target)
    sections = [section for section in SECTIONS if section.applies(of_card)]
    first, *tabs = st.tabs(
        ["Overview", *(section.title for section in sections)], key="evaluation-tabs", on_change="rerun"
    )
    if first.open:
        with first:
            overview(asked)
    for tab, section in zip(tabs, sections, strict=True):
        if not tab.open:
            continue
        with tab:
            try:
                with st.spinner(f"Computing {section.title.lower()}", show_time=False):
                    section.draw(asked)
            except (LookupError, RuntimeError, TableError) as error:
                if type(error) in (KeyError, IndexError):
                    raise
                say_for_now(error)
