"""Amounts and scores as people read them, and whether a score is better than another."""

import math
from collections.abc import Mapping

from core.experiment.currencies import LEAST_IN_CENTS, is_money
from core.experiment.digits import with_varying_digits
from core.experiment.metric_titles import larger_is_better
from core.experiment.spec import Experiment

GRADIENT_BOOSTING = "gradient boosting"  # A baseline, named without an article.
Interval = Mapping[str, float | None]


def number(value: float | None, unit: str = "", low: float | None = None, high: float | None = None) -> str:
    """66342.56 -> "66,343", 14 -> "14.00", 0.8512 -> "0.851", 8.17e9 -> "8.17 billion"; with "$" in front or another
    unit behind. An amount of money below 1,000 has two decimals: 278.1 -> "$278.10".

    Of a target whose spread from `low` to `high` is small beside its size with the digits that vary: "1,000,000,003.5".
    """
    if value is None or not math.isfinite(value):
        return "none"
    size, money = abs(value), is_money(unit)
    if varying := with_varying_digits(value, low, high, money):
        text = varying
    elif size >= 1e15 or 0 < size < 1e-4:
        text = f"{value:.3g}"
    elif size >= 1e9:
        text = f"{value / 1e9:.3g} billion" if size < 1e12 else f"{value / 1e12:.3g} trillion"
    elif size >= 1000:
        text = f"{value:,.0f}"
    elif money and size >= LEAST_IN_CENTS:
        text = f"{value:,.2f}"
    elif size >= 100:
        text = f"{value:,.1f}"
    else:
        text = f"{value:.2f}" if size >= 1 else f"{value:.3f}" if size >= 1e-3 else f"{value:.3g}"
    return with_unit(text, unit)


def with_unit(text: str, unit: str) -> str:
    """A number that is written already with its unit: "$" in front, another one behind."""
    if unit == "$":
        return f"-${text[1:]}" if text.startswith("-") else f"${text}"
    return f"{text} {unit}".strip()


def score(name: str, value: float | None, experiment: Experiment, units: Mapping[str, str] = {}) -> str:
    """A score in its own manner: shares as percentages, errors in their target's unit."""
    metric = experiment.logged().get(name)
    row = metric.row if metric else None
    if value is not None and row and row.share and math.isfinite(value):
        return f"{value:.1%}"
    return number(value, units.get(experiment.target_of(name), "") if row and row.power == 1 else "")


def difference_words(
    name: str, difference: Interval, baseline: str, experiment: Experiment, units: Mapping[str, str] = {}
) -> tuple[str, str]:
    """How much better a network is than a baseline, and the verdict: "better", "worse", "within the noise", "the same"
    or "not comparable".

    Args:
        difference: {"value", "low", "high"} of how much better the network is; without an interval, as long as that is
            not computed, nothing is said of noise and there is no verdict: "".
    """
    named = baseline if baseline == GRADIENT_BOOSTING else f"the {baseline}"
    value, low, high = (difference.get(part) for part in ("value", "low", "high"))
    if value is None or not math.isfinite(value):
        return f"not comparable with {named}", "not comparable"
    ranged = low is not None and high is not None
    if (not ranged and abs(value) < 1e-9) or value == low == high == 0:
        return f"the same as {named}", "the same"
    much = difference_size(name, abs(value), experiment, units)
    said = f"the same as {named}" if abs(value) < 1e-9 else f"{much} {'better' if value > 0 else 'worse'} than {named}"
    if not ranged:
        return said, ""
    assert low is not None
    assert high is not None
    between = difference_interval(name, value, low, high, experiment, units)
    if low <= 0 <= high:
        return f"{said}, within the noise: {between}", "within the noise"
    return f"{said} ({between})", "better" if value > 0 else "worse"


def difference_interval(
    name: str, value: float, low: float, high: float, experiment: Experiment, units: Mapping[str, str]
) -> str:
    """The ends of a difference's interval: "$5.00 to $20.00" in the direction of its value. Where it contains 0 each
    end says its own direction, "$3,400 worse to $100 better": beside "worse" a reader takes -$3,400 to $100 for the
    other one.
    """
    if low <= 0 <= high:
        worse, better = _ends(name, {"low": abs(low), "high": high}, experiment, units)
        return f"{worse} worse to {better} better"
    ends = (low, high) if value > 0 else (-high, -low)
    return interval_words(name, {"low": ends[0], "high": ends[1]}, experiment, units)


def interval_words(
    name: str, interval: Interval, experiment: Experiment, units: Mapping[str, str] = {}, points: bool = True
) -> str:
    """The ends of an interval as people read them: "$41,000 to $52,000"; of shares in points, or as percentages."""
    return " to ".join(_ends(name, interval, experiment, units, points))


def _ends(
    name: str, interval: Interval, experiment: Experiment, units: Mapping[str, str], points: bool = True
) -> list[str]:
    low, high = interval["low"], interval["high"]
    if points and _share(name, experiment):
        return ["none" if end is None else f"{_zero(100 * end):.1f}" for end in (low, high)]
    ends = [end for end in (low, high) if end is not None and math.isfinite(end)]
    if len(ends) == 2 and 1000 <= max(map(abs, ends)) < 1e9 and not _share(name, experiment):  # Of one manner.
        metric = experiment.logged().get(name)
        unit = units.get(experiment.target_of(name), "") if metric and metric.row.power == 1 else ""
        return [with_unit(f"{round(end) or 0:,}", unit) for end in ends]
    if len(ends) == 2 and 1e-3 <= max(map(abs, ends)) <= 1 and not _measured(name, experiment):
        return [f"{round(end, 3) or 0:.3f}" for end in ends]  # As many decimals: not "0 to 1.00".
    return [score(name, end, experiment, units) for end in (low, high)]


def _measured(name: str, experiment: Experiment) -> bool:
    """Whether a score is an amount in its target's unit, or a share."""
    metric = experiment.logged().get(name)
    return metric is not None and (metric.row.power == 1 or metric.row.share)


def _zero(value: float) -> float:
    return 0.0 if abs(value) < 0.05 else value  # Without a sign: "-0.0" is read as an amount.


def _share(name: str, experiment: Experiment) -> bool:
    return name in experiment.logged() and experiment.logged()[name].row.share


def difference_size(name: str, value: float, experiment: Experiment, units: Mapping[str, str]) -> str:
    """The size of a difference of two scores: of shares in points, else as a score."""
    return f"{100 * value:.1f} points" if _share(name, experiment) else score(name, value, experiment, units)


def better_by(name: str, value: float, other: float, experiment: Experiment) -> float:
    """How much better a score is than another; below 0 where it is worse."""
    return (value - other) * (1 if larger_is_better(name, experiment) else -1)


def compared_baselines(name: str, experiment: Experiment, scores: Mapping[str, float | None]) -> list[str]:
    """The baselines that a score is compared with: the linear or logistic model, and the best of the others where that
    is better.

    Args:
        scores: Baseline -> its score, what guesses first, then the linear model.
    """
    if not scores:
        return []
    best = line = list(scores)[min(1, len(scores) - 1)]
    for simple, value in scores.items():
        least = scores[best]
        if value is not None and least is not None and better_by(name, value, least, experiment) > 1e-9:
            best = simple
    return list(dict.fromkeys((line, best)))
