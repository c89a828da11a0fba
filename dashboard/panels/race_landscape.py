"""The training paths of a race's runs on one loss landscape, around the weights of its best run."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.runs.race import Lane, Race, larger_wins
from dashboard.components.figure import figure
from dashboard.components.race import COLOURS
from dashboard.figures.loss_landscape import RacedPath, race_contours
from dashboard.panels.common import escape
from dashboard.panels.loss_landscape import Land, choose_directions, landscape_or_wait, log_switch, percent
from dashboard.services import races
from dashboard.text import count


@st.fragment
def race_landscape_panel(race: Race, lanes: Sequence[Lane], measure: str) -> None:
    """A switch, and below it the landscape around the run that is best by a metric; computed the first time it is
    seen.
    """
    best = best_lane(lanes, larger_wins(race.base, measure))
    if best is None:
        return
    if not st.toggle("Training paths on the loss landscape", key=f"race-land-{race.id}"):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="tight-race-land"):
        kind = choose_directions("race-land-kind")
        switch = st.container()
    key = f"race-land-log-{race.id}-{best.run}-{kind}"
    land = landscape_or_wait(lambda again: races().landscape(race, best.run, kind, again), "race-land", switch)
    if land is None:
        return
    log = log_switch(land, switch, key)
    runs = [
        RacedPath(run, race.setting.words(value), COLOURS[race.values.index(value)], f"seed {seed}")
        for value, seed, run in race.runs
    ]
    figure(
        race_contours(land, runs, best.run, kind, log),
        key="race-land",
        says=f"The loss around the weights of {race.setting.words(best.value)}, and the paths of "
        f"{count(len(land['paths']), 'run')}",
        run=race.base.name,
    )
    st.caption(escape(" ".join(race_sentences(land, race, best, kind))))


def best_lane(lanes: Sequence[Lane], larger: bool) -> Lane | None:
    """The run with the best score; None where no run that kept a model has one."""
    scored = [(lane.best, lane) for lane in lanes if lane.best is not None and lane.state in ("finished", "stopped")]
    pick = max if larger else min
    return pick(scored, key=lambda pair: pair[0])[1] if scored else None


def race_sentences(land: Land, race: Race, best: Lane, kind: str) -> list[str]:
    """What is seen, with its numbers; the variants that are left out."""
    rows, runs = count(land["rows"], "training row"), count(len(land["paths"]), "run")
    said = [
        f"The landscape is that of {race.setting.words(best.value)}, seed {best.seed}, around its weights of epoch "
        f"{land['centre']['epoch']:,}: each point is its network with other weights, and the shade the loss on {rows}.",
        f"The lines are the saved epochs of {runs}, projected on the same two directions.",
    ]
    if kind == "path":
        along, across = land["explained"]
        said.append(
            f"The axes are the first two principal components of all their weights: they explain "
            f"{percent(along + across)} of the variance, {percent(along)} the first and {percent(across)} the second."
        )
    else:
        said.append(f"This plane contains {percent(land['inside'])} of the paths' squared distance from its centre.")
    if land["left_out"]:
        said.append(f"Not drawn, because of other shapes or no saved weights: {_named(land['left_out'], race)}.")
    return said


def _named(left_out: Sequence[Any], race: Race) -> str:
    """The runs in words, each variant once: "units 16; units 64, seed 1"."""
    words = []
    for value in race.values:
        runs = {run: seed for one, seed, run in race.runs if one == value}
        gone = [f"seed {seed}" for run, seed in runs.items() if run in left_out]
        if gone:
            words.append(", ".join([race.setting.words(value), *(gone if len(gone) < len(runs) else ())]))
    return "; ".join(words)
