"""Evaluated rows of a known network, and the sections of the Result page drawn on them."""

from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from core.evaluation.evaluated_rows import EvaluatedPart, EvaluatedRows, EvaluatedTarget
from core.evaluation.temperature_scaling import LabelledLogits, Recalibration, two_classes
from core.experiment.spec import Experiment
from core.runs.class_sections import classes_section, curves_section
from core.runs.slices_section import slices_section
from dashboard.panels.asked_evaluation import Asked

RNG = np.random.default_rng(0)
ROWS = 200


def recalibrated(asked: Any, options: dict[str, Any]) -> Recalibration:
    """Of the probabilities in place of a network's logits."""

    def logits(of: EvaluatedTarget) -> np.ndarray:
        shares = np.clip(of.y_pred, 1e-9, 1 - 1e-9)
        return two_classes(np.log(shares) - np.log1p(-shares)) if of.task == "binary" else np.log(shares)

    parts = {name: (part.targets[options["target"]], part.weights) for name, part in asked.rows.parts.items()}
    if next(iter(parts.values()))[0].margin:
        raise LookupError("The network gives no probabilities.")
    return Recalibration.of(
        {name: LabelledLogits(logits(of), of.y_true, weights) for name, (of, weights) in parts.items()}
    )


# As the worker computes them.
ANSWERS = {
    "curves": curves_section,
    "classes": classes_section,
    "slices": slices_section,
    "recalibration": recalibrated,
}


@dataclass(frozen=True)
class Known(Asked):
    """Asked of rows that are known, not of a worker."""

    evaluated: EvaluatedRows | None = None

    def answer(self, section: str, **options: Any) -> Any:
        """What the section's function says of the known rows."""
        return ANSWERS[section](SimpleNamespace(rows=self.evaluated), options)

    def rows(self) -> EvaluatedRows:
        """The known rows."""
        assert self.evaluated is not None
        return self.evaluated


def part_with(target: EvaluatedTarget, weights: np.ndarray | None = None) -> EvaluatedPart:
    """A part of `ROWS` rows from the row 101 of the table on, with features of each kind."""
    days = pd.Series(pd.to_datetime("2024-01-01") + pd.to_timedelta(np.arange(ROWS), unit="D"))
    days[3] = None
    features = pd.DataFrame(
        {
            "size": np.where(np.arange(ROWS) == 5, np.nan, RNG.normal(size=ROWS)),
            "day": days,
            "town": np.array(["<b>a</b>", "b", ""], dtype=object)[np.arange(ROWS) % 3],
            "predicted y": np.ones(ROWS),
        }
    )
    return EvaluatedPart(np.arange(100, 100 + ROWS), features, weights, {"y": target}, 5_000)


def asked_of(experiment: Experiment, target: EvaluatedTarget, weights: np.ndarray | None = None) -> Known:
    """A question about that target, in test and validation rows."""
    part = part_with(target, weights)
    card = {"targets": [{"target": "y", "task": target.task, "classes": list(target.classes), "decision": 0.5}]}
    card["targets"][0] |= {"margin": False, "output": "y"}
    rows = EvaluatedRows(3, {"validation": part, "test": replace(part, rows=ROWS)})
    return Known("0123456789ab", experiment, {"epoch": 3}, card, None, "y", evaluated=rows)


def section(title: str, asked: object) -> None:
    """One section in a page."""
    from dashboard.panels.evaluation_sections import SECTIONS

    next(section for section in SECTIONS if section.title == title).draw(asked)


def drawn(title: str, asked: Known) -> AppTest:
    """The page of a section, drawn without a traceback."""
    app = AppTest.from_function(section, default_timeout=30, args=(title, asked)).run()
    assert not app.exception
    return app


def captions(app: AppTest) -> str:
    """What is said in small letters."""
    return "\n".join(caption.value for caption in app.caption)


def binary(**changed) -> EvaluatedTarget:
    """Probabilities that tell two classes apart, not fully."""
    actual = (np.arange(ROWS) % 4 == 0).astype("int64")
    predicted = np.clip(0.3 * actual + RNG.uniform(0, 0.7, ROWS), 0, 1)
    values = {"y_true": actual, "y_pred": predicted, "baselines": {"majority": np.full(ROWS, 0.25)}} | changed
    return EvaluatedTarget("y", "binary", ("<no>", "yes"), **values)


def many(classes: int) -> EvaluatedTarget:
    """Probabilities of many classes."""
    actual = RNG.integers(0, classes, ROWS)
    scores = RNG.uniform(size=(ROWS, classes)) + np.eye(classes)[actual]
    predicted = scores / scores.sum(axis=1, keepdims=True)
    even = {"majority": np.full((ROWS, classes), 1 / classes)}
    return EvaluatedTarget("y", "multiclass", tuple(f"c{at}" for at in range(classes)), actual, predicted, even)
