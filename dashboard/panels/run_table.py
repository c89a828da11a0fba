"""The table of runs: which are shown, and what of them. Pure functions; the Runs page draws them."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from core.experiment.metric_titles import is_share, title_in_record
from core.experiment.spec import read
from core.runs.run_record import Record
from core.runs.run_state import LiveRun
from core.tables.name_units import unit_in_name
from dashboard.panels.run_families import TableRow, row_state
from dashboard.text import STATE_WORDS

OPEN = "open"  # The column of the arrows.
_OPENS, _CLOSES = ":material/chevron_right:", ":material/expand_more:"
_CHILD = "\u2514 "
EVERY, STARRED, HIDDEN = "All", "Starred", "Hidden"


def chosen_runs(
    records: Sequence[Record],
    words: str,
    group: str,
    table_name: Callable[[str], str],
    more_words: Callable[[str], str] = lambda _run: "",
) -> list[Record]:
    """The runs of a group that have some words in their name, table, target, network, state, note, tags or what
    `more_words` says of them: one after the other ("trial 1", not "trial 12") where there are such runs, else each of
    them anywhere. Hidden runs are in their own group alone.
    """
    wanted = words.casefold().split()
    phrase = re.compile(rf"(?<!\d){re.escape(' '.join(wanted))}(?!\d)")

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
            more_words(record.id),
        )
        return "\n".join(parts).casefold()  # No words of two parts are a phrase.

    in_group = [
        record for record in records if record.hidden == (group == HIDDEN) and (group != STARRED or record.starred)
    ]
    if not wanted:
        return in_group
    texts = {record.id: text(record) for record in in_group}
    named = [record for record in in_group if len(wanted) > 1 and phrase.search(texts[record.id])]
    return named or [record for record in in_group if all(word in texts[record.id] for word in wanted)]


def queued_record(run: LiveRun) -> Record:
    """A run that has not begun, which the record of runs does not know yet."""
    experiment = read(run.experiment)
    of_table, target = experiment.data.table, ", ".join(experiment.data.targets)
    return Record(run.id, experiment.name, run.state, "", time.time(), of_table, "", 0, {}, target=target)


def run_rows(
    rows: Sequence[TableRow],
    active: dict[str, LiveRun],
    table_name: Callable[[str], str],
    tested: bool,
    units: Callable[[str], Mapping[str, str]] = lambda _table: {},
) -> pd.DataFrame:
    """A row for each run and each parent run. What a person would choose by comes first, so that a phone shows it
    beside the name: the validation scores at the best epoch; losses, whose units differ, only of runs that have
    nothing else, and last; test scores where `tested`. Those of several targets, two columns a run, stand behind what
    a run is, where other runs have one target.

    Args:
        active: Runs that are not over.
        table_name: Table -> its name; `units`: table -> column -> unit. A column has the targets' units, where a run of
            the table has one.
    """
    live = {run: one.state for run, one in active.items()}
    title_of, share = cache(title_in_record), cache(is_share)  # The same few names in each row.
    frame = pd.DataFrame(
        [
            {
                **_cells(row, row_state(row, live), active.get(row.record.id), table_name, units(row.record.table)),
                **_scores(row.record, tested, title_of, share),
            }
            for row in rows
        ]
    )
    if not frame["Unit"].any():
        frame = frame.drop(columns="Unit")
    if all(row.parent is None for row in rows):
        frame = frame.drop(columns=[OPEN, "Kind"])
    elif not any(row.children for row in rows):
        frame = frame.drop(columns=OPEN)
    first = [name for name in (OPEN, "", "Name") if name in frame]
    scores = [name for name in frame if name.endswith((" (validation)", " (test)"))]
    about = [name for name in ("Unit", "Kind", "State", "Started", "Table", "Target") if name in frame]
    alone = [name for name in scores if ": " not in name] or scores
    last = [name for name in frame if name not in (*first, *scores, *about)]
    several = [name for name in scores if name not in alone]
    order = (*first, *sorted(alone, key=_order_of_score), *about, *sorted(several, key=_order_of_score), *last)
    return frame[list(order)]


def _order_of_score(column: str) -> tuple[bool, bool]:
    return not column.endswith("(validation)"), column.startswith("Loss (")


def _scores(
    record: Record, tested: bool, title_of: Callable[[str, str], str], share: Callable[[str], bool]
) -> dict[str, float]:
    """The scores that are shown of a run, by the titles of their columns."""
    parts = [(record.validation, "validation"), *([(record.test, "test")] if tested else [])]
    return {
        f"{title_of(name, record.target)} ({part})": round(value, 3) if share(name) else float(f"{value:.4g}")
        for values, part in parts
        for name, value in values.items()
        if not name.endswith("loss") or (name == "loss" and all(one.endswith("loss") for one in values))
    }


def _cells(
    row: TableRow, state: str, live: LiveRun | None, table_name: Callable[[str], str], units: Mapping[str, str]
) -> dict[str, Any]:
    """What a row shows beside scores."""
    record, parent = row.record, bool(row.children)
    return {
        OPEN: (_CLOSES if row.opened else _OPENS) if parent else None,
        "": "★" if record.starred else "",
        "Name": f"{_CHILD}{record.name}" if row.parent and not parent else record.name,
        "Kind": row.kind,
        "State": state,
        "Started": pd.Timestamp(record.started, unit="s", tz="UTC"),
        "Table": table_name(record.table),
        "Target": record.target,
        "Unit": _unit(record.target, units),
        "Network": record.network,
        "Epochs": live.epoch if live else record.epochs or (None if parent else 0),
        "Best epoch": record.best_epoch,
        "Seconds": None if record.seconds is None else round(record.seconds, 1),
        "Training rows": record.rows,
        "Tags": ", ".join(record.tags),
    }


def _unit(target: str, units: Mapping[str, str]) -> str:
    """The unit of a target, or those of several targets that stand in one text: "days, €"."""
    targets = [target] if target in units else target.split(", ")
    return ", ".join(dict.fromkeys(filter(None, (units.get(one) or unit_in_name(one) for one in targets))))
