"""Checks of what the target is like: amounts with a long tail or a small spread, classes of which one is rare."""

from collections.abc import Iterator

from core.advice.advice import Advice, check, check_each
from core.catalog.metrics import METRICS
from core.experiment.columns import Column
from core.experiment.counts import enumerated
from core.experiment.digits import significant
from core.experiment.edits import apply
from core.experiment.keras_calls import shift_invariant, target_transform
from core.experiment.spec import Experiment, Loss
from core.experiment.task import Situation, Task
from core.experiment.templates import with_metrics

_LONG = 2.0  # Skewness of an exponential distribution.
# Spread by size below which a step of float32, 1.2e-7 of the size at most, is more than a percent of a deviation.
_KEPT = 1e-4
_RARE = 0.2  # Of what a class would have if all had the same.
_FOR_RARE = ("BinaryFocalCrossentropy", "CategoricalFocalCrossentropy", "Dice", "Tversky")
_SHARES_OF_ALL = ("BinaryAccuracy", "SparseCategoricalAccuracy", "CategoricalAccuracy")


@check_each
def a_long_tail_does_not_decide(experiment: Experiment, task: Task, situation: Situation) -> Iterator[Advice]:
    """Squared errors of a lopsided target are those of a few rows."""
    column = situation.profile.column(task.target)
    skew = (column and column.skew) or 0.0
    squared = experiment.compile.single_loss.name == "MeanSquaredError" and target_transform(experiment) is None
    if task.kind == "regression" and squared and abs(skew) > _LONG:
        tail = "large" if skew > 0 else "small"
        says = (
            f"{task.target} is skewed by a few very {tail} values (skewness {skew:.1f}): they dominate the squared "
            "error."
        )
        fix = apply(experiment, {"op": "set", "path": "compile.loss", "value": {"class": "MeanAbsoluteError"}})
        yield Advice("skewed-target", "hint", "compile.loss", says, fix, "Use MeanAbsoluteError")


@check_each
def a_logarithm_has_an_effect(experiment: Experiment, task: Task, _situation: Situation) -> Iterator[Advice]:
    """A logarithm of the target that the loss does not let be learned."""
    logarithm = experiment.data.preparation_of(task.target).target
    if task.kind == "regression" and logarithm and target_transform(experiment) is None:
        says = (
            f"{logarithm}({task.target}) is not learned: {experiment.compile.single_loss.name} is not a loss of "
            "differences. Choose MeanSquaredError, MeanAbsoluteError, Huber or LogCosh, or no logarithm."
        )
        yield Advice("log-without-effect", "hint", "compile.loss", says)


@check_each
def targets_differ_in_digits_that_are_kept(
    experiment: Experiment, task: Task, situation: Situation
) -> Iterator[Advice]:
    """Amounts whose spread is small beside their size, and a loss, metric or output that does not let their mean be
    taken away first.
    """
    column = situation.profile.column(task.target)
    if (
        task.target not in situation.offsets
        or shift_invariant(experiment)
        or target_transform(experiment)
        or column is None
        or column.low is None
        or column.high is None
    ):
        return
    low, high, size = column.low, column.high, max(abs(column.low), abs(column.high))
    if not 0 < high - low < _KEPT * size:
        return
    loss, metrics = (
        experiment.compile.single_loss,
        [metric for metric in experiment.logged().values() if not metric.row.shift_invariant],
    )
    wants = [*([loss.name] if loss.row.power is None else []), *dict.fromkeys(metric.row.title for metric in metrics)]
    ends = " to ".join(f"{end:.{significant(low, high)}g}" for end in (low, high))
    says = (
        f"{task.target} goes from {ends}. In float32, with seven digits, such values are nearly equal unless their "
        "mean is subtracted"
    )
    fix = _of_differences(experiment)
    if shift_invariant(fix):
        says += f" first, which {enumerated(wants)} {'does' if len(wants) == 1 else 'do'} not allow."
        buttons = [
            *(["Use MeanAbsoluteError"] if loss.row.power is None else []),
            *(f"Remove {metric.row.title}" for metric in metrics),
        ]
        yield Advice(
            "target-digits",
            "warning",
            "compile.loss" if loss.row.power is None else "compile.metrics",
            says,
            fix,
            " and ".join(dict.fromkeys(buttons)),
        )
    else:
        about = f"{low:.{max(1, significant(low, high) - 6)}g}"
        says += (
            f", which an output that is never negative does not allow. Subtract {float(about):,.15g} from it in the "
            "table."
        )
        yield Advice("target-digits", "warning", "data.targets", says)


