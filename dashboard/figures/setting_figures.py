"""Settings of runs against their scores as Plotly figures: a scatter, and parallel coordinates."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from dashboard.figures.axes import ACCENT, amounts, hovered
from dashboard.text import plotly_text, short_names

_MARGIN = {"l": 60, "r": 60, "t": 60, "b": 20}
_FAR_APART = 50.0  # From this ratio of the largest to the smallest on, an axis is logarithmic.
_BEST, _MIDDLE, _WORST = "#4c6ef5", "#adb5bd", "#e8590c"


def logarithmic(values: pd.Series) -> bool:
    """Whether an axis of these numbers is better logarithmic: positive ones that are far apart."""
    there = values.dropna()
    return bool(len(there) > 1 and there.min() > 0 and there.max() / there.min() >= _FAR_APART)


def setting_scatter(
    x: pd.Series, y: pd.Series, names: Sequence[str], x_title: str, y_title: str, unit: str, share: bool
) -> go.Figure:
    """A point for each of n runs: its score over a setting, a number or words.

    Args:
        names: Of the runs.
        unit: Of the score; share: whether it is a percentage.
    """
    numeric = pd.api.types.is_numeric_dtype(x)
    places = x.tolist() if numeric else ["-" if pd.isna(value) else plotly_text(str(value)) for value in x]
    score = "%{y:.1%}" if share else hovered("y", unit)
    figure = go.Figure(
        go.Scatter(
            x=places,
            y=y.tolist(),
            customdata=[plotly_text(name) for name in names],
            mode="markers",
            marker={"color": ACCENT, "size": 9, "opacity": 0.7},
            hovertemplate=f"%{{customdata}}<br>{plotly_text(x_title)} %{{x}}<br>{score}<extra></extra>",
        )
    )
    if numeric:
        axis: dict[str, Any] = {"type": "log", "dtick": 1} if logarithmic(x) else {}
    else:
        categories = sorted(dict.fromkeys(places))
        axis = {"type": "category", "tickvals": categories, "ticktext": short_names(categories)}
    most = max((abs(value) for value in y.dropna()), default=1.0)
    return figure.update_layout(
        xaxis={"title": plotly_text(x_title), **axis},
        yaxis={"title": plotly_text(y_title), **({"tickformat": ".0%"} if share else amounts(unit, most))},
        showlegend=False,
        margin={**_MARGIN, "t": 20, "b": 50},
        height=420,
    )


def parallel_coordinates(frame: pd.DataFrame, score: pd.Series, title: str, larger: bool) -> go.Figure:
    """A line for each of n runs across its settings and its score, which colours it: the best are blue.

    Args:
        frame: (n, settings) numbers and words.
        larger: Whether a larger score is better.
    """
    axes = [_axis(frame[name], name) for name in frame]
    axes.append({"label": plotly_text(title), "values": score.tolist()})
    low, high = (_WORST, _BEST) if larger else (_BEST, _WORST)
    scale = [[0, low], [0.5, _MIDDLE], [1, high]]
    return go.Figure(
        go.Parcoords(
            line={"color": score.tolist(), "colorscale": scale, "showscale": False},
            dimensions=axes,
            labelangle=-20,
            labelside="top",
        )
    ).update_layout(margin={**_MARGIN, "t": 110}, height=460)


def _axis(values: pd.Series, name: str) -> dict[str, Any]:
    """An axis of parallel coordinates: numbers, their logarithms with ticks in numbers, or numbered words."""
    label = {"label": plotly_text(name)}
    if not pd.api.types.is_numeric_dtype(values):
        words = values.map(lambda value: "-" if pd.isna(value) else str(value))
        known = sorted(words.unique())
        numbers = [float(known.index(word)) for word in words]
        texts = [plotly_text(word) for word in short_names(known, 16)]
        return {**label, "values": numbers, "tickvals": list(range(len(known))), "ticktext": texts}
    if not logarithmic(values):
        return {**label, "values": values.tolist()}
    low, high = math.floor(math.log10(values.min())), math.ceil(math.log10(values.max()))
    ticks = list(range(low, high + 1))
    logarithms = [math.nan if pd.isna(value) else math.log10(value) for value in values]
    return {**label, "values": logarithms, "tickvals": ticks, "ticktext": [f"{10.0**tick:g}" for tick in ticks]}
