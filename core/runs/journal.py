"""What a run leaves on disk while it goes on: enough to show it, to continue it, and to tell whether anyone works on
it.

The folder `runs/ID` of the workspace holds
    submitted.json      the experiment, when it was submitted, by which engine and to which scheduler
                        (core.runs.ownership)
    events.jsonl        what became of it, a JSON object a line: whoever watches reads these
    orders.jsonl        what people asked of it while it ran
    checkpoint.npz      the last kept state of the training (core.training.checkpoint)
    weights/epochs.bin  the weights of its epochs (core.model.weight_history)
    restored.json       which epoch a person put in the place of its model, and when
    initial.npz         the weights that it starts from, when it goes on from another run's epoch
    lock                held by the process that trains it, and by nothing else
Lines are appended whole, and a line that a crash cut short, or that is none of ours, is skipped.
The numbers for comparing runs go to MLflow (`mlflow_store`).
"""

import contextlib
import errno
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import __version__
from core.experiment.fork import INITIAL
from core.model.weight_history import WEIGHTS, kept
from core.runs.sound_lines import Line, is_event, is_order
from core.workspace import held, locked, write_whole

RUN_ID = re.compile(r"[0-9a-f]{12}")
ENDED = ("finished", "stopped", "failed", "interrupted")
_LONGEST = 65536  # Bytes of the last line of a run: a state and its sentence.
MOST_ATTEMPTS = 20  # Beginnings without a new epoch, after which a training is given up...
MOST_SHORTAGES = 2  # ...and so many when it was for lack of memory.


def new_run_id() -> str:
    """Twelve hexadecimal digits: a name that is safe in a path, a link and a tag."""
    return secrets.token_hex(6)


class Lines:
    """A file of JSON objects, one a line, that one process writes while others read on from where they were.

    Args:
        path: The file.
        sound: Whether a line is one that is to be read.
    """

    def __init__(self, path: Path, sound: Callable[[Line], bool] = lambda _line: True) -> None:
        self.path, self._sound = path, sound
        self._read = 0

    def append(self, value: dict[str, Any]) -> None:
        """Adds a line. Raises OSError."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b", buffering=0) as file:
            # A line that a crash cut short is ended first, so that it spoils no other.
            torn = file.tell() and (file.seek(-1, 2), file.read(1))[1] != b"\n"
            line = (b"\n" if torn else b"") + json.dumps(value).encode() + b"\n"
            if file.write(line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fresh(self) -> list[dict[str, Any]]:
        """The lines that were added since the last call."""
        try:
            if self.path.stat().st_size <= self._read:
                return []
            with self.path.open("rb") as file:
                file.seek(self._read)
                text = file.read()
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        return self._values(whole)

    def last(self) -> dict[str, Any]:
        """The last line; {} when there is none."""
        try:
            with self.path.open("rb") as file:
                file.seek(-min(file.seek(0, 2), _LONGEST), 2)
                found = self._values(file.read())
        except OSError:
            return {}
        return found[-1] if found else {}

    def _values(self, text: bytes) -> list[dict[str, Any]]:
        found = []
        for line in text.splitlines():
            try:
                value = json.loads(line) if line else None
            except ValueError:
                continue
            if isinstance(value, dict) and self._sound(value):
                found.append(value)
        return found


class Journal:
    """One run's folder. Raises LookupError for what is no name of a run."""

    def __init__(self, workspace: Path, run: str) -> None:
        if not RUN_ID.fullmatch(run):
            raise LookupError("This is not the name of a run.")
        self.run = run
        self.folder = workspace / "runs" / run

    @property
    def checkpoint(self) -> Path:
        """Where the training keeps its state."""
        return self.folder / "checkpoint.npz"

    @property
    def weights(self) -> Path:
        """Where the training keeps the weights of its epochs."""
        return self.folder / WEIGHTS

    def kept_epochs(self) -> list[int]:
        """The epochs whose weights are kept."""
        return kept(self.weights)

    @property
    def restored(self) -> Path:
        """Where it is noted that a person put another epoch in the place of its model."""
        return self.folder / "restored.json"

    def version(self) -> int:
        """Changes whenever its model does."""
        try:
            return self.restored.stat().st_mtime_ns
        except OSError:
            return 0

    @property
    def initial(self) -> Path:
        """Where the weights lie that it starts from, if they are another run's."""
        return self.folder / INITIAL

    def begin(self, experiment: str, **more: str | int) -> None:
        """Notes that a run was submitted: its experiment (JSON text), Layerdeck's version, and what else is to be
        known of it. Raises OSError.
        """
        self._note({"experiment": experiment, "owner": "", "submitted": time.time(), "layerdeck": __version__, **more})

    def adopt(self, owner: str, **more: str | int) -> None:
        """Notes that a scheduler has the run now, and what else is to be known of its owner, unless that is noted.
        Raises OSError, LookupError.
        """
        noted = self.submitted()
        value = {**noted, "owner": owner, **more}
        if value != noted:
            self._note(value)

    def submitted(self) -> dict[str, Any]:
        """What was noted: experiment, owner, time. Raises LookupError when there is no such run, or its file is
        damaged.
        """
        try:
            noted = json.loads((self.folder / "submitted.json").read_bytes())
        except OSError:
            raise LookupError(f"There is no run {self.run} in this workspace.") from None
        except ValueError:
            noted = None
        if not isinstance(noted, dict) or not isinstance(noted.get("experiment"), str):
            raise LookupError(f"The run {self.run} cannot be read: its file submitted.json is damaged.")
        when, owner = noted.get("submitted"), noted.get("owner")
        return {
            **noted,
            "submitted": when if isinstance(when, int | float) else 0.0,
            "owner": owner if isinstance(owner, str) else "",
        }

    def exists(self) -> bool:
        """Whether there is such a run."""
        return (self.folder / "submitted.json").exists()

    def say(self, event: dict[str, Any]) -> None:
        """Adds what became of the run. Raises OSError."""
        self.events().append({"at": time.time(), **event})

    def events(self) -> Lines:
        """What became of it, from the beginning."""
        return Lines(self.folder / "events.jsonl", is_event)

    def order(self, order: dict[str, Any]) -> None:
        """Adds what a person asks of the run. Raises OSError."""
        self.orders().append(order)

    def orders(self) -> Lines:
        """What people asked of it, from the beginning."""
        return Lines(self.folder / "orders.jsonl", is_order)

    def over(self) -> bool:
        """Whether the last event is an end; a run whose folder was removed is over, too."""
        return not self.folder.exists() or bool(self.end())

    def end(self) -> dict[str, Any]:
        """The last event where that is an end; {} of a run that is not over."""
        last = self.events().last()
        return last if last.get("state") in ENDED else {}

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the run's lock; waits for a process that is still about to end."""
        with locked(self.folder / "lock"):
            yield

    def worked_on(self) -> bool:
        """Whether a process trains it at this moment."""
        return held(self.folder / "lock")

    def _note(self, submitted: dict[str, Any]) -> None:
        write_whole(self.folder / "submitted.json", json.dumps(submitted))


