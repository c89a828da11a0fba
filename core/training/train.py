"""One experiment, trained: prepare, build, compile, fit, evaluate, export.

From a prepared table to a model, its history, its scores and the baselines beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.evaluated_rows import evaluated_places
from core.experiment.keras_calls import embedding_call
from core.experiment.score_words import GRADIENT_BOOSTING
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.inspect.nan_cause import BrokenTraining, likely_cause
from core.inspect.snapshot_pool import Scenes
from core.model.baselines import MOST_ROWS
from core.model.exported_model import bundle, card
from core.model.matrices import Matrices, TableMatrices
from core.model.outputs import Heads
from core.model.sample_weights import class_weights, weights_of
from core.tables.prepared import PARTS, Prepared, prepare
from core.tables.streamed import Streamed
from core.training.background_boosting import BackgroundBoosting
from core.training.checkpoint import Checkpoint
from core.training.compiled_pool import Programs
from core.training.fit import Fitting, Rows, SceneOf
from core.training.hooks import Hooks
from core.training.outcome import Outcome, TrainingFailed, TrainingStopped, how_it_ended, no_epoch, repeatable
from core.training.streaming import StreamedRows

_DISCARDED = "Discarded: nothing was saved."
_TOO_EARLY = "Stopped before the first epoch was complete, so there is no model."


@dataclass
class TrainingData:
    """What a network is trained, validated and tested on.

    Attributes:
        ready: The prepared table, and the matrices that trainings on it share.
        matrices: Part ("train", "validation", "test") -> (rows, columns) float32, and the preprocessing model.
        heads: The targets: their output layers, losses and scores.
        y_true: Part -> amounts or class numbers, of several targets by output.
        sample_weight: Part -> a weight for each row, or None.
        class_weight: A weight for each class, or None.
        source: Where training rows come from when they do not fit into memory.
    """

    ready: TableMatrices
    matrices: Matrices
    heads: Heads
    y_true: dict[str, Any]
    sample_weight: dict[str, Any]
    class_weight: np.ndarray | None
    source: StreamedRows | None

    @property
    def prepared(self) -> Prepared:
        """The prepared table."""
        return self.ready.prepared

    def rows(self) -> Rows:
        """The rows as `fit` takes them."""
        return Rows(self.matrices.x, self.y_true, self.sample_weight, self.source)


@dataclass
class Baselines:
    """The simple models beside the network.

    Attributes:
        predicted: Baseline -> part -> its predictions, for the rows that are watched and for the test rows.
        scores: Baseline -> part -> name -> final score.
    """

    predicted: dict[str, dict[str, Any]]
    scores: dict[str, dict[str, dict[str, float]]]


@dataclass
class Evaluation:
    """Final scores of a trained network; see `core.training.outcome.Outcome` for what each is."""

    scores: dict[str, dict[str, float]]
    best_scores: dict[str, float]
    judged: dict[str, Any]
    figures: dict[str, dict[str, Any]]


def learn(
    experiment: Experiment,
    prepared: Prepared | TableMatrices,
    tasks: Task | Sequence[Task],
    hooks: Hooks,
    kept: Checkpoint | None = None,
    programs: Programs | None = None,
    scenes: Scenes | None = None,
    initial: list[np.ndarray] | None = None,
) -> Outcome:
    """Trains the experiment for its task, or one for each target, from its checkpoint and with a compiled program where
    there are any.

    `initial` are the weights of an experiment that starts from another run's; those of its own epochs are kept beside
    the checkpoint.

    With `programs` the outcome's stack is the next training's, too: what is needed of it must be taken before that.

    Raises TrainingFailed when no epoch gave numbers, ValueError in Keras's words for a wrong stack.
    """
    hooks.stage("preparing the table")
    data = prepare_data(experiment, prepared, tasks, hooks)
    _go_on(hooks)
    hooks.stage("fitting the baselines")
    baselines = fit_baselines(data, hooks)
    _go_on(hooks)
    hooks.stage("compiling the network")
    scene = SceneOf(experiment, data.ready, [head.task for head in data.heads.all], data.matrices, scenes or Scenes())
    boosting = BackgroundBoosting(data.heads, data.ready, data.sample_weight)

    def epoch(number: int, values: dict[str, float]) -> None:
        hooks.epoch(number, values)
        boosting.start()
        add_boosting(baselines, boosting, data, hooks)

    watched = replace(hooks, epoch=epoch)
    fitting = Fitting(data.heads, data.rows(), watched, kept, programs or Programs(), initial, scene)
    fitting.build_compile_and_fit()
    cause = why_it_ended(fitting, data, hooks)
    if not boosting.over:
        hooks.stage("fitting gradient boosting")
    boosting.join(hooks.steering, stopped=fitting.watch.ended == "stopped")
    add_boosting(baselines, boosting, data, hooks)
    fitting.log += [boosting.says] if boosting.says else []
    hooks.stage("scoring")
    evaluation = evaluate_network(fitting, data, baselines)
    return export(experiment, fitting, data, baselines, evaluation, cause)


def prepare_data(
    experiment: Experiment, prepared: Prepared | TableMatrices, tasks: Task | Sequence[Task], hooks: Hooks
) -> TrainingData:
    """Makes matrices, true values and weights of a prepared table; `hooks` hear how many rows each part has."""
    ready = prepared if isinstance(prepared, TableMatrices) else TableMatrices(prepared)
    table = ready.prepared
    hooks.rows(table.sizes)
    matrices = ready.matrices(numbered=embedding_call(experiment) is not None)
    heads = Heads(experiment, (tasks,) if isinstance(tasks, Task) else tasks, table)
    of_class = class_weights(experiment, table)
    source = StreamedRows(table, matrices.features, heads, of_class) if isinstance(table, Streamed) else None
    y_true = {part: heads.y_true(part) for part in PARTS}
    return TrainingData(ready, matrices, heads, y_true, weights_of(experiment, table), of_class, source)


def fit_baselines(data: TrainingData, hooks: Hooks) -> Baselines:
    """Fits the simple models on the network's own training rows and weights, and scores them."""
    heads = data.heads
    predicted = heads.simple(data.ready, data.sample_weight["train"])
    scores = {
        name: {part: heads.scores(each, part) for part, each in parts.items()} for name, parts in predicted.items()
    }
    baselines = Baselines(predicted, scores)
    _tell(baselines, data, hooks)
    return baselines


