"""Checks of how it is trained: optimizer, learning rate, callbacks."""

from collections.abc import Iterator

from core.advice.advice import Advice, check
from core.catalog.callbacks import CALLBACKS
from core.catalog.optimizers import OPTIMIZERS, clipping_conflict
from core.catalog.schedules import rate_at
from core.experiment.counts import count, counted
from core.experiment.edits import apply
from core.experiment.keras_calls import mixed_layers
from core.experiment.shapes import step_work
from core.experiment.spec import Experiment
from core.experiment.task import Situation

_WIDE = 50  # One-hot columns from which on a single layer is called wide.
# What makes bfloat16 faster -> floating-point operations of a step from which on it does, by `python -m benchmarks
# bfloat16`, and whether XLA trains faster with it: on processors the steps of plain `fit` do.
_BFLOAT16 = {"a GPU": (8e9, True), "AVX512_BF16": (8e9, False), "AMX": (5e10, False)}
_SPARSE = {"class": "Ftrl", "learning_rate": 0.1, "l1_regularization_strength": 0.1}


@check
def optimizer_can_be_built(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """At most one way of clipping gradients."""
    conflict = clipping_conflict(experiment.compile.optimizer.arguments)
    if conflict:
        value = experiment.value()
        for name in conflict[1:]:
            del value["compile"]["optimizer"][name]
        fix = apply(experiment, {"op": "replace", "value": value})
        says = f"{' and '.join(conflict)} are both set; Keras allows only one."
        yield Advice("clipping", "error", "compile.optimizer", says, fix, f"Keep {conflict[0]}")


@check
def batches_fit_the_rows(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """A batch that the training rows fill, steps that they have, and rows to validate on."""
    fit, (train, validation, _) = experiment.fit, situation.rows
    if not train:
        return
    if fit.batch_size > train:
        says = (
            f"Batch size {fit.batch_size:,} is larger than the {count(train, 'training row')}: every epoch is one step."
        )
        yield Advice("batch-beyond-rows", "hint", "fit.batch_size", says)
    for name, rows, part in (("steps_per_epoch", train, "training"), ("validation_steps", validation, "validation")):
        asked, there = getattr(fit, name), -(-rows // fit.batch_size)
        if asked and rows and asked > there:
            label = name.replace("_", " ").capitalize()
            says = (
                f"{label} is {asked:,}, but {count(rows, f'{part} row')} are "
                f"{count(there, 'batch', 'batches')}: only those are used."
            )
            yield Advice("steps-beyond-rows", "hint", f"fit.{name}", says)
    if not validation:
        says = "There are no validation rows: the curves show the training set only, and overfitting is not visible."
        yield Advice("no-validation", "hint", "data.split", says)


@check
def learning_rate_is_usual(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """A learning rate within the optimizer's habit."""
    optimizer = experiment.compile.optimizer
    given = optimizer.value("learning_rate")
    rate, (low, high) = rate_at(given, 0), OPTIMIZERS[optimizer.name].habit
    if low <= rate <= high or (isinstance(given, dict) and rate < low):  # A schedule may well begin with a warm-up.
        return
    better = OPTIMIZERS[optimizer.name].usual_rate
    word, outcome = ("low", "the training may be very slow") if rate < low else ("high", "the training may diverge")
    says = (
        f"A learning rate of {rate:g} is {word} for {optimizer.row.title}: {outcome}. {low:g} to {high:g} usually work."
    )
    fix = apply(experiment, {"op": "set", "path": "compile.optimizer.learning_rate", "value": better})
    yield Advice("learning-rate", "warning", "compile.optimizer.learning_rate", says, fix, f"Use {better:g}")


@check
def wide_sparse_layers_use_ftrl(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """A single layer over many one-hot columns, for which FTRL was made (McMahan et al., 2013)."""
    columns, layers = sum(situation.words), [layer.name for layer in experiment.layers]
    one_layer = layers.count("Dense") == 1 and "Embedding" not in layers
    if not one_layer or columns < max(_WIDE, (situation.inputs or 0) / 2):
        return
    if experiment.compile.optimizer.name != "Ftrl":
        says = f"One layer over {count(columns, 'one-hot column')} is a wide, sparse model, which FTRL suits."
        fix = apply(experiment, {"op": "set", "path": "compile.optimizer", "value": _SPARSE})
        yield Advice("wide-sparse-layer", "hint", "compile.optimizer", says, fix, "Use FTRL")


@check
def large_steps_use_mixed_precision(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Hidden layers in bfloat16, where steps are large and the machine multiplies bfloat16 faster than float32."""
    hardware, compiled = situation.bfloat16, experiment.compile
    if hardware not in _BFLOAT16 or situation.inputs is None or compiled.dtype_policy != "float32":
        return
    least, xla = _BFLOAT16[hardware]
    update = {"dtype_policy": "mixed_bfloat16", "jit_compile": compiled.jit_compile and xla}
    fix = experiment.model_copy(update={"compile": compiled.model_copy(update=update)})
    if mixed_layers(fix) and step_work(experiment, situation.inputs, situation.tasks, situation.words) >= least:
        says = f"Steps are large, and this machine has {hardware}, which multiplies bfloat16 faster than float32."
        without = " without XLA" if compiled.jit_compile and not xla else ""
        yield Advice("large-steps", "hint", "compile.dtype_policy", says, fix, f"Use mixed_bfloat16{without}")


@check
def one_thing_sets_the_learning_rate(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """A schedule, or a callback that sets the learning rate: Keras refuses both."""
    rate = experiment.compile.optimizer.value("learning_rate")
    setting = [name for name in ("ReduceLROnPlateau", "LearningRateScheduler") if experiment.callback(name)]
    if isinstance(rate, dict) and setting:
        fix = apply(experiment, {"op": "set", "path": "compile.optimizer.learning_rate", "value": rate_at(rate, 0)})
        says = (
            f"The learning rate follows a schedule, and {CALLBACKS[setting[0]].title!r} would set it too. Keras "
            "does not allow both."
        )
        yield Advice("two-rates", "error", "compile.optimizer.learning_rate", says, fix, "Remove the schedule")


@check
def a_schedule_has_its_pieces(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """Piecewise rates: one more than there are boundaries, which grow."""
    schedules = [("compile.optimizer.learning_rate", experiment.compile.optimizer.value("learning_rate"))]
    schedules += [
        (f"fit.callbacks.{at}.schedule", one.value("schedule")) for at, one in enumerate(experiment.fit.callbacks)
    ]
    for path, given in schedules:
        if not isinstance(given, dict) or given["class"] != "PiecewiseConstantDecay":
            continue
        boundaries, rates = given["boundaries"], given["values"]
        grown = sorted(set(boundaries))
        fitting = [*rates, *[rates[-1]] * len(grown)][: len(grown) + 1]
        fix = apply(experiment, {"op": "set", "path": path, "value": {**given, "boundaries": grown, "values": fitting}})
        if len(rates) != len(boundaries) + 1:
            says = (
                f"{count(len(boundaries), 'boundary', 'boundaries')} {counted(len(boundaries), 'makes', 'make')} "
                f"{len(boundaries) + 1} pieces, but {count(len(rates), 'learning rate')} "
                f"{counted(len(rates), 'is', 'are')} given."
            )
            yield Advice("pieces", "error", path, says, fix, "Fix the values")
        elif list(boundaries) != grown:
            says = "The boundaries of the learning rate must increase."
            yield Advice("pieces", "error", path, says, fix, "Sort them")


@check
def an_average_is_there_to_swap(experiment: Experiment, _situation: Situation) -> Iterator[Advice]:
    """SwapEMAWeights needs an optimizer that keeps an average."""
    if experiment.callback("SwapEMAWeights") and not experiment.compile.optimizer.value("use_ema"):
        fix = apply(experiment, {"op": "set", "path": "compile.optimizer.use_ema", "value": True})
        says = "Averaged weights need an optimizer that keeps a moving average (use_ema)."
        yield Advice("no-average", "error", "compile.optimizer.use_ema", says, fix, "Set use_ema")


@check
def monitors_exist(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Callbacks watch numbers that are logged; without validation rows those of training alone are."""
    trained = [*experiment.losses(), *experiment.logged()]
    logged = [*trained, *(f"val_{name}" for name in trained)]
    for index, callback in enumerate(experiment.fit.callbacks):
        monitor, path = callback.value("monitor"), f"fit.callbacks.{index}.monitor"
        if monitor in logged and monitor not in trained and not situation.validated:
            name = monitor.removeprefix("val_")
            says = (
                f"{callback.row.title} monitors {monitor}, but there are no validation rows; {name} is the training "
                "value."
            )
            fix = apply(experiment, {"op": "set", "path": path, "value": name})
            yield Advice("monitor", "error", path, says, fix, f"Monitor {name}")
        elif monitor is not None and monitor not in logged:
            says = f"{callback.row.title} monitors {monitor}, which is not logged; logged are {', '.join(logged)}."
            usual = "val_loss" if situation.validated else "loss"
            fix = apply(experiment, {"op": "set", "path": path, "value": usual})
            yield Advice("monitor", "error", path, says, fix, f"Monitor {usual}")
