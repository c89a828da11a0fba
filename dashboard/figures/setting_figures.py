"""Settings of runs against their scores as Plotly figures: a scatter, and parallel coordinates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from dashboard.figures.axes import ACCENT, GREY, ORANGE, amounts, hovered, largest_size
from dashboard.text import cut_name, plotly_text, short_names

_MARGIN = {"l": 60, "r": 60, "t": 60, "b": 20}
_FAR_APART = 50.0  # From this ratio of the largest to the smallest on, an axis is logarithmic.
_SHADES, _MOST_TICKS = 8, 8
_EDGE_LETTERS = 8  # Of a line of a title at the edge of a figure.


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
    most = largest_size(y)
    score = "%{y:.1%}" if share else hovered("y", unit, most)
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
        # Without a format of its own a rate of 0.0001 is "100\u03bc".
        axis: dict[str, Any] = {"type": "log", "dtick": 1, "tickformat": "~g"} if logarithmic(x) else {}
    else:
        categories = sorted(dict.fromkeys(places))
        axis = {"type": "category", "tickvals": categories, "ticktext": short_names(categories)}
    return figure.update_layout(
        xaxis={"title": plotly_text(cut_name(x_title)), **axis},
        yaxis={"title": plotly_text(cut_name(y_title)), **({"tickformat": ".1~%"} if share else amounts(unit, most))},
        showlegend=False,
        margin={**_MARGIN, "t": 20, "b": 50},
        height=420,
    )


@dataclass(frozen=True)
class _Axis:
    """One axis: the places of n runs from 0 to 1, None where a run has no value; ticks: (place, text)."""

    title: str
    places: list[float | None]
    words: list[str]
    ticks: list[tuple[float, str]]


def parallel_coordinates(
    frame: pd.DataFrame, score: pd.Series, names: Sequence[str], title: str, larger: bool, share: bool = False
) -> go.Figure:
    """A line for each of n runs across its settings and its score, which colours it: the best are blue and in front.
    Drawn as plain lines: Plotly's own parallel coordinates need WebGL.

    Args:
        frame: (n, settings) numbers and words.
        names: Of the runs.
        larger: Whether a larger score is better; share: whether it is a percentage.
    """
    axes = [*(_axis(frame[name], str(name)) for name in frame), _axis(score, title, share)]
    order = np.argsort((score if larger else -score).to_numpy(), kind="stable")  # The best last, in front.
    shades = sample_colorscale([[0, ORANGE], [0.5, "#adb5bd"], [1, ACCENT]], min(_SHADES, max(2, len(order))))
    figure = go.Figure()
    for shade, runs in zip(shades, np.array_split(order, len(shades)), strict=True):
        x: list[float | None] = []
        y: list[float | None] = []
        said: list[str] = []
        for run in runs:
            x += [*range(len(axes)), None]
            y += [*(axis.places[run] for axis in axes), None]
            named = plotly_text(names[run])
            said += [*(f"{named}<br>{plotly_text(axis.title)} {axis.words[run]}" for axis in axes), ""]
        figure.add_scatter(
            x=x,
            y=y,
            customdata=said,
            mode="lines+markers",
            line={"color": shade, "width": 1.5},
            marker={"color": shade, "size": 5},
            opacity=0.7,
            hovertemplate="%{customdata}<extra></extra>",
        )
    for at, axis in enumerate(axes):
        figure.add_shape(type="line", x0=at, x1=at, y0=0, y1=1, line={"color": GREY, "width": 1}, layer="below")
        last = at == len(axes) - 1
        for place, text in axis.ticks:
            figure.add_annotation(
                x=at, y=place, text=text, showarrow=False, xanchor="right" if last else "left", xshift=-6 if last else 6
            )
    labels = [*(_broken(axis.title) for axis in axes[:-1]), _broken(_at_the_edge(title))]
    return figure.update_layout(
        xaxis={
            "tickvals": list(range(len(axes))),
            "ticktext": labels,
            "side": "top",
            "showgrid": False,
            "zeroline": False,
            "range": [-0.15, len(axes) - 0.85],
            "tickangle": 0,
        },
        yaxis={"visible": False, "range": [-0.06, 1.06]},
        showlegend=False,
        margin={"l": 10, "r": 10, "t": 60, "b": 10},
        height=440,
    )


def _at_the_edge(title: str) -> str:
    """The title of a score whose axis stands at the figure's edge, where a wide one is not drawn at all: without a long
    target, which is named where the score is chosen.
    """
    return title if max(map(len, title.split(": "))) <= _EDGE_LETTERS else title.rpartition(": ")[2]


def _broken(title: str) -> str:
    """A title in short lines: "optimizer: learning_rate" -> two."""
    return "<br>".join(plotly_text(part) for part in title.split(": "))


def _axis(values: pd.Series, title: str, share: bool = False) -> _Axis:
    """Numbers, in logarithms where they are far apart, or words; shares in percent."""
    if not pd.api.types.is_numeric_dtype(values):
        words = ["-" if pd.isna(value) else str(value) for value in values]
        known = sorted(set(words))
        of = {word: at / max(1, len(known) - 1) for at, word in enumerate(known)}
        some = known if len(known) <= _MOST_TICKS else [known[0], known[-1]]
        texts = [plotly_text(word) for word in short_names(some, 16)]
        return _Axis(
            title,
            [of[word] for word in words],
            [plotly_text(word) for word in words],
            [(of[word], text) for word, text in zip(some, texts, strict=True)],
        )
    log, form = logarithmic(values) and not share, ".1%" if share else ",.5g"
    scaled = np.log10(values) if log else values
    low, high = float(scaled.min()), float(scaled.max())
    span = (high - low) or 1.0
    places = [None if pd.isna(value) else (float(value) - low) / span for value in scaled]
    ends = [low, high] if high > low else [low]
    if high > low:
        ends[1:1] = [low + span / 2]
    ticks = [((end - low) / span, _rounded_end(10.0**end) if log else f"{end:{form}}") for end in ends]
    return _Axis(title, places, ["-" if pd.isna(value) else f"{value:{form}}" for value in values], ticks)


def _rounded_end(value: float) -> str:
    """An end of a logarithmic axis: 0.079632 -> "0.0796", 1024.0 -> "1,024"."""
    return f"{value:,.3g}" if value < 1000 else f"{value:,.0f}"
