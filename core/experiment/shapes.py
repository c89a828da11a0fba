"""Output shape and parameters of each layer, by arithmetic: the page shows them without TensorFlow."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.catalog.layers import LAYERS
from core.experiment.keras_calls import embedding_call
from core.experiment.spec import Experiment, Layer
from core.experiment.targets import facets
from core.experiment.task import Task


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


def outline(
    experiment: Experiment, inputs: int, tasks: Sequence[Task] = (), words: Sequence[int] = ()
) -> list[Outline]:
    """The stack's outlines, first layer first, for rows of `inputs` columns, of which `words` are for each feature's
    known words.

    Of several targets, the last layer's is that of all output layers together: their widths and weights added up.
    """
    outlines, width = [], inputs
    for layer in experiment.layers:
        outlines.append(_embedded(layer, width, words) if layer.row.embeds else _outlined(layer, width))
        width = outlines[-1].width
    if experiment.several and tasks and outlines and experiment.layers[-1].name == "Dense":
        before = outlines[-2].width if len(outlines) > 1 else inputs
        heads = [_outlined(one.layers[-1], before) for one in facets(experiment, tasks)]
        outlines[-1] = Outline("Dense", sum(one.width for one in heads), sum(one.trainable for one in heads), 0)
    return outlines


def step_work(experiment: Experiment, inputs: int, tasks: Sequence[Task] = (), words: Sequence[int] = ()) -> float:
    """Floating-point operations of one training step, about: of a multiplication and an addition for each weight and
    row of a batch, forward and twice backward (for the weights and for the layer before).
    """
    weights = sum(one.parameters for one in outline(experiment, inputs, tasks, words))
    return 6.0 * weights * experiment.fit.batch_size


def input_columns(experiment: Experiment, inputs: int, words: Sequence[int] = ()) -> int:
    """Columns of the network's input: where a layer embeds words, a feature of words is one column of their numbers."""
    return inputs if embedding_call(experiment) is None else inputs - sum(words) + len(words)


def _embedded(layer: Layer, width: int, words: Sequence[int]) -> Outline:
    """A vector for each word, and one for unknown words, which stays zero."""
    dim = layer.arguments["output_dim"]
    return Outline(layer.name, width - sum(words) + dim * len(words), dim * (sum(words) + len(words)), 0)


def _outlined(layer: Layer, width: int) -> Outline:
    row = LAYERS[layer.name]
    trainable, frozen = row.parameters(width, layer.arguments)
    return Outline(layer.name, row.width(width, layer.arguments), trainable, frozen)
