"""The table of runs: which are shown, and what of them. Pure functions; the Runs page draws them."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from core.experiment.metric_titles import is_share, usual_title
from core.experiment.spec import read
from core.runs.run_record import Record
from core.runs.run_state import LiveRun
from dashboard.text import STATE_WORDS

EVERY, STARRED, HIDDEN = "All", "Starred", "Hidden"


def chosen_runs(records: Sequence[Record], words: str, group: str, table_name: Callable[[str], str]) -> list[Record]:
    """The runs of a group that have each of some words in their name, table, target, network, state, note or tags;
    hidden runs are in their own group alone.
    """
    wanted = words.casefold().split()

    def text(record: Record) -> str:
        parts = (
            record.name,
            table_name(record.table),
            record.target,
            record.network,
            STATE_WORDS.get(record.state, ""),
            record.note,
            *record.tags,
            record.id,
        )
        return " ".join(parts).casefold()

    in_group = [
        record for record in records if record.hidden == (group == HIDDEN) and (group != STARRED or record.starred)
    ]
    return [record for record in in_group if not wanted or all(word in text(record) for word in wanted)]


def queued_record(run: LiveRun) -> Record:
    """A run that has not begun, which the record of runs does not know yet."""
    experiment = read(run.experiment)
    of_table, target = experiment.data.table, ", ".join(experiment.data.targets)
    return Record(run.id, experiment.name, run.state, "", time.time(), of_table, "", 0, {}, target=target)


def run_rows(
    records: Sequence[Record],
    active: dict[str, LiveRun],
    table_name: Callable[[str], str],
    tested: bool,
    units: Callable[[str], Mapping[str, str]] = lambda _table: {},
) -> pd.DataFrame:
    """A row for each run. What a person would choose by comes first: the validation scores at the best epoch, without
    the losses, whose units differ; test scores where `tested`.

    Args:
        active: Runs that are not over.
        table_name: Table -> its name; `units`: table -> column -> unit. A column has the targets' units, where a run of
            the table has one.
    """
    rows = [_row(record, active.get(record.id), table_name, tested, units(record.table)) for record in records]
    frame = pd.DataFrame(rows)
    if not frame["Unit"].any():
        frame = frame.drop(columns="Unit")
    first = [name for name in ("", "Name", "State", "Started", "Table", "Target", "Unit") if name in frame]
    scores = [name for name in frame if name.endswith((" (validation)", " (test)"))]
    last = [name for name in frame if name not in (*first, *scores)]
    return frame[[*first, *sorted(scores, key=lambda name: not name.endswith("(validation)")), *last]]


def _row(
    record: Record, live: LiveRun | None, table_name: Callable[[str], str], tested: bool, units: Mapping[str, str]
) -> dict[str, Any]:
    parts = [(record.validation, "validation"), *([(record.test, "test")] if tested else [])]
    scores = {
        f"{usual_title(name)} ({part})": round(value, 3) if is_share(name) else float(f"{value:.4g}")
        for values, part in parts
        for name, value in values.items()
        if not name.endswith("loss") or (name == "loss" and all(one.endswith("loss") for one in values))
    }
    return {
        "": "★" if record.starred else "",
        "Name": record.name,
        "State": STATE_WORDS[live.state if live else record.state],
        "Started": pd.Timestamp(record.started, unit="s", tz="UTC"),
        "Table": table_name(record.table),
        "Target": record.target,
        "Unit": _unit(record.target, units),
        **scores,
        "Network": record.network,
        "Epochs": live.epoch if live else record.epochs,
        "Best epoch": record.best_epoch,
        "Seconds": None if record.seconds is None else round(record.seconds, 1),
        "Training rows": record.rows,
        "Tags": ", ".join(record.tags),
    }


def _unit(target: str, units: Mapping[str, str]) -> str:
    """The unit of a target, or those of several targets that stand in one text: "days, €"."""
    targets = [target] if target in units else target.split(", ")
    return ", ".join(dict.fromkeys(units[one] for one in targets if one in units))
