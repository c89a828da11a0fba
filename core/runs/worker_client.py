"""A request to the worker: its result in time, or a sentence."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from distributed import Client, Future

Result = TypeVar("Result")
_BROKE = (
    "The worker crashed repeatedly on this request, so it was cancelled. Training runs are unaffected. Request fewer "
    "rows at a time: its memory may not suffice. If a single row crashes it too, check the run's plug-ins."
)


class NotReady(RuntimeError):
    """The worker is still starting; the message is a sentence for the person."""


class GivenUp(RuntimeError):
    """A question that broke its worker down; the message is a sentence for the person."""


def result_of(client: "Client", asked: Callable[..., Result], question: tuple[Any, ...], timeout: float) -> Result:
    """What a function of `core.runs.worker` returns within `timeout` seconds, beside a training. Raises what it raises,
    NotReady, GivenUp.
    """
    from distributed import KilledWorker

    future: Future[Result] = client.submit(asked, *question, pure=False, priority=10)
    try:
        return future.result(timeout)
    except KilledWorker:
        raise GivenUp(_BROKE) from None
    except CancelledError:
        raise NotReady("The worker crashed and is restarting. Try again in a few seconds.") from None
    except TimeoutError:
        future.cancel()
        raise NotReady(f"The worker did not answer within {timeout:g} seconds. Request fewer rows at a time.") from None
