"""The network of a run as it learns, drawn in the browser; before a run, the network that would be trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.experiment.file_names import picture_name
from dashboard.base_path import at_base
from dashboard.components.declared import declared

SCENE = "api/runs/{run}/scene"

_component = declared(
    "network",
    Path(__file__).parent,
    "network.js",
    "drawing.js",
    "picture.js",
    "board_file.js",
    style="network.css",
    triggers=("asked",),
)


def network(
    sketch: Mapping[str, Any],
    *,
    key: str,
    run: str = "",
    turn: int = 1,
    pins: Sequence[str] = (),
    plane: Sequence[str] | None = None,
    unit: str = "",
    height: int = 264,
    name: str = "",
    scene: str = SCENE,
    played: bool = False,
    on_asked: Callable[[Any], None] = lambda _asked: None,
) -> None:
    """Show a network: its units, weights and predictions as they are now, and pinned rows whose predictions move.

    sketch    what is drawn before there are weights: {"inputs": {"names", "more"}, "columns": [{"title", "units",
              "labels", "after"}],
              "planes": features that may span a plane}
    run       id of the run whose scenes are shown; "" for none
    turn      how often the run was begun
    pins      a label for each pinned row
    plane     the two features of the plane as last wanted
    unit      of the target's amounts: "$" stands in front
    height    pixels of the drawing, the same before its weights come
    name      of the experiment, with which the picture's file begins
    scene     path of the route that answers with scenes, with `{run}` for the id, below the app's own

    played    whether the component `playback` hands the scenes of the run over

    `on_asked` is called when the person asks for another plane or lets a pinned row go, with what they ask:
    {"do": "plane", "features": [a, b] or None} or {"do": "unpin", "at": place}.
    """
    data = {
        "run": run,
        "url": f"{at_base(scene.format(run=quote(run, safe='')))}?turn={turn}" if run and not played else "",
        "sketch": dict(sketch),
        "pins": list(pins),
        "plane": None if plane is None else list(plane),
        "unit": unit,
        "height": height,
        "name": name,
        "file": picture_name(name, "network"),
    }
    _component(key=key, data=data, asked=on_asked)
