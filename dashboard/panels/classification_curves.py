"""The curves of a classification, with the baselines' beside: a section of the Result page."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from core.evaluation.calibration import calibration_bins
from core.evaluation.curve_values import NETWORK, ClassCurve, ClassCurves
from core.evaluation.evaluated_rows import EvaluatedPart
from dashboard.components.figure import figure
from dashboard.figures.curve_figures import (
    calibration_figure,
    drawn_order,
    gain_figure,
    named_classes,
    precision_recall_figure,
    roc_figure,
)
from dashboard.panels.asked_evaluation import Asked
from dashboard.panels.evaluated_part import chosen_part, of_a_sample
from dashboard.panels.picked_rows import picked_row_list, rows_picked
from dashboard.panels.recalibration import recalibration_choice
from dashboard.text import count, escape

_ALL = "all classes"
_LIKELIEST = "likeliest class"
_PRECISION, _GAIN = "Precision and recall", "Gain and lift"


def classification_curves(asked: Asked) -> None:
    """Draws ROC, precision and recall, gain and calibration of a class, or of all classes."""
    name, part = chosen_part(asked)
    found: ClassCurves = asked.answer("curves", target=asked.target, part=name)
    of = part.targets[asked.target]
    chosen = _chosen_class(of.classes) if of.task == "multiclass" else of.classes[1]
    if found.left_out:
        st.warning(
            f"{count(found.left_out, 'row')} without a finite prediction or without weight are left out of the curves."
        )
    st.caption(escape(_in_words(found, part, chosen, asked.target)) + of_a_sample(part))
    curves = (
        {label: curves[NETWORK] for label, curves in found.curves.items()}
        if chosen == _ALL
        else found.curves.get(chosen, {})
    )
    if not curves:
        st.info("These rows are all of one class, or none is of this class: there is no curve.")
    drawn: list[tuple[str, Any]] = []
    if curves:
        share = None if chosen == _ALL else found.shares[chosen]
        drawn += [
            ("ROC curve", roc_figure(curves)),
            (_PRECISION, precision_recall_figure(curves, share)),
            (_GAIN, gain_figure(curves)),
        ]
    calibrations = (
        {_LIKELIEST: found.likeliest} if chosen == _ALL and found.likeliest else _only(found.calibration, chosen)
    )
    if calibrations:
        drawn.append(("Calibration", calibration_figure(calibrations)))
    boxes = [box for _ in range(0, len(drawn), 2) for box in st.columns(2, gap="medium")]
    for box, (says, shown) in zip(boxes, drawn, strict=False):
        if says == "Calibration":
            picked = _of_bin(asked, name, part, chosen, calibrations)
        else:
            picked = _of_point(asked, name, part, chosen, curves, says)
        with box:
            figure(shown, key=f"curve-{says}", says=says, run=asked.experiment.name, picked=picked)
    if of.margin:
        st.caption("The network's loss gives margins, not probabilities, so there is no calibration.")
    if drawn:
        picked_row_list(
            asked,
            name,
            does="Click a point to list rows. ROC, precision and recall: those that are wrong at its "
            "threshold. Gain: those up to it. Calibration: those of its bin.",
        )
    if calibrations and not of.margin:
        recalibration_choice(asked)


def _chosen_class(classes: tuple[str, ...]) -> str:
    names = [_ALL, *classes]
    return st.selectbox("Class", names, key="curves-of")


def _only(calibrations: dict[str, Any], chosen: str) -> dict[str, Any]:
    return {chosen: calibrations[chosen]} if chosen in calibrations else {}


def _of_bin(asked: Asked, name: str, part: EvaluatedPart, chosen: str, calibrations: dict[str, Any]) -> Any:
    """What lists the rows of a bin of the calibration."""
    of = part.targets[asked.target]

    def rows_of(_trace: int, point: int) -> tuple[np.ndarray, str]:
        bin = next(iter(calibrations.values())).bins[int(point)]
        if of.y_pred.ndim == 1:
            values = of.y_pred
        else:
            values = of.y_pred.max(axis=1) if chosen == _ALL else of.y_pred[:, of.classes.index(chosen)]
        label = _LIKELIEST if chosen == _ALL else chosen
        finite = np.isfinite(values)
        there = finite & (calibration_bins(np.where(finite, values, 0)) == bin)
        return np.flatnonzero(there), f"{label} predicted with {bin * 10} to {bin * 10 + 10}%"

    return rows_picked(asked, name, rows_of)


def _of_point(
    asked: Asked, name: str, part: EvaluatedPart, chosen: str, curves: Mapping[str, ClassCurve], says: str
) -> Any:
    """What lists the rows of a point of a curve: the wrong ones at its threshold, or, of the gain, those up to it."""
    of = part.targets[asked.target]
    there = np.ones(len(of.y_true), bool) if part.weights is None else part.weights > 0

    def rows_of(trace: int, point: int) -> tuple[np.ndarray, str]:
        label, curve = drawn_order(curves)[trace]
        predictor, positive = (NETWORK, label) if chosen == _ALL else (label, chosen)
        at = of.classes.index(positive)
        values = of.y_pred if predictor == NETWORK else of.baselines[predictor]
        values = values[:, at] if values.ndim == 2 else values
        thresholds = curve.precision_thresholds if says == _PRECISION else curve.thresholds
        above, finite = values >= thresholds[int(point)], there & np.isfinite(values)
        if says == _GAIN:
            return np.flatnonzero(finite & above), f"{predictor}: {_above(thresholds[int(point)], positive)}"
        wrong = np.flatnonzero(finite & (above != (of.y_true == at)))
        return wrong, f"{predictor}, wrong where {_above(thresholds[int(point)], positive)} are called {positive}"

    return rows_picked(asked, name, rows_of)


def _above(threshold: float, positive: str) -> str:
    """The rows of a point in words."""
    if not np.isfinite(threshold):
        return "no rows"
    return f"rows with a prediction of {threshold:.4g} or more for {positive}"


def _in_words(found: ClassCurves, part: EvaluatedPart, chosen: str, target: str) -> str:
    """The areas in a sentence."""
    counted = " Rows count by their weights." if part.weights is not None else ""
    if chosen == _ALL:
        of_class = {label: curves[NETWORK] for label, curves in found.curves.items()}
        areas = [curve.auc for curve in of_class.values()]
        mean = f"Mean AUC over {count(len(areas), 'class', 'classes')}: {np.mean(areas):.3f}. " if areas else ""
        colours = len(named_classes(of_class))
        some = f" The {colours} with the smallest AUC have colours." if colours < len(of_class) else ""
        return f"{mean}Each class is drawn against the rest.{some}{counted}"
    if chosen not in found.curves:
        return counted.strip()
    named = ", ".join(f"{name} {curve.auc:.3f}" for name, curve in found.curves[chosen].items())
    return f"{target} = {chosen} ({found.shares[chosen]:.1%} of the rows). AUC: {named}.{counted}"