def add_boosting(baselines: Baselines, boosting: BackgroundBoosting, data: TrainingData, hooks: Hooks) -> None:
    """Adds gradient boosting to the baselines, once it is fitted, and tells it."""
    if GRADIENT_BOOSTING in baselines.scores or not boosting.predicted:
        return
    baselines.predicted[GRADIENT_BOOSTING] = boosting.predicted
    baselines.scores[GRADIENT_BOOSTING] = {
        part: data.heads.scores(each, part) for part, each in boosting.predicted.items()
    }
    _tell(baselines, data, hooks)


def _tell(baselines: Baselines, data: TrainingData, hooks: Hooks) -> None:
    heads, prepared = data.heads, data.prepared
    hooks.baselines(
        {name: _as_logged(parts[heads.watched], heads, prepared) for name, parts in baselines.scores.items()}
    )


def why_it_ended(fitting: Fitting, data: TrainingData, hooks: Hooks) -> str:
    """The likely cause of a loss that became NaN, a sentence; "" for any other end.

    Raises TrainingStopped where a person kept nothing, TrainingFailed where no epoch gave numbers.
    """
    watch = fitting.watch
    if watch.keep == "nothing":
        raise TrainingStopped(_DISCARDED)
    if not watch.history and watch.ended == "stopped":
        raise TrainingStopped(_TOO_EARLY)
    cause = ""
    if watch.ended == "diverged":
        hooks.stage("tracing the NaN")
        broken = BrokenTraining(watch.broke_in, watch.epochs, watch.rate, watch.last_good, watch.broken)
        cause = likely_cause(data.heads, data.matrices.x, data.y_true, data.sample_weight, broken)
    if not watch.best_epoch:
        raise TrainingFailed(no_epoch(watch, cause), "" if watch.history else "diverged")
    return cause


def evaluate_network(fitting: Fitting, data: TrainingData, baselines: Baselines) -> Evaluation:
    """Scores the network on all rows of each part, and with the weights of its best epoch on the validation rows."""
    heads, x, watch, stack = data.heads, data.matrices.x, fitting.watch, fitting.stack
    predicted = {part: heads.predictions(stack, x[part]) for part in data.prepared.filled}
    scores = {part: heads.scores(predicted[part], part) for part in data.prepared.filled}
    best_scores = scores.get("validation", {})
    if best_scores and not watch.restored and watch.epochs != watch.best_epoch and watch.best_weights is not None:
        ended_with = stack.get_weights()
        stack.set_weights(watch.best_weights)
        best_scores = heads.scores(heads.predictions(stack, x["validation"]), "validation")
        stack.set_weights(ended_with)
    judged: dict[str, Any] = heads.judged(predicted, data.class_weight)
    judged["baselines"] = {
        name: heads.judged(parts, data.class_weight)["validation"] for name, parts in baselines.predicted.items()
    }
    return Evaluation(scores, best_scores, judged, heads.figures(predicted["test"]))


