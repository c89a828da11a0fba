"""Changes of an experiment that advice offers: each takes an experiment and gives the mended one, or None where there
is none to give.
"""

import math
from collections.abc import Collection

from core.catalog.optimizers import OPTIMIZERS
from core.catalog.schedules import rate_at
from core.experiment.counts import enumerated
from core.experiment.edits import apply
from core.experiment.spec import MOST_EPOCHS, MOST_LAYERS, Experiment

PATIENCE = 15  # Epochs without a gain that early stopping waits, as the first experiment on a table does.
_FEWEST_HELD_OUT = 22  # Rows of a part, with two to spare for how classes are dealt.
_WIDEST = 512
_NOISE = ("Dropout", "GaussianDropout", "AlphaDropout")


def without_features(experiment: Experiment, names: Collection[str]) -> Experiment:
    """Without some columns."""
    rest = {other: kind for other, kind in experiment.data.features.items() if other not in names}
    return apply(experiment, {"op": "set", "path": "data.features", "value": rest})


def without_feature(experiment: Experiment, name: str) -> Experiment:
    """Without one column."""
    return without_features(experiment, (name,))


def larger_parts(experiment: Experiment, rows: int) -> Experiment | None:
    """As many validation and test rows as a score needs, of `rows` in all; at most six in ten.

    Where there are no validation rows, there are none afterwards.
    """
    share = math.ceil(20 * _FEWEST_HELD_OUT / rows) / 20 if rows else 1.0
    if experiment.data.split.method != "random" or experiment.data.split.folds or share > 0.3:
        return None
    split = experiment.data.split
    validation, test = (max(share, given) for given in (split.validation, split.test))
    if not split.validation or split.refit:
        validation = split.validation
    parts = {"train": round(1 - validation - test, 6), "validation": validation, "test": test}
    return apply(experiment, {"op": "set", "path": "data.split", "value": {**split.model_dump(mode="json"), **parts}})


def regularized(experiment: Experiment) -> bool:
    """Whether a layer regularizes: noise while training, or a penalty on weights."""
    return any(
        layer.row.group == "Against overfitting" or layer.value("kernel_regularizer") for layer in experiment.layers
    )


def with_regularization(experiment: Experiment, validated: bool = True) -> tuple[Experiment | None, str]:
    """With dropout after the first hidden layer and early stopping, as far as they are not there, and the words of a
    button.

    Without validation rows no early stopping is added.
    """
    fix, added = experiment, []
    held = regularized(experiment)
    hidden, _ = _dense(experiment)
    if not held and hidden and len(experiment.layers) < MOST_LAYERS:
        fix = apply(fix, {"op": "add", "layer": "Dropout", "at": hidden[0] + 1})
        held = True
        added.append("Dropout")
    if held and validated and experiment.callback("EarlyStopping") is None:
        fix = early_stopping(fix)
        added.append("early stopping")
    return (fix, f"Add {enumerated(added)}") if added else (None, "")


def _dense(experiment: Experiment) -> tuple[list[int], int]:
    """Places of the hidden Dense layers, and of the one that predicts: the last, an activation of its own may
    follow it.
    """
    places = [at for at, layer in enumerate(experiment.layers) if layer.name == "Dense"]
    return places[:-1], (places[-1] if places else 0)


def early_stopping(experiment: Experiment, patience: int = PATIENCE) -> Experiment:
    """With early stopping of that patience, which ends with the best weights; what it watches stays."""
    others = [one for one in experiment.value()["fit"]["callbacks"] if one["class"] != "EarlyStopping"]
    given = experiment.callback("EarlyStopping")
    arguments = {**(given.arguments if given else {}), "patience": patience, "restore_best_weights": True}
    return apply(
        experiment, {"op": "set", "path": "fit.callbacks", "value": [*others, {"class": "EarlyStopping", **arguments}]}
    )


def watching(experiment: Experiment, name: str) -> Experiment:
    """With early stopping that watches another number, and ends with the best weights by that."""
    given = experiment.callback("EarlyStopping")
    fix = early_stopping(experiment, given.value("patience") if given else PATIENCE)
    place = next(at for at, one in enumerate(fix.fit.callbacks) if one.name == "EarlyStopping")
    return apply(fix, {"op": "set", "path": f"fit.callbacks.{place}.monitor", "value": name})


