"""The server's side of training: hand over, watch, stop, ask. One engine serves all visitors of a process.

engine = Engine(workspace()); engine.start()
run = engine.submit(experiment)
engine.snapshot(run, since=0)     what the page draws
engine.stop(run)                  ends it with the best epoch
engine.predict(run, frame)        answers, also while something trains
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future as Promise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.experiment.monitor import monitor
from core.experiment.spec import Experiment
from core.runs.live import RUN_ID, LiveRun, new_run_id, plain

if TYPE_CHECKING:
    from distributed import Client, Future

    from core.runs.store import Store

log = logging.getLogger(__name__)
_THREADS = 4  # One trains; the others predict and listen.
_ATTEMPTS = 5  # Workers that may break down while a run waits for its turn.
_KEPT = 50  # Ended runs that stay in memory; older ones are read from the record.


class NotReady(RuntimeError):
    """The worker is still starting; the message is a sentence for the person."""


class Engine:
    """Starts a scheduler and a worker, and keeps what it hears of each run."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self._runs: dict[str, LiveRun] = {}
        self._futures: dict[str, Future] = {}
        self._waiting: list[LiveRun] = []
        self._lock = threading.RLock()
        self._client: Client | None = None
        self._store: Promise[Store] = Promise()
        self._close: Callable[[], None] = lambda: None
        self._started = False
        self.warm = threading.Event()
        self.trouble = ""

    def start(self) -> None:
        """Begins in the background, the first time it is called: the page does not wait for the worker."""
        with self._lock:
            if self._started:
                return
            self._started = True
        threading.Thread(target=self._start, name="engine", daemon=True).start()

    def _start(self) -> None:
        from distributed import Client, LocalCluster

        from core.runs import worker

        try:
            cluster = LocalCluster(
                n_workers=1,
                threads_per_worker=_THREADS,
                processes=True,
                resources={"train": 1},
                memory_limit=0,
                host="127.0.0.1",
                # No page of Dask's own, but its server still takes a port: any. And a training that broke a worker is not tried again.
                scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0", "allowed_failures": 0},
                silence_logs=logging.ERROR,
            )
            client = Client(cluster)
            client.subscribe_topic(worker.TOPIC, self._hear)
            with self._lock:
                self._client = client
                self._close = lambda: (client.close(), cluster.close())
            client.submit(worker.warm_up, str(self.workspace), pure=False).result()
            with self._lock:
                waiting, self._waiting = self._waiting, []
                self.warm.set()
            for run in waiting:
                self._hand_over(run)
        except Exception as error:
            log.exception("the worker could not be started")
            self.trouble = f"The worker could not be started: {error}"
            with self._lock:
                for run in self._waiting:
                    run.take({"state": "failed", "says": self.trouble})
            if not self._store.done():
                self._store.set_exception(NotReady(self.trouble))
            return
        from core.runs.store import Store

        try:
            self._store.set_result(Store(self.workspace))
        except Exception as error:
            log.exception("the record of runs could not be opened")
            self._store.set_exception(NotReady(f"The record of runs could not be opened: {error}"))

    def close(self) -> None:
        """Ends worker and scheduler."""
        self._close()

    def submit(self, experiment: Experiment) -> str:
        """Queues a training; its id. It starts when the worker is warm and the runs before it are over."""
        watched, larger = monitor(experiment)
        run = LiveRun(new_run_id(), experiment.text(), experiment.fit.epochs, watched, larger)
        with self._lock:
            self._forget_old()
            self._runs[run.id] = run
            if not self.warm.is_set():
                run.says = self.trouble or "TensorFlow is starting"
                if self.trouble:
                    run.take({"state": "failed", "says": self.trouble})
                else:
                    self._waiting.append(run)
                return run.id
        self._hand_over(run)
        return run.id

    def _hand_over(self, run: LiveRun, attempt: int = 1) -> None:
        from core.runs import worker

        if run.over:
            return
        run.says = ""
        assert self._client is not None
        future = self._client.submit(
            worker.train, run.id, run.experiment, str(self.workspace), key=f"train-{run.id}-{attempt}", resources={"train": 1}, retries=0
        )
        self._futures[run.id] = future
        future.add_done_callback(lambda done: self._over(run, done, attempt))

    def _over(self, run: LiveRun, future: "Future", attempt: int) -> None:
        """The worker's own words come as events; this is for a worker that ended without a word."""
        from distributed import KilledWorker

        self._futures.pop(run.id, None)
        if future.status != "error":
            return
        error = future.exception()
        if isinstance(error, KilledWorker) and run.state == "queued" and attempt < _ATTEMPTS:
            self._hand_over(run, attempt + 1)  # It waited behind the one that broke the worker.
            return
        log.error("run %s: %r", run.id, error)
        broken = "The worker broke down during this training, probably for lack of memory, and has been started again."
        says = broken if isinstance(error, KilledWorker) else f"The training could not be carried out: {error}"
        run.take({"state": "failed", "says": says})
        try:
            self.store().finish(run.id, "failed", says)
        except Exception:  # The run is over for whoever watches, whatever becomes of its record.
            log.exception("the record of run %s could not be closed", run.id)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        message = event[1]
        run = self._runs.get(message.get("run", ""))
        if run:
            run.take(message)

    def _forget_old(self) -> None:
        ended = [run.id for run in self._runs.values() if run.over]
        for run_id in ended[:-_KEPT]:
            del self._runs[run_id]

    def stop(self, run_id: str) -> None:
        """Ends a run with its best epoch; one that still waits is taken out of the queue."""
        from distributed import Event

        from core.runs import worker

        run = self._runs.get(run_id)
        if run is None or run.over:
            return
        with self._lock:
            if run in self._waiting:
                self._waiting.remove(run)
        if run.state == "queued" and (not self.warm.is_set() or self.active().index(run) > 0):
            future = self._futures.get(run_id)
            if future is not None:
                future.cancel()
                Event(worker.stop_name(run_id), client=self._client).set()  # It may have begun a moment ago.
            run.take({"state": "stopped", "says": "Taken out of the queue before it began."})
            return
        with run.lock:
            run.state = "stopping"
        Event(worker.stop_name(run_id), client=self._client).set()

    def run(self, run_id: str) -> LiveRun | None:
        """A run of this process: from memory."""
        return self._runs.get(run_id)

    def active(self) -> list[LiveRun]:
        """The runs that are not over, in the order they were submitted."""
        return [run for run in list(self._runs.values()) if not run.over]

    def snapshot(self, run_id: str, since: int = 0) -> dict[str, Any]:
        """What the page draws: state and the epochs after `since`. Raises NoSuchRun or NotReady (LookupError, RuntimeError)."""
        run = self._runs.get(run_id) or self._remember(run_id)
        active = self.active()
        ahead = active.index(run) if run in active else 0
        return run.snapshot(since, ahead)

    def _remember(self, run_id: str) -> LiveRun:
        """A run of an earlier process: from the record."""
        if not RUN_ID.fullmatch(run_id):
            raise LookupError("That is not the name of a run.")
        store = self.store()
        record, experiment = store.record(run_id), store.experiment(run_id)
        watched, larger = monitor(experiment)
        run = LiveRun(run_id, experiment.text(), experiment.fit.epochs, watched, larger)
        try:
            history, result = store.value(run_id, "history.json"), store.value(run_id, "result.json")
            epochs = [(at + 1, plain({name: values[at] for name, values in history.items()})) for at in range(result["epochs"])]
            simple = {name: plain(parts["validation"]) for name, parts in result["baselines"].items()}
            run.take({"epochs": epochs, "baselines": simple})
            run.started, run.latest = record.started, record.started + result["seconds"]
        except LookupError:
            result = {}
        run.take(
            {"state": record.state if record.state != "running" else "interrupted", "says": record.says, "best": result.get("best_epoch")}
        )
        with self._lock:
            return self._runs.setdefault(run_id, run)

    def store(self, timeout: float = 60) -> "Store":
        """The record of runs; waits until it is open. Raises NotReady."""
        try:
            return self._store.result(timeout)
        except TimeoutError:
            raise NotReady("The record of runs is still being opened; try again in a moment.") from None

    def predict(self, run_id: str, rows: pd.DataFrame, timeout: float = 120) -> pd.DataFrame:
        """Answers for raw rows. Raises LookupError for a run without a model, NotReady while the worker starts."""
        from distributed import KilledWorker

        from core.runs import worker

        if self._client is None or not self.warm.is_set():
            raise NotReady(self.trouble or "The worker is still starting; try again in a few seconds.")
        future = self._client.submit(worker.predict, run_id, rows, str(self.workspace), pure=False, priority=10)
        try:
            return future.result(timeout)
        except KilledWorker:
            raise NotReady("The worker broke down and is being started again; ask once more in a few seconds.") from None
        except TimeoutError:
            future.cancel()
            raise NotReady(f"The worker did not answer within {timeout:g} seconds. Ask for fewer rows at a time.") from None
