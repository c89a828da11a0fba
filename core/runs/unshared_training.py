"""A training on a worker that does not see the workspace: what it needs comes with its task, its epochs are events of
Dask's, and its outcome is the task's result.

The worker keeps a copy of the run in its own workspace until the engine has the outcome. Orders are written to that
copy, and to the scheduler's metadata, where the worker that begins a run again finds them, with the last checkpoint of
the one before it (`sent_checkpoints`). What is drawn of its network goes the same way (`sent_scenes`).
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.experiment.spec import Experiment
from core.runs.journal import ENDED, Journal
from core.runs.sent_checkpoints import SentCheckpoints, take_sent
from core.runs.sent_scenes import SentScenes
from core.workspace import locked, workspace, write_whole

if TYPE_CHECKING:
    from core.runs.run_training import Say
    from core.tables.situation import Tables
    from core.training.worker_pools import Warm

EVENTS = "layerdeck-run-events"  # A topic of Dask's.
METADATA = "layerdeck-unshared-runs"  # Of the scheduler: run -> its "orders" and the "changes" that took effect.
UNSEEN = "unseen"  # The state of a task whose worker lacks the run, or its tables.
_TURN = "turn"  # A file of a copy, and of no other run.
_END = ("state", "says", "ended", "best", "best_scores")


@dataclass(frozen=True)
class Parcel:
    """What a worker needs to train a run.

    Attributes:
        turn: How often the run was queued: a copy of an earlier turn is begun anew.
        files: Of the run's folder, by name.
        orders: That people gave it before.
        tables: Names of the files of its tables, which are sent to each worker once.
        versions: Of the packages that decide its numbers, where it was submitted.
    """

    turn: int
    files: dict[str, bytes]
    orders: list[dict[str, Any]]
    tables: tuple[str, ...]
    versions: dict[str, str] = field(default_factory=dict)


@dataclass
class ReturnedRun:
    """The outcome of a run.

    Attributes:
        end: Its last event.
        events: Those before.
        files, result, rows: As `core.runs.mlflow_store.Store.finish` takes them; no files where there is no model.
        weights: The file of its epochs' weights.
        checkpoint: The file with which it can go on; b"" where it is over.
    """

    end: dict[str, Any]
    events: list[dict[str, Any]]
    files: dict[str, bytes] = field(default_factory=dict)
    result: dict[str, Any] | None = None
    rows: int = 0
    weights: bytes = b""
    checkpoint: bytes = b""


class CollectedFiles:
    """In place of the record of runs: keeps in memory what a training gives it at its end."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.result: dict[str, Any] | None = None
        self.rows = 0

    def begin(self, run: str, experiment: Experiment, search: str = "") -> None:
        """The engine enters it into the record."""

    def last_epoch(self, _run: str) -> int:
        """None is in the record."""
        return 0

    def log_epochs(self, run: str, epochs: list[tuple[int, dict[str, float | None]]]) -> None:
        """The engine hears of them by events."""

    def finish(
        self,
        _run: str,
        _state: str,
        _says: str,
        files: Path | None = None,
        result: dict[str, Any] | None = None,
        rows: int = 0,
    ) -> None:
        """Takes the files of a folder and of the folders in it."""
        if files is not None:
            paths = [path for path in files.rglob("*") if path.is_file()]
            self.files = {path.relative_to(files).as_posix(): path.read_bytes() for path in paths}
            self.result, self.rows = result, rows

    def discard(self, run: str) -> None:
        """Nothing is in the record."""

    def path(self, _run: str, name: str) -> Path:
        """Where the engine will put it, within the run's files."""
        return Path(name)


def versions() -> dict[str, str]:
    """Of the packages that decide the numbers of a training, here."""
    return {"Layerdeck": __version__, **{name: metadata.version(name) for name in ("tensorflow", "keras", "numpy")}}


def lacking_tables(names: tuple[str, ...]) -> list[str]:
    """Those files of tables that this worker's own workspace does not have."""
    return [name for name in names if not _table(name).exists()]


def receive_tables(files: dict[str, bytes]) -> None:
    """Keeps the files of tables in this worker's own workspace. Raises OSError."""
    for name, content in files.items():
        write_whole(_table(name), content)


def receive_orders(run: str, orders: list[dict[str, Any]]) -> None:
    """Adds those of all orders of a run that this worker's copy of it has not yet. Raises OSError."""
    journal = Journal(workspace(), run)
    if not _is_copy(journal):
        return
    with locked(journal.folder / "orders.lock"):
        for order in orders[len(journal.orders().fresh()) :]:
            journal.order(order)


def events_of_copy(run: str) -> list[dict[str, Any]]:
    """What happened to a run so far by this worker's copy of it; [] where it has none."""
    journal = Journal(workspace(), run)
    return _before_the_end(journal) if _is_copy(journal) else []


