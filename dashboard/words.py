"""Numbers and names as people read them. No streamlit."""

import math

from core.experiment.metrics import METRICS
from core.experiment.spec import Experiment

TASK_WORDS = {
    "regression": "Regression: an amount is predicted",
    "binary": "Binary classification: one of two is predicted",
    "multiclass": "Classification: one of several is predicted",
}
STATE_WORDS = {
    "queued": "Waiting",
    "preparing": "Preparing",
    "training": "Training",
    "stopping": "Stopping",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "running": "Running",
}


def number(value: float | None, unit: str = "") -> str:
    """66342.56 -> "66,343", 14 -> "14.00", 0.8512 -> "0.851", 8.17e9 -> "8.17 billion"; with "$" in front or another unit behind."""
    if value is None or not math.isfinite(value):
        return "none"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        text = f"{value:.3g}"
    elif size >= 1e9:
        text = f"{value / 1e9:.3g} billion" if size < 1e12 else f"{value / 1e12:.3g} trillion"
    elif size >= 1000:
        text = f"{value:,.0f}"
    elif size >= 100:
        text = f"{value:.1f}"
    else:
        text = f"{value:.2f}" if size >= 1 else f"{value:.3f}" if size >= 1e-3 else f"{value:.3g}"
    if unit == "$":
        return f"-${text[1:]}" if text.startswith("-") else f"${text}"
    return f"{text} {unit}".strip()


def amount(value: float) -> str:
    """A cell of a table as it stands there: 484.0 -> "484", 2007.0 -> "2007", -121.5507 -> "-121.551"."""
    return f"{value:,.0f}" if value == round(value) and abs(value) >= 10_000 else f"{value:.6g}"


def score(name: str, value: float | None, experiment: Experiment, unit: str = "") -> str:
    """A score in its own manner: shares as percentages, errors in the target's unit."""
    row = next((METRICS[metric.name] for metric in experiment.compile.metrics if metric.row.short == name), None)
    if value is not None and row and row.share and math.isfinite(value):
        return f"{value:.1%}"
    return number(value, unit if row and row.power == 1 else "")


def metric_title(name: str, experiment: Experiment) -> str:
    """What a logged name is called on screen."""
    if name == "loss":
        return f"Loss ({experiment.compile.loss.row.title})"
    row = next((metric.row for metric in experiment.compile.metrics if metric.row.short == name), None)
    return row.title if row else name


def larger_is_better(name: str, experiment: Experiment) -> bool:
    """Whether more of it is good."""
    return any(METRICS[metric.name].larger for metric in experiment.compile.metrics if metric.row.short == name)


def count(number_of: int, one: str, many: str = "") -> str:
    """1 -> "1 row", 2000 -> "2,000 rows"."""
    return f"{number_of:,} {one if number_of == 1 else many or one + 's'}"
