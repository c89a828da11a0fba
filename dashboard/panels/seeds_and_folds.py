"""The same experiment with other seeds and on the folds of a cross-validation: how far its scores spread; a section of
the Result page.
"""

from functools import lru_cache
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.score_spread import Spread, repeated_scores
from core.experiment.data import NO_FOLDS
from core.experiment.file_names import file_name
from core.experiment.metric_titles import in_sentence, score_title
from core.experiment.score_words import GRADIENT_BOOSTING
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.runs.race import larger_wins, measures
from core.runs.repeated_runs import MeanOfSeeds, RunGroup
from core.tables.prediction_columns import without_formulas
from core.workspace import workspace
from dashboard.components.race import race_curves
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.common import metric_choice, table_download, units_of
from dashboard.services import engine, repeated_runs
from dashboard.session import repetitions
from dashboard.text import MISSING, STATE_WORDS, count, escape, larger_is_better, metric_title, score

USUAL, _MOST = 5, 20
_TILES = 4


def seeds_and_folds(asked: Asked) -> None:
    """Draws the buttons that repeat the run, and the group of runs that repeats it, the newest at first."""
    _begin(asked)
    groups = {group.id: group for group in repeated_runs().of(asked.run_id)}
    if not groups:
        st.caption(
            "Seeds show how far scores vary by the initial weights and the order of the rows alone, folds how far they "
            "vary by the rows that train and test."
        )
        return
    chosen = next(iter(groups))
    if len(groups) > 1:
        chosen = st.selectbox(
            "Trainings",
            list(groups),
            format_func=lambda one: f"{len(groups) - list(groups).index(one)}. {_title(groups[one])}",
            key=f"group-{asked.run_id}",
        )
    _show(groups[chosen])


def _begin(asked: Asked) -> None:
    no_folds = asked.experiment.data.split.method == "column"
    with st.container(horizontal=True, vertical_alignment="bottom", key="tight-repeat"):
        number = int(st.number_input("Seeds or folds", 2, _MOST, USUAL, key="repeat-number", width=130))
        st.button(
            f"Again with {number} seeds",
            key="repeat-seeds",
            icon=":material/casino:",
            on_click=repetitions.repeat,
            args=(asked.run_id, None, number),
            help="The same rows in each part; other initial weights and another order of the rows.",
        )
        st.button(
            f"{number}-fold cross-validation",
            key="repeat-folds",
            icon=":material/view_week:",
            on_click=repetitions.repeat,
            args=(asked.run_id, number, None),
            disabled=no_folds,
            help=NO_FOLDS
            if no_folds
            else "Each fold is the test set once. Folds follow the split: stratified by class, by group or by time.",
        )


def _title(group: RunGroup) -> str:
    return f"{group.folds}-fold cross-validation" if group.folds else count(len(group.runs), "seed")


def _show(group: RunGroup) -> None:
    lanes = [engine().find(one.run) for one in group.runs if _there(one.run)]
    if not lanes:
        st.info("The trainings of this group were deleted.")
        return
    over = all(run.over for run in lanes)
    base, units = group.base, units_of(group.base)
    with st.container(horizontal=True, vertical_alignment="center", key="tight-group"):
        st.markdown(f"**{_title(group)}** of {escape(base.name)}", width="stretch")
        measure = metric_choice(measures(base), base, f"group-measure-{group.id}")
        if not over:
            st.button(
                "Stop all",
                icon=":material/stop:",
                key="group-stop",
                on_click=repetitions.stop_group,
                args=(group.id,),
            )
    if any(run.validated for run in lanes):
        _curves(group, [run.id for run in lanes], measure, over, units)
    else:
        st.caption("Without validation rows there are no curves of the validation scores.")
    results = {one.run: result for one in group.runs if (result := _result(one.run)) is not None}
    if len(results) > 1:
        _tiles(group, list(results.values()), units)
    _table(group, results, units)
    if len(results) > 1 and over:
        if not group.folds:
            _as_one_model(group, tuple(results), units)
        _predictions(group, tuple(results))


def _curves(group: RunGroup, runs: list[str], measure: str, over: bool, units: dict[str, str]) -> None:
    """The mean of the trainings' curves, and their range as a band."""
    base = group.base
    row = base.logged()[measure].row if measure in base.logged() else None
    race_curves(
        group.id,
        {count(group.folds, "fold") if group.folds else _title(group): runs},
        measure,
        metric_title(measure, base),
        key=f"group-curves-{group.id}",
        larger=larger_wins(base, measure),
        share=bool(row and row.share),
        unit=units.get(base.target_of(measure), "") if row and row.power == 1 else "",
        over=over,
    )
    st.caption("The line is the mean of the validation scores by epoch, the band their range; a point is a training.")


def _there(run: str) -> bool:
    try:
        engine().find(run)
    except (LookupError, RuntimeError):
        return False
    return True


def _result(run: str) -> dict[str, Any] | None:
    """What came of a run; None while it has no model."""
    try:
        return engine().store().result(run) if engine().find(run).over else None
    except LookupError:
        return None


def _tiles(group: RunGroup, results: list[dict[str, Any]], units: dict[str, str]) -> None:
    """Mean and standard deviation of the test scores, and how they are beside the best baseline on the same rows."""
    base, found = group.base, repeated_scores(results)
    tests = found["scores"]["test"]
    names = [name for name in base.logged() if name in tests][:_TILES] or ["loss"]
    for box, name in zip(st.columns(len(names)), names, strict=True):
        says, colour = _beside(name, found, base, units)
        box.metric(
            f"Test {escape(in_sentence(score_title(name, base), name, base))}, mean of {len(results)}",
            escape(_mean_and_spread(name, tests[name], base, units)),
            delta=escape(says),
            delta_color=colour,
            delta_arrow="off",
            border=True,
        )
    varies = (
        "the rows that train and test" if group.folds else "initial weights and the order of the rows, on the same rows"
    )
    st.caption(f"Mean \u00b1 standard deviation of {count(len(results), 'training')}, which differ by {varies}.")


