"""The targets of a training, each with its task and scale: what the trainer does for one target and for several alike.

Of one target, arrays stand alone and names are plain; of several, arrays come by output and names begin with it
("price_mae").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from sklearn.metrics import confusion_matrix

from core.evaluation.scores import predicted_classes
from core.experiment.keras_calls import head_calls, optimizer_call, shift_invariant, target_transform
from core.experiment.spec import Experiment
from core.experiment.targets import facet
from core.experiment.task import Task
from core.experiment.training_steps import resolved
from core.model.baselines import Predictor
from core.model.matrices import TableMatrices
from core.model.network import TargetScale, beginning, build, loss_of, loss_unit, make, metrics_of, seeded, y_true_for
from core.model.scorer import Resampled, Scorer, from_probabilities, predictions
from core.model.scoring_program import Column
from core.tables.prepared import Prepared

_MOST_POINTS = 2000  # Points of the predicted-against-actual figure.
_BLOCK = 8192

Predicted = dict[str, np.ndarray]  # Target -> (rows, outputs) float64.


@dataclass(frozen=True)
class Head:
    """One target.

    Attributes:
        experiment: As it is for this target alone.
        task: What is asked.
        scale: Of the training values.
        name: Of its output.
    """

    experiment: Experiment
    task: Task
    scale: TargetScale
    name: str = "output"

    @property
    def decision(self) -> float:
        """The probability or margin above which a binary prediction is the class 1."""
        return 0.0 if self.experiment.compile.single_loss.row.margin else 0.5


class Heads:
    """The targets of an experiment on a prepared table, whose rows say how long a schedule over the whole
    training is.
    """

    def __init__(self, experiment: Experiment, tasks: Sequence[Task], prepared: Prepared) -> None:
        experiment = resolved(experiment, prepared.sizes[0])
        self.experiment, self.prepared = experiment, prepared
        self.all = []
        for task in tasks:
            alone = facet(experiment, task)
            scale = TargetScale(
                prepared.y_true("train", task.target), task, shift_invariant(alone), target_transform(alone)
            )
            self.all.append(Head(alone, task, scale, experiment.outputs()[task.target]))
        self.several = len(self.all) > 1

    @property
    def watched(self) -> str:
        """The part by which epochs and baselines are compared while it trains: "validation"; without such rows
        "train".
        """
        return "validation" if "validation" in self.prepared.filled else "train"

    @property
    def first(self) -> Head:
        """The only one, or the first."""
        return self.all[0]

    def named(self, head: Head, name: str) -> str:
        """The logged name of a target's metric."""
        return f"{head.name}_{name}" if self.several else name

    def together(self, of: Any) -> Any:
        """What `of` gives for each head: alone where there is one, else by output."""
        return {head.name: of(head) for head in self.all} if self.several else of(self.first)

    def y_true(self, part: str) -> Column:
        """The targets' values in one part as the losses read them."""
        return self.together(lambda head: self.as_read(head, self.prepared.y_true(part, head.task.target)))

    def as_read(self, head: Head, y_true: np.ndarray) -> np.ndarray:
        """The values of one target in some rows as its loss reads them, without the target's offset."""
        return y_true_for(head.experiment, head.task, y_true - head.scale.offset if head.scale.offset else y_true)

    def units(self) -> dict[str, float]:
        """What logged losses are multiplied by to be in their target's own units; the loss of several targets together
        has none.
        """
        return {self.named(head, "loss"): loss_unit(head.experiment, head.scale) for head in self.all}

    def weight(self, target: str) -> float:
        """What a target's loss counts in the loss of the whole."""
        return (self.experiment.compile.loss_weights or {}).get(target, 1.0)

    def build(self, inputs: int) -> keras.Model:
        """The compiled network for a matrix of `inputs` columns: a Sequential, or of several targets a stack with an
        output for each.
        """
        if not self.several:
            return build(self.first.experiment, self.first.task, inputs, self.first.scale, self.prepared.words)
        trunk, heads = head_calls(self.experiment, [head.task for head in self.all])
        with seeded(self.experiment.fit.seed):
            begin, shared = beginning(self.experiment, inputs, self.prepared.words)
            for call in trunk:
                shared = make(call, {})(shared)
            outputs = {}
            for head in self.all:
                output = shared
                for call in heads[head.task.target]:
                    output = make(call, head.scale.symbols())(output)
                outputs[head.name] = output
        model = keras.Model(begin, outputs)
        model.compile(
            optimizer=make(optimizer_call(self.experiment), {}),
            loss=self.together(lambda head: loss_of(head.experiment, head.scale)),
            loss_weights=self.together(lambda head: self.weight(head.task.target)),
            metrics=self.together(lambda head: metrics_of(head.experiment, head.task, head.scale)),
            weighted_metrics=self.together(
                lambda head: metrics_of(head.experiment, head.task, head.scale, weighted=True)
            ),
        )
        return model

    def predictions(self, network: keras.Model, x: np.ndarray) -> Predicted:
        """Target -> a network's predictions for the rows of a matrix: (rows, outputs) float64, amounts in its unit or
        probabilities.
        """
        outputs = _outputs(network, x)
        return {
            head.task.target: self.as_predicted(head, outputs[head.name] if self.several else outputs)
            for head in self.all
        }

    @staticmethod
    def as_predicted(head: Head, outputs: np.ndarray) -> np.ndarray:
        """What a network gives for one target as its predictions: (rows, outputs) float64, amounts with the target's
        offset.
        """
        return predictions(head.experiment, head.task, outputs) + head.scale.offset

    def scores(self, predicted: Predicted, part: str) -> dict[str, float]:
        """Name -> final score of the predictions for all rows of a part, a network's or a baseline's. No penalty is in
        the loss.

        Rows count by the table's weights; class weights are for the training alone. The loss of several targets
        together is taken in their deviations.
        """
        return self._scored(predicted, part, self._weights(part))

    def judged(self, predicted: dict[str, Predicted], of_class: np.ndarray | None) -> dict[str, float]:
        """The loss that a training makes small, without penalties: rows count as they do in the training, class weights
        among them.

        {"train", "validation"} of those parts that were predicted; without validation rows the second is that of the
        training rows.
        """
        found = {}
        for name, part in (("train", "train"), ("validation", self.watched)):
            if part in predicted:
                weights = self._weights(part)
                if of_class is not None:
                    each = of_class[self.prepared.y_true(part, self.first.task.target)]
                    weights = each if weights is None else each * weights
                found[name] = self._loss(predicted[part], part, weights)
        return found

    def _loss(self, predicted: Predicted, part: str, weights: np.ndarray | None) -> float:
        """The "loss" of the scores alone."""
        whole = 0.0
        for head in self.all:
            target = head.task.target
            scorer = Scorer(head.experiment, head.task, head.scale)
            own = scorer.score("loss", predicted[target], self.prepared.y_true(part, target), weights)
            whole += self._part_of_the_loss(head) * own if self.several else own
        return whole

    def _weights(self, part: str) -> np.ndarray | None:
        weights = self.prepared.weights
        return None if weights is None else weights[self.prepared.parts[part]].astype("float64")

    def _scored(self, predicted: Predicted, part: str, weights: np.ndarray | None) -> dict[str, float]:
        y_true = {head.task.target: self.prepared.y_true(part, head.task.target) for head in self.all}
        return self.scores_of(predicted, y_true, weights)

    def scores_of(
        self, predicted: Predicted, y_true: dict[str, np.ndarray], weights: np.ndarray | None
    ) -> dict[str, float]:
        """Name -> final score of n rows: target -> (n, outputs) predictions, target -> n values, and their weights."""
        scores: dict[str, float] = {}
        whole = 0.0
        for head in self.all:
            target = head.task.target
            found = Scorer(head.experiment, head.task, head.scale)(predicted[target], y_true[target], weights)
            whole += self._part_of_the_loss(head) * found["loss"]
            scores |= {self.named(head, name): value for name, value in found.items()}
        return {"loss": whole, **scores} if self.several else scores

    def resampled(
        self, predicted: Predicted, y_true: dict[str, np.ndarray], weights: np.ndarray | None
    ) -> dict[str, Resampled]:
        """Name -> what gives the final score of resamples of n rows; arguments are those of `scores_of`. What cannot be
        resampled is left out.
        """
        scores: dict[str, Resampled] = {}
        losses: list[tuple[float, Resampled]] = []
        for head in self.all:
            target = head.task.target
            found = Scorer(head.experiment, head.task, head.scale).resampled(predicted[target], y_true[target], weights)
            if "loss" in found:
                losses.append((self._part_of_the_loss(head), found["loss"]))
            scores |= {self.named(head, name): score for name, score in found.items()}
        if not self.several or len(losses) < len(self.all):
            return scores
        whole = Resampled(lambda counts: np.sum([part * loss(counts) for part, loss in losses], axis=0), None, True)
        return {"loss": whole, **scores}

    def _part_of_the_loss(self, head: Head) -> float:
        """What the loss of a target is multiplied by in the loss of several targets together, taken in deviations."""
        return self.weight(head.task.target) / loss_unit(head.experiment, head.scale)

    def simple(self, ready: TableMatrices, counts: Any) -> dict[str, dict[str, Predicted]]:
        """Baseline -> part -> its predictions for the rows that are watched and for the test rows.

        `counts` is what each training row counts for the network, of several targets by output; the baselines learn
        with the same.
        """
        counted = {head.name: counts[head.name] if self.several and counts is not None else counts for head in self.all}
        fitted, x = (
            [
                ready.baselines(head.task, self.experiment.fit, counted[head.name], head.scale.transform)
                for head in self.all
            ],
            ready.line_matrices().x,
        )
        names = [_either(name) for name in zip(*fitted, strict=False)]
        found = {}
        for at, name in enumerate(names):
            models = {head.task.target: list(each.values())[at] for head, each in zip(self.all, fitted, strict=True)}
            found[name] = {part: self._of_baseline(models, x[part]) for part in (self.watched, "test")}
        return found

    def boosted(
        self, ready: TableMatrices, counts: Mapping[str, Any], x: Mapping[str, np.ndarray]
    ) -> dict[str, Predicted]:
        """Part -> what gradient boosting predicts for the rows of a matrix in `x`; {} where the training rows of a
        target have one class alone.

        `counts` says of each part what its rows count for the network, of several targets by output: it learns with
        these, class weights among them, and stops by the validation rows.
        """
        models = {}
        for head in self.all:
            of_head = {
                part: each[head.name] if self.several and each is not None else each for part, each in counts.items()
            }
            predict = ready.boosting(head.task, self.experiment.fit, of_head, head.scale.transform)
            if predict is None:
                return {}
            models[head.task.target] = predict
        return {part: self._of_baseline(models, rows) for part, rows in x.items()}

    def _of_baseline(self, models: dict[str, Predictor], x: np.ndarray) -> Predicted:
        return {
            head.task.target: from_probabilities(head.experiment, head.task, models[head.task.target](x))
            for head in self.all
        }

    def penalty(self, network: keras.Model) -> float:
        """What the penalties on the network's weights add to its loss, in the loss's unit; 0 where there are none."""
        of_weights = [
            variable.regularizer(variable)
            for variable in network.trainable_variables
            if variable.regularizer is not None
        ]
        return float(sum(float(one) for one in of_weights)) * self.units().get("loss", 1.0)

    def figures(
        self, predicted: Predicted, part: str = "test", decisions: Mapping[str, float] = {}
    ) -> dict[str, dict[str, Any]]:
        """Target -> what its figure shows: {"actual": [...], "predicted": [...]}, or {"confusion": [[...]]} with a row
        an actual class.

        `decisions` are the thresholds of those targets of two classes for which a person has chosen one.
        """
        return {
            head.task.target: _figure(
                head,
                predicted[head.task.target],
                self.prepared.y_true(part, head.task.target),
                decisions.get(head.task.target, head.decision),
            )
            for head in self.all
        }


