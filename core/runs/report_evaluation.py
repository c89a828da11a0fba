"""What a report says of how good, how sure and why a run predicts: of each target its intervals, the importance of its
features and how predictions follow them, its errors or curves; and the training rows against which the report's own
script explains a prediction.
"""

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from core.evaluation.class_curves import class_curves
from core.evaluation.conformal import LARGEST_LEVEL, LEAST_LEVEL, Coverage
from core.evaluation.curve_values import ClassCurve
from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.importance import importance_sentence
from core.evaluation.residuals import error_by_tenth, error_summary, residual_bars
from core.evaluation.shapley import feature_orders
from core.experiment.metric_titles import in_sentence, score_title
from core.runs.contributions_section import contribution_background
from core.runs.coverage_section import NoIntervals, coverage
from core.runs.dependence_section import all_dependences
from core.runs.importance_section import feature_importance
from core.runs.intervals_section import score_intervals
from core.runs.summary_section import summary

if TYPE_CHECKING:
    from core.model.outputs import Head
    from core.runs.evaluated_run import EvaluatedRun

_MOST_BARS, _MOST_FOLLOWED, _MOST_LINES = 20, 6, 20  # Features by importance, those with a curve, rows beside a curve.
_MOST_CLASSES = 30  # With curves: the most frequent ones.
_BESIDE_BASELINES = 3  # Classes up to which the baselines' curves stand beside the network's.
_MOST_POINTS, _FEWER_POINTS = 200, 60  # Of a curve, and of one of many.
_MOST_CHARACTERS = 2_000_000  # Of the training rows and their orders in the file.


def report_evaluation(asked: "EvaluatedRun", units: dict[str, str], predicts: bool) -> dict[str, Any]:
    """{"summary", "intervals" (sections of the run), "targets": target -> {"interval", "importance", "dependence",
    "errors", "curves"}, "background"}, as `core/report` draws them.

    Args:
        units: Target -> its unit.
        predicts: Whether the report's script computes predictions, so that it explains them too.
    """
    covered = _coverage(asked)
    return {
        "summary": asked.section("summary", summary, units=units),
        "intervals": asked.section("intervals", score_intervals),
        "targets": {
            head.task.target: _of_target(asked, head, units, covered.get(head.task.target)) for head in asked.heads.all
        },
        "background": _background(asked) if predicts else None,
    }


def _coverage(asked: "EvaluatedRun") -> dict[str, Coverage]:
    try:
        return asked.section("coverage", coverage)
    except NoIntervals:
        return {}


def _of_target(asked: "EvaluatedRun", head: "Head", units: dict[str, str], covered: Coverage | None) -> dict[str, Any]:
    found: dict[str, Any] = {} if covered is None else {"interval": _intervals(covered)}
    test = asked.rows.parts.get("test")
    if test is None:
        return found
    target = head.task.target
    importance = asked.section("importance", feature_importance, target=target)
    of = test.targets[target]
    ranked = sorted(importance["features"].items(), key=lambda pair: -pair[1]["mean"])
    followed = [name for name, _ in ranked if asked.prepared.kinds[name] != "text"][:_MOST_FOLLOWED]
    return found | {
        "importance": _importance(asked, head, importance, ranked, units),
        "dependence": [_dependence(asked, target, feature) for feature in followed],
        **({"errors": _errors(test, of)} if of.task == "regression" else {"curves": _curves(test, of)}),
    }


def _intervals(covered: Coverage) -> dict[str, Any]:
    """What the form needs to give intervals or sets of any level: for each percent from 50 to 99 the error (infinite
    where the validation rows are too few) and a sentence.
    """
    levels = range(round(100 * LEAST_LEVEL), round(100 * LARGEST_LEVEL) + 1)
    conformal, difficulty = covered.conformal, covered.conformal.difficulty

    def sentence(level: float) -> str:
        try:
            conformal.require(level)
        except LookupError as error:
            return str(error)
        return covered.sentence(level)

    return {
        "levels": list(levels),
        "errors": [conformal.error_at(level / 100) for level in levels],
        "predicted": list(difficulty.predicted) if difficulty else [0.0],
        "size": list(difficulty.size) if difficulty else [1.0],
        "says": [sentence(level / 100) for level in levels],
    }


def _importance(
    asked: "EvaluatedRun",
    head: "Head",
    importance: dict[str, Any],
    ranked: list[tuple[str, dict[str, float]]],
    units: dict[str, str],
) -> dict[str, Any]:
    experiment, name = asked.experiment, asked.heads.named(head, importance["metric"])
    metric = experiment.logged().get(name)
    return {
        "says": importance_sentence(importance, in_sentence(score_title(name, experiment), name, experiment)),
        "share": bool(metric and metric.row.share),
        "unit": units.get(head.task.target, "") if metric and metric.row.power == 1 else "",
        "features": [[feature, of["mean"], of["sd"]] for feature, of in ranked[:_MOST_BARS]],
        "more": max(0, len(ranked) - _MOST_BARS),
    }


