"""The curves of several runs in one figure, over epochs, steps or seconds; a section of the comparison of runs."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.experiment.file_names import file_name
from core.experiment.metric_titles import curve_title
from core.experiment.spec import Experiment
from core.runs.journal import Journal
from core.runs.run_curves import RunCurves, curve_table, run_curves
from core.runs.run_record import Record
from core.workspace import workspace
from dashboard.components.figure import figure
from dashboard.figures.compared_runs import DrawnCurve, compared_curves
from dashboard.panels.common import table_download, units_of
from dashboard.text import escape

AXES = {"Epochs": "epoch", "Steps": "step", "Seconds": "second"}


def curve_comparison(
    records: Sequence[Record], _experiments: Mapping[str, Experiment], names: Mapping[str, str]
) -> None:
    """Draws the figure of one metric, and the download of all curves."""
    curves = []
    for record in records:
        try:
            curves.append(run_curves(Journal(workspace(), record.id)))
        except LookupError as error:
            st.caption(escape(f"{names[record.id]}: {error}"))
    curves = [one for one in curves if one.epochs]
    metrics = logged_by_title(curves)
    if not metrics:
        st.info("None of these runs has completed an epoch.")
        return
    left, middle, right = st.columns([1.2, 1, 1.4], vertical_alignment="bottom")
    title = left.selectbox("Metric", list(metrics), key="curves-metric", label_visibility="collapsed")
    axis = middle.segmented_control(
        "Axis", list(AXES), default="Epochs", required=True, key="curves-axis", label_visibility="collapsed"
    )
    with right.container(horizontal=True):
        aligned = st.toggle("Align best epochs", key="curves-aligned")
        training = st.toggle("Training curves", key="curves-training")
    place = AXES[axis or "Epochs"]
    drawn = drawn_curves(curves, metrics[title], names, place, aligned, training)
    owners = [one for one in curves if one.run in metrics[title]]
    logged, name = owners[0].experiment.logged(), metrics[title][owners[0].run]
    row = logged[name].row if name in logged else None
    units = {names[one.run]: _unit(one, metrics[title][one.run]) for one in owners}
    unit = units[names[owners[0].run]] if len(set(units.values())) == 1 else ""
    words = f"{axis} from the best epoch on" if aligned else str(axis)
    figure(
        compared_curves(drawn, title, words, unit, bool(row and row.share)),
        key=f"curves-{place}-{aligned}-{title}",
        says=f"{title} of {len(drawn)} runs over {words}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Points mark the best epochs. Seconds are training time, compiling included, without pauses. Curves show "
            "Keras's running values."
        )
        file = file_name(records[0].name, "compared-curves", "csv")
        table_download("Curves (CSV)", curve_table(curves, names), file, "curves-download")
    if len(set(units.values())) > 1:
        told = ", ".join(f"{run} {of or 'none'}" for run, of in units.items())
        st.caption(escape(f"The units differ: {told}."))
    left_out = [names[one.run] for one in curves if one.run not in metrics[title]]
    if left_out:
        st.caption(escape(f"Without this metric: {', '.join(left_out)}."))


def _unit(of: RunCurves, name: str) -> str:
    """The unit of a logged metric, or ""."""
    metric = of.experiment.logged().get(name)
    return units_of(of.experiment).get(of.experiment.target_of(name), "") if metric and metric.row.power == 1 else ""


def logged_by_title(curves: Sequence[RunCurves]) -> dict[str, dict[str, str]]:
    """Title of a metric -> run -> its logged name there, for what any of the runs logs; metrics before losses."""
    found: dict[str, dict[str, str]] = {}
    for losses in (False, True):
        for one in curves:
            of_run = one.experiment.losses() if losses else list(one.experiment.logged())
            for name in of_run:
                if name in one.values or f"val_{name}" in one.values:
                    found.setdefault(curve_title(name, one.experiment), {})[one.run] = name
    return found


def drawn_curves(
    curves: Sequence[RunCurves],
    logged: Mapping[str, str],
    names: Mapping[str, str],
    axis: str,
    aligned: bool,
    training: bool,
) -> list[DrawnCurve]:
    """The validation curves of the runs that log a metric, and where wanted those of the training rows, which stand
    alone where there are no validation rows.
    """
    drawn = []
    for number, one in enumerate(curves):
        if one.run not in logged or not (x := one.over_axis(axis, aligned)):
            continue
        name, best = logged[one.run], one.epochs.index(one.best_epoch) if one.best_epoch in one.epochs else None
        validated = f"val_{name}" in one.values
        if name in one.values and (training or not validated):
            drawn.append(
                DrawnCurve(names[one.run], number, x, one.values[name], one.epochs, "training", validated, best)
            )
        if validated:
            values = one.values[f"val_{name}"]
            drawn.append(DrawnCurve(names[one.run], number, x, values, one.epochs, "validation", best=best))
    return drawn
