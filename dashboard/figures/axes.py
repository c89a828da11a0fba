"""What the axes and hover texts of all figures have in common: the unit of an amount, colours, margins."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from core.experiment.currencies import LEAST_IN_CENTS, is_money
from dashboard.text import plotly_text

ACCENT, GREY, ORANGE = "#4c6ef5", "#8a94a3", "#e8590c"
BASELINE_COLOURS = ("#adb5bd", "#8a94a3", "#495057", "#7950f2")
_LARGE = 10_000  # Amounts from which on thousands are "k".
_FEW = 20  # Amounts below which the marks of an axis are less than 5 apart.
MARGIN = {"l": 10, "r": 10, "t": 36, "b": 10}


def diagonal(ends: Sequence[float], name: str) -> go.Scatter:
    """The dotted line on which both axes have the same value."""
    line = {"color": GREY, "dash": "dot", "width": 1}
    return go.Scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip", name=name)


def amounts(unit: str, most: float, digits: int = 4) -> dict[str, Any]:
    """An axis of amounts in their unit, of which the largest is `most`: "$" -> "-$200k", "MPa" -> "40 MPa". Of amounts
    that differ in their later digits only, with so many.
    """
    form = (
        f",.{digits}~g" if digits >= 6 else cents(unit, most) or ("~s" if most >= _LARGE else ",~g")
    )  # "~s" makes "200m" of 0.2.
    return {"tickformat": f"${form}"} if unit == "$" else {"tickformat": form, "ticksuffix": _behind(unit)}


def cents(unit: str, most: float) -> str:
    """How the marks of an axis of money are written, of which the largest is `most`, where they may stand between whole
    amounts: "$0.50", not "$0.5"; "" elsewhere.
    """
    return ",.2f" if is_money(unit) and LEAST_IN_CENTS <= most < _FEW else ""


def hovered(axis: str, unit: str, most: float, digits: int = 4) -> str:
    """An amount of an axis ("x", "y") in a hover text, with its unit; of money, of which the largest is `most`, without
    decimals or with two. Of amounts that differ in their later digits only, with so many.
    """
    if digits > 4:
        form = f",.{digits}~g"
    elif is_money(unit) and most >= LEAST_IN_CENTS:
        form = ",.2f" if most < 1000 else ",.0f"
    else:  # Of more digits than it is given "g" makes 1.234e+4.
        form = ",.4~g" if most < 1000 else ",.6~g" if most < 1e6 else ",.0f"
    return f"%{{{axis}:${form}}}" if unit == "$" else f"%{{{axis}:{form}}}{_behind(unit)}"


def largest_size(values: Iterable[float | None]) -> float:
    """The size of the largest of some amounts, of those that are none left out; 0 of no amount."""
    return max((abs(value) for value in values if value is not None and math.isfinite(value)), default=0.0)


def _behind(unit: str) -> str:
    return f" {plotly_text(unit)}" if unit else ""