def _dependence(asked: "EvaluatedRun", target: str, feature: str) -> dict[str, Any]:
    """Partial dependence on a feature, of each output; of the single rows those of a few, where there is one output."""
    outputs = all_dependences(asked, {"target": target, "feature": feature})
    first = outputs[0]
    lines = first["lines"][:: max(1, len(first["lines"]) // _MOST_LINES)] if len(outputs) == 1 else []
    return {
        "feature": feature,
        **{name: first[name] for name in ("kind", "grid", "rows", "of")},
        "at": first["at"],
        "share": _digits(first["share"], 4),
        "means": [_digits(of["mean"], 10) for of in outputs],
        "lines": [_digits(line, 7) for line in lines],
    }


def _errors(part: EvaluatedPart, of: EvaluatedTarget) -> dict[str, Any]:
    """The errors of the test rows with a finite prediction: in a few numbers, their distribution, by tenth of the
    actual value.
    """
    finite = np.isfinite(of.y_pred)
    weights = None if part.weights is None else part.weights[finite]
    y_true, y_pred = of.y_true[finite].astype("float64"), of.y_pred[finite]
    told, (bars, edges) = error_summary(y_true, y_pred, weights), residual_bars(y_pred - y_true, weights)
    return {
        "r2": told.r2,
        "mean": told.mean_error,
        "half": told.half_within,
        "nine_tenths": told.nine_tenths_within,
        "weighted": weights is not None,
        "bars": bars.tolist(),
        "edges": edges.tolist(),
        "tenths": [
            {"from": tenth[1], "to": tenth[2], "rows": tenth[3], "error": tenth[5]}
            for tenth in error_by_tenth(y_true, y_pred, weights).itertuples()
        ],
    }


def _curves(part: EvaluatedPart, of: EvaluatedTarget) -> dict[str, Any]:
    """Of each class, of two the second, {"class", "share" (of the rows), "predictors": [{"name", "auc", "ap", "roc",
    "pr"}], "calibration"}; and the calibration of the likeliest class.
    """
    found = class_curves(of, part.weights)
    named = sorted(found.curves, key=lambda name: -found.shares[name])[:_MOST_CLASSES]
    few = len(named) <= _BESIDE_BASELINES
    points = _MOST_POINTS if few else _FEWER_POINTS
    return {
        "classes": [
            {
                "class": name,
                "share": found.shares[name],
                "predictors": [
                    _curve(predictor, curve, points)
                    for at, (predictor, curve) in enumerate(found.curves[name].items())
                    if few or at == 0
                ],
                "calibration": _calibration(found.calibration.get(name)),
            }
            for name in named
        ],
        "likeliest": _calibration(found.likeliest),
        "weighted": part.weights is not None,
    }


def _curve(predictor: str, curve: ClassCurve, points: int) -> dict[str, Any]:
    def thinned(*axes: np.ndarray) -> list[list[float | None]]:
        some = np.unique(np.linspace(0, len(axes[0]) - 1, min(points, len(axes[0]))).astype(int))
        return [_digits(axis[some].tolist(), 4) for axis in axes]

    return {
        "name": predictor,
        "auc": curve.auc,
        "ap": curve.average_precision,
        "roc": thinned(curve.false_positive_rate, curve.true_positive_rate),
        "pr": thinned(curve.recall, curve.precision),
    }


def _calibration(of: Any) -> dict[str, Any] | None:
    if of is None:
        return None
    return {
        "predicted": _digits(of.predicted.tolist(), 4),
        "actual": _digits(of.actual.tolist(), 4),
        "rows": of.rows.tolist(),
        "error": of.error,
    }


def _background(asked: "EvaluatedRun") -> dict[str, Any] | None:
    """The training rows against which a prediction is explained, feature by feature, and the orders of the features
    where contributions are sampled; None where they would make the file too large.
    """
    exact, raw = contribution_background(asked)
    rows = len(next(iter(raw.values())))
    found = {
        "rows": rows,
        "raw": [[_cell(value) for value in raw[name]] for name in raw],
        "orders": None if exact else feature_orders(len(raw), rows).tolist(),
    }
    return found if len(json.dumps(found)) <= _MOST_CHARACTERS else None


def _cell(value: Any) -> Any:
    """A raw value, None where a number is missing."""
    if isinstance(value, str):
        return value
    return None if math.isnan(value) else float(value)


def _digits(values: list[float], digits: int) -> list[float | None]:
    """The values with so many significant digits; None for what is no finite number."""
    return [float(f"{value:.{digits}g}") if math.isfinite(value) else None for value in values]
