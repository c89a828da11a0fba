"""The loss around a network's weights as Plotly figures: contours, and a surface, with the path of the training on it.
No streamlit.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from dashboard.text import number, plotly_text

# Low ground is the page's own blue, high ground is warm: the path, white with a dark edge, is seen on all of it, in
# light and dark.
_LAND = [
    [0.0, "#23307d"],
    [0.18, "#3b5bdb"],
    [0.38, "#4a9fd8"],
    [0.56, "#7cc9b5"],
    [0.74, "#e9dd94"],
    [0.88, "#f0a35e"],
    [1.0, "#d9593d"],
]
_LINE, _EDGE = "#ffffff", "#141a2e"
_BEST = "#ffd43b"
_GREY = "#8a94a3"
_LEVELS = 16
_LIFT = 0.012  # Of the surface's height: a path that lies in the surface would be half hidden.
_AXES = {
    "path": ("first principal component", "second principal component"),
    "random": ("first random direction", "second random direction"),
}
# Ground for the coloured paths of several runs.
_GREYS = [[0.0, "#272c38"], [0.35, "#5b6474"], [0.7, "#a3abb8"], [1.0, "#e4e8ee"]]
_SYMBOLS = {"start": "circle", "best": "star", "end": "diamond"}


def has_log(landscape: dict[str, Any]) -> bool:
    """Whether its losses have a logarithm, all of them."""
    return min(_heights(landscape)) > 0


def spread(landscape: dict[str, Any]) -> float:
    """How many times the lowest loss the highest is; 1 where there is no such number."""
    heights = _heights(landscape)
    return max(heights) / min(heights) if min(heights) > 0 else 1.0


def contours(landscape: dict[str, Any], kind: str, log: bool, height: int = 400) -> go.Figure:
    """The loss from above: bands of equal loss, and the path."""
    scale = _Scale(landscape, log)
    path = landscape["path"]
    texts = [f"epoch {epoch:,}<br>loss {number(loss)}" for epoch, loss in zip(path["epoch"], path["loss"], strict=True)]
    line = {"x": path["x"], "y": path["y"], "mode": "lines", "hoverinfo": "skip", "showlegend": False}
    dots = go.Scatter(
        x=path["x"],
        y=path["y"],
        mode="markers",
        marker={"size": 5, "color": _LINE, "line": {"color": _EDGE, "width": 1}},
        text=texts,
        hovertemplate="%{text}<extra></extra>",
        showlegend=False,
    )
    figure = go.Figure(
        [
            _ground(landscape, scale, _LAND),
            go.Scatter(**line, line={"color": _EDGE, "width": 5}, opacity=0.75),
            go.Scatter(**line, line={"color": _LINE, "width": 2.5}),
            dots,
            *(
                go.Scatter(
                    x=[path["x"][at]],
                    y=[path["y"][at]],
                    mode="markers",
                    name=name,
                    marker={
                        "symbol": symbol,
                        "size": 15 if symbol == "star" else 11,
                        "color": _colour(symbol),
                        "line": {"color": _EDGE, "width": 2},
                    },
                    text=[texts[at]],
                    hovertemplate="%{text}<extra></extra>",
                )
                for name, symbol, at in _marks(landscape)
            ),
        ]
    )
    return figure.update_layout(**_axes(landscape, kind), **_around(height))


@dataclass(frozen=True)
class RacedPath:
    """How a run of a race is drawn: its variant's name and colour, and the seed in words."""

    run: str
    name: str
    colour: str
    seed: str


