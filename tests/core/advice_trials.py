"""Trials of advice: small tables, the number that each code is about, and a training that gets the advice."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.advice.training_curves import Course
from core.experiment.spec import Experiment, read
from core.model.exported_model import Predictor
from core.training.outcome import Outcome


def plain(rows=240, noise=0.3, seed=0) -> pd.DataFrame:
    """y = 3 x0 - 2 x1 + a bend; yes or no, and three classes, that follow from it; columns that say nothing, or nothing
    new.
    """
    draw = np.random.default_rng(seed)
    x0, x1 = draw.normal(size=(2, rows))
    y = 3 * x0 - 2 * x1 + 2 * x0 * x1 + noise * draw.normal(size=rows)
    return pd.DataFrame(
        {
            "x0": x0,
            "x1": x1,
            "w": np.where(x0 > 0.5, "high", np.where(x0 > -0.5, "middle", "low")),
            "y": y,
            "z": np.where(y > 0, "yes", "no"),
            "c": np.where(y > 2, "a", np.where(y > -2, "b", "c")),
            "same": 1.0,
            "again": x0,
            "name": [f"row {at}" for at in draw.permutation(rows)],
            "count": draw.poisson(np.exp(0.5 * x0 - 1.5)),
            "late": y + 0.02 * draw.normal(size=rows),
            "rated": np.abs(y + 0.5 * draw.normal(size=rows)) + 0.1,
            "balance": 1e9 + 10 * y,
            "wealth": np.exp(0.3 * y + 0.5 * draw.normal(size=rows)),
            "fraud": np.where(x0 + x1 + 0.7 * draw.normal(size=rows) > 2.6, "yes", "no"),
            "line": 3 * x0 - 2 * x1 + draw.normal(size=rows),
            "demand": np.maximum(0, np.round(y + 4)),
        }
    )


def parted() -> pd.DataFrame:
    """Most rows follow from one column at once, but for labels that are wrong; four in ten from two others, which takes
    epochs.
    """
    draw = np.random.default_rng(5)
    x0, x1, x2 = draw.normal(size=(300, 3)).T
    late = draw.random(300) < 0.4
    yes = np.where(late, (x1 > 0) ^ (x2 > 0), x0 > 0) ^ (draw.random(300) < 0.05)
    return pd.DataFrame({"x0": x0, "x1": x1, "x2": x2, "late": late.astype(float), "z": np.where(yes, "yes", "no")})


def sparse() -> pd.DataFrame:
    """y follows from 12 of 120 words in two columns; the other words are noise."""
    draw = np.random.default_rng(7)
    left, right = draw.integers(0, 60, (2, 400))
    y = 2.0 * (left < 6) - 2.0 * (right < 6) + 0.5 * draw.normal(size=400)
    return pd.DataFrame({"left": [f"l{at}" for at in left], "right": [f"r{at}" for at in right], "y": y})


def texts() -> pd.DataFrame:
    """Half of what y is stands in a sentence."""
    draw = np.random.default_rng(3)
    x0, found = draw.normal(size=400), draw.choice(["fine", "worn", "broken"], 400)
    worth = pd.Series(found).map({"fine": 3, "worn": 0, "broken": -3}).to_numpy()
    said = [f"Lot {at}: this piece is {word}, as its last owner said." for at, word in enumerate(found)]
    return pd.DataFrame({"x0": x0, "said": said, "y": x0 + worth + 0.3 * draw.normal(size=400)})


def shops() -> pd.DataFrame:
    """150 shops with eight rows each, and a level of its own for each of them."""
    draw = np.random.default_rng(4)
    shop, x0 = np.repeat(np.arange(150), 8), draw.normal(size=1200)
    level = draw.normal(0, 3, 150)
    return pd.DataFrame({"x0": x0, "shop": [f"shop {at}" for at in shop], "y": x0 + level[shop]})


FRAMES = {
    "shops": shops(),
    "texts": texts(),
    "sparse": sparse(),
    "plain": plain(),
    "many": plain(900),
    "few": plain(100),
    "noisy": plain(90, noise=4.0),
    "parted": parted(),
}
DENSE, LAST = {"layer": "Dense", "units": 24, "activation": "relu"}, {"layer": "Dense", "units": 1}
YES = {"layer": "Dense", "units": 1, "activation": "sigmoid"}
WIDE = [{"layer": "Dense", "units": 128, "activation": "relu"}] * 2
BOTH = {"x0": "number", "x1": "number"}


@dataclass(frozen=True)
class Trial:
    """An experiment that gets a piece of advice, and how to see that taking it helps.

    Attributes:
        measure: Of an outcome, the smaller the better; None where nothing trains before it is mended.
        by: The number after the fix is at most so much of the one before.
        loses: How much larger the validation loss may be after the fix; None where the measure is about it.
    """

    target: str = "y"
    table: str = "plain"
    measure: Callable[["Trained"], float] | None = None
    by: float = 0.95
    loses: float | None = None
    layers: Any = (DENSE, LAST)
    loss: Any = "MeanSquaredError"
    metrics: Any = ()
    features: Any = None
    rate: Any = 0.01
    optimizer: Any = None
    epochs: int = 12
    fit: Any = None
    data: Any = None
    compile: Any = None

    def experiment(self, refs: dict[str, str]) -> Experiment:
        data = {
            "table": refs[self.table],
            "targets": [self.target],
            "features": self.features or BOTH,
            **(self.data or {}),
        }
        if data.get("split", {}).get("method") == "table":
            data["split"] = {**data["split"], "table": refs[self.table]}
        return read(
            {
                "version": 1,
                "data": data,
                "layers": list(self.layers),
                "compile": {
                    "loss": self.loss,
                    "metrics": self.metrics if isinstance(self.metrics, dict) else list(self.metrics),
                    "optimizer": self.optimizer or {"class": "Adam", "learning_rate": self.rate},
                    **(self.compile or {}),
                },
                # 14 divides the training rows of most tables: a last, smaller batch is compiled, too.
                "fit": {"epochs": self.epochs, "batch_size": 14, **(self.fit or {})},
            }
        )


@dataclass(frozen=True)
class Trained:
    """An outcome, its rows, and the advice on its course."""

    outcome: Outcome
    frame: pd.DataFrame
    course: Course

    @property
    def validation(self) -> float:
        """The validation loss it ended with."""
        return self.outcome.scores["validation"]["loss"]


def ended(of: Trained) -> float:
    return of.validation


def typical_error(of: Trained) -> float:
    """Of half the test rows the error is smaller."""
    (figure,) = of.outcome.figures.values()
    return float(np.median(np.abs(np.subtract(figure["actual"], figure["predicted"]))))


def impossible(of: Trained) -> float:
    """How many answers are no probabilities."""
    (outputs,) = Predictor(of.outcome.bundle, of.outcome.card).outputs(of.frame).values()
    return float(((outputs < 0) | (outputs > 1)).sum())


def weights(of: Trained) -> float:
    return of.outcome.stack.count_params()


def epochs(of: Trained) -> float:
    return of.outcome.epochs


def settings(of: Trained) -> float:
    return len(of.outcome.experiment.text())


def without(column: str) -> Callable[[Trained], float]:
    """The mean error on rows in which a column is not known yet."""

    def measure(of: Trained) -> float:
        rows = of.frame.drop(columns=column)
        return float(
            np.abs(Predictor(of.outcome.bundle, of.outcome.card).outputs(rows)["y"][:, 0] - of.frame["y"]).mean()
        )

    return measure


def doubt(of: Trained) -> float:
    """The standard error of a test score: the spread of all rows' errors over the root of the number of rows that are
    tested.
    """
    (figure,), target = of.outcome.figures.values(), of.course.experiment.data.targets[0]
    (outputs,) = Predictor(of.outcome.bundle, of.outcome.card).outputs(of.frame).values()
    return float(np.std(outputs[:, 0] - of.frame[target]) / math.sqrt(len(figure["actual"])))


def illusion(of: Trained) -> float:
    """How far validation is from the test."""
    return abs(math.log(of.outcome.scores["test"]["loss"] / of.validation))


def missed(of: Trained) -> float:
    """The share of rows that is missed, each class counted the same."""
    table = np.array(of.outcome.figures["fraud"]["confusion"])
    return 1 - float(np.mean(np.diag(table) / table.sum(axis=1)))


def hidden_gain(of: Trained) -> float:
    """How little the metrics tell the network from always saying the commoner class."""
    names = [name for name in of.outcome.scores["test"] if name != "loss"]
    return 1 - max(of.outcome.scores["test"][name] - of.outcome.baselines["majority"]["test"][name] for name in names)


def wrong(of: Trained) -> float:
    """The share of validation rows that are called wrong."""
    return 1 - of.outcome.scores["validation"]["accuracy"]


def no_numbers(of: Trained) -> float:
    return sum(not math.isfinite(value) for values in of.outcome.history.values() for value in values)


def jitter(of: Trained) -> float:
    losses = np.array(of.outcome.history["loss"][-15:])
    return float(np.abs(np.diff(losses)).mean() / losses.mean())


def ill(share: str) -> Callable[[Trained], float]:
    return lambda of: max(layer[share] for layer in of.course.health.values())


ERRORS = {
    "target-twice": Trial(data={"targets": ["y", "y"]}),
    "target-among-features": Trial(features={**BOTH, "y": "number"}),
    "no-such-feature": Trial(features={**BOTH, "gone": "number"}),
    "no-layers": Trial(layers=()),
    "softmax-of-one": Trial(layers=(DENSE, {**LAST, "activation": "softmax"})),
    "output-units": Trial("c", loss="SparseCategoricalCrossentropy"),
    "no-words": Trial(layers=({"layer": "Embedding", "output_dim": 2}, DENSE, LAST)),
    "not-a-target": Trial(compile={"loss_weights": {"x0": 2.0}}),
    "metric-task": Trial(metrics=["BinaryAccuracy"]),
    "metric-probability": Trial("z", loss={"class": "BinaryCrossentropy", "from_logits": True}, metrics=["AUC"]),
    "monitor": Trial(fit={"callbacks": [{"class": "EarlyStopping", "monitor": "val_mae"}]}),
    "weight-column": Trial(data={"weight": "w"}),
    "class-weight": Trial(fit={"class_weight": "balanced"}),
    "pieces": Trial(
        optimizer={
            "class": "Adam",
            "learning_rate": {"class": "PiecewiseConstantDecay", "boundaries": [9, 5], "values": [0.1]},
        }
    ),
    "two-rates": Trial(
        optimizer={
            "class": "Adam",
            "learning_rate": {"class": "CosineDecay", "initial_learning_rate": 0.01, "decay_steps": 50},
        },
        fit={"callbacks": ["ReduceLROnPlateau"]},
    ),
    "clipping": Trial(optimizer={"class": "Adam", "clipnorm": 1.0, "clipvalue": 1.0}),
    "no-average": Trial(fit={"callbacks": ["SwapEMAWeights"]}),
    "loss-task": Trial("z", loss="MeanSquaredError", layers=(DENSE, YES)),
    "no-heads": Trial(data={"targets": ["y", "line"]}, layers=(DENSE, {"layer": "Dropout", "rate": 0.1})),
    "embedding-first": Trial(
        features={**BOTH, "w": "category"}, layers=(DENSE, {"layer": "Embedding", "output_dim": 2}, LAST)
    ),
    "loss-weights-zero": Trial(data={"targets": ["y", "line"]}, compile={"loss_weights": {"y": 0.0, "line": 0.0}}),
    "metric-onehot": Trial(
        "c",
        loss="SparseCategoricalCrossentropy",
        metrics=["F1Score"],
        layers=(DENSE, {"layer": "Dense", "units": 3, "activation": "softmax"}),
    ),
    "metric-twice": Trial(metrics=["MeanAbsoluteError", "MeanAbsoluteError"]),
}
BEFORE = {
    "negative-targets": Trial(layers=(DENSE, {**LAST, "activation": "relu"}), measure=ended, by=0.6),
    "bounded-output": Trial(layers=(DENSE, {**LAST, "activation": "sigmoid"}), measure=ended, by=0.6),
    "learning-rate": Trial(rate=0.00001, measure=ended, by=0.7),
    "metric-positive": Trial(metrics=["Poisson"], measure=no_numbers, by=0.0),
    "duplicate-feature": Trial(features={**BOTH, "again": "number"}, measure=weights, loses=1.1, by=0.99),
    "empty-feature": Trial(features={**BOTH, "same": "number"}, measure=weights, loses=1.1, by=0.99),
    "loss-weights": Trial(compile={"loss_weights": {"y": 1.0}}, measure=settings, loses=1.0, by=0.999),
    "weighted-metrics": Trial(
        compile={"weighted_metrics": ["MeanAbsoluteError"]}, measure=settings, loses=1.0, by=0.999
    ),
    "unbalanced-classes": Trial(
        "fraud",
        "many",
        loss="BinaryCrossentropy",
        layers=(DENSE, YES),
        metrics=["BinaryAccuracy"],
        measure=missed,
        by=0.8,
        epochs=10,
    ),
    "accuracy-alone": Trial(
        "fraud",
        "many",
        loss="BinaryCrossentropy",
        layers=(DENSE, YES),
        metrics=["BinaryAccuracy"],
        measure=hidden_gain,
        by=0.8,
    ),
    "output-activation": Trial("z", loss="BinaryCrossentropy", measure=impossible, by=0.0),
    "positive-output": Trial(
        "count", loss="Poisson", data={"target_kinds": {"count": "number"}}, measure=ended, by=1.0
    ),
    "leaking-feature": Trial(features={**BOTH, "late": "number"}, measure=without("late"), by=0.7, epochs=25),
    "same-table": Trial(
        table="few", data={"split": {"method": "table"}}, layers=(*WIDE, LAST), measure=illusion, epochs=40
    ),
    "no-activation": Trial(layers=({"layer": "Dense", "units": 24}, LAST), measure=ended, by=0.7, epochs=30),
    "few-rows": Trial("line", "few", layers=(LAST,), rate=0.05, measure=doubt, epochs=25),
    "weight-feature": Trial(
        features={**BOTH, "rated": "number"}, data={"weight": "rated"}, measure=without("rated"), epochs=25
    ),
    "percentage-of-zero": Trial("demand", loss="MeanAbsolutePercentageError", measure=typical_error, by=0.7, epochs=20),
    "target-digits": Trial(
        "balance", metrics=["MeanAbsolutePercentageError"], measure=typical_error, by=0.7, epochs=20
    ),
    "skewed-target": Trial("wealth", "many", measure=typical_error, epochs=20),
    "cut-words": Trial(table="shops", features={"x0": "number", "shop": "category"}, measure=ended, by=0.5, epochs=15),
    "unused-text": Trial(table="texts", features={"x0": "number"}, measure=ended, by=0.5, epochs=20),
    "identifying-feature": Trial(table="few", features={**BOTH, "name": "category"}, measure=ended, epochs=40),
    "wide-sparse-layer": Trial(
        table="sparse",
        features={"left": "category", "right": "category"},
        layers=(LAST,),
        measure=ended,
        fit={"batch_size": 16},
    ),
    "many-weights": Trial(
        table="noisy", layers=(*WIDE, LAST), measure=ended, epochs=60, by=0.8, fit={"batch_size": 16}
    ),
}
AFTER = {
    "diverged": Trial(optimizer={"class": "SGD", "learning_rate": 3.0}, measure=ended, by=1.0),
    "worse-than-guessing": Trial(layers=(LAST,), rate=10.0, epochs=4, measure=ended, by=0.5),
    "overfitting": Trial(table="noisy", layers=(*WIDE, LAST), measure=ended, epochs=60, by=0.9, fit={"batch_size": 21}),
    "other-monitor": Trial(
        "z",
        "parted",
        features={**BOTH, "x2": "number", "late": "number"},
        loss="BinaryCrossentropy",
        metrics=["BinaryAccuracy"],
        layers=(*WIDE, YES),
        fit={"callbacks": [{"class": "EarlyStopping", "patience": 15, "restore_best_weights": True}]},
        epochs=60,
        measure=wrong,
        by=0.9,
    ),
    "dead-units": Trial(
        layers=({**DENSE, "bias_initializer": {"class": "Constant", "value": -6.0}}, LAST),
        measure=ill("dead"),
        by=0.1,
        loses=0.9,
    ),
    "saturated": Trial(
        layers=({**DENSE, "activation": "tanh", "kernel_initializer": {"class": "RandomNormal", "stddev": 20.0}}, LAST),
        measure=ill("saturated"),
        by=0.1,
        loses=1.0,
    ),
    "stopped-too-soon": Trial(
        fit={"callbacks": [{"class": "EarlyStopping", "patience": 1, "restore_best_weights": True}]},
        epochs=60,
        measure=ended,
        by=0.9,
    ),
    "slow-rate": Trial(rate=0.0002, epochs=15, measure=ended, by=0.7),
    "noisy-rate": Trial(rate=0.1, fit={"batch_size": 4}, layers=(*WIDE, LAST), epochs=25, measure=jitter, by=0.9),
    "underfitting": Trial(layers=(LAST,), epochs=40, rate=0.03, measure=ended, by=0.7),
    "no-better-than-line": Trial("line", "noisy", layers=(*WIDE, LAST), epochs=40, measure=ended, by=0.95),
    "still-improving": Trial(epochs=8, measure=ended, by=0.8),
    "validation-better": Trial(layers=(DENSE, {"layer": "Dropout", "rate": 0.8}, LAST), epochs=20, measure=ended),
    "plateau": Trial("line", epochs=80, rate=0.03, layers=(LAST,), measure=epochs, by=0.8, loses=1.05),
}
HELPS = {**ERRORS, **BEFORE, **AFTER}
