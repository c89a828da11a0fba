"""Live curves of a run, drawn in the browser: Python hands over an address once and is not rerun while the network trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import streamlit as st

EPOCHS = "/api/runs/{run}/epochs"
PLOTLY = "/api/plotly.min.js"

_here = Path(__file__).parent
# The files' text, not an `asset_dir`: that one is found only for installed packages, and Layerdeck also runs from a checkout.
# Styles are not isolated because Plotly's own style sheet does not reach into a shadow root.
_component = st.components.v2.component(
    "layerdeck_live",
    js="\n".join((_here / name).read_text("utf-8") for name in ("live.js", "charts.js")),
    css=(_here / "live.css").read_text("utf-8"),
    isolate_styles=False,
)


def live(
    run: str,
    plots: Sequence[Mapping[str, str]],
    *,
    key: str,
    height: int = 260,
    epochs: str = EPOCHS,
    library: str = PLOTLY,
    on_ended: Callable[[], None] = lambda: None,
) -> str | None:
    """Show the state and the learning curves of `run` while it trains, and after.

    live(run, [{"title": "Loss", "key": "loss", "unit": ""}], key="live")   # one chart: `loss` and `val_loss`

    run       id of the run; another id starts over in the same boxes
    plots     title, Keras's metric key without `val_`, and unit ("" for none), one chart each, in this order
    height    pixels of a chart, the same before its numbers come
    epochs    path of the route that answers with a run's epochs, with `{run}` for the id
    library   path of the route that serves Plotly.js

    Returns the end state (finished, stopped, failed, interrupted) in the one rerun that follows the end of a run that was
    seen running, else None; `on_ended` is called before that rerun.
    """
    data = {
        "run": run,
        "url": epochs.format(run=quote(run, safe="")),
        "lib": library,
        "plots": [{"title": plot["title"], "key": plot["key"], "unit": plot.get("unit") or ""} for plot in plots],
        "height": height,
    }
    return _component(key=key, data=data, on_ended_change=on_ended).ended
