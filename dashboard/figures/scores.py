"""Numbers to Plotly figures. No streamlit: a figure is a value, tested as one."""

import math

import numpy as np
import plotly.graph_objects as go

from core.experiment.digits import significant
from dashboard.figures.axes import ACCENT, MARGIN, amounts, diagonal, hovered, largest_size
from dashboard.text import count, cut_name, plotly_text, short_names

_MOST_NAMED = 60  # Classes whose names all stand beside the matrix.
_FEW = 12  # Classes of which empty cells, too, have a number.
_MOST_COUNTED = 40  # Classes whose cells have numbers at all.
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
    named, most = plotly_text(cut_name(target)), largest_size(shown)
    on_x, on_y = (hovered(axis, unit, most, digits) for axis in "xy")

    figure = go.Figure(
        [
            diagonal(span, "perfect"),
            go.Scatter(
                x=np.array(actual, "float64"),
                y=np.array(predicted, "float64"),
                mode="markers",
                marker={"color": ACCENT, "size": 7, "opacity": 0.6},
                name="test row",
                hovertemplate=f"actual {on_x}<br>predicted {on_y}<extra></extra>",
            ),
        ]
    )
    axis = amounts(unit, most, digits)
    return figure.update_layout(
        title="Predicted against actual, test rows",
        xaxis={"title": f"actual {named}", "range": span, **axis},
        yaxis={"title": f"predicted {named}", "range": span, **axis},
        showlegend=False,
        margin=MARGIN,
        height=380,
    )


def confusion(counts: list[list[int]], classes: list[str], dark: bool = False, shares: bool = False) -> go.Figure:
    """Which class was taken for which: a row an actual class; counts as text, or shares of the row.

    The colour of the diagonal is its share of the row. Errors have a colour of their own, of which the largest share
    among them is the strongest, so that they are seen beside a full diagonal. `dark` says what the page behind the
    transparent colours is: Plotly cannot see it.
    """
    of_row = [[cell / max(1, sum(row)) for cell in row] for row in counts]
    most = max((cell for at, row in enumerate(of_row) for to, cell in enumerate(row) if at != to), default=0.0) or 1.0
    shade = [[cell if at == to else -cell / most for to, cell in enumerate(row)] for at, row in enumerate(of_row)]
    names = [plotly_text(name) for name in classes]
    shown = [plotly_text(name) for name in short_names(classes)]
    ticks = {"tickmode": "array", "tickvals": names, "ticktext": shown} if len(classes) <= _MOST_NAMED else {}
    few = len(classes) <= _FEW
    text = [
        [_cell(cell, share, shares, blank=not few) for cell, share in zip(row, part, strict=True)]
        for row, part in zip(counts, of_row, strict=True)
    ]
    said = [
        [f"{count(cell, 'row')}, {share:.1%} of the class" for cell, share in zip(row, part, strict=True)]
        for row, part in zip(counts, of_row, strict=True)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=shade,
            x=names,
            y=names,
            text=text,
            customdata=said,
            texttemplate="%{text}" if len(classes) <= _MOST_COUNTED else None,
            textfont={"color": "#e6e9ee" if dark else "#1c2430", **({} if few else {"size": 10})},
            # Transparent: fits light and dark.
            colorscale=[
                [0, "rgba(232, 89, 12, 0.75)"],
                [0.5, "rgba(128, 128, 128, 0.04)"],
                [1, "rgba(76, 110, 245, 0.65)"],
            ],
            zmin=-1,
            zmax=1,
            showscale=False,
            hovertemplate="actual %{y}<br>predicted %{x}<br>%{customdata}<extra></extra>",
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
        margin=MARGIN,
        height=min(_TALLEST, max(380, 180 + _ROW * len(classes))),
    )


def _cell(cell: int, share: float, shares: bool, blank: bool) -> str:
    """A cell's text; an empty one of many is blank."""
    return "" if blank and not cell else f"{share:.0%}" if shares else f"{cell:,}"
