"""A run in the record of runs: what it was, what came of it, and what a person says of it."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from core.catalog.schedules import rate_at
from core.experiment.spec import Experiment
from core.runs.journal import ENDED

Number = TypeVar("Number", int, float)
TAG = "layerdeck.run"
DELETED = "layerdeck.deleted"  # When a run was deleted, seconds since 1970, while it can be put back.
_TEST, _VALIDATION = "test_", "best_validation_"
_ORIGIN = "layerdeck.origin"
_NOTE, _TAGS, _STARRED, _HIDDEN = "mlflow.note.content", "layerdeck.tags", "layerdeck.starred", "layerdeck.hidden"
MOST_NOTE, MOST_TAGS = 4000, 20


@dataclass(frozen=True)
class Record:
    """A run as it was kept.

    Attributes:
        id: Layerdeck's own id.
        name: The experiment's name, or the one that a person gave the run.
        state: "running" or an end state.
        says: A sentence for the person, or "".
        started: Seconds since 1970.
        table: The experiment's reference to its table.
        target: The targets' names.
        network: Layers and optimizer in a few words.
        epochs: Completed epochs.
        best_epoch: By the validation score; None without validation rows, or where an earlier version did not keep it.
        seconds: Of training; None where an earlier version did not keep it.
        rows: Training rows; None likewise.
        test: Name -> score on the test rows.
        validation: Name -> score on the validation rows at the best epoch; {} where there are none.
        version: The version of Layerdeck that began it; "" where an earlier one did not keep it.
        note: What a person wrote of it, Markdown.
        tags: Words that a person gave it.
        origin: The run and its epoch whose weights it started from; None of a run that started afresh.
        origin_known: Whether the record says so; an earlier version did not keep it.
        starred, hidden: Whether a person wants to find it again, or not to see it.
    """

    id: str
    name: str
    state: str
    says: str
    started: float
    table: str
    network: str
    epochs: int
    test: dict[str, float]
    version: str = ""
    target: str = ""
    best_epoch: int | None = None
    seconds: float | None = None
    rows: int | None = None
    validation: dict[str, float] = field(default_factory=dict)
    note: str = ""
    tags: tuple[str, ...] = ()
    origin: tuple[str, int] | None = None
    origin_known: bool = True
    starred: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Purged:
    """What became of deleted runs.

    Attributes:
        gone: Those whose files were removed, each told once.
        undeletable: Those that can still be put back, the last deleted first.
    """

    gone: set[str]
    undeletable: list[Record]


def record_of(run: Any) -> Record:
    """MLflow's run as a record."""
    tags, metrics, parameter = run.data.tags, run.data.metrics, run.data.params.get
    state, seconds = tags.get("layerdeck.state", "running"), _number(tags.get("layerdeck.seconds"), float)

    def of(before: str) -> dict[str, float]:
        return {name.removeprefix(before): value for name, value in metrics.items() if name.startswith(before)}

    return Record(
        id=tags[TAG],
        name=run.info.run_name or "",
        state=state if state in ENDED else "running",
        says=tags.get("layerdeck.says", ""),
        started=run.info.start_time / 1000,
        table=parameter("table", ""),
        network=", ".join(filter(None, map(parameter, ("layers", "optimizer", "learning_rate")))),
        epochs=_number(tags.get("layerdeck.epochs"), int) or 0,
        test=of(_TEST),
        version=tags.get("layerdeck.version", ""),
        target=parameter("target", ""),
        best_epoch=_number(tags.get("layerdeck.best_epoch"), int),
        seconds=seconds if seconds is not None and math.isfinite(seconds) else None,
        rows=_number(tags.get("layerdeck.rows"), int),
        validation=of(_VALIDATION),
        note=tags.get(_NOTE, ""),
        tags=_words(tags.get(_TAGS, "[]")),
        origin=_origin(tags.get(_ORIGIN, "")),
        origin_known=_ORIGIN in tags,
        starred=tags.get(_STARRED) == "yes",
        hidden=tags.get(_HIDDEN) == "yes",
    )


def _number(tag: str | None, kind: Callable[[str], Number]) -> Number | None:
    """What a tag counts; None where there is none. MLflow's page lets people write anything into a tag."""
    try:
        return None if tag is None else kind(tag)
    except ValueError:
        return None


def _words(tag: str) -> tuple[str, ...]:
    """The words of a tag that holds a list."""
    try:
        found = json.loads(tag)
    except ValueError:
        return ()
    return tuple(word for word in found if isinstance(word, str)) if isinstance(found, list) else ()


def origin_tags(experiment: Experiment) -> dict[str, str]:
    """MLflow's tag for the run and epoch that a training starts from; empty of one that starts afresh."""
    start = experiment.start
    return {_ORIGIN: f"{start.run}:{start.epoch}" if start else ""}


def _origin(tag: str) -> tuple[str, int] | None:
    run, _, epoch = tag.partition(":")
    return (run, int(epoch)) if epoch.isdecimal() else None


def final_scores(test: dict[str, float], validation: dict[str, float]) -> dict[str, float]:
    """Final scores by the names under which MLflow has them."""
    return {f"{_TEST}{name}": value for name, value in test.items()} | {
        f"{_VALIDATION}{name}": value for name, value in validation.items()
    }


def outcome_tags(result: dict[str, Any] | None, rows: int, epochs: int) -> dict[str, str]:
    """MLflow's tags for what came of a run: `core.training.outcome.Outcome.result` and its training rows, or the epochs
    of a run without a model.
    """
    if result is None:
        return {"layerdeck.epochs": str(epochs)}
    best = {"layerdeck.best_epoch": str(result["best_epoch"])} if result["best_scores"] else {}
    return {
        "layerdeck.epochs": str(result["epochs"]),
        "layerdeck.seconds": f"{result['seconds']:.3f}",
        "layerdeck.rows": str(rows),
        **best,
    }


def describing(
    note: str | None, tags: Sequence[str] | None, starred: bool | None, hidden: bool | None
) -> dict[str, str]:
    """MLflow's tags for what a person says of a run; None says nothing."""
    said = {}
    if note is not None:
        said[_NOTE] = note[:MOST_NOTE]
    if tags is not None:
        words = dict.fromkeys(word for tag in tags if (word := " ".join(tag.split())[:40]))
        said[_TAGS] = json.dumps(list(words)[:MOST_TAGS])
    for name, value in ((_STARRED, starred), (_HIDDEN, hidden)):
        if value is not None:
            said[name] = "yes" if value else "no"
    return said


def parameters(experiment: Experiment) -> dict[str, str]:
    """What MLflow compares runs by."""
    optimizer = experiment.compile.optimizer
    stack = " > ".join(f"{layer.name} {layer.arguments.get('units', '')}".strip() for layer in experiment.layers)
    return {
        "table": experiment.data.table,
        "target": ", ".join(experiment.data.targets),
        "features": ", ".join(experiment.data.features),
        "layers": stack,
        "optimizer": optimizer.name,
        "learning_rate": _rate(optimizer.value("learning_rate")),
        "loss": ", ".join(
            dict.fromkeys(experiment.compile.of(target).single_loss.name for target in experiment.data.targets)
        ),
        "epochs": str(experiment.fit.epochs),
        "batch_size": str(experiment.fit.batch_size),
        "seed": str(experiment.fit.seed),
    }


def _rate(rate: float | dict[str, Any]) -> str:
    """A learning rate in a few words: its schedule and where that starts."""
    return f"{rate['class']} from {rate_at(rate, 0):g}" if isinstance(rate, dict) else str(rate)
