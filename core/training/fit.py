"""`fit`, with all that goes on around it: checkpoints, compiled programs, reports, what is seen of the network, and its
end.
"""

import tempfile
import time
import warnings
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.experiment.monitored_metric import monitor
from core.experiment.spec import Experiment, Fit
from core.experiment.task import Task
from core.inspect import snapshot_pool
from core.inspect.snapshot import Scene
from core.model.batches import Batches, taken
from core.model.initial_weights import start_from
from core.model.matrices import Matrices, TableMatrices
from core.model.network import callbacks
from core.model.outputs import Heads
from core.model.scoring_program import Column, ValidationProgram
from core.model.weight_history import WEIGHTS, Keeper
from core.training.checkpoint import Checkpoint
from core.training.compiled_epoch import BlockProgram, FullPace, NotCompilable
from core.training.compiled_pool import Compiled, Programs, key_of
from core.training.fast_fit import lean
from core.training.hooks import Hooks
from core.training.live_snapshots import Show
from core.training.monitor import FollowEpochs, Watch
from core.training.streaming import StreamedBatches, StreamedRows

_MOST_EPOCHS = 10**9


@dataclass
class Rows:
    """What is trained on and watched.

    Attributes:
        x: Part -> matrix; y: part -> targets; counts: part -> what each row counts, or None.
        source: Where training rows come from when they do not fit into memory; those of x are then a few of them.
    """

    x: dict[str, np.ndarray]
    y: dict[str, Column]
    counts: dict[str, Column | None]
    source: StreamedRows | None = None

    def shortened(self, fit: Fit) -> "Rows":
        """With as many validation rows as `validation_steps` allows."""
        if fit.validation_steps is None:
            return self
        most = fit.validation_steps * fit.batch_size
        x, y, counts = (_shortened(part, most) for part in (self.x, self.y, self.counts))
        return Rows(x, y, counts, self.source)


