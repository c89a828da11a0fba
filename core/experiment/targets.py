"""Several targets: a stack that they share, and an output layer for each. Seen from one target, an experiment is one of
that target alone.

    facet(experiment, task)              the experiment as it is for the task's target: its own loss, metrics and
                                         output layer
    with_facets(experiment, facets)      the experiment with the losses and metrics of its facets

What is known of one target (checks, calls, scores) is asked of facets, so that one target and several go the same way.
"""

from collections.abc import Sequence
from typing import Any

from core.experiment.columns import TableProfile
from core.experiment.spec import Data, Experiment, Layer
from core.experiment.task import Task, tasks_of
from core.experiment.templates import last_activation, output_fits, output_layer, suit


def shared(experiment: Experiment) -> tuple[Layer, ...]:
    """The layers that all targets share: of one target the whole stack, of several all before the output layer."""
    layers = experiment.layers
    return layers[:-1] if experiment.several and layers and layers[-1].name == "Dense" else layers


def facet(experiment: Experiment, task: Task) -> Experiment:
    """The experiment as it is for one of its targets, and for that alone."""
    data = experiment.data.model_copy(update={"targets": (task.target,)})
    alone = experiment.model_copy(update={"data": data, "compile": experiment.compile.of(task.target)})
    if not experiment.several:
        return alone
    return alone.model_copy(update={"layers": (*shared(experiment), _head(alone, task))})


def facets(experiment: Experiment, tasks: Sequence[Task]) -> list[Experiment]:
    """One for each target, in their order."""
    return [facet(experiment, task) for task in tasks]


def _head(alone: Experiment, task: Task) -> Layer:
    """The output layer of one of several targets: units and activation follow from its task, the rest from the stack's
    last layer.
    """
    wanted, last = output_layer(task, alone.compile.single_loss), alone.layers[-1:]
    if not last or last[0].name != "Dense":
        return wanted
    given = {name: value for name, value in last[0].arguments.items() if name != "activation"}
    activation = last_activation(last)
    if (
        task.kind == "regression"
        and output_fits(activation, task, alone.compile.single_loss)
        and activation != "linear"
    ):
        given["activation"] = activation
        return Layer.of("Dense", **{**wanted.arguments, **given, "units": task.units})
    return Layer.of("Dense", **{**given, **wanted.arguments})


def with_facets(experiment: Experiment, of: Sequence[Experiment]) -> Experiment:
    """The experiment with the losses and metrics of its facets; of one target, with its layers, too."""
    if len(of) == 1:
        return experiment.model_copy(update={"compile": of[0].compile, "layers": of[0].layers, "fit": of[0].fit})
    compiled: dict[str, Any] = {  # A loss or metrics for each target, and () where there are none.
        name: {one.data.targets[0]: getattr(one.compile, name) for one in of}
        for name in ("loss", "metrics", "weighted_metrics")
    }
    if not any(compiled["weighted_metrics"].values()):
        compiled["weighted_metrics"] = ()
    return experiment.model_copy(update={"compile": experiment.compile.model_copy(update=compiled)})


def with_facet(experiment: Experiment, tasks: Sequence[Task], changed: Experiment) -> Experiment:
    """The experiment with one facet changed."""
    target = changed.data.targets[0]
    return with_facets(experiment, [changed if task.target == target else facet(experiment, task) for task in tasks])


def suited(experiment: Experiment, tasks: Sequence[Task]) -> Experiment:
    """The experiment with losses, metrics and output layer mended where they do not fit the tasks; the rest stays."""
    mended = with_facets(experiment, [suit(facet(experiment, task), task) for task in tasks])
    if len(tasks) == 1:
        return mended
    weights = {task.target: (experiment.compile.loss_weights or {}).get(task.target, 1.0) for task in tasks}
    loss_weights = weights if set(weights.values()) != {1.0} else None
    return mended.model_copy(
        update={
            "compile": mended.compile.model_copy(update={"loss_weights": loss_weights}),
            "layers": mended.layers or suit(facet(experiment, tasks[0]), tasks[0]).layers,
            "fit": mended.fit.model_copy(update={"class_weight": None}),
        }
    )


def with_data(experiment: Experiment, data: Data, profile: TableProfile) -> Experiment:
    """The experiment on other data of a table; output layer, loss and metrics as its targets need them, where all of
    them can be predicted.
    """
    changed = experiment.model_copy(update={"data": data})
    tasks = tasks_of(changed, profile)
    return suited(changed, tasks) if tasks else changed
