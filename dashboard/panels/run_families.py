"""The rows of the table of runs: a run each, and one for all that were trained for one search, race, cross-validation
or with several seeds, which opens to them. Pure functions; the Runs page draws them.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from core.runs.journal import ENDED
from core.runs.parent_runs import SEARCH, ParentRun
from core.runs.run_record import Record
from dashboard.text import STATE_WORDS


@dataclass(frozen=True)
class TableRow:
    """A row of the table.

    Attributes:
        record: Of the run; of a parent run what its row shows: the scores of its best run, or the mean of all.
        parent: The parent run of the run, or the one that is the row; None of a run on its own.
        children: Of a parent run its child runs that are listed, in their order; () of a run.
        opened: Whether the rows of the child runs follow.
        best: Of a parent run whose row shows one of its runs: which one that is, "trial 7".
    """

    record: Record
    parent: ParentRun | None = None
    children: tuple[Record, ...] = ()
    opened: bool = False
    best: str = ""

    @property
    def runs(self) -> tuple[Record, ...]:
        """What is done with the row is done with these."""
        return self.children or (self.record,)

    @property
    def kind(self) -> str:
        """What the row is, in a few words."""
        if self.parent is None:
            return "Run"
        if not self.children:
            return self.parent.children[self.record.id]
        listed, whole, what = len(self.children), len(self.parent.children), self.parent.what
        if listed < whole:
            return f"{self.parent.title}, {listed:,} of {whole:,} runs{self._shown()}"
        return f"{what.partition(', ')[0]}{self._shown()}" if self.best else what

    def _shown(self) -> str:
        return f", best: {self.best}" if self.best else ""


def family_of(parents: Sequence[ParentRun]) -> dict[str, ParentRun]:
    """Run -> its parent run."""
    return {run: parent for parent in parents for run in parent.children}


def family_words(families: Mapping[str, ParentRun], run: str) -> str:
    """By which words a run is found for the sake of its parent run, without the counts of the whole: those would be
    words of each of its runs.
    """
    parent = families.get(run)
    return f"{parent.title}\n{parent.children[run]}" if parent else ""


def with_families(
    listed: Sequence[Record],
    every: Sequence[Record],
    families: Mapping[str, ParentRun],
    toggled: Collection[str] = (),
    narrowed: bool = False,
) -> list[TableRow]:
    """A row for each run on its own, and one for each parent run with two listed child runs or more, at the place of
    the first that was begun.

    Args:
        listed: The runs that the filters leave, newest first; `every`: all there are.
        toggled: Parent runs that a person opened, or closed.
        narrowed: Whether the filters ask for single runs: a parent of which they leave a part opens by itself.
    """
    known = {record.id: record for record in every}
    members: dict[str, list[Record]] = defaultdict(list)
    for record in listed:
        if record.id in families:
            members[families[record.id].id].append(record)
    rows: list[TableRow] = []
    for record in listed:
        parent = families.get(record.id)
        if parent is None or len(members[parent.id]) == 1:
            rows.append(TableRow(record, parent))
        elif record is members[parent.id][-1]:
            part = narrowed and len(members[parent.id]) < sum(run in known for run in parent.children)
            there = {one.id: one for one in members[parent.id]}
            children = tuple(there[run] for run in parent.children if run in there)
            opened = part != (parent.id in toggled)
            best = _best(parent, children, known)
            words = _within(parent.children[best.id]) if best else ""
            rows.append(TableRow(_together(parent, children, best), parent, children, opened, words))
            rows += [TableRow(child, parent) for child in children if opened]
    return rows


def _within(words: str) -> str:
    """Words for a run within a line: "Trial 7" -> "trial 7", "SGD, seed 1" as it is."""
    return words[0].lower() + words[1:] if words.startswith("Trial ") else words


def _together(parent: ParentRun, children: Sequence[Record], best: Record | None) -> Record:
    """What the row of a parent run shows."""
    shown = best or replace(
        children[0],
        validation={} if parent.measure else _means([one.validation for one in children]),
        test={} if parent.measure else _means([one.test for one in children]),
        network=children[0].network if len({one.network for one in children}) == 1 else "",
        epochs=0,
        best_epoch=None,
    )
    seconds = [one.seconds for one in children if one.seconds is not None]
    return replace(
        shown,
        id=parent.id,
        name=parent.name,
        started=min(one.started for one in children),
        seconds=sum(seconds) if seconds else None,
        tags=(),
        starred=all(one.starred for one in children),
    )


def _best(parent: ParentRun, children: Sequence[Record], known: Mapping[str, Record]) -> Record | None:
    """The best child run: the one that a search names, or that has the best score; None where none is chosen.

    A search names a trial by the mean of its retrainings: that one of its runs has a better score is a seed's luck.
    """
    if parent.kind == SEARCH:
        return known.get(parent.best)
    scored = [one for one in children if math.isfinite(one.validation.get(parent.measure, math.nan))]
    return max(scored, key=lambda one: one.validation[parent.measure] * (1 if parent.larger else -1), default=None)


def _means(scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each score, of the runs that have it."""
    names = dict.fromkeys(name for of_run in scores for name in of_run)
    return {name: fmean(of_run[name] for of_run in scores if name in of_run) for name in names}


def row_state(row: TableRow, live: Mapping[str, str]) -> str:
    """The state of a row in words.

    Args:
        live: Run -> its state, of those that are not over.
    """
    states = [live.get(one.id, one.state) for one in row.runs]
    parent = row.parent
    if not row.children:
        return "Pruned" if parent and row.record.id in parent.pruned else STATE_WORDS[states[0]]
    assert parent is not None  # Only a parent has child runs.
    if parent.kind == SEARCH:
        done, of = parent.trials
        trials = f"{done:,} of {of:,} trials" if of else f"{done:,} trials"
        words = {"running": f"Training, {trials}", "confirming": "Retraining the best"}
        return words.get(parent.state) or STATE_WORDS[parent.state]
    over = sum(state in ENDED for state in states)
    if over == len(states):
        counts = sorted(Counter(states).items(), key=lambda one: ENDED.index(one[0]))
        return ", ".join(
            STATE_WORDS[state] if len(counts) == 1 else f"{number} {STATE_WORDS[state].lower()}"
            for state, number in counts
        )
    return "Queued" if set(states) == {"queued"} else f"Training, {over} of {len(states)} runs"
