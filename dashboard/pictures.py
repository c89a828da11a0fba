"""Pictures drawn as SVG text. No streamlit."""

import itertools
from html import escape

_DRAWN = 9  # Units drawn of a layer; the rest is counted.
_WIDTH, _HEIGHT = 640, 250


def network(widths: list[int], names: list[str]) -> str:
    """The network as dots and lines, a column a layer: `widths` are the units of each, the input first."""
    step = (_WIDTH - 80) / max(1, len(widths) - 1)
    columns = [[(40 + at * step, y) for y in _heights(width)] for at, width in enumerate(widths)]
    lines = [
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}"/>'
        for left, right in itertools.pairwise(columns)
        for x1, y1 in left
        for x2, y2 in right
    ]
    dots = [f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5.5"/>' for column in columns for x, y in column]
    words = [
        f'<text x="{column[0][0]:.0f}" y="{y}">{word}</text>'
        for column, name, width in zip(columns, names, widths, strict=True)
        for y, word in ((_HEIGHT - 22, escape(name)), (_HEIGHT - 6, f"{width:,}"))
    ]
    label = escape("Network of " + ", ".join(f"{name} {width:,}" for name, width in zip(names, widths, strict=True)))
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}" style="width:100%;max-height:300px">'
        f'<g stroke="currentColor" stroke-opacity="0.13">{"".join(lines)}</g><g fill="#5c7cfa">{"".join(dots)}</g>'
        f'<g fill="currentColor" fill-opacity="0.65" font-size="12" text-anchor="middle">{"".join(words)}</g></svg>'
    )


def _heights(units: int) -> list[float]:
    drawn = min(units, _DRAWN)
    gap = min(26.0, (_HEIGHT - 60) / max(1, drawn - 1)) if drawn > 1 else 0.0
    middle = (_HEIGHT - 44) / 2
    return [middle + (index - (drawn - 1) / 2) * gap for index in range(drawn)]
