"""A question to every worker of a cluster at once, in its event loop, beside whatever it computes."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client


def ask_workers(
    client: "Client",
    function: Callable[..., Any],
    *question: Any,
    seconds: float = 10.0,
    workers: Iterable[str] | None = None,
) -> dict[str, Any]:
    """What a function gives on each worker, or on some by their addresses. Left out are those that raise, and those
    that do not answer in so many seconds: a suspended machine holds up no one else.
    """
    asked = list(client.scheduler_info(n_workers=-1)["workers"]) if workers is None else list(workers)
    answers: dict[str, Any] = {}

    def ask(worker: str) -> None:
        with contextlib.suppress(Exception):
            answers.update(client.run(function, *question, workers=[worker]))

    threads = [threading.Thread(target=ask, args=(worker,), daemon=True) for worker in asked]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(answers)