def _mean_and_spread(name: str, spread: Spread, base: Experiment, units: dict[str, str]) -> str:
    if spread.mean is None:
        return "not defined"
    if spread.sd is None:
        return score(name, spread.mean, base, units)
    share = name in base.logged() and base.logged()[name].row.share
    around = f"{100 * spread.sd:.1f} points" if share else score(name, spread.sd, base, units)
    return f"{score(name, spread.mean, base, units)} \u00b1 {around}"


def _named(baseline: str) -> str:
    return baseline if baseline == GRADIENT_BOOSTING else f"the {baseline}"


def _beside(name: str, found: dict[str, Any], base: Experiment, units: dict[str, str]) -> tuple[str, Any]:
    """The difference to the baseline that is best on average, in words, and their colour: grey unless all agree."""
    sign = 1 if larger_is_better(name, base) else -1
    means = {simple: parts["test"][name].mean for simple, parts in found["baselines"].items() if name in parts["test"]}
    there = {simple: mean for simple, mean in means.items() if mean is not None}
    if not there:
        return "no baseline", "gray"
    best = max(there, key=lambda simple: sign * there[simple])
    difference = found["difference"][best][name]
    gains = [sign * value for value in difference.values if value is not None]
    if not gains:
        return f"not comparable with {_named(best)}", "gray"
    share = name in base.logged() and base.logged()[name].row.share
    much = abs(difference.mean)
    words = f"{100 * much:.1f} points" if share else score(name, much, base, units)
    on_average = "better" if sign * difference.mean > 0 else "worse"
    agree = sum(gain > 0 if on_average == "better" else gain < 0 for gain in gains)
    says = f"{words} {on_average} than {_named(best)}, {on_average} in {agree} of {len(gains)}"
    colour = {"better": "green", "worse": "orange"}[on_average] if agree == len(gains) else "gray"
    return says, colour


def _table(group: RunGroup, results: dict[str, dict[str, Any]], units: dict[str, str]) -> None:
    """A row for each training: its state, and its test scores once it is over."""
    base, rows = group.base, []
    names = [*base.logged()][:_TILES] or ["loss"]
    for one in group.runs:
        run = engine().find(one.run) if _there(one.run) else None
        state = "Deleted" if run is None else STATE_WORDS[run.state]
        if run is not None and not run.over and run.epoch:
            state = f"{state}, epoch {run.epoch} of {run.total}"
        test = results.get(one.run, {}).get("test", {})
        row: dict[str, Any] = {"fold": one.fold} if group.folds else {}
        row |= {"seed": one.seed, "state": state}
        row |= {
            f"test {in_sentence(score_title(name, base), name, base)}": score(name, test.get(name), base, units)
            for name in names
            if test
        }
        rows.append({**row, "run": one.run})
    st.dataframe(pd.DataFrame(rows), hide_index=True, placeholder="-")


def _as_one_model(group: RunGroup, runs: tuple[str, ...], units: dict[str, str]) -> None:
    """The mean of the networks' predictions as one model, on demand: its test scores, and its file."""
    if not st.toggle(f"The mean of {count(len(runs), 'network')} as one model", key=f"group-mean-{group.id}"):
        return
    with st.spinner("Averaging the networks", show_time=False):
        found = _mean(runs, _versions(runs))
    base, tests = group.base, found.scores["test"]
    names = [name for name in base.logged() if name in tests][:_TILES] or ["loss"]
    said = ", ".join(f"{score_title(name, base)} {score(name, tests[name], base, units)}" for name in names)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Test scores of the mean of their predictions: {escape(said)}.")
        st.download_button(
            "Mean model (.keras)",
            found.model,
            file_name(base.name, "mean", "keras"),
            "application/octet-stream",
            key="group-mean-download",
            on_click="ignore",
            icon=":material/download:",
        )


@lru_cache(maxsize=4)
def _mean(runs: tuple[str, ...], _versions: tuple[int, ...]) -> MeanOfSeeds:
    return engine().mean_of_seeds(runs)


def _versions(runs: tuple[str, ...]) -> tuple[int, ...]:
    """Of the runs' models: another one where an epoch was restored."""
    return tuple(Journal(workspace(), run).version() for run in runs)


def _predictions(group: RunGroup, runs: tuple[str, ...]) -> None:
    """The predictions that the trainings make for their test rows, on demand."""
    label = "Out-of-fold predictions" if group.folds else "Predictions of each seed for the test rows"
    if not st.toggle(label, key=f"group-predictions-{group.id}"):
        return
    with st.spinner("Predicting", show_time=False):
        told = without_formulas(_predicted(runs, _versions(runs), group.id))
    with st.container(horizontal=True, vertical_alignment="center"):
        if group.folds:
            st.markdown(f"{count(len(told), 'row')}, each predicted by the training that has it in its test set.")
        else:
            st.markdown(f"{count(len(told), 'prediction')}.")
        table_download(
            "Download predictions",
            told,
            file_name(group.base.name, "out-of-fold" if group.folds else "seeds", "csv"),
            "group-download",
        )
    st.dataframe(told, hide_index=True, height=300, placeholder=MISSING)


@lru_cache(maxsize=8)
def _predicted(runs: tuple[str, ...], _versions: tuple[int, ...], group: str) -> pd.DataFrame:
    there = [one for one in repeated_runs().find(group).runs if one.run in runs]
    return engine().out_of_fold(there)
