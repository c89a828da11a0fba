"""Where the curves of a training, Keras's running values, end elsewhere than its final scores; and why."""

from collections.abc import Mapping, Sequence

from core.experiment.metric_titles import in_sentence, metric_title
from core.experiment.penalties import penalized
from core.experiment.spec import Experiment

_ROUNDING = 1e-3  # Of the larger number: what differs by more is no rounding.
_MOST_NAMED = 3


def running_difference(
    experiment: Experiment,
    history: Mapping[str, Sequence[float | None]],
    epoch: int,
    scores: Mapping[str, float | None],
) -> str:
    """A sentence on the validation scores that differ from the curves at an epoch by more than rounding; "" where none
    does.

    Args:
        history: Logged name -> a number an epoch.
        epoch: Whose weights were scored, from 1.
        scores: Of the validation rows.
    """
    at, named = epoch - experiment.fit.initial_epoch - 1, []
    for name, score in scores.items():
        values = history.get(f"val_{name}", ())
        running = values[at] if 0 <= at < len(values) else None
        if running is None or score is None or not abs(running - score) > _ROUNDING * max(abs(running), abs(score)):
            continue
        why = _why(name, experiment)
        title = in_sentence(metric_title(name, experiment), name, experiment)
        named.append(f"{title} {running:.4g} on the curve and {score:.4g} here{f' ({why})' if why else ''}")
    if not named:
        return ""
    more = f"; and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    first = "; ".join(named[:_MOST_NAMED])
    return (
        "The curves show Keras's running values; these scores are computed on all rows at once. On validation at epoch "
        f"{epoch:,}: {first}{more}."
    )


def _why(name: str, experiment: Experiment) -> str:
    """What the running value is, where that is something else than the score; "" where nothing is known."""
    metric, whole = experiment.logged().get(name), experiment.losses()
    if experiment.fit.validation_steps is not None:
        return f"the curve uses {experiment.fit.validation_steps} batches"
    if metric is not None:
        weighed = "the curve multiplies by the weights and divides by the rows" if "weighted_" in name else ""
        return f"the curve is {metric.row.running}" if metric.row.running else weighed
    if name == whole[0] and penalized(experiment):
        return "the curve includes regularization"
    if name in whole and experiment.data.weight is not None:
        return "the curve divides by the rows, the score by their weights"
    loss = experiment.compile.of(experiment.target_of(name)).single_loss.row
    return "the curve does not clip probabilities" if "rossentropy" in loss.name else ""
