"""The network on the Build page: as it would be, as it learns, and the rows that a person pinned to it."""

from typing import Any

import pandas as pd
import streamlit as st

from core.catalog.layers import LAYERS
from core.experiment.shapes import outline
from core.experiment.spec import Experiment
from core.experiment.task import Situation
from core.runs.live_view_files import MOST_PINS
from core.runs.run_state import LiveRun
from dashboard.components.network import network
from dashboard.panels.common import units_of
from dashboard.services import engine
from dashboard.session import pins, state
from dashboard.text import MISSING, amount

_IN_LABEL = 3  # Cells of a pinned row that its label names.


def board(
    situation: Situation,
    run: LiveRun | None,
    ran: Experiment | None,
    height: int = 264,
    audience: bool = False,
    played: bool = False,
) -> None:
    """Draws the network of the experiment on screen; alive when the run is one of that network.

    An `audience` sees the rows and the plane that the run shows already: it asks for none of its own. `played`: the
    component `playback` hands over what is drawn.
    """
    experiment = state.experiment()
    if not situation.tasks or situation.inputs is None:
        return
    same = ran is not None and (ran.data, ran.layers) == (experiment.data, experiment.layers)
    alive = same and run is not None and may_be_drawn(run)
    rows, plane = pins.pins(), pins.shown_plane()
    if alive and run and audience:
        wanted = engine().wanted(run.id)
        rows, plane = wanted["pins"], wanted["plane"]
        if not played:
            pins.want(run.id, wanted)  # A run that is over and was never drawn is drawn now.
    elif alive and run:
        pins.want(run.id)
    network(
        sketch(experiment, situation),
        key="network",
        run=run.id if alive and run else "",
        turn=run.turns if run else 1,
        pins=labels(rows, situation),
        plane=plane,
        unit=units_of(experiment).get(experiment.data.targets[0], ""),
        height=height,
        name=experiment.name,
        played=played,
        on_asked=(lambda _asked: None) if audience else _asked,
    )


def may_be_drawn(run: LiveRun) -> bool:
    """Whether there are weights of the run to draw, or will be: one that failed before its first epoch has none."""
    return bool(run.rows) or run.state != "failed" or run.ended == "diverged"


def sketch(experiment: Experiment, situation: Situation) -> dict[str, Any]:
    """The network before it has weights: what the drawing needs of it."""
    assert situation.inputs is not None
    outlines = outline(experiment, situation.inputs, situation.tasks, situation.words)
    # Vectors are drawn, not words.
    vectors = next((one.width for one in outlines if LAYERS[one.layer].embeds), None)
    inputs, named = (situation.inputs, situation.names) if vectors is None else (vectors, situation.embedded)
    columns: list[dict[str, Any]] = []
    for one in outlines:
        if one.layer == "Dense":
            columns.append({"title": LAYERS[one.layer].title, "units": one.width, "labels": [], "after": []})
        elif columns:
            columns[-1]["after"].append(LAYERS[one.layer].title)
    if columns:
        columns[-1]["labels"] = _output_names(situation, columns[-1]["units"])
    numbers = [name for name, kind in experiment.data.features.items() if kind == "number" and _varies(situation, name)]
    return {"inputs": {"names": list(named), "more": inputs - len(named)}, "columns": columns, "planes": numbers}


def _varies(situation: Situation, name: str) -> bool:
    column = situation.profile.column(name)
    return column is not None and column.low != column.high


def _output_names(situation: Situation, units: int) -> list[str]:
    """What the first of the last column's units stand for, as a run will name them."""
    return list(situation.outputs) if units == sum(task.units for task in situation.tasks) else []


def usual(situation: Situation) -> dict[str, str]:
    """A row of the table as it usually is: feature -> cell."""
    cells = {}
    for name in state.experiment().data.features:
        column = situation.profile.column(name)
        if column is None:
            continue
        common = column.top[0][0] if column.top else ""
        if column.median is not None and column.kind == "number":
            common = amount(column.median, column.low, column.high).replace(",", "")
        cells[name] = common
    return cells


def labels(rows: list[dict[str, str]], situation: Situation) -> list[str]:
    """Pinned rows in a few words each: the cells that are not as usual, or else the first ones."""
    common, kinds = usual(situation) if rows else {}, state.experiment().data.features
    found = []
    for row in rows:
        telling = [name for name, cell in row.items() if str(cell) != common.get(name, "")] or list(row)
        said = [
            f"{row[name]} {name}" if kinds.get(name) == "number" else str(row[name]) for name in telling[:_IN_LABEL]
        ]
        found.append(", ".join(said) + (" ..." if len(telling) > _IN_LABEL else ""))
    return found


def pin_popover(situation: Situation) -> None:
    """Asks for a row whose prediction is watched while the network learns."""
    full = len(pins.pins()) >= MOST_PINS
    help = "Its prediction is shown below the network and changes with every epoch."
    box = st.popover(
        "Pin a row",
        icon=":material/push_pin:",
        help=help,
        disabled=full or not situation.tasks,
        on_change="rerun",
        key="pin",
    )
    if not box.open:
        return
    with box:
        st.markdown("Enter a row of your own, for instance a house of 1,500 sq ft:")
        common = usual(situation)
        frame = pd.DataFrame({"value": list(common.values())}, index=pd.Index(list(common), name="feature"))
        edited = st.data_editor(
            frame,
            placeholder=MISSING,
            key=f"pin-cells-{len(pins.pins())}",
            height=min(400, 38 + 35 * len(frame)),
            width=360,
        )
        row = {name: "" if pd.isna(cell) else str(cell) for name, cell in edited["value"].items()}
        st.button("Pin it", key="pin-it", type="primary", on_click=pins.pin, args=(row,))


def _asked(asked: Any) -> None:
    if not isinstance(asked, dict):
        return
    if asked.get("do") == "unpin":
        pins.unpin(asked.get("at"))
    elif asked.get("do") == "plane":
        pins.set_plane(asked.get("features"))


def run_on_screen() -> LiveRun | None:
    """The run whose curves are on screen, in memory or from the record. Raises LookupError, RuntimeError."""
    run_id = state.run_id()
    return None if run_id is None else engine().find(run_id)
