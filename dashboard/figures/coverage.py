"""How often intervals or sets hold, level by level, as a Plotly figure. No streamlit."""

from collections.abc import Sequence

import plotly.graph_objects as go

from dashboard.figures.axes import ACCENT, diagonal


def coverage_curve(
    levels: Sequence[float], shares: Sequence[float], sizes: Sequence[str], scatter: Sequence[float]
) -> go.Figure:
    """The measured share of each level, against what the level promises and how far from that chance takes it. `sizes`
    are words on the mean width of each level.
    """
    low = [level - by for level, by in zip(levels, scatter, strict=True)]
    high = [min(1.0, level + by) for level, by in zip(levels, scatter, strict=True)]
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    figure = go.Figure(
        [
            go.Scatter(x=levels, y=low, **band),
            go.Scatter(x=levels, y=high, fill="tonexty", fillcolor="rgba(138, 148, 163, 0.2)", **band),
            diagonal(levels, "as promised"),
            go.Scatter(
                x=levels,
                y=shares,
                customdata=sizes,
                mode="lines",
                line={"color": ACCENT},
                name="measured",
                hovertemplate="level %{x:.0%}: coverage %{y:.1%}<br>%{customdata}<extra></extra>",
            ),
        ]
    )
    return figure.update_layout(
        title="Coverage: the share of test rows whose interval or set contains the actual value",
        xaxis={"title": "confidence level", "tickformat": ".0%"},
        yaxis={"title": "coverage", "tickformat": ".0%"},
        showlegend=False,
        margin={"l": 10, "r": 10, "t": 36, "b": 10},
        height=340,
    )