class Progress:
    """How far a run has come, as its journal tells.

    Attributes:
        epoch: The last epoch that was told, from 1; 0 before.
        attempts: Beginnings since then: the worker broke down each time before a new epoch.
        shortages: How many of them ended because memory ran out.
    """

    def __init__(self, journal: Journal) -> None:
        self.epoch = self.attempts = self.shortages = 0
        killed = None
        for event in journal.events().fresh():
            if event.get("epochs"):
                self.epoch = event["epochs"][-1][0]
            if event.get("epochs") or "state" in event:
                self.attempts, self.shortages, killed = 0, 0, None
            if "begins" in event:
                self.attempts += 1
                self.shortages += killed is not None and event.get("killed", 0) > killed
                killed = event.get("killed", 0)

    @property
    def hopeless(self) -> bool:
        """Whether another beginning would be in vain, too."""
        return self.attempts >= MOST_ATTEMPTS or self.shortages >= MOST_SHORTAGES


def killed_for_memory() -> int:
    """How many processes the kernel has ended for lack of memory since it started, on this machine and in this
    container.
    """
    killed = 0
    for source in ("/proc/vmstat", "/sys/fs/cgroup/memory.events"):
        with contextlib.suppress(OSError):
            found = re.search(r"^oom_kill (\d+)$", Path(source).read_text(), re.MULTILINE)
            killed += int(found[1]) if found else 0
    return killed


def unfinished(workspace: Path) -> list[Journal]:
    """The runs without an end in their journal, in the order they were submitted."""
    folder = workspace / "runs"
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = []
    for name in filter(RUN_ID.fullmatch, names):
        journal = Journal(workspace, name)
        try:
            when = journal.submitted()["submitted"]
        except LookupError:
            continue
        if not journal.over():
            found.append((when, name, journal))
    return [journal for *_, journal in sorted(found, key=lambda one: one[:2])]
