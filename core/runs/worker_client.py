"""A request to the worker: its result in time, or a sentence."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from core.runs.training_workers import all_alike, resources_of_question

if TYPE_CHECKING:
    from distributed import Client, Future

Result = TypeVar("Result")
_ARRIVES = 0.5  # Seconds between two looks at whether somebody still waits.
_BROKE = (
    "The worker crashed repeatedly on this request, so it was cancelled. Training runs are unaffected. Request fewer "
    "rows at a time: it may not have enough memory. If a single row crashes it too, check the run's plug-ins."
)


class NotReady(RuntimeError):
    """The worker is still starting; the message is a sentence for the person."""


class GivenUp(RuntimeError):
    """A question that broke its worker down; the message is a sentence for the person."""


def submit_question(
    client: "Client", asked: Callable[..., Result], *question: Any, priority: int = 10, retries: int = 0
) -> "Future[Result]":
    """Hands a question to the worker that answers them, beside a training."""
    resources = resources_of_question(all_alike(client))
    return client.submit(asked, *question, pure=False, priority=priority, retries=retries, resources=resources)


def arrived(future: "Future[Any]", going_on: Callable[[], bool]) -> object:
    """The result of a question that has been answered: on a busy machine it may take a while to arrive. Raises what the
    question raised, and TimeoutError once `going_on` says that nobody waits any more.
    """
    while True:
        try:
            return future.result(_ARRIVES)
        except TimeoutError:
            if future.status == "error" or not going_on():
                raise


def result_of(client: "Client", asked: Callable[..., Result], question: tuple[Any, ...], timeout: float) -> Result:
    """What a function of `core.runs.worker` returns within `timeout` seconds, beside a training. Raises what it raises,
    NotReady, GivenUp.
    """
    from distributed import KilledWorker

    future = submit_question(client, asked, *question)
    try:
        return future.result(timeout)
    except KilledWorker:
        raise GivenUp(_BROKE) from None
    except CancelledError:
        raise NotReady("The worker crashed and is restarting. Try again in a few seconds.") from None
    except TimeoutError:
        future.cancel()
        raise NotReady(f"The worker did not answer within {timeout:g} seconds. Request fewer rows at a time.") from None
