"""Which logged number decides what the best epoch is."""

from core.experiment.spec import Experiment


def monitor(experiment: Experiment, validated: bool = True) -> tuple[str, bool]:
    """The name of the number, and whether larger is better: what early stopping watches, else the validation loss.

    Without validation rows it is the training loss.
    """
    stopping = experiment.callback("EarlyStopping")
    name = stopping.value("monitor") if stopping else "val_loss" if validated else "loss"
    metric = experiment.logged().get(name.removeprefix("val_"))
    return name, metric is not None and metric.row.larger
