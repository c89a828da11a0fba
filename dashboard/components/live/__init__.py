"""Live curves of a run, drawn in the browser: Python hands over an address once and is not rerun while the network
trains.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from core.experiment.file_names import picture_name
from dashboard.base_path import at_base
from dashboard.components.declared import declared

EPOCHS = "api/runs/{run}/epochs"
PLOTLY = "api/plotly.min.js"

_component = declared(
    "live",
    Path(__file__).parent,
    "live.js",
    "charts.js",
    "plotly_internals.js",
    "following.js",
    "pill.js",
    style="live.css",
    triggers=("ended",),
)


def live(
    run: str,
    plots: Sequence[Mapping[str, str | bool]],
    *,
    key: str,
    name: str = "Layerdeck",
    height: int = 260,
    turn: int = 1,
    over: bool = True,
    faint: Sequence[tuple[str, str]] = (),
    epochs: str = EPOCHS,
    library: str = PLOTLY,
) -> str | None:
    """Show the state and the learning curves of `run` while it trains, and after.

    live(run, [{"title": "Loss", "key": "loss", "unit": ""}], key="live")   # one chart: `loss` and `val_loss`

    run       id of the run; another id starts over in the same boxes
    plots     title, Keras's metric key without `val_`, unit ("" for none) and whether it is a share, to be read as a
              percentage; one chart each, in this order
    name      of the run, with which the names of saved pictures begin
    height    pixels of a chart, the same before its numbers come
    faint     id and name of runs whose curves are drawn faintly behind
    turn      how often the run was begun: one that ended and goes on is followed again
    over      whether the page was drawn as of a run that is over: the end of any other run draws it anew
    epochs    path of the route that answers with a run's epochs, with `{run}` for the id, below the app's own
    library   path of the route that serves Plotly.js, below the app's own

    Returns the end state (finished, stopped, failed, interrupted) in the one rerun that follows the end of a run that
    was seen running, or drawn as such, else None.
    """
    data = {
        "run": run,
        "url": f"{at_base(epochs.format(run=quote(run, safe='')))}?turn={turn}",
        "lib": at_base(library),
        "plots": [
            {
                "title": plot["title"],
                "key": plot["key"],
                "unit": plot.get("unit") or "",
                "share": bool(plot.get("share")),
                "file": picture_name(name, str(plot["title"])),
            }
            for plot in plots
        ],
        "height": height,
        "over": over,
        "faint": [
            {"run": one, "url": at_base(epochs.format(run=quote(one, safe=""))), "name": name} for one, name in faint
        ],
    }
    return _component(key=key, data=data).ended
