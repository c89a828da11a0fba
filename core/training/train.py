"""One experiment, learned: from a prepared table to a model, its history, its scores and the baselines beside them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment, read
from core.experiment.task import Task
from core.inspect.nan_cause import BrokenTraining, likely_cause
from core.inspect.snapshot_pool import Scenes
from core.model.baselines import MOST_ROWS
from core.model.exported_model import bundle, card
from core.model.matrices import Made
from core.model.outputs import Heads
from core.model.sample_weights import class_weights, weights_of
from core.tables.prepared import PARTS, Prepared, prepare
from core.tables.streamed import Streamed
from core.training.checkpoint import Checkpoint
from core.training.compiled_pool import Programs
from core.training.fit import Fitting, Rows, SceneOf
from core.training.hooks import Hooks
from core.training.outcome import Outcome, TrainingFailed, TrainingStopped, how_it_ended, no_epoch, repeatable
from core.training.streaming import StreamedRows

_MOST_EPOCHS = 10**9
_DISCARDED = "Discarded: nothing of it was kept."
_TOO_EARLY = "Stopped before the first epoch was complete: there is no model."


def learn(
    experiment: Experiment,
    prepared: Prepared | Made,
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
    ready = prepared if isinstance(prepared, Made) else Made(prepared)
    hooks.rows(ready.prepared.sizes)
    prepared, made = ready.prepared, ready.matrices(numbered=embedding_call(experiment) is not None)
    heads = Heads(experiment, (tasks,) if isinstance(tasks, Task) else tasks, prepared)
    y = {name: heads.truth(name) for name in PARTS}
    counts = weights_of(experiment, prepared)
    source = None
    if isinstance(prepared, Streamed):
        source = StreamedRows(prepared, made.features, heads, class_weights(experiment, prepared))

    _go_on(hooks)
    hooks.stage("fitting the baselines")
    of_class = class_weights(experiment, prepared)
    beside = heads.simple(ready, counts["train"])
    simple = {name: {part: heads.scores(each, part) for part, each in parts.items()} for name, parts in beside.items()}
    hooks.baselines({name: _as_logged(parts[heads.watched], heads, prepared) for name, parts in simple.items()})

    _go_on(hooks)
    hooks.stage("compiling the network")
    scene = SceneOf(experiment, ready, [head.task for head in heads.all], made, scenes or Scenes())
    fitting = Fitting(heads, Rows(made.x, y, counts, source), hooks, kept, programs or Programs(), initial, scene)
    fitting.run()
    watch, stack = fitting.watch, fitting.stack
    if watch.keep == "nothing":
        raise TrainingStopped(_DISCARDED)
    if not watch.history and watch.ended == "stopped":
        raise TrainingStopped(_TOO_EARLY)
    cause = ""
    if watch.ended == "diverged":
        hooks.stage("looking for the cause")
        broken = BrokenTraining(watch.broke_in, watch.epochs, watch.rate, watch.last_good, watch.broken)
        cause = likely_cause(heads, made.x, y, counts, broken)
    if not watch.best_epoch:
        raise TrainingFailed(no_epoch(watch, cause))
    hooks.stage("scoring")
    predicted = {part: heads.predictions(stack, made.x[part]) for part in prepared.filled}
    scores = {part: heads.scores(predicted[part], part) for part in prepared.filled}
    best_scores = scores.get("validation", {})
    if best_scores and not watch.restored and watch.epochs != watch.best_epoch and watch.best_weights is not None:
        ended_with = stack.get_weights()
        stack.set_weights(watch.best_weights)
        best_scores = heads.scores(heads.predictions(stack, made.x["validation"]), "validation")
        stack.set_weights(ended_with)
    judged: dict[str, Any] = heads.judged(predicted, of_class)
    judged["baselines"] = {name: heads.judged(parts, of_class)["validation"] for name, parts in beside.items()}
    rows = len(made.x["train"])
    of_sample = (
        [f"The baselines learned from a random sample of {MOST_ROWS:,} of {rows:,} training rows."]
        if rows > MOST_ROWS
        else []
    )
    ended = watch.ended or ("early" if watch.epochs < watch.planned else "finished")
    return Outcome(
        experiment=repeatable(experiment, watch, fitting.jit_compile, prepared.sizes[0]),
        bundle=bundle(heads.all, made.features, stack),
        stack=stack,
        history=watch.history,
        best_epoch=watch.best_epoch,
        epoch=watch.best_epoch if watch.restored else watch.epochs,
        ended=ended,
        says=how_it_ended(experiment, watch, ended, judged, cause),
        log=[*fitting.log, *of_sample],
        scores=scores,
        best_scores=best_scores,
        judged=judged,
        penalty=heads.penalty(stack),
        baselines=simple,
        figures=heads.figures(predicted["test"]),
        card=card(heads.all, prepared),
        seconds=fitting.seconds,
        steps=(watch.epochs - watch.before)
        * min(experiment.fit.steps_per_epoch or 10**9, -(-prepared.sizes[0] // experiment.fit.batch_size)),
    )


def _as_logged(scores: dict[str, float], heads: Heads, prepared: Prepared) -> dict[str, float]:
    """The scores of a baseline beside the curves, where Keras divides a sum of weighted losses by the rows, not by
    their weights.
    """
    if prepared.weights is None:
        return scores
    mean = float(prepared.weights[prepared.parts[heads.watched]].mean())
    return {name: value * (mean if name in heads.experiment.losses() else 1.0) for name, value in scores.items()}


def _go_on(hooks: Hooks) -> None:
    hooks.steering.look()
    if hooks.steering.stop == "nothing":
        raise TrainingStopped(_DISCARDED)
    if hooks.steering.stop and not hooks.steering.since:
        raise TrainingStopped(_TOO_EARLY)


def warm_up() -> None:
    """Trains two tiny networks for nothing: the first use of Keras, XLA and scikit-learn in a process takes seconds."""
    rows = np.random.default_rng(0).normal(size=(40, 2))
    experiment = read(
        {
            "version": 1,
            "data": {"table": "sample:none", "targets": ["y"], "features": {"x": "number", "w": "category"}},
            "layers": [{"layer": "Dense", "units": 4, "activation": "relu"}, {"layer": "Dense", "units": 1}],
            "compile": {"metrics": ["MeanAbsoluteError", "RootMeanSquaredError"]},
            "fit": {"epochs": 2, "batch_size": 8},
        }
    )
    frame = pd.DataFrame({"x": rows[:, 0], "y": rows[:, 1], "w": ["a", "b"] * 20})
    learn(experiment, prepare(frame, experiment.data, "number"), Task("regression", "y"), Hooks())
