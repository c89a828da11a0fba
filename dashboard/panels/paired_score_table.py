"""Several runs on the same test rows: their scores with intervals, and how each differs from one of them; a section of
the comparison of runs.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import pandas as pd
import streamlit as st

from core.evaluation.paired_scores import PairedMetric, PairedScores, RunsCompared
from core.evaluation.simultaneous import PairedDifference
from core.experiment.metric_titles import in_sentence, larger_is_better, score_title
from core.experiment.score_words import difference_interval, difference_size, interval_words
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.runs.run_record import Record
from core.workspace import workspace
from dashboard.panels.common import units_of
from dashboard.services import engine
from dashboard.text import count, escape, score

ALIKE = "not significantly different"


def paired_score_tables(
    records: Sequence[Record], experiments: Mapping[str, Experiment], names: Mapping[str, str]
) -> None:
    """Draws a table for each target that several runs predict. Raises RuntimeError.

    Args:
        experiments, names: Run -> its experiment, and its name on screen.
    """
    with st.spinner("Predicting the test rows", show_time=False):
        found = runs_compared([record.id for record in records])
    validation = {record.id: record.validation for record in records}
    for number, group in enumerate(found.groups):
        _group(group, validation, experiments, names, f"{number}-{group.runs[0]}")
    for run, says in found.left_out.items():
        st.caption(escape(f"{names[run]}: {says}"))
    if not found.groups:
        return
    st.caption(
        "A difference is paired: both runs are scored on the same resampled rows. The intervals of all pairs of runs "
        "hold together. They say how much the choice of the test rows matters; training again with other seeds shows "
        "how much chance in the training does. Choose a run by its validation scores: test scores by "
        "which a run was chosen are too optimistic."
    )


def runs_compared(runs: Sequence[str]) -> RunsCompared:
    """The worker's comparison, kept as long as no run's model changes. Raises RuntimeError."""
    return _compared(tuple(runs), tuple(Journal(workspace(), run).version() for run in runs))


@lru_cache(maxsize=16)
def _compared(runs: tuple[str, ...], _versions: tuple[int, ...]) -> RunsCompared:
    return engine().paired_scores(runs)


def _group(
    group: PairedScores,
    validation: Mapping[str, Mapping[str, float]],
    experiments: Mapping[str, Experiment],
    names: Mapping[str, str],
    key: str,
) -> None:
    titles = {
        name: score_title(metric.name, experiments[metric.run]).removeprefix(f"{group.target}: ")
        for name, metric in group.metrics.items()
    }
    if not titles:
        st.caption("The runs have no metric in common.")
        return
    st.markdown(f"**{escape(group.target)}**: {_rows_said(group)}")
    left, middle = st.columns(2)
    name = left.selectbox(
        "Metric",
        [*(name for name in titles if name != "loss"), *(["loss"] if "loss" in titles else [])],
        format_func=lambda one: titles[one],
        key=f"paired-metric-{key}",
    )
    metric = group.metrics[name]
    runs = list(metric.scores)
    reference = middle.selectbox(
        "Compared with",
        runs,
        index=runs.index(best_by_validation(metric, validation, experiments[metric.run])),
        format_func=lambda run: names[run],
        key=f"paired-reference-{key}-{name}",
    )
    st.dataframe(
        pd.DataFrame(paired_rows(metric, reference, titles[name], experiments[metric.run], names)),
        placeholder="-",
        hide_index=True,
    )


def best_by_validation(
    metric: PairedMetric, validation: Mapping[str, Mapping[str, float]], experiment: Experiment
) -> str:
    """The run with the best validation score of a metric, else the first one."""
    sign = 1 if larger_is_better(metric.name, experiment) else -1
    scored = [run for run in metric.scores if metric.name in validation.get(run, {})]
    return max(scored, key=lambda run: sign * validation[run][metric.name], default=next(iter(metric.scores)))


def paired_rows(
    metric: PairedMetric, reference: str, title: str, experiment: Experiment, names: Mapping[str, str]
) -> list[dict[str, str]]:
    """A row for each run: its score with its interval, and how it differs from the reference."""
    units, rows = units_of(experiment), []
    # The table is that of one target, which is named above it.
    within = in_sentence(title, metric.name, experiment).removesuffix(f" for {experiment.target_of(metric.name)}")
    for run, interval in metric.scores.items():
        value = score(metric.name, interval["value"], experiment, units)
        ends = interval_words(metric.name, interval, experiment, units, points=False)
        difference = None if run == reference else metric.better_than(run, reference)
        words, verdict = difference_and_verdict(metric.name, difference, experiment, units)
        rows.append(
            {
                "Run": names[run],
                "Verdict": verdict,
                f"Difference from {names[reference]}": words,
                f"Test {within}": value if interval["low"] is None else f"{value} ({ends})",
            }
        )
    return rows


def difference_and_verdict(
    name: str, difference: PairedDifference | None, experiment: Experiment, units: Mapping[str, str]
) -> tuple[str, str]:
    """How much better a run is, with the interval of that, and whether it is more than chance; None: of itself."""
    if difference is None:
        return "-", "-"
    if difference.value is None:
        return "not comparable", "-"
    value, low, high = difference.value, difference.low, difference.high
    if value == low == high == 0:
        return "the same", ALIKE
    said = f"{difference_size(name, abs(value), experiment, units)} {'better' if value > 0 else 'worse'}"
    if not difference.significant and difference_size(name, abs(value), experiment, units) == "0.0 points":
        said = "the same"  # As far as it is written.
    if low is None or high is None:
        return said, "-"
    words = difference_interval(name, value, low, high, experiment, units)
    return f"{said} ({words})", ("better" if value > 0 else "worse") if difference.significant else ALIKE


def _rows_said(group: PairedScores) -> str:
    sample = f", a random sample of {group.of:,}" if group.rows < group.of else ""
    differ = max(group.own.values()) > group.of
    return (
        f"{count(len(group.runs), 'run')} on {count(group.rows, 'test row')}{sample}"
        f"{' that all of them have in common, because their splits differ' if differ else ''}; "
        f"{group.level:.0%} intervals "
        f"of {count(group.resamples, 'bootstrap resample')}."
    )
