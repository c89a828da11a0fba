"""One experiment, learned: from a prepared table to a model, its history, its scores and the baselines beside them."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from sklearn.metrics import confusion_matrix

from core.experiment.monitor import monitor
from core.experiment.spec import CallbackChoice, Experiment, read
from core.experiment.task import Task
from core.learning.baselines import baselines
from core.learning.batches import Batches
from core.learning.blocks import BlockProgram, NotCompilable, ValidationProgram
from core.learning.bundle import bundle, card
from core.learning.checkpoint import Checkpoint
from core.learning.evaluation import Scorer, evaluate
from core.learning.features import matrix, preprocessing
from core.learning.network import TargetScale, build, callbacks, loss_unit, truth_for
from core.learning.watching import FollowEpochs, Report, Watch
from core.tables.prepared import PARTS, Prepared, prepare

_MOST_POINTS = 2000  # Points of the predicted-against-actual figure.
_TOO_EARLY = "Stopped before the first epoch was complete: there is no model."


class TrainingFailed(Exception):
    """A training that ended without a model; the message is a sentence for the person."""


class TrainingStopped(Exception):
    """A training that a person stopped before its first epoch was complete; the message is a sentence for the person."""


@dataclass
class Outcome:
    """What came of a training.

    Attributes:
        experiment: The experiment that repeats it: where a person stopped it, with the epochs that were run.
        bundle: Raw rows in, answers out.
        stack: The trained stack alone, for the network's matrix.
        history: Name -> a number an epoch, in the target's own units.
        best_epoch: From 1.
        ended: "finished", "stopped" (by a person), "early" (by a callback) or "diverged".
        says: A sentence for the person, or "".
        log: What happened on the way, a sentence each.
        scores: Part -> name -> number, for "train", "validation" and "test".
        baselines: Name -> part -> name -> number.
        figure: Test rows: {"actual": [...], "predicted": [...]}, or {"confusion": [[...]]} with a row an actual class.
        card: What a form must know of the model.
        seconds: Of `fit` alone; `steps`: gradient steps made.
    """

    experiment: Experiment
    bundle: keras.Model
    stack: keras.Sequential
    history: dict[str, list[float]]
    best_epoch: int
    ended: str
    says: str
    log: list[str]
    scores: dict[str, dict[str, float]]
    baselines: dict[str, dict[str, dict[str, float]]]
    figure: dict[str, Any]
    card: dict[str, Any]
    seconds: float
    steps: int

    @property
    def epochs(self) -> int:
        """Completed epochs."""
        return len(self.history["loss"])

    def result(self) -> dict[str, Any]:
        """The outcome as a JSON value, without model and history."""
        return {
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "ended": self.ended,
            "says": self.says,
            "log": self.log,
            "seconds": self.seconds,
            "steps_per_second": self.steps / self.seconds if self.seconds else 0.0,
            "scores": self.scores,
            "test": self.scores["test"],
            "baselines": self.baselines,
            "figure": self.figure,
        }


@dataclass
class Hooks:
    """How a training speaks with whoever watches; the trainer does not know who that is.

    Attributes:
        epoch: (epoch from 1, name -> number) after each epoch.
        baselines: Name -> name -> number on the validation rows, before the first epoch.
        should_stop: Asked between blocks of batches.
        resumed: Told the epoch after which a training goes on from its checkpoint.
        stage: A few words about what is being done.
    """

    epoch: Report = lambda _epoch, _values: None
    baselines: Callable[[dict[str, dict[str, float]]], None] = lambda _scores: None
    should_stop: Callable[[], bool] = lambda: False
    resumed: Callable[[int], None] = lambda _epoch: None
    stage: Callable[[str], None] = lambda _words: None


@dataclass
class Matrices:
    """Part -> the network's matrix and the truth."""

    features: keras.Model
    x: dict[str, np.ndarray] = field(default_factory=dict)


def matrices(prepared: Prepared) -> Matrices:
    """The preprocessing model and the matrix of each part."""
    features = preprocessing(prepared.kinds, prepared.statistics)
    return Matrices(features, {name: matrix(features, prepared.part(name)[0]) for name in PARTS})


