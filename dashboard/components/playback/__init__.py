"""The kept epochs of a run that is over, played: the network, the curves and a sentence at one epoch after another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from dashboard.base_path import at_base
from dashboard.components.declared import declared

PLAYBACK = "api/runs/{run}/playback"

_component = declared("playback", Path(__file__).parent, "playback.js", style="playback.css")


def playback(run: str, words: Mapping[int, str], *, key: str, route: str = PLAYBACK) -> None:
    """Play a run's epochs: Play, Pause, and a slider over them. Whoever looks at the same moment sees the same epoch.

    run     its id; components `network` and `live` of the same run on the page follow, the network where it has no
            scenes of its own
    words   epoch -> what is said of it
    route   path of the route that answers with the run's scenes, with `{run}` for the id, below the app's own
    """
    url = at_base(route.format(run=quote(run, safe="")))
    _component(key=key, data={"run": run, "url": url, "words": {str(epoch): said for epoch, said in words.items()}})
