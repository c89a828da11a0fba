"""What a network's predictions depend on, as Plotly figures. No streamlit."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from dashboard.text import plotly_text, short_names

_ACCENT = "#4c6ef5"
_MARGIN = {"l": 10, "r": 10, "t": 36, "b": 10}
_BAR = 24  # Pixels.


def affixes(unit: str) -> tuple[str, str]:
    """What stands before and after numbers of a unit on an axis."""
    return ("$", "") if unit == "$" else ("", f" {plotly_text(unit)}" if unit else "")


def importance_bars(features: Mapping[str, Mapping[str, float]], worse: str, unit: str = "") -> go.Figure:
    """A bar a feature, the largest first, and the deviation over the repeats as its whisker.

    Args:
        features: Name -> {"mean", "sd"}.
        worse: What the axis counts, as "increase of MAE".
        unit: Of the score.
    """
    prefix, suffix = affixes(unit)
    names = list(features)
    means, deviations = ([features[name][of] for name in names] for of in ("mean", "sd"))
    figure = go.Figure(
        go.Bar(
            x=means,
            y=[plotly_text(name) for name in names],
            orientation="h",
            marker={"color": _ACCENT},
            error_x={"type": "data", "array": deviations, "color": "#8a94a3", "thickness": 1.5, "width": 4},
            customdata=deviations,
            hovertemplate="%{y}: %{x:.4~s} ± %{customdata:.2~s}<extra></extra>",
        )
    )
    shown = [plotly_text(name) for name in short_names(names)]
    ticks: dict[str, Any] = {"tickmode": "array", "tickvals": [plotly_text(name) for name in names], "ticktext": shown}
    return figure.update_layout(
        title="Permutation importance",
        xaxis={"title": plotly_text(worse), "tickformat": "~s", "tickprefix": prefix, "ticksuffix": suffix},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, **ticks},
        margin=_MARGIN,
        height=100 + _BAR * max(3, len(names)),
        bargap=0.35,
    )
