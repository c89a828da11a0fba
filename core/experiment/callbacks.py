"""Keras's callbacks that an experiment may name."""

from core.experiment.fields import Flag, Name, Number, Row, Whole

_MODULE = "keras.callbacks"
_MONITOR = Name(name="monitor", default="val_loss", help="The number that is watched.", advanced=False)
_DELTA = Number(name="min_delta", default=0.0, low=0, help="Smallest change that counts as better.")


CALLBACKS: dict[str, Row] = {
    row.name: row
    for row in (
        Row(
            "EarlyStopping",
            "Stops when validation has not improved for a while.",
            (
                _MONITOR,
                Whole(name="patience", default=0, low=0, high=100_000, help="Epochs to wait for something better.", advanced=False),
                _DELTA,
                Flag(name="restore_best_weights", default=False, help="End with the weights of the best epoch.", advanced=False),
                Whole(name="start_from_epoch", default=0, help="Epochs before it starts to watch."),
            ),
            module=_MODULE,
            label="Early stopping",
            link="callbacks/early_stopping/",
        ),
        Row(
            "ReduceLROnPlateau",
            "Lowers the learning rate when progress stalls.",
            (
                _MONITOR,
                Number(name="factor", default=0.1, above=0, below=1, help="What the learning rate is multiplied by.", advanced=False),
                Whole(name="patience", default=10, low=0, high=100_000, help="Epochs to wait for something better.", advanced=False),
                Number(name="min_delta", default=1e-4, low=0, help="Smallest change that counts as better."),
                Whole(name="cooldown", default=0, help="Epochs to rest after lowering it."),
                Number(name="min_lr", default=0.0, low=0, help="Never lower than this."),
            ),
            module=_MODULE,
            label="Lower the learning rate on a plateau",
            link="callbacks/reduce_lr_on_plateau/",
        ),
        Row(
            "TerminateOnNaN",
            "Stops as soon as a loss is not a number.",
            module=_MODULE,
            label="Stop on NaN",
            link="callbacks/terminate_on_nan/",
        ),
    )
}
