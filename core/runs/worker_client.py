"""A question to the worker: its answer in time, or a sentence."""

from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from distributed import Client, Future

Result = TypeVar("Result")
_BROKE = (
    "Answering this broke the worker down, more than once, so it was given up; trainings go on. Ask for fewer rows "
    "at a time: its memory may not suffice. If one row breaks it, too, look at the run's own plug-ins."
)


class NotReady(RuntimeError):
    """The worker is still starting; the message is a sentence for the person."""


class GivenUp(RuntimeError):
    """A question that broke its worker down; the message is a sentence for the person."""


def answer(client: "Client", asked: Callable[..., Result], question: tuple[Any, ...], timeout: float) -> Result:
    """What a function of `core.runs.worker` answers within `timeout` seconds, beside a training. Raises what it raises,
    NotReady, GivenUp.
    """
    from distributed import KilledWorker

    future: Future[Result] = client.submit(asked, *question, pure=False, priority=10)
    try:
        return future.result(timeout)
    except KilledWorker:
        raise GivenUp(_BROKE) from None
    except CancelledError:
        raise NotReady("The worker broke down and is being started again; ask once more in a few seconds.") from None
    except TimeoutError:
        future.cancel()
        raise NotReady(f"The worker did not answer within {timeout:g} seconds. Ask for fewer rows at a time.") from None
