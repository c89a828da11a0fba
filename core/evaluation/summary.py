"""A run in four plain sentences, for a person who was not there: pure words from facts.

Summary(facts...).sentences()    what is predicted from what; how good; what it uses; where it is weak, how sure
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedTarget
from core.evaluation.residuals import actual_range, error_by_tenth
from core.experiment.counts import count, enumerated
from core.experiment.metric_titles import in_sentence, score_title
from core.experiment.score_words import Interval, difference_words, interval_words, number, score
from core.experiment.spec import Experiment

_MOST_FEATURES = 3
_LEAST_ROWS = 5  # Of a class that is called the weakest.


@dataclass(frozen=True)
class Summary:
    """What is known of one target of a run.

    Attributes:
        experiment: As it was trained.
        units: Target -> its unit.
        target: Its name.
        rows: Of the training, validation and test set.
        metric: The logged name of the score that is told.
        score: Its {"value", "low", "high"} on the test rows.
        differences: Baseline -> {"value", "low", "high"} of how much better the network is; of those that are told.
        importance: Feature -> {"mean", "sd"} of how much worse a score becomes when the feature is shuffled; None where
            that is not known.
        importance_metric: The logged name of that score.
        test: The test rows.
        coverage: A sentence on the intervals or sets that were measured; "" without validation rows.
        width: The mean width of those intervals in the target's unit; None of sets.
    """

    experiment: Experiment
    units: Mapping[str, str]
    target: str
    rows: tuple[int, ...]
    metric: str
    score: Interval
    differences: Mapping[str, Interval]
    importance: Mapping[str, Mapping[str, float]] | None
    importance_metric: str
    test: EvaluatedPart
    coverage: str
    width: float | None

    def sentences(self) -> list[str]:
        """The four sentences, or three where nothing is known of what the network uses."""
        told = [self._what(), self._how_good(), self._uses(), self._weak_and_sure()]
        return [sentence for sentence in told if sentence]

    @property
    def _values(self) -> EvaluatedTarget:
        return self.test.targets[self.target]

    def _what(self) -> str:
        train, validation, test = self.rows
        classes = self._values.classes
        what = f"the class of {self.target} ({enumerated(classes, 4)})" if classes else self.target
        if self.target != self.experiment.data.targets[0]:
            return f"It predicts {what} from the same columns and rows."
        validated = f", {validation:,} for validation" if validation else ""
        return (
            f"The network predicts {what} from {count(len(self.experiment.data.features), 'column')}: "
            f"{count(train, 'row')} for training{validated}, {test:,} for test."
        )

    def _how_good(self) -> str:
        title = in_sentence(score_title(self.metric, self.experiment), self.metric, self.experiment)
        value = score(self.metric, self.score["value"], self.experiment, self.units)
        between = ""
        if self.score["low"] is not None:
            ends = interval_words(self.metric, self.score, self.experiment, self.units, points=False)
            between = f" (95% interval {ends})"
        beside = [
            difference_words(self.metric, difference, baseline, self.experiment, self.units)[0]
            for baseline, difference in self.differences.items()
        ]
        compared = f": {'; '.join(beside)}" if beside else ""
        return f"On the test rows the {title} is {value}{between}{compared}."

    def _uses(self) -> str:
        if self.importance is None:
            return ""
        ranked = sorted(self.importance.items(), key=lambda item: -item[1]["mean"])
        matter = [name for name, one in ranked if one["mean"] > 2 * one["sd"] and one["mean"] > 0][:_MOST_FEATURES]
        if not matter:
            return "No single column matters much: shuffling one of them leaves the score as it is."
        mean = self.importance[matter[0]]["mean"]
        named = self.importance_metric
        title = in_sentence(score_title(named, self.experiment), named, self.experiment)
        own = self.experiment.logged().get(self.importance_metric)
        share = own is not None and own.row.share
        worse = (
            f"{100 * mean:.1f} points" if share else score(self.importance_metric, mean, self.experiment, self.units)
        )
        then = f", then {enumerated(matter[1:])}" if matter[1:] else ""
        return f"It uses {matter[0]} most{then}: with {matter[0]} shuffled, the {title} is {worse} worse."

    def _weak_and_sure(self) -> str:
        weak = self._weakest_amounts() if self._values.task == "regression" else self._weakest_class()
        wide = f" They are {self._amount(self.width)} wide on average." if self.width is not None else ""
        return " ".join(filter(None, (weak, f"{self.coverage}{wide}")))

    def _weakest_amounts(self) -> str:
        tenths = error_by_tenth(self._values.y_true, self._values.y_pred, self.test.weights)
        errors = tenths["mean absolute error"].to_numpy("float64")
        if len(tenths) < 2 or not np.isfinite(errors).any():
            return ""
        worst = tenths.iloc[int(np.nanargmax(errors))]
        actual, unit = self._values.y_true, self.units.get(self.target, "")
        between = actual_range(worst["from"], worst["to"], actual, unit)
        error, rows = self._amount(worst["mean absolute error"]), count(int(worst["rows"]), "test row")
        return f"It is weakest where {self.target} is {between}: its mean absolute error there is {error} ({rows})."

    def _weakest_class(self) -> str:
        y_true, y_class = self._values.y_true, self._values.y_class
        weights = np.ones(len(y_true)) if self.test.weights is None else self.test.weights
        found = []
        for number_of_class, label in enumerate(self._values.classes):
            own = y_true == number_of_class
            if own.sum() >= _LEAST_ROWS and weights[own].sum() > 0:
                right = float(np.average(y_class[own] == number_of_class, weights=weights[own]))
                found.append((right, label, int(own.sum())))
        if not found:
            return ""
        right, label, rows = min(found)
        if right == 1:
            wrong = int(((y_class != y_true) & (weights > 0)).sum())
            if not wrong:
                return "It predicts all test rows of every class correctly."
            return (
                f"It predicts all test rows of the classes with {_LEAST_ROWS} or more of them correctly, and "
                f"{count(wrong, 'test row')} of rarer classes wrongly."
            )
        by_weight = " by weight" if self.test.weights is not None else ""
        return (
            f"It is weakest for class {label}: {right:.0%} of {count(rows, 'test row')}{by_weight} "
            "are predicted correctly."
        )

    def _amount(self, value: float) -> str:
        return number(float(value), self.units.get(self.target, ""))
