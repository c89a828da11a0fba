"""The state of a training on a worker that does not see the workspace, which the scheduler keeps on its disk: should
the worker die, the next one goes on from there, and the engine puts it into the workspace.
"""

import logging
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.model.weight_history import WEIGHTS
from core.runs.journal import Journal
from core.runs.scheduler_files import SentFiles, fetch

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)
_CHECKPOINT = "checkpoint.npz"
# The checkpoint last: what it goes on from is there, then.
_FILES = ("events.jsonl", WEIGHTS, _CHECKPOINT)
STATE = (WEIGHTS, _CHECKPOINT)  # Without the journal, which the engine writes itself.
_PAUSE, _SHARE = 5.0, 20.0  # Seconds between two of them, and so many times what the last one took, at least.


class SentCheckpoints:
    """Gives the scheduler the newest checkpoint of a training with what it needs to go on: its journal, and the weights
    of its epochs.
    """

    def __init__(self, client: "Client", journal: Journal) -> None:
        self._journal, self._files = journal, SentFiles(client, journal.run)
        self._sent = 0  # When the checkpoint was written that was sent last.
        self._next = time.monotonic() + _PAUSE

    def send(self, at_once: bool = False) -> None:
        """Sends the checkpoint where there is a new one and it is time; `at_once` also where it is not."""
        if not (at_once or time.monotonic() >= self._next):
            return
        begun = time.monotonic()
        try:
            written = self._journal.checkpoint.stat().st_mtime_ns
        except OSError:  # There is none yet.
            return
        if written == self._sent:
            return
        try:
            self._files.send(self._journal.folder, _FILES)
            self._sent = written
        except OSError:
            log.exception("the checkpoint of run %s could not be sent", self._journal.run)
        self._next = time.monotonic() + max(_PAUSE, _SHARE * (time.monotonic() - begun))


def put_sent(staged: Path, folder: Path) -> None:
    """Moves files that were fetched to their places in the run's folder, the checkpoint last. Raises OSError."""
    for name in _FILES:
        if (staged / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(folder / name)


def take_sent(
    client: "Client",
    run: str,
    folder: Path,
    names: Sequence[str] = _FILES,
    put: Callable[[Path, Path], None] = put_sent,
) -> bool:
    """Puts what the scheduler keeps of a training into the run's folder, all of it or nothing; whether there was any.
    Raises OSError.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".sent-", ignore_cleanup_errors=True) as staged:
        found = fetch(client, run, Path(staged), names)
        if found:
            put(Path(staged), folder)
    return found
