"""Scenes of past trainings: the next one over the same rows, with the same layers and loss, need not build its copy
again.
"""

import json

from core.experiment.keras_calls import plugin_modules
from core.experiment.spec import Experiment
from core.inspect.snapshot import Scene
from core.model.pool import Spare

_MOST = 3


class Scenes(Spare[Scene]):
    """The last few."""

    def __init__(self) -> None:
        super().__init__(_MOST)


def snapshot_key(experiment: Experiment) -> str:
    """What decides what is built, as text; "" where it cannot be told: a plug-in's file may change."""
    if plugin_modules(experiment):
        return ""
    value = experiment.value()
    return json.dumps([value["data"], value["layers"], {**value["compile"], "optimizer": None}])