class Fitting:
    """One `fit`.

    Args:
        heads: The targets.
        rows: What is trained on.
        hooks: Who watches.
        kept: Where checkpoints are kept, if anywhere.
        programs: Compiled before.
        initial: Weights of another run's epoch, where it starts from one.

    Attributes, once it is over:
        stack: The trained network; validation: the program that scores it.
        watch: What was watched; seconds: of `fit`; log: what is to be said of it.
        jit_compile: Whether XLA compiled the training steps.
    """

    def __init__(
        self,
        heads: Heads,
        rows: Rows,
        hooks: Hooks,
        kept: Checkpoint | None,
        programs: Programs,
        initial: list[np.ndarray] | None,
        scene: "SceneOf",
    ) -> None:
        self.heads, self.experiment, self.fit = heads, heads.experiment, heads.experiment.fit
        self.rows, self.hooks, self.kept, self.programs, self.initial = (
            rows.shortened(self.fit),
            hooks,
            kept,
            programs,
            initial,
        )
        self._scene = scene
        self.log = list(heads.prepared.says)

    def build_compile_and_fit(self) -> None:
        """Builds and compiles the network and trains it: by one program an epoch, or by plain `fit` where XLA cannot
        compile that or the experiment does without XLA. What callbacks write is removed where no checkpoint is kept.
        """
        with ExitStack() as files:
            if self.kept:
                self._folder = self.kept.path.parent
            else:  # A callback's thread may still write there.
                self._folder = Path(files.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
            self._keeper = Keeper(self._folder / WEIGHTS)
            self._compile_and_fit()

    def _compile_and_fit(self) -> None:
        self.jit_compile = self.experiment.compile.jit_compile
        if self.jit_compile:
            try:
                self._by_program()
            except NotCompilable as error:
                self.log.append(
                    f"XLA cannot compile this network, so it was trained by plain fit, more slowly: {error}"
                )
                tf.get_logger().info(self.log[-1])
                self.jit_compile = False
        if not self.jit_compile:
            self._by_plain_fit()
        self.seconds = time.perf_counter() - self._start
        self._end()

    def _build(self) -> None:
        """Builds the network and all that watches it."""
        fit, hooks = self.fit, self.hooks
        asked = (hooks.epoch, hooks.steering, hooks.mark, hooks.pause, fit.initial_epoch)
        self.watch = Watch(self.heads.units(), monitor(self.experiment, self._validated), fit.epochs, *asked)
        self.watch.limit = None if fit.minutes is None else 60 * fit.minutes
        self.stack = self.heads.build(self.rows.x["train"].shape[1])
        start_from(self.initial, self.stack, self.experiment.start)
        self.own = callbacks(self.experiment, self.heads.first.scale, self._folder)
        self._start = time.perf_counter()

    @property
    def _validated(self) -> bool:
        """Whether there are validation rows."""
        return self.heads.watched == "validation"

    def _watching(self) -> list[keras.callbacks.Callback]:
        if self.hooks.shown is None:
            return [self.watch]
        show = Show(self.hooks.shown, self._scene, self._scene.give, self.own, self._ended_with)
        self.watch.shows = show
        return [self.watch, show]

    def _turned_back(self) -> keras.callbacks.EarlyStopping | None:
        """The callback that ended with the weights of its own best epoch: it may ask for a smallest change, or begin to
        watch late.
        """
        stopping = (one for one in self.own if isinstance(one, keras.callbacks.EarlyStopping))
        return next((one for one in stopping if one.best_weights is not None and not self.watch.ended), None)

    def _ended_with(self) -> int:
        """Whose weights the network has when `fit` is over."""
        if stopping := self._turned_back():
            return stopping.best_epoch + 1
        return self.watch.best_epoch if self.watch.restored else self.watch.epochs

    def _go_on(self) -> dict[str, int]:
        """Puts the kept state, where there is one that fits, back into the built stack; the epochs that `fit` has still
        to make.
        """
        state, watch = self.kept.load() if self.kept else None, self.watch
        if state and not state.restore(self.stack):
            state = None
        if self.kept:
            watch.keep_in(self.kept, self.own, state, self._keeper)
        if state:
            self.hooks.resumed(watch.epochs)
            watch.repeat()
            for change in watch.changes:  # It may have been cut off before it told of the last one.
                self.hooks.mark(
                    int(change["epoch"]), {name: value for name, value in change.items() if name != "epoch"}
                )
        # More than planned, so that a person may add some: Watch ends it.
        return {"initial_epoch": watch.epochs, "epochs": watch.epochs if state and state.ended else _MOST_EPOCHS}

    def _by_program(self) -> None:
        self._build()
        fit, (x, y, counts, source) = self.fit, (self.rows.x, self.rows.y, self.rows.counts, self.rows.source)
        key = key_of(
            self.heads, *(part[name] for name in ("train", "validation") for part in (x, y, counts)), source=source
        )
        if ready := self.programs.take(key):
            ready.start_as(self.stack)
            self.stack, program, self.validation = ready.stack, ready.program, ready.validation
            program.begin(x["train"], y["train"], fit.seed, counts["train"], source)
            self.validation.begin(x["validation"], y["validation"], counts["validation"])
        else:
            program = BlockProgram(
                self.stack,
                x["train"],
                y["train"],
                fit.batch_size,
                fit.seed,
                weights=counts["train"],
                most=fit.steps_per_epoch,
                source=source,
            )
            self.validation = ValidationProgram(self.stack, x["validation"], y["validation"], counts["validation"])
        stack, program.pace = self.stack, self.watch
        stack.train_function, stack.test_function = program, self.validation
        _say_no_more(fit)
        callbacks = [FollowEpochs(program), *self.own, *self._watching()]
        with lean(stack, callbacks):
            stack.fit(
                program.dataset,
                validation_data=self.validation.dataset if self._validated else None,
                validation_freq=fit.validation_freq,
                **self._go_on(),
                callbacks=callbacks,
                verbose=0,
                shuffle=False,
            )
        stack.train_function = stack.test_function = None
        program.pace = FullPace()
        self.programs.give(key, Compiled(stack, program, self.validation))

    def _by_plain_fit(self) -> None:
        self._build()
        fit, (x, y, counts, source), stack = (
            self.fit,
            (self.rows.x, self.rows.y, self.rows.counts, self.rows.source),
            self.stack,
        )
        stack.jit_compile = False  # Keras's own choice would be XLA where there is a GPU.
        stack.optimizer.build(stack.trainable_variables)
        epochs = self._go_on()
        rows: keras.utils.PyDataset
        if source:
            rows = StreamedBatches(source, fit.batch_size, fit.seed, fit.steps_per_epoch)
        else:
            rows = Batches(x["train"], y["train"], fit.batch_size, fit.seed, counts["train"], fit.steps_per_epoch)
        rows.epoch += epochs["initial_epoch"]
        _say_no_more(fit)
        stack.fit(
            rows,
            validation_data=(x["validation"], y["validation"], counts["validation"]) if self._validated else None,
            validation_batch_size=8192,
            validation_freq=fit.validation_freq,
            **epochs,
            callbacks=[*self.own, *self._watching()],
            verbose=0,
            shuffle=False,
        )
        self.validation = ValidationProgram(stack, x["validation"], y["validation"], counts["validation"])

    def _end(self) -> None:
        """Settles the best epoch, and keeps its weights for the epoch slider."""
        watch = self.watch
        if self.fit.validation_freq > 1 and self._validated and watch.ended != "diverged":
            watch.best_epoch = watch.best_epoch or watch.epochs  # It ended before validation was looked at.
        best = watch.best_weights
        if stopping := self._turned_back():
            watch.best_epoch, best, watch.restored = stopping.best_epoch + 1, stopping.best_weights, True
        if self.kept and watch.keep != "nothing":
            self._keeper.end(watch.epochs, watch.best_epoch, best)


@dataclass
class SceneOf:
    """Makes the scene of a training, when someone looks."""

    experiment: Experiment
    made: TableMatrices
    tasks: Sequence[Task]
    matrices: Matrices
    scenes: snapshot_pool.Scenes

    def __call__(self) -> Scene:
        """A scene: a copy of the network, and the rows that it is drawn with."""
        kept = self.scenes.take(snapshot_pool.snapshot_key(self.experiment))
        return kept or Scene(self.experiment, self.made, self.tasks, self.matrices)

    def give(self, scene: Scene) -> None:
        """Hands the scene back to the pool when the training has ended."""
        self.scenes.give(snapshot_pool.snapshot_key(self.experiment), scene)


def _say_no_more(fit: Fit) -> None:
    """Keras warns of every epoch without the number a callback watches; where validation is looked at now and then,
    that is meant.
    """
    if fit.validation_freq > 1:
        for words in (
            "Early stopping conditioned",
            "Learning rate reduction is conditioned",
            "Can save best model only",
        ):
            warnings.filterwarnings("ignore", words)


def _shortened(parts: dict[str, Any], rows: int) -> dict[str, Any]:
    found = parts["validation"]
    return {**parts, "validation": None if found is None else taken(found, slice(rows))}
