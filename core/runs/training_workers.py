"""How many workers train, which of them trains a network, and what Dask is told of it.

The first worker of a cluster answers questions and trains the networks whose steps are large, with all threads that XLA
has. The others train the networks whose steps are small, each with one thread: a step of some microseconds gains
nothing by a second thread, and loses by waiting for it. Where there is one worker alone, it does everything.

Below `LARGE_STEP` the number of threads does not change a digit: measured with 1 and 2 threads over shapes of every
kind. Above it a long sum may be cut into as many parts as there are threads, and so a run's threads follow from its
experiment and its table alone, wherever and however often it is begun.
"""

import contextlib
import logging
import os
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from core.experiment.shapes import step_work
from core.experiment.spec import Experiment
from core.experiment.task import Situation
from core.tables.errors import TableError

if TYPE_CHECKING:
    from distributed import Client

    from core.tables.situation import Tables

log = logging.getLogger(__name__)
LARGE_STEP = 2e7  # Floating-point operations of a step from which all threads train it.
MOST_WORKERS = 64
_SMALL, _LARGE, _QUESTIONS = "train", "train_large", "questions"  # Dask's resources, which workers offer.
_MANY = 1e6  # Of questions there may be as many at a time as a worker has threads.
NO_WORKERS = (
    "No worker of the Dask cluster accepts trainings at the moment. Start one with --resources train=1 and Layerdeck's "
    "packages."
)
_METADATA = "layerdeck-training-workers"  # By which a scheduler says how many there may be.
_ANNOUNCED: "WeakKeyDictionary[Client, int]" = WeakKeyDictionary()


def training_workers() -> int:
    """As many as the process may use cores; `LAYERDECK_WORKERS` names another number."""
    try:
        named = int(os.environ.get("LAYERDECK_WORKERS", "0"))
    except ValueError:
        named = 0
    from dask.system import CPU_COUNT

    return max(1, min(named if named > 0 else CPU_COUNT, MOST_WORKERS))


def has_large_steps(experiment: Experiment, tables: "Tables | None") -> bool:
    """Whether a training step is so large that several threads gain by it: the same for each fold and seed of a split.

    Without the table each feature counts as one input column.
    """
    split = experiment.data.split.model_copy(update={"folds": None, "fold": None, "refit": False, "seed": 0})
    whole = experiment.model_copy(update={"data": experiment.data.model_copy(update={"split": split})})
    situation: Situation | None = None
    if tables is not None:
        with contextlib.suppress(TableError):
            situation = tables.situation(whole)
    if situation is None or situation.inputs is None:
        return step_work(experiment, len(experiment.data.features)) > LARGE_STEP
    return step_work(experiment, situation.inputs, situation.tasks, situation.words) > LARGE_STEP


def first_worker(workers: int) -> dict[str, Any]:
    """What the first worker of a cluster with so many training workers offers."""
    alone = {_SMALL: 1} if workers == 1 else {}
    return {"name": "first", "resources": {_LARGE: 1, _QUESTIONS: _MANY, **alone}}


def further_worker(number: int) -> dict[str, Any]:
    """What a worker offers that trains small networks alone; its number from 1."""
    # More than one thread of Dask's would only hold tasks that another worker could begin.
    return {
        "name": f"small-{number:02}",
        "resources": {_SMALL: 1},
        "nthreads": 1,
        "env": {"TF_NUM_INTRAOP_THREADS": "1"},
    }


def resources_of_training(large: bool, alike: bool) -> dict[str, float]:
    """What a training asks of its worker, which may be `alike` all others of its cluster."""
    return {_LARGE if large and not alike else _SMALL: 1}


def resources_of_question(alike: bool) -> dict[str, float]:
    """What a question asks of its worker, which may be `alike` all others of its cluster."""
    return {} if alike else {_QUESTIONS: 1}


def trains(resources: dict[str, float] | None) -> set[str]:
    """Those of a worker's or a task's resources that are for trainings."""
    return {_SMALL, _LARGE} & set(resources or ())


def small(resources: dict[str, float] | None) -> bool:
    """Whether a worker or a task is for trainings of small networks."""
    return _SMALL in (resources or ())


def _announced_to(client: "Client") -> int:
    """What the scheduler of a client says, which is asked once; 0 where it says nothing."""
    if client not in _ANNOUNCED:
        _ANNOUNCED[client] = int(client.get_metadata([_METADATA], 0))
    return _ANNOUNCED[client]


def announced(scheduler: Any, workers: int) -> None:
    """Has a scheduler say how many training workers there may be."""
    scheduler.set_metadata(keys=[_METADATA], value=workers)


def queue_trainings(client: "Client") -> None:
    """Has other people's scheduler keep trainings until a worker is free. Where it does not know Layerdeck's source,
    trainings wait on the workers that it chooses.
    """
    from core.runs.training_queue import TrainingQueue

    try:
        client.register_plugin(TrainingQueue())
    except Exception as error:  # Whatever its Python does not find.
        log.warning("trainings wait on the workers of the cluster: %s", error)


def all_alike(client: "Client") -> bool:
    """Whether a cluster's workers all do everything: those of one that someone else runs, or of an earlier version."""
    return not _announced_to(client)


def workers_of(client: "Client") -> int:
    """How many trainings a cluster can do at a time: as its scheduler says, or as many as its workers offer; 0 where
    none of its workers takes trainings.
    """
    if said := _announced_to(client):
        return said
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    return sum(bool(trains(worker["resources"])) for worker in workers)