def race_contours(
    landscape: dict[str, Any], runs: Sequence[RacedPath], best: str, kind: str, log: bool, height: int = 400
) -> go.Figure:
    """The loss from above in greys, and the path of each run in its variant's colour: a diamond at its end, a star at
    the best run's; a variant has one entry in the legend.
    """
    scale = _Scale(landscape, log)
    traces, named = [_ground(landscape, scale, _GREYS)], set()
    for run in runs:
        path = landscape["paths"].get(run.run)
        if path is None:
            continue
        name = plotly_text(run.name)
        steps = zip(path["epoch"], path["loss"], strict=True)
        texts = [f"{name}, {run.seed}<br>epoch {epoch:,}<br>loss {number(loss)}" for epoch, loss in steps]
        line = {"x": path["x"], "y": path["y"], "legendgroup": run.name, "mode": "lines", "hoverinfo": "skip"}
        ended = {"symbol": _SYMBOLS["best" if run.run == best else "end"], "size": 15 if run.run == best else 10}
        last = len(texts) - 1
        traces += [
            go.Scatter(**line, line={"color": _LINE, "width": 5}, opacity=0.8, showlegend=False),
            go.Scatter(**line, line={"color": run.colour, "width": 3}, name=name, showlegend=run.name not in named),
            go.Scatter(
                x=path["x"],
                y=path["y"],
                mode="markers",
                legendgroup=run.name,
                showlegend=False,
                marker={
                    "color": run.colour,
                    "size": [ended["size"] if at == last else 5 for at in range(len(texts))],
                    "symbol": [ended["symbol"] if at == last else "circle" for at in range(len(texts))],
                    "line": {"color": _LINE, "width": [2 if at == last else 0.8 for at in range(len(texts))]},
                },
                text=texts,
                hovertemplate="%{text}<extra></extra>",
            ),
        ]
        named.add(run.name)
    return go.Figure(traces).update_layout(**_axes(landscape, kind), **_around(height))


def _ground(landscape: dict[str, Any], scale: "_Scale", colours: list[list[Any]]) -> go.Contour:
    return go.Contour(
        x=landscape["x"],
        y=landscape["y"],
        z=scale.z,
        text=[[number(loss) for loss in row] for row in landscape["loss"]],
        colorscale=colours,
        contours=scale.contours,
        line={"width": 0.6, "color": "rgba(255, 255, 255, 0.45)", "smoothing": 1.0},
        colorbar=_bar(scale),
        hovertemplate="loss %{text}<extra></extra>",
    )


def _axes(landscape: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        axis: {"title": title, "range": [landscape[name][0], landscape[name][-1]], "showgrid": False, "zeroline": False}
        for (axis, name), title in zip((("xaxis", "x"), ("yaxis", "y")), _AXES[kind], strict=True)
    }


def surface(landscape: dict[str, Any], log: bool, height: int = 400) -> go.Figure:
    """The loss as land, the path lifted onto it."""
    scale = _Scale(landscape, log)
    path = landscape["path"]
    lift = _LIFT * ((scale.high - scale.low) or 1.0)
    z = [None if at is None else at + lift for at in _onto(landscape, scale.z)]
    texts = [f"epoch {epoch:,}<br>loss {number(loss)}" for epoch, loss in zip(path["epoch"], path["loss"], strict=True)]
    around = {"hoverinfo": "skip", "showlegend": False, "mode": "lines", "x": path["x"], "y": path["y"], "z": z}
    figure = go.Figure(
        [
            go.Surface(
                x=landscape["x"],
                y=landscape["y"],
                z=scale.z,
                colorscale=_LAND,
                showscale=False,
                contours={"z": {"show": True, "color": "rgba(255, 255, 255, 0.35)", "width": 1, **scale.lines}},
                lighting={"ambient": 0.72, "diffuse": 0.55, "specular": 0.08, "roughness": 0.9},
                lightposition={"x": -4000, "y": -6000, "z": 9000},
                hoverinfo="skip" if log else None,  # A surface has no texts, and its height would be the logarithm.
                hovertemplate=None if log else "loss %{z:.3~g}<extra></extra>",
            ),
            go.Scatter3d(**around, line={"color": _EDGE, "width": 9}),
            go.Scatter3d(
                **{**around, "z": [None if at is None else at + lift for at in z]}, line={"color": _LINE, "width": 4}
            ),
            *(
                go.Scatter3d(
                    x=[path["x"][at]],
                    y=[path["y"][at]],
                    z=[None if (end := z[at]) is None else end + 2 * lift],
                    mode="markers",
                    name=name,
                    marker={
                        "symbol": "circle" if symbol == "star" else symbol,
                        "size": 7,
                        "color": _colour(symbol),
                        "line": {"color": _EDGE, "width": 2},
                    },
                    text=[texts[at]],
                    hovertemplate="%{text}<extra></extra>",
                )
                for name, symbol, at in _marks(landscape)
            ),
        ]
    )
    axis = {
        "gridcolor": _GREY,
        "zeroline": False,
        "showbackground": False,
        "showspikes": False,
        "nticks": 5,
        "tickfont": {"size": 10},
    }
    return figure.update_layout(
        scene={
            "xaxis": {"title": {"text": "first direction", "font": {"size": 11}}, **axis},
            "yaxis": {"title": {"text": "second direction", "font": {"size": 11}}, **axis},
            "zaxis": {
                "title": {"text": "loss", "font": {"size": 11}},
                **axis,
                "tickvals": scale.ticks,
                "ticktext": scale.words,
            },
            "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.65},
            "camera": {"eye": {"x": 0.9, "y": -1.3, "z": 1.25}, "center": {"x": 0, "y": 0, "z": -0.18}},
            "dragmode": "turntable",
        },
        **_around(height),
    )


