"""Pictures drawn as SVG text. No streamlit."""

from collections.abc import Mapping
from html import escape
from typing import Any


def line(values: list[float], label: str, low: str, high: str) -> str:
    """A line from left to right, with the smallest and the largest number in words beside it."""
    least, most = min(values), max(values)
    span = (most - least) or 1.0
    points = " ".join(
        f"{at * 560 / max(1, len(values) - 1):.1f},{8 + 74 * (most - value) / span:.1f}"
        for at, value in enumerate(values)
    )
    return (
        f'<svg viewBox="0 0 640 90" role="img" aria-label="{escape(label)}" style="width:100%;max-height:90px">'
        f'<polyline points="{points}" fill="none" stroke="#5c7cfa" stroke-width="2"/>'
        f'<g fill="currentColor" fill-opacity="0.65" font-size="12"><text x="568" y="16">{escape(high)}</text>'
        f'<text x="568" y="86">{escape(low)}</text></g></svg>'
    )


def small_curve(curve: Mapping[str, Any], low: float, high: float, prediction: float, label: str) -> str:
    """What is predicted along a feature, from left to right, above bars of the training rows; a dot is the row.

    Args:
        curve: {"grid", "values", "now", "at", "share"} as `core.runs.what_if_section` has them.
        low, high: Of the predictions that the height stands for.
        prediction: Of the row.
        label: Read aloud in its place; an attribute, since Markdown would read text between tags as its own.
    """
    grid, words = curve["grid"], bool(curve["grid"]) and isinstance(curve["grid"][0], str)
    first, last = (0, len(grid) - 1) if words else (grid[0], grid[-1])
    places = {word: number for number, word in enumerate(grid)} if words else {}

    def across(value: Any) -> float:
        where = places[value] if words else value
        return 4 + 232 * (min(last, max(first, where)) - first) / ((last - first) or 1)

    def down(value: float) -> float:
        return 4 + 34 * (high - value) / ((high - low) or 1.0)

    most, wide = max(curve["share"], default=0) or 1.0, 232 / max(1, len(curve["at"]) - 1)
    bars = "".join(
        f'<rect x="{across(at) - 0.45 * wide:.1f}" y="{40 - 24 * share / most:.1f}" width="{0.9 * wide:.1f}" '
        f'height="{24 * share / most:.1f}"/>'
        for at, share in zip(curve["at"], curve["share"], strict=True)
    )
    points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in zip(grid, curve["values"], strict=True))
    now, dot = curve["now"], ""
    if now is not None and (not words or now in places):
        dot = f'<circle cx="{across(now):.1f}" cy="{down(prediction):.1f}" r="4" fill="#4c6ef5"/>'
    said = escape(" ".join(label.split()))
    return (
        f'<svg viewBox="0 0 240 44" role="img" aria-label="{said}" '
        f'style="width:100%;display:block">'
        f'<g fill="currentColor" fill-opacity="0.15">{bars}</g>'
        f'<polyline points="{points}" fill="none" stroke="#5c7cfa" stroke-width="2"/>{dot}</svg>'
    )
