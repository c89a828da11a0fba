"""The scheduler and its workers, in a process group of their own: they outlive the app, and a new one finds them by a
file.

`python -m core.runs.cluster` serves the workspace that LAYERDECK_HOME names. It holds `cluster.lock` for as long as it
lives, writes its address to `scheduler.json`, and ends by itself when no app is connected and no work is left. A worker
that dies is replaced, and its task begun again.
"""

import asyncio
import contextlib
import json
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import __version__
from core.workspace import held, keep_private, locked, plugins, workspace, write_whole

if TYPE_CHECKING:
    from distributed import Client, Scheduler

    from core.runs.worker_pool import WorkerPool

_ROOT = Path(__file__).parents[2]
_IMPORTED = (
    "core.runs.fork_imports",  # First: no garbage is looked for while the others are imported.
    "core.runs.private_cluster",
    "core.runs.worker",
    "core.runs.run_training",
    "core.runs.report_data",
    "core.runs.at_epoch",
    "core.training.train",
    "core.training.worker_pools",
    "core.runs.fork_memory",  # Last: it leaves all of them out of garbage collection.
)
_THREADS = 4  # Of the first worker: one trains, the others predict.
_LINGER = 10.0  # Seconds without an app and without work, after which it ends; LAYERDECK_LINGER names another number.
_PATIENCE = 60.0  # Seconds for a cluster to come up.
PREDICTION_TRIES = 2  # The first worker may have died of something else.
_VERSION = "cluster.version"
_BUSY = {"waiting", "no-worker", "queued", "processing"}


def alive(home: Path) -> bool:
    """Whether a cluster serves the workspace: its lock is held, which ends with its process, however that ends."""
    return held(home / "cluster.lock")


def external_address() -> str:
    """The address of a cluster that someone else runs, or ""."""
    return os.environ.get("DASK_SCHEDULER_ADDRESS", "")


def attach(home: Path, own: bool = False) -> "Client":
    """A client of the workspace's cluster, started if there is none, or of the one that DASK_SCHEDULER_ADDRESS names,
    unless it is to be its `own`.

    Raises OSError when it cannot be reached.
    """
    from distributed import Client

    from core.runs.private_cluster import security

    if external_address() and not own:
        return Client(external_address(), timeout=_PATIENCE, set_as_default=False)
    keep_private(home)
    process, end = None, time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if alive(home):
            try:
                if (address := _address(home)) and of_this_version(home):
                    return Client(address, timeout=5, set_as_default=False, security=security(home))
                # Another version's may not know what this one asks for: it ends by itself when its work is done.
                end = time.monotonic() + _PATIENCE
            except (OSError, ValueError):  # Not written yet, or it has just ended.
                pass
        elif process is None or process.poll() is not None:
            if process is not None and process.returncode:
                break
            (home / "scheduler.json").unlink(missing_ok=True)
            process = _spawn(home)
        time.sleep(0.05)
    raise OSError(f"its log, {home / 'cluster.log'}, says why")


def _address(home: Path) -> str:
    """Where the workspace's own scheduler listens. Raises OSError, ValueError while that is not written."""
    return json.loads((home / "scheduler.json").read_bytes())["address"]


def of_this_version(home: Path) -> bool:
    """Whether the workspace's own cluster was started by this version of Layerdeck: an installation may have been
    upgraded while it trained.
    """
    try:
        return (home / _VERSION).read_text(encoding="utf-8") == __version__
    except OSError:
        return False


def id_at(home: Path, address: str) -> str:
    """The id of the scheduler that answers at an address; "" when none does."""
    from distributed import Client

    from core.runs.private_cluster import security

    try:
        own = alive(home) and address == _address(home)
        with Client(address, timeout=2, set_as_default=False, security=security(home) if own else None) as client:
            return client.scheduler_info()["id"]
    except (OSError, ValueError, TypeError):  # TypeError: a scheduler that asks for a certificate, and there is none.
        return ""


