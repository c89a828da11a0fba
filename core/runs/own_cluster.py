"""A cluster of the workspace's own beside the one that trains: it answers what needs the workspace's files."""

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from core.runs import cluster, worker
from core.runs.worker_client import NotReady, submit_question

if TYPE_CHECKING:
    from distributed import Client

log = logging.getLogger(__name__)
_STARTING = "The worker that answers questions is starting. Try again in a few seconds."


class OwnCluster:
    """Started when it is first asked for."""

    def __init__(self, workspace: Path) -> None:
        self._workspace, self._lock = workspace, threading.Lock()
        self._client: Client | None = None
        self._thread: threading.Thread | None = None

    def client(self) -> "Client":
        """Its client. Raises NotReady while it starts, and where it could not be started, which is then tried again."""
        with self._lock:
            if self._client is not None and self._client.status == "running" and cluster.alive(self._workspace):
                return self._client
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._attach, daemon=True)
                self._thread.start()
        raise NotReady(_STARTING)

    def close(self) -> None:
        """Leaves it; it ends by itself."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close(timeout=2)

    def _attach(self) -> None:
        self.close()
        try:
            client = cluster.attach(self._workspace, own=True)
            submit_question(client, worker.warm_up, str(self._workspace), retries=3).result()
        except Exception:
            log.exception("the workspace's own cluster could not be started")
            return
        with self._lock:
            self._client = client
