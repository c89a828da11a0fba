"""Output shape and parameters of each layer, by arithmetic: the page shows them without TensorFlow."""

from dataclasses import dataclass

from core.experiment.layers import LAYERS
from core.experiment.spec import Experiment


@dataclass(frozen=True)
class Outline:
    """One layer's outcome: (rows, `width`) out, `trainable` and `frozen` numbers of weights."""

    layer: str
    width: int
    trainable: int
    frozen: int

    @property
    def parameters(self) -> int:
        """All weights of the layer."""
        return self.trainable + self.frozen


def outline(experiment: Experiment, inputs: int) -> list[Outline]:
    """The stack's outlines, first layer first, for rows of `inputs` columns."""
    outlines, width = [], inputs
    for layer in experiment.layers:
        row = LAYERS[layer.name]
        trainable, frozen = row.parameters(width, layer.arguments)
        width = row.width(width, layer.arguments)
        outlines.append(Outline(layer.name, width, trainable, frozen))
    return outlines
