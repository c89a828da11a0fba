"""What a network's predictions depend on, as Plotly figures. No streamlit."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import plotly.graph_objects as go

from dashboard.figures.axes import ACCENT, GREY, MARGIN, amounts, hovered, largest_size
from dashboard.text import cut_name, names_with_values, plotly_text, short_names

_FAINT = "rgba(128, 128, 128, 0.22)"
_BAR = 24  # Pixels.
_MOST_STEPS = 12  # Of a waterfall.
_EQUALS, _LETTERS = " = ", 34  # Between a feature and its value beside a bar, and of both.


def _short(name: str) -> str:
    """A name in a title, or beside an axis."""
    return plotly_text(cut_name(name))


def _begun(words: str) -> str:
    """Words at the beginning of a title, as all other titles begin: "predicted price" -> "Predicted price"."""
    return words[:1].upper() + words[1:]


def predicted_axis(unit: str, values: Iterable[float], share: bool) -> dict[str, Any]:
    """As `amounts`; of probabilities in percent."""
    return {"tickformat": ".1~%"} if share else amounts(unit, largest_size(values))


def predicted_hover(axis: str, unit: str, most: float, share: bool) -> str:
    """As `hovered`; of probabilities in percent."""
    return f"%{{{axis}:.1%}}" if share else hovered(axis, unit, most)


def importance_bars(
    features: Mapping[str, Mapping[str, float]], worse: str, unit: str = "", share: bool = False
) -> go.Figure:
    """A bar a feature, the largest first, and the deviation over the repeats as its whisker.

    Args:
        features: Name -> {"mean", "sd"}.
        worse: What the axis counts, as "increase of MAE".
        unit: Of the score; share: whether it is one, of which the bars are points.
    """
    names, size = list(features), 100 if share else 1
    means, deviations = ([size * features[name][of] for name in names] for of in ("mean", "sd"))
    amount = hovered("x", unit, largest_size(means))
    told = "%{x:.1f} ± %{customdata:.1f} points" if share else None
    figure = go.Figure(
        go.Bar(
            x=means,
            y=[plotly_text(name) for name in names],
            orientation="h",
            marker={"color": ACCENT},
            error_x={"type": "data", "array": deviations, "color": GREY, "thickness": 1.5, "width": 4},
            customdata=deviations,
            hovertemplate=f"%{{y}}: {told or f'{amount} ± %{{customdata:.2~g}}'}<extra></extra>",
        )
    )
    shown = [plotly_text(name) for name in short_names(names)]
    ticks: dict[str, Any] = {"tickmode": "array", "tickvals": [plotly_text(name) for name in names], "ticktext": shown}
    return figure.update_layout(
        title="Permutation importance",
        xaxis={
            "title": plotly_text(f"{worse}, points" if share else worse),
            **amounts(unit, largest_size(means)),
        },
        yaxis={"type": "category", "autorange": "reversed", "showgrid": False, **ticks},
        margin=MARGIN,
        height=100 + _BAR * max(3, len(names)),
        bargap=0.35,
    )


def dependence_curve(
    found: Mapping[str, Any], feature: str, predicted: str, unit: str = "", share: bool = False
) -> go.Figure:
    """The mean prediction along a feature, thin lines of single rows behind it, and the training rows below.

    Args:
        found: As `core.runs.dependence_section.feature_dependence` has it.
        predicted: Of the axis, as "predicted price".
        unit: Of the prediction; share: whether it is a probability.
    """
    words = _by_category(found["kind"])
    grid, at = (axis_values(found["kind"], found[name]) for name in ("grid", "at"))
    traces = [] if words else [_single_rows(grid, found["lines"])]
    if words:
        traces.append(go.Bar(x=grid, y=found["mean"], marker={"color": ACCENT}, name="mean"))
    else:
        markers = {"mode": "lines+markers" if len(grid) < 8 else "lines"}
        traces.append(go.Scatter(x=grid, y=found["mean"], line={"color": ACCENT, "width": 3}, name="mean", **markers))
    traces[-1].update(
        hovertemplate=f"%{{x}}: {predicted_hover('y', unit, largest_size(found['mean']), share)}<extra></extra>"
    )
    traces.append(
        go.Bar(
            x=at,
            y=found["share"],
            yaxis="y2",
            marker={"color": GREY, "opacity": 0.6},
            hovertemplate="%{x}: %{y:.1%} of the training rows<extra></extra>",
        )
    )
    ticks = {"tickmode": "array", "tickvals": grid, "ticktext": short_names(grid, 16)} if words else {}
    return go.Figure(traces).update_layout(
        title=f"{_begun(_short(predicted))} along {_short(feature)}",
        xaxis={
            "title": _short(feature),
            "type": axis_type(found["kind"]),
            "anchor": "y2",
            **ticks,
            **_clock(found["kind"]),
        },
        yaxis={
            "domain": [0.26, 1],
            **predicted_axis(unit, found["mean"], share),
        },
        yaxis2={"domain": [0, 0.2], "tickformat": ".0%", "nticks": 3, "gridcolor": _FAINT, "zerolinecolor": _FAINT},
        showlegend=False,
        bargap=0.08,
        margin=MARGIN,
        height=440,
    )


def what_if_curve(
    curve: Mapping[str, Any],
    kind: str,
    feature: str,
    prediction: float,
    predicted: str,
    unit: str = "",
    share: bool = False,
) -> go.Figure:
    """What is predicted for one row as a feature alone changes, the row as a dot, and the training rows below.

    Args:
        curve: {"grid", "values", "now", "at", "share"} as `core.runs.what_if_section` has them.
        prediction: Of the row.
        predicted: Of the axis, as "predicted price".
        unit: Of the prediction; share: whether it is a probability.
    """
    found = {**curve, "kind": kind, "mean": curve["values"], "lines": []}
    figure = dependence_curve(found, feature, predicted, unit, share)
    shown = [] if curve["now"] is None else axis_values(kind, [curve["now"]])
    if _by_category(kind):
        shown = [value for value in shown if value in axis_values(kind, curve["grid"])]
    figure.add_scatter(
        x=shown,
        y=[prediction] * len(shown),
        mode="markers",
        marker={"color": "#e8590c", "size": 12},
        name="this row",
        hovertemplate=f"this row, %{{x}}: {predicted_hover('y', unit, abs(prediction), share)}<extra></extra>",
    )
    return figure.update_layout(title=f"What if {_short(feature)} alone changes", yaxis_title=_short(predicted))


def _single_rows(grid: list[Any], lines: Sequence[Sequence[float]]) -> go.Scatter:
    """All single rows as one trace, with gaps between them."""
    return go.Scatter(
        x=[value for _ in lines for value in (*grid, None)],
        y=[value for line in lines for value in (*line, None)],
        mode="lines",
        line={"color": GREY, "width": 1},
        opacity=0.35,
        hoverinfo="skip",
        name="single rows",
    )


def dependence_map(
    found: Mapping[str, Any], features: Sequence[str], predicted: str, unit: str = "", share: bool = False
) -> go.Figure:
    """The mean prediction over two features by colour.

    Args:
        found: As `core.runs.dependence_section.dependence_surface` has it.
        features: The one along the axis below, and the one along the axis on the left.
    """
    most = largest_size(value for values in found["mean"] for value in values)
    grids = [axis_values(kind, grid) for kind, grid in zip(found["kinds"], found["grids"], strict=True)]
    names, hover = [_short(name) for name in features], predicted_hover("z", unit, most, share)
    figure = go.Figure(
        go.Heatmap(
            x=grids[0],
            y=grids[1],
            z=[list(column) for column in zip(*found["mean"], strict=True)],
            colorscale="Viridis",
            colorbar={
                **predicted_axis(unit, list(map(max, found["mean"])), share),
                "thickness": 12,
            },
            hovertemplate=f"{names[0]} %{{x}}<br>{names[1]} %{{y}}<br>{hover}<extra></extra>",
        )
    )
    axes = [
        {"title": name, "type": axis_type(kind), "showgrid": False, **_clock(kind)}
        for name, kind in zip(names, found["kinds"], strict=True)
    ]
    return figure.update_layout(
        title=f"{_begun(_short(predicted))} over {names[0]} and {names[1]}",
        xaxis=axes[0],
        yaxis=axes[1],
        margin=MARGIN,
        height=440,
    )


def waterfall(
    contributions: Sequence[tuple[str, float]], base: float, predicted: str, unit: str = "", share: bool = False
) -> go.Figure:
    """From the mean prediction to this one, a bar a feature, the largest contribution first; small ones are together.

    Args:
        contributions: A feature with its value, and what it adds.
        predicted: What is explained, as "predicted price".
        unit: Of the prediction; share: whether it is a probability.
    """
    steps = sorted(contributions, key=lambda step: -abs(step[1]))
    if len(steps) > _MOST_STEPS:
        rest = steps[_MOST_STEPS - 1 :]
        steps = [*steps[: _MOST_STEPS - 1], (f"{len(rest)} other features", sum(value for _, value in rest))]
    ends = list(itertools.accumulate((value for _, value in steps), initial=base))
    pairs = [(column, value) for column, _, value in (label.partition(_EQUALS) for label, _ in steps)]
    whole = ["mean", *(label for label, _ in steps), predicted]
    names = ["mean", *names_with_values(pairs, _EQUALS, _LETTERS), cut_name(predicted, _LETTERS)]
    labels = [plotly_text(name) for name in names]
    places = list(range(len(labels)))
    room = 0.08 * (max(ends) - min(ends)) or abs(base) or 1.0
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=places,
            x=[base, *(value for _, value in steps), 0.0],
            measure=["absolute", *("relative" for _ in steps), "total"],
            increasing={"marker": {"color": ACCENT}},
            decreasing={"marker": {"color": "#e8590c"}},
            totals={"marker": {"color": GREY}},
            connector={"line": {"color": GREY, "width": 1, "dash": "dot"}},
            text=[plotly_text(name) for name in whole],
            textposition="none",
            customdata=[base, *(value for _, value in steps), ends[-1]],
            hovertemplate=f"%{{text}}: {predicted_hover('customdata', unit, largest_size(ends), share)}<extra></extra>",
        )
    )
    return figure.update_layout(
        xaxis={"range": [min(ends) - room, max(ends) + room], **predicted_axis(unit, ends, share)},
        yaxis={
            "autorange": "reversed",
            "showgrid": False,
            "zeroline": False,
            "tickmode": "array",
            "tickvals": places,
            "ticktext": labels,
        },
        margin={**MARGIN, "t": 26},  # The buttons that save it stand above the bars.
        height=76 + _BAR * len(labels),
        bargap=0.35,
        showlegend=False,
    )


def _by_category(kind: str) -> bool:
    return kind in ("category", "code", "boolean")


def axis_type(kind: str) -> str:
    """Plotly's type of an axis along a feature."""
    return "category" if _by_category(kind) else "date" if kind in ("date", "time") else "linear"


def _clock(kind: str) -> dict[str, Any]:
    """Of an axis of times of day: only these are written, not the day that stands for all of them."""
    return {"tickformat": "%H:%M", "hoverformat": "%H:%M"} if kind == "time" else {}


def axis_values(kind: str, values: Sequence[Any]) -> list[Any]:
    """A feature's raw values as they stand along an axis: words, "false" and "true", moments, or numbers; hours since
    midnight as moments of a day.
    """
    if kind == "boolean":
        return ["true" if value else "false" for value in values]
    if kind in ("date", "time"):
        start = datetime(1970, 1, 1)
        return [(start + timedelta(**{"days" if kind == "date" else "hours": value})).isoformat() for value in values]
    return [plotly_text(value) or "missing" for value in values] if _by_category(kind) else list(values)
