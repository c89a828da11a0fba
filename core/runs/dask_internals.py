"""All private parts of Dask that Layerdeck uses, in this file alone, a function for each. Tried with distributed
2026.8.

preload(["core.training.train"])     workers are forked from a process that has imported these modules
forgive(task)                        how many workers died under a task is forgotten
offer(scheduler, worker, "train", False)   a worker gets no further task that asks for this resource
assign_waiting(scheduler, worker, "why")   tasks that no worker could take are handed to one that can now
@without_http_server                 of a class of schedulers or workers: they start no HTTP server

Where another Dask has not such a part, the plain way is taken, and the log says so, once: a worker imports by itself
when it starts; a training whose worker dies twice is given up, as a question is; a training waits on the worker that
Dask chose for it when it was submitted; an HTTP server is started, with no page to answer with.
"""

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import dask
from distributed.node import ServerNode

from core.library_parts import library_part

if TYPE_CHECKING:
    from distributed import Scheduler
    from distributed.scheduler import TaskState, WorkerState

TRIED = "2026.8"
Node = TypeVar("Node", bound=ServerNode)


def preload(modules: Sequence[str]) -> None:
    """Has the fork server import modules before it forks a worker. Dask's own context is asked first: it would name
    its modules later, in place of these.
    """
    get_context = library_part("distributed.utils.get_mp_context", TRIED)
    if get_context is not None:
        get_context().set_forkserver_preload(["distributed", *modules])


def forgive(task: "TaskState") -> None:
    """Forgets how many workers died while they worked on a task: the scheduler gives it up by that number."""
    if library_part("distributed.scheduler.TaskState.suspicious", TRIED) is not None:
        task.suspicious = 0


@cache
def waits_in_scheduler() -> bool:
    """Whether the parts are there by which a task waits in the scheduler for a worker to be free."""
    parts = ("Scheduler.valid_workers", "Scheduler.bulk_schedule_unrunnable_after_adding_worker")
    return all(library_part(f"distributed.scheduler.{part}", TRIED) is not None for part in parts)


def offer(scheduler: "Scheduler", worker: "WorkerState", resource: str, free: bool) -> None:
    """Says whether a worker may get tasks that ask for one of its resources; those that it has are not touched.

    The scheduler compares a task with `scheduler.resources`; `worker.resources` stays what the worker said.
    """
    workers = scheduler.resources.get(resource, {})
    if worker.address in workers:
        workers[worker.address] = worker.resources[resource] if free else 0


def assign_waiting(scheduler: "Scheduler", worker: "WorkerState", why: str) -> None:
    """Hands tasks that wait for a worker to one that may take them now, the one with the highest priority first."""
    scheduler.transitions(scheduler.bulk_schedule_unrunnable_after_adding_worker(worker), why)


def without_http_server(node: type[Node]) -> type[Node]:
    """Keeps a class of schedulers or workers from starting an HTTP server, which Dask starts whatever its settings.

    The plain way leaves the server without routes, in all nodes of the process.
    """
    if library_part("distributed.node.ServerNode.start_http_server", TRIED) is None:
        dask.config.set({"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []})
    else:
        node.start_http_server = _start_none
    return node


def _start_none(*_arguments: Any, **_more: Any) -> None:
    """What is called in place of `start_http_server`."""
