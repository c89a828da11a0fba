"""Compiled programs of past trainings: where only numbers changed, the next one starts without compiling anything.

What is compiled depends on layers, compile settings, shapes and the target's scale; not on a constant learning rate, on
the epochs, the seed or the rows themselves. A program is taken out while it is used, so that two trainings never share
one.
"""

import json
from dataclasses import dataclass

import keras
import numpy as np

from core.experiment.keras_calls import plugin_modules
from core.model.outputs import Heads
from core.model.pool import Spare
from core.model.scoring_program import Column, ValidationProgram
from core.training.block_feed import Source
from core.training.compiled_epoch import BlockProgram

_MOST = 4


@dataclass
class Compiled:
    """A stack with the programs that train and validate it."""

    stack: keras.Model
    program: BlockProgram
    validation: ValidationProgram

    def start_as(self, fresh: keras.Model) -> None:
        """Gives every variable of layers and optimizer the value it has in a stack that was built a moment ago."""
        fresh.optimizer.build(fresh.trainable_variables)
        for mine, new in zip(_variables(self.stack), _variables(fresh), strict=True):
            mine.assign(new)


class Programs(Spare[Compiled]):
    """The last few compiled programs."""

    def __init__(self) -> None:
        super().__init__(_MOST)

    def give(self, key: str, thing: Compiled) -> None:
        """Keeps a program for the next training."""
        thing.program.source = None
        thing.program.x = thing.validation.x = np.zeros(0)  # The rows are the next training's own.
        thing.program.columns = thing.validation.columns = ()
        super().give(key, thing)


def key_of(heads: Heads, *columns: Column | None, source: Source | None = None) -> str:
    """What decides what is compiled, as text; "" where it cannot be told: a plug-in's file may change."""
    if plugin_modules(heads.experiment):
        return ""
    value = heads.experiment.value()
    optimizer = value["compile"]["optimizer"]
    if not isinstance(optimizer.get("learning_rate"), dict):
        optimizer.pop("learning_rate", None)
    shapes = [[name, array.shape, str(array.dtype)] for column in columns for name, array in _arrays(column)]
    tasks = [
        [head.task.target, head.task.kind, head.task.classes, head.scale.mean, head.scale.scale]
        + ([head.scale.transform.name] if head.scale.transform else [])
        for head in heads.all
    ]
    return json.dumps(
        [
            value["layers"],
            heads.prepared.words,
            value["compile"],
            value["fit"]["batch_size"],
            value["fit"]["steps_per_epoch"],
            tasks,
            shapes,
            [source.rows, source.block_bytes] if source else None,
        ]
    )


def _arrays(column: Column | None) -> list[tuple[str, np.ndarray]]:
    if column is None:
        return []
    return list(column.items()) if isinstance(column, dict) else [("", column)]


def _variables(stack: keras.Model) -> list[keras.Variable]:
    """Variables of the layers, the states of random ones among them, and of the optimizer; metrics begin anew by
    themselves.
    """
    return [*(variable for layer in stack.layers for variable in layer.variables), *stack.optimizer.variables]