def learn(
    experiment: Experiment, prepared: Prepared, task: Task, hooks: Hooks, made: Matrices | None = None, kept: Checkpoint | None = None
) -> Outcome:
    """Trains the experiment, from its checkpoint where there is one.

    Raises TrainingFailed when no epoch gave numbers, ValueError in Keras's words for a wrong stack.
    """
    hooks.stage("preparing the table")
    made = made or matrices(prepared)
    truth = {name: prepared.part(name)[1] for name in PARTS}
    target = TargetScale(truth["train"], task)
    y = {name: truth_for(experiment, task, values) for name, values in truth.items()}

    _go_on(hooks)
    hooks.stage("fitting the baselines")
    predictors = baselines(task, made.x["train"], truth["train"], experiment.fit.seed)
    score = Scorer(experiment, task, target)
    simple = {
        name: {part: score(predict(made.x[part]), truth[part]) for part in ("validation", "test")} for name, predict in predictors.items()
    }
    hooks.baselines({name: parts["validation"] for name, parts in simple.items()})

    _go_on(hooks)
    hooks.stage("compiling the network")
    stack, validation, watch, seconds, log = _fit(experiment, task, target, made.x, y, hooks, kept)
    if not watch.epochs and watch.ended == "stopped":
        raise TrainingStopped(_TOO_EARLY)
    if not watch.epochs or not watch.best_epoch:
        raise TrainingFailed(_no_epoch(experiment))
    hooks.stage("scoring")
    scores = {part: evaluate(validation, experiment, target, made.x[part], y[part]) for part in PARTS}
    ended = watch.ended or ("early" if watch.epochs < experiment.fit.epochs else "finished")
    return Outcome(
        experiment=repeatable(experiment, watch),
        bundle=bundle(experiment, task, made.features, stack),
        stack=stack,
        history=watch.history,
        best_epoch=watch.best_epoch,
        ended=ended,
        says=_sentence(experiment, watch, ended, scores, simple),
        log=log,
        scores=scores,
        baselines=simple,
        figure=_figure(task, stack, made.x["test"], truth["test"], card_decision(experiment)),
        card=card(experiment, task, prepared),
        seconds=seconds,
        steps=watch.epochs * -(-len(made.x["train"]) // experiment.fit.batch_size),
    )


def _go_on(hooks: Hooks) -> None:
    if hooks.should_stop():
        raise TrainingStopped(_TOO_EARLY)


def _fit(
    experiment: Experiment,
    task: Task,
    target: TargetScale,
    x: dict[str, np.ndarray],
    y: dict[str, np.ndarray],
    hooks: Hooks,
    kept: Checkpoint | None,
) -> tuple[keras.Sequential, ValidationProgram, Watch, float, list[str]]:
    """The trained stack, a program that scores it, what was watched, the seconds of `fit`, and what is to be said of it."""

    def prepare() -> tuple[keras.Sequential, list[keras.callbacks.Callback], Watch]:
        watch = Watch(loss_unit(experiment, target), monitor(experiment), hooks.epoch, hooks.should_stop)
        return build(experiment, task, x["train"].shape[1], target), callbacks(experiment, target), watch

    def go_on() -> dict[str, int]:
        """Puts the kept state, where there is one that fits, back into the built stack; the epochs that `fit` has still to make."""
        state = kept.load() if kept else None
        if state and not state.restore(stack):
            state = None
        if kept:
            watch.keep_in(kept, own, state)
        if state:
            hooks.resumed(watch.epochs)
        return {"initial_epoch": watch.epochs, "epochs": watch.epochs if state and state.ended else fit.epochs}

    fit = experiment.fit
    log: list[str] = []
    stack, own, watch = prepare()
    start = time.perf_counter()
    try:
        program = BlockProgram(stack, x["train"], y["train"], fit.batch_size, fit.seed)
        validation = ValidationProgram(stack, x["validation"], y["validation"])
        stack.train_function, stack.test_function = program, validation
        stack.fit(
            program.dataset,
            validation_data=validation.dataset,
            **go_on(),
            callbacks=[FollowEpochs(program), *own, watch],
            verbose=0,
            shuffle=False,
        )
        stack.train_function = stack.test_function = None
    except NotCompilable as error:
        log.append(f"XLA cannot compile this network, so it was trained by plain fit, more slowly: {error}")
        tf.get_logger().info(log[-1])
        stack, own, watch = prepare()
        start = time.perf_counter()
        stack.optimizer.build(stack.trainable_variables)
        epochs, rows = go_on(), Batches(x["train"], y["train"], fit.batch_size, fit.seed)
        rows.epoch += epochs["initial_epoch"]
        stack.fit(
            rows,
            validation_data=(x["validation"], y["validation"]),
            validation_batch_size=8192,
            **epochs,
            callbacks=[*own, watch],
            verbose=0,
            shuffle=False,
        )
        validation = ValidationProgram(stack, x["validation"], y["validation"])
    seconds = time.perf_counter() - start
    for callback in own:
        # Early stopping has its own idea of the best epoch: it may ask for a smallest change, or begin to watch late.
        if isinstance(callback, keras.callbacks.EarlyStopping) and callback.best_weights is not None and not watch.ended:
            watch.best_epoch = callback.best_epoch + 1
    return stack, validation, watch, seconds, log


def repeatable(experiment: Experiment, watch: Watch) -> Experiment:
    """The experiment whose plain run gives this outcome: after a stop, the epochs that were run, ending with the best."""
    if not watch.ended:
        return experiment
    keeps = [callback for callback in experiment.fit.callbacks if callback.name != "EarlyStopping"]
    keeps.append(CallbackChoice.of("EarlyStopping", monitor=watch.monitor, patience=watch.epochs, restore_best_weights=True))
    fit = experiment.fit.model_copy(update={"epochs": watch.epochs, "callbacks": tuple(keeps)})
    return experiment.model_copy(update={"fit": fit})


def card_decision(experiment: Experiment) -> float:
    """The output from which a binary network says yes."""
    return 0.0 if experiment.compile.loss.value("from_logits") or experiment.compile.loss.row.margin else 0.5


def _figure(task: Task, stack: keras.Sequential, x: np.ndarray, truth: np.ndarray, decision: float) -> dict[str, Any]:
    outputs = stack(x).numpy()
    if task.kind == "regression":
        some = slice(None) if len(truth) <= _MOST_POINTS else np.linspace(0, len(truth) - 1, _MOST_POINTS).astype(int)
        return {"actual": truth[some].tolist(), "predicted": outputs[some, 0].astype(float).tolist()}
    said = (outputs[:, 0] > decision).astype(int) if task.kind == "binary" else outputs.argmax(axis=1)
    return {"confusion": confusion_matrix(truth, said, labels=range(task.classes)).tolist()}


def _no_epoch(experiment: Experiment) -> str:
    rate = experiment.compile.optimizer.value("learning_rate")
    return (
        f"The loss was not a number from the first epoch on: nothing was learned. A learning rate of {rate:g} is the likely cause; "
        f"try {rate / 100:g}. If that does not help, look for extreme values among the features."
    )


def _sentence(
    experiment: Experiment, watch: Watch, ended: str, scores: dict[str, dict[str, float]], simple: dict[str, dict[str, dict[str, float]]]
) -> str:
    rate = experiment.compile.optimizer.value("learning_rate")
    if ended == "diverged":
        return (
            f"The training diverged: after epoch {watch.epochs} the loss was no longer a number. "
            f"The best epoch, {watch.best_epoch}, was kept. A learning rate of {rate:g} is probably too large; try {rate / 100:g}."
        )
    if ended == "stopped":
        return f"Stopped after epoch {watch.epochs}; the weights of the best epoch, {watch.best_epoch}, were kept."
    if ended == "early" and (stopping := experiment.callback("EarlyStopping")):
        kept = f"; the weights of epoch {watch.best_epoch} were kept" if stopping.value("restore_best_weights") else ""
        early = f"Stopped early: {_watched(watch.monitor)} had not improved for {stopping.value('patience')} epochs{kept}."
    else:
        early = ""
    dummy = next(iter(simple))
    if scores["validation"]["loss"] > 1.5 * simple[dummy]["validation"]["loss"]:
        return (
            f"The network is worse than always predicting the {dummy}: the training diverged or hardly began. "
            f"Try another learning rate than {rate:g}{', for instance ' + format(rate / 100, 'g') if rate > 0.05 else ''}."
        )
    line = next(reversed(simple))
    found = [early]
    if line != dummy and scores["validation"]["loss"] > 0.98 * simple[line]["validation"]["loss"]:
        found.append(f"On validation it is hardly better than the {line}: try more layers, more patience, or other features.")
    elif ended == "finished" and watch.best_epoch > 0.95 * watch.epochs:
        found.append(f"The best epoch, {watch.best_epoch}, is among the last: it was still improving, more epochs may help.")
    return " ".join(filter(None, found))


def _watched(monitor: str) -> str:
    """A logged name in words: "val_loss" -> "the validation loss"."""
    part, name = ("validation ", monitor.removeprefix("val_")) if monitor.startswith("val_") else ("training ", monitor)
    return f"the {part}{name}"


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
