"""What each threshold of two classes is worth, and how precise it is, as a Plotly figure."""

import numpy as np
import plotly.graph_objects as go

from core.evaluation.thresholds import ThresholdCounts, Worth
from dashboard.figures.axes import ACCENT, GREY, MARGIN, ORANGE, amounts, hovered

_EDGE = 0.15  # Of the axis: a word has no room on that side.
_LINE = 14  # Pixels of a line of text.
_ABOVE = 0.12  # Of the plot: two words above it, one over the other.
_GREEN = "#2b8a3e"


def worth_figure(
    thresholds: np.ndarray,
    counts: dict[str, ThresholdCounts],
    worth: Worth,
    unit: str,
    chosen: float,
    best: float | None,
    margin: bool,
) -> go.Figure:
    """Gains minus costs per row over the threshold, a line a part; the chosen and the best are marked."""
    figure, most = go.Figure(), 0.0
    for (part, found), colour in zip(counts.items(), (ACCENT, ORANGE), strict=False):
        total = found.true_positives + found.true_negatives + found.false_positives + found.false_negatives
        each = np.divide(found.worth(worth), total, out=np.zeros(len(total)), where=total > 0)
        most = max(most, float(np.abs(each).max()))
        figure.add_scatter(
            x=thresholds,
            y=each,
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv"},
            name=f"{part} rows",
            hovertemplate=f"threshold %{{x:.3~g}}<br>{hovered('y', unit, float(np.abs(each).max()))} a row",
        )
    low, high = (float(thresholds[0]), float(thresholds[-1])) if margin else (0.0, 1.0)
    sides: dict[bool, int] = {}  # Left or not -> how many words stand there.
    marks = [("chosen", chosen, GREY, "solid"), ("best", best, _GREEN, "dash")]
    for words, at, colour, dash in marks:
        if at is not None:  # Each word on the side that is turned away from the other line, within the figure.
            other = chosen if words == "best" else best
            left = at < other if other is not None and at != other else words == "best"
            share = (at - low) / ((high - low) or 1.0)
            left = share > 1 - _EDGE or (left and share > _EDGE)
            figure.add_vline(
                x=at,
                line={"color": colour, "width": 1.5, "dash": dash},
                annotation={
                    "text": words,
                    "font": {"color": colour},
                    "y": 1,
                    "yanchor": "bottom",  # Above the curves, which end everywhere.
                    "yshift": _LINE * sides.get(left, 0),
                },
                annotation_position="top left" if left else "top right",
            )
            sides[left] = sides.get(left, 0) + 1
    return figure.update_layout(
        title="Gains minus costs per row",
        xaxis={"title": "threshold", **({} if margin else {"range": [0, 1]})},
        yaxis={"title": "mean per row", **amounts(unit, most)},
        legend={"orientation": "h", "y": 1.0 + _ABOVE, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        margin={**MARGIN, "t": 84},
        height=368,
    )


def precision_recall_by_threshold(
    thresholds: np.ndarray, counts: ThresholdCounts, part: str, chosen: float, margin: bool
) -> go.Figure:
    """Precision, recall, F1 and accuracy over the threshold."""
    figure = go.Figure()
    scores = (
        ("precision", counts.precision, ACCENT),
        ("recall", counts.recall, ORANGE),
        ("F1", counts.f1, _GREEN),
        ("accuracy", counts.accuracy, GREY),
    )
    for name, values, colour in scores:
        figure.add_scatter(
            x=thresholds,
            y=values,
            mode="lines",
            line={"color": colour, "width": 2, "shape": "hv"},
            name=name,
            hovertemplate=f"threshold %{{x:.3~g}}<br>{name} %{{y:.1%}}",
        )
    figure.add_vline(x=chosen, line={"color": GREY, "width": 1.5})
    return figure.update_layout(
        title=f"Scores by threshold, {part} rows",
        xaxis={"title": "threshold", **({} if margin else {"range": [0, 1]})},
        yaxis={"range": [-0.02, 1.02], "tickformat": ".0%"},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        margin={**MARGIN, "t": 56},
        height=340,
    )
