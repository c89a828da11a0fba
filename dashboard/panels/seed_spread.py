"""What the networks of other seeds predict for the row of the form; a part of the Predict page."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.panels.common import units_of
from dashboard.services import engine, repeated_runs
from dashboard.text import count, escape, number


def choose_seeds(run_id: str) -> list[str]:
    """Draws the switch that predicts by the mean of a run's other seeds, where there are some; the chosen runs."""
    runs, _ = _seeds_of(run_id)
    if len(runs) < 2:
        return []
    label = f"Predict with the mean of {count(len(runs), 'seed')}"
    on = st.toggle(label, key=f"seed-mean-{run_id}", help="The seeds that were trained under Seeds and folds.")
    return runs if on else []


def seed_spread(run_id: str, row: pd.DataFrame, card: dict[str, Any], below: Mapping[str, Any]) -> None:
    """Draws the mean and range over the seeds below each prediction of a row; nothing of a run without other seeds.
    `below` are the places, target -> container.
    """
    runs, base = _seeds_of(run_id)
    if len(runs) < 2:
        return
    try:
        with st.spinner("Asking the other seeds", show_time=False):
            predicted = [one.iloc[0] for one in engine().seed_predictions(runs, row)]
    except (LookupError, RuntimeError, TimeoutError) as error:
        st.caption(escape(str(error)))
        return
    units = units_of(base)
    for target in card["targets"]:
        named = f" {target['target']}" if len(card["targets"]) > 1 else ""
        below[target["target"]].caption(
            escape(seed_sentence(predicted, target, units.get(target["target"], ""), named))
        )


def _seeds_of(run_id: str) -> tuple[list[str], Any]:
    """The runs of the newest group of seeds that have ended with a model, and the experiment they repeat."""
    for group in repeated_runs().of(run_id):
        if group.folds is None:
            runs = [one.run for one in group.runs if _ended(one.run)]
            if len(runs) > 1:
                return runs, group.base
    return [], None


def _ended(run: str) -> bool:
    try:
        return engine().find(run).state in ("finished", "stopped")
    except (LookupError, RuntimeError):
        return False


def seed_sentence(predicted: Sequence[pd.Series], target: dict[str, Any], unit: str, named: str) -> str:
    """What each seed predicts for one row, in words; `named` tells the columns of several targets apart."""
    seeds, name = count(len(predicted), "seed"), target["target"]
    said = [one[f"predicted {name}"] for one in predicted]
    if not target["classes"]:
        low, high = target.get("low"), target.get("high")
        least, mean, most = (
            number(float(value), unit, low, high) for value in (min(said), fmean(map(float, said)), max(said))
        )
        return f"{seeds} predict {least} to {most}, {mean} on average."
    usual = max(target["classes"], key=lambda label: sum(str(one) == str(label) for one in said))
    agree = sum(str(one) == str(usual) for one in said)
    shares = [float(one[f"probability{named} {usual}"]) for one in predicted if f"probability{named} {usual}" in one]
    sure = (
        f", with a probability of {min(shares):.0%} to {max(shares):.0%}, {fmean(shares):.0%} on average"
        if shares
        else ""
    )
    return f"{agree} of {seeds} predict {usual}{sure}."
