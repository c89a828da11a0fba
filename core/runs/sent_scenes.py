"""What is drawn of a training on a worker that does not see the workspace, while someone looks: the scheduler passes on
who looks at what, and keeps the newest scene, so that memory stays small however long a training takes.

with SentScenes(client, journal): ...        of the worker, around the training: it draws what is asked for
heard = HeardScenes(workspace)               of the engine
heard.watch(client, run)                     someone looks: scenes come into the run's folder as if it was shared
forget_scenes(client, run)
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from core.runs.journal import Journal
from core.runs.live_view_files import Viewer

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)
_RECENT = 5.0  # Seconds since someone looked.
_IDLE, _PAUSE = 1.0, 0.15  # Seconds between two questions, while no one looks and while someone does.


class SentScenes:
    """Asks the scheduler who looks, beside the training, and sends the scenes that it makes for them."""

    def __init__(self, client: "Client", journal: Journal) -> None:
        self._client, self._run, self._viewer = client, journal.run, Viewer(journal)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._pass_on, daemon=True, name="scenes")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _pass_on(self) -> None:
        scene = of = ""  # The scene that was sent last, and the number of its still part.
        try:
            while True:
                found = self._viewer.drawn()
                new = None if found is None or found[0] == scene else found
                still = new[1] if new and new[0].split(" ", 2)[1] != of else None
                asked = self._client.run_on_scheduler(_of_worker, self._run, new and new[0], still)
                if new:
                    scene, of = new[0], new[0].split(" ", 2)[1]
                if asked is not None:
                    self._viewer.watch()
                    self._viewer.want(**asked)
                if self._over.wait(_IDLE if asked is None else _PAUSE):
                    return
        except Exception as error:  # A drawing must not end a training; the scheduler may be gone.
            log.info("the network of run %s is drawn no longer: %s", self._run, error)


class HeardScenes:
    """Fetches scenes of runs while someone looks at them."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._watched: dict[str, float] = {}  # Run -> when someone looked.
        self._lock = threading.Lock()

    def watch(self, client: "Client", run: str) -> None:
        """Someone looks: the scenes of the next seconds are fetched by a thread."""
        with self._lock:
            fetched, self._watched[run] = run in self._watched, time.monotonic()
            if not fetched:
                threading.Thread(target=self._fetch, args=(client, run), daemon=True, name="scenes").start()

    def _fetch(self, client: "Client", run: str) -> None:
        viewer, scene, pause = Viewer(Journal(self._workspace, run)), "", threading.Event()
        try:
            while self._goes_on(run):
                new = client.run_on_scheduler(_of_engine, run, viewer.wanted(), scene)
                if new is not None and viewer.take(*new):
                    scene = new[0]
                pause.wait(_PAUSE)
        except Exception as error:  # The cluster is gone, or the disk is full.
            log.info("the network of run %s is drawn no longer: %s", run, error)
            with self._lock:
                self._watched.pop(run, None)

    def _goes_on(self, run: str) -> bool:
        with self._lock:
            if time.monotonic() - self._watched[run] < _RECENT:
                return True
            del self._watched[run]
            return False


def forget_scenes(client: "Client", run: str) -> None:
    """Has the scheduler forget what it keeps of a run."""
    client.run_on_scheduler(_forget, run)


# ---------------------------------------------------------------- what runs in the scheduler's process


@dataclass
class _Shown:
    """Of a run: when someone asked and for what, and the newest scene with its still part, as the files have them."""

    asked: float = -_RECENT
    looks: dict[str, Any] = field(default_factory=dict)
    scene: str = ""
    still: str = ""


_SHOWN: dict[str, _Shown] = {}


def _of_worker(run: str, scene: str | None, still: str | None) -> dict[str, Any] | None:
    """Takes what is new of a scene; what someone wants to see, None while no one looks."""
    shown = _SHOWN.setdefault(run, _Shown())
    if still is not None:
        shown.still = still
    if scene is not None:
        shown.scene = scene
    return shown.looks if time.monotonic() - shown.asked < _RECENT else None


def _of_engine(run: str, looks: dict[str, Any], scene: str) -> tuple[str, str] | None:
    """Someone looks; the newest scene with its still part, None where it is that one, or no worker has begun."""
    shown = _SHOWN.get(run)
    if shown is None:
        return None
    shown.asked, shown.looks = time.monotonic(), looks
    return (shown.scene, shown.still) if shown.scene not in ("", scene) and shown.still else None


def _forget(run: str) -> None:
    _SHOWN.pop(run, None)