def _of_differences(experiment: Experiment) -> Experiment:
    """The experiment without metrics that change when target and prediction are shifted alike, and with a loss that
    does not.
    """
    compiled = experiment.compile
    metrics, weighted = (
        tuple(one for one in of if one.row.shift_invariant)
        for of in (compiled.single_metrics, compiled.single_weighted_metrics)
    )
    loss = compiled.single_loss if compiled.single_loss.row.power is not None else Loss.of("MeanAbsoluteError")
    return experiment.model_copy(
        update={"compile": compiled.model_copy(update={"loss": loss, "metrics": metrics, "weighted_metrics": weighted})}
    )


@check_each
def a_percentage_is_of_something(experiment: Experiment, task: Task, situation: Situation) -> Iterator[Advice]:
    """A loss that divides by the target, which is 0 in some rows."""
    loss, zeros = experiment.compile.single_loss, situation.zeros.get(task.target, 0)
    if task.kind == "regression" and loss.row.ratio and zeros:
        rows = "1 row has" if zeros == 1 else f"{zeros:,} rows have"
        says = f"{rows} {task.target} 0, where {loss.name} divides by nearly 0."
        fix = apply(experiment, {"op": "set", "path": "compile.loss", "value": {"class": "MeanAbsoluteError"}})
        yield Advice("percentage-of-zero", "warning", "compile.loss", says, fix, "Use MeanAbsoluteError")


@check
def rare_classes_count(experiment: Experiment, situation: Situation) -> Iterator[Advice]:
    """Classes of very different size, all rows of which count the same."""
    if len(situation.tasks) != 1 or experiment.data.weight is not None or experiment.fit.class_weight is not None:
        return
    (task,), loss = situation.tasks, experiment.compile.of(situation.tasks[0].target).single_loss
    rare = _rarest(situation.profile.column(task.target), task)
    if rare and loss.name not in _FOR_RARE:
        says = f"{rare[0]} is rare: {100 * rare[1]:.1f}% of the rows. The loss gains little from predicting it."
        fix = apply(experiment, {"op": "set", "path": "fit.class_weight", "value": "balanced"})
        yield Advice("unbalanced-classes", "hint", "fit.class_weight", says, fix, "Balance the classes")


@check_each
def accuracy_is_not_alone(experiment: Experiment, task: Task, situation: Situation) -> Iterator[Advice]:
    """A metric that saying the commoner class does not please, where one of two is rare."""
    metrics, rare = experiment.compile.single_metrics, _rarest(situation.profile.column(task.target), task)
    names = [metric.name for metric in metrics]
    if task.kind == "binary" and rare and names and set(names) <= set(_SHARES_OF_ALL) and not _raw(experiment):
        says = (
            f"Always predicting the more frequent {task.target} has an accuracy of {100 * (1 - rare[1]):.1f}%: "
            "accuracy alone says little."
        )
        fix = with_metrics(experiment, [*names, "AUC"], task)
        yield Advice("accuracy-alone", "hint", "compile.metrics", says, fix, f"Add {METRICS['AUC'].title}")


def _raw(experiment: Experiment) -> bool:
    loss = experiment.compile.single_loss
    return bool(loss.value("from_logits")) or loss.row.margin


def _rarest(column: Column | None, task: Task) -> tuple[str, float] | None:
    """The rarest class and its share, where that is very small."""
    if column is None or task.kind == "regression" or not task.classes <= len(column.top) == column.distinct:
        return None
    word, count = column.top[-1]
    share = count / sum(counted for _, counted in column.top)
    return (word, share) if share < _RARE / task.classes else None