class _Scale:
    """Heights as they are drawn, with marks that tell the losses."""

    def __init__(self, landscape: dict[str, Any], log: bool) -> None:
        heights = _heights(landscape)
        draw = math.log10 if log else float
        self.z = [[None if loss is None else draw(loss) for loss in row] for row in landscape["loss"]]
        self.low, self.high = draw(min(heights)), draw(max(heights))
        self.ticks = _marked(self.low, self.high, log)
        self.words = [number(10**at if log else at) for at in self.ticks]
        step = (self.high - self.low) / _LEVELS or 1.0
        self.contours = {"start": self.low + step, "end": self.high - step / 2, "size": step, "coloring": "heatmap"}
        self.lines = {"start": self.low + step, "end": self.high, "size": step}


def _marked(low: float, high: float, log: bool) -> list[float]:
    """Round numbers from low to high; of logarithms powers of ten, or where those are few also 2 and 5 times them."""
    if log:
        powers = range(math.floor(low), math.ceil(high) + 1)
        for factors in ((1,), (1, 3), (1, 2, 5)):
            found = [at for power in powers for one in factors if low <= (at := power + math.log10(one)) <= high]
            if len(found) >= 3:
                return found[:: -(-len(found) // 7)]
    return np.linspace(low, high, 5).tolist() if high > low else [low]


def _heights(landscape: dict[str, Any]) -> list[float]:
    return [loss for row in landscape["loss"] for loss in row if loss is not None] or [1.0]


def _marks(landscape: dict[str, Any]) -> list[tuple[str, str, int]]:
    """What is marked on the path: its name in the legend, its symbol, its place; what falls together is marked once."""
    epochs = landscape["path"]["epoch"]
    found: dict[int, list[str]] = {}
    for name, at in (("start", 0), ("best", epochs.index(landscape["best"])), ("end", len(epochs) - 1)):
        found.setdefault(at, []).append(name)
    return [
        (f"{' and '.join(names)}: epoch {epochs[at]:,}", _SYMBOLS["best" if "best" in names else names[0]], at)
        for at, names in found.items()
    ]


def _colour(symbol: str) -> str:
    return _BEST if symbol == "star" else _LINE


def _onto(landscape: dict[str, Any], z: list[list[float | None]]) -> list[float | None]:
    """The heights of the drawn surface, which is straight between its points, below the points of the path."""
    x, y, height = np.array(landscape["x"]), np.array(landscape["y"]), np.array(z, float)
    found = []
    for across, along in zip(landscape["path"]["x"], landscape["path"]["y"], strict=True):
        column, row = (np.interp(at, line, np.arange(len(line))) for at, line in ((across, x), (along, y)))
        left, low = min(int(column), len(x) - 2), min(int(row), len(y) - 2)
        right, up = column - left, row - low
        here = height[low : low + 2, left : left + 2]
        value = np.array([1 - up, up]) @ here @ np.array([1 - right, right])
        found.append(float(value) if np.isfinite(value) else None)
    return found


def _bar(scale: _Scale) -> dict[str, Any]:
    return {
        "title": {"text": "loss", "side": "top", "font": {"size": 11}},
        "tickvals": scale.ticks,
        "ticktext": scale.words,
        "tickfont": {"size": 10},
        "thickness": 10,
        "outlinewidth": 0,
        "len": 0.9,
        "x": 1.01,
    }


def _around(height: int) -> dict[str, Any]:
    return {
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.0,
            "yanchor": "bottom",
            "font": {"size": 11},
            "bgcolor": "rgba(0,0,0,0)",
        },
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "height": height,
    }