def forget_copy(run: str) -> None:
    """Removes this worker's copy of a run, unless it is being trained."""
    journal = Journal(workspace(), run)
    if _is_copy(journal) and not journal.worked_on():
        shutil.rmtree(journal.folder, ignore_errors=True)


def train_unshared(run: str, parcel: Parcel, tables: "Tables", warm: "Warm") -> ReturnedRun | dict[str, Any]:
    """Trains a run of another workspace in this worker's own, from the checkpoint of its copy of the same turn.

    Returns:
        The outcome; {"state": UNSEEN} where files of its tables are missing.
    """
    from distributed import get_client

    from core.runs.run_training import run as train

    if other := _other_versions(parcel.versions):
        return ReturnedRun({"state": "failed", "says": other}, [])
    if lacking_tables(parcel.tables):
        return {"state": UNSEEN}
    journal, record = Journal(workspace(), run), CollectedFiles()
    if not (_is_copy(journal) and (journal.folder / _TURN).read_text() == str(parcel.turn)) or journal.over():
        known = get_client().get_metadata([METADATA, run], {})
        _unpack(journal, parcel, known, lambda folder: take_sent(get_client(), run, folder))
    # Whoever gives an order enters it there first, and then gives it to the copies: it is here now, or comes.
    receive_orders(run, get_client().get_metadata([METADATA, run], {}).get("orders", []))
    with SentScenes(get_client(), journal):
        result = train(journal, tables, record, _telling(journal), warm)
    last = journal.events().last()
    end = last if last.get("state") in ENDED else result  # The worker's disk may be full.
    weights, checkpoint = (
        path.read_bytes() if path.exists() else b"" for path in (journal.weights, journal.checkpoint)
    )
    return ReturnedRun(
        {name: end[name] for name in _END if name in end},
        _before_the_end(journal),
        record.files,
        record.result,
        record.rows,
        weights,
        checkpoint,
    )


def _other_versions(theirs: dict[str, str]) -> str:
    """A sentence where this worker has other versions of packages than the server; "" where it has the same."""
    ours = versions()
    other = [
        f"{name} {ours.get(name)} instead of {version}" for name, version in theirs.items() if ours.get(name) != version
    ]
    return f"A worker of the cluster has other package versions than the server: {', '.join(other)}." if other else ""


def _unpack(journal: Journal, parcel: Parcel, known: dict[str, Any], take: Callable[[Path], object]) -> None:
    """Begins a copy with what the scheduler knows of the run, and with the files that another worker sent of it, which
    `take` puts into the folder. The mark of a copy comes last.
    """
    shutil.rmtree(journal.folder, ignore_errors=True)
    for name, content in parcel.files.items():
        write_whole(journal.folder / name, content)
    take(journal.folder)
    orders = max(parcel.orders, known.get("orders", []), key=len)
    for order in _dated(orders, [*_changes(journal), *known.get("changes", [])]):
        journal.order(order)
    write_whole(journal.folder / _TURN, str(parcel.turn))


def _dated(orders: list[dict[str, Any]], changes: list[dict[str, float]]) -> list[dict[str, Any]]:
    """Orders whose changes take effect after the same epochs as before: with their numbers a run is trained again."""
    epochs = iter(int(change["epoch"]) for number, change in enumerate(changes) if change not in changes[:number])
    return [
        {**order, "epoch": next(epochs, order.get("epoch", 0))} if order.get("do") in ("epochs", "rate") else order
        for order in orders
    ]


def _changes(journal: Journal) -> list[dict[str, float]]:
    return [event["mark"] for event in journal.events().fresh() if "mark" in event]


def _telling(journal: Journal) -> "Say":
    """What passes on the events of a run, but not its end: that is part of the outcome."""
    from distributed import get_client, get_worker

    worker, client, run = get_worker(), get_client(), journal.run
    changes = [*_changes(journal), *client.get_metadata([METADATA, run], {}).get("changes", [])]
    checkpoints = SentCheckpoints(client, journal)

    def tell(event: dict[str, Any]) -> None:
        if "mark" in event:  # Before an epoch of it is told.
            changes.append(event["mark"])
            client.set_metadata([METADATA, run, "changes"], changes)
        if "state" not in event:
            worker.log_event(EVENTS, {"run": run, "event": event})
            checkpoints.send(at_once="mark" in event or bool(event.get("paused")))

    return tell


def _before_the_end(journal: Journal) -> list[dict[str, Any]]:
    return [event for event in journal.events().fresh() if "state" not in event]


def _is_copy(journal: Journal) -> bool:
    return (journal.folder / _TURN).exists()


def _table(name: str) -> Path:
    return workspace() / "tables" / Path(name).name
