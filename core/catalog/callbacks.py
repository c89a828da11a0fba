"""Keras's callbacks that an experiment may name."""

from dataclasses import dataclass, field

from core.catalog.fields import Flag, Name, Number, Part, Row, Whole
from core.catalog.schedules import SCHEDULES

_MODULE = "keras.callbacks"
_MONITOR = Name(name="monitor", default="val_loss", help="The number that is watched.", advanced=False)
_DELTA = Number(name="min_delta", default=0.0, low=0, help="Smallest change that counts as better.")


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
            "Stops when validation has not improved for a while.",
            (
                _MONITOR,
                Whole(
                    name="patience",
                    default=0,
                    low=0,
                    high=100_000,
                    help="Epochs to wait for something better.",
                    advanced=False,
                ),
                _DELTA,
                Flag(
                    name="restore_best_weights",
                    default=False,
                    help="End with the weights of the best epoch.",
                    advanced=False,
                ),
                Whole(name="start_from_epoch", default=0, help="Epochs before it starts to watch."),
            ),
            module=_MODULE,
            label="Early stopping",
            link="callbacks/early_stopping/",
        ),
        CallbackRow(
            "ReduceLROnPlateau",
            "Lowers the learning rate when progress stalls.",
            (
                _MONITOR,
                Number(
                    name="factor",
                    default=0.1,
                    above=0,
                    below=1,
                    help="What the learning rate is multiplied by.",
                    advanced=False,
                ),
                Whole(
                    name="patience",
                    default=10,
                    low=0,
                    high=100_000,
                    help="Epochs to wait for something better.",
                    advanced=False,
                ),
                Number(name="min_delta", default=1e-4, low=0, help="Smallest change that counts as better."),
                Whole(name="cooldown", default=0, help="Epochs to rest after lowering it."),
                Number(name="min_lr", default=0.0, low=0, help="Never lower than this."),
            ),
            module=_MODULE,
            label="Lower the learning rate on a plateau",
            link="callbacks/reduce_lr_on_plateau/",
        ),
        CallbackRow(
            "TerminateOnNaN",
            "Stops as soon as a loss is not a number.",
            module=_MODULE,
            label="Stop on NaN",
            link="callbacks/terminate_on_nan/",
        ),
        CallbackRow(
            "LearningRateScheduler",
            "Sets the learning rate at the beginning of each epoch, by a schedule counted in epochs.",
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
            "Judges, and ends with, the running average of the weights; the optimizer must keep one (use EMA).",
            (Flag(name="swap_on_epoch", default=False, help="Swap at the end of each epoch, too."),),
            module=_MODULE,
            label="Averaged weights",
            link="callbacks/swap_ema_weights/",
        ),
        CallbackRow(
            "TensorBoard",
            "Writes what TensorBoard draws; the Result page opens it.",
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
            "Writes each epoch's numbers to a CSV file, to be taken from the Result page.",
            module=_MODULE,
            label="CSV log",
            link="callbacks/csv_logger/",
            files={"filename": "log.csv"},
        ),
        CallbackRow(
            "ModelCheckpoint",
            "Saves the network while it trains, to be taken from the Result page.",
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
            "Lets the downloaded program go on where it was cut off; runs in Layerdeck do so anyway.",
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
    "LambdaCallback": "wants a function: write a plug-in",
    "OrbaxCheckpoint": "needs a package that is not installed",
    "ProgbarLogger": "is for a terminal",
    "RemoteMonitor": "sends the numbers to an address",
}
