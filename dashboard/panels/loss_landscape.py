"""The loss landscape: the loss around the trained weights of a run, and the training path through it."""

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.experiment.spec import read
from core.runs.journal import Journal
from core.runs.loss_landscape import FEWEST
from core.workspace import workspace
from dashboard.components.figure import figure
from dashboard.figures.loss_landscape import contours, has_log, spread, surface
from dashboard.panels.common import escape
from dashboard.services import engine
from dashboard.text import count, number

Land = dict[str, Any]
_KINDS = {"path": "Along the training path (PCA)", "random": "Random directions"}
_DRAWN = {"contours": "Contours", "surface": "Surface"}
_STEEP = 8.0  # Times the lowest loss, from which on only logarithms show the valley.
_LOOK = 0.4  # Seconds between two looks at how far it is.


@st.fragment
def loss_landscape_panel(run_id: str | None) -> None:
    """Draws the loss around a run's weights; has it computed the first time it is seen."""
    try:
        why = _why_not(run_id)
    except (LookupError, RuntimeError) as error:
        why = str(error)
    if why or run_id is None:
        st.info(escape(why))
        return
    with st.container(horizontal=True, vertical_alignment="center", key="tight-landscape"):
        kind = choose_directions("landscape-kind")
        drawn = _choice("Drawing", _DRAWN, "landscape-drawn")
        switch = st.container()
    land = landscape_or_wait(lambda again: engine().loss_landscape(run_id, kind, again), "landscape", switch)
    if land is None:
        return
    log = log_switch(land, switch, f"landscape-log-{run_id}-{kind}")
    picture = surface(land, log) if drawn == "surface" else contours(land, kind, log)
    figure(
        picture,
        key=f"landscape-{drawn}",
        says=f"The loss around the weights of epoch {land['centre']['epoch']}, {_DRAWN[drawn].lower()}",
        run=read(engine().find(run_id).experiment).name,
    )
    st.caption(escape(" ".join(sentences(land, kind))))


def choose_directions(key: str) -> str:
    """One of `core.inspect.weight_plane.KINDS`, by a person."""
    return _choice("Directions", _KINDS, key)


def log_switch(land: Land, place: DeltaGenerator, key: str) -> bool:
    """Whether the losses are drawn as logarithms: a switch, first on where only these show the valley."""
    log = place.toggle("Log scale", spread(land) > _STEEP, key=key, disabled=not has_log(land))
    return log and has_log(land)


def _choice(label: str, options: dict[str, str], key: str) -> str:
    first = next(iter(options))
    found = st.segmented_control(
        label,
        list(options),
        default=first,
        required=True,
        format_func=lambda name: options[name],
        key=key,
        label_visibility="collapsed",
    )
    return found or first


def _why_not(run_id: str | None) -> str:
    """Why a run has no landscape, in a sentence; "" when it has. Raises LookupError, RuntimeError."""
    if run_id is None:
        return (
            "Press Train. After the training, the loss around the trained weights is drawn here, with the path of the "
            "training."
        )
    run = engine().find(run_id)
    if not run.over:
        return "The loss landscape is drawn around the trained weights. It appears here when this training has ended."
    if run.state not in ("finished", "stopped"):
        return "This run ended without a model, so it has no weights to draw the loss landscape around."
    kept = len(Journal(workspace(), run_id).kept_epochs())
    if kept < FEWEST:
        return (
            f"The training path needs the weights of at least {FEWEST} epochs; this run saved those of {kept}. Train "
            "for more epochs."
        )
    return ""


def landscape_or_wait(ask: Callable[[bool], Land], key: str, place: DeltaGenerator) -> Land | None:
    """A landscape that is ready. Else None, and the page shows how far it is, looked at again and again, or why it
    failed, with a button.

    Args:
        ask: What the engine says of it; with True it has computed what failed. Raises LookupError, RuntimeError.
        key: Prefix of the widgets' keys.
        place: Where the switch of the scale will be.
    """
    land = _asked(ask)
    if land["state"] == "ready":
        return land
    place.toggle("Log scale", key=f"{key}-log", disabled=True)
    if land["state"] == "failed":
        st.warning(escape(land["says"]))
        st.button("Try again", key=f"{key}-again", icon=":material/refresh:", on_click=_retry, args=(ask,))
    else:
        st.fragment(_look_again, run_every=_LOOK)(ask)
    return None


def _retry(ask: Callable[[bool], Land]) -> None:
    _asked(ask, again=True)


def _asked(ask: Callable[[bool], Land], again: bool = False) -> Land:
    """What the engine says of it; what it cannot be asked is waited for, with its sentence."""
    try:
        return ask(again)
    except RuntimeError as error:
        return {"state": "computing", "done": 0.0, "says": str(error)}
    except LookupError as error:
        return {"state": "failed", "done": 0.0, "says": str(error)}


def _look_again(ask: Callable[[bool], Land]) -> None:
    land = _asked(ask)
    if land["state"] == "computing":
        st.progress(land["done"], escape(f"{land['says']}: {land['done']:.0%}" if land["done"] else land["says"]))
    else:
        st.rerun()


def sentences(land: Land, kind: str) -> tuple[str, str]:
    """What is seen, in two sentences with its numbers."""
    path, rows = land["path"], count(land["rows"], "training row")
    first, last = ((path["epoch"][at], number(path["loss"][at])) for at in (0, -1))
    if kind == "path":
        along, across = land["explained"]
        return (
            f"Each point is this network with other weights; its height is the loss on {rows}. In this plane, the loss "
            f"went from {first[1]} at epoch {first[0]:,} to {last[1]} at epoch {last[0]:,}.",
            f"The axes are the first two principal components of the path of the {count(land['weights'], 'weight')}: "
            f"they explain {percent(along + across)} of its variance, {percent(along)} the first and "
            f"{percent(across)} the second.",
        )
    edges = (land["loss"][0], land["loss"][-1], *((row[0], row[-1]) for row in land["loss"]))
    edge = [loss for losses in edges for loss in losses if loss is not None]
    return (
        f"The trained network is at (0, 0), with a loss of {number(land['centre']['loss'])} on {rows}. At the edge, a "
        "random vector as long as each unit's weights is added to them, and the loss is "
        f"{number(min(edge, default=None))} to {number(max(edge, default=None))}.",
        f"This plane contains only {percent(land['inside'])} of the path of the {count(land['weights'], 'weight')}, so "
        "the line is its projection. These directions show how wide and smooth the minimum is.",
    )


def percent(part: float) -> str:
    """0.873 -> "87%", 0.034 -> "3.4%"."""
    return f"{part:.0%}" if part >= 0.1 else f"{part:.1%}" if part >= 0.001 else "less than 0.1%"