def _outputs(network: keras.Model, x: np.ndarray) -> Any:
    """What the network gives, a block of rows at a time: its layers' outputs take more memory than the rows."""
    blocks = [network(x[at : at + _BLOCK]) for at in range(0, len(x), _BLOCK)]
    return keras.tree.map_structure(lambda *parts: np.concatenate(parts), *blocks)


def _either(names: Sequence[str]) -> str:
    """("linear model", "logistic model") -> "linear or logistic model"."""
    different = list(dict.fromkeys(names))
    ending = " model" if len(different) > 1 and all(name.endswith(" model") for name in different) else ""
    return " or ".join(name.removesuffix(ending) for name in different) + ending


def _figure(head: Head, predicted: np.ndarray, y_true: np.ndarray, decision: float) -> dict[str, Any]:
    if head.task.kind == "regression":
        some: Any = (
            slice(None) if len(y_true) <= _MOST_POINTS else np.linspace(0, len(y_true) - 1, _MOST_POINTS).astype(int)
        )
        return {"actual": y_true[some].tolist(), "predicted": predicted[some, 0].tolist()}
    said = predicted_classes(predicted if head.task.kind == "multiclass" else predicted[:, 0], decision)
    return {"confusion": confusion_matrix(y_true, said, labels=range(head.task.classes)).tolist()}
