"""A training that goes on from the weights of another run's epoch, as an experiment.

fork(experiment, run, epoch)     the experiment on screen, started from that epoch; its epochs are counted on from there
from_scratch(experiment)         the other way round: what the screen shows of a fork
why_not(origin, experiment, n)   why the experiment on screen cannot start from a run's weights, or ""
"""

from collections.abc import Sequence

from core.catalog.layers import LAYERS
from core.catalog.plugins import PREFIX
from core.experiment.counts import count
from core.experiment.file_names import file_name
from core.experiment.shapes import outline
from core.experiment.spec import MOST_EPOCHS, Experiment, Start
from core.experiment.task import Task

INITIAL = "initial.npz"  # The weights that such a training starts from, kept with its run.


def fork(experiment: Experiment, run: str, epoch: int) -> Experiment:
    """As many epochs as the experiment says, after those of the run."""
    return _with(experiment, Start(run=run, epoch=epoch), min(MOST_EPOCHS, epoch + experiment.fit.epochs), epoch)


def from_scratch(experiment: Experiment) -> Experiment:
    """The experiment without the run and epoch that it starts from."""
    fit = experiment.fit
    return _with(experiment, None, fit.epochs - fit.initial_epoch, 0) if experiment.start else experiment


def _with(experiment: Experiment, start: Start | None, epochs: int, initial_epoch: int) -> Experiment:
    fit = experiment.fit.model_copy(update={"epochs": epochs, "initial_epoch": initial_epoch})
    return experiment.model_copy(update={"start": start, "fit": fit})


def why_not(
    origin: Experiment,
    experiment: Experiment,
    inputs: int | None,
    tasks: Sequence[Task] = (),
    words: Sequence[int] = (),
) -> str:
    """A sentence for the person; "" when the weights of `origin` fit, and its test rows are those of `experiment`.

    Args:
        inputs, tasks, words: Of the situation of `experiment`.
    """
    if experiment.data != origin.data:
        return (
            "The experiment on screen uses other data than this run: training rows of the run could be in its test set."
        )
    if inputs is None:
        return "The experiment on screen cannot be trained."
    ours, theirs = (_layers_with_weights(one, inputs, tasks, words) for one in (experiment, origin))
    for at, (mine, kept) in enumerate(zip(ours, theirs, strict=False), start=1):
        if mine != kept:
            return (
                f"The layers on screen have other shapes: layer {at} with weights is {_words(mine)}, in this run "
                f"{_words(kept)}."
            )
    if len(ours) != len(theirs):
        return f"The network on screen has {count(len(ours), 'layer')} with weights, this run has {len(theirs)}."
    return ""


def _layers_with_weights(
    experiment: Experiment, inputs: int, tasks: Sequence[Task], words: Sequence[int]
) -> list[tuple[str, int, int]]:
    """Class, width and number of weights of the layers that have any, or may have: those of a plug-in are not counted
    here.
    """
    found = outline(experiment, inputs, tasks, words)
    return [
        (one.layer, one.width, one.parameters)
        for one in found
        if one.parameters or LAYERS[one.layer].module.startswith(PREFIX)
    ]


def _words(layer: tuple[str, int, int]) -> str:
    name, width, weights = layer
    return f"{name} {width} ({count(weights, 'weight')})"


def initial_name(experiment: Experiment) -> str:
    """The name under which its program looks for the weights."""
    return file_name(experiment.name, "initial", "npz")


def where_it_starts(experiment: Experiment) -> str:
    """What the program of such a training says of itself."""
    if experiment.start is None:
        return ""
    return f"""
It starts from the weights of {_of(experiment.start)}, in the file {initial_name(experiment)} beside it:
without that file it cannot repeat its numbers. The optimizer starts with a new state."""


def taking_initial_weights(experiment: Experiment) -> str:
    """How its program does that."""
    if experiment.start is None:
        return ""
    return f"""
# Start from the weights of {_of(experiment.start)}, in the order of model.weights.
with np.load({initial_name(experiment)!r}) as initial:
    model.set_weights([initial[name] for name in initial.files])
"""


def _of(start: Start) -> str:
    return f"epoch {start.epoch} of the run {start.run}"
