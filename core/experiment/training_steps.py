"""How many steps a training makes, and the learning rate of a schedule that falls over all of them.

A schedule whose decay_steps are left out (CosineDecay, PolynomialDecay) falls over the whole training:
`compile.optimizer.learning_rate` = {"class": "CosineDecay", "initial_learning_rate": 0.01}. The number follows from
epochs, rows and batch size where the rows are known.

training_steps(experiment, 652)      652 training rows -> steps of all epochs
resolved(experiment, 652)            the experiment with that number in its schedule
"""

from core.catalog.schedules import over_the_whole, spread_over
from core.experiment.spec import CallbackChoice, Experiment, Optimizer


def steps_of_an_epoch(experiment: Experiment, rows: int) -> int:
    """Batches of one epoch of so many training rows, at least one."""
    fit = experiment.fit
    batches = max(1, -(-rows // fit.batch_size))
    return min(batches, fit.steps_per_epoch or batches)


def training_steps(experiment: Experiment, rows: int) -> int:
    """Batches of the whole training; one that starts from another run's epoch makes those after
    `initial_epoch` only.
    """
    return (experiment.fit.epochs - experiment.fit.initial_epoch) * steps_of_an_epoch(experiment, rows)


def falls_over_the_whole(experiment: Experiment) -> bool:
    """Whether the optimizer's learning rate falls over the whole training."""
    return over_the_whole(experiment.compile.optimizer.value("learning_rate"))


def resolved(experiment: Experiment, rows: int) -> Experiment:
    """The experiment with a number of steps in each schedule that falls over the whole training of so many rows.

    A callback's schedule counts epochs, from the first one of the run that the training starts from.
    """
    optimizer, callbacks = experiment.compile.optimizer, experiment.fit.callbacks
    if falls_over_the_whole(experiment):
        rate = spread_over(optimizer.value("learning_rate"), training_steps(experiment, rows))
        optimizer = Optimizer.of(optimizer.name, **{**optimizer.arguments, "learning_rate": rate})
    fixed = tuple(_by_epoch(one, experiment.fit.epochs) for one in callbacks)
    if (optimizer, fixed) == (experiment.compile.optimizer, callbacks):
        return experiment
    compiled = experiment.compile.model_copy(update={"optimizer": optimizer})
    return experiment.model_copy(
        update={"compile": compiled, "fit": experiment.fit.model_copy(update={"callbacks": fixed})}
    )


def _by_epoch(callback: CallbackChoice, epochs: int) -> CallbackChoice:
    schedule = callback.value("schedule")
    if not over_the_whole(schedule):
        return callback
    return CallbackChoice.of(callback.name, **{**callback.arguments, "schedule": spread_over(schedule, epochs)})
