"""A search while it goes on, drawn in the browser: the curves of its trials, the best so far, the importance of the
settings, and a slice through each. Python hands over an address once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dashboard.base_path import at_base
from dashboard.components.declared import declared
from dashboard.components.live import PLOTLY

SEARCH = "api/searches/{search}"
_component = declared(
    "search",
    Path(__file__).parent,
    "search.js",
    "plots.js",
    "trials.js",
    style="search.css",
    triggers=("changed", "opened"),
)


def search_live(
    search: str,
    dimensions: Sequence[dict[str, Any]],
    title: str,
    *,
    key: str,
    state: str,
    trials: int | None,
    larger: bool = False,
    share: bool = False,
    unit: str = "",
    height: int = 210,
    opened: Callable[[int], None] | None = None,
) -> None:
    """Show a search, and follow it until it is over.

    search      its id; another one starts over
    dimensions  {path, title, kind, low, high, log, choices} of each setting, choices in words
    title       of the score by which trials are compared, `unit` its unit ("$" stands in front)
    state       of the search as the page was drawn: the page is rerun once for every other state
    trials      of the budget; None without a limit
    larger      whether more of the score is better
    share       whether it is a share, to be read as a percentage
    height      pixels of the upper charts
    opened      takes the number of the trial that a person opens as the experiment; without it none can be opened, and
                there is no table of trials
    """
    data = {
        "search": search,
        "url": at_base(SEARCH.format(search=quote(search, safe=""))),
        "run": at_base("result?run="),
        "dimensions": list(dimensions),
        "title": title,
        "state": state,
        "trials": trials,
        "larger": larger,
        "share": share,
        "unit": unit,
        "height": height,
        "table": opened is not None,
        "lib": at_base(PLOTLY),
    }
    _component(key=key, data=data, **({"opened": opened} if opened else {}))
