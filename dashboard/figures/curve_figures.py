"""The curves of a classification as Plotly figures: of one class with the baselines' beside, or of all classes."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.evaluation.calibration import BINS, Calibration
from core.evaluation.curve_values import NETWORK, ClassCurve
from dashboard.figures.axes import ACCENT, BASELINE_COLOURS, GREY, MARGIN
from dashboard.text import count, plotly_text

# As many as lines have a legend and a colour of their own.
CLASS_COLOURS = (
    *("#4c6ef5", "#e8590c", "#2b8a3e", "#ae3ec9", "#f08c00", "#0c8599", "#e03131", "#66a80f", "#845ef7"),
    "#495057",
)
_SHARE = {"range": [-0.02, 1.02], "tickformat": ".0%"}
_MOST_NAMED = len(CLASS_COLOURS)
_DASHES = ("dot", "dash", "solid", "dashdot")  # Of the baselines, whose grays are alike in the dark.
_LEGEND = {"x": 0.98, "xanchor": "right", "y": 0.04, "yanchor": "bottom", "bgcolor": "rgba(0,0,0,0)"}

_TOP_LEGEND = {**_LEGEND, "y": 0.98, "yanchor": "top"}
_BEHIND = 0.5  # The opacity of a class without a name.
_LEGEND_FROM = 0.6  # The recall from which on the legend lies over the curves.


def roc_figure(curves: Mapping[str, ClassCurve]) -> go.Figure:
    """True positives over false positives; chance is the diagonal."""
    figure = _lines(curves, "false_positive_rate", "true_positive_rate", lambda curve: f"AUC {curve.auc:.3f}")
    _reference(figure, [0, 1], [0, 1])
    return _titled(figure, "ROC", "false positive rate", "true positive rate")


def precision_recall_figure(curves: Mapping[str, ClassCurve], share: float | None) -> go.Figure:
    """Precision over recall; chance is the class's share of the rows."""
    figure = _lines(curves, "recall", "precision", lambda curve: f"AP {curve.average_precision:.3f}")
    figure.update_traces(line_shape="hv")  # Between two thresholds the precision is that of the lower one.
    if share is not None:
        _reference(figure, [0, 1], [share, share])
    _titled(figure, "Precision and recall", "recall", "precision")
    return figure.update_layout(legend=_TOP_LEGEND) if _ends_low(curves) else figure


def _ends_low(curves: Mapping[str, ClassCurve]) -> bool:
    """Whether the curves lie in the lower half where the legend stands, as those of a rare class do."""
    recalls, ends = np.linspace(_LEGEND_FROM, 0.98, 20), [1.0]
    for curve in curves.values():
        there = np.isfinite(curve.precision)
        # By recall, not by threshold: most thresholds of a rare class have the recall 1.
        ends += np.interp(recalls, curve.recall[there][::-1], curve.precision[there][::-1]).tolist()
    return bool(np.mean(ends) < 0.5)


def gain_figure(curves: Mapping[str, ClassCurve]) -> go.Figure:
    """The share of a class that is among so many rows, those with the largest predictions first; the lift where one
    points.
    """
    figure = go.Figure()
    own = _lines_of(curves)
    for name, curve in drawn_order(curves):
        nobody = np.full(len(curve.gain), np.nan)
        figure.add_scatter(
            x=curve.selected,
            y=curve.gain,
            customdata=np.divide(curve.gain, curve.selected, out=nobody, where=curve.selected > 0),
            mode="lines",
            **own[name],
            name=plotly_text(name),
            hovertemplate="%{x:.1%} of the rows hold %{y:.1%} of the class<br>lift %{customdata:.2f}",
        )
    _reference(figure, [0, 1], [0, 1])
    return _titled(figure, "Gain and lift", "rows, largest predictions first", "share of the class found")


def calibration_figure(of_class: Mapping[str, Calibration]) -> go.Figure:
    """The share that came true over the predicted probability, in ten bins; the size of a point is its rows."""
    figure = go.Figure()
    _reference(figure, [0, 1], [0, 1])
    for at, (name, found) in enumerate(of_class.items()):
        most = max(found.rows.tolist(), default=1)
        words = [
            f"{bin / BINS:.0%} to {(bin + 1) / BINS:.0%}<br>{count(rows, 'row')}"
            for bin, rows in zip(found.bins.tolist(), found.rows.tolist(), strict=True)
        ]
        figure.add_scatter(
            x=found.predicted.tolist(),
            y=found.actual.tolist(),
            customdata=words,
            mode="lines+markers",
            cliponaxis=False,  # The points of 0% and 100% are as round as the others.
            line={"color": CLASS_COLOURS[at % len(CLASS_COLOURS)], "width": 2},
            marker={"size": [6 + 12 * (rows / most) ** 0.5 for rows in found.rows.tolist()]},
            name=f"{plotly_text(name)}, ECE {found.error:.3f}",
            hovertemplate="%{customdata}<br>predicted %{x:.1%}, actual %{y:.1%}",
        )
    return _titled(figure, "Calibration", "predicted probability", "actual share")


def drawn_order(curves: Mapping[str, ClassCurve]) -> list[tuple[str, ClassCurve]]:
    """The curves as they are drawn: the network over the baselines, classes with a name over those without."""
    named = {NETWORK, *named_classes(curves)}
    return sorted(curves.items(), key=lambda pair: pair[0] in named and (NETWORK not in curves or pair[0] == NETWORK))


def named_classes(curves: Mapping[str, ClassCurve]) -> list[str]:
    """The classes whose lines have a colour and a place in the legend: all, or of many those with the smallest AUC."""
    if len(curves) <= _MOST_NAMED:
        return list(curves)
    worst = set(sorted(curves, key=lambda name: curves[name].auc)[:_MOST_NAMED])
    return [name for name in curves if name in worst]


def _lines_of(curves: Mapping[str, ClassCurve]) -> dict[str, dict[str, Any]]:
    """How each curve is drawn: of a class with the baselines beside it, or of all classes."""
    if NETWORK in curves:
        baselines = zip((name for name in curves if name != NETWORK), cycle(BASELINE_COLOURS), cycle(_DASHES))
        lines = {name: {"line": {"color": colour, "width": 1.5, "dash": dash}} for name, colour, dash in baselines}
        return lines | {NETWORK: {"line": {"color": ACCENT, "width": 2.5}}}
    named = dict(zip(named_classes(curves), CLASS_COLOURS, strict=False))
    return {
        name: {
            "line": {"color": named.get(name, GREY), "width": 1.5 if name in named else 1},
            "opacity": 1 if name in named else _BEHIND,
            "showlegend": name in named,
        }
        for name in curves
    }


def _lines(curves: Mapping[str, ClassCurve], x: str, y: str, area: Any) -> go.Figure:
    figure, own = go.Figure(), _lines_of(curves)
    for name, curve in drawn_order(curves):
        figure.add_scatter(
            x=getattr(curve, x),
            y=getattr(curve, y),
            mode="lines",
            **own[name],
            name=f"{plotly_text(name)}, {area(curve)}",
            hovertemplate="%{x:.1%}, %{y:.1%}",
        )
    return figure


def _reference(figure: go.Figure, x: list[float], y: list[float]) -> None:
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": GREY, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
    )


def _titled(figure: go.Figure, title: str, x: str, y: str) -> go.Figure:
    return figure.update_layout(
        title=title,
        xaxis={"title": x, **_SHARE},
        yaxis={"title": y, **_SHARE},
        legend=_LEGEND,
        showlegend=True,
        margin=MARGIN,
        height=380,
    )
