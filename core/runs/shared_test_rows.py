"""Several runs on the test rows that they have in common, as the worker compares them: paired scores, and the rows on
which their predictions differ most.

A test row of one run may be a training row of another whose split differs, so only rows that test all of them count.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.evaluation.bootstrap import (
    FEWER_RESAMPLES,
    effective_rows,
    number_of_resamples,
    percentiles,
    resamples,
    share_without_exception,
)
from core.evaluation.evaluated_rows import MOST_ROWS
from core.evaluation.paired_scores import SCORE_LEVEL, PairedMetric, PairedScores, RunsCompared
from core.evaluation.simultaneous import paired_differences
from core.experiment.choices import Metric
from core.experiment.keras_calls import score_loss_call
from core.experiment.score_words import better_by
from core.experiment.spec import Experiment
from core.model.outputs import Head, Heads
from core.model.scorer import Scorer
from core.runs.at_epoch import as_trained
from core.runs.journal import Journal
from core.runs.mlflow_store import Store
from core.runs.predictors import predictor
from core.tables.errors import TableError
from core.tables.situation import Tables

_FEWEST = 2  # Test rows in common, below which nothing can be said.


@dataclass(frozen=True)
class TestedTarget:
    """One target of one run in its n test rows.

    Attributes:
        run: Its id.
        whole: Its experiment, with all its targets.
        named: The metrics' logged names begin with it: "price_", or "" of a run with one target.
        head: The target.
        positions: Of the rows in the table, rising.
        y_true, predicted: n values, (n, outputs) predictions.
        classes: Labels; () for a regression.
        decision: What the prediction of two classes must exceed to be called the class 1.
        weights: Of the rows, or None.
        groups: n numbers of the groups that the split keeps together; None where it keeps none.
    """

    __test__ = False  # No test of pytest's.
    run: str
    whole: Experiment
    named: str
    head: Head
    positions: np.ndarray
    y_true: np.ndarray
    predicted: np.ndarray
    classes: tuple[str, ...]
    decision: float
    weights: np.ndarray | None
    groups: np.ndarray | None

    @property
    def experiment(self) -> Experiment:
        """That of this target alone."""
        return self.head.experiment

    @property
    def question(self) -> tuple[Any, ...]:
        """What runs have in common whose predictions of a row can be compared."""
        data = self.experiment.data
        return data.table, data.reading.model_dump_json(), self.head.task.target, self.head.task.kind, self.classes

    @property
    def loss(self) -> tuple[Any, ...]:
        """What runs have in common whose losses can be compared."""
        data = self.experiment.data
        return score_loss_call(self.experiment), data.preparation_of(self.head.task.target).target, data.weight

    def only(self, positions: np.ndarray) -> "TestedTarget":
        """In those of the rows."""
        some = np.isin(self.positions, positions)
        weights = None if self.weights is None else self.weights[some]
        return replace(
            self,
            positions=self.positions[some],
            y_true=self.y_true[some],
            predicted=self.predicted[some],
            weights=weights,
            groups=None if self.groups is None else self.groups[some],
        )


def paired_scores(
    store: Store, tables: Tables, workspace: Path, runs: Sequence[str], level: float = SCORE_LEVEL
) -> RunsCompared:
    """The scores of runs, and the differences of all pairs, on the test rows that they have in common: of runs
    that have the same ones, and, where splits differ, of all. Raises StoreBroken.
    """
    groups, left_out = shared_test_rows(store, tables, workspace, runs)
    found = []
    for group in itertools.chain.from_iterable(map(_by_rows, groups)):
        positions = shared_positions(group)
        if len(positions) < _FEWEST:
            says = "The runs have no test rows in common: their splits differ."
            left_out |= {one.run: says for one in group if one.run not in left_out}
            continue
        found.append(_paired(group, positions, level))
    return RunsCompared(tuple(found), {run: says for run, says in left_out.items() if not _compared(run, found)})


def _by_rows(group: list[TestedTarget]) -> list[list[TestedTarget]]:
    """The runs with the same test rows, at least two each; then all of them, where there are others."""
    by_rows: dict[bytes, list[TestedTarget]] = {}
    for one in group:
        by_rows.setdefault(one.positions.tobytes(), []).append(one)
    return [alike for alike in by_rows.values() if len(alike) > 1] + ([group] if len(by_rows) > 1 else [])


def _compared(run: str, groups: Sequence[PairedScores]) -> bool:
    return any(run in group.runs for group in groups)


def shared_test_rows(
    store: Store, tables: Tables, workspace: Path, runs: Sequence[str]
) -> tuple[list[list[TestedTarget]], dict[str, str]]:
    """The runs by what they predict of which table, at least two each, with all their test rows; and run -> why it has
    none. Raises StoreBroken.
    """
    by_question: dict[tuple[Any, ...], list[TestedTarget]] = {}
    left_out = {}
    for run in dict.fromkeys(runs):
        try:
            for tested in _tested(store, tables, workspace, run):
                by_question.setdefault(tested.question, []).append(tested)
        except (LookupError, TableError) as error:
            left_out[run] = str(error)
    groups = [group for group in by_question.values() if len(group) > 1]
    alone = {one.run for group in by_question.values() for one in group} - {
        one.run for group in groups for one in group
    }
    return groups, left_out | dict.fromkeys(alone, "No other run has its table and target.")


def _tested(store: Store, tables: Tables, workspace: Path, run: str) -> Iterator[TestedTarget]:
    asked = predictor(store, run, Journal(workspace, run).version())
    experiment, tasks = as_trained(store, tables, workspace, run)
    prepared = tables.prepared(experiment)
    heads, at = Heads(experiment, tasks, prepared), prepared.parts["test"]
    order = np.argsort(prepared.rows[at], kind="stable")
    outputs = asked.outputs_of(prepared.part("test")[0], len(at))
    weights = None if prepared.weights is None else prepared.weights[at][order].astype("float64")
    for head in heads.all:
        target = head.task.target
        yield TestedTarget(
            run,
            experiment,
            heads.named(head, ""),
            head,
            prepared.rows[at][order],
            prepared.y_true("test", target)[order],
            outputs[target][order].astype("float64"),
            prepared.targets[target].classes,
            next(one for one in asked.card["targets"] if one["target"] == target).get("decision", head.decision),
            weights,
            None if prepared.groups is None else prepared.groups[at][order],
        )


def shared_positions(group: Sequence[TestedTarget]) -> np.ndarray:
    """The test rows that runs have in common, with one true value in all of them."""
    shared = group[0].positions
    for one in group[1:]:
        shared = np.intersect1d(shared, one.positions)
    values = [one.only(shared).y_true for one in group]
    return shared[np.all([values[0] == other for other in values], axis=0)]


def _paired(group: Sequence[TestedTarget], shared: np.ndarray, level: float) -> PairedScores:
    some = shared
    if len(shared) > MOST_ROWS:
        some = np.sort(np.random.default_rng(0).choice(shared, MOST_ROWS, replace=False))
    tested = [one.only(some) for one in group]
    groups = next((one.groups for one in tested if one.groups is not None), None)
    scored = [_Scored(one, group, groups) for one in tested]
    number = number_of_resamples(len(some), max(1, len(group[0].classes)))
    made = 0
    for counts in resamples(len(some), number, groups):
        for of_run in scored:
            of_run.draw(counts, made)
        made += len(counts)
    metrics = {}
    for name in dict.fromkeys(name for of_run in scored for name in of_run.values):
        owners = [of_run for of_run in scored if name in of_run.values]
        if len(owners) > 1:
            metrics[name] = _metric(name, owners, level)
    own = {one.run: len(one.positions) for one in group}
    runs = tuple(one.run for one in group)
    return PairedScores(group[0].head.task.target, runs, len(some), len(shared), own, level, number, metrics)


def _metric(name: str, owners: "Sequence[_Scored]", level: float) -> PairedMetric:
    logs = next(one for one in owners if name == "loss" or name in one.logged)
    sign = better_by(name, 1.0, 0.0, logs.experiment)
    differences = paired_differences(
        {one.run: sign * one.values[name] for one in owners},
        {one.run: sign * one.drawn(name) for one in owners if name in one.resampled},
        level,
    )
    return PairedMetric(
        logs.run, f"{logs.named}{name}", {one.run: one.interval(name, level) for one in owners}, differences
    )


class _Scored:
    """The scores of one run on the shared rows, by all metrics that any of the runs logs."""

    def __init__(self, tested: TestedTarget, group: Sequence[TestedTarget], groups: np.ndarray | None) -> None:
        self.run, self.named, self.logged = tested.run, tested.named, set(tested.experiment.logged())
        self.experiment = _with_all_metrics(tested, group)
        self.weights, self.rows = tested.weights, len(tested.positions)
        self.groups = self.rows if groups is None else len(np.unique(groups))
        transform = tested.head.scale.transform  # One scale for all runs that learn the same amounts.
        scale = next(one.head.scale for one in group if one.head.scale.transform == transform)
        scorer = Scorer(self.experiment, tested.head.task, scale)
        with_loss = all(one.loss == group[0].loss for one in group)
        found = scorer(tested.predicted, tested.y_true, tested.weights)
        self.values = {name: value for name, value in found.items() if name != "loss" or with_loss}
        self.resampled = {
            name: of
            for name, of in scorer.resampled(tested.predicted, tested.y_true, tested.weights).items()
            if name in self.values and self.groups > 1  # One group, drawn again, is always the same.
        }
        self._blocks: dict[str, list[np.ndarray]] = {name: [] for name in self.resampled}

    def draw(self, counts: np.ndarray, made: int) -> None:
        """Adds a block of resamples, before which there were `made`; slow scores have fewer."""
        for name, score in self.resampled.items():
            if score.at_once or made < FEWER_RESAMPLES:
                self._blocks[name].append(score(counts))

    def drawn(self, name: str) -> np.ndarray:
        """The score of each resample."""
        return np.concatenate(self._blocks[name])

    def interval(self, name: str, level: float) -> dict[str, float | None]:
        """The score and its own interval."""
        value = self.values[name]
        if not np.isfinite(value) or name not in self.resampled:
            return {"value": value if np.isfinite(value) else None, "low": None, "high": None}
        if self.resampled[name].share and value in (0, 1):
            rows = float(self.rows) if self.weights is None else effective_rows(self.weights)
            low, high = share_without_exception(value, min(rows, self.groups), level)
            return {"value": value, "low": low, "high": high}
        low_end, high_end = percentiles(self.drawn(name), level)
        return {"value": value, "low": low_end, "high": high_end}


def _with_all_metrics(tested: TestedTarget, group: Sequence[TestedTarget]) -> Experiment:
    """The run's experiment with the metrics of all: those that need probabilities only where it predicts such, weighted
    ones only where all have the same weights, those in deviations of what is learned only where all learn the same.
    """
    margin = tested.experiment.compile.single_loss.row.margin
    weighted = len({one.experiment.data.weight for one in group}) == 1
    alike = len({one.head.scale.transform for one in group}) == 1
    plain: dict[str, Metric] = {}
    heeding: dict[str, Metric] = {}
    for one in group:
        compiled = one.experiment.compile
        for found, metrics in ((plain, compiled.single_metrics), (heeding, compiled.single_weighted_metrics)):
            for metric in metrics:
                if not (margin and metric.row.probability) and (alike or not metric.row.in_deviations):
                    found.setdefault(metric.row.short, metric)
    compiled = tested.experiment.compile.model_copy(
        update={"metrics": tuple(plain.values()), "weighted_metrics": tuple(heeding.values()) if weighted else ()}
    )
    return tested.experiment.model_copy(update={"compile": compiled})
