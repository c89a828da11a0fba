"""Logged numbers as people read them: what they are called, and which way is good."""

import re
from collections.abc import Iterable

from core.catalog.metrics import METRICS
from core.experiment.penalties import penalized
from core.experiment.spec import Experiment, output_names

# First words of titles that are no names: "Poisson" and "AUC" keep their capitals within a sentence.
_COMMON_NOUNS = {
    *("Accuracy", "Categorical", "Cross", "Hinge", "Loss", "Precision", "Recall", "Sensitivity", "Specificity"),
    *("Squared", "Top"),
}


def metric_title(name: str, experiment: Experiment) -> str:
    """What a logged name is called on screen: "MAE", of several targets "price: MAE"."""
    target = experiment.target_of(name)
    own = name.removeprefix(f"{experiment.outputs()[target]}_") if experiment.several and target else name
    metric = experiment.logged().get(name)
    if name in experiment.losses():
        row = experiment.compile.of(target).single_loss.row
        logarithms = experiment.data.preparation_of(target).target if row.power is not None else None
        of = f" of {logarithms}({target})" if logarithms else ""
        title = f"Loss ({row.title}{of})" if target else "Loss of all targets"
    elif metric is None:
        return name
    else:
        title = f"{metric.row.title}, weighted" if own.startswith("weighted_") else metric.row.title
    return f"{target}: {title}" if experiment.several and target else title


def usual_title(name: str) -> str:
    """What a logged name is called where its experiment is not at hand: "mae" -> "MAE", "days in hospital_mae" ->
    "days in hospital: MAE"; a name that the catalog does not know stays.
    """
    known = {row.short: row.title for row in METRICS.values()} | {"loss": "Loss"}
    if name in known:
        return known[name]
    for short in sorted(known, key=len, reverse=True):
        of = name.removesuffix(f"_{short}")
        if of != name:
            return f"{known[short]}, weighted" if of == "weighted" else f"{of}: {known[short]}"
    return name


def title_in_record(name: str, targets: str) -> str:
    """What a logged name of a run is called whose targets stand in one text: "Revenue_____mae" of "Revenue (€), type"
    -> "Revenue (€): MAE".
    """
    for target, output in output_names(targets.split(", ")).items():
        if name.startswith(f"{output}_") and ", " in targets:
            return usual_title(f"{target}{name.removeprefix(output)}")
    return usual_title(name)


def metrics_first(names: Iterable[str]) -> list[str]:
    """Logged names in the order in which scores are read: metrics, then losses, whose units say little."""
    return sorted(names, key=lambda name: name == "loss" or name.endswith("_loss"))


def is_share(name: str) -> bool:
    """Whether a logged name or title, where its experiment is not at hand, is of a share of rows: "accuracy",
    "outcome: Accuracy".
    """
    own = name.rpartition(": ")[2].removesuffix(", weighted")
    return any(
        row.share and (own in (row.short, row.title) or own.endswith(f"_{row.short}")) for row in METRICS.values()
    )


def curve_title(name: str, experiment: Experiment) -> str:
    """What the curve of a logged name is called: that of the whole loss has the penalty on weights in it, where there
    is one.
    """
    return metric_title(name, experiment) + (", with the penalty" if name == "loss" and penalized(experiment) else "")


def score_title(name: str, experiment: Experiment) -> str:
    """What the final score of a logged name is called: "Precision (macro)" where many classes are averaged."""
    metric = experiment.logged().get(name)
    many = experiment.compile.of(experiment.target_of(name)).single_loss.row.tasks == ("multiclass",)
    return metric_title(name, experiment) + (" (macro)" if many and metric is not None and metric.row.macro else "")


def in_sentence(title: str, name: str, experiment: Experiment) -> str:
    """The title of a logged name within a sentence: "MAE", "accuracy", of several targets "MAE for price" instead of
    "price: MAE".
    """
    target = experiment.target_of(name)
    several = experiment.several and target
    own = title.removeprefix(f"{target}: ") if several else title
    first = re.match("[A-Z][a-z]+", own)
    if first and first[0] in _COMMON_NOUNS:
        own = own[0].lower() + own[1:]
    return f"{own} for {target}" if several else own


def larger_is_better(name: str, experiment: Experiment) -> bool:
    """Whether a larger value of the metric is better."""
    metric = experiment.logged().get(name)
    return metric is not None and metric.row.larger


def short(value: float) -> str:
    """A number within a sentence, three digits of it: 0.03456 -> "0.0346", 46921.4 -> "46,900", 4.937e9 -> "4.94
    billion".
    """
    size = abs(value)
    if not 1000 <= size < 1e15:
        return f"{value:.3g}"
    for unit, word in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if float(f"{size:.3g}") >= unit:
            return f"{value / unit:.3g}{word}"
    return f"{float(f'{value:.3g}'):,.0f}"
