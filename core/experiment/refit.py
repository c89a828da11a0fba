"""A last training on training and validation rows together, once the number of epochs is chosen by validation.

refit(experiment, 37)              the experiment that does so: the same test rows, fresh weights, 37 epochs
more_steps(experiment, 652, 792)   what changes by itself: an epoch of more rows has more steps
"""

from core.catalog.schedules import over_the_whole
from core.experiment.counts import count
from core.experiment.spec import Experiment, Fit, read
from core.experiment.training_steps import steps_of_an_epoch

_ENDING, _MOST_NAME = " (refit)", 120


def refit(experiment: Experiment, epochs: int) -> Experiment:
    """The experiment without validation rows: they train, too. It makes so many epochs from fresh weights, without
    early stopping.

    Other callbacks that watch a validation number watch that of the training rows.
    """
    value = experiment.value()
    value.pop("start", None)
    value["name"] = experiment.name.removesuffix(_ENDING)[: _MOST_NAME - len(_ENDING)] + _ENDING
    value["data"]["split"]["refit"] = True
    callbacks = [one for one in value["fit"]["callbacks"] if one["class"] != "EarlyStopping"]
    for callback, choice in zip(
        callbacks, (one for one in experiment.fit.callbacks if one.name != "EarlyStopping"), strict=True
    ):
        if choice.row.field("monitor"):
            callback["monitor"] = str(choice.value("monitor")).removeprefix("val_")
    unused = {
        name: Fit.model_fields[name].default
        for name in ("initial_epoch", "validation_steps", "validation_freq", "minutes")
    }
    value["fit"] |= {"epochs": epochs, "callbacks": callbacks, **unused}
    return read(value)


def more_steps(experiment: Experiment, before: int, after: int) -> str:
    """A sentence on the steps of an epoch of `after` rows where one of `before` rows was chosen by; "" where they are
    as many.
    """
    steps = [steps_of_an_epoch(experiment, rows) for rows in (before, after)]
    if steps[0] == steps[1]:
        return ""
    rate = experiment.compile.optimizer.value("learning_rate")
    schedule = isinstance(rate, dict) and not over_the_whole(rate)
    counted = " A schedule of the learning rate counts steps, so it ends some epochs earlier." if schedule else ""
    return f"An epoch of {count(after, 'row')} has {count(steps[1], 'step')} instead of {steps[0]:,}.{counted}"
