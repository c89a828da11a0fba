"""A Plotly figure that changes in place: what moves with a slider must neither blink nor forget its zoom, as
`st.plotly_chart` does.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.experiment.file_names import picture_name
from dashboard.base_path import at_base
from dashboard.components.declared import declared
from dashboard.components.live import PLOTLY

if TYPE_CHECKING:
    import plotly.graph_objects as go

_component = declared("figure", Path(__file__).parent, "figure.js", style="figure.css", triggers=("picked",))


def figure(
    drawn: go.Figure, *, key: str, says: str, run: str = "Layerdeck", picked: Callable[[Any], None] | None = None
) -> None:
    """Show a figure, in the page's colours; `says` is read aloud in its place. Its layout must give a height.

    It can be saved as PNG and SVG: the file's name begins with `run`, the name of the run that is drawn.

    `picked` takes [number of the trace, number of its point] when a point, a bar or a cell is clicked.
    """
    value = drawn.to_plotly_json()
    value["layout"].pop("template", None)
    data = {
        "figure": value,
        "lib": at_base(PLOTLY),
        "says": says,
        "file": picture_name(run, says),
        "picks": picked is not None,
    }
    _component(key=key, data=data, picked=picked or (lambda _value: None))
