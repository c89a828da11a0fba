"""The errors of a regression as Plotly figures; a residual is predicted - actual."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.axes import ACCENT, GREY, MARGIN, ORANGE, amounts, hovered, largest_size
from dashboard.text import count, cut_name, number, plotly_text, short_names

_MOST_CATEGORIES = 30
OTHERS = "(others)"


def residuals_against(
    values: pd.Series,
    residuals: np.ndarray,
    title: str,
    target: str,
    unit: str,
    trend: pd.DataFrame | None,
    across: str = "",
) -> go.Figure:
    """A point a row: its residual over what is predicted, or over a feature; words beside one another, the most
    frequent first. Points of the trace 0 are the rows in their order.

    `trend` is the mean residual by tenths (`core.evaluation.residuals.residual_trend`), `across` the unit of the
    values.
    """
    most = largest_size(residuals)
    error = f"error {hovered('y', unit, most)}"
    figure = go.Figure()
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values):
        dated = pd.api.types.is_datetime64_any_dtype(values)
        # Arrays, not lists: Plotly looks at each value of a list.
        figure.add_scatter(
            x=_moments(values) if dated else values.to_numpy("float64"),
            y=residuals,
            mode="markers",
            marker={"color": ACCENT, "size": 6, "opacity": 0.5},
            hovertemplate=f"{plotly_text(title)} %{{x}}<br>{error}<extra></extra>",
            name="row",
        )
        if trend is not None and len(trend) > 1:
            at = pd.to_datetime(trend["at"], unit="D").map(pd.Timestamp.isoformat) if dated else trend["at"]
            figure.add_scatter(
                x=at.tolist(),
                y=trend["mean error"].tolist(),
                mode="lines+markers",
                line={"color": ORANGE, "width": 2},
                hovertemplate=f"mean {error}<extra></extra>",
                name="mean of a tenth",
            )
        axis: dict[str, Any] = amounts(across, largest_size(values)) if across else {}
    else:
        figure.add_box(
            x=category_names(values),
            y=residuals,
            boxpoints="all",
            jitter=0.5,
            pointpos=0,
            hoveron="points",
            marker={"color": ACCENT, "size": 5, "opacity": 0.5},
            line={"color": GREY, "width": 1},
            fillcolor="rgba(138, 148, 163, 0.12)",
            hovertemplate=f"%{{x}}<br>{error}<extra></extra>",
            name="row",
        )
        axis = {"type": "category"}
    figure.add_hline(y=0, line={"color": GREY, "width": 1, "dash": "dot"})
    return figure.update_layout(
        title="Errors (predicted - actual)",
        xaxis={"title": plotly_text(cut_name(title)), **axis},
        yaxis={"title": f"error in {plotly_text(cut_name(target))}", **amounts(unit, most)},
        showlegend=False,
        margin=MARGIN,
        height=380,
    )


def _moments(values: pd.Series) -> list[str | None]:
    """Moments as texts that Plotly reads, None where one is missing."""
    texts = np.datetime_as_string(values.to_numpy("datetime64[s]")).tolist()
    return [None if missing else text for text, missing in zip(texts, values.isna(), strict=True)]


def category_names(values: pd.Series) -> list[str]:
    """Words for an axis: the most frequent ones, what is rarer as "(others)", an empty cell as "(missing)"."""
    words = values.fillna("").astype(str)
    frequent = list(words.value_counts().index[:_MOST_CATEGORIES])
    shown = dict(zip(frequent, short_names(frequent), strict=True)) | ({"": "(missing)"} if "" in frequent else {})
    return [plotly_text(shown.get(word, OTHERS)) for word in words]


def residual_distribution(bars: np.ndarray, edges: np.ndarray, target: str, unit: str, weighted: bool) -> go.Figure:
    """How many rows have which error: a bar a range of errors."""
    words = [f"error {number(low, unit)} to {number(high, unit)}" for low, high in pairwise(edges)]
    figure = go.Figure(
        go.Bar(
            x=((edges[:-1] + edges[1:]) / 2).tolist(),
            y=bars.tolist(),
            width=np.diff(edges).tolist(),
            marker={"color": ACCENT, "opacity": 0.75, "line": {"width": 0}},
            customdata=[plotly_text(text) for text in words],
            hovertemplate=f"%{{customdata}}<br>%{{y:,.6~g}} {'weight' if weighted else 'rows'}<extra></extra>",
        )
    )
    figure.add_vline(x=0, line={"color": GREY, "width": 1, "dash": "dot"})
    return figure.update_layout(
        title="Distribution of the errors",
        xaxis={"title": f"error in {plotly_text(cut_name(target))}", **amounts(unit, np.abs(edges).max())},
        yaxis={"title": "weight" if weighted else "rows"},
        showlegend=False,
        bargap=0,
        margin=MARGIN,
        height=300,
    )


def error_by_tenth_bars(tenths: pd.DataFrame, target: str, unit: str, names: Sequence[str]) -> go.Figure:
    """The mean absolute error, and the mean error, of each tenth of the rows by actual value; `names` are the tenths'
    ranges in words.
    """
    said = [
        f"actual {plotly_text(name)}<br>{count(rows, 'row')}" for name, rows in zip(names, tenths["rows"], strict=True)
    ]
    shared = {"x": list(range(1, len(tenths) + 1)), "customdata": said}
    most = largest_size(tenths["mean absolute error"])
    figure = go.Figure(
        [
            go.Bar(
                y=tenths["mean absolute error"].tolist(),
                name="mean absolute error",
                marker={"color": ACCENT, "opacity": 0.75},
                hovertemplate=f"%{{customdata}}<br>mean absolute error {hovered('y', unit, most)}<extra></extra>",
                **shared,
            ),
            go.Scatter(
                y=tenths["mean error"].tolist(),
                name="mean error",
                mode="lines+markers",
                line={"color": ORANGE, "width": 2},
                hovertemplate=f"%{{customdata}}<br>mean error {hovered('y', unit, most)}<extra></extra>",
                **shared,
            ),
        ]
    )
    return figure.update_layout(
        title="Error by tenth of the actual value",
        xaxis={
            "title": f"tenth of the rows by actual {plotly_text(cut_name(target))}",
            "tickmode": "array",
            "tickvals": shared["x"],
        },
        yaxis={"title": "error", **amounts(unit, most)},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        margin={**MARGIN, "t": 56},
        height=300,
    )
