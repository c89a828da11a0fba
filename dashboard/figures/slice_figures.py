"""The error of each slice with its interval as a Plotly figure."""

from collections.abc import Sequence

import plotly.graph_objects as go

from core.evaluation.slice_values import Slice
from dashboard.figures.axes import GREY, MARGIN, ORANGE, amounts, hovered
from dashboard.text import count, names_with_values, plotly_text

_ROW, _ROOM = 24, 90  # Pixels.
_LETTERS = 38  # Of a name beside the axis.


def slices_figure(slices: Sequence[Slice], title: str, unit: str, share: bool, overall: float) -> go.Figure:
    """A point a slice with its 95 % interval, the worst on top; those that are worse than the rest by more than chance
    explains have a colour of their own. The line is the mean of all rows.
    """
    names = names_with_values([(one.column, one.value) for one in slices], ": ", _LETTERS)
    said = [f"{plotly_text(f'{one.column}: {one.value}')}<br>{count(one.rows, 'row')}" for one in slices]
    most = max((one.error for one in slices), default=0.0)
    value = "%{x:.1%}" if share else hovered("x", unit, most)
    figure = go.Figure(
        go.Scatter(
            x=[one.error for one in slices],
            y=list(range(len(slices))),
            mode="markers",
            marker={"size": 9, "color": [ORANGE if one.worse else GREY for one in slices]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [_length(one.high - one.error) for one in slices],
                "arrayminus": [_length(one.error - one.low) for one in slices],
                "color": GREY,
                "thickness": 1.2,
                "width": 3,
            },
            customdata=said,
            hovertemplate=f"%{{customdata}}<br>{value}<extra></extra>",
        )
    )
    figure.add_vline(x=overall, line={"color": GREY, "width": 1, "dash": "dot"})
    return figure.update_layout(
        title=title,
        xaxis={"tickformat": ".1~%"} if share else amounts(unit, most),
        yaxis={
            "tickmode": "array",
            "tickvals": list(range(len(slices))),
            "ticktext": [plotly_text(name) for name in names],
            "range": [len(slices) - 0.5, -0.5],
        },
        showlegend=False,
        margin=MARGIN,
        height=_ROOM + _ROW * len(slices),
    )


def _length(value: float) -> float:
    return value if value > 0 else 0.0
