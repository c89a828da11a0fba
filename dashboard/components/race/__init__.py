"""The runs of a race beside each other, drawn in the browser while they train: Python hands over their
addresses once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from core.experiment.file_names import picture_name
from dashboard.base_path import at_base
from dashboard.components.declared import declared
from dashboard.components.live import EPOCHS, PLOTLY

# Of the variants, in their order; seen on light and dark.
COLOURS = (
    "#4c6ef5",
    "#f08c00",
    "#12a37a",
    "#e64980",
    "#9c6ade",
    "#8a94a3",
)

_component = declared("race", Path(__file__).parent, "race.js", "plots.js", style="race.css", triggers=("ended",))


def race_curves(
    race: str,
    lanes: Mapping[str, Sequence[str]],
    measure: str,
    title: str,
    *,
    key: str,
    name: str = "Layerdeck",
    larger: bool = False,
    share: bool = False,
    unit: str = "",
    height: int = 210,
    over: bool = True,
) -> None:
    """Show the validation curve of each variant, its mean over seeds as a line and their range as a band, and the best
    of each run.

    race      id of the race; another one starts over
    lanes     name of a variant -> the ids of its runs, a seed each
    measure   Keras's metric key without `val_`; `title` is what it is called, `unit` its unit ("$" stands in front)
    name      of the raced experiment, with which the names of saved pictures begin
    larger    whether more of it is better
    share     whether it is a share, to be read as a percentage
    height    pixels of a chart
    over      whether the page was drawn as of a race that is over: the end of any other one draws it anew

    The page is rerun once when the last run ends of a race that was seen running, or drawn as such.
    """
    data = {
        "race": race,
        "lanes": [
            {
                "name": name,
                "colour": COLOURS[at],
                "runs": [{"run": run, "url": at_base(EPOCHS.format(run=quote(run, safe="")))} for run in runs],
            }
            for at, (name, runs) in enumerate(lanes.items())
        ],
        "measure": measure,
        "title": title,
        "file": picture_name(name, title),
        "larger": larger,
        "share": share,
        "unit": unit,
        "height": height,
        "over": over,
        "lib": at_base(PLOTLY),
    }
    _component(key=key, data=data)
