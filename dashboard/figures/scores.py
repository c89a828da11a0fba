"""Numbers to Plotly figures. No streamlit: a figure is a value, tested as one."""

import math

import plotly.graph_objects as go

from core.experiment.digits import significant
from dashboard.text import count, plotly_text, short_names

_ACCENT, _GREY = "#4c6ef5", "#8a94a3"
_MARGIN = {"l": 10, "r": 10, "t": 36, "b": 10}
_MOST_NAMED = 60  # Classes whose names all stand beside the matrix.
_ROW, _TALLEST = 18, 1100  # Pixels.


def predicted_against_actual(
    actual: list[float], predicted: list[float], target: str, unit: str = "", room_for: list[float] | None = None
) -> go.Figure:
    """A point a test row; the nearer to the diagonal, the better. With `room_for` other predictions the axes keep still
    among them.
    """
    shown = [value for value in (*actual, *predicted, *(room_for or ())) if math.isfinite(value)]
    low, high = min(shown), max(shown)
    room = 0.05 * (high - low) or 1.0
    span = [low - room, high + room]
    digits = significant(min(actual), max(actual), 4)  # Those that vary, in the hover and on the axes.
    prefix, suffix = ("$", "") if unit == "$" else ("", f" {plotly_text(unit)}" if unit else "")
    named = plotly_text(target)
    figure = go.Figure(
        [
            go.Scatter(
                x=span,
                y=span,
                mode="lines",
                line={"color": _GREY, "dash": "dot", "width": 1},
                hoverinfo="skip",
                name="perfect",
            ),
            go.Scatter(
                x=actual,
                y=predicted,
                mode="markers",
                marker={"color": _ACCENT, "size": 7, "opacity": 0.6},
                name="test row",
                hovertemplate=f"actual {prefix}%{{x:,.{digits}~g}}{suffix}<br>predicted "
                f"{prefix}%{{y:,.{digits}~g}}{suffix}<extra></extra>",
            ),
        ]
    )
    axis = {"tickprefix": prefix, "ticksuffix": suffix, "tickformat": "~s" if digits < 6 else f",.{digits}~g"}
    return figure.update_layout(
        title="Predicted against actual, test rows",
        xaxis={"title": f"actual {named}", "range": span, **axis},
        yaxis={"title": f"predicted {named}", "range": span, **axis},
        showlegend=False,
        margin=_MARGIN,
        height=380,
    )


def confusion(counts: list[list[int]], classes: list[str], dark: bool = False) -> go.Figure:
    """Which class was taken for which: a row an actual class, shares of the row by colour, counts as text.

    `dark` says what the page behind the transparent colours is: Plotly cannot see it.
    """
    shares = [[cell / max(1, sum(row)) for cell in row] for row in counts]
    names = [plotly_text(name) for name in classes]
    shown = [plotly_text(name) for name in short_names(classes)]
    ticks = {"tickmode": "array", "tickvals": names, "ticktext": shown} if len(classes) <= _MOST_NAMED else {}
    few = len(classes) <= 20
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=names,
            y=names,
            text=counts,
            customdata=[[count(cell, "row") for cell in row] for row in counts],
            texttemplate="%{text}" if few else None,
            textfont={"color": "#e6e9ee" if dark else "#1c2430"},
            # Transparent: fits light and dark.
            colorscale=[
                [0, "rgba(76, 110, 245, 0.05)"],
                [1, "rgba(76, 110, 245, 0.65)"],
            ],
            zmin=0,
            zmax=1,
            showscale=False,
            hovertemplate="actual %{y}<br>predicted %{x}<br>%{customdata}, %{z:.0%} of the class<extra></extra>",
        )
    )
    return figure.update_layout(
        title="Confusion matrix, test rows",
        xaxis={"title": {"text": "predicted", "standoff": 12}, "type": "category", "showgrid": False, **ticks},
        yaxis={
            "title": {"text": "actual", "standoff": 12},
            "type": "category",
            "autorange": "reversed",
            "showgrid": False,
            **ticks,
        },
        margin=_MARGIN,
        height=min(_TALLEST, max(380, 180 + _ROW * len(classes))),
    )
