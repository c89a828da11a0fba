"""Pictures drawn as SVG text. No streamlit."""

from html import escape


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