def export(
    experiment: Experiment,
    fitting: Fitting,
    data: TrainingData,
    baselines: Baselines,
    evaluation: Evaluation,
    cause: str,
) -> Outcome:
    """What came of the training: the model for raw rows, its history and scores, and how it ended."""
    watch, heads, rows = fitting.watch, data.heads, len(data.matrices.x["train"])
    of_sample = f"The baselines were fitted on a random sample of {MOST_ROWS:,} of {rows:,} training rows."
    ended = ("early" if watch.timed_out else watch.ended) or ("early" if watch.epochs < watch.planned else "finished")
    batches = -(-data.prepared.sizes[0] // experiment.fit.batch_size)
    return Outcome(
        experiment=repeatable(experiment, watch, fitting.jit_compile, data.prepared.sizes[0]),
        bundle=bundle(heads.all, data.matrices.features, fitting.stack),
        stack=fitting.stack,
        history=watch.history,
        best_epoch=watch.best_epoch,
        epoch=watch.best_epoch if watch.restored else watch.epochs,
        ended=ended,
        says=how_it_ended(experiment, watch, ended, cause),
        log=[*fitting.log, *([of_sample] if rows > MOST_ROWS else [])],
        scores=evaluation.scores,
        best_scores=evaluation.best_scores,
        judged=evaluation.judged,
        penalty=heads.penalty(fitting.stack),
        baselines=baselines.scores,
        figures=evaluation.figures,
        card=card(heads.all, data.prepared),
        boosted=_evaluated(baselines.predicted.get(GRADIENT_BOOSTING, {}), data.prepared),
        seconds=fitting.seconds,
        steps=(watch.epochs - watch.before) * min(experiment.fit.steps_per_epoch or batches, batches),
    )


def _evaluated(predicted: dict[str, Any], prepared: Prepared) -> dict[str, tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Part -> (table positions, predictions) of the rows on which the run is evaluated afterwards."""
    found = {}
    for part, of_target in predicted.items():
        at = prepared.parts[part]
        some = evaluated_places(len(at))
        if part != "train" and len(at):
            found[part] = prepared.rows[at[some]], {target: values[some] for target, values in of_target.items()}
    return found


def _as_logged(scores: dict[str, float], heads: Heads, prepared: Prepared) -> dict[str, float]:
    """The scores of a baseline beside the curves, where Keras divides a sum of weighted losses by the rows, not by
    their weights.
    """
    if prepared.weights is None:
        return scores
    mean = float(prepared.weights[prepared.parts[heads.watched]].mean())
    return {name: value * (mean if name in heads.experiment.losses() else 1.0) for name, value in scores.items()}


def _go_on(hooks: Hooks) -> None:
    """Looks whether a person has stopped it. Raises TrainingStopped."""
    hooks.steering.look()
    if hooks.steering.stop == "nothing":
        raise TrainingStopped(_DISCARDED)
    if hooks.steering.stop and not hooks.steering.since:
        raise TrainingStopped(_TOO_EARLY)


def warm_up() -> None:
    """Trains a tiny network for nothing: the first use of Keras, XLA and scikit-learn in a process takes seconds."""
    rows = np.random.default_rng(0).normal(size=(40, 2))
    experiment = read(
        {
            "version": 1,
            "data": {"table": "sample:none", "targets": ["y"], "features": {"x": "number", "w": "category"}},
            "layers": [{"layer": "Dense", "units": 4, "activation": "relu"}, {"layer": "Dense", "units": 1}],
            "compile": {"metrics": ["MeanAbsoluteError", "RootMeanSquaredError"]},
            "fit": {"epochs": 2, "batch_size": 7},  # It divides the 28 training rows: one shape to compile.
        }
    )
    frame = pd.DataFrame({"x": rows[:, 0], "y": rows[:, 1], "w": ["a", "b"] * 20})
    learn(experiment, prepare(frame, experiment.data, "number"), Task("regression", "y"), Hooks())
