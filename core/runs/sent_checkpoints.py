"""The state of a training on a worker that does not see the workspace, which the scheduler keeps: should the worker
die, the next one goes on from there, and the engine puts it into the workspace.
"""

import time
from typing import TYPE_CHECKING

from core.model.weight_history import WEIGHTS
from core.runs.journal import Journal

if TYPE_CHECKING:
    from distributed import Client

STATES = "layerdeck-training-states"  # Of the scheduler's metadata: run -> "at", when it was sent, and the "files".
_FILES = ("checkpoint.npz", WEIGHTS, "events.jsonl")
_PAUSE, _SHARE = 5.0, 20.0  # Seconds between two of them, and so many times what the last one took, at least.
_LARGEST = 32_000_000  # Bytes: the scheduler keeps them in memory. A larger network begins again at its first epoch.


class SentCheckpoints:
    """Gives the scheduler the newest checkpoint of a training with what it needs to go on: its journal, and the weights
    of its epochs.
    """

    def __init__(self, client: "Client", journal: Journal) -> None:
        self._client, self._journal = client, journal
        self._sent = 0  # When the checkpoint was written that was sent last.
        self._next = time.monotonic() + _PAUSE

    def send(self, at_once: bool = False) -> None:
        """Sends the checkpoint where there is a new one and it is time; `at_once` also where it is not."""
        if not (at_once or time.monotonic() >= self._next):
            return
        begun = time.monotonic()
        try:
            written = self._journal.checkpoint.stat().st_mtime_ns
            if written == self._sent:
                return
            folder = self._journal.folder
            files = {name: (folder / name).read_bytes() for name in _FILES if (folder / name).exists()}
        except OSError:  # There is none yet.
            return
        self._sent = written
        if sum(map(len, files.values())) <= _LARGEST:
            self._client.set_metadata([STATES, self._journal.run], {"at": time.time(), "files": files})
        self._next = time.monotonic() + max(_PAUSE, _SHARE * (time.monotonic() - begun))


def sent_files(client: "Client", run: str) -> dict[str, bytes]:
    """What the scheduler keeps of a training: name in the run's folder -> content; {} where there is nothing."""
    files = client.get_metadata([STATES, run, "files"], {})
    return {name: files[name] for name in _FILES if name in files}


def sent_at(client: "Client", run: str) -> float:
    """When that was sent; 0 where there is nothing."""
    return client.get_metadata([STATES, run, "at"], 0.0)


def forget_sent(client: "Client", run: str) -> None:
    """Has the scheduler forget what it keeps of a training."""
    client.set_metadata([STATES, run], {})
