"""Any setting of runs against any of their scores: a scatter and parallel coordinates; on the Runs page, for the runs
that are selected or listed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from core.experiment.metric_titles import larger_is_better, score_title
from core.experiment.setting_values import setting_values
from core.experiment.spec import Experiment, InvalidExperiment, read
from core.runs.journal import Journal
from core.runs.run_record import Record
from core.workspace import workspace
from dashboard.components.figure import figure
from dashboard.figures.setting_figures import parallel_coordinates, setting_scatter
from dashboard.panels.common import units_of
from dashboard.session import training
from dashboard.text import count, escape

_MOST_AXES = 3  # Of parallel coordinates at first.
_PICKED = "ld.setting-run"
_TRAINING = {"best epoch": "best_epoch", "epochs": "epochs", "seconds": "seconds", "training rows": "rows"}


def settings_and_scores_of_listed(records: Sequence[Record]) -> None:
    """Draws the figures of all listed runs, once that is opened."""
    space = st.expander(
        "Settings against scores", key="settings-and-scores", on_change="rerun", icon=":material/scatter_plot:"
    )
    if space.open:
        with space:
            settings_and_scores(records, {}, {record.id: record.name for record in records})


def settings_and_scores(
    records: Sequence[Record], experiments: Mapping[str, Experiment], names: Mapping[str, str]
) -> None:
    """Draws both figures of the runs that have a score.

    Args:
        experiments: Run -> its experiment, of those that are known; the others are read from the runs' journals.
    """
    known = {record.id: experiments.get(record.id) or _kept_experiment(record.id) for record in records}
    titles = scores_by_title(records, known)
    if not titles:
        st.info("None of these runs has a validation score.")
        return
    left, right = st.columns(2)
    title = left.selectbox("Score", list(titles), key="settings-score")
    scored = [record for record in records if record.id in titles[title]]
    of_runs = {record.id: experiment for record in scored if (experiment := known[record.id])}
    frame = setting_frame(scored, of_runs)
    if frame.empty or not len(frame.columns):
        st.info("The runs with this score differ in no setting.")
        return
    setting = right.selectbox("Setting", list(frame), index=_first_varied(frame), key="settings-setting")
    one = next(iter(of_runs))
    name, experiment = titles[title][one], of_runs[one]
    row = experiment.logged()[name].row if name in experiment.logged() else None
    unit = units_of(experiment).get(experiment.target_of(name), "") if row and row.power == 1 else ""
    score = pd.Series([record.validation[titles[title][record.id]] for record in scored], dtype="float64")
    figure(
        setting_scatter(
            frame[setting],
            score,
            [names[record.id] for record in scored],
            setting,
            f"{title}, validation",
            unit,
            bool(row and row.share),
        ),
        key=f"scatter-{setting}-{title}",
        says=f"{title} of {len(scored)} runs over {setting}",
        picked=_picker([record.id for record in scored]),
    )
    _picked_run(scored, names)
    settings = [one for one in frame if one not in _TRAINING]
    axes = st.multiselect("Axes", list(frame), (settings or list(frame))[:_MOST_AXES], key="settings-axes")
    if len(scored) > 1 and axes:
        figure(
            parallel_coordinates(
                frame[axes],
                score,
                [names[one.id] for one in scored],
                title,
                larger_is_better(name, experiment),
                bool(row and row.share),
            ),
            key=f"parallel-{title}-{'-'.join(axes)}",
            says=f"Parallel coordinates of {len(scored)} runs",
        )
        st.caption("A line is a run; the best by the score are blue.")
    left_out = len(records) - len(scored)
    if left_out:
        st.caption(f"{count(left_out, 'run')} without this score.")


def _picker(runs: list[str]) -> Callable[[Any], None]:
    """What the figure calls with a point that is clicked."""

    def take(value: Any) -> None:
        try:
            st.session_state[_PICKED] = runs[int(value[1])]
        except (LookupError, TypeError, ValueError):  # The browser may name any point.
            return

    return take


def _picked_run(scored: Sequence[Record], names: Mapping[str, str]) -> None:
    """The run whose point was clicked, to be opened."""
    run = st.session_state.get(_PICKED)
    if run not in {record.id for record in scored}:
        st.caption("Click a point to see its run.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape(names[run])}**")
        st.button("Open", key="open-picked", on_click=training.open_run, args=(run,))


@lru_cache(maxsize=4096)
def _kept_experiment(run: str) -> Experiment | None:
    """The experiment of a run's journal, which never changes; None where there is none that can be read."""
    try:
        return read(Journal(workspace(), run).submitted()["experiment"])
    except (LookupError, InvalidExperiment):
        return None


def scores_by_title(
    records: Sequence[Record], experiments: Mapping[str, Experiment | None]
) -> dict[str, dict[str, str]]:
    """Title of a score -> run -> its name there, of the validation scores; those of the most runs first, losses last.
    Scores of several targets have one title where it is the same target.
    """
    metrics: dict[str, dict[str, str]] = {}
    losses: dict[str, dict[str, str]] = {}
    for record in records:
        experiment = experiments[record.id]
        if experiment is None:
            continue
        for name in record.validation:
            target = experiment.target_of(name)
            title = score_title(name, experiment)
            if target and not experiment.several:
                title = f"{target}: {title}"
            kind = losses if name in experiment.losses() else metrics
            kind.setdefault(title, {})[record.id] = name
    first, last = (sorted(found.items(), key=lambda one: -len(one[1])) for found in (metrics, losses))
    return dict(first) | dict(last)


def setting_frame(records: Sequence[Record], experiments: Mapping[str, Experiment]) -> pd.DataFrame:
    """A row for each run: the settings that differ, and the numbers of its training that do; numbers or words."""
    columns = dict(setting_values([experiments[record.id] for record in records]))
    for title, attribute in _TRAINING.items():
        values = [getattr(record, attribute) for record in records]
        if len({value for value in values if value is not None}) > 1 and title not in columns:
            columns[title] = values
    frame = pd.DataFrame(columns)
    for name in frame:
        if not any(isinstance(value, str) for value in frame[name]):
            frame[name] = frame[name].astype("float64")
    return frame


def _first_varied(frame: pd.DataFrame) -> int:
    """The number of the setting that is drawn at first: the one with most different values among numbers."""
    numbers = [at for at, name in enumerate(frame) if pd.api.types.is_numeric_dtype(frame[name])]
    return max(numbers, key=lambda at: frame.iloc[:, at].nunique() * (frame.columns[at] not in _TRAINING), default=0)