def rate_of(experiment: Experiment) -> float:
    """The learning rate it begins with."""
    return rate_at(experiment.compile.optimizer.value("learning_rate"), 0)


def slower(experiment: Experiment, by: float) -> Experiment | None:
    """With the learning rate divided, or the usual one where it is higher than usual; None where a callback or a
    schedule sets it.
    """
    optimizer, rate = OPTIMIZERS[experiment.compile.optimizer.name], rate_of(experiment)
    return _with_rate(experiment, optimizer.usual_rate if rate > optimizer.habit[1] else rate / by)


def faster(experiment: Experiment, by: float) -> Experiment | None:
    """With the learning rate multiplied, and no more than what is usual; None where that is no gain, or something else
    sets it.
    """
    low, high = OPTIMIZERS[experiment.compile.optimizer.name].habit
    rate = rate_of(experiment)
    wanted = min(max(rate * by, low), high)
    return _with_rate(experiment, wanted) if wanted >= 2 * rate else None


def _with_rate(experiment: Experiment, rate: float) -> Experiment | None:
    if experiment.callback("LearningRateScheduler") or isinstance(
        experiment.compile.optimizer.value("learning_rate"), dict
    ):
        return None
    return apply(experiment, {"op": "set", "path": "compile.optimizer.learning_rate", "value": float(f"{rate:.2g}")})


def longer(experiment: Experiment, by: int = 3) -> Experiment:
    """With more epochs."""
    return apply(experiment, {"op": "set", "path": "fit.epochs", "value": min(MOST_EPOCHS, experiment.fit.epochs * by)})


def without_regularization(experiment: Experiment) -> Experiment | None:
    """Without noise layers and penalties on weights; None where there are none."""
    if not regularized(experiment):
        return None
    kept = [
        {name: value for name, value in layer.items() if name != "kernel_regularizer"}
        for layer, choice in zip(experiment.value()["layers"], experiment.layers, strict=True)
        if choice.row.group != "Against overfitting"
    ]
    return apply(experiment, {"op": "set", "path": "layers", "value": kept})


def half_the_noise(experiment: Experiment, least: float = 0.3) -> Experiment | None:
    """With half the dropout where a layer silences much; None where none does."""
    much = [at for at, layer in enumerate(experiment.layers) if layer.name in _NOISE and layer.value("rate") >= least]
    for at in much:
        value = round(experiment.layers[at].value("rate") / 2, 3)
        experiment = apply(experiment, {"op": "set", "path": f"layers.{at}.rate", "value": value})
    return experiment if much else None


def larger(experiment: Experiment) -> tuple[Experiment | None, str]:
    """With a hidden layer where there is none, else with hidden layers of twice the units, and the words
    of a button.
    """
    hidden, output = _dense(experiment)
    if not hidden and experiment.layers and len(experiment.layers) < MOST_LAYERS:
        layers = experiment.value()["layers"]
        layers.insert(output, {"layer": "Dense", "units": 64, "activation": "relu"})
        return apply(experiment, {"op": "set", "path": "layers", "value": layers}), "Add a hidden layer of 64"
    widths = {at: min(_WIDEST, max(64, 2 * experiment.layers[at].value("units"))) for at in hidden}
    grown = {at: units for at, units in widths.items() if units > experiment.layers[at].value("units")}
    for at, units in grown.items():
        experiment = apply(experiment, {"op": "set", "path": f"layers.{at}.units", "value": units})
    return (experiment, "Widen the hidden layers") if grown else (None, "")


def with_activation(experiment: Experiment, layers: Collection[int], activation: str) -> Experiment:
    """With another activation in some layers, by their places in the stack, from 0, and first weights as they are
    usually drawn.
    """
    for at in layers:
        if "kernel_initializer" in experiment.layers[at].arguments:
            usual = experiment.layers[at].row.value({}, "kernel_initializer")
            experiment = apply(experiment, {"op": "set", "path": f"layers.{at}.kernel_initializer", "value": usual})
        experiment = apply(experiment, {"op": "set", "path": f"layers.{at}.activation", "value": activation})
    return experiment