def own_group() -> dict[str, Any]:
    """What has Popen start a process that no signal of this process's group or terminal reaches."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.DETACHED_PROCESS}
    return {"start_new_session": True}


def start_method() -> str:
    """How workers are started: "forkserver" on Linux, where a worker that replaces another is there at once, elsewhere
    "spawn", a fresh interpreter: libraries of other systems do not stand a fork. LAYERDECK_START_METHOD names one.
    """
    named = os.environ.get("LAYERDECK_START_METHOD", "")
    usual = "forkserver" if sys.platform == "linux" else "spawn"
    return named if named in multiprocessing.get_all_start_methods() and named != "fork" else usual


def _spawn(home: Path) -> subprocess.Popen[bytes]:
    # Whole, since the cluster starts in another folder.
    own = {"LAYERDECK_PLUGINS": str(plugins())} if "LAYERDECK_PLUGINS" in os.environ else {}
    with (home / "cluster.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.runs.cluster"],
            cwd=_ROOT,
            env={
                **os.environ,
                **own,
                "LAYERDECK_HOME": str(home),
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "DASK_LOGGING__DISTRIBUTED": "warning",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            **own_group(),
        )
    threading.Thread(target=process.wait, daemon=True).start()  # Takes note of its end: no dead process is left behind.
    return process


def _choose_start_method() -> None:
    """Has workers started as `start_method` says; the fork server has imported what they need.

    It has only imported, and started nothing of TensorFlow's.
    """
    import dask

    from core.runs.dask_internals import preload

    dask.config.set({"distributed.worker.multiprocessing-method": start_method()})
    if start_method() == "forkserver":
        preload(_IMPORTED)


async def serve(home: Path) -> None:
    """Runs scheduler and workers until they are not needed any more."""
    from core.runs.private_cluster import PrivateScheduler, PrivateWorker, make_certificate, security
    from core.runs.training_queue import TrainingQueue
    from core.runs.training_workers import announced, training_workers
    from core.runs.worker_pool import WorkerPool

    os.umask(0o077)  # What cluster and worker write is their user's alone.
    with contextlib.ExitStack() as life:
        try:
            life.enter_context(locked(home / "cluster.lock", wait=False))
        except BlockingIOError:  # Another app was faster.
            return
        _choose_start_method()
        make_certificate(home)
        write_whole(home / _VERSION, __version__.encode())
        private: dict[str, Any] = {
            "host": "127.0.0.1",
            "protocol": "tls",
            "security": security(home),
            "dashboard": False,
        }
        options = {"port": 0, "scheduler_file": str(home / "scheduler.json"), "allowed_failures": PREDICTION_TRIES - 1}
        async with PrivateScheduler(**private, **options) as scheduler:
            queue, workers = TrainingQueue(), training_workers()
            queue.attach(scheduler)
            scheduler.add_plugin(queue)
            announced(scheduler, workers)
            worker = {"nthreads": _THREADS, "memory_limit": 0, "worker_class": PrivateWorker}
            worker |= {"preload": ["core.runs.worker"], **private}
            async with WorkerPool(scheduler, queue, workers, worker) as pool:
                await _until_unneeded(scheduler, pool)


async def _until_unneeded(scheduler: "Scheduler", pool: "WorkerPool") -> None:
    linger = float(os.environ.get("LAYERDECK_LINGER", _LINGER))
    needed = time.monotonic()
    # Looks before it counts: on a busy machine this loop itself may have stood still for longer than it lingers.
    while True:
        apps = set(scheduler.clients) - {"fire-and-forget"}
        if apps or any(task.state in _BUSY for task in scheduler.tasks.values()):
            needed = time.monotonic()
        elif time.monotonic() - needed >= linger:
            return
        pool.look()
        await asyncio.sleep(0.1)


if __name__ == "__main__":
    import dask

    dask.config.set(
        {
            # A worker is lost when its connection is, not when a machine that slept wakes up with another clock.
            "distributed.scheduler.worker-ttl": None,
            # Measured for Dask's own pages, which no one sees, and four fifths of what a cluster at rest would cost.
            "distributed.worker.profile.enabled": False,
            "distributed.admin.tick.interval": "500ms",
        }
    )
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(workspace()))
