"""Keras's callbacks that an experiment may name."""

from dataclasses import dataclass, field

from core.catalog.fields import Flag, Name, Number, Part, Row, Whole
from core.catalog.schedules import SCHEDULES

_MODULE = "keras.callbacks"
_MONITOR = Name(name="monitor", default="val_loss", help="The metric that is monitored.", advanced=False)
_DELTA = Number(name="min_delta", default=0.0, low=0, help="Smallest change that counts as an improvement.")


@dataclass(frozen=True)
class CallbackRow(Row):
    """A callback.

    Attributes:
        files: Argument -> the file's or folder's name. Where it lies is the run's affair and never a browser's.
        printed: It is only printed: Layerdeck does the same for every run, by itself.
    """

    files: dict[str, str] = field(default_factory=dict)
    printed: bool = False


CALLBACKS: dict[str, CallbackRow] = {
    row.name: row
    for row in (
        CallbackRow(
            "EarlyStopping",
            "Ends the training when the monitored metric has not improved for a number of epochs, the patience. "
            "Choose it with restore_best_weights for nearly every training: it limits overfitting and saves time.",
            (
                _MONITOR,
                Whole(
                    name="patience",
                    default=0,
                    low=0,
                    high=100_000,
                    help="Epochs without improvement before it acts.",
                    advanced=False,
                    search_range=(2, 50),
                    log_scale=True,
                ),
                _DELTA,
                Flag(
                    name="restore_best_weights",
                    default=False,
                    help="Restore the weights of the best epoch at the end.",
                    advanced=False,
                ),
                Whole(name="start_from_epoch", default=0, help="Epochs before it starts to monitor."),
            ),
            module=_MODULE,
            label="Early stopping",
            link="callbacks/early_stopping/",
        ),
        CallbackRow(
            "ReduceLROnPlateau",
            "Multiplies the learning rate by a factor when the monitored metric has stopped improving. Choose it "
            "instead of a schedule when you do not know when the learning rate should fall.",
            (
                _MONITOR,
                Number(
                    name="factor",
                    default=0.1,
                    above=0,
                    below=1,
                    help="Factor of the learning rate.",
                    advanced=False,
                ),
                Whole(
                    name="patience",
                    default=10,
                    low=0,
                    high=100_000,
                    help="Epochs without improvement before it acts.",
                    advanced=False,
                    search_range=(2, 50),
                    log_scale=True,
                ),
                Number(name="min_delta", default=1e-4, low=0, help="Smallest change that counts as an improvement."),
                Whole(name="cooldown", default=0, help="Epochs to wait after each reduction."),
                Number(name="min_lr", default=0.0, low=0, help="Lower bound of the learning rate."),
            ),
            module=_MODULE,
            label="Lower the learning rate on a plateau",
            link="callbacks/reduce_lr_on_plateau/",
        ),
        CallbackRow(
            "TerminateOnNaN",
            "Ends the training as soon as the loss is NaN or infinite. Choose it while you search for a learning rate.",
            module=_MODULE,
            label="Stop on NaN",
            link="callbacks/terminate_on_nan/",
        ),
        CallbackRow(
            "LearningRateScheduler",
            "Sets the learning rate at the start of each epoch by a schedule that counts epochs. Choose it when the "
            "schedule should not depend on the batch size.",
            (
                Part(
                    name="schedule",
                    default={
                        "class": "ExponentialDecay",
                        "initial_learning_rate": 0.01,
                        "decay_steps": 10,
                        "decay_rate": 0.5,
                    },
                    help="The learning rate by epoch: its steps are epochs.",
                    rows=lambda: SCHEDULES,
                    required=True,
                    advanced=False,
                ),
            ),
            module=_MODULE,
            label="Learning rate by epoch",
            link="callbacks/learning_rate_scheduler/",
        ),
        CallbackRow(
            "SwapEMAWeights",
            "Evaluates, and ends with, the moving average of the weights that the optimizer keeps (use_ema). Choose "
            "it when the validation loss fluctuates from epoch to epoch.",
            (Flag(name="swap_on_epoch", default=False, help="Also swap at the end of each epoch."),),
            module=_MODULE,
            label="Averaged weights",
            link="callbacks/swap_ema_weights/",
        ),
        CallbackRow(
            "TensorBoard",
            "Writes logs for TensorBoard, which opens from the Result page. Choose it for histograms of the weights "
            "or the graph of the network.",
            (
                Whole(
                    name="histogram_freq",
                    default=0,
                    high=100_000,
                    help="Epochs between two histograms of the weights; 0 for none.",
                    advanced=False,
                ),
                Flag(name="write_graph", default=True, help="Write the graph of the network."),
                Flag(name="write_steps_per_second", default=False, help="Write the speed."),
            ),
            module=_MODULE,
            link="callbacks/tensorboard/",
            files={"log_dir": "tensorboard"},
        ),
        CallbackRow(
            "CSVLogger",
            "Writes the metrics of each epoch to a CSV file, which the Result page exports. Choose it to analyze "
            "the curves in another program.",
            module=_MODULE,
            label="CSV log",
            link="callbacks/csv_logger/",
            files={"filename": "log.csv"},
        ),
        CallbackRow(
            "ModelCheckpoint",
            "Saves the network after each epoch, or each best one, as a file that the Result page exports. Choose "
            "it when you need a checkpoint beside the model of the run.",
            (
                _MONITOR,
                Flag(
                    name="save_best_only", default=False, help="Keep the best epoch only, not the last.", advanced=False
                ),
            ),
            module=_MODULE,
            label="Model checkpoint",
            link="callbacks/model_checkpoint/",
            files={"filepath": "checkpoint.keras"},
        ),
        CallbackRow(
            "BackupAndRestore",
            "Lets the exported program resume where it was interrupted. Choose it for long trainings of that "
            "program; runs in Layerdeck resume without it.",
            module=_MODULE,
            label="Backup and restore",
            link="callbacks/backup_and_restore/",
            files={"backup_dir": "backup"},
            printed=True,
        ),
    )
}

# Callbacks of Keras that are not offered, and why.
LEFT_OUT = {
    "Callback": "is a base class",
    "CallbackList": "holds the others",
    "History": "is always there",
    "LambdaCallback": "takes a function: write a plug-in",
    "OrbaxCheckpoint": "needs a package that is not installed",
    "ProgbarLogger": "is for a terminal",
    "RemoteMonitor": "sends the numbers to an address",
}
