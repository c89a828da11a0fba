"""Several runs in one Plotly figure: their curves over epochs, steps or seconds."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from dashboard.figures.axes import GREY, MARGIN, amounts, hovered, largest_size
from dashboard.figures.curve_figures import CLASS_COLOURS
from dashboard.text import plotly_text

RUN_COLOURS = CLASS_COLOURS


@dataclass(frozen=True)
class DrawnCurve:
    """One curve of one run.

    Attributes:
        run: Its name.
        colour: Number of its colour; the same for all curves of a run.
        x, y: n places and numbers; what is None is a gap.
        epochs: n epochs, in the hover text.
        part: Of the rows: "training" or "validation".
        beside: Whether it is drawn beside the run's main curve, dotted and fainter.
        best: Number of the point of the best epoch; None where it is not among them.
    """

    run: str
    colour: int
    x: Sequence[float]
    y: Sequence[float | None]
    epochs: Sequence[int]
    part: str
    beside: bool = False
    best: int | None = None


def compared_curves(curves: Sequence[DrawnCurve], title: str, axis: str, unit: str, share: bool) -> go.Figure:
    """A line for each curve, with a point at the best epoch on the main ones.

    Args:
        title: Of the metric.
        axis: What the x axis is called.
        unit: Of the metric, or "".
        share: Whether it is shown as a percentage.
    """
    figure, most = go.Figure(), largest_size(y for curve in curves for y in curve.y)
    for curve in curves:
        colour = RUN_COLOURS[curve.colour % len(RUN_COLOURS)]
        value = "%{y:.1%}" if share else hovered("y", unit, most)
        figure.add_scatter(
            x=list(curve.x),
            y=list(curve.y),
            customdata=list(curve.epochs),
            mode="lines",
            line={"color": colour, "width": 1.5 if curve.beside else 2, "dash": "dot" if curve.beside else "solid"},
            opacity=0.6 if curve.beside else 1,
            connectgaps=True,  # Validation rows may be looked at after every so many epochs.
            name=plotly_text(curve.run),
            legendgroup=str(curve.colour),
            showlegend=not curve.beside,
            hovertemplate=f"{plotly_text(curve.run)}<br>epoch %{{customdata:,}}<br>{curve.part} {value}<extra></extra>",
        )
        if curve.best is not None and not curve.beside and curve.y[curve.best] is not None:
            figure.add_scatter(
                x=[curve.x[curve.best]],
                y=[curve.y[curve.best]],
                mode="markers",
                marker={"color": colour, "size": 9, "line": {"color": "white", "width": 1.5}},
                legendgroup=str(curve.colour),
                showlegend=False,
                hoverinfo="skip",
            )
    if curves and min(min(curve.x, default=0) for curve in curves) < 0:
        figure.add_vline(0, line={"color": GREY, "width": 1, "dash": "dot"})
    return figure.update_layout(
        title=plotly_text(title),
        xaxis={"title": axis, "zeroline": False},
        yaxis={"tickformat": ".1~%"} if share else amounts(unit, most),
        legend={"orientation": "h", "y": -0.25, "yanchor": "top"},
        margin=MARGIN,
        height=420,
    )
